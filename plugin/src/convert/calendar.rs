//! CRM events and mutations.
//!
//! Whole events and writes are here, their groups in [`fields`], what makes a
//! series in [`recurrence`], single values in [`values`].

mod fields;
mod recurrence;
mod values;

use tandem_core::mapping::body;
use tandem_core::model::{CrmId, CrmVersion, FieldGroup, FieldSet};
use tandem_core::ports::{
    Announcement, CrmApplied, CrmCapabilities, CrmChange, CrmItem, CrmMutation, CrmMutationError, CrmPage, Meeting,
};

pub(super) use self::values::event_time_out;
use super::host_error;
use crate::bindings::tandem::host::calendar as wit;
use crate::bindings::tandem::host::event;

/// The capabilities of the CRM's calendar.
pub fn capabilities(found: &wit::Capabilities) -> CrmCapabilities {
    CrmCapabilities {
        holds: fields::field_set(found.holds),
        writes: fields::field_set(found.writes),
        title_length_max: found.title_length_max,
        body_size_max: found.body_size_max,
        recurrence: recurrence::limits_in(&found.recurrence),
    }
}

/// A page of changes.
pub fn change_page(page: wit::ChangePage) -> CrmPage {
    let changes = page
        .changes
        .into_iter()
        .map(|change| match change {
            wit::Change::Upserted(event) => CrmChange::Upserted(crm_item(event)),
            wit::Change::Deleted(deleted) => {
                CrmChange::Deleted { id: CrmId::new(deleted.id), announcement: announcement(deleted.announcement) }
            }
        })
        .collect();
    CrmPage { changes, next: page.next, more: page.more }
}

/// An event of the CRM. One whose rule or exceptions cannot be read has neither
/// time nor recurrence: it lacks what every event needs, so it is reported and
/// never taken for one that happens once.
pub fn crm_item(event: wit::Event) -> CrmItem {
    let mut found = event.fields;
    let mut unread = FieldSet::EMPTY;
    if leave_out_long_days(found.exceptions.as_deref_mut().unwrap_or_default()) {
        unread.insert(FieldGroup::Exceptions);
    }
    let series = recurrence::series_in(found.recurrence.take(), found.exceptions.take());
    let has_body = found.body.is_some();
    let mut record = fields::record(found);
    if has_body && record.get(FieldGroup::Body).is_none() {
        unread.insert(FieldGroup::Body);
    }
    let exceptions = if let Some(series) = series {
        if let Some(recurrence) = series.recurrence {
            record.set(recurrence);
        }
        series.exceptions
    } else {
        record.remove(FieldGroup::Time);
        Vec::new()
    };
    CrmItem {
        id: CrmId::new(event.id),
        version: CrmVersion::new(event.version),
        uid: event.uid,
        meeting_uid: event.meeting_uid,
        is_organizer: event.is_organizer,
        announcement: announcement(event.announcement),
        record,
        unread,
        exceptions,
    }
}

/// Takes descriptions that are too large to be compared out of changed days;
/// whether there was one, so that what is left is not taken for the whole.
fn leave_out_long_days(exceptions: &mut [event::Exception]) -> bool {
    let mut any = false;
    for exception in exceptions {
        if let event::OccurrenceState::Changed(changed) = &mut exception.state
            && changed.body.as_deref().is_some_and(|html| body::read(html).is_none())
        {
            changed.body = None;
            any = true;
        }
    }
    any
}

const fn announcement(found: wit::Announcement) -> Announcement {
    match found {
        wit::Announcement::Due => Announcement::Due,
        wit::Announcement::Settled => Announcement::Settled,
    }
}

/// A write to the CRM.
pub fn mutation(mutation: CrmMutation) -> wit::Mutation {
    match mutation {
        CrmMutation::Create { idempotency_key, meeting, record, exceptions } => {
            // A CRM that does not hold exceptions is not asked to store none.
            let exceptions = Some(exceptions).filter(|exceptions| !exceptions.is_empty());
            let exceptions = exceptions.map(|all| all.iter().map(recurrence::exception_out).collect());
            wit::Mutation::Create(wit::CreateEvent {
                idempotency_key,
                meeting: meeting.map(meeting_out),
                fields: wit::EventFields { exceptions, ..fields::fields(&record) },
            })
        }
        CrmMutation::Update { id, expected, idempotency_key, meeting, record, exceptions } => {
            let exceptions = exceptions.map(|all| all.iter().map(recurrence::exception_out).collect());
            wit::Mutation::Update(wit::UpdateEvent {
                id: id.as_str().to_owned(),
                expected: expected.as_str().to_owned(),
                idempotency_key,
                meeting: meeting.map(meeting_out),
                fields: wit::EventFields { exceptions, ..fields::fields(&record) },
            })
        }
        CrmMutation::Delete { id, expected } => wit::Mutation::Delete(wit::DeleteEvent {
            id: id.as_str().to_owned(),
            expected: expected.as_str().to_owned(),
        }),
    }
}

/// What a write led to.
pub fn applied(outcome: Result<wit::Applied, wit::MutationError>) -> Result<CrmApplied, CrmMutationError> {
    match outcome {
        Ok(wit::Applied::Stored(event)) => Ok(CrmApplied::Stored(crm_item(event))),
        Ok(wit::Applied::Removed) => Ok(CrmApplied::Removed),
        Err(wit::MutationError::NotFound) => Err(CrmMutationError::NotFound),
        Err(wit::MutationError::VersionMismatch) => Err(CrmMutationError::VersionMismatch),
        Err(wit::MutationError::AccessDenied) => Err(CrmMutationError::AccessDenied),
        Err(wit::MutationError::Invalid((groups, reason))) => {
            Err(CrmMutationError::Invalid { groups: fields::field_set(groups), reason })
        }
        Err(wit::MutationError::Host(error)) => Err(CrmMutationError::Host(host_error(error))),
    }
}

fn meeting_out(meeting: Meeting) -> wit::Meeting {
    wit::Meeting { uid: meeting.uid, organizer: meeting.organizer.as_str().to_owned() }
}

#[cfg(test)]
mod tests;

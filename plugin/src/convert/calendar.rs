//! CRM events and mutations.

use tandem_core::mapping::body;
use tandem_core::model::{
    Address, Attendee, AttendeeKind, AttendeeStatus, CivilDate, CrmId, CrmVersion, EventTime, FieldGroup, FieldSet,
    FieldValue, Importance, Instant, Record, Reminder, Sensitivity, ShowAs, Zone,
};
use tandem_core::ports::{
    CrmApplied, CrmCapabilities, CrmChange, CrmItem, CrmKind, CrmMutation, CrmMutationError, CrmPage,
};

use crate::bindings::tandem::host::calendar as wit;

use super::host_error;

/// The capabilities of the CRM's calendar.
pub fn capabilities(found: &wit::Capabilities) -> CrmCapabilities {
    CrmCapabilities {
        holds: field_set(found.holds),
        writes: field_set(found.writes),
        title_length_max: found.title_length_max,
        body_size_max: found.body_size_max,
    }
}

/// A page of changes.
pub fn change_page(page: wit::ChangePage) -> CrmPage {
    let changes = page
        .changes
        .into_iter()
        .map(|change| match change {
            wit::Change::Upserted(event) => CrmChange::Upserted(crm_item(event)),
            wit::Change::Deleted(id) => CrmChange::Deleted(CrmId::new(id)),
        })
        .collect();
    CrmPage { changes, next: page.next, more: page.more }
}

/// An event of the CRM.
pub fn crm_item(event: wit::Event) -> CrmItem {
    CrmItem {
        id: CrmId::new(event.id),
        version: CrmVersion::new(event.version),
        uid: event.uid,
        kind: match event.kind {
            wit::EventKind::Single => CrmKind::Single,
            wit::EventKind::Series => CrmKind::Series,
            wit::EventKind::Exception => CrmKind::Exception,
        },
        is_organizer: event.is_organizer,
        record: record(event.fields),
    }
}

/// A write to the CRM.
pub fn mutation(mutation: CrmMutation) -> wit::Mutation {
    match mutation {
        CrmMutation::Create { idempotency_key, record } => {
            wit::Mutation::Create(wit::CreateEvent { idempotency_key, fields: fields(&record) })
        }
        CrmMutation::Update { id, expected, record } => wit::Mutation::Update(wit::UpdateEvent {
            id: id.as_str().to_owned(),
            expected: expected.as_str().to_owned(),
            fields: fields(&record),
        }),
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
            Err(CrmMutationError::Invalid { groups: field_set(groups), reason })
        }
        Err(wit::MutationError::Host(error)) => Err(CrmMutationError::Host(host_error(error))),
    }
}

fn field_set(groups: wit::FieldGroups) -> FieldSet {
    FieldGroup::ALL.into_iter().filter(|group| groups.contains(flag(*group))).collect()
}

const fn flag(group: FieldGroup) -> wit::FieldGroups {
    match group {
        FieldGroup::Title => wit::FieldGroups::TITLE,
        FieldGroup::Body => wit::FieldGroups::BODY,
        FieldGroup::Time => wit::FieldGroups::TIME,
        FieldGroup::Attendees => wit::FieldGroups::ATTENDEES,
        FieldGroup::Reminder => wit::FieldGroups::REMINDER,
        FieldGroup::Location => wit::FieldGroups::LOCATION,
        FieldGroup::Categories => wit::FieldGroups::CATEGORIES,
        FieldGroup::ShowAs => wit::FieldGroups::SHOW_AS,
        FieldGroup::Sensitivity => wit::FieldGroups::SENSITIVITY,
        FieldGroup::Importance => wit::FieldGroups::IMPORTANCE,
    }
}

fn record(fields: wit::EventFields) -> Record {
    let values = [
        fields.title.map(FieldValue::Title),
        // One that is too large is left out, which is no change of it.
        fields.body.and_then(|html| body::read(&html)).map(FieldValue::Body),
        fields.time.and_then(event_time).map(FieldValue::Time),
        fields.attendees.map(|guests| FieldValue::Attendees(guests.into_iter().map(attendee).collect())),
        fields.reminder.map(|reminder| {
            FieldValue::Reminder(match reminder {
                wit::Reminder::None => Reminder::None,
                wit::Reminder::MinutesBefore(minutes) => Reminder::MinutesBefore(minutes),
            })
        }),
        fields.location.map(FieldValue::Location),
        fields.categories.map(|names| FieldValue::Categories(names.into_iter().collect())),
        fields.show_as.map(|show_as| FieldValue::ShowAs(show_as_in(show_as))),
        fields.sensitivity.map(|sensitivity| FieldValue::Sensitivity(sensitivity_in(sensitivity))),
        fields.importance.map(|importance| FieldValue::Importance(importance_in(importance))),
    ];
    values.into_iter().flatten().collect()
}

fn fields(record: &Record) -> wit::EventFields {
    let mut fields = wit::EventFields {
        title: None,
        body: None,
        time: None,
        attendees: None,
        reminder: None,
        location: None,
        categories: None,
        show_as: None,
        sensitivity: None,
        importance: None,
    };
    for value in record.values() {
        match value {
            FieldValue::Title(text) => fields.title = Some(text.clone()),
            FieldValue::Body(html) => fields.body = Some(html.as_str().to_owned()),
            FieldValue::Time(time) => fields.time = Some(event_time_out(time)),
            FieldValue::Attendees(guests) => {
                fields.attendees = Some(guests.iter().map(|(address, guest)| attendee_out(address, guest)).collect());
            }
            FieldValue::Reminder(reminder) => {
                fields.reminder = Some(match reminder {
                    Reminder::None => wit::Reminder::None,
                    Reminder::MinutesBefore(minutes) => wit::Reminder::MinutesBefore(*minutes),
                });
            }
            FieldValue::Location(text) => fields.location = Some(text.clone()),
            FieldValue::Categories(names) => fields.categories = Some(names.iter().cloned().collect()),
            FieldValue::ShowAs(show_as) => fields.show_as = Some(show_as_out(*show_as)),
            FieldValue::Sensitivity(sensitivity) => fields.sensitivity = Some(sensitivity_out(*sensitivity)),
            FieldValue::Importance(importance) => fields.importance = Some(importance_out(*importance)),
        }
    }
    fields
}

/// A time that the CRM should not have (an end before its start, a zone that
/// does not exist) reads as none: the item then lacks what it needs to be
/// synchronised and is reported.
fn event_time(time: wit::EventTime) -> Option<EventTime> {
    match time {
        wit::EventTime::Timed(timed) => {
            let zone: Zone = timed.zone.parse().ok()?;
            let start_at = Instant::from_epoch_milliseconds(timed.start_at);
            EventTime::timed(start_at, Instant::from_epoch_milliseconds(timed.end_at), zone).ok()
        }
        wit::EventTime::AllDay(days) => EventTime::all_day(date(days.start_on)?, date(days.end_before)?).ok(),
    }
}

fn event_time_out(time: &EventTime) -> wit::EventTime {
    match time {
        EventTime::Timed { start_at, end_at, zone } => wit::EventTime::Timed(wit::Timed {
            start_at: start_at.epoch_milliseconds(),
            end_at: end_at.epoch_milliseconds(),
            zone: zone.name().to_owned(),
        }),
        EventTime::AllDay { start_on, end_before } => {
            wit::EventTime::AllDay(wit::AllDay { start_on: date_out(*start_on), end_before: date_out(*end_before) })
        }
    }
}

fn date(date: wit::Date) -> Option<CivilDate> {
    CivilDate::from_parts(i32::from(date.year), u32::from(date.month), u32::from(date.day))
}

fn date_out(date: CivilDate) -> wit::Date {
    use chrono::Datelike as _;
    let naive = date.naive();
    // Years 1 to 9999, months and days all fit: the calendar's own bounds.
    wit::Date {
        year: u16::try_from(naive.year()).unwrap_or(u16::MAX),
        month: u8::try_from(naive.month()).unwrap_or(u8::MAX),
        day: u8::try_from(naive.day()).unwrap_or(u8::MAX),
    }
}

fn attendee(guest: wit::Attendee) -> (Address, Attendee) {
    let status = match guest.status {
        wit::AttendeeStatus::None => AttendeeStatus::None,
        wit::AttendeeStatus::Accepted => AttendeeStatus::Accepted,
        wit::AttendeeStatus::Declined => AttendeeStatus::Declined,
        wit::AttendeeStatus::Tentative => AttendeeStatus::Tentative,
    };
    let kind = match guest.kind {
        wit::AttendeeKind::Required => AttendeeKind::Required,
        wit::AttendeeKind::Optional => AttendeeKind::Optional,
        wit::AttendeeKind::Resource => AttendeeKind::Resource,
    };
    (Address::new(&guest.address), Attendee { display_name: guest.display_name, status, kind })
}

fn attendee_out(address: &Address, guest: &Attendee) -> wit::Attendee {
    wit::Attendee {
        address: address.as_str().to_owned(),
        display_name: guest.display_name.clone(),
        status: match guest.status {
            AttendeeStatus::None => wit::AttendeeStatus::None,
            AttendeeStatus::Accepted => wit::AttendeeStatus::Accepted,
            AttendeeStatus::Declined => wit::AttendeeStatus::Declined,
            AttendeeStatus::Tentative => wit::AttendeeStatus::Tentative,
        },
        kind: match guest.kind {
            AttendeeKind::Required => wit::AttendeeKind::Required,
            AttendeeKind::Optional => wit::AttendeeKind::Optional,
            AttendeeKind::Resource => wit::AttendeeKind::Resource,
        },
    }
}

const fn show_as_in(show_as: wit::ShowAs) -> ShowAs {
    match show_as {
        wit::ShowAs::Unknown => ShowAs::Unknown,
        wit::ShowAs::Free => ShowAs::Free,
        wit::ShowAs::Tentative => ShowAs::Tentative,
        wit::ShowAs::Busy => ShowAs::Busy,
        wit::ShowAs::Oof => ShowAs::Oof,
        wit::ShowAs::WorkingElsewhere => ShowAs::WorkingElsewhere,
    }
}

const fn show_as_out(show_as: ShowAs) -> wit::ShowAs {
    match show_as {
        ShowAs::Unknown => wit::ShowAs::Unknown,
        ShowAs::Free => wit::ShowAs::Free,
        ShowAs::Tentative => wit::ShowAs::Tentative,
        ShowAs::Busy => wit::ShowAs::Busy,
        ShowAs::Oof => wit::ShowAs::Oof,
        ShowAs::WorkingElsewhere => wit::ShowAs::WorkingElsewhere,
    }
}

const fn sensitivity_in(sensitivity: wit::Sensitivity) -> Sensitivity {
    match sensitivity {
        wit::Sensitivity::Normal => Sensitivity::Normal,
        wit::Sensitivity::Personal => Sensitivity::Personal,
        wit::Sensitivity::Private => Sensitivity::Private,
        wit::Sensitivity::Confidential => Sensitivity::Confidential,
    }
}

const fn sensitivity_out(sensitivity: Sensitivity) -> wit::Sensitivity {
    match sensitivity {
        Sensitivity::Normal => wit::Sensitivity::Normal,
        Sensitivity::Personal => wit::Sensitivity::Personal,
        Sensitivity::Private => wit::Sensitivity::Private,
        Sensitivity::Confidential => wit::Sensitivity::Confidential,
    }
}

const fn importance_in(importance: wit::Importance) -> Importance {
    match importance {
        wit::Importance::Low => Importance::Low,
        wit::Importance::Normal => Importance::Normal,
        wit::Importance::High => Importance::High,
    }
}

const fn importance_out(importance: Importance) -> wit::Importance {
    match importance {
        Importance::Low => wit::Importance::Low,
        Importance::Normal => wit::Importance::Normal,
        Importance::High => wit::Importance::High,
    }
}

//! Events and mutations between the contract and the CRM, without catch-all
//! arms.
//!
//! What the CRM cannot hold is refused by group, never dropped. Rules and
//! exceptions are in [`super::recurrence`], single values in [`super::values`].

use super::recurrence::{exception_from, exceptions_of, rule_from, rule_of};
use super::values::{attendee_of, guest_of, reminder_from, reminder_of, status_from, status_of, time_from, time_of};
use crate::crm::CrmError;
use crate::crm::event::{
    Announcement, EventChange, EventFields, EventMutation, EventValues, EventVersion, FieldGroup, Meeting,
    OccurrenceFields, Repeats, Series, WholeEvent,
};
use crate::host::bindings::tandem::host::event::FieldGroups;
use crate::host::bindings::tandem::host::{calendar as wire, event};

/// The groups that the CRM holds; all of them may be written.
pub(super) fn held_groups() -> FieldGroups {
    FieldGroups::TITLE
        | FieldGroups::BODY
        | FieldGroups::TIME
        | FieldGroups::RECURRENCE
        | FieldGroups::EXCEPTIONS
        | FieldGroups::ATTENDEES
        | FieldGroups::REMINDER
        | FieldGroups::RESPONSE
}

/// The contract's name of a group. An identity cannot be written by the
/// component and has none.
pub(super) fn groups_of(group: FieldGroup) -> FieldGroups {
    match group {
        FieldGroup::Title => FieldGroups::TITLE,
        FieldGroup::Body => FieldGroups::BODY,
        FieldGroup::Time => FieldGroups::TIME,
        FieldGroup::Attendees => FieldGroups::ATTENDEES,
        FieldGroup::Reminder => FieldGroups::REMINDER,
        FieldGroup::Recurrence => FieldGroups::RECURRENCE,
        FieldGroup::Exceptions => FieldGroups::EXCEPTIONS,
        FieldGroup::Identity => FieldGroups::empty(),
    }
}

pub(super) fn change_of(change: EventChange) -> Result<wire::Change, CrmError> {
    Ok(match change {
        EventChange::Upserted(event) => wire::Change::Upserted(event_of(*event)?),
        EventChange::Deleted { id, announcement } => wire::Change::Deleted(wire::DeletedEvent {
            id: id.to_string(),
            announcement: announcement_of(announcement),
        }),
    })
}

const fn announcement_of(announcement: Announcement) -> wire::Announcement {
    match announcement {
        Announcement::Due => wire::Announcement::Due,
        Announcement::Settled => wire::Announcement::Settled,
    }
}

/// An event of the CRM. The time of a series is that of its first occurrence,
/// in the zone in which its rule is meant.
///
/// # Errors
/// The stored rule of a series is not one.
pub(super) fn event_of(whole: WholeEvent) -> Result<wire::Event, CrmError> {
    let series = Series::of(&whole.event.values)?;
    let (time, recurrence, exceptions) = match &series {
        Some(series) => (series.first, event::Recurrence::Rule(rule_of(&series.rule)), exceptions_of(&whole, series)),
        None => (whole.event.values.time(), event::Recurrence::None, Vec::new()),
    };
    let response = status_of(whole.own_status(&whole.event.values));
    let values = whole.event.values;
    Ok(wire::Event {
        id: whole.event.id.to_string(),
        version: whole.event.version.as_str().to_owned(),
        uid: values.uid,
        meeting_uid: whole.meeting_uid,
        is_organizer: whole.event.is_organizer,
        organizer: values.organizer_email,
        announcement: announcement_of(whole.announcement),
        fields: wire::EventFields {
            title: Some(values.title),
            body: Some(values.description.unwrap_or_default()),
            time: Some(time_of(time)),
            recurrence: Some(recurrence),
            exceptions: Some(exceptions),
            attendees: Some(values.attendees.into_iter().filter_map(attendee_of).collect()),
            reminder: Some(reminder_of(values.reminder_minutes)),
            location: None,
            categories: None,
            show_as: None,
            sensitivity: None,
            importance: None,
            response: Some(response),
        },
    })
}

/// All groups of an exception; which of them differ, the component sees.
pub(super) fn occurrence_of(whole: &WholeEvent, values: &EventValues) -> event::OccurrenceFields {
    event::OccurrenceFields {
        title: Some(values.title.clone()),
        body: Some(values.description.clone().unwrap_or_default()),
        time: Some(time_of(values.time())),
        attendees: Some(values.attendees.iter().cloned().filter_map(attendee_of).collect()),
        reminder: Some(reminder_of(values.reminder_minutes)),
        location: None,
        categories: None,
        show_as: None,
        sensitivity: None,
        importance: None,
        response: Some(status_of(whole.own_status(values))),
    }
}

/// The mutation in the CRM's words.
///
/// # Errors
/// The group that cannot be understood, and what it expects.
pub(super) fn mutation_of(mutation: wire::Mutation) -> Result<EventMutation, wire::MutationError> {
    Ok(match mutation {
        wire::Mutation::Create(create) => EventMutation::Create {
            idempotency_key: create.idempotency_key,
            meeting: create.meeting.map(meeting_from),
            fields: fields_of(create.fields)?,
        },
        wire::Mutation::Update(update) => EventMutation::Update {
            id: update.id.parse().map_err(|_| wire::MutationError::NotFound)?,
            expected: EventVersion::remembered(&update.expected),
            idempotency_key: update.idempotency_key,
            meeting: update.meeting.map(meeting_from),
            fields: fields_of(update.fields)?,
        },
        wire::Mutation::Delete(delete) => EventMutation::Delete {
            id: delete.id.parse().map_err(|_| wire::MutationError::NotFound)?,
            expected: EventVersion::remembered(&delete.expected),
        },
    })
}

fn meeting_from(meeting: wire::Meeting) -> Meeting {
    Meeting { uid: meeting.uid, organizer: meeting.organizer }
}

fn fields_of(fields: wire::EventFields) -> Result<EventFields, wire::MutationError> {
    let wire::EventFields {
        title,
        body,
        time,
        recurrence,
        exceptions,
        attendees,
        reminder,
        location,
        categories,
        show_as,
        sensitivity,
        importance,
        response,
    } = fields;
    refuse_not_held([
        (location.is_some(), FieldGroups::LOCATION),
        (categories.is_some(), FieldGroups::CATEGORIES),
        (show_as.is_some(), FieldGroups::SHOW_AS),
        (sensitivity.is_some(), FieldGroups::SENSITIVITY),
        (importance.is_some(), FieldGroups::IMPORTANCE),
    ])?;
    if recurrence.is_some() && time.is_none() {
        return Err(invalid(FieldGroups::RECURRENCE, "a recurrence together with the time"));
    }
    Ok(EventFields {
        title,
        description: body,
        time: time.map(|time| time_from(&time)).transpose()?,
        recurrence: recurrence
            .map(|recurrence| match recurrence {
                event::Recurrence::None => Ok(Repeats::Once),
                event::Recurrence::Rule(rule) => rule_from(&rule).map(Repeats::By),
            })
            .transpose()?,
        exceptions: exceptions.map(|exceptions| exceptions.into_iter().map(exception_from).collect()).transpose()?,
        guests: attendees.map(|attendees| attendees.into_iter().map(guest_of).collect()),
        reminder: reminder.map(reminder_from),
        response: response.map(status_from),
    })
}

/// The groups of an exception.
pub(super) fn occurrence_from(fields: event::OccurrenceFields) -> Result<OccurrenceFields, wire::MutationError> {
    let event::OccurrenceFields {
        title,
        body,
        time,
        attendees,
        reminder,
        location,
        categories,
        show_as,
        sensitivity,
        importance,
        response,
    } = fields;
    let is_held =
        [location.is_some(), categories.is_some(), show_as.is_some(), sensitivity.is_some(), importance.is_some()];
    refuse_not_held(is_held.map(|present| (present, FieldGroups::EXCEPTIONS)))?;
    let time = time.map(|time| time_from(&time)).transpose();
    Ok(OccurrenceFields {
        title,
        description: body,
        time: time.map_err(|_| invalid(FieldGroups::EXCEPTIONS, "times that exist"))?,
        guests: attendees.map(|attendees| attendees.into_iter().map(guest_of).collect()),
        reminder: reminder.map(reminder_from),
        response: response.map(status_from),
    })
}

fn refuse_not_held<const N: usize>(groups: [(bool, FieldGroups); N]) -> Result<(), wire::MutationError> {
    match groups.into_iter().find(|(present, _)| *present) {
        Some((_, group)) => Err(invalid(group, "nothing that the CRM does not hold")),
        None => Ok(()),
    }
}

pub(super) fn invalid(group: FieldGroups, expected: &str) -> wire::MutationError {
    wire::MutationError::Invalid((group, expected.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::host::bindings::tandem::host::types::Date;

    fn nothing() -> wire::EventFields {
        wire::EventFields {
            title: None,
            body: None,
            time: None,
            recurrence: None,
            exceptions: None,
            attendees: None,
            reminder: None,
            location: None,
            categories: None,
            show_as: None,
            sensitivity: None,
            importance: None,
            response: None,
        }
    }

    fn refused(fields: wire::EventFields) -> FieldGroups {
        match fields_of(fields) {
            Err(wire::MutationError::Invalid((group, _))) => group,
            other => panic!("expected a refusal, but found {other:?}"),
        }
    }

    #[test]
    fn a_group_that_the_crm_does_not_hold_is_refused_by_name() {
        let fields = wire::EventFields { categories: Some(Vec::new()), ..nothing() };
        assert_eq!(refused(fields), FieldGroups::CATEGORIES);
        assert_eq!(fields_of(nothing()).unwrap(), EventFields::default());
    }

    #[test]
    fn a_time_that_does_not_exist_is_refused() {
        let timed = |start_at, zone: &str| {
            let timed = event::Timed { start_at, end_at: 0, zone: zone.to_owned() };
            wire::EventFields { time: Some(event::EventTime::Timed(timed)), ..nothing() }
        };
        assert_eq!(refused(timed(i64::MAX, "UTC")), FieldGroups::TIME);
        assert_eq!(refused(timed(0, "Mars/Olympus")), FieldGroups::TIME);
        let days = event::AllDay {
            start_on: Date { year: 2027, month: 2, day: 29 },
            end_before: Date { year: 2027, month: 3, day: 1 },
        };
        let fields = wire::EventFields { time: Some(event::EventTime::AllDay(days)), ..nothing() };
        assert_eq!(refused(fields), FieldGroups::TIME);
    }

    #[test]
    fn a_rule_without_a_time_is_refused() {
        let fields = wire::EventFields { recurrence: Some(event::Recurrence::None), ..nothing() };
        assert_eq!(refused(fields), FieldGroups::RECURRENCE);
    }

    #[test]
    fn an_identifier_of_another_system_names_no_event() {
        let delete = wire::DeleteEvent { id: "AAMk".to_owned(), expected: "v1".to_owned() };
        assert!(matches!(mutation_of(wire::Mutation::Delete(delete)), Err(wire::MutationError::NotFound)));
    }
}

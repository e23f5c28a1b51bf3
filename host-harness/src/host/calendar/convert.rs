//! Events between the contract and the CRM, without catch-all arms.
//!
//! What the CRM cannot hold is refused by group, never dropped.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

use crate::crm::event::mutation::{Guest, Reminder};
use crate::crm::event::{
    AllDay, Attendee, AttendeeStatus, AttendeeType, CalendarEvent, EventChange, EventFields, EventKind, EventMutation,
    EventTime, EventVersion, FieldGroup, Timed,
};
use crate::crm::users::ZoneName;
use crate::host::bindings::tandem::host::calendar as wire;
use crate::host::bindings::tandem::host::calendar::FieldGroups;
use crate::host::bindings::tandem::host::types::Date;

/// The groups that the CRM holds; all of them may be written.
pub(super) fn held_groups() -> FieldGroups {
    FieldGroups::TITLE | FieldGroups::BODY | FieldGroups::TIME | FieldGroups::ATTENDEES | FieldGroups::REMINDER
}

/// The contract's name of a group. What makes a series and an identity cannot
/// be written by the component and has none.
pub(super) fn groups_of(group: FieldGroup) -> FieldGroups {
    match group {
        FieldGroup::Title => FieldGroups::TITLE,
        FieldGroup::Body => FieldGroups::BODY,
        FieldGroup::Time => FieldGroups::TIME,
        FieldGroup::Attendees => FieldGroups::ATTENDEES,
        FieldGroup::Reminder => FieldGroups::REMINDER,
        FieldGroup::Recurrence | FieldGroup::Identity => FieldGroups::empty(),
    }
}

pub(super) fn change_of(change: EventChange) -> wire::Change {
    match change {
        EventChange::Upserted(event) => wire::Change::Upserted(event_of(*event)),
        EventChange::Deleted(id) => wire::Change::Deleted(id.to_string()),
    }
}

pub(super) fn event_of(event: CalendarEvent) -> wire::Event {
    let values = event.values;
    let (kind, time) = (values.kind(), values.time());
    wire::Event {
        id: event.id.to_string(),
        version: event.version.as_str().to_owned(),
        uid: values.uid,
        kind: match kind {
            EventKind::Single => wire::EventKind::Single,
            EventKind::Series => wire::EventKind::Series,
            EventKind::Exception => wire::EventKind::Exception,
        },
        is_organizer: event.is_organizer,
        organizer: values.organizer_email,
        fields: wire::EventFields {
            title: Some(values.title),
            body: Some(values.description.unwrap_or_default()),
            time: Some(time_of(time)),
            attendees: Some(values.attendees.into_iter().filter_map(attendee_of).collect()),
            reminder: Some(values.reminder_minutes.map_or(wire::Reminder::None, wire::Reminder::MinutesBefore)),
            location: None,
            categories: None,
            show_as: None,
            sensitivity: None,
            importance: None,
        },
    }
}

fn time_of(time: EventTime) -> wire::EventTime {
    match time {
        EventTime::Timed(timed) => wire::EventTime::Timed(wire::Timed {
            start_at: timed.start.timestamp_millis(),
            end_at: timed.end.timestamp_millis(),
            zone: timed.zone.name().to_owned(),
        }),
        EventTime::AllDay(days) => wire::EventTime::AllDay(wire::AllDay {
            start_on: date_of(days.start_on),
            end_before: date_of(days.end_before),
        }),
    }
}

/// Dates of the CRM are in the years 1 to 9999; others become the nearest.
fn date_of(date: NaiveDate) -> Date {
    let small = |number: u32| u8::try_from(number).unwrap_or(u8::MAX);
    let year = u16::try_from(date.year().clamp(1, 9_999)).unwrap_or(1);
    Date { year, month: small(date.month()), day: small(date.day()) }
}

/// A guest without an address cannot be named to anybody else.
fn attendee_of(attendee: Attendee) -> Option<wire::Attendee> {
    Some(wire::Attendee {
        address: attendee.email?,
        display_name: attendee.display_name.unwrap_or_default(),
        status: match attendee.status {
            AttendeeStatus::None => wire::AttendeeStatus::None,
            AttendeeStatus::Accepted => wire::AttendeeStatus::Accepted,
            AttendeeStatus::Declined => wire::AttendeeStatus::Declined,
            AttendeeStatus::Tentative => wire::AttendeeStatus::Tentative,
        },
        kind: match attendee.kind {
            AttendeeType::Organizer | AttendeeType::Required => wire::AttendeeKind::Required,
            AttendeeType::Optional => wire::AttendeeKind::Optional,
            AttendeeType::Resource => wire::AttendeeKind::Resource,
        },
    })
}

/// The mutation in the CRM's words.
///
/// # Errors
/// The group that cannot be understood, and what it expects.
pub(super) fn mutation_of(mutation: wire::Mutation) -> Result<EventMutation, wire::MutationError> {
    Ok(match mutation {
        wire::Mutation::Create(create) => {
            EventMutation::Create { idempotency_key: create.idempotency_key, fields: fields_of(create.fields)? }
        }
        wire::Mutation::Update(update) => EventMutation::Update {
            id: update.id.parse().map_err(|_| wire::MutationError::NotFound)?,
            expected: EventVersion::remembered(&update.expected),
            fields: fields_of(update.fields)?,
        },
        wire::Mutation::Delete(delete) => EventMutation::Delete {
            id: delete.id.parse().map_err(|_| wire::MutationError::NotFound)?,
            expected: EventVersion::remembered(&delete.expected),
        },
    })
}

fn fields_of(fields: wire::EventFields) -> Result<EventFields, wire::MutationError> {
    let wire::EventFields {
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
    } = fields;
    let not_held = [
        (location.is_some(), FieldGroups::LOCATION),
        (categories.is_some(), FieldGroups::CATEGORIES),
        (show_as.is_some(), FieldGroups::SHOW_AS),
        (sensitivity.is_some(), FieldGroups::SENSITIVITY),
        (importance.is_some(), FieldGroups::IMPORTANCE),
    ];
    if let Some((_, group)) = not_held.into_iter().find(|(present, _)| *present) {
        return Err(invalid(group, "nothing, because the CRM does not hold it"));
    }
    Ok(EventFields {
        title,
        description: body,
        time: time.map(|time| time_from(&time)).transpose()?,
        guests: attendees.map(|attendees| attendees.into_iter().map(guest_of).collect()),
        reminder: reminder.map(|reminder| match reminder {
            wire::Reminder::None => Reminder::None,
            wire::Reminder::MinutesBefore(minutes) => Reminder::MinutesBefore(minutes),
        }),
    })
}

fn time_from(time: &wire::EventTime) -> Result<EventTime, wire::MutationError> {
    let out_of_range = || invalid(FieldGroups::TIME, "an instant of the years 1 to 9999");
    match time {
        wire::EventTime::Timed(timed) => {
            let instant = |at: i64| DateTime::<Utc>::from_timestamp_millis(at).ok_or_else(out_of_range);
            let zone = ZoneName::parse(&timed.zone, "timeZone")
                .map_err(|error| invalid(FieldGroups::TIME, &error.expected))?;
            Ok(EventTime::Timed(Timed { start: instant(timed.start_at)?, end: instant(timed.end_at)?, zone }))
        }
        wire::EventTime::AllDay(days) => {
            let day = |date: Date| {
                NaiveDate::from_ymd_opt(i32::from(date.year), u32::from(date.month), u32::from(date.day))
                    .ok_or_else(|| invalid(FieldGroups::TIME, "a day of the calendar"))
            };
            Ok(EventTime::AllDay(AllDay { start_on: day(days.start_on)?, end_before: day(days.end_before)? }))
        }
    }
}

fn guest_of(attendee: wire::Attendee) -> Guest {
    Guest {
        address: attendee.address,
        display_name: attendee.display_name,
        status: match attendee.status {
            wire::AttendeeStatus::None => AttendeeStatus::None,
            wire::AttendeeStatus::Accepted => AttendeeStatus::Accepted,
            wire::AttendeeStatus::Declined => AttendeeStatus::Declined,
            wire::AttendeeStatus::Tentative => AttendeeStatus::Tentative,
        },
        kind: match attendee.kind {
            wire::AttendeeKind::Required => AttendeeType::Required,
            wire::AttendeeKind::Optional => AttendeeType::Optional,
            wire::AttendeeKind::Resource => AttendeeType::Resource,
        },
    }
}

fn invalid(group: FieldGroups, expected: &str) -> wire::MutationError {
    wire::MutationError::Invalid((group, expected.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn nothing() -> wire::EventFields {
        wire::EventFields {
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
            let timed = wire::Timed { start_at, end_at: 0, zone: zone.to_owned() };
            wire::EventFields { time: Some(wire::EventTime::Timed(timed)), ..nothing() }
        };
        assert_eq!(refused(timed(i64::MAX, "UTC")), FieldGroups::TIME);
        assert_eq!(refused(timed(0, "Mars/Olympus")), FieldGroups::TIME);
        let days = wire::AllDay {
            start_on: Date { year: 2027, month: 2, day: 29 },
            end_before: Date { year: 2027, month: 3, day: 1 },
        };
        let fields = wire::EventFields { time: Some(wire::EventTime::AllDay(days)), ..nothing() };
        assert_eq!(refused(fields), FieldGroups::TIME);
    }

    #[test]
    fn times_come_back_as_they_were() {
        let zone = ZoneName::parse("Europe/Berlin", "timeZone").unwrap();
        let start = DateTime::from_timestamp_millis(1_700_000_000_123).unwrap();
        let timed = EventTime::Timed(Timed { start, end: start, zone });
        let first = NaiveDate::from_ymd_opt(2028, 2, 29).unwrap();
        let days = EventTime::AllDay(AllDay { start_on: first, end_before: first.succ_opt().unwrap() });
        for time in [timed, days] {
            assert_eq!(time_from(&time_of(time)).unwrap(), time);
        }
    }

    #[test]
    fn a_guest_without_an_address_is_not_named() {
        let attendee = |email: Option<&str>| Attendee {
            email: email.map(str::to_owned),
            display_name: None,
            status: AttendeeStatus::None,
            kind: AttendeeType::Organizer,
        };
        assert!(attendee_of(attendee(None)).is_none());
        assert_eq!(attendee_of(attendee(Some("a@example.com"))).unwrap().kind, wire::AttendeeKind::Required);
    }

    #[test]
    fn an_identifier_of_another_system_names_no_event() {
        let delete = wire::DeleteEvent { id: "AAMk".to_owned(), expected: "v1".to_owned() };
        assert!(matches!(mutation_of(wire::Mutation::Delete(delete)), Err(wire::MutationError::NotFound)));
    }
}

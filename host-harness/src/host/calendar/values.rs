//! Times, guests and single values between the contract and the CRM.

use super::convert::invalid;
use crate::crm::event::{AllDay, Attendee, AttendeeStatus, AttendeeType, EventTime, Guest, Reminder, Timed};
use crate::crm::users::ZoneName;
use crate::host::bindings::tandem::host::event::FieldGroups;
use crate::host::bindings::tandem::host::types::Date;
use crate::host::bindings::tandem::host::{calendar as wire, event};
use crate::host::times::{date_from, date_of, instant_from};

pub(super) fn time_of(time: EventTime) -> event::EventTime {
    match time {
        EventTime::Timed(timed) => event::EventTime::Timed(event::Timed {
            start_at: timed.start.timestamp_millis(),
            end_at: timed.end.timestamp_millis(),
            zone: timed.zone.name().to_owned(),
        }),
        EventTime::AllDay(days) => event::EventTime::AllDay(event::AllDay {
            start_on: date_of(days.start_on),
            end_before: date_of(days.end_before),
        }),
    }
}

pub(super) fn time_from(time: &event::EventTime) -> Result<EventTime, wire::MutationError> {
    match time {
        event::EventTime::Timed(timed) => {
            let instant = |at: i64| {
                instant_from(at).ok_or_else(|| invalid(FieldGroups::TIME, "an instant of the years 1 to 9999"))
            };
            let zone = ZoneName::parse(&timed.zone, "timeZone")
                .map_err(|error| invalid(FieldGroups::TIME, &error.expected))?;
            Ok(EventTime::Timed(Timed { start: instant(timed.start_at)?, end: instant(timed.end_at)?, zone }))
        }
        event::EventTime::AllDay(days) => {
            let day = |date: Date| date_from(date).ok_or_else(|| invalid(FieldGroups::TIME, "a day of the calendar"));
            Ok(EventTime::AllDay(AllDay { start_on: day(days.start_on)?, end_before: day(days.end_before)? }))
        }
    }
}

/// A guest without an address cannot be named to anybody else.
pub(super) fn attendee_of(attendee: Attendee) -> Option<event::Attendee> {
    Some(event::Attendee {
        address: attendee.email?,
        display_name: attendee.display_name.unwrap_or_default(),
        status: status_of(attendee.status),
        kind: match attendee.kind {
            AttendeeType::Organizer | AttendeeType::Required => event::AttendeeKind::Required,
            AttendeeType::Optional => event::AttendeeKind::Optional,
            AttendeeType::Resource => event::AttendeeKind::Resource,
        },
    })
}

pub(super) fn guest_of(attendee: event::Attendee) -> Guest {
    Guest {
        address: attendee.address,
        display_name: attendee.display_name,
        status: status_from(attendee.status),
        kind: match attendee.kind {
            event::AttendeeKind::Required => AttendeeType::Required,
            event::AttendeeKind::Optional => AttendeeType::Optional,
            event::AttendeeKind::Resource => AttendeeType::Resource,
        },
    }
}

pub(super) const fn status_of(status: AttendeeStatus) -> event::AttendeeStatus {
    match status {
        AttendeeStatus::None => event::AttendeeStatus::None,
        AttendeeStatus::Accepted => event::AttendeeStatus::Accepted,
        AttendeeStatus::Declined => event::AttendeeStatus::Declined,
        AttendeeStatus::Tentative => event::AttendeeStatus::Tentative,
    }
}

pub(super) const fn status_from(status: event::AttendeeStatus) -> AttendeeStatus {
    match status {
        event::AttendeeStatus::None => AttendeeStatus::None,
        event::AttendeeStatus::Accepted => AttendeeStatus::Accepted,
        event::AttendeeStatus::Declined => AttendeeStatus::Declined,
        event::AttendeeStatus::Tentative => AttendeeStatus::Tentative,
    }
}

pub(super) fn reminder_of(minutes: Option<u32>) -> event::Reminder {
    minutes.map_or(event::Reminder::None, event::Reminder::MinutesBefore)
}

pub(super) const fn reminder_from(reminder: event::Reminder) -> Reminder {
    match reminder {
        event::Reminder::None => Reminder::None,
        event::Reminder::MinutesBefore(minutes) => Reminder::MinutesBefore(minutes),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use chrono::{DateTime, NaiveDate};

    use super::*;

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
        assert_eq!(attendee_of(attendee(Some("a@example.com"))).unwrap().kind, event::AttendeeKind::Required);
    }
}

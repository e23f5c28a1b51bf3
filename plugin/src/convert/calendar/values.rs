//! Times, guests and single values of events.

use tandem_core::model::{
    Address, Attendee, AttendeeKind, AttendeeStatus, EventTime, Instant, Reminder, Sensitivity, ShowAs, Zone,
};

use crate::bindings::tandem::host::event as wit;
use crate::convert::values::{date, date_out};

/// A time that the CRM should not have (an end before its start, a zone that
/// does not exist) reads as none: the item then lacks what it needs to be
/// synchronised and is reported.
pub(super) fn event_time(time: wit::EventTime) -> Option<EventTime> {
    match time {
        wit::EventTime::Timed(timed) => {
            let zone: Zone = timed.zone.parse().ok()?;
            let start_at = Instant::from_epoch_milliseconds(timed.start_at);
            EventTime::timed(start_at, Instant::from_epoch_milliseconds(timed.end_at), zone).ok()
        }
        wit::EventTime::AllDay(days) => EventTime::all_day(date(days.start_on)?, date(days.end_before)?).ok(),
    }
}

pub(in crate::convert) fn event_time_out(time: &EventTime) -> wit::EventTime {
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

pub(super) fn attendee(guest: wit::Attendee) -> (Address, Attendee) {
    let status = status_in(guest.status);
    let kind = match guest.kind {
        wit::AttendeeKind::Required => AttendeeKind::Required,
        wit::AttendeeKind::Optional => AttendeeKind::Optional,
        wit::AttendeeKind::Resource => AttendeeKind::Resource,
    };
    (Address::new(&guest.address), Attendee { display_name: guest.display_name, status, kind })
}

pub(super) fn attendee_out(address: &Address, guest: &Attendee) -> wit::Attendee {
    wit::Attendee {
        address: address.as_str().to_owned(),
        display_name: guest.display_name.clone(),
        status: status_out(guest.status),
        kind: match guest.kind {
            AttendeeKind::Required => wit::AttendeeKind::Required,
            AttendeeKind::Optional => wit::AttendeeKind::Optional,
            AttendeeKind::Resource => wit::AttendeeKind::Resource,
        },
    }
}

pub(super) const fn status_in(status: wit::AttendeeStatus) -> AttendeeStatus {
    match status {
        wit::AttendeeStatus::None => AttendeeStatus::None,
        wit::AttendeeStatus::Accepted => AttendeeStatus::Accepted,
        wit::AttendeeStatus::Declined => AttendeeStatus::Declined,
        wit::AttendeeStatus::Tentative => AttendeeStatus::Tentative,
    }
}

pub(super) const fn status_out(status: AttendeeStatus) -> wit::AttendeeStatus {
    match status {
        AttendeeStatus::None => wit::AttendeeStatus::None,
        AttendeeStatus::Accepted => wit::AttendeeStatus::Accepted,
        AttendeeStatus::Declined => wit::AttendeeStatus::Declined,
        AttendeeStatus::Tentative => wit::AttendeeStatus::Tentative,
    }
}

pub(super) const fn reminder_in(reminder: wit::Reminder) -> Reminder {
    match reminder {
        wit::Reminder::None => Reminder::None,
        wit::Reminder::MinutesBefore(minutes) => Reminder::MinutesBefore(minutes),
    }
}

pub(super) const fn reminder_out(reminder: Reminder) -> wit::Reminder {
    match reminder {
        Reminder::None => wit::Reminder::None,
        Reminder::MinutesBefore(minutes) => wit::Reminder::MinutesBefore(minutes),
    }
}

pub(super) const fn show_as_in(show_as: wit::ShowAs) -> ShowAs {
    match show_as {
        wit::ShowAs::Unknown => ShowAs::Unknown,
        wit::ShowAs::Free => ShowAs::Free,
        wit::ShowAs::Tentative => ShowAs::Tentative,
        wit::ShowAs::Busy => ShowAs::Busy,
        wit::ShowAs::Oof => ShowAs::Oof,
        wit::ShowAs::WorkingElsewhere => ShowAs::WorkingElsewhere,
    }
}

pub(super) const fn show_as_out(show_as: ShowAs) -> wit::ShowAs {
    match show_as {
        ShowAs::Unknown => wit::ShowAs::Unknown,
        ShowAs::Free => wit::ShowAs::Free,
        ShowAs::Tentative => wit::ShowAs::Tentative,
        ShowAs::Busy => wit::ShowAs::Busy,
        ShowAs::Oof => wit::ShowAs::Oof,
        ShowAs::WorkingElsewhere => wit::ShowAs::WorkingElsewhere,
    }
}

pub(super) const fn sensitivity_in(sensitivity: wit::Sensitivity) -> Sensitivity {
    match sensitivity {
        wit::Sensitivity::Normal => Sensitivity::Normal,
        wit::Sensitivity::Personal => Sensitivity::Personal,
        wit::Sensitivity::Private => Sensitivity::Private,
        wit::Sensitivity::Confidential => Sensitivity::Confidential,
    }
}

pub(super) const fn sensitivity_out(sensitivity: Sensitivity) -> wit::Sensitivity {
    match sensitivity {
        Sensitivity::Normal => wit::Sensitivity::Normal,
        Sensitivity::Personal => wit::Sensitivity::Personal,
        Sensitivity::Private => wit::Sensitivity::Private,
        Sensitivity::Confidential => wit::Sensitivity::Confidential,
    }
}

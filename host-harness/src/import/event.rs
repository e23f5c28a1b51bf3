//! One `VEVENT` by itself: what it says, or why it is left out. How it belongs
//! to a series is [`super::series`]'s.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use icalendar::{Attendee, CUType, CalendarDateTime, Component, DatePerhapsTime, Event, PartStat, Role};

use super::batch::{ImportedAttendee, ImportedEvent};
use super::details::Details;
use super::duration;
use super::moment::{Clock, ClockKind, Reading};
use super::reason::SkipReason;
use crate::crm::event::{
    AllDay, AttendeeStatus, AttendeeType, EventTime, REMINDER_MINUTES_MAX, TITLE_LENGTH_MAX, Timed,
};
use crate::crm::users::ZoneName;

/// The title of what brings none: other programs show it, and the CRM needs one.
const NO_TITLE: &str = "(no title)";

/// An event that was read.
pub(super) struct ReadEvent {
    pub(super) event: ImportedEvent,
    /// How the start names its zone; none for whole days.
    pub(super) clock: Option<ClockKind>,
    /// Whether the title had to be shortened or made up.
    pub(super) title_adjusted: bool,
}

/// Whether the event or the task was called off.
pub(super) fn is_cancelled(component: &impl Component) -> bool {
    component.property_value("STATUS").is_some_and(|status| status.eq_ignore_ascii_case("CANCELLED"))
}

/// Reads an event.
pub(super) fn read(event: &Event, clock: &Clock<'_>) -> Result<ReadEvent, SkipReason> {
    if is_cancelled(event) {
        return Err(SkipReason::Cancelled);
    }
    let (time, kind) = time_of(event, clock)?;
    let reminder_minutes = reminder_of(event);
    let (title, title_adjusted) = title_of(event.property_value("SUMMARY"));
    let event = ImportedEvent {
        uid: text_of(event, "UID"),
        title,
        description: text_of(event, "DESCRIPTION"),
        location: text_of(event, "LOCATION"),
        time,
        attendees: attendees_of(event),
        organizer: event.property_value("ORGANIZER").and_then(mail_address),
        reminder_minutes,
        details: Details::of(event, reminder_minutes.is_some()),
    };
    Ok(ReadEvent { event, clock: kind, title_adjusted })
}

/// A property that is not blank.
pub(super) fn text_of(component: &impl Component, name: &str) -> Option<String> {
    component.property_value(name).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// One line that the CRM accepts, and whether that took a change.
pub(super) fn title_of(summary: Option<&str>) -> (String, bool) {
    let line = summary.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    let max = TITLE_LENGTH_MAX as usize;
    if line.is_empty() {
        return (NO_TITLE.to_owned(), true);
    }
    if line.chars().count() <= max {
        return (line, false);
    }
    (line.chars().take(max).collect(), true)
}

fn time_of(event: &Event, clock: &Clock<'_>) -> Result<(EventTime, Option<ClockKind>), SkipReason> {
    let end = if event.properties().contains_key("DTEND") {
        Some(event.get_end().ok_or(SkipReason::UnreadableEnd)?)
    } else {
        None
    };
    let length = match event.property_value("DURATION") {
        Some(text) => Some(duration::read(text).ok_or(SkipReason::UnreadableEnd)?),
        None => None,
    };
    match event.get_start().ok_or(SkipReason::NoStart)? {
        DatePerhapsTime::Date(first) => Ok((all_day(first, end, length)?, None)),
        DatePerhapsTime::DateTime(start) => timed(&start, end, length, clock),
    }
}

/// Whole days: until the end, for the length, or for one day.
fn all_day(
    start_on: NaiveDate,
    end: Option<DatePerhapsTime>,
    length: Option<TimeDelta>,
) -> Result<EventTime, SkipReason> {
    let day_after = start_on.checked_add_days(Days::new(1)).ok_or(SkipReason::NoStart)?;
    let end_before = match (end, length) {
        (Some(end), _) => end.date_naive(),
        (None, Some(length)) => start_on.checked_add_signed(length).ok_or(SkipReason::UnreadableEnd)?,
        (None, None) => day_after,
    };
    if end_before < start_on {
        return Err(SkipReason::EndBeforeStart);
    }
    // Some programs name the last day as the end, which makes a length of none.
    Ok(EventTime::AllDay(AllDay { start_on, end_before: end_before.max(day_after) }))
}

fn timed(
    start: &CalendarDateTime,
    end: Option<DatePerhapsTime>,
    length: Option<TimeDelta>,
    clock: &Clock<'_>,
) -> Result<(EventTime, Option<ClockKind>), SkipReason> {
    let start = Reading::of(start, clock)?;
    let end = match (end, length) {
        (Some(DatePerhapsTime::DateTime(end)), _) => Reading::of(&end, clock)?.instant,
        (Some(DatePerhapsTime::Date(_)), _) => return Err(SkipReason::UnreadableEnd),
        (None, Some(length)) => end_after(start.instant, length)?,
        (None, None) => start.instant,
    };
    if end < start.instant {
        return Err(SkipReason::EndBeforeStart);
    }
    let time = EventTime::Timed(Timed { start: start.instant, end, zone: ZoneName(start.zone) });
    Ok((time, Some(start.kind)))
}

fn end_after(start: DateTime<Utc>, length: TimeDelta) -> Result<DateTime<Utc>, SkipReason> {
    start.checked_add_signed(length).ok_or(SkipReason::UnreadableEnd)
}
/// The guests that have an address, each once; the first mention counts.
fn attendees_of(event: &Event) -> Vec<ImportedAttendee> {
    let mut seen = BTreeSet::new();
    let guests = event.get_attendees().into_iter().filter_map(|guest| attendee(&guest));
    guests.filter(|guest| seen.insert(guest.address.to_lowercase())).collect()
}

fn attendee(guest: &Attendee) -> Option<ImportedAttendee> {
    let status = match &guest.part_stat {
        Some(PartStat::Accepted) => AttendeeStatus::Accepted,
        Some(PartStat::Declined) => AttendeeStatus::Declined,
        Some(PartStat::Tentative) => AttendeeStatus::Tentative,
        // No answer yet, or one that neither side has a word for.
        Some(_) | None => AttendeeStatus::None,
    };
    let kind = match (&guest.cutype, &guest.role) {
        (Some(CUType::Room | CUType::Resource), _) => AttendeeType::Resource,
        (_, Some(Role::OptParticipant | Role::NonParticipant)) => AttendeeType::Optional,
        (_, Some(_) | None) => AttendeeType::Required,
    };
    Some(ImportedAttendee {
        address: mail_address(&guest.cal_address)?,
        display_name: guest.cn.clone().filter(|name| !name.trim().is_empty()),
        status,
        kind,
    })
}

/// The address behind `mailto:`; none for other kinds of addresses.
pub(super) fn mail_address(address: &str) -> Option<String> {
    let address = match address.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("mailto") => rest,
        Some(_) => return None,
        None => address,
    };
    crate::crm::users::valid_address(address, "attendees").ok().map(str::to_owned)
}

/// The alarm that is nearest to the start: both sides keep one.
fn reminder_of(event: &Event) -> Option<u32> {
    let alarms = event.components().iter().filter(|component| component.component_kind() == "VALARM");
    let minutes = alarms.filter_map(|alarm| duration::minutes_before_start(alarm.properties().get("TRIGGER")?));
    minutes.filter(|minutes| *minutes <= REMINDER_MINUTES_MAX).min()
}

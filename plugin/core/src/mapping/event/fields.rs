//! The groups of an event, read one by one.

use std::collections::BTreeSet;

use super::{EventKind, MapIssue, organizer};
use crate::graph::wire::{self, Event};
use crate::mapping::body;
use crate::mapping::recurrence::{RecurrenceIssue, read_recurrence};
use crate::mapping::times::read_time;
use crate::model::{
    Address, Attendee, AttendeeKind, AttendeeStatus, Attendees, EventTime, Exceptions, FieldGroup, FieldSet,
    FieldValue, Html, Importance, Record, Recurrence, Reminder, Sensitivity, ShowAs,
};

/// All groups of a whole event. Null is a value there: none, empty, default.
/// A group whose value this version does not know is left out.
///
/// The exceptions of a series are not among them: [`super::exceptions`].
pub(in crate::mapping) fn record(event: &Event, kind: EventKind, is_organizer: bool) -> Result<Record, MapIssue> {
    let body = event.body.as_ref();
    let location = event.location.as_ref().and_then(|location| location.display_name.clone());
    let (recurrence, time) = when(event, kind)?;
    let values = [
        Some(FieldValue::Title(event.subject.clone().unwrap_or_default())),
        body.map_or_else(|| Some(Html::default()), body::read_item).map(FieldValue::Body),
        Some(FieldValue::Time(time)),
        Some(FieldValue::Recurrence(recurrence)),
        (kind == EventKind::Single).then(|| FieldValue::Exceptions(Exceptions::new())),
        Some(FieldValue::Attendees(attendees(event, is_organizer))),
        Some(FieldValue::Reminder(reminder(event))),
        Some(FieldValue::Location(location.unwrap_or_default())),
        Some(FieldValue::Categories(categories(event))),
        show_as(event).map(FieldValue::ShowAs),
        sensitivity(event).map(FieldValue::Sensitivity),
        importance(event).map(FieldValue::Importance),
        response(event, is_organizer).map(FieldValue::Response),
    ];
    Ok(values.into_iter().flatten().collect())
}

/// When it takes place, and by which rule. Of a series, the time is that of the
/// first occurrence.
fn when(event: &Event, kind: EventKind) -> Result<(Recurrence, EventTime), MapIssue> {
    let time = read_time(event)?;
    match kind {
        EventKind::Single | EventKind::Occurrence | EventKind::Exception => Ok((Recurrence::None, time)),
        EventKind::SeriesMaster => {
            let rule = event.recurrence.as_ref().ok_or(MapIssue::Recurrence(RecurrenceIssue::NoRule))?;
            let (rule, first) =
                read_recurrence(rule, time, event.original_start_time_zone.as_deref()).map_err(MapIssue::Recurrence)?;
            Ok((Recurrence::Rule(rule), first))
        }
    }
}

/// Groups of `event` that are not in its `record`, because their value is too
/// large to be compared.
pub(in crate::mapping) fn unread(event: &Event, record: &Record) -> FieldSet {
    let has_body = event.body.is_some() && record.get(FieldGroup::Body).is_none();
    if has_body { FieldSet::EMPTY.with(FieldGroup::Body) } else { FieldSet::EMPTY }
}

fn reminder(event: &Event) -> Reminder {
    if event.is_reminder_on != Some(true) {
        return Reminder::None;
    }
    // Negative where somebody wants to be reminded behind the start; the model
    // has no such thing, and the nearest is the start itself.
    // More than the property holds is written as that, and read alike.
    let minutes = event.reminder_minutes_before_start.unwrap_or_default().clamp(0, i64::from(i32::MAX));
    Reminder::MinutesBefore(u32::try_from(minutes).unwrap_or(u32::MAX))
}

fn categories(event: &Event) -> BTreeSet<String> {
    let names = event.categories.iter().flatten();
    names.map(|name| name.trim()).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The guests. Outlook lists the organiser among them now and then, who is not
/// a guest of the own event; in a guest's copy the list is what was sent.
fn attendees(event: &Event, is_organizer: bool) -> Attendees {
    let organizer = organizer(event).filter(|_| is_organizer);
    let is_guest = |guest: &&wire::Attendee| !is_organizer || !is_marked_organizer(guest);
    let guests = event.attendees.iter().flatten().filter(is_guest).filter_map(attendee);
    guests.filter(|(address, _)| organizer.as_ref() != Some(address)).collect()
}

fn is_marked_organizer(guest: &wire::Attendee) -> bool {
    guest.status.as_ref().and_then(|status| status.response.as_ref()) == Some(&wire::ResponseType::Organizer)
}

/// None for a guest without an address: nothing identifies it.
fn attendee(guest: &wire::Attendee) -> Option<(Address, Attendee)> {
    let who = guest.email_address.as_ref()?;
    let address = who.address.as_deref().map(str::trim).filter(|address| !address.is_empty())?;
    let status = match guest.status.as_ref().and_then(|status| status.response.as_ref()) {
        Some(wire::ResponseType::Organizer) => AttendeeStatus::Accepted,
        other => answer(other).unwrap_or_default(),
    };
    let kind = match &guest.kind {
        Some(wire::AttendeeType::Optional) => AttendeeKind::Optional,
        Some(wire::AttendeeType::Resource) => AttendeeKind::Resource,
        Some(wire::AttendeeType::Required | wire::AttendeeType::Unrecognised(_)) | None => AttendeeKind::Required,
    };
    let display_name = who.name.clone().unwrap_or_default();
    Some((Address::new(address), Attendee { display_name, status, kind }))
}

fn show_as(event: &Event) -> Option<ShowAs> {
    match event.show_as.as_ref() {
        Some(wire::ShowAs::Unknown) => Some(ShowAs::Unknown),
        Some(wire::ShowAs::Free) => Some(ShowAs::Free),
        Some(wire::ShowAs::Tentative) => Some(ShowAs::Tentative),
        Some(wire::ShowAs::Busy) | None => Some(ShowAs::Busy),
        Some(wire::ShowAs::Oof) => Some(ShowAs::Oof),
        Some(wire::ShowAs::WorkingElsewhere) => Some(ShowAs::WorkingElsewhere),
        Some(wire::ShowAs::Unrecognised(_)) => None,
    }
}

fn sensitivity(event: &Event) -> Option<Sensitivity> {
    match event.sensitivity.as_ref() {
        Some(wire::Sensitivity::Normal) | None => Some(Sensitivity::Normal),
        Some(wire::Sensitivity::Personal) => Some(Sensitivity::Personal),
        Some(wire::Sensitivity::Private) => Some(Sensitivity::Private),
        Some(wire::Sensitivity::Confidential) => Some(Sensitivity::Confidential),
        Some(wire::Sensitivity::Unrecognised(_)) => None,
    }
}

fn importance(event: &Event) -> Option<Importance> {
    match event.importance.as_ref() {
        Some(wire::Importance::Low) => Some(Importance::Low),
        Some(wire::Importance::Normal) | None => Some(Importance::Normal),
        Some(wire::Importance::High) => Some(Importance::High),
        Some(wire::Importance::Unrecognised(_)) => None,
    }
}

/// The user's own answer. An own event is not answered.
fn response(event: &Event, is_organizer: bool) -> Option<AttendeeStatus> {
    if is_organizer {
        return Some(AttendeeStatus::None);
    }
    answer(event.response_status.as_ref().and_then(|status| status.response.as_ref()))
}

/// None for an answer that this version does not know.
const fn answer(response: Option<&wire::ResponseType>) -> Option<AttendeeStatus> {
    match response {
        Some(wire::ResponseType::Accepted) => Some(AttendeeStatus::Accepted),
        Some(wire::ResponseType::Declined) => Some(AttendeeStatus::Declined),
        Some(wire::ResponseType::TentativelyAccepted) => Some(AttendeeStatus::Tentative),
        Some(wire::ResponseType::None | wire::ResponseType::NotResponded | wire::ResponseType::Organizer) | None => {
            Some(AttendeeStatus::None)
        }
        Some(wire::ResponseType::Unrecognised(_)) => None,
    }
}

//! What does an event of Graph say, in our words?
//!
//! [`read_event`] turns one event into a record, or into one [`MapIssue`] that
//! names what is wrong with it. Writing is [`super::write`]. Who wins a
//! conflict, and whether an event is synchronised at all, is decided elsewhere:
//! here it only says what may be written.

use std::collections::BTreeSet;

use chrono::DateTime;
use thiserror::Error;

use super::body;
use super::times::read_time;
use super::zones::ZoneIssue;
use crate::graph::wire::{self, CORRELATION_PROPERTY, Event};
use crate::model::{
    Address, Attendee, AttendeeKind, AttendeeStatus, Attendees, FieldGroup, FieldSet, FieldValue, GraphId,
    GraphVersion, Html, Importance, Instant, LinkId, Record, Reminder, Sensitivity, ShowAs,
};

pub use super::write::{create_body, patch_body};

/// A bound of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The start.
    Start,
    /// The end.
    End,
}

impl std::fmt::Display for Edge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Start => "start",
            Self::End => "end",
        })
    }
}

/// Why an event cannot be read. The event is left as it is on both sides.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MapIssue {
    /// Nothing to link it by.
    #[error("expected an event with an id, but found none")]
    MissingId,
    /// A kind of event that this version does not know.
    #[error("expected a single event, a series or a date of one, but found `{0}`")]
    UnknownKind(String),
    /// Without a start or an end.
    #[error("expected a time for the {0}, but found none")]
    MissingTime(Edge),
    /// Not a date and a time.
    #[error("expected a date and a time for the {0}, but found another text")]
    MalformedTime(Edge),
    /// In a zone that means nothing here.
    #[error("the time zone of the {0} is not known")]
    UnknownZone(Edge, #[source] ZoneIssue),
    /// An all-day event that does not begin or end with a day.
    #[error("expected midnight as the {0} of an all-day event, but found another time")]
    NotMidnight(Edge),
    /// A timed event that ends before it begins.
    #[error("expected an end that is not before the start, but found an earlier one")]
    EndBeforeStart,
    /// An all-day event on no day.
    #[error("expected an all-day event of at least one day, but found none")]
    NoDay,
}

impl MapIssue {
    /// The name in reports; never changes.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::MissingId => "missing-id",
            Self::UnknownKind(_) => "unknown-kind",
            Self::MissingTime(Edge::Start) => "missing-start",
            Self::MissingTime(Edge::End) => "missing-end",
            Self::MalformedTime(_) => "malformed-time",
            Self::UnknownZone(..) => "unknown-zone",
            Self::NotMidnight(_) => "not-midnight",
            Self::EndBeforeStart => "end-before-start",
            Self::NoDay => "no-day",
        }
    }
}

/// What an event is within a series (`resources/event`, `type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// Takes place once.
    Single,
    /// The rule of a series.
    SeriesMaster,
    /// One date of a series, as the rule says.
    Occurrence,
    /// One date of a series that differs from the rule.
    Exception,
}

/// An event of Graph, in our words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedEvent {
    /// Its id.
    pub id: GraphId,
    /// Its version, for a conditional write.
    pub version: Option<GraphVersion>,
    /// Its groups: all that have a value we know; none for a stub.
    pub record: Record,
    /// What it is within a series.
    pub kind: EventKind,
    /// The series that an occurrence or an exception belongs to.
    pub series_master_id: Option<GraphId>,
    /// The same in every guest's calendar.
    pub i_cal_uid: Option<String>,
    /// Whether the account organises it. An event without guests is its own.
    pub is_organizer: bool,
    /// Whether the organizer cancelled it.
    pub is_cancelled: bool,
    /// Whether this is the whole event. A round gives occurrences as stubs,
    /// without title and body, which must never be taken for empty ones.
    pub is_complete: bool,
    /// Groups that may be written to this event. Says nothing about series:
    /// see `kind`.
    pub writable: FieldSet,
    /// When it was changed last. For people; never decides who wins.
    pub modified_at: Option<Instant>,
    /// Our correlation id, where the request expanded it.
    pub correlation: Option<LinkId>,
    /// The key of the create, which rounds give without being asked. Ours is
    /// the correlation id; another application's may be anything.
    pub transaction_id: Option<LinkId>,
}

/// Reads an event.
pub fn read_event(event: &Event) -> Result<MappedEvent, MapIssue> {
    let id = event.id.as_deref().map(GraphId::new).ok_or(MapIssue::MissingId)?;
    let kind = kind(event)?;
    let is_complete = !is_stub(event);
    let record = if is_complete { record(event)? } else { Record::default() };
    let has_guests = event.attendees.as_ref().is_some_and(|guests| !guests.is_empty());
    let is_organizer = event.is_organizer.unwrap_or(!has_guests) || !has_guests;
    Ok(MappedEvent {
        id,
        version: event.etag.as_deref().map(GraphVersion::new),
        writable: if is_complete { writable(event, &record, is_organizer) } else { FieldSet::EMPTY },
        record,
        kind,
        series_master_id: event.series_master_id.as_deref().map(GraphId::new),
        i_cal_uid: event.i_cal_uid.clone(),
        is_organizer,
        is_cancelled: event.is_cancelled == Some(true),
        is_complete,
        modified_at: event.last_modified_date_time.as_deref().and_then(instant),
        correlation: correlation(event),
        transaction_id: event.transaction_id.as_deref().map(LinkId::new),
    })
}

fn kind(event: &Event) -> Result<EventKind, MapIssue> {
    match &event.kind {
        None | Some(wire::EventType::SingleInstance) => Ok(EventKind::Single),
        Some(wire::EventType::SeriesMaster) => Ok(EventKind::SeriesMaster),
        Some(wire::EventType::Occurrence) => Ok(EventKind::Occurrence),
        Some(wire::EventType::Exception) => Ok(EventKind::Exception),
        Some(wire::EventType::Unrecognised(text)) => Err(MapIssue::UnknownKind(text.clone())),
    }
}

/// A stub has id, kind, start and end, and in a round also the series. Which
/// of these may come varies, so it is told by what every whole event has.
const fn is_stub(event: &Event) -> bool {
    event.i_cal_uid.is_none() && event.subject.is_none() && event.body.is_none() && event.is_all_day.is_none()
}

fn instant(text: &str) -> Option<Instant> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| Instant::from(time.to_utc()))
}

/// The value of our extended property. The property set is a GUID, whose case
/// means nothing; the name's case does.
fn correlation(event: &Event) -> Option<LinkId> {
    let (set, name) = CORRELATION_PROPERTY.split_once('}')?;
    let is_ours = |id: &str| {
        id.split_once('}')
            .is_some_and(|(found_set, found_name)| found_set.eq_ignore_ascii_case(set) && found_name == name)
    };
    let properties = event.single_value_extended_properties.as_deref().unwrap_or_default();
    let ours = properties.iter().find(|property| property.id.as_deref().is_some_and(is_ours))?;
    ours.value.as_deref().map(LinkId::new)
}

/// All groups of a whole event. Null is a value there: none, empty, default.
/// A group whose value this version does not know is left out.
fn record(event: &Event) -> Result<Record, MapIssue> {
    let body = event.body.as_ref();
    let location = event.location.as_ref().and_then(|location| location.display_name.clone());
    let time = read_time(event)?;
    let values = [
        Some(FieldValue::Title(event.subject.clone().unwrap_or_default())),
        body.map_or_else(|| Some(Html::default()), read_body).map(FieldValue::Body),
        Some(FieldValue::Time(time)),
        Some(FieldValue::Attendees(attendees(event))),
        Some(FieldValue::Reminder(reminder(event))),
        Some(FieldValue::Location(location.unwrap_or_default())),
        Some(FieldValue::Categories(categories(event))),
        show_as(event).map(FieldValue::ShowAs),
        sensitivity(event).map(FieldValue::Sensitivity),
        importance(event).map(FieldValue::Importance),
    ];
    Ok(values.into_iter().flatten().collect())
}

/// None where the body is larger than what is read, or nested without end.
fn read_body(body: &wire::ItemBody) -> Option<Html> {
    let content = body.content.as_deref().unwrap_or_default();
    let is_text = body.content_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("text"));
    if is_text { body::read_text(content) } else { body::read(content) }
}

fn reminder(event: &Event) -> Reminder {
    if event.is_reminder_on != Some(true) {
        return Reminder::None;
    }
    // Negative where somebody wants to be reminded behind the start; the model
    // has no such thing, and the nearest is the start itself.
    let minutes = event.reminder_minutes_before_start.unwrap_or_default().max(0);
    Reminder::MinutesBefore(u32::try_from(minutes).unwrap_or(u32::MAX))
}

fn categories(event: &Event) -> BTreeSet<String> {
    let names = event.categories.iter().flatten();
    names.map(|name| name.trim()).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn attendees(event: &Event) -> Attendees {
    let guests = event.attendees.iter().flatten();
    guests.filter_map(attendee).collect()
}

/// None for a guest without an address: nothing identifies it.
fn attendee(guest: &wire::Attendee) -> Option<(Address, Attendee)> {
    let who = guest.email_address.as_ref()?;
    let address = who.address.as_deref().map(str::trim).filter(|address| !address.is_empty())?;
    let status = match guest.status.as_ref().and_then(|status| status.response.as_ref()) {
        Some(wire::ResponseType::Accepted | wire::ResponseType::Organizer) => AttendeeStatus::Accepted,
        Some(wire::ResponseType::Declined) => AttendeeStatus::Declined,
        Some(wire::ResponseType::TentativelyAccepted) => AttendeeStatus::Tentative,
        Some(wire::ResponseType::None | wire::ResponseType::NotResponded | wire::ResponseType::Unrecognised(_))
        | None => AttendeeStatus::None,
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

/// What may be written. Guests are read, never written: a write of them sends
/// invitations. A group without a readable value is not written either, or the
/// value that nobody here understands would be lost.
fn writable(event: &Event, record: &Record, is_organizer: bool) -> FieldSet {
    let raw_body = event.body.as_ref().and_then(|body| body.content.as_deref()).unwrap_or_default();
    // Without its join section in the body an online meeting ceases to be one
    // (`api/event-update`), and canonical HTML does not keep it to the letter.
    let is_body_kept = event.is_online_meeting == Some(true) || body::has_meeting_blob(raw_body);
    let allowed = |group: FieldGroup| match group {
        FieldGroup::Attendees => false,
        FieldGroup::Body => is_organizer && !is_body_kept,
        FieldGroup::Title
        | FieldGroup::Time
        | FieldGroup::Location
        | FieldGroup::Sensitivity
        | FieldGroup::Importance => is_organizer,
        // A guest's own: the organizer's next update does not touch them.
        FieldGroup::Reminder | FieldGroup::Categories | FieldGroup::ShowAs => true,
    };
    record.groups().iter().filter(|group| allowed(*group)).collect()
}

#[cfg(test)]
mod tests;

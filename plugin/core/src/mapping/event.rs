//! What does an event of Graph say, in our words?
//!
//! [`read_event`] turns one event, be it a single one, a series or an exception
//! of one, into a record, or into one [`MapIssue`] that names what is wrong with
//! it. The groups are read in [`fields`], what is different on single days of a
//! series in [`exceptions`]. Writing is [`super::write`]. Who wins a conflict,
//! and whether an event is synchronised at all, is decided elsewhere: here it
//! only says what may be written.

pub(super) mod exceptions;
pub(super) mod fields;

use std::collections::BTreeMap;

use chrono::DateTime;
use thiserror::Error;

use super::body::{self, meeting::MeetingBlob};
use super::quoted::Quoted;
use super::recurrence::RecurrenceIssue;
use super::zones::ZoneIssue;
use crate::graph::wire::{self, CORRELATION_PROPERTY, Event};
use crate::model::{
    Address, CivilDate, Exceptions, FieldGroup, FieldSet, FieldValue, GraphId, GraphVersion, Instant, LinkId, Record,
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
    UnknownKind(Quoted),
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
    /// A series whose rule means nothing here.
    #[error("the rule of the series is not understood")]
    Recurrence(#[source] RecurrenceIssue),
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
            Self::Recurrence(issue) => issue.code(),
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
    /// Its groups: all that have a value we know; none for a stub. A series has
    /// its exceptions only where the answer carried all of them.
    pub record: Record,
    /// What it is within a series.
    pub kind: EventKind,
    /// The series that an occurrence or an exception belongs to.
    pub series_master_id: Option<GraphId>,
    /// The same in every guest's calendar.
    pub i_cal_uid: Option<String>,
    /// Whether the account organises it. An event without guests is its own.
    pub is_organizer: bool,
    /// Who organises it.
    pub organizer: Option<Address>,
    /// Whether the organizer cancelled it.
    pub is_cancelled: bool,
    /// Whether this is the whole event. A round gives occurrences as stubs,
    /// without title and body, which must never be taken for empty ones.
    pub is_complete: bool,
    /// Groups that may be written to this event. Where there is a
    /// `meeting_blob`, a description is written with it only.
    pub writable: FieldSet,
    /// Groups that have a value which is too large to be compared: a description
    /// ([`body::BODY_KEPT_MAX_BYTES`]), its own or that of a changed day.
    pub unread: FieldSet,
    /// The join section of an online meeting, to be kept in the description:
    /// see [`super::keep_meeting`].
    pub meeting_blob: Option<MeetingBlob>,
    /// The exceptions of a series, by the day on which the rule has them.
    pub exception_ids: BTreeMap<CivilDate, GraphId>,
    /// Exceptions of a series that name no day of the rule, or that cannot be
    /// read.
    pub stray: Vec<GraphId>,
    /// Why the zone that a timed event was planned in means nothing here: its time
    /// is told in UTC.
    pub unnamed_zone: Option<ZoneIssue>,
    /// When it was changed last. For people; never decides who wins.
    pub modified_at: Option<Instant>,
    /// Our correlation id, where the request expanded it.
    pub correlation: Option<LinkId>,
    /// The key of the create, which rounds give without being asked. Ours is
    /// the correlation id; another application's may be anything.
    pub transaction_id: Option<LinkId>,
}

impl MappedEvent {
    /// Sets the exceptions of a series, where the answer did not name them.
    pub fn set_exceptions(&mut self, exceptions: Exceptions) {
        self.record.set(FieldValue::Exceptions(exceptions));
        self.writable.insert(FieldGroup::Exceptions);
    }
}

/// Reads an event. A series comes with its exceptions where the answer carries
/// them ([`crate::graph::Requests::get_series`]).
///
/// # Errors
/// See [`MapIssue`].
pub fn read_event(event: &Event) -> Result<MappedEvent, MapIssue> {
    let id = event.id.as_deref().map(GraphId::new).ok_or(MapIssue::MissingId)?;
    let kind = kind(event)?;
    let is_complete = !is_stub(event);
    let is_organizer = is_organizer(event);
    let mut record = if is_complete { fields::record(event, kind, is_organizer)? } else { Record::default() };
    let mut found = exceptions::Found::default();
    if kind == EventKind::SeriesMaster && is_complete {
        found = exceptions::read(event, &record, is_organizer);
        if let Some(exceptions) = found.exceptions.take() {
            record.set(FieldValue::Exceptions(exceptions));
        }
    }
    let meeting = meeting(event);
    let mut unread = if is_complete { fields::unread(event, &record) } else { FieldSet::EMPTY };
    if found.too_long {
        unread.insert(FieldGroup::Exceptions);
    }
    Ok(MappedEvent {
        id,
        version: event.etag.as_deref().map(GraphVersion::new),
        writable: writable(&record, is_organizer, &meeting),
        unread,
        record,
        kind,
        series_master_id: event.series_master_id.as_deref().map(GraphId::new),
        i_cal_uid: event.i_cal_uid.clone(),
        is_organizer,
        organizer: organizer(event),
        is_cancelled: event.is_cancelled == Some(true),
        is_complete,
        meeting_blob: match meeting {
            Meeting::Kept(blob) => Some(blob),
            Meeting::None | Meeting::Entangled => None,
        },
        exception_ids: found.ids,
        stray: found.stray,
        unnamed_zone: super::times::unnamed_zone(event).filter(|_| kind == EventKind::Single),
        modified_at: event.last_modified_date_time.as_deref().and_then(instant),
        correlation: correlation(event),
        transaction_id: event.transaction_id.as_deref().map(LinkId::new),
    })
}

pub(super) fn kind(event: &Event) -> Result<EventKind, MapIssue> {
    match &event.kind {
        None if event.recurrence.is_some() => Ok(EventKind::SeriesMaster),
        None | Some(wire::EventType::SingleInstance) => Ok(EventKind::Single),
        Some(wire::EventType::SeriesMaster) => Ok(EventKind::SeriesMaster),
        Some(wire::EventType::Occurrence) => Ok(EventKind::Occurrence),
        Some(wire::EventType::Exception) => Ok(EventKind::Exception),
        Some(wire::EventType::Unrecognised(text)) => Err(MapIssue::UnknownKind(text.as_str().into())),
    }
}

/// An event without guests is the account's own: delegates and imports.
fn is_organizer(event: &Event) -> bool {
    let has_guests = event.attendees.as_ref().is_some_and(|guests| !guests.is_empty());
    event.is_organizer.unwrap_or(!has_guests) || !has_guests
}

fn organizer(event: &Event) -> Option<Address> {
    let address = event.organizer.as_ref()?.email_address.as_ref()?.address.as_deref()?;
    (!address.trim().is_empty()).then(|| Address::new(address))
}

/// A stub has id, kind, start and end, and in a round also the series. Which
/// of these may come varies, so it is told by what every whole event has.
pub(super) const fn is_stub(event: &Event) -> bool {
    event.i_cal_uid.is_none() && event.subject.is_none() && event.body.is_none() && event.is_all_day.is_none()
}

fn instant(text: &str) -> Option<Instant> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| Instant::from(time.to_utc()))
}

/// The value of our extended property. The property set is a GUID, whose case
/// means nothing; the name's case does.
pub(crate) fn correlation(event: &Event) -> Option<LinkId> {
    let (set, name) = CORRELATION_PROPERTY.split_once('}')?;
    let is_ours = |id: &str| {
        id.split_once('}')
            .is_some_and(|(found_set, found_name)| found_set.eq_ignore_ascii_case(set) && found_name == name)
    };
    let properties = event.single_value_extended_properties.as_deref().unwrap_or_default();
    let ours = properties.iter().find(|property| property.id.as_deref().is_some_and(is_ours))?;
    ours.value.as_deref().map(LinkId::new)
}

/// What an online meeting has in its description. Without its join section there
/// it ceases to be one (`api/event-update`), and canonical HTML does not keep
/// that to the letter.
enum Meeting {
    /// It is no online meeting.
    None,
    /// The section, which can be put back.
    Kept(MeetingBlob),
    /// A section that cannot be told from the rest of the text, or none to see.
    Entangled,
}

fn meeting(event: &Event) -> Meeting {
    let raw = event.body.as_ref().and_then(|body| body.content.as_deref()).unwrap_or_default();
    let is_text = event.body.as_ref().is_some_and(body::is_text);
    if event.is_online_meeting != Some(true) && !body::has_meeting_blob(raw) {
        return Meeting::None;
    }
    let blob = (!is_text && body::is_readable(raw)).then(|| MeetingBlob::of(raw)).flatten();
    blob.map_or(Meeting::Entangled, Meeting::Kept)
}

/// What may be written. Shared fields are the organiser's, a guest's own are
/// not touched by the organiser's next update. A group without a readable value
/// is not written either, or the value that nobody here understands would be
/// lost.
fn writable(record: &Record, is_organizer: bool, meeting: &Meeting) -> FieldSet {
    let allowed = |group: FieldGroup| match group {
        FieldGroup::Body => is_organizer && !matches!(meeting, Meeting::Entangled),
        FieldGroup::Title
        | FieldGroup::Time
        | FieldGroup::Recurrence
        | FieldGroup::Attendees
        | FieldGroup::Location
        | FieldGroup::Sensitivity
        | FieldGroup::Importance => is_organizer,
        // A single day may be written as far as the series: a guest answers it.
        FieldGroup::Exceptions | FieldGroup::Reminder | FieldGroup::Categories | FieldGroup::ShowAs => true,
        // An organiser has nobody to answer to.
        FieldGroup::Response => !is_organizer,
        // Of tasks alone.
        FieldGroup::Status | FieldGroup::Due => false,
    };
    record.groups().iter().filter(|group| allowed(*group)).collect()
}

#[cfg(test)]
mod tests;

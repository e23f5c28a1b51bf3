//! Which events are copies of one meeting.
//!
//! An event has an iCalendar UID of its own and, beside it, the UID that the
//! meeting has in Microsoft 365. Events of one organization that share either
//! of them and their organiser are one meeting: the event in the organiser's
//! calendar is the parent of the others, whichever came first (Oro row C7),
//! where their owners are among its guests: whoever was invited through a list
//! has an event of their own, which the organiser's list says nothing about.
//! Ties say nothing about an event by itself, so they are not part of its
//! version and in no journal. Next: [`super::copies`].

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::MEETING_UID_LENGTH_MAX;
use super::guests::{organizer_address, status_of};
use crate::crm::event::journal::{self, JournalKind};
use crate::crm::event::rows::event_in;
use crate::crm::event::store::not_found;
use crate::crm::event::validate::is_organizer;
use crate::crm::event::{CalendarEvent, EventKind};
use crate::crm::ids::{CalendarId, EventId, UserId};
use crate::crm::random::uuid_of_text;
use crate::crm::users::{User, user_and_calendar_in, user_in};
use crate::crm::{Crm, CrmError};

/// What ties an event to those of other calendars.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ties {
    /// The iCalendar UID that the meeting has in Microsoft 365.
    pub meeting_uid: Option<String>,
    /// The organiser's event, of which this one is a copy.
    pub parent: Option<EventId>,
    /// Whether the CRM has made the copy; its shared fields are the parent's.
    pub is_guest_copy: bool,
}

/// An event with its place.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) event: CalendarEvent,
    pub(super) calendar: CalendarId,
    pub(super) owner: User,
}

impl Crm {
    /// Notes which meeting of Microsoft 365 an event of `owner` is their copy
    /// of: `note_in` as a transaction of its own.
    ///
    /// # Errors
    /// The event is not in the default calendar of `owner`.
    pub fn note_meeting(
        &self,
        owner: UserId,
        id: EventId,
        meeting_uid: &str,
        organizer_email: Option<&str>,
    ) -> Result<Ties, CrmError> {
        self.write(|transaction| {
            let (_, calendar) = user_and_calendar_in(transaction, owner)?;
            let ties = note_in(transaction, calendar, id, meeting_uid, organizer_email, self.now())?;
            self.remove_superseded_copies_in(transaction, id)?;
            Ok(ties)
        })
    }
}

/// The ties of an event; none where there is no such event.
pub(crate) fn ties_in(connection: &Connection, id: EventId) -> rusqlite::Result<Option<Ties>> {
    connection
        .prepare_cached("SELECT meeting_uid, parent_event_id, is_guest_copy FROM calendar_event WHERE id = ?1")?
        .query_row([id], |row| Ok(Ties { meeting_uid: row.get(0)?, parent: row.get(1)?, is_guest_copy: row.get(2)? }))
        .optional()
}

/// Notes which meeting of Microsoft 365 the event of `calendar` is somebody's
/// copy of, and joins it with the others. To be called beside a write of the
/// event, at the instant `at`, and before it is read back: it adds no journal
/// entry of its own, but one for each copy that the CRM has made of it. What
/// their owners' synchronization brings is that copy (Oro row C7).
///
/// A UID longer than [`MEETING_UID_LENGTH_MAX`] is kept as the UUID that always
/// stands for it; an empty one notes nothing. An organiser that the event has
/// already stays (C6). Another UID than the one noted before, as after the
/// meeting was made anew in Microsoft 365, dissolves the ties of the old one.
///
/// # Errors
/// The database fails; an event that is not there is an error too.
pub(crate) fn note_in(
    connection: &Connection,
    calendar: CalendarId,
    id: EventId,
    meeting_uid: &str,
    organizer_email: Option<&str>,
    at: DateTime<Utc>,
) -> Result<Ties, CrmError> {
    let placed = placed_in(connection, id)?.filter(|placed| placed.calendar == calendar).ok_or_else(not_found)?;
    let before = ties_in(connection, id)?.ok_or_else(not_found)?;
    if let (None, Some(address)) = (&placed.event.values.organizer_email, organizer_email)
        && !placed.owner.has_address(address)
    {
        connection
            .prepare_cached("UPDATE calendar_event SET organizer_email = ?2, is_organizer = 0 WHERE id = ?1")?
            .execute(params![id, address])?;
    }
    let uid = kept_uid(meeting_uid);
    if uid.is_some() && uid != before.meeting_uid {
        if before.meeting_uid.is_some() {
            dissolve(connection, id)?;
        }
        connection
            .prepare_cached("UPDATE calendar_event SET meeting_uid = ?2 WHERE id = ?1")?
            .execute(params![id, uid])?;
    }
    join_in(connection, id)?;
    if let Some(uid) = &uid {
        hand_down(connection, id, uid, at)?;
    }
    ties_in(connection, id)?.ok_or_else(not_found)
}

/// Notes the meeting of an event with the copies that the CRM has made of it.
fn hand_down(connection: &Connection, parent: EventId, uid: &str, at: DateTime<Utc>) -> Result<(), CrmError> {
    let noted: Vec<(CalendarId, EventId)> = connection
        .prepare_cached(
            "UPDATE calendar_event SET meeting_uid = ?2
             WHERE parent_event_id = ?1 AND is_guest_copy = 1 AND meeting_uid IS NOT ?2 RETURNING calendar_id, id",
        )?
        .query_map(params![parent, uid], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (calendar, copy) in noted {
        journal::append(connection, calendar, copy, JournalKind::Upserted, at)?;
    }
    Ok(())
}

fn kept_uid(uid: &str) -> Option<String> {
    match uid.trim() {
        "" => None,
        short if short.chars().count() <= MEETING_UID_LENGTH_MAX => Some(short.to_owned()),
        long => Some(uuid_of_text(long)),
    }
}

/// Loosens what was joined by the UID of a meeting. Copies that the CRM has
/// made are tied by more than that and stay.
fn dissolve(connection: &Connection, id: EventId) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE calendar_event SET parent_event_id = NULL
             WHERE (id = ?1 OR parent_event_id = ?1) AND is_guest_copy = 0",
        )?
        .execute([id])?;
    Ok(())
}

/// Joins an event with those of its organization that are of the same meeting.
/// An event that has a parent keeps it.
///
/// # Errors
/// The database fails.
pub(crate) fn join_in(connection: &Connection, id: EventId) -> Result<(), CrmError> {
    let Some(placed) = placed_in(connection, id)? else { return Ok(()) };
    match placed.event.values.kind() {
        EventKind::Exception => tie_occurrences(connection, placed.event.values.recurring_event_id),
        EventKind::Single | EventKind::Series => join_meeting(connection, &placed),
    }
}

fn join_meeting(connection: &Connection, placed: &Placed) -> Result<(), CrmError> {
    let id = placed.event.id;
    let mates = mates_of(connection, placed)?;
    let organizes = is_organizer(&placed.event.values, &placed.owner);
    let parent = if organizes { Some(id) } else { mates.iter().find(|mate| mate.organizes).map(|mate| mate.id) };
    let Some(parent) = parent else { return Ok(()) };
    let guests = mates.iter().filter(|mate| !mate.organizes).map(|mate| mate.id);
    let Some(parent) = placed_in(connection, parent)? else { return Ok(()) };
    for guest in guests.chain((!organizes).then_some(id)) {
        let invited = placed_in(connection, guest)?.and_then(|copy| status_of(&parent.event.values, &copy.owner));
        if invited.is_some() {
            tie(connection, guest, parent.event.id)?;
            tie_occurrences(connection, Some(guest))?;
        }
    }
    Ok(())
}

/// Makes an event that was joined with a parent, and its exceptions, copies of
/// nothing again.
pub(super) fn loosen(connection: &Connection, guest: EventId) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE calendar_event SET parent_event_id = NULL
             WHERE (id = ?1 OR recurring_event_id = ?1) AND is_guest_copy = 0",
        )?
        .execute([guest])?;
    Ok(())
}

/// Makes an event the copy of another one, unless it is one already.
pub(super) fn tie(connection: &Connection, guest: EventId, parent: EventId) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE calendar_event SET parent_event_id = ?2 WHERE id = ?1 AND parent_event_id IS NULL")?
        .execute([guest, parent])?;
    Ok(())
}

/// Ties the exceptions of a series to those of its parent, or those of its
/// copies to its own, by the occurrences that they stand for.
fn tie_occurrences(connection: &Connection, series: Option<EventId>) -> Result<(), CrmError> {
    connection
        .prepare_cached(
            "UPDATE calendar_event AS copy SET parent_event_id = (
                SELECT exception.id FROM calendar_event AS exception
                JOIN calendar_event AS copied_series ON copied_series.id = copy.recurring_event_id
                WHERE exception.recurring_event_id = copied_series.parent_event_id
                  AND exception.original_start_at = copy.original_start_at)
             WHERE copy.parent_event_id IS NULL AND copy.recurring_event_id IN (
                SELECT id FROM calendar_event WHERE (id = ?1 OR parent_event_id = ?1) AND recurring_event_id IS NULL)",
        )?
        .execute([series])?;
    Ok(())
}

struct Mate {
    id: EventId,
    organizes: bool,
}

/// The events of the same meeting in other calendars of the organization, the
/// oldest first.
fn mates_of(connection: &Connection, placed: &Placed) -> Result<Vec<Mate>, CrmError> {
    let ties = ties_in(connection, placed.event.id)?.unwrap_or_default();
    let mates = connection
        .prepare_cached(
            "SELECT event.id, event.is_organizer FROM calendar_event AS event
             JOIN calendar ON calendar.id = event.calendar_id
             JOIN user ON user.id = calendar.user_id
             WHERE (event.uid = ?1 OR event.meeting_uid = ?2) AND event.recurring_event_id IS NULL
               AND event.calendar_id <> ?3 AND calendar.organization_id = ?4
               AND coalesce(event.organizer_email, user.email) = ?5 COLLATE NOCASE
             ORDER BY event.id",
        )?
        .query_map(
            params![
                placed.event.values.uid,
                ties.meeting_uid,
                placed.calendar,
                placed.owner.organization_id,
                organizer_address(&placed.event.values, &placed.owner),
            ],
            |row| Ok(Mate { id: row.get(0)?, organizes: row.get(1)? }),
        )?
        .collect::<Result<_, _>>()?;
    Ok(mates)
}

/// An event with its place; none where there is no such event.
pub(super) fn placed_in(connection: &Connection, id: EventId) -> Result<Option<Placed>, CrmError> {
    let calendar: Option<CalendarId> = connection
        .prepare_cached("SELECT calendar_id FROM calendar_event WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    let Some(calendar) = calendar else { return Ok(None) };
    let Some(event) = event_in(connection, calendar, id)? else { return Ok(None) };
    let owner = user_in(connection, event.owner)?;
    Ok(Some(Placed { event, calendar, owner }))
}

/// The copies of an event, in the order in which they came.
pub(super) fn copies_of(connection: &Connection, parent: EventId) -> Result<Vec<Placed>, CrmError> {
    let ids: Vec<EventId> = connection
        .prepare_cached("SELECT id FROM calendar_event WHERE parent_event_id = ?1 ORDER BY id")?
        .query_map([parent], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    ids.into_iter().filter_map(|id| placed_in(connection, id).transpose()).collect()
}

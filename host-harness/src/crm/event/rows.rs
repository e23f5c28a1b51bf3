//! Events as they stand in their tables.
//!
//! Nothing is checked here; see [`super::write`].

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Params, Row, params};

use super::record::{Attendee, CalendarEvent, EventValues, EventVersion};
use crate::crm::CrmError;
use crate::crm::ids::{CalendarId, EventId};
use crate::crm::stored::Millis;

/// Every column of an event, in the order of [`event_from_row`]; a condition
/// follows. The number of the last journal entry is the version.
const EVENT_QUERY: &str = "SELECT event.id, sequence, is_organizer, user_id, title, description, start_at, end_at,
        time_zone, all_day, organizer_email, reminder_minutes, recurrence, recurring_event_id, original_start_at,
        cancelled, uid
    FROM calendar_event AS event
    JOIN calendar ON calendar.id = event.calendar_id
    JOIN calendar_event_journal AS journal ON journal.event_id = event.id";

/// The events that meet a condition, which may be followed by an order.
pub(super) fn events_where(
    connection: &Connection,
    condition: &str,
    parameters: impl Params,
) -> Result<Vec<CalendarEvent>, CrmError> {
    let mut statement = connection.prepare_cached(&format!("{EVENT_QUERY} WHERE {condition}"))?;
    let mut rows = statement.query(parameters)?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(event_from_row(connection, row)?);
    }
    Ok(events)
}

/// The event of a calendar, within a transaction.
pub(crate) fn event_in(
    connection: &Connection,
    calendar: CalendarId,
    id: EventId,
) -> Result<Option<CalendarEvent>, CrmError> {
    Ok(events_where(connection, "event.id = ?1 AND event.calendar_id = ?2", params![id, calendar])?.pop())
}

/// The event of a calendar with this uid that is not an exception.
pub(crate) fn event_id_of_uid_in(
    connection: &Connection,
    calendar: CalendarId,
    uid: &str,
) -> rusqlite::Result<Option<EventId>> {
    connection
        .prepare_cached(
            "SELECT id FROM calendar_event WHERE calendar_id = ?1 AND uid = ?2 AND recurring_event_id IS NULL",
        )?
        .query_row(params![calendar, uid], |row| row.get(0))
        .optional()
}

/// Adds a row and its guests.
pub(super) fn insert_row(
    connection: &Connection,
    calendar: CalendarId,
    values: &EventValues,
    is_organizer: bool,
) -> Result<EventId, CrmError> {
    connection
        .prepare_cached(
            "INSERT INTO calendar_event (calendar_id, uid, title, description, start_at, end_at, time_zone,
                all_day, organizer_email, is_organizer, reminder_minutes, recurrence, recurring_event_id,
                original_start_at, cancelled)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?
        .execute(params![
            calendar,
            values.uid,
            values.title,
            values.description,
            Millis(values.start),
            Millis(values.end),
            values.time_zone,
            values.all_day,
            values.organizer_email,
            is_organizer,
            values.reminder_minutes,
            rule_text(values)?,
            values.recurring_event_id,
            values.original_start.map(Millis),
            values.cancelled,
        ])?;
    let id = EventId::from_number(connection.last_insert_rowid());
    write_attendees(connection, id, &values.attendees)?;
    Ok(id)
}

/// Replaces what can change in a row, and its guests where they did.
pub(super) fn update_row(
    connection: &Connection,
    stored: &CalendarEvent,
    values: &EventValues,
    is_organizer: bool,
) -> Result<(), CrmError> {
    connection
        .prepare_cached(
            "UPDATE calendar_event SET title = ?2, description = ?3, start_at = ?4, end_at = ?5, time_zone = ?6,
                all_day = ?7, organizer_email = ?8, is_organizer = ?9, reminder_minutes = ?10, recurrence = ?11,
                cancelled = ?12
             WHERE id = ?1",
        )?
        .execute(params![
            stored.id,
            values.title,
            values.description,
            Millis(values.start),
            Millis(values.end),
            values.time_zone,
            values.all_day,
            values.organizer_email,
            is_organizer,
            values.reminder_minutes,
            rule_text(values)?,
            values.cancelled,
        ])?;
    if stored.values.attendees != values.attendees {
        connection.prepare_cached("DELETE FROM attendee WHERE event_id = ?1")?.execute([stored.id])?;
        write_attendees(connection, stored.id, &values.attendees)?;
    }
    Ok(())
}

/// Removes a row with its guests.
pub(super) fn delete_row(connection: &Connection, id: EventId) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM calendar_event WHERE id = ?1")?.execute([id])?;
    Ok(())
}

/// The exceptions of a series.
pub(crate) fn exceptions_of(connection: &Connection, series: EventId) -> rusqlite::Result<Vec<EventId>> {
    connection
        .prepare_cached("SELECT id FROM calendar_event WHERE recurring_event_id = ?1 ORDER BY id")?
        .query_map([series], |row| row.get(0))?
        .collect()
}

/// Whether a series has an exception for this occurrence.
pub(super) fn exception_exists(
    connection: &Connection,
    series: EventId,
    original_start: Option<DateTime<Utc>>,
) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM calendar_event WHERE recurring_event_id = ?1 AND original_start_at = ?2)",
        params![series, original_start.map(Millis)],
        |row| row.get(0),
    )
}

fn rule_text(values: &EventValues) -> Result<Option<String>, CrmError> {
    values
        .recurrence
        .as_ref()
        .map(|rule| serde_json::to_string(rule).map_err(|_| CrmError::Damaged { what: "recurrence" }))
        .transpose()
}

fn write_attendees(connection: &Connection, id: EventId, attendees: &[Attendee]) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO attendee (event_id, position, email, display_name, status, type) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (position, attendee) in (0_i64..).zip(attendees) {
        statement.execute(params![
            id,
            position,
            attendee.email,
            attendee.display_name,
            attendee.status,
            attendee.kind
        ])?;
    }
    Ok(())
}

fn attendees_of(connection: &Connection, id: EventId) -> rusqlite::Result<Vec<Attendee>> {
    connection
        .prepare_cached("SELECT email, display_name, status, type FROM attendee WHERE event_id = ?1 ORDER BY position")?
        .query_map([id], |row| {
            Ok(Attendee { email: row.get(0)?, display_name: row.get(1)?, status: row.get(2)?, kind: row.get(3)? })
        })?
        .collect()
}

/// Reads a row of [`EVENT_QUERY`].
fn event_from_row(connection: &Connection, row: &Row<'_>) -> Result<CalendarEvent, CrmError> {
    let id: EventId = row.get(0)?;
    let rule: Option<String> = row.get(12)?;
    let recurrence = rule
        .map(|text| serde_json::from_str(&text).map_err(|_| CrmError::Damaged { what: "recurrence" }))
        .transpose()?;
    let values = EventValues {
        title: row.get(4)?,
        description: row.get(5)?,
        start: row.get::<_, Millis>(6)?.0,
        end: row.get::<_, Millis>(7)?.0,
        time_zone: row.get(8)?,
        all_day: row.get(9)?,
        attendees: attendees_of(connection, id)?,
        organizer_email: row.get(10)?,
        reminder_minutes: row.get(11)?,
        recurrence,
        recurring_event_id: row.get(13)?,
        original_start: row.get::<_, Option<Millis>>(14)?.map(|instant| instant.0),
        cancelled: row.get(15)?,
        uid: row.get(16)?,
    };
    let version = EventVersion::of_sequence(row.get(1)?);
    Ok(CalendarEvent { id, version, is_organizer: row.get(2)?, owner: row.get(3)?, values })
}

//! The copies of a meeting in the calendars of its guests, as the CRM makes
//! them while that is its duty (Oro row C5).
//!
//! A copy has the uid and the shared fields of its parent, and follows its
//! changes; the guest's reminder and answer stay the guest's. A series is
//! copied with its exceptions. Who is invited to a single occurrence alone gets
//! an event of its own, for a calendar can hold a uid once. A guest who has
//! declined and removed the copy gets no other one, until the organiser's list
//! says something else about them. Nothing here asks whose duty it is:
//! [`super::people`] does.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::guests::{guest_users_in, organizer_address, own_status, status_of, with_own_status};
use super::ties::{Placed, Ties, copies_of, loosen, placed_in, tie, ties_in};
use crate::crm::Crm;
use crate::crm::event::rows::{event_id_of_uid_in, event_in, exceptions_of};
use crate::crm::event::write::WriteError;
use crate::crm::event::{AttendeeStatus, CalendarEvent, EventKind, EventValues, Series};
use crate::crm::ids::{CalendarId, EventId, UserId};
use crate::crm::stored::Millis;
use crate::crm::users::{User, default_calendar_in};

impl Crm {
    /// Brings the copies of an event that `organizer` organises into the shape
    /// of the event, those of a series with its exceptions.
    pub(super) fn follow_in(
        &self,
        connection: &Connection,
        organizer: &User,
        parent: &CalendarEvent,
    ) -> Result<(), WriteError> {
        match parent.values.kind() {
            EventKind::Exception => self.follow_exception(connection, organizer, parent),
            EventKind::Single => self.follow_whole(connection, organizer, parent),
            EventKind::Series => {
                self.follow_whole(connection, organizer, parent)?;
                for placed in exceptions_of(connection, parent.id)?.into_iter().map(|id| placed_in(connection, id)) {
                    if let Some(exception) = placed? {
                        self.follow_exception(connection, organizer, &exception.event)?;
                    }
                }
                Ok(())
            }
        }
    }

    /// Removes the copies that the CRM has made of an event that is going away.
    pub(crate) fn remove_copies_in(&self, connection: &Connection, parent: EventId) -> Result<(), WriteError> {
        let made: Vec<(CalendarId, EventId)> = connection
            .prepare_cached(
                "SELECT calendar_id, id FROM calendar_event WHERE parent_event_id = ?1 AND is_guest_copy = 1",
            )?
            .query_map([parent], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        made.into_iter().try_for_each(|(calendar, id)| self.remove_with_exceptions(connection, calendar, id))
    }

    /// Removes every copy of an event and of its exceptions, whoever made it.
    pub(super) fn remove_every_copy_in(&self, connection: &Connection, parent: EventId) -> Result<(), WriteError> {
        for id in exceptions_of(connection, parent)?.into_iter().chain([parent]) {
            for copy in copies_of(connection, id)? {
                self.remove_with_exceptions(connection, copy.calendar, copy.event.id)?;
            }
        }
        Ok(())
    }

    /// Removes the copies that the CRM has made for guests whose own
    /// synchronization has brought the meeting since: that one is their copy (Oro
    /// row C7). `noted` is the meeting, or a copy of it.
    pub(crate) fn remove_superseded_copies_in(
        &self,
        connection: &Connection,
        noted: EventId,
    ) -> Result<(), WriteError> {
        let parent = ties_in(connection, noted)?.and_then(|ties| ties.parent).unwrap_or(noted);
        let superseded: Vec<(CalendarId, EventId)> = connection
            .prepare_cached(
                "SELECT made.calendar_id, made.id FROM calendar_event AS made
                 WHERE made.parent_event_id = ?1 AND made.is_guest_copy = 1 AND EXISTS (
                    SELECT 1 FROM calendar_event AS brought
                    WHERE brought.parent_event_id = ?1 AND brought.is_guest_copy = 0
                      AND brought.calendar_id = made.calendar_id)",
            )?
            .query_map([parent], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        superseded.into_iter().try_for_each(|(calendar, id)| self.remove_with_exceptions(connection, calendar, id))
    }

    /// What becomes of a copy that the parent concerns no more: what the CRM has
    /// made goes; what the guest's own synchronization has brought is loosened,
    /// for that takes it away again, or knows better.
    fn let_go(&self, connection: &Connection, copy: &Placed) -> Result<(), WriteError> {
        match ties_in(connection, copy.event.id)? {
            Some(Ties { is_guest_copy: true, .. }) => {
                self.remove_with_exceptions(connection, copy.calendar, copy.event.id)
            }
            Some(Ties { is_guest_copy: false, .. }) => Ok(loosen(connection, copy.event.id)?),
            None => Ok(()),
        }
    }

    /// The copies of a single event, or of the rule of a series.
    fn follow_whole(
        &self,
        connection: &Connection,
        organizer: &User,
        parent: &CalendarEvent,
    ) -> Result<(), WriteError> {
        let mut left = by_owner(copies_of(connection, parent.id)?);
        for (guest, status) in others_in(connection, parent, organizer)? {
            match left.remove(&guest.id) {
                Some(copy) => {
                    let values = copied(parent, organizer, &guest, Some(&copy.event.values));
                    self.update_event_in(connection, copy.calendar, &guest, copy.event, values)?;
                }
                None if status == AttendeeStatus::Declined => {}
                None => self.copy_whole(connection, organizer, parent, &guest)?,
            }
        }
        left.into_values().try_for_each(|copy| self.let_go(connection, &copy))
    }

    fn copy_whole(
        &self,
        connection: &Connection,
        organizer: &User,
        parent: &CalendarEvent,
        guest: &User,
    ) -> Result<(), WriteError> {
        let calendar = default_calendar_in(connection, guest)?;
        if event_id_of_uid_in(connection, calendar, &parent.values.uid)?.is_some() {
            // Somebody else's event with the uid, or the guest's own: it was not
            // joined, and a calendar holds a uid once.
            return Ok(());
        }
        let values = copied(parent, organizer, guest, None);
        let copy = self.insert_event_in(connection, calendar, guest, values)?;
        mark_as_made(connection, copy.id, parent.id)
    }

    /// The copies of one occurrence that differs from its series.
    fn follow_exception(
        &self,
        connection: &Connection,
        organizer: &User,
        parent: &CalendarEvent,
    ) -> Result<(), WriteError> {
        let Some(series_id) = parent.values.recurring_event_id else { return Ok(()) };
        let Some(series) = placed_in(connection, series_id)? else { return Ok(()) };
        let mut left = by_owner(copies_of(connection, parent.id)?);
        for series_copy in copies_of(connection, series_id)? {
            let tied = left.remove(&series_copy.owner.id);
            self.follow_occurrence(connection, organizer, parent, &series_copy, tied)?;
        }
        for (guest, status) in others_in(connection, parent, organizer)? {
            let invited_here_alone = status_of(&series.event.values, &guest).is_none() && !parent.values.cancelled;
            match left.remove(&guest.id) {
                Some(copy) if invited_here_alone => {
                    let values =
                        lone(copied(parent, organizer, &guest, Some(&copy.event.values)), &copy.event.values.uid);
                    self.update_event_in(connection, copy.calendar, &guest, copy.event, values)?;
                }
                Some(copy) => self.let_go(connection, &copy)?,
                None if invited_here_alone
                    && status != AttendeeStatus::Declined
                    && !has_series(connection, &guest, &series.event)? =>
                {
                    let calendar = default_calendar_in(connection, &guest)?;
                    let values = lone(copied(parent, organizer, &guest, None), "");
                    let copy = self.insert_event_in(connection, calendar, &guest, values)?;
                    mark_as_made(connection, copy.id, parent.id)?;
                }
                None => {}
            }
        }
        left.into_values().try_for_each(|copy| self.let_go(connection, &copy))
    }

    /// One occurrence in a copy of its series. For whom it does not concern any
    /// more it does not take place.
    fn follow_occurrence(
        &self,
        connection: &Connection,
        organizer: &User,
        parent: &CalendarEvent,
        series_copy: &Placed,
        tied: Option<Placed>,
    ) -> Result<(), WriteError> {
        let (guest, calendar) = (&series_copy.owner, series_copy.calendar);
        let occurrence = match tied {
            Some(copy) if copy.event.values.recurring_event_id == Some(series_copy.event.id) => Some(copy.event),
            Some(alone) => {
                self.let_go(connection, &alone)?;
                None
            }
            None => occurrence_in(connection, series_copy, &parent.values)?,
        };
        if occurrence.is_none() && !has_occurrence(&series_copy.event.values, &parent.values)? {
            // A joined copy whose rule is not, or not yet, that of the parent.
            return Ok(());
        }
        let kept = occurrence.as_ref().map(|event| &event.values);
        let mut values = copied(parent, organizer, guest, kept.or(Some(&series_copy.event.values)));
        let status = status_of(&parent.values, guest);
        let removed_by_guest = kept.is_some_and(|kept| kept.cancelled) && status == Some(AttendeeStatus::Declined);
        values.recurring_event_id = Some(series_copy.event.id);
        values.uid.clone_from(&series_copy.event.values.uid);
        values.cancelled = parent.values.cancelled || removed_by_guest || status.is_none();
        let stored = if let Some(event) = occurrence {
            self.update_event_in(connection, calendar, guest, event, values)?
        } else {
            let made = self.insert_event_in(connection, calendar, guest, values)?;
            mark_as_made(connection, made.id, parent.id)?;
            made
        };
        Ok(tie(connection, stored.id, parent.id)?)
    }
}

/// The values of a copy; `kept` is the guest's event as it was, whose reminder,
/// answer and identity stay.
fn copied(parent: &CalendarEvent, organizer: &User, guest: &User, kept: Option<&EventValues>) -> EventValues {
    let organizer_email = kept
        .and_then(|kept| kept.organizer_email.clone())
        .unwrap_or_else(|| organizer_address(&parent.values, organizer).to_owned());
    let values = EventValues {
        organizer_email: Some(organizer_email),
        reminder_minutes: kept.and_then(|kept| kept.reminder_minutes),
        uid: kept.map_or_else(|| parent.values.uid.clone(), |kept| kept.uid.clone()),
        ..parent.values.clone()
    };
    match kept.and_then(|kept| own_status(kept, guest)) {
        Some(status) => with_own_status(values, guest, status),
        None => values,
    }
}

/// An occurrence as an event that belongs to no series. An empty uid is filled
/// in.
fn lone(values: EventValues, uid: &str) -> EventValues {
    EventValues { recurring_event_id: None, original_start: None, cancelled: false, uid: uid.to_owned(), ..values }
}

/// The guests who are users of the organization, without the organiser.
fn others_in(
    connection: &Connection,
    parent: &CalendarEvent,
    organizer: &User,
) -> rusqlite::Result<Vec<(User, AttendeeStatus)>> {
    let guests = guest_users_in(connection, &parent.values.attendees, organizer)?;
    Ok(guests.into_iter().filter(|(user, _)| user.id != organizer.id).collect())
}

fn by_owner(copies: Vec<Placed>) -> BTreeMap<UserId, Placed> {
    copies.into_iter().map(|copy| (copy.owner.id, copy)).collect()
}

/// Whether the guest's calendar has an event with the uid of a series, joined
/// or not: the occurrence is then part of that.
fn has_series(connection: &Connection, guest: &User, series: &CalendarEvent) -> Result<bool, WriteError> {
    let calendar = default_calendar_in(connection, guest)?;
    Ok(event_id_of_uid_in(connection, calendar, &series.values.uid)?.is_some())
}

/// Whether a copy of a series has an occurrence where this one is.
fn has_occurrence(series_copy: &EventValues, occurrence: &EventValues) -> Result<bool, WriteError> {
    let series = Series::of(series_copy)?;
    Ok(series.zip(occurrence.original_start).and_then(|(series, original)| series.day_of(original)).is_some())
}

/// What stands in a copy of a series for the same occurrence.
fn occurrence_in(
    connection: &Connection,
    series_copy: &Placed,
    occurrence: &EventValues,
) -> Result<Option<CalendarEvent>, WriteError> {
    let id: Option<EventId> = connection
        .prepare_cached("SELECT id FROM calendar_event WHERE recurring_event_id = ?1 AND original_start_at = ?2")?
        .query_row(params![series_copy.event.id, occurrence.original_start.map(Millis)], |row| row.get(0))
        .optional()?;
    Ok(id.map(|id| event_in(connection, series_copy.calendar, id)).transpose()?.flatten())
}

fn mark_as_made(connection: &Connection, copy: EventId, parent: EventId) -> Result<(), WriteError> {
    connection
        .prepare_cached(
            "UPDATE calendar_event SET parent_event_id = ?2, is_guest_copy = 1,
                meeting_uid = (SELECT meeting_uid FROM calendar_event WHERE id = ?2)
             WHERE id = ?1",
        )?
        .execute([copy, parent])?;
    Ok(())
}

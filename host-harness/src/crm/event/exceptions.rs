//! What becomes of the exceptions of a series when the series, or the whole set
//! of them, is written (Oro row C4).
//!
//! A series that is moved or gets another rule loses them: they name occurrences
//! that are no more. Any other field of the series goes on to those that had the
//! same value as the series. Runs within the caller's transaction.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rusqlite::Connection;

use super::fields::{EventFields, OccurrenceException, OccurrenceFields, OccurrenceState, OriginalStart};
use super::journal;
use super::record::{Attendee, AttendeeType, CalendarEvent, EventValues};
use super::rows::{delete_row, event_in, exceptions_of};
use super::series::{Series, start_of};
use super::validate::{FieldGroup, Refused};
use super::whole::exceptions_in;
use super::write::WriteError;
use crate::crm::Crm;
use crate::crm::error::InvalidValue;
use crate::crm::ids::{CalendarId, EventId};
use crate::crm::users::User;

/// Whether a write of a series makes its exceptions meaningless.
pub(super) fn are_dropped_by(old: &EventValues, new: &EventValues) -> bool {
    (&old.recurrence, old.start, old.end, old.all_day) != (&new.recurrence, new.start, new.end, new.all_day)
}

impl Crm {
    /// Removes every exception of a series; they leave no tombstones, because
    /// they are part of the series.
    pub(super) fn remove_exceptions(&self, connection: &Connection, series: EventId) -> Result<(), WriteError> {
        exceptions_of(connection, series)?.into_iter().try_for_each(|id| self.remove_exception(connection, id))
    }

    /// Removes an event with all that belongs to it. A series that loses an
    /// exception this way changes.
    pub(crate) fn remove_with_exceptions(
        &self,
        connection: &Connection,
        calendar: CalendarId,
        id: EventId,
    ) -> Result<(), WriteError> {
        let series = event_in(connection, calendar, id)?.and_then(|event| event.values.recurring_event_id);
        let Some(series) = series else {
            self.remove_exceptions(connection, id)?;
            return self.remove(connection, calendar, id);
        };
        self.remove_exception(connection, id)?;
        journal::append(connection, calendar, series, journal::JournalKind::Upserted, self.now())?;
        Ok(())
    }

    /// Removes an exception and what the CRM has copied of it: nobody else would
    /// take it out of the calendars of those who were invited to this day alone.
    fn remove_exception(&self, connection: &Connection, id: EventId) -> Result<(), WriteError> {
        self.remove_copies_in(connection, id)?;
        delete_row(connection, id)?;
        journal::forget(connection, id)?;
        Ok(())
    }

    /// Gives the exceptions of a series the fields in which the series changed,
    /// where they had the series' value.
    pub(super) fn let_exceptions_follow(
        &self,
        connection: &Connection,
        calendar: CalendarId,
        owner: &User,
        old: &CalendarEvent,
        new: &EventValues,
    ) -> Result<(), WriteError> {
        for exception in exceptions_in(connection, calendar, old.id)? {
            let values = following(exception.values.clone(), &old.values, new);
            self.update_event_in(connection, calendar, owner, exception, values)?;
        }
        Ok(())
    }

    /// Makes `wanted` the set of all exceptions of an event. What is there for
    /// the same occurrence is changed, so that it keeps its identifier.
    pub(super) fn replace_exceptions(
        &self,
        connection: &Connection,
        calendar: CalendarId,
        owner: &User,
        event: &CalendarEvent,
        wanted: Vec<OccurrenceException>,
    ) -> Result<(), WriteError> {
        let Some(series) = Series::of(&event.values)? else {
            return if wanted.is_empty() { Ok(()) } else { Err(refused("absent where nothing repeats").into()) };
        };
        let mut wanted = by_day(&series, wanted)?;
        let mut is_changed = false;
        for exception in exceptions_in(connection, calendar, event.id)? {
            let day = exception.values.original_start.and_then(|original| series.day_of(original));
            let Some((day, state)) = day.and_then(|day| wanted.remove_entry(&day)) else {
                self.remove_exception(connection, exception.id)?;
                is_changed = true;
                continue;
            };
            let values = match state {
                OccurrenceState::Cancelled => EventValues { cancelled: true, ..exception.values.clone() },
                OccurrenceState::Changed(fields) => {
                    changed(&series, &event.values, day, fields, owner, Some(&exception.values))?
                }
            };
            self.update_event_in(connection, calendar, owner, exception, values).map_err(of_exception)?;
        }
        for (day, state) in wanted {
            let values = match state {
                OccurrenceState::Cancelled => {
                    EventValues { cancelled: true, ..occurrence(&series, &event.values, day) }
                }
                OccurrenceState::Changed(fields) => changed(&series, &event.values, day, fields, owner, None)?,
            };
            let values = EventValues { recurring_event_id: Some(event.id), ..values };
            self.insert_event_in(connection, calendar, owner, values).map_err(of_exception)?;
        }
        if is_changed {
            journal::append(connection, calendar, event.id, journal::JournalKind::Upserted, self.now())?;
        }
        Ok(())
    }
}

/// An exception's values after the series changed from `old` to `new`.
fn following(mut values: EventValues, old: &EventValues, new: &EventValues) -> EventValues {
    if values.title == old.title {
        values.title.clone_from(&new.title);
    }
    if values.description == old.description {
        values.description.clone_from(&new.description);
    }
    values.attendees = guests_following(values.attendees, &old.attendees, &new.attendees);
    if values.organizer_email.is_none() || values.organizer_email == old.organizer_email {
        values.organizer_email.clone_from(&new.organizer_email);
    }
    if values.reminder_minutes == old.reminder_minutes {
        values.reminder_minutes = new.reminder_minutes;
    }
    values
}

/// The guests of an exception after those of its series changed: the new ones
/// where it had the same people, whatever they have answered. An answer that was
/// given for this day stays.
fn guests_following(own: Vec<Attendee>, old: &[Attendee], new: &[Attendee]) -> Vec<Attendee> {
    let people = |guests: &[Attendee]| guests.iter().map(person).collect::<BTreeSet<_>>();
    if people(&own) != people(old) {
        return own;
    }
    let answers = |guests: &[Attendee]| guests.iter().map(|guest| (person(guest).0, guest.status)).collect();
    let (given, known): (BTreeMap<_, _>, BTreeMap<_, _>) = (answers(&own), answers(old));
    let with_answer = |guest: &Attendee| {
        let (name, _) = person(guest);
        let status = match (given.get(&name), known.get(&name)) {
            (Some(given), Some(known)) if given != known => *given,
            (Some(_) | None, Some(_) | None) => guest.status,
        };
        Attendee { status, ..guest.clone() }
    };
    new.iter().map(with_answer).collect()
}

/// Who a guest is, by the address or, without one, by the name; and the part.
fn person(guest: &Attendee) -> ((bool, String), AttendeeType) {
    let address = guest.email.as_ref().map(|address| address.to_lowercase());
    let has_address = address.is_some();
    ((has_address, address.or_else(|| guest.display_name.clone()).unwrap_or_default()), guest.kind)
}

/// What is wanted, by the day on which the rule has the occurrence.
fn by_day(
    series: &Series,
    wanted: Vec<OccurrenceException>,
) -> Result<BTreeMap<NaiveDate, OccurrenceState>, WriteError> {
    let mut days = BTreeMap::new();
    for OccurrenceException { original_start, state } in wanted {
        let day = match original_start {
            OriginalStart::At(at) => series.day_of(at),
            OriginalStart::On(day) => Some(day).filter(|day| series.falls_on(*day)),
        };
        let day = day.ok_or_else(|| refused("of occurrences of the series"))?;
        if days.insert(day, state).is_some() {
            return Err(refused("of each occurrence once").into());
        }
    }
    Ok(days)
}

/// An occurrence as the rule has it, as an event of its own.
pub(crate) fn occurrence(series: &Series, values: &EventValues, day: NaiveDate) -> EventValues {
    let time = series.time_of(day);
    let mut occurrence =
        EventValues { recurrence: None, original_start: Some(start_of(&time)), cancelled: false, ..values.clone() };
    occurrence.set_time(&time);
    occurrence
}

/// An occurrence with `fields` over the series' values; `stored` is what is
/// there for it, whose identity stays.
fn changed(
    series: &Series,
    values: &EventValues,
    day: NaiveDate,
    fields: OccurrenceFields,
    owner: &User,
    stored: Option<&EventValues>,
) -> Result<EventValues, WriteError> {
    let mut base = occurrence(series, values, day);
    if let Some(stored) = stored {
        base.recurring_event_id = stored.recurring_event_id;
        base.original_start = stored.original_start;
        // An organiser who is known stays; one who is found out is the series'.
        base.organizer_email = stored.organizer_email.clone().or(base.organizer_email);
        if fields.guests.is_some() {
            // Guests by name alone are kept from these.
            base.attendees.clone_from(&stored.attendees);
        }
        if series.time_of(day) == stored.time() {
            // Equal days may stand there as other instants: those stay.
            (base.start, base.end) = (stored.start, stored.end);
        }
    }
    Ok(EventFields::from(fields).over(base, owner)?)
}

/// A value of an exception that is not acceptable: its group is the exceptions.
fn of_exception(error: WriteError) -> WriteError {
    error.map(|refused| Refused { group: FieldGroup::Exceptions, ..refused })
}

fn refused(expected: &str) -> Refused {
    Refused {
        group: FieldGroup::Exceptions,
        value: InvalidValue {
            field: "exceptions",
            code: "invalid-exceptions",
            expected: expected.to_owned(),
            found: "others".to_owned(),
            hint: "name occurrences by the start that the rule gives them",
        },
    }
}

#[cfg(test)]
mod tests;

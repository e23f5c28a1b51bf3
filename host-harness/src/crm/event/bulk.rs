//! Adding many events at once, as an import does: one transaction, what is
//! there already stays, and one that is refused does not stop the others. A
//! series comes with its exceptions.

use chrono::{DateTime, Utc};
use rusqlite::{Savepoint, Transaction};

use super::UID_LENGTH_MAX;
use super::all_day::EventTime;
use super::record::{Attendee, CalendarEvent, EventValues};
use super::recurrence::Recurrence;
use super::rows::event_id_of_uid_in;
use super::validate::Refused;
use crate::crm::error::InvalidValue;
use crate::crm::ids::{CalendarId, EventId, UserId};
use crate::crm::random::uuid_of_text;
use crate::crm::refusal::or_taken_back;
use crate::crm::users::{User, user_and_calendar_in};
use crate::crm::{Crm, CrmError};

/// An event to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// Its iCalendar UID of any length, where it has one.
    pub uid: Option<String>,
    /// The title.
    pub title: String,
    /// The description, HTML.
    pub description: Option<String>,
    /// When it takes place.
    pub time: EventTime,
    /// The guests.
    pub attendees: Vec<Attendee>,
    /// The organiser's address; none stands for the owner of the calendar.
    pub organizer_email: Option<String>,
    /// Minutes between the reminder and the start.
    pub reminder_minutes: Option<u32>,
    /// The rule of a series.
    pub recurrence: Option<Recurrence>,
    /// The occurrences of a series that differ from it.
    pub exceptions: Vec<NewException>,
}

/// An exception of a series to add (Oro row C4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewException {
    /// When the occurrence would take place according to the series.
    pub original_start: DateTime<Utc>,
    /// Whether it does not take place.
    pub cancelled: bool,
    /// What it says. Its uid is that of the series, whatever stands here.
    pub event: NewEvent,
}

/// What became of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added {
    /// It was created.
    Created {
        /// Its identifier.
        id: EventId,
        /// Exceptions that were not added, by their place in the list, and the
        /// values that were not acceptable.
        refused: Vec<(usize, InvalidValue)>,
    },
    /// The calendar has an event with its uid, which stays as it is.
    Duplicate(EventId),
    /// A value is not acceptable.
    Refused(InvalidValue),
}

impl Crm {
    /// Adds events to the default calendar of `owner`, and answers for each in
    /// their order.
    ///
    /// # Errors
    /// No such owner, or the database fails: then none was added.
    pub fn add_events(&self, owner: UserId, events: Vec<NewEvent>) -> Result<Vec<Added>, CrmError> {
        self.write(|transaction| {
            let (owner, calendar) = user_and_calendar_in(transaction, owner)?;
            events.into_iter().map(|event| self.add_one(transaction, calendar, &owner, event)).collect()
        })
    }

    fn add_one(
        &self,
        transaction: &mut Transaction<'_>,
        calendar: CalendarId,
        owner: &User,
        event: NewEvent,
    ) -> Result<Added, CrmError> {
        let added = or_taken_back(transaction.savepoint()?, |savepoint| {
            let exceptions = event.exceptions.clone();
            let values = values_of(event, owner);
            if let Some(id) = event_id_of_uid_in(savepoint, calendar, &values.uid)? {
                return Ok(Added::Duplicate(id));
            }
            let event = self.insert_event_in(savepoint, calendar, owner, values)?;
            let refused = self.add_exceptions(savepoint, calendar, owner, &event, exceptions)?;
            Ok(Added::Created { id: event.id, refused })
        })?;
        Ok(added.unwrap_or_else(|refused: Refused| Added::Refused(refused.value)))
    }

    /// Adds the exceptions of a series, and answers with those that were
    /// refused.
    fn add_exceptions(
        &self,
        transaction: &mut Savepoint<'_>,
        calendar: CalendarId,
        owner: &User,
        series: &CalendarEvent,
        exceptions: Vec<NewException>,
    ) -> Result<Vec<(usize, InvalidValue)>, CrmError> {
        let mut refused = Vec::new();
        for (place, exception) in exceptions.into_iter().enumerate() {
            let values = EventValues {
                uid: series.values.uid.clone(),
                recurring_event_id: Some(series.id),
                original_start: Some(exception.original_start),
                cancelled: exception.cancelled,
                ..values_of(exception.event, owner)
            };
            let added = or_taken_back(transaction.savepoint()?, |savepoint| {
                self.insert_event_in(savepoint, calendar, owner, values)
            })?;
            refused.extend(added.err().map(|refused| (place, refused.value)));
        }
        Ok(refused)
    }
}

fn values_of(event: NewEvent, owner: &User) -> EventValues {
    let mut values = EventValues {
        title: event.title,
        description: event.description.filter(|text| !text.is_empty()),
        attendees: event.attendees,
        organizer_email: event.organizer_email,
        reminder_minutes: event.reminder_minutes,
        recurrence: event.recurrence,
        uid: event.uid.as_deref().map(short_uid).unwrap_or_default(),
        ..EventValues::blank(owner.time_zone)
    };
    values.set_time(&event.time);
    values
}

/// The uid that fits into the column: itself, or the UUID that always stands
/// for it, so that a second import finds the event again.
fn short_uid(uid: &str) -> String {
    if uid.chars().count() <= UID_LENGTH_MAX { uid.to_owned() } else { uuid_of_text(uid) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;
    use crate::crm::event::all_day::Timed;
    use crate::crm::fixtures::{crm, noon, person};

    fn event(uid: Option<&str>, title: &str, owner: &User) -> NewEvent {
        NewEvent {
            uid: uid.map(str::to_owned),
            title: title.to_owned(),
            description: None,
            time: EventTime::Timed(Timed { start: noon(), end: noon(), zone: owner.time_zone }),
            attendees: Vec::new(),
            organizer_email: None,
            reminder_minutes: None,
            recurrence: None,
            exceptions: Vec::new(),
        }
    }

    #[test]
    fn duplicates_are_known_by_their_uid_whatever_its_length() {
        let crm = crm();
        let alice = person(&crm, "alice");
        let long = "x".repeat(200);
        let events = vec![event(Some("a"), "A", &alice), event(Some(&long), "B", &alice), event(None, "C", &alice)];
        let first = crm.add_events(alice.id, events.clone()).unwrap();
        assert!(first.iter().all(|added| matches!(added, Added::Created { .. })));
        let second = crm.add_events(alice.id, events).unwrap();
        let same = |added: &Added, before: &Added| match (added, before) {
            (Added::Duplicate(now), Added::Created { id: then, .. }) => now == then,
            _ => false,
        };
        assert!(same(&second[0], &first[0]) && same(&second[1], &first[1]));
        assert!(matches!(second[2], Added::Created { .. }));
        assert_eq!(crm.events_of(alice.id).unwrap().len(), 4);
    }

    #[test]
    fn a_refused_event_does_not_stop_the_others() {
        let crm = crm();
        let alice = person(&crm, "alice");
        let events = vec![event(None, " ", &alice), event(None, "B", &alice)];
        let added = crm.add_events(alice.id, events).unwrap();
        assert!(matches!(&added[0], Added::Refused(value) if value.code == "blank-title"));
        assert!(matches!(added[1], Added::Created { .. }));
        assert_eq!(crm.events_of(alice.id).unwrap().len(), 1);
    }

    #[test]
    fn a_series_comes_with_its_exceptions_and_keeps_those_that_fit() {
        let crm = crm();
        let alice = person(&crm, "alice");
        let rule: Recurrence = serde_json::from_value(serde_json::json!({
            "type": "daily", "interval": 1, "startTime": "2026-03-01T12:00:00Z", "timeZone": "Europe/Berlin",
        }))
        .unwrap();
        let exception = |title: &str, day, cancelled| NewException {
            original_start: noon() + chrono::TimeDelta::days(day),
            cancelled,
            event: event(None, title, &alice),
        };
        let exceptions = vec![exception("Moved", 1, false), exception(" ", 2, false), exception("Off", 3, true)];
        let series = NewEvent { recurrence: Some(rule), exceptions, ..event(Some("s"), "Series", &alice) };
        let added = crm.add_events(alice.id, vec![series]).unwrap();
        let Added::Created { id, refused } = &added[0] else { panic!("expected a series, but found {added:?}") };
        assert_eq!(refused.iter().map(|(place, value)| (*place, value.code)).collect::<Vec<_>>(), [(1, "blank-title")]);
        let events = crm.events_of(alice.id).unwrap();
        let of_series = events.iter().filter(|event| event.values.recurring_event_id == Some(*id));
        let found: Vec<_> = of_series.map(|event| (event.values.cancelled, event.values.uid.as_str())).collect();
        assert_eq!((found, events.len()), (vec![(false, "s"), (true, "s")], 3));
    }
}

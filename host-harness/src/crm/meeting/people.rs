//! What a person does to an event, with all that comes of it for the guests.
//!
//! Each call is one transaction: the write itself, which is that of
//! [`crate::crm::event::store`], then the copies and the mails that the
//! [`Terms`] make the CRM's duty. What a guest does to somebody else's meeting
//! is in [`super::reply`].

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::outbox::Mailing;
use super::ties::{copies_of, placed_in};
use super::{Duties, NotifyAttendees, Ties, ties_in};
use crate::crm::error::InvalidValue;
use crate::crm::event::journal;
use crate::crm::event::rows::event_in;
use crate::crm::event::store::{not_found, series_in};
use crate::crm::event::validate::{is_organizer, unchangeable, validate_unchangeable};
use crate::crm::event::write::WriteError;
use crate::crm::event::{Announcement, CalendarEvent, Change, Deletion, EventInput, EventKind, EventValues};
use crate::crm::ids::{CalendarId, EventId, UserId};
use crate::crm::users::{User, user_and_calendar_in};
use crate::crm::{Crm, CrmError};

/// On which terms a person's write is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The CRM's duties for the owner of the calendar.
    pub duties: Duties,
    /// Those for whoever organises the event that this one is a copy of. They
    /// decide whether an answer is carried over to that event.
    pub organizer_duties: Duties,
    /// Whom the person lets the CRM write to.
    pub notify: NotifyAttendees,
}

impl Terms {
    /// The write alone: no copies and no mails.
    pub const SILENT: Self =
        Self { duties: Duties::NONE, organizer_duties: Duties::NONE, notify: NotifyAttendees::None };

    /// Whether people have still to be told of what is written on these terms.
    /// `guests_differ` says whether any were added or removed by it.
    pub(super) const fn announcement(self, guests_differ: bool) -> Announcement {
        match (self.notify, self.duties.send_invitations) {
            (NotifyAttendees::None, _) | (_, true) => Announcement::Settled,
            (NotifyAttendees::AddedOrDeleted, false) if !guests_differ => Announcement::Settled,
            (NotifyAttendees::All | NotifyAttendees::AddedOrDeleted, false) => Announcement::Due,
        }
    }
}

impl Crm {
    /// Adds an event to the default calendar of `owner`, and looks after its
    /// guests. What an exception does not say about its guests and its
    /// organiser is as in its series.
    ///
    /// # Errors
    /// A value is not acceptable, or the owner does not exist.
    pub fn create_event_on(&self, owner: UserId, input: EventInput, terms: Terms) -> Result<CalendarEvent, CrmError> {
        self.write(|transaction| {
            let (owner, calendar) = user_and_calendar_in(transaction, owner)?;
            refuse_exception_of_copy(transaction, &input)?;
            let event = self.enter_event_in(transaction, calendar, &owner, input)?;
            let series = series_in(transaction, calendar, &event.values)?.map(|series| series.values);
            self.look_after_guests(transaction, &owner, series.as_ref(), &event, terms)?;
            journal::announce(transaction, &event, terms.announcement(true))?;
            Ok(event)
        })
    }

    /// Changes an event of `owner`, and looks after its guests. A change that
    /// leaves everything as it was is none: the version stays.
    ///
    /// # Errors
    /// A value is not acceptable, the event does not exist, it is not in the
    /// version that the input names, or it is a copy that the CRM has made,
    /// which follows the organiser's event in all but the reminder.
    pub fn update_event_on(
        &self,
        owner: UserId,
        id: EventId,
        input: EventInput,
        terms: Terms,
    ) -> Result<CalendarEvent, CrmError> {
        self.write(|transaction| {
            let (owner, calendar) = user_and_calendar_in(transaction, owner)?;
            let stored = event_in(transaction, calendar, id)?.ok_or_else(not_found)?;
            let values = Self::entered_over(&stored, &owner, input)?;
            refuse_change_of_copy(transaction, id, &stored.values, &values)?;
            if stored.is_organizer && !is_organizer(&values, &owner) && !copies_of(transaction, id)?.is_empty() {
                return Err(unchangeable("organizerEmail").into());
            }
            let before = stored.values.clone();
            let event = self.update_event_in(transaction, calendar, &owner, stored, values)?;
            if event.values != before {
                self.look_after_guests(transaction, &owner, Some(&before), &event, terms)?;
                journal::announce(transaction, &event, terms.announcement(attendees_differ(&before, &event.values)))?;
            }
            Ok(event)
        })
    }

    /// Deletes an event of `owner`, and looks after its guests: what the owner
    /// organises is cancelled for them, and what somebody else does is declined.
    /// An exception of a series is cancelled instead, for the series would bring
    /// the occurrence back.
    ///
    /// # Errors
    /// The event does not exist.
    pub fn delete_event_on(&self, owner: UserId, id: EventId, terms: Terms) -> Result<Deletion, CrmError> {
        self.write(|transaction| {
            let (owner, calendar) = user_and_calendar_in(transaction, owner)?;
            let stored = event_in(transaction, calendar, id)?.ok_or_else(not_found)?;
            let event = stored.clone();
            let deletion = if stored.is_organizer {
                self.delete_meeting(transaction, calendar, &owner, stored, terms)?
            } else {
                self.delete_invitation(transaction, calendar, &owner, stored, terms)?
            };
            journal::announce(transaction, &event, terms.announcement(true))?;
            Ok(deletion)
        })
    }

    /// The user who organises the meeting that an event is a copy of, where
    /// that is another user's event.
    ///
    /// # Errors
    /// The database fails.
    pub fn organizer_of_copy(&self, id: EventId) -> Result<Option<UserId>, CrmError> {
        self.read(|connection| {
            let parent = ties_in(connection, id)?.and_then(|ties| ties.parent);
            let parent = parent.map(|parent| placed_in(connection, parent)).transpose()?.flatten();
            Ok(parent.map(|parent| parent.owner.id))
        })
    }

    fn look_after_guests(
        &self,
        connection: &Connection,
        owner: &User,
        before: Option<&EventValues>,
        event: &CalendarEvent,
        terms: Terms,
    ) -> Result<(), CrmError> {
        if !event.is_organizer {
            return Ok(());
        }
        if terms.duties.make_guest_copies {
            self.follow_in(connection, owner, event)?;
        }
        if terms.duties.send_invitations {
            let mailing = Mailing { organizer: owner, event: event.id, before, after: Some(&event.values) };
            mailing.write_in(connection, terms.notify, self.now())?;
        }
        Ok(())
    }

    fn delete_meeting(
        &self,
        connection: &Connection,
        calendar: CalendarId,
        owner: &User,
        stored: CalendarEvent,
        terms: Terms,
    ) -> Result<Deletion, WriteError> {
        if terms.duties.send_invitations {
            let before = Some(&stored.values);
            let mailing = Mailing { organizer: owner, event: stored.id, before, after: None };
            mailing.write_in(connection, terms.notify, self.now())?;
        }
        match stored.values.kind() {
            EventKind::Single | EventKind::Series if terms.duties.make_guest_copies => {
                self.remove_every_copy_in(connection, stored.id)?;
            }
            EventKind::Single | EventKind::Series | EventKind::Exception => {}
        }
        let deletion = self.delete_event_in(connection, calendar, owner, stored)?;
        match &deletion {
            Deletion::Cancelled(event) if terms.duties.make_guest_copies => self.follow_in(connection, owner, event)?,
            Deletion::Cancelled(_) | Deletion::Removed => {}
        }
        Ok(deletion)
    }
}

/// Exceptions of a copied series are the organiser's to make.
fn refuse_exception_of_copy(connection: &Connection, input: &EventInput) -> Result<(), CrmError> {
    let series = match &input.recurring_event_id {
        Change::Set(series) => *series,
        Change::Keep | Change::Clear => return Ok(()),
    };
    match ties_in(connection, series)? {
        Some(Ties { is_guest_copy: true, .. }) => Err(of_a_copy("recurringEventId").into()),
        Some(_) | None => Ok(()),
    }
}

/// In a copy that the CRM has made only the reminder is the guest's.
fn refuse_change_of_copy(
    connection: &Connection,
    id: EventId,
    old: &EventValues,
    new: &EventValues,
) -> Result<(), CrmError> {
    let is_copy = ties_in(connection, id)?.is_some_and(|ties| ties.is_guest_copy);
    let own = EventValues { reminder_minutes: new.reminder_minutes, ..old.clone() };
    if !is_copy || own == *new {
        return Ok(());
    }
    // What nobody can change is refused with its own reason.
    validate_unchangeable(old, new)?;
    let field = if old.title != new.title {
        "title"
    } else if old.description != new.description {
        "description"
    } else if (old.start, old.time_zone, old.all_day) != (new.start, new.time_zone, new.all_day) {
        "start"
    } else if old.end != new.end {
        "end"
    } else if old.recurrence != new.recurrence {
        "recurrence"
    } else {
        "cancelled"
    };
    Err(of_a_copy(field).into())
}

fn of_a_copy(field: &'static str) -> InvalidValue {
    InvalidValue {
        field,
        code: "copy-of-a-meeting",
        expected: "as in the organizer's event, of which this one is a copy".to_owned(),
        found: "something else".to_owned(),
        hint: "change the reminder or reply; everything else is changed in the organizer's event",
    }
}

/// Whether somebody was added or removed.
fn attendees_differ(before: &EventValues, after: &EventValues) -> bool {
    let addresses = |values: &EventValues| -> BTreeSet<String> {
        values.attendees.iter().filter_map(|guest| guest.email.as_deref()).map(str::to_lowercase).collect()
    };
    addresses(before) != addresses(after)
}

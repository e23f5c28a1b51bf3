//! What a guest does to somebody else's meeting: answer the invitation, or
//! delete the own copy, which declines it.
//!
//! The answer stands in the guest's event and, where the CRM keeps both
//! calendars, in the organiser's. An answer to a series is also the answer to
//! those of its exceptions that had the same one. Oro's rules on either are not
//! public; these are what a person expects.

use rusqlite::Connection;

use super::guests::{organizer_address, own_status, set_status, with_own_status};
use super::outbox::{self, Mail, MailKind};
use super::ties::placed_in;
use super::{NotifyAttendees, Terms, ties_in};
use crate::crm::error::InvalidValue;
use crate::crm::event::journal;
use crate::crm::event::rows::{event_in, exceptions_of};
use crate::crm::event::store::not_found;
use crate::crm::event::write::WriteError;
use crate::crm::event::{AttendeeStatus, CalendarEvent, Deletion, EventValues};
use crate::crm::ids::{CalendarId, EventId, UserId};
use crate::crm::stored::words;
use crate::crm::users::{User, user_and_calendar_in};
use crate::crm::{Crm, CrmError};

words! {
    /// What a guest can answer.
    pub enum Reply {
        /// Comes.
        Accepted = "accepted",
        /// May come.
        Tentative = "tentative",
        /// Does not come.
        Declined = "declined",
    }
}

impl From<Reply> for AttendeeStatus {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Accepted => Self::Accepted,
            Reply::Tentative => Self::Tentative,
            Reply::Declined => Self::Declined,
        }
    }
}

impl Crm {
    /// Answers the invitation to an event of `owner`.
    ///
    /// # Errors
    /// The event does not exist or was cancelled, or the owner organises it or
    /// is not among its guests.
    pub fn reply_to_event(
        &self,
        owner: UserId,
        id: EventId,
        reply: Reply,
        terms: Terms,
    ) -> Result<CalendarEvent, CrmError> {
        self.write(|transaction| {
            let (owner, calendar) = user_and_calendar_in(transaction, owner)?;
            let stored = event_in(transaction, calendar, id)?.ok_or_else(not_found)?;
            let before = answerable(&stored, &owner)?;
            for exception in exceptions_of(transaction, id)? {
                let exception = event_in(transaction, calendar, exception)?;
                if let Some(event) = exception.filter(|event| own_status(&event.values, &owner) == Some(before)) {
                    self.answer(transaction, calendar, &owner, event, reply, terms)?;
                }
            }
            let event = self.answer(transaction, calendar, &owner, stored, reply, terms)?;
            if before != reply.into() {
                self.mail_answer(transaction, &owner, event.id, &event.values, terms)?;
                journal::announce(transaction, &event, terms.announcement(true))?;
            }
            Ok(event)
        })
    }

    /// Deletes the own copy of what somebody else organises: it is declined.
    pub(super) fn delete_invitation(
        &self,
        connection: &Connection,
        calendar: CalendarId,
        owner: &User,
        stored: CalendarEvent,
        terms: Terms,
    ) -> Result<Deletion, WriteError> {
        let parent = ties_in(connection, stored.id)?.and_then(|ties| ties.parent);
        let before = own_status(&stored.values, owner).filter(|_| !stored.values.cancelled);
        let values = stored.values.clone();
        let id = stored.id;
        let deletion = self.delete_event_in(connection, calendar, owner, stored)?;
        if let Some(parent) = parent.filter(|_| terms.organizer_duties.make_guest_copies) {
            self.answer_in_parent(connection, parent, owner, AttendeeStatus::Declined)?;
        }
        if before.is_some_and(|status| status != AttendeeStatus::Declined) {
            self.mail_answer(connection, owner, id, &values, terms)?;
        }
        Ok(deletion)
    }

    /// Stores an answer in the guest's event and, where the CRM keeps both, in
    /// the organiser's.
    fn answer(
        &self,
        connection: &Connection,
        calendar: CalendarId,
        guest: &User,
        stored: CalendarEvent,
        reply: Reply,
        terms: Terms,
    ) -> Result<CalendarEvent, CrmError> {
        let parent = ties_in(connection, stored.id)?.and_then(|ties| ties.parent);
        let values = with_own_status(stored.values.clone(), guest, reply.into());
        let event = self.update_event_in(connection, calendar, guest, stored, values)?;
        let Some(parent) = parent.filter(|_| terms.organizer_duties.make_guest_copies) else { return Ok(event) };
        self.answer_in_parent(connection, parent, guest, reply.into())?;
        // Following the parent does not change it, but is the last word.
        Ok(event_in(connection, calendar, event.id)?.unwrap_or(event))
    }

    fn answer_in_parent(
        &self,
        connection: &Connection,
        parent: EventId,
        guest: &User,
        status: AttendeeStatus,
    ) -> Result<(), WriteError> {
        let Some(parent) = placed_in(connection, parent)? else { return Ok(()) };
        let mut values = parent.event.values.clone();
        set_status(&mut values.attendees, guest, status);
        let event = self.update_event_in(connection, parent.calendar, &parent.owner, parent.event, values)?;
        self.follow_in(connection, &parent.owner, &event)
    }

    fn mail_answer(
        &self,
        connection: &Connection,
        guest: &User,
        event_id: EventId,
        values: &EventValues,
        terms: Terms,
    ) -> rusqlite::Result<()> {
        let allowed = match terms.notify {
            NotifyAttendees::All | NotifyAttendees::AddedOrDeleted => terms.duties.send_invitations,
            NotifyAttendees::None => false,
        };
        if !allowed {
            return Ok(());
        }
        let mail = Mail {
            kind: MailKind::Reply,
            to: organizer_address(values, guest).to_owned(),
            from: guest.email.clone(),
            event_id,
            title: values.title.clone(),
            at: self.now(),
        };
        outbox::append(connection, &mail)
    }
}

/// The answer that a guest has given so far.
fn answerable(event: &CalendarEvent, owner: &User) -> Result<AttendeeStatus, InvalidValue> {
    let refused = |code, expected: &str, found: &str, hint| InvalidValue {
        field: "status",
        code,
        expected: expected.to_owned(),
        found: found.to_owned(),
        hint,
    };
    if event.is_organizer {
        let hint = "answer in the calendar of a guest; the organizer cancels by deleting the event";
        return Err(refused("reply-of-organizer", "the answer of a guest", "one of the organizer", hint));
    }
    if event.values.cancelled {
        let hint = "there is nothing to answer";
        return Err(refused("reply-to-cancelled", "about an event that takes place", "a cancelled one", hint));
    }
    own_status(&event.values, owner).ok_or_else(|| {
        let found = "one of somebody who is not among the guests";
        refused("reply-of-stranger", "the answer of a guest", found, "ask the organizer for an invitation")
    })
}

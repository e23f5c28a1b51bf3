//! The mails that the CRM would have sent about meetings, while that is its
//! duty (Oro row C5).
//!
//! Nothing leaves the machine: a mail is a row, so that it can be seen who
//! would have been written to. What the component writes never gets here. Next:
//! [`super::people`].

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use serde::Serialize;

use super::NotifyAttendees;
use super::guests::organizer_address;
use crate::crm::event::{AttendeeStatus, EventValues};
use crate::crm::ids::EventId;
use crate::crm::stored::{Millis, words};
use crate::crm::users::User;
use crate::crm::{Crm, CrmError};

/// Mails that are kept; older ones are forgotten. Twenty meetings with as many
/// guests as an event can have.
pub const MAILS_MAX: i64 = 10_000;

words! {
    /// What a mail is about.
    pub enum MailKind {
        /// Somebody is invited.
        Invitation = "invitation",
        /// Something has changed.
        Update = "update",
        /// It does not take place, or not with this guest.
        Cancellation = "cancellation",
        /// A guest has answered.
        Reply = "reply",
    }
}

/// A mail that the CRM would have sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mail {
    /// What it is about.
    pub kind: MailKind,
    /// The address that it goes to.
    pub to: String,
    /// The address that it comes from.
    pub from: String,
    /// The event in the sender's calendar, which may be gone since.
    pub event_id: EventId,
    /// The event's title.
    pub title: String,
    /// When it was written.
    pub at: DateTime<Utc>,
}

impl Crm {
    /// The mails so far, the oldest first.
    pub fn outbox(&self) -> Result<Vec<Mail>, CrmError> {
        self.read(|connection| {
            let mails = connection
                .prepare(
                    "SELECT kind, to_address, from_address, event_id, title, written_at FROM meeting_mail ORDER BY id",
                )?
                .query_map([], |row| {
                    Ok(Mail {
                        kind: row.get(0)?,
                        to: row.get(1)?,
                        from: row.get(2)?,
                        event_id: row.get(3)?,
                        title: row.get(4)?,
                        at: row.get::<_, Millis>(5)?.0,
                    })
                })?
                .collect::<Result<_, _>>()?;
            Ok(mails)
        })
    }

    /// Forgets the mails so far.
    pub fn empty_outbox(&self) -> Result<(), CrmError> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM meeting_mail", [])?;
            Ok(())
        })
    }
}

/// An event whose organiser writes to its guests.
pub(super) struct Mailing<'a> {
    pub(super) organizer: &'a User,
    pub(super) event: EventId,
    /// As the guests know it; none where they know nothing yet.
    pub(super) before: Option<&'a EventValues>,
    /// As it is now; none where it is gone.
    pub(super) after: Option<&'a EventValues>,
}

impl Mailing<'_> {
    /// Writes to the guests that `notify` lets the CRM write to.
    pub(super) fn write_in(
        &self,
        connection: &Connection,
        notify: NotifyAttendees,
        at: DateTime<Utc>,
    ) -> rusqlite::Result<()> {
        let tells_all = match notify {
            NotifyAttendees::None => return Ok(()),
            NotifyAttendees::AddedOrDeleted => false,
            NotifyAttendees::All => true,
        };
        // What is cancelled is as good as gone.
        let (before, after) =
            (self.before.filter(|values| !values.cancelled), self.after.filter(|values| !values.cancelled));
        let changed = before.map(announced) != after.map(announced);
        let (known, invited) = (self.guests_of(before), self.guests_of(after));
        for (key, address) in &invited {
            let kind = match known.contains_key(key) {
                false => MailKind::Invitation,
                true if changed && tells_all => MailKind::Update,
                true => continue,
            };
            self.mail(connection, kind, address, at)?;
        }
        for (_, address) in known.iter().filter(|(key, _)| !invited.contains_key(*key)) {
            self.mail(connection, MailKind::Cancellation, address, at)?;
        }
        Ok(())
    }

    fn mail(&self, connection: &Connection, kind: MailKind, to: &str, at: DateTime<Utc>) -> rusqlite::Result<()> {
        let title = self.after.or(self.before).map(|values| values.title.clone()).unwrap_or_default();
        let from = self
            .after
            .or(self.before)
            .map_or(&*self.organizer.email, |values| organizer_address(values, self.organizer));
        let mail = Mail { kind, to: to.to_owned(), from: from.to_owned(), event_id: self.event, title, at };
        append(connection, &mail)
    }

    /// The addresses of the guests but the organiser's, by their lower case.
    fn guests_of(&self, values: Option<&EventValues>) -> BTreeMap<String, String> {
        let addresses = values.into_iter().flat_map(|values| &values.attendees).filter_map(|guest| guest.email.clone());
        addresses
            .filter(|address| !self.organizer.has_address(address))
            .map(|address| (address.to_lowercase(), address))
            .collect()
    }
}

/// What guests are told about: neither their answers nor the organiser's
/// reminder.
fn announced(values: &EventValues) -> EventValues {
    let mut values = EventValues { reminder_minutes: None, ..values.clone() };
    for attendee in &mut values.attendees {
        attendee.status = AttendeeStatus::None;
    }
    values
}

/// Keeps a mail, and forgets the oldest where there are too many.
pub(super) fn append(connection: &Connection, mail: &Mail) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO meeting_mail (kind, to_address, from_address, event_id, title, written_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![mail.kind, mail.to, mail.from, mail.event_id, mail.title, Millis(mail.at)])?;
    let forgotten = connection.last_insert_rowid() - MAILS_MAX;
    connection.prepare_cached("DELETE FROM meeting_mail WHERE id <= ?1")?.execute([forgotten])?;
    Ok(())
}

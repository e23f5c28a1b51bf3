//! Mails about meetings that Exchange sends of its own accord: what each says,
//! and who gets it.
//!
//! A letter goes to all its recipients at once. Each is noted in the outbox,
//! whether or not there is a mailbox in this tenant; what arrives in the
//! mailboxes that there are is `mail::meeting`'s. Which change causes which
//! letters is in `meeting` and `answer`.

use chrono::NaiveDate;
use serde_json::Value;

use super::answer::Answer;
use super::copies;
use super::instance::{Instance, occurrence, whole};
use super::output::{self, View};
use crate::graph::mail;
use crate::graph::mail::model::{Line, Recipient};
use crate::graph::model::{Address, Attendee, Event, MailKind, OutgoingMail, Response, Sort};
use crate::graph::state::State;

/// A mail to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Letter<'a> {
    pub kind: MailKind,
    /// The event as the mail describes it.
    pub event: &'a Event,
    /// The occurrence that it is about, if it is about one.
    pub occurrence: Option<NaiveDate>,
    pub from: &'a Address,
    pub recipients: Vec<Recipient>,
    /// The event as it was before the change that the mail tells of.
    pub before: Option<&'a Event>,
    /// Whether an update asks for another answer.
    pub asks: bool,
    /// What was answered, if the mail is an answer.
    pub answer: Option<&'a Answer>,
    /// What the sender added in words.
    pub comment: Option<&'a str>,
}

impl<'a> Letter<'a> {
    /// A mail from the organiser of an event to guests.
    pub fn to_guests(kind: MailKind, event: &'a Event, guests: &[&Attendee]) -> Self {
        Self { recipients: guests.iter().map(|guest| recipient(guest)).collect(), ..Self::empty(kind, event) }
    }

    /// A mail from a guest to the organiser of an event.
    pub fn to_organizer(kind: MailKind, event: &'a Event, from: &'a Address) -> Self {
        let recipients = vec![Recipient { address: event.organizer.clone(), line: Line::To }];
        Self { from, recipients, ..Self::empty(kind, event) }
    }

    fn empty(kind: MailKind, event: &'a Event) -> Self {
        let (from, recipients) = (&event.organizer, Vec::new());
        Self { kind, event, occurrence: None, from, recipients, before: None, asks: false, answer: None, comment: None }
    }

    /// The same about one occurrence.
    pub fn about(self, date: NaiveDate) -> Self {
        Self { occurrence: Some(date), ..self }
    }

    /// What the mail is about, in the event as it is described.
    pub fn subject_matter(&self) -> Instance<'a> {
        shown(self.event, self.occurrence)
    }

    /// The same as it was before.
    pub fn former(&self) -> Option<Instance<'a>> {
        self.before.map(|before| shown(before, self.occurrence))
    }

    /// The iCalendar id of the event or, for an occurrence, of its series.
    pub fn uid(&self) -> &'a str {
        self.event.lone.as_ref().map_or(&self.event.ical_uid, |lone| &lone.series_uid)
    }

    /// The subject as mails about meetings carry it.
    pub fn subject(&self) -> String {
        let written = output::full(&self.subject_matter(), &View::plain());
        let subject = written.get("subject").and_then(Value::as_str).unwrap_or_default();
        match (self.kind, self.answer) {
            (MailKind::Cancellation, _) => copies::cancelled_subject(subject),
            (MailKind::Response, Some(Answer { proposed: Some(_), .. })) => format!("New Time Proposed: {subject}"),
            (MailKind::Response, Some(answer)) => match answer.response {
                Response::Accepted => format!("Accepted: {subject}"),
                Response::TentativelyAccepted => format!("Tentative: {subject}"),
                Response::Declined => format!("Declined: {subject}"),
                Response::None | Response::Organizer | Response::NotResponded => subject.to_owned(),
            },
            (MailKind::ForwardNotice, _) => format!("Meeting Forward Notification: {subject}"),
            (MailKind::Invitation | MailKind::Update | MailKind::Response, _) => subject.to_owned(),
        }
    }
}

/// One occurrence of an event, or the whole of it.
fn shown(event: &Event, date: Option<NaiveDate>) -> Instance<'_> {
    date.and_then(|date| occurrence(event, date)).unwrap_or_else(|| whole(event))
}

/// A guest as a recipient ([MS-OXOCAL] 2.2.4.10.7: required ones on the line
/// To, optional ones on Cc, resources on Bcc).
pub(crate) fn recipient(guest: &Attendee) -> Recipient {
    let line = match guest.kind.as_str() {
        "optional" => Line::Cc,
        "resource" => Line::Bcc,
        _ => Line::To,
    };
    Recipient { address: guest.address.clone(), line }
}

/// Sends a mail, if there is somebody to get it.
pub(crate) fn send(state: &mut State, letter: &Letter<'_>) {
    if letter.recipients.is_empty() {
        return;
    }
    let subject = letter.subject();
    for recipient in &letter.recipients {
        let mail = OutgoingMail {
            kind: Sort::Meeting(letter.kind),
            from: letter.from.address.clone(),
            to: recipient.address.address.clone(),
            subject: subject.clone(),
            i_cal_u_id: letter.uid().to_owned(),
            internet_message_id: None,
            occurrence: letter.occurrence,
            response: letter.answer.map(|answer| answer.response),
            at: state.now,
        };
        let number = state.next_number();
        state.outbox.insert(number, mail);
    }
    mail::meeting::post(state, letter);
}

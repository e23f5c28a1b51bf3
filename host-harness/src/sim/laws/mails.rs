//! Which mails of Microsoft a person's edit justifies: a model that is simpler
//! than the product.
//!
//! What Outlook sends while a person uses it, Outlook answers for. What is sent
//! during a run needs an edit that a person made in the CRM since the last run
//! that came to its end, by somebody whose calendar was synchronised then:
//! each such edit of a meeting allows one mail to each guest, and one more for
//! each changed occurrence, or two where the edit takes the changes back (Oro row
//! C4): the series' own mail is sent once for each of them (Graph,
//! `api/event-update`). Each reply allows one mail to the organiser. That a meeting
//! is called off as a whole, somebody may be told only where somebody has deleted
//! it or has changed who is invited. What a side has refused was no edit.
//!
//! What was sent once for an edit may be sent once more while no run has come to
//! its end since: where the answer to a write was lost, and the same person then
//! edits the item in Outlook, a conflict that the CRM wins writes over that edit,
//! and Microsoft tells everybody. So such an edit in Outlook allows as much as one
//! in the CRM.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::sim::operation::{EventAct, Guests, Side, Who};
use crate::sim::scene::{Played, Scene, done};
use crate::sim::words::{OUTSIDER, entries, item_of, text};

/// Everybody who can be invited to anything.
const INVITED: [&str; 2] = [Who::Ben.address(), OUTSIDER];
/// Who invites.
const ORGANIZER: &str = Who::Anna.address();

/// Mails that edits allow to one person.
#[derive(Clone, Debug, Default)]
struct Allowance {
    /// One for each edit.
    mails: u32,
    /// So many for each occurrence that anybody has changed until they are sent.
    of_occurrence: u32,
    /// What has been sent by now.
    sent: u32,
    /// Whether one of the mails may call the whole meeting off.
    calls_off: bool,
}

/// What has been sent, and what may be.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Mails that were looked at.
    seen: usize,
    /// What edits still allow, by item and person.
    allowed: BTreeMap<(u32, &'static str), Allowance>,
    /// Occurrences that somebody has ever changed, by item.
    occurrences: BTreeMap<u32, u32>,
    /// Items that are over, and never anything else.
    past: BTreeSet<u32>,
    /// Who is invited to what.
    invited: BTreeSet<(String, String)>,
    /// Mails of the CRM that were looked at.
    seen_of_crm: usize,
    /// What was sent without a reason.
    pub violations: Vec<String>,
}

impl Ledger {
    /// Notes what a person has done, before the mails of it are looked at.
    /// `in_step` says whether that person's calendar is synchronised.
    pub fn note(&mut self, (side, who, item): (Side, Who, u32), act: &EventAct, in_step: bool) {
        let of_occurrence = match act {
            EventAct::Create(when, _, guests) => {
                if when.day < 0 {
                    self.past.insert(item);
                }
                if side == Side::Crm && in_step && *guests != Guests::NOBODY {
                    self.allow(item, &INVITED, 0, false);
                }
                return;
            }
            EventAct::Occurrence(..) => {
                *self.occurrences.entry(item).or_default() += 1;
                1
            }
            EventAct::Retime(_) | EventAct::Recur(_) | EventAct::Single | EventAct::Truncate(_) => 2,
            EventAct::Rename(_)
            | EventAct::Describe(_)
            | EventAct::Remind(_)
            | EventAct::Invite(_)
            | EventAct::Reply(_)
            | EventAct::Delete => 1,
        };
        let calls_off = matches!(act, EventAct::Delete | EventAct::Invite(_));
        let (people, of_occurrence): (&[&'static str], u32) = match who {
            Who::Anna => (&INVITED, of_occurrence),
            Who::Ben => (&[ORGANIZER], 0),
            Who::Carl => return,
        };
        match side {
            Side::Crm if in_step => self.allow(item, people, of_occurrence, calls_off),
            Side::Crm => {}
            Side::Microsoft => {
                let is_sent = |person: &&str| self.allowed.get(&(item, *person)).is_some_and(|open| open.sent > 0);
                let told: Vec<&'static str> = people.iter().copied().filter(is_sent).collect();
                self.allow(item, &told, of_occurrence, calls_off);
            }
        }
    }

    /// Somebody has a decision about an item taken back, which is an edit of the CRM.
    pub fn taken_back(&mut self, item: u32) {
        self.allow(item, &[INVITED[0], INVITED[1], ORGANIZER], 2, true);
    }

    fn allow(&mut self, item: u32, people: &[&'static str], of_occurrence: u32, calls_off: bool) {
        if self.past.contains(&item) {
            return;
        }
        for person in people {
            let allowance = self.allowed.entry((item, person)).or_default();
            allowance.mails += 1;
            allowance.of_occurrence += of_occurrence;
            allowance.calls_off |= calls_off;
        }
    }

    /// A run of this user's calendar has nothing left to do: what it has not sent
    /// by now has lost its reason, except what it has reported to wait until somebody
    /// edits the meeting again, whoever that is: an answer that a guest gave before
    /// Microsoft knew of any invitation goes out with the organiser's next edit, too.
    pub fn settled(&mut self, who: Who, is_waiting: impl Fn(u32) -> bool) {
        self.allowed.retain(|(item, person), _| match who {
            Who::Anna => *person == ORGANIZER || is_waiting(*item),
            Who::Ben => *person != ORGANIZER || is_waiting(*item),
            Who::Carl => true,
        });
    }

    /// Looks at the mails that a person's Outlook has sent.
    ///
    /// # Errors
    /// The harness did not do as it should.
    pub async fn read_outlook(&mut self, scene: &Scene) -> Played<()> {
        for mail in self.fresh(scene).await? {
            self.keep_invitations(&mail);
        }
        Ok(())
    }

    /// Looks at the mails that a run has sent.
    ///
    /// # Errors
    /// The harness did not do as it should.
    pub async fn read_run(&mut self, scene: &Scene) -> Played<()> {
        for mail in self.fresh(scene).await? {
            self.keep_invitations(&mail);
            self.justify(&mail);
        }
        Ok(())
    }

    /// Takes a mail of a run off what edits allow.
    fn justify(&mut self, mail: &Value) {
        let item = item_of(text(mail, "subject")).unwrap_or(u32::MAX);
        let person = [INVITED[0], INVITED[1], ORGANIZER].into_iter().find(|person| *person == text(mail, "to"));
        let occurrences = self.occurrences.get(&item).copied().unwrap_or_default();
        let calls_off = text(mail, "kind") == "cancellation" && mail["occurrence"].is_null();
        let open = person.and_then(|person| self.allowed.get_mut(&(item, person)));
        let is_left = |open: &Allowance| open.sent < open.mails + open.of_occurrence * occurrences;
        match open {
            Some(open) if is_left(open) && (open.calls_off || !calls_off) => open.sent += 1,
            open => {
                let violation = format!("a mail that nobody's edit justifies, with {open:?} allowed: {mail}");
                self.violations.push(violation);
            }
        }
    }

    /// Looks at the mails that the CRM has sent by itself, which is its duty only
    /// for people whose calendar is not in step (Oro row C5).
    ///
    /// # Errors
    /// The harness did not do as it should.
    pub async fn read_crm(&mut self, scene: &Scene, is_its_duty: bool) -> Played<()> {
        let outbox = done(&scene.crm.get("/api/outbox").await, "the mails of the CRM")?;
        let mails = entries(&outbox);
        if mails.len() > self.seen_of_crm && !is_its_duty {
            self.violations.push(format!("the CRM has sent what is Microsoft's to send: {:?}", mails.last()));
        }
        self.seen_of_crm = mails.len();
        Ok(())
    }

    async fn fresh(&mut self, scene: &Scene) -> Played<Vec<Value>> {
        let outbox = done(&scene.microsoft.get("/_control/outbox").await, "the mails of Microsoft")?;
        let fresh = entries(&outbox).get(self.seen..).unwrap_or_default().to_vec();
        self.seen += fresh.len();
        Ok(fresh)
    }

    fn keep_invitations(&mut self, mail: &Value) {
        if !mail["occurrence"].is_null() {
            return;
        }
        let key = (text(mail, "iCalUId").to_owned(), text(mail, "to").to_owned());
        match text(mail, "kind") {
            "invitation" if !self.invited.insert(key.clone()) => {
                self.violations.push(format!("somebody was invited twice: {mail}"));
            }
            "cancellation" => {
                self.invited.remove(&key);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const GUEST: &str = INVITED[0];

    /// What one guest may be sent of a meeting that was renamed in the CRM, once so
    /// many mails about that were sent and somebody has renamed it in Outlook.
    fn allowed_after_outlook(sent: u32, who: Who) -> u32 {
        let mut ledger = Ledger::default();
        let renamed = EventAct::Rename(1);
        ledger.note((Side::Crm, Who::Anna, 1), &renamed, true);
        ledger.allowed.entry((1, GUEST)).and_modify(|open| open.sent = sent);
        ledger.note((Side::Microsoft, who, 1), &renamed, true);
        ledger.allowed[&(1, GUEST)].mails
    }

    #[test]
    fn an_edit_in_outlook_allows_a_mail_only_where_one_was_sent_that_no_run_has_settled() {
        assert_eq!(allowed_after_outlook(1, Who::Anna), 2);
        assert_eq!(allowed_after_outlook(0, Who::Anna), 1);
        assert_eq!(allowed_after_outlook(1, Who::Ben), 1);
        let mut ledger = Ledger::default();
        ledger.note((Side::Microsoft, Who::Anna, 1), &EventAct::Rename(1), true);
        assert!(ledger.allowed.is_empty());
    }

    #[test]
    fn a_meeting_is_called_off_only_where_it_was_deleted_or_its_guests_are_others() {
        let wrong = |act: EventAct, occurrence: Value| {
            let mut ledger = Ledger::default();
            ledger.note((Side::Crm, Who::Anna, 1), &act, true);
            ledger.justify(&json!({"kind": "cancellation", "subject": "E1 v0", "to": GUEST, "occurrence": occurrence}));
            ledger.violations.len()
        };
        assert_eq!(wrong(EventAct::Delete, Value::Null), 0);
        assert_eq!(wrong(EventAct::Invite(Guests::NOBODY), Value::Null), 0);
        assert_eq!(wrong(EventAct::Rename(1), Value::Null), 1);
        assert_eq!(wrong(EventAct::Truncate(1), json!("2026-03-05T08:00:00Z")), 0);
    }

    #[test]
    fn what_waits_for_the_next_edit_is_allowed_after_a_complete_run() {
        for is_waiting in [true, false] {
            let mut ledger = Ledger::default();
            ledger.note((Side::Crm, Who::Anna, 1), &EventAct::Rename(1), true);
            ledger.settled(Who::Ben, |_| false);
            ledger.settled(Who::Anna, |_| is_waiting);
            assert_eq!(ledger.allowed.contains_key(&(1, GUEST)), is_waiting);
        }
    }
}

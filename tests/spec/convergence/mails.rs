//! Which mails of Microsoft a person's edit justifies: a model that is simpler
//! than the product.
//!
//! What Outlook sends while a person uses it, Outlook answers for. What is sent
//! during a sync needs an edit that a person made in the CRM since the last
//! sync that came to its end, by somebody whose calendar was synchronised then:
//! each such edit of a meeting allows one mail to each guest, and one more for
//! each changed occurrence, or two where the edit takes the changes back (Oro row
//! C4): the series' own mail is sent once for each of them (Graph,
//! `api/event-update`). Each reply allows one mail to the organiser.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tandem_tests::World;

use super::calendar::{OUTSIDER, item_of};
use super::history::{Edit, Guests, Operation, Side, Who};

/// Everybody who can be invited to anything.
const INVITED: [&str; 2] = ["ben@acme.example", OUTSIDER];
const ORGANIZER: &str = "anna@acme.example";

/// Mails that edits allow to one person.
#[derive(Default)]
struct Allowance {
    /// One for each edit.
    mails: u32,
    /// So many for each occurrence that anybody has changed until they are sent.
    of_occurrence: u32,
    /// What has been sent by now.
    sent: u32,
}

/// What has been sent, and what may be.
#[derive(Default)]
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
    /// Notes what a person does, before the mails of it are looked at.
    /// `in_step` says whether that person's calendar is synchronised.
    pub fn note(&mut self, operation: &Operation, in_step: bool) {
        match operation {
            Operation::Create { side, item, when, guests, .. } => {
                if when.day < 0 {
                    self.past.insert(*item);
                }
                if *side == Side::Crm && in_step && *guests != Guests::NOBODY {
                    self.allow(*item, &INVITED, 0);
                }
            }
            Operation::Edit { side, who, item, edit } => {
                if let Edit::Occurrence(..) = edit {
                    *self.occurrences.entry(*item).or_default() += 1;
                }
                if *side == Side::Crm && in_step {
                    match who {
                        Who::Anna => self.allow(*item, &INVITED, mails_of_occurrence(edit)),
                        Who::Ben => self.allow(*item, &[ORGANIZER], 0),
                    }
                }
            }
            Operation::Sync(_)
            | Operation::Crash(..)
            | Operation::Connect(_)
            | Operation::Switch(..)
            | Operation::Pass(_)
            | Operation::ExpireCursors => {}
        }
    }

    fn allow(&mut self, item: u32, people: &[&'static str], of_occurrence: u32) {
        if self.past.contains(&item) {
            return;
        }
        for person in people {
            let allowance = self.allowed.entry((item, person)).or_default();
            allowance.mails += 1;
            allowance.of_occurrence += of_occurrence;
        }
    }

    /// A sync of this user has nothing left to do: what it has not sent by now
    /// has lost its reason.
    pub fn settled(&mut self, who: Who) {
        self.allowed.retain(|(_, person), _| match who {
            Who::Anna => *person == ORGANIZER,
            Who::Ben => *person != ORGANIZER,
        });
    }

    /// Looks at the mails that a person's Outlook has sent.
    pub async fn read_outlook(&mut self, world: &World) {
        for mail in self.fresh(world).await {
            self.keep_invitations(&mail);
        }
    }

    /// Looks at the mails that a sync has sent.
    pub async fn read_sync(&mut self, world: &World) {
        for mail in self.fresh(world).await {
            self.keep_invitations(&mail);
            let text = |name: &str| mail[name].as_str().unwrap_or_default();
            let item = item_of(text("subject")).unwrap();
            let person = [INVITED[0], INVITED[1], ORGANIZER].into_iter().find(|person| *person == text("to"));
            let occurrences = self.occurrences.get(&item).copied().unwrap_or_default();
            let open = person
                .and_then(|person| self.allowed.get_mut(&(item, person)))
                .filter(|open| open.sent < open.mails + open.of_occurrence * occurrences);
            match open {
                Some(open) => open.sent += 1,
                None => self.violations.push(format!("a mail that nobody's edit justifies: {mail}")),
            }
        }
    }

    /// Looks at the mails that the CRM has sent by itself, which is its duty only
    /// for people whose calendar is not in step (Oro row C5).
    pub async fn read_crm(&mut self, world: &World, is_its_duty: bool) {
        let outbox = world.crm.get("/api/outbox").await.ok();
        let mails = outbox.as_array().unwrap();
        if mails.len() > self.seen_of_crm && !is_its_duty {
            self.violations.push(format!("the CRM has sent what is Microsoft's to send: {:?}", mails.last()));
        }
        self.seen_of_crm = mails.len();
    }

    async fn fresh(&mut self, world: &World) -> Vec<Value> {
        let outbox = world.microsoft.get("/_control/outbox").await.ok();
        let fresh = outbox.as_array().unwrap()[self.seen..].to_vec();
        self.seen += fresh.len();
        fresh
    }

    fn keep_invitations(&mut self, mail: &Value) {
        let text = |name: &str| mail[name].as_str().unwrap().to_owned();
        let key = (text("iCalUId"), text("to"));
        match mail["kind"].as_str().unwrap() {
            _ if !mail["occurrence"].is_null() => {}
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

/// How many mails an edit allows for each occurrence that was ever changed.
const fn mails_of_occurrence(edit: &Edit) -> u32 {
    match edit {
        Edit::Retime(_) | Edit::Recur(_) | Edit::Single | Edit::Truncate(_) => 2,
        Edit::Rename(_)
        | Edit::Describe(_)
        | Edit::Occurrence(..)
        | Edit::Remind(_)
        | Edit::Invite(_)
        | Edit::Reply(_)
        | Edit::Delete => 1,
    }
}

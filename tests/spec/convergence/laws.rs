//! What holds after every history, once nothing more is done.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tandem_tests::World;

use super::calendar::item_of;
use super::details;
use super::history::{Edit, Guests, Operation, Side, Who};
use super::people::{FROM, TO};

/// The day before the end of what is compared.
const LAST_DAY: &str = "2027-01-31";

/// What has happened so far, as far as the laws ask for it.
#[derive(Default)]
pub struct Course {
    /// Items that somebody has created, and where.
    created: BTreeMap<u32, (Who, Side)>,
    /// Items that somebody has deleted, or an occurrence of them.
    deleted: BTreeSet<u32>,
    /// Items that had guests at some time.
    meetings: BTreeSet<u32>,
    /// Whom items were given for guests last, as far as everybody agrees on it.
    guests: BTreeMap<u32, Guests>,
    /// Items that recurred at some time.
    series: BTreeSet<u32>,
    /// Items of which single occurrences were edited, and items whose series was
    /// given other days.
    with_exceptions: BTreeSet<u32>,
    reshaped: BTreeSet<u32>,
    /// Items that Anna entered or changed in the CRM while the CRM told her
    /// guests by itself (Oro row C5).
    told_by_crm: BTreeSet<u32>,
    /// Why items differ, as reports name them, by user.
    left: BTreeMap<(Who, u32), String>,
    /// What was wrong on the way.
    pub violations: Vec<String>,
}

impl Course {
    /// Notes what a person has done, with or without a calendar in step.
    pub fn note(&mut self, operation: &Operation, in_step: bool) {
        if let Operation::Create { side: Side::Crm, who: Who::Anna, item, .. }
        | Operation::Edit { side: Side::Crm, who: Who::Anna, item, .. } = operation
            && !in_step
        {
            self.told_by_crm.insert(*item);
        }
        match operation {
            Operation::Create { side, who, item, rule, guests, .. } => {
                self.created.insert(*item, (*who, *side));
                if rule.is_some() {
                    self.series.insert(*item);
                }
                self.guests.insert(*item, *guests);
                if !guests.addresses().is_empty() {
                    self.meetings.insert(*item);
                }
            }
            Operation::Edit { item, edit, who, .. } => {
                // What others' calendars are left for, their own reports say. The
                // first title may be the present one, and so may the guests: then
                // nothing is edited.
                let owner = self.created.get(item).map_or(*who, |(owner, _)| *owner);
                let may_be_none = match edit {
                    Edit::Rename(0) => true,
                    Edit::Invite(guests) => self.guests.insert(*item, *guests) == Some(*guests),
                    Edit::Delete
                    | Edit::Occurrence(..)
                    | Edit::Rename(_)
                    | Edit::Describe(_)
                    | Edit::Retime(_)
                    | Edit::Recur(_)
                    | Edit::Single
                    | Edit::Truncate(_)
                    | Edit::Remind(_)
                    | Edit::Reply(_) => false,
                };
                self.left.retain(|(of, left), _| may_be_none || left != item || of != who);
                self.note_days(*item, *edit);
                match edit {
                    // What a guest removes is the guest's own copy.
                    Edit::Delete if *who == owner => {
                        self.deleted.insert(*item);
                    }
                    Edit::Recur(_) => {
                        self.series.insert(*item);
                    }
                    Edit::Invite(_) => {
                        self.meetings.insert(*item);
                    }
                    Edit::Delete
                    | Edit::Occurrence(..)
                    | Edit::Rename(_)
                    | Edit::Describe(_)
                    | Edit::Retime(_)
                    | Edit::Single
                    | Edit::Truncate(_)
                    | Edit::Remind(_)
                    | Edit::Reply(_) => {}
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

    /// Notes what an edit does to the days of a series.
    fn note_days(&mut self, item: u32, edit: Edit) {
        match edit {
            Edit::Occurrence(..) => {
                self.with_exceptions.insert(item);
            }
            Edit::Retime(_) | Edit::Recur(_) | Edit::Truncate(_) | Edit::Single => {
                self.reshaped.insert(item);
            }
            Edit::Delete | Edit::Rename(_) | Edit::Describe(_) | Edit::Invite(_) | Edit::Remind(_) | Edit::Reply(_) => {
            }
        }
    }

    /// Notes which items a report names.
    pub async fn read_report(&mut self, world: &World, who: Who, report: &Value) {
        for issue in report["issues"].as_array().unwrap() {
            let code = issue["code"].as_str().unwrap();
            let Some(item) = item_named(world, who, issue).await else {
                continue;
            };
            let is_fitting = match code {
                "recurrence-not-supported" | "occurrence-crossing" => self.series.contains(&item),
                // A rule may leave nothing of its series, and other days may leave
                // out one that the other side has changed.
                "not-mappable" => {
                    let message = issue["message"].as_str().unwrap();
                    let is_empty = message.contains("at least one occurrence, but found none");
                    let is_left_out = message.contains("is not in the series in Microsoft 365");
                    (self.series.contains(&item) && is_empty) || (self.has_lost_days(item) && is_left_out)
                }
                "would-notify" => self.meetings.contains(&item),
                // A cancelled occurrence has no way back.
                "not-writable" => self.meetings.contains(&item) || self.series.contains(&item),
                // The CRM has made the copy, and told the guest, by itself.
                "not-invited" => who == Who::Ben && self.told_by_crm.contains(&item),
                // Nothing here is for a side to refuse, or unknown to it.
                _ => false,
            };
            if is_fitting {
                self.left.insert((who, item), code.to_owned());
            } else {
                self.violations.push(format!("an issue that the item has no reason for: {issue}"));
            }
        }
    }

    /// Whether a changed occurrence may have been left without its day.
    fn has_lost_days(&self, item: u32) -> bool {
        self.with_exceptions.contains(&item) && self.reshaped.contains(&item)
    }

    /// Items that were created, and those that a report names in the end.
    pub fn counts(&self) -> (usize, usize) {
        (self.created.len(), self.left.keys().map(|(_, item)| item).collect::<BTreeSet<_>>().len())
    }

    /// Whether Ben's copy of a meeting stands in the CRM alone: the CRM made it
    /// while Anna's mailbox was not connected, and Microsoft, which would make
    /// the other one, was never asked to invite him.
    fn waits_for_invitation(&self, who: Who, item: u32, in_crm: &[Value], in_outlook: &[Value]) -> bool {
        let is_copy = |event: &Value| item_of_event(event) == Some(item) && event["isOrganizer"] == false;
        who == Who::Ben
            && self.told_by_crm.contains(&item)
            && in_crm.iter().any(is_copy)
            && !in_outlook.iter().any(|event| item_of_event(event) == Some(item))
    }

    /// Laws 1, 4 and 5 for the calendars of one user.
    pub async fn check(&mut self, world: &World, who: Who) {
        let outlook = world.outlook(who.login()).await;
        let crm_events = world.crm_events(who.login()).await;
        let outlook_events = outlook.events().await;
        // Where a whole day ends is a matter of zones: the last ones are left out.
        let is_compared = |line: &String| {
            line[..10] < *LAST_DAY
                && item_of(line).is_none_or(|item| {
                    !self.left.contains_key(&(who, item))
                        && !self.waits_for_invitation(who, item, &crm_events, &outlook_events)
                })
        };
        let crm: Vec<String> = world.shown(who.login(), FROM, TO).await.into_iter().filter(is_compared).collect();
        let m365: Vec<String> = outlook.shown(FROM, TO).await.into_iter().filter(is_compared).collect();
        if crm != m365 {
            let only = |one: &[String], other: &[String]| -> Vec<String> {
                one.iter().filter(|line| !other.contains(line)).take(6).cloned().collect()
            };
            self.violations.push(format!(
                "{who:?}: the calendars differ ({} and {} instances); in the CRM alone: {:?}; in Outlook alone: {:?}",
                crm.len(),
                m365.len(),
                only(&crm, &m365),
                only(&m365, &crm),
            ));
        }
        self.compare_details(who, &crm_events, &outlook_events);
        let masters = crm_events.iter().filter(|event| event["recurringEventId"].is_null());
        let in_crm: Vec<u32> = masters.filter_map(item_of_event).collect();
        // What was called off may stay beside what was planned in its place.
        let takes_place = outlook_events.iter().filter(|event| event["isCancelled"] != true);
        let in_outlook: Vec<u32> = takes_place.filter_map(item_of_event).collect();
        for (side, found) in [(Side::Crm, &in_crm), (Side::Outlook, &in_outlook)] {
            for (item, (owner, created_on)) in &self.created {
                let count = found.iter().filter(|found| *found == item).count();
                if count > 1 {
                    self.violations.push(format!("{who:?}: {count} times E{item} in {side:?}"));
                }
                let is_kept = self.deleted.contains(item) || *owner != who || *created_on != side;
                if count == 0 && !is_kept {
                    self.violations.push(format!("{who:?}: E{item} is gone from {side:?}, and nobody deleted it"));
                }
            }
        }
    }
}

impl Course {
    /// What a person sees who opens an event: its text, its reminder, and, of
    /// one's own meeting, who has answered what.
    fn compare_details(&mut self, who: Who, crm_events: &[Value], outlook_events: &[Value]) {
        for ours in crm_events.iter().filter(|event| event["recurringEventId"].is_null()) {
            let Some(item) = item_of_event(ours) else { continue };
            let takes_place = |event: &&Value| item_of_event(event) == Some(item) && event["isCancelled"] != true;
            let theirs = outlook_events.iter().find(takes_place);
            let Some(theirs) = theirs.filter(|_| !self.left.contains_key(&(who, item))) else { continue };
            let (crm, m365) = (details::in_crm(ours), details::in_outlook(theirs));
            if crm != m365 {
                self.violations.push(format!("{who:?}: E{item} is {crm:?} in the CRM, but {m365:?} in Outlook"));
            }
        }
    }
}

/// The item that an issue is about, if it still exists.
async fn item_named(world: &World, who: Who, issue: &Value) -> Option<u32> {
    if let Some(id) = issue["itemId"].as_str() {
        let answer = world.crm.get(&format!("/api/calendar-events/{id}")).await;
        if answer.status == 200 {
            return item_of(answer.json()["title"].as_str().unwrap());
        }
    }
    let id = issue["externalId"].as_str()?;
    let event = world.outlook(who.login()).await.event(id).await?;
    item_of(event["subject"].as_str().unwrap())
}

/// The item that an event of either side belongs to.
fn item_of_event(event: &Value) -> Option<u32> {
    item_of(event["title"].as_str().or(event["subject"].as_str())?)
}

//! What has happened to each item, as far as the laws ask for it, and that both sides
//! show the same. Next: [`super::presence`], [`super::reasons`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::shown::{EventShown, Shown, shown};
use crate::app::Resource;
use crate::sim::operation::{Direction, EventAct, Guests, OccurrenceAct, Side, TaskAct, Who};
use crate::sim::scene::{Played, Scene};
use crate::sim::words::{item_of, text};

/// The day before the end of what is compared: where a whole day ends is a matter
/// of zones, so the last ones are left out.
pub(super) const LAST_DAY: &str = "2027-01-31";

/// Instances that a violation shows of each side.
const EXAMPLES: usize = 6;

/// What is known of an item.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) owner: Who,
    pub(super) resource: Resource,
    pub(super) side: Side,
}

/// What has happened so far, as far as these laws ask for it.
#[derive(Clone, Debug, Default)]
pub struct Course {
    pub(super) created: BTreeMap<u32, Known>,
    /// Items that somebody has deleted.
    pub(super) deleted: BTreeSet<u32>,
    /// Items that had guests at some time.
    pub(super) meetings: BTreeSet<u32>,
    /// Whom items were given for guests last, as far as everybody agrees on it.
    pub(super) guests: BTreeMap<u32, Guests>,
    /// Meetings whose guest has removed a copy: an answer given before that may
    /// not reach the organiser any more.
    pub(super) dropped: BTreeSet<u32>,
    /// Items that recurred at some time.
    pub(super) series: BTreeSet<u32>,
    /// Items of which single occurrences were edited, and items whose series was
    /// given other days.
    pub(super) with_exceptions: BTreeSet<u32>,
    /// Series of which somebody has ever put an occurrence elsewhere, and series of
    /// which somebody has ever called one off.
    pub(super) with_moves: BTreeSet<u32>,
    pub(super) with_cancellations: BTreeSet<u32>,
    pub(super) reshaped: BTreeSet<u32>,
    /// Items that Anna entered or changed in the CRM while the CRM told her
    /// guests by itself (Oro row C5).
    pub(super) told_by_crm: BTreeSet<u32>,
    /// Items that were made where nothing is taken from: they stay on that side.
    pub(super) apart: BTreeSet<u32>,
    /// Why items differ, as reports name them, by user.
    pub(super) left: BTreeMap<(Who, u32), String>,
    /// Items that the last run of a user has put off, because something went wrong.
    pub(super) put_off: BTreeSet<(Who, u32)>,
    /// Items that are gone for good: deleted while nobody changed them on the
    /// other side.
    pub(super) gone: BTreeSet<u32>,
    /// On which sides items were changed since the last complete run.
    pub(super) touched: BTreeSet<(u32, Side)>,
    /// What was wrong.
    pub violations: Vec<String>,
}

impl Course {
    /// Notes what a person has done with an event.
    pub fn note_event(&mut self, (side, who, item): (Side, Who, u32), act: &EventAct, in_step: bool) {
        if side == Side::Crm && who == Who::Anna && !in_step {
            self.told_by_crm.insert(item);
        }
        if let EventAct::Create(_, rule, guests) = act {
            self.created.insert(item, Known { owner: who, resource: Resource::Calendar, side });
            if rule.is_some() {
                self.series.insert(item);
            }
            self.guests.insert(item, *guests);
            if *guests != Guests::NOBODY {
                self.meetings.insert(item);
            }
            self.touch(item, side);
            return;
        }
        let owner = self.created.get(&item).map_or(who, |known| known.owner);
        // What others' calendars are left for, their own reports say. What is set
        // may be so already: then nothing is edited.
        let is_edit = match act {
            EventAct::Invite(guests) => self.guests.insert(item, *guests) != Some(*guests),
            EventAct::Create(..)
            | EventAct::Rename(_)
            | EventAct::Describe(_)
            | EventAct::Retime(_)
            | EventAct::Recur(_)
            | EventAct::Single
            | EventAct::Truncate(_)
            | EventAct::Delete => true,
            EventAct::Occurrence(_, act) => !matches!(act, OccurrenceAct::Restore),
            EventAct::Remind(_) | EventAct::Reply(_) => false,
        };
        self.left.retain(|(of, left), _| !is_edit || *left != item || *of != who);
        self.note_shape(item, act);
        // What a guest removes is the guest's own copy.
        match act {
            EventAct::Delete if who == owner => self.delete(item, side),
            EventAct::Delete => {
                self.dropped.insert(item);
            }
            _ if who == owner => self.touch(item, side),
            _ => {}
        }
    }

    fn note_shape(&mut self, item: u32, act: &EventAct) {
        match act {
            EventAct::Occurrence(_, act) => {
                self.with_exceptions.insert(item);
                match act {
                    OccurrenceAct::Move(_) => drop(self.with_moves.insert(item)),
                    OccurrenceAct::Cancel => drop(self.with_cancellations.insert(item)),
                    OccurrenceAct::Rename(_) | OccurrenceAct::Restore => {}
                }
            }
            EventAct::Recur(_) => {
                self.series.insert(item);
                self.reshaped.insert(item);
            }
            EventAct::Retime(_) | EventAct::Truncate(_) | EventAct::Single => {
                self.reshaped.insert(item);
            }
            EventAct::Invite(_) => {
                self.meetings.insert(item);
            }
            EventAct::Create(..)
            | EventAct::Rename(_)
            | EventAct::Describe(_)
            | EventAct::Remind(_)
            | EventAct::Reply(_)
            | EventAct::Delete => {}
        }
    }

    /// Notes what a person has done with a task.
    pub fn note_task(&mut self, (side, who, item): (Side, Who, u32), act: &TaskAct) {
        self.left.retain(|(of, left), _| *left != item || *of != who);
        match act {
            TaskAct::Create(_) => {
                self.created.insert(item, Known { owner: who, resource: Resource::Tasks, side });
                self.touch(item, side);
            }
            TaskAct::Delete => self.delete(item, side),
            TaskAct::Rename(_) | TaskAct::Describe(_) | TaskAct::Due(_) | TaskAct::Weigh(_) | TaskAct::Progress(_) => {
                self.touch(item, side);
            }
        }
    }

    /// The items of a resource that somebody has entered.
    pub fn items_of(&self, who: Who, resource: Resource) -> Vec<u32> {
        let of = self.created.iter().filter(|(_, known)| known.owner == who && known.resource == resource);
        of.map(|(item, _)| *item).collect()
    }

    /// Whether anybody was ever invited to an item.
    pub fn is_meeting(&self, item: u32) -> bool {
        self.meetings.contains(&item)
    }

    /// A person has a decision about an item taken back: it may be gone by that, or
    /// back.
    pub fn taken_back(&mut self, item: u32, conflict: &Value) {
        if text(conflict, "situation").starts_with("deleted-in") {
            self.deleted.insert(item);
        }
        self.gone.remove(&item);
        self.left.retain(|(_, left), _| *left != item);
        for side in Side::ALL {
            self.touch(item, side);
        }
    }

    /// An item was made on a side that nothing is taken from.
    pub fn keep_apart(&mut self, item: u32) {
        self.apart.insert(item);
    }

    /// The direction of a resource is another one.
    pub fn turned(&mut self, resource: Resource, direction: Direction) {
        let created = &self.created;
        let flows = |known: &Known| known.resource == resource && direction.takes_from(known.side);
        self.apart.retain(|item| created.get(item).is_some_and(|known| !flows(known)));
    }

    /// A deletion that meets no change of the other side is for good. What is new
    /// there since the last complete run counts as one: what is deleted before
    /// anybody has heard that it was created is not told from what never was.
    fn delete(&mut self, item: u32, side: Side) {
        self.deleted.insert(item);
        if !self.touched.contains(&(item, side.other())) {
            self.gone.insert(item);
        }
    }

    /// A change may bring back what the other side has deleted.
    fn touch(&mut self, item: u32, side: Side) {
        self.touched.insert((item, side));
        self.gone.remove(&item);
    }

    /// A run of this user has come to its end.
    pub fn settled(&mut self, who: Who, resource: Resource) {
        let created = &self.created;
        let is_settled = |known: &Known| known.owner == who && known.resource == resource;
        self.touched.retain(|(item, _)| created.get(item).is_none_or(|known| !is_settled(known)));
    }

    /// Whether an item is left alone by a user: for a reason that a report named, or
    /// because the direction leaves it where it is.
    pub fn is_left(&self, who: Who, item: u32) -> bool {
        self.left.contains_key(&(who, item)) || self.apart.contains(&item)
    }

    /// Whether the last run of a user has put an item off, as its report says.
    pub fn is_put_off(&self, who: Who, item: u32) -> bool {
        self.put_off.contains(&(who, item))
    }

    /// Whether both sides have what a complete run has made of an item, as far as this
    /// is told of its edits.
    pub fn is_settled(&self, who: Who, item: u32) -> bool {
        let is_touched = Side::ALL.iter().any(|side| self.touched.contains(&(item, *side)));
        !is_touched && !self.is_left(who, item) && !self.is_put_off(who, item)
    }

    /// Whether an item is of this person and this resource.
    pub fn is_of(&self, who: Who, resource: Resource, item: u32) -> bool {
        self.created.get(&item).is_some_and(|known| known.owner == who && known.resource == resource)
    }

    /// Whether an item recurred at some time.
    pub fn has_recurred(&self, item: u32) -> bool {
        self.series.contains(&item)
    }

    /// Whether what somebody did is held back, because guests would be told.
    pub fn is_withheld(&self, who: Who, item: u32) -> bool {
        self.left.get(&(who, item)).is_some_and(|code| code == "would-notify")
    }

    /// Whether what somebody did waits for the next edit of the meeting: it is held
    /// back, or nothing is there yet that an answer could be given to.
    pub fn is_waiting(&self, who: Who, item: u32) -> bool {
        self.left.get(&(who, item)).is_some_and(|code| code == "would-notify" || code == "not-invited")
    }

    /// Whether a guest's copy may differ: what the organiser's own item is held back
    /// for, the CRM has told its own copies, and Microsoft was never asked to.
    fn is_copy_ahead(&self, who: Who, item: u32) -> bool {
        let owner = self.created.get(&item).map(|known| known.owner);
        owner.is_some_and(|owner| owner != who && self.is_withheld(owner, item))
    }

    /// Whether Ben's copy of a meeting stands in the CRM alone: the CRM made it
    /// while Anna's mailbox was not connected, and Microsoft, which would make
    /// the other one, was never asked to invite him.
    fn waits_for_invitation(&self, who: Who, item: u32, in_crm: &Shown, in_microsoft: &Shown) -> bool {
        let is_copy = |event: &EventShown| event.item == item && event.is_copy;
        who == Who::Ben
            && self.told_by_crm.contains(&item)
            && in_crm.events.iter().any(is_copy)
            && !in_microsoft.events.iter().any(|event| event.item == item)
    }

    /// Compares what both sides show of one user; answers with both.
    ///
    /// # Errors
    /// The harness did not do as it should.
    pub async fn check(&mut self, scene: &Scene, who: Who) -> Played<(Shown, Shown)> {
        let crm = shown(scene, who, Side::Crm).await?;
        let microsoft = shown(scene, who, Side::Microsoft).await?;
        self.compare_lines(who, &crm, &microsoft);
        self.compare_events(who, &crm, &microsoft);
        self.compare_tasks(who, &crm, &microsoft);
        self.count(who, Side::Crm, &crm, &microsoft);
        self.count(who, Side::Microsoft, &microsoft, &crm);
        Ok((crm, microsoft))
    }

    fn compare_lines(&mut self, who: Who, crm: &Shown, microsoft: &Shown) {
        let is_compared = |line: &&String| {
            line.get(..10).is_some_and(|day| day < LAST_DAY)
                && item_of(line).is_none_or(|item| {
                    !self.is_left(who, item)
                        && !self.is_copy_ahead(who, item)
                        && !self.waits_for_invitation(who, item, crm, microsoft)
                })
        };
        let ours: Vec<&String> = crm.lines.iter().filter(is_compared).collect();
        let theirs: Vec<&String> = microsoft.lines.iter().filter(is_compared).collect();
        if ours != theirs {
            let only = |one: &[&String], other: &[&String]| -> Vec<String> {
                let missing = one.iter().filter(|line| !other.contains(line));
                missing.take(EXAMPLES).map(|line| (*line).clone()).collect()
            };
            let violation = format!(
                "{who:?}: the calendars differ ({} and {} instances); in the CRM alone: {:?}; in Outlook alone: {:?}",
                ours.len(),
                theirs.len(),
                only(&ours, &theirs),
                only(&theirs, &ours),
            );
            self.violations.push(violation);
        }
    }

    /// What a person sees who opens an event: its text, its reminder, and, of
    /// one's own meeting, who has answered what.
    fn compare_events(&mut self, who: Who, crm: &Shown, microsoft: &Shown) {
        // Of what is held back because guests would be told, the rest is written.
        let is_judged = |item: u32| self.is_withheld(who, item) || !self.left.contains_key(&(who, item));
        let judged: Vec<&EventShown> = crm.events.iter().filter(|event| is_judged(event.item)).collect();
        for ours in judged {
            let theirs = microsoft.events.iter().find(|event| event.item == ours.item && !event.is_cancelled);
            let Some(theirs) = theirs else { continue };
            let is_dropped = self.dropped.contains(&ours.item);
            let is_withheld = self.is_withheld(who, ours.item);
            // What he answered while the CRM had to tell the organiser, Microsoft
            // was not asked to tell once more, and his report said so.
            let is_answer = |guest: &String| guest.starts_with(Who::Ben.address());
            let is_compared = |guest: &String| !(is_answer(guest) && self.is_withheld(Who::Ben, ours.item));
            let guests = |event: &EventShown| {
                let guests = event.guests.clone().filter(|_| !is_dropped && !is_withheld)?;
                Some(guests.into_iter().filter(is_compared).collect::<Vec<_>>())
            };
            // The reminder is everybody's own.
            let text =
                |event: &EventShown| (!is_withheld && !self.is_copy_ahead(who, event.item)).then(|| event.text.clone());
            let details = |event: &EventShown| (text(event), event.reminder, guests(event));
            if details(ours) != details(theirs) {
                self.violations.push(format!("{who:?}: an event is {ours:?} in the CRM, but {theirs:?} in Outlook"));
            }
        }
    }

    fn compare_tasks(&mut self, who: Who, crm: &Shown, microsoft: &Shown) {
        let compared = |shown: &Shown| {
            let mut tasks: Vec<_> = shown.tasks.iter().filter(|task| !self.is_left(who, task.item)).cloned().collect();
            tasks.sort();
            tasks
        };
        let (ours, theirs) = (compared(crm), compared(microsoft));
        if ours != theirs {
            let only = |one: &[super::shown::TaskShown], other: &[super::shown::TaskShown]| -> Vec<_> {
                one.iter().filter(|task| !other.contains(task)).take(EXAMPLES).cloned().collect()
            };
            let (in_crm, in_todo) = (only(&ours, &theirs), only(&theirs, &ours));
            self.violations
                .push(format!("{who:?}: the tasks differ; in the CRM alone: {in_crm:?}; in To Do alone: {in_todo:?}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with two versions of an event that is left with this code.
    fn differ(code: Option<&str>, change: fn(&mut EventShown)) -> usize {
        let mut course = Course::default();
        course.left.extend(code.map(|code| ((Who::Anna, 1), code.to_owned())));
        let ours = EventShown {
            item: 1,
            title: "E1 v0".to_owned(),
            text: String::new(),
            reminder: Some(15),
            guests: None,
            is_cancelled: false,
            is_copy: false,
        };
        let mut theirs = ours.clone();
        change(&mut theirs);
        let [crm, microsoft] = [ours, theirs].map(|event| Shown { events: vec![event], ..Shown::default() });
        course.compare_events(Who::Anna, &crm, &microsoft);
        course.violations.len()
    }

    #[test]
    fn what_is_held_back_because_guests_would_be_told_is_all_that_may_differ() {
        let text = |event: &mut EventShown| event.text = "Agenda 2".to_owned();
        let reminder = |event: &mut EventShown| event.reminder = None;
        assert_eq!([None, Some("would-notify"), Some("not-mappable")].map(|code| differ(code, text)), [1, 0, 0]);
        assert_eq!([None, Some("would-notify"), Some("not-mappable")].map(|code| differ(code, reminder)), [1, 1, 0]);
    }
}

//! An item that was deleted on one side and edited on the other is back or gone,
//! as the rule says, and a record names it.
//!
//! That is asked where it is certain that the two have met: both sides had the item
//! after a complete run, and no run has begun between the first of the two and the
//! complete one that has settled them. What is no edit for certain, such as a time
//! that is perhaps the present one, counts as none.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::app::Resource;
use crate::sim::laws::course::Course;
use crate::sim::laws::shown::Shown;
use crate::sim::operation::{Side, Who};
use crate::sim::words::{item_of, text};

/// What somebody does with an item, as far as this is about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Enters it.
    Create,
    /// Gives it a value that it never had.
    Edit,
    /// Deletes it.
    Delete,
}

/// What is known of one item.
#[derive(Clone, Debug)]
struct Known {
    resource: Resource,
    /// Whether a complete run has brought it to both sides.
    is_on_both: bool,
    /// Where it was deleted since the last complete run, and where it was edited.
    deleted: BTreeSet<Side>,
    edited: BTreeSet<Side>,
    /// Whether a run has begun since.
    is_unsure: bool,
    /// What a complete run has to have made of it.
    fate: Option<Fate>,
}

/// What has to have come of a deletion that has met an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fate {
    deleted_on: Side,
    winner: Side,
}

/// Deletions and edits of all items.
#[derive(Clone, Debug, Default)]
pub struct Clashes {
    items: BTreeMap<(Who, u32), Known>,
}

impl Clashes {
    /// The owner of an item has done something with it.
    pub fn note(&mut self, resource: Resource, (side, who, item): (Side, Who, u32), deed: Deed) {
        if deed == Deed::Create {
            self.items.insert((who, item), Known::of(resource));
            return;
        }
        // Nobody but its owner edits or deletes it for everybody.
        let Some(known) = self.items.get_mut(&(who, item)) else { return };
        if deed == Deed::Edit {
            known.edited.insert(side);
        } else {
            known.deleted.insert(side);
            known.fate = None;
        }
    }

    /// Whether it is this person's item.
    pub fn is_owner(&self, who: Who, item: u32) -> bool {
        self.items.contains_key(&(who, item))
    }

    /// A run of a user has begun, and may have been cut short.
    pub fn ran(&mut self, who: Who, resource: Resource) {
        for ((of, _), known) in &mut self.items {
            if *of == who && known.resource == resource {
                known.ran();
            }
        }
    }

    /// A run of a user was complete, but for some items, under a rule by which
    /// `winner` wins.
    pub fn settled(&mut self, who: Who, resource: Resource, winner: Side, is_open: impl Fn(u32) -> bool) {
        for ((of, item), known) in &mut self.items {
            match (*of == who && known.resource == resource, is_open(*item)) {
                (true, false) => known.settle(winner),
                (true, true) => known.ran(),
                (false, _) => {}
            }
        }
    }

    /// A person has a decision about an item taken back.
    pub fn taken_back(&mut self, who: Who, item: u32) {
        if let Some(known) = self.items.get_mut(&(who, item)) {
            known.fate = None;
        }
    }

    /// What is wrong with what both sides and the records say of a user.
    pub fn check(
        &mut self,
        course: &Course,
        who: Who,
        (crm, microsoft): &(Shown, Shown),
        records: &[Value],
    ) -> Vec<String> {
        let mut violations = Vec::new();
        for ((_, item), known) in
            self.items.iter_mut().filter(|((of, item), _)| *of == who && !course.is_left(who, *item))
        {
            let Some(fate) = known.fate.take() else { continue };
            let is_back = fate.winner != fate.deleted_on;
            let what = format!("E{item} was deleted in {:?} and edited on the other side", fate.deleted_on);
            for (side, shown) in [(Side::Crm, crm), (Side::Microsoft, microsoft)] {
                if is_there(shown, *item) != is_back {
                    let wrong = if is_back { "is not" } else { "is" };
                    violations.push(format!("{who:?}: {what}, but it {wrong} in {side:?}"));
                }
            }
            if !records.iter().any(|record| fate.is_recorded(*item, record)) {
                violations.push(format!("{who:?}: {what}, and no conflict is recorded of that"));
            }
        }
        violations
    }
}

impl Known {
    const fn of(resource: Resource) -> Self {
        Self {
            resource,
            is_on_both: false,
            deleted: BTreeSet::new(),
            edited: BTreeSet::new(),
            is_unsure: false,
            fate: None,
        }
    }

    fn ran(&mut self) {
        self.is_unsure |= !self.deleted.is_empty() || !self.edited.is_empty();
    }

    fn settle(&mut self, winner: Side) {
        let Self { deleted, edited, .. } = self;
        let (deleted, edited) = (std::mem::take(deleted), std::mem::take(edited));
        let is_unsure = std::mem::take(&mut self.is_unsure);
        let is_known = self.is_on_both && !is_unsure;
        let one = deleted.first().filter(|side| deleted.len() == 1 && edited.contains(&side.other()));
        if let Some(deleted_on) = one.filter(|_| is_known) {
            self.fate = Some(Fate { deleted_on: *deleted_on, winner });
        }
        self.is_on_both = true;
    }
}

impl Fate {
    fn is_recorded(self, item: u32, record: &Value) -> bool {
        let situation = match self.deleted_on {
            Side::Crm => "deleted-in-crm",
            Side::Microsoft => "deleted-in-microsoft",
        };
        item_of(text(record, "title")) == Some(item)
            && text(record, "situation") == situation
            && text(record, "winner") == self.winner.word()
    }
}

fn is_there(shown: &Shown, item: u32) -> bool {
    shown.events.iter().any(|event| event.item == item && !event.is_cancelled)
        || shown.tasks.iter().any(|task| task.item == item)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(deeds: &[(Side, Deed)], cut_short: bool, winner: Side) -> Option<Fate> {
        let (mut clashes, resource) = (Clashes::default(), Resource::Tasks);
        clashes.note(resource, (Side::Crm, Who::Carl, 1), Deed::Create);
        clashes.settled(Who::Carl, resource, winner, |_| false);
        for (side, deed) in deeds {
            clashes.note(resource, (*side, Who::Carl, 1), *deed);
        }
        if cut_short {
            clashes.ran(Who::Carl, resource);
        }
        clashes.settled(Who::Carl, resource, winner, |_| false);
        clashes.items.values().next()?.fate
    }

    #[test]
    fn a_deletion_and_an_edit_that_meet_for_certain_have_a_fate() {
        use Deed::{Delete, Edit};
        let both = [(Side::Crm, Delete), (Side::Microsoft, Edit)];
        let fate = Some(Fate { deleted_on: Side::Crm, winner: Side::Microsoft });
        assert_eq!(settled(&both, false, Side::Microsoft), fate);
        assert_eq!(settled(&both, true, Side::Microsoft), None, "a run may have seen one before the other");
        assert_eq!(settled(&[(Side::Crm, Edit), (Side::Crm, Delete)], false, Side::Crm), None);
        assert_eq!(settled(&[both[0], both[1], (Side::Microsoft, Delete)], false, Side::Crm), None);
    }
}

//! What a run of somebody has to do: a bound for what it may ask.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::Resource;
use crate::sim::operation::Who;

/// What is left to do for somebody's resource.
#[derive(Clone, Debug, Default)]
struct Left {
    /// Items that somebody has done something with.
    items: BTreeSet<u32>,
    /// Whether everything may have to be compared.
    is_all: bool,
}

/// What is left to do for whom.
#[derive(Clone, Debug, Default)]
pub struct Pending {
    left: BTreeMap<(Who, Resource), Left>,
}

impl Pending {
    /// Somebody has done something with an item that these people have.
    pub fn note(&mut self, people: &[Who], resource: Resource, item: u32) {
        for who in people {
            self.left.entry((*who, resource)).or_default().items.insert(item);
        }
    }

    /// Something has happened after which a run may compare everything: of one user,
    /// or of all.
    pub fn compare(&mut self, who: Option<Who>) {
        for of in Who::ALL.into_iter().filter(|of| who.is_none_or(|who| who == *of)) {
            for resource in [Resource::Calendar, Resource::Tasks] {
                self.left.entry((of, resource)).or_default().is_all = true;
            }
        }
    }

    /// A run was complete but for some items.
    pub fn settled(&mut self, who: Who, resource: Resource, is_open: impl Fn(u32) -> bool) {
        let left = self.left.entry((who, resource)).or_default();
        left.is_all = false;
        left.items.retain(|item| is_open(*item));
    }

    /// With how many items a run may have to do, where there are so many in all.
    pub fn count(&self, who: Who, resource: Resource, all: usize) -> usize {
        match self.left.get(&(who, resource)) {
            Some(left) if left.is_all => all,
            Some(left) => left.items.len(),
            None => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHAT: Resource = Resource::Calendar;

    #[test]
    fn a_run_has_to_do_with_what_was_touched_or_with_everything() {
        let mut pending = Pending::default();
        pending.note(&[Who::Anna, Who::Ben], WHAT, 1);
        pending.note(&[Who::Anna], WHAT, 2);
        assert_eq!(Who::ALL.map(|who| pending.count(who, WHAT, 9)), [2, 1, 0]);
        pending.settled(Who::Anna, WHAT, |item| item == 2);
        assert_eq!(Who::ALL.map(|who| pending.count(who, WHAT, 9)), [1, 1, 0]);
        pending.compare(Some(Who::Ben));
        assert_eq!(Who::ALL.map(|who| pending.count(who, WHAT, 9)), [1, 9, 0]);
        pending.compare(None);
        pending.settled(Who::Ben, WHAT, |_| false);
        assert_eq!(Who::ALL.map(|who| pending.count(who, WHAT, 9)), [9, 0, 9]);
    }
}

//! Nothing is doubled, nothing is gone that nobody deleted, nothing is back that
//! somebody did, and nobody sees what belongs to another user who has not invited
//! anybody, or to another organization.

use super::course::{Course, Known, LAST_DAY};
use super::shown::Shown;
use crate::app::Resource;
use crate::sim::operation::{Side, Who};
use crate::sim::words::item_of;

impl Course {
    /// Counts what a side shows of a user.
    pub(super) fn count(&mut self, who: Who, side: Side, shown: &Shown, beyond: &Shown) {
        // What was called off may stay beside what was planned in its place.
        let events = shown.events.iter().filter(|event| side == Side::Crm || !event.is_cancelled);
        let found: Vec<u32> = events.map(|event| event.item).chain(shown.tasks.iter().map(|task| task.item)).collect();
        for (item, known) in &self.created {
            let count = found.iter().filter(|found| *found == item).count();
            // A guest who has declined a series has its changed days as events.
            if count > 1 && known.owner == who {
                self.violations.push(format!("{who:?}: {count} times E{item} in {side:?}"));
            }
            let is_home = known.side == side;
            let has_to_be_there = is_home || (is_near(beyond, *item) && !self.is_left(who, *item));
            if known.owner == who && count == 0 && has_to_be_there && !self.deleted.contains(item) {
                self.violations.push(format!("{who:?}: E{item} is not in {side:?}, and nobody deleted it"));
            }
            if known.owner == who && count > 0 && !is_home && self.apart.contains(item) {
                self.violations.push(format!("{who:?}: E{item} is in {side:?}, against the direction"));
            }
            if known.owner == who && count > 0 && self.gone.contains(item) && !self.is_left(who, *item) {
                self.violations.push(format!("{who:?}: E{item} was deleted, and is in {side:?} all the same"));
            }
            if !self.may_see(who, *item, *known) && count > 0 {
                self.violations.push(format!("{who:?}: E{item} of {:?} is in {side:?}", known.owner));
            }
        }
    }

    /// How many items of a resource somebody may be shown.
    pub fn seen_by(&self, who: Who, resource: Resource) -> usize {
        let of = self.created.iter().filter(|(_, known)| known.resource == resource);
        of.filter(|(item, known)| self.may_see(who, **item, **known)).count()
    }

    /// Whether somebody may be shown an item: one's own, and what its owner has ever
    /// invited anybody of the organization to.
    fn may_see(&self, who: Who, item: u32, known: Known) -> bool {
        let is_shared = known.resource == Resource::Calendar && self.meetings.contains(&item);
        known.owner == who || (is_shared && known.owner.organization() == who.organization())
    }
}

/// Whether a side shows an item in the time that is compared.
fn is_near(shown: &Shown, item: u32) -> bool {
    let mut lines = shown.lines.iter().filter(|line| line.get(..10).is_some_and(|day| day < LAST_DAY));
    lines.any(|line| item_of(line) == Some(item)) || shown.tasks.iter().any(|task| task.item == item)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn nobody_sees_what_another_user_has_invited_nobody_to() {
        let mut course = Course { meetings: BTreeSet::from([2, 3]), ..Course::default() };
        let mut add = |item, owner, resource| {
            course.created.insert(item, Known { owner, resource, side: Side::Crm });
        };
        add(1, Who::Anna, Resource::Calendar);
        add(2, Who::Anna, Resource::Calendar);
        add(3, Who::Anna, Resource::Tasks);
        let seen_by = |who: Who| {
            let items = course.created.iter().filter(|(item, known)| course.may_see(who, **item, **known));
            items.map(|(item, _)| *item).collect::<Vec<_>>()
        };
        assert_eq!([Who::Anna, Who::Ben, Who::Carl].map(seen_by), [vec![1, 2, 3], vec![2], vec![]]);
    }
}

//! So much was deleted at once that a guard rail has to stop the run that would do
//! the same on the other side, or may.
//!
//! A rail has to stop it where that is certain: on both sides nothing but the
//! deleted items was there before, all of them in step, and nobody has done
//! anything since. What the component counts, and where it draws the line, is no
//! matter of these laws, but that everything which a side has shown is too much.
//! Next: `amends`.

use std::collections::BTreeMap;

use super::operation::Who;
use crate::app::Resource;

/// Items that are enough to be missed, where nothing else is there.
pub const PURGED_MIN: u32 = 5;

/// What a guard rail makes of a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rail {
    /// It may stop the run.
    May,
    /// It has to stop the run that would delete so many items.
    HasTo(usize),
}

/// Whose which resource so much was deleted of.
#[derive(Clone, Debug, Default)]
pub struct Purges {
    rails: BTreeMap<(Who, Resource), Rail>,
}

impl Purges {
    /// Much was deleted, or everything, if so many items `in_step` were all there was.
    pub fn note(&mut self, who: Who, resource: Resource, in_step: Option<usize>) {
        let has_to = in_step.filter(|items| *items >= PURGED_MIN as usize);
        self.rails.insert((who, resource), has_to.map_or(Rail::May, Rail::HasTo));
    }

    /// Something has happened since to anything that this is said of.
    pub fn blur(&mut self, is_meant: impl Fn(Who, Resource) -> bool) {
        for ((who, resource), rail) in &mut self.rails {
            if is_meant(*who, *resource) {
                *rail = Rail::May;
            }
        }
    }

    /// Whether anything explains that a guard rail stops a run.
    pub fn explain(&self, who: Who, resource: Resource) -> bool {
        self.rails.contains_key(&(who, resource))
    }

    /// Whether a guard rail has to stop the next run.
    pub fn has_to_stop(&self, who: Who, resource: Resource) -> bool {
        matches!(self.rails.get(&(who, resource)), Some(Rail::HasTo(_)))
    }

    /// A run was complete; what it must not have done.
    pub fn settled(&mut self, who: Who, resource: Resource) -> Option<String> {
        match self.rails.remove(&(who, resource))? {
            Rail::May => None,
            Rail::HasTo(items) => Some(format!(
                "{who:?}: all {items} items of {resource} were deleted on one side, and no guard rail has stopped the \
                 run that did so on the other"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHO: Who = Who::Carl;
    const WHAT: Resource = Resource::Tasks;

    #[test]
    fn a_run_goes_through_only_where_something_lets_it() {
        let wrong = |in_step: Option<usize>, is_blurred: bool| {
            let mut purges = Purges::default();
            purges.note(WHO, WHAT, in_step);
            purges.blur(|who, resource| is_blurred && (who, resource) == (WHO, WHAT));
            let wrong = purges.settled(WHO, WHAT);
            assert!(!purges.explain(WHO, WHAT) && purges.settled(WHO, WHAT).is_none());
            wrong.is_some()
        };
        assert!(wrong(Some(5), false));
        assert!(!wrong(Some(5), true), "somebody has let it through, or gone on working");
        assert!(!wrong(Some(4), false), "whoever has four items may delete them");
        assert!(!wrong(None, false), "other items were there");
    }

    #[test]
    fn what_happens_to_others_changes_nothing() {
        let mut purges = Purges::default();
        purges.note(WHO, WHAT, Some(6));
        purges.blur(|who, _| who == Who::Anna);
        assert!(purges.settled(Who::Anna, WHAT).is_none());
        assert!(purges.has_to_stop(WHO, WHAT) && purges.explain(WHO, WHAT));
    }
}

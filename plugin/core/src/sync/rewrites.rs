//! What we have written to one item of late, to notice when it repeats.
//!
//! Two integrations that insist on different values make us carry the same ones
//! to and fro after every run. What tells that from a person who edits often is
//! that nothing new comes: values that were written before are written once more,
//! and what we have written is contradicted on the very side that we wrote it to.
//! What becomes of a run that would do so is [`super::rails`]' matter.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::model::{Instant, Record};

use super::{Decision, Link};

/// Writes that are remembered: the values of two parties, on two sides, and of a
/// third party on one of them.
const REMEMBERED_MAX: usize = 6;

/// How often in a row a write may be contradicted with what was written before:
/// an hour of two programs at odds has cost a handful of writes by then.
const CONTRADICTED_MAX: u32 = 6;

/// How often in a row one side may come back to what it has had before, without
/// anybody contradicting it on the other: four hours of a change in every run of
/// ten minutes. Two programs that fight there do that; a person who cannot decide
/// does not.
const RETURNED_MAX: u32 = 24;

/// Runs within which a repeat counts as one in a row: the next one, and one more,
/// because Microsoft may have asked to wait.
const RUNS_BETWEEN_MAX: u32 = 2;

/// The longest time between two repeats in a row, whatever the interval. Writing
/// the same again after a longer time is a habit, such as a task that is opened
/// every morning and closed every evening.
const GAP_MAX: Duration = Duration::from_hours(6);

/// What a write would leave behind on both sides, in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Print {
    /// Of the values.
    digest: u64,
    /// Whether the CRM is written.
    crm: bool,
    /// Whether Microsoft is.
    m365: bool,
}

impl Print {
    /// Of what a decision writes; none where it writes no values.
    pub fn of(decision: &Decision) -> Option<Self> {
        match decision {
            Decision::Merge(merge) if merge.to_crm.is_empty() && merge.to_m365.is_empty() => None,
            Decision::Merge(merge) => Some(Self::of_records(&merge.to_crm, &merge.to_m365)),
            // An item that was deleted, and is made again.
            Decision::Create { on: super::Side::Crm, record, .. } => Some(Self::of_records(record, &Record::NONE)),
            Decision::Create { on: super::Side::M365, record, .. } => Some(Self::of_records(&Record::NONE, record)),
            Decision::Delete { .. } | Decision::Ignore | Decision::Keep | Decision::Close | Decision::Withhold => None,
        }
    }

    fn of_records(crm: &Record, m365: &Record) -> Self {
        // Plain data with text keys: encoding it cannot fail.
        let bytes = Sha256::digest(serde_json::to_vec(&[crm, m365]).unwrap_or_default());
        let digest = bytes.iter().take(8).fold(0, |bits, byte| (bits << 8) | u64::from(*byte));
        Self { digest, crm: !crm.is_empty(), m365: !m365.is_empty() }
    }

    /// Whether writing this after `last` means that what was written has been
    /// contradicted: the side that was written is the one that has changed, or has
    /// lost it.
    const fn contradicts(&self, last: &Self) -> bool {
        self.digest == last.digest || self.crm != last.crm || self.m365 != last.m365
    }
}

/// What a write is to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    /// Something new, or after a long time.
    New,
    /// What was written before, against what we have written since.
    Contradicted,
    /// What was written before, by the same side as since.
    Returned,
    /// The same at once: a person's second thought, not another run's.
    AtOnce,
}

/// The last writes to one item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rewrites {
    /// What was written, the newest last.
    written: Vec<Print>,
    /// How many of them in a row were contradicted with what was known.
    contradicted: u32,
    /// How many of them in a row came back to what was known.
    returned: u32,
    /// When the newest was written.
    last_at: Option<Instant>,
}

impl Rewrites {
    /// Whether nothing is remembered.
    pub const fn is_empty(&self) -> bool {
        self.written.is_empty()
    }

    /// Whether it takes one more repeat to be too many.
    pub const fn is_at_limit(&self) -> bool {
        self.contradicted >= CONTRADICTED_MAX || self.returned >= RETURNED_MAX
    }

    /// What writing this now is to what was written before.
    fn again(&self, print: Print, now: Instant, interval: Duration) -> Again {
        let gap_max = interval.saturating_mul(RUNS_BETWEEN_MAX).min(GAP_MAX);
        let gap = self.last_at.and_then(|at| now.since(at).to_std().ok()).filter(|gap| *gap <= gap_max);
        let (Some(gap), Some(last)) = (gap, self.written.last()) else { return Again::New };
        if !self.written.contains(&print) {
            Again::New
        } else if print.contradicts(last) {
            Again::Contradicted
        } else if gap < interval / 2 {
            Again::AtOnce
        } else {
            Again::Returned
        }
    }

    /// Whether writing this now would be one repeat too many.
    pub fn are_too_many_with(&self, print: Print, now: Instant, interval: Duration) -> bool {
        match self.again(print, now, interval) {
            Again::Contradicted => self.contradicted >= CONTRADICTED_MAX,
            Again::Returned => self.returned >= RETURNED_MAX,
            Again::New | Again::AtOnce => false,
        }
    }

    /// What is remembered after writing this. Something new begins a new row.
    #[must_use]
    pub fn after(&self, print: Print, now: Instant, interval: Duration) -> Self {
        let (contradicted, returned) = match self.again(print, now, interval) {
            Again::New => (0, 0),
            Again::Contradicted => (self.contradicted.saturating_add(1), self.returned),
            Again::Returned => (self.contradicted, self.returned.saturating_add(1)),
            Again::AtOnce => (self.contradicted, self.returned),
        };
        let mut written = self.written.clone();
        written.retain(|one| *one != print);
        written.push(print);
        let surplus = written.len().saturating_sub(REMEMBERED_MAX);
        written.drain(..surplus);
        Self { written, contradicted, returned, last_at: Some(now) }
    }
}

impl Link {
    /// The link after a decision was carried out that wrote values to it.
    #[must_use]
    pub fn rewritten(mut self, decision: &Decision, now: Instant, interval: Duration) -> Self {
        if let Some(print) = Print::of(decision) {
            self.rewrites = self.rewrites.after(print, now, interval);
        }
        self
    }

    /// Whether a decision would write once more what has been written to it again
    /// and again.
    pub fn thrashes(&self, decision: &Decision, now: Instant, interval: Duration) -> bool {
        Print::of(decision).is_some_and(|print| self.rewrites.are_too_many_with(print, now, interval))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FieldValue;
    use crate::sync::Side;

    const MINUTES: Duration = Duration::from_mins(10);

    fn to(side: Side, title: &str) -> Print {
        let record: Record = [FieldValue::Title(title.to_owned())].into_iter().collect();
        match side {
            Side::Crm => Print::of_records(&record, &Record::NONE),
            Side::M365 => Print::of_records(&Record::NONE, &record),
        }
    }

    /// How many of these writes, so many minutes apart, go through before one is too
    /// many.
    fn allowed(minutes: i64, write: impl Fn(usize) -> Print) -> usize {
        let mut rewrites = Rewrites::default();
        for (done, at) in (0..100).zip((0..).map(|run| Instant::from_epoch_milliseconds(run * minutes * 60_000))) {
            let print = write(done);
            if rewrites.are_too_many_with(print, at, MINUTES) {
                return done;
            }
            rewrites = rewrites.after(print, at, MINUTES);
        }
        100
    }

    /// What is written where one party on each side insists on a value of its own.
    fn fight(run: usize) -> Print {
        if run.is_multiple_of(2) { to(Side::M365, "of the CRM") } else { to(Side::Crm, "of Outlook") }
    }

    #[test]
    fn what_is_contradicted_on_both_sides_is_too_much_after_six_times() {
        assert_eq!(allowed(10, fight), 8);
        assert_eq!(allowed(0, fight), 8, "however soon");
        assert_eq!(allowed(20, fight), 8, "a run in between does not end the row");
        assert_eq!(allowed(21, fight), 100, "two do");
        assert_eq!(allowed(10, |_| to(Side::M365, "the same")), 7, "what does not stay where it is written");
    }

    #[test]
    fn one_side_may_come_back_to_what_it_had_for_hours_and_at_once_as_often_as_it_likes() {
        let in_turn = |count| move |run: usize| to(Side::Crm, &format!("value {}", run % count));
        assert_eq!(allowed(10, in_turn(2)), 26);
        assert_eq!(allowed(10, in_turn(3)), 27);
        assert_eq!(allowed(1, in_turn(2)), 100, "a person who tries something out");
        assert_eq!(allowed(10, in_turn(7)), 100, "more than is remembered is new");
    }

    #[test]
    fn whoever_writes_something_new_may_do_so_without_end() {
        let side = |run: usize| if run.is_multiple_of(2) { Side::Crm } else { Side::M365 };
        assert_eq!(allowed(10, |run| to(side(run), &format!("edit {run}"))), 100);
        let now_and_then = |run: usize| if run.is_multiple_of(5) { format!("new {run}") } else { "same".to_owned() };
        assert_eq!(allowed(10, |run| to(side(run), &now_and_then(run))), 100, "each new value begins a new row");
    }

    #[test]
    fn a_daily_habit_is_no_thrash_even_where_runs_are_days_apart() {
        let day = Duration::from_hours(24);
        let mut rewrites = Rewrites::default();
        for days in 0..30 {
            let now = Instant::from_epoch_milliseconds(days * 86_400_000);
            let print = to(Side::M365, if days % 2 == 0 { "open" } else { "closed" });
            assert!(!rewrites.are_too_many_with(print, now, day));
            rewrites = rewrites.after(print, now, day);
        }
    }
}

//! What to do about a difference between two sides.
//!
//! Pure: situations in, decisions out. Observing and writing is
//! [`crate::run`]'s work. Read [`end`] (what a side looks like), [`plan`] (which
//! decision for which situation), [`merge`] (group by group; [`sets`] entry by
//! entry, [`timing`] where they make a series, [`reminder`] where a task's date moves it), [`notify`] (who is told of a
//! write), [`link`] (what is remembered), [`settle`] (how that changes), [`agreed`] (whether both sides agree), [`interrupted`] (how it
//! does not), [`reversal`] (how a decision is taken back), [`check`]
//! (what no plan may contain), [`rails`] (before which plan a person has to look),
//! [`rewrites`] (how a write that repeats is known).
//!
//! # Glossary
//!
//! * **side**: an end of the synchronisation, the CRM or Microsoft 365.
//! * **link**: two ids known to be one item, and what is remembered of it.
//! * **base**: the values last agreed on, kept per side as that side shows them,
//!   so that a side which shows less never seems to have changed something.
//! * **snapshot**: an item as one side shows it now.
//! * **version**: an opaque token that changes with an item.
//! * **change**: a group whose value differs from the base of its own side.
//! * **tombstone**: a remembered deletion. **echo**: our own write coming back;
//!   it differs from no base, so it is no change.
//! * **round**, **page**, **cursor**, **delta link**: Graph's change tracking.
//! * **decision**: what is to be done about one item; **operation**: one write;
//!   **plan**: all decisions of a step, sorted; **issue**: what is left as it is,
//!   and why.
//! * **series**: an item with a rule; **occurrence**: one day of it; **exception**:
//!   a day on which it is not as the rule has it; **re-timing**: a new time or rule.
//! * **notice**: mail that Microsoft sends because of a write.
//! * **run**: steps of one user and resource until nothing is left to do.

mod agreed;
mod at_crm;
pub mod check;
mod check_notices;
mod check_reversals;
mod conflict;
#[cfg(test)]
mod decision_table;
mod end;
mod exceptions;
mod guests;
mod in_flight;
mod interrupted;
mod issue;
mod link;
mod merge;
mod notice;
mod notify;
mod plan;
pub mod rails;
mod reminder;
mod reversal;
mod rewrites;
mod sets;
mod settle;
mod side;
#[cfg(test)]
mod state_machine;
mod timing;
mod void_answers;
mod written;

pub use at_crm::{AtCrm, CrmNow, NewAtCrm};
pub use conflict::{
    ConflictField, ConflictRecord, Decided, DecidedBy, GroupConflict, Met, Moment, ShownValue, describe_value,
};
pub use end::{End, PresentEnd};
pub(crate) use exceptions::answer as answer_of_day;
pub use in_flight::{DayInFlight, InFlight};
pub(crate) use interrupted::BY_OTHER_REQUESTS;
pub use interrupted::Unfinished;
pub use issue::{Issue, IssueCode};
pub use link::{CrmEnd, EndState, GraphEnd, Link, Organizer, match_key};
pub use merge::{Bases, Merge, merge};
pub(crate) use notice::invited;
pub use notice::{Audience, Notice, NoticeKind, is_over};
pub use notify::{Cause, Guarded, Why, Withheld, guard};
pub use plan::{Decision, Evidence, Policy, Situation, decide};
pub use reminder::with_reminder;
pub use reversal::{Merging, Reversal, Undo, Unfit, falls_short, reverse};
pub use rewrites::Rewrites;
pub use settle::{CrmSeen, GraphSeen};
pub use side::Side;
pub use void_answers::VoidAnswers;
pub use written::Written;

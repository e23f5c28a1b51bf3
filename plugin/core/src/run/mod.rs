//! One bounded step, from observation to report.
//!
//! **Recover** what an interrupted step may have created, **observe** both
//! sides and commit what was seen together with how far was read, **plan** and
//! **check** (pure, in [`crate::sync`]), **execute**, commit what both sides now
//! show, **report**. A step may end anywhere: whatever is committed is true, and
//! whatever is not is seen again.
//!
//! Read [`step`] first, then `observe_graph`, `observe_crm`, `confirm`,
//! `decide`, `execute`, `settle`; [`state`] is what is kept.

mod confirm;
mod decide;
mod execute;
mod execute_crm;
mod execute_graph;
mod notice;
mod observe_crm;
mod observe_graph;
mod overlay;
mod pair;
mod recover;
mod report;
mod session;
pub mod state;
mod step;
mod store;
mod sweep;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use report::{
    Blocked, Budget, Counts, Halt, Job, Next, PlannedAction, PlannedOperation, Preview, Report, SideCounts,
};
pub use step::{preview, step};
pub use store::StateError;

/// Where reading the calendar of `account` stopped: what a disconnect forgets.
/// Links and intents stay.
pub fn cursor_keys(account: &crate::model::AccountId) -> Vec<String> {
    vec![state::Keys::calendar(account).status()]
}

//! One bounded step, from observation to report.
//!
//! **Recover** what an interrupted step may have created, **observe** both
//! sides and commit what was seen together with how far was read, **plan** and
//! **check** (pure, in [`crate::sync`]), **execute**, commit what both sides now
//! show, **report**. A step may end anywhere: whatever is committed is true, and
//! whatever is not is seen again.
//!
//! What events and tasks have in common is here, and what is the calendar's; what
//! is different of tasks is in `tasks`. Read [`step`] and `resource` first, then
//! `rounds`, `stage`, `observe_crm`, `hydrate`, `items`, `rails`, `plan`,
//! `decide`, `execute`, `find_days`, `execute_series`; [`state`] is what is kept.

mod aside;
#[cfg(test)]
mod aside_tests;
mod asked;
mod asked_aside;
mod asked_links;
#[cfg(test)]
mod asked_links_tests;
mod attempts;
#[cfg(test)]
mod calendar_tests;
mod calendars;
mod commit;
mod crm_ahead;
mod decide;
mod duties;
mod execute;
mod execute_crm;
mod execute_graph;
mod execute_series;
#[cfg(test)]
mod feed_tests;
mod find_days;
mod halted;
mod hydrate;
mod items;
mod kept;
mod left;
#[cfg(test)]
mod limit_tests;
mod notice;
mod observe_crm;
mod overlay;
mod pair;
mod parts;
mod plan;
mod preview;
mod rails;
mod recorded;
mod recover;
mod report;
mod resource;
mod reverse;
mod round;
mod rounds;
mod session;
mod settle;
mod stage;
mod staged;
mod standing;
#[cfg(test)]
mod standing_tests;
pub mod state;
mod status;
mod step;
mod stopped;
mod store;
mod sweep;
mod tasks;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod told;
#[cfg(test)]
mod wait_tests;
#[cfg(test)]
mod window_tests;
mod work;
mod wrote;

pub use aside::SetAside;
pub use asked_aside::{SetAsidePage, retry, set_aside};
pub use asked_links::{ItemLink, ItemName, ItemStanding, NAMES_MAX, links_of};
pub use duties::{HostDuties, host_duties};
pub use rails::release;
pub use report::{
    Blocked, Budget, Counts, Halt, Job, Next, NotReversed, PlannedAction, PlannedNotice, PlannedOperation, Preview,
    Report, ReversalPreview, SideCounts, Wait, WaitReason,
};
pub use reverse::{preview_reversal, reverse};
pub use standing::{OpenWrite, Standing, standing};
pub use step::{compare_again, preview, step};
pub use store::StateError;

/// Where reading the items of `account` stopped: what a disconnect forgets.
/// Links and intents stay.
pub fn cursor_keys(account: &crate::model::AccountId) -> Vec<String> {
    [state::Keys::calendar(account), state::Keys::tasks(account)].map(|keys| keys.status()).to_vec()
}

//! What a preview has shown to somebody, kept with their session, and whether a run
//! would send or delete more than that by now.
//!
//! Only what cannot be taken back counts: writes that make Microsoft send mails, and
//! deletions. Each is remembered by what was to be read of it: the item, and how many
//! people a mail goes to.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::view::Found;
use crate::app::{PlannedWrite, PreviewReport, Resource, WriteAction};
use crate::crm::UserId;

/// What was shown of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    complete: bool,
    /// Mails and deletions, by a hash of what was to be read of each; how often.
    loud: BTreeMap<u64, u32>,
}

/// What was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Of whom.
    pub user: UserId,
    /// With which account.
    account: Option<String>,
    /// Of the resources of which something could be said.
    resources: BTreeMap<Resource, Seen>,
}

/// Why a preview is shown once more instead of the run being started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Nobody has seen one in this session, or only of another account.
    NotShown,
    /// A run would send or delete more, or something of which nothing was shown.
    More,
    /// One of the resources cannot be looked at now.
    NotComparable,
}

impl Shown {
    /// What a page with these previews shows.
    pub fn new(user: UserId, account: Option<String>, found: &[Found]) -> Self {
        let seen = found.iter().filter_map(|found| Some((found.resource, Seen::of(found.report()?))));
        Self { user, account, resources: seen.collect() }
    }
}

impl Seen {
    fn of(report: &PreviewReport) -> Self {
        let mut loud = BTreeMap::new();
        for write in report.operations.iter().filter(|write| is_loud(write)) {
            let count: &mut u32 = loud.entry(key(write)).or_default();
            *count = count.saturating_add(1);
        }
        Self { complete: report.complete, loud }
    }

    fn covers(&self, now: &Self) -> bool {
        let is_shown = |(key, count): (&u64, &u32)| self.loud.get(key).is_some_and(|shown| shown >= count);
        (now.complete || !self.complete) && now.loud.iter().all(is_shown)
    }
}

/// Whether it cannot be taken back.
fn is_loud(write: &PlannedWrite) -> bool {
    write.action == WriteAction::Delete || write.notice.is_some()
}

fn key(write: &PlannedWrite) -> u64 {
    let mut hasher = DefaultHasher::new();
    (write.side, write.action, &write.title, write.notice).hash(&mut hasher);
    hasher.finish()
}

/// Whether everything that a run would do now was shown.
///
/// # Errors
/// Why it has to be shown once more.
pub fn compare(shown: Option<&Shown>, account: Option<&str>, found: &[Found]) -> Result<(), Again> {
    let Some(shown) = shown.filter(|shown| account.is_some() && shown.account.as_deref() == account) else {
        return Err(Again::NotShown);
    };
    if found.iter().any(|found| found.preview.is_err()) || found.iter().all(|found| found.report().is_none()) {
        return Err(Again::NotComparable);
    }
    let is_covered = |found: &Found| {
        let Some(now) = found.report().map(Seen::of) else { return true };
        shown.resources.get(&found.resource).is_some_and(|seen| seen.covers(&now))
    };
    if found.iter().all(is_covered) { Ok(()) } else { Err(Again::More) }
}

#[cfg(test)]
mod tests;

//! What runs are doing at this moment, for pages that show it as it goes on.
//!
//! Whoever looks waits for the next thing that happens to the users he may see
//! ([`App::wait_for_change`]) and then reads everything anew: nothing is told here
//! but that something has changed. Next: [`super::together`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::report::RunReport;
use super::start::App;
use crate::crm::UserId;

/// What is going on, by user.
#[derive(Debug)]
pub(super) struct Live {
    users: Mutex<BTreeMap<UserId, Seen>>,
    /// Counts everything that happens.
    happened: watch::Sender<u64>,
}

/// What was seen of a user.
#[derive(Debug)]
struct Seen {
    /// When something happened last, as a count.
    version: u64,
    /// What the run has done so far that is going on.
    run: Option<RunReport>,
}

impl Default for Live {
    fn default() -> Self {
        Self { users: Mutex::default(), happened: watch::Sender::new(0) }
    }
}

impl Live {
    fn users(&self) -> MutexGuard<'_, BTreeMap<UserId, Seen>> {
        // Plain data: a panic leaves nothing half done.
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A run has begun or made a step; it is over where there is no report.
    pub fn tell(&self, user: UserId, run: Option<RunReport>) {
        let mut users = self.users();
        self.happened.send_modify(|count| *count += 1);
        let version = *self.happened.borrow();
        users.insert(user, Seen { version, run });
    }

    /// Wakes everybody who waits.
    pub fn wake(&self) {
        self.happened.send_modify(|count| *count += 1);
    }

    fn version(&self, of: &BTreeSet<UserId>) -> u64 {
        let users = self.users();
        users.iter().filter(|(user, _)| of.contains(user)).map(|(_, seen)| seen.version).max().unwrap_or(0)
    }
}

impl App {
    /// What the run of a user has done so far that is going on in this process.
    pub fn running(&self, user: UserId) -> Option<RunReport> {
        self.inner.live.users().get(&user).and_then(|seen| seen.run.clone())
    }

    /// A number that is another one whenever something has happened to one of these
    /// users.
    pub fn live_version(&self, users: &BTreeSet<UserId>) -> u64 {
        self.inner.live.version(users)
    }

    /// Waits until that number is not `known` any more, for `patience` at most, and
    /// answers it. Ends at once when the application does.
    pub async fn wait_for_change(&self, users: &BTreeSet<UserId>, known: u64, patience: Duration) -> u64 {
        let mut happened = self.inner.live.happened.subscribe();
        let changed = async {
            loop {
                happened.borrow_and_update();
                let version = self.inner.live.version(users);
                // The sender lives as long as the application.
                if version != known || self.inner.stopping.load(Ordering::Relaxed) || happened.changed().await.is_err()
                {
                    return version;
                }
            }
        };
        match tokio::time::timeout(patience, changed).await {
            Ok(version) => version,
            Err(_) => self.inner.live.version(users),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn only_what_happens_to_those_who_are_looked_at_counts() {
        let live = Live::default();
        let (one, two) = (UserId::from_number(1), UserId::from_number(2));
        let both = BTreeSet::from([one, two]);
        let first = BTreeSet::from([one]);
        live.tell(one, None);
        let (of_one, of_both) = (live.version(&first), live.version(&both));
        live.tell(two, None);
        assert_eq!(live.version(&first), of_one);
        assert!(live.version(&both) > of_both);
    }
}

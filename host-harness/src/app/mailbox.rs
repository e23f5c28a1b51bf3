//! One holder per mailbox inside of this process.
//!
//! Between processes the fence decides: whoever raised it last may write. Here
//! a lock keeps steps and account calls of one user apart, and remembers the
//! fence, so that an account call between two steps does not end the run.
//! Next: [`super::account`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

use crate::crm::UserId;
use crate::crm::component_state::Fence;

/// The mailboxes that were used since the start.
#[derive(Default)]
pub(super) struct Mailboxes {
    known: Mutex<BTreeMap<UserId, Arc<tokio::sync::Mutex<Option<Fence>>>>>,
    running: Arc<Mutex<BTreeSet<UserId>>>,
}

/// A mailbox of which a run is going on in this process, until this is dropped.
pub(super) struct RunningMailbox {
    user: UserId,
    running: Arc<Mutex<BTreeSet<UserId>>>,
}

impl Drop for RunningMailbox {
    fn drop(&mut self) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.user);
    }
}

/// A mailbox that nobody else of this process touches, with the fence that
/// this process raised last.
pub(super) type HeldMailbox = OwnedMutexGuard<Option<Fence>>;

impl Mailboxes {
    /// Begins a run of a mailbox; none where one is going on.
    pub(super) fn begin_run(&self, user: UserId) -> Option<RunningMailbox> {
        // A panic while this lock is held leaves a whole set.
        let is_free = self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(user);
        is_free.then(|| RunningMailbox { user, running: Arc::clone(&self.running) })
    }

    /// Whether a run of a mailbox is going on.
    pub(super) fn is_running(&self, user: UserId) -> bool {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).contains(&user)
    }

    /// Waits until the mailbox is free.
    pub(super) async fn hold(&self, user: UserId) -> HeldMailbox {
        let mailbox = {
            // A panic while this lock is held leaves a whole map.
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(user).or_default())
        };
        mailbox.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_run_of_a_mailbox_goes_on_at_a_time_whatever_the_clock_says() {
        let (mailboxes, anna, james) = (Mailboxes::default(), UserId::from_number(1), UserId::from_number(2));
        let running = mailboxes.begin_run(anna);
        assert!(running.is_some() && mailboxes.is_running(anna));
        assert!(mailboxes.begin_run(anna).is_none(), "it goes on, even where its lease is over by the clock");
        assert!(mailboxes.begin_run(james).is_some(), "another mailbox has its own");
        drop(running);
        assert!(mailboxes.begin_run(anna).is_some());
    }
}

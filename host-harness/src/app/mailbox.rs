//! One holder per mailbox inside of this process.
//!
//! Between processes the fence decides: whoever raised it last may write. Here
//! a lock keeps steps and account calls of one user apart, and remembers the
//! fence, so that an account call between two steps does not end the run. Runs have
//! a lock of their own: what is due lets one that is going on be, and whoever asks
//! for a run has their turn behind it. Next: [`super::account`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;

use crate::crm::UserId;
use crate::crm::component_state::Fence;

/// A lock for each mailbox, whose waiters come in the order in which they asked.
type Locks<T> = Mutex<BTreeMap<UserId, Arc<tokio::sync::Mutex<T>>>>;

/// The mailboxes that were used since the start.
#[derive(Default)]
pub(super) struct Mailboxes {
    known: Locks<Option<Fence>>,
    running: Locks<()>,
}

/// A mailbox of which a run is going on in this process, until this is dropped.
pub(super) type RunningMailbox = OwnedMutexGuard<()>;

/// A mailbox that nobody else of this process touches, with the fence that
/// this process raised last.
pub(super) type HeldMailbox = OwnedMutexGuard<Option<Fence>>;

impl Mailboxes {
    /// Begins a run of a mailbox; none where one is going on.
    pub(super) fn begin_run(&self, user: UserId) -> Option<RunningMailbox> {
        lock_of(&self.running, user).try_lock_owned().ok()
    }

    /// The same behind the run that is going on, and behind those who asked before;
    /// none where that takes longer than `patience`, in real time.
    pub(super) async fn begin_run_in_turn(&self, user: UserId, patience: Duration) -> Option<RunningMailbox> {
        tokio::time::timeout(patience, lock_of(&self.running, user).lock_owned()).await.ok()
    }

    /// Whether a run of a mailbox is going on.
    pub(super) fn is_running(&self, user: UserId) -> bool {
        lock_of(&self.running, user).try_lock().is_err()
    }

    /// Waits until the mailbox is free.
    pub(super) async fn hold(&self, user: UserId) -> HeldMailbox {
        lock_of(&self.known, user).lock_owned().await
    }
}

fn lock_of<T: Default>(locks: &Locks<T>, user: UserId) -> Arc<tokio::sync::Mutex<T>> {
    // A panic while this lock is held leaves a whole map.
    let mut locks = locks.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(locks.entry(user).or_default())
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

    #[tokio::test]
    async fn whoever_asks_has_their_turn_behind_the_run_that_is_going_on() {
        let (mailboxes, anna) = (Mailboxes::default(), UserId::from_number(1));
        let running = mailboxes.begin_run(anna);
        assert!(mailboxes.begin_run_in_turn(anna, Duration::ZERO).await.is_none(), "nobody waits for ever");
        let in_turn = mailboxes.begin_run_in_turn(anna, Duration::MAX);
        let due = async {
            drop(running);
            assert!(mailboxes.begin_run(anna).is_none(), "who waits comes before what is due");
        };
        let (mine, ()) = tokio::join!(biased; in_turn, due);
        assert!(mine.is_some() && mailboxes.is_running(anna));
        drop(mine);
        assert!(!mailboxes.is_running(anna));
    }
}

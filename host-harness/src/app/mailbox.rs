//! One holder per mailbox inside of this process.
//!
//! Between processes the fence decides: whoever raised it last may write. Here
//! a lock keeps steps and account calls of one user apart, and remembers the
//! fence, so that an account call between two steps does not end the run. Runs have
//! a place of their own, one for each mailbox: what is due lets a run that is going on
//! be, and whoever asks for one has their turn behind it. Next: [`super::account`].

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

use crate::crm::UserId;
use crate::crm::component_state::Fence;

/// The mailboxes that were asked about since the start.
#[derive(Default)]
pub(super) struct Mailboxes {
    known: Mutex<BTreeMap<UserId, Mailbox>>,
}

/// What there is of one mailbox.
#[derive(Clone)]
struct Mailbox {
    fence: Arc<tokio::sync::Mutex<Option<Fence>>>,
    /// The one place for a run; its waiters come in the order in which they asked.
    place: Arc<Semaphore>,
    /// How often connecting an account in a browser has begun or ended.
    connections: Arc<AtomicU64>,
}

impl Default for Mailbox {
    fn default() -> Self {
        Self { fence: Arc::default(), place: Arc::new(Semaphore::new(1)), connections: Arc::default() }
    }
}

/// A mailbox of which a run is going on in this process, until this is dropped.
#[derive(Debug)]
pub(super) struct RunningMailbox {
    _place: OwnedSemaphorePermit,
}

/// A mailbox that nobody else of this process touches, with the fence that
/// this process raised last.
pub(super) type HeldMailbox = OwnedMutexGuard<Option<Fence>>;

impl Mailboxes {
    /// Begins a run of a mailbox; none where one is going on, or somebody waits for one.
    pub(super) fn begin_run(&self, user: UserId) -> Option<RunningMailbox> {
        let place = self.of(user).place.try_acquire_owned().ok()?;
        Some(RunningMailbox { _place: place })
    }

    /// Begins a run behind the one that is going on, and behind those who asked before.
    /// Whoever goes away leaves the queue.
    pub(super) async fn begin_run_in_turn(&self, user: UserId) -> Option<RunningMailbox> {
        // The places are never closed.
        let place = self.of(user).place.acquire_owned().await.ok()?;
        Some(RunningMailbox { _place: place })
    }

    /// Whether a run of a mailbox is going on, or somebody waits for one.
    pub(super) fn is_running(&self, user: UserId) -> bool {
        self.of(user).place.available_permits() == 0
    }

    /// Notes that connecting an account in a browser begins, or has ended.
    pub(super) fn note_connection(&self, user: UserId) {
        self.of(user).connections.fetch_add(1, Ordering::Relaxed);
    }

    /// How often that was noted: where it is the same number as before, nobody has connected
    /// an account in a browser of this process meanwhile.
    pub(super) fn connections(&self, user: UserId) -> u64 {
        self.of(user).connections.load(Ordering::Relaxed)
    }

    fn of(&self, user: UserId) -> Mailbox {
        // A panic while this lock is held leaves a whole map.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(user).or_default().clone()
    }

    /// Waits until the mailbox is free.
    pub(super) async fn hold(&self, user: UserId) -> HeldMailbox {
        self.of(user).fence.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

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
    async fn whoever_asks_has_their_turn_in_the_order_in_which_they_asked() {
        let (mailboxes, anna) = (Mailboxes::default(), UserId::from_number(1));
        let running = mailboxes.begin_run(anna);
        let order = Mutex::new(Vec::new());
        let asked = async |who: &'static str| {
            let mine = mailboxes.begin_run_in_turn(anna).await;
            assert!(mine.is_some() && mailboxes.is_running(anna), "{who}");
            order.lock().unwrap().push(who);
        };
        let due = async {
            drop(running);
            assert!(mailboxes.begin_run(anna).is_none(), "who waits comes before what is due");
            assert!(mailboxes.is_running(anna));
        };
        tokio::join!(biased; asked("first"), asked("second"), due);
        assert_eq!(*order.lock().unwrap(), ["first", "second"]);
        assert!(!mailboxes.is_running(anna));
    }

    #[tokio::test]
    async fn whoever_goes_away_leaves_the_queue() {
        let (mailboxes, anna) = (Mailboxes::default(), UserId::from_number(1));
        let running = mailboxes.begin_run(anna);
        let mut gone = Box::pin(mailboxes.begin_run_in_turn(anna));
        let mut stays = Box::pin(mailboxes.begin_run_in_turn(anna));
        let both = async { tokio::join!(&mut gone, &mut stays) };
        let looked = tokio::select! { biased; _ = both => "ended", () = std::future::ready(()) => "waits" };
        assert_eq!(looked, "waits");
        drop(gone);
        drop(running);
        assert!(stays.await.is_some());
        assert!(!mailboxes.is_running(anna), "nobody has a place who is not there");
    }
}

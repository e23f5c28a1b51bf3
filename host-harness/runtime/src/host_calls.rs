//! Counts what a component asks of its host, and tears it down at a chosen
//! call.
//!
//! A component has to leave a state from which another one can go on, wherever
//! it is stopped. Stopping it after its n-th host call, for every n, tries
//! exactly that. The call itself is made: what is lost is the component's
//! knowledge of it. Next: [`super::instance`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// The instance is gone, as asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("torn down after {calls} host calls")]
pub struct TornDown {
    /// Host calls that it had made.
    pub calls: u64,
}

/// The counter of one call. Clones count together.
#[derive(Clone, Debug)]
pub struct HostCalls {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    made: AtomicU64,
    last: Option<u64>,
    over: Notify,
}

impl HostCalls {
    /// A counter that lets the instance live for `last` host calls, or as long
    /// as it likes.
    pub fn new(last: Option<u64>) -> Self {
        Self { shared: Arc::new(Shared { made: AtomicU64::new(0), last, over: Notify::new() }) }
    }

    /// Host calls so far.
    pub fn made(&self) -> u64 {
        self.shared.made.load(Ordering::Relaxed)
    }

    /// To be called by each host function when its work is done, before it
    /// answers.
    ///
    /// # Errors
    /// [`TornDown`] where this was the last call; the host function passes it
    /// on as a trap.
    pub fn completed(&self) -> Result<(), TornDown> {
        let calls = self.shared.made.fetch_add(1, Ordering::Relaxed) + 1;
        match self.shared.last {
            Some(last) if calls >= last => {
                self.shared.over.notify_one();
                Err(TornDown { calls })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Waits until the instance has to go; for ever, where it has not. This is
    /// how a host function ends a guest that is waiting for something else.
    pub(crate) async fn over(&self) -> TornDown {
        self.shared.over.notified().await;
        TornDown { calls: self.made() }
    }
}

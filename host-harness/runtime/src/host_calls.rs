//! Counts what a component asks of its host, and interrupts it at a chosen call.
//!
//! A component has to leave a state from which another one can go on, wherever
//! it is stopped, whatever of its host fails, and whatever happens while it
//! waits. Doing that at its n-th host call, for every n, tries exactly that.
//! Next: [`super::instance`].

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

/// What happens to an instance at one of its host calls, counted from 1.
#[derive(Clone, Debug)]
pub enum Interruption {
    /// It is torn down after so many host calls. The last one is made: what is
    /// lost is the component's knowledge of it.
    TearDown {
        /// After which call.
        after: u64,
    },
    /// This call is not made, and answers that the host is not available.
    Fail {
        /// Which call.
        at: u64,
    },
    /// It waits after so many host calls, before it hears the answer of the last
    /// one, until somebody opens the gate.
    Pause {
        /// After which call.
        after: u64,
        /// Where it waits.
        gate: Gate,
    },
}

/// Where an instance waits. Clones are the same gate.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    sides: Arc<GateSides>,
}

#[derive(Debug, Default)]
struct GateSides {
    arrived: Notify,
    open: Notify,
}

impl Gate {
    /// Waits until the instance has arrived; for ever, where it never does.
    pub async fn arrived(&self) {
        self.sides.arrived.notified().await;
    }

    /// Lets the instance go on, now or when it arrives.
    pub fn open(&self) {
        self.sides.open.notify_one();
    }

    async fn pass(&self) {
        self.sides.arrived.notify_one();
        self.sides.open.notified().await;
    }
}

/// The counter of one call. Clones count together.
#[derive(Clone, Debug)]
pub struct HostCalls {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    begun: AtomicU64,
    made: AtomicU64,
    interruption: Option<Interruption>,
    over: Notify,
}

impl HostCalls {
    /// A counter for an instance that is to be interrupted, or not.
    pub fn new(interruption: Option<Interruption>) -> Self {
        let (begun, made, over) = (AtomicU64::new(0), AtomicU64::new(0), Notify::new());
        Self { shared: Arc::new(Shared { begun, made, interruption, over }) }
    }

    /// Host calls so far.
    pub fn made(&self) -> u64 {
        self.shared.made.load(Ordering::Relaxed)
    }

    /// To be asked by each host function before it does its work: whether it is
    /// to be done. Where it is not, the answer is that the host is not available.
    pub fn begins(&self) -> bool {
        let call = self.shared.begun.fetch_add(1, Ordering::Relaxed) + 1;
        match self.shared.interruption {
            Some(Interruption::Fail { at }) => call != at,
            Some(Interruption::TearDown { .. } | Interruption::Pause { .. }) | None => true,
        }
    }

    /// To be called by each host function when its work is done, before it
    /// answers.
    ///
    /// # Errors
    /// [`TornDown`] where this was the last call; the host function passes it
    /// on as a trap.
    pub async fn completed(&self) -> Result<(), TornDown> {
        let calls = self.shared.made.fetch_add(1, Ordering::Relaxed) + 1;
        match &self.shared.interruption {
            Some(Interruption::TearDown { after }) if calls >= *after => {
                self.shared.over.notify_one();
                Err(TornDown { calls })
            }
            Some(Interruption::Pause { after, gate }) if calls == *after => {
                gate.pass().await;
                Ok(())
            }
            Some(Interruption::TearDown { .. } | Interruption::Fail { .. } | Interruption::Pause { .. }) | None => {
                Ok(())
            }
        }
    }

    /// Waits until the instance has to go; for ever, where it has not. This is
    /// how a host function ends a guest that is waiting for something else.
    pub(crate) async fn over(&self) -> TornDown {
        self.shared.over.notified().await;
        TornDown { calls: self.made() }
    }
}

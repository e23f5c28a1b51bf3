//! Counts what a component asks of its host, and interrupts it at a chosen call.
//!
//! A component has to leave a state from which another one can go on, wherever
//! it is stopped, whatever of its host fails, and whatever happens while it
//! waits. Doing that at its n-th host call, for every n, tries exactly that; so
//! does stopping it between two of them, by the fuel that it has used. Next:
//! [`super::instance`].

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::Notify;

use super::limits::HOST_CALLS_MAX;

/// The instance is gone, as asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("torn down after {calls} host calls")]
pub struct TornDown {
    /// Host calls that it had made.
    pub calls: u64,
}

/// Why no further host call of an instance is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallsOver {
    /// As asked for.
    #[error(transparent)]
    TornDown(#[from] TornDown),
    /// It has made as many as it may.
    #[error("expected at most {limit} host calls, but found more")]
    TooMany {
        /// The limit.
        limit: u64,
    },
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
    /// This call is made, and answers that the host is not available all the same.
    Lose {
        /// Which call.
        at: u64,
    },
    /// It is torn down once it has used so much fuel. Only where the engine counts
    /// it; see [`super::engine::PluginEngine::start_counting_fuel`].
    RunDry {
        /// After how much of it.
        after: u64,
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

/// What becomes of one host call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is made, and its answer is heard.
    Heard,
    /// It is made; the answer is that the host is not available.
    Lost,
    /// It is not made; the answer is that the host is not available.
    NotMade,
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

/// The counter of one call of a component, or of several that belong together.
/// Clones count together.
#[derive(Clone, Debug)]
pub struct HostCalls {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    begun: AtomicU64,
    made: AtomicU64,
    fuel: AtomicU64,
    limit: AtomicU64,
    interruption: Option<Interruption>,
    has_struck: AtomicBool,
    over: Notify,
}

impl HostCalls {
    /// A counter for instances of which one is to be interrupted, or none.
    pub fn new(interruption: Option<Interruption>) -> Self {
        let shared = Shared {
            begun: AtomicU64::new(0),
            made: AtomicU64::new(0),
            limit: AtomicU64::new(HOST_CALLS_MAX),
            fuel: AtomicU64::new(0),
            interruption,
            has_struck: AtomicBool::new(false),
            over: Notify::new(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Host calls so far.
    pub fn made(&self) -> u64 {
        self.shared.made.load(Ordering::Relaxed)
    }

    /// Host calls so far, those included that are not over yet; those not that were
    /// refused before any work of theirs.
    pub fn begun(&self) -> u64 {
        self.shared.begun.load(Ordering::Relaxed)
    }

    /// Fuel that calls of the component have used, where the engine counts it.
    pub fn fuel(&self) -> u64 {
        self.shared.fuel.load(Ordering::Relaxed)
    }

    /// Whether what was to happen has happened.
    pub fn has_struck(&self) -> bool {
        self.shared.has_struck.load(Ordering::Relaxed)
    }

    /// Lets the instances make so many, and no more.
    pub(crate) fn at_most(&self, limit: u64) {
        self.shared.limit.store(limit, Ordering::Relaxed);
    }

    /// To be asked by each host function before it does its work: what becomes of
    /// it.
    pub fn begins(&self) -> Fate {
        let call = self.shared.begun.fetch_add(1, Ordering::Relaxed) + 1;
        if call > self.limit() {
            return Fate::NotMade;
        }
        let fate = match self.shared.interruption {
            Some(Interruption::Fail { at }) if call == at => Fate::NotMade,
            Some(Interruption::Lose { at }) if call == at => Fate::Lost,
            Some(
                Interruption::TearDown { .. }
                | Interruption::Fail { .. }
                | Interruption::Lose { .. }
                | Interruption::RunDry { .. }
                | Interruption::Pause { .. },
            )
            | None => Fate::Heard,
        };
        if fate != Fate::Heard {
            self.strikes();
        }
        fate
    }

    /// To be called by each host function when its work is done, before it
    /// answers.
    ///
    /// # Errors
    /// [`CallsOver`] where this was the last call, or one too many; the host
    /// function passes it on as a trap.
    pub async fn completed(&self) -> Result<(), CallsOver> {
        let calls = self.shared.made.fetch_add(1, Ordering::Relaxed) + 1;
        if calls > self.limit() {
            self.shared.over.notify_one();
            return Err(CallsOver::TooMany { limit: self.limit() });
        }
        match &self.shared.interruption {
            Some(Interruption::TearDown { after }) if calls >= *after => {
                self.strikes();
                self.shared.over.notify_one();
                Err(TornDown { calls }.into())
            }
            Some(Interruption::Pause { after, gate }) if calls == *after => {
                self.strikes();
                gate.pass().await;
                Ok(())
            }
            Some(
                Interruption::TearDown { .. }
                | Interruption::Fail { .. }
                | Interruption::Lose { .. }
                | Interruption::RunDry { .. }
                | Interruption::Pause { .. },
            )
            | None => Ok(()),
        }
    }

    /// How much fuel the next instance gets: what is left, or more than any uses.
    pub(crate) fn fuel_left(&self) -> u64 {
        match self.shared.interruption {
            Some(Interruption::RunDry { after }) => after.saturating_sub(self.fuel()),
            Some(
                Interruption::TearDown { .. }
                | Interruption::Fail { .. }
                | Interruption::Lose { .. }
                | Interruption::Pause { .. },
            )
            | None => u64::MAX,
        }
    }

    /// Whether an engine that counts no fuel cannot do what was asked for.
    pub(crate) fn needs_fuel(&self) -> bool {
        matches!(self.shared.interruption, Some(Interruption::RunDry { .. }))
    }

    /// An instance has used fuel.
    pub(crate) fn used_fuel(&self, fuel: u64) {
        self.shared.fuel.fetch_add(fuel, Ordering::Relaxed);
    }

    /// An instance has used all that it was given.
    pub(crate) fn ran_dry(&self) -> TornDown {
        self.strikes();
        TornDown { calls: self.made() }
    }

    fn strikes(&self) {
        self.shared.has_struck.store(true, Ordering::Relaxed);
    }

    /// Waits until the instance has to go; for ever, where it has not. This is
    /// how a host function ends a guest that is waiting for something else.
    pub(crate) async fn over(&self) -> CallsOver {
        self.shared.over.notified().await;
        let (calls, limit) = (self.made(), self.limit());
        if calls > limit { CallsOver::TooMany { limit } } else { TornDown { calls }.into() }
    }

    fn limit(&self) -> u64 {
        self.shared.limit.load(Ordering::Relaxed)
    }
}

//! The one clock of the harness: both emulators and the component see it.
//!
//! It does not tick by itself in a fixed run, and follows the machine's clock
//! (plus whatever a test added) while serving.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// A shared, settable clock. Clones show the same time.
#[derive(Clone, Debug)]
pub struct HarnessClock {
    mode: Arc<Mutex<Mode>>,
}

#[derive(Clone, Copy, Debug)]
enum Mode {
    /// The machine's time plus an offset set through the control interface.
    Running { offset: TimeDelta },
    /// Stands still until it is moved: what deterministic runs use.
    Fixed { now: DateTime<Utc> },
}

impl HarnessClock {
    /// A clock that follows the machine's.
    pub fn running() -> Self {
        Self::with(Mode::Running { offset: TimeDelta::zero() })
    }

    /// A clock that stands still at `now`.
    pub fn fixed(now: DateTime<Utc>) -> Self {
        Self::with(Mode::Fixed { now })
    }

    fn with(mode: Mode) -> Self {
        Self { mode: Arc::new(Mutex::new(mode)) }
    }

    /// The current time.
    pub fn now(&self) -> DateTime<Utc> {
        match *self.lock() {
            Mode::Running { offset } => Utc::now() + offset,
            Mode::Fixed { now } => now,
        }
    }

    /// Another clock, which shows the same time now.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self::with(*self.lock())
    }

    /// Moves the clock to `now`; a running clock goes on from there.
    pub fn set(&self, now: DateTime<Utc>) {
        let mut mode = self.lock();
        *mode = match *mode {
            Mode::Running { .. } => Mode::Running { offset: now - Utc::now() },
            Mode::Fixed { .. } => Mode::Fixed { now },
        };
    }

    /// Moves the clock by `by`, which may be negative.
    pub fn advance(&self, by: TimeDelta) {
        let mut mode = self.lock();
        *mode = match *mode {
            Mode::Running { offset } => Mode::Running { offset: offset + by },
            Mode::Fixed { now } => Mode::Fixed { now: now + by },
        };
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Mode> {
        // A panic while holding the lock cannot leave a half-written mode.
        self.mode.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

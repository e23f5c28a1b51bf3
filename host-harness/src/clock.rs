//! The one clock of the harness: both emulators and the component see it.
//!
//! It does not tick by itself in a fixed run, and follows the machine's clock
//! (plus whatever a test added) while serving.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

/// A shared, settable clock. Clones show the same time.
#[derive(Clone, Debug)]
pub struct HarnessClock {
    mode: Arc<Mutex<Mode>>,
    moved: Arc<Notify>,
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
        Self { mode: Arc::new(Mutex::new(mode)), moved: Arc::default() }
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
        drop(mode);
        self.moved.notify_waiters();
    }

    /// Moves the clock by `by`, which may be negative.
    pub fn advance(&self, by: TimeDelta) {
        let mut mode = self.lock();
        *mode = match *mode {
            Mode::Running { offset } => Mode::Running { offset: offset + by },
            Mode::Fixed { now } => Mode::Fixed { now: now + by },
        };
        drop(mode);
        self.moved.notify_waiters();
    }

    /// Waits until the clock shows `at`. A clock that stands still is waited for
    /// until somebody moves it; nobody looks at it in between.
    pub async fn reach(&self, at: DateTime<Utc>) {
        loop {
            // Listened to before the look at the clock, so that no move is missed.
            let mut moved = pin!(self.moved.notified());
            moved.as_mut().enable();
            let left = at - self.now();
            let Some(left) = left.to_std().ok().filter(|left| !left.is_zero()) else {
                return;
            };
            let mode = *self.lock();
            match mode {
                Mode::Fixed { .. } => moved.await,
                Mode::Running { .. } => tokio::select! {
                    () = moved => {}
                    () = tokio::time::sleep(left) => {}
                },
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Mode> {
        // A panic while holding the lock cannot leave a half-written mode.
        self.mode.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn a_clock_that_stands_still_is_reached_when_it_is_moved() {
        let clock = HarnessClock::fixed("2026-03-02T12:00:00Z".parse().unwrap());
        let later = clock.now() + TimeDelta::hours(1);
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.reach(later).await }
        });
        tokio::task::yield_now().await;
        clock.advance(TimeDelta::minutes(59));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        clock.advance(TimeDelta::minutes(1));
        waiting.await.unwrap();
    }

    #[tokio::test]
    async fn what_is_past_is_reached_at_once() {
        let clock = HarnessClock::running();
        clock.reach(clock.now() - TimeDelta::seconds(1)).await;
        clock.set("2026-03-02T12:00:00Z".parse().unwrap());
        clock.reach("2026-03-02T11:59:59Z".parse().unwrap()).await;
    }
}

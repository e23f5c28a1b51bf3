//! Steps and runs that are interrupted on purpose, to try what becomes of them.
//! Next: [`super::fork`].

use tandem_runtime::{HostCalls, Interruption};

use super::start::{App, lock};

/// What the next step or run is counted by.
#[derive(Clone, Debug)]
pub(super) enum NextCalls {
    /// One step is.
    OfStep(HostCalls),
    /// All steps of a run are, together.
    OfRun(HostCalls),
}

impl App {
    /// Tears the next step down after its `calls`-th host call; 0 takes that
    /// back.
    pub fn crash_after_host_calls(&self, calls: u64) {
        self.interrupt_next_step((calls > 0).then_some(Interruption::TearDown { after: calls }));
    }

    /// Interrupts the next step; none takes that back.
    pub fn interrupt_next_step(&self, interruption: Option<Interruption>) {
        let calls = interruption.map(|interruption| NextCalls::OfStep(HostCalls::new(Some(interruption))));
        *lock(&self.inner.next_calls) = calls;
    }

    /// Counts the next run with all of its steps, and interrupts it as the counter
    /// says.
    pub fn count_next_run(&self, calls: HostCalls) {
        *lock(&self.inner.next_calls) = Some(NextCalls::OfRun(calls));
    }

    /// The counter of a run that begins, where its steps have one together.
    pub(super) fn calls_of_run(&self) -> Option<HostCalls> {
        let mut next = lock(&self.inner.next_calls);
        match next.take() {
            Some(NextCalls::OfRun(calls)) => Some(calls),
            other @ (Some(NextCalls::OfStep(_)) | None) => {
                *next = other;
                None
            }
        }
    }

    /// The counter of a step that is not counted with its run.
    pub(super) fn calls_of_step(&self) -> HostCalls {
        let mut next = lock(&self.inner.next_calls);
        match next.take() {
            Some(NextCalls::OfStep(calls)) => calls,
            other @ (Some(NextCalls::OfRun(_)) | None) => {
                *next = other;
                HostCalls::new(None)
            }
        }
    }
}

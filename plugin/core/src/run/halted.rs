//! What a step that ends early says: when to come back, and a line for the log.

use crate::ports::{LogLevel, Ports};

use super::notice;
use super::report::{Halt, Next, Wait};

/// When to come back after this.
pub(super) fn next_after(halt: &Halt) -> Next {
    match halt {
        Halt::BudgetSpent => Next::Again,
        Halt::Wait(wait) => Next::After(*wait),
        Halt::Blocked(reason) => Next::Blocked(*reason),
        Halt::Host(error) => Next::After(Wait::for_host(error)),
        Halt::State(_) => Next::After(Wait::FOR_STATE),
    }
}

/// Writes why the step ends into the log.
pub(super) fn log_halt(ports: &mut impl Ports, halt: &Halt) {
    let (level, reason) = match halt {
        Halt::BudgetSpent => (LogLevel::Debug, "the budget of the step is used up".to_owned()),
        Halt::Wait(wait) => (LogLevel::Info, format!("waiting for {} ms: {:?}", wait.time.as_millis(), wait.reason)),
        Halt::Blocked(reason) => (LogLevel::Info, format!("nothing can be done: {reason:?}")),
        Halt::Host(error) => (LogLevel::Warn, error.to_string()),
        Halt::State(error) => (LogLevel::Error, notice::chain(error)),
    };
    ports.log(level, "the step ends early", &[("reason", reason)]);
}

//! How a call of a component can fail, by what happened and what to do.
//!
//! Operating errors of the component itself are results of its exports and not
//! failures. Messages name the plugin and its version, and never quote what it
//! printed or computed. Next: [`super::instance`].

use std::fmt;
use std::time::Duration;

use wasmtime::Trap;
use wasmtime::component::ResourceTableError;

use super::host_calls::TornDown;
use super::limits::{ComputeTimeOver, MemoryExhausted};
use super::outbound::DeniedRequest;

/// Which plugin.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PluginIdentity {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl fmt::Display for PluginIdentity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "plugin {} {}", self.name, self.version)
    }
}

/// A call that ended badly. The host goes on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{plugin}: {kind}")]
pub struct PluginFailure {
    /// Whose call.
    pub plugin: PluginIdentity,
    /// What happened.
    pub kind: FailureKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FailureKind {
    /// It computed for too long.
    #[error("it computed for longer than {} seconds and was stopped", .limit.as_secs_f32())]
    ComputeTime {
        /// The limit.
        limit: Duration,
    },
    /// It waited for too long.
    #[error("it did not return within {} seconds and was stopped", .limit.as_secs_f32())]
    CallTime {
        /// The limit.
        limit: Duration,
    },
    /// It asked for too much memory.
    #[error("it asked for {wanted} bytes of memory, of which it may have {limit}, and was stopped")]
    Memory {
        /// The limit in bytes.
        limit: usize,
        /// What it asked for, in bytes.
        wanted: usize,
    },
    /// It wanted to reach hosts that it may not reach.
    #[error("it asked for {}, and was refused", list(.requests))]
    ForbiddenHost {
        /// The refused requests, each authority once.
        requests: Vec<DeniedRequest>,
    },
    /// It trapped, which is a bug in it.
    #[error("it crashed ({reason})")]
    Trap {
        /// The kind of trap.
        reason: String,
    },
    /// It was torn down on request, to try how others go on from there.
    #[error("it was torn down after {calls} host calls, as asked for")]
    TornDown {
        /// Host calls that it had made.
        calls: u64,
    },
    /// The host could not run it.
    #[error("it could not be run ({reason})")]
    Host {
        /// What the engine says.
        reason: String,
    },
}

fn list(requests: &[DeniedRequest]) -> String {
    requests.iter().map(DeniedRequest::to_string).collect::<Vec<_>>().join(", ")
}

impl PluginFailure {
    /// A stable word for the cause, for programs.
    pub fn code(&self) -> &'static str {
        match self.kind {
            FailureKind::ComputeTime { .. } => "plugin-compute-time",
            FailureKind::CallTime { .. } => "plugin-call-time",
            FailureKind::Memory { .. } => "plugin-memory",
            FailureKind::ForbiddenHost { .. } => "plugin-forbidden-host",
            FailureKind::Trap { .. } => "plugin-trap",
            FailureKind::TornDown { .. } => "plugin-torn-down",
            FailureKind::Host { .. } => "plugin-host",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self.kind {
            FailureKind::ComputeTime { .. } | FailureKind::Memory { .. } | FailureKind::Trap { .. } => {
                "report it to the plugin's author with the log; the next call begins in a fresh instance"
            }
            FailureKind::CallTime { .. } => "try again; if it stays, check the network and report it with the log",
            FailureKind::ForbiddenHost { .. } => {
                "correct the address in the settings, or let an administrator allow the host"
            }
            FailureKind::TornDown { .. } => "call again; the next instance goes on where this one was stopped",
            FailureKind::Host { .. } => "check the host's log and resources, then try again",
        }
    }
}

impl FailureKind {
    /// The words of the failures that are nobody's wish: those that people
    /// should hear of, and stop to hear of when a later call works.
    pub const ALERT_CODES: [&str; 6] = [
        "plugin-compute-time",
        "plugin-call-time",
        "plugin-memory",
        "plugin-forbidden-host",
        "plugin-trap",
        "plugin-host",
    ];

    /// Finds out why wasmtime ended a call.
    pub(crate) fn of(error: &wasmtime::Error) -> Self {
        if let Some(over) = error.downcast_ref::<ComputeTimeOver>() {
            return Self::ComputeTime { limit: over.limit };
        }
        if let Some(memory) = error.downcast_ref::<MemoryExhausted>() {
            return Self::Memory { limit: memory.limit, wanted: memory.wanted };
        }
        if let Some(torn_down) = error.downcast_ref::<TornDown>() {
            return Self::TornDown { calls: torn_down.calls };
        }
        if let Some(trap) = error.downcast_ref::<Trap>() {
            return Self::Trap { reason: trap.to_string() };
        }
        if let Some(misuse) = error.downcast_ref::<ResourceTableError>() {
            return Self::Trap { reason: format!("wrong use of a WASI resource: {misuse}") };
        }
        // The root is the cause; what is around it are backtraces.
        Self::Host { reason: error.root_cause().to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: FailureKind) -> PluginFailure {
        let plugin = PluginIdentity { name: "sample".to_owned(), version: "1.2.3".to_owned() };
        PluginFailure { plugin, kind }
    }

    #[test]
    fn every_failure_but_a_wanted_one_is_worth_an_alert() {
        let limit = Duration::from_secs(1);
        let kinds = [
            FailureKind::ComputeTime { limit },
            FailureKind::CallTime { limit },
            FailureKind::Memory { limit: 1, wanted: 2 },
            FailureKind::ForbiddenHost { requests: Vec::new() },
            FailureKind::Trap { reason: String::new() },
            FailureKind::Host { reason: String::new() },
        ];
        assert_eq!(kinds.map(|kind| failure(kind).code()), FailureKind::ALERT_CODES);
        let torn_down = failure(FailureKind::TornDown { calls: 1 });
        assert!(!FailureKind::ALERT_CODES.contains(&torn_down.code()));
    }

    #[test]
    fn wrong_use_of_a_resource_is_a_bug_of_the_guest() {
        let kind = FailureKind::of(&wasmtime::Error::new(ResourceTableError::HasChildren));
        assert_eq!(
            kind,
            FailureKind::Trap { reason: "wrong use of a WASI resource: resource has children".to_owned() }
        );
    }
}

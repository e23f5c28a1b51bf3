//! How a call of a component can fail, by what happened and what to do.
//!
//! Operating errors of the component itself are results of its exports and not
//! failures. Messages name the plugin and its version, and never quote what it
//! printed or computed. Next: [`super::instance`].

use std::fmt;
use std::time::Duration;

use wasmtime::Trap;
use wasmtime::component::ResourceTableError;
use wasmtime_wasi_http::FieldMapError;

use super::host_calls::CallsOver;
use super::limits::{ComputeTimeOver, HEADER_BYTES_MAX, Limits, MemoryExhausted, RESOURCES_MAX};
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
    /// It made its host keep too much.
    #[error("it made its host keep {what}, which is more than it may, and was stopped")]
    HostMemory {
        /// What.
        what: HostMemory,
    },
    /// It called its host too often.
    #[error("it called its host more than {limit} times and was stopped")]
    HostCalls {
        /// The limit.
        limit: u64,
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

/// What a host keeps for a call beside the guest's own memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostMemory {
    /// Resources of WASI.
    #[error("more than {RESOURCES_MAX} requests, streams and waits at a time")]
    Resources,
    /// Headers of a request.
    #[error("headers of more than {HEADER_BYTES_MAX} bytes")]
    Headers,
    /// What is handed over in one host call.
    #[error("more than {limit} bytes of one call")]
    Arguments {
        /// The limit in bytes.
        limit: usize,
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
            FailureKind::HostMemory { .. } => "plugin-host-memory",
            FailureKind::HostCalls { .. } => "plugin-host-calls",
            FailureKind::ForbiddenHost { .. } => "plugin-forbidden-host",
            FailureKind::Trap { .. } => "plugin-trap",
            FailureKind::TornDown { .. } => "plugin-torn-down",
            FailureKind::Host { .. } => "plugin-host",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self.kind {
            FailureKind::ComputeTime { .. }
            | FailureKind::Memory { .. }
            | FailureKind::HostMemory { .. }
            | FailureKind::HostCalls { .. }
            | FailureKind::Trap { .. } => {
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
    pub const ALERT_CODES: [&str; 8] = [
        "plugin-compute-time",
        "plugin-call-time",
        "plugin-memory",
        "plugin-host-memory",
        "plugin-host-calls",
        "plugin-forbidden-host",
        "plugin-trap",
        "plugin-host",
    ];

    /// Finds out why wasmtime ended a call.
    pub(crate) fn of(error: &wasmtime::Error, limits: &Limits) -> Self {
        if let Some(over) = error.downcast_ref::<ComputeTimeOver>() {
            return Self::ComputeTime { limit: over.limit };
        }
        if let Some(memory) = error.downcast_ref::<MemoryExhausted>() {
            return Self::Memory { limit: memory.limit, wanted: memory.wanted };
        }
        match error.downcast_ref::<CallsOver>() {
            Some(CallsOver::TornDown(torn_down)) => return Self::TornDown { calls: torn_down.calls },
            Some(CallsOver::TooMany { limit }) => return Self::HostCalls { limit: *limit },
            None => {}
        }
        if let Some(what) = host_memory(error, limits) {
            return Self::HostMemory { what };
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

/// The words of wasmtime where more is copied out of a guest than it may hand over;
/// the type is private.
const COPIED_TOO_MUCH: &str = "fuel allocated for hostcalls has been exhausted";

/// What of the host's own memory a guest has used up, if that is why it was ended.
fn host_memory(error: &wasmtime::Error, limits: &Limits) -> Option<HostMemory> {
    if let Some(ResourceTableError::Full) = error.downcast_ref::<ResourceTableError>() {
        return Some(HostMemory::Resources);
    }
    if let Some(FieldMapError::TooManyFields | FieldMapError::TotalSizeTooBig) = error.downcast_ref::<FieldMapError>() {
        return Some(HostMemory::Headers);
    }
    let copied = error.root_cause().to_string().contains(COPIED_TOO_MUCH);
    copied.then_some(HostMemory::Arguments { limit: limits.host_call_bytes })
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
            FailureKind::HostMemory { what: HostMemory::Resources },
            FailureKind::HostCalls { limit: 1 },
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
        let kind = FailureKind::of(&wasmtime::Error::new(ResourceTableError::HasChildren), &Limits::default());
        assert_eq!(
            kind,
            FailureKind::Trap { reason: "wrong use of a WASI resource: resource has children".to_owned() }
        );
    }
}

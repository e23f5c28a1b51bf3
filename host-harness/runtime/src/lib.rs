//! Running components that a host does not have to trust: loading, limits,
//! outgoing HTTP and failures, on top of wasmtime.
//!
//! There are no CRM words in here. An embedder brings its own interfaces and
//! its own data per call, links them, and calls exports:
//!
//! 1. [`engine`]: one [`PluginEngine`] per process.
//! 2. [`component`]: [`load`] checks what a file is and which contract it
//!    targets, then compiles it or takes it from the [`cache`].
//! 3. [`instance`]: a [`Plugin`] makes a fresh store and instance per call, and
//!    turns whatever goes wrong into a [`PluginFailure`].
//! 4. [`limits`] and [`ports`]: what a call may use, and where time and
//!    randomness come from.
//! 5. [`outbound`]: what a component may reach, and through which client.

pub mod limits;

pub mod ports;

pub mod engine;

pub mod contract;

pub mod component;

pub mod cache;

pub mod failure;

pub mod output;

pub mod host_calls;

pub mod instance;

pub mod outbound;

pub use cache::{CacheError, CompiledCache};
pub use component::{LoadError, LoadedComponent, load, load_file};
pub use contract::{Contract, ContractError, Surface};
pub use engine::{EngineError, PluginEngine};
pub use failure::{FailureKind, HostMemory, PluginFailure, PluginIdentity};
pub use host_calls::{CallsOver, Fate, Gate, HostCalls, Interruption, TornDown};
pub use instance::{CallSetup, GuestCall, Plugin, StillHolds, StoreState, linker};
pub use limits::Limits;
pub use outbound::{
    AllowList, Authority, BrokenConnection, Client, DeniedRequest, DenyReason, NotAnAuthority, Transport, TransportBody,
};
pub use ports::Ports;

#[cfg(test)]
mod tests;

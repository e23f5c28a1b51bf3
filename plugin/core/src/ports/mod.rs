//! What the logic asks of the world, as traits.
//!
//! The component's shell implements them over the contract in `wit/`; the
//! meaning, the limits and the errors are the contract's. Calls block: a step
//! is a sequence, and only HTTP requests run side by side.

pub mod breach;
mod config;
mod crm;
mod http;
mod notices;
mod state;
mod tasks;
mod world;

pub use breach::Breach;
pub use config::{Config, HostProfile};
pub use crm::{
    Announcement, AppliedWrite, ApplyError, CrmApplied, CrmCalendar, CrmCapabilities, CrmChange, CrmChangesError,
    CrmException, CrmItem, CrmMutation, CrmMutationError, CrmOccurrence, CrmPage, Meeting, OriginalStart,
    RecurrenceLimits,
};
pub use http::{Header, Http, HttpRequest, HttpResponse, Method, TransportFailure};
pub use notices::{Alert, AlertFilter, AlertKind, AlertResource, AlertStep, Notices, ReversalNote};
pub use state::{
    CommitError, Entry, Expectation, Fence, HostError, Revision, SecretError, SecretName, Secrets, Storage, Write,
};
pub use tasks::{
    CrmTasks, TaskApplied, TaskCapabilities, TaskChange, TaskItem, TaskMutation, TaskMutationError, TaskPage,
};
pub use world::{Clock, Entropy, Log, LogLevel};

/// Everything that a run needs, from one shell.
pub trait Ports: Storage + Secrets + Config + Http + CrmCalendar + CrmTasks + Notices + Clock + Entropy + Log {}

impl<T: Storage + Secrets + Config + Http + CrmCalendar + CrmTasks + Notices + Clock + Entropy + Log> Ports for T {}

//! The application service: what pages, JSON interface, command line and
//! scheduler can do with the CRM, the component and Microsoft.
//!
//! [`App`] is one cheap handle. It decides nothing about settings or items:
//! that is the component's work. It knows neither pages nor routes.
//!
//! Reading order: [`resource`], [`report`], [`error`], [`options`], [`start`]
//! (what is put together), `interrupt`, `fork`, `detached`, [`settings`], `installation`, [`account`], `first_sync`, [`shared_account`], [`sync`], `live`,
//! [`together`], [`alerts`], [`guard_rail`], `schedule`, [`scheduler`], [`reversal`], [`set_aside`], [`links`],
//! [`wait`], `waiting`, `switched_off`, [`standing`], [`status`], [`duties`] and [`tasks`] (what people do to events and to tasks).

pub mod resource;

pub mod report;

pub mod error;

pub mod options;

pub mod start;

mod installation;
mod interrupt;

mod fork;

mod emulator;

mod mailbox;

mod check;
mod detached;

pub mod settings;

pub mod account;

mod first_sync;

pub mod shared_account;

mod turn;

pub mod sync;

mod live;

pub mod together;

pub mod alerts;

pub mod guard_rail;

pub mod wait;

mod waiting;

mod switched_off;

mod schedule;

pub mod scheduler;

pub mod reversal;

pub mod set_aside;

pub mod links;

pub mod standing;

pub mod status;

pub mod duties;

pub mod tasks;

#[cfg(test)]
mod tests;

pub use crate::host::lies::Lie;
pub use crate::host::types;
pub use alerts::{OrganizationSummary, ShownAlert};
pub use check::{CheckLine, CheckReport};
pub use duties::ToldBy;
pub use error::{AccountFailure, AppError, ReversalError, SaveError, StartError};
pub use guard_rail::{ReleaseError, is_releasable};
pub use installation::Installation;
pub use links::{ItemLink, ItemName, ItemStanding};
pub use options::{AppOptions, DataDir, PluginSource, REDIRECT_PATH};
pub use report::{
    Blocked, IssueReport, NextCall, NoticeKind, PlannedNotice, PlannedWrite, PreviewReport, RunReport, Side,
    SideReport, WriteAction,
};
pub use resource::{Resource, UnknownResource};
pub use reversal::{ReversalOffer, Reversed};
pub use scheduler::DueRun;
pub use set_aside::SetAside;
pub use settings::{FollowUpResult, SaveOutcome, SettingsScope};
pub use standing::{AccountStanding, OpenWrite, ResourceStanding};
pub use start::App;
pub use status::StatusRow;
pub use switched_off::SwitchedOff;
pub use sync::Progress;
pub use tandem_runtime::{Gate, HostCalls, Interruption};
pub use together::{PreviewsReport, Ran, RunsReport};
pub use wait::WaitReason;
pub use waiting::{RunEnding, WaitsFor, parked_sentence};

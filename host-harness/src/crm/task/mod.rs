//! Tasks of the CRM's users (Oro section 7.4).
//!
//! People write them with [`TaskInput`] (create and patch) and move them by
//! [`Transition`]s while the workflow is active, the component writes them with
//! [`TaskMutation`]; all end in the same validation and the same journal. What
//! is synchronised for a user are the tasks that he owns.
//!
//! Reading order: [`record`] (what a task is), [`due`] (an instant here, a date
//! elsewhere), [`validate`], [`workflow`] (how a status changes), [`input`]
//! (what people send), [`mod@write`] (what every write keeps true), [`store`]
//! (what people do), [`owned`] and [`journal`] (what changed since), [`fields`]
//! and [`mutation`] (what the component writes).

pub mod record;

pub mod due;

pub mod validate;

pub mod workflow;

pub mod input;

pub(crate) mod rows;

pub mod write;

pub mod store;

pub mod owned;

pub mod journal;

pub mod fields;

pub mod mutation;

pub use fields::TaskFields;
pub use input::TaskInput;
pub use journal::{TaskChange, TaskChanges};
pub use mutation::{TaskApplied, TaskMutation, TaskMutationError};
pub use owned::OwnedTask;
pub use record::{Task, TaskPriority, TaskStatus, TaskValues, TaskVersion};
pub use validate::TaskGroup;
pub use workflow::Transition;

/// The longest subject in Unicode scalar values (Oro: column of 255).
pub const SUBJECT_LENGTH_MAX: u32 = 255;

/// The largest description in bytes: what an event may have, too.
pub const DESCRIPTION_BYTES_MAX: u32 = crate::crm::event::DESCRIPTION_BYTES_MAX;

/// The earliest reminder: a year before the task is due.
pub const REMINDER_MINUTES_MAX: u32 = crate::crm::event::REMINDER_MINUTES_MAX;

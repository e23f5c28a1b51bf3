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
//! and [`mutation`] (what the component writes), [`bulk`] (what an import adds).

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

pub mod bulk;

pub use bulk::{AddedTask, NewTask};
pub use fields::TaskFields;
pub use input::TaskInput;
pub use journal::{TaskChange, TaskChanges};
pub use mutation::{TaskApplied, TaskMutation, TaskMutationError};
pub use owned::OwnedTask;
pub use record::{Task, TaskPriority, TaskStatus, TaskValues, TaskVersion};
pub use validate::TaskGroup;
pub use workflow::Transition;

pub use super::bounds::{DESCRIPTION_BYTES_MAX, REMINDER_MINUTES_MAX};

/// The longest subject in Unicode scalar values (Oro: column of 255).
pub const SUBJECT_LENGTH_MAX: u32 = 255;

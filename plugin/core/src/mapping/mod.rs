//! Between Microsoft's words and ours.
//!
//! Read in this order: [`zones`] (names of time zones), [`times`] (when an
//! event takes place), [`recurrence`] (the rule of a series), [`body`]
//! (descriptions that can be compared), [`event`] (a whole event read),
//! [`series`] (what is different on single days), [`instances`] (the same where
//! a cloud does not say), [`mod@write`] (the JSON of writes), [`fit`] (what a
//! side can hold), [`task`] (the same of tasks). Nothing here decides which side
//! wins; that is [`crate::sync`].

pub mod body;
pub mod event;
pub mod fit;
pub mod instances;
mod quoted;
pub mod recurrence;
pub mod series;
pub mod task;
pub mod times;
mod windows_zones;
pub mod write;
pub mod zones;

pub use body::meeting::MeetingBlob;
pub use event::{EventKind, MapIssue, MappedEvent, read_event};
pub use fit::{FitIssue, Fitted, fit_for_crm};
pub use instances::{FoundInWindow, merge_outside_window, read_exceptions_from_instances};
pub use quoted::Quoted;
pub use recurrence::{
    GRAPH_LIMITS, RecurrenceIssue, read_recurrence, rule_for_crm, rule_for_graph, written_recurrence,
};
pub use series::{CrmRecord, crm_exceptions, crm_record, differing, series_of};
pub use task::{
    MappedTask, TaskIssue, create_task_body, fit_task, linked_resource, patch_task_body, read_task, task_match_key,
};
pub use write::{create_body, keep_meeting, occurrence_body, patch_body};
pub use zones::{ZoneIssue, graph_zone_name, zone_from_graph};

//! Every translation between the contract's types and the core's. Exhaustive:
//! a new case on either side fails to compile here.

mod account;
mod calendar;
mod common;
mod items;
mod manifest;
mod notices;
mod settings;
mod sync;
mod tasks;
mod values;

pub use account::{account_error, callback, connected_account, connection_report};
pub use calendar::{applied, capabilities, change_page, crm_item, mutation};
pub use common::{applied_writes, apply_error, host_error, host_error_out, layers, profile};
pub use items::{item_name, item_standing};
pub use manifest::manifest;
pub use notices::{alert, alert_filter, conflict, reversal};
pub use settings::{change_set, effective_setting, field_change, field_error, host_duties, level};
pub use sync::{
    budget, halt, job, not_reversed, preview_report, report, resource, reversal_preview, set_aside_page, standing,
};
pub use tasks::{task_applied, task_capabilities, task_item, task_mutation, task_page};

//! The scenarios: each test is a claim about the product, tried through the
//! component as it is shipped.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a scenario that cannot go on has failed"
)]

mod account;
mod again;
mod alert_list;
mod announced;
mod answers;
mod bad_input;
mod blocked;
mod browserless;
mod calendar;
mod calendar_page;
mod calendars;
mod check_command;
mod clock_changes;
mod command_line;
mod conflicts;
mod convergence;
mod cost;
mod crm_tasks;
mod defects;
mod demo;
mod descriptions;
mod direction;
mod exceptions;
mod faults;
mod fencing;
mod fields;
mod firewall;
mod first_sync;
mod found;
mod guard_rails;
mod guest_list;
mod guests;
mod hostile_graph;
mod hostile_host;
mod import;
mod import_sync;
mod import_tasks;
mod inexpressible;
mod interrupted;
mod isolation;
mod linked_pages;
mod links;
mod lists;
mod lost;
mod meetings;
mod occurrences;
mod organiser;
mod page_cost;
mod pages;
mod parts;
mod published;
mod recurrence_page;
mod repository;
mod reshaped;
mod resources;
mod rounds;
mod rules;
mod runtime;
mod scheduler;
mod secrets;
mod series;
mod settings;
mod shared_account;
mod sim_command;
mod simulation;
mod status;
mod status_live;
mod status_state;
mod sweeps;
mod switched_off;
mod task_dates;
mod task_lists;
mod task_page;
mod tasks;
mod tasks_interrupted;
mod tasks_lost;
mod tasks_recurring;
mod tasks_refused;
mod times;
mod tokens;
mod told;
mod told_beforehand;
mod unconfigured;
mod unheard;
mod windows;

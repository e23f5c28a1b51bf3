//! The scenarios: each test is a claim about the product, tried through the
//! component as it is shipped.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a scenario that cannot go on has failed"
)]

mod account;
mod bad_input;
mod browserless;
mod calendar;
mod calendar_page;
mod command_line;
mod demo;
mod direction;
mod exceptions;
mod guests;
mod import;
mod pages;
mod repository;
mod runtime;
mod scheduler;
mod secrets;
mod series;
mod settings;
mod tokens;

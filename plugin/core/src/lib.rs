//! What Tandem knows: settings, accounts, mapping and synchronisation.
//!
//! The crate decides and describes; it performs nothing. Whatever touches the
//! world is a trait in [`ports`], given by the component's shell.
//!
//! Read in this order: [`model`] (the nouns), [`settings`] (three layers in,
//! effective settings out), [`account`] (signing in), [`mapping`] and [`graph`]
//! (Microsoft's wire), [`recurrence`] (the days of series), [`sync`] (what to do about a difference), [`run`] (one
//! bounded step from observation to report).

pub mod account;
pub mod graph;
pub mod mapping;
pub mod model;
pub mod ports;
pub mod recurrence;
pub mod run;
pub mod settings;
pub mod sync;

//! A small world for scenarios: an emulated CRM, an emulated Microsoft, and the
//! real component between them.
//!
//! Everything goes through the interfaces that users and tools have: the CRM
//! listener's JSON interface and pages, Graph and the login pages of the
//! Microsoft listener, and its control interface. Nothing reaches into either
//! side's state. Time stands still until a scenario moves it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a scenario that cannot go on has failed"
)]

mod alerts;
mod browser;
mod client;
mod command;
mod control;
mod defective;
pub mod form;
pub mod imported;
pub mod instances;
pub mod meeting;
pub mod oracle;
mod outlook;
mod shown;
mod todo;
mod world;

pub use browser::Browser;
pub use client::{Answer, Client};
pub use command::{Ended, served, tandem};
pub use control::{options_on_disk, refused_start};
pub use defective::{defective_component, shipped_component};
pub use form::Form;
pub use outlook::Outlook;
pub use todo::ToDo;
pub use world::{CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, START, TENANT, World};

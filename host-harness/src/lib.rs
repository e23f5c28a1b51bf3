//! A complete stand-in for a CRM and for Microsoft 365 around the Tandem
//! component.
//!
//! Reading order: [`clock`] (the one clock), [`crm`] (the emulated CRM),
//! [`graph`] (the emulated Microsoft 365), [`host`] (the CRM's side of the
//! contract), [`app`] (what can be done with all of it), [`web`] (pages and
//! JSON interface), [`import`] (real calendars), [`demo`] (the demonstration),
//! [`caller`] and [`sim`] (the simulation), [`cli`] (the command line). None of them knows those that come after it.

pub mod app;
pub mod caller;
pub mod cli;
pub mod clock;
pub mod crm;
pub mod demo;
pub mod graph;
pub mod host;
pub mod import;
pub mod sim;
pub mod web;

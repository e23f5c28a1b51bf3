//! A complete stand-in for a CRM and for Microsoft 365 around the Tandem
//! component.
//!
//! Reading order: [`clock`] (the one clock), `private` (files for their owner alone),
//! [`crm`] (the emulated CRM),
//! [`graph`] (the emulated Microsoft 365), [`host`] (the CRM's side of the
//! contract), [`app`] (what can be done with all of it), [`web`] (pages and
//! JSON interface), [`import`] (real calendars), [`demo`] (the demonstration),
//! [`bench`] (how long pages take), [`caller`] and [`sim`] (the simulation), [`tls`]
//! (HTTPS), [`cli`] (the command line). None of
//! them knows those that come after it.

#![cfg_attr(not(feature = "component"), allow(dead_code, unused_imports, reason = "much of it is there for the rest"))]

#[cfg(feature = "component")]
pub mod app;
#[cfg(feature = "component")]
pub mod bench;
#[cfg(feature = "component")]
pub mod caller;
#[cfg(feature = "component")]
pub mod cli;
pub mod clock;
pub mod crm;
#[cfg(feature = "component")]
pub mod demo;
pub mod graph;
#[cfg(feature = "component")]
pub mod host;
pub mod import;
mod private;
#[cfg(feature = "component")]
pub mod sim;
#[cfg(any(feature = "component", test))]
pub mod tls;
#[cfg(feature = "component")]
pub mod web;

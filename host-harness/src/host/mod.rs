//! The CRM's side of the contract: one module per imported interface, each
//! thin: decode, ask the CRM, encode.
//!
//! Decides nothing and stores nothing itself; semantics are in [`crate::crm`].
//!
//! Reading order: [`types`] (names for the contract's types), [`context`] (for
//! whom a call is made), [`lies`] (what a component has to survive), then [`config`], [`storage`], [`secrets`],
//! [`calendar`], [`tasks`] (both with [`records`] and [`times`]), [`notices`],
//! [`log`], and [`connector`], which puts them together with the component's
//! exports.

mod bindings;

pub mod types;

pub(crate) mod context;

pub(crate) mod config;

pub mod lies;

mod storage;

mod secrets;

mod records;

mod times;

mod calendar;

mod tasks;

mod notices;

pub(crate) mod log;

pub(crate) mod connector;

#[cfg(test)]
#[allow(dead_code, clippy::print_stdout, reason = "a program that is there to be compiled")]
mod example;

#[cfg(test)]
mod isolation;

//! Deterministic simulation: random histories of people, faults and crashes,
//! played on the shipped component, and what has to hold after each of them.
//!
//! A seed is a history ([`history`]): three users in two organizations, their
//! events, series, meetings and tasks, edits on both sides, settings, runs,
//! crashes and faults in between. It is played on an application in memory
//! ([`scene`], [`people`], [`play`]), and after each quiet period the [`laws`]
//! are asked. A history that breaks one is shortened before it is shown
//! ([`shorten`]). Clock, randomness, HTTP and host calls depend on the seed
//! alone: the same seed gives the same bytes.
//!
//! Reading order: [`dice`], [`operation`], [`history`], [`words`], [`scene`],
//! [`people`], [`laws`], [`connections`], [`play`], `running`, `overlap`,
//! `purges`, `amends`, `quiet`, [`shorten`], [`report`].

#![expect(clippy::indexing_slicing, reason = "an absent member of JSON reads as null; nothing else is indexed")]

mod amends;
pub mod connections;
pub mod dice;
pub mod history;
pub mod laws;
pub mod log;
pub mod operation;
mod overlap;
pub mod people;
pub mod play;
mod purges;
mod quiet;
pub mod ran;
pub mod report;
mod running;
pub mod scene;
pub mod shorten;
pub mod sweep;
pub mod words;

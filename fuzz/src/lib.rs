//! What has to hold, whatever strangers send: one module for each fuzz target.
//!
//! A check takes the bytes of the fuzzer, makes input of them (bytes as they
//! are, or drawn by [`draw`] where random bytes would never be valid), and
//! panics where a property does not hold. An input that has failed once becomes
//! a test of the crate that it concerned, and a seed in `seeds`.

pub mod calendar_files;
pub mod delta_pages;
pub mod draw;
pub mod graph_items;
pub mod graph_responses;
pub mod html_bodies;
pub mod settings_layers;

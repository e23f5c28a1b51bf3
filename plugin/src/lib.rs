//! The Tandem component: `tandem-core` behind the contract in `wit/`.
//!
//! A thin shell. [`exports`] decodes a call, lets the core work on the ports of
//! [`adapters`], and encodes the answer; [`convert`] holds every translation
//! between contract and core types. Nothing here decides anything.

mod adapters;
mod bindings;
mod convert;
#[cfg(feature = "defects")]
mod defective;
mod exports;

/// The exports of the component. It has no state of its own: every instance
/// reads what it needs from the host.
struct Component;

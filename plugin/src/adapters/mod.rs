//! The core's ports over the contract's imports and WASI.

mod crm;
mod http;
mod notices;
mod state;
mod tasks;
mod world;

/// The host that this instance was given: every port of the core.
#[derive(Debug, Default)]
pub struct Host {
    _private: (),
}

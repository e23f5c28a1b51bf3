//! HTTPS of the emulated Microsoft: a certificate authority of the data
//! directory's own, and a listener that speaks TLS and plain HTTP on one port.
//!
//! Clients of Microsoft refuse login services without TLS, so whoever tries one
//! against the emulator needs it. Start with [`authority`].

pub mod authority;
pub mod listener;
pub(crate) mod names;

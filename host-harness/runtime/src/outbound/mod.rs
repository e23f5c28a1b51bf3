//! What a component may reach over HTTP, and how its requests get there.
//!
//! The threat is a component, or an address in its settings, that reaches into
//! the network of the host. Everything is denied but a list of authorities;
//! a listed name must not lead to an address inside of the host's network
//! either, whatever the name server says; and nothing leaves unencrypted. An
//! authority that is meant to be local has to be listed as such.
//!
//! Reading order: [`allow`] (the list), [`address`] (which addresses are
//! public), [`client`] (the one pooled client), [`body`] (limits of answers),
//! [`hooks`] (where wasi:http meets all of that).

mod address;
mod allow;
mod body;
mod client;
mod hooks;

pub use allow::{AllowList, Authority, DeniedRequest, DenyReason, NotAnAuthority};
pub use client::{BrokenConnection, Client, Transport, TransportBody};
pub(crate) use hooks::Outbound;

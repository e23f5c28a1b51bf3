//! Microsoft Graph on the wire, without a wire: requests are built and answers
//! are read, nothing is sent.
//!
//! Read in this order: [`wire`] (Microsoft's nouns), [`request`] (what we ask),
//! [`response`] (what came back), [`failure`] (what to do when it did not),
//! [`retry`] (how long to wait). What an event means to us is in
//! [`crate::mapping`]. Paths named in the documentation of items are those of
//! `learn.microsoft.com/graph/`, version 1.0.

pub mod failure;
pub mod request;
pub mod response;
pub mod retry;
pub mod wire;

pub use failure::{Cause, Failure, Performed, Reaction, RetryAfter, Subject};
pub use request::{GraphBase, RequestError, Requests, Window};

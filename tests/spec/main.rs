//! The scenarios: each test is a claim about the product, tried through the
//! component as it is shipped.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a scenario that cannot go on has failed"
)]

mod calendar;
mod direction;

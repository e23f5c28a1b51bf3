//! On which days does a series fall, and at what instants?
//!
//! The one place where rules are expanded: everything that needs the
//! occurrences of a series, be it to name an exception or to see whether a
//! series touches a window, asks [`Series`]. `tests/expansion.rs` compares it
//! with an independent implementation. Which rule the two sides can hold is the
//! business of [`crate::mapping`].
//!
//! Rules are those that both sides have (Graph `resources/recurrencepattern`
//! and `resources/recurrencerange`, Oro row C3). Read in this order: `days` (the
//! calendar), `series` (times and zones), [`canonical()`] (when two rules are
//! one), [`describe()`] (a rule for people).

mod canonical;
mod days;
mod describe;
mod series;

pub use canonical::{canonical, same_days};
pub use describe::describe;
pub use series::{InvalidSeries, Series};

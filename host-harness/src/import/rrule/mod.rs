//! Recurrence rules of files (RFC 5545, section 3.3.10), as far as the
//! calendars of both sides can repeat them.
//!
//! Reading order: [`parse`] (from the text to its parts), [`convert`] (from the
//! parts to one of the six patterns, or the part that stands in the way). A
//! rule is never approximated.

pub(super) mod convert;

pub(super) mod parse;

use super::reason::SkipReason;

/// Why a rule cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The kind of reason.
    pub(super) reason: SkipReason,
    /// The part of the rule, such as `BYSETPOS=2,4`.
    pub(super) part: String,
}

impl Refusal {
    fn new(reason: SkipReason, part: impl Into<String>) -> Self {
        Self { reason, part: part.into() }
    }
}

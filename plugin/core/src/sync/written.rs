//! What became of a write, as far as the link has to know.

use std::collections::BTreeSet;

use crate::model::{CivilDate, FieldSet, Record};

/// What became of the write to one end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written<T> {
    /// There was nothing to write.
    NotNeeded,
    /// It was written; this is the answer.
    Done(T),
    /// It was written in part: several requests make one write of a series.
    Partly {
        /// What it shows now.
        seen: T,
        /// Groups that did not arrive. Of the exceptions, this means that any of
        /// them may be missing, and that they are to be written again.
        failed: FieldSet,
        /// Days of which the exception was refused for good (Graph,
        /// api/event-update: `ErrorOccurrenceCrossingBoundary`). They stay open,
        /// while the others are settled.
        failed_days: BTreeSet<CivilDate>,
    },
    /// It was not written, whatever the reason.
    Failed,
}

impl<T> Written<T> {
    /// The groups of `record` that did not arrive.
    pub(super) fn failed(&self, record: &Record) -> FieldSet {
        match self {
            Self::NotNeeded | Self::Done(_) => FieldSet::EMPTY,
            Self::Partly { failed, .. } => *failed,
            Self::Failed => record.groups(),
        }
    }

    /// Whether nothing is left to be written.
    pub const fn is_done(&self) -> bool {
        match self {
            Self::NotNeeded | Self::Done(_) => true,
            Self::Partly { .. } | Self::Failed => false,
        }
    }

    pub(super) fn failed_days(&self) -> BTreeSet<CivilDate> {
        match self {
            Self::Partly { failed_days, .. } => failed_days.clone(),
            Self::NotNeeded | Self::Done(_) | Self::Failed => BTreeSet::new(),
        }
    }

    /// What is there now, if it was written at all.
    pub(super) fn seen(self) -> Option<T> {
        match self {
            Self::Done(seen) | Self::Partly { seen, .. } => Some(seen),
            Self::NotNeeded | Self::Failed => None,
        }
    }
}

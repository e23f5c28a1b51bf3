//! What people should hear of: alerts that ask for something to be done, and
//! conflicts that were decided for them.
//!
//! [`alert`] keeps one open alert per cause (Oro row E12); [`conflict`] keeps
//! every decision with the versions it was made between. Both belong to a
//! scope, and every list is of one organization or one user.

pub mod alert;

pub mod conflict;

pub use alert::{
    ALERTS_MAX, Alert, AlertColumn, AlertFilter, AlertKind, AlertList, AlertOperation, AlertSearch, AlertSorting,
    AlertStep, AlertSummary, EVERYBODY, ListedAlert, NewAlert, NoticeResource,
};
pub use conflict::{
    Conflict, ConflictColumn, ConflictField, ConflictFilter, ConflictRule, ConflictSituation, ConflictSorting,
    ConflictState, ListedConflict, Moment, Moments, NewConflict, ReversalNote, Winner,
};

//! Alerts and conflicts for people.

use crate::model::Instant;
use crate::sync::{ConflictRecord, Side};

use super::HostError;

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertResource {
    /// The Microsoft account.
    Account,
    /// Calendar events.
    Calendar,
    /// Tasks.
    Tasks,
}

/// At what step something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertStep {
    /// Signing in.
    Authenticate,
    /// Reading a list.
    GetList,
    /// Reading one item.
    Get,
    /// Translating.
    Map,
    /// Writing.
    Save,
    /// Deciding.
    Plan,
}

/// The family of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertKind {
    /// Signing in.
    Auth,
    /// The rest.
    Sync,
}

/// Something for people to act on (Oro row E12). No content of items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// What it is about.
    pub resource: AlertResource,
    /// Its family.
    pub kind: AlertKind,
    /// Which side was being written, if any.
    pub towards: Option<Side>,
    /// Step.
    pub step: AlertStep,
    /// Stable word.
    pub code: &'static str,
    /// The CRM's record.
    pub item_id: Option<String>,
    /// Microsoft's item.
    pub external_id: Option<String>,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

/// Which alerts are over; none matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// Of this resource.
    pub resource: Option<AlertResource>,
    /// Of this family.
    pub kind: Option<AlertKind>,
    /// With this code.
    pub code: Option<&'static str>,
    /// Of this CRM record.
    pub item_id: Option<String>,
    /// Of this Microsoft item.
    pub external_id: Option<String>,
}

/// What became of a person's wish to take a decision back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReversalNote {
    /// The key of the decision.
    pub key: String,
    /// When.
    pub at: Instant,
    /// Why it was not taken back; none where it was.
    pub refused: Option<String>,
}

/// Alerts and conflicts for people (`tandem:host/notices`).
pub trait Notices {
    /// Raises or renews.
    fn raise(&mut self, alerts: Vec<Alert>) -> Result<(), HostError>;
    /// Resolves what matches.
    fn resolve(&mut self, filter: AlertFilter) -> Result<(), HostError>;
    /// Records decisions about items of a resource.
    fn record_conflicts(&mut self, resource: AlertResource, conflicts: Vec<ConflictRecord>) -> Result<(), HostError>;
    /// Says what became of wishes to take decisions back.
    fn note_reversals(&mut self, notes: Vec<ReversalNote>) -> Result<(), HostError>;
}

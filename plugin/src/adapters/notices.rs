//! Alerts and conflicts.

use tandem_core::ports::{Alert, AlertFilter, AlertResource, HostError, Notices, ReversalNote};
use tandem_core::sync::ConflictRecord;

use super::Host;
use crate::bindings::tandem::host::notices;
use crate::convert;

impl Notices for Host {
    fn raise(&mut self, alerts: Vec<Alert>) -> Result<(), HostError> {
        let alerts: Vec<notices::Alert> = alerts.into_iter().map(convert::alert).collect();
        notices::raise(&alerts).map_err(convert::host_error)
    }

    fn resolve(&mut self, filter: AlertFilter) -> Result<(), HostError> {
        notices::resolve(&convert::alert_filter(filter)).map_err(convert::host_error)
    }

    fn record_conflicts(&mut self, resource: AlertResource, conflicts: Vec<ConflictRecord>) -> Result<(), HostError> {
        let conflicts: Vec<notices::Conflict> =
            conflicts.into_iter().map(|conflict| convert::conflict(resource, conflict)).collect();
        notices::record_conflicts(&conflicts).map_err(convert::host_error)
    }

    fn note_reversals(&mut self, notes: Vec<ReversalNote>) -> Result<(), HostError> {
        let reversals: Vec<notices::Reversal> = notes.into_iter().map(convert::reversal).collect();
        notices::note_reversals(&reversals).map_err(convert::host_error)
    }
}

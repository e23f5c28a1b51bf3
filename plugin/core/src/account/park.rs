//! Parking an account: no more requests until somebody acts, and one alert that
//! says who and how (Oro rows A4, E13).

use crate::model::Instant;
use crate::ports::{
    Alert, AlertFilter, AlertKind, AlertResource, AlertStep, Expectation, Fence, HostError, Notices, Revision, Storage,
};

use super::failure::WRONG_TENANT;
use super::{AccountRecord, AuthFailure, Parked, ParkedReason};

/// The code of the alert about permissions that were not granted.
const MISSING_PERMISSIONS: &str = "missing-permissions";

/// Parks the account of `record` and announces it. Parking again for the same
/// reason changes nothing.
pub fn park(
    ports: &mut (impl Storage + Notices),
    fence: Fence,
    mut record: AccountRecord,
    revision: Revision,
    parked: Parked,
    admin_consent_url: &str,
) -> Result<(), AuthFailure> {
    let earlier = record.parked.as_ref().map(|earlier| earlier.reason);
    if earlier != Some(parked.reason) {
        record.parked = Some(parked);
        record.save(ports, fence, Expectation::Revision(revision))?;
        if let Some(reason) = earlier {
            resolve(ports, Some(reason.code())).map_err(AuthFailure::Host)?;
        }
    }
    announce(ports, fence, admin_consent_url)
}

/// Raises the alert of a parked account unless that was done.
pub fn announce(
    ports: &mut (impl Storage + Notices),
    fence: Fence,
    admin_consent_url: &str,
) -> Result<(), AuthFailure> {
    let Some((mut record, revision)) = AccountRecord::load(ports)? else { return Ok(()) };
    let Some(parked) = record.parked.as_mut().filter(|parked| !parked.is_announced) else { return Ok(()) };
    let alert = alert_of(&record.name, parked, admin_consent_url);
    parked.is_announced = true;
    ports.raise(vec![alert]).map_err(AuthFailure::Host)?;
    record.save(ports, fence, Expectation::Revision(revision))
}

/// Takes the account out of being parked and resolves its alerts.
pub fn unpark(
    ports: &mut (impl Storage + Notices),
    fence: Fence,
    mut record: AccountRecord,
    revision: Revision,
) -> Result<(), AuthFailure> {
    if record.parked.take().is_none() {
        return Ok(());
    }
    // Alerts first: where this fails, the account is still parked and a later
    // renewal comes by here again.
    resolve(ports, None).map_err(AuthFailure::Host)?;
    record.save(ports, fence, Expectation::Revision(revision))
}

/// Resolves the alerts about signing in, all or those with this code.
pub fn resolve(ports: &mut impl Notices, code: Option<&'static str>) -> Result<(), HostError> {
    ports.resolve(AlertFilter {
        resource: Some(AlertResource::Account),
        kind: Some(AlertKind::Auth),
        code,
        ..AlertFilter::default()
    })
}

/// Raises or renews the alert about permissions that were not granted.
pub fn announce_missing(ports: &mut impl Notices, missing: &[String]) -> Result<(), HostError> {
    ports.raise(vec![alert(
        MISSING_PERMISSIONS,
        format!("Microsoft did not grant these permissions: {}.", missing.join(", ")),
        AuthFailure::MissingPermissions(Vec::new()).hint().to_owned(),
    )])
}

/// Resolves that alert.
pub fn resolve_missing(ports: &mut impl Notices) -> Result<(), HostError> {
    resolve(ports, Some(MISSING_PERMISSIONS))
}

/// The failure that a parked account answers with.
pub fn failure_of(parked: &Parked, admin_consent_url: impl FnOnce() -> String) -> AuthFailure {
    match parked.reason {
        ParkedReason::ReconnectNeeded => AuthFailure::Refused(parked.detail.clone()),
        ParkedReason::AdminConsentNeeded => AuthFailure::AdminConsentNeeded(admin_consent_url()),
        ParkedReason::ApplicationRefused => AuthFailure::ApplicationRefused(parked.detail.clone()),
        ParkedReason::WrongTenant => AuthFailure::WrongTenant(parked.detail.clone()),
    }
}

/// A fresh state of being parked.
pub const fn parked(reason: ParkedReason, detail: String, parked_at: Instant) -> Parked {
    Parked { reason, detail, parked_at, is_announced: false }
}

fn alert_of(account: &str, parked: &Parked, admin_consent_url: &str) -> Alert {
    let failure = failure_of(parked, || admin_consent_url.to_owned());
    let hint = failure.hint();
    let detail = &parked.detail;
    let (message, hint) = match parked.reason {
        ParkedReason::ReconnectNeeded => (
            format!(
                "Synchronization of {account} has stopped, because Microsoft refused to renew the sign-in: {detail}."
            ),
            hint.to_owned(),
        ),
        ParkedReason::AdminConsentNeeded => (
            format!(
                "Synchronization of {account} has stopped until an administrator of the Microsoft directory consents."
            ),
            format!("{hint} The address: {admin_consent_url}"),
        ),
        ParkedReason::ApplicationRefused => (
            format!("Synchronization of {account} has stopped, because Microsoft refused the application: {detail}."),
            hint.to_owned(),
        ),
        ParkedReason::WrongTenant => {
            (format!("Synchronization of {account} has stopped, because {WRONG_TENANT}: {detail}."), hint.to_owned())
        }
    };
    alert(parked.reason.code(), message, hint)
}

const fn alert(code: &'static str, message: String, hint: String) -> Alert {
    Alert {
        resource: AlertResource::Account,
        kind: AlertKind::Auth,
        towards: None,
        step: AlertStep::Authenticate,
        code,
        item_id: None,
        external_id: None,
        message,
        hint,
    }
}

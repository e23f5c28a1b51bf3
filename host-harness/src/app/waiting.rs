//! What keeps a resource of a user from being in step, in the status and on the
//! pages of the resource: a wait that ends by itself, or something that somebody
//! has to do.
//!
//! An account says for itself that it is parked; the rest is what the last run
//! ended with, as long as that still holds. Next: [`super::status`].

use chrono::{DateTime, Utc};
use serde::{Deserialize as _, Serialize, Serializer};

use super::report::{Blocked, GUARD_RAILS};
use super::standing::AccountStanding;
use super::wait::WaitReason;
use crate::crm::notices::NoticeResource;
use crate::crm::overview::OpenAlerts;
use crate::crm::runs::SyncState;
use crate::host::types::ParkedReason;

/// What a resource waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitsFor {
    /// The end of a wait.
    Wait(WaitReason),
    /// Somebody who brings the account back.
    Account(ParkedReason),
    /// Somebody who changes what keeps the run from doing anything.
    Change(Blocked),
}

impl WaitsFor {
    /// A stable word for it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Wait(reason) => reason.code(),
            Self::Account(ParkedReason::ReconnectNeeded) => "reconnect-needed",
            Self::Account(ParkedReason::AdminConsentNeeded) => "admin-consent-needed",
            Self::Account(ParkedReason::ApplicationRefused) => "application-refused",
            Self::Account(ParkedReason::WrongTenant) => "wrong-tenant",
            Self::Change(reason) => reason.code(),
        }
    }

    /// Whether it is the account that somebody has to see to.
    pub const fn is_about_account(self) -> bool {
        match self {
            Self::Account(_) | Self::Change(Blocked::NotConnected | Blocked::MissingPermission) => true,
            Self::Wait(_) | Self::Change(_) => false,
        }
    }

    /// Whether something is wrong that ends only when somebody has done something about it.
    /// The rest passes by itself, or is a first run that nobody has confirmed yet.
    pub const fn needs_somebody(self) -> bool {
        match self {
            Self::Account(_)
            // What is said of these leads to an alert with what to do.
            | Self::Wait(WaitReason::MailboxUnavailable | WaitReason::Stopped)
            | Self::Change(
                Blocked::Disabled
                | Blocked::NotConnected
                | Blocked::Parked
                | Blocked::MissingPermission
                | Blocked::GuardRail
                | Blocked::NotConfigured
                | Blocked::NotOffered,
            ) => true,
            Self::Wait(WaitReason::Throttled | WaitReason::MicrosoftUnavailable | WaitReason::HostUnavailable)
            | Self::Change(Blocked::StaleFence | Blocked::FirstSync) => false,
        }
    }

    /// What it means and what to do about it, for people.
    pub fn explanation(self, account: Option<&AccountStanding>) -> String {
        let missing = account.map_or(&[][..], |account| account.missing_scopes.as_slice());
        match self {
            Self::Wait(reason) => reason.sentence().to_owned(),
            Self::Account(reason) => parked_sentence(reason).to_owned(),
            Self::Change(Blocked::MissingPermission) if !missing.is_empty() => missing_sentence(missing),
            Self::Change(reason) => reason.sentence().to_owned(),
        }
    }
}

impl Serialize for WaitsFor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// Why a connected account is not synchronised, and what to do about it.
pub const fn parked_sentence(reason: ParkedReason) -> &'static str {
    match reason {
        ParkedReason::ReconnectNeeded => {
            "Microsoft no longer accepts the sign-in of this account. Connect again to go on."
        }
        ParkedReason::AdminConsentNeeded => {
            "An administrator of your Microsoft 365 organization has to consent to the application. Connect again after \
             that."
        }
        ParkedReason::ApplicationRefused => {
            "Microsoft refuses the Azure application: its client secret may be wrong or expired. An administrator has \
             to check the Azure settings; connect again after that."
        }
        ParkedReason::WrongTenant => {
            "The directory (tenant) in the Azure settings does not exist, does not know the application, is not the \
             one of this account, or has to be named because the application works with one directory alone. An \
             administrator has to check it; connect again after that with an account of that directory."
        }
    }
}

fn missing_sentence(names: &[String]) -> String {
    let (these, are) = if names.len() == 1 { ("This", "permission is") } else { ("These", "permissions are") };
    format!("{these} Microsoft {are} missing: {}. Connect again and accept all of them.", names.join(", "))
}

/// What an enabled resource waits for, where the application is filled in.
pub(super) fn of_resource(
    account: Option<&AccountStanding>,
    state: &SyncState,
    alerts: &[OpenAlerts],
    about: Option<NoticeResource>,
    first_sync_waits: bool,
    now: DateTime<Utc>,
) -> Option<WaitsFor> {
    let Some(account) = account else { return Some(WaitsFor::Change(Blocked::NotConnected)) };
    let blocked = blocked(state);
    if let Some(reason) = account.parked() {
        return Some(WaitsFor::Account(reason));
    }
    if first_sync_waits {
        return Some(WaitsFor::Change(Blocked::FirstSync));
    }
    let Some(next) = state.next_sync_at else {
        // A save, a connection or a check that works would have planned a run.
        let left = |reason: &Blocked| matches!(reason, Blocked::MissingPermission | Blocked::NotConfigured);
        return blocked.filter(left).map(WaitsFor::Change);
    };
    let is_held_back = || {
        let rails = alerts.iter().filter(|alert| GUARD_RAILS.contains(&alert.code.as_str()));
        rails.map(|alert| Some(alert.resource)).any(|resource| resource == about)
    };
    match blocked {
        // Released, it is due at once and its alert is over.
        Some(Blocked::GuardRail) if is_held_back() => Some(WaitsFor::Change(Blocked::GuardRail)),
        Some(Blocked::NotOffered) => Some(WaitsFor::Change(Blocked::NotOffered)),
        Some(_) => None,
        None => wait(state).filter(|_| next > now).map(WaitsFor::Wait),
    }
}

/// Why a run ended although something was left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunEnding {
    /// It waits.
    Wait(WaitReason),
    /// Something has to change first.
    Blocked(Blocked),
}

impl RunEnding {
    /// Reads `next` of a stored report; none where it was another ending.
    pub fn read(next: &serde_json::Value) -> Option<Self> {
        let reason = next.get("reason")?;
        match next.get("when")?.as_str()? {
            "after" => WaitReason::deserialize(reason).ok().map(Self::Wait),
            "blocked" => Blocked::deserialize(reason).ok().map(Self::Blocked),
            _ => None,
        }
    }

    /// That of the last run.
    fn of(state: &SyncState) -> Option<Self> {
        Self::read(state.last_report.as_ref()?.get("next")?)
    }
}

/// What kept the last run from doing anything.
fn blocked(state: &SyncState) -> Option<Blocked> {
    match RunEnding::of(state)? {
        RunEnding::Blocked(reason) => Some(reason),
        RunEnding::Wait(_) => None,
    }
}

/// What the last run ended with, where that was a wait.
fn wait(state: &SyncState) -> Option<WaitReason> {
    match RunEnding::of(state)? {
        RunEnding::Wait(reason) => Some(reason),
        RunEnding::Blocked(_) => None,
    }
}

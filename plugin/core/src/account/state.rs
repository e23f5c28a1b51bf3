//! What is remembered about an account, without its tokens.
//!
//! One record under one key. Links and cursors are kept elsewhere, by account
//! id, so that the same account finds them again.

use serde::{Deserialize, Serialize};

use crate::model::{AccountId, Instant};
use crate::ports::{Config, Expectation, Fence, Revision, Secrets, Storage, Write};
use crate::settings::EffectiveSettings;

use super::application::Application;
use super::authorize::admin_consent_url;
use super::{AuthFailure, scope};

/// Where the record is stored.
pub const ACCOUNT_KEY: &str = "account";

/// The layout of the record.
const STORED_VERSION: u32 = 1;

/// Why an account is not used although it was connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParkedReason {
    /// Microsoft refused to renew the sign-in: connect again.
    ReconnectNeeded,
    /// An administrator of the tenant has to consent.
    AdminConsentNeeded,
    /// The application's credentials or settings are refused.
    ApplicationRefused,
    /// The directory in the settings is not there, does not know the application, or
    /// is not the account's.
    WrongTenant,
}

impl ParkedReason {
    /// The stable word of its alert.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ReconnectNeeded => "reconnect-needed",
            Self::AdminConsentNeeded => "admin-consent-needed",
            Self::ApplicationRefused => "application-refused",
            Self::WrongTenant => "wrong-tenant",
        }
    }
}

/// An account that waits for somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// Who has to act.
    pub reason: ParkedReason,
    /// `error (AADSTS number)`.
    pub detail: String,
    /// Since when.
    pub parked_at: Instant,
    /// Whether the alert was raised. Set afterwards, so that a run that ended in
    /// between does not leave an account parked in silence.
    pub is_announced: bool,
}

/// A connected account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRecord {
    version: u32,
    /// Microsoft's object id of the user.
    pub id: AccountId,
    /// User principal name.
    pub name: String,
    /// The name shown.
    pub display_name: String,
    /// The directory that signed the user in, where it said so.
    pub tenant_id: Option<String>,
    /// When it was connected.
    pub connected_at: Instant,
    /// Permissions that were granted last.
    pub scopes: Vec<String>,
    /// None where it works.
    pub parked: Option<Parked>,
    /// How often a check has found everything in order.
    #[serde(default)]
    pub checks: u32,
}

impl AccountRecord {
    /// A record of an account that was connected now and works.
    pub fn connected(
        id: AccountId,
        name: String,
        display_name: String,
        tenant_id: Option<String>,
        connected_at: Instant,
        scopes: Vec<String>,
    ) -> Self {
        Self {
            version: STORED_VERSION,
            id,
            name,
            display_name,
            tenant_id,
            connected_at,
            scopes,
            parked: None,
            checks: 0,
        }
    }

    /// Reads the stored record with its revision.
    pub fn load(ports: &mut impl Storage) -> Result<Option<(Self, Revision)>, AuthFailure> {
        let entries = ports.get_many(&[ACCOUNT_KEY.to_owned()]).map_err(AuthFailure::Host)?;
        let Some(entry) = entries.into_iter().next().flatten() else { return Ok(None) };
        let record: Self = serde_json::from_slice(&entry.value).map_err(|_| AuthFailure::of_stored("account"))?;
        if record.version != STORED_VERSION {
            return Err(AuthFailure::of_stored("account"));
        }
        Ok(Some((record, entry.revision)))
    }

    /// Stores the record.
    pub(super) fn save(&self, ports: &mut impl Storage, fence: Fence, expect: Expectation) -> Result<(), AuthFailure> {
        let value = serde_json::to_vec(self).map_err(|_| AuthFailure::of_stored("account"))?;
        let write = Write { key: ACCOUNT_KEY.to_owned(), value: Some(value), expect };
        ports.commit(fence, vec![write]).map_err(AuthFailure::of_commit)
    }
}

/// An account as pages show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Microsoft's object id of the user.
    pub id: AccountId,
    /// User principal name.
    pub name: String,
    /// The name shown.
    pub display_name: String,
    /// When it was connected.
    pub connected_at: Instant,
    /// Permissions that were granted.
    pub scopes: Vec<String>,
    /// Permissions that are missing for what is enabled.
    pub missing_scopes: Vec<String>,
    /// None where it works.
    pub parked: Option<ParkedReason>,
    /// Where an administrator consents, where that is waited for.
    pub consent_address: Option<String>,
}

impl Account {
    /// The account of a record, seen with these settings.
    pub fn of(record: AccountRecord, settings: &EffectiveSettings) -> Self {
        Self {
            missing_scopes: scope::missing(settings, &record.scopes),
            id: record.id,
            name: record.name,
            display_name: record.display_name,
            connected_at: record.connected_at,
            scopes: record.scopes,
            parked: record.parked.map(|parked| parked.reason),
            consent_address: None,
        }
    }
}

/// The connected account, from what is stored; asks nobody.
pub fn current(
    ports: &mut (impl Storage + Config + Secrets),
    settings: &EffectiveSettings,
) -> Result<Option<Account>, AuthFailure> {
    let Some((record, _)) = AccountRecord::load(ports)? else { return Ok(None) };
    let account = Account::of(record, settings);
    let waits_for_consent = account.parked == Some(ParkedReason::AdminConsentNeeded);
    // Without an application nobody can consent to it, which is said elsewhere.
    let application = if waits_for_consent { Application::load(ports, settings).ok() } else { None };
    Ok(Some(Account { consent_address: application.as_ref().map(admin_consent_url), ..account }))
}

//! Connecting an account: begin sends the browser away, finish takes it back.
//!
//! The order of finishing is what makes it safe: the pending sign-in is used up
//! before its code is redeemed, tokens are stored before the account that makes
//! them count, alerts are resolved last (Oro rows A1, A2, A4).

use crate::model::Instant;
use crate::ports::{Entropy, Expectation, Fence, HostError, Log, LogLevel};
use crate::settings::EffectiveSettings;

use super::application::Application;
use super::authorize::{admin_consent_url, authorization_url};
use super::callback::Callback;
use super::profile::{self, Profile, ReadFailure};
use super::refresh::{self, AccountPorts};
use super::token_request::{Grant, request_tokens, retry_delay};
use super::{Account, AccountRecord, AuthFailure, Secret, park, pending, pkce, scope};

/// How often the profile is read in a row: the sign-in is spent, so that one
/// lost answer should not waste it.
const PROFILE_ATTEMPTS: usize = 2;

/// Where to send the browser.
#[derive(Clone, PartialEq, Eq)]
pub struct Authorization {
    /// The sign-in page.
    pub url: String,
    /// The `state` in it, usable once.
    pub state: String,
}

/// Shows neither: the state is a credential for ten minutes.
impl std::fmt::Debug for Authorization {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authorization(…)")
    }
}

/// Begins a connection for the user of the scope and this session.
pub fn begin(
    ports: &mut (impl AccountPorts + Entropy),
    fence: Fence,
    settings: &EffectiveSettings,
    session: Option<&str>,
    now: Instant,
) -> Result<Authorization, AuthFailure> {
    let application = Application::load(ports, settings)?;
    let state = pkce::base64url(&random(ports)?);
    let verifier = pkce::verifier(&random(ports)?);
    let verifier = verifier.expose_text().unwrap_or_default();
    pending::store(ports, fence, &state, session, verifier, now)?;
    let url = authorization_url(&application, &state, &pkce::challenge(verifier));
    Ok(Authorization { url, state })
}

fn random(ports: &mut impl Entropy) -> Result<Vec<u8>, AuthFailure> {
    let bytes = ports.random_bytes(pkce::RANDOM_BYTES);
    if bytes.len() == pkce::RANDOM_BYTES {
        return Ok(bytes);
    }
    let found = bytes.len();
    let expected = pkce::RANDOM_BYTES;
    Err(AuthFailure::Host(HostError::Other(format!("expected {expected} random bytes, but found {found}"))))
}

/// Finishes a connection and answers with the account. Permissions that were not
/// granted are part of the answer: the account is connected, and what needs them
/// stays off.
pub fn finish(
    ports: &mut (impl AccountPorts + Log),
    fence: Fence,
    settings: &EffectiveSettings,
    session: Option<&str>,
    callback: &Callback,
    now: Instant,
) -> Result<Account, AuthFailure> {
    let verifier = pending::take(ports, fence, &callback.state, session, now)?;
    let application = Application::load(ports, settings)?;
    let code = callback.code(&application)?;
    let granted = request_tokens(ports, &application, &Grant::Code { code, verifier: &verifier })
        .map_err(|failure| failure.into_failure(|| admin_consent_url(&application)))?;
    let Some(refresh_token) = granted.refresh.clone() else {
        return Err(AuthFailure::MissingPermissions(vec![scope::OFFLINE_ACCESS.to_owned()]));
    };
    let profile = read_profile(ports, &application, &granted.access)?;
    let tokens = refresh::tokens_of(profile.id.clone(), &granted, refresh_token, now);
    refresh::store(ports, &tokens, Expectation::Any).map_err(AuthFailure::of_secret)?;
    let before = AccountRecord::load(ports).ok().flatten().map(|(record, _)| record);
    let mut record = AccountRecord::connected(
        profile.id,
        profile.name,
        profile.display_name,
        granted.tenant_id,
        now,
        granted.scopes,
    );
    if let Some(before) = before.filter(|before| before.id == record.id) {
        // Whoever consents once more has seen to the permissions, as a check has.
        record.checks = before.checks.wrapping_add(1);
    }
    record.save(ports, fence, Expectation::Any)?;
    let account = Account::of(record, settings);
    if let Err(error) = update_alerts(ports, &account) {
        // The account works; an alert that stays open is the lesser evil.
        ports.log(LogLevel::Warn, "alerts of the account could not be updated", &[("error", error.to_string())]);
    }
    Ok(account)
}

fn update_alerts(ports: &mut impl AccountPorts, account: &Account) -> Result<(), HostError> {
    park::resolve(ports, None)?;
    if account.missing_scopes.is_empty() {
        return Ok(());
    }
    park::announce_missing(ports, &account.missing_scopes)
}

fn read_profile(
    ports: &mut impl AccountPorts,
    application: &Application,
    access: &Secret,
) -> Result<Profile, AuthFailure> {
    let mut failure = AuthFailure::Unavailable(None);
    for _ in 0..PROFILE_ATTEMPTS {
        failure = match profile::read(ports, &application.graph_url, access) {
            Ok(profile) => return Ok(profile),
            Err(ReadFailure::Unauthorized) => return Err(AuthFailure::Refused("invalid_token".to_owned())),
            Err(ReadFailure::Forbidden | ReadFailure::NotFound) => {
                return Err(AuthFailure::MissingPermissions(vec![scope::USER_READ.to_owned()]));
            }
            Err(ReadFailure::Denied(denied)) => return Err(AuthFailure::Host(HostError::Other(denied.to_string()))),
            Err(ReadFailure::Unavailable(response)) => {
                AuthFailure::Unavailable(response.as_ref().and_then(retry_delay))
            }
        };
    }
    Err(failure)
}

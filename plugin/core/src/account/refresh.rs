//! A valid access token, or what has to happen first (Oro row A4).
//!
//! Refreshing is serialised by the revision of the secret: whoever loses the
//! race uses what the winner stored. A refusal parks the account, because asking
//! again would only be counted against it (AADSTS50196); a failure does not.

use chrono::TimeDelta;

use crate::model::{AccountId, Instant};
use crate::ports::{
    Breach, Config, Expectation, Fence, Http, Notices, Revision, SecretError, SecretName, Secrets, Storage,
};
use crate::settings::{EffectiveSettings, Feature};

use super::application::{Application, require_configured};
use super::authorize::admin_consent_url;
use super::classify::FailureClass;
use super::token_request::{Grant, Granted, TokenFailure, request_tokens};
use super::{AccountRecord, AuthFailure, ParkedReason, Secret, TokenSet, park, scope};

/// A token for requests to Graph, valid for the length of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// Whose mailbox it opens.
    pub account: AccountId,
    /// What it allows.
    pub scopes: Vec<String>,
    token: Secret,
}

impl AccessToken {
    /// The token itself.
    pub(crate) const fn secret(&self) -> &Secret {
        &self.token
    }

    fn of(tokens: &TokenSet, token: &Secret) -> Self {
        Self { account: tokens.account.clone(), scopes: tokens.scopes.clone(), token: token.clone() }
    }
}

/// The ports that a token needs. No calendar: signing in knows nothing of it.
pub trait AccountPorts: Storage + Secrets + Config + Http + Notices {}

impl<T: Storage + Secrets + Config + Http + Notices> AccountPorts for T {}

/// What is stored about the account, both halves of it.
struct Session {
    record: AccountRecord,
    record_revision: Revision,
    tokens: Option<(TokenSet, Revision)>,
}

impl Session {
    /// Reads both halves. Tokens of another account, left by a connection that
    /// was interrupted, count as absent: using them would write one mailbox
    /// through the links of another.
    fn load(ports: &mut impl AccountPorts) -> Result<Self, AuthFailure> {
        let (record, record_revision) = AccountRecord::load(ports)?.ok_or(AuthFailure::NotConnected)?;
        let tokens = load_tokens(ports)?.filter(|(tokens, _)| tokens.account == record.id);
        Ok(Self { record, record_revision, tokens })
    }
}

fn load_tokens(ports: &mut impl Secrets) -> Result<Option<(TokenSet, Revision)>, AuthFailure> {
    let stored = ports.secret(SecretName::AccountTokens).map_err(AuthFailure::Host)?;
    Ok(stored.and_then(|(secret, revision)| Some((TokenSet::from_secret(&secret)?, revision))))
}

/// A valid access token: the stored one, or a fresh one.
///
/// # Errors
///
/// A parked account answers with the failure that parked it, without asking
/// anybody; see [`renew`] and [`super::finish`] for the ways out.
pub fn access_token(
    ports: &mut impl AccountPorts,
    fence: Fence,
    settings: &EffectiveSettings,
    now: Instant,
) -> Result<AccessToken, AuthFailure> {
    require_configured(settings)?;
    let session = Session::load(ports)?;
    refuse_parked(ports, fence, settings, &session.record)?;
    if let Some((tokens, _)) = &session.tokens
        && let Some(token) = tokens.fresh_access(now)
    {
        return Ok(AccessToken::of(tokens, token));
    }
    refresh(ports, fence, settings, session, None, now)
}

/// A valid access token that allows what `feature` needs. What it and the other
/// enabled features miss is announced, in one alert that all of them renew with
/// the same words, and does not stop those that miss nothing.
///
/// # Errors
///
/// [`AuthFailure::MissingPermissions`], or as [`access_token`].
pub fn access_token_for(
    ports: &mut impl AccountPorts,
    fence: Fence,
    settings: &EffectiveSettings,
    feature: Feature,
    now: Instant,
) -> Result<AccessToken, AuthFailure> {
    let token = access_token(ports, fence, settings, now)?;
    let missing = scope::missing_for(feature, &token.scopes);
    if missing.is_empty() {
        return Ok(token);
    }
    let mut announced = scope::missing(settings, &token.scopes);
    if announced.is_empty() {
        announced.clone_from(&missing);
    }
    park::announce_missing(ports, &announced).map_err(AuthFailure::Host)?;
    Err(AuthFailure::MissingPermissions(missing))
}

/// Another token in place of `rejected`, which Graph refused although its time
/// was not over. Where somebody else has replaced it already, theirs. `claims` is
/// what Graph wants it to prove (entra `claims-challenge`).
pub fn force_refresh(
    ports: &mut impl AccountPorts,
    fence: Fence,
    settings: &EffectiveSettings,
    (rejected, claims): (&AccessToken, Option<&str>),
    now: Instant,
) -> Result<AccessToken, AuthFailure> {
    require_configured(settings)?;
    let session = Session::load(ports)?;
    refuse_parked(ports, fence, settings, &session.record)?;
    if let Some((tokens, _)) = &session.tokens
        && let Some(token) = tokens.fresh_access(now).filter(|token| claims.is_none() && **token != rejected.token)
    {
        return Ok(AccessToken::of(tokens, token));
    }
    refresh(ports, fence, settings, session, claims, now)
}

/// Renews the tokens because the application changed or somebody asked for it
/// (Oro row S13), parked or not. Success takes the account out of being parked.
pub fn renew(
    ports: &mut impl AccountPorts,
    fence: Fence,
    settings: &EffectiveSettings,
    now: Instant,
) -> Result<AccessToken, AuthFailure> {
    require_configured(settings)?;
    let session = Session::load(ports)?;
    let token = refresh(ports, fence, settings, session, None, now)?;
    if let Some((record, revision)) = AccountRecord::load(ports)? {
        park::unpark(ports, fence, record, revision)?;
    }
    Ok(token)
}

/// Forgets the access token, keeps the refresh token (Oro row S13).
pub fn forget_access_token(ports: &mut impl Secrets) -> Result<(), AuthFailure> {
    let Some((mut tokens, revision)) = load_tokens(ports)? else { return Ok(()) };
    if tokens.access.take().is_none() {
        return Ok(());
    }
    store(ports, &tokens, Expectation::Revision(revision)).map_err(AuthFailure::of_secret)
}

/// Stores tokens in one atomic write.
pub(super) fn store(ports: &mut impl Secrets, tokens: &TokenSet, expect: Expectation) -> Result<(), SecretError> {
    let secret = tokens.to_secret();
    ports.put_secret(SecretName::AccountTokens, secret, expect)
}

/// The tokens of a grant. The refresh token that was handed in stays where no
/// other came back.
pub(super) fn tokens_of(account: AccountId, granted: &Granted, refresh: Secret, now: Instant) -> TokenSet {
    let lifetime = TimeDelta::from_std(granted.expires_in).unwrap_or_default();
    TokenSet {
        account,
        access: Some(granted.access.clone()),
        refresh: granted.refresh.clone().unwrap_or(refresh),
        expires_at: now.plus(lifetime),
        scopes: granted.scopes.clone(),
    }
}

fn refuse_parked(
    ports: &mut impl AccountPorts,
    fence: Fence,
    settings: &EffectiveSettings,
    record: &AccountRecord,
) -> Result<(), AuthFailure> {
    let Some(parked) = &record.parked else { return Ok(()) };
    let url = Application::load(ports, settings).map(|application| admin_consent_url(&application))?;
    park::announce(ports, fence, &url)?;
    Err(park::failure_of(parked, || url))
}

fn refresh(
    ports: &mut impl AccountPorts,
    fence: Fence,
    settings: &EffectiveSettings,
    session: Session,
    claims: Option<&str>,
    now: Instant,
) -> Result<AccessToken, AuthFailure> {
    let application = Application::load(ports, settings)?;
    let Some((tokens, revision)) = session.tokens else {
        let failure = (FailureClass::Reconnect, "no tokens are stored".to_owned());
        return refused(ports, fence, &application, failure, now);
    };
    let grant = Grant::Refresh { token: &tokens.refresh, granted: &tokens.scopes, claims };
    match request_tokens(ports, &application, &grant) {
        Ok(granted) => {
            let renewed = tokens_of(tokens.account, &granted, tokens.refresh, now);
            match store(ports, &renewed, Expectation::Revision(revision)) {
                Ok(()) => {
                    remember_scopes(ports, fence, session.record, session.record_revision, &renewed)?;
                    Ok(AccessToken::of(&renewed, &granted.access))
                }
                // Ours is lost, which does no harm: Microsoft does not revoke a
                // refresh token when another takes its place.
                Err(SecretError::ExpectationFailed) => {
                    let stored = load_tokens(ports)?;
                    if stored.as_ref().is_some_and(|(_, found)| *found == revision) {
                        // Nobody was faster, so waiting for them would never end.
                        return Err(AuthFailure::Host(Breach::Revision { call: "secrets.get" }.into()));
                    }
                    token_of_another(stored, &session.record.id, revision, now)
                        .ok_or_else(|| AuthFailure::of_secret(SecretError::ExpectationFailed))
                }
                Err(other) => Err(AuthFailure::of_secret(other)),
            }
        }
        Err(TokenFailure::Refused(class, detail)) => {
            // A refresh token that was replaced or reconnected meanwhile may be
            // refused, and says nothing about the one that is stored now.
            match token_of_another(load_tokens(ports)?, &session.record.id, revision, now) {
                Some(token) => Ok(token),
                None => refused(ports, fence, &application, (class, detail), now),
            }
        }
        Err(other) => Err(other.into_failure(|| admin_consent_url(&application))),
    }
}

/// The token that somebody else has stored since `revision`, if it is of this
/// account and fresh.
fn token_of_another(
    stored: Option<(TokenSet, Revision)>,
    account: &AccountId,
    revision: Revision,
    now: Instant,
) -> Option<AccessToken> {
    let (tokens, _) = stored.filter(|(tokens, found)| *found != revision && tokens.account == *account)?;
    tokens.fresh_access(now).map(|token| AccessToken::of(&tokens, token))
}

/// Parks the account and answers with the failure.
fn refused(
    ports: &mut impl AccountPorts,
    fence: Fence,
    application: &Application,
    (class, detail): (FailureClass, String),
    now: Instant,
) -> Result<AccessToken, AuthFailure> {
    let reason = match class {
        FailureClass::Cancelled | FailureClass::Reconnect => ParkedReason::ReconnectNeeded,
        FailureClass::AdminConsent => ParkedReason::AdminConsentNeeded,
        FailureClass::ApplicationRefused | FailureClass::Configuration => ParkedReason::ApplicationRefused,
        FailureClass::WrongTenant => ParkedReason::WrongTenant,
        FailureClass::Retry => return Err(AuthFailure::Unavailable(None)),
    };
    let (record, revision) = AccountRecord::load(ports)?.ok_or(AuthFailure::NotConnected)?;
    let url = admin_consent_url(application);
    let parked = park::parked(reason, detail, now);
    let failure = park::failure_of(&parked, || url.clone());
    park::park(ports, fence, record, revision, parked, &url)?;
    Err(failure)
}

/// Keeps the record's permissions in step with the token's.
fn remember_scopes(
    ports: &mut impl AccountPorts,
    fence: Fence,
    mut record: AccountRecord,
    revision: Revision,
    tokens: &TokenSet,
) -> Result<(), AuthFailure> {
    if record.scopes == tokens.scopes {
        return Ok(());
    }
    record.scopes.clone_from(&tokens.scopes);
    record.save(ports, fence, Expectation::Revision(revision))?;
    // What is still missing is announced again by whoever needs it.
    park::resolve_missing(ports).map_err(AuthFailure::Host)
}

//! The sign-in that is being made: unguessable, bound, short-lived, used once.
//!
//! What has to be compared is stored as fingerprints; the verifier, which has to
//! be shown again, is a secret. Being in the storage of a scope binds it to the
//! user.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::model::Instant;
use crate::ports::{Expectation, Fence, SecretName, Secrets, Storage, Write};

use super::{AuthFailure, Secret, pkce};

/// Where the record is stored.
pub const PENDING_KEY: &str = "account/pending";

/// How long a sign-in may take: as long as Microsoft's code lives.
const LIFETIME: TimeDelta = TimeDelta::minutes(10);

#[derive(Serialize, Deserialize)]
struct Record {
    state: String,
    session: Option<String>,
    created_at: Instant,
}

/// The verifier with the state it belongs to, because storage and secrets are
/// written one after the other.
#[derive(Serialize, Deserialize)]
struct Verifier {
    state: String,
    verifier: String,
}

/// Remembers a sign-in in place of an earlier one.
pub fn store(
    ports: &mut (impl Storage + Secrets),
    fence: Fence,
    state: &str,
    session: Option<&str>,
    verifier: &str,
    now: Instant,
) -> Result<(), AuthFailure> {
    let state = pkce::fingerprint(state);
    let verifier = Verifier { state: state.clone(), verifier: verifier.to_owned() };
    let record = Record { state, session: session.map(pkce::fingerprint), created_at: now };
    let value = serde_json::to_vec(&record).map_err(|_| AuthFailure::of_stored("sign-in"))?;
    let secret = serde_json::to_vec(&verifier).map_err(|_| AuthFailure::of_stored("sign-in"))?;
    let write = Write { key: PENDING_KEY.to_owned(), value: Some(value), expect: Expectation::Any };
    ports.commit(fence, vec![write]).map_err(AuthFailure::of_commit)?;
    ports
        .put_secret(SecretName::PendingAuthorization, Some(Secret::new(secret)), Expectation::Any)
        .map_err(AuthFailure::of_secret)
}

/// Takes the sign-in of `state` out of the store and gives its verifier.
///
/// It is gone before anything is done with it, so that nothing can be done
/// twice. A stranger's state or session leaves it where it is: otherwise anybody
/// could undo somebody else's sign-in.
///
/// # Errors
///
/// [`AuthFailure::InvalidState`] for every kind of mismatch alike.
pub fn take(
    ports: &mut (impl Storage + Secrets),
    fence: Fence,
    state: &str,
    session: Option<&str>,
    now: Instant,
) -> Result<Secret, AuthFailure> {
    let entries = ports.get_many(&[PENDING_KEY.to_owned()]).map_err(AuthFailure::Host)?;
    let entry = entries.into_iter().next().flatten().ok_or(AuthFailure::InvalidState)?;
    let record: Record = serde_json::from_slice(&entry.value).map_err(|_| AuthFailure::InvalidState)?;
    // Fingerprints are compared, so timing tells nothing about the texts.
    if record.state != pkce::fingerprint(state) || record.session != session.map(pkce::fingerprint) {
        return Err(AuthFailure::InvalidState);
    }
    let write = Write { key: PENDING_KEY.to_owned(), value: None, expect: Expectation::Revision(entry.revision) };
    ports.commit(fence, vec![write]).map_err(|error| match AuthFailure::of_commit(error) {
        // Somebody else has taken it meanwhile.
        AuthFailure::Unavailable(_) => AuthFailure::InvalidState,
        other => other,
    })?;
    let secret = ports.secret(SecretName::PendingAuthorization).map_err(AuthFailure::Host)?;
    forget_verifier(ports)?;
    // Either way round: the clocks of two hosts may differ a little.
    if now.since(record.created_at).abs() >= LIFETIME {
        return Err(AuthFailure::InvalidState);
    }
    let verifier: Verifier =
        secret.and_then(|(secret, _)| serde_json::from_slice(secret.expose()).ok()).ok_or(AuthFailure::InvalidState)?;
    if verifier.state != record.state {
        return Err(AuthFailure::InvalidState);
    }
    Ok(Secret::from_text(verifier.verifier))
}

/// Deletes the verifier.
pub fn forget_verifier(ports: &mut impl Secrets) -> Result<(), AuthFailure> {
    ports.put_secret(SecretName::PendingAuthorization, None, Expectation::Any).map_err(AuthFailure::of_secret)
}

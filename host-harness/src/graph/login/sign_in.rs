//! Whether a user may sign in, and stay signed in: disabled accounts, second
//! factors, blocks by policy and how often to sign in
//! (entra/identity-platform/reference-error-codes, suberrors of MSAL).
//!
//! A state bites where the service asks again: on the page, at `prompt=none`,
//! and when a code or a refresh token is redeemed. Access tokens are left
//! alone, as they are in the directory.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::authorize::Parameters;
use super::refusal::LoginRefusal;
use super::scopes::GRAPH_APP_ID;
use crate::graph::model::Mailbox;

/// How often a user with a sign-in frequency has to sign in, in seconds: the
/// shortest that a policy can say.
const FREQUENCY_SECONDS: i64 = 3600;

/// The policy that asks for more, as it stands in `claims`.
const POLICY_ID: &str = "c5a1c3a5-2b0e-4d0c-9f55-6d2a1f6f0a11";

/// The field of the sign-in page by which a person confirms with a second device.
pub(crate) const SECOND_FACTOR_FIELD: &str = "mfa";

/// What stands in a user's way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum SignInState {
    #[default]
    Normal,
    /// The account is disabled.
    Disabled,
    /// A second factor is needed.
    MfaRequired,
    /// Conditional Access lets nobody in.
    BlockedByPolicy,
    /// Sessions from before end, and others live an hour.
    SignInFrequency,
}

/// The state of a user, and since when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SignInRule {
    pub state: SignInState,
    pub since: Option<DateTime<Utc>>,
}

/// How a person has signed in, as codes and tokens remember it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SignedIn {
    pub at: Option<DateTime<Utc>>,
    pub with_second_factor: bool,
}

/// Checks a posted sign-in page; a refusal is shown on the page.
pub(crate) fn on_page(mailbox: &Mailbox, form: &Parameters, now: DateTime<Utc>) -> Result<SignedIn, LoginRefusal> {
    let with_second_factor = form.get(SECOND_FACTOR_FIELD).is_some_and(|value| value == "approved");
    match mailbox.sign_in.state {
        SignInState::Disabled => Err(disabled("interaction_required")),
        SignInState::BlockedByPolicy => Err(blocked("interaction_required")),
        SignInState::MfaRequired if !with_second_factor => Err(second_factor_needed("interaction_required")),
        SignInState::Normal | SignInState::MfaRequired | SignInState::SignInFrequency => {
            Ok(SignedIn { at: Some(now), with_second_factor })
        }
    }
}

/// Checks a sign-in without a page, where nobody can be asked for anything.
pub(crate) fn silently(mailbox: &Mailbox, now: DateTime<Utc>) -> Result<SignedIn, LoginRefusal> {
    let signed_in = SignedIn { at: Some(now), with_second_factor: false };
    match mailbox.sign_in.state {
        SignInState::Normal => Ok(signed_in),
        SignInState::Disabled => Err(disabled("interaction_required")),
        SignInState::BlockedByPolicy => Err(blocked("interaction_required")),
        SignInState::MfaRequired => Err(second_factor_needed("interaction_required")),
        SignInState::SignInFrequency => Err(LoginRefusal::new(
            400,
            "login_required",
            50_058,
            "A silent sign-in request was sent but the session of the user is older than the sign-in frequency allows.",
        )),
    }
}

/// Checks that what was granted at a sign-in is still good.
pub(crate) fn at_redemption(mailbox: &Mailbox, signed_in: SignedIn, now: DateTime<Utc>) -> Result<(), LoginRefusal> {
    match mailbox.sign_in.state {
        SignInState::Normal => Ok(()),
        SignInState::Disabled => Err(disabled("invalid_grant")),
        SignInState::BlockedByPolicy => Err(blocked("invalid_grant")),
        SignInState::MfaRequired if signed_in.with_second_factor => Ok(()),
        SignInState::MfaRequired => Err(second_factor_needed("invalid_grant")),
        SignInState::SignInFrequency => {
            let is_fresh = signed_in.at.is_some_and(|at| {
                let is_after_the_rule = mailbox.sign_in.since.is_none_or(|since| at > since);
                is_after_the_rule && now - at < TimeDelta::seconds(FREQUENCY_SECONDS)
            });
            if is_fresh { Ok(()) } else { Err(too_old(signed_in)) }
        }
    }
}

fn disabled(error: &'static str) -> LoginRefusal {
    LoginRefusal::new(400, error, 50_057, "The user account is disabled.")
}

fn blocked(error: &'static str) -> LoginRefusal {
    let message =
        "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.";
    LoginRefusal::new(400, error, 53_003, message).with_suberror("message_only").with_claims(policy_claims())
}

fn second_factor_needed(error: &'static str) -> LoginRefusal {
    let message = format!(
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '{GRAPH_APP_ID}'."
    );
    LoginRefusal::new(400, error, 50_076, message).with_suberror("basic_action").with_claims(policy_claims())
}

fn too_old(signed_in: SignedIn) -> LoginRefusal {
    let mut message =
        "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access.".to_owned();
    if let Some(at) = signed_in.at {
        // Writing into memory does not fail.
        let _ = write!(message, " The token was issued on {}", at.format("%Y-%m-%dT%H:%M:%S.0000000Z"));
        let _ = write!(message, " and the maximum allowed lifetime for this request is {FREQUENCY_SECONDS}.");
    }
    LoginRefusal::invalid_grant(70_043, message).with_suberror("token_expired")
}

fn policy_claims() -> String {
    json!({ "access_token": { "capolids": { "essential": true, "values": [POLICY_ID] } } }).to_string()
}

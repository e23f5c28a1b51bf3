//! Which application asks, and whether it is the one it says: a secret, a
//! signature, or for a public client neither of the two.
//!
//! A code or refresh token of a single-page application is redeemed by a
//! browser, which can keep no secret: it is held by the origin of the page
//! instead (entra/identity-platform/v2-oauth2-auth-code-flow).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::assertion::{self, ASSERTION_TYPE};
use super::authorize::Parameters;
use super::refusal::LoginRefusal;
use crate::graph::call::Call;
use crate::graph::model::App;
use crate::graph::state::State;

/// What an application presents.
#[derive(Clone)]
enum Proof {
    None,
    Secret(String),
    Assertion(String),
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Secret(_) => "Secret(..)",
            Self::Assertion(_) => "Assertion(..)",
        })
    }
}

/// An application that asks, not yet checked.
#[derive(Clone, Debug)]
pub(crate) struct Applicant {
    pub app: App,
    proof: Proof,
}

impl Applicant {
    /// Finds the application of a request.
    pub fn find(state: &State, call: &Call, form: &Parameters) -> Result<Self, LoginRefusal> {
        let basic = call.header("authorization").and_then(basic_credentials);
        let client_id = basic.as_ref().map(|(id, _)| id).or_else(|| form.get("client_id"));
        let client_id = client_id.ok_or_else(|| LoginRefusal::missing("client_id"))?;
        let app = state.apps.get(client_id).ok_or_else(|| LoginRefusal::unknown_app(client_id))?;
        let secret = basic.as_ref().map(|(_, secret)| secret).or_else(|| form.get("client_secret"));
        let proof = match (form.get("client_assertion"), secret) {
            (Some(assertion), _) => {
                let kind = form.get("client_assertion_type");
                let kind = kind.ok_or_else(|| LoginRefusal::missing("client_assertion_type"))?;
                if kind != ASSERTION_TYPE {
                    return Err(LoginRefusal::malformed());
                }
                Proof::Assertion(assertion.clone())
            }
            (None, Some(secret)) => Proof::Secret(secret.clone()),
            (None, None) => Proof::None,
        };
        Ok(Self { app: app.clone(), proof })
    }

    /// Checks what a confidential client has to present, and that a public one
    /// presents nothing.
    pub fn authenticate(&self, state: &State) -> Result<(), LoginRefusal> {
        let client_id = &self.app.client_id;
        if !self.app.is_confidential() {
            return self.authenticate_public();
        }
        match (&self.proof, &self.app.client_secret) {
            (Proof::None, _) => Err(LoginRefusal::invalid_client(
                7_000_218,
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
            )),
            (Proof::Assertion(assertion), _) => assertion::check(state, &self.app, assertion),
            (Proof::Secret(given), Some(known)) if known.is(given) && self.app.secret_expired => {
                Err(LoginRefusal::invalid_client(
                    7_000_222,
                    format!("The provided client secret keys for app '{client_id}' are expired."),
                ))
            }
            (Proof::Secret(given), Some(known)) if known.is(given) => Ok(()),
            (Proof::Secret(_), Some(_) | None) => Err(LoginRefusal::invalid_client(
                7_000_215,
                format!(
                    "Invalid client secret provided for app '{client_id}'. Ensure the secret being sent is the client secret value, not the client secret ID."
                ),
            )),
        }
    }

    /// Checks that nothing is presented, as a public client has to.
    pub fn authenticate_public(&self) -> Result<(), LoginRefusal> {
        match self.proof {
            Proof::None => Ok(()),
            Proof::Secret(_) | Proof::Assertion(_) => Err(LoginRefusal::invalid_client(
                700_025,
                "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
            )),
        }
    }

    /// Checks who redeems a grant: one of a single-page application is redeemed
    /// from the origin of a page and without a secret, any other one is not.
    pub fn authenticate_for(&self, state: &State, call: &Call, is_spa: bool) -> Result<(), LoginRefusal> {
        match (is_spa, call.header("origin")) {
            (true, Some(_)) => self.authenticate_public(),
            (true, None) => Err(LoginRefusal::new(
                400,
                "invalid_request",
                9_002_327,
                "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.",
            )),
            (false, Some(origin)) => Err(LoginRefusal::new(
                400,
                "invalid_request",
                9_002_326,
                format!(
                    "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Request origin: '{origin}'."
                ),
            )),
            (false, None) => self.authenticate(state),
        }
    }
}

/// Reads `Authorization: Basic`, whose parts are form encoded (RFC 6749, 2.3.1).
fn basic_credentials(header: &str) -> Option<(String, String)> {
    let encoded = header.strip_prefix("Basic ")?;
    let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decode = |part: &str| {
        let pair = format!("v={part}");
        url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned())
    };
    Some((decode(id)?, decode(secret)?))
}

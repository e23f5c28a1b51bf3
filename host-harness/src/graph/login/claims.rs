//! The parameter `claims`: what a client can cope with, and what a new token
//! has to prove (entra/identity-platform/claims-challenge).
//!
//! A client that declares `cp1` in `access_token.xms_cc` understands a
//! challenge of continuous access evaluation. Its tokens live long, because
//! Graph asks back when something happened; the tokens of others just expire.
//! What a challenge demands, a token from after it proves by its age, so that
//! nothing of the rest of `claims` has to be kept.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::authorize::Parameters;
use super::refusal::LoginRefusal;
use crate::graph::reply::Refusal;
use crate::graph::state::State;

/// The capability to cope with challenges.
const COPES_WITH_CHALLENGES: &str = "cp1";

/// What a client says that it can cope with.
pub(crate) fn capabilities(parameters: &Parameters) -> Result<Vec<String>, LoginRefusal> {
    let Some(text) = parameters.get("claims").filter(|text| !text.is_empty()) else {
        return Ok(Vec::new());
    };
    let claims: Value = serde_json::from_str(text).map_err(|_| LoginRefusal::malformed())?;
    if !claims.is_object() {
        return Err(LoginRefusal::malformed());
    }
    let declared = claims.pointer("/access_token/xms_cc");
    let values = declared.and_then(|declared| declared.get("values")).and_then(Value::as_array);
    let single = declared.and_then(|declared| declared.get("value"));
    let listed = values.into_iter().flatten().chain(single).filter_map(Value::as_str);
    Ok(listed.map(str::to_owned).collect())
}

/// Whether a token with these capabilities can be challenged.
pub(crate) fn copes(capabilities: &[String]) -> bool {
    capabilities.iter().any(|name| name.eq_ignore_ascii_case(COPES_WITH_CHALLENGES))
}

/// The refusal of a token that has to be replaced by one from not before
/// `since`, in seconds of the epoch.
pub(crate) fn challenge(state: &State, since: i64) -> Refusal {
    let claims = json!({ "access_token": { "nbf": { "essential": true, "value": since.to_string() } } });
    let header = format!(
        "Bearer realm=\"\", authorization_uri=\"{}/common/oauth2/authorize\", error=\"insufficient_claims\", claims=\"{}\"",
        state.base_url,
        STANDARD.encode(claims.to_string())
    );
    let message = "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp";
    Refusal::new(401, "InvalidAuthenticationToken", message).header("www-authenticate", header)
}

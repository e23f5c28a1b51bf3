//! Sign-out (entra/identity-platform/v2-protocols-oidc, "Send a sign-out request").
//!
//! There is no browser session to end. What is left of it is where the browser
//! goes: to an address that an application registered, or to a page.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::authorize::{self, Parameters};
use super::{check_tenant, pages};
use crate::graph::model::App;
use crate::graph::reply::Reply;
use crate::graph::state::State;

/// Answers a sign-out by link or by form.
pub(crate) fn leave(state: &mut State, tenant: &str, parameters: &Parameters) -> Reply {
    if let Err(refusal) = check_tenant(state, tenant) {
        return pages::refused(state, &refusal);
    }
    let Some(target) = parameters.get("post_logout_redirect_uri") else {
        return pages::signed_out();
    };
    let named = parameters.get("client_id").cloned().or_else(|| hinted(parameters));
    let mut apps = state.apps.values().filter(|app| named.as_ref().is_none_or(|named| *named == app.client_id));
    if !apps.any(|app: &App| authorize::redirect_type(app, target).is_some()) {
        return pages::signed_out();
    }
    let Some(value) = parameters.get("state") else {
        return Reply::redirect(target.clone());
    };
    let separator = if target.contains('?') { '&' } else { '?' };
    Reply::redirect(format!("{target}{separator}{}", authorize::encode(&[("state", value.clone())])))
}

/// The application that an id token was made for. The hint only narrows down
/// whose addresses are good, so nothing depends on its signature.
fn hinted(parameters: &Parameters) -> Option<String> {
    let claims = parameters.get("id_token_hint")?.split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    claims.get("aud").and_then(Value::as_str).map(str::to_owned)
}

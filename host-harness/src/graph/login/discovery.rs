//! The metadata documents by which clients find the endpoints
//! (entra/identity-platform/v2-protocols-oidc).

use serde_json::json;

use super::check_tenant;
use super::refusal::LoginRefusal;
use crate::graph::reply::Reply;
use crate::graph::state::State;

/// The issuer of tokens of the tenant.
pub(crate) fn issuer(state: &State) -> String {
    format!("{}/{}/v2.0", state.base_url, state.meta.tenant.id)
}

/// `/.well-known/openid-configuration`.
pub(crate) fn configuration(state: &State, tenant: &str) -> Result<Reply, LoginRefusal> {
    check_tenant(state, tenant)?;
    let base = format!("{}/{tenant}", state.base_url);
    // The shared authorities cannot know the issuer beforehand.
    let is_shared = !state.meta.tenant.is_named(tenant);
    let issuer = if is_shared { format!("{}/{{tenantid}}/v2.0", state.base_url) } else { issuer(state) };
    Ok(Reply::json(
        200,
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
            "token_endpoint": format!("{base}/oauth2/v2.0/token"),
            "end_session_endpoint": format!("{base}/oauth2/v2.0/logout"),
            "device_authorization_endpoint": format!("{base}/oauth2/v2.0/devicecode"),
            "jwks_uri": format!("{base}/discovery/v2.0/keys"),
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "code_challenge_methods_supported": ["plain", "S256"],
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid", "oid", "ver"],
            "request_uri_parameter_supported": false,
            "tenant_region_scope": "EU",
        }),
    ))
}

/// `/discovery/v2.0/keys`.
pub(crate) fn keys(state: &State, tenant: &str) -> Result<Reply, LoginRefusal> {
    check_tenant(state, tenant)?;
    let key =
        state.key.jwk().map_err(|_| LoginRefusal::new(500, "server_error", 90_033, "The key is not available."))?;
    Ok(Reply::json(200, json!({ "keys": [key] })))
}

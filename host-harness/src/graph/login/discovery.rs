//! The metadata documents by which clients find the endpoints, in both
//! versions, and the keys (entra/identity-platform/v2-protocols-oidc).
//!
//! Everything lies under the address that the client came to: MSAL refuses an
//! issuer on another host than its authority. The issuer of version 1 is the
//! one exception, because it is a fixed name and nobody's address. Of version
//! 1 there are metadata and keys alone, for those who check notifications.

use serde_json::{Value, json};

use super::refusal::LoginRefusal;
use super::{CONSUMERS, CONSUMERS_ID, is_consumers, is_tenant};
use crate::graph::clouds;
use crate::graph::reply::Reply;
use crate::graph::state::State;
use url::Url;

/// The issuer of tokens of the tenant.
pub(crate) fn issuer(state: &State) -> String {
    format!("{}/{}/v2.0", state.base_url, state.meta.tenant.id)
}

/// The issuer of tokens in the format 1.0, such as those of Graph.
pub(crate) fn issuer_v1(state: &State) -> String {
    format!("https://sts.windows.net/{}/", state.meta.tenant.id)
}

/// The id in the issuer of an authority. The shared authorities cannot know it
/// beforehand.
fn issuing_tenant<'a>(state: &'a State, tenant: &str) -> &'a str {
    if is_tenant(state, tenant) {
        &state.meta.tenant.id
    } else if is_consumers(tenant) {
        CONSUMERS_ID
    } else {
        "{tenantid}"
    }
}

/// Checks that there are documents for a tenant. Those of personal accounts
/// exist, although nobody can sign in there.
fn check(state: &State, tenant: &str) -> Result<(), LoginRefusal> {
    if is_consumers(tenant) { Ok(()) } else { super::check_tenant(state, tenant) }
}

/// Where Graph is for a client that came to this address: the same, or beside
/// Microsoft's name of the login host Microsoft's name of the Graph host.
pub(crate) fn graph_url(state: &State) -> String {
    let own = Url::parse(&state.base_url).ok();
    let beside = own.and_then(|url| clouds::graph_beside(url.host_str()?).map(|graph| (url, graph)));
    let Some((mut url, graph)) = beside else {
        return state.base_url.clone();
    };
    if url.set_host(Some(graph)).is_err() {
        return state.base_url.clone();
    }
    url.as_str().trim_end_matches('/').to_owned()
}

fn host(url: &str) -> String {
    Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// What both versions say alike.
fn common(state: &State) -> Value {
    json!({
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "request_uri_parameter_supported": false,
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "tenant_region_scope": "EU",
        "cloud_instance_name": host(&state.base_url),
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": host(&graph_url(state)),
        "rbac_url": "https://pas.windows.net",
    })
}

fn with(mut document: Value, more: Value) -> Reply {
    if let (Some(map), Value::Object(more)) = (document.as_object_mut(), more) {
        map.extend(more);
    }
    Reply::json(200, document).header("cache-control", "max-age=86400, private".to_owned())
}

/// `/v2.0/.well-known/openid-configuration`.
pub(crate) fn configuration(state: &State, tenant: &str) -> Result<Reply, LoginRefusal> {
    check(state, tenant)?;
    let base = format!("{}/{tenant}", state.base_url);
    let more = json!({
        "issuer": format!("{}/{}/v2.0", state.base_url, issuing_tenant(state, tenant)),
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "end_session_endpoint": format!("{base}/oauth2/v2.0/logout"),
        "device_authorization_endpoint": format!("{base}/oauth2/v2.0/devicecode"),
        "jwks_uri": format!("{base}/discovery/v2.0/keys"),
        "userinfo_endpoint": format!("{}/oidc/userinfo", graph_url(state)),
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid", "oid", "ver", "email",
        ],
    });
    Ok(with(common(state), more))
}

/// `/.well-known/openid-configuration`, version 1.
pub(crate) fn configuration_v1(state: &State, tenant: &str) -> Result<Reply, LoginRefusal> {
    check(state, tenant)?;
    let base = format!("{}/{tenant}", state.base_url);
    let more = json!({
        "issuer": format!("https://sts.windows.net/{}/", issuing_tenant(state, tenant)),
        "authorization_endpoint": format!("{base}/oauth2/authorize"),
        "token_endpoint": format!("{base}/oauth2/token"),
        "end_session_endpoint": format!("{base}/oauth2/logout"),
        "device_authorization_endpoint": format!("{base}/oauth2/devicecode"),
        "jwks_uri": format!("{base}/discovery/keys"),
        "userinfo_endpoint": format!("{base}/openid/userinfo"),
        "microsoft_multi_refresh_token": true,
        "scopes_supported": ["openid"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "upn", "tid", "oid", "ver"],
    });
    Ok(with(common(state), more))
}

/// `/discovery/v2.0/keys` and `/discovery/keys`: one key signs everything.
pub(crate) fn keys(state: &State, tenant: &str) -> Result<Reply, LoginRefusal> {
    check(state, tenant)?;
    let key =
        state.key.jwk().map_err(|_| LoginRefusal::new(500, "server_error", 90_033, "The key is not available."))?;
    Ok(Reply::json(200, json!({ "keys": [key] })))
}

/// Why a request on the authority of personal accounts goes nowhere.
pub(crate) fn no_personal_accounts() -> LoginRefusal {
    let message = format!(
        "The client does not exist or is not enabled for {CONSUMERS}. If you are the application developer, configure a new application through the App Registrations in the Azure Portal."
    );
    LoginRefusal::new(400, "unauthorized_client", 700_016, message)
}

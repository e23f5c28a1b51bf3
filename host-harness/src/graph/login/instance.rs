//! Instance discovery: which hosts belong together as one login service
//! (`GET /common/discovery/instance`; MSAL documents it as authority validation).
//!
//! A client with default settings asks whether the authority that it was given
//! is known. The emulator knows itself, under the address of the request, and
//! the hosts of Microsoft's clouds. Any other host is an invalid instance.

use serde_json::{Value, json};
use url::Url;

use super::authorize::Parameters;
use super::refusal::LoginRefusal;
use crate::graph::clouds::{self, Cloud};
use crate::graph::hosts::{Service, is_ours};
use crate::graph::reply::Reply;
use crate::graph::state::State;

/// `GET /common/discovery/instance?api-version=1.1&authorization_endpoint=…`.
pub(crate) fn discover(state: &State, query: &Parameters) -> Result<Reply, LoginRefusal> {
    let version = query.get("api-version").ok_or_else(|| LoginRefusal::missing("api-version"))?;
    if !matches!(version.as_str(), "1.0" | "1.1") {
        return Err(LoginRefusal::malformed());
    }
    let endpoint = query.get("authorization_endpoint");
    let endpoint = endpoint.ok_or_else(|| LoginRefusal::missing("authorization_endpoint"))?;
    let endpoint = Url::parse(endpoint)
        .ok()
        .filter(|url| is_ours(url, &state.base_url, Service::Login))
        .ok_or_else(|| LoginRefusal::new(400, "invalid_instance", 50_049, "Unknown or invalid instance."))?;
    let tenant = endpoint.path_segments().and_then(|mut segments| segments.next().map(str::to_owned));
    let tenant = tenant.filter(|tenant| !tenant.is_empty()).ok_or_else(LoginRefusal::malformed)?;
    let version_path = if endpoint.path().contains("/v2.0/") { "/v2.0" } else { "" };
    let origin = origin(state, &endpoint);
    let mut document = json!({
        "tenant_discovery_endpoint": format!("{origin}/{tenant}{version_path}/.well-known/openid-configuration"),
        "api-version": version,
    });
    if let (Some(map), "1.1") = (document.as_object_mut(), version.as_str()) {
        map.insert("metadata".to_owned(), Value::Array(metadata(&endpoint, &origin)));
    }
    Ok(Reply::json(200, document))
}

/// Where an authority is. MSAL for Python leaves the port out when it asks, so
/// that the address of the request is the better one for the same host.
fn origin(state: &State, endpoint: &Url) -> String {
    let is_here = Url::parse(&state.base_url).is_ok_and(|own| own.host_str() == endpoint.host_str());
    if is_here { state.base_url.clone() } else { endpoint.origin().ascii_serialization() }
}

/// The clouds, and before them the emulator where it goes by a name of its own.
fn metadata(endpoint: &Url, origin: &str) -> Vec<Value> {
    let host = endpoint.host_str().unwrap_or_default();
    let own = (!clouds::is_login_host(host)).then(|| {
        let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
        let aliases = if authority == host { vec![host] } else { vec![authority, host] };
        json!({ "preferred_network": authority, "preferred_cache": authority, "aliases": aliases })
    });
    let known = |cloud: &Cloud| {
        json!({
            "preferred_network": cloud.login_host(),
            "preferred_cache": cloud.login_cache(),
            "aliases": cloud.login,
        })
    };
    own.into_iter().chain(clouds::logins().map(known)).collect()
}

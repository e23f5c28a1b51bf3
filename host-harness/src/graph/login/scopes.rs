//! Scopes: the spelling of requests and what they come to.
//!
//! A scope may be a bare permission (`Calendars.ReadWrite`), carry the resource
//! it belongs to (`https://graph.microsoft.com/Calendars.ReadWrite`), or be
//! `.default`, which stands for all permissions of the application
//! (entra/identity-platform/scopes-oidc). The one resource here is Graph. It
//! goes by many names, for Kiota takes the name of the host that it calls.

use url::Url;

use super::refusal::LoginRefusal;
use crate::graph::hosts::{Service, is_ours};
use crate::graph::model::App;
use crate::graph::permissions;
use crate::graph::state::State;

/// Scopes of the sign-in itself; every application has them.
const OPENID_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// The last segment of a scope that means all permissions of the application.
pub(crate) const DEFAULT_SCOPE: &str = ".default";

/// Graph as an application of every directory.
pub(crate) const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";

/// Splits a `scope` parameter.
pub(crate) fn split(scope: &str) -> Vec<String> {
    scope.split_whitespace().map(str::to_owned).collect()
}

/// A scope as its resource, with what divides the two, and its permission.
fn parts(scope: &str) -> (&str, &str) {
    let has_resource = scope.contains("://")
        || scope.get(..GRAPH_APP_ID.len()).is_some_and(|start| start.eq_ignore_ascii_case(GRAPH_APP_ID));
    match scope.rfind('/') {
        Some(slash) if has_resource => scope.split_at(slash + 1),
        Some(_) | None => ("", scope),
    }
}

/// The permission behind a spelling.
pub(crate) fn permission(scope: &str) -> &str {
    parts(scope).1
}

/// Whether a scope stands for all permissions of the application.
pub(crate) fn is_default(scope: &str) -> bool {
    permission(scope).eq_ignore_ascii_case(DEFAULT_SCOPE)
}

/// Whether a scope belongs to the sign-in and not to Graph.
pub(crate) fn is_openid(scope: &str) -> bool {
    OPENID_SCOPES.iter().any(|known| known.eq_ignore_ascii_case(scope))
}

/// Whether a list asks for one of the sign-in scopes.
pub(crate) fn asks_for(scopes: &[String], name: &str) -> bool {
    scopes.iter().any(|scope| scope.eq_ignore_ascii_case(name))
}

/// Checks that scopes may stand together and are of a resource that is here.
pub(crate) fn check(state: &State, scopes: &[String]) -> Result<(), LoginRefusal> {
    if let Some(resource) = scopes.iter().map(|scope| parts(scope).0).find(|resource| !is_graph(state, resource)) {
        return Err(unknown_resource(state, resource));
    }
    let mut of_graph = scopes.iter().filter(|scope| !is_openid(scope));
    let has_default = scopes.iter().any(|scope| is_default(scope));
    if has_default && !of_graph.all(|scope| is_default(scope)) {
        let listed = scopes.join(" ");
        let message = format!(
            "The provided value for the input parameter 'scope' is not valid. One or more scopes in '{listed}' are not compatible with each other."
        );
        return Err(LoginRefusal::new(400, "invalid_scope", 70_011, message));
    }
    Ok(())
}

/// Checks that Graph has the permissions that users are asked for on a page. The
/// service knows nothing of others, and says so where the page would be:
/// `AADSTS650053` (O365/python-o365#551, damienbod/AspNetCoreMicrosoftGraph#1).
pub(crate) fn require_known(client_id: &str, scopes: &[String]) -> Result<(), LoginRefusal> {
    let mut of_graph = scopes.iter().filter(|scope| !is_openid(scope) && !is_default(scope));
    let Some(unknown) = of_graph.find(|scope| permissions::scope(permission(scope)).is_none()) else {
        return Ok(());
    };
    let message = format!(
        "The application '{client_id}' asked for scope '{}' that doesn't exist on the resource '{GRAPH_APP_ID}'. Contact the app vendor.",
        permission(unknown)
    );
    Err(LoginRefusal::new(400, "invalid_client", 650_053, message))
}

/// Whether the resource of a scope is Graph under one of its names: those of
/// the clouds, its application id, or where the emulator itself is found.
fn is_graph(state: &State, resource: &str) -> bool {
    let resource = resource.trim_end_matches('/');
    if resource.is_empty() || resource.eq_ignore_ascii_case(GRAPH_APP_ID) {
        return true;
    }
    Url::parse(resource).is_ok_and(|url| is_ours(&url, &state.base_url, Service::Graph))
}

fn unknown_resource(state: &State, resource: &str) -> LoginRefusal {
    let (resource, tenant) = (resource.trim_end_matches('/'), &state.meta.tenant.id);
    let message = format!(
        "The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant."
    );
    LoginRefusal::new(400, "invalid_resource", 500_011, message)
}

/// What of `requested` an application can get, in the spelling of the request.
/// Clients look for `.default` where they asked for it, so it stays beside what
/// it stands for.
pub(crate) fn granted(requested: &[String], app: &App) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    let mut add = |scope: String| {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    };
    for scope in requested {
        let (resource, name) = parts(scope);
        if is_default(scope) {
            app.permissions.iter().for_each(|known| add(format!("{resource}{known}")));
            add(scope.clone());
        } else if is_openid(scope) || app.permissions.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            add(scope.clone());
        }
    }
    scopes
}

/// The names of Graph permissions in a list of granted scopes.
pub(crate) fn permissions(scopes: &[String]) -> Vec<String> {
    let of_graph = scopes.iter().filter(|scope| !is_openid(scope) && !is_default(scope));
    of_graph.map(|scope| permission(scope).to_owned()).collect()
}

/// The scopes of the sign-in in a list of granted scopes, as a token has them.
pub(crate) fn of_sign_in(scopes: &[String]) -> Vec<String> {
    let listed = scopes.iter().filter(|scope| is_openid(scope) && !scope.eq_ignore_ascii_case("offline_access"));
    listed.map(|scope| scope.to_ascii_lowercase()).collect()
}

/// The `scope` of a token response: without `offline_access`, which the
/// service never lists.
pub(crate) fn response(scopes: &[String]) -> String {
    let listed: Vec<&str> =
        scopes.iter().map(String::as_str).filter(|scope| !scope.eq_ignore_ascii_case("offline_access")).collect();
    listed.join(" ")
}

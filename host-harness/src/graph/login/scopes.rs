//! Scopes: the spelling of requests and what they come to.
//!
//! A scope may be a bare permission (`Calendars.ReadWrite`), carry the host of
//! Graph, or be `.default`, which stands for all permissions of the
//! application (entra/identity-platform/scopes-oidc).

use crate::graph::model::App;

/// Scopes of the sign-in itself; every application has them.
const OPENID_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// The last segment of a scope that means all permissions of the application.
const DEFAULT_SCOPE: &str = ".default";

/// Splits a `scope` parameter.
pub(crate) fn split(scope: &str) -> Vec<String> {
    scope.split_whitespace().map(str::to_owned).collect()
}

/// The permission behind a spelling.
pub(crate) fn permission(scope: &str) -> &str {
    let has_host = scope.starts_with("https://") || scope.starts_with("http://");
    match scope.rsplit_once('/') {
        Some((_, name)) if has_host => name,
        Some(_) | None => scope,
    }
}

/// Whether a scope belongs to the sign-in and not to Graph.
pub(crate) fn is_openid(scope: &str) -> bool {
    OPENID_SCOPES.iter().any(|known| known.eq_ignore_ascii_case(scope))
}

/// Whether a list asks for one of the sign-in scopes.
pub(crate) fn asks_for(scopes: &[String], name: &str) -> bool {
    scopes.iter().any(|scope| scope.eq_ignore_ascii_case(name))
}

/// What of `requested` an application can get, in the spelling of the request.
pub(crate) fn granted(requested: &[String], app: &App) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in requested {
        let name = permission(scope);
        if name == DEFAULT_SCOPE {
            scopes.extend(app.permissions.iter().cloned());
        } else if is_openid(scope) || app.permissions.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            scopes.push(scope.clone());
        }
    }
    scopes.dedup();
    scopes
}

/// The names of Graph permissions in a list of granted scopes.
pub(crate) fn permissions(scopes: &[String]) -> Vec<String> {
    scopes.iter().filter(|scope| !is_openid(scope)).map(|scope| permission(scope).to_owned()).collect()
}

/// The `scope` of a token response: without `offline_access`, which the
/// service never lists.
pub(crate) fn response(scopes: &[String]) -> String {
    let listed: Vec<&str> =
        scopes.iter().map(String::as_str).filter(|scope| !scope.eq_ignore_ascii_case("offline_access")).collect();
    listed.join(" ")
}

//! Administrator consent, v2 and legacy (entra/identity-platform/v2-admin-consent).
//!
//! Who declines is reported by each endpoint in words of its own. The page of the
//! v2 endpoint, section "Error response", has `consent_required` and `AADSTS65004`
//! beside `admin_consent=True`. `permission_denied` is in the page about client
//! credentials (entra/identity-platform/v2-oauth2-client-creds-grant-flow), which
//! sends administrators to the legacy endpoint.
//!
//! Whoever accepts is taken for an administrator: the emulator has no
//! directory roles. What is accepted are all permissions of the application,
//! whichever of them the page was opened for; those that it has for itself only
//! with `.default`, or at the legacy endpoint.

use super::authorize::{self, Parameters, check_redirect};
use super::refusal::LoginRefusal;
use super::{check_audience, check_tenant, pages, scopes};
use crate::graph::model::App;
use crate::graph::reply::Reply;
use crate::graph::state::State;

/// Shows the page on which an administrator consents for the organisation.
pub(crate) fn show(state: &mut State, tenant: &str, parameters: &Parameters, legacy: bool) -> Reply {
    match accept(state, tenant, parameters, legacy) {
        Ok((app, _)) => {
            let path = if legacy { "adminconsent" } else { "v2.0/adminconsent" };
            let action = format!("{}/{tenant}/{path}", state.base_url);
            pages::admin_consent(state, &app, &action, parameters, grants_roles(parameters, legacy))
        }
        Err(refusal) => pages::refused(state, &refusal),
    }
}

/// Whether an administrator is asked for what the application may do for nobody.
/// Roles are not named one by one: `.default` stands for them.
fn grants_roles(parameters: &Parameters, legacy: bool) -> bool {
    legacy || requested(parameters).iter().any(|scope| scopes::is_default(scope))
}

/// Takes the posted page.
pub(crate) fn submit(state: &mut State, tenant: &str, parameters: &Parameters, legacy: bool) -> Reply {
    let (app, redirect_uri) = match accept(state, tenant, parameters, legacy) {
        Ok(accepted) => accepted,
        Err(refusal) => return pages::refused(state, &refusal),
    };
    let mut fields = Vec::new();
    if parameters.get("decision").is_some_and(|decision| decision == "accept") {
        if let Some(app) = state.apps.get_mut(&app.client_id) {
            app.admin_consented = true;
            if grants_roles(parameters, legacy) {
                app.grant_roles();
            }
        }
        fields.push(("admin_consent", "True".to_owned()));
        fields.push(("tenant", state.meta.tenant.id.clone()));
        if !legacy {
            fields.push(("scope", scopes::granted(&requested(parameters), &app).join(" ")));
        }
    } else if legacy {
        fields.push(("error", "permission_denied".to_owned()));
        fields.push(("error_description", "The admin canceled the request".to_owned()));
    } else {
        // "True" says which endpoint answers, and not what was decided.
        let declined = LoginRefusal::new(
            400,
            "consent_required",
            65_004,
            "The resource owner or authorization server denied the request.",
        );
        let (trace, correlation) = (state.guid(), state.guid());
        let timestamp = state.now.format("%Y-%m-%d %H:%M:%SZ").to_string();
        fields.push(("admin_consent", "True".to_owned()));
        fields.push(("error", declined.error.to_owned()));
        fields.push(("error_description", declined.description(&trace, &correlation, &timestamp)));
    }
    if let Some(value) = parameters.get("state") {
        fields.push(("state", value.clone()));
    }
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    Reply::redirect(format!("{redirect_uri}{separator}{}", authorize::encode(&fields)))
}

fn requested(parameters: &Parameters) -> Vec<String> {
    scopes::split(parameters.get("scope").map(String::as_str).unwrap_or_default())
}

fn accept(state: &State, tenant: &str, parameters: &Parameters, legacy: bool) -> Result<(App, String), LoginRefusal> {
    check_tenant(state, tenant)?;
    let client_id = parameters.get("client_id").ok_or_else(|| LoginRefusal::missing("client_id"))?;
    let app = state.apps.get(client_id).ok_or_else(|| LoginRefusal::unknown_app(client_id))?;
    let redirect_uri = parameters.get("redirect_uri").ok_or_else(|| LoginRefusal::missing("redirect_uri"))?;
    check_redirect(app, redirect_uri)?;
    check_audience(state, app, tenant)?;
    if !legacy {
        let requested = requested(parameters);
        if requested.is_empty() {
            return Err(LoginRefusal::missing("scope"));
        }
        scopes::check(state, &requested)?;
        scopes::require_known(client_id, &requested)?;
    }
    Ok((app.clone(), redirect_uri.clone()))
}

//! The authorisation endpoint: who signs in, and what they allow.
//!
//! (entra/identity-platform/v2-oauth2-auth-code-flow). The page is one form
//! that works without script, so a test can post it. There is no browser
//! session: `prompt=none` succeeds when `login_hint` names a user who has
//! consented before, and every other `prompt` shows the page. It picks out the
//! user of `login_hint`, unless `prompt=select_account` leaves that to the
//! person, and shows those of `domain_hint` alone.

use std::collections::BTreeMap;

use url::Url;

use super::grants::{self, AuthCode, Challenge, ChallengeMethod};
use super::refusal::LoginRefusal;
use super::sign_in::{self, SignedIn};
use super::{check_audience, check_tenant, claims, consent, issue, pages, scopes};
use crate::graph::model::{App, Mailbox};
use crate::graph::reply::Reply;
use crate::graph::state::State;

/// The parameters of a request, from the query or from the form.
pub(crate) type Parameters = BTreeMap<String, String>;

/// A verifier's challenge has 43 to 128 characters (RFC 7636, 4.2).
const CHALLENGE_LENGTH: std::ops::RangeInclusive<usize> = 43..=128;

/// A request whose application and redirect are in order, so that errors may
/// be sent to the redirect.
struct Accepted {
    app: App,
    redirect_uri: String,
    redirect_type: RedirectType,
}

/// A user who has signed in, and the scopes that the code will stand for.
struct Session {
    mailbox: Mailbox,
    signed_in: SignedIn,
    scopes: Vec<String>,
}

/// What kind of application waits at a redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RedirectType {
    /// A server, or a program on the user's computer.
    Web,
    /// A single-page application: the browser itself redeems the code.
    Spa,
}

/// Shows the page, or goes straight back for `prompt=none`.
pub(crate) fn show(state: &mut State, tenant: &str, parameters: &Parameters) -> Reply {
    let accepted = match accept(state, tenant, parameters) {
        Ok(accepted) => accepted,
        Err(refusal) => return pages::refused(state, &refusal),
    };
    if let Err(refusal) = check_request(state, &accepted, parameters) {
        return send_error(state, &accepted, parameters, &refusal);
    }
    if parameters.get("prompt").is_some_and(|prompt| prompt == "none") {
        return match silent(state, &accepted, parameters) {
            Ok(session) => send_code(state, &accepted, parameters, &session),
            Err(refusal) => send_error(state, &accepted, parameters, &refusal),
        };
    }
    page(state, &accepted, tenant, parameters, None)
}

/// Takes the posted page. A request without a decision is the protocol's own
/// form post and shows the page.
pub(crate) fn submit(state: &mut State, tenant: &str, parameters: &Parameters) -> Reply {
    let Some(decision) = parameters.get("decision").map(String::as_str) else {
        return show(state, tenant, parameters);
    };
    let accepted = match accept(state, tenant, parameters) {
        Ok(accepted) => accepted,
        Err(refusal) => return pages::refused(state, &refusal),
    };
    if let Err(refusal) = check_request(state, &accepted, parameters) {
        return send_error(state, &accepted, parameters, &refusal);
    }
    // Whatever is pressed: where only an administrator can consent, nobody was asked
    // for a consent that could be declined. The page itself is the refusal
    // AADSTS90094 (entra/manage-apps/application-sign-in-unexpected-user-consent-error),
    // and its way back to the application takes that along. AADSTS65004 is of the
    // page that asks.
    if needs_admin(&accepted.app) {
        return send_error(state, &accepted, parameters, &LoginRefusal::admin_consent_required());
    }
    if decision != "accept" {
        let declined = LoginRefusal::new(400, "access_denied", 65_004, "User declined to consent to access the app.");
        return send_error(state, &accepted, parameters, &declined);
    }
    let (mailbox, signed_in) = match identify(state, parameters) {
        Ok(identified) => identified,
        Err(error) => return page(state, &accepted, tenant, parameters, Some(&error)),
    };
    let granted = scopes::granted(&requested(parameters), &accepted.app);
    consent::remember(state, &accepted.app, &granted, mailbox.number);
    send_code(state, &accepted, parameters, &Session { mailbox, signed_in, scopes: granted })
}

/// Who has signed in on a posted page, or what the page says to them.
pub(crate) fn identify(state: &State, form: &Parameters) -> Result<(Mailbox, SignedIn), String> {
    let user = form.get("user").or_else(|| form.get("login_hint"));
    let user = user.map(String::as_str).unwrap_or_default();
    let mailbox = state.mailbox_named(user).cloned();
    let mailbox =
        mailbox.ok_or_else(|| format!("AADSTS50034: The user account '{user}' does not exist in this directory."))?;
    let typed = form.get("password").map(String::as_str).unwrap_or_default();
    if mailbox.password.as_ref().is_some_and(|password| !password.is(typed)) {
        return Err("AADSTS50126: Invalid username or password.".to_owned());
    }
    let signed_in = sign_in::on_page(&mailbox, form, state.now);
    let signed_in = signed_in.map_err(|refusal| format!("AADSTS{}: {}", refusal.number, refusal.message))?;
    Ok((mailbox, signed_in))
}

/// Whether a user cannot consent alone.
pub(crate) fn needs_admin(app: &App) -> bool {
    app.admin_consent_required && !app.admin_consented
}

/// Checks what decides where errors may go: they are shown as a page until
/// the redirect is known to be the application's.
fn accept(state: &State, tenant: &str, parameters: &Parameters) -> Result<Accepted, LoginRefusal> {
    check_tenant(state, tenant)?;
    let client_id = parameters.get("client_id").ok_or_else(|| LoginRefusal::missing("client_id"))?;
    let app = state.apps.get(client_id).ok_or_else(|| LoginRefusal::unknown_app(client_id))?;
    let redirect_uri = parameters.get("redirect_uri").ok_or_else(|| LoginRefusal::missing("redirect_uri"))?;
    let redirect_type = check_redirect(app, redirect_uri)?;
    check_audience(state, app, tenant)?;
    Ok(Accepted { app: app.clone(), redirect_uri: redirect_uri.clone(), redirect_type })
}

/// How a redirect is registered, if it is.
pub(crate) fn redirect_type(app: &App, redirect_uri: &str) -> Option<RedirectType> {
    let is_among = |list: &[String]| list.iter().any(|registered| same_redirect(registered, redirect_uri));
    if is_among(&app.spa_redirect_uris) {
        Some(RedirectType::Spa)
    } else {
        is_among(&app.redirect_uris).then_some(RedirectType::Web)
    }
}

/// Checks a redirect against the registration.
pub(crate) fn check_redirect(app: &App, redirect_uri: &str) -> Result<RedirectType, LoginRefusal> {
    redirect_type(app, redirect_uri).ok_or_else(|| {
        LoginRefusal::new(
            400,
            "invalid_request",
            50_011,
            format!(
                "The redirect URI '{redirect_uri}' specified in the request does not match the redirect URIs configured for the application '{}'.",
                app.client_id
            ),
        )
    })
}

/// Exact, except that the port does not count for plain http on localhost.
fn same_redirect(registered: &str, given: &str) -> bool {
    if registered == given {
        return true;
    }
    let (Ok(registered), Ok(given)) = (Url::parse(registered), Url::parse(given)) else {
        return false;
    };
    let is_local = |url: &Url| url.scheme() == "http" && url.host_str() == Some("localhost");
    is_local(&registered)
        && is_local(&given)
        && registered.path() == given.path()
        && registered.query() == given.query()
}

/// Checks the rest; these errors go to the redirect.
fn check_request(state: &State, accepted: &Accepted, parameters: &Parameters) -> Result<(), LoginRefusal> {
    let value = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
    if value("response_type") != "code" {
        let message = "The response_type is not supported: expected 'code'.";
        return Err(LoginRefusal::new(400, "unsupported_response_type", 700_051, message));
    }
    if value("scope").trim().is_empty() {
        return Err(LoginRefusal::missing("scope"));
    }
    if !matches!(value("response_mode"), "" | "query" | "fragment" | "form_post") {
        return Err(LoginRefusal::new(400, "invalid_request", 70_007, "The response_mode is not supported."));
    }
    if !matches!(value("prompt"), "" | "login" | "none" | "consent" | "select_account") {
        return Err(LoginRefusal::new(400, "invalid_request", 90_023, "Unsupported 'prompt' value."));
    }
    let scopes = requested(parameters);
    scopes::check(state, &scopes)?;
    scopes::require_known(&accepted.app.client_id, &scopes)?;
    claims::capabilities(parameters)?;
    if challenge(parameters)?.is_none() && accepted.redirect_type == RedirectType::Spa {
        let message = "Proof Key for Code Exchange is required for cross-origin authorization code redemption.";
        return Err(LoginRefusal::new(400, "invalid_request", 9_002_325, message));
    }
    Ok(())
}

/// Reads the challenge, if there is one.
fn challenge(parameters: &Parameters) -> Result<Option<Challenge>, LoginRefusal> {
    let Some(value) = parameters.get("code_challenge") else {
        return Ok(None);
    };
    let invalid = |message| LoginRefusal::new(400, "invalid_request", 501_491, message);
    if !CHALLENGE_LENGTH.contains(&value.len()) {
        return Err(invalid("Invalid size of Code_Challenge parameter."));
    }
    let method = match parameters.get("code_challenge_method").map(String::as_str) {
        Some("S256") => ChallengeMethod::S256,
        None | Some("plain") => ChallengeMethod::Plain,
        Some(_) => return Err(invalid("The code_challenge_method is not supported.")),
    };
    Ok(Some(Challenge { method, value: value.clone() }))
}

/// The user of a `prompt=none` request, who has allowed all of it before.
fn silent(state: &State, accepted: &Accepted, parameters: &Parameters) -> Result<Session, LoginRefusal> {
    let hint = parameters.get("login_hint").map(String::as_str).unwrap_or_default();
    let mailbox = state.mailbox_named(hint).ok_or_else(|| {
        LoginRefusal::new(400, "login_required", 50_058, "A silent sign-in request was sent but no user is signed in.")
    })?;
    if needs_admin(&accepted.app) {
        return Err(LoginRefusal::admin_consent_required());
    }
    let requested = requested(parameters);
    let consented = consent::check(state, &accepted.app, mailbox.number, &requested, "consent_required")?;
    let scopes = consent::narrowed(&requested, &requested, &consented, &accepted.app);
    Ok(Session { mailbox: mailbox.clone(), signed_in: sign_in::silently(mailbox, state.now)?, scopes })
}

/// The scopes of the request.
fn requested(parameters: &Parameters) -> Vec<String> {
    scopes::split(parameters.get("scope").map(String::as_str).unwrap_or_default())
}

fn page(state: &State, accepted: &Accepted, tenant: &str, parameters: &Parameters, error: Option<&str>) -> Reply {
    let granted = scopes::granted(&requested(parameters), &accepted.app);
    let action = format!("{}/{tenant}/oauth2/v2.0/authorize", state.base_url);
    let view = pages::SignIn { app: &accepted.app, action: &action, parameters, granted: &granted, error };
    pages::sign_in(state, &view, needs_admin(&accepted.app))
}

fn send_code(state: &mut State, accepted: &Accepted, parameters: &Parameters, session: &Session) -> Reply {
    let code = grants::new_secret(state, "1.");
    let grant = AuthCode {
        mailbox: session.mailbox.number,
        client_id: accepted.app.client_id.clone(),
        redirect_uri: accepted.redirect_uri.clone(),
        scopes: session.scopes.clone(),
        nonce: parameters.get("nonce").cloned(),
        challenge: challenge(parameters).ok().flatten(),
        issued_at: state.now,
        used: false,
        signed_in: session.signed_in,
        capabilities: claims::capabilities(parameters).unwrap_or_default(),
        is_spa: accepted.redirect_type == RedirectType::Spa,
    };
    state.codes.insert(grants::digest(&code), grant);
    let session_state = state.guid();
    let mut fields = vec![("code", code)];
    if parameters.get("client_info").is_some_and(|value| value == "1") {
        fields.push(("client_info", issue::client_info(state, &session.mailbox)));
    }
    fields.push(("session_state", session_state));
    send(&accepted.redirect_uri, parameters, fields)
}

fn send_error(state: &mut State, accepted: &Accepted, parameters: &Parameters, refusal: &LoginRefusal) -> Reply {
    let (trace, correlation) = (state.guid(), state.guid());
    let timestamp = state.now.format("%Y-%m-%d %H:%M:%SZ").to_string();
    let mut fields = vec![
        ("error", refusal.error.to_owned()),
        ("error_description", refusal.description(&trace, &correlation, &timestamp)),
    ];
    fields.extend(refusal.suberror.map(|suberror| ("suberror", suberror.to_owned())));
    fields.extend(refusal.claims.clone().map(|claims| ("claims", claims)));
    send(&accepted.redirect_uri, parameters, fields)
}

/// Sends the browser back in the asked response mode.
fn send(redirect_uri: &str, parameters: &Parameters, mut fields: Vec<(&'static str, String)>) -> Reply {
    if let Some(state) = parameters.get("state") {
        fields.push(("state", state.clone()));
    }
    match parameters.get("response_mode").map(String::as_str) {
        Some("form_post") => pages::form_post(redirect_uri, &fields),
        Some("fragment") => Reply::redirect(format!("{redirect_uri}#{}", encode(&fields))),
        Some(_) | None => {
            let separator = if redirect_uri.contains('?') { '&' } else { '?' };
            Reply::redirect(format!("{redirect_uri}{separator}{}", encode(&fields)))
        }
    }
}

/// Form encoding of fields.
pub(crate) fn encode(fields: &[(&'static str, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

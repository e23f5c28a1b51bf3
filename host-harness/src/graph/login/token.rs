//! The token endpoint: codes, refresh tokens, device codes and proofs of an
//! application become tokens.
//!
//! (entra/identity-platform/v2-oauth2-auth-code-flow,
//! v2-oauth2-client-creds-grant-flow, refresh-tokens). A refresh token is
//! replaced at each use while the old one stays valid, as the service does;
//! `refreshRotationStrict` ends it with its first use. Who asks is checked by
//! `application`, what is handed out is made by `issue`.

use serde_json::{Value, json};

use super::application::Applicant;
use super::authorize::Parameters;
use super::grants::{self, AuthCode, RefreshToken, Subject};
use super::issue::{self, Content, Granted};
use super::refusal::LoginRefusal;
use super::{check_audience, check_tenant, claims, consent, device, is_tenant, scopes};
use crate::graph::call::Call;
use crate::graph::cors;
use crate::graph::model::App;
use crate::graph::reply::Reply;
use crate::graph::routes::routes;
use crate::graph::state::State;

/// The grant type of a device that polls.
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// DIFFERENCE: MSAL for Node calls it by this name, which the documentation of
/// the service does not have.
const DEVICE_GRANT_SHORT: &str = "device_code";

/// Answers `POST /{tenant}/oauth2/v2.0/token`.
pub(crate) fn exchange(state: &mut State, tenant: &str, call: &Call) -> Reply {
    let form = call.form();
    let (answer, is_spa) = match tokens(state, tenant, call, &form) {
        Ok((body, is_spa)) => {
            let reply = Reply::json(200, body).header("cache-control", "no-store, no-cache".to_owned());
            (reply.header("pragma", "no-cache".to_owned()), is_spa)
        }
        Err(refusal) => {
            // A page may read why it was refused what only pages may ask for.
            let is_spa = is_of_spa(state, call, &form);
            (refusal.into_reply(state, call), is_spa)
        }
    };
    if is_spa { cors::for_origin(answer, call) } else { answer }
}

/// The answer, and whether a single-page application may read it.
fn tokens(state: &mut State, tenant: &str, call: &Call, form: &Parameters) -> Result<(Value, bool), LoginRefusal> {
    check_tenant(state, tenant)?;
    grants::forget_expired(state);
    let grant_type = form.get("grant_type").ok_or_else(|| LoginRefusal::missing("grant_type"))?;
    let applicant = Applicant::find(state, call, form)?;
    let is_spa = is_of_spa(state, call, form);
    applicant.authenticate_for(state, call, is_spa)?;
    let app = &applicant.app;
    check_audience(state, app, tenant)?;
    let grant_type = grant_type.as_str();
    let body = routes!(match grant_type {
        "authorization_code" => by_code(state, app, form),
        "refresh_token" => by_refresh_token(state, app, form),
        "client_credentials" => by_proof(state, tenant, app, form),
        DEVICE_GRANT => device::poll(state, app, form),
        DEVICE_GRANT_SHORT => device::poll(state, app, form),
        other => {
            let message = format!("The grant type '{other}' is not supported.");
            Err(LoginRefusal::new(400, "unsupported_grant_type", 70_003, message))
        }
    });
    Ok((body?, is_spa))
}

/// Whether what is redeemed belongs to a single-page application. What is not
/// known is taken for what the caller looks like.
fn is_of_spa(state: &State, call: &Call, form: &Parameters) -> bool {
    let value = |name: &str| form.get(name).map(|secret| grants::digest(secret));
    let known = match form.get("grant_type").map(String::as_str) {
        Some("authorization_code") => value("code").and_then(|key| state.codes.get(&key)).map(|code| code.is_spa),
        Some("refresh_token") => {
            let kept = value("refresh_token").and_then(|key| state.refresh_tokens.get(&key));
            kept.map(|token| token.spa_since.is_some())
        }
        Some(_) | None => Some(false),
    };
    known.unwrap_or_else(|| {
        let app = form.get("client_id").and_then(|client_id| state.apps.get(client_id));
        call.header("origin").is_some() && app.is_some_and(|app| !app.spa_redirect_uris.is_empty())
    })
}

fn by_code(state: &mut State, app: &App, form: &Parameters) -> Result<Value, LoginRefusal> {
    let code = form.get("code").ok_or_else(|| LoginRefusal::missing("code"))?;
    let redirect_uri = form.get("redirect_uri").ok_or_else(|| LoginRefusal::missing("redirect_uri"))?;
    let key = grants::digest(code);
    let grant = state.codes.get(&key).cloned();
    let grant =
        grant.ok_or_else(|| LoginRefusal::invalid_grant(70_000, "The provided authorization code is malformed."))?;
    check_code(state, app, &grant, redirect_uri)?;
    check_verifier(&grant, form)?;
    let capabilities = Some(claims::capabilities(form)?).filter(|declared| !declared.is_empty());
    let requested = requested(state, form)?;
    // What was allowed at the sign-in may have been taken back since.
    let consented = consent::check(state, app, grant.mailbox, &grant.scopes, "invalid_grant")?;
    let all = consent::covered(grant.scopes.clone(), &grant.scopes, &consented);
    if let Some(grant) = state.codes.get_mut(&key) {
        grant.used = true;
    }
    let now = if requested.is_empty() {
        all.clone()
    } else {
        consent::narrowed(&requested, &all, &scopes::permissions(&all), app)
    };
    let granted = Granted {
        mailbox: grant.mailbox,
        all: &all,
        now: &now,
        nonce: grant.nonce.clone(),
        signed_in: grant.signed_in,
        capabilities: capabilities.unwrap_or_else(|| grant.capabilities.clone()),
        spa_since: grant.is_spa.then_some(state.now),
    };
    issue::user_tokens(state, app, form, &granted)
}

fn check_code(state: &State, app: &App, grant: &AuthCode, redirect_uri: &str) -> Result<(), LoginRefusal> {
    let (number, message) = if grant.used {
        (
            54_005,
            "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
        )
    } else if state.now - grant.issued_at > grants::CODE_LIFE {
        (70_008, "The provided authorization code or refresh token has expired due to inactivity.")
    } else if grant.client_id != app.client_id {
        (700_005, "The provided Authorization Code is intended to be used against another application.")
    } else if grant.redirect_uri != redirect_uri {
        (500_112, "The reply address does not match the reply address provided when requesting the authorization code.")
    } else {
        return Ok(());
    };
    Err(LoginRefusal::invalid_grant(number, message))
}

fn check_verifier(grant: &AuthCode, form: &Parameters) -> Result<(), LoginRefusal> {
    let (number, message) = match (&grant.challenge, form.get("code_verifier")) {
        (None, None) => return Ok(()),
        (Some(challenge), Some(verifier)) if challenge.fits(verifier) => return Ok(()),
        (Some(_), None) => {
            (50_148, "The code_verifier is missing, but the authorization request had a code_challenge.")
        }
        (Some(_) | None, Some(_)) => {
            (501_481, "The Code_Verifier does not match the code_challenge supplied in the authorization request.")
        }
    };
    Err(LoginRefusal::invalid_grant(number, message))
}

fn by_refresh_token(state: &mut State, app: &App, form: &Parameters) -> Result<Value, LoginRefusal> {
    let token = form.get("refresh_token").ok_or_else(|| LoginRefusal::missing("refresh_token"))?;
    let key = grants::digest(token);
    let known = state.refresh_tokens.get(&key).cloned().filter(|known| known.client_id == app.client_id);
    let known = known.ok_or_else(|| {
        LoginRefusal::invalid_grant(
            9_002_313,
            "Invalid request. The refresh token is malformed or was issued to another application.",
        )
    })?;
    check_refresh_token(state, &known)?;
    let capabilities = claims::capabilities(form)?;
    let requested = requested(state, form)?;
    let consented = consent::check(state, app, known.mailbox, &requested, "invalid_grant")?;
    let now = if requested.is_empty() {
        consent::covered(known.scopes.clone(), &known.scopes, &consented)
    } else {
        consent::narrowed(&requested, &known.scopes, &consented, app)
    };
    if !known.scopes.iter().all(|scope| scopes::is_openid(scope)) && scopes::permissions(&now).is_empty() {
        return Err(LoginRefusal::consent_missing("invalid_grant", &app.client_id));
    }
    let granted = Granted {
        mailbox: known.mailbox,
        all: &known.scopes,
        now: &now,
        nonce: None,
        signed_in: known.signed_in,
        capabilities,
        spa_since: known.spa_since,
    };
    let body = issue::user_tokens(state, app, form, &granted)?;
    let is_strict = state.meta.behaviour.refresh_rotation_strict;
    if let Some(known) = state.refresh_tokens.get_mut(&key) {
        known.revoked = is_strict;
        known.last_used_at = state.now;
    }
    Ok(body)
}

fn check_refresh_token(state: &State, known: &RefreshToken) -> Result<(), LoginRefusal> {
    if known.revoked {
        return Err(LoginRefusal::invalid_grant(
            50_173,
            "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
        ));
    }
    if let Some(since) = known.spa_since
        && state.now - since >= grants::SPA_TOKEN_LIFE
    {
        let message = format!(
            "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, which can't be extended. It is now expired and a new sign in request must be sent by the SPA to the sign in page. The token was issued on {}.",
            since.format("%Y-%m-%dT%H:%M:%S.0000000Z")
        );
        return Err(LoginRefusal::invalid_grant(700_084, message));
    }
    if state.now - known.last_used_at > grants::REFRESH_TOKEN_LIFE {
        return Err(LoginRefusal::invalid_grant(700_082, "The refresh token has expired due to inactivity."));
    }
    Ok(())
}

/// Tokens of the application itself, which has proved who it is.
fn by_proof(state: &mut State, tenant: &str, app: &App, form: &Parameters) -> Result<Value, LoginRefusal> {
    if !is_tenant(state, tenant) {
        let message = "Tenant-identifying information was not found in either the request or implied by any provided credentials.";
        return Err(LoginRefusal::new(400, "invalid_request", 50_059, message));
    }
    if !app.is_confidential() {
        return Err(LoginRefusal::invalid_client(
            7_000_218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        ));
    }
    let scope = form.get("scope").ok_or_else(|| LoginRefusal::missing("scope"))?;
    let requested = requested(state, form)?;
    if requested.is_empty() || !requested.iter().all(|scope| scopes::is_default(scope)) {
        let message = format!(
            "The scope '{scope}' is not valid: client credential flows need the resource followed by '/.default'."
        );
        return Err(LoginRefusal::new(400, "invalid_scope", 70_011, message));
    }
    let permissions = app.roles().granted;
    let capabilities = claims::capabilities(form)?;
    let content = Content { capabilities, ..Content::plain(Subject::Application, permissions) };
    let (token, lifetime) = issue::access_token(state, app, content)?;
    Ok(json!({ "token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": token }))
}

/// The scopes of a request, which may have none.
fn requested(state: &State, form: &Parameters) -> Result<Vec<String>, LoginRefusal> {
    let requested = scopes::split(form.get("scope").map(String::as_str).unwrap_or_default());
    scopes::check(state, &requested)?;
    Ok(requested)
}

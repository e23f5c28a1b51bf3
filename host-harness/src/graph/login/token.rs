//! The token endpoint: codes, refresh tokens and secrets become tokens.
//!
//! (entra/identity-platform/v2-oauth2-auth-code-flow,
//! v2-oauth2-client-creds-grant-flow, refresh-tokens). A refresh token is
//! replaced at each use while the old one stays valid, as the service does;
//! `refreshRotationStrict` ends it with its first use.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::authorize::Parameters;
use super::grants::{self, AccessToken, RefreshToken, Subject};
use super::refusal::LoginRefusal;
use super::{check_tenant, discovery, scopes};
use crate::graph::call::Call;
use crate::graph::model::{App, Mailbox, MailboxNo};
use crate::graph::reply::Reply;
use crate::graph::state::State;

/// Answers `POST /{tenant}/oauth2/v2.0/token`.
pub(crate) fn exchange(state: &mut State, tenant: &str, call: &Call) -> Result<Reply, LoginRefusal> {
    check_tenant(state, tenant)?;
    grants::forget_expired(state);
    let form = call.form();
    let grant_type = form.get("grant_type").ok_or_else(|| LoginRefusal::missing("grant_type"))?;
    let app = client(state, call, &form)?;
    let body = match grant_type.as_str() {
        "authorization_code" => by_code(state, &app, &form)?,
        "refresh_token" => by_refresh_token(state, &app, &form)?,
        "client_credentials" => by_secret(state, tenant, &app, &form)?,
        other => {
            let message = format!("The grant type '{other}' is not supported.");
            return Err(LoginRefusal::new(400, "unsupported_grant_type", 70_003, message));
        }
    };
    Ok(Reply::json(200, body).header("cache-control", "no-store, no-cache".to_owned()))
}

/// Finds and authenticates the application.
fn client(state: &State, call: &Call, form: &Parameters) -> Result<App, LoginRefusal> {
    let basic = call.header("authorization").and_then(basic_credentials);
    let client_id = basic.as_ref().map(|(id, _)| id).or_else(|| form.get("client_id"));
    let client_id = client_id.ok_or_else(|| LoginRefusal::missing("client_id"))?;
    let app = state.apps.get(client_id).ok_or_else(|| LoginRefusal::unknown_app(client_id))?;
    if form.contains_key("client_assertion") {
        return Err(LoginRefusal::new(501, "invalid_client", 700_027, "Client assertions are not emulated."));
    }
    let secret = basic.as_ref().map(|(_, secret)| secret).or_else(|| form.get("client_secret"));
    match (&app.client_secret, secret) {
        (None, Some(_)) => Err(LoginRefusal::new(
            401,
            "invalid_client",
            700_025,
            "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
        )),
        (Some(_), None) => Err(LoginRefusal::new(
            401,
            "invalid_client",
            7_000_218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        )),
        (Some(known), Some(given)) if known != given => Err(LoginRefusal::new(
            401,
            "invalid_client",
            7_000_215,
            format!(
                "Invalid client secret provided for app '{client_id}'. Ensure the secret being sent is the client secret value, not the client secret ID."
            ),
        )),
        (Some(_), Some(_)) if app.secret_expired => Err(LoginRefusal::new(
            401,
            "invalid_client",
            7_000_222,
            format!("The provided client secret keys for app '{client_id}' are expired."),
        )),
        (None, None) | (Some(_), Some(_)) => Ok(app.clone()),
    }
}

/// Reads `Authorization: Basic`, whose parts are form encoded (RFC 6749, 2.3.1).
fn basic_credentials(header: &str) -> Option<(String, String)> {
    let encoded = header.strip_prefix("Basic ")?;
    let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decode = |part: &str| {
        let pair = format!("v={part}");
        url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned())
    };
    Some((decode(id)?, decode(secret)?))
}

fn invalid_grant(number: u32, message: &str) -> LoginRefusal {
    LoginRefusal::new(400, "invalid_grant", number, message)
}

fn by_code(state: &mut State, app: &App, form: &Parameters) -> Result<Value, LoginRefusal> {
    let code = form.get("code").ok_or_else(|| LoginRefusal::missing("code"))?;
    let redirect_uri = form.get("redirect_uri").ok_or_else(|| LoginRefusal::missing("redirect_uri"))?;
    let key = grants::digest(code);
    let grant = state.codes.get(&key).cloned();
    let grant = grant.ok_or_else(|| invalid_grant(70_000, "The provided authorization code is malformed."))?;
    if grant.used {
        return Err(invalid_grant(
            54_005,
            "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
        ));
    }
    if state.now - grant.issued_at > grants::CODE_LIFE {
        return Err(invalid_grant(
            70_008,
            "The provided authorization code or refresh token has expired due to inactivity.",
        ));
    }
    if grant.client_id != app.client_id {
        return Err(invalid_grant(
            700_005,
            "The provided Authorization Code is intended to be used against another application.",
        ));
    }
    if grant.redirect_uri != *redirect_uri {
        return Err(invalid_grant(
            500_112,
            "The reply address does not match the reply address provided when requesting the authorization code.",
        ));
    }
    let verifier = form.get("code_verifier");
    match (&grant.challenge, verifier) {
        (None, None) => {}
        (Some(challenge), Some(verifier)) if challenge.fits(verifier) => {}
        (Some(_), None) => {
            return Err(invalid_grant(
                50_148,
                "The code_verifier is missing, but the authorization request had a code_challenge.",
            ));
        }
        (Some(_) | None, Some(_)) => {
            return Err(invalid_grant(
                501_481,
                "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
            ));
        }
    }
    if let Some(grant) = state.codes.get_mut(&key) {
        grant.used = true;
    }
    let scopes = narrowed(&grant.scopes, form, app);
    user_tokens(
        state,
        app,
        form,
        &Granted { mailbox: grant.mailbox, all: &grant.scopes, now: &scopes, nonce: grant.nonce },
    )
}

fn by_refresh_token(state: &mut State, app: &App, form: &Parameters) -> Result<Value, LoginRefusal> {
    let token = form.get("refresh_token").ok_or_else(|| LoginRefusal::missing("refresh_token"))?;
    let key = grants::digest(token);
    let known = state.refresh_tokens.get(&key).cloned().filter(|known| known.client_id == app.client_id);
    let known = known.ok_or_else(|| {
        invalid_grant(
            9_002_313,
            "Invalid request. The refresh token is malformed or was issued to another application.",
        )
    })?;
    if known.revoked {
        return Err(invalid_grant(
            50_173,
            "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
        ));
    }
    if state.now - known.last_used_at > grants::REFRESH_TOKEN_LIFE {
        return Err(invalid_grant(700_082, "The refresh token has expired due to inactivity."));
    }
    let is_strict = state.meta.behaviour.refresh_rotation_strict;
    if let Some(known) = state.refresh_tokens.get_mut(&key) {
        known.revoked = is_strict;
        known.last_used_at = state.now;
    }
    let scopes = narrowed(&known.scopes, form, app);
    user_tokens(state, app, form, &Granted { mailbox: known.mailbox, all: &known.scopes, now: &scopes, nonce: None })
}

fn by_secret(state: &mut State, tenant: &str, app: &App, form: &Parameters) -> Result<Value, LoginRefusal> {
    if !state.meta.tenant.is_named(tenant) {
        let message = "The client credentials grant needs the endpoint of a tenant.";
        return Err(LoginRefusal::new(400, "invalid_request", 53_000, message));
    }
    if app.client_secret.is_none() {
        return Err(LoginRefusal::new(401, "invalid_client", 7_000_218, "The application has no client secret."));
    }
    let scope = form.get("scope").ok_or_else(|| LoginRefusal::missing("scope"))?;
    if scopes::permission(scope) != ".default" {
        let message = format!(
            "The scope '{scope}' is not valid: client credential flows need the resource followed by '/.default'."
        );
        return Err(LoginRefusal::new(400, "invalid_scope", 70_011, message));
    }
    let permissions: Vec<String> = app.permissions.iter().filter(|name| !scopes::is_openid(name)).cloned().collect();
    let (token, lifetime) = access_token(state, app, Subject::Application, permissions)?;
    Ok(json!({ "token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": token }))
}

/// What of the granted scopes this request asks for; everything by default.
fn narrowed(granted: &[String], form: &Parameters, app: &App) -> Vec<String> {
    let requested = scopes::split(form.get("scope").map(String::as_str).unwrap_or_default());
    if requested.is_empty() {
        return granted.to_vec();
    }
    let allowed = scopes::permissions(granted);
    scopes::granted(&requested, app)
        .into_iter()
        .filter(|scope| {
            let name = scopes::permission(scope);
            scopes::asks_for(granted, scope) || allowed.iter().any(|known| known.eq_ignore_ascii_case(name))
        })
        .collect()
}

/// What a user has granted, and what of it goes into this token.
struct Granted<'a> {
    mailbox: MailboxNo,
    all: &'a [String],
    now: &'a [String],
    nonce: Option<String>,
}

fn user_tokens(state: &mut State, app: &App, form: &Parameters, granted: &Granted<'_>) -> Result<Value, LoginRefusal> {
    let mailbox = state.mailboxes.get(&granted.mailbox).cloned();
    let mailbox = mailbox.ok_or_else(|| invalid_grant(50_034, "The user account does not exist in the directory."))?;
    let permissions = scopes::permissions(granted.now);
    let (access_token, lifetime) = access_token(state, app, Subject::User(mailbox.number), permissions)?;
    let mut body = json!({
        "token_type": "Bearer",
        "scope": scopes::response(granted.now),
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": access_token,
    });
    let Some(map) = body.as_object_mut() else {
        return Ok(body);
    };
    if scopes::asks_for(granted.all, "offline_access") {
        let token = grants::new_secret(state, "1.A");
        let kept = RefreshToken {
            mailbox: mailbox.number,
            client_id: app.client_id.clone(),
            scopes: granted.all.to_vec(),
            last_used_at: state.now,
            revoked: false,
        };
        state.refresh_tokens.insert(grants::digest(&token), kept);
        map.insert("refresh_token".to_owned(), json!(token));
    }
    if scopes::asks_for(granted.now, "openid") {
        let token = id_token(state, app, &mailbox, granted.nonce.as_deref())?;
        map.insert("id_token".to_owned(), json!(token));
    }
    if form.get("client_info").is_some_and(|value| value == "1") {
        let info = json!({ "uid": mailbox.object_id, "utid": state.meta.tenant.id }).to_string();
        map.insert("client_info".to_owned(), json!(URL_SAFE_NO_PAD.encode(info)));
    }
    Ok(body)
}

fn id_token(state: &State, app: &App, mailbox: &Mailbox, nonce: Option<&str>) -> Result<String, LoginRefusal> {
    let issued = state.now.timestamp();
    let mut claims = json!({
        "aud": app.client_id,
        "iss": discovery::issuer(state),
        "iat": issued,
        "nbf": issued,
        "exp": issued + grants::ACCESS_TOKEN_LIFE.num_seconds(),
        "sub": grants::digest(&format!("{}/{}", mailbox.object_id, app.client_id)),
        "oid": mailbox.object_id,
        "tid": state.meta.tenant.id,
        "preferred_username": mailbox.user_principal_name,
        "email": mailbox.user_principal_name,
        "name": mailbox.display_name,
        "ver": "2.0",
    });
    if let (Some(nonce), Some(map)) = (nonce, claims.as_object_mut()) {
        map.insert("nonce".to_owned(), json!(nonce));
    }
    sign(state, &claims)
}

/// Makes and registers an access token; also answers its life in seconds as
/// the service states it.
pub(crate) fn access_token(
    state: &mut State,
    app: &App,
    subject: Subject,
    permissions: Vec<String>,
) -> Result<(String, i64), LoginRefusal> {
    let token_id = state.guid();
    let expires_at = state.now + grants::ACCESS_TOKEN_LIFE;
    let mut claims = json!({
        "aud": "https://graph.microsoft.com",
        "iss": discovery::issuer(state),
        "iat": state.now.timestamp(),
        "nbf": state.now.timestamp(),
        "exp": expires_at.timestamp(),
        "appid": app.client_id,
        "tid": state.meta.tenant.id,
        "uti": token_id,
        "ver": "1.0",
    });
    if let Some(map) = claims.as_object_mut() {
        match &subject {
            Subject::User(number) => {
                let object_id = state.mailboxes.get(number).map(|mailbox| mailbox.object_id.clone());
                map.insert("oid".to_owned(), json!(object_id));
                map.insert("scp".to_owned(), json!(permissions.join(" ")));
            }
            Subject::Application => {
                map.insert("roles".to_owned(), json!(permissions));
            }
        }
    }
    let token = sign(state, &claims)?;
    let kept = AccessToken { subject, client_id: app.client_id.clone(), permissions, expires_at, revoked: false };
    state.access_tokens.insert(token_id, kept);
    Ok((token, grants::ACCESS_TOKEN_LIFE.num_seconds() - 1))
}

fn sign(state: &State, claims: &Value) -> Result<String, LoginRefusal> {
    state
        .key
        .sign(claims)
        .map_err(|_| LoginRefusal::new(500, "server_error", 90_033, "The signing key is not available."))
}

//! What the token endpoint hands out: access, refresh and id tokens.
//!
//! (entra/identity-platform/access-token-claims-reference,
//! id-token-claims-reference). Access tokens are those of Graph, which are in
//! the format 1.0 whoever asks for them; clients do not look into them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::authorize::Parameters;
use super::grants::{self, AccessToken, RefreshToken, Subject};
use super::refusal::LoginRefusal;
use super::sign_in::{self, SignedIn};
use super::{claims, discovery, scopes};
use crate::graph::model::{App, Mailbox, MailboxNo};
use crate::graph::state::State;

/// What a user has granted, and what of it goes into this token.
pub(crate) struct Granted<'a> {
    pub mailbox: MailboxNo,
    pub all: &'a [String],
    pub now: &'a [String],
    pub nonce: Option<String>,
    pub signed_in: SignedIn,
    pub capabilities: Vec<String>,
    /// When a single-page application got its first token of this sign-in.
    pub spa_since: Option<DateTime<Utc>>,
}

/// The answer of the token endpoint for a user.
pub(crate) fn user_tokens(
    state: &mut State,
    app: &App,
    form: &Parameters,
    granted: &Granted<'_>,
) -> Result<Value, LoginRefusal> {
    let mailbox = state.mailboxes.get(&granted.mailbox).cloned();
    let mailbox = mailbox
        .ok_or_else(|| LoginRefusal::invalid_grant(50_034, "The user account does not exist in the directory."))?;
    sign_in::at_redemption(&mailbox, granted.signed_in, state.now)?;
    let content = Content {
        subject: Subject::User(mailbox.number),
        permissions: scopes::permissions(granted.now),
        of_sign_in: scopes::of_sign_in(granted.now),
        capabilities: granted.capabilities.clone(),
    };
    let (access_token, lifetime) = access_token(state, app, content)?;
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
        map.insert("refresh_token".to_owned(), json!(refresh_token(state, app, granted)));
        if let Some(since) = granted.spa_since {
            let rest = since + grants::SPA_TOKEN_LIFE - state.now;
            map.insert("refresh_token_expires_in".to_owned(), json!(rest.num_seconds()));
        }
    }
    if scopes::asks_for(granted.now, "openid") {
        let token = id_token(state, app, &mailbox, granted)?;
        map.insert("id_token".to_owned(), json!(token));
    }
    if form.get("client_info").is_some_and(|value| value == "1") {
        map.insert("client_info".to_owned(), json!(client_info(state, &mailbox)));
    }
    Ok(body)
}

/// The account in the form in which MSAL keeps it.
pub(crate) fn client_info(state: &State, mailbox: &Mailbox) -> String {
    let info = json!({ "uid": mailbox.object_id, "utid": state.meta.tenant.id });
    URL_SAFE_NO_PAD.encode(info.to_string())
}

fn refresh_token(state: &mut State, app: &App, granted: &Granted<'_>) -> String {
    let token = grants::new_secret(state, "1.A");
    let kept = RefreshToken {
        mailbox: granted.mailbox,
        client_id: app.client_id.clone(),
        scopes: granted.all.to_vec(),
        last_used_at: state.now,
        revoked: false,
        signed_in: granted.signed_in,
        spa_since: granted.spa_since,
    };
    state.refresh_tokens.insert(grants::digest(&token), kept);
    token
}

/// A user as an application sees it: other applications see another one.
pub(crate) fn pairwise_id(object_id: &str, client_id: &str) -> String {
    grants::digest(&format!("{object_id}/{client_id}"))
}

fn id_token(state: &State, app: &App, mailbox: &Mailbox, granted: &Granted<'_>) -> Result<String, LoginRefusal> {
    let issued = state.now.timestamp();
    let mut claims = json!({
        "aud": app.client_id,
        "iss": discovery::issuer(state),
        "iat": issued,
        "nbf": issued,
        "exp": issued + grants::ACCESS_TOKEN_LIFE.num_seconds(),
        "sub": pairwise_id(&mailbox.object_id, &app.client_id),
        "tid": state.meta.tenant.id,
        "ver": "2.0",
    });
    let Some(map) = claims.as_object_mut() else {
        return sign(state, &claims);
    };
    if scopes::asks_for(granted.now, "profile") {
        map.insert("oid".to_owned(), json!(mailbox.object_id));
        map.insert("name".to_owned(), json!(mailbox.display_name));
        map.insert("preferred_username".to_owned(), json!(mailbox.user_principal_name));
    }
    if scopes::asks_for(granted.now, "email") {
        map.insert("email".to_owned(), json!(mailbox.user_principal_name));
    }
    if let Some(nonce) = &granted.nonce {
        map.insert("nonce".to_owned(), json!(nonce));
    }
    sign(state, &claims)
}

/// What an access token says.
pub(crate) struct Content {
    pub subject: Subject,
    /// Permission names without a resource prefix.
    pub permissions: Vec<String>,
    pub of_sign_in: Vec<String>,
    pub capabilities: Vec<String>,
}

impl Content {
    /// A token with these permissions and nothing else.
    pub fn plain(subject: Subject, permissions: Vec<String>) -> Self {
        Self { subject, permissions, of_sign_in: Vec::new(), capabilities: Vec::new() }
    }
}

/// Makes and registers an access token; also answers its life in seconds as
/// the service states it.
pub(crate) fn access_token(state: &mut State, app: &App, content: Content) -> Result<(String, i64), LoginRefusal> {
    let token_id = state.guid();
    let is_challengeable = claims::copes(&content.capabilities);
    let life = if is_challengeable { grants::CHALLENGEABLE_TOKEN_LIFE } else { grants::ACCESS_TOKEN_LIFE };
    let expires_at = state.now + life;
    let token = sign(state, &access_claims(state, app, &content, &token_id, expires_at))?;
    let kept = AccessToken {
        subject: content.subject,
        client_id: app.client_id.clone(),
        permissions: content.permissions,
        expires_at,
        revoked: false,
        of_sign_in: content.of_sign_in,
        capabilities: content.capabilities,
        challenged_since: None,
    };
    state.access_tokens.insert(token_id, kept);
    Ok((token, life.num_seconds() - 1))
}

fn access_claims(state: &State, app: &App, content: &Content, token_id: &str, expires_at: DateTime<Utc>) -> Value {
    let mut claims = json!({
        "aud": "https://graph.microsoft.com",
        "iss": discovery::issuer_v1(state),
        "iat": state.now.timestamp(),
        "nbf": state.now.timestamp(),
        "exp": expires_at.timestamp(),
        "appid": app.client_id,
        "tid": state.meta.tenant.id,
        "uti": token_id,
        "ver": "1.0",
    });
    let Some(map) = claims.as_object_mut() else {
        return claims;
    };
    match &content.subject {
        Subject::User(number) => {
            if let Some(mailbox) = state.mailboxes.get(number) {
                map.insert("oid".to_owned(), json!(mailbox.object_id));
                map.insert("upn".to_owned(), json!(mailbox.user_principal_name));
                map.insert("sub".to_owned(), json!(pairwise_id(&mailbox.object_id, scopes::GRAPH_APP_ID)));
            }
            let granted: Vec<&str> =
                content.permissions.iter().chain(&content.of_sign_in).map(String::as_str).collect();
            map.insert("scp".to_owned(), json!(granted.join(" ")));
            map.insert("idtyp".to_owned(), json!("user"));
        }
        Subject::Application => {
            // Where nothing is granted there is no claim.
            if !content.permissions.is_empty() {
                map.insert("roles".to_owned(), json!(content.permissions));
            }
            map.insert("idtyp".to_owned(), json!("app"));
        }
    }
    if !content.capabilities.is_empty() {
        map.insert("xms_cc".to_owned(), json!(content.capabilities));
    }
    claims
}

fn sign(state: &State, claims: &Value) -> Result<String, LoginRefusal> {
    state
        .key
        .sign(claims)
        .map_err(|_| LoginRefusal::new(500, "server_error", 90_033, "The signing key is not available."))
}

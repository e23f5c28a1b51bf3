//! Asking the token endpoint, and reading what it says.
//!
//! learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow, "Redeem
//! a code for an access token" and "Refresh the access token". What follows from
//! a refusal is decided by the callers.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use crate::ports::{Header, HostError, Http, HttpRequest, HttpResponse, Method, TransportFailure};

use super::application::Application;
use super::classify::{Endpoint, FailureClass, aadsts_number, classify, detail};
use super::{AuthFailure, Secret, scope};

/// How long runs wait where the login does not say: long enough for it to recover
/// from a blip, shorter than any useful interval between runs.
pub const RETRY_DELAY: Duration = Duration::from_mins(1);
/// The longest wait that is obeyed; a longer one is a mistake of somebody's.
const RETRY_DELAY_MAX: Duration = Duration::from_hours(1);
/// The longest life of an access token that is believed, in seconds: Microsoft's
/// longest are 28 hours.
const EXPIRES_IN_SECONDS_MAX: u64 = 2 * 24 * 3600;

/// What is handed in for tokens.
#[derive(Clone, Debug)]
pub enum Grant<'a> {
    /// The code of a sign-in and its PKCE verifier. Works once.
    Code {
        /// The code.
        code: &'a Secret,
        /// The verifier.
        verifier: &'a Secret,
    },
    /// A refresh token. May be repeated: using it does not revoke it.
    Refresh {
        /// The token.
        token: &'a Secret,
        /// The permissions that came with it.
        granted: &'a [String],
        /// What the new access token has to prove, as JSON.
        claims: Option<&'a str>,
    },
}

impl Grant<'_> {
    /// How often a request is made in a row where the login fails. A code is
    /// spent by the first one, whether or not its answer arrived. Of Oro's four
    /// attempts (A4) the others follow in later steps, as nothing waits here.
    const fn attempts(&self) -> usize {
        match self {
            Self::Code { .. } => 1,
            Self::Refresh { .. } => 2,
        }
    }

    /// What is asked for. A refresh asks for what was granted before and no
    /// more: a permission that a feature has come to need meanwhile would be
    /// refused with all the others (AADSTS65001), and only its feature shall
    /// stop until the user connects again.
    fn scope(&self, application: &Application) -> String {
        match self {
            Self::Code { .. } => scope::request(application.permissions.iter().copied()),
            Self::Refresh { granted, .. } => scope::request(granted.iter().map(String::as_str)),
        }
    }
}

/// What was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The access token.
    pub access: Secret,
    /// The refresh token that replaces the one handed in, if there is one.
    pub refresh: Option<Secret>,
    /// Life of the access token.
    pub expires_in: Duration,
    /// Permissions of the access token.
    pub scopes: Vec<String>,
    /// The directory that signed the user in. Read from the id token without a
    /// check of its signature, as it comes from the token endpoint itself
    /// (`OpenID` Connect Core 1.0, section 3.1.3.7).
    pub tenant_id: Option<String>,
}

/// Why nothing was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenFailure {
    /// The login answered with an error: what it means, and
    /// `error (AADSTS number)`.
    Refused(FailureClass, String),
    /// No usable answer: again after this time, where it was named.
    Unavailable(Option<Duration>),
    /// Too many requests: the same.
    Throttled(Option<Duration>),
    /// The host does not let us reach the login.
    Denied(String),
}

impl TokenFailure {
    /// The failure of a caller to whom a refusal is the end.
    pub(super) fn into_failure(self, admin_consent_url: impl FnOnce() -> String) -> AuthFailure {
        match self {
            Self::Unavailable(after) => AuthFailure::Unavailable(after),
            Self::Throttled(after) => AuthFailure::Throttled(after),
            Self::Denied(message) => AuthFailure::Host(HostError::Other(message)),
            Self::Refused(class, detail) => match class {
                FailureClass::Cancelled | FailureClass::Reconnect => AuthFailure::Refused(detail),
                FailureClass::AdminConsent => AuthFailure::AdminConsentNeeded(admin_consent_url()),
                FailureClass::ApplicationRefused | FailureClass::Configuration => {
                    AuthFailure::ApplicationRefused(detail)
                }
                FailureClass::WrongTenant => AuthFailure::WrongTenant(detail),
                FailureClass::Retry => AuthFailure::Unavailable(None),
            },
        }
    }
}

/// Asks for tokens.
pub fn request_tokens(
    http: &mut impl Http,
    application: &Application,
    grant: &Grant<'_>,
) -> Result<Granted, TokenFailure> {
    let request = request(application, grant)
        .map_err(|_| TokenFailure::Refused(FailureClass::ApplicationRefused, "invalid_client".to_owned()))?;
    let mut failure = TokenFailure::Unavailable(None);
    for _ in 0..grant.attempts() {
        let answer = http.send(vec![request.clone()]).into_iter().next();
        match answer {
            Some(Ok(response)) => match read(&response, &grant.scope(application)) {
                Ok(granted) => return Ok(granted),
                Err(TokenFailure::Unavailable(after)) => {
                    failure = TokenFailure::Unavailable(after);
                    if response.header("retry-after").is_some() {
                        return Err(failure);
                    }
                }
                Err(other) => return Err(other),
            },
            Some(Err(error @ TransportFailure::Denied(_))) => return Err(TokenFailure::Denied(error.to_string())),
            Some(Err(TransportFailure::Broken(_) | TransportFailure::TimedOut | TransportFailure::TooLarge { .. }))
            | None => failure = TokenFailure::Unavailable(None),
        }
    }
    Err(failure)
}

pub(super) const TOO_MANY_REQUESTS: u16 = 429;

fn request(application: &Application, grant: &Grant<'_>) -> Result<HttpRequest, AuthFailure> {
    let mut form = Serializer::new(String::new());
    form.append_pair("client_id", &application.client_id);
    form.append_pair("client_secret", application.client_secret_text()?);
    form.append_pair("scope", &grant.scope(application));
    match grant {
        Grant::Code { code, verifier } => {
            form.append_pair("grant_type", "authorization_code");
            form.append_pair("code", code.expose_text().unwrap_or_default());
            form.append_pair("redirect_uri", &application.redirect_uri);
            form.append_pair("code_verifier", verifier.expose_text().unwrap_or_default());
        }
        Grant::Refresh { token, claims, .. } => {
            if let Some(claims) = claims {
                form.append_pair("claims", claims);
            }
            form.append_pair("grant_type", "refresh_token");
            form.append_pair("refresh_token", token.expose_text().unwrap_or_default());
        }
    }
    Ok(HttpRequest {
        method: Method::Post,
        url: format!("{}/{}/oauth2/v2.0/token", application.login_url, application.tenant),
        headers: vec![
            Header { name: "content-type", value: "application/x-www-form-urlencoded".to_owned() },
            Header { name: "accept", value: "application/json".to_owned() },
        ],
        body: Some(form.finish().into_bytes()),
    })
}

/// A successful answer.
#[derive(Deserialize)]
struct Success {
    access_token: String,
    refresh_token: Option<String>,
    expires_in: u64,
    scope: Option<String>,
    id_token: Option<String>,
}

/// An error answer. `error_description` names users and is read for its number
/// only.
#[derive(Deserialize)]
struct Refusal {
    error: String,
    #[serde(default)]
    error_codes: Vec<u32>,
    #[serde(default)]
    error_description: String,
}

/// Reads the answer to a request for `asked`. One that is neither tokens nor an OAuth error comes from
/// something in between, and is temporary.
fn read(response: &HttpResponse, asked: &str) -> Result<Granted, TokenFailure> {
    let unavailable = || TokenFailure::Unavailable(retry_delay(response));
    if response.status == TOO_MANY_REQUESTS {
        return Err(TokenFailure::Throttled(retry_delay(response)));
    }
    if response.status >= 500 {
        return Err(unavailable());
    }
    if response.status == 200 {
        let success: Success = serde_json::from_slice(&response.body).map_err(|_| unavailable())?;
        return Ok(Granted {
            access: Secret::from_text(success.access_token),
            refresh: success.refresh_token.filter(|token| !token.is_empty()).map(Secret::from_text),
            expires_in: Duration::from_secs(success.expires_in.min(EXPIRES_IN_SECONDS_MAX)),
            // RFC 6749, section 5.1: left out where it is what was asked for.
            scopes: scope::parse(success.scope.as_deref().unwrap_or(asked)),
            tenant_id: success.id_token.as_deref().and_then(tenant_of),
        });
    }
    let refusal: Refusal = serde_json::from_slice(&response.body).map_err(|_| unavailable())?;
    let number = refusal.error_codes.first().copied().or_else(|| aadsts_number(&refusal.error_description));
    match classify(Endpoint::Token, &refusal.error, number) {
        FailureClass::Retry => Err(unavailable()),
        class @ (FailureClass::Cancelled
        | FailureClass::Reconnect
        | FailureClass::AdminConsent
        | FailureClass::ApplicationRefused
        | FailureClass::Configuration
        | FailureClass::WrongTenant) => Err(TokenFailure::Refused(class, detail(&refusal.error, number))),
    }
}

/// `Retry-After` in seconds, within limits; none where that is not said.
pub(super) fn retry_delay(response: &HttpResponse) -> Option<Duration> {
    let seconds = response.header("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(RETRY_DELAY_MAX))
}

/// The `tid` claim of an id token.
fn tenant_of(id_token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Claims {
        tid: Option<String>,
    }
    let payload = id_token.split('.').nth(1)?;
    let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice::<Claims>(&bytes).ok()?.tid
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const ASKED: &str = "openid Calendars.ReadWrite";

    fn response(status: u16, body: &str) -> HttpResponse {
        HttpResponse { status, headers: vec![], body: body.as_bytes().to_vec() }
    }

    #[test]
    fn answers_are_told_apart() {
        let temporary = Err(TokenFailure::Unavailable(None));
        let refused = |class, detail: &str| Err(TokenFailure::Refused(class, detail.to_owned()));
        let table = [
            (503, "", temporary.clone()),
            (500, r#"{"error":"invalid_grant"}"#, temporary.clone()),
            (429, r#"{"error":"invalid_grant"}"#, Err(TokenFailure::Throttled(None))),
            (200, "<html>welcome to our wireless network</html>", temporary.clone()),
            (200, r#"{"token_type":"Bearer"}"#, temporary.clone()),
            (403, "<html>proxy</html>", temporary.clone()),
            (400, r#"{"error":"temporarily_unavailable","error_codes":[90033]}"#, temporary),
            (
                400,
                r#"{"error":"invalid_grant","error_description":"AADSTS70008: Adele's token …","error_codes":[70008]}"#,
                refused(FailureClass::Reconnect, "invalid_grant (AADSTS70008)"),
            ),
            (
                400,
                r#"{"error":"invalid_grant","error_description":"AADSTS90094: …"}"#,
                refused(FailureClass::AdminConsent, "invalid_grant (AADSTS90094)"),
            ),
            (401, r#"{"error":"invalid_client"}"#, refused(FailureClass::ApplicationRefused, "invalid_client")),
        ];
        for (status, body, expected) in table {
            assert_eq!(read(&response(status, body), ASKED), expected, "{status} {body}");
        }
    }

    #[test]
    fn a_grant_keeps_what_was_granted_rather_than_what_was_asked() {
        let claims = URL_SAFE_NO_PAD.encode(r#"{"tid":"tenant-1","oid":"x"}"#);
        let body = format!(
            r#"{{"token_type":"Bearer","scope":"openid https://graph.microsoft.com/User.Read","expires_in":3599,
                "access_token":"a~","refresh_token":"r~","id_token":"h.{claims}.s"}}"#
        );
        let granted = read(&response(200, &body), ASKED).unwrap();
        assert_eq!(granted.scopes, ["openid", "User.Read"]);
        assert_eq!(granted.expires_in, Duration::from_secs(3599));
        assert_eq!(granted.tenant_id.as_deref(), Some("tenant-1"));
        assert!(!format!("{granted:?}").contains('~'));
        let silent = read(&response(200, r#"{"expires_in":999999999,"access_token":"a~"}"#), ASKED).unwrap();
        assert_eq!(silent.scopes, ["openid", "Calendars.ReadWrite"]);
        assert_eq!(silent.expires_in, Duration::from_secs(EXPIRES_IN_SECONDS_MAX));
        assert_eq!(silent.refresh, None);
    }

    #[test]
    fn retry_after_is_obeyed_within_limits() {
        for (header, expected) in [("7", Some(7)), ("999999", Some(3600)), ("Fri, 31 Dec 1999 23:59:59 GMT", None)] {
            let headers = vec![("retry-after".to_owned(), header.to_owned())];
            let response = HttpResponse { status: 503, headers, body: vec![] };
            assert_eq!(retry_delay(&response), expected.map(Duration::from_secs), "{header}");
        }
        assert_eq!(retry_delay(&response(503, "")), None, "none is made up");
    }
}

//! Client assertions: an application proves who it is with a signature
//! (entra/identity-platform/certificate-credentials).
//!
//! MSAL signs with PS256 and names the certificate by `x5t#S256`, or with RS256
//! and `x5t` as it did before; either thumbprint is good for either signature.
//! MSAL sends an assertion again until it is over, so `jti` may repeat.
//! The service says of itself that it does not limit the life of one.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::certificate::Certificate;
use super::refusal::LoginRefusal;
use super::{SHARED_AUTHORITIES, is_tenant};
use crate::graph::hosts::{Service, is_ours};
use crate::graph::model::App;
use crate::graph::state::State;

/// The only type of assertion.
pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far the clocks of client and service may be apart.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

#[derive(Deserialize)]
struct Header {
    alg: String,
    x5t: Option<String>,
    #[serde(rename = "x5t#S256")]
    x5t_s256: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    aud: String,
    iss: String,
    sub: String,
    jti: String,
    /// Seconds of the epoch, in MSAL for Python with a fraction (RFC 7519, 2).
    exp: f64,
    /// Since ever, where MSAL for Python does not say.
    #[serde(default)]
    nbf: f64,
}

/// Checks that `assertion` was signed by the application for this service now.
pub(crate) fn check(state: &State, app: &App, assertion: &str) -> Result<(), LoginRefusal> {
    let (signed, signature) = assertion.rsplit_once('.').ok_or_else(malformed)?;
    let (header, claims) = signed.split_once('.').ok_or_else(malformed)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed())?;
    let (header, claims): (Header, Claims) = (read(header)?, read(claims)?);
    let algorithm = match header.alg.as_str() {
        "PS256" => &RSA_PSS_2048_8192_SHA256,
        "RS256" => &RSA_PKCS1_2048_8192_SHA256,
        other => {
            let message = format!("Invalid JWT token. '{other}' is not a supported signature algorithm.");
            return Err(LoginRefusal::invalid_client(50_027, message));
        }
    };
    let certificate = find(app, &header)?;
    check_signature(app, certificate, algorithm, signed, &signature)?;
    if !(certificate.not_before..=certificate.not_after).contains(&state.now) {
        return Err(untrusted(app, "The key used is expired.", &certificate.thumbprint_sha256));
    }
    check_claims(state, app, &claims)
}

fn read<T: DeserializeOwned>(part: &str) -> Result<T, LoginRefusal> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed())?;
    serde_json::from_slice(&bytes).map_err(|_| malformed())
}

/// The registered certificate that an assertion names.
fn find<'a>(app: &'a App, header: &Header) -> Result<&'a Certificate, LoginRefusal> {
    let named = header.x5t_s256.as_deref().or(header.x5t.as_deref());
    let named = named.ok_or_else(|| {
        let message = "Invalid JWT token. No certificate thumbprint specified in token header.";
        LoginRefusal::invalid_client(50_027, message)
    })?;
    let named = named.trim_end_matches('=');
    let is_named = |known: &&Certificate| match header.x5t_s256 {
        Some(_) => known.thumbprint_sha256 == named,
        None => known.thumbprint_sha1 == named,
    };
    app.certificates.iter().find(is_named).ok_or_else(|| untrusted(app, "The key was not found.", named))
}

fn check_signature(
    app: &App,
    certificate: &Certificate,
    algorithm: &'static RsaParameters,
    signed: &str,
    signature: &[u8],
) -> Result<(), LoginRefusal> {
    UnparsedPublicKey::new(algorithm, certificate.key())
        .verify(signed.as_bytes(), signature)
        .map_err(|_| untrusted(app, "The signature is not the one of the key.", &certificate.thumbprint_sha256))
}

fn check_claims(state: &State, app: &App, claims: &Claims) -> Result<(), LoginRefusal> {
    if claims.iss != app.client_id || claims.sub != app.client_id {
        let message = "Client assertion application identifier doesn't match 'client_id' parameter.";
        return Err(LoginRefusal::invalid_client(700_021, message));
    }
    if claims.jti.is_empty() {
        return Err(malformed());
    }
    if !is_audience(state, &claims.aud) {
        let message = "Client assertion audience claim does not match Realm issuer.";
        return Err(LoginRefusal::invalid_client(700_023, message));
    }
    let at = |seconds: f64| {
        // Out of range is the end of the range, which is no instant either.
        #[allow(clippy::cast_possible_truncation, reason = "the cast saturates")]
        let whole = seconds.floor() as i64;
        DateTime::<Utc>::from_timestamp(whole, 0).ok_or_else(malformed)
    };
    let (from, until) = (at(claims.nbf)?, at(claims.exp)?);
    let is_now = from - CLOCK_SKEW <= state.now && state.now < until + CLOCK_SKEW && from < until;
    if is_now {
        return Ok(());
    }
    let text = |instant: DateTime<Utc>| instant.format("%Y-%m-%dT%H:%M:%S.0000000Z").to_string();
    Err(LoginRefusal::invalid_client(
        700_024,
        format!(
            "Client assertion is not within its valid time range. Current time: {}, assertion valid from {}, expiry time of assertion {}. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .",
            text(state.now),
            text(from),
            text(until)
        ),
    ))
}

/// Whether an audience is this service: the token endpoint or the issuer of a
/// known tenant, under whichever name the client knows the host.
fn is_audience(state: &State, audience: &str) -> bool {
    let Ok(url) = Url::parse(audience) else {
        return false;
    };
    let path = url.path().trim_end_matches('/').trim_start_matches('/').to_owned();
    let Some((tenant, rest)) = path.split_once('/') else {
        return false;
    };
    let is_known = is_tenant(state, tenant) || SHARED_AUTHORITIES.iter().any(|name| name.eq_ignore_ascii_case(tenant));
    let is_own_host = is_ours(&url, &state.base_url, Service::Login);
    is_known && is_own_host && matches!(rest, "oauth2/v2.0/token" | "oauth2/token" | "v2.0")
}

fn malformed() -> LoginRefusal {
    LoginRefusal::invalid_client(50_027, "Invalid JWT token. The client assertion is malformed.")
}

fn untrusted(app: &App, reason: &str, thumbprint: &str) -> LoginRefusal {
    let message = format!(
        "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - {reason}, Thumbprint of key used by client: '{thumbprint}', Configured keys of application '{}': {}]",
        app.client_id,
        app.certificates.len()
    );
    LoginRefusal::invalid_client(700_027, message)
}

//! What protects the pages whatever a handler does: response headers, and the
//! refusal of requests that reached the loopback listener under a foreign name.
//!
//! Sessions and form tokens are in [`super::session`]; who may see what is in
//! [`super::access`].

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::api::ApiError;

/// Names under which the loopback listener answers. Anything else is a page of
/// somebody else's that pointed its own name at this machine (DNS rebinding).
const LOOPBACK_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The headers of every answer.
#[derive(Clone, Debug)]
pub struct Headers {
    policy: HeaderValue,
}

impl Headers {
    /// With these origins as additional targets of forms: Connect posts to this
    /// server, which sends the browser on to the login, and browsers apply
    /// `form-action` to the whole way.
    pub fn new(login_origin: Option<&str>) -> Self {
        let policy = |targets: &str| {
            format!(
                "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                 form-action {targets}; frame-ancestors 'none'; base-uri 'none'"
            )
        };
        let wide = login_origin.and_then(|origin| HeaderValue::from_str(&policy(&format!("'self' {origin}"))).ok());
        let narrow = HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
             form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        );
        Self { policy: wide.unwrap_or(narrow) }
    }

    fn apply(&self, fields: &mut HeaderMap) {
        fields.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        fields.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        // Nothing of an address, such as the code of a sign-in, leaves for
        // another origin.
        fields.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        fields.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
        if !fields.contains_key(header::CACHE_CONTROL) {
            fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }
}

/// Adds the headers, and refuses foreign host names.
pub async fn protect(State(headers): State<Headers>, request: Request, next: Next) -> Response {
    let mut response = if is_loopback(request.uri(), request.headers()) {
        next.run(request).await
    } else {
        let message = "expected a loopback host name such as localhost in the address, but found another name";
        ApiError::new(StatusCode::MISDIRECTED_REQUEST, "foreign-host", message).into_response()
    };
    headers.apply(response.headers_mut());
    response
}

/// The name that the client used for this server: `:authority` or `Host`.
fn authority(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    let named = headers.get(header::HOST).and_then(|value| value.to_str().ok()).and_then(|value| value.parse().ok());
    uri.authority().cloned().or(named)
}

fn is_loopback(uri: &Uri, headers: &HeaderMap) -> bool {
    authority(uri, headers).is_some_and(|authority| {
        let host = authority.host().to_ascii_lowercase();
        LOOPBACK_NAMES.contains(&host.as_str())
    })
}

/// Why a call of the JSON interface is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CrossSite {
    /// It comes from a page of another origin.
    #[error("expected a call from outside a browser or from this origin, but found another origin")]
    ForeignOrigin,
    /// A body that a foreign form could have sent.
    #[error("expected `Content-Type: application/json`, but found another content type")]
    ContentType,
}

/// Whether a call of the JSON interface can have been made by a foreign page.
/// It needs no session, so that scripts can use it; a browser therefore must
/// not be talked into using it.
pub fn check_cross_site(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), CrossSite> {
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    let foreign_site = matches!(site, Some("cross-site" | "same-site"));
    let foreign_origin = headers.get(header::ORIGIN).is_some_and(|origin| !is_own_origin(origin, uri, headers));
    if foreign_site || foreign_origin {
        return Err(CrossSite::ForeignOrigin);
    }
    let writes = !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let empty = headers.get(header::CONTENT_LENGTH).is_none_or(|length| length == "0")
        && !headers.contains_key(header::TRANSFER_ENCODING)
        && !headers.contains_key(header::CONTENT_TYPE);
    if writes && !empty && !is_json(headers) {
        return Err(CrossSite::ContentType);
    }
    Ok(())
}

fn is_own_origin(origin: &HeaderValue, uri: &Uri, headers: &HeaderMap) -> bool {
    let Some(own) = authority(uri, headers) else { return false };
    let claimed = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, rest)| rest);
    claimed.is_some_and(|claimed| claimed.eq_ignore_ascii_case(own.as_str()))
}

fn is_json(headers: &HeaderMap) -> bool {
    let essence = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use super::*;

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        fields.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn only_loopback_names_are_answered() {
        let uri = Uri::from_static("/");
        let table = [
            ("127.0.0.1:8080", true),
            ("localhost:8080", true),
            ("LOCALHOST", true),
            ("[::1]:8080", true),
            ("crm.example.com", false),
            ("localhost.example.com:8080", false),
            ("127.0.0.1.example.com", false),
            ("", false),
        ];
        for (host, expected) in table {
            assert_eq!(is_loopback(&uri, &headers(&[("host", host)])), expected, "{host}");
        }
        assert!(!is_loopback(&uri, &HeaderMap::new()));
    }

    #[test]
    fn a_foreign_page_cannot_call_the_json_interface() {
        let uri = Uri::from_static("/api/sync");
        let host = ("host", "127.0.0.1:8080");
        let json = ("content-type", "application/json; charset=utf-8");
        let check =
            |method: Method, fields: &[(&'static str, &'static str)]| check_cross_site(&method, &uri, &headers(fields));

        assert_eq!(check(Method::GET, &[host]), Ok(()));
        assert_eq!(check(Method::POST, &[host, json, ("content-length", "2")]), Ok(()));
        assert_eq!(check(Method::POST, &[host]), Ok(()), "a call without a body needs no content type");
        assert_eq!(check(Method::POST, &[host, json, ("origin", "http://127.0.0.1:8080")]), Ok(()));

        let foreign = Err(CrossSite::ForeignOrigin);
        assert_eq!(check(Method::POST, &[host, json, ("origin", "http://evil.example")]), foreign);
        assert_eq!(check(Method::POST, &[host, json, ("origin", "null")]), foreign);
        assert_eq!(check(Method::POST, &[host, json, ("origin", "http://127.0.0.1:8081")]), foreign, "another port");
        assert_eq!(check(Method::DELETE, &[host, ("origin", "http://evil.example")]), foreign);
        assert_eq!(check(Method::GET, &[host, ("sec-fetch-site", "cross-site")]), foreign);

        let content_type = Err(CrossSite::ContentType);
        assert_eq!(check(Method::POST, &[host, ("content-length", "2")]), content_type);
        assert_eq!(check(Method::PUT, &[host, ("content-type", "text/plain")]), content_type);
        assert_eq!(check(Method::POST, &[host, ("content-type", "application/x-www-form-urlencoded")]), content_type);
    }

    #[test]
    fn the_policy_allows_nothing_inline_and_no_foreign_source() {
        for headers in [Headers::new(None), Headers::new(Some("https://login.microsoftonline.com"))] {
            let policy = headers.policy.to_str().unwrap();
            assert!(policy.starts_with("default-src 'none'"));
            assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
        }
        let with_login = Headers::new(Some("http://127.0.0.1:8081"));
        assert!(with_login.policy.to_str().unwrap().contains("form-action 'self' http://127.0.0.1:8081;"));
    }
}

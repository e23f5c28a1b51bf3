//! The emulator as an HTTP service.
//!
//! [`router`] is for callers in the process: it never sleeps and never breaks
//! anything, but marks what should happen in the response's extensions.
//! [`tcp_router`] acts on the marks on a real connection.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State as Shared};
use axum::middleware::{self, Next};
use axum::response::Response;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderName, HeaderValue, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde_json::json;

use super::Microsoft;
use super::call::{Call, Scheme};
use super::conformance::FromComponent;
use super::crowd::Present;
use super::dispatch::body_bytes;
use super::fault::{DropConnection, Slow};
use super::reply::{Delivery, Reply};
use super::site;

/// Largest request body, in bytes: what Graph takes in one request.
const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The service for callers in the process.
pub(crate) fn router(microsoft: Microsoft) -> Router {
    Router::new().fallback(handle).with_state(microsoft)
}

/// The service for a TCP listener.
pub(crate) fn tcp_router(microsoft: Microsoft) -> Router {
    router(microsoft).layer(middleware::from_fn(act_on_marks))
}

/// Keeps a request among those under way as long as its answer lives.
#[derive(Clone, Debug)]
struct InProgress {
    _present: Option<Arc<Present>>,
}

async fn handle(Shared(microsoft): Shared<Microsoft>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (body, is_too_large) = match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(body) => (body.to_bytes(), false),
        Err(error) if error.is::<LengthLimitError>() => (Bytes::new(), true),
        // The client has gone before it had said everything.
        Err(_) => return plain(StatusCode::BAD_REQUEST),
    };
    let mut headers = BTreeMap::new();
    for (name, value) in &parts.headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        let joined: &mut String = headers.entry(name.as_str().to_owned()).or_default();
        if !joined.is_empty() {
            joined.push_str(", ");
        }
        joined.push_str(&value);
    }
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let is_of_component = parts.extensions.get::<FromComponent>().is_some();
    let encoding = Encoding::asked(&headers);
    let call = Call::new(parts.method.as_str(), target, headers, body).at(origin(&parts));
    let call = call.sent_by_component(is_of_component).cut_off(is_too_large);
    if let Some(refused) = site::refuse(&call, &microsoft.home()) {
        return into_response(refused, encoding);
    }
    let (present, under_way) = microsoft.enter(&call);
    let guard = InProgress { _present: present.map(Arc::new) };
    let reply = match (call.method.as_str(), call.words().as_slice()) {
        // Waits for others, unlike all other management requests.
        ("POST", ["_control", "deliver"]) => Reply::json(200, json!({ "delivered": microsoft.deliver_due().await }))
            .header("content-type", "application/json".to_owned()),
        _ => microsoft.answer(&microsoft.with_proofs(call).await, under_way),
    };
    let mut response = into_response(reply, encoding);
    response.extensions_mut().insert(guard);
    response
}

/// Where the client reached the emulator: HTTP/2 and callers in the process say
/// it in the URI, HTTP/1.1 in `Host`.
fn origin(parts: &Parts) -> Option<String> {
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = parts.uri.authority().cloned().or_else(|| host?.parse::<Authority>().ok())?;
    let connection = parts.extensions.get::<ConnectInfo<Scheme>>().map(|ConnectInfo(scheme)| scheme.name());
    let scheme = connection.or_else(|| parts.uri.scheme_str()).unwrap_or(Scheme::Http.name());
    Some(format!("{scheme}://{authority}"))
}

fn plain(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// How a body travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Plain,
    Gzip,
}

impl Encoding {
    /// What the client asks for: Graph compresses for those who take it.
    fn asked(headers: &BTreeMap<String, String>) -> Self {
        let accepted = headers.get("accept-encoding").map(String::as_str).unwrap_or_default();
        let takes_gzip = accepted.split(',').any(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
            is_gzip && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        });
        if takes_gzip { Self::Gzip } else { Self::Plain }
    }

    /// The bytes on the wire, and whether they are compressed.
    fn apply(self, bytes: Vec<u8>) -> (Vec<u8>, bool) {
        match self {
            Self::Plain => (bytes, false),
            Self::Gzip if bytes.is_empty() => (bytes, false),
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
                // Writing into memory does not fail; if it did, plain is right, too.
                match encoder.write_all(&bytes).and_then(|()| encoder.finish()) {
                    Ok(compressed) => (compressed, true),
                    Err(_) => (bytes, false),
                }
            }
        }
    }
}

fn into_response(reply: Reply, encoding: Encoding) -> Response {
    let (bytes, is_compressed) = encoding.apply(body_bytes(&reply));
    let mut response = Response::new(Body::from(bytes));
    if is_compressed {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    match reply.delivery {
        Delivery::Whole | Delivery::Truncated => {}
        Delivery::Dropped => {
            response.extensions_mut().insert(DropConnection);
        }
        Delivery::Delayed { seconds } => {
            response.extensions_mut().insert(Slow { seconds });
        }
    }
    response
}

async fn act_on_marks(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if let Some(Slow { seconds }) = response.extensions().get::<Slow>().copied() {
        tokio::time::sleep(Duration::from_secs(u64::from(seconds))).await;
    }
    if response.extensions().get::<DropConnection>().is_some() {
        return Response::new(Body::new(BrokenBody));
    }
    response
}

/// A body that fails at once, at which the server closes the connection.
struct BrokenBody;

impl http_body::Body for BrokenBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionReset.into())))
    }
}

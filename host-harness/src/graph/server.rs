//! The emulator as an HTTP service.
//!
//! [`router`] is for callers in the process: it never sleeps and never breaks
//! anything, but marks what should happen in the response's extensions.
//! [`tcp_router`] acts on the marks on a real connection.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State as Shared};
use axum::middleware::{self, Next};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::json;

use super::Microsoft;
use super::call::Call;
use super::dispatch::body_bytes;
use super::fault::{DropConnection, Slow};
use super::reply::{Delivery, Reply};

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

/// Counts a request as long as it lives.
#[derive(Clone, Debug)]
struct InProgress {
    _counted: Arc<Counted>,
}

#[derive(Debug)]
struct Counted {
    counter: Arc<AtomicUsize>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.counter.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn handle(Shared(microsoft): Shared<Microsoft>, request: Request) -> Response {
    let counter = microsoft.in_progress();
    let in_progress = counter.fetch_add(1, Ordering::Relaxed) + 1;
    let guard = InProgress { _counted: Arc::new(Counted { counter }) };
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE);
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
    let call = Call::new(parts.method.as_str(), target, headers, body);
    let reply = match (call.method.as_str(), call.words().as_slice()) {
        // Waits for others, unlike all other management requests.
        ("POST", ["_control", "deliver"]) => Reply::json(200, json!({ "delivered": microsoft.deliver_due().await }))
            .header("content-type", "application/json".to_owned()),
        _ => microsoft.answer(&microsoft.with_proofs(call).await, in_progress),
    };
    let mut response = into_response(reply);
    response.extensions_mut().insert(guard);
    response
}

fn plain(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn into_response(reply: Reply) -> Response {
    let mut response = Response::new(Body::from(body_bytes(&reply)));
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

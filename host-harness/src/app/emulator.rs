//! The way to the Microsoft emulator inside of this process.
//!
//! Nothing goes over a socket, and nothing takes real time. Next:
//! [`super::settings`].

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;

use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use tandem_runtime::{Authority, BrokenConnection, Transport, TransportBody};
use tower::ServiceExt as _;
use wasmtime_wasi_http::WasiBody;

use crate::graph::conformance::FromComponent;
use crate::graph::fault::{DropConnection, Slow};

/// How long a client waits for an answer, in seconds, before it gives up. A
/// slower answer counts as none, at once instead of after that time.
const PATIENCE_SECONDS: u32 = 30;

/// Sends requests for the emulator's address straight to its router.
pub(super) struct InProcess {
    authority: Authority,
    router: Router,
}

impl InProcess {
    pub(super) fn new(authority: Authority, router: Router) -> Self {
        Self { authority, router }
    }
}

impl Transport for InProcess {
    fn serves(&self, authority: &Authority) -> bool {
        *authority == self.authority
    }

    fn send(
        &self,
        request: Request<WasiBody>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<TransportBody>, BrokenConnection>> + Send>> {
        let router = self.router.clone();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(FromComponent);
        Box::pin(async move {
            let response = router.oneshot(request).await.unwrap_or_else(|never: Infallible| match never {});
            let marks = response.extensions();
            let slow = marks.get::<Slow>().is_some_and(|slow| slow.seconds >= PATIENCE_SECONDS);
            if slow || marks.get::<DropConnection>().is_some() {
                return Err(BrokenConnection);
            }
            Ok(response.map(|body| body.map_err(Into::into).boxed_unsync()))
        })
    }
}

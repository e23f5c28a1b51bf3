//! Where wasi:http meets the allow list, the client and the limits.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{Request, Response};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::allow::{Authority, DeniedRequest};
use super::body::{LimitedBody, LimitedRequest};
use super::client::Client;
use crate::host_calls::{Fate, HostCalls};
use crate::instance::StillHolds;
use crate::limits::{BETWEEN_BYTES_TIME_MAX, CONNECT_TIME_MAX, DENIED_KEPT_MAX, FIRST_BYTE_TIME_MAX, Limits};

/// What the rest of a request tells wasi:http; nothing here.
type Remainder = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Answer = Result<(Response<WasiBody>, Remainder), Error>;

/// The outgoing requests of one call.
pub(crate) struct Outbound {
    client: Client,
    calls: HostCalls,
    still_holds: Option<StillHolds>,
    response_bytes: u64,
    request_bytes: u64,
    denied: Denied,
}

/// The requests that were denied to one call. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Denied {
    requests: Arc<Mutex<Vec<DeniedRequest>>>,
}

impl Denied {
    fn add(&self, request: DeniedRequest) {
        tracing::warn!(authority = %request.authority, reason = ?request.reason, "a component's request was denied");
        // A panic while holding the lock cannot leave half an entry.
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if requests.len() < DENIED_KEPT_MAX && !requests.contains(&request) {
            requests.push(request);
        }
    }

    /// The denied requests, ordered.
    pub(crate) fn take(&self) -> Vec<DeniedRequest> {
        let mut requests = std::mem::take(&mut *self.requests.lock().unwrap_or_else(PoisonError::into_inner));
        requests.sort();
        requests
    }
}

impl Outbound {
    pub(crate) fn new(client: Client, calls: HostCalls, still_holds: Option<StillHolds>, limits: &Limits) -> Self {
        let (response_bytes, request_bytes) = (limits.response_bytes, limits.request_bytes);
        Self { client, calls, still_holds, response_bytes, request_bytes, denied: Denied::default() }
    }

    pub(crate) fn denied(&self) -> Denied {
        self.denied.clone()
    }
}

impl WasiHttpHooks for Outbound {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Answer> + Send> {
        let authority = match self.client.allowed().check(request.uri()) {
            Ok(authority) => authority,
            Err(denied) => {
                self.denied.add(denied);
                return Box::new(async { Err(Error::HttpRequestDenied) });
            }
        };
        let exchange = Exchange {
            client: self.client.clone(),
            calls: self.calls.clone(),
            still_holds: self.still_holds.clone(),
            denied: self.denied.clone(),
            response_bytes: self.response_bytes,
            authority,
            waits: Waits::of(options.unwrap_or_default()),
        };
        let limit = self.request_bytes;
        Box::new(exchange.run(request.map(|body| LimitedRequest::new(body, limit).boxed_unsync())))
    }
}

/// How long to wait for what: as the guest asks, within the limits.
#[derive(Clone, Copy)]
struct Waits {
    first_byte: Duration,
    between_bytes: Duration,
}

impl Waits {
    fn of(options: RequestOptions) -> Self {
        let within = |wish: Option<Duration>, limit: Duration| wish.map_or(limit, |wish| wish.min(limit));
        // The pool connects; the guest's wish for that goes into the first wait.
        let connect = within(options.connect_timeout, CONNECT_TIME_MAX);
        Self {
            first_byte: connect + within(options.first_byte_timeout, FIRST_BYTE_TIME_MAX),
            between_bytes: within(options.between_bytes_timeout, BETWEEN_BYTES_TIME_MAX),
        }
    }
}

/// One request on its way.
struct Exchange {
    client: Client,
    calls: HostCalls,
    still_holds: Option<StillHolds>,
    denied: Denied,
    response_bytes: u64,
    authority: Authority,
    waits: Waits,
}

impl Exchange {
    async fn run(self, request: Request<WasiBody>) -> Answer {
        // Where somebody has taken the place of the instance, it is as if the line had
        // been cut: the component asks its storage next, which says why.
        let fate = self.calls.begins();
        let may_leave = fate != Fate::NotMade && self.may_leave().await;
        let answer = if may_leave { self.send(request).await } else { Err(Error::ConnectionTerminated) };
        let answer = if fate == Fate::Lost { Err(Error::ConnectionTerminated) } else { answer };
        if self.calls.completed().await.is_err() {
            // The call that waits for this is torn down from outside; nobody
            // may hear of the answer any more.
            std::future::pending::<()>().await;
        }
        if matches!(answer, Err(Error::DestinationIpProhibited)) {
            let reason = self.client.allowed().reach_of_name(self.authority.host()).breach();
            self.denied.add(DeniedRequest { authority: self.authority.to_string(), reason });
        }
        answer
    }

    /// Whether nobody has taken the place of the instance.
    async fn may_leave(&self) -> bool {
        let Some(still_holds) = self.still_holds.clone() else { return true };
        tokio::task::spawn_blocking(move || still_holds()).await.unwrap_or(false)
    }

    async fn send(&self, request: Request<WasiBody>) -> Answer {
        // The semaphore is never closed.
        let permit = self.client.in_flight().acquire_owned().await.map_err(|_| Error::ConnectionLimitReached)?;
        let sent = self.client.send(&self.authority, request);
        let response =
            tokio::time::timeout(self.waits.first_byte, sent).await.map_err(|_| Error::ConnectionReadTimeout)??;
        if let Some(length) = response.body().size_hint().exact().filter(|length| *length > self.response_bytes) {
            return Err(Error::HttpResponseBodySize(Some(length)));
        }
        let limited =
            |body| LimitedBody::new(body, self.response_bytes, self.waits.between_bytes, permit).boxed_unsync();
        let done: Remainder = Box::new(async { Ok(()) });
        Ok((response.map(limited), done))
    }
}

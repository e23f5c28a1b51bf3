//! The one client of all instances: connections are kept and shared, names are
//! looked up under guard. Next: [`super::body`].

use std::error::Error as StdError;
use std::future::Future;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::Semaphore;
use tower::Service;
use wasmtime_wasi_http::{Error, WasiBody};

use super::allow::{AllowList, Authority, Reach};
use crate::limits::{CONNECT_TIME_MAX, REQUESTS_IN_FLIGHT_MAX, RESOLVE_TIME_MAX};

/// How long an idle connection is kept; servers close theirs after about two
/// minutes.
const IDLE_TIME_MAX: Duration = Duration::from_mins(1);

/// Idle connections kept per authority; with HTTP/2 one is enough.
const IDLE_PER_HOST_MAX: usize = 16;

/// The body of an answer before limits are put on it.
pub type TransportBody = UnsyncBoxBody<Bytes, Box<dyn StdError + Send + Sync>>;

/// The connection broke before an answer was complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the connection was closed without an answer")]
pub struct BrokenConnection;

/// Answers requests for some authorities inside of this process, in place of
/// the network.
pub trait Transport: Send + Sync {
    /// Whether requests for `authority` come here.
    fn serves(&self, authority: &Authority) -> bool;

    /// Answers a request, or breaks the connection.
    fn send(
        &self,
        request: Request<WasiBody>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<TransportBody>, BrokenConnection>> + Send>>;
}

type Pooled = legacy::Client<HttpsConnector<HttpConnector<GuardedResolver>>, WasiBody>;

/// A client with a list of what it may reach. Clones share connections.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    pooled: Pooled,
    transport: Option<Arc<dyn Transport>>,
    allowed: Arc<AllowList>,
    in_flight: Arc<Semaphore>,
}

impl Client {
    /// A client for the authorities of `allowed`; `transport` is asked before
    /// the network is.
    pub fn new(allowed: AllowList, transport: Option<Arc<dyn Transport>>) -> Self {
        let allowed = Arc::new(allowed);
        let mut connector = HttpConnector::new_with_resolver(GuardedResolver { allowed: Arc::clone(&allowed) });
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(CONNECT_TIME_MAX));
        connector.set_nodelay(true);
        let connector = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .enable_http2()
            .wrap_connector(connector);
        let pooled = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIME_MAX)
            .pool_max_idle_per_host(IDLE_PER_HOST_MAX)
            .build(connector);
        let in_flight = Arc::new(Semaphore::new(REQUESTS_IN_FLIGHT_MAX));
        Self { shared: Arc::new(Shared { pooled, transport, allowed, in_flight }) }
    }

    /// The same client with at most this many requests in flight, of all its
    /// instances together. What a service accepts from one application at a time
    /// is shared by every mailbox that the application works on; what is beyond
    /// that waits here, instead of being refused there.
    #[must_use]
    pub fn in_flight_at_most(self, requests: NonZeroUsize) -> Self {
        let in_flight = Arc::new(Semaphore::new(requests.get().min(REQUESTS_IN_FLIGHT_MAX)));
        let Shared { pooled, transport, allowed, .. } = &*self.shared;
        let (pooled, transport, allowed) = (pooled.clone(), transport.clone(), Arc::clone(allowed));
        Self { shared: Arc::new(Shared { pooled, transport, allowed, in_flight }) }
    }

    /// The same client with another way for the requests that `transport` serves.
    #[must_use]
    pub fn over(self, transport: Arc<dyn Transport>) -> Self {
        let Shared { pooled, allowed, in_flight, .. } = &*self.shared;
        let (pooled, allowed, in_flight) = (pooled.clone(), Arc::clone(allowed), Arc::clone(in_flight));
        Self { shared: Arc::new(Shared { pooled, transport: Some(transport), allowed, in_flight }) }
    }

    pub(super) fn allowed(&self) -> &AllowList {
        &self.shared.allowed
    }

    pub(super) fn in_flight(&self) -> Arc<Semaphore> {
        Arc::clone(&self.shared.in_flight)
    }

    /// Sends a request that was allowed.
    pub(super) async fn send(
        &self,
        authority: &Authority,
        request: Request<WasiBody>,
    ) -> Result<Response<TransportBody>, Error> {
        match &self.shared.transport {
            Some(transport) if transport.serves(authority) => {
                transport.send(request).await.map_err(|BrokenConnection| Error::ConnectionTerminated)
            }
            Some(_) | None => {
                let response = self.shared.pooled.request(request).await.map_err(|error| wire_error(&error))?;
                Ok(response.map(|body| body.map_err(Into::into).boxed_unsync()))
            }
        }
    }
}

/// Says in wasi:http's words why there was no answer.
fn wire_error(error: &legacy::Error) -> Error {
    let mut causes = std::iter::successors(error.source(), |&cause| cause.source());
    if causes.any(<dyn StdError>::is::<ForbiddenAddress>) {
        return Error::DestinationIpProhibited;
    }
    if !error.is_connect() {
        return Error::ConnectionTerminated;
    }
    let mut causes = std::iter::successors(error.source(), |&cause| cause.source());
    let io = causes.find_map(|cause| cause.downcast_ref::<std::io::Error>());
    match io.map(std::io::Error::kind) {
        Some(std::io::ErrorKind::TimedOut) => Error::ConnectionTimeout,
        Some(std::io::ErrorKind::InvalidData) => Error::TlsProtocolError,
        Some(_) | None => Error::ConnectionRefused,
    }
}

/// The name leads where it must not. Which is where, says the list of who asked: the
/// words of wasi:http have no place for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an address where the name may lead, but found another one")]
struct ForbiddenAddress;

/// Looks names up, and refuses those that lead where they must not.
#[derive(Clone)]
struct GuardedResolver {
    allowed: Arc<AllowList>,
}

impl Service<Name> for GuardedResolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Box<dyn StdError + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let reach = self.allowed.reach_of_name(&name.as_str().to_ascii_lowercase());
        Box::pin(async move {
            let lookup = tokio::net::lookup_host((name.as_str(), 0));
            let found = tokio::time::timeout(RESOLVE_TIME_MAX, lookup).await??;
            Ok(screen(found.collect(), reach)?.into_iter())
        })
    }
}

/// One forbidden address among others refuses the name: which of them is
/// connected to is not for us to bet on.
fn screen(addresses: Vec<SocketAddr>, reach: Reach) -> Result<Vec<SocketAddr>, ForbiddenAddress> {
    let is_permitted = addresses.iter().all(|address| reach.permits(address.ip()));
    if is_permitted { Ok(addresses) } else { Err(ForbiddenAddress) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_name_with_one_private_address_is_refused() {
        let public: SocketAddr = "20.190.128.1:0".parse().unwrap();
        let private: SocketAddr = "169.254.169.254:0".parse().unwrap();
        let refused = Err(ForbiddenAddress);
        assert_eq!(screen(vec![public], Reach::Internet), Ok(vec![public]));
        assert_eq!(screen(vec![public, private], Reach::Internet), refused);
        assert_eq!(screen(vec![private], Reach::Anywhere), Ok(vec![private]));
    }

    #[test]
    fn a_name_for_this_machine_is_refused_wherever_else_it_leads() {
        let refused = Err(ForbiddenAddress);
        for here in ["127.0.0.1:0", "127.8.8.8:0", "[::1]:0", "[::ffff:127.0.0.1]:0"] {
            let here: SocketAddr = here.parse().unwrap();
            assert_eq!(screen(vec![here], Reach::OwnMachine), Ok(vec![here]));
        }
        for elsewhere in ["10.0.0.1:0", "20.190.128.1:0", "[fd00::1]:0", "0.0.0.0:0"] {
            let (here, elsewhere) = ("[::1]:0".parse().unwrap(), elsewhere.parse().unwrap());
            assert_eq!(screen(vec![here, elsewhere], Reach::OwnMachine), refused, "{elsewhere}");
        }
    }

    #[tokio::test]
    async fn the_resolver_refuses_a_name_of_this_machine() {
        let mut resolver = GuardedResolver { allowed: Arc::new(AllowList::default()) };
        let error = resolver.call("localhost".parse().unwrap()).await.unwrap_err();
        assert!(error.is::<ForbiddenAddress>(), "{error}");
    }

    #[tokio::test]
    async fn the_resolver_finds_a_name_that_may_be_on_this_machine() {
        let own = Authority::of_url("http://localhost:8081").unwrap();
        let mut resolver = GuardedResolver { allowed: Arc::new(AllowList::default().allow_own_machine(own)) };
        let mut found = resolver.call("localhost".parse().unwrap()).await.unwrap();
        assert!(found.all(|address| address.ip().is_loopback()));
    }
}

//! Outgoing requests: denied, answered in process, broken, too long.

use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks as _, WasiHttpView as _};

use super::*;
use crate::outbound::Outbound;
use crate::{Authority, BrokenConnection, DeniedRequest, DenyReason, Transport, TransportBody};

pub(super) fn request(url: &str) -> Request<WasiBody> {
    let body = Full::new(Bytes::new()).map_err(|never| match never {}).boxed_unsync();
    Request::get(url).body(body).unwrap()
}

pub(super) fn send(
    state: &mut StoreState<()>,
    request: Request<WasiBody>,
) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send>> {
    let sent = Pin::from(state.http().hooks.send_request(request, None, Box::new(async { Ok(()) })));
    Box::pin(async move { sent.await.map(|_| ()) })
}

#[tokio::test]
async fn a_request_to_a_host_that_is_not_allowed_ends_the_call_with_its_name() {
    let engine = Arc::new(PluginEngine::start().unwrap());
    let error = run(&plugin(&engine, "(call $fetch)"), None).await.unwrap_err();
    let requests = vec![DeniedRequest { authority: "evil.example:443".to_owned(), reason: DenyReason::NotListed }];
    assert_eq!(error.kind, FailureKind::ForbiddenHost { requests });
    assert_eq!(
        error.to_string(),
        "plugin sample 1.2.3: it asked for `evil.example:443`, which is not an allowed host, and was refused"
    );
}

/// Answers with as many bytes as the path says; breaks the connection on `/0`.
pub(super) struct Counted;

impl Transport for Counted {
    fn serves(&self, authority: &Authority) -> bool {
        authority.host() == "inside.example"
    }

    fn send(
        &self,
        request: Request<WasiBody>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<TransportBody>, BrokenConnection>> + Send>> {
        let length: usize = request.uri().path()[1..].parse().unwrap();
        let body = Full::new(Bytes::from(vec![b'x'; length])).map_err(|never| match never {}).boxed_unsync();
        Box::pin(async move { if length == 0 { Err(BrokenConnection) } else { Ok(Response::new(body)) } })
    }
}

fn outbound(calls: &HostCalls) -> Outbound {
    let allowed = AllowList::default()
        .allow(Authority::of_url("https://inside.example").unwrap())
        .allow(Authority::of_url("https://localhost").unwrap());
    let client = Client::new(allowed, Some(Arc::new(Counted)));
    Outbound::new(client, calls.clone(), None, &Limits { response_bytes: 100, ..limits() })
}

async fn fetch(outbound: &mut Outbound, url: &str) -> Result<usize, Error> {
    let options = RequestOptions { first_byte_timeout: Some(Duration::from_secs(5)), ..RequestOptions::default() };
    let sent = outbound.send_request(request(url), Some(options), Box::new(async { Ok(()) }));
    let (response, _) = Pin::from(sent).await?;
    Ok(response.into_body().collect().await?.to_bytes().len())
}

#[tokio::test]
async fn an_authority_can_be_answered_in_process() {
    let calls = HostCalls::new(None);
    let mut outbound = outbound(&calls);
    assert_eq!(fetch(&mut outbound, "https://inside.example/100").await.unwrap(), 100);
    assert_eq!(calls.made(), 1);
}

#[tokio::test]
async fn a_broken_connection_is_an_error_of_the_request() {
    let result = fetch(&mut outbound(&HostCalls::new(None)), "https://inside.example/0").await;
    assert!(matches!(result, Err(Error::ConnectionTerminated)), "{result:?}");
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_an_error() {
    let result = fetch(&mut outbound(&HostCalls::new(None)), "https://inside.example/101").await;
    assert!(matches!(result, Err(Error::HttpResponseBodySize(Some(101)))), "{result:?}");
}

#[tokio::test]
async fn an_allowed_name_that_leads_into_the_own_network_is_denied() {
    let mut outbound = outbound(&HostCalls::new(None));
    let result = fetch(&mut outbound, "https://localhost/").await;
    assert!(matches!(result, Err(Error::DestinationIpProhibited)), "{result:?}");
    let denied = DeniedRequest { authority: "localhost:443".to_owned(), reason: DenyReason::PrivateAddress };
    assert_eq!(outbound.denied().take(), [denied]);
}

/// Counts requests under way, each of which takes its turn several times.
#[derive(Default)]
struct Crowd {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Transport for Arc<Crowd> {
    fn serves(&self, _: &Authority) -> bool {
        true
    }

    fn send(
        &self,
        _: Request<WasiBody>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<TransportBody>, BrokenConnection>> + Send>> {
        let crowd = Arc::clone(self);
        Box::pin(async move {
            let now = crowd.now.fetch_add(1, Ordering::SeqCst) + 1;
            crowd.most.fetch_max(now, Ordering::SeqCst);
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            crowd.now.fetch_sub(1, Ordering::SeqCst);
            let body = Full::new(Bytes::new()).map_err(|never| match never {}).boxed_unsync();
            Ok(Response::new(body))
        })
    }
}

#[tokio::test]
async fn requests_of_all_instances_share_the_budget_of_their_client() {
    for (budget, expected) in [(None, 12), (NonZeroUsize::new(4), 4), (NonZeroUsize::new(1), 1)] {
        let crowd = Arc::new(Crowd::default());
        let allowed = AllowList::default().allow(Authority::of_url("https://inside.example").unwrap());
        let client = Client::new(allowed, Some(Arc::new(Arc::clone(&crowd))));
        let client = budget.map_or(client.clone(), |budget| client.in_flight_at_most(budget));
        let mut fetches = tokio::task::JoinSet::new();
        for _ in 0..12 {
            // Each an instance of its own.
            let mut outbound = Outbound::new(client.clone(), HostCalls::new(None), None, &limits());
            fetches.spawn(async move { fetch(&mut outbound, "https://inside.example/").await });
        }
        while let Some(fetched) = fetches.join_next().await {
            assert_eq!(fetched.unwrap().unwrap(), 0);
        }
        assert_eq!(crowd.most.load(Ordering::SeqCst), expected, "{budget:?}");
    }
}

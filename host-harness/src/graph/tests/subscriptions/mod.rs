//! Claims about subscriptions. This file is the kit: an endpoint of a client
//! that really listens, and what the client asks for.

mod access;
mod changes;
mod delivery;
mod driver;
mod handling;
mod lifecycle;
mod page;
mod rich;
mod tls;
mod validation;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response as HttpResponse};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Uri};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use super::*;
use crate::tls::authority::Authority;
use crate::tls::listener::TlsListener;

/// What only the client and Microsoft know.
const CLIENT_STATE: &str = "what only we know";

/// How an endpoint answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// As the documentation asks for.
    Good,
    Status(u16),
    /// The token in another type.
    Html,
    /// The token as it stands in the address.
    Encoded,
    /// Never.
    Silent,
}

/// A post that arrived.
#[derive(Debug)]
struct Seen {
    path: String,
    query: String,
    content_type: String,
    body: Value,
}

impl Seen {
    fn is_validation(&self) -> bool {
        self.query.contains("validationToken=")
    }
}

#[derive(Clone)]
struct Shared {
    manner: Arc<Mutex<Manner>>,
    seen: UnboundedSender<Seen>,
}

/// An endpoint of a client. Ends with its owner.
pub(super) struct Endpoint {
    url: String,
    manner: Arc<Mutex<Manner>>,
    seen: UnboundedReceiver<Seen>,
    server: JoinHandle<()>,
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Endpoint {
    pub(super) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        Self::listening(url, |router| async move { axum::serve(listener, router).await.unwrap() })
    }

    /// One that speaks TLS, with a certificate of this authority.
    async fn over_tls(authority: &Authority) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let listener = TlsListener::new(listener, authority.server_config().unwrap());
        Self::listening(url, |router| async move { axum::serve(listener, router).await.unwrap() })
    }

    fn listening<F>(url: String, serve: impl FnOnce(Router) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let manner = Arc::new(Mutex::new(Manner::Good));
        let (sender, seen) = unbounded_channel();
        let shared = Shared { manner: Arc::clone(&manner), seen: sender };
        let router = Router::new().fallback(receive).with_state(shared);
        let server = tokio::spawn(serve(router));
        Self { url, manner, seen, server }
    }

    fn answers(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// What arrived since the last look.
    fn posts(&mut self) -> Vec<Seen> {
        std::iter::from_fn(|| self.seen.try_recv().ok()).collect()
    }

    /// The notifications among what arrived.
    fn notifications(&mut self) -> Vec<Value> {
        let posts = self.posts();
        posts.iter().flat_map(|post| post.body["value"].as_array().cloned().unwrap_or_default()).collect()
    }

    /// Kind and last piece of the resource of the notifications that arrived.
    fn told(&mut self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let told = |item: Value| (text(&item["changeType"]), text(&item["resourceData"]["id"]));
        self.notifications().into_iter().map(told).collect()
    }

    /// The lifecycle events among what arrived.
    fn events(&mut self) -> Vec<String> {
        let items = self.notifications();
        items.iter().filter_map(|item| item["lifecycleEvent"].as_str()).map(str::to_owned).collect()
    }
}

async fn receive(State(shared): State<Shared>, uri: Uri, headers: HeaderMap, body: Bytes) -> HttpResponse {
    let query = uri.query().unwrap_or_default().to_owned();
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let token = pairs.into_iter().find(|(name, _)| name == "validationToken").map(|(_, token)| token);
    let raw = query.split("validationToken=").nth(1).unwrap_or_default().to_owned();
    let content_type = headers.get("content-type").unwrap().to_str().unwrap().to_owned();
    let body = serde_json::from_slice(&body).unwrap_or_default();
    shared.seen.send(Seen { path: uri.path().to_owned(), query, content_type, body }).unwrap();
    let manner = *shared.manner.lock().unwrap();
    match (manner, token) {
        (Manner::Good, Some(token)) => token.into_response(),
        (Manner::Good, None) => StatusCode::ACCEPTED.into_response(),
        (Manner::Status(status), _) => StatusCode::from_u16(status).unwrap().into_response(),
        (Manner::Html, token) => axum::response::Html(token.unwrap_or_default()).into_response(),
        (Manner::Encoded, _) => raw.into_response(),
        (Manner::Silent, _) => std::future::pending().await,
    }
}

/// A subscription to everything that happens to a resource, for two hours.
pub(super) fn wish(endpoint: &Endpoint, resource: &str) -> Value {
    json!({
        "changeType": "created,updated,deleted",
        "notificationUrl": endpoint.at("/notify?of=us"),
        "lifecycleNotificationUrl": endpoint.at("/lifecycle"),
        "resource": resource,
        "expirationDateTime": "2026-03-02T14:00:00Z",
        "clientState": CLIENT_STATE,
    })
}

/// Makes a subscription, and hands back what was answered.
async fn subscribe(world: &World, endpoint: &mut Endpoint, resource: &str) -> Value {
    let answer = world.post("/subscriptions", wish(endpoint, resource)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(endpoint.posts().len(), 2);
    answer.body
}

/// Delivers what is due, and says how many notifications were taken.
async fn deliver(world: &World) -> u64 {
    let answer = world.control("POST", "deliver", None).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    answer.body["delivered"].as_u64().unwrap()
}

/// What the record says of posts: address, purpose, outcome and status.
async fn record(world: &World) -> Value {
    world.control("GET", "notifications", None).await.body
}

//! Posts to the endpoints of clients over HTTP. Knows nothing of notifications,
//! and never follows a redirect.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::{Instant, timeout};

use super::trust::Trust;

/// How much of an answer is read, in bytes: more than any token has.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

type Https = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// What came back.
#[derive(Clone, Debug)]
pub(crate) enum Response {
    Answer {
        status: u16,
        content_type: Option<String>,
        body: Bytes,
    },
    TimedOut,
    /// No connection, or one that broke.
    Broken,
}

/// A client that is made when it is first needed. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Poster {
    client: Arc<OnceLock<Https>>,
    trust: Trust,
}

impl Poster {
    /// One that believes these authorities, too.
    pub fn trusting(trust: Trust) -> Self {
        Self { client: Arc::default(), trust }
    }

    /// Posts a body and waits for the whole answer, at most as long as
    /// `patience`. Says how long it took as well.
    pub async fn post(
        &self,
        url: &str,
        content_type: &'static str,
        body: Bytes,
        patience: Duration,
    ) -> (Response, Duration) {
        let Ok(uri) = url.parse::<Uri>() else {
            return (Response::Broken, Duration::ZERO);
        };
        let began = Instant::now();
        let response = timeout(patience, self.exchange(uri, content_type, body)).await;
        (response.unwrap_or(Response::TimedOut), began.elapsed())
    }

    async fn exchange(&self, uri: Uri, content_type: &'static str, body: Bytes) -> Response {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = uri;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        let Ok(response) = self.client.get_or_init(|| client(&self.trust)).request(request).await else {
            return Response::Broken;
        };
        let (head, body) = response.into_parts();
        let Ok(body) = Limited::new(body, ANSWER_BYTES_MAX).collect().await else {
            return Response::Broken;
        };
        let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Response::Answer {
            status: head.status.as_u16(),
            content_type: content_type.map(str::to_owned),
            body: body.to_bytes(),
        }
    }
}

fn client(trust: &Trust) -> Https {
    let connector = HttpsConnectorBuilder::new().with_tls_config(trust.client_config());
    let connector = connector.https_or_http().enable_http1().build();
    // Every post has a connection of its own: one that was kept could have been
    // closed, and would make an endpoint look broken that is not.
    Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector)
}

//! Requests over wasi:http, several side by side in one thread.
//!
//! Each request is a small state machine over `wasi:io/poll` pollables; the
//! loop in [`Http::send`] blocks until any of them can go on. An empty body is
//! finished without a write, and a body stream that the host has closed is not
//! an error by itself: the response decides.

use tandem_core::ports::{Http, HttpRequest, HttpResponse, Method, TransportFailure};
use wasi::http::outgoing_handler;
use wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, IncomingResponse, Method as WasiMethod, OutgoingBody,
    OutgoingRequest, RequestOptions, Scheme,
};
use wasi::io::poll::{self, Pollable};
use wasi::io::streams::{InputStream, StreamError};

use super::Host;

/// Requests under way at once: Exchange accepts four for an application
/// (Graph throttling limits, Outlook service).
const CONCURRENCY_MAX: usize = 4;

/// The largest answer that is read, in bytes. A delta page of 200 events with
/// long bodies stays far below.
const RESPONSE_SIZE_MAX: usize = 16 * 1024 * 1024;

/// How much is written to a stream at once, in bytes: WASI guarantees that a
/// blocking write takes 4 KiB.
const CHUNK_SIZE: usize = 4 * 1024;

/// How much is read from a stream at once, in bytes.
const READ_SIZE: u64 = 64 * 1024;

/// How long a connection, a first byte, or a pause between bytes may take, in
/// nanoseconds.
const PATIENCE_NANOSECONDS: u64 = 30_000_000_000;

impl Http for Host {
    fn send(&mut self, requests: Vec<HttpRequest>) -> Vec<Result<HttpResponse, TransportFailure>> {
        let mut waiting: Vec<(usize, HttpRequest)> = requests.into_iter().enumerate().rev().collect();
        let mut answers: Vec<(usize, Result<HttpResponse, TransportFailure>)> = Vec::new();
        let mut active: Vec<Exchange> = Vec::new();
        loop {
            while active.len() < CONCURRENCY_MAX
                && let Some((index, request)) = waiting.pop()
            {
                match Exchange::begin(index, &request) {
                    Ok(exchange) => active.push(exchange),
                    Err(failure) => answers.push((index, Err(failure))),
                }
            }
            if active.is_empty() {
                break;
            }
            let ready = {
                let pollables: Vec<&Pollable> = active.iter().map(Exchange::pollable).collect();
                poll::poll(&pollables)
            };
            // From the back, so that removing one leaves the other indices valid.
            for position in ready.into_iter().rev() {
                let exchange = active.swap_remove(position as usize);
                match exchange.advance() {
                    Progress::Going(exchange) => active.push(exchange),
                    Progress::Done(index, answer) => answers.push((index, answer)),
                }
            }
        }
        answers.sort_by_key(|(index, _)| *index);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }
}

/// A request under way.
struct Exchange {
    index: usize,
    authority: String,
    phase: Phase,
}

enum Phase {
    AwaitingHead(Head),
    ReadingBody(Body),
}

/// An answer that has not begun. Fields are dropped in their order, and a child
/// resource has to go before its parent.
struct Head {
    ready: Pollable,
    future: FutureIncomingResponse,
}

/// An answer whose body is being read; children before parents, as above.
struct Body {
    ready: Pollable,
    stream: InputStream,
    _parent: IncomingBody,
    _grandparent: IncomingResponse,
    answer: HttpResponse,
}

enum Progress {
    Going(Exchange),
    Done(usize, Result<HttpResponse, TransportFailure>),
}

impl Exchange {
    fn begin(index: usize, request: &HttpRequest) -> Result<Self, TransportFailure> {
        let (scheme, authority, path) = split_url(&request.url)?;
        let headers = Fields::new();
        for header in &request.headers {
            headers
                .append(header.name, header.value.as_bytes())
                .map_err(|_| TransportFailure::Broken(format!("the host refuses the header `{}`", header.name)))?;
        }
        if let Some(body) = &request.body {
            let length = body.len().to_string();
            // Some hosts set it themselves and refuse ours; the body is the same.
            let _ = headers.append("content-length", length.as_bytes());
        }
        let outgoing = OutgoingRequest::new(headers);
        let refused = |()| TransportFailure::Broken("the host refuses the request's address".to_owned());
        outgoing.set_method(&method(request.method)).map_err(refused)?;
        outgoing.set_scheme(Some(&scheme)).map_err(refused)?;
        outgoing.set_authority(Some(authority)).map_err(refused)?;
        outgoing.set_path_with_query(Some(path)).map_err(refused)?;
        let body =
            outgoing.body().map_err(|()| TransportFailure::Broken("the host gives no request body".to_owned()))?;
        let future = outgoing_handler::handle(outgoing, Some(options())).map_err(|code| failure(&code, authority))?;
        write_body(body, request.body.as_deref().unwrap_or_default());
        let ready = future.subscribe();
        Ok(Self { index, authority: authority.to_owned(), phase: Phase::AwaitingHead(Head { ready, future }) })
    }

    const fn pollable(&self) -> &Pollable {
        match &self.phase {
            Phase::AwaitingHead(head) => &head.ready,
            Phase::ReadingBody(body) => &body.ready,
        }
    }

    fn advance(self) -> Progress {
        let Self { index, authority, phase } = self;
        match phase {
            Phase::AwaitingHead(head) => match head.future.get() {
                None => Progress::Going(Self { index, authority, phase: Phase::AwaitingHead(head) }),
                Some(Ok(Ok(response))) => match read_head(response) {
                    Ok(body) => Progress::Going(Self { index, authority, phase: Phase::ReadingBody(body) }),
                    Err(failure) => Progress::Done(index, Err(failure)),
                },
                Some(Ok(Err(code))) => Progress::Done(index, Err(failure(&code, &authority))),
                Some(Err(())) => {
                    Progress::Done(index, Err(TransportFailure::Broken("the host gave its answer twice".to_owned())))
                }
            },
            Phase::ReadingBody(mut body) => match body.stream.read(READ_SIZE) {
                Ok(bytes) => {
                    body.answer.body.extend_from_slice(&bytes);
                    if body.answer.body.len() > RESPONSE_SIZE_MAX {
                        let limit_bytes = RESPONSE_SIZE_MAX;
                        return Progress::Done(index, Err(TransportFailure::TooLarge { limit_bytes }));
                    }
                    Progress::Going(Self { index, authority, phase: Phase::ReadingBody(body) })
                }
                Err(StreamError::Closed) => Progress::Done(index, Ok(body.answer.clone())),
                Err(StreamError::LastOperationFailed(_)) => Progress::Done(
                    index,
                    Err(TransportFailure::Broken("the connection broke inside the answer".to_owned())),
                ),
            },
        }
    }
}

fn read_head(response: IncomingResponse) -> Result<Body, TransportFailure> {
    let broken = |()| TransportFailure::Broken("the host gives no response body".to_owned());
    let headers = response
        .headers()
        .entries()
        .into_iter()
        .map(|(name, value)| (name.to_lowercase(), String::from_utf8_lossy(&value).into_owned()))
        .collect();
    let answer = HttpResponse { status: response.status(), headers, body: Vec::new() };
    let body = response.consume().map_err(broken)?;
    let stream = body.stream().map_err(broken)?;
    let ready = stream.subscribe();
    Ok(Body { ready, stream, _parent: body, _grandparent: response, answer })
}

/// Writes the whole body. Where the host stops taking it, the response says
/// why, so failing to write is not reported here.
fn write_body(body: OutgoingBody, bytes: &[u8]) {
    if !bytes.is_empty()
        && let Ok(stream) = body.write()
    {
        for chunk in bytes.chunks(CHUNK_SIZE) {
            if stream.blocking_write_and_flush(chunk).is_err() {
                break;
            }
        }
        drop(stream);
    }
    drop(OutgoingBody::finish(body, None));
}

fn options() -> RequestOptions {
    let options = RequestOptions::new();
    // A host that cannot keep a time-out keeps its own.
    let _ = options.set_connect_timeout(Some(PATIENCE_NANOSECONDS));
    let _ = options.set_first_byte_timeout(Some(PATIENCE_NANOSECONDS));
    let _ = options.set_between_bytes_timeout(Some(PATIENCE_NANOSECONDS));
    options
}

fn split_url(url: &str) -> Result<(Scheme, &str, &str), TransportFailure> {
    let (scheme, rest) = match url.split_once("://") {
        Some(("https", rest)) => (Scheme::Https, rest),
        Some(("http", rest)) => (Scheme::Http, rest),
        Some(_) | None => return Err(TransportFailure::Broken("the address is not one of http or https".to_owned())),
    };
    let path_at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(path_at);
    Ok((scheme, authority, if path.is_empty() { "/" } else { path }))
}

const fn method(method: Method) -> WasiMethod {
    match method {
        Method::Get => WasiMethod::Get,
        Method::Post => WasiMethod::Post,
        Method::Patch => WasiMethod::Patch,
        Method::Delete => WasiMethod::Delete,
    }
}

fn failure(code: &ErrorCode, authority: &str) -> TransportFailure {
    match code {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => {
            TransportFailure::Denied(authority.to_owned())
        }
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout
        | ErrorCode::DnsTimeout => TransportFailure::TimedOut,
        ErrorCode::HttpResponseBodySize(_) => TransportFailure::TooLarge { limit_bytes: RESPONSE_SIZE_MAX },
        other => TransportFailure::Broken(format!("{other:?}")),
    }
}

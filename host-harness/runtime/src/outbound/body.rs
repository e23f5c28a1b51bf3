//! The bodies of requests and answers, with their limits. Next: [`super::hooks`].

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep};
use wasmtime_wasi_http::{Error, WasiBody};

use super::client::TransportBody;

/// An answer's body that ends in an error where it is too long or pauses for
/// too long. Holds its place among the requests in flight until it is dropped.
pub(super) struct LimitedBody {
    inner: TransportBody,
    limit: u64,
    received: u64,
    pause: Duration,
    deadline: Pin<Box<Sleep>>,
    _permit: OwnedSemaphorePermit,
}

impl LimitedBody {
    pub(super) fn new(inner: TransportBody, limit: u64, pause: Duration, permit: OwnedSemaphorePermit) -> Self {
        let deadline = Box::pin(tokio::time::sleep(pause));
        Self { inner, limit, received: 0, pause, deadline, _permit: permit }
    }
}

impl Body for LimitedBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        match Pin::new(&mut this.inner).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                this.received = this.received.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
                if this.received > this.limit {
                    return Poll::Ready(Some(Err(Error::HttpResponseBodySize(Some(this.received)))));
                }
                this.deadline.as_mut().reset(Instant::now() + this.pause);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => {
                tracing::debug!(%error, "the connection broke while an answer was read");
                Poll::Ready(Some(Err(Error::ConnectionTerminated)))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => match this.deadline.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(Some(Err(Error::ConnectionReadTimeout))),
                Poll::Pending => Poll::Pending,
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// A request's body that ends in an error where it is too long: a guest may go on
/// writing for as long as somebody reads.
pub(super) struct LimitedRequest {
    inner: WasiBody,
    left: u64,
    limit: u64,
}

impl LimitedRequest {
    pub(super) fn new(inner: WasiBody, limit: u64) -> Self {
        Self { inner, left: limit, limit }
    }
}

impl Body for LimitedRequest {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        let polled = Pin::new(&mut this.inner).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            let length = frame.data_ref().map_or(0, Bytes::len);
            let Some(left) = this.left.checked_sub(u64::try_from(length).unwrap_or(u64::MAX)) else {
                this.left = 0;
                return Poll::Ready(Some(Err(Error::HttpRequestBodySize(Some(this.limit.saturating_add(1))))));
            };
            this.left = left;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

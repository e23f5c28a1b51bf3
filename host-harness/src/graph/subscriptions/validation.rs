//! The proof that an endpoint wants notifications
//! (concepts/change-notifications-delivery-webhooks, "notificationUrl validation").
//!
//! A request that names an endpoint is answered in three steps: what has to be
//! proven is asked of the state, `shell` asks the endpoints, and then the request
//! is answered as any other, with the proofs at hand.

use bytes::Bytes;
use http::StatusCode;
use url::Url;

use super::log::{Entry, Fate, Purpose, address};
use super::poster::Response;
use crate::graph::api::{batch, subscriptions};
use crate::graph::call::Call;
use crate::graph::dispatch;
use crate::graph::reply::Refusal;
use crate::graph::requests::Collection;
use crate::graph::state::State;

/// What an endpoint is asked.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    /// As the client wrote it.
    pub url: String,
    token: String,
}

impl Probe {
    /// The address with the token in its query.
    pub fn target(&self) -> Option<String> {
        let mut url = Url::parse(&self.url).ok()?;
        url.query_pairs_mut().append_pair("validationToken", &self.token);
        Some(url.into())
    }

    /// What an answer proves.
    pub fn judge(&self, response: &Response) -> Proof {
        let Response::Answer { status, content_type, body } = response else {
            return match response {
                Response::TimedOut => Proof::TimedOut,
                Response::Broken | Response::Answer { .. } => Proof::Unreachable,
            };
        };
        let is_text = content_type.as_ref().is_some_and(|content_type| {
            let kind = content_type.split(';').next().unwrap_or_default().trim();
            kind.eq_ignore_ascii_case("text/plain")
        });
        match (*status, is_text) {
            (200, true) if *body == Bytes::copy_from_slice(self.token.as_bytes()) => Proof::Given,
            (200, true) => Proof::OtherText,
            (200, false) => Proof::OtherType,
            (status, _) => Proof::Status(status),
        }
    }
}

/// What an endpoint has proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    Given,
    TimedOut,
    Unreachable,
    Status(u16),
    /// The answer is no plain text.
    OtherType,
    /// The answer is not the token, decoded.
    OtherText,
}

impl Proof {
    /// The words in which a request is refused whose endpoint has not proven
    /// itself (pnp/Microsoft365-Analytics-Insights#273; nodejs-webhooks-sample#350).
    pub fn check(self) -> Result<(), Refusal> {
        let message = match self {
            Self::Given => return Ok(()),
            Self::TimedOut => "Subscription validation request timed out.".to_owned(),
            Self::Unreachable => {
                "Subscription validation request failed. Notification endpoint must respond with 200 OK to validation request.".to_owned()
            }
            Self::Status(status) => {
                let name = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
                let name = name.map_or_else(|| status.to_string(), |name| name.replace(' ', ""));
                format!("Subscription validation request failed. HTTP status code is '{name}'. Notification endpoint must respond with 200 OK to validation request.")
            }
            Self::OtherType => {
                "Subscription validation request failed. Response must have the content type text/plain.".to_owned()
            }
            Self::OtherText => {
                "Subscription validation request failed. Response must exactly match validationToken query parameter.".to_owned()
            }
        };
        Err(Refusal::new(400, "ValidationError", message))
    }

    fn fate(self) -> (Option<u16>, Fate) {
        match self {
            Self::Given => (Some(200), Fate::Accepted),
            Self::TimedOut => (None, Fate::TimedOut),
            Self::Unreachable => (None, Fate::Unreachable),
            Self::Status(status) => (Some(status), Fate::Refused),
            Self::OtherType | Self::OtherText => (Some(200), Fate::Refused),
        }
    }
}

/// What endpoints have proven for one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proofs {
    given: Vec<(String, Proof)>,
}

impl Proofs {
    /// Adds what an endpoint has proven.
    pub fn add(&mut self, url: String, proof: Proof) {
        self.given.push((url, proof));
    }

    /// Refuses an endpoint that was asked and has not proven itself, or that was
    /// not asked. One that is named twice is asked twice, and has to prove itself
    /// both times.
    pub fn check(&self, url: &str) -> Result<(), Refusal> {
        let mut of_url = self.given.iter().filter(|(known, _)| known == url).map(|(_, proof)| *proof).peekable();
        if of_url.peek().is_none() {
            return Proof::Unreachable.check();
        }
        of_url.try_for_each(Proof::check)
    }
}

/// Whether a request can name endpoints at all. A look without the lock.
pub(crate) fn may_name_endpoints(call: &Call) -> bool {
    let collection = Collection::of(&call.words());
    matches!(call.method.as_str(), "POST" | "PATCH")
        && matches!(collection, Collection::Subscriptions | Collection::Batch)
}

/// What has to be asked before a request can be answered. Nothing, if it will
/// be refused anyway.
pub(crate) fn probes(state: &mut State, call: &Call) -> Vec<Probe> {
    let mut script = state.faults.clone();
    if !dispatch::will_perform(&mut script, call) {
        return Vec::new();
    }
    let urls: Vec<String> = match Collection::of(&call.words()) {
        Collection::Batch => {
            let parts = batch::calls(call);
            let parts = parts.iter().filter(|part| dispatch::will_perform(&mut script, part));
            parts.flat_map(|part| subscriptions::endpoints(state, part)).collect()
        }
        _ => subscriptions::endpoints(state, call),
    };
    let probe = |url| {
        let request = state.guid();
        let token =
            format!("Validation: Testing client application reachability for subscription Request-Id: {request}");
        Probe { url, token }
    };
    urls.into_iter().map(probe).collect()
}

/// Notes that an endpoint was asked.
pub(crate) fn record(state: &mut State, url: &str, proof: Proof) {
    let (status, outcome) = proof.fate();
    let entry = Entry {
        at: state.now,
        url: address(url),
        purpose: Purpose::Validation,
        status,
        outcome,
        notifications: Vec::new(),
    };
    state.deliveries.add(entry);
}

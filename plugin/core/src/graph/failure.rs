//! What is to be done when Graph does not answer as hoped?
//!
//! One table, in [`rules`], maps what came back to a [`Reaction`]; the payload of
//! a reaction (how long, which claims, which event) is read from the answer
//! beside it. Programs branch on status and code: a message may change and may
//! quote the item (Graph `concepts/errors`). One message is compared all the
//! same, because its code is that of any bad request: [`Failure::lacks_todo`].
//! How long to wait is in [`super::retry`].

mod rules;

use std::time::Duration;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use chrono::{DateTime, Utc};
use serde_json::Value;
use thiserror::Error;

use self::rules::{Verdict, verdict};
use super::wire::{ErrorBody, PageLink};
use crate::model::{GraphId, Instant};
use crate::ports::{HttpResponse, TransportFailure};

/// The longest error code that is kept, in bytes. Graph's longest known one has
/// 45; what is longer is not a code and may be anything.
const CODE_LENGTH_MAX: usize = 64;

/// What the request was about: the same status means different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A page of a round.
    Round,
    /// One item that exists, or existed.
    Item,
    /// An item to be created.
    NewItem,
    /// A page of the tasks of a list, which may be deleted while the mailbox is
    /// as it was.
    TaskListRound,
    /// A task to be created in such a list.
    NewTask,
    /// The mailbox or the account as a whole.
    Mailbox,
}

/// Whether the request was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Performed {
    /// It was refused.
    No,
    /// Nobody knows: a write has to be looked for before it is repeated.
    Unknown,
}

/// How long a server asks us to stay away (header `Retry-After`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// So long from now.
    For(Duration),
    /// Until then.
    Until(Instant),
}

impl RetryAfter {
    /// What an answer asks for: seconds, or an HTTP date. A date is read against
    /// the answer's own `Date`, so that it means the same where our clock is wrong.
    pub fn of(response: &HttpResponse) -> Option<Self> {
        let value = response.header("retry-after")?.trim();
        if let Ok(seconds) = value.parse::<u64>() {
            return Some(Self::For(Duration::from_secs(seconds)));
        }
        let until = http_date(value)?;
        Some(match response.header("date").and_then(http_date) {
            Some(sent) => Self::For(until.since(sent).to_std().unwrap_or(Duration::ZERO)),
            None => Self::Until(until),
        })
    }

    /// The time left at `now`; nothing if it is over.
    pub fn from(self, now: Instant) -> Duration {
        match self {
            Self::For(duration) => duration,
            Self::Until(until) => until.since(now).to_std().unwrap_or(Duration::ZERO),
        }
    }
}

fn http_date(text: &str) -> Option<Instant> {
    let date = DateTime::parse_from_rfc2822(text.trim()).ok()?;
    Some(Instant::from(date.with_timezone(&Utc)))
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// Try again later.
    Retry {
        /// No sooner than this, where the server says so.
        after: Option<RetryAfter>,
    },
    /// Forget the cursor and read everything again.
    Resync {
        /// Where the server wants that to begin, if it says so.
        restart: Option<PageLink>,
    },
    /// Get another access token and try once more.
    Reauthenticate {
        /// What the token has to prove, as JSON for the `claims` parameter.
        claims: Option<String>,
    },
    /// It changed meanwhile: read it, merge again, write again.
    RereadItem,
    /// It does not exist, or not under this id any more: an item, the calendar
    /// whose round was read, or the list of a task.
    ItemGone,
    /// This create was performed before.
    AlreadyCreated {
        /// The event that it made, where the server says so.
        event: Option<GraphId>,
    },
    /// Leave this item and go on with the others: what we ask for is refused
    /// and will be refused again.
    SkipItem,
    /// The mailbox cannot be used now; look again rarely.
    ParkMailbox,
    /// A permission or a consent is missing: tell people.
    MissingPermission,
    /// Nothing here is as expected: stop before harm is done.
    StopRun,
}

/// What came instead of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Cause {
    /// A status that reports a failure.
    #[error("expected a success, but found status {0}")]
    Status(u16),
    /// A success whose content is not what Graph documents.
    #[error("expected {expected}, but found something else in an answer of status {status}")]
    Unreadable {
        /// The status.
        status: u16,
        /// What was expected.
        expected: &'static str,
    },
    /// A batch without an answer to this part.
    #[error("expected an answer to every part of a batch, but found none to this one")]
    MissingPart,
    /// A link out of an earlier answer leads to another host than Graph's
    /// present address, and was not followed.
    #[error("expected a link to the Graph host, but found one to another host")]
    ForeignLink,
    /// No answer at all.
    #[error("no answer of Graph arrived")]
    Transport(#[source] TransportFailure),
}

/// A failure with everything that follows from it. Holds no personal data.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("Graph did not do what was asked{}", code.as_deref().map(|code| format!(" (`{code}`)")).unwrap_or_default())]
pub struct Failure {
    /// What came.
    #[source]
    pub cause: Cause,
    /// Graph's code, where there is one.
    pub code: Option<String>,
    /// The number that Microsoft's support asks for.
    pub request_id: Option<String>,
    /// What to do.
    pub reaction: Reaction,
    /// Whether it may have happened all the same.
    pub performed: Performed,
    /// See [`Self::lacks_todo`].
    lacks_todo: bool,
}

/// The code of an occurrence that would pass its neighbour in the series, or
/// fall on the same day (`api/event-update`).
const CROSSING_BOUNDARY: &str = "ErrorOccurrenceCrossingBoundary";

/// The code under which To Do puts what somebody behind it refused; the reason
/// is in `innerError` (observed in microsoft-graph-docs#15794 and #10503).
const INVALID_REQUEST: &str = "invalidRequest";

/// How a cloud without To Do refuses its addresses: as it does any that it does
/// not know (Graph `concepts/deployments`: there is none in that of China).
const NO_TODO: &str = "Resource not found for the segment 'todo'";

impl Failure {
    /// The failure that an answer reports.
    pub fn of_status(response: &HttpResponse, subject: Subject) -> Self {
        let detail = serde_json::from_slice::<ErrorBody>(&response.body).unwrap_or_default().error;
        let inner = detail.inner_error.unwrap_or_default();
        let message = detail.message.as_ref().and_then(Value::as_str).unwrap_or_default();
        let lacks_todo = response.status == 400 && message.starts_with(NO_TODO);
        // What does not look like a code of Graph's is none: no evidence of anything.
        let (outer, inner_code) = (detail.code.filter(|code| is_code(code)), inner.code.filter(|code| is_code(code)));
        let codes: Vec<&str> = [&outer, &inner_code].into_iter().flatten().map(String::as_str).collect();
        let reaction = match verdict(response.status, &codes, subject) {
            Verdict::Retry => Reaction::Retry { after: RetryAfter::of(response) },
            Verdict::Resync => Reaction::Resync { restart: response.header("location").map(PageLink::new) },
            Verdict::Reauthenticate => {
                Reaction::Reauthenticate { claims: response.header("www-authenticate").and_then(claims) }
            }
            Verdict::RereadItem => Reaction::RereadItem,
            Verdict::ItemGone => Reaction::ItemGone,
            Verdict::AlreadyCreated => {
                Reaction::AlreadyCreated { event: detail.existing_event_id.as_deref().map(GraphId::new) }
            }
            Verdict::SkipItem => Reaction::SkipItem,
            Verdict::ParkMailbox => Reaction::ParkMailbox,
            Verdict::MissingPermission => Reaction::MissingPermission,
            Verdict::StopRun => Reaction::StopRun,
        };
        let is_wrapped = outer.as_deref().is_some_and(|code| code.eq_ignore_ascii_case(INVALID_REQUEST));
        let code = if is_wrapped { inner_code.or(outer) } else { outer.or(inner_code) };
        // Graph says so where it does not do something. A server that failed may have
        // failed after the write, and who else has answered, on the way, cannot know.
        let is_refusal = (400..=499).contains(&response.status) && response.status != 408 && code.is_some();
        Self {
            cause: Cause::Status(response.status),
            code,
            request_id: response.header("request-id").map(str::to_owned).or(inner.request_id).filter(|id| is_code(id)),
            reaction,
            performed: if is_refusal { Performed::No } else { Performed::Unknown },
            lacks_todo,
        }
    }

    /// Whether Microsoft refused to move an occurrence to or behind its
    /// neighbour in the series. It will refuse that again.
    pub fn is_crossing_boundary(&self) -> bool {
        self.code.as_deref().is_some_and(|code| code.eq_ignore_ascii_case(CROSSING_BOUNDARY))
    }

    /// Whether the mailbox takes nothing because it is full.
    pub fn is_mailbox_full(&self) -> bool {
        let is_known = |code: &str| rules::MAILBOX_FULL.iter().any(|known| known.eq_ignore_ascii_case(code));
        self.cause == Cause::Status(507) || self.code.as_deref().is_some_and(is_known)
    }

    /// Whether the request itself was not understood. So answers a cloud that
    /// lacks a property which the request selects.
    pub fn is_bad_request(&self) -> bool {
        self.cause == Cause::Status(400)
    }

    /// Whether this cloud has no To Do at all (Graph `concepts/deployments`). It
    /// will have none tomorrow either.
    pub const fn lacks_todo(&self) -> bool {
        self.lacks_todo
    }

    /// A success whose content is of no use here and will be the same again.
    /// Nothing was written, because only reads are refused so.
    pub(crate) const fn not_understood(response: &HttpResponse, expected: &'static str) -> Self {
        Self::without_code(Cause::Unreadable { status: response.status, expected }, Reaction::SkipItem, Performed::No)
    }

    /// A success that cannot be read: a page of a proxy, a body cut short.
    pub(crate) fn unreadable(response: &HttpResponse, expected: &'static str) -> Self {
        Self::without_code(
            Cause::Unreadable { status: response.status, expected },
            Reaction::Retry { after: None },
            Performed::Unknown,
        )
    }

    /// A stored link that leads elsewhere, after Graph's address was changed:
    /// the round begins again.
    pub(crate) const fn foreign_link() -> Self {
        Self::without_code(Cause::ForeignLink, Reaction::Resync { restart: None }, Performed::No)
    }

    /// A part that the answer to a batch left out.
    pub(crate) const fn missing_part() -> Self {
        Self::without_code(Cause::MissingPart, Reaction::Retry { after: None }, Performed::Unknown)
    }

    /// No answer at all.
    pub fn of_transport(failure: TransportFailure, subject: Subject) -> Self {
        let (reaction, performed) = match (&failure, subject) {
            (TransportFailure::Denied(_), _) => (Reaction::StopRun, Performed::No),
            (TransportFailure::Broken(_) | TransportFailure::TimedOut, _) => {
                (Reaction::Retry { after: None }, Performed::Unknown)
            }
            (TransportFailure::TooLarge { .. }, Subject::Item | Subject::NewItem | Subject::NewTask) => {
                (Reaction::SkipItem, Performed::Unknown)
            }
            (TransportFailure::TooLarge { .. }, Subject::Round | Subject::TaskListRound | Subject::Mailbox) => {
                (Reaction::StopRun, Performed::Unknown)
            }
        };
        Self::without_code(Cause::Transport(failure), reaction, performed)
    }

    /// Whether the mailbox, or the application, is over a limit.
    pub const fn is_throttled(&self) -> bool {
        matches!(self.cause, Cause::Status(429))
    }

    /// Whether the answer was larger than the host takes: a smaller page may fit.
    pub const fn is_too_large(&self) -> bool {
        matches!(self.cause, Cause::Transport(TransportFailure::TooLarge { .. }))
    }

    /// Whether Graph refused what was asked for, so that asking again does not
    /// help: neither the token nor the time is wrong.
    pub const fn is_refusal(&self) -> bool {
        matches!(self.cause, Cause::Status(400..=499))
            && match self.reaction {
                Reaction::RereadItem
                | Reaction::ItemGone
                | Reaction::AlreadyCreated { .. }
                | Reaction::SkipItem
                | Reaction::ParkMailbox
                | Reaction::MissingPermission
                | Reaction::StopRun => true,
                Reaction::Retry { .. } | Reaction::Resync { .. } | Reaction::Reauthenticate { .. } => false,
            }
    }

    const fn without_code(cause: Cause, reaction: Reaction, performed: Performed) -> Self {
        Self { cause, code: None, request_id: None, reaction, performed, lacks_todo: false }
    }
}

/// Whether a text is short and plain enough to be shown as a code.
fn is_code(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    !text.is_empty() && text.len() <= CODE_LENGTH_MAX && text.bytes().all(is_plain)
}

/// The claims that a challenge asks for: base64, with or without padding, of a
/// JSON object.
fn claims(challenge: &str) -> Option<String> {
    let (_, rest) = challenge.split_once("claims=\"")?;
    let (encoded, _) = rest.split_once('"')?;
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let decoded = [alphabet::STANDARD, alphabet::URL_SAFE]
        .iter()
        .find_map(|alphabet| GeneralPurpose::new(alphabet, config).decode(encoded).ok())?;
    let text = String::from_utf8(decoded).ok()?;
    serde_json::from_str::<serde_json::Map<String, Value>>(&text).is_ok().then_some(text)
}

#[cfg(test)]
mod tests;

//! Scripted faults: what goes wrong, for which request, how often.
//!
//! Matching and the answers are here. Performing them on a connection is the
//! transport's task (`server`); an in-process caller finds the markers
//! [`DropConnection`] and [`Slow`] in the response's extensions instead.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Marker in a response's extensions: the connection broke before an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DropConnection;

/// Marker in a response's extensions: the answer took this long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slow {
    /// Time before the first byte, in seconds.
    pub seconds: u32,
}

/// How long `slow` takes when the script does not say, in seconds: longer
/// than the patience of common HTTP clients.
const SLOW_SECONDS_DEFAULT: u32 = 30;

/// The statuses of an answer. Those below only announce one.
pub(crate) const STATUSES: RangeInclusive<u16> = 200..=599;

/// A line that could not strike as it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum FaultError {
    #[error("expected a `status` from {first} to {last}, but found {0}", first = STATUSES.start(), last = STATUSES.end())]
    Status(u16),
    #[error("expected `times` of at least 1, but found 0")]
    Never,
}

/// One kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// 429, of an application that asks too much of one mailbox.
    Throttle,
    /// 503.
    Unavailable,
    /// 504.
    GatewayTimeout,
    /// Performed, and the connection breaks before an answer.
    DropResponse,
    /// Not performed, and the connection breaks.
    DropRequest,
    /// 410 of a cursor that was forgotten.
    Gone,
    /// A proxy's page.
    HtmlPage,
    /// Performed, and answered with the first half of the answer.
    Truncate,
    /// Performed, and answered after a while.
    Slow,
    /// 401 of a token that is over.
    Unauthorized,
    /// Continuous access evaluation: the token has to prove more.
    ClaimsChallenge,
    /// Performed, and answered with a redirect to another host.
    Redirect,
    /// The answer to a question that nobody asked, as of a mixed-up proxy.
    OtherAnswer,
    /// The right answer as something else than JSON.
    WrongType,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Throttle,
        Self::Unavailable,
        Self::GatewayTimeout,
        Self::DropResponse,
        Self::DropRequest,
        Self::Gone,
        Self::HtmlPage,
        Self::Truncate,
        Self::Slow,
        Self::Unauthorized,
        Self::ClaimsChallenge,
        Self::Redirect,
        Self::OtherAnswer,
        Self::WrongType,
    ];

    /// Whether it changes the body of an answer and nothing else, so that it is none
    /// where there is no body.
    pub(crate) const fn is_of_the_body(self) -> bool {
        matches!(self, Self::Truncate | Self::WrongType)
    }

    /// Whether the request reaches its service, and only the answer suffers.
    pub(crate) const fn is_performed(self) -> bool {
        match self {
            Self::DropResponse | Self::Truncate | Self::Slow | Self::Redirect | Self::WrongType => true,
            Self::Throttle
            | Self::Unavailable
            | Self::GatewayTimeout
            | Self::DropRequest
            | Self::Gone
            | Self::HtmlPage
            | Self::Unauthorized
            | Self::ClaimsChallenge
            | Self::OtherAnswer => false,
        }
    }

    /// Whether what is sent is still an answer of the service that was asked.
    pub(crate) const fn is_of_service(self) -> bool {
        match self {
            Self::Throttle
            | Self::Unavailable
            | Self::GatewayTimeout
            | Self::DropResponse
            | Self::Gone
            | Self::Slow
            | Self::Unauthorized
            | Self::ClaimsChallenge => true,
            Self::DropRequest
            | Self::HtmlPage
            | Self::Truncate
            | Self::Redirect
            | Self::OtherAnswer
            | Self::WrongType => false,
        }
    }

    /// Its name in the management interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::Unavailable => "unavailable",
            Self::GatewayTimeout => "gatewayTimeout",
            Self::DropResponse => "dropResponse",
            Self::DropRequest => "dropRequest",
            Self::Gone => "gone",
            Self::HtmlPage => "htmlPage",
            Self::Truncate => "truncate",
            Self::Slow => "slow",
            Self::Unauthorized => "unauthorized",
            Self::ClaimsChallenge => "claimsChallenge",
            Self::Redirect => "redirect",
            Self::OtherAnswer => "otherAnswer",
            Self::WrongType => "wrongType",
        }
    }
}

/// Which requests a fault applies to. An absent part matches everything.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Matcher {
    pub method: Option<String>,
    /// A part of the path, without regard to case; `*` stands for anything.
    pub path: Option<String>,
    /// A part of the header `client-request-id`, by which a client names its
    /// requests: what others ask for is not hit.
    pub client: Option<String>,
}

impl Matcher {
    fn accepts(&self, method: &str, path: &str, client: Option<&str>) -> bool {
        let method_fits = self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method));
        let client_fits = self.client.as_ref().is_none_or(|wanted| client.is_some_and(|named| named.contains(wanted)));
        method_fits && client_fits && self.path.as_ref().is_none_or(|wanted| contains_in_order(path, wanted))
    }
}

/// Whether the pieces of `pattern` between asterisks occur in `path` in order.
fn contains_in_order(path: &str, pattern: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let pattern = pattern.to_ascii_lowercase();
    let mut rest = path.as_str();
    for piece in pattern.split('*') {
        let Some((_, after)) = rest.split_once(piece) else {
            return false;
        };
        rest = after;
    }
    true
}

/// One line of the script.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Fault {
    #[serde(default, rename = "match")]
    pub matcher: Matcher,
    /// How many matching requests pass unharmed first.
    #[serde(default)]
    pub skip: u32,
    /// How many matching requests are hit after that.
    #[serde(default = "once")]
    pub times: u32,
    #[serde(rename = "do")]
    pub kind: Kind,
    pub retry_after_seconds: Option<u32>,
    /// The header `Retry-After` as it stands here, whatever that is.
    pub retry_after: Option<String>,
    pub status: Option<u16>,
    /// The error code in place of the usual one.
    pub code: Option<String>,
}

impl Fault {
    fn check(&self) -> Result<(), FaultError> {
        if self.times == 0 {
            return Err(FaultError::Never);
        }
        self.status.filter(|status| !STATUSES.contains(status)).map_or(Ok(()), |status| Err(FaultError::Status(status)))
    }

    fn strike(&self, line: usize) -> Strike {
        let seconds = self.retry_after_seconds.map(|seconds| seconds.to_string());
        Strike {
            line,
            kind: self.kind,
            slow_seconds: self.retry_after_seconds.unwrap_or(SLOW_SECONDS_DEFAULT),
            retry_after: self.retry_after.clone().or(seconds),
            status: self.status,
            code: self.code.clone(),
        }
    }
}

fn once() -> u32 {
    1
}

/// What a request has to suffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Strike {
    /// Which line of the script.
    line: usize,
    pub kind: Kind,
    /// How long a `slow` answer takes, in seconds.
    pub slow_seconds: u32,
    /// The header `Retry-After`.
    pub retry_after: Option<String>,
    pub status: Option<u16>,
    pub code: Option<String>,
}

/// The script: the first line that fits and is not used up strikes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    lines: Vec<Fault>,
}

impl Script {
    /// Adds lines behind those that are there.
    ///
    /// # Errors
    /// One of them could not strike; then none is added.
    pub fn extend(&mut self, lines: Vec<Fault>) -> Result<(), FaultError> {
        lines.iter().try_for_each(Fault::check)?;
        self.lines.retain(|line| line.times > 0);
        self.lines.extend(lines);
        Ok(())
    }

    /// Forgets the script.
    pub fn clear(&mut self) {
        self.lines.clear();
    }

    /// What is left of the script.
    pub fn lines(&self) -> Vec<&Fault> {
        self.lines.iter().filter(|line| line.times > 0).collect()
    }

    /// Takes back that this line struck, because there was nothing to strike.
    pub fn spare(&mut self, strike: &Strike) {
        if let Some(line) = self.lines.get_mut(strike.line) {
            line.times += 1;
        }
    }

    /// Counts a request and says what happens to it.
    pub fn strike(&mut self, method: &str, path: &str, client: Option<&str>) -> Option<Strike> {
        for (number, line) in self.lines.iter_mut().enumerate() {
            if line.times == 0 || !line.matcher.accepts(method, path, client) {
                continue;
            }
            if line.skip > 0 {
                line.skip -= 1;
                continue;
            }
            // A line that is used up stays where it is, so that it can be spared.
            line.times -= 1;
            return Some(line.strike(number));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn every_kind_is_in_the_list_once_and_has_its_name_on_the_wire() {
        let words: std::collections::BTreeSet<&str> = Kind::ALL.into_iter().map(Kind::word).collect();
        // The last one counts them.
        assert_eq!(words.len(), Kind::WrongType as usize + 1);
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
        }
    }

    #[test]
    fn a_line_that_is_used_up_is_left_out_and_can_be_spared() {
        let line = Fault {
            matcher: Matcher::default(),
            skip: 0,
            times: 1,
            kind: Kind::Truncate,
            retry_after_seconds: None,
            retry_after: None,
            status: None,
            code: None,
        };
        let mut script = Script::default();
        script.extend(vec![line]).unwrap();
        let strike = script.strike("DELETE", "/v1.0/me/events/1", None).unwrap();
        assert!(script.lines().is_empty() && script.strike("GET", "/v1.0/me", None).is_none());
        script.spare(&strike);
        assert_eq!((script.lines().len(), script.strike("GET", "/v1.0/me", None)), (1, Some(strike)));
    }

    #[test]
    fn a_line_for_one_client_lets_the_requests_of_others_pass() {
        let matcher = Matcher { client: Some("one-".to_owned()), ..Matcher::default() };
        let accepts = |client| matcher.accepts("GET", "/v1.0/me", client);
        assert_eq!([accepts(Some("one-7")), accepts(Some("other-7")), accepts(None)], [true, false, false]);
    }
}

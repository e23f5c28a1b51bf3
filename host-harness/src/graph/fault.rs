//! Scripted faults: what goes wrong, for which request, how often.
//!
//! Matching and the answers are here. Performing them on a connection is the
//! transport's task (`server`); an in-process caller finds the markers
//! [`DropConnection`] and [`Slow`] in the response's extensions instead.

use serde::{Deserialize, Serialize};

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

/// One kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Kind {
    Throttle,
    Unavailable,
    GatewayTimeout,
    DropResponse,
    DropRequest,
    Gone,
    HtmlPage,
    Truncate,
    Slow,
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

/// Which requests a fault applies to. An absent part matches everything.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Matcher {
    pub method: Option<String>,
    /// A part of the path, without regard to case; `*` stands for anything.
    pub path: Option<String>,
}

impl Matcher {
    fn accepts(&self, method: &str, path: &str) -> bool {
        let method_fits = self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method));
        method_fits && self.path.as_ref().is_none_or(|wanted| contains_in_order(path, wanted))
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
    fn strike(&self) -> Strike {
        let seconds = self.retry_after_seconds.map(|seconds| seconds.to_string());
        Strike {
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
    pub fn extend(&mut self, lines: Vec<Fault>) {
        self.lines.extend(lines);
    }

    /// Forgets the script.
    pub fn clear(&mut self) {
        self.lines.clear();
    }

    /// What is left of the script.
    pub fn lines(&self) -> &[Fault] {
        &self.lines
    }

    /// Counts a request and says what happens to it.
    pub fn strike(&mut self, method: &str, path: &str) -> Option<Strike> {
        let mut struck = None;
        for line in &mut self.lines {
            if line.times == 0 || !line.matcher.accepts(method, path) {
                continue;
            }
            if line.skip > 0 {
                line.skip -= 1;
                continue;
            }
            line.times -= 1;
            struck = Some(line.strike());
            break;
        }
        self.lines.retain(|line| line.times > 0);
        struck
    }
}

//! A request as the emulated services see it, whether it came over TCP, from
//! inside the process or as a part of a batch.
//!
//! Reads query options and `Prefer` the tolerant way `OData` services do; paths
//! are read by `path`. Decides nothing about the answer; that is `reply` and the
//! handlers.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use chrono_tz::Tz;

use super::bearer::Bearer;
use super::path::{Segment, segments};
use super::subscriptions::validation::Proofs;
use super::zones;

/// What a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Plain HTTP.
    Http,
    /// HTTP over TLS.
    Https,
}

impl Scheme {
    /// As it stands in a URL.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// A request, decoded. Printed, it says none of what it carries: credentials stand in
/// headers, in options and in bodies.
#[derive(Clone)]
pub(crate) struct Call {
    /// Scheme and authority under which the client reached the emulator, such
    /// as `https://localhost:8081`; absent where the client did not say. Links
    /// in the answer lead back there: clients do not follow others.
    pub origin: Option<String>,
    /// In upper case.
    pub method: String,
    /// The path without query, as sent.
    pub path: String,
    pub segments: Vec<Segment>,
    pub query: Query,
    headers: BTreeMap<String, String>,
    pub bearer: Bearer,
    pub body: Bytes,
    /// What the endpoints named in the body have proven.
    pub proofs: Arc<Proofs>,
    /// Whether the component sent it, or the batch that it is a part of.
    pub is_of_component: bool,
    /// Whether the body is longer than what is taken. It is left out then.
    pub is_too_large: bool,
}

impl fmt::Debug for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Call")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &self.query)
            .field("headers", &self.headers.keys())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Call {
    /// Decodes a request target (path and query) and its headers.
    pub fn new(method: &str, target: &str, headers: BTreeMap<String, String>, body: Bytes) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            origin: None,
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            segments: segments(path),
            query: Query::parse(query).of(&method.to_ascii_uppercase()),
            bearer: Bearer::read(headers.get("authorization").map(String::as_str)),
            headers,
            body,
            proofs: Arc::default(),
            is_of_component: false,
            is_too_large: false,
        }
    }

    /// The same request with what endpoints have proven.
    pub fn with_proofs(self, proofs: Arc<Proofs>) -> Self {
        Self { proofs, ..self }
    }

    /// The same request as a part of another one: a token that both have is
    /// verified once.
    pub fn within(self, outer: &Self) -> Self {
        Self { bearer: self.bearer.or_same(&outer.bearer), ..self }
    }

    /// The same call as it came to this address.
    pub fn at(self, origin: Option<String>) -> Self {
        Self { origin, ..self }
    }

    /// The same request with another body.
    pub fn with_body(self, body: Bytes) -> Self {
        Self { body, ..self }
    }

    /// The same request, sent by the component or by somebody else.
    pub fn sent_by_component(self, is_of_component: bool) -> Self {
        Self { is_of_component, ..self }
    }

    /// The same request, whose body was too long to be taken, or was not.
    pub fn cut_off(self, is_too_large: bool) -> Self {
        Self { is_too_large, ..self }
    }

    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// What the body says that it is, in lower case and without parameters.
    pub fn media_type(&self) -> Option<String> {
        let name = self.header("content-type")?.split(';').next().unwrap_or_default().trim();
        (!name.is_empty()).then(|| name.to_ascii_lowercase())
    }

    /// Whether the body says that it is JSON.
    pub fn is_json(&self) -> bool {
        self.media_type().as_deref() == Some("application/json")
    }

    /// The path in lower case, one entry per segment, ready to be matched.
    pub fn words(&self) -> Vec<&str> {
        self.segments.iter().map(|segment| segment.lower.as_str()).collect()
    }

    /// A segment as it was sent; empty when there is none.
    pub fn raw(&self, index: usize) -> &str {
        self.segments.get(index).map_or("", |segment| segment.raw.as_str())
    }

    /// An argument of the function that a segment calls, by its name in lower
    /// case.
    pub fn argument(&self, index: usize, name: &str) -> Option<&str> {
        self.segments.get(index).and_then(|segment| segment.argument(name))
    }

    /// What the `Prefer` header asks for.
    pub fn prefer(&self) -> Prefer {
        self.header("prefer").map(Prefer::parse).unwrap_or_default()
    }

    /// The pairs of a form body.
    pub fn form(&self) -> BTreeMap<String, String> {
        url::form_urlencoded::parse(&self.body).into_owned().collect()
    }
}

/// Query options; names compare without case and without a leading `$`-escape. Printed,
/// they are names alone.
#[derive(Clone, Default)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
    is_of_write: bool,
    is_examined: Arc<AtomicBool>,
}

impl fmt::Debug for Query {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.names()).finish()
    }
}

impl Query {
    /// Reads the options behind the question mark.
    pub fn parse(query: &str) -> Self {
        let pairs = url::form_urlencoded::parse(query.as_bytes())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned()))
            .collect();
        Self { pairs, is_of_write: false, is_examined: Arc::default() }
    }

    /// The options of a request of this method.
    fn of(self, method: &str) -> Self {
        Self { is_of_write: method != "GET", ..self }
    }

    /// Notes that somebody looked whether all of them are understood.
    pub fn examined(&self) {
        self.is_examined.store(true, Ordering::Relaxed);
    }

    /// Whether somebody did.
    pub fn is_examined(&self) -> bool {
        self.is_examined.load(Ordering::Relaxed)
    }

    /// An option by its name in lower case. Those of `OData` say nothing in a write
    /// (concepts/query-parameters), see `api::options`.
    pub fn get(&self, name: &str) -> Option<&str> {
        if self.is_of_write && name.starts_with('$') {
            return None;
        }
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The names that were given, in lower case.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(name, _)| name.as_str())
    }

    /// Names in lower case, and values.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Everything as a map, the last of equal names winning.
    pub fn to_map(&self) -> BTreeMap<String, String> {
        self.pairs.iter().cloned().collect()
    }
}

/// The two contents a body can be asked for in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum BodyType {
    #[default]
    Html,
    Text,
}

/// What a `Prefer` header may ask of Outlook resources.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prefer {
    /// The requested zone: the name as sent, to be echoed.
    pub time_zone: Option<String>,
    pub body_type: Option<BodyType>,
    pub page_size: Option<usize>,
    pub immutable_ids: bool,
}

impl Prefer {
    fn parse(header: &str) -> Self {
        let mut prefer = Self::default();
        for entry in header.split([',', ';']) {
            let Some((name, value)) = entry.split_once('=') else {
                continue;
            };
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "outlook.timezone" => prefer.time_zone = Some(value.to_owned()),
                "outlook.body-content-type" => {
                    let text = value.eq_ignore_ascii_case("text");
                    prefer.body_type = Some(if text { BodyType::Text } else { BodyType::Html });
                }
                "odata.maxpagesize" => {
                    prefer.page_size = value.parse().ok().filter(|size| *size > 0);
                }
                "idtype" => prefer.immutable_ids = value.eq_ignore_ascii_case("ImmutableId"),
                // Preferences are wishes: an unknown one is passed over.
                _ => {}
            }
        }
        prefer
    }

    /// The zone to answer in and its name; UTC unless asked otherwise.
    ///
    /// # Errors
    /// The unknown name.
    pub fn zone(&self) -> Result<(Tz, &str), String> {
        match self.time_zone.as_deref() {
            None => Ok((Tz::UTC, "UTC")),
            Some(name) => zones::resolve(name).map(|zone| (zone, name)).ok_or_else(|| name.to_owned()),
        }
    }

    /// The value of `Preference-Applied` for what was honoured.
    pub fn applied(&self) -> Option<String> {
        let mut parts = Vec::new();
        if let Some(name) = &self.time_zone {
            parts.push(format!("outlook.timezone=\"{name}\""));
        }
        match self.body_type {
            Some(BodyType::Text) => parts.push("outlook.body-content-type=\"text\"".to_owned()),
            Some(BodyType::Html) => parts.push("outlook.body-content-type=\"html\"".to_owned()),
            None => {}
        }
        if let Some(size) = self.page_size {
            parts.push(format!("odata.maxpagesize={size}"));
        }
        if self.immutable_ids {
            parts.push("IdType=\"ImmutableId\"".to_owned());
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

//! What were the rounds begun with whose tokens were given out?
//!
//! A token is opaque: nothing in a link tells which round it goes on with, and nothing
//! is read out of one here. What the messages have shown is all there is to compare
//! with. Each token that an answer gives out is remembered with the collection and the
//! options that its round was begun with, which it stands for from then on
//! (concepts/delta-query-overview). So a token that goes on with another round is found
//! where it is given out or taken, and one that nobody saw before by what comes of it:
//! items without what was selected, or out of the window.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde_json::Value;

use super::links::{Link, behind_mailbox, is_same_path, request_of, straight};
use super::query;
use crate::graph::call::Call;

/// Tokens that are remembered, the latest ones: those of a hundred mailboxes that are
/// each read forty times.
const TOKENS_MAX: usize = 4_000;

/// What a round was begun with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Begun {
    /// The id of the person whose mailbox it is about.
    owner: String,
    /// The collection behind the mailbox, as the first request named it: a folder by its
    /// role, perhaps.
    asked: Vec<String>,
    /// The same as links name it.
    path: Vec<String>,
    /// The options of the first request, by their names in lower case.
    options: BTreeMap<String, String>,
}

impl Begun {
    /// By the first request of a round, whose answer has the link `next`.
    fn by(call: &Call, next: &Call, owner: &str) -> Self {
        let (asked, path) = (path_of(call), path_of(next));
        Self { owner: owner.to_ascii_lowercase(), asked, path, options: without_token(call) }
    }

    /// An option by its name in lower case.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str)
    }

    /// Whether a link names the same collection, and says nothing else of it.
    fn is_led_on_by(&self, next: &Call) -> bool {
        let further = without_token(next);
        self.path == path_of(next) && further.iter().all(|(name, value)| self.option(name) == Some(value))
    }
}

/// The tokens that were given out, with what their rounds were begun with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rounds {
    known: BTreeMap<String, Arc<Begun>>,
    /// The oldest one first.
    order: VecDeque<String>,
}

impl Rounds {
    /// What the round was begun with that a request goes on with, if somebody saw its
    /// token given out.
    pub fn of(&self, call: &Call) -> Option<&Begun> {
        self.known.get(token(call)?).map(Arc::as_ref)
    }

    /// Whether a link that answers a request goes on with its round.
    pub fn are_led_on(&self, call: &Call, next: &Call, owner: &str) -> bool {
        let Some(begun) = self.begun(call, next, owner) else { return true };
        begun.is_led_on_by(next) && self.of(next).is_none_or(|known| *known == *begun)
    }

    /// Whether a request asks for the collection that its token is about. Nothing is
    /// said of a token that nobody saw given out.
    pub fn are_asked_for(&self, call: &Call, owner: &str) -> bool {
        let words = call.words();
        self.of(call).is_none_or(|begun| {
            let path: Vec<&str> = begun.path.iter().map(String::as_str).collect();
            // Nobody's who is not signed in any more: that is refused, whatever it asks for.
            let is_same_person = owner.is_empty() || begun.owner.eq_ignore_ascii_case(owner);
            is_same_path(behind_mailbox(&words), &path) && is_same_person
        })
    }

    /// Whether the address in a refusal begins the round anew whose token it refuses
    /// (concepts/delta-query-overview: to a request with an empty `$deltatoken`).
    pub fn begin_anew(&self, call: &Call, address: &str) -> bool {
        let Some(next) = request_of(call, address) else { return false };
        let further = without_token(&next);
        let is_like = |begun: &Begun| next.segments == call.segments && meanings(&begun.options) == meanings(&further);
        token(&next).is_none() && self.of(call).is_none_or(is_like)
    }

    /// Remembers what tokens an answer gives out.
    pub fn note(&mut self, call: &Call, answer: &Value, owner: &str) {
        for link in [Link::Next, Link::Delta] {
            let address = answer.get(link.name()).and_then(Value::as_str);
            let Some(next) = address.and_then(|address| request_of(call, address)) else { continue };
            let (Some(given), Some(begun)) = (token(&next), self.begun(call, &next, owner)) else { continue };
            if !self.known.contains_key(given) {
                self.known.insert(given.to_owned(), begun);
                self.order.push_back(given.to_owned());
            }
        }
        while self.order.len() > TOKENS_MAX {
            self.order.pop_front().map(|oldest| self.known.remove(&oldest));
        }
    }

    /// What the round of a request was begun with whose answer has the link `next`.
    fn begun(&self, call: &Call, next: &Call, owner: &str) -> Option<Arc<Begun>> {
        match token(call) {
            Some(shown) => self.known.get(shown).cloned(),
            None => is_of_round(call).then(|| Arc::new(Begun::by(call, next, owner))),
        }
    }
}

/// The span of time that the items of a round about a view may be in: that of the
/// request which has begun it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

impl Window {
    /// That of a request, if it is one about a view and its window is known.
    pub fn of(call: &Call, rounds: &Rounds) -> Option<Self> {
        let [.., "calendarview", "delta"] = call.words().as_slice() else { return None };
        let option = |name: &str| match token(call) {
            Some(_) => rounds.of(call)?.option(name),
            None => call.query.get(name),
        };
        Some(Self { start: moment(option("startdatetime")?)?, end: moment(option("enddatetime")?)? })
    }

    /// Whether an item can be in it. Nothing is said of a series, which is there for
    /// its days; of whole days, whose zone is not theirs; and of times in other zones.
    pub fn may_have(&self, item: &Value) -> bool {
        let time = |name: &str| {
            let time = item.get(name).filter(|time| time.get("timeZone").is_some_and(|zone| zone == "UTC"))?;
            moment(time.get("dateTime")?.as_str()?)
        };
        let (Some(start), Some(end)) = (time("start"), time("end")) else { return true };
        let is_of_days = [start, end].iter().all(|at| at.time() == NaiveTime::MIN);
        let is_series = item.get("type").is_some_and(|kind| kind == "seriesMaster");
        is_series || is_of_days || (start <= self.end && end >= self.start)
    }
}

/// Whether a request is one of change tracking.
pub(super) fn is_of_round(call: &Call) -> bool {
    call.words().last() == Some(&"delta")
}

/// The token with which a request goes on with a round. An empty one begins a round.
pub(super) fn token(call: &Call) -> Option<&str> {
    let mut shown = ["$deltatoken", "$skiptoken"].into_iter().filter_map(|name| call.query.get(name));
    shown.find(|token| !token.is_empty() && is_of_round(call))
}

fn path_of(call: &Call) -> Vec<String> {
    straight(behind_mailbox(&call.words())).into_iter().map(str::to_owned).collect()
}

/// The options of a request that Graph knows, without the token.
fn without_token(call: &Call) -> BTreeMap<String, String> {
    let mut options = call.query.to_map();
    options.retain(|name, _| query::is_known(name) && !matches!(name.as_str(), "$skiptoken" | "$deltatoken"));
    options
}

/// What options say, however it is written.
fn meanings(options: &BTreeMap<String, String>) -> BTreeMap<&str, Vec<String>> {
    let said = |value: &str| {
        if let Some(moment) = moment(value) {
            return vec![moment.to_rfc3339()];
        }
        let mut entries: Vec<String> = value.split(',').map(|entry| entry.trim().to_ascii_lowercase()).collect();
        entries.sort_unstable();
        entries
    };
    options.iter().map(|(name, value)| (name.as_str(), said(value))).collect()
}

/// The instant that a window is named by, or that a time in UTC is. The plus sign of an
/// offset may have arrived as a space.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    let wall = text.trim_end_matches(['Z', 'z']);
    let clock = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"].into_iter();
    let clock = || clock.clone().find_map(|form| NaiveDateTime::parse_from_str(wall, form).ok());
    let midnight = || wall.parse::<NaiveDate>().ok().map(NaiveDateTime::from);
    let instant = DateTime::parse_from_rfc3339(&text.replace(' ', "+")).ok();
    instant.map(|at| at.to_utc()).or_else(|| clock().or_else(midnight).map(|at| at.and_utc()))
}

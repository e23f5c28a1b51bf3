//! `$filter` and `$orderby` as far as calendars and mail need them; `$select`
//! of what has no rules of its own. Events are selected by `projection`,
//! messages by `mail::projection`.
//!
//! A filter is a conjunction of comparisons. Anything beyond that is refused
//! rather than answered wrongly.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::graph::calendar::input::{extended_id, wall_clock};
use crate::graph::calendar::instance::{Instance, Kind, instants};
use crate::graph::calendar::output;
use crate::graph::reply::Refusal;

/// A value that can be compared.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub(crate) enum Operand {
    Text(String),
    Flag(bool),
    At(DateTime<Utc>),
}

/// What of a type of items can be compared, and how anything else is refused.
pub(crate) struct Vocabulary {
    /// Paths in lower case.
    pub paths: &'static [&'static str],
    /// Whether extended properties can be compared, too.
    pub has_extended: bool,
    pub refuse: fn(&str) -> Refusal,
}

/// Something that a filter accepts or not.
pub(crate) trait Comparable {
    /// The value of a path of the vocabulary.
    fn operand(&self, path: &str) -> Option<Operand>;

    /// The value of an extended property.
    fn extended(&self, id: &str) -> Option<&str>;
}

impl<T: Comparable> Comparable for &T {
    fn operand(&self, path: &str) -> Option<Operand> {
        (*self).operand(path)
    }

    fn extended(&self, id: &str) -> Option<&str> {
        (*self).extended(id)
    }
}

/// One comparison.
#[derive(Clone, Debug)]
enum Condition {
    Compare {
        path: String,
        operator: Operator,
        literal: Operand,
    },
    StartsWith {
        path: String,
        prefix: String,
    },
    /// An extended property with this id and value.
    Extended {
        id: String,
        value: String,
    },
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

impl Operator {
    fn read(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "eq" => Some(Self::Eq),
            "ne" => Some(Self::Ne),
            "gt" => Some(Self::Gt),
            "ge" => Some(Self::Ge),
            "lt" => Some(Self::Lt),
            "le" => Some(Self::Le),
            _ => None,
        }
    }
}

/// A parsed `$filter`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    conditions: Vec<Condition>,
}

impl Filter {
    /// Reads a filter.
    pub fn parse(text: Option<&str>, vocabulary: &Vocabulary) -> Result<Self, Refusal> {
        let Some(text) = text else {
            return Ok(Self::default());
        };
        let conditions = conjunction(text).iter().map(|part| condition(part, vocabulary)).collect::<Result<_, _>>()?;
        Ok(Self { conditions })
    }

    /// The path that is compared first.
    pub fn first_path(&self) -> Option<&str> {
        self.conditions.first().and_then(|condition| match condition {
            Condition::Compare { path, .. } | Condition::StartsWith { path, .. } => Some(path.as_str()),
            Condition::Extended { .. } => None,
        })
    }

    /// Whether an item fits.
    pub fn accepts(&self, item: &impl Comparable) -> bool {
        self.conditions.iter().all(|condition| match condition {
            Condition::Compare { path, operator, literal } => {
                let ordering = item.operand(path).and_then(|value| value.partial_cmp(literal));
                match operator {
                    Operator::Eq => ordering == Some(Ordering::Equal),
                    Operator::Ne => ordering != Some(Ordering::Equal),
                    Operator::Gt => ordering == Some(Ordering::Greater),
                    Operator::Ge => matches!(ordering, Some(Ordering::Greater | Ordering::Equal)),
                    Operator::Lt => ordering == Some(Ordering::Less),
                    Operator::Le => matches!(ordering, Some(Ordering::Less | Ordering::Equal)),
                }
            }
            Condition::StartsWith { path, prefix } => match item.operand(path) {
                Some(Operand::Text(text)) => text.to_lowercase().starts_with(&prefix.to_lowercase()),
                Some(Operand::Flag(_) | Operand::At(_)) | None => false,
            },
            Condition::Extended { id, value } => item.extended(id) == Some(value.as_str()),
        })
    }
}

/// The value of an extended property of an instance; an exception has its own
/// and those of the series.
pub(crate) fn extended_value<'a>(instance: &Instance<'a>, id: &str) -> Option<&'a str> {
    let own = match instance.kind {
        Kind::Exception(_, changed) => changed.extended.get(id),
        Kind::Single | Kind::Master | Kind::Occurrence(_) => None,
    };
    own.or_else(|| instance.event.extended.get(id)).map(String::as_str)
}

/// Splits at ` and ` outside of quotes and parentheses.
fn conjunction(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut depth, mut quoted) = (0_usize, false);
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let is_and = rest.get(..5).is_some_and(|word| word.eq_ignore_ascii_case(" and "));
        if !quoted && depth == 0 && is_and {
            parts.push(String::new());
            rest = rest.get(5..).unwrap_or_default();
            continue;
        }
        match character {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(character);
        }
        rest = rest.get(character.len_utf8()..).unwrap_or_default();
    }
    parts
}

/// Events, as far as they can be compared here.
pub(crate) const EVENTS: Vocabulary = Vocabulary {
    paths: &[
        "start/datetime",
        "end/datetime",
        "icaluid",
        "subject",
        "createddatetime",
        "lastmodifieddatetime",
        "isallday",
        "iscancelled",
        "isorganizer",
        "type",
        "seriesmasterid",
        "transactionid",
    ],
    has_extended: true,
    refuse: refused,
};

fn refused(text: &str) -> Refusal {
    let shape: String = text.split('\'').step_by(2).collect::<Vec<_>>().join("'…'");
    Refusal::not_emulated(&format!("The filter `{shape}` on events"))
}

fn condition(text: &str, vocabulary: &Vocabulary) -> Result<Condition, Refusal> {
    let text = text.trim();
    let (refused, known_path) = (vocabulary.refuse, |path: &str| vocabulary.known(path));
    let lower = text.to_ascii_lowercase();
    if vocabulary.has_extended && lower.starts_with("singlevalueextendedproperties/any(") {
        return extended_condition(text);
    }
    if let Some(inner) = lower.starts_with("startswith(").then(|| text.get(11..)).flatten() {
        let parts = inner.strip_suffix(')').and_then(|inner| inner.split_once(','));
        let (path, prefix) = parts.ok_or_else(|| refused(text))?;
        let Some(Operand::Text(prefix)) = literal("subject", prefix.trim()) else {
            return Err(refused(text));
        };
        return Ok(Condition::StartsWith { path: known_path(path).ok_or_else(|| refused(text))?, prefix });
    }
    let mut words = text.splitn(3, ' ');
    let (path, operator, value) = (words.next(), words.next(), words.next());
    let operator = operator.and_then(Operator::read).ok_or_else(|| refused(text))?;
    let path = path.and_then(known_path).ok_or_else(|| refused(text))?;
    let literal = value.and_then(|value| literal(&path, value.trim())).ok_or_else(|| refused(text))?;
    Ok(Condition::Compare { path, operator, literal })
}

/// `singleValueExtendedProperties/any(ep: ep/id eq '…' and ep/value eq '…')`.
fn extended_condition(text: &str) -> Result<Condition, Refusal> {
    let inner = text.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    let (variable, body) = inner.and_then(|inner| inner.split_once(':')).ok_or_else(|| refused(text))?;
    let (mut id, mut value) = (None, None);
    for part in conjunction(body) {
        let (left, right) = part.trim().split_once(" eq ").ok_or_else(|| refused(text))?;
        let Some(Operand::Text(right)) = literal("subject", right.trim()) else {
            return Err(refused(text));
        };
        match left.trim().strip_prefix(variable.trim()) {
            Some("/id") => id = extended_id(&right),
            Some("/value") => value = Some(right),
            Some(_) | None => return Err(refused(text)),
        }
    }
    match (id, value) {
        (Some(id), Some(value)) => Ok(Condition::Extended { id, value }),
        (_, _) => Err(Refusal::new(400, "ErrorInvalidProperty", "The extended property in the filter is not valid.")),
    }
}

impl Vocabulary {
    /// A path that can be compared, in lower case.
    fn known(&self, path: &str) -> Option<String> {
        let path = path.trim().to_ascii_lowercase();
        self.paths.contains(&path.as_str()).then_some(path)
    }
}

fn literal(path: &str, text: &str) -> Option<Operand> {
    let quoted = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    let plain = quoted.map(|text| text.replace("''", "'"));
    if path.ends_with("datetime") {
        let text = plain.as_deref().unwrap_or(text);
        let at = DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()).ok();
        // Without an offset a time is meant in UTC.
        return at.or_else(|| Some(wall_clock(text)?.and_utc())).map(Operand::At);
    }
    match (plain, text) {
        (Some(plain), _) => Some(Operand::Text(plain)),
        (None, "true") => Some(Operand::Flag(true)),
        (None, "false") => Some(Operand::Flag(false)),
        (None, _) => None,
    }
}

impl Comparable for Instance<'_> {
    fn operand(&self, path: &str) -> Option<Operand> {
        event_operand(self, path)
    }

    fn extended(&self, id: &str) -> Option<&str> {
        extended_value(self, id)
    }
}

fn event_operand(instance: &Instance<'_>, path: &str) -> Option<Operand> {
    let event = instance.event;
    let text = |text: &str| Operand::Text(text.to_owned());
    match path {
        "start/datetime" => Some(Operand::At(instants(&instance.span).start)),
        "end/datetime" => Some(Operand::At(instants(&instance.span).end)),
        "createddatetime" => Some(Operand::At(event.created)),
        "lastmodifieddatetime" => Some(Operand::At(event.modified)),
        "isallday" => Some(Operand::Flag(instance.span.all_day)),
        "iscancelled" => Some(Operand::Flag(instance.is_cancelled())),
        "isorganizer" => Some(Operand::Flag(event.is_organizer)),
        "transactionid" => event.transaction.as_ref().map(|transaction| text(&transaction.id)),
        _ => {
            // The rest is compared as it is answered.
            let written = output::full(instance, &output::View::plain());
            let found = written.iter().find(|(name, _)| name.eq_ignore_ascii_case(path));
            found.and_then(|(_, value)| value.as_str()).map(text)
        }
    }
}

/// The one comparison of `path` with a text that a filter consists of.
pub(crate) fn compared(filter: &str, path: &str) -> Option<(Operator, String)> {
    let mut words = filter.trim().splitn(3, ' ');
    words.next().filter(|name| *name == path)?;
    let operator = Operator::read(words.next()?)?;
    let quoted = words.next()?.trim().strip_prefix('\'')?.strip_suffix('\'')?;
    // Another quote ends the text, and something follows.
    let is_all = !quoted.replace("''", "").contains('\'');
    is_all.then(|| (operator, quoted.replace("''", "'")))
}

/// Sorts by `$orderby`; answers the path that it names.
pub(crate) fn sort<T: Comparable>(
    items: &mut [T],
    order: Option<&str>,
    vocabulary: &Vocabulary,
    what: &str,
) -> Result<Option<String>, Refusal> {
    let Some(order) = order else { return Ok(None) };
    let (path, direction) = order.trim().split_once(' ').unwrap_or((order.trim(), "asc"));
    let path = vocabulary.known(path).ok_or_else(|| Refusal::not_emulated(&format!("$orderby={path} on {what}")))?;
    let is_descending = direction.trim().eq_ignore_ascii_case("desc");
    items.sort_by(|a, b| {
        let ordering = a.operand(&path).partial_cmp(&b.operand(&path)).unwrap_or(Ordering::Equal);
        if is_descending { ordering.reverse() } else { ordering }
    });
    Ok(Some(path))
}

/// What `$select` leaves of an item: the id and the annotations always stay.
pub(crate) fn selected(map: Map<String, Value>, select: Option<&str>) -> Map<String, Value> {
    let Some(select) = select.filter(|select| !select.trim().is_empty()) else {
        return map;
    };
    let names: Vec<String> = select.split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
    let keeps = |name: &str| name == "id" || name.starts_with('@') || names.contains(&name.to_ascii_lowercase());
    map.into_iter().filter(|(name, _)| keeps(name)).collect()
}

/// The ids in the filter of
/// `$expand=singleValueExtendedProperties($filter=id eq '…')`.
pub(crate) fn quoted_extended_ids(filter: &str) -> Result<Vec<String>, Refusal> {
    let quoted: Vec<String> = filter.split('\'').skip(1).step_by(2).filter_map(extended_id).collect();
    if quoted.is_empty() {
        return Err(Refusal::invalid_parameter("Extended properties are expanded with a $filter on their id."));
    }
    Ok(quoted)
}

/// An extended property as it is answered.
pub(crate) fn extended_entries(instance: &Instance<'_>, wanted: &[String]) -> Vec<Value> {
    let present = wanted.iter().filter_map(|id| extended_value(instance, id).map(|value| (id, value)));
    present.map(|(id, value)| serde_json::json!({ "id": id, "value": value })).collect()
}

//! `$filter` and `$orderby` of anything that can be compared; `$select` of what
//! has no rules of its own. What of events is compared is in `event_filter`;
//! they are selected by `projection`, messages by `mail::projection`.
//!
//! A filter consists of comparisons and of functions on texts, combined as
//! `expression` has it. Anything beyond that is refused rather than answered
//! wrongly.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::expression::{Tree, invalid_clause, split_at_word};
use super::options::cast;
use crate::graph::dates;
use crate::graph::extended;
use crate::graph::names::folded;
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
    /// Whether texts compare as names do; the operands are folded then.
    pub folds_texts: bool,
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
    /// A function on a text.
    Text {
        path: String,
        function: TextFunction,
        /// In lower case.
        part: String,
    },
    /// An extended property with this id and value.
    Extended {
        id: String,
        value: String,
    },
}

/// Where a text has to contain another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TextFunction {
    StartsWith,
    EndsWith,
    Contains,
}

impl TextFunction {
    fn read(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "startswith" => Some(Self::StartsWith),
            "endswith" => Some(Self::EndsWith),
            "contains" => Some(Self::Contains),
            _ => None,
        }
    }

    fn holds(self, text: &str, part: &str) -> bool {
        match self {
            Self::StartsWith => text.starts_with(part),
            Self::EndsWith => text.ends_with(part),
            Self::Contains => text.contains(part),
        }
    }
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
    /// Absent where everything fits.
    tree: Option<Tree<Condition>>,
}

impl Filter {
    /// Reads a filter.
    pub fn parse(text: Option<&str>, vocabulary: &Vocabulary) -> Result<Self, Refusal> {
        let Some(text) = text else {
            return Ok(Self::default());
        };
        let tree = Tree::parse(text, &|part: &str| condition(part, vocabulary))?;
        Ok(Self { tree: Some(tree) })
    }

    /// The path that is compared first.
    pub fn first_path(&self) -> Option<&str> {
        self.tree.as_ref().and_then(Tree::first).and_then(|condition| match condition {
            Condition::Compare { path, .. } | Condition::Text { path, .. } => Some(path.as_str()),
            Condition::Extended { .. } => None,
        })
    }

    /// The texts that a path is compared with.
    pub fn texts(&self, path: &str) -> Vec<&str> {
        let leaves = self.tree.as_ref().map(Tree::leaves).unwrap_or_default();
        leaves
            .into_iter()
            .filter_map(|condition| match condition {
                Condition::Compare { path: compared, literal: Operand::Text(text), .. } if compared == path => {
                    Some(text.as_str())
                }
                Condition::Compare { .. } | Condition::Text { .. } | Condition::Extended { .. } => None,
            })
            .collect()
    }

    /// Whether it consists of comparisons with what an index is sorted by: no
    /// negation, and no end of a text (concepts/aad-advanced-queries).
    pub fn is_plain(&self) -> bool {
        let is_plain = |condition: &Condition| match condition {
            Condition::Compare { operator, .. } => *operator != Operator::Ne,
            Condition::Text { function, .. } => *function != TextFunction::EndsWith,
            Condition::Extended { .. } => true,
        };
        self.tree.as_ref().is_none_or(|tree| !tree.negates() && tree.leaves().into_iter().all(is_plain))
    }

    /// Whether it looks for a text within another one.
    pub fn looks_inside(&self) -> bool {
        let leaves = self.tree.as_ref().map(Tree::leaves).unwrap_or_default();
        leaves
            .into_iter()
            .any(|condition| matches!(condition, Condition::Text { function: TextFunction::Contains, .. }))
    }

    /// Whether an item fits.
    pub fn accepts(&self, item: &impl Comparable) -> bool {
        self.tree.as_ref().is_none_or(|tree| tree.holds(&|condition| condition.holds(item)))
    }
}

impl Condition {
    fn holds(&self, item: &impl Comparable) -> bool {
        match self {
            Self::Compare { path, operator, literal } => {
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
            Self::Text { path, function, part } => match item.operand(path) {
                Some(Operand::Text(text)) => function.holds(&folded(&text), part),
                Some(Operand::Flag(_) | Operand::At(_)) | None => false,
            },
            Self::Extended { id, value } => item.extended(id) == Some(value.as_str()),
        }
    }
}

fn condition(text: &str, vocabulary: &Vocabulary) -> Result<Condition, Refusal> {
    let text = text.trim();
    let (refused, known_path) = (vocabulary.refuse, |path: &str| vocabulary.known(path));
    let lower = text.to_ascii_lowercase();
    if vocabulary.has_extended && lower.starts_with("singlevalueextendedproperties/any(") {
        return extended_condition(text, refused);
    }
    let call = text.strip_suffix(')').and_then(|text| text.split_once('('));
    if let Some((function, arguments)) = call.and_then(|(name, rest)| Some((TextFunction::read(name)?, rest))) {
        let (path, part) = arguments.split_once(',').ok_or_else(invalid_clause)?;
        let path = known_path(path).filter(|path| !is_flag(path) && !is_time(path)).ok_or_else(|| refused(text))?;
        let Some(Operand::Text(part)) = literal(part.trim()) else {
            return Err(refused(text));
        };
        return Ok(Condition::Text { path, function, part: folded(&part) });
    }
    let mut words = text.splitn(3, ' ');
    let (path, operator, value) = (words.next(), words.next(), words.next());
    let (Some(path), Some(operator), Some(value)) = (path, operator, value) else {
        return Err(if text.contains('(') { refused(text) } else { invalid_clause() });
    };
    let path = known_path(path).ok_or_else(|| refused(text))?;
    let operator = Operator::read(operator).ok_or_else(|| refused(text))?;
    let literal = literal(value.trim()).ok_or_else(|| refused(text))?;
    let literal = typed(&path, literal).ok_or_else(incompatible)?;
    let literal = match literal {
        Operand::Text(text) if vocabulary.folds_texts => Operand::Text(folded(&text)),
        other => other,
    };
    Ok(Condition::Compare { path, operator, literal })
}

/// The refusal of a comparison with a value of another type.
fn incompatible() -> Refusal {
    Refusal::new(400, "BadRequest", "A binary operator with incompatible types was detected.")
}

/// `singleValueExtendedProperties/any(ep: ep/id eq '…' and ep/value eq '…')`.
fn extended_condition(text: &str, refused: fn(&str) -> Refusal) -> Result<Condition, Refusal> {
    let inner = text.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    let (variable, body) = inner.and_then(|inner| inner.split_once(':')).ok_or_else(|| refused(text))?;
    let (mut id, mut value) = (None, None);
    for part in split_at_word(body, " and ") {
        let (left, right) = part.trim().split_once(" eq ").ok_or_else(|| refused(text))?;
        let Some(Operand::Text(right)) = literal(right.trim()) else {
            return Err(refused(text));
        };
        match left.trim().strip_prefix(variable.trim()) {
            Some("/id") => id = extended::id(&right),
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

/// A value as it is written: quoted text, a truth value, or a point in time.
fn literal(text: &str) -> Option<Operand> {
    let quoted = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    match (quoted.map(|text| text.replace("''", "'")), text) {
        (Some(plain), _) => Some(Operand::Text(plain)),
        (None, "true") => Some(Operand::Flag(true)),
        (None, "false") => Some(Operand::Flag(false)),
        (None, _) => instant(text).map(Operand::At),
    }
}

/// A point in time; without an offset it is meant in UTC.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    dates::instant(text).or_else(|| Some(dates::wall_clock(text)?.and_utc()))
}

/// The value in the type of a path, if it can be compared with it. The parts
/// of a `dateTimeTimeZone` are texts, whatever they mean.
fn typed(path: &str, literal: Operand) -> Option<Operand> {
    match literal {
        Operand::Text(text) if path.ends_with("/datetime") => instant(&text).map(Operand::At),
        Operand::At(_) => Some(literal).filter(|_| is_time(path)),
        Operand::Flag(_) => Some(literal).filter(|_| is_flag(path)),
        Operand::Text(_) => Some(literal).filter(|_| !is_time(path) && !is_flag(path)),
    }
}

fn is_time(path: &str) -> bool {
    path.ends_with("datetime")
}

fn is_flag(path: &str) -> bool {
    path.starts_with("is") || path.starts_with("has")
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

/// The property that an entry of `$select` leads to, in lower case. The type in front
/// of it says which items have it, and what is behind it is within the property.
pub(crate) fn selected_name(entry: &str) -> String {
    let entry = entry.trim();
    let path = cast(entry).map_or(entry, |(_, path)| path);
    path.split('/').next().unwrap_or_default().to_ascii_lowercase()
}

/// What `$select` leaves of an item: the id and the annotations always stay.
pub(crate) fn selected(map: Map<String, Value>, select: Option<&str>) -> Map<String, Value> {
    let Some(select) = select.filter(|select| !select.trim().is_empty()) else {
        return map;
    };
    let names: Vec<String> = select.split(',').map(selected_name).collect();
    if names.iter().any(|name| name == "*") {
        return map;
    }
    let keeps = |name: &str| name == "id" || name.starts_with('@') || names.contains(&name.to_ascii_lowercase());
    map.into_iter().filter(|(name, _)| keeps(name)).collect()
}

//! What a request asks of each item: `$select` and `$expand`, as answers have
//! to keep to them (`OData` URL Conventions 4.01, sections 5.1.3 and 5.1.4).

use std::collections::BTreeMap;

use super::deviations::CONTENT;
use super::schema::{Property, Schema, TypeNo};
use crate::graph::api::projection::split;

/// What is asked of an item.
#[derive(Clone, Debug, Default)]
pub(crate) struct Projection {
    /// Properties in lower case; `None` for all.
    select: Option<Vec<String>>,
    /// Relations in lower case, each with what is asked of its items.
    expand: BTreeMap<String, Projection>,
    /// Properties and relations that are not there, whatever is selected or expanded.
    lacks: Vec<String>,
    /// Those of the relations that may be there, and need not.
    along: Vec<String>,
    /// Whether only what is never null has to be there.
    is_partial: bool,
}

/// All properties and no relation.
pub(crate) static WHOLE: Projection =
    Projection { select: None, expand: BTreeMap::new(), lacks: Vec::new(), along: Vec::new(), is_partial: false };

impl Projection {
    /// Reads the values of the two options.
    pub fn read(select: Option<&str>, expand: Option<&str>) -> Self {
        let names = |select: &str| -> Option<Vec<String>> {
            let names: Vec<String> = split(select, ',').into_iter().map(|name| last_name(name).to_owned()).collect();
            (!names.is_empty() && !names.iter().any(|name| name == "*")).then_some(names)
        };
        let select = select.and_then(|select| names(&select.to_ascii_lowercase()));
        let entries = split(expand.unwrap_or_default(), ',');
        let expand = entries.into_iter().map(|entry| {
            let (path, options) = expansion(entry);
            let inner = Self::read(option(options, "$select"), option(options, "$expand"));
            (last_name(&path.to_ascii_lowercase()).to_owned(), inner)
        });
        Self { select, expand: expand.collect(), ..Self::default() }
    }

    /// The same, of an item of this type, without what is hidden of it and of what is
    /// expanded of it: of items of these types the outside alone is seen.
    pub fn without_inside(&self, schema: &Schema, number: TypeNo, hidden: &[&str]) -> Self {
        let is_hidden = schema.line(number).any(|name| hidden.contains(&name));
        let expand = self.expand.iter().map(|(name, inner)| {
            let to = schema.related(number, name);
            (name.clone(), to.map_or_else(|| inner.clone(), |to| inner.without_inside(schema, to, hidden)))
        });
        Self { expand: expand.collect(), ..self.without(if is_hidden { &CONTENT } else { &[] }) }
    }

    /// The same without some properties and relations.
    pub fn without(&self, names: &[&str]) -> Self {
        let lacks = self.lacks.iter().map(String::as_str).chain(names.iter().copied());
        Self { lacks: lacks.map(str::to_owned).collect(), ..self.clone() }
    }

    /// The same of something that may have a few of its properties.
    pub fn in_part(&self) -> Self {
        Self { is_partial: true, ..self.clone() }
    }

    /// Whether only what is never null has to be there.
    pub fn is_in_part(&self) -> bool {
        self.is_partial
    }

    /// Not a single property.
    pub fn of_nothing() -> Self {
        Self::of_these(&[])
    }

    /// Just these properties, and no relation.
    pub fn of_these(names: &[&str]) -> Self {
        Self { select: Some(names.iter().map(|name| name.to_ascii_lowercase()).collect()), ..Self::default() }
    }

    /// The same, and perhaps a relation as a whole.
    pub fn and(mut self, relation: &str) -> Self {
        self.along.push(relation.to_ascii_lowercase());
        self.expand.insert(relation.to_ascii_lowercase(), Self::default());
        self
    }

    /// Whether an answer has to have a property.
    pub fn requires(&self, property: &Property) -> bool {
        self.selects(property) && !(self.is_partial && property.kind.is_nullable)
    }

    /// Whether an answer has to have what is behind a relation.
    pub fn requires_relation(&self, name: &str) -> bool {
        self.expanded(name).is_some() && !self.along.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// Whether a property is asked for.
    pub fn selects(&self, property: &Property) -> bool {
        let is_among = |names: &[String]| names.iter().any(|known| known.eq_ignore_ascii_case(&property.name));
        let is_selected = match &self.select {
            Some(names) => is_among(names),
            None => !property.presence.is_on_request(),
        };
        is_selected && !is_among(&self.lacks)
    }

    /// What is asked of the items behind a relation; none if it is not.
    pub fn expanded(&self, name: &str) -> Option<&Self> {
        if self.expand.is_empty() || self.lacks.iter().any(|lacking| lacking.eq_ignore_ascii_case(name)) {
            return None;
        }
        self.expand.get(&name.to_ascii_lowercase())
    }
}

/// The property in `microsoft.graph.eventMessage/startDateTime`, or the first
/// one of a path into it.
fn last_name(path: &str) -> &str {
    let mut names = path.split('/').filter(|name| !name.starts_with("microsoft.graph."));
    names.next().unwrap_or_default().trim()
}

/// Path and options of an entry of `$expand`.
pub(super) fn expansion(entry: &str) -> (&str, &str) {
    match entry.split_once('(') {
        Some((path, options)) => (path.trim(), options.strip_suffix(')').unwrap_or(options)),
        None => (entry.trim(), ""),
    }
}

/// The value of an option within the parentheses of `$expand`.
pub(super) fn option<'a>(options: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = split(options, ';').into_iter().filter_map(|text| text.split_once('='));
    pairs.find(|(known, _)| known.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

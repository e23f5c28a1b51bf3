//! Are the options of a query ones that there are, and are the properties in
//! them those of the type (`OData` URL Conventions 4.01, section 5)?
//!
//! Which options a collection supports is for the service to say, and it says
//! it by refusing; here is only what no collection could take.

use super::projection::{expansion, option};
use super::schema::{Schema, Shape, Structure, TypeNo};
use super::violation::{Findings, Place, What};
use crate::graph::api::projection::split;
use crate::graph::call::Query;

/// Options that `OData` has, in lower case.
const SYSTEM: [&str; 11] = [
    "$select",
    "$expand",
    "$filter",
    "$orderby",
    "$top",
    "$skip",
    "$count",
    "$search",
    "$format",
    "$skiptoken",
    "$deltatoken",
];

/// Options that operations of Graph have besides, in lower case
/// (api/user-list-calendarview, api/event-list-instances, api/event-delta,
/// api/message-delta, api/user-list-mailfolders).
const OTHER: [&str; 4] = ["startdatetime", "enddatetime", "changetype", "includehiddenfolders"];

/// Words of a filter that are not names of properties.
const FILTER_WORDS: [&str; 16] =
    ["and", "or", "not", "eq", "ne", "gt", "ge", "lt", "le", "in", "has", "true", "false", "null", "asc", "desc"];

/// Looks at the options of a request about items of a type, if it is about any.
/// Options that are not `OData`'s own are judged only if `is_strict`: services
/// pass over those that they do not know.
pub(super) fn examine(schema: &Schema, query: &Query, items: Option<TypeNo>, is_strict: bool, findings: &mut Findings) {
    let place = Place::ROOT.property("query");
    for (name, value) in query.pairs() {
        let is_known = SYSTEM.contains(&name) || OTHER.contains(&name);
        if !is_known && (is_strict || name.starts_with('$')) {
            findings.add(What::WrongOption, &place, "an option that there is", format!("`{name}`"));
        }
        let place = place.property(name);
        match (name, items) {
            ("$top" | "$skip", _) if value.parse::<u32>().is_err() => {
                findings.add(What::WrongOption, &place, "a number", "another text");
            }
            ("$count", _) if !matches!(value, "true" | "false") => {
                findings.add(What::WrongOption, &place, "`true` or `false`", "another text");
            }
            (_, Some(items)) => Options { schema, findings }.option(name, value, items, &place),
            (_, None) => {}
        }
    }
}

struct Options<'a> {
    schema: &'a Schema,
    findings: &'a mut Findings,
}

impl Options<'_> {
    fn option(&mut self, name: &str, value: &str, items: TypeNo, place: &Place<'_>) {
        match name {
            "$select" => {
                for path in split(value, ',').into_iter().filter(|path| *path != "*") {
                    self.path(path, items, false, place);
                }
            }
            "$orderby" => {
                for entry in split(value, ',') {
                    self.path(entry.split_whitespace().next().unwrap_or_default(), items, false, place);
                }
            }
            "$filter" => {
                for path in filtered(value) {
                    self.path(path, items, false, place);
                }
            }
            "$expand" => {
                for entry in split(value, ',') {
                    self.expansion(entry, items, place);
                }
            }
            _ => {}
        }
    }

    fn expansion(&mut self, entry: &str, items: TypeNo, place: &Place<'_>) {
        let (path, options) = expansion(entry);
        let Some(inner) = self.path(path, items, true, place) else { return };
        for (name, _) in split(options, ';').into_iter().filter_map(|text| text.split_once('=')) {
            let name = name.trim().to_ascii_lowercase();
            match option(options, &name) {
                Some(value) if SYSTEM.contains(&name.as_str()) => {
                    self.option(&name, value, inner, &place.property(&name));
                }
                _ => self.findings.add(What::WrongOption, place, "an option that there is", format!("`{name}`")),
            }
        }
    }

    /// Looks at a path of properties, casts included, and hands back the type
    /// that it leads to, if that has properties.
    fn path(&mut self, path: &str, items: TypeNo, is_relation: bool, place: &Place<'_>) -> Option<TypeNo> {
        let mut at = items;
        let names: Vec<&str> = path.split('/').map(str::trim).collect();
        for name in names {
            let lower = name.to_ascii_lowercase();
            if let Some(cast) = lower.strip_prefix("microsoft.graph.") {
                at = self.or_wrong(self.schema.cast(at, cast), "a type that extends it", name, place)?;
                continue;
            }
            let structure = self.schema.structure(at)?;
            let property = structure.property_of_path(&lower).filter(|found| !is_relation || found.is_relation);
            let expected = property_of(structure, is_relation);
            let property = self.or_wrong(property, &expected, name, place)?;
            match property.kind.shape {
                Shape::Structure(to) => at = to,
                Shape::Primitive(_) | Shape::Enumeration(_) | Shape::Unlisted => return None,
            }
        }
        Some(at)
    }

    fn or_wrong<T>(&mut self, found: Option<T>, expected: &str, name: &str, place: &Place<'_>) -> Option<T> {
        if found.is_none() {
            self.findings.add(What::WrongOption, place, expected, format!("`{name}`"));
        }
        found
    }
}

fn property_of(structure: &Structure, is_relation: bool) -> String {
    let kind = if is_relation { "relation" } else { "property" };
    format!("a {kind} of {}", structure.name)
}

/// The paths of properties in a filter. What a lambda says of its items begins
/// with its variable, and is passed over.
fn filtered(filter: &str) -> Vec<&str> {
    let declared = filter.split(['(', ' ', ',']).filter_map(|word| word.split_once(':'));
    let variables: Vec<&str> = declared.map(|(name, _)| name).filter(|name| starts_as_name(name)).collect();
    let is_part = |character: char| character.is_ascii_alphanumeric() || "_./-:".contains(character);
    let (mut paths, mut rest) = (Vec::new(), filter);
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            // A quote within a text is written twice, so that it is another text.
            let text = rest.get(1..).unwrap_or_default();
            rest = text.split_once('\'').map_or("", |(_, after)| after);
            continue;
        }
        if !is_part(first) {
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            continue;
        }
        let end = rest.find(|character: char| !is_part(character)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        // The colon behind a variable may have no space behind it.
        let word = word.split_once(':').filter(|(name, _)| variables.contains(name)).map_or(word, |(_, body)| body);
        let is_call = after.starts_with('(');
        let path = if is_call { word.rsplit_once('/').map_or("", |(path, _)| path) } else { word };
        let head = path.split('/').next().unwrap_or_default();
        if starts_as_name(head) && !FILTER_WORDS.contains(&path) && !variables.contains(&head) {
            paths.push(path);
        }
    }
    paths
}

fn starts_as_name(text: &str) -> bool {
    text.starts_with(|character: char| character.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::filtered;

    #[test]
    fn names_are_found_in_filters() {
        let cases = [
            ("subject eq 'and isn''t start'", vec!["subject"]),
            ("start/dateTime ge '2026-03-01T00:00:00' and not (isAllDay eq true)", vec!["start/dateTime", "isAllDay"]),
            (
                "startswith(subject,'a') or lastModifiedDateTime lt 2026-03-01T00:00:00Z",
                vec!["subject", "lastModifiedDateTime"],
            ),
            ("categories/any(c:c eq 'x')", vec!["categories"]),
            (
                "singleValueExtendedProperties/any(ep: ep/id eq 'a' and ep/value eq 'b')",
                vec!["singleValueExtendedProperties"],
            ),
            ("microsoft.graph.eventMessage/type eq 'occurrence'", vec!["microsoft.graph.eventMessage/type"]),
        ];
        for (filter, expected) in cases {
            assert_eq!(filtered(filter), expected, "{filter}");
        }
    }
}

//! Are the options of a query ones that there are, and are the properties in
//! them those of the type (`OData` URL Conventions 4.01, section 5)?
//!
//! Which options a collection supports is for the service to say, and it says
//! it by refusing; here is only what no collection could take.

use super::primitive::is_moment;
use super::projection::{expansion, option};
use super::route::Target;
use super::schema::{Schema, Shape, Structure, TypeNo};
use super::violation::{Findings, Place, What};
use crate::graph::api::projection::split;
use crate::graph::call::Call;

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

/// What an option of an operation holds.
#[derive(Clone, Copy)]
enum Holds {
    Moment,
    Change,
    Truth,
}

/// Options that operations of Graph have besides, in lower case: the name, the
/// collections or functions that have it, what it holds
/// (api/user-list-calendarview, api/event-list-instances, api/event-delta,
/// api/message-delta, api/user-list-mailfolders, api/mailfolder-delta).
const OTHER: [(&str, &[&str], Holds); 4] = [
    ("startdatetime", &["calendarview", "instances", "calendarview/delta", "events/delta"], Holds::Moment),
    ("enddatetime", &["calendarview", "instances", "calendarview/delta"], Holds::Moment),
    ("changetype", &["messages/delta"], Holds::Change),
    ("includehiddenfolders", &["mailfolders", "childfolders", "mailfolders/delta", "childfolders/delta"], Holds::Truth),
];

impl Holds {
    fn accepts(self, value: &str) -> bool {
        match self {
            Self::Moment => is_moment(value),
            Self::Change => matches!(value, "created" | "updated" | "deleted"),
            Self::Truth => matches!(value, "true" | "false"),
        }
    }
}

/// Options that choose among the items of a collection.
const OF_COLLECTION: [&str; 8] =
    ["$filter", "$orderby", "$top", "$skip", "$count", "$search", "$skiptoken", "$deltatoken"];

/// Words of a filter that are not names of properties.
const FILTER_WORDS: [&str; 16] =
    ["and", "or", "not", "eq", "ne", "gt", "ge", "lt", "le", "in", "has", "true", "false", "null", "asc", "desc"];

/// Looks at the options of a request about items of a type, if it is about any.
/// What services pass over is judged only if `is_strict`: options that they do
/// not know, or that mean nothing there, as none of `OData` does in a write.
pub(super) fn examine(
    schema: &Schema,
    call: &Call,
    target: Target<'_>,
    items: Option<TypeNo>,
    is_strict: bool,
    findings: &mut Findings,
) {
    if !is_strict && call.method != "GET" {
        return;
    }
    let place = Place::ROOT.property("query");
    for (name, value) in call.query.pairs() {
        let is_system = SYSTEM.contains(&name);
        let is_known = if is_strict { has_meaning(call, target, name) } else { is_system || !name.starts_with('$') };
        if !is_known {
            findings.add(What::WrongOption, &place, "an option that there is", format!("`{name}`"));
        }
        let place = place.property(name);
        if is_strict && is_known && !is_readable(name, value) {
            findings.add(What::WrongOption, &place, "a value of the option", "another text");
            continue;
        }
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

/// Whether Graph has an option of this name somewhere.
pub(super) fn is_known(name: &str) -> bool {
    SYSTEM.contains(&name) || OTHER.iter().any(|(known, ..)| *known == name)
}

/// Whether an option means something to an operation.
fn has_meaning(call: &Call, target: Target<'_>, name: &str) -> bool {
    if call.method != "GET" {
        return false;
    }
    if let Some((_, places, _)) = OTHER.iter().find(|(known, ..)| *known == name) {
        let words = call.words();
        let (last, before) = (words.last().copied(), words.len().checked_sub(2).and_then(|at| words.get(at)));
        return places.iter().any(|place| match place.split_once('/') {
            Some((collection, function)) => last == Some(function) && before == Some(&collection),
            None => last == Some(*place),
        });
    }
    let is_of_many = match target {
        Target::Collection(..) | Target::Count(_) => true,
        Target::Operation(operation) => operation.returns.is_some_and(|kind| kind.is_collection),
        Target::Value(kind, _) => kind.is_collection,
        Target::Service | Target::Metadata | Target::Batch | Target::Entity(..) | Target::Raw { .. } => false,
    };
    SYSTEM.contains(&name) && (is_of_many || !OF_COLLECTION.contains(&name))
}

/// Whether an option says something that can be read, as far as that does not
/// depend on a type: lists without gaps, and what operations have.
fn is_readable(name: &str, value: &str) -> bool {
    match name {
        "$select" | "$expand" | "$orderby" => value.split(',').all(|entry| !entry.trim().is_empty()),
        "$filter" | "$search" | "$skiptoken" => !value.trim().is_empty(),
        _ => OTHER.iter().find(|(known, ..)| *known == name).is_none_or(|(_, _, holds)| holds.accepts(value)),
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
                    self.order(entry, items, place);
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

    /// Looks at a path to order by, and at the direction behind it.
    fn order(&mut self, entry: &str, items: TypeNo, place: &Place<'_>) {
        let mut words = entry.split_whitespace();
        self.path(words.next().unwrap_or_default(), items, false, place);
        let is_direction = |word: &str| word.eq_ignore_ascii_case("asc") || word.eq_ignore_ascii_case("desc");
        if words.next().is_some_and(|word| !is_direction(word)) || words.next().is_some() {
            self.findings.add(What::WrongOption, place, "`asc` or `desc` behind a path", "another text");
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
        let mut names = path.split('/').map(str::trim);
        while let Some(name) = names.next() {
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
                Shape::Unlisted => return None,
                Shape::Primitive(_) | Shape::Enumeration(_) => {
                    let behind = names.next();
                    self.or_wrong(
                        behind.is_none().then_some(()),
                        "nothing behind a value",
                        behind.unwrap_or(""),
                        place,
                    );
                    return None;
                }
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

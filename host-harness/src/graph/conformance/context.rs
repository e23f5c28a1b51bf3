//! Writes `@odata.context` for the handlers: the path that leads to an answer in
//! the metadata, and what of it was selected and expanded (`OData` Protocol 4.01,
//! section 10). Whether it is right is for `location` to say, which reads for
//! itself.

use super::projection::{expansion, option};
use super::route::{Route, Target};
use super::schema::{Schema, TypeNo};
use crate::graph::api::projection::split;
use crate::graph::call::Call;

/// The text behind `$metadata#` for what `call` leads to, in the mailbox of
/// `owner`. `None` for what operations answer, which no path names.
pub(super) fn of(schema: &Schema, call: &Call, route: &Route<'_>, owner: &str) -> Option<String> {
    let path = path(call, route, owner)?;
    let select = |number: TypeNo| selected(schema, number, call.query.get("$select"), call.query.get("$expand"));
    match route.target {
        Target::Collection(number, _) if call.method == "GET" => Some(format!("{path}{}", select(number))),
        Target::Collection(number, _) | Target::Entity(number, _) => Some(format!("{path}{}/$entity", select(number))),
        Target::Value(..) => Some(path),
        Target::Service
        | Target::Metadata
        | Target::Batch
        | Target::Raw { .. }
        | Target::Count(_)
        | Target::Operation(_) => None,
    }
}

/// The segments by their names in the metadata, with the keys between them. The
/// key of what is answered itself is left out.
fn path(call: &Call, route: &Route<'_>, owner: &str) -> Option<String> {
    let escaped = |at: usize| -> String { url::form_urlencoded::byte_serialize(call.raw(at).as_bytes()).collect() };
    let root = call.words().get(1).copied()?;
    let length = call.segments.len();
    let (mut path, first) = match root {
        "me" if length == 2 => return Some("users".to_owned()),
        "me" => (format!("users('{owner}')"), 2),
        "users" if length > 3 => (format!("users('{owner}')"), 3),
        root => (root.to_owned(), 2),
    };
    for at in first..length {
        if !route.is_key(at) {
            path.push('/');
            path.push_str(&route.name(at)?);
        } else if (at + 1..length).any(|later| route.is_step(later)) {
            path.extend(["('", &escaped(at), "')"]);
        }
    }
    Some(path)
}

/// What of the items is there, in parentheses; nothing for all of it.
fn selected(schema: &Schema, number: TypeNo, select: Option<&str>, expand: Option<&str>) -> String {
    let selected = split(select.unwrap_or_default(), ',').into_iter().map(|path| spelled(schema, number, path).0);
    let expanded = split(expand.unwrap_or_default(), ',').into_iter().map(|entry| {
        let (path, options) = expansion(entry);
        let (name, leads_to) = spelled(schema, number, path);
        let inner = leads_to.map(|number| selected_inside(schema, number, options)).unwrap_or_default();
        format!("{name}({inner})")
    });
    let mut names: Vec<String> = Vec::new();
    for name in selected.chain(expanded) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() { String::new() } else { format!("({})", names.join(",")) }
}

/// The same of what is expanded, without its parentheses.
fn selected_inside(schema: &Schema, number: TypeNo, options: &str) -> String {
    let list = selected(schema, number, option(options, "$select"), option(options, "$expand"));
    list.strip_prefix('(').and_then(|list| list.strip_suffix(')')).unwrap_or_default().to_owned()
}

/// A path as the metadata spells it, and the type that it leads to.
fn spelled(schema: &Schema, number: TypeNo, path: &str) -> (String, Option<TypeNo>) {
    let mut at = Some(number);
    let mut names = Vec::new();
    for name in path.split('/').map(str::trim) {
        let lower = name.to_ascii_lowercase();
        if let Some(cast) = lower.strip_prefix("microsoft.graph.") {
            at = at.and_then(|number| schema.cast(number, cast));
            names.push(at.map_or_else(|| name.to_owned(), |number| format!("microsoft.graph.{}", schema.name(number))));
            continue;
        }
        let property = at.and_then(|number| schema.structure(number)?.property_of_path(&lower));
        names.push(property.map_or_else(|| name.to_owned(), |property| property.name.clone()));
        at = property.and_then(|property| property.kind.structure());
    }
    (names.join("/"), at)
}

//! Does `@odata.context` say what an answer is, and where it is from?
//!
//! Reads what stands there by the grammar of context URLs (`OData` Protocol 4.01,
//! section 10; ABNF, `contextFragment`), follows it word by word through the
//! official types, and compares it with the request and with the answer. What
//! writes contexts for the handlers (`context`) shares the types and how the options of
//! a request are taken apart (`projection`) with it, and nothing else.
//!
//! Whose it is stands in `users('…')`: the id of who signed in behind `/me`
//! (api/event-get), and otherwise the name in the path (concepts/
//! outlook-share-delegate-calendar: `users('meganb%40contoso.com')`) or the id of
//! the person with that name (the same page, for mailbox settings).

use std::iter::{Peekable, Skip};
use std::slice::Iter;

use super::address::here;
use super::exists::ROOTS;
use super::projection::{expansion, option};
use super::schema::{Kind, Operation, Schema, Shape, TypeNo};
use crate::graph::api::projection::split;
use crate::graph::call::Call;
use crate::graph::path::Segment;

/// Where the metadata is, with what stands before a place in it.
const METADATA: &str = "/v1.0/$metadata#";

/// What marks a type in a context.
const NAMESPACE: &str = "microsoft.graph.";

/// A context, read.
#[derive(Debug, PartialEq, Eq)]
enum Said<'c> {
    /// Values of a type, in no place: what operations answer.
    Of {
        type_name: &'c str,
        is_collection: bool,
    },
    At(Path<'c>),
}

/// A place in the metadata.
#[derive(Debug, PartialEq, Eq)]
struct Path<'c> {
    steps: Vec<Step<'c>>,
    /// What of each item is there, if it says so.
    select: Option<&'c str>,
    is_entity: bool,
}

/// A word of a path, and the key behind it.
#[derive(Debug, PartialEq, Eq)]
struct Step<'c> {
    name: &'c str,
    key: Option<String>,
}

/// Whether the context is the one that the answer to a call has to have. `owner`
/// is the id of the person whose mailbox is asked for.
pub(super) fn fits(schema: &Schema, call: &Call, operation: Option<&Operation>, owner: &str, context: &str) -> bool {
    let fragment = here(call, context).and_then(|target| target.strip_prefix(METADATA));
    let Some(said) = fragment.and_then(read) else { return false };
    let judge = Judge { schema, call, owner };
    match (said, operation) {
        (said, Some(operation)) => operation.returns.is_none_or(|kind| judge.is_result(&said, kind)),
        (Said::At(path), None) => judge.is_place(&path),
        (Said::Of { .. }, None) => false,
    }
}

/// Reads the fragment of a context.
fn read(fragment: &str) -> Option<Said<'_>> {
    let of = |type_name, is_collection| Some(Said::Of { type_name, is_collection });
    if let Some(inner) = fragment.strip_prefix("Collection(") {
        return of(inner.strip_suffix(')')?, true);
    }
    if fragment.starts_with(NAMESPACE) || fragment.starts_with("Edm.") {
        return of(fragment, false);
    }
    let (fragment, is_entity) = match fragment.strip_suffix("/$entity") {
        Some(front) => (front, true),
        None => (fragment, false),
    };
    if fragment.starts_with('/') || fragment.ends_with('/') || fragment.contains("//") {
        return None;
    }
    let words = split(fragment, '/');
    let (last, front) = words.split_last()?;
    let selection = parentheses(last).filter(|(_, inner)| !inner.starts_with('\''));
    let (last, select) = selection.map_or((*last, None), |(name, inner)| (name, Some(inner)));
    let steps: Option<Vec<Step<'_>>> = front.iter().copied().chain([last]).map(step).collect();
    // What is answered is never named by its key.
    let steps = steps.filter(|steps| steps.last().is_some_and(|last| last.key.is_none()))?;
    Some(Said::At(Path { steps, select, is_entity }))
}

/// A name and what stands in parentheses behind it.
fn parentheses(word: &str) -> Option<(&str, &str)> {
    word.strip_suffix(')')?.split_once('(')
}

fn step(word: &str) -> Option<Step<'_>> {
    let Some((name, inner)) = parentheses(word) else {
        return (!word.is_empty() && !word.contains(['(', ')'])).then_some(Step { name: word, key: None });
    };
    let key = inner.strip_prefix('\'')?.strip_suffix('\'')?;
    let decoded = url::form_urlencoded::parse(format!("key={key}").as_bytes()).next()?.1.into_owned();
    Some(Step { name, key: Some(decoded) })
}

/// Where a path leads in the types.
#[derive(Clone, Copy)]
struct Standing {
    kind: Kind,
    /// Whether it is an entity or entities, which have a place of their own.
    is_of_entities: bool,
}

/// A path of properties that there are.
struct Spelled {
    /// The type behind it, if that has properties.
    leads_to: Option<TypeNo>,
}

struct Judge<'s> {
    schema: &'s Schema,
    call: &'s Call,
    owner: &'s str,
}

impl Judge<'_> {
    /// Whether a path is the one that was asked for, and says what the answer is.
    fn is_place(&self, path: &Path<'_>) -> bool {
        let Some(end) = self.end(path) else { return false };
        let is_of_collection = end.kind.is_collection;
        let is_one = end.is_of_entities && (!is_of_collection || path.is_entity || self.call.method == "POST");
        let selects = match end.kind.structure() {
            // A value that is not an entity may leave it to the request.
            Some(number) if end.is_of_entities || path.select.is_some() => self.selects(number, path.select),
            Some(_) | None => path.select.is_none(),
        };
        path.is_entity == is_one && selects && self.is_asked_for(path, is_of_collection)
    }

    /// Whether it is what an operation answers: a type that its result has, or a
    /// place where there is such an entity.
    fn is_result(&self, said: &Said<'_>, kind: Kind) -> bool {
        let wanted = Kind { is_collection: false, ..kind };
        match said {
            Said::Of { type_name, is_collection } => {
                let name = type_name.strip_prefix(NAMESPACE).unwrap_or(type_name);
                *is_collection == kind.is_collection && name == self.schema.kind_name(wanted)
            }
            Said::At(path) => {
                let is_of_owner =
                    path.steps.first().and_then(|step| step.key.as_deref()).is_some_and(|key| self.is_owner(key));
                let end = self.end(path).filter(|end| end.is_of_entities && path.is_entity && path.select.is_none());
                let type_of = |kind: Kind| kind.structure();
                let fits = |end: Standing| {
                    type_of(end.kind).zip(type_of(kind)).is_some_and(|(at, wanted)| self.schema.is_a(at, wanted))
                };
                is_of_owner && !kind.is_collection && end.is_some_and(fits)
            }
        }
    }

    /// Follows a path by the exact names that the types have.
    fn end(&self, path: &Path<'_>) -> Option<Standing> {
        let (first, others) = path.steps.split_first()?;
        let (_, type_name, is_collection, _) = ROOTS.iter().find(|(name, ..)| *name == first.name)?;
        let shape = Shape::Structure(self.schema.number(type_name)?);
        let entry = Kind { shape, is_collection: *is_collection, is_nullable: false };
        let mut at = with_key(Standing { kind: entry, is_of_entities: true }, first)?;
        for step in others {
            let number = at.kind.structure()?;
            let next = match step.name.strip_prefix(NAMESPACE) {
                Some(name) => {
                    let to = self.schema.number(name).filter(|to| self.schema.is_a(*to, number))?;
                    Standing { kind: Kind { shape: Shape::Structure(to), ..at.kind }, ..at }
                }
                // What is behind a collection is behind one of its items.
                None if at.kind.is_collection => return None,
                None => {
                    let property = self.schema.structure(number)?.property(step.name)?;
                    Standing { kind: property.kind, is_of_entities: property.is_relation }
                }
            };
            at = with_key(next, step)?;
        }
        Some(at)
    }

    /// Whether the words of a path are those of the request. The key of what is
    /// answered by itself is left out, and nothing else.
    fn is_asked_for(&self, path: &Path<'_>, is_of_collection: bool) -> bool {
        let may_leave_key = path.is_entity && is_of_collection && self.call.method != "POST";
        let words = self.call.segments.iter().skip(1).peekable();
        let mut asked = Asked { words, may_leave_key, has_left_key: false };
        let mut steps = path.steps.as_slice();
        if asked.takes(|word| word.lower == "me") {
            let Some((first, others)) = steps.split_first() else { return false };
            asked.has_left_key = others.is_empty() && first.key.is_none() && path.is_entity;
            let is_own = first.key.as_deref() == Some(self.owner);
            if first.name != "users" || !(is_own || asked.has_left_key) {
                return false;
            }
            steps = others;
        }
        let is_followed = steps.iter().enumerate().all(|(at, step)| {
            let is_person = at == 0 && step.name == "users";
            let is_key = |key: &str, raw: &str| key == raw || (is_person && self.is_owner(key));
            asked.follow(step, at + 1 == steps.len(), is_key)
        });
        is_followed && asked.is_at_end()
    }

    fn is_owner(&self, key: &str) -> bool {
        key == self.owner || (self.call.words().get(1) == Some(&"users") && key == self.call.raw(2))
    }

    /// Whether a list of names in parentheses is what the request selects and
    /// expands, each as the types spell it.
    fn selects(&self, number: TypeNo, said: Option<&str>) -> bool {
        let query = &self.call.query;
        self.is_list_of(number, said.unwrap_or_default(), query.get("$select"), query.get("$expand"))
    }

    fn is_list_of(&self, number: TypeNo, said: &str, select: Option<&str>, expand: Option<&str>) -> bool {
        let selected = split(select.unwrap_or_default(), ',').into_iter().map(|path| (path, None));
        let expanded = split(expand.unwrap_or_default(), ',').into_iter().map(expansion);
        let wanted: Vec<(&str, Option<&str>)> =
            selected.chain(expanded.map(|(path, options)| (path, Some(options)))).collect();
        let said: Vec<(&str, Option<&str>)> = split(said, ',')
            .into_iter()
            .map(|entry| parentheses(entry).map_or((entry, None), |(path, inner)| (path, Some(inner))))
            .collect();
        let is_right = |(path, inner): &(&str, Option<&str>)| {
            let is_same = |(known, options): &&(&str, Option<&str>)| {
                known.eq_ignore_ascii_case(path) && options.is_some() == inner.is_some()
            };
            let Some((spelled, (_, options))) = self.spelled(number, path).zip(wanted.iter().find(is_same)) else {
                return false;
            };
            let (inner, options) = (inner.unwrap_or_default(), options.unwrap_or_default());
            let of_inner = |to| self.is_list_of(to, inner, option(options, "$select"), option(options, "$expand"));
            spelled.leads_to.map_or(inner.is_empty(), of_inner)
        };
        // Who asks for something twice is told of it once.
        let mut asked = told(&wanted);
        asked.dedup();
        said.iter().all(is_right) && told(&said) == asked
    }

    /// Follows a path that is spelled as the types have it.
    fn spelled(&self, number: TypeNo, path: &str) -> Option<Spelled> {
        let mut leads_to = Some(number);
        for name in path.split('/').filter(|name| *name != "*") {
            let from = leads_to?;
            leads_to = match name.strip_prefix(NAMESPACE) {
                Some(cast) => Some(self.schema.number(cast).filter(|to| self.schema.is_a(*to, from))?),
                None => self.schema.structure(from)?.property(name)?.kind.structure(),
            };
        }
        Some(Spelled { leads_to })
    }
}

/// The words of a request that a path has not followed yet.
struct Asked<'c> {
    words: Peekable<Skip<Iter<'c, Segment>>>,
    /// Whether the key of what is answered is not in the path.
    may_leave_key: bool,
    has_left_key: bool,
}

impl Asked<'_> {
    /// Goes on behind the next word, if it is such a one.
    fn takes(&mut self, is_wanted: impl FnOnce(&Segment) -> bool) -> bool {
        self.words.next_if(|word| is_wanted(word)).is_some()
    }

    /// Goes on behind the words of a step. Before a type at the end a key may be left
    /// out.
    fn follow(&mut self, step: &Step<'_>, ends: bool, is_key: impl Fn(&str, &str) -> bool) -> bool {
        let name = step.name.strip_prefix(NAMESPACE).unwrap_or(step.name);
        let is_this = |word: &Segment| word.lower.eq_ignore_ascii_case(name);
        let is_cast = name.len() < step.name.len();
        let is_other = self.words.peek().is_some_and(|word| !is_this(word));
        if is_cast && ends && self.may_leave_key && is_other {
            self.has_left_key = self.words.next().is_some();
        }
        self.takes(is_this) && step.key.as_ref().is_none_or(|key| self.takes(|word| is_key(key, &word.raw)))
    }

    /// Whether nothing is left but the key that is left out.
    fn is_at_end(&mut self) -> bool {
        let is_key_left = self.may_leave_key && !self.has_left_key;
        self.words.by_ref().count() == usize::from(is_key_left)
    }
}

/// One item of a collection, if a key says which.
fn with_key(at: Standing, step: &Step<'_>) -> Option<Standing> {
    match (&step.key, at.kind.is_collection) {
        (None, _) => Some(at),
        (Some(_), true) if at.is_of_entities => Some(Standing { kind: Kind { is_collection: false, ..at.kind }, ..at }),
        (Some(_), _) => None,
    }
}

/// The entries of a list in one order: the path, and whether it is expanded.
fn told(entries: &[(&str, Option<&str>)]) -> Vec<(String, bool)> {
    let mut told: Vec<(String, bool)> =
        entries.iter().map(|(path, inner)| (path.to_ascii_lowercase(), inner.is_some())).collect();
    told.sort_unstable();
    told
}

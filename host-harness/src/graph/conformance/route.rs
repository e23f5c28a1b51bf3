//! Where a path leads: through relations, keys, casts and operations of the
//! official types to what it is about (`OData` URL Conventions 4.01, section 4).

use std::collections::BTreeMap;

use super::exists::{self, Methods, ROOTS};
use super::primitive::Edm;
use super::schema::{Kind, Operation, Schema, Shape, TypeNo};
use crate::graph::path::Segment;

/// What a path is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target<'s> {
    /// The document that lists the entry points.
    Service,
    Metadata,
    Batch,
    Entity(TypeNo, Methods),
    Collection(TypeNo, Methods),
    /// The value of a property, as JSON.
    Value(Kind, Methods),
    /// A value as it is: `$value` and streams; whether it can be put.
    Raw {
        is_stream: bool,
    },
    /// `$count`.
    Count(Methods),
    Operation(&'s Operation),
}

impl Target<'_> {
    /// Whether the method is there.
    pub fn has(self, method: &str) -> bool {
        match self {
            Self::Service | Self::Metadata => method == "GET",
            Self::Batch => method == "POST",
            Self::Entity(_, methods) | Self::Value(_, methods) => methods.on_item(method),
            Self::Collection(_, methods) => methods.on_collection(method),
            Self::Raw { is_stream } => method == "GET" || (is_stream && method == "PUT"),
            Self::Count(methods) => method == "GET" && methods.on_collection("GET"),
            Self::Operation(operation) => method == if operation.is_action { "POST" } else { "GET" },
        }
    }
}

/// A path that leads somewhere.
#[derive(Clone, Debug)]
pub(crate) struct Route<'s> {
    pub target: Target<'s>,
    /// Which segments are keys.
    keys: Vec<usize>,
    /// What the segments are called in the metadata, by their places.
    names: BTreeMap<usize, Named<'s>>,
}

/// A segment that is in the metadata.
#[derive(Clone, Copy, Debug)]
enum Named<'s> {
    /// A property or a relation.
    Step(&'s str),
    /// A type.
    Cast(&'s str),
}

impl Route<'_> {
    /// Whether a segment is a key.
    pub fn is_key(&self, at: usize) -> bool {
        self.keys.contains(&at)
    }

    /// Whether a segment leads on, as a property or a relation does.
    pub fn is_step(&self, at: usize) -> bool {
        matches!(self.names.get(&at), Some(Named::Step(_)))
    }

    /// What a segment is called in the metadata.
    pub fn name(&self, at: usize) -> Option<String> {
        Some(match self.names.get(&at)? {
            Named::Step(name) => (*name).to_owned(),
            Named::Cast(name) => format!("microsoft.graph.{name}"),
        })
    }

    /// The path without ids: segments as they were sent.
    pub fn written<'a>(&self, segments: impl Iterator<Item = &'a str>) -> String {
        let mut path = String::new();
        for (at, segment) in segments.enumerate().skip(1) {
            path.push('/');
            path.push_str(if self.keys.contains(&at) { "{id}" } else { segment });
        }
        path
    }
}

/// A path that leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lost {
    /// The segment that was not understood.
    pub at: usize,
    /// The type it was looked for in.
    pub on: String,
}

/// What Graph has of a request, whether or not it is emulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existence {
    There,
    /// The path leads somewhere, where the method is not.
    NoMethod,
    /// There is nothing of the name of this segment.
    NoSegment(usize),
    /// The path leaves what is listed here: nobody knows.
    Unlisted,
}

/// Whether a request exists.
pub(crate) fn existence(schema: &Schema, segments: &[Segment], method: &str) -> Existence {
    match resolve(schema, segments) {
        Ok(route) if route.target.has(method) => Existence::There,
        Ok(_) => Existence::NoMethod,
        // The entry points are not all listed, either.
        Err(lost) if lost.at < 2 || !exists::is_whole(&lost.on) => Existence::Unlisted,
        Err(lost) => Existence::NoSegment(lost.at),
    }
}

/// Where a walk stands.
#[derive(Clone, Copy)]
enum Standing<'s> {
    Entity(TypeNo, Methods),
    Collection(TypeNo, Methods),
    Value(Kind, Methods),
    End(Target<'s>),
}

/// Follows a path.
pub(crate) fn resolve<'s>(schema: &'s Schema, segments: &[Segment]) -> Result<Route<'s>, Lost> {
    let (mut keys, mut names) = (Vec::new(), BTreeMap::new());
    let words: Vec<&str> = segments.iter().map(|segment| segment.lower.as_str()).collect();
    let mut standing = match words.as_slice() {
        ["v1.0"] => Standing::End(Target::Service),
        ["v1.0", "$metadata"] => Standing::End(Target::Metadata),
        ["v1.0", "$batch"] => Standing::End(Target::Batch),
        ["v1.0", root, ..] => entry(schema, root)?,
        _ => return Err(Lost { at: 0, on: "the service".to_owned() }),
    };
    for (at, segment) in segments.iter().enumerate().skip(2) {
        let word = segment.lower.as_str();
        let next = match standing {
            Standing::Entity(number, methods) => from_entity(schema, number, methods, word),
            Standing::Collection(number, methods) => {
                let next = from_collection(schema, number, methods, word);
                if next.is_none() {
                    keys.push(at);
                }
                next.or(Some(Standing::Entity(number, methods)))
            }
            Standing::Value(kind, _) => from_value(schema, kind, word),
            Standing::End(_) => None,
        };
        let next = match next {
            Some(Standing::End(Target::Operation(bare))) if segment.has_arguments() => {
                let operation = schema.with_arguments(bare, &segment.argument_names());
                operation.map(|operation| Standing::End(Target::Operation(operation)))
            }
            // Only functions are called with arguments.
            _ if segment.has_arguments() => None,
            next => next,
        };
        let next = next.ok_or_else(|| Lost { at, on: name(schema, standing) })?;
        if let Some(named) = named(schema, standing, word).filter(|_| !keys.contains(&at)) {
            names.insert(at, named);
        }
        standing = next;
    }
    let target = match standing {
        Standing::Entity(number, methods) => Target::Entity(number, methods),
        Standing::Collection(number, methods) => Target::Collection(number, methods),
        Standing::Value(kind, methods) => Target::Value(kind, methods),
        Standing::End(target) => target,
    };
    Ok(Route { target, keys, names })
}

fn entry<'s>(schema: &Schema, root: &str) -> Result<Standing<'s>, Lost> {
    let lost = || Lost { at: 1, on: "the service".to_owned() };
    let (_, type_name, is_collection, methods) = ROOTS.iter().find(|(name, ..)| *name == root).ok_or_else(lost)?;
    let number = schema.number(type_name).ok_or_else(lost)?;
    Ok(if *is_collection { Standing::Collection(number, *methods) } else { Standing::Entity(number, *methods) })
}

fn name(schema: &Schema, standing: Standing<'_>) -> String {
    match standing {
        Standing::Entity(number, _) => schema.name(number).to_owned(),
        Standing::Collection(number, _) => format!("Collection({})", schema.name(number)),
        Standing::Value(kind, _) => schema.kind_name(kind),
        Standing::End(Target::Operation(operation)) => operation.name.clone(),
        Standing::End(_) => "the service".to_owned(),
    }
}

fn from_entity<'s>(schema: &'s Schema, number: TypeNo, methods: Methods, word: &str) -> Option<Standing<'s>> {
    if word == "$value" {
        let content = Standing::End(Target::Raw { is_stream: false });
        return exists::has_content(schema.line(number)).then_some(content);
    }
    if let Some(operation) = operation(schema, word, number, false) {
        return Some(operation);
    }
    step(schema, number, word).or_else(|| Some(Standing::Entity(schema.cast(number, word)?, methods)))
}

fn from_collection<'s>(schema: &'s Schema, number: TypeNo, methods: Methods, word: &str) -> Option<Standing<'s>> {
    if word == "$count" {
        return Some(Standing::End(Target::Count(methods)));
    }
    let operation = operation(schema, word, number, true);
    operation.or_else(|| Some(Standing::Collection(schema.cast(number, word)?, methods)))
}

fn from_value<'s>(schema: &Schema, kind: Kind, word: &str) -> Option<Standing<'s>> {
    match kind.shape {
        _ if kind.is_collection => None,
        Shape::Primitive(_) if word == "$value" => Some(Standing::End(Target::Raw { is_stream: false })),
        Shape::Structure(number) => match step(schema, number, word)? {
            // Parts of a value are written with the whole.
            Standing::Value(kind, _) => Some(Standing::Value(kind, Methods::GET)),
            other => Some(other),
        },
        Shape::Primitive(_) | Shape::Enumeration(_) | Shape::Unlisted => None,
    }
}

/// What a segment is in the metadata, where it is something.
fn named<'s>(schema: &'s Schema, from: Standing<'_>, word: &str) -> Option<Named<'s>> {
    let number = match from {
        Standing::Entity(number, _) | Standing::Collection(number, _) => Some(number),
        Standing::Value(kind, _) => kind.structure(),
        Standing::End(_) => None,
    };
    let number = number?;
    let property = || schema.structure(number)?.property_of_path(word);
    let step = property().filter(|_| !matches!(from, Standing::Collection(..)));
    step.map(|found| Named::Step(&found.name)).or_else(|| Some(Named::Cast(schema.name(schema.cast(number, word)?))))
}

/// Along a property or a relation.
fn step<'s>(schema: &Schema, number: TypeNo, word: &str) -> Option<Standing<'s>> {
    let structure = schema.structure(number)?;
    let property = structure.property_of_path(word)?;
    let kind = property.kind;
    let methods = exists::behind(&property.owner, &property.name, kind.is_collection, property.is_relation);
    Some(match kind.shape {
        Shape::Structure(to) if property.is_relation && kind.is_collection => Standing::Collection(to, methods),
        Shape::Structure(to) if property.is_relation => Standing::Entity(to, methods),
        Shape::Primitive(Edm::Stream) => Standing::End(Target::Raw { is_stream: true }),
        _ => Standing::Value(kind, methods),
    })
}

/// An operation by its name.
fn operation<'s>(schema: &'s Schema, word: &str, on: TypeNo, on_collection: bool) -> Option<Standing<'s>> {
    let found = schema.operation(word, on, on_collection);
    found.map(|operation| Standing::End(Target::Operation(operation)))
}

//! The types and operations of Graph (`graph::types`), ready to be looked up.
//!
//! What the tables of this emulator add to the metadata is in `access` and
//! `deviations`; it is looked up here, too, so that a value is checked without a
//! search.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde_json::Value;

use super::access::{self, Access};
use super::deviations::{self, Presence};
use super::primitive::Edm;
use crate::graph::types::{self, TYPES, Types};

/// The place of a type in the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TypeNo(usize);

/// What a value is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Primitive(Edm),
    Enumeration(TypeNo),
    Structure(TypeNo),
    /// A type that is named, and not in the subset.
    Unlisted,
}

/// The type of a property, a parameter or a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub shape: Shape,
    pub is_collection: bool,
    pub is_nullable: bool,
}

impl Kind {
    /// The type that has properties, if it is one.
    pub fn structure(self) -> Option<TypeNo> {
        match self.shape {
            Shape::Structure(number) => Some(number),
            Shape::Primitive(_) | Shape::Enumeration(_) | Shape::Unlisted => None,
        }
    }
}

/// A property or a relation of a type.
#[derive(Clone, Debug)]
pub(crate) struct Property {
    pub name: String,
    /// The type that declares it.
    pub owner: String,
    pub kind: Kind,
    pub is_relation: bool,
    /// Who may write it.
    pub access: Access,
    /// When it is answered.
    pub presence: Presence,
}

/// An entity or a complex type, with what it inherits.
#[derive(Clone, Debug)]
pub(crate) struct Structure {
    pub name: String,
    base: Option<TypeNo>,
    pub is_entity: bool,
    /// Whether it takes properties of any name.
    pub is_open: bool,
    properties: HashMap<String, Property>,
    /// The name of each in lower case, for paths and options.
    spelling: HashMap<String, String>,
    /// What an answer has to have where it is asked for, null or not.
    pub required: Vec<String>,
    /// What a client has to send with something new.
    pub needed: Vec<String>,
}

impl Structure {
    /// A property by its exact name.
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.get(name)
    }

    /// All of them, by name.
    pub fn all_properties(&self) -> impl Iterator<Item = &Property> {
        let mut names: Vec<&String> = self.properties.keys().collect();
        names.sort_unstable();
        names.into_iter().filter_map(|name| self.properties.get(name))
    }

    /// A property by its name in lower case.
    pub fn property_of_path(&self, lower: &str) -> Option<&Property> {
        self.properties.get(self.spelling.get(lower)?)
    }
}

#[derive(Clone, Debug)]
enum Type {
    Structure(Structure),
    Enumeration(Vec<String>),
}

/// An action or a function.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub name: String,
    pub is_action: bool,
    on: TypeNo,
    on_collection: bool,
    /// By name in lower case: documentation and metadata differ in spelling.
    pub parameters: BTreeMap<String, Kind>,
    /// What a client has to send, in lower case.
    pub needed: &'static [&'static str],
    pub returns: Option<Kind>,
}

/// All of it.
#[derive(Debug)]
pub(crate) struct Schema {
    types: Vec<Type>,
    numbers: HashMap<String, TypeNo>,
    /// Names of types in lower case, for casts in paths.
    casts: HashMap<String, TypeNo>,
    operations: Vec<Operation>,
    /// Names that are used and stand for no type.
    #[cfg_attr(not(test), expect(dead_code, reason = "a test looks at it"))]
    pub unlisted: Vec<String>,
}

/// The schema, read at the first use.
pub(crate) static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema::new(&TYPES));

impl Schema {
    fn new(file: &Types) -> Self {
        let numbers: HashMap<String, TypeNo> =
            file.types.keys().enumerate().map(|(at, name)| (name.clone(), TypeNo(at))).collect();
        let casts = numbers.iter().map(|(name, number)| (name.to_ascii_lowercase(), *number)).collect();
        let mut reader = Reader { file, numbers: &numbers, unlisted: Vec::new() };
        let types = file.types.iter().map(|(name, found)| reader.structure(name, found)).collect();
        let operations = file.operations.iter().filter_map(|found| reader.operation(found)).collect();
        let mut unlisted = reader.unlisted;
        unlisted.sort_unstable();
        unlisted.dedup();
        Self { types, numbers, casts, operations, unlisted }
    }

    /// The type of this exact name.
    pub fn number(&self, name: &str) -> Option<TypeNo> {
        self.numbers.get(name).copied()
    }

    /// The entity or complex type at a place.
    pub fn structure(&self, number: TypeNo) -> Option<&Structure> {
        match self.types.get(number.0)? {
            Type::Structure(found) => Some(found),
            Type::Enumeration(_) => None,
        }
    }

    /// The name of a type.
    pub fn name(&self, number: TypeNo) -> &str {
        let of_enumeration = || self.numbers.iter().find(|(_, known)| **known == number).map(|(name, _)| name.as_str());
        self.structure(number).map_or_else(|| of_enumeration().unwrap_or_default(), |found| found.name.as_str())
    }

    /// The members of an enumeration.
    pub fn members(&self, number: TypeNo) -> &[String] {
        match self.types.get(number.0) {
            Some(Type::Enumeration(members)) => members,
            Some(Type::Structure(_)) | None => &[],
        }
    }

    /// Whether a type is another one or extends it.
    pub fn is_a(&self, number: TypeNo, other: TypeNo) -> bool {
        let mut at = Some(number);
        while let Some(found) = at {
            if found == other {
                return true;
            }
            at = self.structure(found).and_then(|found| found.base);
        }
        false
    }

    /// A property of some type that extends this one.
    pub fn property_of_extending(&self, number: TypeNo, name: &str) -> Option<&Property> {
        let mut others = (0..self.types.len()).map(TypeNo).filter(|other| self.is_a(*other, number));
        others.find_map(|other| self.structure(other)?.property(name))
    }

    /// The type of the items behind a relation, by its name in lower case, that a type
    /// has or one that extends it.
    pub fn related(&self, number: TypeNo, lower: &str) -> Option<TypeNo> {
        let mut others = (0..self.types.len()).map(TypeNo).filter(|other| self.is_a(*other, number));
        others.find_map(|other| self.structure(other)?.property_of_path(lower)?.kind.structure())
    }

    /// The names of a type and of what it extends.
    pub fn line(&self, number: TypeNo) -> impl Iterator<Item = &str> {
        let first = self.structure(number);
        let line = std::iter::successors(first, |found| self.structure(found.base?));
        line.map(|found| found.name.as_str())
    }

    /// The type that a segment in lower case casts `from` to.
    pub fn cast(&self, from: TypeNo, lower: &str) -> Option<TypeNo> {
        self.casts.get(lower).copied().filter(|to| self.is_a(*to, from))
    }

    /// The operation of this name, in lower case, that is bound to a type or to
    /// what it extends: the form with the fewest parameters.
    pub fn operation(&self, lower: &str, on: TypeNo, on_collection: bool) -> Option<&Operation> {
        let bound = self.operations.iter().filter(|found| {
            found.on_collection == on_collection && found.name.eq_ignore_ascii_case(lower) && self.is_a(on, found.on)
        });
        bound.min_by_key(|operation| operation.parameters.len())
    }

    /// The operations that are bound to a type or to what it extends.
    #[cfg(test)]
    pub fn bound_to(&self, on: TypeNo, on_collection: bool) -> impl Iterator<Item = &Operation> {
        self.operations.iter().filter(move |found| found.on_collection == on_collection && self.is_a(on, found.on))
    }

    /// Whether a text is `#Microsoft.Graph.` and an entity, in any spelling.
    pub fn is_entity_in_any_spelling(&self, text: &str) -> bool {
        let lower = text.to_ascii_lowercase();
        let number = lower.strip_prefix("#microsoft.graph.").and_then(|name| self.casts.get(name));
        number.and_then(|number| self.structure(*number)).is_some_and(|found| found.is_entity)
    }

    /// The form of a function that takes just these arguments, named in lower
    /// case.
    pub fn with_arguments(&self, bare: &Operation, names: &[&str]) -> Option<&Operation> {
        self.operations.iter().find(|known| {
            let takes_them =
                names.len() == known.parameters.len() && names.iter().all(|name| known.parameters.contains_key(*name));
            !known.is_action && known.name == bare.name && known.on == bare.on && takes_them
        })
    }

    /// Whether the value of an annotation names a type, or one that extends it.
    pub fn is_named(&self, kind: Kind, value: &Value) -> bool {
        let Some((name, is_collection)) = value.as_str().map(type_name) else { return false };
        let is_it = match kind.shape {
            Shape::Primitive(edm) => Edm::named(name) == Some(edm),
            Shape::Enumeration(number) => self.number(name) == Some(number),
            Shape::Structure(number) => self.number(name).is_some_and(|named| self.is_a(named, number)),
            Shape::Unlisted => true,
        };
        is_it && is_collection == kind.is_collection
    }

    /// Whether the value of an annotation names any type.
    pub fn is_some_type(&self, value: &Value) -> bool {
        let name = value.as_str().map(|text| type_name(text).0);
        name.is_some_and(|name| Edm::named(name).is_some() || self.number(name).is_some())
    }

    /// How a type is called in a message.
    pub fn kind_name(&self, kind: Kind) -> String {
        let name = match kind.shape {
            Shape::Primitive(edm) => format!("Edm.{edm:?}"),
            Shape::Enumeration(number) | Shape::Structure(number) => self.name(number).to_owned(),
            Shape::Unlisted => "a type that is not listed".to_owned(),
        };
        if kind.is_collection { format!("Collection({name})") } else { name }
    }
}

/// The name in `#Collection(microsoft.graph.event)` without its namespace, and
/// whether it is that of a collection.
fn type_name(text: &str) -> (&str, bool) {
    let text = text.strip_prefix('#').unwrap_or(text);
    let inner = text.strip_prefix("Collection(").and_then(|inner| inner.strip_suffix(')'));
    let name = inner.unwrap_or(text);
    let name = name.strip_prefix("Edm.").or_else(|| name.strip_prefix("microsoft.graph.")).unwrap_or(name);
    (name, inner.is_some())
}

/// Whether a client has to send a property: it is never null and has no value
/// by itself, as a number, a switch or an enumeration has.
fn is_needed(property: &Property) -> bool {
    let has_default = match property.kind.shape {
        Shape::Primitive(edm) => matches!(edm, Edm::Boolean | Edm::Int32 | Edm::Int64 | Edm::Double),
        Shape::Enumeration(_) | Shape::Unlisted => true,
        Shape::Structure(_) => false,
    };
    let kind = property.kind;
    !kind.is_nullable
        && !kind.is_collection
        && !has_default
        && !property.is_relation
        && property.access != Access::Service
}

struct Reader<'a> {
    file: &'a Types,
    numbers: &'a HashMap<String, TypeNo>,
    unlisted: Vec<String>,
}

impl Reader<'_> {
    fn kind(&mut self, text: &str) -> Kind {
        let (text, is_nullable) = text.strip_suffix('!').map_or((text, true), |text| (text, false));
        let inner = text.strip_prefix("Collection(").and_then(|inner| inner.strip_suffix(')'));
        let name = inner.unwrap_or(text);
        let edm = name.strip_prefix("Edm.").and_then(Edm::named);
        let shape = match (edm, self.numbers.get(name)) {
            (Some(edm), _) => Shape::Primitive(edm),
            (None, Some(number)) if self.file.types.get(name).is_some_and(|found| found.kind == "enum") => {
                Shape::Enumeration(*number)
            }
            (None, Some(number)) => Shape::Structure(*number),
            (None, None) => {
                self.unlisted.push(name.to_owned());
                Shape::Unlisted
            }
        };
        Kind { shape, is_collection: inner.is_some(), is_nullable }
    }

    fn structure(&mut self, name: &str, found: &types::Type) -> Type {
        if found.kind == "enum" {
            return Type::Enumeration(found.members.clone());
        }
        let mut properties = HashMap::new();
        let file = self.file;
        let mut at = Some((name, found));
        while let Some((owner, declared)) = at {
            let own = declared.props.iter().map(|entry| (entry, false));
            for ((property, text), is_relation) in own.chain(declared.nav.iter().map(|entry| (entry, true))) {
                let kind = self.kind(text);
                let access = if is_relation {
                    access::of_relation(owner, property)
                } else {
                    access::of_property(owner, name, property)
                };
                let presence = deviations::presence(owner, property);
                let made =
                    Property { name: property.clone(), owner: owner.to_owned(), kind, is_relation, access, presence };
                properties.entry(property.clone()).or_insert(made);
            }
            let base = declared.base.as_deref().and_then(|base| file.types.get_key_value(base));
            at = base.map(|(owner, declared)| (owner.as_str(), declared));
        }
        let spelling = properties.keys().map(|name| (name.to_ascii_lowercase(), name.clone())).collect();
        let is_required = |property: &&Property| {
            let has_value = property.kind.shape != Shape::Primitive(Edm::Stream);
            has_value && !property.is_relation && !property.presence.may_be_missing()
        };
        let mut required: Vec<String> =
            properties.values().filter(is_required).map(|found| found.name.clone()).collect();
        required.sort_unstable();
        let mut needed: Vec<String> =
            properties.values().filter(|found| is_needed(found)).map(|found| found.name.clone()).collect();
        needed.sort_unstable();
        Type::Structure(Structure {
            name: name.to_owned(),
            base: found.base.as_ref().and_then(|base| self.numbers.get(base)).copied(),
            is_entity: found.kind == "entity",
            is_open: found.open && !deviations::IS_CLOSED.iter().any(|(closed, _)| *closed == name),
            properties,
            spelling,
            required,
            needed,
        })
    }

    fn operation(&mut self, found: &types::Operation) -> Option<Operation> {
        let on = self.kind(&found.on);
        let Shape::Structure(number) = on.shape else { return None };
        let bound = found.on.strip_prefix("Collection(").and_then(|on| on.strip_suffix(')')).unwrap_or(&found.on);
        let parameters = found.params.iter().map(|(name, text)| (name.to_ascii_lowercase(), self.kind(text))).collect();
        Some(Operation {
            name: found.name.clone(),
            is_action: found.kind == "action",
            on: number,
            on_collection: on.is_collection,
            parameters,
            needed: access::needed_by(&found.name, bound),
            returns: found.returns.as_deref().map(|text| self.kind(text)),
        })
    }
}

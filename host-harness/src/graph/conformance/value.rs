//! Is a value one of its type? Answers and writes, down to the last property.

use serde_json::{Map, Value};

use super::access::Access;
use super::annotation;
use super::deviations;
use super::primitive::is_wall_clock;
use super::projection::{Projection, WHOLE};
use super::schema::{Kind, Property, Schema, Shape, Structure, TypeNo};
use super::violation::{Findings, Place, What};
use crate::graph::annotations;

/// Which way a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The service says it.
    Answer,
    /// A client sends something new.
    Creation,
    /// A client changes something.
    Update,
}

/// Looks at the values of one message.
pub(crate) struct Examiner<'s, 'f> {
    pub schema: &'s Schema,
    pub side: Side,
    /// Whether names are taken in any spelling, as in parameters of actions:
    /// the example of api/event-forward has `EmailAddress`.
    pub in_any_spelling: bool,
    /// Whether an answer has no annotations, not even types.
    pub is_bare: bool,
    /// Whether annotations of other namespaces are judged in writes.
    pub is_strict: bool,
    pub findings: &'f mut Findings,
}

/// How a value is called that is not what was expected.
pub(crate) fn json_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

impl<'s, 'f> Examiner<'s, 'f> {
    /// Looks at what goes one way, as it usually looks.
    pub fn new(schema: &'s Schema, side: Side, findings: &'f mut Findings) -> Self {
        Self { schema, side, in_any_spelling: false, is_bare: false, is_strict: false, findings }
    }
}

impl Examiner<'_, '_> {
    /// A value of this type.
    pub fn value(&mut self, kind: Kind, value: &Value, projection: &Projection, place: &Place<'_>) {
        let is_null_allowed = kind.is_nullable && !kind.is_collection;
        if value.is_null() {
            if !is_null_allowed {
                self.findings.add(What::UnexpectedNull, place, self.schema.kind_name(kind), "null");
            }
        } else if kind.is_collection {
            let Value::Array(items) = value else {
                return self.wrong(kind, value, place);
            };
            let of_item = self.item(kind);
            for item in items {
                self.value(of_item, item, projection, &place.item());
            }
        } else {
            self.single(kind, value, projection, place);
        }
    }

    /// The type of an item. The service answers no collection with null in it,
    /// and an entity is always something; what a client may write, the metadata
    /// says.
    pub fn item(&self, kind: Kind) -> Kind {
        let is_entity = match kind.shape {
            Shape::Structure(number) => self.schema.structure(number).is_some_and(|found| found.is_entity),
            Shape::Primitive(_) | Shape::Enumeration(_) | Shape::Unlisted => false,
        };
        let is_nullable = kind.is_nullable && self.side != Side::Answer && !is_entity;
        Kind { is_collection: false, is_nullable, ..kind }
    }

    fn wrong(&mut self, kind: Kind, value: &Value, place: &Place<'_>) {
        self.findings.add(What::WrongType, place, self.schema.kind_name(kind), json_kind(value));
    }

    fn single(&mut self, kind: Kind, value: &Value, projection: &Projection, place: &Place<'_>) {
        match kind.shape {
            Shape::Unlisted => {}
            Shape::Primitive(edm) if edm.accepts(value) => {}
            Shape::Primitive(_) => {
                let found = if value.is_string() { "another text" } else { json_kind(value) };
                self.findings.add(What::WrongType, place, self.schema.kind_name(kind), found);
            }
            Shape::Enumeration(number) => {
                let members = self.schema.members(number);
                let is_member = value.as_str().is_some_and(|text| match self.side {
                    Side::Answer => members.iter().any(|member| member == text),
                    Side::Creation | Side::Update => deviations::is_member_in_write(members, text),
                });
                if !is_member {
                    let found = if value.is_string() { "another text" } else { json_kind(value) };
                    self.findings.add(What::WrongType, place, self.schema.kind_name(kind), found);
                }
            }
            Shape::Structure(number) => match value {
                Value::Object(map) => self.structure(number, map, projection, place),
                _ => self.wrong(kind, value, place),
            },
        }
    }

    /// An entity or a complex value of this type or of one that extends it.
    pub fn structure(
        &mut self,
        declared: TypeNo,
        map: &Map<String, Value>,
        projection: &Projection,
        place: &Place<'_>,
    ) {
        let number = self.actual(declared, map, place);
        let Some(structure) = self.schema.structure(number) else { return };
        for (name, value) in map {
            if name.contains('@') {
                if self.is_bare && !annotations::is_lasting(name) {
                    annotation::unasked(name, place, self.findings);
                } else if self.side == Side::Answer {
                    annotation::examine(structure, name, value, place, self.findings);
                } else {
                    let annotated = (name.as_str(), value);
                    annotation::examine_written(
                        self.schema,
                        structure,
                        annotated,
                        place,
                        self.is_strict,
                        self.findings,
                    );
                }
                continue;
            }
            let respelled = || structure.property_of_path(&name.to_ascii_lowercase()).filter(|_| self.in_any_spelling);
            let extended = || self.schema.property_of_extending(number, name).filter(|_| self.is_bare);
            match structure.property(name).or_else(respelled).or_else(extended) {
                Some(property) => self.property(property, value, projection, &place.property(name)),
                None if structure.is_open => {}
                None => self.unknown(structure, name, place),
            }
        }
        self.missing(structure, map, projection, place);
        if self.side == Side::Answer {
            self.missing_beside_properties(number, map, projection, place);
        }
        if structure.name == "dateTimeTimeZone"
            && self.side == Side::Answer
            && map.get("dateTime").and_then(Value::as_str).is_some_and(|text| !is_wall_clock(text))
        {
            let place = place.property("dateTime");
            self.findings.add(What::WrongType, &place, "a date and a time without an offset", "another text");
        }
    }

    /// The type that a message names, if it is one that can stand there.
    fn actual(&mut self, declared: TypeNo, map: &Map<String, Value>, place: &Place<'_>) -> TypeNo {
        let Some(named) = map.get("@odata.type") else {
            let is_missed =
                self.side == Side::Answer && !self.is_bare && deviations::is_abstract(self.schema.name(declared));
            if is_missed {
                let place = place.property("@odata.type");
                self.findings.add(What::WrongAnnotation, &place, "the type, because there are several", "none");
            }
            return declared;
        };
        if self.schema.name(declared) == deviations::SPEAKS_OF_ANOTHER {
            if !named.as_str().is_some_and(|text| self.schema.is_entity_in_any_spelling(text)) {
                self.findings.add(
                    What::WrongAnnotation,
                    &place.property("@odata.type"),
                    "a type of an item",
                    "another",
                );
            }
            return declared;
        }
        let text = named.as_str().unwrap_or_default();
        let text = text.strip_prefix('#').or((self.side != Side::Answer).then_some(text));
        let number = text.and_then(|text| text.strip_prefix("microsoft.graph."));
        let number = number.and_then(|name| self.schema.number(name));
        let extending = number.filter(|number| self.schema.is_a(*number, declared));
        if extending.is_none() {
            let expected = format!("#microsoft.graph.{} or what extends it", self.schema.name(declared));
            self.findings.add(What::WrongAnnotation, &place.property("@odata.type"), expected, "another type");
        }
        extending.unwrap_or(declared)
    }

    fn unknown(&mut self, structure: &Structure, name: &str, place: &Place<'_>) {
        let expected = format!("a property of {}", structure.name);
        self.findings.add(What::UnknownProperty, &place.property(name), expected, format!("`{name}`"));
    }

    fn property(&mut self, property: &Property, value: &Value, projection: &Projection, place: &Place<'_>) {
        if self.side != Side::Answer {
            if self.may_write(property, place) {
                let outer = std::mem::replace(&mut self.side, Side::Creation);
                self.value(property.kind, value, &WHOLE, place);
                self.side = outer;
            }
        } else if property.is_relation {
            if let Some(inner) = projection.expanded(&property.name) {
                let in_part = deviations::is_as_sent(&property.owner, &property.name).then(|| inner.in_part());
                self.value(property.kind, value, in_part.as_ref().unwrap_or(inner), place);
            } else {
                let expected = "nothing, because it was not expanded";
                self.findings.add(What::UnexpectedRelation, place, expected, format!("`{}`", property.name));
            }
        } else {
            // The id comes along, whatever is selected.
            if !projection.selects(property) && property.name != "id" {
                self.findings.add(What::UnaskedProperty, place, "nothing, because it was not selected", "a value");
            }
            self.value(property.kind, value, &WHOLE, place);
        }
    }

    fn may_write(&mut self, property: &Property, place: &Place<'_>) -> bool {
        let expected = match (property.access, self.side) {
            (Access::Client, _) | (Access::Creation, Side::Creation | Side::Answer) => return true,
            (Access::Creation, Side::Update) => "a property that can be changed",
            (Access::Service, _) => "a property that a client writes",
        };
        let what = if property.is_relation { What::UnexpectedRelation } else { What::ReadOnlyProperty };
        self.findings.add(what, place, expected, format!("`{}`", property.name));
        false
    }

    fn missing(&mut self, structure: &Structure, map: &Map<String, Value>, projection: &Projection, place: &Place<'_>) {
        let names = match self.side {
            Side::Answer => &structure.required,
            Side::Creation => &structure.needed,
            Side::Update => return,
        };
        for name in names {
            let is_asked = structure.property(name).is_some_and(|property| projection.requires(property));
            let is_respelled = || self.in_any_spelling && map.keys().any(|known| known.eq_ignore_ascii_case(name));
            if !map.contains_key(name) && is_asked && !is_respelled() {
                self.findings.add(What::MissingProperty, place, format!("`{name}`"), "nothing");
            }
        }
    }

    /// What was expanded is there, and so are the version of what has one and what
    /// belongs to the kind of an item.
    fn missing_beside_properties(
        &mut self,
        number: TypeNo,
        map: &Map<String, Value>,
        projection: &Projection,
        place: &Place<'_>,
    ) {
        let properties = self.schema.structure(number).into_iter().flat_map(Structure::all_properties);
        let expanded = properties.filter(|property| projection.requires_relation(&property.name));
        for property in expanded.filter(|property| property.is_relation) {
            if !map.contains_key(&property.name) && !property.presence.may_be_missing() {
                let expected = format!("`{}`, because it was expanded", property.name);
                self.findings.add(What::MissingProperty, place, expected, "nothing");
            }
        }
        self.missing_of_its_kind(number, map, projection, place);
        let has_version = self.schema.line(number).any(deviations::has_version) && !projection.is_in_part();
        if has_version && !self.is_bare && !map.contains_key("@odata.etag") && !map.contains_key("@removed") {
            self.findings.add(What::WrongAnnotation, place, "`@odata.etag`", "none");
        }
    }

    /// What only some items of a type have is there where these are.
    fn missing_of_its_kind(
        &mut self,
        number: TypeNo,
        map: &Map<String, Value>,
        projection: &Projection,
        place: &Place<'_>,
    ) {
        let Some(structure) = self.schema.structure(number).filter(|_| !projection.is_in_part()) else { return };
        let given = self.schema.line(number).flat_map(|type_name| deviations::given_with(type_name, map));
        let given = given.filter_map(|name| structure.property(name)).filter(|property| projection.selects(property));
        for property in given.filter(|property| !map.contains_key(&property.name)) {
            self.findings.add(What::MissingProperty, place, format!("`{}`", property.name), "nothing");
        }
    }
}

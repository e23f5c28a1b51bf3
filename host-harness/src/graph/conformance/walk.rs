//! Everything that there is, for tests that ask for all of it.

use super::exists::{ROOTS, has_content};
use super::primitive::Edm;
use super::schema::{Schema, Shape, TypeNo};

/// How many relations a path may follow.
const STEPS_MAX: usize = 4;

/// How often a path may come to one type.
const VISITS_MAX: usize = 2;

/// Something that requests can be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// From the entry point on. A key is written `{}`.
    pub path: String,
}

/// The places of the types: what a path reaches along up to four relations, without
/// coming to one type more than twice, with keys, operations, numbers and the files
/// that items are. What is behind a user is there once, behind `/me`. There are none
/// for a type that something is cast to, nor for single properties that are no
/// relations and no files.
pub(crate) fn places(schema: &Schema) -> Vec<Place> {
    let mut walk = Walk { schema, places: Vec::new() };
    for (name, type_name, is_collection, _) in ROOTS {
        let Some(number) = schema.number(type_name) else { continue };
        match (name, is_collection) {
            ("users", _) => walk.items("/users", number),
            (_, true) => walk.collection(&format!("/{name}"), number, &mut vec![number]),
            (_, false) => walk.entity(&format!("/{name}"), number, &mut vec![number]),
        }
    }
    walk.places
}

struct Walk<'s> {
    schema: &'s Schema,
    places: Vec<Place>,
}

impl Walk<'_> {
    fn add(&mut self, path: String) {
        self.places.push(Place { path });
    }

    fn operations(&mut self, path: &str, number: TypeNo, on_collection: bool) {
        for operation in self.schema.bound_to(number, on_collection) {
            self.add(format!("{path}/{}", operation.name));
        }
    }

    fn entity(&mut self, path: &str, number: TypeNo, trail: &mut Vec<TypeNo>) {
        self.add(path.to_owned());
        self.operations(path, number, false);
        if has_content(self.schema.line(number)) {
            self.add(format!("{path}/$value"));
        }
        let Some(structure) = self.schema.structure(number) else { return };
        for property in structure.all_properties() {
            let kind = property.kind;
            let to = match kind.shape {
                Shape::Structure(to) if property.is_relation => to,
                Shape::Primitive(Edm::Stream) => {
                    self.add(format!("{path}/{}", property.name));
                    continue;
                }
                _ => continue,
            };
            let is_round = trail.iter().filter(|known| **known == to).count() >= VISITS_MAX;
            if is_round || trail.len() > STEPS_MAX {
                continue;
            }
            let path = format!("{path}/{}", property.name);
            trail.push(to);
            if kind.is_collection {
                self.collection(&path, to, trail);
            } else {
                self.entity(&path, to, trail);
            }
            trail.pop();
        }
    }

    /// A collection by itself.
    fn items(&mut self, path: &str, number: TypeNo) {
        self.add(path.to_owned());
        self.add(format!("{path}/$count"));
        self.operations(path, number, true);
    }

    fn collection(&mut self, path: &str, number: TypeNo, trail: &mut Vec<TypeNo>) {
        self.items(path, number);
        self.entity(&format!("{path}/{{}}"), number, trail);
    }
}

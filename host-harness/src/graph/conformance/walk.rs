//! Everything that there is behind a user, for tests that ask for all of it.

use super::exists::{self, Methods, ROOTS};
use super::primitive::Edm;
use super::schema::{Schema, Shape, TypeNo};

/// How many relations a path may follow.
const STEPS_MAX: usize = 4;

/// Something that requests can be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Behind the user. A key is written `{}`.
    pub path: String,
    /// What Graph lets be done to it.
    pub methods: Vec<&'static str>,
}

const METHODS: [&str; 5] = ["GET", "POST", "PATCH", "PUT", "DELETE"];

/// Every place behind a user, up to a few relations away.
pub(crate) fn places(schema: &Schema) -> Vec<Place> {
    let mut walk = Walk { schema, places: Vec::new() };
    if let Some((user, methods)) = ROOTS.iter().find_map(|(name, type_name, _, methods)| {
        (*name == "me").then_some(())?;
        Some((schema.number(type_name)?, *methods))
    }) {
        walk.entity("", user, methods, &mut vec![user]);
    }
    walk.places
}

struct Walk<'s> {
    schema: &'s Schema,
    places: Vec<Place>,
}

impl Walk<'_> {
    fn add(&mut self, path: String, has: impl Fn(&str) -> bool) {
        let methods = METHODS.into_iter().filter(|method| has(method)).collect();
        self.places.push(Place { path, methods });
    }

    fn operations(&mut self, path: &str, number: TypeNo, on_collection: bool) {
        for operation in self.schema.bound_to(number, on_collection) {
            let method = if operation.is_action { "POST" } else { "GET" };
            self.add(format!("{path}/{}", operation.name), |asked| asked == method);
        }
    }

    fn entity(&mut self, path: &str, number: TypeNo, methods: Methods, trail: &mut Vec<TypeNo>) {
        self.add(path.to_owned(), |method| methods.on_item(method));
        self.operations(path, number, false);
        let Some(structure) = self.schema.structure(number) else { return };
        for property in structure.all_properties() {
            let kind = property.kind;
            let to = match kind.shape {
                Shape::Structure(to) if property.is_relation => to,
                Shape::Primitive(Edm::Stream) => {
                    self.add(format!("{path}/{}", property.name), |method| matches!(method, "GET" | "PUT"));
                    continue;
                }
                _ => continue,
            };
            let is_round = trail.iter().filter(|known| **known == to).count() > 1;
            if is_round || trail.len() > STEPS_MAX {
                continue;
            }
            let methods = exists::behind(&property.owner, &property.name, kind.is_collection, true);
            let path = format!("{path}/{}", property.name);
            trail.push(to);
            if kind.is_collection {
                self.collection(&path, to, methods, trail);
            } else {
                self.entity(&path, to, methods, trail);
            }
            trail.pop();
        }
    }

    fn collection(&mut self, path: &str, number: TypeNo, methods: Methods, trail: &mut Vec<TypeNo>) {
        self.add(path.to_owned(), |method| methods.on_collection(method));
        self.add(format!("{path}/$count"), |method| method == "GET" && methods.on_collection("GET"));
        self.operations(path, number, true);
        self.entity(&format!("{path}/{{}}"), number, methods, trail);
    }
}

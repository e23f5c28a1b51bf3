//! The types and operations of Graph: what the official metadata says of them,
//! and the pages of the reference where the extract of it ends.
//!
//! Read once, from `data/graph/graph-v1-subset.json` and from `supplement.json`
//! next to this file, which has in the same form what the extract leaves out:
//! users and what they lead to. `api::metadata` writes it down, and
//! `conformance::schema` compares with it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

const OFFICIAL: &str = include_str!("../../../../data/graph/graph-v1-subset.json");
const SUPPLEMENT: &str = include_str!("supplement.json");

/// Everything by its name.
#[derive(Debug, Deserialize)]
pub(crate) struct Types {
    pub types: BTreeMap<String, Type>,
    pub operations: Vec<Operation>,
}

/// A type with what it declares itself. Types of properties are written as in
/// the files: `Collection(…)` around the name, `!` behind what is never null.
#[derive(Debug, Deserialize)]
pub(crate) struct Type {
    /// `entity`, `complex` or `enum`.
    pub kind: String,
    pub base: Option<String>,
    #[serde(default)]
    pub open: bool,
    #[serde(default)]
    pub props: BTreeMap<String, String>,
    #[serde(default)]
    pub nav: BTreeMap<String, String>,
    #[serde(default)]
    pub members: Vec<String>,
}

/// An action or a function that is bound to a type.
#[derive(Debug, Deserialize)]
pub(crate) struct Operation {
    /// `action` or `function`.
    pub kind: String,
    pub name: String,
    pub on: String,
    pub params: BTreeMap<String, String>,
    pub returns: Option<String>,
}

/// All of it. Panics at the first use if one of the files in this program is
/// not what it was when its tests ran.
pub(crate) static TYPES: LazyLock<Types> = LazyLock::new(|| {
    let read = |text: &str| -> Types {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("the types of Graph cannot be read: {error}"))
    };
    let (mut official, supplement) = (read(OFFICIAL), read(SUPPLEMENT));
    official.types.extend(supplement.types);
    official.operations.extend(supplement.operations);
    official
});

impl Types {
    /// A type that extends another one, or is it; names compare without case.
    pub fn made_from(&self, base: &str, name: &str) -> Option<&str> {
        let (name, _) = self.types.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        let mut line = std::iter::successors(Some(name), |at| self.types.get(*at)?.base.as_ref());
        line.any(|at| at == base).then_some(name)
    }

    /// Whether a path such as `start/dateTime` leads from a type along properties
    /// and relations that there are; names compare without case.
    pub fn has_path(&self, type_name: &str, path: &str) -> bool {
        path.split('/').try_fold(type_name, |at, name| self.type_behind(at, name)).is_some()
    }

    /// The name of the type of a property or a relation, or of its items.
    fn type_behind(&self, type_name: &str, name: &str) -> Option<&str> {
        let first = self.types.get(type_name);
        let mut line = std::iter::successors(first, |found| self.types.get(found.base.as_deref()?));
        let kind = line.find_map(|found| {
            let mut declared = found.props.iter().chain(&found.nav);
            declared.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, kind)| kind.trim_end_matches('!'))
        })?;
        Some(kind.strip_prefix("Collection(").and_then(|inner| inner.strip_suffix(')')).unwrap_or(kind))
    }
}

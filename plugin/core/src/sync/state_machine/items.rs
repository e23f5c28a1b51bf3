//! One side as the machine has it: items and versions.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{FieldGroup, FieldSet, Record};
use crate::sync::Side;

use super::kind::Kind;

/// An item with its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub version: u64,
    pub record: Record,
    pub writable: FieldSet,
}

impl Item {
    /// Whether what users do to `group` on the other side can arrive here. Days
    /// that users name and cancel in this model are the organiser's, like the
    /// rule that has them.
    pub const fn accepts(&self, group: FieldGroup) -> bool {
        match group {
            FieldGroup::Exceptions => self.writable.contains(group) && self.writable.contains(FieldGroup::Recurrence),
            group => self.writable.contains(group),
        }
    }
}

/// A side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    pub kind: Kind,
    pub side: Side,
    pub items: BTreeMap<String, Item>,
    /// Every state that an item has had, oldest first.
    pub past: BTreeMap<String, Vec<Item>>,
    /// What users deleted here.
    pub deleted: BTreeSet<String>,
}

impl Collection {
    pub const fn new(kind: Kind, side: Side) -> Self {
        Self { kind, side, items: BTreeMap::new(), past: BTreeMap::new(), deleted: BTreeSet::new() }
    }

    /// The identifier of the `nth` item, counting around.
    pub fn nth(&self, nth: usize) -> Option<String> {
        self.items.keys().nth(nth.checked_rem(self.items.len())?).cloned()
    }

    /// Stores `record` as this side shows it.
    pub fn put(&mut self, id: &str, version: u64, record: &Record, writable: FieldSet) {
        let record = self
            .kind
            .blank()
            .overlaid(record)
            .only(self.kind.holds(self.side))
            .values()
            .map(|value| self.kind.shown(self.side, value))
            .collect();
        let item = Item { version, record, writable };
        self.past.entry(id.to_owned()).or_default().push(item.clone());
        self.items.insert(id.to_owned(), item);
    }
}

//! What one side of an item looks like when a decision is due.

use crate::model::{Exceptions, FieldGroup, FieldSet, FieldValue, Record};

/// One side of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The item has never been on this side.
    Absent,
    /// It is there.
    Present(PresentEnd),
    /// It was there, and its deletion is confirmed.
    Gone,
    /// It was deleted while the direction gave that no effect. It stays deleted
    /// until the other side changes; it is not evidence for a deletion.
    Forgone,
}

/// An item that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentEnd {
    /// Its values now.
    pub now: Record,
    /// The values last agreed on, as this side shows them. A group without one
    /// counts as blank: the empty base of a first merge.
    pub base: Record,
    /// Groups that this side can hold.
    pub holds: FieldSet,
    /// Groups that may be written to this item.
    pub writable: FieldSet,
    /// The exceptions that are really there, where a write of ours has taken some
    /// away and not put them back; `now` has them all.
    pub left: Option<Exceptions>,
}

impl PresentEnd {
    /// An item that is seen for the first time: nothing is agreed.
    pub const fn unlinked(now: Record, holds: FieldSet, writable: FieldSet) -> Self {
        Self { now, base: Record::NONE, holds, writable, left: None }
    }

    /// Whether `group` was changed on this side. What a side cannot hold, it
    /// never changes.
    pub fn changed(&self, group: FieldGroup) -> bool {
        if !self.holds.contains(group) {
            return false;
        }
        match (self.base.get(group), self.now.get(group)) {
            (_, None) => false,
            (None, Some(now)) => !now.is_blank(),
            (Some(base), Some(now)) => !base.same_as(now),
        }
    }

    /// All groups that were changed on this side.
    pub fn changes(&self) -> FieldSet {
        FieldGroup::ALL.into_iter().filter(|group| self.changed(*group)).collect()
    }

    /// Whether `group` can be written here.
    pub fn accepts(&self, group: FieldGroup) -> bool {
        self.holds.contains(group) && self.writable.contains(group)
    }

    /// The exceptions that are really there.
    pub fn exceptions_there(&self) -> Exceptions {
        self.left.clone().unwrap_or_else(|| self.now.exceptions())
    }

    /// Whether this side shows exactly this value already.
    pub fn shows(&self, value: &FieldValue) -> bool {
        if let (FieldValue::Exceptions(_), Some(left)) = (value, &self.left) {
            return FieldValue::Exceptions(left.clone()).same_as(value);
        }
        self.now.get(value.group()).is_some_and(|now| now.same_as(value))
    }
}

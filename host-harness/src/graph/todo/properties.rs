//! The properties of tasks, lists, checklist items and linked resources:
//! which may be written, and how each is checked (resources/todotask,
//! resources/todotasklist, resources/checklistitem, resources/linkedresource).
//!
//! DIFFERENCE: the tables of api/todotasklist-post-tasks and
//! api/checklistitem-update list `id`, `createdDateTime` and the like among
//! what is to be sent. What the service would do with them is not said; here
//! they are refused, so that a client which means something by them is found
//! out.

use serde_json::{Map, Value};

use crate::graph::property::{self, Check};
use crate::graph::reply::Refusal;

/// A property that is stored as it was written.
struct Stored {
    name: &'static str,
    check: Check,
    /// Whether null is among its values (the metadata of version 1.0).
    nullable: bool,
}

/// What can be written to a type.
pub(crate) struct Writable {
    /// The name of the type.
    type_name: &'static str,
    stored: &'static [Stored],
    /// What the service computes, or what has requests of its own.
    read_only: &'static [&'static str],
    /// What exists, but not here.
    not_emulated: &'static [&'static str],
}

const fn stored(name: &'static str, check: Check, nullable: bool) -> Stored {
    Stored { name, check, nullable }
}

/// A task, without what `input` has its own readers for.
pub(crate) const TASK: Writable = Writable {
    type_name: "todoTask",
    stored: &[
        stored("title", Check::Text, true),
        stored("importance", Check::OneOf(&["low", "normal", "high"]), false),
        stored("isReminderOn", Check::Flag, false),
        stored("categories", Check::Texts, false),
    ],
    read_only: &["id", "createdDateTime", "lastModifiedDateTime", "bodyLastModifiedDateTime", "hasAttachments"],
    not_emulated: &["attachments", "attachmentSessions", "checklistItems"],
};

/// A list.
pub(crate) const LIST: Writable = Writable {
    type_name: "todoTaskList",
    stored: &[stored("displayName", Check::Text, false)],
    read_only: &["id", "isOwner", "isShared", "wellknownListName"],
    not_emulated: &["tasks"],
};

/// An item of the checklist of a task.
pub(crate) const CHECKLIST_ITEM: Writable = Writable {
    type_name: "checklistItem",
    stored: &[
        stored("displayName", Check::Text, true),
        stored("isChecked", Check::Flag, true),
        stored("checkedDateTime", Check::Instant, true),
    ],
    read_only: &["id", "createdDateTime"],
    not_emulated: &[],
};

/// A link of a task to where it comes from.
pub(crate) const LINKED_RESOURCE: Writable = Writable {
    type_name: "linkedResource",
    stored: &[
        stored("applicationName", Check::Text, true),
        stored("displayName", Check::Text, true),
        stored("externalId", Check::Text, true),
        stored("webUrl", Check::Text, true),
    ],
    read_only: &["id"],
    not_emulated: &[],
};

impl Writable {
    /// Checks one property and adds it.
    pub fn take(&self, name: &str, value: &Value, into: &mut Map<String, Value>) -> Result<(), Refusal> {
        let type_name = self.type_name;
        if self.not_emulated.contains(&name) {
            return Err(Refusal::not_emulated(&format!("Writing the property '{name}' of a {type_name}")));
        }
        if self.read_only.contains(&name) {
            return Err(property::read_only(name));
        }
        let known = self.stored.iter().find(|known| known.name == name);
        let known = known.ok_or_else(|| property::unknown(name, type_name))?;
        let is_valid = if value.is_null() { known.nullable } else { known.check.accepts(value) };
        if !is_valid {
            return Err(property::invalid(name));
        }
        into.insert(name.to_owned(), value.clone());
        Ok(())
    }

    /// Checks all properties of an object.
    pub fn take_all(&self, object: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
        let mut properties = Map::new();
        // Annotations such as `@odata.type` are not properties.
        for (name, value) in object.iter().filter(|(name, _)| !name.contains('@')) {
            self.take(name, value, &mut properties)?;
        }
        Ok(properties)
    }
}

/// The object of a request body.
pub(crate) fn object(bytes: &[u8]) -> Result<Map<String, Value>, Refusal> {
    serde_json::from_slice(bytes).map_err(|_| Refusal::unreadable())
}

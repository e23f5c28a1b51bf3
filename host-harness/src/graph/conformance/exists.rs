//! Which requests there are: the entry points of the API, and what can be done
//! to each collection and each item behind a relation. The judge asks, and so
//! does who answers: `api` refuses by it what Graph does not have.
//!
//! From the pages of the reference, and for what cannot be inserted, updated or
//! deleted from the capabilities in the metadata.

/// What can be done, a letter each: `L`ist, `C`reate, `G`et, `U`pdate, `D`elete,
/// and `P`ut of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Methods(&'static str);

impl Methods {
    /// Nothing but a look at a value.
    pub const GET: Self = Self("G");

    /// Whether a method is there for a collection.
    pub fn on_collection(self, method: &str) -> bool {
        match method {
            "GET" => self.0.contains('L'),
            "POST" => self.0.contains('C'),
            _ => false,
        }
    }

    /// Whether a method is there for an item or a value.
    pub fn on_item(self, method: &str) -> bool {
        match method {
            "GET" => self.0.contains('G'),
            "PATCH" => self.0.contains('U'),
            "DELETE" => self.0.contains('D'),
            "PUT" => self.0.contains('P'),
            _ => false,
        }
    }
}

/// The entry points: segment in lower case, type, whether it is a collection.
pub(crate) const ROOTS: [(&str, &str, bool, Methods); 4] = [
    // api/user-get, api/user-update
    ("me", "user", false, Methods("GU")),
    // api/organization-list, api/organization-get, api/organization-update
    ("organization", "organization", true, Methods("LGU")),
    // api/subscription-list and those beside it
    ("subscriptions", "subscription", true, Methods("LCGUD")),
    // api/user-list, api/user-post-users, api/user-delete
    ("users", "user", true, Methods("LCGUD")),
];

/// What is not all of it: owner, relation or property, what there is.
const RELATIONS: [(&str, &str, Methods); 23] = [
    // api/calendar-get, api/calendar-update: the default calendar stays.
    ("user", "calendar", Methods("GU")),
    // api/user-list-calendarview: neither insertable, updatable nor deletable.
    ("user", "calendarView", Methods("LG")),
    ("calendar", "calendarView", Methods("LG")),
    // The service has nothing to say of the whole (microsoft-graph-docs-contrib#4152).
    ("user", "outlook", Methods("")),
    // A relation of the metadata, without a page.
    ("user", "todo", Methods("G")),
    // api/user-get-mailboxsettings, api/user-update-mailboxsettings
    ("user", "mailboxSettings", Methods("GU")),
    // api/event-list-instances
    ("event", "instances", Methods("LG")),
    ("event", "exceptionOccurrences", Methods("LG")),
    ("event", "calendar", Methods("G")),
    // api/eventmessage-get
    ("eventMessage", "event", Methods("G")),
    ("itemAttachment", "item", Methods("G")),
    // api/event-post-attachments, api/attachment-get, api/attachment-delete
    ("event", "attachments", Methods("LCGD")),
    ("message", "attachments", Methods("LCGD")),
    ("todoTask", "attachments", Methods("LCGD")),
    // resources/attachmentsession: made by an action, which hands the address of
    // a session out for the bytes (concepts/todo-attachments).
    ("todoTask", "attachmentSessions", Methods("LGDP")),
    // Extended properties are written with the item, and read by `$expand`
    // (api/singlevaluelegacyextendedproperty-get).
    ("event", "singleValueExtendedProperties", Methods("")),
    ("event", "multiValueExtendedProperties", Methods("")),
    ("message", "singleValueExtendedProperties", Methods("")),
    ("message", "multiValueExtendedProperties", Methods("")),
    ("calendar", "singleValueExtendedProperties", Methods("")),
    ("calendar", "multiValueExtendedProperties", Methods("")),
    ("mailFolder", "singleValueExtendedProperties", Methods("")),
    ("mailFolder", "multiValueExtendedProperties", Methods("")),
];

/// What is a file, or has the form of one, as it is: `$value`
/// (api/message-get, api/attachment-get, api/taskfileattachment-get).
const HAS_CONTENT: [&str; 3] = ["message", "attachment", "attachmentBase"];

/// Actions that take a mail in MIME in the place of their parameters
/// (api/user-sendmail, api/message-reply, api/message-createreply and those
/// beside them).
const TAKES_MIME: [&str; 7] =
    ["sendMail", "reply", "replyAll", "forward", "createReply", "createReplyAll", "createForward"];

/// Whether an action takes a mail in MIME.
pub(super) fn takes_mime(action: &str) -> bool {
    TAKES_MIME.contains(&action)
}

/// Types of which not everything is listed here.
const IN_PART: [&str; 2] = ["user", "organization"];

/// Whether something of a type, by the names of it and what it extends, can be
/// read as the file that it is.
pub(super) fn has_content<'a>(mut names: impl Iterator<Item = &'a str>) -> bool {
    names.any(|name| HAS_CONTENT.contains(&name))
}

/// Whether all that a type has is known.
pub(super) fn is_whole(type_name: &str) -> bool {
    !IN_PART.contains(&type_name)
}

/// What can be done behind a relation or to a property of a type.
pub(super) fn behind(owner: &str, name: &str, is_collection: bool, is_relation: bool) -> Methods {
    let known = RELATIONS.iter().find(|(known, relation, _)| *known == owner && *relation == name);
    let usual = match (is_relation, is_collection) {
        (true, true) => Methods("LCGUD"),
        (true, false) | (false, _) => Methods::GET,
    };
    known.map_or(usual, |(_, _, methods)| *methods)
}

/// The names in the table, for a test that they exist.
#[cfg(test)]
pub(super) fn named() -> impl Iterator<Item = (&'static str, &'static str)> {
    RELATIONS.iter().map(|(owner, name, _)| (*owner, *name))
}

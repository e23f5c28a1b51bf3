//! Where the service is known to do other than its metadata says, each with
//! its source. What is not here is a violation.

/// Types that the metadata calls open, although the service refuses properties
/// that they do not have and answers none: data of applications goes into
/// extensions.
pub(super) const IS_CLOSED: [(&str, &str); 2] = [
    ("event", "resources/event has no other properties; overview of extensions (concepts/extensibility-overview)"),
    ("message", "resources/message has no other properties; overview of extensions (concepts/extensibility-overview)"),
];

/// Properties that are never null and yet left out of answers that nobody
/// asked for less: type, property, source.
pub(super) const LEFT_OUT: [(&str, &str, &str); 4] = [
    ("event", "cancelledOccurrences", "resources/event: returned only with `$select`"),
    ("taskFileAttachment", "contentBytes", "api/todotask-list-attachments: the example of a list has no content"),
    ("user", "otherMails", "resources/user: returned only with `$select`"),
    ("user", "proxyAddresses", "resources/user: returned only with `$select`"),
];

/// Whether an answer may be without a property that is never null.
pub(super) fn may_be_missing(type_name: &str, property: &str) -> bool {
    LEFT_OUT.iter().any(|(owner, name, _)| *owner == type_name && *name == property)
}

/// Parameters of actions that may come as a text with the value in it: action
/// and parameter in lower case, source.
pub(super) const IN_QUOTES: [(&str, &str, &str); 2] = [
    ("sendMail", "savetosentitems", "api/user-sendmail: an example has `\"saveToSentItems\": \"false\"`"),
    ("getSchedule", "availabilityviewinterval", "concepts/outlook-get-free-busy-schedule: an example has a text"),
];

/// Whether a written value is a member of an enumeration. Answers spell
/// members as the metadata does; the examples of the reference write
/// `"contentType": "HTML"` as well (api/user-post-events, api/user-sendmail).
pub(super) fn is_member_in_write(members: &[String], value: &str) -> bool {
    members.iter().any(|member| member.eq_ignore_ascii_case(value))
}

/// Names in a part of a batch that nobody documents, and that the service passes
/// over, with who sends them.
const PASSED_OVER_IN_PARTS: [(&str, &str); 1] =
    [("depends_on", "msgraph-core 1.5 for Python sends it, empty, in every part, in place of `dependsOn`")];

/// Whether a part of a batch may have a property of this name without meaning
/// anything by it.
pub(super) fn is_passed_over_in_a_part(name: &str) -> bool {
    PASSED_OVER_IN_PARTS.iter().any(|(known, _)| *known == name)
}

/// Relations that are not answered although they were written along
/// (api/singlevaluelegacyextendedproperty-post-singlevalueextendedproperties).
const NEVER_ANSWERED: [&str; 2] = ["singleValueExtendedProperties", "multiValueExtendedProperties"];

/// Whether a relation is left out of the answer to a request that wrote it.
pub(super) fn is_never_answered(relation: &str) -> bool {
    NEVER_ANSWERED.contains(&relation)
}

/// Properties of a notification that are never null, and that one about the
/// subscription itself does not have, with their source.
pub(super) const LACKING_IN_LIFECYCLE: [(&str, &str); 2] = [
    ("changeType", "concepts/change-notifications-lifecycle-events: the examples have no change"),
    ("resource", "concepts/change-notifications-lifecycle-events: the examples have no resource"),
];

/// The type whose `@odata.type` names another one, with capital letters: that
/// of the item that the notification is about
/// (concepts/outlook-change-notifications-overview: `#Microsoft.Graph.Message`).
pub(super) const SPEAKS_OF_ANOTHER: &str = "resourceData";

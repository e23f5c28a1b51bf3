//! Where the service is known to do other than its metadata says, each with
//! its source. What is not here is a violation.

use serde_json::{Map, Value};

/// Types that the metadata calls open, although the service refuses properties
/// that they do not have and answers none: data of applications goes into
/// extensions.
pub(super) const IS_CLOSED: [(&str, &str); 2] = [
    ("event", "resources/event has no other properties; overview of extensions (concepts/extensibility-overview)"),
    ("message", "resources/message has no other properties; overview of extensions (concepts/extensibility-overview)"),
];

/// When a property is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Unless something else is selected, null where it has no value.
    Always,
    /// Where it has a value, unless something else is selected.
    WithValue,
    /// Where it is selected.
    OnRequest,
    /// Where it is selected and has a value.
    OnRequestWithValue,
}

impl Presence {
    /// Whether it has to be selected by name.
    pub fn is_on_request(self) -> bool {
        matches!(self, Self::OnRequest | Self::OnRequestWithValue)
    }

    /// Whether it may be left out although it was asked for.
    pub fn may_be_missing(self) -> bool {
        matches!(self, Self::WithValue | Self::OnRequestWithValue)
    }
}

/// Properties that are not in every answer: type that declares them, properties,
/// when they are there, source. `OData` has all of them in every answer that is
/// not asked for less (JSON Format 4.01, section 4.5).
pub(super) const LEFT_OUT: [(&str, &[&str], Presence, &str); 22] = [
    (
        "event",
        &["cancelledOccurrences"],
        Presence::OnRequestWithValue,
        "resources/event: returned only with `$select`, for the master of a series",
    ),
    ("event", &["exceptionOccurrences"], Presence::WithValue, "resources/event: of the master of a series"),
    (
        "event",
        &["multiValueExtendedProperties", "singleValueExtendedProperties"],
        Presence::WithValue,
        "api/singlevaluelegacyextendedproperty-get: of items that have such a property",
    ),
    (
        "message",
        &["multiValueExtendedProperties", "singleValueExtendedProperties"],
        Presence::WithValue,
        "api/singlevaluelegacyextendedproperty-get: of items that have such a property",
    ),
    ("event", &["originalStart"], Presence::WithValue, "resources/event: of occurrences; api/event-get has none"),
    ("attendee", &["proposedNewTime"], Presence::WithValue, "api/event-get: attendees without it"),
    (
        "location",
        &["address", "coordinates", "locationEmailAddress", "locationUri", "uniqueId"],
        Presence::WithValue,
        "api/event-get, api/user-post-events: locations without them",
    ),
    (
        "physicalAddress",
        &["city", "countryOrRegion", "postalCode", "state", "street"],
        Presence::WithValue,
        "api/event-get: an address of which nothing is known is `{}`",
    ),
    (
        "outlookGeoCoordinates",
        &["accuracy", "altitude", "altitudeAccuracy", "latitude", "longitude"],
        Presence::WithValue,
        "api/user-post-events: latitude and longitude alone",
    ),
    (
        "onlineMeetingInfo",
        &["conferenceId", "phones", "quickDial", "tollFreeNumbers", "tollNumber"],
        Presence::WithValue,
        "api/user-post-events: a meeting has what there is to join it by, and nothing of the rest",
    ),
    (
        "recurrencePattern",
        &["daysOfWeek"],
        Presence::WithValue,
        "RogerSelwyn/MS365-ToDo#133: a pattern by the day of the month has zeros, and no days of the week",
    ),
    (
        "message",
        &["internetMessageHeaders", "uniqueBody"],
        Presence::OnRequest,
        "resources/message: returned only with `$select`",
    ),
    (
        "followupFlag",
        &["completedDateTime", "dueDateTime", "startDateTime"],
        Presence::WithValue,
        "api/message-get: a flag with its status alone",
    ),
    (
        "todoTask",
        &["completedDateTime", "dueDateTime", "recurrence", "reminderDateTime", "startDateTime"],
        Presence::WithValue,
        "api/todotask-get: a task without them",
    ),
    ("checklistItem", &["checkedDateTime"], Presence::WithValue, "api/checklistitem-get: an item without it"),
    (
        "linkedResource",
        &["applicationName", "displayName", "externalId", "webUrl"],
        Presence::WithValue,
        "api/todotasklist-post-tasks: a linked resource without `externalId`",
    ),
    ("mailboxSettings", &["archiveFolder"], Presence::WithValue, "resources/mailboxsettings: of who has an archive"),
    (
        "scheduleItem",
        &["isPrivate", "location", "subject"],
        Presence::WithValue,
        "resources/scheduleitem: optional each",
    ),
    (
        "scheduleInformation",
        &["error", "workingHours"],
        Presence::WithValue,
        "api/calendar-getschedule: a schedule, or the reason why there is none",
    ),
    (
        "convertIdResult",
        &["errorDetails", "targetId"],
        Presence::WithValue,
        "api/user-translateexchangeids: without an error, or with nothing else",
    ),
    (
        "changeNotification",
        &["clientState", "encryptedContent", "id", "lifecycleEvent", "resourceData"],
        Presence::WithValue,
        "concepts/change-notifications-delivery-webhooks, concepts/change-notifications-lifecycle-events",
    ),
    (
        "changeNotificationCollection",
        &["validationTokens"],
        Presence::WithValue,
        "resources/changenotificationcollection: with the data of items",
    ),
];

/// Properties that are there where another one has one of some values, although they
/// may be missing elsewhere: type, property, the other one, its values, source.
pub(super) const GIVEN_WITH: [(&str, &str, &str, &[&str], &str); 1] = [(
    "event",
    "originalStart",
    "type",
    &["occurrence", "exception"],
    "resources/event: the start of an occurrence or exception; mguessan/davmail#481 shows it",
)];

/// Which properties of a type have to be there beside what an item has.
pub(super) fn given_with<'a>(
    type_name: &'a str,
    item: &'a Map<String, Value>,
) -> impl Iterator<Item = &'static str> + 'a {
    let has_one = |name: &str, values: &[&str]| {
        item.get(name).and_then(Value::as_str).is_some_and(|value| values.contains(&value))
    };
    let given =
        GIVEN_WITH.iter().filter(move |(owner, _, mark, values, _)| *owner == type_name && has_one(mark, values));
    given.map(|(_, name, ..)| *name)
}

/// Types that nothing is of without being of one that extends them: answers name
/// that one (resources/attachment, resources/extension, resources/attachmentbase;
/// `OData` JSON Format 4.01, section 4.6.3). The extract of the metadata does not
/// say which these are.
const ABSTRACT: [&str; 3] = ["attachment", "attachmentBase", "extension"];

/// Whether nothing is of a type itself.
pub(super) fn is_abstract(type_name: &str) -> bool {
    ABSTRACT.contains(&type_name)
}

/// Types whose entities, and those of what extends them, come with `@odata.etag` in
/// every example (api/event-get,
/// api/user-list-events, api/message-get, api/todotask-get,
/// api/todotasklist-get).
const HAS_VERSION: [&str; 4] = ["event", "message", "todoTask", "todoTaskList"];

/// Whether entities of a type say which version they are.
pub(super) fn has_version(type_name: &str) -> bool {
    HAS_VERSION.contains(&type_name)
}

/// Properties that a list does not have of its items, while the item by itself
/// has them: type, property, source.
pub(super) const NOT_IN_LISTS: [(&str, &str, &str); 1] =
    [("taskFileAttachment", "contentBytes", "api/todotask-list-attachments: the example has no content")];

/// Relations behind which is what a client once sent, and no more: type,
/// relation, source.
pub(super) const AS_SENT: [(&str, &str, &str); 1] =
    [("itemAttachment", "item", "api/attachment-get: the items in the examples lack half of their properties")];

/// Whether what is behind a relation has just what was sent.
pub(super) fn is_as_sent(owner: &str, relation: &str) -> bool {
    AS_SENT.iter().any(|(known, name, _)| *known == owner && *name == relation)
}

/// Values of which a change answers what was changed: type, source.
pub(super) const CHANGES_ALONE: [(&str, &str); 1] =
    [("mailboxSettings", "api/user-update-mailboxsettings: the updated properties are returned")];

/// What a caller who may only see the outside of mails or of events does not get
/// (concepts/permissions-reference, `Mail.ReadBasic`, `Calendars.ReadBasic`; of
/// the event behind a mail, api/eventmessage-get).
pub(super) const CONTENT: [&str; 8] = [
    "attachments",
    "body",
    "bodyPreview",
    "event",
    "extensions",
    "multiValueExtendedProperties",
    "singleValueExtendedProperties",
    "uniqueBody",
];

/// Types of which a few properties are answered to who selects none: type,
/// these properties, source.
pub(super) const BY_DEFAULT: [(&str, &[&str], &str); 1] = [(
    "user",
    &[
        "businessPhones",
        "displayName",
        "givenName",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
    ],
    "api/user-get: only a default set is returned",
)];

/// When a property is answered that `owner` declares.
pub(super) fn presence(owner: &str, property: &str) -> Presence {
    let is_further = |(known, names, _): &(&str, &[&str], &str)| *known == owner && !names.contains(&property);
    if BY_DEFAULT.iter().any(is_further) {
        return Presence::OnRequest;
    }
    let known = LEFT_OUT.iter().find(|(known, names, _, _)| *known == owner && names.contains(&property));
    known.map_or(Presence::Always, |(_, _, presence, _)| *presence)
}

/// Items of a round that come with a few properties, whatever was asked.
pub(super) struct Stub {
    /// The collection whose changes are asked for, in lower case.
    collection: &'static str,
    /// A property and its value that tell these items, if not all are meant.
    mark: Option<(&'static str, &'static str)>,
    pub names: &'static [&'static str],
}

/// All of them.
pub(super) const STUBS: [Stub; 2] = [
    // Occurrences come without what their series says (microsoft-graph-docs#22197).
    Stub {
        collection: "calendarview",
        mark: Some(("type", "occurrence")),
        names: &["id", "seriesMasterId", "type", "start", "end"],
    },
    // The answer of api/event-delta (beta).
    Stub { collection: "events", mark: None, names: &["id", "type", "start", "end"] },
];

/// What an item of a round has, if it is a few properties. `words` are the path
/// of the round, in lower case.
pub(super) fn stub(words: &[&str], item: &Value) -> Option<&'static [&'static str]> {
    let [.., collection, "delta"] = words else { return None };
    let is_marked =
        |stub: &&Stub| stub.mark.is_none_or(|(name, value)| item.get(name).is_some_and(|found| found == value));
    let known = STUBS.iter().filter(|stub| stub.collection == *collection).find(is_marked);
    known.map(|stub| stub.names)
}

/// Parameters of actions that may come as a text with the value in it: action as
/// the metadata spells it, parameter in lower case, source.
const IN_QUOTES: [(&str, &str, &str); 2] = [
    ("sendMail", "savetosentitems", "api/user-sendmail: an example has `\"saveToSentItems\": \"false\"`"),
    ("getSchedule", "availabilityviewinterval", "concepts/outlook-get-free-busy-schedule: an example has a text"),
];

/// Whether a parameter of an action may come as a text with the value in it. The
/// action is one of the metadata; clients spell its parameters in any case.
pub(crate) fn is_written_in_quotes(action: &str, parameter: &str) -> bool {
    IN_QUOTES.iter().any(|(known, name, _)| *known == action && parameter.eq_ignore_ascii_case(name))
}

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

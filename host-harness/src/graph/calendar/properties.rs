//! The properties of an event: which may be written, and how each is checked
//! (resources/event, api/user-post-events, api/event-update).
//!
//! Times, body, recurrence and people have their own readers in `input`; this
//! table covers everything that is stored as it was written.

use serde_json::{Map, Value, json};

use crate::graph::property::{self, Check};
use crate::graph::reply::Refusal;

/// Stored properties and their checks. `true`: guests see it, so that a
/// change by the organiser is mailed to them.
const STORED: [(&str, Check, bool); 12] = [
    ("allowNewTimeProposals", Check::Flag, true),
    ("categories", Check::Texts, false),
    ("hideAttendees", Check::Flag, true),
    ("importance", Check::OneOf(&["low", "normal", "high"]), true),
    ("isOnlineMeeting", Check::Flag, true),
    ("isReminderOn", Check::Flag, false),
    (
        "onlineMeetingProvider",
        Check::OneOf(&["unknown", "skypeForBusiness", "skypeForConsumer", "teamsForBusiness"]),
        true,
    ),
    ("reminderMinutesBeforeStart", Check::Minutes, false),
    ("responseRequested", Check::Flag, true),
    ("sensitivity", Check::OneOf(&["normal", "personal", "private", "confidential"]), true),
    ("showAs", Check::OneOf(&["unknown", "free", "tentative", "busy", "oof", "workingElsewhere"]), false),
    ("subject", Check::Text, true),
];

/// Properties that the service computes.
const READ_ONLY: [&str; 27] = [
    "id",
    "bodyPreview",
    "cancelledOccurrences",
    "changeKey",
    "createdDateTime",
    "exceptionOccurrences",
    "hasAttachments",
    "iCalUId",
    "instances",
    "isCancelled",
    "isDraft",
    "isOrganizer",
    "lastModifiedDateTime",
    "onlineMeeting",
    "onlineMeetingUrl",
    "organizer",
    "originalEndTimeZone",
    "originalStart",
    "originalStartTimeZone",
    "responseStatus",
    "seriesMasterId",
    "type",
    "webLink",
    "calendar",
    "occurrenceId",
    "uid",
    "bodyLastModifiedDateTime",
];

/// Whether guests learn of a change of this property.
pub(crate) fn is_shared(name: &str) -> bool {
    let stored = STORED.iter().find(|(known, _, _)| *known == name).is_some_and(|(_, _, shared)| *shared);
    stored
        || matches!(name, "start" | "end" | "isAllDay" | "recurrence" | "attendees" | "body" | "location" | "locations")
}

/// The names of stored properties that guests see.
pub(crate) fn shared_names() -> impl Iterator<Item = &'static str> {
    let stored = STORED.iter().filter(|(_, _, shared)| *shared).map(|(name, _, _)| *name);
    stored.chain(["location", "locations"])
}

/// Checks one stored property and adds it.
pub(crate) fn take(name: &str, value: &Value, into: &mut Map<String, Value>) -> Result<(), Refusal> {
    if READ_ONLY.contains(&name) {
        return Err(property::read_only(name));
    }
    let stored = STORED.iter().find(|(known, _, _)| *known == name);
    let (_, check, _) = stored.ok_or_else(|| property::unknown(name, "event"))?;
    if !value.is_null() && !check.accepts(value) {
        return Err(property::invalid(name));
    }
    into.insert(name.to_owned(), value.clone());
    Ok(())
}

/// Reads one location (resources/location) into the form it is answered in.
pub(crate) fn location(value: &Value) -> Result<Value, Refusal> {
    let Some(given) = value.as_object() else {
        return Err(Refusal::invalid_property("The value of 'location' is not valid."));
    };
    let name = given.get("displayName").and_then(Value::as_str).unwrap_or_default();
    let mut location = no_location();
    if let Some(map) = location.as_object_mut() {
        if !name.is_empty() {
            map.insert("uniqueId".to_owned(), json!(name));
            map.insert("uniqueIdType".to_owned(), json!("private"));
        }
        map.extend(plain(given));
    }
    Ok(location)
}

/// What a complex value says: without annotations and nulls, also in those
/// within.
fn plain(given: &Map<String, Value>) -> Map<String, Value> {
    let said = given.iter().filter(|(name, value)| !name.contains('@') && !value.is_null());
    let kept = said.map(|(name, value)| match value {
        Value::Object(inner) => (name.clone(), Value::Object(plain(inner))),
        other => (name.clone(), other.clone()),
    });
    kept.collect()
}

/// The location of an event without one.
fn no_location() -> Value {
    json!({ "displayName": "", "locationType": "default", "uniqueIdType": "unknown", "address": {}, "coordinates": {} })
}

/// Values of the stored properties when nothing was written.
pub(crate) fn defaults() -> Map<String, Value> {
    let values = json!({
        "allowNewTimeProposals": true,
        "categories": [],
        "hideAttendees": false,
        "importance": "normal",
        "isOnlineMeeting": false,
        "isReminderOn": true,
        "location": no_location(),
        "locations": [],
        "onlineMeetingProvider": "unknown",
        "reminderMinutesBeforeStart": 15,
        "responseRequested": true,
        "sensitivity": "normal",
        "showAs": "busy",
        "subject": "",
    });
    values.as_object().cloned().unwrap_or_default()
}

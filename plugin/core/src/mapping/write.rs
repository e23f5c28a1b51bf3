//! Which JSON writes which groups of an event?
//!
//! Only properties of the groups asked for are in a body: a property that is
//! not sent is not changed (`api/event-update`). Guests are never written in
//! this version, because every write of them sends mail.

use serde_json::{Map, Value, json};

use super::times::written_time;
use crate::graph::wire::CORRELATION_PROPERTY;
use crate::model::{FieldSet, FieldValue, Importance, LinkId, Record, Reminder, Sensitivity, ShowAs};

/// The body of a change of `groups` (`api/event-update`). Groups that the
/// record lacks are left out, and guests always are: an empty object means that
/// there is nothing to write.
pub fn patch_body(record: &Record, groups: FieldSet) -> Value {
    Value::Object(properties(&record.only(groups)))
}

/// The body of a create (`api/user-post-events`).
///
/// The link's id is both the `transactionId`, which makes a repeat harmless
/// while Exchange remembers it, and an extended property, which finds the event
/// ever after.
pub fn create_body(record: &Record, link: &LinkId) -> Value {
    let mut body = properties(record);
    body.insert("transactionId".to_owned(), json!(link.as_str()));
    let correlation = json!([{ "id": CORRELATION_PROPERTY, "value": link.as_str() }]);
    body.insert("singleValueExtendedProperties".to_owned(), correlation);
    Value::Object(body)
}

fn properties(record: &Record) -> Map<String, Value> {
    let mut body = Map::new();
    for value in record.values() {
        let mut put = |name: &str, value: Value| {
            body.insert(name.to_owned(), value);
        };
        match value {
            FieldValue::Title(title) => put("subject", json!(title)),
            FieldValue::Body(html) => put("body", json!({ "contentType": "html", "content": html.as_str() })),
            FieldValue::Time(time) => written_time(time).into_iter().for_each(|(name, value)| put(name, value)),
            FieldValue::Attendees(_) => {}
            FieldValue::Reminder(Reminder::None) => put("isReminderOn", json!(false)),
            FieldValue::Reminder(Reminder::MinutesBefore(minutes)) => {
                put("isReminderOn", json!(true));
                // The property is a signed 32-bit number.
                put("reminderMinutesBeforeStart", json!(i32::try_from(*minutes).unwrap_or(i32::MAX)));
            }
            FieldValue::Location(name) => put("location", json!({ "displayName": name })),
            FieldValue::Categories(names) => put("categories", json!(names)),
            FieldValue::ShowAs(show_as) => put("showAs", json!(show_as_text(*show_as))),
            FieldValue::Sensitivity(sensitivity) => put("sensitivity", json!(sensitivity_text(*sensitivity))),
            FieldValue::Importance(importance) => put("importance", json!(importance_text(*importance))),
        }
    }
    body
}

const fn show_as_text(show_as: ShowAs) -> &'static str {
    match show_as {
        ShowAs::Unknown => "unknown",
        ShowAs::Free => "free",
        ShowAs::Tentative => "tentative",
        ShowAs::Busy => "busy",
        ShowAs::Oof => "oof",
        ShowAs::WorkingElsewhere => "workingElsewhere",
    }
}

const fn sensitivity_text(sensitivity: Sensitivity) -> &'static str {
    match sensitivity {
        Sensitivity::Normal => "normal",
        Sensitivity::Personal => "personal",
        Sensitivity::Private => "private",
        Sensitivity::Confidential => "confidential",
    }
}

const fn importance_text(importance: Importance) -> &'static str {
    match importance {
        Importance::Low => "low",
        Importance::Normal => "normal",
        Importance::High => "high",
    }
}

#[cfg(test)]
mod tests;

//! Which JSON writes which groups of a task?
//!
//! Only properties of the groups in a record are in a body: a property that is
//! not sent is not changed (`api/todotask-update`). Of a task, nothing else is
//! ever sent.

use serde_json::{Map, Value, json};

use super::due;
use crate::mapping::times::wire_time;
use crate::mapping::write::importance_text;
use crate::model::{FieldValue, LinkId, Record, TaskStatus, Zone};

/// The body of a create (`api/todotasklist-post-tasks`) in a mailbox whose zone is
/// `zone`. What the record has none of is left out.
///
/// A linked resource comes along in the same request, so that no task is ever
/// there without the id by which it is found again.
pub fn create_task_body(record: &Record, zone: Zone, linked: Option<Value>) -> Value {
    let mut body = properties(&record.values().filter(|value| !value.is_blank()).cloned().collect(), zone);
    body.entry("title").or_insert_with(|| json!(record.title()));
    if let Some(linked) = linked {
        body.insert("linkedResources".to_owned(), json!([linked]));
    }
    Value::Object(body)
}

/// The body of a change of the groups in `record` (`api/todotask-update`) in a
/// mailbox whose zone is `zone`. An empty object means that there is nothing to
/// write.
pub fn patch_task_body(record: &Record, zone: Zone) -> Value {
    Value::Object(properties(record, zone))
}

/// A linked resource (`resources/linkedresource`) that names an item of ours:
/// what it is called, where it is shown, and the `link` as its id.
pub fn linked_resource(link: &LinkId, application: &str, title: &str, web_url: Option<&str>) -> Value {
    let mut resource = json!({
        "applicationName": application,
        "displayName": title,
        "externalId": link.as_str(),
    });
    if let (Some(web_url), Some(fields)) = (web_url, resource.as_object_mut()) {
        fields.insert("webUrl".to_owned(), json!(web_url));
    }
    resource
}

fn properties(record: &Record, zone: Zone) -> Map<String, Value> {
    let mut body = Map::new();
    for value in record.values() {
        let mut put = |name: &str, value: Value| {
            body.insert(name.to_owned(), value);
        };
        match value {
            FieldValue::Title(title) => put("title", json!(title)),
            // The one kind that an update takes (`api/todotask-update`).
            FieldValue::Body(html) => put("body", json!({ "contentType": "html", "content": html.as_str() })),
            FieldValue::RemindAt(None) => put("isReminderOn", json!(false)),
            FieldValue::RemindAt(Some(at)) => {
                put("isReminderOn", json!(true));
                put("reminderDateTime", wire_time(at.to_utc().naive_utc(), "UTC"));
            }
            FieldValue::Importance(importance) => put("importance", json!(importance_text(*importance))),
            FieldValue::Status(status) => put("status", json!(status_text(*status))),
            FieldValue::Due(day) => put("dueDateTime", day.map_or(Value::Null, |day| due::written(day, zone))),
            // Of events alone; a task's categories are Microsoft's.
            FieldValue::Time(_)
            | FieldValue::Recurrence(_)
            | FieldValue::Exceptions(_)
            | FieldValue::Attendees(_)
            | FieldValue::Reminder(_)
            | FieldValue::Location(_)
            | FieldValue::Categories(_)
            | FieldValue::ShowAs(_)
            | FieldValue::Sensitivity(_)
            | FieldValue::Response(_) => {}
        }
    }
    body
}

const fn status_text(status: TaskStatus) -> &'static str {
    match status {
        TaskStatus::Open => "notStarted",
        TaskStatus::InProgress => "inProgress",
        TaskStatus::Closed => "completed",
    }
}

#[cfg(test)]
mod tests;

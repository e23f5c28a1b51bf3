//! Reads a task that a client sent, with Graph's checks
//! (api/todotasklist-post-tasks, api/todotask-update).
//!
//! The result says only what was in the request; combining it with what is
//! stored is `edit`'s.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::model::{Day, Status, TaskBody};
use super::properties::{self, LINKED_RESOURCE, TASK};
use crate::graph::calendar::body;
use crate::graph::calendar::input::moment;
use crate::graph::calendar::instance::zone;
use crate::graph::extension;
use crate::graph::model::Extensions;
use crate::graph::property;
use crate::graph::reply::Refusal;
use crate::graph::zones;

/// What a request says of a property that can be taken away.
#[derive(Clone, Debug, Default)]
pub(crate) enum Given<T> {
    #[default]
    Nothing,
    /// An explicit null.
    Cleared,
    Value(T),
}

impl<T> Given<T> {
    fn read(value: &Value, read: impl FnOnce(&Value) -> Result<T, Refusal>) -> Result<Self, Refusal> {
        if value.is_null() { Ok(Self::Cleared) } else { read(value).map(Self::Value) }
    }

    /// Writes it over what is stored.
    pub fn apply(self, stored: &mut Option<T>) {
        match self {
            Self::Nothing => {}
            Self::Cleared => *stored = None,
            Self::Value(value) => *stored = Some(value),
        }
    }
}

/// What was in the request.
#[derive(Clone, Debug, Default)]
pub(crate) struct TaskInput {
    pub properties: Map<String, Value>,
    pub status: Option<Status>,
    pub body: Option<TaskBody>,
    pub due: Given<Day>,
    pub start: Given<Day>,
    pub completed: Given<Day>,
    pub reminder: Given<DateTime<Utc>>,
    pub recurrence: Given<Value>,
    /// The properties of each, if any were sent.
    pub linked_resources: Option<Vec<Map<String, Value>>>,
    /// Only of a task that is created.
    pub extensions: Option<Extensions>,
}

/// Reads a request body.
pub(crate) fn read(bytes: &[u8]) -> Result<TaskInput, Refusal> {
    let mut input = TaskInput::default();
    for (name, value) in &properties::object(bytes)? {
        // Annotations such as `@odata.type` are not properties.
        if !name.contains('@') {
            take(&mut input, name, value)?;
        }
    }
    Ok(input)
}

fn take(input: &mut TaskInput, name: &str, value: &Value) -> Result<(), Refusal> {
    match name {
        "status" => {
            let status = serde_json::from_value(value.clone()).map_err(|_| property::invalid(name))?;
            input.status = Some(status);
        }
        "body" => input.body = Some(read_body(value)),
        "dueDateTime" => input.due = Given::read(value, |value| day(value, name))?,
        "startDateTime" => input.start = Given::read(value, |value| day(value, name))?,
        "completedDateTime" => input.completed = Given::read(value, |value| day(value, name))?,
        "reminderDateTime" => input.reminder = Given::read(value, |value| instant(value, name))?,
        "recurrence" => input.recurrence = Given::read(value, |value| Ok(value.clone()))?,
        "extensions" => input.extensions = Some(extension::read_all(value)?),
        "linkedResources" => input.linked_resources = Some(linked_resources(value)?),
        other => TASK.take(other, value, &mut input.properties)?,
    }
    Ok(())
}

/// The date of a `dateTimeTimeZone`; the time of day is dropped.
fn day(value: &Value, name: &str) -> Result<Day, Refusal> {
    let moment = moment(value, name)?;
    Ok(Day { date: moment.wall.date(), zone: moment.zone })
}

fn instant(value: &Value, name: &str) -> Result<DateTime<Utc>, Refusal> {
    let moment = moment(value, name)?;
    Ok(zones::to_utc(moment.wall, zone(&moment.zone)))
}

/// Reads an `itemBody`.
///
/// DIFFERENCE: api/todotask-update says that only HTML is supported, its
/// examples answer text. Here both are kept as what they are; HTML gets a
/// document around it, as Exchange does with all its items.
fn read_body(value: &Value) -> TaskBody {
    let content = value.get("content").and_then(Value::as_str).unwrap_or_default();
    match value.get("contentType").and_then(Value::as_str) {
        Some("html") => TaskBody { is_html: true, content: body::from_html(content).html },
        Some(_) | None => TaskBody { is_html: false, content: content.to_owned() },
    }
}

fn linked_resources(value: &Value) -> Result<Vec<Map<String, Value>>, Refusal> {
    let list = value.as_array().ok_or_else(|| property::invalid("linkedResources"))?;
    let object = |entry: &Value| entry.as_object().cloned().ok_or_else(|| property::invalid("linkedResources"));
    list.iter().map(|entry| LINKED_RESOURCE.take_all(&object(entry)?)).collect()
}

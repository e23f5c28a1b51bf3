//! What of tasks can be compared in `$filter` and `$orderby`
//! (api/todotasklist-list-tasks), and how anything else is refused.

use serde_json::{Value, json};

use super::tasks::parse_uri;
use crate::graph::api::filter::{Comparable, Filter, Operand, Vocabulary};
use crate::graph::reply::Refusal;
use crate::graph::todo::model::{Day, Status, Task};

/// The properties of `todoTask` that cannot be compared here, in lower case.
const OTHERS: [&str; 9] = [
    "id",
    "body",
    "categories",
    "recurrence",
    "attachments",
    "attachmentsessions",
    "checklistitems",
    "extensions",
    "linkedresources",
];

/// Tasks, as far as they can be compared here.
pub(super) const TASKS: Vocabulary = Vocabulary {
    paths: &[
        "title",
        "status",
        "importance",
        "isreminderon",
        "hasattachments",
        "createddatetime",
        "lastmodifieddatetime",
        "bodylastmodifieddatetime",
        "duedatetime/datetime",
        "startdatetime/datetime",
        "completeddatetime/datetime",
        "reminderdatetime/datetime",
    ],
    has_extended: false,
    folds_texts: false,
    refuse: refused,
};

fn refused(text: &str) -> Refusal {
    let begins = text.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(text.len());
    let name = text.get(..begins).unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    let is_compared = TASKS.paths.iter().any(|path| path.split('/').next() == Some(lower.as_str()));
    let is_function = text.get(begins..).is_some_and(|rest| rest.starts_with('('));
    if is_compared || is_function || OTHERS.contains(&lower.as_str()) {
        return Refusal::not_emulated("Such a filter on tasks");
    }
    parse_uri(&format!("Could not find a property named '{name}' on type 'microsoft.graph.todoTask'."))
}

/// Reads a filter on tasks.
pub(super) fn parse(text: Option<&str>) -> Result<Filter, Refusal> {
    let filter = Filter::parse(text, &TASKS)?;
    let unknown =
        filter.texts("status").into_iter().find(|name| serde_json::from_value::<Status>(json!(name)).is_err());
    match unknown {
        Some(name) => Err(parse_uri(&format!("The string '{name}' is not a valid enumeration type constant."))),
        None => Ok(filter),
    }
}

impl Comparable for Task {
    fn operand(&self, path: &str) -> Option<Operand> {
        let text = |name: &str, default: &str| {
            let value = self.properties.get(name).and_then(Value::as_str).unwrap_or(default);
            Some(Operand::Text(value.to_owned()))
        };
        let day = |day: &Option<Day>| day.as_ref().map(|day| Operand::At(day.midnight()));
        match path {
            "title" => text("title", ""),
            "importance" => text("importance", "normal"),
            "status" => serde_json::to_value(self.status).ok()?.as_str().map(|name| Operand::Text(name.to_owned())),
            "isreminderon" => Some(Operand::Flag(self.properties.get("isReminderOn").is_some_and(|on| on == true))),
            "hasattachments" => Some(Operand::Flag(!self.attachments.is_empty())),
            "createddatetime" => Some(Operand::At(self.created)),
            "lastmodifieddatetime" => Some(Operand::At(self.modified)),
            "bodylastmodifieddatetime" => Some(Operand::At(self.body_modified)),
            "duedatetime/datetime" => day(&self.due),
            "startdatetime/datetime" => day(&self.start),
            "completeddatetime/datetime" => day(&self.completed),
            "reminderdatetime/datetime" => self.reminder.map(Operand::At),
            _ => None,
        }
    }

    fn extended(&self, _id: &str) -> Option<&str> {
        None
    }
}

//! The form of a task: what it shows, and what it means when it is posted.
//!
//! Whether the values are acceptable is the CRM's decision; here is said what cannot be
//! read, and in the words of the form what the CRM would refuse in its own.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use crate::crm::change::Change;
use crate::crm::task::due::due_at;
use crate::crm::task::{SUBJECT_LENGTH_MAX, Task, TaskInput, TaskPriority, TaskStatus, TaskVersion};
use crate::web::forms::FormFields;
use crate::web::link::LinkView;
use crate::web::local_time::{clock, day, parse_day, parse_reminder, parse_time};
use crate::web::problems::Problems;
use crate::web::text;

/// What the form shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskForm {
    subject: String,
    due_on: String,
    due_at: String,
    priority: String,
    /// Empty where the form has none, because the workflow is active.
    status: String,
    reminder: String,
    assigned_to: String,
    description: String,
}

/// An entry of a list to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What is posted.
    pub value: String,
    /// What is shown.
    pub label: String,
}

/// The page around it.
#[derive(Debug, Serialize)]
pub struct TaskFormView {
    /// The heading.
    pub title: &'static str,
    /// Where the form posts to.
    pub action: String,
    /// The list.
    pub back_href: String,
    /// Whose list, by login.
    pub login: String,
    /// The zone of day and time.
    pub zone: &'static str,
    /// The longest reminder.
    pub reminder_max: u32,
    /// The version that was read; none for a new task.
    pub version: Option<String>,
    /// Where the task is deleted; none for a new one.
    pub delete_href: Option<String>,
    /// The steps of the workflow; none while it is not active, or for a new
    /// task.
    pub workflow: Option<WorkflowView>,
    /// Whether the status is chosen in the form.
    pub has_status: bool,
    /// The priorities.
    pub priorities: Vec<Choice>,
    /// The statuses.
    pub statuses: Vec<Choice>,
    /// The people of the organization.
    pub people: Vec<Choice>,
    /// Why nothing was saved.
    pub problems: Problems,
    /// What is known of it on the other side; none for a new task.
    pub link: Option<LinkView>,
    /// The fields.
    pub form: TaskForm,
}

/// How far a task is, and where it can go from there.
#[derive(Debug, Serialize)]
pub struct WorkflowView {
    pub(super) action: String,
    pub(super) status: super::Badge,
    pub(super) steps: Vec<super::Step>,
}

impl TaskForm {
    /// A new task for somebody.
    pub fn blank(login: &str) -> Self {
        Self {
            subject: String::new(),
            due_on: String::new(),
            due_at: String::new(),
            priority: TaskPriority::Normal.to_string(),
            status: TaskStatus::Open.to_string(),
            reminder: String::new(),
            assigned_to: login.to_owned(),
            description: String::new(),
        }
    }

    /// The fields of a task, with its due date in a zone.
    pub fn of(task: &Task, zone: Tz) -> Self {
        let values = &task.values;
        let local = values.due_date.map(|due| due.with_timezone(&zone).naive_local());
        Self {
            subject: values.subject.clone(),
            due_on: local.map(day).unwrap_or_default(),
            due_at: local.map(clock).unwrap_or_default(),
            priority: values.priority.to_string(),
            status: values.status.to_string(),
            reminder: values.reminder_minutes.map(|minutes| minutes.to_string()).unwrap_or_default(),
            assigned_to: task.assigned_to.clone(),
            description: values.description.as_deref().map(text::from_html).unwrap_or_default(),
        }
    }

    /// What was posted.
    pub fn posted(form: &FormFields) -> Self {
        let text = |name: &str| form.trimmed(name).to_owned();
        Self {
            subject: text("subject"),
            due_on: text("due_on"),
            due_at: text("due_at"),
            priority: text("priority"),
            status: text("status"),
            reminder: text("reminder"),
            assigned_to: text("assigned_to"),
            description: form.get("description").unwrap_or_default().replace("\r\n", "\n"),
        }
    }

    /// What the CRM is asked to store; `before` is the task as it was read, and
    /// what did not change is not sent.
    ///
    /// # Errors
    /// All that cannot be read: a day, a time, a number.
    pub fn input(&self, before: Option<&Task>, version: Option<&str>, zone: Tz) -> Result<TaskInput, Problems> {
        let mut found = Problems::default();
        let shown = before.map(|task| Self::of(task, zone));
        // A field that is not in the form is empty, which none of these can be.
        let chosen = |field: fn(&Self) -> &String| {
            let (now, then) = (field(self), shown.as_ref().map(field));
            if now.is_empty() || then == Some(now) { Change::Keep } else { Change::Set(now.clone()) }
        };
        let mut input = TaskInput {
            priority: chosen(|form| &form.priority),
            status: chosen(|form| &form.status),
            assigned_to: chosen(|form| &form.assigned_to),
            version: version.map_or(Change::Keep, |text| Change::Set(TaskVersion::remembered(text))),
            ..TaskInput::default()
        };
        let changed = |field: fn(&Self) -> &str| shown.as_ref().is_none_or(|shown| field(shown) != field(self).trim());
        if changed(|form| &form.subject) {
            input.subject = Change::Set(self.subject.clone());
        }
        // The CRM refuses it, too, but only after everything else can be read.
        if self.subject.is_empty() {
            found.add("subject", "The subject is missing.");
        }
        if self.subject.chars().count() > SUBJECT_LENGTH_MAX as usize {
            found.add("subject", format!("The subject is longer than {SUBJECT_LENGTH_MAX} characters. Shorten it."));
        }
        if self.due_on.is_empty() && !self.reminder.is_empty() {
            found.add("due_on", "The due date is missing: the reminder counts back from it.");
        }
        if changed(|form| &form.due_on) || changed(|form| &form.due_at) {
            let due = found.join(self.due(zone)).flatten();
            input.due_date = due.map_or(Change::Clear, |due| Change::Set(due.to_rfc3339()));
        }
        if changed(|form| &form.reminder) {
            input.reminder_minutes = match self.reminder.as_str() {
                "" => Change::Clear,
                minutes => found.keep("reminder", parse_reminder(minutes)).map_or(Change::Keep, Change::Set),
            };
        }
        if changed(|form| &form.description) {
            let description = self.description.trim();
            input.description =
                if description.is_empty() { Change::Clear } else { Change::Set(text::to_html(description)) };
        }
        found.check().map(|()| input)
    }

    /// When it is due: a date without a time is due at its end.
    fn due(&self, zone: Tz) -> Result<Option<DateTime<Utc>>, Problems> {
        let day = |text: &str| parse_day(text, "due date").map_err(|text| Problems::at("due_on", text));
        match (self.due_on.as_str(), self.due_at.as_str()) {
            ("", "") => Ok(None),
            ("", _) => Err(Problems::at("due_on", "The due date is missing: a time alone is not enough.")),
            (date, "") => {
                let due = due_at(day(date)?, None, zone);
                due.map(Some).ok_or_else(|| Problems::at("due_on", "The due date has to be in the years 2 to 9998."))
            }
            (date, time) => {
                let due = parse_time(day(date)?, time, zone, "due date");
                due.map(Some).map_err(|text| Problems::at("due_at", text))
            }
        }
    }
}

/// The field of the form that stands for one of the CRM's.
pub fn field_of(field: &str) -> Option<&'static str> {
    Some(match field {
        "subject" => "subject",
        "description" => "description",
        "dueDate" => "due_on",
        "reminderMinutes" => "reminder",
        "priority" => "priority",
        "status" => "status",
        "assignedTo" => "assigned_to",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use serde_json::json;

    use super::*;
    use crate::crm::fixtures::{crm, person};

    const BERLIN: Tz = Tz::Europe__Berlin;

    fn posted(pairs: &[(&str, &str)]) -> TaskForm {
        let pairs = pairs.iter().chain(&[("subject", "Call")]);
        TaskForm::posted(&FormFields::new(
            pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        ))
    }

    fn task() -> Task {
        let crm = crm();
        let alice = person(&crm, "alice");
        let input = json!({"subject": "Call", "description": "<p><b>x</b></p>", "dueDate": "2026-07-01T07:00:15Z",
            "reminderMinutes": 15});
        crm.create_task(alice.id, TaskInput::from_json(input).unwrap()).unwrap()
    }

    #[test]
    fn what_the_crm_would_refuse_in_its_own_words_is_said_in_those_of_the_form() {
        let long = "a".repeat(SUBJECT_LENGTH_MAX as usize + 1);
        let due = ("due_on", "2026-07-01");
        for (entered, field, said) in [
            (vec![("subject", long.as_str())], "subject", "The subject is longer than 255 characters. Shorten it."),
            (vec![("reminder", "5")], "due_on", "The due date is missing: the reminder counts back from it."),
            (vec![due, ("reminder", "-5")], "reminder", "The reminder has to be from 0 to 527040 minutes before."),
            (vec![due, ("reminder", "soon")], "reminder", "The reminder has to be a whole number of minutes."),
        ] {
            let problems = serde_json::to_value(posted(&entered).input(None, None, BERLIN).unwrap_err()).unwrap();
            assert_eq!(problems, json!([{"field": field, "text": said}]), "{entered:?}");
        }
    }

    #[test]
    fn a_due_date_is_read_in_the_viewers_zone_and_ends_its_day_without_a_time() {
        let due = |on: &str, at: &str| posted(&[("due_on", on), ("due_at", at)]).input(None, None, BERLIN);
        let set = |text: &str| Change::Set(text.to_owned());
        assert_eq!(due("2026-07-01", "09:00").unwrap().due_date, set("2026-07-01T07:00:00+00:00"));
        assert_eq!(due("2026-07-01", "").unwrap().due_date, set("2026-07-01T21:59:00+00:00"));
        assert_eq!(due("", "").unwrap().due_date, Change::Clear);
        for (on, at, said) in [
            ("", "09:00", "missing"),
            ("soon", "", "has to be a date"),
            ("2026-07-01", "noon", "time such as"),
            ("2026-03-29", "02:30", "skips"),
            ("0001-01-01", "", "years"),
        ] {
            let problems = serde_json::to_value(due(on, at).unwrap_err()).unwrap();
            let is_there = |field: &str| problems[0]["field"] == field;
            assert!(is_there("due_on") || is_there("due_at"), "{on} {at}: {problems}");
            assert!(problems[0]["text"].as_str().unwrap().contains(said), "{on} {at}: {problems}");
        }
        let wrong = posted(&[("reminder", "soon"), ("due_at", "09:00")]).input(None, None, BERLIN).unwrap_err();
        let problems = serde_json::to_value(wrong).unwrap();
        assert_eq!(
            (&problems[0]["field"], &problems[1]["field"]),
            (&json!("due_on"), &json!("reminder")),
            "both at once"
        );
    }

    #[test]
    fn saving_the_form_sends_nothing_that_did_not_change() {
        let task = task();
        let form = TaskForm::of(&task, BERLIN);
        assert_eq!(form.input(Some(&task), None, BERLIN).unwrap(), TaskInput::default());
        let renamed = TaskForm { subject: "New".to_owned(), ..form.clone() };
        let expected = TaskInput { subject: Change::Set("New".to_owned()), ..TaskInput::default() };
        assert_eq!(renamed.input(Some(&task), None, BERLIN).unwrap(), expected);
        let cleared = TaskForm { due_on: String::new(), due_at: String::new(), reminder: String::new(), ..form };
        let input = cleared.input(Some(&task), None, BERLIN).unwrap();
        assert_eq!(
            (input.due_date, input.reminder_minutes, input.subject),
            (Change::Clear, Change::Clear, Change::Keep)
        );
    }

    #[test]
    fn a_form_without_a_status_leaves_it() {
        let task = task();
        let form = TaskForm { status: String::new(), ..TaskForm::of(&task, BERLIN) };
        assert_eq!(form.input(Some(&task), None, BERLIN).unwrap().status, Change::Keep);
        let closed = TaskForm { status: "closed".to_owned(), ..form };
        assert_eq!(closed.input(Some(&task), None, BERLIN).unwrap().status, Change::Set("closed".to_owned()));
    }
}

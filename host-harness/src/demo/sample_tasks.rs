//! What is on the task lists at first: some of it written down in the CRM, some
//! in To Do, one thing in both.
//!
//! Next: [`super::scene`].

use chrono::{NaiveTime, TimeDelta};
use serde_json::{Value, json};

use super::organization::SELLER;
use super::sample::{BERLIN, Week, instant};
use crate::crm::change::Change;
use crate::crm::task::{TaskInput, TaskPriority, TaskStatus};

/// A sample task of the salesperson.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleTask {
    /// The title.
    pub title: &'static str,
    /// The description; empty for none.
    pub html: &'static str,
    /// Days after Monday, and the hour at which the CRM has it due.
    pub due: Option<(u64, u32)>,
    /// How much it matters.
    pub priority: TaskPriority,
    /// How far it is.
    pub status: TaskStatus,
}

const fn task(title: &'static str, due: Option<(u64, u32)>) -> SampleTask {
    SampleTask { title, html: "", due, priority: TaskPriority::Normal, status: TaskStatus::Open }
}

/// Written down in the CRM, and done there.
pub const SEND_OFFER: SampleTask = SampleTask {
    html: "<p>With the prices of <b>this</b> quarter.</p>",
    priority: TaskPriority::High,
    ..task("Send the offer to Northwind", Some((2, 17)))
};

/// Written down in the CRM; both sides change it in different fields.
pub const FIGURES: SampleTask =
    SampleTask { status: TaskStatus::InProgress, ..task("Collect the figures for the budget", Some((1, 12))) };

/// Written down in the CRM; both sides rename it.
pub const CALL: SampleTask = task("Call Contoso about the renewal", Some((3, 15)));

/// Written down in the CRM, and deleted there.
pub const PRICE_LIST: SampleTask = task("Throw away the old price list", None);

/// Written down in To Do; put off there.
pub const PERMIT: SampleTask = task("Renew the parking permit", Some((4, 0)));

/// Written down in To Do, and deleted there.
pub const LIBRARY: SampleTask = task("Return the library books", None);

/// Written down in both, before they were connected.
pub const HOTEL: SampleTask = task("Book the hotel in Hannover", Some((5, 18)));

/// What the salesperson has in the CRM.
pub const TASKS_IN_CRM: [SampleTask; 5] = [SEND_OFFER, FIGURES, CALL, PRICE_LIST, HOTEL];

/// What the salesperson has in To Do.
pub const TASKS_IN_TODO: [SampleTask; 3] = [PERMIT, LIBRARY, HOTEL];

impl SampleTask {
    /// As the CRM's pages save it.
    pub fn for_crm(&self, week: Week) -> TaskInput {
        let due = self.due.map(|(day, hour)| {
            let time = NaiveTime::MIN + TimeDelta::hours(i64::from(hour));
            instant(week.day(day).and_time(time), BERLIN).to_rfc3339()
        });
        TaskInput {
            subject: Change::Set(self.title.to_owned()),
            description: if self.html.is_empty() { Change::Keep } else { Change::Set(self.html.to_owned()) },
            due_date: due.map_or(Change::Keep, Change::Set),
            priority: Change::Set(self.priority.to_string()),
            status: Change::Set(self.status.to_string()),
            ..TaskInput::default()
        }
    }

    /// As To Do saves it, put off by some days.
    pub fn for_todo(&self, week: Week, days: u64) -> Value {
        let status = match self.status {
            TaskStatus::Open => "notStarted",
            TaskStatus::InProgress => "inProgress",
            TaskStatus::Closed => "completed",
        };
        let mut task = json!({ "title": self.title, "importance": self.priority.to_string(), "status": status });
        if let (Some((day, _)), Some(fields)) = (self.due, task.as_object_mut()) {
            fields.insert("dueDateTime".to_owned(), due_in_todo(week, day + days));
        }
        task
    }
}

/// A due date as To Do writes it: midnight of a day.
pub fn due_in_todo(week: Week, day: u64) -> Value {
    json!({ "dateTime": format!("{}T00:00:00", week.day(day)), "timeZone": SELLER.windows_zone })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn both_sides_have_a_task_due_on_the_same_day_and_the_crm_at_an_hour() {
        let week = Week::of(chrono::DateTime::UNIX_EPOCH, BERLIN);
        assert_eq!(HOTEL.for_crm(week).due_date, Change::Set("1970-01-03T17:00:00+00:00".to_owned()));
        let todo = HOTEL.for_todo(week, 0);
        assert_eq!(
            todo["dueDateTime"],
            json!({ "dateTime": "1970-01-03T00:00:00", "timeZone": "W. Europe Standard Time" })
        );
        assert_eq!(HOTEL.for_todo(week, 2)["dueDateTime"]["dateTime"], "1970-01-05T00:00:00");
        assert_eq!(FIGURES.for_todo(week, 0)["status"], "inProgress");
        assert!(LIBRARY.for_todo(week, 0).get("dueDateTime").is_none());
    }
}

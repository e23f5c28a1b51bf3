//! What a person sees on either side, in the same words for both.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use chrono_tz::Europe::Berlin;
use serde_json::Value;

use crate::app::Resource;
use crate::sim::operation::{Side, Who};
use crate::sim::people::{FROM, TO, default_list};
use crate::sim::scene::{Played, Scene, all_pages, done};
use crate::sim::words::{entries, item_of, text};

/// Everything of one user on one side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// `start end title` of each instance of the calendar, sorted.
    pub lines: Vec<String>,
    /// The events, series as one.
    pub events: Vec<EventShown>,
    /// The tasks.
    pub tasks: Vec<TaskShown>,
}

/// What is seen of an event beside its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventShown {
    /// The number of the item.
    pub item: u32,
    /// Its title.
    pub title: String,
    /// The description without its markup.
    pub text: String,
    /// Minutes before the start; none without a reminder.
    pub reminder: Option<i64>,
    /// `address part answer` of each guest, sorted; none in somebody else's
    /// meeting, where Microsoft shows a guest no answers of others.
    pub guests: Option<Vec<String>>,
    /// Whether its organiser has called it off; such a copy stays until its owner
    /// removes it.
    pub is_cancelled: bool,
    /// Whether somebody else has invited to it.
    pub is_copy: bool,
}

/// What is seen of a task.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskShown {
    /// The number of the item.
    pub item: u32,
    /// Its title.
    pub title: String,
    /// The description without its markup.
    pub text: String,
    /// The day on which it is due.
    pub due: Option<NaiveDate>,
    /// `low`, `normal` or `high`.
    pub weight: String,
    /// `open`, `begun` or `done`.
    pub progress: &'static str,
}

impl Shown {
    /// The items of a resource, each as often as it is there.
    pub fn items_of(&self, resource: Resource) -> Vec<u32> {
        let mut items: Vec<u32> = match resource {
            Resource::Tasks => self.tasks.iter().map(|task| task.item).collect(),
            Resource::Calendar | Resource::Mail => self.events.iter().map(|event| event.item).collect(),
        };
        items.sort_unstable();
        items
    }
}

/// What one side shows of a user.
///
/// # Errors
/// The harness did not do as it should.
pub async fn shown(scene: &Scene, who: Who, side: Side) -> Played<Shown> {
    match side {
        Side::Crm => in_crm(scene, who).await,
        Side::Microsoft => in_microsoft(scene, who).await,
    }
}

async fn in_crm(scene: &Scene, who: Who) -> Played<Shown> {
    let login = who.login();
    let instances = format!("/api/calendar-events/instances?user={login}&start={FROM}&end={TO}");
    let instances = done(&scene.crm.get(&instances).await, "the instances of a user")?;
    let events = done(&scene.crm.get(&format!("/api/calendar-events?user={login}")).await, "the events of a user")?;
    let tasks = done(&scene.crm.get(&format!("/api/tasks?user={login}")).await, "the tasks of a user")?;
    let masters = entries(&events).iter().filter(|event| event["recurringEventId"].is_null());
    Ok(Shown {
        lines: sorted(entries(&instances).iter().map(crm_line)),
        events: masters.filter_map(crm_event).collect(),
        tasks: entries(&tasks).iter().filter_map(crm_task).collect(),
    })
}

async fn in_microsoft(scene: &Scene, who: Who) -> Played<Shown> {
    let graph = scene.graph(who).await?;
    let window = format!("/v1.0/me/calendarView?startDateTime={FROM}&endDateTime={TO}&$top=500");
    let instances = all_pages(&graph, &window).await?;
    let events = all_pages(&graph, "/v1.0/me/events?$top=999").await?;
    let list = default_list(&graph).await?;
    let tasks = all_pages(&graph, &format!("{list}?$top=100")).await?;
    Ok(Shown {
        lines: sorted(instances.iter().filter(|event| event["isCancelled"] != true).map(graph_line)),
        events: events.iter().filter_map(graph_event).collect(),
        tasks: tasks.iter().filter_map(graph_task).collect(),
    })
}

fn crm_line(instance: &Value) -> String {
    let title = text(instance, "title");
    if instance["allDay"] == true {
        let last: NaiveDate = text(instance, "endDate").parse().unwrap_or_default();
        return format!("{} {} {title}", text(instance, "startDate"), last.succ_opt().unwrap_or(last));
    }
    format!("{} {} {title}", second(text(instance, "start")), second(text(instance, "end")))
}

fn graph_line(event: &Value) -> String {
    let all_day = event["isAllDay"] == true;
    let moment = |name: &str| {
        let reading = text(&event[name], "dateTime");
        if all_day {
            reading.get(..10).unwrap_or_default().to_owned()
        } else {
            format!("{}Z", reading.get(..19).unwrap_or_default())
        }
    };
    format!("{} {} {}", moment("start"), moment("end"), text(event, "subject"))
}

fn crm_event(event: &Value) -> Option<EventShown> {
    let guest = |guest: &Value| {
        let [email, part, answer] = ["email", "type", "status"].map(|name| text(guest, name).to_ascii_lowercase());
        format!("{email} {part} {answer}")
    };
    let title = text(event, "title").to_owned();
    Some(EventShown {
        item: item_of(&title)?,
        title,
        text: words_of(text(event, "description")),
        reminder: event["reminderMinutes"].as_i64(),
        guests: (event["isOrganizer"] == true).then(|| sorted(entries(&event["attendees"]).iter().map(guest))),
        is_cancelled: event["cancelled"] == true,
        is_copy: event["isOrganizer"] == false,
    })
}

fn graph_event(event: &Value) -> Option<EventShown> {
    let guest = |guest: &Value| {
        let address = text(&guest["emailAddress"], "address").to_ascii_lowercase();
        let answer = match text(&guest["status"], "response") {
            "none" | "notResponded" => "none",
            "tentativelyAccepted" => "tentative",
            other => other,
        };
        format!("{address} {} {answer}", text(guest, "type"))
    };
    let title = text(event, "subject").to_owned();
    let reminder = event["reminderMinutesBeforeStart"].as_i64();
    Some(EventShown {
        item: item_of(&title)?,
        title,
        text: words_of(text(&event["body"], "content")),
        reminder: reminder.filter(|_| event["isReminderOn"] == true),
        guests: (event["isOrganizer"] == true).then(|| sorted(entries(&event["attendees"]).iter().map(guest))),
        is_cancelled: event["isCancelled"] == true,
        is_copy: event["isOrganizer"] == false,
    })
}

fn crm_task(task: &Value) -> Option<TaskShown> {
    let title = text(task, "subject").to_owned();
    let due: Option<DateTime<Utc>> = text(task, "dueDate").parse().ok();
    Some(TaskShown {
        item: item_of(&title)?,
        title,
        text: words_of(text(task, "description")),
        due: due.map(|due| due.with_timezone(&Berlin).date_naive()),
        weight: text(task, "priority").to_owned(),
        progress: match text(task, "status") {
            "closed" => "done",
            "in_progress" => "begun",
            _ => "open",
        },
    })
}

fn graph_task(task: &Value) -> Option<TaskShown> {
    let title = text(task, "title").to_owned();
    // To Do answers in UTC.
    let due = format!("{}Z", text(&task["dueDateTime"], "dateTime"));
    let due: Option<DateTime<Utc>> = due.parse().ok();
    Some(TaskShown {
        item: item_of(&title)?,
        title,
        text: words_of(text(&task["body"], "content")),
        due: due.map(|due| due.with_timezone(&Berlin).date_naive()),
        weight: text(task, "importance").to_owned(),
        progress: match text(task, "status") {
            "completed" => "done",
            "notStarted" => "open",
            _ => "begun",
        },
    })
}

/// What is left of HTML without its tags, and with single spaces.
pub fn words_of(html: &str) -> String {
    let mut words = String::new();
    let mut in_tag = false;
    for letter in html.chars() {
        match letter {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                words.push(' ');
            }
            letter if !in_tag => words.push(letter),
            _ => {}
        }
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An instant to the second.
fn second(instant: &str) -> String {
    let at: DateTime<Utc> = instant.parse().unwrap_or_default();
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn sorted(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_text_are_the_same_with_any_markup() {
        assert_eq!(words_of("<p>Agenda <b>3</b></p>"), "Agenda 3");
        assert_eq!(words_of("<html><body>\r\n<p>Agenda\n <b>3</b></p></body></html>"), "Agenda 3");
    }
}

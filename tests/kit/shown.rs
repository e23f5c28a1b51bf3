//! What a person sees who opens a calendar: one line for each thing in it, in
//! the same words for both sides.

use serde_json::Value;
use url::Url;

use crate::world::path_and_query;
use crate::{Outlook, World};

impl World {
    /// What the CRM's calendar shows between two instants: `start end title`.
    pub async fn shown(&self, login: &str, from: &str, to: &str) -> Vec<String> {
        let path = format!("/api/calendar-events/instances?user={login}&start={from}&end={to}");
        let answer = self.crm.get(&path).await.ok();
        let instances = answer.as_array().unwrap_or_else(|| panic!("expected a list, but found {answer}"));
        let line = |instance: &Value| {
            let text = |name: &str| instance[name].as_str().unwrap_or_else(|| panic!("no {name} in {instance}"));
            let title = text("title");
            if instance["allDay"] == true {
                let last: chrono::NaiveDate = text("endDate").parse().unwrap();
                return format!("{} {} {title}", text("startDate"), last.succ_opt().unwrap());
            }
            format!("{} {} {title}", instant(text("start")), instant(text("end")))
        };
        sorted(instances.iter().map(line))
    }

    /// Mails that Microsoft has sent: `kind to subject`, the occurrence behind it
    /// where there is one.
    pub async fn mails(&self) -> Vec<String> {
        let outbox = self.microsoft.get("/_control/outbox").await.ok();
        let mails = outbox.as_array().or_else(|| outbox["mails"].as_array());
        let mails = mails.unwrap_or_else(|| panic!("expected a list, but found {outbox}"));
        let line = |mail: &Value| {
            let text = |name: &str| mail[name].as_str().unwrap_or_default().to_owned();
            let occurrence = mail["occurrence"].as_str().map(|day| format!(" on {day}")).unwrap_or_default();
            format!("{} {} {}{occurrence}", text("kind"), text("to"), text("subject"))
        };
        mails.iter().map(line).collect()
    }

    /// Both calendars of a user, which have to show the same.
    pub async fn assert_same(&self, login: &str, from: &str, to: &str) -> Vec<String> {
        let crm = self.shown(login, from, to).await;
        let outlook = self.outlook(login).await.shown(from, to).await;
        assert_eq!(crm, outlook, "the CRM on the left, Outlook on the right");
        crm
    }
}

impl Outlook {
    /// What Outlook shows between two instants, in the same words.
    pub async fn shown(&self, from: &str, to: &str) -> Vec<String> {
        sorted(self.instances(from, to).await.iter().filter(|event| event["isCancelled"] != true).map(line))
    }

    /// What one calendar of several shows, by its id, in the same words.
    pub async fn shown_in(&self, calendar: &str, from: &str, to: &str) -> Vec<String> {
        let instances = self.instances_of(&format!("/v1.0/me/calendars/{calendar}"), from, to).await;
        sorted(instances.iter().filter(|event| event["isCancelled"] != true).map(line))
    }

    /// The instances of the default calendar between two instants.
    pub async fn instances(&self, from: &str, to: &str) -> Vec<Value> {
        self.instances_of("/v1.0/me", from, to).await
    }

    async fn instances_of(&self, calendar: &str, from: &str, to: &str) -> Vec<Value> {
        let mut instances = Vec::new();
        let mut next = Some(format!("{calendar}/calendarView?startDateTime={from}&endDateTime={to}&$top=500"));
        while let Some(path) = next {
            let page = self.graph().get(&path).await.ok();
            instances.extend(page["value"].as_array().unwrap().clone());
            next = page["@odata.nextLink"].as_str().map(|link| path_and_query(&Url::parse(link).unwrap()));
        }
        instances
    }

    /// The instance with this subject that begins then, which has to be there.
    pub async fn instance(&self, subject: &str, start: &str) -> Value {
        let day: chrono::NaiveDate = start[..10].parse().unwrap();
        let (from, to) = (day.pred_opt().unwrap(), day.succ_opt().unwrap());
        let found = self.instances(&format!("{from}T00:00:00Z"), &format!("{to}T23:59:59Z")).await;
        let is_meant = |event: &&Value| {
            event["subject"] == subject && event["start"]["dateTime"].as_str().unwrap().starts_with(start)
        };
        found.iter().find(is_meant).cloned().unwrap_or_else(|| panic!("no {subject} at {start} in {found:?}"))
    }
}

fn line(event: &Value) -> String {
    let all_day = event["isAllDay"] == true;
    let moment = |name: &str| {
        assert_eq!(event[name]["timeZone"], "UTC", "{event}");
        let text = event[name]["dateTime"].as_str().unwrap();
        if all_day { text[..10].to_owned() } else { format!("{}Z", &text[..19]) }
    };
    format!("{} {} {}", moment("start"), moment("end"), event["subject"].as_str().unwrap())
}

/// An instant to the second, as Graph's lines have it.
fn instant(text: &str) -> String {
    let at: chrono::DateTime<chrono::Utc> = text.parse().unwrap_or_else(|_| panic!("expected an instant: {text}"));
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn sorted(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    lines
}

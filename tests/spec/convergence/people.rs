//! What people do in either calendar, through the interface that each of them
//! uses. What a side refuses to a person has not happened.

use axum::http::{Method, StatusCode};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

use super::calendar::{item_of, range_in_graph, title};
use super::history::{Answer, Edit, End, Guests, OccurrenceEdit, Rule, Side, When, Who};

/// Where occurrences are looked for.
pub const FROM: &str = "2026-01-01T00:00:00Z";
/// Until where.
pub const TO: &str = "2027-02-01T00:00:00Z";

/// Whether a person's write was taken.
const fn taken(status: StatusCode) -> bool {
    status.as_u16() < 300
}

/// Enters a new item.
pub async fn create(
    world: &World,
    side: Side,
    who: Who,
    item: u32,
    (when, rule, guests): (When, Option<Rule>, Guests),
) -> bool {
    match side {
        Side::Crm => {
            let mut event = when.in_crm();
            event["title"] = json!(title(item, 0));
            event["attendees"] = guests.in_crm();
            if let Some(rule) = rule {
                event["recurrence"] = crm_rule(&rule, &event);
            }
            let url = format!("/api/calendar-events?user={}", who.login());
            taken(world.crm.post(&url, &event).await.status)
        }
        Side::Outlook => {
            let mut event = when.in_graph();
            event["subject"] = json!(title(item, 0));
            event["attendees"] = guests.in_graph();
            if let Some(rule) = rule {
                event["recurrence"] = rule.in_graph(graph_day(&event));
            }
            taken(world.outlook(who.login()).await.graph().post("/v1.0/me/events", &event).await.status)
        }
    }
}

/// Changes an item, if it is there.
pub async fn edit(world: &World, side: Side, who: Who, item: u32, edit: Edit) -> bool {
    match side {
        Side::Crm => in_crm(world, who, item, edit).await.is_some_and(taken),
        Side::Outlook => in_outlook(world, who, item, edit).await.is_some_and(taken),
    }
}

/// The event of the CRM with the titles of this item.
async fn crm_item(world: &World, who: Who, item: u32) -> Option<Value> {
    let events = world.crm_events(who.login()).await;
    let is_meant =
        |event: &Value| event["recurringEventId"].is_null() && item_of(event["title"].as_str().unwrap()) == Some(item);
    events.into_iter().find(is_meant)
}

/// The event of Outlook with the titles of this item.
async fn outlook_item(outlook: &Outlook, item: u32) -> Option<Value> {
    let events = outlook.events().await;
    events.into_iter().find(|event| item_of(event["subject"].as_str().unwrap()) == Some(item))
}

async fn in_crm(world: &World, who: Who, item: u32, edit: Edit) -> Option<StatusCode> {
    let event = crm_item(world, who, item).await?;
    let url = format!("/api/calendar-events/{}", event["id"].as_str().unwrap());
    let is_series = !event["recurrence"].is_null();
    let patch = match edit {
        Edit::Rename(version) => json!({"title": title(item, version)}),
        Edit::Describe(version) => json!({"description": format!("<p>Agenda <b>{version}</b></p>")}),
        Edit::Retime(when) => {
            let mut patch = when.in_crm();
            if is_series {
                patch["recurrence"] = event["recurrence"].clone();
                patch["recurrence"]["startTime"] = patch["start"].clone();
                patch["recurrence"]["timeZone"] = patch["timeZone"].clone();
            }
            patch
        }
        Edit::Recur(rule) => json!({"recurrence": crm_rule(&rule, &event)}),
        Edit::Single if is_series => json!({"recurrence": null}),
        Edit::Truncate(count) if is_series => {
            let mut rule = event["recurrence"].clone();
            (rule["endTime"], rule["occurrences"]) = (Value::Null, json!(count));
            json!({"recurrence": rule})
        }
        Edit::Single | Edit::Truncate(_) => return None,
        Edit::Occurrence(number, change) => return crm_occurrence(world, who, &event, number, change).await,
        Edit::Remind(minutes) => json!({"reminderMinutes": minutes}),
        Edit::Invite(guests) => json!({"attendees": guests.in_crm()}),
        Edit::Reply(answer) => {
            let status = match answer {
                Answer::Accept => "accepted",
                Answer::Maybe => "tentative",
                Answer::Decline => "declined",
            };
            return Some(world.crm.post(&format!("{url}/reply"), &json!({"status": status})).await.status);
        }
        Edit::Delete => return Some(world.crm.delete(&url).await.status),
    };
    Some(world.crm.patch(&url, &patch).await.status)
}

/// One occurrence of a series of the CRM: entered as an exception, or changed
/// where it is one.
async fn crm_occurrence(
    world: &World,
    who: Who,
    series: &Value,
    number: u32,
    change: OccurrenceEdit,
) -> Option<StatusCode> {
    let url = format!("/api/calendar-events/instances?user={}&start={FROM}&end={TO}", who.login());
    let instances = world.crm.get(&url).await.ok();
    let of_series = |instance: &&Value| instance["seriesId"] == series["id"];
    let mut shown: Vec<&Value> = instances.as_array().unwrap().iter().filter(of_series).collect();
    shown.sort_by_key(|instance| instance["originalStart"].as_str().unwrap().to_owned());
    let instance = *shown.get(number as usize % shown.len().max(1))?;
    let (start, end) = (instant(&instance["start"]), instant(&instance["end"]));
    let original = instant(&instance["originalStart"]);
    let item = item_of(series["title"].as_str().unwrap()).unwrap();
    let fields = match change {
        OccurrenceEdit::Move(minutes) => {
            let by = TimeDelta::minutes(if instance["allDay"] == true { whole_days(minutes) } else { minutes });
            json!({"start": start + by, "end": end + by})
        }
        OccurrenceEdit::Rename(version) => json!({"title": title(item, version)}),
        OccurrenceEdit::Cancel => json!({"cancelled": true}),
        OccurrenceEdit::Restore => {
            json!({"title": series["title"], "start": original, "end": original + (end - start)})
        }
    };
    if instance["eventId"] != series["id"] {
        let url = format!("/api/calendar-events/{}", instance["eventId"].as_str().unwrap());
        return Some(world.crm.patch(&url, &fields).await.status);
    }
    let mut exception = json!({
        "title": instance["title"], "start": start, "end": end, "timeZone": instance["timeZone"],
        "allDay": instance["allDay"], "recurringEventId": series["id"], "originalStart": instance["originalStart"],
        "reminderMinutes": series["reminderMinutes"], "description": series["description"],
    });
    for (name, value) in fields.as_object().unwrap() {
        exception[name] = value.clone();
    }
    let url = format!("/api/calendar-events?user={}", who.login());
    Some(world.crm.post(&url, &exception).await.status)
}

async fn in_outlook(world: &World, who: Who, item: u32, edit: Edit) -> Option<StatusCode> {
    let outlook = world.outlook(who.login()).await;
    let event = outlook_item(&outlook, item).await?;
    let url = format!("/v1.0/me/events/{}", event["id"].as_str().unwrap());
    let is_series = event["type"] == "seriesMaster";
    let patch = match edit {
        Edit::Rename(version) => json!({"subject": title(item, version)}),
        Edit::Describe(version) => {
            json!({"body": {"contentType": "html", "content": format!("<p>Agenda <b>{version}</b></p>")}})
        }
        Edit::Retime(when) => {
            let mut patch = when.in_graph();
            if is_series {
                let mut rule = event["recurrence"].clone();
                rule["range"]["startDate"] = json!(graph_day(&patch).to_string());
                rule["range"]["recurrenceTimeZone"] = patch["start"]["timeZone"].clone();
                patch["recurrence"] = rule;
            }
            patch
        }
        Edit::Recur(rule) => own_time(&outlook, &event, |day| rule.in_graph(day)).await,
        Edit::Single if is_series => json!({"recurrence": null}),
        Edit::Truncate(count) if is_series => {
            let first: NaiveDate = event["recurrence"]["range"]["startDate"].as_str().unwrap().parse().unwrap();
            let mut rule = event["recurrence"].clone();
            let zone = rule["range"]["recurrenceTimeZone"].clone();
            rule["range"] = range_in_graph(End::After(count), first);
            rule["range"]["recurrenceTimeZone"] = zone;
            json!({"recurrence": rule})
        }
        Edit::Single | Edit::Truncate(_) => return None,
        Edit::Occurrence(number, change) => return outlook_occurrence(&outlook, &event, number, change).await,
        Edit::Remind(minutes) => json!({"reminderMinutesBeforeStart": minutes, "isReminderOn": true}),
        Edit::Invite(guests) => json!({"attendees": guests.in_graph()}),
        Edit::Reply(answer) => {
            let action = match answer {
                Answer::Accept => "accept",
                Answer::Maybe => "tentativelyAccept",
                Answer::Decline => "decline",
            };
            return Some(outlook.graph().post(&format!("{url}/{action}"), &json!({"sendResponse": true})).await.status);
        }
        Edit::Delete => return Some(outlook.graph().delete(&url).await.status),
    };
    Some(outlook.graph().patch(&url, &patch).await.status)
}

/// The event's own start and end with another rule, in the event's zone, as
/// Outlook sends them.
async fn own_time(outlook: &Outlook, event: &Value, rule: impl Fn(NaiveDate) -> Value) -> Value {
    let zone = event["originalStartTimeZone"].as_str().unwrap();
    let prefer = format!("outlook.timezone=\"{zone}\", IdType=\"ImmutableId\"");
    let url = format!("/v1.0/me/events/{}", event["id"].as_str().unwrap());
    let local = outlook.graph().with_header("prefer", &prefer).get(&url).await.ok();
    let moment = |name: &str| json!({"dateTime": local[name]["dateTime"], "timeZone": zone});
    json!({
        "start": moment("start"), "end": moment("end"), "isAllDay": local["isAllDay"],
        "recurrence": rule(graph_day(&local)),
    })
}

async fn outlook_occurrence(
    outlook: &Outlook,
    series: &Value,
    number: u32,
    change: OccurrenceEdit,
) -> Option<StatusCode> {
    let mut shown = outlook.instances(FROM, TO).await;
    shown.retain(|instance| instance["seriesMasterId"] == series["id"]);
    shown.sort_by_key(|instance| instance["start"]["dateTime"].as_str().unwrap().to_owned());
    let instance = shown.get(number as usize % shown.len().max(1))?;
    let url = format!("/v1.0/me/events/{}", instance["id"].as_str().unwrap());
    let item = item_of(series["subject"].as_str().unwrap()).unwrap();
    let patch = match change {
        OccurrenceEdit::Cancel => return Some(outlook.graph().delete(&url).await.status),
        OccurrenceEdit::Rename(version) => json!({"subject": title(item, version)}),
        OccurrenceEdit::Move(minutes) => {
            let by = if instance["isAllDay"] == true { whole_days(minutes) } else { minutes };
            shifted(instance, TimeDelta::minutes(by))
        }
        OccurrenceEdit::Restore => {
            let by = instance["originalStart"].as_str().map_or(TimeDelta::zero(), |original| {
                let original: DateTime<Utc> = original.parse().unwrap();
                original.naive_utc() - clock(&instance["start"])
            });
            let mut patch = if instance["isAllDay"] == true { json!({}) } else { shifted(instance, by) };
            patch["subject"] = series["subject"].clone();
            patch
        }
    };
    Some(outlook.graph().patch(&url, &patch).await.status)
}

/// Start and end of an event of Graph, moved.
fn shifted(event: &Value, by: TimeDelta) -> Value {
    let moment = |name: &str| {
        let moved = clock(&event[name]) + by;
        json!({"dateTime": moved.format("%Y-%m-%dT%H:%M:%S").to_string(), "timeZone": event[name]["timeZone"]})
    };
    json!({"start": moment("start"), "end": moment("end")})
}

fn clock(moment: &Value) -> chrono::NaiveDateTime {
    moment["dateTime"].as_str().unwrap().parse().unwrap()
}

/// The day of an event of Graph on the clock that it is written in.
fn graph_day(event: &Value) -> NaiveDate {
    clock(&event["start"]).date()
}

fn crm_rule(rule: &Rule, event: &Value) -> Value {
    let zone = event["timeZone"].as_str().unwrap();
    let start = instant(&event["start"]);
    let offset = super::calendar::ZONES.iter().find(|(iana, ..)| *iana == zone).map_or(0, |(.., offset)| *offset);
    let day = if event["allDay"] == true { start } else { start + TimeDelta::hours(offset) };
    rule.in_crm(start, day.date_naive(), zone)
}

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap_or_else(|| panic!("expected an instant, but found {value}")).parse().unwrap()
}

/// All-day occurrences move by whole days.
const fn whole_days(minutes: i64) -> i64 {
    const DAY: i64 = 24 * 60;
    if minutes < 0 { -DAY } else { DAY }
}

/// Runs a sync that may be torn down, and says what it reports.
pub async fn sync(world: &World, who: Who) -> Option<Value> {
    let body = json!({"user": who.login(), "resource": "calendar"}).to_string();
    let answer = world.crm.send(Method::POST, "/api/sync", Some("application/json"), body).await;
    taken(answer.status).then(|| answer.json())
}

//! What a person does in Outlook.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{FROM, TO, moved_by};
use crate::caller::Caller;
use crate::sim::operation::{End, EventAct, OccurrenceAct, Reply, Who};
use crate::sim::scene::{Mishap, Played, Scene, all_pages, done};
use crate::sim::words::{description, item_of, overlay, range_in_graph, reading, text, title};

/// Does something with an event; whether Outlook took it.
pub(super) async fn act(scene: &Scene, who: Who, item: u32, act: EventAct) -> Played<bool> {
    let graph = scene.graph(who).await?;
    if let EventAct::Create(when, rule, guests) = act {
        let mut event = when.in_graph();
        overlay(&mut event, &json!({"subject": title(item, 0), "attendees": guests.in_graph()}));
        if let Some(rule) = rule {
            let recurrence = rule.in_graph(day_of(&event)?);
            overlay(&mut event, &json!({"recurrence": recurrence}));
        }
        return Ok(graph.post("/v1.0/me/events", &event).await.is_success());
    }
    let events = all_pages(&graph, "/v1.0/me/events?$top=999").await?;
    let is_meant = |event: &Value| item_of(text(event, "subject")) == Some(item);
    let Some(event) = events.into_iter().find(is_meant) else { return Ok(false) };
    let url = format!("/v1.0/me/events/{}", text(&event, "id"));
    let is_series = event["type"] == "seriesMaster";
    let patch = match act {
        EventAct::Rename(version) => json!({"subject": title(item, version)}),
        EventAct::Describe(version) => json!({"body": {"contentType": "html", "content": description(version)}}),
        EventAct::Retime(when) => retimed(&event, when.in_graph(), is_series)?,
        EventAct::Recur(rule) => own_time(&graph, &event, |day| rule.in_graph(day)).await?,
        EventAct::Single if is_series => json!({"recurrence": null}),
        EventAct::Truncate(count) if is_series => truncated(&event, count)?,
        EventAct::Create(..) | EventAct::Single | EventAct::Truncate(_) => return Ok(false),
        EventAct::Occurrence(number, act) => return occurrence(&graph, &event, number, act).await,
        EventAct::Remind(minutes) => json!({"reminderMinutesBeforeStart": minutes, "isReminderOn": true}),
        EventAct::Invite(guests) => json!({"attendees": guests.in_graph()}),
        EventAct::Reply(reply) => {
            let action = match reply {
                Reply::Accept => "accept",
                Reply::Maybe => "tentativelyAccept",
                Reply::Decline => "decline",
            };
            return Ok(graph.post(&format!("{url}/{action}"), &json!({"sendResponse": true})).await.is_success());
        }
        EventAct::Delete => return Ok(graph.delete(&url).await.is_success()),
    };
    Ok(graph.patch(&url, &patch).await.is_success())
}

/// Another time, of the whole series where it is one.
fn retimed(event: &Value, mut patch: Value, is_series: bool) -> Played<Value> {
    if is_series {
        let mut rule = event["recurrence"].clone();
        let mut range = rule["range"].clone();
        let (first, zone) = (day_of(&patch)?.to_string(), patch["start"]["timeZone"].clone());
        overlay(&mut range, &json!({"startDate": first, "recurrenceTimeZone": zone}));
        overlay(&mut rule, &json!({"range": range}));
        overlay(&mut patch, &json!({"recurrence": rule}));
    }
    Ok(patch)
}

/// The series ends after so many occurrences.
fn truncated(event: &Value, count: u32) -> Played<Value> {
    let before = &event["recurrence"]["range"];
    let first: NaiveDate = text(before, "startDate").parse().map_err(|_| Mishap::Value("a date"))?;
    let mut range = range_in_graph(End::After(count), first);
    overlay(&mut range, &json!({"recurrenceTimeZone": before["recurrenceTimeZone"]}));
    let mut rule = event["recurrence"].clone();
    overlay(&mut rule, &json!({"range": range}));
    Ok(json!({"recurrence": rule}))
}

/// The event's own start and end with another rule, in the event's zone, as
/// Outlook sends them.
async fn own_time(graph: &Caller, event: &Value, rule: impl Fn(NaiveDate) -> Value) -> Played<Value> {
    let zone = text(event, "originalStartTimeZone");
    let prefer = format!("outlook.timezone=\"{zone}\", IdType=\"ImmutableId\"");
    let url = format!("/v1.0/me/events/{}", text(event, "id"));
    let local = done(&graph.with_header("prefer", &prefer).get(&url).await, "an event")?;
    let moment = |name: &str| json!({"dateTime": local[name]["dateTime"], "timeZone": zone});
    Ok(json!({
        "start": moment("start"), "end": moment("end"), "isAllDay": local["isAllDay"],
        "recurrence": rule(day_of(&local)?),
    }))
}

async fn occurrence(graph: &Caller, series: &Value, number: u32, act: OccurrenceAct) -> Played<bool> {
    let window = format!("/v1.0/me/calendarView?startDateTime={FROM}&endDateTime={TO}&$top=500");
    let mut shown = all_pages(graph, &window).await?;
    shown.retain(|instance| instance["seriesMasterId"] == series["id"]);
    shown.sort_by_key(|instance| text(&instance["start"], "dateTime").to_owned());
    let Some(instance) = shown.get(number as usize % shown.len().max(1)) else { return Ok(false) };
    let url = format!("/v1.0/me/events/{}", text(instance, "id"));
    let all_day = instance["isAllDay"] == true;
    let patch = match act {
        OccurrenceAct::Cancel => return Ok(graph.delete(&url).await.is_success()),
        OccurrenceAct::Rename(version) => {
            let item = item_of(text(series, "subject")).unwrap_or_default();
            json!({"subject": title(item, version)})
        }
        OccurrenceAct::Move(minutes) => shifted(instance, moved_by(minutes, all_day))?,
        OccurrenceAct::Restore => {
            let original: Option<DateTime<Utc>> = text(instance, "originalStart").parse().ok();
            let start = clock(&instance["start"])?;
            let by = original.map_or(TimeDelta::zero(), |original| original.naive_utc() - start);
            let mut patch = if all_day { json!({}) } else { shifted(instance, by)? };
            overlay(&mut patch, &json!({"subject": series["subject"]}));
            patch
        }
    };
    Ok(graph.patch(&url, &patch).await.is_success())
}

/// Start and end of an event of Graph, moved.
fn shifted(event: &Value, by: TimeDelta) -> Played<Value> {
    let moment = |name: &str| {
        let moved = clock(&event[name])? + by;
        Ok::<_, Mishap>(json!({"dateTime": reading(moved), "timeZone": event[name]["timeZone"]}))
    };
    Ok(json!({"start": moment("start")?, "end": moment("end")?}))
}

fn clock(moment: &Value) -> Played<NaiveDateTime> {
    text(moment, "dateTime").parse().map_err(|_| Mishap::Value("a reading of a clock"))
}

/// The day of an event of Graph on the clock that it is written in.
fn day_of(event: &Value) -> Played<NaiveDate> {
    Ok(clock(&event["start"])?.date())
}

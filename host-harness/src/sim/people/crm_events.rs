//! What a person does in the CRM's calendar.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{FROM, TO, moved_by};
use crate::sim::operation::{EventAct, Guests, OccurrenceAct, Reply, Rule, When, Who};
use crate::sim::scene::{Mishap, Played, Scene, done};
use crate::sim::words::{ZONES, description, entries, item_of, overlay, text, title};

/// Does something with an event; whether the CRM took it.
pub(super) async fn act(scene: &Scene, who: Who, item: u32, act: EventAct) -> Played<bool> {
    if let EventAct::Create(when, rule, guests) = act {
        return create(scene, who, item, when, rule, guests).await;
    }
    let Some(event) = find(scene, who, item).await? else { return Ok(false) };
    let url = format!("/api/calendar-events/{}", text(&event, "id"));
    let is_series = !event["recurrence"].is_null();
    let patch = match act {
        EventAct::Rename(version) => json!({"title": title(item, version)}),
        EventAct::Describe(version) => json!({"description": description(version)}),
        EventAct::Retime(when) => retimed(&event, when, is_series),
        EventAct::Recur(rule) => json!({"recurrence": rule_of(&rule, &event)?}),
        EventAct::Single if is_series => json!({"recurrence": null}),
        EventAct::Truncate(count) if is_series => {
            let mut rule = event["recurrence"].clone();
            overlay(&mut rule, &json!({"endTime": null, "occurrences": count}));
            json!({"recurrence": rule})
        }
        EventAct::Create(..) | EventAct::Single | EventAct::Truncate(_) => return Ok(false),
        EventAct::Occurrence(number, act) => return occurrence(scene, who, &event, number, act).await,
        EventAct::Remind(minutes) => json!({"reminderMinutes": minutes}),
        EventAct::Invite(guests) => json!({"attendees": guests.in_crm()}),
        EventAct::Reply(reply) => {
            let status = match reply {
                Reply::Accept => "accepted",
                Reply::Maybe => "tentative",
                Reply::Decline => "declined",
            };
            return Ok(scene.crm.post(&format!("{url}/reply"), &json!({"status": status})).await.is_success());
        }
        EventAct::Delete => return Ok(scene.crm.delete(&url).await.is_success()),
    };
    Ok(scene.crm.patch(&url, &patch).await.is_success())
}

async fn create(scene: &Scene, who: Who, item: u32, when: When, rule: Option<Rule>, guests: Guests) -> Played<bool> {
    let mut event = when.in_crm();
    overlay(&mut event, &json!({"title": title(item, 0), "attendees": guests.in_crm()}));
    if let Some(rule) = rule {
        let rule = rule_of(&rule, &event)?;
        overlay(&mut event, &json!({"recurrence": rule}));
    }
    let url = format!("/api/calendar-events?user={}", who.login());
    Ok(scene.crm.post(&url, &event).await.is_success())
}

/// The event with the titles of this item.
async fn find(scene: &Scene, who: Who, item: u32) -> Played<Option<Value>> {
    let events = events(scene, who).await?;
    let is_meant = |event: &Value| event["recurringEventId"].is_null() && item_of(text(event, "title")) == Some(item);
    Ok(events.into_iter().find(is_meant))
}

/// All events of a user.
async fn events(scene: &Scene, who: Who) -> Played<Vec<Value>> {
    let answer = scene.crm.get(&format!("/api/calendar-events?user={}", who.login())).await;
    Ok(entries(&done(&answer, "the events of a user")?).to_vec())
}

/// Another time, of the whole series where it is one.
fn retimed(event: &Value, when: When, is_series: bool) -> Value {
    let mut patch = when.in_crm();
    if is_series {
        let mut rule = event["recurrence"].clone();
        overlay(&mut rule, &json!({"startTime": patch["start"], "timeZone": patch["timeZone"]}));
        overlay(&mut patch, &json!({"recurrence": rule}));
    }
    patch
}

/// One occurrence of a series: entered as an exception, or changed where it is
/// one.
async fn occurrence(scene: &Scene, who: Who, series: &Value, number: u32, act: OccurrenceAct) -> Played<bool> {
    let url = format!("/api/calendar-events/instances?user={}&start={FROM}&end={TO}", who.login());
    let instances = done(&scene.crm.get(&url).await, "the instances of a user")?;
    let of_series = |instance: &&Value| instance["seriesId"] == series["id"];
    let mut shown: Vec<&Value> = entries(&instances).iter().filter(of_series).collect();
    shown.sort_by_key(|instance| text(instance, "originalStart").to_owned());
    let Some(instance) = shown.get(number as usize % shown.len().max(1)) else { return Ok(false) };
    let fields = changed(instance, series, act)?;
    if instance["eventId"] != series["id"] {
        let url = format!("/api/calendar-events/{}", text(instance, "eventId"));
        return Ok(scene.crm.patch(&url, &fields).await.is_success());
    }
    let mut exception = json!({
        "title": instance["title"], "start": instance["start"], "end": instance["end"],
        "timeZone": instance["timeZone"], "allDay": instance["allDay"], "recurringEventId": series["id"],
        "originalStart": instance["originalStart"], "reminderMinutes": series["reminderMinutes"],
        "description": series["description"],
    });
    overlay(&mut exception, &fields);
    let url = format!("/api/calendar-events?user={}", who.login());
    Ok(scene.crm.post(&url, &exception).await.is_success())
}

fn changed(instance: &Value, series: &Value, act: OccurrenceAct) -> Played<Value> {
    let (start, end) = (instant(instance, "start")?, instant(instance, "end")?);
    Ok(match act {
        OccurrenceAct::Move(minutes) => {
            let by = moved_by(minutes, instance["allDay"] == true);
            json!({"start": start + by, "end": end + by})
        }
        OccurrenceAct::Rename(version) => {
            let item = item_of(text(series, "title")).unwrap_or_default();
            json!({"title": title(item, version)})
        }
        OccurrenceAct::Cancel => json!({"cancelled": true}),
        OccurrenceAct::Restore => {
            let original = instant(instance, "originalStart")?;
            json!({"title": series["title"], "start": original, "end": original + (end - start)})
        }
    })
}

fn rule_of(rule: &Rule, event: &Value) -> Played<Value> {
    let zone = text(event, "timeZone");
    let start = instant(event, "start")?;
    let offset = ZONES.iter().find(|(iana, ..)| *iana == zone).map_or(0, |(.., offset)| *offset);
    let day = if event["allDay"] == true { start } else { start + TimeDelta::hours(offset) };
    Ok(rule.in_crm(start, day.date_naive(), zone))
}

fn instant(value: &Value, name: &'static str) -> Played<DateTime<Utc>> {
    text(value, name).parse().map_err(|_| Mishap::Value("an instant"))
}

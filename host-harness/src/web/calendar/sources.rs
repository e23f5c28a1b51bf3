//! Entries of both sides in the shape that the page shows.
//!
//! Microsoft's side is read from the emulator itself, as a person would see it
//! in Outlook; it costs no request and is in no count.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use serde_json::Value;

use super::identity::Identity;
use super::view::{Period, Shown, When};
use super::{microsoft_event, occurrence, twins};
use crate::crm::event::{CalendarEvent, EventInstance, EventKind, EventTime};
use crate::crm::users::User;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::mailbox::{self, Mailbox, Unseen};

/// Days around a period that are read as well: whole days are stored in
/// another zone than the viewer's.
const MARGIN_DAYS: u64 = 1;

/// The CRM's entries of a period, with what they are linked with where there is a side of
/// Microsoft to show.
pub async fn crm(web: &Web, user: &User, period: Period, zone: Tz) -> Result<Vec<Shown>, PageError> {
    let (from, until) = margin(period, zone);
    let mut instances = web.app.crm().event_instances(user.id, from, until)?;
    instances.retain(|instance| of_instance(instance).touches(period, zone));
    // Nothing can be told from what is not shown.
    let links =
        if web.app.microsoft().is_some() { twins::external_ids(web, user, &instances).await? } else { BTreeMap::new() };
    let linked = |instance: &EventInstance| {
        let external_id = links.get(&twins::item_of(instance));
        let identity = external_id.map(|external_id| Identity::of_instance(instance, external_id));
        Shown { identity, ..of_instance(instance) }
    };
    Ok(instances.iter().map(linked).collect())
}

/// Microsoft's entries of a period, or why they are not shown.
pub async fn microsoft(
    web: &Web,
    user: &User,
    period: Period,
    zone: Tz,
) -> Result<Result<Vec<Shown>, Unseen>, PageError> {
    let Mailbox { microsoft, name } = match mailbox::of(web, user).await? {
        Ok(mailbox) => mailbox,
        Err(unseen) => return Ok(Err(unseen)),
    };
    let (from, until) = margin(period, zone);
    match microsoft.calendar_view(&name, from, until) {
        Ok(events) => {
            let shown = events.iter().filter_map(|event| Some((event, of_graph(event)?)));
            let shown = shown.filter(|(_, shown)| shown.touches(period, zone));
            let linked = |(event, shown): (&Value, Shown)| Shown {
                href: Some(microsoft_event::href_of(&user.login, event, &shown, zone)),
                ..shown
            };
            Ok(Ok(shown.map(linked).collect()))
        }
        Err(_) => Ok(Err(Unseen::Gone)),
    }
}

fn margin(period: Period, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
    let wide = Period {
        first: period.first.checked_sub_days(Days::new(MARGIN_DAYS)).unwrap_or(period.first),
        days: period.days + 2 * MARGIN_DAYS,
    };
    wide.instants(zone)
}

/// An event of the CRM.
pub fn of_crm(event: &CalendarEvent) -> Shown {
    let values = &event.values;
    let when = when_of(values.time());
    let note = match values.kind() {
        EventKind::Single => None,
        EventKind::Series => Some("Series"),
        EventKind::Exception => Some("Exception"),
    };
    Shown {
        title: values.title.clone(),
        when,
        href: Some(format!("/calendar/events/{}", event.id)),
        cancelled: values.cancelled,
        note,
        identity: None,
    }
}

/// An entry of the CRM's calendar. That of a series leads to the day of the series.
pub fn of_instance(instance: &EventInstance) -> Shown {
    let note = match instance.series_id {
        None => None,
        Some(series) if series == instance.event_id => Some("Series"),
        Some(_) => Some("Exception"),
    };
    let href = match (instance.series_id, instance.original_start) {
        (Some(series), Some(original)) if series == instance.event_id => occurrence::href_of(series, original),
        (Some(_) | None, _) => format!("/calendar/events/{}", instance.event_id),
    };
    Shown {
        title: instance.title.clone(),
        when: when_of(instance.time()),
        href: Some(href),
        cancelled: instance.cancelled,
        note,
        identity: None,
    }
}

fn when_of(time: EventTime) -> When {
    match time {
        EventTime::Timed(timed) => When::Timed { start: timed.start, end: timed.end },
        EventTime::AllDay(days) => When::AllDay { first: days.start_on, last: day_before(days.end_before) },
    }
}

/// An event as Graph shows it in UTC; none for one without times.
pub(super) fn of_graph(event: &Value) -> Option<Shown> {
    let at = |name: &str| {
        let text = event.get(name)?.get("dateTime")?.as_str()?;
        text.trim_end_matches('Z').parse::<NaiveDateTime>().ok()
    };
    let (start, end) = (at("start")?, at("end")?);
    let when = match event.get("isAllDay").and_then(Value::as_bool) {
        Some(true) => When::AllDay { first: start.date(), last: day_before(end.date()) },
        Some(false) | None => When::Timed { start: start.and_utc(), end: end.and_utc() },
    };
    let note = match event.get("type").and_then(Value::as_str) {
        Some("occurrence" | "seriesMaster") => Some("Series"),
        Some("exception") => Some("Exception"),
        Some(_) | None => None,
    };
    Some(Shown {
        title: event.get("subject").and_then(Value::as_str).unwrap_or_default().to_owned(),
        when,
        href: None,
        cancelled: event.get("isCancelled").and_then(Value::as_bool).unwrap_or(false),
        note,
        identity: Identity::of_graph(event),
    })
}

fn day_before(date: NaiveDate) -> NaiveDate {
    date.checked_sub_days(Days::new(1)).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use serde_json::json;

    use super::*;

    #[test]
    fn graphs_end_of_whole_days_is_the_day_after() {
        let event = json!({
            "subject": "Fair",
            "isAllDay": true,
            "start": { "dateTime": "2026-11-24T00:00:00.0000000", "timeZone": "UTC" },
            "end": { "dateTime": "2026-11-26T00:00:00.0000000", "timeZone": "UTC" },
        });
        let shown = of_graph(&event).unwrap();
        assert_eq!(
            shown.when,
            When::AllDay { first: "2026-11-24".parse().unwrap(), last: "2026-11-25".parse().unwrap() }
        );
    }

    #[test]
    fn graphs_times_are_read_in_utc() {
        let event = json!({
            "subject": "Call",
            "isAllDay": false,
            "type": "occurrence",
            "start": { "dateTime": "2026-11-24T09:00:00.0000000", "timeZone": "UTC" },
            "end": { "dateTime": "2026-11-24T10:00:00.0000000", "timeZone": "UTC" },
        });
        let shown = of_graph(&event).unwrap();
        let expected = When::Timed {
            start: "2026-11-24T09:00:00Z".parse().unwrap(),
            end: "2026-11-24T10:00:00Z".parse().unwrap(),
        };
        assert_eq!((shown.when, shown.note), (expected, Some("Series")));
        assert_eq!(of_graph(&json!({ "subject": "Broken" })), None);
    }
}

//! Writes events as Graph answers them (resources/event).

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::instance::{Instance, Kind, instants, occurrence_span, zone};
use super::{body, properties, recurrence_json};
use crate::graph::api::attachments;
use crate::graph::call::BodyType;
use crate::graph::ids::{self, IdForm};
use crate::graph::model::{Address, Attendee, ChangedOccurrence, Event, Response, ResponseStatus, Span, StoredBody};
use crate::graph::zones;

/// How an answer is wanted.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub zone: Tz,
    /// The name to echo.
    pub zone_name: String,
    pub body_type: BodyType,
    pub form: IdForm,
    /// Moves the change keys of occurrences although nothing changed; 0 in a
    /// service that leaves them alone.
    pub occurrence_drift: u64,
    /// For who may see the outside of events alone.
    pub hides_body: bool,
}

impl View {
    /// UTC, HTML and default ids: what is answered when nothing is asked.
    pub fn plain() -> Self {
        Self {
            zone: Tz::UTC,
            zone_name: "UTC".to_owned(),
            body_type: BodyType::Html,
            form: IdForm::Default,
            occurrence_drift: 0,
            hides_body: false,
        }
    }
}

/// The id of an instance.
pub(crate) fn id(instance: &Instance<'_>, form: IdForm) -> String {
    let event = instance.event;
    let occurrence = match instance.kind {
        Kind::Single | Kind::Master => None,
        Kind::Occurrence(date) | Kind::Exception(date, _) => Some((date, event.generation)),
    };
    ids::item_id(event.number, event.moves, occurrence, form)
}

/// The change key of an instance.
pub(crate) fn change_key(instance: &Instance<'_>, view: &View) -> String {
    let change = match instance.kind {
        Kind::Single | Kind::Master => instance.event.change,
        // The upper half of the number is free for what is not a change.
        Kind::Occurrence(_) => instance.event.change | (view.occurrence_drift << 32),
        Kind::Exception(_, changed) => changed.change.max(instance.event.change),
    };
    ids::change_key(instance.event.number.0, change)
}

/// The value of the header `ETag` of an answer that holds one item.
pub(crate) fn etag(written: &Map<String, Value>) -> String {
    written.get("@odata.etag").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// An instant as `Edm.DateTimeOffset`.
pub(crate) fn instant(at: DateTime<Utc>) -> String {
    format!("{}Z", wall(at.naive_utc()))
}

fn wall(at: NaiveDateTime) -> String {
    // Graph writes ticks: seven digits behind the point.
    let ticks = at.and_utc().timestamp_subsec_nanos() / 100;
    format!("{}.{ticks:07}", at.format("%Y-%m-%dT%H:%M:%S"))
}

/// A wall clock reading as `dateTimeTimeZone` in the asked zone.
pub(crate) fn moment(at: NaiveDateTime, view: &View) -> Value {
    json!({ "dateTime": wall(at), "timeZone": view.zone_name })
}

fn moments(span: &Span, view: &View) -> (Value, Value) {
    let pair = |at: NaiveDateTime| moment(at, view);
    if span.all_day {
        // Dates stay dates, whatever zone was asked for.
        return (pair(span.start), pair(span.end));
    }
    let instants = instants(span);
    (pair(zones::to_wall(instants.start, view.zone)), pair(zones::to_wall(instants.end, view.zone)))
}

/// The few properties of an occurrence in a delta round.
pub(crate) fn stub(instance: &Instance<'_>, view: &View) -> Map<String, Value> {
    let (start, end) = moments(&instance.span, view);
    let master = ids::item_id(instance.event.number, instance.event.moves, None, view.form);
    object(json!({
        "@odata.type": "#microsoft.graph.event",
        "@odata.etag": format!("W/\"{}\"", change_key(instance, view)),
        "id": id(instance, view.form),
        "seriesMasterId": master,
        "type": "occurrence",
        "start": start,
        "end": end,
    }))
}

/// The few properties of an item in a round of `events/delta`.
pub(crate) fn thin(instance: &Instance<'_>, view: &View) -> Map<String, Value> {
    let (start, end) = moments(&instance.span, view);
    object(json!({
        "@odata.type": "#microsoft.graph.event",
        "@odata.etag": format!("W/\"{}\"", change_key(instance, view)),
        "id": id(instance, view.form),
        "type": kind_name(&instance.kind),
        "start": start,
        "end": end,
    }))
}

/// The map of a JSON object that was written down here.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// A value of `eventType`.
pub(crate) fn kind_name(kind: &Kind<'_>) -> &'static str {
    match kind {
        Kind::Single => "singleInstance",
        Kind::Master => "seriesMaster",
        Kind::Occurrence(_) => "occurrence",
        Kind::Exception(_, _) => "exception",
    }
}

/// The whole event.
pub(crate) fn full(instance: &Instance<'_>, view: &View) -> Map<String, Value> {
    let event = instance.event;
    let changed = match instance.kind {
        Kind::Exception(_, changed) => Some(changed),
        Kind::Single | Kind::Master | Kind::Occurrence(_) => None,
    };
    let mut map = properties::defaults();
    map.extend(event.properties.iter().map(|(name, value)| (name.clone(), value.clone())));
    if let Some(changed) = changed {
        map.extend(changed.properties.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    add_identity(&mut map, instance, changed, view);
    add_time(&mut map, instance, view);
    add_people(&mut map, event, changed, view);
    let stored = changed.and_then(|changed| changed.body.as_ref()).unwrap_or(&event.body);
    if !view.hides_body {
        add_body(&mut map, stored, view);
    }
    add_online_meeting(&mut map, event);
    map
}

fn add_identity(
    map: &mut Map<String, Value>,
    instance: &Instance<'_>,
    changed: Option<&ChangedOccurrence>,
    view: &View,
) {
    let event = instance.event;
    let key = change_key(instance, view);
    let id = id(instance, view.form);
    let (master, uid) = match instance.kind {
        Kind::Single | Kind::Master => (Value::Null, event.ical_uid.clone()),
        Kind::Occurrence(date) | Kind::Exception(date, _) => {
            let master = ids::item_id(event.number, event.moves, None, view.form);
            (json!(master), ids::occurrence_uid(&event.ical_uid, date))
        }
    };
    let modified = changed.map_or(event.modified, |changed| changed.modified.max(event.modified));
    let link: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
    map.extend(object(json!({
        "@odata.etag": format!("W/\"{key}\""),
        "id": id,
        "changeKey": key,
        "iCalUId": uid,
        "seriesMasterId": master,
        "type": kind_name(&instance.kind),
        "createdDateTime": instant(event.created),
        "lastModifiedDateTime": instant(modified),
        "transactionId": event.transaction.as_ref().map(|transaction| transaction.id.clone()),
        "webLink": format!("https://outlook.office365.com/owa/?itemid={link}&exvsurl=1&path=/calendar/item"),
        "hasAttachments": !attachments::of(instance).is_empty(),
        "isDraft": false,
        "isCancelled": instance.is_cancelled(),
    })));
}

fn add_time(map: &mut Map<String, Value>, instance: &Instance<'_>, view: &View) {
    let event = instance.event;
    let (start, end) = moments(&instance.span, view);
    map.insert("start".to_owned(), start);
    map.insert("end".to_owned(), end);
    map.insert("isAllDay".to_owned(), json!(instance.span.all_day));
    map.insert("originalStartTimeZone".to_owned(), json!(event.original_zones.0));
    map.insert("originalEndTimeZone".to_owned(), json!(event.original_zones.1));
    let recurrence = match instance.kind {
        Kind::Single | Kind::Master => event.recurrence.as_ref().map(recurrence_json::write),
        Kind::Occurrence(_) | Kind::Exception(_, _) => None,
    };
    map.insert("recurrence".to_owned(), json!(recurrence));
    let original = match (&instance.kind, &event.recurrence) {
        (Kind::Occurrence(date) | Kind::Exception(date, _), Some(recurrence)) => {
            Some(original_start(&occurrence_span(event, recurrence, *date), view))
        }
        (_, _) => None,
    };
    if let Some(original) = original {
        map.insert("originalStart".to_owned(), json!(original));
    }
}

/// The start by the rule, to the minute, with the offset of the asked zone.
/// That of an all-day occurrence is the midnight of its date in that zone:
/// like start and end, it is a date and does not move.
fn original_start(span: &Span, view: &View) -> String {
    let own_zone = if span.all_day { view.zone } else { zone(&span.start_zone) };
    let start = zones::to_utc(span.start, own_zone);
    let minute = start.timestamp().div_euclid(60) * 60;
    let start = DateTime::from_timestamp(minute, 0).unwrap_or(start);
    zones::with_offset(start, view.zone)
}

fn add_people(map: &mut Map<String, Value>, event: &Event, changed: Option<&ChangedOccurrence>, view: &View) {
    let attendees = changed.and_then(|changed| changed.attendees.as_ref()).unwrap_or(&event.attendees);
    let response = changed.and_then(|changed| changed.response).unwrap_or(event.response);
    map.insert("attendees".to_owned(), attendees.iter().map(|guest| attendee(guest, view)).collect());
    map.insert("organizer".to_owned(), json!({ "emailAddress": address(&event.organizer) }));
    map.insert("isOrganizer".to_owned(), json!(event.is_organizer));
    map.insert("responseStatus".to_owned(), status(response));
}

/// A `timeSlot`.
pub(crate) fn time_slot(span: &Span, view: &View) -> Value {
    let (start, end) = moments(span, view);
    json!({ "start": start, "end": end })
}

fn attendee(attendee: &Attendee, view: &View) -> Value {
    let mut written = json!({
        "type": attendee.kind,
        "status": status(attendee.status),
        "emailAddress": address(&attendee.address),
    });
    if let (Some(slot), Some(map)) = (&attendee.proposed, written.as_object_mut()) {
        map.insert("proposedNewTime".to_owned(), time_slot(slot, view));
    }
    written
}

/// An `emailAddress`.
pub(crate) fn address(address: &Address) -> Value {
    json!({ "name": address.name, "address": address.address })
}

fn status(status: ResponseStatus) -> Value {
    // "Never" is the first day of the calendar.
    let time = status.time.map_or_else(|| "0001-01-01T00:00:00Z".to_owned(), instant);
    let response: Response = status.response;
    json!({ "response": response, "time": time })
}

fn add_body(map: &mut Map<String, Value>, stored: &StoredBody, view: &View) {
    let kind = match view.body_type {
        BodyType::Html => "html",
        BodyType::Text => "text",
    };
    map.insert("body".to_owned(), json!({ "contentType": kind, "content": body::content(stored, view.body_type) }));
    map.insert("bodyPreview".to_owned(), json!(body::preview(stored)));
}

fn add_online_meeting(map: &mut Map<String, Value>, event: &Event) {
    let is_online = map.get("isOnlineMeeting").is_some_and(|value| value == true);
    let meeting = is_online.then(|| {
        let thread = ids::change_key(event.number.0, 0).replace(['+', '/', '='], "");
        json!({ "joinUrl": format!("https://teams.microsoft.com/l/meetup-join/19%3ameeting_{thread}%40thread.v2/0") })
    });
    map.insert("onlineMeeting".to_owned(), json!(meeting));
    map.insert("onlineMeetingUrl".to_owned(), Value::Null);
}

//! Reads an event that a client sent, with Graph's checks.
//!
//! The result says only what was in the request; combining it with what is
//! stored is `edit`'s.
//!
//! DIFFERENCE: attachments that come along with a create were refused in 2019
//! (microsoft-graph-docs#5847), and are passed over in silence since
//! (microsoft-graph-explorer-v4#3338 and #3343). So they are here, once they
//! have been read; api/event-post-attachments adds them to what exists.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, NaiveTime, Utc};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{body, properties};
use crate::graph::attachment::Attachment;
use crate::graph::dates;
use crate::graph::model::{Address, Attendee, Extensions, Response, ResponseStatus, Span, StoredBody};
use crate::graph::names::same_name;
use crate::graph::reply::Refusal;
use crate::graph::zones;
use crate::graph::{extended, extension};

/// Attendees of one event (resources/event).
const ATTENDEES_MAX: usize = 500;

/// A wall clock reading with the name of its zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub wall: NaiveDateTime,
    pub zone: String,
}

/// What was in the request.
#[derive(Clone, Debug, Default)]
pub(crate) struct EventInput {
    pub start: Option<Moment>,
    pub end: Option<Moment>,
    pub all_day: Option<bool>,
    /// `Some(None)` for an explicit null: the series becomes a single event.
    #[allow(clippy::option_option, reason = "absent and null mean different things here")]
    pub recurrence: Option<Option<Value>>,
    pub attendees: Option<Vec<Attendee>>,
    pub body: Option<StoredBody>,
    pub extended: BTreeMap<String, String>,
    pub extended_lists: BTreeMap<String, Vec<String>>,
    /// Only of an event that is created.
    pub extensions: Option<Extensions>,
    /// Whether files came along, which is of no use.
    pub names_attachments: bool,
    pub transaction_id: Option<String>,
    pub properties: Map<String, Value>,
    /// Whether guests learn of it.
    pub is_shared: bool,
    /// Whether something other than the guest list is shared.
    pub shares_content: bool,
    /// Over the whole request, for the comparison of repeated creates.
    pub digest: String,
}

/// Reads a request body.
pub(crate) fn read(bytes: &[u8], now: DateTime<Utc>) -> Result<EventInput, Refusal> {
    let object: Map<String, Value> = serde_json::from_slice(bytes).map_err(|_| Refusal::unreadable())?;
    let digest = Sha256::digest(Value::Object(object.clone()).to_string());
    Ok(EventInput { digest: format!("{:x}", Hex(&digest)), ..read_object(&object, now)? })
}

/// Reads an event.
pub(crate) fn read_object(object: &Map<String, Value>, now: DateTime<Utc>) -> Result<EventInput, Refusal> {
    let mut input = EventInput::default();
    for (name, value) in object {
        // Annotations such as `@odata.type` are not properties.
        if name.contains('@') {
            continue;
        }
        take(&mut input, name, value, now)?;
        input.is_shared |= properties::is_shared(name);
        input.shares_content |= properties::is_shared(name) && name != "attendees";
    }
    Ok(input)
}

/// Bytes in hexadecimal.
struct Hex<'a>(&'a [u8]);

impl std::fmt::LowerHex for Hex<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

fn take(input: &mut EventInput, name: &str, value: &Value, now: DateTime<Utc>) -> Result<(), Refusal> {
    match name {
        "start" => input.start = Some(moment(value, "start")?),
        "end" => input.end = Some(moment(value, "end")?),
        "isAllDay" => {
            input.all_day = Some(
                value.as_bool().ok_or_else(|| Refusal::invalid_property("The value of 'isAllDay' is not valid."))?,
            );
        }
        "recurrence" => {
            input.recurrence = Some(Some(value.clone()).filter(|value| !value.is_null()));
        }
        "attendees" => input.attendees = Some(attendees(value)?),
        "body" => input.body = Some(read_body(value)),
        "location" => set_locations(input, vec![properties::location(value)?]),
        "locations" => {
            let list =
                value.as_array().ok_or_else(|| Refusal::invalid_property("The value of 'locations' is not valid."))?;
            let list = list.iter().map(properties::location).collect::<Result<_, _>>()?;
            set_locations(input, list);
        }
        "transactionId" => {
            input.transaction_id = value.as_str().filter(|id| !id.is_empty()).map(str::to_owned);
        }
        "singleValueExtendedProperties" => input.extended = extended::single(value)?,
        "multiValueExtendedProperties" => input.extended_lists = extended::multiple(value)?,
        "attachments" => {
            Attachment::read_all(value, now)?;
            input.names_attachments = true;
        }
        "extensions" => input.extensions = Some(extension::read_all(value)?),
        other => properties::take(other, value, &mut input.properties)?,
    }
    Ok(())
}

/// `location` and `locations` are two views of one list.
fn set_locations(input: &mut EventInput, list: Vec<Value>) {
    if let Some(first) = list.first() {
        input.properties.insert("location".to_owned(), first.clone());
    }
    let named = list.into_iter().filter(|location| location.get("displayName").is_some_and(|name| name != ""));
    input.properties.insert("locations".to_owned(), named.collect());
}

/// Reads a `dateTimeTimeZone`.
///
/// DIFFERENCE: a change without a zone is refused, as observed; a create
/// without one is said to be read as UTC. Here both are refused, so that a
/// client which forgets the zone is found out.
pub(crate) fn moment(value: &Value, name: &str) -> Result<Moment, Refusal> {
    let text = value.get("dateTime").and_then(Value::as_str);
    let text = text.ok_or_else(|| Refusal::invalid_property(&format!("{name}.dateTime is missing.")))?;
    let zone_name = value.get("timeZone").and_then(Value::as_str).unwrap_or_default();
    let zone = zones::resolve(zone_name).ok_or_else(|| Refusal::unknown_time_zone(zone_name))?;
    let invalid = || Refusal::invalid_property(&format!("{name}.dateTime is not a date and time."));
    // An offset fixes the instant; the zone says how it is kept.
    let fixed = dates::instant(text).map(|instant| zones::to_wall(instant, zone));
    let wall = fixed.or_else(|| dates::wall_clock(text)).ok_or_else(invalid)?;
    Ok(Moment { wall, zone: zone_name.to_owned() })
}

/// Reads a `timeSlot`.
pub(crate) fn time_slot(value: &Value, name: &str) -> Result<Span, Refusal> {
    let part = |part: &str| moment(value.get(part).unwrap_or(&Value::Null), &format!("{name}.{part}"));
    let (start, end) = (part("start")?, part("end")?);
    let span = Span { start: start.wall, start_zone: start.zone, end: end.wall, end_zone: end.zone, all_day: false };
    check_span(&span)?;
    Ok(span)
}

/// Reads an `itemBody`; null is an empty one.
pub(crate) fn read_body(value: &Value) -> StoredBody {
    let content = value.get("content").and_then(Value::as_str).unwrap_or_default();
    match value.get("contentType").and_then(Value::as_str) {
        Some("html") => body::from_html(content),
        Some(_) | None => body::from_text(content),
    }
}

fn attendees(value: &Value) -> Result<Vec<Attendee>, Refusal> {
    let invalid = |detail: &str| Refusal::new(400, "ErrorInvalidRecipients", detail);
    let list = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(list) => list,
        _ => {
            return Err(Refusal::invalid_property("The value of 'attendees' is not valid."));
        }
    };
    if list.len() > ATTENDEES_MAX {
        return Err(invalid("The number of attendees exceeds the limit of 500."));
    }
    let mut attendees: Vec<Attendee> = Vec::new();
    for entry in list {
        let email = entry.get("emailAddress");
        let text = |name: &str| email.and_then(|email| email.get(name)).and_then(Value::as_str);
        let address = text("address").filter(|address| address.contains('@'));
        let address = address.ok_or_else(|| invalid("At least one recipient isn't valid."))?;
        let kind = entry.get("type").and_then(Value::as_str).unwrap_or("required");
        let is_known = attendees.iter().any(|known| same_name(&known.address.address, address));
        if !is_known {
            let name = text("name").filter(|name| !name.is_empty()).unwrap_or(address);
            attendees.push(Attendee {
                address: Address { name: name.to_owned(), address: address.to_owned() },
                kind: kind.to_owned(),
                // Whatever the client says: answers are the guests' own.
                status: ResponseStatus { response: Response::None, time: None },
                proposed: None,
            });
        }
    }
    Ok(attendees)
}

/// Reads a list of recipients, as `forward` has it. Names of properties are
/// in the spelling of the metadata or of the documentation's examples.
pub(crate) fn recipients(value: &Value) -> Result<Vec<Attendee>, Refusal> {
    let mut list = Vec::new();
    for entry in value.as_array().into_iter().flatten() {
        let email = entry.get("emailAddress").or_else(|| entry.get("EmailAddress"));
        let text =
            |name: &str, other: &str| email.and_then(|email| email.get(name).or_else(|| email.get(other))).cloned();
        let address = serde_json::json!({
            "name": text("name", "Name").unwrap_or_default(),
            "address": text("address", "Address").unwrap_or_default(),
        });
        list.push(serde_json::json!({ "emailAddress": address }));
    }
    attendees(&Value::Array(list))
}

/// Checks start and end against each other.
pub(crate) fn check_span(span: &Span) -> Result<(), Refusal> {
    let is_midnight = |wall: &NaiveDateTime| wall.time() == NaiveTime::MIN;
    if span.all_day {
        if !is_midnight(&span.start) || !is_midnight(&span.end) || span.start_zone != span.end_zone {
            return Err(Refusal::invalid_property("An all-day event starts and ends at midnight in one time zone."));
        }
        if span.end <= span.start {
            return Err(Refusal::invalid_property("An all-day event ends at least one day after its start."));
        }
        return Ok(());
    }
    let instant = |wall, zone: &str| zones::resolve(zone).map(|zone| zones::to_utc(wall, zone));
    if instant(span.end, &span.end_zone) < instant(span.start, &span.start_zone) {
        return Err(Refusal::invalid_property("The end must not be before the start."));
    }
    Ok(())
}

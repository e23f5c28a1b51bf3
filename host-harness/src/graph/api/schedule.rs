//! When people are free (api/calendar-getschedule,
//! concepts/outlook-get-free-busy-schedule).
//!
//! Who asks for the own mailbox, or an application for the mailbox of its path,
//! sees what events are about; of others, when they take place. Nobody here has
//! shared more.
//!
//! DIFFERENCE: the page says what is refused and not how. Here the codes are
//! those that Exchange has for it.

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use super::Context;
use crate::graph::calendar::input;
use crate::graph::calendar::instance::{Window, instants};
use crate::graph::calendar::schedule::{availability, items, write};
use crate::graph::model::{Mailbox, Span};
use crate::graph::names::same_name;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::settings::working_hours;
use crate::graph::state::State;

/// Addresses of one request.
const SCHEDULES_MAX: usize = 20;
/// The range of one request is shorter, in days.
const RANGE_DAYS_MAX: i64 = 62;
/// Length of a slot, in minutes.
const SLOT_MINUTES: i64 = 30;
const SLOT_MINUTES_MIN: i64 = 5;
const SLOT_MINUTES_MAX: i64 = 1_440;

/// What a request asks for.
struct Question {
    schedules: Vec<String>,
    window: Window,
    slot: TimeDelta,
}

/// `POST …/getSchedule`.
pub(super) fn answer(state: &State, context: &Context<'_>) -> Result<Reply, Refusal> {
    let question = read(&context.call.body)?;
    let value: Vec<Value> =
        question.schedules.iter().map(|address| schedule(state, context, &question, address)).collect();
    let metadata = format!("{}/v1.0/$metadata#Collection(microsoft.graph.scheduleInformation)", state.base_url);
    Ok(Reply::json(200, json!({ "@odata.context": metadata, "value": value })))
}

fn invalid(code: &str, message: &str) -> Refusal {
    Refusal::new(400, code, message)
}

/// Reads a request, whose names are written in both cases by the documentation.
fn read(body: &[u8]) -> Result<Question, Refusal> {
    let given: Map<String, Value> = serde_json::from_slice(body).map_err(|_| Refusal::unreadable())?;
    let parameter =
        |name: &str| given.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let time = |name: &str| input::moment(parameter(name).unwrap_or(&Value::Null), name);
    let (start, end) = (time("startTime")?, time("endTime")?);
    let (start, start_zone, end, end_zone) = (start.wall, start.zone, end.wall, end.zone);
    let window = instants(&Span { start, start_zone, end, end_zone, all_day: false });
    if window.end <= window.start {
        return Err(invalid("ErrorInvalidParameter", "The end time must be later than the start time."));
    }
    if window.end - window.start >= TimeDelta::days(RANGE_DAYS_MAX) {
        let message = "The requested time duration is too long. The allowed limit is 62 days.";
        return Err(invalid("ErrorTimeIntervalTooBig", message));
    }
    Ok(Question {
        schedules: schedules(parameter("schedules"))?,
        window,
        slot: slot(parameter("availabilityViewInterval"))?,
    })
}

fn schedules(given: Option<&Value>) -> Result<Vec<String>, Refusal> {
    let list = given.and_then(Value::as_array).filter(|list| !list.is_empty());
    let list =
        list.ok_or_else(|| invalid("ErrorInvalidParameter", "The parameter 'schedules' is missing or empty."))?;
    if list.len() > SCHEDULES_MAX {
        let message = "The number of schedules exceeds the limit of 20.";
        return Err(invalid("ErrorInvalidParameter", message));
    }
    Ok(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// The length of a slot.
fn slot(given: Option<&Value>) -> Result<TimeDelta, Refusal> {
    let minutes = match given {
        None | Some(Value::Null) => Some(SLOT_MINUTES),
        Some(value) => value.as_i64(),
    };
    let minutes = minutes.filter(|minutes| (SLOT_MINUTES_MIN..=SLOT_MINUTES_MAX).contains(minutes));
    let message = "The interval of the availability view must be from 5 to 1440 minutes.";
    minutes.map(TimeDelta::minutes).ok_or_else(|| invalid("ErrorInvalidMergedFreeBusyInterval", message))
}

fn schedule(state: &State, context: &Context<'_>, question: &Question, address: &str) -> Value {
    let found = state.mailboxes.values().find(|mailbox| same_name(&mailbox.user_principal_name, address));
    found.map_or_else(|| unknown(address), |mailbox| known(state, context, question, address, mailbox))
}

fn known(state: &State, context: &Context<'_>, question: &Question, address: &str, mailbox: &Mailbox) -> Value {
    let items = items(state, mailbox, question.window);
    let is_detailed = mailbox.number == context.mailbox.number;
    let shown: Vec<Value> = items.iter().map(|item| Value::Object(write(item, &context.view, is_detailed))).collect();
    json!({
        "scheduleId": address,
        "availabilityView": availability(&items, question.window, question.slot),
        "scheduleItems": shown,
        "workingHours": working_hours(mailbox),
    })
}

/// Somebody without a mailbox here.
fn unknown(address: &str) -> Value {
    let message = format!("Unable to resolve e-mail address {address} to an Active Directory object.");
    json!({
        "scheduleId": address,
        "availabilityView": "",
        "scheduleItems": [],
        "error": { "message": message, "responseCode": "ErrorMailRecipientNotFound" },
    })
}

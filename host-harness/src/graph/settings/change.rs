//! Changes of mailbox settings, and how they are refused
//! (api/user-update-mailboxsettings, section Errors).
//!
//! Members of enumerations are read in any case, as the examples of that page
//! write them.
//!
//! DIFFERENCE: how a format, a locale or a time of automatic replies is refused
//! is not documented. Here formats have to consist of the parts of dates and
//! times, and the rest is refused in the words that Exchange has for it.

use chrono::{DateTime, NaiveTime, Utc};
use serde_json::{Map, Value};

use super::{AutomaticReplies, WorkingHours, languages};
use crate::graph::calendar::input;
use crate::graph::calendar::instance::instants;
use crate::graph::model::{Mailbox, Span};
use crate::graph::property;
use crate::graph::reply::Refusal;
use crate::graph::zones;

const DAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const STATUSES: [&str; 3] = ["disabled", "alwaysEnabled", "scheduled"];
const AUDIENCES: [&str; 3] = ["none", "contactsOnly", "all"];
const DELIVERIES: [&str; 3] =
    ["sendToDelegateAndInformationToPrincipal", "sendToDelegateAndPrincipal", "sendToDelegateOnly"];

/// Longest format, in characters.
const FORMAT_LENGTH_MAX: usize = 64;

fn invalid_arguments(message: String) -> Refusal {
    Refusal::new(400, "InvalidArguments", message)
}

/// Applies the properties of a request; answers their names.
pub(crate) fn apply(
    mailbox: &mut Mailbox,
    given: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<Vec<String>, Refusal> {
    let mut names = Vec::new();
    for (name, value) in given.iter().filter(|(name, _)| !name.contains('@')) {
        let settings = &mut mailbox.settings;
        match name.as_str() {
            "timeZone" => mailbox.time_zone = zone(value)?,
            "dateFormat" => settings.date_format = format(name, value, "dMyg")?,
            "timeFormat" => settings.time_format = format(name, value, "hHmst")?,
            "delegateMeetingMessageDeliveryOptions" => {
                settings.delegate_delivery = member(value, &DELIVERIES)?;
            }
            "language" => settings.locale = locale(value)?,
            "workingHours" => settings.working_hours = working_hours(&settings.working_hours, value)?,
            "automaticRepliesSetting" => {
                settings.automatic_replies = automatic_replies(&settings.automatic_replies, value, now)?;
            }
            "archiveFolder" | "userPurpose" => return Err(property::read_only(name)),
            _ => return Err(property::unknown(name, "mailboxSettings")),
        }
        names.push(name.clone());
    }
    Ok(names)
}

fn text<'a>(name: &str, value: &'a Value) -> Result<&'a str, Refusal> {
    value.as_str().ok_or_else(|| property::invalid(name))
}

fn zone(value: &Value) -> Result<String, Refusal> {
    let name = value.as_str().filter(|name| zones::resolve(name).is_some());
    let refused = || Refusal::new(400, "InvalidTimeZone", "Time Zone settings provided are invalid.");
    name.map(str::to_owned).ok_or_else(refused)
}

/// A format of these letters and what may stand between them; what is quoted
/// is free.
fn format(name: &str, value: &Value, letters: &str) -> Result<String, Refusal> {
    let given = text(name, value)?;
    let bare: String = given.split('\'').step_by(2).collect();
    let fits = |letter: char| letters.contains(letter) || " .,-/:;".contains(letter) || !letter.is_ascii();
    let is_format = bare.contains(|letter| letters.contains(letter)) && bare.chars().all(fits);
    if is_format && given.chars().count() <= FORMAT_LENGTH_MAX {
        Ok(given.to_owned())
    } else {
        Err(invalid_arguments(format!("The value '{given}' of '{name}' is not valid.")))
    }
}

/// A member of an enumeration in the spelling of the metadata.
fn member(value: &Value, members: &[&str]) -> Result<String, Refusal> {
    let given = value.as_str().unwrap_or_default();
    let known = members.iter().find(|known| known.eq_ignore_ascii_case(given));
    let unknown = || invalid_arguments(format!("Requested value '{given}' was not found."));
    known.map(|known| (*known).to_owned()).ok_or_else(unknown)
}

fn locale(value: &Value) -> Result<String, Refusal> {
    let given = value.get("locale").ok_or_else(|| property::invalid("language"))?;
    let given = text("locale", given)?;
    let known = languages::find(given);
    known.map(str::to_owned).ok_or_else(|| invalid_arguments(format!("The locale '{given}' is not supported.")))
}

fn time_of_day(value: &Value) -> Result<NaiveTime, Refusal> {
    let given = value.as_str().unwrap_or_default();
    let read = ["%H:%M:%S%.f", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(given, form).ok());
    read.ok_or_else(|| {
        let message = format!("Cannot convert the literal '{given}' to the expected type 'Edm.TimeOfDay'.");
        Refusal::new(400, "RequestBodyRead", message)
    })
}

fn working_hours(before: &WorkingHours, value: &Value) -> Result<WorkingHours, Refusal> {
    let given = value.as_object().ok_or_else(|| property::invalid("workingHours"))?;
    let mut hours = before.clone();
    for (name, value) in given.iter().filter(|(name, _)| !name.contains('@')) {
        match name.as_str() {
            "daysOfWeek" => {
                let days = value.as_array().ok_or_else(|| property::invalid(name))?;
                hours.days = days.iter().map(|day| member(day, &DAYS)).collect::<Result<_, _>>()?;
            }
            "startTime" => hours.start = time_of_day(value)?,
            "endTime" => hours.end = time_of_day(value)?,
            "timeZone" => hours.zone = Some(working_zone(value)?),
            _ => return Err(property::unknown(name, "workingHours")),
        }
    }
    if hours.start >= hours.end {
        return Err(Refusal::new(400, "ErrorInvalidTimeSettings", "Start Time should occur before End Time."));
    }
    Ok(hours)
}

fn working_zone(value: &Value) -> Result<String, Refusal> {
    let is_custom =
        value.get("@odata.type").and_then(Value::as_str).is_some_and(|name| name.contains("customTimeZone"));
    if is_custom {
        return Err(Refusal::not_emulated("A custom time zone of the working hours"));
    }
    zone(value.get("name").unwrap_or(&Value::Null))
}

fn automatic_replies(
    before: &AutomaticReplies,
    value: &Value,
    now: DateTime<Utc>,
) -> Result<AutomaticReplies, Refusal> {
    let given = value.as_object().ok_or_else(|| property::invalid("automaticRepliesSetting"))?;
    let mut replies = before.clone();
    let (mut start, mut end) = (None, None);
    for (name, value) in given.iter().filter(|(name, _)| !name.contains('@')) {
        match name.as_str() {
            "status" => replies.status = member(value, &STATUSES)?,
            "externalAudience" => replies.external_audience = member(value, &AUDIENCES)?,
            "internalReplyMessage" => text(name, value)?.clone_into(&mut replies.internal_message),
            "externalReplyMessage" => text(name, value)?.clone_into(&mut replies.external_message),
            "scheduledStartDateTime" => start = Some(input::moment(value, name)?),
            "scheduledEndDateTime" => end = Some(input::moment(value, name)?),
            _ => return Err(property::unknown(name, "automaticRepliesSetting")),
        }
    }
    match (start, end) {
        (None, None) => {}
        (Some(start), Some(end)) => {
            let (start, start_zone, end, end_zone) = (start.wall, start.zone, end.wall, end.zone);
            replies.scheduled = Some(Span { start, start_zone, end, end_zone, all_day: false });
        }
        (Some(_), None) | (None, Some(_)) => return Err(invalid_duration()),
    }
    require_future(&replies, now)?;
    Ok(replies)
}

/// What is scheduled has to lie ahead.
fn require_future(replies: &AutomaticReplies, now: DateTime<Utc>) -> Result<(), Refusal> {
    let is_scheduled = replies.status == "scheduled";
    let is_fit = match &replies.scheduled {
        Some(span) => {
            let instants = instants(span);
            instants.start < instants.end && (!is_scheduled || instants.end > now)
        }
        None => true,
    };
    if is_fit { Ok(()) } else { Err(invalid_duration()) }
}

fn invalid_duration() -> Refusal {
    Refusal::new(400, "ErrorInvalidScheduledOofDuration", "The specified duration for automatic replies is not valid.")
}

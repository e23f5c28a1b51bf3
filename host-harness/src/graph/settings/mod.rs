//! What people set for their mailboxes (resources/mailboxsettings): formats,
//! language, working hours, automatic replies, and their list of categories
//! (resources/outlookcategory). The endpoints are in `api::mailbox_settings`
//! and `api::categories`.
//!
//! Automatic replies are kept and shown; nobody is answered by them.

pub(crate) mod categories;
pub(crate) mod change;
pub(crate) mod languages;

use chrono::{DateTime, DurationRound, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::calendar::instance::{Window, instants};
use super::calendar::output::{View, moment, object};
use super::model::{Mailbox, Span};
use super::zones;

/// Who outside of the organisation gets automatic replies, and when they are
/// sent (resources/automaticrepliessetting).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AutomaticReplies {
    pub status: String,
    pub external_audience: String,
    /// As it was written last; before that, a day from the hour at hand.
    pub scheduled: Option<Span>,
    pub internal_message: String,
    pub external_message: String,
}

/// When somebody works (resources/workinghours).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WorkingHours {
    pub days: Vec<String>,
    pub start: NaiveTime,
    pub end: NaiveTime,
    /// Absent for the zone of the mailbox.
    pub zone: Option<String>,
}

/// The settings of a mailbox, without its zone, which is the mailbox's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    pub date_format: String,
    pub time_format: String,
    pub delegate_delivery: String,
    pub locale: String,
    pub working_hours: WorkingHours,
    pub automatic_replies: AutomaticReplies,
}

impl Default for Settings {
    fn default() -> Self {
        let days = ["monday", "tuesday", "wednesday", "thursday", "friday"].map(str::to_owned);
        let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
        Self {
            date_format: "yyyy-MM-dd".to_owned(),
            time_format: "HH:mm".to_owned(),
            delegate_delivery: "sendToDelegateOnly".to_owned(),
            locale: "en-US".to_owned(),
            working_hours: WorkingHours { days: days.to_vec(), start: at(8), end: at(17), zone: None },
            automatic_replies: AutomaticReplies {
                status: "disabled".to_owned(),
                external_audience: "all".to_owned(),
                scheduled: None,
                internal_message: String::new(),
                external_message: String::new(),
            },
        }
    }
}

/// All settings of a mailbox as they are answered.
pub(crate) fn write(mailbox: &Mailbox, view: &View, now: DateTime<Utc>) -> Map<String, Value> {
    let settings = &mailbox.settings;
    object(json!({
        "timeZone": mailbox.time_zone,
        "dateFormat": settings.date_format,
        "timeFormat": settings.time_format,
        "delegateMeetingMessageDeliveryOptions": settings.delegate_delivery,
        "userPurpose": "user",
        "language": { "locale": settings.locale, "displayName": languages::display_name(&settings.locale) },
        "workingHours": working_hours(mailbox),
        "automaticRepliesSetting": automatic_replies(&settings.automatic_replies, view, now),
    }))
}

/// When the owner of a mailbox works.
pub(crate) fn working_hours(mailbox: &Mailbox) -> Value {
    let hours = &mailbox.settings.working_hours;
    let time = |time: NaiveTime| time.format("%H:%M:%S.0000000").to_string();
    json!({
        "daysOfWeek": hours.days,
        "startTime": time(hours.start),
        "endTime": time(hours.end),
        "timeZone": { "name": hours.zone.as_ref().unwrap_or(&mailbox.time_zone) },
    })
}

fn automatic_replies(replies: &AutomaticReplies, view: &View, now: DateTime<Utc>) -> Value {
    let hour = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
    let day = Window { start: hour, end: hour + TimeDelta::days(1) };
    let Window { start, end } = replies.scheduled.as_ref().map_or(day, instants);
    let shown = |at: DateTime<Utc>| moment(zones::to_wall(at, view.zone), view);
    json!({
        "status": replies.status,
        "externalAudience": replies.external_audience,
        "scheduledStartDateTime": shown(start),
        "scheduledEndDateTime": shown(end),
        "internalReplyMessage": replies.internal_message,
        "externalReplyMessage": replies.external_message,
    })
}

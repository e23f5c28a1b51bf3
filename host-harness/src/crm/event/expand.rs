//! Which entries a person sees in a calendar of the CRM between two instants:
//! events that happen once, occurrences of series, and exceptions at their own
//! time. Cancelled occurrences are not there.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use rusqlite::params;
use serde::Serialize;

use super::all_day::EventTime;
use super::record::{Attendee, CalendarEvent, EventKind, EventValues};
use super::rows::events_where;
use super::series::{Series, start_of};
use crate::crm::error::at_most;
use crate::crm::ids::{EventId, UserId};
use crate::crm::stored::Millis;
use crate::crm::users::{ZoneName, user_and_calendar_in};
use crate::crm::{Crm, CrmError};

/// The longest stretch that is looked at, in days: ten years with leap days.
/// A daily series has that many entries in it.
pub const INSTANCES_DAYS_MAX: i64 = 3_653;

/// Days around a stretch in which occurrences are looked for: no zone is
/// further from UTC.
const ZONE_DAYS: TimeDelta = TimeDelta::days(2);

/// An entry of a calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventInstance {
    /// The event that it is edited with: the series for an occurrence.
    pub event_id: EventId,
    /// The series that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series_id: Option<EventId>,
    /// When the rule has it, where it belongs to a series.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_start: Option<DateTime<Utc>>,
    /// The same as the rule itself says it, whoever has written the original start
    /// down: what names the day on either side.
    #[serde(skip)]
    pub starts_by_rule: Option<DateTime<Utc>>,
    /// The title.
    pub title: String,
    /// When it begins.
    pub start: DateTime<Utc>,
    /// When it ends; of whole days a moment of the last one.
    pub end: DateTime<Utc>,
    /// Whether it takes whole days.
    pub all_day: bool,
    /// The first of whole days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<NaiveDate>,
    /// The last of whole days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date: Option<NaiveDate>,
    /// Where its clock hangs.
    pub time_zone: ZoneName,
    /// The description, HTML.
    pub description: Option<String>,
    /// The guests.
    pub attendees: Vec<Attendee>,
    /// Always no: what was cancelled is not there.
    pub cancelled: bool,
}

impl EventInstance {
    /// When it takes place.
    pub fn time(&self) -> EventTime {
        self.as_values().time()
    }

    fn as_values(&self) -> EventValues {
        EventValues { start: self.start, end: self.end, all_day: self.all_day, ..EventValues::blank(self.time_zone) }
    }

    /// The entry that an event is by itself.
    fn of(event: &CalendarEvent, values: &EventValues) -> Self {
        let days = match values.time() {
            EventTime::Timed(_) => None,
            EventTime::AllDay(days) => {
                Some((days.start_on, days.end_before.checked_sub_days(Days::new(1)).unwrap_or(days.start_on)))
            }
        };
        Self {
            event_id: event.id,
            series_id: values.recurring_event_id,
            original_start: values.original_start,
            starts_by_rule: values.original_start,
            title: values.title.clone(),
            start: values.start,
            end: values.end,
            all_day: values.all_day,
            start_date: days.map(|(first, _)| first),
            end_date: days.map(|(_, last)| last),
            time_zone: values.time_zone,
            description: values.description.clone(),
            attendees: values.attendees.clone(),
            cancelled: false,
        }
    }

    /// The same, of a series with this rule.
    fn named_by(self, rule: Option<&Series>) -> Self {
        let by_rule = rule.zip(self.original_start).and_then(|(rule, original)| rule.start_by_rule(original));
        Self { starts_by_rule: by_rule.or(self.starts_by_rule), ..self }
    }

    /// Whether some of it lies in the stretch. Whole days are those of UTC.
    fn touches(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> bool {
        let (start, end) = match self.time() {
            EventTime::Timed(timed) => (timed.start, timed.end),
            EventTime::AllDay(days) => (midnight(days.start_on), midnight(days.end_before)),
        };
        start < until && (end > from || start >= from)
    }
}

impl Crm {
    /// What the owner of a calendar sees from `from` on and before `until`,
    /// ordered by start.
    ///
    /// # Errors
    /// A stretch of more than [`INSTANCES_DAYS_MAX`] days, or the owner does
    /// not exist.
    pub fn event_instances(
        &self,
        owner: UserId,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<EventInstance>, CrmError> {
        let found = usize::try_from((until - from).num_days().max(0)).unwrap_or(usize::MAX);
        let max = usize::try_from(INSTANCES_DAYS_MAX).unwrap_or(usize::MAX);
        at_most(max, "days", found)?;
        let events = self.events_for_instances(owner, from, until)?;
        let mut instances = instances_of(&events, from, until)?;
        instances.sort_by(|a, b| (a.start, a.end, &a.title, a.event_id).cmp(&(b.start, b.end, &b.title, b.event_id)));
        Ok(instances)
    }

    /// The events that can have an entry in the stretch: every series with its
    /// exceptions, and of the others those that are in it.
    fn events_for_instances(
        &self,
        owner: UserId,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<CalendarEvent>, CrmError> {
        // Whole days may be stored in another zone.
        let (from, until) = (earlier(from), later(until));
        self.read(|connection| {
            let (_, calendar) = user_and_calendar_in(connection, owner)?;
            let condition = "event.calendar_id = ?1 AND (recurring_event_id IS NOT NULL
                OR (recurrence IS NOT NULL AND start_at < ?3) OR (end_at >= ?2 AND start_at < ?3))
                ORDER BY event.id";
            events_where(connection, condition, params![calendar, Millis(from), Millis(until)])
        })
    }
}

/// The entries of some events, of which the exceptions of a series are complete.
fn instances_of(
    events: &[CalendarEvent],
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<EventInstance>, CrmError> {
    let mut originals: BTreeMap<EventId, Vec<DateTime<Utc>>> = BTreeMap::new();
    let mut rules: BTreeMap<EventId, Series> = BTreeMap::new();
    for event in events {
        if let (EventKind::Series, Some(series)) = (event.values.kind(), Series::of(&event.values)?) {
            rules.insert(event.id, series);
        }
        if let (Some(series), Some(original)) = (event.values.recurring_event_id, event.values.original_start) {
            originals.entry(series).or_default().push(original);
        }
    }
    let mut instances = Vec::new();
    for event in events {
        match (event.values.kind(), Series::of(&event.values)?) {
            (EventKind::Series, Some(series)) => {
                let originals = originals.get(&event.id).map(Vec::as_slice).unwrap_or_default();
                let replaced: BTreeSet<NaiveDate> = originals.iter().filter_map(|at| series.day_of(*at)).collect();
                let occurrences = series
                    .days_from(earlier(from - length(&series.first)).date_naive())
                    .take_while(|day| *day <= later(until).date_naive())
                    .filter(|day| !replaced.contains(day))
                    .map(|day| occurrence(event, &series, day));
                instances.extend(occurrences.filter(|instance| instance.touches(from, until)));
            }
            (EventKind::Single | EventKind::Series | EventKind::Exception, _) => {
                let rule = event.values.recurring_event_id.and_then(|series| rules.get(&series));
                let instance = EventInstance::of(event, &event.values).named_by(rule);
                instances.extend(Some(instance).filter(|it| !event.values.cancelled && it.touches(from, until)));
            }
        }
    }
    Ok(instances)
}

/// The entry of an occurrence that is as the rule has it.
fn occurrence(event: &CalendarEvent, series: &Series, day: NaiveDate) -> EventInstance {
    let time = series.time_of(day);
    let mut values = event.values.clone();
    values.set_time(&time);
    EventInstance {
        series_id: Some(event.id),
        original_start: Some(start_of(&time)),
        starts_by_rule: Some(start_of(&time)),
        ..EventInstance::of(event, &values)
    }
}

fn length(time: &EventTime) -> TimeDelta {
    match time {
        EventTime::Timed(timed) => timed.end - timed.start,
        EventTime::AllDay(days) => days.end_before.signed_duration_since(days.start_on),
    }
}

fn earlier(instant: DateTime<Utc>) -> DateTime<Utc> {
    instant.checked_sub_signed(ZONE_DAYS).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

fn later(instant: DateTime<Utc>) -> DateTime<Utc> {
    instant.checked_add_signed(ZONE_DAYS).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests;

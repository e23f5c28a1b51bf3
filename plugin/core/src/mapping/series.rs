//! What is different on single days of a series?
//!
//! Both sides give whole occurrences, or parts of them; compared with what the
//! series has, [`differing`] leaves the differences, which is what is kept and
//! merged. [`crm_record`] does that for the CRM's records, [`crm_exceptions`] is
//! the way back. Microsoft's exceptions are read in [`super::event`] and
//! [`super::instances`].

use super::recurrence::{RecurrenceIssue, normalised};
use crate::model::{
    AttendeeStatus, CivilDate, EventTime, Exceptions, FieldGroup, FieldSet, FieldValue, Instant, Occurrence, Record,
    Recurrence,
};
use crate::ports::{CrmException, CrmItem, CrmOccurrence, OriginalStart};
use crate::recurrence::Series;

/// Milliseconds of a minute.
const MINUTE: i64 = 60_000;

/// The series of a record; none for an event that takes place once.
pub fn series_of(record: &Record) -> Option<Series> {
    Series::new(*record.rule()?, *record.time()?).ok()
}

/// The groups of an occurrence that are not those of its series. `day_time` is
/// when the rule has it. Groups that the series does not show cannot be
/// compared and are left out, and an occurrence has no rule of its own.
pub fn differing(of: &Record, from_series: &Record, day_time: EventTime) -> Record {
    of.values().filter(|value| differs(value, from_series, day_time)).cloned().collect()
}

fn differs(value: &FieldValue, from_series: &Record, day_time: EventTime) -> bool {
    match value {
        FieldValue::Recurrence(_) | FieldValue::Exceptions(_) => false,
        FieldValue::Time(time) => !is_same_minute(time, &day_time),
        FieldValue::Title(_)
        | FieldValue::Body(_)
        | FieldValue::Attendees(_)
        | FieldValue::Reminder(_)
        | FieldValue::Location(_)
        | FieldValue::Categories(_)
        | FieldValue::ShowAs(_)
        | FieldValue::Sensitivity(_)
        | FieldValue::Importance(_)
        | FieldValue::Response(_)
        | FieldValue::RemindAt(_)
        | FieldValue::Status(_)
        | FieldValue::Due(_) => from_series.get(value.group()).is_some_and(|of_series| !value.same_as(of_series)),
    }
}

/// Exchange names occurrences by whole minutes, so seconds of a series are not
/// taken for a move of each of its exceptions.
fn is_same_minute(one: &EventTime, two: &EventTime) -> bool {
    let minute = |at: Instant| at.epoch_milliseconds().div_euclid(MINUTE);
    match (one, two) {
        (EventTime::Timed { start_at, end_at, .. }, EventTime::Timed { start_at: start, end_at: end, .. }) => {
            minute(*start_at) == minute(*start) && minute(*end_at) == minute(*end)
        }
        (EventTime::AllDay { .. }, EventTime::AllDay { .. }) => one == two,
        (EventTime::Timed { .. }, EventTime::AllDay { .. }) | (EventTime::AllDay { .. }, EventTime::Timed { .. }) => {
            false
        }
    }
}

/// A record of the CRM in the form in which both sides are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrmRecord {
    /// Its groups: those that the CRM holds.
    pub record: Record,
    /// Exceptions that name no occurrence of the rule. They show in neither
    /// calendar and are left where they are.
    pub ignored: Vec<OriginalStart>,
}

/// The groups of `item` that the CRM `holds`, with the rule in the form of both
/// sides, the time of the first occurrence and the exceptions as differences.
///
/// # Errors
/// A rule that means nothing, or has no occurrence.
pub fn crm_record(item: &CrmItem, holds: FieldSet) -> Result<CrmRecord, RecurrenceIssue> {
    let mut record = item.record.only(holds);
    if holds.contains(FieldGroup::Response) && item.is_organizer {
        record.set(FieldValue::Response(AttendeeStatus::None));
    }
    if let Some(rule) = record.rule().copied() {
        let start = *record.time().ok_or(RecurrenceIssue::NoTime)?;
        let (rule, first) = normalised(rule, start)?;
        record.set(FieldValue::Recurrence(Recurrence::Rule(rule)));
        record.set(FieldValue::Time(first));
    }
    let mut ignored = Vec::new();
    if holds.contains(FieldGroup::Exceptions) {
        let exceptions = match series_of(&record) {
            Some(series) => differences(item, &series, &record, holds, &mut ignored),
            None => Exceptions::new(),
        };
        record.set(FieldValue::Exceptions(exceptions));
    }
    Ok(CrmRecord { record, ignored })
}

fn differences(
    item: &CrmItem,
    series: &Series,
    record: &Record,
    holds: FieldSet,
    ignored: &mut Vec<OriginalStart>,
) -> Exceptions {
    let mut found = Exceptions::new();
    for exception in &item.exceptions {
        let by_rule = day_named(series, exception.original_start).and_then(|day| Some((day, series.time_of(day)?)));
        let Some((day, day_time)) = by_rule else {
            ignored.push(exception.original_start);
            continue;
        };
        match &exception.state {
            CrmOccurrence::Cancelled => {
                found.insert(day, Occurrence::Cancelled);
            }
            CrmOccurrence::Changed(changed) => {
                let differs = differing(&changed.only(holds), record, day_time);
                // One that was called off stays so, whatever else is said of it.
                if !differs.is_empty() {
                    found.entry(day).or_insert(Occurrence::Changed(differs));
                }
            }
        }
    }
    found
}

fn day_named(series: &Series, original: OriginalStart) -> Option<CivilDate> {
    match original {
        OriginalStart::At(at) => series.day_of(at),
        OriginalStart::On(day) => series.falls_on(day).then_some(day),
    }
}

/// The exceptions of a series for a write to the CRM. `series` is the series as
/// the CRM has it, or has it afterwards: its seconds name the occurrences. Only
/// groups that the CRM `holds` are in them, and an exception that has none is
/// left out.
pub fn crm_exceptions(series: &Record, exceptions: &Exceptions, holds: FieldSet) -> Vec<CrmException> {
    let Some(of) = series_of(series) else { return Vec::new() };
    let named = |day: CivilDate| match of.time_of(day)? {
        _ if !of.falls_on(day) => None,
        EventTime::Timed { start_at, .. } => Some(OriginalStart::At(start_at)),
        EventTime::AllDay { start_on, .. } => Some(OriginalStart::On(start_on)),
    };
    let state = |occurrence: &Occurrence| match occurrence {
        Occurrence::Cancelled => Some(CrmOccurrence::Cancelled),
        Occurrence::Changed(record) => {
            let held = record.only(holds);
            (!held.is_empty()).then_some(CrmOccurrence::Changed(held))
        }
    };
    exceptions
        .iter()
        .filter_map(|(day, occurrence)| Some(CrmException { original_start: named(*day)?, state: state(occurrence)? }))
        .collect()
}

#[cfg(test)]
mod tests;

//! What users do to series, and what a calendar does to exceptions.
//!
//! Whoever re-times a series loses its exceptions, on either side; only a new
//! end of the range in Outlook keeps those that are left in it. Microsoft does
//! not bring a cancelled occurrence back.

use chrono::{TimeDelta, Weekday};

use crate::model::{
    AttendeeStatus, CivilDate, EventTime, Exceptions, FieldGroup, FieldValue, Occurrence, Pattern, RangeEnd, Record,
    Recurrence, Rule, Weekdays, Zone,
};
use crate::recurrence::Series;
use crate::sync::Side;

use super::edits::Aspect;
use super::events::holds;

/// What a user does to a series. The first number chooses a day.
#[derive(Clone, Debug)]
pub enum SeriesEdit {
    /// 0 makes a single event of it.
    Rule(u8),
    /// Other days than before, the same pattern; only Outlook keeps exceptions.
    RangeEnd(u8),
    Cancel(u8),
    /// Only the CRM can do that.
    Restore(u8),
    /// 0 takes the title of the series again.
    Retitle(u8, u8),
    /// 0 takes the time of the series again.
    Move(u8, u8),
    /// 0 takes the place of the series again.
    Relocate(u8, u8),
}

fn rule(number: u8) -> Option<Rule> {
    let weekly = |day| Pattern::Weekly { days: Weekdays::one(day), week_start: Weekday::Sun };
    let (pattern, end) = match number {
        1 => (Pattern::Daily, RangeEnd::Count(4)),
        2 => (Pattern::Daily, RangeEnd::Until(CivilDate::from_parts(1970, 1, 3).unwrap())),
        3 => (weekly(Weekday::Thu), RangeEnd::Count(3)),
        4 => (weekly(Weekday::Fri), RangeEnd::Count(3)),
        _ => return None,
    };
    Some(Rule { pattern, interval: 1, end, zone: Some(Zone::UTC) })
}

pub fn series_of(record: &Record) -> Option<Series> {
    Series::new(*record.rule()?, *record.time()?).ok()
}

/// The record after a user has given it a rule and a time, the exceptions gone;
/// none where the rule ends before the time.
pub fn retimed(record: &Record, rule: Option<Rule>, time: EventTime) -> Option<(Record, Vec<Aspect>)> {
    let first = match rule {
        Some(rule) => *Series::new(rule, time).ok()?.first(),
        None => time,
    };
    let mut after = record.clone();
    after.set(FieldValue::Time(first));
    after.set(FieldValue::Recurrence(rule.map_or(Recurrence::None, Recurrence::Rule)));
    if after.time() != record.time() || after.rule() != record.rule() {
        after.set(FieldValue::Exceptions(Exceptions::new()));
    }
    Some((after, vec![Aspect::Group(FieldGroup::Time), Aspect::Group(FieldGroup::Recurrence)]))
}

/// The record after an edit, and what was edited.
pub fn edited(side: Side, record: &Record, edit: &SeriesEdit) -> Option<(Record, Vec<Aspect>)> {
    let day_of = |number: u8| {
        let series = series_of(record)?;
        let days: Vec<CivilDate> = series.days().take(6).collect();
        days.get(usize::from(number) % days.len()).copied()
    };
    match edit {
        SeriesEdit::Rule(number) => retimed(record, rule(*number), *record.time()?),
        SeriesEdit::RangeEnd(count) => {
            let longer = Rule { end: RangeEnd::Count(u32::from(*count) + 2), ..*record.rule()? };
            let (mut after, aspects) = retimed(record, Some(longer), *record.time()?)?;
            if side == Side::M365 {
                let series = series_of(&after)?;
                let left = record.exceptions().into_iter().filter(|(day, _)| series.falls_on(*day));
                after.set(FieldValue::Exceptions(left.collect()));
            }
            Some((after, aspects))
        }
        SeriesEdit::Cancel(number) => {
            let day = day_of(*number)?;
            let mut days = record.exceptions();
            days.insert(day, Occurrence::Cancelled);
            Some((with(record, days), vec![Aspect::Day(day, None)]))
        }
        SeriesEdit::Restore(number) => {
            let day = day_of(*number)?;
            let mut days = record.exceptions();
            let cancelled = days.remove(&day) == Some(Occurrence::Cancelled);
            (side == Side::Crm && cancelled).then(|| (with(record, days), vec![Aspect::Day(day, None)]))
        }
        SeriesEdit::Retitle(number, title) => {
            let value = (*title > 0).then(|| FieldValue::Title(format!("day {title}")));
            overridden(side, record, day_of(*number)?, FieldGroup::Title, value)
        }
        SeriesEdit::Move(number, hours) => {
            let day = day_of(*number)?;
            let (start, end) = series_of(record)?.time_of(day)?.span();
            let later = TimeDelta::hours(i64::from(*hours) + 9);
            let time = EventTime::timed(start.plus(later), end.plus(later), Zone::UTC).unwrap();
            overridden(side, record, day, FieldGroup::Time, (*hours > 0).then_some(FieldValue::Time(time)))
        }
        SeriesEdit::Relocate(number, place) => {
            let value = (*place > 0).then(|| FieldValue::Location(format!("spot {place}")));
            overridden(side, record, day_of(*number)?, FieldGroup::Location, value)
        }
    }
}

fn overridden(
    side: Side,
    record: &Record,
    day: CivilDate,
    group: FieldGroup,
    value: Option<FieldValue>,
) -> Option<(Record, Vec<Aspect>)> {
    let mut days = record.exceptions();
    let mut changed = match days.remove(&day) {
        Some(Occurrence::Cancelled) => return None,
        Some(Occurrence::Changed(changed)) => changed,
        None => Record::default(),
    };
    match value {
        Some(value) => changed.set(value),
        None => changed.remove(group),
    }
    if !changed.is_empty() {
        days.insert(day, Occurrence::Changed(changed));
    }
    holds(side).contains(group).then(|| (with(record, days), vec![Aspect::Day(day, Some(group))]))
}

fn with(record: &Record, days: Exceptions) -> Record {
    let mut record = record.clone();
    record.set(FieldValue::Exceptions(days));
    record
}

/// What the CRM shows of exceptions.
pub fn shown_in_crm(days: &Exceptions) -> Exceptions {
    days.iter()
        .filter_map(|(day, occurrence)| match occurrence {
            Occurrence::Cancelled => Some((*day, Occurrence::Cancelled)),
            Occurrence::Changed(changed) => {
                let held = changed.only(holds(Side::Crm));
                (!held.is_empty()).then_some((*day, Occurrence::Changed(held)))
            }
        })
        .collect()
}

/// The record after our own write to a side. Where `interrupted`, the
/// exceptions that it took away have not come back.
pub fn after_write(side: Side, before: &Record, written: &Record, interrupted: bool) -> Record {
    let retimes = written.time().is_some() || written.get(FieldGroup::Recurrence).is_some();
    let mut record = before.clone();
    if retimes && record.get(FieldGroup::Exceptions).is_some() {
        record.set(FieldValue::Exceptions(Exceptions::new()));
    }
    if written.get(FieldGroup::Exceptions).is_some() {
        for (day, occurrence) in record.exceptions() {
            let kept = occurrence != Occurrence::Cancelled || written.exceptions().get(&day) == Some(&occurrence);
            assert!(kept || side == Side::Crm, "Microsoft cannot bring {day} back");
        }
    }
    let mut written = written.clone();
    if side == Side::M365 && written.get(FieldGroup::Attendees).is_some() {
        // Answers are the guests' own.
        let (known, mut guests) = (before.guests(), written.guests());
        for (address, guest) in &mut guests {
            guest.status = known.get(address).map_or(AttendeeStatus::None, |known| known.status);
        }
        written.set(FieldValue::Attendees(guests));
    }
    if interrupted {
        written.remove(FieldGroup::Exceptions);
    }
    record.overlaid(&written)
}

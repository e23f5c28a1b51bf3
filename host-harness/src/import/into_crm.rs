//! A batch into a user's calendar in the CRM, in one transaction. Its tasks are
//! [`task`]'s, in another one.
//!
//! Guests come along: they know of their meetings, and as an import is nobody's
//! edit, nobody is told of it (`Announcement::Settled`).

mod task;

use chrono::{NaiveDate, Weekday};

use super::batch::{ImportBatch, ImportReport, ImportedEvent, ImportedSeries, OccurrenceChange, start_instant};
use super::details::LeftOutField;
use super::reason::{Left, SkipReason};
use crate::crm::event::{Added, Attendee, DayOfWeek, EventTime, NewEvent, NewException, Recurrence, RecurrenceType};
use crate::crm::users::ZoneName;
use crate::crm::{Crm, CrmError, InvalidValue, UserId};
use crate::graph::calendar::pattern::{self, End, Index, Pattern};

/// The CRM counts the interval of yearly rules in months (Oro row C3).
const MONTHS_OF_A_YEAR: u32 = 12;

/// Adds the events of a batch to the default calendar of `owner`, and its tasks
/// to his. What is there already, by its UID, stays as it is.
///
/// # Errors
/// The owner does not exist, or the database fails: then no event was added, or
/// no task.
pub fn import_into_crm(crm: &Crm, owner: UserId, batch: &ImportBatch) -> Result<ImportReport, CrmError> {
    let mut report = ImportReport::of(batch);
    let mut singles: Vec<&ImportedEvent> = batch.events.iter().collect();
    let mut series = Vec::new();
    for candidate in &batch.series {
        match new_series(candidate) {
            Ok(event) => {
                series.push((candidate, event));
                singles.extend(&candidate.beside);
            }
            Err(left) => {
                report.leave(left);
                candidate.left_with_it().for_each(|left| report.leave(left));
            }
        }
    }
    let (candidates, masters): (Vec<_>, Vec<_>) = series.into_iter().unzip();
    let added = crm.add_events(owner, singles.iter().copied().map(new_event).chain(masters).collect())?;
    let singles = singles.into_iter().map(|event| (event, None));
    let series = candidates.into_iter().map(|series| (&series.master, Some(series)));
    for ((event, series), outcome) in singles.chain(series).zip(added) {
        let uid = event.uid.as_deref();
        match outcome {
            Added::Created { refused, .. } => {
                report.created += 1;
                report.leave_fields(lost_fields(event));
                if let Some(series) = series {
                    count_series(&mut report, series, &refused);
                }
            }
            Added::Duplicate(_) => report.leave(Left::whole(uid, SkipReason::Duplicate)),
            Added::Refused(value) => report.leave(Left::whole(uid, SkipReason::Refused).because(value.field)),
        }
    }
    task::add_all(crm, owner, batch, &mut report)?;
    Ok(report.finished(batch))
}

/// Counts a series that was added, with its exceptions.
fn count_series(report: &mut ImportReport, series: &ImportedSeries, refused: &[(usize, InvalidValue)]) {
    report.series += 1;
    for (place, (date, change)) in series.exceptions.iter().enumerate() {
        if let Some((_, value)) = refused.iter().find(|(refused, _)| *refused == place) {
            let (uid, at) = (series.master.uid.as_deref(), series.original_start(*date));
            report.leave(Left::occurrence(uid, SkipReason::Refused, at).because(value.field));
            continue;
        }
        match change {
            OccurrenceChange::Cancelled => report.cancelled_occurrences += 1,
            OccurrenceChange::Changed(event) => {
                report.exceptions += 1;
                report.leave_fields(lost_fields(event));
            }
        }
    }
}

/// What an event says and the CRM has no column for.
fn lost_fields(event: &ImportedEvent) -> impl Iterator<Item = LeftOutField> {
    let place = event.location.as_ref().map(|_| LeftOutField::Location);
    place.into_iter().chain(event.details.of_microsoft_only()).chain(event.details.homeless())
}

fn new_event(event: &ImportedEvent) -> NewEvent {
    let attendees = event.attendees.iter().map(|guest| Attendee {
        email: Some(guest.address.clone()),
        display_name: guest.display_name.clone(),
        status: guest.status,
        kind: guest.kind,
    });
    NewEvent {
        uid: event.uid.clone(),
        title: event.title.clone(),
        description: event.description.as_deref().map(html_of),
        time: event.time,
        attendees: attendees.collect(),
        organizer_email: event.organizer.clone(),
        reminder_minutes: event.reminder_minutes,
        recurrence: None,
        exceptions: Vec::new(),
    }
}

/// A series with its exceptions, or why the CRM cannot repeat it.
fn new_series(series: &ImportedSeries) -> Result<NewEvent, Left> {
    let uid = series.master.uid.as_deref();
    if let Pattern::Weekly { first_day, .. } = &series.rule.pattern
        && *first_day != Weekday::Sun
    {
        return Err(Left::whole(uid, SkipReason::RuleWeekStart).because(format!("weeks from {first_day}")));
    }
    let rule = recurrence(series);
    if let Err(value) = rule.validate() {
        let reason = if value.field == "interval" { SkipReason::RuleInterval } else { SkipReason::Refused };
        return Err(Left::whole(uid, reason).because(format!("{} {}", value.field, value.found)));
    }
    let exception = |(date, change): (&NaiveDate, &OccurrenceChange)| {
        let time = series.time_on(*date);
        let (event, cancelled) = match change {
            OccurrenceChange::Cancelled => (NewEvent { time, ..new_event(&series.master) }, true),
            OccurrenceChange::Changed(event) => (new_event(event), false),
        };
        NewException { original_start: start_instant(&time), cancelled, event }
    };
    let exceptions = series.exceptions.iter().map(exception).collect();
    Ok(NewEvent { recurrence: Some(rule), exceptions, ..new_event(&series.master) })
}

/// The rule as the CRM keeps it. It ends with the instant of its last possible
/// occurrence; days without times are counted in UTC, where the CRM's
/// midnights of whole days are.
fn recurrence(series: &ImportedSeries) -> Recurrence {
    let rule = &series.rule;
    let zone = match series.master.time {
        EventTime::Timed(timed) => timed.zone,
        EventTime::AllDay(_) => ZoneName(chrono_tz::Tz::UTC),
    };
    let (end_time, occurrences) = match rule.end {
        End::Never => (None, None),
        End::On(last) => (Some(start_instant(&series.time_on(last))), None),
        End::After(count) => (None, Some(count)),
    };
    let blank = Recurrence {
        kind: RecurrenceType::Daily,
        interval: rule.interval,
        day_of_week: Vec::new(),
        day_of_month: None,
        month_of_year: None,
        instance: None,
        start_time: start_instant(&series.master.time),
        end_time,
        occurrences,
        time_zone: zone,
    };
    with_pattern(blank, rule)
}

fn with_pattern(blank: Recurrence, rule: &pattern::Recurrence) -> Recurrence {
    let days = |days: &[Weekday]| {
        let mut days: Vec<DayOfWeek> = days.iter().map(|day| day_of_week(*day)).collect();
        days.sort_unstable();
        days
    };
    let interval = rule.interval.saturating_mul(MONTHS_OF_A_YEAR);
    match &rule.pattern {
        Pattern::Daily => blank,
        Pattern::Weekly { days: chosen, .. } => {
            Recurrence { kind: RecurrenceType::Weekly, day_of_week: days(chosen), ..blank }
        }
        Pattern::AbsoluteMonthly { day } => {
            Recurrence { kind: RecurrenceType::Monthly, day_of_month: Some(*day), ..blank }
        }
        Pattern::RelativeMonthly { days: chosen, index } => Recurrence {
            kind: RecurrenceType::MonthNth,
            day_of_week: days(chosen),
            instance: Some(instance(*index)),
            ..blank
        },
        Pattern::AbsoluteYearly { day, month } => Recurrence {
            kind: RecurrenceType::Yearly,
            interval,
            day_of_month: Some(*day),
            month_of_year: Some(*month),
            ..blank
        },
        Pattern::RelativeYearly { days: chosen, index, month } => Recurrence {
            kind: RecurrenceType::YearNth,
            interval,
            day_of_week: days(chosen),
            instance: Some(instance(*index)),
            month_of_year: Some(*month),
            ..blank
        },
    }
}

const fn instance(index: Index) -> u32 {
    match index {
        Index::First => 1,
        Index::Second => 2,
        Index::Third => 3,
        Index::Fourth => 4,
        Index::Last => 5,
    }
}

const fn day_of_week(day: Weekday) -> DayOfWeek {
    match day {
        Weekday::Sun => DayOfWeek::Sunday,
        Weekday::Mon => DayOfWeek::Monday,
        Weekday::Tue => DayOfWeek::Tuesday,
        Weekday::Wed => DayOfWeek::Wednesday,
        Weekday::Thu => DayOfWeek::Thursday,
        Weekday::Fri => DayOfWeek::Friday,
        Weekday::Sat => DayOfWeek::Saturday,
    }
}

/// Plain text as HTML that shows the same.
fn html_of(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\n', "<br>")
}

#[cfg(test)]
mod tests;

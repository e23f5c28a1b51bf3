//! What can the CRM hold of a record?
//!
//! A value that is projected the same way every time compares equal to what the
//! CRM gives back, so a title that was cut is no change. Whether a group may be
//! written is another question, answered by the CRM's capabilities.

use thiserror::Error;

use super::recurrence::{RecurrenceIssue, rule_for_crm};
use super::series::series_of;
use super::zones::written_zone_of_series;
use crate::model::{EventTime, Exceptions, FieldGroup, FieldValue, Occurrence, Record, Recurrence, Rule};
use crate::ports::CrmCapabilities;

/// The title of an item that has none in Microsoft 365: CRMs want one.
pub const NO_SUBJECT: &str = "(No subject)";

/// What was lost on the way, for the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FitIssue {
    /// The title was cut.
    #[error("expected a title of at most {kept} characters, but found {length}")]
    TitleCut {
        /// Its length, in Unicode scalar values.
        length: usize,
        /// What is left of it.
        kept: usize,
    },
    /// The description was left out: half of one would come back as an edit.
    #[error("expected a description of at most {limit_bytes} bytes, but found {bytes}")]
    BodyLeftOut {
        /// Its size.
        bytes: usize,
        /// The CRM's limit.
        limit_bytes: usize,
    },
    /// The reminder of a task was left out.
    #[error("expected a reminder of a task that is due on some day, but found one of a task that is not")]
    ReminderLeftOut,
}

impl FitIssue {
    /// The name in reports; never changes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TitleCut { .. } => "title-cut",
            Self::BodyLeftOut { .. } => "body-left-out",
            Self::ReminderLeftOut => "reminder-left-out",
        }
    }

    /// The group it is about.
    pub const fn group(self) -> FieldGroup {
        match self {
            Self::TitleCut { .. } => FieldGroup::Title,
            Self::BodyLeftOut { .. } => FieldGroup::Body,
            Self::ReminderLeftOut => FieldGroup::Reminder,
        }
    }
}

/// What the CRM can hold of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fitted {
    /// The record.
    pub record: Record,
    /// What was lost on the way.
    pub issues: Vec<FitIssue>,
}

/// The part of `record` that the CRM can hold. Groups that it does not store
/// are left out without an issue: that is so for every record. A series is
/// written in the zone of its rule.
///
/// # Errors
/// A rule that the CRM cannot hold. Nothing of the record may be written then:
/// a series without its rule would be something else.
pub fn fit_for_crm(record: &Record, capabilities: &CrmCapabilities) -> Result<Fitted, RecurrenceIssue> {
    let mut issues = Vec::new();
    let mut fitted = texts_fit(record.only(capabilities.holds), limits_of(capabilities), &mut issues);
    if let Some(rule) = fitted.rule().copied() {
        let time = *fitted.time().ok_or(RecurrenceIssue::NoTime)?;
        let first_day = series_of(&fitted).and_then(|series| series.days().next());
        let first_day = first_day.ok_or(RecurrenceIssue::NoOccurrence)?;
        let rule = rule_for_crm(&rule, first_day, &capabilities.recurrence)?;
        fitted.set(FieldValue::Recurrence(Recurrence::Rule(rule)));
        fitted.set(FieldValue::Time(in_zone_of(&rule, time)));
    }
    if fitted.get(FieldGroup::Exceptions).is_some() {
        let exceptions = exceptions_fit(&fitted, capabilities, &mut issues);
        fitted.set(FieldValue::Exceptions(exceptions));
    }
    Ok(Fitted { record: fitted, issues })
}

/// The CRM takes the zone of a rule from the time beside it. A merge may have
/// put together the one of one side and the other of the other.
fn in_zone_of(rule: &Rule, time: EventTime) -> EventTime {
    match (time, rule.zone) {
        (EventTime::Timed { start_at, end_at, zone }, Some(of_rule))
            if written_zone_of_series(zone, rule, &time).1 != of_rule =>
        {
            EventTime::Timed { start_at, end_at, zone: of_rule }
        }
        (EventTime::Timed { .. } | EventTime::AllDay { .. }, _) => time,
    }
}

/// What differs on single days as the CRM can hold it. A title that differed
/// only behind the cut differs no more.
fn exceptions_fit(series: &Record, capabilities: &CrmCapabilities, issues: &mut Vec<FitIssue>) -> Exceptions {
    let mut fitted = Exceptions::new();
    for (day, occurrence) in series.exceptions() {
        let occurrence = match occurrence {
            Occurrence::Cancelled => Some(Occurrence::Cancelled),
            Occurrence::Changed(record) => {
                let mut record = texts_fit(record.only(capabilities.holds), limits_of(capabilities), issues);
                if record.get(FieldGroup::Title) == series.get(FieldGroup::Title) {
                    record.remove(FieldGroup::Title);
                }
                (!record.is_empty()).then_some(Occurrence::Changed(record))
            }
        };
        fitted.extend(occurrence.map(|occurrence| (day, occurrence)));
    }
    fitted
}

/// How large texts may be in the CRM.
#[derive(Clone, Copy)]
pub(super) struct TextLimits {
    /// The longest title, in Unicode scalar values.
    pub title_length_max: u32,
    /// The longest description, in bytes.
    pub body_size_max: u32,
}

const fn limits_of(capabilities: &CrmCapabilities) -> TextLimits {
    TextLimits { title_length_max: capabilities.title_length_max, body_size_max: capabilities.body_size_max }
}

/// `record` with a title and a description that fit.
pub(super) fn texts_fit(record: Record, limits: TextLimits, issues: &mut Vec<FitIssue>) -> Record {
    let mut fitted = record;
    if let Some(FieldValue::Title(title)) = fitted.get(FieldGroup::Title) {
        let kept = limit(limits.title_length_max);
        let length = title.chars().count();
        if length > kept {
            let cut = title.chars().take(kept).collect();
            issues.push(FitIssue::TitleCut { length, kept });
            fitted.set(FieldValue::Title(cut));
        }
    }
    if let Some(FieldValue::Body(body)) = fitted.get(FieldGroup::Body) {
        let limit_bytes = limit(limits.body_size_max);
        let bytes = body.as_str().len();
        if bytes > limit_bytes {
            issues.push(FitIssue::BodyLeftOut { bytes, limit_bytes });
            fitted.remove(FieldGroup::Body);
        }
    }
    fitted
}

fn limit(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use chrono::Weekday;

    use super::*;
    use crate::model::{CivilDate, FieldSet, Html, Instant, Pattern, RangeEnd, Reminder, Weekdays};

    fn capabilities(holds: FieldSet, title_length_max: u32, body_size_max: u32) -> CrmCapabilities {
        CrmCapabilities {
            holds,
            writes: holds,
            title_length_max,
            body_size_max,
            recurrence: crate::ports::RecurrenceLimits::ORO,
        }
    }

    fn fit(record: &Record, capabilities: &CrmCapabilities) -> Fitted {
        fit_for_crm(record, capabilities).unwrap()
    }

    fn record(title: &str, body: &str) -> Record {
        [
            FieldValue::Title(title.to_owned()),
            FieldValue::Body(Html::from_canonical(body.to_owned())),
            FieldValue::Reminder(Reminder::MinutesBefore(15)),
        ]
        .into_iter()
        .collect()
    }

    #[test]
    fn what_fits_is_unchanged_and_without_issue() {
        let whole = record("Kick-off", "<p>Agenda</p>");
        let Fitted { record: fitted, issues } = fit(&whole, &capabilities(FieldSet::all(), 8, 13));
        assert_eq!(fitted, whole);
        assert_eq!(issues, []);
    }

    #[test]
    fn a_title_is_cut_between_scalar_values() {
        let Fitted { record: fitted, issues } =
            fit(&record("Grüße 🎉 an alle", ""), &capabilities(FieldSet::all(), 7, 10));
        assert_eq!(fitted.title(), "Grüße 🎉");
        assert_eq!(issues, [FitIssue::TitleCut { length: 15, kept: 7 }]);
    }

    #[test]
    fn a_cut_title_is_not_cut_again() {
        let limits = capabilities(FieldSet::all(), 5, 10);
        let Fitted { record: once, .. } = fit(&record("Kick-off", ""), &limits);
        let Fitted { record: twice, issues } = fit(&once, &limits);
        assert_eq!(once, twice);
        assert_eq!(issues, []);
    }

    #[test]
    fn a_body_over_the_limit_is_left_out_whole() {
        let Fitted { record: fitted, issues } =
            fit(&record("Kick-off", "<p>Agenda</p>"), &capabilities(FieldSet::all(), 50, 12));
        assert_eq!(fitted.get(FieldGroup::Body), None);
        assert_eq!(issues, [FitIssue::BodyLeftOut { bytes: 13, limit_bytes: 12 }]);
        assert_eq!((issues[0].code(), issues[0].group()), ("body-left-out", FieldGroup::Body));
    }

    #[test]
    fn a_group_that_the_crm_does_not_store_goes_silently() {
        let holds = [FieldGroup::Title, FieldGroup::Body].into_iter().collect();
        let Fitted { record: fitted, issues } = fit(&record("Kick-off", ""), &capabilities(holds, 50, 50));
        assert_eq!(fitted.groups(), holds);
        assert_eq!(issues, []);
    }

    fn date(text: &str) -> CivilDate {
        text.parse::<chrono::NaiveDate>().unwrap().into()
    }

    /// From Sunday, 2026-03-01, 9:00 in `zone`.
    fn series(days: &[Weekday], interval: u16, zone: &str) -> Record {
        let at = |hour: i64| Instant::from_epoch_milliseconds(1_772_323_200_000 + hour * 3_600_000);
        let time = EventTime::timed(at(8), at(9), zone.parse().unwrap()).unwrap();
        let pattern = Pattern::Weekly { days: days.iter().copied().collect(), week_start: Weekday::Mon };
        let rule = Rule { pattern, interval, end: RangeEnd::Never, zone: Some("Europe/Berlin".parse().unwrap()) };
        let mut series = record("Kick-off", "");
        series.set(FieldValue::Time(time));
        series.set(FieldValue::Recurrence(Recurrence::Rule(rule)));
        series
    }

    #[test]
    fn a_rule_is_held_on_the_same_days_or_not_at_all() {
        let limits = capabilities(FieldSet::all(), 50, 50);
        let fitted = fit(&series(&[Weekday::Sun], 2, "Europe/Vienna"), &limits).record;
        let sunday = Pattern::Weekly { days: Weekdays::SUNDAY, week_start: Weekday::Sun };
        assert_eq!(fitted.rule().unwrap().pattern, sunday);
        let refused = fit_for_crm(&series(&[Weekday::Sun, Weekday::Mon], 2, "Europe/Vienna"), &limits);
        assert_eq!(refused.unwrap_err().code(), "recurrence-week-start");
        let mut timeless = series(&[Weekday::Sun], 1, "Europe/Vienna");
        timeless.remove(FieldGroup::Time);
        assert_eq!(fit_for_crm(&timeless, &limits), Err(RecurrenceIssue::NoTime));
        // A CRM without series is told nothing of the rule.
        let holds = [FieldGroup::Title, FieldGroup::Time].into_iter().collect();
        assert_eq!(fit(&timeless, &capabilities(holds, 50, 50)).issues, []);
    }

    #[test]
    fn the_time_of_a_series_is_in_the_zone_of_its_rule() {
        let limits = capabilities(FieldSet::all(), 50, 50);
        for (zone, expected) in [("Europe/Vienna", "Europe/Vienna"), ("America/New_York", "Europe/Berlin")] {
            let fitted = fit(&series(&[Weekday::Sun], 1, zone), &limits).record;
            let Some(EventTime::Timed { zone: found, .. }) = fitted.time() else { panic!("timed") };
            assert_eq!(found.name(), expected, "{zone}");
        }
    }

    #[test]
    fn texts_of_single_days_are_fitted_like_those_of_the_series() {
        let changed = |title: &str, body: &str| {
            Occurrence::Changed(
                record(title, body).only(
                    [FieldGroup::Title, FieldGroup::Body]
                        .into_iter()
                        .filter(|group| *group == FieldGroup::Title || !body.is_empty())
                        .collect(),
                ),
            )
        };
        let mut series = series(&[Weekday::Sun], 1, "Europe/Vienna");
        let exceptions = [
            (date("2026-03-08"), changed("Kick-up of all", "")),
            (date("2026-03-15"), changed("Review of all", "far too long a text")),
            (date("2026-03-22"), Occurrence::Cancelled),
        ];
        series.set(FieldValue::Exceptions(exceptions.into()));
        let Fitted { record, issues } = fit(&series, &capabilities(FieldSet::all(), 5, 10));
        let expected = [(date("2026-03-15"), changed("Revie", "")), (date("2026-03-22"), Occurrence::Cancelled)];
        assert_eq!((record.title(), record.exceptions()), ("Kick-", expected.into()));
        let codes: Vec<_> = issues.iter().map(|issue| issue.code()).collect();
        assert_eq!(codes, ["title-cut", "title-cut", "title-cut", "body-left-out"]);
    }
}

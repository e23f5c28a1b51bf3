//! What a file held, in words that fit both sides.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde::Serialize;

use super::details::{Details, LeftOutField};
use super::reason::{Left, Remark, RemarkKind, SkipReason};
use super::task::{ImportedTask, TaskReport};
use crate::crm::event::{AllDay, AttendeeStatus, AttendeeType, EventTime, Timed};
use crate::graph::calendar::pattern::Recurrence;
use crate::graph::zones::{to_utc, to_wall};

/// An event of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedEvent {
    /// Its UID, where it has one.
    pub uid: Option<String>,
    /// The title: one line, not blank, at most as long as the CRM allows.
    pub title: String,
    /// The description, plain text.
    pub description: Option<String>,
    /// The place.
    pub location: Option<String>,
    /// When it takes place; of a series its first occurrence.
    pub time: EventTime,
    /// The guests, each address once.
    pub attendees: Vec<ImportedAttendee>,
    /// The organiser's address.
    pub organizer: Option<String>,
    /// Minutes between the reminder and the start.
    pub reminder_minutes: Option<u32>,
    /// What else it says about itself.
    pub(crate) details: Details,
}

/// A guest of an event of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedAttendee {
    /// The address.
    pub address: String,
    /// The name, where there is one.
    pub display_name: Option<String>,
    /// The answer.
    pub status: AttendeeStatus,
    /// The part.
    pub kind: AttendeeType,
}

/// A series of a file that both kinds of calendars can repeat exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedSeries {
    /// What the occurrences say; its time is that of the first one.
    pub master: ImportedEvent,
    /// The rule, which begins on the day of the first occurrence.
    pub(crate) rule: Recurrence,
    /// The occurrences that differ, by the date that the rule gives them.
    pub(crate) exceptions: BTreeMap<NaiveDate, OccurrenceChange>,
    /// What the file counts to it and its rule does not have: single events,
    /// which are left out where it is.
    pub beside: Vec<ImportedEvent>,
}

/// How an occurrence differs from its series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OccurrenceChange {
    /// It does not take place.
    Cancelled,
    /// It takes place like this.
    Changed(Box<ImportedEvent>),
}

impl ImportedSeries {
    /// When the occurrence of a date takes place according to the rule: at the
    /// same reading of the clock, for the same length on the clock.
    pub(crate) fn time_on(&self, date: NaiveDate) -> EventTime {
        match self.master.time {
            EventTime::AllDay(days) => {
                let end_before = date + (days.end_before - days.start_on);
                EventTime::AllDay(AllDay { start_on: date, end_before })
            }
            EventTime::Timed(timed) => {
                let zone = timed.zone.0;
                let (first, end) = (to_wall(timed.start, zone), to_wall(timed.end, zone));
                let start = date.and_time(first.time());
                let end = start + (end - first);
                EventTime::Timed(Timed { start: to_utc(start, zone), end: to_utc(end, zone), zone: timed.zone })
            }
        }
    }

    /// Notes how the occurrence of a date differs, if it does.
    pub(crate) fn change(&mut self, date: NaiveDate, event: ImportedEvent) {
        let by_rule = ImportedEvent { time: self.time_on(date), ..self.master.clone() };
        if event != by_rule {
            self.exceptions.insert(date, OccurrenceChange::Changed(Box::new(event)));
        }
    }

    /// What the series and its changed occurrences say.
    pub(crate) fn masters_and_changes(&self) -> impl Iterator<Item = &ImportedEvent> {
        let changes = self.exceptions.values().filter_map(|change| match change {
            OccurrenceChange::Cancelled => None,
            OccurrenceChange::Changed(event) => Some(event.as_ref()),
        });
        std::iter::once(&self.master).chain(changes)
    }

    /// What goes with a series that is not written.
    pub(crate) fn left_with_it(&self) -> impl Iterator<Item = Left> {
        self.beside.iter().map(|event| Left::whole(event.uid.as_deref(), SkipReason::SeriesLeftOut))
    }

    /// The original start of the occurrence of a date, as reports name it.
    pub(crate) fn original_start(&self, date: NaiveDate) -> String {
        start_text(&self.time_on(date))
    }
}

/// The start as reports name it: an instant, or a date of whole days.
pub(crate) fn start_text(time: &EventTime) -> String {
    match time {
        EventTime::AllDay(days) => days.start_on.to_string(),
        EventTime::Timed(timed) => instant_text(timed.start),
    }
}

/// An instant as reports name it.
pub(crate) fn instant_text(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The first moment of a time, on the clock of UTC for whole days.
pub(crate) fn start_instant(time: &EventTime) -> DateTime<Utc> {
    match time {
        EventTime::AllDay(days) => NaiveDateTime::new(days.start_on, NaiveTime::MIN).and_utc(),
        EventTime::Timed(timed) => timed.start,
    }
}

/// The UID of a single event that was one date of something with this UID.
pub(crate) fn uid_of_date(uid: Option<&str>, at: &str) -> String {
    format!("{}#{at}", uid.unwrap_or_default())
}

/// What a file held.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ImportBatch {
    /// The single events that can be imported and belong to no series, in the
    /// order of the file.
    pub events: Vec<ImportedEvent>,
    /// The series that can be imported, in the order of the file.
    pub series: Vec<ImportedSeries>,
    /// The tasks that can be imported, in the order of the file.
    pub tasks: Vec<ImportedTask>,
    /// The titles of everything that has a UID, or was given one, for the report.
    pub(crate) titles: BTreeMap<String, String>,
    /// What was left out, and why.
    pub left: Vec<Left>,
    /// What was read in one of several possible ways.
    pub remarks: Vec<Remark>,
    /// How many titles had to be shortened or made up.
    pub adjusted_titles: usize,
}

impl ImportBatch {
    /// How many events it has, series among them, each counted once.
    pub fn events_and_series(&self) -> usize {
        let beside: usize = self.series.iter().map(|series| series.beside.len()).sum();
        self.events.len() + self.series.len() + beside
    }

    /// Notes how something was read.
    pub(crate) fn remark(&mut self, uid: Option<&str>, kind: RemarkKind, at: Option<String>) {
        self.remarks.push(Remark { uid: uid.map(str::to_owned), kind, detail: None, at });
    }
}

/// What an import did.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    /// Events that were created, series among them, each counted once.
    pub created: usize,
    /// How many of these are series.
    pub series: usize,
    /// Occurrences that were written differently from their series.
    pub exceptions: usize,
    /// Occurrences that were cancelled.
    pub cancelled_occurrences: usize,
    /// Dates of series that became single events.
    pub extra_dates: usize,
    /// What became of tasks.
    pub tasks: TaskReport,
    /// What was left out, by reason.
    pub skipped: BTreeMap<SkipReason, usize>,
    /// What was left out, one by one.
    pub left: Vec<Left>,
    /// What was read in one of several possible ways.
    pub remarks: Vec<Remark>,
    /// How many titles had to be shortened or made up.
    pub adjusted_titles: usize,
    /// Events and changed occurrences that were written to Microsoft without
    /// their guests, because it would have invited them.
    pub without_guests: usize,
    /// What the calendar has no place for, or not for all of it: in how many
    /// of the events and changed occurrences that were written.
    pub left_out_fields: BTreeMap<LeftOutField, usize>,
    /// Lines of the file that are no UTF-8 and were read as Windows-1252.
    pub recoded_lines: usize,
}

impl ImportReport {
    /// The report of an import that has not written anything yet.
    pub(crate) fn of(batch: &ImportBatch) -> Self {
        let mut report =
            Self { adjusted_titles: batch.adjusted_titles, remarks: batch.remarks.clone(), ..Self::default() };
        batch.left.iter().for_each(|left| report.leave(left.clone()));
        report
    }

    /// The report when everything is written: what the calendar did not take
    /// after all has nothing to be remarked.
    pub(crate) fn finished(mut self, batch: &ImportBatch) -> Self {
        let not_taken = self.left.iter().skip(batch.left.len()).filter(|left| left.at.is_none());
        let not_taken: BTreeSet<Option<String>> = not_taken.map(|left| left.uid.clone()).collect();
        self.remarks.retain(|remark| {
            let single = remark.at.as_deref().filter(|_| remark.kind.is_about_single_event());
            let uid = single.map(|at| uid_of_date(remark.uid.as_deref(), at));
            !not_taken.contains(&uid.or_else(|| remark.uid.clone()))
        });
        let extra = [RemarkKind::ExtraDate, RemarkKind::StartOffRule];
        for left in &mut self.left {
            left.title = left.uid.as_ref().and_then(|uid| batch.titles.get(uid)).cloned();
        }
        self.extra_dates = self.remarks.iter().filter(|remark| extra.contains(&remark.kind)).count();
        self
    }

    /// Notes what is left out of an event that is written.
    pub(crate) fn leave_fields(&mut self, fields: impl IntoIterator<Item = LeftOutField>) {
        for field in fields {
            *self.left_out_fields.entry(field).or_default() += 1;
        }
    }

    /// Notes something that is left out.
    pub(crate) fn leave(&mut self, left: Left) {
        *self.skipped.entry(left.reason).or_default() += 1;
        self.left.push(left);
    }
}

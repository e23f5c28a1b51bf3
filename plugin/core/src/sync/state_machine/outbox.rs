//! Microsoft's mail: what the simulated calendar sends when it is written to.
//!
//! Told from what changes in the calendar, without a look at what the planner
//! takes for a notice.

use std::collections::BTreeSet;

use crate::model::{CivilDate, FieldGroup, FieldSet, Instant, Occurrence, Record};

use super::events::writable_of_invitation;
use super::items::Item;
use super::run::NOW;
use super::series::series_of;

/// Mail about an event to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The event.
    pub id: String,
    /// Whether what it tells of was over.
    pub over: bool,
}

fn is_meeting(events: &[&Item]) -> bool {
    let own = events.iter().all(|event| event.writable != writable_of_invitation());
    own && events.iter().any(|event| !event.record.guests().is_empty())
}

/// The end of an event: of its last occurrence.
fn end(record: &Record) -> Instant {
    let Some(series) = series_of(record) else { return record.time().unwrap().span().1 };
    series.days().map(|day| end_on(record, day)).max().unwrap()
}

fn end_on(record: &Record, day: CivilDate) -> Instant {
    let moved = match record.exceptions().get(&day) {
        Some(Occurrence::Changed(changed)) => changed.time().copied(),
        Some(Occurrence::Cancelled) | None => None,
    };
    let time = moved.or_else(|| series_of(record)?.time_of(day));
    time.map_or(Instant::from_epoch_milliseconds(i64::MIN), |time| time.span().1)
}

pub fn of_creation(id: &str, event: &Item) -> Option<Mail> {
    is_meeting(&[event]).then(|| Mail { id: id.to_owned(), over: end(&event.record) <= NOW })
}

pub fn of_deletion(id: &str, event: &Item) -> Option<Mail> {
    of_creation(id, event)
}

/// Mail about a write: one for the series, one for each occurrence.
pub fn of_change(id: &str, before: &Item, written: &Record, after: &Item) -> Vec<Mail> {
    if !is_meeting(&[before, after]) {
        return Vec::new();
    }
    let own: FieldSet = [FieldGroup::Reminder, FieldGroup::Categories, FieldGroup::ShowAs].into_iter().collect();
    let mail = |over| Mail { id: id.to_owned(), over };
    let mut sent = Vec::new();
    let whole = written.groups().without(own.with(FieldGroup::Exceptions));
    if !whole.is_empty() {
        sent.push(mail(end(&before.record).max(end(&after.record)) <= NOW));
    }
    let retimed = before.record.time() != after.record.time() || before.record.rule() != after.record.rule();
    let shown = if retimed { crate::model::Exceptions::new() } else { before.record.exceptions() };
    let left = after.record.exceptions();
    let days: BTreeSet<&CivilDate> = shown.keys().chain(left.keys()).collect();
    for day in days {
        let seen = |days: &crate::model::Exceptions| match days.get(day) {
            Some(Occurrence::Changed(changed)) => Occurrence::Changed(changed.only(changed.groups().without(own))),
            Some(Occurrence::Cancelled) => Occurrence::Cancelled,
            None => Occurrence::Changed(Record::default()),
        };
        if seen(&shown) != seen(&left) {
            sent.push(mail(end_on(&before.record, *day).max(end_on(&after.record, *day)) <= NOW));
        }
    }
    sent
}

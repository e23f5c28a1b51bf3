//! A batch into a mailbox, as its owner's Outlook would write it: through
//! Graph, series first, each with what differs on single occurrences.
//!
//! Guests are left out, because writing them sends invitations. The JSON of
//! one event is [`graph_event`]'s. Tasks are [`todo`]'s.

mod graph_event;

mod todo;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::Value;

use self::graph_event::{difference, event, series_event};
use super::batch::{ImportBatch, ImportReport, ImportedEvent, ImportedSeries, OccurrenceChange, start_instant};
use super::reason::{Left, SkipReason};
use crate::demo::outlook::{Answer, Call, Outlook};
use crate::graph::SetupError;

/// Days around the changed occurrences of a series in which they are looked
/// up: whole days begin up to half a day from their midnight in UTC.
const WINDOW_MARGIN: Days = Days::new(2);

/// Graph's word for an occurrence that would pass a neighbour (api/event-update).
const CROSSING: &str = "ErrorOccurrenceCrossingBoundary";

/// Adds the events of a batch to the default calendar of a mailbox, and its
/// tasks to the default list of To Do. What an earlier import added stays as it
/// is. `started_at` is now, in whole
/// milliseconds, as Graph keeps instants.
///
/// # Errors
/// There is no such mailbox.
pub async fn import_into_microsoft(
    outlook: &Outlook,
    batch: &ImportBatch,
    started_at: DateTime<Utc>,
) -> Result<ImportReport, SetupError> {
    let mut report = ImportReport::of(batch);
    let mut created = Creations { started_at, seen: BTreeSet::new() };
    let mut singles: Vec<&ImportedEvent> = batch.events.iter().collect();

    let masters: Vec<Value> = batch.series.iter().map(series_event).collect();
    for (series, answer) in batch.series.iter().zip(outlook.create_all(&masters).await?) {
        match created.read(&answer) {
            Ok(id) => {
                report.created += 1;
                report.series += 1;
                let with_guests = series.masters_and_changes().filter(|event| !event.attendees.is_empty());
                report.without_guests += with_guests.count();
                report.leave_fields(series.masters_and_changes().flat_map(|event| event.details.homeless()));
                change_occurrences(outlook, series, &id, &mut report).await?;
                singles.extend(&series.beside);
            }
            Err((reason, code)) => {
                report.leave(left(series.master.uid.as_deref(), reason, code));
                match reason {
                    // What an earlier import did not come to is made up for.
                    SkipReason::Duplicate => singles.extend(&series.beside),
                    _ => series.left_with_it().for_each(|left| report.leave(left)),
                }
            }
        }
    }

    let events: Vec<Value> = singles.iter().copied().map(event).collect();
    for (event, answer) in singles.into_iter().zip(outlook.create_all(&events).await?) {
        match created.read(&answer) {
            Ok(_) => {
                report.created += 1;
                report.without_guests += usize::from(!event.attendees.is_empty());
                report.leave_fields(event.details.homeless());
            }
            Err((reason, code)) => report.leave(left(event.uid.as_deref(), reason, code)),
        }
    }
    todo::add_all(outlook, batch, &mut report).await?;
    Ok(report.finished(batch))
}

fn left(uid: Option<&str>, reason: SkipReason, code: String) -> Left {
    let left = Left::whole(uid, reason);
    if code.is_empty() { left } else { left.because(code) }
}

/// What was created so far.
struct Creations {
    started_at: DateTime<Utc>,
    seen: BTreeSet<String>,
}

impl Creations {
    /// The id of an event that this import made, or why it did not. A repeated
    /// request is answered with the event that the first one made.
    fn read(&mut self, answer: &Answer) -> Result<String, (SkipReason, String)> {
        let text = |name: &str| answer.body.get(name).and_then(Value::as_str);
        let created_at = text("createdDateTime").and_then(|at| at.parse::<DateTime<Utc>>().ok());
        let id = text("id").unwrap_or_default().to_owned();
        if !answer.is_success() {
            return Err(match answer.code() {
                "ErrorDuplicateTransactionId" => (SkipReason::Duplicate, String::new()),
                code => (SkipReason::Refused, code.to_owned()),
            });
        }
        if created_at.is_some_and(|at| at < self.started_at) || !self.seen.insert(id.clone()) {
            return Err((SkipReason::Duplicate, String::new()));
        }
        Ok(id)
    }
}

/// What is to be done with an occurrence.
struct Edit<'batch> {
    date: NaiveDate,
    change: &'batch OccurrenceChange,
    call: Call,
}

/// Writes the exceptions of a new series: changes by changing the occurrence,
/// cancellations by deleting it.
async fn change_occurrences(
    outlook: &Outlook,
    series: &ImportedSeries,
    id: &str,
    report: &mut ImportReport,
) -> Result<(), SetupError> {
    let ids = occurrence_ids(outlook, series, id).await?;
    let mut edits = Vec::new();
    for (date, change) in &series.exceptions {
        let Some(occurrence) = ids.get(&start_instant(&series.time_on(*date))) else {
            report.leave(occurrence_left(series, *date, SkipReason::Refused, "no such occurrence"));
            continue;
        };
        let path = format!("/me/events/{occurrence}");
        let call = match change {
            OccurrenceChange::Cancelled => Call { method: "DELETE", path, body: None },
            OccurrenceChange::Changed(changed) => {
                let body = difference(changed, series, *date);
                // Nothing but guests differs, and those are left out.
                if body.as_object().is_none_or(serde_json::Map::is_empty) {
                    continue;
                }
                Call { method: "PATCH", path, body: Some(body) }
            }
        };
        edits.push(Edit { date: *date, change, call });
    }
    write(outlook, series, edits, report).await
}

/// Makes the edits. One that would pass a neighbour is tried again when the
/// others are done, from the other end: the neighbour may have made room.
async fn write(
    outlook: &Outlook,
    series: &ImportedSeries,
    mut edits: Vec<Edit<'_>>,
    report: &mut ImportReport,
) -> Result<(), SetupError> {
    while !edits.is_empty() {
        let calls: Vec<Call> = edits.iter().map(|edit| edit.call.clone()).collect();
        let answers = outlook.call_all(&calls).await?;
        let tried = edits.len();
        let mut crossing = Vec::new();
        for (edit, answer) in std::mem::take(&mut edits).into_iter().zip(answers) {
            match (answer.is_success(), edit.change) {
                (true, OccurrenceChange::Cancelled) => report.cancelled_occurrences += 1,
                (true, OccurrenceChange::Changed(_)) => report.exceptions += 1,
                (false, _) if answer.code() == CROSSING => crossing.push(edit),
                (false, _) => {
                    report.leave(occurrence_left(series, edit.date, SkipReason::Refused, answer.code()));
                }
            }
        }
        if crossing.len() == tried {
            for edit in crossing {
                report.leave(occurrence_left(series, edit.date, SkipReason::CrossingBoundary, CROSSING));
            }
            return Ok(());
        }
        crossing.reverse();
        edits = crossing;
    }
    Ok(())
}

fn occurrence_left(series: &ImportedSeries, date: NaiveDate, reason: SkipReason, detail: &str) -> Left {
    Left::occurrence(series.master.uid.as_deref(), reason, series.original_start(date)).because(detail)
}

/// The ids of the occurrences around the exceptions, by their start.
async fn occurrence_ids(
    outlook: &Outlook,
    series: &ImportedSeries,
    id: &str,
) -> Result<BTreeMap<DateTime<Utc>, String>, SetupError> {
    let dates = || series.exceptions.keys().copied();
    let (Some(first), Some(last)) = (dates().min(), dates().max()) else {
        return Ok(BTreeMap::new());
    };
    let from = first.checked_sub_days(WINDOW_MARGIN).unwrap_or(first);
    let until = last.checked_add_days(WINDOW_MARGIN).unwrap_or(last);
    let path = format!(
        "/me/events/{id}/instances?startDateTime={from}T00:00:00Z&endDateTime={until}T00:00:00Z&$select=id,start"
    );
    let found = outlook.list_all(&path).await?;
    let start_and_id = |instance: &Value| {
        let start = instance.pointer("/start/dateTime").and_then(Value::as_str)?;
        // Without a preference Graph answers in UTC.
        let start = start.parse::<chrono::NaiveDateTime>().ok()?.and_utc();
        Some((start, instance.get("id").and_then(Value::as_str)?.to_owned()))
    };
    Ok(found.iter().filter_map(start_and_id).collect())
}

#[cfg(test)]
mod tests;

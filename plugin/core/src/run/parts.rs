//! What an item needs beside the request for itself: single days of a series,
//! and the user's answer to an invitation.
//!
//! Pure: which requests these are, and what their answers say. They are sent in
//! [`super::execute_series`].

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde_json::Value;

use crate::graph::wire::PageLink;
use crate::graph::{Failure, Reaction, Requests, Window, response};
use crate::mapping::instances::day_of_instance;
use crate::mapping::{event, keep_meeting, occurrence_body, series};
use crate::model::{
    AttendeeStatus, CivilDate, EventTime, Exceptions, FieldGroup, FieldValue, GraphId, GraphVersion, Instant,
    Occurrence, Record,
};
use crate::ports::HttpRequest;
use crate::recurrence::Series;
use crate::sync::{Decision, Side, answer_of_day};

use super::session::Answer;
use super::state::SeenGraphItem;
use super::work::Work;
use super::wrote::{GraphWrote, StoredGraph, Wrote};

/// How far around the start by the rule an occurrence is looked for: Exchange
/// cuts to the minute.
const LOOK_AROUND: TimeDelta = TimeDelta::minutes(1);

/// The same for whole days, which a mailbox shows from its own midnight.
const LOOK_AROUND_DAYS: TimeDelta = TimeDelta::hours(14);

/// Instances in such a stretch: one, and whatever was moved there.
pub(super) const INSTANCES_MAX: u16 = 20;

/// What one item needs beside the request for itself.
pub(super) struct Parts {
    /// Which of the works.
    pub index: usize,
    /// The item.
    pub id: GraphId,
    /// The item as it is after the requests for itself.
    pub record: Record,
    /// Its occurrences, where it is a series.
    pub series: Option<Series>,
    /// Ids of occurrences that are known.
    pub ids: BTreeMap<CivilDate, GraphId>,
    /// What shall become of single days.
    pub days: BTreeMap<CivilDate, DayWrite>,
    /// The exceptions that the series shall have then.
    pub wanted: Exceptions,
    /// The answer to give.
    pub response: Option<AttendeeStatus>,
}

/// What shall become of an occurrence.
#[derive(Clone, Debug)]
pub(super) enum DayWrite {
    /// A change of its groups, and then perhaps the user's answer.
    Change(Value, Option<AttendeeStatus>),
    /// The user's answer alone.
    Answer(AttendeeStatus),
    Cancel,
    /// Graph cannot bring a cancelled occurrence back.
    Impossible,
}

/// One occurrence to be written.
pub(super) struct DayTask {
    pub part: usize,
    pub day: CivilDate,
    pub id: GraphId,
    pub version: GraphVersion,
    pub write: DayWrite,
}

/// What a look at an occurrence has found.
pub(super) enum FoundDay {
    /// It is as it was thought to be, and can be written.
    AsKnown(GraphId, GraphVersion),
    /// It is already as it shall be: an answer was lost.
    AsWanted,
    /// Somebody has changed it meanwhile.
    Changed,
    /// It is not on this page; there is another one.
    Elsewhere(PageLink),
    /// It is not there.
    Missing,
}

/// What became of the parts of one item.
#[derive(Default)]
pub(super) struct Outcome {
    /// Days as Microsoft has them now.
    pub written: BTreeMap<CivilDate, Occurrence>,
    /// Days that are the rule's again.
    pub restored: BTreeSet<CivilDate>,
    /// Days that were not written, and are to be written again.
    pub failed: BTreeSet<CivilDate>,
    /// Days that were refused for good.
    pub refused: BTreeSet<CivilDate>,
    /// Whether the answer was not given.
    pub response_failed: bool,
    /// Whether it was refused for good.
    pub response_refused: bool,
    /// Whether something had changed meanwhile.
    pub again: bool,
}

impl Outcome {
    /// Notes that a day, or the answer where none is named, was refused for good.
    pub fn refuse(&mut self, day: Option<CivilDate>) {
        if let Some(day) = day {
            self.failed.remove(&day);
            self.refused.insert(day);
        } else {
            self.response_refused = true;
        }
    }

    /// Notes a write of a day that has arrived.
    pub fn arrived(&mut self, day: CivilDate, occurrence: Option<Occurrence>) {
        self.failed.remove(&day);
        if let Some(occurrence) = occurrence {
            self.restored.remove(&day);
            self.written.insert(day, occurrence);
        } else {
            self.written.remove(&day);
            self.restored.insert(day);
        }
    }
}

impl DayWrite {
    /// Whether it is an answer alone.
    pub const fn is_answer(&self) -> bool {
        match self {
            Self::Answer(_) => true,
            Self::Change(..) | Self::Cancel | Self::Impossible => false,
        }
    }

    pub const fn is_possible(&self) -> bool {
        match self {
            Self::Change(..) | Self::Answer(_) | Self::Cancel => true,
            Self::Impossible => false,
        }
    }
}

impl Parts {
    /// As if every part had failed: what was written is taken out of it.
    pub fn nothing_done(&self) -> Outcome {
        let (possible, refused): (BTreeMap<_, _>, BTreeMap<_, _>) =
            self.days.iter().partition(|(_, write)| write.is_possible());
        Outcome {
            failed: possible.into_keys().copied().collect(),
            refused: refused.into_keys().copied().collect(),
            response_failed: self.response.is_some(),
            ..Outcome::default()
        }
    }

    /// The request that finds an occurrence.
    pub fn find(&self, day: CivilDate, requests: &Requests<'_>, request_id: &str) -> Option<HttpRequest> {
        if let Some(id) = self.ids.get(&day) {
            return Some(requests.get_event(id, request_id));
        }
        let (from, to) = stretch(&self.series.as_ref()?.time_of(day)?);
        Some(requests.instances(&self.id, Window { start_at: from, end_at: to }, INSTANCES_MAX, request_id))
    }

    /// What a look at an occurrence says. A write that goes out on its present
    /// version must not pass over what nobody has decided about.
    pub fn found(&self, day: CivilDate, answer: Answer) -> Result<FoundDay, Failure> {
        let mut next = None;
        let events = if self.ids.contains_key(&day) {
            match answer.and_then(|answer| response::read_event(&answer)) {
                Ok(event) => vec![event],
                Err(failure) if failure.reaction == Reaction::ItemGone => Vec::new(),
                Err(failure) => return Err(failure),
            }
        } else {
            let page = response::read_instances(&answer?)?;
            next = page.next;
            page.events
        };
        let is_meant = |event: &&crate::graph::wire::Event| {
            self.series.as_ref().and_then(|series| day_of_instance(series, event)) == Some(day)
        };
        let Some(event) = events.iter().find(is_meant) else {
            // Only what is asked for by its own id is gone where it is not found; at
            // the place that the rule gives it, it may be missing because it was moved.
            let is_gone = self.ids.contains_key(&day) && matches!(self.days.get(&day), Some(DayWrite::Cancel));
            let missing = if is_gone { FoundDay::AsWanted } else { FoundDay::Missing };
            return Ok(next.map_or(missing, FoundDay::Elsewhere));
        };
        let (Some(id), Some(version)) = (event.id.as_deref(), event.etag.as_deref()) else {
            return Ok(FoundDay::Missing);
        };
        Ok(match self.shown_on(day, event) {
            Some(shown) if !shown.same_as(&overrides(self.known(day))) => {
                let is_wanted = self.wanted.get(&day).is_some_and(|wanted| shown.same_as(&overrides(Some(wanted))));
                if is_wanted { FoundDay::AsWanted } else { FoundDay::Changed }
            }
            Some(_) | None => FoundDay::AsKnown(GraphId::new(id), GraphVersion::new(version)),
        })
    }

    /// What was known of a day before it was written.
    pub fn known(&self, day: CivilDate) -> Option<&Occurrence> {
        match self.record.get(FieldGroup::Exceptions) {
            Some(FieldValue::Exceptions(exceptions)) => exceptions.get(&day),
            _ => None,
        }
    }

    /// What an occurrence overrides, of the groups that are known of it or are to
    /// be written.
    fn shown_on(&self, day: CivilDate, event: &crate::graph::wire::Event) -> Option<Record> {
        let time = self.series.as_ref()?.time_of(day)?;
        let mapped = event::read_event(event).ok()?;
        let concerned = overrides(self.known(day)).groups().union(overrides(self.wanted.get(&day)).groups());
        Some(series::differing(&mapped.record, &self.record, time).only(concerned))
    }

    /// The answer for the item, with what became of its parts.
    pub fn combined(&self, mut stored: StoredGraph, outcome: Outcome, reread: Option<&SeenGraphItem>) -> StoredGraph {
        stored.changed |= !outcome.written.is_empty() || !outcome.restored.is_empty();
        stored.changed |= self.response.is_some() && !outcome.response_failed;
        stored.retry |= !outcome.failed.is_empty() || (outcome.response_failed && !outcome.response_refused);
        let mut exceptions = self.record.exceptions();
        exceptions.extend(outcome.written);
        exceptions.retain(|day, _| !outcome.restored.contains(day));
        if self.series.is_some() {
            stored.seen.record.set(FieldValue::Exceptions(exceptions));
        }
        if let (Some(status), false) = (self.response, outcome.response_failed) {
            stored.seen.record.set(FieldValue::Response(status));
        }
        if outcome.response_failed {
            stored.failed.insert(FieldGroup::Response);
        }
        if !outcome.failed.is_empty() {
            stored.failed.insert(FieldGroup::Exceptions);
        }
        stored.failed_days = outcome.refused;
        stored.again |= outcome.again;
        if let Some(item) = reread {
            stored.seen.version = item.version.clone();
            stored.seen.modified_at = item.modified_at;
            stored.seen.occurrence_ids.clone_from(&item.occurrence_ids);
            stored.reread = Some(item.clone());
        }
        stored
    }
}

impl DayTask {
    /// What is to be sent once this has arrived.
    pub fn next(&self) -> Option<Self> {
        let DayWrite::Change(_, Some(answer)) = self.write else { return None };
        let (id, version) = (self.id.clone(), self.version.clone());
        Some(Self { part: self.part, day: self.day, id, version, write: DayWrite::Answer(answer) })
    }

    pub fn request(&self, requests: &Requests<'_>, conditional: bool, request_id: &str) -> HttpRequest {
        let version = conditional.then_some(&self.version);
        match &self.write {
            DayWrite::Change(body, _) => requests.update_occurrence(&self.id, version, body, request_id),
            // There is always an answer; a read does no harm.
            DayWrite::Answer(answer) => {
                requests.respond(&self.id, *answer, request_id).unwrap_or_else(|_| requests.me(request_id))
            }
            DayWrite::Cancel => requests.delete_occurrence(&self.id, version, request_id),
            // Never asked for.
            DayWrite::Impossible => requests.me(request_id),
        }
    }

    /// The occurrence as Microsoft has it now; none where it is the rule's.
    /// `before` is what Microsoft had of it.
    pub fn read(
        &self,
        part: &Parts,
        before: Option<&Occurrence>,
        answer: Answer,
    ) -> Result<Option<Occurrence>, Failure> {
        let answer = answer?;
        match &self.write {
            DayWrite::Cancel => {
                return match response::read_deleted(&answer) {
                    Ok(()) => Ok(Some(Occurrence::Cancelled)),
                    Err(failure) if failure.reaction == Reaction::ItemGone => Ok(Some(Occurrence::Cancelled)),
                    Err(failure) => Err(failure),
                };
            }
            DayWrite::Answer(status) => {
                response::read_accepted(&answer)?;
                return Ok(answered(before, *status, &part.record));
            }
            DayWrite::Change(..) | DayWrite::Impossible => {}
        }
        let event = response::read_event(&answer)?;
        let time = part.series.as_ref().and_then(|series| series.time_of(self.day));
        let (Ok(mapped), Some(time)) = (event::read_event(&event), time) else { return Ok(None) };
        let changed = series::differing(&mapped.record, &part.record, time);
        Ok((!changed.is_empty()).then_some(Occurrence::Changed(changed)))
    }
}

/// The days that can be written, with the number of their part.
pub(super) fn days_of(parts: &[Parts]) -> Vec<(usize, CivilDate)> {
    let possible = |part: &Parts| {
        let days = part.days.iter().filter(|(_, write)| write.is_possible());
        days.map(|(day, _)| *day).collect::<Vec<_>>()
    };
    let days = parts.iter().enumerate().map(|(index, part)| (index, possible(part)));
    days.flat_map(|(index, days)| days.into_iter().map(move |day| (index, day))).collect()
}

/// What an item needs beside the request for itself; none where that is all,
/// or where it failed.
pub(super) fn parts_of(index: usize, work: &Work, wrote: &GraphWrote) -> Option<Parts> {
    let (wanted, response) = match &work.decision {
        Decision::Create { on: Side::M365, record, .. } => (Some(record.exceptions()), None),
        Decision::Merge(merge) => {
            let exceptions = merge.to_m365.get(FieldGroup::Exceptions).map(|_| merge.to_m365.exceptions());
            let response = match merge.to_m365.get(FieldGroup::Response) {
                Some(FieldValue::Response(status)) => Some(*status),
                _ => None,
            };
            (exceptions, response)
        }
        Decision::Create { on: Side::Crm, .. }
        | Decision::Delete { .. }
        | Decision::Ignore
        | Decision::Keep
        | Decision::Close
        | Decision::Withhold => return None,
    };
    let (id, record, ids) = match wrote {
        Wrote::Stored(stored) => (stored.id.clone(), stored.seen.record.clone(), stored.seen.occurrence_ids.clone()),
        Wrote::Nothing => {
            let end = &work.link.as_ref()?.m365;
            (end.id.clone(), end.state.seen()?.clone(), end.occurrence_ids.clone())
        }
        Wrote::Deleted | Wrote::Again | Wrote::Refused | Wrote::Unknown => return None,
    };
    let series = record.rule().zip(record.time()).and_then(|(rule, time)| Series::new(*rule, *time).ok());
    let wanted = wanted.filter(|_| series.is_some());
    let days = wanted.as_ref().map(|wanted| day_writes(work, &record, response, wanted)).unwrap_or_default();
    let wanted = wanted.unwrap_or_default();
    (!days.is_empty() || response.is_some()).then_some(Parts { index, id, record, series, ids, days, wanted, response })
}

/// What brings the exceptions of `record` to `wanted`, while the whole of it is
/// answered with `response`, where it is.
fn day_writes(
    work: &Work,
    record: &Record,
    response: Option<AttendeeStatus>,
    wanted: &Exceptions,
) -> BTreeMap<CivilDate, DayWrite> {
    let mut after = record.clone();
    if let Some(status) = response {
        after.set(FieldValue::Response(status));
    }
    let now = record.exceptions();
    let days: BTreeSet<CivilDate> = now.keys().chain(wanted.keys()).copied().collect();
    let blob = work.link.as_ref().and_then(|link| link.m365.meeting_blob.as_ref());
    let write = |day: &CivilDate| match (now.get(day), wanted.get(day)) {
        (one, two) if one == two => None,
        (Some(Occurrence::Cancelled), _) => Some(DayWrite::Impossible),
        (_, Some(Occurrence::Cancelled)) => Some(DayWrite::Cancel),
        (shown, target) => {
            let (shown, target) = (overrides(shown), overrides(target));
            let said = answer_of_day(&target, &after);
            let answer = said.filter(|_| said != answer_of_day(&shown, record));
            let without = |record: &Record| record.without(FieldGroup::Response);
            let is_changed = !without(&shown).same_as(&without(&target));
            match (is_changed, answer) {
                (false, answer) => answer.map(DayWrite::Answer),
                (true, answer) => {
                    let body = occurrence_body(&target, record, Some(&shown), *day);
                    Some(DayWrite::Change(keep_meeting(body, blob), answer))
                }
            }
        }
    };
    days.iter().filter_map(|day| Some((*day, write(day)?))).collect()
}

/// An occurrence after the user's answer; none where it is as its `series` again.
fn answered(before: Option<&Occurrence>, status: AttendeeStatus, series: &Record) -> Option<Occurrence> {
    let mut changed = overrides(before);
    let answer = FieldValue::Response(status);
    if series.get(FieldGroup::Response) == Some(&answer) {
        changed.remove(FieldGroup::Response);
    } else {
        changed.set(answer);
    }
    (!changed.is_empty()).then_some(Occurrence::Changed(changed))
}

/// The groups that an occurrence has of its own.
fn overrides(occurrence: Option<&Occurrence>) -> Record {
    match occurrence {
        Some(Occurrence::Changed(record)) => record.clone(),
        Some(Occurrence::Cancelled) | None => Record::default(),
    }
}

/// Where an occurrence is looked for.
fn stretch(time: &EventTime) -> (Instant, Instant) {
    let (start, end) = time.span();
    let around = match time {
        EventTime::Timed { .. } => LOOK_AROUND,
        EventTime::AllDay { .. } => LOOK_AROUND_DAYS,
    };
    (start.plus(-around), end.max(start).plus(around))
}

#[cfg(test)]
mod tests;

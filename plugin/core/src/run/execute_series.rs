//! Writing single days of a series, and the user's answers to invitations.
//!
//! Graph has no request for "this series with these exceptions": a changed
//! occurrence is a PATCH of it, a cancelled one a DELETE. What an occurrence is
//! called has to be asked first; afterwards the series is read once more,
//! because every such write gives its master another version. What is to be
//! written, and what the answers mean, is in [`super::parts`].

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::graph::request::BATCH_PARTS_MAX;
use crate::graph::{Failure, Reaction, Subject, response};
use crate::model::{AttendeeStatus, CivilDate, GraphId};
use crate::ports::Ports;
use crate::sync::{IssueCode, Side};

use super::attempts::Beside;
use super::hydrate::Read;
use super::left::NO_WAY_BACK;
use super::parts::{DayTask, Outcome, Parts, days_of, parts_of};
use super::report::Halt;
use super::session::Answer;
use super::stage::seen;
use super::state::SeenGraphItem;
use super::step::Step;
use super::work::Work;
use super::wrote::{GraphWrote, StoredGraph, Wrote};

/// How often days that stand in each other's way are tried once more. One time
/// is enough where all move in the same direction.
const CROSSING_PASSES_MAX: usize = 4;

/// A day that was refused because of where its neighbours are at present.
struct Crossing {
    task: DayTask,
    failure: Failure,
}

impl<P: Ports> Step<'_, P> {
    /// Writes what the requests for the items themselves could not carry.
    /// `ending` says that the run has to end: then nothing more is sent.
    pub(super) fn write_parts(&mut self, works: &[Work], wrote: &mut [GraphWrote], ending: bool) -> Option<Halt> {
        let mut halted = if ending { None } else { self.find_survivors(works, wrote) };
        let ending = ending || halted.is_some();
        let parts: Vec<Parts> = works
            .iter()
            .zip(wrote.iter())
            .enumerate()
            .filter_map(|(index, (work, wrote))| parts_of(index, work, wrote))
            .collect();
        if parts.is_empty() {
            return halted;
        }
        for part in parts.iter().filter(|part| part.days.values().any(|day| !day.is_possible())) {
            let crm = works.get(part.index).and_then(Work::crm_id);
            self.issue(IssueCode::NotWritable, crm, Some(part.id.clone()), NO_WAY_BACK);
        }
        let mut outcomes: Vec<Outcome> = parts.iter().map(Parts::nothing_done).collect();
        if ending {
            put_outcomes(works, wrote, &parts, outcomes, &BTreeMap::new());
            return halted;
        }
        // Found and written a batch at a time, so that a budget that ends in
        // between leaves some days done.
        for days in days_of(&parts).chunks(BATCH_PARTS_MAX) {
            if halted.is_some() {
                break;
            }
            let tasks = self.find_days(&parts, works, days, &mut outcomes, &mut halted);
            if halted.is_none() {
                self.write_days(&parts, works, tasks, &mut outcomes, &mut halted);
            }
        }
        if halted.is_none() {
            self.answer_invitations(&parts, works, &mut outcomes, &mut halted);
        }
        let reread = if halted.is_none() { self.read_parts(&parts, &mut halted) } else { BTreeMap::new() };
        put_outcomes(works, wrote, &parts, outcomes, &reread);
        halted
    }

    /// Writes the days. Every write gives the whole series another version, so
    /// only the first of each series can be conditional; the others follow once
    /// it has shown that nobody else has written meanwhile. Answers come last: no
    /// version is asked for with them.
    fn write_days(
        &mut self,
        parts: &[Parts],
        works: &[Work],
        mut tasks: Vec<DayTask>,
        outcomes: &mut [Outcome],
        halted: &mut Option<Halt>,
    ) {
        tasks.sort_by_key(|task| task.write.is_answer());
        let mut begun = BTreeSet::new();
        let (first, rest): (Vec<DayTask>, Vec<DayTask>) = tasks.into_iter().partition(|task| begun.insert(task.part));
        let mut crossing = self.write_tasks(parts, works, first, true, outcomes, halted);
        let changed: BTreeSet<usize> =
            outcomes.iter().enumerate().filter(|(_, outcome)| outcome.again).map(|(index, _)| index).collect();
        let rest: Vec<DayTask> = rest.into_iter().filter(|task| !changed.contains(&task.part)).collect();
        if halted.is_none() {
            crossing.extend(self.write_tasks(parts, works, rest, false, outcomes, halted));
        }
        self.write_crossing(parts, works, crossing, outcomes, halted);
    }

    /// What is in the way of a day may be moved as well. So the days of a series
    /// of which others were written are tried again, as long as that helps: the
    /// last ones first, because they were tried from the first one on before.
    /// What still stands in the way is reported.
    fn write_crossing(
        &mut self,
        parts: &[Parts],
        works: &[Work],
        crossing: Vec<Crossing>,
        outcomes: &mut [Outcome],
        halted: &mut Option<Halt>,
    ) {
        let has_moved = |refused: &Crossing| {
            let outcome = outcomes.get(refused.task.part);
            outcome.is_some_and(|outcome| !outcome.written.is_empty() || !outcome.restored.is_empty())
        };
        let (mut open, mut refused): (Vec<Crossing>, Vec<Crossing>) = crossing.into_iter().partition(has_moved);
        for _ in 0..CROSSING_PASSES_MAX {
            if halted.is_some() {
                return;
            }
            let tried = open.len();
            open.sort_by_key(|refused| (refused.task.part, Reverse(refused.task.day)));
            let tasks = open.into_iter().map(|refused| refused.task).collect();
            open = self.write_tasks(parts, works, tasks, false, outcomes, halted);
            if open.len() == tried {
                break;
            }
        }
        if halted.is_some() {
            return;
        }
        refused.append(&mut open);
        let mut failures = Vec::new();
        for Crossing { task, failure } in refused {
            let (Some(part), Some(outcome)) = (parts.get(task.part), outcomes.get_mut(task.part)) else { continue };
            let refused = (part, Some(task.day), Beside::Failure);
            self.part_failed(works, refused, &failure, outcome, &mut failures);
        }
        *halted = self.halt_for(&failures);
    }

    /// Writes days, and answers with those that another day is in the way of.
    fn write_tasks(
        &mut self,
        parts: &[Parts],
        works: &[Work],
        tasks: Vec<DayTask>,
        conditional: bool,
        outcomes: &mut [Outcome],
        halted: &mut Option<Halt>,
    ) -> Vec<Crossing> {
        if tasks.is_empty() {
            return Vec::new();
        }
        let (answers, halt) = self.ask_many(Subject::Item, tasks.len(), |requests, index, id| {
            tasks.get(index).map_or_else(|| requests.me(id), |task| task.request(requests, conditional, id))
        });
        *halted = halt;
        let beside = beside(&answers);
        let mut failures = Vec::new();
        let (mut crossing, mut next) = (Vec::new(), Vec::new());
        for (task, answer) in tasks.into_iter().zip(answers) {
            let (Some(part), Some(outcome)) = (parts.get(task.part), outcomes.get_mut(task.part)) else { continue };
            let known = part.known(task.day).filter(|_| !outcome.restored.contains(&task.day));
            let before = outcome.written.get(&task.day).or(known);
            match task.read(part, before, answer) {
                Ok(occurrence) => {
                    outcome.arrived(task.day, occurrence);
                    if let Some(work) = works.get(part.index) {
                        self.part_went_through(&work.id, &name_of(Some(task.day)));
                    }
                    if let Some(task) = task.next() {
                        outcome.failed.insert(task.day);
                        next.push(task);
                    }
                }
                Err(failure) if failure.is_crossing_boundary() => crossing.push(Crossing { task, failure }),
                Err(failure) => {
                    self.part_failed(works, (part, Some(task.day), beside), &failure, outcome, &mut failures);
                }
            }
        }
        *halted = halted.take().or_else(|| self.halt_for(&failures));
        if halted.is_none() && !next.is_empty() {
            crossing.extend(self.write_tasks(parts, works, next, false, outcomes, halted));
        }
        crossing
    }

    fn answer_invitations(
        &mut self,
        parts: &[Parts],
        works: &[Work],
        outcomes: &mut [Outcome],
        halted: &mut Option<Halt>,
    ) {
        let answering: Vec<(usize, &GraphId, AttendeeStatus)> =
            parts.iter().enumerate().filter_map(|(index, part)| Some((index, &part.id, part.response?))).collect();
        if answering.is_empty() {
            return;
        }
        let (answers, halt) = self.ask_many(Subject::Item, answering.len(), |requests, index, id| {
            answering.get(index).map_or_else(
                || requests.me(id),
                |(_, item, status)| requests.respond(item, *status, id).unwrap_or_else(|_| requests.me(id)),
            )
        });
        *halted = halt;
        let beside = beside(&answers);
        let mut failures = Vec::new();
        for ((index, _, _), answer) in answering.into_iter().zip(answers) {
            let (Some(part), Some(outcome)) = (parts.get(index), outcomes.get_mut(index)) else { continue };
            match answer.and_then(|answer| response::read_accepted(&answer)) {
                Ok(()) => {
                    outcome.response_failed = false;
                    if let Some(work) = works.get(part.index) {
                        self.part_went_through(&work.id, &name_of(None));
                    }
                }
                Err(failure) => self.part_failed(works, (part, None, beside), &failure, outcome, &mut failures),
            }
        }
        *halted = halted.take().or_else(|| self.halt_for(&failures));
    }

    /// What a failed write of a part means: for its item, or for the run.
    pub(super) fn part_failed(
        &mut self,
        works: &[Work],
        (part, day, beside): (&Parts, Option<CivilDate>, Beside),
        failure: &Failure,
        outcome: &mut Outcome,
        failures: &mut Vec<Failure>,
    ) {
        let work = works.get(part.index);
        let is_given_up = work.is_some_and(|work| self.gives_up_part(work, &name_of(day), failure, beside));
        match &failure.reaction {
            Reaction::Retry { .. } if is_given_up => outcome.refuse(day),
            Reaction::RereadItem | Reaction::ItemGone | Reaction::AlreadyCreated { .. } => outcome.again = true,
            Reaction::SkipItem => {
                outcome.refuse(day);
                let Some(work) = work else { return };
                let (crm, m365) = (work.crm_id(), Some(part.id.clone()));
                if failure.is_crossing_boundary() {
                    let message = "Microsoft does not let an occurrence of a series move to, or past, the day of its \
                                   neighbour. The occurrence stays where it is in Microsoft 365; move it to another \
                                   day, or cancel it and create a single event.";
                    self.issue(IssueCode::OccurrenceCrossing, crm, m365, message);
                } else {
                    let reason = super::execute_graph::reason(failure);
                    self.refused(work, Side::M365, &reason);
                }
            }
            Reaction::Retry { .. }
            | Reaction::Resync { .. }
            | Reaction::Reauthenticate { .. }
            | Reaction::ParkMailbox
            | Reaction::MissingPermission
            | Reaction::StopRun => failures.push(failure.clone()),
        }
    }

    /// The items after their parts were written.
    fn read_parts(&mut self, parts: &[Parts], halted: &mut Option<Halt>) -> BTreeMap<usize, SeenGraphItem> {
        let mut found = BTreeMap::new();
        let ids: Vec<GraphId> = parts.iter().map(|part| part.id.clone()).collect();
        let (reads, halt) = self.read_by_id(&ids);
        *halted = halt;
        let mut failures = Vec::new();
        for (part, read) in parts.iter().zip(reads) {
            match read {
                Ok(Read::Found(mapped)) => found.extend(seen(*mapped).map(|item| (part.index, item))),
                // Seen with the next round.
                Ok(Read::Unfinished | Read::Gone | Read::Left) => {}
                Err(failure) => failures.push(failure),
            }
        }
        *halted = halted.take().or_else(|| self.halt_for(&failures));
        found
    }
}

/// What a part of an item is called where its attempts are counted.
fn name_of(day: Option<CivilDate>) -> String {
    day.map_or_else(|| "answer".to_owned(), |day| day.to_string())
}

/// What answers to parts have beside them.
pub(super) fn beside(answers: &[Answer]) -> Beside {
    let succeeded = |answer: &&Answer| answer.as_ref().is_ok_and(|answer| (200..300).contains(&answer.status));
    Beside::of(answers.len(), answers.iter().filter(succeeded).count())
}

/// Puts what became of the parts into the answers for the items.
fn put_outcomes(
    works: &[Work],
    wrote: &mut [GraphWrote],
    parts: &[Parts],
    outcomes: Vec<Outcome>,
    reread: &BTreeMap<usize, SeenGraphItem>,
) {
    for (part, outcome) in parts.iter().zip(outcomes) {
        let (Some(work), Some(slot)) = (works.get(part.index), wrote.get_mut(part.index)) else { continue };
        let stored = match slot {
            Wrote::Stored(stored) => Some(stored.clone()),
            Wrote::Nothing => work.link.as_ref().and_then(StoredGraph::of_link),
            Wrote::Deleted | Wrote::Again | Wrote::Refused | Wrote::Unknown => None,
        };
        if let Some(stored) = stored {
            *slot = Wrote::Stored(part.combined(stored, outcome, reread.get(&part.index)));
        }
    }
}

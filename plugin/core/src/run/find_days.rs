//! Looking for single days of a series before they are written: what is an
//! occurrence called, is it as it was thought to be, and what has survived a
//! write of the rule?
//!
//! What is written then is [`super::execute_series`]'s matter.

use crate::graph::{Failure, Subject};
use crate::model::{CivilDate, Exceptions, FieldValue, GraphId, Record};
use crate::ports::Ports;
use crate::sync::IssueCode;

use super::execute_graph::drops_exceptions;
use super::execute_series::beside;
use super::hydrate::Read;
use super::parts::{DayTask, FoundDay, INSTANCES_MAX, Outcome, Parts};
use super::report::Halt;
use super::session::Answer;
use super::step::Step;
use super::work::Work;
use super::wrote::{GraphWrote, StoredGraph, Wrote};

/// Pages in which one occurrence is looked for behind the first: as many of its
/// neighbours as a person can have moved into a day or two.
const PAGES_MAX: usize = 20;

impl<P: Ports> Step<'_, P> {
    /// Looks which exceptions have survived a write of rule or time: another
    /// pattern or time drops all of them, while of a series that only ends
    /// sooner or later those within it stay (so Outlook splits
    /// a series; no page says it). Only what is as it was counts: anything else is
    /// somebody's edit meanwhile, and seen as such later.
    pub(super) fn find_survivors(&mut self, works: &[Work], wrote: &mut [GraphWrote]) -> Option<Halt> {
        let had_exceptions = |work: &Work| {
            let shown = work.link.as_ref().and_then(|link| link.m365.state.seen());
            drops_exceptions(work) && shown.is_some_and(|shown| !shown.exceptions().is_empty())
        };
        let mut asked: Vec<(&Work, &mut StoredGraph)> = works
            .iter()
            .zip(wrote.iter_mut())
            .filter(|(work, _)| had_exceptions(work))
            .filter_map(|(work, wrote)| match wrote {
                Wrote::Stored(stored) => Some((work, stored)),
                Wrote::Nothing | Wrote::Deleted | Wrote::Again | Wrote::Refused | Wrote::Unknown => None,
            })
            .collect();
        if asked.is_empty() {
            return None;
        }
        let ids: Vec<GraphId> = asked.iter().map(|(_, stored)| stored.id.clone()).collect();
        let (reads, mut halted) = self.read_by_id(&ids);
        let mut failures = Vec::new();
        for ((work, stored), read) in asked.iter_mut().zip(reads) {
            let read = match read {
                // Of days outside of the window, nothing is known any more.
                Ok(Read::Unfinished) => match self.whole_by_instances(&stored.id, &Exceptions::new()) {
                    Ok(read) => read,
                    Err(halt) => {
                        halted.get_or_insert(halt);
                        break;
                    }
                },
                read => read,
            };
            match read {
                Ok(Read::Found(mapped)) => {
                    let shown = work.link.as_ref().and_then(|link| link.m365.state.seen());
                    let before = shown.map(Record::exceptions).unwrap_or_default();
                    let mut survivors = mapped.record.exceptions();
                    survivors.retain(|day, occurrence| before.get(day) == Some(occurrence));
                    stored.seen.occurrence_ids = mapped.exception_ids.clone();
                    stored.seen.occurrence_ids.retain(|day, _| survivors.contains_key(day));
                    stored.seen.record.set(FieldValue::Exceptions(survivors));
                }
                // Seen with the next round.
                Ok(Read::Unfinished | Read::Gone | Read::Left) => {}
                Err(failure) => failures.push(failure),
            }
        }
        halted.or_else(|| self.halt_for(&failures))
    }

    /// Asks what the occurrences are called, and in which version they are.
    pub(super) fn find_days(
        &mut self,
        parts: &[Parts],
        works: &[Work],
        wanted: &[(usize, CivilDate)],
        outcomes: &mut [Outcome],
        halted: &mut Option<Halt>,
    ) -> Vec<DayTask> {
        let (answers, halt) = self.ask_many(Subject::Item, wanted.len(), |requests, index, id| {
            wanted.get(index).and_then(|(part, day)| parts.get(*part)?.find(*day, requests, id)).unwrap_or_else(|| {
                // Only asked for indices of the list itself; a read does no harm.
                requests.me(id)
            })
        });
        *halted = halt;
        let beside = beside(&answers);
        let mut tasks = Vec::new();
        let mut failures = Vec::new();
        for ((index, day), answer) in wanted.iter().copied().zip(answers) {
            let (Some(part), Some(outcome)) = (parts.get(index), outcomes.get_mut(index)) else { continue };
            match self.found(part, day, answer, halted) {
                Ok(FoundDay::AsKnown(id, version)) => {
                    if let Some(write) = part.days.get(&day).cloned() {
                        tasks.push(DayTask { part: index, day, id, version, write });
                    }
                }
                Ok(FoundDay::AsWanted) => {
                    outcome.failed.remove(&day);
                    outcome.written.extend(part.wanted.get(&day).map(|wanted| (day, wanted.clone())));
                }
                Ok(FoundDay::Changed) => outcome.again = true,
                // The step has to end before the page was asked for.
                Ok(FoundDay::Elsewhere(_)) if halted.is_some() => {}
                Ok(found @ (FoundDay::Missing | FoundDay::Elsewhere(_))) => {
                    outcome.failed.remove(&day);
                    outcome.refused.insert(day);
                    self.day_is_missing(works, part, matches!(found, FoundDay::Elsewhere(_)));
                }
                Err(failure) => {
                    self.part_failed(works, (part, Some(day), beside), &failure, outcome, &mut failures);
                }
            }
        }
        *halted = halted.take().or_else(|| self.halt_for(&failures));
        tasks
    }

    /// What a look at an occurrence says, on as many pages as it takes.
    fn found(
        &mut self,
        part: &Parts,
        day: CivilDate,
        answer: Answer,
        halted: &mut Option<Halt>,
    ) -> Result<FoundDay, Failure> {
        let mut found = part.found(day, answer);
        for _ in 0..PAGES_MAX {
            let Ok(FoundDay::Elsewhere(link)) = &found else { break };
            match self.ask(Subject::Item, |requests, id| requests.follow(link, INSTANCES_MAX, id)) {
                Ok(answer) => found = part.found(day, answer),
                Err(halt) => {
                    halted.get_or_insert(halt);
                    break;
                }
            }
        }
        found
    }

    /// Says that an occurrence is not where the rule has it, or not on as many
    /// pages as are read for it.
    fn day_is_missing(&mut self, works: &[Work], part: &Parts, is_crowded: bool) {
        let crm = works.get(part.index).and_then(Work::crm_id);
        let message = if is_crowded {
            "An occurrence that differs in the CRM was not found in Microsoft 365 among the occurrences around its day: \
             there are too many of them. It is left as it is on both sides, and looked for again when the series changes."
        } else {
            "An occurrence that differs in the CRM is not in the series in Microsoft 365 (any more). It is left as it is \
             on both sides, and looked for again when the series changes."
        };
        self.issue(IssueCode::NotMappable, crm, Some(part.id.clone()), message);
    }
}

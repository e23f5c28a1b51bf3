//! Writing Microsoft's side: intents first, then batches of conditional writes.
//! Single days of a series are written by [`super::execute_series`].

use serde_json::Value;

use crate::graph::{Cause, Failure, Performed, Reaction, Requests, Subject, response};
use crate::mapping::{create_body, event, keep_meeting, patch_body};
use crate::model::{FieldGroup, GraphId, GraphVersion, Record};
use crate::ports::{HttpRequest, Ports};
use crate::sync::{BY_OTHER_REQUESTS, Decision, Side};

use super::attempts::{Beside, is_passing};
use super::decide::graph_seen;
use super::report::Halt;
use super::session::Answer;
use super::stage::seen;
use super::state::{Intent, SeenCrmItem, SeenGraph};
use super::step::Step;
use super::store::Batch;
use super::work::Work;
use super::wrote::{GraphWrote, StoredGraph, Wrote};

/// One write to Microsoft.
enum GraphWrite {
    Create(Value),
    Update(GraphId, GraphVersion, Value),
    Delete(GraphId, GraphVersion),
}

impl<P: Ports> Step<'_, P> {
    /// Writes Microsoft's side of these items: first the items themselves, then
    /// single days of series and the user's answers. Answers for each, and why
    /// the run has to end, if it has to.
    pub(super) fn write_events(&mut self, works: &[Work]) -> Result<(Vec<GraphWrote>, Option<Halt>), Halt> {
        let (mut wrote, mut halted) = self.write_items(works)?;
        if let Some(halt) = self.write_parts(works, &mut wrote, halted.is_some()) {
            halted.get_or_insert(halt);
        }
        Ok((wrote, halted))
    }

    fn write_items(&mut self, works: &[Work]) -> Result<(Vec<GraphWrote>, Option<Halt>), Halt> {
        let writes: Vec<(usize, GraphWrite)> =
            works.iter().enumerate().filter_map(|(index, work)| Some((index, graph_write(work)?))).collect();
        let mut wrote: Vec<GraphWrote> = works.iter().map(|_| Wrote::Nothing).collect();
        self.write_ahead(works)?;
        if writes.is_empty() {
            return Ok((wrote, None));
        }
        let (answers, mut halted) = self.ask_many(Subject::Mailbox, writes.len(), |requests, index, id| {
            build(requests, writes.get(index).map(|(_, write)| write), id)
        });
        let mut stale = Vec::new();
        let mut failures = Vec::new();
        let succeeded = answers.iter().flatten().filter(|answer| (200..=299).contains(&answer.status)).count();
        let beside = Beside::of(writes.len(), succeeded);
        let mut answers = answers.into_iter();
        for (index, write) in &writes {
            let (Some(work), Some(slot)) = (works.get(*index), wrote.get_mut(*index)) else { continue };
            let Some(answer) = answers.next() else {
                *slot = Wrote::Unknown;
                continue;
            };
            *slot = match read_answer(work, write, answer) {
                Ok(stored) => stored,
                Err(failure) => match self.refusal(work, write, (&failure, beside), &mut stale) {
                    Some(wrote) => wrote,
                    None if is_passing(&failure) && self.gives_up(work, Side::M365, &failure, beside) => Wrote::Refused,
                    None => {
                        failures.push(failure);
                        Wrote::Unknown
                    }
                },
            };
        }
        halted = halted.or_else(|| self.halt_for(&failures));
        if !stale.is_empty()
            && let Err(halt) = self.reread(&stale)
        {
            halted.get_or_insert(halt);
        }
        Ok((wrote, halted))
    }

    /// What is written down before the requests: what is created (invariant 6),
    /// and what is sent to items that are there, so that nobody takes it for
    /// somebody's edit if this step is interrupted. Those are read then before
    /// anything is decided about them.
    fn write_ahead(&mut self, works: &[Work]) -> Result<(), Halt> {
        let mut batch = Batch::default();
        for work in works {
            match (&work.decision, &work.link) {
                (Decision::Create { on: Side::M365, .. }, _) => {
                    if let Some(intent) = intent(work) {
                        batch.put(self.store.keys.intent(&work.id), &intent);
                    }
                }
                (Decision::Merge(merge), Some(link)) if !merge.to_m365.is_empty() => {
                    batch.put_link(&self.store.keys, &link.writing(merge));
                    batch.put(self.store.keys.staged_graph(&link.m365.id), &SeenGraph::Stale);
                }
                // Nothing is known anew, but whose place was taken commits nothing,
                // and deletes nothing.
                (Decision::Delete { on: Side::M365, .. }, Some(link)) => batch.put_link(&self.store.keys, link),
                (
                    Decision::Create { .. }
                    | Decision::Merge(_)
                    | Decision::Delete { .. }
                    | Decision::Ignore
                    | Decision::Keep
                    | Decision::Close
                    | Decision::Withhold,
                    _,
                ) => {}
            }
        }
        self.commit(batch)
    }

    /// What a failed write means for its item; none where it is the run's matter.
    fn refusal(
        &mut self,
        work: &Work,
        write: &GraphWrite,
        (failure, beside): (&Failure, Beside),
        stale: &mut Vec<GraphId>,
    ) -> Option<GraphWrote> {
        let item = match write {
            GraphWrite::Create(_) => None,
            GraphWrite::Update(id, ..) | GraphWrite::Delete(id, _) => Some(id),
        };
        match (&failure.reaction, item) {
            // That it is gone, a read of its own has to confirm.
            (Reaction::RereadItem | Reaction::ItemGone, Some(id)) => {
                stale.push(id.clone());
                Some(Wrote::Again)
            }
            // An interrupted create was performed after all: the intent finds it.
            (Reaction::AlreadyCreated { .. }, None) => Some(Wrote::Again),
            (Reaction::SkipItem, item) => {
                if item.is_none() && failure.performed == Performed::Unknown {
                    self.aside.may_be_made(&work.id);
                }
                self.refused(work, Side::M365, &reason(failure));
                Some(Wrote::Refused)
            }
            // The mailbox can be read, and the token has what it needs: this one
            // item is not the user's to change, in a shared calendar perhaps. Of more
            // than a few, all of which are denied, it is not, until somebody has looked
            // at the permissions.
            (Reaction::MissingPermission, Some(_))
                if self.heard && (beside != Beside::Failure || self.was_denied_before(work)) =>
            {
                self.refused(work, Side::M365, &reason(failure));
                Some(Wrote::Refused)
            }
            (
                Reaction::Retry { .. }
                | Reaction::Resync { .. }
                | Reaction::Reauthenticate { .. }
                | Reaction::RereadItem
                | Reaction::ItemGone
                | Reaction::AlreadyCreated { .. }
                | Reaction::ParkMailbox
                | Reaction::MissingPermission
                | Reaction::StopRun,
                _,
            ) => None,
        }
    }
}

/// The item that is changed, its days and the answer included.
pub(super) fn updates(work: &Work) -> Option<GraphId> {
    match &work.decision {
        Decision::Merge(merge) if !merge.to_m365.is_empty() => Some(work.link.as_ref()?.m365.id.clone()),
        Decision::Merge(_)
        | Decision::Create { .. }
        | Decision::Delete { .. }
        | Decision::Ignore
        | Decision::Keep
        | Decision::Close
        | Decision::Withhold => None,
    }
}

fn graph_write(work: &Work) -> Option<GraphWrite> {
    match &work.decision {
        Decision::Create { on: Side::M365, record, .. } => Some(GraphWrite::Create(create_body(record, &work.id))),
        Decision::Delete { on: Side::M365, .. } => {
            let link = work.link.as_ref()?;
            Some(GraphWrite::Delete(link.m365.id.clone(), link.m365.version.clone()))
        }
        Decision::Merge(merge) => {
            let link = work.link.as_ref()?;
            let groups = merge.to_m365.groups().without(BY_OTHER_REQUESTS);
            if groups.is_empty() {
                return None;
            }
            let body = keep_meeting(patch_body(&merge.to_m365, groups), link.m365.meeting_blob.as_ref());
            Some(GraphWrite::Update(link.m365.id.clone(), link.m365.version.clone(), body))
        }
        Decision::Create { on: Side::Crm, .. }
        | Decision::Delete { on: Side::Crm, .. }
        | Decision::Ignore
        | Decision::Keep
        | Decision::Close
        | Decision::Withhold => None,
    }
}

/// Whether the write of a merge makes Microsoft drop the exceptions of a series.
pub(super) fn drops_exceptions(work: &Work) -> bool {
    let shown = work.link.as_ref().and_then(|link| link.m365.state.seen());
    match &work.decision {
        Decision::Merge(merge) => merge.retimes(Side::M365) && shown.is_some_and(|shown| shown.rule().is_some()),
        Decision::Create { .. }
        | Decision::Delete { .. }
        | Decision::Ignore
        | Decision::Keep
        | Decision::Close
        | Decision::Withhold => false,
    }
}

fn build(requests: &Requests<'_>, write: Option<&GraphWrite>, id: &str) -> HttpRequest {
    match write {
        Some(GraphWrite::Create(body)) => requests.create_event(body, id),
        Some(GraphWrite::Update(event, version, body)) => requests.update_event(event, version, body, id),
        Some(GraphWrite::Delete(event, version)) => requests.delete_event(event, version, id),
        // Only asked for indices of the list itself; a read does no harm.
        None => requests.me(id),
    }
}

fn read_answer(work: &Work, write: &GraphWrite, answer: Answer) -> Result<GraphWrote, Failure> {
    let answer = answer?;
    let event = match write {
        GraphWrite::Create(_) => response::read_created(&answer)?,
        GraphWrite::Update(..) => response::read_event(&answer)?,
        GraphWrite::Delete(..) => {
            return match response::read_deleted(&answer) {
                Ok(()) => Ok(Wrote::Deleted),
                Err(failure) if failure.reaction == Reaction::ItemGone => Ok(Wrote::Deleted),
                Err(failure) => Err(failure),
            };
        }
    };
    match event::read_event(&event) {
        Ok(mut mapped) => {
            if mapped.record.rule().is_some() && mapped.record.get(FieldGroup::Exceptions).is_none() {
                // The answer does not name them; they are what they were, unless
                // the write has dropped them.
                let kept = matches!(write, GraphWrite::Update(..)) && !drops_exceptions(work);
                let seen = work.link.as_ref().filter(|_| kept).and_then(|link| link.m365.state.seen());
                mapped.set_exceptions(seen.map(Record::exceptions).unwrap_or_default());
                if kept && let Some(link) = &work.link {
                    mapped.exception_ids.clone_from(&link.m365.occurrence_ids);
                }
            }
            let (id, i_cal_uid) = (mapped.id.clone(), mapped.i_cal_uid.clone());
            // Written, but without a version: the next observation shows it.
            Ok(seen(mapped)
                .map_or(Wrote::Unknown, |item| Wrote::Stored(StoredGraph::whole(id, i_cal_uid, graph_seen(item)))))
        }
        // Written, but not readable: the same.
        Err(_) => Ok(Wrote::Unknown),
    }
}

/// What is written down before an item is created.
pub(super) fn intent(work: &Work) -> Option<Intent> {
    let (crm, seen) = match (&work.link, &work.crm) {
        (Some(link), _) => match &link.crm.state {
            crate::sync::EndState::Present { seen, writable, .. } => (
                link.crm.id.clone(),
                SeenCrmItem {
                    version: link.crm.version.clone(),
                    uid: String::new(),
                    meeting_uid: link.crm.meeting_uid.clone(),
                    organizes: true,
                    live: link.edited,
                    beside: None,
                    record: seen.clone(),
                    writable: *writable,
                },
            ),
            crate::sync::EndState::Gone | crate::sync::EndState::Forgone => return None,
        },
        (None, Some((id, seen))) => (id.clone(), seen.clone()),
        (None, None) => return None,
    };
    let sent = match &work.decision {
        Decision::Create { record, .. } => record.without(FieldGroup::Exceptions),
        Decision::Delete { .. }
        | Decision::Merge(_)
        | Decision::Ignore
        | Decision::Keep
        | Decision::Close
        | Decision::Withhold => Record::default(),
    };
    Some(Intent {
        link: work.id.clone(),
        sent,
        generation: work.generation,
        crm,
        seen,
        replaces: work.link.clone().map(|link| link.id),
        list: None,
    })
}

/// Why, in words without content, for people: what Microsoft calls the error is what is
/// searched for, and the number of the request what its support asks for.
pub(super) fn reason(failure: &Failure) -> String {
    let answer = match (&failure.cause, failure.code.as_deref()) {
        (Cause::Status(status), Some(code)) => format!("it answered with the error `{code}`, status {status}"),
        (Cause::Status(status), None) => format!("it answered with status {status}"),
        (Cause::Unreadable { .. } | Cause::MissingPart | Cause::ForeignLink | Cause::Transport(_), _) => {
            super::notice::chain(failure)
        }
    };
    let unsure = match failure.performed {
        Performed::No => "",
        Performed::Unknown => "; it may have done so all the same",
    };
    let request = failure.request_id.as_deref().map(|id| format!(" (Microsoft's support knows it as request {id})"));
    format!("{answer}{unsure}{}", request.unwrap_or_default())
}

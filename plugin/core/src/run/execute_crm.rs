//! Writing the CRM's side.

use crate::mapping::fit::NO_SUBJECT;
use crate::mapping::{Fitted, RecurrenceIssue, fit_for_crm, series};
use crate::model::{CrmId, CrmVersion, FieldGroup, FieldSet, FieldValue, Record};
use crate::ports::{Announcement, CrmApplied, CrmMutation, CrmMutationError, Meeting, Ports};
use crate::sync::{Decision, IssueCode, Link, Side};

use super::attempts::Beside;
use super::crm_ahead::CrmWriting;
use super::decide::crm_seen;
use super::report::Halt;
use super::state::SeenCrm;
use super::step::Step;
use super::store::Batch;
use super::work::Work;
use super::wrote::{CrmWrote, GraphWrote, StoredCrm, Wrote};

impl<P: Ports> Step<'_, P> {
    /// Writes the CRM's side of these items, except where Microsoft's side has
    /// to be decided again first. Answers for each, and why the run has to end,
    /// if it has to: what was written beside a failure counts.
    pub(super) fn write_crm_events(
        &mut self,
        works: &[Work],
        graph: &[GraphWrote],
    ) -> Result<(Vec<CrmWrote>, Option<Halt>), Halt> {
        let mut wrote: Vec<CrmWrote> = works.iter().map(|_| Wrote::Nothing).collect();
        let mut mutations = Vec::new();
        let mut indices = Vec::new();
        let mut writing = Vec::new();
        for (index, (work, graph)) in works.iter().zip(graph).enumerate() {
            match graph {
                Wrote::Again | Wrote::Unknown => continue,
                Wrote::Nothing | Wrote::Stored(_) | Wrote::Deleted | Wrote::Refused => {}
            }
            match self.mutation(work, graph) {
                Ok(Some((mutation, sent))) => {
                    writing.extend(noted(index, &mutation, sent));
                    mutations.push(mutation);
                    indices.push(index);
                }
                Ok(None) => {}
                Err(problem) => {
                    self.not_expressible(work, &problem);
                    if let Some(slot) = wrote.get_mut(index) {
                        *slot = Wrote::Refused;
                    }
                }
            }
        }
        if mutations.is_empty() {
            return Ok((wrote, None));
        }
        let mut halted = None;
        self.note_crm_ahead(works, graph, &writing)?;
        let results = self.ports.apply(self.store.fence(), mutations)?;
        let beside = Beside::of(results.len(), results.iter().filter(|result| result.is_ok()).count());
        for (index, result) in indices.into_iter().zip(results) {
            let (Some(work), Some(slot)) = (works.get(index), wrote.get_mut(index)) else { continue };
            *slot = match result {
                Err(CrmMutationError::Host(error)) if self.gives_up(work, Side::Crm, &error, beside) => Wrote::Refused,
                Err(CrmMutationError::Host(error)) => {
                    halted.get_or_insert(Halt::Host(error));
                    Wrote::Unknown
                }
                result => self.crm_result(work, result)?,
            };
        }
        Ok((wrote, halted))
    }

    /// The write of one item, and what it sends, exceptions included; an error where
    /// the CRM cannot hold its rule.
    fn mutation(&mut self, work: &Work, graph: &GraphWrote) -> Result<Option<(CrmMutation, Record)>, RecurrenceIssue> {
        let note = self.meeting_to_note(work, graph);
        Ok(match &work.decision {
            Decision::Create { on: Side::Crm, record, .. } => {
                let record = self.fitted(work, record)?;
                let exceptions = series::crm_exceptions(&record, &record.exceptions(), self.capabilities.holds);
                let create = CrmMutation::Create {
                    idempotency_key: self.create_key(work),
                    meeting: meeting_of_source(work),
                    record: record.without(FieldGroup::Exceptions),
                    exceptions,
                };
                Some((create, record))
            }
            Decision::Delete { on: Side::Crm, .. } => work.link.as_ref().map(|link| {
                let (id, expected) = (link.crm.id.clone(), link.crm.version.clone());
                (CrmMutation::Delete { id, expected }, Record::default())
            }),
            Decision::Merge(merge) if !merge.to_crm.is_empty() => match &work.link {
                Some(link) => self.update(work, link, &merge.to_crm, note)?,
                None => None,
            },
            Decision::Create { on: Side::M365, .. } | Decision::Merge(_) => match (note, noted_end(work)) {
                (Some(meeting), Some((id, expected))) => {
                    let note = CrmMutation::Update {
                        id,
                        expected,
                        idempotency_key: self.write_key(work),
                        meeting: Some(meeting),
                        record: Record::default(),
                        exceptions: None,
                    };
                    Some((note, Record::default()))
                }
                _ => None,
            },
            Decision::Delete { on: Side::M365, .. }
            | Decision::Ignore
            | Decision::Keep
            | Decision::Close
            | Decision::Withhold => None,
        })
    }

    fn update(
        &mut self,
        work: &Work,
        link: &Link,
        to_crm: &Record,
        meeting: Option<Meeting>,
    ) -> Result<Option<(CrmMutation, Record)>, RecurrenceIssue> {
        let shown = link.crm.state.seen().cloned().unwrap_or_default();
        let after = self.fitted(work, &shown.overlaid(to_crm))?;
        let sent = after.only(to_crm.groups());
        let exceptions = sent
            .get(FieldGroup::Exceptions)
            .map(|_| series::crm_exceptions(&after, &sent.exceptions(), self.capabilities.holds));
        let record = sent.without(FieldGroup::Exceptions);
        if record.is_empty() && exceptions.is_none() && meeting.is_none() {
            // Nothing of it has a place in the CRM.
            return Ok(None);
        }
        let (id, expected) = (link.crm.id.clone(), link.crm.version.clone());
        let idempotency_key = self.write_key(work);
        Ok(Some((CrmMutation::Update { id, expected, idempotency_key, meeting, record, exceptions }, sent)))
    }

    /// Which meeting a record of the CRM has turned out to be, where it has not
    /// been told (Oro row C7).
    fn meeting_to_note(&self, work: &Work, graph: &GraphWrote) -> Option<Meeting> {
        if !self.policy.writes(Side::Crm) {
            return None;
        }
        let (uid, organizer, guests) = match (graph, &work.link) {
            (Wrote::Stored(stored), _) => {
                (stored.i_cal_uid.clone(), stored.seen.organizer.clone(), stored.seen.record.guests())
            }
            (_, Some(link)) => {
                let guests = link.m365.state.seen().map(Record::guests).unwrap_or_default();
                (link.m365.i_cal_uid.clone(), link.m365.organizer.clone(), guests)
            }
            (_, None) => return None,
        };
        let noted = match (&work.link, &work.crm) {
            (Some(link), _) => link.crm.meeting_uid.clone(),
            (None, Some((_, seen))) => seen.meeting_uid.clone(),
            (None, None) => None,
        };
        let uid = uid.filter(|uid| !guests.is_empty() && noted.as_ref() != Some(uid))?;
        Some(Meeting { uid, organizer: organizer.address? })
    }

    /// Says that a side cannot hold a rule: nothing is written, on either side.
    pub(super) fn not_expressible(&mut self, work: &Work, problem: &RecurrenceIssue) {
        let message = format!("{}. The series is left as it is on both sides.", super::notice::chain(problem));
        self.left_open(IssueCode::RecurrenceNotSupported, work.crm_id(), work.m365_id(), &sentence(&message));
    }

    /// What the CRM can hold of an event.
    fn fitted(&mut self, work: &Work, record: &Record) -> Result<Record, RecurrenceIssue> {
        let Fitted { mut record, issues } = fit_for_crm(record, &self.capabilities)?;
        if let Some(FieldValue::Title(title)) = record.get(FieldGroup::Title)
            && title.trim().is_empty()
        {
            record.set(FieldValue::Title(NO_SUBJECT.to_owned()));
        }
        for problem in issues {
            let message = format!("{problem}. The whole text stays in Microsoft 365.");
            self.issue(IssueCode::TooLarge, work.crm_id(), work.m365_id(), &sentence(&message));
        }
        Ok(record)
    }

    fn crm_result(&mut self, work: &Work, result: Result<CrmApplied, CrmMutationError>) -> Result<CrmWrote, Halt> {
        match result {
            Ok(CrmApplied::Stored(item)) => match self.seen_crm(&item, false) {
                Ok(seen) => Ok(Wrote::Stored(StoredCrm::whole(item.id, crm_seen(seen)))),
                Err(problem) => {
                    self.refused(work, Side::Crm, &super::notice::chain(&problem));
                    Ok(Wrote::Refused)
                }
            },
            Ok(CrmApplied::Removed) => Ok(Wrote::Deleted),
            Err(CrmMutationError::VersionMismatch | CrmMutationError::NotFound) => {
                let Some(id) = work.crm_id() else {
                    // A new record has no version that could be another one.
                    self.refused(work, Side::Crm, "it answered a new record as if it were an old one");
                    return Ok(Wrote::Refused);
                };
                self.reread_crm(&id)?;
                Ok(Wrote::Again)
            }
            Err(error @ (CrmMutationError::AccessDenied | CrmMutationError::Invalid { .. })) => {
                self.refused(work, Side::Crm, &error.to_string());
                Ok(Wrote::Refused)
            }
            Err(CrmMutationError::Host(error)) => Err(Halt::Host(error)),
        }
    }

    /// Reads a record by id and stages what it is now.
    pub(super) fn reread_crm(&mut self, id: &CrmId) -> Result<(), Halt> {
        let found = self.ports.items(std::slice::from_ref(id)).map_err(Halt::Host)?.pop().flatten();
        let link = self.store.links_of_crm(self.ports, std::slice::from_ref(id))?.pop().flatten();
        // It holds what was staged, and an edit made since.
        let staged = self.store.seen_crm(self.ports, std::slice::from_ref(id))?.pop().flatten();
        let was_live = staged.is_some_and(|staged| staged.is_live());
        let is_fed = self.status.crm.feed().is_some();
        let mut batch = Batch::default();
        let Some(item) = found else {
            let live = self.is_news_of_deletion(id)?;
            batch.put(self.store.keys.staged_crm(id), &SeenCrm::Gone { live });
            return self.commit(batch);
        };
        // Where the feed is read, a newer version is an edit it has not shown yet.
        let live = was_live || (is_fed && item.announcement == Announcement::Due);
        self.stage_crm_item(&item, link.as_ref(), live, &mut batch)?;
        self.commit(batch)?;
        Ok(())
    }
}

/// What is noted ahead of a mutation.
fn noted(index: usize, mutation: &CrmMutation, sent: Record) -> Option<CrmWriting> {
    match mutation {
        CrmMutation::Create { idempotency_key, .. } | CrmMutation::Update { idempotency_key, .. } => {
            Some(CrmWriting { index, key: idempotency_key.clone(), sent, left_out: FieldSet::EMPTY })
        }
        CrmMutation::Delete { .. } => None,
    }
}

/// Which meeting an event that is created in the CRM is a copy of.
fn meeting_of_source(work: &Work) -> Option<Meeting> {
    let (uid, organizer, guests) = match (&work.m365, &work.link) {
        (Some((_, seen)), _) => (seen.i_cal_uid.clone(), seen.organizer.clone(), seen.record.guests()),
        (None, Some(link)) => {
            let guests = link.m365.state.seen().map(Record::guests).unwrap_or_default();
            (link.m365.i_cal_uid.clone(), link.m365.organizer.clone(), guests)
        }
        (None, None) => return None,
    };
    if guests.is_empty() && work.audience.organizes {
        return None;
    }
    Some(Meeting { uid: uid?, organizer: organizer.address? })
}

/// The record that a note of its meeting goes to.
fn noted_end(work: &Work) -> Option<(CrmId, CrmVersion)> {
    match (&work.link, &work.crm) {
        (Some(link), _) => link.crm.state.seen().map(|_| (link.crm.id.clone(), link.crm.version.clone())),
        (None, Some((id, seen))) => Some((id.clone(), seen.version.clone())),
        (None, None) => None,
    }
}

/// `text` with a capital letter.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

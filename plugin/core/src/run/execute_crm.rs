//! Writing the CRM's side.

use crate::mapping::fit_for_crm;
use crate::model::{CrmId, FieldGroup, FieldValue, Record};
use crate::ports::{CrmApplied, CrmMutation, CrmMutationError, Ports};
use crate::sync::{CrmSeen, Decision, IssueCode, Side};

use super::decide::{Work, crm_seen};
use super::execute::{CrmWrote, GraphWrote, Wrote};
use super::report::Halt;
use super::state::SeenCrm;
use super::step::Step;
use super::store::Batch;

/// The title of an event that has none in Outlook: CRMs want one.
const NO_SUBJECT: &str = "(No subject)";

impl<P: Ports> Step<'_, P> {
    /// Writes the CRM's side of these items, except where Microsoft's side has
    /// to be decided again first. Answers for each, and why the run has to end,
    /// if it has to: what was written beside a failure counts.
    pub(super) fn write_crm(
        &mut self,
        works: &[Work],
        graph: &[GraphWrote],
    ) -> Result<(Vec<CrmWrote>, Option<Halt>), Halt> {
        let mut wrote: Vec<CrmWrote> = works.iter().map(|_| Wrote::Nothing).collect();
        let mut mutations = Vec::new();
        let mut indices = Vec::new();
        for (index, (work, graph)) in works.iter().zip(graph).enumerate() {
            match graph {
                Wrote::Again | Wrote::Unknown => continue,
                Wrote::Nothing | Wrote::Stored(_) | Wrote::Deleted | Wrote::Refused => {}
            }
            if let Some(mutation) = self.mutation(work) {
                mutations.push(mutation);
                indices.push(index);
            }
        }
        if mutations.is_empty() {
            return Ok((wrote, None));
        }
        let mut halted = None;
        let results = self.ports.apply(mutations).map_err(Halt::Host)?;
        for (index, result) in indices.into_iter().zip(results) {
            let (Some(work), Some(slot)) = (works.get(index), wrote.get_mut(index)) else { continue };
            *slot = match result {
                Err(CrmMutationError::Host(error)) => {
                    halted.get_or_insert(Halt::Host(error));
                    Wrote::Unknown
                }
                result => self.crm_result(work, result)?,
            };
        }
        Ok((wrote, halted))
    }

    fn mutation(&mut self, work: &Work) -> Option<CrmMutation> {
        match &work.decision {
            Decision::Create { on: Side::Crm, record, .. } => {
                let record = self.fitted(work, record);
                Some(CrmMutation::Create { idempotency_key: work.id.as_str().to_owned(), record })
            }
            Decision::Delete { on: Side::Crm, .. } => {
                let link = work.link.as_ref()?;
                Some(CrmMutation::Delete { id: link.crm.id.clone(), expected: link.crm.version.clone() })
            }
            Decision::Merge(merge) if !merge.to_crm.is_empty() => {
                let link = work.link.as_ref()?;
                let record = self.fitted(work, &merge.to_crm);
                Some(CrmMutation::Update { id: link.crm.id.clone(), expected: link.crm.version.clone(), record })
            }
            Decision::Merge(_)
            | Decision::Create { on: Side::M365, .. }
            | Decision::Delete { on: Side::M365, .. }
            | Decision::Ignore
            | Decision::Keep
            | Decision::Close => None,
        }
    }

    /// What the CRM can hold of `record`.
    fn fitted(&mut self, work: &Work, record: &Record) -> Record {
        let (mut record, issues) = fit_for_crm(record, &self.capabilities);
        if let Some(FieldValue::Title(title)) = record.get(FieldGroup::Title)
            && title.trim().is_empty()
        {
            record.set(FieldValue::Title(NO_SUBJECT.to_owned()));
        }
        for problem in issues {
            let message = format!("{problem}. The whole text stays in Microsoft 365.");
            self.issue(IssueCode::TooLarge, work.crm_id(), work.m365_id(), &sentence(&message));
        }
        record
    }

    fn crm_result(&mut self, work: &Work, result: Result<CrmApplied, CrmMutationError>) -> Result<CrmWrote, Halt> {
        match result {
            Ok(CrmApplied::Stored(item)) => {
                let id = item.id.clone();
                let seen: CrmSeen = crm_seen(self.seen_crm(item));
                Ok(Wrote::Stored((id, seen)))
            }
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
    fn reread_crm(&mut self, id: &CrmId) -> Result<(), Halt> {
        let found = self.ports.items(std::slice::from_ref(id)).map_err(Halt::Host)?.pop().flatten();
        let link = self.store.links_of_crm(self.ports, std::slice::from_ref(id))?.pop().flatten();
        let mut batch = Batch::default();
        match found {
            Some(item) => self.stage_crm_item(item, link.as_ref(), &mut batch)?,
            None => batch.put(self.store.keys.staged_crm(id), &SeenCrm::Gone),
        }
        self.store.commit(self.ports, batch)?;
        Ok(())
    }
}

/// `text` with a capital letter.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

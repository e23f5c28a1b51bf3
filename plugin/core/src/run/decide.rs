//! From observations to decisions: which items there are, what both sides of
//! each look like, and what is to be done.

use std::collections::BTreeMap;

use crate::model::{CrmId, FieldGroup, FieldSet, GraphId, LinkId, Record};
use crate::ports::{LogLevel, Ports};
use crate::sync::{
    ConflictRecord, CrmSeen, Decision, End, GraphSeen, Link, Merge, PresentEnd, Side, Situation, check, decide,
    match_key,
};

use super::pair::{Item, Unlinked, pair};
use super::report::{Halt, PlannedAction, PlannedOperation, Preview};
use super::state::{SeenCrm, SeenCrmItem, SeenGraph, SeenGraphItem, StagedId};
use super::step::Step;
use super::store::{self, Batch, decode};

/// Observations read at once.
const STAGED_PER_PAGE: u32 = 400;

/// Items decided about, written and committed together: one batch of writes to
/// Microsoft, and with the largest bodies still one commit (16 MiB).
pub(super) const ITEMS_PER_ROUND: usize = 20;

/// One item, with everything that is known of it.
#[derive(Clone, Debug)]
pub(super) struct Work {
    /// The link that it has or will have.
    pub id: LinkId,
    /// The generation of that link.
    pub generation: u32,
    /// The link as it is, the observations applied.
    pub link: Option<Link>,
    /// Whether the link is new: two items were found to be one.
    pub adopted: bool,
    /// The observed record, where it is on the CRM's side alone.
    pub crm: Option<(CrmId, SeenCrmItem)>,
    /// The observed item, where it is on Microsoft's side alone.
    pub m365: Option<(GraphId, SeenGraphItem)>,
    /// The CRM's observation that this takes care of.
    pub staged_crm: Option<CrmId>,
    /// Microsoft's observation that this takes care of.
    pub staged_m365: Option<GraphId>,
    /// What both sides look like.
    pub situation: Situation,
    /// What to do.
    pub decision: Decision,
}

impl Work {
    /// The CRM's id, where the item is or was there.
    pub fn crm_id(&self) -> Option<CrmId> {
        self.link.as_ref().map(|link| link.crm.id.clone()).or_else(|| self.crm.as_ref().map(|(id, _)| id.clone()))
    }

    /// Microsoft's id, where the item is or was there.
    pub fn m365_id(&self) -> Option<GraphId> {
        self.link.as_ref().map(|link| link.m365.id.clone()).or_else(|| self.m365.as_ref().map(|(id, _)| id.clone()))
    }
}

impl<P: Ports> Step<'_, P> {
    /// All items about which something was observed, after every "removed" was
    /// confirmed or refuted.
    pub(super) fn items(&mut self) -> Result<Vec<Item>, Halt> {
        let staged = loop {
            let staged = self.staged()?;
            if staged.removed.is_empty() {
                break staged;
            }
            self.confirm_removed(&staged.removed)?;
        };
        let crm_keys: Vec<String> = staged.crm.iter().map(|one| self.store.keys.by_crm(&one.id)).collect();
        let m365_keys: Vec<String> = staged.m365.iter().map(|one| self.store.keys.by_graph(&one.id)).collect();
        let mut linked: BTreeMap<LinkId, (Option<CrmId>, Option<GraphId>)> = BTreeMap::new();
        let mut unlinked_crm = Vec::new();
        for (one, link) in staged.crm.into_iter().zip(self.link_ids(&crm_keys)?) {
            match link {
                Some(link) => linked.entry(link).or_default().0 = Some(one.id),
                None => unlinked_crm.push(one),
            }
        }
        let mut unlinked_m365 = Vec::new();
        for (one, link) in staged.m365.into_iter().zip(self.link_ids(&m365_keys)?) {
            match link {
                Some(link) => linked.entry(link).or_default().1 = Some(one.id),
                None => unlinked_m365.push(one),
            }
        }
        let linked = linked.into_iter().map(|(link, (crm, m365))| Item::Linked { link, crm, m365 });
        Ok(linked.chain(pair(unlinked_crm, unlinked_m365)).collect())
    }

    fn link_ids(&mut self, keys: &[String]) -> Result<Vec<Option<LinkId>>, Halt> {
        let mut ids = Vec::new();
        for keys in keys.chunks(STAGED_PER_PAGE as usize) {
            ids.extend(store::link_ids(self.ports, keys)?);
        }
        Ok(ids)
    }

    /// Reads all observations, keeping only what items are recognised by.
    fn staged(&mut self) -> Result<Staged, Halt> {
        let mut staged = Staged::default();
        let mut after: Option<String> = None;
        let prefix = self.store.keys.staged();
        loop {
            self.check_time()?;
            let (entries, more) = store::page(self.ports, &prefix, after.as_deref(), STAGED_PER_PAGE)?;
            for entry in &entries {
                match self.store.keys.parse_staged(&entry.key) {
                    Some(StagedId::Crm(id)) => staged.crm.push(match decode(entry)? {
                        SeenCrm::Present(item) => unlinked(id, Some(item.uid), &item.record),
                        SeenCrm::Gone => Unlinked { id, uid: None, key: None },
                    }),
                    Some(StagedId::Graph(id)) => match decode(entry)? {
                        SeenGraph::Present(item) => staged.m365.push(unlinked(id, item.i_cal_uid, &item.record)),
                        SeenGraph::Gone => staged.m365.push(Unlinked { id, uid: None, key: None }),
                        SeenGraph::Removed => staged.removed.push(id),
                    },
                    None => {}
                }
            }
            match entries.last() {
                Some(last) if more => after = Some(last.key.clone()),
                Some(_) | None => return Ok(staged),
            }
        }
    }

    /// Decides about these items, and distrusts the result.
    pub(super) fn plan(&mut self, items: &[Item]) -> Result<Vec<Work>, Halt> {
        let mut works = Vec::new();
        for item in items {
            if let Some(work) = self.work(item)? {
                works.push(work);
            }
        }
        let found = check::check(self.policy, works.iter().map(|work| (&work.id, &work.situation, &work.decision)));
        if let Some(first) = found.first() {
            for impossible in &found {
                self.ports.log(LogLevel::Error, "the plan is impossible", &[("finding", impossible.to_string())]);
            }
            return Err(self.stop(&format!("the plan was impossible, which is a defect: {first}")));
        }
        Ok(works)
    }

    fn work(&mut self, item: &Item) -> Result<Option<Work>, Halt> {
        match item {
            Item::Linked { link, crm, m365 } => self.linked_work(link, crm.as_ref(), m365.as_ref()),
            Item::Twins { crm, m365 } => {
                let (Some(SeenCrm::Present(ours)), Some(SeenGraph::Present(theirs))) =
                    (self.seen_crm_of(Some(crm))?, self.seen_graph_of(Some(m365))?)
                else {
                    return Ok(None);
                };
                let id = LinkId::of_crm_item(&self.account, crm, 0);
                let link = Link::adopted(
                    id.clone(),
                    (crm.clone(), crm_seen(ours)),
                    (m365.clone(), theirs.i_cal_uid.clone(), graph_seen(theirs)),
                );
                let situation = link.situation(self.capabilities.holds, FieldSet::all());
                let decision = decide(self.policy, &situation);
                Ok(Some(Work {
                    id,
                    generation: 0,
                    link: Some(link),
                    adopted: true,
                    crm: None,
                    m365: None,
                    staged_crm: Some(crm.clone()),
                    staged_m365: Some(m365.clone()),
                    situation,
                    decision,
                }))
            }
            Item::CrmOnly(id) => self.crm_only(id),
            Item::GraphOnly(id) => self.graph_only(id),
        }
    }

    fn linked_work(&mut self, id: &LinkId, crm: Option<&CrmId>, m365: Option<&GraphId>) -> Result<Option<Work>, Halt> {
        let ids = [id.clone()];
        let Some(mut link) = self.store.links(self.ports, &ids)?.pop().flatten() else { return Ok(None) };
        match self.seen_crm_of(crm)? {
            Some(SeenCrm::Present(seen)) => link.crm = link.crm.observed(crm_seen(seen)),
            Some(SeenCrm::Gone) => link = link.gone(Side::Crm),
            None => {}
        }
        match self.seen_graph_of(m365)? {
            Some(SeenGraph::Present(seen)) => link.m365 = link.m365.observed(graph_seen(seen)),
            Some(SeenGraph::Gone) => link = link.gone(Side::M365),
            // Not confirmed: no evidence of anything.
            Some(SeenGraph::Removed) | None => {}
        }
        let situation = link.situation(self.capabilities.holds, FieldSet::all());
        let decision = decide(self.policy, &situation);
        let generation = link.generation;
        let (id, generation) = match &decision {
            // A new item in the place of a deleted one is a new link.
            Decision::Create { on: Side::M365, .. } => {
                (LinkId::of_crm_item(&self.account, &link.crm.id, generation + 1), generation + 1)
            }
            Decision::Create { on: Side::Crm, .. } => {
                (LinkId::of_graph_item(&self.account, &link.m365.id, generation + 1), generation + 1)
            }
            Decision::Ignore | Decision::Keep | Decision::Close | Decision::Delete { .. } | Decision::Merge(_) => {
                (id.clone(), generation)
            }
        };
        Ok(Some(Work {
            id,
            generation,
            link: Some(link),
            adopted: false,
            crm: None,
            m365: None,
            staged_crm: crm.cloned(),
            staged_m365: m365.cloned(),
            situation,
            decision,
        }))
    }

    fn crm_only(&mut self, id: &CrmId) -> Result<Option<Work>, Halt> {
        let Some(SeenCrm::Present(seen)) = self.seen_crm_of(Some(id))? else { return self.drop_crm(id) };
        let situation = Situation {
            crm: End::Present(PresentEnd {
                now: seen.record.clone(),
                base: Record::default(),
                holds: self.capabilities.holds,
                writable: seen.writable,
            }),
            m365: End::Absent,
        };
        let mut decision = decide(self.policy, &situation);
        if let Decision::Create { record, .. } = &mut decision {
            // Guests are not written: that would invite them.
            record.remove(FieldGroup::Attendees);
        }
        Ok(Some(Work {
            id: LinkId::of_crm_item(&self.account, id, 0),
            generation: 0,
            link: None,
            adopted: false,
            crm: Some((id.clone(), seen)),
            m365: None,
            staged_crm: Some(id.clone()),
            staged_m365: None,
            situation,
            decision,
        }))
    }

    fn graph_only(&mut self, id: &GraphId) -> Result<Option<Work>, Halt> {
        let Some(SeenGraph::Present(seen)) = self.seen_graph_of(Some(id))? else { return self.drop_graph(id) };
        let situation = Situation {
            crm: End::Absent,
            m365: End::Present(PresentEnd {
                now: seen.record.clone(),
                base: Record::default(),
                holds: FieldSet::all(),
                writable: seen.writable,
            }),
        };
        let decision = decide(self.policy, &situation);
        Ok(Some(Work {
            id: LinkId::of_graph_item(&self.account, id, 0),
            generation: 0,
            link: None,
            adopted: false,
            crm: None,
            m365: Some((id.clone(), seen)),
            staged_crm: None,
            staged_m365: Some(id.clone()),
            situation,
            decision,
        }))
    }

    /// An unlinked record is gone: nothing is left to decide.
    fn drop_crm(&mut self, id: &CrmId) -> Result<Option<Work>, Halt> {
        let mut batch = Batch::default();
        batch.remove(self.store.keys.staged_crm(id));
        self.store.commit(self.ports, batch)?;
        Ok(None)
    }

    fn drop_graph(&mut self, id: &GraphId) -> Result<Option<Work>, Halt> {
        let mut batch = Batch::default();
        batch.remove(self.store.keys.staged_graph(id));
        self.store.commit(self.ports, batch)?;
        Ok(None)
    }

    fn seen_crm_of(&mut self, id: Option<&CrmId>) -> Result<Option<SeenCrm>, Halt> {
        let Some(id) = id else { return Ok(None) };
        Ok(self.store.seen_crm(self.ports, std::slice::from_ref(id))?.pop().flatten())
    }

    fn seen_graph_of(&mut self, id: Option<&GraphId>) -> Result<Option<SeenGraph>, Halt> {
        let Some(id) = id else { return Ok(None) };
        Ok(self.store.seen_graph(self.ports, std::slice::from_ref(id))?.pop().flatten())
    }

    /// What all decisions would write, for a preview.
    pub(super) fn plan_everything(&mut self) -> Result<Preview, Halt> {
        let mut preview = Preview::default();
        let items = self.items()?;
        for items in items.chunks(ITEMS_PER_ROUND) {
            self.check_time()?;
            for work in self.plan(items)? {
                preview.conflicts += u32::from(self.conflict_of(&work).is_some());
                preview.adopted += u32::from(work.adopted);
                preview.operations.extend(operations(&work));
            }
        }
        Ok(preview)
    }

    /// The record of what a decision puts over what.
    pub(super) fn conflict_of(&mut self, work: &Work) -> Option<ConflictRecord> {
        let conflicts = match &work.decision {
            Decision::Create { conflicts, .. } | Decision::Delete { conflicts, .. } => conflicts,
            Decision::Merge(merge) => &merge.conflicts,
            Decision::Ignore | Decision::Keep | Decision::Close => return None,
        };
        if conflicts.is_empty() {
            return None;
        }
        let (decided_by, winner) = Merge::decided(self.policy);
        let ids = (work.crm_id(), work.m365_id());
        let now = self.ports.now();
        Some(ConflictRecord::new(&work.id, ids, now, decided_by, winner, conflicts))
    }
}

#[derive(Default)]
struct Staged {
    crm: Vec<Unlinked<CrmId>>,
    m365: Vec<Unlinked<GraphId>>,
    removed: Vec<GraphId>,
}

fn unlinked<I>(id: I, uid: Option<String>, record: &Record) -> Unlinked<I> {
    Unlinked { id, uid, key: match_key(record) }
}

/// A staged record as the planner takes it.
pub(super) fn crm_seen(item: SeenCrmItem) -> CrmSeen {
    CrmSeen { version: item.version, record: item.record, writable: item.writable }
}

/// A staged item as the planner takes it.
pub(super) fn graph_seen(item: SeenGraphItem) -> GraphSeen {
    GraphSeen { version: item.version, modified_at: item.modified_at, record: item.record, writable: item.writable }
}

/// The writes of one decision, for people.
fn operations(work: &Work) -> Vec<PlannedOperation> {
    let shown = |end: &End| match end {
        End::Present(end) => Some(end.now.clone()),
        End::Absent | End::Gone | End::Forgone => None,
    };
    let record = shown(&work.situation.crm).or_else(|| shown(&work.situation.m365)).unwrap_or_default();
    let operation = |side, action, groups| PlannedOperation { side, action, record: record.clone(), groups };
    match &work.decision {
        Decision::Ignore | Decision::Keep | Decision::Close => Vec::new(),
        Decision::Create { on, record, .. } => vec![operation(*on, PlannedAction::Create, record.groups())],
        Decision::Delete { on, .. } => vec![operation(*on, PlannedAction::Delete, FieldSet::EMPTY)],
        Decision::Merge(merge) => [(Side::M365, &merge.to_m365), (Side::Crm, &merge.to_crm)]
            .into_iter()
            .filter(|(_, record)| !record.is_empty())
            .map(|(side, record)| operation(side, PlannedAction::Update, record.groups()))
            .collect(),
    }
}

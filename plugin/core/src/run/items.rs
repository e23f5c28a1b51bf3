//! From observations to items: which of them belong together.
//!
//! Before anything is decided, whatever was only noted is read: removed items,
//! and series of which something has changed.

use std::collections::BTreeMap;

use crate::model::{CrmId, GraphId, LinkId, Record};
use crate::ports::Ports;
use crate::sync::match_key;

use super::pair::{Item, Unlinked, pair};
use super::report::Halt;
use super::state::{SeenCrm, SeenGraph, StagedId};
use super::step::Step;
use super::store::{self, decode};

/// Observations read at once.
const STAGED_PER_PAGE: u32 = 400;

/// How often what was noted is read before anything is decided: a series may
/// be removed or changed while it is being read, but not without end.
const READS_MAX: u32 = 5;

#[derive(Default)]
struct Staged {
    crm: Vec<Unlinked<CrmId>>,
    m365: Vec<Unlinked<GraphId>>,
    /// Only noted so far.
    to_read: Vec<GraphId>,
}

impl<P: Ports> Step<'_, P> {
    /// All items about which something was observed, after everything that was
    /// only noted was read.
    pub(super) fn items(&mut self) -> Result<Vec<Item>, Halt> {
        let mut staged = self.staged()?;
        for _ in 0..READS_MAX {
            if staged.to_read.is_empty() {
                break;
            }
            self.read_items(&staged.to_read)?;
            staged = self.staged()?;
        }
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
        if self.status.is_listing() {
            // The counterpart of what is not linked may be in a page to come.
            return Ok(linked.collect());
        }
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
                        SeenCrm::Present(item) => unlinked(id, Some(item.uid), item.meeting_uid, &item.record),
                        SeenCrm::Gone { .. } => gone(id),
                    }),
                    Some(StagedId::Graph(id)) => match decode(entry)? {
                        SeenGraph::Present(item) => {
                            staged.m365.push(unlinked(id, item.i_cal_uid.clone(), item.i_cal_uid, &item.record));
                        }
                        SeenGraph::Gone => staged.m365.push(gone(id)),
                        SeenGraph::Removed | SeenGraph::Stale => staged.to_read.push(id),
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
}

fn unlinked<I>(id: I, uid: Option<String>, meeting: Option<String>, record: &Record) -> Unlinked<I> {
    Unlinked { id, uid, meeting, key: match_key(record) }
}

const fn gone<I>(id: I) -> Unlinked<I> {
    Unlinked { id, uid: None, meeting: None, key: None }
}

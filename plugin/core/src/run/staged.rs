//! Going through what was observed, and sorting it by what it belongs to.

use std::collections::BTreeMap;

use crate::model::{CrmId, GraphId, LinkId};
use crate::ports::{Entry, Ports};
use crate::sync::Side;

use super::pair::{Item, Unlinked};
use super::report::Halt;
use super::resource::Resource;
use super::state::StagedId;
use super::step::Step;
use super::store;

/// Observations, and links, read at once.
const PER_PAGE: u32 = 400;

/// How often what was only noted is read before anything is decided: an item may
/// be removed or changed while it is being read, but not without end.
pub(super) const READS_MAX: u32 = 5;

/// All observations, by what items are recognised by.
#[derive(Default)]
pub(super) struct Staged {
    pub crm: Vec<Unlinked<CrmId>>,
    pub m365: Vec<Unlinked<GraphId>>,
    /// Only noted so far.
    pub to_read: Vec<GraphId>,
    /// Not where they were.
    pub missing: Vec<GraphId>,
    /// Decisions that people want taken back.
    pub asked: Vec<String>,
}

/// Observations, sorted by whether they belong to a link.
pub(super) struct Sorted {
    /// One item for each link about which something was observed.
    pub linked: Vec<Item>,
    /// Whether something among them may appear anew in the CRM: what is not linked
    /// there waits then, because it may be that.
    pub brings_back: bool,
    pub crm: Vec<Unlinked<CrmId>>,
    pub m365: Vec<Unlinked<GraphId>>,
}

/// What was observed of one link.
#[derive(Default)]
struct Seen {
    crm: Option<CrmId>,
    crm_gone: bool,
    m365: Option<GraphId>,
    m365_gone: bool,
}

impl Seen {
    /// The one side on which it is gone.
    const fn gone(&self) -> Option<Side> {
        match (self.crm_gone, self.m365_gone) {
            (true, false) => Some(Side::Crm),
            (false, true) => Some(Side::M365),
            (true, true) | (false, false) => None,
        }
    }
}

impl<P: Ports, R: Resource> Step<'_, P, R> {
    /// Shows every observation to `look`, a page at a time.
    pub(super) fn each_staged(
        &mut self,
        mut look: impl FnMut(StagedId, &Entry) -> Result<(), Halt>,
    ) -> Result<(), Halt> {
        let prefix = self.store.keys.staged();
        let mut after: Option<String> = None;
        loop {
            self.check_time()?;
            let (entries, more) = store::page(self.ports, &prefix, after.as_deref(), PER_PAGE)?;
            for entry in &entries {
                if let Some(id) = self.store.keys.parse_staged(&entry.key) {
                    look(id, entry)?;
                }
            }
            match entries.last() {
                Some(last) if more => after = Some(last.key.clone()),
                Some(_) | None => return Ok(()),
            }
        }
    }

    /// Sorts observations by the links that they belong to.
    pub(super) fn sorted(&mut self, staged: Staged) -> Result<Sorted, Halt> {
        let mut linked: BTreeMap<LinkId, Seen> = BTreeMap::new();
        let crm_keys: Vec<String> = staged.crm.iter().map(|one| self.store.keys.by_crm(&one.id)).collect();
        let mut crm = Vec::new();
        for (one, link) in staged.crm.into_iter().zip(self.link_ids(&crm_keys)?) {
            match link {
                Some(link) => {
                    let seen = linked.entry(link).or_default();
                    (seen.crm, seen.crm_gone) = (Some(one.id), one.is_gone);
                }
                None => crm.push(one),
            }
        }
        let m365_keys: Vec<String> = staged.m365.iter().map(|one| self.store.keys.by_graph(&one.id)).collect();
        let mut m365 = Vec::new();
        for (one, link) in staged.m365.into_iter().zip(self.link_ids(&m365_keys)?) {
            match link {
                Some(link) => {
                    let seen = linked.entry(link).or_default();
                    (seen.m365, seen.m365_gone) = (Some(one.id), one.is_gone);
                }
                None => m365.push(one),
            }
        }
        let mut items: BTreeMap<LinkId, Item> = linked
            .into_iter()
            .map(|(link, seen)| {
                let gone = seen.gone();
                (link.clone(), Item::Linked { link, crm: seen.crm, m365: seen.m365, gone, asked: None })
            })
            .collect();
        let mut unlinked = Vec::new();
        for key in staged.asked {
            match self.item_asked_about(&key)? {
                // One wish at a time: what it changes is to be known for the next.
                Item::Linked { link, .. } => {
                    let none = || Item::Linked { link: link.clone(), crm: None, m365: None, gone: None, asked: None };
                    if let Item::Linked { asked, .. } = items.entry(link.clone()).or_insert_with(none) {
                        asked.get_or_insert(key);
                    }
                }
                item @ (Item::Asked(_) | Item::Twins { .. } | Item::CrmOnly(_) | Item::GraphOnly(_)) => {
                    unlinked.push(item);
                }
            }
        }
        let brings_back = !unlinked.is_empty();
        Ok(Sorted { linked: items.into_values().chain(unlinked).collect(), brings_back, crm, m365 })
    }

    fn link_ids(&mut self, keys: &[String]) -> Result<Vec<Option<LinkId>>, Halt> {
        let mut ids = Vec::new();
        for keys in keys.chunks(PER_PAGE as usize) {
            ids.extend(store::link_ids(self.ports, keys)?);
        }
        Ok(ids)
    }
}

/// An observation that nothing can be recognised by: it is gone.
pub(super) const fn gone<I>(id: I) -> Unlinked<I> {
    Unlinked { id, uid: None, meeting: None, key: None, is_gone: true }
}

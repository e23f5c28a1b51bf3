//! What people ask about items of either side: which item of the other side each is,
//! whether both agree, and what keeps it.
//!
//! An item is found by the indexes of the links, so that the answer costs the same
//! however many links there are. What waits to be taken back is read once for all items:
//! of that there is little, and as a rule nothing.

use crate::model::{CrmId, CrmVersion, GraphId, Instant, LinkId};
use crate::ports::{Fence, Ports};
use crate::settings::Feature;
use crate::sync::Link;

use super::aside::SetAside;
use super::kept::{KEPT_MAX, Kept};
use super::report::Halt;
use super::resource::{Calendar, Resource};
use super::state::{SeenCrm, SeenGraph};
use super::step::connected_account;
use super::store::{self, StateError, Store};
use super::tasks::Tasks;

/// Items in one answer: more than a page shows of one side.
pub const NAMES_MAX: usize = 200;

/// Items that are looked up at a time. With the largest bodies, a link and what was
/// seen of both sides are below 1 MiB each, and an instance has 64 MiB.
const AT_ONCE: usize = 20;

/// An item by one of its ids. A series is one item: its days have no links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemName {
    /// The CRM's record.
    Crm(CrmId),
    /// Microsoft's item, by its immutable id.
    M365(GraphId),
}

/// A link, as far as people are told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemLink {
    /// The CRM's record.
    pub crm: CrmId,
    /// Its version when it was last seen or written.
    pub crm_version: CrmVersion,
    /// Microsoft's item.
    pub m365: GraphId,
    /// Whether it was found to be gone from the CRM.
    pub is_gone_from_crm: bool,
    /// Whether it was found to be gone from Microsoft.
    pub is_gone_from_m365: bool,
    /// Whether both sides agree, and nothing about the item is to be decided.
    pub is_agreed: bool,
    /// When it was written down last that they do.
    pub agreed_at: Option<Instant>,
}

/// How an item stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemStanding {
    /// Its link, where it has one.
    pub link: Option<ItemLink>,
    /// Whether something was seen of it about which nothing is decided yet, a write has
    /// no known end, or a decision about it waits to be taken back.
    pub is_pending: bool,
    /// Why it is set aside, with what names it in [`super::retry`].
    pub set_aside: Option<(String, SetAside)>,
}

/// How the first [`NAMES_MAX`] of these items stand, in their order. Writes nothing
/// and asks Microsoft nothing.
pub fn links_of(ports: &mut impl Ports, resource: Feature, names: &[ItemName]) -> Result<Vec<ItemStanding>, Halt> {
    let names = names.get(..NAMES_MAX).unwrap_or(names);
    match resource {
        Feature::Calendar => links_of_resource::<Calendar>(ports, names),
        Feature::Tasks => links_of_resource::<Tasks>(ports, names),
        Feature::Mail => Ok(vec![ItemStanding::default(); names.len()]),
    }
}

fn links_of_resource<R: Resource>(ports: &mut impl Ports, names: &[ItemName]) -> Result<Vec<ItemStanding>, Halt> {
    let account = connected_account(ports)?;
    // Nothing is committed, so that no holder is needed.
    let store = Store::new(R::keys(&account), Fence(0));
    let wishes = wishes(ports, &store)?;
    let mut standings = Vec::with_capacity(names.len());
    for names in names.chunks(AT_ONCE) {
        let index: Vec<String> = names.iter().map(|name| index_of(&store, name)).collect();
        let links = store.linked(ports, &index)?;
        let items: Vec<Item<'_>> = names.iter().zip(links).map(|(name, link)| Item { name, link }).collect();
        standings.extend(standings_of(ports, &store, &wishes, &items)?);
    }
    Ok(standings)
}

/// An item that was asked for.
struct Item<'a> {
    name: &'a ItemName,
    link: Option<Link>,
}

impl Item<'_> {
    /// What the CRM calls it, as far as that is known.
    fn crm(&self) -> Option<&CrmId> {
        match (&self.link, self.name) {
            (Some(link), _) => Some(&link.crm.id),
            (None, ItemName::Crm(id)) => Some(id),
            (None, ItemName::M365(_)) => None,
        }
    }

    /// What Microsoft calls it, as far as that is known.
    fn m365(&self) -> Option<&GraphId> {
        match (&self.link, self.name) {
            (Some(link), _) => Some(&link.m365.id),
            (None, ItemName::M365(id)) => Some(id),
            (None, ItemName::Crm(_)) => None,
        }
    }

    fn standing(
        &self,
        (crm, m365): (Option<SeenCrm>, Option<SeenGraph>),
        is_wished: bool,
        set_aside: Option<(String, SetAside)>,
    ) -> ItemStanding {
        let is_open = self.link.as_ref().is_some_and(Link::has_open_write);
        let is_pending = crm.is_some() || m365.is_some() || is_open || is_wished;
        let link = self.link.as_ref().map(|link| ItemLink {
            crm: link.crm.id.clone(),
            crm_version: link.crm.version.clone(),
            m365: link.m365.id.clone(),
            is_gone_from_crm: link.crm.state.is_gone() || matches!(crm, Some(SeenCrm::Gone { .. })),
            is_gone_from_m365: link.m365.state.is_gone() || matches!(m365, Some(SeenGraph::Gone)),
            is_agreed: !is_pending && link.is_agreed(),
            agreed_at: link.agreed_at,
        });
        ItemStanding { link, is_pending, set_aside }
    }
}

/// A wish that waits: the item whose decision is to be taken back.
struct Wish {
    /// The link that the item had when it was decided about. It may have another one
    /// since, or none.
    link: LinkId,
    crm: Option<CrmId>,
    m365: Option<GraphId>,
}

impl Wish {
    fn is_about(&self, item: &Item<'_>) -> bool {
        let is_same_link = item.link.as_ref().is_some_and(|link| link.id == self.link);
        let is_same_crm = self.crm.is_some() && self.crm.as_ref() == item.crm();
        let is_same_m365 = self.m365.is_some() && self.m365.as_ref() == item.m365();
        is_same_link || is_same_crm || is_same_m365
    }
}

/// What waits to be taken back: not more than what is kept for it.
fn wishes(ports: &mut impl Ports, store: &Store) -> Result<Vec<Wish>, StateError> {
    let prefix = store.keys.all_asked();
    let (entries, _) = store::page(ports, &prefix, None, KEPT_MAX)?;
    let keys = entries.iter().filter_map(|entry| entry.key.strip_prefix(&prefix));
    let keys: Vec<String> = keys.map(|key| store.keys.kept(key)).collect();
    let mut wishes = Vec::with_capacity(keys.len());
    for keys in keys.chunks(AT_ONCE) {
        let kept = store::get::<_, Kept>(ports, keys)?.into_iter().flatten();
        wishes.extend(kept.map(|kept| Wish { link: kept.link, crm: kept.crm, m365: kept.m365 }));
    }
    Ok(wishes)
}

fn index_of(store: &Store, name: &ItemName) -> String {
    match name {
        ItemName::Crm(id) => store.keys.by_crm(id),
        ItemName::M365(id) => store.keys.by_graph(id),
    }
}

fn standings_of(
    ports: &mut impl Ports,
    store: &Store,
    wishes: &[Wish],
    items: &[Item<'_>],
) -> Result<Vec<ItemStanding>, StateError> {
    let of_crm: Vec<CrmId> = items.iter().filter_map(Item::crm).cloned().collect();
    let mut seen_crm = store.seen_crm(ports, &of_crm)?.into_iter();
    let of_m365: Vec<GraphId> = items.iter().filter_map(Item::m365).cloned().collect();
    let mut seen_m365 = store.seen_graph(ports, &of_m365)?.into_iter();
    let mut aside = set_aside_of(ports, store, items)?.into_iter();
    let of_item = |item: &Item<'_>| {
        let crm = item.crm().and_then(|_| seen_crm.next().flatten());
        let m365 = item.m365().and_then(|_| seen_m365.next().flatten());
        let is_wished = wishes.iter().any(|wish| wish.is_about(item));
        item.standing((crm, m365), is_wished, aside.next().flatten())
    };
    Ok(items.iter().map(of_item).collect())
}

/// What is set aside of these items, in their order. Its record is under the id of
/// the side that the item is on, the CRM's first ([`super::aside`]).
fn set_aside_of(
    ports: &mut impl Ports,
    store: &Store,
    items: &[Item<'_>],
) -> Result<Vec<Option<(String, SetAside)>>, StateError> {
    let keys_of = |item: &Item<'_>| {
        let crm = item.crm().map(|id| store.keys.aside_crm(id));
        crm.into_iter().chain(item.m365().map(|id| store.keys.aside_graph(id))).collect::<Vec<String>>()
    };
    let keys: Vec<Vec<String>> = items.iter().map(keys_of).collect();
    let mut found = store::get::<_, SetAside>(ports, &keys.concat())?.into_iter();
    let prefix = store.keys.aside();
    let name = |key: &str| key.strip_prefix(&prefix).unwrap_or(key).to_owned();
    let first = |keys: &Vec<String>| {
        let stored: Vec<Option<SetAside>> = found.by_ref().take(keys.len()).collect();
        keys.iter().zip(stored).find_map(|(key, stored)| Some((name(key), stored?)))
    };
    Ok(keys.iter().map(first).collect())
}

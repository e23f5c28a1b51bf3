//! How a resource stands, for an overview: how many items are linked, which writes
//! have no known end, how many items are set aside, and whether a guard rail is up.

use crate::model::{CrmId, GraphId};
use crate::ports::{Fence, Ports};
use crate::settings::Feature;
use crate::sync::rails::Stop;
use crate::sync::{IssueCode, Side};

use super::crm_ahead::CrmIntent;
use super::notice::rail_code;
use super::report::{Halt, PlannedAction};
use super::resource::{Calendar, Resource};
use super::step::connected_account;
use super::store::{self, PARTS_MAX, StateError, Store, decode, without_end};
use super::tasks::Tasks;

/// Open writes that are named. A step has no more under way than it writes at once.
const OPEN_MAX: u32 = 100;

/// Records counted at once.
const COUNTED_PER_PAGE: u32 = 500;

/// A write that was noted before it was sent, and of which no end is known: the next
/// step finds out what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenWrite {
    /// On which side.
    pub side: Side,
    /// What it does.
    pub action: PlannedAction,
    /// The CRM's record, where it is there.
    pub crm: Option<CrmId>,
    /// Microsoft's item, where it is there.
    pub m365: Option<GraphId>,
}

/// How a resource stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Items of both sides that are known to be one.
    pub linked: u32,
    /// Items that are set aside.
    pub set_aside: u32,
    /// Writes of which no end is known.
    pub open: Vec<OpenWrite>,
    /// The word of the guard rail that is up.
    pub rail: Option<IssueCode>,
}

/// How a resource stands. Writes nothing and asks Microsoft nothing.
pub fn standing(ports: &mut impl Ports, resource: Feature) -> Result<Standing, Halt> {
    match resource {
        Feature::Calendar => standing_of::<Calendar>(ports),
        Feature::Tasks => standing_of::<Tasks>(ports),
        Feature::Mail => Ok(Standing::default()),
    }
}

fn standing_of<R: Resource>(ports: &mut impl Ports) -> Result<Standing, Halt> {
    let account = connected_account(ports)?;
    // Nothing is committed, so that no holder is needed.
    let store = Store::new(R::keys(&account), Fence(0));
    let rail = store.rails(ports)?.up.map(Stop::rail).map(rail_code);
    let linked = match store.known_link_count(ports)? {
        Some(known) => known,
        None => count(ports, &store.keys.links())?,
    };
    let set_aside = count(ports, &store.keys.aside())?;
    Ok(Standing { linked, set_aside, open: open(ports, &store)?, rail })
}

/// How many entries are under a prefix.
fn count(ports: &mut impl Ports, prefix: &str) -> Result<u32, StateError> {
    let (mut counted, mut after) = (0_u32, None::<String>);
    for _ in 0..PARTS_MAX {
        let (entries, more) = store::page(ports, prefix, after.as_deref(), COUNTED_PER_PAGE)?;
        counted = counted.saturating_add(u32::try_from(entries.len()).unwrap_or(u32::MAX));
        after = entries.last().filter(|_| more).map(|last| last.key.clone());
        if after.is_none() {
            return Ok(counted);
        }
    }
    Err(without_end())
}

fn open(ports: &mut impl Ports, store: &Store) -> Result<Vec<OpenWrite>, StateError> {
    let to_graph = store.intents(ports, OPEN_MAX)?.into_iter().map(|intent| OpenWrite {
        side: Side::M365,
        action: PlannedAction::Create,
        crm: Some(intent.crm),
        m365: None,
    });
    let mut open: Vec<OpenWrite> = to_graph.collect();
    let (entries, _) = store::page(ports, &store.keys.crm_intents(), None, OPEN_MAX)?;
    for entry in &entries {
        open.push(match decode(entry)? {
            CrmIntent::Create(new) => {
                OpenWrite { side: Side::Crm, action: PlannedAction::Create, crm: None, m365: Some(new.m365.id) }
            }
            CrmIntent::Update(id) => {
                let link = store.links(ports, &[id])?.pop().flatten();
                let ends = link.map(|link| (link.crm.id, link.m365.id)).unzip();
                OpenWrite { side: Side::Crm, action: PlannedAction::Update, crm: ends.0, m365: ends.1 }
            }
        });
    }
    Ok(open)
}

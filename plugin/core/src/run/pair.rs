//! Which observations belong to one item.
//!
//! A linked observation belongs to its link. Unlinked ones of both sides are
//! recognised as one item by the meeting that was noted with the record (Oro
//! row C7), by iCalendar UID, or by title, start, end and all-day
//! (Oro row E10); what is left stands alone.

use std::collections::BTreeMap;

use crate::model::{CrmId, GraphId, LinkId};
use crate::sync::Side;

/// An unlinked observation with what it can be recognised by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlinked<I> {
    /// Its id.
    pub id: I,
    /// `uid` or `iCalUId`.
    pub uid: Option<String>,
    /// The `iCalUId` that was noted with a record of the CRM, or that the item
    /// has.
    pub meeting: Option<String>,
    /// See [`crate::sync::match_key`].
    pub key: Option<String>,
    /// Whether it is confirmed to be deleted.
    pub is_gone: bool,
}

/// One item to decide about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Known on both sides; which of them was observed.
    Linked {
        /// The link.
        link: LinkId,
        /// The CRM's observation.
        crm: Option<CrmId>,
        /// Microsoft's observation.
        m365: Option<GraphId>,
        /// The one side on which it was observed to be deleted.
        gone: Option<Side>,
        /// The decision about it that a person wants taken back.
        asked: Option<String>,
    },
    /// A decision about an item that is not linked, which a person wants taken
    /// back.
    Asked(String),
    /// Two unlinked items that are one.
    Twins {
        /// In the CRM.
        crm: CrmId,
        /// In Microsoft.
        m365: GraphId,
    },
    /// In the CRM only.
    CrmOnly(CrmId),
    /// In Microsoft only.
    GraphOnly(GraphId),
}

impl Item {
    /// The one side on which it was observed to be deleted, so that it may be
    /// deleted on the other.
    pub const fn gone(&self) -> Option<Side> {
        match self {
            Self::Linked { gone, .. } => *gone,
            Self::Asked(_) | Self::Twins { .. } | Self::CrmOnly(_) | Self::GraphOnly(_) => None,
        }
    }
}

/// Pairs unlinked observations. Several that could be one are paired in the
/// order of their ids, each at most once, so that the result is always the same.
pub fn pair(crm: Vec<Unlinked<CrmId>>, m365: Vec<Unlinked<GraphId>>) -> Vec<Item> {
    let mut items = Vec::new();
    let (crm, m365) = match_by(crm, m365, |one| one.meeting.as_deref(), |one| one.meeting.as_deref(), &mut items);
    let (crm, m365) = match_by(crm, m365, |one| one.uid.as_deref(), |one| one.uid.as_deref(), &mut items);
    let (crm, m365) = match_by(crm, m365, |one| one.key.as_deref(), |one| one.key.as_deref(), &mut items);
    items.extend(crm.into_iter().map(|one| Item::CrmOnly(one.id)));
    items.extend(m365.into_iter().map(|one| Item::GraphOnly(one.id)));
    items
}

type Rest = (Vec<Unlinked<CrmId>>, Vec<Unlinked<GraphId>>);

fn match_by(
    mut crm: Vec<Unlinked<CrmId>>,
    mut m365: Vec<Unlinked<GraphId>>,
    crm_key: impl Fn(&Unlinked<CrmId>) -> Option<&str>,
    m365_key: impl Fn(&Unlinked<GraphId>) -> Option<&str>,
    items: &mut Vec<Item>,
) -> Rest {
    crm.sort_by(|one, two| one.id.cmp(&two.id));
    m365.sort_by(|one, two| two.id.cmp(&one.id));
    let mut waiting: BTreeMap<String, Vec<Unlinked<GraphId>>> = BTreeMap::new();
    let mut rest_m365 = Vec::new();
    for one in m365 {
        match m365_key(&one).map(str::to_owned) {
            Some(key) => waiting.entry(key).or_default().push(one),
            None => rest_m365.push(one),
        }
    }
    let mut rest_crm = Vec::new();
    for one in crm {
        let twin = crm_key(&one).and_then(|key| waiting.get_mut(key)).and_then(Vec::pop);
        match twin {
            Some(twin) => items.push(Item::Twins { crm: one.id, m365: twin.id }),
            None => rest_crm.push(one),
        }
    }
    rest_m365.extend(waiting.into_values().flatten());
    (rest_crm, rest_m365)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crm(id: &str, uid: &str, key: &str) -> Unlinked<CrmId> {
        Unlinked {
            id: CrmId::new(id),
            uid: Some(uid.to_owned()),
            meeting: None,
            key: Some(key.to_owned()),
            is_gone: false,
        }
    }

    fn m365(id: &str, uid: &str, key: &str) -> Unlinked<GraphId> {
        Unlinked {
            id: GraphId::new(id),
            uid: Some(uid.to_owned()),
            meeting: Some(uid.to_owned()),
            key: Some(key.to_owned()),
            is_gone: false,
        }
    }

    fn twins(one: &str, two: &str) -> Item {
        Item::Twins { crm: CrmId::new(one), m365: GraphId::new(two) }
    }

    #[test]
    fn the_uid_is_stronger_than_the_key() {
        let items = pair(vec![crm("1", "u1", "k")], vec![m365("a", "u2", "k"), m365("b", "u1", "other")]);
        assert_eq!(items, [twins("1", "b"), Item::GraphOnly(GraphId::new("a"))]);
    }

    #[test]
    fn equal_items_are_paired_once_each_and_in_order() {
        let items = pair(
            vec![crm("2", "x", "k"), crm("1", "y", "k"), crm("3", "z", "k")],
            vec![m365("b", "p", "k"), m365("a", "q", "k")],
        );
        assert_eq!(items, [twins("1", "a"), twins("2", "b"), Item::CrmOnly(CrmId::new("3"))]);
    }
}

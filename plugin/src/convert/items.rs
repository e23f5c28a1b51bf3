//! Items by their ids, and how they stand.

use tandem_core::model::{CrmId, GraphId, Instant};
use tandem_core::run::{ItemLink, ItemName, ItemStanding};

use super::sync::set_aside_item;
use crate::bindings::exports::tandem::plugin::items as wit;

/// An item by one of its ids.
pub fn item_name(name: wit::ItemName) -> ItemName {
    match name {
        wit::ItemName::Crm(id) => ItemName::Crm(CrmId::new(id)),
        wit::ItemName::Microsoft(id) => ItemName::M365(GraphId::new(id)),
    }
}

/// How an item stands.
pub fn item_standing(standing: ItemStanding) -> wit::ItemStanding {
    wit::ItemStanding {
        link: standing.link.as_ref().map(item_link),
        pending: standing.is_pending,
        set_aside: standing.set_aside.map(set_aside_item),
    }
}

fn item_link(link: &ItemLink) -> wit::ItemLink {
    wit::ItemLink {
        item_id: link.crm.as_str().to_owned(),
        item_version: link.crm_version.as_str().to_owned(),
        external_id: link.m365.as_str().to_owned(),
        item_gone: link.is_gone_from_crm,
        external_gone: link.is_gone_from_m365,
        agreed: link.is_agreed,
        agreed_at: link.agreed_at.map(Instant::epoch_milliseconds),
    }
}

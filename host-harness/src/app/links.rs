//! Which item of the other side an item is, as the component knows it: for pages that
//! show a record, or many.
//!
//! Nothing is recognised here: titles and times may be the same by chance, and what is
//! linked may have neither in common. Next: [`super::status`].

use chrono::{DateTime, Utc};
use serde::Serialize;
use tandem_runtime::HostCalls;

use super::error::AppError;
use super::resource::Resource;
use super::set_aside::SetAside;
use super::start::App;
use super::sync::halted;
use crate::crm::users::User;
use crate::host::types::{self as wire, BlockedReason, Halt};

/// Items of one call of the component: what it answers at most.
const NAMES_PER_CALL: usize = 200;

/// An item by one of its ids; of a day of a series by those of the series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemName {
    /// The record of the CRM.
    Record(String),
    /// Microsoft's item, by its immutable id.
    External(String),
}

/// A record and an item of Microsoft's that are known to be one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemLink {
    /// The record.
    pub item_id: String,
    /// Its version when it was last seen or written. A record with another one has
    /// changed since.
    pub item_version: String,
    /// Microsoft's item, by its immutable id.
    pub external_id: String,
    /// Whether it was found to be gone from the CRM.
    pub item_gone: bool,
    /// Whether it was found to be gone from Microsoft.
    pub external_gone: bool,
    /// Whether both sides agree, as far as the component has seen them.
    pub agreed: bool,
    /// When it was noted last that they do.
    pub agreed_at: Option<DateTime<Utc>>,
}

/// How an item stands between steps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemStanding {
    /// Its link, where it has one.
    pub link: Option<ItemLink>,
    /// Whether something of it was seen and is decided about by the next steps.
    pub pending: bool,
    /// Why it is set aside, where it is.
    pub set_aside: Option<SetAside>,
}

impl ItemStanding {
    fn of(resource: Resource, standing: wire::ItemStanding) -> Self {
        Self {
            link: standing.link.map(ItemLink::from),
            pending: standing.pending,
            set_aside: standing.set_aside.map(|item| SetAside::of(resource, item)),
        }
    }
}

impl From<wire::ItemLink> for ItemLink {
    fn from(link: wire::ItemLink) -> Self {
        Self {
            item_id: link.item_id,
            item_version: link.item_version,
            external_id: link.external_id,
            item_gone: link.item_gone,
            external_gone: link.external_gone,
            agreed: link.agreed,
            agreed_at: link.agreed_at.and_then(DateTime::from_timestamp_millis),
        }
    }
}

impl From<ItemName> for wire::ItemName {
    fn from(name: ItemName) -> Self {
        match name {
            ItemName::Record(id) => Self::Crm(id),
            ItemName::External(id) => Self::Microsoft(id),
        }
    }
}

impl App {
    /// How these items of a user stand, in their order. Nothing is linked where no
    /// account is connected.
    ///
    /// # Errors
    /// The component fails, or a wait is needed first.
    pub async fn links_of(
        &self,
        user: &User,
        resource: Resource,
        names: Vec<ItemName>,
    ) -> Result<Vec<ItemStanding>, AppError> {
        self.links_of_counted(user, resource, names, &HostCalls::new(None)).await
    }

    /// The same, with what it costs.
    ///
    /// # Errors
    /// As for [`Self::links_of`].
    pub async fn links_of_counted(
        &self,
        user: &User,
        resource: Resource,
        names: Vec<ItemName>,
        calls: &HostCalls,
    ) -> Result<Vec<ItemStanding>, AppError> {
        let mut standings = Vec::with_capacity(names.len());
        let mut names = names.into_iter().map(wire::ItemName::from).peekable();
        while names.peek().is_some() {
            let asked: Vec<wire::ItemName> = names.by_ref().take(NAMES_PER_CALL).collect();
            let count = asked.len();
            let setup = self.setup(Some(user.scope()), None, calls.clone());
            let mut answered: Vec<ItemStanding> =
                match self.inner.parts.connector.links_of(setup, resource.feature(), asked).await? {
                    Ok(answered) => answered.into_iter().map(|standing| ItemStanding::of(resource, standing)).collect(),
                    Err(Halt::Blocked(BlockedReason::NotConnected)) => vec![ItemStanding::default(); count],
                    Err(halt) => return Err(halted(halt)),
                };
            // Each name has an answer of its own, however many the component gives.
            answered.resize(count, ItemStanding::default());
            standings.extend(answered);
        }
        Ok(standings)
    }
}

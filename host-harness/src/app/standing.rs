//! What the component says of a user between its calls: the account, and how each
//! resource stands.
//!
//! Kept in the CRM, so that a page of thousands of users asks the component only
//! about those for whom it has stored something since ([`crate::crm::overview`]).
//! Asked for after each run; whoever reads asks again where that was missed. Next:
//! [`super::status`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tandem_runtime::HostCalls;

use super::error::AppError;
use super::report::{Side, WriteAction};
use super::resource::Resource;
use super::start::App;
use super::sync::halted;
use crate::crm::overview::{UserOverview, Whose};
use crate::crm::users::User;
use crate::host::types::{self as wire, Account, BlockedReason, Halt, ParkedReason};

/// The account, as far as an overview shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountStanding {
    /// Microsoft's object id of the user.
    pub id: String,
    /// What people know it by.
    pub name: String,
    /// Permissions that are missing for what is enabled.
    pub missing_scopes: Vec<String>,
    parked: Option<Parked>,
}

/// [`ParkedReason`] as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Parked {
    ReconnectNeeded,
    AdminConsentNeeded,
    ApplicationRefused,
    WrongTenant,
}

impl AccountStanding {
    /// Why it is parked; none where it works.
    pub fn parked(&self) -> Option<ParkedReason> {
        self.parked.map(|parked| match parked {
            Parked::ReconnectNeeded => ParkedReason::ReconnectNeeded,
            Parked::AdminConsentNeeded => ParkedReason::AdminConsentNeeded,
            Parked::ApplicationRefused => ParkedReason::ApplicationRefused,
            Parked::WrongTenant => ParkedReason::WrongTenant,
        })
    }
}

impl From<Account> for AccountStanding {
    fn from(account: Account) -> Self {
        let parked = account.parked.map(|reason| match reason {
            ParkedReason::ReconnectNeeded => Parked::ReconnectNeeded,
            ParkedReason::AdminConsentNeeded => Parked::AdminConsentNeeded,
            ParkedReason::ApplicationRefused => Parked::ApplicationRefused,
            ParkedReason::WrongTenant => Parked::WrongTenant,
        });
        Self { id: account.id, name: account.name, missing_scopes: account.missing_scopes, parked }
    }
}

/// A write of which no end is known: the next run finds out what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenWrite {
    /// On which side.
    pub side: Side,
    /// What it does.
    pub action: WriteAction,
    /// The CRM's record, where it is there.
    pub item_id: Option<String>,
    /// Microsoft's item, where it is there.
    pub external_id: Option<String>,
}

/// How a resource stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceStanding {
    /// Items of both sides that are known to be one.
    pub linked: u32,
    /// Items that are set aside.
    pub set_aside: u32,
    /// Writes of which no end is known.
    pub open_writes: Vec<OpenWrite>,
    /// The word of the guard rail that is up.
    pub guard_rail: Option<String>,
}

impl From<wire::ResourceStanding> for ResourceStanding {
    fn from(standing: wire::ResourceStanding) -> Self {
        let open = |write: wire::OpenWrite| OpenWrite {
            side: write.side.into(),
            action: write.action.into(),
            item_id: write.item_id,
            external_id: write.external_id,
        };
        Self {
            linked: standing.linked,
            set_aside: standing.set_aside,
            open_writes: standing.open_writes.into_iter().map(open).collect(),
            guard_rail: standing.guard_rail,
        }
    }
}

/// All of it for one user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UserStanding {
    pub account: Option<AccountStanding>,
    resources: BTreeMap<Resource, ResourceStanding>,
}

impl UserStanding {
    /// How a resource stands.
    pub fn of(&self, resource: Resource) -> ResourceStanding {
        self.resources.get(&resource).cloned().unwrap_or_default()
    }
}

impl App {
    /// What the component says of a user, as it was kept or asked anew.
    pub(super) async fn standing_of(&self, overview: &UserOverview) -> Result<UserStanding, AppError> {
        // What an earlier version has kept may not be readable.
        let kept = overview.standing.as_deref().and_then(|standing| serde_json::from_str(standing).ok());
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let standing = self.ask_standing(&overview.user).await?;
        let text = serde_json::to_string(&standing).unwrap_or_default();
        self.crm().keep_standing(overview.user.id, overview.commits, &text)?;
        Ok(standing)
    }

    /// Asks for what an overview shows of a user after a run, and remembers the
    /// account where the run has worked with it. Whoever reads it asks for itself
    /// where that fails.
    pub(super) async fn note_standing(&self, user: &User, has_worked: bool) {
        if let Err(error) = self.try_note_standing(user, has_worked).await {
            tracing::warn!(%error, user = %user.id, "how the user's resources stand could not be asked");
        }
    }

    async fn try_note_standing(&self, user: &User, has_worked: bool) -> Result<(), AppError> {
        let Some(overview) = self.crm().overview(Whose::User(user.id))?.pop() else { return Ok(()) };
        match self.standing_of(&overview).await?.account {
            Some(account) if has_worked => self.note_synchronized(user, &account),
            Some(_) | None => Ok(()),
        }
    }

    pub(super) async fn ask_standing(&self, user: &User) -> Result<UserStanding, AppError> {
        let account = self.account(user.id).await?.map(AccountStanding::from);
        let mut resources = BTreeMap::new();
        if account.is_some() {
            for resource in [Resource::Calendar, Resource::Tasks] {
                let setup = self.setup(Some(user.scope()), None, HostCalls::new(None));
                let standing = match self.inner.parts.connector.standing(setup, resource.feature()).await? {
                    Ok(standing) => ResourceStanding::from(standing),
                    Err(Halt::Blocked(BlockedReason::NotConnected)) => continue,
                    Err(halt) => return Err(halted(halt)),
                };
                resources.insert(resource, standing);
            }
        }
        Ok(UserStanding { account, resources })
    }
}

//! Items that are set aside: listed for their user, and tried again when somebody
//! asks for it.
//!
//! The component keeps them and says why; nothing is known of them here. Next:
//! [`super::status`].

use chrono::{DateTime, Utc};
use serde::Serialize;
use tandem_runtime::HostCalls;

use super::error::AppError;
use super::report::Blocked;
use super::resource::Resource;
use super::start::App;
use super::sync::halted;
use crate::crm::UserId;
use crate::host::types::{BlockedReason, Halt, Job, SetAsideItem};

/// Pages of one list: more than the component keeps.
const PAGES_MAX: usize = 20;

/// An item that is set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SetAside {
    /// Of which resource.
    pub resource: Resource,
    /// What names it when it is to be tried again.
    pub key: String,
    /// The CRM's record, where it is there.
    pub item_id: Option<String>,
    /// Microsoft's item, where it is there.
    pub external_id: Option<String>,
    /// A stable word for the rule.
    pub code: String,
    /// What happened, for people.
    pub message: String,
    /// What they can do about it.
    pub hint: String,
    /// How often it has failed, or was met and left.
    pub attempts: u32,
    /// When it failed first.
    pub first_at: Option<DateTime<Utc>>,
    /// When it failed last.
    pub last_at: Option<DateTime<Utc>>,
}

impl SetAside {
    pub(super) fn of(resource: Resource, item: SetAsideItem) -> Self {
        Self {
            resource,
            key: item.key,
            item_id: item.item_id,
            external_id: item.external_id,
            code: item.code,
            message: item.message,
            hint: item.hint,
            attempts: item.attempts,
            first_at: DateTime::from_timestamp_millis(item.first_at),
            last_at: DateTime::from_timestamp_millis(item.last_at),
        }
    }
}

impl App {
    /// What is set aside of a user, by resource and key. Nothing where no account
    /// is connected.
    ///
    /// # Errors
    /// The user does not exist, or the component fails.
    pub async fn set_aside(&self, user: UserId) -> Result<Vec<SetAside>, AppError> {
        let user = self.crm().user(user)?;
        let mut found = Vec::new();
        for resource in [Resource::Calendar, Resource::Tasks] {
            let mut after = None;
            for _ in 0..PAGES_MAX {
                let setup = self.setup(Some(user.scope()), None, HostCalls::new(None));
                let page = match self.inner.parts.connector.set_aside(setup, resource.feature(), after).await? {
                    Ok(page) => page,
                    Err(Halt::Blocked(BlockedReason::NotConnected)) => break,
                    Err(halt) => return Err(halted(halt)),
                };
                found.extend(page.items.into_iter().map(|item| SetAside::of(resource, item)));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(found)
    }

    /// Has the next run try these items once more, or all that are set aside of a
    /// resource, and plans it. How many there were. A run that is going on stops.
    ///
    /// # Errors
    /// The user does not exist, the component fails, or a wait is needed first.
    pub async fn retry(&self, user: UserId, resource: Resource, keys: Option<Vec<String>>) -> Result<u32, AppError> {
        if resource == Resource::Mail {
            return Err(AppError::Blocked(Blocked::NotOffered));
        }
        let user = self.crm().user(user)?;
        let app = self.clone();
        self.detached(async move {
            let tried = {
                let mut mailbox = app.inner.mailboxes.hold(user.id).await;
                let fence = app.crm().raise_fence(&user.scope())?;
                *mailbox = Some(fence);
                let setup = app.setup(Some(user.scope()), Some(fence), HostCalls::new(None));
                let job = Job { resource: resource.feature(), fence: fence.number() };
                app.inner.parts.connector.retry(setup, job, keys).await?.map_err(halted)?
            };
            if tried > 0 {
                app.run_soon(user.id, resource)?;
            }
            Ok(tried)
        })
        .await
    }
}

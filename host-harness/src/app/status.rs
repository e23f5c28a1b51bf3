//! The overview of every user's resources: the five columns of Oro row E14's
//! page (Resource Type, Enabled, In Progress, Last Sync At, Next Sync At), and
//! two more.

use chrono::{DateTime, Utc};
use serde::{Deserialize as _, Serialize};

use super::error::AppError;
use super::resource::Resource;
use super::settings::SettingsScope;
use super::start::App;
use super::wait::WaitReason;
use crate::crm::UserId;
use crate::crm::notices::{AlertList, NoticeResource};
use crate::crm::runs::SyncState;

/// One user and one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusRow {
    /// The user.
    pub user_id: UserId,
    /// The user's login.
    pub user: String,
    /// Resource Type.
    pub resource: Resource,
    /// Whether the resource is enabled for the user, with everything above it.
    pub enabled: bool,
    /// Whether an account is connected.
    pub connected: bool,
    /// Whether a run is going on now.
    pub in_progress: bool,
    /// When the last run came to its end that read both sides and left nothing to
    /// do.
    pub last_sync_at: Option<DateTime<Utc>>,
    /// When the next run is due; none where nothing will run by itself: without an
    /// account, or with one that waits for somebody to act.
    pub next_sync_at: Option<DateTime<Utc>>,
    /// What the next run waits for, where it is not the interval.
    pub waits_for: Option<WaitReason>,
    /// How long ago a run should have come to its end that did not, in seconds: since
    /// an interval after the last one, or since the first attempt where none has
    /// come to its end. None where nothing is to be synchronised.
    pub lag_seconds: Option<i64>,
    /// Unresolved alerts of the user about this resource or the account.
    pub open_alerts: u32,
}

impl App {
    /// A row per user and resource, ordered by login and resource.
    ///
    /// # Errors
    /// Where the CRM cannot be read or the component fails.
    pub async fn status(&self) -> Result<Vec<StatusRow>, AppError> {
        let system = self.effective(SettingsScope::System).await?;
        let mut rows = Vec::new();
        let now = self.crm().now();
        for user in self.crm().all_users()? {
            let settings = self.effective(SettingsScope::User(user.id)).await?;
            let account = self.account(user.id).await?;
            let alerts = self.crm().alerts_of_user(user.id, AlertList::Open)?;
            for resource in Resource::ALL {
                let state = self.crm().sync_state(user.id, resource.stored())?;
                let concerns =
                    |about: NoticeResource| about == NoticeResource::Account || Some(about) == resource.notice();
                let open_alerts = alerts.iter().filter(|alert| concerns(alert.resource)).count();
                let enabled = settings.enables(resource, &system);
                let is_running = account.as_ref().is_some_and(|account| account.parked.is_none());
                let next_sync_at = state.next_sync_at.filter(|_| is_running);
                let due = match state.last_sync_at {
                    Some(last) => Some(last + settings.interval()),
                    None => self.crm().first_run_at(user.id, resource.stored())?.or(state.next_sync_at),
                };
                let is_wanted = enabled && account.is_some();
                rows.push(StatusRow {
                    user_id: user.id,
                    user: user.login.clone(),
                    resource,
                    enabled,
                    connected: account.is_some(),
                    in_progress: state.in_progress,
                    last_sync_at: state.last_sync_at,
                    next_sync_at,
                    waits_for: waits_for(&state).filter(|_| next_sync_at.is_some_and(|due| due > now)),
                    lag_seconds: due.filter(|_| is_wanted).map(|due| (now - due).num_seconds().max(0)),
                    open_alerts: u32::try_from(open_alerts).unwrap_or(u32::MAX),
                });
            }
        }
        Ok(rows)
    }
}

/// What the last run ended with, where that was a wait.
fn waits_for(state: &SyncState) -> Option<WaitReason> {
    let next = state.last_report.as_ref()?.get("next")?;
    let is_wait = next.get("when")?.as_str() == Some("after");
    WaitReason::deserialize(next.get("reason").filter(|_| is_wait)?).ok()
}

//! The overview of every user's resources: the five columns of Oro row E14's
//! page (Resource Type, Enabled, In Progress, Last Sync At, Next Sync At), and
//! what a resource waits for, how late it is, and how many alerts are open.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::error::AppError;
use super::resource::Resource;
use super::schedule::Effective;
use super::settings::SettingsScope;
use super::start::App;
use super::waiting::{WaitsFor, of_resource};
use crate::crm::UserId;
use crate::crm::notices::{Alert, AlertList, NoticeResource};
use crate::crm::users::User;
use crate::host::types::Account;

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
    /// What it waits for, where that is not the interval; none where it is not
    /// enabled.
    pub waits_for: Option<WaitsFor>,
    /// What that means and what to do about it, for people.
    pub explanation: Option<String>,
    /// How long ago a run should have come to its end that did not, in seconds: since
    /// an interval after the last one, or since the first attempt where none has
    /// come to its end. None where nothing is to be synchronised.
    pub lag_seconds: Option<i64>,
    /// Unresolved alerts of the user about this resource. Those about the account are
    /// counted once: at the first resource that waits for it, or else at the first one
    /// that is enabled.
    pub open_alerts: u32,
}

/// What is known of a user, for the rows of all resources.
struct Known<'a> {
    user: &'a User,
    settings: Effective,
    account: Option<Account>,
    alerts: Vec<Alert>,
}

impl App {
    /// A row per user and resource, ordered by login and resource.
    ///
    /// # Errors
    /// Where the CRM cannot be read or the component fails.
    pub async fn status(&self) -> Result<Vec<StatusRow>, AppError> {
        let system = self.effective(SettingsScope::System).await?;
        let mut rows = Vec::new();
        for user in self.crm().all_users()? {
            rows.extend(self.rows_of(&user, &system).await?);
        }
        Ok(rows)
    }

    /// The rows of one user, ordered by resource.
    ///
    /// # Errors
    /// As for [`App::status`].
    pub async fn status_of(&self, user: &User) -> Result<Vec<StatusRow>, AppError> {
        let system = self.effective(SettingsScope::System).await?;
        self.rows_of(user, &system).await
    }

    async fn rows_of(&self, user: &User, system: &Effective) -> Result<Vec<StatusRow>, AppError> {
        let known = Known {
            user,
            settings: self.effective(SettingsScope::User(user.id)).await?,
            account: self.account(user.id).await?,
            alerts: self.crm().alerts_of_user(user.id, AlertList::Open)?,
        };
        let rows: Result<Vec<_>, _> =
            Resource::ALL.into_iter().map(|resource| self.row_of(&known, resource, system)).collect();
        let mut rows = rows?;
        let of_account = count(&known.alerts, NoticeResource::Account);
        let is_about_account = |row: &StatusRow| row.waits_for.is_some_and(WaitsFor::is_about_account);
        let place = rows.iter().position(is_about_account).or_else(|| rows.iter().position(|row| row.enabled));
        if let Some(row) = rows.get_mut(place.unwrap_or(0)) {
            row.open_alerts = row.open_alerts.saturating_add(of_account);
        }
        Ok(rows)
    }

    /// The row of one resource, without the alerts about the account.
    fn row_of(&self, known: &Known<'_>, resource: Resource, system: &Effective) -> Result<StatusRow, AppError> {
        let Known { user, settings, account, alerts } = known;
        let now = self.crm().now();
        let state = self.crm().sync_state(user.id, resource.stored())?;
        let enabled = settings.enables(resource, system);
        let is_running = account.as_ref().is_some_and(|account| account.parked.is_none());
        let due = match state.last_sync_at {
            Some(last) => Some(last + settings.interval()),
            None => self.crm().first_run_at(user.id, resource.stored())?.or(state.next_sync_at),
        };
        let is_wanted = enabled && account.is_some();
        let about = resource.notice();
        let waits_for = of_resource(account.as_ref(), &state, alerts, about, now).filter(|_| enabled);
        Ok(StatusRow {
            user_id: user.id,
            user: user.login.clone(),
            resource,
            enabled,
            connected: account.is_some(),
            in_progress: state.in_progress,
            last_sync_at: state.last_sync_at,
            next_sync_at: state.next_sync_at.filter(|_| is_running),
            waits_for,
            explanation: waits_for.map(|reason| reason.explanation(account.as_ref())),
            lag_seconds: due.filter(|_| is_wanted).map(|due| (now - due).num_seconds().max(0)),
            open_alerts: about.map_or(0, |about| count(alerts, about)),
        })
    }
}

fn count(alerts: &[Alert], about: NoticeResource) -> u32 {
    let number = alerts.iter().filter(|alert| alert.resource == about).count();
    u32::try_from(number).unwrap_or(u32::MAX)
}

//! The overview of every user's resources: the five columns of Oro row E14's
//! page (Resource Type, Enabled, In Progress, Last Sync At, Next Sync At), and
//! what a resource waits for, how late it is, and how much there is of what.
//!
//! A few queries and calls of the component, whatever the number of users: a call for
//! what holds for everybody and one for each different set of settings, as long as
//! nobody's state is new to it (`Known`).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::error::AppError;
use super::installation::Installation;
use super::report::Blocked;
use super::resource::Resource;
use super::schedule::Effective;
use super::settings::SettingsScope;
use super::standing::{OpenWrite, UserStanding};
use super::start::App;
use super::waiting::{WaitsFor, of_resource};
use crate::crm::config::{ConfigRow, ConfigRows, ConfigValue};
use crate::crm::notices::NoticeResource;
use crate::crm::overview::{OpenAlerts, UserOverview, Whose};
use crate::crm::runs::SyncState;
use crate::crm::runs::history::LateSince;
use crate::crm::users::User;
use crate::crm::{OrganizationId, UserId};

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
    /// account, or with one that waits for somebody to act or to confirm the first run.
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
    /// Which side may change the other: the value of the setting; none where the
    /// resource has none.
    pub direction: Option<String>,
    /// Items that are known on both sides to be one.
    pub linked: u32,
    /// Items that are set aside.
    pub set_aside: u32,
    /// Conflicts that were decided, those included that were reversed since.
    pub conflicts: u32,
    /// Writes of which no end is known.
    pub open_writes: Vec<OpenWrite>,
    /// The word of the guard rail that is up.
    pub guard_rail: Option<String>,
    /// The time between two runs, in seconds.
    pub interval_seconds: i64,
    /// How many of a hundred of the last runs Microsoft's throttling has ended; none
    /// where there was no run.
    pub throttled_percent: Option<u32>,
}

/// What is known of a user, for the rows of all resources.
struct Known<'a> {
    overview: &'a UserOverview,
    settings: &'a Effective,
    standing: UserStanding,
    installation: &'a Installation,
}

/// Effective settings: those of users who have set nothing themselves are the same in
/// all of an organization.
#[derive(Default)]
struct Settings(BTreeMap<(OrganizationId, String), Effective>);

/// What a level has of its own, as a key.
fn own(rows: &ConfigRows) -> String {
    let line = |(key, row): (&String, &ConfigRow)| match &row.value {
        ConfigValue::Plain(value) => format!("{key}={value}\n"),
        ConfigValue::Secret => format!("{key}\n"),
    };
    rows.iter().map(line).collect()
}

impl App {
    /// A row per user and resource, ordered by login and resource.
    ///
    /// # Errors
    /// Where the CRM cannot be read or the component fails.
    pub async fn status(&self, whose: Whose) -> Result<Vec<StatusRow>, AppError> {
        let installation = self.installation().await?;
        let mut settings = Settings::default();
        let mut rows = Vec::new();
        for overview in self.in_crm(move |crm| crm.overview(whose)).await? {
            let key = (overview.user.organization_id, own(&overview.settings));
            if !settings.0.contains_key(&key) {
                settings.0.insert(key.clone(), self.effective(SettingsScope::User(overview.user.id)).await?);
            }
            let Some(effective) = settings.0.get(&key) else { continue };
            let standing = self.standing_of(&overview).await?;
            let known = Known { overview: &overview, settings: effective, standing, installation: &installation };
            rows.extend(known.rows(self.crm().now()));
        }
        Ok(rows)
    }

    /// The rows of one user, ordered by resource.
    ///
    /// # Errors
    /// As for [`App::status`].
    pub async fn status_of(&self, user: &User) -> Result<Vec<StatusRow>, AppError> {
        self.status(Whose::User(user.id)).await
    }
}

impl Known<'_> {
    fn rows(&self, now: DateTime<Utc>) -> Vec<StatusRow> {
        let mut rows: Vec<_> = Resource::ALL.into_iter().map(|resource| self.row(resource, now)).collect();
        let of_account = count(&self.overview.alerts, NoticeResource::Account);
        let is_about_account = |row: &StatusRow| row.waits_for.is_some_and(WaitsFor::is_about_account);
        let place = rows.iter().position(is_about_account).or_else(|| rows.iter().position(|row| row.enabled));
        if let Some(row) = rows.get_mut(place.unwrap_or(0)) {
            row.open_alerts = row.open_alerts.saturating_add(of_account);
        }
        rows
    }

    /// The row of one resource, without the alerts about the account.
    fn row(&self, resource: Resource, now: DateTime<Utc>) -> StatusRow {
        let Known { overview, settings, standing, installation } = self;
        let UserOverview { user, states, alerts, conflicts, .. } = overview;
        let account = standing.account.as_ref();
        let state = states.iter().find(|state| state.resource == resource.stored());
        let state = state.cloned().unwrap_or_else(|| SyncState::empty(user.id, resource.stored()));
        let enabled = settings.enables(resource, installation);
        // Before the first run is confirmed nothing is scheduled, and nothing is late.
        let is_held = account.is_some() && overview.first_sync_waits;
        let is_running =
            installation.is_configured() && account.is_some_and(|account| account.parked().is_none()) && !is_held;
        let first = || state.first_run_at.or(state.next_sync_at).map(LateSince::FirstAttempt);
        let late_since = state.last_sync_at.map(LateSince::InStep).or_else(first);
        let is_wanted = enabled && account.is_some() && !is_held;
        let about = resource.notice();
        let waits_for = if installation.is_configured() {
            of_resource(account, &state, alerts, about, is_held, now)
        } else {
            // Nothing else can be done about it before.
            Some(WaitsFor::Change(Blocked::NotConfigured))
        };
        let waits_for = waits_for.filter(|_| enabled);
        let resource_standing = standing.of(resource);
        StatusRow {
            user_id: user.id,
            user: user.login.clone(),
            resource,
            enabled,
            connected: account.is_some(),
            in_progress: state.in_progress,
            last_sync_at: state.last_sync_at,
            next_sync_at: state.next_sync_at.filter(|_| is_running),
            waits_for,
            explanation: waits_for.map(|reason| reason.explanation(account)),
            lag_seconds: late_since
                .filter(|_| is_wanted)
                .map(|since| since.lateness(now, settings.interval()).num_seconds()),
            open_alerts: about.map_or(0, |about| count(alerts, about)),
            direction: resource.direction_key().and_then(|key| settings.choice(key)).map(str::to_owned),
            linked: resource_standing.linked,
            set_aside: resource_standing.set_aside,
            conflicts: about.and_then(|about| conflicts.get(&about)).copied().unwrap_or(0),
            open_writes: resource_standing.open_writes,
            guard_rail: resource_standing.guard_rail,
            interval_seconds: settings.interval().num_seconds(),
            throttled_percent: (state.recent_throttled * 100).checked_div(state.recent_runs),
        }
    }
}

fn count(alerts: &[OpenAlerts], about: NoticeResource) -> u32 {
    alerts.iter().filter(|alert| alert.resource == about).map(|alert| alert.count).sum()
}

//! When the next run of a resource is due.
//!
//! Kept in the CRM, so that it survives a restart. What the component says
//! decides; the interval is a setting. Next: [`super::scheduler`].

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::error::AppError;
use super::installation::Installation;
use super::report::{Blocked, NextCall};
use super::resource::Resource;
use super::settings::SettingsScope;
use super::start::App;
use crate::crm::UserId;
use crate::crm::runs::SyncState;
use crate::crm::runs::history::{LateSince, SyncRun};
use crate::crm::users::User;
use crate::host::types::{EffectiveSetting, SettingValue};

/// The setting with the minutes between two runs.
const INTERVAL_KEY: &str = "sync.interval-minutes";

/// Minutes between two runs where the component has no such setting.
const INTERVAL_MINUTES_DEFAULT: i64 = 10;

/// The longest wait that a component may ask for, in milliseconds: a day.
const WAIT_MAX: u64 = 24 * 60 * 60 * 1_000;

/// Effective values by key.
pub(super) struct Effective(BTreeMap<String, SettingValue>);

impl Effective {
    pub(super) fn of(settings: Vec<EffectiveSetting>) -> Self {
        Self(settings.into_iter().map(|setting| (setting.key, setting.value)).collect())
    }

    pub(super) fn is_on(&self, key: &str) -> bool {
        self.0.get(key) == Some(&SettingValue::Boolean(true))
    }

    /// Whether a setting has a value.
    pub(super) fn is_filled_in(&self, key: &str) -> bool {
        self.0.get(key).is_some_and(SettingValue::is_present)
    }

    /// The time between two runs.
    pub(super) fn interval(&self) -> TimeDelta {
        match self.0.get(INTERVAL_KEY) {
            Some(SettingValue::Integer(minutes)) if *minutes > 0 => TimeDelta::minutes(*minutes),
            Some(SettingValue::Integer(_) | SettingValue::Boolean(_) | SettingValue::Text(_) | SettingValue::None)
            | None => TimeDelta::minutes(INTERVAL_MINUTES_DEFAULT),
        }
    }

    /// The value of a setting with choices.
    pub(super) fn choice(&self, key: &str) -> Option<&str> {
        match self.0.get(key)? {
            SettingValue::Text(value) => Some(value),
            SettingValue::Integer(_) | SettingValue::Boolean(_) | SettingValue::None => None,
        }
    }

    /// Whether a resource is on for a user with these settings.
    pub(super) fn enables(&self, resource: Resource, installation: &Installation) -> bool {
        !installation.is_off(resource) && resource.enabled_key().is_none_or(|key| self.is_on(key))
    }
}

impl App {
    /// The resources that are enabled for a user, in the order in which they
    /// run.
    pub(super) async fn enabled_resources(&self, user: UserId) -> Result<Vec<Resource>, AppError> {
        let installation = self.installation().await?;
        let settings = self.effective(SettingsScope::User(user)).await?;
        Ok(Resource::ALL.into_iter().filter(|resource| settings.enables(*resource, &installation)).collect())
    }

    /// Whether a resource is enabled for a user, with everything above it.
    ///
    /// # Errors
    /// The user does not exist, or the component fails.
    pub async fn is_enabled(&self, user: UserId, resource: Resource) -> Result<bool, AppError> {
        Ok(self.enabled_resources(user).await?.contains(&resource))
    }

    pub(super) async fn effective(&self, scope: SettingsScope) -> Result<Effective, AppError> {
        Ok(Effective::of(self.resolve(&scope).await?))
    }

    /// When a resource is due again after a run that ended like this.
    pub(super) async fn next_run(&self, user: &User, next: &NextCall) -> Option<DateTime<Utc>> {
        let now = self.crm().now();
        match next {
            NextCall::Again => Some(now),
            NextCall::After { milliseconds, .. } => {
                Some(now + TimeDelta::milliseconds(i64::try_from((*milliseconds).min(WAIT_MAX)).unwrap_or(0)))
            }
            NextCall::Idle => Some(now + self.interval(user).await),
            NextCall::Blocked { reason } => match reason {
                // A save, a connection or a check that works plans the next run.
                Blocked::Disabled
                | Blocked::NotConnected
                | Blocked::Parked
                | Blocked::MissingPermission
                | Blocked::NotConfigured
                // Whoever confirms runs it, and what was planned with the connection stays.
                | Blocked::FirstSync => None,
                // Released elsewhere, or over by itself.
                Blocked::GuardRail | Blocked::StaleFence | Blocked::NotOffered => Some(now + self.interval(user).await),
            },
        }
    }

    async fn interval(&self, user: &User) -> TimeDelta {
        match self.effective(SettingsScope::User(user.id)).await {
            Ok(settings) => settings.interval(),
            Err(error) => {
                tracing::warn!(%error, user = %user.id, "the interval could not be read");
                TimeDelta::minutes(INTERVAL_MINUTES_DEFAULT)
            }
        }
    }

    /// The last runs of a resource of a user, youngest first.
    ///
    /// # Errors
    /// Where the CRM cannot be read.
    pub fn run_history(&self, user: UserId, resource: Resource, limit: u32) -> Result<Vec<SyncRun>, AppError> {
        Ok(self.crm().run_history(user, resource.stored(), limit)?)
    }

    /// From when on a resource of a user was late before one of its runs.
    ///
    /// # Errors
    /// The CRM cannot be read.
    pub fn late_since(&self, user: UserId, resource: Resource, run: &SyncRun) -> Result<LateSince, AppError> {
        Ok(self.crm().late_since(user, resource.stored(), run)?)
    }

    /// Has a resource of a user run as soon as possible.
    ///
    /// # Errors
    /// The user does not exist.
    pub fn run_soon(&self, user: UserId, resource: Resource) -> Result<(), AppError> {
        self.crm().plan_run(user, resource.stored(), Some(self.crm().now()))?;
        self.inner.wake.notify_one();
        Ok(())
    }

    /// Has every enabled resource of a user run as soon as possible.
    pub(super) async fn plan_now(&self, user: &User) -> Result<(), AppError> {
        let now = self.crm().now();
        self.plan(user, |_, _| now).await
    }

    /// Has those enabled resources of a user run as soon as possible for which
    /// no run is planned: what stopped them is over.
    pub(super) async fn plan_unplanned(&self, user: &User) -> Result<(), AppError> {
        let now = self.crm().now();
        self.plan(user, |state, _| state.next_sync_at.unwrap_or(now)).await
    }

    /// Plans the runs of users anew after their settings have changed: an
    /// interval later than the last run, and none where a resource is off. What
    /// is wrong with one user is logged and left to their next run.
    pub(super) async fn replan(&self, users: &[User]) {
        for user in users {
            if let Err(error) = self.replan_one(user).await {
                tracing::warn!(%error, user = %user.id, "the runs of a user were not planned anew");
            }
        }
    }

    async fn replan_one(&self, user: &User) -> Result<(), AppError> {
        if self.account(user.id).await?.is_none() {
            return Ok(());
        }
        let now = self.crm().now();
        self.plan(user, |state, interval| state.last_sync_at.map_or(now, |last| last + interval)).await
    }

    async fn plan(&self, user: &User, when: impl Fn(&SyncState, TimeDelta) -> DateTime<Utc>) -> Result<(), AppError> {
        let installation = self.installation().await?;
        let settings = self.effective(SettingsScope::User(user.id)).await?;
        for resource in Resource::ALL {
            let state = self.crm().sync_state(user.id, resource.stored())?;
            let next = settings.enables(resource, &installation).then(|| when(&state, settings.interval()));
            self.crm().plan_run(user.id, resource.stored(), next)?;
        }
        self.inner.wake.notify_one();
        Ok(())
    }
}

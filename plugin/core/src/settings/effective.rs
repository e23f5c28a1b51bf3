//! The settings that the engine works with: typed, complete, no keys.
//!
//! Whether an account is connected is another question, see
//! [`crate::account`].

use std::time::Duration;

use super::rule::calendar_names;
use super::{ConflictRule, Feature, Field, Layers, Level, SettingValue, SyncMode};

/// Seconds of a minute.
const MINUTE_SECONDS: u64 = 60;

/// The application registration, as far as settings know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApplicationSettings {
    /// All three values are there. The secret is in the secret store.
    Complete {
        /// Application (client) id.
        client_id: String,
        /// Directory (tenant) id, domain name, `organizations` or `common`.
        tenant: String,
    },
    /// Nothing can be connected before these are filled in (Oro row A5).
    Incomplete {
        /// What is missing, in the order of the page.
        missing: Vec<Field>,
    },
}

/// How far the window reaches from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Days before.
    pub past_days: u32,
    /// Days after.
    pub future_days: u32,
}

/// How one resource is synchronised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceSettings {
    /// Whether it is: the application is configured, the feature is switched on
    /// for the installation, and "Enabled" says so for this user.
    pub enabled: bool,
    /// In which direction.
    pub mode: SyncMode,
    /// Who wins; matters when bidirectional only.
    pub rule: ConflictRule,
}

/// What applies to one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectiveSettings {
    /// The application registration.
    pub application: ApplicationSettings,
    /// Time between two runs.
    pub interval: Duration,
    /// The period that is synchronised.
    pub window: Window,
    /// Calendar events.
    pub calendar: ResourceSettings,
    /// Calendars that are synchronised beside the default one, by their names in
    /// Outlook: each once, in the order of the setting.
    pub calendar_names: Vec<String>,
    /// Tasks.
    pub tasks: ResourceSettings,
    /// The To Do list to which new tasks of the CRM go and which is
    /// synchronised, by its name; none for the default list.
    pub task_list: Option<String>,
    /// Whether the tasks of all lists are synchronised, not of that one alone.
    pub all_task_lists: bool,
}

impl EffectiveSettings {
    /// Resolves the layers at the user level. Never fails: a row that does not
    /// fit gives way to the level above, and an explicitly empty row means the
    /// built-in value, for a check box "no".
    pub fn of(layers: &Layers) -> Self {
        let application = application(layers);
        let configured = matches!(application, ApplicationSettings::Complete { .. });
        let minutes = u64::from(number(layers, Field::IntervalMinutes));
        Self {
            application,
            interval: Duration::from_secs(minutes.saturating_mul(MINUTE_SECONDS)),
            window: Window {
                past_days: number(layers, Field::WindowPastDays),
                future_days: number(layers, Field::WindowFutureDays),
            },
            calendar: ResourceSettings {
                enabled: configured && is_on(layers, Field::CalendarFeature) && is_on(layers, Field::CalendarEnabled),
                mode: mode(layers, Field::CalendarDirection),
                rule: rule(layers, Field::CalendarConflictRule),
            },
            calendar_names: text(layers, Field::CalendarNames).map(|names| calendar_names(&names)).unwrap_or_default(),
            tasks: ResourceSettings {
                enabled: configured && is_on(layers, Field::TasksFeature) && is_on(layers, Field::TasksEnabled),
                mode: mode(layers, Field::TasksDirection),
                rule: rule(layers, Field::TasksConflictRule),
            },
            task_list: text(layers, Field::TaskList),
            all_task_lists: is_on(layers, Field::AllTaskLists),
        }
    }

    /// How what a feature stands for is synchronised; none where this version
    /// has no settings for it.
    pub const fn resource(&self, feature: Feature) -> Option<&ResourceSettings> {
        match feature {
            Feature::Calendar => Some(&self.calendar),
            Feature::Tasks => Some(&self.tasks),
            Feature::Mail => None,
        }
    }

    /// The features that are enabled for the user, in the order of
    /// [`Feature::ALL`].
    pub fn enabled_features(&self) -> Vec<Feature> {
        let is_enabled = |feature: &Feature| self.resource(*feature).is_some_and(|resource| resource.enabled);
        Feature::ALL.into_iter().filter(is_enabled).collect()
    }
}

fn mode(layers: &Layers, direction: Field) -> SyncMode {
    text(layers, direction).and_then(|key| SyncMode::from_key(&key)).unwrap_or_default()
}

fn rule(layers: &Layers, conflict_resolution: Field) -> ConflictRule {
    text(layers, conflict_resolution).and_then(|key| ConflictRule::from_key(&key)).unwrap_or_default()
}

fn application(layers: &Layers) -> ApplicationSettings {
    let values = (text(layers, Field::ClientId), text(layers, Field::ClientSecret), text(layers, Field::Tenant));
    match values {
        (Some(client_id), Some(_), Some(tenant)) => ApplicationSettings::Complete { client_id, tenant },
        (client_id, secret, tenant) => {
            let present = [client_id.is_some(), secret.is_some(), tenant.is_some()];
            let missing = Field::APPLICATION.into_iter().zip(present).filter(|(_, present)| !present);
            ApplicationSettings::Incomplete { missing: missing.map(|(field, _)| field).collect() }
        }
    }
}

fn text(layers: &Layers, field: Field) -> Option<String> {
    match layers.effective(Level::User, field).value {
        SettingValue::Text(text) => Some(text),
        SettingValue::Boolean(_) | SettingValue::Integer(_) | SettingValue::None => None,
    }
}

fn is_on(layers: &Layers, field: Field) -> bool {
    layers.effective(Level::User, field).value == SettingValue::Boolean(true)
}

fn number(layers: &Layers, field: Field) -> u32 {
    whole(&layers.effective(Level::User, field).value).or_else(|| whole(&field.default_value())).unwrap_or_default()
}

fn whole(value: &SettingValue) -> Option<u32> {
    match value {
        SettingValue::Integer(number) => u32::try_from(*number).ok(),
        SettingValue::Boolean(_) | SettingValue::Text(_) | SettingValue::None => None,
    }
}

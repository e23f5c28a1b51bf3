//! On which level a resource is switched off for a user: who can switch it on depends
//! on it.
//!
//! What pages make of it is in `web::switched_off`.

use super::error::AppError;
use super::resource::Resource;
use super::settings::SettingsScope;
use super::start::App;
use crate::crm::UserId;
use crate::host::types::{EffectiveSetting, SettingValue, ValueSource};

/// Where a resource is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwitchedOff {
    /// In the system configuration, for everybody: no value of another level counts.
    ForEverybody,
    /// By the value that a level has for those below it, or the user for themselves.
    On(ValueSource),
}

impl App {
    /// Where a resource is off for a user; none where it is on.
    ///
    /// # Errors
    /// The user does not exist, or the component fails.
    pub async fn switched_off(&self, user: UserId, resource: Resource) -> Result<Option<SwitchedOff>, AppError> {
        if self.installation().await?.is_off(resource) {
            return Ok(Some(SwitchedOff::ForEverybody));
        }
        let Some(key) = resource.enabled_key() else { return Ok(None) };
        let settings = self.resolve(&SettingsScope::User(user)).await?;
        let enabled = settings.into_iter().find(|setting| setting.key == key);
        Ok(enabled.filter(|setting| !is_on(setting)).map(|setting| SwitchedOff::On(setting.source)))
    }
}

fn is_on(setting: &EffectiveSetting) -> bool {
    setting.value == SettingValue::Boolean(true)
}

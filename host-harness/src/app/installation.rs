//! What the system configuration decides for everybody: whether the Azure application is
//! filled in (Oro row A5), without which no account can be connected and none that is
//! connected can do anything, and which resources are off whatever other levels say.

use super::error::AppError;
use super::resource::Resource;
use super::schedule::Effective;
use super::settings::SettingsScope;
use super::start::App;
use crate::host::types::ConditionTest;

/// What holds for everybody, asked of the component once.
#[derive(Debug)]
pub struct Installation {
    is_configured: bool,
    off: Vec<Resource>,
}

impl Installation {
    /// Whether everything is filled in that the manifest wants present before something
    /// can be switched on.
    pub const fn is_configured(&self) -> bool {
        self.is_configured
    }

    /// Whether a resource is off for everybody.
    pub fn is_off(&self, resource: Resource) -> bool {
        self.off.contains(&resource)
    }
}

impl App {
    /// What the system configuration decides for everybody.
    ///
    /// # Errors
    /// The CRM cannot be read, or the component fails.
    pub async fn installation(&self) -> Result<Installation, AppError> {
        let system = self.effective(SettingsScope::System).await?;
        let is_off = |resource: &Resource| !system.is_on(resource.feature_key());
        Ok(Installation {
            is_configured: self.has_application(&system),
            off: Resource::ALL.into_iter().filter(is_off).collect(),
        })
    }

    /// Whether these settings of the system fill in what the manifest wants present.
    fn has_application(&self, system: &Effective) -> bool {
        let fields = self.manifest_now().settings.groups.iter().flat_map(|group| &group.fields);
        let mut needed = fields.flat_map(|field| &field.conditions).flat_map(|condition| match &condition.test {
            ConditionTest::AllPresent(keys) => keys.as_slice(),
            ConditionTest::OneOf(_) => &[],
        });
        needed.all(|key| system.is_filled_in(key))
    }
}

//! Whether the Azure application is filled in (Oro row A5): without it no account can be
//! connected, and none that is connected can do anything.

use super::error::AppError;
use super::schedule::Effective;
use super::settings::SettingsScope;
use super::start::App;
use crate::host::types::ConditionTest;

impl App {
    /// Whether everything is filled in that the manifest wants present before something
    /// can be switched on.
    ///
    /// # Errors
    /// The CRM cannot be read, or the component fails.
    pub async fn is_configured(&self) -> Result<bool, AppError> {
        let system = self.effective(SettingsScope::System).await?;
        Ok(self.has_application(&system))
    }

    /// The same in an installation with these settings.
    pub(super) fn has_application(&self, system: &Effective) -> bool {
        let fields = self.manifest_now().settings.groups.iter().flat_map(|group| &group.fields);
        let mut needed = fields.flat_map(|field| &field.conditions).flat_map(|condition| match &condition.test {
            ConditionTest::AllPresent(keys) => keys.as_slice(),
            ConditionTest::OneOf(_) => &[],
        });
        needed.all(|key| system.is_filled_in(key))
    }
}

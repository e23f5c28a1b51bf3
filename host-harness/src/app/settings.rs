//! Settings: effective values, and saving what a form posts.
//!
//! The component validates and resolves; the CRM stores; this brings the two
//! together and carries out what a save asks for. Next: [`super::schedule`].

use serde::Serialize;
use tandem_runtime::HostCalls;

use super::error::{AppError, SaveError};
use super::start::App;
use crate::crm::config::{ConfigAction, ConfigLayers, ConfigLevel, ConfigWrite};
use crate::crm::overview::Whose;
use crate::crm::secrets::SecretBytes;
use crate::crm::users::User;
use crate::crm::{CrmError, OrganizationId, Scope, UserId};
use crate::host::config::{json_of, layers_of};
use crate::host::types::{
    ChangeAction, ChangeSet, EffectiveSetting, FieldChange, FieldType, FollowUp, SettingLevel, SettingValue,
    StoredChange,
};

/// Which level's page is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettingsScope {
    /// The whole installation.
    System,
    /// One organization.
    Organization(OrganizationId),
    /// One user.
    User(UserId),
}

impl SettingsScope {
    const fn level(self) -> SettingLevel {
        match self {
            Self::System => SettingLevel::System,
            Self::Organization(_) => SettingLevel::Organization,
            Self::User(_) => SettingLevel::User,
        }
    }

    const fn whose(self) -> Whose {
        match self {
            Self::System => Whose::All,
            Self::Organization(id) => Whose::Organization(id),
            Self::User(id) => Whose::User(id),
        }
    }

    const fn stored(self) -> ConfigLevel {
        match self {
            Self::System => ConfigLevel::System,
            Self::Organization(id) => ConfigLevel::Organization(id),
            Self::User(id) => ConfigLevel::User(id),
        }
    }
}

/// What a save led to.
#[derive(Clone, Debug, PartialEq)]
pub struct SaveOutcome {
    /// What was stored, and what it asked for.
    pub changes: ChangeSet,
    /// What the follow-ups did, per user, ordered by login.
    pub follow_ups: Vec<FollowUpResult>,
}

/// What one follow-up did for one user.
#[derive(Clone, Debug, PartialEq)]
pub struct FollowUpResult {
    /// Whose account.
    pub user: UserId,
    /// The login of that user.
    pub login: String,
    /// What was done.
    pub action: FollowUp,
    /// Why it did not work, in a sentence for people; none where it did.
    pub failure: Option<String>,
}

impl App {
    /// Every field of the level with its effective value, ordered by key.
    ///
    /// # Errors
    /// The organization or user does not exist, or the component fails.
    pub async fn resolve(&self, scope: &SettingsScope) -> Result<Vec<EffectiveSetting>, AppError> {
        let layers = layers_of(&self.layers(*scope)?);
        let setup = self.setup(None, None, HostCalls::new(None));
        Ok(self.inner.parts.connector.resolve(setup, scope.level(), layers).await?)
    }

    /// Saves what a form posts: all of it, or nothing where one field is wrong.
    ///
    /// # Errors
    /// The fields that the component refuses; otherwise as [`App::resolve`].
    pub async fn save(&self, scope: &SettingsScope, changes: Vec<FieldChange>) -> Result<SaveOutcome, SaveError> {
        let (app, scope) = (self.clone(), *scope);
        self.detached(async move { app.save_at(scope, changes).await }).await
    }

    async fn save_at(&self, scope: SettingsScope, changes: Vec<FieldChange>) -> Result<SaveOutcome, SaveError> {
        let changes = {
            let _saving = self.inner.saving.lock().await;
            let layers = layers_of(&self.layers(scope)?);
            let setup = self.setup(None, None, HostCalls::new(None));
            let validated = self.inner.parts.connector.validate(setup, scope.level(), layers, changes).await?;
            let changes = validated.map_err(SaveError::Fields)?;
            self.crm().put_config(scope.stored(), &self.writes_of(&changes.changes))?;
            changes
        };
        let follow_ups = self.follow_up(scope, &changes.follow_ups).await?;
        if !changes.changes.is_empty() {
            // What an account lacks depends on what is switched on.
            self.crm().forget_standing(scope.whose())?;
            self.replan(&self.users_below(scope)?).await;
        }
        Ok(SaveOutcome { changes: shown(changes), follow_ups })
    }

    fn layers(&self, scope: SettingsScope) -> Result<ConfigLayers, CrmError> {
        match scope {
            SettingsScope::System => {
                let system = self.crm().config_rows(ConfigLevel::System)?;
                Ok(ConfigLayers { system, ..ConfigLayers::default() })
            }
            SettingsScope::Organization(id) => self.crm().config_layers(&Scope::organization(id)),
            SettingsScope::User(id) => self.crm().config_layers(&self.crm().user(id)?.scope()),
        }
    }

    /// The users to whom a level applies, ordered by login.
    pub(super) fn users_below(&self, scope: SettingsScope) -> Result<Vec<User>, CrmError> {
        match scope {
            SettingsScope::System => self.crm().all_users(),
            SettingsScope::Organization(id) => self.crm().users_of(id),
            SettingsScope::User(id) => Ok(vec![self.crm().user(id)?]),
        }
    }

    fn writes_of(&self, changes: &[StoredChange]) -> Vec<ConfigWrite> {
        let write = |change: &StoredChange| {
            let action = match (change.action, &change.store) {
                (ChangeAction::Remove, _) => ConfigAction::Remove,
                // A secret that stays as it is.
                (ChangeAction::Create | ChangeAction::Update, None) => return None,
                (ChangeAction::Create | ChangeAction::Update, Some(value)) => self.action_of(&change.key, value),
            };
            Some(ConfigWrite { key: change.key.clone(), action })
        };
        changes.iter().filter_map(write).collect()
    }

    fn action_of(&self, key: &str, value: &SettingValue) -> ConfigAction {
        let fields = self.manifest_now().settings.groups.iter().flat_map(|group| &group.fields);
        let kind = fields.into_iter().find(|field| field.key == key).map(|field| &field.kind);
        match (kind, value) {
            (Some(FieldType::Secret(_)), SettingValue::Text(secret)) => {
                ConfigAction::StoreSecret(SecretBytes::new(secret.clone().into_bytes()))
            }
            _ => ConfigAction::Store(json_of(value)),
        }
    }

    async fn follow_up(&self, scope: SettingsScope, actions: &[FollowUp]) -> Result<Vec<FollowUpResult>, AppError> {
        let mut results = Vec::new();
        if actions.is_empty() {
            return Ok(results);
        }
        for user in self.users_below(scope)? {
            // Nobody's tokens need nothing; an account that cannot be read gets
            // its error from the action itself.
            if matches!(self.account(user.id).await, Ok(None)) {
                continue;
            }
            for &action in actions {
                let done = match action {
                    FollowUp::RenewTokens => self.renew(&user).await,
                    FollowUp::ForgetAccessTokens => self.forget_access_token(&user).await,
                };
                let failure = done.err().map(|error| format!("{error}; {}", error.hint()));
                results.push(FollowUpResult { user: user.id, login: user.login.clone(), action, failure });
            }
        }
        Ok(results)
    }
}

/// The change set without the values to store, among which may be a secret.
fn shown(mut changes: ChangeSet) -> ChangeSet {
    for change in &mut changes.changes {
        change.store = None;
    }
    changes
}

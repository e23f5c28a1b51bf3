//! Form posts, change sets and effective values.

use tandem_core::run::HostDuties;
use tandem_core::settings::{
    ChangeAction, ChangeSet, FieldChange, FieldError, FollowUp, Level, ResolvedField, Source, StoredChange,
};

use super::common::{setting_value, setting_value_out};
use crate::bindings::exports::tandem::plugin::settings as wit;
use crate::bindings::tandem::host::config;

/// A level.
pub const fn level(level: config::SettingLevel) -> Level {
    match level {
        config::SettingLevel::System => Level::System,
        config::SettingLevel::Organization => Level::Organization,
        config::SettingLevel::User => Level::User,
    }
}

/// A level on the way to the host.
pub const fn level_out(level: Level) -> config::SettingLevel {
    match level {
        Level::System => config::SettingLevel::System,
        Level::Organization => config::SettingLevel::Organization,
        Level::User => config::SettingLevel::User,
    }
}

/// What a form posts for one field.
pub fn field_change(change: wit::FieldChange) -> FieldChange {
    FieldChange { key: change.key, value: setting_value(change.value), use_parent: change.use_parent }
}

/// What a save leads to.
pub fn change_set(set: ChangeSet) -> wit::ChangeSet {
    let follow_up = |follow_up| match follow_up {
        FollowUp::RenewTokens => wit::FollowUp::RenewTokens,
        FollowUp::ForgetAccessTokens => wit::FollowUp::ForgetAccessTokens,
    };
    wit::ChangeSet {
        changes: set.changes.into_iter().map(stored_change).collect(),
        follow_ups: set.follow_ups.into_iter().map(follow_up).collect(),
    }
}

/// Why a field was refused.
pub fn field_error(error: FieldError) -> wit::FieldError {
    wit::FieldError { key: error.key.to_owned(), message: error.message }
}

/// A field with its effective value.
pub fn effective_setting(resolved: ResolvedField) -> wit::EffectiveSetting {
    wit::EffectiveSetting {
        key: resolved.field.key().to_owned(),
        value: setting_value_out(resolved.effective.value),
        source: source(resolved.effective.source),
        inherited: setting_value_out(resolved.inherited.value),
        inherited_source: source(resolved.inherited.source),
    }
}

/// What the host still does for guests.
pub const fn host_duties(duties: HostDuties) -> wit::Duties {
    wit::Duties { send_invitations: duties.send_invitations, make_guest_copies: duties.make_guest_copies }
}

fn stored_change(change: StoredChange) -> wit::StoredChange {
    wit::StoredChange {
        key: change.field.key().to_owned(),
        action: match change.action {
            ChangeAction::Create => wit::ChangeAction::Create,
            ChangeAction::Update => wit::ChangeAction::Update,
            ChangeAction::Remove => wit::ChangeAction::Remove,
        },
        old: setting_value_out(change.old),
        new: setting_value_out(change.new),
        store: change.store.map(setting_value_out),
    }
}

const fn source(source: Source) -> wit::ValueSource {
    match source {
        Source::Level(Level::User) => wit::ValueSource::User,
        Source::Level(Level::Organization) => wit::ValueSource::Organization,
        Source::Level(Level::System) => wit::ValueSource::System,
        Source::Default => wit::ValueSource::Default,
    }
}

//! What a save leads to (Oro rows S4, S10, S11, S13).
//!
//! A form's values and the stored layers go in; the rows to write and what has
//! to follow come out, or a sentence per refused field. One refused field
//! refuses all. Nothing is stored here.

use std::collections::BTreeMap;
use std::fmt;

use thiserror::Error;

use super::schema::conditions;
use super::{ConditionEffect, Field, Kind, Layers, Level, SettingValue, rule};

/// What a form posts for one field.
#[derive(Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// The field's key, unchecked.
    pub key: String,
    /// The value as it was entered.
    pub value: SettingValue,
    /// Whether the fallback box is ticked: the value is then ignored.
    pub use_parent: bool,
}

/// Hides what was entered: it may be a secret.
impl fmt::Debug for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FieldChange({}, use_parent: {})", self.key, self.use_parent)
    }
}

/// What happens to a stored row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeAction {
    /// A row appears.
    Create,
    /// A row gets another value.
    Update,
    /// A row disappears; the level above takes effect.
    Remove,
}

/// One row of a change set.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredChange {
    /// The field.
    pub field: Field,
    /// What happens to the row.
    pub action: ChangeAction,
    /// The effective value before; of a secret, the mask or nothing.
    pub old: SettingValue,
    /// The effective value after; of a secret, the mask or nothing.
    pub new: SettingValue,
    /// The value to store, a secret in clear; none for [`ChangeAction::Remove`].
    pub store: Option<SettingValue>,
}

/// Hides the value to store, which may be a secret.
impl fmt::Debug for StoredChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredChange({}, {:?}, {:?} -> {:?})", self.field.key(), self.action, self.old, self.new)
    }
}

/// Something that has to happen after the change set was stored (S13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowUp {
    /// The application changed and is complete: every account renews its tokens
    /// with the new credentials, and is parked where that is refused.
    RenewTokens,
    /// A feature was switched off, or there is no application to renew with:
    /// access tokens are forgotten, refresh tokens are kept.
    ForgetAccessTokens,
}

/// What a save will do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeSet {
    /// The rows to write, ordered by key. A row that stays as it is is absent.
    pub changes: Vec<StoredChange>,
    /// What to do once they are stored, in this order.
    pub follow_ups: Vec<FollowUp>,
}

/// Why a field was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{key}`: {message}")]
pub struct FieldError {
    /// The field's key.
    pub key: &'static str,
    /// What was expected and what was found, for the person at the form.
    pub message: String,
}

/// What the form says about a row once it is understood.
enum Edit {
    /// It goes.
    Remove,
    /// It holds `shown`; `store` is what the host keeps, a secret in clear.
    Put { shown: SettingValue, store: SettingValue },
}

/// Checks what a form posts for `level` against the stored values up to it.
///
/// Keys that the level does not have are ignored (S11), and so is the fallback
/// box of a field that has none. A posted mask keeps the secret, an empty
/// secret removes it. Of a key that is posted twice, the last one counts.
///
/// # Errors
///
/// One entry per refused field, ordered by key.
pub fn validate(level: Level, layers: &Layers, changes: &[FieldChange]) -> Result<ChangeSet, Vec<FieldError>> {
    let mut edits = BTreeMap::new();
    let mut errors = BTreeMap::new();
    for change in changes {
        let Some(field) = Field::from_key(&change.key).filter(|field| field.is_on(level)) else { continue };
        match understand(field, change) {
            Ok(edit) => {
                errors.remove(field.key());
                edits.insert(field.key(), (field, edit));
            }
            Err(message) => {
                edits.remove(field.key());
                errors.insert(field.key(), message);
            }
        }
    }
    let edits: Vec<(Field, Edit)> = edits.into_values().filter_map(|(field, edit)| Some((field, edit?))).collect();
    let after = apply(level, layers, &edits);
    for (field, explanation) in refused_switches(level, layers, &after, &edits) {
        errors.insert(field.key(), explanation);
    }
    if !errors.is_empty() {
        return Err(errors.into_iter().map(|(key, message)| FieldError { key, message }).collect());
    }
    let changes: Vec<StoredChange> =
        edits.into_iter().filter_map(|(field, edit)| stored_change(level, layers, &after, field, edit)).collect();
    let follow_ups = follow_ups(layers, &after, &changes);
    Ok(ChangeSet { changes, follow_ups })
}

/// The edit that a posted field asks for; none where it asks for nothing.
fn understand(field: Field, change: &FieldChange) -> Result<Option<Edit>, String> {
    match field.kind() {
        Kind::Display => Ok(None),
        _ if change.use_parent && field.is_resettable() => Ok(Some(Edit::Remove)),
        Kind::Secret { .. } => {
            if rule::is_mask(&change.value) {
                return Ok(None);
            }
            let shown = rule::accept(field, &change.value)?;
            Ok(Some(match rule::secret_text(&change.value) {
                Some(text) => Edit::Put { shown, store: SettingValue::Text(text) },
                None => Edit::Remove,
            }))
        }
        Kind::Boolean | Kind::Integer { .. } | Kind::Text { .. } | Kind::Choice(_) => {
            let shown = rule::accept(field, &change.value)?;
            Ok(Some(Edit::Put { store: shown.clone(), shown }))
        }
    }
}

/// The layers as they will be. A secret shows as its mask.
fn apply(level: Level, layers: &Layers, edits: &[(Field, Edit)]) -> Layers {
    let mut after = layers.clone();
    let layer = after.layer_mut(level);
    for (field, edit) in edits {
        match edit {
            Edit::Remove => layer.remove(*field),
            Edit::Put { shown, .. } => layer.set(*field, shown.clone()),
        }
    }
    after
}

/// Boxes that are to be switched on although a condition forbids it once
/// everything else is stored. A box that is on already stays as it is (S4).
fn refused_switches(level: Level, before: &Layers, after: &Layers, edits: &[(Field, Edit)]) -> Vec<(Field, String)> {
    let on = SettingValue::Boolean(true);
    edits
        .iter()
        .map(|(field, _)| *field)
        .filter(|field| after.effective(level, *field).value == on && before.effective(level, *field).value != on)
        .filter_map(|field| {
            conditions(field)
                .into_iter()
                .filter(|condition| condition.effect == ConditionEffect::Disable)
                .find(|condition| !condition.test.holds(|other| after.effective(level, other).value))
                .map(|condition| {
                    let advice = condition.explanation;
                    (field, format!("expected a box that can be switched on, but found one that cannot. {advice}"))
                })
        })
        .collect()
}

fn stored_change(level: Level, before: &Layers, after: &Layers, field: Field, edit: Edit) -> Option<StoredChange> {
    let row = before.layer(level).stored(field);
    let (action, store) = match (row, edit) {
        (None, Edit::Remove) => return None,
        (Some(_), Edit::Remove) => (ChangeAction::Remove, None),
        (None, Edit::Put { store, .. }) => (ChangeAction::Create, Some(store)),
        (Some(row), Edit::Put { store, .. }) if *row == store => return None,
        (Some(_), Edit::Put { store, .. }) => (ChangeAction::Update, Some(store)),
    };
    Some(StoredChange {
        field,
        action,
        old: before.effective(level, field).value,
        new: after.effective(level, field).value,
        store,
    })
}

fn follow_ups(before: &Layers, after: &Layers, changes: &[StoredChange]) -> Vec<FollowUp> {
    let is_on =
        |layers: &Layers, field: Field| layers.effective(Level::System, field).value == SettingValue::Boolean(true);
    let is_complete = |layers: &Layers| {
        Field::APPLICATION.iter().all(|field| !layers.effective(Level::System, *field).value.is_empty())
    };
    // Two secrets show alike, so a secret that is stored is a changed one.
    let application_changed = changes.iter().any(|change| {
        Field::APPLICATION.contains(&change.field)
            && (change.old != change.new || (change.field.is_secret() && change.store.is_some()))
    });
    let application_lost = is_complete(before) && !is_complete(after);
    let switched_off = Field::FEATURES.iter().any(|field| is_on(before, *field) && !is_on(after, *field));

    let mut follow_ups = Vec::new();
    if application_changed && is_complete(after) {
        follow_ups.push(FollowUp::RenewTokens);
    }
    if switched_off || application_lost {
        follow_ups.push(FollowUp::ForgetAccessTokens);
    }
    follow_ups
}

#[cfg(test)]
#[path = "validate_tests.rs"]
mod tests;

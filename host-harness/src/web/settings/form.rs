//! Reads what a settings page posts, and enforces the manifest's conditions on
//! it. What values are acceptable is the component's decision, not made here.
//!
//! The form names each field that it shows (`field=KEY`), so that a page that
//! was rendered by an older version changes nothing it does not know. A control
//! that was disabled is marked (`kept:KEY`): browsers do not send it, and its
//! shown value counts.

use std::collections::BTreeMap;

use super::value::{control_text, to_text};
use crate::host::types::{
    Condition, ConditionEffect, ConditionTest, EffectiveSetting, Field, FieldChange, FieldError, FieldType,
    SettingValue,
};
use crate::web::forms::FormFields;

/// Effective values of a level by key.
pub type Effective = BTreeMap<String, EffectiveSetting>;

/// What was entered for one field.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The value, as it was entered where it is not of the field's type.
    pub value: SettingValue,
    /// Whether the fallback box was ticked.
    pub use_parent: bool,
}

/// What was entered, by key.
pub type Entries = BTreeMap<String, Entry>;

/// Reads the entries of `fields` from a form.
pub fn read(fields: &[Field], effective: &Effective, form: &FormFields) -> Entries {
    let mut entries = Entries::new();
    for field in fields.iter().filter(|field| form.has("field", &field.key)) {
        let use_parent = field.resettable && form.get(&format!("use_parent:{}", field.key)).is_some();
        let kept = form.get(&format!("kept:{}", field.key)).is_some();
        let posted = form.get(&field.key);
        let value = match (kept, posted) {
            (true, None) => effective.get(&field.key).map_or(SettingValue::None, |setting| setting.value.clone()),
            (_, posted) => parse(field, posted),
        };
        entries.insert(field.key.clone(), Entry { value, use_parent });
    }
    entries
}

fn parse(field: &Field, posted: Option<&str>) -> SettingValue {
    let text = posted.unwrap_or_default().trim();
    let or_none = |text: &str| if text.is_empty() { SettingValue::None } else { SettingValue::Text(text.to_owned()) };
    match field.kind {
        FieldType::Boolean => SettingValue::Boolean(!text.is_empty() && text != "false"),
        // What is no number goes on as text, for the component to say what it
        // expects.
        FieldType::Integer(_) => text.parse().map_or_else(|_| or_none(text), SettingValue::Integer),
        // A secret may begin or end with a blank.
        FieldType::Secret(_) => or_none(posted.unwrap_or_default()),
        FieldType::Text(_) | FieldType::Choice(_) | FieldType::Display => or_none(text),
    }
}

/// The changes to hand to the component: without fields that a condition hides,
/// and refused where a box was switched on that a condition blocks.
pub fn changes(
    fields: &[Field],
    effective: &Effective,
    entries: &Entries,
) -> Result<Vec<FieldChange>, Vec<FieldError>> {
    let mut changes = Vec::new();
    let mut errors = Vec::new();
    for field in fields {
        let Some(entry) = entries.get(&field.key) else { continue };
        let failed = failed_conditions(field, |key| current(key, effective, entries));
        if failed.iter().any(|condition| condition.effect == ConditionEffect::Hide) {
            continue;
        }
        let was_on = effective.get(&field.key).is_some_and(|setting| setting.value == SettingValue::Boolean(true));
        let switched_on = !entry.use_parent && entry.value == SettingValue::Boolean(true) && !was_on;
        match failed.iter().find(|condition| condition.effect == ConditionEffect::Disable) {
            Some(condition) if switched_on => {
                errors.push(FieldError { key: field.key.clone(), message: condition.explanation.clone() });
            }
            Some(_) | None => {
                changes.push(FieldChange {
                    key: field.key.clone(),
                    value: entry.value.clone(),
                    use_parent: entry.use_parent,
                });
            }
        }
    }
    if errors.is_empty() { Ok(changes) } else { Err(errors) }
}

/// The value of a field on the page as it is being edited; none where the page
/// does not have the field.
pub fn current(key: &str, effective: &Effective, entries: &Entries) -> Option<SettingValue> {
    let setting = effective.get(key);
    match entries.get(key) {
        Some(entry) if entry.use_parent => setting.map(|setting| setting.inherited.clone()),
        Some(entry) => Some(entry.value.clone()),
        None => setting.map(|setting| setting.value.clone()),
    }
}

/// The conditions of a field that do not hold. A condition on a field that the
/// page does not have is left to the component.
pub fn failed_conditions(field: &Field, value_of: impl Fn(&str) -> Option<SettingValue>) -> Vec<&Condition> {
    let holds = |condition: &Condition| match &condition.test {
        ConditionTest::OneOf((key, values)) => {
            value_of(key).is_none_or(|found| values.iter().any(|value| to_text(value) == to_text(&found)))
        }
        ConditionTest::AllPresent(keys) => keys.iter().all(|key| value_of(key).is_none_or(|found| found.is_present())),
    };
    field.conditions.iter().filter(|condition| !holds(condition)).collect()
}

/// Whether a secret was entered anew, rather than posted back as its mask.
pub fn is_new_secret(field: &Field, effective: &Effective, entry: &Entry) -> bool {
    let shown = effective.get(&field.key).map(|setting| control_text(field, &setting.value)).unwrap_or_default();
    !entry.use_parent && to_text(&entry.value) != shown
}

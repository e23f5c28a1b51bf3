//! A setting's value as text: how forms carry it and how people read it.

use crate::host::types::{Field, FieldType, SettingLevel, SettingValue, ValueSource};

/// Shown for a stored secret whatever the component answers: should it ever
/// answer the secret itself, the page still does not show it.
const MASK: &str = "****************";

/// The text that a form carries.
pub fn to_text(value: &SettingValue) -> String {
    match value {
        SettingValue::Boolean(on) => on.to_string(),
        SettingValue::Integer(number) => number.to_string(),
        SettingValue::Text(text) => text.clone(),
        SettingValue::None => String::new(),
    }
}

/// What a secret shows as: asterisks, or nothing where there is none.
pub fn mask(value: &SettingValue) -> String {
    match value {
        SettingValue::None => String::new(),
        SettingValue::Text(text) if text.is_empty() => String::new(),
        SettingValue::Text(text) if text.chars().all(|character| character == '*') => text.clone(),
        SettingValue::Text(_) | SettingValue::Boolean(_) | SettingValue::Integer(_) => MASK.to_owned(),
    }
}

/// The text to put into the field's control.
pub fn control_text(field: &Field, value: &SettingValue) -> String {
    match field.kind {
        FieldType::Secret(_) => mask(value),
        FieldType::Boolean | FieldType::Integer(_) | FieldType::Text(_) | FieldType::Choice(_) | FieldType::Display => {
            to_text(value)
        }
    }
}

/// The value as people read it: labels for choices, units for numbers.
pub fn for_people(field: &Field, value: &SettingValue) -> String {
    let text = control_text(field, value);
    match &field.kind {
        FieldType::Boolean => if *value == SettingValue::Boolean(true) { "Yes" } else { "No" }.to_owned(),
        FieldType::Choice(options) => {
            options.iter().find(|option| option.value == text).map_or(text, |option| option.label.clone())
        }
        FieldType::Secret(_) if !text.is_empty() => "a stored secret".to_owned(),
        FieldType::Integer(_) | FieldType::Text(_) | FieldType::Secret(_) | FieldType::Display => match &field.unit {
            _ if text.is_empty() => "empty".to_owned(),
            Some(unit) => format!("{text} {unit}"),
            None => text,
        },
    }
}

/// Where a value comes from, for people.
pub fn source_label(source: ValueSource) -> &'static str {
    match source {
        ValueSource::User => "the user's configuration",
        ValueSource::Organization => "the organization's configuration",
        ValueSource::System => "the system configuration",
        ValueSource::Default => "the built-in default",
    }
}

/// The source that means "stored on this level itself".
pub fn own_source(level: SettingLevel) -> ValueSource {
    match level {
        SettingLevel::System => ValueSource::System,
        SettingLevel::Organization => ValueSource::Organization,
        SettingLevel::User => ValueSource::User,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn a_secret_never_shows_whatever_the_component_answers() {
        assert_eq!(mask(&SettingValue::Text("hunter2".to_owned())), MASK);
        assert_eq!(mask(&SettingValue::Text("*****".to_owned())), "*****");
        assert_eq!(mask(&SettingValue::Text(String::new())), "");
        assert_eq!(mask(&SettingValue::None), "");
    }
}

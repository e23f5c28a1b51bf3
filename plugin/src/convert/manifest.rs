//! The manifest and its settings page.

use tandem_core::settings::{
    Condition, ConditionEffect, ConditionTest, Feature, Field, FieldDescription, FieldType, Group, Manifest, Page,
    Permission,
};

use super::common::setting_value_out;
use super::settings::level_out;
use crate::bindings::exports::tandem::plugin::manifest as wit;

/// The manifest.
pub fn manifest(manifest: Manifest) -> wit::Manifest {
    wit::Manifest {
        name: manifest.name.to_owned(),
        title: manifest.title.to_owned(),
        version: manifest.version.to_owned(),
        contract_version: manifest.contract_version.to_owned(),
        permissions: manifest.permissions.iter().map(permission).collect(),
        hosts: manifest.hosts.into_iter().map(str::to_owned).collect(),
        settings: page(manifest.settings),
    }
}

fn permission(permission: &Permission) -> wit::Permission {
    wit::Permission {
        name: permission.name.to_owned(),
        feature: permission.feature.map(|feature| match feature {
            Feature::Calendar => wit::Feature::Calendar,
            Feature::Tasks => wit::Feature::Tasks,
            Feature::Mail => wit::Feature::Mail,
        }),
        reason: permission.reason.to_owned(),
    }
}

fn page(page: Page) -> wit::Page {
    wit::Page {
        path: page.path.into_iter().map(str::to_owned).collect(),
        groups: page.groups.into_iter().map(group).collect(),
    }
}

fn group(group: Group) -> wit::Group {
    wit::Group {
        key: group.key.to_owned(),
        label: group.label.to_owned(),
        tooltip: group.tooltip,
        fields: group.fields.into_iter().map(field).collect(),
    }
}

fn field(field: FieldDescription) -> wit::Field {
    wit::Field {
        key: field.key().to_owned(),
        label: field.label.to_owned(),
        unit: field.unit().map(str::to_owned),
        default: setting_value_out(field.default_value()),
        levels: field.levels().iter().copied().map(level_out).collect(),
        resettable: field.is_resettable(),
        tooltip: field.tooltip,
        kind: field_type(field.kind),
        conditions: field.conditions.into_iter().map(condition).collect(),
    }
}

fn field_type(kind: FieldType) -> wit::FieldType {
    match kind {
        FieldType::Boolean => wit::FieldType::Boolean,
        FieldType::Integer { min, max } => wit::FieldType::Integer(wit::IntegerRange { min, max }),
        FieldType::Text(length) => wit::FieldType::Text(length),
        FieldType::Choice(options) => wit::FieldType::Choice(
            options
                .into_iter()
                .map(|option| wit::OptionLabel { value: option.value.to_owned(), label: option.label })
                .collect(),
        ),
        FieldType::Secret(length) => wit::FieldType::Secret(length),
        FieldType::Display => wit::FieldType::Display,
    }
}

fn condition(condition: Condition) -> wit::Condition {
    wit::Condition {
        test: match condition.test {
            ConditionTest::OneOf(field, values) => {
                wit::ConditionTest::OneOf((field.key().to_owned(), values.into_iter().map(setting_value_out).collect()))
            }
            ConditionTest::AllPresent(fields) => {
                wit::ConditionTest::AllPresent(fields.into_iter().map(|field: Field| field.key().to_owned()).collect())
            }
        },
        effect: match condition.effect {
            ConditionEffect::Hide => wit::ConditionEffect::Hide,
            ConditionEffect::Disable => wit::ConditionEffect::Disable,
        },
        explanation: condition.explanation.to_owned(),
    }
}

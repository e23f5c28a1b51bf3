//! The view of a settings page, drawn from the component's manifest alone:
//! whatever fields, levels and conditions it lists appear, in its order.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use super::form::{Effective, Entries, current, failed_conditions, is_new_secret};
use super::value::{control_text, for_people, own_source, source_label, to_text};
use crate::crm::users::User;
use crate::host::types::{
    Condition, ConditionEffect, ConditionTest, EffectiveSetting, Field, FieldError, FieldType, Page, SettingLevel,
    SettingValue,
};
use crate::web::account_view::AccountView;
use crate::web::error::capitalised;

/// The question before a Reset (Oro row S12).
pub const RESET_QUESTION: &str = "Settings will be restored to saved values. Please confirm you want to continue.";

/// What a settings page shows.
#[derive(Debug, Serialize)]
pub struct SettingsView {
    /// The heading.
    pub title: String,
    /// Where the page stands: the way to it.
    pub crumbs: String,
    /// Whose settings these are.
    pub subtitle: String,
    /// The pages beside it.
    pub beside: Vec<PageLink>,
    /// Where the form posts to.
    pub action: String,
    /// Where Reset leads without a script.
    pub reset_href: String,
    /// The question of Reset.
    pub reset_question: &'static str,
    /// The tree on the left.
    pub tree: Vec<TreeNode>,
    /// The sections, in the manifest's order.
    pub sections: Vec<SectionView>,
    /// What the fallback boxes say.
    pub fallback_label: &'static str,
    /// The section "Microsoft Account", on the user level.
    pub account: Option<AccountView>,
    /// Why nothing was saved.
    pub errors: Vec<ErrorLine>,
}

/// A page beside this one.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct PageLink {
    label: &'static str,
    href: String,
    /// Whose it is, where the menu has one with the same label for everybody.
    of: Option<String>,
}

impl PageLink {
    /// Where a level is left for: the users among whom it was found, and how a user's
    /// synchronization stands.
    pub fn of(level: SettingLevel, user: Option<&User>, is_own: bool) -> Vec<Self> {
        let users = || Self { label: "Users", href: "/users".to_owned(), of: None };
        let is_found_there = level != SettingLevel::System && !is_own;
        let status = |user: &User| Self {
            label: "Status",
            href: format!("/status/{}", user.id),
            of: Some(user.display_name.clone()),
        };
        is_found_there.then(users).into_iter().chain(user.map(status)).collect()
    }
}

/// A node of the tree.
#[derive(Debug, Serialize)]
pub struct TreeNode {
    label: String,
    href: Option<String>,
    current: bool,
    children: Vec<TreeNode>,
}

/// A refused field.
#[derive(Debug, Serialize)]
pub struct ErrorLine {
    field_id: String,
    label: String,
    message: String,
}

/// A section.
#[derive(Debug, Serialize)]
pub struct SectionView {
    id: String,
    label: String,
    tooltip: Option<String>,
    fields: Vec<FieldView>,
}

/// A field.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is one attribute of the HTML control")]
pub struct FieldView {
    key: String,
    id: String,
    label: String,
    tooltip: Option<String>,
    unit: Option<String>,
    kind: &'static str,
    value: String,
    checked: bool,
    options: Vec<OptionView>,
    min: i64,
    max: i64,
    resettable: bool,
    use_parent: bool,
    disabled: bool,
    blocked: bool,
    hidden: bool,
    kept_marker: bool,
    kept: bool,
    inherited_value: Option<String>,
    inherited_note: Option<String>,
    /// What another level makes of it.
    level_note: Option<String>,
    conditions: Option<String>,
    condition_note: Option<String>,
    described_by: String,
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct OptionView {
    value: String,
    label: String,
    selected: bool,
}

/// What was just posted and refused; empty where a page is opened.
#[derive(Debug, Default)]
pub struct Refused {
    /// What was entered.
    pub entries: Entries,
    /// What was wrong with it.
    pub errors: Vec<FieldError>,
}

/// The fields that a level has, in the manifest's order.
pub fn fields_of(page: &Page, level: SettingLevel) -> Vec<Field> {
    let on_level = |field: &&Field| field.levels.contains(&level);
    page.groups.iter().flat_map(|group| group.fields.iter().filter(on_level).cloned()).collect()
}

/// What the fallback box says on a level (Oro row S9).
pub fn fallback_label(level: SettingLevel) -> &'static str {
    match level {
        SettingLevel::System => "Use Default",
        SettingLevel::Organization => "Use System",
        SettingLevel::User => "Use Organization",
    }
}

/// The sections of a level.
pub fn sections(page: &Page, level: SettingLevel, effective: &Effective, refused: &Refused) -> Vec<SectionView> {
    let drawn = page.groups.iter().map(|group| SectionView {
        id: format!("s-{}", slug(&group.key)),
        label: group.label.clone(),
        tooltip: group.tooltip.clone(),
        fields: group
            .fields
            .iter()
            .filter(|field| field.levels.contains(&level))
            .map(|field| field_view(field, level, effective, refused))
            .collect(),
    });
    drawn.filter(|section| !section.fields.is_empty()).collect()
}

/// Says beside fields, by their keys, what another level makes of them.
pub fn annotate(sections: &mut [SectionView], notes: &BTreeMap<&str, String>) {
    for field in sections.iter_mut().flat_map(|section| &mut section.fields) {
        if let Some(note) = notes.get(field.key.as_str()) {
            field.level_note = Some(note.clone());
            field.described_by = described_by(field);
        }
    }
}

/// The refused fields, in the order of the page.
pub fn error_lines(page: &Page, refused: &Refused) -> Vec<ErrorLine> {
    let labels: BTreeMap<&str, &str> = page
        .groups
        .iter()
        .flat_map(|group| &group.fields)
        .map(|field| (field.key.as_str(), field.label.as_str()))
        .collect();
    let line = |error: &FieldError| ErrorLine {
        field_id: field_id(&error.key),
        label: labels.get(error.key.as_str()).map_or_else(|| error.key.clone(), ToString::to_string),
        message: error.message.clone(),
    };
    refused.errors.iter().map(line).collect()
}

/// The tree: the manifest's path, and the sections under its last step.
pub fn tree(page: &Page, href: &str, sections: &[SectionView], with_account: bool) -> Vec<TreeNode> {
    let leaf = |label: &str, anchor: &str| TreeNode {
        label: label.to_owned(),
        href: Some(format!("{href}#{anchor}")),
        current: false,
        children: Vec::new(),
    };
    let account = with_account.then(|| leaf("Microsoft Account", "microsoft-account"));
    let mut children: Vec<TreeNode> =
        account.into_iter().chain(sections.iter().map(|section| leaf(&section.label, &section.id))).collect();
    for (depth, label) in page.path.iter().rev().enumerate() {
        let is_page = depth == 0;
        let node =
            TreeNode { label: label.clone(), href: is_page.then(|| href.to_owned()), current: is_page, children };
        children = vec![node];
    }
    children
}

fn field_view(field: &Field, level: SettingLevel, effective: &Effective, refused: &Refused) -> FieldView {
    let setting = effective.get(&field.key);
    let entry = refused.entries.get(&field.key);
    let use_parent = field.resettable
        && entry.map_or_else(
            || setting.is_none_or(|setting| setting.source != own_source(level)),
            |entry| entry.use_parent,
        );
    let mut error = refused.errors.iter().find(|error| error.key == field.key).map(|error| capitalised(&error.message));
    let mut value = current(&field.key, effective, &refused.entries).unwrap_or_else(|| field.default.clone());
    // A secret that was entered is not written into the page again.
    if matches!(field.kind, FieldType::Secret(_)) && entry.is_some_and(|entry| is_new_secret(field, effective, entry)) {
        value = setting.map_or(SettingValue::None, |setting| setting.value.clone());
        error = error.or_else(|| Some("It was not saved. Enter it again.".to_owned()));
    }
    let checked = value == SettingValue::Boolean(true);
    let failed = failed_conditions(field, |key| current(key, effective, &refused.entries));
    let hidden = failed.iter().any(|condition| condition.effect == ConditionEffect::Hide);
    let blocked = !checked && failed.iter().any(|condition| condition.effect == ConditionEffect::Disable);
    let disabled = use_parent || blocked;
    let forbids = |condition: &&Condition| condition.effect == ConditionEffect::Disable;
    // The condition that blocks the box now; where none does, the one that
    // could, for the script to show.
    let of_all = || field.conditions.iter().find(forbids);
    let condition_note = failed.iter().copied().find(forbids).or_else(of_all);
    let text = control_text(field, &value);
    let (min, max) = match &field.kind {
        FieldType::Integer(range) => (range.min, range.max),
        FieldType::Boolean | FieldType::Text(_) | FieldType::Choice(_) | FieldType::Secret(_) | FieldType::Display => {
            (0, 0)
        }
    };
    let mut view = FieldView {
        key: field.key.clone(),
        id: field_id(&field.key),
        label: field.label.clone(),
        tooltip: field.tooltip.clone(),
        unit: field.unit.clone(),
        kind: kind_name(&field.kind),
        checked,
        options: options(&field.kind, &text),
        value: text,
        min,
        max,
        resettable: field.resettable,
        use_parent,
        disabled,
        blocked,
        hidden,
        kept_marker: !matches!(field.kind, FieldType::Display),
        kept: disabled,
        inherited_value: setting.filter(|_| field.resettable).map(|setting| control_text(field, &setting.inherited)),
        inherited_note: setting.filter(|_| field.resettable).map(|setting| inherited_note(field, setting)),
        level_note: None,
        conditions: conditions_json(field, effective),
        condition_note: condition_note.map(|condition| condition.explanation.clone()),
        described_by: String::new(),
        error,
    };
    view.described_by = described_by(&view);
    view
}

fn inherited_note(field: &Field, setting: &EffectiveSetting) -> String {
    format!("From {}: {}", source_label(setting.inherited_source), for_people(field, &setting.inherited))
}

fn described_by(view: &FieldView) -> String {
    let parts = [
        ("tip", view.tooltip.is_some()),
        ("unit", view.unit.is_some() && matches!(view.kind, "integer" | "text")),
        ("error", view.error.is_some()),
        ("condition", view.condition_note.is_some()),
        ("source", view.inherited_note.is_some()),
        ("level", view.level_note.is_some()),
    ];
    let ids: Vec<String> =
        parts.iter().filter(|(_, there)| *there).map(|(part, _)| format!("{}-{part}", view.id)).collect();
    ids.join(" ")
}

fn kind_name(kind: &FieldType) -> &'static str {
    match kind {
        FieldType::Boolean => "boolean",
        FieldType::Integer(_) => "integer",
        FieldType::Text(_) => "text",
        FieldType::Choice(_) => "choice",
        FieldType::Secret(_) => "secret",
        FieldType::Display => "display",
    }
}

fn options(kind: &FieldType, chosen: &str) -> Vec<OptionView> {
    match kind {
        FieldType::Choice(options) => options
            .iter()
            .map(|option| OptionView {
                value: option.value.clone(),
                label: option.label.clone(),
                selected: option.value == chosen,
            })
            .collect(),
        FieldType::Boolean | FieldType::Integer(_) | FieldType::Text(_) | FieldType::Secret(_) | FieldType::Display => {
            Vec::new()
        }
    }
}

/// The conditions for the script, without those on fields of other levels,
/// which only the component can judge.
fn conditions_json(field: &Field, effective: &Effective) -> Option<String> {
    let on_page = |key: &String| effective.contains_key(key);
    let described: Vec<serde_json::Value> = field
        .conditions
        .iter()
        .filter_map(|condition| {
            let effect = match condition.effect {
                ConditionEffect::Hide => "hide",
                ConditionEffect::Disable => "disable",
            };
            let why = &condition.explanation;
            match &condition.test {
                ConditionTest::OneOf((key, values)) if on_page(key) => {
                    let values: Vec<String> = values.iter().map(to_text).collect();
                    Some(json!({ "oneOf": key, "values": values, "effect": effect, "why": why }))
                }
                ConditionTest::OneOf(_) => None,
                ConditionTest::AllPresent(keys) => {
                    let keys: Vec<&String> = keys.iter().filter(|key| on_page(key)).collect();
                    Some(json!({ "allPresent": keys, "effect": effect, "why": why }))
                }
            }
        })
        .collect();
    (!described.is_empty()).then(|| serde_json::Value::Array(described).to_string())
}

fn field_id(key: &str) -> String {
    format!("f-{}", slug(key))
}

fn slug(key: &str) -> String {
    key.chars().map(|character| if character.is_ascii_alphanumeric() { character } else { '-' }).collect()
}

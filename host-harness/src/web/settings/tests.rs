//! The settings page, from a manifest to HTML and back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::form::{Effective, changes, read};
use super::view::{RESET_QUESTION, Refused, SettingsView, error_lines, fallback_label, fields_of, sections, tree};
use crate::host::types::{
    Condition, ConditionEffect, ConditionTest, EffectiveSetting, Field, FieldError, FieldType, Group, IntegerRange,
    OptionLabel, Page, SettingLevel, SettingValue, ValueSource,
};
use crate::web::forms::FormFields;
use crate::web::render::{Chrome, page as render};

const HOSTILE: &str = "\"><script>alert('x')</script>";

fn text(value: &str) -> SettingValue {
    SettingValue::Text(value.to_owned())
}

fn field(key: &str, kind: FieldType, default: SettingValue) -> Field {
    Field {
        key: key.to_owned(),
        label: format!("Label of {key}"),
        tooltip: None,
        unit: None,
        kind,
        default,
        levels: vec![SettingLevel::System, SettingLevel::Organization, SettingLevel::User],
        resettable: true,
        conditions: Vec::new(),
    }
}

fn condition(test: ConditionTest, effect: ConditionEffect) -> Condition {
    Condition { test, effect, explanation: "Fill in the application first.".to_owned() }
}

fn option(value: &str, label: &str) -> OptionLabel {
    OptionLabel { value: value.to_owned(), label: label.to_owned() }
}

fn manifest_page() -> Page {
    let mut client = field("client", FieldType::Text(100), SettingValue::None);
    client.resettable = false;
    let secret = field("secret", FieldType::Secret(200), SettingValue::None);
    let mut enable = field("enable", FieldType::Boolean, SettingValue::Boolean(false));
    let present = ConditionTest::AllPresent(vec!["client".to_owned(), "secret".to_owned()]);
    enable.conditions = vec![condition(present, ConditionEffect::Disable)];
    let mut interval =
        field("interval", FieldType::Integer(IntegerRange { min: 1, max: 1440 }), SettingValue::Integer(10));
    interval.unit = Some("minutes".to_owned());
    let direction =
        field("direction", FieldType::Choice(vec![option("both", "Both ways"), option("out", "Out")]), text("both"));
    let mut rule =
        field("rule", FieldType::Choice(vec![option("crm", "CRM wins"), option("ms", "Microsoft wins")]), text("crm"));
    rule.conditions =
        vec![condition(ConditionTest::OneOf(("direction".to_owned(), vec![text("both")])), ConditionEffect::Hide)];
    let redirect = field("redirect", FieldType::Display, text("http://localhost:8080/back"));
    let group = |key: &str, fields| Group { key: key.to_owned(), label: format!("Group {key}"), tooltip: None, fields };
    Page {
        path: vec!["Integrations".to_owned(), "Microsoft Settings".to_owned()],
        groups: vec![
            group("app", vec![client, secret, redirect]),
            group("sync", vec![enable, interval, direction, rule]),
        ],
    }
}

fn setting(key: &str, value: SettingValue, source: ValueSource, inherited: SettingValue) -> (String, EffectiveSetting) {
    let setting =
        EffectiveSetting { key: key.to_owned(), value, source, inherited, inherited_source: ValueSource::Default };
    (key.to_owned(), setting)
}

fn effective() -> Effective {
    [
        setting("client", SettingValue::None, ValueSource::Default, SettingValue::None),
        setting("secret", SettingValue::None, ValueSource::Default, SettingValue::None),
        setting("enable", SettingValue::Boolean(false), ValueSource::Default, SettingValue::Boolean(false)),
        setting("interval", SettingValue::Integer(30), ValueSource::System, SettingValue::Integer(10)),
        setting("direction", text("both"), ValueSource::Default, text("both")),
        setting("rule", text("crm"), ValueSource::Default, text("crm")),
        setting("redirect", text("http://localhost:8080/back"), ValueSource::Default, SettingValue::None),
    ]
    .into_iter()
    .collect()
}

fn html(effective: &Effective, refused: &Refused) -> String {
    let page = manifest_page();
    let sections = sections(&page, SettingLevel::System, effective, refused);
    let view = SettingsView {
        title: "System Configuration".to_owned(),
        crumbs: page.path.join(" > "),
        subtitle: String::new(),
        beside: Vec::new(),
        action: "/configuration/system".to_owned(),
        reset_href: "/configuration/system/reset".to_owned(),
        reset_question: RESET_QUESTION,
        tree: tree(&page, "/configuration/system", &sections, false),
        sections,
        fallback_label: fallback_label(SettingLevel::System),
        account: None,
        errors: error_lines(&page, refused),
    };
    render("settings.html", &Chrome::anonymous("Tandem CRM", "token".to_owned()), &view).unwrap().0
}

/// The row of one field.
fn row<'a>(html: &'a str, key: &str) -> &'a str {
    let start = html.find(&format!("data-field=\"{key}\"")).unwrap_or_else(|| panic!("no field {key}"));
    let rest = &html[start..];
    &rest[..rest[1..].find("data-field=").map_or(rest.len(), |end| end + 1)]
}

fn form(pairs: &[(&str, &str)]) -> FormFields {
    FormFields::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

fn posted(pairs: &[(&str, &str)], effective: &Effective) -> Result<Vec<(String, SettingValue, bool)>, Vec<FieldError>> {
    let fields = fields_of(&manifest_page(), SettingLevel::System);
    let entries = read(&fields, effective, &form(pairs));
    changes(&fields, effective, &entries)
        .map(|changes| changes.into_iter().map(|change| (change.key, change.value, change.use_parent)).collect())
}

#[test]
fn an_inherited_field_is_disabled_and_says_where_its_value_comes_from() {
    let html = html(&effective(), &Refused::default());
    let direction = row(&html, "direction");
    assert!(direction.contains(" disabled") && direction.contains("data-fallback checked"));
    assert!(direction.contains("From the built-in default: Both ways"));
    assert!(direction.contains("Use Default"));
    let interval = row(&html, "interval");
    assert!(
        !interval.contains("data-fallback checked")
            && interval.contains("value=\"30\"")
            && interval.contains("minutes")
    );
    assert!(interval.contains("From the built-in default: 10 minutes"));
}

#[test]
fn a_field_without_fallback_box_is_never_disabled_by_one() {
    let html = html(&effective(), &Refused::default());
    let client = row(&html, "client");
    assert!(
        !client.contains("use_parent:") && !client.contains("id=\"f-client\" data-control name=\"client\" disabled")
    );
}

#[test]
fn conditions_hide_and_disable_on_the_page() {
    let mut effective = effective();
    effective.get_mut("direction").unwrap().value = text("out");
    let html = html(&effective, &Refused::default());
    assert!(row(&html, "rule").split('>').next().unwrap().contains(" hidden"));
    let enable = row(&html, "enable");
    assert!(enable.contains("Fill in the application first."));
    assert!(enable.contains("&quot;allPresent&quot;"));
}

#[test]
fn a_blocked_field_names_the_condition_that_blocks_it() {
    let mut page = manifest_page();
    let enable = page.groups[1].fields.iter_mut().find(|field| field.key == "enable").unwrap();
    let mut never = condition(ConditionTest::OneOf(("enable".to_owned(), Vec::new())), ConditionEffect::Disable);
    never.explanation = "Not in this version.".to_owned();
    enable.conditions.push(never);
    let mut effective = effective();
    let note = |effective: &Effective| {
        let sections = sections(&page, SettingLevel::System, effective, &Refused::default());
        let view = serde_json::to_value(&sections).unwrap();
        let fields = view[1]["fields"].as_array().unwrap().clone();
        fields.into_iter().find(|field| field["key"] == "enable").unwrap()["condition_note"].clone()
    };
    assert_eq!(note(&effective), "Fill in the application first.");
    for key in ["client", "secret"] {
        effective.get_mut(key).unwrap().value = text("filled in");
    }
    assert_eq!(note(&effective), "Not in this version.", "the application is filled in");
}

#[test]
fn reset_opens_the_saved_page_anew() {
    // Reloading a page that came back with errors would post the form again.
    let html = html(&effective(), &Refused::default());
    let dialog = html.split("id=\"reset-dialog\"").nth(1).unwrap();
    assert!(dialog.contains("href=\"&#x2f;configuration&#x2f;system\" data-discard"), "{dialog}");
}

#[test]
fn hostile_values_stay_text() {
    let mut effective = effective();
    effective.get_mut("client").unwrap().value = text(HOSTILE);
    let mut refused = Refused::default();
    refused.errors.push(FieldError { key: "client".to_owned(), message: HOSTILE.to_owned() });
    let html = html(&effective, &refused);
    assert!(!html.contains("<script>alert"), "escaped everywhere");
    assert!(html.contains("&lt;script&gt;alert"));
}

#[test]
fn a_stored_or_entered_secret_is_never_in_the_page() {
    let mut effective = effective();
    effective.get_mut("secret").unwrap().value = text("s3cr3t-stored");
    effective.get_mut("secret").unwrap().source = ValueSource::System;
    let stored = html(&effective, &Refused::default());
    assert!(!stored.contains("s3cr3t") && row(&stored, "secret").contains("****"));

    let fields = fields_of(&manifest_page(), SettingLevel::System);
    let entries = read(&fields, &effective, &form(&[("field", "secret"), ("secret", "s3cr3t-new")]));
    let refused = Refused { entries, errors: Vec::new() };
    let again = html(&effective, &refused);
    assert!(!again.contains("s3cr3t") && row(&again, "secret").contains("Enter it again"));
}

#[test]
fn entered_values_are_kept_when_they_are_refused() {
    let effective = effective();
    let fields = fields_of(&manifest_page(), SettingLevel::System);
    let entries = read(&fields, &effective, &form(&[("field", "interval"), ("interval", "soon")]));
    let errors = vec![FieldError { key: "interval".to_owned(), message: "expected a whole number".to_owned() }];
    let html = html(&effective, &Refused { entries, errors });
    let interval = row(&html, "interval");
    assert!(interval.contains("value=\"soon\"") && interval.contains("aria-invalid=\"true\""));
    assert!(interval.contains("Expected a whole number."), "a sentence at the field");
    assert!(html.contains("data-unsaved=\"true\""));
}

#[test]
fn a_post_changes_the_fields_it_names_and_no_other() {
    let found = posted(&[("field", "interval"), ("interval", " 15 "), ("direction", "out")], &effective()).unwrap();
    assert_eq!(found, [("interval".to_owned(), SettingValue::Integer(15), false)]);
}

#[test]
fn an_unticked_box_without_a_script_keeps_the_shown_value() {
    let found = posted(&[("field", "direction"), ("kept:direction", "1")], &effective()).unwrap();
    assert_eq!(found, [("direction".to_owned(), text("both"), false)]);
}

#[test]
fn a_ticked_fallback_box_is_told_to_the_component() {
    let found =
        posted(&[("field", "interval"), ("interval", "15"), ("use_parent:interval", "1")], &effective()).unwrap();
    assert!(found[0].2);
    let fixed = posted(&[("field", "client"), ("client", "abc"), ("use_parent:client", "1")], &effective()).unwrap();
    assert_eq!(fixed, [("client".to_owned(), text("abc"), false)], "the field has no box");
}

#[test]
fn a_hidden_field_is_left_as_it_is() {
    let pairs = [("field", "direction"), ("direction", "out"), ("field", "rule"), ("rule", "ms")];
    let found = posted(&pairs, &effective()).unwrap();
    assert_eq!(found, [("direction".to_owned(), text("out"), false)]);
}

#[test]
fn a_blocked_box_cannot_be_switched_on_but_off() {
    let blocked = posted(&[("field", "enable"), ("enable", "true")], &effective()).unwrap_err();
    assert_eq!(blocked[0].key, "enable");
    let together = [
        ("field", "client"),
        ("client", "a"),
        ("field", "secret"),
        ("secret", "b"),
        ("field", "enable"),
        ("enable", "true"),
    ];
    assert_eq!(posted(&together, &effective()).unwrap().len(), 3, "one save keeps all");

    let mut on = effective();
    on.get_mut("enable").unwrap().value = SettingValue::Boolean(true);
    let off = posted(&[("field", "enable")], &on).unwrap();
    assert_eq!(off, [("enable".to_owned(), SettingValue::Boolean(false), false)]);
}

//! Decision tables of saving: Oro rows S2, S3, S4, S10, S11 and S13.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;
use crate::settings::{Layer, SECRET_MASK};

type Rows<'a> = &'a [(&'a str, SettingValue)];
type Row = (ChangeAction, Option<SettingValue>);

const ON: SettingValue = SettingValue::Boolean(true);
const OFF: SettingValue = SettingValue::Boolean(false);

fn text(value: &str) -> SettingValue {
    SettingValue::text(value)
}

fn layer(rows: Rows<'_>) -> Layer {
    rows.iter().cloned().collect()
}

fn put(key: &str, value: SettingValue) -> FieldChange {
    FieldChange { key: key.to_owned(), value, use_parent: false }
}

fn fall_back(key: &str) -> FieldChange {
    FieldChange { key: key.to_owned(), value: text("ignored"), use_parent: true }
}

fn application() -> Vec<(&'static str, SettingValue)> {
    vec![
        ("application.client-id", text("app")),
        ("application.client-secret", text(SECRET_MASK)),
        ("application.tenant", text("contoso.com")),
    ]
}

fn system(rows: Rows<'_>) -> Layers {
    Layers { system: layer(rows), ..Layers::default() }
}

/// One save, as `key action store` per row and the follow-ups, or as errors.
fn save(level: Level, layers: &Layers, changes: &[FieldChange]) -> Vec<String> {
    match validate(level, layers, changes) {
        Ok(set) => {
            let rows = set.changes.iter().map(|change| {
                format!("{} {:?} {:?} -> {:?}", change.field.key(), change.action, change.old, change.new)
            });
            rows.chain(set.follow_ups.iter().map(|follow_up| format!("{follow_up:?}"))).collect()
        }
        Err(errors) => errors.iter().map(|error| format!("refused {error}")).collect(),
    }
}

#[test]
fn a_row_is_created_updated_or_removed_per_level() {
    let layers = Layers {
        system: layer(&[("sync.interval-minutes", SettingValue::Integer(30))]),
        organization: layer(&[("sync.interval-minutes", SettingValue::Integer(20))]),
        user: Layer::default(),
    };
    let key = "sync.interval-minutes";
    let table: [(&str, Level, FieldChange, &[&str]); 8] = [
        (
            "another value",
            Level::Organization,
            put(key, SettingValue::Integer(5)),
            &["Update Integer(20) -> Integer(5)"],
        ),
        (
            "the parent's value freezes it",
            Level::Organization,
            put(key, SettingValue::Integer(30)),
            &["Update Integer(20) -> Integer(30)"],
        ),
        (
            "an equal value is stored where there is no row",
            Level::User,
            put(key, SettingValue::Integer(20)),
            &["Create Integer(20) -> Integer(20)"],
        ),
        ("the stored value again is no change", Level::Organization, put(key, SettingValue::Integer(20)), &[]),
        ("the same as text is no change", Level::Organization, put(key, text("20")), &[]),
        ("the box removes the row", Level::Organization, fall_back(key), &["Remove Integer(20) -> Integer(30)"]),
        ("the box without a row does nothing", Level::User, fall_back(key), &[]),
        (
            "above the system is the built-in value",
            Level::System,
            fall_back(key),
            &["Remove Integer(30) -> Integer(10)"],
        ),
    ];
    for (description, level, change, expected) in table {
        let expected: Vec<String> = expected.iter().map(|row| format!("{key} {row}")).collect();
        assert_eq!(save(level, &layers, &[change]), expected, "{description}");
    }
}

#[test]
fn unknown_keys_and_keys_of_other_levels_are_ignored() {
    let changes = [
        put("nonsense", ON),
        put("features.calendar", ON),
        put("application.redirect-uri", text("https://evil.example")),
        put("sync.window-past-days", SettingValue::Integer(9999)),
    ];
    assert_eq!(save(Level::User, &Layers::default(), &changes), Vec::<String>::new());
    let display = [put("application.redirect-uri", text("https://evil.example"))];
    assert_eq!(save(Level::System, &Layers::default(), &display), Vec::<String>::new());
}

#[test]
fn a_field_without_a_fallback_box_is_always_stored() {
    let layers = system(&application());
    let change = FieldChange { key: "application.client-id".to_owned(), value: text("new"), use_parent: true };
    let set = validate(Level::System, &layers, &[change]).unwrap();
    assert_eq!(set.changes[0].action, ChangeAction::Update);
    assert_eq!(set.changes[0].store, Some(text("new")));
}

#[test]
fn one_wrong_field_refuses_all_and_each_is_named() {
    let changes = [
        put("sync.interval-minutes", SettingValue::Integer(1441)),
        put("calendar.direction", text("both")),
        put("calendar.enabled", ON),
    ];
    let errors = validate(Level::User, &Layers::default(), &changes).unwrap_err();
    let keys: Vec<&str> = errors.iter().map(|error| error.key).collect();
    assert_eq!(keys, ["calendar.direction", "sync.interval-minutes"]);
}

#[test]
fn the_last_of_two_posts_for_a_key_counts() {
    let key = "sync.interval-minutes";
    let wrong = put(key, SettingValue::Integer(0));
    let right = put(key, SettingValue::Integer(5));
    assert_eq!(save(Level::User, &Layers::default(), &[wrong.clone(), right.clone()]).len(), 1);
    assert!(validate(Level::User, &Layers::default(), &[right, wrong]).is_err());
}

#[test]
fn a_secret_is_kept_replaced_or_removed_and_never_shown() {
    let layers = system(&application());
    let key = "application.client-secret";
    let table: [(&str, FieldChange, Option<Row>); 5] = [
        ("the mask keeps it", put(key, text(SECRET_MASK)), None),
        ("a longer mask keeps it", put(key, text(&"*".repeat(40))), None),
        ("a new one is stored", put(key, text("n3w~")), Some((ChangeAction::Update, Some(text("n3w~"))))),
        ("an empty one removes it", put(key, text("")), Some((ChangeAction::Remove, None))),
        ("the box removes it", fall_back(key), Some((ChangeAction::Remove, None))),
    ];
    for (description, change, expected) in table {
        let set = validate(Level::System, &layers, std::slice::from_ref(&change)).unwrap();
        let found = set.changes.first().map(|row| (row.action, row.store.clone()));
        assert_eq!(found, expected, "{description}");
        assert!(!format!("{set:?} {change:?}").contains("n3w"), "{description}: a secret was printed");
    }
    let without = system(&[]);
    assert_eq!(save(Level::System, &without, &[put(key, text(SECRET_MASK))]), Vec::<String>::new());
}

#[test]
fn a_feature_can_be_switched_on_with_the_application_only() {
    for key in ["features.calendar", "features.tasks"] {
        check_switch(key);
    }
}

fn check_switch(key: &'static str) {
    let full = system(&application());
    let mut on_without = system(&[(key, ON)]);
    on_without.system.remove(Field::ClientId);
    let posted: Vec<FieldChange> = application()
        .into_iter()
        .map(|(key, value)| put(key, if value == text(SECRET_MASK) { text("n3w~") } else { value }))
        .collect();
    let switch = put(key, ON);
    let refusal = "Fill in the Azure Active Directory Application Settings first.";

    let refused = save(Level::System, &system(&[]), std::slice::from_ref(&switch));
    assert_eq!(refused.len(), 1);
    assert!(refused[0].contains(refusal), "{refused:?}");

    assert_eq!(
        save(Level::System, &full, std::slice::from_ref(&switch)),
        [format!("{key} Create Boolean(false) -> Boolean(true)")]
    );

    let mut together = posted.clone();
    together.push(switch.clone());
    assert_eq!(save(Level::System, &system(&[]), &together).len(), 5, "one save stores all four and renews tokens");

    let mut incomplete = posted;
    incomplete.retain(|change| change.key != "application.tenant");
    incomplete.push(switch.clone());
    assert!(save(Level::System, &system(&[]), &incomplete)[0].contains(refusal));

    assert_eq!(save(Level::System, &on_without, &[switch]), Vec::<String>::new(), "a checked box stays");
    assert_eq!(
        save(Level::System, &on_without, &[put(key, OFF)]),
        [format!("{key} Update Boolean(true) -> Boolean(false)"), "ForgetAccessTokens".to_owned()],
        "and can be switched off"
    );
}

#[test]
fn credentials_can_be_cleared_while_a_feature_is_on() {
    let mut rows = application();
    rows.push(("features.calendar", ON));
    let changes = [put("application.tenant", text("")), put("features.calendar", ON)];
    assert_eq!(
        save(Level::System, &system(&rows), &changes),
        ["application.tenant Update Text(\"contoso.com\") -> None", "ForgetAccessTokens"]
    );
}

#[test]
fn features_of_later_versions_cannot_be_switched_on() {
    let layers = system(&application());
    let key = "features.mail";
    let refused = save(Level::System, &layers, &[put(key, ON)]);
    assert!(refused[0].contains("This version of the component synchronizes calendars and tasks"), "{refused:?}");
    assert_eq!(save(Level::System, &layers, &[put(key, OFF)]).len(), 1, "off is a value like others");
}

#[test]
fn changed_credentials_renew_tokens_and_a_lost_application_forgets_them() {
    let mut rows = application();
    rows.push(("features.calendar", ON));
    let layers = system(&rows);
    let table: [(&str, FieldChange, &[FollowUp]); 6] = [
        ("client id", put("application.client-id", text("other")), &[FollowUp::RenewTokens]),
        ("tenant", put("application.tenant", text("fabrikam.com")), &[FollowUp::RenewTokens]),
        ("secret", put("application.client-secret", text("n3w~")), &[FollowUp::RenewTokens]),
        ("secret removed", fall_back("application.client-secret"), &[FollowUp::ForgetAccessTokens]),
        ("feature off", put("features.calendar", OFF), &[FollowUp::ForgetAccessTokens]),
        ("interval", put("sync.interval-minutes", SettingValue::Integer(5)), &[]),
    ];
    for (description, change, expected) in table {
        assert_eq!(validate(Level::System, &layers, &[change]).unwrap().follow_ups, expected, "{description}");
    }
    let both = [put("application.client-id", text("other")), put("features.calendar", OFF)];
    let follow_ups = validate(Level::System, &layers, &both).unwrap().follow_ups;
    assert_eq!(follow_ups, [FollowUp::RenewTokens, FollowUp::ForgetAccessTokens]);
}

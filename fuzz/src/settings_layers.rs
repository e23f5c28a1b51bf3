//! Settings: layers that a host has stored, and what a form posts.

use std::collections::BTreeMap;

use tandem_core::settings::{
    ChangeAction, EffectiveSettings, Field, FieldChange, Kind, Layer, Layers, Level, SECRET_MASK, SettingValue,
    resolve, validate,
};

use crate::draw::Draw;

const LEVELS: [Level; 3] = [Level::System, Level::Organization, Level::User];

/// Texts that some field or other takes, or nearly takes.
const TEXTS: [&str; 20] = [
    "",
    " ",
    "true",
    "false",
    "crm-to-microsoft",
    "microsoft-to-crm",
    "bidirectional",
    "crm-wins",
    "microsoft-wins",
    "common",
    "contoso.onmicrosoft.com",
    "6d3c2b1a-90f8-4e7d-8c6b-5a4f3e2d1c0b",
    "Team; Holidays",
    "Team\nTEAM\nteam",
    "10",
    "1440",
    "-1",
    "99999999999999999999",
    SECRET_MASK,
    "*",
];

/// What stands for a secret: a text that no message may repeat.
const SECRET: &str = "s3cret~fuzz~value";

/// Checks resolution of drawn layers, and a save on one level of them.
pub fn check(data: &[u8]) {
    let mut draw = Draw::new(data);
    let layers = Layers { system: layer(&mut draw), organization: layer(&mut draw), user: layer(&mut draw) };
    check_effective(&layers);
    let level = draw.one_of(&LEVELS);
    let posted = draw.below(8);
    let changes: Vec<FieldChange> = (0..posted).map(|_| change(&mut draw)).collect();
    match validate(level, &layers, &changes) {
        Ok(set) => {
            assert!(set.changes.windows(2).all(|pair| pair[0].field.key() < pair[1].field.key()), "ordered, each once");
            check_saved(level, &layers, &changes, &set.changes);
        }
        Err(errors) => {
            assert!(!errors.is_empty(), "a refusal says why");
            assert!(errors.windows(2).all(|pair| pair[0].key < pair[1].key), "ordered, each once");
            for error in errors {
                let field = Field::from_key(error.key).unwrap_or_else(|| panic!("`{}` is no field", error.key));
                assert!(field.is_on(level), "`{}` is not on this level", error.key);
                // Of other fields, the person at the form is shown what was refused.
                assert!(!error.message.is_empty() && !(field.is_secret() && error.message.contains(SECRET)), "{error}");
            }
        }
    }
}

/// What the engine works with is within its limits, whatever is stored.
fn check_effective(layers: &Layers) {
    let effective = EffectiveSettings::of(layers);
    assert!((60..=1_440 * 60).contains(&effective.interval.as_secs()), "{:?}", effective.interval);
    for days in [effective.window.past_days, effective.window.future_days] {
        assert!((1..=1_825).contains(&days), "{days} days");
    }
    assert!(effective.calendar_names.len() <= 10, "{:?}", effective.calendar_names);
    assert!(effective.calendar_names.iter().chain(&effective.task_list).all(|name| !name.trim().is_empty()));
    for level in LEVELS {
        let fields = resolve(level, layers);
        assert!(fields.windows(2).all(|pair| pair[0].field.key() < pair[1].field.key()), "ordered, each once");
        for resolved in fields {
            assert!(resolved.field.is_on(level));
            for value in [&resolved.effective.value, &resolved.inherited.value] {
                assert_fits(resolved.field, value);
            }
        }
    }
    assert!(!format!("{layers:?}").contains(SECRET), "the layers print a secret");
}

/// A value is of the type of its field.
fn assert_fits(field: Field, value: &SettingValue) {
    let fits = match (field.kind(), value) {
        (_, SettingValue::None) | (Kind::Boolean, SettingValue::Boolean(_)) => true,
        (Kind::Integer { min, max }, SettingValue::Integer(number)) => (min..=max).contains(number),
        (Kind::Text { length_max }, SettingValue::Text(text)) => text.chars().count() <= length_max as usize,
        (Kind::Choice(choices), SettingValue::Text(text)) => choices.contains(&text.as_str()),
        (Kind::Secret { .. }, SettingValue::Text(text)) => text == SECRET_MASK,
        (Kind::Display, SettingValue::Text(_)) => true,
        _ => false,
    };
    assert!(fits, "`{}` is {value:?}", field.key());
}

/// What was accepted is valid, takes effect, and saved again changes nothing.
fn check_saved(level: Level, before: &Layers, posted: &[FieldChange], changes: &[tandem_core::settings::StoredChange]) {
    let mut after = before.clone();
    for change in changes {
        assert!(change.field.is_on(level) && change.field.kind() != Kind::Display, "`{}`", change.field.key());
        match (change.action, &change.store) {
            (ChangeAction::Remove, None) => after.layer_mut(level).remove(change.field),
            (ChangeAction::Create | ChangeAction::Update, Some(value)) => {
                after.layer_mut(level).set(change.field, value.clone());
            }
            (action, _) => panic!("{action:?} of `{}` and its value do not fit", change.field.key()),
        }
        let shown = format!("{change:?}");
        assert!(!(change.field.is_secret() && shown.contains(SECRET)), "a change prints a secret: {shown}");
    }
    for change in changes {
        assert_eq!(before.effective(level, change.field).value, change.old, "`{}` before", change.field.key());
        assert_eq!(after.effective(level, change.field).value, change.new, "`{}` after", change.field.key());
    }
    check_effective(&after);
    let again = validate(level, &after, posted).unwrap_or_else(|errors| panic!("refused the second time: {errors:?}"));
    assert_eq!(again.changes, Vec::new(), "a save that was made is made again");
    let stored: BTreeMap<&str, &SettingValue> =
        changes.iter().filter_map(|change| Some((change.field.key(), change.store.as_ref()?))).collect();
    let repost: Vec<FieldChange> = stored
        .iter()
        .map(|(key, value)| FieldChange { key: (*key).to_owned(), value: (*value).clone(), use_parent: false })
        .collect();
    let kept =
        validate(level, &after, &repost).unwrap_or_else(|errors| panic!("what was stored is refused: {errors:?}"));
    assert_eq!(kept.changes, Vec::new(), "what was stored is stored as it is");
}

fn layer(draw: &mut Draw) -> Layer {
    let rows = draw.below(10);
    (0..rows).map(|_| (key(draw), value(draw))).collect()
}

fn change(draw: &mut Draw) -> FieldChange {
    FieldChange { key: key(draw), value: value(draw), use_parent: draw.chance(4) }
}

fn key(draw: &mut Draw) -> String {
    if draw.chance(1) { draw.text() } else { draw.one_of(&Field::ALL).key().to_owned() }
}

fn value(draw: &mut Draw) -> SettingValue {
    match draw.below(8) {
        0 => SettingValue::None,
        1 | 2 => SettingValue::Boolean(draw.chance(8)),
        3 | 4 => SettingValue::Integer(draw.number()),
        5 => SettingValue::text(SECRET),
        6 => SettingValue::Text("é".repeat(draw.below(256) * 8)),
        _ => SettingValue::Text(draw.text_like(&TEXTS)),
    }
}

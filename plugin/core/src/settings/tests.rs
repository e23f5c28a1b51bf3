//! Decision tables of resolution and of the page: Oro rows S1 to S10.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::time::Duration;

use super::*;

fn text(value: &str) -> SettingValue {
    SettingValue::text(value)
}

fn number(value: i64) -> SettingValue {
    SettingValue::Integer(value)
}

fn one(field: Field, value: Option<SettingValue>) -> Layer {
    value.into_iter().map(|value| (field.key(), value)).collect()
}

#[test]
fn the_most_specific_level_with_a_fitting_value_wins() {
    let user = Source::Level(Level::User);
    let organization = Source::Level(Level::Organization);
    let system = Source::Level(Level::System);
    let table = [
        ("nothing stored", None, None, None, (10, Source::Default), (10, Source::Default)),
        ("system", Some(number(30)), None, None, (30, system), (30, system)),
        ("organization over system", Some(number(30)), Some(number(20)), None, (20, organization), (20, organization)),
        ("user over all", Some(number(30)), Some(number(20)), Some(number(15)), (15, user), (20, organization)),
        ("an equal value is frozen", Some(number(30)), None, Some(number(30)), (30, user), (30, system)),
        ("out of range falls back", Some(number(30)), None, Some(number(1441)), (30, system), (30, system)),
        ("ill-typed falls back", Some(number(30)), Some(text("soon")), None, (30, system), (30, system)),
        ("text is cast", None, Some(text("25")), None, (25, organization), (25, organization)),
    ];
    for (description, at_system, at_organization, at_user, effective, inherited) in table {
        let field = Field::IntervalMinutes;
        let layers = Layers {
            system: one(field, at_system),
            organization: one(field, at_organization),
            user: one(field, at_user),
        };
        let expected = |(value, source)| Resolved { value: SettingValue::Integer(value), source };
        assert_eq!(layers.effective(Level::User, field), expected(effective), "{description}");
        assert_eq!(layers.inherited(Level::User, field), expected(inherited), "{description}");
    }
}

#[test]
fn an_explicitly_empty_value_hides_the_level_above() {
    let layers = Layers {
        system: [("sync.interval-minutes", SettingValue::Integer(30))].into_iter().collect(),
        user: [("sync.interval-minutes", SettingValue::None), ("calendar.enabled", SettingValue::None)]
            .into_iter()
            .collect(),
        ..Layers::default()
    };
    let found = layers.effective(Level::User, Field::IntervalMinutes);
    assert_eq!(found, Resolved { value: SettingValue::None, source: Source::Level(Level::User) });
    assert_eq!(EffectiveSettings::of(&layers).interval, Duration::from_mins(10), "the built-in value");
}

#[test]
fn what_a_level_does_not_have_is_ignored_there() {
    let layers = Layers {
        system: [("calendar.enabled", SettingValue::Boolean(false))].into_iter().collect(),
        user: [("sync.window-past-days", SettingValue::Integer(7)), ("features.calendar", SettingValue::Boolean(true))]
            .into_iter()
            .collect(),
        ..Layers::default()
    };
    for field in [Field::CalendarEnabled, Field::WindowPastDays, Field::CalendarFeature] {
        assert_eq!(layers.effective(Level::User, field).source, Source::Default, "{field:?}");
    }
}

#[test]
fn resolve_lists_the_fields_of_the_level_by_key_and_masks_the_secret() {
    let layers = Layers {
        system: [("application.client-secret", text("n3w~")), ("junk", text("x"))].into_iter().collect(),
        ..Layers::default()
    };
    let system = resolve(Level::System, &layers);
    let keys: Vec<&str> = system.iter().map(|row| row.field.key()).collect();
    assert!(keys.is_sorted());
    assert_eq!(keys.len(), 17, "all but the two `Enabled` boxes");
    let secret = system.iter().find(|row| row.field.is_secret()).unwrap();
    assert_eq!(secret.effective.value, text(SECRET_MASK));
    assert!(!format!("{layers:?} {system:?}").contains("n3w"));
    assert_eq!(resolve(Level::User, &layers).len(), 10);
    assert_eq!(resolve(Level::Organization, &layers).len(), 12);
}

/// The application is configured and both switches are on.
fn everything_on() -> Layers {
    Layers {
        system: [
            ("application.client-id", text("app")),
            ("application.client-secret", text(SECRET_MASK)),
            ("application.tenant", text("contoso.com")),
            ("features.calendar", SettingValue::Boolean(true)),
            ("features.tasks", SettingValue::Boolean(true)),
        ]
        .into_iter()
        .collect(),
        ..Layers::default()
    }
}

/// A resource with its switch and its boxes.
const RESOURCES: [(Feature, Field, Field); 2] = [
    (Feature::Calendar, Field::CalendarFeature, Field::CalendarEnabled),
    (Feature::Tasks, Field::TasksFeature, Field::TasksEnabled),
];

fn is_enabled(layers: &Layers, feature: Feature) -> bool {
    EffectiveSettings::of(layers).resource(feature).unwrap().enabled
}

#[test]
fn a_resource_is_enabled_by_application_switch_and_box_together() {
    for (feature, switch, _) in RESOURCES {
        assert!(is_enabled(&everything_on(), feature));
        for field in [Field::ClientId, Field::ClientSecret, Field::Tenant, switch] {
            let mut layers = everything_on();
            layers.system.remove(field);
            assert!(!is_enabled(&layers, feature), "{feature:?} without {field:?}");
        }
    }
    let no = SettingValue::Boolean(false);
    let table = [
        (Some(no.clone()), None, false),
        (None, Some(no.clone()), false),
        (Some(no), Some(SettingValue::Boolean(true)), true),
        (None, Some(SettingValue::None), false),
    ];
    for ((organization, user, expected), (feature, _, enabled)) in
        table.iter().flat_map(|row| RESOURCES.map(|resource| (row, resource)))
    {
        let mut layers = everything_on();
        layers.organization = one(enabled, organization.clone());
        layers.user = one(enabled, user.clone());
        let found = is_enabled(&layers, feature);
        assert_eq!(found, *expected, "{feature:?}: organization {organization:?}, user {user:?}");
    }
}

#[test]
fn one_resource_is_switched_off_without_the_other() {
    let mut layers = everything_on();
    assert_eq!(EffectiveSettings::of(&layers).enabled_features(), [Feature::Calendar, Feature::Tasks]);
    layers.user.set(Field::CalendarEnabled, SettingValue::Boolean(false));
    assert_eq!(EffectiveSettings::of(&layers).enabled_features(), [Feature::Tasks]);
    layers.system.set(Field::TasksFeature, SettingValue::Boolean(false));
    assert_eq!(EffectiveSettings::of(&layers).enabled_features(), []);
    layers.system.set(Field::MailFeature, SettingValue::Boolean(true));
    assert_eq!(EffectiveSettings::of(&layers).resource(Feature::Mail), None, "mail has no settings yet");
}

#[test]
fn missing_application_values_are_named_and_an_unusable_one_is_missing() {
    let mut layers = everything_on();
    layers.system.set(Field::Tenant, text("not a tenant"));
    layers.system.set(Field::ClientSecret, text(""));
    let missing = vec![Field::ClientSecret, Field::Tenant];
    assert_eq!(EffectiveSettings::of(&layers).application, ApplicationSettings::Incomplete { missing });
}

#[test]
fn defaults_are_those_of_the_specification() {
    let found = EffectiveSettings::of(&Layers::default());
    assert_eq!(found.interval, Duration::from_mins(10));
    assert_eq!(found.window, Window { past_days: 365, future_days: 365 });
    let resource = ResourceSettings { enabled: false, mode: SyncMode::Bidirectional, rule: ConflictRule::CrmWins };
    assert_eq!((found.calendar, found.tasks), (resource, resource));
    assert_eq!(found.calendar_names, Vec::<String>::new(), "the default calendar only");
}

#[test]
fn the_most_specific_list_of_calendars_wins_as_a_whole() {
    let names = |organization: Option<SettingValue>, user: Option<SettingValue>| {
        let layers = Layers {
            system: one(Field::CalendarNames, Some(text("Holidays"))),
            organization: one(Field::CalendarNames, organization),
            user: one(Field::CalendarNames, user),
        };
        EffectiveSettings::of(&layers).calendar_names
    };
    assert_eq!(names(None, None), ["Holidays"]);
    assert_eq!(names(Some(text("Team\nProjects, team")), None), ["Team", "Projects"]);
    assert_eq!(names(Some(text("Team")), Some(text("Private"))), ["Private"]);
    assert_eq!(names(Some(text("Team")), Some(SettingValue::None)), Vec::<String>::new(), "explicitly none");
    assert_eq!(names(None, Some(text("a,b,c,d,e,f,g,h,i,j,k"))), ["Holidays"], "too many count as absent");
}

#[test]
fn the_most_specific_task_list_wins_and_nothing_means_the_default_list() {
    let list = |organization: Option<SettingValue>, user: Option<SettingValue>| {
        let layers = Layers {
            organization: one(Field::TaskList, organization),
            user: one(Field::TaskList, user),
            ..Layers::default()
        };
        EffectiveSettings::of(&layers).task_list
    };
    assert_eq!(list(None, None), None);
    assert_eq!(list(Some(text("Work")), None).as_deref(), Some("Work"));
    assert_eq!(list(Some(text("Work")), Some(text(" Private, mostly "))).as_deref(), Some("Private, mostly"));
    assert_eq!(list(Some(text("Work")), Some(SettingValue::None)), None, "explicitly the default list");
    assert_eq!(list(Some(text("Work")), Some(text("a\u{7}"))).as_deref(), Some("Work"), "unusable counts as absent");
}

#[test]
fn all_lists_are_read_only_where_somebody_says_so() {
    let yes = SettingValue::Boolean(true);
    for level in [Level::System, Level::Organization, Level::User] {
        let mut layers = Layers::default();
        assert!(!EffectiveSettings::of(&layers).all_task_lists);
        match level {
            Level::System => layers.system.set(Field::AllTaskLists, yes.clone()),
            Level::Organization => layers.organization.set(Field::AllTaskLists, yes.clone()),
            Level::User => layers.user.set(Field::AllTaskLists, yes.clone()),
        }
        assert!(EffectiveSettings::of(&layers).all_task_lists, "{level}");
    }
}

#[test]
fn direction_and_conflict_rule_reach_the_engine_for_each_resource() {
    let unchanged = ResourceSettings { enabled: true, mode: SyncMode::default(), rule: ConflictRule::default() };
    for mode in SyncMode::ALL {
        for rule in ConflictRule::ALL {
            let user = |resource: &str| {
                let rows = [("direction", text(mode.key())), ("conflict-resolution", text(rule.key()))];
                let user = rows.into_iter().map(|(name, value)| (format!("{resource}.{name}"), value));
                EffectiveSettings::of(&Layers { user: user.collect(), ..everything_on() })
            };
            let changed = ResourceSettings { enabled: true, mode, rule };
            let (calendar, tasks) = (user("calendar"), user("tasks"));
            assert_eq!((calendar.calendar, calendar.tasks), (changed, unchanged));
            assert_eq!((tasks.calendar, tasks.tasks), (unchanged, changed));
        }
    }
}

#[test]
fn the_page_shows_every_field_once_under_the_titles_of_the_original() {
    let page = page("Acme CRM");
    assert_eq!(page.path, ["System Configuration", "Integrations", "Microsoft Settings"]);
    let titles: Vec<&str> = page.groups.iter().map(|group| group.label).collect();
    assert_eq!(
        titles,
        [
            "Azure Active Directory Application Settings",
            "Microsoft 365 Integrations",
            "Synchronization Settings",
            "Calendar Synchronization",
            "Tasks Synchronization"
        ]
    );
    let fields: Vec<Field> = page.groups.iter().flat_map(|group| &group.fields).map(|row| row.field).collect();
    assert_eq!(fields, Field::ALL);
    let keys: BTreeSet<&str> = fields.iter().map(|field| field.key()).collect();
    assert_eq!(keys.len(), Field::ALL.len(), "keys are distinct");
    assert!(fields.iter().all(|field| Field::from_key(field.key()) == Some(*field)));
}

#[test]
fn choices_are_labelled_with_the_name_of_the_product() {
    let page = page("Acme CRM");
    let labels = |field: Field| -> Vec<String> {
        let row = page.groups.iter().flat_map(|group| &group.fields).find(|row| row.field == field).unwrap();
        match &row.kind {
            FieldType::Choice(options) => options.iter().map(|option| option.label.clone()).collect(),
            other => panic!("expected a choice, but found {other:?}"),
        }
    };
    for field in [Field::CalendarDirection, Field::TasksDirection] {
        assert_eq!(labels(field), ["Acme CRM to Microsoft", "Microsoft to Acme CRM", "Bidirectional"]);
    }
    for field in [Field::CalendarConflictRule, Field::TasksConflictRule] {
        assert_eq!(labels(field), ["Acme CRM always wins", "Microsoft always wins"]);
    }
}

#[test]
fn conflict_resolution_shows_only_where_the_page_says_bidirectional() {
    let condition = &schema::conditions(Field::CalendarConflictRule)[0];
    assert_eq!(condition.effect, ConditionEffect::Hide);
    for mode in SyncMode::ALL {
        let holds = condition.test.holds(|_| text(mode.key()));
        assert_eq!(holds, mode == SyncMode::Bidirectional);
    }
}

#[test]
fn every_built_in_value_is_one_that_its_field_accepts() {
    for field in Field::ALL {
        let value = field.default_value();
        if value != SettingValue::None {
            assert_eq!(rule::accept(field, &value), Ok(value), "{field:?}");
        }
    }
}

#[test]
fn the_manifest_asks_for_what_this_version_uses() {
    let manifest = manifest("Acme CRM");
    let names: Vec<&str> = manifest.permissions.iter().map(|permission| permission.name).collect();
    let expected = [
        "openid",
        "profile",
        "email",
        "offline_access",
        "User.Read",
        "Calendars.ReadWrite",
        "Tasks.ReadWrite",
        "MailboxSettings.Read",
    ];
    assert_eq!(names, expected);
    assert_eq!(manifest.hosts, ["login.microsoftonline.com", "graph.microsoft.com"]);
}

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use chrono_tz::TZ_VARIANTS;
use proptest::prelude::*;

use super::*;
use crate::mapping::{body, read_task, zone_from_graph};
use crate::model::{
    AttendeeStatus, Attendees, CivilDate, EventTime, Exceptions, FieldGroup, FieldSet, Html, Importance, Instant,
    Recurrence, Reminder, Sensitivity, ShowAs,
};

const CREATE_ONLY: &str = "linkedResources";

fn zone(name: &str) -> Zone {
    name.parse().unwrap()
}

fn record(values: impl IntoIterator<Item = FieldValue>) -> Record {
    values.into_iter().collect()
}

fn due(text: &str) -> FieldValue {
    FieldValue::Due(Some(text.parse::<chrono::NaiveDate>().unwrap().into()))
}

#[test]
fn each_group_is_written_as_its_properties_and_nothing_else_is() {
    let at = Instant::from_epoch_milliseconds(1_773_044_100_250);
    let table = [
        (FieldValue::Title(String::new()), json!({ "title": "" })),
        (
            FieldValue::Body(Html::from_canonical("<p>Offer</p>".to_owned())),
            json!({ "body": { "contentType": "html", "content": "<p>Offer</p>" } }),
        ),
        (
            due("2026-03-10"),
            json!({ "dueDateTime": { "dateTime": "2026-03-10T00:00:00", "timeZone": "W. Europe Standard Time" } }),
        ),
        (FieldValue::Due(None), json!({ "dueDateTime": null })),
        (
            FieldValue::RemindAt(Some(at)),
            json!({ "isReminderOn": true,
                "reminderDateTime": { "dateTime": "2026-03-09T08:15:00.250", "timeZone": "UTC" } }),
        ),
        (FieldValue::RemindAt(None), json!({ "isReminderOn": false })),
        (FieldValue::Importance(Importance::Low), json!({ "importance": "low" })),
        (FieldValue::Status(TaskStatus::Open), json!({ "status": "notStarted" })),
        (FieldValue::Status(TaskStatus::InProgress), json!({ "status": "inProgress" })),
        (FieldValue::Status(TaskStatus::Closed), json!({ "status": "completed" })),
    ];
    for (value, expected) in table {
        assert_eq!(patch_task_body(&record([value.clone()]), zone("Europe/Berlin")), expected, "{value:?}");
    }
    assert_eq!(patch_task_body(&Record::NONE, Zone::UTC), json!({}));
}

#[test]
fn what_belongs_to_events_is_not_written() {
    let at = Instant::from_epoch_milliseconds(0);
    let of_events = [
        FieldValue::Time(EventTime::timed(at, at, Zone::UTC).unwrap()),
        FieldValue::Recurrence(Recurrence::None),
        FieldValue::Exceptions(Exceptions::new()),
        FieldValue::Attendees(Attendees::new()),
        FieldValue::Reminder(Reminder::MinutesBefore(5)),
        FieldValue::Location("Room 1".to_owned()),
        FieldValue::Categories(["Red".to_owned()].into()),
        FieldValue::ShowAs(ShowAs::Free),
        FieldValue::Sensitivity(Sensitivity::Private),
        FieldValue::Response(AttendeeStatus::Accepted),
    ];
    assert_eq!(patch_task_body(&record(of_events), Zone::UTC), json!({}));
}

#[test]
fn a_create_says_what_there_is_and_brings_its_link_along() {
    let link = linked_resource(&LinkId::new("l-1"), "CRM", "Call Ada", Some("https://crm.example/task/1"));
    let expected_link = json!({ "applicationName": "CRM", "displayName": "Call Ada", "externalId": "l-1",
        "webUrl": "https://crm.example/task/1" });
    assert_eq!(link, expected_link);
    let plain = linked_resource(&LinkId::new("l-1"), "CRM", "Call Ada", None);
    assert_eq!(plain, json!({ "applicationName": "CRM", "displayName": "Call Ada", "externalId": "l-1" }));

    let blank = record([
        FieldValue::Title(String::new()),
        FieldValue::Body(Html::default()),
        FieldValue::Due(None),
        FieldValue::RemindAt(None),
        FieldValue::Importance(Importance::Normal),
        FieldValue::Status(TaskStatus::Open),
    ]);
    for nothing in [&blank, &Record::NONE] {
        assert_eq!(create_task_body(nothing, Zone::UTC, None), json!({ "title": "" }));
    }
    let done = record([FieldValue::Title("Call Ada".to_owned()), FieldValue::Status(TaskStatus::Closed)]);
    let expected = json!({ "title": "Call Ada", "status": "completed", "linkedResources": [expected_link] });
    assert_eq!(create_task_body(&done, Zone::UTC, Some(link)), expected);
}

/// What the service answers to a write, in UTC: of a date, the midnight that was
/// written (microsoft-graph-docs-contrib#2136).
fn answered(mut task: Value) -> Value {
    task["id"] = json!("1");
    for name in ["dueDateTime", "reminderDateTime"] {
        let Some(value) = task.get_mut(name).filter(|value| !value.is_null()) else { continue };
        let meant = zone_from_graph(value["timeZone"].as_str().unwrap()).unwrap();
        let at = meant.instant_of_local(value["dateTime"].as_str().unwrap().parse().unwrap()).unwrap();
        *value = json!({ "dateTime": at.to_utc().format("%Y-%m-%dT%H:%M:%S%.3f").to_string(), "timeZone": "UTC" });
    }
    task
}

fn tasks() -> impl Strategy<Value = Record> {
    let importance = prop::sample::select(vec![Importance::Low, Importance::Normal, Importance::High]);
    let status = prop::sample::select(vec![TaskStatus::Open, TaskStatus::InProgress, TaskStatus::Closed]);
    let due = prop::option::of((2000_i32..2060, 1_u32..13, 1_u32..29));
    let remind_at = prop::option::of(0_i64..3_000_000_000_000);
    ("\\PC{0,20}", "\\PC{0,40}", importance, status, due, remind_at).prop_map(
        |(title, text, importance, status, due, remind_at)| {
            record([
                FieldValue::Title(title),
                FieldValue::Body(body::from_text(&text)),
                FieldValue::Importance(importance),
                FieldValue::Status(status),
                FieldValue::Due(due.and_then(|(year, month, day)| CivilDate::from_parts(year, month, day))),
                FieldValue::RemindAt(remind_at.map(Instant::from_epoch_milliseconds)),
            ])
        },
    )
}

fn groups() -> impl Strategy<Value = FieldSet> {
    prop::collection::vec(prop::sample::select(FieldGroup::ALL.to_vec()), 0..8)
        .prop_map(|groups| groups.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_task_that_is_created_is_read_again(task in tasks(), tz in prop::sample::select(TZ_VARIANTS.to_vec())) {
        let zone = zone(tz.name());
        let link = linked_resource(&LinkId::new("l"), "CRM", task.title(), None);
        let body = create_task_body(&task, zone, Some(link));
        let found = read_task(&serde_json::from_value(answered(body.clone())).unwrap(), zone).unwrap();
        prop_assert_eq!(&found.record, &task, "{} {}", body, zone);
        let keys: Vec<_> = found.correlations.unwrap().into_iter().map(|one| one.link).collect();
        prop_assert_eq!(keys, [LinkId::new("l")]);
    }

    /// Only what was changed differs, in whatever zone both were written.
    #[test]
    fn a_change_is_read_again_and_leaves_the_rest(
        before in tasks(),
        after in tasks(),
        groups in groups(),
        tz in prop::sample::select(TZ_VARIANTS.to_vec()),
    ) {
        let zone = zone(tz.name());
        let change = after.only(groups);
        let mut task = create_task_body(&before, zone, None);
        let patch = patch_task_body(&change, zone);
        prop_assert!(patch.get(CREATE_ONLY).is_none());
        for (name, value) in patch.as_object().unwrap() {
            task[name] = value.clone();
        }
        let found = read_task(&serde_json::from_value(answered(task)).unwrap(), zone).unwrap().record;
        prop_assert_eq!(found, before.overlaid(&change), "{} {}", patch, zone);
    }
}

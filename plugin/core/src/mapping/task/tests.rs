#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::*;
use crate::mapping::body::{BODY_KEPT_MAX_BYTES, BODY_SIZE_MAX_BYTES};
use crate::model::CivilDate;

fn berlin() -> Zone {
    "Europe/Berlin".parse().unwrap()
}

fn date(text: &str) -> CivilDate {
    text.parse::<chrono::NaiveDate>().unwrap().into()
}

fn wire_at(text: &str, zone: &str) -> Value {
    json!({ "dateTime": text, "timeZone": zone })
}

/// A task as Graph answers it, with everything that is read and some that is not.
fn whole() -> Value {
    json!({
        "@odata.etag": "W/\"Zg==\"",
        "id": "AAMkAGI1=",
        "title": "Call Ada",
        "body": { "contentType": "html", "content": "<html><head></head><body><p>Offer</p>\r\n</body></html>" },
        "importance": "high",
        "status": "inProgress",
        "dueDateTime": wire_at("2026-03-09T23:00:00.0000000", "UTC"),
        "isReminderOn": true,
        "reminderDateTime": wire_at("2026-03-09T08:15:00.0000000", "UTC"),
        "startDateTime": wire_at("2026-03-01T23:00:00.0000000", "UTC"),
        "categories": ["Customer"],
        "hasAttachments": true,
        "checklistItems": [{ "id": "c", "displayName": "Slides" }],
        "lastModifiedDateTime": "2026-03-01T09:00:00.1234567Z",
        "linkedResources": [
            { "applicationName": "Mail", "externalId": "mail-1" },
            { "applicationName": "CRM" },
            { "applicationName": "CRM", "externalId": "" },
            { "applicationName": "CRM", "externalId": "link-1" },
        ],
    })
}

fn read(changes: &Value) -> Result<MappedTask, TaskIssue> {
    let mut task = whole();
    for (name, value) in changes.as_object().unwrap() {
        task[name] = value.clone();
    }
    read_task(&serde_json::from_value(task).unwrap(), berlin())
}

fn mapped(changes: &Value) -> MappedTask {
    read(changes).unwrap()
}

fn of_tasks() -> FieldSet {
    [
        FieldGroup::Title,
        FieldGroup::Body,
        FieldGroup::Due,
        FieldGroup::Reminder,
        FieldGroup::Importance,
        FieldGroup::Status,
    ]
    .into_iter()
    .collect()
}

#[test]
fn a_whole_task_has_all_its_groups() {
    let found = mapped(&json!({}));
    let expected: Record = [
        FieldValue::Title("Call Ada".to_owned()),
        FieldValue::Body(Html::from_canonical("<p>Offer</p>".to_owned())),
        FieldValue::Due(Some(date("2026-03-10"))),
        FieldValue::RemindAt(Some(Instant::from_epoch_milliseconds(1_773_044_100_000))),
        FieldValue::Importance(Importance::High),
        FieldValue::Status(TaskStatus::InProgress),
    ]
    .into_iter()
    .collect();
    assert_eq!(found.record, expected);
    assert_eq!((found.record.groups(), found.writable), (of_tasks(), of_tasks()));
    assert_eq!((found.unread, found.is_recurring), (FieldSet::EMPTY, false));
    assert_eq!((found.id, found.version), (GraphId::new("AAMkAGI1="), Some(GraphVersion::new("W/\"Zg==\""))));
    assert_eq!(found.modified_at.unwrap().to_string(), "2026-03-01T09:00:00.123Z");
    let keys: Vec<_> = found.correlations.unwrap().into_iter().map(|one| one.link).collect();
    assert_eq!(keys, [LinkId::new("mail-1"), LinkId::new("link-1")]);
}

#[test]
fn what_a_task_does_not_have_is_a_value() {
    let bare = json!({ "id": "1" });
    let found = read_task(&serde_json::from_value(bare).unwrap(), berlin()).unwrap();
    assert_eq!((found.record.groups(), found.writable), (of_tasks(), of_tasks()));
    assert!(found.record.values().all(FieldValue::is_blank), "{found:?}");
    assert_eq!((found.version, found.modified_at, found.correlations), (None, None, None));
    let null = json!({ "title": null, "body": null, "importance": null, "status": null, "dueDateTime": null,
        "isReminderOn": null, "recurrence": null, "linkedResources": null, "lastModifiedDateTime": "yesterday" });
    let found = mapped(&null);
    assert!(found.record.values().all(FieldValue::is_blank), "{found:?}");
    assert!(!found.is_recurring && found.correlations.is_none() && found.modified_at.is_none());
}

#[test]
fn every_status_and_importance_has_its_meaning() {
    for (word, expected) in [
        ("notStarted", Some(TaskStatus::Open)),
        ("inProgress", Some(TaskStatus::InProgress)),
        ("waitingOnOthers", Some(TaskStatus::InProgress)),
        ("deferred", Some(TaskStatus::InProgress)),
        ("completed", Some(TaskStatus::Closed)),
        ("someday", None),
    ] {
        let found = mapped(&json!({ "status": word }));
        assert_eq!(found.record.get(FieldGroup::Status), expected.map(FieldValue::Status).as_ref(), "{word}");
        assert_eq!(found.writable.contains(FieldGroup::Status), expected.is_some(), "{word}");
        assert_eq!(found.unread, FieldSet::EMPTY);
    }
    for (word, expected) in [
        ("low", Some(Importance::Low)),
        ("normal", Some(Importance::Normal)),
        ("high", Some(Importance::High)),
        ("urgent", None),
    ] {
        let found = mapped(&json!({ "importance": word }));
        assert_eq!(found.record.get(FieldGroup::Importance), expected.map(FieldValue::Importance).as_ref(), "{word}");
        assert_eq!(found.writable.contains(FieldGroup::Importance), expected.is_some(), "{word}");
    }
}

#[test]
fn a_body_is_read_by_its_kind_and_left_out_where_it_is_too_large() {
    let body = |kind: &str, content: &str| mapped(&json!({ "body": { "contentType": kind, "content": content } }));
    let text = |found: &MappedTask| match found.record.get(FieldGroup::Body) {
        Some(FieldValue::Body(html)) => Some(html.as_str().to_owned()),
        _ => None,
    };
    assert_eq!(text(&body("text", "1 < 2\r\n<b>no</b>")).unwrap(), "1 &lt; 2<br>&lt;b&gt;no&lt;/b&gt;");
    assert_eq!(text(&body("html", "<div><b>yes</b></div>")).unwrap(), "<b>yes</b>");
    assert_eq!(text(&body("text", "")).unwrap(), "");
    for large in [BODY_SIZE_MAX_BYTES + 1, BODY_KEPT_MAX_BYTES + 1] {
        let found = body("text", &"x".repeat(large));
        assert_eq!((text(&found), found.unread), (None, FieldSet::EMPTY.with(FieldGroup::Body)));
        assert!(!found.writable.contains(FieldGroup::Body));
    }
}

#[test]
fn a_reminder_counts_only_while_it_is_on() {
    let reminder = |is_on: Value, at: Value| {
        let found = mapped(&json!({ "isReminderOn": is_on, "reminderDateTime": at }));
        match found.record.get(FieldGroup::Reminder) {
            Some(FieldValue::RemindAt(at)) => at.map(|at| at.to_string()),
            other => panic!("{other:?}"),
        }
    };
    let nine = wire_at("2026-03-09T09:15:00", "W. Europe Standard Time");
    assert_eq!(reminder(json!(true), nine.clone()).as_deref(), Some("2026-03-09T08:15:00Z"));
    assert_eq!(reminder(json!(false), nine.clone()), None);
    assert_eq!(reminder(json!(null), nine), None);
    assert_eq!(reminder(json!(true), json!(null)), None);
    // One that is off is not even looked at.
    assert_eq!(reminder(json!(false), wire_at("soon", "Moon")), None);
}

#[test]
fn a_due_date_is_a_day_of_the_mailbox_in_whatever_zone_it_comes() {
    let table = [
        (wire_at("2026-03-09T23:00:00.0000000", "UTC"), "2026-03-10"),
        (wire_at("2026-03-10T00:00:00.0000000", "UTC"), "2026-03-10"),
        (wire_at("2026-03-10T00:00:00", "W. Europe Standard Time"), "2026-03-10"),
        (wire_at("2026-03-10T00:00:00", "Europe/Vienna"), "2026-03-10"),
        (wire_at("2026-03-09T18:00:00", "Eastern Standard Time"), "2026-03-10"),
        (wire_at("2026-03-09T23:00:00", "tzone://Microsoft/Utc"), "2026-03-10"),
        (wire_at("2026-03-10T07:00:00", "tokyo standard time"), "2026-03-10"),
        (json!({ "dateTime": "2026-03-09T23:00:00Z" }), "2026-03-10"),
    ];
    for (due, expected) in table {
        assert_eq!(mapped(&json!({ "dueDateTime": due })).record.due(), Some(date(expected)), "{due}");
    }
}

#[test]
fn the_day_of_a_task_that_repeats_is_not_written() {
    let rule = json!({ "pattern": { "type": "weekly", "interval": 1 }, "range": { "type": "noEnd" } });
    let found = mapped(&json!({ "recurrence": rule }));
    assert!(found.is_recurring);
    assert_eq!(found.record.due(), Some(date("2026-03-10")));
    assert_eq!(found.writable, of_tasks().without(FieldSet::EMPTY.with(FieldGroup::Due)));
}

#[test]
fn what_cannot_be_read_has_a_name() {
    let table = [
        (json!({ "id": null }), "missing-id"),
        (json!({ "dueDateTime": wire_at("soon", "UTC") }), "malformed-time"),
        (json!({ "dueDateTime": { "timeZone": "UTC" } }), "malformed-time"),
        (json!({ "dueDateTime": wire_at("+262142-12-31T23:59:59", "UTC") }), "malformed-time"),
        (json!({ "reminderDateTime": wire_at("2026-03-09", "UTC") }), "malformed-time"),
        (json!({ "dueDateTime": wire_at("2026-03-10T00:00:00", "Moon") }), "unknown-zone"),
        (json!({ "reminderDateTime": wire_at("2026-03-10T00:00:00", "tzone://Microsoft/Custom") }), "unknown-zone"),
    ];
    for (changes, code) in table {
        let issue = read(&changes).unwrap_err();
        assert_eq!(issue.code(), code, "{changes}");
        assert!(!issue.to_string().contains("Ada"));
    }
    let due = TaskIssue::MalformedTime(TaskTime::Due);
    assert_eq!(due.to_string(), "expected a date and a time for the due date, but found another text");
    let zone = TaskIssue::UnknownZone(TaskTime::Reminder, ZoneIssue::Custom);
    assert_eq!(zone.to_string(), "the time zone of the reminder is not known");
}

#[test]
fn tasks_are_recognised_by_title_importance_and_day() {
    let key = |title: &str, importance: Option<Importance>, due: Option<&str>| {
        let values = [
            Some(FieldValue::Title(title.to_owned())),
            importance.map(FieldValue::Importance),
            Some(FieldValue::Due(due.map(date))),
        ];
        task_match_key(&values.into_iter().flatten().collect())
    };
    let one = key("Call Ada", Some(Importance::Normal), Some("2026-03-10"));
    assert_eq!(one, key(" call ADA\t", None, Some("2026-03-10")));
    for other in [
        key("Call Bob", Some(Importance::Normal), Some("2026-03-10")),
        key("Call Ada", Some(Importance::High), Some("2026-03-10")),
        key("Call Ada", Some(Importance::Normal), Some("2026-03-11")),
        key("Call Ada", Some(Importance::Normal), None),
    ] {
        assert_ne!(one, other);
    }
    // No title makes one task look like another.
    assert_ne!(key("x|low|y", None, None), key("y", Some(Importance::Low), None));
    assert_eq!(task_match_key(&Record::NONE), key("", Some(Importance::Normal), None));
}

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;
use crate::mapping::read_event;
use crate::model::{Address, Attendee, AttendeeKind, AttendeeStatus, EventTime, FieldGroup, Html, Instant};

fn record() -> Record {
    let start = 1_774_769_400_000;
    let time = EventTime::timed(
        Instant::from_epoch_milliseconds(start),
        Instant::from_epoch_milliseconds(start + 1_800_000),
        "Europe/Berlin".parse().unwrap(),
    );
    let guest =
        Attendee { display_name: "Ada".to_owned(), status: AttendeeStatus::Accepted, kind: AttendeeKind::Required };
    [
        FieldValue::Title("Kick-off".to_owned()),
        FieldValue::Body(Html::from_canonical("<p>Agenda</p>".to_owned())),
        FieldValue::Time(time.unwrap()),
        FieldValue::Attendees([(Address::new("ada@example.com"), guest)].into()),
        FieldValue::Reminder(Reminder::MinutesBefore(15)),
        FieldValue::Location("Room 1".to_owned()),
        FieldValue::Categories(["Customer".to_owned()].into()),
        FieldValue::ShowAs(ShowAs::WorkingElsewhere),
        FieldValue::Sensitivity(Sensitivity::Confidential),
        FieldValue::Importance(Importance::Low),
    ]
    .into_iter()
    .collect()
}

#[test]
fn a_create_writes_everything_but_guests_and_names_its_link() {
    let body = create_body(&record(), &LinkId::new("link-1"));
    let expected = json!({
        "subject": "Kick-off",
        "body": { "contentType": "html", "content": "<p>Agenda</p>" },
        "start": { "dateTime": "2026-03-29T09:30:00", "timeZone": "W. Europe Standard Time" },
        "end": { "dateTime": "2026-03-29T10:00:00", "timeZone": "W. Europe Standard Time" },
        "isAllDay": false,
        "isReminderOn": true,
        "reminderMinutesBeforeStart": 15,
        "location": { "displayName": "Room 1" },
        "categories": ["Customer"],
        "showAs": "workingElsewhere",
        "sensitivity": "confidential",
        "importance": "low",
        "transactionId": "link-1",
        "singleValueExtendedProperties": [{ "id": CORRELATION_PROPERTY, "value": "link-1" }],
    });
    assert_eq!(body, expected);
}

#[test]
fn a_patch_writes_the_groups_asked_for_and_nothing_else() {
    let table = [
        (FieldGroup::Title, vec!["subject"]),
        (FieldGroup::Body, vec!["body"]),
        (FieldGroup::Time, vec!["end", "isAllDay", "start"]),
        (FieldGroup::Attendees, vec![]),
        (FieldGroup::Reminder, vec!["isReminderOn", "reminderMinutesBeforeStart"]),
        (FieldGroup::Location, vec!["location"]),
        (FieldGroup::Categories, vec!["categories"]),
        (FieldGroup::ShowAs, vec!["showAs"]),
        (FieldGroup::Sensitivity, vec!["sensitivity"]),
        (FieldGroup::Importance, vec!["importance"]),
    ];
    for (group, expected) in table {
        let body = patch_body(&record(), [group].into_iter().collect());
        let mut names: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, expected, "{group}");
        // A group that the record does not have is not invented.
        assert_eq!(patch_body(&Record::default(), [group].into_iter().collect()), json!({}), "{group}");
    }
}

#[test]
fn no_reminder_switches_it_off() {
    let record: Record = [FieldValue::Reminder(Reminder::None)].into_iter().collect();
    assert_eq!(patch_body(&record, FieldSet::all()), json!({ "isReminderOn": false }));
    let far: Record = [FieldValue::Reminder(Reminder::MinutesBefore(u32::MAX))].into_iter().collect();
    assert_eq!(patch_body(&far, FieldSet::all())["reminderMinutesBeforeStart"], json!(i32::MAX));
}

#[test]
fn what_is_written_is_read_again_as_the_same_values() {
    let mut body = create_body(&record(), &LinkId::new("link-1"));
    body["id"] = json!("1");
    let found = read_event(&serde_json::from_value(body).unwrap()).unwrap();
    for value in record().values().filter(|value| value.group() != FieldGroup::Attendees) {
        assert!(found.record.get(value.group()).is_some_and(|read| read.same_as(value)), "{value:?}");
    }
    assert_eq!(found.correlation, Some(LinkId::new("link-1")));
    assert_eq!(found.transaction_id, Some(LinkId::new("link-1")));
}

#[test]
fn every_enum_value_survives_the_way_there_and_back() {
    let values = [
        FieldValue::ShowAs(ShowAs::Unknown),
        FieldValue::ShowAs(ShowAs::Free),
        FieldValue::ShowAs(ShowAs::Tentative),
        FieldValue::ShowAs(ShowAs::Busy),
        FieldValue::ShowAs(ShowAs::Oof),
        FieldValue::ShowAs(ShowAs::WorkingElsewhere),
        FieldValue::Sensitivity(Sensitivity::Normal),
        FieldValue::Sensitivity(Sensitivity::Personal),
        FieldValue::Sensitivity(Sensitivity::Private),
        FieldValue::Sensitivity(Sensitivity::Confidential),
        FieldValue::Importance(Importance::Low),
        FieldValue::Importance(Importance::Normal),
        FieldValue::Importance(Importance::High),
    ];
    for value in values {
        let mut changed = record();
        changed.set(value.clone());
        let mut body = create_body(&changed, &LinkId::new("l"));
        body["id"] = json!("1");
        let found = read_event(&serde_json::from_value(body).unwrap()).unwrap();
        assert_eq!(found.record.get(value.group()), Some(&value));
    }
}

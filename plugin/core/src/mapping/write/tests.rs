#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;
use crate::mapping::read_event;
use crate::model::{Address, Attendee, AttendeeStatus, EventTime, Exceptions, Instant, Pattern, RangeEnd, Rule};

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
        FieldValue::Recurrence(Recurrence::None),
        FieldValue::Exceptions(Exceptions::new()),
        FieldValue::Attendees([(Address::new("ada@example.com"), guest)].into()),
        FieldValue::Reminder(Reminder::MinutesBefore(15)),
        FieldValue::Location("Room 1".to_owned()),
        FieldValue::Categories(["Customer".to_owned()].into()),
        FieldValue::ShowAs(ShowAs::WorkingElsewhere),
        FieldValue::Sensitivity(Sensitivity::Confidential),
        FieldValue::Importance(Importance::Low),
        FieldValue::Response(AttendeeStatus::None),
    ]
    .into_iter()
    .collect()
}

#[test]
fn a_create_writes_everything_and_names_its_link() {
    let body = create_body(&record(), &LinkId::new("link-1"));
    let expected = json!({
        "subject": "Kick-off",
        "body": { "contentType": "html", "content": "<p>Agenda</p>" },
        "start": { "dateTime": "2026-03-29T09:30:00", "timeZone": "W. Europe Standard Time" },
        "end": { "dateTime": "2026-03-29T10:00:00", "timeZone": "W. Europe Standard Time" },
        "isAllDay": false,
        "attendees": [{ "emailAddress": { "address": "ada@example.com", "name": "Ada" }, "type": "required" }],
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
        (FieldGroup::Attendees, vec!["attendees"]),
        (FieldGroup::Recurrence, vec!["recurrence"]),
        (FieldGroup::Exceptions, vec![]),
        (FieldGroup::Response, vec![]),
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

fn timed(start: i64, minutes: i64) -> EventTime {
    let at = |minutes: i64| Instant::from_epoch_milliseconds(start + minutes * 60_000);
    EventTime::timed(at(0), at(minutes), "Europe/Vienna".parse().unwrap()).unwrap()
}

/// Every day from 2026-03-24 on, 9:30 to 10:00 in Vienna.
fn series() -> Record {
    let rule = Rule {
        pattern: Pattern::Daily,
        interval: 1,
        end: RangeEnd::Never,
        zone: Some("Europe/Berlin".parse().unwrap()),
    };
    let mut series = record();
    series.set(FieldValue::Time(timed(1_774_341_000_000, 30)));
    series.set(FieldValue::Recurrence(Recurrence::Rule(rule)));
    series
}

#[test]
fn time_and_rule_of_a_series_are_written_together() {
    let expected = ["end", "isAllDay", "recurrence", "start"];
    for group in [FieldGroup::Time, FieldGroup::Recurrence] {
        let body = patch_body(&series(), [group].into_iter().collect());
        let mut names: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, expected, "{group}");
        assert_eq!(body["start"], json!({ "dateTime": "2026-03-24T09:30:00", "timeZone": "W. Europe Standard Time" }));
        assert_eq!(body["recurrence"]["range"]["startDate"], "2026-03-24");
    }
    let title = patch_body(&series(), [FieldGroup::Title].into_iter().collect());
    assert_eq!(title, json!({ "subject": "Kick-off" }));
    // A rule without a time cannot be written.
    let rule: Record = series().only([FieldGroup::Recurrence].into_iter().collect());
    assert_eq!(patch_body(&rule, FieldSet::all()), json!({}));
}

#[test]
fn a_series_that_becomes_a_single_event_loses_its_rule() {
    let when = [FieldGroup::Time, FieldGroup::Recurrence].into_iter().collect();
    let body = patch_body(&record(), when);
    assert_eq!(body["recurrence"], Value::Null);
    assert!(body.as_object().unwrap().contains_key("recurrence") && body["start"].is_object());
    let created = create_body(&record(), &LinkId::new("l"));
    assert!(!created.as_object().unwrap().contains_key("recurrence"));
}

#[test]
fn a_series_is_created_with_its_rule_and_read_again() {
    let mut body = create_body(&series(), &LinkId::new("l"));
    body["id"] = json!("1");
    body["originalStartTimeZone"] = json!("W. Europe Standard Time");
    let found = read_event(&serde_json::from_value(body).unwrap()).unwrap();
    for group in [FieldGroup::Time, FieldGroup::Recurrence] {
        let (read, written) = (found.record.get(group).unwrap(), series().get(group).cloned().unwrap());
        assert!(read.same_as(&written), "{read:?} {written:?}");
    }
}

#[test]
fn guests_are_written_with_their_part_and_without_their_answer() {
    let body = patch_body(&record(), [FieldGroup::Attendees].into_iter().collect());
    let ada = json!({ "emailAddress": { "address": "ada@example.com", "name": "Ada" }, "type": "required" });
    assert_eq!(body, json!({ "attendees": [ada] }));
    for (kind, text) in [(AttendeeKind::Optional, "optional"), (AttendeeKind::Resource, "resource")] {
        let guest = Attendee { display_name: String::new(), status: AttendeeStatus::Declined, kind };
        let one: Record =
            [FieldValue::Attendees([(Address::new("B@example.com"), guest)].into())].into_iter().collect();
        let expected = json!({ "attendees": [{ "emailAddress": { "address": "b@example.com" }, "type": text }] });
        assert_eq!(patch_body(&one, FieldSet::all()), expected);
    }
    let nobody: Record = [FieldValue::Attendees(Attendees::new())].into_iter().collect();
    assert_eq!(patch_body(&nobody, FieldSet::all()), json!({ "attendees": [] }));
    let created = create_body(&nobody, &LinkId::new("l"));
    assert!(!created.as_object().unwrap().contains_key("attendees"));
}

#[test]
fn an_occurrence_is_written_as_it_is_to_be() {
    // The day after the clocks changed: 9:30 is half past seven in UTC.
    let day = CivilDate::from_parts(2026, 3, 30).unwrap();
    let value = |value: FieldValue| -> Record { [value].into_iter().collect() };
    let title = value(FieldValue::Title("Review".to_owned()));
    let moved = value(FieldValue::Time(timed(1_774_341_000_000 + 6 * 86_400_000, 60)));
    let answered = value(FieldValue::Response(AttendeeStatus::Accepted));
    let described = value(FieldValue::Body(Html::from_canonical("<p>On that day</p>".to_owned())));
    let renamed_and_described = described.overlaid(&title);
    let at = |time: &str| json!({ "dateTime": format!("2026-03-30T{time}:00"), "timeZone": "W. Europe Standard Time" });
    let table = [
        (&title, None, json!({ "subject": "Review" })),
        (&title, Some(&title), json!({})),
        (
            &renamed_and_described,
            Some(&described),
            // The description is as it was: Outlook's own HTML of it stays.
            json!({ "subject": "Review" }),
        ),
        (
            &title,
            Some(&moved),
            json!({ "subject": "Review", "start": at("09:30"), "end": at("10:00"), "isAllDay": false }),
        ),
        (
            &moved,
            Some(&title),
            json!({ "subject": "Kick-off", "start": at("10:30"), "end": at("11:30"), "isAllDay": false }),
        ),
        (&title, Some(&answered), json!({ "subject": "Review" })),
        (&answered, None, json!({})),
    ];
    for (changed, now, expected) in table {
        assert_eq!(occurrence_body(changed, &series(), now, day), expected, "{changed:?} over {now:?}");
    }
    let nothing = occurrence_body(&Record::default(), &series(), Some(&series()), day);
    assert!(!nothing.as_object().unwrap().contains_key("recurrence"), "{nothing}");
    assert_eq!(nothing["start"], at("09:30"));
}

#[test]
fn the_join_section_of_a_meeting_is_put_back_into_a_description_only() {
    let line = "_".repeat(80);
    let section = format!(
        "<p class=\"x\">{line}</p><a href=\"https://teams.microsoft.com/l/meetup-join/1\">Join</a><p>{line}</p>"
    );
    let blob = MeetingBlob::of(&section).unwrap();
    let body = patch_body(&record(), [FieldGroup::Body, FieldGroup::Title].into_iter().collect());
    let kept = keep_meeting(body.clone(), Some(&blob));
    assert_eq!(kept["body"]["content"], format!("<p>Agenda</p>{section}"));
    assert_eq!(kept["subject"], "Kick-off");
    assert_eq!(keep_meeting(body.clone(), None), body);
    let without = patch_body(&record(), [FieldGroup::Title].into_iter().collect());
    assert_eq!(keep_meeting(without.clone(), Some(&blob)), without);
}

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::*;
use crate::mapping::body::BODY_KEPT_MAX_BYTES;
use crate::mapping::body::BODY_SIZE_MAX_BYTES;
use crate::model::{
    AttendeeKind, AttendeeStatus, Attendees, CivilDate, EventTime, Exceptions, Html, Importance, Recurrence, Reminder,
    Sensitivity, ShowAs, Zone,
};

/// An event as Graph answers it, with everything that is read.
fn whole() -> Value {
    json!({
        "@odata.etag": "W/\"DwAAABYAAAB\"",
        "id": "AAMkAGI1=",
        "iCalUId": "040000008200E00074C5B7101A82E008",
        "type": "singleInstance",
        "subject": "Kick-off",
        "body": { "contentType": "html", "content": "<html><head></head><body><p>Agenda</p>\r\n</body></html>" },
        "start": { "dateTime": "2026-03-29T07:30:00.0000000", "timeZone": "UTC" },
        "end": { "dateTime": "2026-03-29T08:00:00.0000000", "timeZone": "UTC" },
        "originalStartTimeZone": "W. Europe Standard Time",
        "isAllDay": false,
        "isOrganizer": true,
        "isCancelled": false,
        "isOnlineMeeting": false,
        "attendees": [],
        "isReminderOn": true,
        "reminderMinutesBeforeStart": 15,
        "location": { "displayName": "Room 1", "locationType": "default" },
        "categories": ["Customer", " Important ", ""],
        "showAs": "oof",
        "sensitivity": "private",
        "importance": "high",
        "lastModifiedDateTime": "2026-03-01T09:00:00.1234567Z",
        "transactionId": "1f1a",
    })
}

fn with(changes: &Value) -> Event {
    let mut event = whole();
    for (name, value) in changes.as_object().unwrap() {
        event[name] = value.clone();
    }
    serde_json::from_value(event).unwrap()
}

fn mapped(changes: &Value) -> MappedEvent {
    read_event(&with(changes)).unwrap()
}

fn guest(address: &str, response: &str) -> Value {
    json!({ "type": "optional", "status": { "response": response }, "emailAddress": { "address": address, "name": "Ada" } })
}

/// Every group but those of tasks alone.
fn of_events() -> FieldSet {
    FieldSet::all().without([FieldGroup::Status, FieldGroup::Due].into_iter().collect())
}

fn names(set: FieldSet) -> Vec<&'static str> {
    set.iter().map(FieldGroup::name).collect()
}

#[test]
fn a_whole_event_has_all_groups() {
    let found = mapped(&json!({}));
    assert_eq!(found.record.groups(), of_events());
    let zone: Zone = "Europe/Berlin".parse().unwrap();
    let time = EventTime::timed(
        Instant::from_epoch_milliseconds(1_774_769_400_000),
        Instant::from_epoch_milliseconds(1_774_771_200_000),
        zone,
    );
    let expected: Record = [
        FieldValue::Title("Kick-off".to_owned()),
        FieldValue::Body(Html::from_canonical("<p>Agenda</p>".to_owned())),
        FieldValue::Time(time.unwrap()),
        FieldValue::Recurrence(Recurrence::None),
        FieldValue::Exceptions(Exceptions::new()),
        FieldValue::Attendees(Attendees::new()),
        FieldValue::Reminder(Reminder::MinutesBefore(15)),
        FieldValue::Location("Room 1".to_owned()),
        FieldValue::Categories(["Customer".to_owned(), "Important".to_owned()].into()),
        FieldValue::ShowAs(ShowAs::Oof),
        FieldValue::Sensitivity(Sensitivity::Private),
        FieldValue::Importance(Importance::High),
        FieldValue::Response(AttendeeStatus::None),
    ]
    .into_iter()
    .collect();
    assert_eq!(found.record, expected);
    assert_eq!(found.id, GraphId::new("AAMkAGI1="));
    assert_eq!(found.version, Some(GraphVersion::new("W/\"DwAAABYAAAB\"")));
    assert_eq!(found.kind, EventKind::Single);
    assert_eq!(found.i_cal_uid.as_deref(), Some("040000008200E00074C5B7101A82E008"));
    assert!(found.is_organizer && found.is_complete && !found.is_cancelled);
    assert_eq!(found.modified_at.unwrap().to_string(), "2026-03-01T09:00:00.123Z");
    assert_eq!((found.transaction_id, found.correlation), (Some(LinkId::new("1f1a")), None));
}

#[test]
fn null_is_a_value_of_a_whole_event() {
    let found = mapped(&json!({
        "subject": null, "body": null, "location": null, "categories": null, "attendees": null, "showAs": null,
        "sensitivity": null, "importance": null, "isReminderOn": null, "lastModifiedDateTime": "yesterday",
    }));
    assert_eq!(found.record.groups(), of_events());
    let blank: Vec<_> = found.record.values().filter(|value| !value.is_blank()).map(FieldValue::group).collect();
    assert_eq!(blank, [FieldGroup::Time]);
    assert_eq!(found.modified_at, None);
}

#[test]
fn a_stub_is_never_taken_for_an_event_without_a_title() {
    let stub: Event = serde_json::from_value(json!({
        "@odata.etag": "W/\"1\"", "id": "O1", "seriesMasterId": "M1", "type": "occurrence",
        "start": { "dateTime": "2026-03-29T07:30:00.0000000", "timeZone": "UTC" },
        "end": { "dateTime": "2026-03-29T08:00:00.0000000", "timeZone": "UTC" },
    }))
    .unwrap();
    let found = read_event(&stub).unwrap();
    assert!(!found.is_complete);
    assert!(found.record.is_empty() && found.writable.is_empty());
    assert_eq!((found.kind, found.series_master_id), (EventKind::Occurrence, Some(GraphId::new("M1"))));
}

#[test]
fn kinds_are_told_apart() {
    for (text, expected) in [
        ("singleInstance", EventKind::Single),
        ("seriesMaster", EventKind::SeriesMaster),
        ("occurrence", EventKind::Occurrence),
        ("exception", EventKind::Exception),
    ] {
        let rule = json!({ "pattern": { "type": "daily", "interval": 1 }, "range": { "type": "noEnd" } });
        assert_eq!(mapped(&json!({ "type": text, "recurrence": rule })).kind, expected);
        assert_eq!(mapped(&json!({ "type": null, "recurrence": rule })).kind, EventKind::SeriesMaster);
    }
}

#[test]
fn what_cannot_be_read_has_a_name() {
    let time = |text: &str, zone: &str| json!({ "dateTime": text, "timeZone": zone });
    let table = [
        (json!({ "id": null }), "missing-id"),
        (json!({ "type": "template" }), "unknown-kind"),
        (json!({ "type": "seriesMaster" }), "recurrence-missing"),
        (json!({ "start": null }), "missing-start"),
        (json!({ "end": null }), "missing-end"),
        (json!({ "end": { "timeZone": "UTC" } }), "missing-end"),
        (json!({ "start": time("29.3.2026", "UTC") }), "malformed-time"),
        (json!({ "end": time("2026-02-30T00:00:00", "UTC") }), "malformed-time"),
        (json!({ "start": time("2026-03-29T07:30:00", "Mars/Olympus") }), "unknown-zone"),
        (json!({ "start": time("2026-03-29T07:30:00", "tzone://Microsoft/Custom") }), "unknown-zone"),
        (json!({ "end": time("2026-03-29T07:29:59", "UTC") }), "end-before-start"),
        (json!({ "isAllDay": true }), "not-midnight"),
        (
            json!({ "isAllDay": true, "start": time("2026-03-29T00:00:00", "UTC"), "end": time("2026-03-29T00:00:00", "UTC") }),
            "no-day",
        ),
    ];
    for (changes, code) in table {
        let issue = read_event(&with(&changes)).expect_err(&changes.to_string());
        assert_eq!(issue.code(), code, "{changes}");
        let message = issue.to_string();
        assert!(message.starts_with(char::is_lowercase) && !message.ends_with('.'), "{message}");
        assert!(!message.contains("Kick-off"), "{message}");
    }
}

#[test]
fn an_all_day_event_is_dates_whatever_zone_is_echoed() {
    for zone in ["UTC", "Pacific Standard Time", "Customized Time Zone"] {
        let found = mapped(&json!({
            "isAllDay": true,
            "start": { "dateTime": "2026-12-24T00:00:00.0000000", "timeZone": zone },
            "end": { "dateTime": "2026-12-27T00:00:00.0000000", "timeZone": zone },
        }));
        let date = |day| CivilDate::from_parts(2026, 12, day).unwrap();
        assert_eq!(found.record.time(), Some(&EventTime::AllDay { start_on: date(24), end_before: date(27) }));
    }
}

#[test]
fn a_zone_that_means_nothing_here_leaves_the_instants() {
    for (name, expected) in [
        ("tzone://Microsoft/Custom", "UTC"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("Mars/Olympus", "UTC"),
        ("Asia/Tokyo", "Asia/Tokyo"),
    ] {
        let found = mapped(&json!({ "originalStartTimeZone": name }));
        let Some(EventTime::Timed { zone, start_at, .. }) = found.record.time() else { panic!("timed") };
        assert_eq!(zone.name(), expected);
        assert_eq!(start_at.epoch_milliseconds(), 1_774_769_400_000);
    }
}

#[test]
fn what_may_be_written_depends_on_whose_event_it_is() {
    let all = [
        "title",
        "body",
        "time",
        "recurrence",
        "exceptions",
        "attendees",
        "reminder",
        "location",
        "categories",
        "show-as",
        "sensitivity",
        "importance",
    ];
    let without_body: Vec<&str> = all.into_iter().filter(|name| *name != "body").collect();
    let own = ["exceptions", "reminder", "categories", "show-as", "response"];
    let guests = json!([guest("ada@example.com", "accepted")]);
    let html = |content: &str| json!({ "contentType": "html", "content": content });
    let link = "<a href=\"https://teams.microsoft.com/l/meetup-join/1\">Join</a>";
    let rule = "_".repeat(80);
    let section = html(&format!("Agenda<p>{rule}</p>{link}<p>{rule}</p>"));
    let table: [(Value, &[&str]); 10] = [
        (json!({}), &all),
        (json!({ "attendees": guests }), &all),
        (json!({ "attendees": guests, "isOrganizer": false }), &own),
        // Delegates and imports: nobody else is there to be overwritten.
        (json!({ "isOrganizer": false }), &all),
        (json!({ "isOnlineMeeting": true }), &without_body),
        (json!({ "body": html(link) }), &without_body),
        (json!({ "body": section }), &all),
        (json!({ "body": section, "isOnlineMeeting": true }), &all),
        (json!({ "isOnlineMeeting": true, "attendees": guests, "isOrganizer": false }), &own),
        (
            json!({ "showAs": "onTheMoon", "attendees": guests, "isOrganizer": false }),
            &["exceptions", "reminder", "categories", "response"],
        ),
    ];
    for (changes, expected) in table {
        assert_eq!(names(mapped(&changes).writable), expected, "{changes}");
    }
    let text =
        json!({ "isOnlineMeeting": true, "body": { "contentType": "text", "content": format!("{rule}{link}{rule}") } });
    for (changes, expected) in
        [(json!({ "body": section }), true), (json!({ "body": html(link) }), false), (text, false)]
    {
        assert_eq!(mapped(&changes).meeting_blob.is_some(), expected, "{changes}");
    }
}

#[test]
fn an_answer_is_somebody_elses_meeting_only() {
    let guests = json!([guest("me@example.com", "none"), guest("ada@example.com", "accepted")]);
    let table = [
        ("accepted", Some(AttendeeStatus::Accepted)),
        ("tentativelyAccepted", Some(AttendeeStatus::Tentative)),
        ("declined", Some(AttendeeStatus::Declined)),
        ("none", Some(AttendeeStatus::None)),
        ("notResponded", Some(AttendeeStatus::None)),
        ("organizer", Some(AttendeeStatus::None)),
        ("perhaps", None),
    ];
    for (response, expected) in table {
        let status = json!({ "response": response, "time": "0001-01-01T00:00:00Z" });
        let theirs = mapped(&json!({ "responseStatus": status, "attendees": guests, "isOrganizer": false }));
        assert_eq!(theirs.record.get(FieldGroup::Response), expected.map(FieldValue::Response).as_ref(), "{response}");
        let ours = mapped(&json!({ "responseStatus": status, "attendees": guests }));
        let none = FieldValue::Response(AttendeeStatus::None);
        assert_eq!(ours.record.get(FieldGroup::Response), Some(&none), "{response}");
    }
}

#[test]
fn the_organiser_is_no_guest_of_the_own_event() {
    let listed = json!([
        guest("boss@example.com", "organizer"),
        guest(" Me@Example.com", "none"),
        guest("ada@example.com", "accepted"),
    ]);
    let organizer = json!({ "emailAddress": { "address": "Me@example.com", "name": "Me" } });
    let seen = |changes: &Value| -> Vec<String> {
        mapped(changes).record.guests().keys().map(|address| address.as_str().to_owned()).collect()
    };
    assert_eq!(seen(&json!({ "attendees": listed, "organizer": organizer })), ["ada@example.com"]);
    let copy = json!({ "attendees": listed, "organizer": organizer, "isOrganizer": false });
    assert_eq!(seen(&copy), ["ada@example.com", "boss@example.com", "me@example.com"]);
    assert_eq!(mapped(&copy).organizer, Some(Address::new("me@example.com")));
    assert_eq!(mapped(&json!({ "organizer": { "emailAddress": { "address": " " } } })).organizer, None);
}

#[test]
fn an_unknown_value_leaves_its_group_alone() {
    let found = mapped(&json!({ "showAs": "onTheMoon", "sensitivity": "secret", "importance": "urgent" }));
    for group in [FieldGroup::ShowAs, FieldGroup::Sensitivity, FieldGroup::Importance] {
        assert_eq!(found.record.get(group), None, "{group}");
        assert!(!found.writable.contains(group), "{group}");
    }
}

#[test]
fn a_body_that_is_too_large_is_neither_read_nor_written() {
    let body = |bytes: usize| json!({ "body": { "contentType": "html", "content": "x".repeat(bytes) } });
    assert!(mapped(&body(BODY_KEPT_MAX_BYTES)).record.get(FieldGroup::Body).is_some());
    assert!(mapped(&body(BODY_KEPT_MAX_BYTES)).unread.is_empty());
    for bytes in [BODY_KEPT_MAX_BYTES + 1, BODY_SIZE_MAX_BYTES + 1] {
        let found = mapped(&body(bytes));
        assert!(found.unread.contains(FieldGroup::Body), "{bytes}");
        assert_eq!(found.record.get(FieldGroup::Body), None, "{bytes}");
        assert!(!found.writable.contains(FieldGroup::Body), "{bytes}");
    }
}

#[test]
fn what_counts_is_the_size_of_the_text_and_not_of_the_markup_around_it() {
    let styled = format!("<html><head><style>{}</style></head><body>Hi</body></html>", "x".repeat(500_000));
    let found = mapped(&json!({ "body": { "contentType": "html", "content": styled } }));
    let expected = FieldValue::Body(Html::from_canonical("Hi".to_owned()));
    assert_eq!(found.record.get(FieldGroup::Body), Some(&expected));
}

#[test]
fn a_body_of_plain_text_is_not_taken_for_html() {
    let found = mapped(&json!({ "body": { "contentType": "text", "content": "1 < 2\r\nyes" } }));
    let expected = FieldValue::Body(Html::from_canonical("1 &lt; 2<br>yes".to_owned()));
    assert_eq!(found.record.get(FieldGroup::Body), Some(&expected));
}

#[test]
fn guests_are_known_by_their_address() {
    let found = mapped(&json!({ "attendees": [
        guest(" Ada@Example.com", "tentativelyAccepted"),
        guest("bob@example.com", "notResponded"),
        guest("eve@example.com", "perhaps"),
        { "type": "resource", "emailAddress": { "address": "room@example.com" } },
        { "type": "required", "emailAddress": { "name": "Somebody" } },
        { "type": "required" },
    ] }));
    let Some(FieldValue::Attendees(guests)) = found.record.get(FieldGroup::Attendees) else { panic!("guests") };
    let seen: Vec<_> = guests.iter().map(|(address, guest)| (address.as_str(), guest.status, guest.kind)).collect();
    assert_eq!(
        seen,
        [
            ("ada@example.com", AttendeeStatus::Tentative, AttendeeKind::Optional),
            ("bob@example.com", AttendeeStatus::None, AttendeeKind::Optional),
            ("eve@example.com", AttendeeStatus::None, AttendeeKind::Optional),
            ("room@example.com", AttendeeStatus::None, AttendeeKind::Resource),
        ]
    );
}

#[test]
fn reminders_count_minutes_from_the_start() {
    let table = [
        (json!({ "isReminderOn": false, "reminderMinutesBeforeStart": 15 }), Reminder::None),
        (json!({ "reminderMinutesBeforeStart": 0 }), Reminder::MinutesBefore(0)),
        (json!({ "reminderMinutesBeforeStart": -10 }), Reminder::MinutesBefore(0)),
        (json!({ "reminderMinutesBeforeStart": null }), Reminder::MinutesBefore(0)),
        (json!({ "reminderMinutesBeforeStart": 10_080 }), Reminder::MinutesBefore(10_080)),
        // More than can be written (found by fuzzing).
        (json!({ "reminderMinutesBeforeStart": i64::MAX }), Reminder::MinutesBefore(i32::MAX.unsigned_abs())),
    ];
    for (changes, expected) in table {
        let found = mapped(&changes);
        assert_eq!(found.record.get(FieldGroup::Reminder), Some(&FieldValue::Reminder(expected)), "{changes}");
    }
}

#[test]
fn our_correlation_property_is_found_among_others() {
    let with_property = |id: &str| {
        let properties = json!([{ "id": "String {00000000-0000-0000-0000-000000000000} Name TandemLink", "value": "no" },
            { "id": id, "value": "link-1" }]);
        mapped(&json!({ "singleValueExtendedProperties": properties })).correlation
    };
    assert_eq!(with_property(CORRELATION_PROPERTY), Some(LinkId::new("link-1")));
    // Exchange may answer the GUID in capitals; the name's case counts.
    let (set, name) = CORRELATION_PROPERTY.split_once("} ").unwrap();
    assert_eq!(with_property(&format!("{}}} {name}", set.to_uppercase())), Some(LinkId::new("link-1")));
    assert_eq!(with_property(&CORRELATION_PROPERTY.to_lowercase()), None);
}

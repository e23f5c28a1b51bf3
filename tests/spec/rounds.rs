//! Rounds of changes, as awkward as Microsoft serves them: stubs, replays, empty
//! pages, removals that are none, and our own writes coming back (pitfalls 1, 3
//! and 4 of Graph; Oro row E4).

use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

use crate::calendar::wrote;
use crate::exceptions::crm_exception;
use crate::series::{weekly, weekly_in_outlook};

const FROM: &str = "2026-03-01T00:00:00Z";
const TO: &str = "2026-06-01T00:00:00Z";

/// The id of an item of Graph.
pub fn id(event: &Value) -> &str {
    event["id"].as_str().unwrap()
}

/// A patch that moves an event to these two times of UTC.
pub fn at(start: &str, end: &str) -> Value {
    json!({"start": {"dateTime": start, "timeZone": "UTC"}, "end": {"dateTime": end, "timeZone": "UTC"}})
}

/// Items that were read by their id since the requests were forgotten, alone or
/// in a batch.
pub async fn item_reads(world: &World) -> usize {
    let record = world.requests().await;
    let is_read = |request: &&Value| {
        let path = request["path"].as_str().unwrap().to_ascii_lowercase();
        request["method"] == "GET" && path.contains("/events/")
    };
    let count = |requests: &Value| requests.as_array().map_or(0, |requests| requests.iter().filter(is_read).count());
    count(&record["requests"])
        + record["requests"].as_array().unwrap().iter().map(|request| count(&request["parts"])).sum::<usize>()
}

/// [`weekly_in_outlook`] under another title.
pub fn called(title: &str) -> Value {
    let mut series = weekly_in_outlook();
    series["subject"] = json!(title);
    series
}

/// The series of the CRM with this title; exceptions bear it, too.
pub async fn crm_master(world: &World, title: &str) -> Value {
    let mut events = world.crm_events("anna").await;
    events.retain(|event| !event["recurrence"].is_null());
    World::only(&events, title)
}

/// How many lines bear this title.
pub fn titled(shown: &[String], title: &str) -> usize {
    shown.iter().filter(|line| line.ends_with(title)).count()
}

/// Ways in which Microsoft serves one and the same round.
fn deliveries() -> Vec<Value> {
    vec![
        json!({}),
        json!({"mastersInDelta": false}),
        json!({"pageSizeMax": 3}),
        json!({"pageSizeMax": 1, "mastersInDelta": false}),
        json!({"pageSizeMax": 3, "emptyPages": true}),
        json!({"pageSizeMax": 3, "replay": true}),
        json!({"pageSizeMax": 2, "replay": true, "emptyPages": true, "mastersInDelta": false}),
    ]
}

/// Pitfall 1, and E4: however a round is served, a series is read by itself,
/// once, and no stub of it overwrites anything.
#[tokio::test]
async fn an_occurrence_stub_never_overwrites_a_title_and_a_series_is_read_once_a_round() {
    for delivery in deliveries() {
        let world = World::connected().await;
        world.control("behaviour", &delivery).await;
        let outlook = world.outlook("anna").await;
        let master = outlook.create(&weekly_in_outlook()).await;
        let second = outlook.instance("Jour fixe", "2026-03-16T09:00").await;
        outlook.update(id(&second), &json!({"subject": "Workshop"})).await;
        outlook.create_timed("Lunch", "2026-03-10T11:00:00", "2026-03-10T12:00:00").await;
        world.forget_requests().await;
        wrote(&world.sync("anna").await, [2, 0, 0], [0, 0, 0]);
        assert_eq!(item_reads(&world).await, 1, "{delivery}");
        let shown = world.assert_same("anna", FROM, TO).await;
        assert_eq!((shown.len(), titled(&shown, "Jour fixe"), titled(&shown, "Workshop")), (8, 6, 1), "{delivery}");

        outlook.update(id(&master), &json!({"subject": "Weekly"})).await;
        let third = outlook.instance("Weekly", "2026-03-23T09:00").await;
        outlook.update(id(&third), &at("2026-03-23T15:00:00", "2026-03-23T16:00:00")).await;
        world.forget_requests().await;
        wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
        assert_eq!(item_reads(&world).await, 1, "{delivery}");
        let shown = world.assert_same("anna", FROM, TO).await;
        assert_eq!((shown.len(), titled(&shown, "Weekly"), titled(&shown, "Workshop")), (8, 6, 1), "{delivery}");
        assert!(shown.contains(&"2026-03-23T15:00:00Z 2026-03-23T16:00:00Z Weekly".to_owned()), "{shown:?}");

        world.forget_requests().await;
        wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
        assert_eq!(item_reads(&world).await, 0, "{delivery}");
        assert!(world.mails().await.is_empty());
    }
}

/// Pitfalls 4 and 21: the keys of occurrences move day by day, and those of a
/// master by an edit that changes nothing; neither is a change.
#[tokio::test]
async fn a_moved_change_key_alone_writes_nothing() {
    let world = World::connected().await;
    world.control("behaviour", &json!({"occurrenceKeysMoveDaily": true})).await;
    let outlook = world.outlook("anna").await;
    let master = outlook.create(&weekly_in_outlook()).await;
    let second = outlook.instance("Jour fixe", "2026-03-16T09:00").await;
    outlook.update(id(&second), &json!({"subject": "Workshop"})).await;
    wrote(&world.sync("anna").await, [1, 0, 0], [0, 0, 0]);
    let mut key = outlook.instance("Jour fixe", "2026-03-23T09:00").await["@odata.etag"].clone();
    for day in 1..=3 {
        world.advance(24 * 3600).await;
        let outlook = world.outlook("anna").await;
        outlook.update(id(&master), &json!({"subject": "Jour fixe"})).await;
        let moved = outlook.instance("Jour fixe", "2026-03-23T09:00").await["@odata.etag"].clone();
        assert_ne!(moved, key, "the key is another one on day {day}");
        key = moved;
        wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    }
    assert_eq!(titled(&world.assert_same("anna", FROM, TO).await, "Workshop"), 1);
}

/// E4: of several series, the one that changed is read, and nothing else.
#[tokio::test]
async fn a_changed_series_is_read_alone_and_never_by_a_complete_listing() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let mut masters = Vec::new();
    for number in 0..5 {
        masters.push(outlook.create(&called(&format!("Series {number}"))).await);
    }
    wrote(&world.sync("anna").await, [5, 0, 0], [0, 0, 0]);
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    let changes = [
        json!({"subject": "Series three"}),
        json!({"recurrence": {
            "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"], "firstDayOfWeek": "monday"},
            "range": {"type": "numbered", "startDate": "2026-03-09", "numberOfOccurrences": 5},
        }}),
    ];
    for change in changes {
        outlook.update(id(&masters[3]), &change).await;
        world.forget_requests().await;
        let report = world.sync("anna").await;
        wrote(&report, [0, 1, 0], [0, 0, 0]);
        assert_eq!((&report["requests"], item_reads(&world).await), (&json!(2), 1), "{}", world.requests().await);
    }
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 4 * 7 + 5);
}

/// Pitfall 3: Graph says "removed" of an event that only left the window.
#[tokio::test]
async fn an_event_that_is_moved_out_of_the_window_is_moved_in_the_crm_and_not_deleted() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let event = outlook.create_timed("Review", "2026-03-10T09:00:00", "2026-03-10T10:00:00").await;
    wrote(&world.sync("anna").await, [1, 0, 0], [0, 0, 0]);
    for (start, end) in [
        ("2031-05-06T13:00:00", "2031-05-06T14:00:00"),
        ("2019-05-06T13:00:00", "2019-05-06T14:00:00"),
        ("2026-03-11T13:00:00", "2026-03-11T14:00:00"),
    ] {
        outlook.update(id(&event), &at(start, end)).await;
        wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
        let crm = World::only(&world.crm_events("anna").await, "Review");
        assert_eq!((&crm["start"], &crm["end"]), (&json!(format!("{start}Z")), &json!(format!("{end}Z"))));
        wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    }
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 1);
}

/// Pitfall 3: the same of series, by their end and by their beginning.
#[tokio::test]
async fn a_series_that_leaves_the_window_is_not_deleted_and_its_rule_arrives() {
    for masters in [true, false] {
        let world = World::connected().await;
        world.control("behaviour", &json!({"mastersInDelta": masters})).await;
        let outlook = world.outlook("anna").await;
        let mut series = weekly_in_outlook();
        series["start"]["dateTime"] = json!("2024-01-08T10:00:00");
        series["end"]["dateTime"] = json!("2024-01-08T11:00:00");
        series["recurrence"]["range"] = json!({"type": "noEnd", "startDate": "2024-01-08"});
        let ended = outlook.create(&series).await;
        let later = outlook.create(&called("Workshop")).await;
        wrote(&world.sync("anna").await, [2, 0, 0], [0, 0, 0]);

        let mut recurrence = ended["recurrence"].clone();
        recurrence["range"] = json!({"type": "endDate", "startDate": "2024-01-08", "endDate": "2024-03-31"});
        outlook.update(id(&ended), &json!({"recurrence": recurrence})).await;
        let mut recurrence = later["recurrence"].clone();
        recurrence["range"] = json!({"type": "numbered", "startDate": "2031-03-10", "numberOfOccurrences": 3});
        let mut patch = at("2031-03-10T09:00:00", "2031-03-10T10:00:00");
        patch["recurrence"] = recurrence;
        outlook.update(id(&later), &patch).await;
        wrote(&world.sync("anna").await, [0, 2, 0], [0, 0, 0]);
        assert!(world.assert_same("anna", FROM, TO).await.is_empty());
        assert_eq!(world.assert_same("anna", "2024-01-01T00:00:00Z", "2024-12-31T00:00:00Z").await.len(), 12);
        assert_eq!(world.assert_same("anna", "2031-01-01T00:00:00Z", "2031-12-31T00:00:00Z").await.len(), 3);
        wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    }
}

/// Pitfall 4: there is no mark on our own writes.
#[tokio::test]
async fn own_writes_of_series_exceptions_and_answers_come_back_and_write_nothing() {
    let world = World::connected().await;
    world.add_user("ben", "Acme").await;
    let (outlook, ben) = (world.outlook("anna").await, world.outlook("ben").await);
    let mut invitation = called("Planning");
    invitation["attendees"] = json!([{"type": "required", "emailAddress": {"address": "anna@acme.example"}}]);
    ben.create(&invitation).await;
    let theirs = outlook.create(&called("Standup")).await;
    let ours = world.crm_create("anna", &weekly()).await;
    wrote(&world.sync("anna").await, [2, 0, 0], [1, 0, 0]);
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);

    // Every kind of write that there is: rule, master, exceptions, answer.
    world.crm_update(&ours["id"], &json!({"title": "Jour fixe, new", "description": "<p>Agenda</p>"})).await;
    crm_exception(&world, &ours, "2026-03-16T09:00:00Z", json!({"title": "Workshop"})).await;
    crm_exception(&world, &ours, "2026-03-23T09:00:00Z", json!({"cancelled": true})).await;
    let one = outlook.instance("Standup", "2026-03-16T09:00").await;
    outlook.update(id(&one), &json!({"subject": "Retrospective"})).await;
    outlook.update(id(&theirs), &json!({"location": {"displayName": "Room 1"}})).await;
    let meeting = World::only(&world.crm_events("anna").await, "Planning");
    let path = format!("/api/calendar-events/{}/reply", meeting["id"].as_str().unwrap());
    world.crm.post(&path, &json!({"status": "accepted"})).await.ok();
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 2, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!((shown.len(), titled(&shown, "Workshop"), titled(&shown, "Retrospective")), (20, 1, 1), "{shown:?}");
    let mails = world.mails().await;
    assert_eq!(mails.len(), 2, "the invitation and the answer, and nothing more: {mails:?}");
    assert!(mails[0].contains("anna@acme.example") && mails[1].contains("ben@acme.example"), "{mails:?}");

    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    world.forget_requests().await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    assert_eq!(world.requests().await["count"], 1, "the echo is over");
    assert_eq!(world.mails().await, mails);
    assert!(world.conflicts().await.is_empty());
}

/// Pitfall 3: a removal is looked into, whatever it is said of.
#[tokio::test]
async fn only_what_a_read_does_not_find_is_deleted_in_the_crm() {
    let world = World::connected().await;
    let outlook: Outlook = world.outlook("anna").await;
    let gone = outlook.create(&weekly_in_outlook()).await;
    let stays = outlook.create(&called("Workshop")).await;
    wrote(&world.sync("anna").await, [2, 0, 0], [0, 0, 0]);
    outlook.delete(id(&gone)).await;
    let mut recurrence = stays["recurrence"].clone();
    recurrence["range"] = json!({"type": "numbered", "startDate": "2022-03-07", "numberOfOccurrences": 7});
    let mut patch = at("2022-03-07T09:00:00", "2022-03-07T10:00:00");
    patch["recurrence"] = recurrence;
    outlook.update(id(&stays), &patch).await;
    wrote(&world.sync("anna").await, [0, 1, 1], [0, 0, 0]);
    World::only(&world.crm_events("anna").await, "Workshop");
    assert_eq!(world.assert_same("anna", "2022-01-01T00:00:00Z", "2022-12-31T00:00:00Z").await.len(), 7);
    assert!(world.assert_same("anna", FROM, TO).await.is_empty());
}

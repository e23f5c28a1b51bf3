//! Series: expansion, exceptions, cancelled occurrences.

use super::*;

fn series(pattern: &Value, range: &Value) -> Value {
    let mut series = event("Series", 2, 9);
    series["recurrence"] = json!({ "pattern": pattern, "range": range });
    series
}

async fn starts(world: &World, path: &str) -> Vec<String> {
    let answer = world.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.items().iter().map(|item| item["start"]["dateTime"].as_str().unwrap()[..16].to_owned()).collect()
}

#[tokio::test]
async fn nine_o_clock_stays_nine_o_clock_when_the_clocks_change() {
    let world = World::new();
    let weekly = json!({ "type": "weekly", "interval": 1, "daysOfWeek": ["monday"] });
    world.create(series(&weekly, &json!({ "type": "noEnd", "startDate": "2026-03-02" }))).await;
    let view = "/me/calendarView?startDateTime=2026-03-20T00:00:00Z&endDateTime=2026-04-08T00:00:00Z";
    assert_eq!(starts(&world, view).await, ["2026-03-23T08:00", "2026-03-30T07:00", "2026-04-06T07:00"]);
    assert_eq!(world.get("/me/events").await.items()[0]["type"], "seriesMaster");
}

#[tokio::test]
async fn every_pattern_gives_its_dates() {
    let world = World::new();
    let cases = [
        (json!({ "type": "daily", "interval": 3 }), vec!["03-02", "03-05", "03-08"]),
        (
            json!({ "type": "weekly", "interval": 2, "daysOfWeek": ["monday", "sunday"], "firstDayOfWeek": "monday" }),
            vec!["03-02", "03-08", "03-16"],
        ),
        (
            json!({ "type": "weekly", "interval": 2, "daysOfWeek": ["monday", "sunday"] }),
            vec!["03-02", "03-15", "03-16"],
        ),
        (json!({ "type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31 }), vec!["03-31", "04-30", "05-31"]),
        (
            json!({ "type": "relativeMonthly", "interval": 1, "daysOfWeek": ["friday"], "index": "last" }),
            vec!["03-27", "04-24", "05-29"],
        ),
        (
            json!({ "type": "relativeMonthly", "interval": 1, "daysOfWeek": ["saturday", "sunday"], "index": "second" }),
            vec!["03-07", "04-05", "05-03"],
        ),
    ];
    for (pattern, dates) in cases {
        let range = json!({ "type": "numbered", "startDate": "2026-03-02", "numberOfOccurrences": 3 });
        let master = world.create(series(&pattern, &range)).await;
        let path = format!("/me/events/{}/instances?startDateTime=2026-01-01&endDateTime=2027-01-01", id(&master));
        let found: Vec<String> = starts(&world, &path).await.iter().map(|start| start[5..10].to_owned()).collect();
        assert_eq!(found, dates, "{pattern}");
    }
}

#[tokio::test]
async fn yearly_patterns_reach_leap_days() {
    let world = World::new();
    let yearly = json!({ "type": "absoluteYearly", "interval": 1, "dayOfMonth": 29, "month": 2 });
    let relative =
        json!({ "type": "relativeYearly", "interval": 2, "daysOfWeek": ["sunday"], "index": "first", "month": 5 });
    for (pattern, dates) in [(yearly, ["2027-02-28", "2028-02-29"]), (relative, ["2026-05-03", "2028-05-07"])] {
        let range = json!({ "type": "endDate", "startDate": "2026-03-02", "endDate": "2028-12-31" });
        let master = world.create(series(&pattern, &range)).await;
        let path = format!("/me/events/{}/instances?startDateTime=2026-01-01&endDateTime=2029-01-01", id(&master));
        let found: Vec<String> = starts(&world, &path).await.iter().map(|start| start[..10].to_owned()).collect();
        assert_eq!(found, dates);
    }
}

#[tokio::test]
async fn a_changed_occurrence_becomes_an_exception_and_a_deleted_one_is_remembered() {
    let world = World::new();
    let master = world.create(daily(4)).await;
    let path = format!("/me/events/{}", id(&master));
    let window = "startDateTime=2026-03-01&endDateTime=2026-04-01";
    let found = world.get(&format!("{path}/instances?{window}")).await;
    let ids: Vec<String> = found.items().iter().map(|item| id(item).to_owned()).collect();
    assert_eq!(ids.len(), 4);
    let moved = world.patch(&ids[1], json!({ "subject": "Moved", "start": { "dateTime": "2026-03-03T14:00:00", "timeZone": "UTC" }, "end": { "dateTime": "2026-03-03T15:00:00", "timeZone": "UTC" } })).await;
    assert_eq!(moved.body["type"], "exception");
    assert_eq!(moved.body["originalStart"], "2026-03-03T08:00:00Z");
    assert_eq!(moved.body["seriesMasterId"], master["id"]);
    let crossing = json!({ "start": { "dateTime": "2026-03-04T14:00:00", "timeZone": "UTC" }, "end": { "dateTime": "2026-03-04T15:00:00", "timeZone": "UTC" } });
    assert_eq!(world.patch(&ids[1], crossing).await.code(), "ErrorOccurrenceCrossingBoundary");
    assert_eq!(world.delete(&ids[2]).await.status, 204);
    assert_eq!(world.get(&format!("/me/events/{}", ids[2])).await.status, 404);
    assert_eq!(
        starts(&world, &format!("{path}/instances?{window}")).await,
        ["2026-03-02T08:00", "2026-03-03T14:00", "2026-03-05T08:00"]
    );
    let plain = world.get(&path).await.body;
    assert!(plain.get("cancelledOccurrences").is_none());
    let asked = world
        .get(&format!("{path}?$select=cancelledOccurrences,exceptionOccurrences&$expand=exceptionOccurrences"))
        .await
        .body;
    assert_eq!(asked["cancelledOccurrences"], json!([format!("OID.{}.2026-03-04", id(&master))]));
    assert_eq!(asked["exceptionOccurrences"][0]["subject"], "Moved");
}

#[tokio::test]
async fn a_new_pattern_reissues_occurrence_ids() {
    let world = World::new();
    let master = world.create(daily(3)).await;
    let instances = format!("/me/events/{}/instances?startDateTime=2026-03-01&endDateTime=2026-04-01", id(&master));
    let old = id(&world.get(&instances).await.items()[0]).to_owned();
    let mut recurrence = daily(5)["recurrence"].clone();
    recurrence["pattern"]["interval"] = json!(2);
    assert_eq!(world.patch(id(&master), json!({ "recurrence": recurrence })).await.status, 200);
    assert_eq!(world.get(&format!("/me/events/{old}")).await.status, 404);
    assert_eq!(world.get(&instances).await.items().len(), 5);
}

#[tokio::test]
async fn a_single_event_keeps_its_id_as_a_series_and_back() {
    let world = World::new();
    let single = world.create(event("Talk", 2, 9)).await;
    let made = world.patch(id(&single), json!({ "recurrence": daily(2)["recurrence"] })).await.body;
    assert_eq!(
        (made["type"].as_str(), &made["id"], &made["iCalUId"]),
        (Some("seriesMaster"), &single["id"], &single["iCalUId"])
    );
    let back = world.patch(id(&single), json!({ "recurrence": null })).await.body;
    assert_eq!((back["type"].as_str(), &back["id"]), (Some("singleInstance"), &single["id"]));
}

#[tokio::test]
async fn rules_are_checked_even_where_they_do_not_matter() {
    let world = World::new();
    let range = json!({ "type": "noEnd", "startDate": "2026-03-02" });
    let later = json!({ "type": "noEnd", "startDate": "2026-03-03" });
    let invalid = "ErrorPropertyValidationFailure";
    let cases = [
        (json!({ "type": "daily", "interval": 0 }), &range, invalid),
        (json!({ "type": "daily", "interval": 1, "index": "fifth" }), &range, "RequestBodyRead"),
        (json!({ "type": "weekly", "interval": 1 }), &range, invalid),
        (json!({ "type": "daily", "interval": 1 }), &later, invalid),
    ];
    for (pattern, range, code) in cases {
        let answer = world.post("/me/events", series(&pattern, range)).await;
        assert_eq!((answer.status, answer.code()), (400, code), "{pattern}");
    }
    let master = world.create(daily(3)).await;
    let zone = json!({ "start": { "dateTime": "2026-03-02T09:00:00", "timeZone": "UTC" }, "end": { "dateTime": "2026-03-02T10:00:00", "timeZone": "UTC" } });
    assert_eq!(world.patch(id(&master), zone).await.status, 400);
}

#[tokio::test]
async fn the_shown_start_of_a_series_can_be_written_back() {
    let world = World::new();
    let weekly = json!({ "type": "weekly", "interval": 1, "daysOfWeek": ["friday"] });
    let master = world.create(series(&weekly, &json!({ "type": "noEnd", "startDate": "2026-03-02" }))).await;
    assert_eq!(master["start"]["dateTime"], "2026-03-06T08:00:00.0000000");
    let berlin =
        |time: &str| json!({ "dateTime": format!("2026-03-06T{time}"), "timeZone": "W. Europe Standard Time" });
    let changed = world.patch(id(&master), json!({ "start": berlin("10:00"), "end": berlin("10:30") })).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(changed.body["start"]["dateTime"], "2026-03-06T09:00:00.0000000");
    assert_eq!(changed.body["recurrence"], master["recurrence"]);
}

/// The dates of the exceptions and of the plain occurrences, in order.
async fn kinds(world: &World, master: &str) -> Vec<(String, String)> {
    let instances = world.instances(master).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    instances.iter().map(|item| (text(&item["type"]), text(&item["originalStart"])[8..10].to_owned())).collect()
}

#[tokio::test]
async fn an_earlier_end_keeps_what_lies_before_it() {
    let world = World::new();
    let master = world.create(daily(6)).await;
    let before = world.instances(id(&master)).await;
    world.patch(id(&before[1]), json!({ "subject": "Kept" })).await;
    world.patch(id(&before[4]), json!({ "subject": "Cut off" })).await;
    world.delete(id(&before[2])).await;
    let mut recurrence = master["recurrence"].clone();
    recurrence["range"] = json!({ "type": "endDate", "startDate": "2026-03-02", "endDate": "2026-03-05" });
    let answer = world.patch(id(&master), json!({ "recurrence": recurrence })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let expected = [("occurrence", "02"), ("exception", "03"), ("occurrence", "05")];
    assert_eq!(kinds(&world, id(&master)).await, expected.map(|(kind, day)| (kind.to_owned(), day.to_owned())));
    let after = world.instances(id(&master)).await;
    assert_eq!((id(&after[0]), id(&after[1])), (id(&before[0]), id(&before[1])));
    assert_eq!(world.get(&format!("/me/events/{}", id(&before[4]))).await.status, 404);
}

#[tokio::test]
async fn another_spelling_of_the_zone_is_no_change_of_the_series() {
    let world = World::new();
    let master = world.create(daily(3)).await;
    let before = world.instances(id(&master)).await;
    world.patch(id(&before[1]), json!({ "subject": "Kept" })).await;
    let berlin = |hour: &str| json!({ "dateTime": format!("2026-03-02T{hour}:00"), "timeZone": "Europe/Berlin" });
    let same = world.patch(id(&master), json!({ "start": berlin("09:00"), "end": berlin("09:30") })).await;
    assert_eq!(same.status, 200, "{}", same.text);
    assert_eq!(id(&world.instances(id(&master)).await[1]), id(&before[1]));
    let later = world.patch(id(&master), json!({ "start": berlin("10:00"), "end": berlin("10:30") })).await;
    assert_eq!(later.status, 200, "{}", later.text);
    assert!(kinds(&world, id(&master)).await.iter().all(|(kind, _)| kind == "occurrence"));
    assert_ne!(id(&world.instances(id(&master)).await[1]), id(&before[1]));
}

#[tokio::test]
async fn a_series_moves_to_another_zone_only_with_its_recurrence() {
    let world = World::new();
    let master = world.create(daily(3)).await;
    let tokyo = |hour: &str| json!({ "dateTime": format!("2026-03-02T{hour}:00"), "timeZone": "Asia/Tokyo" });
    let mut change = json!({ "start": tokyo("09:00"), "end": tokyo("09:30") });
    assert_eq!(world.patch(id(&master), change.clone()).await.code(), "ErrorPropertyValidationFailure");
    change["recurrence"] = daily(3)["recurrence"].clone();
    let moved = world.patch(id(&master), change.clone()).await;
    assert_eq!(moved.body["recurrence"]["range"]["recurrenceTimeZone"], "Asia/Tokyo");
    assert_eq!(moved.body["start"]["dateTime"], "2026-03-02T00:00:00.0000000");
    change["recurrence"]["range"]["startDate"] = json!("2026-03-03");
    assert_eq!(world.patch(id(&master), change).await.code(), "ErrorPropertyValidationFailure");
}

#[tokio::test]
async fn an_end_alone_is_meant_for_the_shown_start() {
    let world = World::new();
    let weekly = json!({ "type": "weekly", "interval": 1, "daysOfWeek": ["friday"] });
    let master = world.create(series(&weekly, &json!({ "type": "noEnd", "startDate": "2026-03-02" }))).await;
    let end = json!({ "dateTime": "2026-03-06T11:00", "timeZone": "W. Europe Standard Time" });
    let longer = world.patch(id(&master), json!({ "end": end })).await.body;
    assert_eq!(longer["start"]["dateTime"], "2026-03-06T08:00:00.0000000");
    assert_eq!(longer["end"]["dateTime"], "2026-03-06T10:00:00.0000000");
}

#[tokio::test]
async fn an_occurrence_stays_between_its_neighbours() {
    let world = World::new();
    let master = world.create(daily(4)).await;
    let items = world.instances(id(&master)).await;
    for (day, hour) in [(2, 23), (4, 0), (5, 9), (1, 9)] {
        let answer = world.patch(id(&items[1]), at(day, hour)).await;
        assert_eq!((answer.status, answer.code()), (400, "ErrorOccurrenceCrossingBoundary"), "{day} {hour}");
    }
    // The day of a deleted neighbour stays closed as well.
    world.delete(id(&items[2])).await;
    assert_eq!(world.patch(id(&items[1]), at(4, 20)).await.code(), "ErrorOccurrenceCrossingBoundary");
    // Where the neighbour was moved to is what counts.
    assert_eq!(world.patch(id(&items[1]), at(3, 20)).await.status, 200);
    assert_eq!(world.patch(id(&items[0]), at(3, 1)).await.code(), "ErrorOccurrenceCrossingBoundary");
    let long = json!({ "end": { "dateTime": "2026-03-03T21:00:00", "timeZone": "W. Europe Standard Time" } });
    assert_eq!(world.patch(id(&items[0]), long).await.code(), "ErrorOccurrenceCrossingBoundary");
}

#[tokio::test]
async fn all_day_occurrences_that_touch_cannot_change_their_length() {
    let world = World::new();
    let mut series = daily(4);
    series["isAllDay"] = json!(true);
    series["start"]["dateTime"] = json!("2026-03-02T00:00:00");
    series["end"]["dateTime"] = json!("2026-03-03T00:00:00");
    let master = world.create(series).await;
    let items = world.instances(id(&master)).await;
    let mut shorter = at(3, 9);
    shorter["isAllDay"] = json!(false);
    assert_eq!(world.patch(id(&items[1]), shorter).await.code(), "ErrorOccurrenceCrossingBoundary");
    let renamed = world.patch(id(&items[1]), json!({ "subject": "Renamed" })).await;
    assert_eq!((renamed.status, renamed.body["type"].as_str()), (200, Some("exception")));
}

//! The window of time that is synchronised, which moves on with the clock, and
//! what lies outside of it (pitfalls 2 and 5.4 of Graph; Oro row E5).

use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

use crate::calendar::wrote;
use crate::exceptions::crm_exception;
use crate::rounds::{at, crm_master, id, titled};
use crate::runtime::{until_idle, writes};
use crate::series::weekly_in_outlook;

const FROM: &str = "2026-03-01T00:00:00Z";
const TO: &str = "2026-06-01T00:00:00Z";

/// A weekly series of Outlook without an end that began years before the
/// window: Mondays at nine in UTC, in winter.
fn old_series() -> Value {
    let mut series = weekly_in_outlook();
    series["start"]["dateTime"] = json!("2019-01-07T10:00:00");
    series["end"]["dateTime"] = json!("2019-01-07T11:00:00");
    series["recurrence"]["range"] = json!({"type": "noEnd", "startDate": "2019-01-07"});
    series
}

fn deletions(reports: &[Value]) -> u64 {
    reports.iter().flat_map(|report| ["crm", "microsoft"].map(|side| report[side]["deleted"].as_u64().unwrap())).sum()
}

fn titles(events: &[Value], name: &str) -> Vec<String> {
    let mut titles: Vec<String> = events.iter().map(|event| event[name].as_str().unwrap().to_owned()).collect();
    titles.sort();
    titles
}

/// Pitfall 2, E5: the window of a year around today moves on; what enters it
/// appears, what leaves it stays where it is.
#[tokio::test]
async fn events_appear_when_the_window_reaches_them_and_stay_when_it_has_passed() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    outlook.create_timed("Past, Outlook", "2025-03-05T09:00:00", "2025-03-05T10:00:00").await;
    outlook.create_timed("Future, Outlook", "2027-07-05T09:00:00", "2027-07-05T10:00:00").await;
    world.crm_create_timed("anna", "Past, CRM", "2025-03-06T09:00:00Z", "2025-03-06T10:00:00Z").await;
    world.crm_create_timed("anna", "Future, CRM", "2027-07-06T09:00:00Z", "2027-07-06T10:00:00Z").await;
    let series = outlook.create(&old_series()).await;
    wrote(&world.sync("anna").await, [2, 0, 0], [1, 0, 0]);
    assert_eq!(
        titles(&world.crm_events("anna").await, "title"),
        ["Future, CRM", "Jour fixe", "Past, CRM", "Past, Outlook"]
    );

    let mut created = 0;
    for month in 1..=8 {
        world.advance(30 * 24 * 3600).await;
        let outlook = world.outlook("anna").await;
        let title = format!("Jour fixe {month}");
        outlook.update(id(&series), &json!({"subject": title})).await;
        let reports = until_idle(&world).await;
        assert_eq!(deletions(&reports), 0, "month {month}: {reports:?}");
        created += reports.iter().map(writes).sum::<u64>() - 1;
        World::only(&world.crm_events("anna").await, &title);
        assert_eq!(writes(&world.sync("anna").await), 0, "month {month}");
    }
    assert_eq!(created, 2, "one event on each side has come within reach, and nothing else was written");
    let all = ["Future, CRM", "Future, Outlook", "Jour fixe 8", "Past, CRM", "Past, Outlook"];
    assert_eq!(titles(&world.crm_events("anna").await, "title"), all);
    assert_eq!(titles(&world.outlook("anna").await.events().await, "subject"), all);
    for (from, to) in
        [("2025-01-01T00:00:00Z", "2025-12-31T00:00:00Z"), ("2027-01-01T00:00:00Z", "2027-12-31T00:00:00Z")]
    {
        assert!(world.assert_same("anna", from, to).await.len() > 50);
    }
    // What has left the window is still one thing on both sides.
    let past = World::only(&world.crm_events("anna").await, "Past, Outlook");
    world.crm_update(&past["id"], &json!({"title": "Past, edited"})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    Outlook::only(&world.outlook("anna").await.events().await, "Past, edited");
    assert!(world.mails().await.is_empty());
}

/// Pitfall 2: a rebuilt window takes many requests, and may be interrupted; edits
/// do not wait for its end.
#[tokio::test]
async fn an_edit_flows_while_a_new_window_is_listed() {
    let world = World::connected().await;
    world.control("behaviour", &json!({"pageSizeMax": 2})).await;
    let outlook = world.outlook("anna").await;
    for number in 0..8 {
        let day = 10 + number;
        let (start, end) = (format!("2026-03-{day}T09:00:00"), format!("2026-03-{day}T10:00:00"));
        outlook.create_timed(&format!("Event {number}"), &start, &end).await;
    }
    outlook.create_timed("Later", "2027-04-10T09:00:00", "2027-04-10T10:00:00").await;
    until_idle(&world).await;
    assert_eq!(world.crm_events("anna").await.len(), 8);

    world.advance(60 * 24 * 3600).await;
    world
        .fault(json!([
            {"match": {"path": "calendarView"}, "skip": 2, "times": 1, "do": "throttle", "retryAfterSeconds": 60},
        ]))
        .await;
    let report = world.sync("anna").await;
    assert_eq!((&report["next"]["when"], writes(&report)), (&json!("after"), 0), "{report}");

    let outlook = world.outlook("anna").await;
    let theirs = Outlook::only(&outlook.events().await, "Event 7");
    outlook.update(id(&theirs), &json!({"subject": "From Outlook"})).await;
    let ours = World::only(&world.crm_events("anna").await, "Event 6");
    world.crm_update(&ours["id"], &json!({"title": "From the CRM"})).await;
    world.advance(61).await;
    world
        .fault(json!([
            {"match": {"path": "calendarView"}, "skip": 1, "times": 1, "do": "throttle", "retryAfterSeconds": 60},
        ]))
        .await;
    let report = world.sync("anna").await;
    assert_eq!(report["next"]["when"], "after", "the listing is not over: {report}");
    assert_eq!((&report["crm"]["updated"], &report["microsoft"]["updated"]), (&json!(1), &json!(1)), "{report}");
    World::only(&world.crm_events("anna").await, "From Outlook");
    Outlook::only(&outlook.events().await, "From the CRM");

    let reports = until_idle(&world).await;
    assert_eq!(deletions(&reports), 0, "{reports:?}");
    World::only(&world.crm_events("anna").await, "Later");
    assert_eq!(writes(&world.sync("anna").await), 0);
    assert_eq!(world.assert_same("anna", FROM, "2027-12-31T00:00:00Z").await.len(), 9);
}

/// Pitfall 2 ("master outside of the window"): the series is one thing, however
/// long ago it began.
#[tokio::test]
async fn a_series_that_began_years_before_the_window_is_synchronised_as_a_whole() {
    for masters in [true, false] {
        let world = World::connected().await;
        world.control("behaviour", &json!({"mastersInDelta": masters})).await;
        let outlook = world.outlook("anna").await;
        let master = outlook.create(&old_series()).await;
        let long_ago = outlook.instance("Jour fixe", "2020-02-03T09:00").await;
        outlook.update(id(&long_ago), &json!({"subject": "Anniversary"})).await;
        let ours = world
            .crm_create(
                "anna",
                &json!({
                    "title": "Standup", "start": "2020-06-01T07:00:00Z", "end": "2020-06-01T07:15:00Z",
                    "timeZone": "Europe/Berlin",
                    "recurrence": {
                        "type": "daily", "interval": 7, "startTime": "2020-06-01T07:00:00Z", "timeZone": "Europe/Berlin",
                    },
                }),
            )
            .await;
        wrote(&world.sync("anna").await, [1, 0, 0], [1, 0, 0]);
        assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 2 * 13);
        assert_eq!(titled(&world.assert_same("anna", "2020-01-01T00:00:00Z", TO).await, "Anniversary"), 1);

        let one = outlook.instance("Jour fixe", "2026-03-16T09:00").await;
        outlook.update(id(&one), &at("2026-03-17T09:00:00", "2026-03-17T10:00:00")).await;
        outlook.update(id(&master), &json!({"subject": "Meeting"})).await;
        crm_exception(&world, &ours, "2026-03-16T08:00:00Z", json!({"cancelled": true})).await;
        wrote(&world.sync("anna").await, [0, 1, 0], [0, 1, 0]);
        let shown = world.assert_same("anna", FROM, TO).await;
        assert_eq!((shown.len(), titled(&shown, "Meeting"), titled(&shown, "Standup")), (25, 13, 12), "{shown:?}");
        assert!(shown.contains(&"2026-03-17T09:00:00Z 2026-03-17T10:00:00Z Meeting".to_owned()), "{shown:?}");
        wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    }
}

/// Graph 1.5, national clouds: no cancelled and no changed occurrences by name;
/// the instances tell as much.
#[tokio::test]
async fn a_cloud_without_lists_of_exceptions_has_them_in_both_directions() {
    let world = World::connected().await;
    world.control("behaviour", &json!({"cloud": "usgov"})).await;
    let outlook = world.outlook("anna").await;
    outlook.create(&weekly_in_outlook()).await;
    let cancelled = outlook.instance("Jour fixe", "2026-03-23T09:00").await;
    outlook.delete(id(&cancelled)).await;
    let moved = outlook.instance("Jour fixe", "2026-03-16T09:00").await;
    outlook.update(id(&moved), &at("2026-03-17T14:00:00", "2026-03-17T15:00:00")).await;
    wrote(&world.sync("anna").await, [1, 0, 0], [0, 0, 0]);
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 6);

    let renamed = outlook.instance("Jour fixe", "2026-04-06T08:00").await;
    outlook.update(id(&renamed), &json!({"subject": "Workshop"})).await;
    let cancelled = outlook.instance("Jour fixe", "2026-04-13T08:00").await;
    outlook.delete(id(&cancelled)).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!((shown.len(), titled(&shown, "Workshop")), (5, 1), "{shown:?}");

    let series = crm_master(&world, "Jour fixe").await;
    crm_exception(&world, &series, "2026-03-30T08:00:00Z", json!({"title": "Retrospective"})).await;
    crm_exception(&world, &series, "2026-04-20T08:00:00Z", json!({"cancelled": true})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!((shown.len(), titled(&shown, "Workshop"), titled(&shown, "Retrospective")), (4, 1, 1), "{shown:?}");
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

/// The same clouds: instances are read in the window only, so nothing is
/// concluded about the rest.
#[tokio::test]
async fn exceptions_outside_of_the_window_are_kept_where_the_cloud_does_not_tell() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let master = outlook.create(&old_series()).await;
    let long_ago = outlook.instance("Jour fixe", "2020-02-03T09:00").await;
    outlook.update(id(&long_ago), &json!({"subject": "Anniversary"})).await;
    let dropped = outlook.instance("Jour fixe", "2020-02-10T09:00").await;
    outlook.delete(id(&dropped)).await;
    wrote(&world.sync("anna").await, [1, 0, 0], [0, 0, 0]);
    let year = ("2020-01-01T00:00:00Z", "2020-12-31T00:00:00Z");
    let before = world.assert_same("anna", year.0, year.1).await;
    assert_eq!((before.len(), titled(&before, "Anniversary")), (51, 1), "{before:?}");

    world.control("behaviour", &json!({"cloud": "usgov"})).await;
    let one = outlook.instance("Jour fixe", "2026-03-16T09:00").await;
    outlook.update(id(&one), &json!({"subject": "Workshop"})).await;
    outlook.update(id(&master), &json!({"location": {"displayName": "Room 1"}})).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    let series = crm_master(&world, "Jour fixe").await;
    crm_exception(&world, &series, "2026-03-23T09:00:00Z", json!({"cancelled": true})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    assert_eq!(world.assert_same("anna", year.0, year.1).await, before);
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!((shown.len(), titled(&shown, "Workshop")), (12, 1), "{shown:?}");
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

/// Pitfall 2: days of a series that lie beyond the window are changed; when the
/// window has reached them, they are right on both sides.
#[tokio::test]
async fn changed_occurrences_beyond_the_window_are_right_when_the_window_reaches_them() {
    for behaviour in [json!({}), json!({"mastersInDelta": false}), json!({"cloud": "usgov"})] {
        let world = World::connected().await;
        world.control("behaviour", &behaviour).await;
        let outlook = world.outlook("anna").await;
        outlook.create(&old_series()).await;
        wrote(&world.sync("anna").await, [1, 0, 0], [0, 0, 0]);
        let renamed = outlook.instance("Jour fixe", "2027-06-07T08:00").await;
        outlook.update(id(&renamed), &json!({"subject": "Workshop"})).await;
        let moved = outlook.instance("Jour fixe", "2027-06-14T08:00").await;
        outlook.update(id(&moved), &at("2027-06-15T12:00:00", "2027-06-15T13:00:00")).await;
        let cancelled = outlook.instance("Jour fixe", "2027-06-21T08:00").await;
        outlook.delete(id(&cancelled)).await;
        let series = crm_master(&world, "Jour fixe").await;
        crm_exception(&world, &series, "2027-06-28T08:00:00Z", json!({"title": "Retrospective"})).await;
        let reports = until_idle(&world).await;
        assert_eq!(deletions(&reports), 0, "{behaviour}");

        for _ in 0..2 {
            world.advance(60 * 24 * 3600).await;
            let reports = until_idle(&world).await;
            assert_eq!(deletions(&reports), 0, "{behaviour}");
        }
        let shown = world.assert_same("anna", "2027-06-01T00:00:00Z", "2027-07-01T00:00:00Z").await;
        let counts = ["Jour fixe", "Workshop", "Retrospective"].map(|title| titled(&shown, title));
        assert_eq!(counts, [1, 1, 1], "{behaviour}: {shown:?}");
        assert_eq!(writes(&world.sync("anna").await), 0, "{behaviour}");
    }
}

/// A rule that has another day takes the exception of the old one with it, and
/// where instances are all there is, its memory must go with it: the day may be
/// one of the series again some time.
#[tokio::test]
async fn an_exception_of_a_day_that_the_series_has_no_more_does_not_come_back() {
    for behaviour in [json!({}), json!({"cloud": "usgov"})] {
        let world = World::connected().await;
        world.control("behaviour", &behaviour).await;
        let outlook = world.outlook("anna").await;
        let moment = |time: &str| json!({"dateTime": time, "timeZone": "UTC"});
        let yearly = |first: &str| {
            let pattern = json!({"type": "absoluteYearly", "interval": 3, "dayOfMonth": 5, "month": 3});
            let range = json!({"type": "noEnd", "startDate": first, "recurrenceTimeZone": "UTC"});
            json!({"pattern": pattern, "range": range})
        };
        let mut series = at("2026-03-05T09:00:00", "2026-03-05T10:00:00");
        series["subject"] = json!("Review");
        series["recurrence"] = yearly("2026-03-05");
        let master = outlook.create(&series).await;
        until_idle(&world).await;
        let ours = crm_master(&world, "Review").await;
        crm_exception(&world, &ours, "2026-03-05T09:00:00Z", json!({"title": "Workshop"})).await;
        until_idle(&world).await;
        // The next one is in three years.
        let (start, end) = (moment("2026-04-04T09:00:00"), moment("2026-04-04T10:00:00"));
        let later = json!({"start": start, "end": end, "recurrence": yearly("2026-04-04")});
        outlook.update(id(&master), &later).await;
        until_idle(&world).await;
        let ours = crm_master(&world, "Review").await;
        let mut rule = ours["recurrence"].clone();
        rule["startTime"] = json!("2026-03-05T12:00:00Z");
        let back = json!({"start": "2026-03-05T12:00:00Z", "end": "2026-03-05T13:00:00Z", "recurrence": rule});
        world.crm_update(&ours["id"], &back).await;
        until_idle(&world).await;
        let shown = world.assert_same("anna", FROM, TO).await;
        assert_eq!(shown, ["2026-03-05T12:00:00Z 2026-03-05T13:00:00Z Review"], "{behaviour}");
    }
}

/// Pitfall 2: a day at the edge is moved over the edge of the window, in both
/// directions; where instances are all there is, its absence is no cancellation.
#[tokio::test]
async fn an_occurrence_that_is_moved_over_the_edge_of_the_window_is_not_cancelled() {
    for behaviour in [json!({}), json!({"cloud": "usgov"})] {
        let world = World::connected().await;
        world.control("behaviour", &behaviour).await;
        let outlook = world.outlook("anna").await;
        outlook.create(&old_series()).await;
        wrote(&world.sync("anna").await, [1, 0, 0], [0, 0, 0]);
        // The window of the scenarios ends with March 2027, and begins with February 2025.
        let out = outlook.instance("Jour fixe", "2027-03-29T08:00").await;
        outlook.update(id(&out), &at("2027-04-02T08:00:00", "2027-04-02T09:00:00")).await;
        let out_early = outlook.instance("Jour fixe", "2025-02-03T09:00").await;
        outlook.update(id(&out_early), &at("2025-01-29T09:00:00", "2025-01-29T10:00:00")).await;
        until_idle(&world).await;
        let crm = world.shown("anna", "2027-03-20T00:00:00Z", "2027-04-04T00:00:00Z").await;
        assert_eq!(crm.len(), 2, "{behaviour}: {crm:?}");
        let crm = world.shown("anna", "2025-01-28T00:00:00Z", "2025-02-09T00:00:00Z").await;
        assert_eq!(crm.len(), 1, "{behaviour}: {crm:?}");

        world.advance(60 * 24 * 3600).await;
        until_idle(&world).await;
        let edge = ("2027-03-20T00:00:00Z", "2027-04-04T00:00:00Z");
        let shown = world.shown("anna", edge.0, edge.1).await;
        assert_eq!(shown, world.outlook("anna").await.shown(edge.0, edge.1).await, "{behaviour}");
        assert!(shown.contains(&"2027-04-02T08:00:00Z 2027-04-02T09:00:00Z Jour fixe".to_owned()), "{shown:?}");
        let early = world.outlook("anna").await.shown("2025-01-28T00:00:00Z", "2025-02-09T00:00:00Z").await;
        assert_eq!(early.len(), 1, "{behaviour}: {early:?}");
        assert_eq!(writes(&world.sync("anna").await), 0, "{behaviour}");
    }
}

/// Pitfall 2: series that begin beyond the window bring their exceptions along
/// when they come within reach.
#[tokio::test]
async fn a_series_that_enters_the_window_brings_its_exceptions_along() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let mut theirs = weekly_in_outlook();
    theirs["start"]["dateTime"] = json!("2027-05-03T10:00:00");
    theirs["end"]["dateTime"] = json!("2027-05-03T11:00:00");
    theirs["recurrence"]["range"]["startDate"] = json!("2027-05-03");
    outlook.create(&theirs).await;
    let day = outlook.instance("Jour fixe", "2027-05-10T08:00").await;
    outlook.update(id(&day), &json!({"subject": "Workshop"})).await;
    let ours = json!({
        "title": "Standup", "start": "2027-05-04T08:00:00Z", "end": "2027-05-04T09:00:00Z", "timeZone": "Europe/Berlin",
        "recurrence": {
            "type": "daily", "interval": 1, "startTime": "2027-05-04T08:00:00Z", "occurrences": 5,
            "timeZone": "Europe/Berlin",
        },
    });
    let ours = world.crm_create("anna", &ours).await;
    crm_exception(&world, &ours, "2027-05-05T08:00:00Z", json!({"title": "Retrospective"})).await;
    crm_exception(&world, &ours, "2027-05-06T08:00:00Z", json!({"cancelled": true})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);

    world.advance(90 * 24 * 3600).await;
    let reports = until_idle(&world).await;
    assert_eq!(reports.iter().map(writes).sum::<u64>(), 2, "{reports:?}");
    let shown = world.assert_same("anna", "2027-05-01T00:00:00Z", "2027-07-01T00:00:00Z").await;
    let counts = ["Jour fixe", "Workshop", "Standup", "Retrospective"].map(|title| titled(&shown, title));
    assert_eq!(counts, [6, 1, 3, 1], "{shown:?}");
    assert_eq!(writes(&world.sync("anna").await), 0);
}

//! Single days of series where it is awkward: over midnight and a change of the
//! clock, whole days, odd minutes, the way back to the rule, outside of the
//! window, and when the series itself changes under them (Oro row C4; Graph
//! `api/event-update`; pitfalls 8 and 11). The plain cases are in `exceptions`.

use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

use crate::calendar::wrote;
use crate::exceptions::{crm_exception, linked, occurrence};
use crate::rules::{days_of, series_in_crm, series_in_outlook};
use crate::series::{weekly, weekly_in_outlook};

const FROM: &str = "2026-03-01T00:00:00Z";
const TO: &str = "2028-03-01T00:00:00Z";

async fn settled(world: &World) {
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    assert_eq!(world.mails().await, Vec::<String>::new());
}

/// Start and end in UTC as Graph writes them.
fn times(start: &str, end: &str) -> Value {
    json!({"start": {"dateTime": start, "timeZone": "UTC"}, "end": {"dateTime": end, "timeZone": "UTC"}})
}

#[track_caller]
fn contains(shown: &[String], lines: &[&str]) {
    for line in lines {
        assert!(shown.iter().any(|found| found == line), "{line} is not in {shown:?}");
    }
}

/// C4: the occurrence of the 23rd ends on the next day, that of the 30th is at
/// night when the clocks are put forward.
#[tokio::test]
async fn occurrences_that_outlook_moves_over_midnight_and_the_clock_change_are_there_in_the_crm() {
    let (world, outlook, _) = linked().await;
    let late = occurrence(&outlook, "2026-03-23T09:00").await;
    outlook.update(&late, &times("2026-03-24T22:30:00", "2026-03-25T00:30:00")).await;
    let night = occurrence(&outlook, "2026-03-30T08:00").await;
    outlook.update(&night, &times("2026-03-28T23:30:00", "2026-03-29T02:00:00")).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    contains(
        &shown,
        &["2026-03-24T22:30:00Z 2026-03-25T00:30:00Z Jour fixe", "2026-03-28T23:30:00Z 2026-03-29T02:00:00Z Jour fixe"],
    );
    assert_eq!(shown.len(), 7);
    settled(&world).await;
}

/// C4, the other way round; and from one side of the change to the other.
#[tokio::test]
async fn occurrences_that_the_crm_moves_over_midnight_and_the_clock_change_are_there_in_outlook() {
    let (world, _, series) = linked().await;
    let moved = |start: &str, end: &str| json!({"start": start, "end": end});
    let late = moved("2026-03-24T22:30:00Z", "2026-03-25T00:30:00Z");
    crm_exception(&world, &series, "2026-03-23T09:00:00Z", late).await;
    let night = moved("2026-03-28T23:30:00Z", "2026-03-29T02:00:00Z");
    let night = crm_exception(&world, &series, "2026-03-30T08:00:00Z", night).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    contains(
        &shown,
        &["2026-03-24T22:30:00Z 2026-03-25T00:30:00Z Jour fixe", "2026-03-28T23:30:00Z 2026-03-29T02:00:00Z Jour fixe"],
    );
    settled(&world).await;
    world.crm_update(&night["id"], &moved("2026-03-31T08:00:00Z", "2026-03-31T09:00:00Z")).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    contains(&shown, &["2026-03-31T08:00:00Z 2026-03-31T09:00:00Z Jour fixe"]);
    settled(&world).await;
}

/// Tuesdays as whole days, in the CRM: midnight in Berlin to the last minute.
fn shifts() -> Value {
    json!({
        "title": "Shift", "allDay": true, "start": "2026-03-09T23:00:00Z", "end": "2026-03-10T22:59:00Z",
        "timeZone": "Europe/Berlin",
        "recurrence": {
            "type": "weekly", "interval": 1, "dayOfWeek": ["tuesday"], "startTime": "2026-03-09T23:00:00Z",
            "occurrences": 5, "timeZone": "Europe/Berlin",
        },
    })
}

const SHIFTS_CHANGED: [&str; 4] = [
    "2026-03-10 2026-03-11 Shift",
    "2026-03-19 2026-03-20 Shift",
    "2026-03-24 2026-03-27 Shift",
    "2026-04-07 2026-04-08 Shift",
];

/// C4, pitfalls 10 and 11: the 17th is moved to the 19th, the 24th is three
/// days long, the 31st is cancelled.
#[tokio::test]
async fn whole_days_that_outlook_moves_lengthens_and_cancels_are_so_in_the_crm() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    world.crm_create("anna", &shifts()).await;
    world.sync("anna").await;
    assert_eq!(days_of(&world.assert_same("anna", FROM, TO).await, "Shift").len(), 5);
    let id = async |day: &str| outlook.instance("Shift", day).await["id"].as_str().unwrap().to_owned();
    outlook.update(&id("2026-03-17").await, &times("2026-03-19T00:00:00", "2026-03-20T00:00:00")).await;
    outlook.update(&id("2026-03-24").await, &times("2026-03-24T00:00:00", "2026-03-27T00:00:00")).await;
    outlook.delete(&id("2026-03-31").await).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    assert_eq!(world.assert_same("anna", FROM, TO).await, SHIFTS_CHANGED);
    settled(&world).await;
}

/// The other way round, for a series of either side: the CRM keeps the days of
/// its own at midnight in Berlin and those of Outlook at midnight of UTC.
#[tokio::test]
async fn whole_days_that_the_crm_moves_lengthens_and_cancels_are_so_in_outlook() {
    for is_of_outlook in [false, true] {
        let world = World::connected().await;
        if is_of_outlook {
            let pattern = json!({"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]});
            let range = json!({"type": "numbered", "numberOfOccurrences": 5});
            let mut series =
                series_in_outlook("Shift", "2026-03-10T00:00:00", "W. Europe Standard Time", &pattern, &range);
            series["isAllDay"] = json!(true);
            series["end"]["dateTime"] = json!("2026-03-11T00:00:00");
            world.outlook("anna").await.create(&series).await;
        } else {
            world.crm_create("anna", &shifts()).await;
        }
        world.sync("anna").await;
        let series = World::only(&world.crm_events("anna").await, "Shift");
        let begin: chrono::DateTime<chrono::Utc> = series["start"].as_str().unwrap().parse().unwrap();
        // Wall clocks in Berlin move on the 29th of March, dates do not.
        let at = |days: i64| (begin + chrono::TimeDelta::days(days)).to_rfc3339();
        let until = |days: i64| (begin + chrono::TimeDelta::days(days) - chrono::TimeDelta::minutes(1)).to_rfc3339();
        let whole = |start: i64, end: i64| json!({"allDay": true, "start": at(start), "end": until(end)});
        crm_exception(&world, &series, &at(7), whole(9, 10)).await;
        crm_exception(&world, &series, &at(14), whole(14, 17)).await;
        let last = if is_of_outlook { at(21) } else { "2026-03-30T22:00:00Z".to_owned() };
        crm_exception(&world, &series, &last, json!({"allDay": true, "cancelled": true})).await;
        wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
        assert_eq!(world.assert_same("anna", FROM, TO).await, SHIFTS_CHANGED, "Outlook's: {is_of_outlook}");
        settled(&world).await;
    }
}

/// Pitfall 11: Exchange names an occurrence by its original start without the
/// seconds.
#[tokio::test]
async fn days_of_a_series_that_begins_between_two_minutes_are_found_on_both_sides() {
    for is_of_outlook in [false, true] {
        let world = World::connected().await;
        let outlook = world.outlook("anna").await;
        if is_of_outlook {
            let pattern = json!({"type": "weekly", "interval": 1, "daysOfWeek": ["monday"]});
            let range = json!({"type": "numbered", "numberOfOccurrences": 7});
            let start = "2026-03-09T10:07:36.865";
            let mut series =
                series_in_outlook("Jour fixe", "2026-03-09T10:07:36", "W. Europe Standard Time", &pattern, &range);
            series["start"]["dateTime"] = json!(start);
            outlook.create(&series).await;
        } else {
            let rule = json!({"type": "weekly", "interval": 1, "dayOfWeek": ["monday"], "occurrences": 7});
            let series = series_in_crm("Jour fixe", "2026-03-09T09:07:36.865Z", "Europe/Berlin", &rule);
            world.crm_create("anna", &series).await;
        }
        world.sync("anna").await;
        assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 7);
        let series = World::only(&world.crm_events("anna").await, "Jour fixe");
        let second = occurrence(&outlook, "2026-03-16T09:07").await;
        outlook.update(&second, &json!({"subject": "Workshop"})).await;
        crm_exception(&world, &series, "2026-03-23T09:07:36.865Z", json!({"title": "Review"})).await;
        let fourth = occurrence(&outlook, "2026-03-30T08:07").await;
        outlook.delete(&fourth).await;
        crm_exception(&world, &series, "2026-04-06T08:07:36.865Z", json!({"cancelled": true})).await;
        wrote(&world.sync("anna").await, [0, 1, 0], [0, 1, 0]);
        let shown = world.assert_same("anna", FROM, TO).await;
        assert_eq!(shown.len(), 5, "{shown:?}");
        assert_eq!(days_of(&shown, "Workshop"), ["2026-03-16"]);
        assert_eq!(days_of(&shown, "Review"), ["2026-03-23"]);
        settled(&world).await;
    }
}

/// C4: an occurrence that is again as the rule has it is so on the other side.
#[tokio::test]
async fn an_occurrence_that_goes_back_to_the_rule_on_either_side_goes_back_on_the_other() {
    let (world, outlook, series) = linked().await;
    let original = world.shown("anna", FROM, TO).await;
    let id = occurrence(&outlook, "2026-03-16T09:00").await;
    let mut change = times("2026-03-16T15:00:00", "2026-03-16T16:00:00");
    change["subject"] = json!("Workshop");
    outlook.update(&id, &change).await;
    let day = json!({"title": "Review", "start": "2026-03-24T09:00:00Z", "end": "2026-03-24T10:00:00Z"});
    let of_crm = crm_exception(&world, &series, "2026-03-23T09:00:00Z", day).await;
    world.sync("anna").await;
    let shown = world.assert_same("anna", FROM, TO).await;
    contains(
        &shown,
        &["2026-03-16T15:00:00Z 2026-03-16T16:00:00Z Workshop", "2026-03-24T09:00:00Z 2026-03-24T10:00:00Z Review"],
    );
    settled(&world).await;

    // Each is taken back where it was not made.
    let mut back = times("2026-03-23T09:00:00", "2026-03-23T10:00:00");
    back["subject"] = json!("Jour fixe");
    let review = outlook.instance("Review", "2026-03-24T09:00").await;
    outlook.update(review["id"].as_str().unwrap(), &back).await;
    let workshop = World::only(&world.crm_events("anna").await, "Workshop");
    let back = json!({"title": "Jour fixe", "start": "2026-03-16T09:00:00Z", "end": "2026-03-16T10:00:00Z"});
    world.crm_update(&workshop["id"], &back).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 1, 0]);
    assert_eq!(world.assert_same("anna", FROM, TO).await, original);
    settled(&world).await;
    // What is on the rule follows the series again.
    world.crm_update(&series["id"], &json!({"title": "Weekly"})).await;
    world.sync("anna").await;
    assert_eq!(days_of(&world.assert_same("anna", FROM, TO).await, "Weekly").len(), 7);
    assert_ne!(of_crm["id"], workshop["id"]);
    settled(&world).await;
}

/// The whole occurrence in Outlook, as its own request shows it.
async fn whole(outlook: &Outlook, id: &str) -> Value {
    outlook.event(id).await.unwrap()
}

/// C9: what the CRM has no field for is no edit, and survives the CRM's.
#[tokio::test]
async fn categories_importance_and_show_as_of_one_day_survive_an_edit_of_that_day_in_the_crm() {
    let (world, outlook, series) = linked().await;
    let id = occurrence(&outlook, "2026-03-16T09:00").await;
    let own = json!({
        "importance": "high", "categories": ["Red"], "showAs": "oof", "sensitivity": "private",
        "location": {"displayName": "Room 7"},
    });
    outlook.update(&id, &own).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    crm_exception(&world, &series, "2026-03-16T09:00:00Z", json!({"title": "Workshop"})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    world.assert_same("anna", FROM, TO).await;
    let day = whole(&outlook, &id).await;
    assert_eq!(day["subject"], "Workshop");
    for name in ["importance", "categories", "showAs", "sensitivity"] {
        assert_eq!(day[name], own[name], "{name}");
    }
    assert_eq!(day["location"]["displayName"], "Room 7");
    // Its neighbour has nothing of it.
    let other = occurrence(&outlook, "2026-03-23T09:00").await;
    assert_eq!(whole(&outlook, &other).await["importance"], "normal");
    settled(&world).await;
}

/// C2: reminder and description of one day, from either side.
#[tokio::test]
async fn reminder_and_description_of_one_day_reach_the_other_side() {
    let (world, outlook, series) = linked().await;
    let id = occurrence(&outlook, "2026-03-16T09:00").await;
    let own = json!({
        "isReminderOn": true, "reminderMinutesBeforeStart": 45,
        "body": {"contentType": "html", "content": "<p>Bring the <b>offer</b></p>"},
    });
    outlook.update(&id, &own).await;
    let own = json!({"reminderMinutes": 5, "description": "<p>Only <i>here</i></p>"});
    crm_exception(&world, &series, "2026-03-23T09:00:00Z", own).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 1, 0]);

    let events = world.crm_events("anna").await;
    let exception = |start: &str| events.iter().find(|event| event["originalStart"] == start).cloned().unwrap();
    let day = exception("2026-03-16T09:00:00Z");
    assert_eq!(day["reminderMinutes"], 45);
    assert!(day["description"].as_str().unwrap().contains("<b>offer</b>"), "{day}");
    let other = whole(&outlook, &occurrence(&outlook, "2026-03-23T09:00").await).await;
    assert_eq!((&other["isReminderOn"], &other["reminderMinutesBeforeStart"]), (&json!(true), &json!(5)));
    assert!(other["body"]["content"].as_str().unwrap().contains("<i>here</i>"), "{other}");
    let plain = whole(&outlook, &occurrence(&outlook, "2026-03-30T08:00").await).await;
    assert!(!plain["body"]["content"].as_str().unwrap().contains("here"), "{plain}");
    settled(&world).await;

    // None on that day alone, there; none here.
    outlook.update(&id, &json!({"isReminderOn": false})).await;
    let here = exception("2026-03-23T09:00:00Z");
    world.crm_update(&here["id"], &json!({"reminderMinutes": null})).await;
    world.sync("anna").await;
    let events = world.crm_events("anna").await;
    let day = events.iter().find(|event| event["originalStart"] == "2026-03-16T09:00:00Z").unwrap();
    assert!(day["reminderMinutes"].is_null(), "{day}");
    let other = whole(&outlook, &occurrence(&outlook, "2026-03-23T09:00").await).await;
    assert_eq!(other["isReminderOn"], false, "{other}");
    settled(&world).await;
}

/// Pitfall 3: a day beyond the window belongs to a series within it.
#[tokio::test]
async fn days_outside_of_the_window_are_changed_on_both_sides() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let mut series = weekly_in_outlook();
    series["recurrence"]["range"] = json!({"type": "noEnd", "startDate": "2026-03-09"});
    outlook.create(&series).await;
    world.sync("anna").await;
    let far = occurrence(&outlook, "2027-12-13T09:00").await;
    outlook.update(&far, &json!({"subject": "Workshop"})).await;
    let further = occurrence(&outlook, "2027-12-20T09:00").await;
    outlook.delete(&further).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    let events = world.crm_events("anna").await;
    let of_crm = events.iter().find(|event| !event["recurrence"].is_null()).unwrap();
    crm_exception(&world, of_crm, "2028-01-10T09:00:00Z", json!({"title": "Review"})).await;
    crm_exception(&world, of_crm, "2028-01-17T09:00:00Z", json!({"cancelled": true})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!((days_of(&shown, "Workshop"), days_of(&shown, "Review")), (days("2027-12-13"), days("2028-01-10")));
    assert!(!days_of(&shown, "Jour fixe").iter().any(|day| day == "2027-12-20" || day == "2028-01-17"), "{shown:?}");
    settled(&world).await;
}

fn days(day: &str) -> Vec<String> {
    vec![day.to_owned()]
}

/// C4: another time of the series drops its exceptions, another title does not.
#[tokio::test]
async fn another_time_of_the_series_on_either_side_drops_its_exceptions_on_both() {
    for is_by_outlook in [false, true] {
        let (world, outlook, series) = linked().await;
        let id = occurrence(&outlook, "2026-03-16T09:00").await;
        outlook.update(&id, &json!({"subject": "Workshop"})).await;
        crm_exception(&world, &series, "2026-03-23T09:00:00Z", json!({"cancelled": true})).await;
        world.sync("anna").await;
        assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 6);
        let master = Outlook::only(&outlook.events().await, "Jour fixe");
        let id = master["id"].as_str().unwrap();
        // A title first, which leaves them.
        if is_by_outlook {
            outlook.update(id, &json!({"subject": "Weekly"})).await;
        } else {
            world.crm_update(&series["id"], &json!({"title": "Weekly"})).await;
        }
        world.sync("anna").await;
        let shown = world.assert_same("anna", FROM, TO).await;
        assert_eq!((days_of(&shown, "Weekly").len(), days_of(&shown, "Workshop").len()), (5, 1), "{shown:?}");
        settled(&world).await;

        if is_by_outlook {
            let clock = |hour: u32| json!({"dateTime": format!("2026-03-09T{hour}:00:00"), "timeZone": "W. Europe Standard Time"});
            let recurrence = &weekly_in_outlook()["recurrence"];
            outlook.update(id, &json!({"start": clock(16), "end": clock(17), "recurrence": recurrence})).await;
            wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
        } else {
            let mut rule = series["recurrence"].clone();
            rule["startTime"] = json!("2026-03-09T15:00:00Z");
            let (start, end) = ("2026-03-09T15:00:00Z", "2026-03-09T16:00:00Z");
            world.crm_update(&series["id"], &json!({"start": start, "end": end, "recurrence": rule})).await;
            wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
        }
        let shown = world.assert_same("anna", FROM, TO).await;
        assert_eq!(days_of(&shown, "Weekly").len(), 7, "{shown:?}");
        assert_eq!(shown[2], "2026-03-23T15:00:00Z 2026-03-23T16:00:00Z Weekly");
        settled(&world).await;
    }
}

/// C4, pitfall 8: an end of the series in the CRM is another rule: Oro drops
/// every exception, those before the cut, too, and so both sides do.
#[tokio::test]
async fn a_series_that_the_crm_cuts_short_ends_in_outlook_and_shows_the_same_days() {
    let (world, outlook, series) = linked().await;
    for (start, subject) in [("2026-03-16T09:00", "Before the cut"), ("2026-04-13T08:00", "Behind the cut")] {
        let id = occurrence(&outlook, start).await;
        outlook.update(&id, &json!({ "subject": subject })).await;
    }
    world.sync("anna").await;
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 7);
    cut(&world, &series).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!(days_of(&shown, "Jour fixe"), ["2026-03-09", "2026-03-16", "2026-03-23"]);
    assert_eq!(shown.len(), 3, "{shown:?}");
    settled(&world).await;
}

/// Ends the CRM's series with its third occurrence.
async fn cut(world: &World, series: &Value) {
    let mut rule = series["recurrence"].clone();
    rule["occurrences"] = Value::Null;
    rule["endTime"] = json!("2026-03-29T21:59:59Z");
    world.crm_update(&series["id"], &json!({ "recurrence": rule })).await;
}

/// Pitfall 8: "this and following" is a shorter series and a new one; nothing is
/// made twice, and the old series keeps its link.
#[tokio::test]
async fn this_and_following_of_the_crm_arrives_as_a_shorter_series_and_a_new_one() {
    let (world, outlook, series) = linked().await;
    let master = Outlook::only(&outlook.events().await, "Jour fixe");
    cut(&world, &series).await;
    let mut rest = weekly();
    for (name, value) in [("start", "2026-03-30T12:00:00Z"), ("end", "2026-03-30T13:00:00Z")] {
        rest[name] = json!(value);
    }
    rest["recurrence"]["startTime"] = rest["start"].clone();
    rest["recurrence"]["occurrences"] = json!(4);
    let rest = world.crm_create("anna", &rest).await;
    crm_exception(&world, &rest, "2026-04-06T12:00:00Z", json!({"title": "Workshop"})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [1, 1, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!((shown.len(), days_of(&shown, "Workshop")), (7, days("2026-04-06")));
    let masters = outlook.events().await;
    assert_eq!(masters.len(), 2);
    assert!(masters.iter().any(|event| event["id"] == master["id"]), "{masters:?}");
    settled(&world).await;
}

/// C4: a series goes with all of its days.
#[tokio::test]
async fn a_series_with_exceptions_that_is_deleted_on_either_side_is_gone_on_both() {
    for is_by_outlook in [false, true] {
        let (world, outlook, series) = linked().await;
        let id = occurrence(&outlook, "2026-03-16T09:00").await;
        outlook.update(&id, &json!({"subject": "Workshop"})).await;
        crm_exception(&world, &series, "2026-03-23T09:00:00Z", json!({"cancelled": true})).await;
        world.sync("anna").await;
        assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 6);
        if is_by_outlook {
            let master = Outlook::only(&outlook.events().await, "Jour fixe");
            outlook.delete(master["id"].as_str().unwrap()).await;
            wrote(&world.sync("anna").await, [0, 0, 1], [0, 0, 0]);
        } else {
            world.crm_delete(&series["id"]).await;
            wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 1]);
        }
        assert!(world.assert_same("anna", FROM, TO).await.is_empty());
        assert!(world.crm_events("anna").await.is_empty());
        assert!(outlook.events().await.is_empty());
        assert!(world.conflicts().await.is_empty());
        settled(&world).await;
    }
}

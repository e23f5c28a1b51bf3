//! Several calendars of one mailbox: the default one and those that the setting
//! names (pitfall 3 of Graph; Graph `api/user-list-calendars`).

use host_harness::app::{HostCalls, Interruption};
use serde_json::{Value, json};
use tandem_tests::form::has_link;
use tandem_tests::{Browser, Outlook, World};

use crate::calendar::wrote;
use crate::exceptions::crm_exception;
use crate::rounds::{at, id, titled};
use crate::runtime::until_idle;
use crate::series::weekly_in_outlook;

const FROM: &str = "2026-03-01T00:00:00Z";
const TO: &str = "2026-06-01T00:00:00Z";

/// A calendar in Outlook besides the default one; its id.
async fn calendar(outlook: &Outlook, name: &str) -> String {
    id(&outlook.graph().post("/v1.0/me/calendars", &json!({"name": name})).await.ok()).to_owned()
}

/// Creates an event in a calendar.
async fn create_in(outlook: &Outlook, calendar: &str, event: &Value) -> Value {
    outlook.graph().post(&format!("/v1.0/me/calendars/{calendar}/events"), event).await.ok()
}

fn timed(subject: &str, day: u32) -> Value {
    let mut event = at(&format!("2026-03-{day}T09:00:00"), &format!("2026-03-{day}T10:00:00"));
    event["subject"] = json!(subject);
    event
}

async fn follow(world: &World, names: &str) {
    world.save("system", "0", &[("calendar.calendars", json!(names))]).await.ok();
}

/// Moves an event as a person does who drags it to another calendar.
async fn move_to(world: &World, event: &Value, calendar: &str) {
    let body = json!({"userPrincipalName": "anna@acme.example", "eventId": id(event), "calendarId": calendar});
    world.control("move", &body).await;
}

/// The default calendar with `Lunch`, and `Team` with `Offsite` and a series, both
/// in step with the CRM.
async fn linked() -> (World, Outlook, String, Value) {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let team = calendar(&outlook, "Team").await;
    outlook.create(&timed("Lunch", 10)).await;
    let offsite = create_in(&outlook, &team, &timed("Offsite", 11)).await;
    create_in(&outlook, &team, &weekly_in_outlook()).await;
    follow(&world, "team").await;
    wrote(&world.sync("anna").await, [3, 0, 0], [0, 0, 0]);
    same(&world, &outlook, &team).await;
    (world, outlook, team, offsite)
}

/// The CRM shows what both calendars of Outlook show together.
async fn same(world: &World, outlook: &Outlook, team: &str) -> Vec<String> {
    let mut both = outlook.shown(FROM, TO).await;
    both.extend(outlook.shown_in(team, FROM, TO).await);
    both.sort();
    assert_eq!(world.shown("anna", FROM, TO).await, both, "the CRM on the left, Outlook on the right");
    both
}

async fn default_calendar(outlook: &Outlook) -> String {
    id(&outlook.graph().get("/v1.0/me/calendar").await.ok()).to_owned()
}

fn codes(report: &Value) -> Vec<&str> {
    report["issues"].as_array().unwrap().iter().map(|issue| issue["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_calendar_that_the_setting_names_is_synchronised_and_no_other_one() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let team = calendar(&outlook, "Team").await;
    let private = calendar(&outlook, "Private").await;
    outlook.create(&timed("Lunch", 10)).await;
    create_in(&outlook, &team, &timed("Offsite", 11)).await;
    create_in(&outlook, &private, &timed("Dentist", 12)).await;
    wrote(&world.sync("anna").await, [1, 0, 0], [0, 0, 0]);
    follow(&world, "Team").await;
    wrote(&world.sync("anna").await, [1, 0, 0], [0, 0, 0]);
    assert_eq!(same(&world, &outlook, &team).await.len(), 2);
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

/// Oro row C1.
#[tokio::test]
async fn what_is_in_other_peoples_calendars_stays_there_on_both_sides() {
    let world = World::connected().await;
    world.add_user("ben", "Acme").await;
    world.add_user("dora", "Globex").await;
    let mine = world.crm_create_timed("anna", "Mine", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    for login in ["ben", "dora"] {
        let title = format!("Of {login}");
        world.crm_create_timed(login, &title, "2026-03-11T09:00:00Z", "2026-03-11T10:00:00Z").await;
        let outlook = world.outlook(login).await;
        outlook.create_timed(&title, "2026-03-12T09:00:00", "2026-03-12T10:00:00").await;
    }
    wrote(&world.sync("anna").await, [0, 0, 0], [1, 0, 0]);
    world.crm_update(&mine["id"], &json!({"title": "Still mine"})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    for login in ["ben", "dora"] {
        assert_eq!((world.crm_events(login).await.len(), world.outlook(login).await.events().await.len()), (1, 1));
    }
    assert_eq!(world.outlook("anna").await.the_only().await["subject"], "Still mine");
    assert_eq!(world.crm_only("anna").await["title"], "Still mine");
}

#[tokio::test]
async fn edits_of_a_named_calendar_flow_both_ways_and_new_events_go_to_the_default_one() {
    let (world, outlook, team, offsite) = linked().await;
    outlook.update(id(&offsite), &json!({"subject": "Offsite in May"})).await;
    let series = World::only(&world.crm_events("anna").await, "Jour fixe");
    world.crm_update(&series["id"], &json!({"title": "Weekly"})).await;
    world.crm_create_timed("anna", "New", "2026-03-13T09:00:00Z", "2026-03-13T10:00:00Z").await;
    wrote(&world.sync("anna").await, [0, 1, 0], [1, 1, 0]);
    let shown = same(&world, &outlook, &team).await;
    for title in ["Offsite in May", "Weekly", "New"] {
        assert!(shown.iter().any(|line| line.ends_with(title)), "{title}: {shown:?}");
    }
    assert!(outlook.shown(FROM, TO).await.iter().any(|line| line.ends_with("New")));

    let crm = World::only(&world.crm_events("anna").await, "Offsite in May");
    world.crm_delete(&crm["id"]).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 1]);
    assert_eq!(same(&world, &outlook, &team).await.len(), 9);
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

#[tokio::test]
async fn an_unchanged_poll_is_one_request_for_each_calendar() {
    let (world, ..) = linked().await;
    world.sync("anna").await;
    world.forget_requests().await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    assert_eq!((&report["requests"], &world.requests().await["count"]), (&json!(2), &json!(2)));
}

/// Pitfall 3: where an event was, it is said to be removed.
#[tokio::test]
async fn an_event_moved_between_calendars_is_neither_deleted_nor_doubled() {
    let (world, outlook, team, offsite) = linked().await;
    let before = world.crm_events("anna").await;
    let lunch = Outlook::only(&outlook.events().await, "Lunch");
    let default = default_calendar(&outlook).await;
    // In both directions: the rounds come in the same order.
    move_to(&world, &offsite, &default).await;
    move_to(&world, &lunch, &team).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    same(&world, &outlook, &team).await;
    assert_eq!(world.crm_events("anna").await, before);

    // With an edit, and a whole series.
    let series = Outlook::only(
        outlook.graph().get(&format!("/v1.0/me/calendars/{team}/events")).await.ok()["value"].as_array().unwrap(),
        "Jour fixe",
    );
    move_to(&world, &series, &default).await;
    outlook.update(id(&series), &json!({"subject": "Weekly"})).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    assert_eq!(same(&world, &outlook, &team).await.len(), 9);
    let crm = World::only(&world.crm_events("anna").await, "Weekly");
    world.crm_update(&crm["id"], &json!({"title": "Back from the CRM"})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    same(&world, &outlook, &team).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

#[tokio::test]
async fn an_event_moved_to_a_calendar_that_nobody_names_stays_in_the_crm() {
    let (world, outlook, team, offsite) = linked().await;
    let private = calendar(&outlook, "Private").await;
    let before = world.crm_events("anna").await;
    let lunch = Outlook::only(&outlook.events().await, "Lunch");
    move_to(&world, &offsite, &private).await;
    move_to(&world, &lunch, &private).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    assert_eq!(world.crm_events("anna").await, before);
    // And back again: still the same two.
    move_to(&world, &offsite, &team).await;
    outlook.update(id(&offsite), &json!({"subject": "Offsite in May"})).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    assert_eq!(world.crm_events("anna").await.len(), before.len());
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_said_and_the_rest_goes_on() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    outlook.create(&timed("Lunch", 10)).await;
    follow(&world, "Nowhere").await;
    let report = world.sync("anna").await;
    wrote(&report, [1, 0, 0], [0, 0, 0]);
    assert_eq!(codes(&report), ["calendar-not-found"]);
    assert!(report["issues"][0]["message"].as_str().unwrap().contains("Nowhere"), "{report}");
    world.add_administrator("root", "Acme").await;
    let alerts = Browser::signed_in(&world.crm, "root").await.page("/alerts").await;
    assert!(has_link(&alerts, &format!("/configuration/user/{}", world.user_id("anna").await)), "{alerts}");
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    assert_eq!(world.alerts().await.len(), 1);
    // It appears: within a day it is followed.
    let nowhere = calendar(&outlook, "Nowhere").await;
    create_in(&outlook, &nowhere, &timed("Somewhere", 12)).await;
    world.advance(25 * 3600).await;
    wrote(&world.sync("anna").await, [1, 0, 0], [0, 0, 0]);
    assert!(world.alerts().await.is_empty(), "{:?}", world.alerts().await);
}

#[tokio::test]
async fn a_calendar_that_is_renamed_or_deleted_or_left_takes_nothing_with_it() {
    for what in ["renamed", "deleted", "left"] {
        let (world, outlook, team, _) = linked().await;
        let before = world.crm_events("anna").await;
        let path = format!("/v1.0/me/calendars/{team}");
        match what {
            "renamed" => {
                outlook.graph().patch(&path, &json!({"name": "Department"})).await.ok();
            }
            "deleted" => {
                outlook.graph().delete(&path).await.ok();
            }
            _ => follow(&world, "").await,
        }
        let mut said = Vec::new();
        for _ in 0..3 {
            let report = world.sync("anna").await;
            wrote(&report, [0, 0, 0], [0, 0, 0]);
            said.extend(codes(&report).into_iter().map(str::to_owned));
            world.advance(25 * 3600).await;
        }
        assert_eq!(world.crm_events("anna").await, before, "{what}");
        let expected: &[&str] = match what {
            // It is followed by its id; the name is looked up again when asked for.
            "renamed" => &[],
            "deleted" => &["calendar-not-found"],
            _ => &["calendar-left"],
        };
        said.dedup();
        assert_eq!(said, expected, "{what}");
        // The default calendar goes on.
        let outlook = world.outlook("anna").await;
        outlook.create(&timed("Afterwards", 20)).await;
        wrote(&world.sync("anna").await, [1, 0, 0], [0, 0, 0]);
    }
}

/// The setting is looked at again after a rename: the old name is said to be
/// missing, and under the new one everything is found again.
#[tokio::test]
async fn a_renamed_calendar_is_missing_under_its_old_name_and_found_under_the_new_one() {
    let (world, outlook, team, offsite) = linked().await;
    let before = world.crm_events("anna").await;
    outlook.graph().patch(&format!("/v1.0/me/calendars/{team}"), &json!({"name": "Department"})).await.ok();
    let other = calendar(&outlook, "Other").await;
    follow(&world, "Team, Other").await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    assert_eq!(codes(&report), ["calendar-not-found"]);
    assert_eq!(world.crm_events("anna").await, before);
    // An edit meanwhile in the calendar that nobody follows now.
    outlook.update(id(&offsite), &json!({"subject": "Offsite in May"})).await;
    create_in(&outlook, &other, &timed("Elsewhere", 14)).await;
    wrote(&world.sync("anna").await, [1, 0, 0], [0, 0, 0]);
    follow(&world, "Department, Other").await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    assert_eq!(world.crm_events("anna").await.len(), before.len() + 1);
    World::only(&world.crm_events("anna").await, "Offsite in May");
    assert!(world.alerts().await.is_empty());
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

/// Pitfalls 3 and 6: a series with exceptions is moved and edited on both sides,
/// and the links are forgotten at the same time.
#[tokio::test]
async fn a_series_with_exceptions_that_is_moved_while_links_are_forgotten_keeps_everything() {
    for forgotten in [false, true] {
        for masters in [true, false] {
            let (world, outlook, team, _) = linked().await;
            world.control("behaviour", &json!({"mastersInDelta": masters, "pageSizeMax": 2})).await;
            let path = format!("/v1.0/me/calendars/{team}/events");
            let series = Outlook::only(outlook.graph().get(&path).await.ok()["value"].as_array().unwrap(), "Jour fixe");
            let crm = World::only(&world.crm_events("anna").await, "Jour fixe");
            crm_exception(&world, &crm, "2026-03-16T09:00:00Z", json!({"title": "Workshop"})).await;
            crm_exception(&world, &crm, "2026-03-23T09:00:00Z", json!({"cancelled": true})).await;
            wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
            assert_eq!(same(&world, &outlook, &team).await.len(), 8);

            move_to(&world, &series, &default_calendar(&outlook).await).await;
            let day = outlook.instance("Jour fixe", "2026-03-30T08:00").await;
            outlook.update(id(&day), &json!({"subject": "Retrospective"})).await;
            world.crm_update(&crm["id"], &json!({"title": "Weekly"})).await;
            if forgotten {
                world.expire("deltaTokens").await;
            }
            wrote(&world.sync("anna").await, [0, 1, 0], [0, 1, 0]);
            let shown = same(&world, &outlook, &team).await;
            let counts = ["Weekly", "Workshop", "Retrospective"].map(|title| titled(&shown, title));
            assert_eq!((shown.len(), counts), (8, [4, 1, 1]), "{shown:?}");
            wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
            assert!(world.mails().await.is_empty() && world.conflicts().await.is_empty());
        }
    }
}

/// One alert says that a calendar is missing, wherever a run is torn down or a call to
/// the host fails; and none is left once the setting names it no more, or it is there.
#[tokio::test]
async fn a_missing_calendar_has_one_alert_until_it_is_found_or_not_named_wherever_a_run_ends() {
    let mut most = 0;
    let interruptions: [fn(u64) -> Interruption; 3] =
        [|after| Interruption::TearDown { after }, |at| Interruption::Fail { at }, |at| Interruption::Lose { at }];
    for how in interruptions {
        let (world, ..) = linked().await;
        for at in 1.. {
            let interrupted = async || {
                let calls = HostCalls::new(Some(how(at)));
                world.app.count_next_run(calls.clone());
                world.crm.post("/api/sync", &json!({"user": "anna", "resource": "calendar"})).await;
                world.advance(900).await;
                calls.has_struck()
            };
            let name = format!("Choir {at}");
            follow(&world, &format!("team, {name}")).await;
            let has_struck = interrupted().await;
            if at % 2 == 0 {
                // Before the next run has seen that it is missing.
                until_idle(&world).await;
                assert_eq!(open_codes(&world).await, ["calendar-not-found"], "{:?}", how(at));
            }
            if at % 3 == 0 {
                calendar(&world.outlook("anna").await, &name).await;
                // Names that are missing are looked up once a day.
                world.advance(24 * 3600).await;
            } else {
                follow(&world, "team").await;
            }
            interrupted().await;
            until_idle(&world).await;
            assert_eq!(open_codes(&world).await, Vec::<String>::new(), "{:?}", how(at));
            if !has_struck {
                most = most.max(at);
                break;
            }
        }
    }
    assert!(most > 10, "only {most} calls");
}

/// The codes of the alerts that are open.
async fn open_codes(world: &World) -> Vec<String> {
    world.alerts().await.iter().map(|alert| alert["code"].as_str().unwrap().to_owned()).collect()
}

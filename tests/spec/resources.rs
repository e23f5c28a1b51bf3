//! Tasks as a second resource of every user: switched on, permitted, run and
//! shown beside the calendar, and neither holds up the other. What a run does
//! with tasks is not claimed here.

use host_harness::app::Resource;
use serde_json::{Value, json};
use tandem_tests::{Browser, World};

async fn check(world: &World) -> Value {
    world.crm.post("/api/users/anna/microsoft/check", &json!({})).await.ok()
}

/// Each step of a check as `name outcome`.
fn steps(report: &Value) -> Vec<String> {
    let word = |step: &Value, name: &str| step[name].as_str().unwrap().to_owned();
    let steps = report["steps"].as_array().unwrap().iter();
    steps.map(|step| format!("{} {}", word(step, "name"), word(step, "outcome"))).collect()
}

fn resources(report: &Value) -> Vec<&str> {
    report["resources"].as_array().unwrap().iter().map(|run| run["resource"].as_str().unwrap()).collect()
}

async fn sync_all(world: &World) -> Value {
    world.crm.post("/api/sync", &json!({"user": "anna"})).await.ok()
}

async fn with_an_event(world: &World) {
    world.crm_create_timed("anna", "Review", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
}

#[tokio::test]
async fn a_sync_of_everything_is_the_calendars_report_where_nothing_else_is_enabled() {
    let world = World::connected().await;
    with_an_event(&world).await;
    let mut report = sync_all(&world).await;
    assert_eq!((&report["resource"], &report["microsoft"]["created"]), (&json!("calendar"), &json!(1)), "{report}");
    let resources = report.as_object_mut().unwrap().remove("resources").unwrap();
    assert_eq!(resources, json!([report]), "the same, once more in the list");
    let mut named: Vec<String> = world.sync("anna").await.as_object().unwrap().keys().cloned().collect();
    let mut all: Vec<String> = report.as_object().unwrap().keys().cloned().collect();
    named.sort();
    all.sort();
    assert_eq!(all, named, "in the shape of a run that was named");
}

#[tokio::test]
async fn a_sync_of_everything_runs_each_enabled_resource_and_adds_up() {
    let world = World::connected_with_tasks().await;
    with_an_event(&world).await;
    let report = sync_all(&world).await;
    assert_eq!(resources(&report), ["calendar", "tasks"]);
    assert_eq!(report.get("resource"), None, "{report}");
    for number in ["requests", "steps", "adopted", "merged", "conflicts"] {
        let sum: u64 = report["resources"].as_array().unwrap().iter().map(|run| run[number].as_u64().unwrap()).sum();
        assert_eq!(report[number], json!(sum), "{number}");
    }
    assert_eq!(report["resources"][0]["microsoft"]["created"], 1, "{report}");
    for resource in ["calendar", "tasks"] {
        assert_eq!(world.status_of("anna", resource).await["lastSyncAt"], "2026-03-02T08:00:00Z", "{resource}");
    }
}

#[tokio::test]
async fn a_resource_that_is_named_runs_alone() {
    let world = World::connected_with_tasks().await;
    let report = world.sync_tasks("anna").await;
    assert_eq!((&report["resource"], report.get("resources")), (&json!("tasks"), None), "{report}");
    assert_eq!(world.status_of("anna", "calendar").await["lastSyncAt"], json!(null));
    world.sync("anna").await;
    assert_eq!(world.status_of("anna", "calendar").await["lastSyncAt"], "2026-03-02T08:00:00Z");
}

#[tokio::test]
async fn a_preview_of_everything_writes_nothing_and_names_every_resource() {
    let world = World::connected_with_tasks().await;
    with_an_event(&world).await;
    let report = world.crm.post("/api/sync", &json!({"user": "anna", "preview": true})).await.ok();
    assert_eq!(resources(&report), ["calendar", "tasks"]);
    assert_eq!(report["operations"][0]["title"], "Review", "{report}");
    assert_eq!(world.outlook("anna").await.events().await.len(), 0);
    assert_eq!(world.status_of("anna", "calendar").await["lastSyncAt"], json!(null));
}

#[tokio::test]
async fn tasks_that_are_not_enabled_say_so_and_ask_microsoft_nothing() {
    // S6
    let world = World::connected_with_tasks().await;
    world.save("user", "anna", &[("tasks.enabled", json!(false))]).await.ok();
    world.forget_requests().await;
    let report = world.sync_tasks("anna").await;
    assert_eq!(report["blocked"], "disabled", "{report}");
    assert_eq!(world.requests().await["count"], 0);
    assert_eq!(resources(&sync_all(&world).await), ["calendar"]);
}

#[tokio::test]
async fn check_connection_reads_one_cheap_item_of_each_enabled_resource() {
    // A1
    let world = World::connected_with_tasks().await;
    let report = check(&world).await;
    assert_eq!(report["ok"], true, "{report}");
    assert_eq!(steps(&report), ["token passed", "profile passed", "calendar passed", "tasks passed"]);
    assert_eq!(world.request_count("GET", "/me/todo/lists").await, 1);
}

#[tokio::test]
async fn who_connected_before_tasks_is_told_what_they_lack_and_keeps_the_calendar() {
    // A3
    let world = World::connected().await;
    with_an_event(&world).await;
    world.switch_tasks_on().await;
    let report = check(&world).await;
    assert_eq!((&report["ok"], &report["missingPermissions"]), (&json!(false), &json!(["Tasks.ReadWrite"])));
    assert_eq!(steps(&report), ["token passed", "profile passed", "calendar passed", "tasks failed"]);
    let page = Browser::signed_in(&world.crm, "anna").await.page("/configuration/my").await;
    assert!(page.contains("Missing permissions: Tasks.ReadWrite"), "{page}");

    // A refresh asks for what was granted: for more, the login would refuse all.
    world.advance(2 * 3600).await;
    let report = world.sync("anna").await;
    assert_eq!((&report["next"]["when"], &report["microsoft"]["created"]), (&json!("idle"), &json!(1)), "{report}");

    world.connect("anna").await;
    assert_eq!(check(&world).await["missingPermissions"], json!([]));
    assert_eq!(world.alerts().await, Vec::<Value>::new());
}

#[tokio::test]
async fn the_mailbox_zone_may_be_withheld_and_check_connection_mentions_it() {
    let world = World::empty().await;
    world.configure().await;
    world.switch_tasks_on().await;
    world.register_app(&json!(["User.Read", "Calendars.ReadWrite", "Tasks.ReadWrite"])).await;
    world.add_user("anna", "Acme").await;
    world.connect("anna").await;
    let report = check(&world).await;
    assert_eq!((&report["ok"], &report["missingPermissions"]), (&json!(true), &json!([])));
    let label = report["steps"].as_array().unwrap().last().unwrap()["label"].as_str().unwrap().to_owned();
    assert!(label.contains("MailboxSettings.Read was not granted"), "{label}");
}

#[tokio::test]
async fn the_sign_in_asks_for_no_permission_of_what_is_switched_off() {
    // A2
    let world = World::empty().await;
    world.configure().await;
    world.add_user("anna", "Acme").await;
    let asked = async || {
        let begun = world.crm.post("/api/users/anna/microsoft/connect", &json!({})).await.ok();
        begun["authorizeUrl"].as_str().unwrap().to_owned()
    };
    assert!(!asked().await.contains("Tasks.ReadWrite"));
    world.switch_tasks_on().await;
    let address = asked().await;
    for permission in ["Calendars.ReadWrite", "Tasks.ReadWrite", "MailboxSettings.Read"] {
        assert!(address.contains(permission), "{address}");
    }
    world.save("user", "anna", &[("calendar.enabled", json!(false))]).await.ok();
    assert!(!asked().await.contains("Calendars.ReadWrite"), "each for itself");
}

#[tokio::test]
async fn the_scheduler_runs_every_enabled_resource_of_a_mailbox() {
    // E2
    let world = World::connected_with_tasks().await;
    let ran = async || world.run_due().await.into_iter().map(|run| run.resource).collect::<Vec<_>>();
    assert_eq!(ran().await, [Resource::Calendar, Resource::Tasks], "as soon as the account is connected");
    world.save("user", "anna", &[("tasks.enabled", json!(false))]).await.ok();
    world.advance(600).await;
    assert_eq!(ran().await, [Resource::Calendar]);
    assert_eq!(world.status_of("anna", "tasks").await["nextSyncAt"], json!(null));
    world.save("user", "anna", &[("tasks.enabled", json!(true)), ("calendar.enabled", json!(false))]).await.ok();
    world.advance(600).await;
    assert_eq!(ran().await, [Resource::Tasks]);
}

#[tokio::test]
async fn a_resource_that_breaks_holds_up_no_other_one() {
    // E11
    let world = World::connected_with_tasks().await;
    world.crash_after(2).await;
    let runs = world.run_due().await;
    let outcomes: Vec<_> = runs.iter().map(|run| (run.resource, run.result.is_ok())).collect();
    assert_eq!(outcomes, [(Resource::Calendar, false), (Resource::Tasks, true)]);

    world.advance(600).await;
    world.crash_after(2).await;
    let answer = world.crm.post("/api/sync", &json!({"user": "anna"})).await;
    assert!(answer.status.is_server_error(), "what broke is not hidden: {}", answer.text);
    assert_eq!(world.status_of("anna", "tasks").await["lastSyncAt"], "2026-03-02T08:10:00Z");
    assert_eq!(world.status_of("anna", "tasks").await["inProgress"], false, "the mailbox is free again");
    world.sync("anna").await;

    world.crash_after(2).await;
    let user = world.app.crm().user_by_login("anna").unwrap();
    let ran = world.app.sync_each(user.id, None).await.unwrap();
    let outcomes: Vec<_> = ran.iter().map(|(resource, run)| (*resource, run.is_ok())).collect();
    assert_eq!(outcomes, [(Resource::Calendar, false), (Resource::Tasks, true)], "each says what came of it");
}

#[tokio::test]
async fn whoever_asks_for_two_resources_of_one_mailbox_has_a_turn_for_each() {
    // E2
    let world = World::connected_with_tasks().await;
    let bodies = [json!({"user": "anna"}), json!({"user": "anna", "resource": "tasks"})];
    let (all, tasks) = tokio::join!(world.crm.post("/api/sync", &bodies[0]), world.crm.post("/api/sync", &bodies[1]));
    let (all, tasks) = (all.ok(), tasks.ok());
    assert_eq!((resources(&all), &tasks["resource"]), (vec!["calendar", "tasks"], &json!("tasks")));
    assert_eq!((&all["next"]["when"], &tasks["next"]["when"]), (&json!("idle"), &json!("idle")), "each to its end");
}

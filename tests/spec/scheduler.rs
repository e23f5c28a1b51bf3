//! When runs take place, and that one user's trouble is nobody else's.

use serde_json::{Value, json};
use tandem_tests::World;

/// The columns of the original's status listing (E1), and two more.
const COLUMNS: [&str; 5] = ["resource", "enabled", "inProgress", "lastSyncAt", "nextSyncAt"];

/// Two connected users with an event each; nobody has run yet.
async fn two_users() -> World {
    let world = World::connected().await;
    world.add_user("james", "Acme").await;
    world.connect("james").await;
    for login in ["anna", "james"] {
        world.crm_create_timed(login, login, "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    }
    world
}

async fn logins_that_ran(world: &World) -> Vec<String> {
    let users = world.crm.get("/api/users").await.ok();
    let login = |id: String| {
        let is_it = |user: &&Value| user["id"].as_str().map_or_else(|| user["id"].to_string(), str::to_owned) == id;
        users.as_array().unwrap().iter().find(is_it).unwrap()["login"].as_str().unwrap().to_owned()
    };
    world.run_due().await.into_iter().map(|run| login(run.user.to_string())).collect()
}

#[tokio::test]
async fn the_status_has_the_five_columns_for_every_user_and_resource() {
    // E1
    let world = two_users().await;
    let rows = world.crm.get("/api/status").await.ok();
    let rows = rows.as_array().unwrap();
    let of = |login: &str| {
        rows.iter().filter(|row| row["user"] == login).map(|row| row["resource"].clone()).collect::<Vec<_>>()
    };
    for login in ["anna", "james"] {
        assert_eq!(of(login), [json!("calendar"), json!("tasks"), json!("mail")]);
    }
    for row in rows {
        assert!(COLUMNS.iter().all(|column| row.get(column).is_some()), "{row}");
        assert_eq!(row["enabled"], json!(row["resource"] == "calendar"), "{row}");
    }
    let row = world.status("anna").await;
    assert_eq!((&row["inProgress"], &row["lastSyncAt"]), (&json!(false), &json!(null)));
    assert_eq!(row["nextSyncAt"], "2026-03-02T08:00:00Z", "as soon as the account is connected");
    world.run_due().await;
    let row = world.status("anna").await;
    assert_eq!(
        (&row["lastSyncAt"], &row["nextSyncAt"]),
        (&json!("2026-03-02T08:00:00Z"), &json!("2026-03-02T08:10:00Z"))
    );
    world.advance(900).await;
    assert_eq!(world.status("anna").await["lagSeconds"], 300, "due for five minutes");
}

#[tokio::test]
async fn calendar_and_tasks_of_a_user_have_a_last_and_a_next_run_each() {
    // E1
    let world = World::with_tasks().await;
    let runs = async || {
        let rows = world.crm.get("/api/status").await.ok();
        let rows = rows.as_array().unwrap().iter().filter(|row| row["user"] == "anna" && row["resource"] != "mail");
        let times = |row: &Value| ["resource", "enabled", "lastSyncAt", "nextSyncAt"].map(|name| row[name].clone());
        rows.map(times).collect::<Vec<_>>()
    };
    world.sync("anna").await;
    world.advance(120).await;
    world.sync_tasks("anna").await;
    let after = [
        [json!("calendar"), json!(true), json!("2026-03-02T08:00:00Z"), json!("2026-03-02T08:10:00Z")],
        [json!("tasks"), json!(true), json!("2026-03-02T08:02:00Z"), json!("2026-03-02T08:12:00Z")],
    ];
    assert_eq!(runs().await, after);
    // Each goes on in its own time.
    world.advance(480).await;
    world.run_due().await;
    let [_, tasks] = after;
    let calendar = [json!("calendar"), json!(true), json!("2026-03-02T08:10:00Z"), json!("2026-03-02T08:20:00Z")];
    assert_eq!(runs().await, [calendar, tasks]);
}

#[tokio::test]
async fn each_user_runs_at_the_interval_that_is_in_effect_for_them() {
    // E2, S5
    let world = two_users().await;
    world.save("organization", "Acme", &[("sync.interval-minutes", json!(20))]).await.ok();
    world.save("user", "james", &[("sync.interval-minutes", json!(50))]).await.ok();
    assert_eq!(logins_that_ran(&world).await, ["anna", "james"]);
    let mut ran = Vec::new();
    for minutes in (10..=100).step_by(10) {
        world.advance(600).await;
        ran.extend(logins_that_ran(&world).await.into_iter().map(|login| format!("{login} {minutes}")));
    }
    assert_eq!(ran, ["anna 20", "anna 40", "james 50", "anna 60", "anna 80", "anna 100", "james 100"]);
}

#[tokio::test]
async fn another_interval_counts_from_the_last_run_at_once() {
    // E2
    let world = two_users().await;
    world.run_due().await;
    world.advance(300).await;
    world.save("user", "anna", &[("sync.interval-minutes", json!(5))]).await.ok();
    assert_eq!(world.status("anna").await["nextSyncAt"], "2026-03-02T08:05:00Z");
    assert_eq!(logins_that_ran(&world).await, ["anna"]);
    world.save("user", "anna", &[("sync.interval-minutes", json!(1440))]).await.ok();
    assert_eq!(world.status("anna").await["nextSyncAt"], "2026-03-03T08:05:00Z");
}

#[tokio::test]
async fn what_is_off_or_not_connected_is_not_scheduled() {
    // E2: the original ran although it was disabled (BB-25234).
    let world = two_users().await;
    world.run_due().await;
    world.save("user", "anna", &[("calendar.enabled", json!(false))]).await.ok();
    world.crm.post("/api/users/james/microsoft/disconnect", &json!({})).await.ok();
    world.forget_requests().await;
    for _ in 0..3 {
        world.advance(3600).await;
        assert_eq!(logins_that_ran(&world).await, Vec::<String>::new());
    }
    assert_eq!(world.requests().await["count"], 0);
    assert_eq!(world.status("anna").await["nextSyncAt"], json!(null));

    world.save("user", "anna", &[("calendar.enabled", json!(true))]).await.ok();
    world.connect("james").await;
    assert_eq!(logins_that_ran(&world).await, ["anna", "james"], "both are due again");
}

#[tokio::test]
async fn one_users_lost_consent_stops_nobody_else() {
    // E11
    let world = two_users().await;
    for what in ["accessTokens", "refreshTokens"] {
        world.control("expire", &json!({"what": what, "userPrincipalName": "anna@acme.example"})).await;
    }
    let runs = world.run_due().await;
    assert_eq!(runs.len(), 2);
    assert_eq!(world.status("anna").await["openAlerts"], 1);
    assert_eq!(world.status("james").await["openAlerts"], 0);
    assert_eq!(world.outlook("james").await.events().await.len(), 1, "james was synchronized");
    assert_eq!(world.outlook("anna").await.events().await.len(), 0);
    world.advance(600).await;
    assert_eq!(logins_that_ran(&world).await, ["james"]);
}

#[tokio::test]
async fn one_users_broken_step_stops_nobody_else_and_is_made_up_for() {
    // E11
    let world = two_users().await;
    world.crash_after(2).await;
    let runs = world.run_due().await;
    let failed: Vec<bool> = runs.iter().map(|run| run.result.is_err()).collect();
    assert_eq!(failed.iter().filter(|failed| **failed).count(), 1, "one step was torn down: {failed:?}");
    world.advance(600).await;
    assert!(world.run_due().await.iter().all(|run| run.result.is_ok()));
    for login in ["anna", "james"] {
        assert_eq!(world.outlook(login).await.events().await.len(), 1, "{login}");
    }
}

#[tokio::test]
async fn a_mailbox_that_microsoft_refuses_waits_by_itself() {
    // E11: the next request is anna's, and it is throttled.
    let world = two_users().await;
    world.run_due().await;
    world.advance(600).await;
    world
        .fault(json!([{"match": {"path": "calendarView"}, "times": 1, "do": "throttle", "retryAfterSeconds": 1800}]))
        .await;
    world.run_due().await;
    let next = [world.status("anna").await["nextSyncAt"].clone(), world.status("james").await["nextSyncAt"].clone()];
    let punctual = next.iter().filter(|next| **next == json!("2026-03-02T08:20:00Z")).count();
    assert_eq!(punctual, 1, "one waits, the other one does not: {next:?}");
    assert!(next.iter().any(|next| next.as_str().unwrap() >= "2026-03-02T08:40:00"), "{next:?}");
}

#[tokio::test]
async fn runs_of_one_mailbox_do_not_overlap() {
    // E2
    let world = World::connected().await;
    for number in 0..5 {
        let title = format!("Event {number}");
        world.crm_create_timed("anna", &title, "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    }
    let body = json!({"user": "anna", "resource": "calendar"});
    let post = || world.crm.post("/api/sync", &body);
    let (first, second, third) = tokio::join!(post(), post(), post());
    let created = [first, second, third].map(|answer| answer.ok()["microsoft"]["created"].as_u64().unwrap());
    assert_eq!(created.iter().sum::<u64>(), 5, "each had its turn, and found what the others had left: {created:?}");
    assert_eq!(world.outlook("anna").await.events().await.len(), 5);
}

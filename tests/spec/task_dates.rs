//! The date on which a task is due: the one that a person sees on either side
//! (Oro row T3; pitfall 15; Graph keeps no time of day, and gives midnight of a
//! zone as UTC).

use serde_json::json;
use tandem_tests::World;

use crate::calendar::wrote;
use crate::firewall::codes;

/// Zones of users and mailboxes, the farthest ones among them.
const ZONES: [(&str, &str); 6] = [
    ("Europe/Berlin", "Europe/Berlin"),
    ("Pacific/Kiritimati", "Pacific/Kiritimati"),
    ("Etc/GMT+12", "Etc/GMT+12"),
    ("Europe/Berlin", "Pacific/Kiritimati"),
    ("America/New_York", "Asia/Tokyo"),
    ("Pacific/Kiritimati", "Etc/GMT+12"),
];

#[tokio::test]
async fn the_date_that_a_person_sees_is_the_same_on_both_sides_in_every_zone() {
    for (user, mailbox) in ZONES {
        let world = World::with_tasks_in(user, mailbox).await;
        let todo = world.todo("anna").await;
        // As the app writes it: midnight of the mailbox's zone.
        let due = json!({"dateTime": "2026-03-24T00:00:00", "timeZone": mailbox});
        todo.create(&json!({"title": "Theirs", "dueDateTime": due})).await;
        world.crm_task("anna", &json!({"subject": "Ours", "dueDate": noon(user, 24)})).await;
        world.sync_tasks("anna").await;
        assert_eq!(
            date_in(user, &world.crm_task_of("anna", "Theirs").await["dueDate"]),
            "2026-03-24",
            "{user} {mailbox}"
        );
        let ours = todo.only("Ours").await;
        assert_eq!(date_in(mailbox, &json!(utc(&ours["dueDateTime"]))), "2026-03-24", "{user} {mailbox}");
        world.assert_tasks_at_rest("anna").await;
        // A day later, in To Do: a day later in the CRM, at the same time of day.
        let later = json!({"dateTime": "2026-03-25T00:00:00", "timeZone": mailbox});
        todo.update(&ours["id"], &json!({"dueDateTime": later})).await;
        wrote(&world.sync_tasks("anna").await, [0, 1, 0], [0, 0, 0]);
        assert_eq!(world.crm_task_of("anna", "Ours").await["dueDate"], json!(noon(user, 25)), "{user} {mailbox}");
        world.assert_tasks_at_rest("anna").await;
    }
}

/// Noon of a day of March on a user's clock, as UTC.
fn noon(zone: &str, day: u32) -> String {
    let zone: chrono_tz::Tz = zone.parse().unwrap();
    let noon = chrono::NaiveDate::from_ymd_opt(2026, 3, day).unwrap().and_hms_opt(12, 0, 0).unwrap();
    let at = noon.and_local_timezone(zone).unwrap().to_utc();
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// The date of an instant on somebody's clock.
fn date_in(zone: &str, instant: &serde_json::Value) -> String {
    let zone: chrono_tz::Tz = zone.parse().unwrap();
    let at: chrono::DateTime<chrono::Utc> = instant.as_str().unwrap().parse().unwrap();
    at.with_timezone(&zone).date_naive().to_string()
}

fn utc(moment: &serde_json::Value) -> String {
    assert_eq!(moment["timeZone"], "UTC");
    format!("{}Z", &moment["dateTime"].as_str().unwrap()[..19])
}

#[tokio::test]
async fn without_the_permission_for_the_mailboxs_zone_the_one_of_the_crm_counts() {
    let zone = "Pacific/Auckland";
    let world = World::with_tasks_in(zone, zone).await;
    world.register_app(&json!(["User.Read", "Calendars.ReadWrite", "Tasks.ReadWrite"])).await;
    world.control("expire", &json!({"what": "accessTokens"})).await;
    world.crm.post("/api/users/anna/microsoft/disconnect", &json!({})).await.ok();
    let landed = world.sign_in("anna", "accept").await;
    assert!(landed.status.is_success(), "{}: {}", landed.status, landed.text);
    // In UTC, it is the day before.
    let due = json!({"dateTime": "2026-03-24T00:00:00", "timeZone": zone});
    world.todo("anna").await.create(&json!({"title": "Theirs", "dueDateTime": due})).await;
    let report = world.sync_tasks("anna").await;
    wrote(&report, [1, 0, 0], [0, 0, 0]);
    assert_eq!(date_in(zone, &world.crm_task_of("anna", "Theirs").await["dueDate"]), "2026-03-24");
}

#[tokio::test]
async fn a_date_that_is_moved_in_to_do_leaves_the_reminder_where_it_was_set() {
    let world = World::with_tasks().await;
    let task = json!({"subject": "Ours", "dueDate": "2026-03-10T11:00:00Z", "reminderMinutes": 60});
    world.crm_task("anna", &task).await;
    world.sync_tasks("anna").await;
    let todo = world.todo("anna").await;
    let there = todo.only("Ours").await;
    let later = json!({"dateTime": "2026-03-12T00:00:00", "timeZone": "Europe/Berlin"});
    todo.update(&there["id"], &json!({"dueDateTime": later})).await;
    wrote(&world.sync_tasks("anna").await, [0, 1, 0], [0, 0, 0]);
    let ours = world.crm_task_of("anna", "Ours").await;
    assert_eq!(
        (&ours["dueDate"], &ours["reminderMinutes"]),
        (&json!("2026-03-12T11:00:00Z"), &json!(2 * 24 * 60 + 60))
    );
    assert_eq!(todo.only("Ours").await["reminderDateTime"]["dateTime"], "2026-03-10T10:00:00.0000000");
    world.assert_tasks_at_rest("anna").await;
}

#[tokio::test]
async fn a_reminder_needs_a_date_in_the_crm_and_stays_in_to_do_without_one() {
    let world = World::with_tasks().await;
    let todo = world.todo("anna").await;
    let at = json!({"dateTime": "2026-03-07T08:00:00", "timeZone": "UTC"});
    todo.create(&json!({"title": "Call", "isReminderOn": true, "reminderDateTime": at})).await;
    let report = world.sync_tasks("anna").await;
    wrote(&report, [1, 0, 0], [0, 0, 0]);
    assert_eq!(codes(&report).len(), 1, "it is said: {report}");
    assert_eq!(world.crm_task_of("anna", "Call").await["reminderMinutes"], serde_json::Value::Null);
    let there = todo.only("Call").await;
    assert_eq!(there["isReminderOn"], true);
    world.assert_tasks_at_rest("anna").await;
    // With a date it has a place.
    let due = json!({"dateTime": "2026-03-07T00:00:00", "timeZone": "Europe/Berlin"});
    todo.update(&there["id"], &json!({"dueDateTime": due})).await;
    wrote(&world.sync_tasks("anna").await, [0, 1, 0], [0, 0, 0]);
    assert_eq!(world.crm_task_of("anna", "Call").await["reminderMinutes"], 14 * 60 + 59);
    // And it goes with the date, while To Do keeps it.
    todo.update(&there["id"], &json!({"dueDateTime": null})).await;
    wrote(&world.sync_tasks("anna").await, [0, 1, 0], [0, 0, 0]);
    let task = world.crm_task_of("anna", "Call").await;
    assert_eq!((&task["dueDate"], &task["reminderMinutes"]), (&serde_json::Value::Null, &serde_json::Value::Null));
    assert_eq!(todo.only("Call").await["isReminderOn"], true);
    world.assert_tasks_at_rest("anna").await;
}

#[tokio::test]
async fn a_date_that_is_taken_away_is_gone_on_both_sides() {
    let world = World::with_tasks().await;
    let task = world.crm_task("anna", &json!({"subject": "Ours", "dueDate": "2026-03-10T11:00:00Z"})).await;
    world.sync_tasks("anna").await;
    world.crm_task_update(&task["id"], &json!({"dueDate": null})).await;
    wrote(&world.sync_tasks("anna").await, [0, 0, 0], [0, 1, 0]);
    assert_eq!(world.todo("anna").await.only("Ours").await["dueDateTime"], serde_json::Value::Null);
    world.assert_tasks_at_rest("anna").await;
}

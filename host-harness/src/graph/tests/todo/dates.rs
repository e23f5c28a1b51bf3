//! Dates of tasks, which have no time of day, and reminders, which have one.

use super::*;

fn at(text: &str, zone: &str) -> Value {
    json!({ "dateTime": text, "timeZone": zone })
}

async fn shown_in(world: &World, path: &str, zone: &str) -> Value {
    let prefer = format!("outlook.timezone=\"{zone}\"");
    let answer = world.get_with(path, &[("prefer", &prefer)]).await;
    assert_eq!(answer.header("preference-applied"), prefer);
    answer.body
}

#[tokio::test]
async fn a_due_date_is_the_midnight_of_the_zone_it_was_written_in() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let cases = [
        ("2026-03-10T04:10:00", "UTC", "2026-03-10T00:00:00.0000000"),
        // The example of api/todotask-update.
        ("2020-07-25T16:00:00", "Eastern Standard Time", "2020-07-25T04:00:00.0000000"),
        ("2026-03-10T23:59:59", "W. Europe Standard Time", "2026-03-09T23:00:00.0000000"),
        // The day before, as the apps of To Do have it.
        ("2024-10-24T00:00:00", "Line Islands Standard Time", "2024-10-23T10:00:00.0000000"),
        ("2024-10-24T00:00:00", "Pacific/Kiritimati", "2024-10-23T10:00:00.0000000"),
        ("2024-10-24T00:00:00", "Etc/GMT+12", "2024-10-24T12:00:00.0000000"),
        // An offset fixes the instant, the zone says which date that is.
        ("2026-03-10T23:30:00Z", "W. Europe Standard Time", "2026-03-10T23:00:00.0000000"),
    ];
    for (text, zone, utc) in cases {
        let draft = json!({ "dueDateTime": at(text, zone), "startDateTime": at(text, zone) });
        let task = add_task(&world, &tasks, draft).await;
        for name in ["dueDateTime", "startDateTime"] {
            assert_eq!(task[name], at(utc, "UTC"), "{name} {text} {zone}");
        }
        let there = shown_in(&world, &path_of(&tasks, &task), zone).await;
        let midnight = there["dueDateTime"]["dateTime"].as_str().unwrap();
        assert!(midnight.ends_with("T00:00:00.0000000"), "{midnight}");
        assert_eq!(there["dueDateTime"]["timeZone"], zone);
    }
}

#[tokio::test]
async fn what_utc_shows_of_an_eastern_date_is_another_date_when_it_is_written_back() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let draft = json!({ "dueDateTime": at("2024-10-24T00:00:00", "Pacific/Kiritimati") });
    let task = add_task(&world, &tasks, draft).await;
    let path = path_of(&tasks, &task);
    let back = change(&world, &path, json!({ "dueDateTime": task["dueDateTime"] })).await.body;
    assert_eq!(back["dueDateTime"], at("2024-10-23T00:00:00.0000000", "UTC"));
}

#[tokio::test]
async fn a_reminder_is_an_instant() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let berlin = "W. Europe Standard Time";
    let draft = json!({ "reminderDateTime": at("2026-03-10T09:15:00", berlin), "isReminderOn": true });
    let task = add_task(&world, &tasks, draft).await;
    assert_eq!(task["reminderDateTime"], at("2026-03-10T08:15:00.0000000", "UTC"));
    let path = path_of(&tasks, &task);
    let there = shown_in(&world, &path, "Pacific/Kiritimati").await;
    assert_eq!(there["reminderDateTime"]["dateTime"], "2026-03-10T22:15:00.0000000");
    let cleared = change(&world, &path, json!({ "reminderDateTime": null, "isReminderOn": false })).await.body;
    assert!(cleared.get("reminderDateTime").is_none());
}

#[tokio::test]
async fn dates_can_be_taken_away() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let day = at("2026-03-10T00:00:00", "UTC");
    let task = add_task(&world, &tasks, json!({ "dueDateTime": day, "startDateTime": day })).await;
    let changed = change(&world, &path_of(&tasks, &task), json!({ "dueDateTime": null })).await.body;
    assert_eq!((changed.get("dueDateTime"), &changed["startDateTime"]), (None, &task["startDateTime"]));
}

#[tokio::test]
async fn completing_sets_the_date_in_utc_and_reopening_takes_it_away() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let path = path_of(&tasks, &add_task(&world, &tasks, json!({ "title": "Talk" })).await);
    let done = change(&world, &path, json!({ "status": "completed" })).await.body;
    assert_eq!(done["completedDateTime"], at("2026-03-02T00:00:00.0000000", "UTC"));
    let west = shown_in(&world, &path, "Eastern Standard Time").await;
    assert_eq!(west["completedDateTime"]["dateTime"], "2026-03-01T19:00:00.0000000");
    let open = change(&world, &path, json!({ "status": "inProgress" })).await.body;
    assert!(open.get("completedDateTime").is_none());
    let early = json!({ "completedDateTime": at("2026-02-20T15:00:00", "UTC") });
    assert_eq!(change(&world, &path, early.clone()).await.status, 400);
    let mut both = early;
    both["status"] = json!("completed");
    let done = change(&world, &path, both).await.body;
    assert_eq!(done["completedDateTime"], at("2026-02-20T00:00:00.0000000", "UTC"));
    assert_eq!(world.get(&tasks).await.items().len(), 1, "a task that does not recur brings no next one");
}

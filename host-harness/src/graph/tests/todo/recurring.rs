//! Recurring tasks: what completing one brings.

use super::*;

const BERLIN: &str = "W. Europe Standard Time";

/// A task due on a Monday, again every week, with all that can belong to it.
fn weekly(range: Value) -> Value {
    let mut recurrence = json!({ "pattern": { "type": "weekly", "interval": 1, "daysOfWeek": ["monday"] } });
    recurrence["range"] = range;
    json!({
        "title": "Report",
        "importance": "high",
        "dueDateTime": { "dateTime": "2026-03-23T00:00:00", "timeZone": BERLIN },
        "reminderDateTime": { "dateTime": "2026-03-23T09:00:00", "timeZone": BERLIN },
        "isReminderOn": true,
        "recurrence": recurrence,
        "linkedResources": [{ "applicationName": "CRM", "externalId": "42", "webUrl": "https://crm.example/42" }],
    })
}

fn endless() -> Value {
    json!({ "type": "noEnd", "startDate": "2026-03-23" })
}

/// The tasks of the list as a person in Berlin sees them.
async fn seen(world: &World, tasks: &str) -> Vec<Value> {
    let path = format!("{tasks}?$expand=linkedResources,checklistItems");
    world.get_with(&path, &[("prefer", &format!("outlook.timezone=\"{BERLIN}\""))]).await.items().to_vec()
}

fn due(task: &Value) -> &str {
    task["dueDateTime"]["dateTime"].as_str().unwrap().split('T').next().unwrap()
}

fn find<'a>(tasks: &'a [Value], status: &str) -> &'a Value {
    tasks.iter().find(|task| task["status"] == status).unwrap()
}

async fn spawned(world: &World, tasks: &str) -> (Value, Value, Value) {
    let task = add_task(world, tasks, weekly(endless())).await;
    let path = path_of(tasks, &task);
    for name in ["First", "Second"] {
        world.post(&format!("{path}/checklistItems"), json!({ "displayName": name, "isChecked": true })).await;
    }
    let answered = change(world, &path, json!({ "status": "completed" })).await.body;
    assert_eq!(answered["id"], task["id"]);
    let after = seen(world, tasks).await;
    assert_eq!(after.len(), 2);
    let (done, open) = (find(&after, "completed").clone(), find(&after, "notStarted").clone());
    assert_eq!((due(&done), due(&open)), ("2026-03-23", "2026-03-30"));
    // The clocks change in between; nine o'clock stays nine o'clock.
    assert_eq!(open["reminderDateTime"]["dateTime"], "2026-03-30T09:00:00.0000000");
    assert_eq!((&open["title"], &open["importance"]), (&task["title"], &task["importance"]));
    assert_eq!((done.get("recurrence"), &open["recurrence"]), (None, &task["recurrence"]));
    assert!(done.get("completedDateTime").is_some() && open.get("completedDateTime").is_none());
    for name in ["applicationName", "externalId", "webUrl"] {
        assert_eq!(done["linkedResources"][0][name], open["linkedResources"][0][name], "{name}");
    }
    assert_ne!(done["linkedResources"][0]["id"], open["linkedResources"][0]["id"]);
    let checked = |task: &Value| -> Vec<bool> {
        task["checklistItems"].as_array().unwrap().iter().map(|item| item["isChecked"] == true).collect()
    };
    assert_eq!((checked(&done), checked(&open)), (vec![true, true], vec![false, false]));
    (task, done, open)
}

#[tokio::test]
async fn a_completed_task_keeps_its_id_and_a_new_one_is_open() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let (task, done, open) = spawned(&world, &tasks).await;
    assert_eq!(done["id"], task["id"]);
    assert_ne!(open["id"], task["id"]);
    let again = change(&world, &path_of(&tasks, &open), json!({ "status": "completed" })).await;
    assert_eq!(again.body["status"], "completed");
    assert_eq!(due(find(&seen(&world, &tasks).await, "notStarted")), "2026-04-06");
    // What is completed already brings nothing when it is completed again.
    change(&world, &path_of(&tasks, &done), json!({ "status": "completed" })).await;
    assert_eq!(seen(&world, &tasks).await.len(), 3);
}

#[tokio::test]
async fn the_id_can_move_on_to_the_next_date() {
    let world = World::new();
    world.behaviour(json!({ "todoSpawn": "sameIdMovesOn" })).await;
    let tasks = default_tasks(&world).await;
    let (task, done, open) = spawned(&world, &tasks).await;
    assert_eq!(open["id"], task["id"]);
    assert_ne!(done["id"], task["id"]);
}

#[tokio::test]
async fn a_rule_that_is_over_brings_nothing() {
    let world = World::new();
    let ranges = [
        json!({ "type": "numbered", "startDate": "2026-03-23", "numberOfOccurrences": 2 }),
        json!({ "type": "endDate", "startDate": "2026-03-23", "endDate": "2026-04-01" }),
    ];
    for range in ranges {
        let tasks = tasks_of(&add_list(&world, "List").await);
        add_task(&world, &tasks, weekly(range.clone())).await;
        for expected in [2, 2] {
            let open = find(&seen(&world, &tasks).await, "notStarted").clone();
            change(&world, &path_of(&tasks, &open), json!({ "status": "completed" })).await;
            assert_eq!(seen(&world, &tasks).await.len(), expected, "{range}");
        }
        let all = seen(&world, &tasks).await;
        assert!(all.iter().all(|task| task["status"] == "completed"));
    }
}

#[tokio::test]
async fn another_due_date_leaves_a_recurring_task_what_it_is() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let task = add_task(&world, &tasks, weekly(endless())).await;
    let path = path_of(&tasks, &task);
    let moved = json!({ "dueDateTime": { "dateTime": "2026-04-01T00:00:00", "timeZone": BERLIN } });
    let answered = change(&world, &path, moved).await.body;
    assert_eq!((&answered["id"], &answered["recurrence"]), (&task["id"], &task["recurrence"]));
    assert_eq!(seen(&world, &tasks).await.len(), 1);
    change(&world, &path, json!({ "status": "completed" })).await;
    assert_eq!(due(find(&seen(&world, &tasks).await, "notStarted")), "2026-04-06");
    let bare = json!({ "dueDateTime": null });
    let open = find(&seen(&world, &tasks).await, "notStarted").clone();
    assert_eq!(change(&world, &path_of(&tasks, &open), bare).await.status, 400);
}

#[tokio::test]
async fn a_rule_comes_and_goes() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let mut draft = weekly(json!({ "type": "noEnd", "startDate": "2026-03-24", "recurrenceTimeZone": BERLIN }));
    draft["dueDateTime"] = Value::Null;
    let task = add_task(&world, &tasks, draft).await;
    assert_eq!(due(&seen(&world, &tasks).await[0]), "2026-03-30", "a rule gives its first date");
    let path = path_of(&tasks, &task);
    let changed = change(&world, &path, json!({ "recurrence": null })).await.body;
    assert!(changed.get("recurrence").is_none() && changed.get("dueDateTime").is_some());
    change(&world, &path, json!({ "status": "completed" })).await;
    assert_eq!(seen(&world, &tasks).await.len(), 1);
}

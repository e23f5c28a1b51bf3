//! Tasks in the emulator's file.

use super::super::delta::{removed, round};
use super::*;

const MARCH: &str = "/me/calendarView/delta?startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";

/// A world around what a file holds.
fn open(file: &std::path::Path, clock: &HarnessClock, token: &str) -> World {
    let microsoft = Microsoft::open(clock.clone(), 7, BASE, file).unwrap();
    World { microsoft, clock: clock.clone(), token: token.to_owned() }
}

#[tokio::test]
async fn a_file_keeps_lists_tasks_and_rounds() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("microsoft.sqlite");
    let clock = HarnessClock::fixed(noon());
    let (token, kept, gone, link) = {
        let microsoft = Microsoft::open(clock.clone(), 7, BASE, &file).unwrap();
        fill(&microsoft);
        let world = World::around(microsoft, clock.clone());
        let tasks = tasks_of(&add_list(&world, "Other").await);
        let draft = json!({ "title": "Kept", "linkedResources": [{ "externalId": "1" }] });
        let kept = add_task(&world, &tasks, draft).await;
        let gone = add_task(&world, &tasks, json!({ "title": "Gone" })).await;
        let (_, link) = round(&world, &format!("{tasks}/delta?$expand=linkedResources")).await;
        remove(&world, &path_of(&tasks, &gone)).await;
        change(&world, &path_of(&tasks, &kept), json!({ "status": "completed" })).await;
        (world.token, kept, gone, link)
    };
    let world = open(&file, &clock, &token);
    assert_eq!(world.get("/me/todo/lists").await.items().len(), 3);
    let changes = round(&world, &link).await.0;
    assert_eq!(removed(&changes), [id(&gone)]);
    let done = &changes.iter().find(|item| item["id"] == kept["id"]).unwrap();
    assert_eq!((&done["status"], &done["linkedResources"]), (&json!("completed"), &kept["linkedResources"]));
}

#[tokio::test]
async fn a_file_from_before_there_were_tasks_gets_the_built_in_lists_and_keeps_its_rounds() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("microsoft.sqlite");
    let clock = HarnessClock::fixed(noon());
    let (token, gone, link) = {
        let microsoft = Microsoft::open(clock.clone(), 7, BASE, &file).unwrap();
        fill(&microsoft);
        let world = World::around(microsoft, clock.clone());
        let gone = world.create(event("Talk", 10, 9)).await;
        let (_, link) = round(&world, MARCH).await;
        world.delete(id(&gone)).await;
        (world.token, gone, link)
    };
    let earlier = "
        DELETE FROM objects WHERE kind = 'taskList';
        UPDATE objects SET body = json_remove(json_set(body, '$.calendar', body -> '$.container'), '$.container')
            WHERE kind IN ('delta', 'tombstone');
        UPDATE objects SET body = json_remove(json_set(body, '$.event', body -> '$.item'), '$.item')
            WHERE kind = 'tombstone';
        UPDATE objects SET body = json_remove(body, '$.behaviour.todoSpawn', '$.behaviour.todoIfMatch')
            WHERE kind = 'meta';";
    rusqlite::Connection::open(&file).unwrap().execute_batch(earlier).unwrap();
    for _ in 0..2 {
        let world = open(&file, &clock, &token);
        assert_eq!(world.get("/me/todo/lists").await.items().len(), 2);
        assert_eq!(removed(&round(&world, &link).await.0), [id(&gone)]);
    }
}

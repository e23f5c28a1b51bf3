//! Rounds of change tracking over lists and over tasks.

use super::super::delta::{removed, round};
use super::*;

async fn expire(world: &World) {
    world.control("POST", "expire", Some(json!({ "what": "deltaTokens" }))).await;
}

#[tokio::test]
async fn a_round_about_lists_has_them_all_then_only_changes() {
    let world = World::new();
    let (items, link) = round(&world, "/me/todo/lists/delta").await;
    assert_eq!(items.len(), 2);
    let (kept, gone) = (add_list(&world, "Kept").await, add_list(&world, "Gone").await);
    let (items, link) = round(&world, &link).await;
    assert_eq!(items.iter().map(id).collect::<Vec<_>>(), [id(&kept), id(&gone)]);
    change(&world, &format!("/me/todo/lists/{}", escaped(id(&kept))), json!({ "displayName": "Named" })).await;
    remove(&world, &format!("/me/todo/lists/{}", escaped(id(&gone)))).await;
    add_task(&world, &default_tasks(&world).await, json!({ "title": "No change of a list" })).await;
    let (items, link) = round(&world, &link).await;
    assert_eq!(items.len(), 2);
    assert_eq!(items[0]["displayName"], "Named");
    assert_eq!(items[1], json!({ "id": id(&gone), "@removed": { "reason": "deleted" } }));
    assert!(round(&world, &link).await.0.is_empty());
    for form in ["delta()", "microsoft.graph.delta()", "microsoft.graph.delta", "Delta"] {
        assert_eq!(world.get(&format!("/me/todo/lists/{form}")).await.items().len(), 3, "{form}");
    }
}

#[tokio::test]
async fn a_round_about_tasks_has_them_all_then_only_changes() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let mut created = Vec::new();
    for number in 0..5 {
        created.push(add_task(&world, &tasks, json!({ "title": format!("{number}") })).await);
    }
    let other = tasks_of(&add_list(&world, "Other").await);
    add_task(&world, &other, json!({ "title": "Elsewhere" })).await;
    let start = format!("{tasks}/delta");
    let (items, link) = round(&world, &start).await;
    assert_eq!(items.iter().map(id).collect::<Vec<_>>(), created.iter().map(id).collect::<Vec<_>>());
    assert!(items[0].get("linkedResources").is_none() && items[0].get("body").is_some());
    change(&world, &path_of(&tasks, &created[0]), json!({ "title": "New" })).await;
    remove(&world, &path_of(&tasks, &created[1])).await;
    let (items, link) = round(&world, &link).await;
    assert_eq!((items.len(), &items[0]["title"]), (2, &json!("New")));
    assert_eq!(items[1], json!({ "id": id(&created[1]), "@removed": { "reason": "deleted" } }));
    assert!(round(&world, &link).await.0.is_empty());
    for form in ["delta()", "microsoft.graph.delta()", "microsoft.graph.delta"] {
        assert_eq!(world.get(&start.replace("delta", form)).await.items().len(), 4, "{form}");
    }
    let page = world.get(&start).await;
    assert!(page.header("preference-applied").contains("odata.track-changes"));
    assert_eq!(world.get(&format!("{start}?$filter=x")).await.status, 501);
}

#[tokio::test]
async fn what_was_expanded_at_first_is_expanded_to_the_end() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let draft = |title: &str| json!({ "title": title, "linkedResources": [{ "externalId": title }] });
    for number in 0..3 {
        add_task(&world, &tasks, draft(&format!("{number}"))).await;
    }
    let (items, link) = round(&world, &format!("{tasks}/delta?$expand=linkedResources")).await;
    add_task(&world, &tasks, draft("3")).await;
    let (more, link) = round(&world, &link).await;
    for task in items.iter().chain(&more) {
        assert_eq!(task["linkedResources"][0]["externalId"], task["title"]);
    }
    expire(&world).await;
    let gone = world.get(&link).await;
    assert_eq!((gone.status, gone.code()), (410, "SyncStateNotFound"));
    let again = world.get(gone.header("location")).await;
    assert_eq!((again.items().len(), &again.items()[3]["linkedResources"][0]["externalId"]), (4, &json!("3")));
}

#[tokio::test]
async fn evicted_tokens_of_to_do_are_gone_and_lead_to_new_rounds() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    for number in 0..3 {
        add_task(&world, &tasks, json!({ "title": format!("{number}") })).await;
    }
    let small = [("prefer", "odata.maxpagesize=1")];
    for (start, count) in [("/me/todo/lists/delta".to_owned(), 2), (format!("{tasks}/delta"), 3)] {
        let (_, link) = round(&world, &start).await;
        let page = world.get_with(&start, &small).await;
        let next = page.body["@odata.nextLink"].as_str().unwrap().to_owned();
        assert_eq!(page.items().len(), 1);
        expire(&world).await;
        for path in [link, next] {
            let gone = world.get(&path).await;
            assert_eq!((gone.status, gone.code()), (410, "SyncStateNotFound"));
            assert_eq!(world.get(gone.header("location")).await.items().len(), count, "{start}");
        }
    }
}

#[tokio::test]
async fn a_token_belongs_to_its_collection() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let other = tasks_of(&add_list(&world, "Other").await);
    let (_, link) = round(&world, &format!("{tasks}/delta")).await;
    let token = link.split_once('?').unwrap().1;
    for path in [format!("{other}/delta"), "/me/todo/lists/delta".to_owned(), "/me/events/delta".to_owned()] {
        assert_eq!(world.get(&format!("{path}?{token}")).await.status, 410, "{path}");
    }
}

#[tokio::test]
async fn empty_pages_replays_and_a_lag_lose_no_task() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    for number in 0..20 {
        add_task(&world, &tasks, json!({ "title": format!("{number}") })).await;
    }
    world.behaviour(json!({ "emptyPages": true, "replay": true })).await;
    let (items, link) = round(&world, &format!("{tasks}/delta")).await;
    let mut ids: Vec<&str> = items.iter().map(id).collect();
    assert!(ids.len() > 20);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 20);
    world.behaviour(json!({ "emptyPages": false, "replay": false, "deltaLagSeconds": 60 })).await;
    remove(&world, &format!("{tasks}/{}", escaped(ids[0]))).await;
    let (nothing, link) = round(&world, &link).await;
    assert!(nothing.is_empty());
    world.advance(61);
    assert_eq!(removed(&round(&world, &link).await.0), [ids[0]]);
}

#[tokio::test]
async fn a_move_to_another_list_gives_a_new_id_and_leaves_a_tombstone() {
    let world = World::new();
    let (tasks, list) = (default_tasks(&world).await, add_list(&world, "Other").await);
    let other = tasks_of(&list);
    let draft = json!({
        "title": "Talk",
        "dueDateTime": { "dateTime": "2026-03-10T00:00:00", "timeZone": "W. Europe Standard Time" },
        "linkedResources": [{ "externalId": "42" }],
    });
    let task = add_task(&world, &tasks, draft).await;
    world.post(&format!("{}/checklistItems", path_of(&tasks, &task)), json!({ "displayName": "Slides" })).await;
    let expand = "$expand=linkedResources,checklistItems";
    let before = world.get(&format!("{tasks}?{expand}")).await.items()[0].clone();
    let (_, here) = round(&world, &format!("{tasks}/delta")).await;
    let (_, there) = round(&world, &format!("{other}/delta?{expand}")).await;
    let request = json!({ "userPrincipalName": ALICE, "taskId": id(&task), "listId": id(&list) });
    let moved = world.control("POST", "moveTask", Some(request.clone())).await;
    assert_eq!(moved.status, 200, "{}", moved.text);
    let new = moved.body["taskId"].as_str().unwrap();
    assert_ne!(new, id(&task));
    let left = round(&world, &here).await.0;
    assert_eq!(left, [json!({ "id": id(&task), "@removed": { "reason": "deleted" } })]);
    let mut arrived = round(&world, &there).await.0.remove(0);
    assert_eq!(arrived["id"], new);
    for name in ["id", "@odata.etag", "lastModifiedDateTime"] {
        arrived[name] = before[name].clone();
    }
    assert_eq!(arrived, before);
    assert_eq!(world.get(&path_of(&tasks, &task)).await.status, 404);
    // The old id is no longer one, and neither is another mailbox's task.
    assert_eq!(world.control("POST", "moveTask", Some(request)).await.status, 404);
    for (user, list) in [(BOB, id(&list)), (ALICE, "nothing")] {
        let wrong = json!({ "userPrincipalName": user, "taskId": new, "listId": list });
        assert_eq!(world.control("POST", "moveTask", Some(wrong)).await.code(), "notFound");
    }
    let nowhere = json!({ "userPrincipalName": ALICE, "taskId": new, "listId": id(&list) });
    assert_eq!(world.control("POST", "moveTask", Some(nowhere)).await.body["taskId"], new);
}

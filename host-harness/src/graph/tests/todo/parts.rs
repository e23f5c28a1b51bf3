//! What belongs to a task: checklist items and linked resources.

use super::*;

fn link(external: &str) -> Value {
    json!({
        "applicationName": "CRM",
        "displayName": "Wingtip",
        "externalId": external,
        "webUrl": format!("https://crm.example/task/{external}"),
    })
}

#[tokio::test]
async fn linked_resources_come_with_a_create() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let draft = json!({ "title": "Talk", "linkedResources": [link("1"), link("2")] });
    let task = add_task(&world, &tasks, draft).await;
    for (written, external) in task["linkedResources"].as_array().unwrap().iter().zip(["1", "2"]) {
        let mut expected = link(external);
        expected["id"] = written["id"].clone();
        assert_eq!(*written, expected);
        assert_eq!(id(written).len(), 36);
    }
    let path = path_of(&tasks, &task);
    assert!(world.get(&path).await.body.get("linkedResources").is_none());
    let listed = world.get(&format!("{path}/linkedResources")).await;
    assert_eq!(listed.body["value"], task["linkedResources"]);
}

#[tokio::test]
async fn a_linked_resource_is_created_read_changed_and_deleted() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let task = add_task(&world, &tasks, json!({ "title": "Talk" })).await;
    let all = format!("{}/linkedResources", path_of(&tasks, &task));
    let made = world.post(&all, link("1")).await;
    assert_eq!((made.status, &made.body["externalId"]), (201, &json!("1")));
    let one = format!("{all}/{}", id(&made.body));
    let changed = change(&world, &one, json!({ "externalId": "2", "displayName": null })).await.body;
    assert_eq!((&changed["externalId"], changed.get("displayName")), (&json!("2"), None));
    assert_eq!(world.get(&one).await.body, changed);
    for wrong in [json!({ "url": "x" }), json!({ "webUrl": 1 }), json!({ "id": "x" })] {
        assert_eq!(world.post(&all, wrong.clone()).await.status, 400, "{wrong}");
    }
    assert_eq!(remove(&world, &one).await.status, 204);
    assert_eq!(world.get(&one).await.code(), "ErrorItemNotFound");
    assert!(world.get(&all).await.items().is_empty());
}

#[tokio::test]
async fn a_checklist_item_knows_when_it_was_checked() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let task = add_task(&world, &tasks, json!({ "title": "Talk" })).await;
    let all = format!("{}/checklistItems", path_of(&tasks, &task));
    let made = world.post(&all, json!({ "displayName": "Slides" })).await;
    assert_eq!((made.status, &made.body["isChecked"]), (201, &json!(false)));
    assert_eq!(made.body["createdDateTime"], "2026-03-02T12:00:00.0000000Z");
    assert!(made.body.get("checkedDateTime").is_none());
    let one = format!("{all}('{}')", id(&made.body));
    world.advance(60);
    let checked = change(&world, &one, json!({ "isChecked": true })).await.body;
    assert_eq!(checked["checkedDateTime"], "2026-03-02T12:01:00.0000000Z");
    let open = change(&world, &one, json!({ "isChecked": false, "displayName": "Handout" })).await.body;
    assert_eq!((open.get("checkedDateTime"), &open["displayName"]), (None, &json!("Handout")));
    for wrong in [json!({}), json!({ "displayName": "x", "isChecked": 1 }), json!({ "title": "x" })] {
        assert_eq!(world.post(&all, wrong.clone()).await.status, 400, "{wrong}");
    }
    assert_eq!(world.get(&all).await.items().len(), 1);
    assert_eq!(remove(&world, &one).await.status, 204);
    assert_eq!(remove(&world, &one).await.status, 404);
}

#[tokio::test]
async fn both_are_expanded_where_it_is_asked() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let task = add_task(&world, &tasks, json!({ "title": "Talk", "linkedResources": [link("1")] })).await;
    let path = path_of(&tasks, &task);
    world.post(&format!("{path}/checklistItems"), json!({ "displayName": "Slides" })).await;
    for start in [tasks.clone(), path.clone(), format!("{tasks}/delta")] {
        for (expand, links, items) in [
            ("linkedResources", true, false),
            ("checklistItems", false, true),
            ("linkedResources,checklistItems", true, true),
        ] {
            let answer = world.get(&format!("{start}?$expand={expand}")).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            let shown = answer.items().first().unwrap_or(&answer.body);
            assert_eq!(shown["linkedResources"][0]["externalId"] == "1", links, "{start} {expand}");
            assert_eq!(shown["checklistItems"][0]["displayName"] == "Slides", items, "{start} {expand}");
        }
        assert_eq!(world.get(&format!("{start}?$expand=attachments")).await.status, 501);
    }
}

#[tokio::test]
async fn a_change_of_what_belongs_to_a_task_is_a_change_of_the_task() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let task = add_task(&world, &tasks, json!({ "title": "Talk" })).await;
    let delta = world.get(&format!("{tasks}/delta?$expand=linkedResources")).await;
    let delta = delta.body["@odata.deltaLink"].as_str().unwrap();
    world.post(&format!("{}/linkedResources", path_of(&tasks, &task)), link("1")).await;
    let changes = world.get(delta).await;
    assert_eq!(changes.items().len(), 1);
    assert_eq!(changes.items()[0]["linkedResources"][0]["externalId"], "1");
    assert_ne!(changes.items()[0]["@odata.etag"], task["@odata.etag"]);
}

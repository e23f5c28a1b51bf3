//! Open extensions of tasks and of task lists
//! (api/opentypeextension-post-opentypeextension, -get, -update, -delete).

use super::*;

const NAME: &str = "Com.Contoso.Link";

fn link(value: &str) -> Value {
    json!({ "@odata.type": "microsoft.graph.openTypeExtension", "extensionName": NAME, "link": value })
}

/// A task and a list, by their paths.
async fn owners(world: &World) -> [String; 2] {
    let list = add_list(world, "House").await;
    let task = add_task(world, &tasks_of(&list), json!({ "title": "Talk" })).await;
    [path_of(&tasks_of(&list), &task), format!("/me/todo/lists/{}", escaped(id(&list)))]
}

#[tokio::test]
async fn an_extension_is_created_read_listed_changed_and_deleted() {
    let world = World::new();
    for owner in owners(&world).await {
        let before = world.get(&owner).await.body;
        let path = format!("{owner}/extensions");
        let made = world.post(&path, link("1")).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let context = made.body["@odata.context"].as_str().unwrap();
        assert!(context.ends_with("/extensions/$entity") && context.contains("/todo/lists('"), "{context}");
        let full = format!("microsoft.graph.openTypeExtension.{NAME}");
        assert_eq!(made.body["id"], full);
        for one in [format!("{path}/{NAME}"), format!("{path}('{NAME}')"), format!("{path}/{full}")] {
            assert_eq!(world.get(&one).await.body["link"], "1", "{one}");
        }
        assert_eq!(world.get(&path).await.items().len(), 1);
        assert_eq!(world.get(&format!("{path}/$count")).await.text, "1");
        assert_eq!(world.post(&path, link("2")).await.status, 409);
        let one = format!("{path}/{NAME}");
        let changed = change(&world, &one, json!({ "other": [1, 2], "link": null })).await.body;
        assert_eq!((changed.get("link"), &changed["other"]), (None, &json!([1, 2])));
        assert_eq!(world.get(&owner).await.body, before, "neither the etag nor anything else has changed");
        assert_eq!(remove(&world, &one).await.status, 204);
        assert_eq!(world.get(&one).await.code(), "ErrorItemNotFound");
        assert_eq!(remove(&world, &one).await.status, 404);
        assert_eq!(change(&world, &one, json!({ "link": "1" })).await.status, 404);
    }
}

#[tokio::test]
async fn extensions_come_with_a_create_and_with_an_expand() {
    let world = World::new();
    let list = world.post("/me/todo/lists", json!({ "displayName": "House", "extensions": [link("1")] })).await.body;
    assert_eq!(list["extensions"][0]["link"], "1");
    let tasks = tasks_of(&list);
    let task = add_task(&world, &tasks, json!({ "title": "Talk", "extensions": [link("1")] })).await;
    assert_eq!(task["extensions"][0]["extensionName"], NAME);
    let other = escaped("extensions($filter=id eq 'Com.Other')");
    let this = escaped(&format!("extensions($filter=id eq '{NAME}')"));
    let lists = format!("/me/todo/lists?$filter={}&", escaped("displayName eq 'House'"));
    for start in [
        format!("/me/todo/lists/{}?", escaped(id(&list))),
        lists,
        format!("{}?", path_of(&tasks, &task)),
        format!("{tasks}?"),
    ] {
        let read = async |expand: &str| {
            let answer = world.get(&format!("{start}{expand}")).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            answer.items().first().unwrap_or(&answer.body).get("extensions").cloned()
        };
        assert_eq!(read("").await, None, "{start}");
        assert_eq!(read("$expand=extensions").await.unwrap()[0]["link"], "1", "{start}");
        assert_eq!(read(&format!("$expand={this}")).await.unwrap()[0]["link"], "1", "{start}");
        assert_eq!(read(&format!("$expand={other}")).await.unwrap(), json!([]), "{start}");
    }
    assert_eq!(world.get(&format!("{tasks}/delta?$expand=extensions")).await.status, 501);
}

#[tokio::test]
async fn an_extension_is_added_to_what_exists_by_a_request_of_its_own() {
    let world = World::new();
    for owner in owners(&world).await {
        for extensions in [json!([link("1")]), json!([])] {
            let body = json!({ "displayName": "House", "extensions": extensions });
            let body = if owner.contains("/tasks/") { json!({ "extensions": extensions }) } else { body };
            let refused = change(&world, &owner, body).await;
            assert_eq!(reason(&refused), (400, "invalidRequest", "ErrorPropertyValidationFailure"), "{owner}");
        }
        assert!(world.get(&format!("{owner}/extensions")).await.items().is_empty());
    }
}

#[tokio::test]
async fn what_is_no_extension_is_refused_in_the_words_of_to_do() {
    let world = World::new();
    for owner in owners(&world).await {
        let refused = world.post(&format!("{owner}/extensions"), json!({ "link": "1" })).await;
        assert_eq!(reason(&refused), (400, "invalidRequest", "ErrorInvalidRequest"));
        let path = format!("{owner}/extensions");
        let token = world.microsoft.issue_token(ALICE, &["Tasks.Read"]).unwrap();
        assert_eq!(world.graph_as(&token, "GET", &path, &[], None).await.status, 200);
        assert_eq!(world.graph_as(&token, "POST", &path, &[], Some(link("1"))).await.status, 403);
    }
}

/// They are data of whoever watches the task, and belong to the next one as
/// links do.
#[tokio::test]
async fn extensions_go_along_to_the_next_task_of_a_recurring_one() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let draft = json!({
        "title": "Water",
        "dueDateTime": { "dateTime": "2026-03-02T00:00:00", "timeZone": "UTC" },
        "recurrence": {
            "pattern": { "type": "daily", "interval": 1 },
            "range": { "type": "noEnd", "startDate": "2026-03-02" },
        },
        "extensions": [link("1")],
    });
    let task = add_task(&world, &tasks, draft).await;
    change(&world, &path_of(&tasks, &task), json!({ "status": "completed" })).await;
    let both = world.get(&format!("{tasks}?$expand=extensions")).await;
    let links: Vec<&Value> = both.items().iter().map(|task| &task["extensions"][0]["link"]).collect();
    assert_eq!(links, ["1", "1"]);
}

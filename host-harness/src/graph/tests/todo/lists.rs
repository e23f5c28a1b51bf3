//! Task lists.

use super::*;

#[tokio::test]
async fn every_mailbox_has_the_built_in_lists() {
    let world = World::new();
    let lists = world.get("/me/todo/lists").await;
    let shown: Vec<(&str, &str)> = lists
        .items()
        .iter()
        .map(|list| (list["displayName"].as_str().unwrap(), list["wellknownListName"].as_str().unwrap()))
        .collect();
    assert_eq!(shown, [("Tasks", "defaultList"), ("Flagged Emails", "flaggedEmails")]);
    let first = &lists.items()[0];
    assert_eq!((&first["isOwner"], &first["isShared"]), (&json!(true), &json!(false)));
    assert!(first["@odata.etag"].as_str().unwrap().starts_with("W/\""));
    for path in [format!("/users/{ALICE}/todo/lists"), format!("/me/todo/lists('{}')", escaped(id(first)))] {
        assert_eq!(world.get(&path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn built_in_lists_are_neither_renamed_nor_deleted() {
    let world = World::new();
    for role in ["defaultList", "flaggedEmails"] {
        let list = built_in(&world, role).await;
        let path = format!("/me/todo/lists/{}", escaped(id(&list)));
        let refused = change(&world, &path, json!({ "displayName": "Mine" })).await;
        assert_eq!(reason(&refused), (400, "invalidRequest", "ErrorInvalidRequest"));
        let refused = remove(&world, &path).await;
        assert_eq!(reason(&refused), (400, "invalidRequest", "ErrorInvalidRequest"));
        assert_eq!(built_in(&world, role).await, list);
    }
}

#[tokio::test]
async fn lists_are_created_found_renamed_and_deleted_with_their_tasks() {
    let world = World::new();
    let list = add_list(&world, "O'Neill").await;
    assert_eq!(list["wellknownListName"], "none");
    let found = world.get(&format!("/me/todo/lists?$filter={}", escaped("displayName eq 'o''neill'"))).await;
    assert_eq!(found.items().iter().map(id).collect::<Vec<_>>(), [id(&list)]);
    let path = format!("/me/todo/lists/{}", escaped(id(&list)));
    let renamed = change(&world, &path, json!({ "displayName": "Work" })).await.body;
    assert_eq!((&renamed["displayName"], &renamed["id"]), (&json!("Work"), &list["id"]));
    assert_ne!(renamed["@odata.etag"], list["@odata.etag"]);
    let tasks = tasks_of(&list);
    let delta = world.get(&format!("{tasks}/delta")).await.body["@odata.deltaLink"].as_str().unwrap().to_owned();
    add_task(&world, &tasks, json!({ "title": "Lost" })).await;
    assert_eq!(remove(&world, &path).await.status, 204);
    for path in [path, tasks, delta] {
        let gone = world.get(&path).await;
        assert_eq!((gone.status, gone.code()), (404, "ErrorItemNotFound"), "{path}");
    }
    assert_eq!(world.get("/me/todo/lists").await.items().len(), 2);
}

#[tokio::test]
async fn what_is_wrong_with_a_list_is_refused() {
    let world = World::new();
    let cases = [
        (json!({ "displayName": "" }), "ErrorPropertyValidationFailure"),
        (json!({ "displayName": 1 }), "UnableToDeserializePostBody"),
        (json!({}), "ErrorPropertyValidationFailure"),
        (json!({ "displayName": "x", "isOwner": true }), "ErrorPropertyValidationFailure"),
        (json!({ "displayName": "x", "name": "x" }), "RequestBodyRead"),
        (json!([]), "BadRequest"),
    ];
    for (body, code) in cases {
        let refused = world.post("/me/todo/lists", body.clone()).await;
        assert_eq!(reason(&refused), (400, "invalidRequest", code), "{body}");
    }
    assert_eq!(world.get(&format!("/me/todo/lists?$filter={}", escaped("isOwner eq true"))).await.status, 501);
    assert_eq!(world.get("/me/todo/lists/nothing").await.code(), "ErrorItemNotFound");
    assert_eq!(world.get("/me/todo/lists").await.items().len(), 2);
}

#[tokio::test]
async fn lists_are_paged() {
    let world = World::new();
    for number in 0..10 {
        add_list(&world, &format!("List {number}")).await;
    }
    let first = world.get("/me/todo/lists?$count=true").await;
    assert_eq!((first.items().len(), &first.body["@odata.count"]), (10, &json!(12)));
    let second = world.get(first.body["@odata.nextLink"].as_str().unwrap()).await;
    assert_eq!((second.items().len(), second.body.get("@odata.nextLink")), (2, None));
    assert_eq!(world.get("/me/todo/lists?$top=12").await.items().len(), 12);
}

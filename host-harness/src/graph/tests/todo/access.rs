//! Who may use To Do, where there is none, and how requests are counted.

use super::*;

#[tokio::test]
async fn the_permissions_of_a_token_decide() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let cases = [
        (vec!["Calendars.ReadWrite"], 403, 403),
        (vec!["Tasks.Read"], 200, 403),
        (vec!["Tasks.Read.Shared"], 200, 403),
        (vec!["Tasks.ReadWrite"], 200, 201),
        (vec!["Tasks.ReadWrite.Shared"], 200, 201),
    ];
    for (scopes, read, write) in cases {
        let token = world.microsoft.issue_token(ALICE, &scopes).unwrap();
        for path in ["/me/todo/lists", "/me/todo/lists/delta", &tasks, &format!("{tasks}/delta")] {
            let answer = world.graph_as(&token, "GET", path, &[], None).await;
            assert_eq!(answer.status, read, "{scopes:?} {path}");
            assert_eq!(answer.code() == "ErrorAccessDenied", read == 403);
        }
        let written = world.graph_as(&token, "POST", &tasks, &[], Some(json!({ "title": "Talk" }))).await;
        assert_eq!(written.status, write, "{scopes:?}");
    }
    let others = world.get(&format!("/users/{BOB}/todo/lists")).await;
    assert_eq!((others.status, others.code()), (403, "ErrorAccessDenied"));
}

#[tokio::test]
async fn an_application_reaches_every_mailbox_with_its_own_permission() {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let cases = [
        ("Tasks.Read.All", 200, 403),
        ("Tasks.ReadWrite.All", 200, 201),
        // What a user can grant is no role: there is none in the token.
        ("Tasks.ReadWrite", 401, 401),
        ("Calendars.ReadWrite", 403, 403),
    ];
    for (permission, read, write) in cases {
        let world = World::new();
        world.microsoft.register_app(NewApp { permissions: vec![permission.to_owned()], ..app() }).unwrap();
        let granted = world.form("/contoso.example/oauth2/v2.0/token", &fields).await;
        let token = granted.body["access_token"].as_str().unwrap();
        for user in [ALICE, BOB] {
            let path = format!("/users/{user}/todo/lists");
            let lists = world.graph_as(token, "GET", &path, &[], None).await;
            assert_eq!(lists.status, read, "{permission}");
            let body = Some(json!({ "displayName": "List" }));
            assert_eq!(world.graph_as(token, "POST", &path, &[], body).await.status, write, "{permission}");
        }
    }
    let world = World::new();
    let token = world.microsoft.issue_token(ALICE, &["Tasks.ReadWrite.All"]).unwrap();
    assert_eq!(world.graph_as(&token, "GET", "/me/todo/lists", &[], None).await.status, 403);
}

#[tokio::test]
async fn the_chinese_cloud_has_no_to_do() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    world.behaviour(json!({ "cloud": "china" })).await;
    for path in ["/me/todo/lists", "/me/todo/lists/delta", &tasks] {
        let refused = world.get(path).await;
        assert_eq!((refused.status, refused.code()), (400, "BadRequest"), "{path}");
        assert_eq!(refused.body["error"]["message"], "Resource not found for the segment 'todo'.");
    }
    assert_eq!(world.get("/me/events").await.status, 200);
    world.behaviour(json!({ "cloud": "usgov" })).await;
    assert_eq!(world.get(&tasks).await.status, 200);
}

#[tokio::test]
async fn etags_of_tasks_are_looked_at_only_when_told_so() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let task = add_task(&world, &tasks, json!({ "title": "Talk" })).await;
    let path = path_of(&tasks, &task);
    let old = [("if-match", task["@odata.etag"].as_str().unwrap())];
    let write = async |headers: &[(&str, &str)], title: &str| {
        world.graph_as(&world.token, "PATCH", &path, headers, Some(json!({ "title": title }))).await
    };
    assert_eq!(write(&old, "First").await.status, 200);
    assert_eq!(write(&old, "Second").await.status, 200);
    world.behaviour(json!({ "todoIfMatch": true })).await;
    let stale = write(&old, "Third").await;
    assert_eq!((stale.status, stale.code()), (412, "ErrorIrresolvableConflict"));
    assert_eq!(world.graph_as(&world.token, "DELETE", &path, &old, None).await.status, 412);
    assert_eq!(titles(&world, &tasks).await, ["Second"]);
    let current = world.get(&path).await.header("etag").to_owned();
    assert_eq!(write(&[("if-match", &current)], "Third").await.status, 200);
    assert_eq!(write(&[("if-match", "*")], "Fourth").await.status, 200);
    assert_eq!(write(&[], "Fifth").await.status, 200);
}

#[tokio::test]
async fn parts_of_a_batch_work_and_are_counted() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    world.microsoft.clear_requests();
    let create = |number: u32| {
        json!({
            "id": number.to_string(),
            "method": "POST",
            "url": tasks,
            "headers": { "Content-Type": "application/json" },
            "body": { "title": "Talk", "linkedResources": [{ "externalId": number.to_string() }] },
        })
    };
    let parts: Vec<Value> = (0..20).map(create).collect();
    let fault = json!([{ "match": { "path": "/todo/" }, "skip": 19, "do": "throttle", "retryAfterSeconds": 2 }]);
    world.control("POST", "faults", Some(fault)).await;
    let answer = world.post("/$batch", json!({ "requests": parts })).await;
    let mut statuses: Vec<u64> =
        answer.body["responses"].as_array().unwrap().iter().map(|part| part["status"].as_u64().unwrap()).collect();
    statuses.sort_unstable();
    assert_eq!((statuses[0], statuses[18], statuses[19]), (201, 201, 429));
    world.get(&format!("{tasks}/delta")).await;
    let totals = world.microsoft.requests()["totals"].clone();
    assert_eq!(totals, json!({ "batch": { "POST": 1 }, "todo": { "GET": 1, "POST": 20 } }));
}

#[tokio::test]
async fn to_do_claims_no_preference_that_it_does_not_have() {
    let world = World::new();
    world.behaviour(json!({ "requireImmutableId": true })).await;
    let prefer = "IdType=\"ImmutableId\", outlook.body-content-type=\"text\", outlook.timezone=\"UTC\"";
    let tasks = default_tasks(&world).await;
    let task = add_task(&world, &tasks, json!({ "body": { "contentType": "html", "content": "x" } })).await;
    let read = world.get_with(&path_of(&tasks, &task), &[("prefer", prefer)]).await;
    assert_eq!(read.header("preference-applied"), "outlook.timezone=\"UTC\"");
    assert_eq!((&read.body["id"], &read.body["body"]), (&task["id"], &task["body"]));
    let unknown = world.get_with(&tasks, &[("prefer", "outlook.timezone=\"Moon\"")]).await;
    assert_eq!((unknown.status, unknown.code()), (400, "TimeZoneNotSupportedException"));
}

#[tokio::test]
async fn what_to_do_has_and_the_emulator_has_not_is_named() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let path = path_of(&tasks, &add_task(&world, &tasks, json!({ "title": "Talk" })).await);
    for path in ["/me/todo", &format!("{path}/title")] {
        let answer = world.get(path).await;
        assert_eq!((answer.status, answer.code()), (501, "NotImplemented"), "{path}");
    }
    assert_eq!(world.get(&format!("{path}?$orderby=title")).await.status, 501);
}

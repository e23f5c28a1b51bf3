//! Tasks: what they hold, how they are found, and what is refused.

use super::*;

#[tokio::test]
async fn a_task_without_anything_has_what_every_task_has() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let answer = world.post(&tasks, json!({})).await;
    assert_eq!(answer.status, 201);
    let mut names: Vec<&str> = answer.body.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    let expected = [
        "@odata.context",
        "@odata.etag",
        "body",
        "bodyLastModifiedDateTime",
        "categories",
        "createdDateTime",
        "hasAttachments",
        "id",
        "importance",
        "isReminderOn",
        "lastModifiedDateTime",
        "status",
        "title",
    ];
    assert_eq!(names, expected);
    assert_eq!(answer.body["body"], json!({ "content": "", "contentType": "text" }));
    assert_eq!((&answer.body["status"], &answer.body["importance"]), (&json!("notStarted"), &json!("normal")));
    assert_eq!(answer.header("etag"), answer.body["@odata.etag"]);
    let read = world.get(answer.header("location")).await;
    assert_eq!(read.body, answer.body);
}

#[tokio::test]
async fn what_is_written_is_read_changed_and_deleted() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let draft = json!({
        "title": "Call Wingtip",
        "body": { "contentType": "html", "content": "<b>gate B</b>" },
        "importance": "high",
        "status": "waitingOnOthers",
        "categories": ["Red", "Work"],
        "isReminderOn": true,
    });
    let created = add_task(&world, &tasks, draft.clone()).await;
    for name in ["title", "importance", "status", "categories", "isReminderOn"] {
        assert_eq!(created[name], draft[name], "{name}");
    }
    let html = created["body"]["content"].as_str().unwrap();
    assert!(html.starts_with("<html>") && html.contains("<b>gate B</b>"), "{html}");
    world.advance(60);
    let path = path_of(&tasks, &created);
    let changed = change(&world, &path, json!({ "title": "Call Fabrikam", "status": "deferred" })).await.body;
    assert_eq!((&changed["title"], &changed["status"]), (&json!("Call Fabrikam"), &json!("deferred")));
    assert_eq!((&changed["importance"], &changed["id"]), (&created["importance"], &created["id"]));
    assert_eq!(changed["bodyLastModifiedDateTime"], created["bodyLastModifiedDateTime"]);
    assert_ne!(changed["lastModifiedDateTime"], created["lastModifiedDateTime"]);
    assert_ne!(changed["@odata.etag"], created["@odata.etag"]);
    let text = json!({ "body": { "contentType": "text", "content": "gate C" }, "title": null });
    let changed = change(&world, &path, text).await.body;
    assert_eq!(changed["body"], json!({ "contentType": "text", "content": "gate C" }));
    assert_eq!(changed["title"], "");
    assert_ne!(changed["bodyLastModifiedDateTime"], created["bodyLastModifiedDateTime"]);
    assert_eq!(remove(&world, &path).await.status, 204);
    assert_eq!(world.get(&path).await.code(), "ErrorItemNotFound");
    assert_eq!(remove(&world, &path).await.status, 404);
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_in_the_words_of_to_do() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let task = add_task(&world, &tasks, json!({ "title": "Talk" })).await;
    let (invalid, unreadable) = ("ErrorPropertyValidationFailure", "UnableToDeserializePostBody");
    let cases = [
        (json!({ "subject": "Talk" }), "RequestBodyRead"),
        (json!({ "title": 1 }), unreadable),
        (json!({ "importance": "urgent" }), "RequestBodyRead"),
        (json!({ "importance": null }), "RequestBodyRead"),
        (json!({ "status": "done" }), "RequestBodyRead"),
        (json!({ "status": null }), "RequestBodyRead"),
        (json!({ "isReminderOn": "yes" }), unreadable),
        (json!({ "categories": "Red" }), unreadable),
        (json!({ "body": "text" }), unreadable),
        (json!({ "body": { "content": "x", "contentType": "rtf" } }), "RequestBodyRead"),
        (json!({ "body": { "text": "x" } }), "RequestBodyRead"),
        (json!({ "dueDateTime": "2026-03-10" }), unreadable),
        (json!({ "dueDateTime": { "dateTime": "soon", "timeZone": "UTC" } }), invalid),
        (json!({ "dueDateTime": { "dateTime": "2026-03-10T00:00:00" } }), "TimeZoneNotSupportedException"),
        (json!({ "recurrence": { "pattern": { "type": "daily", "interval": 1 } } }), invalid),
        (json!({ "id": "x" }), invalid),
        (json!({ "createdDateTime": "2026-03-10T00:00:00Z" }), invalid),
        (json!({ "lastModifiedDateTime": "2026-03-10T00:00:00Z" }), invalid),
        (json!({ "hasAttachments": true }), invalid),
        (json!({ "linkedResources": [{ "url": "x" }] }), "RequestBodyRead"),
        (json!([]), "BadRequest"),
    ];
    for (body, code) in cases {
        let refused = world.post(&tasks, body.clone()).await;
        assert_eq!(reason(&refused), (400, "invalidRequest", code), "{body}");
        assert!(refused.body["error"]["innerError"]["message"].is_string(), "{body}");
        assert_eq!(change(&world, &path_of(&tasks, &task), body.clone()).await.status, 400, "{body}");
    }
    let along = change(&world, &path_of(&tasks, &task), json!({ "linkedResources": [] })).await;
    assert_eq!(along.status, 400);
    assert_eq!(world.post(&tasks, json!({ "attachments": [] })).await.status, 501);
    assert_eq!(world.get(&tasks).await.items().len(), 1, "what was refused left something behind");
    let mut read = world.get(&path_of(&tasks, &task)).await.body;
    read["@odata.context"] = task["@odata.context"].clone();
    assert_eq!(read, task);
}

#[tokio::test]
async fn a_task_is_found_in_its_list_alone() {
    let world = World::new();
    let other = tasks_of(&add_list(&world, "Other").await);
    let tasks = default_tasks(&world).await;
    let task = add_task(&world, &tasks, json!({ "title": "Talk" })).await;
    let event = world.create(event("Talk", 10, 9)).await;
    let bob = world.microsoft.issue_token(BOB, &["Tasks.ReadWrite"]).unwrap();
    for path in [path_of(&other, &task), path_of(&tasks, &event), format!("{tasks}/nothing")] {
        for method in ["GET", "DELETE"] {
            let missing = world.graph_as(&world.token, method, &path, &[], None).await;
            assert_eq!((missing.status, missing.code()), (404, "ErrorItemNotFound"), "{method} {path}");
        }
    }
    assert_eq!(world.graph_as(&bob, "GET", &path_of(&tasks, &task), &[], None).await.status, 404);
}

#[tokio::test]
async fn any_select_on_tasks_is_refused() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let task = path_of(&tasks, &add_task(&world, &tasks, json!({ "title": "Talk" })).await);
    for path in [&tasks, &task, &format!("{tasks}/delta")] {
        for select in ["id", "title", "id,title,status"] {
            let refused = world.get(&format!("{path}?$select={select}")).await;
            assert_eq!(reason(&refused), (400, "invalidRequest", "RequestBroker--ParseUri"), "{path} {select}");
        }
    }
    assert_eq!(change(&world, &format!("{task}?$select=id"), json!({ "title": "New" })).await.status, 400);
    assert_eq!(titles(&world, &tasks).await, ["Talk"]);
}

#[tokio::test]
async fn tasks_are_filtered_by_status_and_paged() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    for number in 0..12 {
        let status = if number % 3 == 0 { "completed" } else { "inProgress" };
        add_task(&world, &tasks, json!({ "title": format!("{number}"), "status": status })).await;
    }
    let filtered = |filter: &str| format!("{tasks}?$top=100&$filter={}", escaped(filter));
    assert_eq!(titles(&world, &filtered("status eq 'completed'")).await, ["0", "3", "6", "9"]);
    assert_eq!(titles(&world, &filtered("status ne 'completed'")).await.len(), 8);
    let unknown = world.get(&filtered("status eq 'done'")).await;
    assert_eq!(reason(&unknown), (400, "invalidRequest", "RequestBroker--ParseUri"));
    assert_eq!(
        titles(&world, &filtered("status eq 'completed' and not (title eq '0' or title eq '3')")).await,
        ["6", "9"]
    );
    assert_eq!(
        titles(&world, &filtered("contains(title,'1') and createdDateTime le 2026-03-02T12:00:00Z")).await,
        ["1", "10", "11"]
    );
    for (refused, status) in [("body/content eq 'x'", 501), ("categories/any(a:a eq 'x')", 501), ("shade eq 'x'", 400)]
    {
        assert_eq!(world.get(&filtered(refused)).await.status, status, "{refused}");
    }
    assert_eq!(titles(&world, &format!("{tasks}?$orderby=title%20desc&$top=2")).await, ["9", "8"]);
    assert_eq!(world.get(&format!("{tasks}/$count?$filter={}", escaped("status eq 'completed'"))).await.text, "4");
    assert_eq!(world.get("/me/todo/lists/$count").await.text, "2");
    assert_eq!(world.graph_as(&world.token, "PUT", &tasks, &[], Some(json!({}))).await.status, 405);
    let mut seen = Vec::new();
    let mut next = Some(format!("{tasks}?$filter={}", escaped("status ne 'completed'")));
    while let Some(path) = next {
        let page = world.get_with(&path, &[("prefer", "odata.maxpagesize=3")]).await;
        assert!(page.items().len() <= 3);
        seen.extend(page.items().iter().map(|task| task["title"].as_str().unwrap().to_owned()));
        next = page.body["@odata.nextLink"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, ["1", "2", "4", "5", "7", "8", "10", "11"]);
    assert_eq!(world.get(&tasks).await.items().len(), 10);
}

//! Files attached to tasks.

use super::*;

/// A text of five bytes.
fn hello() -> Value {
    json!({
        "@odata.type": "#microsoft.graph.taskFileAttachment", "name": "hello.txt", "contentType": "text/plain",
        "contentBytes": "aGVsbG8=",
    })
}

/// A task with [`hello`] attached to it: the tasks, the task as it was before, and
/// the file.
async fn with_file(world: &World, task: Value) -> (String, Value, Value) {
    let tasks = default_tasks(world).await;
    let task = add_task(world, &tasks, task).await;
    assert_eq!(task["hasAttachments"], false);
    let made = world.post(&format!("{}/attachments", path_of(&tasks, &task)), hello()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    (tasks, task, made.body)
}

#[tokio::test]
async fn a_file_is_attached_listed_without_its_content_read_and_deleted() {
    let world = World::new();
    let (tasks, task, made) = with_file(&world, json!({ "title": "Talk" })).await;
    let path = path_of(&tasks, &task);
    let all = format!("{path}/attachments");
    let mut expected = hello();
    expected["id"] = made["id"].clone();
    expected["size"] = json!(5);
    expected["lastModifiedDateTime"] = json!("2026-03-02T12:00:00.0000000Z");
    let listed = world.get(&all).await;
    let mut without_content = expected.clone();
    without_content.as_object_mut().unwrap().remove("contentBytes");
    assert_eq!(listed.items(), [without_content]);
    let one = format!("{all}/{}", id(&made));
    let read = world.get(&one).await.body;
    expected["@odata.context"] = read["@odata.context"].clone();
    assert_eq!(read, expected);
    assert!(read["@odata.context"].as_str().unwrap().ends_with("/attachments/$entity"), "{read}");
    let content = world.get(&format!("{one}/$value")).await;
    assert_eq!((content.status, content.header("content-type"), &*content.text), (200, "text/plain", "hello"));
    assert_eq!(remove(&world, &one).await.status, 204);
    for gone in [one.clone(), format!("{one}/$value")] {
        assert_eq!(world.get(&gone).await.code(), "ErrorItemNotFound", "{gone}");
    }
    assert_eq!(remove(&world, &one).await.status, 404);
    assert!(world.get(&all).await.items().is_empty());
    assert_eq!(world.get(&path).await.body["hasAttachments"], false);
}

#[tokio::test]
async fn a_file_is_a_change_of_its_task() {
    let world = World::new();
    let tasks = default_tasks(&world).await;
    let round = world.get(&format!("{tasks}/delta")).await;
    let (tasks, task, made) = with_file(&world, json!({ "title": "Talk" })).await;
    let changes = world.get(round.body["@odata.deltaLink"].as_str().unwrap()).await;
    assert_eq!((changes.items().len(), &changes.items()[0]["hasAttachments"]), (1, &json!(true)));
    assert_ne!(changes.items()[0]["@odata.etag"], task["@odata.etag"]);
    remove(&world, &format!("{}/attachments/{}", path_of(&tasks, &task), id(&made))).await;
    let changes = world.get(changes.body["@odata.deltaLink"].as_str().unwrap()).await;
    assert_eq!((changes.items().len(), &changes.items()[0]["hasAttachments"]), (1, &json!(false)));
}

#[tokio::test]
async fn what_is_no_small_file_is_refused() {
    let world = World::new();
    let (tasks, task, _) = with_file(&world, json!({ "title": "Talk" })).await;
    let all = format!("{}/attachments", path_of(&tasks, &task));
    for (name, value, code) in [
        ("name", json!(null), "ErrorPropertyValidationFailure"),
        ("contentBytes", json!(null), "RequestBodyRead"),
        ("contentType", json!(1), "UnableToDeserializePostBody"),
        ("id", json!("1"), "ErrorPropertyValidationFailure"),
        ("lastModifiedDateTime", json!("2026-03-02T12:00:00Z"), "ErrorPropertyValidationFailure"),
        ("isInline", json!(false), "RequestBodyRead"),
        ("@odata.type", json!("#microsoft.graph.fileAttachment"), "UnableToDeserializePostBody"),
    ] {
        let mut wrong = hello();
        wrong[name] = value;
        let answer = world.post(&all, wrong).await;
        assert_eq!(reason(&answer), (400, "invalidRequest", code), "{name}");
    }
    let mut file = hello();
    // Four characters are three bytes.
    for (characters, status) in [(4_000_000, 413), (3_999_996, 201)] {
        file["contentBytes"] = json!("A".repeat(characters));
        assert_eq!(world.post(&all, file.clone()).await.status, status, "{characters}");
    }
    assert_eq!(change(&world, &all, hello()).await.status, 405);
    assert_eq!(world.get(&all).await.items().len(), 2);
}

#[tokio::test]
async fn a_file_in_a_batch_comes_in_base64() {
    let world = World::new();
    let (tasks, task, made) = with_file(&world, json!({ "title": "Talk" })).await;
    let url = format!("{}/attachments/{}/$value", path_of(&tasks, &task), id(&made));
    let answer = world.post("/$batch", json!({ "requests": [{ "id": "1", "method": "GET", "url": url }] })).await;
    let part = &answer.body["responses"][0];
    assert_eq!((&part["status"], &part["body"]), (&json!(200), &hello()["contentBytes"]));
    assert_eq!(part["headers"]["Content-Type"], "text/plain");
}

#[tokio::test]
async fn files_move_along_to_another_list() {
    let world = World::new();
    let (_, task, made) = with_file(&world, json!({ "title": "Talk" })).await;
    let other = add_list(&world, "Other").await;
    let request = json!({ "userPrincipalName": ALICE, "taskId": task["id"], "listId": other["id"] });
    world.control("POST", "moveTask", Some(request)).await;
    let moved = world.get(&tasks_of(&other)).await.items()[0].clone();
    assert_eq!(moved["hasAttachments"], true);
    let path = path_of(&tasks_of(&other), &moved);
    let read = world.get(&format!("{path}/attachments/{}", id(&made))).await;
    assert_eq!((read.status, &read.body["contentBytes"]), (200, &hello()["contentBytes"]));
}

#[tokio::test]
async fn files_stay_with_the_finished_one_of_a_recurring_task() {
    for (spawn, keeps_id) in [("newTask", true), ("sameIdMovesOn", false)] {
        let world = World::new();
        world.behaviour(json!({ "todoSpawn": spawn })).await;
        let range = json!({ "type": "noEnd", "startDate": "2026-03-23" });
        let weekly =
            json!({ "pattern": { "type": "weekly", "interval": 1, "daysOfWeek": ["monday"] }, "range": range });
        let due = json!({ "dateTime": "2026-03-23T00:00:00", "timeZone": "UTC" });
        let draft = json!({ "title": "Report", "dueDateTime": due, "recurrence": weekly });
        let (tasks, task, made) = with_file(&world, draft).await;
        change(&world, &path_of(&tasks, &task), json!({ "status": "completed" })).await;
        let after = world.get(&tasks).await;
        assert_eq!(after.items().len(), 2, "{spawn}");
        for seen in after.items() {
            let is_finished = seen["status"] == "completed";
            assert_eq!(seen["hasAttachments"], is_finished, "{spawn}: {seen}");
            assert_eq!(seen["id"] == task["id"], is_finished == keeps_id, "{spawn}: {seen}");
            let files = world.get(&format!("{}/attachments", path_of(&tasks, seen))).await;
            assert_eq!(files.items().len(), usize::from(is_finished), "{spawn}");
            if is_finished {
                assert_eq!(files.items()[0]["id"] == made["id"], keeps_id, "{spawn}");
            }
        }
    }
}

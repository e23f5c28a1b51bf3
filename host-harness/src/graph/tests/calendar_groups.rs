//! Groups of calendars, and the calendars in them.

use super::*;

async fn write(world: &World, method: &str, path: &str, body: Value) -> Answer {
    world.graph_as(&world.token, method, path, &[], Some(body)).await
}

fn names(answer: &Answer) -> Vec<&str> {
    answer.items().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_mailbox_begins_with_one_group_that_holds_its_calendars() {
    let world = World::new();
    let groups = world.get("/me/calendarGroups").await;
    assert_eq!(names(&groups), ["My Calendars"]);
    let group = &groups.items()[0];
    assert_eq!(group["classId"], "0006f0b7-0000-0000-c000-000000000046");
    assert!(group["changeKey"].is_string());
    let path = format!("/me/calendarGroups/{}", id(group));
    assert_eq!(world.get(&path).await.body["name"], "My Calendars");
    assert_eq!(names(&world.get(&format!("{path}/calendars")).await), ["Calendar"]);
    for method in ["DELETE", "PUT"] {
        let refused = world.graph_as(&world.token, method, &path, &[], None).await;
        let expected = if method == "DELETE" { 400 } else { 405 };
        assert_eq!(refused.status, expected, "{}", refused.text);
    }
}

#[tokio::test]
async fn a_group_is_made_renamed_counted_and_deleted_when_it_is_empty() {
    let world = World::new();
    let made = world.post("/me/calendarGroups", json!({ "name": "Projects" })).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.body["classId"].as_str().unwrap().len(), 36);
    let path = format!("/me/calendarGroups('{}')", id(&made.body));
    assert!(made.header("location").ends_with(&path.replace("/me", "/v1.0/me")), "{}", made.header("location"));
    assert_eq!(world.get("/me/calendarGroups/$count").await.text, "2");
    let renamed = write(&world, "PATCH", &path, json!({ "name": "Plans" })).await.body;
    assert_eq!(renamed["name"], "Plans");
    assert_ne!(renamed["changeKey"], made.body["changeKey"]);
    let filter = escaped("name eq 'plans' or name eq 'Plans'");
    assert_eq!(names(&world.get(&format!("/me/calendarGroups?$filter={filter}&$select=name")).await), ["Plans"]);
    assert_eq!(names(&world.get("/me/calendarGroups?$orderby=name%20desc&$top=1").await), ["Plans"]);
    let calendar = world.post(&format!("{path}/calendars"), json!({ "name": "Inside" })).await.body;
    assert_eq!(world.graph_as(&world.token, "DELETE", &path, &[], None).await.status, 400);
    let inside = format!("/me/calendars/{}", id(&calendar));
    assert_eq!(world.graph_as(&world.token, "DELETE", &inside, &[], None).await.status, 204);
    assert_eq!(world.graph_as(&world.token, "DELETE", &path, &[], None).await.status, 204);
    assert_eq!(world.get(&path).await.code(), "ErrorItemNotFound");
}

#[tokio::test]
async fn what_a_group_cannot_be_is_refused() {
    let world = World::new();
    let cases = [
        (json!({ "name": "My calendars" }), 409, "ErrorFolderExists"),
        (json!({ "name": " " }), 400, "ErrorPropertyValidationFailure"),
        (json!({}), 400, "ErrorPropertyValidationFailure"),
        (json!({ "name": "A", "classId": "1" }), 400, "UnableToDeserializePostBody"),
        (json!({ "name": "A", "colour": "red" }), 400, "RequestBodyRead"),
        (json!([]), 400, "BadRequest"),
    ];
    for (body, status, code) in cases {
        let refused = world.post("/me/calendarGroups", body.clone()).await;
        assert_eq!((refused.status, refused.code()), (status, code), "{body}");
    }
    for (path, status) in [
        ("/me/calendarGroups/nothing", 400),
        ("/me/calendarGroups?$search=%22a%22", 400),
        ("/me/calendarGroups?$filter=classId%20eq%20'a'", 400),
        ("/me/calendarGroup", 501),
    ] {
        assert_eq!(world.get(path).await.status, status, "{path}");
    }
    let read = world.microsoft.issue_token(ALICE, &["Calendars.Read"]).unwrap();
    let body = Some(json!({ "name": "A" }));
    assert_eq!(world.graph_as(&read, "POST", "/me/calendarGroups", &[], body).await.status, 403);
    assert_eq!(world.graph_as(&read, "GET", "/me/calendarGroups", &[], None).await.status, 200);
}

#[tokio::test]
async fn a_calendar_is_reached_through_its_own_group_only() {
    let world = World::new();
    let first = id(&world.get("/me/calendarGroups").await.items()[0]).to_owned();
    let second = id(&world.post("/me/calendarGroups", json!({ "name": "Projects" })).await.body).to_owned();
    let body = json!({ "name": "Inside", "color": "lightGreen" });
    let calendar = world.post(&format!("/me/calendarGroups/{second}/calendars"), body).await.body;
    assert_eq!(calendar["color"], "lightGreen");
    let through = |group: &str| format!("/me/calendarGroups/{group}/calendars/{}", id(&calendar));
    assert_eq!(world.get(&through(&second)).await.body["name"], "Inside");
    assert_eq!(world.get(&through(&first)).await.status, 404);
    assert_eq!(names(&world.get(&format!("/me/calendarGroups/{first}/calendars")).await), ["Calendar"]);
    assert_eq!(world.get(&format!("/me/calendarGroups/{second}/calendars/$count")).await.text, "1");
    let made = world.post(&format!("{}/events", through(&second)), event("Talk", 10, 9)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let one = format!("{}/events/{}", through(&second), id(&made.body));
    assert_eq!(write(&world, "PATCH", &one, json!({ "subject": "New" })).await.body["subject"], "New");
    assert_eq!(world.get(&format!("{one}/calendar")).await.body["id"], calendar["id"]);
    let window = "startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";
    for list in [format!("calendarView?{window}"), format!("calendarView/delta?{window}"), "events".to_owned()] {
        assert_eq!(world.get(&format!("{}/{list}", through(&second))).await.items().len(), 1, "{list}");
    }
    // Links of its rounds lead to the same calendar.
    let begun = world.get(&format!("{}/calendarView/delta?{window}", through(&second))).await;
    let further = world.get(begun.body["@odata.deltaLink"].as_str().unwrap()).await;
    assert_eq!((further.status, further.items().len()), (200, 0), "{}", further.text);
    let built_in = world.post(&format!("/me/calendarGroups/{first}/calendars"), json!({ "name": "Third" })).await;
    assert_eq!(built_in.status, 201);
    assert_eq!(names(&world.get(&format!("/me/calendarGroups/{first}/calendars")).await), ["Calendar", "Third"]);
}

//! What happens in a mailbox is told of, whoever did it.

use super::*;

const IMMUTABLE: (&str, &str) = ("prefer", "IdType=\"ImmutableId\"");

fn told(kind: &str, item: &Value) -> (String, String) {
    (kind.to_owned(), id(item).to_owned())
}

/// What arrives after a delivery.
async fn arrived(world: &World, endpoint: &mut Endpoint) -> Vec<(String, String)> {
    deliver(world).await;
    endpoint.told()
}

#[tokio::test]
async fn a_notification_names_what_changed_and_not_what_it_says() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let subscription = subscribe(&world, &mut endpoint, "me/events").await;
    let me = world.get("/me").await.body["id"].as_str().unwrap().to_owned();
    let created = world.create(event("Private matter", 10, 9)).await;
    assert_eq!(deliver(&world).await, 1);
    let posts = endpoint.posts();
    assert_eq!((posts.len(), posts[0].path.as_str(), posts[0].query.as_str()), (1, "/notify", "of=us"));
    assert_eq!(posts[0].content_type, "application/json; charset=utf-8");
    let path = format!("Users/{me}/Events/{}", id(&created));
    let expected = json!({ "value": [{
        "subscriptionId": subscription["id"],
        "subscriptionExpirationDateTime": "2026-03-02T14:00:00.0000000Z",
        "changeType": "created",
        "resource": path,
        "resourceData": {
            "@odata.type": "#Microsoft.Graph.Event",
            "@odata.id": path,
            "@odata.etag": created["@odata.etag"],
            "id": created["id"],
        },
        "clientState": CLIENT_STATE,
        "tenantId": world.microsoft.tenant_id(),
    }] });
    assert_eq!(posts[0].body, expected);
    // What it names can be read there.
    assert_eq!(world.get(&format!("/{path}")).await.body["subject"], "Private matter");
    assert_eq!(deliver(&world).await, 0);
}

#[tokio::test]
async fn events_are_created_updated_and_deleted() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    subscribe(&world, &mut endpoint, "me/events").await;
    let created = world.create(event("Talk", 10, 9)).await;
    world.patch(id(&created), json!({ "subject": "Discussion" })).await;
    world.get("/me/events").await;
    assert_eq!(world.patch(id(&created), json!({ "nonsense": 1 })).await.status, 400);
    world.delete(id(&created)).await;
    let kinds = ["created", "updated", "deleted"].map(|kind| told(kind, &created));
    assert_eq!(arrived(&world, &mut endpoint).await, kinds);
}

#[tokio::test]
async fn only_the_asked_changes_of_the_asked_mailbox_are_told() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let mut wish = wish(&endpoint, "me/events");
    wish["changeType"] = json!("deleted");
    assert_eq!(world.post("/subscriptions", wish).await.status, 201);
    endpoint.posts();
    let created = world.create(event("Talk", 10, 9)).await;
    world.patch(id(&created), json!({ "subject": "Discussion" })).await;
    world.as_bob("POST", "/me/events", Some(event("Bob's own", 10, 9))).await;
    assert!(arrived(&world, &mut endpoint).await.is_empty());
    world.delete(id(&created)).await;
    assert_eq!(arrived(&world, &mut endpoint).await, [told("deleted", &created)]);
}

#[tokio::test]
async fn what_others_do_to_a_mailbox_is_told_as_well() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let bob = world.microsoft.issue_token(BOB, &["Calendars.Read", "Mail.Read"]).unwrap();
    for resource in ["me/events", "me/mailFolders('inbox')/messages"] {
        let made = world.graph_as(&bob, "POST", "/subscriptions", &[], Some(wish(&endpoint, resource))).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    endpoint.posts();
    let mut talk = event("Talk", 10, 9);
    talk["attendees"] = json!([guest(BOB)]);
    let created = world.create(talk).await;
    let copy = world.as_bob("GET", "/me/events", None).await.items()[0].clone();
    let mail = world.read_as(BOB, "Mail.Read", "/me/messages").await.items()[0].clone();
    let kinds = arrived(&world, &mut endpoint).await;
    assert_eq!(kinds, [told("created", &copy), told("created", &mail)]);
    world.delete(id(&created)).await;
    let kinds = arrived(&world, &mut endpoint).await;
    assert!(kinds.contains(&told("updated", &copy)) || kinds.contains(&told("deleted", &copy)), "{kinds:?}");
}

#[tokio::test]
async fn the_parts_of_a_batch_are_told_one_by_one() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    subscribe(&world, &mut endpoint, "me/events").await;
    let created = world.create(event("Talk", 10, 9)).await;
    deliver(&world).await;
    endpoint.posts();
    let path = format!("/me/events/{}", id(&created));
    let headers = json!({ "Content-Type": "application/json" });
    let batch = json!({ "requests": [
        { "id": "1", "method": "PATCH", "url": path, "headers": headers, "body": { "subject": "Discussion" } },
        { "id": "2", "method": "DELETE", "url": path },
    ] });
    assert_eq!(world.post("/$batch", batch).await.status, 200);
    assert_eq!(arrived(&world, &mut endpoint).await, ["updated", "deleted"].map(|kind| told(kind, &created)));
}

#[tokio::test]
async fn occurrences_are_told_of_beside_their_series() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    subscribe(&world, &mut endpoint, "me/events").await;
    let master = world.create(daily(4)).await;
    let instances = world.instances(id(&master)).await;
    assert_eq!(arrived(&world, &mut endpoint).await, [told("created", &master)]);
    world.patch(id(&instances[1]), json!({ "subject": "Another" })).await;
    let kinds = arrived(&world, &mut endpoint).await;
    assert_eq!(kinds, [told("updated", &master), told("updated", &instances[1])]);
    world.delete(id(&instances[2])).await;
    let kinds = arrived(&world, &mut endpoint).await;
    assert_eq!(kinds, [told("updated", &master), told("deleted", &instances[2])]);
    world.patch(id(&master), json!({ "subject": "All" })).await;
    assert_eq!(arrived(&world, &mut endpoint).await, [told("updated", &master)]);
}

#[tokio::test]
async fn an_event_that_moves_leaves_one_calendar_and_enters_another() {
    let world = World::new();
    let (mut here, mut there) = (Endpoint::new().await, Endpoint::new().await);
    let project = world.post("/me/calendars", json!({ "name": "Project" })).await.body;
    subscribe(&world, &mut here, "me/events").await;
    subscribe(&world, &mut there, &format!("me/calendars/{}/events", id(&project))).await;
    let created = world.create(event("Talk", 10, 9)).await;
    deliver(&world).await;
    assert_eq!((here.told().len(), there.told().len()), (1, 0));
    let request = json!({ "userPrincipalName": ALICE, "eventId": id(&created), "calendarId": id(&project) });
    let moved = world.control("POST", "move", Some(request)).await.body["eventId"].as_str().unwrap().to_owned();
    deliver(&world).await;
    assert_eq!(here.told(), [told("deleted", &created)]);
    assert_eq!(there.told(), [("created".to_owned(), moved)]);
}

#[tokio::test]
async fn calendars_themselves_are_told_of() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let mut wish = wish(&endpoint, "me/calendars");
    wish["changeType"] = json!("updated,deleted");
    assert_eq!(world.post("/subscriptions", wish).await.status, 201);
    endpoint.posts();
    let project = world.post("/me/calendars", json!({ "name": "Project" })).await.body;
    let path = format!("/me/calendars/{}", id(&project));
    world.graph_as(&world.token, "PATCH", &path, &[], Some(json!({ "name": "Plan" }))).await;
    world.graph_as(&world.token, "DELETE", &path, &[], None).await;
    let kinds = ["updated", "updated", "deleted"].map(|kind| told(kind, &project));
    assert_eq!(arrived(&world, &mut endpoint).await, kinds);
}

#[tokio::test]
async fn tasks_are_told_of_list_by_list() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let list = id(&world.get("/me/todo/lists").await.items()[0]).to_owned();
    let other = id(&world.post("/me/todo/lists", json!({ "displayName": "Other" })).await.body).to_owned();
    let tasks = format!("/me/todo/lists/{list}/tasks");
    subscribe(&world, &mut endpoint, &tasks).await;
    let task = world.post(&tasks, json!({ "title": "Write" })).await.body;
    world.post(&format!("/me/todo/lists/{other}/tasks"), json!({ "title": "Elsewhere" })).await;
    let path = format!("{tasks}/{}", id(&task));
    world.graph_as(&world.token, "PATCH", &path, &[], Some(json!({ "title": "Read" }))).await;
    world.graph_as(&world.token, "DELETE", &path, &[], None).await;
    deliver(&world).await;
    let items = endpoint.notifications();
    let kinds: Vec<&str> = items.iter().map(|item| item["changeType"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["created", "updated", "deleted"]);
    let me = world.get("/me").await.body["id"].as_str().unwrap().to_owned();
    assert_eq!(items[0]["resource"], format!("Users/{me}/Todo/Lists/{list}/Tasks/{}", id(&task)));
    assert_eq!(items[0]["resourceData"]["@odata.etag"], task["@odata.etag"]);
}

#[tokio::test]
async fn a_message_that_moves_is_another_one_unless_ids_are_immutable() {
    let world = World::new();
    let bob = world.microsoft.issue_token(BOB, &["Mail.ReadWrite"]).unwrap();
    let subscribe = async |endpoint: &mut Endpoint, resource: &str, headers: &[(&str, &str)]| {
        let made = world.graph_as(&bob, "POST", "/subscriptions", headers, Some(wish(endpoint, resource))).await;
        assert_eq!(made.status, 201, "{}", made.text);
        endpoint.posts();
    };
    world.behaviour(json!({ "duplicateSubscriptions": true })).await;
    let (mut inbox, mut all, mut immutable) = (Endpoint::new().await, Endpoint::new().await, Endpoint::new().await);
    subscribe(&mut inbox, "me/mailFolders/inbox/messages", &[]).await;
    subscribe(&mut all, "me/messages", &[]).await;
    subscribe(&mut immutable, "me/messages", &[IMMUTABLE]).await;
    let mut talk = event("Talk", 10, 9);
    talk["attendees"] = json!([guest(BOB)]);
    world.create(talk).await;
    deliver(&world).await;
    let read = async |headers: &[(&str, &str)]| {
        world.graph_as(&bob, "GET", "/me/messages", headers, None).await.items()[0].clone()
    };
    let (mail, same) = (read(&[]).await, read(&[IMMUTABLE]).await);
    assert_eq!((inbox.told(), all.told()), (vec![told("created", &mail)], vec![told("created", &mail)]));
    assert_eq!(immutable.told(), [told("created", &same)]);
    // Deleting moves it to Deleted Items.
    world.graph_as(&bob, "DELETE", &format!("/me/messages/{}", id(&mail)), &[], None).await;
    deliver(&world).await;
    let moved = read(&[]).await;
    assert_ne!(moved["id"], mail["id"]);
    assert_eq!(inbox.told(), [told("deleted", &mail)]);
    assert_eq!(all.told(), [told("deleted", &mail), told("created", &moved)]);
    assert_eq!(immutable.told(), [told("updated", &same)]);
}

#[tokio::test]
async fn what_a_filter_does_not_accept_is_as_if_it_were_not_there() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let bob = world.microsoft.issue_token(BOB, &["Mail.ReadWrite"]).unwrap();
    let resource = "me/mailFolders('inbox')/messages?$filter=isRead eq false";
    let made = world.graph_as(&bob, "POST", "/subscriptions", &[], Some(wish(&endpoint, resource))).await;
    assert_eq!(made.status, 201, "{}", made.text);
    endpoint.posts();
    let mut talk = event("Talk", 10, 9);
    talk["attendees"] = json!([guest(BOB)]);
    world.create(talk).await;
    let mail = world.graph_as(&bob, "GET", "/me/messages", &[], None).await.items()[0].clone();
    let path = format!("/me/messages/{}", id(&mail));
    for is_read in [false, true, true, false] {
        world.graph_as(&bob, "PATCH", &path, &[], Some(json!({ "isRead": is_read }))).await;
    }
    let kinds = ["created", "updated", "deleted", "created"].map(|kind| told(kind, &mail));
    assert_eq!(arrived(&world, &mut endpoint).await, kinds);
    // The same resource with another filter is another one.
    let other = "me/events?$filter=startswith(subject,'Plan')";
    for (resource, status) in [(other, 201), ("me/events", 201), (other, 409)] {
        assert_eq!(world.post("/subscriptions", wish(&endpoint, resource)).await.status, status, "{resource}");
    }
    endpoint.posts();
    for subject in ["Plan A", "Talk"] {
        world.create(event(subject, 10, 9)).await;
    }
    assert_eq!(arrived(&world, &mut endpoint).await.len(), 3);
}

#[tokio::test]
async fn a_subscription_is_told_of_what_the_next_part_of_its_batch_changes() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let headers = json!({ "Content-Type": "application/json" });
    let answer = world
        .post("/$batch", json!({ "requests": [
            { "id": "1", "method": "POST", "url": "/subscriptions", "headers": headers, "body": wish(&endpoint, "me/events") },
            { "id": "2", "method": "POST", "url": "/me/events", "headers": headers, "body": event("Talk", 10, 9), "dependsOn": ["1"] },
        ] }))
        .await;
    let parts = answer.body["responses"].as_array().unwrap();
    assert!(parts.iter().all(|part| part["status"] == 201), "{}", answer.text);
    let made = parts.iter().find(|part| part["id"] == "2").unwrap()["body"]["id"].as_str().unwrap();
    assert_eq!(endpoint.posts().len(), 2);
    assert_eq!((deliver(&world).await, endpoint.told()), (1, vec![("created".to_owned(), made.to_owned())]));
}

//! What happens to subscriptions themselves.

use super::*;

async fn raise(world: &World, subscription: &Value, event: &str) -> Answer {
    let body = json!({ "subscriptionId": subscription["id"], "event": event });
    world.control("POST", "lifecycle", Some(body)).await
}

#[tokio::test]
async fn a_lifecycle_notification_goes_to_its_own_endpoint() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let subscription = subscribe(&world, &mut endpoint, "me/events").await;
    assert_eq!(raise(&world, &subscription, "missed").await.body, json!({ "told": true }));
    assert_eq!(deliver(&world).await, 1);
    let posts = endpoint.posts();
    assert_eq!((posts.len(), posts[0].path.as_str()), (1, "/lifecycle"));
    let expected = json!({ "value": [{
        "subscriptionId": subscription["id"],
        "subscriptionExpirationDateTime": "2026-03-02T14:00:00.0000000Z",
        "tenantId": world.microsoft.tenant_id(),
        "clientState": CLIENT_STATE,
        "lifecycleEvent": "missed",
    }] });
    assert_eq!(posts[0].body, expected);
    let nobody = json!({ "id": "no such thing" });
    assert_eq!(raise(&world, &nobody, "missed").await.code(), "notFound");
    assert_eq!(raise(&world, &subscription, "expired").await.status, 400);
}

#[tokio::test]
async fn a_paused_subscription_loses_changes_until_it_is_authorised() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let subscription = subscribe(&world, &mut endpoint, "me/events").await;
    let path = format!("/subscriptions/{}", id(&subscription));
    let renewal = json!({ "expirationDateTime": "2026-03-03T12:00:00Z" });
    let ways = [("POST", format!("{path}/reauthorize"), 204, None), ("PATCH", path, 200, Some(renewal))];
    for (method, path, status, body) in ways {
        raise(&world, &subscription, "reauthorizationRequired").await;
        world.create(event("Lost", 10, 9)).await;
        assert_eq!((deliver(&world).await, endpoint.events()), (1, vec!["reauthorizationRequired".to_owned()]));
        let answer = world.graph_as(&world.token, method, &path, &[], body).await;
        assert_eq!(answer.status, status, "{method}");
        let told = world.create(event("Told", 11, 9)).await;
        deliver(&world).await;
        assert_eq!(endpoint.told(), [("created".to_owned(), id(&told).to_owned())], "{method}");
    }
}

#[tokio::test]
async fn a_removed_subscription_is_gone() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let subscription = subscribe(&world, &mut endpoint, "me/events").await;
    world.create(event("Waiting", 10, 9)).await;
    assert_eq!(raise(&world, &subscription, "subscriptionRemoved").await.body, json!({ "told": true }));
    world.create(event("Later", 10, 9)).await;
    assert_eq!((deliver(&world).await, endpoint.events()), (1, vec!["subscriptionRemoved".to_owned()]));
    assert_eq!(world.get(&format!("/subscriptions/{}", id(&subscription))).await.status, 404);
}

/// Nothing can come of it any more.
#[tokio::test]
async fn a_subscription_ends_with_what_it_watches() {
    let world = World::new();
    let token =
        world.microsoft.issue_token(ALICE, &["Calendars.ReadWrite", "Mail.ReadWrite", "Tasks.ReadWrite"]).unwrap();
    let world = World { token, ..world };
    let delete = async |path: &str| world.graph_as(&world.token, "DELETE", path, &[], None).await.status;
    let mut endpoint = Endpoint::new().await;
    let calendar = format!("/me/calendars/{}", id(&world.post("/me/calendars", json!({ "name": "Choir" })).await.body));
    let folder = world.post("/me/mailFolders", json!({ "displayName": "Projects" })).await.body;
    let folder = format!("/me/mailFolders/{}", id(&folder));
    let list = world.post("/me/todo/lists", json!({ "displayName": "House" })).await.body;
    let list = format!("/me/todo/lists/{}", escaped(id(&list)));
    let cases = [
        (&calendar, "events", event("Rehearsal", 10, 9), vec!["subscriptionRemoved"]),
        (&folder, "messages", json!({ "subject": "Offer" }), vec!["subscriptionRemoved"]),
        // There is no such event for tasks.
        (&list, "tasks", json!({ "title": "Sow" }), vec![]),
    ];
    for (container, items, item, events) in cases {
        let subscription = subscribe(&world, &mut endpoint, &format!("{container}/{items}")).await;
        let path = format!("/subscriptions/{}", id(&subscription));
        let made = world.post(&format!("{container}/{items}"), item).await;
        assert_eq!(made.status, 201, "{}", made.text);
        deliver(&world).await;
        endpoint.posts();
        if container.contains("mailFolders") {
            // Into Deleted Items, where it is the same folder.
            assert_eq!((delete(container).await, world.get(&path).await.status), (204, 200));
        }
        assert_eq!(delete(container).await, 204, "{container}");
        assert_eq!(world.get(&path).await.status, 404, "{container}");
        deliver(&world).await;
        let told = endpoint.notifications();
        let names =
            |name: &str| told.iter().filter_map(|item| item[name].as_str()).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            (names("changeType"), names("lifecycleEvent")),
            (vec!["deleted".to_owned()], events.iter().map(|event| (*event).to_owned()).collect()),
            "{container}"
        );
    }
    assert!(world.get("/subscriptions").await.items().is_empty());
}

/// A calendar and a list can be deleted with nothing in them.
#[tokio::test]
async fn a_subscription_ends_with_an_empty_container() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let list = world.post("/me/todo/lists", json!({ "displayName": "House" })).await.body;
    let list = format!("/me/todo/lists/{}", escaped(id(&list)));
    let subscription = subscribe(&world, &mut endpoint, &format!("{list}/tasks")).await;
    assert_eq!(world.graph_as(&world.token, "DELETE", &list, &[], None).await.status, 204);
    assert_eq!(world.get(&format!("/subscriptions/{}", id(&subscription))).await.status, 404);
    assert_eq!(deliver(&world).await, 0);
}

#[tokio::test]
async fn tasks_know_one_event_and_who_wants_none_is_told_nothing() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let list = id(&world.get("/me/todo/lists").await.items()[0]).to_owned();
    let tasks = subscribe(&world, &mut endpoint, &format!("me/todo/lists/{list}/tasks")).await;
    for event in ["missed", "subscriptionRemoved"] {
        assert_eq!(raise(&world, &tasks, event).await.code(), "invalidValue", "{event}");
    }
    assert_eq!(raise(&world, &tasks, "reauthorizationRequired").await.body["told"], true);
    deliver(&world).await;
    assert_eq!(endpoint.events(), ["reauthorizationRequired"]);
    let mut quiet = wish(&endpoint, "me/events");
    quiet.as_object_mut().unwrap().remove("lifecycleNotificationUrl");
    let quiet = world.post("/subscriptions", quiet).await.body;
    assert_eq!(quiet["lifecycleNotificationUrl"], Value::Null);
    endpoint.posts();
    assert_eq!(raise(&world, &quiet, "subscriptionRemoved").await.body["told"], false);
    assert_eq!((deliver(&world).await, world.get("/subscriptions").await.items().len()), (0, 1));
}

#[tokio::test]
async fn an_expired_subscription_vanishes_after_a_warning() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let subscription = subscribe(&world, &mut endpoint, "me/events").await;
    let path = format!("/subscriptions/{}", id(&subscription));
    world.advance(2 * 3_600 - 15 * 60 - 1);
    let token = world.token_of(ALICE);
    let shown = async || world.graph_as(&token, "GET", &path, &[], None).await.status;
    assert_eq!((deliver(&world).await, shown().await), (0, 200));
    world.advance(1);
    assert_eq!((deliver(&world).await, endpoint.events()), (1, vec!["reauthorizationRequired".to_owned()]));
    // A warning pauses nothing.
    let create = async || world.graph_as(&token, "POST", "/me/events", &[], Some(event("Talk", 10, 9))).await.status;
    assert_eq!((create().await, deliver(&world).await, endpoint.told().len()), (201, 1, 1));
    assert_eq!(create().await, 201);
    world.advance(15 * 60);
    assert_eq!((deliver(&world).await, shown().await), (0, 404));
    assert_eq!((create().await, deliver(&world).await), (201, 0));
    assert!(endpoint.posts().is_empty());
}

#[tokio::test]
async fn an_authorisation_can_be_told_to_end_with_its_token() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    world.behaviour(json!({ "reauthorizeWithToken": true })).await;
    let subscription = subscribe(&world, &mut endpoint, "me/events").await;
    world.advance(45 * 60);
    assert_eq!((deliver(&world).await, endpoint.events()), (1, vec!["reauthorizationRequired".to_owned()]));
    world.create(event("Still told", 10, 9)).await;
    assert_eq!(deliver(&world).await, 1);
    endpoint.posts();
    world.advance(15 * 60);
    let token = world.token_of(ALICE);
    let create = async || world.graph_as(&token, "POST", "/me/events", &[], Some(event("Talk", 10, 9))).await;
    create().await;
    // Asked once more, and told of nothing else.
    assert_eq!((deliver(&world).await, endpoint.events()), (1, vec!["reauthorizationRequired".to_owned()]));
    let path = format!("/subscriptions/{}/reauthorize", id(&subscription));
    assert_eq!(world.graph_as(&token, "POST", &path, &[], None).await.status, 204);
    create().await;
    assert_eq!((deliver(&world).await, endpoint.told().len()), (1, 1));
}

//! Subscriptions are made, shown, renewed and deleted.

use super::*;

#[tokio::test]
async fn a_subscription_is_answered_whole_and_shown_without_its_secret() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let answer = world.post("/subscriptions", wish(&endpoint, "/me/events")).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let id = id(&answer.body).to_owned();
    assert_eq!(answer.header("location"), format!("{BASE}/v1.0/subscriptions/{id}"));
    let me = world.get("/me").await.body["id"].clone();
    let mut expected = json!({
        "@odata.context": format!("{BASE}/v1.0/$metadata#subscriptions/$entity"),
        "id": id,
        "resource": "/me/events",
        "applicationId": "00000000-0000-0000-0000-000000000001",
        "changeType": "created,updated,deleted",
        "clientState": CLIENT_STATE,
        "notificationUrl": endpoint.at("/notify?of=us"),
        "notificationQueryOptions": null,
        "lifecycleNotificationUrl": endpoint.at("/lifecycle"),
        "expirationDateTime": "2026-03-02T14:00:00.0000000Z",
        "creatorId": me,
        "includeResourceData": null,
        "latestSupportedTlsVersion": "v1_2",
        "encryptionCertificate": null,
        "encryptionCertificateId": null,
        "notificationUrlAppId": null,
    });
    assert_eq!(answer.body, expected);
    expected["clientState"] = Value::Null;
    assert_eq!(world.get(&format!("/subscriptions/{id}")).await.body, expected);
    expected.as_object_mut().unwrap().remove("@odata.context");
    let list = world.get("/subscriptions").await.body;
    let context = format!("{BASE}/v1.0/$metadata#subscriptions");
    assert_eq!(list, json!({ "@odata.context": context, "value": [expected] }));
    assert_eq!(endpoint.posts().len(), 2);
}

#[tokio::test]
async fn a_renewal_changes_the_end_or_the_endpoint_alone() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let made = subscribe(&world, &mut endpoint, "me/events").await;
    let path = format!("/subscriptions/{}", id(&made));
    let change = async |body: Value| world.graph_as(&world.token, "PATCH", &path, &[], Some(body)).await;
    let renewed = change(json!({ "expirationDateTime": "2026-03-04T12:00:00+01:00" })).await;
    assert_eq!(renewed.status, 200, "{}", renewed.text);
    let mut expected = made.clone();
    expected["expirationDateTime"] = json!("2026-03-04T11:00:00.0000000Z");
    assert_eq!(renewed.body, expected);
    assert!(endpoint.posts().is_empty());
    // A new endpoint has to prove itself as well.
    let moved = change(json!({ "notificationUrl": endpoint.at("/elsewhere") })).await;
    assert_eq!((moved.status, endpoint.posts().len()), (200, 1));
    expected["notificationUrl"] = json!(endpoint.at("/elsewhere"));
    assert_eq!(moved.body, expected);
    endpoint.answers(Manner::Status(500));
    let unproven = change(json!({ "notificationUrl": endpoint.at("/third") })).await;
    assert_eq!((unproven.status, unproven.code()), (400, "ValidationError"));
    for (body, code) in [
        (json!({}), "InvalidRequest"),
        (json!({ "lifecycleNotificationUrl": endpoint.at("/new") }), "InvalidRequest"),
        (json!({ "expirationDateTime": "tomorrow" }), "InvalidRequest"),
        (json!({ "expirationDateTime": "2026-03-20T12:00:00Z" }), "ExtensionError"),
    ] {
        let refused = change(body.clone()).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{body}");
    }
    let shown = world.get(&path).await.body;
    assert_eq!(shown["notificationUrl"], endpoint.at("/elsewhere"));
    assert_eq!(shown["expirationDateTime"], "2026-03-04T11:00:00.0000000Z");
}

#[tokio::test]
async fn a_deleted_subscription_is_gone_with_what_it_would_have_told() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let path = format!("/subscriptions/{}", id(&subscribe(&world, &mut endpoint, "me/events").await));
    world.create(event("Talk", 10, 9)).await;
    assert_eq!(record(&world).await["waiting"], 1);
    assert_eq!(world.graph_as(&world.token, "DELETE", &path, &[], None).await.status, 204);
    assert_eq!((deliver(&world).await, record(&world).await["waiting"].clone()), (0, json!(0)));
    for (method, path) in [
        ("GET", path.clone()),
        ("DELETE", path.clone()),
        ("PATCH", path.clone()),
        ("POST", format!("{path}/reauthorize")),
    ] {
        let body = json!({ "expirationDateTime": "2026-03-03T12:00:00Z" });
        let refused = world.graph_as(&world.token, method, &path, &[], Some(body)).await;
        assert_eq!((refused.status, refused.code()), (404, "ResourceNotFound"), "{method}");
    }
}

#[tokio::test]
async fn lives_are_bounded_by_what_is_watched() {
    let world = World::new();
    let endpoint = Endpoint::new().await;
    world.behaviour(json!({ "duplicateSubscriptions": true })).await;
    let list = id(&world.get("/me/todo/lists").await.items()[0]).to_owned();
    let tasks = format!("me/todo/lists/{list}/tasks");
    let ends = async |resource: &str, minutes: i64| {
        let mut wish = wish(&endpoint, resource);
        wish["expirationDateTime"] = json!((noon() + TimeDelta::minutes(minutes)).to_rfc3339());
        let answer = world.post("/subscriptions", wish).await;
        let end = answer.body["expirationDateTime"].as_str().map(|end| end.parse::<DateTime<Utc>>().unwrap());
        match end {
            Some(end) => Ok((end - noon()).num_minutes()),
            None => Err((answer.code().to_owned(), answer.body["error"]["message"].as_str().unwrap().to_owned())),
        }
    };
    let beyond = |minutes: u32| {
        Err((
            "ExtensionError".to_owned(),
            format!("Subscription expiration can only be {minutes} minutes in the future."),
        ))
    };
    assert_eq!(ends("me/events", 1).await, Ok(45));
    assert_eq!(ends("me/events", 46).await, Ok(46));
    assert_eq!(ends("me/events", 10_080).await, Ok(10_080));
    assert_eq!(ends("me/events", 10_081).await, beyond(10_080));
    assert_eq!(ends(&tasks, 4_230).await, Ok(4_230));
    assert_eq!(ends(&tasks, 4_231).await, beyond(4_230));
    assert_eq!(ends("me/events", 0).await.unwrap_err().0, "InvalidRequest");
    world.behaviour(json!({ "subscriptionMinutesMax": 100, "taskSubscriptionMinutesMax": 60 })).await;
    assert_eq!(ends("me/events", 101).await, beyond(100));
    assert_eq!(ends(&tasks, 61).await, beyond(60));
}

#[tokio::test]
async fn what_is_wrong_with_a_wish_is_said_before_anybody_is_asked() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let whole = wish(&endpoint, "me/events");
    let refused = async |name: &str, value: Value| {
        let mut wish = whole.clone();
        wish[name] = value;
        let answer = world.post("/subscriptions", wish).await;
        (
            answer.status,
            answer.code().to_owned(),
            answer.body["error"]["message"].as_str().unwrap_or_default().to_owned(),
        )
    };
    for name in ["changeType", "notificationUrl", "resource", "expirationDateTime"] {
        let message = format!("{name} is a required property for subscription creation");
        assert_eq!(refused(name, Value::Null).await, (400, "InvalidRequest".to_owned(), message));
    }
    let cases = [
        ("expirationDateTime", json!("2026-03-02T14:00:00"), 400, "InvalidRequest"),
        ("nonsense", json!(1), 400, "InvalidRequest"),
        ("changeType", json!("created,moved"), 400, "InvalidRequest"),
        ("changeType", json!(7), 400, "InvalidRequest"),
        ("clientState", json!("x".repeat(129)), 400, "InvalidRequest"),
        ("latestSupportedTlsVersion", json!("v2_0"), 400, "InvalidRequest"),
        ("notificationUrl", json!("http://client.example/notify"), 400, "InvalidRequest"),
        ("notificationUrl", json!("/notify"), 400, "InvalidRequest"),
        ("notificationUrl", json!("EventHub:https://vault.example/secrets/hub"), 501, "NotImplemented"),
        ("lifecycleNotificationUrl", json!("http://client.example/notify"), 400, "InvalidRequest"),
        ("includeResourceData", json!("yes"), 400, "InvalidRequest"),
        ("notificationQueryOptions", json!("$filter=isFetchable"), 501, "NotImplemented"),
    ];
    for (name, value, status, code) in cases {
        let (found, found_code, message) = refused(name, value.clone()).await;
        assert_eq!((found, found_code.as_str()), (status, code), "{name}: {value}: {message}");
    }
    assert!(endpoint.posts().is_empty());
    assert_eq!(refused("clientState", json!("ü".repeat(128))).await.0, 201);
    assert_eq!(endpoint.posts().len(), 2);
}

#[tokio::test]
async fn a_twin_is_refused_or_made_as_told() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let first = subscribe(&world, &mut endpoint, "me/events").await;
    let me = world.get("/me").await.body["id"].as_str().unwrap().to_owned();
    let twin = wish(&endpoint, &format!("users/{me}/calendar/events"));
    let refused = world.post("/subscriptions", twin.clone()).await;
    assert_eq!((refused.status, refused.code()), (409, "ObjectIdentifierInUse"));
    assert!(refused.body["error"]["message"].as_str().unwrap().contains(id(&first)));
    assert!(endpoint.posts().is_empty());
    let mut other = twin.clone();
    other["changeType"] = json!("updated");
    assert_eq!(world.post("/subscriptions", other).await.status, 201);
    world.behaviour(json!({ "duplicateSubscriptions": true })).await;
    assert_eq!(world.post("/subscriptions", twin).await.status, 201);
    assert_eq!(world.get("/subscriptions").await.items().len(), 3);
}

#[tokio::test]
async fn a_mailbox_has_so_many_subscriptions_and_no_more() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    assert_eq!(world.control("GET", "behaviour", None).await.body["subscriptionsPerMailboxMax"], 1_000);
    world.behaviour(json!({ "subscriptionsPerMailboxMax": 1, "duplicateSubscriptions": true })).await;
    subscribe(&world, &mut endpoint, "me/events").await;
    let refused = world.post("/subscriptions", wish(&endpoint, "me/calendar/events")).await;
    assert_eq!((refused.status, refused.code()), (403, "ExtensionError"));
    // Other mailboxes have their own.
    let other = world.as_bob("POST", "/subscriptions", Some(wish(&endpoint, "me/events"))).await;
    assert_eq!(other.status, 201, "{}", other.text);
}

#[tokio::test]
async fn a_file_keeps_subscriptions_and_what_waits() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("microsoft.sqlite");
    let clock = HarnessClock::fixed(noon());
    let mut endpoint = Endpoint::new().await;
    let open = || Microsoft::open(clock.clone(), 7, BASE, &file).unwrap();
    let token = {
        let microsoft = open();
        fill(&microsoft);
        let world = World::around(microsoft, clock.clone());
        subscribe(&world, &mut endpoint, "me/events").await;
        world.create(event("Talk", 10, 9)).await;
        world.token
    };
    let world = World { microsoft: open(), clock: clock.clone(), token };
    assert_eq!(world.get("/subscriptions").await.items().len(), 1);
    assert_eq!((deliver(&world).await, endpoint.told().len()), (1, 1));
    let world = World { microsoft: open(), ..world };
    assert_eq!(record(&world).await["waiting"], 0);
}

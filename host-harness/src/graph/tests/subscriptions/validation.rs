//! Endpoints prove that they want notifications.

use super::*;

#[tokio::test]
async fn both_endpoints_are_asked_for_the_decoded_token() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let answer = world.post("/subscriptions", wish(&endpoint, "me/events")).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let mut posts = endpoint.posts();
    // They are asked at once, so either may have been the first.
    posts.sort_by(|one, other| other.path.cmp(&one.path));
    let paths: Vec<&str> = posts.iter().map(|post| post.path.as_str()).collect();
    assert_eq!(paths, ["/notify", "/lifecycle"]);
    assert!(posts[0].query.starts_with("of=us&validationToken="));
    for post in &posts {
        assert_eq!(post.content_type, "text/plain; charset=utf-8");
        assert!(post.body.is_null());
        let token = post.query.split("validationToken=").nth(1).unwrap();
        // It needs decoding, and stands nowhere else.
        assert!(token.contains('%') && !record(&world).await.to_string().contains(token));
    }
    assert_ne!(posts[0].query.split('=').next_back(), posts[1].query.split('=').next_back());
    let posts = record(&world).await["posts"].clone();
    assert_eq!(posts[0]["url"], endpoint.at("/notify"));
    let kept = |post: &Value| (post["purpose"].clone(), post["outcome"].clone(), post["status"].clone());
    assert_eq!(kept(&posts[1]), (json!("validation"), json!("accepted"), json!(200)));
}

#[tokio::test]
async fn an_endpoint_that_proves_nothing_gets_no_subscription() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let failed = "Subscription validation request failed.";
    let must = "Notification endpoint must respond with 200 OK to validation request.";
    let cases = [
        (Manner::Status(403), format!("{failed} HTTP status code is 'Forbidden'. {must}"), "refused"),
        (Manner::Status(202), format!("{failed} HTTP status code is 'Accepted'. {must}"), "refused"),
        (Manner::Status(307), format!("{failed} HTTP status code is 'TemporaryRedirect'. {must}"), "refused"),
        (Manner::Html, format!("{failed} Response must have the content type text/plain."), "refused"),
        (Manner::Encoded, format!("{failed} Response must exactly match validationToken query parameter."), "refused"),
        (Manner::Silent, "Subscription validation request timed out.".to_owned(), "timedOut"),
    ];
    for (manner, message, outcome) in cases {
        endpoint.answers(manner);
        // Short only for who would not answer anyway, however busy the machine is.
        let patience = if manner == Manner::Silent { 50 } else { 10_000 };
        world.behaviour(json!({ "validationPatienceMilliseconds": patience })).await;
        let refused = world.post("/subscriptions", wish(&endpoint, "me/events")).await;
        assert_eq!((refused.status, refused.code()), (400, "ValidationError"), "{manner:?}");
        assert_eq!(refused.body["error"]["message"], message, "{manner:?}");
        // A connection that was given up may have brought nothing.
        assert!(endpoint.posts().iter().all(Seen::is_validation));
        assert_eq!(record(&world).await["posts"][0]["outcome"], outcome, "{manner:?}");
        world.control("DELETE", "notifications", None).await;
    }
    assert!(world.get("/subscriptions").await.items().is_empty());
}

#[tokio::test]
async fn the_second_endpoint_counts_as_much_as_the_first() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let gone = Endpoint::new().await.at("/lifecycle");
    let mut half = wish(&endpoint, "me/events");
    half["lifecycleNotificationUrl"] = json!(gone);
    // Its listener has to be gone for sure before it is asked.
    tokio::task::yield_now().await;
    let refused = world.post("/subscriptions", half.clone()).await;
    assert_eq!((refused.status, refused.code()), (400, "ValidationError"), "{}", refused.text);
    assert!(world.get("/subscriptions").await.items().is_empty());
    half["lifecycleNotificationUrl"] = Value::Null;
    assert_eq!(world.post("/subscriptions", half).await.status, 201);
    assert_eq!(endpoint.posts().len(), 2);
}

#[tokio::test]
async fn nobody_is_asked_on_behalf_of_a_request_that_will_be_refused() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let wish = wish(&endpoint, "me/events");
    for (fault, status) in [("throttle", 429), ("unauthorized", 401), ("dropRequest", 503)] {
        world.control("POST", "faults", Some(json!([{ "do": fault }]))).await;
        assert_eq!(world.post("/subscriptions", wish.clone()).await.status, status, "{fault}");
    }
    assert_eq!(world.graph_as("nothing", "POST", "/subscriptions", &[], Some(wish.clone())).await.status, 401);
    assert!(endpoint.posts().is_empty());
    // Made, although nobody heard of it.
    world.control("POST", "faults", Some(json!([{ "do": "dropResponse" }]))).await;
    world.post("/subscriptions", wish).await;
    assert_eq!((endpoint.posts().len(), world.get("/subscriptions").await.items().len()), (2, 1));
}

#[tokio::test]
async fn a_part_of_a_batch_waits_for_its_endpoint_as_well() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let headers = json!({ "Content-Type": "application/json" });
    let part = |id: &str, resource: &str| json!({ "id": id, "method": "POST", "url": "/subscriptions", "headers": headers, "body": wish(&endpoint, resource) });
    let list = id(&world.get("/me/todo/lists").await.items()[0]).to_owned();
    let tasks = format!("me/todo/lists/{list}/tasks");
    let batch = json!({ "requests": [part("1", "me/events"), part("2", &tasks), part("3", "me/events")] });
    let answer = world.post("/$batch", batch).await;
    let mut statuses: Vec<(&str, u64)> = answer.body["responses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| (part["id"].as_str().unwrap(), part["status"].as_u64().unwrap()))
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [("1", 201), ("2", 201), ("3", 409)], "{}", answer.text);
    assert!(endpoint.posts().iter().all(Seen::is_validation));
}

#[tokio::test]
async fn a_fault_that_strikes_one_part_of_a_batch_leaves_the_next_one_its_proof() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let fault = json!([{ "do": "throttle", "match": { "path": "/v1.0/subscriptions" }, "times": 1 }]);
    world.control("POST", "faults", Some(fault)).await;
    let headers = json!({ "Content-Type": "application/json" });
    let part = |id: &str| json!({ "id": id, "method": "POST", "url": "/subscriptions", "headers": headers, "body": wish(&endpoint, "me/events") });
    let answer = world.post("/$batch", json!({ "requests": [part("1"), part("2")] })).await;
    let of = |id: &str| answer.body["responses"].as_array().unwrap().iter().find(|part| part["id"] == id).unwrap();
    assert_eq!((of("1")["status"].as_u64(), of("2")["status"].as_u64()), (Some(429), Some(201)), "{}", answer.text);
    // Nobody is asked on behalf of the part that is struck.
    assert_eq!(endpoint.posts().len(), 2);
}

#[tokio::test]
async fn no_endpoint_waits_for_another_one_to_be_asked() {
    let world = World::new();
    let (silent, mut good) = (Endpoint::new().await, Endpoint::new().await);
    world.behaviour(json!({ "validationPatienceMilliseconds": 600_000 })).await;
    silent.answers(Manner::Silent);
    let mut wish = wish(&silent, "me/events");
    wish["lifecycleNotificationUrl"] = json!(good.at("/lifecycle"));
    tokio::select! {
        answer = world.post("/subscriptions", wish) => panic!("answered without a proof: {}", answer.text),
        seen = tokio::time::timeout(std::time::Duration::from_secs(20), good.seen.recv()) => {
            assert!(seen.unwrap().unwrap().is_validation());
        }
    }
}

//! How notifications get to their endpoint, and what happens if they do not.

use std::collections::BTreeSet;
use std::time::Duration;

use super::*;
use crate::graph::subscriptions::queue::{self, Answer};

/// Creates so many events, each with a request of its own.
async fn create_events(world: &World, count: usize) {
    for _ in 0..count {
        world.create(event("Talk", 10, 9)).await;
    }
}

/// How many notifications each post had.
fn sizes(endpoint: &mut Endpoint) -> Vec<usize> {
    endpoint.posts().iter().map(|post| post.body["value"].as_array().unwrap().len()).collect()
}

#[tokio::test]
async fn several_notifications_go_into_one_post() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    subscribe(&world, &mut endpoint, "me/events").await;
    let list = id(&world.get("/me/todo/lists").await.items()[0]).to_owned();
    let tasks = format!("/me/todo/lists/{list}/tasks");
    subscribe(&world, &mut endpoint, &tasks).await;
    create_events(&world, 3).await;
    world.post(&tasks, json!({ "title": "Write" })).await;
    assert_eq!((deliver(&world).await, sizes(&mut endpoint)), (4, vec![4]));
    world.behaviour(json!({ "notificationBatchMax": 2 })).await;
    create_events(&world, 5).await;
    assert_eq!((deliver(&world).await, sizes(&mut endpoint)), (5, vec![2, 2, 1]));
}

#[tokio::test]
async fn the_record_shows_what_was_sent_and_keeps_secrets() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let subscription = subscribe(&world, &mut endpoint, "me/events").await;
    let created = world.create(event("Private matter", 10, 9)).await;
    world.control("DELETE", "notifications", None).await;
    deliver(&world).await;
    let record = record(&world).await;
    let me = world.get("/me").await.body["id"].as_str().unwrap().to_owned();
    let expected = json!({ "waiting": 0, "posts": [{
        "at": "2026-03-02T12:00:00Z",
        "url": endpoint.at("/notify"),
        "purpose": "notifications",
        "status": 202,
        "outcome": "accepted",
        "notifications": [{
            "subscriptionId": subscription["id"],
            "changeType": "created",
            "resource": format!("Users/{me}/Events/{}", id(&created)),
        }],
    }] });
    assert_eq!(record, expected);
    assert!(!format!("{:?}", world.microsoft).contains(CLIENT_STATE));
}

#[tokio::test]
async fn notifications_come_as_late_as_they_are_told_to() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    subscribe(&world, &mut endpoint, "me/events").await;
    world.behaviour(json!({ "notificationLatencySeconds": 60 })).await;
    create_events(&world, 1).await;
    world.advance(59);
    assert_eq!(deliver(&world).await, 0);
    world.advance(1);
    assert_eq!((deliver(&world).await, endpoint.told().len()), (1, 1));
}

#[tokio::test]
async fn what_nobody_takes_is_sent_again_with_growing_pauses() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    subscribe(&world, &mut endpoint, "me/events").await;
    endpoint.answers(Manner::Status(503));
    create_events(&world, 1).await;
    assert_eq!(deliver(&world).await, 0);
    for pause in [10, 20, 40] {
        assert_eq!(endpoint.posts().len(), 1);
        world.advance(pause - 1);
        assert_eq!(deliver(&world).await, 0);
        assert!(endpoint.posts().is_empty(), "{pause}");
        world.advance(1);
        assert_eq!(deliver(&world).await, 0);
    }
    let first = endpoint.posts();
    endpoint.answers(Manner::Good);
    world.advance(80);
    assert_eq!(deliver(&world).await, 1);
    // The very same, again.
    assert_eq!(endpoint.posts()[0].body, first[0].body);
}

#[tokio::test]
async fn after_four_hours_it_is_given_up_and_said_to_be_missed() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let mut wish = wish(&endpoint, "me/events");
    wish["expirationDateTime"] = json!("2026-03-05T12:00:00Z");
    assert_eq!(world.post("/subscriptions", wish).await.status, 201);
    endpoint.answers(Manner::Status(500));
    create_events(&world, 1).await;
    for _ in 0..=4 * 60 {
        deliver(&world).await;
        world.advance(60);
    }
    let sent = endpoint.notifications();
    assert!(sent.iter().filter(|item| item["changeType"] == "created").count() > 20);
    let record = record(&world).await;
    let of = |post: &Value, kind: &str| post["notifications"][0].get(kind).is_some();
    let posts = record["posts"].as_array().unwrap();
    let dropped: Vec<&Value> = posts.iter().filter(|post| post["outcome"] == "dropped").collect();
    assert_eq!(dropped.len(), 1);
    assert!(of(dropped[0], "changeType") && dropped[0]["at"].as_str() > Some("2026-03-02T15:49:00Z"));
    // The lifecycle notification is tried for as long.
    assert_eq!(record["waiting"], 1);
    endpoint.answers(Manner::Good);
    world.advance(600);
    assert_eq!((deliver(&world).await, endpoint.events()), (1, vec!["missed".to_owned()]));
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_in_time_has_not_taken_it() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    subscribe(&world, &mut endpoint, "me/events").await;
    let switches = world.control("GET", "behaviour", None).await.body;
    assert_eq!(
        (&switches["notificationPatienceMilliseconds"], &switches["validationPatienceMilliseconds"]),
        (&json!(3_000), &json!(10_000))
    );
    world.behaviour(json!({ "notificationPatienceMilliseconds": 50 })).await;
    endpoint.answers(Manner::Silent);
    create_events(&world, 1).await;
    assert_eq!(deliver(&world).await, 0);
    let posts = record(&world).await["posts"].clone();
    assert_eq!((&posts[2]["outcome"], &posts[2]["status"]), (&json!("timedOut"), &Value::Null));
    endpoint.answers(Manner::Good);
    world.behaviour(json!({ "notificationPatienceMilliseconds": null })).await;
    world.advance(10);
    assert_eq!(deliver(&world).await, 1);
}

#[tokio::test]
async fn a_slow_endpoint_gets_its_notifications_late_or_not_at_all() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    subscribe(&world, &mut endpoint, "me/events").await;
    // Every answer takes longer than nothing.
    let slow = async |slow: usize| {
        for (count, limit) in [(100 - slow, 60_000), (slow, 0)] {
            world.behaviour(json!({ "notificationSlowMilliseconds": limit })).await;
            create_events(&world, count).await;
            assert_eq!(deliver(&world).await, u64::try_from(count).unwrap());
        }
        create_events(&world, 1).await;
    };
    slow(10).await;
    assert_eq!(deliver(&world).await, 0);
    world.advance(600);
    assert_eq!(deliver(&world).await, 1);
    world.control("DELETE", "notifications", None).await;
    endpoint.posts();
    world.advance(600);
    slow(15).await;
    assert_eq!(deliver(&world).await, 1);
    assert_eq!(endpoint.events(), ["missed"]);
    let posts = record(&world).await["posts"].clone();
    let dropped = posts.as_array().unwrap().iter().filter(|post| post["outcome"] == "dropped").count();
    assert_eq!(dropped, 1);
}

#[tokio::test]
async fn how_slow_is_slow_and_what_follows_can_be_told() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    subscribe(&world, &mut endpoint, "me/events").await;
    let switches = json!({
        "notificationSlowMilliseconds": 0, "notificationJudgedFrom": 2, "notificationLateSeconds": 5,
        "notificationDroppedPercent": 101,
    });
    world.behaviour(switches).await;
    create_events(&world, 2).await;
    assert_eq!(deliver(&world).await, 2);
    create_events(&world, 1).await;
    assert_eq!(deliver(&world).await, 0, "it is late");
    world.advance(5);
    assert_eq!(deliver(&world).await, 1);
    world.behaviour(json!({ "notificationJudgedFrom": 1, "notificationDroppedPercent": 100 })).await;
    endpoint.posts();
    create_events(&world, 1).await;
    assert_eq!((deliver(&world).await, endpoint.events()), (1, vec!["missed".to_owned()]));
}

#[tokio::test]
async fn notifications_can_come_twice_in_any_order_or_never() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    subscribe(&world, &mut endpoint, "me/events").await;
    let ids = |endpoint: &mut Endpoint| -> Vec<String> { endpoint.told().into_iter().map(|(_, id)| id).collect() };
    world.behaviour(json!({ "notificationDuplicates": true })).await;
    create_events(&world, 20).await;
    deliver(&world).await;
    let twice = ids(&mut endpoint);
    let distinct: BTreeSet<&String> = twice.iter().collect();
    assert!(distinct.len() == 20 && twice.len() > 20, "{}", twice.len());
    world.behaviour(json!({ "notificationDuplicates": false, "notificationShuffle": true })).await;
    let mut created = Vec::new();
    for _ in 0..20 {
        created.push(id(&world.create(event("Talk", 10, 9)).await).to_owned());
    }
    deliver(&world).await;
    let mut shuffled = ids(&mut endpoint);
    assert_ne!(shuffled, created);
    shuffled.sort_unstable();
    created.sort_unstable();
    assert_eq!(shuffled, created);
    for (loss, events) in [("silent", 0), ("missed", 1)] {
        world.behaviour(json!({ "notificationShuffle": false, "notificationLoss": loss })).await;
        create_events(&world, 40).await;
        deliver(&world).await;
        let items = endpoint.notifications();
        let missed = items.iter().filter(|item| item["lifecycleEvent"] == "missed").count();
        assert!((1..40).contains(&(items.len() - missed)), "{loss}: {}", items.len());
        assert_eq!(missed, events, "{loss}");
    }
}

#[tokio::test]
async fn equal_seeds_send_equal_notifications() {
    let mut sent = Vec::new();
    for seed in [7, 7, 8] {
        let world = World::seeded(seed);
        let mut endpoint = Endpoint::new().await;
        world.behaviour(json!({ "notificationShuffle": true, "notificationDuplicates": true })).await;
        subscribe(&world, &mut endpoint, "me/events").await;
        create_events(&world, 10).await;
        deliver(&world).await;
        sent.push(json!(endpoint.notifications()).to_string());
    }
    assert_eq!(sent[0], sent[1]);
    assert_ne!(sent[0], sent[2]);
}

#[tokio::test]
async fn the_outcome_of_a_post_from_before_a_reset_settles_nothing() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    subscribe(&world, &mut endpoint, "me/events").await;
    create_events(&world, 1).await;
    let take = || world.microsoft.change(|state| queue::take_due(state, &BTreeSet::new()));
    let before = take();
    let number = before[0].numbers[0];
    let same = world.microsoft.lock().state.notifications.get(&number).unwrap().clone();
    world.control("POST", "reset", None).await;
    // The new tenant counts from the start, and gets to the same number.
    world.microsoft.change(|state| state.notifications.insert(number, same));
    assert_eq!(take()[0].numbers, [number]);
    let settle = |post| world.microsoft.change(|state| queue::settle(state, post, Answer::Status(202), Duration::ZERO));
    assert_eq!(settle(&before[0]), 0);
    let copy = world.microsoft.fork(world.clock.clone());
    assert!(copy.lock().state.deliveries.under_way.is_empty(), "what is on its way is told to the other one");
    let state = &world.microsoft.lock().state;
    assert!(state.notifications.get(&number).is_some() && state.deliveries.under_way.contains(&number));
    assert_eq!((state.deliveries.entries().count(), state.deliveries.endpoints.len()), (0, 0));
}

#[tokio::test]
async fn what_is_known_of_an_endpoint_is_dropped_when_it_counts_no_more() {
    let world = World::new();
    let known = || world.microsoft.lock().state.deliveries.endpoints.keys().cloned().collect::<Vec<String>>();
    let (mut first, mut second) = (Endpoint::new().await, Endpoint::new().await);
    subscribe(&world, &mut first, "me/events").await;
    create_events(&world, 1).await;
    assert_eq!((deliver(&world).await, known()), (1, vec![first.at("/notify")]));
    let list = id(&world.get("/me/todo/lists").await.items()[0]).to_owned();
    let tasks = format!("/me/todo/lists/{list}/tasks");
    subscribe(&world, &mut second, &tasks).await;
    world.advance(600);
    world.post(&tasks, json!({ "title": "Write" })).await;
    assert_eq!((deliver(&world).await, known()), (1, vec![second.at("/notify")]));
}

//! Deliveries that nobody asks for: as where the emulator is served.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::*;

/// Longer than any of these tests.
const PATIENCE_MILLISECONDS: u64 = 600_000;
/// After this, what has not come is said to be missing.
const SOON: Duration = Duration::from_secs(20);

/// Delivers in the background as long as the test runs.
struct Driver(JoinHandle<()>);

impl Driver {
    fn of(world: &World) -> Self {
        let microsoft = world.microsoft.clone();
        Self(tokio::spawn(async move { microsoft.drive_deliveries(std::future::pending()).await }))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[tokio::test]
async fn a_change_wakes_the_driver() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let _driver = Driver::of(&world);
    subscribe(&world, &mut endpoint, "me/events").await;
    for day in 10..13 {
        let created = world.create(event("Talk", day, 9)).await;
        let post = endpoint.seen.recv().await.unwrap();
        assert_eq!(post.body["value"][0]["resourceData"]["id"], created["id"]);
    }
}

#[tokio::test]
async fn what_is_due_later_is_sent_when_the_clock_is_moved() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let _driver = Driver::of(&world);
    subscribe(&world, &mut endpoint, "me/events").await;
    world.behaviour(json!({ "notificationLatencySeconds": 60, "clockSkewSeconds": 30 })).await;
    world.create(event("Talk", 10, 9)).await;
    tokio::task::yield_now().await;
    world.advance(59);
    tokio::task::yield_now().await;
    assert!(endpoint.posts().is_empty());
    world.advance(1);
    assert_eq!(endpoint.seen.recv().await.unwrap().body["value"][0]["changeType"], "created");
}

#[tokio::test]
async fn the_end_of_a_subscription_is_announced_without_any_request() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let _driver = Driver::of(&world);
    subscribe(&world, &mut endpoint, "me/events").await;
    tokio::task::yield_now().await;
    world.advance(2 * 3_600 - 15 * 60);
    let post = endpoint.seen.recv().await.unwrap();
    assert_eq!(post.body["value"][0]["lifecycleEvent"], "reauthorizationRequired");
}

#[tokio::test]
async fn a_driver_ends_when_it_is_told_to() {
    let world = World::new();
    world.microsoft.drive_deliveries(std::future::ready(())).await;
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_holds_up_nobody_else() {
    let world = World::new();
    let (mut silent, mut good) = (Endpoint::new().await, Endpoint::new().await);
    let list = id(&world.get("/me/todo/lists").await.items()[0]).to_owned();
    let tasks = format!("/me/todo/lists/{list}/tasks");
    subscribe(&world, &mut silent, "me/events").await;
    subscribe(&world, &mut good, &tasks).await;
    world.behaviour(json!({ "notificationPatienceMilliseconds": PATIENCE_MILLISECONDS })).await;
    silent.answers(Manner::Silent);
    let _driver = Driver::of(&world);
    world.create(event("Talk", 10, 9)).await;
    timeout(SOON, silent.seen.recv()).await.unwrap().unwrap();
    for _ in 0..2 {
        let task = world.post(&tasks, json!({ "title": "Write" })).await;
        let post = timeout(SOON, good.seen.recv()).await.unwrap().unwrap();
        assert_eq!(post.body["value"][0]["resourceData"]["id"], task.body["id"]);
    }
    // Its next notifications wait for their turn.
    world.create(event("Talk", 11, 9)).await;
    let task = world.post(&tasks, json!({ "title": "Read" })).await;
    let post = timeout(SOON, good.seen.recv()).await.unwrap().unwrap();
    assert_eq!(post.body["value"][0]["resourceData"]["id"], task.body["id"]);
    assert!(silent.posts().is_empty());
}

#[tokio::test]
async fn a_driver_that_waits_for_an_answer_ends_as_well_and_gives_back_what_it_sent() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    subscribe(&world, &mut endpoint, "me/events").await;
    world.behaviour(json!({ "notificationPatienceMilliseconds": PATIENCE_MILLISECONDS })).await;
    endpoint.answers(Manner::Silent);
    let (stop, stopped) = oneshot::channel::<()>();
    let microsoft = world.microsoft.clone();
    let driver = tokio::spawn(async move { microsoft.drive_deliveries(async { _ = stopped.await }).await });
    world.create(event("Talk", 10, 9)).await;
    timeout(SOON, endpoint.seen.recv()).await.unwrap().unwrap();
    stop.send(()).unwrap();
    timeout(SOON, driver).await.unwrap().unwrap();
    endpoint.answers(Manner::Good);
    assert_eq!((deliver(&world).await, endpoint.told().len()), (1, 1));
}

#[tokio::test]
async fn deliveries_can_be_asked_for_without_http() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    subscribe(&world, &mut endpoint, "me/events").await;
    world.create(event("Talk", 10, 9)).await;
    assert_eq!((world.microsoft.deliver_due().await, endpoint.told().len()), (1, 1));
}

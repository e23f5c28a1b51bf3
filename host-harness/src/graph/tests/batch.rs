//! `$batch`.

use super::*;

fn part(id: &str, method: &str, url: &str) -> Value {
    json!({ "id": id, "method": method, "url": url })
}

fn response<'a>(answer: &'a Answer, id: &str) -> &'a Value {
    answer.body["responses"].as_array().unwrap().iter().find(|response| response["id"] == id).unwrap()
}

fn after(mut part: Value, ids: &[&str]) -> Value {
    part["dependsOn"] = json!(ids);
    part
}

fn create(id: &str, subject: &str) -> Value {
    let mut create = part(id, "POST", "/me/events");
    create["headers"] = json!({ "Content-Type": "application/json" });
    create["body"] = event(subject, 10, 9);
    create
}

async fn batch(world: &World, parts: &[Value]) -> Answer {
    world.post("/$batch", json!({ "requests": parts })).await
}

fn statuses<'a>(answer: &Answer, ids: impl IntoIterator<Item = &'a str>) -> Vec<u64> {
    ids.into_iter().map(|id| response(answer, id)["status"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn parts_run_in_order_and_what_waits_for_a_failure_is_not_run() {
    let world = World::new();
    let missing = part("b", "DELETE", "/me/events/nothing");
    let parts = [
        create("a", "Talk"),
        after(missing, &["A"]),
        after(create("c", "Never"), &["b"]),
        after(part("d", "GET", "/me/events"), &["c"]),
    ];
    let answer = batch(&world, &parts).await;
    assert_eq!((answer.status, statuses(&answer, ["a", "b", "c", "d"])), (200, vec![201, 400, 424, 424]));
    let error = &response(&answer, "c")["body"]["error"];
    assert_eq!((&error["code"], error["innerError"].is_object()), (&json!("FailedDependency"), true));
    assert_eq!(world.get("/me/events").await.items().len(), 1);
    let log = world.microsoft.requests();
    assert_eq!(log["requests"][0]["parts"].as_array().unwrap().len(), 4);
    assert_eq!(log["totals"]["calendar"], json!({ "DELETE": 1, "GET": 2, "POST": 2 }));
}

#[tokio::test]
async fn several_parts_may_wait_for_the_same_one() {
    let world = World::new();
    let parts = [
        create("1", "Talk"),
        part("2", "GET", "/me/calendar"),
        after(part("3", "GET", "/me/events"), &["1"]),
        after(part("4", "GET", "/me/calendars"), &["1"]),
    ];
    let answer = batch(&world, &parts).await;
    assert_eq!((answer.status, statuses(&answer, ["1", "2", "3", "4"])), (200, vec![201, 200, 200, 200]));
    assert_eq!(response(&answer, "3")["body"]["value"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn urls_are_relative_to_the_version_with_or_without_a_sign_in_front() {
    let world = World::new();
    let user = world.get("/me").await.body["id"].as_str().unwrap().to_owned();
    let urls =
        ["/me/events", "me/events", &format!("/users/{user}/events"), &format!("users('{ALICE}')/events?$top=1")];
    for url in urls {
        let answer = batch(&world, &[part("1", "GET", url)]).await;
        assert_eq!(statuses(&answer, ["1"]), [200], "{url}");
    }
    for url in ["/v1.0/me/events", "beta/me/events"] {
        let answer = batch(&world, &[part("1", "GET", url)]).await;
        assert_eq!(statuses(&answer, ["1"]), [400], "{url}");
    }
    let answer = batch(&world, &[part("1", "GET", "/users/me-token-to-replace/events")]).await;
    assert_eq!(statuses(&answer, ["1"]), [404]);
}

#[tokio::test]
async fn a_part_is_answered_with_its_own_headers() {
    let world = World::new();
    let mut talk = create("1", "Talk");
    talk["atomicityGroup"] = json!("g");
    let mut read = part("2", "GET", "/me/events");
    read["headers"] = json!({ "Prefer": "outlook.timezone=\"Tokyo Standard Time\"", "accept": "application/json;odata.metadata=none" });
    let answer = batch(&world, &[talk, after(read, &["1"])]).await;
    let created = response(&answer, "1");
    assert!(created["headers"]["Location"].as_str().unwrap().contains("/events('"), "{created}");
    assert_eq!(created["headers"]["OData-Version"], "4.0");
    assert!(created["headers"]["Content-Type"].as_str().unwrap().contains("odata.metadata=minimal"), "{created}");
    let read = response(&answer, "2");
    assert_eq!(read["headers"]["Preference-Applied"], "outlook.timezone=\"Tokyo Standard Time\"");
    assert!(read["headers"]["Content-Type"].as_str().unwrap().contains("odata.metadata=none"), "{read}");
    assert!(read["body"].get("@odata.context").is_none() && read["body"]["value"][0].get("@odata.etag").is_none());
}

#[tokio::test]
async fn what_is_not_json_travels_in_base64() {
    let mut world = World::new();
    world.token = world.microsoft.issue_token(ALICE, &["Mail.Send"]).unwrap();
    let mut text = part("1", "POST", "/me/sendMail");
    text["headers"] = json!({ "content-type": "text/plain" });
    for (body, message) in [("bm8gTUlNRQ", "MIME content"), ("%", "is not base64")] {
        text["body"] = json!(body);
        let answer = batch(&world, &[text.clone()]).await;
        let refused = response(&answer, "1");
        assert_eq!((answer.status, refused["status"].as_u64()), (200, Some(400)));
        assert!(refused["body"]["error"]["message"].as_str().unwrap().contains(message), "{refused}");
    }
}

#[tokio::test]
async fn a_batch_needs_a_token_itself() {
    let world = World::new();
    let body = json!({ "requests": [part("1", "GET", "/me")] });
    let answer = world.graph_as("nothing", "POST", "/$batch", &[], Some(body)).await;
    assert_eq!((answer.status, answer.code()), (401, "InvalidAuthenticationToken"));
    assert_eq!(world.get("/$batch").await.status, 405);
}

#[tokio::test]
async fn a_part_can_be_throttled_alone() {
    let world = World::new();
    let fault = json!([{ "match": { "path": "/me/calendars" }, "do": "throttle", "retryAfterSeconds": 3 }]);
    world.control("POST", "faults", Some(fault)).await;
    let requests = json!({ "requests": [part("a", "GET", "/me/calendars"), part("b", "GET", "/me/events")] });
    let answer = world.post("/$batch", requests).await;
    assert_eq!(answer.status, 200);
    assert_eq!(response(&answer, "a")["status"], 429);
    assert_eq!(response(&answer, "a")["headers"]["Retry-After"], "3");
    assert_eq!(response(&answer, "b")["status"], 200);
}

#[tokio::test]
async fn malformed_batches_are_refused_whole() {
    let world = World::new();
    let many: Vec<Value> = (0..21).map(|n| part(&n.to_string(), "GET", "/me")).collect();
    let mut bodiless = part("1", "POST", "/me/events");
    bodiless["body"] = json!({});
    let mut wrong = part("1", "GET", "/me");
    wrong["headers"] = json!({ "Prefer": 1 });
    let mut unknown = part("1", "GET", "/me");
    unknown["dependsOn"] = json!("0");
    let get = |id: &str| part(id, "GET", "/me");
    let sequence = "fully sequential or fully parallel";
    let cases = [
        (many, "between 1 and 20"),
        (vec![], "between 1 and 20"),
        (vec![get("a"), get("A")], "unique"),
        (vec![bodiless], "Content-Type"),
        (vec![wrong], "headers"),
        (vec![unknown], "dependsOn"),
        (vec![part("1", "POST", "/$batch")], "not a batch itself"),
        (vec![part("1", "POST", "%24batch")], "not a batch itself"),
        (vec![part("1", "GET", "https://graph.microsoft.com/v1.0/me")], "relative"),
        (vec![json!({ "id": "1", "url": "/me" })], "a method"),
        (vec![after(get("1"), &["2"]), get("2")], "Invalid dependency"),
        (vec![after(get("1"), &["1"])], "Invalid dependency"),
        (vec![get("1"), get("2"), after(get("3"), &["1"]), after(get("4"), &["2"])], sequence),
        (vec![get("1"), get("2"), after(get("3"), &["1", "2"])], sequence),
    ];
    for (parts, message) in cases {
        let answer = batch(&world, &parts).await;
        assert_eq!((answer.status, answer.code()), (400, "BadRequest"), "{message}");
        assert!(answer.body["error"]["message"].as_str().unwrap().contains(message), "{}", answer.text);
    }
    assert_eq!(world.post("/$batch", json!({})).await.status, 400);
}

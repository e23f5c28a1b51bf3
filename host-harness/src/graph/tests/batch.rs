//! `$batch`.

use super::*;

fn part(id: &str, method: &str, url: &str) -> Value {
    json!({ "id": id, "method": method, "url": url })
}

fn response<'a>(answer: &'a Answer, id: &str) -> &'a Value {
    answer.body["responses"].as_array().unwrap().iter().find(|response| response["id"] == id).unwrap()
}

#[tokio::test]
async fn parts_are_answered_one_by_one_and_dependants_of_failures_are_not_run() {
    let world = World::new();
    let mut create = part("1", "POST", "/me/events");
    create["headers"] = json!({ "Content-Type": "application/json" });
    create["body"] = event("Talk", 10, 9);
    let missing = part("2", "DELETE", "/me/events/nothing");
    let mut blocked = create.clone();
    blocked["id"] = json!("3");
    blocked["dependsOn"] = json!(["2"]);
    let mut allowed = part("4", "GET", "/me/events");
    allowed["dependsOn"] = json!(["1"]);
    let answer = world.post("/$batch", json!({ "requests": [create, missing, blocked, allowed] })).await;
    assert_eq!(answer.status, 200);
    let statuses = ["1", "2", "3", "4"].map(|id| response(&answer, id)["status"].as_u64().unwrap());
    assert_eq!(statuses, [201, 400, 424, 200]);
    assert_eq!(response(&answer, "4")["body"]["value"].as_array().unwrap().len(), 1);
    let log = world.microsoft.requests();
    assert_eq!(log["requests"][0]["parts"].as_array().unwrap().len(), 4);
    assert_eq!(log["totals"]["calendar"], json!({ "DELETE": 1, "GET": 1, "POST": 2 }));
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
    let cases = [
        json!({ "requests": many }),
        json!({ "requests": [part("a", "GET", "/me"), part("A", "GET", "/me")] }),
        json!({ "requests": [bodiless] }),
        json!({ "requests": [part("1", "POST", "/$batch")] }),
        json!({}),
    ];
    for body in cases {
        assert_eq!(world.post("/$batch", body).await.status, 400);
    }
}

//! The management interface, faults, the record of requests, and the file.

use super::*;
use crate::graph::OpenError;
use crate::graph::fault::{DropConnection, Slow};

#[tokio::test]
async fn faults_strike_as_often_as_scripted() {
    let world = World::new();
    let fault = json!([{ "match": { "method": "GET", "path": "/me/events" }, "skip": 1, "times": 2, "do": "unavailable", "retryAfterSeconds": 7 }]);
    world.control("POST", "faults", Some(fault)).await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(world.get("/me/events").await.status);
    }
    assert_eq!(statuses, [200, 503, 503, 200]);
}

#[tokio::test]
async fn a_dropped_response_has_done_its_work_and_a_dropped_request_has_not() {
    let world = World::new();
    for (fault, events) in [("dropRequest", 0), ("dropResponse", 1)] {
        world.control("POST", "faults", Some(json!([{ "match": { "method": "POST" }, "do": fault }]))).await;
        let answer = world.post("/me/events", event("Talk", 10, 9)).await;
        assert_eq!(answer.extensions.get::<DropConnection>(), Some(&DropConnection));
        assert_eq!(world.get("/me/events").await.items().len(), events, "{fault}");
    }
}

#[tokio::test]
async fn every_fault_has_its_face() {
    let world = World::new();
    let cases = [
        ("throttle", 429),
        ("unavailable", 503),
        ("gatewayTimeout", 504),
        ("gone", 410),
        ("unauthorized", 401),
        ("htmlPage", 502),
        ("truncate", 200),
        ("slow", 200),
    ];
    for (fault, status) in cases {
        world.control("POST", "faults", Some(json!([{ "do": fault }]))).await;
        let answer = world.get("/me").await;
        assert_eq!(answer.status, status, "{fault}");
        assert_eq!(answer.extensions.get::<Slow>().is_some(), fault == "slow");
        let is_json = !answer.body.is_null();
        assert_eq!(is_json, !matches!(fault, "htmlPage" | "truncate"), "{fault}");
    }
    world.control("POST", "faults", Some(json!([{ "do": "throttle", "status": 503 }]))).await;
    assert_eq!(world.get("/me").await.status, 503);
    assert_eq!(world.control("POST", "faults", Some(json!([{ "do": "explode" }]))).await.status, 400);
}

#[tokio::test]
async fn the_record_counts_requests_and_holds_no_secrets() {
    let world = World::new();
    let first = world.get("/me/calendarView/delta?startDateTime=2026-03-01&endDateTime=2026-04-01").await;
    let delta = first.body["@odata.deltaLink"].as_str().unwrap();
    world.microsoft.clear_requests();
    world.get(delta).await;
    world.create(event("Private matter", 10, 9)).await;
    let log = world.control("GET", "requests", None).await.body;
    assert_eq!(log["count"], 2);
    assert_eq!(log["totals"], json!({ "calendar": { "GET": 1, "POST": 1 } }));
    assert_eq!(log["requests"][0]["query"], json!(["$deltatoken"]));
    let text = log.to_string();
    let token = delta.split_once("$deltatoken=").unwrap().1;
    assert!(!text.contains(token) && !text.contains(&world.token) && !text.contains("Private"));
    assert_eq!(world.control("DELETE", "requests", None).await.status, 204);
    assert_eq!(world.microsoft.requests()["count"], 0);
}

#[tokio::test]
async fn equal_seeds_and_requests_give_equal_bytes() {
    let mut answers = Vec::new();
    for seed in [7, 7, 8] {
        let world = World::seeded(seed);
        let created = world.post("/me/events", event("Talk", 10, 9)).await;
        let refused = world.get("/me/events/nothing").await;
        answers.push(format!("{}{}{}", created.text, refused.text, created.header("request-id")));
    }
    assert_eq!(answers[0], answers[1]);
    assert_ne!(answers[0], answers[2]);
}

#[tokio::test]
async fn reset_empties_the_tenant() {
    let world = World::new();
    world.create(event("Talk", 10, 9)).await;
    assert_eq!(world.control("POST", "reset", Some(json!({ "seed": 9 }))).await.body["seed"], 9);
    assert!(world.microsoft.mailboxes().is_empty());
    assert_eq!(world.get("/me").await.status, 401);
}

#[tokio::test]
async fn the_scene_can_be_set_over_http() {
    let world = World::new();
    world.control("POST", "reset", None).await;
    let carol =
        json!({ "userPrincipalName": "carol@fabrikam.example", "displayName": "Carol", "timeZone": "Europe/Berlin" });
    assert_eq!(world.control("POST", "mailboxes", Some(carol.clone())).await.status, 201);
    assert_eq!(world.control("POST", "mailboxes", Some(carol.clone())).await.status, 409);
    let mut nowhere = carol;
    nowhere["timeZone"] = json!("EST");
    nowhere["userPrincipalName"] = json!("dan@fabrikam.example");
    assert_eq!(world.control("POST", "mailboxes", Some(nowhere)).await.status, 400);
    let request = json!({ "userPrincipalName": "carol@fabrikam.example", "scopes": ["User.Read"] });
    let token = world.control("POST", "token", Some(request)).await.body["accessToken"].as_str().unwrap().to_owned();
    let me = world.graph_as(&token, "GET", "/me", &[], None).await;
    assert_eq!(me.body["displayName"], "Carol");
    assert_eq!(world.control("GET", "nothing", None).await.code(), "notFound");
    assert!(world.control("GET", "outbox", None).await.body.as_array().unwrap().is_empty());
}

#[tokio::test]
async fn immutable_ids_can_be_made_a_duty() {
    let world = World::new();
    world.control("POST", "behaviour", Some(json!({ "requireImmutableId": true }))).await;
    assert_eq!(world.get("/me/events").await.status, 400);
    assert_eq!(world.get_with("/me/events", &[("prefer", "IdType=\"ImmutableId\"")]).await.status, 200);
    world.control("POST", "behaviour", Some(json!({ "requireImmutableId": null }))).await;
    assert_eq!(world.get("/me/events").await.status, 200);
}

#[tokio::test]
async fn a_file_keeps_the_tenant_and_a_newer_one_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("microsoft.sqlite");
    let clock = HarnessClock::fixed(noon());
    let created = {
        let microsoft = Microsoft::open(clock.clone(), 7, BASE, &file).unwrap();
        fill(&microsoft);
        let world = World::around(microsoft, clock.clone());
        let created = world.create(event("Talk", 10, 9)).await;
        world.create(event("Gone", 11, 9)).await;
        let gone = id(&world.get("/me/events").await.items()[1]).to_owned();
        world.delete(&gone).await;
        (id(&created).to_owned(), world.token)
    };
    let microsoft = Microsoft::open(clock.clone(), 99, BASE, &file).unwrap();
    let world = World { microsoft, clock: clock.clone(), token: created.1 };
    let items = world.get("/me/events").await;
    assert_eq!(items.items().len(), 1, "{}", items.text);
    assert_eq!(items.items()[0]["id"], created.0.as_str());
    drop(world);
    rusqlite::Connection::open(&file).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    let refused = Microsoft::open(clock, 7, BASE, &file).unwrap_err();
    assert!(matches!(refused, OpenError::NewerFormat { found: 99, .. }));
    assert!(refused.to_string().contains("hint:"));
}

#[tokio::test]
async fn a_file_of_an_earlier_version_lacks_what_came_later() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("microsoft.sqlite");
    let clock = HarnessClock::fixed(noon());
    let token = {
        let microsoft = Microsoft::open(clock.clone(), 7, BASE, &file).unwrap();
        fill(&microsoft);
        let world = World::around(microsoft, clock.clone());
        let mut series = daily(3);
        series["attendees"] = json!([guest(BOB)]);
        series["extensions"] = json!([{ "extensionName": "Com.Contoso.Link", "link": "1" }]);
        let master = world.create(series).await;
        world.delete(id(&world.instances(id(&master)).await[1])).await;
        world.token
    };
    let read = async || {
        let world = World {
            microsoft: Microsoft::open(clock.clone(), 7, BASE, &file).unwrap(),
            clock: clock.clone(),
            token: token.clone(),
        };
        let events = world.get("/me/events?$expand=extensions").await;
        let copy = world.as_bob("GET", "/me/events", None).await.items()[0].clone();
        let mine = world.as_bob("GET", &instances_path(id(&copy)), None).await;
        let cancelled: Vec<bool> = mine.items().iter().map(|item| item["isCancelled"] == true).collect();
        (events.items()[0]["extensions"].as_array().unwrap().len(), cancelled)
    };
    assert_eq!(read().await, (1, vec![false, true, false]));
    let earlier = "UPDATE objects SET body = json_remove(body, '$.extensions', '$.lone', '$.behaviour.mastersInDelta', '$.recurrence.zone_label')";
    rusqlite::Connection::open(&file).unwrap().execute_batch(earlier).unwrap();
    assert_eq!(read().await, (0, vec![false, true, false]));
}

#[tokio::test]
async fn switches_go_back_to_what_they_were_at_first() {
    let world = World::new();
    let first = world.control("GET", "behaviour", None).await.body;
    assert_eq!(
        (&first["mastersInDelta"], &first["replay"], &first["cloud"]),
        (&json!(true), &json!(false), &json!("global"))
    );
    let change = json!({ "mastersInDelta": false, "replay": true, "cloud": "china", "pageSizeMax": null });
    let changed = world.control("POST", "behaviour", Some(change)).await.body;
    assert_eq!(
        (&changed["mastersInDelta"], &changed["cloud"], &changed["pageSizeMax"]),
        (&json!(false), &json!("china"), &json!(null))
    );
    for refused in [json!({ "replay": false, "nothing": 1 }), json!({ "replay": 1 }), json!({ "cloud": "moon" })] {
        assert_eq!(world.control("POST", "behaviour", Some(refused)).await.status, 400);
    }
    assert_eq!(world.control("GET", "behaviour", None).await.body, changed);
    let back = json!({ "mastersInDelta": null, "replay": null, "cloud": null });
    assert_eq!(world.control("POST", "behaviour", Some(back)).await.body, first);
}

#[tokio::test]
async fn a_real_connection_breaks_when_the_response_is_dropped() {
    use std::io::{Read as _, Write as _};
    let world = World::new();
    world.control("POST", "faults", Some(json!([{ "do": "dropResponse" }]))).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = world.microsoft.tcp_router();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let request = format!("GET /v1.0/me HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n", world.token);
    let answer = tokio::task::spawn_blocking(move || {
        let mut connection = std::net::TcpStream::connect(address).unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // Ends because the server closed the connection, in whatever way.
        let _ = connection.read_to_end(&mut answer);
        answer
    })
    .await
    .unwrap();
    assert!(!String::from_utf8_lossy(&answer).contains(ALICE));
    server.abort();
}

#[tokio::test]
async fn a_fault_that_cannot_strike_is_refused() {
    let world = World::new();
    for status in [0, 42, 99, 100, 199, 600, 1000] {
        let line = json!([{ "do": "gone" }, { "do": "throttle", "status": status }]);
        let refused = world.control("POST", "faults", Some(line)).await;
        assert_eq!((refused.status, refused.code()), (400, "invalidFault"), "{status}");
        assert_eq!(
            refused.body["error"]["message"],
            format!("expected a `status` from 200 to 599, but found {status}")
        );
    }
    let never = world.control("POST", "faults", Some(json!([{ "do": "gone", "times": 0 }]))).await;
    assert_eq!((never.status, never.code()), (400, "invalidFault"));
    assert_eq!(never.body["error"]["message"], "expected `times` of at least 1, but found 0");
    assert_eq!(world.control("GET", "faults", None).await.body, json!([]), "nothing of a script that is refused");
    for status in [400, 404, 599] {
        let line = json!([{ "do": "unavailable", "status": status }]);
        assert_eq!(world.control("POST", "faults", Some(line)).await.status, 200, "{status}");
        assert_eq!(world.get("/me").await.status, status);
    }
}

#[tokio::test]
async fn a_limit_of_nothing_is_refused() {
    let world = World::new();
    for name in ["pageSizeMax", "concurrencyMax", "mailboxConcurrencyMax"] {
        let refused = world.control("POST", "behaviour", Some(json!({ name: 0 }))).await;
        assert_eq!((refused.status, refused.code()), (400, "invalidBody"), "{name}");
        assert_eq!(world.control("GET", "behaviour", None).await.body[name], Value::Null, "{name}");
    }
}

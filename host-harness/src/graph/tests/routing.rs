//! The spellings of a path that lead to the same place.

use super::*;

const WINDOW: &str = "startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";

#[tokio::test]
async fn every_spelling_of_a_path_leads_to_the_same_event() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    let event_id = id(&created);
    assert!(event_id.ends_with('='), "{event_id}");
    let encoded = escaped(event_id);
    let user = world.get("/me").await.body["id"].as_str().unwrap().to_owned();
    let paths = [
        format!("/me/events/{event_id}"),
        format!("/me/events/{encoded}"),
        format!("/me/events('{event_id}')"),
        format!("/me/events('{encoded}')"),
        format!("/me/events%28%27{encoded}%27%29"),
        format!("/ME/Events/{event_id}"),
        format!("/me/calendar/events/{event_id}"),
        format!("/me/calendarView('{event_id}')"),
        format!("/users/{user}/events/{event_id}"),
        format!("/users('{user}')/events('{event_id}')"),
        format!("/users/{ALICE}/events/{event_id}"),
        format!("/Users('{}')/calendar/events/{event_id}", escaped(ALICE)),
    ];
    for path in paths {
        let answer = world.get(&path).await;
        assert_eq!((answer.status, &answer.body["id"]), (200, &created["id"]), "{path}");
    }
}

#[tokio::test]
async fn ids_keep_their_case() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    let answer = world.get(&format!("/me/events/{}", id(&created).to_ascii_lowercase())).await;
    assert_eq!((answer.status, answer.code()), (400, "ErrorInvalidIdMalformed"));
}

#[tokio::test]
async fn every_spelling_of_delta_begins_a_round() {
    let world = World::new();
    world.create(event("Talk", 10, 9)).await;
    for delta in ["delta", "delta()", "microsoft.graph.delta", "microsoft.graph.delta()", "Delta", "%64elta%28%29"] {
        let view = world.get(&format!("/me/calendarView/{delta}?{WINDOW}")).await;
        assert_eq!((view.status, view.items().len()), (200, 1), "{delta}");
        let events = world.get(&format!("/me/events/{delta}?startDateTime=2026-03-01T00:00:00Z")).await;
        assert_eq!((events.status, events.items().len()), (200, 1), "{delta}");
        for path in ["/me/todo/lists", "/me/todo/lists('{list}')/tasks"] {
            let lists = world.get("/me/todo/lists").await;
            let path = path.replace("{list}", id(&lists.items()[0]));
            assert_eq!(world.get(&format!("{path}/{delta}")).await.status, 200, "{path}/{delta}");
        }
    }
}

#[tokio::test]
async fn query_options_are_read_in_any_case_and_with_an_escaped_sign() {
    let world = World::new();
    for day in [10, 11] {
        world.create(event("Talk", day, 9)).await;
    }
    let window = WINDOW.to_ascii_lowercase().replace("t00", "T00").replace("00z", "00Z");
    for query in ["$top=1", "%24top=1", "$TOP=1", "%24Top=1"] {
        let answer = world.get(&format!("/me/calendarView?{window}&{query}")).await;
        assert_eq!((answer.status, answer.items().len()), (200, 1), "{query}");
    }
}

#[tokio::test]
async fn functions_take_their_arguments_in_every_spelling() {
    let world = World::new();
    let first = |answer: &Answer| answer.items()[0]["alias"].as_str().unwrap_or_default().to_owned();
    let windows = world.get("/me/outlook/supportedTimeZones").await;
    for path in [
        "supportedTimeZones()",
        "supportedTimeZones(TimeZoneStandard=microsoft.graph.timeZoneStandard'Windows')",
        "microsoft.graph.supportedTimeZones(TimeZoneStandard='windows')",
    ] {
        assert_eq!(first(&world.get(&format!("/me/outlook/{path}")).await), first(&windows), "{path}");
    }
    for path in [
        "supportedTimeZones(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')",
        "supportedTimeZones(timezonestandard='IANA')",
        "supportedTimeZones%28TimeZoneStandard%3Dmicrosoft.graph.timeZoneStandard%27Iana%27%29",
    ] {
        let answer = world.get(&format!("/me/outlook/{path}")).await;
        assert!(answer.items().iter().any(|zone| zone["alias"] == "Europe/Berlin"), "{path}: {}", answer.text);
    }
    let refused = world.get("/me/outlook/supportedTimeZones(TimeZoneStandard='Julian')").await;
    assert_eq!((refused.status, refused.code()), (400, "BadRequest"));
}

#[tokio::test]
async fn what_the_client_rewrites_to_me_is_nobody() {
    let world = World::new();
    let answer = world.get("/users/me-token-to-replace/events").await;
    assert_eq!((answer.status, answer.code()), (404, "Request_ResourceNotFound"));
}

#[tokio::test]
async fn annotations_come_as_they_are_asked_for() {
    let world = World::new();
    for day in [10, 11] {
        world.create(event("Talk", day, 9)).await;
    }
    let plain = world.get("/me/events?$top=1&$count=true").await;
    assert!(plain.header("content-type").contains("odata.metadata=minimal"));
    assert!(plain.items()[0].get("@odata.etag").is_some() && plain.body.get("@odata.context").is_some());
    let wishes =
        [world.get_with("/me/events?$top=1&$count=true", &[("accept", "application/json; odata.metadata=none")]).await];
    for bare in wishes {
        assert!(bare.header("content-type").contains("odata.metadata=none"), "{}", bare.text);
        assert!(bare.items()[0].get("@odata.etag").is_none() && bare.body.get("@odata.context").is_none());
        assert_eq!((&bare.body["@odata.count"], bare.body["@odata.nextLink"].is_string()), (&json!(2), true));
    }
    let full = world.get_with("/me/events", &[("accept", "application/json;odata.metadata=full")]).await;
    assert_eq!((full.status, full.header("content-type")), (501, "application/json"));
}

#[tokio::test]
async fn headers_tell_who_asked_and_what_was_answered() {
    let world = World::new();
    let answer = world.get_with("/me/events", &[("client-request-id", "mine")]).await;
    assert_eq!((answer.header("client-request-id"), answer.header("odata-version")), ("mine", "4.0"));
    assert!(answer.header("request-id").len() == 36 && answer.header("x-ms-ags-diagnostic").contains("ServerInfo"));
    let refused = world.get_with("/me/events/nothing", &[("client-request-id", "mine")]).await;
    assert_eq!(refused.body["error"]["innerError"]["client-request-id"], "mine");
}

#[tokio::test]
async fn a_body_without_a_type_cannot_be_read() {
    let world = World::new();
    let request = Request::post("/v1.0/me/events").header("authorization", format!("Bearer {}", world.token));
    let answer = world.send(request.body(Body::from(event("Talk", 10, 9).to_string())).unwrap()).await;
    assert_eq!((answer.status, answer.code()), (400, "BadRequest"));
    assert!(answer.text.contains("Content-Type"), "{}", answer.text);
}

/// What is answered to each of the methods: `.` an answer of the area, `m` a
/// method that is refused, `-` not here, `?` a segment that there is not.
async fn judged(world: &World, path: &str) -> String {
    let mut line = String::new();
    for method in ["GET", "POST", "PATCH", "PUT", "DELETE"] {
        let body = (method != "GET" && method != "DELETE").then(|| json!({}));
        let answer = world.graph_as(&world.token, method, path, &[], body).await;
        line.push(match (answer.status, answer.code()) {
            (405, "ErrorInvalidRequest" | "Request_BadRequest") => 'm',
            (501, "NotImplemented") => '-',
            (400, "BadRequest") if answer.text.contains("Resource not found for the segment") => '?',
            _ => '.',
        });
    }
    line
}

#[tokio::test]
async fn a_request_is_refused_for_its_path_and_its_method_in_every_area_alike() {
    let world = World::new();
    let scopes = ["User.Read", "Calendars.ReadWrite", "Tasks.ReadWrite", "Mail.ReadWrite", "MailboxSettings.ReadWrite"];
    let world = World { token: world.microsoft.issue_token(ALICE, &scopes).unwrap(), ..world };
    let list = id(&world.get("/me/todo/lists").await.items()[0]).to_owned();
    let task = id(&world.post(&format!("/me/todo/lists/{list}/tasks"), json!({ "title": "Do" })).await.body).to_owned();
    let event = id(&world.create(event("Talk", 10, 9)).await).to_owned();
    let message = id(&world.post("/me/messages", json!({ "subject": "Hello" })).await.body).to_owned();
    let table = [
        // Calendars. Properties of an event can be read by themselves in Graph.
        ("/me/events/$count", ".mmmm"),
        ("/me/calendarView", ".mmmm"),
        ("/me/calendarView/{event}", ".mmmm"),
        ("/me/events/delta", ".mmmm"),
        ("/me/events/{event}/accept", "m.mmm"),
        ("/me/events/{event}/subject", "-mmmm"),
        ("/me/events/{event}/colour", "?????"),
        ("/me/events/{event}/$value", "?????"),
        ("/me/events/{event}/attachments/x/y", "?????"),
        ("/me/events/{event}/instances/x", ".mmmm"),
        ("/me/calendar/calendarPermissions", "--mmm"),
        ("/me/calendarGroups/x/colour", "?????"),
        // Tasks.
        ("/me/todo", "-mmmm"),
        ("/me/todo/lists/$count", ".mmmm"),
        ("/me/todo/lists/delta", ".mmmm"),
        ("/me/todo/colour", "?????"),
        ("/me/todo/lists/{list}/colour", "?????"),
        ("/me/todo/lists/{list}/extensions", "..mmm"),
        ("/me/todo/lists/{list}/tasks/{task}/title", "-mmmm"),
        ("/me/todo/lists/{list}/tasks/{task}/colour", "?????"),
        ("/me/todo/lists/{list}/tasks/{task}/linkedResources", "..mmm"),
        ("/me/todo/lists/{list}/tasks/{task}/attachments", "..mmm"),
        ("/me/todo/lists/{list}/tasks/{task}/attachments/x", ".mmm."),
        ("/me/todo/lists/{list}/tasks/{task}/attachmentSessions", ".mmmm"),
        // Mail.
        ("/me/messages", "..mmm"),
        ("/me/messages/$count", ".mmmm"),
        ("/me/messages/{message}/subject", "-mmmm"),
        ("/me/messages/{message}/colour", "?????"),
        ("/me/messages/{message}/move", "m.mmm"),
        ("/me/messages/{message}/$value", ".mmmm"),
        ("/me/messages/{message}/attachments", "..mmm"),
        ("/me/messages/{message}/attachments/x", ".mmm."),
        ("/me/messages/{message}/extensions", "..mmm"),
        ("/me/messages/{message}", ".m.m."),
        ("/me/mailFolders", "..mmm"),
        ("/me/mailFolders/delta", ".mmmm"),
        ("/me/mailFolders/inbox", ".m.m."),
        ("/me/mailFolders/inbox/messages/delta", ".mmmm"),
        ("/me/mailFolders/inbox/messageRules", "--mmm"),
        ("/me/mailFolders/inbox/colour", "?????"),
        // The rest.
        ("/me", ".m-mm"),
        ("/me/outlook", "mmmmm"),
        ("/me/outlook/colour", "?????"),
        ("/me/mailboxSettings", ".m.mm"),
        ("/me/mailboxSettings/colour", "?????"),
        ("/users", ".-mmm"),
        ("/users/$count", ".mmmm"),
        ("/subscriptions", "..mmm"),
        ("/$batch", "m.mmm"),
        // Whether these exist is not known here.
        ("/me/people", "-----"),
        ("/groups", "-----"),
    ];
    let mut seen = Vec::new();
    for (path, _) in table {
        let filled = path.replace("{list}", &list).replace("{task}", &escaped(&task));
        let filled = filled.replace("{event}", &escaped(&event)).replace("{message}", &escaped(&message));
        seen.push((path, judged(&world, &filled).await));
    }
    let seen: Vec<(&str, &str)> = seen.iter().map(|(path, line)| (*path, line.as_str())).collect();
    assert_eq!(seen, table);
}

#[tokio::test]
async fn what_is_behind_an_instance_belongs_to_its_own_series() {
    let world = World::new();
    let (own, other) = (world.create(daily(3)).await, world.create(daily(3)).await);
    let occurrence = world.instances(id(&own)).await[0].clone();
    for (series, status) in [(&own, 200), (&other, 404)] {
        for behind in ["", "/attachments", "/extensions", "/calendar"] {
            let path = format!("/me/events/{}/instances/{}{behind}", id(series), id(&occurrence));
            assert_eq!(world.get(&path).await.status, status, "{path}");
        }
    }
}

//! Several calendars in one mailbox.

use super::*;

#[tokio::test]
async fn calendars_are_found_by_name_and_selected_and_paged() {
    let world = World::new();
    for name in ["Project", "O'Neill"] {
        assert_eq!(world.post("/me/calendars", json!({ "name": name })).await.status, 201);
    }
    let found = world.get(&format!("/me/calendars?$filter={}&$select=name", escaped("name eq 'O''Neill'"))).await;
    assert_eq!((found.items().len(), &found.items()[0]["name"]), (1, &json!("O'Neill")));
    let mut names: Vec<&str> = found.items()[0].as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["id", "name"]);
    let mut seen = Vec::new();
    let mut next = Some("/me/calendars?$top=2".to_owned());
    while let Some(path) = next {
        let page = world.get(&path).await;
        assert!(page.items().len() <= 2);
        seen.extend(page.items().iter().map(|item| item["name"].as_str().unwrap().to_owned()));
        next = page.body["@odata.nextLink"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, ["Calendar", "Project", "O'Neill"]);
    for filter in ["color eq 'auto'", "shade eq 'auto'", "name eq true"] {
        assert_eq!(world.get(&format!("/me/calendars?$filter={}", escaped(filter))).await.status, 400, "{filter}");
    }
    let ordered = world.get("/me/calendars?$orderby=name%20desc&$count=true").await;
    let names: Vec<&str> = ordered.items().iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert_eq!((names, &ordered.body["@odata.count"]), (vec!["Project", "O'Neill", "Calendar"], &json!(3)));
}

#[tokio::test]
async fn a_calendar_has_all_properties_and_takes_few_of_them() {
    let world = World::new();
    let made = world.post("/me/calendars", json!({ "name": "Project", "color": "lightTeal" })).await;
    assert_eq!(made.status, 201);
    assert!(made.header("location").contains("/v1.0/me/calendars('"), "{}", made.header("location"));
    let calendar = made.body;
    let expected = json!({
        "color": "lightTeal", "hexColor": "", "canEdit": true, "canShare": true, "canViewPrivateItems": true,
        "isDefaultCalendar": false, "isRemovable": true, "isTallyingResponses": false, "name": "Project",
        "allowedOnlineMeetingProviders": ["teamsForBusiness"], "defaultOnlineMeetingProvider": "teamsForBusiness",
        "owner": { "name": "Alice Example", "address": ALICE },
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&calendar[name], value, "{name}");
    }
    let default = world.get("/me/calendar").await.body;
    let flags =
        ["isDefaultCalendar", "isRemovable", "isTallyingResponses"].map(|name| default[name].as_bool().unwrap());
    assert_eq!(flags, [true, false, true]);
    let path = format!("/me/calendars/{}", id(&calendar));
    let change = async |body: Value| world.graph_as(&world.token, "PATCH", &path, &[], Some(body)).await;
    let changed = change(json!({ "color": "lightRed", "isDefaultCalendar": false })).await.body;
    assert_eq!((&changed["color"], &changed["name"]), (&json!("lightRed"), &json!("Project")));
    assert_ne!(changed["changeKey"], calendar["changeKey"]);
    let refused = [
        (json!({ "name": "calendar" }), 409, "ErrorFolderExists"),
        (json!({ "name": "" }), 400, "ErrorPropertyValidationFailure"),
        (json!({ "color": "red" }), 400, "RequestBodyRead"),
        (json!({ "hexColor": "#ff0000" }), 400, "ErrorPropertyValidationFailure"),
        (json!({ "canEdit": false }), 400, "ErrorPropertyValidationFailure"),
        (json!({ "shade": "red" }), 400, "RequestBodyRead"),
        (json!({ "isDefaultCalendar": true }), 501, "NotImplemented"),
    ];
    for (body, status, code) in refused {
        let answer = change(body.clone()).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{body}");
    }
}

#[tokio::test]
async fn a_calendar_is_deleted_in_both_ways_unless_it_is_the_default_one() {
    let world = World::new();
    let send = async |method: &str, path: &str| world.graph_as(&world.token, method, path, &[], None).await;
    let default = id(&world.get("/me/calendar").await.body).to_owned();
    for (method, end) in [("DELETE", ""), ("POST", "/permanentDelete")] {
        let made = world.post("/me/calendars", json!({ "name": "Project" })).await.body;
        let path = format!("/me/calendars/{}", id(&made));
        world.post(&format!("{path}/events"), event("Talk", 10, 9)).await;
        assert_eq!(send(method, &format!("{path}{end}")).await.status, 204);
        assert_eq!(send("GET", &path).await.status, 404);
        let kept = send(method, &format!("/me/calendars/{default}{end}")).await;
        assert_eq!((kept.status, kept.code()), (400, "ErrorDeleteDistinguishedFolder"));
    }
    assert_eq!(send("DELETE", "/me/calendar").await.status, 405);
    world.behaviour(json!({ "cloud": "usgov" })).await;
    assert_eq!(send("POST", "/me/calendar/permanentDelete").await.code(), "BadRequest");
}

#[tokio::test]
async fn methods_and_segments_that_are_not_there_are_told_apart_from_what_is_not_here() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    let one = format!("/me/events/{}", id(&created));
    let cases = [
        ("PUT", one.clone(), 405),
        ("HEAD", one.clone(), 405),
        ("POST", one.clone(), 405),
        ("PATCH", "/me/events".to_owned(), 405),
        ("DELETE", "/me/calendarView".to_owned(), 405),
        ("DELETE", one.replace("events", "calendarView"), 405),
        ("GET", format!("{one}/accept"), 405),
        ("PUT", "/me/calendar".to_owned(), 405),
        ("GET", format!("{one}/nothing"), 400),
        ("POST", format!("{one}/nothing"), 400),
        ("GET", "/me/calendar/nothing".to_owned(), 400),
        ("GET", format!("{one}/subject"), 501),
        ("GET", "/me/calendar/calendarPermissions".to_owned(), 501),
    ];
    for (method, path, status) in cases {
        let answer = world.graph_as(&world.token, method, &path, &[], None).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        if status == 405 && method != "HEAD" {
            assert_eq!(answer.code(), "ErrorInvalidRequest", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn an_event_leads_to_its_calendar_its_instances_and_its_exceptions() {
    let world = World::new();
    let master = world.create(daily(4)).await;
    let path = format!("/me/events/{}", id(&master));
    let default = world.get("/me/calendar").await.body;
    assert_eq!(world.get(&format!("{path}/calendar?$select=name")).await.body["id"], default["id"]);
    let occurrences = world.instances(id(&master)).await;
    let second = id(&occurrences[1]);
    assert_eq!(world.get(&format!("{path}/instances/{second}")).await.body["id"], second);
    let single = world.create(event("Talk", 10, 9)).await;
    assert_eq!(world.get(&format!("{path}/instances/{}", id(&single))).await.status, 404);
    assert_eq!(world.get(&format!("{path}/exceptionOccurrences")).await.items().len(), 0);
    let through = format!("{path}/instances/{second}");
    let change = Some(json!({ "subject": "Other" }));
    for method in ["PATCH", "DELETE"] {
        assert_eq!(world.graph_as(&world.token, method, &through, &[], change.clone()).await.status, 405, "{method}");
    }
    let unchanged = world.get(&format!("{path}/exceptionOccurrences/{second}")).await;
    assert_eq!((unchanged.status, unchanged.code()), (404, "ErrorItemNotFound"), "{}", unchanged.text);
    let changed = world.graph_as(&world.token, "PATCH", &format!("/me/events/{second}"), &[], change).await;
    assert_eq!(changed.body["type"], "exception");
    let exceptions = world.get(&format!("{path}/exceptionOccurrences?$select=subject")).await;
    assert_eq!((exceptions.items().len(), &exceptions.items()[0]["subject"]), (1, &json!("Other")));
    assert_eq!(world.get(&format!("{path}/exceptionOccurrences/{second}")).await.status, 200);
    assert_eq!(world.get(&format!("{path}/instances/delta")).await.status, 400);
    assert_eq!(world.get(&format!("/me/events/{}/exceptionOccurrences", id(&single))).await.status, 400);
    world.behaviour(json!({ "cloud": "usgov" })).await;
    for place in ["exceptionOccurrences".to_owned(), format!("exceptionOccurrences/{second}")] {
        assert_eq!(world.get(&format!("{path}/{place}")).await.code(), "BadRequest", "{place}");
    }
    assert_eq!(world.get(&format!("{path}/instances/{second}")).await.status, 200);
}

#[tokio::test]
async fn every_path_of_a_calendar_is_about_that_calendar() {
    let world = World::new();
    let project = world.post("/me/calendars", json!({ "name": "Project" })).await.body;
    let path = format!("/me/calendars/{}", escaped(id(&project)));
    world.create(event("Elsewhere", 10, 9)).await;
    let here = world.post(&format!("{path}/events"), event("Here", 10, 9)).await.body;
    let window = "startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";
    for list in ["events", &format!("calendarView?{window}"), &format!("calendarView/delta?{window}"), "events/delta"] {
        let answer = world.get(&format!("{path}/{list}")).await;
        assert_eq!(answer.items().iter().map(id).collect::<Vec<_>>(), [id(&here)], "{list}");
    }
    let one = format!("{path}/events/{}", id(&here));
    let change = Some(json!({ "subject": "Changed" }));
    assert_eq!(world.graph_as(&world.token, "PATCH", &one, &[], change).await.body["subject"], "Changed");
    assert_eq!(world.graph_as(&world.token, "DELETE", &one, &[], None).await.status, 204);
    assert!(world.get(&format!("{path}/events")).await.items().is_empty());
}

#[tokio::test]
async fn names_of_calendars_and_groups_compare_without_case_in_any_script() {
    let world = World::new();
    for path in ["/me/calendars", "/me/calendarGroups"] {
        assert_eq!(world.post(path, json!({ "name": "Büro" })).await.status, 201, "{path}");
        let again = world.post(path, json!({ "name": "BÜRO" })).await;
        assert_eq!((again.status, again.code()), (409, "ErrorFolderExists"), "{path}");
    }
}

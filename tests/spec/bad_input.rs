//! Whatever is wrong gets one clear sentence with the remedy, and leaves the
//! data as they were. Files, ports and directories are in `command_line`,
//! calendars in `import`.

use serde_json::{Value, json};
use tandem_tests::{Browser, Form, World};

/// A sentence that says what was expected, what was found, and what to do.
#[track_caller]
fn is_clear(what: &str, message: &str) {
    assert!(message.contains("expected ") && message.contains("but found"), "{what}: {message}");
    assert!(!message.contains("Error") && !message.contains("unwrap") && message.len() < 400, "{what}: {message}");
}

#[tokio::test]
async fn unknown_and_ill_typed_settings_are_refused_by_name() {
    // S11
    let world = World::connected().await;
    let before = world.crm.get("/api/config/system/0").await.ok();
    let table = [
        ("no.such.setting", json!(1)),
        ("sync.interval-minutes", json!(0)),
        ("sync.interval-minutes", json!(1441)),
        ("sync.interval-minutes", json!(1.5)),
        ("sync.interval-minutes", json!("often")),
        ("sync.window-past-days", json!(0)),
        ("sync.window-future-days", json!(100_000)),
        ("calendar.direction", json!("sideways")),
        ("calendar.direction", json!(true)),
        ("calendar.conflict-resolution", json!("nobody-wins")),
        ("calendar.calendars", json!("1,2,3,4,5,6,7,8,9,10,11")),
        ("features.calendar", json!("maybe")),
        ("features.calendar", json!(7)),
        ("application.tenant", json!("two words")),
        ("application.tenant", json!("consumers")),
        ("application.client-id", json!("x".repeat(256))),
        ("application.client-id", json!("two words")),
        ("application.client-secret", json!("x".repeat(1025))),
        ("application.client-id", json!(["a", "list"])),
        ("application.client-id", json!({"an": "object"})),
    ];
    for (key, value) in table {
        // Something right beside it is not stored either.
        let changes = [("sync.interval-minutes", json!(55)), (key, value.clone())];
        let answer = world.save("system", "0", &changes[usize::from(key == "sync.interval-minutes")..]).await;
        let (code, message) = answer.refused(400);
        assert!(matches!(code.as_str(), "invalid-settings" | "unknown-setting"), "{key}: {code}");
        assert!(message.contains(key), "{key}: {message}");
        is_clear(key, &message);
    }
    assert_eq!(world.crm.get("/api/config/system/0").await.ok(), before);
}

#[tokio::test]
async fn an_unknown_level_organization_or_user_is_not_found() {
    let world = World::connected().await;
    for path in ["/api/config/galaxy/0", "/api/config/organization/Nobody", "/api/config/user/nobody"] {
        world.crm.get(path).await.refused(404);
        world.crm.put(path, &json!({"sync.interval-minutes": {"value": 5}})).await.refused(404);
    }
    world.crm.get("/api/config/effective?user=nobody").await.refused(404);
    world.crm.post("/api/sync", &json!({"user": "nobody"})).await.refused(404);
    world.crm.post("/api/users/nobody/microsoft/connect", &json!({})).await.refused(404);
    let users = world.crm.get("/api/users").await.ok();
    assert_eq!(users.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_wrong_event_is_refused_and_a_wrong_change_changes_nothing() {
    let world = World::connected().await;
    let right = json!({
        "title": "Review", "start": "2026-03-10T09:00:00Z", "end": "2026-03-10T10:00:00Z", "timeZone": "Europe/Berlin",
    });
    let stored = world.crm_create("anna", &right).await;
    let table = [
        ("timeZone", json!("Mars/Olympus"), "unknown-time-zone"),
        ("timeZone", json!("W. Europe Standard Time"), "unknown-time-zone"),
        ("end", json!("2026-03-10T08:59:59Z"), "end-before-start"),
        ("title", json!("x".repeat(300)), "title-too-long"),
        ("title", json!("   "), "blank-title"),
        ("title", json!("two\nlines"), "title-not-one-line"),
        ("start", json!("tomorrow"), "invalid-instant"),
        ("reminderMinutes", json!(-5), "invalid-reminder"),
        ("reminderMinutes", json!("soon"), "invalid-body"),
        ("attendees", json!([{}]), ""),
        ("colour", json!("red"), "invalid-body"),
    ];
    for (field, value, expected) in table {
        let mut wrong = right.clone();
        wrong[field] = value.clone();
        let (code, message) = world.crm.post("/api/calendar-events?user=anna", &wrong).await.refused(400);
        assert!(
            expected.is_empty() || code == expected,
            "{field}: expected `{expected}`, but found `{code}`: {message}"
        );
        is_clear(field, &message);
        let path = format!(
            "/api/calendar-events/{}",
            stored["id"].as_str().map_or_else(|| stored["id"].to_string(), str::to_owned)
        );
        let (changed, _) = world.crm.patch(&path, &json!({field: value})).await.refused(400);
        assert_eq!(changed, code, "a change is refused as a new event is: {field}");
    }
    assert_eq!(world.crm_events("anna").await, [stored]);
}

#[tokio::test]
async fn a_wrong_user_is_refused_and_not_made() {
    let world = World::connected().await;
    let right = json!({
        "login": "james", "email": "james@acme.example", "displayName": "James", "organization": "Acme",
        "timeZone": "America/New_York",
    });
    let table = [
        ("timeZone", json!("Nowhere/Else"), 400),
        ("email", json!("no address"), 400),
        ("login", json!(""), 400),
        ("login", json!("x".repeat(300)), 400),
        ("displayName", json!(null), 400),
        ("organization", json!("  "), 400),
        ("login", json!("anna"), 409),
        ("email", json!("ANNA@acme.example"), 409),
    ];
    for (field, value, status) in table {
        let mut wrong = right.clone();
        wrong[field] = value;
        let (_, message) = world.crm.post("/api/users", &wrong).await.refused(status);
        is_clear(field, &message);
    }
    assert_eq!(world.crm.get("/api/users").await.ok().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_body_that_is_no_json_or_too_long_is_refused() {
    let world = World::connected().await;
    let send = async |body: String| {
        world.crm.send("POST".parse().unwrap(), "/api/calendar-events?user=anna", Some("application/json"), body).await
    };
    for body in ["", "{", "[]", "7", "\"text\""] {
        let (_, message) = send(body.to_owned()).await.refused(400);
        is_clear(body, &message);
    }
    let long = json!({"title": "x", "description": "y".repeat(2_000_000)}).to_string();
    send(long).await.refused(413);
    assert_eq!(world.crm_events("anna").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_wrong_control_request_moves_nothing() {
    let world = World::connected().await;
    let before = world.now();
    for body in [
        json!({}),
        json!({"now": "later"}),
        json!({"advanceSeconds": i64::MAX}),
        json!({"advanceSeconds": 1, "now": "2026-01-01T00:00:00Z"}),
    ] {
        world.crm.post("/api/control/clock", &body).await.refused(400);
    }
    assert_eq!(world.now(), before);
    world.crm.post("/api/sync", &json!({"user": "anna", "resource": "dreams"})).await.refused(400);
    world.crm.post("/api/sync", &json!({"user": "anna", "maxSteps": 0})).await.refused(400);
    world.crm.post("/api/sync", &json!({"user": "anna", "resource": "mail"})).await.refused(501);
    world.crm.post("/api/sync", &json!({"user": "anna", "preview": true, "again": true})).await.refused(400);
    world.crm.get("/api/nothing/here").await.refused(404);
}

#[tokio::test]
async fn a_wrong_event_on_the_page_keeps_what_was_entered_and_says_why() {
    let world = World::connected().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let page = browser.page("/calendar/events/new").await;
    let table = [
        ("title", "x".repeat(300), "longer than 255 characters"),
        ("end_on", "2020-01-01".to_owned(), "The end is before the start"),
        ("time_zone", "Mars/Olympus".to_owned(), "IANA"),
        ("start_at", "later".to_owned(), "14:30"),
    ];
    for (field, value, said) in table {
        let mut form = Form::of(&page, "/calendar/events");
        form.set("title", "Kept title");
        form.set(field, &value);
        let answer = browser.submit(&form).await;
        assert_eq!(answer.status, 400, "{field}");
        assert!(answer.text.contains("Nothing was saved.") && answer.text.contains(said), "{field}: {}", answer.text);
        let shown = Form::of(&answer.text, "/calendar/events");
        assert_eq!(shown.get(field), Some(value.as_str()), "{field} is still there to be corrected");
    }
    assert_eq!(world.crm_events("anna").await, Vec::<Value>::new());
}

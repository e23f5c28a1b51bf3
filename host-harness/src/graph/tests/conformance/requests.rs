//! Requests with one defect each.

use super::*;
use crate::graph::conformance::examine_request;

fn examined(method: &str, path: &str, body: Option<&Value>) -> Vec<Violation> {
    examine_request(&call(method, path, body), true)
}

#[test]
fn requests_that_there_are_have_no_defect() {
    let moment = json!({ "dateTime": "2026-03-02T09:00:00", "timeZone": "UTC" });
    let cases = [
        ("GET", "/me?$select=id,displayName", None),
        (
            "GET",
            "/me/events?$filter=start/dateTime ge '2026-03-01' and isAllDay eq false&$orderby=start/dateTime desc&$top=5",
            None,
        ),
        ("GET", "/me/events/x?$expand=exceptionOccurrences($select=subject;$expand=extensions),extensions", None),
        ("GET", "/me/messages?$select=microsoft.graph.eventMessage/startDateTime,subject&$count=true", None),
        ("GET", "/me/calendarView/delta?startDateTime=2026-03-01&endDateTime=2026-04-01", None),
        (
            "GET",
            "/me/events/x/instances?startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-03-01T00:00:00%2B01:00",
            None,
        ),
        ("GET", "/me/mailFolders/x/messages/delta?changeType=created&$select=id&$deltatoken=a", None),
        ("GET", "/me/mailFolders?includeHiddenFolders=true&$orderby=displayName asc", None),
        ("GET", "/me/events/$count?$filter=isAllDay eq true", None),
        ("DELETE", "/me/events/x", None),
        ("POST", "/me/events/x/dismissReminder", None),
        (
            "POST",
            "/me/events",
            Some(json!({
                "subject": null, "start": moment, "end": moment, "body": { "contentType": "HTML", "content": "" },
                "attendees": [{ "emailAddress": { "address": "a@b.example" }, "type": "required" }],
                "transactionId": "1", "singleValueExtendedProperties": [{ "id": "String 0x1", "value": "1" }],
                "extensions": [{ "@odata.type": "microsoft.graph.openTypeExtension", "extensionName": "a.b", "any": [1] }],
            })),
        ),
        ("PATCH", "/me/events/x", Some(json!({ "subject": "", "categories": [] }))),
        ("POST", "/me/events/x/accept", Some(json!({ "SendResponse": true, "comment": "" }))),
        (
            "POST",
            "/me/events/x/forward",
            Some(json!({ "toRecipients": [{ "EmailAddress": { "Address": "a@b.example" } }] })),
        ),
        ("POST", "/me/todo/lists/x/tasks", Some(json!({ "title": "a", "linkedResources": [{ "webUrl": null }] }))),
        ("PATCH", "/me/mailboxSettings", Some(json!({ "timeZone": "UTC" }))),
        (
            "POST",
            "/subscriptions",
            Some(json!({
                "changeType": "created", "notificationUrl": "https://a.example", "resource": "me/events",
                "expirationDateTime": "2026-03-03T00:00:00Z",
            })),
        ),
        (
            "POST",
            "/$batch",
            Some(json!({ "requests": [{
            "id": "1", "method": "POST", "url": "/me/events", "headers": { "content-type": "application/json" }, "body": {},
        }] })),
        ),
    ];
    for (method, path, body) in cases {
        assert_eq!(examined(method, path, body.as_ref()), [], "{method} {path}");
    }
}

/// Bodies of writes, each with the place and the kind of its defect.
fn writes() -> Vec<(&'static str, &'static str, Value, What, &'static str)> {
    let event = "/me/events";
    vec![
        ("POST", event, json!({ "nickname": "a" }), What::UnknownProperty, "nickname"),
        ("POST", event, json!({ "Subject": "a" }), What::UnknownProperty, "Subject"),
        ("POST", event, json!({ "body": { "text": "a" } }), What::UnknownProperty, "body.text"),
        ("POST", event, json!({ "subject": 1 }), What::WrongType, "subject"),
        ("POST", event, json!({ "isAllDay": "true" }), What::WrongType, "isAllDay"),
        ("POST", event, json!({ "categories": "a" }), What::WrongType, "categories"),
        ("POST", event, json!({ "showAs": "away" }), What::WrongType, "showAs"),
        ("POST", event, json!({ "attendees": null }), What::UnexpectedNull, "attendees"),
        ("POST", event, json!({ "start": { "timeZone": "UTC" } }), What::MissingProperty, "start"),
        ("POST", event, json!({ "start": { "dateTime": null } }), What::UnexpectedNull, "start.dateTime"),
        ("POST", event, json!({ "id": "a" }), What::ReadOnlyProperty, "id"),
        ("POST", event, json!({ "iCalUId": "a" }), What::ReadOnlyProperty, "iCalUId"),
        ("POST", event, json!({ "instances": [] }), What::UnexpectedRelation, "instances"),
        (
            "POST",
            event,
            json!({ "extensions": [{ "a": 1 , "@odata.type": "#microsoft.graph.openTypeExtension" }] }),
            What::MissingProperty,
            "extensions[]",
        ),
        (
            "POST",
            event,
            json!({ "attachments": [{ "@odata.type": "#microsoft.graph.event" }] }),
            What::WrongAnnotation,
            "attachments[].@odata.type",
        ),
        ("POST", event, json!([]), What::WrongType, ""),
        ("PATCH", "/me/events/x", json!({ "transactionId": "a" }), What::ReadOnlyProperty, "transactionId"),
        ("PATCH", "/me/events/x", json!({ "extensions": [] }), What::UnexpectedRelation, "extensions"),
        (
            "PATCH",
            "/me/events/x",
            json!({ "recurrence": { "range": { "numberOfOccurrences": null } } }),
            What::UnexpectedNull,
            "recurrence.range.numberOfOccurrences",
        ),
        (
            "POST",
            "/me/todo/lists/x/tasks",
            json!({ "createdDateTime": "2026-03-02T00:00:00Z" }),
            What::ReadOnlyProperty,
            "createdDateTime",
        ),
        (
            "POST",
            "/me/todo/lists/x/tasks/y/attachments",
            json!({ "@odata.type": "#microsoft.graph.taskFileAttachment", "name": "a" }),
            What::MissingProperty,
            "",
        ),
        ("PATCH", "/me/todo/lists/x", json!({ "isOwner": true }), What::ReadOnlyProperty, "isOwner"),
        (
            "POST",
            "/subscriptions",
            json!({ "changeType": "created", "notificationUrl": "https://a.example", "resource": "me/events" }),
            What::MissingProperty,
            "",
        ),
        ("POST", "/me/events/x/accept", json!({ "proposedNewTime": {} }), What::UnknownProperty, "proposedNewTime"),
        (
            "POST",
            "/me/events/x/decline",
            json!({ "proposedNewTime": { "start": { "dateTime": "a" } } }),
            What::MissingProperty,
            "proposedNewTime",
        ),
        ("POST", "/me/events/x/cancel", json!({ "comment": 1 }), What::WrongType, "comment"),
        ("PATCH", "/me/mailboxSettings", json!({ "userPurpose": "room" }), What::ReadOnlyProperty, "userPurpose"),
        ("GET", event, json!({}), What::WrongType, ""),
        ("POST", "/$batch", json!({ "requests": [], "count": 0 }), What::UnknownProperty, "count"),
        (
            "POST",
            "/$batch",
            json!({ "requests": [{ "id": "1", "method": "GET" }] }),
            What::MissingProperty,
            "requests[]",
        ),
        (
            "POST",
            "/$batch",
            json!({ "requests": [{ "id": "1", "method": "GET", "url": "/me", "path": "" }] }),
            What::UnknownProperty,
            "requests[].path",
        ),
        (
            "POST",
            "/$batch",
            json!({ "requests": [{ "id": "1", "method": "POST", "url": "/me/events", "body": {} }] }),
            What::MissingProperty,
            "requests[]",
        ),
    ]
}

#[test]
fn every_defect_of_a_body_is_found() {
    for (method, path, body, what, place) in writes() {
        assert_eq!(found(&examined(method, path, Some(&body))), [(what, place)], "{method} {path} {body}");
    }
}

#[test]
fn what_an_action_has_to_be_told_is_missed() {
    let cases = [
        ("/me/calendar/getSchedule", json!({ "schedules": [], "StartTime": { "dateTime": "a" } }), 1),
        ("/me/calendar/getSchedule", json!({}), 3),
        ("/me/events/x/forward", json!({ "comment": "a" }), 1),
        ("/me/events/x/snoozeReminder", json!({ "newReminderTime": null }), 1),
        ("/me/events/x/snoozeReminder", json!({}), 1),
        ("/me/events/x/attachments/createUploadSession", json!({}), 1),
        ("/me/todo/lists/x/tasks/y/attachments/createUploadSession", json!({}), 1),
        ("/me/messages/x/move", json!({}), 1),
        ("/me/mailFolders/x/copy", json!({}), 1),
        ("/me/sendMail", json!({}), 1),
        ("/me/events/x/cancel", json!({}), 0),
        ("/me/messages/x/forward", json!({}), 0),
    ];
    for (path, body, lacking) in cases {
        let violations = examined("POST", path, Some(&body));
        assert_eq!(violations.len(), lacking, "{path} {body} {violations:?}");
        assert!(violations.iter().all(|found| found.what == What::MissingProperty), "{violations:?}");
        if body == json!({}) {
            assert_eq!(examined("POST", path, None).len(), lacking, "{path} without a body");
        }
    }
}

#[test]
fn every_annotation_that_clients_do_not_send_is_found() {
    let taken = [
        (
            "/me/events",
            json!({ "@odata.type": "#microsoft.graph.event", "@odata.etag": "W/\"a\"", "@odata.id": "a", "@odata.context": "a" }),
        ),
        (
            "/me/events",
            json!({ "categories@odata.type": "#Collection(String)", "start@odata.type": "microsoft.graph.dateTimeTimeZone" }),
        ),
        ("/me/events/x/extensions", json!({ "extensionName": "a.b", "any@odata.type": "#Int64", "any": 1 })),
        (
            "/me/events/x/forward",
            json!({ "toRecipients": [], "ToRecipients@odata.type": "#Collection(microsoft.graph.recipient)" }),
        ),
    ];
    for (path, body) in taken {
        assert_eq!(examined("POST", path, Some(&body)), [], "{path} {body}");
    }
    let subscription = json!({
        "changeType": "created", "notificationUrl": "https://a.example", "resource": "me/events",
        "expirationDateTime": "2026-03-03T00:00:00Z",
    });
    let collections = [
        ("/me/events", json!({}), "subject"),
        ("/me/todo/lists/x/tasks", json!({}), "title"),
        ("/subscriptions", subscription, "resource"),
        ("/me/events/x/cancel", json!({}), "comment"),
    ];
    for (path, body, property) in collections {
        let annotations = [
            ("@foo".to_owned(), json!("a")),
            ("@odata.bogus".to_owned(), json!(5)),
            ("calendar@odata.bind".to_owned(), json!("a")),
            (format!("{property}@odata.bind"), json!("a")),
            (format!("{property}@odata.type"), json!("#Bogus")),
            (format!("{property}@odata.type"), json!("#Int32")),
            (format!("{property}@foo.bar"), json!("a")),
            ("nobody@odata.type".to_owned(), json!("#String")),
        ];
        for (name, value) in annotations {
            let mut body = body.clone();
            body[&name] = value;
            assert_eq!(found(&examined("POST", path, Some(&body))), [(What::WrongAnnotation, name.as_str())], "{path}");
        }
    }
    // Services pass over what is not of their namespaces.
    let custom = json!({ "subject@foo.bar": 1, "@foo.bar": 1 });
    assert_eq!(examine_request(&call("POST", "/me/events", Some(&custom)), false), []);
}

#[tokio::test]
async fn annotations_that_cannot_be_read_are_refused() {
    let world = World::new();
    let lists = world.get("/me/todo/lists").await.body;
    let tasks = format!("/me/todo/lists/{}/tasks", id(&lists["value"][0]));
    let event = event("Talk", 10, 9);
    for (path, body) in [("/me/events", event), (tasks.as_str(), json!({ "title": "a" }))] {
        for name in ["@foo", "@odata.bogus", "calendar@odata.bind", "body@odata.bind"] {
            let mut body = body.clone();
            body[name] = json!("a");
            let refused = world.post(path, body).await;
            assert_eq!((refused.status, refused.code()), (400, "RequestBodyRead"), "{path} {name}");
            assert!(refused.text.contains(name), "{}", refused.text);
        }
        let mut body = body.clone();
        body["body@odata.type"] = json!("#microsoft.graph.itemBody");
        body["@foo.bar"] = json!(1);
        assert_eq!(world.post(path, body).await.status, 201, "{path}");
    }
}

/// A body is read as what its type says, and where JSON is due, nothing else is.
#[test]
fn bodies_are_json_and_say_so() {
    let typed = |method: &str, path: &str, content_type: Option<&str>, body: &'static str| {
        let headers = content_type.map(|text| ("content-type".to_owned(), text.to_owned()));
        let path = format!("/v1.0{path}");
        let call = Call::new(method, &path, headers.into_iter().collect(), Bytes::from_static(body.as_bytes()));
        found(&examine_request(&call, true)).iter().map(|(what, _)| *what).collect::<Vec<_>>()
    };
    let wrong = r#"{"nickname":1}"#;
    for content_type in ["application/json", "Application/JSON; charset=utf-8", "application/json;odata.metadata=none"]
    {
        assert_eq!(typed("POST", "/me/events", Some(content_type), "{}"), [], "{content_type}");
        assert_eq!(typed("POST", "/me/events", Some(content_type), wrong), [What::UnknownProperty], "{content_type}");
    }
    for content_type in [None, Some("text/plain"), Some("application/xml"), Some("application/jsonp")] {
        for path in ["/me/events", "/$batch", "/me/events/x/accept", "/me/todo/lists/x/tasks", "/subscriptions"] {
            assert_eq!(typed("POST", path, content_type, wrong), [What::WrongType], "{content_type:?} {path}");
        }
        assert_eq!(typed("PATCH", "/me/messages/x", content_type, wrong), [What::WrongType], "{content_type:?}");
    }
    let mime = ["/me/sendMail", "/me/messages", "/me/mailFolders/x/messages", "/me/messages/x/createReply"];
    for path in mime {
        assert_eq!(typed("POST", path, Some("text/plain"), "YQ=="), [], "{path}");
        assert_eq!(typed("POST", path, Some("text/html"), "YQ=="), [What::WrongType], "{path}");
    }
    let content = "/me/todo/lists/x/tasks/y/attachmentSessions/z/content";
    assert_eq!(typed("PUT", content, Some("application/octet-stream"), "a"), []);
}

#[test]
fn every_defect_of_a_path_or_a_query_is_found() {
    let cases = [
        ("GET", "/me/people", What::UnknownPath, ""),
        ("GET", "/me/events/x/tasks", What::UnknownPath, ""),
        ("POST", "/me/calendarView", What::UnknownOperation, ""),
        ("PATCH", "/me/events/x/attachments/y", What::UnknownOperation, ""),
        ("DELETE", "/me/calendar", What::UnknownOperation, ""),
        ("GET", "/me/events/x/accept", What::UnknownOperation, ""),
        ("GET", "/me/events?$selct=id", What::WrongOption, "query"),
        ("GET", "/me/events?colour=red", What::WrongOption, "query"),
        ("GET", "/me/events?$top=few", What::WrongOption, "query.$top"),
        ("GET", "/me/events?$select=", What::WrongOption, "query.$select"),
        ("GET", "/me/events?$select=id,,subject", What::WrongOption, "query.$select"),
        ("GET", "/me/events?$select=subject/bogus", What::WrongOption, "query.$select"),
        ("GET", "/me/events?$select=start/dateTime/nosuch", What::WrongOption, "query.$select"),
        ("GET", "/me/events?$filter=subject/bogus eq 'a'", What::WrongOption, "query.$filter"),
        ("GET", "/me/events?$orderby=subject bogus", What::WrongOption, "query.$orderby"),
        ("GET", "/me/events?$orderby=subject desc desc", What::WrongOption, "query.$orderby"),
        ("GET", "/me/events?startDateTime=2026-03-01", What::WrongOption, "query"),
        ("GET", "/me/calendarView?startDateTime=bogus", What::WrongOption, "query.startdatetime"),
        ("GET", "/me/events/delta?endDateTime=2026-03-01", What::WrongOption, "query"),
        ("GET", "/me/mailFolders?includeHiddenFolders=maybe", What::WrongOption, "query.includehiddenfolders"),
        ("GET", "/me/mailFolders/x/messages/delta?changeType=moved", What::WrongOption, "query.changetype"),
        ("GET", "/me/events/x?$top=5", What::WrongOption, "query"),
        ("POST", "/me/events?$top=5", What::WrongOption, "query"),
        ("DELETE", "/me/events/x?$select=id", What::WrongOption, "query"),
        ("GET", "/me/events?$count=1", What::WrongOption, "query.$count"),
        ("GET", "/me/events?$select=id,nickname", What::WrongOption, "query.$select"),
        ("GET", "/me/events?$orderby=nickname desc", What::WrongOption, "query.$orderby"),
        ("GET", "/me/events?$filter=start/date ge '2026'", What::WrongOption, "query.$filter"),
        ("GET", "/me/events?$expand=attendees", What::WrongOption, "query.$expand"),
        ("GET", "/me/events?$expand=extensions($selct=id)", What::WrongOption, "query.$expand"),
        ("GET", "/me/messages?$select=microsoft.graph.event/start", What::WrongOption, "query.$select"),
        ("GET", "/me/todo/lists/x/tasks/delta?$expand=links", What::WrongOption, "query.$expand"),
    ];
    for (method, path, what, place) in cases {
        assert_eq!(found(&examined(method, path, None)), [(what, place)], "{method} {path}");
    }
}

#[tokio::test]
async fn options_that_go_on_behind_a_value_are_refused() {
    let mut world = World::new();
    let scopes = ["User.ReadBasic.All", "Calendars.Read", "Mail.Read", "Tasks.Read"];
    world.token = world.microsoft.issue_token(ALICE, &scopes).unwrap();
    let cases = [
        ("/me/events", "$select=subject/bogus"),
        ("/me/events", "$select=start/dateTime/nosuch"),
        ("/me/events", "$select=start/nosuch"),
        ("/me/events", "$orderby=subject%20bogus"),
        ("/me/events", "$expand=attachments($bogus=1)"),
        ("/me/calendars", "$select=name/bogus"),
        ("/me/messages", "$select=subject/bogus"),
        ("/me/mailFolders", "$select=displayName/bogus"),
        ("/users", "$select=mail/bogus"),
    ];
    for (path, option) in cases {
        assert_eq!(world.get(path).await.status, 200, "{path}");
        assert_eq!(world.get(&format!("{path}?{option}")).await.status, 400, "{path} {option}");
    }
}

#[test]
fn what_the_reference_has_in_quotes_or_other_letters_is_taken() {
    let moment = json!({ "dateTime": "2026-03-02T09:00:00", "timeZone": "UTC" });
    let schedule = json!({ "schedules": [], "startTime": moment, "endTime": moment });
    let with = |body: &Value, name: &str, value: Value| {
        let mut body = body.clone();
        body[name] = value;
        body
    };
    let cases = [
        (
            "/me/sendMail",
            json!({ "message": {}, "saveToSentItems": "false" }),
            json!({ "message": {}, "saveToSentItems": "maybe" }),
        ),
        (
            "/me/calendar/getSchedule",
            with(&schedule, "AvailabilityViewInterval", json!("15")),
            with(&schedule, "availabilityViewInterval", json!("few")),
        ),
        ("/me/events", json!({ "importance": "High" }), json!({ "importance": "Highest" })),
    ];
    for (path, taken, refused) in cases {
        assert_eq!(examined("POST", path, Some(&taken)), [], "{path} {taken}");
        assert_eq!(examined("POST", path, Some(&refused)).len(), 1, "{path} {refused}");
    }
}

#[test]
fn what_a_client_of_microsofts_sends_in_every_part_of_a_batch_is_passed_over() {
    let part = json!({ "id": "1", "method": "GET", "url": "/me", "depends_on": [] });
    assert_eq!(examined("POST", "/$batch", Some(&json!({ "requests": [part] }))), []);
}

#[test]
fn a_message_has_ids_and_values_of_nobody() {
    let body = json!({ "subject": 1, "nickname": "Peter", "start": { "dateTime": "noon" }, "showAs": "Secret" });
    for violation in examined("POST", "/users/peter@contoso.example/calendars/SECRET/events?$top=Secret", Some(&body)) {
        let text = serde_json::to_string(&violation).unwrap().to_lowercase();
        assert!(!text.contains("peter") && !text.contains("secret"), "{text}");
        assert!(text.contains("post /users/{id}/calendars/{id}/events"), "{text}");
    }
}

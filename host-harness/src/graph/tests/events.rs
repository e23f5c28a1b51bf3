//! Single events: writing, versions, ids, properties, lists.

use super::*;

#[tokio::test]
async fn answers_in_utc_with_seven_digits_unless_asked_otherwise() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    assert_eq!(created["start"], json!({ "dateTime": "2026-03-10T08:00:00.0000000", "timeZone": "UTC" }));
    let path = format!("/me/events/{}", id(&created));
    for name in ["Europe/Berlin", "W. Europe Standard Time"] {
        let answer = world.get_with(&path, &[("prefer", &format!("outlook.timezone=\"{name}\""))]).await;
        assert_eq!(answer.body["start"], json!({ "dateTime": "2026-03-10T09:00:00.0000000", "timeZone": name }));
        assert!(answer.header("preference-applied").contains(name));
    }
    let refused = world.get_with(&path, &[("prefer", "outlook.timezone=\"EST\"")]).await;
    assert_eq!((refused.status, refused.code()), (400, "TimeZoneNotSupportedException"));
}

#[tokio::test]
async fn all_day_events_need_midnights_and_never_shift() {
    let world = World::new();
    let mut draft = event("Holiday", 10, 0);
    draft["isAllDay"] = json!(true);
    assert_eq!(world.post("/me/events", draft.clone()).await.code(), "ErrorPropertyValidationFailure");
    draft["end"] = json!({ "dateTime": "2026-03-11T00:00:00", "timeZone": "W. Europe Standard Time" });
    let created = world.create(draft).await;
    let path = format!("/me/events/{}", id(&created));
    let answer = world.get_with(&path, &[("prefer", "outlook.timezone=\"Pacific Standard Time\"")]).await;
    assert_eq!(answer.body["start"]["dateTime"], "2026-03-10T00:00:00.0000000");
    assert_eq!(answer.body["end"]["dateTime"], "2026-03-11T00:00:00.0000000");
}

#[tokio::test]
async fn malformed_writes_are_refused_and_leave_nothing() {
    let world = World::new();
    let cases = [
        ("end", json!({ "dateTime": "2026-03-10T08:00:00", "timeZone": "UTC" }), "ErrorPropertyValidationFailure", 12),
        ("start", json!({ "dateTime": "2026-03-10T08:00:00" }), "TimeZoneNotSupportedException", 9),
        (
            "start",
            json!({ "dateTime": "2026-03-10T08:00:00", "timeZone": "Mars/Olympus" }),
            "TimeZoneNotSupportedException",
            9,
        ),
        ("titel", json!("x"), "RequestBodyRead", 9),
        ("iCalUId", json!("x"), "ErrorPropertyValidationFailure", 9),
        ("importance", json!("urgent"), "RequestBodyRead", 9),
        ("attendees", json!([{ "emailAddress": { "address": "nobody" } }]), "ErrorInvalidRecipients", 9),
    ];
    for (name, value, code, hour) in cases {
        let mut draft = event("Draft", 10, hour);
        draft[name] = value;
        let answer = world.post("/me/events", draft).await;
        assert_eq!((answer.status, answer.code()), (400, code), "{name}: {}", answer.text);
    }
    assert!(world.get("/me/events").await.items().is_empty());
}

#[tokio::test]
async fn a_stale_change_key_is_refused() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    let path = format!("/me/events/{}", id(&created));
    let etag = created["@odata.etag"].as_str().unwrap();
    let change = json!({ "subject": "Talk 2" });
    let first = world.graph_as(&world.token, "PATCH", &path, &[("if-match", etag)], Some(change.clone())).await;
    assert_eq!((first.status, first.body["subject"].as_str()), (200, Some("Talk 2")));
    let second = world.graph_as(&world.token, "PATCH", &path, &[("if-match", etag)], Some(change)).await;
    assert_eq!((second.status, second.code()), (412, "ErrorIrresolvableConflict"));
    let deleted = world.graph_as(&world.token, "DELETE", &path, &[("if-match", etag)], None).await;
    assert_eq!(deleted.status, 412);
    assert_eq!(world.delete(id(&created)).await.status, 204);
    assert_eq!(world.get(&path).await.code(), "ErrorItemNotFound");
}

#[tokio::test]
async fn the_change_key_moves_by_itself_when_told_so() {
    let world = World::new();
    world.control("POST", "behaviour", Some(json!({ "changeKeyBumpSeconds": 5 }))).await;
    let created = world.create(event("Talk", 10, 9)).await;
    world.advance(5);
    let read = world.get(&format!("/me/events/{}", id(&created))).await.body;
    assert_ne!(read["changeKey"], created["changeKey"]);
}

#[tokio::test]
async fn a_transaction_id_creates_once() {
    let world = World::new();
    let mut draft = event("Talk", 10, 9);
    draft["transactionId"] = json!("t-1");
    let first = world.create(draft.clone()).await;
    let again = world.create(draft.clone()).await;
    assert_eq!(first["id"], again["id"]);
    draft["subject"] = json!("Other");
    let other = world.post("/me/events", draft).await;
    assert_eq!((other.status, other.code()), (400, "ErrorDuplicateTransactionId"));
    assert_eq!(other.body["error"]["@event.existingEventId"], first["id"]);
    assert_eq!(world.get("/me/events").await.items().len(), 1);
    assert!(world.create(event("No key", 10, 9)).await["transactionId"].is_null());
}

#[tokio::test]
async fn both_id_forms_find_the_item_and_case_matters() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    let default = id(&created).to_owned();
    let path =
        |id: &str| format!("/me/events/{}", url::form_urlencoded::byte_serialize(id.as_bytes()).collect::<String>());
    let answer = world.get_with(&path(&default), &[("prefer", "IdType=\"ImmutableId\"")]).await;
    let immutable = id(&answer.body).to_owned();
    assert!(default.len() > 140 && immutable.len() == 72 && default != immutable);
    assert_eq!(world.get(&format!("/ME/Events('{immutable}')")).await.body["id"], default.as_str());
    let swapped = default.replacen('A', "a", 1);
    assert_eq!(world.get(&path(&swapped)).await.code(), "ErrorInvalidIdMalformed");
}

#[tokio::test]
async fn extended_properties_are_found_and_shown_only_when_asked() {
    let world = World::new();
    let name = "String {66F5A359-4659-4830-9070-00047EC6AC6E} Name Link";
    let mut draft = event("Talk", 10, 9);
    draft["singleValueExtendedProperties"] = json!([{ "id": name, "value": "o'ne" }]);
    let created = world.create(draft).await;
    assert!(created.get("singleValueExtendedProperties").is_none(), "the answer to a create never has them");
    world.create(event("Other", 10, 9)).await;
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let filter = encode(&format!("singleValueExtendedProperties/any(ep: ep/id eq '{name}' and ep/value eq 'o''ne')"));
    let found = world.get(&format!("/me/events?%24filter={filter}&$select=subject")).await;
    assert_eq!(found.items().len(), 1);
    assert_eq!(found.items()[0]["id"], created["id"]);
    assert!(found.items()[0].get("singleValueExtendedProperties").is_none());
    let expand = encode(&format!("singleValueExtendedProperties($filter=id eq '{name}')"));
    let read = world.get(&format!("/me/events/{}?$expand={expand}", id(&created))).await;
    assert_eq!(read.body["singleValueExtendedProperties"][0]["value"], "o'ne");
}

#[tokio::test]
async fn bodies_come_back_as_exchange_keeps_them() {
    let world = World::new();
    let mut draft = event("Talk", 10, 9);
    draft["body"] = json!({ "contentType": "text", "content": "one\ntwo & three" });
    let created = world.create(draft).await;
    assert_eq!(created["body"]["contentType"], "html");
    assert!(created["body"]["content"].as_str().unwrap().starts_with("<html><head>"));
    assert_eq!(created["bodyPreview"], "one\r\ntwo & three");
    let path = format!("/me/events/{}", id(&created));
    let text = world.get_with(&path, &[("prefer", "outlook.body-content-type=\"text\"")]).await;
    assert_eq!(text.body["body"], json!({ "contentType": "text", "content": "one\r\ntwo & three\r\n" }));
}

#[tokio::test]
async fn lists_page_by_next_links_to_the_end() {
    let world = World::new();
    for day in 1..=7 {
        world.create(event(&format!("Day {day}"), day, 9)).await;
    }
    let mut seen = Vec::new();
    let mut next = Some("/me/events?$top=3&$orderby=start/dateTime desc".replace(' ', "%20"));
    while let Some(path) = next {
        let page = world.get(&path).await;
        assert!(page.items().len() <= 3);
        seen.extend(page.items().iter().map(|item| item["subject"].as_str().unwrap().to_owned()));
        next = page.body["@odata.nextLink"].as_str().map(str::to_owned);
    }
    let expected: Vec<String> = (1..=7).rev().map(|day| format!("Day {day}")).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn calendars_can_be_added_and_the_default_one_stays() {
    let world = World::new();
    let added = world.post("/me/calendars", json!({ "name": "Project" })).await;
    assert_eq!(added.status, 201);
    assert_eq!(world.post("/me/calendars", json!({ "name": "project" })).await.code(), "ErrorFolderExists");
    let path = format!("/me/calendars/{}", id(&added.body));
    let event = world.post(&format!("{path}/events"), event("Talk", 10, 9)).await.body;
    assert!(world.get("/me/events").await.items().is_empty());
    assert_eq!(world.get(&format!("{path}/events")).await.items().len(), 1);
    let default = world.get("/me/calendar").await.body;
    let path_default = format!("/me/calendars/{}", id(&default));
    assert_eq!(world.graph_as(&world.token, "DELETE", &path_default, &[], None).await.status, 400);
    assert_eq!(world.graph_as(&world.token, "DELETE", &path, &[], None).await.status, 204);
    assert_eq!(world.get(&format!("/me/events/{}", id(&event))).await.status, 404);
    assert_eq!(world.get("/me/calendars").await.items().len(), 1);
}

#[tokio::test]
async fn what_is_not_emulated_is_named() {
    let world = World::new();
    let answer = world.post("/me/contacts", json!({})).await;
    assert_eq!((answer.status, answer.code()), (501, "NotImplemented"));
    assert!(answer.text.contains("POST /v1.0/me/contacts"));
}

#[tokio::test]
async fn tokens_limit_what_can_be_done() {
    let world = World::new();
    let reader = world.microsoft.issue_token(ALICE, &["Calendars.Read"]).unwrap();
    assert_eq!(world.graph_as(&reader, "GET", "/me/events", &[], None).await.status, 200);
    let write = world.graph_as(&reader, "POST", "/me/events", &[], Some(event("x", 10, 9))).await;
    assert_eq!((write.status, write.code()), (403, "ErrorAccessDenied"));
    assert_eq!(world.get(&format!("/users/{ALICE}/events")).await.status, 200);
    assert_eq!(world.get(&format!("/users/{BOB}/events")).await.code(), "ErrorAccessDenied");
    assert_eq!(world.graph_as("nonsense", "GET", "/me", &[], None).await.code(), "InvalidAuthenticationToken");
    world.advance(3_600);
    let expired = world.get("/me").await;
    assert_eq!((expired.status, expired.code()), (401, "InvalidAuthenticationToken"));
    assert!(expired.header("www-authenticate").starts_with("Bearer"));
}

#[tokio::test]
async fn the_user_and_the_mailbox_answer_for_themselves() {
    let world = World::new();
    let me = world.get_with("/me", &[("client-request-id", "c-1")]).await;
    assert_eq!(me.body["userPrincipalName"], ALICE);
    assert_eq!(me.header("client-request-id"), "c-1");
    assert_eq!(me.header("odata-version"), "4.0");
    assert!(!me.header("request-id").is_empty());
    assert_eq!(world.get("/me/mailboxSettings").await.body["timeZone"], "W. Europe Standard Time");
    let iana =
        world.get("/me/outlook/supportedTimeZones(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')").await;
    assert!(iana.items().iter().any(|zone| zone["alias"] == "Europe/Berlin"));
    let windows = world.get("/me/outlook/supportedTimeZones").await;
    assert!(windows.items().iter().any(|zone| zone["alias"] == "W. Europe Standard Time"));
}

#[tokio::test]
async fn filters_combine_comparisons_and_functions() {
    let world = World::new();
    for (subject, day) in [("Plan one", 10), ("Plan two", 11), ("Review", 12)] {
        world.create(event(subject, day, 9)).await;
    }
    let cases = [
        ("subject eq 'Review' or startswith(subject,'plan')", 3),
        ("(subject eq 'Review' or subject eq 'Plan one') and start/dateTime lt '2026-03-11T00:00:00Z'", 1),
        ("not contains(subject,'plan')", 1),
        ("contains(subject,' two')", 1),
        ("endsWith(subject,'ONE')", 1),
        ("importance eq 'normal' and hasAttachments eq false", 3),
        ("createdDateTime ge 2026-03-02T11:00:00Z", 3),
    ];
    for (filter, count) in cases {
        let answer = world.get(&format!("/me/events?$filter={}", escaped(filter))).await;
        assert_eq!((answer.status, answer.items().len()), (200, count), "{filter}: {}", answer.text);
    }
}

#[tokio::test]
async fn filters_are_refused_as_the_service_refuses_them() {
    let world = World::new();
    let cases = [
        ("recurrence/range/endDate eq '2026-03-10'", 400, "ErrorInvalidProperty"),
        ("id eq 'A'", 400, "ErrorInvalidProperty"),
        ("attendees/any(a:a/emailAddress/address eq 'bob@contoso.example')", 400, "UnsupportedEntityExpression"),
        ("colour eq 'red'", 400, "BadRequest"),
        ("subject eq", 400, "BadRequest"),
        ("subject eq 'open", 400, "BadRequest"),
        ("(subject eq 'A'", 400, "BadRequest"),
        ("isAllDay eq 'true'", 400, "BadRequest"),
        ("createdDateTime ge '2026-03-02T11:00:00Z'", 400, "BadRequest"),
        ("location/displayName eq 'Here'", 501, "NotImplemented"),
        ("tolower(subject) eq 'a'", 501, "NotImplemented"),
    ];
    for (filter, status, code) in cases {
        let answer = world.get(&format!("/me/events?$filter={}", escaped(filter))).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{filter}: {}", answer.text);
        assert!(!answer.text.contains("bob@"), "{}", answer.text);
    }
}

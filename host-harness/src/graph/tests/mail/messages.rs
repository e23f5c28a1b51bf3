//! Messages: lists, what is asked of them, marks and deletion
//! (api/user-list-messages, api/message-update, api/message-delete).

use super::*;

async fn subjects(world: &World, query: &str) -> Vec<String> {
    let answer = mail_as(world, BOB, "GET", &format!("/me/messages?{query}"), None).await;
    assert_eq!(answer.status, 200, "{query} {}", answer.text);
    texts(answer.items(), "subject").into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn lists_are_paged_sorted_and_filtered() {
    let world = World::new();
    three(&world).await;
    assert_eq!(subjects(&world, "").await, ["Third", "Second", "First"]);
    assert_eq!(subjects(&world, "$orderby=receivedDateTime").await, ["First", "Second", "Third"]);
    assert_eq!(subjects(&world, "$orderby=receivedDateTime%20desc&$top=1&$skip=1").await, ["Second"]);
    let filters = [
        ("receivedDateTime ge 2026-03-02T12:01:00Z", vec!["Third", "Second"]),
        ("isRead eq false and subject eq 'First'", vec!["First"]),
        ("startswith(subject,'th')", vec!["Third"]),
        ("from/emailAddress/address eq 'alice@contoso.example'", vec!["Third", "Second", "First"]),
        ("isRead eq true", vec![]),
    ];
    for (filter, expected) in filters {
        assert_eq!(subjects(&world, &format!("$filter={}", escaped(filter))).await, expected, "{filter}");
    }
    let first = mail_as(&world, BOB, "GET", "/me/mailFolders/inbox/messages?$top=2&$count=true", None).await;
    assert_eq!((first.items().len(), &first.body["@odata.count"]), (2, &json!(3)));
    let next = mail_as(&world, BOB, "GET", first.body["@odata.nextLink"].as_str().unwrap(), None).await;
    assert_eq!(texts(next.items(), "subject"), ["First"]);
    assert!(next.body.get("@odata.nextLink").is_none());
}

#[tokio::test]
async fn what_a_list_cannot_do_is_refused() {
    let world = World::new();
    let filtered = |filter: &str| format!("$filter={}", escaped(filter));
    let table = [
        (filtered("nothing eq 'x'"), 400, "ErrorInvalidUrlQueryFilter"),
        (filtered("isRead eq null"), 400, "ErrorInvalidUrlQueryFilter"),
        (format!("{}&$orderby=receivedDateTime", filtered("isRead eq false")), 400, "InefficientFilter"),
        ("$select=nothing".to_owned(), 400, "BadRequest"),
        ("$select=startDateTime".to_owned(), 400, "BadRequest"),
        ("$select=microsoft.graph.eventMessage/responseType".to_owned(), 400, "BadRequest"),
        ("$expand=event".to_owned(), 400, "BadRequest"),
        ("$top=none".to_owned(), 400, "BadRequest"),
        ("$expand=mentions".to_owned(), 400, "BadRequest"),
        ("$expand=singleValueExtendedProperties".to_owned(), 400, "ErrorInvalidParameter"),
        ("$orderby=size".to_owned(), 501, "NotImplemented"),
    ];
    for (query, status, code) in table {
        let refused = mail_as(&world, BOB, "GET", &format!("/me/messages?{query}"), None).await;
        assert_eq!((refused.status, refused.code()), (status, code), "{query}");
    }
    let both = format!("{}&$orderby=receivedDateTime", filtered("receivedDateTime ge 2026-01-01T00:00:00Z"));
    assert_eq!(mail_as(&world, BOB, "GET", &format!("/me/messages?{both}"), None).await.status, 200);
    let delta = mail_as(&world, BOB, "GET", "/me/messages/delta", None).await;
    assert_eq!((delta.status, delta.code()), (400, "BadRequest"));
    assert!(delta.text.contains("Change tracking is not supported against 'microsoft.graph.message'"));
}

#[tokio::test]
async fn a_selection_leaves_what_was_asked_for() {
    let world = World::new();
    three(&world).await;
    let select = "$select=subject,microsoft.graph.eventMessage/startDateTime";
    let listed = mail_as(&world, BOB, "GET", &format!("/me/messages?{select}"), None).await;
    let names: Vec<&String> = listed.items()[0].as_object().unwrap().keys().collect();
    assert_eq!(names, ["@odata.etag", "@odata.type", "id", "startDateTime", "subject"]);
    let plain = [("prefer", "outlook.body-content-type=\"text\"")];
    let token = world.microsoft.issue_token(BOB, &["Mail.Read"]).unwrap();
    let path = format!("{}?$select=body", path_of(&listed.items()[0]));
    let read = world.graph_as(&token, "GET", &path, &plain, None).await;
    assert_eq!(read.body["body"]["contentType"], "text");
    assert_eq!(read.header("preference-applied"), "outlook.body-content-type=\"text\"");
}

#[tokio::test]
async fn a_message_is_marked_as_read_and_nothing_else_of_it_changes() {
    let world = World::new();
    three(&world).await;
    let message = inbox(&world, BOB).await.remove(0);
    let path = path_of(&message);
    let marked = mail_as(&world, BOB, "PATCH", &path, Some(json!({ "isRead": true }))).await;
    assert_eq!((marked.status, &marked.body["isRead"]), (200, &json!(true)));
    assert_ne!(marked.body["changeKey"], message["changeKey"]);
    let table = [
        (json!({ "isRead": "yes" }), 400, "UnableToDeserializePostBody"),
        (json!({ "meetingMessageType": "none" }), 400, "RequestBodyRead"),
        (json!({ "nothing": 1 }), 400, "RequestBodyRead"),
        (json!({ "subject": "Other" }), 400, "ErrorInvalidPropertyUpdateSentMessage"),
        (json!({ "categories": "Blue" }), 400, "UnableToDeserializePostBody"),
    ];
    for (body, status, code) in table {
        let refused = mail_as(&world, BOB, "PATCH", &path, Some(body.clone())).await;
        assert_eq!((refused.status, refused.code()), (status, code), "{body}");
    }
    let token = world.microsoft.issue_token(BOB, &["Mail.ReadWrite"]).unwrap();
    let stale = [("if-match", message["@odata.etag"].as_str().unwrap())];
    let late = world.graph_as(&token, "PATCH", &path, &stale, Some(json!({ "isRead": false }))).await;
    assert_eq!((late.status, late.code()), (412, "ErrorIrresolvableConflict"));
    let read = mail_as(&world, BOB, "GET", &path, None).await;
    assert_eq!((&read.body["changeKey"], &read.body["isRead"]), (&marked.body["changeKey"], &json!(true)));
    assert_eq!(read.header("etag"), read.body["@odata.etag"].as_str().unwrap());
}

#[tokio::test]
async fn what_is_deleted_goes_to_the_bin_first_and_changes_its_default_id() {
    let world = World::new();
    three(&world).await;
    let message = inbox(&world, BOB).await.remove(0);
    let token = world.microsoft.issue_token(BOB, &["Mail.ReadWrite"]).unwrap();
    let immutable = [("prefer", "IdType=\"ImmutableId\"")];
    let lasting = world.graph_as(&token, "GET", &path_of(&message), &immutable, None).await.body;
    assert_eq!(mail_as(&world, BOB, "DELETE", &path_of(&message), None).await.status, 204);
    assert_eq!(mail_as(&world, BOB, "GET", &path_of(&message), None).await.code(), "ErrorItemNotFound");
    let binned = folder_of(&world, BOB, "deleteditems").await.remove(0);
    assert_eq!((&binned["subject"], inbox(&world, BOB).await.len()), (&message["subject"], 2));
    let still = world.graph_as(&token, "GET", &path_of(&lasting), &immutable, None).await;
    assert_eq!((still.status, &still.body["parentFolderId"]), (200, &binned["parentFolderId"]));
    assert_eq!(mail_as(&world, BOB, "DELETE", &path_of(&binned), None).await.status, 204);
    assert_eq!(mail_as(&world, BOB, "GET", &path_of(&binned), None).await.status, 404);
    assert!(folder_of(&world, BOB, "deleteditems").await.is_empty());
    assert_eq!(subjects(&world, "").await.len(), 2, "a list of the whole mailbox has what is deleted no more");
    let recoverable = folder_of(&world, BOB, "recoverableitemsdeletions").await.remove(0);
    assert_eq!(recoverable["subject"], message["subject"]);
    assert_eq!(mail_as(&world, BOB, "DELETE", &path_of(&recoverable), None).await.status, 204);
    assert_eq!(world.graph_as(&token, "GET", &path_of(&lasting), &immutable, None).await.status, 404);
    // The mail is gone, the meeting is not.
    assert_eq!(world.as_bob("GET", "/me/events", None).await.items().len(), 3);
}

#[tokio::test]
async fn ids_of_messages_are_translated_and_are_none_of_events() {
    let world = World::new();
    three(&world).await;
    let message = inbox(&world, BOB).await.remove(0);
    let token = world.microsoft.issue_token(BOB, &["Mail.Read", "User.Read", "Calendars.Read"]).unwrap();
    let body = json!({ "inputIds": [id(&message)], "sourceIdType": "restId", "targetIdType": "restImmutableEntryId" });
    let translated = world.graph_as(&token, "POST", "/me/translateExchangeIds", &[], Some(body)).await;
    let target = translated.body["value"][0]["targetId"].as_str().unwrap();
    let read = world.graph_as(&token, "GET", &format!("/me/messages/{}", escaped(target)), &[], None).await;
    assert_eq!(read.body["internetMessageId"], message["internetMessageId"]);
    let as_event = world.graph_as(&token, "GET", &format!("/me/events/{}", id(&message)), &[], None).await;
    assert_eq!((as_event.status, as_event.code()), (404, "ErrorItemNotFound"));
    let event = copy_of_bob(&world).await;
    assert_eq!(mail_as(&world, BOB, "GET", &path_of(&event), None).await.code(), "ErrorItemNotFound");
    assert_eq!(mail_as(&world, BOB, "GET", "/me/messages/nonsense", None).await.code(), "ErrorInvalidIdMalformed");
    let elsewhere = format!("/me/mailFolders/sentitems/messages/{}", escaped(id(&message)));
    assert_eq!(mail_as(&world, BOB, "GET", &elsewhere, None).await.status, 404);
}

#[tokio::test]
async fn equal_seeds_bring_equal_mail() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let world = World::seeded(11);
        three(&world).await;
        runs.push(inbox(&world, BOB).await);
    }
    assert_eq!(runs[0], runs[1]);
}

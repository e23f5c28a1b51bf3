//! Drafts (api/user-post-messages, api/mailfolder-post-messages,
//! api/message-update).

use super::*;

#[tokio::test]
async fn a_draft_lies_among_the_drafts_in_full() {
    let world = World::new();
    let mut message = letter("Lunch", &[BOB, EVE]);
    message["ccRecipients"] = json!([to(CAROL)]);
    message["bccRecipients"] = json!([{ "emailAddress": { "name": "Dan", "address": "dan@elsewhere.example" } }]);
    message["importance"] = json!("High");
    message["flag"] = json!({
        "flagStatus": "flagged",
        "startDateTime": { "dateTime": "2026-03-05T09:00:00", "timeZone": "W. Europe Standard Time" },
        "dueDateTime": { "dateTime": "2026-03-06T09:00:00", "timeZone": "W. Europe Standard Time" },
    });
    let created = mail_as(&world, ALICE, "POST", "/me/messages", Some(message)).await;
    assert_eq!((created.status, created.header("etag")), (201, created.body["@odata.etag"].as_str().unwrap()));
    let by_location = mail_as(&world, ALICE, "GET", created.header("location"), None).await;
    let draft = created.body;
    assert_eq!(by_location.body["id"], draft["id"]);
    assert_eq!(
        (&draft["isDraft"], &draft["isRead"], &draft["hasAttachments"]),
        (&json!(true), &json!(true), &json!(false))
    );
    assert_eq!(draft["toRecipients"][0]["emailAddress"], json!({ "name": "Bob Example", "address": BOB }));
    assert_eq!(draft["toRecipients"][1]["emailAddress"], json!({ "name": EVE, "address": EVE }));
    assert_eq!((addresses(&draft["ccRecipients"]), addresses(&draft["bccRecipients"]).len()), (vec![CAROL], 1));
    assert_eq!(draft["from"]["emailAddress"], json!({ "name": "Alice Example", "address": ALICE }));
    assert_eq!((&draft["importance"], &draft["inferenceClassification"]), (&json!("high"), &json!("focused")));
    assert_eq!(
        draft["flag"],
        json!({
            "flagStatus": "flagged",
            "startDateTime": { "dateTime": "2026-03-05T08:00:00.0000000", "timeZone": "UTC" },
            "dueDateTime": { "dateTime": "2026-03-06T08:00:00.0000000", "timeZone": "UTC" },
        })
    );
    assert_eq!(draft["bodyPreview"], "About Lunch");
    assert_eq!(folder_of(&world, ALICE, "drafts").await[0]["id"], draft["id"]);
    assert!(draft["internetMessageId"].as_str().unwrap().ends_with("@contoso.example>"));
}

#[tokio::test]
async fn a_draft_can_be_made_in_any_folder() {
    let world = World::new();
    let path = format!("/users/{ALICE}/mailFolders/archive/messages");
    let made = mail_as(&world, ALICE, "POST", &path, Some(letter("Lunch", &[]))).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(folder_of(&world, ALICE, "archive").await.len(), 1);
    assert!(folder_of(&world, ALICE, "drafts").await.is_empty());
}

#[tokio::test]
async fn what_is_written_to_a_draft_stays() {
    let world = World::new();
    let made = draft(&world, letter("Lunch", &[BOB])).await;
    let change = json!({
        "subject": "Dinner", "body": { "contentType": "html", "content": "<p>Tonight</p>" },
        "toRecipients": [to(CAROL)], "replyTo": [to(EVE)], "isRead": false, "categories": ["Blue", "Red"],
        "isReadReceiptRequested": true, "isDeliveryReceiptRequested": true, "inferenceClassification": "other",
        "internetMessageId": "<mine@contoso.example>", "importance": "low",
    });
    let changed = mail_as(&world, ALICE, "PATCH", &path_of(&made), Some(change)).await;
    assert_eq!((changed.status, &changed.body["id"]), (200, &made["id"]));
    assert_ne!(changed.body["changeKey"], made["changeKey"]);
    let read = mail_as(&world, ALICE, "GET", &path_of(&made), None).await.body;
    assert_eq!(
        (&read["subject"], &read["bodyPreview"], &read["isRead"]),
        (&json!("Dinner"), &json!("Tonight"), &json!(false))
    );
    assert_eq!((addresses(&read["toRecipients"]), addresses(&read["replyTo"])), (vec![CAROL], vec![EVE]));
    assert_eq!(read["categories"], json!(["Blue", "Red"]));
    for name in ["isReadReceiptRequested", "isDeliveryReceiptRequested"] {
        assert_eq!(read[name], true, "{name}");
    }
    assert_eq!(
        (&read["inferenceClassification"], &read["internetMessageId"]),
        (&json!("other"), &json!("<mine@contoso.example>"))
    );
    let done = json!({ "flag": { "flagStatus": "complete" } });
    let flagged = mail_as(&world, ALICE, "PATCH", &path_of(&made), Some(done)).await.body;
    assert_eq!(flagged["flag"]["completedDateTime"]["dateTime"], "2026-03-02T12:00:00.0000000");
    let none = json!({ "flag": { "flagStatus": "notFlagged" } });
    let cleared = mail_as(&world, ALICE, "PATCH", &path_of(&made), Some(none)).await.body;
    assert_eq!(cleared["flag"], json!({ "flagStatus": "notFlagged" }));
}

#[tokio::test]
async fn of_a_sent_message_the_marks_alone_can_be_written() {
    let world = World::new();
    sent(&world, letter("Lunch", &[BOB])).await;
    let received = inbox(&world, BOB).await.remove(0);
    let marks = json!({
        "categories": ["Blue"], "importance": "high", "isRead": true, "flag": { "flagStatus": "flagged" },
        "inferenceClassification": "other",
    });
    let marked = mail_as(&world, BOB, "PATCH", &path_of(&received), Some(marks)).await;
    assert_eq!(
        (marked.status, &marked.body["categories"], &marked.body["flag"]["flagStatus"]),
        (200, &json!(["Blue"]), &json!("flagged"))
    );
    let filter = escaped("flag/flagStatus eq 'flagged' and inferenceClassification eq 'other'");
    assert_eq!(mail_as(&world, BOB, "GET", &format!("/me/messages?$filter={filter}"), None).await.items().len(), 1);
    for name in ["subject", "body", "toRecipients", "ccRecipients", "bccRecipients", "replyTo", "internetMessageId"] {
        let value = match name {
            "subject" | "internetMessageId" => json!("x"),
            "body" => json!({ "contentType": "text", "content": "x" }),
            _ => json!([]),
        };
        let refused = mail_as(&world, BOB, "PATCH", &path_of(&received), Some(json!({ (name): value }))).await;
        assert_eq!((refused.status, refused.code()), (400, "ErrorInvalidPropertyUpdateSentMessage"), "{name}");
    }
}

#[tokio::test]
async fn what_no_message_can_be_is_refused() {
    let world = World::new();
    let header = |name: &str| json!({ "internetMessageHeaders": [{ "name": name, "value": "1" }] });
    let many: Vec<Value> = (0..501).map(|number| to(&format!("guest{number}@elsewhere.example"))).collect();
    let flagged =
        json!({ "flagStatus": "flagged", "startDateTime": { "dateTime": "2026-03-05T09:00:00", "timeZone": "UTC" } });
    let table = [
        (json!({ "nothing": 1 }), "RequestBodyRead"),
        (json!({ "isDraft": false }), "ErrorPropertyValidationFailure"),
        (json!({ "receivedDateTime": "2026-03-02T12:00:00Z" }), "ErrorPropertyValidationFailure"),
        (json!({ "subject": 1 }), "UnableToDeserializePostBody"),
        (json!({ "importance": "urgent" }), "RequestBodyRead"),
        (json!({ "toRecipients": {} }), "UnableToDeserializePostBody"),
        (json!({ "toRecipients": [{ "emailAddress": { "name": "Nobody" } }] }), "ErrorInvalidRecipients"),
        (json!({ "toRecipients": many }), "ErrorInvalidRecipients"),
        (json!({ "flag": flagged }), "ErrorPropertyValidationFailure"),
        (header("Received"), "InvalidInternetMessageHeader"),
        (
            json!({ "internetMessageHeaders": vec![json!({ "name": "x-one", "value": "1" }); 6] }),
            "InvalidInternetMessageHeaderCollection",
        ),
        (json!({ "singleValueExtendedProperties": [{ "id": "nonsense", "value": "1" }] }), "ErrorInvalidProperty"),
        (json!([]), "BadRequest"),
    ];
    for (body, code) in table {
        let refused = mail_as(&world, ALICE, "POST", "/me/messages", Some(body.clone())).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{body}");
    }
    assert!(folder_of(&world, ALICE, "drafts").await.is_empty());
    let made = draft(&world, letter("Lunch", &[])).await;
    let late = mail_as(&world, ALICE, "PATCH", &path_of(&made), Some(header("x-late"))).await;
    assert_eq!((late.status, late.code()), (400, "ErrorPropertyValidationFailure"), "headers come with a new message");
}

#[tokio::test]
async fn headers_and_the_own_part_of_a_body_are_told_to_who_selects_them() {
    let world = World::new();
    let mut message = letter("Lunch", &[BOB]);
    message["internetMessageHeaders"] = json!([{ "name": "x-crm-id", "value": "17" }]);
    let made = draft(&world, message).await;
    assert!(made.get("internetMessageHeaders").is_none());
    let select = "?$select=internetMessageHeaders,uniqueBody";
    let read = mail_as(&world, ALICE, "GET", &format!("{}{select}", path_of(&made)), None).await.body;
    assert_eq!(read["internetMessageHeaders"], json!([{ "name": "x-crm-id", "value": "17" }]));
    acted(&world, ALICE, &made, "send", None).await;
    let received = inbox(&world, BOB).await.remove(0);
    let read = mail_as(&world, BOB, "GET", &format!("{}{select}", path_of(&received)), None).await.body;
    let headers = read["internetMessageHeaders"].as_array().unwrap();
    for (name, value) in
        [("x-crm-id", "17"), ("Subject", "Lunch"), ("From", "\"Alice Example\" <alice@contoso.example>")]
    {
        assert!(headers.contains(&json!({ "name": name, "value": value })), "{name}");
    }
    let reply = acted(&world, BOB, &received, "createReply", Some(json!({ "comment": "Yes" }))).await.body;
    let plain = [("prefer", "outlook.body-content-type=\"text\"")];
    let token = world.microsoft.issue_token(BOB, &["Mail.Read"]).unwrap();
    let read = world.graph_as(&token, "GET", &format!("{}?$select=uniqueBody", path_of(&reply)), &plain, None).await;
    assert_eq!(read.body["uniqueBody"], json!({ "contentType": "text", "content": "Yes\r\n" }));
}

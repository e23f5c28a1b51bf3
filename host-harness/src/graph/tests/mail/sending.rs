//! Sending (api/message-send, api/user-sendmail) and what arrives where.

use super::*;

#[tokio::test]
async fn a_sent_draft_leaves_the_drafts_and_keeps_its_immutable_id() {
    let world = World::new();
    let made = lasting_as(&world, ALICE, "POST", "/me/messages", Some(letter("Lunch", &[BOB]))).await.body;
    world.advance(60);
    let sent = lasting_as(&world, ALICE, "POST", &format!("{}/send", path_of(&made)), None).await;
    assert_eq!((sent.status, sent.text.as_str()), (202, ""));
    assert!(folder_of(&world, ALICE, "drafts").await.is_empty());
    let read = lasting_as(&world, ALICE, "GET", &path_of(&made), None).await.body;
    let there = mail_as(&world, ALICE, "GET", "/me/mailFolders/sentitems", None).await.body;
    assert_eq!((&read["parentFolderId"], &read["isDraft"]), (&there["id"], &json!(false)));
    assert_eq!(
        (&read["sentDateTime"], &read["createdDateTime"]),
        (&json!("2026-03-02T12:01:00Z"), &json!("2026-03-02T12:00:00Z"))
    );
    let received = inbox(&world, BOB).await.remove(0);
    assert_eq!(
        (&received["isRead"], &received["isDraft"], &received["subject"]),
        (&json!(false), &json!(false), &json!("Lunch"))
    );
    assert_eq!(received["internetMessageId"], read["internetMessageId"]);
    assert_ne!(
        received["conversationId"], read["conversationId"],
        "conversations have ids of their own in each mailbox"
    );
    let again = acted(&world, ALICE, &folder_of(&world, ALICE, "sentitems").await[0], "send", None).await;
    assert_eq!((again.status, again.code()), (400, "ErrorInvalidRequest"));
}

#[tokio::test]
async fn what_is_sent_shows_late_in_the_sent_items_if_told_to() {
    let world = World::new();
    world.behaviour(json!({ "sentItemsLagSeconds": 30 })).await;
    let made = lasting_as(&world, ALICE, "POST", "/me/messages", Some(letter("Lunch", &[BOB]))).await.body;
    lasting_as(&world, ALICE, "POST", &format!("{}/send", path_of(&made)), None).await;
    sent(&world, letter("Dinner", &[BOB])).await;
    assert_eq!(inbox(&world, BOB).await.len(), 2);
    assert!(
        folder_of(&world, ALICE, "sentitems").await.is_empty() && folder_of(&world, ALICE, "drafts").await.is_empty()
    );
    assert_eq!(folder_of(&world, ALICE, "outbox").await.len(), 2);
    world.advance(30);
    assert_eq!(folder_of(&world, ALICE, "sentitems").await.len(), 2);
    assert!(folder_of(&world, ALICE, "outbox").await.is_empty());
    let read = lasting_as(&world, ALICE, "GET", &path_of(&made), None).await.body;
    assert_eq!(read["id"], made["id"]);
}

#[tokio::test]
async fn what_has_left_the_outbox_does_not_come_to_the_sent_items() {
    let world = World::new();
    world.behaviour(json!({ "sentItemsLagSeconds": 30 })).await;
    for subject in ["Deleted", "Moved", "Copied"] {
        sent(&world, letter(subject, &[BOB])).await;
    }
    let outbox = folder_of(&world, ALICE, "outbox").await;
    let of = |subject: &str| outbox.iter().find(|message| message["subject"] == subject).unwrap();
    assert_eq!(mail_as(&world, ALICE, "DELETE", &path_of(of("Deleted")), None).await.status, 204);
    for (subject, action, folder) in [("Moved", "move", "archive"), ("Copied", "copy", "drafts")] {
        let body = json!({ "destinationId": folder });
        assert_eq!(acted(&world, ALICE, of(subject), action, Some(body)).await.status, 201);
    }
    world.advance(30);
    for (folder, subjects) in [
        ("sentitems", vec!["Copied"]),
        ("outbox", vec![]),
        ("deleteditems", vec!["Deleted"]),
        ("archive", vec!["Moved"]),
        ("drafts", vec!["Copied"]),
    ] {
        assert_eq!(texts(&folder_of(&world, ALICE, folder).await, "subject"), subjects, "{folder}");
    }
}

#[tokio::test]
async fn everybody_gets_a_copy_and_nobody_sees_who_is_hidden() {
    let world = World::new();
    world.microsoft.create_mailbox(mailbox(CAROL, "Carol Example")).unwrap();
    let mut message = letter("Lunch", &[BOB, EVE]);
    message["ccRecipients"] = json!([to(ALICE)]);
    message["bccRecipients"] = json!([to(CAROL), to(BOB)]);
    message["categories"] = json!(["Mine"]);
    message["isReadReceiptRequested"] = json!(true);
    sent(&world, message).await;
    for user in [ALICE, BOB, CAROL] {
        let received = inbox(&world, user).await;
        assert_eq!(received.len(), 1, "{user}");
        assert_eq!(
            (addresses(&received[0]["toRecipients"]), addresses(&received[0]["bccRecipients"]).len()),
            (vec![BOB, EVE], 0)
        );
        assert_eq!((&received[0]["categories"], &received[0]["isReadReceiptRequested"]), (&json!([]), &json!(true)));
    }
    let own = folder_of(&world, ALICE, "sentitems").await.remove(0);
    assert_eq!((addresses(&own["bccRecipients"]), &own["categories"]), (vec![CAROL, BOB], &json!(["Mine"])));
    let outbox = world.control("GET", "outbox", None).await.body;
    let left: Vec<&str> = outbox.as_array().unwrap().iter().map(|mail| mail["to"].as_str().unwrap()).collect();
    assert_eq!(left, [BOB, EVE, ALICE, CAROL, BOB]);
    let noted = json!({
        "kind": "message", "from": ALICE, "to": BOB, "subject": "Lunch", "internetMessageId": own["internetMessageId"],
        "occurrence": null, "response": null, "at": "2026-03-02T12:00:00Z",
    });
    assert_eq!(outbox[0], noted);
}

#[tokio::test]
async fn a_mail_can_be_sent_without_a_copy() {
    let world = World::new();
    for value in [json!(false), json!("false")] {
        let body = json!({ "Message": letter("Lunch", &[BOB]), "SaveToSentItems": value });
        assert_eq!(mail_as(&world, ALICE, "POST", "/me/sendMail", Some(body)).await.status, 202);
    }
    assert!(folder_of(&world, ALICE, "sentitems").await.is_empty());
    assert_eq!(inbox(&world, BOB).await.len(), 2);
    let by_id = format!("/users/{ALICE}/microsoft.graph.sendMail");
    let sent = mail_as(&world, ALICE, "POST", &by_id, Some(json!({ "message": letter("Dinner", &[BOB]) }))).await;
    assert_eq!(sent.status, 202, "{}", sent.text);
    assert_eq!(folder_of(&world, ALICE, "sentitems").await.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_and_stays() {
    let world = World::new();
    let mut foreign = letter("Lunch", &[BOB]);
    foreign["from"] = to(BOB);
    let many: Vec<String> = (0..501).map(|number| format!("guest{number}@elsewhere.example")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let table = [
        (letter("Lunch", &[]), 400, "ErrorInvalidRecipients"),
        (letter("Lunch", &["nobody"]), 400, "ErrorInvalidRecipients"),
        (letter("Lunch", &many), 400, "ErrorInvalidRecipients"),
        (foreign, 403, "ErrorSendAsDenied"),
    ];
    for (message, status, code) in table {
        let refused = mail_as(&world, ALICE, "POST", "/me/sendMail", Some(json!({ "message": message }))).await;
        assert_eq!((refused.status, refused.code()), (status, code), "{}", refused.text);
    }
    for (body, code) in [
        (json!({}), "ErrorInvalidRequest"),
        (json!({ "message": letter("Lunch", &[BOB]), "copies": 2 }), "RequestBodyRead"),
        (json!({ "message": letter("Lunch", &[BOB]), "saveToSentItems": "maybe" }), "UnableToDeserializePostBody"),
    ] {
        let refused = mail_as(&world, ALICE, "POST", "/me/sendMail", Some(body)).await;
        assert_eq!((refused.status, refused.code()), (400, code));
    }
    let empty = draft(&world, letter("Lunch", &[])).await;
    assert_eq!(acted(&world, ALICE, &empty, "send", None).await.code(), "ErrorInvalidRecipients");
    assert_eq!(folder_of(&world, ALICE, "drafts").await.len(), 1);
    assert_eq!(counts(&world).await, [0, 0, 0, 0]);
}

#[tokio::test]
async fn sending_has_a_permission_of_its_own() {
    let world = World::new();
    sent(&world, letter("Lunch", &[BOB])).await;
    let received = path_of(&inbox(&world, BOB).await[0]);
    let message = json!({ "message": letter("Dinner", &[ALICE]) });
    let requests = [
        ("/me/sendMail".to_owned(), Some(message)),
        (format!("{received}/reply"), None),
        (format!("{received}/replyAll"), None),
        (format!("{received}/forward"), Some(json!({ "toRecipients": [to(ALICE)] }))),
    ];
    for (scope, status) in [("Mail.ReadWrite", 403), ("Mail.Send", 202)] {
        let token = world.microsoft.issue_token(BOB, &[scope]).unwrap();
        for (path, body) in &requests {
            let answer = world.graph_as(&token, "POST", path, &[], body.clone()).await;
            assert_eq!(answer.status, status, "{scope} {path} {}", answer.text);
        }
        let refused = world.graph_as(&token, "POST", &format!("{received}/createReply"), &[], None).await;
        assert_eq!(refused.status, if scope == "Mail.Send" { 403 } else { 201 });
    }
}

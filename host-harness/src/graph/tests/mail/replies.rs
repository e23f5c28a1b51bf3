//! Answers and forwarded messages (api/message-reply, -replyall, -forward,
//! -createreply, -createreplyall, -createforward).

use super::*;

/// A mail from Alice to Bob and others, as Bob has it.
async fn received(world: &World) -> Value {
    let mut message = letter("Lunch", &[BOB, EVE]);
    message["ccRecipients"] = json!([to(CAROL)]);
    message["attachments"] = json!([{
        "@odata.type": "#microsoft.graph.fileAttachment", "name": "menu.txt", "contentBytes": "c291cA==",
    }]);
    sent(world, message).await;
    inbox(world, BOB).await.remove(0)
}

#[tokio::test]
async fn an_answer_is_drafted_in_the_conversation_and_quotes() {
    let world = World::new();
    let received = received(&world).await;
    let cases = [
        ("createReply", "RE: Lunch", vec![ALICE], vec![], false),
        ("createReplyAll", "RE: Lunch", vec![ALICE, EVE], vec![CAROL], false),
        ("createForward", "FW: Lunch", vec![], vec![], true),
    ];
    for (action, subject, people, copied, has_files) in cases {
        let made = acted(&world, BOB, &received, action, Some(json!({ "Comment": "Fine & good" }))).await;
        assert_eq!((made.status, &made.body["subject"]), (201, &json!(subject)), "{action} {}", made.text);
        assert_eq!(
            (addresses(&made.body["toRecipients"]), addresses(&made.body["ccRecipients"])),
            (people, copied),
            "{action}"
        );
        assert_eq!((&made.body["isDraft"], &made.body["hasAttachments"]), (&json!(true), &json!(has_files)));
        assert_eq!(made.body["conversationId"], received["conversationId"]);
        let (index, before) =
            (made.body["conversationIndex"].as_str().unwrap(), received["conversationIndex"].as_str().unwrap());
        assert!(index.len() > before.len() && index.starts_with(before.trim_end_matches('=').get(..28).unwrap()));
        let preview = made.body["bodyPreview"].as_str().unwrap();
        for text in ["Fine & good", "From: Alice Example", "Sent: Monday, March 2, 2026 12:00:00 PM", "About Lunch"] {
            assert!(preview.contains(text), "{action} {preview}");
        }
    }
    assert_eq!(folder_of(&world, BOB, "drafts").await.len(), 3);
    let plain = acted(&world, BOB, &received, "createReply", None).await;
    assert_eq!(plain.status, 201, "no body is needed");
    let twice = acted(&world, BOB, &plain.body, "createReply", None).await;
    assert_eq!(twice.body["subject"], "RE: Lunch");
}

#[tokio::test]
async fn times_are_quoted_in_the_zone_that_is_asked_for() {
    let world = World::new();
    let received = received(&world).await;
    let token = world.microsoft.issue_token(BOB, &["Mail.ReadWrite"]).unwrap();
    let prefer = [("prefer", "outlook.timezone=\"W. Europe Standard Time\"")];
    let made = world.graph_as(&token, "POST", &format!("{}/createReply", path_of(&received)), &prefer, None).await;
    assert!(made.text.contains("Monday, March 2, 2026 1:00:00 PM"), "{}", made.text);
}

#[tokio::test]
async fn an_answer_is_sent_at_once() {
    let world = World::new();
    let received = received(&world).await;
    for (action, body) in [
        ("reply", json!({ "comment": "One" })),
        ("replyAll", json!({ "comment": "Two" })),
        ("forward", json!({ "comment": "Three", "toRecipients": [to(ALICE)] })),
    ] {
        let answer = acted(&world, BOB, &received, action, Some(body)).await;
        assert_eq!((answer.status, answer.text.as_str()), (202, ""), "{action}");
    }
    let arrived = inbox(&world, ALICE).await;
    assert_eq!(texts(&arrived, "subject"), ["FW: Lunch", "RE: Lunch", "RE: Lunch"]);
    assert_eq!(folder_of(&world, BOB, "sentitems").await.len(), 3);
    assert!(folder_of(&world, BOB, "drafts").await.is_empty());
    let own = folder_of(&world, ALICE, "sentitems").await.remove(0);
    assert!(arrived.iter().all(|message| message["conversationId"] == own["conversationId"]));
    let files = mail_as(&world, ALICE, "GET", &format!("{}/attachments", path_of(&arrived[0])), None).await;
    assert_eq!(texts(files.items(), "name"), ["menu.txt"]);
}

#[tokio::test]
async fn answers_go_to_whom_the_sender_named_for_them() {
    let world = World::new();
    let mut message = letter("Lunch", &[BOB]);
    message["replyTo"] = json!([to(EVE)]);
    sent(&world, message).await;
    let received = inbox(&world, BOB).await.remove(0);
    let made = acted(&world, BOB, &received, "createReply", None).await.body;
    assert_eq!(addresses(&made["toRecipients"]), [EVE]);
}

#[tokio::test]
async fn an_answer_can_be_given_as_a_message() {
    let world = World::new();
    let received = received(&world).await;
    let body = json!({ "message": {
        "body": { "contentType": "html", "content": "<p>All mine</p>" }, "toRecipients": [to(CAROL)], "importance": "high",
    } });
    let made = acted(&world, BOB, &received, "createReply", Some(body)).await.body;
    assert_eq!(
        (&made["bodyPreview"], &made["importance"], &made["subject"]),
        (&json!("All mine"), &json!("high"), &json!("RE: Lunch"))
    );
    assert_eq!(addresses(&made["toRecipients"]), [CAROL]);
    let changed = json!({ "message": { "subject": "Other" }, "comment": "Hi" });
    let made = acted(&world, BOB, &received, "createReplyAll", Some(changed)).await.body;
    assert_eq!(made["subject"], "Other");
    assert!(made["bodyPreview"].as_str().unwrap().starts_with("Hi"));
}

#[tokio::test]
async fn what_no_answer_can_be_is_refused() {
    let world = World::new();
    let received = received(&world).await;
    let message = json!({ "body": { "contentType": "text", "content": "x" } });
    let table = [
        ("createReply", json!({ "comment": "Hi", "message": message }), "ErrorInvalidRequest"),
        ("reply", json!({ "comment": "Hi", "message": message }), "ErrorInvalidRequest"),
        ("replyAll", json!({ "comment": 1 }), "UnableToDeserializePostBody"),
        ("createReplyAll", json!({ "message": "x" }), "UnableToDeserializePostBody"),
        (
            "createForward",
            json!({ "toRecipients": [to(EVE)], "message": { "toRecipients": [to(EVE)] } }),
            "ErrorInvalidRequest",
        ),
        ("forward", json!({}), "ErrorInvalidRecipients"),
        ("reply", json!({ "toRecipients": [to(EVE)] }), "RequestBodyRead"),
    ];
    for (action, body, code) in table {
        let refused = acted(&world, BOB, &received, action, Some(body.clone())).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{action} {body}");
    }
    assert!(folder_of(&world, BOB, "drafts").await.is_empty() && folder_of(&world, BOB, "sentitems").await.is_empty());
    let unknown = acted(&world, BOB, &received, "createAnswer", None).await;
    assert_eq!((unknown.status, unknown.code()), (400, "BadRequest"));
}

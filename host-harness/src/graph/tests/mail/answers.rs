//! What guests' answers bring into mailboxes (resources/eventmessageresponse).

use super::*;

#[tokio::test]
async fn an_answer_lies_in_the_inbox_of_the_organiser_and_in_the_sent_items_of_the_guest() {
    let world = World::new();
    world.behaviour(json!({ "keepDeclined": true })).await;
    let created = meeting(&world, event("Talk", 10, 9)).await;
    let copy = copy_of_bob(&world).await;
    let cases = [
        ("accept", "Accepted: Talk", "meetingAccepted", "accepted"),
        ("tentativelyAccept", "Tentative: Talk", "meetingTenativelyAccepted", "tentativelyAccepted"),
        ("decline", "Declined: Talk", "meetingDeclined", "declined"),
    ];
    for (action, subject, kind, response) in cases {
        assert_eq!(bob_does(&world, &copy, action, json!({ "Comment": "Well" })).await.status, 202);
        let received = inbox(&world, ALICE).await.remove(0);
        assert_eq!(received["@odata.type"], "#microsoft.graph.eventMessageResponse");
        assert_eq!(
            (&received["subject"], &received["meetingMessageType"], &received["responseType"]),
            (&json!(subject), &json!(kind), &json!(response))
        );
        assert_eq!(received["from"]["emailAddress"], json!({ "name": "Bob Example", "address": BOB }));
        assert_eq!(addresses(&received["toRecipients"]), [ALICE]);
        assert_eq!((&received["bodyPreview"], &received["proposedNewTime"]), (&json!("Well"), &json!(null)));
        let sent = folder_of(&world, BOB, "sentitems").await.remove(0);
        assert_eq!((&sent["internetMessageId"], &sent["isRead"]), (&received["internetMessageId"], &json!(true)));
        let event = format!("{}/microsoft.graph.eventMessage/event", path_of(&received));
        assert_eq!(mail_as(&world, ALICE, "GET", &event, None).await.body["id"], created["id"]);
    }
    assert_eq!(counts(&world).await, [3, 1, 1, 3]);
}

#[tokio::test]
async fn an_answer_to_one_day_leads_the_organiser_to_that_day() {
    let world = World::new();
    let master = meeting(&world, daily(3)).await;
    let occurrence = instances_of_bob(&world).await.remove(1);
    bob_does(&world, &occurrence, "decline", json!({})).await;
    let received = inbox(&world, ALICE).await.remove(0);
    assert_eq!((&received["type"], &received["subject"]), (&json!("occurrence"), &json!("Declined: Series")));
    assert_eq!(received["startDateTime"]["dateTime"], "2026-03-03T08:00:00.0000000");
    let event = format!("{}/microsoft.graph.eventMessage/event", path_of(&received));
    let read = mail_as(&world, ALICE, "GET", &event, None).await.body;
    assert_eq!((&read["id"], &read["type"]), (&world.instances(id(&master)).await[1]["id"], &json!("exception")));
}

#[tokio::test]
async fn a_forwarded_meeting_invites_and_tells_the_organiser() {
    let world = World::new();
    world.microsoft.create_mailbox(mailbox(CAROL, "Carol Example")).unwrap();
    meeting(&world, event("Talk", 10, 9)).await;
    let copy = copy_of_bob(&world).await;
    let to = json!({ "ToRecipients": [{ "EmailAddress": { "Address": CAROL } }], "Comment": "For you" });
    assert_eq!(bob_does(&world, &copy, "forward", to).await.status, 202);
    let invited = inbox(&world, CAROL).await.remove(0);
    assert_eq!(
        (&invited["meetingMessageType"], &invited["bodyPreview"]),
        (&json!("meetingRequest"), &json!("For you"))
    );
    assert_eq!(invited["from"]["emailAddress"]["address"], BOB);
    let notice = inbox(&world, ALICE).await.remove(0);
    assert_eq!(
        (&notice["@odata.type"], &notice["meetingMessageType"]),
        (&json!("#microsoft.graph.eventMessage"), &json!("none"))
    );
    assert_eq!(notice["subject"], "Meeting Forward Notification: Talk");
    assert_eq!(texts(&folder_of(&world, BOB, "sentitems").await, "subject"), ["Talk"]);
}

//! What organisers' changes bring into mailboxes (resources/eventmessage,
//! resources/eventmessagerequest).

use super::*;

#[tokio::test]
async fn an_invitation_lies_in_the_inbox_of_the_guest_and_in_the_sent_items_of_the_organiser() {
    let world = World::new();
    let mut draft = event("Talk", 10, 9);
    draft["body"] = json!({ "contentType": "text", "content": "Bring cake" });
    draft["location"] = json!({ "displayName": "Room 1" });
    meeting(&world, draft).await;
    assert_eq!(counts(&world).await, [0, 1, 1, 0]);
    let received = inbox(&world, BOB).await.remove(0);
    let sent = folder_of(&world, ALICE, "sentitems").await.remove(0);
    for (message, is_read) in [(&received, false), (&sent, true)] {
        assert_eq!(message["@odata.type"], "#microsoft.graph.eventMessageRequest");
        assert_eq!(
            (&message["meetingMessageType"], &message["meetingRequestType"], &message["type"]),
            (&json!("meetingRequest"), &json!("newMeetingRequest"), &json!("singleInstance"))
        );
        assert_eq!((&message["subject"], &message["bodyPreview"]), (&json!("Talk"), &json!("Bring cake")));
        for sender in ["from", "sender"] {
            assert_eq!(message[sender]["emailAddress"], json!({ "name": "Alice Example", "address": ALICE }));
        }
        assert_eq!(addresses(&message["toRecipients"]), [BOB, EVE]);
        assert_eq!(message["receivedDateTime"], "2026-03-02T12:00:00Z");
        assert_eq!(message["sentDateTime"], message["receivedDateTime"]);
        assert_eq!((&message["isRead"], &message["isDraft"]), (&json!(is_read), &json!(false)));
        assert_eq!(message["startDateTime"], json!({ "dateTime": "2026-03-10T08:00:00.0000000", "timeZone": "UTC" }));
        assert_eq!(message["endDateTime"]["dateTime"], "2026-03-10T08:30:00.0000000");
        assert_eq!((&message["location"]["displayName"], &message["recurrence"]), (&json!("Room 1"), &json!(null)));
        assert_eq!((&message["isOutOfDate"], &message["isDelegated"]), (&json!(false), &json!(false)));
        assert_eq!((&message["allowNewTimeProposals"], &message["responseRequested"]), (&json!(true), &json!(true)));
        assert_eq!(message["@odata.etag"], format!("W/\"{}\"", message["changeKey"].as_str().unwrap()));
    }
    assert_eq!(received["internetMessageId"], sent["internetMessageId"]);
    assert!(received["internetMessageId"].as_str().unwrap().ends_with("@contoso.example>"));
    assert_ne!((&received["id"], &received["parentFolderId"]), (&sent["id"], &sent["parentFolderId"]));
}

#[tokio::test]
async fn optional_guests_are_on_the_second_line_and_resources_on_the_hidden_one() {
    let world = World::new();
    let mut draft = event("Talk", 10, 9);
    let as_kind = |address: &str, kind: &str| json!({ "type": kind, "emailAddress": { "address": address } });
    draft["attendees"] = json!([guest(BOB), as_kind(EVE, "optional"), as_kind("room@contoso.example", "resource")]);
    world.create(draft).await;
    let lines = |message: &Value| {
        ["toRecipients", "ccRecipients", "bccRecipients"].map(|line| addresses(&message[line]).join(" "))
    };
    let sent = folder_of(&world, ALICE, "sentitems").await.remove(0);
    assert_eq!(lines(&sent), [BOB, EVE, "room@contoso.example"]);
    assert_eq!(lines(&inbox(&world, BOB).await[0]), [BOB, EVE, ""]);
}

#[tokio::test]
async fn guests_who_are_hidden_from_each_other_see_themselves_alone() {
    let world = World::new();
    let mut draft = event("Talk", 10, 9);
    draft["hideAttendees"] = json!(true);
    meeting(&world, draft).await;
    assert_eq!(addresses(&inbox(&world, BOB).await[0]["toRecipients"]), [BOB]);
    assert_eq!(addresses(&folder_of(&world, ALICE, "sentitems").await[0]["toRecipients"]), [BOB, EVE]);
}

#[tokio::test]
async fn an_update_says_what_was_before_and_outdates_the_invitation() {
    let world = World::new();
    let created = meeting(&world, event("Talk", 10, 9)).await;
    world.advance(60);
    let mut change = at(10, 15);
    change["location"] = json!({ "displayName": "Room 2" });
    world.patch(id(&created), change).await;
    world.advance(60);
    world.patch(id(&created), json!({ "subject": "Renamed" })).await;
    let received = inbox(&world, BOB).await;
    assert_eq!(texts(&received, "meetingRequestType"), ["informationalUpdate", "fullUpdate", "newMeetingRequest"]);
    assert_eq!(texts(&received, "subject"), ["Renamed", "Talk", "Talk"]);
    let out_of_date: Vec<bool> = received.iter().map(|message| message["isOutOfDate"] == true).collect();
    assert_eq!(out_of_date, [false, true, true]);
    let moved = &received[1];
    assert_eq!(moved["startDateTime"]["dateTime"], "2026-03-10T14:00:00.0000000");
    assert_eq!(moved["previousStartDateTime"]["dateTime"], "2026-03-10T08:00:00.0000000");
    assert_eq!(moved["previousEndDateTime"]["dateTime"], "2026-03-10T08:30:00.0000000");
    assert_eq!(moved["previousLocation"]["displayName"], "");
    for name in ["previousStartDateTime", "previousEndDateTime", "previousLocation"] {
        assert!(received[0][name].is_null() && received[2][name].is_null(), "{name}");
    }
    let conversation = texts(&received, "conversationId");
    assert!(conversation.iter().all(|id| *id == conversation[0] && !id.is_empty()));
    assert_eq!(folder_of(&world, ALICE, "sentitems").await.len(), 3);
}

#[tokio::test]
async fn a_cancellation_is_an_event_message_and_says_why() {
    let world = World::new();
    let created = meeting(&world, event("Talk", 10, 9)).await;
    world.post(&format!("/me/events/{}/cancel", id(&created)), json!({ "Comment": "I am ill" })).await;
    let received = inbox(&world, BOB).await;
    assert_eq!(texts(&received, "subject"), ["Canceled: Talk", "Talk"]);
    let cancelled = &received[0];
    assert_eq!(
        (cancelled["@odata.type"].as_str(), cancelled["meetingMessageType"].as_str()),
        (Some("#microsoft.graph.eventMessage"), Some("meetingCancelled"))
    );
    assert_eq!(cancelled["bodyPreview"], "I am ill");
    assert!(cancelled.get("meetingRequestType").is_none() && cancelled.get("responseType").is_none());
    assert_eq!(received[1]["isOutOfDate"], true);
}

#[tokio::test]
async fn who_joins_or_leaves_gets_a_mail_of_another_kind_than_who_stays() {
    let world = World::new();
    world.microsoft.create_mailbox(mailbox(CAROL, "Carol Example")).unwrap();
    let created = meeting(&world, event("Talk", 10, 9)).await;
    world.patch(id(&created), json!({ "attendees": [guest(CAROL), guest(EVE)] })).await;
    assert_eq!(texts(&inbox(&world, BOB).await, "meetingMessageType"), ["meetingCancelled", "meetingRequest"]);
    let joined = inbox(&world, CAROL).await;
    assert_eq!(texts(&joined, "meetingRequestType"), ["newMeetingRequest"]);
    assert_eq!(addresses(&joined[0]["toRecipients"]), [CAROL]);
    let sent = folder_of(&world, ALICE, "sentitems").await;
    let recipients: Vec<Vec<&str>> = sent.iter().map(|message| addresses(&message["toRecipients"])).collect();
    assert_eq!(recipients, [vec![CAROL], vec![BOB], vec![BOB, EVE]]);
}

#[tokio::test]
async fn mails_about_a_series_say_whether_they_are_about_all_of_it() {
    let world = World::new();
    let master = meeting(&world, daily(3)).await;
    let items = world.instances(id(&master)).await;
    world.patch(id(&items[1]), json!({ "subject": "Second" })).await;
    world.delete(id(&items[2])).await;
    let received = inbox(&world, BOB).await;
    assert_eq!(texts(&received, "type"), ["occurrence", "exception", "seriesMaster"]);
    assert_eq!(texts(&received, "subject"), ["Canceled: Series", "Second", "Series"]);
    assert_eq!(received[2]["recurrence"]["range"]["numberOfOccurrences"], 3);
    assert!(received[0]["recurrence"].is_null() && received[1]["recurrence"].is_null());
    assert_eq!(received[0]["startDateTime"]["dateTime"], "2026-03-04T08:00:00.0000000");
    // What is said about one day leaves the invitation to all of them good;
    // that there is none leaves nothing.
    assert!(received.iter().all(|message| message["isOutOfDate"] == false));
    world.delete(id(&master)).await;
    let outdated = |message: &&Value| message["isOutOfDate"] == true;
    let received = inbox(&world, BOB).await;
    let outdated: Vec<&str> = received.iter().filter(outdated).map(|it| it["subject"].as_str().unwrap()).collect();
    assert_eq!(outdated, ["Second", "Series"]);
}

#[tokio::test]
async fn a_mail_leads_to_the_event_in_the_mailbox_of_the_reader() {
    let world = World::new();
    let master = meeting(&world, daily(3)).await;
    world.patch(id(&world.instances(id(&master)).await[1]), json!({ "subject": "Second" })).await;
    let (copy, occurrences) = (copy_of_bob(&world).await, instances_of_bob(&world).await);
    let expand = escaped("microsoft.graph.eventMessage/event($select=subject,iCalUId)");
    let listed = mail_as(&world, BOB, "GET", &format!("/me/messages?$expand={expand}&$select=subject"), None).await;
    let events: Vec<&Value> = listed.items().iter().map(|message| &message["event"]["id"]).collect();
    assert_eq!(events, [&occurrences[1]["id"], &copy["id"]]);
    assert_eq!(listed.items()[0]["event"]["iCalUId"], occurrences[1]["iCalUId"]);
    assert!(listed.items()[0]["event"].get("start").is_none());
    for (message, event) in listed.items().iter().zip([&occurrences[1], &copy]) {
        let path = format!("{}/microsoft.graph.eventMessage/event", path_of(message));
        let read = mail_as(&world, BOB, "GET", &path, None).await;
        assert_eq!((read.status, &read.body["id"], &read.body["subject"]), (200, &event["id"], &event["subject"]));
    }
    let sent = folder_of(&world, ALICE, "sentitems").await.remove(1);
    let own = format!("{}/microsoft.graph.eventMessage/event", path_of(&sent));
    assert_eq!(mail_as(&world, ALICE, "GET", &own, None).await.body["id"], master["id"]);
    world.as_bob("DELETE", &format!("/me/events/{}", id(&copy)), None).await;
    let path = path_of(&listed.items()[1]);
    let gone = mail_as(&world, BOB, "GET", &format!("{path}?$expand={expand}"), None).await;
    assert_eq!((gone.status, &gone.body["event"]), (200, &Value::Null));
    let gone = mail_as(&world, BOB, "GET", &format!("{path}/microsoft.graph.eventMessage/event"), None).await;
    assert_eq!((gone.status, gone.code()), (404, "ErrorItemNotFound"));
}

#[tokio::test]
async fn a_guest_of_one_day_is_led_to_the_single_event_that_stands_for_it() {
    let world = World::new();
    let master = world.create(daily(3)).await;
    let occurrence = world.instances(id(&master)).await.remove(1);
    world.patch(id(&occurrence), json!({ "attendees": [guest(BOB)] })).await;
    let received = inbox(&world, BOB).await;
    assert_eq!((received.len(), received[0]["type"].as_str()), (1, Some("exception")));
    let path = format!("{}/microsoft.graph.eventMessage/event", path_of(&received[0]));
    assert_eq!(mail_as(&world, BOB, "GET", &path, None).await.body["id"], copy_of_bob(&world).await["id"]);
}

#[tokio::test]
async fn a_day_of_a_meeting_is_told_in_instants() {
    let world = World::new();
    let mut draft = event("Fair", 10, 0);
    draft["isAllDay"] = json!(true);
    draft["end"] = json!({ "dateTime": "2026-03-11T00:00:00", "timeZone": "W. Europe Standard Time" });
    meeting(&world, draft).await;
    let received = inbox(&world, BOB).await.remove(0);
    assert_eq!(received["startDateTime"]["dateTime"], "2026-03-09T23:00:00.0000000");
    assert_eq!((&received["isAllDay"], &copy_of_bob(&world).await["isAllDay"]), (&json!(false), &json!(true)));
}

#[tokio::test]
async fn what_is_silent_brings_nothing_into_any_mailbox() {
    let world = World::new();
    let created = meeting(&world, daily(3)).await;
    let before = counts(&world).await;
    let own = json!({ "reminderMinutesBeforeStart": 5, "categories": ["Blue"], "showAs": "free" });
    world.patch(id(&created), own.clone()).await;
    let copy = copy_of_bob(&world).await;
    world.as_bob("PATCH", &format!("/me/events/{}", id(&copy)), Some(own)).await;
    bob_does(&world, &copy, "accept", json!({ "SendResponse": false })).await;
    bob_does(&world, &copy, "dismissReminder", json!({})).await;
    world.as_bob("DELETE", &format!("/me/events/{}", id(&copy)), None).await;
    world.create(event("Alone", 11, 9)).await;
    world.post(&format!("/me/events/{}/permanentDelete", id(&created)), json!({})).await;
    assert_eq!(counts(&world).await, before);
    assert_eq!(before, [0, 1, 1, 0]);
}

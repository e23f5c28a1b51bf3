//! Mailbox settings, and what they can be set to.

use super::*;

const PATH: &str = "/me/mailboxSettings";

async fn change(world: &World, body: Value) -> Answer {
    let token = world.microsoft.issue_token(ALICE, &["MailboxSettings.ReadWrite"]).unwrap();
    world.graph_as(&token, "PATCH", PATH, &[], Some(body)).await
}

#[tokio::test]
async fn every_setting_can_be_read_together_and_alone() {
    let world = World::new();
    let all = world.get(PATH).await.body;
    let texts = ["timeZone", "dateFormat", "timeFormat", "delegateMeetingMessageDeliveryOptions", "userPurpose"];
    for name in texts {
        let one = world.get(&format!("{PATH}/{name}")).await.body;
        assert!(all[name].is_string() && one["value"] == all[name], "{name}: {one}");
    }
    for name in ["language", "workingHours", "automaticRepliesSetting"] {
        let mut one = world.get(&format!("{PATH}/{}", name.to_lowercase())).await.body;
        let context = one.as_object_mut().unwrap().remove("@odata.context").unwrap();
        assert!(context.as_str().unwrap().ends_with(&format!("mailboxSettings/{name}")), "{context}");
        assert_eq!(one, all[name], "{name}");
    }
    let replies = &all["automaticRepliesSetting"];
    assert_eq!(
        (&replies["status"], &replies["scheduledStartDateTime"]["timeZone"]),
        (&json!("disabled"), &json!("UTC"))
    );
    assert_eq!(world.get(&format!("{PATH}?$select=timeZone")).await.body.as_object().unwrap().len(), 2);
    assert_eq!(world.get(&format!("{PATH}/nothing")).await.status, 400);
    let prefer = [("prefer", "outlook.timezone=\"Tokyo Standard Time\"")];
    let local = world.get_with(PATH, &prefer).await;
    assert_eq!(
        local.body["automaticRepliesSetting"]["scheduledEndDateTime"]["dateTime"],
        "2026-03-03T21:00:00.0000000"
    );
    assert_eq!(local.header("preference-applied"), "outlook.timezone=\"Tokyo Standard Time\"");
}

#[tokio::test]
async fn a_change_is_kept_and_answered_alone() {
    let world = World::new();
    let cases = [
        (json!({ "timeZone": "Europe/Vienna" }), json!({ "timeZone": "Europe/Vienna" })),
        (
            json!({ "dateFormat": "dd.MM.yyyy", "timeFormat": "h:mm tt" }),
            json!({ "dateFormat": "dd.MM.yyyy", "timeFormat": "h:mm tt" }),
        ),
        (
            json!({ "delegateMeetingMessageDeliveryOptions": "SendToDelegateAndPrincipal" }),
            json!({ "delegateMeetingMessageDeliveryOptions": "sendToDelegateAndPrincipal" }),
        ),
        (
            json!({ "language": { "locale": "de-at" } }),
            json!({ "language": { "locale": "de-AT", "displayName": "Deutsch (Österreich)" } }),
        ),
        (
            json!({ "workingHours": { "daysOfWeek": ["Monday", "Saturday"], "endTime": "18:30:00.0000000" } }),
            json!({ "workingHours": {
                "daysOfWeek": ["monday", "saturday"], "startTime": "08:00:00.0000000", "endTime": "18:30:00.0000000",
                "timeZone": { "name": "Europe/Vienna" },
            } }),
        ),
        (
            json!({ "workingHours": { "timeZone": { "name": "Tokyo Standard Time" }, "startTime": "07:00:00" } }),
            json!({ "workingHours": {
                "daysOfWeek": ["monday", "saturday"], "startTime": "07:00:00.0000000", "endTime": "18:30:00.0000000",
                "timeZone": { "name": "Tokyo Standard Time" },
            } }),
        ),
    ];
    for (sent, expected) in cases {
        let mut answered = change(&world, sent.clone()).await;
        assert_eq!(answered.status, 200, "{sent}: {}", answered.text);
        answered.body.as_object_mut().unwrap().remove("@odata.context");
        assert_eq!(answered.body, expected, "{sent}");
        let kept = world.get(PATH).await.body;
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&kept[name], value, "{name}");
        }
    }
}

#[tokio::test]
async fn automatic_replies_are_kept_for_a_time_ahead() {
    let world = World::new();
    let at =
        |day: u32| json!({ "dateTime": format!("2026-03-{day:02}T18:00:00"), "timeZone": "W. Europe Standard Time" });
    let replies = json!({ "automaticRepliesSetting": {
        "status": "Scheduled", "externalAudience": "ContactsOnly", "internalReplyMessage": "Away", "externalReplyMessage": "",
        "scheduledStartDateTime": at(10), "scheduledEndDateTime": at(12),
    } });
    let answer = change(&world, replies).await;
    let kept = &answer.body["automaticRepliesSetting"];
    assert_eq!(
        (&kept["status"], &kept["externalAudience"]),
        (&json!("scheduled"), &json!("contactsOnly")),
        "{}",
        answer.text
    );
    assert_eq!(kept["scheduledStartDateTime"], json!({ "dateTime": "2026-03-10T17:00:00.0000000", "timeZone": "UTC" }));
    for (start, end) in [(12, 10), (1, 1)] {
        let wrong = json!({ "automaticRepliesSetting": { "scheduledStartDateTime": at(start), "scheduledEndDateTime": at(end) } });
        assert_eq!(change(&world, wrong).await.code(), "ErrorInvalidScheduledOofDuration");
    }
    let half = json!({ "automaticRepliesSetting": { "scheduledStartDateTime": at(10) } });
    assert_eq!(change(&world, half).await.status, 400);
}

#[tokio::test]
async fn a_setting_that_cannot_be_is_refused_and_changes_nothing() {
    let world = World::new();
    let before = world.get(PATH).await.body;
    let hours = |name: &str, value: Value| json!({ "dateFormat": "d/M/yyyy", "workingHours": { name: value } });
    let cases = [
        (hours("startTime", json!("08")), "RequestBodyRead"),
        (hours("startTime", json!("18:00:00.0000000")), "ErrorInvalidTimeSettings"),
        (hours("daysOfWeek", json!(["RandomDay"])), "InvalidArguments"),
        (hours("timeZone", json!({ "name": "Nowhere" })), "InvalidTimeZone"),
        (hours("breaks", json!(1)), "RequestBodyRead"),
        (json!({ "timeZone": "Nowhere" }), "InvalidTimeZone"),
        (json!({ "timeZone": null }), "InvalidTimeZone"),
        (json!({ "dateFormat": "now" }), "InvalidArguments"),
        (json!({ "timeFormat": "" }), "InvalidArguments"),
        (json!({ "language": { "locale": "xx-XX" } }), "InvalidArguments"),
        (json!({ "automaticRepliesSetting": { "status": "maybe" } }), "InvalidArguments"),
        (json!({ "userPurpose": "room" }), "ErrorPropertyValidationFailure"),
        (json!({ "colour": "red" }), "RequestBodyRead"),
    ];
    for (body, code) in cases {
        let refused = change(&world, body.clone()).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{body}");
    }
    assert_eq!(world.get(PATH).await.body, before);
    let custom = json!({ "@odata.type": "#microsoft.graph.customTimeZone", "bias": 0, "name": "Customized Time Zone" });
    assert_eq!(change(&world, hours("timeZone", custom)).await.status, 501);
    let body = Some(json!({ "timeZone": "UTC" }));
    assert_eq!(world.graph_as(&world.token, "PATCH", PATH, &[], body).await.status, 403);
    assert_eq!(world.graph_as(&world.token, "DELETE", PATH, &[], None).await.status, 405);
}

#[tokio::test]
async fn languages_can_be_listed() {
    let world = World::new();
    let answer = world.get("/me/outlook/supportedLanguages()").await;
    let german = json!({ "locale": "de-DE", "displayName": "Deutsch (Deutschland)" });
    assert!(answer.items().contains(&german), "{}", answer.text);
    assert!(answer.body["@odata.context"].as_str().unwrap().ends_with("#Collection(microsoft.graph.localeInfo)"));
    assert_eq!(world.get("/me/outlook").await.status, 405);
    assert_eq!(world.get("/me/outlook/tasks").await.status, 400);
}

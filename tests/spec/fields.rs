//! Descriptions and the fields that only one side has: what Exchange makes of a
//! description is no edit, and what the CRM has no field for survives its edits
//! (Oro rows C2 and C9; Graph `api/event-update`; pitfall 13).

use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

use crate::calendar::wrote;
use crate::exceptions::{crm_exception, occurrence};
use crate::rules::issues;
use crate::series::{weekly, weekly_in_outlook};

const FROM: &str = "2026-03-01T00:00:00Z";
const TO: &str = "2027-03-01T00:00:00Z";

/// A description as Outlook writes one: with colours, a picture and a comment,
/// which the compared form leaves out.
const RICH: &str = "<html><head><style>p {margin: 0}</style></head><body dir=\"ltr\"><!-- drafted -->\
    <p class=\"x\" style=\"color:#c00\">Bring the <b>offer</b></p><img src=\"cid:logo@1\" width=\"40\">\
    <div><span style=\"font-size:14pt\">and the <i>plan</i></span></div></body></html>";

/// The section that Teams puts below a description, between its lines.
const TEAMS: &str = "<div style=\"width:100%\"><span style=\"white-space:nowrap\">\
    ________________________________________________________________________________</span></div>\
    <div class=\"me-email-text\" lang=\"en-US\"><a class=\"me-email-headline\" \
    href=\"https://teams.microsoft.com/l/meetup-join/19%3ameeting_A%40thread.v2/0?context=%7b%7d\">\
    Join the meeting now</a></div>\
    <div style=\"width:100%\"><span style=\"white-space:nowrap\">\
    ________________________________________________________________________________</span></div>";

/// What only Outlook has.
fn own_fields() -> Value {
    json!({
        "location": {"displayName": "Room 7"}, "categories": ["Blue", "Red"], "showAs": "workingElsewhere",
        "sensitivity": "private", "importance": "high", "isOnlineMeeting": true,
        "onlineMeetingProvider": "teamsForBusiness",
    })
}

/// The names whose values are compared before and after.
const KEPT: [&str; 9] = [
    "location",
    "locations",
    "categories",
    "showAs",
    "sensitivity",
    "importance",
    "isOnlineMeeting",
    "onlineMeeting",
    "hasAttachments",
];

#[track_caller]
fn kept(before: &Value, after: &Value) {
    for name in KEPT {
        assert_eq!(before[name], after[name], "{name}");
    }
}

fn with(mut event: Value, more: &Value) -> Value {
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

fn html(content: &str) -> Value {
    json!({"body": {"contentType": "html", "content": content}})
}

/// A single event of Outlook.
fn single(subject: &str) -> Value {
    json!({
        "subject": subject,
        "start": {"dateTime": "2026-03-10T10:00:00", "timeZone": "W. Europe Standard Time"},
        "end": {"dateTime": "2026-03-10T11:00:00", "timeZone": "W. Europe Standard Time"},
    })
}

fn content(event: &Value) -> &str {
    event["body"]["content"].as_str().unwrap()
}

async fn read(outlook: &Outlook, id: &Value) -> Value {
    outlook.event(id.as_str().unwrap()).await.unwrap()
}

async fn settled(world: &World) {
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    assert!(world.mails().await.is_empty());
}

/// A single event and a series of Outlook with these properties, both linked,
/// and the CRM's events of the same.
async fn linked(more: &Value) -> (World, Outlook, [Value; 2], [Value; 2]) {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let review = outlook.create(&with(single("Review"), more)).await;
    let series = outlook.create(&with(weekly_in_outlook(), more)).await;
    wrote(&world.sync("anna").await, [2, 0, 0], [0, 0, 0]);
    let events = world.crm_events("anna").await;
    let crm = [World::only(&events, "Review"), World::only(&events, "Jour fixe")];
    (world, outlook, [review, series], crm)
}

/// Pitfall 13: Exchange wraps what it is given, and converts text.
#[tokio::test]
async fn what_exchange_makes_of_descriptions_of_events_series_and_days_is_no_edit() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let texts = [
        "Plain words",
        "<p>Kick-off with <b>ACME</b></p><p>Bring the <i>offer</i>.</p>",
        "First line<br>Second line",
        "<ul><li>One</li><li>Two</li></ul>",
        "<p>R&amp;D &lt;now&gt; &nbsp; &uuml;ber&nbsp;alles</p>",
    ];
    for (number, text) in texts.iter().enumerate() {
        let title = format!("CRM {number}");
        let event = json!({
            "title": title, "description": text, "start": "2026-03-10T09:00:00Z", "end": "2026-03-10T10:00:00Z",
            "timeZone": "Europe/Berlin",
        });
        world.crm_create("anna", &event).await;
        let series = with(weekly(), &json!({"title": format!("{title} weekly"), "description": text}));
        let series = world.crm_create("anna", &series).await;
        let own = json!({"description": format!("{text}<p>On that day</p>")});
        crm_exception(&world, &series, "2026-03-16T09:00:00Z", own).await;
        outlook.create(&with(single(&format!("Outlook {number}")), &html(text))).await;
        let text = json!({"body": {"contentType": "text", "content": "One\r\n\r\nTwo & <three>\r\n"}});
        outlook.create(&with(single(&format!("Text {number}")), &text)).await;
    }
    wrote(&world.sync("anna").await, [10, 0, 0], [10, 0, 0]);
    world.assert_same("anna", FROM, TO).await;
    let bodies = |events: &[Value]| -> Vec<Value> { events.iter().map(|event| event["body"].clone()).collect() };
    let before = (bodies(&outlook.events().await), world.crm_events("anna").await);
    settled(&world).await;
    // Nor is it one when everything is compared anew.
    world.expire("deltaTokens").await;
    settled(&world).await;
    assert_eq!((bodies(&outlook.events().await), world.crm_events("anna").await), before);
}

/// Pitfall 13: a description that the CRM did not change is not written back,
/// or Outlook's colours and pictures would go.
#[tokio::test]
async fn an_unchanged_description_is_never_written_back() {
    let (world, outlook, [review, series], [of_review, of_series]) = linked(&html(RICH)).await;
    let day = json!(occurrence(&outlook, "2026-03-16T09:00").await);
    outlook.update(day.as_str().unwrap(), &html(&RICH.replace("offer", "contract"))).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    let of_day = world.crm_events("anna").await;
    let of_day = of_day.iter().find(|event| event["originalStart"] == "2026-03-16T09:00:00Z").unwrap();

    world.crm_update(&of_review["id"], &json!({"title": "Second review", "end": "2026-03-10T11:00:00Z"})).await;
    world.crm_update(&of_series["id"], &json!({"title": "Weekly", "reminderMinutes": 5})).await;
    let moved = json!({"title": "Workshop", "start": "2026-03-17T09:00:00Z", "end": "2026-03-17T10:00:00Z"});
    world.crm_update(&of_day["id"], &moved).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 2, 0]);
    world.assert_same("anna", FROM, TO).await;
    for (id, subject, word) in
        [(&review["id"], "Second review", "offer"), (&series["id"], "Weekly", "offer"), (&day, "Workshop", "contract")]
    {
        let event = read(&outlook, id).await;
        assert_eq!(event["subject"], subject);
        assert_eq!(content(&event), RICH.replace("offer", word), "{subject}");
    }
    settled(&world).await;
    // One that it did change is, and shows the change.
    world.crm_update(&of_review["id"], &json!({"description": "<p>Bring the <b>pen</b></p>"})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    let event = read(&outlook, &review["id"]).await;
    assert!(content(&event).contains("<b>pen</b>") && !content(&event).contains("offer"), "{event}");
    settled(&world).await;
}

/// Graph `api/event-update`: without its section a meeting is no online meeting.
#[tokio::test]
async fn the_join_section_of_a_teams_meeting_survives_edits_of_title_description_and_single_days() {
    let body = format!("<html><body><p>Agenda</p>{TEAMS}</body></html>");
    let (world, outlook, [review, series], [of_review, of_series]) = linked(&with(own_fields(), &html(&body))).await;
    let shown = of_review["description"].as_str().unwrap();
    assert!(shown.contains("Agenda") && shown.contains("meetup-join"), "{shown}");
    // A title; a description with the section in it as the CRM shows it; one
    // without it.
    let edits = [
        json!({"title": "Meeting"}),
        json!({"title": "Meeting", "description": shown.replace("Agenda", "Minutes")}),
        json!({"title": "Meeting", "description": "<p>All new</p>"}),
    ];
    for edit in &edits {
        for (crm, m365) in [(&of_review, &review), (&of_series, &series)] {
            world.crm_update(&crm["id"], edit).await;
            wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
            let event = read(&outlook, &m365["id"]).await;
            assert_eq!(content(&event).matches("meetup-join").count(), 1, "{edit}: {event}");
            assert!(content(&event).contains(TEAMS), "{edit}: {event}");
            kept(m365, &event);
        }
        settled(&world).await;
    }
    assert!(content(&read(&outlook, &review["id"]).await).contains("All new"));

    // A day of the series, twice.
    let series = of_series;
    let day = crm_exception(&world, &series, "2026-03-16T09:00:00Z", json!({"description": "<p>That day</p>"})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    let id = json!(outlook.instance("Jour fixe", "2026-03-16T09:00").await["id"]);
    for (edit, word) in [(json!({"title": "Workshop"}), "That day"), (json!({"description": "<p>Later</p>"}), "Later")]
    {
        let event = read(&outlook, &id).await;
        assert!(content(&event).contains("That day") && content(&event).contains(TEAMS), "{event}");
        world.crm_update(&day["id"], &edit).await;
        wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
        let event = read(&outlook, &id).await;
        assert!(content(&event).contains(word) && content(&event).contains(TEAMS), "{edit}: {event}");
        assert_eq!(event["isOnlineMeeting"], true);
        settled(&world).await;
    }
}

/// C9: files belong to what the CRM has no field for.
#[tokio::test]
async fn files_attached_in_outlook_survive_the_edits_of_the_crm_and_are_no_reason_for_a_write() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let mut linked = Vec::new();
    for event in [json!(crate::meetings::review_in_outlook(&[])), weekly_in_outlook()] {
        let id = outlook.create(&event).await["id"].as_str().unwrap().to_owned();
        world.sync("anna").await;
        let path = format!("/v1.0/me/events/{id}/attachments");
        let file = json!({
            "@odata.type": "#microsoft.graph.fileAttachment", "name": "agenda.txt", "contentType": "text/plain",
            "contentBytes": "QWdlbmRh",
        });
        outlook.graph().post(&path, &file).await.ok();
        wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
        linked.push((event["subject"].as_str().unwrap().to_owned(), id, path));
    }
    for (subject, id, path) in linked {
        let crm = World::only(&world.crm_events("anna").await, &subject);
        for edit in [json!({"description": "<p>Agenda</p>"}), json!({"title": format!("{subject}, again")})] {
            world.crm_update(&crm["id"], &edit).await;
            wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
        }
        assert_eq!(outlook.event(&id).await.unwrap()["hasAttachments"], true);
        let files = outlook.graph().get(&path).await.ok()["value"].as_array().unwrap().clone();
        assert_eq!(
            (files.len(), &files[0]["name"], &files[0]["contentBytes"]),
            (1, &json!("agenda.txt"), &json!("QWdlbmRh"))
        );
        let file = format!("{path}/{}", files[0]["id"].as_str().unwrap());
        outlook.graph().delete(&file).await.ok();
        assert_eq!(outlook.event(&id).await.unwrap()["hasAttachments"], false);
        wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    }
}

/// C9: every edit that the CRM knows, of a single event.
#[tokio::test]
async fn what_the_crm_has_no_field_for_survives_each_of_its_edits_of_an_event() {
    let (world, outlook, [review, _], [of_review, _]) = linked(&with(own_fields(), &html(TEAMS))).await;
    kept(&own_fields_as_shown(&review), &review);
    let rule = json!({
        "type": "daily", "interval": 2, "startTime": "2026-03-12T09:00:00Z", "occurrences": 4,
        "timeZone": "Europe/Berlin",
    });
    let edits = [
        json!({"title": "Second review"}),
        json!({"description": "<p>Agenda</p>"}),
        json!({"description": null}),
        json!({"start": "2026-03-12T09:00:00Z", "end": "2026-03-12T09:30:00Z"}),
        json!({"reminderMinutes": 90}),
        json!({"reminderMinutes": null}),
        json!({ "recurrence": rule }),
        json!({"recurrence": null}),
        json!({"allDay": true, "start": "2026-03-12T00:00:00Z", "end": "2026-03-13T23:59:00Z"}),
    ];
    for edit in edits {
        world.crm_update(&of_review["id"], &edit).await;
        wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
        kept(&review, &read(&outlook, &review["id"]).await);
        world.assert_same("anna", FROM, TO).await;
        settled(&world).await;
    }
}

/// What Outlook was given, as it has to show it.
fn own_fields_as_shown(event: &Value) -> Value {
    let mut fields = own_fields();
    for name in ["location", "locations", "onlineMeeting", "hasAttachments"] {
        fields[name] = event[name].clone();
    }
    assert_eq!(fields["location"]["displayName"], "Room 7");
    assert!(fields["onlineMeeting"]["joinUrl"].is_string(), "{fields}");
    fields
}

/// C9: of a series and of its days. A day has the series' fields or its own.
#[tokio::test]
async fn what_the_crm_has_no_field_for_survives_each_of_its_edits_of_a_series_and_its_days() {
    let (world, outlook, [_, series], [_, of_series]) = linked(&with(own_fields(), &html(TEAMS))).await;
    let third = json!(occurrence(&outlook, "2026-03-23T09:00").await);
    let own = json!({"location": {"displayName": "Outside"}, "categories": ["Green"], "showAs": "free"});
    outlook.update(third.as_str().unwrap(), &own).await;
    settled(&world).await;
    let of_third = read(&outlook, &third).await;

    let second = crm_exception(&world, &of_series, "2026-03-16T09:00:00Z", json!({"title": "Workshop"})).await;
    world.sync("anna").await;
    let id = json!(outlook.instance("Workshop", "2026-03-16T09:00").await["id"]);
    let edits = [
        (&second, json!({"description": "<p>Agenda</p>"})),
        (&second, json!({"start": "2026-03-17T09:00:00Z", "end": "2026-03-17T10:00:00Z"})),
        (&second, json!({"reminderMinutes": 5})),
        (&of_series, json!({"title": "Weekly"})),
        (&of_series, json!({"description": "<p>Usual</p>"})),
        (&of_series, json!({"reminderMinutes": 10})),
    ];
    for (event, edit) in edits {
        world.crm_update(&event["id"], &edit).await;
        wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
        kept(&series, &read(&outlook, &series["id"]).await);
        kept(&series, &read(&outlook, &id).await);
        kept(&of_third, &read(&outlook, &third).await);
        world.assert_same("anna", FROM, TO).await;
        settled(&world).await;
    }
    // Another rule has other days, all with the series' fields.
    let mut rule = of_series["recurrence"].clone();
    rule["dayOfWeek"] = json!(["thursday"]);
    world.crm_update(&of_series["id"], &json!({ "recurrence": rule })).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    kept(&series, &read(&outlook, &series["id"]).await);
    world.assert_same("anna", FROM, TO).await;
    settled(&world).await;
}

/// C2: minutes before the start, at the start, and none.
#[tokio::test]
async fn reminders_flow_in_both_directions_and_so_does_none() {
    let none = json!({"isReminderOn": false});
    let (world, outlook, m365, crm) = linked(&none).await;
    for event in world.crm_events("anna").await {
        assert!(event["reminderMinutes"].is_null(), "{event}");
    }
    for minutes in [Some(30), Some(0), None, Some(20_160)] {
        for event in &crm {
            world.crm_update(&event["id"], &json!({ "reminderMinutes": minutes })).await;
        }
        wrote(&world.sync("anna").await, [0, 0, 0], [0, 2, 0]);
        for event in &m365 {
            let event = read(&outlook, &event["id"]).await;
            assert_eq!(event["isReminderOn"], minutes.is_some(), "{event}");
            if let Some(minutes) = minutes {
                assert_eq!(event["reminderMinutesBeforeStart"], minutes, "{event}");
            }
        }
        settled(&world).await;
    }
    for minutes in [Some(15), None, Some(0)] {
        for event in &m365 {
            let mut change = json!({"isReminderOn": minutes.is_some()});
            if let Some(minutes) = minutes {
                change["reminderMinutesBeforeStart"] = json!(minutes);
            }
            outlook.update(event["id"].as_str().unwrap(), &change).await;
        }
        wrote(&world.sync("anna").await, [0, 2, 0], [0, 0, 0]);
        for event in world.crm_events("anna").await {
            assert_eq!(event["reminderMinutes"], json!(minutes), "{event}");
        }
        settled(&world).await;
    }
}

/// C9: what changes in Outlook alone changes nothing in the CRM.
#[tokio::test]
async fn fields_that_the_crm_does_not_hold_may_change_in_outlook_without_a_write() {
    let (world, outlook, m365, _) = linked(&own_fields()).await;
    let before = world.crm_events("anna").await;
    for event in &m365 {
        let change = json!({"importance": "low", "location": {"displayName": "Room 8"}, "categories": []});
        outlook.update(event["id"].as_str().unwrap(), &change).await;
    }
    settled(&world).await;
    assert_eq!(world.crm_events("anna").await, before);
    for event in &m365 {
        let event = read(&outlook, &event["id"]).await;
        assert_eq!((&event["importance"], &event["location"]["displayName"]), (&json!("low"), &json!("Room 8")));
    }
}

/// Graph `api/event-update`: where the join section cannot be told from the
/// text, the description is left alone, and the report says so.
#[tokio::test]
async fn a_description_whose_join_section_cannot_be_found_is_left_alone_and_named() {
    let text = "<p>Agenda</p><p>https://teams.microsoft.com/l/meetup-join/19%3ameeting_A/0</p>";
    let (world, outlook, [review, _], [of_review, _]) = linked(&with(own_fields(), &html(text))).await;
    world.crm_update(&of_review["id"], &json!({"title": "Meeting", "description": "<p>All new</p>"})).await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [0, 1, 0]);
    let found = issues(&report);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "not-writable");
    assert!(found[0].1.contains("join section"), "{found:?}");
    let event = read(&outlook, &review["id"]).await;
    assert_eq!(event["subject"], "Meeting");
    assert_eq!(content(&event), content(&review));
    settled(&world).await;
}

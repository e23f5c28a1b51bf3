//! Mailboxes as their owners would see them.

use super::*;

/// The week of a day in Alice's calendars.
fn week(day: u32) -> String {
    format!("/_emulator/mailboxes/{ALICE}/calendar?date=2026-03-{day:02}")
}

#[tokio::test]
async fn the_address_of_the_listener_leads_to_the_mailboxes_with_what_is_in_them() {
    let world = World::new();
    world.create(event("Talk", 10, 9)).await;
    world.create(daily(3)).await;
    let front = world.page("/").await;
    assert_eq!((front.status, front.header("location")), (302, "/_emulator/"));
    let page = world.shows("/_emulator/").await;
    let text = read(&page);
    assert!(text.contains("Alice Example alice@contoso.example W. Europe Standard Time"), "{text}");
    assert!(text.contains("Events 2 1 calendar Tasks 0 Messages 0 0 unread"), "{text}");
    assert!(text.contains(CLIENT) && text.contains("Calendars.ReadWrite") && text.contains(REDIRECT), "{text}");
    let mailbox = world.shows(&link_to(&page, "/_emulator/mailboxes/")).await;
    assert!(read(&mailbox).contains("2 – 8 Mar 2026"), "the week at hand: {}", read(&mailbox));
}

#[tokio::test]
async fn a_week_shows_its_events_in_the_zone_of_the_mailbox_with_their_marks() {
    let world = World::new();
    let mut tentative = event("Perhaps", 3, 9);
    tentative["showAs"] = json!("tentative");
    world.create(tentative).await;
    world.create(event("Next week", 10, 9)).await;
    let fair = json!({
        "subject": "Fair", "isAllDay": true,
        "start": { "dateTime": "2026-03-04T00:00:00", "timeZone": "UTC" },
        "end": { "dateTime": "2026-03-06T00:00:00", "timeZone": "UTC" },
    });
    world.create(fair).await;
    let series = world.create(daily(4)).await;
    let instances = world.instances(id(&series)).await;
    world.patch(id(&instances[1]), at(3, 15)).await;
    world.delete(id(&instances[2])).await;
    let page = world.shows(&week(4)).await;
    let text = read(&page);
    assert!(text.contains("Perhaps tentative 09:00 – 09:30"), "{text}");
    assert!(text.contains("Series series 09:00 – 09:30"), "{text}");
    assert!(text.contains("Series exception 15:00 – 15:30"), "{text}");
    // One of four is an exception, and one is gone.
    assert_eq!(text.matches("Series series").count(), 2, "{text}");
    assert_eq!(text.matches("Fair 4 Mar – 5 Mar").count(), 1, "{text}");
    assert_eq!(text.matches("Fair continues").count(), 1, "on the day after: {text}");
    assert_eq!(page.matches(" continues\" href").count(), 1, "{page}");
    assert!(!text.contains("Next week"), "{text}");
    // The weeks beside it, and back.
    let next = link_to(&page, "date=2026-03-09");
    assert!(read(&world.shows(&next).await).contains("Next week"));
    assert!(links(&page).iter().any(|link| link.contains("date=2026-02-23")));
    assert!(links(&page).iter().any(|link| link.ends_with("date=2026-03-02")), "today");
}

#[tokio::test]
async fn where_the_clocks_change_all_pages_say_which_time_they_mean() {
    let world = World::new();
    let utc = |time: &str| json!({ "dateTime": format!("2026-10-25T{time}:00"), "timeZone": "UTC" });
    let table = [
        ("Back", "00:45", "01:15", "02:45 (+02:00) – 02:15 (+01:00)"),
        ("Over", "00:00", "03:00", "02:00 (+02:00) – 04:00 (+01:00)"),
        ("Summer", "00:00", "00:45", "02:00 – 02:45"),
        ("Winter", "01:15", "03:00", "02:15 – 04:00"),
    ];
    for (subject, start, end, when) in table {
        let made = world.create(json!({ "subject": subject, "start": utc(start), "end": utc(end) })).await;
        let week = read(&world.shows(&format!("/_emulator/mailboxes/{ALICE}/calendar?date=2026-10-25")).await);
        assert!(week.contains(&format!("{subject} {when}")), "{subject}: {week}");
        let item = world.shows(&format!("/_emulator/mailboxes/{ALICE}/events/{}", escaped(id(&made)))).await;
        assert!(read(&item).contains(&format!("Sun 25 Oct 2026, {when}")), "{subject}: {}", read(&item));
    }
    // Over midnight, as well.
    let night = json!({
        "subject": "Night",
        "start": { "dateTime": "2026-10-24T21:00:00", "timeZone": "UTC" },
        "end": utc("05:00"),
    });
    let made = world.create(night).await;
    let week = read(&world.shows(&format!("/_emulator/mailboxes/{ALICE}/calendar?date=2026-10-25")).await);
    assert!(week.contains("Night Sat 23:00 (+02:00) – Sun 06:00 (+01:00)"), "{week}");
    let item = read(&world.shows(&format!("/_emulator/mailboxes/{ALICE}/events/{}", escaped(id(&made)))).await);
    assert!(item.contains("Sat 24 Oct 2026, 23:00 (+02:00) – Sun 25 Oct 2026, 06:00 (+01:00)"), "{item}");
}

#[tokio::test]
async fn what_overlaps_stands_in_lanes_that_the_style_sheet_has() {
    let world = World::new();
    world.create(event("One", 3, 9)).await;
    world.create(event("Two", 3, 9)).await;
    let page = world.shows(&week(3)).await;
    // From eight o'clock on in quarters of an hour.
    assert!(page.contains("t4 h2 l0 n2") && page.contains("t4 h2 l1 n2"), "{page}");
    assert!(!page.contains(" style="), "the content policy allows none");
    let style = world.page(&link_to(&page, ".css")).await;
    assert_eq!((style.status, style.header("content-type")), (200, "text/css; charset=utf-8"));
    for class in [".t4 {", ".h2 {", ".l1 {", ".n2 {", ".h96 {"] {
        assert!(style.text.contains(class), "{class}");
    }
}

#[tokio::test]
async fn what_has_no_lane_left_is_counted_and_listed_in_the_last_one() {
    let world = World::new();
    for number in 1..=13 {
        world.create(event(&format!("Meeting {number:02}"), 3, 9)).await;
    }
    world.create(event("Alone", 3, 14)).await;
    let page = world.shows(&week(3)).await;
    assert!(read(&page).contains("+10 more at this time"), "{}", read(&page));
    // Three lanes with one event each, and a fourth with all the others.
    for lane in 0..4 {
        assert_eq!(page.matches(&format!("t4 h2 l{lane} n4")).count(), 1, "{lane}");
    }
    let details = page.split("<details class=\"more\">").nth(1).unwrap().split("</details>").next().unwrap();
    let listed: Vec<String> = (4..=13).map(|number| format!("Meeting {number:02}")).collect();
    for title in &listed {
        assert!(details.contains(title.as_str()), "{title}: {details}");
    }
    assert_eq!(links(details).iter().filter(|link| link.contains("/events/")).count(), listed.len());
    assert!(page.contains("t24 h2 l0 n1"), "what does not overlap has the whole width: {page}");
}

#[tokio::test]
async fn one_calendar_can_be_chosen() {
    let world = World::new();
    world.create(event("In the first", 3, 9)).await;
    let other = world.post("/me/calendars", json!({ "name": "Projects" })).await;
    world.post(&format!("/me/calendars/{}/events", id(&other.body)), event("In the second", 3, 9)).await;
    let both = read(&world.shows(&week(3)).await);
    assert!(both.contains("In the first") && both.contains("In the second") && both.contains("Projects (1)"), "{both}");
    let page = world.shows(&format!("{}&calendar={}", week(3), escaped(id(&other.body)))).await;
    let one = read(&page);
    assert!(!one.contains("In the first") && one.contains("In the second"), "{one}");
    assert!(link_to(&page, "date=2026-03-09").contains("&calendar="), "the choice stays in the next week");
}

#[tokio::test]
async fn a_cancelled_meeting_is_marked_in_the_calendar_of_its_guest() {
    let world = World::new();
    let mut meeting = event("Workshop", 5, 10);
    meeting["attendees"] = json!([guest(ALICE)]);
    let made = world.as_bob("POST", "/me/events", Some(meeting)).await;
    let path = format!("/me/events/{}/cancel", id(&made.body));
    assert_eq!(world.as_bob("POST", &path, Some(json!({ "Comment": "Sorry" }))).await.status, 202);
    let text = read(&world.shows(&week(5)).await);
    assert!(text.contains("Workshop cancelled"), "{text}");
}

#[tokio::test]
async fn an_event_is_shown_as_graph_answers_it_and_a_title_is_text() {
    let world = World::new();
    let mut talk = event("<script>alert('x')</script>", 4, 9);
    talk["attendees"] = json!([guest(BOB)]);
    talk["location"] = json!({ "displayName": "Room \"4\" & more" });
    talk["body"] = json!({
        "contentType": "html",
        "content": "<p onclick=\"x()\">Agenda: <b>plans</b></p><script>steal()</script><img src=\"http://elsewhere.example/i.png\"><a href=\"/_emulator/faults\">here</a>",
    });
    let made = world.create(talk).await;
    let page = world.shows(&week(4)).await;
    assert!(!page.contains("<script>") && read(&page).contains("<script>alert('x')</script>"), "{page}");
    let details = world.shows(&link_to(&page, "/events/")).await;
    let text = read(&details);
    for expected in ["Wed 4 Mar 2026, 09:00 – 09:30", "Room \"4\" & more", "bob@contoso.example (none)", id(&made)] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let shown = details.split("<div class=\"text\">").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(shown.contains("<p>Agenda: <b>plans</b></p>"), "{shown}");
    for gone in ["onclick", "steal", "<img", "href=\"/"] {
        assert!(!shown.contains(gone), "{gone}: {shown}");
    }
    assert!(!details.contains("<script>"), "{details}");
    assert_eq!(world.page(&format!("/_emulator/mailboxes/{BOB}/events/{}", escaped(id(&made)))).await.status, 404);
}

#[tokio::test]
async fn an_occurrence_leads_to_its_series() {
    let world = World::new();
    world.create(daily(3)).await;
    let occurrence = world.shows(&link_to(&world.shows(&week(2)).await, "/events/")).await;
    assert!(read(&occurrence).contains("Occurrence of a series"));
    let series = read(&world.shows(&link_to(&occurrence, "/events/")).await);
    assert!(series.contains("Repeats Daily, 3 times"), "{series}");
}

#[tokio::test]
async fn lists_show_their_tasks_and_a_task_all_that_it_has() {
    let world = World::new();
    let lists = world.get("/me/todo/lists").await;
    let tasks = format!("/me/todo/lists/{}/tasks", id(&lists.items()[0]));
    let due = json!({ "dateTime": "2026-03-06T00:00:00", "timeZone": "W. Europe Standard Time" });
    let report = json!({
        "title": "Report <b>", "importance": "high", "dueDateTime": due,
        "body": { "contentType": "text", "content": "2 < 3" },
    });
    let made = world.post(&tasks, report).await.body;
    world
        .post(&format!("{tasks}/{}/checklistItems", id(&made)), json!({ "displayName": "Start", "isChecked": true }))
        .await;
    world.post(&format!("{tasks}/{}/checklistItems", id(&made)), json!({ "displayName": "End" })).await;
    world.post(&tasks, json!({ "title": "Over", "status": "completed" })).await;
    let page = world.shows(&format!("/_emulator/mailboxes/{ALICE}/tasks")).await;
    let text = read(&page);
    assert!(text.contains("Report <b> important Not started Fri 6 Mar 2026 – 1 of 2"), "{text}");
    assert!(text.contains("1 open") && text.contains("Over Completed"), "{text}");
    let details = world.shows(&link_to(&page, "/tasks/")).await;
    assert!(read(&details).contains("2 < 3") && read(&details).contains("\"displayName\": \"Start\""), "{details}");
}

#[tokio::test]
async fn folders_show_their_messages_and_a_message_its_text() {
    let world = World::new();
    let token = world.microsoft.issue_token(BOB, &["Mail.Send"]).unwrap();
    let mail = json!({ "message": {
        "subject": "Minutes <of> Monday",
        "body": { "contentType": "html", "content": "<p>All is <i>well</i>.</p><style>p{display:none}</style>" },
        "toRecipients": [{ "emailAddress": { "address": ALICE } }],
    } });
    assert_eq!(world.graph_as(&token, "POST", "/me/sendMail", &[], Some(mail)).await.status, 202);
    let page = world.shows(&format!("/_emulator/mailboxes/{ALICE}/mail")).await;
    let text = read(&page);
    assert!(text.contains("Inbox 1 unread of 1"), "{text}");
    assert!(
        text.contains("Minutes <of> Monday unread Bob Example <bob@contoso.example> Mon 2 Mar 2026, 13:00"),
        "{text}"
    );
    let message = world.shows(&link_to(&page, "/messages/")).await;
    assert!(message.contains("<p>All is <i>well</i>.</p>") && !message.contains("<style>"), "{message}");
    // In another folder there is nothing of it.
    let links = links(&page);
    let folder = links.iter().filter(|link| link.contains("mail?folder=")).nth(1).unwrap();
    assert!(read(&world.shows(folder).await).contains("Nothing in this folder."));
}

#[tokio::test]
async fn what_is_not_there_is_said_to_be_missing() {
    let world = World::new();
    for path in ["nothing", "mailboxes/nobody@contoso.example", "faults/more", "assets/other.css"] {
        assert_eq!(world.page(&format!("/_emulator/{path}")).await.status, 404, "{path}");
    }
    for path in ["events/AAMk", "tasks/AAMk", "messages/AAMk", "mail?folder=AAMk%3D", "contacts"] {
        let answer = world.page(&format!("/_emulator/mailboxes/{ALICE}/{path}")).await;
        assert_eq!(answer.status, 404, "{path}");
    }
}

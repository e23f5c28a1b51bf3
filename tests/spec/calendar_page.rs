//! The calendar page: both sides next to each other, Sync now, Preview, and
//! the form of an event.

use serde_json::{Value, json};
use tandem_tests::form::has_link;
use tandem_tests::{Browser, Form, Outlook, World};

async fn with_events() -> (World, Outlook, Browser) {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    world.crm_create_timed("anna", "Only <ours>", "2026-03-03T09:00:00Z", "2026-03-03T10:00:00Z").await;
    outlook.create_timed("Only theirs", "2026-03-04T12:00:00", "2026-03-04T13:00:00").await;
    let browser = Browser::signed_in(&world.crm, "anna").await;
    (world, outlook, browser)
}

#[tokio::test]
async fn both_calendars_stand_next_to_each_other() {
    let (world, _, mut browser) = with_events().await;
    let page = browser.page("/calendar").await;
    assert!(
        page.contains("Tandem CRM <span class=\"badge\">1</span>")
            && page.contains("Microsoft <span class=\"badge\">1</span>"),
        "{page}"
    );
    assert!(page.contains("Only &lt;ours&gt;") && !page.contains("Only <ours>"), "what people wrote is escaped");
    let list = browser.page("/calendar?view=list").await;
    assert_eq!(list.matches("not present").count(), 2, "each is missing on one side: {list}");

    let page = browser.press(&page, "/calendar/sync").await;
    assert!(
        page.contains("Tandem CRM <span class=\"badge\">2</span>")
            && page.contains("Microsoft <span class=\"badge\">2</span>"),
        "{page}"
    );
    let list = browser.page("/calendar?view=list").await;
    assert_eq!(list.matches("not present").count(), 0, "{list}");
    assert_eq!(list.matches("Present</span>").count(), 4, "{list}");
    assert_eq!(world.crm_events("anna").await.len(), 2);
}

#[tokio::test]
async fn sync_now_shows_its_report_once() {
    let (world, outlook, mut browser) = with_events().await;
    let page = browser.page("/calendar").await;
    let after = browser.press(&page, "/calendar/sync").await;
    let report = after.split("id=\"report\"").nth(1).expect("a report").split("</section>").next().unwrap().to_owned();
    for side in ["Tandem CRM", "Microsoft"] {
        let row = report.split(&format!("<th scope=\"row\">{side}")).nth(1).unwrap().split("</tr>").next().unwrap();
        let counts = [("Created", 1), ("Updated", 0), ("Deleted", 0)]
            .map(|(name, count)| format!("<td class=\"number\" data-label=\"{name}\">{count}</td>"));
        assert!(row.contains(&counts.concat()), "{row}");
    }
    assert!(!browser.page("/calendar").await.contains("id=\"report\""), "it shows once");
    assert_eq!((world.crm_events("anna").await.len(), outlook.events().await.len()), (2, 2));
}

#[tokio::test]
async fn a_preview_names_each_write_and_makes_none() {
    let (world, outlook, mut browser) = with_events().await;
    let page = browser.page("/calendar").await;
    let previewed = browser.press(&page, "/calendar/preview").await;
    let report =
        previewed.split("id=\"report\"").nth(1).expect("a report").split("</section>").next().unwrap().to_owned();
    assert!(report.contains("Only &lt;ours&gt;") && report.contains("Only theirs"), "{report}");
    assert_eq!((world.crm_events("anna").await.len(), outlook.events().await.len()), (1, 1));
    let json = world.crm.post("/api/sync", &json!({"user": "anna", "preview": true})).await.ok();
    let writes: Vec<(&str, &str)> = json["operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|write| (write["side"].as_str().unwrap(), write["action"].as_str().unwrap()))
        .collect();
    assert_eq!(writes.len(), 2, "{json}");
    assert!(writes.contains(&("crm", "create")) && writes.contains(&("microsoft", "create")), "{json}");
    // Neither has a description, guests or a rule, or repeats.
    for write in json["operations"].as_array().unwrap() {
        let fields: Vec<&str> =
            write["fields"].as_array().unwrap().iter().map(|field| field.as_str().unwrap()).collect();
        assert!(fields.starts_with(&["title", "time"]), "{write}");
        assert!(
            !fields.iter().any(|field| ["body", "recurrence", "exceptions", "attendees"].contains(field)),
            "{write}"
        );
    }
    let report = world.sync("anna").await;
    assert_eq!((&report["crm"]["created"], &report["microsoft"]["created"]), (&json!(1), &json!(1)), "as previewed");
}

#[tokio::test]
async fn an_event_is_made_changed_and_deleted_on_the_page_and_follows_to_outlook() {
    let (world, outlook, mut browser) = with_events().await;
    let page = browser.page("/calendar/events/new").await;
    let proposed = page.split_once("<datalist id=\"time-zones\">").unwrap().1.split_once("</datalist>").unwrap().0;
    assert!(proposed.contains("\"Europe&#x2f;Berlin\"") && proposed.contains("\"UTC\""), "{proposed}");
    let mut form = Form::of(&page, "/calendar/events");
    for (name, value) in [
        ("title", "Workshop"),
        ("start_on", "2026-03-05"),
        ("start_at", "09:00"),
        ("end_on", "2026-03-05"),
        ("end_at", "11:30"),
        ("time_zone", "Europe/Berlin"),
        ("description", "Bring a pen"),
    ] {
        form.set(name, value);
    }
    assert_eq!(browser.submit(&form).await.status, 303);
    world.sync("anna").await;
    let event = Outlook::only(&outlook.events().await, "Workshop");
    assert_eq!(event["start"]["dateTime"], "2026-03-05T08:00:00.0000000");

    let stored = World::only(&world.crm_events("anna").await, "Workshop");
    let path =
        format!("/calendar/events/{}", stored["id"].as_str().map_or_else(|| stored["id"].to_string(), str::to_owned));
    let edit = format!("{path}/edit");
    let mut form = Form::of(&browser.page(&edit).await, &path);
    assert_eq!(form.get("start_at"), Some("09:00"), "shown in its own zone");
    form.set("title", "Workshop, moved");
    assert_eq!(browser.submit(&form).await.status, 303);
    world.sync("anna").await;
    Outlook::only(&outlook.events().await, "Workshop, moved");

    // What was changed in between is not overwritten unseen.
    let mut stale = Form::of(&browser.page(&edit).await, &path);
    outlook.update(event["id"].as_str().unwrap(), &json!({"subject": "Renamed in Outlook"})).await;
    world.sync("anna").await;
    stale.set("title", "Typed meanwhile");
    assert_eq!(browser.submit(&stale).await.status, 400);
    World::only(&world.crm_events("anna").await, "Renamed in Outlook");

    let question = browser.page(&format!("{path}/delete")).await;
    assert!(question.contains("Renamed in Outlook"), "{question}");
    assert!(question.contains("The next sync deletes it on the other side as well"), "it is linked: {question}");
    let alone = world.crm_create_timed("anna", "Here alone", "2026-03-06T09:00:00Z", "2026-03-06T10:00:00Z").await;
    let alone = alone["id"].as_str().map_or_else(|| alone["id"].to_string(), str::to_owned);
    let of_alone = browser.page(&format!("/calendar/events/{alone}/delete")).await;
    assert!(of_alone.contains("It is linked with nothing on the other side."), "{of_alone}");
    browser.press(&question, &format!("{path}/delete")).await;
    world.sync("anna").await;
    assert!(outlook.events().await.iter().all(|event| event["subject"] != "Renamed in Outlook"));
}

#[tokio::test]
async fn a_calendar_without_an_account_says_so_and_still_shows_the_crm() {
    let world = World::empty().await;
    world.add_user("anna", "Acme").await;
    world.crm_create_timed("anna", "Ours", "2026-03-03T09:00:00Z", "2026-03-03T10:00:00Z").await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let page = browser.page("/calendar").await;
    assert!(page.contains("Ours") && page.contains("Tandem CRM <span class=\"badge\">1</span>"), "{page}");
    // What nobody has looked at is not counted, and there is no button that could only be refused.
    for path in ["/calendar", "/calendar?view=month"] {
        let page = browser.page(path).await;
        let count = page.split("Microsoft <span class=\"badge\">").nth(1).unwrap();
        assert!(count.starts_with("–<span class=\"visually-hidden\"> not shown</span>"), "{path}: {page}");
        assert!(has_link(&page, "/configuration/my#microsoft-account"), "{path}: {page}");
        for action in ["/calendar/sync", "/calendar/preview"] {
            assert!(Form::find(&page, action).is_none(), "{path}: {action} in {page}");
        }
    }
    let empty = browser.page("/calendar?view=list&date=2027-06-01").await;
    assert!(empty.contains("No event in Tandem CRM in this period. Nothing is known here of"), "{empty}");
    assert!(!empty.contains("either side") && has_link(&empty, "/configuration/my#microsoft-account"), "{empty}");
    // Whoever still has a page with the button is told why.
    let token = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let answer = browser.post("/calendar/sync", &[("csrf", token), ("user", "anna")]).await;
    assert_eq!(answer.header("location"), Some("/calendar"));
    let after = browser.page("/calendar").await;
    let report = after.split("id=\"report\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(report.contains("An administrator has to fill in the Azure Active Directory"), "{report}");
    assert_eq!(world.requests().await["count"], Value::from(0));
}

/// A daily series on both sides, of which the CRM's has a renamed occurrence.
async fn with_series() -> (World, Browser, Value) {
    let world = World::connected().await;
    let daily = json!({"type": "daily", "interval": 1, "occurrences": 20, "startTime": "2026-02-28T09:00:00Z",
        "timeZone": "Europe/Berlin"});
    let series = json!({"title": "Ours daily", "start": "2026-02-28T09:00:00Z", "end": "2026-02-28T09:30:00Z",
        "timeZone": "Europe/Berlin", "recurrence": daily});
    let series = world.crm_create("anna", &series).await;
    for (day, fields) in [("2026-03-03", json!({"title": "Ours special"})), ("2026-03-04", json!({"cancelled": true}))]
    {
        let at = |time: &str| format!("{day}T{time}:00Z");
        let mut exception = json!({"title": "Ours daily", "start": at("09:00"), "end": at("09:30"),
            "recurringEventId": series["id"], "originalStart": at("09:00")});
        exception.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        world.crm_create("anna", &exception).await;
    }
    let zone = "W. Europe Standard Time";
    let theirs = json!({
        "subject": "Theirs daily", "start": {"dateTime": "2026-02-28T14:00:00", "timeZone": zone},
        "end": {"dateTime": "2026-02-28T14:30:00", "timeZone": zone},
        "recurrence": {
            "pattern": {"type": "daily", "interval": 1},
            "range": {"type": "numbered", "startDate": "2026-02-28", "numberOfOccurrences": 20},
        },
    });
    world.outlook("anna").await.create(&theirs).await;
    let browser = Browser::signed_in(&world.crm, "anna").await;
    (world, browser, series)
}

#[tokio::test]
async fn a_series_shows_its_occurrences_on_both_sides() {
    let (world, mut browser, series) = with_series().await;
    let page = browser.page("/calendar?date=2026-03-02").await;
    // Seven days, one of them cancelled.
    assert!(
        page.contains("Tandem CRM <span class=\"badge\">6</span>")
            && page.contains("Microsoft <span class=\"badge\">7</span>"),
        "{page}"
    );
    assert!(page.contains("Ours special") && page.contains("Theirs daily"), "{page}");
    let path = "/api/calendar-events/instances?user=anna&start=2026-03-02T00:00:00Z&end=2026-03-09T00:00:00Z";
    let instances = world.crm.get(path).await.ok();
    let starts: Vec<(&str, &str)> = instances
        .as_array()
        .unwrap()
        .iter()
        .map(|instance| (instance["title"].as_str().unwrap(), instance["start"].as_str().unwrap()))
        .collect();
    assert_eq!(starts[..2], [("Ours daily", "2026-03-02T09:00:00Z"), ("Ours special", "2026-03-03T09:00:00Z")]);
    assert_eq!(starts[2], ("Ours daily", "2026-03-05T09:00:00Z"));
    assert!(instances.as_array().unwrap().iter().all(|instance| instance["seriesId"] == series["id"]), "{instances}");
    for wrong in ["user=anna&start=yesterday&end=2026-03-09T00:00:00Z", "user=anna&start=2026-03-02T00:00:00Z"] {
        let refused = world.crm.get(&format!("/api/calendar-events/instances?{wrong}")).await;
        assert_eq!(refused.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn saving_the_form_of_a_series_keeps_the_series() {
    let (world, mut browser, series) = with_series().await;
    let path =
        format!("/calendar/events/{}", series["id"].as_str().map_or_else(|| series["id"].to_string(), str::to_owned));
    let edit = format!("{path}/edit");
    let form = Form::of(&browser.page(&edit).await, &path);
    let before = world.crm_events("anna").await;
    assert_eq!(browser.submit(&form).await.status, 303);
    assert_eq!(world.crm_events("anna").await, before, "nothing was changed, so nothing is");
    let mut form = Form::of(&browser.page(&edit).await, &path);
    form.set("title", "Ours renamed");
    assert_eq!(browser.submit(&form).await.status, 303);
    let after = world.crm_events("anna").await;
    assert_eq!(after.len(), before.len());
    let renamed = after.iter().find(|event| event["id"] == series["id"]).expect("the series");
    assert_eq!(renamed["title"], "Ours renamed");
    assert_eq!(renamed["recurrence"], series["recurrence"]);
    World::only(&after, "Ours special");
}

#[tokio::test]
async fn somebody_elses_meeting_offers_an_answer_and_a_reminder_and_nothing_else() {
    let world = World::connected().await;
    world.add_user("ben", "Acme").await;
    let meeting = json!({
        "subject": "Planning", "isAllDay": true,
        "start": {"dateTime": "2026-03-05T00:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-03-06T00:00:00", "timeZone": "UTC"},
        "attendees": [{"emailAddress": {"address": "anna@acme.example"}, "type": "required"}],
    });
    world.outlook("ben").await.create(&meeting).await;
    world.sync("anna").await;
    let event = World::only(&world.crm_events("anna").await, "Planning");
    let address = format!("/calendar/events/{}", event["id"].as_str().unwrap());
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let page = browser.page(&address).await;
    assert!(page.contains("Somebody else organizes this event"), "{page}");
    assert_eq!(page.matches("anna@acme.example").count(), 1, "no name was given: {page}");
    let page = browser.page(&format!("{address}/edit")).await;
    assert!(page.contains("Somebody else organizes this event"), "{page}");
    for field in ["title", "start_on", "end_on"] {
        assert!(page.contains(&format!("<input readonly id=\"{field}\"")), "{field}: {page}");
    }
    assert!(!page.contains("<input readonly id=\"reminder\""), "{page}");
    assert!(!page.contains("id=\"repeat\""), "who organizes it decides how it repeats: {page}");
    let mut form = Form::of(&page, &address);
    form.set("reminder", "30");
    assert_eq!(browser.submit(&form).await.status, 303);
    let stored = World::only(&world.crm_events("anna").await, "Planning");
    assert_eq!((&stored["reminderMinutes"], &stored["allDay"]), (&json!(30), &json!(true)), "{stored}");
    assert_eq!(world.mails().await, ["invitation anna@acme.example Planning"], "Outlook's own");
}

#[tokio::test]
async fn a_cancelled_occurrence_says_so_on_its_page() {
    let world = World::connected().await;
    let series = world.crm_create("anna", &crate::series::weekly()).await;
    let (start, end) = ("2026-03-16T09:00:00Z", "2026-03-16T10:00:00Z");
    let exception = json!({
        "title": "Jour fixe", "start": start, "end": end, "timeZone": "Europe/Berlin",
        "recurringEventId": series["id"], "originalStart": start, "cancelled": true,
    });
    let cancelled = world.crm_create("anna", &exception).await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let page = browser.page(&format!("/calendar/events/{}", cancelled["id"].as_str().unwrap())).await;
    assert!(page.contains("This occurrence of a series is cancelled."), "{page}");
}

//! Series on the pages: the recurrence editor, one day or all of a series, the page
//! of an event with its other side, and the month.

use serde_json::{Value, json};
use tandem_tests::form::{has_link, link_to};
use tandem_tests::{Browser, Form, Outlook, World};

const NEW: &str = "/calendar/events/new";
const EVENTS: &str = "/calendar/events";

/// Names and values of a form.
type Fields<'a> = &'a [(&'a str, &'a str)];

/// The form of a new event on Monday the 9th of March at ten, with `fields` of its
/// rule.
async fn filled(browser: &mut Browser, title: &str, fields: Fields<'_>) -> Form {
    let mut form = Form::of(&browser.page(NEW).await, EVENTS);
    let fixed = [
        ("title", title),
        ("start_on", "2026-03-09"),
        ("start_at", "10:00"),
        ("end_on", "2026-03-09"),
        ("end_at", "11:00"),
        ("time_zone", "Europe/Berlin"),
    ];
    for (name, value) in fixed {
        form.set(name, value);
    }
    set_rule(&mut form, fields);
    form
}

/// Chooses a rule in the editor. Days of the week are as many as are named.
fn set_rule(form: &mut Form, fields: Fields<'_>) {
    form.unset("weekday");
    for (name, value) in fields {
        match *name {
            "weekday" => form.fields.push((String::from("weekday"), (*value).to_owned())),
            name => form.set(name, value),
        }
    }
}

/// Twice a week, six times.
const TWICE_A_WEEK: [(&str, &str); 5] =
    [("repeat", "weekly"), ("weekday", "monday"), ("weekday", "thursday"), ("ends", "after"), ("count", "6")];

async fn with_series() -> (World, Browser, String) {
    let world = World::connected().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let form = filled(&mut browser, "Jour fixe", &TWICE_A_WEEK).await;
    assert_eq!(browser.submit(&form).await.status, 303);
    let series = World::only(&world.crm_events("anna").await, "Jour fixe");
    let path = format!("{EVENTS}/{}", series["id"].as_str().unwrap());
    (world, browser, path)
}

/// What names the occurrence of a day in an address.
fn occurrence(day: &str) -> String {
    format!("occurrence={day}T09%3A00%3A00Z")
}

/// What Outlook shows of March and April: beginnings and titles.
async fn in_outlook(world: &World) -> Vec<String> {
    let outlook = world.outlook("anna").await;
    let view = outlook.calendar_view("2026-03-01".parse().unwrap(), "2026-05-01".parse().unwrap()).await;
    let text = |event: &Value| {
        let start = event["start"]["dateTime"].as_str().unwrap();
        format!("{} {}", start.get(..16).unwrap(), event["subject"].as_str().unwrap())
    };
    let mut shown: Vec<String> = view.iter().map(text).collect();
    shown.sort();
    shown
}

#[tokio::test]
async fn every_choice_of_the_editor_is_stored_as_oro_does() {
    let world = World::connected().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let table: [(Fields<'_>, Value); 7] = [
        (&[("repeat", "daily"), ("every", "99")], json!({"type": "daily", "interval": 99})),
        (&TWICE_A_WEEK, json!({"type": "weekly", "dayOfWeek": ["monday", "thursday"], "occurrences": 6})),
        (
            &[("repeat", "monthly"), ("every", "2"), ("by", "day"), ("day_of_month", "31")],
            json!({"type": "monthly", "interval": 2, "dayOfMonth": 31}),
        ),
        (
            &[("repeat", "monthly"), ("by", "nth"), ("nth", "5"), ("nth_days", "weekday")],
            json!({
                "type": "monthnth", "instance": 5,
                "dayOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
            }),
        ),
        (
            &[("repeat", "yearly"), ("every", "2"), ("by", "day"), ("day_of_month", "9"), ("month", "3")],
            json!({"type": "yearly", "interval": 24, "dayOfMonth": 9, "monthOfYear": 3}),
        ),
        (
            &[("repeat", "yearly"), ("by", "nth"), ("nth", "2"), ("nth_days", "monday"), ("month", "3")],
            json!({"type": "yearnth", "interval": 12, "instance": 2, "dayOfWeek": ["monday"], "monthOfYear": 3}),
        ),
        (
            &[("repeat", "daily"), ("ends", "until"), ("until", "2026-03-12")],
            json!({"type": "daily", "endTime": "2026-03-12T22:59:59Z", "occurrences": null}),
        ),
    ];
    for (number, (fields, expected)) in table.iter().enumerate() {
        let title = format!("Series {number}");
        let form = filled(&mut browser, &title, fields).await;
        assert_eq!(browser.submit(&form).await.status, 303, "{title}");
        let stored = World::only(&world.crm_events("anna").await, &title);
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&stored["recurrence"][name], value, "{title}: {}", stored["recurrence"]);
        }
        let path = format!("{EVENTS}/{}", stored["id"].as_str().unwrap());
        let shown = Form::of(&browser.page(&format!("{path}/edit")).await, &path);
        for (name, value) in *fields {
            let has = shown.fields.iter().any(|(found, text)| found == name && text == value);
            assert!(has, "{title} shows {name}={value} to be edited: {:?}", shown.fields);
        }
        assert_eq!(browser.submit(&shown).await.status, 303);
        assert_eq!(World::only(&world.crm_events("anna").await, &title), stored, "nothing was changed, so nothing is");
    }
}

#[tokio::test]
async fn what_oro_does_not_accept_is_said_beside_its_field_and_stays_entered() {
    let world = World::connected().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let table: [(Fields<'_>, &[&str]); 5] = [
        (&[("repeat", "daily"), ("every", "100")], &["every"]),
        (&[("repeat", "weekly"), ("every", "0")], &["weekday", "every"]),
        (&[("repeat", "yearly"), ("every", "84"), ("day_of_month", "32")], &["day_of_month", "every"]),
        (&[("repeat", "daily"), ("ends", "after"), ("count", "1000")], &["count"]),
        (&[("repeat", "daily"), ("ends", "until"), ("until", "2026-03-08")], &["until"]),
    ];
    for (fields, wrong) in table {
        let form = filled(&mut browser, "Wrong", fields).await;
        let answer = browser.submit(&form).await;
        assert_eq!(answer.status, 400, "{fields:?}");
        for field in wrong {
            assert!(answer.text.contains(&format!("id=\"{field}-problem\"")), "{field}: {}", answer.text);
            assert!(has_link(&answer.text, &format!("#{field}")), "the summary leads to {field}");
        }
        assert_eq!(answer.text.matches("class=\"error-text\"").count(), wrong.len(), "and nothing else is wrong");
        let shown = Form::of(&answer.text, EVENTS);
        for (name, value) in fields.iter().chain(&[("title", "Wrong")]) {
            assert_eq!(shown.get(name), Some(*value), "{name} is still there to be corrected");
        }
    }
    assert_eq!(world.crm_events("anna").await, Vec::<Value>::new());
}

#[tokio::test]
async fn only_this_event_is_changed_and_outlook_has_the_exception() {
    let (world, mut browser, path) = with_series().await;
    world.sync("anna").await;
    let day = occurrence("2026-03-12");
    let week = browser.page("/calendar?date=2026-03-09").await;
    assert!(has_link(&week, &format!("{path}?{day}")), "{week}");
    let page = browser.page(&format!("{path}?{day}")).await;
    assert!(has_link(&page, &format!("{path}/edit?{day}")) && has_link(&page, &path), "{page}");
    let choice = browser.page(&format!("{path}/edit?{day}")).await;
    assert!(choice.contains("Only this event") && choice.contains("All events"), "{choice}");
    let this = format!("{path}/edit?{day}&scope=this");
    assert!(has_link(&choice, &this) && has_link(&choice, &format!("{path}/edit")), "{choice}");

    let page = browser.page(&this).await;
    assert!(!page.contains("id=\"repeat\""), "one day has no rule of its own: {page}");
    let mut form = Form::of(&page, &format!("{path}/occurrence"));
    assert_eq!((form.get("start_on"), form.get("start_at")), (Some("2026-03-12"), Some("10:00")));
    assert_eq!(browser.submit(&form).await.status, 303);
    assert_eq!(world.crm_events("anna").await.len(), 1, "nothing was changed, so there is no exception");
    let mut stale = form.clone();
    form.set("title", "Jour fixe, later");
    form.set("start_at", "14:00");
    form.set("end_at", "15:00");
    assert_eq!(browser.submit(&form).await.status, 303);
    world.sync("anna").await;
    let shown = in_outlook(&world).await;
    assert_eq!(shown.len(), 6, "{shown:?}");
    assert_eq!(
        shown[..3],
        ["2026-03-09T09:00 Jour fixe", "2026-03-12T13:00 Jour fixe, later", "2026-03-16T09:00 Jour fixe"]
    );

    stale.set("title", "Typed meanwhile");
    let refused = browser.submit(&stale).await;
    assert!(refused.status.is_client_error(), "there is an exception by now");
    // The day leads to the exception, which asks the same question.
    let exception = World::only(&world.crm_events("anna").await, "Jour fixe, later");
    let own = format!("{EVENTS}/{}", exception["id"].as_str().unwrap());
    assert_eq!(browser.get(&format!("{path}?{day}")).await.header("location"), Some(own.as_str()));
    let choice = browser.page(&format!("{own}/edit")).await;
    assert!(
        has_link(&choice, &format!("{own}/edit?scope=this")) && has_link(&choice, &format!("{path}/edit")),
        "{choice}"
    );
    let page = browser.page(&path).await;
    assert!(page.contains("Single days that differ") && has_link(&page, &own), "{page}");
}

#[tokio::test]
async fn a_day_of_a_series_that_has_changed_meanwhile_is_not_overwritten_unseen() {
    let (world, mut browser, path) = with_series().await;
    let day = occurrence("2026-03-12");
    let mut form =
        Form::of(&browser.page(&format!("{path}/edit?{day}&scope=this")).await, &format!("{path}/occurrence"));
    let series = World::only(&world.crm_events("anna").await, "Jour fixe");
    world.crm_update(&series["id"], &json!({"title": "Renamed meanwhile"})).await;
    form.set("title", "Typed before");
    let answer = browser.submit(&form).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("changed meanwhile") && answer.text.contains("Typed before"), "{}", answer.text);
    assert_eq!(world.crm_events("anna").await.len(), 1);
    // A day that the rule does not have (any more) is no day.
    let nowhere = occurrence("2026-03-13");
    for address in [format!("{path}?{nowhere}"), format!("{path}/edit?{nowhere}"), format!("{path}/delete?{nowhere}")] {
        assert_eq!(browser.get(&address).await.status, 400, "{address}");
    }
}

#[tokio::test]
async fn only_this_event_is_deleted_and_then_all_of_them() {
    let (world, mut browser, path) = with_series().await;
    world.sync("anna").await;
    let day = occurrence("2026-03-16");
    let choice = browser.page(&format!("{path}/delete?{day}")).await;
    assert!(choice.contains("Only this event") && choice.contains("All events"), "{choice}");
    let delete = format!("{path}/delete");
    let form = Form::of(&choice, &delete);
    assert_eq!(form.get("occurrence"), Some("2026-03-16T09:00:00Z"));
    assert_eq!(browser.submit(&form).await.status, 303);
    let events = world.crm_events("anna").await;
    assert_eq!(events.iter().filter(|event| event["cancelled"] == true).count(), 1, "a cancelled exception stays");
    world.sync("anna").await;
    let shown = in_outlook(&world).await;
    assert_eq!(shown.len(), 5, "{shown:?}");
    assert!(!shown.iter().any(|event| event.starts_with("2026-03-16")), "{shown:?}");
    let cancelled = events.iter().find(|event| event["cancelled"] == true).unwrap();
    let page = browser.page(&format!("{EVENTS}/{}", cancelled["id"].as_str().unwrap())).await;
    assert!(page.contains("This occurrence of a series is cancelled.") && page.contains("On neither side"), "{page}");
    assert!(!page.contains(">Edit</a>"), "there is nothing to edit any more: {page}");

    let day = occurrence("2026-03-12");
    let mut all = Form::of(&browser.page(&format!("{path}/delete?{day}")).await, &delete);
    all.unset("occurrence");
    assert_eq!(browser.submit(&all).await.status, 303);
    assert_eq!(world.crm_events("anna").await, Vec::<Value>::new());
    world.sync("anna").await;
    assert_eq!(in_outlook(&world).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_new_rule_drops_the_exceptions_and_another_title_does_not() {
    let (world, mut browser, path) = with_series().await;
    let day = occurrence("2026-03-16");
    let choice = browser.page(&format!("{path}/delete?{day}")).await;
    browser.submit(&Form::of(&choice, &format!("{path}/delete"))).await;
    let edit = format!("{path}/edit");
    let mut form = Form::of(&browser.page(&edit).await, &path);
    form.set("title", "Renamed");
    assert_eq!(browser.submit(&form).await.status, 303);
    assert_eq!(world.crm_events("anna").await.len(), 2, "the cancelled day stays cancelled");
    let mut form = Form::of(&browser.page(&edit).await, &path);
    form.set("count", "8");
    assert_eq!(browser.submit(&form).await.status, 303);
    let events = world.crm_events("anna").await;
    assert_eq!(events.len(), 1, "C4");
    assert_eq!(events[0]["recurrence"]["occurrences"], 8);
    let mut form = Form::of(&browser.page(&edit).await, &path);
    form.set("repeat", "no");
    assert_eq!(browser.submit(&form).await.status, 303);
    assert_eq!(world.crm_events("anna").await[0]["recurrence"], Value::Null);
    world.sync("anna").await;
    let event = Outlook::only(&world.outlook("anna").await.events().await, "Renamed");
    assert_eq!(event["type"], "singleInstance");
}

#[tokio::test]
async fn the_page_of_an_event_says_its_rule_and_what_is_on_the_other_side() {
    let (world, mut browser, path) = with_series().await;
    let words = "Weekly every week on Monday, Thursday, end after 6 occurrences";
    let page = browser.page(&path).await;
    assert!(page.contains(words), "{page}");
    assert!(page.contains("Not in Microsoft 365") && page.contains("not been synchronized yet"), "{page}");
    world.sync("anna").await;
    let master = Outlook::only(&world.outlook("anna").await.events().await, "Jour fixe");
    let page = browser.page(&path).await;
    assert!(page.contains("On both sides") && page.contains("Last sync"), "{page}");
    let there = link_to(&page, "http").expect("a link to Microsoft's page of it");
    assert!(there.contains("/_emulator/mailboxes/anna%40acme.example/events/"), "{there}");
    let day = browser.page(&format!("{path}?{}", occurrence("2026-03-12"))).await;
    assert!(day.contains(words) && day.contains("On both sides") && day.contains("Thu, 12 Mar 2026"), "{day}");

    // What is changed afterwards waits for the next run.
    world.advance(60).await;
    let series = World::only(&world.crm_events("anna").await, "Jour fixe");
    world.crm_update(&series["id"], &json!({"title": "Another title"})).await;
    let page = browser.page(&path).await;
    assert!(page.contains("changed after the last sync"), "{page}");
    world.outlook("anna").await.delete(master["id"].as_str().unwrap()).await;
    let page = browser.page(&path).await;
    assert!(page.contains("Not in Microsoft 365"), "{page}");
}

#[tokio::test]
async fn an_event_that_is_set_aside_says_why_on_its_page_and_can_be_tried_again() {
    let world = World::connected().await;
    let description = format!("<p>{}</p>", "word ".repeat(14_000));
    let event = json!({
        "title": "Long story", "description": description, "start": "2026-03-10T09:00:00Z",
        "end": "2026-03-10T10:00:00Z", "timeZone": "Europe/Berlin",
    });
    let event = world.crm_create("anna", &event).await;
    world.sync("anna").await;
    let items = world.crm.get("/api/set-aside?user=anna").await.ok();
    let item = items.as_array().unwrap().first().expect("it is set aside").clone();
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let page = browser.page(&format!("{EVENTS}/{}", event["id"].as_str().unwrap())).await;
    assert!(page.contains("Set aside since"), "{page}");
    let form = Form::of(&page, "/set-aside/retry");
    assert_eq!(form.get("key"), item["key"].as_str());
    assert_eq!(browser.submit(&form).await.status, 303);
}

#[tokio::test]
async fn an_entry_of_outlook_has_a_page_that_leads_to_its_event() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let event = outlook.create_timed("Only <theirs>", "2026-03-04T12:00:00", "2026-03-04T13:00:00").await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let link = |page: &str| link_to(page, "/calendar/microsoft?").expect("a link to Microsoft's entry");
    for view in ["week", "month", "list"] {
        let address = link(&browser.page(&format!("/calendar?view={view}")).await);
        let page = browser.page(&address).await;
        assert!(page.contains("Only &lt;theirs&gt;") && page.contains("In Microsoft 365 only"), "{view}: {page}");
    }
    world.sync("anna").await;
    let address = link(&browser.page("/calendar").await);
    let page = browser.page(&address).await;
    let stored = World::only(&world.crm_events("anna").await, "Only <theirs>");
    let own = format!("{EVENTS}/{}", stored["id"].as_str().unwrap());
    assert!(page.contains("On both sides") && has_link(&page, &own), "{page}");
    outlook.delete(event["id"].as_str().unwrap()).await;
    assert_eq!(browser.get(&address).await.status, 404);
}

#[tokio::test]
async fn the_month_shows_both_sides_and_says_which_entry_is_where() {
    let world = World::connected().await;
    world.crm_create_timed("anna", "Shared", "2026-03-03T09:00:00Z", "2026-03-03T10:00:00Z").await;
    world.sync("anna").await;
    world.crm_create_timed("anna", "Ours", "2026-03-03T11:00:00Z", "2026-03-03T12:00:00Z").await;
    world.outlook("anna").await.create_timed("Theirs", "2026-03-31T12:00:00", "2026-03-31T13:00:00").await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let page = browser.page("/calendar?view=month").await;
    assert!(page.contains("March 2026"), "{page}");
    for (title, side) in [("Shared", "Both sides"), ("Ours", "Only Tandem CRM"), ("Theirs", "Only Microsoft")] {
        let entry = page.split(&format!("event-title\">{title}<")).nth(1).unwrap_or_else(|| panic!("{title}: {page}"));
        assert!(entry.split("</a>").next().unwrap().contains(side), "{title}: {entry}");
    }
    assert_eq!(page.matches("event-title\">Shared<").count(), 1, "what is on both sides is there once");
    let month = |date: &str| format!("/calendar?user=anna&view=month&date={date}");
    assert!(has_link(&page, &month("2026-02-01")) && has_link(&page, &month("2026-04-01")), "{page}");
    let april = browser.page(&month("2026-04-01")).await;
    assert!(april.contains("April 2026") && april.contains("Theirs"), "the days around it, too: {april}");
    assert!(!april.contains("Shared"), "{april}");
}

#[tokio::test]
async fn a_guest_who_deletes_one_event_of_somebody_elses_series_declines_that_day() {
    let world = World::connected().await;
    world.add_user("ben", "Acme").await;
    let zone = "W. Europe Standard Time";
    let meeting = json!({
        "subject": "Planning", "start": {"dateTime": "2026-03-09T10:00:00", "timeZone": zone},
        "end": {"dateTime": "2026-03-09T11:00:00", "timeZone": zone},
        "recurrence": {
            "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"], "firstDayOfWeek": "monday"},
            "range": {"type": "numbered", "startDate": "2026-03-09", "numberOfOccurrences": 3},
        },
        "attendees": [{"emailAddress": {"address": "anna@acme.example"}, "type": "required"}],
    });
    world.outlook("ben").await.create(&meeting).await;
    world.sync("anna").await;
    let series = World::only(&world.crm_events("anna").await, "Planning");
    let path = format!("{EVENTS}/{}", series["id"].as_str().unwrap());
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let choice = browser.page(&format!("{path}/delete?{}", occurrence("2026-03-16"))).await;
    assert!(choice.contains("you decline it"), "{choice}");
    assert_eq!(browser.submit(&Form::of(&choice, &format!("{path}/delete"))).await.status, 303);
    let declined = world.crm_events("anna").await.into_iter().find(|event| event["recurringEventId"] == series["id"]);
    assert_eq!(declined.unwrap()["ownStatus"], "declined", "who does not organize it declines that day");
    world.sync("anna").await;
    assert_eq!(in_outlook(&world).await, ["2026-03-09T09:00 Planning", "2026-03-23T09:00 Planning"]);
    let of_ben = world.outlook("ben").await;
    let view = of_ben.calendar_view("2026-03-01".parse().unwrap(), "2026-05-01".parse().unwrap()).await;
    assert_eq!(view.len(), 3, "the organizer's series is as it was");
    // The next run sees what Microsoft has made of the answer.
    world.sync("anna").await;
    let month = browser.page("/calendar?view=month").await;
    assert_eq!(month.matches("event-title\">Planning<").count(), 2, "it has left both sides: {month}");
    assert_eq!(month.matches(">Both sides<").count(), 2, "{month}");
    let told = ["invitation anna@acme.example Planning", "response ben@acme.example Declined: Planning on 2026-03-16"];
    assert_eq!(world.mails().await, told, "the organizer hears of it once");
}

#[tokio::test]
async fn the_pages_of_an_event_are_there_whatever_the_account_waits_for() {
    let world = World::empty().await;
    world.add_user("anna", "Acme").await;
    let event = world.crm_create_timed("anna", "Ours", "2026-03-03T09:00:00Z", "2026-03-03T10:00:00Z").await;
    let path = format!("{EVENTS}/{}", event["id"].as_str().unwrap());
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let page = browser.page(&path).await;
    assert!(page.contains("Ours") && page.contains("No Microsoft account is connected"), "not configured: {page}");
    world.configure().await;
    assert!(browser.page(&path).await.contains("Not shown"), "not connected");
    world.connect("anna").await;
    world.sync("anna").await;
    assert!(browser.page(&path).await.contains("On both sides"), "connected");
    for what in ["refreshTokens", "accessTokens"] {
        world.control("expire", &json!({"what": what})).await;
    }
    world.crm.post("/api/sync", &json!({"user": "anna"})).await;
    let page = browser.page(&path).await;
    assert!(page.contains("notice warn"), "parked, and it says so: {page}");
    let off = world.save("system", "0", &[("features.calendar", json!(false))]).await;
    assert!(off.status.is_success(), "{}", off.text);
    let page = browser.page(&path).await;
    assert!(page.contains("switched off in the settings"), "{page}");
    assert!(browser.page("/calendar?view=month").await.contains("Ours"), "and so is the month");
}

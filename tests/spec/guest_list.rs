//! Guests on the form of an event: a meeting that is made there, who is added and who is
//! removed, on one day or on all of them, and what the form says beforehand of who tells
//! them (Oro rows C5, C6; Graph `api/event-update`: of its guests alone, only those who
//! are added or removed are told).

use serde_json::{Value, json};
use tandem_tests::form::{attribute, tag_with_id};
use tandem_tests::meeting::{COLLEAGUES, EVERYBODY, crm_guest_list, outlook_guest_list};
use tandem_tests::{Browser, Form, World};

use crate::calendar::wrote;
use crate::meetings::{review, shared, weekly_meeting};

const NEW: &str = "/calendar/events/new";
const EVENTS: &str = "/calendar/events";

/// Where the page of an event is.
fn page_of(event: &Value) -> String {
    format!("{EVENTS}/{}", event["id"].as_str().unwrap())
}

/// The form of a new event on the 10th of March, with these guests.
async fn filled(browser: &mut Browser, title: &str, guests: &str) -> Form {
    let mut form = Form::of(&browser.page(NEW).await, EVENTS);
    assert_eq!(form.get("guests"), Some(""), "nobody is invited unasked");
    let fields = [
        ("title", title),
        ("start_on", "2026-03-10"),
        ("start_at", "10:00"),
        ("end_on", "2026-03-10"),
        ("end_at", "11:00"),
        ("time_zone", "Europe/Berlin"),
        ("guests", guests),
    ];
    for (name, value) in fields {
        form.set(name, value);
    }
    form
}

/// The form of an event, as it is.
async fn form_of(browser: &mut Browser, here: &str) -> Form {
    Form::of(&browser.page(&format!("{here}/edit")).await, here)
}

/// Saves a form.
async fn save(browser: &mut Browser, form: &Form) {
    let answer = browser.submit(form).await;
    assert_eq!(answer.status, 303, "{:?}: {}", form.fields, answer.text);
}

/// What stands beside the list of guests about who tells them; none where there is no list.
fn said(page: &str) -> Option<String> {
    let beside = page.split_once("<span id=\"guests-told\">")?.1;
    Some(beside.split_once("</span>").unwrap().0.to_owned())
}

/// The guests of the only event that anna's Outlook shows on a day.
async fn guests_in_outlook(world: &World, day: &str) -> Vec<String> {
    let outlook = world.outlook("anna").await;
    let events = outlook.calendar_view("2026-03-01".parse().unwrap(), "2026-05-01".parse().unwrap()).await;
    let begins = |event: &&Value| event["start"]["dateTime"].as_str().unwrap().starts_with(day);
    let found: Vec<&Value> = events.iter().filter(begins).collect();
    assert_eq!(found.len(), 1, "{day}");
    outlook_guest_list(found[0])
}

#[tokio::test]
async fn a_meeting_that_is_made_on_the_page_reaches_outlook_with_its_guests() {
    let world = World::together().await;
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let page = anna.page(NEW).await;
    let beforehand = "With the next sync, Microsoft sends an invitation to every guest. Of an event that is over, it \
                      tells nobody.";
    assert_eq!(said(&page).as_deref(), Some(beforehand));
    let form = filled(&mut anna, "Review", "ben@acme.example\r\n\"Stranger, Sam\" <stranger@acme.example>\r\n").await;
    let answer = anna.submit(&form).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let after = anna.page(answer.header("location").unwrap()).await;
    let told = "The event was created. With the next sync, Microsoft sends an invitation to 2 people.";
    assert!(after.contains(told), "{after}");
    let stored = world.crm_only("anna").await;
    assert_eq!(stored["attendees"][1]["displayName"], "Stranger, Sam", "{stored}");

    wrote(&world.sync("anna").await, [0, 0, 0], [1, 0, 0]);
    assert_eq!(world.told().await, ["invitation ben Review", "invitation stranger Review"]);
    let there = world.outlook("anna").await.the_only().await;
    assert_eq!(outlook_guest_list(&there), ["ben required none", "stranger required none"]);
    world.sync_each(&["ben"]).await;
    assert_eq!(world.crm_only("ben").await["parentEventId"], stored["id"], "a colleague is linked");
    world.assert_at_rest(&COLLEAGUES).await;
}

#[tokio::test]
async fn what_is_no_guest_is_said_beside_the_field_and_what_was_entered_stays() {
    let world = World::together().await;
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let entered = "ben@acme.example\r\n<b>Cleo</b>\r\nBEN@acme.example";
    let form = filled(&mut anna, "Review", entered).await;
    let refused = anna.submit(&form).await;
    assert_eq!(refused.status, 400);
    let field = tag_with_id(&refused.text, "guests");
    assert_eq!(attribute(&field, "aria-invalid").as_deref(), Some("true"), "{field}");
    assert_eq!(attribute(&field, "aria-describedby").as_deref(), Some("guests-problem guests-hint"), "{field}");
    let problem = refused.text.split("id=\"guests-problem\">").nth(1).unwrap().split("</p>").next().unwrap();
    assert!(
        problem.contains("Line 2 (“&lt;b&gt;Cleo&lt;") && problem.contains("Line 3 (“BEN@acme.example”)"),
        "{problem}"
    );
    assert!(!refused.text.contains("<b>Cleo"), "what people wrote is escaped");
    let again = Form::of(&refused.text, EVENTS);
    assert_eq!(again.get("guests").map(|text| text.replace('\n', "\r\n")).as_deref(), Some(entered));
    assert!(said(&refused.text).is_some(), "{}", refused.text);
    assert!(world.crm_events("anna").await.is_empty());

    let mut forged = filled(&mut anna, "Review", "ben@acme.example").await;
    forged.set("csrf", "forged");
    assert_eq!(anna.submit(&forged).await.status, 403);
    assert!(world.crm_events("anna").await.is_empty());
}

#[tokio::test]
async fn only_who_is_added_or_removed_on_the_page_is_told_and_the_others_keep_their_answers() {
    let (world, meeting) = shared(&review(&["ben", "cleo"])).await;
    let outlook = world.outlook("ben").await;
    outlook.answer(outlook.the_only().await["id"].as_str().unwrap(), "accept").await;
    world.sync_each(&EVERYBODY).await;
    world.told().await;
    let here = page_of(&meeting);
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let page = anna.page(&format!("{here}/edit")).await;
    let beforehand = "With the next sync, Microsoft sends an invitation to whoever is added, and a cancellation to \
                      whoever is removed. Of an event that is over, it tells nobody.";
    assert_eq!(said(&page).as_deref(), Some(beforehand));
    let mut form = Form::of(&page, &here);
    let lines: Vec<&str> = form.get("guests").unwrap().lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    let ben = lines[0].to_owned();
    assert!(ben.contains("ben@acme.example"), "{ben}");
    form.set("guests", &format!("Dora <dora@acme.example>\r\n{ben}"));
    save(&mut anna, &form).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    assert_eq!(world.told().await, ["cancellation cleo Canceled: Review", "invitation dora Review"]);
    let there = world.outlook("anna").await.the_only().await;
    assert_eq!(outlook_guest_list(&there), ["ben required accepted", "dora required none"]);
    assert_eq!(crm_guest_list(&world.crm_event(&meeting["id"]).await), ["ben required accepted", "dora required none"]);
    world.sync_each(&EVERYBODY).await;
    assert!(world.crm_events("cleo").await.is_empty());
    world.assert_at_rest(&EVERYBODY).await;
}

#[tokio::test]
async fn a_form_that_is_saved_as_it_is_writes_nothing() {
    let mut meeting = review(&["ben", "cleo", "stranger"]);
    meeting["attendees"].as_array_mut().unwrap().push(json!({"displayName": "Somebody  of sales"}));
    let (world, meeting) = shared(&meeting).await;
    for (login, answer) in [("ben", "accept"), ("cleo", "decline")] {
        let outlook = world.outlook(login).await;
        outlook.answer(outlook.the_only().await["id"].as_str().unwrap(), answer).await;
    }
    world.sync_each(&EVERYBODY).await;
    world.told().await;
    let before = world.crm_event(&meeting["id"]).await;
    let answers = [" required none", "ben required accepted", "cleo required declined", "stranger required none"];
    assert_eq!(crm_guest_list(&before), answers, "{before}");
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let form = form_of(&mut anna, &page_of(&meeting)).await;
    assert_eq!(form.get("guests").unwrap().lines().count(), 4, "{:?}", form.fields);
    save(&mut anna, &form).await;
    assert_eq!(world.crm_event(&meeting["id"]).await, before, "its version is the same, too");
    world.assert_at_rest(&EVERYBODY).await;
}

/// The CRM's own mails and copies, and a row of whoever called the meeting.
#[tokio::test]
async fn where_the_crm_tells_the_guests_the_form_says_so_and_keeps_who_called_the_meeting() {
    let world = World::before_the_connection().await;
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let page = anna.page(NEW).await;
    let beforehand = "When the event is saved, Tandem CRM sends an invitation to every guest.";
    assert_eq!(said(&page).as_deref(), Some(beforehand));
    let form = filled(&mut anna, "Lunch", "cleo@acme.example").await;
    save(&mut anna, &form).await;
    assert_eq!(world.crm_told().await, ["invitation cleo"]);

    let mut meeting = review(&["ben"]);
    let organizer = json!({"email": "anna@acme.example", "type": "organizer", "status": "accepted"});
    meeting["attendees"].as_array_mut().unwrap().push(organizer);
    let meeting = world.crm_create("anna", &meeting).await;
    world.reply(&world.crm_only("ben").await["id"], "tentative").await.ok();
    world.crm_told().await;
    let before = world.crm_event(&meeting["id"]).await;
    let here = page_of(&meeting);
    let form = form_of(&mut anna, &here).await;
    assert_eq!(form.get("guests"), Some("ben@acme.example"));
    save(&mut anna, &form).await;
    assert_eq!(world.crm_event(&meeting["id"]).await, before);
    assert_eq!(world.crm_told().await, [""; 0]);

    let page = anna.page(&format!("{here}/edit")).await;
    let beforehand = "When the event is saved, Tandem CRM sends an invitation to whoever is added, a cancellation to whoever \
                      is removed, and an update to whoever stays, also where nothing but the list has changed.";
    assert_eq!(said(&page).as_deref(), Some(beforehand));
    let mut form = Form::of(&page, &here);
    form.set("guests", "cleo@acme.example");
    save(&mut anna, &form).await;
    assert_eq!(world.crm_told().await, ["cancellation ben", "invitation cleo"]);
    let after = world.crm_event(&meeting["id"]).await;
    assert_eq!(crm_guest_list(&after), ["anna organizer accepted", "cleo required none"]);
    assert!(world.crm_events("ben").await.is_empty());

    let mut form = form_of(&mut anna, &here).await;
    form.set("guests", "cleo@acme.example\r\ndora@globex.example");
    save(&mut anna, &form).await;
    assert_eq!(world.crm_told().await, ["invitation dora@globex.example", "update cleo"]);
}

#[tokio::test]
async fn before_the_first_run_the_form_promises_no_invitation() {
    let world = World::before_the_first_run().await;
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let page = anna.page(NEW).await;
    let beforehand = "The first synchronization tells nobody of it: Microsoft sends the invitations after the next edit \
                      of the event.";
    assert_eq!(said(&page).as_deref(), Some(beforehand));
    let form = filled(&mut anna, "Review", "ben@acme.example").await;
    save(&mut anna, &form).await;
    world.sync("anna").await;
    world.assert_silent().await;
    let here = page_of(&world.crm_only("anna").await);
    let mut form = form_of(&mut anna, &here).await;
    form.set("title", "Retrospective");
    save(&mut anna, &form).await;
    world.sync("anna").await;
    assert_eq!(world.told().await, ["invitation ben Retrospective"]);
}

#[tokio::test]
async fn who_does_not_organize_a_meeting_has_no_field_for_its_guests() {
    let (world, _) = shared(&review(&["ben", "cleo"])).await;
    let copy = world.crm_only("ben").await;
    let here = page_of(&copy);
    let mut ben = Browser::signed_in(&world.crm, "ben").await;
    let page = ben.page(&here).await;
    assert!(page.contains("cleo@acme.example"), "he sees who is invited: {page}");
    let page = ben.page(&format!("{here}/edit")).await;
    assert!(said(&page).is_none() && !page.contains("id=\"guests\""), "{page}");
    let mut form = Form::of(&page, &here);
    assert_eq!(form.get("guests"), None);
    save(&mut ben, &form).await;
    assert_eq!(world.crm_only("ben").await, copy);
    form.set("guests", "ben@acme.example");
    assert_eq!(ben.submit(&form).await.status, 400, "the guests are the organizer's");
    assert_eq!(world.crm_only("ben").await, copy);
    world.assert_at_rest(&EVERYBODY).await;
}

#[tokio::test]
async fn one_day_of_a_series_has_guests_of_its_own_and_the_series_those_of_the_others() {
    let (world, series) = shared(&weekly_meeting(&["ben"])).await;
    let here = page_of(&series);
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let page = anna.page(&format!("{here}/edit?occurrence=2026-03-16T09%3A00%3A00Z&scope=this")).await;
    let mut day = Form::of(&page, &format!("{here}/occurrence"));
    let ben = day.get("guests").unwrap().to_owned();
    assert!(ben.contains("ben@acme.example") && said(&page).is_some(), "{page}");
    // As it is, it is no exception.
    save(&mut anna, &day).await;
    assert_eq!(world.crm_events("anna").await.len(), 1);
    day.set("guests", &format!("{ben}\r\ncleo@acme.example"));
    save(&mut anna, &day).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    assert_eq!(world.told().await, ["invitation cleo Jour fixe on 2026-03-16"]);
    assert_eq!(guests_in_outlook(&world, "2026-03-16").await.len(), 2);

    let mut form = form_of(&mut anna, &here).await;
    assert_eq!(form.get("guests"), Some(ben.as_str()));
    form.set("guests", "dora@acme.example");
    save(&mut anna, &form).await;
    world.sync_each(&EVERYBODY).await;
    assert_eq!(crm_guest_list(&world.crm_event(&series["id"]).await), ["dora required none"]);
    let lists = [("2026-03-09", 1), ("2026-03-16", 2), ("2026-03-23", 1)];
    for (day, guests) in lists {
        assert_eq!(guests_in_outlook(&world, day).await.len(), guests, "{day}");
    }
    // The day that is an event of its own is edited as one.
    let exceptions = world.crm_events("anna").await;
    let own = exceptions.iter().find(|event| !event["recurringEventId"].is_null()).unwrap();
    let here = page_of(own);
    let page = anna.page(&format!("{here}/edit?scope=this")).await;
    let mut day = Form::of(&page, &here);
    assert_eq!(day.get("guests").unwrap().lines().count(), 2);
    day.set("guests", "cleo@acme.example");
    save(&mut anna, &day).await;
    world.sync_each(&EVERYBODY).await;
    assert_eq!(guests_in_outlook(&world, "2026-03-16").await, ["cleo required none"]);
    world.told().await;
    world.assert_at_rest(&EVERYBODY).await;
}

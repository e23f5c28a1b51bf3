//! Before a meeting is saved or deleted on its page, it says whom Microsoft tells of it
//! with the next sync; and it says nothing where nobody is told.

use serde_json::{Value, json};
use tandem_tests::meeting::{EVERYBODY, crm_guests};
use tandem_tests::{Browser, Form, Outlook, World};

use crate::meetings::{review, shared, weekly_meeting};

/// What the three pages of an event say about mails: its own, its form, the question
/// before it is deleted.
async fn said(browser: &mut Browser, event: &Value) -> [bool; 3] {
    let here = format!("/calendar/events/{}", event["id"].as_str().unwrap());
    let mut said = [false; 3];
    let sentences = [
        ("", "An edit or the deletion makes Microsoft send a mail to 2 people with the next sync"),
        ("/edit", "With the next sync, Microsoft sends an update to 2 people, unless nothing but the reminder"),
        ("/delete", "With the next sync, Microsoft sends a cancellation to 2 people."),
    ];
    for (page, (path, sentence)) in said.iter_mut().zip(sentences) {
        let text = without_list(browser.page(&format!("{here}{path}")).await);
        *page = text.contains(sentence);
        assert!(*page || !text.contains("next sync, Microsoft") && !text.contains("Microsoft send"), "{path}: {text}");
    }
    said
}

/// A page without what stands beside the list of guests: that is of whoever will be in it,
/// and in `guest_list`.
fn without_list(page: String) -> String {
    let Some((before, beside)) = page.split_once("<span id=\"guests-told\">") else { return page };
    format!("{before}{}", beside.split_once("</span>").unwrap().1)
}

const TOLD: [bool; 3] = [true; 3];
const SILENT: [bool; 3] = [false; 3];

/// Meetings that were there before: a first run tells nobody of them, and Microsoft has
/// them without their guests until somebody edits them.
#[tokio::test]
async fn nothing_is_said_of_guests_that_nobody_has_invited_yet() {
    let world = World::before_the_connection().await;
    let meeting = world.crm_create("anna", &review(&["ben", "cleo"])).await;
    for login in EVERYBODY {
        world.connect(login).await;
    }
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    assert_eq!(said(&mut anna, &meeting).await, SILENT, "before the first run");
    world.crm_told().await;
    world.sync("anna").await;
    world.assert_silent().await;
    // They were not invited, and the next edit does it.
    let here = format!("/calendar/events/{}", meeting["id"].as_str().unwrap());
    let page = anna.page(&here).await;
    assert!(page.contains("An edit makes Microsoft send a mail to 2 people with the next sync"), "{page}");
    let question = anna.page(&format!("{here}/delete")).await;
    assert!(question.contains("a cancellation to those guests whom it has invited."), "{question}");
    anna.press(&question, &format!("{here}/delete")).await;
    world.sync("anna").await;
    world.assert_silent().await;
}

#[tokio::test]
async fn what_was_saved_without_telling_anybody_is_told_with_the_next_edit() {
    let (world, _) = shared(&review(&["ben"])).await;
    let mut quiet = review(&["ben"]);
    quiet["title"] = json!("Quiet");
    quiet["notifyAttendees"] = json!("none");
    let quiet = world.crm_create("anna", &quiet).await;
    let here = format!("/calendar/events/{}", quiet["id"].as_str().unwrap());
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let page = anna.page(&here).await;
    assert!(page.contains("An edit makes Microsoft send an invitation to 1 person with the next sync."), "{page}");
    world.sync("anna").await;
    world.assert_silent().await;
    let page = anna.page(&here).await;
    assert!(page.contains("An edit makes Microsoft send a mail to 1 person with the next sync"), "{page}");
    let page = anna.page(&format!("{here}/edit")).await;
    assert!(page.contains("With the next sync, Microsoft sends a mail to 1 person"), "{page}");
    let mut form = Form::of(&page, &here);
    form.set("title", "Loud");
    assert_eq!(anna.submit(&form).await.status, 303);
    let preview = anna.page("/calendar").await;
    let preview = anna.press(&preview, "/calendar/preview").await;
    assert!(preview.contains("Invitation to 1 person"), "{preview}");
    world.sync("anna").await;
    assert_eq!(world.told().await, ["invitation ben Loud"]);
}

#[tokio::test]
async fn what_is_said_is_what_microsoft_then_sends() {
    let (world, meeting) = shared(&review(&["ben", "cleo"])).await;
    let here = format!("/calendar/events/{}", meeting["id"].as_str().unwrap());
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    assert_eq!(said(&mut anna, &meeting).await, TOLD);
    let page = anna.page(&format!("{here}/edit")).await;
    let mut form = Form::of(&page, &here);
    // The reminder is nobody's but hers.
    form.set("reminder", "5");
    assert_eq!(anna.submit(&form).await.status, 303);
    world.sync("anna").await;
    world.assert_silent().await;
    // A form that is drawn once more says it again.
    let page = anna.page(&format!("{here}/edit")).await;
    let mut form = Form::of(&page, &here);
    form.set("title", "");
    let refused = anna.submit(&form).await;
    assert!(refused.text.contains("Microsoft sends an update to 2 people"), "{}", refused.text);
    form.set("title", "Retrospective");
    assert_eq!(anna.submit(&form).await.status, 303);
    world.sync("anna").await;
    assert_eq!(world.told().await, ["update ben Retrospective", "update cleo Retrospective"]);
    world.sync_each(&EVERYBODY).await;
    let question = anna.page(&format!("{here}/delete")).await;
    anna.press(&question, &format!("{here}/delete")).await;
    world.sync("anna").await;
    let told = world.take_mails().await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|mail| mail.starts_with("cancellation ")), "{told:?}");
}

#[tokio::test]
async fn nothing_is_said_where_the_sync_tells_nobody() {
    let (world, meeting) = shared(&review(&["ben", "cleo"])).await;
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let alone = world.crm_create_timed("anna", "Alone", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    assert_eq!(said(&mut anna, &alone).await, SILENT, "no guests");
    // A guest's copy: Microsoft tells its organiser alone, which the page says by itself.
    let copy = world.crm_only("ben").await;
    let mut ben = Browser::signed_in(&world.crm, "ben").await;
    assert_eq!(said(&mut ben, &copy).await, SILENT, "somebody else's");
    let settings = [
        ("calendar.direction", json!("microsoft-to-crm"), json!("bidirectional")),
        ("calendar.enabled", json!(false), json!(true)),
    ];
    for (key, silent, told) in settings {
        world.save("user", "anna", &[(key, silent)]).await.ok();
        assert_eq!(said(&mut anna, &meeting).await, SILENT, "{key}");
        world.save("user", "anna", &[(key, told)]).await.ok();
        assert_eq!(said(&mut anna, &meeting).await, TOLD, "{key}");
    }
    let user = world.app.crm().user_by_login("anna").unwrap().id;
    world.app.crm().hold_first_sync(user).unwrap();
    assert_eq!(said(&mut anna, &meeting).await, SILENT, "the first run tells nobody");
    world.sync("anna").await;
    assert_eq!(said(&mut anna, &meeting).await, TOLD);
    // It is over.
    world.advance(60 * 24 * 3600).await;
    assert_eq!(said(&mut anna, &meeting).await, SILENT, "over");
    world.disconnect("anna").await;
    assert_eq!(said(&mut anna, &meeting).await, SILENT, "not connected");
}

/// What the three pages of an event, that can be left as it is once more, say of mails.
async fn said_of_what_may_fail(browser: &mut Browser, event: &Value) -> String {
    let here = format!("/calendar/events/{}", event["id"].as_str().unwrap());
    let mut said = Vec::new();
    for path in ["", "/edit", "/delete"] {
        let page = without_list(browser.page(&format!("{here}{path}")).await);
        let sentences = page.split(['<', '>']).filter(|text| text.contains("Microsoft send"));
        // The question asks for something before.
        let of_mail = |text: &str| text.rfind("With the next sync").unwrap_or(0);
        said.extend(sentences.map(|text| text[of_mail(text)..].trim().to_owned()));
    }
    said.join("\n")
}

const OF_A_LINKED_ONE: &str = "The deletion makes Microsoft send a mail to 2 people with the next sync; an edit does so if it \
    can be written, unless nothing but the reminder or the list of guests waits to be.\nIf the next sync can write it, Microsoft \
    sends an update to 2 people, unless nothing but the reminder or the list of guests waits to be written.\nWith the next sync, \
    Microsoft sends a cancellation to 2 people.";

/// What is set aside is tried again when it changes; some of it is left again then.
#[tokio::test]
async fn nothing_is_promised_of_an_edit_that_may_be_left_again() {
    let (world, series) = shared(&weekly_meeting(&["ben", "cleo"])).await;
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    // Microsoft's side gets a rule that the CRM cannot hold: an edit of the title waits for it.
    let outlook = world.outlook("anna").await;
    let master = Outlook::only(&outlook.events().await, series["title"].as_str().unwrap());
    let mut recurrence = master["recurrence"].clone();
    recurrence["pattern"] =
        json!({"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["monday", "thursday"], "index": "first"});
    outlook.update(master["id"].as_str().unwrap(), &json!({ "recurrence": recurrence })).await;
    world.sync("anna").await;
    world.told().await;
    assert_eq!(said_of_what_may_fail(&mut anna, &series).await, OF_A_LINKED_ONE);
    world.crm_update(&series["id"], &json!({"title": "Another title"})).await;
    world.sync("anna").await;
    world.assert_silent().await;
    // A rule of the CRM that Microsoft cannot hold: the series is not there.
    let mut rare = weekly_meeting(&["ben", "cleo"]);
    rare["title"] = json!("Rare");
    rare["recurrence"]["interval"] = json!(100);
    let rare = world.crm_create("anna", &rare).await;
    world.sync("anna").await;
    assert_eq!(
        said_of_what_may_fail(&mut anna, &rare).await,
        "If it can be written after an edit, Microsoft sends an invitation to 2 people with the next sync.\nIf the next \
         sync can write it, Microsoft sends an invitation to 2 people."
    );
    world.crm_update(&rare["id"], &json!({"title": "Rarer"})).await;
    world.sync("anna").await;
    world.assert_silent().await;
}

/// What is too large to be compared is set aside alone; everything else of it is written.
#[tokio::test]
async fn what_is_set_aside_for_its_text_alone_is_written_and_told() {
    let (world, meeting) = shared(&review(&["ben", "cleo"])).await;
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let long = format!("<p>{}</p>", "word ".repeat(20_000));
    world.crm_update(&meeting["id"], &json!({"description": long, "notifyAttendees": "none"})).await;
    world.sync("anna").await;
    world.told().await;
    let here = format!("/calendar/events/{}", meeting["id"].as_str().unwrap());
    assert!(anna.page(&here).await.contains("Set aside since"), "its description is");
    assert_eq!(said_of_what_may_fail(&mut anna, &meeting).await, OF_A_LINKED_ONE);
    world.crm_update(&meeting["id"], &json!({"title": "Retrospective"})).await;
    world.sync("anna").await;
    assert_eq!(world.told().await, ["update ben Retrospective", "update cleo Retrospective"]);
}

#[tokio::test]
async fn a_series_and_its_days_say_it_too() {
    let (world, series) = shared(&weekly_meeting(&["ben", "cleo"])).await;
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    assert_eq!(said(&mut anna, &series).await, TOLD);
    let first = series["start"].as_str().unwrap().to_owned();
    let here = format!("/calendar/events/{}", series["id"].as_str().unwrap());
    let encoded: String = first.replace(':', "%3A").replace('+', "%2B");
    let day = anna.page(&format!("{here}?occurrence={encoded}")).await;
    assert!(day.contains("makes Microsoft send a mail to 2 people"), "{day}");
    let question = anna.page(&format!("{here}/delete?occurrence={encoded}")).await;
    assert!(question.contains("Microsoft sends a cancellation to 2 people."), "{question}");
    let form = anna.page(&format!("{here}/edit?occurrence={encoded}&scope=this")).await;
    assert!(form.contains("Microsoft sends an update to 2 people"), "{form}");
    // Of a day that is over nobody is told, of the whole series they are.
    world.advance(10 * 24 * 3600).await;
    let day = anna.page(&format!("{here}?occurrence={encoded}")).await;
    assert!(!day.contains("makes Microsoft send"), "{day}");
    let question = anna.page(&format!("{here}/delete?occurrence={encoded}")).await;
    assert!(question.contains("a cancellation to 2 people for all events."), "{question}");
}

#[tokio::test]
async fn the_question_says_of_a_day_and_of_all_events_whom_each_tells() {
    let (world, series) = shared(&weekly_meeting(&["ben", "cleo"])).await;
    let exception = json!({
        "title": "Jour fixe", "start": "2026-03-16T09:00:00Z", "end": "2026-03-16T10:00:00Z",
        "timeZone": "Europe/Berlin", "attendees": crm_guests(&["ben"]),
        "recurringEventId": series["id"], "originalStart": "2026-03-16T09:00:00Z",
    });
    let exception = world.crm_create("anna", &exception).await;
    world.sync_each(&EVERYBODY).await;
    world.told().await;
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let deletion = format!("/calendar/events/{}/delete", exception["id"].as_str().unwrap());
    let question = anna.page(&deletion).await;
    let said = "Microsoft sends a cancellation to 1 person for this event, or to 2 people for all events.";
    assert!(question.contains(said), "{question}");
    anna.press(&question, &deletion).await;
    world.sync("anna").await;
    assert_eq!(world.told().await, ["cancellation ben Canceled: Jour fixe on 2026-03-16"]);
}

//! What the pages say of linked items: by what the component knows, and not by what
//! looks alike.

use host_harness::app::{App, AppOptions};
use host_harness::web;
use serde_json::{Value, json};
use tandem_tests::form::{has_link, link_to};
use tandem_tests::{Browser, Client, Outlook, START, World, options_on_disk};

const START_AT: &str = "2026-03-10T09:00:00Z";
const END_AT: &str = "2026-03-10T10:00:00Z";

/// The page of an event of the CRM.
fn page_of(event: &Value) -> String {
    format!("/calendar/events/{}", event["id"].as_str().unwrap())
}

/// One event that both sides have.
async fn linked() -> (World, Outlook, Browser, Value, Value) {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let ours = world.crm_create_timed("anna", "Review", START_AT, END_AT).await;
    world.sync("anna").await;
    let theirs = Outlook::only(&outlook.events().await, "Review");
    let browser = Browser::signed_in(&world.crm, "anna").await;
    (world, outlook, browser, ours, theirs)
}

/// How many entries of the month are on both sides, on one alone, and a half that
/// differs.
async fn sides(browser: &mut Browser) -> [usize; 4] {
    sides_of(browser, "2026-03-10").await
}

/// The same of the month with this day.
async fn sides_of(browser: &mut Browser, date: &str) -> [usize; 4] {
    let month = browser.page(&format!("/calendar?view=month&date={date}")).await;
    counts(&month)
}

/// How many entries of a page are on both sides, on one alone, and a half that differs.
fn counts(page: &str) -> [usize; 4] {
    [">Both sides<", ">Only Tandem CRM<", ">Only Microsoft<", ", differs<"].map(|side| page.matches(side).count())
}

#[tokio::test]
async fn linked_entries_are_known_whatever_they_look_like_and_others_are_not() {
    let (world, outlook, mut browser, ours, theirs) = linked().await;
    assert_eq!(sides(&mut browser).await, [1, 0, 0, 0]);
    // What looks the same by chance, and is not linked.
    let alike = world.crm_create_timed("anna", "Alike", START_AT, END_AT).await;
    outlook.create_timed("Alike", "2026-03-10T09:00:00", "2026-03-10T10:00:00").await;
    assert_eq!(sides(&mut browser).await, [1, 1, 1, 0]);
    let list = browser.page("/calendar?view=list").await;
    assert_eq!(list.matches("not present").count(), 2, "{list}");
    let page = browser.page(&page_of(&alike)).await;
    assert!(page.contains("Nothing in Microsoft 365 is linked with it"), "{page}");

    // Neither title nor time in common, and linked all the same.
    let moved = json!({
        "subject": "Another title",
        "start": {"dateTime": "2026-03-19T09:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-03-19T10:00:00", "timeZone": "UTC"},
    });
    outlook.update(theirs["id"].as_str().unwrap(), &moved).await;
    assert_eq!(sides(&mut browser).await, [0, 1, 1, 2], "each half by itself");
    let month = browser.page("/calendar?view=month&date=2026-03-10").await;
    assert!(month.contains("Another title") && month.contains("Review"), "{month}");
    let list = browser.page("/calendar?view=list").await;
    assert_eq!(list.matches(">Differs<").count(), 2, "{list}");
    let page = browser.page(&page_of(&ours)).await;
    assert!(page.contains("Differs in Microsoft 365"), "{page}");
    assert!(page.contains("What was changed after the last sync, the next one brings"), "{page}");
    let entry = link_to(&browser.page("/calendar?date=2026-03-19").await, "/calendar/microsoft?").unwrap();
    let page = browser.page(&entry).await;
    assert!(page.contains("Another title") && has_link(&page, &page_of(&ours)), "{page}");
    assert!(page.contains("Differs in Microsoft 365"), "{page}");

    // Far from each other, and two halves of one all the same.
    let far = json!({
        "start": {"dateTime": "2026-04-21T09:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-04-21T10:00:00", "timeZone": "UTC"},
    });
    outlook.update(theirs["id"].as_str().unwrap(), &far).await;
    assert_eq!(sides(&mut browser).await, [0, 1, 1, 1]);
    assert_eq!(sides_of(&mut browser, "2026-04-10").await, [0, 0, 0, 1]);
    outlook.delete(theirs["id"].as_str().unwrap()).await;
    assert_eq!(sides(&mut browser).await, [0, 2, 1, 0], "gone, and not moved");
}

/// What both sides hold in their own way is the same.
#[tokio::test]
async fn an_event_without_a_subject_is_the_same_on_both_sides() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    outlook.create_timed("", "2026-03-10T09:00:00", "2026-03-10T10:00:00").await;
    world.sync("anna").await;
    let ours = world.crm_events("anna").await.remove(0);
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let page = browser.page(&page_of(&ours)).await;
    assert!(page.contains("(No subject)") && page.contains("It is linked"), "{page}");
    assert_eq!(sides(&mut browser).await, [1, 0, 0, 0]);
}

#[tokio::test]
async fn a_page_says_when_both_sides_agreed_last_and_what_waits() {
    let (world, outlook, mut browser, ours, theirs) = linked().await;
    let agreed = |time: &str| format!("<dt>Both sides agreed last</dt><dd>Mon, 2 Mar 2026, {time}</dd>");
    let last = |time: &str| format!("<dt>Last sync</dt><dd>Mon, 2 Mar 2026, {time}</dd>");
    let page = browser.page(&page_of(&ours)).await;
    assert!(page.contains("It is linked: Tandem CRM and Microsoft 365 have the same item"), "{page}");
    assert!(page.contains(&agreed("09:00")) && page.contains(&last("09:00")), "{page}");

    // A later run finds nothing new of it.
    world.advance(600).await;
    world.sync("anna").await;
    let page = browser.page(&page_of(&ours)).await;
    assert!(page.contains(&agreed("09:00")) && page.contains(&last("09:10")), "{page}");

    // Text that the page does not compare.
    world.advance(60).await;
    world.crm_update(&ours["id"], &json!({"description": "<p>Bring a pen</p>"})).await;
    let entry = link_to(&browser.page("/calendar?date=2026-03-10").await, "/calendar/microsoft?").unwrap();
    for page in [browser.page(&page_of(&ours)).await, browser.page(&entry).await] {
        assert!(page.contains("Waits for the next sync") && page.contains("changed after the last sync"), "{page}");
    }
    world.sync("anna").await;
    for page in [browser.page(&page_of(&ours)).await, browser.page(&entry).await] {
        assert!(page.contains("On both sides") && page.contains(&agreed("09:11")), "{page}");
    }

    // What one direction leaves as it is.
    world.save("system", "0", &[("calendar.direction", json!("crm-to-microsoft"))]).await.ok();
    outlook.update(theirs["id"].as_str().unwrap(), &json!({"subject": "Outlook's own"})).await;
    world.sync("anna").await;
    let page = browser.page(&page_of(&ours)).await;
    assert!(page.contains("Differs in Microsoft 365") && page.contains("because of the direction"), "{page}");
    outlook.delete(theirs["id"].as_str().unwrap()).await;
    let page = browser.page(&page_of(&ours)).await;
    assert!(page.contains("Not in Microsoft 365") && page.contains("The next one decides"), "{page}");
    world.sync("anna").await;
    let page = browser.page(&page_of(&ours)).await;
    assert!(page.contains("Not in Microsoft 365") && page.contains("gives that no effect"), "{page}");
}

#[tokio::test]
async fn the_page_of_microsofts_entry_says_that_its_record_is_gone() {
    let (world, _, mut browser, ours, _) = linked().await;
    let entry = link_to(&browser.page("/calendar?date=2026-03-10").await, "/calendar/microsoft?").unwrap();
    world.crm_delete(&ours["id"]).await;
    let page = browser.page(&entry).await;
    assert!(page.contains("In Microsoft 365 only"), "{page}");
    assert!(page.contains("It was deleted in Tandem CRM after the last sync"), "{page}");
}

/// Whole days, whose zones differ, and days that were moved: each is one with its own.
#[tokio::test]
async fn the_days_of_a_series_are_told_apart_by_the_rule() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let fair = json!({
        "subject": "Fair", "isAllDay": true,
        "start": {"dateTime": "2026-03-09T00:00:00", "timeZone": "W. Europe Standard Time"},
        "end": {"dateTime": "2026-03-10T00:00:00", "timeZone": "W. Europe Standard Time"},
        "recurrence": {
            "pattern": {"type": "daily", "interval": 2},
            "range": {"type": "numbered", "startDate": "2026-03-09", "numberOfOccurrences": 4},
        },
    });
    outlook.create(&fair).await;
    world.crm_create("anna", &crate::series::weekly()).await;
    world.sync("anna").await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    // Four days of the fair, and four Mondays with a meeting (9 to 30 March), of 7.
    assert_eq!(sides(&mut browser).await, [8, 0, 0, 0]);
    let monday = crate::exceptions::occurrence(&outlook, "2026-03-16T09:00").await;
    let moved = json!({
        "subject": "Moved", "start": {"dateTime": "2026-03-17T14:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-03-17T15:00:00", "timeZone": "UTC"},
    });
    outlook.update(&monday, &moved).await;
    assert_eq!(sides(&mut browser).await, [7, 0, 0, 2], "moved there, and not known here yet");
    let gone = crate::exceptions::occurrence(&outlook, "2026-03-23T09:00").await;
    outlook.delete(&gone).await;
    assert_eq!(sides(&mut browser).await, [6, 1, 0, 2]);
    let series = World::only(&world.crm_events("anna").await, "Jour fixe");
    let day = browser.page(&format!("{}?occurrence=2026-03-23T09%3A00%3A00Z", page_of(&series))).await;
    assert!(day.contains("Not in Microsoft 365") && day.contains("does not have this day as it is here"), "{day}");
    let day = browser.page(&format!("{}?occurrence=2026-03-16T09%3A00%3A00Z", page_of(&series))).await;
    assert!(day.contains("Differs in Microsoft 365"), "{day}");
    world.sync("anna").await;
    assert_eq!(sides(&mut browser).await, [7, 0, 0, 0]);
}

/// A series of whole days has the same days on both sides for whoever lives west of
/// Greenwich, and one whose days share a date in UTC has as many as by its clock.
#[tokio::test]
async fn the_days_of_a_series_are_told_apart_in_every_zone() {
    let world = World::empty().await;
    world.configure().await;
    world.add_user_in("anna", "Acme", "America/New_York").await;
    world.connect("anna").await;
    let fair = json!({
        "title": "Fair", "start": "2026-03-09T00:00:00Z", "end": "2026-03-09T23:59:00Z", "allDay": true,
        "timeZone": "America/New_York",
        "recurrence": {"type": "daily", "interval": 2, "startTime": "2026-03-09T00:00:00Z", "occurrences": 4,
            "timeZone": "America/New_York"},
    });
    world.crm_create("anna", &fair).await;
    let night = json!({
        "title": "Night", "start": "2026-03-27T00:30:00Z", "end": "2026-03-27T00:45:00Z", "timeZone": "Europe/Berlin",
        "recurrence": {"type": "daily", "interval": 1, "startTime": "2026-03-27T00:30:00Z", "occurrences": 4,
            "timeZone": "Europe/Berlin"},
    });
    world.crm_create("anna", &night).await;
    world.sync("anna").await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    assert_eq!(sides(&mut browser).await, [8, 0, 0, 0]);
    let series = World::only(&world.crm_events("anna").await, "Fair");
    let day = browser.page(&format!("{}?occurrence=2026-03-11T00%3A00%3A00Z", page_of(&series))).await;
    assert!(day.contains("On both sides"), "{day}");
}

/// A series as a whole at another time: each of its days is a half of one, and none is
/// called gone.
#[tokio::test]
async fn the_days_of_a_series_that_was_moved_on_one_side_are_halves() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    world.crm_create("anna", &crate::series::weekly()).await;
    world.sync("anna").await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    assert_eq!(sides(&mut browser).await, [4, 0, 0, 0]);
    let master = Outlook::only(&outlook.events().await, "Jour fixe");
    let time =
        |clock: &str| json!({"dateTime": format!("2026-03-09T{clock}:00"), "timeZone": "W. Europe Standard Time"});
    outlook.update(master["id"].as_str().unwrap(), &json!({"start": time("11:30"), "end": time("12:30")})).await;
    assert_eq!(sides(&mut browser).await, [0, 0, 0, 8]);
    let page = browser.page("/calendar?view=list&date=2026-03-09").await;
    assert!(!page.contains("not present"), "{page}");
    world.sync("anna").await;
    assert_eq!(sides(&mut browser).await, [4, 0, 0, 0]);
    // From Mondays to Tuesdays: no day is where it was, nor near.
    let day =
        |clock: &str| json!({"dateTime": format!("2026-03-10T{clock}:00"), "timeZone": "W. Europe Standard Time"});
    let tuesdays = json!({
        "start": day("11:30"), "end": day("12:30"),
        "recurrence": {
            "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"], "firstDayOfWeek": "monday"},
            "range": {"type": "numbered", "startDate": "2026-03-10", "numberOfOccurrences": 7},
        },
    });
    outlook.update(master["id"].as_str().unwrap(), &tuesdays).await;
    assert_eq!(sides(&mut browser).await, [0, 0, 0, 8]);
    // Where Microsoft alone has a day: the last one.
    let list = browser.page("/calendar?view=list&date=2026-04-21").await;
    assert!(list.contains("Differs") && !list.contains("not present"), "{list}");
    // As on the pages of the days.
    let series = World::only(&world.crm_events("anna").await, "Jour fixe");
    let ours = browser.page(&format!("{}?occurrence=2026-03-16T10%3A30%3A00Z", page_of(&series))).await;
    assert!(ours.contains("Differs in Microsoft 365"), "{ours}");
    let theirs = crate::exceptions::occurrence(&outlook, "2026-03-17T10:30").await;
    let theirs = browser.page(&format!("/calendar/microsoft?user=anna&date=2026-03-17&id={theirs}")).await;
    assert!(theirs.contains("Differs in Microsoft 365"), "{theirs}");
    world.sync("anna").await;
    assert_eq!(sides(&mut browser).await, [4, 0, 0, 0]);
}

/// In winter both have the same hour: a zone that was changed moves half of the days.
#[tokio::test]
async fn the_days_of_a_series_whose_zone_was_changed_are_halves() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    world.crm_create("anna", &crate::series::weekly()).await;
    world.sync("anna").await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    assert_eq!(sides_of(&mut browser, "2026-04-06").await, [4, 0, 0, 0]);
    let master = Outlook::only(&outlook.events().await, "Jour fixe");
    let time = |clock: &str| json!({"dateTime": format!("2026-03-09T{clock}:00"), "timeZone": "UTC"});
    let mut recurrence = master["recurrence"].clone();
    recurrence["range"]["recurrenceTimeZone"] = json!("UTC");
    let in_utc = json!({"start": time("09:00"), "end": time("10:00"), "recurrence": recurrence});
    outlook.update(master["id"].as_str().unwrap(), &in_utc).await;
    assert_eq!(sides(&mut browser).await, [3, 0, 0, 2], "of March, the last day is one of summer time");
    let ours = World::only(&world.crm_events("anna").await, "Jour fixe");
    let ours = browser.page(&format!("{}?occurrence=2026-04-06T08%3A00%3A00Z", page_of(&ours))).await;
    assert!(ours.contains("Differs in Microsoft 365"), "{ours}");
    let theirs = crate::exceptions::occurrence(&outlook, "2026-04-06T09:00").await;
    let theirs = browser.page(&format!("/calendar/microsoft?user=anna&date=2026-04-06&id={theirs}")).await;
    assert!(theirs.contains("Differs in Microsoft 365"), "{theirs}");
}

/// What lasts for many years is not looked around in all of them.
#[tokio::test]
async fn an_event_of_many_years_leaves_the_lists_and_its_page_readable() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    world.crm_create("anna", &crate::series::weekly()).await;
    world.sync("anna").await;
    let time = |year: u16| json!({"dateTime": format!("{year}-01-01T09:00:00"), "timeZone": "UTC"});
    let long = outlook.create(&json!({"subject": "Sabbatical", "start": time(2015), "end": time(2036)})).await;
    let master = Outlook::only(&outlook.events().await, "Jour fixe");
    let other_time =
        |clock: &str| json!({"dateTime": format!("2026-03-09T{clock}:00"), "timeZone": "W. Europe Standard Time"});
    let moved = json!({"start": other_time("12:00"), "end": other_time("13:00")});
    outlook.update(master["id"].as_str().unwrap(), &moved).await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    for view in ["list", "month", "week"] {
        let page = browser.page(&format!("/calendar?view={view}&date=2026-03-09")).await;
        assert!(page.contains("Sabbatical"), "{view}: {page}");
    }
    let id = long["id"].as_str().unwrap();
    let page = browser.page(&format!("/calendar/microsoft?user=anna&date=2026-03-09&id={id}")).await;
    assert!(page.contains("Sabbatical"), "{page}");
}

#[tokio::test]
async fn a_day_that_was_moved_to_another_month_is_half_of_one_in_both() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let series = world.crm_create("anna", &crate::series::weekly()).await;
    world.sync("anna").await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    // The last day, as none is moved past another one.
    let moved = json!({
        "title": "Jour fixe", "start": "2026-05-05T08:00:00Z", "end": "2026-05-05T09:00:00Z",
        "timeZone": "Europe/Berlin", "recurringEventId": series["id"], "originalStart": "2026-04-20T08:00:00Z",
    });
    world.crm_create("anna", &moved).await;
    // Mondays from 30 March.
    assert_eq!(sides_of(&mut browser, "2026-04-01").await, [3, 0, 0, 1], "Microsoft's half");
    assert_eq!(sides_of(&mut browser, "2026-05-05").await, [0, 0, 0, 1], "the CRM's");
    world.sync("anna").await;
    assert_eq!(sides_of(&mut browser, "2026-04-01").await, [3, 0, 0, 0]);
    assert_eq!(sides_of(&mut browser, "2026-05-05").await, [1, 0, 0, 0]);
    // And the first one.
    let theirs = crate::exceptions::occurrence(&outlook, "2026-03-09T09:00").await;
    let moved = json!({
        "start": {"dateTime": "2026-02-10T09:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-02-10T10:00:00", "timeZone": "UTC"},
    });
    outlook.update(&theirs, &moved).await;
    assert_eq!(sides(&mut browser).await, [3, 0, 0, 1], "the CRM's half");
    assert_eq!(sides_of(&mut browser, "2026-02-10").await, [0, 0, 0, 1], "Microsoft's");
}

/// Nobody but the component can tell it: the pages read nothing of a real Microsoft.
#[tokio::test]
async fn with_a_real_microsoft_a_page_says_what_the_component_knows() {
    let directory = tempfile::tempdir().unwrap();
    let (linked, new) = {
        let world = World::on_disk(directory.path()).await;
        world.configure().await;
        world.add_user("anna", "Acme").await;
        world.connect("anna").await;
        let linked = world.crm_create_timed("anna", "Review", START_AT, END_AT).await;
        world.sync("anna").await;
        let new = world.crm_create_timed("anna", "New", START_AT, END_AT).await;
        (linked, new)
    };
    let options = AppOptions {
        login_url: Some("https://login.microsoftonline.com".to_owned()),
        graph_url: Some("https://graph.microsoft.com/v1.0".to_owned()),
        ..options_on_disk(directory.path(), START.parse().unwrap())
    };
    let app = App::start(options).await.unwrap();
    let crm = Client::new(web::router(app), "127.0.0.1:8080");
    let mut browser = Browser::signed_in(&crm, "anna").await;
    let page = browser.page(&page_of(&linked)).await;
    assert!(page.contains("On both sides") && page.contains("It is linked"), "{page}");
    assert!(page.contains("<dt>Both sides agreed last</dt><dd>Mon, 2 Mar 2026, 09:00</dd>"), "{page}");
    assert!(!page.contains("Open in Microsoft"), "{page}");
    let page = browser.page(&page_of(&new)).await;
    assert!(page.contains("Not in Microsoft 365") && page.contains("Nothing in Microsoft 365 is linked"), "{page}");
    crm.patch(&format!("/api/calendar-events/{}", linked["id"].as_str().unwrap()), &json!({"title": "Later"}))
        .await
        .ok();
    let page = browser.page(&page_of(&linked)).await;
    assert!(page.contains("Waits for the next sync"), "{page}");
    let list = browser.page("/calendar?view=list").await;
    assert!(list.contains("Later") && list.contains("the real Microsoft 365 is used"), "{list}");
}

#[tokio::test]
async fn linked_tasks_are_known_whatever_they_are_called() {
    let world = World::with_tasks().await;
    let todo = world.todo("anna").await;
    let ours = world.crm_task("anna", &json!({"subject": "Call", "dueDate": "2026-03-05T09:00:00Z"})).await;
    world.sync_tasks("anna").await;
    todo.create(&json!({"title": "Call"})).await;
    let linked = todo.tasks().await.into_iter().find(|task| !task["dueDateTime"].is_null()).unwrap();
    todo.update(&linked["id"], &json!({"title": "Phone"})).await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let month = browser.page("/tasks?layout=month&date=2026-03-05").await;
    assert_eq!(counts(&month), [0, 0, 0, 2], "they are called otherwise: {month}");
    let list = browser.page("/tasks").await;
    assert_eq!(list.matches("not present").count(), 1, "the other one of the same name: {list}");
    let page = browser.page(&format!("/tasks/{}", ours["id"].as_str().unwrap())).await;
    assert!(page.contains("Differs in Microsoft 365"), "{page}");
    let there = format!("/tasks/microsoft?user=anna&id={}", linked["id"].as_str().unwrap());
    let page = browser.page(&there).await;
    assert!(page.contains("Phone") && has_link(&page, &format!("/tasks/{}", ours["id"].as_str().unwrap())), "{page}");
    assert!(page.contains("Differs in Microsoft 365"), "{page}");

    // The other half is filtered away, or has no day.
    todo.update(&linked["id"], &json!({"status": "completed"})).await;
    let month = browser.page("/tasks?layout=month&date=2026-03-05").await;
    assert_eq!(counts(&month), [0, 0, 0, 1], "{month}");
    todo.update(&linked["id"], &json!({"status": "notStarted", "dueDateTime": null})).await;
    let month = browser.page("/tasks?layout=month&date=2026-03-05").await;
    assert_eq!(counts(&month), [0, 0, 0, 1], "{month}");
    let due = json!({"dateTime": "2026-03-06T00:00:00", "timeZone": "UTC"});
    todo.update(&linked["id"], &json!({"dueDateTime": due})).await;
    world.crm_task_update(&ours["id"], &json!({"status": "closed"})).await;
    let month = browser.page("/tasks?layout=month&date=2026-03-05").await;
    assert_eq!(counts(&month), [0, 0, 0, 1], "{month}");
}

//! What the page shows before the first run, and what starting it does.

use serde_json::{Value, json};
use tandem_tests::form::has_link;
use tandem_tests::meeting::{COLLEAGUES, EVERYBODY};
use tandem_tests::{Browser, Form, World};

use super::{PAGE, PREVIEW, START, assert_waits, assert_waits_no_more, before, before_with_tasks, connect, waiting};
use crate::meetings::{review, shared};

/// Opens the page and asks for the preview.
async fn preview(browser: &mut Browser) -> String {
    let page = browser.page(PAGE).await;
    browser.press(&page, PREVIEW).await
}

/// The numbers of a table: for each side what is created, changed and deleted.
fn table(page: &str, id: &str) -> Vec<Vec<u32>> {
    let (_, card) = page.split_once(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no `{id}`: {page}"));
    let (card, _) = card.split_once("</table>").unwrap();
    let number = |cell: &str| cell.split(['>', '<']).nth(1).unwrap().parse().unwrap();
    let rows = card.split("<th scope=\"row\">").skip(1);
    rows.map(|row| row.split("<td class=\"number\"").skip(1).map(number).collect()).collect()
}

#[tokio::test]
async fn it_counts_what_would_be_written_on_each_side_and_names_it() {
    let world = before_with_tasks().await;
    // On both sides already.
    world.crm_create_timed("anna", "Same", "2026-03-12T09:00:00Z", "2026-03-12T10:00:00Z").await;
    world.outlook("anna").await.create_timed("Same", "2026-03-12T09:00:00", "2026-03-12T10:00:00").await;
    // The CRM has told its guests, so that Microsoft is not to tell them again.
    world.crm_create("anna", &review(&["ben"])).await;
    assert_eq!(world.crm_told().await, ["invitation ben"]);
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    connect(&world, &mut browser, "anna").await;
    let asked = browser.page(PAGE).await;
    assert!(asked.contains("data-at-once") && asked.contains("data-busy"), "{asked}");
    let page = browser.press(&asked, PREVIEW).await;
    // The one of both sides takes over a reminder.
    assert_eq!(table(&page, "preview-calendar"), [[1, 1, 0], [2, 0, 0]], "{page}");
    assert_eq!(table(&page, "preview-tasks"), [[1, 0, 0], [1, 0, 0]], "{page}");
    for title in ["Ours", "Theirs", "Review", "Call Contoso", "Buy paper"] {
        assert!(page.contains(&format!("<td data-label=\"Title\">{title}</td>")), "{title}: {page}");
    }
    assert!(page.contains("1 item is on both sides already and would be recognized as one"), "{page}");
    assert!(page.contains("No invitation goes out."), "{page}");
    assert!(page.contains("Would be left as it is"), "{page}");
    assert!(page.contains(">Change the settings</a>") && has_link(&page, "/configuration/my"), "{page}");
    assert!(page.contains(">Not now</a>") && has_link(&page, "/configuration/my#microsoft-account"), "{page}");
    assert_waits_nothing_written(&world).await;
    // It is asked once more, not kept.
    assert!(browser.page(PAGE).await.contains("data-at-once"));
}

async fn assert_waits_nothing_written(world: &World) {
    assert!(world.run_due().await.is_empty());
    assert_eq!((world.crm_events("anna").await.len(), world.crm_tasks("anna").await.len()), (3, 1));
}

#[tokio::test]
async fn starting_runs_every_resource_now_and_shows_what_came_of_it() {
    let world = before_with_tasks().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    connect(&world, &mut browser, "anna").await;
    let page = preview(&mut browser).await;
    let page = browser.press(&page, START).await;
    assert!(page.contains("The first synchronization was started."), "{page}");
    for id in ["report-1", "report-2"] {
        assert_eq!(table(&page, id), [[1, 0, 0], [1, 0, 0]], "{page}");
    }
    assert_eq!((world.crm_events("anna").await.len(), world.crm_tasks("anna").await.len()), (2, 2));
    assert_eq!(world.outlook("anna").await.events().await.len(), 2);
    assert_waits_no_more(&world).await;
    let page = browser.page(PAGE).await;
    assert!(page.contains("Everything goes on by itself now."), "{page}");
    assert!(Form::find(&page, START).is_none() && Form::find(&page, PREVIEW).is_none(), "{page}");
}

#[tokio::test]
async fn pressed_twice_it_runs_once() {
    let (world, mut browser) = waiting().await;
    let form = Form::of(&preview(&mut browser).await, START);
    assert_eq!(browser.submit(&form).await.status, 303);
    world.forget_requests().await;
    assert_eq!(browser.submit(&form).await.status, 303);
    assert_eq!(world.requests().await["count"], 0);
}

#[tokio::test]
async fn not_now_leaves_everything_as_it_is() {
    let (world, mut browser) = waiting().await;
    preview(&mut browser).await;
    let page = browser.page("/configuration/my").await;
    assert!(page.contains("waits for your confirmation"), "{page}");
    assert_waits(&world).await;
}

#[tokio::test]
async fn other_settings_lead_to_another_preview() {
    let (world, mut browser) = waiting().await;
    assert_eq!(table(&preview(&mut browser).await, "preview-calendar"), [[1, 0, 0], [1, 0, 0]]);
    world.save("user", "anna", &[("calendar.direction", json!("microsoft-to-crm"))]).await.ok();
    assert_eq!(table(&preview(&mut browser).await, "preview-calendar"), [[1, 0, 0], [0, 0, 0]]);
    world.save("user", "anna", &[("calendar.enabled", json!(false))]).await.ok();
    let page = browser.page(PAGE).await;
    assert!(page.contains("Neither the calendar nor the tasks are enabled"), "{page}");
}

/// A setting of the page: its value, where it comes from, and what is said of it.
fn setting(page: &str, label: &str) -> String {
    let (_, settings) = page.split_once("id=\"settings\"").unwrap_or_else(|| panic!("no settings: {page}"));
    let (_, found) =
        settings.split_once(&format!("<dt>{label}</dt><dd>")).unwrap_or_else(|| panic!("no `{label}`: {settings}"));
    let found = found.split("</dd>").next().unwrap().replace("&#x27;", "'");
    found.replace("<span class=\"muted small source\">", " | ").replace("</span>", "")
}

#[tokio::test]
async fn the_settings_that_are_confirmed_are_shown_and_where_each_comes_from() {
    let (world, mut browser) = waiting().await;
    let page = preview(&mut browser).await;
    assert_eq!(setting(&page, "Past Days"), "365 days | From the built-in default");
    assert_eq!(setting(&page, "Conflict Resolution"), "Tandem CRM always wins | From the built-in default");
    for unwanted in ["Client Secret", "Redirect URI", "Enable Calendar Sync"] {
        assert!(!page.contains(unwanted), "not a user's setting: {unwanted}: {page}");
    }
    world.save("organization", "Acme", &[("sync.window-past-days", json!(7))]).await.ok();
    world.save("user", "anna", &[("calendar.direction", json!("microsoft-to-crm"))]).await.ok();
    let page = preview(&mut browser).await;
    assert_eq!(setting(&page, "Past Days"), "7 days | From the organization's configuration");
    assert!(setting(&page, "Sync Direction").ends_with(" | From the user's configuration"), "{page}");
    let (_, settings) = page.split_once("id=\"settings\"").unwrap();
    let (calendar, _) = settings.split_once("<h3>Tasks").unwrap_or((settings, ""));
    assert!(!calendar.contains("Conflict Resolution"), "one side wins anyway: {calendar}");
    let all_lists = "No | From the built-in default";
    assert_eq!(setting(&page, "Synchronize All Lists"), all_lists, "what is off is agreed to as well");
    assert!(!page.contains("<dt>Task List</dt>"), "a name that is not given is the usual one: {page}");
    // What the system has off is told beside the switch that changes nothing.
    assert!(setting(&page, "Enabled").starts_with("Yes"), "{page}");
    let (_, tasks) = settings.split_once("<dt>Enabled</dt>").unwrap().1.split_once("<dt>Enabled</dt>").unwrap();
    assert!(tasks.split("</dd>").next().unwrap().contains("system configuration"), "{tasks}");
}

/// The wait of somebody who has worked with the account before, so that edits count:
/// this is what a sign-in leaves behind of which the end was lost.
async fn waiting_with_a_meeting() -> (World, Browser, Value) {
    let (world, meeting) = shared(&review(&["ben", "cleo"])).await;
    let anna = world.app.crm().user_by_login("anna").unwrap();
    world.app.crm().hold_first_sync(anna.id).unwrap();
    let browser = Browser::signed_in(&world.crm, "anna").await;
    (world, browser, meeting)
}

#[tokio::test]
async fn more_mails_than_were_shown_are_shown_before_anything_is_sent() {
    let (world, mut browser, meeting) = waiting_with_a_meeting().await;
    let page = preview(&mut browser).await;
    assert!(page.contains("No invitation goes out."), "{page}");
    world.crm_update(&meeting["id"], &json!({"title": "Retrospective"})).await;
    let again = browser.press(&page, START).await;
    assert!(again.contains("more would happen by now than the preview has shown"), "{again}");
    assert!(again.contains("Microsoft would send 2 mails to 2 people."), "{again}");
    assert!(again.contains("Update to 2 people"), "{again}");
    world.assert_silent().await;
    let anna = world.user_id("anna").await;
    assert!(world.run_due().await.iter().all(|run| run.user.to_string() != anna), "it waits on");
    world.assert_silent().await;
    // Seen and started.
    let done = browser.press(&again, START).await;
    assert!(done.contains("The first synchronization was started."), "{done}");
    assert_eq!(world.told().await, ["update ben Retrospective", "update cleo Retrospective"]);
    world.sync_each(&EVERYBODY).await;
    world.assert_at_rest(&COLLEAGUES).await;
}

#[tokio::test]
async fn a_deletion_that_was_not_shown_is_shown_before_it_happens() {
    let (world, mut browser, _) = waiting_with_a_meeting().await;
    let alone = world.outlook("anna").await;
    let page = preview(&mut browser).await;
    let event = alone.the_only().await;
    alone.delete(event["id"].as_str().unwrap()).await;
    world.take_mails().await;
    let again = browser.press(&page, START).await;
    assert!(again.contains("more would happen by now than the preview has shown"), "{again}");
    assert_eq!(table(&again, "preview-calendar"), [[0, 0, 1], [0, 0, 0]], "{again}");
    assert_eq!(world.crm_masters("anna").await.len(), 1);
    browser.press(&again, START).await;
    assert_eq!(world.crm_masters("anna").await.len(), 0);
    world.take_mails().await;
    world.crm_told().await;
}

#[tokio::test]
async fn nothing_is_started_that_nobody_has_seen() {
    let (world, mut browser) = waiting().await;
    let csrf = Form::of(&browser.page(PAGE).await, PREVIEW).get("csrf").unwrap().to_owned();
    assert_eq!(browser.post(START, &[("user", "anna")]).await.status, 403, "no form token");
    assert_eq!(browser.post(START, &[("user", "anna"), ("csrf", &csrf)]).await.status, 303);
    let page = browser.page(PAGE).await;
    assert!(page.contains("no preview of this account was shown in this window"), "{page}");
    assert_waits(&world).await;
    // What was shown to somebody else, or in another window, was not shown here.
    let mut other = Browser::signed_in(&world.crm, "anna").await;
    let form = Form::of(&preview(&mut other).await, START);
    let mut third = Browser::signed_in(&world.crm, "anna").await;
    let csrf = Form::of(&third.page(PAGE).await, PREVIEW).get("csrf").unwrap().to_owned();
    assert_eq!(third.post(&form.action, &[("user", "anna"), ("csrf", &csrf)]).await.status, 303);
    assert_waits(&world).await;
}

#[tokio::test]
async fn microsoft_that_does_not_answer_is_said_and_nothing_is_started() {
    let (world, mut browser) = waiting().await;
    let shown = preview(&mut browser).await;
    let busy = json!([{"match": {"path": "/v1.0/"}, "times": 50, "do": "throttle", "retryAfterSeconds": 120}]);
    world.fault(busy).await;
    let page = browser.press(&shown, START).await;
    assert!(page.contains("cannot be found out at the moment what would happen"), "{page}");
    assert!(page.contains("Microsoft asks for fewer requests at the moment."), "{page}");
    assert!(Form::find(&page, START).is_none() && Form::find(&page, PREVIEW).is_some(), "{page}");
    world.forget_faults().await;
    world.advance(300).await;
    let page = browser.press(&page, PREVIEW).await;
    browser.press(&page, START).await;
    assert_waits_no_more(&world).await;
}

#[tokio::test]
async fn what_keeps_the_account_from_working_is_said_with_what_to_do() {
    let world = before().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let page = browser.page(PAGE).await;
    assert!(page.contains("No Microsoft account is connected."), "{page}");
    assert!(has_link(&page, "/configuration/my#microsoft-account"), "{page}");
    connect(&world, &mut browser, "anna").await;
    world.expire("refreshTokens").await;
    world.expire("accessTokens").await;
    world.advance(7200).await;
    world.crm.post("/api/users/anna/microsoft/check", &json!({})).await.ok();
    let page = browser.page(PAGE).await;
    assert!(page.contains("Microsoft no longer accepts the sign-in of this account."), "{page}");
    assert!(Form::find(&page, PREVIEW).is_none(), "{page}");
    connect(&world, &mut browser, "anna").await;
    assert_waits(&world).await;
}

#[tokio::test]
async fn one_resource_without_a_permission_holds_the_other_one_up_in_nothing() {
    let (world, mut browser) = waiting().await;
    world.switch_tasks_on().await;
    let page = preview(&mut browser).await;
    assert!(page.contains("A Microsoft permission is missing."), "{page}");
    assert!(page.contains("Nobody can say yet whether an invitation goes out."), "{page}");
    let done = browser.press(&page, START).await;
    assert!(done.contains("Not everything can be done before somebody acts"), "{done}");
    assert_eq!(world.crm_events("anna").await.len(), 2);
    let later = browser.page(PAGE).await;
    assert!(later.contains("permission is missing") && !later.contains("Everything goes on by itself"), "{later}");
}

#[tokio::test]
async fn an_administrator_sees_how_many_and_not_what() {
    let (world, _browser) = waiting().await;
    let mut carol = Browser::signed_in(&world.crm, "carol").await;
    let address = format!("{PAGE}?user=anna");
    let status = carol.page("/status").await;
    assert!(has_link(&status, &address), "{status}");
    let page = carol.page(&address).await;
    let page = carol.press(&page, PREVIEW).await;
    assert_eq!(table(&page, "preview-calendar"), [[1, 0, 0], [1, 0, 0]], "{page}");
    assert!(!page.contains("Ours") && !page.contains("Theirs"), "{page}");
    // They are no secret: she finds them where they are entered.
    assert!(page.contains("It counts the items and names none"), "{page}");
    assert!(has_link(&page, "/calendar?user=anna") && has_link(&page, "/tasks?user=anna"), "{page}");
    let calendar = carol.page("/calendar?user=anna&date=2026-03-10").await;
    assert!(calendar.contains("Ours") && calendar.contains("Theirs"), "{calendar}");
    assert!(has_link(&calendar, &address) && !has_link(&calendar, PAGE), "the preview is anna's: {calendar}");
    let done = carol.press(&page, START).await;
    assert!(!done.contains("Ours") && !done.contains("Theirs"), "{done}");
    assert_waits_no_more(&world).await;
}

#[tokio::test]
async fn nobody_else_opens_it() {
    let (world, _browser) = waiting().await;
    world.add_user("ben", "Acme").await;
    world.add_administrator("stranger", "Elsewhere").await;
    for (login, status) in [("ben", 403), ("stranger", 404)] {
        let mut browser = Browser::signed_in(&world.crm, login).await;
        assert_eq!(browser.get(&format!("{PAGE}?user=anna")).await.status, status);
        let own = Form::of(&browser.page("/configuration/my").await, "/configuration/my");
        let csrf = own.get("csrf").unwrap().to_owned();
        for path in [PREVIEW, START] {
            assert_eq!(browser.post(path, &[("user", "anna"), ("csrf", &csrf)]).await.status, status, "{login} {path}");
        }
    }
    assert_waits(&world).await;
}

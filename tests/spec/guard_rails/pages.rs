//! What the user and the administrator see of a guard rail, and do about it.

use serde_json::json;
use tandem_tests::form::has_link;
use tandem_tests::{Browser, Form, World, options_on_disk, tandem};

use super::{At, Kind, assert_deleted, assert_stopped, fill, in_step, the_alert};

/// The action of the form that releases the only alert.
async fn action(world: &World) -> String {
    let alerts = world.alerts().await;
    format!("/alerts/{}/release", alerts[0]["id"].as_str().unwrap())
}

#[tokio::test]
async fn an_administrator_reads_what_will_happen_and_releases_it() {
    let world = in_step(Kind::Events, 20).await;
    world.add_administrator("carol", "Acme").await;
    Kind::Events.delete(&world, At::Microsoft, 12).await;
    assert_stopped(&Kind::Events.sync(&world).await, "too-many-deletions");
    let action = action(&world).await;
    let mut carol = Browser::signed_in(&world.crm, "carol").await;
    let page = carol.page("/alerts").await;
    assert!(page.contains("12 events of 20 would be deleted at once"), "{page}");
    assert!(has_link(&page, &action), "{page}");
    let question = carol.page(&action).await;
    assert!(question.contains("12 events of 20") && question.contains("exactly these are deleted, once"), "{question}");
    let page = carol.press(&question, &action).await;
    assert!(page.contains("The guard rail was released."), "{page}");
    assert!(page.contains("Nothing needs attention."), "{page}");
    assert_deleted(&Kind::Events.sync(&world).await, At::Crm, 12);
}

#[tokio::test]
async fn a_user_sees_it_and_is_told_whom_to_ask() {
    let world = in_step(Kind::Events, 20).await;
    world.add_administrator("carol", "Acme").await;
    world.add_administrator("eve", "Other").await;
    Kind::Events.delete(&world, At::Microsoft, 12).await;
    Kind::Events.sync(&world).await;
    let action = action(&world).await;
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let page = anna.page("/alerts").await;
    assert!(page.contains("Only an administrator can release it"), "{page}");
    assert!(!has_link(&page, &action), "{page}");
    let banner = anna.page("/calendar").await;
    assert!(banner.contains("12 events of 20 would be deleted at once"), "{banner}");
    assert_eq!(anna.get(&action).await.status, 403);
    assert_eq!(anna.post(&action, &[("read", "x")]).await.status, 403, "no form token, and no right");
    let mut eve = Browser::signed_in(&world.crm, "eve").await;
    assert_eq!(eve.get(&action).await.status, 404);
    // Without the token of the page, nobody's browser is believed.
    let mut carol = Browser::signed_in(&world.crm, "carol").await;
    let question = carol.page(&action).await;
    let mut form = Form::of(&question, &action);
    form.set("csrf", "made up");
    assert_eq!(carol.submit(&form).await.status, 403);
    the_alert(&world, Kind::Events, "too-many-deletions").await;
}

#[tokio::test]
async fn what_has_grown_since_it_was_read_is_not_released() {
    let world = in_step(Kind::Events, 30).await;
    world.add_administrator("carol", "Acme").await;
    Kind::Events.delete(&world, At::Crm, 12).await;
    Kind::Events.sync(&world).await;
    let action = action(&world).await;
    let mut carol = Browser::signed_in(&world.crm, "carol").await;
    let question = carol.page(&action).await;
    Kind::Events.delete(&world, At::Crm, 10).await;
    Kind::Events.sync(&world).await;
    let page = carol.press(&question, &action).await;
    assert!(page.contains("What is held back has changed since this was shown."), "{page}");
    assert_stopped(&Kind::Events.sync(&world).await, "too-many-deletions");
}

#[tokio::test]
async fn an_item_that_is_fought_over_is_named_to_its_owner_alone() {
    let world = in_step(Kind::Events, 1).await;
    world.add_administrator("carol", "Acme").await;
    let mut shown = "Item 000".to_owned();
    for run in 0..9 {
        let title = if run % 2 == 0 { "Secret merger" } else { "Quiet merger" };
        Kind::Events.rename(&world, if run % 2 == 0 { At::Crm } else { At::Microsoft }, &shown, title).await;
        title.clone_into(&mut shown);
        Kind::Events.sync(&world).await;
    }
    let alert = the_alert(&world, Kind::Events, "thrash").await;
    assert!(!alert.to_string().contains("merger"), "{alert}");
    let event = World::only(&world.crm_events("anna").await, "Secret merger");
    let href = format!("/calendar/events/{}", event["id"].as_str().unwrap());
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let page = anna.page("/alerts").await;
    assert!(page.contains("Secret merger") && has_link(&page, &href), "{page}");
    assert!(page.contains("10 Mar 2026"), "{page}");
    let page = Browser::signed_in(&world.crm, "carol").await.page("/alerts").await;
    assert!(page.contains("once more with the same values") && !page.contains("merger"), "{page}");
    // The report of the run names it, too, and what is stored of it does not.
    let calendar = anna.page("/calendar").await;
    let report = anna.press(&calendar, "/calendar/sync").await;
    assert!(report.contains(">Secret merger</a>") && has_link(&report, &href), "{report}");
    let stored = world.app.crm().run_history(world.user_id("anna").await.parse().unwrap(), resource(), 1).unwrap();
    assert!(stored[0].report.to_string().contains("thrash"));
    assert!(!stored[0].report.to_string().contains("merger"), "{:?}", stored[0].report);
}

fn resource() -> host_harness::crm::runs::SyncResource {
    host_harness::crm::runs::SyncResource::Calendar
}

#[tokio::test]
async fn the_preview_of_a_page_says_that_nothing_would_be_written_before_a_release() {
    let world = in_step(Kind::Tasks, 20).await;
    Kind::Tasks.delete(&world, At::Microsoft, 12).await;
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let page = anna.page("/tasks").await;
    let page = anna.press(&page, "/tasks/preview").await;
    assert!(page.contains("A guard rail stops it before the first write."), "{page}");
    assert!(page.contains("12 tasks of 20 would be deleted at once"), "{page}");
    assert!(page.contains("Item 003"), "what would be deleted is named: {page}");
}

/// Every title of `count` items is in the report of the preview.
#[track_caller]
fn assert_names_all(page: &str, count: usize) {
    let (_, report) = page.split_once("id=\"report\"").unwrap_or_else(|| panic!("no report: {page}"));
    for number in 0..count {
        let title = format!("<td data-label=\"Title\">Item {number:03}</td>");
        assert!(report.contains(&title), "{title}: {report}");
    }
}

#[tokio::test]
async fn whoever_is_to_release_it_sees_each_item_that_it_holds() {
    // More than a preview lists at once.
    let held = 60;
    let world = in_step(Kind::Events, held).await;
    world.add_administrator("carol", "Acme").await;
    Kind::Events.delete(&world, At::Microsoft, held).await;
    assert_stopped(&Kind::Events.sync(&world).await, "suddenly-empty");
    let action = action(&world).await;
    let mut carol = Browser::signed_in(&world.crm, "carol").await;
    for path in ["/alerts", action.as_str()] {
        let page = carol.page(path).await;
        let preview = carol.press(&page, "/calendar/preview").await;
        assert!(preview.contains("Calendar of anna"), "{path}: {preview}");
        assert!(preview.contains("Show the other 10") && !preview.contains("And 10 more"), "{path}: {preview}");
        assert_names_all(&preview, held);
    }
    // Their owner reads the same of the alert.
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let page = anna.page("/alerts").await;
    let preview = anna.press(&page, "/calendar/preview").await;
    assert_names_all(&preview, held);
    // A release after that lets through what was read.
    let question = carol.page(&action).await;
    assert!(carol.press(&question, &action).await.contains("The guard rail was released."));
    assert_deleted(&Kind::Events.sync(&world).await, At::Crm, held);
}

#[tokio::test]
async fn of_more_than_a_browser_lays_out_at_once_each_item_is_on_some_page() {
    let held = 450;
    let world = in_step(Kind::Tasks, held).await;
    world.add_administrator("carol", "Acme").await;
    Kind::Tasks.delete(&world, At::Microsoft, held).await;
    assert_stopped(&Kind::Tasks.sync(&world).await, "suddenly-empty");
    let mut carol = Browser::signed_in(&world.crm, "carol").await;
    let page = carol.page("/alerts").await;
    let report = carol.press(&page, "/tasks/preview").await;
    let titles = |page: &str| -> Vec<String> {
        let cells = page.split("<td data-label=\"Title\">Item ").skip(1);
        cells.map(|cell| cell.split('<').next().unwrap().to_owned()).collect()
    };
    let expected: Vec<_> = (0..held).map(|number| format!("{number:03}")).collect();
    assert_eq!(titles(&report), expected[..200], "deletions, by their titles");
    assert!(report.contains("Deletions first") && report.contains("And 250 more."), "{report}");
    let first = carol.page("/preview?user=anna&resource=tasks").await;
    let as_of = first.split("<p>").find(|part| part.contains("as both sides were")).unwrap();
    let as_of = as_of.split("</p>").next().unwrap().to_owned();
    // However long ago that was.
    world.advance(3600).await;
    let mut found = Vec::new();
    for number in 1..=3 {
        let at = format!("/preview?user=anna&resource=tasks&page={number}");
        assert!(number > 1 || has_link(&report, &at), "{report}");
        let page = carol.page(&at).await;
        assert!(page.contains(&format!("450 items, page {number} of 3")), "{page}");
        assert!(page.contains(&as_of), "{as_of} in {page}");
        found.extend(titles(&page));
    }
    assert_eq!(found, expected);
    // It is kept for the session that has looked, and nobody else's.
    let anna = Browser::signed_in(&world.crm, "anna").await.page("/preview?resource=tasks").await;
    assert!(anna.contains("No preview is kept") && titles(&anna).is_empty(), "{anna}");
}

#[tokio::test]
async fn of_what_no_guard_rail_holds_a_preview_lists_what_a_person_reads() {
    let world = World::connected().await;
    for number in 0..50 {
        Kind::Events.create(&world, &format!("Item {number:03}")).await;
    }
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let page = anna.page("/calendar").await;
    assert!(!anna.press(&page, "/calendar/preview").await.contains("more.</p>"), "all of it is shown");
    assert!(anna.page("/preview").await.contains("No preview is kept"), "and nothing kept for other pages");
    Kind::Events.create(&world, "Item 050").await;
    let page = anna.press(&page, "/calendar/preview").await;
    assert!(page.contains("And 1 more.") && !page.contains("Show the other"), "{page}");
    assert!(anna.page("/preview").await.contains("51 items"));
}

#[tokio::test]
async fn a_release_says_whose_it_is_and_leads_back_to_where_it_was_asked_for() {
    let world = in_step(Kind::Tasks, 20).await;
    world.add_administrator("carol", "Acme").await;
    Kind::Tasks.delete(&world, At::Crm, 12).await;
    Kind::Tasks.sync(&world).await;
    let action = action(&world).await;
    let status = format!("/status/{}", world.user_id("anna").await);
    let mut carol = Browser::signed_in(&world.crm, "carol").await;
    let page = carol.page(&status).await;
    let href = tandem_tests::form::link_to(&page, &action).unwrap();
    let question = carol.page(&href).await;
    assert!(question.contains("<h1>Release the guard rail: Tasks of anna</h1>"), "{question}");
    assert!(has_link(&question, &status), "Cancel leads back, too: {question}");
    let answer = carol.submit(&Form::of(&question, &action)).await;
    assert_eq!(answer.header("location"), Some(status.as_str()), "{}", answer.text);
    assert!(carol.page(&status).await.contains("The guard rail was released."));
    // Nobody is led elsewhere by an address that somebody has made up.
    let mut form = Form::of(&question, &action);
    form.set("next", "https://elsewhere.example/");
    assert_eq!(carol.submit(&form).await.header("location"), Some("/alerts"));
}

#[tokio::test]
async fn alerts_are_listed_summarised_and_released_from_the_command_line() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::on_disk(directory.path()).await;
    world.configure().await;
    world.switch_tasks_on().await;
    world.add_user("anna", "Acme").await;
    world.connect("anna").await;
    fill(&world, Kind::Events, 20).await;
    Kind::Events.delete(&world, At::Crm, 12).await;
    Kind::Events.sync(&world).await;
    let id = world.alerts().await[0]["id"].as_str().unwrap().to_owned();
    let now = world.now();
    drop(world);
    let data = directory.path().to_str().unwrap();
    let listed = tandem(&["alerts", "--data", data]).await;
    assert_eq!(listed.code, 0, "{listed:?}");
    for words in [
        "anna, calendar: too-many-deletions",
        "12 events of 20",
        &format!("tandem alerts --data {data} --release {id}"),
    ] {
        assert!(listed.out.contains(words), "{words}: {listed:?}");
    }
    let summary = tandem(&["alerts", "--data", data, "--summary"]).await;
    assert!(summary.out.contains("Acme") && summary.out.contains("too-many-deletions"), "{summary:?}");
    let outdated = tandem(&["alerts", "--data", data, "--release", &id, "--read", "12 events."]).await;
    assert_eq!(outdated.code, 1, "more may be held back than was read: {outdated:?}");
    let released = tandem(&["alerts", "--data", data, "--release", &id, "--json"]).await;
    assert_eq!(released.code, 0, "{released:?}");
    let again = tandem(&["alerts", "--data", data, "--release", &id]).await;
    assert_eq!(again.code, 1, "{again:?}");
    assert_eq!(tandem(&["alerts", "--data", data]).await.out, "There are no alerts.\n");
    let resolved = tandem(&["alerts", "--data", data, "--resolved", "--user", "anna", "--json"]).await;
    assert!(resolved.out.contains("\"too-many-deletions\""), "{resolved:?}");
    let world = World::with(options_on_disk(directory.path(), now)).await;
    world.connect("anna").await;
    assert_deleted(&Kind::Events.sync(&world).await, At::Microsoft, 12);
    assert_eq!(world.crm.get("/api/alerts?resolved=true").await.ok()[0]["releasable"], json!(false));
}

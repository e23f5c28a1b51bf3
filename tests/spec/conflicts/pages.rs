//! The pages: the versions field by field, the button with its question, and who
//! may see and press what.

use chrono::{DateTime, TimeDelta, Utc};
use host_harness::crm::notices::{ConflictRule, ConflictSituation, NewConflict, NoticeResource, Winner};
use serde_json::json;
use tandem_tests::form::{has_link, link_to};
use tandem_tests::{Browser, Form, Outlook, World};

use super::{latest, linked, reverse, title_conflict, titles};
use crate::meetings::id;

async fn company() -> (World, Outlook, String) {
    let world = World::connected().await;
    world.add_user("ben", "Acme").await;
    world.add_user("dora", "Globex").await;
    world.add_administrator("admin", "Acme").await;
    world.add_administrator("stranger", "Globex").await;
    let outlook = world.outlook("anna").await;
    let crm = world.crm_create_timed("anna", "Review", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    world.sync("anna").await;
    let m365 = outlook.the_only().await;
    let conflict = title_conflict(&world, &outlook, &crm, &m365).await;
    let path = format!("/conflicts/{}", conflict["id"].to_string().trim_matches('"'));
    (world, outlook, path)
}

#[tokio::test]
async fn a_user_compares_the_versions_asks_and_takes_back_and_finds_it_in_the_list() {
    let (world, outlook, path) = company().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let page = browser.page(&path).await;
    for shown in ["<mark>CRM title</mark>", "<mark>Outlook title</mark>", "Review", "kept", "other version"] {
        assert!(page.contains(shown), "expected `{shown}` in {page}");
    }
    for said in [
        "An event in the calendar of anna",
        "Tandem CRM won: both sides had changed title, and the setting Conflict Resolution says “Tandem CRM always wins”.",
        "The other version is that of Microsoft 365. It takes the place of this one on both sides.",
        "In Tandem CRM: changes title of “CRM title”.",
        "In Microsoft 365: changes title of “CRM title”.",
        "Nobody gets a mail about it.",
    ] {
        assert!(page.contains(said), "expected `{said}` in {page}");
    }
    assert!(has_link(&page, &format!("{path}/reverse")), "{page}");
    let question = browser.page(&format!("{path}/reverse")).await;
    assert!(question.contains("changes title of") && question.contains("Nobody gets a mail"), "{question}");
    assert_eq!(titles(&world, &outlook).await, ["CRM title", "CRM title"], "a question changes nothing");
    let after = browser.press(&question, &format!("{path}/reverse")).await;
    assert!(
        after.contains("The decision was taken back: the other version is used.") && after.contains("Taken back"),
        "{after}"
    );
    assert!(!has_link(&after, &format!("{path}/reverse")), "{after}");
    assert_eq!(titles(&world, &outlook).await, ["Outlook title", "Outlook title"]);
    let shown = ["Tandem CRM", "Microsoft 365", "Used after that"].map(|heading| column(&after, heading).join(" "));
    assert!(shown[0].contains("kept until taken back") && !shown[0].contains("used after that"), "{shown:?}");
    assert!(shown[1].contains(">used after that<") && shown[2].contains("Outlook title"), "{shown:?}");
    let list = browser.page("/conflicts").await;
    assert!(list.contains("Taken back") && list.contains("Chosen by hand"), "{list}");
    assert_eq!(column(&list, "Item"), ["Outlook title", "CRM title"], "each by the title that it led to");

    // Putting it back is a decision of its own, and the first page says what holds then.
    let later = latest(&world).await;
    reverse(&world, &later).await;
    let back = browser.page(&path).await;
    let shown = ["Tandem CRM", "Microsoft 365", "Used after that"].map(|heading| column(&back, heading).join(" "));
    assert!(shown[0].contains(">used after that<") && shown[2].contains("CRM title"), "{shown:?}");
    assert!(!shown[1].contains("badge") && back.contains("what was decided here took its place again."), "{shown:?}");
    assert_eq!(titles(&world, &outlook).await, ["CRM title", "CRM title"]);
    world.assert_at_rest(&["anna"]).await;
}

#[tokio::test]
async fn why_it_is_not_taken_back_stands_on_its_page() {
    let (world, _, path) = company().await;
    let event = world.crm_only("anna").await;
    world.crm_update(&event["id"], &json!({"title": "Edited since"})).await;
    world.sync("anna").await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let answer = browser.get(&format!("{path}/reverse")).await;
    assert_eq!(answer.header("location"), Some(path.as_str()));
    let page = browser.page(&path).await;
    assert!(page.contains("has been edited since (title)"), "{page}");
    assert!(!has_link(&page, &format!("{path}/reverse")), "{page}");
}

#[tokio::test]
async fn a_button_that_was_pressed_before_is_refused_and_one_without_its_question_asks() {
    let (world, outlook, path) = company().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let action = format!("{path}/reverse");
    let question = browser.page(&action).await;
    let form = Form::of(&question.replace("name=\"read\"", "name=\"other\""), &action);
    let unread = browser.submit(&form).await.text;
    assert!(unread.contains("has changed since you have read it"), "{unread}");
    assert_eq!(titles(&world, &outlook).await, ["CRM title", "CRM title"]);
    let after = browser.press(&question, &action).await;
    assert!(after.contains("The decision was taken back"), "{after}");
    let again = browser.press(&question, &action).await;
    assert!(again.contains("The other version is used already."), "{again}");
    assert_eq!(titles(&world, &outlook).await, ["Outlook title", "Outlook title"]);
    assert_eq!(world.conflicts().await.len(), 2);
    world.assert_at_rest(&["anna"]).await;
}

/// A decision of the calendar about an event of this title, made in this minute.
fn decided(title: &str, minute: i64) -> NewConflict {
    NewConflict {
        key: title.to_owned(),
        resource: NoticeResource::Calendar,
        item_id: None,
        external_id: None,
        decided_at: "2026-03-01T09:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute),
        rule: ConflictRule::CrmWins,
        winner: Winner::Crm,
        fields: Vec::new(),
        title: title.to_owned(),
        situation: ConflictSituation::BothEdited,
        reverses: None,
        reversible_until: None,
    }
}

/// The texts of a column of the list.
fn column(page: &str, label: &str) -> Vec<String> {
    let mark = format!("<td data-label=\"{label}\"");
    let cells = page.split(&mark).skip(1).filter_map(|cell| cell.split_once('>')?.1.split("</td>").next());
    cells.map(str::to_owned).collect()
}

/// The only row of the page of the latest conflict: its cells by their headings.
async fn versions(world: &World) -> [(&'static str, String); 4] {
    let conflict = latest(world).await;
    let path = format!("/conflicts/{}", conflict["id"].to_string().trim_matches('"'));
    let page = Browser::signed_in(&world.crm, "anna").await.page(&path).await;
    ["Last agreed", "Tandem CRM", "Microsoft 365", "Became"].map(|heading| {
        let cells = column(&page, heading);
        assert_eq!(cells.len(), 1, "{heading} in {page}");
        (heading, cells[0].clone())
    })
}

#[tokio::test]
async fn the_times_of_both_sides_are_shown_in_the_zone_of_whoever_compares_them() {
    let (world, outlook, crm, m365) = linked().await;
    world.crm_update(&crm["id"], &json!({"start": "2026-03-10T13:00:00Z", "end": "2026-03-10T14:30:00Z"})).await;
    let in_new_york = |at: &str| json!({"dateTime": at, "timeZone": "America/New_York"});
    let moved = json!({"start": in_new_york("2026-03-11T09:00:00"), "end": in_new_york("2026-03-11T10:00:00")});
    outlook.update(id(&m365), &moved).await;
    assert_eq!(world.sync("anna").await["conflicts"], 1);
    let expected = [
        "<span class=\"version\">Tue, 10 Mar 2026, 10:00 – 11:00</span>",
        "<mark>Tue, 10 Mar 2026, 14:00 – 15:30</mark>",
        "<mark>Wed, 11 Mar 2026, 14:00 – 15:00</mark>",
        "<span class=\"version\">Tue, 10 Mar 2026, 14:00 – 15:30</span>",
    ];
    for ((heading, cell), expected) in versions(&world).await.into_iter().zip(expected) {
        assert!(cell.contains(expected), "{heading}: expected `{expected}` in {cell}");
    }
}

#[tokio::test]
async fn the_due_dates_of_both_sides_are_shown_as_days() {
    let world = World::with_tasks().await;
    let task = world.crm_task("anna", &json!({"subject": "Offer", "dueDate": "2026-03-20T17:00:00Z"})).await;
    world.sync_tasks("anna").await;
    let todo = world.todo("anna").await;
    let there = todo.only("Offer").await;
    world.crm_task_update(&task["id"], &json!({"dueDate": "2026-03-25T17:00:00Z"})).await;
    let due = json!({"dueDateTime": {"dateTime": "2026-03-27T00:00:00", "timeZone": "Europe/Berlin"}});
    todo.update(&there["id"], &due).await;
    assert_eq!(world.sync_tasks("anna").await["conflicts"], 1);
    let expected =
        ["Fri, 20 Mar 2026", "<mark>Wed, 25 Mar 2026</mark>", "<mark>Fri, 27 Mar 2026</mark>", "Wed, 25 Mar 2026"];
    for ((heading, cell), expected) in versions(&world).await.into_iter().zip(expected) {
        assert!(cell.contains(expected), "{heading}: expected `{expected}` in {cell}");
    }
}

#[tokio::test]
async fn the_number_in_the_status_is_that_of_the_list_to_which_it_leads() {
    let (world, outlook, crm, m365) = linked().await;
    reverse(&world, &title_conflict(&world, &outlook, &crm, &m365).await).await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let status = browser.page("/status").await;
    let number = column(&status, "Conflicts").remove(0);
    assert!(number.ends_with(">2</a>"), "{number}");
    let list = browser.page("/conflicts?user=anna&resource=calendar").await;
    assert!(number.replace("&amp;", "&").replace("&#x2f;", "/").contains("\"/conflicts?user=anna&resource=calendar\""));
    assert!(list.contains("2 conflicts"), "{list}");
}

#[tokio::test]
async fn thousands_of_conflicts_are_shown_a_page_at_a_time_and_found_by_whose_they_are() {
    let world = World::empty().await;
    for login in ["anna", "ben"] {
        world.add_user(login, "Acme").await;
    }
    world.add_administrator("admin", "Acme").await;
    let crm = world.app.crm();
    for (login, count) in [("anna", 2_000), ("ben", 60)] {
        let made: Vec<NewConflict> =
            (0..count).map(|number| decided(&format!("{login} {number:04}"), number)).collect();
        crm.record_conflicts(&crm.user_by_login(login).unwrap().scope(), &made).unwrap();
    }
    let mut admin = Browser::signed_in(&world.crm, "admin").await;
    let first = admin.page("/conflicts").await;
    assert!(first.contains("2060 conflicts, page 1 of 42"), "{first}");
    assert_eq!(column(&first, "User").len(), 50);
    let next = link_to(&first, "/conflicts?sort=decided&amp;order=desc&amp;page=")
        .or_else(|| link_to(&first, "/conflicts?sort=decided&order=desc&page="));
    let second = admin.page(&next.unwrap().replace("&amp;", "&")).await;
    assert!(second.contains("page 2 of 42") && second.contains("rel=\"prev\""), "{second}");
    let last = admin.page("/conflicts?page=4711").await;
    assert!(last.contains("page 42 of 42") && !last.contains("rel=\"next\""), "{last}");
    assert_eq!(column(&last, "User").len(), 10);

    let of_ben = admin.page("/conflicts?user=ben").await;
    assert!(of_ben.contains("60 conflicts, page 1 of 2") && of_ben.contains("Conflicts of ben"), "{of_ben}");
    let searched = admin.page("/conflicts?q=BEN%40&sort=user&order=asc").await;
    assert!(searched.contains("60 conflicts, page 1 of 2"), "{searched}");
    let nothing = admin.page("/conflicts?q=ben+0001&state=holds&user=ben&page=3").await;
    assert!(nothing.contains("No conflict is like that."), "titles are their user's own: {nothing}");
    assert!(has_link(&nothing, "/conflicts?sort=decided&order=desc&user=ben"), "{nothing}");
    assert!(!nothing.contains("class=\"pager\""), "it is said once: {nothing}");

    let mut ben = Browser::signed_in(&world.crm, "ben").await;
    let own = ben.page("/conflicts?q=BEN+000&order=asc").await;
    let titles: Vec<String> = (0..10).map(|number| format!("ben {number:04}")).collect();
    assert_eq!(column(&own, "Item"), titles);
    assert_eq!(ben.get("/conflicts?user=anna").await.status.as_u16(), 403);
    assert!(ben.page("/").await.contains(">60<"), "the dashboard counts all of them");
}

#[tokio::test]
async fn nobody_but_the_user_sees_or_takes_back_and_no_other_page_can_press_the_button() {
    let (world, outlook, path) = company().await;
    for (login, status) in [("ben", 403), ("admin", 403), ("dora", 404), ("stranger", 404)] {
        let mut browser = Browser::signed_in(&world.crm, login).await;
        for page in [path.clone(), format!("{path}/reverse")] {
            let answer = browser.get(&page).await;
            assert_eq!(answer.status.as_u16(), status, "{login} {page}");
            assert!(!answer.text.contains("Outlook title"), "{login}: {}", answer.text);
            let is_told = answer.text.contains("in the calendar of") && answer.text.contains("CRM always wins");
            assert_eq!(is_told, login == "admin", "{login}: {}", answer.text);
        }
        let list = browser.page("/conflicts").await;
        let token = list.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let answer = browser.post(&format!("{path}/reverse"), &[("csrf", token.as_str())]).await;
        assert_eq!(answer.status.as_u16(), status, "{login} posts");
        assert!(!list.contains("Outlook title") && !list.contains("CRM title"), "{login}: {list}");
    }
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    anna.page(&path).await;
    let forged = world.crm.form(&format!("{path}/reverse"), &[("csrf", "guessed")]).await;
    assert_eq!(forged.status.as_u16(), 403, "without a session and its token");
    let foreign = world.crm.with_header("origin", "https://evil.example");
    let api = format!("/api{path}/reverse");
    let answer = foreign.post(&api, &json!({"user": "anna"})).await;
    assert_eq!(answer.status.as_u16(), 403, "{}", answer.text);
    assert_eq!(titles(&world, &outlook).await, ["CRM title", "CRM title"]);
    assert!(latest(&world).await["askedAt"].is_null());
}

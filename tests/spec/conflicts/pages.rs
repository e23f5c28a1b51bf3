//! The pages: the versions field by field, the button with its question, and who
//! may see and press what.

use serde_json::json;
use tandem_tests::form::has_link;
use tandem_tests::{Browser, Outlook, World};

use super::{latest, title_conflict, titles};

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
    for shown in ["<mark>CRM title</mark>", "<mark>Outlook title</mark>", "Review", "Edited on both sides", "kept"] {
        assert!(page.contains(shown), "expected `{shown}` in {page}");
    }
    for said in [
        "An event in the calendar of anna",
        "“Tandem CRM always wins”: the version of Tandem CRM was kept.",
        "puts the version that was not kept in its place on both sides",
    ] {
        assert!(page.contains(said), "expected `{said}` in {page}");
    }
    assert!(has_link(&page, &format!("{path}/reverse")), "{page}");
    let question = browser.page(&format!("{path}/reverse")).await;
    assert!(question.contains("Changes title of") && question.contains("Nobody gets a mail"), "{question}");
    assert_eq!(titles(&world, &outlook).await, ["CRM title", "CRM title"], "a question changes nothing");
    let after = browser.press(&question, &format!("{path}/reverse")).await;
    assert!(after.contains("The decision was taken back.") && after.contains("Taken back"), "{after}");
    assert!(!has_link(&after, &format!("{path}/reverse")), "{after}");
    assert_eq!(titles(&world, &outlook).await, ["Outlook title", "Outlook title"]);
    let list = browser.page("/conflicts").await;
    assert!(list.contains("Taken back") && list.contains("Taken back by hand"), "{list}");
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

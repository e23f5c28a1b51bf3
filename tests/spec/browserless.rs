//! What the pages answer where a browser asks for something odd, and what they
//! say where something went wrong.

use tandem_tests::{Browser, Form, Outlook, World, tandem};

async fn company() -> World {
    let world = World::empty().await;
    world.add_administrator("admin", "Acme").await;
    world.add_user("anna", "Acme").await;
    world
}

#[tokio::test]
async fn an_address_that_cannot_be_read_gets_a_page_of_its_own() {
    let world = company().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    for path in ["/alerts?resolved=perhaps", "/calendar?date=1&date=2", "/conflicts/%ff", "/configuration/user/%ff"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text);
        assert!(answer.text.contains("<h1>That did not work</h1>"), "{path}: {}", answer.text);
        assert!(answer.text.contains("aria-label=\"Main\""), "{path} keeps the navigation");
    }
}

#[tokio::test]
async fn the_address_of_a_button_says_so_when_it_is_opened() {
    let world = company().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    for path in ["/calendar/sync", "/sign-out", "/calendar/events"] {
        let answer = browser.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, Some("POST")), "{path}");
        assert!(answer.text.contains("This address belongs to a button."), "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_switch_of_a_later_version_does_not_ask_for_what_is_filled_in() {
    // S4
    let world = company().await;
    let mut browser = Browser::signed_in(&world.crm, "admin").await;
    let note = |page: &str, key: &str| {
        let row = page.split(&format!("data-field=\"{key}\"")).nth(1).unwrap().to_owned();
        row.split("data-condition-note").nth(1).unwrap().split("</p>").next().unwrap().to_owned()
    };
    let path = "/configuration/system";
    assert!(note(&browser.page(path).await, "features.mail").contains("Fill in the Azure"));
    world.configure().await;
    let page = browser.page(path).await;
    assert!(note(&page, "features.mail").contains("cannot switch on emails"), "{}", note(&page, "features.mail"));
}

#[tokio::test]
async fn a_refused_page_is_left_by_reset_without_sending_it_again() {
    // S12
    let world = company().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let path = "/configuration/my";
    let mut form = Form::of(&browser.page(path).await, path);
    form.enter("sync.interval-minutes", "0");
    let refused = browser.submit(&form).await;
    assert_eq!(refused.status, 400);
    let dialog = refused.text.split("id=\"reset-dialog\"").nth(1).unwrap();
    assert!(
        dialog.contains("<a class=\"button primary\" href=\"&#x2f;configuration&#x2f;my\" data-discard>"),
        "{dialog}"
    );
}

#[tokio::test]
async fn the_status_page_does_not_pass_an_unconnected_user_off_as_running() {
    let world = company().await;
    world.configure().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let page = browser.page("/status").await;
    assert!(page.contains(">Yes, not connected</span>"), "{page}");
    world.connect("anna").await;
    let page = browser.page("/status").await;
    assert!(page.contains(">Yes</span>") && !page.contains("not connected"), "{page}");
}

#[tokio::test]
async fn a_users_own_conflicts_are_listed_under_the_title_of_their_event() {
    let world = company().await;
    world.configure().await;
    world.connect("anna").await;
    let event = world.crm_create_timed("anna", "Review", "2026-11-24T09:00:00Z", "2026-11-24T10:00:00Z").await;
    world.sync("anna").await;
    let outlook = world.outlook("anna").await;
    let theirs = Outlook::only(&outlook.events().await, "Review");
    world.crm_update(&event["id"], &serde_json::json!({"title": "Review with Northwind"})).await;
    outlook.update(theirs["id"].as_str().unwrap(), &serde_json::json!({"subject": "Review, moved"})).await;
    world.sync("anna").await;

    let own = Browser::signed_in(&world.crm, "anna").await.page("/conflicts").await;
    assert!(own.contains("data-label=\"Item\">Review with Northwind<"), "{own}");
    let administrators = Browser::signed_in(&world.crm, "admin").await.page("/conflicts").await;
    assert!(administrators.contains("Anna") || administrators.contains("anna"), "{administrators}");
    assert!(!administrators.contains("Northwind"), "a title is the user's own: {administrators}");
}

#[tokio::test]
async fn the_readme_shows_what_the_demonstration_prints() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    let shown = readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let ended = tandem(&["demo", "--once"]).await;
    assert_eq!((ended.code, ended.out.as_str()), (0, shown));
}

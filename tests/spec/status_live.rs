//! A page that is open follows those whom it shows, and nobody else.

use serde_json::Value;
use tandem_tests::{Browser, World};

/// What an element of a page has under this name.
fn attribute<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("{name}=\"")).unwrap_or_else(|| panic!("{name}: {page}"));
    rest.split('"').next().unwrap()
}

/// The version that a page carries.
async fn drawn(browser: &mut Browser, path: &str) -> u64 {
    attribute(&browser.page(path).await, "data-live").parse().unwrap()
}

/// The version that is answered to a page that has seen nothing yet.
async fn changed(browser: &mut Browser, user: &str) -> u64 {
    let answer = browser.page(&format!("/status/changes?user={user}&version=0")).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    answer["version"].as_u64().unwrap()
}

#[tokio::test]
async fn the_page_of_a_user_is_drawn_anew_for_that_user_alone() {
    let world = World::connected().await;
    world.add_administrator("root", "Acme").await;
    world.add_user("ben", "Acme").await;
    world.connect("ben").await;
    let of_ben = format!("/status/{}", world.user_id("ben").await);
    let mut root = Browser::signed_in(&world.crm, "root").await;
    world.sync("ben").await;
    let before = drawn(&mut root, &of_ben).await;
    assert!(before > 0, "a run is told");
    world.sync("anna").await;
    assert_eq!(drawn(&mut root, &of_ben).await, before);
    assert_eq!(attribute(&root.page(&of_ben).await, "data-live-user"), "ben");
    assert_eq!(changed(&mut root, "ben").await, before, "nothing has happened to ben");
    // The list shows both.
    let of_all = drawn(&mut root, "/status").await;
    assert!(of_all > before, "{of_all} after {before}");
    assert_eq!(changed(&mut root, "").await, of_all);
    world.sync("ben").await;
    let after = changed(&mut root, "ben").await;
    assert!(after > of_all, "{after} after {of_all}");
    assert_eq!(drawn(&mut root, &of_ben).await, after);
}

#[tokio::test]
async fn nobody_follows_whom_they_may_not_see() {
    let world = World::connected().await;
    world.add_user("ben", "Acme").await;
    world.add_administrator("stranger", "Elsewhere").await;
    world.sync("anna").await;
    let path = "/status/changes?user=anna&version=0";
    // Of another organization it is not said that there is somebody.
    for (login, status) in [("ben", 403), ("stranger", 404)] {
        let mut browser = Browser::signed_in(&world.crm, login).await;
        assert_eq!(browser.get(path).await.status, status, "{login}");
        let of_nobody = "/status/changes?user=nobody&version=0";
        assert_eq!(browser.get(of_nobody).await.status, 404, "{login}");
    }
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    assert!(changed(&mut anna, "anna").await > 0);
}

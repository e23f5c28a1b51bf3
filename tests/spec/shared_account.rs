//! Two users who connect one and the same Microsoft mailbox: nobody is refused, and both
//! are told for whom else it is connected and what that means.

use serde_json::json;
use tandem_tests::{Browser, World};

const BEGIN: &str = "This Microsoft account is also connected for ";

/// The mark in the list of users.
const SHARED: &str = ">Shared Microsoft account<";

/// A user connects the account of somebody's mailbox.
async fn connect_with(world: &World, login: &str, mailbox: &str) {
    let begun = world.crm.post(&format!("/api/users/{login}/microsoft/connect"), &json!({})).await.ok();
    let back = world.decide_at_microsoft(begun["authorizeUrl"].as_str().unwrap(), mailbox, "accept").await;
    let landed = world.crm.get(&back).await;
    assert!(landed.status.is_success(), "{}: {}", landed.status, landed.text);
}

/// Anna with her account, Ben and an administrator beside her, and Quentin elsewhere.
async fn people() -> World {
    let world = World::connected().await;
    world.add_administrator("root", "Acme").await;
    world.add_user("ben", "Acme").await;
    world.add_user("quentin", "Northwind").await;
    world
}

/// For whom else the account of the page is connected; none where nothing is said.
fn said(page: &str) -> Option<String> {
    let (_, rest) = page.split_once(BEGIN)?;
    Some(rest.split_once(".</strong>").unwrap().0.to_owned())
}

/// What the page with their own account says to a user, and what their status says.
async fn told(world: &World, login: &str) -> Option<String> {
    let mut browser = Browser::signed_in(&world.crm, login).await;
    let account = said(&browser.page("/configuration/my").await);
    let status = said(&browser.page(&format!("/status/{}", world.user_id(login).await)).await);
    assert_eq!(account, status, "{login}");
    account
}

#[tokio::test]
async fn both_are_told_for_whom_else_their_account_is_connected_until_one_disconnects() {
    let world = people().await;
    connect_with(&world, "ben", "ben").await;
    assert_eq!((told(&world, "anna").await, told(&world, "ben").await), (None, None));
    // Not the name is compared, but whose mailbox it is: Ben connects Anna's.
    connect_with(&world, "ben", "anna").await;
    assert_eq!(
        (told(&world, "anna").await, told(&world, "ben").await),
        (Some("ben".to_owned()), Some("anna".to_owned()))
    );
    let page = Browser::signed_in(&world.crm, "ben").await.page("/configuration/my").await;
    assert!(page.contains("what you synchronize can reach their calendar and tasks in the CRM as well"), "{page}");
    assert!(page.contains("disconnect it here, or connect another account after that"), "{page}");

    let mut root = Browser::signed_in(&world.crm, "root").await;
    let of_anna = format!("/configuration/user/{}", world.user_id("anna").await);
    let page = root.page(&of_anna).await;
    assert_eq!(said(&page), Some("ben".to_owned()));
    assert!(page.contains("what is synchronized for anna can reach the others"), "{page}");
    assert_eq!(root.page("/users").await.matches(SHARED).count(), 2);

    world.crm.post("/api/users/ben/microsoft/disconnect", &json!({})).await.ok();
    assert_eq!((told(&world, "anna").await, told(&world, "ben").await), (None, None));
    assert_eq!(said(&root.page(&of_anna).await), None);
    assert_eq!(root.page("/users").await.matches(SHARED).count(), 0);
}

#[tokio::test]
async fn nobody_of_another_organization_is_named_or_counted() {
    let world = people().await;
    world.add_user("quirin", "Northwind").await;
    for login in ["quentin", "quirin"] {
        connect_with(&world, login, "anna").await;
    }
    let elsewhere = "somebody of another organization";
    assert_eq!(told(&world, "anna").await, Some(elsewhere.to_owned()));
    let mut root = Browser::signed_in(&world.crm, "root").await;
    let page = root.page(&format!("/configuration/user/{}", world.user_id("anna").await)).await;
    assert_eq!(said(&page), Some(elsewhere.to_owned()));
    for hidden in ["quentin", "Northwind"] {
        assert!(!page.contains(hidden), "{hidden}: {page}");
    }
    assert_eq!(told(&world, "quentin").await, Some(format!("quirin and {elsewhere}")));
    connect_with(&world, "ben", "anna").await;
    assert_eq!(told(&world, "anna").await, Some(format!("ben and {elsewhere}")));
}

#[tokio::test]
async fn what_one_synchronizes_reaches_the_others_crm_as_they_are_told() {
    let world = people().await;
    connect_with(&world, "ben", "anna").await;
    let (start, end) = ("2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z");
    world.crm_create_timed("anna", "Of Anna", start, end).await;
    world.crm_create_timed("ben", "Of Ben", start, end).await;
    for login in ["anna", "ben", "anna"] {
        world.sync(login).await;
    }
    for login in ["anna", "ben"] {
        let mut titles: Vec<_> = world.crm_events(login).await.iter().map(|event| event["title"].clone()).collect();
        titles.sort_by_key(ToString::to_string);
        assert_eq!(titles, ["Of Anna", "Of Ben"], "{login}");
    }
    // What a run has worked with is what is told, however often it runs.
    assert_eq!(
        (told(&world, "anna").await, told(&world, "ben").await),
        (Some("ben".to_owned()), Some("anna".to_owned()))
    );
}

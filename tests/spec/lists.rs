//! The lists of an administrator: users are searched and shown a page at a time, the
//! alerts of one user by themselves, and the dashboard counts what its links show.

use serde_json::json;
use tandem_tests::form::has_link;
use tandem_tests::{Browser, Outlook, World};

/// More than one page of them.
const USERS: usize = 101;

#[tokio::test]
async fn users_are_searched_and_shown_a_page_at_a_time() {
    let world = World::empty().await;
    world.add_administrator("root", "Acme").await;
    for number in 1..USERS {
        world.add_user(&format!("user{number:03}"), "Acme").await;
    }
    world.add_user("elsewhere", "Northwind").await;
    let mut browser = Browser::signed_in(&world.crm, "root").await;
    let page = browser.page("/users").await;
    assert!(page.contains("101 users, page 1 of 2"), "{page}");
    assert_eq!(page.matches(">Configuration<").count(), 100);
    let last = browser.page("/users?page=2").await;
    assert_eq!(last.matches(">Configuration<").count(), 1);
    let found = browser.page("/users?q=USER042").await;
    assert!(found.contains("1 user<") && found.contains("user042"), "{found}");
    let none = browser.page("/users?q=elsewhere").await;
    assert!(none.contains("No user is like that") && has_link(&none, "/users"), "another organization's: {none}");
}

#[tokio::test]
async fn the_number_of_a_users_alerts_leads_to_them_alone() {
    let world = World::connected().await;
    world.add_user("ben", "Acme").await;
    world.add_administrator("root", "Acme").await;
    for login in ["anna", "ben"] {
        world.raise_alert(login, &format!("What {login} has."));
    }
    let mut browser = Browser::signed_in(&world.crm, "root").await;
    let all = browser.page("/alerts").await;
    assert!(all.contains("What anna has.") && all.contains("What ben has."), "{all}");
    assert!(has_link(&browser.page("/status").await, "/alerts?user=anna"));
    let one = browser.page("/alerts?user=anna").await;
    assert!(one.contains("What anna has.") && !one.contains("What ben has."), "{one}");
    assert!(has_link(&one, "/alerts?sort=last&order=desc&user=anna&resolved=true"), "{one}");
    assert!(has_link(&one, "/alerts?sort=last&order=desc"), "{one}");
    assert!(browser.page("/alerts?user=anna&resolved=true").await.contains("No alert was resolved yet."));
}

#[tokio::test]
async fn the_dashboard_counts_the_conflicts_that_its_link_shows() {
    let world = World::connected().await;
    world.add_administrator("root", "Acme").await;
    let outlook = world.outlook("anna").await;
    let ours = world.crm_create_timed("anna", "Review", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    world.sync("anna").await;
    world.crm_update(&ours["id"], &json!({"title": "Review here"})).await;
    let theirs = Outlook::only(&outlook.events().await, "Review");
    outlook.update(theirs["id"].as_str().unwrap(), &json!({"subject": "Review there"})).await;
    world.sync("anna").await;
    assert_eq!(world.conflicts().await.len(), 1);
    for login in ["anna", "root"] {
        let mut browser = Browser::signed_in(&world.crm, login).await;
        let tile = "Conflicts decided</p><p class=\"tile-value\">1</p>";
        assert!(browser.page("/").await.contains(tile), "{login}");
        assert!(browser.page("/conflicts").await.contains("1 conflict"), "{login}");
    }
}

/// What an address asks for that no list knows is no error, and asks for nothing.
#[tokio::test]
async fn a_list_that_is_asked_for_what_it_does_not_know_is_shown_as_it_is() {
    let world = World::connected().await;
    world.add_administrator("root", "Acme").await;
    world.raise_alert("anna", "What anna has.");
    let mut browser = Browser::signed_in(&world.crm, "root").await;
    for path in ["/alerts", "/conflicts", "/status", "/users"] {
        let plain = browser.page(path).await;
        for query in ["page=x", "page=0", "page=2", "sort=colour&order=up", "q=", "colour=red", "state=red"] {
            let page = browser.page(&format!("{path}?{query}")).await;
            assert_eq!(listed(&page), listed(&plain), "{path}?{query}");
        }
    }
    // Whether alerts are over is said in one word.
    assert_eq!(browser.get("/alerts?resolved=1").await.status, 400);
    for (query, link) in
        [("alerts?q=dora", "/alerts?sort=last&order=desc"), ("status?q=dora", "/status?sort=user&order=asc")]
    {
        let page = browser.page(&format!("/{query}")).await;
        assert!(page.contains("Show all") && has_link(&page, link), "{query}: {page}");
        assert!(!page.contains("class=\"pager\""), "{query}: {page}");
    }
}

/// What a list holds: the cells of its table and how many there are.
fn listed(page: &str) -> (Vec<&str>, Option<&str>) {
    let pager = page.split("class=\"pager\"").nth(1).and_then(|rest| rest.split("</span>").next());
    (page.split("<td").skip(1).filter_map(|cell| cell.split("</td>").next()).collect(), pager)
}

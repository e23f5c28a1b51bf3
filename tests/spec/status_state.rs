//! Of many rows, those are seen and found that stand still.

use serde_json::json;
use tandem_tests::form::has_link;
use tandem_tests::{Browser, World};

/// Whose rows a list shows of what is enabled, each with the colour and the words of its
/// badge.
fn enabled(page: &str) -> Vec<(&str, &str, &str)> {
    let rows = page.split("<th scope=\"row\"").skip(1).map(|row| {
        let name = row.split("</a>").next().unwrap().rsplit('>').next().unwrap();
        let badge = row.split("data-label=\"Enabled\"><span class=\"badge ").nth(1).unwrap();
        let (kind, text) = badge.split("</span>").next().unwrap().split_once("\">").unwrap();
        (name, kind, text)
    });
    rows.filter(|(.., text)| *text != "No").collect()
}

/// Of a company, Anna has to sign in again, Ben is in step, Cleo has no account, and
/// Microsoft asks Dora to wait.
async fn company() -> World {
    let world = World::connected().await;
    world.add_administrator("root", "Acme").await;
    for login in ["ben", "cleo", "dora"] {
        world.add_user(login, "Acme").await;
    }
    for login in ["ben", "dora"] {
        world.connect(login).await;
    }
    world.sync("ben").await;
    world
        .fault(json!([{"match": {"path": "calendarView"}, "times": 1, "do": "throttle", "retryAfterSeconds": 300}]))
        .await;
    world.sync("dora").await;
    for what in ["accessTokens", "refreshTokens"] {
        world.expire(what).await;
    }
    world.sync("anna").await;
    world
}

#[tokio::test]
async fn a_row_that_stands_still_is_not_shown_as_one_that_runs() {
    let world = company().await;
    let mut root = Browser::signed_in(&world.crm, "root").await;
    let rows = [
        ("anna", "bad", "Yes, stopped"),
        ("ben", "good", "Yes"),
        ("cleo", "warn", "Yes, not connected"),
        ("dora", "warn", "Yes, waiting"),
        ("root", "warn", "Yes, not connected"),
    ];
    assert_eq!(enabled(&root.page("/status").await), rows);
    for (login, badge) in [("anna", "bad\">Stopped"), ("ben", "good\">Enabled"), ("dora", "warn\">Waiting")] {
        let page = root.page(&format!("/status/{}", world.user_id(login).await)).await;
        assert!(page.contains(&format!(">Calendar</h2><span class=\"badge {badge}</span>")), "{login}: {page}");
    }
}

#[tokio::test]
async fn who_needs_somebody_is_found_among_all() {
    let world = company().await;
    let mut root = Browser::signed_in(&world.crm, "root").await;
    for (state, logins) in
        [("needs-somebody", &["anna"][..]), ("waiting", &["dora"]), ("not-connected", &["cleo", "root"])]
    {
        let page = root.page(&format!("/status?state={state}")).await;
        let found: Vec<_> = enabled(&page).into_iter().map(|(login, ..)| login).collect();
        assert_eq!(found, logins, "{state}");
        assert_eq!(page.matches("<th scope=\"row\"").count(), logins.len(), "nothing that is off: {page}");
        let counted = if logins.len() == 1 { "1 row<" } else { "2 rows<" };
        assert!(page.contains(counted) && page.contains(&format!("value=\"{state}\" selected")), "{page}");
        assert!(has_link(&page, &format!("/status?sort=lag&order=desc&state={state}")), "sorted, it stays so: {page}");
    }
    let none = root.page("/status?state=needs-somebody&q=ben").await;
    assert!(none.contains("Nothing matches.") && has_link(&none, "/status?sort=user&order=asc"), "{none}");
    // Whoever sees their own rows alone may ask, too.
    let mut ben = Browser::signed_in(&world.crm, "ben").await;
    assert!(ben.page("/status?state=needs-somebody").await.contains("Nothing matches."));
}

//! What a page costs: calls of the component, which do not grow with what is on it.

use tandem_tests::{Browser, World};

/// Calls of the component for a page, once everything on it is known.
async fn calls(world: &World, browser: &mut Browser, path: &str) -> u64 {
    browser.page(path).await;
    let before = world.app.calls();
    browser.page(path).await;
    world.app.calls() - before
}

/// One for what holds for everybody, one for the settings that all of them have.
#[tokio::test]
async fn a_status_asks_the_component_as_often_for_many_users_as_for_one() {
    let world = World::connected().await;
    world.add_administrator("admin", "Acme").await;
    world.sync("anna").await;
    let mut browser = Browser::signed_in(&world.crm, "admin").await;
    assert_eq!(calls(&world, &mut browser, "/status").await, 2);
    for number in 0..40 {
        world.add_user(&format!("user{number:02}"), "Acme").await;
    }
    let page = browser.page("/status").await;
    assert!(page.matches("<th scope=\"row\"").count() > 30, "{page}");
    for path in ["/status", "/status?q=user1", "/status?page=2", "/status?sort=lag", "/status?state=not-connected"] {
        assert_eq!(calls(&world, &mut browser, path).await, 2, "{path}");
    }
}

#[tokio::test]
async fn a_calendar_asks_the_component_as_often_for_many_entries_as_for_few() {
    let paths = ["week", "list", "month"].map(|view| format!("/calendar?view={view}&date=2026-03-10"));
    let mut found = Vec::new();
    for entries in [3, 60] {
        let world = World::connected().await;
        for number in 0..entries {
            let minute = format!("2026-03-10T{:02}:{:02}", 8 + number / 12, number % 12 * 5);
            let (start, end) = (format!("{minute}:00Z"), format!("{minute}:30Z"));
            world.crm_create_timed("anna", &format!("Visit {number:02}"), &start, &end).await;
        }
        world.sync("anna").await;
        let mut browser = Browser::signed_in(&world.crm, "anna").await;
        let list = browser.page(&paths[1]).await;
        assert_eq!(list.matches("Present</span>").count(), 2 * entries, "each is on both sides: {list}");
        let mut of_views = Vec::new();
        for path in &paths {
            of_views.push(calls(&world, &mut browser, path).await);
        }
        found.push(of_views);
    }
    assert_eq!(found[0], found[1], "calls for a few entries, and for many");
    assert!(found[0][1] > 0, "what is linked is asked of the component: {found:?}");
}

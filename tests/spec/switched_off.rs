//! A resource that is off: a page names the level that it is off on, and leads whoever
//! can switch it on to where that is done.

use serde_json::json;
use tandem_tests::form::{has_link, tag_with_id};
use tandem_tests::{Browser, Form, World};

/// Anna and an administrator; anna is connected, and the calendar and tasks are on.
async fn company() -> World {
    let world = World::connected_with_tasks().await;
    world.add_administrator("carol", "Acme").await;
    world
}

async fn switch_off(world: &World, level: &str, id: &str, keys: &[&str]) {
    let values: Vec<_> = keys.iter().map(|key| (*key, json!(false))).collect();
    world.save(level, id, &values).await.ok();
}

const FEATURES: [&str; 2] = ["features.calendar", "features.tasks"];

#[tokio::test]
async fn what_is_off_for_everybody_is_not_looked_for_in_the_users_own_settings() {
    let world = company().await;
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let before = anna.page("/calendar").await;
    switch_off(&world, "system", "0", &FEATURES).await;
    let off = "The calendar is off for everybody in the system configuration.";
    let page = anna.page("/calendar").await;
    assert!(page.contains("Calendar events are not synchronized."), "{page}");
    assert!(page.contains(off) && page.contains("Ask an administrator to switch it on there."), "{page}");
    assert!(!has_link(&page, "/configuration/system"), "{page}");
    assert!(anna.page("/tasks").await.contains("Ask an administrator to switch them on there."));
    for action in ["/calendar/sync", "/calendar/preview"] {
        assert!(Form::find(&page, action).is_none(), "{action} in {page}");
    }
    // The report of a run that somebody asks for on a page of before says the same.
    let report = anna.press(&before, "/calendar/sync").await;
    assert_eq!(report.matches(off).count(), 2, "{report}");
    let preview = anna.press(&before, "/calendar/preview").await;
    assert_eq!(preview.matches(off).count(), 2, "{preview}");
    // Who administers is led there instead of being told to ask somebody.
    let mut carol = Browser::signed_in(&world.crm, "carol").await;
    for path in ["/calendar", "/calendar?user=anna", "/first-sync?user=anna"] {
        let page = carol.page(path).await;
        assert!(page.contains("off for everybody in the system configuration."), "{path}: {page}");
        assert!(page.contains(">System Configuration</a></div>"), "{path}: {page}");
        assert!(!page.contains("Ask an administrator"), "{path}: {page}");
    }
}

#[tokio::test]
async fn the_page_of_the_first_run_does_not_send_people_to_settings_that_change_nothing() {
    let world = company().await;
    switch_off(&world, "system", "0", &FEATURES).await;
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let page = anna.page("/first-sync").await;
    assert!(page.contains("Both are off for everybody in the system configuration."), "{page}");
    assert!(page.contains("Ask an administrator to switch them on there."), "{page}");
    assert!(!page.contains("Change the settings"), "{page}");
    // Where a user can do something about one of the two, that is what is said.
    world.save("system", "0", &[("features.tasks", json!(true))]).await.ok();
    switch_off(&world, "user", "anna", &["tasks.enabled"]).await;
    let page = anna.page("/first-sync").await;
    assert!(page.contains(">Change the settings</a>") && !page.contains("Both are off"), "{page}");
}

#[tokio::test]
async fn a_switch_without_effect_says_so_beside_it() {
    let world = company().await;
    let note = "The calendar is off for everybody in the system configuration, so this has no effect.";
    let mut carol = Browser::signed_in(&world.crm, "carol").await;
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    assert!(!anna.page("/configuration/my").await.contains("so this has no effect"));
    switch_off(&world, "system", "0", &FEATURES[..1]).await;
    let page = anna.page("/configuration/my").await;
    assert!(page.contains(note) && page.contains("Ask an administrator to switch it on there."), "{page}");
    assert!(!page.contains("Tasks are off for everybody"), "{page}");
    let control = tag_with_id(&page, "f-calendar-enabled");
    assert!(control.contains("f-calendar-enabled-level"), "it is read out with the switch: {control}");
    let organization =
        tandem_tests::form::link_to(&carol.page("/users").await, "/configuration/organization/").unwrap();
    for path in [organization, format!("/configuration/user/{}", world.user_id("anna").await)] {
        let page = carol.page(&path).await;
        assert!(page.contains(note) && page.contains("Switch it on there."), "{path}: {page}");
    }
    // Where it is switched on, both switches are on the page.
    assert!(!carol.page("/configuration/system").await.contains("so this has no effect"));
    // A save that was refused draws the page once more.
    let mut form = Form::of(&anna.page("/configuration/my").await, "/configuration/my");
    form.enter("sync.interval-minutes", "0");
    let refused = anna.submit(&form).await;
    assert!(refused.status == 400 && refused.text.contains(note), "{}", refused.text);
}

#[tokio::test]
async fn what_a_level_above_has_off_names_that_level() {
    let world = company().await;
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    switch_off(&world, "organization", "Acme", &["calendar.enabled"]).await;
    let page = anna.page("/calendar").await;
    assert!(page.contains("The calendar is not enabled in the organization&#x27;s configuration."), "{page}");
    assert!(page.contains("Enable it in your own settings"), "{page}");
    assert!(page.contains(">My Configuration</a></div>"), "{page}");
    // Which helps.
    world.save("user", "anna", &[("calendar.enabled", json!(true))]).await.ok();
    assert!(!anna.page("/calendar").await.contains("not synchronized"));
    switch_off(&world, "user", "anna", &["calendar.enabled"]).await;
    let page = anna.page("/calendar").await;
    assert!(page.contains("The calendar is not enabled for you. Enable it in your settings."), "{page}");
}

#[tokio::test]
async fn an_administrator_is_led_to_the_settings_of_the_user_whose_page_it_is() {
    let world = company().await;
    switch_off(&world, "user", "anna", &["calendar.enabled", "tasks.enabled"]).await;
    let settings = format!("/configuration/user/{}", world.user_id("anna").await);
    let mut carol = Browser::signed_in(&world.crm, "carol").await;
    for path in ["/calendar?user=anna", "/tasks?user=anna"] {
        let page = carol.page(path).await;
        assert!(page.contains(">User Configuration</a></div>") && has_link(&page, &settings), "{path}: {page}");
    }
}

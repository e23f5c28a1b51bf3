//! Before the first run of an account that was connected on the pages, its user sees
//! what would happen on each side and whom it would tell, and starts it, or changes the
//! settings. Until then nothing runs by itself. When that is, and when it is over, is
//! here; what is shown and started is in `page`.

mod page;

use host_harness::app::{Blocked, Gate, Interruption, Resource};
use serde_json::{Value, json};
use tandem_tests::form::has_link;
use tandem_tests::{Answer, Browser, Form, World, options_on_disk};

use crate::calendar::wrote;

const PAGE: &str = "/first-sync";
const PREVIEW: &str = "/first-sync/preview";
const START: &str = "/first-sync/start";

/// Anna, with an event on each side, and an administrator; nobody is connected.
async fn before() -> World {
    let world = World::empty().await;
    world.configure().await;
    filled(world).await
}

/// The same with tasks, one on each side.
async fn before_with_tasks() -> World {
    let world = World::empty().await;
    world.configure_tasks().await;
    world.save("system", "0", &[("features.calendar", json!(true))]).await.ok();
    let world = filled(world).await;
    world.crm_task("anna", &json!({"subject": "Call Contoso"})).await;
    world.todo("anna").await.create(&json!({"title": "Buy paper"})).await;
    world
}

async fn filled(world: World) -> World {
    world.add_user("anna", "Acme").await;
    world.add_administrator("carol", "Acme").await;
    world.crm_create_timed("anna", "Ours", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    world.outlook("anna").await.create_timed("Theirs", "2026-03-11T09:00:00", "2026-03-11T10:00:00").await;
    world.forget_requests().await;
    world
}

/// Connects anna's account with the button of her configuration, and lands on the
/// page that says so. `as_login` is who signs in at Microsoft.
async fn connect(world: &World, browser: &mut Browser, as_login: &str) -> Answer {
    let back = sent_back(world, browser, as_login).await;
    browser.get(&back).await
}

/// The same until Microsoft sends her back: where to.
async fn sent_back(world: &World, browser: &mut Browser, as_login: &str) -> String {
    let action = format!("/configuration/user/{}/microsoft/connect", world.user_id("anna").await);
    let page = browser.page("/configuration/my").await;
    let csrf = Form::of(&page, "/configuration/my").get("csrf").unwrap().to_owned();
    let sent = browser.post(&action, &[("csrf", csrf.as_str())]).await;
    world.decide_at_microsoft(sent.header("location").unwrap(), as_login, "accept").await
}

/// Anna in her browser, connected and waiting.
async fn waiting() -> (World, Browser) {
    let world = before().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let landed = connect(&world, &mut browser, "anna").await;
    assert!(has_link(&landed.text, PAGE) && landed.text.contains("data-next"), "{}", landed.text);
    (world, browser)
}

/// What the status says that each enabled resource of anna waits for, and when it runs.
async fn waits_for(world: &World) -> Vec<(Value, Value)> {
    let rows = world.crm.get("/api/status").await.ok();
    let is_hers = |row: &&Value| row["user"] == "anna" && row["enabled"] == true;
    let told = |row: &Value| (row["waitsFor"].clone(), row["nextSyncAt"].clone());
    let found: Vec<_> = rows.as_array().unwrap().iter().filter(is_hers).map(told).collect();
    assert!(!found.is_empty(), "{rows}");
    found
}

async fn assert_waits(world: &World) {
    for (what, next) in waits_for(world).await {
        assert_eq!((what, next), (json!("first-sync"), Value::Null));
    }
    for _ in 0..2 {
        assert!(world.run_due().await.is_empty(), "nothing is due before it is confirmed");
        world.advance(3600).await;
    }
    assert_eq!(world.crm_events("anna").await.len(), 1);
    assert_eq!(world.outlook("anna").await.events().await.len(), 1);
}

async fn assert_waits_no_more(world: &World) {
    for (what, next) in waits_for(world).await {
        assert_eq!(what, Value::Null);
        assert!(next.is_string(), "a run is planned");
    }
}

#[tokio::test]
async fn what_is_connected_on_the_pages_waits_until_somebody_confirms_it() {
    let (world, mut browser) = waiting().await;
    assert_waits(&world).await;
    // Nor does a saved setting, a check or a comparison begin it.
    world.save("user", "anna", &[("sync.interval-minutes", json!(5))]).await.ok();
    world.crm.post("/api/users/anna/microsoft/check", &json!({})).await.ok();
    let anna = world.app.crm().user_by_login("anna").unwrap();
    world.app.run_soon(anna.id, Resource::Calendar).unwrap();
    assert_waits(&world).await;
    for path in ["/", "/configuration/my"] {
        let page = browser.page(path).await;
        assert!(page.contains("The first synchronization waits for your confirmation."), "{path}: {page}");
        assert!(has_link(&page, PAGE), "{path}: {page}");
    }
    for path in ["/calendar", "/status"] {
        let page = browser.page(path).await;
        assert!(page.contains("The first synchronization waits for confirmation"), "{path}: {page}");
        assert!(has_link(&page, PAGE), "{path}: {page}");
    }
    let row = world.status("anna").await;
    assert_eq!((&row["lagSeconds"], &row["lastSyncAt"]), (&Value::Null, &Value::Null), "nothing is late");
}

#[tokio::test]
async fn a_wait_outlives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::on_disk(directory.path()).await;
    world.configure().await;
    let world = filled(world).await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    connect(&world, &mut browser, "anna").await;
    let now = world.now();
    drop((world, browser));
    let world = World::with(options_on_disk(directory.path(), now)).await;
    assert_waits(&world).await;
}

#[tokio::test]
async fn whoever_asks_for_a_run_has_decided() {
    // Of one resource, of everything, and with the button of the calendar.
    let asks = ["calendar", "everything", "button"];
    for how in asks {
        let (world, mut browser) = waiting().await;
        let before = world.crm.post("/api/sync", &json!({"user": "anna", "preview": true})).await.ok();
        assert_eq!(before["operations"].as_array().unwrap().len(), 2, "{before}");
        assert_waits(&world).await;
        match how {
            "calendar" => wrote(&world.sync("anna").await, [1, 0, 0], [1, 0, 0]),
            "everything" => {
                let report = world.crm.post("/api/sync", &json!({"user": "anna"})).await.ok();
                wrote(&report, [1, 0, 0], [1, 0, 0]);
            }
            _ => {
                let page = browser.page("/calendar").await;
                // One step is prominent, and it is to look first.
                assert!(has_link(&page, "/first-sync") && page.matches(">Preview<").count() == 1, "{page}");
                assert_eq!((page.matches("primary").count(), page.matches("button primary").count()), (1, 1), "{page}");
                assert!(page.contains("<button>Sync now</button>"), "{page}");
                browser.press(&page, "/calendar/sync").await;
            }
        }
        assert_waits_no_more(&world).await;
        assert_eq!(world.crm_events("anna").await.len(), 2, "{how}");
    }
}

#[tokio::test]
async fn a_run_that_is_asked_for_lets_the_other_resource_go_on_by_itself() {
    let world = before_with_tasks().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    connect(&world, &mut browser, "anna").await;
    assert_waits(&world).await;
    world.sync("anna").await;
    world.run_due().await;
    assert_eq!(world.crm_tasks("anna").await.len(), 2);
    assert_waits_no_more(&world).await;
}

#[tokio::test]
async fn a_connection_without_a_browser_does_not_wait() {
    let world = before().await;
    world.connect("anna").await;
    assert_waits_no_more(&world).await;
    assert_eq!(world.run_due().await.len(), 1);
    assert_eq!(world.crm_events("anna").await.len(), 2);
    // Nor does it go on waiting, where a browser's was replaced by it.
    let (world, _browser) = waiting().await;
    world.connect("anna").await;
    assert_waits_no_more(&world).await;
}

#[tokio::test]
async fn disconnecting_ends_the_wait_and_connecting_begins_it_anew() {
    let (world, mut browser) = waiting().await;
    world.disconnect("anna").await;
    assert_eq!(waits_for(&world).await, [(json!("not-connected"), Value::Null)]);
    let page = browser.page("/configuration/my").await;
    assert!(!page.contains("waits for your confirmation"), "{page}");
    // Nothing of the account was synchronised.
    connect(&world, &mut browser, "anna").await;
    assert_waits(&world).await;
}

#[tokio::test]
async fn the_same_account_never_waits_again() {
    let (world, mut browser) = waiting().await;
    world.sync("anna").await;
    // Its sign-in is not renewed any more.
    world.expire("refreshTokens").await;
    world.expire("accessTokens").await;
    world.advance(7200).await;
    world.run_due().await;
    assert_eq!(world.status("anna").await["waitsFor"], "reconnect-needed");
    let landed = connect(&world, &mut browser, "anna").await;
    assert!(!landed.text.contains("data-next"), "{}", landed.text);
    assert_waits_no_more(&world).await;
    // Nor after it was let go.
    world.disconnect("anna").await;
    connect(&world, &mut browser, "anna").await;
    assert_waits_no_more(&world).await;
    assert_eq!(world.run_due().await.len(), 1);
}

#[tokio::test]
async fn an_account_of_which_there_was_nothing_to_synchronize_does_not_wait_again_either() {
    let world = World::empty().await;
    world.configure().await;
    world.add_user("anna", "Acme").await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    connect(&world, &mut browser, "anna").await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    world.disconnect("anna").await;
    connect(&world, &mut browser, "anna").await;
    assert_waits_no_more(&world).await;
}

#[tokio::test]
async fn another_account_waits_although_the_first_one_was_synchronized() {
    let (world, mut browser) = waiting().await;
    world.sync("anna").await;
    world.add_user("ben", "Acme").await;
    world.disconnect("anna").await;
    connect(&world, &mut browser, "ben").await;
    assert!(world.run_due().await.is_empty());
    assert_eq!(waits_for(&world).await, [(json!("first-sync"), Value::Null)]);
    assert_eq!(world.outlook("ben").await.events().await.len(), 0);
    // Back to the first one, nothing waits.
    connect(&world, &mut browser, "anna").await;
    assert_waits_no_more(&world).await;
}

#[tokio::test]
async fn a_run_that_waits_for_its_turn_confirms_no_account_that_is_connected_meanwhile() {
    let (world, mut browser) = waiting().await;
    world.sync("anna").await;
    world.add_user("ben", "Acme").await;
    let anna = world.app.crm().user_by_login("anna").unwrap();
    let back = sent_back(&world, &mut browser, "ben").await;
    // A run of the first account stops within its step.
    let gate = Gate::default();
    world.app.interrupt_next_step(Some(Interruption::Pause { after: 1, gate: gate.clone() }));
    let app = world.app.clone();
    let run = tokio::spawn(async move { app.sync(anna.id, Resource::Calendar, None).await });
    gate.arrived().await;
    let asked = world.app.sync(anna.id, Resource::Calendar, None);
    let (asked, landed, ()) = tokio::join!(biased; asked, browser.get(&back), async { gate.open() });
    run.await.unwrap().unwrap();
    assert!(asked.is_ok(), "{asked:?}");
    assert!(landed.text.contains("data-next"), "{}", landed.text);
    assert_eq!(waits_for(&world).await, [(json!("first-sync"), Value::Null)]);
    assert_eq!(world.outlook("ben").await.events().await.len(), 0, "nobody has seen what a run of it would do");
}

#[tokio::test]
async fn a_run_that_is_asked_for_while_an_account_is_being_connected_does_not_confirm_it() {
    let (world, mut browser) = waiting().await;
    world.sync("anna").await;
    world.add_user("ben", "Acme").await;
    world.outlook("ben").await.create_timed("Of ben", "2026-03-12T09:00:00", "2026-03-12T10:00:00").await;
    let anna = world.app.crm().user_by_login("anna").unwrap();
    let back = sent_back(&world, &mut browser, "ben").await;
    let asked = async {
        // Nothing waits until the connection has the mailbox, and it still has to ask Microsoft then.
        for turn in 0.. {
            assert!(turn < 1_000_000, "expected the connection to have the first run wait");
            if world.app.first_sync_waits(anna.id).unwrap() {
                break;
            }
            tokio::task::yield_now().await;
        }
        world.app.sync(anna.id, Resource::Calendar, None).await
    };
    let (landed, asked) = tokio::join!(browser.get(&back), asked);
    assert!(landed.text.contains("data-next"), "{}", landed.text);
    assert_eq!(asked.unwrap().blocked, Some(Blocked::FirstSync), "asked while the account was being connected");
    assert_eq!(waits_for(&world).await, [(json!("first-sync"), Value::Null)]);
    assert_eq!(world.crm_events("anna").await.len(), 2, "nobody has seen what a run of it would do");
}

#[tokio::test]
async fn the_page_of_a_user_offers_to_look_first_and_no_run_unseen() {
    let (world, mut browser) = waiting().await;
    let path = format!("/status/{}", world.user_id("anna").await);
    let page = browser.page(&path).await;
    assert!(has_link(&page, PAGE) && !page.contains("Sync now") && !page.contains("Compare everything"), "{page}");
    world.sync("anna").await;
    let page = browser.page(&path).await;
    assert!(!has_link(&page, PAGE) && page.contains("Sync now") && page.contains("Compare everything"), "{page}");
}

#[tokio::test]
async fn a_sign_in_that_is_given_up_leaves_the_wait_as_it_was() {
    let (world, mut browser) = waiting().await;
    let cancel = async |browser: &mut Browser| {
        let action = format!("/configuration/user/{}/microsoft/connect", world.user_id("anna").await);
        let page = browser.page("/configuration/my").await;
        let csrf = Form::of(&page, "/configuration/my").get("csrf").unwrap().to_owned();
        let sent = browser.post(&action, &[("csrf", csrf.as_str())]).await;
        let back = world.decide_at_microsoft(sent.header("location").unwrap(), "anna", "cancel").await;
        assert_eq!(browser.get(&back).await.status, 400);
    };
    cancel(&mut browser).await;
    assert_waits(&world).await;
    world.sync("anna").await;
    cancel(&mut browser).await;
    assert_waits_no_more(&world).await;
}

#[tokio::test]
async fn a_sign_in_that_fails_at_microsoft_leaves_nothing_waiting() {
    let world = before().await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    world.fault(json!([{"match": {"path": "/v1.0/me"}, "times": 50, "do": "unavailable"}])).await;
    let landed = connect(&world, &mut browser, "anna").await;
    assert_eq!(landed.status, 400, "{}", landed.text);
    let anna = world.app.crm().user_by_login("anna").unwrap();
    assert!(!world.app.first_sync_waits(anna.id).unwrap());
    world.forget_faults().await;
    connect(&world, &mut browser, "anna").await;
    assert_waits(&world).await;
}

//! What goes wrong for one user or one caller, and stays there.

use std::future::Future as _;
use std::task::Poll;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::crm::Scope;
use crate::crm::notices::{AlertFilter, AlertKind, AlertOperation, AlertStep, NewAlert, NoticeResource};

/// How long a test waits for what goes on in the background, which takes much
/// less.
const BACKGROUND_TIME_MAX: Duration = Duration::from_secs(30);

/// The application with its data in `directory`, with two connected users.
async fn two_connected(directory: &std::path::Path) -> (App, [User; 2]) {
    let clock = HarnessClock::fixed(start_of_test());
    let data = DataDir::Path(directory.to_owned());
    let app = App::start(AppOptions { data, ..AppOptions::in_memory(clock, 7) }).await.unwrap();
    configure(&app).await;
    let users = ["ada", "ben"].map(|login| user(&app, login));
    for user in &users {
        connect(&app, user).await;
    }
    (app, users)
}

/// Breaks stored data behind the application's back.
fn damage(directory: &std::path::Path, statement: &str) {
    let database = rusqlite::Connection::open(directory.join("crm.sqlite")).unwrap();
    assert!(database.execute(statement, []).unwrap() > 0);
}

async fn control(app: &App, method: &str, path: &str, body: Value) {
    let request = Request::builder().method(method).uri(format!("/_control/{path}"));
    let request = request.body(Body::from(body.to_string())).unwrap();
    let answer = app.microsoft().unwrap().router().oneshot(request).await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
}

fn next_sync_at(app: &App, user: &User) -> Option<DateTime<Utc>> {
    app.crm().sync_state(user.id, Resource::Calendar.stored()).unwrap().next_sync_at
}

#[tokio::test]
async fn a_damaged_state_of_one_user_stops_nobody_elses_runs() {
    let directory = tempfile::tempdir().unwrap();
    let (app, [ada, ben]) = two_connected(directory.path()).await;
    app.run_due().await.unwrap();
    damage(directory.path(), &format!("UPDATE sync_state SET last_report = '{{' WHERE user_id = {}", ada.id));
    app.clock().advance(TimeDelta::minutes(11));
    let due = app.run_due().await.unwrap();
    assert_eq!(due.iter().map(|run| run.user).collect::<Vec<_>>(), [ben.id]);
}

#[tokio::test]
async fn an_account_that_cannot_be_read_does_not_spoil_a_save_for_the_others() {
    let directory = tempfile::tempdir().unwrap();
    let (app, [ada, ben]) = two_connected(directory.path()).await;
    app.run_due().await.unwrap();
    damage(directory.path(), &format!("UPDATE component_state SET value = x'00' WHERE user_id = {}", ada.id));
    let change = set("sync.interval-minutes", SettingValue::Integer(30));
    app.save(&SettingsScope::System, vec![change]).await.unwrap();
    assert_eq!(next_sync_at(&app, &ben), Some(start_of_test() + TimeDelta::minutes(30)));
}

#[tokio::test]
async fn a_check_that_works_again_has_a_parked_mailbox_synchronised_again() {
    let app = configured().await;
    let user = user(&app, "ada");
    connect(&app, &user).await;
    app.run_due().await.unwrap();
    control(&app, "POST", "expire", json!({ "what": "clientSecret" })).await;
    app.clock().advance(TimeDelta::hours(2));
    app.run_due().await.unwrap();
    assert_eq!(next_sync_at(&app, &user), None, "parked");

    register(&app).await;
    assert!(app.check_connection(user.id).await.unwrap().ok);
    assert_eq!(next_sync_at(&app, &user), Some(app.crm().now()));
    let planned = start_of_test() + TimeDelta::days(1);
    app.crm().plan_run(user.id, Resource::Calendar.stored(), Some(planned)).unwrap();
    assert!(app.check_connection(user.id).await.unwrap().ok);
    assert_eq!(next_sync_at(&app, &user), Some(planned), "a check changes no plan that there is");
}

#[tokio::test]
async fn what_a_browser_asked_for_is_done_although_it_has_gone() {
    let app = configured().await;
    let user = user(&app, "ada");
    connect(&app, &user).await;
    // The caller asks once, and is gone before anything else gets a turn.
    let mut asked = Box::pin(app.disconnect(user.id));
    let first = std::future::poll_fn(|context| Poll::Ready(asked.as_mut().poll(context))).await;
    assert!(first.is_pending(), "{first:?}");
    drop(asked);
    let done = async {
        while next_sync_at(&app, &user).is_some() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(BACKGROUND_TIME_MAX, done).await.unwrap();
    assert_eq!(app.account(user.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_large_mailbox_gives_way_to_the_others_and_goes_on() {
    let app = configured().await;
    let user = user(&app, "ada");
    connect(&app, &user).await;
    let token = app.microsoft().unwrap().issue_token(&user.email, &["Calendars.ReadWrite"]).unwrap();
    // One event per page, so that a step gets through few of them.
    control(&app, "POST", "behaviour", json!({ "pageSizeMax": 1 })).await;
    for number in 0..650 {
        let event = json!({
            "subject": format!("Event {number}"),
            "start": { "dateTime": "2027-03-02T09:00:00", "timeZone": "UTC" },
            "end": { "dateTime": "2027-03-02T10:00:00", "timeZone": "UTC" },
        });
        let request = Request::post("/v1.0/me/events")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(event.to_string()))
            .unwrap();
        assert_eq!(app.microsoft().unwrap().router().oneshot(request).await.unwrap().status(), 201);
    }
    let first = app.run_due().await.unwrap();
    let report = first[0].result.as_ref().unwrap();
    assert_eq!(report.next, NextCall::Again, "{} steps", report.steps);
    assert_eq!(next_sync_at(&app, &user), Some(app.crm().now()), "at once, behind whoever waits");
    for _ in 0..10 {
        app.run_due().await.unwrap();
    }
    assert_eq!(app.crm().events_of(user.id).unwrap().len(), 650);
}

#[tokio::test]
async fn serving_forgets_what_is_over_for_longer_than_it_is_kept() {
    let app = app().await;
    let user = user(&app, "ada");
    let scope = Scope::user(user.organization_id, user.id);
    let alert = NewAlert {
        resource: NoticeResource::Account,
        kind: AlertKind::Auth,
        operation: AlertOperation::None,
        step: AlertStep::Authenticate,
        code: "over".to_owned(),
        item_id: None,
        external_id: None,
        message: "It was refused".to_owned(),
        hint: "Connect again".to_owned(),
    };
    app.crm().raise_alerts(&scope, &[alert]).unwrap();
    app.crm().resolve_alerts(&scope, &AlertFilter::default()).unwrap();
    let kept = || app.crm().alerts_of_user(user.id, AlertList::Resolved).unwrap().len();
    app.clock().advance(TimeDelta::days(29));
    app.run_scheduler(std::future::ready(())).await;
    assert_eq!(kept(), 1);
    app.clock().advance(TimeDelta::days(2));
    app.run_scheduler(std::future::ready(())).await;
    assert_eq!(kept(), 0);
}

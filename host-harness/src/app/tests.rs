//! The application with the real component and the emulator, in memory.
//!
//! What a run does with items is specified by the scenarios of the workspace;
//! here is what the service around the component promises.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod forks;
mod resilience;

use std::sync::atomic::Ordering;

use axum::body::Body;
use chrono::{DateTime, TimeDelta, Utc};
use http::{Request, header};
use tandem_runtime::{FailureKind, LoadError};
use tower::ServiceExt as _;
use url::Url;
use url::form_urlencoded::Serializer;

use super::types::{Account, AccountError, Callback, FieldChange, SettingValue, ValueSource};
use super::*;
use crate::clock::HarnessClock;
use crate::crm::UserId;
use crate::crm::meeting::Duties;
use crate::crm::notices::AlertList;
use crate::crm::overview::Whose;
use crate::crm::users::{NewUser, User};
use crate::graph::{NewApp, NewMailbox};

const CLIENT: &str = "11111111-2222-4333-8444-555555555555";
const TENANT: &str = "contoso.example";

fn start_of_test() -> DateTime<Utc> {
    "2027-03-01T09:00:00Z".parse().unwrap()
}

async fn app() -> App {
    App::start(AppOptions::in_memory(HarnessClock::fixed(start_of_test()), 7)).await.unwrap()
}

fn user(app: &App, login: &str) -> User {
    let new = NewUser {
        login: login.to_owned(),
        email: format!("{login}@{TENANT}"),
        display_name: login.to_owned(),
        organization: "Contoso".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        administrator: false,
    };
    let mailbox = NewMailbox {
        user_principal_name: new.email.clone(),
        display_name: login.to_owned(),
        time_zone: "UTC".to_owned(),
        password: None,
    };
    app.microsoft().unwrap().create_mailbox(mailbox).unwrap();
    app.crm().create_user(&new).unwrap()
}

fn set(key: &str, value: SettingValue) -> FieldChange {
    FieldChange { key: key.to_owned(), value, use_parent: false }
}

fn text(value: &str) -> SettingValue {
    SettingValue::Text(value.to_owned())
}

/// An application that is registered, with calendars switched on.
async fn configured() -> App {
    let app = app().await;
    configure(&app).await;
    app
}

async fn register(app: &App) {
    let registration = NewApp {
        client_id: CLIENT.to_owned(),
        client_secret: Some("s3cret~value".to_owned()),
        tenant: TENANT.to_owned(),
        redirect_uris: vec![format!("{}{REDIRECT_PATH}", app.options().crm_url)],
        permissions: app.manifest().await.unwrap().permissions.into_iter().map(|wanted| wanted.name).collect(),
        ..NewApp::default()
    };
    app.microsoft().unwrap().register_app(registration).unwrap();
}

async fn configure(app: &App) {
    register(app).await;
    let changes = vec![
        set("application.client-id", text(CLIENT)),
        set("application.client-secret", text("s3cret~value")),
        set("application.tenant", text(TENANT)),
        set("features.calendar", SettingValue::Boolean(true)),
    ];
    app.save(&SettingsScope::System, changes).await.unwrap();
}

/// What the login sends back when the user agrees.
async fn agree(app: &App, user: &User, url: &str) -> Callback {
    let url = Url::parse(url).unwrap();
    let form = Serializer::new(String::new())
        .extend_pairs(url.query_pairs())
        .append_pair("user", &user.email)
        .append_pair("decision", "accept")
        .finish();
    let request = Request::post(url.path())
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form))
        .unwrap();
    let answer = app.microsoft().unwrap().router().oneshot(request).await.unwrap();
    let back = Url::parse(answer.headers()[header::LOCATION].to_str().unwrap()).unwrap();
    let part = |name: &str| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    Callback {
        state: part("state").unwrap(),
        code: part("code"),
        error: part("error"),
        error_description: part("error_description"),
    }
}

/// Connects without a browser, so that nothing waits to be confirmed.
async fn connect(app: &App, user: &User) -> Account {
    let authorization = app.begin_connect(user.id, None).await.unwrap();
    let callback = agree(app, user, &authorization.url).await;
    let (found, account) = app.finish_connect(None, callback).await.unwrap();
    assert_eq!(found.id, user.id);
    account
}

async fn effective(app: &App, user: &User, key: &str) -> (SettingValue, ValueSource) {
    let settings = app.resolve(&SettingsScope::User(user.id)).await.unwrap();
    let found = settings.into_iter().find(|setting| setting.key == key).unwrap();
    (found.value, found.source)
}

#[tokio::test]
async fn settings_go_through_the_component() {
    let app = app().await;
    let user = user(&app, "ada");
    let key = "sync.interval-minutes";
    assert_eq!(effective(&app, &user, key).await, (SettingValue::Integer(10), ValueSource::Default));
    let organization = SettingsScope::Organization(user.organization_id);
    app.save(&organization, vec![set(key, SettingValue::Integer(30))]).await.unwrap();
    assert_eq!(effective(&app, &user, key).await, (SettingValue::Integer(30), ValueSource::Organization));

    let refused = app.save(&organization, vec![set(key, SettingValue::Integer(1_441))]).await;
    assert!(matches!(&refused, Err(SaveError::Fields(errors)) if errors[0].key == key), "{refused:?}");
    assert_eq!(effective(&app, &user, key).await.0, SettingValue::Integer(30), "a refused save changes nothing");
}

#[tokio::test]
async fn the_client_secret_is_sealed_and_never_shown() {
    let app = configured().await;
    let rows = app.crm().config_rows(crate::crm::config::ConfigLevel::System).unwrap();
    assert_eq!(rows["application.client-secret"].value, crate::crm::config::ConfigValue::Secret);
    let shown = format!("{:?}", app.resolve(&SettingsScope::System).await.unwrap());
    assert!(!shown.contains("s3cret"), "{shown}");
    let changes = vec![set("application.client-secret", text("another~secret"))];
    let outcome = app.save(&SettingsScope::System, changes).await.unwrap();
    assert!(!format!("{outcome:?}").contains("another~secret"), "{outcome:?}");
}

#[tokio::test]
async fn nothing_is_done_without_an_account_and_the_report_says_why() {
    let app = configured().await;
    let user = user(&app, "ada");
    let report = app.sync(user.id, Resource::Calendar, None).await.unwrap();
    assert_eq!(report.blocked, Some(Blocked::NotConnected));
    assert!(report.wrote_nothing());
    assert!(matches!(app.check_connection(user.id).await, Err(AccountFailure::Account(AccountError::NotConnected))));
}

#[tokio::test]
async fn a_connection_is_finished_once_and_by_the_one_who_began_it() {
    let app = configured().await;
    let user = user(&app, "ada");
    let account = connect(&app, &user).await;
    assert_eq!(account.name, user.email);
    assert!(app.check_connection(user.id).await.unwrap().ok);

    let authorization = app.begin_connect(user.id, Some("session")).await.unwrap();
    let callback = agree(&app, &user, &authorization.url).await;
    let stranger = app.finish_connect(Some("another session"), callback.clone()).await;
    assert!(matches!(stranger, Err(AccountFailure::Account(AccountError::InvalidState))), "{stranger:?}");
    // The stranger has not used it up.
    app.finish_connect(Some("session"), callback.clone()).await.unwrap();
    let again = app.finish_connect(Some("session"), callback).await;
    assert!(matches!(again, Err(AccountFailure::UnknownState)), "{again:?}");

    app.disconnect(user.id).await.unwrap();
    assert_eq!(app.account(user.id).await.unwrap(), None);
}

#[tokio::test]
async fn the_scheduler_follows_the_interval_on_the_clock() {
    let app = configured().await;
    let user = user(&app, "ada");
    connect(&app, &user).await;

    let due = app.run_due().await.unwrap();
    assert_eq!(due.len(), 1, "{due:?}");
    assert_eq!(due[0].result.as_ref().unwrap().next, NextCall::Idle);
    assert!(app.run_due().await.unwrap().is_empty(), "the next one is an interval later");
    let rows = app.status(Whose::All).await.unwrap();
    let row = rows.iter().find(|row| row.resource == Resource::Calendar).unwrap();
    assert_eq!(row.last_sync_at, Some(start_of_test()));
    assert_eq!(row.next_sync_at, Some(start_of_test() + TimeDelta::minutes(10)));
    assert!(row.enabled && row.connected && !row.in_progress);

    app.clock().advance(TimeDelta::minutes(11));
    assert_eq!(app.status(Whose::All).await.unwrap()[0].lag_seconds, Some(60));
    assert_eq!(app.run_due().await.unwrap().len(), 1);
}

#[tokio::test]
async fn switching_a_resource_off_plans_no_more_runs_and_on_again_plans_one() {
    let app = configured().await;
    let user = user(&app, "ada");
    connect(&app, &user).await;
    let scope = SettingsScope::User(user.id);
    for enabled in [false, true] {
        let change = set("calendar.enabled", SettingValue::Boolean(enabled));
        app.save(&scope, vec![change]).await.unwrap();
        let row = &app.status(Whose::All).await.unwrap()[0];
        assert_eq!((row.enabled, row.next_sync_at.is_some()), (enabled, enabled));
    }
}

#[tokio::test]
async fn a_run_that_is_torn_down_stops_nobody_else_and_the_next_one_goes_on() {
    let app = configured().await;
    let users = ["ada", "ben", "cleo"].map(|login| user(&app, login));
    for user in &users {
        connect(&app, user).await;
    }
    app.crash_after_host_calls(3);
    let due = app.run_due().await.unwrap();
    let (failed, done): (Vec<_>, Vec<_>) = due.iter().partition(|run| run.result.is_err());
    assert_eq!((failed.len(), done.len()), (1, 2), "{due:?}");
    let failure = failed[0].result.as_ref().unwrap_err();
    assert!(
        matches!(failure, AppError::Plugin(failure) if failure.kind == FailureKind::TornDown { calls: 3 }),
        "{failure}"
    );
    let report = app.sync(failed[0].user, Resource::Calendar, None).await.unwrap();
    assert_eq!(report.next, NextCall::Idle);
    let alerts = app.crm().alerts_of_user(failed[0].user, AlertList::Open).unwrap();
    assert!(alerts.is_empty(), "a wanted crash is not worth an alert: {alerts:?}");
}

#[tokio::test]
async fn two_runs_of_one_mailbox_do_not_overlap() {
    let app = configured().await;
    let user = user(&app, "ada");
    connect(&app, &user).await;
    let claim = crate::crm::runs::Holder::new("another process");
    let lease = TimeDelta::minutes(1);
    app.crm().claim_run(user.id, Resource::Calendar.stored(), &claim, lease).unwrap();
    let refused = app.sync(user.id, Resource::Calendar, None).await;
    assert!(matches!(refused, Err(AppError::Blocked(Blocked::StaleFence))), "{refused:?}");
    assert!(app.crm().release_claim(user.id, &claim).unwrap());
    app.sync(user.id, Resource::Calendar, None).await.unwrap();
}

#[tokio::test]
async fn whoever_waits_for_a_run_begins_none_when_the_application_ends() {
    let app = configured().await;
    let user = user(&app, "ada");
    connect(&app, &user).await;
    let running = app.inner.mailboxes.begin_run(user.id);
    let ends = async {
        app.inner.stopping.store(true, Ordering::Relaxed);
        drop(running);
    };
    let (asked, ()) = tokio::join!(biased; app.sync(user.id, Resource::Calendar, None), ends);
    assert!(matches!(asked, Err(AppError::Blocked(Blocked::StaleFence))), "{asked:?}");
    assert!(app.run_history(user.id, Resource::Calendar, 1).unwrap().is_empty());
}

#[tokio::test]
async fn whoever_asks_is_refused_where_a_run_takes_longer_than_they_wait() {
    let app = configured().await;
    let user = user(&app, "ada");
    connect(&app, &user).await;
    let running = app.inner.mailboxes.begin_run(user.id);
    let refused = app.turn_within(&user, std::time::Duration::ZERO).await;
    assert!(matches!(refused, Err(AppError::Blocked(Blocked::StaleFence))), "{refused:?}");
    drop(running);
    assert!(app.turn_within(&user, std::time::Duration::ZERO).await.is_ok(), "who was refused has left the queue");
}

#[tokio::test]
async fn the_scheduler_ends_when_it_is_told_to() {
    let app = configured().await;
    let user = user(&app, "ada");
    connect(&app, &user).await;
    let mut progress = app.progress();
    let first_step = async move {
        progress.recv().await.unwrap();
    };
    // Returns only because the shutdown is over once the due run made a step.
    app.run_scheduler(first_step).await;
    let row = &app.status(Whose::All).await.unwrap()[0];
    assert!(row.last_sync_at.is_some() && !row.in_progress);
}

#[tokio::test]
async fn one_seed_leads_to_one_authorization() {
    let mut urls = Vec::new();
    for _ in 0..2 {
        let app = configured().await;
        let user = user(&app, "ada");
        urls.push(app.begin_connect(user.id, None).await.unwrap().url);
    }
    assert_eq!(urls[0], urls[1]);
}

#[tokio::test]
async fn what_is_wrong_with_the_options_is_said_before_anything_runs() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("calendar.ics");
    std::fs::write(&path, "BEGIN:VCALENDAR").unwrap();
    let options = || AppOptions::in_memory(HarnessClock::fixed(start_of_test()), 7);
    let error = App::start(AppOptions { plugin: PluginSource::File(path), ..options() }).await.unwrap_err();
    assert!(matches!(error, StartError::Plugin(LoadError::NotWebAssembly)), "{error}");

    let half = AppOptions { graph_url: Some("https://graph.microsoft.com/v1.0".to_owned()), ..options() };
    assert!(matches!(App::start(half).await.unwrap_err(), StartError::HalfReal));

    let wrong = AppOptions { microsoft_url: "localhost".to_owned(), ..options() };
    let error = App::start(wrong).await.unwrap_err();
    assert_eq!(error.to_string(), "expected the login address to be an http or https address, but found `localhost`");
}

#[tokio::test]
async fn duties_that_cannot_be_found_out_are_none() {
    let app = configured().await;
    let user = user(&app, "ada");
    assert_eq!(app.host_duties(user.id).await, Duties::ALL);
    let nobody = UserId::from_number(user.id.number() + 1);
    assert_eq!(app.host_duties(nobody).await, Duties::NONE);
}

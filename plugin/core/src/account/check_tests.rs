//! Check Connection: what passes, what fails, what is named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use serde_json::json;

use crate::settings::{Field, SettingValue};

use super::testing::{ALL_SCOPES, FENCE, NOW, Scripted, TASK_SCOPES, World, adele, answer, granted, oauth_error};
use super::*;

fn run(world: &mut World) -> Result<ConnectionReport, AuthFailure> {
    let settings = world.settings();
    check(world, FENCE, &settings, NOW)
}

/// Each step as `name outcome`, a failure with its words.
fn steps(report: &ConnectionReport) -> Vec<String> {
    report.steps.iter().map(|step| format!("{} {:?}", step.name, step.outcome)).collect()
}

/// A renewal that grants everything the calendar needs.
fn renewed() -> Scripted {
    granted("access-1", ALL_SCOPES)
}

fn events() -> Scripted {
    answer(200, &json!({"value": []}))
}

#[test]
fn a_working_connection_names_the_account_and_reads_one_cheap_item() {
    let mut world = World::connected(60);
    world.expect([renewed(), adele(), events()]);
    let report = run(&mut world).unwrap();
    assert!(report.ok);
    assert_eq!(report.account_name.as_deref(), Some("adele@contoso.com"));
    assert_eq!(steps(&report), ["token Passed", "profile Passed", "calendar Passed"]);
    assert_eq!(world.requests[2].url, "https://graph.example/v1.0/me/calendar/events?$top=1&$select=id");
}

#[test]
fn a_stored_token_that_is_still_valid_does_not_hide_that_the_consent_is_gone() {
    let mut world = World::connected(60);
    world.expect([oauth_error("invalid_grant", 50_173)]);
    let report = run(&mut world).unwrap();
    assert!(steps(&report)[0].starts_with("token Failed"), "{report:?}");
    assert_eq!(world.record().unwrap().parked.unwrap().reason, ParkedReason::ReconnectNeeded);
}

#[test]
fn a_stored_token_that_is_still_valid_does_not_hide_that_the_secret_has_expired() {
    let mut world = World::connected(60);
    world.expect([oauth_error("invalid_client", 7_000_222)]);
    let report = run(&mut world).unwrap();
    assert!(steps(&report)[0].starts_with("token Failed"), "{report:?}");
    assert_eq!(world.alert_codes(), ["application-refused"]);
}

#[test]
fn only_enabled_resources_are_read() {
    let mut world = World::connected(60);
    world.layers.user.set(Field::CalendarEnabled, SettingValue::Boolean(false));
    world.expect([renewed(), adele()]);
    assert_eq!(steps(&run(&mut world).unwrap()), ["token Passed", "profile Passed"]);
    assert_eq!(world.requests.len(), 2);
}

#[test]
fn a_missing_permission_is_named_without_a_request_that_must_fail() {
    let mut world = World::connected(0);
    world.expect([granted("access-1", "openid User.Read"), adele()]);
    let report = run(&mut world).unwrap();
    assert!(!report.ok);
    assert_eq!(report.missing_permissions, ["Calendars.ReadWrite"]);
    assert!(steps(&report)[2].contains("Calendars.ReadWrite"), "{report:?}");
    assert_eq!(world.requests.len(), 2);
}

#[test]
fn what_graph_says_about_the_calendar_is_told_apart() {
    let table = [
        (403, "permission Calendars.ReadWrite", vec!["Calendars.ReadWrite".to_owned()]),
        (404, "no mailbox", vec![]),
        (503, "Try again later", vec![]),
    ];
    for (status, expected, missing) in table {
        let mut world = World::connected(60);
        world.expect([renewed(), adele(), answer(status, &json!({}))]);
        let report = run(&mut world).unwrap();
        assert!(!report.ok && steps(&report)[2].contains(expected), "{status}: {report:?}");
        assert_eq!(report.missing_permissions, missing, "{status}");
        assert_eq!(report.account_name.as_deref(), Some("adele@contoso.com"));
    }
}

#[test]
fn each_enabled_resource_is_read_once() {
    let mut world = World::connected(0).with_tasks();
    world.expect([granted("access-1", &format!("{ALL_SCOPES} {TASK_SCOPES}")), adele(), events(), events()]);
    let report = run(&mut world).unwrap();
    assert!(report.ok, "{report:?}");
    assert_eq!(steps(&report), ["token Passed", "profile Passed", "calendar Passed", "tasks Passed"]);
    assert_eq!(world.requests[3].url, "https://graph.example/v1.0/me/todo/lists?$top=1");
    assert_eq!(report.steps[3].label, "Read a list of To Do");
}

#[test]
fn an_account_of_before_the_tasks_is_told_what_they_lack() {
    let mut world = World::connected(60).with_tasks();
    world.expect([renewed(), adele(), events()]);
    let report = run(&mut world).unwrap();
    assert!(!report.ok);
    assert_eq!(report.missing_permissions, ["Tasks.ReadWrite"]);
    assert_eq!(steps(&report)[2], "calendar Passed");
    assert!(steps(&report)[3].contains("Tasks.ReadWrite was not granted"), "{report:?}");
    assert_eq!(world.requests.len(), 3, "no request that must fail");
}

#[test]
fn the_alert_about_permissions_ends_where_none_is_missing_any_more() {
    let mut world = World::connected(60).with_tasks();
    world.expect([renewed(), adele(), events()]);
    run(&mut world).unwrap();
    assert_eq!(world.resolved, [], "tasks still lack theirs");
    world.layers.user.set(Field::TasksEnabled, SettingValue::Boolean(false));
    world.expect([renewed(), adele(), events()]);
    assert!(run(&mut world).unwrap().ok);
    let codes: Vec<_> = world.resolved.iter().map(|filter| filter.code).collect();
    assert_eq!(codes, [Some("missing-permissions")]);
}

#[test]
fn the_mailbox_zone_may_be_missing_and_is_mentioned() {
    let mut world = World::connected(0).with_tasks();
    world.expect([granted("access-1", &format!("{ALL_SCOPES} Tasks.ReadWrite")), adele(), events(), events()]);
    let report = run(&mut world).unwrap();
    assert!(report.ok && report.missing_permissions.is_empty(), "{report:?}");
    assert!(report.steps[3].label.contains("MailboxSettings.Read was not granted"), "{report:?}");
}

#[test]
fn later_steps_are_skipped_where_an_earlier_one_failed() {
    let mut world = World::connected(0);
    world.expect([oauth_error("invalid_grant", 50_173)]);
    let report = run(&mut world).unwrap();
    let found = steps(&report);
    assert!(found[0].contains("invalid_grant (AADSTS50173)"), "{found:?}");
    assert_eq!(found[1..], ["profile Skipped", "calendar Skipped"]);
    assert_eq!(report.account_name, None);
    run(&mut world).unwrap();
    assert_eq!(world.requests.len(), 1, "an account that waits for its user is not tried again");
    assert_eq!(world.alert_codes(), ["reconnect-needed"]);
}

/// AADSTS50194: `common` was asked for with an application of one directory.
#[test]
fn that_the_directory_has_to_be_named_is_said_wherever_a_wrong_one_is() {
    let mut world = World::connected(0);
    world.expect([oauth_error("invalid_request", 50_194)]);
    let report = run(&mut world).unwrap();
    let failure = AuthFailure::WrongTenant("invalid_request (AADSTS50194)".to_owned());
    for text in [steps(&report)[0].clone(), world.alerts[0].message.clone(), failure.to_string()] {
        assert!(text.contains("has to be named because the application works with one directory alone"), "{text}");
        assert!(text.contains("invalid_request (AADSTS50194)"), "{text}");
    }
    assert!(steps(&report)[0].contains("An administrator has to check the directory"), "{report:?}");
}

#[test]
fn an_account_that_waits_for_an_administrator_gets_one_try() {
    let mut world = World::connected(0);
    world.expect([oauth_error("invalid_client", 7_000_222)]);
    assert!(!run(&mut world).unwrap().ok);
    world.expect([renewed(), adele(), events()]);
    assert!(run(&mut world).unwrap().ok);
    assert_eq!(world.record().unwrap().parked, None);
}

#[test]
fn a_rejected_token_is_replaced_and_the_check_goes_on() {
    let mut world = World::connected(60);
    world.expect([renewed(), answer(401, &json!({})), granted("access-2", ALL_SCOPES), adele(), events()]);
    assert!(run(&mut world).unwrap().ok);

    let mut world = World::connected(60);
    world.expect([renewed(), answer(401, &json!({})), granted("access-2", ALL_SCOPES), answer(401, &json!({}))]);
    let report = run(&mut world).unwrap();
    assert!(steps(&report)[1].contains("Connect the Microsoft account again"), "{report:?}");
}

#[test]
fn what_microsoft_asks_to_wait_is_said_with_the_time() {
    let throttled =
        |seconds: &str| answer(429, &json!({"error": {"code": "TooManyRequests"}})).with_header("retry-after", seconds);
    for (seconds, words) in [("1", "in 1 second."), ("90", "in 90 seconds."), ("150", "in 3 minutes.")] {
        let mut world = World::connected(60);
        world.expect([renewed(), throttled(seconds)]);
        let said = steps(&run(&mut world).unwrap());
        let expected = format!("Microsoft asks for fewer requests at the moment. Check again {words}");
        assert!(said[1].starts_with("profile Failed") && said[1].contains(&expected), "{said:?}");
        // So is it of the login.
        world.expect([throttled(seconds)]);
        let said = steps(&run(&mut world).unwrap());
        assert!(said[0].starts_with("token Failed") && said[0].contains(&expected), "{said:?}");
        // And of the item of a resource.
        world.expect([renewed(), adele(), throttled(seconds)]);
        let said = steps(&run(&mut world).unwrap());
        assert!(said[2].starts_with("calendar Failed") && said[2].contains(&expected), "{said:?}");
    }
    let mut world = World::connected(60);
    world.expect([renewed(), Scripted::lost()]);
    let said = steps(&run(&mut world).unwrap());
    assert!(said[1].contains("Microsoft or the network is not available. Try again later."), "{said:?}");
    // Where no time is named, none is made up.
    let silent = |status: u16| answer(status, &json!({}));
    for (answers, words) in [
        (vec![silent(429)], "Microsoft asks for fewer requests at the moment. Try again later."),
        (vec![silent(503), silent(503)], "Microsoft or the network is not available. Try again later."),
    ] {
        let mut world = World::connected(60);
        world.expect(answers);
        let said = steps(&run(&mut world).unwrap());
        assert!(said[0].starts_with("token Failed") && said[0].contains(words), "{said:?}");
    }
}

#[test]
fn another_account_that_answers_is_a_failure() {
    let mut world = World::connected(60);
    world.expect([renewed(), answer(200, &json!({"id": "alex-id", "userPrincipalName": "alex@contoso.com"}))]);
    let report = run(&mut world).unwrap();
    assert!(steps(&report)[1].contains("Another account"), "{report:?}");
    assert_eq!(report.account_name, None);
}

#[test]
fn without_an_account_or_an_application_there_is_nothing_to_check() {
    assert_eq!(run(&mut World::new()), Err(AuthFailure::NotConnected));
    let mut world = World::connected(60);
    world.layers.system.remove(Field::ClientId);
    assert_eq!(run(&mut world), Err(AuthFailure::NotConfigured(vec![Field::ClientId])));
}

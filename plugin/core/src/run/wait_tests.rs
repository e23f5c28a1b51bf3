//! What a step waits for, how long, and who keeps to it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;

use crate::account::testing::{ALL_SCOPES, FENCE, NOW, TASK_SCOPES};
use crate::graph::retry;
use crate::model::Instant;
use crate::ports::{HostError, HttpResponse, TransportFailure};
use crate::settings::Feature;

use super::resource::WaitUntil;
use super::testing::{Answer, Host, PLENTY, answer, page};
use super::{Budget, Job, Next, Wait, WaitReason, step};

/// A refusal with this status and code, and a time to wait where one is named.
fn refused(status: u16, code: &str, retry_after: Option<&str>) -> Answer {
    let mut refused = answer(status, &json!({"error": {"code": code}}));
    if let (Ok(response), Some(after)) = (&mut refused, retry_after) {
        response.headers.push(("retry-after".to_owned(), after.to_owned()));
    }
    refused
}

fn waited(host: &mut Host) -> Wait {
    match host.step().next {
        Next::After(wait) => wait,
        other => panic!("expected a wait, but found {other:?}"),
    }
}

/// One kind of failure, and what the wait after it is for.
type Case = (&'static str, fn() -> Answer, WaitReason);

#[test]
fn each_wait_says_what_it_is_for() {
    let html = || {
        let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
        Ok(HttpResponse { status: 200, headers, body: b"<html>".to_vec() })
    };
    let table: [Case; 9] = [
        ("too many requests", || refused(429, "ApplicationThrottled", None), WaitReason::Throttled),
        ("503 that names a time", || refused(503, "", Some("7")), WaitReason::Throttled),
        ("503 that names none", || refused(503, "", None), WaitReason::MicrosoftUnavailable),
        ("a gateway that gave up", || refused(504, "UnknownError", None), WaitReason::MicrosoftUnavailable),
        ("no answer", || Err(TransportFailure::TimedOut), WaitReason::MicrosoftUnavailable),
        ("the page of a proxy", html, WaitReason::MicrosoftUnavailable),
        ("no mailbox", || refused(404, "MailboxNotEnabledForRESTAPI", None), WaitReason::MailboxUnavailable),
        ("a full mailbox", || refused(507, "ErrorQuotaExceeded", None), WaitReason::MailboxUnavailable),
        ("not Graph", || refused(501, "", None), WaitReason::Stopped),
    ];
    for (case, failure, reason) in table {
        let mut host = Host::new(|_| page(&[]));
        FAILURE.set(Some(failure));
        host.graph = |_| FAILURE.get().unwrap()();
        let wait = waited(&mut host);
        assert_eq!(wait.reason, reason, "{case}");
        // Remembered with its reason, and nobody is asked before it is over.
        assert_eq!(waited(&mut host), wait, "{case}");
        assert_eq!(host.requests(), [""; 0], "{case}");
    }
    let mut host = Host::new(|_| page(&[]));
    host.refuse_commit = Some("/status");
    assert_eq!(waited(&mut host).reason, WaitReason::HostUnavailable);
    for error in [HostError::Unavailable(None), HostError::AccessDenied, HostError::Other(String::new())] {
        assert_eq!(Wait::for_host(&error).time, Duration::from_mins(1));
    }
    let named = HostError::Unavailable(Some(Duration::from_secs(9)));
    assert_eq!(Wait::for_host(&named).time, Duration::from_secs(9));
}

/// The sign-in throttles as Graph does, and the run says so.
#[test]
fn a_wait_for_the_sign_in_says_what_it_is_for() {
    for (status, reason) in [(429, WaitReason::Throttled), (503, WaitReason::MicrosoftUnavailable)] {
        STATUS.set(status);
        let mut host = Host::new(|request| {
            assert!(request.url.contains("/oauth2/"), "{}", request.url);
            let mut busy = refused(STATUS.get(), "", Some("90"));
            if let Ok(response) = &mut busy {
                response.body = br#"{"error":"temporarily_unavailable"}"#.to_vec();
            }
            busy
        });
        host.account.put_granted("access-1", -60, ALL_SCOPES);
        let wait = waited(&mut host);
        assert_eq!(wait.reason, reason, "{status}");
        assert!(wait.time >= Duration::from_secs(90), "{status}: {wait:?}");
        assert_eq!(waited(&mut host), wait, "{status}");
        assert_eq!(host.requests().len(), 0, "{status}");
    }
}

thread_local! {
    static STATUS: std::cell::Cell<u16> = const { std::cell::Cell::new(0) };
}

thread_local! {
    static FAILURE: std::cell::Cell<Option<fn() -> Answer>> = const { std::cell::Cell::new(None) };
}

#[test]
fn what_a_mailbox_was_asked_for_holds_for_all_its_resources() {
    let tasks = |host: &mut Host| {
        host.account.requests.clear();
        step(host, Job { resource: Feature::Tasks, fence: FENCE }, PLENTY)
    };
    let host = |failure: fn() -> Answer| {
        let mut host = Host::new(|_| FAILURE.get().unwrap()());
        FAILURE.set(Some(failure));
        host.account = host.account.with_tasks();
        host.account.put_granted("access-1", 60, &format!("{ALL_SCOPES} {TASK_SCOPES}"));
        host
    };
    let mut throttled = host(|| refused(429, "ApplicationThrottled", Some("120")));
    let wait = waited(&mut throttled);
    assert!(wait.time >= Duration::from_mins(2), "{wait:?}");
    assert_eq!(tasks(&mut throttled).next, Next::After(wait));
    assert_eq!(throttled.requests(), [""; 0]);

    // Both sign in alike.
    let busy = || {
        let mut busy = refused(429, "", Some("120"));
        if let Ok(response) = &mut busy {
            response.body = br#"{"error":"temporarily_unavailable"}"#.to_vec();
        }
        busy
    };
    let mut signing_in = host(busy);
    signing_in.account.put_granted("access-1", -60, &format!("{ALL_SCOPES} {TASK_SCOPES}"));
    let wait = waited(&mut signing_in);
    assert_eq!(tasks(&mut signing_in).next, Next::After(wait));
    assert_eq!(signing_in.requests(), [""; 0]);

    // A failing calendar says nothing of To Do.
    let mut failing = host(|| refused(504, "UnknownError", None));
    waited(&mut failing);
    tasks(&mut failing);
    assert_eq!(failing.requests().len(), 1);
}

#[test]
fn waits_grow_with_each_failure_are_bounded_and_over_after_a_success() {
    let mut host = Host::new(|_| refused(503, "", None));
    let mut waits = Vec::new();
    for _ in 0..12 {
        waits.push(waited(&mut host).time);
        host.after_the_wait();
    }
    assert!(waits[..8].windows(2).all(|pair| pair[0] < pair[1]), "{waits:?}");
    let longest = Duration::from_millis(retry::DELAY_MILLISECONDS_MAX);
    assert!(waits.iter().all(|wait| *wait <= longest) && waits[11] >= longest / 2, "{waits:?}");
    host.graph = |_| page(&[]);
    assert_eq!(host.step().next, Next::Idle);
    host.graph = |_| refused(503, "", None);
    let first = waited(&mut host).time;
    assert!(first <= Duration::from_millis(retry::FIRST_DELAY_MILLISECONDS), "{first:?}");
}

/// A first run takes many steps, and Microsoft is busy now and then: that is no row of
/// failures.
#[test]
fn a_step_that_ends_because_it_was_long_enough_ends_a_row_of_failures() {
    let mut host = Host::new(|_| page(&[]));
    for _ in 0..12 {
        host.graph = |_| refused(503, "", None);
        let wait = waited(&mut host).time;
        assert!(wait <= Duration::from_millis(retry::FIRST_DELAY_MILLISECONDS), "{wait:?}");
        host.after_the_wait();
        host.graph = |request| {
            // A page that leads to itself would end the run.
            let token = if request.url.ends_with("=9") { 8 } else { 9 };
            let next = format!("https://graph.example/v1.0/me/calendarView/delta?$skiptoken={token}");
            answer(200, &json!({"value": [], "@odata.nextLink": next}))
        };
        assert_eq!(host.step_with(Budget { requests: 1, ..PLENTY }).next, Next::Again);
    }
    assert!(host.account.alerts.is_empty(), "{:?}", host.account.alerts);
}

#[test]
fn what_a_server_asks_for_is_obeyed_within_bounds() {
    let longest = Duration::from_millis(retry::SERVER_DELAY_MILLISECONDS_MAX);
    let table = [("0", Duration::ZERO), ("17", Duration::from_secs(17)), ("99999999999", longest)];
    for (header, least) in table {
        let mut host = Host::new(|_| {
            let header = HEADER.with_borrow(Clone::clone);
            refused(429, "ApplicationThrottled", Some(&header))
        });
        HEADER.set(header.to_owned());
        let wait = waited(&mut host).time;
        assert!((least..=least + Duration::from_secs(1)).contains(&wait), "{header}: {wait:?}");
    }
    // What cannot be read names nothing: the usual back-off.
    let mut host = Host::new(|_| refused(429, "ApplicationThrottled", Some("soon")));
    let wait = waited(&mut host).time;
    assert!((Duration::from_millis(500)..=Duration::from_secs(1)).contains(&wait), "{wait:?}");
}

thread_local! {
    static HEADER: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
}

#[test]
fn a_wait_noted_by_a_clock_that_was_wrong_parks_nothing() {
    let reason = WaitReason::Throttled;
    let until = |until: Instant| WaitUntil { until, reason };
    let minute = TimeDelta::minutes(1);
    let left = |time| Some(Wait { time, reason });
    let table = [
        ("now", NOW, None),
        ("over", NOW.plus(-minute), None),
        ("under way", NOW.plus(minute), left(Duration::from_mins(1))),
        ("a year ahead", NOW.plus(TimeDelta::days(365)), None),
    ];
    for (case, end, expected) in table {
        assert_eq!(until(end).left(NOW), expected, "{case}");
    }
    let noted = WaitUntil::from(NOW, Wait { time: Duration::MAX, reason });
    assert!(noted.left(NOW).is_some(), "the longest wait that is noted is kept to");
}

/// Parts of a batch that want another token get one, once, and nothing that was
/// done is done again.
#[test]
fn parts_that_want_another_token_are_sent_once_more_and_no_others() {
    let mut host = Host::new(|request| {
        if request.url.contains("/oauth2/") {
            let (scope, expires_in) = (ALL_SCOPES, 3599);
            return answer(200, &json!({"access_token": "access-1", "expires_in": expires_in, "scope": scope}));
        }
        if !request.url.ends_with("/$batch") {
            return page(&[]);
        }
        let body: serde_json::Value = serde_json::from_slice(request.body.as_deref().unwrap()).unwrap();
        let parts = body["requests"].as_array().unwrap();
        SENT.with_borrow_mut(|sent| sent.push(parts.len()));
        let is_first = SENT.with_borrow(|sent| sent.len() == 1);
        let answered = parts.iter().enumerate().map(|(index, part)| {
            let (status, body) = if is_first && index % 2 == 1 {
                (401, json!({"error": {"code": "InvalidAuthenticationToken"}}))
            } else {
                (201, super::testing::event(part["body"]["transactionId"].as_str().unwrap(), "v1", "Visit"))
            };
            json!({"id": part["id"], "status": status, "body": body})
        });
        answer(200, &json!({"responses": answered.collect::<Vec<_>>()}))
    });
    SENT.set(Vec::new());
    let new = |index| super::testing::record(&format!("crm-{index}"), "1", &format!("Visit {index}"));
    host.changed((0..10).map(|index| crate::ports::CrmChange::Upserted(new(index))).collect());
    let report = host.step();
    assert_eq!((report.next, report.counts.m365.created), (Next::Idle, 10), "{:?}", report.issues);
    assert_eq!(SENT.with_borrow(Clone::clone), [10, 5]);
}

thread_local! {
    /// How many parts each batch had.
    static SENT: std::cell::RefCell<Vec<usize>> = const { std::cell::RefCell::new(Vec::new()) };
}

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;

fn refusal(status: u16, code: &str) -> HttpResponse {
    let body = if code.is_empty() { String::new() } else { format!(r#"{{"error":{{"code":"{code}"}}}}"#) };
    HttpResponse { status, headers: Vec::new(), body: body.into_bytes() }
}

fn reaction(status: u16, code: &str, subject: Subject) -> Reaction {
    Failure::of_status(&refusal(status, code), subject).reaction
}

const RETRY: Reaction = Reaction::Retry { after: None };
const RESYNC: Reaction = Reaction::Resync { restart: None };
const SIGN_IN: Reaction = Reaction::Reauthenticate { claims: None };

/// The decisions, row by row: status, code, what the request was about, what
/// is to be done.
#[test]
fn every_failure_has_its_reaction() {
    use Subject::{Item, Mailbox, NewItem, NewTask, Round, TaskListRound};
    let table = [
        (400, "ErrorInvalidParameter", Item, Reaction::SkipItem),
        (400, "ErrorPropertyValidationFailure", NewItem, Reaction::SkipItem),
        (400, "TimeZoneNotSupportedException", NewItem, Reaction::SkipItem),
        (400, "ErrorOccurrenceCrossingBoundary", Item, Reaction::SkipItem),
        (400, "ErrorInvalidParameter", Round, Reaction::StopRun),
        (400, "SyncStateNotFound", Round, RESYNC),
        (400, "ErrorDuplicateTransactionId", NewItem, Reaction::AlreadyCreated { event: None }),
        (409, "ErrorDuplicateTransactionId", NewItem, Reaction::AlreadyCreated { event: None }),
        (401, "InvalidAuthenticationToken", Round, SIGN_IN),
        (401, "", Item, SIGN_IN),
        (403, "ErrorAccessDenied", Round, Reaction::MissingPermission),
        (403, "Authorization_RequestDenied", Item, Reaction::MissingPermission),
        (403, "insufficient_claims", Item, SIGN_IN),
        (403, "", Round, RETRY),
        (403, "", Item, RETRY),
        (403, "", NewItem, RETRY),
        (403, "no, says the proxy", Mailbox, RETRY),
        (400, "", Item, RETRY),
        (405, "", NewItem, RETRY),
        (451, "", NewTask, RETRY),
        (400, "", Round, Reaction::StopRun),
        (412, "", Item, Reaction::RereadItem),
        (404, "ErrorItemNotFound", Item, Reaction::ItemGone),
        // A gateway: no evidence of anything (invariant 5).
        (404, "", Item, RETRY),
        (410, "", Item, RETRY),
        (410, "gone, says the proxy", Item, RETRY),
        (404, "gone, says the proxy", Item, RETRY),
        (404, "", Round, RETRY),
        (404, "", NewItem, RETRY),
        (404, "", Mailbox, RETRY),
        (410, "", NewItem, RETRY),
        (410, "ErrorItemNotFound", NewItem, Reaction::SkipItem),
        (410, "ErrorItemNotFound", Item, Reaction::ItemGone),
        (404, "MailboxNotEnabledForRESTAPI", Item, Reaction::ParkMailbox),
        (404, "MailboxNotEnabledForRESTAPI", Round, Reaction::ParkMailbox),
        (404, "ResourceNotFound", Mailbox, Reaction::ParkMailbox),
        (404, "ErrorItemNotFound", NewItem, Reaction::ParkMailbox),
        (404, "syncStateNotFound", Round, RESYNC),
        (404, "ErrorItemNotFound", TaskListRound, Reaction::ItemGone),
        (404, "", TaskListRound, RETRY),
        (404, "MailboxNotEnabledForRESTAPI", TaskListRound, Reaction::ParkMailbox),
        (404, "ErrorItemNotFound", NewTask, Reaction::ItemGone),
        (404, "MailboxNotEnabledForRESTAPI", NewTask, Reaction::ParkMailbox),
        (400, "invalidRequest", NewTask, Reaction::SkipItem),
        (400, "invalidRequest", Item, Reaction::SkipItem),
        (400, "invalidRequest", TaskListRound, Reaction::StopRun),
        (400, "BadRequest", Mailbox, Reaction::StopRun),
        (403, "ErrorAccessDenied", Mailbox, Reaction::MissingPermission),
        (403, "ErrorAccessDenied", NewTask, Reaction::MissingPermission),
        (410, "SyncStateNotFound", TaskListRound, RESYNC),
        (410, "", TaskListRound, RESYNC),
        (507, "ErrorQuotaExceeded", NewTask, Reaction::ParkMailbox),
        (408, "", Item, RETRY),
        (409, "ErrorFolderExists", Item, Reaction::RereadItem),
        (410, "SyncStateNotFound", Round, RESYNC),
        (410, "resyncRequired", Round, RESYNC),
        (410, "", Round, RESYNC),
        (412, "ErrorIrresolvableConflict", Item, Reaction::RereadItem),
        (413, "", Item, Reaction::SkipItem),
        (423, "", Item, RETRY),
        (424, "", Item, RETRY),
        (429, "ApplicationThrottled", Mailbox, RETRY),
        (500, "ErrorInternalServerTransientError", NewItem, RETRY),
        (501, "NotImplemented", Item, Reaction::StopRun),
        (502, "", Round, RETRY),
        (503, "", NewItem, RETRY),
        (504, "UnknownError", Round, RETRY),
        (507, "ErrorQuotaExceeded", NewItem, Reaction::ParkMailbox),
        (403, "ErrorQuotaExceeded", NewItem, Reaction::ParkMailbox),
        (509, "", Round, RETRY),
        (302, "", Item, Reaction::StopRun),
        (418, "", Mailbox, Reaction::StopRun),
    ];
    for (status, code, subject, expected) in table {
        assert_eq!(reaction(status, code, subject), expected, "{status} {code} {subject:?}");
    }
}

#[test]
fn a_refusal_did_nothing_and_a_breakdown_may_have_done_it() {
    for (status, code, expected) in [
        (400, "ErrorInvalidParameter", Performed::No),
        (412, "ErrorIrresolvableConflict", Performed::No),
        (429, "ApplicationThrottled", Performed::No),
        // Without a code of Graph's, somebody on the way has answered.
        (307, "", Performed::Unknown),
        (400, "", Performed::Unknown),
        (404, "", Performed::Unknown),
        (408, "RequestTimeout", Performed::Unknown),
        (500, "", Performed::Unknown),
        (503, "ServiceUnavailable", Performed::Unknown),
        (504, "UnknownError", Performed::Unknown),
    ] {
        let found = Failure::of_status(&refusal(status, code), Subject::NewItem).performed;
        assert_eq!(found, expected, "{status} {code}");
    }
}

#[test]
fn a_failure_without_an_answer_may_have_happened() {
    let table = [
        (TransportFailure::Denied("x".to_owned()), Subject::Item, Reaction::StopRun, Performed::No),
        (TransportFailure::Broken("x".to_owned()), Subject::NewItem, RETRY, Performed::Unknown),
        (TransportFailure::TimedOut, Subject::Round, RETRY, Performed::Unknown),
        (TransportFailure::TooLarge { limit_bytes: 1 }, Subject::Item, Reaction::SkipItem, Performed::Unknown),
        (TransportFailure::TooLarge { limit_bytes: 1 }, Subject::NewTask, Reaction::SkipItem, Performed::Unknown),
        (TransportFailure::TooLarge { limit_bytes: 1 }, Subject::Round, Reaction::StopRun, Performed::Unknown),
        (TransportFailure::TooLarge { limit_bytes: 1 }, Subject::TaskListRound, Reaction::StopRun, Performed::Unknown),
    ];
    for (failure, subject, reaction, performed) in table {
        let found = Failure::of_transport(failure.clone(), subject);
        assert_eq!((found.reaction, found.performed), (reaction, performed), "{failure}");
        assert_eq!(found.cause, Cause::Transport(failure));
    }
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    let now = Instant::from_epoch_milliseconds(1_445_412_420_000); // 2015-10-21T07:27:00Z
    let here = "Wed, 21 Oct 2015 07:27:00 GMT";
    // Microsoft's clock is an hour ahead of ours, or a day behind.
    let (ahead, behind) = ("Wed, 21 Oct 2015 08:27:00 GMT", "Tue, 20 Oct 2015 07:27:00 GMT");
    let table = [
        ("120", None, Some(120)),
        (" 1 ", None, Some(1)),
        ("0", Some(here), Some(0)),
        ("120", Some(ahead), Some(120)),
        ("Wed, 21 Oct 2015 07:28:00 GMT", None, Some(60)),
        ("Wed, 21 Oct 2015 07:28:00 GMT", Some(here), Some(60)),
        ("Wed, 21 Oct 2015 08:28:00 GMT", Some(ahead), Some(60)),
        ("Tue, 20 Oct 2015 07:28:00 GMT", Some(behind), Some(60)),
        ("Wed, 21 Oct 2015 07:28:00 GMT", Some("yesterday"), Some(60)),
        ("Wed, 21 Oct 2015 07:26:00 GMT", None, Some(0)),
        ("Wed, 21 Oct 2015 08:26:00 GMT", Some(ahead), Some(0)),
        ("soon", Some(here), None),
        ("-3", None, None),
        ("1.5", None, None),
        ("", None, None),
    ];
    for (value, date, expected) in table {
        let mut response = refusal(429, "");
        response.headers.push(("retry-after".to_owned(), value.to_owned()));
        response.headers.extend(date.map(|date| ("date".to_owned(), date.to_owned())));
        let found = RetryAfter::of(&response).map(|after| after.from(now).as_secs());
        assert_eq!(found, expected, "{value} at {date:?}");
    }
}

#[test]
fn the_header_tells_how_long_to_stay_away() {
    let mut response = refusal(429, "TooManyRequests");
    response.headers.push(("retry-after".to_owned(), "17".to_owned()));
    let after = Some(RetryAfter::For(Duration::from_secs(17)));
    assert_eq!(Failure::of_status(&response, Subject::Round).reaction, Reaction::Retry { after });
}

#[test]
fn a_lost_cursor_may_say_where_to_begin_again() {
    let mut response = refusal(410, "SyncStateNotFound");
    let link = "https://graph.example/v1.0/me/calendarView/delta?$deltatoken=";
    response.headers.push(("location".to_owned(), link.to_owned()));
    let restart = Some(PageLink::new(link));
    assert_eq!(Failure::of_status(&response, Subject::Round).reaction, Reaction::Resync { restart });
}

#[test]
fn a_refused_repeat_names_the_event_of_the_first_time() {
    let body = r#"{"error":{"code":"ErrorDuplicateTransactionId","message":"x","@event.existingEventId":"AAMk="}}"#;
    let response = HttpResponse { status: 400, headers: Vec::new(), body: body.as_bytes().to_vec() };
    let event = Some(GraphId::new("AAMk="));
    assert_eq!(Failure::of_status(&response, Subject::NewItem).reaction, Reaction::AlreadyCreated { event });
}

#[test]
fn a_claims_challenge_is_read() {
    let challenge = |claims: &str| {
        let mut response = refusal(401, "InvalidAuthenticationToken");
        let value =
            format!("Bearer realm=\"\", error=\"insufficient_claims\", claims=\"{claims}\", authorization_uri=\"x\"");
        response.headers.push(("www-authenticate".to_owned(), value));
        Failure::of_status(&response, Subject::Round).reaction
    };
    let json = r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#;
    let encoded = base64::engine::general_purpose::STANDARD.encode(json);
    let expected = Reaction::Reauthenticate { claims: Some(json.to_owned()) };
    assert_eq!(challenge(&encoded), expected);
    assert_eq!(challenge(encoded.trim_end_matches('=')), expected);
    for unusable in ["", "%%%", "bm90IGpzb24="] {
        assert_eq!(challenge(unusable), SIGN_IN, "{unusable}");
    }
}

#[test]
fn inner_codes_count_and_messages_are_not_kept() {
    let body = r#"{"error":{"code":"Gone","message":"Dinner with Ada","innererror":{"code":"SyncStateNotFound","request-id":"4f2b"}}}"#;
    let response = HttpResponse { status: 400, headers: Vec::new(), body: body.as_bytes().to_vec() };
    let failure = Failure::of_status(&response, Subject::Round);
    assert_eq!(failure.reaction, RESYNC);
    assert_eq!((failure.code.as_deref(), failure.request_id.as_deref()), (Some("Gone"), Some("4f2b")));
    assert!(!format!("{failure} {failure:?}").contains("Ada"));
}

#[test]
fn a_code_that_is_none_is_not_shown() {
    for code in ["Dinner with Ada", &"x".repeat(CODE_LENGTH_MAX + 1)] {
        assert_eq!(Failure::of_status(&refusal(400, code), Subject::Item).code, None, "{code}");
    }
    let failure = Failure::of_status(&refusal(412, "ErrorIrresolvableConflict"), Subject::Item);
    assert_eq!(failure.to_string(), "Graph did not do what was asked (`ErrorIrresolvableConflict`)");
    assert_eq!(failure.cause.to_string(), "expected a success, but found status 412");
}

#[test]
fn an_occurrence_that_would_pass_its_neighbour_is_told_from_other_refusals() {
    let table = [
        (400, "ErrorOccurrenceCrossingBoundary", true, true),
        (400, "ErrorInvalidParameter", false, true),
        (412, "ErrorIrresolvableConflict", false, false),
        (400, "", false, true),
    ];
    for (status, code, crossing, bad_request) in table {
        let failure = Failure::of_status(&refusal(status, code), Subject::Item);
        assert_eq!(
            (failure.is_crossing_boundary(), failure.is_bad_request()),
            (crossing, bad_request),
            "{status} {code}"
        );
    }
}

fn wrapped(status: u16, outer: &str, inner: &str) -> HttpResponse {
    let body = serde_json::json!({ "error": { "code": outer, "message": "Invalid request",
        "innerError": { "code": inner, "message": "The property 'x' is wrong." } } });
    HttpResponse { status, headers: Vec::new(), body: body.to_string().into_bytes() }
}

#[test]
fn what_to_do_wraps_is_named_by_its_reason_and_judged_by_it() {
    let table = [
        ("invalidRequest", "ErrorInvalidProperty", Subject::Item, Reaction::SkipItem, "ErrorInvalidProperty"),
        ("InvalidRequest", "RequestBroker--ParseUri", Subject::Item, Reaction::SkipItem, "RequestBroker--ParseUri"),
        ("invalidRequest", "SyncStateNotFound", Subject::TaskListRound, RESYNC, "SyncStateNotFound"),
        ("invalidRequest", "ErrorQuotaExceeded", Subject::NewTask, Reaction::ParkMailbox, "ErrorQuotaExceeded"),
        // No code at all, and one that belongs to something else.
        ("invalidRequest", "Dinner with Ada", Subject::Item, Reaction::SkipItem, "invalidRequest"),
        ("ErrorInvalidParameter", "Narrower", Subject::Item, Reaction::SkipItem, "ErrorInvalidParameter"),
    ];
    for (outer, inner, subject, reaction, code) in table {
        let found = Failure::of_status(&wrapped(400, outer, inner), subject);
        assert_eq!((found.reaction, found.code.as_deref()), (reaction, Some(code)), "{outer} {inner}");
    }
}

#[test]
fn a_cloud_without_to_do_is_told_from_other_refusals() {
    let refused = |status: u16, message: Value| {
        let body = serde_json::json!({ "error": { "code": "BadRequest", "message": message } });
        let response = HttpResponse { status, headers: Vec::new(), body: body.to_string().into_bytes() };
        Failure::of_status(&response, Subject::Mailbox)
    };
    let table = [
        (400, Value::from("Resource not found for the segment 'todo'."), true),
        (400, Value::from("Resource not found for the segment 'calendars'."), false),
        (404, Value::from("Resource not found for the segment 'todo'."), false),
        (400, Value::from("Buy milk: Resource not found for the segment 'todo'."), false),
        (400, Value::Null, false),
        (400, serde_json::json!({ "lang": "en" }), false),
    ];
    for (status, message, expected) in table {
        let failure = refused(status, message.clone());
        assert_eq!(failure.lacks_todo(), expected, "{status} {message}");
        assert_eq!(failure.code.as_deref(), Some("BadRequest"), "{status} {message}");
    }
    assert!(!Failure::of_transport(TransportFailure::TimedOut, Subject::Mailbox).lacks_todo());
}

//! Answers of Graph of every kind, and of whatever stands in its place.

use std::error::Error;
use std::time::Duration;

use serde_json::{Value, json};
use tandem_core::graph::failure::{Cause, Failure, Reaction, RetryAfter, Subject};
use tandem_core::graph::response;
use tandem_core::graph::retry::{DELAY_MILLISECONDS_MAX, SERVER_DELAY_MILLISECONDS_MAX, delay};
use tandem_core::model::Instant;
use tandem_core::ports::HttpResponse;

use crate::draw::Draw;
use crate::graph_items;

const STATUSES: [u16; 24] = [
    200, 201, 202, 204, 206, 299, 301, 304, 400, 401, 403, 404, 409, 410, 412, 413, 423, 429, 500, 502, 503, 504, 507,
    0,
];

/// A text that no failure may repeat: a mail's, or a name.
const PRIVATE: &str = "very private words";

const CODES: [&str; 12] = [
    "ErrorItemNotFound",
    "SyncStateNotFound",
    "resyncRequired",
    "ErrorDuplicateTransactionId",
    "ApplicationThrottled",
    "InvalidAuthenticationToken",
    "ErrorAccessDenied",
    "MailboxNotEnabledForRESTAPI",
    "invalidRequest",
    "ErrorOccurrenceCrossingBoundary",
    PRIVATE,
    "",
];

const NOW: Instant = Instant::from_epoch_milliseconds(1_772_000_000_000);

/// Checks an answer; of `{…`, the bytes are the body of a success.
pub fn check(data: &[u8]) {
    if data.first() == Some(&b'{') {
        check_answer(&HttpResponse {
            status: 200,
            headers: vec![header("content-type", "application/json")],
            body: data.to_vec(),
        });
        return;
    }
    let mut draw = Draw::new(data);
    check_answer(&drawn(&mut draw));
}

fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn drawn(draw: &mut Draw) -> HttpResponse {
    let status = draw.one_of(&STATUSES);
    let kinds = ["application/json", "application/json; charset=utf-8", "text/html", "application/jsonx", ""];
    let mut headers = vec![header("content-type", draw.one_of(&kinds))];
    let times = [
        "0",
        "1",
        "120",
        "18446744073709551615",
        "-1",
        "1.5",
        "Sun, 01 Mar 2026 08:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        PRIVATE,
    ];
    for name in ["retry-after", "date"] {
        if draw.chance(8) {
            headers.push(header(name, &draw.text_like(&times)));
        }
    }
    let challenges = ["Bearer claims=\"eyJhIjoxfQ==\"", "Bearer claims=\"", "Bearer claims=\"e30\"", PRIVATE];
    for (name, values) in [
        ("www-authenticate", &challenges[..]),
        ("location", &["https://graph.example/a"]),
        ("request-id", &["1-2", PRIVATE]),
    ] {
        if draw.chance(6) {
            headers.push(header(name, &draw.text_like(values)));
        }
    }
    let body = match draw.below(5) {
        0 => error(draw).to_string(),
        1 => batch(draw).to_string(),
        2 => {
            let items = vec![graph_items::event(draw, 0)];
            graph_items::page(draw, items).to_string()
        }
        3 => graph_items::event(draw, 1).to_string(),
        _ => draw.rest(),
    };
    let mut body = body.into_bytes();
    if draw.chance(2) {
        // Cut short on the way.
        body.truncate(draw.below(256));
    }
    HttpResponse { status, headers, body }
}

fn error(draw: &mut Draw) -> Value {
    json!({ "error": {
        "code": draw.text_like(&CODES),
        "message": draw.text_like(&[PRIVATE, "Resource not found for the segment 'todo'."]),
        "innerError": { "code": draw.text_like(&CODES), "request-id": draw.text_like(&["1-2", PRIVATE]) },
        "@event.existingEventId": draw.text(),
    } })
}

fn batch(draw: &mut Draw) -> Value {
    let parts: Vec<Value> = (0..draw.below(6))
        .map(|_| {
            let body = match draw.below(4) {
                0 => error(draw),
                1 => graph_items::event(draw, 0),
                2 => json!(draw.text()),
                _ => Value::Null,
            };
            json!({
                "id": draw.text_like(&["1", "2", "3", "0", "-1", "99999999999999999999"]),
                "status": draw.one_of(&STATUSES),
                "headers": { "Retry-After": draw.text_like(&["1", "120"]), "Content-Type": draw.text_like(&["application/json"]) },
                "body": body,
            })
        })
        .collect();
    json!({ "responses": parts })
}

/// Reads an answer as each kind that there is.
fn check_answer(answer: &HttpResponse) {
    failures(answer).into_iter().flatten().for_each(|failure| check_failure(answer, &failure));
    if response::read_deleted(answer).is_ok() {
        assert_eq!(answer.status, 204, "only a success without content is a deletion");
    }
    if response::read_accepted(answer).is_ok() {
        assert_eq!(answer.status, 202);
    }
    for parts in [0, 1, 3] {
        match response::read_batch(answer, parts) {
            Ok(read) => {
                assert_eq!(read.len(), parts, "a part is missing or made up");
                for part in read.iter().flatten() {
                    failures(part).into_iter().flatten().for_each(|failure| check_failure(part, &failure));
                }
            }
            Err(failure) => check_failure(answer, &failure),
        }
    }
    check_waits(answer);
}

/// What each way of reading says of an answer, where it is a failure.
fn failures(answer: &HttpResponse) -> Vec<Option<Failure>> {
    vec![
        response::read_me(answer).err(),
        response::read_probe(answer).err(),
        response::read_delta_page(answer).err(),
        response::read_event(answer).err(),
        response::read_created(answer).err(),
        response::read_events(answer).err(),
        response::read_instances(answer).err(),
        response::read_calendars(answer).err(),
        response::read_accepted(answer).err(),
        response::read_deleted(answer).err(),
        response::read_todo_lists(answer).err(),
        response::read_todo_delta_page(answer).err(),
        response::read_todo_task(answer).err(),
        response::read_todo_created(answer).err(),
        response::read_todo_tasks(answer).err(),
        response::read_linked_resource_added(answer).err(),
        response::read_mailbox_zone(answer).err(),
        Some(Failure::of_status(answer, Subject::Item)),
    ]
}

fn check_failure(answer: &HttpResponse, failure: &Failure) {
    let mut words = failure.to_string();
    let mut cause = failure.source();
    while let Some(error) = cause {
        words.push_str(&error.to_string());
        cause = error.source();
    }
    assert!(!words.contains(PRIVATE), "a failure repeats what it was told: {words}");
    for shown in failure.code.iter().chain(&failure.request_id) {
        assert!(!shown.is_empty() && shown.len() <= 64 && shown.is_ascii(), "`{shown}` is shown");
    }
    let gone = matches!(failure.reaction, Reaction::ItemGone | Reaction::Resync { .. });
    assert!(!gone || matches!(failure.cause, Cause::Status(400..=499)), "taken for gone: {failure:?}");
    // Without a code of Graph's, somebody on the way may have answered.
    assert!(failure.reaction != Reaction::ItemGone || failure.code.is_some(), "no evidence: {failure:?}");
    if let Reaction::Reauthenticate { claims: Some(claims) } = &failure.reaction {
        assert!(serde_json::from_str::<Value>(claims).is_ok_and(|claims| claims.is_object()), "{claims}");
    }
    assert!(
        matches!(failure.cause, Cause::Unreadable { .. } | Cause::MissingPart)
            || failure.cause == Cause::Status(answer.status)
    );
}

/// Nobody is left alone for longer than named, whatever a server says.
fn check_waits(answer: &HttpResponse) {
    let asked = RetryAfter::of(answer);
    for attempt in [0, 1, 7, u32::MAX] {
        for bits in [0, u64::MAX] {
            let wait = delay(attempt, asked, NOW, bits);
            let most = SERVER_DELAY_MILLISECONDS_MAX + DELAY_MILLISECONDS_MAX;
            assert!(wait <= Duration::from_millis(most), "{wait:?} for {asked:?}");
            if let Some(RetryAfter::For(asked)) = asked {
                assert!(
                    wait >= asked.min(Duration::from_millis(SERVER_DELAY_MILLISECONDS_MAX)),
                    "{wait:?} for {asked:?}"
                );
            }
        }
    }
}

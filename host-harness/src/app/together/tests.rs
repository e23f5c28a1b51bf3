//! Reports put together.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::super::wait::WaitReason;
use super::*;

fn issue(code: &str) -> IssueReport {
    IssueReport { code: code.to_owned(), item_id: None, external_id: None, message: format!("{code} was left") }
}

/// A run that wrote `created` items in the CRM and twice as many in Microsoft.
fn run(resource: Resource, created: u32, next: NextCall) -> RunReport {
    let mut run = RunReport::begin("anna".to_owned(), resource);
    run.crm.created = created;
    run.microsoft.created = 2 * created;
    run.requests = 3;
    run.steps = 1;
    run.next = next;
    run.blocked = match next {
        NextCall::Blocked { reason } => Some(reason),
        NextCall::Idle | NextCall::Again | NextCall::After { .. } => None,
    };
    run
}

#[test]
fn one_run_reads_as_it_does_by_itself() {
    let run = run(Resource::Calendar, 2, NextCall::Idle);
    let alone = serde_json::to_value(&run).unwrap();
    let mut together = serde_json::to_value(RunsReport::of("anna".to_owned(), vec![run])).unwrap();
    let resources = together.as_object_mut().unwrap().remove("resources");
    assert_eq!((together, resources), (alone.clone(), Some(json!([alone]))));
}

#[test]
fn the_numbers_of_several_runs_are_sums_with_each_run_beside_them() {
    let mut calendar = run(Resource::Calendar, 2, NextCall::Idle);
    let mut tasks = run(Resource::Tasks, 5, NextCall::Idle);
    calendar.issues = vec![issue("b"), issue("c")];
    tasks.issues = vec![issue("a"), issue("b")];
    let report = RunsReport::of("anna".to_owned(), vec![calendar, tasks]);
    assert_eq!((report.crm.created, report.microsoft.created, report.requests, report.steps), (7, 14, 6, 2));
    assert_eq!(report.issues, [issue("a"), issue("b"), issue("c")]);
    let written = serde_json::to_value(&report).unwrap();
    assert_eq!(written.get("resource"), None, "it is none of them");
    let words: Vec<&Value> = written.get("resources").unwrap().as_array().unwrap().iter().collect();
    assert_eq!(words.iter().map(|run| &run["resource"]).collect::<Vec<_>>(), [&json!("calendar"), &json!("tasks")]);
}

#[test]
fn the_most_urgent_call_is_the_next_one_and_no_block_is_hidden() {
    let blocked = NextCall::Blocked { reason: Blocked::MissingPermission };
    let after = |milliseconds| NextCall::After { milliseconds, reason: WaitReason::Throttled };
    let table = [
        (NextCall::Idle, NextCall::Idle, NextCall::Idle, None),
        (NextCall::Idle, NextCall::Again, NextCall::Again, None),
        (after(5), NextCall::Again, NextCall::Again, None),
        (after(5), after(4), after(4), None),
        (NextCall::Idle, blocked, blocked, Some(Blocked::MissingPermission)),
        (NextCall::Again, blocked, NextCall::Again, Some(Blocked::MissingPermission)),
        (blocked, after(5), after(5), Some(Blocked::MissingPermission)),
    ];
    for (calendar, tasks, next, reason) in table {
        let runs = vec![run(Resource::Calendar, 0, calendar), run(Resource::Tasks, 0, tasks)];
        let report = RunsReport::of("anna".to_owned(), runs);
        assert_eq!((report.next, report.blocked), (next, reason), "{calendar:?} and {tasks:?}");
    }
}

#[test]
fn a_preview_that_is_not_complete_says_which_resource_is_blocked() {
    let blocked = PreviewReport::blocked("anna".to_owned(), Resource::Tasks, Blocked::MissingPermission);
    let other = PreviewReport { complete: true, blocked: None, resource: Resource::Calendar, ..blocked.clone() };
    let report = PreviewsReport::of("anna".to_owned(), vec![other, blocked]);
    assert_eq!((report.complete, report.blocked), (false, Some(Blocked::MissingPermission)));
    let blocked: Vec<_> = report.resources.iter().map(|report| report.blocked).collect();
    assert_eq!(blocked, [None, Some(Blocked::MissingPermission)]);
}

#[test]
fn the_word_of_a_reason_is_the_one_of_the_json_interface() {
    for reason in [
        Blocked::Disabled,
        Blocked::NotConnected,
        Blocked::Parked,
        Blocked::MissingPermission,
        Blocked::GuardRail,
        Blocked::StaleFence,
        Blocked::NotConfigured,
    ] {
        assert_eq!(serde_json::to_value(reason).unwrap(), json!(reason.code()));
    }
}

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::json;

use super::*;
use crate::app::{Blocked, NoticeKind, PlannedNotice, PlannedWrite, Resource, SideReport, WaitReason};
use crate::crm::notices::{ConflictField, ConflictRule, Moments};
use crate::demo::agreement::Agreement;
use crate::demo::report::SideEntry;

fn side(created: u32, updated: u32, conflicts: u32, requests: u32) -> SideEntry {
    SideEntry { created, updated, deleted: 0, conflicts, requests }
}

fn issue() -> IssueReport {
    IssueReport {
        code: "series-not-supported".to_owned(),
        item_id: None,
        external_id: Some("AAMk".to_owned()),
        message: "A series was left as it is.".to_owned(),
    }
}

fn sample() -> DemoReport {
    let entry = |name, crm: SideEntry, microsoft: SideEntry, issues| RunEntry {
        name,
        resource: Resource::Calendar,
        created: crm.created + microsoft.created,
        updated: crm.updated + microsoft.updated,
        deleted: 0,
        adopted: crm.created,
        merged: 0,
        conflicts: crm.conflicts,
        requests: microsoft.requests,
        steps: 1,
        crm,
        microsoft,
        issues,
    };
    DemoReport {
        organization: "Acme".to_owned(),
        user: "anna".to_owned(),
        runs: vec![
            entry("first run", side(1, 0, 1, 0), side(2, 1, 0, 4), vec![issue()]),
            entry("last run", side(0, 0, 0, 0), side(0, 0, 0, 1), Vec::new()),
        ],
        conflicts: vec![ConflictEntry {
            rule: ConflictRule::CrmWins,
            winner: Winner::Crm,
            fields: vec![ConflictField {
                name: "title".to_owned(),
                base: Some("A".to_owned()),
                crm: Some("B".to_owned()),
                microsoft: None,
                outcome: Some("B".to_owned()),
                carried_out: true,
                moments: Moments::default(),
            }],
        }],
        agreement: Agreement { equal: 3, only_crm: 0, only_microsoft: 0 },
        task_agreement: None,
        converged: true,
    }
}

#[test]
fn the_demonstration_reads_run_by_run() {
    let expected = "\
Acme: the calendar of anna, in the CRM and in Microsoft 365

1. First run
   CRM         1 created
   Microsoft   2 created, 1 updated
   together    1 recognized as the same on both sides
   together    1 decided by the conflict rule and recorded
   cost        4 requests, 1 step
   left        A series was left as it is. (series-not-supported)

2. Last run
   CRM         nothing written
   Microsoft   nothing written
   cost        1 request, 1 step

Recorded conflict: the CRM's version was kept (crm-wins)
   title  before     A
          CRM        B
          Microsoft  (deleted or empty)

Converged: the last run wrote nothing, and both calendars show the same 3 entries, each day of a series counted, compared field by field.
";
    assert_eq!(demonstration(&sample()), expected);
}

#[test]
fn a_difference_is_said_at_the_end() {
    let agreement = Agreement { equal: 3, only_crm: 1, only_microsoft: 2 };
    let text = demonstration(&DemoReport { agreement, converged: false, ..sample() });
    assert!(text.ends_with("Not converged: 3 equal, 1 only in the CRM, 2 only in Microsoft 365.\n"), "{text}");
}

#[test]
fn tasks_are_told_beside_the_calendar() {
    let tasks = Some(Agreement { equal: 6, only_crm: 0, only_microsoft: 0 });
    let told = demonstration(&DemoReport { task_agreement: tasks, ..sample() });
    assert!(told.starts_with("Acme: calendar and tasks of anna, in the CRM"), "{told}");
    assert!(
        told.contains("the same 3 calendar entries, each day of a series counted, and 6 tasks, compared"),
        "{told}"
    );
    let tasks = Some(Agreement { equal: 5, only_crm: 1, only_microsoft: 0 });
    let told = demonstration(&DemoReport { task_agreement: tasks, converged: false, ..sample() });
    assert!(told.contains("; of tasks 5 equal, 1 only in the CRM, 0 only in Microsoft 365.\n"), "{told}");
}

#[test]
fn the_json_has_the_names_of_the_command_line_contract() {
    let value = serde_json::to_value(sample()).unwrap();
    let run = &value["runs"][0];
    assert_eq!(run["resource"], "calendar");
    assert_eq!(run["microsoft"], json!({ "created": 2, "updated": 1, "deleted": 0, "conflicts": 0, "requests": 4 }));
    assert_eq!(run["crm"], json!({ "created": 1, "updated": 0, "deleted": 0, "conflicts": 1, "requests": 0 }));
    for name in ["created", "updated", "deleted", "adopted", "merged", "conflicts", "requests", "steps"] {
        assert!(run[name].is_u64(), "{name}");
    }
    assert_eq!(run["issues"][0]["externalId"], "AAMk");
    assert_eq!(value["conflicts"][0]["winner"], "crm");
    assert_eq!(value["converged"], true);
}

fn ran() -> RunReport {
    RunReport {
        user: "anna".to_owned(),
        resource: Resource::Calendar,
        crm: SideReport { created: 0, updated: 1, deleted: 1 },
        microsoft: SideReport::default(),
        adopted: 0,
        merged: 1,
        conflicts: 0,
        requests: 1,
        steps: 2,
        next: NextCall::Idle,
        blocked: None,
        issues: Vec::new(),
    }
}

#[test]
fn a_run_says_what_it_did_or_why_it_did_nothing() {
    let expected = "\
Calendar of anna
   CRM         1 updated, 1 deleted
   Microsoft   nothing written
   together    1 merged from edits of both sides
   cost        1 request, 2 steps
";
    assert_eq!(run(&ran(), &nameless), expected);
    let reason = Blocked::NotConnected;
    let blocked = run(&RunReport { next: NextCall::Blocked { reason }, blocked: Some(reason), ..ran() }, &nameless);
    assert_eq!(blocked, format!("Calendar of anna\n   not run     {}\n", reason.sentence()));
    let reason = WaitReason::Throttled;
    let waiting = run(&RunReport { next: NextCall::After { milliseconds: 1500, reason }, ..ran() }, &nameless);
    assert!(waiting.contains(&format!("goes on in 2 seconds: {}", reason.sentence())), "{waiting}");
}

const fn nameless(_: &IssueReport) -> Option<String> {
    None
}

#[test]
fn what_was_left_for_one_reason_is_told_once_with_the_items() {
    let met = |id: usize| IssueReport { item_id: Some(id.to_string()), ..issue() };
    let other = IssueReport { code: "too-large".to_owned(), message: "It is too long.".to_owned(), ..issue() };
    let issues = (0..7).map(met).chain([other]).collect();
    let name = |issue: &IssueReport| issue.item_id.as_ref().map(|id| format!("\"Talk {id}\""));
    let told = run(&RunReport { issues, ..ran() }, &name);
    let expected = "   left        A series was left as it is. (series-not-supported)
               \"Talk 0\"
               \"Talk 1\"
               \"Talk 2\"
               \"Talk 3\"
               \"Talk 4\"
               and 2 more
   left        It is too long. (too-large)
";
    assert!(told.ends_with(expected), "{told}");
}

#[test]
fn a_preview_lists_what_would_be_written() {
    let write = PlannedWrite {
        side: Side::Microsoft,
        action: WriteAction::Create,
        title: "Talk".to_owned(),
        fields: vec!["title".to_owned(), "time".to_owned()],
        notice: Some(PlannedNotice { kind: NoticeKind::Invitation, people: 3 }),
    };
    let report = PreviewReport {
        user: "anna".to_owned(),
        resource: Resource::Calendar,
        operations: vec![write],
        adopted: 1,
        conflicts: 0,
        invitations: 1,
        people: 1,
        blocked: None,
        issues: Vec::new(),
        complete: false,
        requests: 2,
    };
    let text = preview(&report, &nameless);
    assert!(text.contains("   Microsoft  create  Talk  title, time\n"), "{text}");
    assert!(text.contains("incomplete"), "{text}");
    assert!(text.contains("would make Microsoft send 3 mails to 1 person\n"), "{text}");
    let nothing = preview(&PreviewReport { operations: Vec::new(), complete: true, ..report.clone() }, &nameless);
    assert!(nothing.contains("   nothing\n") && !nothing.contains("incomplete"), "{nothing}");
    assert!(!nothing.contains("mail"), "{nothing}");
    let reason = Blocked::NotConnected;
    let blocked = preview(&PreviewReport { operations: Vec::new(), blocked: Some(reason), ..report }, &nameless);
    assert!(blocked.ends_with(&format!("\n   not run     {}\n", reason.sentence())), "{blocked}");
}

//! What starting the first run has come to, and the page of one that was not started.
#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;
use crate::app::RunReport;
use crate::web::render::{Chrome, page};

const ANNA: Reader = Reader { is_own: true, administrator: false };

fn of(ran: Result<Vec<Ran>, AppError>, waits: bool) -> Outcome {
    outcome(ran, waits, ANNA, |(resource, _)| ReportView::refused(resource.label(), String::new()))
}

/// Runs that were blocked for this, or were not.
fn runs(blocked: &[Option<Blocked>]) -> Vec<Ran> {
    let run = |blocked: &Option<Blocked>| {
        let report = RunReport { blocked: *blocked, ..RunReport::begin("anna".to_owned(), Resource::Calendar) };
        (Resource::Calendar, Ok(report))
    };
    blocked.iter().map(run).collect()
}

const IN_USE: AppError = AppError::Blocked(Blocked::StaleFence);

#[test]
fn what_was_not_confirmed_was_not_started() {
    let is_refused = |ran, waits| matches!(of(ran, waits), Outcome::Refused(_));
    assert!(is_refused(Err(IN_USE), true), "the mailbox was in use for too long");
    assert!(is_refused(Ok(runs(&[Some(Blocked::FirstSync); 2])), true), "an account was being connected");
    // It was confirmed, and goes on by itself; or something else keeps one of them from running.
    assert!(!is_refused(Err(IN_USE), false));
    assert!(!is_refused(Ok(runs(&[None])), false));
    assert!(!is_refused(Ok(runs(&[Some(Blocked::FirstSync), None])), true), "connected anew after it was run");
    assert!(!is_refused(Ok(runs(&[Some(Blocked::MissingPermission)])), true));
    let mut stopped = runs(&[Some(Blocked::FirstSync)]);
    if let Some((_, Ok(run))) = stopped.first_mut() {
        run.steps = 3;
    }
    assert!(!is_refused(Ok(stopped), true), "connected anew between two of its steps: what it has done is shown");
}

/// The page of somebody whose run was refused.
fn refused_page() -> String {
    let Outcome::Refused(report) = of(Err(IN_USE), true) else { panic!("expected a refusal") };
    let view = json!({
        "subtitle": "Anna Example", "user": "anna", "is_own": true, "name": "Anna Example", "calendar_href": "/calendar",
        "tasks_href": "/tasks", "obstacle": null, "preview": null, "refused": report, "reports": [], "then": "",
        "settings": [], "settings_href": "/configuration/my", "later_href": "/configuration/my", "status_href": "/status/7",
    });
    page("first_sync.html", &Chrome::anonymous("Tandem CRM", "token".to_owned()), &view).unwrap().0
}

#[test]
fn what_was_not_started_says_why_and_stays_until_somebody_asks_again() {
    let page = refused_page();
    assert!(page.contains("Nothing was started.") && page.contains("This mailbox is in use"), "{page}");
    assert!(page.contains("href=\"&#x2f;status&#x2f;7\">Status</a>"), "{page}");
    assert!(page.contains(">Show the preview</button>") && !page.contains("data-at-once"), "{page}");
}

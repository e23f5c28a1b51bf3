//! Runs, previews and the demonstration's report for people to read.
//!
//! Next: [`super::sync`].

use std::fmt::Write as _;

use super::text::{Table, capitalised, count, written};
use crate::app::{IssueReport, NextCall, PreviewReport, RunReport, Side, WriteAction};
use crate::crm::notices::Winner;
use crate::demo::DemoReport;
use crate::demo::agreement::Agreement;
use crate::demo::report::{ConflictEntry, RunEntry};

/// What stands for a version that does not exist.
const NO_VERSION: &str = "(deleted or empty)";

/// Items that are named of what was left for one reason; `--json` has all.
const ITEMS_MAX: usize = 5;

/// What an issue is about, in words; none where there is nothing to say.
pub type Names<'a> = &'a dyn Fn(&IssueReport) -> Option<String>;

/// One run of `tandem sync`.
pub fn run(report: &RunReport, names: Names<'_>) -> String {
    let mut text = format!("{} of {}\n", report.resource.label(), report.user);
    if let Some(blocked) = report.blocked {
        let _ = writeln!(text, "   not run     {}", blocked.sentence());
        return text + &issues(&report.issues, names);
    }
    let (crm, microsoft) = (report.crm, report.microsoft);
    let _ = writeln!(text, "   CRM         {}", written(crm.created, crm.updated, crm.deleted));
    let _ = writeln!(text, "   Microsoft   {}", written(microsoft.created, microsoft.updated, microsoft.deleted));
    text += &together(report.adopted, report.merged, report.conflicts);
    text += &cost(report.requests, report.steps);
    match report.next {
        NextCall::Idle | NextCall::Blocked { .. } => {}
        NextCall::Again => text += "   unfinished  there is more to do; run it again\n",
        NextCall::After { milliseconds, reason } => {
            let seconds = count(milliseconds.div_ceil(1000), "second");
            let _ = writeln!(text, "   unfinished  goes on in {seconds}: {}", reason.sentence());
        }
    }
    text + &issues(&report.issues, names)
}

/// One run of `tandem sync --preview`.
pub fn preview(report: &PreviewReport, names: Names<'_>) -> String {
    let mut text = format!("{} of {}: what a run would do\n", report.resource.label(), report.user);
    if let Some(blocked) = report.blocked {
        let _ = writeln!(text, "   not run     {}", blocked.sentence());
        return text;
    }
    let mut table = Table::plain();
    for operation in &report.operations {
        let action = match operation.action {
            WriteAction::Create => "create",
            WriteAction::Update => "update",
            WriteAction::Delete => "delete",
        };
        let side = match operation.side {
            Side::Crm => "CRM",
            Side::Microsoft => "Microsoft",
        };
        table.row([side.to_owned(), action.to_owned(), operation.title.clone(), operation.fields.join(", ")]);
    }
    text += &table.render("   ");
    if report.operations.is_empty() {
        text += "   nothing\n";
    }
    text += &together(report.adopted, 0, report.conflicts);
    if report.mails() > 0 {
        let (mails, people) = (count(report.mails(), "mail"), people(report.people));
        let _ = writeln!(text, "   mails       would make Microsoft send {mails} to {people}");
    }
    let _ = writeln!(text, "   cost        {}", count(report.requests, "request"));
    if !report.complete {
        text += "   incomplete  not everything could be read; a run may do more\n";
    }
    text + &issues(&report.issues, names)
}

fn people(number: u32) -> String {
    if number == 1 { "1 person".to_owned() } else { format!("{number} people") }
}

/// The report of the demonstration.
pub fn demonstration(report: &DemoReport) -> String {
    let DemoReport { organization, user, runs, conflicts, agreement, task_agreement, converged } = report;
    let what = if task_agreement.is_some() { "calendar and tasks" } else { "the calendar" };
    let mut text = format!("{organization}: {what} of {user}, in the CRM and in Microsoft 365\n");
    for (number, entry) in runs.iter().enumerate() {
        text += &demonstrated(number + 1, entry);
    }
    for conflict in conflicts {
        text += &decided(conflict);
    }
    text.push('\n');
    text + &outcome(agreement, task_agreement.as_ref(), *converged)
}

fn outcome(calendars: &Agreement, tasks: Option<&Agreement>, converged: bool) -> String {
    let differences = |what: &str, found: &Agreement| {
        let Agreement { equal, only_crm, only_microsoft } = found;
        format!("{what}{equal} equal, {only_crm} only in the CRM, {only_microsoft} only in Microsoft 365")
    };
    match (converged, tasks) {
        (true, None) => format!(
            "Converged: the last run wrote nothing, and both calendars show the same {} entries, each day of a series counted, compared field by field.\n",
            calendars.equal
        ),
        (true, Some(tasks)) => format!(
            "Converged: the last runs wrote nothing, and both sides show the same {} calendar entries, each day of a series counted, and {} tasks, compared field by field.\n",
            calendars.equal, tasks.equal
        ),
        (false, None) => format!("Not converged: {}.\n", differences("", calendars)),
        (false, Some(tasks)) => format!(
            "Not converged: {}; {}.\n",
            differences("of calendar entries ", calendars),
            differences("of tasks ", tasks)
        ),
    }
}

fn demonstrated(number: usize, entry: &RunEntry) -> String {
    let mut text = format!("\n{number}. {}\n", capitalised(entry.name));
    let side = |side: &crate::demo::report::SideEntry| written(side.created, side.updated, side.deleted);
    let _ = writeln!(text, "   CRM         {}", side(&entry.crm));
    let _ = writeln!(text, "   Microsoft   {}", side(&entry.microsoft));
    text += &together(entry.adopted, entry.merged, entry.conflicts);
    text += &cost(entry.requests, entry.steps);
    text + &issues(&entry.issues, &|_| None)
}

fn decided(conflict: &ConflictEntry) -> String {
    let winner = match conflict.winner {
        Winner::Crm => "the CRM's version was kept",
        Winner::Microsoft => "Microsoft's version was kept",
    };
    let mut text = format!("\nRecorded conflict: {winner} ({})\n", conflict.rule);
    let mut table = Table::plain();
    for field in &conflict.fields {
        let version = |version: &Option<String>| version.clone().unwrap_or_else(|| NO_VERSION.to_owned());
        table.row([field.name.clone(), "before".to_owned(), version(&field.base)]);
        table.row([String::new(), "CRM".to_owned(), version(&field.crm)]);
        table.row([String::new(), "Microsoft".to_owned(), version(&field.microsoft)]);
    }
    text += &table.render("   ");
    text
}

fn together(adopted: u32, merged: u32, conflicts: u32) -> String {
    let parts = [
        (adopted, "recognized as the same on both sides"),
        (merged, "merged from edits of both sides"),
        (conflicts, "decided by the conflict rule and recorded"),
    ];
    let lines = parts.iter().filter(|(number, _)| *number > 0);
    lines.fold(String::new(), |mut text, (number, what)| {
        // Writing to a string cannot fail, here as everywhere in this file.
        let _ = writeln!(text, "   together    {number} {what}");
        text
    })
}

fn cost(requests: u32, steps: u32) -> String {
    format!("   cost        {}, {}\n", count(requests, "request"), count(steps, "step"))
}

/// What was left, each reason once, with the first items that it met.
fn issues(issues: &[IssueReport], names: Names<'_>) -> String {
    let mut reasons: Vec<(&IssueReport, Vec<String>)> = Vec::new();
    for issue in issues {
        let known =
            reasons.iter().position(|(first, _)| (&first.code, &first.message) == (&issue.code, &issue.message));
        let place = known.unwrap_or(reasons.len());
        if known.is_none() {
            reasons.push((issue, Vec::new()));
        }
        if let Some((_, met)) = reasons.get_mut(place) {
            met.extend(names(issue));
        }
    }
    reasons.into_iter().fold(String::new(), |mut text, (issue, met)| {
        let _ = writeln!(text, "   left        {} ({})", issue.message, issue.code);
        for item in met.iter().take(ITEMS_MAX) {
            let _ = writeln!(text, "               {item}");
        }
        if met.len() > ITEMS_MAX {
            let _ = writeln!(text, "               and {} more", met.len() - ITEMS_MAX);
        }
        text
    })
}

#[cfg(test)]
mod tests;

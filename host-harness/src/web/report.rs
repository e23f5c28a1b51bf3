//! What a run did, or would do, in plain words.
//!
//! Items that were left as they are get one line per rule, however many items
//! it met.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::Serialize;

use super::blocked::{Link, sentence};
use super::dates::wait;
use super::fields;
use super::items::ItemLine;
use super::reader::Reader;
use crate::app::report::{
    GUARD_RAILS, IssueReport, NextCall, NoticeKind, PlannedNotice, PlannedWrite, PreviewReport, RunReport, Side,
    SideReport, WriteAction,
};

/// Lines of a preview that are open on the page of its report.
pub const OPERATIONS_SHOWN_MAX: usize = 50;

/// Lines of a preview that a browser lays out at once: of what a guard rail holds, the
/// report has as many, and so has each page of what it has no room for
/// (`super::preview`).
pub const OPERATIONS_LAID_OUT_MAX: usize = 200;

/// Items named for one rule: enough to recognise what they have in common. Those that a
/// guard rail holds are all named.
const ITEMS_SHOWN_MAX: usize = 10;

/// A coloured word.
#[derive(Clone, Debug, Serialize)]
pub struct Badge {
    /// `good`, `warn`, `bad`, `accent` or empty.
    pub kind: &'static str,
    /// The word.
    pub text: &'static str,
}

/// A run or a preview.
#[derive(Clone, Debug, Serialize)]
pub struct ReportView {
    title: &'static str,
    badge: Badge,
    summary: String,
    sides: Vec<SideLine>,
    operations: Vec<OperationLine>,
    /// What else there is to read before a guard rail is released, as far as there is
    /// room.
    held_operations: Vec<OperationLine>,
    more_operations: usize,
    /// Where all of them are read, where that is more than this.
    all_href: Option<String>,
    facts: String,
    issues: Vec<IssueLine>,
    /// Where what stopped it is seen to.
    link: Option<Link>,
}

/// How much is written on one side.
#[derive(Clone, Debug, Serialize)]
pub struct SideLine {
    name: String,
    /// Items created.
    pub created: u32,
    /// Items changed.
    pub updated: u32,
    /// Items deleted.
    pub deleted: u32,
}

/// One write that a run would make.
#[derive(Clone, Debug, Serialize)]
pub struct OperationLine {
    side: String,
    action: &'static str,
    title: String,
    fields: String,
    /// The mails that Microsoft would send about it.
    notice: String,
}

/// Items that would be, or were, left as they are for one reason.
#[derive(Clone, Debug, Serialize)]
pub struct IssueLine {
    message: String,
    times: usize,
    /// The items that it met, as far as the viewer may see their names.
    items: Vec<ItemLine>,
    more_items: usize,
}

/// How an issue's item is called; none where nobody may know, or it is gone.
pub type Names<'a> = &'a dyn Fn(&IssueReport) -> Option<ItemLine>;

impl ReportView {
    /// The report of a run, for who reads it.
    pub fn of_run(product: &str, run: &RunReport, reader: Reader, names: Names<'_>) -> Self {
        let (badge, ending) = ending(run.next, reader);
        let written = total(&run.crm).saturating_add(total(&run.microsoft));
        let outcome = match written {
            0 => "Nothing had to be written on either side.".to_owned(),
            1 => "One item was written.".to_owned(),
            more => format!("{more} items were written."),
        };
        let summary = match ending {
            Some(sentence) if written == 0 => sentence,
            Some(sentence) => format!("{outcome} {sentence}"),
            None => outcome,
        };
        let facts = facts([
            (
                u64::from(run.adopted),
                "item recognized as the same on both sides",
                "items recognized as the same on both sides",
            ),
            (u64::from(run.merged), "item merged from edits of both sides", "items merged from edits of both sides"),
            (u64::from(run.conflicts), "conflict decided and recorded", "conflicts decided and recorded"),
            (u64::from(run.requests), "request to Microsoft", "requests to Microsoft"),
        ]);
        Self {
            title: "Sync now",
            badge,
            summary,
            sides: vec![side_line(product, &run.crm), side_line("Microsoft", &run.microsoft)],
            operations: Vec::new(),
            held_operations: Vec::new(),
            more_operations: 0,
            all_href: None,
            facts,
            issues: issue_lines(&run.issues, names),
            link: None,
        }
    }

    /// What a run would do, for who reads it.
    pub fn of_preview(product: &str, report: &PreviewReport, reader: Reader, names: Names<'_>) -> Self {
        if let Some(reason) = report.blocked {
            return Self::refused("Preview", sentence(reason, reader).to_owned());
        }
        let count = report.operations.len();
        let mut lines =
            in_reading_order(&report.operations).into_iter().map(|planned| operation_line(product, planned));
        let operations: Vec<_> = lines.by_ref().take(OPERATIONS_SHOWN_MAX).collect();
        let room = if report.is_held_back() { OPERATIONS_LAID_OUT_MAX - OPERATIONS_SHOWN_MAX } else { 0 };
        let held_operations: Vec<_> = lines.take(room).collect();
        let planned = match count {
            0 => "A run would write nothing.".to_owned(),
            1 => "A run would write one item.".to_owned(),
            more => format!("A run would write {more} items."),
        };
        let mut summary = planned;
        if report.mails() > 0 {
            let (mails, people) =
                (counted(report.mails(), "mail", "mails"), counted(report.people, "person", "people"));
            summary = format!("{summary} It would make Microsoft send {mails} to {people}.");
        }
        if report.is_held_back() {
            let held = "A guard rail stops it before the first write. Released by an administrator, it would";
            summary = summary.replacen("A run would", held, 1);
        }
        if !report.complete {
            summary += " The sides could not be read to the end, so there may be more.";
        }
        let facts = facts([
            (
                u64::from(report.adopted),
                "item would be recognized as the same",
                "items would be recognized as the same",
            ),
            (u64::from(report.conflicts), "conflict would be decided", "conflicts would be decided"),
            (u64::from(report.requests), "request to Microsoft", "requests to Microsoft"),
        ]);
        Self {
            title: "Preview",
            badge: Badge { kind: "accent", text: "Nothing was written" },
            summary,
            sides: Vec::new(),
            more_operations: count.saturating_sub(operations.len()).saturating_sub(held_operations.len()),
            all_href: None,
            operations,
            held_operations,
            facts,
            issues: issue_lines(&report.issues, names),
            link: None,
        }
    }

    /// The same under another heading.
    #[must_use]
    pub fn titled(self, title: &'static str) -> Self {
        Self { title, ..self }
    }

    /// The same with the way to all that would be written, where there is no room for it.
    #[must_use]
    pub fn with_all_at(self, href: String) -> Self {
        Self { all_href: (self.more_operations > 0).then_some(href), ..self }
    }

    /// The same with the way to where what stopped it is seen to.
    #[must_use]
    pub fn leading_to(self, link: Option<Link>) -> Self {
        Self { link, ..self }
    }

    /// A run or a preview that did not take place.
    pub fn refused(title: &'static str, sentence: String) -> Self {
        Self {
            title,
            badge: Badge { kind: "bad", text: "Not done" },
            summary: sentence,
            sides: Vec::new(),
            operations: Vec::new(),
            held_operations: Vec::new(),
            more_operations: 0,
            all_href: None,
            facts: String::new(),
            issues: Vec::new(),
            link: None,
        }
    }
}

fn ending(next: NextCall, reader: Reader) -> (Badge, Option<String>) {
    match next {
        NextCall::Idle => (Badge { kind: "good", text: "Complete" }, None),
        NextCall::Again => {
            (Badge { kind: "warn", text: "More to do" }, Some("There is more to do: sync again.".to_owned()))
        }
        NextCall::After { milliseconds, reason } => {
            let time = TimeDelta::try_milliseconds(i64::try_from(milliseconds).unwrap_or(i64::MAX));
            let time = wait(time.unwrap_or(TimeDelta::MAX));
            let sentence = format!("{} The rest can go on in {time}.", reason.sentence());
            (Badge { kind: "warn", text: "Waiting" }, Some(sentence))
        }
        NextCall::Blocked { reason } => {
            (Badge { kind: "bad", text: "Stopped" }, Some(sentence(reason, reader).to_owned()))
        }
    }
}

fn total(side: &SideReport) -> u32 {
    side.created.saturating_add(side.updated).saturating_add(side.deleted)
}

impl SideLine {
    /// A side on which nothing is written.
    pub fn empty(name: &str) -> Self {
        Self { name: name.to_owned(), created: 0, updated: 0, deleted: 0 }
    }
}

fn side_line(name: &str, side: &SideReport) -> SideLine {
    SideLine { created: side.created, updated: side.updated, deleted: side.deleted, ..SideLine::empty(name) }
}

/// A number of things in words.
pub fn counted(count: impl Into<u64>, one: &str, many: &str) -> String {
    let count = count.into();
    format!("{count} {}", if count == 1 { one } else { many })
}

/// What else there is to tell, without what did not happen.
pub fn facts<const COUNT: usize>(facts: [(u64, &str, &str); COUNT]) -> String {
    let told = facts.into_iter().filter(|(count, ..)| *count > 0);
    told.map(|(count, one, many)| counted(count, one, many)).collect::<Vec<_>>().join(" · ")
}

/// Writes in the order in which people read them: first what is lost, then what is
/// changed, then what is new; each by its title.
pub fn in_reading_order(operations: &[PlannedWrite]) -> Vec<&PlannedWrite> {
    let mut ordered: Vec<_> = operations.iter().collect();
    ordered.sort_by_cached_key(|planned| {
        let rank = match planned.action {
            WriteAction::Delete => 0,
            WriteAction::Update => 1,
            WriteAction::Create => 2,
        };
        (rank, planned.title.to_lowercase())
    });
    ordered
}

/// A write in words.
pub fn operation_line(product: &str, operation: &PlannedWrite) -> OperationLine {
    OperationLine {
        side: match operation.side {
            Side::Crm => product.to_owned(),
            Side::Microsoft => "Microsoft".to_owned(),
        },
        action: match operation.action {
            WriteAction::Create => "Create",
            WriteAction::Update => "Change",
            WriteAction::Delete => "Delete",
        },
        title: operation.title.clone(),
        fields: fields::labels(&operation.fields),
        notice: operation.notice.map_or_else(String::new, notice),
    }
}

fn notice(planned: PlannedNotice) -> String {
    let what = match planned.kind {
        NoticeKind::Invitation => "Invitation",
        NoticeKind::Update => "Update",
        NoticeKind::Cancellation => "Cancellation",
        NoticeKind::Reply => "Answer",
    };
    format!("{what} to {}", counted(planned.people, "person", "people"))
}

/// A line for each reason.
pub fn issue_lines(issues: &[IssueReport], names: Names<'_>) -> Vec<IssueLine> {
    let mut lines: BTreeMap<(&str, &str), Vec<&IssueReport>> = BTreeMap::new();
    for issue in issues {
        lines.entry((issue.code.as_str(), issue.message.as_str())).or_default().push(issue);
    }
    let line = |((code, message), met): ((&str, &str), Vec<&IssueReport>)| {
        let shown_max = if GUARD_RAILS.contains(&code) { usize::MAX } else { ITEMS_SHOWN_MAX };
        let items: Vec<ItemLine> = met.iter().take(shown_max).filter_map(|issue| names(issue)).collect();
        let more_items = if items.is_empty() { 0 } else { met.len().saturating_sub(items.len()) };
        IssueLine { message: message.to_owned(), times: met.len(), items, more_items }
    };
    lines.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use super::*;
    use crate::app::Resource;

    const READER: Reader = Reader { is_own: true, administrator: false };

    fn planned(action: WriteAction, title: &str) -> PlannedWrite {
        PlannedWrite { side: Side::Crm, action, title: title.to_owned(), fields: Vec::new(), notice: None }
    }

    /// A preview of these writes, which a guard rail holds or not.
    fn preview(operations: Vec<PlannedWrite>, is_held: bool) -> PreviewReport {
        let issue = IssueReport {
            code: "too-many-deletions".to_owned(),
            item_id: None,
            external_id: None,
            message: "Too many.".to_owned(),
        };
        PreviewReport {
            user: "anna".to_owned(),
            resource: Resource::Calendar,
            operations,
            adopted: 0,
            conflicts: 0,
            invitations: 0,
            people: 0,
            blocked: None,
            issues: if is_held { vec![issue] } else { Vec::new() },
            complete: true,
            requests: 0,
        }
    }

    #[test]
    fn what_is_lost_is_read_first_and_then_by_its_title() {
        let writes = [
            planned(WriteAction::Create, "a"),
            planned(WriteAction::Update, "c"),
            planned(WriteAction::Delete, "b"),
            planned(WriteAction::Delete, "A"),
            planned(WriteAction::Update, "B"),
        ];
        let titles: Vec<_> = in_reading_order(&writes).into_iter().map(|planned| planned.title.as_str()).collect();
        assert_eq!(titles, ["A", "b", "B", "c", "a"]);
    }

    #[test]
    fn a_report_lays_out_no_more_than_a_browser_can_and_leads_to_the_rest() {
        for (count, is_held, laid_out, more) in [
            (50, true, (50, 0), 0),
            (200, true, (50, 150), 0),
            (201, true, (50, 150), 1),
            (20_000, true, (50, 150), 19_800),
            (51, false, (50, 0), 1),
        ] {
            let writes = (0..count).map(|number| planned(WriteAction::Delete, &format!("Item {number:05}"))).collect();
            let view = ReportView::of_preview("CRM", &preview(writes, is_held), READER, &|_| None);
            let view = view.with_all_at("/preview".to_owned());
            assert_eq!((view.operations.len(), view.held_operations.len()), laid_out, "{count}");
            assert_eq!((view.more_operations, view.all_href.is_some()), (more, more > 0), "{count}");
            let lines = view.operations.iter().chain(&view.held_operations);
            assert!(lines.map(|line| &line.title).is_sorted(), "{count}");
        }
    }

    #[test]
    fn a_report_tells_what_happened_and_not_what_did_not() {
        let told =
            facts([(0, "conflict", "conflicts"), (1, "merged item", "merged items"), (2, "request", "requests")]);
        assert_eq!(told, "1 merged item · 2 requests");
        assert_eq!(facts([(0, "conflict", "conflicts")]), "");
    }
}

//! What the page of a first run says.
//!
//! It names items to their owner alone: an administrator sees how many of what there are
//! here, and the items on the pages of the user's calendar and tasks.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::obstacle::Obstacle;
use super::shown::Again;
use crate::app::{
    AppError, IssueReport, NextCall, NoticeKind, PlannedWrite, PreviewReport, Resource, Side, WriteAction,
};
use crate::crm::users::User;
use crate::web::account::{account_page, settings_page};
use crate::web::blocked::{sentence, sentence_of};
use crate::web::forms::encoded;
use crate::web::items::ItemLine;
use crate::web::reader::Reader;
use crate::web::report::{
    Badge, IssueLine, OPERATIONS_LAID_OUT_MAX, OperationLine, ReportView, SideLine, counted, facts, in_reading_order,
    issue_lines, operation_line,
};
use crate::web::settings::in_effect::SectionInEffect;
use crate::web::viewer::Viewer;

/// What was found out about a resource.
#[derive(Debug)]
pub struct Found {
    /// Which one.
    pub resource: Resource,
    /// When it was begun to look.
    pub began: DateTime<Utc>,
    /// What a run would do, or why that cannot be said.
    pub preview: Result<PreviewReport, AppError>,
}

impl Found {
    /// Whether everything was read that a run would read.
    fn is_certain(&self) -> bool {
        self.preview.as_ref().is_ok_and(|report| report.complete && report.blocked.is_none())
    }

    /// What a run would do, where that can be said.
    pub fn report(&self) -> Option<&PreviewReport> {
        self.preview.as_ref().ok().filter(|report| report.blocked.is_none())
    }
}

/// What a button of the page has come to.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// What a run would do.
    Preview(Box<PreviewView>),
    /// Nothing was run.
    Refused(Box<ReportView>),
    /// What the run did.
    Started {
        /// Of each resource.
        reports: Vec<ReportView>,
        /// What follows.
        then: Then,
    },
}

/// What follows the first run, by the resource that is furthest from being in step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Then {
    /// Both sides are in step.
    InStep,
    /// There is more to do now.
    GoesOn,
    /// Something is waited for that ends by itself.
    Waits,
    /// Somebody has to act first.
    Stopped,
}

impl Then {
    /// Of what each resource has come to; none of one whose run has failed, which is
    /// tried again.
    pub fn of(nexts: impl IntoIterator<Item = Option<NextCall>>) -> Self {
        let one = |next| match next {
            Some(NextCall::Idle) => Self::InStep,
            Some(NextCall::Again) => Self::GoesOn,
            Some(NextCall::After { .. }) | None => Self::Waits,
            Some(NextCall::Blocked { .. }) => Self::Stopped,
        };
        nexts.into_iter().map(one).max().unwrap_or(Self::InStep)
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::InStep => "From now on both sides are kept in step by themselves.",
            Self::GoesOn => "There is more to do than one run does: the rest goes on by itself.",
            Self::Waits => "Not everything could be done yet, as is said below: the rest goes on by itself.",
            Self::Stopped => "Not everything can be done before somebody acts: what that is, is said below.",
        }
    }
}

/// The page.
#[derive(Debug, Serialize)]
pub struct FirstSyncView {
    subtitle: String,
    /// The login that the buttons send.
    user: String,
    is_own: bool,
    name: String,
    /// Where the items are named.
    calendar_href: String,
    tasks_href: String,
    obstacle: Option<Obstacle>,
    preview: Option<PreviewView>,
    /// Why nothing was run.
    refused: Option<ReportView>,
    reports: Vec<ReportView>,
    then: &'static str,
    /// What a run goes by; none where there is nothing to agree to.
    settings: Vec<SectionInEffect>,
    settings_href: String,
    later_href: String,
    status_href: String,
}

/// What a run would do.
#[derive(Clone, Debug, Serialize)]
pub struct PreviewView {
    /// Why it is shown once more.
    again: Option<&'static str>,
    mails: Option<MailsView>,
    resources: Vec<ResourceView>,
    can_start: bool,
}

/// Whom Microsoft would tell something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct MailsView {
    kind: &'static str,
    headline: String,
    text: String,
}

/// A resource.
#[derive(Clone, Debug, Serialize)]
struct ResourceView {
    name: &'static str,
    word: &'static str,
    badge: Badge,
    /// Why nothing can be said of it, and what to do.
    refusal: Option<String>,
    sides: Vec<SideLine>,
    facts: String,
    /// What else there is to know of the preview.
    warnings: Vec<&'static str>,
    /// How many writes there would be.
    count: String,
    operations: Vec<OperationLine>,
    more_operations: usize,
    issues: Vec<IssueLine>,
}

/// What items are called, by resource and issue.
type Named<'a, N> = &'a dyn Fn(Resource) -> N;

impl FirstSyncView {
    /// The page of a user as a viewer sees it.
    pub fn new(
        viewer: &Viewer,
        user: &User,
        account: Option<String>,
        obstacle: Option<Obstacle>,
        outcome: Option<Outcome>,
    ) -> Self {
        let (preview, refused, reports, then) = match outcome {
            Some(Outcome::Preview(preview)) => (Some(*preview), None, Vec::new(), ""),
            Some(Outcome::Refused(report)) => (None, Some(*report), Vec::new(), ""),
            Some(Outcome::Started { reports, then }) => (None, None, reports, then.sentence()),
            None => (None, None, Vec::new(), ""),
        };
        Self {
            subtitle: match account {
                Some(account) => format!("{} with {account}", user.display_name),
                None => user.display_name.clone(),
            },
            user: user.login.clone(),
            is_own: viewer.user.id == user.id,
            name: user.display_name.clone(),
            calendar_href: format!("/calendar?user={}", encoded(&user.login)),
            tasks_href: format!("/tasks?user={}", encoded(&user.login)),
            preview: preview.filter(|_| obstacle.is_none()),
            refused,
            obstacle,
            reports,
            then,
            settings: Vec::new(),
            settings_href: settings_page(viewer, user.id),
            later_href: account_page(viewer, user.id),
            status_href: format!("/status/{}", user.id),
        }
    }

    /// With the settings that a run goes by.
    #[must_use]
    pub fn with_settings(self, settings: Vec<SectionInEffect>) -> Self {
        Self { settings, ..self }
    }

    /// Whether there is something to agree to.
    pub const fn asks(&self) -> bool {
        self.obstacle.is_none() && self.reports.is_empty()
    }
}

impl Again {
    const fn sentence(self) -> &'static str {
        match self {
            Self::NotShown => {
                "Nothing was started, because no preview of this account was shown in this window. This is what would \
                 happen."
            }
            Self::More => {
                "Nothing was started, because more would happen by now than the preview has shown. This is what would \
                 happen now."
            }
            Self::NotComparable => {
                "Nothing was started, because it cannot be found out at the moment what would happen."
            }
        }
    }
}

impl PreviewView {
    /// What was found, with the titles of items for their owner alone.
    pub fn new<N: Fn(&IssueReport) -> Option<ItemLine>>(
        product: &str,
        reader: Reader,
        found: &[Found],
        again: Option<Again>,
        named: Named<'_, N>,
    ) -> Self {
        let reports: Vec<&PreviewReport> = found.iter().filter_map(Found::report).collect();
        Self {
            again: again.map(Again::sentence),
            mails: (!reports.is_empty())
                .then(|| MailsView::new(&reports, found.iter().all(Found::is_certain), reader.is_own)),
            can_start: !reports.is_empty() && found.iter().all(|found| found.preview.is_ok()),
            resources: found
                .iter()
                .map(|found| ResourceView::new(product, reader, found, &named(found.resource)))
                .collect(),
        }
    }
}

impl MailsView {
    fn new(reports: &[&PreviewReport], is_certain: bool, is_own: bool) -> Self {
        let mails = reports.iter().map(|report| report.mails()).fold(0, u32::saturating_add);
        // Only events have guests, so that nobody is counted twice.
        let people = reports.iter().map(|report| report.people).fold(0, u32::saturating_add);
        if mails == 0 && !is_certain {
            return Self {
                kind: "warn",
                headline: "Nobody can say yet whether an invitation goes out.".to_owned(),
                text: "What was read so far causes no mail; what could not be read, as is said below, may.".to_owned(),
            };
        }
        if mails == 0 {
            return Self {
                kind: "good",
                headline: "No invitation goes out.".to_owned(),
                text: "Microsoft sends no mail to anybody: no invitation, no update and no cancellation.".to_owned(),
            };
        }
        let notices = || reports.iter().flat_map(|report| &report.operations).filter_map(|write| write.notice);
        let of = |kind| notices().filter(|notice| notice.kind == kind).map(|notice| u64::from(notice.people)).sum();
        let kinds = facts([
            (of(NoticeKind::Invitation), "invitation", "invitations"),
            (of(NoticeKind::Update), "update", "updates"),
            (of(NoticeKind::Cancellation), "cancellation", "cancellations"),
            (of(NoticeKind::Reply), "answer to an organizer", "answers to organizers"),
        ]);
        let (mails, people) = (counted(mails, "mail", "mails"), counted(people, "person", "people"));
        let where_to_look = if is_own { " The lists below say about what." } else { "" };
        Self {
            kind: "bad",
            headline: format!("Microsoft would send {}{mails} to {people}.", if is_certain { "" } else { "at least " }),
            text: format!("{kinds}.{where_to_look}"),
        }
    }
}

impl ResourceView {
    fn new(product: &str, reader: Reader, found: &Found, names: &impl Fn(&IssueReport) -> Option<ItemLine>) -> Self {
        let view = Self {
            name: found.resource.label(),
            word: found.resource.as_str(),
            badge: Badge { kind: "bad", text: "Cannot be said" },
            refusal: None,
            sides: Vec::new(),
            facts: String::new(),
            warnings: Vec::new(),
            count: String::new(),
            operations: Vec::new(),
            more_operations: 0,
            issues: Vec::new(),
        };
        match &found.preview {
            Ok(PreviewReport { blocked: Some(reason), .. }) => {
                Self { refusal: Some(sentence(*reason, reader).to_owned()), ..view }
            }
            Ok(report) => view.told(product, reader.is_own, report, names),
            Err(error) => Self { refusal: Some(sentence_of(error, reader)), ..view },
        }
    }

    fn told(
        self,
        product: &str,
        is_own: bool,
        report: &PreviewReport,
        names: &impl Fn(&IssueReport) -> Option<ItemLine>,
    ) -> Self {
        let listed = if is_own { report.operations.as_slice() } else { &[] };
        let ordered = in_reading_order(listed).into_iter().take(OPERATIONS_LAID_OUT_MAX);
        let side = |side, name: &str| side_line(name, report.operations.iter().filter(|write| write.side == side));
        Self {
            badge: badge(report),
            sides: vec![side(Side::Crm, product), side(Side::Microsoft, "Microsoft")],
            facts: facts([
                (
                    u64::from(report.adopted),
                    "item is on both sides already and would be recognized as one",
                    "items are on both sides already and would be recognized as one each",
                ),
                (u64::from(report.conflicts), "conflict would be decided", "conflicts would be decided"),
            ]),
            warnings: warnings(report),
            count: counted(u64::try_from(listed.len()).unwrap_or(u64::MAX), "item", "items"),
            operations: ordered.map(|write| operation_line(product, write)).collect(),
            more_operations: listed.len().saturating_sub(OPERATIONS_LAID_OUT_MAX),
            issues: issue_lines(&report.issues, names),
            ..self
        }
    }
}

fn badge(report: &PreviewReport) -> Badge {
    if report.is_held_back() {
        Badge { kind: "bad", text: "Held back" }
    } else if !report.complete {
        Badge { kind: "warn", text: "Incomplete" }
    } else if report.operations.is_empty() {
        Badge { kind: "", text: "Nothing to write" }
    } else {
        Badge { kind: "accent", text: "Complete preview" }
    }
}

fn warnings(report: &PreviewReport) -> Vec<&'static str> {
    let mut warnings = Vec::new();
    if report.is_held_back() {
        warnings.push(
            "A guard rail would stop this before the first write. An administrator can release it then, on the page of \
             alerts.",
        );
    }
    if !report.complete {
        warnings.push("The sides could not be read to the end, so there may be more than is shown here.");
    }
    warnings
}

fn side_line<'a>(name: &str, writes: impl Iterator<Item = &'a PlannedWrite>) -> SideLine {
    let mut line = SideLine::empty(name);
    for write in writes {
        let count = match write.action {
            WriteAction::Create => &mut line.created,
            WriteAction::Update => &mut line.updated,
            WriteAction::Delete => &mut line.deleted,
        };
        *count = count.saturating_add(1);
    }
    line
}

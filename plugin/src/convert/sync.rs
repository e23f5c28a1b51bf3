//! Jobs, reports and previews.

use std::time::Duration;

use tandem_core::ports::Fence;
use tandem_core::run::{
    Blocked, Budget, Counts, Halt, Job, Next, NotReversed, OpenWrite, PlannedAction, PlannedNotice, PlannedOperation,
    Preview, Report, ReversalPreview, SetAside, SetAsidePage, SideCounts, Standing, Wait, WaitReason,
};
use tandem_core::settings::Feature;
use tandem_core::sync::{Issue, NoticeKind, Side};

use crate::bindings::exports::tandem::plugin::sync as wit;

/// How much a step may do.
pub fn budget(budget: wit::Budget) -> Budget {
    Budget { requests: budget.requests, items: budget.items, time: Duration::from_millis(budget.time) }
}

/// What to work on.
pub const fn job(job: &wit::Job) -> Job {
    Job { resource: resource(job.resource), fence: Fence(job.fence) }
}

/// A resource.
pub const fn resource(feature: wit::Feature) -> Feature {
    match feature {
        wit::Feature::Calendar => Feature::Calendar,
        wit::Feature::Tasks => Feature::Tasks,
        wit::Feature::Mail => Feature::Mail,
    }
}

/// What is set aside.
pub fn set_aside_page(page: SetAsidePage) -> wit::SetAsidePage {
    wit::SetAsidePage { items: page.items.into_iter().map(set_aside_item).collect(), next: page.next }
}

/// An item that is set aside, with what names it.
pub fn set_aside_item((key, item): (String, SetAside)) -> wit::SetAsideItem {
    wit::SetAsideItem {
        key,
        hint: item.hint().to_owned(),
        item_id: item.crm.map(|id| id.as_str().to_owned()),
        external_id: item.m365.map(|id| id.as_str().to_owned()),
        code: item.code.as_str().to_owned(),
        message: item.message,
        attempts: item.attempts,
        first_at: item.first_at.epoch_milliseconds(),
        last_at: item.last_at.epoch_milliseconds(),
    }
}

/// How a resource stands.
pub fn standing(standing: Standing) -> wit::ResourceStanding {
    let open = |write: OpenWrite| wit::OpenWrite {
        side: side(write.side),
        action: action(write.action),
        item_id: write.crm.map(|id| id.as_str().to_owned()),
        external_id: write.m365.map(|id| id.as_str().to_owned()),
    };
    wit::ResourceStanding {
        linked: standing.linked,
        set_aside: standing.set_aside,
        open_writes: standing.open.into_iter().map(open).collect(),
        guard_rail: standing.rail.map(|rail| rail.as_str().to_owned()),
    }
}

/// The report of a step.
pub fn report(report: Report) -> wit::Report {
    wit::Report {
        next: match report.next {
            Next::Idle => wit::Next::Idle,
            Next::Again => wit::Next::Again,
            Next::After(wait) => wit::Next::After(self::wait(wait)),
            Next::Blocked(reason) => wit::Next::Blocked(blocked_reason(reason)),
        },
        counts: counts(report.counts),
        issues: report.issues.into_iter().map(issue).collect(),
    }
}

/// Why nothing can be done.
pub const fn blocked_reason(reason: Blocked) -> wit::BlockedReason {
    match reason {
        Blocked::Disabled => wit::BlockedReason::Disabled,
        Blocked::NotConnected => wit::BlockedReason::NotConnected,
        Blocked::Parked => wit::BlockedReason::Parked,
        Blocked::MissingPermission => wit::BlockedReason::MissingPermission,
        Blocked::GuardRail => wit::BlockedReason::GuardRail,
        Blocked::StaleFence => wit::BlockedReason::StaleFence,
        Blocked::NotConfigured => wit::BlockedReason::NotConfigured,
        Blocked::NotOffered => wit::BlockedReason::NotOffered,
    }
}

/// What a run would do.
pub fn preview_report(preview: Preview) -> wit::PreviewReport {
    wit::PreviewReport {
        operations: preview.operations.iter().map(operation).collect(),
        adopted: preview.adopted,
        conflicts: preview.conflicts,
        invitations: preview.invitations,
        people: preview.people,
        issues: preview.issues.into_iter().map(issue).collect(),
        complete: preview.complete,
        requests: preview.requests,
    }
}

/// Why a call gave up before it had done its work.
pub fn halt(halt: &Halt) -> wit::Halt {
    match halt {
        Halt::Blocked(reason) => wit::Halt::Blocked(blocked_reason(*reason)),
        Halt::Wait(wait) => wit::Halt::Unavailable(Some(self::wait(*wait))),
        Halt::Host(error) => wit::Halt::Unavailable(Some(wait(Wait::for_host(error)))),
        Halt::State(_) => wit::Halt::Unavailable(Some(wait(Wait::FOR_STATE))),
        Halt::BudgetSpent => wit::Halt::Unavailable(None),
    }
}

fn wait(wait: Wait) -> wit::Wait {
    let reason = match wait.reason {
        WaitReason::Throttled => wit::WaitReason::Throttled,
        WaitReason::MicrosoftUnavailable => wit::WaitReason::MicrosoftUnavailable,
        WaitReason::MailboxUnavailable => wit::WaitReason::MailboxUnavailable,
        WaitReason::Stopped => wit::WaitReason::Stopped,
        WaitReason::HostUnavailable => wit::WaitReason::HostUnavailable,
    };
    wit::Wait { time: milliseconds(wait.time), reason }
}

/// Why a decision is not taken back.
pub fn not_reversed(reason: NotReversed) -> wit::NotReversed {
    match reason {
        NotReversed::Already => wit::NotReversed::Already,
        NotReversed::Refused(words) => wit::NotReversed::Refused(words),
        NotReversed::Halted(reason) => wit::NotReversed::Halted(halt(&reason)),
    }
}

/// What taking a decision back would lead to.
pub fn reversal_preview(preview: &ReversalPreview) -> wit::ReversalPreview {
    wit::ReversalPreview {
        operations: preview.operations.iter().map(operation).collect(),
        invitations: preview.invitations,
        people: preview.people,
        waits: preview.waits,
    }
}

fn counts(counts: Counts) -> wit::Counts {
    wit::Counts {
        crm: side_counts(counts.crm),
        microsoft: side_counts(counts.m365),
        adopted: counts.adopted,
        merged: counts.merged,
        conflicts: counts.conflicts,
        requests: counts.requests,
    }
}

const fn side_counts(counts: SideCounts) -> wit::SideCounts {
    wit::SideCounts { created: counts.created, updated: counts.updated, deleted: counts.deleted }
}

fn issue(issue: Issue) -> wit::Issue {
    wit::Issue {
        code: issue.code.as_str().to_owned(),
        item_id: issue.crm.map(|id| id.as_str().to_owned()),
        external_id: issue.m365.map(|id| id.as_str().to_owned()),
        message: issue.message,
    }
}

fn operation(operation: &PlannedOperation) -> wit::PlannedOperation {
    wit::PlannedOperation {
        side: side(operation.side),
        action: action(operation.action),
        title: operation.record.title().to_owned(),
        fields: operation.groups.iter().map(|group| group.name().to_owned()).collect(),
        notice: operation.notice.map(notice),
    }
}

const fn side(side: Side) -> wit::PlannedSide {
    match side {
        Side::Crm => wit::PlannedSide::Crm,
        Side::M365 => wit::PlannedSide::Microsoft,
    }
}

const fn action(action: PlannedAction) -> wit::PlannedAction {
    match action {
        PlannedAction::Create => wit::PlannedAction::Create,
        PlannedAction::Update => wit::PlannedAction::Update,
        PlannedAction::Delete => wit::PlannedAction::Delete,
    }
}

const fn notice(notice: PlannedNotice) -> wit::PlannedNotice {
    wit::PlannedNotice {
        kind: match notice.kind {
            NoticeKind::Invitation => wit::NoticeKind::Invitation,
            NoticeKind::Update => wit::NoticeKind::Update,
            NoticeKind::Cancellation => wit::NoticeKind::Cancellation,
            NoticeKind::Reply => wit::NoticeKind::Reply,
        },
        people: notice.people,
    }
}

fn milliseconds(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}

//! The sentences that a run says to people: what happened, and what to do.

use std::error::Error;

use crate::graph::Failure;
use crate::model::{CrmId, GraphId};
use crate::ports::{Alert, AlertFilter, AlertKind, AlertResource, AlertStep, HostError};
use crate::sync::rails::{DELETED_SHARE_MAX, DELETIONS_MAX, PerSide, Rail, Stop};
use crate::sync::{Issue, IssueCode, Side};

use super::report::Halt;

/// Codes of alerts that concern the run as a whole: over once a run succeeds.
pub(super) const RUN_CODES: [&str; 5] =
    ["microsoft-unavailable", "missing-permission", "mailbox-unavailable", "run-stopped", "to-do-not-offered"];

/// Every guard rail: the alert about one is over once a run succeeds.
pub(super) const RAILS: [Rail; 3] = [Rail::SuddenlyEmpty, Rail::TooManyDeletions, Rail::Thrash];

/// An error with its causes in one line. Errors of this crate hold no content,
/// tokens or secrets.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

fn run_alert(resource: AlertResource, code: &'static str, kind: AlertKind, message: String, hint: &str) -> Alert {
    Alert {
        resource,
        kind,
        towards: None,
        step: AlertStep::GetList,
        code,
        item_id: None,
        external_id: None,
        message,
        hint: hint.to_owned(),
    }
}

/// Microsoft has not answered for several attempts.
pub(super) fn unavailable(resource: AlertResource, failure: &dyn Error) -> Alert {
    let message = format!("Microsoft 365 has not answered as expected several times in a row ({}).", chain(failure));
    let hint = "Nothing is lost: the synchronization goes on by itself once Microsoft answers. \
                Look at Microsoft's service status if this stays.";
    run_alert(resource, "microsoft-unavailable", AlertKind::Sync, message, hint)
}

/// A permission is missing.
pub(super) fn missing_permission(resource: AlertResource, failure: &Failure) -> Alert {
    let (what, permission) = match resource {
        AlertResource::Account => ("the account", "User.Read"),
        AlertResource::Calendar => ("the calendar", "Calendars.ReadWrite"),
        AlertResource::Tasks => ("the tasks", "Tasks.ReadWrite"),
    };
    let message = format!("Microsoft 365 denies access to {what} ({}).", chain(failure));
    let hint = format!("Give the application the delegated permission {permission}, consent to it, and connect again.");
    run_alert(resource, "missing-permission", AlertKind::Auth, message, &hint)
}

/// The mailbox is not there.
pub(super) fn mailbox(resource: AlertResource, failure: &Failure) -> Alert {
    if failure.is_mailbox_full() {
        let message =
            format!("The mailbox of this account is full: Microsoft 365 takes nothing more ({}).", chain(failure));
        let hint = "Delete or archive something in Outlook, or have an administrator raise the mailbox's limit. The \
                    synchronization goes on by itself then.";
        return run_alert(resource, "mailbox-unavailable", AlertKind::Sync, message, hint);
    }
    let message = format!("Microsoft 365 has no usable mailbox for this account ({}).", chain(failure));
    let hint = "Check the account's Exchange Online licence. A new licence takes up to 15 minutes to work.";
    run_alert(resource, "mailbox-unavailable", AlertKind::Sync, message, hint)
}

/// What to do about a side that is not as it can be.
pub(super) const fn hint_for(side: Side) -> &'static str {
    match side {
        Side::M365 => {
            "It begins again by itself. If this stays, check the addresses of Microsoft's endpoints and the host's \
             allow list."
        }
        Side::Crm => {
            "It begins again by itself. If this stays, look into the log of the CRM, and report it to whoever runs it."
        }
    }
}

/// Something of this side is not as it can be.
pub(super) fn stopped(resource: AlertResource, side: Side, reason: &str) -> Alert {
    let hint = hint_for(side);
    run_alert(resource, "run-stopped", AlertKind::Sync, format!("The run was stopped: {reason}."), hint)
}

fn unusable(error: &dyn Error) -> String {
    format!(
        "What the CRM keeps for the synchronization cannot be used: {}. Nothing was written because of that, and it is \
         tried again by itself. If this stays, look whether an older version of the plugin was installed, or restore \
         the plugin's state.",
        chain(error)
    )
}

/// The same as an alert.
pub(super) fn broken(resource: AlertResource, issue: &Issue) -> Alert {
    run_alert(resource, "run-stopped", AlertKind::Sync, issue.message.clone(), hint_for(Side::Crm))
}

/// What is said of a run that cannot trust its host, or what it finds there; none
/// where it ended for another reason.
pub(super) fn of_host(halt: &Halt) -> Option<Issue> {
    let (code, message) = match halt {
        Halt::Host(HostError::Breach(breach)) => (
            IssueCode::HostBreach,
            format!(
                "The CRM does not keep the contract: {breach}. Nothing was concluded from that, and it is tried again \
                 by itself. If this stays, report it with this sentence to whoever runs the CRM."
            ),
        ),
        Halt::Host(error @ HostError::Unreadable(_)) => (IssueCode::StateUnreadable, unusable(error)),
        Halt::State(error) => (IssueCode::StateUnreadable, unusable(error)),
        Halt::Host(HostError::Unavailable(_) | HostError::AccessDenied | HostError::Other(_))
        | Halt::BudgetSpent
        | Halt::Wait(_)
        | Halt::Blocked(_) => return None,
    };
    Some(Issue { code, crm: None, m365: None, message })
}

/// The stable word of a guard rail.
pub(super) const fn rail_code(rail: Rail) -> IssueCode {
    match rail {
        Rail::SuddenlyEmpty => IssueCode::SuddenlyEmpty,
        Rail::TooManyDeletions => IssueCode::TooManyDeletions,
        Rail::Thrash => IssueCode::Thrash,
    }
}

/// The alerts about a guard rail.
pub(super) fn of_rail(resource: AlertResource, rail: Rail) -> AlertFilter {
    AlertFilter { resource: Some(resource), code: Some(rail_code(rail).as_str()), ..AlertFilter::default() }
}

/// What is said of a guard rail that is up.
pub(super) struct GuardRailSaid {
    /// Which.
    pub code: IssueCode,
    /// What would have happened.
    pub message: String,
    /// What to do, and what a release does.
    hint: String,
}

impl GuardRailSaid {
    /// As an alert, about one item where one is named.
    pub fn alert(self, resource: AlertResource, (crm, m365): (Option<CrmId>, Option<GraphId>)) -> Alert {
        Alert {
            resource,
            kind: AlertKind::Sync,
            towards: None,
            step: AlertStep::Plan,
            code: self.code.as_str(),
            item_id: crm.map(|id| id.as_str().to_owned()),
            external_id: m365.map(|id| id.as_str().to_owned()),
            message: self.message,
            hint: self.hint,
        }
    }
}

/// A guard rail is up. `product` names the CRM.
pub(super) fn guard_rail(resource: AlertResource, stop: Stop, product: &str) -> GuardRailSaid {
    let (one, many) = match resource {
        AlertResource::Calendar => ("event", "events"),
        AlertResource::Tasks => ("task", "tasks"),
        AlertResource::Account => ("item", "items"),
    };
    let name = |side: Side| if side == Side::Crm { product } else { "Microsoft 365" };
    let counted = |count: u32| format!("{count} {}", if count == 1 { one } else { many });
    let held = format!("Nothing is written to the {many} on either side until an administrator releases this");
    let message = match stop {
        Stop::SuddenlyEmpty { side, deletions, links } => format!(
            "{} shows nothing any more of what was kept in step: {} of {links} would be deleted in {}. {held}.",
            name(side),
            counted(deletions),
            name(side.other()),
        ),
        Stop::TooManyDeletions { deletions: PerSide { crm, m365 }, links } => format!(
            "{} of {links} would be deleted at once, {crm} of them in {product} and {m365} in Microsoft 365. That is \
             more than {DELETIONS_MAX}, and more than {DELETED_SHARE_MAX} %. {held}.",
            counted(crm.saturating_add(m365)),
        ),
        Stop::Thrash { items } => format!(
            "{} would be written once more with the same values as many times before, run after run: something \
             changes them back each time. {held}.",
            counted(items),
        ),
    };
    let hint = match stop {
        Stop::SuddenlyEmpty { .. } | Stop::TooManyDeletions { .. } => format!(
            "Find out whether these {many} were meant to be deleted; the preview names each of them. If so, release \
             this: then exactly these are deleted, once, and any larger number stops again. If not, do not release \
             it: nothing is lost meanwhile. Find out what has removed them, and bring them back there."
        ),
        Stop::Thrash { .. } => format!(
            "Look for another integration, a rule or a workflow that changes these {many}, on either side, and switch \
             one of the two off. Then release this: they are written once more, and if that goes on the run stops \
             again."
        ),
    };
    GuardRailSaid { code: rail_code(stop.rail()), message, hint }
}

/// What somebody can do about an item, or a collection, that is left as it is.
pub(super) const fn next_step(code: IssueCode) -> &'static str {
    match code {
        // When it is tried again is part of what happened.
        IssueCode::Refused => "Correct the item on the side it comes from.",
        IssueCode::NotMappable | IssueCode::KeepsChanging => {
            "Correct the item on the side it comes from; it is tried again when it changes."
        }
        IssueCode::CalendarNotFound => {
            "Correct the names of calendars in the settings, or create or share the calendar in Outlook. It is looked \
             for when the names change, and once a day."
        }
        IssueCode::TaskListNotFound => {
            "Correct the name of the task list in the settings, or create the list in To Do."
        }
        IssueCode::WouldNotify => {
            "Leave it where nobody has to hear of it. Otherwise edit it once more, and have people told; what was \
             deleted, delete in Outlook."
        }
        IssueCode::NotInvited => "Ask its organizer for an invitation, or create an event of your own.",
        IssueCode::TooLarge => "Shorten it on the side it comes from; it is tried again when it changes.",
        IssueCode::RecurrenceNotSupported => {
            "Choose a rule that both sides can hold; it is tried again when it changes. Otherwise leave it."
        }
        IssueCode::OccurrenceCrossing
        | IssueCode::ZoneUnknown
        | IssueCode::NotWritable
        | IssueCode::CalendarLeft
        | IssueCode::TaskListLeft
        | IssueCode::WorkflowRestricted
        | IssueCode::HostBreach
        | IssueCode::StateUnreadable
        | IssueCode::SuddenlyEmpty
        | IssueCode::TooManyDeletions
        | IssueCode::Thrash => "Read what happened; it is tried again when the item changes.",
    }
}

/// An item that could not be brought into step.
pub(super) fn item_alert(resource: AlertResource, issue: &Issue, towards: Option<Side>) -> Option<Alert> {
    let step = match issue.code {
        IssueCode::NotMappable => AlertStep::Map,
        IssueCode::Refused | IssueCode::KeepsChanging => AlertStep::Save,
        IssueCode::CalendarNotFound | IssueCode::TaskListNotFound => AlertStep::GetList,
        // Said in the report of the run; nobody has to act.
        IssueCode::RecurrenceNotSupported
        | IssueCode::OccurrenceCrossing
        | IssueCode::ZoneUnknown
        | IssueCode::NotWritable
        | IssueCode::WouldNotify
        | IssueCode::NotInvited
        | IssueCode::TooLarge
        | IssueCode::CalendarLeft
        | IssueCode::TaskListLeft
        | IssueCode::WorkflowRestricted
        // Have an alert of their own, about the run as a whole.
        | IssueCode::HostBreach
        | IssueCode::StateUnreadable
        | IssueCode::SuddenlyEmpty
        | IssueCode::TooManyDeletions
        | IssueCode::Thrash => return None,
    };
    Some(Alert {
        resource,
        kind: AlertKind::Sync,
        towards,
        step,
        code: issue.code.as_str(),
        item_id: issue.crm.as_ref().map(|id| id.as_str().to_owned()),
        external_id: issue.m365.as_ref().map(|id| id.as_str().to_owned()),
        message: issue.message.clone(),
        hint: next_step(issue.code).to_owned(),
    })
}

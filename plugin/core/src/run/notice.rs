//! The sentences that a run says to people: what happened, and what to do.

use std::error::Error;

use crate::graph::Failure;
use crate::ports::{Alert, AlertKind, AlertResource, AlertStep};
use crate::sync::{Issue, IssueCode, Side};

/// Codes of alerts that concern the run as a whole: over once a run succeeds.
pub(super) const RUN_CODES: [&str; 5] =
    ["microsoft-unavailable", "missing-permission", "mailbox-unavailable", "run-stopped", "to-do-not-offered"];

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
    let hint = "Nothing is lost: the synchronisation goes on by itself once Microsoft answers. \
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
    let message = format!("Microsoft 365 has no usable mailbox for this account ({}).", chain(failure));
    let hint = "Check the account's Exchange Online licence. A new licence takes up to 15 minutes to work.";
    run_alert(resource, "mailbox-unavailable", AlertKind::Sync, message, hint)
}

/// Something is not as it can be.
pub(super) fn stopped(resource: AlertResource, reason: &str) -> Alert {
    let hint = "It begins again by itself. If this stays, check the addresses of Microsoft's endpoints and the \
                host's allow list.";
    run_alert(resource, "run-stopped", AlertKind::Sync, format!("The run was stopped: {reason}."), hint)
}

/// An item that could not be brought into step.
pub(super) fn item_alert(resource: AlertResource, issue: &Issue, towards: Option<Side>) -> Option<Alert> {
    let (step, hint) = match issue.code {
        IssueCode::NotMappable => {
            (AlertStep::Map, "Correct the item on the side it comes from; it is tried again when it changes.")
        }
        IssueCode::Refused | IssueCode::KeepsChanging => {
            (AlertStep::Save, "Correct the item on the side it comes from; it is tried again when it changes.")
        }
        IssueCode::CalendarNotFound => (
            AlertStep::GetList,
            "Correct the names of calendars in the settings, or create or share the calendar in Outlook. It is looked \
             for when the names change, and once a day.",
        ),
        IssueCode::TaskListNotFound => {
            (AlertStep::GetList, "Correct the name of the task list in the settings, or create the list in To Do.")
        }
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
        | IssueCode::WorkflowRestricted => return None,
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
        hint: hint.to_owned(),
    })
}

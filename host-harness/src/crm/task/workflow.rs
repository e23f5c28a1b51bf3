//! Oro's workflow "Task Flow" (Oro section 7.4): while it is active, the status
//! of a task cannot be set, only moved along by transitions.
//!
//! Whether it is active is a setting of the emulated CRM, for all of its
//! organizations, and none of the component's. A task's step is its status, so
//! that switching the workflow on or off moves nothing.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::record::TaskStatus;
use crate::crm::error::InvalidValue;
use crate::crm::stored::words;
use crate::crm::{Crm, CrmError};

/// Where the switch stands in `meta`.
const SWITCH_NAME: &str = "task-workflow";

/// What stands there while the workflow is active.
const ACTIVE: &str = "active";

words! {
    /// A step of the workflow.
    pub enum Transition {
        /// From open to in progress.
        StartProgress = "start_progress",
        /// Back to open.
        StopProgress = "stop_progress",
        /// To closed.
        Close = "close",
        /// From closed to open.
        Reopen = "reopen",
    }
}

impl Transition {
    /// Where it begins.
    pub const fn from(self) -> &'static [TaskStatus] {
        match self {
            Self::StartProgress => &[TaskStatus::Open],
            Self::StopProgress => &[TaskStatus::InProgress],
            Self::Close => &[TaskStatus::Open, TaskStatus::InProgress],
            Self::Reopen => &[TaskStatus::Closed],
        }
    }

    /// Where it leads.
    pub const fn to(self) -> TaskStatus {
        match self {
            Self::StartProgress => TaskStatus::InProgress,
            Self::StopProgress | Self::Reopen => TaskStatus::Open,
            Self::Close => TaskStatus::Closed,
        }
    }

    /// The transitions that a task in this status can take.
    pub fn allowed(status: TaskStatus) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |transition| transition.from().contains(&status))
    }

    /// The status after this transition.
    ///
    /// # Errors
    /// It does not begin at this status; the refusal names those that do.
    pub(crate) fn taken_from(self, status: TaskStatus) -> Result<TaskStatus, InvalidValue> {
        if self.from().contains(&status) {
            return Ok(self.to());
        }
        let allowed: Vec<String> = Self::allowed(status).map(|transition| format!("`{transition}`")).collect();
        Err(InvalidValue {
            field: "transition",
            code: "transition-not-allowed",
            expected: format!("{} for a task that is `{status}`", allowed.join(" or ")),
            found: format!("`{self}`"),
            hint: "read the task again and send a transition that its status allows",
        })
    }
}

/// A status that may not be set, because the workflow is active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Restricted {
    /// The status as it is; that of a new task is open.
    pub(crate) from: TaskStatus,
    /// What it should have become.
    pub(crate) to: TaskStatus,
}

impl Restricted {
    /// The same for a person, with the transition to use.
    pub(crate) fn value(self) -> InvalidValue {
        let Self { from, to } = self;
        let (way, hint) = match (from, to) {
            (TaskStatus::Open, TaskStatus::InProgress) => {
                ("`start_progress`", "save without the status and use the transition `start_progress`")
            }
            (TaskStatus::InProgress, TaskStatus::Open) => {
                ("`stop_progress`", "save without the status and use the transition `stop_progress`")
            }
            (TaskStatus::Closed, TaskStatus::Open) => {
                ("`reopen`", "save without the status and use the transition `reopen`")
            }
            (TaskStatus::Closed, TaskStatus::InProgress) => (
                "`reopen` and `start_progress`",
                "save without the status and use the transitions `reopen` and `start_progress`",
            ),
            (TaskStatus::Open | TaskStatus::InProgress | TaskStatus::Closed, TaskStatus::Closed)
            | (TaskStatus::Open, TaskStatus::Open)
            | (TaskStatus::InProgress, TaskStatus::InProgress) => {
                ("`close`", "save without the status and use the transition `close`")
            }
        };
        InvalidValue {
            field: "status",
            code: "workflow-restricted",
            expected: format!("`{from}` until {way} has moved the task, because the task workflow is active"),
            found: format!("`{to}`"),
            hint,
        }
    }
}

/// Whether the workflow is active, within a transaction.
pub(crate) fn is_active(connection: &Connection) -> rusqlite::Result<bool> {
    let found: Option<String> = connection
        .prepare_cached("SELECT value FROM meta WHERE name = ?1")?
        .query_row([SWITCH_NAME], |row| row.get(0))
        .optional()?;
    Ok(found.as_deref() == Some(ACTIVE))
}

impl Crm {
    /// Whether the workflow "Task Flow" is active.
    pub fn task_workflow(&self) -> Result<bool, CrmError> {
        self.read(|connection| Ok(is_active(connection)?))
    }

    /// Switches the workflow "Task Flow" on or off, for all organizations.
    pub fn set_task_workflow(&self, active: bool) -> Result<(), CrmError> {
        self.write(|transaction| {
            if active {
                transaction.execute(
                    "INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)",
                    params![SWITCH_NAME, ACTIVE],
                )?;
            } else {
                transaction.execute("DELETE FROM meta WHERE name = ?1", [SWITCH_NAME])?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::crm::fixtures::crm;

    #[test]
    fn the_steps_are_those_of_oro() {
        use TaskStatus::{Closed, InProgress, Open};
        use Transition::{Close, Reopen, StartProgress, StopProgress};
        let table = [
            (StartProgress, Open, Some(InProgress)),
            (StartProgress, InProgress, None),
            (StartProgress, Closed, None),
            (StopProgress, Open, None),
            (StopProgress, InProgress, Some(Open)),
            (StopProgress, Closed, None),
            (Close, Open, Some(Closed)),
            (Close, InProgress, Some(Closed)),
            (Close, Closed, None),
            (Reopen, Open, None),
            (Reopen, InProgress, None),
            (Reopen, Closed, Some(Open)),
        ];
        for (transition, from, to) in table {
            assert_eq!(transition.taken_from(from).ok(), to, "{transition} from {from}");
        }
        let refused = StopProgress.taken_from(Open).unwrap_err();
        assert_eq!(refused.expected, "`start_progress` or `close` for a task that is `open`");
    }

    #[test]
    fn a_refused_status_names_transitions_that_lead_there() {
        for from in TaskStatus::ALL {
            for to in TaskStatus::ALL.iter().filter(|to| *to != from) {
                let value = Restricted { from: *from, to: *to }.value();
                let named = |transition: &&Transition| value.hint.contains(&format!("`{transition}`"));
                let mut ways: Vec<Transition> = Transition::ALL.iter().filter(named).copied().collect();
                // In the order in which the hint names them.
                ways.sort_by_key(|way| value.hint.find(way.as_str()));
                let reached = ways.iter().fold(*from, |status, way| way.taken_from(status).unwrap());
                assert_eq!(reached, *to, "{value}");
            }
        }
    }

    #[test]
    fn the_switch_is_off_until_somebody_switches_it_on() {
        let crm = crm();
        assert!(!crm.task_workflow().unwrap());
        for active in [true, true, false, false] {
            crm.set_task_workflow(active).unwrap();
            assert_eq!(crm.task_workflow().unwrap(), active);
        }
    }
}

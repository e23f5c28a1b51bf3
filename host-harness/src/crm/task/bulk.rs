//! Adding many tasks at once, as an import does: one transaction, what is there
//! already stays, and one that is refused does not stop the others.

use rusqlite::Transaction;

use super::record::{TaskStatus, TaskValues};
use super::rows::task_id_of_uid_in;
use super::workflow::is_active;
use super::write::Refusal;
use crate::crm::error::InvalidValue;
use crate::crm::ids::{TaskId, UserId};
use crate::crm::random::uuid_of_text;
use crate::crm::refusal::or_taken_back;
use crate::crm::users::{User, user_in};
use crate::crm::{Crm, CrmError};

/// A task to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTask {
    /// Its iCalendar UID of any length, where it has one.
    pub uid: Option<String>,
    /// Its fields; their uid does not count.
    pub values: TaskValues,
}

/// What became of one task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddedTask {
    /// It was created.
    Created {
        /// Its identifier.
        id: TaskId,
        /// Whether it is open, other than it should be, because the workflow
        /// begins with that.
        opened: bool,
    },
    /// There is a task with its UID that was added for the same user, whoever
    /// owns it now. It stays as it is.
    Duplicate(TaskId),
    /// A value is not acceptable.
    Refused(InvalidValue),
}

impl Crm {
    /// Adds tasks for `owner`, and answers for each in their order.
    ///
    /// # Errors
    /// No such owner, or the database fails: then none was added.
    pub fn add_tasks(&self, owner: UserId, tasks: Vec<NewTask>) -> Result<Vec<AddedTask>, CrmError> {
        self.write(|transaction| {
            let owner = user_in(transaction, owner)?;
            let by_workflow = is_active(transaction)?;
            tasks.into_iter().map(|task| self.add_task(transaction, &owner, task, by_workflow)).collect()
        })
    }

    fn add_task(
        &self,
        transaction: &mut Transaction<'_>,
        owner: &User,
        task: NewTask,
        by_workflow: bool,
    ) -> Result<AddedTask, CrmError> {
        let added = or_taken_back(transaction.savepoint()?, |savepoint| {
            let uid = task.uid.as_deref().map(|uid| uid_of(owner, uid)).unwrap_or_default();
            if let Some(id) = task_id_of_uid_in(savepoint, &uid)? {
                return Ok(AddedTask::Duplicate(id));
            }
            let opened = by_workflow && task.values.status != TaskStatus::Open;
            let status = if opened { TaskStatus::Open } else { task.values.status };
            let values = TaskValues { status, uid, ..task.values };
            let id = self.insert_task_in(savepoint, owner, owner, values)?.id;
            Ok(AddedTask::Created { id, opened })
        })?;
        Ok(added.unwrap_or_else(|refusal| {
            AddedTask::Refused(match refusal {
                Refusal::Value(refused) => refused.value,
                Refusal::Restricted(restricted) => restricted.value(),
            })
        }))
    }
}

/// The UUID that always stands for a task of another program: uids of tasks are
/// unique in the whole CRM, and several users may have the same file.
fn uid_of(owner: &User, uid: &str) -> String {
    uuid_of_text(&format!("task of {}: {uid}", owner.id))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;
    use crate::crm::fixtures::{crm, person};

    fn task(uid: Option<&str>, subject: &str, status: TaskStatus) -> NewTask {
        let values = TaskValues { subject: subject.to_owned(), status, ..TaskValues::blank() };
        NewTask { uid: uid.map(str::to_owned), values }
    }

    #[test]
    fn duplicates_are_known_by_their_uid_for_each_user() {
        let crm = crm();
        let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
        let tasks = vec![task(Some("a"), "A", TaskStatus::Open), task(None, "B", TaskStatus::Open)];
        let first = crm.add_tasks(alice.id, tasks.clone()).unwrap();
        let AddedTask::Created { id, .. } = first[0] else { panic!("expected a task, but found {first:?}") };
        let second = crm.add_tasks(alice.id, tasks.clone()).unwrap();
        assert_eq!(second[0], AddedTask::Duplicate(id));
        assert!(matches!(second[1], AddedTask::Created { .. }));
        assert!(matches!(crm.add_tasks(bob.id, tasks).unwrap()[0], AddedTask::Created { .. }));
        assert_eq!((crm.tasks_of(alice.id).unwrap().len(), crm.tasks_of(bob.id).unwrap().len()), (3, 2));
    }

    #[test]
    fn a_refused_task_does_not_stop_the_others_and_a_workflow_opens_them() {
        let crm = crm();
        let alice = person(&crm, "alice");
        crm.set_task_workflow(true).unwrap();
        let tasks = [" ", "B", "C"].map(|subject| task(None, subject, TaskStatus::Closed)).to_vec();
        let added = crm.add_tasks(alice.id, tasks).unwrap();
        assert!(matches!(&added[0], AddedTask::Refused(value) if value.code == "blank-subject"));
        assert!(matches!(added[1], AddedTask::Created { opened: true, .. }));
        let found = crm.tasks_of(alice.id).unwrap();
        let found: Vec<_> = found.iter().map(|task| (task.values.subject.as_str(), task.values.status)).collect();
        assert_eq!(found, [("B", TaskStatus::Open), ("C", TaskStatus::Open)]);
    }
}

//! Tasks of the CRM and writes to them. Their groups are in [`fields`].

mod fields;

use tandem_core::model::{CrmId, CrmVersion};
use tandem_core::ports::{
    TaskApplied, TaskCapabilities, TaskChange, TaskItem, TaskMutation, TaskMutationError, TaskPage,
};

use super::host_error;
use crate::bindings::tandem::host::tasks as wit;

/// What the CRM's tasks can hold.
pub fn task_capabilities(found: wit::Capabilities) -> TaskCapabilities {
    TaskCapabilities {
        holds: fields::field_set(found.holds),
        writes: fields::field_set(found.writes),
        title_length_max: found.title_length_max,
        body_size_max: found.body_size_max,
        knows_in_progress: found.statuses.contains(wit::TaskStatuses::IN_PROGRESS),
        status_by_workflow: found.status_by_workflow,
        due_has_time: found.due_has_time,
        reminder_needs_due: found.reminder_needs_due,
    }
}

/// A page of changes.
pub fn task_page(page: wit::ChangePage) -> TaskPage {
    let change = |change| match change {
        wit::Change::Upserted(task) => TaskChange::Upserted(task_item(task)),
        wit::Change::Deleted(id) => TaskChange::Deleted(CrmId::new(id)),
    };
    TaskPage { changes: page.changes.into_iter().map(change).collect(), next: page.next, more: page.more }
}

/// A task of the CRM.
pub fn task_item(task: wit::Task) -> TaskItem {
    let present = fields::groups_of(&task.fields);
    let record = fields::record(task.fields);
    TaskItem {
        id: CrmId::new(task.id),
        version: CrmVersion::new(task.version),
        web_url: task.web_url,
        unread: present.without(record.groups()),
        record,
    }
}

/// A write to the CRM.
pub fn task_mutation(mutation: TaskMutation) -> wit::Mutation {
    match mutation {
        TaskMutation::Create { idempotency_key, record } => {
            wit::Mutation::Create(wit::CreateTask { idempotency_key, fields: fields::fields(&record) })
        }
        TaskMutation::Update { id, expected, idempotency_key, record } => wit::Mutation::Update(wit::UpdateTask {
            id: id.as_str().to_owned(),
            expected: expected.as_str().to_owned(),
            idempotency_key,
            fields: fields::fields(&record),
        }),
        TaskMutation::Delete { id, expected } => wit::Mutation::Delete(wit::DeleteTask {
            id: id.as_str().to_owned(),
            expected: expected.as_str().to_owned(),
        }),
    }
}

/// What a write led to.
pub fn task_applied(outcome: Result<wit::Applied, wit::MutationError>) -> Result<TaskApplied, TaskMutationError> {
    match outcome {
        Ok(wit::Applied::Stored(task)) => Ok(TaskApplied::Stored(task_item(task))),
        Ok(wit::Applied::Removed) => Ok(TaskApplied::Removed),
        Err(wit::MutationError::NotFound) => Err(TaskMutationError::NotFound),
        Err(wit::MutationError::VersionMismatch) => Err(TaskMutationError::VersionMismatch),
        Err(wit::MutationError::AccessDenied) => Err(TaskMutationError::AccessDenied),
        Err(wit::MutationError::WorkflowRestricted) => Err(TaskMutationError::WorkflowRestricted),
        Err(wit::MutationError::Invalid((groups, reason))) => {
            Err(TaskMutationError::Invalid { groups: fields::field_set(groups), reason })
        }
        Err(wit::MutationError::Host(error)) => Err(TaskMutationError::Host(host_error(error))),
    }
}

#[cfg(test)]
mod tests;

//! What a person does to a task. Pages and JSON interface write through here,
//! so that a write that has begun ends, whether or not somebody still waits for
//! it. The CRM has no duties towards anybody else in it.

use super::start::App;
use crate::crm::task::{Task, TaskInput, Transition};
use crate::crm::{CrmError, TaskId, UserId};

impl App {
    /// Adds a task that `creator` makes.
    ///
    /// # Errors
    /// As for [`crate::crm::Crm::create_task`].
    pub async fn create_task(&self, creator: UserId, input: TaskInput) -> Result<Task, CrmError> {
        self.in_crm(move |crm| crm.create_task(creator, input)).await
    }

    /// Changes a task of `owner`.
    ///
    /// # Errors
    /// As for [`crate::crm::Crm::update_task`].
    pub async fn update_task(&self, owner: UserId, id: TaskId, input: TaskInput) -> Result<Task, CrmError> {
        self.in_crm(move |crm| crm.update_task(owner, id, input)).await
    }

    /// Moves a task of `owner` while the workflow is active.
    ///
    /// # Errors
    /// As for [`crate::crm::Crm::move_task`].
    pub async fn move_task(&self, owner: UserId, id: TaskId, transition: Transition) -> Result<Task, CrmError> {
        self.in_crm(move |crm| crm.move_task(owner, id, transition)).await
    }

    /// Deletes a task of `owner`.
    ///
    /// # Errors
    /// As for [`crate::crm::Crm::delete_task`].
    pub async fn delete_task(&self, owner: UserId, id: TaskId) -> Result<(), CrmError> {
        self.in_crm(move |crm| crm.delete_task(owner, id)).await
    }
}

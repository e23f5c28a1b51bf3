//! Requests about Microsoft To Do.
//!
//! None of them selects properties: the service refuses `$select` on tasks
//! whatever is selected, against its documentation
//! (microsoft-graph-docs-contrib#3625), so tasks come whole.

use serde_json::Value;

use super::{PAGE_SIZE_MAX, Requests, encoded, with_body, with_version};
use crate::model::{GraphId, GraphVersion, TaskListId};
use crate::ports::{HttpRequest, Method};

/// Linked resources are answered only where they are asked for
/// (`resources/todotask`).
const EXPAND_LINKED_RESOURCES: &str = "$expand=linkedResources";

/// Lists in a page: one page shows them all, for almost everybody.
const LISTS_PAGE_SIZE: u16 = 100;

impl Requests<'_> {
    /// The task lists of the mailbox (`api/todo-list-lists`). Further pages are
    /// followed.
    pub fn todo_lists(&self, client_request_id: &str) -> HttpRequest {
        let path = format!("/me/todo/lists?$top={LISTS_PAGE_SIZE}");
        self.request(Method::Get, self.url(&path), client_request_id, None)
    }

    /// The first page of a round over a list (`api/todotask-delta`). Page size:
    /// items, 1 to [`PAGE_SIZE_MAX`].
    pub fn todo_tasks_delta(&self, list: &TaskListId, page_size: u16, client_request_id: &str) -> HttpRequest {
        let path = format!("{}/delta?{EXPAND_LINKED_RESOURCES}", tasks_path(list));
        self.request(Method::Get, self.url(&path), client_request_id, Some(page_size))
    }

    /// One task in full (`api/todotask-get`).
    pub fn todo_task(&self, list: &TaskListId, id: &GraphId, client_request_id: &str) -> HttpRequest {
        let path = format!("{}?{EXPAND_LINKED_RESOURCES}", task_path(list, id));
        self.request(Method::Get, self.url(&path), client_request_id, None)
    }

    /// All tasks of a list (`api/todotasklist-list-tasks`), to look for the one
    /// whose create was not answered: nothing filters by linked resource.
    /// Further pages are followed. Page size as in [`Self::todo_tasks_delta`].
    pub fn todo_tasks(&self, list: &TaskListId, page_size: u16, client_request_id: &str) -> HttpRequest {
        let top = page_size.clamp(1, PAGE_SIZE_MAX);
        let path = format!("{}?{EXPAND_LINKED_RESOURCES}&$top={top}", tasks_path(list));
        self.request(Method::Get, self.url(&path), client_request_id, None)
    }

    /// Creates a task in a list (`api/todotasklist-post-tasks`). There is no
    /// key that makes a repeat harmless.
    pub fn create_todo_task(&self, list: &TaskListId, body: &Value, client_request_id: &str) -> HttpRequest {
        with_body(self.request(Method::Post, self.url(&tasks_path(list)), client_request_id, None), body)
    }

    /// Changes some properties of a task, if it still has this version
    /// (`api/todotask-update`). The condition is not documented and may be
    /// passed over by the service.
    pub fn update_todo_task(
        &self,
        list: &TaskListId,
        id: &GraphId,
        version: Option<&GraphVersion>,
        body: &Value,
        client_request_id: &str,
    ) -> HttpRequest {
        let request = self.request(Method::Patch, self.url(&task_path(list, id)), client_request_id, None);
        with_version(with_body(request, body), version)
    }

    /// Deletes a task, if it still has this version (`api/todotask-delete`). Of
    /// the condition, [`Self::update_todo_task`] speaks.
    pub fn delete_todo_task(
        &self,
        list: &TaskListId,
        id: &GraphId,
        version: Option<&GraphVersion>,
        client_request_id: &str,
    ) -> HttpRequest {
        let request = self.request(Method::Delete, self.url(&task_path(list, id)), client_request_id, None);
        with_version(request, version)
    }

    /// Adds a linked resource to a task (`api/todotask-post-linkedresources`).
    /// An update of the task cannot.
    pub fn add_linked_resource(
        &self,
        list: &TaskListId,
        id: &GraphId,
        body: &Value,
        client_request_id: &str,
    ) -> HttpRequest {
        let path = format!("{}/linkedResources", task_path(list, id));
        with_body(self.request(Method::Post, self.url(&path), client_request_id, None), body)
    }

    /// Changes a linked resource of a task (`api/linkedresource-update`).
    pub fn update_linked_resource(
        &self,
        list: &TaskListId,
        id: &GraphId,
        resource: &str,
        body: &Value,
        client_request_id: &str,
    ) -> HttpRequest {
        let path = format!("{}/linkedResources/{}", task_path(list, id), encoded(resource));
        with_body(self.request(Method::Patch, self.url(&path), client_request_id, None), body)
    }

    /// The time zone of the mailbox (`api/user-get-mailboxsettings`), in which
    /// the dates of tasks are days.
    pub fn mailbox_zone(&self, client_request_id: &str) -> HttpRequest {
        self.request(Method::Get, self.url("/me/mailboxSettings/timeZone"), client_request_id, None)
    }
}

fn tasks_path(list: &TaskListId) -> String {
    format!("/me/todo/lists/{}/tasks", encoded(list.as_str()))
}

fn task_path(list: &TaskListId, id: &GraphId) -> String {
    format!("{}/{}", tasks_path(list), encoded(id.as_str()))
}

#[cfg(test)]
pub(super) mod tests;

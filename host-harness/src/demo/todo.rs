//! A person's To Do: the default list of the same mailbox, used by a client of
//! the emulated Graph.
//!
//! Next: [`super::sample`].

use serde_json::Value;

use super::error::DemoError;
use super::outlook::{Answer, Outlook};
use crate::graph::SetupError;

/// Where the side is named in errors.
const SIDE: &str = "Microsoft";

/// The default list of a mailbox as its owner uses it.
#[derive(Clone, Debug)]
pub(super) struct Todo {
    outlook: Outlook,
    tasks: String,
}

impl Todo {
    /// The default list of the mailbox of an Outlook
    /// (learn.microsoft.com/graph/api/todo-list-lists).
    ///
    /// # Errors
    /// There is no such mailbox, or it has no default list.
    pub(super) async fn of(outlook: &Outlook) -> Result<Self, DemoError> {
        let lists = outlook.request("GET", "/me/todo/lists", None).await?;
        let is_default = |list: &&Value| list.get("wellknownListName").is_some_and(|name| name == "defaultList");
        let id = items(&lists).iter().find(is_default).and_then(id_of).ok_or(DemoError::NoSample { side: SIDE })?;
        Ok(Self { outlook: outlook.clone(), tasks: format!("/me/todo/lists/{id}/tasks") })
    }

    /// Creates a task.
    ///
    /// # Errors
    /// There is no such mailbox, or Graph refuses the task.
    pub(super) async fn create(&self, task: &Value) -> Result<(), DemoError> {
        self.outlook.request("POST", &self.tasks, Some(task)).await?.done("create")
    }

    /// Changes some properties of the task with this title.
    ///
    /// # Errors
    /// As [`Self::create`], or there is no such task.
    pub(super) async fn change(&self, title: &str, properties: &Value) -> Result<(), DemoError> {
        let path = self.path_of(title).await?;
        self.outlook.request("PATCH", &path, Some(properties)).await?.done("change")
    }

    /// Deletes the task with this title.
    ///
    /// # Errors
    /// As [`Self::change`].
    pub(super) async fn delete(&self, title: &str) -> Result<(), DemoError> {
        let path = self.path_of(title).await?;
        self.outlook.request("DELETE", &path, None).await?.done("delete")
    }

    async fn path_of(&self, title: &str) -> Result<String, DemoError> {
        // The sample data fits on a page.
        let tasks = self.list().await?;
        let found = items(&tasks).iter().find(|task| task.get("title").is_some_and(|found| found == title));
        let id = found.and_then(id_of).ok_or(DemoError::NoSample { side: SIDE })?;
        Ok(format!("{}/{id}", self.tasks))
    }

    async fn list(&self) -> Result<Answer, SetupError> {
        self.outlook.request("GET", &format!("{}?$top=100", self.tasks), None).await
    }
}

fn items(answer: &Answer) -> &[Value] {
    answer.body.get("value").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn id_of(item: &Value) -> Option<&str> {
    item.get("id").and_then(Value::as_str)
}

//! The lists and tasks of Microsoft To Do (`api-reference/v1.0/resources/todotask`).

use std::fmt;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Continuation, DateTimeTimeZone, Importance, ItemBody, PageLink, lenient_enum};
use crate::model::{GraphId, TaskListId};

lenient_enum! {
    /// Which of the lists that every mailbox has (`resources/todotasklist`,
    /// `wellknownListName`).
    WellknownListName {
        /// One that somebody made.
        None = "none",
        /// The one that tasks go to where nothing else is said.
        DefaultList = "defaultList",
        /// Flagged mails, which are no tasks of their own.
        FlaggedEmails = "flaggedEmails",
    }
}

lenient_enum! {
    /// How far a task is (`resources/todotask`, `status`).
    TodoStatus {
        /// Nobody has begun with it.
        NotStarted = "notStarted",
        /// Somebody has.
        InProgress = "inProgress",
        /// It is done.
        Completed = "completed",
        /// Somebody has begun and waits.
        WaitingOnOthers = "waitingOnOthers",
        /// Somebody has put it off.
        Deferred = "deferred",
    }
}

/// A list of tasks (`resources/todotasklist`). `Debug` does not show its name,
/// which is personal.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TodoTaskList {
    /// Its id.
    pub id: TaskListId,
    /// The name that its owner gave it.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Which of the built-in ones it is.
    #[serde(default)]
    pub wellknown_list_name: Option<WellknownListName>,
    /// Whether the user owns it, and is not merely let into it.
    #[serde(default)]
    pub is_owner: Option<bool>,
    /// Whether others see it.
    #[serde(default)]
    pub is_shared: Option<bool>,
}

impl fmt::Debug for TodoTaskList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("TodoTaskList");
        shown.field("id", &self.id).field("wellknown_list_name", &self.wellknown_list_name).finish_non_exhaustive()
    }
}

/// Where a task comes from (`resources/linkedresource`). All of it may be
/// personal.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LinkedResource {
    /// Its own id.
    pub id: Option<String>,
    /// The application that holds the item.
    pub application_name: Option<String>,
    /// The item's name there.
    pub display_name: Option<String>,
    /// The item's id there: our correlation id.
    pub external_id: Option<String>,
    /// The page that shows it.
    pub web_url: Option<String>,
}

/// A task (`resources/todotask`). `Debug` shows id and status only: the rest is
/// personal.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TodoTask {
    /// Case-sensitive. Another one after a move to another list: tasks have no
    /// immutable id.
    pub id: Option<String>,
    /// Changes with the task, its checklist and its linked resources.
    #[serde(rename = "@odata.etag")]
    pub etag: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// The description, of the kind in which it was written.
    pub body: Option<ItemBody>,
    /// How important.
    pub importance: Option<Importance>,
    /// How far it is.
    pub status: Option<TodoStatus>,
    /// The day on which it is due, as an instant that means nothing but the
    /// day: see [`crate::mapping::task`].
    pub due_date_time: Option<DateTimeTimeZone>,
    /// Whether the reminder is on.
    pub is_reminder_on: Option<bool>,
    /// When to remind; an instant.
    pub reminder_date_time: Option<DateTimeTimeZone>,
    /// That it repeats. By which rule is nothing that is synchronised. A page of
    /// a list may lack it, a single read does not.
    pub recurrence: Option<IgnoredAny>,
    /// An instant with an offset.
    pub last_modified_date_time: Option<String>,
    /// Only where the request expands them.
    pub linked_resources: Option<Vec<LinkedResource>>,
}

impl fmt::Debug for TodoTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TodoTask").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}

/// One entry of a page of a round over a list. A task may appear several times
/// in one round.
#[derive(Clone, Debug)]
pub enum TodoDeltaItem {
    /// Created or changed.
    Changed(Box<TodoTask>),
    /// `@removed`: deleted, or moved to another list, where it has another id.
    Removed(GraphId),
    /// Not readable as a task; the others of the page are.
    Malformed(Option<GraphId>),
}

/// A page of a round over a list (`api/todotask-delta`).
#[derive(Clone, Debug)]
pub struct TodoDeltaPage {
    /// Its entries, in the order they came.
    pub items: Vec<TodoDeltaItem>,
    /// Where to go on.
    pub next: Continuation,
}

/// A page of lists (`api/todo-list-lists`).
#[derive(Clone, Debug)]
pub struct TodoListPage {
    /// The lists.
    pub lists: Vec<TodoTaskList>,
    /// Where there are more.
    pub next: Option<PageLink>,
}

/// A page of tasks (`api/todotasklist-list-tasks`).
#[derive(Clone, Debug)]
pub struct TodoTaskPage {
    /// The tasks.
    pub tasks: Vec<TodoTask>,
    /// Where there are more.
    pub next: Option<PageLink>,
}

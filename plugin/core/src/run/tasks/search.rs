//! Reading a list as a whole, to look for tasks by the key that they bear: To Do
//! cannot be asked for one by its linked resource.
//!
//! A list may be longer than one step can read, so a search goes on where the
//! step before had to end. That is kept with the status, in the same commit as
//! what was found.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::graph::wire::{PageLink, TodoTask, TodoTaskPage};
use crate::graph::{Reaction, Subject, response};
use crate::mapping::task::correlations;
use crate::model::{LinkId, TaskListId};
use crate::ports::Ports;
use crate::run::report::Halt;

use super::TaskStep;

/// Tasks asked for in a page.
const PAGE_SIZE: u16 = 100;

/// The smallest page that is asked for, where larger ones do not fit into the
/// host's limit of an answer.
const PAGE_SIZE_MIN: u16 = 10;

/// Where a search goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The list that is being read.
    pub list: TaskListId,
    /// Its next page.
    pub next: PageLink,
    /// Pages of it that were read.
    #[serde(default)]
    pub pages: u32,
}

/// Pages of one list that are read in a search: fifty thousand tasks. A list that
/// does not end there says nothing about what is in it.
pub(super) const SEARCH_PAGES_MAX: u32 = 500;

/// A search for tasks that are not in their list any more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// Whose tasks are looked for. Others wait for the next search.
    pub sought: BTreeSet<LinkId>,
    /// Lists that were read to their end.
    pub done: BTreeSet<TaskListId>,
    /// Where it goes on.
    pub at: Option<Place>,
}

impl<P: Ports> TaskStep<'_, P> {
    /// A page of all tasks of a list; none where the list is gone.
    pub(super) fn search_page(
        &mut self,
        list: &TaskListId,
        next: Option<&PageLink>,
    ) -> Result<Option<TodoTaskPage>, Halt> {
        let mut size = PAGE_SIZE;
        loop {
            let answer = self.ask(Subject::TaskListRound, |requests, id| match next {
                None => Ok(requests.todo_tasks(list, size, id)),
                Some(link) => requests.follow(link, size, id),
            })?;
            match answer.and_then(|answer| response::read_todo_tasks(&answer)) {
                Ok(page) => return Ok(Some(page)),
                Err(failure) if failure.reaction == Reaction::ItemGone => return Ok(None),
                Err(failure) if failure.is_too_large() && size > PAGE_SIZE_MIN => {
                    size = (size / 2).max(PAGE_SIZE_MIN);
                }
                Err(failure) => {
                    // A link may lead nowhere, and what was read before a wait says
                    // nothing about what is there after it.
                    self.status.search = None;
                    self.status.recovering = None;
                    return Err(self.halt(&failure));
                }
            }
        }
    }
}

/// Whether a task bears one of these keys, be it readable otherwise or not.
pub(super) fn bears<'a>(task: &TodoTask, mut keys: impl Iterator<Item = &'a LinkId>) -> bool {
    let borne = correlations(task).unwrap_or_default();
    keys.any(|key| borne.iter().any(|one| one.link == *key))
}

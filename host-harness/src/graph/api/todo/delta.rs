//! Rounds about task lists and about the tasks of one
//! (api/todotasklist-delta, api/todotask-delta).
//!
//! `$expand` is frozen into the token. DIFFERENCE: the filter that
//! api/todotask-delta describes is about mails; here there is none, and
//! `$select` is refused on tasks as it is elsewhere.

use super::{require_options, tasks};
use crate::graph::api::Context;
use crate::graph::api::delta::{Subject, Tracked, serve};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;
use crate::graph::todo::model::{ListNo, lists_of};

/// `GET …/todo/lists/delta`.
pub(super) fn lists(state: &mut State, context: &Context<'_>) -> Result<Reply, Refusal> {
    require_options(context, &["$deltatoken", "$skiptoken"], "the changes of task lists")?;
    let container = lists_of(context.mailbox.number);
    serve(state, context, Tracked::Lists, container, || Ok(Subject::Lists))
}

/// `GET …/todo/lists/{id}/tasks/delta`.
pub(super) fn tasks(state: &mut State, context: &Context<'_>, list: ListNo) -> Result<Reply, Refusal> {
    tasks::refuse_select(context)?;
    require_options(context, &["$deltatoken", "$skiptoken", "$expand"], "the changes of tasks")?;
    serve(state, context, Tracked::Tasks, list.into(), || tasks::relations(context).map(Subject::Tasks))
}

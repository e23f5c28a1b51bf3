//! Rounds about task lists and about the tasks of one
//! (api/todotasklist-delta, api/todotask-delta).
//!
//! `$expand` is frozen into the token; extensions are not among what can be
//! expanded, since change tracking does not see them. The service has been seen to
//! refuse a filter within `$expand` in rounds of mails and of views
//! (OData/odata.net#1667, msgraph-sdk-dotnet#2678), and extensions are asked for with
//! one; of tasks nobody has said so. DIFFERENCE: the filter that api/todotask-delta
//! describes is about mails; here there is none, and `$select` is refused on tasks as
//! it is elsewhere.

use super::tasks;
use crate::graph::api::Context;
use crate::graph::api::delta::{Subject, Tracked, serve};
use crate::graph::api::options::Options;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;
use crate::graph::todo::model::{ListNo, lists_of};
use crate::graph::todo::output::Relations;

/// Options that begin a round about lists and about tasks, and those of a token.
const LISTS: Options = Options::of(&["$deltatoken", "$skiptoken"], &["$search"]);
const TASKS: Options = Options::of(&["$deltatoken", "$skiptoken", "$expand"], &["$search"]);

/// `GET …/todo/lists/delta`.
pub(super) fn lists(state: &mut State, context: &Context<'_>) -> Result<Reply, Refusal> {
    LISTS.check(context, "the changes of task lists")?;
    let container = lists_of(context.mailbox.number);
    serve(state, context, Tracked::Lists, container, || Ok(Subject::Lists))
}

/// `GET …/todo/lists/{id}/tasks/delta`.
pub(super) fn tasks(state: &mut State, context: &Context<'_>, list: ListNo) -> Result<Reply, Refusal> {
    tasks::refuse_select(context)?;
    TASKS.check(context, "the changes of tasks")?;
    serve(state, context, Tracked::Tasks, list.into(), || relations(context).map(Subject::Tasks))
}

fn relations(context: &Context<'_>) -> Result<Relations, Refusal> {
    let expanded = tasks::Expanded::read(context)?;
    match expanded.extensions {
        None => Ok(expanded.relations),
        Some(_) => Err(Refusal::not_emulated("$expand=extensions on the changes of tasks")),
    }
}

//! The items of one page of a delta round.
//!
//! A series comes as its master, its exceptions in full, and its occurrences
//! as stubs. DIFFERENCE: the documentation leaves the master out; observations
//! of the service have it. A switch leaves it out here. A series is not split,
//! as observed, so that a page holds all of it, whatever size is asked for.
//! Tasks and their lists come in full, and their tombstones without a type
//! (api/todotask-delta, api/todotasklist-delta).

use serde_json::{Map, Value, json};

use super::Context;
use super::calendar_delta::concerns;
use super::delta::{DeltaState, Subject, Tracked, Unit};
use super::mail;
use super::mail::delta::Writer;
use crate::graph::calendar::instance::{Kind, in_window, whole};
use crate::graph::calendar::output::{self, View};
use crate::graph::ids;
use crate::graph::mail::model::FolderNo;
use crate::graph::model::{ContainerNo, Event, EventNo, Tombstone};
use crate::graph::reply::Refusal;
use crate::graph::state::State;
use crate::graph::todo::model::{ListNo, TaskNo};
use crate::graph::todo::output as todo;

/// The items of as many units as fit, at least one unit, and how many units
/// that were.
pub(crate) fn items(
    state: &State,
    context: &Context<'_>,
    round: &DeltaState,
    size: usize,
) -> Result<(Vec<Map<String, Value>>, usize), Refusal> {
    let mail = Writer::read(state, context, round)?;
    let mut items = Vec::new();
    let mut taken = 0;
    for unit in &round.queue {
        let mut more = match unit {
            Unit::Message(number) => mail.message(state, context, round, *number).into_iter().collect(),
            Unit::Folder(number) => mail.folder(state, round, *number).into_iter().collect(),
            _ => unit_items(state, &context.view, round, *unit),
        };
        if !state.meta.behaviour.masters_in_delta && matches!(round.subject, Subject::View(_)) {
            more.retain(|item| item.get("type").is_none_or(|kind| kind != "seriesMaster"));
        }
        if taken > 0 && items.len() + more.len() > size {
            break;
        }
        items.extend(more);
        taken += 1;
    }
    Ok((items, taken))
}

fn unit_items(state: &State, view: &View, round: &DeltaState, unit: Unit) -> Vec<Map<String, Value>> {
    match unit {
        Unit::Gone(change) => {
            let tombstone = state.tombstones.get(&change);
            tombstone.map(|tombstone| buried(tombstone, round.subject, view)).into_iter().collect()
        }
        Unit::Event(number) => match state.events.get(&number) {
            Some(event) if is_in(event.calendar, round) && concerns(round.subject, event) => {
                present(event, round.subject, view)
            }
            Some(event) if is_in(event.calendar, round) && !round.is_first => {
                vec![removed(event.number, event.moves, view)]
            }
            // Gone or moved since the round began: the next round has its
            // tombstone.
            Some(_) | None => Vec::new(),
        },
        Unit::List(number) => state.task_lists.get(&number).map(todo::list).into_iter().collect(),
        Unit::Task(number) => {
            let Subject::Tasks(relations) = round.subject else { return Vec::new() };
            let task = state.tasks.get(&number).filter(|task| is_in(task.list, round));
            task.map(|task| todo::task(task, view, relations)).into_iter().collect()
        }
        // Written by `mail::delta`.
        Unit::Message(_) | Unit::Folder(_) => Vec::new(),
    }
}

fn is_in(container: impl Into<ContainerNo>, round: &DeltaState) -> bool {
    container.into() == round.container
}

/// A tombstone, in the words of what the round is about.
fn buried(tombstone: &Tombstone, subject: Subject, view: &View) -> Map<String, Value> {
    match subject.tracked() {
        Tracked::View | Tracked::Events => removed(EventNo(tombstone.item), tombstone.moves, view),
        Tracked::Lists => gone(&ids::list_id(ListNo(tombstone.item))),
        Tracked::Tasks => gone(&ids::task_id(TaskNo(tombstone.item))),
        Tracked::Messages => mail::delta::removed(tombstone.item, tombstone.moves, view.form),
        Tracked::Folders => gone(&ids::folder_id(FolderNo(tombstone.item))),
    }
}

/// What is said of everything that is no longer there.
fn gone(id: &str) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("id".to_owned(), json!(id));
    map.insert("@removed".to_owned(), json!({ "reason": "deleted" }));
    map
}

fn removed(event: EventNo, moves: u32, view: &View) -> Map<String, Value> {
    typed(gone(&ids::item_id(event, moves, None, view.form)))
}

fn present(event: &Event, subject: Subject, view: &View) -> Vec<Map<String, Value>> {
    let Subject::View(window) = subject else {
        return vec![output::thin(&whole(event), view)];
    };
    let mut items = Vec::new();
    if event.is_series() {
        items.push(typed(output::full(&whole(event), view)));
    }
    for instance in in_window(event, window) {
        items.push(match instance.kind {
            Kind::Occurrence(_) => output::stub(&instance, view),
            Kind::Single | Kind::Master | Kind::Exception(_, _) => typed(output::full(&instance, view)),
        });
    }
    items
}

fn typed(mut map: Map<String, Value>) -> Map<String, Value> {
    map.insert("@odata.type".to_owned(), json!("#microsoft.graph.event"));
    map
}

//! Which tasks of the two sides stand for each other on the page: those that are
//! linked ([`super::twins`]), and no others, however much they look alike.

use std::collections::BTreeMap;

use super::sources::TodoTask;
use crate::crm::TaskId;
use crate::crm::task::Task;

/// For each task of the CRM the place of its partner in To Do.
pub fn partners(tasks: &[&Task], todo: &[&TodoTask]) -> Vec<Option<usize>> {
    let places = todo.iter().enumerate().filter_map(|(place, other)| Some((other.crm_id?, place)));
    let places: BTreeMap<TaskId, usize> = places.collect();
    tasks.iter().map(|task| places.get(&task.id).copied()).collect()
}

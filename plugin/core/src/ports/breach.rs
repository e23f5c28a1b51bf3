//! Does the host keep the contract in what it answers?
//!
//! The shell asks here about every answer that is a list, before anything is
//! concluded from it: an answer too few would be taken for something that is not
//! there, one about something else for another record's, and a place that stays
//! the same for a list without end. What may be wrong within one value is told
//! where the value is read.

use std::collections::BTreeSet;

use thiserror::Error;

use super::{CrmApplied, CrmChange, CrmMutation, Entry, HostError, TaskApplied, TaskChange, TaskMutation};
use crate::model::CrmId;

/// The longest identifier that the contract allows, in bytes.
const ID_BYTES_MAX: usize = 255;

/// The longest cursor that the contract allows, in bytes.
const CURSOR_BYTES_MAX: usize = 4 * 1024;

/// How an answer breaks the contract. Says which call, and nothing of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Breach {
    /// Not one answer for each thing asked for.
    #[error("expected {expected} answers of `{call}`, but found {found}")]
    Count {
        /// The function.
        call: &'static str,
        /// How many things were asked for.
        expected: usize,
        /// How many answers there are.
        found: usize,
    },
    /// More than the limit of the call.
    #[error("expected at most {limit} entries of `{call}`, but found {found}")]
    TooMany {
        /// The function.
        call: &'static str,
        /// The limit.
        limit: u32,
        /// How many there are.
        found: usize,
    },
    /// An answer about something else.
    #[error("expected an answer of `{call}` about what was asked for, but found one about something else")]
    OtherThing {
        /// The function.
        call: &'static str,
    },
    /// A record that is in one page more than once: which of its states is the
    /// present one, nobody can tell.
    #[error("expected each record at most once in a page of `{call}`, but found one twice")]
    Twice {
        /// The function.
        call: &'static str,
    },
    /// A list that does not come forward.
    #[error("expected `{call}` to go on behind the page before, but found it in the same place")]
    StandsStill {
        /// The function.
        call: &'static str,
    },
    /// A write that was refused for its revision, which is told once more.
    #[error("expected `{call}` to tell the revision that a write has to name, but found the one that was refused")]
    Revision {
        /// The function.
        call: &'static str,
    },
    /// An identifier that is empty, or one or a cursor that is longer than the
    /// contract allows.
    #[error("expected identifiers and cursors of `{call}` with at most the length of the contract, but found another")]
    Unusable {
        /// The function.
        call: &'static str,
    },
}

/// One answer for each thing asked for.
pub fn one_for_each<T>(call: &'static str, expected: usize, answers: Vec<T>) -> Result<Vec<T>, HostError> {
    let found = answers.len();
    if found == expected { Ok(answers) } else { Err(Breach::Count { call, expected, found }.into()) }
}

/// The same where an answer says what it is about: `names` tells whether it is
/// what was asked for.
pub fn about_each<K, T>(
    call: &'static str,
    asked: &[K],
    answers: Vec<Option<T>>,
    names: impl Fn(&K, &T) -> bool,
) -> Result<Vec<Option<T>>, HostError> {
    let answers = one_for_each(call, asked.len(), answers)?;
    let is_other = |(asked, answer): (&K, &Option<T>)| answer.as_ref().is_some_and(|answer| !names(asked, answer));
    if asked.iter().zip(&answers).any(is_other) { Err(Breach::OtherThing { call }.into()) } else { Ok(answers) }
}

/// A page of a listing of storage: what was asked for, in order, behind `after`.
pub fn listed(
    prefix: &str,
    after: Option<&str>,
    limit: u32,
    (entries, more): (Vec<Entry>, bool),
) -> Result<(Vec<Entry>, bool), HostError> {
    const CALL: &str = "storage.list-entries";
    at_most(CALL, limit, entries.len())?;
    if entries.iter().any(|entry| !entry.key.starts_with(prefix)) {
        return Err(Breach::OtherThing { call: CALL }.into());
    }
    let keys = || entries.iter().map(|entry| entry.key.as_str());
    let is_behind = after.is_none_or(|after| keys().next().is_none_or(|first| first > after));
    let is_ordered = keys().zip(keys().skip(1)).all(|(one, next)| one < next);
    // Nothing, and more behind it, is no place to go on from.
    if is_behind && is_ordered && !(more && entries.is_empty()) {
        Ok((entries, more))
    } else {
        Err(Breach::StandsStill { call: CALL }.into())
    }
}

/// A page of changes.
pub struct Changes<'a> {
    /// The function.
    pub call: &'static str,
    /// Where the page was to begin.
    pub after: Option<&'a str>,
    /// How many were asked for.
    pub limit: u32,
    /// Where the next page begins.
    pub next: &'a str,
    /// Whether there are more now.
    pub more: bool,
}

impl Changes<'_> {
    /// Sees that a page with changes of these records keeps the contract.
    pub fn check<'i>(&self, ids: impl Iterator<Item = &'i CrmId>) -> Result<(), HostError> {
        let call = self.call;
        let mut seen = BTreeSet::new();
        for id in ids {
            if id.as_str().is_empty() || id.as_str().len() > ID_BYTES_MAX {
                return Err(Breach::Unusable { call }.into());
            }
            if !seen.insert(id) {
                return Err(Breach::Twice { call }.into());
            }
        }
        at_most(call, self.limit, seen.len())?;
        if self.next.len() > CURSOR_BYTES_MAX {
            return Err(Breach::Unusable { call }.into());
        }
        if self.more && self.after == Some(self.next) {
            return Err(Breach::StandsStill { call }.into());
        }
        Ok(())
    }
}

/// The record that a change is about.
pub const fn changed(change: &CrmChange) -> &CrmId {
    match change {
        CrmChange::Upserted(item) => &item.id,
        CrmChange::Deleted { id, .. } => id,
    }
}

/// The task that a change is about.
pub const fn changed_task(change: &TaskChange) -> &CrmId {
    match change {
        TaskChange::Upserted(item) => &item.id,
        TaskChange::Deleted(id) => id,
    }
}

/// What a mutation may lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A record of any name.
    New,
    /// This record.
    Record(CrmId),
    /// That it is gone.
    Gone,
}

impl Target {
    /// Whether a write led to what it may lead to: the record that is stored now, or
    /// none.
    fn is_met(&self, stored: Option<&CrmId>) -> bool {
        match (self, stored) {
            (Self::New, Some(_)) | (Self::Gone, None) => true,
            (Self::Record(id), Some(stored)) => id == stored,
            (Self::New | Self::Record(_), None) | (Self::Gone, Some(_)) => false,
        }
    }
}

/// What each of these mutations may lead to.
pub fn targets(mutations: &[CrmMutation]) -> Vec<Target> {
    let target = |mutation: &CrmMutation| match mutation {
        CrmMutation::Create { .. } => Target::New,
        CrmMutation::Update { id, .. } => Target::Record(id.clone()),
        CrmMutation::Delete { .. } => Target::Gone,
    };
    mutations.iter().map(target).collect()
}

/// The same of tasks.
pub fn task_targets(mutations: &[TaskMutation]) -> Vec<Target> {
    let target = |mutation: &TaskMutation| match mutation {
        TaskMutation::Create { .. } => Target::New,
        TaskMutation::Update { id, .. } => Target::Record(id.clone()),
        TaskMutation::Delete { .. } => Target::Gone,
    };
    mutations.iter().map(target).collect()
}

/// What a write of an event has left behind.
pub const fn stored(applied: &CrmApplied) -> Option<&CrmId> {
    match applied {
        CrmApplied::Stored(item) => Some(&item.id),
        CrmApplied::Removed => None,
    }
}

/// What a write of a task has left behind.
pub const fn stored_task(applied: &TaskApplied) -> Option<&CrmId> {
    match applied {
        TaskApplied::Stored(item) => Some(&item.id),
        TaskApplied::Removed => None,
    }
}

/// One result for each mutation, about what the mutation was about. The writes may
/// have been made: what became of them is asked for by their keys.
pub fn applied<A, E>(
    call: &'static str,
    targets: &[Target],
    results: Vec<Result<A, E>>,
    stored: impl Fn(&A) -> Option<&CrmId>,
) -> Result<Vec<Result<A, E>>, HostError> {
    let results = one_for_each(call, targets.len(), results)?;
    let is_other = |(target, result): (&Target, &Result<A, E>)| {
        result.as_ref().is_ok_and(|applied| !target.is_met(stored(applied)))
    };
    if targets.iter().zip(&results).any(is_other) { Err(Breach::OtherThing { call }.into()) } else { Ok(results) }
}

fn at_most(call: &'static str, limit: u32, found: usize) -> Result<(), HostError> {
    let fits = usize::try_from(limit).is_ok_and(|limit| found <= limit);
    if fits { Ok(()) } else { Err(Breach::TooMany { call, limit, found }.into()) }
}

#[cfg(test)]
mod tests;

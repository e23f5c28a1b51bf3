//! Attempts at items that fail while others go through, or that are denied: how many
//! there were, and when it is the item.
//!
//! Next: [`super::aside`], where it is then.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::graph::{Failure, Reaction};
use crate::model::{CrmId, GraphId, Instant, LinkId};
use crate::ports::Ports;
use crate::sync::Side;

use super::notice;
use super::resource::{Resource, ResourceStatus as _};
use super::step::Step;
use super::work::Work;

/// Failed attempts after which an item is set aside, where others go through.
const ATTEMPTS_MAX: u32 = 4;

/// Writes of which none goes through without showing whether it is the items or
/// Microsoft: one for itself, and a few that may all be of the wrong kind.
const FEW: usize = 3;

/// How long an item has to fail that was written alone or with a few others that
/// failed, too.
const ALONE_MIN: TimeDelta = TimeDelta::hours(6);

/// Items whose failed attempts are counted at one time. Of more, it is not the
/// items.
const FAILING_MAX: usize = 100;

/// Items that are known to have been denied at one time.
const DENIED_MAX: usize = 500;

/// Failed attempts at an item that may yet go through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failing {
    /// How many.
    attempts: u32,
    /// Since when.
    first_at: Instant,
}

/// What was answered beside a write that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    /// Others went through: it is the item.
    Success,
    /// There was nothing beside it, or hardly anything.
    Nothing,
    /// Others failed as well.
    Failure,
}

impl Beside {
    /// What one of these answers has beside it, once failed ones are told.
    pub fn of(sent: usize, succeeded: usize) -> Self {
        match (sent, succeeded) {
            (0..=FEW, 0) | (1, _) => Self::Nothing,
            (_, 0) => Self::Failure,
            (_, _) => Self::Success,
        }
    }
}

impl<P: Ports, R: Resource> Step<'_, P, R> {
    /// Counts a failed write; whether the item is given up, because it is the item
    /// that fails. Then it is reported, and counts as refused.
    pub(super) fn gives_up(&mut self, work: &Work, by: Side, failure: &dyn std::error::Error, beside: Beside) -> bool {
        let Some(attempts) = self.counts_out(work.id.as_str(), beside) else { return false };
        self.aside.may_be_made(&work.id);
        let reason = notice::chain(failure);
        self.refused(work, by, &format!("it failed {attempts} times, last with: {reason}"));
        true
    }

    /// The same of a part of an item: the rest of it goes on.
    pub(super) fn gives_up_part(&mut self, work: &Work, part: &str, failure: &Failure, beside: Beside) -> bool {
        let Some(attempts) = self.part_counts_out(&work.id, part, failure, beside) else { return false };
        let reason = super::execute_graph::reason(failure);
        self.refused(work, Side::M365, &format!("a part of it failed {attempts} times, last with: {reason}"));
        true
    }

    /// Counts a failure of a part of an item, and says how many there were where it is
    /// enough.
    pub(super) fn part_counts_out(
        &mut self,
        item: &LinkId,
        part: &str,
        failure: &Failure,
        beside: Beside,
    ) -> Option<u32> {
        is_passing(failure).then(|| self.counts_out(&part_key(item, part), beside)).flatten()
    }

    /// Forgets failed attempts at a part that has gone through.
    pub(super) fn part_went_through(&mut self, item: &LinkId, part: &str) {
        if !self.status.health().failing.is_empty() {
            self.status.health_mut().failing.remove(&part_key(item, part));
        }
    }

    /// The same of a read.
    pub(super) fn gives_up_reading(
        &mut self,
        (id, crm): (&GraphId, Option<CrmId>),
        failure: &Failure,
        beside: Beside,
    ) -> bool {
        let Some(attempts) = is_passing(failure).then(|| self.counts_out(id.as_str(), beside)).flatten() else {
            return false;
        };
        let reason = notice::chain(failure);
        let message = format!(
            "Microsoft did not give the item ({attempts} attempts, last: {reason}). It is left as it is on both sides."
        );
        self.unreadable(Side::M365, crm, Some(id.clone()), &message);
        true
    }

    /// Notes a denied write of an item; whether it was denied before the connection was
    /// checked and found in order: then it is the item.
    pub(super) fn was_denied_before(&mut self, work: &Work) -> bool {
        let checks = self.checks;
        let denied = &mut self.status.health_mut().denied;
        let id = work.id.as_str();
        let before = denied.get(id).copied();
        if before.is_none() && denied.len() < DENIED_MAX {
            denied.insert(id.to_owned(), checks);
        }
        before.is_some_and(|before| before != checks)
    }

    /// Counts a failure of an item, and says how many there were where it is
    /// enough.
    fn counts_out(&mut self, id: &str, beside: Beside) -> Option<u32> {
        let now = self.ports.now();
        let failing = &mut self.status.health_mut().failing;
        if !failing.contains_key(id) && failing.len() >= FAILING_MAX {
            return None;
        }
        let entry = failing.entry(id.to_owned()).or_insert(Failing { attempts: 0, first_at: now });
        entry.attempts = entry.attempts.saturating_add(1);
        let is_enough = match beside {
            Beside::Success => true,
            Beside::Nothing => now.since(entry.first_at) >= ALONE_MIN,
            Beside::Failure => false,
        };
        let attempts = entry.attempts;
        if !is_enough || attempts < ATTEMPTS_MAX {
            return None;
        }
        failing.remove(id);
        self.aside.has_counted(attempts);
        Some(attempts)
    }

    /// Forgets failed attempts at an item that has gone through.
    pub(super) fn went_through(&mut self, work: &Work) {
        if !self.status.health().failing.is_empty() {
            self.status.health_mut().failing.remove(work.id.as_str());
        }
        if !self.status.health().denied.is_empty() {
            self.status.health_mut().denied.remove(work.id.as_str());
        }
    }
}

/// Under which name attempts at a part of an item are counted.
fn part_key(item: &LinkId, part: &str) -> String {
    format!("{}/{part}", item.as_str())
}

/// Whether a failure may be over at the next attempt, and is not one of the
/// mailbox as a whole.
pub(super) fn is_passing(failure: &Failure) -> bool {
    matches!(failure.reaction, Reaction::Retry { after: None }) && !failure.is_throttled()
}

//! What goes wrong in a history: faults, crashes, and what people do meanwhile.

use std::ops::Range;

use super::{Drawing, Item};
use crate::app::Resource;
use crate::sim::operation::{During, EventAct, Expiry, FaultKind, Operation, Setting, Side, Target, TaskAct, Who};
use crate::sim::purges::PURGED_MIN;

/// Host calls after which a run is torn down, at most: long runs make more, and
/// come to their end.
const CRASH_CALLS_MAX: u32 = 60;

/// Host calls after which something happens to a run that has one title to bring:
/// while it reads the last pages, while it writes, before its last commit.
const CONTESTED_CALLS: Range<u32> = 18..34;

impl Drawing {
    pub(super) fn host_call(&mut self) -> u32 {
        2 + self.dice.below(CRASH_CALLS_MAX)
    }

    /// An edit, and a run of it that something happens to on the way.
    pub(super) fn interrupted(&mut self) -> Vec<Operation> {
        let first = self.edit();
        let (Operation::Event(_, who, ..) | Operation::Task(_, who, ..)) = first else { return vec![first] };
        let call = self.host_call();
        let (resource, during) = match self.edit() {
            Operation::Event(side, of, item, act) if of == who => (Resource::Calendar, During::Event(side, item, act)),
            Operation::Task(side, of, item, act) if of == who => (Resource::Tasks, During::Task(side, item, act)),
            other => return vec![first, Operation::HostFailure(who, self.resource(), call), other],
        };
        vec![first, Operation::Meanwhile(who, resource, call, during)]
    }

    /// A new item whose create in Microsoft gets no answer, and another title of it
    /// before anybody looks.
    pub(super) fn lost(&mut self) -> Vec<Operation> {
        let made = self.create_on(Side::Crm);
        let Some(item) = self.items.last().copied() else { return vec![made] };
        let again = self.renamed(item, Side::Microsoft);
        vec![made, Operation::Lost(item.owner, item.resource), again]
    }

    /// A title that is entered in the CRM while its resource is switched off.
    pub(super) fn away(&mut self) -> Vec<Operation> {
        let Some(item) = self.recent() else { return vec![self.create()] };
        let switch = |on| Operation::Set(Setting::Switch(item.owner, item.resource, on));
        vec![switch(false), self.renamed(item, Side::Crm), switch(true)]
    }

    /// Something that is on its way while the item gets another title: of titles the
    /// laws know most.
    pub(super) fn contested(&mut self) -> Vec<Operation> {
        let side = self.dice.one_of(Side::ALL);
        let call = CONTESTED_CALLS.start + self.dice.below(CONTESTED_CALLS.end - CONTESTED_CALLS.start);
        match self.recent() {
            Some(item) if self.dice.once_in(2) => self.contested_title(item, side, call),
            _ => self.contested_item(side, call),
        }
    }

    /// A new item, and a run of it that does not come to its end.
    fn contested_item(&mut self, side: Side, call: u32) -> Vec<Operation> {
        let made = self.create_on(side);
        let Some(item) = self.items.last().copied() else { return vec![made] };
        let (who, resource) = (item.owner, item.resource);
        let run = match self.dice.below(6) {
            0 => Operation::HostFailure(who, resource, call),
            1 => Operation::TwoHolders(who, resource, call),
            _ => Operation::Crash(who, resource, call),
        };
        vec![made, run, self.renamed(item, side)]
    }

    /// A title, and another one, mostly on the other side, while it is on its way.
    fn contested_title(&mut self, item: Item, side: Side, call: u32) -> Vec<Operation> {
        let first = self.renamed(item, side);
        let second = if self.dice.once_in(4) { side } else { side.other() };
        let second = self.renamed(item, second);
        let (who, resource) = (item.owner, item.resource);
        let during = match second {
            Operation::Event(side, _, item, act) => During::Event(side, item, act),
            Operation::Task(side, _, item, act) => During::Task(side, item, act),
            other => return vec![first, other],
        };
        match self.dice.below(6) {
            0 => vec![first, Operation::Crash(who, resource, call), second],
            1 => vec![first, Operation::TwoHolders(who, resource, call), second],
            _ => vec![first, Operation::Meanwhile(who, resource, call, during)],
        }
    }

    /// Somebody makes up for what a run has left or decided.
    pub(super) fn amend(&mut self) -> Operation {
        let (who, resource) = (self.who(), self.resource());
        match self.dice.below(4) {
            0 => Operation::Retry(who, resource),
            1 => Operation::Release(who, resource),
            _ => Operation::Reverse(who, resource),
        }
    }

    /// More than a guard rail lets through at once: everything of somebody who has
    /// enough is deleted on one side. Nobody is invited to it.
    pub(super) fn purge(&mut self) -> Vec<Operation> {
        let (who, resource) = (self.dice.one_of([Who::Ben, Who::Carl]), self.resource());
        let (made_on, side) = (self.dice.one_of(Side::ALL), self.dice.one_of(Side::ALL));
        let mut operations: Vec<Operation> = (0..PURGED_MIN).map(|_| self.create_of(made_on, who, resource)).collect();
        operations.extend([Operation::Sync(who, resource), Operation::Purge(side, who, resource)]);
        self.items.retain(|item| (item.owner, item.resource) != (who, resource));
        operations.push(Operation::Sync(who, resource));
        if self.dice.once_in(2) {
            operations.extend([Operation::Release(who, resource), Operation::Sync(who, resource)]);
        }
        operations
    }

    /// A fault, what is likely to meet it, and runs that bring that over.
    pub(super) fn fault(&mut self) -> Vec<Operation> {
        let target = self.dice.one_of(Target::DRAWN);
        // One after the other, so that no history is without any of them for long.
        let kind = self.fault_kinds.next().unwrap_or(FaultKind::Throttle);
        let skip = match target {
            Target::Page | Target::Read | Target::Login | Target::Any => self.dice.below(3),
            // There are not many of these.
            Target::Create | Target::Update | Target::Delete | Target::Batch => u32::from(self.dice.once_in(4)),
        };
        let mut operations = vec![Operation::Fault(kind, target, skip, 1 + self.dice.below(3))];
        if target == Target::Login {
            operations.push(Operation::Expire(Expiry::AccessTokens));
        }
        let mut edits = vec![self.edit_towards(target), self.edit_towards(target)];
        let runs: Vec<Operation> = edits.iter().copied().filter_map(run_of).collect();
        edits.extend(runs);
        operations.extend(edits);
        operations
    }

    /// An edit that leads to such a request.
    fn edit_towards(&mut self, target: Target) -> Operation {
        let item = self.recent();
        match (target, item) {
            (Target::Create | Target::Batch, _) => self.create_on(Side::Crm),
            (Target::Update, Some(item)) => self.renamed(item, Side::Crm),
            (Target::Delete, Some(item)) => match item.resource {
                Resource::Tasks => Operation::Task(Side::Crm, item.owner, item.number, TaskAct::Delete),
                Resource::Calendar | Resource::Mail => {
                    Operation::Event(Side::Crm, item.owner, item.number, EventAct::Delete)
                }
            },
            (Target::Update | Target::Delete, None) => self.create(),
            (Target::Page | Target::Read | Target::Login | Target::Any, _) => self.edit(),
        }
    }
}

/// The run that brings an edit to the other side.
fn run_of(edit: Operation) -> Option<Operation> {
    match edit {
        Operation::Event(_, who, ..) => Some(Operation::Sync(who, Resource::Calendar)),
        Operation::Task(_, who, ..) => Some(Operation::Sync(who, Resource::Tasks)),
        _ => None,
    }
}

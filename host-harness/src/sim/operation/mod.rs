//! What can happen in a history. Nothing is carried out here.
//!
//! Operations name an item by the number that its titles bear, never by an id,
//! so that a history still means something after some of it was dropped. Next:
//! [`super::history`].

mod acts;
mod faults;

pub use acts::{End, EventAct, Guests, OccurrenceAct, Progress, Reply, Rule, RuleKind, TaskAct, Weight, When};
pub use faults::{Expiry, FaultKind, Target};

use crate::app::Resource;

/// Where somebody does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The CRM.
    Crm,
    /// Outlook and To Do.
    Microsoft,
}

impl Side {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Crm, Self::Microsoft];

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Crm => Self::Microsoft,
            Self::Microsoft => Self::Crm,
        }
    }

    /// Its name in the kinds of operations.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Crm => "crm",
            Self::Microsoft => "microsoft",
        }
    }
}

/// Who does it. Anna and Ben work together, Carl in another organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Who invites Ben and outsiders.
    Anna,
    /// Who is invited.
    Ben,
    /// Whom nothing of the others may reach.
    Carl,
}

impl Who {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Anna, Self::Ben, Self::Carl];

    /// The login in the CRM.
    pub const fn login(self) -> &'static str {
        match self {
            Self::Anna => "anna",
            Self::Ben => "ben",
            Self::Carl => "carl",
        }
    }

    /// The address of the mailbox.
    pub const fn address(self) -> &'static str {
        match self {
            Self::Anna => "anna@acme.example",
            Self::Ben => "ben@acme.example",
            Self::Carl => "carl@borealis.example",
        }
    }

    /// The organization.
    pub const fn organization(self) -> &'static str {
        match self {
            Self::Anna | Self::Ben => "Acme",
            Self::Carl => "Borealis",
        }
    }
}

/// In which direction a resource is kept in step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Both.
    Both,
    /// One, from this side to the other one.
    From(Side),
}

impl Direction {
    /// Whether what somebody changes on a side is to reach the other one.
    pub fn takes_from(self, side: Side) -> bool {
        match self {
            Self::Both => true,
            Self::From(source) => source == side,
        }
    }
}

/// What a person or an administrator sets.
#[derive(Clone, Copy, Debug)]
pub enum Setting {
    /// Whether the CRM wins a conflict of a resource.
    CrmWins(Resource, bool),
    /// The direction of a resource.
    Direction(Resource, Direction),
    /// The window, in days back and ahead.
    Window(u32, u32),
    /// A resource of one user, on or off.
    Switch(Who, Resource, bool),
}

/// What somebody does while a run is going on.
#[derive(Clone, Copy, Debug)]
pub enum During {
    /// With an event.
    Event(Side, u32, EventAct),
    /// With a task.
    Task(Side, u32, TaskAct),
}

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
pub enum Operation {
    /// Somebody does something with an event.
    Event(Side, Who, u32, EventAct),
    /// Somebody does something with a task.
    Task(Side, Who, u32, TaskAct),
    /// A run.
    Sync(Who, Resource),
    /// A preview of one, which changes nothing.
    Preview(Who, Resource),
    /// A run that compares everything once more.
    Again(Who, Resource),
    /// A run that the host tears down after so many calls.
    Crash(Who, Resource, u32),
    /// A run of which the first create in Microsoft is made, and gets no answer.
    Lost(Who, Resource),
    /// A run of which one call to the host fails.
    HostFailure(Who, Resource, u32),
    /// A run during which, after so many host calls, its user does something.
    Meanwhile(Who, Resource, u32, During),
    /// A run that sleeps after so many host calls until its lease is over and
    /// another process has done the same run; then it wakes.
    TwoHolders(Who, Resource, u32),
    /// Somebody has the last conflict of a resource taken back; whoever was to do it
    /// is torn down before that, so that the next run has to.
    TakeBack(Who, Resource),
    /// Somebody has the last conflict of a resource taken back that can be.
    Reverse(Who, Resource),
    /// Somebody has everything tried once more that is set aside of a resource.
    Retry(Who, Resource),
    /// Somebody deletes everything of a resource on one side.
    Purge(Side, Who, Resource),
    /// An administrator lets through what a guard rail holds back.
    Release(Who, Resource),
    /// Somebody connects a mailbox.
    Connect(Who),
    /// Somebody lets it go.
    Disconnect(Who),
    /// Something is set.
    Set(Setting),
    /// So many hours go by.
    Pass(u32),
    /// Microsoft forgets something.
    Expire(Expiry),
    /// After so many of these requests, so many go wrong.
    Fault(FaultKind, Target, u32, u32),
    /// Everything goes well until nothing is left to do; then the laws are asked.
    Quiet,
}

impl Operation {
    /// Its kind, for the count of kinds.
    pub fn kind(&self) -> String {
        match self {
            Self::Event(side, _, _, act) => format!("{}-event-{}", side.word(), act.word()),
            Self::Task(side, _, _, act) => format!("{}-task-{}", side.word(), act.word()),
            Self::Sync(_, resource) => format!("sync-{resource}"),
            Self::Preview(_, resource) => format!("preview-{resource}"),
            Self::Again(_, resource) => format!("compare-again-{resource}"),
            Self::Crash(_, resource, _) => format!("crash-{resource}"),
            Self::Lost(_, resource) => format!("lost-answer-{resource}"),
            Self::HostFailure(_, resource, _) => format!("host-failure-{resource}"),
            Self::Meanwhile(_, resource, ..) => format!("meanwhile-{resource}"),
            Self::TwoHolders(_, resource, _) => format!("two-holders-{resource}"),
            Self::TakeBack(_, resource) => format!("take-back-{resource}"),
            Self::Reverse(_, resource) => format!("reverse-{resource}"),
            Self::Retry(_, resource) => format!("retry-{resource}"),
            Self::Purge(side, _, resource) => format!("{}-purge-{resource}", side.word()),
            Self::Release(_, resource) => format!("release-{resource}"),
            Self::Connect(_) => "connect".to_owned(),
            Self::Disconnect(_) => "disconnect".to_owned(),
            Self::Set(setting) => format!("set-{}", setting.word()),
            Self::Pass(_) => "pass".to_owned(),
            Self::Expire(expiry) => format!("expire-{}", expiry.word()),
            Self::Fault(..) => "fault".to_owned(),
            Self::Quiet => "quiet".to_owned(),
        }
    }
}

impl Setting {
    const fn word(&self) -> &'static str {
        match self {
            Self::CrmWins(..) => "conflict-rule",
            Self::Direction(..) => "direction",
            Self::Window(..) => "window",
            Self::Switch(..) => "switch",
        }
    }
}

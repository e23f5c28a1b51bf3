//! How a history is drawn from a seed; what goes wrong in it, in [`trouble`]. Next:
//! [`super::play`].

mod trouble;

use std::array::IntoIter;
use std::fmt;
use std::iter::Cycle;

use super::dice::Dice;
use super::operation::{
    Direction, End, EventAct, Expiry, FaultKind, Guests, OccurrenceAct, Operation, Progress, Reply, Rule, RuleKind,
    Setting, Side, TaskAct, Weight, When, Who,
};
use super::words::ZONES;
use crate::app::Resource;

/// Operations between two quiet periods.
const SEGMENT: u32 = 25;

/// Items that people still work on: the last so many.
const RECENT: usize = 6;

/// What can be kept in step here.
pub const RESOURCES: [Resource; 2] = [Resource::Calendar, Resource::Tasks];

/// What holds during a whole history.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one behaviour of the emulator, on or off")]
pub struct Setup {
    /// Who takes part.
    pub cast: &'static [Who],
    /// What is kept in step.
    pub resources: &'static [Resource],
    /// Whether directions change, and then nobody is invited: what reaches a
    /// guest past a direction is no matter of the settings.
    pub turning: bool,
    /// Whether Anna and Ben connect later than others: what they have by then is
    /// met by a first run.
    pub late: [bool; 2],
    /// Items of a page at most.
    pub page_size: Option<u32>,
    /// Whether pages may be empty.
    pub empty_pages: bool,
    /// Whether rounds repeat what they have shown.
    pub replay: bool,
    /// Whether series are in rounds.
    pub masters_in_delta: bool,
    /// Whether events change by themselves after they were written.
    pub bumped_keys: bool,
    /// Which cloud.
    pub cloud: &'static str,
}

/// A history: what holds, and what happens.
#[derive(Clone, Debug)]
pub struct History {
    /// What holds.
    pub setup: Setup,
    /// What happens.
    pub operations: Vec<Operation>,
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:?}", self.setup)?;
        self.operations.iter().try_for_each(|operation| writeln!(f, "  {operation:?}"))
    }
}

impl History {
    /// The history of a seed with so many operations, and a quiet period at the
    /// end of each segment.
    pub fn of(seed: u64, steps: u32) -> Self {
        let mut dice = Dice::new(seed);
        let setup = Setup::of(&mut dice);
        let mut fault_kinds = FaultKind::ALL.into_iter().cycle();
        let begun = dice.below(u32::try_from(FaultKind::ALL.len()).unwrap_or(1));
        let _ = fault_kinds.by_ref().take(begun as usize).count();
        let mut drawing = Drawing { dice, setup, items: Vec::new(), next_item: 0, version: 0, fault_kinds };
        let mut operations = Vec::new();
        let (mut count, mut is_first) = (0, true);
        while count < steps {
            operations.extend(drawing.begin_segment(is_first));
            let end = (count + SEGMENT).min(steps);
            while count < end {
                let next = drawing.something();
                count += u32::try_from(next.len()).unwrap_or(1);
                operations.extend(next);
            }
            operations.push(Operation::Quiet);
            is_first = false;
        }
        Self { setup, operations }
    }
}

impl Setup {
    /// Everybody, from the beginning, and a cloud that does nothing unusual.
    pub const PLAIN: Self = Self {
        cast: &Who::ALL,
        resources: &RESOURCES,
        turning: false,
        late: [false; 2],
        page_size: None,
        empty_pages: false,
        replay: false,
        masters_in_delta: true,
        bumped_keys: false,
        cloud: "global",
    };

    fn of(dice: &mut Dice) -> Self {
        let cloud = dice.one_of(["global", "global", "global", "usgov"]);
        Self {
            cast: Self::PLAIN.cast,
            resources: Self::PLAIN.resources,
            turning: dice.once_in(4),
            late: [dice.once_in(5), dice.once_in(4)],
            // Where a series is read by its instances, pages of one are no answer
            // that a cloud gives: a step does not read hundreds of them.
            page_size: (cloud != "usgov" && dice.once_in(3)).then(|| 2 + dice.below(4)),
            empty_pages: dice.once_in(3),
            replay: dice.once_in(3),
            masters_in_delta: !dice.once_in(3),
            bumped_keys: dice.once_in(4),
            cloud,
        }
    }
}

/// What somebody can work on.
#[derive(Clone, Copy)]
struct Item {
    number: u32,
    owner: Who,
    resource: Resource,
    is_past: bool,
}

/// A history that is being drawn.
struct Drawing {
    dice: Dice,
    setup: Setup,
    items: Vec<Item>,
    next_item: u32,
    version: u32,
    fault_kinds: Cycle<IntoIter<FaultKind, { FaultKind::ALL.len() }>>,
}

impl Drawing {
    /// Another direction for each resource, where directions change.
    fn begin_segment(&mut self, is_first: bool) -> Vec<Operation> {
        if !self.setup.turning {
            return Vec::new();
        }
        [Resource::Calendar, Resource::Tasks]
            .map(|resource| {
                let direction = match self.dice.below(3) {
                    0 if !is_first => Direction::From(Side::Crm),
                    1 if !is_first => Direction::From(Side::Microsoft),
                    _ => Direction::Both,
                };
                Operation::Set(Setting::Direction(resource, direction))
            })
            .to_vec()
    }

    fn something(&mut self) -> Vec<Operation> {
        if self.items.len() < 2 || self.dice.once_in(9) {
            return vec![self.create()];
        }
        vec![match self.dice.below(28) {
            0..=4 => Operation::Sync(self.who(), self.resource()),
            5 => Operation::Pass(self.dice.one_of([1, 5, 24, 24, 24 * 20])),
            6 | 7 => Operation::Crash(self.who(), self.resource(), self.host_call()),
            20 => return self.away(),
            21 => return self.lost(),
            19 | 22 | 23 => return self.contested(),
            24 => return self.interrupted(),
            25 => Operation::TwoHolders(self.who(), self.resource(), self.host_call()),
            8 | 9 => return self.fault(),
            26 => self.amend(),
            27 if self.dice.once_in(4) => return self.purge(),
            10 => self.rare(),
            _ => self.edit(),
        }]
    }

    fn renamed(&mut self, item: Item, side: Side) -> Operation {
        let version = self.version();
        match item.resource {
            Resource::Tasks => Operation::Task(side, item.owner, item.number, TaskAct::Rename(version)),
            Resource::Calendar | Resource::Mail => {
                Operation::Event(side, item.owner, item.number, EventAct::Rename(version))
            }
        }
    }

    /// An item that people still work on.
    fn recent(&mut self) -> Option<Item> {
        let recent = self.items.len().saturating_sub(RECENT);
        self.dice.pick(self.items.get(recent..).unwrap_or_default()).copied()
    }

    fn who(&mut self) -> Who {
        self.dice.one_of([Who::Anna, Who::Anna, Who::Ben, Who::Carl])
    }

    fn resource(&mut self) -> Resource {
        self.dice.one_of([Resource::Calendar, Resource::Calendar, Resource::Tasks])
    }

    /// What people do seldom.
    fn rare(&mut self) -> Operation {
        let (who, resource) = (self.who(), self.resource());
        match self.dice.below(12) {
            0 => Operation::Expire(Expiry::DeltaTokens),
            1 => Operation::Expire(Expiry::AccessTokens),
            2 if self.dice.once_in(2) => Operation::Expire(Expiry::RefreshTokens),
            3 if self.dice.once_in(3) => Operation::Expire(Expiry::ClientSecret),
            2 | 3 => Operation::Connect(who),
            4 => Operation::Disconnect(who),
            5 => Operation::Preview(who, resource),
            6 => Operation::Again(who, resource),
            7 => Operation::Set(Setting::CrmWins(resource, self.dice.once_in(2))),
            8 => Operation::Set(Setting::Window(30 + self.dice.below(300), 30 + self.dice.below(300))),
            _ => Operation::Set(Setting::Switch(who, resource, self.dice.once_in(2))),
        }
    }

    fn create(&mut self) -> Operation {
        let side = self.dice.one_of(Side::ALL);
        self.create_on(side)
    }

    fn create_on(&mut self, side: Side) -> Operation {
        let (owner, resource) = (self.who(), self.resource());
        self.create_of(side, owner, resource)
    }

    fn create_of(&mut self, side: Side, owner: Who, resource: Resource) -> Operation {
        let number = self.next_item;
        self.next_item += 1;
        let is_past = resource == Resource::Calendar && self.dice.once_in(8);
        self.items.push(Item { number, owner, resource, is_past });
        match resource {
            Resource::Tasks => Operation::Task(side, owner, number, TaskAct::Create(self.due())),
            Resource::Calendar | Resource::Mail => {
                let when = self.time(is_past);
                let rule = (!is_past && self.dice.once_in(2)).then(|| self.rule());
                let invites = owner == Who::Anna && !self.setup.turning && self.dice.once_in(2);
                let guests = if invites { self.guests() } else { Guests::NOBODY };
                Operation::Event(side, owner, number, EventAct::Create(when, rule, guests))
            }
        }
    }

    fn edit(&mut self) -> Operation {
        let side = self.dice.one_of(Side::ALL);
        let Some(item) = self.recent() else { return self.create() };
        match item.resource {
            Resource::Tasks => Operation::Task(side, item.owner, item.number, self.task_act()),
            Resource::Calendar | Resource::Mail => {
                let may_meet = item.owner == Who::Anna && !self.setup.turning;
                let as_guest = may_meet && self.dice.once_in(5);
                let who = if as_guest { Who::Ben } else { item.owner };
                let act = if as_guest { self.guest_act() } else { self.owner_act(item.is_past, may_meet) };
                Operation::Event(side, who, item.number, act)
            }
        }
    }

    /// A number that no other text of the history has.
    fn version(&mut self) -> u32 {
        self.version += 1;
        self.version
    }

    fn due(&mut self) -> Option<i32> {
        (!self.dice.once_in(4)).then(|| self.day())
    }

    /// A day ahead, around the changes of the clock in New York, Berlin and Sydney
    /// as well.
    fn day(&mut self) -> i32 {
        self.dice.one_of([2, 3, 5, 6, 7, 8, 12, 20, 26, 27, 28, 33, 34, 35, 60])
    }

    fn task_act(&mut self) -> TaskAct {
        match self.dice.below(10) {
            0 | 1 => TaskAct::Rename(self.version()),
            2 => TaskAct::Describe(self.version()),
            3 | 4 => TaskAct::Due(self.due()),
            5 => TaskAct::Weigh(self.dice.one_of([Weight::Low, Weight::Normal, Weight::High])),
            6..=8 => TaskAct::Progress(self.dice.one_of([Progress::Open, Progress::Begun, Progress::Done])),
            _ => TaskAct::Delete,
        }
    }

    fn time(&mut self, is_past: bool) -> When {
        let back = 4 + self.dice.below(10);
        let day = if is_past { -i32::try_from(back).unwrap_or(4) } else { self.day() };
        When {
            day,
            minute: 60 * self.dice.one_of([0, 1, 2, 3, 8, 9, 12, 17, 22, 23]) + self.dice.one_of([0, 0, 30]),
            minutes: self.dice.one_of([0, 15, 30, 60, 60, 90, 26 * 60]),
            all_day: self.dice.once_in(5).then(|| 1 + self.dice.below(3)),
            zone: self.dice.below(u32::try_from(ZONES.len()).unwrap_or(1)),
        }
    }

    fn rule(&mut self) -> Rule {
        use RuleKind::{Daily, MonthNth, Monthly, Weekly, YearNth, Yearly};
        Rule {
            kind: self.dice.one_of([Daily, Daily, Weekly, Weekly, Weekly, Monthly, MonthNth, Yearly, YearNth]),
            interval: 1 + self.dice.below(3),
            more_days: if self.dice.once_in(2) { self.dice.below(128) } else { 0 },
            off_by: if self.dice.once_in(6) { self.dice.below(4) } else { 0 },
            end: match self.dice.below(3) {
                0 => End::Never,
                1 => End::After(1 + self.dice.below(12)),
                _ => End::On(self.dice.below(90)),
            },
        }
    }

    fn guests(&mut self) -> Guests {
        Guests { ben: !self.dice.once_in(4), outsider: self.dice.once_in(2) }
    }

    fn guest_act(&mut self) -> EventAct {
        match self.dice.below(6) {
            0 => EventAct::Remind(5 * self.dice.below(12)),
            1 => EventAct::Delete,
            _ => EventAct::Reply(self.dice.one_of([Reply::Accept, Reply::Accept, Reply::Maybe, Reply::Decline])),
        }
    }

    fn owner_act(&mut self, is_past: bool, may_invite: bool) -> EventAct {
        match self.dice.below(16) {
            0 | 1 => EventAct::Rename(self.version()),
            2 => EventAct::Describe(self.version()),
            3 | 4 => EventAct::Retime(self.time(is_past)),
            5 if !is_past => EventAct::Recur(self.rule()),
            6 if self.dice.once_in(2) => EventAct::Single,
            7 => EventAct::Truncate(1 + self.dice.below(5)),
            8 if may_invite => EventAct::Invite(self.guests()),
            9 => EventAct::Remind(5 * self.dice.below(12)),
            10 if self.dice.once_in(2) => EventAct::Delete,
            _ => EventAct::Occurrence(self.dice.below(6), self.occurrence_act()),
        }
    }

    fn occurrence_act(&mut self) -> OccurrenceAct {
        match self.dice.below(8) {
            0..=2 => OccurrenceAct::Move(self.dice.one_of([-90, -30, 30, 60, 180, 24 * 60, -24 * 60])),
            3 | 4 => OccurrenceAct::Rename(self.version()),
            5 | 6 => OccurrenceAct::Cancel,
            _ => OccurrenceAct::Restore,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_has_one_history_and_another_seed_another_one() {
        let text = |seed: u64| History::of(seed, 120).to_string();
        assert_eq!(text(3), text(3));
        assert_ne!(text(3), text(4));
    }

    #[test]
    fn every_segment_ends_quietly() {
        let quiet = |steps: u32| {
            let operations = History::of(1, steps).operations;
            operations.iter().filter(|operation| matches!(operation, Operation::Quiet)).count()
        };
        assert_eq!([quiet(0), quiet(1), quiet(SEGMENT)], [0, 1, 1]);
        assert!(quiet(4 * SEGMENT) > 2);
        assert!(matches!(History::of(1, 4 * SEGMENT).operations.last(), Some(Operation::Quiet)));
    }
}

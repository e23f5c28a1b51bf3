//! What happens in a history, and how one is drawn from a seed.
//!
//! Operations name an item by the number that its titles bear, never by an id,
//! so that a history still means something after some of it was dropped.
//! Nothing is carried out here: [`super::people`] does that.

use std::fmt;

/// Items that a history creates at most.
const ITEMS_MAX: u64 = 4;
/// Operations of most histories at most, without the creates.
const OPERATIONS_MAX: u64 = 12;
/// How many times as many a long history has.
const LONG: u64 = 4;

/// A small generator of numbers (SplitMix64): one seed, one history.
pub struct Dice(u64);

impl Dice {
    /// The same numbers for the same seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Once in so many times.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of these.
    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap()]
    }

    fn small(&mut self, end: u64) -> u32 {
        u32::try_from(self.below(end)).unwrap()
    }
}

/// Where somebody does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Crm,
    Outlook,
}

/// Who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Anna,
    Ben,
}

impl Who {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Anna, Self::Ben];

    /// The login in the CRM.
    pub const fn login(self) -> &'static str {
        match self {
            Self::Anna => "anna",
            Self::Ben => "ben",
        }
    }
}

/// A time as it is planned: a clock reading in a zone, or whole days.
#[derive(Clone, Copy, Debug)]
pub struct When {
    /// Days after the beginning of the history.
    pub day: i64,
    /// The clock reading, in minutes after midnight.
    pub minute: u32,
    /// How long it takes.
    pub minutes: u32,
    /// How many whole days instead.
    pub all_day: Option<u32>,
    /// Which zone of [`super::calendar::ZONES`].
    pub zone: usize,
}

/// How a series repeats, told by the day on which it begins.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// One of the six types.
    pub kind: RuleKind,
    /// Days, weeks, months or years.
    pub interval: u32,
    /// Days of the week beside that of the start, one bit each.
    pub more_days: u32,
    /// Days between the start and the day that the rule names.
    pub off_by: i64,
    /// Where it ends.
    pub end: End,
}

/// The six types (Oro row C3; Graph `resources/recurrencepattern`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleKind {
    Daily,
    Weekly,
    Monthly,
    MonthNth,
    Yearly,
    YearNth,
}

/// The three ranges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Never,
    After(u32),
    /// So many days after the start.
    On(i64),
}

/// The guests of a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guests {
    pub ben: bool,
    pub outsider: bool,
}

impl Guests {
    pub const NOBODY: Self = Self { ben: false, outsider: false };
}

/// What somebody changes.
#[derive(Clone, Copy, Debug)]
pub enum Edit {
    Rename(u32),
    Describe(u32),
    Retime(When),
    Recur(Rule),
    /// The series becomes a single event.
    Single,
    /// The series ends after so many occurrences.
    Truncate(u32),
    /// One occurrence, counted from the first that is shown.
    Occurrence(u32, OccurrenceEdit),
    Remind(u32),
    Invite(Guests),
    Reply(Answer),
    Delete,
}

/// What somebody does to one occurrence.
#[derive(Clone, Copy, Debug)]
pub enum OccurrenceEdit {
    /// By so many minutes.
    Move(i64),
    Rename(u32),
    Cancel,
    /// Back to what the series says.
    Restore,
}

/// A guest's answer.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    Accept,
    Maybe,
    Decline,
}

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
pub enum Operation {
    Create {
        side: Side,
        who: Who,
        item: u32,
        when: When,
        rule: Option<Rule>,
        guests: Guests,
    },
    Edit {
        side: Side,
        who: Who,
        item: u32,
        edit: Edit,
    },
    Sync(Who),
    /// A sync that the host tears down after so many calls.
    Crash(Who, u64),
    Connect(Who),
    /// Switches somebody's calendar off, or on again.
    Switch(Who, bool),
    /// So many hours go by.
    Pass(u32),
    ExpireCursors,
}

/// What holds during a history.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one behaviour of the emulator, on or off")]
pub struct Setup {
    pub direction: &'static str,
    pub conflict_rule: &'static str,
    /// Who is connected from the beginning on.
    pub connected: [bool; 2],
    pub page_size: Option<u32>,
    pub empty_pages: bool,
    pub replay: bool,
    pub masters_in_delta: bool,
    pub bumped_keys: bool,
    pub cloud: &'static str,
}

/// A history: what holds, and what happens.
#[derive(Clone)]
pub struct History {
    pub setup: Setup,
    pub operations: Vec<Operation>,
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:?}", self.setup)?;
        self.operations.iter().try_for_each(|operation| writeln!(f, "  {operation:?}"))
    }
}

impl History {
    /// The history of a seed.
    pub fn of(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let setup = setup(&mut dice);
        let mut operations = Vec::new();
        let mut items: Vec<(u32, Who, bool)> = Vec::new();
        let sides: &[Side] = match setup.direction {
            "crm-to-microsoft" => &[Side::Crm],
            "microsoft-to-crm" => &[Side::Outlook],
            _ => &[Side::Crm, Side::Outlook],
        };
        // A source alone is edited, and nobody's calendar is reached past it.
        let alone = sides.len() == 1;
        for item in 0..=dice.below(ITEMS_MAX) {
            let item = u32::try_from(item).unwrap();
            operations.push(create(&mut dice, sides, alone, item, &mut items));
            if dice.once_in(2) {
                operations.push(Operation::Sync(dice.one_of(&Who::ALL)));
            }
        }
        let most = if dice.once_in(5) { LONG * OPERATIONS_MAX } else { OPERATIONS_MAX };
        for _ in 0..3 + dice.below(most) {
            operations.push(something(&mut dice, sides, alone, &items));
        }
        Self { setup, operations }
    }
}

fn setup(dice: &mut Dice) -> Setup {
    let cloud = dice.one_of(&["global", "global", "global", "usgov"]);
    // Where a series is read by its instances, pages of one are no answer that
    // a cloud gives: a step does not read hundreds of them.
    let page_size = (cloud != "usgov" && dice.once_in(3)).then(|| 1 + dice.small(3));
    Setup {
        direction: dice.one_of(&[
            "bidirectional",
            "bidirectional",
            "bidirectional",
            "bidirectional",
            "bidirectional",
            "bidirectional",
            "crm-to-microsoft",
            "microsoft-to-crm",
        ]),
        conflict_rule: dice.one_of(&["crm-wins", "microsoft-wins"]),
        connected: [!dice.once_in(5), !dice.once_in(4)],
        page_size,
        empty_pages: dice.once_in(3),
        replay: dice.once_in(3),
        masters_in_delta: !dice.once_in(3),
        bumped_keys: dice.once_in(4),
        cloud,
    }
}

fn create(dice: &mut Dice, sides: &[Side], alone: bool, item: u32, items: &mut Vec<(u32, Who, bool)>) -> Operation {
    let side = dice.one_of(sides);
    let who = dice.one_of(&[Who::Anna, Who::Anna, Who::Ben]);
    let past = dice.once_in(8);
    let when = time(dice, past);
    let rule = (!past && dice.once_in(2)).then(|| rule(dice));
    let guests = if alone || who == Who::Ben || dice.once_in(2) { Guests::NOBODY } else { guests(dice) };
    items.push((item, who, past));
    Operation::Create { side, who, item, when, rule, guests }
}

fn time(dice: &mut Dice, past: bool) -> When {
    // Around the changes of the clock in New York, Berlin and Sydney as well.
    let day = if past {
        -i64::from(4 + dice.small(10))
    } else {
        dice.one_of(&[2, 3, 5, 6, 7, 8, 12, 20, 26, 27, 28, 33, 34, 35, 60])
    };
    When {
        day,
        minute: 60 * dice.one_of(&[0, 1, 2, 3, 8, 9, 12, 17, 22, 23]) + dice.one_of(&[0, 0, 30]),
        minutes: dice.one_of(&[0, 15, 30, 60, 60, 90, 26 * 60]),
        all_day: dice.once_in(5).then(|| 1 + dice.small(3)),
        zone: usize::try_from(dice.below(super::calendar::ZONES.len() as u64)).unwrap(),
    }
}

fn rule(dice: &mut Dice) -> Rule {
    use RuleKind::{Daily, MonthNth, Monthly, Weekly, YearNth, Yearly};
    Rule {
        kind: dice.one_of(&[Daily, Daily, Weekly, Weekly, Weekly, Monthly, MonthNth, Yearly, YearNth]),
        interval: 1 + dice.small(3),
        more_days: if dice.once_in(2) { dice.small(128) } else { 0 },
        off_by: if dice.once_in(6) { i64::from(dice.small(4)) } else { 0 },
        end: match dice.below(3) {
            0 => End::Never,
            1 => End::After(1 + dice.small(12)),
            _ => End::On(i64::from(dice.small(90))),
        },
    }
}

fn guests(dice: &mut Dice) -> Guests {
    Guests { ben: !dice.once_in(4), outsider: dice.once_in(2) }
}

fn something(dice: &mut Dice, sides: &[Side], alone: bool, items: &[(u32, Who, bool)]) -> Operation {
    match dice.below(20) {
        0..=5 => Operation::Sync(dice.one_of(&Who::ALL)),
        6 => Operation::Pass(dice.one_of(&[1, 5, 24, 24, 24 * 34])),
        7 if dice.once_in(2) => Operation::ExpireCursors,
        7 => Operation::Crash(dice.one_of(&Who::ALL), 3 + dice.below(40)),
        8 if dice.once_in(2) => Operation::Switch(dice.one_of(&Who::ALL), dice.once_in(2)),
        8 => Operation::Connect(dice.one_of(&Who::ALL)),
        _ => {
            let (item, owner, past) = dice.one_of(items);
            let as_guest = owner == Who::Anna && !alone && dice.once_in(5);
            let edit = if as_guest { of_guest(dice) } else { of_owner(dice, past, owner == Who::Anna && !alone) };
            let who = if as_guest { Who::Ben } else { owner };
            Operation::Edit { side: dice.one_of(sides), who, item, edit }
        }
    }
}

fn of_guest(dice: &mut Dice) -> Edit {
    match dice.below(6) {
        0 => Edit::Remind(5 * dice.small(12)),
        1 => Edit::Delete,
        _ => Edit::Reply(dice.one_of(&[Answer::Accept, Answer::Accept, Answer::Maybe, Answer::Decline])),
    }
}

fn of_owner(dice: &mut Dice, past: bool, may_invite: bool) -> Edit {
    match dice.below(16) {
        0 | 1 => Edit::Rename(dice.small(100)),
        2 => Edit::Describe(dice.small(100)),
        3 | 4 => Edit::Retime(time(dice, past)),
        5 if !past => Edit::Recur(rule(dice)),
        6 if dice.once_in(2) => Edit::Single,
        7 => Edit::Truncate(1 + dice.small(5)),
        8 if may_invite => Edit::Invite(guests(dice)),
        9 => Edit::Remind(5 * dice.small(12)),
        10 if dice.once_in(2) => Edit::Delete,
        _ => Edit::Occurrence(dice.small(6), of_occurrence(dice)),
    }
}

fn of_occurrence(dice: &mut Dice) -> OccurrenceEdit {
    match dice.below(8) {
        0..=2 => OccurrenceEdit::Move(dice.one_of(&[-90, -30, 30, 60, 180, 24 * 60, -24 * 60])),
        3 | 4 => OccurrenceEdit::Rename(dice.small(100)),
        5 | 6 => OccurrenceEdit::Cancel,
        _ => OccurrenceEdit::Restore,
    }
}

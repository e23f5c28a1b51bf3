//! What people do with events and tasks.

/// A time as it is planned: a clock reading in a zone, or whole days.
#[derive(Clone, Copy, Debug)]
pub struct When {
    /// Days after the beginning of the history.
    pub day: i32,
    /// The clock reading, in minutes after midnight.
    pub minute: u32,
    /// How long it takes, in minutes.
    pub minutes: u32,
    /// How many whole days instead.
    pub all_day: Option<u32>,
    /// Which zone of [`crate::sim::words::ZONES`].
    pub zone: u32,
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
    pub off_by: u32,
    /// Where it ends.
    pub end: End,
}

/// The six types (Oro row C3; Graph `resources/recurrencepattern`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleKind {
    /// Every so many days.
    Daily,
    /// On days of the week.
    Weekly,
    /// On a day of the month.
    Monthly,
    /// On the nth of a day of the week in a month.
    MonthNth,
    /// On a date.
    Yearly,
    /// On the nth of a day of the week in a month of the year.
    YearNth,
}

/// The three ranges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Never.
    Never,
    /// After so many occurrences.
    After(u32),
    /// So many days after the start.
    On(u32),
}

/// The guests of a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guests {
    /// Ben, who has a mailbox.
    pub ben: bool,
    /// Somebody whose mailbox is elsewhere.
    pub outsider: bool,
}

impl Guests {
    /// No meeting.
    pub const NOBODY: Self = Self { ben: false, outsider: false };
}

/// What somebody does with an event.
#[derive(Clone, Copy, Debug)]
pub enum EventAct {
    /// Enters it.
    Create(When, Option<Rule>, Guests),
    /// Gives it another title.
    Rename(u32),
    /// Gives it another description.
    Describe(u32),
    /// Puts it elsewhere.
    Retime(When),
    /// Gives it a rule, or another one.
    Recur(Rule),
    /// The series becomes a single event.
    Single,
    /// The series ends after so many occurrences.
    Truncate(u32),
    /// One occurrence, counted from the first that is shown.
    Occurrence(u32, OccurrenceAct),
    /// Sets the reminder, in minutes before it begins.
    Remind(u32),
    /// Invites these people, and nobody else.
    Invite(Guests),
    /// Answers the invitation.
    Reply(Reply),
    /// Deletes it.
    Delete,
}

/// What somebody does to one occurrence.
#[derive(Clone, Copy, Debug)]
pub enum OccurrenceAct {
    /// By so many minutes.
    Move(i32),
    /// Gives it a title of its own.
    Rename(u32),
    /// Calls it off.
    Cancel,
    /// Back to what the series says.
    Restore,
}

/// A guest's answer.
#[derive(Clone, Copy, Debug)]
pub enum Reply {
    /// Yes.
    Accept,
    /// Maybe.
    Maybe,
    /// No.
    Decline,
}

/// What somebody does with a task.
#[derive(Clone, Copy, Debug)]
pub enum TaskAct {
    /// Enters it, due on a day or not at all.
    Create(Option<i32>),
    /// Gives it another title.
    Rename(u32),
    /// Gives it another description.
    Describe(u32),
    /// Puts it on another day, or on none.
    Due(Option<i32>),
    /// How important it is.
    Weigh(Weight),
    /// How far it is.
    Progress(Progress),
    /// Deletes it.
    Delete,
}

/// How important a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Low.
    Low,
    /// Normal.
    Normal,
    /// High.
    High,
}

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Not begun.
    Open,
    /// Begun.
    Begun,
    /// Done.
    Done,
}

impl EventAct {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Create(_, None, _) => "create",
            Self::Create(_, Some(_), _) => "create-series",
            Self::Rename(_) => "rename",
            Self::Describe(_) => "describe",
            Self::Retime(_) => "retime",
            Self::Recur(_) => "recur",
            Self::Single => "single",
            Self::Truncate(_) => "truncate",
            Self::Occurrence(_, OccurrenceAct::Move(_)) => "occurrence-move",
            Self::Occurrence(_, OccurrenceAct::Rename(_)) => "occurrence-rename",
            Self::Occurrence(_, OccurrenceAct::Cancel) => "occurrence-cancel",
            Self::Occurrence(_, OccurrenceAct::Restore) => "occurrence-restore",
            Self::Remind(_) => "remind",
            Self::Invite(_) => "invite",
            Self::Reply(_) => "reply",
            Self::Delete => "delete",
        }
    }
}

impl TaskAct {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            Self::Rename(_) => "rename",
            Self::Describe(_) => "describe",
            Self::Due(_) => "due",
            Self::Weigh(_) => "weigh",
            Self::Progress(_) => "progress",
            Self::Delete => "delete",
        }
    }
}

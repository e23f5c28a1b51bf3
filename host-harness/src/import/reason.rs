//! Why something of a file is left out, and how something unusual was read.
//!
//! Every reason names the property or the part of the rule that is at fault,
//! so that a difference between the file and the calendar can be explained by
//! the report alone. Next: [`super::batch`].

use serde::Serialize;

/// Why something of a file was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkipReason {
    /// An event without a start, or an event or a task with one that is no date.
    NoStart,
    /// An end or a due date that is none, or a length that is none.
    UnreadableEnd,
    /// An event that ends before it begins.
    EndBeforeStart,
    /// A time in a zone that nobody knows.
    UnknownZone,
    /// A date of `RDATE`, `EXDATE` or `RECURRENCE-ID` that is none, or of
    /// another kind than the start of the series.
    UnreadableDate,
    /// A rule that breaks the grammar.
    UnreadableRule,
    /// More than one rule, or an `EXRULE`.
    SeveralRules,
    /// `FREQ` of less than a day.
    RuleFrequency,
    /// `INTERVAL` of more than the calendar takes.
    RuleInterval,
    /// `COUNT` of more than the calendars take.
    RuleCount,
    /// `BYMONTH` that chooses several months, or cuts holes into a rule.
    RuleByMonth,
    /// `BYMONTHDAY` that chooses several days, or counts from the end.
    RuleByMonthDay,
    /// `BYDAY` with ordinals that no calendar has.
    RuleByDay,
    /// `BYSETPOS` that picks something else than the nth of a kind of days.
    RuleBySetPos,
    /// `BYWEEKNO`.
    RuleByWeekNo,
    /// `BYYEARDAY`.
    RuleByYearDay,
    /// `BYHOUR`, `BYMINUTE`, `BYSECOND` that add times of day.
    RuleTimeOfDay,
    /// `WKST` that makes other dates than weeks from Sunday.
    RuleWeekStart,
    /// Day 29 to 31 in a month that is shorter.
    RuleShortMonths,
    /// A rule that has no date at all.
    EmptySeries,
    /// A change of this and all following occurrences.
    ThisAndFuture,
    /// An occurrence that was moved to or past one of its neighbours.
    CrossingBoundary,
    /// A changed occurrence of a series that was left out.
    SeriesLeftOut,
    /// An event or a task that was called off. No side has a word for such a
    /// task: it is neither open nor done.
    Cancelled,
    /// A changed occurrence of a recurring task.
    TaskOccurrence,
    /// A journal entry, free/busy times or something else.
    OtherKind,
    /// An event or a task that is there, or is in the file, already.
    Duplicate,
    /// A value that the calendar or the list of tasks does not accept.
    Refused,
}

impl SkipReason {
    /// The reason for people, without full stop.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::NoStart => "no readable start (DTSTART)",
            Self::UnreadableEnd => "an unreadable end, due date or duration",
            Self::EndBeforeStart => "the end lies before the start",
            Self::UnknownZone => "an unknown time zone",
            Self::UnreadableDate => "an unreadable date, or one of another kind (RDATE, EXDATE, RECURRENCE-ID)",
            Self::UnreadableRule => "an unreadable rule (RRULE)",
            Self::SeveralRules => "several rules (RRULE), or a rule of exceptions (EXRULE)",
            Self::RuleFrequency => "a series that repeats within a day (FREQ)",
            Self::RuleInterval => "a series with too long an interval (INTERVAL)",
            Self::RuleCount => "a series with too many occurrences (COUNT)",
            Self::RuleByMonth => "a rule for several months (BYMONTH)",
            Self::RuleByMonthDay => "a rule for days of the month that the calendars cannot name (BYMONTHDAY)",
            Self::RuleByDay => "a rule for days of the week that the calendars cannot name (BYDAY)",
            Self::RuleBySetPos => "a rule that picks something else than the first to fourth or last (BYSETPOS)",
            Self::RuleByWeekNo => "a rule by the number of the week (BYWEEKNO)",
            Self::RuleByYearDay => "a rule by the day of the year (BYYEARDAY)",
            Self::RuleTimeOfDay => "a rule with several times of day (BYHOUR, BYMINUTE, BYSECOND)",
            Self::RuleWeekStart => "a rule whose weeks do not begin on Sunday (WKST)",
            Self::RuleShortMonths => "day 29 to 31 in shorter months, which the rule skips and the calendars do not",
            Self::EmptySeries => "a series without any occurrence (UNTIL, COUNT)",
            Self::ThisAndFuture => "a change of this and all following occurrences (RANGE=THISANDFUTURE)",
            Self::CrossingBoundary => "an occurrence that was moved to or past the one before or after it",
            Self::SeriesLeftOut => "a date of a series that was left out (RECURRENCE-ID, RDATE)",
            Self::Cancelled => "cancelled (STATUS:CANCELLED)",
            Self::TaskOccurrence => "a changed occurrence of a recurring task (RECURRENCE-ID), which no side has",
            Self::OtherKind => "neither an event nor a task",
            Self::Duplicate => "already there (the same UID)",
            Self::Refused => "a value that is not accepted there",
        }
    }
}

/// How much of an unreadable date is reported, in characters: enough for two
/// times with an offset and what stands between them.
const VALUE_LENGTH_MAX: usize = 64;

/// Something of a file that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Left {
    /// The UID, where it has one.
    pub uid: Option<String>,
    /// Why.
    pub reason: SkipReason,
    /// The title, where the UID tells which it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The part of the rule, or what else was found; never a text of the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Where only one occurrence is concerned, its original start: an instant,
    /// or a date of whole days; the text of the file where that is no date.
    /// The occurrence is then as the series says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

impl Left {
    /// An event, a series or a task as a whole.
    pub(crate) fn whole(uid: Option<&str>, reason: SkipReason) -> Self {
        Self { uid: uid.map(str::to_owned), reason, title: None, detail: None, at: None }
    }

    /// One occurrence.
    pub(crate) fn occurrence(uid: Option<&str>, reason: SkipReason, at: String) -> Self {
        Self { at: Some(at), ..Self::whole(uid, reason) }
    }

    /// One value of a property of dates, as the file writes it.
    pub(crate) fn value(uid: Option<&str>, reason: SkipReason, property: &str, value: &str) -> Self {
        let value = value.chars().take(VALUE_LENGTH_MAX).collect();
        Self::occurrence(uid, reason, value).because(property)
    }

    /// The same with the part of the rule that is at fault.
    pub(crate) fn because(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }
}

/// How something was read that can be read in more than one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RemarkKind {
    /// A series whose times name no zone is in that of the calendar.
    FloatingSeries,
    /// A series in UTC of a calendar that names another zone for itself repeats
    /// in UTC, as the standard has it; some programs let it repeat in the zone
    /// of the calendar.
    UtcSeries,
    /// The last date of a series with times of day is a date without one; it
    /// counts as a whole. The remark names the start on that day.
    UntilIsADate,
    /// The start is not on its own rule: it became a single event.
    StartOffRule,
    /// An additional date became a single event.
    ExtraDate,
    /// A changed occurrence without its series became a single event.
    Orphan,
    /// A recurring task whose rule To Do does not have became a single task.
    TaskRule,
}

impl RemarkKind {
    /// Whether it is about a date that became a single event, and not about
    /// the series.
    pub(crate) const fn is_about_single_event(self) -> bool {
        match self {
            Self::StartOffRule | Self::ExtraDate | Self::Orphan => true,
            Self::FloatingSeries | Self::UtcSeries | Self::UntilIsADate | Self::TaskRule => false,
        }
    }
}

/// Something of a file that was imported, and how it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Remark {
    /// The UID, where it has one.
    pub uid: Option<String>,
    /// How it was read.
    pub kind: RemarkKind,
    /// The part of the rule that is at fault, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Which date, where there is one: an instant, or a date of whole days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

//! Groups of fields that change, merge and conflict as one.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A group of fields. The order is the order of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum FieldGroup {
    /// Title of an event, subject of a task.
    Title,
    /// Description.
    Body,
    /// Start, end, zone and all-day.
    Time,
    /// Whether and by which rule it repeats: pattern, range and zone.
    Recurrence,
    /// What is different on single days of a series; merged by day.
    Exceptions,
    /// Guests; merged by address.
    Attendees,
    /// Minutes before the start of an event; for a task, an instant.
    Reminder,
    /// Place.
    Location,
    /// Categories; merged as a set.
    Categories,
    /// Free, busy and so on.
    ShowAs,
    /// Normal, private and so on.
    Sensitivity,
    /// Low, normal, high.
    Importance,
    /// The user's own answer to somebody else's invitation.
    Response,
    /// How far a task is.
    Status,
    /// The day on which a task is due.
    Due,
}

impl FieldGroup {
    /// Every group, in order.
    pub const ALL: [Self; 15] = [
        Self::Title,
        Self::Body,
        Self::Time,
        Self::Recurrence,
        Self::Exceptions,
        Self::Attendees,
        Self::Reminder,
        Self::Location,
        Self::Categories,
        Self::ShowAs,
        Self::Sensitivity,
        Self::Importance,
        Self::Response,
        Self::Status,
        Self::Due,
    ];

    /// The name in reports and conflict records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Body => "body",
            Self::Time => "time",
            Self::Recurrence => "recurrence",
            Self::Exceptions => "exceptions",
            Self::Attendees => "attendees",
            Self::Reminder => "reminder",
            Self::Location => "location",
            Self::Categories => "categories",
            Self::ShowAs => "show-as",
            Self::Sensitivity => "sensitivity",
            Self::Importance => "importance",
            Self::Response => "response",
            Self::Status => "status",
            Self::Due => "due",
        }
    }

    /// The name as people read it, in lower case.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Body => "description",
            Self::Time => "time",
            Self::Recurrence => "repetition",
            Self::Exceptions => "changed occurrences",
            Self::Attendees => "guests",
            Self::Reminder => "reminder",
            Self::Location => "place",
            Self::Categories => "categories",
            Self::ShowAs => "free or busy",
            Self::Sensitivity => "privacy",
            Self::Importance => "importance",
            Self::Response => "own answer",
            Self::Status => "status",
            Self::Due => "due date",
        }
    }
}

impl fmt::Display for FieldGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldSet(u16);

impl FieldSet {
    /// No group.
    pub const EMPTY: Self = Self(0);

    /// Every group.
    pub fn all() -> Self {
        FieldGroup::ALL.into_iter().collect()
    }

    /// Whether `group` is in the set.
    pub const fn contains(self, group: FieldGroup) -> bool {
        self.0 & (1 << group as u8) != 0
    }

    /// Adds `group`.
    pub const fn insert(&mut self, group: FieldGroup) {
        self.0 |= 1 << group as u8;
    }

    /// The set with `group` added.
    #[must_use]
    pub const fn with(self, group: FieldGroup) -> Self {
        Self(self.0 | 1 << group as u8)
    }

    /// Groups in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Groups in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Groups in this set that are not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The groups in order.
    pub fn iter(self) -> impl Iterator<Item = FieldGroup> {
        FieldGroup::ALL.into_iter().filter(move |group| self.contains(*group))
    }
}

impl FromIterator<FieldGroup> for FieldSet {
    fn from_iter<I: IntoIterator<Item = FieldGroup>>(groups: I) -> Self {
        let mut set = Self::EMPTY;
        for group in groups {
            set.insert(group);
        }
        set
    }
}

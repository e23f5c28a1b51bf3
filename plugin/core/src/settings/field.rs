//! The closed list of what can be set.
//!
//! Each field states once where it appears, what it holds and what it is worth
//! where nobody has set it. Wording is in [`super::schema`], the acceptance of a
//! value in [`super::rule`].

use super::{ConflictRule, Level, SettingValue, SyncMode};

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A check box.
    Boolean,
    /// A whole number between two limits, both included.
    Integer {
        /// The smallest value.
        min: i64,
        /// The largest value.
        max: i64,
    },
    /// A line of text of at most this many Unicode scalar values.
    Text {
        /// The limit.
        length_max: u32,
    },
    /// One of these stored texts.
    Choice(Vec<&'static str>),
    /// A line of text that only the host's secret store keeps.
    Secret {
        /// The limit, in Unicode scalar values.
        length_max: u32,
    },
    /// A value of the host's own, never stored.
    Display,
}

/// Minutes between two runs: once a day at least, so that a change is never
/// older than a day.
const INTERVAL_MINUTES: (i64, i64) = (1, 1440);
/// Minutes between two runs where nobody has said anything.
const INTERVAL_MINUTES_DEFAULT: i64 = 10;
/// Days of the window on one side of today: five years are what Graph lets a
/// calendar view span (learn.microsoft.com/graph/api/user-list-calendarview).
const WINDOW_DAYS: (i64, i64) = (1, 1825);
/// Days on one side of today; both together are Oro's `sync_period` of 730 (E5).
const WINDOW_DAYS_DEFAULT: i64 = 365;
/// Characters of an identifier: ids of the directory are 36, domain names 253.
const IDENTIFIER_LENGTH_MAX: u32 = 255;
/// Characters of the names of further calendars: as many as may be named, of a
/// hundred characters each.
const CALENDAR_NAMES_LENGTH_MAX: u32 = 1_000;
/// Characters of the name of a task list: a list is a folder of the mailbox,
/// whose names have at most 255.
const TASK_LIST_LENGTH_MAX: u32 = 255;
/// Characters of a client secret: Microsoft's are 40, other directories' longer.
const SECRET_LENGTH_MAX: u32 = 1024;

/// A field of the settings pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// "Application (client) ID" (S2).
    ClientId,
    /// "Client Secret" (S2).
    ClientSecret,
    /// "Directory (tenant) ID" (S2).
    Tenant,
    /// "Redirect URI", to copy (S2).
    RedirectUri,
    /// "Enable Emails Sync" (S3).
    MailFeature,
    /// "Enable Calendar Sync" (S3).
    CalendarFeature,
    /// "Enable Tasks Sync" (S3).
    TasksFeature,
    /// "Sync Interval (In Minutes)" (S5).
    IntervalMinutes,
    /// Past days of the window (E5).
    WindowPastDays,
    /// Future days of the window (E5).
    WindowFutureDays,
    /// Calendar "Enabled" (S6).
    CalendarEnabled,
    /// Calendar "Sync Direction" (S6).
    CalendarDirection,
    /// Calendar "Conflict Resolution" (S6 to S8).
    CalendarConflictRule,
    /// Names of the calendars that are synchronised beside the default one.
    CalendarNames,
    /// Tasks "Enabled" (S6).
    TasksEnabled,
    /// Tasks "Sync Direction" (S6).
    TasksDirection,
    /// Tasks "Conflict Resolution" (S6 to S8).
    TasksConflictRule,
    /// Name of the To Do list that is synchronised in place of the default one.
    TaskList,
    /// Whether the tasks of all the user's lists are synchronised.
    AllTaskLists,
}

impl Field {
    /// All fields, in the order of the page.
    pub const ALL: [Self; 19] = [
        Self::ClientId,
        Self::ClientSecret,
        Self::Tenant,
        Self::RedirectUri,
        Self::MailFeature,
        Self::CalendarFeature,
        Self::TasksFeature,
        Self::IntervalMinutes,
        Self::WindowPastDays,
        Self::WindowFutureDays,
        Self::CalendarEnabled,
        Self::CalendarDirection,
        Self::CalendarConflictRule,
        Self::CalendarNames,
        Self::TasksEnabled,
        Self::TasksDirection,
        Self::TasksConflictRule,
        Self::TaskList,
        Self::AllTaskLists,
    ];

    /// The three values without which nothing can be connected (S4, A5).
    pub const APPLICATION: [Self; 3] = [Self::ClientId, Self::ClientSecret, Self::Tenant];

    /// The switches of the system level (S3).
    pub const FEATURES: [Self; 3] = [Self::MailFeature, Self::CalendarFeature, Self::TasksFeature];

    /// The key under which it is stored.
    pub const fn key(self) -> &'static str {
        match self {
            Self::ClientId => "application.client-id",
            Self::ClientSecret => "application.client-secret",
            Self::Tenant => "application.tenant",
            Self::RedirectUri => "application.redirect-uri",
            Self::MailFeature => "features.mail",
            Self::CalendarFeature => "features.calendar",
            Self::TasksFeature => "features.tasks",
            Self::IntervalMinutes => "sync.interval-minutes",
            Self::WindowPastDays => "sync.window-past-days",
            Self::WindowFutureDays => "sync.window-future-days",
            Self::CalendarEnabled => "calendar.enabled",
            Self::CalendarDirection => "calendar.direction",
            Self::CalendarConflictRule => "calendar.conflict-resolution",
            Self::CalendarNames => "calendar.calendars",
            Self::TasksEnabled => "tasks.enabled",
            Self::TasksDirection => "tasks.direction",
            Self::TasksConflictRule => "tasks.conflict-resolution",
            Self::TaskList => "tasks.list",
            Self::AllTaskLists => "tasks.all-lists",
        }
    }

    /// The field of a key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.key() == key)
    }

    /// The levels on which it appears. What another level stores is ignored.
    pub const fn levels(self) -> &'static [Level] {
        match self {
            Self::ClientId
            | Self::ClientSecret
            | Self::Tenant
            | Self::RedirectUri
            | Self::MailFeature
            | Self::CalendarFeature
            | Self::TasksFeature => &[Level::System],
            Self::WindowPastDays | Self::WindowFutureDays => &[Level::System, Level::Organization],
            Self::CalendarEnabled | Self::TasksEnabled => &[Level::Organization, Level::User],
            Self::IntervalMinutes
            | Self::CalendarDirection
            | Self::CalendarConflictRule
            | Self::CalendarNames
            | Self::TasksDirection
            | Self::TasksConflictRule
            | Self::TaskList
            | Self::AllTaskLists => &[Level::System, Level::Organization, Level::User],
        }
    }

    /// Whether it appears on `level`.
    pub fn is_on(self, level: Level) -> bool {
        self.levels().contains(&level)
    }

    /// What it holds.
    pub fn kind(self) -> Kind {
        match self {
            Self::ClientId | Self::Tenant => Kind::Text { length_max: IDENTIFIER_LENGTH_MAX },
            Self::CalendarNames => Kind::Text { length_max: CALENDAR_NAMES_LENGTH_MAX },
            Self::TaskList => Kind::Text { length_max: TASK_LIST_LENGTH_MAX },
            Self::ClientSecret => Kind::Secret { length_max: SECRET_LENGTH_MAX },
            Self::RedirectUri => Kind::Display,
            Self::MailFeature
            | Self::CalendarFeature
            | Self::TasksFeature
            | Self::CalendarEnabled
            | Self::TasksEnabled
            | Self::AllTaskLists => Kind::Boolean,
            Self::IntervalMinutes => Kind::Integer { min: INTERVAL_MINUTES.0, max: INTERVAL_MINUTES.1 },
            Self::WindowPastDays | Self::WindowFutureDays => Kind::Integer { min: WINDOW_DAYS.0, max: WINDOW_DAYS.1 },
            Self::CalendarDirection | Self::TasksDirection => Kind::Choice(SyncMode::ALL.map(SyncMode::key).to_vec()),
            Self::CalendarConflictRule | Self::TasksConflictRule => {
                Kind::Choice(ConflictRule::ALL.map(ConflictRule::key).to_vec())
            }
        }
    }

    /// What it is worth where no level has a value.
    pub fn default_value(self) -> SettingValue {
        match self {
            Self::ClientId
            | Self::ClientSecret
            | Self::Tenant
            | Self::RedirectUri
            | Self::CalendarNames
            | Self::TaskList => SettingValue::None,
            Self::MailFeature | Self::CalendarFeature | Self::TasksFeature | Self::AllTaskLists => {
                SettingValue::Boolean(false)
            }
            Self::CalendarEnabled | Self::TasksEnabled => SettingValue::Boolean(true),
            Self::IntervalMinutes => SettingValue::Integer(INTERVAL_MINUTES_DEFAULT),
            Self::WindowPastDays | Self::WindowFutureDays => SettingValue::Integer(WINDOW_DAYS_DEFAULT),
            Self::CalendarDirection | Self::TasksDirection => SettingValue::text(SyncMode::default().key()),
            Self::CalendarConflictRule | Self::TasksConflictRule => SettingValue::text(ConflictRule::default().key()),
        }
    }

    /// Whether it has a fallback box. Without one a save always stores it (S11).
    pub const fn is_resettable(self) -> bool {
        match self {
            Self::ClientId
            | Self::Tenant
            | Self::RedirectUri
            | Self::MailFeature
            | Self::CalendarFeature
            | Self::TasksFeature => false,
            Self::ClientSecret
            | Self::IntervalMinutes
            | Self::WindowPastDays
            | Self::WindowFutureDays
            | Self::CalendarEnabled
            | Self::CalendarDirection
            | Self::CalendarConflictRule
            | Self::CalendarNames
            | Self::TasksEnabled
            | Self::TasksDirection
            | Self::TasksConflictRule
            | Self::TaskList
            | Self::AllTaskLists => true,
        }
    }

    /// Whether its value must not be shown.
    pub const fn is_secret(self) -> bool {
        matches!(self, Self::ClientSecret)
    }

    /// The unit of its number, for a label beside it.
    pub const fn unit(self) -> Option<&'static str> {
        match self {
            Self::IntervalMinutes => Some("minutes"),
            Self::WindowPastDays | Self::WindowFutureDays => Some("days"),
            Self::ClientId
            | Self::ClientSecret
            | Self::Tenant
            | Self::RedirectUri
            | Self::MailFeature
            | Self::CalendarFeature
            | Self::TasksFeature
            | Self::CalendarEnabled
            | Self::CalendarDirection
            | Self::CalendarConflictRule
            | Self::CalendarNames
            | Self::TasksEnabled
            | Self::TasksDirection
            | Self::TasksConflictRule
            | Self::TaskList
            | Self::AllTaskLists => None,
        }
    }
}

//! The settings page as data: sections, wording, conditions (Oro rows S1 to S7).
//!
//! The shapes of `tandem:plugin/manifest`, so that a host draws all levels from
//! one description. What a field is worth and where it appears is asked of
//! [`Field`].

use super::rule::CALENDAR_NAMES_MAX;
use super::{ConflictRule, Field, Kind, Level, SettingValue, SyncMode};

/// One possibility of a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionLabel {
    /// The stored text.
    pub value: &'static str,
    /// What people read.
    pub label: String,
}

/// What a field holds and how it is edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// A check box.
    Boolean,
    /// A number between two limits, both included.
    Integer {
        /// The smallest value.
        min: i64,
        /// The largest value.
        max: i64,
    },
    /// A line of text of at most this many Unicode scalar values.
    Text(u32),
    /// One of several.
    Choice(Vec<OptionLabel>),
    /// A line of text that is never shown, at most this long.
    Secret(u32),
    /// A value of the host's own to copy.
    Display,
}

/// How a field behaves under a condition that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConditionEffect {
    /// It is not shown.
    Hide,
    /// It cannot be switched on; a box that is on can be switched off (S4).
    Disable,
}

/// What a condition looks at, on the page as it is being edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConditionTest {
    /// The field has one of these values. Without values it never holds.
    OneOf(Field, Vec<SettingValue>),
    /// All the fields have a value that is not empty.
    AllPresent(Vec<Field>),
}

impl ConditionTest {
    /// Whether it holds where `value_of` gives the values of the page.
    pub fn holds(&self, value_of: impl Fn(Field) -> SettingValue) -> bool {
        match self {
            Self::OneOf(field, values) => values.contains(&value_of(*field)),
            Self::AllPresent(fields) => fields.iter().all(|field| !value_of(*field).is_empty()),
        }
    }
}

/// "Only when …".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What is looked at.
    pub test: ConditionTest,
    /// What happens where it does not hold.
    pub effect: ConditionEffect,
    /// Why, in a sentence for people.
    pub explanation: &'static str,
}

/// A field as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDescription {
    /// Which.
    pub field: Field,
    /// Its label.
    pub label: &'static str,
    /// More about it.
    pub tooltip: Option<String>,
    /// What it holds.
    pub kind: FieldType,
    /// When it is shown or can be edited.
    pub conditions: Vec<Condition>,
}

impl FieldDescription {
    /// Its key in the stored layers.
    pub const fn key(&self) -> &'static str {
        self.field.key()
    }

    /// The unit of its number.
    pub const fn unit(&self) -> Option<&'static str> {
        self.field.unit()
    }

    /// The built-in value.
    pub fn default_value(&self) -> SettingValue {
        self.field.default_value()
    }

    /// The levels on which it appears.
    pub const fn levels(&self) -> &'static [Level] {
        self.field.levels()
    }

    /// Whether it has a fallback box.
    pub const fn is_resettable(&self) -> bool {
        self.field.is_resettable()
    }
}

/// A section of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its key.
    pub key: &'static str,
    /// Its title.
    pub label: &'static str,
    /// More about it.
    pub tooltip: Option<String>,
    /// Its fields, in their order.
    pub fields: Vec<FieldDescription>,
}

/// Where the page stands, and what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The path in the tree of settings.
    pub path: Vec<&'static str>,
    /// Its sections, in their order.
    pub groups: Vec<Group>,
}

/// The page of a host whose product has this name.
pub fn page(product: &str) -> Page {
    let group = |key, label, tooltip: Option<&str>, fields: &[Field]| Group {
        key,
        label,
        tooltip: tooltip.map(str::to_owned),
        fields: fields.iter().map(|field| describe(*field, product)).collect(),
    };
    Page {
        path: vec!["System Configuration", "Integrations", "Microsoft Settings"],
        groups: vec![
            group(
                "application",
                "Azure Active Directory Application Settings",
                Some("The application that is registered in your Microsoft Entra directory for this CRM."),
                &[Field::ClientId, Field::ClientSecret, Field::Tenant, Field::RedirectUri],
            ),
            group("features", "Microsoft 365 Integrations", None, &Field::FEATURES),
            group(
                "sync",
                "Synchronization Settings",
                None,
                &[Field::IntervalMinutes, Field::WindowPastDays, Field::WindowFutureDays],
            ),
            group(
                "calendar",
                "Calendar Synchronization",
                None,
                &[Field::CalendarEnabled, Field::CalendarDirection, Field::CalendarConflictRule, Field::CalendarNames],
            ),
            group(
                "tasks",
                "Tasks Synchronization",
                None,
                &[
                    Field::TasksEnabled,
                    Field::TasksDirection,
                    Field::TasksConflictRule,
                    Field::TaskList,
                    Field::AllTaskLists,
                ],
            ),
        ],
    }
}

/// What every direction means, of the two that its name says.
const DIRECTION_TOOLTIP: &str =
    "Which side may change the other. With one direction, only the side that is named second is changed.";

fn describe(field: Field, product: &str) -> FieldDescription {
    FieldDescription {
        field,
        label: label(field),
        tooltip: Some(tooltip(field, product)),
        kind: field_type(field, product),
        conditions: conditions(field),
    }
}

const fn label(field: Field) -> &'static str {
    match field {
        Field::ClientId => "Application (client) ID",
        Field::ClientSecret => "Client Secret",
        Field::Tenant => "Directory (tenant) ID",
        Field::RedirectUri => "Redirect URI",
        Field::MailFeature => "Enable Emails Sync",
        Field::CalendarFeature => "Enable Calendar Sync",
        Field::TasksFeature => "Enable Tasks Sync",
        Field::IntervalMinutes => "Sync Interval (In Minutes)",
        Field::WindowPastDays => "Past Days",
        Field::WindowFutureDays => "Future Days",
        Field::CalendarEnabled | Field::TasksEnabled => "Enabled",
        Field::CalendarDirection | Field::TasksDirection => "Sync Direction",
        Field::CalendarConflictRule | Field::TasksConflictRule => "Conflict Resolution",
        Field::CalendarNames => "Calendar Names",
        Field::TaskList => "Task List",
        Field::AllTaskLists => "Synchronize All Lists",
    }
}

fn tooltip(field: Field, product: &str) -> String {
    match field {
        Field::ClientId => "Stands on the overview page of the application registration.".to_owned(),
        Field::ClientSecret => {
            "The value of a client secret of the application, not its id. It is stored encrypted and never shown."
                .to_owned()
        }
        Field::Tenant => "The id or a domain name of your directory; organizations or common for an application \
                          that serves several directories."
            .to_owned(),
        Field::RedirectUri => {
            "Copy this address into the redirect URIs (platform: Web) of the application registration.".to_owned()
        }
        Field::MailFeature => "Emails of every connected user are kept in step with Microsoft 365.".to_owned(),
        Field::CalendarFeature => {
            "Calendar events of every connected user are kept in step with Microsoft 365. Organizations and users can \
             opt out for themselves."
                .to_owned()
        }
        Field::TasksFeature => {
            "Tasks of every connected user are kept in step with Microsoft To Do. Organizations and users can opt out \
             for themselves."
                .to_owned()
        }
        Field::IntervalMinutes => "How long to wait between two runs.".to_owned(),
        Field::WindowPastDays => "How many days back from today are synchronized.".to_owned(),
        Field::WindowFutureDays => "How many days ahead of today are synchronized.".to_owned(),
        Field::CalendarEnabled => "Whether calendar events are synchronized.".to_owned(),
        Field::TasksEnabled => "Whether tasks are synchronized.".to_owned(),
        Field::CalendarDirection => format!(
            "{DIRECTION_TOOLTIP} Where Microsoft is changed, it is Microsoft that sends mails to the guests of what is \
             planned in {product}."
        ),
        Field::TasksDirection => DIRECTION_TOOLTIP.to_owned(),
        Field::CalendarConflictRule | Field::TasksConflictRule => {
            "Whose value is kept where both sides changed the same thing. The other value is recorded, so that it can \
             be looked up."
                .to_owned()
        }
        Field::CalendarNames => format!(
            "The default calendar is always synchronized. To synchronize more of your calendars, enter their names as \
             Outlook shows them, separated by commas, at most {CALENDAR_NAMES_MAX}. Events that begin in {product} go \
             to the default calendar."
        ),
        Field::TaskList => format!(
            "The list of Microsoft To Do that is synchronized, by its name there. Tasks that begin in {product} go to \
             it. Leave it empty for the default list."
        ),
        Field::AllTaskLists => format!(
            "Synchronizes the tasks of all your lists. Tasks that begin in {product} still go to the task list."
        ),
    }
}

fn field_type(field: Field, product: &str) -> FieldType {
    match field.kind() {
        Kind::Boolean => FieldType::Boolean,
        Kind::Integer { min, max } => FieldType::Integer { min, max },
        Kind::Text { length_max } => FieldType::Text(length_max),
        Kind::Choice(values) => FieldType::Choice(
            values.into_iter().map(|value| OptionLabel { value, label: choice_label(value, product) }).collect(),
        ),
        Kind::Secret { length_max } => FieldType::Secret(length_max),
        Kind::Display => FieldType::Display,
    }
}

fn choice_label(value: &str, product: &str) -> String {
    let mode = SyncMode::from_key(value).map(|mode| mode.label(product));
    let rule = ConflictRule::from_key(value).map(|rule| rule.label(product));
    mode.or(rule).unwrap_or_else(|| value.to_owned())
}

/// When a field is shown or can be edited.
pub(super) fn conditions(field: Field) -> Vec<Condition> {
    match field {
        Field::CalendarFeature | Field::TasksFeature => vec![application_present()],
        Field::MailFeature => vec![
            application_present(),
            not_in_this_version(
                field,
                "This version of the component synchronizes calendars and tasks; it cannot switch on emails.",
            ),
        ],
        Field::CalendarConflictRule => vec![only_bidirectional(Field::CalendarDirection)],
        Field::TasksConflictRule => vec![only_bidirectional(Field::TasksDirection)],
        Field::ClientId
        | Field::ClientSecret
        | Field::Tenant
        | Field::RedirectUri
        | Field::IntervalMinutes
        | Field::WindowPastDays
        | Field::WindowFutureDays
        | Field::CalendarEnabled
        | Field::CalendarDirection
        | Field::CalendarNames
        | Field::TasksEnabled
        | Field::TasksDirection
        | Field::TaskList
        | Field::AllTaskLists => vec![],
    }
}

fn application_present() -> Condition {
    Condition {
        test: ConditionTest::AllPresent(Field::APPLICATION.to_vec()),
        effect: ConditionEffect::Disable,
        explanation: "Fill in the Azure Active Directory Application Settings first.",
    }
}

/// A condition that never holds.
fn not_in_this_version(field: Field, explanation: &'static str) -> Condition {
    Condition { test: ConditionTest::OneOf(field, vec![]), effect: ConditionEffect::Disable, explanation }
}

fn only_bidirectional(direction: Field) -> Condition {
    Condition {
        test: ConditionTest::OneOf(direction, vec![SettingValue::text(SyncMode::Bidirectional.key())]),
        effect: ConditionEffect::Hide,
        explanation: "Applies to bidirectional synchronization only.",
    }
}

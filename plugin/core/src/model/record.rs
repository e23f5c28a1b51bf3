//! An item as a set of field groups.
//!
//! One shape for whatever is synchronised: a record that a side has read, the
//! agreed base, and a patch are all the same type, holding more or fewer
//! groups. The planner needs nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{AttendeeStatus, Attendees, CivilDate, EventTime, Exceptions, FieldGroup, FieldSet, Instant, Recurrence};

/// A description as canonical HTML: produced by [`crate::mapping::body`], so
/// that equal text means equal content. Its text is personal: `Debug` hides it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Html(String);

impl Html {
    /// Wraps HTML that is canonical already.
    pub fn from_canonical(text: String) -> Self {
        Self(text)
    }

    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Html({} bytes)", self.0.len())
    }
}

/// The reminder of an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reminder {
    /// None.
    #[default]
    None,
    /// This many minutes before the start.
    MinutesBefore(u32),
}

/// How far a task is (Oro row T2). What To Do knows beside of these, waiting and
/// deferred, is in progress, and stays what it is as long as the CRM's status
/// does not change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskStatus {
    /// Nobody has begun with it.
    #[default]
    Open,
    /// Somebody has.
    InProgress,
    /// It is done.
    Closed,
}

/// How an event shows in a free/busy view (Graph `event.showAs`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShowAs {
    /// Not said.
    Unknown,
    /// Free.
    Free,
    /// Provisionally busy.
    Tentative,
    /// Busy.
    Busy,
    /// Out of office.
    Oof,
    /// Working elsewhere.
    WorkingElsewhere,
}

/// Who may see the details (Graph `event.sensitivity`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sensitivity {
    /// As the calendar's permissions say.
    Normal,
    /// Personal.
    Personal,
    /// Private.
    Private,
    /// Confidential.
    Confidential,
}

/// How important an item is (Graph `importance`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Importance {
    /// Low.
    Low,
    /// Normal.
    Normal,
    /// High.
    High,
}

/// The value of one group.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldValue {
    /// Of [`FieldGroup::Title`].
    Title(String),
    /// Of [`FieldGroup::Body`].
    Body(Html),
    /// Of [`FieldGroup::Time`].
    Time(EventTime),
    /// Of [`FieldGroup::Recurrence`].
    Recurrence(Recurrence),
    /// Of [`FieldGroup::Exceptions`].
    Exceptions(Exceptions),
    /// Of [`FieldGroup::Attendees`].
    Attendees(Attendees),
    /// Of [`FieldGroup::Reminder`], for an event.
    Reminder(Reminder),
    /// Of [`FieldGroup::Reminder`], for a task: the instant of its reminder
    /// (Graph `todoTask.reminderDateTime`); none without one.
    RemindAt(Option<Instant>),
    /// Of [`FieldGroup::Location`]; empty for none.
    Location(String),
    /// Of [`FieldGroup::Categories`].
    Categories(BTreeSet<String>),
    /// Of [`FieldGroup::ShowAs`].
    ShowAs(ShowAs),
    /// Of [`FieldGroup::Sensitivity`].
    Sensitivity(Sensitivity),
    /// Of [`FieldGroup::Importance`].
    Importance(Importance),
    /// Of [`FieldGroup::Response`]; [`AttendeeStatus::None`] for the organiser,
    /// and as long as there is no answer.
    Response(AttendeeStatus),
    /// Of [`FieldGroup::Status`].
    Status(TaskStatus),
    /// Of [`FieldGroup::Due`]: the date that the user sees; none for a task that
    /// is not due on any day.
    Due(Option<CivilDate>),
}

impl FieldValue {
    /// The group that this is a value of.
    pub const fn group(&self) -> FieldGroup {
        match self {
            Self::Title(_) => FieldGroup::Title,
            Self::Body(_) => FieldGroup::Body,
            Self::Time(_) => FieldGroup::Time,
            Self::Recurrence(_) => FieldGroup::Recurrence,
            Self::Exceptions(_) => FieldGroup::Exceptions,
            Self::Attendees(_) => FieldGroup::Attendees,
            Self::Reminder(_) | Self::RemindAt(_) => FieldGroup::Reminder,
            Self::Location(_) => FieldGroup::Location,
            Self::Categories(_) => FieldGroup::Categories,
            Self::ShowAs(_) => FieldGroup::ShowAs,
            Self::Sensitivity(_) => FieldGroup::Sensitivity,
            Self::Importance(_) => FieldGroup::Importance,
            Self::Response(_) => FieldGroup::Response,
            Self::Status(_) => FieldGroup::Status,
            Self::Due(_) => FieldGroup::Due,
        }
    }

    /// Whether two values mean the same. Values of different groups never do.
    pub fn same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Time(one), Self::Time(two)) => one.same_as(two),
            (Self::Exceptions(one), Self::Exceptions(two)) => {
                one.len() == two.len()
                    && one.iter().zip(two).all(|((day, one), (other_day, two))| day == other_day && one.same_as(two))
            }
            _ => self == other,
        }
    }

    /// What an item has that nobody has said anything about: the empty base of
    /// a first merge. A time has no such value.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Title(text) | Self::Location(text) => text.is_empty(),
            Self::Body(html) => html.as_str().is_empty(),
            Self::Time(_) => false,
            Self::Recurrence(recurrence) => *recurrence == Recurrence::None,
            Self::Exceptions(exceptions) => exceptions.is_empty(),
            Self::Attendees(guests) => guests.is_empty(),
            Self::Reminder(reminder) => *reminder == Reminder::None,
            Self::RemindAt(at) => at.is_none(),
            Self::Categories(names) => names.is_empty(),
            Self::ShowAs(show_as) => *show_as == ShowAs::Busy,
            Self::Sensitivity(sensitivity) => *sensitivity == Sensitivity::Normal,
            Self::Importance(importance) => *importance == Importance::Normal,
            Self::Response(response) => *response == AttendeeStatus::None,
            Self::Status(status) => *status == TaskStatus::Open,
            Self::Due(due) => due.is_none(),
        }
    }
}

/// Shows the group and, where they are not personal, the value.
impl fmt::Debug for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Title(text) => write!(f, "Title({} characters)", text.chars().count()),
            Self::Body(html) => write!(f, "Body({html:?})"),
            Self::Time(time) => write!(f, "Time({time:?})"),
            Self::Recurrence(recurrence) => write!(f, "Recurrence({recurrence:?})"),
            Self::Exceptions(exceptions) => write!(f, "Exceptions({exceptions:?})"),
            Self::Attendees(guests) => write!(f, "Attendees({})", guests.len()),
            Self::Reminder(reminder) => write!(f, "Reminder({reminder:?})"),
            Self::RemindAt(at) => write!(f, "RemindAt({at:?})"),
            Self::Location(text) => write!(f, "Location({} characters)", text.chars().count()),
            Self::Categories(names) => write!(f, "Categories({})", names.len()),
            Self::ShowAs(show_as) => write!(f, "ShowAs({show_as:?})"),
            Self::Sensitivity(sensitivity) => write!(f, "Sensitivity({sensitivity:?})"),
            Self::Importance(importance) => write!(f, "Importance({importance:?})"),
            Self::Response(response) => write!(f, "Response({response:?})"),
            Self::Status(status) => write!(f, "Status({status:?})"),
            Self::Due(due) => write!(f, "Due({due:?})"),
        }
    }
}

/// Some groups of an item, each at most once, in the order of [`FieldGroup`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<FieldValue>", into = "Vec<FieldValue>")]
pub struct Record {
    values: BTreeMap<FieldGroup, FieldValue>,
}

impl Record {
    /// No group.
    pub const NONE: Self = Self { values: BTreeMap::new() };

    /// The value of `group`, if the record has one.
    pub fn get(&self, group: FieldGroup) -> Option<&FieldValue> {
        self.values.get(&group)
    }

    /// Sets the value of its group.
    pub fn set(&mut self, value: FieldValue) {
        self.values.insert(value.group(), value);
    }

    /// Removes the value of `group`.
    pub fn remove(&mut self, group: FieldGroup) {
        self.values.remove(&group);
    }

    /// The groups it has.
    pub fn groups(&self) -> FieldSet {
        self.values.keys().copied().collect()
    }

    /// The values in the order of their groups.
    pub fn values(&self) -> impl Iterator<Item = &FieldValue> {
        self.values.values()
    }

    /// Whether both have the same groups with values that mean the same.
    pub fn same_as(&self, other: &Self) -> bool {
        self.values.len() == other.values.len() && self.values().zip(other.values()).all(|(one, two)| one.same_as(two))
    }

    /// Whether it has no group.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// All groups but one.
    #[must_use]
    pub fn without(&self, group: FieldGroup) -> Self {
        self.values().filter(|value| value.group() != group).cloned().collect()
    }

    /// Only the groups in `set`.
    #[must_use]
    pub fn only(&self, set: FieldSet) -> Self {
        self.values().filter(|value| set.contains(value.group())).cloned().collect()
    }

    /// This record with the groups of `newer` put over it.
    #[must_use]
    pub fn overlaid(&self, newer: &Self) -> Self {
        let mut result = self.clone();
        for value in newer.values() {
            result.set(value.clone());
        }
        result
    }

    /// The title, or an empty text.
    pub fn title(&self) -> &str {
        match self.get(FieldGroup::Title) {
            Some(FieldValue::Title(text)) => text,
            _ => "",
        }
    }

    /// The rule, where the record is of a series.
    pub fn rule(&self) -> Option<&super::Rule> {
        match self.get(FieldGroup::Recurrence) {
            Some(FieldValue::Recurrence(Recurrence::Rule(rule))) => Some(rule),
            _ => None,
        }
    }

    /// What is different on single days; nothing where the record does not say.
    pub fn exceptions(&self) -> Exceptions {
        match self.get(FieldGroup::Exceptions) {
            Some(FieldValue::Exceptions(exceptions)) => exceptions.clone(),
            _ => Exceptions::new(),
        }
    }

    /// The guests; nobody where the record does not say.
    pub fn guests(&self) -> Attendees {
        match self.get(FieldGroup::Attendees) {
            Some(FieldValue::Attendees(guests)) => guests.clone(),
            _ => Attendees::new(),
        }
    }

    /// The day on which a task is due; none where the record does not say.
    pub fn due(&self) -> Option<CivilDate> {
        match self.get(FieldGroup::Due) {
            Some(FieldValue::Due(due)) => *due,
            _ => None,
        }
    }

    /// How far a task is; open where the record does not say.
    pub fn status(&self) -> TaskStatus {
        match self.get(FieldGroup::Status) {
            Some(FieldValue::Status(status)) => *status,
            _ => TaskStatus::Open,
        }
    }

    /// When it takes place, if the record says so.
    pub fn time(&self) -> Option<&EventTime> {
        match self.get(FieldGroup::Time) {
            Some(FieldValue::Time(time)) => Some(time),
            _ => None,
        }
    }
}

impl FromIterator<FieldValue> for Record {
    fn from_iter<I: IntoIterator<Item = FieldValue>>(values: I) -> Self {
        Self { values: values.into_iter().map(|value| (value.group(), value)).collect() }
    }
}

impl From<Vec<FieldValue>> for Record {
    fn from(values: Vec<FieldValue>) -> Self {
        values.into_iter().collect()
    }
}

impl From<Record> for Vec<FieldValue> {
    fn from(record: Record) -> Self {
        record.values.into_values().collect()
    }
}

//! What To Do consists of: lists, tasks, and what belongs to a task. Plain
//! data; the rules are next door.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::graph::attachment::Attachment;
use crate::graph::calendar::instance::zone;
use crate::graph::calendar::pattern::Recurrence;
use crate::graph::model::{ContainerNo, Extensions, MailboxNo, item_number};
use crate::graph::table::number;
use crate::graph::zones;

number! {
    /// A task list: the mailbox's number in the high bits, see [`item_number`].
    ListNo
}
number! {
    /// A task: the mailbox's number in the high bits, see [`item_number`].
    TaskNo
}

impl From<ListNo> for ContainerNo {
    fn from(list: ListNo) -> Self {
        Self(list.0)
    }
}

/// The container of a mailbox's lists themselves. Items are counted from 1, so
/// that none has its number.
pub(crate) fn lists_of(mailbox: MailboxNo) -> ContainerNo {
    ContainerNo(item_number(mailbox, 0))
}

/// The role of a list (resources/todotasklist).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum WellKnown {
    None,
    DefaultList,
    FlaggedEmails,
}

/// A list of a mailbox.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TaskList {
    pub number: ListNo,
    pub mailbox: MailboxNo,
    pub name: String,
    pub role: WellKnown,
    #[serde(default)]
    pub extensions: Extensions,
    pub change: u64,
    pub modified: DateTime<Utc>,
}

/// How far a task is (resources/todotask).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Status {
    #[default]
    NotStarted,
    InProgress,
    Completed,
    WaitingOnOthers,
    Deferred,
}

/// A date as it was written, in the zone that came with it.
///
/// DIFFERENCE: the type is `dateTimeTimeZone`, of which the service keeps no
/// time of day: `…T04:10` comes back as midnight of the zone it was written
/// in, converted to the zone of the answer (microsoft-graph-docs-contrib#2136;
/// the example of api/todotask-update shows a date of Eastern Time as
/// `04:00:00` UTC). So the date that a person east of Greenwich chose is the
/// day before when it is read in UTC (RogerSelwyn/MS365-ToDo#29,
/// microsoft-graph-docs#6982): midnight of the 24th in UTC+14 is `10:00:00` of
/// the 23rd. Whoever writes that back in UTC gets the 23rd.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Day {
    pub date: NaiveDate,
    pub zone: String,
}

impl Day {
    /// When it begins.
    pub fn midnight(&self) -> DateTime<Utc> {
        zones::to_utc(self.date.and_time(NaiveTime::MIN), zone(&self.zone))
    }
}

/// The text of a task, which stays what it was written as.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TaskBody {
    pub is_html: bool,
    pub content: String,
}

/// Something that belongs to a task: a checklist item or a linked resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub id: String,
    /// Checked properties under their Graph names.
    pub properties: Map<String, Value>,
}

/// A task (resources/todotask).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Task {
    pub number: TaskNo,
    pub mailbox: MailboxNo,
    pub list: ListNo,
    /// Checked properties under their Graph names, without those below.
    pub properties: Map<String, Value>,
    pub status: Status,
    pub body: TaskBody,
    pub due: Option<Day>,
    pub start: Option<Day>,
    pub completed: Option<Day>,
    /// An instant, unlike the dates.
    pub reminder: Option<DateTime<Utc>>,
    pub recurrence: Option<Recurrence>,
    pub checklist_items: Vec<Part>,
    pub linked_resources: Vec<Part>,
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    #[serde(default)]
    pub extensions: Extensions,
    /// Place in the mailbox's history of changes; decides the etag.
    pub change: u64,
    pub created: DateTime<Utc>,
    pub modified: DateTime<Utc>,
    pub body_modified: DateTime<Utc>,
}

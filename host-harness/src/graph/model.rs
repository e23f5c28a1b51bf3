//! What the emulated tenant consists of: mailboxes, applications, calendars,
//! events. Plain data; the rules are in the handlers.
//!
//! Property bags keep Graph's JSON names, because they are answered as they
//! were checked on the way in. Times, recurrence and people are typed.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::attachment::Attachment;
use super::calendar::group::GroupNo;
use super::calendar::pattern::Recurrence;
use super::login::certificate::Certificate;
use super::login::roles::Roles;
use super::login::secret::Secret;
use super::login::sign_in::SignInRule;
use super::settings::Settings;
use super::settings::categories::Category;
use super::table::number;

number! {
    /// A mailbox, counted from 1.
    MailboxNo
}
number! {
    /// A calendar: the mailbox's number in the high bits, see [`item_number`].
    CalendarNo
}
number! {
    /// An event: the mailbox's number in the high bits, see [`item_number`].
    EventNo
}
number! {
    /// What holds items whose changes are tracked: a calendar, a task list, or
    /// all task lists of a mailbox. Items of all kinds are counted together,
    /// so that no two containers share a number.
    ContainerNo
}

impl From<CalendarNo> for ContainerNo {
    fn from(calendar: CalendarNo) -> Self {
        Self(calendar.0)
    }
}

/// How many bits of an item's number count the items of a mailbox.
const ITEM_BITS: u32 = 40;

/// The number of an item, sorted by mailbox.
pub(crate) fn item_number(mailbox: MailboxNo, count: u64) -> u64 {
    (mailbox.0 << ITEM_BITS) | count
}

/// The range of all item numbers of a mailbox.
pub(crate) fn item_range(mailbox: MailboxNo) -> std::ops::Range<u64> {
    (mailbox.0 << ITEM_BITS)..((mailbox.0 + 1) << ITEM_BITS)
}

/// A user with a mailbox.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Mailbox {
    pub number: MailboxNo,
    /// The directory's id of the user.
    pub object_id: String,
    pub user_principal_name: String,
    pub display_name: String,
    /// As given: a Windows or an IANA name.
    pub time_zone: String,
    pub password: Option<Secret>,
    pub default_calendar: CalendarNo,
    /// Whether the user may sign in.
    #[serde(default)]
    pub sign_in: SignInRule,
    #[serde(default)]
    pub settings: Settings,
    /// Absent as long as nobody has changed the list.
    #[serde(default)]
    pub categories: Option<Vec<Category>>,
}

/// A calendar of a mailbox (resources/calendar).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Calendar {
    pub number: CalendarNo,
    pub mailbox: MailboxNo,
    pub name: String,
    pub color: String,
    /// Absent in the group that every mailbox has.
    #[serde(default)]
    pub group: Option<GroupNo>,
    pub change: u64,
}

/// Whose users an application is for (`signInAudience` of resources/application).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Audience {
    /// Those of its own tenant.
    #[serde(rename = "AzureADMyOrg")]
    SingleTenant,
    /// Those of any tenant.
    #[default]
    #[serde(rename = "AzureADMultipleOrgs")]
    ManyTenants,
}

/// An application registration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct App {
    pub client_id: String,
    /// Absent for a public client.
    pub client_secret: Option<Secret>,
    pub secret_expired: bool,
    pub tenant: String,
    pub redirect_uris: Vec<String>,
    pub permissions: Vec<String>,
    pub admin_consent_required: bool,
    pub admin_consented: bool,
    #[serde(default)]
    pub audience: Audience,
    /// Where the sign-in of a single-page application may lead back to.
    #[serde(default)]
    pub spa_redirect_uris: Vec<String>,
    /// What assertions of the application are signed with.
    #[serde(default)]
    pub certificates: Vec<Certificate>,
    /// What it may do for nobody; absent in registrations from before.
    #[serde(default)]
    pub roles: Option<Roles>,
}

impl App {
    /// Whether it has to prove who it is.
    pub fn is_confidential(&self) -> bool {
        self.client_secret.is_some() || !self.certificates.is_empty()
    }
}

/// Start and end as they were written, each with its zone's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Span {
    pub start: NaiveDateTime,
    pub start_zone: String,
    pub end: NaiveDateTime,
    pub end_zone: String,
    pub all_day: bool,
}

/// An address with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Address {
    pub name: String,
    pub address: String,
}

/// What somebody answered (resources/responsestatus).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Response {
    #[default]
    None,
    Organizer,
    TentativelyAccepted,
    Accepted,
    Declined,
    NotResponded,
}

/// An answer and when it was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ResponseStatus {
    pub response: Response,
    pub time: Option<DateTime<Utc>>,
}

/// Somebody invited (resources/attendee).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attendee {
    pub address: Address,
    /// `required`, `optional` or `resource`.
    pub kind: String,
    pub status: ResponseStatus,
    /// The times that the guest would rather have, if the last answer named
    /// any.
    #[serde(default)]
    pub proposed: Option<Span>,
}

/// The content of an event as Exchange keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredBody {
    pub html: String,
}

/// What differs from the series, or that the occurrence is gone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Change {
    /// Deleted from this calendar: nothing of it is shown any more.
    Cancelled,
    Moved(Box<ChangedOccurrence>),
}

/// The custom data of open extensions by their names
/// (resources/opentypeextension).
pub(crate) type Extensions = BTreeMap<String, Map<String, Value>>;

/// An exception of a series.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ChangedOccurrence {
    pub span: Span,
    pub properties: Map<String, Value>,
    pub body: Option<StoredBody>,
    pub attendees: Option<Vec<Attendee>>,
    pub response: Option<ResponseStatus>,
    pub extended: BTreeMap<String, String>,
    #[serde(default)]
    pub extended_lists: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub extensions: Extensions,
    /// Absent where it shows the files of its series.
    #[serde(default)]
    pub attachments: Option<Vec<Attachment>>,
    /// Called off by the organiser and still in the guest's calendar.
    #[serde(default)]
    pub is_cancelled: bool,
    pub change: u64,
    pub modified: DateTime<Utc>,
}

/// Which occurrence of whose series a guest's single copy stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LoneOccurrence {
    pub series_uid: String,
    pub date: NaiveDate,
}

/// The key a client gave to its create, and a digest of what it created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Transaction {
    pub id: String,
    pub content_digest: String,
}

/// An event: a single one or the master of a series (resources/event).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Event {
    pub number: EventNo,
    pub mailbox: MailboxNo,
    pub calendar: CalendarNo,
    /// Counts moves between calendars: default ids change with it.
    pub moves: u32,
    pub ical_uid: String,
    pub span: Span,
    /// The zone names of the create, which later changes leave alone.
    pub original_zones: (String, String),
    pub recurrence: Option<Recurrence>,
    /// Counts changes of the recurrence: occurrence ids change with it.
    pub generation: u32,
    /// By the date of the occurrence in the zone of the series.
    pub exceptions: BTreeMap<NaiveDate, Change>,
    /// Checked writable properties under their Graph names.
    pub properties: Map<String, Value>,
    pub body: StoredBody,
    pub attendees: Vec<Attendee>,
    pub organizer: Address,
    pub is_organizer: bool,
    pub is_cancelled: bool,
    pub response: ResponseStatus,
    /// Single-value extended properties by normalised id.
    pub extended: BTreeMap<String, String>,
    /// Those with several values.
    #[serde(default)]
    pub extended_lists: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub extensions: Extensions,
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// Set on the copy of a guest who is invited to one occurrence only.
    #[serde(default)]
    pub lone: Option<LoneOccurrence>,
    pub transaction: Option<Transaction>,
    /// Place in the mailbox's history of changes; decides the change key.
    pub change: u64,
    pub created: DateTime<Utc>,
    pub modified: DateTime<Utc>,
    /// When the change key is due to move by itself.
    pub bump_at: Option<DateTime<Utc>>,
}

impl Event {
    /// Whether this is the master of a series.
    pub fn is_series(&self) -> bool {
        self.recurrence.is_some()
    }
}

/// What is left of a deleted item. Its container says what it was.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Tombstone {
    #[serde(alias = "event")]
    pub item: u64,
    pub mailbox: MailboxNo,
    #[serde(alias = "calendar")]
    pub container: ContainerNo,
    /// An event's count of moves; 0 for anything else.
    pub moves: u32,
    pub change: u64,
    pub at: DateTime<Utc>,
}

/// Why a mail went to an attendee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum MailKind {
    Invitation,
    Update,
    Cancellation,
    Response,
    /// Tells the organiser that a guest forwarded the meeting.
    ForwardNotice,
}

/// What a mail is that left: about a meeting, or any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Sort {
    Meeting(MailKind),
    Other(OtherKind),
}

/// The sorts of mails that are not about meetings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum OtherKind {
    Message,
}

impl Sort {
    /// A message that somebody sent.
    pub fn message() -> Self {
        Self::Other(OtherKind::Message)
    }
}

/// A mail that left: one that Exchange sent by itself, or somebody sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OutgoingMail {
    pub kind: Sort,
    pub from: String,
    pub to: String,
    pub subject: String,
    /// Empty for what is not about a meeting.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub i_cal_u_id: String,
    /// Set for what somebody sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internet_message_id: Option<String>,
    /// The occurrence it is about, if it is about one.
    pub occurrence: Option<NaiveDate>,
    /// What was answered, if the mail is an answer.
    #[serde(default)]
    pub response: Option<Response>,
    pub at: DateTime<Utc>,
}

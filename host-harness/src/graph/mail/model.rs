//! What mail consists of: folders, messages, and what a message says about a
//! meeting. Plain data; the rules are next door.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::graph::calendar::pattern::Recurrence;
use crate::graph::model::{Address, ContainerNo, MailboxNo, Response, Span, StoredBody};
use crate::graph::table::number;

number! {
    /// A mail folder: the mailbox's number in the high bits, see
    /// [`item_number`](crate::graph::model::item_number).
    FolderNo
}
number! {
    /// A message: the mailbox's number in the high bits, see
    /// [`item_number`](crate::graph::model::item_number).
    MessageNo
}

impl From<FolderNo> for ContainerNo {
    fn from(folder: FolderNo) -> Self {
        Self(folder.0)
    }
}

/// The folders that every mailbox has, as far as they are emulated
/// (resources/mailfolder, "well-known folder names").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum WellKnown {
    MsgFolderRoot,
    Inbox,
    SentItems,
    DeletedItems,
}

impl WellKnown {
    /// All of them, the one that holds the others first.
    pub const ALL: [Self; 4] = [Self::MsgFolderRoot, Self::Inbox, Self::SentItems, Self::DeletedItems];

    /// The name that can stand in place of an id, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::MsgFolderRoot => "msgfolderroot",
            Self::Inbox => "inbox",
            Self::SentItems => "sentitems",
            Self::DeletedItems => "deleteditems",
        }
    }

    /// The name that people see.
    pub fn display_name(self) -> &'static str {
        match self {
            Self::MsgFolderRoot => "Top of Information Store",
            Self::Inbox => "Inbox",
            Self::SentItems => "Sent Items",
            Self::DeletedItems => "Deleted Items",
        }
    }
}

/// A mail folder (resources/mailfolder).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Folder {
    pub number: FolderNo,
    pub mailbox: MailboxNo,
    /// Absent for the one that holds all others.
    pub parent: Option<FolderNo>,
    pub name: String,
    pub role: Option<WellKnown>,
    pub change: u64,
}

/// The line of a mail's head on which a recipient stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Line {
    To,
    Cc,
    Bcc,
}

/// Somebody to whom a mail goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recipient {
    pub address: Address,
    pub line: Line,
}

/// A message (resources/message).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Message {
    pub number: MessageNo,
    pub mailbox: MailboxNo,
    pub folder: FolderNo,
    /// Counts moves between folders: default ids change with it.
    pub moves: u32,
    /// The same for sender and recipients (RFC 5322, section 3.6.4).
    pub internet_message_id: String,
    /// What messages of one conversation have in common.
    pub topic: String,
    pub subject: String,
    pub body: StoredBody,
    /// `low`, `normal` or `high`.
    pub importance: String,
    pub from: Address,
    pub recipients: Vec<Recipient>,
    pub sent: DateTime<Utc>,
    pub received: DateTime<Utc>,
    pub is_read: bool,
    /// Set on a mail about a meeting (resources/eventmessage).
    pub meeting: Option<MeetingPart>,
    /// Place in the mailbox's history of changes; decides the change key.
    pub change: u64,
    pub created: DateTime<Utc>,
    pub modified: DateTime<Utc>,
}

/// What a mail says about a meeting, as it was when the mail was sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct MeetingPart {
    pub purpose: Purpose,
    /// The iCalendar id of the event or, for an occurrence, of its series.
    pub uid: String,
    pub occurrence: Option<NaiveDate>,
    /// One of the values of `eventType`.
    pub event_type: String,
    pub span: Span,
    pub location: Value,
    pub recurrence: Option<Recurrence>,
    /// Whether a later mail about the same thing has come.
    pub is_out_of_date: bool,
}

/// What a mail about a meeting is for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Purpose {
    Request(Box<Request>),
    Cancellation,
    Answer {
        response: Response,
        proposed: Option<Span>,
    },
    /// Tells the organiser that a guest forwarded the meeting.
    Notice,
}

/// Which request it is (`meetingRequestType` of resources/eventmessagerequest,
/// as far as it is emulated).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum RequestKind {
    NewMeetingRequest,
    /// Asks for another answer.
    FullUpdate,
    /// Leaves the answer as it is.
    InformationalUpdate,
}

/// An invitation or an update (resources/eventmessagerequest).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    pub kind: RequestKind,
    pub allows_new_time: bool,
    pub asks_response: bool,
    /// The times before an update that changed them.
    pub previous_span: Option<Span>,
    /// The location before an update that changed it.
    pub previous_location: Option<Value>,
}

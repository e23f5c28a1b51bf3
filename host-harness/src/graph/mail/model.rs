//! What mail consists of: folders, messages, and what a message says about a
//! meeting. Plain data; the rules are next door.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::graph::attachment::Attachment;
use crate::graph::calendar::pattern::Recurrence;
use crate::graph::model::{Address, ContainerNo, Extensions, MailboxNo, Response, Span, StoredBody, item_number};
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

/// The container of all folders of a mailbox. The top bit sets it apart from
/// the task lists of the mailbox, which count as one container, too.
pub(crate) fn folders_of(mailbox: MailboxNo) -> ContainerNo {
    ContainerNo(item_number(mailbox, 0) | HIERARCHY)
}

/// The container of the folders in a folder. Its messages are in another one.
pub(crate) fn children_of(folder: FolderNo) -> ContainerNo {
    ContainerNo(folder.0 | HIERARCHY)
}

/// The folder whose folders a container holds.
pub(crate) fn parent_of(container: ContainerNo) -> FolderNo {
    FolderNo(container.0 & !HIERARCHY)
}

/// Marks containers of folders; numbers of items never reach this bit.
const HIERARCHY: u64 = 1 << 63;

/// The folders that every mailbox has (resources/mailfolder, "well-known
/// folder names").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum WellKnown {
    MsgFolderRoot,
    Inbox,
    SentItems,
    DeletedItems,
    Drafts,
    Archive,
    JunkEmail,
    Outbox,
    ConversationHistory,
    SearchFolders,
    RecoverableItemsDeletions,
}

impl WellKnown {
    /// All of them, the one that holds the others first.
    pub const ALL: [Self; 11] = [
        Self::MsgFolderRoot,
        Self::Inbox,
        Self::SentItems,
        Self::DeletedItems,
        Self::Drafts,
        Self::Archive,
        Self::JunkEmail,
        Self::Outbox,
        Self::ConversationHistory,
        Self::SearchFolders,
        Self::RecoverableItemsDeletions,
    ];

    /// The name that can stand in place of an id, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::MsgFolderRoot => "msgfolderroot",
            Self::Inbox => "inbox",
            Self::SentItems => "sentitems",
            Self::DeletedItems => "deleteditems",
            Self::Drafts => "drafts",
            Self::Archive => "archive",
            Self::JunkEmail => "junkemail",
            Self::Outbox => "outbox",
            Self::ConversationHistory => "conversationhistory",
            Self::SearchFolders => "searchfolders",
            Self::RecoverableItemsDeletions => "recoverableitemsdeletions",
        }
    }

    /// The name that people see.
    pub fn display_name(self) -> &'static str {
        match self {
            Self::MsgFolderRoot => "Top of Information Store",
            Self::Inbox => "Inbox",
            Self::SentItems => "Sent Items",
            Self::DeletedItems => "Deleted Items",
            Self::Drafts => "Drafts",
            Self::Archive => "Archive",
            Self::JunkEmail => "Junk Email",
            Self::Outbox => "Outbox",
            Self::ConversationHistory => "Conversation History",
            Self::SearchFolders => "Finder",
            Self::RecoverableItemsDeletions => "Deletions",
        }
    }

    /// Whether it stands beside the folder that holds all others, where no list
    /// of folders shows it.
    pub fn stands_outside(self) -> bool {
        matches!(self, Self::MsgFolderRoot | Self::SearchFolders | Self::RecoverableItemsDeletions)
    }
}

/// A mail folder (resources/mailfolder).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Folder {
    pub number: FolderNo,
    pub mailbox: MailboxNo,
    /// Absent for the one that holds all others, and for what is beside it.
    pub parent: Option<FolderNo>,
    pub name: String,
    pub role: Option<WellKnown>,
    /// Set at creation, for ever.
    #[serde(default)]
    pub is_hidden: bool,
    /// Place in the mailbox's history of changes.
    pub change: u64,
    #[serde(default)]
    pub modified: DateTime<Utc>,
}

/// The line of a mail's head on which a recipient stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
    /// Whether it was not sent yet.
    #[serde(default)]
    pub is_draft: bool,
    /// When a message that is being sent arrives in Sent Items.
    #[serde(default)]
    pub arrives_at: Option<DateTime<Utc>>,
    /// To whom answers go, if not to the sender.
    #[serde(default)]
    pub reply_to: Vec<Address>,
    /// One number for each answer between the first message of the conversation
    /// and this one.
    #[serde(default)]
    pub thread: Vec<u32>,
    /// Headers of the sender's own.
    #[serde(default)]
    pub headers: Vec<Header>,
    #[serde(default)]
    pub marks: Marks,
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    #[serde(default)]
    pub custom: Custom,
    /// Place in the mailbox's history of changes; decides the change key.
    pub change: u64,
    /// The place at which it came into its folder.
    #[serde(default)]
    pub entered: u64,
    pub created: DateTime<Utc>,
    pub modified: DateTime<Utc>,
}

impl Message {
    /// An empty draft, not yet in any folder. It begins a conversation.
    pub fn new(from: Address, internet_message_id: String, now: DateTime<Utc>) -> Self {
        Self {
            number: MessageNo(0),
            mailbox: MailboxNo(0),
            folder: FolderNo(0),
            moves: 0,
            topic: internet_message_id.clone(),
            internet_message_id,
            subject: String::new(),
            body: StoredBody { html: String::new() },
            importance: "normal".to_owned(),
            from,
            recipients: Vec::new(),
            sent: now,
            received: now,
            is_read: true,
            meeting: None,
            is_draft: true,
            arrives_at: None,
            reply_to: Vec::new(),
            thread: Vec::new(),
            headers: Vec::new(),
            marks: Marks::default(),
            attachments: Vec::new(),
            custom: Custom::default(),
            change: 0,
            entered: 0,
            created: now,
            modified: now,
        }
    }
}

/// A header of a mail (resources/internetmessageheader).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    pub name: String,
    pub value: String,
}

/// What the owner of a mailbox marks a message with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Marks {
    pub categories: Vec<String>,
    /// Absent for what is not flagged.
    pub flag: Option<Flag>,
    /// Whether it is classified as `other`, and not as `focused`.
    pub is_other: bool,
    pub delivery_receipt: bool,
    pub read_receipt: bool,
}

/// A follow-up (resources/followupflag).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Flag {
    pub is_complete: bool,
    pub start: Option<DateTime<Utc>>,
    pub due: Option<DateTime<Utc>>,
    pub completed: Option<DateTime<Utc>>,
}

/// Data of applications on a message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Custom {
    /// Single-value extended properties by normalised id.
    pub single: BTreeMap<String, String>,
    /// Multi-value extended properties by normalised id.
    pub multiple: BTreeMap<String, Vec<String>>,
    pub extensions: Extensions,
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

//! The ids of Outlook items, which carry what they point at.
//!
//! An item has two: the default one, which changes when the item moves to
//! another calendar or folder, and the immutable one (`Prefer: IdType="ImmutableId"`,
//! concepts/outlook-immutable-id). Both are opaque to clients, contain
//! characters that must be escaped, and differ only in case here and there.
//! Calendars, mail folders, tasks and their lists have one form only: ids of
//! containers do not change, To Do is not among the resources with immutable
//! ids, and a task that moves gets another number.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use chrono::{Datelike, NaiveDate};
use sha2::{Digest, Sha256};

use super::calendar::group::GroupNo;
use super::mail::model::{FolderNo, MessageNo};
use super::model::{CalendarNo, EventNo, MailboxNo};
use super::todo::model::{ListNo, TaskNo};

/// First bytes of each form; they make the well-known beginnings.
const IMMUTABLE_MARK: [u8; 4] = [0x00, 0x09, 0x00, 0x2e];
const DEFAULT_MARK: [u8; 4] = [0x00, 0x03, 0x24, 0x00];
const CALENDAR_MARK: [u8; 4] = [0x00, 0x03, 0x24, 0x01];
const LIST_MARK: [u8; 4] = [0x00, 0x03, 0x24, 0x02];
const TASK_MARK: [u8; 4] = [0x00, 0x03, 0x24, 0x03];
const FOLDER_MARK: [u8; 4] = [0x00, 0x03, 0x24, 0x04];
const GROUP_MARK: [u8; 4] = [0x00, 0x03, 0x24, 0x10];
const ATTACHMENT_MARK: [u8; 4] = [0x00, 0x03, 0x24, 0x05];

/// Sizes in bytes, chosen so that the text is as long as Exchange's.
const IMMUTABLE_SIZE: usize = 54;
const DEFAULT_SIZE: usize = 110;
/// Length of a conversation index without replies, in bytes ([MS-OXOMSG]
/// 2.2.1.3).
const CONVERSATION_SIZE: usize = 22;

/// What an item id points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ItemRef {
    pub event: EventNo,
    /// The event's count of moves; absent in an immutable id.
    pub moves: Option<u32>,
    /// The occurrence's original date and the generation of the series.
    pub occurrence: Option<(NaiveDate, u32)>,
}

/// Which of the two forms to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdForm {
    Default,
    Immutable,
}

/// Writes the id of an event or of an occurrence.
pub(crate) fn item_id(event: EventNo, moves: u32, occurrence: Option<(NaiveDate, u32)>, form: IdForm) -> String {
    let day = occurrence.map_or(0, |(date, _)| date.num_days_from_ce());
    let generation = occurrence.map_or(0, |(_, generation)| generation);
    let mut payload = Vec::with_capacity(24);
    payload.extend_from_slice(&event.0.to_be_bytes());
    payload.extend_from_slice(&day.to_be_bytes());
    payload.extend_from_slice(&generation.to_be_bytes());
    match form {
        IdForm::Immutable => URL_SAFE_NO_PAD.encode(sealed(IMMUTABLE_MARK, &payload, IMMUTABLE_SIZE)),
        IdForm::Default => {
            payload.extend_from_slice(&moves.to_be_bytes());
            URL_SAFE.encode(sealed(DEFAULT_MARK, &payload, DEFAULT_SIZE))
        }
    }
}

/// Reads an id of either form; `None` if it is not one.
pub(crate) fn parse_item_id(text: &str) -> Option<ItemRef> {
    let bytes = URL_SAFE.decode(text).or_else(|_| URL_SAFE_NO_PAD.decode(text)).ok()?;
    let (mark, length) = match bytes.len() {
        IMMUTABLE_SIZE => (IMMUTABLE_MARK, 16),
        DEFAULT_SIZE => (DEFAULT_MARK, 20),
        _ => return None,
    };
    let payload = unsealed(mark, &bytes, length)?;
    let event = EventNo(u64::from_be_bytes(payload.get(0..8)?.try_into().ok()?));
    let day = i32::from_be_bytes(payload.get(8..12)?.try_into().ok()?);
    let generation = u32::from_be_bytes(payload.get(12..16)?.try_into().ok()?);
    let moves = match payload.get(16..20) {
        Some(bytes) => Some(u32::from_be_bytes(bytes.try_into().ok()?)),
        None => None,
    };
    let occurrence = match day {
        0 => None,
        _ => Some((NaiveDate::from_num_days_from_ce_opt(day)?, generation)),
    };
    Some(ItemRef { event, moves, occurrence })
}

/// Writes the id of a message. Messages and events have ids of one kind, as
/// all items of Exchange have; no two items share a number.
pub(crate) fn message_id(message: MessageNo, moves: u32, form: IdForm) -> String {
    item_id(EventNo(message.0), moves, None, form)
}

/// Reads the id of a message of either form, with the count of moves that the
/// default form has.
pub(crate) fn parse_message_id(text: &str) -> Option<(MessageNo, Option<u32>)> {
    let item = parse_item_id(text).filter(|item| item.occurrence.is_none())?;
    Some((MessageNo(item.event.0), item.moves))
}

/// Writes the id of a mail folder.
pub(crate) fn folder_id(folder: FolderNo) -> String {
    plain_id(FOLDER_MARK, folder.0)
}

/// Reads the id of a mail folder.
pub(crate) fn parse_folder_id(text: &str) -> Option<FolderNo> {
    parse_plain_id(FOLDER_MARK, text).map(FolderNo)
}

/// Writes the id of an attachment of a message.
pub(crate) fn attachment_id(number: u64) -> String {
    plain_id(ATTACHMENT_MARK, number)
}

/// The bytes that a mailbox's id of a conversation is made of.
pub(crate) fn conversation(mailbox: MailboxNo, topic: &str) -> [u8; CONVERSATION_SIZE] {
    let digest = Sha256::digest([&mailbox.0.to_be_bytes(), topic.as_bytes()].concat());
    let mut bytes = [0; CONVERSATION_SIZE];
    bytes.iter_mut().zip(digest).for_each(|(byte, of_digest)| *byte = of_digest);
    bytes
}

/// Writes the id of a calendar; containers have one form only.
pub(crate) fn calendar_id(calendar: CalendarNo) -> String {
    plain_id(CALENDAR_MARK, calendar.0)
}

/// Reads the id of a calendar.
pub(crate) fn parse_calendar_id(text: &str) -> Option<CalendarNo> {
    parse_plain_id(CALENDAR_MARK, text).map(CalendarNo)
}

/// Writes the id of a group of calendars.
pub(crate) fn group_id(group: GroupNo) -> String {
    plain_id(GROUP_MARK, group.0)
}

/// Reads the id of a group of calendars.
pub(crate) fn parse_group_id(text: &str) -> Option<GroupNo> {
    parse_plain_id(GROUP_MARK, text).map(GroupNo)
}

/// Writes the id of a task list.
pub(crate) fn list_id(list: ListNo) -> String {
    plain_id(LIST_MARK, list.0)
}

/// Reads the id of a task list.
pub(crate) fn parse_list_id(text: &str) -> Option<ListNo> {
    parse_plain_id(LIST_MARK, text).map(ListNo)
}

/// Writes the id of a task.
pub(crate) fn task_id(task: TaskNo) -> String {
    plain_id(TASK_MARK, task.0)
}

/// Reads the id of a task.
pub(crate) fn parse_task_id(text: &str) -> Option<TaskNo> {
    parse_plain_id(TASK_MARK, text).map(TaskNo)
}

/// An id that carries a number alone.
fn plain_id(mark: [u8; 4], number: u64) -> String {
    URL_SAFE.encode(sealed(mark, &number.to_be_bytes(), DEFAULT_SIZE))
}

fn parse_plain_id(mark: [u8; 4], text: &str) -> Option<u64> {
    let bytes = URL_SAFE.decode(text).ok().filter(|bytes| bytes.len() == DEFAULT_SIZE)?;
    let payload = unsealed(mark, &bytes, 8)?;
    Some(u64::from_be_bytes(payload.try_into().ok()?))
}

/// Writes a number as a GUID of version 4, for which six bits of it are given up.
pub(crate) fn guid(value: u128) -> String {
    let version_4 = (value & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{version_4:032x}");
    let group = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [group(0, 8), group(8, 12), group(12, 16), group(16, 20), group(20, 32)].join("-")
}

/// The id of an application's service principal: made of what it stands for,
/// because nothing else shows them.
pub(crate) fn service_principal(tenant: &str, client_id: &str) -> String {
    derived_guid(&format!("{tenant}/{client_id}"))
}

/// The id of a category that a mailbox begins with, the same at every look.
pub(crate) fn first_category(mailbox: &str, name: &str) -> String {
    derived_guid(&format!("{mailbox}/{name}"))
}

fn derived_guid(text: &str) -> String {
    let digest = Sha256::digest(text);
    guid(digest.iter().take(16).fold(0, |value, byte| (value << 8) | u128::from(*byte)))
}

/// The change key that belongs to a place in the history of changes.
pub(crate) fn change_key(event: u64, change: u64) -> String {
    let mut bytes = vec![0x63, 0x5a];
    bytes.extend_from_slice(Sha256::digest(event.to_be_bytes()).get(..12).unwrap_or_default());
    bytes.extend_from_slice(&change.to_be_bytes());
    STANDARD.encode(bytes)
}

/// The iCalendar id of one occurrence, derived from that of the series.
pub(crate) fn occurrence_uid(series: &str, date: NaiveDate) -> String {
    let stamp = format!("{:04X}{:02X}{:02X}", date.year(), date.month(), date.day());
    // The eight digits behind the fixed GUID of the encoding are the date.
    match (series.get(..32), series.get(40..)) {
        (Some(head), Some(tail)) => format!("{head}{stamp}{tail}"),
        (_, _) => format!("{series}{stamp}"),
    }
}

/// Mark, payload, then digest bytes up to `size`.
fn sealed(mark: [u8; 4], payload: &[u8], size: usize) -> Vec<u8> {
    let mut bytes = mark.to_vec();
    bytes.extend_from_slice(payload);
    let mut digest = Sha256::digest(&bytes).to_vec();
    while bytes.len() < size {
        let missing = size - bytes.len();
        bytes.extend(digest.iter().take(missing));
        digest = Sha256::digest(&digest).to_vec();
    }
    bytes
}

fn unsealed(mark: [u8; 4], bytes: &[u8], length: usize) -> Option<&[u8]> {
    let payload = bytes.get(4..4 + length)?;
    (sealed(mark, payload, bytes.len()) == bytes).then_some(payload)
}

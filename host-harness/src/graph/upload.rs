//! Files that come in pieces: upload sessions (resources/uploadsession,
//! concepts/outlook-large-attachments, concepts/todo-attachments).
//!
//! A session waits for the bytes of one file in their order, and hands the file
//! over when the last has come. Who may ask, and in which words it is answered,
//! is in `api::uploads` and `api::todo::sessions`.
//!
//! DIFFERENCE: how long a session lives is not documented. Here it is a day.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::mail::model::MessageNo;
use super::model::{EventNo, MailboxNo};
use super::reply::Refusal;
use super::state::State;
use super::todo::model::TaskNo;

/// How long a session lives, in hours.
const LIFE_HOURS: i64 = 24;

/// What the file will be attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Target {
    Message(MessageNo),
    /// An event, or one occurrence of it.
    Event(EventNo, Option<NaiveDate>),
    Task(TaskNo),
}

/// What a client says of a file before it comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Announced {
    pub name: String,
    pub content_type: Option<String>,
    /// In bytes.
    pub size: usize,
    pub is_inline: bool,
    pub content_id: Option<String>,
}

/// A session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Upload {
    pub id: String,
    pub mailbox: MailboxNo,
    pub target: Target,
    pub file: Announced,
    /// Digest of the secret in the URL, if that lets a client in.
    pub secret: Option<String>,
    /// Bytes that have come.
    pub received: usize,
    /// The pieces that they came in.
    pub pieces: u32,
    pub expires_at: DateTime<Utc>,
}

/// A piece of a file, in base64.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Piece {
    pub content: String,
}

/// The bytes that a request brings: the first and the last of so many
/// (`Content-Range`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    first: usize,
    last: usize,
    total: usize,
}

impl Range {
    /// Reads `bytes {first}-{last}/{total}`.
    pub fn read(header: &str) -> Option<Self> {
        let (span, total) = header.trim().strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = span.split_once('-')?;
        Some(Self {
            first: first.trim().parse().ok()?,
            last: last.trim().parse().ok()?,
            total: total.trim().parse().ok()?,
        })
    }
}

/// What a piece came to.
#[derive(Debug)]
pub(crate) enum Progress {
    /// More is to come.
    Open(Upload),
    /// The file is whole, and the session over.
    Whole(Upload, Vec<u8>),
}

/// Begins a session, and forgets those that are over.
pub(crate) fn begin(
    state: &mut State,
    mailbox: MailboxNo,
    target: Target,
    file: Announced,
    secret: Option<String>,
) -> Upload {
    for over in state.uploads.keys_where(|upload| !is_open(state, upload)) {
        cancel(state, &over);
    }
    let id = super::ids::attachment_id(state.next_number());
    let expires_at = state.now + TimeDelta::hours(LIFE_HOURS);
    let upload = Upload { id: id.clone(), mailbox, target, file, secret, received: 0, pieces: 0, expires_at };
    state.uploads.insert(id, upload.clone());
    upload
}

/// The session of an id, unless it is over.
pub(crate) fn find<'a>(state: &'a State, id: &str) -> Option<&'a Upload> {
    state.uploads.get(&id.to_owned()).filter(|upload| is_open(state, upload))
}

/// Whether a session still has time, and what its file is for is still there.
fn is_open(state: &State, upload: &Upload) -> bool {
    let is_there = match upload.target {
        Target::Message(number) => state.messages.get(&number).is_some(),
        Target::Event(number, _) => state.events.get(&number).is_some(),
        Target::Task(number) => state.tasks.get(&number).is_some(),
    };
    is_there && state.now < upload.expires_at
}

/// Takes a piece, which has to be the next one.
///
/// DIFFERENCE: how the service refuses a piece out of order is not documented.
/// Here it is 416, as HTTP has it (RFC 9110, section 15.5.17).
pub(crate) fn receive(state: &mut State, id: &str, range: Option<Range>, bytes: &[u8]) -> Result<Progress, Refusal> {
    let mut upload = find(state, id).cloned().ok_or_else(Refusal::item_not_found)?;
    let invalid = |message: &str| Refusal::new(400, "ErrorInvalidRequest", message);
    let range = range.ok_or_else(|| invalid("The header Content-Range is missing or not valid."))?;
    if range.total != upload.file.size {
        return Err(invalid("The size in Content-Range is not the size that the session was made for."));
    }
    // The last byte is checked first: behind it, the length cannot overflow.
    if range.last >= range.total || range.last < range.first || range.last - range.first + 1 != bytes.len() {
        return Err(invalid("The range in Content-Range does not fit the content."));
    }
    if range.first != upload.received {
        let message = format!("The next expected byte is {}.", upload.received);
        return Err(Refusal::new(416, "InvalidRange", message));
    }
    state.upload_pieces.insert(piece_key(id, upload.pieces), Piece { content: STANDARD.encode(bytes) });
    upload.received += bytes.len();
    upload.pieces += 1;
    if upload.received < upload.file.size {
        state.uploads.insert(id.to_owned(), upload.clone());
        return Ok(Progress::Open(upload));
    }
    let mut whole = Vec::with_capacity(upload.file.size);
    for number in 0..upload.pieces {
        let piece =
            state.upload_pieces.get(&piece_key(id, number)).and_then(|piece| STANDARD.decode(&piece.content).ok());
        whole.extend(piece.unwrap_or_default());
    }
    cancel(state, id);
    Ok(Progress::Whole(upload, whole))
}

/// Ends a session; what came is forgotten.
pub(crate) fn cancel(state: &mut State, id: &str) {
    let Some(upload) = state.uploads.remove(&id.to_owned()) else {
        return;
    };
    for number in 0..upload.pieces {
        state.upload_pieces.remove(&piece_key(id, number));
    }
}

/// Ends every session for a target.
pub(crate) fn cancel_all(state: &mut State, target: Target) {
    for id in state.uploads.keys_where(|upload| upload.target == target) {
        cancel(state, &id);
    }
}

fn piece_key(id: &str, number: u32) -> String {
    format!("{id}/{number:06}")
}

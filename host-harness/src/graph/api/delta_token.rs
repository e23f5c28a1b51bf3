//! What a delta token says: opaque to clients, readable here.
//!
//! A token names the row that holds the state of its round, and carries what
//! the round is about, so that the refusal of an evicted token can lead to a
//! new round about the same thing (concepts/delta-query-overview).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};

use super::delta::Subject;
use crate::graph::calendar::instance::Window;
use crate::graph::state::State;
use crate::graph::todo::output::Relations;

/// Length of the key of a row, in bytes.
const KEY_LENGTH: usize = 23;
/// Length of what the round is about: a kind and two instants or other
/// numbers, in bytes.
const SUBJECT_LENGTH: usize = 17;
/// Lengths of the random end, in bytes: links change their length, too.
const PADDING_MIN: usize = 16;
const PADDING_MAX: usize = 48;

/// A token that was taken apart.
pub(crate) struct Token {
    pub key: String,
    pub subject: Subject,
    /// The options of a round that keeps them.
    pub options: String,
}

impl Token {
    /// The query of the request that the round was begun with.
    pub fn begun_with(&self) -> String {
        format!("{}{}", self.subject.options(), self.options)
    }
}

/// Writes the token of a row.
pub(crate) fn write(state: &mut State, key: &str, subject: Subject, options: &str) -> String {
    let (kind, first, second) = match subject {
        Subject::View(window) => (0_u8, micros(window.start), micros(window.end)),
        Subject::Events { start: Some(start) } => (1, micros(start), 0),
        Subject::Events { start: None } => (2, 0, 0),
        Subject::Lists => (3, 0, 0),
        Subject::Tasks(relations) => (4, i64::from(relations.bits()), 0),
        Subject::Messages => (5, length(options), 0),
        Subject::Folders => (6, length(options), 0),
    };
    let mut bytes = key.as_bytes().to_vec();
    bytes.push(kind);
    bytes.extend_from_slice(&first.to_be_bytes());
    bytes.extend_from_slice(&second.to_be_bytes());
    bytes.extend_from_slice(options.as_bytes());
    let padding: [u8; PADDING_MAX] = state.random_bytes();
    let length = PADDING_MIN + state.random_below(PADDING_MAX - PADDING_MIN);
    bytes.extend(padding.iter().take(length));
    URL_SAFE_NO_PAD.encode(bytes)
}

fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(0)
}

fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

/// Reads a token; `None` if it is not one.
pub(crate) fn read(token: &str) -> Option<Token> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let key = String::from_utf8(bytes.get(..KEY_LENGTH)?.to_vec()).ok()?;
    let about = bytes.get(KEY_LENGTH..KEY_LENGTH + SUBJECT_LENGTH)?;
    let number = |from: usize| Some(i64::from_be_bytes(about.get(from..from + 8)?.try_into().ok()?));
    let instant = |from: usize| DateTime::from_timestamp_micros(number(from)?);
    let subject = match about.first()? {
        0 => Subject::View(Window { start: instant(1)?, end: instant(9)? }),
        1 => Subject::Events { start: Some(instant(1)?) },
        2 => Subject::Events { start: None },
        3 => Subject::Lists,
        4 => Subject::Tasks(Relations::from_bits(u8::try_from(number(1)?).ok()?)),
        5 => Subject::Messages,
        6 => Subject::Folders,
        _ => return None,
    };
    let options = match subject {
        Subject::Messages | Subject::Folders => {
            let end = usize::try_from(number(1)?).ok()?.checked_add(KEY_LENGTH + SUBJECT_LENGTH)?;
            String::from_utf8(bytes.get(KEY_LENGTH + SUBJECT_LENGTH..end)?.to_vec()).ok()?
        }
        Subject::View(_) | Subject::Events { .. } | Subject::Lists | Subject::Tasks(_) => String::new(),
    };
    Some(Token { key, subject, options })
}

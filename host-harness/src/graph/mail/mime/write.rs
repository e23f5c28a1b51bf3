//! Writes a message as MIME (api/message-get, `$value`).
//!
//! Equal messages give equal bytes: boundaries come from the message's id.
//!
//! DIFFERENCE: attached events, contacts and links to files are left out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::graph::attachment::Attachment;
use crate::graph::calendar::body;
use crate::graph::call::BodyType;
use crate::graph::mail::model::{Header, Line, Message};
use crate::graph::model::Address;

/// Length of a line of base64 (RFC 2045, section 6.8).
const LINE_LENGTH: usize = 76;
/// Bytes of text in one encoded word (RFC 2047, section 2).
const WORD_LENGTH: usize = 42;

/// A header, before it is folded into lines.
struct Entry {
    name: String,
    /// The people of a list, or one text.
    parts: Vec<String>,
}

impl Entry {
    /// Whatever was given, a header stays one: no line ends in it, and its name
    /// is one (RFC 5322, section 2.2).
    fn new(name: &str, parts: Vec<String>) -> Self {
        let name = name.chars().filter(|letter| letter.is_ascii_graphic() && *letter != ':').collect();
        let parts = parts.into_iter().map(|part| part.replace(['\r', '\n'], "")).collect();
        Self { name, parts }
    }

    fn text(name: &str, value: String) -> Self {
        Self::new(name, vec![value])
    }
}

/// The head of a message, without what tells about its parts. Who is on the
/// hidden line stands in the sender's own messages alone, because nobody else
/// has them.
pub(crate) fn headers(message: &Message) -> Vec<Header> {
    let joined = |Entry { name, parts }| Header { name, value: parts.join(", ") };
    entries(message).into_iter().map(joined).collect()
}

fn entries(message: &Message) -> Vec<Entry> {
    let mut list = vec![Entry::text("From", person(&message.from))];
    for (name, line) in [("To", Line::To), ("Cc", Line::Cc), ("Bcc", Line::Bcc)] {
        let people: Vec<String> = message
            .recipients
            .iter()
            .filter(|recipient| recipient.line == line)
            .map(|recipient| person(&recipient.address))
            .collect();
        if !people.is_empty() {
            list.push(Entry::new(name, people));
        }
    }
    if !message.reply_to.is_empty() {
        list.push(Entry::new("Reply-To", message.reply_to.iter().map(person).collect()));
    }
    list.push(Entry::text("Subject", encoded(&message.subject)));
    list.push(Entry::text("Date", message.sent.format("%a, %d %b %Y %H:%M:%S +0000").to_string()));
    list.push(Entry::text("Message-ID", message.internet_message_id.clone()));
    if message.importance != "normal" {
        list.push(Entry::text("Importance", message.importance.clone()));
    }
    list.extend(message.headers.iter().map(|own| Entry::text(&own.name, encoded(&own.value))));
    list.push(Entry::text("MIME-Version", "1.0".to_owned()));
    list
}

/// The whole message. Lists of people are folded between the people.
pub(crate) fn message(message: &Message) -> String {
    let folded = |Entry { name, parts }| format!("{name}: {}\r\n", parts.join(",\r\n "));
    let mut text = entries(message).into_iter().map(folded).collect::<Vec<_>>().concat();
    let alternative = multipart(
        message,
        "alternative",
        &[
            part("text/plain; charset=\"utf-8\"", &[], body::content(&message.body, BodyType::Text).as_bytes()),
            part("text/html; charset=\"utf-8\"", &[], body::content(&message.body, BodyType::Html).as_bytes()),
        ],
    );
    let files: Vec<String> = message.attachments.iter().filter_map(file).collect();
    if files.is_empty() {
        text.push_str(&alternative);
    } else {
        let parts: Vec<String> = std::iter::once(alternative).chain(files).collect();
        text.push_str(&multipart(message, "mixed", &parts));
    }
    text
}

/// Parts with a boundary between them, behind the header that names it.
fn multipart(message: &Message, kind: &str, parts: &[String]) -> String {
    let digest = Sha256::digest(format!("{kind}/{}", message.internet_message_id));
    let unique = digest.first_chunk().map_or(0, |bytes| u128::from_be_bytes(*bytes));
    let boundary = format!("_000_{unique:032X}_");
    let parts: Vec<String> = parts.iter().map(|part| format!("--{boundary}\r\n{part}\r\n")).collect();
    let parts = parts.concat();
    format!("Content-Type: multipart/{kind};\r\n\tboundary=\"{boundary}\"\r\n\r\n{parts}--{boundary}--\r\n")
}

fn part(content_type: &str, more: &[String], bytes: &[u8]) -> String {
    let more = more.iter().map(|line| format!("{line}\r\n")).collect::<Vec<_>>().concat();
    let encoded = STANDARD.encode(bytes);
    let lines: Vec<&str> =
        encoded.as_bytes().chunks(LINE_LENGTH).filter_map(|line| str::from_utf8(line).ok()).collect();
    format!("Content-Type: {content_type}\r\n{more}Content-Transfer-Encoding: base64\r\n\r\n{}\r\n", lines.join("\r\n"))
}

fn file(attachment: &Attachment) -> Option<String> {
    let bytes = attachment.bytes()?;
    let name = encoded(&attachment.name.replace(['"', '\r', '\n'], "_"));
    let kind = attachment.content_type.as_deref().unwrap_or("application/octet-stream").replace(['\r', '\n'], "");
    let disposition = if attachment.is_inline { "inline" } else { "attachment" };
    let mut more = vec![format!("Content-Disposition: {disposition}; filename=\"{name}\"")];
    if let Some(id) = &attachment.content_id {
        more.push(format!("Content-ID: <{}>", id.replace(['<', '>', '\r', '\n'], "")));
    }
    Some(part(&format!("{kind}; name=\"{name}\""), &more, &bytes))
}

fn person(address: &Address) -> String {
    if address.name.is_empty() || address.name == address.address {
        return format!("<{}>", address.address);
    }
    let name = if address.name.is_ascii() {
        format!("\"{}\"", address.name.replace(['"', '\\', '\r', '\n'], ""))
    } else {
        encoded(&address.name)
    };
    format!("{name} <{}>", address.address)
}

/// Text of a header: as it is, or in encoded words (RFC 2047).
fn encoded(text: &str) -> String {
    let text = text.replace(['\r', '\n'], " ");
    if text.is_ascii() {
        return text;
    }
    let mut words = vec![String::new()];
    for character in text.chars() {
        if words.last().is_some_and(|word| word.len() + character.len_utf8() > WORD_LENGTH) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(character);
        }
    }
    let words: Vec<String> = words.iter().map(|word| format!("=?utf-8?B?{}?=", STANDARD.encode(word))).collect();
    words.join(" ")
}

//! Reads a message that a client sends as MIME, in base64.
//!
//! DIFFERENCE: signatures and encryption (S/MIME) mean nothing here: what they
//! consist of comes in as attachments.

use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use chrono::{DateTime, Utc};
use mail_parser::{
    Address as Addresses, ContentType, HeaderValue, MessageParser, MessagePart, MimeHeaders as _, PartType,
};

use crate::graph::attachment::Attachment;
use crate::graph::calendar::body;
use crate::graph::mail::model::{Header, Line, Message, Recipient};
use crate::graph::model::Address;
use crate::graph::reply::Refusal;

/// Base64 with or without the signs at its end.
const TOLERANT: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The refusal of what is no MIME message in base64, in the words of
/// api/user-sendmail.
fn invalid() -> Refusal {
    Refusal::new(400, "ErrorMimeContentInvalidBase64String", "Invalid base64 string for MIME content.")
}

/// Takes the content of a request into a draft.
pub(crate) fn into_draft(sent: &[u8], draft: &mut Message, now: DateTime<Utc>) -> Result<(), Refusal> {
    let text: Vec<u8> = sent.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = TOLERANT.decode(&text).ok().filter(|bytes| !bytes.is_empty()).ok_or_else(invalid)?;
    let message = MessageParser::default().parse(&bytes).filter(|message| !message.headers().is_empty());
    let message = message.ok_or_else(invalid)?;
    if let Some(subject) = message.subject() {
        subject.clone_into(&mut draft.subject);
    }
    draft.body = match (message.html_part(0).map(|part| &part.body), message.body_text(0)) {
        (Some(PartType::Html(html)), _) => body::from_html(html),
        (_, Some(text)) => body::from_text(&text),
        (_, None) => body::from_text(""),
    };
    let lines = [(Line::To, message.to()), (Line::Cc, message.cc()), (Line::Bcc, message.bcc())];
    for (line, addresses) in lines {
        let people = people(addresses);
        if !people.is_empty() {
            draft.recipients.retain(|known| known.line != line);
            draft.recipients.extend(people.into_iter().map(|address| Recipient { address, line }));
        }
    }
    if let Some(from) = people(message.from()).into_iter().next() {
        draft.from = from;
    }
    draft.reply_to = people(message.reply_to());
    if let Some(id) = message.message_id() {
        draft.internet_message_id = format!("<{id}>");
    }
    if let Some(HeaderValue::Text(importance)) = message.header("Importance") {
        let importance = importance.to_ascii_lowercase();
        if matches!(importance.as_str(), "low" | "normal" | "high") {
            draft.importance = importance;
        }
    }
    let own = message.headers_raw().filter(|(name, _)| name.to_ascii_lowercase().starts_with("x-"));
    draft.headers = own
        .map(|(name, value)| Header {
            name: name.to_owned(),
            value: value.split_whitespace().collect::<Vec<_>>().join(" "),
        })
        .collect();
    draft.attachments = message.attachments().map(|part| attached(part, now)).collect();
    Ok(())
}

fn people(addresses: Option<&Addresses<'_>>) -> Vec<Address> {
    let list = addresses.into_iter().flat_map(|addresses| addresses.iter());
    let named = |address: &str, name: Option<&str>| Address {
        name: name.unwrap_or_default().to_owned(),
        address: address.to_owned(),
    };
    list.filter_map(|entry| entry.address().map(|address| named(address, entry.name()))).collect()
}

fn attached(part: &MessagePart<'_>, now: DateTime<Utc>) -> Attachment {
    let content_type = part.content_type().map(|kind| match kind.subtype() {
        Some(subtype) => format!("{}/{subtype}", kind.ctype()),
        None => kind.ctype().to_owned(),
    });
    let name = part.attachment_name().unwrap_or("attachment").to_owned();
    let mut file = Attachment::file(name, content_type, part.contents(), now);
    file.content_id = part.content_id().map(str::to_owned);
    file.is_inline = part.content_disposition().is_some_and(ContentType::is_inline);
    file
}

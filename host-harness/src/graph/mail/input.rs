//! Reads a message as a client writes it (api/user-post-messages,
//! api/message-update): which properties may be written, and how each is
//! checked.
//!
//! What belongs to a message that was sent may be written by its owner: marks
//! and data of applications. The rest can be written to drafts alone.

use serde_json::{Map, Value};

use super::model::{Custom, Flag, Header, Line, Message, Recipient};
use crate::graph::api::mail::projection::is_property;
use crate::graph::attachment::Attachment;
use crate::graph::calendar::input::{moment, read_body};
use crate::graph::calendar::instance::zone;
use crate::graph::model::{Address, StoredBody};
use crate::graph::names::same_name;
use crate::graph::property::{self, Check};
use crate::graph::reply::Refusal;
use crate::graph::zones;
use crate::graph::{extended, extension};
use chrono::{DateTime, Utc};

/// Recipients of one message (resources/message).
const RECIPIENTS_MAX: usize = 500;
/// Headers of the sender's own in one message, as observed.
const HEADERS_MAX: usize = 5;

/// What can be written to a draft alone (api/message-update).
const OF_DRAFTS: [&str; 9] = [
    "bccRecipients",
    "body",
    "ccRecipients",
    "from",
    "internetMessageId",
    "replyTo",
    "sender",
    "subject",
    "toRecipients",
];

/// What exists when a message is made and never changes, or has requests of its
/// own.
const AT_CREATION: [&str; 3] = ["attachments", "extensions", "internetMessageHeaders"];

/// What becomes of a flag that was written.
#[derive(Clone, Debug)]
enum FlagChange {
    Set(Flag),
    Clear,
}

/// What was written; absent is what was not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Input {
    pub subject: Option<String>,
    pub body: Option<StoredBody>,
    importance: Option<String>,
    from: Option<Address>,
    lines: Vec<(Line, Vec<Address>)>,
    reply_to: Option<Vec<Address>>,
    internet_message_id: Option<String>,
    headers: Vec<Header>,
    is_read: Option<bool>,
    categories: Option<Vec<String>>,
    flag: Option<FlagChange>,
    is_other: Option<bool>,
    delivery_receipt: Option<bool>,
    read_receipt: Option<bool>,
    attachments: Vec<Attachment>,
    custom: Custom,
    /// The first property that a sent message does not take.
    of_drafts: Option<&'static str>,
    /// The first property that only a new message takes.
    at_creation: Option<&'static str>,
}

impl Input {
    /// Reads the properties of a message.
    pub fn read(given: &Map<String, Value>, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let mut input = Self::default();
        for (name, value) in given.iter().filter(|(name, _)| !name.contains('@')) {
            input.take(name, value, now)?;
        }
        let count: usize = input.lines.iter().map(|(_, people)| people.len()).sum();
        if count > RECIPIENTS_MAX { Err(too_many_recipients()) } else { Ok(input) }
    }

    fn take(&mut self, name: &str, value: &Value, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.of_drafts = self.of_drafts.or_else(|| OF_DRAFTS.into_iter().find(|known| *known == name));
        self.at_creation = self.at_creation.or_else(|| AT_CREATION.into_iter().find(|known| *known == name));
        match name {
            "subject" => self.subject = Some(text(name, value)?.unwrap_or_default()),
            "body" => self.body = Some(read_body(value)),
            "from" | "sender" => self.from = person(value)?.or_else(|| self.from.take()),
            "toRecipients" => self.lines.push((Line::To, people(name, value)?)),
            "ccRecipients" => self.lines.push((Line::Cc, people(name, value)?)),
            "bccRecipients" => self.lines.push((Line::Bcc, people(name, value)?)),
            "replyTo" => self.reply_to = Some(people(name, value)?),
            "internetMessageId" => self.internet_message_id = text(name, value)?,
            "internetMessageHeaders" => self.headers = headers(value)?,
            "attachments" => self.attachments = Attachment::read_all(value, now)?,
            "extensions" => self.custom.extensions = extension::read_all(value)?,
            "singleValueExtendedProperties" => self.custom.single = extended::single(value)?,
            "multiValueExtendedProperties" => self.custom.multiple = extended::multiple(value)?,
            _ => return self.take_mark(name, value, now),
        }
        Ok(())
    }

    /// Takes what the owner marks a message with.
    fn take_mark(&mut self, name: &str, value: &Value, now: DateTime<Utc>) -> Result<(), Refusal> {
        match name {
            "isRead" => self.is_read = Some(flag(name, value)?),
            "isDeliveryReceiptRequested" => self.delivery_receipt = Some(flag(name, value)?),
            "isReadReceiptRequested" => self.read_receipt = Some(flag(name, value)?),
            "importance" => self.importance = Some(one_of(name, value, &["low", "normal", "high"])?),
            "inferenceClassification" => self.is_other = Some(one_of(name, value, &["focused", "other"])? == "other"),
            "categories" => {
                if !Check::Texts.accepts(value) {
                    return Err(property::invalid(name));
                }
                let list = value.as_array().into_iter().flatten().filter_map(Value::as_str);
                self.categories = Some(list.map(str::to_owned).collect());
            }
            "flag" => self.flag = Some(follow_up(value, now)?),
            // What a message has besides is for the service to write.
            other if is_property(other) => return Err(property::read_only(other)),
            other => return Err(property::unknown(other, "message")),
        }
        Ok(())
    }

    /// Refuses what a message that exists does not take.
    pub fn check_update(&self, is_draft: bool) -> Result<(), Refusal> {
        if let Some(name) = self.at_creation {
            return Err(property::read_only(name));
        }
        match self.of_drafts.filter(|_| !is_draft) {
            Some(name) => {
                let message = format!("Update operation is not allowed on the property '{name}' of a sent message.");
                Err(Refusal::new(400, "ErrorInvalidPropertyUpdateSentMessage", message))
            }
            None => Ok(()),
        }
    }

    /// Whether recipients were written.
    pub fn names_recipients(&self) -> bool {
        !self.lines.is_empty()
    }

    /// Writes what was given.
    pub fn apply(self, message: &mut Message) {
        fn set<T>(target: &mut T, given: Option<T>) {
            if let Some(given) = given {
                *target = given;
            }
        }
        set(&mut message.subject, self.subject);
        set(&mut message.body, self.body);
        set(&mut message.importance, self.importance);
        set(&mut message.from, self.from);
        set(&mut message.reply_to, self.reply_to);
        set(&mut message.internet_message_id, self.internet_message_id);
        set(&mut message.is_read, self.is_read);
        set(&mut message.marks.categories, self.categories);
        match self.flag {
            Some(FlagChange::Set(flag)) => message.marks.flag = Some(flag),
            Some(FlagChange::Clear) => message.marks.flag = None,
            None => {}
        }
        set(&mut message.marks.is_other, self.is_other);
        set(&mut message.marks.delivery_receipt, self.delivery_receipt);
        set(&mut message.marks.read_receipt, self.read_receipt);
        for (line, people) in self.lines {
            message.recipients.retain(|known| known.line != line);
            message.recipients.extend(people.into_iter().map(|address| Recipient { address, line }));
        }
        message.recipients.sort_by_key(|recipient| recipient.line);
        message.headers.extend(self.headers);
        message.attachments.extend(self.attachments);
        message.custom.single.extend(self.custom.single);
        message.custom.multiple.extend(self.custom.multiple);
        message.custom.extensions.extend(self.custom.extensions);
    }
}

/// The refusal of more people than a message can have. DIFFERENCE: its code is
/// not documented.
pub(crate) fn too_many_recipients() -> Refusal {
    let message = format!("The number of recipients exceeds the limit of {RECIPIENTS_MAX}.");
    Refusal::new(400, "ErrorInvalidRecipients", message)
}

/// Whether a message has more people than it can have.
pub(crate) fn has_too_many(message: &Message) -> bool {
    message.recipients.len() > RECIPIENTS_MAX
}

fn text(name: &str, value: &Value) -> Result<Option<String>, Refusal> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        _ => Err(property::invalid(name)),
    }
}

fn flag(name: &str, value: &Value) -> Result<bool, Refusal> {
    value.as_bool().ok_or_else(|| property::invalid(name))
}

/// A member of an enumeration, which compares without case.
fn one_of(name: &str, value: &Value, members: &[&str]) -> Result<String, Refusal> {
    let given = value.as_str().map(str::to_ascii_lowercase);
    given.filter(|given| members.contains(&given.as_str())).ok_or_else(|| property::invalid(name))
}

/// Reads a `recipient`; `None` for null.
fn person(value: &Value) -> Result<Option<Address>, Refusal> {
    if value.is_null() {
        return Ok(None);
    }
    let email = value.get("emailAddress").or_else(|| value.get("EmailAddress"));
    let part = |lower: &str, upper: &str| {
        let value = email.and_then(|email| email.get(lower).or_else(|| email.get(upper)));
        value.and_then(Value::as_str).filter(|text| !text.trim().is_empty()).map(str::to_owned)
    };
    let address = part("address", "Address");
    let address = address.ok_or_else(|| {
        Refusal::new(400, "ErrorInvalidRecipients", "At least one recipient isn't valid: it has no address.")
    })?;
    Ok(Some(Address { name: part("name", "Name").unwrap_or_default(), address }))
}

/// Reads a list of recipients; nobody is in it twice.
pub(crate) fn people(name: &str, value: &Value) -> Result<Vec<Address>, Refusal> {
    let list = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(list) => list,
        _ => return Err(property::invalid(name)),
    };
    let mut people: Vec<Address> = Vec::new();
    for entry in list {
        let Some(address) = person(entry)? else { continue };
        if !people.iter().any(|known| same_name(&known.address, &address.address)) {
            people.push(address);
        }
    }
    Ok(people)
}

/// Reads `internetMessageHeaders`: only headers of the sender's own.
fn headers(value: &Value) -> Result<Vec<Header>, Refusal> {
    let list = value.as_array().ok_or_else(|| property::invalid("internetMessageHeaders"))?;
    if list.len() > HEADERS_MAX {
        let message =
            format!("Maximum number of headers in one message should be less than or equal to {HEADERS_MAX}.");
        return Err(Refusal::new(400, "InvalidInternetMessageHeaderCollection", message));
    }
    let read = |entry: &Value| {
        let part = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
        let (name, value) =
            part("name").zip(part("value")).ok_or_else(|| property::invalid("internetMessageHeaders"))?;
        if !name.to_ascii_lowercase().starts_with("x-") {
            let message = format!("The internet message header name '{name}' should start with 'x-' or 'X-'.");
            return Err(Refusal::new(400, "InvalidInternetMessageHeader", message));
        }
        Ok(Header { name, value })
    };
    list.iter().map(read).collect()
}

/// Reads a `followupFlag`. A start needs an end (resources/followupflag).
fn follow_up(value: &Value, now: DateTime<Utc>) -> Result<FlagChange, Refusal> {
    let given = value.as_object().ok_or_else(|| property::invalid("flag"))?;
    let known = ["flagStatus", "startDateTime", "dueDateTime", "completedDateTime"];
    if let Some(name) = given.keys().find(|name| !name.contains('@') && !known.contains(&name.as_str())) {
        return Err(property::unknown(name, "followupFlag"));
    }
    let at = |name: &str| match given.get(name).filter(|value| !value.is_null()) {
        None => Ok(None),
        Some(value) => {
            let read = moment(value, &format!("flag.{name}"))?;
            Ok(Some(zones::to_utc(read.wall, zone(&read.zone))))
        }
    };
    let (start, due, completed) = (at("startDateTime")?, at("dueDateTime")?, at("completedDateTime")?);
    let status = given.get("flagStatus").map(|value| one_of("flag", value, &["notflagged", "complete", "flagged"]));
    let status = status.transpose()?.unwrap_or_else(|| "flagged".to_owned());
    if start.is_some() && due.is_none() {
        return Err(Refusal::invalid_property("A flag with a startDateTime needs a dueDateTime."));
    }
    match status.as_str() {
        "notflagged" => Ok(FlagChange::Clear),
        "complete" => Ok(FlagChange::Set(Flag { is_complete: true, start, due, completed: completed.or(Some(now)) })),
        _ => Ok(FlagChange::Set(Flag { is_complete: false, start, due, completed: None })),
    }
}

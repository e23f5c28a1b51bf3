//! What can be attached to events, messages and tasks: files, items, and links
//! to files (resources/attachment and the three types made from it,
//! resources/taskfileattachment).
//!
//! Plain data, the one reader of what clients send, and what is answered of it.
//! Where attachments are kept is in `api::attachments` and `todo::attachment`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::calendar::input as event;
use super::calendar::output::{instant, object};
use super::mail::input::Input;
use super::property::{self, Check};
use super::reply::Refusal;
use super::state::State;

/// Bytes of a file that one request may bring (api/message-post-attachments,
/// api/event-post-attachments, api/todotask-post-attachments: smaller than
/// 3 MB). The smaller reading of a megabyte: with the larger one, the limit of a
/// request would come first.
pub(crate) const FILE_BYTES_MAX: usize = 3_000_000;

/// The type of a file of a task.
const OF_TASK: &str = "microsoft.graph.taskFileAttachment";

/// What all attachments of events and messages have; `size` is not written by
/// clients, but some send along what they have read before.
const OF_ALL: [&str; 4] = ["name", "contentType", "isInline", "size"];

/// What is attached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Content {
    /// A file, in base64.
    File { base64: String, size: usize },
    /// A message or an event as it was written.
    Item(Value),
    /// A link. Version 1.0 does not say where it leads.
    Reference,
}

/// An attachment of an event, a message or a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub(crate) struct Attachment {
    pub id: String,
    pub name: String,
    pub content_type: Option<String>,
    pub is_inline: bool,
    pub content_id: Option<String>,
    pub content: Content,
    pub modified: DateTime<Utc>,
}

/// An attachment in a file of the emulator: as it is written now, or as tasks
/// and events once kept theirs.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Now {
        id: String,
        name: String,
        content_type: Option<String>,
        is_inline: bool,
        content_id: Option<String>,
        content: Content,
        modified: DateTime<Utc>,
    },
    OfTask {
        file: PlainFile,
        modified: DateTime<Utc>,
    },
    OfEvent(PlainFile),
}

#[derive(Deserialize)]
struct PlainFile {
    id: String,
    name: String,
    content_type: String,
    size: usize,
    content: String,
}

impl From<Stored> for Attachment {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Now { id, name, content_type, is_inline, content_id, content, modified } => {
                Self { id, name, content_type, is_inline, content_id, content, modified }
            }
            Stored::OfTask { file, modified } => Self { modified, ..Self::from(file) },
            Stored::OfEvent(file) => Self::from(file),
        }
    }
}

impl From<PlainFile> for Attachment {
    fn from(file: PlainFile) -> Self {
        Self {
            id: file.id,
            name: file.name,
            content_type: Some(file.content_type),
            is_inline: false,
            content_id: None,
            content: Content::File { base64: file.content, size: file.size },
            // Nobody wrote it down.
            modified: DateTime::UNIX_EPOCH,
        }
    }
}

/// The id of a new attachment of an event or a message.
pub(crate) fn new_id(state: &mut State) -> String {
    let number = state.next_number();
    super::ids::attachment_id(number)
}

impl Attachment {
    /// A file; it has no id yet.
    pub fn file(name: String, content_type: Option<String>, bytes: &[u8], now: DateTime<Utc>) -> Self {
        let content = Content::File { base64: STANDARD.encode(bytes), size: bytes.len() };
        Self { id: String::new(), name, content_type, is_inline: false, content_id: None, content, modified: now }
    }

    /// The bytes of a file.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        match &self.content {
            Content::File { base64, .. } => STANDARD.decode(base64).ok(),
            Content::Item(_) | Content::Reference => None,
        }
    }

    /// The kind of content, which a file has one of even if nobody said which.
    pub fn served_as(&self) -> String {
        self.content_type.clone().unwrap_or_else(|| "application/octet-stream".to_owned())
    }

    /// The type of an attachment in the metadata.
    fn type_name(&self) -> &'static str {
        match self.content {
            Content::File { .. } => "#microsoft.graph.fileAttachment",
            Content::Item(_) => "#microsoft.graph.itemAttachment",
            Content::Reference => "#microsoft.graph.referenceAttachment",
        }
    }

    /// Size in bytes, with what belongs to the attachment besides its content.
    fn size(&self) -> usize {
        match &self.content {
            Content::File { size, .. } => *size,
            Content::Item(item) => item.to_string().len(),
            Content::Reference => self.name.len(),
        }
    }

    /// The attachment as it is answered. What an item is, is told only when it
    /// is expanded (api/attachment-get).
    pub fn write(&self, with_item: bool) -> Map<String, Value> {
        let mut map = object(json!({
            "@odata.type": self.type_name(),
            "@odata.mediaContentType": self.content_type,
            "id": self.id,
            "lastModifiedDateTime": instant(self.modified),
            "name": self.name,
            "contentType": self.content_type,
            "size": self.size(),
            "isInline": self.is_inline,
        }));
        if self.content_type.is_none() || !matches!(self.content, Content::File { .. }) {
            map.remove("@odata.mediaContentType");
        }
        match &self.content {
            Content::File { base64, .. } => {
                map.insert("contentId".to_owned(), json!(self.content_id));
                map.insert("contentLocation".to_owned(), Value::Null);
                map.insert("contentBytes".to_owned(), json!(base64));
            }
            Content::Item(item) if with_item => {
                map.insert("item".to_owned(), shown(item));
            }
            Content::Item(_) | Content::Reference => {}
        }
        map
    }

    /// A file of a task as it is answered; lists have no content
    /// (api/todotask-list-attachments).
    ///
    /// DIFFERENCE: the example of api/taskfileattachment-get has the file inside
    /// of `value`, as no other single resource is.
    pub fn write_of_task(&self, with_content: bool) -> Map<String, Value> {
        let mut map = object(json!({
            "@odata.type": format!("#{OF_TASK}"),
            "id": self.id,
            "lastModifiedDateTime": instant(self.modified),
            "name": self.name,
            "contentType": self.content_type,
            "size": self.size(),
        }));
        if let Content::File { base64, .. } = &self.content
            && with_content
        {
            map.insert("contentBytes".to_owned(), json!(base64));
        }
        map
    }

    /// Reads what a client attaches to an event or a message; it has no id yet.
    pub fn read(value: &Value, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let given = value.as_object().ok_or_else(Refusal::unreadable)?;
        let content = match type_of(given) {
            "microsoft.graph.fileAttachment" => {
                // Which of them a client may write is said nowhere;
                // `contentLocation` is not supported (resources/fileattachment).
                check(given, &OF_ALL, &["contentBytes", "contentId", "contentLocation"], "fileAttachment")?;
                read_file(given)?
            }
            "microsoft.graph.itemAttachment" => {
                check(given, &OF_ALL, &["item"], "itemAttachment")?;
                Content::Item(read_item(given.get("item").ok_or_else(|| missing("item"))?, now)?)
            }
            "microsoft.graph.referenceAttachment" => {
                check(given, &OF_ALL, &[], "referenceAttachment")?;
                Content::Reference
            }
            _ => return Err(unknown_type()),
        };
        Self::with(given, content, now)
    }

    /// Reads the attachments that come along with what they belong to.
    pub fn read_all(value: &Value, now: DateTime<Utc>) -> Result<Vec<Self>, Refusal> {
        let list = value.as_array().ok_or_else(|| property::invalid("attachments"))?;
        list.iter().map(|entry| Self::read(entry, now)).collect()
    }

    /// Reads a file of a task; it has no id yet.
    pub fn read_of_task(value: &Value, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let given = value.as_object().ok_or_else(Refusal::unreadable)?;
        if type_of(given) != OF_TASK {
            return Err(unknown_type());
        }
        check(given, &["name", "contentType", "size"], &["contentBytes"], "taskFileAttachment")?;
        Self::with(given, read_file(given)?, now)
    }

    fn with(given: &Map<String, Value>, content: Content, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let text = |name: &str| given.get(name).and_then(Value::as_str);
        let name = text("name").filter(|name| !name.is_empty());
        Ok(Self {
            id: String::new(),
            name: name.ok_or_else(|| missing("name"))?.to_owned(),
            content_type: text("contentType").map(str::to_owned),
            is_inline: given.get("isInline").and_then(Value::as_bool).unwrap_or(false),
            content_id: text("contentId").map(str::to_owned),
            content,
            modified: now,
        })
    }
}

/// The type that a request names.
fn type_of(given: &Map<String, Value>) -> &str {
    given.get("@odata.type").and_then(Value::as_str).unwrap_or_default().trim_start_matches('#')
}

/// Checks names and types of what was given: what all have, and what this type
/// has of its own.
fn check(given: &Map<String, Value>, shared: &[&str], own: &[&str], type_name: &str) -> Result<(), Refusal> {
    for (name, value) in given.iter().filter(|(name, _)| !name.contains('@')) {
        if matches!(name.as_str(), "id" | "lastModifiedDateTime") {
            return Err(property::read_only(name));
        }
        if !shared.contains(&name.as_str()) && !own.contains(&name.as_str()) {
            return Err(property::unknown(name, type_name));
        }
        let is_valid = match name.as_str() {
            "isInline" => Check::Flag.accepts(value),
            "size" => value.is_u64(),
            "item" => value.is_object(),
            _ => value.is_null() || Check::Text.accepts(value),
        };
        if !is_valid {
            return Err(property::invalid(name));
        }
    }
    Ok(())
}

fn read_file(given: &Map<String, Value>) -> Result<Content, Refusal> {
    let base64 = given.get("contentBytes").and_then(Value::as_str).ok_or_else(|| missing("contentBytes"))?;
    let bytes = STANDARD.decode(base64).map_err(|_| property::invalid("contentBytes"))?;
    if bytes.len() >= FILE_BYTES_MAX {
        return Err(too_large());
    }
    Ok(Content::File { base64: base64.to_owned(), size: bytes.len() })
}

/// Reads an attached item as a new one of its type is read
/// (resources/itemattachment).
fn read_item(item: &Value, now: DateTime<Utc>) -> Result<Value, Refusal> {
    let given = item.as_object().ok_or_else(|| property::invalid("item"))?;
    match type_of(given) {
        "microsoft.graph.message" => {
            Input::read(given, now)?;
        }
        "microsoft.graph.event" => {
            event::read_object(given, now)?;
        }
        "microsoft.graph.contact" => return Err(Refusal::not_emulated("Attaching a contact")),
        _ => return Err(property::invalid("item")),
    }
    Ok(item.clone())
}

fn unknown_type() -> Refusal {
    let message = "The type of an attachment is missing or not known. Set @odata.type.";
    Refusal::new(400, "ErrorInvalidRequest", message)
}

/// An attached item as it is answered: what a client sent, with its type as
/// answers write types, and with an id that leads nowhere (api/attachment-get,
/// example 3).
fn shown(item: &Value) -> Value {
    let mut shown = item.clone();
    if let Some(map) = shown.as_object_mut() {
        let named = format!("#{}", type_of(map));
        map.insert("@odata.type".to_owned(), json!(named));
        map.insert("id".to_owned(), json!(""));
    }
    shown
}

fn missing(name: &str) -> Refusal {
    Refusal::invalid_property(&format!("The property '{name}' of an attachment is missing."))
}

/// The refusal of a file that has to come through an upload session.
pub(crate) fn too_large() -> Refusal {
    Refusal::new(413, "ErrorMessageSizeExceeded", "The attachment is too large for one request.")
}

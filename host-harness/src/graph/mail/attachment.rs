//! What can be attached to a message: files, items, and links to files
//! (resources/attachment and the three types made from it).
//!
//! Plain data, and the one reader of what clients send.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::graph::calendar::output::{instant, object};
use crate::graph::property::{self, Check};
use crate::graph::reply::Refusal;

/// Bytes of a file that one request may bring (api/message-post-attachments:
/// smaller than 3 MB). The smaller reading of a megabyte, as for events.
pub(crate) const FILE_BYTES_MAX: usize = 3_000_000;

/// The types of items that can be attached (resources/itemattachment).
const ITEM_TYPES: [&str; 3] = ["microsoft.graph.message", "microsoft.graph.event", "microsoft.graph.contact"];

/// What is attached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Content {
    /// A file, in base64.
    File { base64: String, size: usize },
    /// A message, an event or a contact as it was written.
    Item(Value),
    /// A link. Version 1.0 does not say where it leads.
    Reference,
}

/// An attachment of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Attachment {
    pub id: String,
    pub name: String,
    pub content_type: Option<String>,
    pub is_inline: bool,
    pub content_id: Option<String>,
    pub content: Content,
    pub modified: DateTime<Utc>,
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

    /// The type of an attachment in the metadata.
    pub fn type_name(&self) -> &'static str {
        match self.content {
            Content::File { .. } => "#microsoft.graph.fileAttachment",
            Content::Item(_) => "#microsoft.graph.itemAttachment",
            Content::Reference => "#microsoft.graph.referenceAttachment",
        }
    }

    /// Size in bytes, with what belongs to the attachment besides its content.
    pub fn size(&self) -> usize {
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

    /// Reads what a client attaches; it has no id yet.
    pub fn read(value: &Value, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let given = value.as_object().ok_or_else(Refusal::unreadable)?;
        let type_name = given.get("@odata.type").and_then(Value::as_str).unwrap_or_default().trim_start_matches('#');
        let (type_name, own): (&str, &[&str]) = match type_name {
            "microsoft.graph.fileAttachment" => ("fileAttachment", &["contentBytes", "contentId", "contentLocation"]),
            "microsoft.graph.itemAttachment" => ("itemAttachment", &["item"]),
            "microsoft.graph.referenceAttachment" => ("referenceAttachment", &[]),
            _ => {
                let message = "The type of an attachment is missing or not known. Set @odata.type.";
                return Err(Refusal::new(400, "ErrorInvalidRequest", message));
            }
        };
        check(given, own, type_name)?;
        let text = |name: &str| given.get(name).and_then(Value::as_str);
        let name = text("name").filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| missing("name"))?.to_owned();
        Ok(Self {
            id: String::new(),
            name,
            content_type: text("contentType").map(str::to_owned),
            is_inline: given.get("isInline").and_then(Value::as_bool).unwrap_or(false),
            content_id: text("contentId").map(str::to_owned),
            content: read_content(given, type_name)?,
            modified: now,
        })
    }
}

/// Checks names and types of what was given.
fn check(given: &Map<String, Value>, own: &[&str], type_name: &str) -> Result<(), Refusal> {
    for (name, value) in given.iter().filter(|(name, _)| !name.contains('@')) {
        let is_valid = match name.as_str() {
            "name" | "contentType" => value.is_null() || Check::Text.accepts(value),
            "isInline" => Check::Flag.accepts(value),
            // Some clients send along what they have read before.
            "size" => value.is_u64(),
            "id" | "lastModifiedDateTime" => return Err(property::read_only(name)),
            "item" if own.contains(&"item") => value.is_object(),
            other if own.contains(&other) => value.is_null() || Check::Text.accepts(value),
            other => return Err(property::unknown(other, type_name)),
        };
        if !is_valid {
            return Err(property::invalid(name));
        }
    }
    Ok(())
}

fn read_content(given: &Map<String, Value>, type_name: &str) -> Result<Content, Refusal> {
    match type_name {
        "fileAttachment" => {
            let base64 = given.get("contentBytes").and_then(Value::as_str).ok_or_else(|| missing("contentBytes"))?;
            let bytes = STANDARD.decode(base64).map_err(|_| property::invalid("contentBytes"))?;
            if bytes.len() >= FILE_BYTES_MAX {
                return Err(too_large());
            }
            Ok(Content::File { base64: base64.to_owned(), size: bytes.len() })
        }
        "itemAttachment" => {
            let item = given.get("item").ok_or_else(|| missing("item"))?;
            let item_type = item.get("@odata.type").and_then(Value::as_str).unwrap_or_default().trim_start_matches('#');
            if !ITEM_TYPES.contains(&item_type) {
                return Err(property::invalid("item"));
            }
            Ok(Content::Item(item.clone()))
        }
        _ => Ok(Content::Reference),
    }
}

/// An attached item as it is answered: what a client sent, with its type as
/// answers write types, and with an id that leads nowhere (api/attachment-get,
/// example 3).
fn shown(item: &Value) -> Value {
    let mut shown = item.clone();
    if let Some(map) = shown.as_object_mut() {
        let named = map.get("@odata.type").and_then(Value::as_str).unwrap_or_default().trim_start_matches('#');
        let named = format!("#{named}");
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

//! What of an event is answered: `$select` and `$expand`
//! (resources/event, concepts/query-parameters).
//!
//! Names are checked against the type as the cloud at hand has it, so that a
//! client which asks for too much is refused as the service refuses it.
//!
//! DIFFERENCE: the metadata calls `cancelledOccurrences` not nullable. Here it
//! is absent unless it was selected on `GET …/events/{master}`, which is the
//! one place where the documentation promises it, and a client that reads it
//! anywhere else is found out.

use serde_json::{Map, Value, json};

use super::Context;
use super::event_filter::{extended_entries, extended_lists, quoted_extended_ids};
use super::{attachments, extensions, inside};
use crate::graph::behaviour::Cloud;
use crate::graph::calendar::instance::{Instance, Kind, occurrence};
use crate::graph::calendar::output::{self, View};
use crate::graph::extension::Wanted;
use crate::graph::ids;
use crate::graph::model::{Change, Event};
use crate::graph::reply::Refusal;
use crate::graph::types::TYPES;

/// The properties of `event` in the metadata of version 1.0, in lower case.
const PROPERTIES: [&str; 44] = [
    "id",
    "allownewtimeproposals",
    "attendees",
    "body",
    "bodypreview",
    "cancelledoccurrences",
    "categories",
    "changekey",
    "createddatetime",
    "end",
    "hasattachments",
    "hideattendees",
    "icaluid",
    "importance",
    "isallday",
    "iscancelled",
    "isdraft",
    "isonlinemeeting",
    "isorganizer",
    "isreminderon",
    "lastmodifieddatetime",
    "location",
    "locations",
    "onlinemeeting",
    "onlinemeetingprovider",
    "onlinemeetingurl",
    "organizer",
    "originalendtimezone",
    "originalstart",
    "originalstarttimezone",
    "recurrence",
    "reminderminutesbeforestart",
    "responserequested",
    "responsestatus",
    "sensitivity",
    "seriesmasterid",
    "showas",
    "start",
    "subject",
    "transactionid",
    "type",
    "weblink",
    "exceptionoccurrences",
    "instances",
];

/// Further relations of `event`, in lower case.
const RELATIONS: [&str; 5] =
    ["attachments", "calendar", "extensions", "multivalueextendedproperties", "singlevalueextendedproperties"];

/// The two that exist on masters only, and not in every cloud.
const CANCELLED: &str = "cancelledoccurrences";
const EXCEPTIONS: &str = "exceptionoccurrences";

/// Options that an expanded relation can have (`OData` URL Conventions 4.01,
/// section 5.1.3.1).
const OF_EXPAND: [&str; 9] =
    ["$select", "$expand", "$filter", "$orderby", "$top", "$skip", "$count", "$search", "$levels"];

/// Whether an event has a property or a relation of this name in lower case.
pub(crate) fn is_property(name: &str) -> bool {
    PROPERTIES.contains(&name) || RELATIONS.contains(&name)
}

/// What is asked of each event.
#[derive(Clone, Debug, Default)]
pub(crate) struct Projection {
    /// Names in lower case; `None` for all.
    select: Option<Vec<String>>,
    /// Ids of single-value extended properties.
    extended: Vec<String>,
    /// Ids of extended properties with several values.
    extended_lists: Vec<String>,
    /// What of each attachment, where they are expanded.
    attachments: Option<attachments::Shape>,
    /// Open extensions, where they are expanded.
    extensions: Option<Wanted>,
    /// What is asked of the expanded exceptions of a series.
    exceptions: Option<Box<Projection>>,
}

impl Projection {
    /// Reads the options of a request.
    pub fn read(context: &Context<'_>, cloud: Cloud) -> Result<Self, Refusal> {
        let query = &context.call.query;
        inside::EVENTS.require(context, query)?;
        Self::parse(query.get("$select"), query.get("$expand"), cloud)
    }

    /// Reads the options of an event that is expanded of something else, such as
    /// `$select=subject;$expand=…`.
    pub fn behind(context: &Context<'_>, options: &str, cloud: Cloud) -> Result<Self, Refusal> {
        inside::EVENTS.require_nested(context, options)?;
        Self::nested(options, cloud)
    }

    fn nested(options: &str, cloud: Cloud) -> Result<Self, Refusal> {
        require_options(options, &["$select", "$expand"])?;
        Self::parse(nested_option(options, "$select"), nested_option(options, "$expand"), cloud)
    }

    /// What is answered to a create: everything, and the open extensions that
    /// were made along (api/opentypeextension-post-opentypeextension). Extended
    /// properties are not, whatever was written
    /// (api/singlevaluelegacyextendedproperty-post-singlevalueextendedproperties).
    pub fn of_creation(with_extensions: bool) -> Self {
        Self { extensions: with_extensions.then(Wanted::default), ..Self::default() }
    }

    fn parse(select: Option<&str>, expand: Option<&str>, cloud: Cloud) -> Result<Self, Refusal> {
        let mut projection = Self { select: read_select(select, cloud)?, ..Self::default() };
        for entry in split(expand.unwrap_or_default(), ',') {
            projection.expand(entry, cloud)?;
        }
        Ok(projection)
    }

    /// Takes one entry of `$expand`, such as `name($option=value;…)`.
    fn expand(&mut self, entry: &str, cloud: Cloud) -> Result<(), Refusal> {
        let (name, options) = match entry.split_once('(') {
            Some((name, rest)) => {
                (name, rest.strip_suffix(')').ok_or_else(|| parsing_failed("unbalanced parentheses"))?)
            }
            None => (entry, ""),
        };
        let option = |wanted: &str| only_option(options, wanted);
        match name.trim().to_ascii_lowercase().as_str() {
            "singlevalueextendedproperties" => {
                self.extended.extend(quoted_extended_ids(option("$filter")?.unwrap_or_default())?);
            }
            "multivalueextendedproperties" => {
                self.extended_lists.extend(quoted_extended_ids(option("$filter")?.unwrap_or_default())?);
            }
            "attachments" => self.attachments = Some(attachments::Shape::expanded(option("$select")?)?),
            "extensions" => self.extensions = Some(Wanted::read(option("$filter")?)?),
            EXCEPTIONS if cloud.lists_changed_occurrences() => {
                self.exceptions = Some(Box::new(Self::nested(options, cloud)?));
            }
            "instances" => return Err(Refusal::not_emulated("$expand=instances on events")),
            other if RELATIONS.contains(&other) => {
                return Err(Refusal::not_emulated(&format!("$expand={other} on events")));
            }
            _ => return Err(unknown_property(name.trim())),
        }
        Ok(())
    }

    fn selects(&self, name: &str) -> bool {
        self.select.as_ref().is_some_and(|names| names.iter().any(|known| known == name))
    }

    /// Writes an event as it stands in a list or in an answer to a write.
    pub fn write(&self, instance: &Instance<'_>, view: &View) -> Map<String, Value> {
        let mut map = output::full(instance, view);
        if let Some(names) = &self.select {
            // The id and the annotations always stay.
            map.retain(|name, _| {
                name == "id" || name.starts_with('@') || names.iter().any(|known| name.eq_ignore_ascii_case(known))
            });
        }
        let entries = extended_entries(instance, &self.extended);
        if !entries.is_empty() {
            map.insert("singleValueExtendedProperties".to_owned(), Value::Array(entries));
        }
        let lists = extended_lists(instance, &self.extended_lists);
        if !lists.is_empty() {
            map.insert("multiValueExtendedProperties".to_owned(), Value::Array(lists));
        }
        if let Some(shape) = &self.attachments {
            let written = attachments::of(instance).iter().map(|file| Value::Object(shape.write(file)));
            map.insert("attachments".to_owned(), written.collect());
        }
        if let Some(wanted) = &self.extensions {
            map.insert("extensions".to_owned(), wanted.write(extensions::of(instance)));
        }
        map
    }

    /// Writes an event that was asked for by its id: the master of a series
    /// tells of its changed occurrences. `cancelledOccurrences` needs
    /// `$select`, `exceptionOccurrences` needs `$select` and `$expand`.
    pub fn write_one(&self, instance: &Instance<'_>, view: &View) -> Map<String, Value> {
        let mut map = self.write(instance, view);
        let Kind::Master = instance.kind else {
            return map;
        };
        if self.selects(CANCELLED) {
            map.insert("cancelledOccurrences".to_owned(), json!(cancelled(instance.event, view)));
        }
        if let Some(nested) = self.exceptions.as_ref().filter(|_| self.selects(EXCEPTIONS)) {
            let dates = instance.event.exceptions.keys();
            let changed = dates.filter_map(|date| occurrence(instance.event, *date));
            let list: Vec<Value> = changed.map(|instance| Value::Object(nested.write(&instance, view))).collect();
            map.insert("exceptionOccurrences".to_owned(), json!(list));
        }
        map
    }
}

/// One of the options in the parentheses of `$expand`.
pub(super) fn nested_option<'a>(options: &'a str, wanted: &str) -> Option<&'a str> {
    let mut pairs = split(options, ';').into_iter().filter_map(|text| text.split_once('='));
    pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
}

/// The value of the one option that an expanded relation takes here.
pub(crate) fn only_option<'a>(options: &'a str, known: &str) -> Result<Option<&'a str>, Refusal> {
    require_options(options, &[known])?;
    Ok(nested_option(options, known))
}

/// Refuses options of an expanded relation that are not in `known`: as the
/// service does if there are none of that name.
fn require_options(options: &str, known: &[&str]) -> Result<(), Refusal> {
    for term in split(options, ';') {
        let name = term.split('=').next().unwrap_or_default().trim().to_ascii_lowercase();
        if OF_EXPAND.contains(&name.as_str()) && !known.contains(&name.as_str()) {
            return Err(Refusal::not_emulated(&format!("The option {name} of an expanded relation")));
        }
        if !known.contains(&name.as_str()) {
            return Err(parsing_failed(&format!("Term '{name}' is not valid in a $select or $expand expression.")));
        }
    }
    Ok(())
}

/// `OID.{master}.{date}`, the date being that of the series in its own zone.
fn cancelled(event: &Event, view: &View) -> Vec<String> {
    let master = ids::item_id(event.number, event.moves, None, view.form);
    let gone = event.exceptions.iter().filter(|(_, change)| matches!(change, Change::Cancelled));
    gone.map(|(date, _)| format!("OID.{master}.{date}")).collect()
}

fn read_select(select: Option<&str>, cloud: Cloud) -> Result<Option<Vec<String>>, Refusal> {
    let Some(select) = select.filter(|select| !select.trim().is_empty()) else {
        return Ok(None);
    };
    let mut names = Vec::new();
    for entry in select.split(',') {
        // Generated clients qualify names with their type.
        let name = entry.trim().trim_start_matches("microsoft.graph.event/");
        let lower = name.split('/').next().unwrap_or_default().to_ascii_lowercase();
        let is_missing = matches!(lower.as_str(), CANCELLED | EXCEPTIONS) && !cloud.lists_changed_occurrences();
        let is_known = PROPERTIES.contains(&lower.as_str()) || RELATIONS.contains(&lower.as_str());
        match lower.as_str() {
            "*" => return Ok(None),
            _ if is_known && !is_missing && TYPES.has_path("event", name) => names.push(lower),
            _ => return Err(unknown_property(name)),
        }
    }
    Ok(Some(names))
}

fn unknown_property(name: &str) -> Refusal {
    parsing_failed(&format!("Could not find a property named '{name}' on type 'microsoft.graph.event'."))
}

/// The refusal of a `$select` or `$expand` that cannot be read.
pub(crate) fn parsing_failed(detail: &str) -> Refusal {
    Refusal::new(400, "BadRequest", format!("Parsing OData Select and Expand failed: {detail}"))
}

/// Splits at a separator outside of quotes and parentheses; empty pieces are
/// passed over.
pub(crate) fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut pieces, mut depth, mut quoted, mut from) = (Vec::new(), 0_usize, false, 0);
    for (at, character) in text.char_indices() {
        match character {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ if character == separator && !quoted && depth == 0 => {
                pieces.push(text.get(from..at).unwrap_or_default());
                from = at + character.len_utf8();
            }
            _ => {}
        }
    }
    pieces.push(text.get(from..).unwrap_or_default());
    pieces.into_iter().map(str::trim).filter(|piece| !piece.is_empty()).collect()
}

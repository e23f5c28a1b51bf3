//! What of events can be compared in `$filter` and `$orderby`
//! (api/user-list-events), and what the service says to anything else, where its
//! words are known: microsoft-graph-docs-contrib#292, #3982, #6058 and #8066.

use serde_json::Value;

use super::filter::{Comparable, Operand, Vocabulary};
use super::projection;
use crate::graph::calendar::instance::{Instance, Kind, instants};
use crate::graph::calendar::output;
use crate::graph::extended;
use crate::graph::reply::Refusal;

/// Events, as far as they can be compared here.
pub(crate) const EVENTS: Vocabulary = Vocabulary {
    paths: &[
        "start/datetime",
        "end/datetime",
        "icaluid",
        "subject",
        "createddatetime",
        "lastmodifieddatetime",
        "isallday",
        "iscancelled",
        "isorganizer",
        "isonlinemeeting",
        "isreminderon",
        "hasattachments",
        "importance",
        "sensitivity",
        "showas",
        "type",
        "seriesmasterid",
        "transactionid",
    ],
    has_extended: true,
    folds_texts: false,
    refuse: refused,
};

/// What the service is known not to compare.
const NOT_FILTERED: [&str; 2] = ["Id", "Recurrence"];

fn refused(text: &str) -> Refusal {
    let shape: String = text.split('\'').step_by(2).collect::<Vec<_>>().join("'…'");
    let lower = shape.to_ascii_lowercase();
    let begins = lower.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(lower.len());
    let name = lower.get(..begins).unwrap_or_default();
    if lower.contains("/any(") || lower.contains("/all(") {
        let message = format!("'{shape}' is not a supported filter expression.");
        return Refusal::new(400, "UnsupportedEntityExpression", message);
    }
    if let Some(known) = NOT_FILTERED.iter().find(|known| known.eq_ignore_ascii_case(name)) {
        let message = format!("The property '{known}' does not support filtering.");
        return Refusal::new(400, "ErrorInvalidProperty", message);
    }
    let is_function = lower.get(begins..).is_some_and(|rest| rest.starts_with('('));
    if !is_function && !projection::is_property(name) {
        let message = format!("Could not find a property named '{name}' on type 'microsoft.graph.event'.");
        return Refusal::new(400, "BadRequest", message);
    }
    Refusal::not_emulated(&format!("The filter `{shape}` on events"))
}

impl Comparable for Instance<'_> {
    fn operand(&self, path: &str) -> Option<Operand> {
        event_operand(self, path)
    }

    fn extended(&self, id: &str) -> Option<&str> {
        extended_value(self, id)
    }
}

fn event_operand(instance: &Instance<'_>, path: &str) -> Option<Operand> {
    let event = instance.event;
    let text = |text: &str| Operand::Text(text.to_owned());
    match path {
        "start/datetime" => Some(Operand::At(instants(&instance.span).start)),
        "end/datetime" => Some(Operand::At(instants(&instance.span).end)),
        "createddatetime" => Some(Operand::At(event.created)),
        "lastmodifieddatetime" => Some(Operand::At(event.modified)),
        "isallday" => Some(Operand::Flag(instance.span.all_day)),
        "iscancelled" => Some(Operand::Flag(instance.is_cancelled())),
        "isorganizer" => Some(Operand::Flag(event.is_organizer)),
        "transactionid" => event.transaction.as_ref().map(|transaction| text(&transaction.id)),
        _ => {
            // The rest is compared as it is answered.
            let written = output::full(instance, &output::View::plain());
            let found = written.iter().find(|(name, _)| name.eq_ignore_ascii_case(path));
            found.and_then(|(_, value)| value.as_str().map(text).or_else(|| value.as_bool().map(Operand::Flag)))
        }
    }
}

/// The value of an extended property of an instance; an exception has its own
/// and those of the series.
pub(crate) fn extended_value<'a>(instance: &Instance<'a>, id: &str) -> Option<&'a str> {
    let own = match instance.kind {
        Kind::Exception(_, changed) => changed.extended.get(id),
        Kind::Single | Kind::Master | Kind::Occurrence(_) => None,
    };
    own.or_else(|| instance.event.extended.get(id)).map(String::as_str)
}

/// The ids in the filter of
/// `$expand=singleValueExtendedProperties($filter=id eq '…')`.
pub(crate) fn quoted_extended_ids(filter: &str) -> Result<Vec<String>, Refusal> {
    let quoted: Vec<String> = filter.split('\'').skip(1).step_by(2).filter_map(extended::id).collect();
    if quoted.is_empty() {
        return Err(Refusal::invalid_parameter("Extended properties are expanded with a $filter on their id."));
    }
    Ok(quoted)
}

/// An extended property as it is answered.
pub(crate) fn extended_entries(instance: &Instance<'_>, wanted: &[String]) -> Vec<Value> {
    let present = wanted.iter().filter_map(|id| extended_value(instance, id).map(|value| (id, value)));
    present.map(|(id, value)| serde_json::json!({ "id": id, "value": value })).collect()
}

/// An extended property of several values as it is answered.
pub(crate) fn extended_lists(instance: &Instance<'_>, wanted: &[String]) -> Vec<Value> {
    let own = match instance.kind {
        Kind::Exception(_, changed) => Some(&changed.extended_lists),
        Kind::Single | Kind::Master | Kind::Occurrence(_) => None,
    };
    let value = |id: &String| own.and_then(|own| own.get(id)).or_else(|| instance.event.extended_lists.get(id));
    let present = wanted.iter().filter_map(|id| value(id).map(|value| (id, value)));
    present.map(|(id, value)| serde_json::json!({ "id": id, "value": value })).collect()
}

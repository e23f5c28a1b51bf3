//! Query options that a collection or an item understands, and what becomes of
//! the others (concepts/query-parameters): nothing that a read asks is passed over
//! in silence. Whoever answers a read has its options checked here; `api::answer`
//! asserts it. To a write the options of `OData` say nothing, whichever they are,
//! because they "are supported in only GET operations"; `call::Query::get` sees to
//! that for all of them but `$select` of a task, which the service refuses in a
//! change, too (`api::todo::tasks`).
//!
//! DIFFERENCE: how a write is answered that has some is not said. A `$select` of a
//! new user has been seen to be honoured (msgraph-sdk-dotnet#1760), those of
//! `getSchedule` to be passed over (microsoft-graph-docs#4902). Here all are passed
//! over.
//!
//! Names without the sign in front are understood by a part of version 1.0
//! that is not named; here they are refused, so that a client which relies on
//! them is found out. Options of one's own, without the sign, are ignored as
//! `OData` has it.

use super::Context;
use super::projection::parsing_failed;
use crate::graph::call::Call;
use crate::graph::reply::Refusal;
use crate::graph::types::TYPES;

/// What `OData` knows as options of the service, in lower case.
const SYSTEM: [&str; 10] =
    ["$select", "$expand", "$filter", "$top", "$skip", "$orderby", "$count", "$search", "$skiptoken", "$deltatoken"];

/// What decides how many items there are. The other options make a page of them,
/// which a count (`…/$count`) does not have.
const OF_COUNT: [&str; 2] = ["$filter", "$search"];

/// Concerns the form of the answer, wherever it stands.
const FORMAT: &str = "$format";

/// What the service refuses on a resource, and what is here.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    /// Options that are understood.
    known: &'static [&'static str],
    /// Options that the service does not support there.
    unsupported: &'static [&'static str],
    /// The resource whose changes are asked for, as a refusal names it.
    tracked: Option<&'static str>,
    /// The type whose properties `$select` names, where nobody else looks at it.
    selects: Option<&'static str>,
}

impl Options {
    /// Options of which the service has these and no others.
    pub const fn only(known: &'static [&'static str]) -> Self {
        Self::of(known, &SYSTEM)
    }

    /// Options of a round about the changes of a resource, and no others.
    pub const fn of_changes(tracked: &'static str, known: &'static [&'static str]) -> Self {
        Self { tracked: Some(tracked), ..Self::of(known, &SYSTEM) }
    }

    /// Options of which these are here, and these are nowhere.
    pub const fn of(known: &'static [&'static str], unsupported: &'static [&'static str]) -> Self {
        Self { known, unsupported, tracked: None, selects: None }
    }

    /// The same, where `$select` names properties of a type.
    pub const fn selecting(self, type_name: &'static str) -> Self {
        Self { selects: Some(type_name), ..self }
    }

    /// Refuses a request with other options; `what` names the resource.
    pub fn check(&self, context: &Context<'_>, what: &str) -> Result<(), Refusal> {
        self.check_call(context.call, what)
    }

    /// The same for a call that is on no mailbox.
    pub fn check_call(&self, call: &Call, what: &str) -> Result<(), Refusal> {
        if call.method != "GET" {
            return Ok(());
        }
        call.query.examined();
        let names: Vec<&str> = call.query.names().collect();
        let counts = call.words().last() == Some(&"$count");
        for (at, name) in names.iter().enumerate() {
            let is_system = SYSTEM.contains(name) || *name == FORMAT;
            if is_system && names.iter().skip(at + 1).any(|other| other == name) {
                return Err(Refusal::new(
                    400,
                    "BadRequest",
                    format!(
                        "Query option '{name}' was specified more than once, but it must be specified at most once."
                    ),
                ));
            }
            let is_of_page = counts && !OF_COUNT.contains(name);
            if *name == FORMAT || (self.known.contains(name) && !is_of_page) {
                continue;
            }
            let is_bare = SYSTEM.iter().any(|known| known.strip_prefix('$') == Some(name));
            if is_bare {
                return Err(Refusal::not_emulated(&format!("The query option {name} without $ on {what}")));
            }
            if is_system && !is_of_page && !self.unsupported.contains(name) {
                return Err(Refusal::not_emulated(&format!("The query option {name} on {what}")));
            }
            if name.starts_with('$') {
                return Err(self.tracked.map_or_else(|| unsupported(name), |tracked| untracked(name, tracked)));
            }
        }
        self.selects.map_or(Ok(()), |type_name| check_select(call.query.get("$select"), type_name))
    }
}

/// Refuses names that are none of a type's. What only a type has that is made from
/// it stands behind the name of that one, such as
/// `microsoft.graph.fileAttachment/contentBytes` (microsoft-graph-explorer-v4#3916).
pub(crate) fn check_select(select: Option<&str>, type_name: &str) -> Result<(), Refusal> {
    let is_known = |name: &str| match cast(name) {
        Some((made, path)) => TYPES.made_from(type_name, &made).is_some_and(|made| TYPES.has_path(made, path)),
        None => TYPES.has_path(type_name, name),
    };
    let mut names = select.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty());
    match names.find(|name| *name != "*" && !is_known(name)) {
        Some(name) => {
            let detail = format!("Could not find a property named '{name}' on type 'microsoft.graph.{type_name}'.");
            Err(parsing_failed(&detail))
        }
        None => Ok(()),
    }
}

/// Type and name of `microsoft.graph.{type}/{name}`, the type in lower case.
pub(crate) fn cast(text: &str) -> Option<(String, &str)> {
    let (type_name, name) = text.split_once('/')?;
    let type_name = type_name.to_ascii_lowercase();
    type_name.strip_prefix("microsoft.graph.").map(|type_name| (type_name.to_owned(), name))
}

/// The refusal of an option that the service does not have there.
///
/// DIFFERENCE: which code comes with it is documented nowhere.
fn unsupported(name: &str) -> Refusal {
    Refusal::new(400, "BadRequest", format!("The query parameter '{name}' is not supported."))
}

/// The refusal of an option that a round about changes does not have.
pub(crate) fn untracked(name: &str, tracked: &str) -> Refusal {
    let message = format!(
        "The following parameters are not supported with change tracking over the '{tracked}' resource: '{name}'."
    );
    Refusal::new(400, "ErrorInvalidUrlQuery", message)
}

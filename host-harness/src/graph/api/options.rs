//! Query options that a collection or an item understands, and what becomes of
//! the others (concepts/query-parameters): nothing is passed over in silence.
//!
//! Names without the sign in front are understood by a part of version 1.0
//! that is not named; here they are refused, so that a client which relies on
//! them is found out. Options of one's own, without the sign, are ignored as
//! `OData` has it.

use super::Context;
use crate::graph::call::Call;
use crate::graph::reply::Refusal;

/// What `OData` knows as options of the service, in lower case.
const SYSTEM: [&str; 10] =
    ["$select", "$expand", "$filter", "$top", "$skip", "$orderby", "$count", "$search", "$skiptoken", "$deltatoken"];

/// Concerns the form of the answer, wherever it stands.
const FORMAT: &str = "$format";

/// What the service refuses on a resource, and what is here.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    /// Options that are understood.
    pub known: &'static [&'static str],
    /// Options that the service does not support there.
    pub unsupported: &'static [&'static str],
}

impl Options {
    /// Options of which the service has these and no others.
    pub const fn only(known: &'static [&'static str]) -> Self {
        Self { known, unsupported: &SYSTEM }
    }

    /// Options of which these are here, and these are nowhere.
    pub const fn of(known: &'static [&'static str], unsupported: &'static [&'static str]) -> Self {
        Self { known, unsupported }
    }

    /// Refuses a request with other options; `what` names the resource.
    pub fn check(&self, context: &Context<'_>, what: &str) -> Result<(), Refusal> {
        self.check_call(context.call, what)
    }

    /// The same for a call that is on no mailbox.
    pub fn check_call(&self, call: &Call, what: &str) -> Result<(), Refusal> {
        let names: Vec<&str> = call.query.names().collect();
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
            if *name == FORMAT || self.known.contains(name) {
                continue;
            }
            let is_bare = SYSTEM.iter().any(|known| known.strip_prefix('$') == Some(name));
            if is_bare {
                return Err(Refusal::not_emulated(&format!("The query option {name} without $ on {what}")));
            }
            if is_system && !self.unsupported.contains(name) {
                return Err(Refusal::not_emulated(&format!("The query option {name} on {what}")));
            }
            if name.starts_with('$') {
                return Err(unsupported(name));
            }
        }
        Ok(())
    }
}

/// The refusal of an option that the service does not have there.
///
/// DIFFERENCE: which code comes with it is documented nowhere.
fn unsupported(name: &str) -> Refusal {
    Refusal::new(400, "BadRequest", format!("The query parameter '{name}' is not supported."))
}

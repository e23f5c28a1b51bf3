//! Do the links of a list lead on: to this service, to the same kind of items, and
//! with a token that says where (`OData` JSON Format 4.01, section 4.6.5;
//! concepts/paging, concepts/delta-query-overview)?

use std::collections::BTreeMap;

use bytes::Bytes;

use super::route::{self, Target};
use super::schema::{Kind, Schema};
use crate::graph::call::Call;

/// The two links that a list can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// To the next page.
    Next,
    /// To what changes from now on.
    Delta,
}

impl Link {
    /// As the list has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Next => "@odata.nextLink",
            Self::Delta => "@odata.deltaLink",
        }
    }

    /// Whether the address leads on from the list of `kind` that a call got.
    pub fn leads_on(self, schema: &Schema, call: &Call, kind: Kind, is_round: bool, address: &str) -> bool {
        let Some(target) = here(call, address) else { return false };
        let next = Call::new("GET", target, BTreeMap::new(), Bytes::new());
        let has = |option: &str| next.query.get(option).is_some_and(|value| !value.is_empty());
        let same = |number| kind.structure() == Some(number);
        match (self, route::resolve(schema, &next.segments).map(|route| route.target)) {
            (Self::Next, Ok(Target::Collection(number, _))) => {
                !is_round && same(number) && (has("$skip") || has("$skiptoken"))
            }
            (_, Ok(Target::Operation(operation))) if operation.name == "delta" => {
                let token = if self == Self::Next { "$skiptoken" } else { "$deltatoken" };
                is_round && operation.returns.and_then(Kind::structure).is_some_and(same) && has(token)
            }
            (_, _) => false,
        }
    }
}

/// The target of an address of the service that was asked.
fn here<'a>(call: &Call, address: &'a str) -> Option<&'a str> {
    let (scheme, rest) = address.split_once("://")?;
    let (authority, _) = rest.split_once('/')?;
    let (root, target) = address.split_at_checked(scheme.len() + 3 + authority.len())?;
    let is_here = call.origin.as_ref().is_none_or(|origin| origin == root);
    (matches!(scheme, "http" | "https") && is_here).then_some(target)
}

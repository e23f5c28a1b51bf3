//! Do the links of a list lead on: to this service, to the same list, asked for what
//! it was asked for, and from a later place; of a round, to one of the same kind of
//! items, with a token that says where (`OData` JSON Format 4.01, section 4.6.5;
//! concepts/paging, concepts/delta-query-overview)?

use std::collections::BTreeMap;

use bytes::Bytes;

use super::address::here;
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
            (Self::Next, Ok(Target::Collection(number, _))) => !is_round && same(number) && is_further_on(call, &next),
            (_, Ok(Target::Operation(operation))) if operation.name == "delta" => {
                let token = if self == Self::Next { "$skiptoken" } else { "$deltatoken" };
                is_round && operation.returns.and_then(Kind::structure).is_some_and(same) && has(token)
            }
            (_, _) => false,
        }
    }
}

/// Where a page of a list begins.
#[derive(Debug, PartialEq, Eq)]
enum Start<'c> {
    After(u64),
    /// Where the service says.
    At(&'c str),
}

impl<'c> Start<'c> {
    fn of(call: &'c Call) -> Self {
        let skipped = || call.query.get("$skip").and_then(|skip| skip.parse().ok()).unwrap_or(0);
        let token = call.query.get("$skiptoken").filter(|token| !token.is_empty());
        token.map_or_else(|| Self::After(skipped()), Self::At)
    }

    fn is_before(&self, next: &Self) -> bool {
        match (self, next) {
            (Self::After(before), Self::After(after)) => before < after,
            (_, Self::At(_)) => self != next,
            (Self::At(_), Self::After(_)) => false,
        }
    }
}

/// Whether a request asks for the same list as another one, from a later place on.
fn is_further_on(call: &Call, next: &Call) -> bool {
    let others = |call: &Call| {
        let mut asked = call.query.to_map();
        asked.retain(|name, _| !matches!(name.as_str(), "$skip" | "$skiptoken"));
        asked
    };
    let is_same_list = call.segments == next.segments && others(call) == others(next);
    is_same_list && Start::of(call).is_before(&Start::of(next))
}

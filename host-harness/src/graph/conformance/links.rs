//! Do the links of a list lead on: to this service, to the same list, asked for what
//! it was asked for, and from a later place, or another one where an opaque token says
//! the place; of a round, to one of the same list, with another token that says where,
//! and that is no other round's (`OData` JSON Format 4.01, section 4.6.5; concepts/paging,
//! concepts/delta-query-overview)?

use std::collections::BTreeMap;

use bytes::Bytes;

use super::address::here;
use super::rounds::Rounds;
use super::route::{self, Target};
use super::schema::{Kind, Schema};
use crate::graph::call::Call;
use crate::graph::mail::model::WellKnown;

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

    /// Whether the address leads on from this list.
    pub fn leads_on(self, schema: &Schema, list: &List<'_>, address: &str) -> bool {
        let List { call, kind, is_round, .. } = *list;
        let Some(next) = request_of(call, address) else { return false };
        let has = |option: &str| next.query.get(option).is_some_and(|value| !value.is_empty());
        let same = |number| kind.structure() == Some(number);
        match (self, route::resolve(schema, &next.segments).map(|route| route.target)) {
            (Self::Next, Ok(Target::Collection(number, _))) => !is_round && same(number) && is_further_on(call, &next),
            (_, Ok(Target::Operation(operation))) if operation.name == "delta" => {
                let token = if self == Self::Next { "$skiptoken" } else { "$deltatoken" };
                let is_same_kind = operation.returns.and_then(Kind::structure).is_some_and(same);
                is_round && is_same_kind && has(token) && list.is_of_same_round(&next)
            }
            (_, _) => false,
        }
    }
}

/// A list that was answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct List<'c> {
    /// What it was asked for with.
    pub call: &'c Call,
    pub kind: Kind,
    pub is_round: bool,
    /// The id of the person whose mailbox it is of; empty if there is none.
    pub owner: &'c str,
    /// The rounds whose tokens were given out.
    pub rounds: &'c Rounds,
}

/// The request that follows a link in the answer to another one.
pub(super) fn request_of(call: &Call, address: &str) -> Option<Call> {
    Some(Call::new("GET", here(call, address)?, BTreeMap::new(), Bytes::new()))
}

impl List<'_> {
    /// Whether a request is about the changes of the same list, and shows another
    /// token than this list was asked for with, which is not that of another round.
    /// Tokens are opaque: which of two is the later one, nobody can say.
    fn is_of_same_round(&self, next: &Call) -> bool {
        let token = |call: &Call| ["$skiptoken", "$deltatoken"].map(|name| call.query.get(name).map(str::to_owned));
        let is_another = token(self.call).into_iter().flatten().all(|shown| !token(next).contains(&Some(shown)));
        let (asked, led) = (self.call.words(), next.words());
        let is_same_list =
            self.is_same_mailbox(&asked, &led) && is_same_path(behind_mailbox(&asked), behind_mailbox(&led));
        is_another && is_same_list && self.rounds.are_led_on(self.call, next, self.owner)
    }

    /// Links name the owner by their id, or as the request did.
    fn is_same_mailbox(&self, asked: &[&str], led: &[&str]) -> bool {
        let mailbox = |words: &[&str]| words.len() - behind_mailbox(words).len();
        let is_by_id = matches!(led, [_, "users", id, ..] if id.eq_ignore_ascii_case(self.owner));
        is_by_id || asked.get(..mailbox(asked)) == led.get(..mailbox(led))
    }
}

/// The path behind the name of a mailbox.
pub(super) fn behind_mailbox<'w, 'c>(words: &'w [&'c str]) -> &'w [&'c str] {
    match words {
        [_, "me", rest @ ..] | [_, "users", _, rest @ ..] => rest,
        _ => words,
    }
}

/// Whether two paths lead to the same list. A folder of a well-known name is named by
/// its id in links, which is not compared.
pub(super) fn is_same_path(asked: &[&str], led: &[&str]) -> bool {
    let is_role = |word: &str| WellKnown::ALL.iter().any(|role| role.name().eq_ignore_ascii_case(word));
    let (asked, led) = (straight(asked), straight(led));
    let is_folder = |at: usize| at == 1 && asked.first() == Some(&"mailfolders");
    let mut pairs = asked.iter().zip(&led).enumerate();
    asked.len() == led.len() && pairs.all(|(at, (asked, led))| asked == led || (is_folder(at) && is_role(asked)))
}

/// The same path with the folder alone that its list is in, and not those around it.
pub(super) fn straight<'c>(words: &[&'c str]) -> Vec<&'c str> {
    match words {
        ["mailfolders", _, "childfolders", inner, rest @ ..] if !rest.is_empty() => {
            straight(&[&["mailfolders", *inner], rest].concat())
        }
        _ => words.to_vec(),
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

//! What the basic permissions leave out of events and of messages, and who sees it
//! (concepts/permissions-reference, `Calendars.ReadBasic`, `Mail.ReadBasic`).
//!
//! Properties of the inside are not answered to who sees the outside alone. An
//! option that names one would tell what is in it by what is found, so such a
//! caller has no use of it: neither to filter, sort, expand or search, nor in the
//! resource of a subscription. The changed days of a series can be expanded: they are
//! events, of which the outside is shown as of any other.
//!
//! DIFFERENCE: no page says how an option is refused that names what a caller
//! cannot read. Here it is refused as everything is that a permission does not
//! reach.

use super::Context;
use super::projection::{nested_option, split};
use crate::graph::call::Query;
use crate::graph::login::grants::AccessToken;
use crate::graph::permissions::Access;
use crate::graph::reply::Refusal;

/// The inside of a type of items.
#[derive(Debug)]
pub(crate) struct Inside {
    /// What it takes to see it.
    access: Access,
    /// Properties and relations of it, as they are spelled.
    names: &'static [&'static str],
    /// Relations to other items of the type, of which the outside is shown.
    outside: &'static [&'static str],
}

/// That of events.
pub(crate) const EVENTS: Inside = Inside {
    access: Access::ReadEvents,
    names: &[
        "body",
        "bodyPreview",
        "attachments",
        "extensions",
        "singleValueExtendedProperties",
        "multiValueExtendedProperties",
    ],
    outside: &["exceptionOccurrences", "instances"],
};

/// That of messages, which "does not include permissions to search messages".
pub(crate) const MESSAGES: Inside = Inside {
    access: Access::ReadMail,
    names: &[
        "body",
        "bodyPreview",
        "uniqueBody",
        "attachments",
        "extensions",
        "singleValueExtendedProperties",
        "multiValueExtendedProperties",
    ],
    outside: &[],
};

impl Inside {
    /// Whether a caller sees it.
    pub fn is_seen_by(&self, token: &AccessToken) -> bool {
        token.may(self.access)
    }

    /// Whether a property belongs to it.
    pub fn has(&self, property: &str) -> bool {
        self.names.iter().any(|name| name.eq_ignore_ascii_case(property))
    }

    /// Refuses options that name something of it to a caller who does not see it.
    pub fn require(&self, context: &Context<'_>, query: &Query) -> Result<(), Refusal> {
        if self.is_told_by(query) { context.require(self.access) } else { Ok(()) }
    }

    /// Whether options tell of it: by what they compare, sort by or expand, or because
    /// all that can be searched is of it.
    pub fn is_told_by(&self, query: &Query) -> bool {
        self.is_told(|option| query.get(option))
    }

    fn is_told<'a>(&self, given: impl Fn(&str) -> Option<&'a str>) -> bool {
        let names_some = |option: &str| given(option).is_some_and(|text| self.is_named_in(text));
        let is_searched = given("$search").is_some_and(|text| !text.trim().is_empty());
        let expanded = split(given("$expand").unwrap_or_default(), ',');
        names_some("$filter")
            || names_some("$orderby")
            || is_searched
            || expanded.into_iter().any(|entry| self.is_told_by_expanded(entry))
    }

    /// Whether an entry of `$expand` tells of it: every relation does, but those to
    /// other items whose options do not either.
    fn is_told_by_expanded(&self, entry: &str) -> bool {
        let (name, options) = entry.split_once('(').unwrap_or((entry, ""));
        let options = options.strip_suffix(')').unwrap_or(options);
        let is_outside = self.outside.iter().any(|known| known.eq_ignore_ascii_case(name.trim()));
        !is_outside || self.is_told(|option| nested_option(options, option))
    }

    /// Whether an expression names something of it outside of quotes.
    fn is_named_in(&self, expression: &str) -> bool {
        let unquoted = expression.split('\'').step_by(2);
        let mut words = unquoted.flat_map(|part| part.split(|letter: char| !letter.is_ascii_alphanumeric()));
        words.any(|word| self.has(word))
    }
}

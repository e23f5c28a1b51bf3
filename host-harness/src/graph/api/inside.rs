//! What the basic permissions leave out of events and of messages, and who sees it
//! (concepts/permissions-reference, `Calendars.ReadBasic`, `Mail.ReadBasic`).
//!
//! Properties of the inside are not answered to who sees the outside alone. An
//! option that names one would tell what is in it by what is found, so such a
//! caller has no use of it: neither to filter, sort, expand or search, nor in the
//! resource of a subscription. The changed days of a series can be expanded: they are
//! events, of which the outside is shown as of any other. What there is not, and what
//! is not emulated, is refused as it is to everybody.
//!
//! Whose inside a caller sees is asked by the type of each item, and not by where it was
//! asked for: the event behind a mail is an event (`Inside::is_hidden_from`).
//!
//! DIFFERENCE: no page says how an option is refused that names what a caller
//! cannot read. Here it is refused as everything is that a permission does not
//! reach.
//!
//! DIFFERENCE: no page says what of the event behind a mail is shown to whom. Here
//! it is whole for who may read the mail and no events, with body and attachments,
//! and without these for who may see the outside of events besides: a further
//! permission shows less.

use super::Context;
use super::options::cast;
use super::projection::{nested_option, split};
use crate::graph::call::Query;
use crate::graph::login::grants::AccessToken;
use crate::graph::permissions::Access;
use crate::graph::reply::Refusal;

/// The inside of a type of items.
#[derive(Debug)]
pub(crate) struct Inside {
    /// The type in the metadata.
    type_name: &'static str,
    /// What it takes to see the items, and what to see it.
    outside: Access,
    access: Access,
    /// Properties and relations of it, as they are spelled.
    names: &'static [&'static str],
}

/// That of events.
pub(crate) const EVENTS: Inside = Inside {
    type_name: "event",
    outside: Access::ReadEventsBasic,
    access: Access::ReadEvents,
    names: &[
        "body",
        "bodyPreview",
        "attachments",
        "extensions",
        "singleValueExtendedProperties",
        "multiValueExtendedProperties",
    ],
};

/// That of messages, which "does not include permissions to search messages". The event
/// behind one takes what the page about it names (api/eventmessage-get).
pub(crate) const MESSAGES: Inside = Inside {
    type_name: "message",
    outside: Access::ReadMailBasic,
    access: Access::ReadMail,
    names: &[
        "body",
        "bodyPreview",
        "uniqueBody",
        "attachments",
        "event",
        "extensions",
        "singleValueExtendedProperties",
        "multiValueExtendedProperties",
    ],
};

/// The types of the items of which a caller is shown the outside alone.
pub(crate) fn hidden_from(token: &AccessToken) -> Vec<&'static str> {
    let hidden = [&EVENTS, &MESSAGES].into_iter().filter(|inside| inside.is_hidden_from(token));
    hidden.map(|inside| inside.type_name).collect()
}

impl Inside {
    /// Whether a caller may see it wherever the items are.
    pub fn is_seen_by(&self, token: &AccessToken) -> bool {
        token.may(self.access)
    }

    /// Whether a caller is shown the outside alone. Who may not even see that gets to
    /// such an item as a part of another one, which is shown as a whole: to an event
    /// behind a mail (api/eventmessage-get, which names permissions on mail alone).
    pub fn is_hidden_from(&self, token: &AccessToken) -> bool {
        token.may(self.outside) && !self.is_seen_by(token)
    }

    /// Whether a property belongs to it.
    pub fn has(&self, property: &str) -> bool {
        self.names.iter().any(|name| name.eq_ignore_ascii_case(property))
    }

    /// Refuses options that name something of it to a caller from whom it is hidden.
    pub fn require(&self, context: &Context<'_>, query: &Query) -> Result<(), Refusal> {
        self.require_if_told(context, self.is_told_by(query))
    }

    /// The same of the options in the parentheses of an item that is expanded.
    pub fn require_nested(&self, context: &Context<'_>, options: &str) -> Result<(), Refusal> {
        self.require_if_told(context, self.is_told(|option| nested_option(options, option)))
    }

    fn require_if_told(&self, context: &Context<'_>, is_told: bool) -> Result<(), Refusal> {
        if is_told && self.is_hidden_from(&context.token) { context.require(self.access) } else { Ok(()) }
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

    /// Whether an entry of `$expand` tells of it: a relation that belongs to it does, and
    /// so do options that name something of it.
    fn is_told_by_expanded(&self, entry: &str) -> bool {
        let (path, options) = entry.split_once('(').unwrap_or((entry, ""));
        let options = options.strip_suffix(')').unwrap_or(options);
        let name = cast(path.trim()).map_or(path.trim(), |(_, name)| name);
        self.has(name) || self.is_told(|option| nested_option(options, option))
    }

    /// Whether an expression names something of it outside of quotes.
    fn is_named_in(&self, expression: &str) -> bool {
        let unquoted = expression.split('\'').step_by(2);
        let mut words = unquoted.flat_map(|part| part.split(|letter: char| !letter.is_ascii_alphanumeric()));
        words.any(|word| self.has(word))
    }
}

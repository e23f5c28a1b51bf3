//! What the basic permissions leave out of events and of messages, and who sees it
//! (concepts/permissions-reference, `Calendars.ReadBasic`, `Mail.ReadBasic`).
//!
//! Properties of the inside are not answered to who sees the outside alone. An
//! option that names one would tell what is in it by what is found, so such a
//! caller has no use of it: neither to filter, sort, expand or search, nor in the
//! resource of a subscription.
//!
//! DIFFERENCE: no page says how an option is refused that names what a caller
//! cannot read. Here it is refused as everything is that a permission does not
//! reach.

use super::Context;
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

    /// Whether options tell of it: by what they compare or sort by, or because all
    /// that can be expanded or searched is of it.
    pub fn is_told_by(&self, query: &Query) -> bool {
        let names_some = |option: &str| query.get(option).is_some_and(|text| self.is_named_in(text));
        let is_asked = |option: &str| query.get(option).is_some_and(|text| !text.trim().is_empty());
        names_some("$filter") || names_some("$orderby") || is_asked("$expand") || is_asked("$search")
    }

    /// Whether an expression names something of it outside of quotes.
    fn is_named_in(&self, expression: &str) -> bool {
        let unquoted = expression.split('\'').step_by(2);
        let mut words = unquoted.flat_map(|part| part.split(|letter: char| !letter.is_ascii_alphanumeric()));
        words.any(|word| self.has(word))
    }
}

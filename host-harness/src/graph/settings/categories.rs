//! The list of categories of a mailbox (resources/outlookcategory).
//!
//! A mailbox begins with the six that Outlook offers; the list is kept from the
//! first change on.

use serde::{Deserialize, Serialize};

use crate::graph::ids;
use crate::graph::model::Mailbox;

/// A category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Category {
    pub id: String,
    pub name: String,
    pub color: String,
}

/// What Outlook offers at first (api/outlookuser-list-mastercategories).
const FIRST: [(&str, &str); 6] = [
    ("Red category", "preset0"),
    ("Orange category", "preset1"),
    ("Yellow category", "preset3"),
    ("Green category", "preset4"),
    ("Blue category", "preset7"),
    ("Purple category", "preset8"),
];

/// How many colours there are besides none.
const PRESETS: u8 = 25;

/// The categories of a mailbox.
pub(crate) fn of(mailbox: &Mailbox) -> Vec<Category> {
    mailbox.categories.clone().unwrap_or_else(|| {
        let first = FIRST.iter().map(|(name, color)| (*name, *color));
        first
            .map(|(name, color)| Category {
                id: ids::first_category(&mailbox.object_id, name),
                name: name.to_owned(),
                color: color.to_owned(),
            })
            .collect()
    })
}

/// A member of `categoryColor` in the spelling of the metadata.
pub(crate) fn color(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let number = lower.strip_prefix("preset");
    let is_preset = number
        .is_some_and(|number| number.parse::<u8>().is_ok_and(|value| value < PRESETS && value.to_string() == number));
    (lower == "none" || is_preset).then_some(lower)
}

//! Who tells guests that they are invited or not any more, as it is said beside the list
//! of guests in the form of an event.

use super::{Reach, Way};

/// Who tells the guests of an item of an edit that is made now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Teller {
    /// The CRM by itself.
    Crm,
    /// Microsoft.
    Microsoft(Way),
    /// Nobody: it goes to Microsoft with a first run.
    Nobody,
}

impl Teller {
    /// What becomes of whoever is added to the list or removed from it. `is_new` says
    /// whether the event is still to be entered.
    pub(super) fn of_list(self, product: &str, is_new: bool) -> String {
        match self {
            Self::Crm if is_new => format!("When the event is saved, {product} sends an invitation to every guest."),
            Self::Crm => format!(
                "When the event is saved, {product} sends an invitation to whoever is added, a cancellation to whoever is \
                 removed, and an update to whoever stays, also where nothing but the list has changed."
            ),
            Self::Microsoft(way) => of_microsoft(way),
            Self::Nobody => "The first synchronization tells nobody of it: Microsoft sends the invitations after the \
                             next edit of the event."
                .to_owned(),
        }
    }
}

fn of_microsoft(way: Way) -> String {
    let when = if way.is_open { "If the next sync can write it" } else { "With the next sync" };
    let what = match way.reach {
        // Nobody has it there yet.
        Reach::NextRun | Reach::NextEdit => "an invitation to every guest",
        Reach::There => "an invitation to whoever is added, and a cancellation to whoever is removed",
        Reach::Withheld => {
            "an invitation to whoever is added, and a cancellation to whoever is removed whom it has invited"
        }
    };
    format!("{when}, Microsoft sends {what}. Of an event that is over, it tells nobody.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_the_list_is_said_who_tells_whoever_is_added_or_removed() {
        let microsoft = |reach, is_open| Teller::Microsoft(Way { reach, is_open });
        let table = [
            (Teller::Crm, true, "When the event is saved, Acme CRM sends an invitation to every guest."),
            (
                Teller::Crm,
                false,
                "Acme CRM sends an invitation to whoever is added, a cancellation to whoever is removed, and an update to",
            ),
            (Teller::Nobody, true, "The first synchronization tells nobody"),
            (
                microsoft(Reach::NextRun, false),
                true,
                "With the next sync, Microsoft sends an invitation to every guest.",
            ),
            (
                microsoft(Reach::NextEdit, true),
                false,
                "If the next sync can write it, Microsoft sends an invitation to",
            ),
            (
                microsoft(Reach::There, false),
                false,
                "With the next sync, Microsoft sends an invitation to whoever is added",
            ),
            (microsoft(Reach::Withheld, false), false, "a cancellation to whoever is removed whom it has invited."),
        ];
        for (teller, is_new, words) in table {
            let said = teller.of_list("Acme CRM", is_new);
            assert!(said.contains(words), "{teller:?}: {said}");
            assert_eq!(said.contains("that is over"), matches!(teller, Teller::Microsoft(_)), "{said}");
        }
    }
}

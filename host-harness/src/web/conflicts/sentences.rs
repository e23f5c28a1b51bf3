//! What a decision was about, who won and why: in sentences, for somebody who has
//! never heard of conflicts.

use chrono::{DateTime, Utc};

use super::view::is_deletion;
use crate::crm::notices::{Conflict, ConflictRule, ConflictSituation, ConflictState, NoticeResource, Winner};
use crate::web::dates::Dates;
use crate::web::fields::label;

/// What people call Microsoft's side.
pub(super) const MICROSOFT: &str = "Microsoft 365";

/// What people call a side.
pub(super) fn side(product: &str, side: Winner) -> &str {
    match side {
        Winner::Crm => product,
        Winner::Microsoft => MICROSOFT,
    }
}

/// The side whose version was put aside.
pub(super) fn loser(conflict: &Conflict) -> Winner {
    match conflict.winner {
        Winner::Crm => Winner::Microsoft,
        Winner::Microsoft => Winner::Crm,
    }
}

/// Whose item it is, and when it was decided about.
pub(super) fn place(conflict: &Conflict, owner: &str, dates: Dates) -> String {
    let what = match conflict.resource {
        NoticeResource::Calendar => format!("An event in the calendar of {owner}"),
        NoticeResource::Tasks => format!("A task of {owner}"),
        NoticeResource::Account => format!("The account of {owner}"),
    };
    format!("{what}, decided {}.", dates.instant(conflict.decided_at))
}

/// Who won and why.
pub(super) fn verdict(product: &str, conflict: &Conflict) -> String {
    let winner = side(product, conflict.winner);
    let won = if conflict.is_carried_out() {
        format!("{winner} won")
    } else {
        format!("{winner} was to win, which has not been carried out")
    };
    let met = match conflict.situation {
        ConflictSituation::BothEdited => format!("both sides had changed {}", fields(conflict)),
        ConflictSituation::DeletedInCrm => format!("it was deleted in {product} and edited in {MICROSOFT}"),
        ConflictSituation::DeletedInMicrosoft => format!("it was deleted in {MICROSOFT} and edited in {product}"),
        ConflictSituation::FoundOnBoth => {
            format!("both sides had it when they were first compared, with different {}", fields(conflict))
        }
        ConflictSituation::TakenBack => {
            return format!("{won}: a person chose the other version of an earlier decision.");
        }
    };
    let why = match conflict.rule {
        ConflictRule::CrmWins => format!("the setting Conflict Resolution says “{product} always wins”"),
        ConflictRule::MicrosoftWins => "the setting Conflict Resolution says “Microsoft always wins”".to_owned(),
        ConflictRule::OneWay => format!("the setting Sync Direction makes {winner} the only source"),
        ConflictRule::Person => "a person chose it".to_owned(),
    };
    format!("{won}: {met}, and {why}.")
}

/// The names of the fields in a row, such as `title, place and guests`.
fn fields(conflict: &Conflict) -> String {
    let names: Vec<String> = conflict.fields.iter().map(|field| label(&field.name).to_lowercase()).collect();
    match names.as_slice() {
        [] => "it".to_owned(),
        [only] => only.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

/// Which version the other one is, and what using it means.
pub(super) fn other_version(product: &str, conflict: &Conflict) -> String {
    let other = side(product, loser(conflict));
    match (conflict.situation, is_deletion(conflict)) {
        (ConflictSituation::DeletedInCrm | ConflictSituation::DeletedInMicrosoft, true) => {
            format!("The other version is the item as it was edited in {other}. It comes back on both sides.")
        }
        (ConflictSituation::DeletedInCrm | ConflictSituation::DeletedInMicrosoft, false) => {
            format!("The other version is that of {other}, where the item was deleted. It goes on both sides.")
        }
        (ConflictSituation::TakenBack, _) => {
            "The other version is what the earlier decision had kept. It comes back.".to_owned()
        }
        (ConflictSituation::BothEdited | ConflictSituation::FoundOnBoth, _) if is_of_one_side(conflict) => {
            format!(
                "The other version is that of {other}. It is put back there alone, until the source changes these \
                 fields."
            )
        }
        (ConflictSituation::BothEdited | ConflictSituation::FoundOnBoth, _) => {
            format!("The other version is that of {other}. It takes the place of this one on both sides.")
        }
    }
}

/// Whether the other version is used on the side alone that had it: the other one is the
/// only source.
pub(super) fn is_of_one_side(conflict: &Conflict) -> bool {
    let has_two_versions = match conflict.situation {
        ConflictSituation::BothEdited | ConflictSituation::FoundOnBoth => true,
        ConflictSituation::DeletedInCrm | ConflictSituation::DeletedInMicrosoft | ConflictSituation::TakenBack => false,
    };
    has_two_versions && conflict.rule == ConflictRule::OneWay
}

/// What somebody who administers is told of a decision about somebody else's item.
pub(super) fn private(product: &str, conflict: &Conflict, owner: &str, dates: Dates) -> String {
    format!(
        "{} {} What both sides had is shown to {owner} alone, who can use the other version here.",
        place(conflict, owner, dates),
        verdict(product, conflict),
    )
}

/// What became of a wish to use the other version, where there was one; `later` are the
/// decisions by which this one was taken back, that one itself, and so on.
pub(super) fn wish(product: &str, conflict: &Conflict, later: &[Conflict], dates: Dates) -> Option<String> {
    match (conflict.reversed_at, &conflict.refused, conflict.asked_at) {
        (Some(at), _, _) => Some(taken_back(product, conflict, (at, later), dates)),
        (None, Some(reason), _) => Some(format!("Not taken back: {reason}")),
        (None, None, Some(at)) => Some(format!("To be taken back since {}; the next run does it.", dates.instant(at))),
        (None, None, None) => None,
    }
}

/// What was done after a decision was taken back, and when: what takes back may itself be
/// taken back.
fn taken_back(
    product: &str,
    conflict: &Conflict,
    (first, later): (DateTime<Utc>, &[Conflict]),
    dates: Dates,
) -> String {
    let again: Vec<DateTime<Utc>> = later.iter().filter_map(|later| later.reversed_at).collect();
    let since = dates.instant(again.last().copied().unwrap_or(first));
    if again.len() % 2 == 1 {
        let first = dates.instant(first);
        return format!("Taken back {first}, and put back {since}: what was decided here took its place again.");
    }
    let is_apart = is_of_one_side(conflict);
    let place = if is_apart { format!(" in {} alone", side(product, loser(conflict))) } else { String::new() };
    format!("Taken back {since}: the other version took its place{place}.")
}

/// Why the other version cannot be used.
pub(super) fn not_reversible(conflict: &Conflict) -> &'static str {
    if conflict.is_carried_out() {
        "This decision cannot be taken back. Edit the item by hand."
    } else {
        "This decision was not carried out: the side that was to be written did not take it, and both versions are as \
         they were. The item is decided about again when it changes; where it was refused, Items set aside says why."
    }
}

/// What became of a decision, in a word or two.
pub(super) const fn state_label(state: ConflictState) -> &'static str {
    match state {
        ConflictState::Holds => "Holds",
        ConflictState::Asked => "To be taken back",
        ConflictState::TakenBack => "Taken back",
        ConflictState::Refused => "Not taken back",
        ConflictState::NotCarriedOut => "Not carried out",
    }
}

/// Why a side won, in a few words.
pub(super) fn rule_label(product: &str, rule: ConflictRule) -> String {
    match rule {
        ConflictRule::CrmWins => format!("{product} always wins"),
        ConflictRule::MicrosoftWins => "Microsoft always wins".to_owned(),
        ConflictRule::OneWay => "Only one side is the source".to_owned(),
        ConflictRule::Person => "Chosen by hand".to_owned(),
    }
}

#[cfg(test)]
mod tests;

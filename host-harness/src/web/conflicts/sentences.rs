//! What a decision was about, why it was made, and what taking it back means: in
//! sentences, for somebody who has never heard of conflicts.

use chrono_tz::Tz;

use super::view::{is_deletion, situation_label};
use crate::crm::notices::{Conflict, ConflictRule, ConflictSituation, NoticeResource, Winner};
use crate::web::dates;

/// Whose item it is; the time of the decision follows.
pub(super) fn place(conflict: &Conflict, owner: &str) -> String {
    let what = match conflict.resource {
        NoticeResource::Calendar => format!("An event in the calendar of {owner}"),
        NoticeResource::Tasks => format!("A task of {owner}"),
        NoticeResource::Account => format!("The account of {owner}"),
    };
    format!("{what}, decided")
}

/// Which rule decided, and for whom; and whether it came to that.
pub(super) fn decided_by(product: &str, conflict: &Conflict) -> String {
    let kept = match conflict.winner {
        Winner::Crm => product,
        Winner::Microsoft => "Microsoft",
    };
    let why = match conflict.rule {
        ConflictRule::CrmWins => format!("The setting Conflict Resolution says “{product} always wins”"),
        ConflictRule::MicrosoftWins => "The setting Conflict Resolution says “Microsoft always wins”".to_owned(),
        ConflictRule::OneWay => "The setting Sync Direction makes one side the only source".to_owned(),
        ConflictRule::Person => "A person has taken an earlier decision back".to_owned(),
    };
    let was = if conflict.is_carried_out() { "was kept" } else { "was to be kept, which has not been carried out" };
    format!("{why}: the version of {kept} {was}.")
}

/// What taking the decision back does.
pub(super) fn taking_back(product: &str, conflict: &Conflict) -> String {
    let what = match (conflict.situation, is_deletion(conflict)) {
        (ConflictSituation::DeletedInCrm | ConflictSituation::DeletedInMicrosoft, true) => {
            "brings the item back on both sides, as it was edited".to_owned()
        }
        (ConflictSituation::DeletedInCrm | ConflictSituation::DeletedInMicrosoft, false) => {
            "deletes the item on both sides after all".to_owned()
        }
        (ConflictSituation::TakenBack, _) => "makes the earlier decision hold again".to_owned(),
        (ConflictSituation::BothEdited | ConflictSituation::FoundOnBoth, _)
            if conflict.rule == ConflictRule::OneWay =>
        {
            let target = if conflict.winner == Winner::Crm { "Microsoft" } else { product };
            format!("puts the other version back in {target} alone, until the source changes")
        }
        (ConflictSituation::BothEdited | ConflictSituation::FoundOnBoth, _) => {
            "puts the version that was not kept in its place on both sides".to_owned()
        }
    };
    format!(
        "Taking it back {what}, and overwrites nothing that was edited since. What is written and who gets a mail is \
         shown before anything happens."
    )
}

/// What somebody who administers is told of a decision about somebody else's item.
pub(super) fn private(product: &str, conflict: &Conflict, owner: &str, zone: Tz) -> String {
    format!(
        "{} {}. {}. {} What both sides had is shown to {owner} alone, who can take the decision back here.",
        place(conflict, owner),
        dates::in_zone(conflict.decided_at, zone),
        situation_label(product, conflict.situation),
        decided_by(product, conflict),
    )
}

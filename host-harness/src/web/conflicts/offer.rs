//! What using the other version would do, before somebody confirms it: on which
//! side what is written, and who gets a mail.

use serde::Serialize;

use super::sentences::MICROSOFT;
use crate::app::{NoticeKind, PlannedWrite, ReversalOffer, Side, WriteAction};
use crate::web::fields::label;

/// What would be done, for the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct OfferView {
    /// One sentence for each side, and what is not known yet.
    pub writes: Vec<String>,
    /// Who gets a mail.
    pub mails: String,
    /// Whether anybody does.
    pub is_told: bool,
}

impl OfferView {
    pub(super) fn of(product: &str, offer: &ReversalOffer) -> Self {
        let writes = if offer.waits {
            vec![
                "Another change of this item is brought into step first; only then is known what is written. What has \
                 been edited since is not overwritten."
                    .to_owned(),
            ]
        } else {
            [(Side::Crm, product), (Side::Microsoft, MICROSOFT)].into_iter().map(|side| of_side(side, offer)).collect()
        };
        Self { writes, mails: mails(offer), is_told: offer.people > 0 }
    }

    /// The same as a question.
    pub(super) fn question(&self) -> String {
        format!("{} {} Use the other version?", self.writes.join(" "), self.mails)
    }
}

/// What is done on a side.
fn of_side((side, name): (Side, &str), offer: &ReversalOffer) -> String {
    let operations = offer.operations.iter().filter(|operation| operation.side == side);
    let done: Vec<String> = operations.map(what).collect();
    if done.is_empty() { format!("In {name}, nothing is written.") } else { format!("In {name}: {}.", done.join("; ")) }
}

fn what(operation: &PlannedWrite) -> String {
    let title = &operation.title;
    match operation.action {
        WriteAction::Create => format!("creates “{title}” again"),
        WriteAction::Delete => format!("deletes “{title}”"),
        WriteAction::Update => {
            let groups: Vec<String> = operation.fields.iter().map(|group| label(group).to_lowercase()).collect();
            format!("changes {} of “{title}”", groups.join(", "))
        }
    }
}

fn mails(offer: &ReversalOffer) -> String {
    let kinds: Vec<&str> = offer
        .operations
        .iter()
        .filter_map(|operation| operation.notice)
        .map(|notice| match notice.kind {
            NoticeKind::Invitation => "an invitation",
            NoticeKind::Update => "an update",
            NoticeKind::Cancellation => "a cancellation",
            NoticeKind::Reply => "your answer",
        })
        .collect();
    match (kinds.as_slice(), offer.people) {
        ([], _) if offer.waits => "Who gets a mail is not known yet either.".to_owned(),
        ([], _) => "Nobody gets a mail about it.".to_owned(),
        (kinds, 1) => format!("Microsoft sends {} to 1 person.", kinds.join(" and ")),
        (kinds, people) => format!("Microsoft sends {} to {people} people.", kinds.join(" and ")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;
    use crate::app::PlannedNotice;

    fn operation(side: Side, notice: Option<PlannedNotice>) -> PlannedWrite {
        PlannedWrite {
            side,
            action: WriteAction::Update,
            title: "Visit".to_owned(),
            fields: vec!["title".to_owned(), "show-as".to_owned()],
            notice,
        }
    }

    #[test]
    fn each_side_is_named_with_what_is_written_there_and_so_is_who_gets_a_mail() {
        let notice = Some(PlannedNotice { kind: NoticeKind::Update, people: 2 });
        let offer = |notice: Option<PlannedNotice>, people, sides: &[Side]| ReversalOffer {
            operations: sides
                .iter()
                .map(|side| operation(*side, notice.filter(|_| *side == Side::Microsoft)))
                .collect(),
            invitations: u32::from(notice.is_some()),
            people,
            waits: false,
        };
        let both = [Side::Microsoft, Side::Crm];
        let told = OfferView::of("CRM", &offer(notice, 2, &both));
        assert!(told.is_told);
        assert_eq!(
            told.question(),
            "In CRM: changes title, free or busy of “Visit”. In Microsoft 365: changes title, free or busy of “Visit”. \
             Microsoft sends an update to 2 people. Use the other version?"
        );
        let silent = OfferView::of("CRM", &offer(None, 0, &both[1..]));
        assert_eq!(silent.writes[1], "In Microsoft 365, nothing is written.");
        assert_eq!((silent.mails.as_str(), silent.is_told), ("Nobody gets a mail about it.", false));
    }

    #[test]
    fn what_is_not_known_yet_is_not_said() {
        let waits = ReversalOffer { operations: Vec::new(), invitations: 0, people: 0, waits: true };
        let question = OfferView::of("CRM", &waits).question();
        assert!(
            question.contains("brought into step first") && question.contains("not known yet either"),
            "{question}"
        );
        assert!(!question.contains("Nobody gets a mail"), "{question}");
    }
}

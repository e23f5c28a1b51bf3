#![allow(clippy::unwrap_used)]

use super::*;
use crate::crm::notices::{ConflictField, Moments};
use crate::crm::{ConflictId, OrganizationId, UserId};

fn field(name: &str, outcome: Option<&str>) -> ConflictField {
    let text = || Some("a".to_owned());
    let outcome = outcome.map(str::to_owned);
    ConflictField {
        name: name.to_owned(),
        base: text(),
        crm: text(),
        microsoft: text(),
        outcome,
        carried_out: true,
        moments: Moments::default(),
    }
}

fn conflict(situation: ConflictSituation, rule: ConflictRule, winner: Winner, fields: Vec<ConflictField>) -> Conflict {
    Conflict {
        id: ConflictId::from_number(1),
        organization_id: OrganizationId::from_number(1),
        user_id: Some(UserId::from_number(1)),
        key: "k".to_owned(),
        resource: NoticeResource::Calendar,
        item_id: None,
        external_id: None,
        decided_at: "2026-03-02T09:00:00Z".parse().unwrap(),
        rule,
        winner,
        fields,
        title: "Visit".to_owned(),
        situation,
        reverses: None,
        reversible_until: None,
        asked_at: None,
        refused: None,
        reversed_at: None,
    }
}

#[test]
fn one_sentence_says_who_won_and_why() {
    use ConflictSituation::{BothEdited, DeletedInCrm, DeletedInMicrosoft, FoundOnBoth, TakenBack};
    let edited = || vec![field("title", Some("a")), field("location", Some("a")), field("show-as", Some("a"))];
    let table = [
        (
            conflict(BothEdited, ConflictRule::CrmWins, Winner::Crm, edited()),
            "CRM won: both sides had changed title, place and free or busy, and the setting Conflict Resolution says \
             “CRM always wins”.",
        ),
        (
            conflict(DeletedInCrm, ConflictRule::MicrosoftWins, Winner::Microsoft, edited()),
            "Microsoft 365 won: it was deleted in CRM and edited in Microsoft 365, and the setting Conflict Resolution \
             says “Microsoft always wins”.",
        ),
        (
            conflict(DeletedInMicrosoft, ConflictRule::CrmWins, Winner::Crm, edited()),
            "CRM won: it was deleted in Microsoft 365 and edited in CRM, and the setting Conflict Resolution says “CRM \
             always wins”.",
        ),
        (
            conflict(FoundOnBoth, ConflictRule::OneWay, Winner::Microsoft, vec![field("body", Some("a"))]),
            "Microsoft 365 won: both sides had it when they were first compared, with different description, and the \
             setting Sync Direction makes Microsoft 365 the only source.",
        ),
        (
            conflict(TakenBack, ConflictRule::Person, Winner::Microsoft, edited()),
            "Microsoft 365 won: a person chose the other version of an earlier decision.",
        ),
    ];
    for (conflict, expected) in table {
        assert_eq!(verdict("CRM", &conflict), expected);
    }
    let undone = vec![ConflictField { carried_out: false, ..field("title", Some("a")) }];
    let undone = verdict("CRM", &conflict(BothEdited, ConflictRule::CrmWins, Winner::Crm, undone));
    assert!(undone.starts_with("CRM was to win, which has not been carried out: both sides"), "{undone}");
}

#[test]
fn which_version_is_the_other_one_follows_from_what_happened() {
    use ConflictSituation::{BothEdited, DeletedInCrm, TakenBack};
    let said = |situation, rule, winner, outcome| {
        other_version("CRM", &conflict(situation, rule, winner, vec![field("title", outcome)]))
    };
    let edited = said(BothEdited, ConflictRule::CrmWins, Winner::Crm, Some("a"));
    assert_eq!(edited, "The other version is that of Microsoft 365. It takes the place of this one on both sides.");
    let one_way = said(BothEdited, ConflictRule::OneWay, Winner::Microsoft, Some("a"));
    assert!(one_way.starts_with("The other version is that of CRM. It is put back there alone"), "{one_way}");
    let deleted = said(DeletedInCrm, ConflictRule::CrmWins, Winner::Crm, None);
    assert!(deleted.contains("as it was edited in Microsoft 365. It comes back on both sides"), "{deleted}");
    let kept = said(DeletedInCrm, ConflictRule::MicrosoftWins, Winner::Microsoft, Some("a"));
    assert!(kept.contains("that of CRM, where the item was deleted. It goes on both sides"), "{kept}");
    let back = said(TakenBack, ConflictRule::Person, Winner::Microsoft, Some("a"));
    assert!(back.contains("what the earlier decision had kept"), "{back}");
}

#[test]
fn what_was_taken_back_says_what_took_its_place_and_when() {
    use ConflictSituation::{BothEdited, TakenBack};
    let at = |minute: u32| Some(format!("2026-03-02T10:{minute:02}:00Z").parse().unwrap());
    let taken = |rule, minute| Conflict {
        reversed_at: minute,
        ..conflict(BothEdited, rule, Winner::Crm, vec![field("title", Some("a"))])
    };
    let later =
        |minute| Conflict { reversed_at: minute, ..conflict(TakenBack, ConflictRule::Person, Winner::Crm, vec![]) };
    let dates = Dates::of_zone(chrono_tz::Tz::UTC);
    let said = |conflict: &Conflict, later: &[Conflict]| wish("CRM", conflict, later, dates);
    assert_eq!(said(&taken(ConflictRule::CrmWins, None), &[]), None);
    let once = taken(ConflictRule::CrmWins, at(1));
    let used = "Taken back Mon, 2 Mar 2026, 10:01: the other version took its place.";
    assert_eq!(said(&once, &[later(None)]).as_deref(), Some(used));
    assert_eq!(said(&once, &[]).as_deref(), Some(used));
    assert_eq!(
        said(&once, &[later(at(2)), later(None)]).as_deref(),
        Some(
            "Taken back Mon, 2 Mar 2026, 10:01, and put back Mon, 2 Mar 2026, 10:02: what was decided here took its \
             place again."
        )
    );
    assert_eq!(
        said(&once, &[later(at(2)), later(at(3)), later(None)]).as_deref(),
        Some("Taken back Mon, 2 Mar 2026, 10:03: the other version took its place.")
    );
    assert_eq!(
        said(&taken(ConflictRule::OneWay, at(1)), &[later(None)]).as_deref(),
        Some("Taken back Mon, 2 Mar 2026, 10:01: the other version took its place in Microsoft 365 alone.")
    );
}

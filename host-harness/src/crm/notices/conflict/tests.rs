#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::crm::fixtures::{crm, noon, person};

fn decision(key: &str, winner: Winner) -> NewConflict {
    NewConflict {
        key: key.to_owned(),
        resource: NoticeResource::Calendar,
        item_id: Some("1".to_owned()),
        external_id: None,
        decided_at: noon(),
        rule: ConflictRule::CrmWins,
        winner,
        fields: vec![ConflictField {
            name: "title".to_owned(),
            base: Some("a".to_owned()),
            crm: Some("b".to_owned()),
            microsoft: None,
        }],
    }
}

#[test]
fn a_decision_is_kept_whole_and_recorded_once_per_key() {
    let crm = crm();
    let alice = person(&crm, "alice");
    crm.record_conflicts(&alice.scope(), &[decision("k", Winner::Crm), decision("l", Winner::Crm)]).unwrap();
    let first = crm.conflicts_of_user(alice.id).unwrap();
    crm.record_conflicts(&alice.scope(), &[decision("k", Winner::Microsoft)]).unwrap();
    let second = crm.conflicts_of_user(alice.id).unwrap();
    assert_eq!((first.len(), second.len()), (2, 2));
    let again = second.iter().find(|conflict| conflict.key == "k").unwrap();
    assert_eq!(again.winner, Winner::Microsoft);
    assert_eq!(again.fields, decision("k", Winner::Crm).fields);
    assert!(first.iter().any(|conflict| conflict.id == again.id));
}

#[test]
fn a_user_sees_his_own_conflicts_only() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    crm.record_conflicts(&alice.scope(), &[decision("k", Winner::Crm)]).unwrap();
    crm.record_conflicts(&bob.scope(), &[decision("k", Winner::Crm)]).unwrap();
    let seen = crm.conflicts_of_user(alice.id).unwrap();
    assert_eq!(seen.iter().map(|conflict| conflict.user_id).collect::<Vec<_>>(), [Some(alice.id)]);
}

#[test]
fn a_reversal_is_noted_once() {
    let crm = crm();
    let alice = person(&crm, "alice");
    crm.record_conflicts(&alice.scope(), &[decision("k", Winner::Crm)]).unwrap();
    let id = crm.conflicts_of_user(alice.id).unwrap()[0].id;
    assert_eq!(crm.conflict(id).unwrap().reversed_at, None);
    assert_eq!(crm.mark_conflict_reversed(id).unwrap().reversed_at, Some(noon()));
    let nobody = ConflictId::from_number(99);
    assert!(matches!(crm.mark_conflict_reversed(nobody), Err(CrmError::NotFound { .. })));
}

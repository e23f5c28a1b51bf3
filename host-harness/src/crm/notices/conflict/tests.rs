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
            outcome: Some("b".to_owned()),
            carried_out: true,
            moments: Moments::default(),
        }],
        title: "b".to_owned(),
        situation: ConflictSituation::DeletedInMicrosoft,
        reverses: None,
        reversible_until: Some(noon() + TimeDelta::days(90)),
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
fn a_wish_is_open_until_it_is_known_what_became_of_it() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    crm.record_conflicts(&alice.scope(), &[decision("k", Winner::Crm)]).unwrap();
    let id = crm.conflicts_of_user(alice.id).unwrap()[0].id;
    let note =
        |refused: Option<&str>| ReversalNote { key: "k".to_owned(), at: noon(), refused: refused.map(str::to_owned) };
    let state = || {
        let conflict = crm.conflict(id).unwrap();
        (conflict.asked_at.is_some(), conflict.refused, conflict.reversed_at.is_some())
    };
    crm.ask_for_reversal(id).unwrap();
    assert_eq!(state(), (true, None, false));
    crm.note_reversals(&bob.scope(), &[note(None)]).unwrap();
    assert_eq!(state(), (true, None, false), "what is said of somebody else's");
    crm.note_reversals(&alice.scope(), &[note(Some("edited since"))]).unwrap();
    assert_eq!(state(), (false, Some("edited since".to_owned()), false));
    crm.ask_for_reversal(id).unwrap();
    crm.note_reversals(&alice.scope(), &[note(None)]).unwrap();
    assert_eq!(state(), (false, None, true));
    crm.ask_for_reversal(id).unwrap();
    crm.note_reversals(&alice.scope(), &[note(Some("too late"))]).unwrap();
    assert_eq!(state(), (false, None, true), "what was taken back stays so");
    let nobody = ConflictId::from_number(99);
    assert!(matches!(crm.ask_for_reversal(nobody), Err(CrmError::NotFound { .. })));
}

#[test]
fn a_decision_can_be_taken_back_once_and_for_a_time() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let never = NewConflict { reversible_until: None, ..decision("never", Winner::Crm) };
    crm.record_conflicts(&alice.scope(), &[decision("k", Winner::Crm), never]).unwrap();
    let found = crm.conflicts_of_user(alice.id).unwrap();
    let is_reversible = |key: &str, now| found.iter().find(|one| one.key == key).unwrap().is_reversible(now);
    assert!(is_reversible("k", noon()) && is_reversible("k", noon() + TimeDelta::days(89)));
    assert!(!is_reversible("k", noon() + TimeDelta::days(90)) && !is_reversible("never", noon()));
    let taken_back = Conflict { reversed_at: Some(noon()), ..found[0].clone() };
    assert!(!taken_back.is_reversible(noon()));
}

#[test]
fn what_was_decided_long_ago_makes_room() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let old = |days| NewConflict { decided_at: noon() - TimeDelta::days(days), ..decision("old", Winner::Crm) };
    for days in [120, 121] {
        crm.record_conflicts(&alice.scope(), &[old(days)]).unwrap();
        crm.record_conflicts(&bob.scope(), &[old(days)]).unwrap();
        crm.record_conflicts(&alice.scope(), &[decision("new", Winner::Crm)]).unwrap();
        let keys: Vec<String> =
            crm.conflicts_of_user(alice.id).unwrap().into_iter().map(|conflict| conflict.key).collect();
        assert_eq!(keys, if days == 120 { vec!["new", "old"] } else { vec!["new"] });
    }
    assert_eq!(crm.conflicts_of_user(bob.id).unwrap().len(), 1, "somebody else's are not touched");
}

#[test]
fn what_took_a_decision_back_is_followed_to_the_one_that_holds() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let taking_back = |key: &str, reverses: &str| NewConflict {
        reverses: Some(reverses.to_owned()),
        situation: ConflictSituation::TakenBack,
        ..decision(key, Winner::Microsoft)
    };
    let made = [decision("first", Winner::Crm), taking_back("second", "first"), taking_back("third", "second")];
    crm.record_conflicts(&alice.scope(), &made).unwrap();
    crm.record_conflicts(&bob.scope(), &[taking_back("of bob", "first")]).unwrap();
    let later = || {
        let all = crm.conflicts_of_user(alice.id).unwrap();
        let first = all.iter().find(|conflict| conflict.key == "first").unwrap();
        crm.later_decisions(first).unwrap().into_iter().map(|conflict| conflict.key).collect::<Vec<_>>()
    };
    let note = |key: &str| {
        crm.note_reversals(&alice.scope(), &[ReversalNote { key: key.to_owned(), at: noon(), refused: None }]).unwrap();
    };
    assert_eq!(later(), Vec::<String>::new(), "what was recorded and not done takes nothing back");
    note("first");
    assert_eq!(later(), ["second"]);
    note("second");
    assert_eq!(later(), ["second", "third"]);
    let plan = crm
        .read(|connection| {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", later::taking_back()))?;
            let steps = statement.query_map([1], |row| row.get::<_, String>(3))?;
            steps.collect::<Result<Vec<_>, rusqlite::Error>>()
        })
        .unwrap()
        .join("; ");
    assert!(plan.contains("USING INDEX conflict_reversals (user_id=? AND reverses=?)"), "{plan}");
    // Whoever records them may err: that ends, too.
    crm.record_conflicts(&alice.scope(), &[taking_back("first", "third")]).unwrap();
    note("third");
    assert!(later().len() > 2);
}

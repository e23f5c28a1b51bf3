#![allow(clippy::unwrap_used)]

use chrono::TimeDelta;

use super::*;
use crate::crm::fixtures::{crm, noon, person};
use crate::crm::notices::{ConflictField, ConflictRule, ConflictSituation, Moments, NewConflict, ReversalNote, Winner};
use crate::crm::users::User;

fn decision(title: &str, minutes: i64) -> NewConflict {
    NewConflict {
        key: title.to_owned(),
        resource: NoticeResource::Calendar,
        item_id: Some("1".to_owned()),
        external_id: None,
        decided_at: noon() + TimeDelta::minutes(minutes),
        rule: ConflictRule::CrmWins,
        winner: Winner::Crm,
        fields: vec![field(true)],
        title: title.to_owned(),
        situation: ConflictSituation::BothEdited,
        reverses: None,
        reversible_until: None,
    }
}

fn field(carried_out: bool) -> ConflictField {
    let text = || Some("a".to_owned());
    ConflictField {
        name: "title".to_owned(),
        base: text(),
        crm: text(),
        microsoft: text(),
        outcome: text(),
        carried_out,
        moments: Moments::default(),
    }
}

/// Everything that `user` may search, youngest first.
fn all(user: &User) -> ConflictFilter {
    ConflictFilter { whose: Whose::User(user.id), text: String::new(), titles_of: user.id, resource: None, state: None }
}

const YOUNGEST: ConflictSorting = ConflictSorting { column: ConflictColumn::Decided, is_descending: true };

fn titles(crm: &Crm, filter: &ConflictFilter, sorting: ConflictSorting) -> Vec<String> {
    let page = crm.conflicts(filter, sorting, 1, 100).unwrap();
    assert_eq!((page.found, page.pages), (page.items.len(), 1));
    page.items.into_iter().map(|listed| listed.conflict.title).collect()
}

#[test]
fn pages_hold_every_conflict_once_and_end_where_there_are_no_more() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let made: Vec<NewConflict> = (0..7).map(|number| decision(&number.to_string(), number / 2)).collect();
    crm.record_conflicts(&alice.scope(), &made).unwrap();
    let page = |number| {
        let page = crm.conflicts(&all(&alice), YOUNGEST, number, 3).unwrap();
        assert_eq!((page.found, page.pages), (7, 3));
        (page.page, page.items.into_iter().map(|listed| listed.conflict.title).collect::<String>())
    };
    assert_eq!([1, 2, 3].map(page), [(1, "654".to_owned()), (2, "321".to_owned()), (3, "0".to_owned())]);
    assert_eq!((page(0), page(99)), ((1, "654".to_owned()), (3, "0".to_owned())));
    let nobody = crm.conflicts(&all(&person(&crm, "bob")), YOUNGEST, 4, 3).unwrap();
    assert_eq!((nobody.found, nobody.page, nobody.pages), (0, 1, 1));
    assert_eq!((crm.conflict_count(Whose::User(alice.id)).unwrap(), nobody.items.len()), (7, 0));
}

#[test]
fn a_search_finds_people_and_ones_own_titles_in_any_letters_and_nobody_elses() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    crm.record_conflicts(&alice.scope(), &[decision("Ärztekammer", 1)]).unwrap();
    crm.record_conflicts(&bob.scope(), &[decision("Ärztetag", 2), decision("100 %", 3)]).unwrap();
    let search = |text: &str, titles_of: &User| {
        let whose = Whose::Organization(alice.organization_id);
        titles(&crm, &ConflictFilter { whose, text: text.to_owned(), ..all(titles_of) }, YOUNGEST)
    };
    assert_eq!(search("äRZTE", &alice), ["Ärztekammer"]);
    assert_eq!(search("ärzte", &bob), ["Ärztetag"]);
    assert_eq!(search(" %", &bob), ["100 %"], "nothing in a text is a pattern");
    assert_eq!(search("_", &bob), <[&str; 0]>::default());
    assert_eq!(search(" BOB@example ", &alice), ["100 %", "Ärztetag"]);
    assert_eq!(search("alice", &bob), ["Ärztekammer"]);
    let own = ConflictFilter { text: "bob".to_owned(), ..all(&bob) };
    assert_eq!(titles(&crm, &own, YOUNGEST), <[&str; 0]>::default(), "one's own name is in all of them");
}

#[test]
fn a_list_is_of_one_user_of_one_organization_or_of_all() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let elsewhere =
        crate::crm::users::NewUser { organization: "Elsewhere".to_owned(), ..crate::crm::fixtures::new_user("dora") };
    let dora = crm.create_user(&elsewhere).unwrap();
    crm.record_conflicts(&alice.scope(), &[decision("Alice's", 1)]).unwrap();
    crm.record_conflicts(&dora.scope(), &[decision("Dora's", 2)]).unwrap();
    let of = |whose| titles(&crm, &ConflictFilter { whose, ..all(&alice) }, YOUNGEST);
    assert_eq!(of(Whose::All), ["Dora's", "Alice's"]);
    assert_eq!(of(Whose::Organization(dora.organization_id)), ["Dora's"]);
    assert_eq!(of(Whose::Organization(alice.organization_id)), ["Alice's"]);
    assert_eq!(of(Whose::User(dora.id)), ["Dora's"]);
}

#[test]
fn a_list_is_narrowed_to_a_resource_and_to_what_became_of_it() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let none_done = NewConflict { fields: vec![field(false), field(false)], ..decision("none done", 5) };
    let half_done = NewConflict { fields: vec![field(false), field(true)], ..decision("half done", 4) };
    let bare = NewConflict { fields: Vec::new(), resource: NoticeResource::Tasks, ..decision("bare", 3) };
    crm.record_conflicts(
        &alice.scope(),
        &[none_done, half_done, bare, decision("asked", 2), decision("refused", 1), decision("taken back", 0)],
    )
    .unwrap();
    let note = |key: &str, refused: Option<&str>| ReversalNote {
        key: key.to_owned(),
        at: noon(),
        refused: refused.map(str::to_owned),
    };
    let asked = crm.conflicts_of_user(alice.id).unwrap().into_iter().find(|one| one.key == "asked").unwrap();
    crm.ask_for_reversal(asked.id).unwrap();
    crm.note_reversals(&alice.scope(), &[note("refused", Some("edited since")), note("taken back", None)]).unwrap();

    let of = |state| titles(&crm, &ConflictFilter { state: Some(state), ..all(&alice) }, YOUNGEST);
    assert_eq!(of(ConflictState::Holds), ["half done", "bare"]);
    assert_eq!(of(ConflictState::Asked), ["asked"]);
    assert_eq!(of(ConflictState::Refused), ["refused"]);
    assert_eq!(of(ConflictState::TakenBack), ["taken back"]);
    assert_eq!(of(ConflictState::NotCarriedOut), ["none done"]);
    for state in ConflictState::ALL {
        let page = crm.conflicts(&ConflictFilter { state: Some(*state), ..all(&alice) }, YOUNGEST, 1, 9).unwrap();
        assert!(page.items.iter().all(|listed| listed.conflict.state() == *state), "{state}");
    }
    let tasks = ConflictFilter { resource: Some(NoticeResource::Tasks), ..all(&alice) };
    assert_eq!(titles(&crm, &tasks, YOUNGEST), ["bare"]);
}

#[test]
fn a_list_is_sorted_by_every_column_in_both_directions_and_equals_stand_youngest_first() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let task = NewConflict { resource: NoticeResource::Tasks, winner: Winner::Microsoft, ..decision("b", 2) };
    let undone = NewConflict { fields: vec![field(false)], ..decision("c", 3) };
    crm.record_conflicts(&alice.scope(), &[decision("a", 1), undone]).unwrap();
    crm.record_conflicts(&bob.scope(), &[task]).unwrap();
    let whose = Whose::Organization(alice.organization_id);
    for (column, ascending, descending) in [
        (ConflictColumn::Decided, "abc", "cba"),
        (ConflictColumn::User, "cab", "bca"),
        (ConflictColumn::Resource, "cab", "bca"),
        (ConflictColumn::Winner, "cab", "bca"),
        (ConflictColumn::State, "bac", "cba"),
    ] {
        for (is_descending, expected) in [(false, ascending), (true, descending)] {
            let sorting = ConflictSorting { column, is_descending };
            let found = titles(&crm, &ConflictFilter { whose, ..all(&alice) }, sorting).concat();
            assert_eq!(found, expected, "{sorting:?}");
        }
    }
}

/// A list of an organization's youngest conflicts is read along an index, and so is
/// a user's: nothing is sorted for them, however many there are.
#[test]
fn the_youngest_conflicts_are_read_in_their_order() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let order = YOUNGEST.order();
    for whose in [Whose::Organization(alice.organization_id), Whose::User(alice.id)] {
        let (of_whom, _) = whose.condition("conflict");
        let sql = format!(
            "EXPLAIN QUERY PLAN SELECT {COLUMNS} FROM conflict JOIN user ON user.id = conflict.user_id
             WHERE {of_whom} ORDER BY {order} LIMIT 9"
        );
        let plan = crm
            .read(|connection| {
                let mut statement = connection.prepare(&sql)?;
                let steps = statement.query_map([1], |row| row.get::<_, String>(3))?;
                steps.collect::<Result<Vec<_>, rusqlite::Error>>()
            })
            .unwrap()
            .join("; ");
        assert!(plan.contains("USING INDEX conflict_of_") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}

#![allow(clippy::unwrap_used)]

use chrono::TimeDelta;

use super::*;
use crate::clock::HarnessClock;
use crate::crm::fixtures::{crm, crm_with_clock, new_user, noon, person};
use crate::crm::notices::alert::tests::alert;
use crate::crm::notices::{ALERTS_MAX, AlertFilter, NewAlert, NoticeResource};
use crate::crm::scope::Scope;
use crate::crm::users::{NewUser, User};

const YOUNGEST: AlertSorting = AlertSorting { column: AlertColumn::Last, is_descending: true };

fn search(whose: Whose, text: &str) -> AlertSearch {
    AlertSearch { whose, list: AlertList::Open, text: text.to_owned() }
}

fn messages(crm: &Crm, search: &AlertSearch, sorting: AlertSorting) -> Vec<String> {
    let page = crm.alert_page(search, sorting, 1, 100).unwrap();
    assert_eq!((page.found, page.pages), (page.items.len(), 1));
    page.items.into_iter().map(|listed| listed.alert.message).collect()
}

fn of(user: &User) -> Whose {
    Whose::Organization(user.organization_id)
}

#[test]
fn pages_hold_every_alert_once_however_many_there_are() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let many = ALERTS_MAX + 1;
    let item = |number: usize| NewAlert {
        external_id: Some(number.to_string()),
        ..alert("too-long", &format!("Number {number}."))
    };
    let raised: Vec<_> = (0..many).map(item).collect();
    crm.raise_alerts(&alice.scope(), &raised).unwrap();
    let page = |number| crm.alert_page(&search(of(&alice), ""), YOUNGEST, number, ALERTS_MAX).unwrap();
    let (first, last) = (page(1), page(7));
    assert_eq!((first.found, first.pages, first.items.len()), (many, 2, ALERTS_MAX));
    assert_eq!((last.page, last.items.len()), (2, 1));
    let mut all: Vec<_> = first.items.into_iter().chain(last.items).map(|listed| listed.alert.message).collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), many);
    let nothing = crm.alert_page(&search(of(&alice), "Number 501"), YOUNGEST, 3, 10).unwrap();
    assert_eq!((nothing.found, nothing.page, nothing.pages), (0, 1, 1));
}

#[test]
fn what_happened_what_to_do_the_cause_and_who_it_is_are_searched() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    crm.raise_alerts(&alice.scope(), &[alert("too-long", "100 % Übermut")]).unwrap();
    crm.raise_alerts(&bob.scope(), &[NewAlert { hint: "Ask Ève.".to_owned(), ..alert("no-type", "Other") }]).unwrap();
    for (text, expected) in [
        ("übermut", vec!["100 % Übermut"]),
        ("0 % ü", vec!["100 % Übermut"]),
        (" ask ÈVE ", vec!["Other"]),
        ("No Type", vec!["Other"]),
        ("no-type", vec!["Other"]),
        ("ALICE", vec!["100 % Übermut"]),
        ("bob@", vec!["Other"]),
        ("%", vec!["100 % Übermut"]),
        ("_", vec![]),
        ("", vec!["Other", "100 % Übermut"]),
    ] {
        assert_eq!(messages(&crm, &search(of(&alice), text), YOUNGEST), expected, "{text}");
    }
    // In a list of one person a name tells nothing apart.
    assert_eq!(messages(&crm, &search(Whose::User(alice.id), "alice"), YOUNGEST), Vec::<String>::new());
}

#[test]
fn a_search_ends_at_the_organization_and_at_the_user() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let olga = crm.create_user(&NewUser { organization: "Other".into(), ..new_user("olga") }).unwrap();
    for user in [&alice, &bob, &olga] {
        crm.raise_alerts(&user.scope(), &[alert("same", &format!("Same of {}", user.login))]).unwrap();
    }
    crm.raise_alerts(&Scope::organization(alice.organization_id), &[alert("same", "Same of all")]).unwrap();
    let by_user = AlertSorting { column: AlertColumn::User, is_descending: false };
    let found = |whose| messages(&crm, &search(whose, "same"), by_user);
    assert_eq!(found(of(&alice)), ["Same of all", "Same of alice", "Same of bob"]);
    assert_eq!(found(of(&olga)), ["Same of olga"]);
    assert_eq!(found(Whose::User(bob.id)), ["Same of bob"]);
    assert_eq!(messages(&crm, &search(of(&alice), "olga"), by_user), Vec::<String>::new());
    // Of whom it is that is nobody's alone is searched as a page says it.
    assert_eq!(messages(&crm, &search(of(&alice), "everyBODY"), by_user), ["Same of all"]);
    assert_eq!(messages(&crm, &search(Whose::User(bob.id), "everybody"), by_user), Vec::<String>::new());
}

#[test]
fn lists_are_sorted_both_ways_and_by_what_is_youngest_within() {
    let clock = HarnessClock::fixed(noon());
    let crm = crm_with_clock(&clock);
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let task = |code: &str, message: &str| NewAlert { resource: NoticeResource::Tasks, ..alert(code, message) };
    let raised = [
        (&bob, alert("b", "one")),
        (&alice, task("a", "two")),
        (&alice, alert("a", "three")),
        (&bob, alert("b", "one")),
    ];
    for (user, alert) in raised {
        crm.raise_alerts(&user.scope(), &[alert]).unwrap();
        clock.advance(TimeDelta::minutes(1));
    }
    let sorted = |column, is_descending| {
        messages(&crm, &search(of(&alice), ""), AlertSorting { column, is_descending }).join(" ")
    };
    for (column, ascending, descending) in [
        (AlertColumn::Since, "one two three", "three two one"),
        (AlertColumn::Last, "two three one", "one three two"),
        (AlertColumn::User, "three two one", "one three two"),
        (AlertColumn::About, "three one two", "two one three"),
    ] {
        assert_eq!((sorted(column, false), sorted(column, true)), (ascending.to_owned(), descending.to_owned()));
    }
}

#[test]
fn what_is_over_is_a_list_of_its_own_sorted_by_when_it_was() {
    let clock = HarnessClock::fixed(noon());
    let crm = crm_with_clock(&clock);
    let alice = person(&crm, "alice");
    crm.raise_alerts(&alice.scope(), &[alert("a", "first"), alert("b", "second"), alert("c", "open")]).unwrap();
    for code in ["b", "a"] {
        clock.advance(TimeDelta::minutes(1));
        let filter = AlertFilter { code: Some(code.to_owned()), ..AlertFilter::default() };
        crm.resolve_alerts(&alice.scope(), &filter).unwrap();
    }
    let over = AlertSearch { list: AlertList::Resolved, ..search(of(&alice), "") };
    assert_eq!(messages(&crm, &over, YOUNGEST), ["first", "second"]);
    assert_eq!(messages(&crm, &search(of(&alice), ""), YOUNGEST), ["open"]);
}

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use chrono::TimeDelta;

use super::*;
use crate::clock::HarnessClock;
use crate::crm::event::input::{Change, EventInput};
use crate::crm::fixtures::{crm, crm_with_clock, noon, person};

fn titled(title: &str) -> EventInput {
    EventInput {
        title: Change::Set(title.to_owned()),
        start: Change::Set("2026-03-02T09:00:00Z".to_owned()),
        end: Change::Set("2026-03-02T09:15:00Z".to_owned()),
        ..EventInput::default()
    }
}

fn renamed(title: &str) -> EventInput {
    EventInput { title: Change::Set(title.to_owned()), ..EventInput::default() }
}

/// What a page says: titles, or `-id` for a deletion.
fn said(page: &Changes) -> Vec<String> {
    page.changes
        .iter()
        .map(|change| match change {
            EventChange::Upserted(event) => event.event.values.title.clone(),
            EventChange::Deleted { id, .. } => format!("-{id}"),
        })
        .collect()
}

fn changes(crm: &Crm, owner: UserId, after: Option<&Cursor>) -> Changes {
    crm.event_changes(owner, after, CHANGES_MAX).unwrap()
}

#[test]
fn the_first_listing_pages_through_every_event() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let gone = crm.create_event(alice.id, titled("gone")).unwrap();
    for title in ["a", "b", "c", "d", "e"] {
        crm.create_event(alice.id, titled(title)).unwrap();
    }
    crm.delete_event(alice.id, gone.id).unwrap();
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let page = crm.event_changes(alice.id, cursor.as_ref(), 2).unwrap();
        seen.extend(said(&page));
        cursor = Some(page.next);
        if !page.more {
            break;
        }
    }
    assert_eq!(seen, ["a", "b", "c", "d", "e"]);
    assert_eq!(said(&changes(&crm, alice.id, cursor.as_ref())), Vec::<String>::new());
}

#[test]
fn each_event_comes_once_in_the_order_of_its_last_change() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let start = changes(&crm, alice.id, None).next;
    let ids: Vec<EventId> =
        ["a", "b", "c"].iter().map(|title| crm.create_event(alice.id, titled(title)).unwrap().id).collect();
    crm.update_event(alice.id, ids[0], renamed("a2")).unwrap();
    crm.delete_event(alice.id, ids[1]).unwrap();
    crm.update_event(alice.id, ids[0], renamed("a3")).unwrap();
    assert_eq!(said(&changes(&crm, alice.id, Some(&start))), ["c".to_owned(), format!("-{}", ids[1]), "a3".to_owned()]);
}

#[test]
fn nothing_new_leaves_the_cursor_as_it_is() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    crm.create_event(alice.id, titled("a")).unwrap();
    let first = changes(&crm, alice.id, None);
    crm.create_event(bob.id, titled("of bob")).unwrap();
    let second = changes(&crm, alice.id, Some(&first.next));
    assert_eq!((second.changes, second.next, second.more), (vec![], first.next, false));
}

#[test]
fn an_event_that_changes_between_two_pages_moves_to_the_end() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let ids: Vec<EventId> =
        ["a", "b", "c"].iter().map(|title| crm.create_event(alice.id, titled(title)).unwrap().id).collect();
    let first = crm.event_changes(alice.id, None, 1).unwrap();
    assert_eq!(said(&first), ["a"]);
    crm.update_event(alice.id, ids[1], renamed("b2")).unwrap();
    crm.delete_event(alice.id, ids[0]).unwrap();
    let rest = changes(&crm, alice.id, Some(&first.next));
    assert_eq!(said(&rest), ["c".to_owned(), "b2".to_owned(), format!("-{}", ids[0])]);
}

#[test]
fn another_calendars_changes_stay_there() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    crm.create_event(alice.id, titled("a")).unwrap();
    let of_bob = changes(&crm, bob.id, None);
    assert!(of_bob.changes.is_empty());
    assert!(matches!(crm.event_changes(alice.id, Some(&of_bob.next), 10), Err(ChangesError::CursorExpired)));
}

#[test]
fn tombstones_are_kept_for_90_days_and_their_end_is_told() {
    let clock = HarnessClock::fixed(noon());
    let crm = crm_with_clock(&clock);
    let alice = person(&crm, "alice");
    let old = crm.create_event(alice.id, titled("old")).unwrap();
    crm.create_event(alice.id, titled("kept")).unwrap();
    let before = changes(&crm, alice.id, None).next;
    crm.delete_event(alice.id, old.id).unwrap();
    let after = changes(&crm, alice.id, Some(&before)).next;
    clock.advance(TOMBSTONE_AGE_MAX);
    assert_eq!(crm.purge_event_history().unwrap(), PurgedHistory::default());
    assert_eq!(said(&changes(&crm, alice.id, Some(&before))), [format!("-{}", old.id)]);
    clock.advance(TimeDelta::seconds(1));
    assert_eq!(crm.purge_event_history().unwrap().tombstones, 1);
    assert!(matches!(crm.event_changes(alice.id, Some(&before), 10), Err(ChangesError::CursorExpired)));
    assert!(changes(&crm, alice.id, Some(&after)).changes.is_empty());
    assert_eq!(said(&changes(&crm, alice.id, None)), ["kept"]);
}

#[test]
fn a_purge_does_not_disturb_a_listing_that_began_later() {
    let clock = HarnessClock::fixed(noon());
    let crm = crm_with_clock(&clock);
    let alice = person(&crm, "alice");
    for title in ["a", "b"] {
        crm.create_event(alice.id, titled(title)).unwrap();
    }
    let gone = crm.create_event(alice.id, titled("gone")).unwrap();
    crm.delete_event(alice.id, gone.id).unwrap();
    clock.advance(TimeDelta::days(91));
    let first = crm.event_changes(alice.id, None, 1).unwrap();
    crm.purge_event_history().unwrap();
    assert_eq!(said(&changes(&crm, alice.id, Some(&first.next))), ["b"]);
}

#[test]
fn a_foreign_cursor_is_an_expired_one() {
    let crm = crm();
    let alice = person(&crm, "alice");
    crm.create_event(alice.id, titled("a")).unwrap();
    let good = changes(&crm, alice.id, None).next;
    let parts: Vec<&str> = good.as_str().split('.').collect();
    let with = |position: usize, part: &str| {
        let mut parts = parts.clone();
        parts[position] = part;
        parts.join(".")
    };
    let foreign =
        [String::new(), "x".to_owned(), with(0, "2"), with(1, "0"), with(2, "99"), with(3, "99"), with(4, "x")];
    for text in foreign {
        let refused = crm.event_changes(alice.id, Some(&Cursor::remembered(&text)), 10);
        assert!(matches!(refused, Err(ChangesError::CursorExpired)), "{text}");
    }
    assert!(crm.event_changes(alice.id, Some(&Cursor::remembered(good.as_str())), 10).is_ok());
}

#[test]
fn events_are_read_by_id_in_the_order_asked_for() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let (a, b) = (crm.create_event(alice.id, titled("a")).unwrap(), crm.create_event(alice.id, titled("b")).unwrap());
    let nobody = EventId::from_number(99);
    let found = crm.events_by_id(alice.id, &[b.id, nobody, a.id]).unwrap();
    let found: Vec<_> = found.into_iter().map(|whole| whole.map(|whole| whole.event)).collect();
    assert_eq!(found, vec![Some(b), None, Some(a)]);
    let many = vec![nobody; CHANGES_MAX + 1];
    assert!(matches!(crm.events_by_id(alice.id, &many), Err(CrmError::TooMany { .. })));
}

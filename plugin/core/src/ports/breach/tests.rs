#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::super::Revision;
use super::*;

const CALL: &str = "calendar.changes";

fn breach<T: std::fmt::Debug>(result: Result<T, HostError>) -> Breach {
    match result {
        Err(HostError::Breach(breach)) => breach,
        other => panic!("expected a breach, but found {other:?}"),
    }
}

fn entry(key: &str) -> Entry {
    Entry { key: key.to_owned(), value: Vec::new(), revision: Revision(1) }
}

#[test]
fn an_answer_too_few_or_too_many_is_no_answer() {
    assert_eq!(one_for_each(CALL, 2, vec![1, 2]), Ok(vec![1, 2]));
    for answers in [vec![], vec![1], vec![1, 2, 3]] {
        let found = answers.len();
        assert_eq!(breach(one_for_each(CALL, 2, answers)), Breach::Count { call: CALL, expected: 2, found });
    }
}

#[test]
fn an_answer_about_something_else_is_refused() {
    let names = |asked: &&str, answer: &&str| asked == answer;
    assert_eq!(about_each(CALL, &["a", "b"], vec![None, Some("b")], names), Ok(vec![None, Some("b")]));
    let other = about_each(CALL, &["a", "b"], vec![Some("b"), Some("a")], names);
    assert_eq!(breach(other), Breach::OtherThing { call: CALL });
}

#[test]
fn a_listing_comes_forward_in_order_and_stays_under_its_prefix() {
    let page = |after: Option<&str>, keys: &[&str], more: bool| {
        listed("a/", after, 2, (keys.iter().map(|key| entry(key)).collect(), more)).map(|(entries, _)| entries.len())
    };
    assert_eq!(page(None, &["a/1", "a/2"], true), Ok(2));
    assert_eq!(page(Some("a/2"), &[], false), Ok(0));
    let call = "storage.list-entries";
    assert_eq!(breach(page(None, &["a/1", "b/1"], false)), Breach::OtherThing { call });
    assert_eq!(breach(page(None, &["a/1", "a/2", "a/3"], false)), Breach::TooMany { call, limit: 2, found: 3 });
    for (after, keys, more) in [
        (None, &["a/2", "a/1"][..], false),
        (None, &["a/1", "a/1"], false),
        (Some("a/1"), &["a/1", "a/2"], true),
        (Some("a/1"), &[], true),
    ] {
        assert_eq!(breach(page(after, keys, more)), Breach::StandsStill { call }, "{after:?} {keys:?}");
    }
}

#[test]
fn a_page_of_changes_has_each_record_once_and_a_place_behind_it() {
    let check = |after: Option<&str>, next: &str, more: bool, ids: &[&str]| {
        let ids: Vec<CrmId> = ids.iter().map(|id| CrmId::new(*id)).collect();
        Changes { call: CALL, after, limit: 2, next, more }.check(ids.iter())
    };
    assert_eq!(check(Some("1"), "2", true, &["a", "b"]), Ok(()));
    // At the end, the place may stay the same.
    assert_eq!(check(Some("1"), "1", false, &[]), Ok(()));
    assert_eq!(breach(check(Some("1"), "1", true, &["a"])), Breach::StandsStill { call: CALL });
    assert_eq!(breach(check(None, "1", false, &["a", "b", "a"])), Breach::Twice { call: CALL });
    assert_eq!(breach(check(None, "1", false, &["a", "b", "c"])), Breach::TooMany { call: CALL, limit: 2, found: 3 });
    let long = "x".repeat(CURSOR_BYTES_MAX + 1);
    for (next, id) in [("1", ""), ("1", &long[..=ID_BYTES_MAX]), (long.as_str(), "a")] {
        assert_eq!(breach(check(None, next, false, &[id])), Breach::Unusable { call: CALL }, "{}", id.len());
    }
}

#[test]
fn a_result_is_about_its_mutation() {
    let (one, two) = (CrmId::new("1"), CrmId::new("2"));
    let results = |stored: Vec<Result<Option<CrmId>, ()>>| {
        let targets = [Target::New, Target::Record(one.clone()), Target::Gone];
        applied("calendar.apply", &targets, stored, Option::as_ref).map(|results| results.len())
    };
    assert_eq!(results(vec![Ok(Some(two.clone())), Ok(Some(one.clone())), Ok(None)]), Ok(3));
    assert_eq!(results(vec![Err(()), Err(()), Err(())]), Ok(3));
    for wrong in [
        vec![Ok(None), Err(()), Err(())],
        vec![Err(()), Ok(Some(two.clone())), Err(())],
        vec![Err(()), Ok(None), Err(())],
        vec![Err(()), Err(()), Ok(Some(two))],
    ] {
        assert_eq!(breach(results(wrong)), Breach::OtherThing { call: "calendar.apply" });
    }
    assert_eq!(breach(results(vec![Err(())])), Breach::Count { call: "calendar.apply", expected: 3, found: 1 });
}

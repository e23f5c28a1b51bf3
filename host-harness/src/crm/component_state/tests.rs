#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::crm::fixtures::{crm, person};

fn put(key: &str, value: &str, expect: Expectation) -> StateWrite {
    StateWrite { key: key.to_owned(), value: Some(value.as_bytes().to_vec()), expect }
}

fn keys(page: &StatePage) -> Vec<&str> {
    page.entries.iter().map(|entry| entry.key.as_str()).collect()
}

#[test]
fn a_commit_is_all_or_nothing() {
    let crm = crm();
    let scope = person(&crm, "alice").scope();
    let fence = crm.raise_fence(&scope).unwrap();
    crm.commit_state(&scope, fence, &[put("a", "1", Expectation::Absent)]).unwrap();
    let failed =
        crm.commit_state(&scope, fence, &[put("b", "1", Expectation::Absent), put("a", "2", Expectation::Absent)]);
    assert!(matches!(failed, Err(CommitError::ExpectationFailed { key }) if key == "a"));
    assert_eq!(keys(&crm.list_state(&scope, "", None, 10).unwrap()), ["a"]);
}

#[test]
fn a_revision_counts_the_writes() {
    let crm = crm();
    let scope = person(&crm, "alice").scope();
    let fence = crm.raise_fence(&scope).unwrap();
    crm.commit_state(&scope, fence, &[put("a", "1", Expectation::Any)]).unwrap();
    let first = crm.state_of_keys(&scope, &["a".into()]).unwrap()[0].clone().unwrap();
    crm.commit_state(&scope, fence, &[put("a", "2", Expectation::Revision(first.revision))]).unwrap();
    let second = crm.state_of_keys(&scope, &["x".into(), "a".into()]).unwrap();
    assert_eq!(second[0], None);
    assert_eq!(second[1].as_ref().unwrap().revision.number(), 2);
    let late = crm.commit_state(&scope, fence, &[put("a", "3", Expectation::Revision(first.revision))]);
    assert!(matches!(late, Err(CommitError::ExpectationFailed { .. })));
}

#[test]
fn an_earlier_holder_is_refused() {
    let crm = crm();
    let scope = person(&crm, "alice").scope();
    let never_raised = crm.commit_state(&scope, Fence::claimed(0), &[]);
    assert!(matches!(never_raised, Err(CommitError::StaleFence)));
    let first = crm.raise_fence(&scope).unwrap();
    let second = crm.raise_fence(&scope).unwrap();
    assert!(second > first);
    let write = [put("a", "1", Expectation::Any)];
    assert!(matches!(crm.commit_state(&scope, first, &write), Err(CommitError::StaleFence)));
    let invented = Fence::claimed(second.number() + 1);
    assert!(matches!(crm.commit_state(&scope, invented, &write), Err(CommitError::StaleFence)));
    crm.commit_state(&scope, second, &write).unwrap();
}

#[test]
fn a_listing_is_ordered_by_bytes_and_ends_at_the_prefix() {
    let crm = crm();
    let scope = person(&crm, "alice").scope();
    let fence = crm.raise_fence(&scope).unwrap();
    let writes: Vec<StateWrite> =
        ["b", "a/2", "a/1", "a/é", "a", "a0", "B"].iter().map(|key| put(key, "", Expectation::Any)).collect();
    crm.commit_state(&scope, fence, &writes).unwrap();
    assert_eq!(keys(&crm.list_state(&scope, "", None, 10).unwrap()), ["B", "a", "a/1", "a/2", "a/é", "a0", "b"]);
    let page = crm.list_state(&scope, "a/", None, 2).unwrap();
    assert_eq!((keys(&page), page.more), (vec!["a/1", "a/2"], true));
    let rest = crm.list_state(&scope, "a/", Some("a/2"), 2).unwrap();
    assert_eq!((keys(&rest), rest.more), (vec!["a/é"], false));
}

#[test]
fn a_deletion_is_a_write_without_value() {
    let crm = crm();
    let scope = person(&crm, "alice").scope();
    let fence = crm.raise_fence(&scope).unwrap();
    crm.commit_state(&scope, fence, &[put("a", "1", Expectation::Any)]).unwrap();
    let gone = StateWrite { key: "a".into(), value: None, expect: Expectation::Any };
    crm.commit_state(&scope, fence, &[gone]).unwrap();
    assert_eq!(crm.state_of_keys(&scope, &["a".into()]).unwrap(), vec![None]);
}

#[test]
fn scopes_do_not_see_each_other() {
    let crm = crm();
    let alice = person(&crm, "alice").scope();
    let bob = person(&crm, "bob").scope();
    let company = Scope::organization(alice.organization);
    for (scope, value) in [(alice, "alice"), (bob, "bob"), (company, "company")] {
        let fence = crm.raise_fence(&scope).unwrap();
        crm.commit_state(&scope, fence, &[put("k", value, Expectation::Absent)]).unwrap();
    }
    for (scope, value) in [(alice, "alice"), (bob, "bob"), (company, "company")] {
        let page = crm.list_state(&scope, "", None, 10).unwrap();
        assert_eq!(page.entries.len(), 1);
        assert_eq!(page.entries[0].value, value.as_bytes());
    }
}

#[test]
fn what_is_too_large_is_refused() {
    let crm = crm();
    let scope = person(&crm, "alice").scope();
    let fence = crm.raise_fence(&scope).unwrap();
    let value = |size: usize| StateWrite { key: "k".into(), value: Some(vec![0; size]), expect: Expectation::Any };
    crm.commit_state(&scope, fence, &[value(VALUE_BYTES_MAX)]).unwrap();
    let many: Vec<StateWrite> = (0..=KEYS_MAX).map(|n| put(&n.to_string(), "", Expectation::Any)).collect();
    let heavy: Vec<StateWrite> = (0..17).map(|n| StateWrite { key: n.to_string(), ..value(VALUE_BYTES_MAX) }).collect();
    let cases = [
        vec![value(VALUE_BYTES_MAX + 1)],
        vec![put(&"k".repeat(KEY_BYTES_MAX + 1), "", Expectation::Any)],
        many,
        heavy,
    ];
    for writes in cases {
        assert!(matches!(crm.commit_state(&scope, fence, &writes), Err(CommitError::TooLarge { .. })));
    }
    let twice = [put("a", "1", Expectation::Any), put("a", "2", Expectation::Any)];
    assert!(matches!(crm.commit_state(&scope, fence, &twice), Err(CommitError::RepeatedKey { .. })));
    let asked: Vec<String> = (0..=KEYS_MAX).map(|n| n.to_string()).collect();
    assert!(matches!(crm.state_of_keys(&scope, &asked), Err(CrmError::TooMany { .. })));
}

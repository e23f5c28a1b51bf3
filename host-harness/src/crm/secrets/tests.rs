#![allow(clippy::unwrap_used)]

use super::*;
use crate::crm::fixtures::{crm, person};

fn bytes(text: &str) -> SecretBytes {
    SecretBytes::new(text.as_bytes().to_vec())
}

fn revision(number: i64) -> Expectation {
    Expectation::Revision(Revision::from_number(number))
}

#[test]
fn a_secret_is_written_only_where_the_expectation_holds() {
    let crm = crm();
    let scope = person(&crm, "alice").scope();
    let name = SecretName::AccountTokens;
    crm.put_secret(&scope, name, Some(&bytes("one")), Expectation::Absent).unwrap();
    let again = crm.put_secret(&scope, name, Some(&bytes("two")), Expectation::Absent);
    assert!(matches!(again, Err(SecretError::ExpectationFailed)));
    crm.put_secret(&scope, name, Some(&bytes("two")), revision(1)).unwrap();
    let stored = crm.secret(&scope, name).unwrap().unwrap();
    assert_eq!((stored.value, stored.revision), (bytes("two"), Revision::from_number(2)));
}

#[test]
fn a_deleted_secret_does_not_repeat_a_revision() {
    let crm = crm();
    let scope = person(&crm, "alice").scope();
    let name = SecretName::AccountTokens;
    crm.put_secret(&scope, name, Some(&bytes("one")), Expectation::Any).unwrap();
    crm.put_secret(&scope, name, None, revision(1)).unwrap();
    assert_eq!(crm.secret(&scope, name).unwrap(), None);
    crm.put_secret(&scope, name, Some(&bytes("new")), Expectation::Absent).unwrap();
    let stale = crm.put_secret(&scope, name, Some(&bytes("old")), revision(1));
    assert!(matches!(stale, Err(SecretError::ExpectationFailed)));
}

#[test]
fn secrets_of_two_users_do_not_mix_and_rows_cannot_be_swapped() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice").scope(), person(&crm, "bob").scope());
    let name = SecretName::AccountTokens;
    crm.put_secret(&alice, name, Some(&bytes("of alice")), Expectation::Any).unwrap();
    assert_eq!(crm.secret(&bob, name).unwrap(), None);
    crm.put_secret(&bob, name, Some(&bytes("of bob")), Expectation::Any).unwrap();
    crm.lock()
        .execute(
            "UPDATE secret SET sealed = (SELECT sealed FROM secret WHERE user_id = ?1) WHERE user_id = ?2",
            [alice.user_key(), bob.user_key()],
        )
        .unwrap();
    assert!(matches!(crm.secret(&bob, name), Err(CrmError::Seal(SealError))));
}

#[test]
fn the_database_holds_no_plain_text() {
    let crm = crm();
    let scope = person(&crm, "alice").scope();
    crm.put_secret(&scope, SecretName::AccountTokens, Some(&bytes("refresh-token")), Expectation::Any).unwrap();
    let sealed: Vec<u8> = crm.lock().query_row("SELECT sealed FROM secret", [], |row| row.get(0)).unwrap();
    assert!(!sealed.windows(13).any(|window| window == b"refresh-token"));
}

#[test]
fn two_writes_of_the_same_secret_look_different() {
    let key = SealingKey::generate().unwrap();
    assert_ne!(key.seal("a", b"same").unwrap(), key.seal("a", b"same").unwrap());
}

#[test]
fn a_secret_does_not_show_itself() {
    assert_eq!(format!("{:?}", bytes("hush")), "SecretBytes(4 bytes)");
}

#[test]
fn a_secret_has_a_largest_size() {
    let crm = crm();
    let scope = person(&crm, "alice").scope();
    let large = SecretBytes::new(vec![0; SECRET_BYTES_MAX + 1]);
    let refused = crm.put_secret(&scope, SecretName::AccountTokens, Some(&large), Expectation::Any);
    assert!(matches!(refused, Err(SecretError::TooLarge { .. })));
}

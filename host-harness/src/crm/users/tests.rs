#![allow(clippy::unwrap_used)]

use super::*;
use crate::crm::fixtures::{crm, new_user, person};

#[test]
fn an_organization_appears_with_its_first_user() {
    let crm = crm();
    let alice = crm.create_user(&new_user("alice")).unwrap();
    let bob = crm.create_user(&new_user("bob")).unwrap();
    assert_eq!(alice.organization_id, bob.organization_id);
    assert_eq!(crm.organization_by_name(&alice.organization).unwrap().id, alice.organization_id);
    assert_eq!(crm.organizations().unwrap().len(), 1);
}

#[test]
fn a_login_is_unique_in_the_crm_and_an_address_in_the_organization() {
    let crm = crm();
    crm.create_user(&new_user("alice")).unwrap();
    let same_login = NewUser { email: "other@example.org".into(), ..new_user("alice") };
    assert!(matches!(crm.create_user(&same_login), Err(CrmError::Taken { field: "login" })));
    let same_email = NewUser { email: "ALICE@example.org".into(), ..new_user("carol") };
    assert!(matches!(crm.create_user(&same_email), Err(CrmError::Taken { field: "email" })));
    let elsewhere = NewUser { organization: "Other".into(), ..same_email };
    crm.create_user(&elsewhere).unwrap();
}

#[test]
fn a_refused_user_leaves_no_organization_behind() {
    let crm = crm();
    crm.create_user(&new_user("alice")).unwrap();
    let refused = NewUser { organization: "New".into(), ..new_user("alice") };
    assert!(crm.create_user(&refused).is_err());
    assert!(matches!(crm.organization_by_name("New"), Err(CrmError::NotFound { .. })));
}

#[test]
fn bad_values_are_named() {
    let crm = crm();
    let cases = [
        (NewUser { time_zone: "Mars/Olympus".into(), ..new_user("a") }, "unknown-time-zone"),
        (NewUser { login: "  ".into(), ..new_user("a") }, "invalid-name"),
        (NewUser { display_name: "x".repeat(256), ..new_user("a") }, "invalid-name"),
        (NewUser { email: "nobody".into(), ..new_user("a") }, "invalid-address"),
        (NewUser { organization: "a\nb".into(), ..new_user("a") }, "invalid-name"),
    ];
    for (new, code) in cases {
        assert_eq!(crm.create_user(&new).unwrap_err().code(), code);
    }
    assert_eq!(crm.all_users().unwrap(), vec![]);
}

#[test]
fn lists_end_at_the_organization() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let other = crm.create_user(&NewUser { organization: "Other".into(), ..new_user("olga") }).unwrap();
    assert_eq!(crm.users_of(alice.organization_id).unwrap(), vec![alice.clone()]);
    assert_eq!(crm.user_by_email(alice.organization_id, &other.email).unwrap(), None);
    assert_eq!(crm.user_by_email(other.organization_id, &other.email.to_uppercase()).unwrap(), Some(other));
    assert_eq!(crm.all_users().unwrap().len(), 2);
}

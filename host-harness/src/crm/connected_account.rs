//! Which Microsoft account is connected for whom: several users may have one and the
//! same mailbox.
//!
//! The component knows the account of the one user whom it is asked about. What it says
//! is noted here whenever it does (`app::account`), by the account's identifier: a name
//! changes, and may be somebody else's later.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::ids::{OrganizationId, UserId};
use super::users::{User, user_in};
use super::{Crm, CrmError};

/// The condition on a row `other` that it is of the same account as the row `own`, for
/// somebody else.
const SAME: &str = "other.account = own.account AND other.user_id <> own.user_id";

impl Crm {
    /// How often the component has stored something for a user.
    pub fn component_commits(&self, user: &User) -> Result<i64, CrmError> {
        self.read(|connection| commits_in(connection, user))
    }

    /// Notes the account of a user, none where there is none, as the component has said it
    /// when it had stored something so often. If it has stored something since, it may have
    /// become another one, and nothing is noted.
    pub fn note_account_read(&self, user: &User, account: Option<&str>, commits: i64) -> Result<(), CrmError> {
        // Asked often, and seldom new.
        if self.read(|connection| noted_in(connection, user.id))?.as_deref() == account {
            return Ok(());
        }
        self.write(|transaction| {
            if commits_in(transaction, user)? == commits { note_in(transaction, user.id, account) } else { Ok(()) }
        })
    }

    /// Notes the account that a user has from now on; none where there is none any more.
    pub fn note_account(&self, user: UserId, account: Option<&str>) -> Result<(), CrmError> {
        self.write(|transaction| note_in(transaction, user, account))
    }

    /// Who else of the user's organization has the user's account, ordered by name.
    pub fn colleagues_with_account_of(&self, user: &User) -> Result<Vec<User>, CrmError> {
        self.read(|connection| {
            let sql = format!(
                "SELECT user.id FROM connected_account own JOIN connected_account other ON {SAME}
                 JOIN user ON user.id = other.user_id AND user.organization_id = ?2
                 WHERE own.user_id = ?1 ORDER BY folded(user.display_name), user.login"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let ids = statement.query_map(params![user.id, user.organization_id], |row| row.get(0))?;
            ids.map(|id| user_in(connection, id?)).collect()
        })
    }

    /// Whether anybody of another organization has the user's account. Who it is does not
    /// leave that organization.
    pub fn is_account_elsewhere(&self, user: &User) -> Result<bool, CrmError> {
        self.read(|connection| {
            let sql = format!(
                "SELECT EXISTS (SELECT 1 FROM connected_account own JOIN connected_account other ON {SAME}
                 JOIN user ON user.id = other.user_id AND user.organization_id <> ?2 WHERE own.user_id = ?1)"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            Ok(statement.query_row(params![user.id, user.organization_id], |row| row.get(0))?)
        })
    }

    /// The users of an organization whose account is connected for somebody else as well.
    pub fn users_of_shared_accounts(&self, organization: OrganizationId) -> Result<BTreeSet<UserId>, CrmError> {
        self.read(|connection| {
            let sql = format!(
                "SELECT own.user_id FROM connected_account own
                 JOIN user ON user.id = own.user_id AND user.organization_id = ?1
                 WHERE EXISTS (SELECT 1 FROM connected_account other WHERE {SAME})"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            Ok(statement.query_map([organization], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
    }
}

fn commits_in(connection: &Connection, user: &User) -> Result<i64, CrmError> {
    let mut statement =
        connection.prepare_cached("SELECT commits FROM component_fence WHERE organization_id = ?1 AND user_id = ?2")?;
    let commits = statement.query_row(params![user.organization_id, user.id], |row| row.get(0)).optional()?;
    Ok(commits.unwrap_or(0))
}

fn noted_in(connection: &Connection, user: UserId) -> Result<Option<String>, CrmError> {
    let mut statement = connection.prepare_cached("SELECT account FROM connected_account WHERE user_id = ?1")?;
    Ok(statement.query_row([user], |row| row.get(0)).optional()?)
}

fn note_in(connection: &Connection, user: UserId, account: Option<&str>) -> Result<(), CrmError> {
    match account {
        Some(account) => connection.execute(
            "INSERT INTO connected_account (user_id, account) VALUES (?1, ?2)
             ON CONFLICT DO UPDATE SET account = excluded.account",
            params![user, account],
        )?,
        None => connection.execute("DELETE FROM connected_account WHERE user_id = ?1", [user])?,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::crm::component_state::{Expectation, StateWrite};
    use crate::crm::fixtures::{crm, new_user, person};
    use crate::crm::users::NewUser;

    fn names(crm: &Crm, user: &User) -> Vec<String> {
        crm.colleagues_with_account_of(user).unwrap().into_iter().map(|user| user.login).collect()
    }

    #[test]
    fn colleagues_with_one_account_are_found_and_nobody_elsewhere_is_named() {
        let crm = crm();
        let (alice, bob, carol) = (person(&crm, "alice"), person(&crm, "bob"), person(&crm, "carol"));
        let olga = crm.create_user(&NewUser { organization: "Other".into(), ..new_user("olga") }).unwrap();
        let dave = person(&crm, "dave");
        for user in [&carol, &alice, &bob] {
            crm.note_account(user.id, Some("one")).unwrap();
        }
        crm.note_account(dave.id, Some("two")).unwrap();
        assert_eq!((names(&crm, &alice), names(&crm, &dave)), (vec!["bob".to_owned(), "carol".to_owned()], vec![]));
        assert!(!crm.is_account_elsewhere(&alice).unwrap());

        crm.note_account(olga.id, Some("one")).unwrap();
        assert_eq!((names(&crm, &alice).len(), names(&crm, &olga)), (2, vec![]));
        assert!(crm.is_account_elsewhere(&alice).unwrap() && crm.is_account_elsewhere(&olga).unwrap());
        assert!(!crm.is_account_elsewhere(&dave).unwrap());
        let shared = |user: &User| crm.users_of_shared_accounts(user.organization_id).unwrap();
        assert_eq!(shared(&alice), BTreeSet::from([alice.id, bob.id, carol.id]));
        assert_eq!(shared(&olga), BTreeSet::from([olga.id]));
    }

    #[test]
    fn an_account_that_is_gone_or_another_one_is_shared_no_more() {
        let crm = crm();
        let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
        let note = |user: &User, account| crm.note_account(user.id, account).unwrap();
        note(&alice, Some("one"));
        note(&bob, Some("one"));
        assert_eq!(names(&crm, &alice), ["bob"]);
        note(&bob, Some("two"));
        assert_eq!(names(&crm, &alice), Vec::<String>::new());
        note(&bob, Some("one"));
        note(&alice, None);
        assert_eq!((names(&crm, &alice), names(&crm, &bob)), (vec![], vec![]));
        assert_eq!(crm.users_of_shared_accounts(bob.organization_id).unwrap(), BTreeSet::new());
    }

    #[test]
    fn what_was_read_before_the_component_stored_something_is_not_noted_after_it() {
        let crm = crm();
        let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
        crm.note_account_read(&bob, Some("one"), 0).unwrap();
        let before = crm.component_commits(&alice).unwrap();
        crm.note_account_read(&alice, Some("one"), before).unwrap();
        assert_eq!(names(&crm, &alice), ["bob"]);
        let fence = crm.raise_fence(&alice.scope()).unwrap();
        let write = StateWrite { key: "k".to_owned(), value: Some(vec![1]), expect: Expectation::Any };
        crm.commit_state(&alice.scope(), fence, &[write]).unwrap();
        let after = crm.component_commits(&alice).unwrap();
        crm.note_account(alice.id, None).unwrap();
        crm.note_account_read(&alice, Some("one"), before).unwrap();
        assert_eq!((before, after, names(&crm, &bob).len()), (0, 1, 0));
        crm.note_account_read(&alice, Some("one"), after).unwrap();
        assert_eq!(names(&crm, &bob), ["alice"]);
    }
}

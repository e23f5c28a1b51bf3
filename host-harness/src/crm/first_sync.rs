//! Whose first run waits for somebody to confirm it, and with which Microsoft
//! accounts a user was synchronised before.
//!
//! A row is all there is to a wait, so that it outlives a restart and another process
//! that confirms is heard. When somebody has to wait is decided by the application
//! (`app::first_sync`). Next: [`super::overview`].

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::ids::UserId;
use super::overview::{OF_THOSE, Whose};
use super::stored::Millis;
use super::users::user_in;
use super::{Crm, CrmError};

impl Crm {
    /// Has the first run of a user wait until it is released. One that waits goes on
    /// waiting.
    ///
    /// # Errors
    /// The user does not exist.
    pub fn hold_first_sync(&self, user: UserId) -> Result<(), CrmError> {
        let now = Millis(self.now());
        self.write(|transaction| {
            user_in(transaction, user)?;
            transaction.execute(
                "INSERT OR IGNORE INTO first_sync_wait (user_id, since) VALUES (?1, ?2)",
                params![user, now],
            )?;
            Ok(())
        })
    }

    /// Ends the wait of a user, and says whether there was one.
    pub fn release_first_sync(&self, user: UserId) -> Result<bool, CrmError> {
        // Most runs find none, and have nothing to write.
        if !self.first_sync_waits(user)? {
            return Ok(false);
        }
        self.write(|transaction| Ok(transaction.execute("DELETE FROM first_sync_wait WHERE user_id = ?1", [user])? > 0))
    }

    /// Whether the first run of a user waits.
    pub fn first_sync_waits(&self, user: UserId) -> Result<bool, CrmError> {
        self.read(|connection| Ok(waiting_in(connection, Whose::User(user))?.contains(&user)))
    }

    /// Everybody whose first run waits.
    pub fn waiting_first_syncs(&self) -> Result<BTreeSet<UserId>, CrmError> {
        self.read(|connection| Ok(waiting_in(connection, Whose::All)?))
    }

    /// Remembers that a user was synchronised with this Microsoft account.
    pub fn note_synchronized(&self, user: UserId, account: &str) -> Result<(), CrmError> {
        if self.was_synchronized(user, account)? {
            return Ok(());
        }
        self.write(|transaction| {
            let sql = "INSERT OR IGNORE INTO synchronized_account (user_id, account) VALUES (?1, ?2)";
            transaction.execute(sql, params![user, account])?;
            Ok(())
        })
    }

    /// Whether a user was ever synchronised with this Microsoft account.
    pub fn was_synchronized(&self, user: UserId, account: &str) -> Result<bool, CrmError> {
        self.read(|connection| {
            let sql = "SELECT 1 FROM synchronized_account WHERE user_id = ?1 AND account = ?2";
            Ok(connection.query_row(sql, params![user, account], |_| Ok(())).optional()?.is_some())
        })
    }
}

/// Those of these users whose first run waits.
pub(super) fn waiting_in(connection: &Connection, whose: Whose) -> rusqlite::Result<BTreeSet<UserId>> {
    let (organization, user) = whose.numbers();
    let sql = format!("SELECT user_id FROM first_sync_wait WHERE user_id {OF_THOSE}");
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map(params![organization, user], |row| row.get(0))?.collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;
    use crate::crm::fixtures::{crm, new_user, person};
    use crate::crm::users::NewUser;

    #[test]
    fn a_wait_is_one_users_alone_until_it_is_released() {
        let crm = crm();
        let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
        crm.hold_first_sync(alice.id).unwrap();
        crm.hold_first_sync(alice.id).unwrap();
        assert!(crm.first_sync_waits(alice.id).unwrap() && !crm.first_sync_waits(bob.id).unwrap());
        assert_eq!(crm.waiting_first_syncs().unwrap(), BTreeSet::from([alice.id]));
        assert!(!crm.release_first_sync(bob.id).unwrap());
        assert!(crm.release_first_sync(alice.id).unwrap() && !crm.release_first_sync(alice.id).unwrap());
        assert!(crm.waiting_first_syncs().unwrap().is_empty());
        let nobody = UserId::from_number(99);
        assert!(matches!(crm.hold_first_sync(nobody), Err(CrmError::NotFound { .. })));
    }

    #[test]
    fn an_overview_says_who_of_an_organization_waits() {
        let crm = crm();
        let alice = person(&crm, "alice");
        let carol = crm.create_user(&NewUser { organization: "Globex".to_owned(), ..new_user("carol") }).unwrap();
        crm.hold_first_sync(carol.id).unwrap();
        let waits = |whose| crm.overview(whose).unwrap().iter().map(|found| found.first_sync_waits).collect::<Vec<_>>();
        assert_eq!(waits(Whose::All), [false, true]);
        assert_eq!(waits(Whose::Organization(alice.organization_id)), [false]);
        assert_eq!(waits(Whose::User(carol.id)), [true]);
    }

    #[test]
    fn an_account_is_remembered_for_the_user_who_was_synchronised_with_it() {
        let crm = crm();
        let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
        for account in ["one", "two", "one"] {
            crm.note_synchronized(alice.id, account).unwrap();
        }
        let was = |user: UserId, account| crm.was_synchronized(user, account).unwrap();
        assert!(was(alice.id, "one") && was(alice.id, "two") && !was(alice.id, "three"));
        assert!(!was(bob.id, "one"));
    }
}

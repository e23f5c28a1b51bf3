//! Whom a browser belongs to that comes back from Microsoft's login.
//!
//! The `state` of the request is the only thing that the browser brings. The
//! database keeps its hash, for one user at a time and for a short while; who
//! reads the database cannot finish somebody's connection. That the state is
//! right for the session is checked by the component. The exchange is that of
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

use super::ids::UserId;
use super::stored::Millis;
use super::users::user_in;
use super::{Crm, CrmError};

impl Crm {
    /// Remembers that a browser with this `state` belongs to `user`, until
    /// `expires_at`. An earlier one of the user is forgotten.
    ///
    /// # Errors
    /// The user does not exist.
    pub fn remember_connect_state(&self, state: &str, user: UserId, expires_at: DateTime<Utc>) -> Result<(), CrmError> {
        self.write(|transaction| {
            user_in(transaction, user)?;
            transaction.execute(
                "INSERT OR REPLACE INTO connect_state (state_hash, user_id, expires_at) VALUES (?1, ?2, ?3)",
                params![hash(state), user, Millis(expires_at)],
            )?;
            Ok(())
        })
    }

    /// The user whom `state` belongs to. It is forgotten with this answer, so
    /// that it is usable once; one that has expired belongs to nobody.
    pub fn take_connect_state(&self, state: &str) -> Result<Option<UserId>, CrmError> {
        let now = self.now();
        self.write(|transaction| {
            transaction.execute("DELETE FROM connect_state WHERE expires_at <= ?1", params![Millis(now)])?;
            let user = transaction
                .query_row("DELETE FROM connect_state WHERE state_hash = ?1 RETURNING user_id", [hash(state)], |row| {
                    row.get(0)
                })
                .optional()?;
            Ok(user)
        })
    }
}

fn hash(state: &str) -> Vec<u8> {
    Sha256::digest(state.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use chrono::TimeDelta;

    use crate::clock::HarnessClock;
    use crate::crm::fixtures::{crm_with_clock, noon, person};

    #[test]
    fn a_state_is_usable_once_and_not_for_long() {
        let clock = HarnessClock::fixed(noon());
        let crm = crm_with_clock(&clock);
        let alice = person(&crm, "alice");
        let until = noon() + TimeDelta::minutes(10);
        crm.remember_connect_state("one", alice.id, until).unwrap();
        assert_eq!(crm.take_connect_state("other").unwrap(), None);
        assert_eq!(crm.take_connect_state("one").unwrap(), Some(alice.id));
        assert_eq!(crm.take_connect_state("one").unwrap(), None);
        crm.remember_connect_state("two", alice.id, until).unwrap();
        clock.set(until);
        assert_eq!(crm.take_connect_state("two").unwrap(), None);
    }

    #[test]
    fn a_new_state_replaces_the_users_earlier_one() {
        let clock = HarnessClock::fixed(noon());
        let crm = crm_with_clock(&clock);
        let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
        let until = noon() + TimeDelta::minutes(10);
        for (state, user) in [("a", alice.id), ("b", bob.id), ("c", alice.id)] {
            crm.remember_connect_state(state, user, until).unwrap();
        }
        assert_eq!(crm.take_connect_state("a").unwrap(), None);
        assert_eq!(crm.take_connect_state("b").unwrap(), Some(bob.id));
        assert_eq!(crm.take_connect_state("c").unwrap(), Some(alice.id));
    }
}

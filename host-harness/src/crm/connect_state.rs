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

/// A sign-in that a browser is expected back from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectState {
    /// Whose account is being connected.
    pub user: UserId,
    /// Whether the session of a browser began it. A tool without cookies begins
    /// one that any browser may end.
    pub is_bound: bool,
}

impl Crm {
    /// Remembers that a browser with this `state` is expected, until
    /// `expires_at`. An earlier one of the user is forgotten.
    ///
    /// # Errors
    /// The user does not exist.
    pub fn remember_connect_state(
        &self,
        state: &str,
        expected: ConnectState,
        expires_at: DateTime<Utc>,
    ) -> Result<(), CrmError> {
        self.write(|transaction| {
            user_in(transaction, expected.user)?;
            transaction.execute(
                "INSERT OR REPLACE INTO connect_state (state_hash, user_id, is_bound, expires_at) \
                 VALUES (?1, ?2, ?3, ?4)",
                params![hash(state), expected.user, expected.is_bound, Millis(expires_at)],
            )?;
            Ok(())
        })
    }

    /// The sign-in that `state` belongs to; one that has expired belongs to
    /// nobody.
    pub fn connect_state(&self, state: &str) -> Result<Option<ConnectState>, CrmError> {
        let now = self.now();
        self.write(|transaction| {
            transaction.execute("DELETE FROM connect_state WHERE expires_at <= ?1", params![Millis(now)])?;
            let found = transaction
                .query_row("SELECT user_id, is_bound FROM connect_state WHERE state_hash = ?1", [hash(state)], |row| {
                    Ok(ConnectState { user: row.get(0)?, is_bound: row.get(1)? })
                })
                .optional()?;
            Ok(found)
        })
    }

    /// Forgets a sign-in that has come to its end.
    pub fn forget_connect_state(&self, state: &str) -> Result<(), CrmError> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM connect_state WHERE state_hash = ?1", [hash(state)])?;
            Ok(())
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

    use super::ConnectState;
    use crate::clock::HarnessClock;
    use crate::crm::fixtures::{crm_with_clock, noon, person};

    #[test]
    fn a_state_is_known_until_it_is_forgotten_and_not_for_long() {
        let clock = HarnessClock::fixed(noon());
        let crm = crm_with_clock(&clock);
        let alice = person(&crm, "alice");
        let until = noon() + TimeDelta::minutes(10);
        let expected = ConnectState { user: alice.id, is_bound: true };
        crm.remember_connect_state("one", expected, until).unwrap();
        assert_eq!(crm.connect_state("other").unwrap(), None);
        assert_eq!(crm.connect_state("one").unwrap(), Some(expected));
        crm.forget_connect_state("one").unwrap();
        assert_eq!(crm.connect_state("one").unwrap(), None);
        crm.remember_connect_state("two", expected, until).unwrap();
        clock.set(until);
        assert_eq!(crm.connect_state("two").unwrap(), None);
    }

    #[test]
    fn a_new_state_replaces_the_users_earlier_one() {
        let clock = HarnessClock::fixed(noon());
        let crm = crm_with_clock(&clock);
        let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
        let until = noon() + TimeDelta::minutes(10);
        for (state, user) in [("a", alice.id), ("b", bob.id), ("c", alice.id)] {
            crm.remember_connect_state(state, ConnectState { user, is_bound: false }, until).unwrap();
        }
        let user = |state| crm.connect_state(state).unwrap().map(|found| found.user);
        assert_eq!((user("a"), user("b"), user("c")), (None, Some(bob.id), Some(alice.id)));
    }
}

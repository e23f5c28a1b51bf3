//! People and a CRM for the tests of this folder.
#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};

use super::component_state::Fence;
use super::users::{NewUser, User};
use super::{Crm, Randomness};
use crate::clock::HarnessClock;

/// When the tests begin.
pub(crate) fn noon() -> DateTime<Utc> {
    instant("2026-03-01T12:00:00Z")
}

/// Reads an instant.
pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// An empty CRM in memory, whose clock stands at noon.
pub(crate) fn crm() -> Crm {
    crm_with_clock(&HarnessClock::fixed(noon()))
}

/// An empty CRM in memory with this clock.
pub(crate) fn crm_with_clock(clock: &HarnessClock) -> Crm {
    Crm::in_memory(clock.clone(), Randomness::seeded(1)).unwrap()
}

/// What a user of the usual organization is made of.
pub(crate) fn new_user(login: &str) -> NewUser {
    NewUser {
        login: login.to_owned(),
        email: format!("{login}@example.org"),
        display_name: login.to_uppercase(),
        organization: "Acme".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        administrator: false,
    }
}

/// A user of the usual organization.
pub(crate) fn person(crm: &Crm, login: &str) -> User {
    crm.create_user(&new_user(login)).unwrap()
}

/// The number with which the component writes for this user from now on.
pub(crate) fn held(crm: &Crm, user: &User) -> Fence {
    crm.raise_fence(&user.scope()).unwrap()
}

/// An idempotency key that no other write has.
pub(crate) fn fresh_key() -> String {
    static KEYS: AtomicU64 = AtomicU64::new(0);
    format!("key {}", KEYS.fetch_add(1, Ordering::Relaxed))
}

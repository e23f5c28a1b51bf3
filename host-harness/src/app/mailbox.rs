//! One holder per mailbox inside of this process.
//!
//! Between processes the fence decides: whoever raised it last may write. Here
//! a lock keeps steps and account calls of one user apart, and remembers the
//! fence, so that an account call between two steps does not end the run.
//! Next: [`super::account`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

use crate::crm::UserId;
use crate::crm::component_state::Fence;

/// The mailboxes that were used since the start.
#[derive(Default)]
pub(super) struct Mailboxes {
    known: Mutex<BTreeMap<UserId, Arc<tokio::sync::Mutex<Option<Fence>>>>>,
}

/// A mailbox that nobody else of this process touches, with the fence that
/// this process raised last.
pub(super) type HeldMailbox = OwnedMutexGuard<Option<Fence>>;

impl Mailboxes {
    /// Waits until the mailbox is free.
    pub(super) async fn hold(&self, user: UserId) -> HeldMailbox {
        let mailbox = {
            // A panic while this lock is held leaves a whole map.
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(user).or_default())
        };
        mailbox.lock_owned().await
    }
}

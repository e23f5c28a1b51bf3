//! The first run of an account that a person has connected on the pages: it waits
//! until somebody has seen what it would do and has started it.
//!
//! Only what runs by itself waits. Whoever asks for a run, on a page, with
//! `tandem sync` or by the JSON interface, has decided, and the wait is over for all
//! resources of the user, unless another account is being connected meanwhile. An account
//! that was synchronised before does not wait when it is connected again, and neither does
//! one that no browser has connected. Next: [`super::sync`].

use super::error::AppError;
use super::resource::Resource;
use super::standing::AccountStanding;
use super::start::App;
use crate::crm::UserId;
use crate::crm::users::User;
use crate::host::types::Account;

/// How a user stood before an account was connected.
pub(super) struct Before {
    /// The account that was connected.
    account: Option<String>,
    was_waiting: bool,
}

impl App {
    /// Whether the first run of a user waits for somebody to confirm it.
    ///
    /// # Errors
    /// The CRM cannot be read.
    pub fn first_sync_waits(&self, user: UserId) -> Result<bool, AppError> {
        Ok(self.crm().first_sync_waits(user)?)
    }

    /// Ends the wait of a user: somebody has decided, or there is nothing to wait for.
    pub(super) fn end_first_sync_wait(&self, user: UserId) -> Result<(), AppError> {
        if self.crm().release_first_sync(user)? {
            self.inner.wake.notify_one();
        }
        Ok(())
    }

    /// Ends the wait of a user who asks for a run, with the mailbox in hand. Not where an
    /// account was being connected when they asked, or has been since: nobody has confirmed
    /// that one.
    pub(super) async fn confirm_first_sync(&self, user: UserId) -> Result<(), AppError> {
        if !self.first_sync_waits(user)? {
            return Ok(());
        }
        let mailboxes = &self.inner.mailboxes;
        let asked = mailboxes.connections(user);
        let _mailbox = mailboxes.hold(user).await;
        if mailboxes.connections(user) == asked { self.end_first_sync_wait(user) } else { Ok(()) }
    }

    /// Has a user wait while an account is being connected, so that nothing runs with
    /// it before it is known which one it is: not between two steps of a run that is
    /// going on, and not after the process was lost.
    pub(super) async fn hold_first_sync_back(&self, user: &User) -> Result<Before, AppError> {
        self.inner.mailboxes.note_connection(user.id);
        let account = self.account(user.id).await?.map(|account| account.id);
        let before = Before { account, was_waiting: self.first_sync_waits(user.id)? };
        self.crm().hold_first_sync(user.id)?;
        Ok(before)
    }

    /// Has a user wait on if the account that is connected now is a new one.
    pub(super) async fn settle_first_sync(&self, user: &User, before: Before) -> Result<(), AppError> {
        self.inner.mailboxes.note_connection(user.id);
        let has_to_wait = match self.account(user.id).await? {
            None => false,
            Some(account) if Some(&account.id) == before.account.as_ref() => before.was_waiting,
            Some(account) => !self.was_synchronized(user, &account).await?,
        };
        if has_to_wait { Ok(()) } else { self.end_first_sync_wait(user.id) }
    }

    /// Whether a user was synchronised with the connected account before. The items
    /// that are linked tell it of one that was connected before this was noted.
    async fn was_synchronized(&self, user: &User, account: &Account) -> Result<bool, AppError> {
        if self.crm().was_synchronized(user.id, &account.id)? {
            return Ok(true);
        }
        let standing = self.ask_standing(user).await?;
        Ok([Resource::Calendar, Resource::Tasks].into_iter().any(|resource| standing.of(resource).linked > 0))
    }

    /// Remembers that a user was synchronised with this account.
    pub(super) fn note_synchronized(&self, user: &User, account: &AccountStanding) -> Result<(), AppError> {
        Ok(self.crm().note_synchronized(user.id, &account.id)?)
    }
}

//! The Microsoft account of a user: connect, check, disconnect.
//!
//! The component does the work; this finds the user again when the browser
//! comes back, and keeps account calls of one mailbox apart from its steps.
//! Next: [`super::sync`].

use chrono::TimeDelta;
use tandem_runtime::HostCalls;

use super::error::{AccountFailure, AppError};
use super::mailbox::HeldMailbox;
use super::resource::Resource;
use super::start::App;
use crate::crm::component_state::Fence;
use crate::crm::connect_state::ConnectState;
use crate::crm::users::User;
use crate::crm::{CrmError, UserId};
use crate::host::connector::Setup;
use crate::host::types::{Account, AccountError, Authorization, Callback, ConnectionReport};

/// How long a browser may take to come back, which is as long as the contract
/// lets a state live.
const CONNECT_TIME_MAX: TimeDelta = TimeDelta::minutes(10);

/// A call for one user that may write, and the mailbox that it holds.
struct Held {
    _mailbox: HeldMailbox,
    fence: Fence,
    setup: Setup,
}

impl App {
    /// Begins a connection: where to send the browser. `session` ties it to
    /// the browser that began it.
    ///
    /// # Errors
    /// Where the settings are incomplete, the user does not exist, or the
    /// component fails.
    pub async fn begin_connect(&self, user: UserId, session: Option<&str>) -> Result<Authorization, AccountFailure> {
        let user = self.crm().user(user)?;
        let (app, session) = (self.clone(), session.map(str::to_owned));
        self.detached(async move {
            let held = app.hold(&user).await?;
            let expected = ConnectState { user: user.id, is_bound: session.is_some() };
            let begun = app.inner.parts.connector.begin_connect(held.setup, held.fence.number(), session).await?;
            let authorization = begun.map_err(AccountFailure::Account)?;
            let expires_at = app.crm().now() + CONNECT_TIME_MAX;
            app.crm().remember_connect_state(&authorization.state, expected, expires_at)?;
            Ok(authorization)
        })
        .await
    }

    /// Finishes the connection that a browser comes back from, for the user
    /// who began it, and has the mailbox synchronised soon: a new account that a
    /// browser's session has connected as soon as somebody has confirmed it.
    ///
    /// # Errors
    /// Where nobody began it, the user cancelled, or Microsoft refuses.
    pub async fn finish_connect(
        &self,
        session: Option<&str>,
        callback: Callback,
    ) -> Result<(User, Account), AccountFailure> {
        let (app, session) = (self.clone(), session.map(str::to_owned));
        self.detached(async move {
            let state = callback.state.clone();
            let expected = app.crm().connect_state(&state)?.ok_or(AccountFailure::UnknownState)?;
            let user = app.crm().user(expected.user)?;
            let session = session.filter(|_| expected.is_bound);
            let done = app.finish_held(&user, session, callback).await?;
            // A stranger's browser does not undo the sign-in of its owner.
            if !matches!(done, Err(AccountError::InvalidState)) {
                app.crm().forget_connect_state(&state)?;
            }
            let account = done.map_err(AccountFailure::Account)?;
            app.plan_now(&user).await?;
            Ok((user, account))
        })
        .await
    }

    /// Finishes a connection with the mailbox in hand, and decides whether the first
    /// run waits.
    async fn finish_held(
        &self,
        user: &User,
        session: Option<String>,
        callback: Callback,
    ) -> Result<Result<Account, AccountError>, AccountFailure> {
        let held = self.hold(user).await?;
        let connector = &self.inner.parts.connector;
        if session.is_none() {
            let done = connector.finish_connect(held.setup, held.fence.number(), session, callback).await?;
            if let Ok(account) = &done {
                self.crm().note_account(user.id, Some(&account.id))?;
                self.end_first_sync_wait(user.id)?;
            }
            return Ok(done);
        }
        let before = self.hold_first_sync_back(user).await?;
        let done = connector.finish_connect(held.setup, held.fence.number(), session, callback).await;
        self.settle_first_sync(user, before).await?;
        Ok(done?)
    }

    /// The connected account of a user, from what is stored.
    ///
    /// # Errors
    /// The user does not exist, or the component fails.
    pub async fn account(&self, user: UserId) -> Result<Option<Account>, AppError> {
        let user = self.crm().user(user)?;
        let commits = self.crm().component_commits(&user)?;
        let setup = self.setup(Some(user.scope()), None, HostCalls::new(None));
        match self.inner.parts.connector.account(setup).await? {
            Ok(account) => {
                let id = account.as_ref().map(|account| account.id.as_str());
                self.crm().note_account_read(&user, id, commits)?;
                Ok(account)
            }
            Err(AccountError::NotConnected | AccountError::NotConfigured(_)) => Ok(None),
            Err(AccountError::Unavailable(retry_after_ms)) => Err(AppError::Unavailable { retry_after_ms }),
            Err(
                AccountError::InvalidState
                | AccountError::Cancelled
                | AccountError::AdminConsentNeeded(_)
                | AccountError::MissingPermissions(_)
                | AccountError::Refused(_)
                | AccountError::ApplicationRefused(_)
                | AccountError::WrongTenant(_)
                | AccountError::StaleFence
                | AccountError::Host(_),
            ) => Err(AppError::Unavailable { retry_after_ms: None }),
        }
    }

    /// Tries the connection of a user, step by step. Where the account answers,
    /// what waited for somebody to act is synchronised again; a resource that
    /// still lacks a permission says so once more and holds up no other one.
    ///
    /// # Errors
    /// Where there is nothing to try, or the component fails.
    pub async fn check_connection(&self, user: UserId) -> Result<ConnectionReport, AccountFailure> {
        let user = self.crm().user(user)?;
        let app = self.clone();
        self.detached(async move {
            let report = {
                let held = app.hold(&user).await?;
                let checked = app.inner.parts.connector.check_connection(held.setup, held.fence.number()).await?;
                checked.map_err(AccountFailure::Account)?
            };
            if report.account_name.is_some() {
                app.plan_unplanned(&user).await?;
            }
            Ok(report)
        })
        .await
    }

    /// Forgets the tokens of a user; links and records stay. Nothing of the
    /// user is synchronised by itself any more, and nothing waits to be confirmed.
    ///
    /// # Errors
    /// The user does not exist, or the component fails.
    pub async fn disconnect(&self, user: UserId) -> Result<(), AccountFailure> {
        let user = self.crm().user(user)?;
        let app = self.clone();
        self.detached(async move {
            {
                let held = app.hold(&user).await?;
                let done = app.inner.parts.connector.disconnect(held.setup, held.fence.number()).await?;
                done.map_err(AccountFailure::Account)?;
                app.crm().note_account(user.id, None)?;
                app.end_first_sync_wait(user.id)?;
            }
            for resource in Resource::ALL {
                app.crm().plan_run(user.id, resource.stored(), None)?;
            }
            Ok(())
        })
        .await
    }

    pub(super) async fn renew(&self, user: &User) -> Result<(), AccountFailure> {
        let held = self.hold(user).await?;
        let done = self.inner.parts.connector.renew(held.setup, held.fence.number()).await?;
        done.map_err(AccountFailure::Account)
    }

    pub(super) async fn forget_access_token(&self, user: &User) -> Result<(), AccountFailure> {
        let held = self.hold(user).await?;
        let done = self.inner.parts.connector.forget_access_token(held.setup, held.fence.number()).await?;
        done.map_err(AccountFailure::Account)
    }

    /// Waits until no step of the mailbox is going on, and becomes its holder.
    async fn hold(&self, user: &User) -> Result<Held, CrmError> {
        let mut mailbox = self.inner.mailboxes.hold(user.id).await;
        let fence = self.crm().raise_fence(&user.scope())?;
        *mailbox = Some(fence);
        let setup = self.setup(Some(user.scope()), Some(fence), HostCalls::new(None));
        Ok(Held { _mailbox: mailbox, fence, setup })
    }
}

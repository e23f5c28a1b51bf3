//! Releasing a guard rail at the alert that it has raised.
//!
//! The component decides when a rail goes up and what a release lets through;
//! this finds the rail that an alert is about, and has the resource run at once.
//! Who may release is the page's matter. Next: [`super::schedule`].

use tandem_runtime::{HostCalls, PluginFailure};

use super::alerts::ShownAlert;
use super::error::AppError;
use super::report::GUARD_RAILS;
use super::resource::Resource;
use super::start::App;
use super::sync::halted;
use crate::crm::notices::{Alert, NoticeResource};
use crate::crm::{AlertId, CrmError, UserId};
use crate::host::types::Job;

/// Why a guard rail was not released. It is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// The alert is about something else.
    #[error("this alert is not about a guard rail, so there is nothing to release")]
    NotAGuardRail,
    /// Somebody has released it, or the run that it was about is over.
    #[error("this alert is over, so there is nothing to release any more")]
    Over,
    /// It says something else than what the person has read.
    #[error("what is held back has changed since this was shown")]
    Changed,
    /// The call failed.
    #[error(transparent)]
    App(#[from] AppError),
}

impl ReleaseError {
    /// A stable word for the cause, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAGuardRail => "not-a-guard-rail",
            Self::Over => "alert-over",
            Self::Changed => "alert-changed",
            Self::App(error) => error.code(),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotAGuardRail => "do what the alert says",
            Self::Over => "look whether another alert is open",
            Self::Changed => "read the alert once more, then decide",
            Self::App(error) => error.hint(),
        }
    }
}

impl From<PluginFailure> for ReleaseError {
    fn from(failure: PluginFailure) -> Self {
        Self::App(failure.into())
    }
}

impl From<CrmError> for ReleaseError {
    fn from(error: CrmError) -> Self {
        Self::App(error.into())
    }
}

/// Whether an alert is about a guard rail that may be released.
pub fn is_releasable(alert: &Alert) -> bool {
    alert.resolved_at.is_none() && guarded(alert).is_some()
}

/// Whose which resource is held back.
fn guarded(alert: &Alert) -> Option<(UserId, Resource)> {
    let resource = match alert.resource {
        NoticeResource::Account => None,
        NoticeResource::Calendar => Some(Resource::Calendar),
        NoticeResource::Tasks => Some(Resource::Tasks),
    };
    alert.user_id.zip(resource).filter(|_| GUARD_RAILS.contains(&alert.code.as_str()))
}

impl App {
    /// Takes down the guard rail that an alert is about, and has the resource run
    /// as soon as possible. Where a person has read the alert, `read` is what it
    /// said: by then more may be held back.
    ///
    /// # Errors
    /// See [`ReleaseError`].
    pub async fn release(&self, id: AlertId, read: Option<&str>) -> Result<ShownAlert, ReleaseError> {
        let alert = self.crm().alert(id)?;
        let (user, resource) = guarded(&alert).ok_or(ReleaseError::NotAGuardRail)?;
        let user = self.crm().user(user)?;
        let (app, read) = (self.clone(), read.map(str::to_owned));
        self.detached(async move {
            let mut mailbox = app.inner.mailboxes.hold(user.id).await;
            // No step is going on now, so what it says stays.
            let alert = app.crm().alert(id)?;
            if alert.resolved_at.is_some() {
                return Err(ReleaseError::Over);
            }
            if read.is_some_and(|read| read != alert.message) {
                return Err(ReleaseError::Changed);
            }
            let fence = app.crm().raise_fence(&user.scope())?;
            *mailbox = Some(fence);
            let setup = app.setup(Some(user.scope()), Some(fence), HostCalls::new(None));
            let job = Job { resource: resource.feature(), fence: fence.number() };
            let released = app.inner.parts.connector.release(setup, job).await?;
            if !released.map_err(halted)? {
                tracing::info!(user = %user.id, %resource, "no guard rail was up any more");
            }
            let alert = app.crm().resolve_alert(id)?;
            app.crm().plan_run(user.id, resource.stored(), Some(app.crm().now()))?;
            app.inner.wake.notify_one();
            Ok(ShownAlert::of(Some(user.login), alert))
        })
        .await
    }
}

//! Taking a recorded conflict back: what that would do, and having it done.
//!
//! The component notes the wish, and a run makes it true; the run is begun here at
//! once. Where one is going on already, or the component is torn down, the wish
//! stays, and a later run does it. Next: [`super::status`].

use serde::Serialize;
use tandem_runtime::HostCalls;

use super::error::{AppError, ReversalError};
use super::report::{PlannedWrite, RunReport};
use super::resource::Resource;
use super::start::App;
use super::sync::{RUN_STEPS_MAX, halted};
use crate::crm::notices::Conflict;
use crate::crm::users::User;
use crate::crm::{ConflictId, CrmError};
use crate::host::types::{Job, NotReversed, ReversalPreview};

/// What taking a decision back would lead to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReversalOffer {
    /// The writes, in the order in which they would be made.
    pub operations: Vec<PlannedWrite>,
    /// How many of them would make Microsoft send mails.
    pub invitations: u32,
    /// To how many different people.
    pub people: u32,
    /// Whether another change of the item is on its way first.
    pub waits: bool,
}

/// What came of the wish to take a decision back.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reversed {
    /// The conflict, which says whether it is taken back by now.
    pub conflict: Conflict,
    /// The run that was begun for it; none where another one will do it.
    pub run: Option<RunReport>,
}

impl App {
    /// What [`App::reverse`] would do. Asks Microsoft nothing and writes nothing.
    ///
    /// # Errors
    /// It would not be done, or the component fails.
    pub async fn offer_reversal(&self, id: ConflictId) -> Result<ReversalOffer, ReversalError> {
        let (conflict, user, resource) = self.conflict_of(id)?;
        let app = self.clone();
        self.detached(async move {
            // Nothing is written, so nobody has to be kept away.
            let setup = app.setup(Some(user.scope()), None, HostCalls::new(None));
            let job = Job { resource: resource.feature(), fence: 0 };
            let offered = app.inner.parts.connector.preview_reversal(setup, job, conflict.key).await?;
            offered.map(ReversalOffer::from).map_err(ReversalError::from)
        })
        .await
    }

    /// Has a decision taken back, as its user has asked for, and runs the resource.
    ///
    /// # Errors
    /// It is not taken back, or the component fails. Where the run fails, the wish
    /// stays.
    pub async fn reverse(&self, id: ConflictId) -> Result<Reversed, ReversalError> {
        let (conflict, user, resource) = self.conflict_of(id)?;
        let (app, owner) = (self.clone(), user.id);
        self.detached(async move {
            let mut mailbox = app.inner.mailboxes.hold(user.id).await;
            let fence = app.crm().raise_fence(&user.scope())?;
            *mailbox = Some(fence);
            let setup = app.setup(Some(user.scope()), Some(fence), HostCalls::new(None));
            let job = Job { resource: resource.feature(), fence: fence.number() };
            match app.inner.parts.connector.reverse(setup, job, conflict.key).await? {
                Ok(()) => app.in_crm(move |crm| crm.ask_for_reversal(id)).await.map(drop).map_err(ReversalError::from),
                Err(refused) => Err(refused.into()),
            }
        })
        .await?;
        let run = match self.sync_if_free(owner, resource, RUN_STEPS_MAX).await {
            Ok(report) => Some(report),
            // Another run has the mailbox: it, or the next one, sees the wish.
            Err(AppError::Blocked(_)) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Reversed { conflict: self.crm().conflict(id)?, run })
    }

    /// A conflict, whose it is, and what it is about.
    fn conflict_of(&self, id: ConflictId) -> Result<(Conflict, User, Resource), ReversalError> {
        let conflict = self.crm().conflict(id)?;
        let unknown = || CrmError::NotFound { kind: "conflict", named_by: "identifier" };
        let user = self.crm().user(conflict.user_id.ok_or_else(unknown)?)?;
        let resource = Resource::of_notice(conflict.resource).ok_or_else(unknown)?;
        Ok((conflict, user, resource))
    }
}

impl From<ReversalPreview> for ReversalOffer {
    fn from(preview: ReversalPreview) -> Self {
        Self {
            operations: preview.operations.into_iter().map(PlannedWrite::from).collect(),
            invitations: preview.invitations,
            people: preview.people,
            waits: preview.waits,
        }
    }
}

impl From<NotReversed> for ReversalError {
    fn from(reason: NotReversed) -> Self {
        match reason {
            NotReversed::Already => Self::Already,
            NotReversed::Refused(words) => Self::Refused(words),
            NotReversed::Halted(reason) => Self::App(halted(reason)),
        }
    }
}

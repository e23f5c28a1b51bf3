//! What a person does to an event, with the CRM's duties towards its guests.
//!
//! The component says what is left for the CRM to do (Oro row C5); the CRM does
//! it. Pages and JSON interface write events through here, so that nobody is
//! forgotten and nobody is invited twice. Next: [`crate::crm::meeting`].

use tandem_runtime::HostCalls;

use super::error::AppError;
use super::start::App;
use crate::crm::event::{CalendarEvent, Deletion, EventInput};
use crate::crm::meeting::{Duties, NotifyAttendees, Reply, Terms};
use crate::crm::{EventId, UserId};
use crate::host::types::HostError;

/// Who tells guests of an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToldBy {
    /// The CRM, while it is made.
    Crm,
    /// Microsoft, with the next run: the calendar is written to it.
    Microsoft,
    /// Neither: the first run is still to come, and it tells nobody anything.
    Nobody,
}

impl App {
    /// What the CRM still does for the guests of what a user organises. Where
    /// that cannot be found out it is nothing: whoever was not told can be told
    /// with the next change of the event, a mail that came twice is not taken
    /// back. Nothing is made up for by itself: mails of this change are not
    /// written later, and copies come with the next change that a person makes.
    pub async fn host_duties(&self, user: UserId) -> Duties {
        match self.duties_of(user).await {
            Ok(duties) => duties,
            Err(error) => {
                tracing::warn!(%error, %user, "the CRM's duties could not be read; no guest is told anything");
                Duties::NONE
            }
        }
    }

    /// Who tells the guests of what a user organises of an edit that is made now.
    ///
    /// # Errors
    /// The user does not exist, or the component cannot say it now.
    pub async fn guests_told_by(&self, user: UserId) -> Result<ToldBy, AppError> {
        let by_crm = self.duties_of(user).await?.send_invitations;
        Ok(match (by_crm, self.first_sync_waits(user)?) {
            (true, _) => ToldBy::Crm,
            (false, true) => ToldBy::Nobody,
            (false, false) => ToldBy::Microsoft,
        })
    }

    async fn duties_of(&self, user: UserId) -> Result<Duties, AppError> {
        let user = self.crm().user(user)?;
        let setup = self.setup(Some(user.scope()), None, HostCalls::new(None));
        match self.inner.parts.connector.host_duties(setup).await? {
            Ok(duties) => {
                Ok(Duties { send_invitations: duties.send_invitations, make_guest_copies: duties.make_guest_copies })
            }
            Err(HostError::Unavailable(retry_after_ms)) => Err(AppError::Unavailable { retry_after_ms }),
            Err(HostError::AccessDenied | HostError::Other(_)) => Err(AppError::Unavailable { retry_after_ms: None }),
        }
    }

    /// Adds an event to the default calendar of `owner`.
    ///
    /// # Errors
    /// As for [`crate::crm::Crm::create_event_on`].
    pub async fn create_event(
        &self,
        owner: UserId,
        input: EventInput,
        notify: NotifyAttendees,
    ) -> Result<CalendarEvent, AppError> {
        let terms = Terms { duties: self.host_duties(owner).await, notify, ..Terms::SILENT };
        Ok(self.in_crm(move |crm| crm.create_event_on(owner, input, terms)).await?)
    }

    /// Changes an event of `owner`.
    ///
    /// # Errors
    /// As for [`crate::crm::Crm::update_event_on`].
    pub async fn update_event(
        &self,
        owner: UserId,
        id: EventId,
        input: EventInput,
        notify: NotifyAttendees,
    ) -> Result<CalendarEvent, AppError> {
        let terms = Terms { duties: self.host_duties(owner).await, notify, ..Terms::SILENT };
        Ok(self.in_crm(move |crm| crm.update_event_on(owner, id, input, terms)).await?)
    }

    /// Deletes an event of `owner`.
    ///
    /// # Errors
    /// As for [`crate::crm::Crm::delete_event_on`].
    pub async fn delete_event(
        &self,
        owner: UserId,
        id: EventId,
        notify: NotifyAttendees,
    ) -> Result<Deletion, AppError> {
        let terms = self.terms_of_guest(owner, id, notify).await?;
        Ok(self.in_crm(move |crm| crm.delete_event_on(owner, id, terms)).await?)
    }

    /// Answers the invitation to an event of `owner`.
    ///
    /// # Errors
    /// As for [`crate::crm::Crm::reply_to_event`].
    pub async fn reply_to_event(&self, owner: UserId, id: EventId, reply: Reply) -> Result<CalendarEvent, AppError> {
        let terms = self.terms_of_guest(owner, id, NotifyAttendees::All).await?;
        Ok(self.in_crm(move |crm| crm.reply_to_event(owner, id, reply, terms)).await?)
    }

    /// The terms of what may be an answer to somebody else's invitation.
    async fn terms_of_guest(&self, owner: UserId, id: EventId, notify: NotifyAttendees) -> Result<Terms, AppError> {
        let organizer_duties = match self.crm().organizer_of_copy(id)? {
            Some(organizer) => self.host_duties(organizer).await,
            None => Duties::NONE,
        };
        Ok(Terms { duties: self.host_duties(owner).await, organizer_duties, notify })
    }
}

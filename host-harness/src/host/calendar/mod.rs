//! `tandem:host/calendar`: the default calendar of the user of the scope.
//!
//! The translation of events is in [`convert`], of what makes a series in
//! [`recurrence`]. Next: [`super::tasks`].

mod convert;
mod recurrence;
mod values;

use tandem_runtime::StoreState;
use wasmtime::component::Linker;

use super::bindings::tandem::host::{calendar as wire, types};
use super::context::{CallContext, Host, HostView, answered, host_error, view};
use super::records::{applied_writes, apply_understood, by_text, made_or_not};
use super::types::HostError;
use crate::crm::component_state::Fence;
use crate::crm::event::journal::CHANGES_MAX;
use crate::crm::event::{
    Applied, Changes, ChangesError, Cursor, DESCRIPTION_BYTES_MAX, MutationError, TITLE_LENGTH_MAX,
};
use crate::crm::mutation::ApplyError;
use crate::crm::{Crm, CrmError, EventId, UserId};

/// What one mutation led to, in the CRM's words.
type Outcome = Result<Applied, MutationError>;

impl From<HostError> for wire::MutationError {
    fn from(error: HostError) -> Self {
        Self::Host(error)
    }
}

impl wire::Host for HostView<'_> {
    async fn get_capabilities(&mut self) -> wasmtime::Result<Result<wire::Capabilities, HostError>> {
        self.serve_user(|_, _| wire::Capabilities {
            holds: convert::held_groups(),
            writes: convert::held_groups(),
            title_length_max: TITLE_LENGTH_MAX,
            body_size_max: DESCRIPTION_BYTES_MAX,
            recurrence: recurrence::limits(),
        })
        .await
    }

    async fn changes(
        &mut self,
        after: Option<String>,
        limit: u32,
    ) -> wasmtime::Result<Result<wire::ChangePage, wire::ChangesError>> {
        let limit = usize::try_from(limit).unwrap_or(CHANGES_MAX);
        let (liar, asked) = (&self.context.liar, u32::try_from(limit).unwrap_or(u32::MAX));
        let from = liar.cursor(after.clone()).map(|text| Cursor::remembered(&text));
        let page = self.serve_user(move |crm, user| crm.event_changes(user, from.as_ref(), limit)).await?;
        let told = |page: wire::ChangePage| {
            let honest = (page.changes, page.next, page.more);
            let (changes, next, more) = liar.page(after.as_deref(), asked, honest);
            wire::ChangePage { changes, next, more }
        };
        Ok(match page {
            Ok(Ok(page)) => page_of(page).map(told).map_err(|error| wire::ChangesError::Host(host_error(&error))),
            Ok(Err(ChangesError::CursorExpired)) => Err(wire::ChangesError::CursorExpired),
            Ok(Err(ChangesError::Crm(error))) => Err(wire::ChangesError::Host(host_error(&error))),
            Err(error) => Err(wire::ChangesError::Host(error)),
        })
    }

    async fn get_many(&mut self, ids: Vec<String>) -> wasmtime::Result<Result<Vec<Option<wire::Event>>, HostError>> {
        let found = answered(self.serve_user(move |crm, user| events_by_text(crm, user, &ids)).await?);
        let other = |event: &mut wire::Event| event.id.push('x');
        Ok(found.map(|found| self.context.liar.answers(found, other)))
    }

    async fn get_applied(
        &mut self,
        keys: Vec<String>,
    ) -> wasmtime::Result<Result<Vec<Option<types::AppliedWrite>>, HostError>> {
        let found = self.serve_user(move |crm, user| crm.applied_to_events(user, &keys)).await?;
        Ok(answered(found).map(|found| self.context.liar.answers(applied_writes(found), |_| {})))
    }

    async fn apply(
        &mut self,
        fence: types::Fence,
        mutations: Vec<wire::Mutation>,
    ) -> wasmtime::Result<Result<Vec<Result<wire::Applied, wire::MutationError>>, types::ApplyError>> {
        let made = self.serve_user(move |crm, user| apply_all(crm, user, Fence::claimed(fence), mutations));
        let other = |result: &mut Result<wire::Applied, wire::MutationError>| {
            if let Ok(wire::Applied::Stored(event)) = result {
                event.id.push('x');
            }
        };
        Ok(made_or_not(made.await?).map(|made| self.context.liar.results(made, other)))
    }
}

fn page_of(page: Changes) -> Result<wire::ChangePage, CrmError> {
    Ok(wire::ChangePage {
        changes: page.changes.into_iter().map(convert::change_of).collect::<Result<_, _>>()?,
        next: page.next.as_str().to_owned(),
        more: page.more,
    })
}

fn events_by_text(crm: &Crm, user: UserId, ids: &[String]) -> Result<Vec<Option<wire::Event>>, CrmError> {
    let found = by_text(ids, |ids: &[EventId]| crm.events_by_id(user, ids))?;
    found.into_iter().map(|event| event.map(convert::event_of).transpose()).collect()
}

fn apply_all(
    crm: &Crm,
    user: UserId,
    fence: Fence,
    mutations: Vec<wire::Mutation>,
) -> Result<Vec<Result<wire::Applied, wire::MutationError>>, ApplyError> {
    apply_understood(mutations, convert::mutation_of, |mutations| {
        Ok(crm.apply_to_events(user, fence, mutations)?.into_iter().map(outcome_of).collect())
    })
}

fn outcome_of(outcome: Outcome) -> Result<wire::Applied, wire::MutationError> {
    match outcome {
        Ok(Applied::Stored(event)) => match convert::event_of(*event) {
            Ok(event) => Ok(wire::Applied::Stored(event)),
            Err(error) => Err(wire::MutationError::Host(host_error(&error))),
        },
        Ok(Applied::Removed) => Ok(wire::Applied::Removed),
        Err(MutationError::NotFound) => Err(wire::MutationError::NotFound),
        Err(MutationError::VersionMismatch) => Err(wire::MutationError::VersionMismatch),
        Err(MutationError::Invalid { group, value }) => {
            Err(wire::MutationError::Invalid((convert::groups_of(group), value.expected)))
        }
    }
}

pub(super) fn add_to_linker(linker: &mut Linker<StoreState<CallContext>>) -> wasmtime::Result<()> {
    wire::add_to_linker::<_, Host>(linker, view)
}

#[cfg(test)]
mod tests;

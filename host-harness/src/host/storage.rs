//! `tandem:host/storage`: the component's durable state.
//!
//! Next: [`super::secrets`].

use tandem_runtime::StoreState;
use wasmtime::component::Linker;

use super::bindings::tandem::host::storage;
use super::context::{CallContext, Host, HostView, host_error, note_stale_holder, view};
use super::types::HostError;
use crate::crm::component_state::{self, CommitError, Fence, Revision, StateEntry, StateWrite};

impl storage::Host for HostView<'_> {
    async fn get_many(
        &mut self,
        keys: Vec<String>,
    ) -> wasmtime::Result<Result<Vec<Option<storage::Entry>>, HostError>> {
        let entries = self.serve(move |crm, scope| crm.state_of_keys(scope, &keys)).await?;
        Ok(entries.and_then(|entries| match entries {
            Ok(entries) => {
                let entries = entries.into_iter().map(|entry| entry.map(entry_of)).collect();
                Ok(self.context.liar.entries(entries))
            }
            Err(error) => Err(host_error(&error)),
        }))
    }

    async fn list_entries(
        &mut self,
        prefix: String,
        after: Option<String>,
        limit: u32,
    ) -> wasmtime::Result<Result<storage::EntryPage, HostError>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let after = self.context.liar.listing(after);
        let page = self.serve(move |crm, scope| crm.list_state(scope, &prefix, after.as_deref(), limit)).await?;
        Ok(page.and_then(|page| match page {
            Ok(page) => {
                let entries = page.entries.into_iter().map(entry_of).collect();
                Ok(self.context.liar.listed(storage::EntryPage { entries, more: page.more }))
            }
            Err(error) => Err(host_error(&error)),
        }))
    }

    async fn commit(
        &mut self,
        fence: storage::Fence,
        writes: Vec<storage::Write>,
    ) -> wasmtime::Result<Result<(), storage::CommitError>> {
        let writes: Vec<StateWrite> = writes.into_iter().map(write_of).collect();
        let result = self.serve(move |crm, scope| crm.commit_state(scope, Fence::claimed(fence), &writes)).await?;
        Ok(match result {
            Ok(result) => result.map_err(|error| commit_error(&error)),
            Err(error) => Err(storage::CommitError::Host(error)),
        })
    }
}

fn entry_of(entry: StateEntry) -> storage::Entry {
    storage::Entry { key: entry.key, value: entry.value, revision: entry.revision.number() }
}

fn write_of(write: storage::Write) -> StateWrite {
    StateWrite { key: write.key, value: write.value, expect: expectation_of(&write.expect) }
}

/// Shared with the secrets, which have the same conditions.
pub(super) fn expectation_of(expectation: &storage::Expectation) -> component_state::Expectation {
    match expectation {
        storage::Expectation::Any => component_state::Expectation::Any,
        storage::Expectation::Absent => component_state::Expectation::Absent,
        storage::Expectation::Revision(revision) => {
            component_state::Expectation::Revision(Revision::remembered(*revision))
        }
    }
}

fn commit_error(error: &CommitError) -> storage::CommitError {
    match error {
        CommitError::StaleFence => {
            note_stale_holder();
            storage::CommitError::StaleFence
        }
        CommitError::ExpectationFailed { key } => storage::CommitError::ExpectationFailed(key.clone()),
        CommitError::TooLarge { .. } => storage::CommitError::TooLarge,
        CommitError::RepeatedKey { .. } => storage::CommitError::Host(HostError::Other("repeated-key".to_owned())),
        CommitError::Crm(error) => storage::CommitError::Host(host_error(error)),
    }
}

pub(super) fn add_to_linker(linker: &mut Linker<StoreState<CallContext>>) -> wasmtime::Result<()> {
    storage::add_to_linker::<_, Host>(linker, view)
}

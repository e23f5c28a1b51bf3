//! For whom the component is called, and what every host function shares.
//!
//! The scope is chosen before the call and cannot be named by the component.
//! Each host function does its work away from the threads that run components,
//! and is counted when it is done. Next: [`super::config`].

use std::sync::Arc;

use tandem_runtime::{Fate, HostCalls, StoreState};
use wasmtime::component::HasData;

use super::lies::Liar;
use super::log::Lines;
use super::types::HostError;
use crate::crm::component_state::Fence;
use crate::crm::{Crm, CrmError, Scope, UserId};

/// What the CRM says about itself; the same for every call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostFacts {
    /// The product's name.
    pub(crate) product_name: String,
    /// Where Microsoft's login sends browsers back to.
    pub(crate) redirect_uri: String,
    /// The address of the page of a task, without its identifier.
    pub(crate) task_pages: String,
    /// Scheme and authority of the login endpoints.
    pub(crate) login_url: String,
    /// Scheme, authority and version of Graph.
    pub(crate) graph_url: String,
}

/// The embedder's data of one call.
pub(crate) struct CallContext {
    /// The CRM.
    pub(crate) crm: Crm,
    /// For whom; none for calls that concern nobody, such as the manifest.
    pub(crate) scope: Option<Scope>,
    /// With which number the scope is held; none for calls that only read.
    pub(crate) fence: Option<Fence>,
    /// What the CRM says about itself.
    pub(crate) facts: Arc<HostFacts>,
    /// The setting that holds the client secret, as the manifest names it.
    pub(crate) client_secret_key: Option<Arc<str>>,
    /// In which way the host lies, if it does.
    pub(crate) liar: Liar,
    /// The lines that the component has written into the log.
    pub(crate) lines: Lines,
}

/// What a host function sees of a store.
pub(crate) struct HostView<'a> {
    pub(super) context: &'a CallContext,
    pub(super) calls: &'a HostCalls,
}

/// The family of [`HostView`] for linkers.
pub(super) struct Host;

impl HasData for Host {
    type Data<'a> = HostView<'a>;
}

/// The view of a store, as every `add_to_linker` takes it.
pub(super) fn view(state: &mut StoreState<CallContext>) -> HostView<'_> {
    HostView { context: &state.data, calls: state.host_calls() }
}

impl HostView<'_> {
    /// Does `work` for the scope of the call on a thread that may wait, and
    /// counts it. The outer error is a trap: the instance is being torn down,
    /// or the work panicked.
    pub(super) async fn serve<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Crm, &Scope) -> R + Send + 'static,
    ) -> wasmtime::Result<Result<R, HostError>> {
        let Some(scope) = self.context.scope else {
            self.calls.completed().await?;
            return Ok(Err(HostError::AccessDenied));
        };
        let fate = self.calls.begins();
        if fate == Fate::NotMade {
            self.calls.completed().await?;
            return Ok(Err(HostError::Unavailable(None)));
        }
        let crm = self.context.crm.clone();
        let answer = tokio::task::spawn_blocking(move || work(&crm, &scope)).await?;
        self.calls.completed().await?;
        Ok(if fate == Fate::Lost { Err(HostError::Unavailable(None)) } else { Ok(answer) })
    }

    /// As [`HostView::serve`], for the user of the scope.
    pub(super) async fn serve_user<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Crm, UserId) -> R + Send + 'static,
    ) -> wasmtime::Result<Result<R, HostError>> {
        let answer = self.serve(move |crm, scope| scope.user.map(|user| work(crm, user))).await?;
        Ok(answer.and_then(|answer| answer.ok_or(HostError::AccessDenied)))
    }
}

/// What work for the component has led to, with a failure of the CRM as the
/// component hears it.
pub(super) fn answered<R>(answer: Result<Result<R, CrmError>, HostError>) -> Result<R, HostError> {
    answer.and_then(|done| done.map_err(|error| host_error(&error)))
}

/// What the log says of a write that came too late.
pub(crate) const STALE_HOLDER: &str = "refused a write of a holder whose place was taken";

/// Notes that somebody has tried to write whose place was taken.
pub(super) fn note_stale_holder() {
    tracing::info!("{STALE_HOLDER}");
}

/// What the component hears of a failure of the CRM: what it can do about it,
/// and a word for the log.
pub(super) fn host_error(error: &CrmError) -> HostError {
    match error {
        CrmError::NotFound { .. } => HostError::AccessDenied,
        CrmError::Storage(_) => {
            tracing::warn!(%error, "the CRM could not serve the component");
            HostError::Unavailable(None)
        }
        CrmError::Invalid(_)
        | CrmError::Taken { .. }
        | CrmError::VersionMismatch
        | CrmError::TooMany { .. }
        | CrmError::Damaged { .. }
        | CrmError::Seal(_) => {
            tracing::warn!(%error, "the CRM refused a call of the component");
            HostError::Other(error.code().to_owned())
        }
    }
}

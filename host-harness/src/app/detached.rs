//! Work apart from the task that asks for it: because whoever asked may go
//! away, or because it waits for the database.
//!
//! A browser that closes its connection takes the future of its request with
//! it. A call that has begun to change something must not be lost like that:
//! a renewed token that is not stored, or settings that are stored without
//! what follows from them, cannot be made good later. Next: [`super::settings`].

use std::future::Future;

use tandem_runtime::{FailureKind, PluginFailure};

use super::start::App;
use crate::crm::{Crm, CrmError};

impl App {
    /// Works with the CRM on a thread that may wait for another process to let
    /// the database go.
    ///
    /// # Errors
    /// Those of the work.
    ///
    /// # Panics
    /// Where the work does.
    pub(super) async fn in_crm<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Crm) -> Result<T, CrmError> + Send + 'static,
    ) -> Result<T, CrmError> {
        let crm = self.crm().clone();
        let done = tokio::task::spawn_blocking(move || work(&crm)).await;
        match done.map_err(tokio::task::JoinError::try_into_panic) {
            Ok(result) => result,
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            // The runtime is shutting down; nobody goes on from here.
            Err(Err(_)) => std::future::pending().await,
        }
    }

    /// Runs `work` as a task of its own and waits for it.
    ///
    /// # Errors
    /// Those of the work; a failure of the host where it panicked.
    pub(super) async fn detached<T, E>(&self, work: impl Future<Output = Result<T, E>> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<PluginFailure> + Send + 'static,
    {
        match tokio::spawn(work).await {
            Ok(result) => result,
            Err(error) => {
                let plugin = self.inner.parts.connector.identity().clone();
                let kind = FailureKind::Host { reason: error.to_string() };
                Err(PluginFailure { plugin, kind }.into())
            }
        }
    }
}

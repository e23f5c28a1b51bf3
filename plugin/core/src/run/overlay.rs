//! A host on which nothing can be written, for previews.
//!
//! Reads pass through; commits stay in memory and are seen by later reads.
//! Renewed tokens are the exception: Microsoft has replaced them already, so
//! not storing them would lose the sign-in.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::account::Secret;
use crate::model::{CrmId, Instant};
use crate::ports::{
    Alert, AlertFilter, AlertResource, AppliedWrite, ApplyError, Clock, CommitError, Config, CrmApplied, CrmCalendar,
    CrmCapabilities, CrmChangesError, CrmItem, CrmMutation, CrmMutationError, CrmPage, CrmTasks, Entropy, Entry,
    Expectation, Fence, HostError, HostProfile, Http, HttpRequest, HttpResponse, Log, LogLevel, Method, Notices, Ports,
    ReversalNote, Revision, SecretError, SecretName, Secrets, Storage, TaskApplied, TaskCapabilities, TaskItem,
    TaskMutation, TaskMutationError, TaskPage, TransportFailure, Write,
};
use crate::settings::Layers;
use crate::sync::ConflictRecord;

/// The ports of `inner`, without its writes.
pub(super) struct Overlay<'a, P: Ports> {
    inner: &'a mut P,
    written: BTreeMap<String, Option<Vec<u8>>>,
}

impl<'a, P: Ports> Overlay<'a, P> {
    pub fn new(inner: &'a mut P) -> Self {
        Self { inner, written: BTreeMap::new() }
    }
}

impl<P: Ports> Storage for Overlay<'_, P> {
    fn get_many(&mut self, keys: &[String]) -> Result<Vec<Option<Entry>>, HostError> {
        let stored = self.inner.get_many(keys)?;
        Ok(keys
            .iter()
            .zip(stored)
            .map(|(key, stored)| match self.written.get(key) {
                Some(value) => value.as_ref().map(|value| entry(key, value)),
                None => stored,
            })
            .collect())
    }

    fn list(&mut self, prefix: &str, after: Option<&str>, limit: u32) -> Result<(Vec<Entry>, bool), HostError> {
        let mut merged: BTreeMap<String, Entry> = BTreeMap::new();
        let mut from = after.map(str::to_owned);
        // A stored page may have been removed here altogether, and a page with
        // nothing in it would look like the end: go on until there is enough.
        // Every page is behind the one before, so this ends with the storage.
        let end = loop {
            let (stored, more) = self.inner.list(prefix, from.as_deref(), limit)?;
            let last = stored.last().map(|entry| entry.key.clone()).filter(|_| more);
            let kept = stored.into_iter().filter(|entry| !self.written.contains_key(&entry.key));
            merged.extend(kept.map(|entry| (entry.key.clone(), entry)));
            match last {
                Some(last) if merged.len() < limit as usize => from = Some(last),
                end => break end,
            }
        };
        for (key, value) in &self.written {
            let in_page = key.starts_with(prefix)
                && after.is_none_or(|after| key.as_str() > after)
                // Beyond the last stored key, the next page will tell.
                && end.as_ref().is_none_or(|end| key <= end);
            if let (true, Some(value)) = (in_page, value) {
                merged.insert(key.clone(), entry(key, value));
            }
        }
        let more = end.is_some() || merged.len() > limit as usize;
        Ok((merged.into_values().take(limit as usize).collect(), more))
    }

    fn commit(&mut self, _fence: Fence, writes: Vec<Write>) -> Result<(), CommitError> {
        self.written.extend(writes.into_iter().map(|write| (write.key, write.value)));
        Ok(())
    }
}

fn entry(key: &str, value: &[u8]) -> Entry {
    Entry { key: key.to_owned(), value: value.to_vec(), revision: Revision(0) }
}

impl<P: Ports> Secrets for Overlay<'_, P> {
    fn secret(&mut self, name: SecretName) -> Result<Option<(Secret, Revision)>, HostError> {
        self.inner.secret(name)
    }

    fn put_secret(&mut self, name: SecretName, value: Option<Secret>, expect: Expectation) -> Result<(), SecretError> {
        self.inner.put_secret(name, value, expect)
    }
}

impl<P: Ports> Config for Overlay<'_, P> {
    fn layers(&mut self) -> Result<Layers, HostError> {
        self.inner.layers()
    }

    fn profile(&mut self) -> Result<HostProfile, HostError> {
        self.inner.profile()
    }
}

impl<P: Ports> Http for Overlay<'_, P> {
    /// Reads, batches of reads and sign-in pass; a write is a defect, and is
    /// answered as if the host had refused it.
    fn send(&mut self, requests: Vec<HttpRequest>) -> Vec<Result<HttpResponse, TransportFailure>> {
        let writes = |request: &HttpRequest| match request.method {
            Method::Get => false,
            Method::Post => !request.url.ends_with("/$batch") && !request.url.ends_with("/token"),
            Method::Patch | Method::Delete => true,
        };
        if requests.iter().any(writes) {
            return requests.iter().map(|_| Err(TransportFailure::Denied("a write in a preview".to_owned()))).collect();
        }
        self.inner.send(requests)
    }
}

impl<P: Ports> CrmCalendar for Overlay<'_, P> {
    fn capabilities(&mut self) -> Result<CrmCapabilities, HostError> {
        self.inner.capabilities()
    }

    fn changes(&mut self, after: Option<&str>, limit: u32) -> Result<CrmPage, CrmChangesError> {
        self.inner.changes(after, limit)
    }

    fn items(&mut self, ids: &[CrmId]) -> Result<Vec<Option<CrmItem>>, HostError> {
        self.inner.items(ids)
    }

    fn applied(&mut self, keys: &[String]) -> Result<Vec<Option<AppliedWrite>>, HostError> {
        self.inner.applied(keys)
    }

    fn apply(
        &mut self,
        _fence: Fence,
        mutations: Vec<CrmMutation>,
    ) -> Result<Vec<Result<CrmApplied, CrmMutationError>>, ApplyError> {
        Ok(mutations.iter().map(|_| Err(CrmMutationError::AccessDenied)).collect())
    }
}

impl<P: Ports> CrmTasks for Overlay<'_, P> {
    fn task_capabilities(&mut self) -> Result<TaskCapabilities, HostError> {
        self.inner.task_capabilities()
    }

    fn task_changes(&mut self, after: Option<&str>, limit: u32) -> Result<TaskPage, CrmChangesError> {
        self.inner.task_changes(after, limit)
    }

    fn tasks(&mut self, ids: &[CrmId]) -> Result<Vec<Option<TaskItem>>, HostError> {
        self.inner.tasks(ids)
    }

    fn applied_to_tasks(&mut self, keys: &[String]) -> Result<Vec<Option<AppliedWrite>>, HostError> {
        self.inner.applied_to_tasks(keys)
    }

    fn apply_to_tasks(
        &mut self,
        _fence: Fence,
        mutations: Vec<TaskMutation>,
    ) -> Result<Vec<Result<TaskApplied, TaskMutationError>>, ApplyError> {
        Ok(mutations.iter().map(|_| Err(TaskMutationError::AccessDenied)).collect())
    }
}

impl<P: Ports> Notices for Overlay<'_, P> {
    fn raise(&mut self, _alerts: Vec<Alert>) -> Result<(), HostError> {
        Ok(())
    }

    fn resolve(&mut self, _filter: AlertFilter) -> Result<(), HostError> {
        Ok(())
    }

    fn record_conflicts(&mut self, _: AlertResource, _conflicts: Vec<ConflictRecord>) -> Result<(), HostError> {
        Ok(())
    }

    fn note_reversals(&mut self, _: Vec<ReversalNote>) -> Result<(), HostError> {
        Ok(())
    }
}

impl<P: Ports> Clock for Overlay<'_, P> {
    fn now(&mut self) -> Instant {
        self.inner.now()
    }

    fn elapsed(&mut self) -> Duration {
        self.inner.elapsed()
    }
}

impl<P: Ports> Entropy for Overlay<'_, P> {
    fn random_bytes(&mut self, count: usize) -> Vec<u8> {
        self.inner.random_bytes(count)
    }
}

impl<P: Ports> Log for Overlay<'_, P> {
    fn log(&mut self, level: LogLevel, message: &str, fields: &[(&str, String)]) {
        self.inner.log(level, message, fields);
    }
}

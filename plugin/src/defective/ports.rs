//! The ports of [`Defective`]: those of the host, each with the mistake in it.

use std::time::Duration;

use tandem_core::account::Secret;
use tandem_core::model::{CrmId, Instant};
use tandem_core::ports::{
    Alert, AlertFilter, AlertResource, Announcement, Clock, CommitError, Config, CrmApplied, CrmCalendar,
    CrmCapabilities, CrmChange, CrmChangesError, CrmItem, CrmMutation, CrmMutationError, CrmPage, CrmTasks, Entropy,
    Entry, Expectation, Fence, HostError, HostProfile, Http, HttpRequest, HttpResponse, Log, LogLevel, Method, Notices,
    Revision, SecretError, SecretName, Secrets, Storage, TaskApplied, TaskCapabilities, TaskItem, TaskMutation,
    TaskMutationError, TaskPage, TransportFailure, Write,
};
use tandem_core::settings::{Field, Layers, SettingValue, SyncMode};
use tandem_core::sync::ConflictRecord;

use super::{Defect, Defective, unconditional, without_base};

impl Storage for Defective {
    fn get_many(&mut self, keys: &[String]) -> Result<Vec<Option<Entry>>, HostError> {
        let mut found = self.host.get_many(keys)?;
        if self.makes(Defect::DropBase) {
            for entry in found.iter_mut().flatten().filter(|entry| entry.key.contains("/link/")) {
                if let Some(value) = without_base(&entry.value) {
                    entry.value = value;
                }
            }
        }
        Ok(found)
    }

    fn list(&mut self, prefix: &str, after: Option<&str>, limit: u32) -> Result<(Vec<Entry>, bool), HostError> {
        self.host.list(prefix, after, limit)
    }

    fn commit(&mut self, fence: Fence, writes: Vec<Write>) -> Result<(), CommitError> {
        let writes = self.kept(writes);
        match self.host.commit(fence, writes) {
            Err(CommitError::StaleFence) if self.makes(Defect::ForgetFence) => Ok(()),
            committed => committed,
        }
    }
}

impl Secrets for Defective {
    fn secret(&mut self, name: SecretName) -> Result<Option<(Secret, Revision)>, HostError> {
        self.host.secret(name)
    }

    fn put_secret(&mut self, name: SecretName, value: Option<Secret>, expect: Expectation) -> Result<(), SecretError> {
        self.host.put_secret(name, value, expect)
    }
}

impl Config for Defective {
    fn layers(&mut self) -> Result<Layers, HostError> {
        let mut layers = self.host.layers()?;
        if self.makes(Defect::IgnoreDirection) {
            let both = SettingValue::Text(SyncMode::Bidirectional.as_str().to_owned());
            for field in [Field::CalendarDirection, Field::TasksDirection] {
                layers.system.set(field, both.clone());
            }
        }
        Ok(layers)
    }

    fn profile(&mut self) -> Result<HostProfile, HostError> {
        self.host.profile()
    }
}

impl Http for Defective {
    fn send(&mut self, mut requests: Vec<HttpRequest>) -> Vec<Result<HttpResponse, TransportFailure>> {
        if self.makes(Defect::LogToken) {
            let headers = requests.iter().flat_map(|request| &request.headers);
            let tokens: Vec<String> =
                headers.filter(|header| header.name == "authorization").map(|header| header.value.clone()).collect();
            for token in tokens {
                self.host.log(LogLevel::Debug, "sending", &[("authorization", token)]);
            }
        }
        if self.makes(Defect::IgnoreConflict) {
            for request in &mut requests {
                request.body = request.body.take().map(|body| unconditional(&body).unwrap_or(body));
                for header in request.headers.iter_mut().filter(|header| header.name.eq_ignore_ascii_case("if-match")) {
                    "*".clone_into(&mut header.value);
                }
            }
        }
        if self.makes(Defect::AskTwice) {
            let reads = requests.iter().filter(|request| request.method == Method::Get).cloned().collect();
            drop(self.host.send(reads));
        }
        let mut answers = self.host.send(requests);
        if self.makes(Defect::MissingIsDeleted) {
            for answer in answers.iter_mut().flatten() {
                answer.body = missing(&answer.body);
            }
        }
        answers
    }
}

/// An answer to a batch in which what was found to have been deleted was not
/// looked for: every event that is read by its id is missing.
fn missing(body: &[u8]) -> Vec<u8> {
    let read = |body: &[u8]| -> Option<Vec<u8>> {
        let mut batch: serde_json::Value = serde_json::from_slice(body).ok()?;
        for part in batch.get_mut("responses")?.as_array_mut()? {
            let is_event = part.get("status")? == 200 && part.get("body").is_some_and(|body| body.get("subject").is_some());
            if is_event && let Some(part) = part.as_object_mut() {
                part.insert("status".to_owned(), serde_json::json!(404));
                part.insert("body".to_owned(), serde_json::json!({"error": {"code": "ErrorItemNotFound"}}));
            }
        }
        serde_json::to_vec(&batch).ok()
    };
    read(body).unwrap_or_else(|| body.to_vec())
}

impl CrmCalendar for Defective {
    fn capabilities(&mut self) -> Result<CrmCapabilities, HostError> {
        self.host.capabilities()
    }

    fn changes(&mut self, after: Option<&str>, limit: u32) -> Result<CrmPage, CrmChangesError> {
        let mut page = self.host.changes(after, limit)?;
        if self.makes(Defect::EverythingIsNew) {
            for change in &mut page.changes {
                match change {
                    CrmChange::Upserted(item) => item.announcement = Announcement::Due,
                    CrmChange::Deleted { announcement, .. } => *announcement = Announcement::Due,
                }
            }
        }
        Ok(page)
    }

    fn items(&mut self, ids: &[CrmId]) -> Result<Vec<Option<CrmItem>>, HostError> {
        self.host.items(ids)
    }

    fn apply(&mut self, mut mutations: Vec<CrmMutation>) -> Result<Vec<Result<CrmApplied, CrmMutationError>>, HostError> {
        if self.makes(Defect::NewKeyEachTime) {
            for mutation in &mut mutations {
                if let CrmMutation::Create { idempotency_key, .. } = mutation {
                    *idempotency_key = self.new_key();
                }
            }
        }
        self.host.apply(mutations)
    }
}

impl Defective {
    fn new_key(&mut self) -> String {
        self.creates += 1;
        format!("{}-{:?}", self.creates, self.host.random_bytes(8))
    }
}

impl CrmTasks for Defective {
    fn task_capabilities(&mut self) -> Result<TaskCapabilities, HostError> {
        self.host.task_capabilities()
    }

    fn task_changes(&mut self, after: Option<&str>, limit: u32) -> Result<TaskPage, CrmChangesError> {
        self.host.task_changes(after, limit)
    }

    fn tasks(&mut self, ids: &[CrmId]) -> Result<Vec<Option<TaskItem>>, HostError> {
        self.host.tasks(ids)
    }

    fn apply_to_tasks(
        &mut self,
        mut mutations: Vec<TaskMutation>,
    ) -> Result<Vec<Result<TaskApplied, TaskMutationError>>, HostError> {
        if self.makes(Defect::NewKeyEachTime) {
            for mutation in &mut mutations {
                if let TaskMutation::Create { idempotency_key, .. } = mutation {
                    *idempotency_key = self.new_key();
                }
            }
        }
        self.host.apply_to_tasks(mutations)
    }
}

impl Notices for Defective {
    fn raise(&mut self, alerts: Vec<Alert>) -> Result<(), HostError> {
        self.host.raise(alerts)
    }

    fn resolve(&mut self, filter: AlertFilter) -> Result<(), HostError> {
        self.host.resolve(filter)
    }

    fn record_conflicts(&mut self, resource: AlertResource, conflicts: Vec<ConflictRecord>) -> Result<(), HostError> {
        if self.makes(Defect::SkipRecord) { Ok(()) } else { self.host.record_conflicts(resource, conflicts) }
    }
}

impl Clock for Defective {
    fn now(&mut self) -> Instant {
        self.host.now()
    }

    fn elapsed(&mut self) -> Duration {
        self.host.elapsed()
    }
}

impl Entropy for Defective {
    fn random_bytes(&mut self, count: usize) -> Vec<u8> {
        self.host.random_bytes(count)
    }
}

impl Log for Defective {
    fn log(&mut self, level: LogLevel, message: &str, fields: &[(&str, String)]) {
        self.host.log(level, message, fields);
    }
}

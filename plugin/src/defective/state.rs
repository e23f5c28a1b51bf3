//! Storage, secrets, settings, notices, time, randomness and the log.

use std::time::Duration;

use tandem_core::account::Secret;
use tandem_core::model::{FieldGroup, FieldSet, Instant, Record};
use tandem_core::ports::{
    Alert, AlertFilter, AlertResource, Clock, CommitError, Config, Entropy, Entry, Expectation, Fence, HostError,
    HostProfile, Log, LogLevel, Notices, ReversalNote, Revision, SecretError, SecretName, Secrets, Storage, Write,
};
use tandem_core::settings::{ConflictRule, Field, Layers, SettingValue, SyncMode};
use tandem_core::sync::{ConflictRecord, EndState, Link};

use super::{Defect, Defective};

/// What people give tasks beside a text.
const TASKS_OWN: [FieldGroup; 3] = [FieldGroup::Importance, FieldGroup::Due, FieldGroup::Status];

/// How the key ends under which the number of links stands.
const LINK_COUNT: &str = "link-count";

/// More links than anybody has.
const MISCOUNTED: &[u8] = b"1000000";

impl Storage for Defective {
    fn get_many(&mut self, keys: &[String]) -> Result<Vec<Option<Entry>>, HostError> {
        let mut found = self.host.get_many(keys)?;
        found.iter_mut().flatten().for_each(|entry| self.change_base(entry));
        if self.makes(Defect::MiscountLinks) {
            let counts = keys.iter().zip(&mut found).filter(|(key, _)| key.ends_with(LINK_COUNT));
            for entry in counts.filter_map(|(_, entry)| entry.as_mut()) {
                entry.value = MISCOUNTED.to_vec();
            }
        }
        Ok(found)
    }

    fn list(&mut self, prefix: &str, after: Option<&str>, limit: u32) -> Result<(Vec<Entry>, bool), HostError> {
        let (mut found, more) = self.host.list(prefix, after, limit)?;
        for entry in &mut found {
            self.change_base(entry);
        }
        Ok((found, more))
    }

    fn commit(&mut self, fence: Fence, writes: Vec<Write>) -> Result<(), CommitError> {
        let mut writes = writes;
        if self.makes(Defect::SkipIntent) {
            writes.retain(|write| !write.key.contains("intent/"));
        }
        if self.makes(Defect::CursorFirst) {
            writes.retain(|write| !write.key.contains("/staged/") || write.value.is_none());
        }
        if let Some(token) = self.token.take().filter(|_| self.makes(Defect::KeepToken)) {
            writes.push(Write { key: "token".to_owned(), value: Some(token.into_bytes()), expect: Expectation::Any });
        }
        match self.host.commit(fence, writes) {
            Err(CommitError::StaleFence) if self.makes(Defect::ForgetFence) => Ok(()),
            committed => committed,
        }
    }
}

impl Defective {
    /// Has the ends of a stored link have agreed on something else, or on nothing.
    fn change_base(&self, entry: &mut Entry) {
        let (of_crm, of_m365): (Change, Change) = match self.defect {
            Some(Defect::DropBase) => (nothing, nothing),
            Some(Defect::HalfABase) => (Record::clone, nothing),
            Some(Defect::DropAnEdit) => (Record::clone, without_tasks_own),
            _ => return,
        };
        let Ok(mut link) = serde_json::from_slice::<Link>(&entry.value) else { return };
        for (state, changed) in [(&mut link.crm.state, of_crm), (&mut link.m365.state, of_m365)] {
            let agreed = changed(&state.base());
            if let EndState::Present { base, .. } = state {
                *base = Some(agreed);
            }
        }
        if let Ok(value) = serde_json::to_vec(&link) {
            entry.value = value;
        }
    }
}

/// What becomes of what was agreed on.
type Change = fn(&Record) -> Record;

/// Nothing was agreed on.
fn nothing(_: &Record) -> Record {
    Record::default()
}

/// What was agreed on but for what tasks alone have.
fn without_tasks_own(base: &Record) -> Record {
    let own = TASKS_OWN.into_iter().fold(FieldSet::EMPTY, FieldSet::with);
    base.only(base.groups().without(own))
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
            let both = SettingValue::text(SyncMode::Bidirectional.key());
            for field in [Field::CalendarDirection, Field::TasksDirection] {
                layers.system.set(field, both.clone());
            }
        }
        if self.makes(Defect::WrongWinner) {
            for field in [Field::CalendarConflictRule, Field::TasksConflictRule] {
                let theirs = SettingValue::text(ConflictRule::M365Wins.key());
                let is_theirs = layers.system.stored(field) == Some(&theirs);
                let other = if is_theirs { SettingValue::text(ConflictRule::CrmWins.key()) } else { theirs };
                layers.system.set(field, other);
            }
        }
        Ok(layers)
    }

    fn profile(&mut self) -> Result<HostProfile, HostError> {
        self.host.profile()
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
        let mut conflicts = conflicts;
        match self.defect {
            Some(Defect::SkipRecord) => conflicts.clear(),
            Some(Defect::DropAnEdit) => {
                let is_own = |name| TASKS_OWN.iter().any(|group| group.name() == name);
                for conflict in &mut conflicts {
                    conflict.fields.retain(|field| !is_own(field.name));
                }
                conflicts.retain(|conflict| !conflict.fields.is_empty());
            }
            _ => {}
        }
        self.host.record_conflicts(resource, conflicts)
    }

    fn note_reversals(&mut self, notes: Vec<ReversalNote>) -> Result<(), HostError> {
        self.host.note_reversals(notes)
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

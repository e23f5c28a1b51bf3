//! No token and no client secret is anywhere but where secrets are kept.
//!
//! What the CRM keeps as a secret is opened here after each run, and what the run
//! has told is kept: its report, and the alerts that are open by then. In a quiet
//! period all secrets since the last one are looked for in all that was told since
//! then, and in everything that is kept: the component's state, reports, alerts,
//! conflicts, and the log.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use crate::crm::Scope;
use crate::crm::notices::AlertList;
use crate::crm::runs::SyncResource;
use crate::crm::secrets::SecretName;
use crate::sim::log::Lines;
use crate::sim::operation::Who;
use crate::sim::scene::{Played, Scene};

/// Bytes of a text that is taken for a secret: shorter ones are words, names of
/// permissions, and the numbers of accounts.
const SECRET_LENGTH_MIN: usize = 40;

/// Bytes by which a secret is known: a log cuts what is long, and what is left of
/// it is as bad.
const BEGINNING: usize = 200;

/// Entries of the component's state that are read at once.
const PAGE: usize = 500;

/// The latest runs of each resource, as the CRM keeps them, that are looked through.
const RUNS: u32 = 5;

/// What was secret, and what was told, since it was looked through last.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    secrets: BTreeSet<String>,
    /// Where, and what.
    told: BTreeSet<(&'static str, String)>,
}

impl Secrets {
    /// A run of somebody is over, perhaps with a report.
    ///
    /// # Errors
    /// The CRM did not do its work.
    pub fn note(&mut self, scene: &Scene, who: Who, report: Option<&Value>) -> Played<()> {
        let crm = scene.app.crm();
        let user = crm.user_by_login(who.login())?;
        self.collect(scene, &user.scope())?;
        self.told.extend(report.map(|report| ("the report of a run", report.to_string())));
        for alert in crm.alerts_of_user(user.id, AlertList::Open)? {
            self.told.insert(("an alert", words(&alert)));
        }
        Ok(())
    }

    /// What is secret now.
    fn collect(&mut self, scene: &Scene, scope: &Scope) -> Played<()> {
        self.secrets.insert(scene.secret());
        for name in [SecretName::AccountTokens, SecretName::PendingAuthorization] {
            if let Some(secret) = scene.app.crm().secret(scope, name)? {
                collect(secret.value.expose(), &mut self.secrets);
            }
        }
        Ok(())
    }

    /// Where a secret has been found since the last time, in words without the
    /// secret.
    ///
    /// # Errors
    /// The CRM did not do its work.
    pub fn check(&mut self, scene: &Scene, log: &Lines) -> Played<Vec<String>> {
        let crm = scene.app.crm();
        let users = crm.all_users()?;
        for user in &users {
            self.collect(scene, &user.scope())?;
        }
        let Self { secrets, told } = std::mem::take(self);
        let mut found = BTreeSet::new();
        let mut look = |place: &str, text: &str| {
            if secrets.iter().any(|secret| text.contains(secret.as_str())) {
                found.insert(format!("a secret is in {place}"));
            }
        };
        for (place, text) in &told {
            look(place, text);
        }
        for user in &users {
            each_state(scene, &user.scope(), &mut |key, value| look(&format!("the state `{key}`"), value))?;
            for resource in [SyncResource::Calendar, SyncResource::Tasks] {
                for run in crm.run_history(user.id, resource, RUNS)? {
                    look("the report of a run", &run.report.to_string());
                }
            }
            for list in [AlertList::Open, AlertList::Resolved] {
                for alert in crm.alerts_of_user(user.id, list)? {
                    look("an alert", &words(&alert));
                }
            }
            for conflict in crm.conflicts_of_user(user.id)? {
                look("a conflict", &words(&conflict));
            }
        }
        for line in log.take() {
            look("the log", &line);
        }
        Ok(found.into_iter().collect())
    }
}

fn words(what: &impl Serialize) -> String {
    serde_json::to_string(what).unwrap_or_default()
}

/// The texts of a secret's JSON; the whole of one that is none.
fn collect(secret: &[u8], into: &mut BTreeSet<String>) {
    match serde_json::from_slice::<Value>(secret) {
        Ok(value) => collect_texts(&value, into),
        Err(_) => {
            into.insert(beginning(&String::from_utf8_lossy(secret)));
        }
    }
}

fn beginning(secret: &str) -> String {
    secret.chars().take(BEGINNING).collect()
}

fn collect_texts(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.len() >= SECRET_LENGTH_MIN && !text.starts_with("http") && !text.contains(' ') => {
            into.insert(beginning(text));
        }
        Value::Array(values) => values.iter().for_each(|value| collect_texts(value, into)),
        Value::Object(members) => members.values().for_each(|value| collect_texts(value, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn each_state(scene: &Scene, scope: &Scope, look: &mut dyn FnMut(&str, &str)) -> Played<()> {
    let mut after: Option<String> = None;
    loop {
        let page = scene.app.crm().list_state(scope, "", after.as_deref(), PAGE)?;
        for entry in &page.entries {
            look(&entry.key, &String::from_utf8_lossy(&entry.value));
        }
        after = page.entries.last().map(|entry| entry.key.clone());
        if !page.more || after.is_none() {
            return Ok(());
        }
    }
}

//! No token and no client secret is anywhere but where secrets are kept.
//!
//! What the CRM keeps as a secret is opened here, and looked for in everything
//! else that is kept or told: the component's state, reports, alerts, conflicts,
//! and the log.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::crm::Scope;
use crate::crm::runs::SyncResource;
use crate::crm::secrets::SecretName;
use crate::sim::log::Lines;
use crate::sim::scene::{Played, Scene};

/// Bytes of a text that is taken for a secret: shorter ones are words, names of
/// permissions, and the numbers of accounts.
const SECRET_LENGTH_MIN: usize = 40;

/// Bytes by which a secret is known: a log cuts what is long, and what is left of
/// it is as bad.
const BEGINNING: usize = 200;

/// Entries of the component's state that are read at once.
const PAGE: usize = 500;

/// Runs of each resource that are looked through.
const RUNS: u32 = 5;

/// Where a secret has been found, in words without the secret.
///
/// # Errors
/// The CRM did not do its work.
pub fn check(scene: &Scene, log: &Lines) -> Played<Vec<String>> {
    let crm = scene.app.crm();
    let mut secrets = BTreeSet::from([scene.secret()]);
    let users = crm.all_users()?;
    for scope in users.iter().map(crate::crm::users::User::scope) {
        for name in [SecretName::AccountTokens, SecretName::PendingAuthorization] {
            if let Some(secret) = crm.secret(&scope, name)? {
                collect(secret.value.expose(), &mut secrets);
            }
        }
    }
    let mut found = Vec::new();
    let mut look = |place: &str, text: &str| {
        if secrets.iter().any(|secret| text.contains(secret.as_str())) {
            found.push(format!("a secret is in {place}"));
        }
    };
    for user in &users {
        each_state(scene, &user.scope(), &mut |key, value| look(&format!("the state `{key}`"), value))?;
        for resource in [SyncResource::Calendar, SyncResource::Tasks] {
            for run in crm.run_history(user.id, resource, RUNS)? {
                look("the report of a run", &run.report.to_string());
            }
        }
        for alert in crm.alerts_of_user(user.id, crate::crm::notices::AlertList::Open)? {
            look("an alert", &serde_json::to_string(&alert).unwrap_or_default());
        }
        for conflict in crm.conflicts_of_user(user.id)? {
            look("a conflict", &serde_json::to_string(&conflict).unwrap_or_default());
        }
    }
    for line in log.take() {
        look("the log", &line);
    }
    found.sort();
    found.dedup();
    Ok(found)
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

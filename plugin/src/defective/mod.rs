//! Deliberate defects, in a test build alone (feature `defects`).
//!
//! Each is a mistake that somebody could make in this component. The simulation
//! has to find every one of them: a law that no mistake can break says nothing.
//! They are made at the ports, between the core and the host, so that no line of
//! the core is there for their sake. Which one is made, storage says under
//! [`KEY`]; without it, none is.

mod ports;

use std::collections::BTreeMap;

use tandem_core::ports::{Storage as _, Write};
use tandem_core::sync::{EndState, Link};

use crate::adapters::Host;

/// Where the name of the defect stands.
const KEY: &str = "defect";

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// Forgets what both sides had agreed on.
    DropBase,
    /// Creates without writing down before that it is about to.
    SkipIntent,
    /// Writes over what has changed meanwhile.
    IgnoreConflict,
    /// Takes what cannot be read for deleted.
    MissingIsDeleted,
    /// Goes on although another holder has the mailbox.
    ForgetFence,
    /// Decides between two edits, and tells nobody.
    SkipRecord,
    /// Keeps the cursor behind what it has seen, and not what it has seen.
    CursorFirst,
    /// Writes in both directions, whatever the settings say.
    IgnoreDirection,
    /// Takes every record of the CRM for an edit that somebody has just made.
    EverythingIsNew,
    /// Gives each attempt of a create in the CRM a key of its own.
    NewKeyEachTime,
    /// Writes the token of its requests into the log.
    LogToken,
    /// Asks everything twice.
    AskTwice,
}

impl Defect {
    fn named(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"drop-base" => Self::DropBase,
            b"skip-intent" => Self::SkipIntent,
            b"ignore-conflict" => Self::IgnoreConflict,
            b"missing-is-deleted" => Self::MissingIsDeleted,
            b"forget-fence" => Self::ForgetFence,
            b"skip-record" => Self::SkipRecord,
            b"cursor-first" => Self::CursorFirst,
            b"ignore-direction" => Self::IgnoreDirection,
            b"everything-is-new" => Self::EverythingIsNew,
            b"new-key-each-time" => Self::NewKeyEachTime,
            b"log-token" => Self::LogToken,
            b"ask-twice" => Self::AskTwice,
            _ => return None,
        })
    }
}

/// The host, with a mistake between it and the core.
#[derive(Debug)]
pub struct Defective {
    host: Host,
    defect: Option<Defect>,
    /// Creates so far, for keys of their own.
    creates: u32,
}

impl Defective {
    /// The host with the mistake that its storage names.
    pub fn new() -> Self {
        let mut host = Host::default();
        let found = host.get_many(&[KEY.to_owned()]).ok().and_then(|mut entries| entries.pop().flatten());
        let defect = found.and_then(|entry| Defect::named(&entry.value));
        Self { host, defect, creates: 0 }
    }

    fn makes(&self, defect: Defect) -> bool {
        self.defect == Some(defect)
    }

    /// What is left of a commit.
    fn kept(&self, mut writes: Vec<Write>) -> Vec<Write> {
        let is_put = |write: &Write| write.value.is_some();
        match self.defect {
            Some(Defect::SkipIntent) => writes.retain(|write| !write.key.contains("/intent/")),
            Some(Defect::CursorFirst) => writes.retain(|write| !(write.key.contains("/staged/") && is_put(write))),
            Some(
                Defect::DropBase
                | Defect::IgnoreConflict
                | Defect::MissingIsDeleted
                | Defect::ForgetFence
                | Defect::SkipRecord
                | Defect::IgnoreDirection
                | Defect::EverythingIsNew
                | Defect::NewKeyEachTime
                | Defect::LogToken
                | Defect::AskTwice,
            )
            | None => {}
        }
        writes
    }
}

/// A stored link of which the two ends have never agreed on anything.
fn without_base(stored: &[u8]) -> Option<Vec<u8>> {
    let mut link: Link = serde_json::from_slice(stored).ok()?;
    for state in [&mut link.crm.state, &mut link.m365.state] {
        if let EndState::Present { base, .. } = state {
            *base = Some(tandem_core::model::Record::default());
        }
    }
    serde_json::to_vec(&link).ok()
}

/// A body of requests of which each is about whatever is there now.
fn unconditional(body: &[u8]) -> Option<Vec<u8>> {
    let mut batch: serde_json::Value = serde_json::from_slice(body).ok()?;
    for part in batch.get_mut("requests")?.as_array_mut()? {
        let headers: Option<BTreeMap<String, String>> =
            part.get("headers").and_then(|headers| serde_json::from_value(headers.clone()).ok());
        let Some(mut headers) = headers else { continue };
        for (name, value) in &mut headers {
            if name.eq_ignore_ascii_case("if-match") {
                "*".clone_into(value);
            }
        }
        if let Some(slot) = part.get_mut("headers") {
            *slot = serde_json::to_value(headers).ok()?;
        }
    }
    serde_json::to_vec(&batch).ok()
}

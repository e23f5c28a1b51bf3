//! Which `VEVENT`s of a calendar belong together: a series and its changed
//! occurrences have one UID (RFC 5545, section 3.8.4.7).

use std::collections::BTreeMap;

use icalendar::{Component, Event};

use super::batch::ImportBatch;
use super::event::text_of;
use super::moment::{self, Clock, Moment};
use super::reason::{Left, SkipReason};

/// A `VEVENT`.
pub(super) struct Entry {
    pub(super) event: Event,
    /// How many `RRULE` it has; the event shows only one of them.
    pub(super) rules: usize,
}

/// What has one UID.
#[derive(Default)]
pub(super) struct Group {
    /// The UID, where there is one.
    pub(super) uid: Option<String>,
    /// The event or the series itself.
    pub(super) master: Option<Entry>,
    /// Changed occurrences with their original start, by the text of it.
    pub(super) overrides: BTreeMap<String, (Moment, Entry)>,
}

/// The groups of a calendar in the order of the file. Of two versions of one
/// thing the later one counts, of two equal ones the first.
pub(super) fn groups(entries: Vec<Entry>, clock: &Clock<'_>, batch: &mut ImportBatch) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for entry in entries {
        let uid = text_of(&entry.event, "UID");
        let place = match &uid {
            Some(uid) => *places.entry(uid.clone()).or_insert(groups.len()),
            None => groups.len(),
        };
        if place == groups.len() {
            groups.push(Group { uid, ..Group::default() });
        }
        if let Some(group) = groups.get_mut(place) {
            group.add(entry, clock, batch);
        }
    }
    groups
}

impl Group {
    fn add(&mut self, entry: Entry, clock: &Clock<'_>, batch: &mut ImportBatch) {
        let uid = self.uid.clone();
        let Some(property) = entry.event.properties().get("RECURRENCE-ID") else {
            let (newer, older) = newer_first(self.master.take(), entry);
            self.master = Some(newer);
            batch.left.extend(older.map(|_| Left::whole(uid.as_deref(), SkipReason::Duplicate)));
            return;
        };
        match moment::single(property, clock) {
            Err(reason) => {
                let value = property.value().trim();
                batch.left.push(Left::value(uid.as_deref(), reason, "RECURRENCE-ID", value));
            }
            Ok(original) => {
                let key = original.text();
                let known = self.overrides.remove(&key).map(|(_, known)| known);
                let (newer, older) = newer_first(known, entry);
                let duplicate = |_| Left::occurrence(uid.as_deref(), SkipReason::Duplicate, key.clone());
                batch.left.extend(older.map(duplicate));
                self.overrides.insert(key, (original, newer));
            }
        }
    }
}

fn newer_first(known: Option<Entry>, found: Entry) -> (Entry, Option<Entry>) {
    match known {
        None => (found, None),
        Some(known) if revision(&found.event) > revision(&known.event) => (found, Some(known)),
        Some(known) => (known, Some(found)),
    }
}

/// What grows with each change of an event or a task: `SEQUENCE`, then `LAST-MODIFIED`,
/// which is in UTC and therefore ordered as a text.
pub(super) fn revision(component: &impl Component) -> (u64, String) {
    let sequence = component.property_value("SEQUENCE").and_then(|text| text.trim().parse().ok()).unwrap_or_default();
    (sequence, text_of(component, "LAST-MODIFIED").unwrap_or_default())
}

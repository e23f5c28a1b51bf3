//! Typed access to the run's state: decode on the way in, one atomic commit on
//! the way out.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::model::{CrmId, GraphId, LinkId};
use crate::ports::{Breach, CommitError, Entry, Expectation, Fence, HostError, Storage, Write};
use crate::sync::Link;
use crate::sync::rails::Held;

use super::rails::Rails;
use super::resource::WaitUntil;
use super::state::{Intent, Keys, STATE_FORMAT, SeenCrm, SeenGraph};

/// Entries removed in one commit: half of what the contract allows.
const REMOVED_PER_COMMIT: u32 = 500;

/// The contract's limit of a value: enough for 131,072 items that are held back.
const VALUE_BYTES_MAX: usize = 1024 * 1024;

/// Parts of a listing that are removed or counted one behind the other: half a
/// million entries. A storage that has more has no end.
pub const PARTS_MAX: u32 = 1_000;

/// Links counted at once, where there is no count yet.
const COUNTED_PER_PAGE: u32 = 1_000;

/// Why the state could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StateError {
    /// Another holder has the mailbox.
    #[error("another holder has this mailbox")]
    StaleFence,
    /// The host failed.
    #[error("the host's storage failed")]
    Host(#[source] HostError),
    /// A stored value is not what this version writes.
    #[error("expected state that this version understands under `{key}`, but found something else")]
    Unreadable {
        /// Where.
        key: String,
    },
    /// The host refused a commit for its size or an expectation.
    #[error("the host refused a commit: {0}")]
    Refused(#[source] CommitError),
}

impl From<CommitError> for StateError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::StaleFence => Self::StaleFence,
            CommitError::Host(host) => Self::Host(host),
            CommitError::ExpectationFailed(_) | CommitError::TooLarge => Self::Refused(error),
        }
    }
}

/// Writes that belong together.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    writes: BTreeMap<String, Option<Vec<u8>>>,
}

impl Batch {
    /// Stores `value` under `key`.
    pub fn put<T: Serialize>(&mut self, key: String, value: &T) {
        // Plain data with text keys: encoding it cannot fail.
        let bytes = serde_json::to_vec(value).unwrap_or_default();
        self.writes.insert(key, Some(bytes));
    }

    /// Removes `key`.
    pub fn remove(&mut self, key: String) {
        self.writes.insert(key, None);
    }

    /// Stores a link with its two indices.
    pub fn put_link(&mut self, keys: &Keys, link: &Link) {
        self.put(keys.link(&link.id), link);
        self.put(keys.by_crm(&link.crm.id), &link.id);
        self.put(keys.by_graph(&link.m365.id), &link.id);
    }

    /// Stores what is kept of the guard rails.
    pub fn put_rails(&mut self, keys: &Keys, rails: &Rails) {
        self.put(keys.rails(), rails);
        if rails.up.is_none() && rails.released.is_none() {
            self.remove(keys.held());
        }
    }

    /// Stores which items are held back.
    pub fn put_held(&mut self, keys: &Keys, held: &Held) {
        self.writes.insert(keys.held(), Some(held.to_bytes(VALUE_BYTES_MAX)));
    }

    /// Forgets a link with its two indices.
    pub fn remove_link(&mut self, keys: &Keys, link: &Link) {
        self.remove(keys.link(&link.id));
        self.remove(keys.by_crm(&link.crm.id));
        self.remove(keys.by_graph(&link.m365.id));
    }

    /// Whether it stores something under `key`.
    pub fn puts(&self, key: &str) -> bool {
        self.writes.get(key).is_some_and(Option::is_some)
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }
}

/// What every version of a status has.
#[derive(Deserialize)]
struct Versioned {
    format: u32,
}

/// What was noted before a step that concerns whether and how it begins.
#[derive(Clone, Copy, Debug)]
pub struct NotedBefore {
    /// The wait that Microsoft has asked of the mailbox.
    pub throttled: Option<WaitUntil>,
    /// Whether an alert is open about a step that could not begin.
    pub stopped: bool,
}

/// Makes all writes of a batch, or none.
pub fn commit(storage: &mut impl Storage, fence: Fence, batch: Batch) -> Result<(), StateError> {
    let writes = batch.writes.into_iter().map(|(key, value)| Write { key, value, expect: Expectation::Any }).collect();
    storage.commit(fence, writes).map_err(StateError::from)
}

/// Reads and writes the state of one calendar.
#[derive(Clone, Debug)]
pub struct Store {
    /// Its keys.
    pub keys: Keys,
    fence: Fence,
}

impl Store {
    /// For the holder with this number.
    pub const fn new(keys: Keys, fence: Fence) -> Self {
        Self { keys, fence }
    }

    /// The number of the holder.
    pub const fn fence(&self) -> Fence {
        self.fence
    }

    /// Writes the batch in one commit, and with it how many links there are.
    pub fn commit(&self, storage: &mut impl Storage, mut batch: Batch) -> Result<(), StateError> {
        if batch.is_empty() {
            return Ok(());
        }
        if let Some(links) = self.links_after(storage, &batch)? {
            batch.put(self.keys.link_count(), &links);
        }
        commit(storage, self.fence, batch)
    }

    /// The status, if there is one of this version. One of an earlier version
    /// counts as none, so that both sides are read anew; one of a later version
    /// is not understood.
    pub fn status<S: DeserializeOwned>(&self, storage: &mut impl Storage) -> Result<Option<S>, StateError> {
        let key = self.keys.status();
        let found = storage.get_many(std::slice::from_ref(&key)).map_err(StateError::Host)?.pop().flatten();
        let Some(entry) = found else { return Ok(None) };
        let Versioned { format } = decode(&entry)?;
        match format.cmp(&STATE_FORMAT) {
            Ordering::Less => Ok(None),
            Ordering::Equal => decode(&entry).map(Some),
            Ordering::Greater => Err(StateError::Unreadable { key }),
        }
    }

    /// What was noted before this step, under the key of the wait that Microsoft has
    /// asked of the mailbox and under `stopped`. What cannot be read counts as none:
    /// it would only end the step.
    pub fn noted_before(&self, storage: &mut impl Storage, stopped: String) -> Result<NotedBefore, StateError> {
        let mut found = storage.get_many(&[self.keys.throttled(), stopped]).map_err(StateError::Host)?.into_iter();
        let throttled = found.next().flatten().and_then(|entry| decode(&entry).ok());
        Ok(NotedBefore { throttled, stopped: found.next().flatten().is_some() })
    }

    /// What is kept of the guard rails.
    pub fn rails(&self, storage: &mut impl Storage) -> Result<Rails, StateError> {
        Ok(get(storage, &[self.keys.rails()])?.pop().flatten().unwrap_or_default())
    }

    /// The items that are held back.
    pub fn held(&self, storage: &mut impl Storage) -> Result<Held, StateError> {
        let found = storage.get_many(&[self.keys.held()]).map_err(StateError::Host)?.pop().flatten();
        Ok(found.map(|entry| Held::from_bytes(&entry.value)).unwrap_or_default())
    }

    /// How many items are linked; none where a version that kept no count has
    /// linked them, or nothing was ever linked.
    pub fn known_link_count(&self, storage: &mut impl Storage) -> Result<Option<u32>, StateError> {
        value(storage, self.keys.link_count())
    }

    /// How many items are linked. Kept with them; counted once where a version
    /// that kept no count has linked them.
    pub fn link_count(&self, storage: &mut impl Storage) -> Result<u32, StateError> {
        if let Some(known) = self.known_link_count(storage)? {
            return Ok(known);
        }
        let (prefix, mut links, mut after) = (self.keys.links(), 0_u32, None);
        for _ in 0..PARTS_MAX {
            let (entries, more) = page(storage, &prefix, after.as_deref(), COUNTED_PER_PAGE)?;
            links = links.saturating_add(u32::try_from(entries.len()).unwrap_or(u32::MAX));
            if let Some(last) = entries.last().filter(|_| more) {
                after = Some(last.key.clone());
                continue;
            }
            let mut batch = Batch::default();
            batch.put(self.keys.link_count(), &links);
            self.commit(storage, batch)?;
            return Ok(links);
        }
        Err(without_end())
    }

    /// How many links there are after a commit; none where it changes nothing about
    /// that, or there is no count yet.
    fn links_after(&self, storage: &mut impl Storage, batch: &Batch) -> Result<Option<u32>, StateError> {
        let prefix = self.keys.links();
        let touched: Vec<(&String, bool)> = batch
            .writes
            .iter()
            .filter(|(key, _)| key.starts_with(&prefix))
            .map(|(key, value)| (key, value.is_some()))
            .collect();
        if touched.is_empty() {
            return Ok(None);
        }
        let keys: Vec<String> = touched.iter().map(|(key, _)| (*key).clone()).collect();
        let before = present(storage, &keys)?;
        let is_new = |(was, (_, is)): &(&bool, &(&String, bool))| !**was && *is;
        let is_over = |(was, (_, is)): &(&bool, &(&String, bool))| **was && !*is;
        let pairs = || before.iter().zip(&touched);
        let added = u32::try_from(pairs().filter(is_new).count()).unwrap_or(u32::MAX);
        let removed = u32::try_from(pairs().filter(is_over).count()).unwrap_or(u32::MAX);
        if added == removed {
            return Ok(None);
        }
        let known = match self.known_link_count(storage)? {
            Some(known) => known,
            None if page(storage, &prefix, None, 1)?.0.is_empty() => 0,
            None => return Ok(None),
        };
        Ok(Some(known.saturating_add(added).saturating_sub(removed)))
    }

    /// The links of these Microsoft items, in their order.
    pub fn links_of_graph(&self, storage: &mut impl Storage, ids: &[GraphId]) -> Result<Vec<Option<Link>>, StateError> {
        let keys: Vec<String> = ids.iter().map(|id| self.keys.by_graph(id)).collect();
        self.linked(storage, &keys)
    }

    /// The links of these CRM records, in their order.
    pub fn links_of_crm(&self, storage: &mut impl Storage, ids: &[CrmId]) -> Result<Vec<Option<Link>>, StateError> {
        let keys: Vec<String> = ids.iter().map(|id| self.keys.by_crm(id)).collect();
        self.linked(storage, &keys)
    }

    /// Links by id, in their order.
    pub fn links(&self, storage: &mut impl Storage, ids: &[LinkId]) -> Result<Vec<Option<Link>>, StateError> {
        let keys: Vec<String> = ids.iter().map(|id| self.keys.link(id)).collect();
        get(storage, &keys)
    }

    /// Observations of Microsoft, in the order of `ids`.
    pub fn seen_graph(
        &self,
        storage: &mut impl Storage,
        ids: &[GraphId],
    ) -> Result<Vec<Option<SeenGraph>>, StateError> {
        let keys: Vec<String> = ids.iter().map(|id| self.keys.staged_graph(id)).collect();
        get(storage, &keys)
    }

    /// Observations of the CRM, in the order of `ids`.
    pub fn seen_crm(&self, storage: &mut impl Storage, ids: &[CrmId]) -> Result<Vec<Option<SeenCrm>>, StateError> {
        let keys: Vec<String> = ids.iter().map(|id| self.keys.staged_crm(id)).collect();
        get(storage, &keys)
    }

    /// The CRM record that waits for a copy of its meeting under this mark.
    pub fn waiting(&self, storage: &mut impl Storage, mark: &str) -> Result<Option<CrmId>, StateError> {
        Ok(get(storage, &[self.keys.waiting(mark)])?.pop().flatten())
    }

    /// The open intents.
    pub fn intents(&self, storage: &mut impl Storage, limit: u32) -> Result<Vec<Intent>, StateError> {
        let (entries, _) = page(storage, &self.keys.intents(), None, limit)?;
        entries.iter().map(decode).collect()
    }

    /// Removes everything under `prefix`, a part at a time: what is there may be
    /// more than one commit takes.
    pub fn clear(&self, storage: &mut impl Storage, prefix: &str) -> Result<(), StateError> {
        let mut left = LessEachTime::default();
        for _ in 0..PARTS_MAX {
            let (entries, more) = page(storage, prefix, None, REMOVED_PER_COMMIT)?;
            if entries.is_empty() {
                return Ok(());
            }
            left.see(&entries)?;
            let mut batch = Batch::default();
            for entry in entries {
                batch.remove(entry.key);
            }
            self.commit(storage, batch)?;
            if !more {
                return Ok(());
            }
        }
        Err(without_end())
    }

    /// The links of these keys of an index, in their order.
    pub fn linked(&self, storage: &mut impl Storage, index: &[String]) -> Result<Vec<Option<Link>>, StateError> {
        let ids: Vec<Option<LinkId>> = get(storage, index)?;
        let known: Vec<LinkId> = ids.iter().flatten().cloned().collect();
        let mut links = self.links(storage, &known)?.into_iter();
        Ok(ids.into_iter().map(|id| id.and_then(|_| links.next().flatten())).collect())
    }
}

/// Sees that what is worked off from the front becomes less: a storage that goes
/// on listing what was removed would keep a step for ever.
#[derive(Debug, Default)]
pub struct LessEachTime {
    first: Option<String>,
}

impl LessEachTime {
    /// Notes what is there now.
    pub fn see(&mut self, entries: &[Entry]) -> Result<(), StateError> {
        let first = entries.first().map(|entry| entry.key.clone());
        if first.is_some() && first == self.first {
            return Err(without_end());
        }
        self.first = first;
        Ok(())
    }
}

/// A listing that does not end.
pub const fn without_end() -> StateError {
    StateError::Host(HostError::Breach(Breach::StandsStill { call: "storage.list-entries" }))
}

/// Which of these keys exist, in their order.
pub fn present(storage: &mut impl Storage, keys: &[String]) -> Result<Vec<bool>, StateError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let entries = storage.get_many(keys).map_err(StateError::Host)?;
    Ok(entries.into_iter().map(|entry| entry.is_some()).collect())
}

/// A page of entries under `prefix`, undecoded.
pub fn page(
    storage: &mut impl Storage,
    prefix: &str,
    after: Option<&str>,
    limit: u32,
) -> Result<(Vec<Entry>, bool), StateError> {
    storage.list(prefix, after, limit).map_err(StateError::Host)
}

/// The value under `key`, if there is one.
pub fn value<S: Storage, T: DeserializeOwned>(storage: &mut S, key: String) -> Result<Option<T>, StateError> {
    Ok(get(storage, &[key])?.pop().flatten())
}

/// The values of these keys, in their order.
pub fn get<S: Storage, T: DeserializeOwned>(storage: &mut S, keys: &[String]) -> Result<Vec<Option<T>>, StateError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let entries = storage.get_many(keys).map_err(StateError::Host)?;
    entries.iter().map(|entry| entry.as_ref().map(decode).transpose()).collect()
}

/// The ids of the links of these keys of an index, in their order.
pub fn link_ids(storage: &mut impl Storage, index: &[String]) -> Result<Vec<Option<LinkId>>, StateError> {
    get(storage, index)
}

/// Decodes a stored value.
pub fn decode<T: DeserializeOwned>(entry: &Entry) -> Result<T, StateError> {
    serde_json::from_slice(&entry.value).map_err(|_| StateError::Unreadable { key: entry.key.clone() })
}

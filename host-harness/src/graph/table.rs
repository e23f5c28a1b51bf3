//! A keyed collection that remembers which of its rows changed.
//!
//! The state of the emulator lives in memory; what a request touched is
//! written through afterwards. This module only keeps the book of touched
//! keys, `store` does the writing. Where somebody asks what a change was
//! (`subscriptions::watch`), a table keeps what its rows were before as well.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeBounds;
use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// One row to be written: `body` is `None` for a removed row.
#[derive(Debug)]
pub(crate) struct RowChange {
    pub table: &'static str,
    pub key: String,
    pub body: Option<String>,
}

/// An ordered map with the set of keys touched since the last drain.
#[derive(Clone, Debug)]
pub(crate) struct Table<K, T> {
    name: &'static str,
    rows: BTreeMap<K, T>,
    touched: BTreeSet<K>,
    /// What touched rows were, `None` for one that was not there. Kept only
    /// while the table is observed.
    former: Option<BTreeMap<K, Option<T>>>,
}

impl<K, T> Table<K, T>
where
    K: Ord + Clone + ToString + FromStr,
    T: Clone + Serialize + DeserializeOwned,
{
    /// An empty table stored under `name`.
    pub fn new(name: &'static str) -> Self {
        Self { name, rows: BTreeMap::new(), touched: BTreeSet::new(), former: None }
    }

    /// The name that rows of this table are stored under.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Reads a row.
    pub fn get(&self, key: &K) -> Option<&T> {
        self.rows.get(key)
    }

    /// Opens a row for change, and counts it as changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut T> {
        let row = self.rows.get_mut(key)?;
        if let Some(former) = &mut self.former {
            former.entry(key.clone()).or_insert_with(|| Some(row.clone()));
        }
        self.touched.insert(key.clone());
        Some(row)
    }

    /// Adds or replaces a row.
    pub fn insert(&mut self, key: K, row: T) {
        self.touched.insert(key.clone());
        let before = self.rows.insert(key.clone(), row);
        if let Some(former) = &mut self.former {
            former.entry(key).or_insert(before);
        }
    }

    /// Removes a row and hands it back.
    pub fn remove(&mut self, key: &K) -> Option<T> {
        let row = self.rows.remove(key)?;
        if let Some(former) = &mut self.former {
            former.entry(key.clone()).or_insert_with(|| Some(row.clone()));
        }
        self.touched.insert(key.clone());
        Some(row)
    }

    /// All rows in key order, without their keys.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.rows.values()
    }

    /// The rows whose keys lie in `range`.
    pub fn range(&self, range: impl RangeBounds<K>) -> impl Iterator<Item = (&K, &T)> {
        self.rows.range(range)
    }

    /// The keys of the rows that `wanted` accepts.
    pub fn keys_where(&self, wanted: impl Fn(&T) -> bool) -> Vec<K> {
        self.rows.iter().filter(|(_, row)| wanted(row)).map(|(key, _)| key.clone()).collect()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Begins or ends to keep what rows were before they changed. Costs a copy
    /// of every row that is touched, so that only who asks pays for it.
    pub fn observe(&mut self, is_observed: bool) {
        match (&self.former, is_observed) {
            (None, true) => self.former = Some(BTreeMap::new()),
            (Some(_), false) => self.former = None,
            (None, false) | (Some(_), true) => {}
        }
    }

    /// What the rows that changed since the last call were before, in key
    /// order. Nothing while the table is not observed.
    pub fn take_former(&mut self) -> Vec<(K, Option<T>)> {
        self.former.as_mut().map(std::mem::take).unwrap_or_default().into_iter().collect()
    }

    /// Takes a stored row in without counting it as changed.
    ///
    /// # Errors
    /// The text of what was wrong with the key or the body.
    pub fn load(&mut self, key: &str, body: &str) -> Result<(), String> {
        let parsed = K::from_str(key).map_err(|_| format!("the key `{key}` is malformed"))?;
        let row = serde_json::from_str(body).map_err(|error| error.to_string())?;
        self.rows.insert(parsed, row);
        Ok(())
    }

    /// Moves the changes since the last call to the end of `into`, or forgets
    /// them where nothing is written.
    pub fn drain_changes(&mut self, into: Option<&mut Vec<RowChange>>) {
        let touched = std::mem::take(&mut self.touched);
        let Some(into) = into else { return };
        for key in touched {
            let body = self.rows.get(&key).and_then(|row| serde_json::to_string(row).ok());
            into.push(RowChange { table: self.name, key: key.to_string(), body });
        }
    }
}

/// Declares a newtype of a number that can key a [`Table`].
macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub(crate) struct $name(pub u64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}
pub(crate) use number;

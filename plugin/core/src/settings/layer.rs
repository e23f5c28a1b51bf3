//! What the levels store.
//!
//! A layer keeps the host's rows as they are, because a save has to know which
//! rows exist, and shows them typed: a row of an unknown key, of a field that
//! the level does not have, or with a value that does not fit counts as absent.

use std::collections::BTreeMap;
use std::fmt;

use super::{Field, Level, SettingValue, rule};

/// The rows of one level.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Layer {
    rows: BTreeMap<String, SettingValue>,
}

impl Layer {
    /// The row of `field` as it is stored, whether or not it fits.
    pub fn stored(&self, field: Field) -> Option<&SettingValue> {
        self.rows.get(field.key())
    }

    /// The value of `field`, where the row fits. An explicitly empty row is a
    /// value (Oro row S10).
    pub fn value(&self, field: Field) -> Option<SettingValue> {
        match self.stored(field)? {
            SettingValue::None => Some(SettingValue::None),
            stored => rule::accept(field, stored).ok(),
        }
    }

    /// Stores a row.
    pub fn set(&mut self, field: Field, value: SettingValue) {
        self.rows.insert(field.key().to_owned(), value);
    }

    /// Removes a row, so that the level above takes effect.
    pub fn remove(&mut self, field: Field) {
        self.rows.remove(field.key());
    }
}

impl<K: Into<String>> FromIterator<(K, SettingValue)> for Layer {
    fn from_iter<I: IntoIterator<Item = (K, SettingValue)>>(rows: I) -> Self {
        Self { rows: rows.into_iter().map(|(key, value)| (key.into(), value)).collect() }
    }
}

/// Shows which rows there are and hides what is in them: a host may have put a
/// secret there.
impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.rows.keys()).finish()
    }
}

/// The three levels that apply to a scope. For the client secret a layer needs
/// no more than any text that is not empty: the secret itself is read through
/// [`crate::ports::Secrets`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    /// Of the whole installation.
    pub system: Layer,
    /// Of the organization.
    pub organization: Layer,
    /// Of the user; empty where the scope has none.
    pub user: Layer,
}

impl Layers {
    /// The rows of `level`.
    pub const fn layer(&self, level: Level) -> &Layer {
        match level {
            Level::System => &self.system,
            Level::Organization => &self.organization,
            Level::User => &self.user,
        }
    }

    /// The rows of `level`, to be changed.
    pub const fn layer_mut(&mut self, level: Level) -> &mut Layer {
        match level {
            Level::System => &mut self.system,
            Level::Organization => &mut self.organization,
            Level::User => &mut self.user,
        }
    }
}

//! Which level wins for a field, and why (Oro row S10).
//!
//! The most specific level that has a value wins: user, organization, system,
//! and behind them the built-in value. Written once, here; pages, validation
//! and the engine all read through it.

use super::{Field, Layers, Level, SettingValue};

/// Where an effective value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A row of this level.
    Level(Level),
    /// Built in.
    Default,
}

/// An effective value and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The value, of the field's type, or explicitly empty.
    pub value: SettingValue,
    /// Its source.
    pub source: Source,
}

/// A field of a page with what the level above would give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedField {
    /// The field.
    pub field: Field,
    /// The value on the level asked for; of a secret, the mask or nothing.
    pub effective: Resolved,
    /// What a ticked fallback box leads to.
    pub inherited: Resolved,
}

impl Layers {
    /// The value of `field` as `level` sees it. Levels that do not have the
    /// field are passed over.
    pub fn effective(&self, level: Level, field: Field) -> Resolved {
        self.nearest(level.upwards(), field)
    }

    /// The value of `field` as the level above `level` sees it.
    pub fn inherited(&self, level: Level, field: Field) -> Resolved {
        self.nearest(level.upwards().skip(1), field)
    }

    fn nearest(&self, mut levels: impl Iterator<Item = Level>, field: Field) -> Resolved {
        levels
            .find_map(|level| {
                let value = self.layer(level).value(field).filter(|_| field.is_on(level))?;
                Some(Resolved { value, source: Source::Level(level) })
            })
            .unwrap_or_else(|| Resolved { value: field.default_value(), source: Source::Default })
    }
}

/// Every field of `level` with its effective value, ordered by key.
pub fn resolve(level: Level, layers: &Layers) -> Vec<ResolvedField> {
    let mut fields: Vec<Field> = Field::ALL.into_iter().filter(|field| field.is_on(level)).collect();
    fields.sort_by_key(|field| field.key());
    fields
        .into_iter()
        .map(|field| ResolvedField {
            field,
            effective: layers.effective(level, field),
            inherited: layers.inherited(level, field),
        })
        .collect()
}

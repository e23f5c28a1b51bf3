//! Settings: what can be set, what is stored on three levels, what it means.
//!
//! The component owns the tree and its rules; the host stores raw values per
//! level and draws the pages. Nothing here performs anything: layers go in,
//! effective settings, change sets and page descriptions come out. The facts
//! behind the rules are Oro rows S1 to S13.
//!
//! Read [`Field`] (the closed list of what can be set), [`Layers`] (what is
//! stored), [`resolve`] (which level wins and why), [`EffectiveSettings`] (what
//! the engine works with), [`validate`] (what a save leads to), then [`manifest`]
//! and the page in it (how it is drawn).

mod effective;
mod field;
mod layer;
mod manifest;
mod policy;
mod resolve;
mod rule;
mod schema;
mod validate;
mod value;

pub use effective::{ApplicationSettings, EffectiveSettings, ResourceSettings, Window};
pub use field::{Field, Kind};
pub use layer::{Layer, Layers};
pub use manifest::{Feature, Manifest, Permission, manifest};
pub use policy::{ConflictRule, SyncMode};
pub use resolve::{Resolved, ResolvedField, Source, resolve};
pub use schema::{
    Condition, ConditionEffect, ConditionTest, FieldDescription, FieldType, Group, OptionLabel, Page, page,
};
pub use validate::{ChangeAction, ChangeSet, FieldChange, FieldError, FollowUp, StoredChange, validate};
pub use value::{Level, SECRET_MASK, SettingValue};

#[cfg(test)]
mod tests;

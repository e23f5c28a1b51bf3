//! The contract's types under the names that the rest of the harness uses.
//!
//! Nothing outside `host` and `app` names the generated modules, so that a new
//! version of the contract is met in one place. Next: [`super::scope`].

pub use super::bindings::exports::tandem::plugin::account::{
    Account, AccountError, Authorization, Callback, CheckOutcome, CheckStep, ConnectionReport, ParkedReason,
};
pub use super::bindings::exports::tandem::plugin::manifest::{
    Condition, ConditionEffect, ConditionTest, Feature, Field, FieldType, Group, IntegerRange, Manifest, OptionLabel,
    Page, Permission,
};
pub use super::bindings::exports::tandem::plugin::settings::{
    ChangeAction, ChangeSet, Duties as HostDuties, EffectiveSetting, FieldChange, FieldError, FollowUp, StoredChange,
    ValueSource,
};
pub use super::bindings::tandem::host::config::{SettingEntry, SettingLayers, SettingLevel, SettingValue};
pub use super::bindings::tandem::host::types::HostError;

pub(crate) use super::bindings::exports::tandem::plugin::items::{ItemLink, ItemName, ItemStanding};
pub(crate) use super::bindings::exports::tandem::plugin::sync::{
    BlockedReason, Budget, Halt, Issue, Job, Next, NotReversed, NoticeKind, OpenWrite, PlannedAction, PlannedNotice,
    PlannedOperation, PlannedSide, PreviewReport, Report, ResourceStanding, ReversalPreview, SetAsideItem,
    SetAsidePage, SideCounts, WaitReason,
};

impl SettingValue {
    /// Whether it counts as present for "all of these are filled in".
    pub fn is_present(&self) -> bool {
        match self {
            Self::Boolean(on) => *on,
            Self::Integer(_) => true,
            Self::Text(text) => !text.trim().is_empty(),
            Self::None => false,
        }
    }
}

//! Merging values that are sets: guests by address, categories by name.
//!
//! A change of a set is a difference: what was added, removed or altered. It is
//! put on top of what the other side shows, so that additions on both sides are
//! kept, and what a side does not show at all is never removed by it. Only the
//! same entry altered on both sides has to be decided. [`super::merge`] asks for
//! this; it does not say where anything is written.

use std::collections::BTreeMap;

use crate::model::{Attendee, AttendeeKind, AttendeeStatus, FieldGroup, FieldValue};

use super::PresentEnd;

/// What one side changed, taken over by the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TakenOver {
    /// The set for the side that takes it over.
    pub value: FieldValue,
    /// Whether an entry was altered on both sides, so that one version of it is
    /// given up.
    pub decided: bool,
    /// The bases of both ends where this is done while the other way is barred:
    /// what was taken over is agreed, entries of which the target keeps its own
    /// version are not.
    pub source_base: FieldValue,
    /// As above, of the target.
    pub target_base: FieldValue,
}

/// What `group` becomes on `target` when it takes over what `source` changed.
/// Where both altered an entry, `source_wins` decides. None where the group is
/// not a set, or `source` shows none.
pub(super) fn take_over(
    group: FieldGroup,
    source: &PresentEnd,
    target: &PresentEnd,
    source_wins: bool,
) -> Option<TakenOver> {
    let (from, to) = (source.base.get(group), source.now.get(group)?);
    put((from, to), (target.base.get(group), target.now.get(group)), source_wins)
}

/// `base`, less what a side did not keep of `written`, as `seen` shows: what a
/// side leaves out of our own write it has not removed.
pub(super) fn as_kept(base: &FieldValue, written: &FieldValue, seen: Option<&FieldValue>) -> FieldValue {
    seen.and_then(|seen| put((Some(written), seen), (Some(base), Some(base)), true))
        .map_or_else(|| base.clone(), |kept| kept.value)
}

/// A set before and after, where it has been before.
type Change<'a> = (Option<&'a FieldValue>, &'a FieldValue);

fn put(
    (from, to): Change<'_>,
    (base, onto): (Option<&FieldValue>, Option<&FieldValue>),
    source_wins: bool,
) -> Option<TakenOver> {
    match to {
        FieldValue::Attendees(to) => {
            Some(put_entries((&guests(from), to), (&guests(base), &guests(onto)), source_wins, FieldValue::Attendees))
        }
        FieldValue::Categories(_) => {
            Some(put_entries((&names(from), &names(Some(to))), (&names(base), &names(onto)), source_wins, |names| {
                FieldValue::Categories(names.into_keys().collect())
            }))
        }
        FieldValue::Title(_)
        | FieldValue::Body(_)
        | FieldValue::Time(_)
        | FieldValue::Reminder(_)
        | FieldValue::Location(_)
        | FieldValue::ShowAs(_)
        | FieldValue::Sensitivity(_)
        | FieldValue::Importance(_) => None,
    }
}

fn guests(value: Option<&FieldValue>) -> crate::model::Attendees {
    match value {
        Some(FieldValue::Attendees(guests)) => guests.clone(),
        _ => BTreeMap::new(),
    }
}

#[expect(clippy::zero_sized_map_values, reason = "a category is an entry that is nothing but its key")]
fn names(value: Option<&FieldValue>) -> BTreeMap<String, Named> {
    match value {
        Some(FieldValue::Categories(names)) => names.iter().map(|name| (name.clone(), Named)).collect(),
        _ => BTreeMap::new(),
    }
}

/// An entry of a set beside its key.
trait Entry: Clone + PartialEq {
    /// One entry that both sides altered, each given as its base and its value
    /// now; and whether something had to be given up.
    fn combine(source: (Option<&Self>, &Self), target: (Option<&Self>, &Self), source_wins: bool) -> (Self, bool);
}

/// An entry that is nothing but its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Named;

impl Entry for Named {
    fn combine(_: (Option<&Self>, &Self), _: (Option<&Self>, &Self), _: bool) -> (Self, bool) {
        (Self, false)
    }
}

impl Entry for Attendee {
    /// Name, answer and part are merged each on its own: a guest who was added
    /// on both sides keeps the answer that only one of them knows.
    fn combine(source: (Option<&Self>, &Self), target: (Option<&Self>, &Self), source_wins: bool) -> (Self, bool) {
        let unsaid = Self { display_name: String::new(), status: AttendeeStatus::None, kind: AttendeeKind::Required };
        let (source_base, source) = (source.0.unwrap_or(&unsaid), source.1);
        let (target_base, target) = (target.0.unwrap_or(&unsaid), target.1);
        let mut decided = false;
        let mut from_source = |source_changed: bool, target_changed: bool, differ: bool| {
            let clash = source_changed && target_changed && differ;
            decided |= clash;
            if clash { source_wins } else { source_changed }
        };
        let mut combined = target.clone();
        if from_source(
            source.display_name != source_base.display_name,
            target.display_name != target_base.display_name,
            source.display_name != target.display_name,
        ) {
            combined.display_name.clone_from(&source.display_name);
        }
        if from_source(
            source.status != source_base.status,
            target.status != target_base.status,
            source.status != target.status,
        ) {
            combined.status = source.status;
        }
        if from_source(source.kind != source_base.kind, target.kind != target_base.kind, source.kind != target.kind) {
            combined.kind = source.kind;
        }
        (combined, decided)
    }
}

/// Entries by their key.
type Entries<K, E> = BTreeMap<K, E>;

/// Puts what `source` changed, its base against its entries now, on top of the
/// entries of `target`.
fn put_entries<K: Ord + Clone, E: Entry>(
    (source_base, source): (&Entries<K, E>, &Entries<K, E>),
    (target_base, target): (&Entries<K, E>, &Entries<K, E>),
    source_wins: bool,
    value: impl Fn(Entries<K, E>) -> FieldValue,
) -> TakenOver {
    let mut joined = target.clone();
    let mut decided = false;
    let (mut new_source_base, mut new_target_base) = (source_base.clone(), target_base.clone());
    for key in source_base.keys().chain(source.keys()) {
        let (before, ours, theirs) = (source_base.get(key), source.get(key), target.get(key));
        if before == ours {
            continue;
        }
        let (entry, clash) = one_entry((before, ours), (target_base.get(key), theirs), source_wins);
        set(&mut joined, key, entry);
        decided |= clash;
        if !clash || source_wins {
            set(&mut new_source_base, key, ours.cloned());
            let base = target_base.get(key);
            set(&mut new_target_base, key, one_entry((before, ours), (base, base), true).0);
        }
    }
    TakenOver {
        value: value(joined),
        decided,
        source_base: value(new_source_base),
        target_base: value(new_target_base),
    }
}

/// One entry that the source altered, each side as its base and its value now;
/// and whether something is given up.
fn one_entry<E: Entry>(
    (source_base, source): (Option<&E>, Option<&E>),
    (target_base, target): (Option<&E>, Option<&E>),
    source_wins: bool,
) -> (Option<E>, bool) {
    match (source, target) {
        (None, None) => (None, false),
        (Some(ours), Some(theirs)) if ours == theirs => (Some(ours.clone()), false),
        // On both sides: part by part, so that what one side does not show
        // stays as it is on the other.
        (Some(ours), Some(theirs)) => {
            let (combined, clash) = E::combine((source_base, ours), (target_base, theirs), source_wins);
            (Some(combined), clash)
        }
        // Added or removed by the source alone.
        (ours, theirs) if target_base == theirs => (ours.cloned(), false),
        // Altered on one side, removed on the other.
        (ours, theirs) => (if source_wins { ours.cloned() } else { theirs.cloned() }, true),
    }
}

fn set<K: Ord + Clone, E>(entries: &mut Entries<K, E>, key: &K, entry: Option<E>) {
    match entry {
        Some(entry) => entries.insert(key.clone(), entry),
        None => entries.remove(key),
    };
}

//! Merging values that are sets: guests by address, categories by name,
//! exceptions by day.
//!
//! A change of a set is a difference: what was added, removed or altered. It is
//! put on top of what the other side shows, so that additions on both sides are
//! kept, and what a side does not show at all is never removed by it. Only the
//! same entry altered on both sides has to be decided. [`super::merge`] asks for
//! this; it does not say where anything is written. What an entry is, say
//! [`super::guests`] and [`super::exceptions`].

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Attendees, FieldGroup, FieldSet, FieldValue};

use super::{PresentEnd, Side, exceptions};

/// Which way a change goes, and how clashes on it are decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// The side that takes the change over.
    pub to: Side,
    /// Whether the change wins over what the side has changed itself.
    pub source_wins: bool,
    /// Whether a cancelled occurrence can be brought back: only where the whole
    /// series is written anew (Graph, api/event-delete: there is no way back).
    pub restores: bool,
    /// Groups of single days that only the organiser decides, in the copy of a
    /// guest: there Microsoft's version is everybody's, whoever wins otherwise
    /// (Oro row C6).
    pub foreign: FieldSet,
}

/// What one side changed, taken over by the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TakenOver {
    /// The set for the side that takes it over.
    pub value: FieldValue,
    /// Whether an edit of the side that takes over is given up by that.
    pub overwrites: bool,
    /// The bases of both ends where this is done while the other way is barred:
    /// what was taken over is agreed, entries of which the target keeps its own
    /// version are not.
    pub source_base: FieldValue,
    /// As above, of the target.
    pub target_base: FieldValue,
}

/// What `group` becomes on `target` when it takes over what `source` changed.
/// None where the group is not a set, or `source` shows none. Exceptions are
/// [`exceptions::take_over`]'s matter, because they depend on the rule.
pub(super) fn take_over(group: FieldGroup, source: &PresentEnd, target: &PresentEnd, way: Way) -> Option<TakenOver> {
    let (from, to) = (source.base.get(group), source.now.get(group)?);
    put((from, to), (target.base.get(group), target.now.get(group)), way)
}

/// `base`, less what a side did not keep of `written`, as `seen` shows: what a
/// side leaves out of our own write it has not removed.
pub(super) fn as_kept(base: &FieldValue, written: &FieldValue, seen: Option<&FieldValue>) -> FieldValue {
    let way = Way { to: Side::Crm, source_wins: true, restores: true, foreign: FieldSet::EMPTY };
    seen.and_then(|seen| put((Some(written), seen), (Some(base), Some(base)), way))
        .map_or_else(|| base.clone(), |kept| kept.value)
}

/// Whether `now` is `outcome` wherever `restored` is something else: in each entry
/// of a set, and as a whole otherwise. What guests have answered meanwhile is
/// theirs and counts for nothing.
pub(super) fn stands(outcome: &FieldValue, restored: &FieldValue, now: &FieldValue) -> bool {
    match (outcome, restored, now) {
        (FieldValue::Attendees(outcome), FieldValue::Attendees(restored), FieldValue::Attendees(now)) => {
            entries_stand(outcome, restored, now)
        }
        (FieldValue::Categories(_), FieldValue::Categories(_), FieldValue::Categories(_)) => {
            entries_stand(&names(Some(outcome)), &names(Some(restored)), &names(Some(now)))
        }
        (FieldValue::Exceptions(outcome), FieldValue::Exceptions(restored), FieldValue::Exceptions(now)) => {
            entries_stand(outcome, restored, now)
        }
        (outcome, _, now) => outcome.same_as(now),
    }
}

/// `now` with what makes `restored` of `outcome`, on `side`: entry by entry of a
/// set, and as a whole otherwise.
pub(super) fn with_difference(outcome: &FieldValue, restored: &FieldValue, now: &FieldValue, side: Side) -> FieldValue {
    let way = Way { to: side, source_wins: true, restores: true, foreign: FieldSet::EMPTY };
    put((Some(outcome), restored), (Some(now), Some(now)), way).map_or_else(|| restored.clone(), |taken| taken.value)
}

fn entries_stand<K: Ord, E: Entry>(outcome: &Entries<K, E>, restored: &Entries<K, E>, now: &Entries<K, E>) -> bool {
    let is_same = |one: Option<&E>, two: Option<&E>| same(one, two, Side::Crm);
    let keys: BTreeSet<&K> = outcome.keys().chain(restored.keys()).collect();
    let mut differing = keys.into_iter().filter(|key| !is_same(outcome.get(key), restored.get(key)));
    differing.all(|key| is_same(outcome.get(key), now.get(key)))
}

/// A set before and after, where it has been before.
type Change<'a> = (Option<&'a FieldValue>, &'a FieldValue);

fn put(
    (from, to): Change<'_>,
    (base, onto): (Option<&FieldValue>, Option<&FieldValue>),
    way: Way,
) -> Option<TakenOver> {
    match to {
        FieldValue::Attendees(to) => {
            let joined = put_entries((&guests(from), to), (&guests(base), &guests(onto)), way);
            Some(joined.valued(FieldValue::Attendees))
        }
        FieldValue::Categories(_) => {
            let joined = put_entries((&names(from), &names(Some(to))), (&names(base), &names(onto)), way);
            Some(joined.valued(|names| FieldValue::Categories(names.into_keys().collect())))
        }
        FieldValue::Exceptions(to) => {
            let (from, base, onto) = (exceptions::of(from), exceptions::of(base), exceptions::of(onto));
            Some(exceptions::put((&from, to), (&base, &onto), way).valued(FieldValue::Exceptions))
        }
        FieldValue::Title(_)
        | FieldValue::Body(_)
        | FieldValue::Time(_)
        | FieldValue::Recurrence(_)
        | FieldValue::Reminder(_)
        | FieldValue::Location(_)
        | FieldValue::ShowAs(_)
        | FieldValue::Sensitivity(_)
        | FieldValue::Importance(_)
        | FieldValue::Response(_)
        | FieldValue::RemindAt(_)
        | FieldValue::Status(_)
        | FieldValue::Due(_) => None,
    }
}

fn guests(value: Option<&FieldValue>) -> Attendees {
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
pub(super) trait Entry: Clone {
    /// Whether both mean the same.
    fn same_as(&self, other: &Self) -> bool;

    /// Whether both mean the same as an edit of `side`: what is not that side's
    /// to say, does not count.
    fn same_edit(&self, other: &Self, side: Side) -> bool {
        let _ = side;
        self.same_as(other)
    }

    /// One entry that is on both sides and was altered by the source, each side
    /// given as its base and its value now.
    fn combine(source: (Option<&Self>, &Self), target: (Option<&Self>, &Self), way: Way) -> Combined<Self>;
}

/// One entry after a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Combined<T> {
    /// The entry.
    pub entry: T,
    /// Whether an edit of the target is given up.
    pub overwrites: bool,
    /// Whether an edit of the source is not in it.
    pub withstands: bool,
    /// Whether that is because a cancelled occurrence cannot be brought back.
    pub stuck: bool,
}

impl<T> Combined<T> {
    /// An entry for which nothing had to be given up.
    pub const fn plain(entry: T) -> Self {
        Self { entry, overwrites: false, withstands: false, stuck: false }
    }
}

/// An entry that is nothing but its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Named;

impl Entry for Named {
    fn same_as(&self, _: &Self) -> bool {
        true
    }

    fn combine(_: (Option<&Self>, &Self), _: (Option<&Self>, &Self), _: Way) -> Combined<Self> {
        Combined::plain(Self)
    }
}

/// Entries by their key.
pub(super) type Entries<K, E> = BTreeMap<K, E>;

/// All entries after a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Joined<K, E> {
    pub value: Entries<K, E>,
    pub overwrites: bool,
    /// Keys of entries that cannot be brought back.
    pub stuck: BTreeSet<K>,
    pub source_base: Entries<K, E>,
    pub target_base: Entries<K, E>,
}

impl<K, E> Joined<K, E> {
    fn valued(self, value: impl Fn(Entries<K, E>) -> FieldValue) -> TakenOver {
        TakenOver {
            value: value(self.value),
            overwrites: self.overwrites,
            source_base: value(self.source_base),
            target_base: value(self.target_base),
        }
    }
}

/// Puts what `source` changed, its base against its entries now, on top of the
/// entries of `target`.
pub(super) fn put_entries<K: Ord + Clone, E: Entry>(
    (source_base, source): (&Entries<K, E>, &Entries<K, E>),
    (target_base, target): (&Entries<K, E>, &Entries<K, E>),
    way: Way,
) -> Joined<K, E> {
    let mut joined = Joined {
        value: target.clone(),
        overwrites: false,
        stuck: BTreeSet::new(),
        source_base: source_base.clone(),
        target_base: target_base.clone(),
    };
    let keys: BTreeSet<&K> = source_base.keys().chain(source.keys()).collect();
    for key in keys {
        let (before, ours, theirs) = (source_base.get(key), source.get(key), target.get(key));
        if same(before, ours, way.to.other()) {
            continue;
        }
        let base = target_base.get(key);
        let combined = one_entry((before, ours), (base, theirs), way);
        set(&mut joined.value, key, combined.entry);
        joined.overwrites |= combined.overwrites;
        if combined.stuck {
            joined.stuck.insert(key.clone());
        }
        if !combined.withstands {
            set(&mut joined.source_base, key, ours.cloned());
            let taken = Way { source_wins: true, ..way };
            set(&mut joined.target_base, key, one_entry((before, ours), (base, base), taken).entry);
        }
    }
    joined
}

/// Whether `side` has left an entry as it was.
fn same<E: Entry>(one: Option<&E>, two: Option<&E>, side: Side) -> bool {
    match (one, two) {
        (None, None) => true,
        (Some(one), Some(two)) => one.same_edit(two, side),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// One entry that the source altered, each side as its base and its value now.
fn one_entry<E: Entry>(
    (source_base, source): (Option<&E>, Option<&E>),
    (target_base, target): (Option<&E>, Option<&E>),
    way: Way,
) -> Combined<Option<E>> {
    match (source, target) {
        (None, None) => Combined::plain(None),
        (Some(ours), Some(theirs)) if ours.same_as(theirs) => Combined::plain(Some(ours.clone())),
        // On both sides: part by part, so that what one side does not show
        // stays as it is on the other.
        (Some(ours), Some(theirs)) => {
            let Combined { entry, overwrites, withstands, stuck } =
                E::combine((source_base, ours), (target_base, theirs), way);
            Combined { entry: Some(entry), overwrites, withstands, stuck }
        }
        // Added or removed by the source alone. What the target has done to it
        // that is not its to say is given up all the same.
        (ours, theirs) if same(target_base, theirs, way.to) => {
            let touched = target_base.zip(theirs).is_some_and(|(base, theirs)| !base.same_as(theirs));
            Combined { overwrites: touched, ..Combined::plain(ours.cloned()) }
        }
        // Altered on one side, removed on the other.
        (ours, theirs) => Combined {
            entry: if way.source_wins { ours.cloned() } else { theirs.cloned() },
            overwrites: way.source_wins,
            withstands: !way.source_wins,
            stuck: false,
        },
    }
}

fn set<K: Ord + Clone, E>(entries: &mut Entries<K, E>, key: &K, entry: Option<E>) {
    match entry {
        Some(entry) => entries.insert(key.clone(), entry),
        None => entries.remove(key),
    };
}

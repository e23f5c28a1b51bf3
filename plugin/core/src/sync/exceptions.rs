//! Merging what is different on single days of a series.
//!
//! A day without an entry is as the rule has it: a change of no group. So days
//! are merged group by group, and a side that does not hold a group never
//! removes it from a day. A cancelled day beats every edit of it, whoever wins
//! otherwise, and is not brought back but by writing the whole series anew.
//! When that is done is [`super::timing`]'s matter.

use std::collections::BTreeSet;

use crate::model::{
    AttendeeStatus, Attendees, CivilDate, Exceptions, FieldGroup, FieldSet, FieldValue, Occurrence, Record,
};
use crate::recurrence::Series;

use super::sets::{Combined, Entries, Entry, Joined, Way, put_entries};
use super::{PresentEnd, Side, guests};

impl Entry for Occurrence {
    fn same_as(&self, other: &Self) -> bool {
        self.same_as(other)
    }

    fn combine(source: (Option<&Self>, &Self), target: (Option<&Self>, &Self), way: Way) -> Combined<Self> {
        match (source.1, target.1) {
            (Self::Cancelled, Self::Cancelled) => Combined::plain(Self::Cancelled),
            (Self::Cancelled, Self::Changed(theirs)) => {
                let before = groups(target.0);
                Combined { overwrites: !before.same_as(theirs), ..Combined::plain(Self::Cancelled) }
            }
            (Self::Changed(ours), Self::Cancelled) => match (source.0, way.restores) {
                (Some(Self::Cancelled), true) => Combined::plain(Self::Changed(ours.clone())),
                (Some(Self::Cancelled), false) => {
                    Combined { withstands: true, stuck: true, ..Combined::plain(Self::Cancelled) }
                }
                (Some(Self::Changed(_)) | None, _) => Combined { withstands: true, ..Combined::plain(Self::Cancelled) },
            },
            (Self::Changed(ours), Self::Changed(theirs)) => {
                by_group((&groups(source.0), ours), (&groups(target.0), theirs), way)
            }
        }
    }
}

/// The groups that an occurrence overrides.
fn groups(occurrence: Option<&Occurrence>) -> Record {
    match occurrence {
        Some(Occurrence::Changed(record)) => record.clone(),
        Some(Occurrence::Cancelled) | None => Record::default(),
    }
}

/// A day that both sides have: three versions of every group. A group without a
/// value is as in the series.
fn by_group(
    (source_base, source): (&Record, &Record),
    (target_base, target): (&Record, &Record),
    way: Way,
) -> Combined<Occurrence> {
    let mut result = Combined::plain(target.clone());
    for group in FieldGroup::ALL {
        let (ours, theirs) = (source.get(group), target.get(group));
        if same(source_base.get(group), ours) || same(ours, theirs) {
            continue;
        }
        let clash = !same(target_base.get(group), theirs);
        if clash && !wins(group, (ours, theirs), way) {
            result.withstands = true;
            continue;
        }
        result.overwrites |= clash;
        match ours {
            Some(value) => result.entry.set(value.clone()),
            None => result.entry.remove(group),
        }
    }
    let Combined { entry, overwrites, withstands, stuck } = result;
    Combined { entry: Occurrence::Changed(entry), overwrites, withstands, stuck }
}

/// Whether the source's version of a group of a day wins against the target's.
fn wins(group: FieldGroup, (ours, theirs): (Option<&FieldValue>, Option<&FieldValue>), way: Way) -> bool {
    let (crm_is_source, m365) = match way.to {
        Side::M365 => (true, theirs),
        Side::Crm => (false, ours),
    };
    let is_unanswered = matches!(m365, None | Some(FieldValue::Response(AttendeeStatus::None)));
    if group == FieldGroup::Response && is_unanswered {
        // An answer stands against a question that is asked once more.
        crm_is_source
    } else if way.foreign.contains(group) {
        !crm_is_source
    } else {
        way.source_wins
    }
}

fn same(one: Option<&FieldValue>, two: Option<&FieldValue>) -> bool {
    match (one, two) {
        (None, None) => true,
        (Some(one), Some(two)) => one.same_as(two),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// The exceptions that a value of the group stands for.
pub(super) fn of(value: Option<&FieldValue>) -> Exceptions {
    match value {
        Some(FieldValue::Exceptions(exceptions)) => exceptions.clone(),
        _ => Exceptions::new(),
    }
}

/// Puts what the source changed on top of the target, as [`put_entries`] does,
/// where a day without an entry is a change of nothing.
pub(super) fn put(
    (source_base, source): (&Exceptions, &Exceptions),
    (target_base, target): (&Exceptions, &Exceptions),
    way: Way,
) -> Joined<CivilDate, Occurrence> {
    let days: BTreeSet<CivilDate> =
        [source_base, source, target_base, target].into_iter().flat_map(Entries::keys).copied().collect();
    let filled = |exceptions: &Exceptions| -> Exceptions {
        let unchanged = || Occurrence::Changed(Record::default());
        days.iter().map(|day| (*day, exceptions.get(day).cloned().unwrap_or_else(unchanged))).collect()
    };
    let joined = put_entries((&filled(source_base), &filled(source)), (&filled(target_base), &filled(target)), way);
    Joined {
        value: without_blanks(joined.value),
        source_base: without_blanks(joined.source_base),
        target_base: without_blanks(joined.target_base),
        ..joined
    }
}

/// The exceptions of `target` when it takes over what `source` changed, as far
/// as either end can hold them.
pub(super) fn take_over(source: &PresentEnd, target: &PresentEnd, way: Way) -> Joined<CivilDate, Occurrence> {
    let joined = put(
        (&source.base.exceptions(), &source.now.exceptions()),
        (&target.base.exceptions(), &target.now.exceptions()),
        way,
    );
    Joined {
        value: held(&joined.value, target.holds),
        source_base: held(&joined.source_base, source.holds),
        target_base: held(&joined.target_base, target.holds),
        ..joined
    }
}

/// The exceptions of a `target` that is to show what `source` does, its own
/// edits included: what was agreed with the changes of the source, and of groups
/// that the source does not hold, what the target has.
pub(super) fn mirrored(source: &PresentEnd, target: &PresentEnd, way: Way) -> Joined<CivilDate, Occurrence> {
    let own = |exceptions: &Exceptions| {
        let mut own = held(exceptions, FieldSet::all().without(source.holds));
        own.retain(|_, occurrence| matches!(occurrence, Occurrence::Changed(_)));
        own
    };
    // The target's own part counts as agreed, so that it stands.
    let shown = target.now.exceptions();
    let agreed = put(
        (&own(&target.base.exceptions()), &own(&shown)),
        (&target.base.exceptions(), &target.base.exceptions()),
        way,
    );
    let mut joined = put((&source.base.exceptions(), &source.now.exceptions()), (&agreed.value, &agreed.value), way);
    for (day, occurrence) in &shown {
        if matches!(occurrence, Occurrence::Cancelled)
            && !way.restores
            && !matches!(joined.value.get(day), Some(Occurrence::Cancelled))
        {
            joined.value.insert(*day, Occurrence::Cancelled);
            joined.stuck.insert(*day);
        }
    }
    joined.value = held(&joined.value, target.holds);
    joined
}

/// What a side that holds these groups shows of `exceptions`.
pub(super) fn held(exceptions: &Exceptions, holds: FieldSet) -> Exceptions {
    let part = |occurrence: &Occurrence| match occurrence {
        Occurrence::Cancelled => Occurrence::Cancelled,
        Occurrence::Changed(record) => Occurrence::Changed(record.only(holds)),
    };
    without_blanks(exceptions.iter().map(|(day, occurrence)| (*day, part(occurrence))).collect())
}

/// The part of `exceptions` that means something in `series`: on its days, and
/// at other times than its own.
pub(super) fn fitting(exceptions: &Exceptions, series: &Series) -> Exceptions {
    let fit = |day: CivilDate, occurrence: &Occurrence| match occurrence {
        Occurrence::Cancelled => Occurrence::Cancelled,
        Occurrence::Changed(record) => {
            let mut record = record.clone();
            let by_rule = series.time_of(day);
            if record.time().zip(by_rule).is_some_and(|(time, by_rule)| time.same_as(&by_rule)) {
                record.remove(FieldGroup::Time);
            }
            Occurrence::Changed(record)
        }
    };
    let on_days = exceptions.iter().filter(|(day, _)| series.falls_on(**day));
    without_blanks(on_days.map(|(day, occurrence)| (*day, fit(*day, occurrence))).collect())
}

/// `newer` put over `older`, day by day and group by group.
pub(super) fn laid_over(older: &Exceptions, newer: &Exceptions) -> Exceptions {
    let mut result = older.clone();
    for (day, occurrence) in newer {
        let entry = match (result.get(day), occurrence) {
            (Some(Occurrence::Changed(older)), Occurrence::Changed(newer)) => {
                Occurrence::Changed(older.overlaid(newer))
            }
            (Some(Occurrence::Cancelled), _) => Occurrence::Cancelled,
            (None, _) | (Some(Occurrence::Changed(_)), Occurrence::Cancelled) => occurrence.clone(),
        };
        result.insert(*day, entry);
    }
    result
}

/// Days of which `end` has changed something other than that they do not take
/// place, and that `series` does not have.
pub(super) fn edits_off(end: &PresentEnd, series: Option<&Series>) -> impl Iterator<Item = CivilDate> {
    let base = end.base.exceptions();
    end.now.exceptions().into_iter().filter_map(move |(day, occurrence)| {
        let edited = !base.get(&day).is_some_and(|before| before.same_as(&occurrence));
        let kept = series.is_some_and(|series| series.falls_on(day));
        (edited && !kept && matches!(occurrence, Occurrence::Changed(_))).then_some(day)
    })
}

/// `base` with the days of `series` moved to what they are in `moved`.
pub(super) fn moved_on_days(base: &Exceptions, moved: &Exceptions, series: Option<&Series>) -> Exceptions {
    let falls = |day: &CivilDate| series.is_some_and(|series| series.falls_on(*day));
    let kept = base.iter().filter(|(day, _)| !falls(day));
    let taken = moved.iter().filter(|(day, _)| falls(day));
    kept.chain(taken).map(|(day, occurrence)| (*day, occurrence.clone())).collect()
}

/// Takes out of `wanted` what may not be written to single days of the series
/// that is `target` and shows `there`: of a changed day, the groups that may not
/// be written to the series either, and whether it takes place, where its rule
/// may not be written. The days of which something stays as it is.
///
/// An answer that was taken back is no edit: it can only be given (Graph,
/// api/event-accept and its kin), and only by a guest. Nor is a list of guests
/// that differs in their answers alone. A day without an answer of its own has
/// that of the series, which is `after` this write.
pub(super) fn keep_barred(
    wanted: &mut Exceptions,
    there: &Exceptions,
    target: &PresentEnd,
    after: &Record,
) -> BTreeSet<CivilDate> {
    let mut barred = BTreeSet::new();
    let days: BTreeSet<CivilDate> = wanted.keys().chain(there.keys()).copied().collect();
    for day in days {
        let (shown, asked) = (there.get(&day), wanted.get(&day));
        let (occurrence, is_whole) = match (shown, asked) {
            (Some(Occurrence::Cancelled), Some(Occurrence::Cancelled)) => continue,
            (Some(Occurrence::Cancelled), _) | (_, Some(Occurrence::Cancelled)) => {
                if target.writable.contains(FieldGroup::Recurrence) {
                    continue;
                }
                (shown.cloned().unwrap_or(Occurrence::Changed(Record::NONE)), false)
            }
            (shown, asked) => {
                let (changed, is_whole) = as_permitted(&groups(shown), groups(asked), target, after);
                (Occurrence::Changed(changed), is_whole)
            }
        };
        wanted.insert(day, occurrence);
        if !is_whole {
            barred.insert(day);
        }
    }
    *wanted = without_blanks(std::mem::take(wanted));
    barred
}

/// `asked` of an occurrence that shows `shown`, as far as it may be written, and
/// whether that is all of it.
fn as_permitted(shown: &Record, mut asked: Record, target: &PresentEnd, after: &Record) -> (Record, bool) {
    let mut is_whole = true;
    for group in shown.groups().union(asked.groups()).iter() {
        let is_edit = !same(shown.get(group), asked.get(group))
            && match group {
                FieldGroup::Response => {
                    let said = answer(&asked, after);
                    said.is_some() && said != answer(shown, &target.now)
                }
                FieldGroup::Attendees => {
                    let (now, wanted) = (guests_of(shown, &target.now), guests_of(&asked, &target.now));
                    guests::to_invite(&now, &wanted).is_some()
                }
                _ => true,
            };
        if is_edit && target.writable.contains(group) {
            continue;
        }
        // An organiser has nobody to answer to.
        is_whole &= !is_edit || group == FieldGroup::Response;
        match shown.get(group) {
            Some(value) => asked.set(value.clone()),
            None => asked.remove(group),
        }
    }
    (asked, is_whole)
}

/// The guests of an occurrence that differs from its series in `changed`.
fn guests_of(changed: &Record, series: &Record) -> Attendees {
    if changed.get(FieldGroup::Attendees).is_some() { changed.guests() } else { series.guests() }
}

/// The CRM's exceptions with the answers that Microsoft has of the guests of
/// single days, and the CRM has lost: see [`guests::as_answered`].
pub(super) fn as_answered(mut exceptions: Exceptions, m365: &PresentEnd) -> Exceptions {
    let known = m365.now.exceptions();
    for (day, occurrence) in &mut exceptions {
        if let Occurrence::Changed(changed) = occurrence
            && let Some(listed) = changed.get(FieldGroup::Attendees)
        {
            let answers = FieldValue::Attendees(guests_of(&groups(known.get(day)), &m365.now));
            if let Some(answered) = guests::as_answered(listed, &[answers].into_iter().collect()) {
                changed.set(answered);
            }
        }
    }
    exceptions
}

/// The user's answer to an occurrence that differs from its series in `changed`;
/// none where none was given.
pub(crate) fn answer(changed: &Record, series: &Record) -> Option<AttendeeStatus> {
    match changed.get(FieldGroup::Response).or_else(|| series.get(FieldGroup::Response)) {
        Some(FieldValue::Response(AttendeeStatus::None)) => None,
        Some(FieldValue::Response(status)) => Some(*status),
        _ => None,
    }
}

/// Days on which `end` was edited.
pub(super) fn edited_days(end: &PresentEnd) -> BTreeSet<CivilDate> {
    let (base, now) = (end.base.exceptions(), end.now.exceptions());
    let is_edited = |day: &CivilDate| !same_day(base.get(day), now.get(day));
    base.keys().chain(now.keys()).copied().filter(is_edited).collect()
}

/// Whether an edit of `end` is not in what it is to show.
pub(super) fn gives_up(end: &PresentEnd, wanted: &Exceptions) -> bool {
    let now = end.now.exceptions();
    edited_days(end).iter().any(|day| !same_day(now.get(day), wanted.get(day)))
}

fn same_day(one: Option<&Occurrence>, two: Option<&Occurrence>) -> bool {
    match (one, two) {
        (Some(one), Some(two)) => one.same_as(two),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Whether `target` loses a group of a day that `source` does not hold: nobody
/// but the target has ever had it.
pub(super) fn takes_own(source: &PresentEnd, target: &PresentEnd, wanted: &Exceptions) -> bool {
    let own = held(&target.now.exceptions(), target.holds.without(source.holds));
    own.iter().any(|(day, occurrence)| match (occurrence, wanted.get(day)) {
        (Occurrence::Cancelled, _) | (Occurrence::Changed(_), Some(Occurrence::Cancelled)) => false,
        (Occurrence::Changed(own), Some(Occurrence::Changed(wanted))) => !wanted.only(own.groups()).same_as(own),
        (Occurrence::Changed(_), None) => true,
    })
}

fn without_blanks(exceptions: Exceptions) -> Exceptions {
    exceptions
        .into_iter()
        .filter(|(_, occurrence)| !matches!(occurrence, Occurrence::Changed(record) if record.is_empty()))
        .collect()
}

#[cfg(test)]
mod tests;

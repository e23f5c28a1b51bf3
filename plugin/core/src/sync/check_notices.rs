//! Distrusts the firewall: classifies what is about to be sent once more, from
//! the outgoing record alone.
//!
//! On purpose, this shares nothing with [`super::notify`]: it does not ask what
//! was withheld, but what would reach people if these decisions were sent.

use crate::model::{CivilDate, EventTime, FieldGroup, FieldValue, Instant, LinkId, Occurrence, Record};
use crate::recurrence::Series;

use super::check::Impossible;
use super::{Audience, Cause, Decision, End, Side, Situation};

/// Every notice that these decisions would send without a reason. `now` is when
/// they are sent.
pub fn check_notices<'a>(
    items: impl IntoIterator<Item = (&'a LinkId, &'a Situation, &'a Decision, &'a Audience, Cause)>,
    now: Instant,
) -> Vec<Impossible> {
    let mut found = Vec::new();
    for (link, situation, decision, audience, cause) in items {
        if is_unjustified(situation, decision, audience, cause, now) {
            found.push(Impossible::UnjustifiedNotice(link.clone()));
        }
    }
    found
}

fn is_unjustified(situation: &Situation, decision: &Decision, audience: &Audience, cause: Cause, now: Instant) -> bool {
    match decision {
        Decision::Ignore
        | Decision::Keep
        | Decision::Close
        | Decision::Withhold
        | Decision::Create { on: Side::Crm, .. }
        | Decision::Delete { on: Side::Crm, .. } => false,
        Decision::Create { on: Side::M365, record, .. } => {
            addresses(record) > 0 && (cause == Cause::Comparison || last_end(record).is_some_and(|end| end <= now))
        }
        Decision::Delete { on: Side::M365, .. } => {
            audience.organizes && !audience.guests.is_empty() && (cause == Cause::Comparison || audience.over)
        }
        Decision::Merge(merge) => {
            let End::Present(target) = &situation.m365 else { return !merge.to_m365.is_empty() };
            let agreed_before = |end: &End| !matches!(end, End::Present(end) if end.base.is_empty());
            let adopted = !agreed_before(&situation.crm) && !agreed_before(&situation.m365);
            let reason = cause == Cause::Edit && !adopted;
            let mut there = target.now.clone();
            there.set(FieldValue::Exceptions(target.exceptions_there()));
            if !audience.organizes {
                // Of a guest's own groups, the answers alone reach anybody.
                return merge.to_m365.values().any(|value| match value {
                    FieldValue::Reminder(_) | FieldValue::Categories(_) | FieldValue::ShowAs(_) => false,
                    FieldValue::Response(_) => !reason || audience.over,
                    FieldValue::Exceptions(_) if reason => past_occurrence(&there, &merge.to_m365, now),
                    value => is_shared(value, &there),
                });
            }
            let after = target.now.overlaid(&merge.to_m365);
            let somebody = !audience.guests.is_empty() || addresses(&after) + addresses(&target.now) > 0;
            let ended = |record: &Record| last_end(record).is_some_and(|end| end <= now);
            let ended = ended(&there) && ended(&after);
            let mut values = merge.to_m365.values();
            somebody
                && values.any(|value| match value {
                    FieldValue::Exceptions(_) if reason => past_occurrence(&there, &merge.to_m365, now),
                    value => is_shared(value, &there) && (ended || !reason),
                })
        }
    }
}

/// How many invitations a record holds.
fn addresses(record: &Record) -> usize {
    let own = record.guests().len();
    let of_occurrence = |occurrence: &Occurrence| match occurrence {
        Occurrence::Changed(changed) => changed.guests().len(),
        Occurrence::Cancelled => 0,
    };
    own + record.exceptions().values().map(of_occurrence).sum::<usize>()
}

/// Whether guests see this value, and it is not what they see already.
fn is_shared(value: &FieldValue, shown: &Record) -> bool {
    match value {
        FieldValue::Reminder(_) | FieldValue::Categories(_) | FieldValue::ShowAs(_) => false,
        FieldValue::Exceptions(wanted) => {
            let shown = shown.exceptions();
            let days = wanted.keys().chain(shown.keys());
            days.copied().any(|day| is_seen(shown.get(&day), wanted.get(&day)))
        }
        FieldValue::Title(_)
        | FieldValue::Body(_)
        | FieldValue::Time(_)
        | FieldValue::Recurrence(_)
        | FieldValue::Attendees(_)
        | FieldValue::Location(_)
        | FieldValue::Sensitivity(_)
        | FieldValue::Importance(_)
        | FieldValue::Response(_)
        | FieldValue::RemindAt(_)
        | FieldValue::Status(_)
        | FieldValue::Due(_) => true,
    }
}

/// Whether guests see a difference between two versions of an occurrence.
fn is_seen(before: Option<&Occurrence>, after: Option<&Occurrence>) -> bool {
    let visible = |occurrence: Option<&Occurrence>| -> Option<Vec<FieldValue>> {
        match occurrence {
            Some(Occurrence::Cancelled) => None,
            Some(Occurrence::Changed(changed)) => Some(
                changed
                    .values()
                    .filter(|value| {
                        !matches!(value.group(), FieldGroup::Reminder | FieldGroup::Categories | FieldGroup::ShowAs)
                    })
                    .cloned()
                    .collect(),
            ),
            None => Some(Vec::new()),
        }
    };
    match (visible(before), visible(after)) {
        (Some(before), Some(after)) => {
            before.len() != after.len() || before.iter().zip(&after).any(|(one, two)| !one.same_as(two))
        }
        (None, None) => false,
        (None, Some(_)) | (Some(_), None) => true,
    }
}

/// Whether an occurrence is written that guests see, and that had ended and ends
/// before `now`. With a new rule, all of them are written.
fn past_occurrence(shown: &Record, written: &Record, now: Instant) -> bool {
    let after = shown.overlaid(written);
    let anew = written.time().is_some() || written.get(FieldGroup::Recurrence).is_some();
    let before = if anew { crate::model::Exceptions::new() } else { shown.exceptions() };
    let wanted = written.exceptions();
    let ended =
        |day: CivilDate| [shown, &after].into_iter().filter_map(|record| end_of(record, day)).all(|end| end <= now);
    wanted.keys().chain(before.keys()).any(|day| is_seen(before.get(day), wanted.get(day)) && ended(*day))
}

fn end_of(record: &Record, day: CivilDate) -> Option<Instant> {
    if let Some(Occurrence::Changed(changed)) = record.exceptions().get(&day)
        && let Some(time) = changed.time()
    {
        return Some(time.span().1);
    }
    let series = Series::new(*record.rule()?, *record.time()?).ok()?;
    Some(series.time_of(day)?.span().1)
}

/// The end of the last occurrence; none where there is no last one.
fn last_end(record: &Record) -> Option<Instant> {
    let Some(rule) = record.rule() else { return record.time().map(|time| EventTime::span(time).1) };
    let series = Series::new(*rule, *record.time()?).ok()?;
    let last = series.ends_at()?;
    let days = record.exceptions().into_keys();
    Some(days.filter_map(|day| end_of(record, day)).fold(last, Ord::max))
}

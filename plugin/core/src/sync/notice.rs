//! Who is told of an item in Microsoft, and of what.
//!
//! Whether they may be is [`super::notify`]'s matter.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Address, AttendeeKind, FieldGroup, FieldSet, Instant, Occurrence, Record};

use super::timing::series_of;
use super::{EndState, GraphEnd, Merge, PresentEnd};

const GUESTS: FieldSet = FieldSet::EMPTY.with(FieldGroup::Attendees);

/// Who would be told of a write to a Microsoft item, as it is there now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience {
    /// Whether the user organises it. An item that is not there yet will be the
    /// user's.
    pub organizes: bool,
    /// The organiser, who is not told of their own writes.
    pub organizer: Option<Address>,
    /// Everybody who is invited to it, or to one of its occurrences.
    pub guests: BTreeSet<Address>,
    /// Whether all of it has ended.
    pub over: bool,
}

impl Audience {
    /// Of an item that is not in Microsoft.
    pub const fn none() -> Self {
        Self { organizes: true, organizer: None, guests: BTreeSet::new(), over: false }
    }
}

impl GraphEnd {
    /// Who would be told of a write at the instant `now`.
    pub fn audience(&self, now: Instant) -> Audience {
        let (guests, over) = match &self.state {
            EndState::Present { seen, .. } => (invited(seen), is_over(seen, now)),
            EndState::Gone | EndState::Forgone => (BTreeSet::new(), false),
        };
        let organizer = self.organizer.address.clone();
        let guests = guests.into_iter().filter(|guest| Some(guest) != organizer.as_ref()).collect();
        Audience { organizes: self.organizer.is_user, organizer, guests, over }
    }
}

/// What kind of mail people get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// They are invited.
    Invitation,
    /// Something of it has changed.
    Update,
    /// It does not take place, or not with them.
    Cancellation,
    /// The organiser gets the user's answer.
    Reply,
}

/// Mail that a write makes Microsoft send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What they are told.
    pub kind: NoticeKind,
    /// Who; empty where the organiser's address is not known.
    pub people: BTreeSet<Address>,
}

/// Whether everything of an item has ended at `now`, occurrences that were moved
/// included. An item of unknown time has not.
pub fn is_over(record: &Record, now: Instant) -> bool {
    let by_rule = match record.rule() {
        Some(_) => series_of(record).and_then(|series| series.ends_at()),
        None => record.time().map(|time| time.span().1),
    };
    let moved_on = record.exceptions().values().any(|occurrence| match occurrence {
        Occurrence::Changed(record) => record.time().is_some_and(|time| time.span().1 > now),
        Occurrence::Cancelled => false,
    });
    by_rule.is_some_and(|end| end <= now) && !moved_on
}

/// What the guests are told of these groups and occurrences.
pub(super) fn notice(
    loud: FieldSet,
    told: &[Option<Occurrence>],
    target: &PresentEnd,
    merge: &Merge,
    everybody: &BTreeSet<Address>,
) -> Option<Notice> {
    let cancelled = told.iter().all(|occurrence| matches!(occurrence, Some(Occurrence::Cancelled)));
    if loud.is_empty() && told.is_empty() {
        return None;
    }
    if loud == GUESTS && told.is_empty() {
        // Those who stay are not told (Graph, api/event-update).
        let (before, after) = (parts(&target.now), parts(&merge.to_m365));
        let differs = |guest: &&Address| before.get(*guest) != after.get(*guest);
        let people: BTreeSet<Address> = before.keys().chain(after.keys()).filter(differs).cloned().collect();
        let kind = if people.iter().any(|guest| !before.contains_key(guest)) {
            NoticeKind::Invitation
        } else if people.iter().any(|guest| !after.contains_key(guest)) {
            NoticeKind::Cancellation
        } else {
            NoticeKind::Update
        };
        return Some(Notice { kind, people });
    }
    let kind = if loud.is_empty() && cancelled {
        NoticeKind::Cancellation
    } else if invited(&target.now).is_empty() {
        // Nobody has it yet, so what is changed with it reaches nobody as a change.
        NoticeKind::Invitation
    } else {
        NoticeKind::Update
    };
    Some(Notice { kind, people: everybody.clone() })
}

fn parts(record: &Record) -> BTreeMap<Address, AttendeeKind> {
    record.guests().into_iter().map(|(address, guest)| (address, guest.kind)).collect()
}

/// Everybody who is invited by this record, or by one of its occurrences.
pub(crate) fn invited(record: &Record) -> BTreeSet<Address> {
    let mut people: BTreeSet<Address> = record.guests().into_keys().collect();
    for occurrence in record.exceptions().into_values() {
        if let Occurrence::Changed(changed) = occurrence {
            people.extend(changed.guests().into_keys());
        }
    }
    people
}

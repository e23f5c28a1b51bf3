//! Merging one guest, and what of the guests is ours to write.
//!
//! A guest's answer belongs to the guest: Microsoft collects it from the replies
//! (Graph, resources/responsestatus) and takes it from nobody else. So answers
//! flow from Microsoft to the CRM and never back, and a difference in answers
//! alone is no reason to write.

use crate::model::{Address, Attendee, AttendeeKind, AttendeeStatus, Attendees, FieldValue, Record};

use super::Side;
use super::sets::{Combined, Entry, Way};

impl Entry for Attendee {
    fn same_as(&self, other: &Self) -> bool {
        self == other
    }

    fn same_edit(&self, other: &Self, side: Side) -> bool {
        let said = (&self.display_name, self.kind) == (&other.display_name, other.kind);
        said && (side == Side::Crm || self.status == other.status)
    }

    /// Name, answer and part are merged each on its own: a guest who was added
    /// on both sides keeps the answer that only one of them knows.
    fn combine(source: (Option<&Self>, &Self), target: (Option<&Self>, &Self), way: Way) -> Combined<Self> {
        let unsaid = Self { display_name: String::new(), status: AttendeeStatus::None, kind: AttendeeKind::Required };
        let (source_base, source) = (source.0.unwrap_or(&unsaid), source.1);
        let (target_base, target) = (target.0.unwrap_or(&unsaid), target.1);
        let mut result = Combined::plain(target.clone());
        let mut from_source = |source_changed: bool, target_changed: bool, differ: bool| {
            let clash = source_changed && target_changed && differ;
            result.overwrites |= clash && way.source_wins;
            result.withstands |= clash && !way.source_wins;
            if clash { way.source_wins } else { source_changed }
        };
        let name = from_source(
            source.display_name != source_base.display_name,
            target.display_name != target_base.display_name,
            source.display_name != target.display_name,
        );
        let kind =
            from_source(source.kind != source_base.kind, target.kind != target_base.kind, source.kind != target.kind);
        if name {
            result.entry.display_name.clone_from(&source.display_name);
        }
        if kind {
            result.entry.kind = source.kind;
        }
        if way.to == Side::Crm && source.status != source_base.status && source.status != target.status {
            result.overwrites |= target.status != target_base.status;
            result.entry.status = source.status;
        }
        result
    }
}

/// The CRM's guests with the answers that Microsoft has of them and the CRM has
/// lost, by a form without answers perhaps; none where nothing is missing, or the
/// group is another one. Another answer in the CRM may be the guest's own, on its
/// way to Microsoft.
pub(super) fn as_answered(value: &FieldValue, m365: &Record) -> Option<FieldValue> {
    let FieldValue::Attendees(shown) = value else { return None };
    let answers = m365.guests();
    let said = |address: &Address| answers.get(address).map(|guest| guest.status);
    let mut answered = shown.clone();
    for (address, guest) in &mut answered {
        if guest.status == AttendeeStatus::None {
            guest.status = said(address).unwrap_or(guest.status);
        }
    }
    (answered != *shown).then_some(FieldValue::Attendees(answered))
}

/// What is to be written to Microsoft, which shows `now`, so that it has the
/// guests `wanted`; none where nobody is added, removed or given another part.
pub(super) fn to_invite(now: &Attendees, wanted: &Attendees) -> Option<Attendees> {
    let parts = |guests: &Attendees| -> Vec<_> {
        guests.iter().map(|(address, guest)| (address.clone(), guest.kind)).collect()
    };
    if parts(now) == parts(wanted) {
        return None;
    }
    let answered = |(address, guest): (&Address, &Attendee)| {
        let status = now.get(address).map_or(AttendeeStatus::None, |known| known.status);
        (address.clone(), Attendee { status, ..guest.clone() })
    };
    Some(wanted.iter().map(answered).collect())
}

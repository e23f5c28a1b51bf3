//! Answers to a meeting that is not there any more.
//!
//! A meeting that is made again in Microsoft is another one: its guests are invited
//! anew, and have answered nothing (Graph, resources/responsestatus). The CRM still
//! shows what they had said to the old one. As answers flow from Microsoft to the
//! CRM and never back, the new meeting is taken for one in which they took their
//! answers back; those of guests who are not invited yet wait until they are.

use std::collections::BTreeMap;

use crate::model::{Address, AttendeeStatus, FieldValue, Record};

use super::{EndState, Link};

/// What guests had answered to a meeting that was made again, as long as the CRM
/// may still show it.
pub type VoidAnswers = BTreeMap<Address, AttendeeStatus>;

impl Link {
    /// This link, whose meeting takes the place of the one of `old`.
    #[must_use]
    pub fn asks_anew(mut self, old: &Self) -> Self {
        let said = old.crm.state.base().guests().into_iter().map(|(address, guest)| (address, guest.status));
        self.void_answers = said.filter(|(_, status)| *status != AttendeeStatus::None).collect();
        self.void_answers.extend(old.void_answers.clone());
        self
    }

    /// This link where guests who are invited by now have taken their void answers
    /// back, and whether any have: then the CRM is to follow. An answer given since
    /// on either side is the guest's own.
    #[must_use]
    pub fn with_answers_taken_back(mut self) -> (Self, bool) {
        let EndState::Present { seen, writable, .. } = &self.m365.state else { return (self, false) };
        let shown = self.crm.state.seen().map(Record::guests).unwrap_or_default();
        let mut base = self.m365.state.base();
        let (mut agreed, mut taken_back) = (base.guests(), false);
        for (address, guest) in seen.guests() {
            let Some(void) = self.void_answers.remove(&address) else { continue };
            let is_shown = shown.get(&address).is_some_and(|guest| guest.status == void);
            if let (AttendeeStatus::None, true, Some(agreed)) = (guest.status, is_shown, agreed.get_mut(&address)) {
                agreed.status = void;
                taken_back = true;
            }
        }
        if taken_back {
            base.set(FieldValue::Attendees(agreed));
            self.m365.state = EndState::with_base(seen.clone(), base, *writable);
        }
        (self, taken_back)
    }
}

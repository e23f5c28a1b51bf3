//! What users do on either side.

use crate::model::FieldGroup;
use crate::sync::{Link, Side};

use super::edits::Aspect;
use super::kind::{Edit, New};
use super::run::World;
use super::series::series_of;

impl World {
    /// A user adds an item.
    pub fn add(&mut self, on: Side, new: &New) {
        let (tick, writable) = (self.tick(), self.kind.writable(on, new.is_special()));
        let (id, record) = (format!("{on:?}-{tick}"), new.record(on));
        self.collection_mut(on).put(&id, tick, &record, writable);
        self.touch(on, &id);
        let stored = self.collection(on).items[&id].record.clone();
        for aspect in Aspect::all_of(&stored) {
            self.edits.note(on, &id, aspect, &self.kind.blank(), &stored);
        }
    }

    /// A user edits an item.
    pub fn edit(&mut self, on: Side, nth: usize, edit: &Edit) {
        let Some(id) = self.collection(on).nth(nth) else { return };
        let before = self.collection(on).items[&id].clone();
        let Some((after, aspects)) = self.kind.edited(on, &before.record, edit) else { return };
        // Between a crash and the next run, what is set back in Microsoft to what it was
        // before cannot be told from what never arrived. The CRM remembers.
        let interrupted = self.links.values().find(|link| link.m365.id.as_str() == id);
        let in_flight = interrupted.and_then(|link| link.m365.in_flight.as_ref());
        let sent = in_flight.map(|in_flight| in_flight.sent.groups());
        let retimes =
            interrupted.is_some_and(Link::is_unfinished) && aspects.contains(&Aspect::Group(FieldGroup::Recurrence));
        // Nor does anybody know days that have still to be put back.
        let unfinished = interrupted.and_then(|link| link.m365.unfinished.as_ref());
        let is_sent = |aspect: &Aspect| match aspect {
            Aspect::Day(day, _) => {
                unfinished.is_some_and(|unfinished| unfinished.exceptions.contains_key(day))
                    || in_flight.is_some_and(|in_flight| in_flight.days.contains_key(day))
            }
            Aspect::Group(_) | Aspect::Guest(_) | Aspect::Category(_) => {
                sent.is_some_and(|sent| sent.contains(aspect.group()))
            }
        };
        if on == Side::M365 && (retimes || aspects.iter().any(is_sent)) {
            return;
        }
        let tick = self.tick();
        self.collection_mut(on).put(&id, tick, &after, before.writable);
        self.touch(on, &id);
        let stored = self.collection(on).items[&id].record.clone();
        let left = stored.exceptions();
        for aspect in &aspects {
            match aspect {
                // The rest of a cancelled day is gone with it, and a series that
                // is re-timed has lost what is not there any more.
                Aspect::Day(day, None) => {
                    self.edits.forget_days(on, &id, |other, group| other == day && group.is_some());
                }
                Aspect::Group(FieldGroup::Recurrence) => {
                    let series = series_of(&stored);
                    let gone = |day: &_| {
                        !left.contains_key(day) || !series.as_ref().is_some_and(|series| series.falls_on(*day))
                    };
                    self.edits.forget_days(on, &id, |day, _| before.record != stored && gone(day));
                }
                Aspect::Day(..) | Aspect::Group(_) | Aspect::Guest(_) | Aspect::Category(_) => {}
            }
        }
        for aspect in aspects {
            self.edits.note(on, &id, aspect, &before.record, &stored);
        }
        self.forget_untold(|link| on == Side::Crm && link.crm.id.as_str() == id);
    }

    /// What was sent to an item that is gone, and is taken back: nobody can tell
    /// whether it has ever been there.
    fn forget_untold(&mut self, is_meant: impl Fn(&Link) -> bool) {
        let is_gone = |link: &&Link| !self.m365.items.contains_key(link.m365.id.as_str());
        let mut in_flight = self.links.values().filter(|link| link.m365.in_flight.is_some());
        if let Some(link) = in_flight.find(|link| is_gone(link) && is_meant(link)) {
            self.edits.forget_agreed(Side::Crm, link.crm.id.as_str(), &link.crm.state.base());
        }
        // The same of what was created in the place of another, and is gone again.
        for intent in self.intents.iter().filter(|intent| !self.m365.items.contains_key(&intent.created)) {
            if let Some(link) = intent.replaces.as_ref().and_then(|id| self.links.get(id)) {
                self.edits.forget_agreed(Side::Crm, &intent.crm, &link.crm.state.base());
            }
        }
    }

    /// A user deletes an item.
    pub fn delete(&mut self, on: Side, nth: usize) {
        let Some(id) = self.collection(on).nth(nth) else { return };
        let calendar = self.collection_mut(on);
        calendar.items.remove(&id);
        calendar.deleted.insert(id.clone());
        self.forget_untold(|link| on == Side::M365 && link.m365.id.as_str() == id);
        self.edits.forget(on, &id);
        self.touch(on, &id);
    }

    fn touch(&mut self, on: Side, id: &str) {
        if on == Side::Crm {
            self.touched.insert(id.to_owned());
        }
    }
}

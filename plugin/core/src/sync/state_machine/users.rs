//! What users do in either calendar.

use crate::model::FieldGroup;
use crate::sync::{Link, Side};

use super::calendar::{Edit, blank, edited, record};
use super::edits::Aspect;
use super::run::World;
use super::series::series_of;

impl World {
    /// A user adds an event.
    pub fn add(&mut self, on: Side, what: (u8, u8, u8), guests: &[u8], invitation: bool) {
        let (tick, writable) = (self.tick(), self.writable(on, invitation));
        let id = format!("{on:?}-{tick}");
        self.calendar_mut(on).put(&id, tick, &record(what, guests), writable);
        self.touch(on, &id);
        let stored = self.calendar(on).events[&id].record.clone();
        for aspect in Aspect::all_of(&stored) {
            self.edits.note(on, &id, aspect, &blank(), &stored);
        }
    }

    /// A user edits an event.
    pub fn edit(&mut self, on: Side, nth: usize, edit: &Edit) {
        let Some(id) = self.calendar(on).nth(nth) else { return };
        let before = self.calendar(on).events[&id].clone();
        let Some((after, aspects)) = edited(on, &before.record, edit) else { return };
        // Between a crash and the next run, what is set back to what it was before
        // cannot be told from what never arrived.
        let interrupted = self.links.values().find(|link| link.m365.id.as_str() == id);
        let sent = interrupted.and_then(|link| link.m365.in_flight.as_ref()).map(|in_flight| in_flight.sent.groups());
        let retimes =
            interrupted.is_some_and(Link::is_unfinished) && aspects.contains(&Aspect::Group(FieldGroup::Recurrence));
        // Nor does anybody know days that have still to be put back.
        let unfinished = interrupted.and_then(|link| link.m365.unfinished.as_ref());
        let is_sent = |aspect: &Aspect| match aspect {
            Aspect::Day(day, _) => unfinished.is_some_and(|unfinished| unfinished.exceptions.contains_key(day)),
            Aspect::Group(_) | Aspect::Guest(_) | Aspect::Category(_) => {
                sent.is_some_and(|sent| sent.contains(aspect.group()))
            }
        };
        if on == Side::M365 && (retimes || aspects.iter().any(is_sent)) {
            return;
        }
        let tick = self.tick();
        self.calendar_mut(on).put(&id, tick, &after, before.writable);
        self.touch(on, &id);
        let stored = self.calendar(on).events[&id].record.clone();
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
        let is_gone = |link: &&Link| !self.m365.events.contains_key(link.m365.id.as_str());
        let mut in_flight = self.links.values().filter(|link| link.m365.in_flight.is_some());
        if let Some(link) = in_flight.find(|link| is_gone(link) && is_meant(link)) {
            self.edits.forget_agreed(Side::Crm, link.crm.id.as_str(), &link.crm.state.base());
        }
    }

    /// A user deletes an event.
    pub fn delete(&mut self, on: Side, nth: usize) {
        let Some(id) = self.calendar(on).nth(nth) else { return };
        let calendar = self.calendar_mut(on);
        calendar.events.remove(&id);
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

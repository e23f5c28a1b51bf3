//! What users do in either calendar.

use crate::model::FieldGroup;
use crate::sync::Side;

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
        // Between a crash and the next run, a time that is set back to what it was
        // before cannot be told from one that never arrived.
        let mut interrupted = self.links.values().filter(|link| link.is_unfinished());
        let retimes = aspects.contains(&Aspect::Group(FieldGroup::Recurrence));
        if on == Side::M365 && retimes && interrupted.any(|link| link.m365.id.as_str() == id) {
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
    }

    /// A user deletes an event.
    pub fn delete(&mut self, on: Side, nth: usize) {
        let Some(id) = self.calendar(on).nth(nth) else { return };
        let calendar = self.calendar_mut(on);
        calendar.events.remove(&id);
        calendar.deleted.insert(id.clone());
        self.edits.forget(on, &id);
        self.touch(on, &id);
    }

    fn touch(&mut self, on: Side, id: &str) {
        if on == Side::Crm {
            self.touched.insert(id.to_owned());
        }
    }
}

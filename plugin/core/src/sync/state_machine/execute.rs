//! Carrying a plan out in memory, with whatever goes wrong on the way.
//!
//! What is decided and remembered is the product's; here values are only moved
//! between two maps. [`super::run`] is the run around it.

use std::collections::BTreeSet;

use crate::model::{CrmId, FieldGroup, FieldSet, GraphId, LinkId, Record};
use crate::sync::{BY_OTHER_REQUESTS, CrmEnd, Decision, GraphEnd, GroupConflict, Link, Merge, Side, Written};

use super::calendar::{Event, holds};
use super::outbox;
use super::run::{Planned, Report, Trouble, World, account, crm_seen, graph_seen, id_of};
use super::series::after_write;

impl World {
    pub fn execute(&mut self, planned: &Planned, trouble: Trouble, report: &mut Report) {
        if let Some(withheld) = planned.withheld {
            self.withheld.insert(planned.link.clone(), withheld.groups);
        }
        if let Decision::Merge(merge) = &planned.decision {
            self.open_days.insert(planned.link.clone(), merge.open_days.clone());
        }
        match &planned.decision {
            Decision::Ignore | Decision::Withhold => {}
            Decision::Keep => {
                if let Some(link) = self.links.remove(&planned.link) {
                    self.links.insert(planned.link.clone(), link.kept());
                }
            }
            Decision::Close => _ = self.links.remove(&planned.link),
            Decision::Create { on, .. } | Decision::Delete { on, .. } if trouble.refuses(*on) => {}
            Decision::Create { on, record, conflicts } => {
                self.create(planned, *on, record, conflicts, report);
                report.writes += 1;
            }
            Decision::Delete { on, conflicts } => {
                let link = self.links.remove(&planned.link).expect("a link to delete by");
                let id = id_of(&link, *on).to_owned();
                let event = self.calendar_mut(*on).events.remove(&id).expect("an event to delete");
                if *on == Side::M365 {
                    report.outbox.extend(outbox::of_deletion(&id, &event));
                }
                report.writes += 1;
                report.deleted.push(((*on, id.clone()), id_of(&link, on.other()).to_owned()));
                report.recorded.insert((*on, id), conflicts.clone());
            }
            Decision::Merge(merge) => self.merge(&planned.link, merge, trouble, report),
        }
    }

    fn create(
        &mut self,
        planned: &Planned,
        on: Side,
        record: &Record,
        conflicts: &[GroupConflict],
        report: &mut Report,
    ) {
        let previous = self.links.remove(&planned.link);
        let source_id = match (&planned.unlinked, &previous) {
            (Some((_, id)), _) => id.clone(),
            (None, Some(link)) => id_of(link, on.other()).to_owned(),
            (None, None) => panic!("a creation from nothing"),
        };
        let generation = previous.map_or(0, |link| link.generation + 1);
        let (tick, writable) = (self.tick(), self.writable(on, false));
        let new_id = format!("{on:?}-{tick}");
        let stored = after_write(on, &Record::default(), &record.only(writable), false);
        self.calendar_mut(on).put(&new_id, tick, &stored, writable);
        if on == Side::M365 {
            report.outbox.extend(outbox::of_creation(&new_id, &self.m365.events[&new_id]));
        }
        report.recorded.insert((on.other(), source_id.clone()), conflicts.to_vec());
        // What is withheld is not agreed.
        let open = planned.withheld.map_or(FieldSet::EMPTY, |withheld| withheld.groups);
        let left_out = holds(on).without(writable).without(open);
        report.left_out.push((on.other(), source_id.clone(), left_out));

        let (crm_id, m365_id) = match on {
            Side::Crm => (new_id, source_id),
            Side::M365 => (source_id, new_id),
        };
        let (crm, m365) = (&self.crm.events[&crm_id], &self.m365.events[&m365_id]);
        let (crm_id, m365_id) = (CrmId::new(crm_id), GraphId::new(m365_id));
        let id = match on {
            Side::Crm => LinkId::of_graph_item(&account(), &m365_id, generation),
            Side::M365 => LinkId::of_crm_item(&account(), &crm_id, generation),
        };
        if !open.is_empty() {
            self.withheld.insert(id.clone(), open);
        }
        let link = Link::created(
            id.clone(),
            generation,
            CrmEnd::agreed_but(crm_id, crm_seen(crm), open),
            GraphEnd::agreed(m365_id, None, graph_seen(m365)),
        );
        let replaced = self.links.insert(id, link);
        assert_eq!(replaced, None, "a correlation id that is used twice");
    }

    fn merge(&mut self, id: &LinkId, merge: &Merge, trouble: Trouble, report: &mut Report) {
        let mut link = self.links.remove(id).expect("a link to merge");
        // Before anything is written, as the engine does. An edit is given up by
        // the write that is put over it: the loser's, but what is cancelled, and
        // what guests answer, stands whoever wins.
        for side in [Side::Crm, Side::M365] {
            let either = |group| matches!(group, FieldGroup::Attendees | FieldGroup::Exceptions);
            let gave_way = |group| merge.yielded.contains(group);
            let loses = |group| (side == self.policy.winner()) == gave_way(group) || either(group);
            let mut conflicts = merge.conflicts.clone();
            conflicts.retain(|conflict| loses(conflict.group) && !trouble.refuses(side));
            report.recorded.insert((side, id_of(&link, side).to_owned()), conflicts);
        }
        if !merge.to_m365.is_empty() {
            link = link.writing(merge);
        }
        let m365 = self.write(Side::M365, link.m365.id.as_str(), &merge.to_m365, trouble, report);
        if report.crashed {
            self.links.insert(id.clone(), link);
            return;
        }
        let crm = self.write(Side::Crm, link.crm.id.as_str(), &merge.to_crm, trouble, report);
        let mut link = link.merged(merge, map(crm, |event| crm_seen(&event)), map(m365, |event| graph_seen(&event)));
        if trouble.refuses(Side::M365) {
            link = link.refused();
        }
        self.links.insert(id.clone(), link);
    }

    fn write(
        &mut self,
        side: Side,
        id: &str,
        record: &Record,
        trouble: Trouble,
        report: &mut Report,
    ) -> Written<Event> {
        if record.is_empty() {
            return Written::NotNeeded;
        }
        if trouble.refuses(side) {
            return Written::Failed;
        }
        report.writes += 1;
        let tick = self.tick();
        let before = self.calendar(side).events[id].clone();
        let retimes = record.time().is_some() && record.get(FieldGroup::Exceptions).is_some();
        let interrupted = side == Side::M365
            && match trouble {
                Trouble::Crash | Trouble::HalfWrites => retimes,
                // Days and answers are requests of their own, behind this one.
                Trouble::LostAnswer => !record.groups().without(BY_OTHER_REQUESTS).is_empty(),
                Trouble::Nothing | Trouble::Refuses(_) => false,
            };
        let only_first = interrupted && trouble == Trouble::LostAnswer;
        let sent = if only_first { record.only(record.groups().without(BY_OTHER_REQUESTS)) } else { record.clone() };
        let record = &sent;
        let after = after_write(side, &before.record, record, interrupted);
        self.calendar_mut(side).put(id, tick, &after, before.writable);
        let stored = self.calendar(side).events[id].clone();
        if side == Side::M365 {
            report.outbox.extend(outbox::of_change(id, &before, record, &stored));
        }
        report.crashed |= interrupted && matches!(trouble, Trouble::Crash | Trouble::LostAnswer);
        report.halves += usize::from(interrupted);
        if interrupted {
            let failed = FieldSet::EMPTY.with(FieldGroup::Exceptions);
            return Written::Partly { seen: stored, failed, failed_days: BTreeSet::new() };
        }
        Written::Done(stored)
    }
}

fn map<T, U>(written: Written<T>, to: impl FnOnce(T) -> U) -> Written<U> {
    match written {
        Written::NotNeeded => Written::NotNeeded,
        Written::Done(value) => Written::Done(to(value)),
        Written::Partly { seen, failed, failed_days } => Written::Partly { seen: to(seen), failed, failed_days },
        Written::Failed => Written::Failed,
    }
}

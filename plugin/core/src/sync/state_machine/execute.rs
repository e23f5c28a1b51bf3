//! Carrying a plan out in memory, with whatever goes wrong on the way.
//!
//! What is decided and remembered is the product's; here values are only moved
//! between two maps. [`super::run`] is the run around it.

use std::collections::BTreeSet;

use crate::model::{CrmId, FieldGroup, FieldSet, GraphId, LinkId, Record};
use crate::sync::{BY_OTHER_REQUESTS, CrmEnd, Decision, GraphEnd, GroupConflict, Link, Merge, NewAtCrm, Side, Written};

use super::items::Item;
use super::kind::Kind;
use super::outbox;
use super::run::{Intent, Made, Planned, Report, Trouble, World, account, crm_seen, graph_seen, id_of};
use super::series::after_write;
use super::tasks::Taken;

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
                self.create(planned, *on, record, conflicts, trouble, report);
            }
            Decision::Delete { on, conflicts, .. } => {
                let link = self.links.remove(&planned.link).expect("a link to delete by");
                let id = id_of(&link, *on).to_owned();
                let event = self.collection_mut(*on).items.remove(&id).expect("an item to delete");
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
        trouble: Trouble,
        report: &mut Report,
    ) {
        let previous = self.links.get(&planned.link).cloned();
        let source_id = match (&planned.unlinked, &previous) {
            (Some((_, id)), _) => id.clone(),
            (None, Some(link)) => id_of(link, on.other()).to_owned(),
            (None, None) => panic!("a creation from nothing"),
        };
        let generation = previous.map_or(0, |link| link.generation + 1);
        let id = match on {
            Side::Crm => LinkId::of_graph_item(&account(), &GraphId::new(&source_id), generation),
            Side::M365 => LinkId::of_crm_item(&account(), &CrmId::new(&source_id), generation),
        };
        let (new_id, refused) = self.new_item(on, record, report);
        // What did not arrive is still open.
        let recorded = conflicts.iter().filter(|conflict| !refused.contains(conflict.group)).cloned().collect();
        report.recorded.insert((on.other(), source_id.clone()), recorded);
        let (crm_id, m365_id) = match on {
            Side::Crm => (new_id.clone(), source_id.clone()),
            Side::M365 => (source_id.clone(), new_id.clone()),
        };
        if self.is_lost(on, trouble) {
            report.crashed = true;
            let replaces = planned.unlinked.is_none().then(|| planned.link.clone());
            self.lose(on, (id, generation), (crm_id, m365_id), (record, refused), replaces);
            return;
        }
        self.links.remove(&planned.link);
        // What is withheld is not agreed, and neither is what was refused.
        let open = planned.withheld.map_or(FieldSet::EMPTY, |withheld| withheld.groups);
        let left_out = self.kind.holds(on).without(self.kind.writable(on, false)).without(open).without(refused);
        report.left_out.push((on.other(), source_id, left_out));
        if !open.is_empty() {
            self.withheld.insert(id.clone(), open);
        }
        // What a workflow keeps, the task itself says.
        self.refused.insert(id.clone(), refused.intersection(self.kind.writable(on, false)));
        let (crm, m365) = (&self.crm.items[&crm_id], &self.m365.items[&m365_id]);
        let link = Link::created(
            id.clone(),
            generation,
            CrmEnd::agreed_but(CrmId::new(crm_id), crm_seen(crm), open),
            GraphEnd::agreed(GraphId::new(m365_id), None, graph_seen(m365)).agreed_but(refused, &crm.record),
        );
        let replaced = self.links.insert(id, link);
        assert_eq!(replaced, None, "a correlation id that is used twice");
    }

    /// Creates an item; and the groups that it was not given.
    fn new_item(&mut self, on: Side, record: &Record, report: &mut Report) -> (String, FieldSet) {
        let writable = self.kind.writable(on, false);
        let (stored, refused) = match (self.kind, on) {
            (Kind::Events { .. }, on) => {
                (after_write(on, &Record::default(), &record.only(writable), false), FieldSet::EMPTY)
            }
            (Kind::Tasks(ways), Side::Crm) => {
                let Taken { after, left_out } = ways.creates(record).expect("a new task that the CRM takes");
                (after, left_out)
            }
            (Kind::Tasks(_), Side::M365) => (record.only(writable), FieldSet::EMPTY),
        };
        report.writes += 1;
        let tick = self.tick();
        let id = format!("{on:?}-{tick}");
        self.collection_mut(on).put(&id, tick, &stored, writable);
        if on == Side::M365 {
            report.outbox.extend(outbox::of_creation(&id, &self.m365.items[&id]));
        }
        (id, refused)
    }

    /// Whether the run ends after this creation.
    const fn is_lost(&self, on: Side, trouble: Trouble) -> bool {
        match (self.kind, on, trouble) {
            (Kind::Tasks(_), Side::M365, Trouble::LostAnswer) | (_, Side::Crm, Trouble::Crash) => true,
            (Kind::Events { .. } | Kind::Tasks(_), _, _) => false,
        }
    }

    /// What is left of a creation whose run has ended.
    fn lose(
        &mut self,
        on: Side,
        (link, generation): (LinkId, u32),
        (crm, m365): (String, String),
        (sent, left_out): (&Record, FieldSet),
        replaces: Option<LinkId>,
    ) {
        match on {
            Side::Crm => {
                let version = self.crm.items[&crm].version;
                self.edits.forget_agreed(Side::M365, &m365, sent);
                self.refused.insert(link.clone(), left_out.intersection(self.kind.writable(on, false)));
                let m365 = GraphEnd::agreed(GraphId::new(&m365), None, graph_seen(&self.m365.items[&m365]));
                // What the CRM can hold of it, which the engine knows.
                let groups = sent.groups().intersection(self.kind.writable(on, false)).without(left_out);
                let sent = self.crm.items[&crm].record.only(groups);
                let key = link.as_str().to_owned();
                let new = NewAtCrm { link, key, generation, m365, sent, left_out, replaces };
                self.made.push(Made { new, crm, version });
            }
            Side::M365 => {
                let (seen, sent) = (self.crm.items[&crm].clone(), sent.clone());
                // It has arrived, and may be changed by others from now on.
                self.edits.forget_agreed(Side::Crm, &crm, &sent);
                self.intents.push(Intent { link, generation, crm, seen, sent, created: m365, replaces });
            }
        }
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
        self.note_refused(&link, merge, &crm, report);
        let m365 = map(m365, |event| graph_seen(&event));
        let crm = map(crm, |event| crm_seen(&event));
        if report.crashed {
            // What the CRM can hold of it, which the engine knows.
            let groups = merge.to_crm.groups().without(crm.failed(&merge.to_crm));
            let sent = self.crm.items[link.crm.id.as_str()].record.only(groups);
            let refused = link.clone().merged(merge, Written::Failed, m365.clone());
            let made = link.merged(merge, crm, m365);
            let version = self.crm.items[made.crm.id.as_str()].version;
            self.written.insert(id.clone(), version);
            self.links.insert(id.clone(), refused.writing_to_crm(&made, String::new(), sent));
            return;
        }
        let mut link = link.merged(merge, crm, m365);
        if trouble.refuses(Side::M365) {
            link = link.refused();
        }
        self.links.insert(id.clone(), link);
    }

    fn write(&mut self, side: Side, id: &str, record: &Record, trouble: Trouble, report: &mut Report) -> Written<Item> {
        if record.is_empty() {
            return Written::NotNeeded;
        }
        if trouble.refuses(side) {
            return Written::Failed;
        }
        match self.kind {
            Kind::Events { .. } => self.write_event(side, id, record, trouble, report),
            Kind::Tasks(_) => self.write_task(side, id, record, trouble, report),
        }
    }

    /// Notes what the CRM has refused, which the engine tells people. What was not
    /// written has not given anything up.
    fn note_refused(&mut self, link: &Link, merge: &Merge, written: &Written<Item>, report: &mut Report) {
        let refused = match written {
            Written::NotNeeded => return,
            Written::Done(_) => FieldSet::EMPTY,
            Written::Partly { failed, .. } => *failed,
            Written::Failed => merge.to_crm.groups(),
        };
        let agreed = merge.to_crm.groups().intersection(merge.settled);
        let before = self.refused.get(&link.id).copied().unwrap_or_default();
        self.refused.insert(link.id.clone(), before.without(agreed).union(refused));
        if let Some(conflicts) = report.recorded.get_mut(&(Side::Crm, link.crm.id.as_str().to_owned())) {
            conflicts.retain(|conflict| !refused.contains(conflict.group));
        }
    }

    fn write_task(
        &mut self,
        side: Side,
        id: &str,
        record: &Record,
        trouble: Trouble,
        report: &mut Report,
    ) -> Written<Item> {
        let before = self.collection(side).items[id].clone();
        let taken = match (self.kind, side) {
            (Kind::Tasks(ways), Side::Crm) => ways.takes(&before.record, record),
            (Kind::Tasks(_) | Kind::Events { .. }, _) => {
                Some(Taken { after: before.record.overlaid(record), left_out: FieldSet::EMPTY })
            }
        };
        let Some(Taken { after, left_out }) = taken else { return Written::Failed };
        report.writes += 1;
        report.crashed |= matches!((side, trouble), (Side::Crm, Trouble::Crash) | (Side::M365, Trouble::LostAnswer));
        let tick = self.tick();
        self.collection_mut(side).put(id, tick, &after, before.writable);
        let stored = self.collection(side).items[id].clone();
        if left_out.is_empty() {
            return Written::Done(stored);
        }
        Written::Partly { seen: stored, failed: left_out, failed_days: BTreeSet::new() }
    }

    fn write_event(
        &mut self,
        side: Side,
        id: &str,
        record: &Record,
        trouble: Trouble,
        report: &mut Report,
    ) -> Written<Item> {
        report.writes += 1;
        let tick = self.tick();
        let before = self.collection(side).items[id].clone();
        let retimes = record.time().is_some() && record.get(FieldGroup::Exceptions).is_some();
        // Days and answers are requests of their own, behind that for the item.
        let is_item = !record.groups().without(BY_OTHER_REQUESTS).is_empty();
        let interrupted = side == Side::M365
            && match trouble {
                Trouble::Crash | Trouble::HalfWrites => retimes,
                Trouble::LostAnswer => is_item,
                Trouble::Nothing | Trouble::Refuses(_) => false,
            };
        let only_first = interrupted && trouble == Trouble::LostAnswer;
        let sent = if only_first { record.only(record.groups().without(BY_OTHER_REQUESTS)) } else { record.clone() };
        let record = &sent;
        let after = after_write(side, &before.record, record, interrupted);
        self.collection_mut(side).put(id, tick, &after, before.writable);
        let stored = self.collection(side).items[id].clone();
        if side == Side::M365 {
            report.outbox.extend(outbox::of_change(id, &before, record, &stored));
        }
        report.crashed |= match (side, trouble) {
            (Side::M365, Trouble::LostAnswer) | (Side::Crm, Trouble::Crash) => true,
            (Side::M365, Trouble::Crash) => interrupted,
            (_, Trouble::Nothing | Trouble::Refuses(_) | Trouble::HalfWrites) | (Side::Crm, Trouble::LostAnswer) => {
                false
            }
        };
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

//! One run in memory: observe, plan, check, execute, remember.
//!
//! Everything that decides or remembers is the product's; this file only moves
//! values between two maps.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    AccountId, CivilDate, CrmId, CrmVersion, FieldGroup, FieldSet, GraphId, GraphVersion, Instant, LinkId, Record,
};
use crate::sync::check::{Impossible, check, check_notices};
use crate::sync::{
    Audience, Cause, CrmEnd, CrmSeen, Decision, End, EndState, GraphEnd, GraphSeen, GroupConflict, Guarded, Link,
    Merge, Organizer, Policy, Side, Situation, Withheld, Written, decide, guard, match_key,
};

use super::calendar::{Calendar, Event, holds, writable_of_invitation};
use super::edits::Edits;
use super::outbox::{self, Mail};
use super::series::after_write;

/// When every run takes place: events of the first hours are over.
pub const NOW: Instant = Instant::from_epoch_milliseconds(2 * 3_600_000);

/// What goes wrong in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    Nothing,
    /// Every write to this side fails.
    Refuses(Side),
    /// The run ends in the middle of the first write that re-times a series in
    /// Microsoft, and what it has not committed is lost.
    Crash,
    /// The run ends after the first write to an item of Microsoft's, of which no
    /// answer comes back.
    LostAnswer,
    /// The exceptions that such writes take away do not come back.
    HalfWrites,
}

impl Trouble {
    pub fn refuses(self, side: Side) -> bool {
        self == Self::Refuses(side)
    }
}

/// What one request for an item does not carry.
const BY_OTHER_REQUESTS: FieldSet = FieldSet::EMPTY.with(FieldGroup::Exceptions).with(FieldGroup::Response);

/// Two calendars and what is remembered of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    pub policy: Policy,
    pub guests_writable: bool,
    pub crm: Calendar,
    pub m365: Calendar,
    pub links: BTreeMap<LinkId, Link>,
    pub edits: Edits,
    /// What users have touched in the CRM since the last run.
    pub touched: BTreeSet<String>,
    /// Groups that wait in the CRM because people would be notified.
    pub withheld: BTreeMap<LinkId, FieldSet>,
    /// Days that stay as they are, because they cannot be brought back or people
    /// would be notified.
    pub open_days: BTreeMap<LinkId, BTreeSet<CivilDate>>,
    /// Counts everything that happens; also the clock.
    ticks: u64,
}

/// One decision with what it was about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    pub link: LinkId,
    /// The unlinked event that this is about, if it is about one.
    pub unlinked: Option<(Side, String)>,
    pub situation: Situation,
    pub decision: Decision,
    pub withheld: Option<Withheld>,
    pub audience: Audience,
    pub cause: Cause,
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub plan: Vec<Planned>,
    pub findings: Vec<Impossible>,
    pub writes: usize,
    /// What was recorded, by the identifiers of the events.
    pub recorded: BTreeMap<(Side, String), Vec<GroupConflict>>,
    /// Events that another was created from, and the groups that it may not
    /// have: told to the user once, and then as agreed as the rest.
    pub left_out: Vec<(Side, String, FieldSet)>,
    /// Events that were deleted, and the one across that was the reason.
    pub deleted: Vec<((Side, String), String)>,
    /// What Microsoft has sent to people.
    pub outbox: Vec<Mail>,
    /// Whether the run ended in the middle.
    pub crashed: bool,
    /// Writes of which only the first half arrived.
    pub halves: usize,
}

impl World {
    pub fn new(policy: Policy, guests_writable: bool) -> Self {
        let (crm, m365) = (Calendar::new(Side::Crm), Calendar::new(Side::M365));
        let edits = Edits::default();
        let open_days = BTreeMap::new();
        let (links, withheld, touched) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Self { policy, guests_writable, crm, m365, links, edits, withheld, open_days, touched, ticks: 0 }
    }

    pub const fn calendar(&self, side: Side) -> &Calendar {
        match side {
            Side::Crm => &self.crm,
            Side::M365 => &self.m365,
        }
    }

    pub const fn calendar_mut(&mut self, side: Side) -> &mut Calendar {
        match side {
            Side::Crm => &mut self.crm,
            Side::M365 => &mut self.m365,
        }
    }

    pub const fn tick(&mut self) -> u64 {
        self.ticks += 1;
        self.ticks
    }

    pub fn writable(&self, side: Side, invitation: bool) -> FieldSet {
        match side {
            Side::Crm => holds(Side::Crm),
            Side::M365 if invitation => writable_of_invitation(),
            Side::M365 => holds(Side::M365)
                .iter()
                .filter(|group| self.guests_writable || *group != FieldGroup::Attendees)
                .collect(),
        }
    }

    /// One run.
    pub fn sync(&mut self, trouble: Trouble, cause: Cause) -> Report {
        self.observe();
        let plan = self.plan(cause);
        let mut findings = check(self.policy, plan.iter().map(|item| (&item.link, &item.situation, &item.decision)));
        let notices = plan.iter().map(|item| (&item.link, &item.situation, &item.decision, &item.audience, item.cause));
        findings.extend(check_notices(notices, NOW));
        let mut report = Report { plan, findings, ..Report::default() };
        // Where Microsoft is not written, what was withheld before still waits.
        if self.policy.writes(Side::M365) {
            self.withheld.clear();
        }
        self.open_days.clear();
        for planned in report.plan.clone() {
            self.execute(&planned, trouble, &mut report);
            if report.crashed {
                break;
            }
        }
        // What was not carried out is still to be decided because of its edit.
        let refused = trouble.refuses(Side::Crm) || trouble.refuses(Side::M365);
        if !refused && !report.crashed && report.halves == 0 {
            self.touched.clear();
        }
        report
    }

    fn observe(&mut self) {
        for link in self.links.values_mut() {
            match self.crm.events.get(link.crm.id.as_str()) {
                Some(event) => link.crm = link.crm.observed(crm_seen(event)),
                None => *link = link.clone().gone(Side::Crm),
            }
            match self.m365.events.get(link.m365.id.as_str()) {
                Some(event) => link.m365 = link.m365.observed(graph_seen(event)),
                None => *link = link.clone().gone(Side::M365),
            }
        }
        self.adopt();
    }

    /// The events of a side that are in no link.
    fn unlinked(&self, side: Side) -> Vec<String> {
        let linked: BTreeSet<&str> = self.links.values().map(|link| id_of(link, side)).collect();
        self.calendar(side).events.keys().filter(|id| !linked.contains(id.as_str())).cloned().collect()
    }

    fn adopt(&mut self) {
        for crm_id in self.unlinked(Side::Crm) {
            let event = self.crm.events[&crm_id].clone();
            let twin = self
                .unlinked(Side::M365)
                .into_iter()
                .find(|id| match_key(&self.m365.events[id].record) == match_key(&event.record));
            if let Some(m365_id) = twin {
                let id = LinkId::of_crm_item(&account(), &CrmId::new(&crm_id), 0);
                let seen = graph_seen(&self.m365.events[&m365_id]);
                let link = Link::adopted(
                    id.clone(),
                    (CrmId::new(crm_id), crm_seen(&event)),
                    (GraphId::new(m365_id), None, seen),
                );
                self.links.insert(id, link);
            }
        }
    }

    fn plan(&self, cause: Cause) -> Vec<Planned> {
        let mut plan: Vec<Planned> = self
            .links
            .values()
            .map(|link| {
                let situation = link.situation(holds(Side::Crm), holds(Side::M365));
                (link.id.clone(), None, situation)
            })
            .chain([Side::Crm, Side::M365].into_iter().flat_map(|side| {
                self.unlinked(side).into_iter().map(move |id| {
                    let event = &self.calendar(side).events[&id];
                    let end = EndState::with_base(event.record.clone(), Record::default(), event.writable)
                        .as_end(holds(side));
                    let (link, situation) = match side {
                        Side::Crm => (
                            LinkId::of_crm_item(&account(), &CrmId::new(&id), 0),
                            Situation { crm: end, m365: End::Absent },
                        ),
                        Side::M365 => (
                            LinkId::of_graph_item(&account(), &GraphId::new(&id), 0),
                            Situation { crm: End::Absent, m365: end },
                        ),
                    };
                    (link, Some((side, id)), situation)
                })
            }))
            .map(|(link, unlinked, situation)| {
                let linked = self.links.get(&link);
                let audience = linked.map_or_else(Audience::none, |linked| linked.m365.audience(NOW));
                let decision = decide(self.policy, &situation);
                let crm_id =
                    linked.map(|linked| linked.crm.id.as_str()).or(unlinked.as_ref().map(|(_, id)| id.as_str()));
                let touched = crm_id.is_some_and(|id| self.touched.contains(id));
                let cause = if touched { cause } else { Cause::Comparison };
                let Guarded { decision, withheld, .. } = guard(decision, &situation, &audience, cause, NOW);
                Planned { link, unlinked, situation, decision, withheld, audience, cause }
            })
            .collect();
        plan.sort_by(|one, other| one.link.cmp(&other.link));
        plan
    }

    fn execute(&mut self, planned: &Planned, trouble: Trouble, report: &mut Report) {
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

pub fn id_of(link: &Link, side: Side) -> &str {
    match side {
        Side::Crm => link.crm.id.as_str(),
        Side::M365 => link.m365.id.as_str(),
    }
}

fn account() -> AccountId {
    AccountId::new("account")
}

pub fn crm_seen(event: &Event) -> CrmSeen {
    CrmSeen {
        version: CrmVersion::new(event.version.to_string()),
        meeting_uid: None,
        record: event.record.clone(),
        writable: event.writable,
    }
}

pub fn graph_seen(event: &Event) -> GraphSeen {
    GraphSeen {
        version: GraphVersion::new(event.version.to_string()),
        meeting_blob: None,
        modified_at: Some(Instant::from_epoch_milliseconds(i64::try_from(event.version).unwrap())),
        record: event.record.clone(),
        writable: event.writable,
        occurrence_ids: BTreeMap::new(),
        organizer: Organizer { is_user: event.writable != writable_of_invitation(), address: None },
    }
}

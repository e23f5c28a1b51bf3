//! One run in memory: observe, plan, check, execute, remember. Next:
//! [`super::execute`].

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    AccountId, CivilDate, CrmId, CrmVersion, FieldGroup, FieldSet, GraphId, GraphVersion, Instant, LinkId, Record,
};
use crate::sync::check::{Impossible, check, check_notices};
use crate::sync::{
    Audience, Cause, CrmSeen, Decision, End, EndState, GraphSeen, GroupConflict, Guarded, Link, Organizer, Policy,
    Side, Situation, Withheld, decide, guard, match_key,
};

use super::calendar::{Calendar, Event, holds, writable_of_invitation};
use super::edits::Edits;
use super::outbox::Mail;

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
}

pub fn id_of(link: &Link, side: Side) -> &str {
    match side {
        Side::Crm => link.crm.id.as_str(),
        Side::M365 => link.m365.id.as_str(),
    }
}

pub fn account() -> AccountId {
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

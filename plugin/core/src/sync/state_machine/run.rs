//! One run in memory: observe, plan, check, execute, remember. Next:
//! [`super::execute`].

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{AccountId, CivilDate, CrmId, CrmVersion, FieldSet, GraphId, GraphVersion, Instant, LinkId, Record};
use crate::sync::check::{Impossible, check, check_notices};
use crate::sync::{
    Audience, Cause, CrmNow, CrmSeen, Decision, End, EndState, GraphSeen, GroupConflict, Guarded, Link, NewAtCrm,
    Organizer, Policy, Side, Situation, Withheld, decide, guard, with_reminder,
};

use super::edits::Edits;
use super::events::writable_of_invitation;
use super::items::{Collection, Item};
use super::kind::Kind;
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
    /// Microsoft, or after the first write to the CRM, and what it has not committed
    /// is lost.
    Crash,
    /// The run ends after the first change of an item of Microsoft's, of its days or
    /// of an answer, or the first creation of a task there, of which no answer comes
    /// back.
    LostAnswer,
    /// The exceptions that such writes take away do not come back.
    HalfWrites,
}

impl Trouble {
    pub fn refuses(self, side: Side) -> bool {
        self == Self::Refuses(side)
    }
}

/// A creation in Microsoft of which no answer was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    pub link: LinkId,
    pub generation: u32,
    pub crm: String,
    /// The CRM's item as it was.
    pub seen: Item,
    pub sent: Record,
    /// What was created, which its correlation tells.
    pub created: String,
    pub replaces: Option<LinkId>,
}

/// A creation in the CRM of which no answer was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    pub new: NewAtCrm,
    /// What the CRM says of its key.
    pub crm: String,
    pub version: u64,
}

/// Two sides and what is remembered of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    pub policy: Policy,
    pub kind: Kind,
    pub crm: Collection,
    pub m365: Collection,
    pub links: BTreeMap<LinkId, Link>,
    pub edits: Edits,
    /// What users have touched in the CRM since the last run.
    pub touched: BTreeSet<String>,
    /// Groups that wait in the CRM because people would be notified.
    pub withheld: BTreeMap<LinkId, FieldSet>,
    /// Days that stay as they are, because they cannot be brought back or people
    /// would be notified.
    pub open_days: BTreeMap<LinkId, BTreeSet<CivilDate>>,
    /// Groups that the CRM has refused, which people were told.
    pub refused: BTreeMap<LinkId, FieldSet>,
    pub intents: Vec<Intent>,
    pub made: Vec<Made>,
    /// The versions that writes to the CRM have led to, of which no answer was read.
    pub written: BTreeMap<LinkId, u64>,
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
    pub fn new(policy: Policy, kind: Kind) -> Self {
        Self {
            policy,
            kind,
            crm: Collection::new(kind, Side::Crm),
            m365: Collection::new(kind, Side::M365),
            links: BTreeMap::new(),
            edits: Edits::default(),
            touched: BTreeSet::new(),
            withheld: BTreeMap::new(),
            open_days: BTreeMap::new(),
            refused: BTreeMap::new(),
            intents: Vec::new(),
            made: Vec::new(),
            written: BTreeMap::new(),
            ticks: 0,
        }
    }

    pub const fn collection(&self, side: Side) -> &Collection {
        match side {
            Side::Crm => &self.crm,
            Side::M365 => &self.m365,
        }
    }

    pub const fn collection_mut(&mut self, side: Side) -> &mut Collection {
        match side {
            Side::Crm => &mut self.crm,
            Side::M365 => &mut self.m365,
        }
    }

    pub const fn tick(&mut self) -> u64 {
        self.ticks += 1;
        self.ticks
    }

    /// One run.
    pub fn sync(&mut self, trouble: Trouble, cause: Cause) -> Report {
        self.recover();
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

    /// Finds again what was written without an answer.
    fn recover(&mut self) {
        self.recover_crm();
        for intent in std::mem::take(&mut self.intents) {
            // Where it is gone again, it is decided about as if it had never been.
            let Some(found) = self.m365.items.get(&intent.created) else { continue };
            let link = Link::recovered(
                (intent.link.clone(), intent.generation),
                (CrmId::new(&intent.crm), crm_seen(&intent.seen)),
                &intent.sent,
                (GraphId::new(&intent.created), graph_seen(found)),
            );
            self.links.retain(|id, _| Some(id) != intent.replaces.as_ref());
            self.links.insert(intent.link, link);
        }
    }

    /// The CRM says of each key what it has written.
    fn recover_crm(&mut self) {
        let now = |world: &Self, id: &str| {
            world.crm.items.get(id).map_or(CrmNow::Gone, |item| CrmNow::Present(crm_seen(item)))
        };
        let version = |version: u64| CrmVersion::new(version.to_string());
        for (id, written) in std::mem::take(&mut self.written) {
            let Some(link) = self.links.remove(&id) else { continue };
            let now = now(self, link.crm.id.as_str());
            self.links.insert(id, link.landed_in_crm(version(written), now));
        }
        for Made { new, crm, version: written } in std::mem::take(&mut self.made) {
            let replaces = new.replaces.clone();
            let now = now(self, &crm);
            let link = Link::landed_new_in_crm(new, (CrmId::new(crm), version(written)), now);
            self.links.retain(|id, _| Some(id) != replaces.as_ref());
            self.links.extend(link.map(|link| (link.id.clone(), link)));
        }
    }

    fn observe(&mut self) {
        for link in self.links.values_mut() {
            match self.crm.items.get(link.crm.id.as_str()) {
                Some(event) => link.crm = link.crm.observed(crm_seen(event)),
                None => *link = link.clone().gone(Side::Crm),
            }
            match self.m365.items.get(link.m365.id.as_str()) {
                Some(event) => link.m365 = link.m365.observed(graph_seen(event)),
                None => *link = link.clone().gone(Side::M365),
            }
        }
        self.adopt();
        if let (Kind::Tasks(ways), true) = (self.kind, self.policy.writes(Side::Crm)) {
            for link in self.links.values_mut() {
                *link = ways.agreed_as_shown(link.clone());
            }
        }
    }

    /// The events of a side that are in no link.
    fn unlinked(&self, side: Side) -> Vec<String> {
        let linked: BTreeSet<&str> = self.links.values().map(|link| id_of(link, side)).collect();
        self.collection(side).items.keys().filter(|id| !linked.contains(id.as_str())).cloned().collect()
    }

    fn key(&self, side: Side, id: &str) -> Option<String> {
        self.kind.match_key(side, &self.collection(side).items[id].record)
    }

    fn adopt(&mut self) {
        for crm_id in self.unlinked(Side::Crm) {
            let event = self.crm.items[&crm_id].clone();
            let twin = self
                .unlinked(Side::M365)
                .into_iter()
                .find(|id| self.key(Side::M365, id) == self.key(Side::Crm, &crm_id));
            if let Some(m365_id) = twin {
                let id = LinkId::of_crm_item(&account(), &CrmId::new(&crm_id), 0);
                let seen = graph_seen(&self.m365.items[&m365_id]);
                let link = Link::adopted(
                    id.clone(),
                    (CrmId::new(crm_id), crm_seen(&event)),
                    (GraphId::new(m365_id), None, seen),
                );
                self.links.insert(id, link);
            }
        }
    }

    fn decided(&self, situation: &Situation) -> Decision {
        let decision = decide(self.policy, situation);
        match (self.kind, decision, &situation.crm, &situation.m365) {
            (Kind::Tasks(_), Decision::Merge(merge), End::Present(crm), End::Present(m365)) => {
                Decision::Merge(with_reminder(self.policy, merge, crm, m365, true))
            }
            (Kind::Events { .. } | Kind::Tasks(_), decision, _, _) => decision,
        }
    }

    fn plan(&self, cause: Cause) -> Vec<Planned> {
        let mut plan: Vec<Planned> = self
            .links
            .values()
            .map(|link| {
                let situation = link.situation(self.kind.holds(Side::Crm), self.kind.holds(Side::M365));
                (link.id.clone(), None, situation)
            })
            .chain([Side::Crm, Side::M365].into_iter().flat_map(|side| {
                self.unlinked(side).into_iter().map(move |id| {
                    let event = &self.collection(side).items[&id];
                    let end = EndState::with_base(event.record.clone(), Record::default(), event.writable)
                        .as_end(self.kind.holds(side));
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
                let decision = self.decided(&situation);
                let crm_id =
                    linked.map(|linked| linked.crm.id.as_str()).or(unlinked.as_ref().map(|(_, id)| id.as_str()));
                let touched = crm_id.is_some_and(|id| self.touched.contains(id));
                let cause = if touched { cause } else { Cause::Comparison };
                let Guarded { decision, withheld, .. } = match self.kind {
                    Kind::Events { .. } => guard(decision, &situation, &audience, cause, NOW),
                    // Nobody else is told of a task.
                    Kind::Tasks(_) => Guarded { decision, notice: None, withheld: None },
                };
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

pub fn crm_seen(event: &Item) -> CrmSeen {
    CrmSeen {
        version: CrmVersion::new(event.version.to_string()),
        meeting_uid: None,
        record: event.record.clone(),
        writable: event.writable,
    }
}

pub fn graph_seen(event: &Item) -> GraphSeen {
    GraphSeen {
        version: GraphVersion::new(event.version.to_string()),
        meeting_blob: None,
        list: None,
        modified_at: Some(Instant::from_epoch_milliseconds(i64::try_from(event.version).unwrap())),
        record: event.record.clone(),
        writable: event.writable,
        occurrence_ids: BTreeMap::new(),
        organizer: Organizer { is_user: event.writable != writable_of_invitation(), address: None },
    }
}

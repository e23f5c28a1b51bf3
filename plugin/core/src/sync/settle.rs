//! What is remembered after an observation, and after a decision was carried out.
//!
//! Pure, and the only place where a link changes: the step engine and the tests
//! of the planner use the same functions. What was decided is [`super::plan`]'s
//! matter; how it was carried out is the engine's.
//!
//! | carried out | remembered |
//! | --- | --- |
//! | nothing yet: something was seen | [`CrmEnd::observed`], [`GraphEnd::observed`], [`Link::gone`] |
//! | `Create` | [`Link::created`] |
//! | two unlinked items found to be one | [`Link::adopted`], and then the merge |
//! | not yet a write to Microsoft | [`Link::writing`] |
//! | not yet a write to the CRM | [`Link::writing_to_crm`], and [`Link::landed_in_crm`] where its answer was lost |
//! | `Merge`, as far as its writes succeeded | [`Link::merged`] |
//! | `Keep` | [`Link::kept`] |
//! | `Withhold` | the link as it is |
//! | whatever has left both sides in agreement | [`Link::agreed_by`] |
//! | `Delete`, `Close` | nothing: the link is forgotten |

use std::collections::{BTreeMap, BTreeSet};

use crate::mapping::MeetingBlob;
use crate::model::{
    CivilDate, CrmId, CrmVersion, Exceptions, FieldGroup, FieldSet, FieldValue, GraphId, GraphVersion, Instant, LinkId,
    Record, TaskListId,
};

use super::sets::as_kept;
use super::timing::TIMING;
use super::written::Written;
use super::{CrmEnd, EndState, GraphEnd, Link, Merge, Organizer, Rewrites, Side, VoidAnswers};

/// A CRM record as a read, or the answer to a write, showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrmSeen {
    /// Its version.
    pub version: CrmVersion,
    /// The UID of the meeting that was noted with it.
    pub meeting_uid: Option<String>,
    /// Its values.
    pub record: Record,
    /// Groups that may be written to it.
    pub writable: FieldSet,
}

/// A Microsoft item as a read, or the answer to a write, showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphSeen {
    /// Its `@odata.etag`.
    pub version: GraphVersion,
    /// Its `lastModifiedDateTime`.
    pub modified_at: Option<Instant>,
    /// Its values.
    pub record: Record,
    /// Groups that may be written to it.
    pub writable: FieldSet,
    /// The ids of the exceptions, by their day.
    pub occurrence_ids: BTreeMap<CivilDate, GraphId>,
    /// Who organises it.
    pub organizer: Organizer,
    /// The join section of an online meeting, as it stands in the body.
    pub meeting_blob: Option<MeetingBlob>,
    /// The list that a task is in.
    pub list: Option<TaskListId>,
}

impl CrmEnd {
    /// An end on which everything is agreed: a record that was just created, or
    /// that the other side was just created from.
    pub fn agreed(id: CrmId, seen: CrmSeen) -> Self {
        Self {
            id,
            version: seen.version,
            meeting_uid: seen.meeting_uid,
            is_echo: false,
            in_flight: None,
            state: EndState::agreed(seen.record, seen.writable),
        }
    }

    /// An end that the other side was just created from, except for the groups
    /// `open`: they were withheld, and stay changes of this side.
    pub fn agreed_but(id: CrmId, seen: CrmSeen, open: FieldSet) -> Self {
        let base = seen.record.only(seen.record.groups().without(open));
        Self {
            id,
            version: seen.version,
            meeting_uid: seen.meeting_uid,
            is_echo: false,
            in_flight: None,
            state: EndState::with_base(seen.record, base, seen.writable),
        }
    }

    /// This end where of the exceptions only those are agreed on whose days are in
    /// `there`: the others have not arrived on the other side.
    #[must_use]
    pub fn agreed_on_days(mut self, there: &Exceptions) -> Self {
        if let EndState::Present { seen, writable, .. } = &self.state {
            let (mut base, mut exceptions) = (self.state.base(), seen.exceptions());
            exceptions.retain(|day, _| there.contains_key(day));
            base.set(FieldValue::Exceptions(exceptions));
            self.state = EndState::with_base(seen.clone(), base, *writable);
        }
        self
    }

    /// This end with a newer observation; the base stands.
    #[must_use]
    pub fn observed(&self, seen: CrmSeen) -> Self {
        Self {
            id: self.id.clone(),
            is_echo: self.is_echo && self.version == seen.version,
            in_flight: self.in_flight.clone(),
            version: seen.version,
            meeting_uid: seen.meeting_uid,
            state: self.state.observed(seen.record, seen.writable),
        }
    }
}

impl GraphEnd {
    /// An end on which everything is agreed: an item that was just created, or
    /// that the other side was just created from.
    pub fn agreed(id: GraphId, i_cal_uid: Option<String>, seen: GraphSeen) -> Self {
        let state = EndState::agreed(seen.record, seen.writable);
        Self {
            id,
            version: seen.version,
            modified_at: seen.modified_at,
            i_cal_uid,
            occurrence_ids: seen.occurrence_ids,
            organizer: seen.organizer,
            meeting_blob: seen.meeting_blob,
            list: seen.list,
            unfinished: None,
            in_flight: None,
            state,
        }
    }

    /// This end where the groups `open` are not agreed on: the other side shows
    /// them as in `shown`, which did not take what is here.
    #[must_use]
    pub fn agreed_but(mut self, open: FieldSet, shown: &Record) -> Self {
        if let EndState::Present { seen, writable, .. } = &self.state {
            let mut base = self.state.base();
            for group in open.iter() {
                match shown.get(group) {
                    Some(value) => base.set(value.clone()),
                    None => base.remove(group),
                }
            }
            self.state = EndState::with_base(seen.clone(), base, *writable);
        }
        self
    }

    /// Whether change tracking has repeated a state from before the remembered
    /// one (Graph, delta-query-overview: replays). Such a state is no change
    /// back, and does not bring a deleted item back either.
    pub fn is_replay(&self, seen: &GraphSeen) -> bool {
        let older = self.is_older(seen.modified_at);
        match self.state {
            EndState::Present { .. } => older,
            EndState::Gone | EndState::Forgone => older || seen.version == self.version,
        }
    }

    /// Whether a state that was changed last then is from before the remembered
    /// one.
    pub fn is_older(&self, modified_at: Option<Instant>) -> bool {
        matches!((modified_at, self.modified_at), (Some(seen), Some(known)) if seen < known)
    }

    /// This end with a newer observation; the base stands. A replay changes
    /// nothing.
    #[must_use]
    pub fn observed(&self, seen: GraphSeen) -> Self {
        if self.is_replay(&seen) {
            return self.clone();
        }
        Self {
            id: self.id.clone(),
            version: seen.version,
            modified_at: seen.modified_at.or(self.modified_at),
            i_cal_uid: self.i_cal_uid.clone(),
            occurrence_ids: seen.occurrence_ids,
            organizer: seen.organizer,
            meeting_blob: seen.meeting_blob,
            list: seen.list,
            unfinished: self.unfinished.clone(),
            in_flight: self.in_flight.clone(),
            state: self.state.observed(seen.record, seen.writable),
        }
    }
}

impl Link {
    /// The link after one end was created from the other: all is agreed, each
    /// side as it shows it. `generation` counts re-creations, beginning at 0.
    pub fn created(id: LinkId, generation: u32, crm: CrmEnd, m365: GraphEnd) -> Self {
        let void_answers = VoidAnswers::new();
        Self { id, generation, edited: false, rewrites: Rewrites::default(), void_answers, agreed_at: None, crm, m365 }
    }

    /// The link after an answer to the creation in Microsoft was lost, and the item
    /// was found: what was `sent` is agreed, and whatever is shown differently by
    /// now has been edited there since. What was not sent stays open.
    pub fn recovered(
        (id, generation): (LinkId, u32),
        (crm_id, crm): (CrmId, CrmSeen),
        sent: &Record,
        (m365_id, m365): (GraphId, GraphSeen),
    ) -> Self {
        let base = m365.record.overlaid(&sent.only(m365.writable));
        let state = EndState::with_base(m365.record.clone(), base, m365.writable);
        let ours = EndState::with_base(crm.record.clone(), crm.record.only(sent.groups()), crm.writable);
        let crm = CrmEnd { state: ours, ..CrmEnd::agreed(crm_id, crm) };
        let m365 = GraphEnd { state, ..GraphEnd::agreed(m365_id, None, m365) };
        Self::created(id, generation, crm, m365)
    }

    /// The link of two items that existed before it. Nothing is agreed yet: the
    /// base is empty on both ends, and a merge has to follow.
    pub fn adopted(id: LinkId, crm: (CrmId, CrmSeen), m365: (GraphId, Option<String>, GraphSeen)) -> Self {
        let unagreed = |record, writable| EndState::with_base(record, Record::default(), writable);
        let (crm_id, crm) = crm;
        let (m365_id, i_cal_uid, m365) = m365;
        Self {
            id,
            generation: 0,
            edited: false,
            rewrites: Rewrites::default(),
            void_answers: VoidAnswers::new(),
            agreed_at: None,
            crm: CrmEnd {
                id: crm_id,
                version: crm.version,
                meeting_uid: crm.meeting_uid,
                is_echo: false,
                in_flight: None,
                state: unagreed(crm.record, crm.writable),
            },
            m365: GraphEnd {
                id: m365_id,
                version: m365.version,
                modified_at: m365.modified_at,
                i_cal_uid,
                occurrence_ids: m365.occurrence_ids,
                organizer: m365.organizer,
                meeting_blob: m365.meeting_blob,
                list: m365.list,
                unfinished: None,
                in_flight: None,
                state: unagreed(m365.record, m365.writable),
            },
        }
    }

    /// The link after the deletion of one end was confirmed. A deletion without
    /// effect stays one, however often it is reported.
    #[must_use]
    pub fn gone(mut self, side: Side) -> Self {
        let state = match side {
            Side::Crm => &mut self.crm.state,
            Side::M365 => &mut self.m365.state,
        };
        match state {
            EndState::Present { .. } => *state = EndState::Gone,
            EndState::Gone | EndState::Forgone => {}
        }
        self
    }

    /// The link after a merge. What was not written, because it may not be or
    /// because it failed, stays a change, and the next plan does the rest. An end
    /// that is not there stays as it is.
    #[must_use]
    pub fn merged(mut self, merge: &Merge, crm: Written<CrmSeen>, m365: Written<GraphSeen>) -> Self {
        (self.crm.state, self.m365.state) = self.agreed_on_arrival();
        self.land(match &m365 {
            Written::Failed => FieldSet::all(),
            Written::Partly { failed, .. } => *failed,
            Written::Done(_) | Written::NotNeeded => FieldSet::EMPTY,
        });
        let agreed_days = self.crm.state.base().exceptions();
        let (m365, half) = self.finished(merge, m365);
        let barred_m365 = merge.unwritable_m365.union(merge.withheld_m365);
        // What was written only beside another group was there already.
        let shown_crm = self.crm.state.shows(&merge.to_crm).without(with_date(merge, &crm));
        let shown_m365 = self.m365.state.shows(&merge.to_m365);
        let failed_crm = whole(crm.failed(&merge.to_crm).without(shown_crm));
        let failed_m365 = whole(m365.failed(&merge.to_m365).without(shown_m365));
        let open_crm = merge.unwritable_crm.without(merge.settled).union(failed_crm);
        let open_m365 = barred_m365.without(merge.settled).union(failed_m365);
        let open_days = &(&merge.open_days | &crm.failed_days()) | &m365.failed_days();
        let moved_along = self.crm.state.unchanged().intersection(failed_crm);
        if let Some(seen) = crm.seen() {
            self.crm = CrmEnd { is_echo: true, ..self.crm.observed(seen) };
            // What a CRM has done to a group that it did not take is nobody's edit.
            self.crm.state = self.crm.state.agreed_on(moved_along);
        }
        if let Some(seen) = m365.seen() {
            self.m365 = self.m365.observed(seen);
        }
        let agreed = merge.settled.without(open_crm.union(open_m365));
        let crm_alone = merge.by_crm_alone.crm.groups().intersection(open_m365).without(open_crm);
        let m365_alone = merge.by_m365_alone.m365.groups().intersection(open_crm).without(open_m365);
        let bases = |crm_alone_base: &Record, m365_alone_base: &Record| {
            crm_alone_base.only(crm_alone).overlaid(&m365_alone_base.only(m365_alone))
        };
        let crm_bases = bases(&merge.by_crm_alone.crm, &merge.by_m365_alone.crm);
        let m365_bases = bases(&merge.by_crm_alone.m365, &merge.by_m365_alone.m365);
        // What the bases say of days of the old rule means nothing in a new one.
        let retimed = [Side::Crm, Side::M365].into_iter().any(|side| merge.retimes(side));
        let reopened = |state: &EndState, before: &EndState| {
            let before = if retimed { Record::NONE } else { before.base() };
            with_open_days(state, &before, &open_days)
        };
        let crm_state = after_merge(&self.crm.state, agreed, &crm_bases, &merge.to_crm.only(crm_alone));
        let m365_state = after_merge(&self.m365.state, agreed, &m365_bases, &merge.to_m365.only(m365_alone));
        self.crm.state = reopened(&crm_state, &self.crm.state);
        self.m365.state = reopened(&m365_state, &self.m365.state);
        if let (Some(half), EndState::Present { seen, writable, .. }) = (half, &self.m365.state) {
            let mut seen = seen.clone();
            seen.set(FieldValue::Exceptions(half.there));
            self.m365.state = EndState::with_base(seen, self.m365.state.base(), *writable);
            // What is not there yet, nor was before, is still an edit of the CRM's.
            self.crm.state = with_agreed_days(&self.crm.state, [&agreed_days, &half.kept]);
        }
        self
    }

    /// The link after the decision to leave things as they are: a deletion that
    /// is waiting has been given up. It stays a deletion until the other side
    /// changes, and is no evidence for one.
    #[must_use]
    pub fn kept(mut self) -> Self {
        for state in [&mut self.crm.state, &mut self.m365.state] {
            match state {
                EndState::Gone => *state = EndState::Forgone,
                EndState::Present { .. } | EndState::Forgone => {}
            }
        }
        self
    }
}

/// Moves the base of the agreed groups to what is shown, and takes `bases` for
/// sets of which one side alone took over the other's part; `written` is what
/// that took.
fn after_merge(state: &EndState, agreed: FieldSet, bases: &Record, written: &Record) -> EndState {
    match state {
        EndState::Present { seen, writable, .. } => {
            let mut base = state.settled(seen, agreed, *writable).base();
            for value in bases.values() {
                base.set(match written.get(value.group()) {
                    Some(written) => as_kept(value, written, seen.get(value.group())),
                    None => value.clone(),
                });
            }
            EndState::with_base(seen.clone(), base, *writable)
        }
        EndState::Gone | EndState::Forgone => state.clone(),
    }
}

/// With the time or the rule, the exceptions stay open, even where the write
/// would have ended the series and had none.
fn whole(failed: FieldSet) -> FieldSet {
    if failed.intersection(TIMING).is_empty() { failed } else { failed.with(FieldGroup::Exceptions) }
}

/// With the date of a task, what was written of its reminder stays open, even
/// where the CRM shows that already; unless it is an edit of its own.
fn with_date(merge: &Merge, crm: &Written<CrmSeen>) -> FieldSet {
    let is_open = crm.failed(&merge.to_crm).contains(FieldGroup::Due);
    let is_own = merge.to_m365.get(FieldGroup::Reminder).is_some();
    if is_open && !is_own { FieldSet::EMPTY.with(FieldGroup::Reminder) } else { FieldSet::EMPTY }
}

/// `state` with no more agreed exceptions than those of `agreed` that it shows.
fn with_agreed_days(state: &EndState, agreed: [&Exceptions; 2]) -> EndState {
    let EndState::Present { seen, writable, .. } = state else { return state.clone() };
    let (mut base, mut exceptions) = (state.base(), seen.exceptions());
    exceptions.retain(|day, shown| agreed.iter().filter_map(|agreed| agreed.get(day)).any(|day| day.same_as(shown)));
    base.set(FieldValue::Exceptions(exceptions));
    EndState::with_base(seen.clone(), base, *writable)
}

/// `state` with the base of these days as in `before`: what is on them is a
/// change as it was one.
fn with_open_days(state: &EndState, before: &Record, days: &BTreeSet<CivilDate>) -> EndState {
    let EndState::Present { seen, writable, .. } = state else { return state.clone() };
    if days.is_empty() {
        return state.clone();
    }
    let (mut base, before) = (state.base(), before.exceptions());
    let mut exceptions = base.exceptions();
    for day in days {
        match before.get(day) {
            Some(occurrence) => exceptions.insert(*day, occurrence.clone()),
            None => exceptions.remove(day),
        };
    }
    base.set(FieldValue::Exceptions(exceptions));
    EndState::with_base(seen.clone(), base, *writable)
}

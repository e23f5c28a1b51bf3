//! What people have asked to be taken back: which item it is about, what is
//! planned, and what became of it.
//!
//! A wish lies among the observations until it is decided about. An item about
//! which anything else is to be decided comes first, and the wish waits for the
//! next pass: so what is taken back is always compared with what both sides have
//! agreed on by then.

use crate::model::{CrmId, GraphId, LinkId, Record};
use crate::ports::{Ports, ReversalNote};
use crate::sync::{
    ConflictRecord, Decided, DecidedBy, Decision, End, Evidence, Met, Reversal, Side, Situation, Undo, Unfit,
    falls_short, reverse,
};

use super::kept::{Kept, Recorded};
use super::pair::Item;
use super::report::Halt;
use super::resource::Resource;
use super::state::{SeenCrm, SeenCrmItem, SeenGraph};
use super::step::Step;
use super::store::Batch;
use super::work::Work;
use super::wrote::{CrmWrote, GraphWrote, StoredCrm, Wrote};

/// A wish, as far as it was decided about.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// The decision that is to be taken back.
    pub key: String,
    /// What becomes of the wish.
    pub answer: AskedAnswer,
}

/// What becomes of a wish.
#[derive(Clone, Debug)]
pub(super) enum AskedAnswer {
    /// The decision of its work takes it back, and this is what was kept for that.
    Planned(Box<Kept>),
    /// It is taken back already.
    Done(Box<Kept>),
    /// Something else of the item is decided first.
    Waits,
    /// It is not taken back; in words for people.
    Refused(String),
}

/// What became of the writes that take a decision back.
pub(super) enum Carried {
    /// All were made.
    Done,
    /// They are to be made again, or nobody knows.
    Again,
    /// A side did not take them.
    Refused,
}

impl Asked {
    /// What was kept of the decision that this plans to take back.
    pub fn undo(&self) -> Option<&Undo> {
        match &self.answer {
            AskedAnswer::Planned(kept) => Some(&kept.undo),
            AskedAnswer::Done(_) | AskedAnswer::Waits | AskedAnswer::Refused(_) => None,
        }
    }
}

impl Work {
    /// The work, where nothing of its item is written: a wish does not wait then.
    pub(super) fn with_wish_answered(self) -> Self {
        match self.asked {
            Some(Asked { key, answer: AskedAnswer::Planned(_) | AskedAnswer::Waits }) if self.is_left => {
                let answer = AskedAnswer::Refused(Unfit::Left.sentence());
                Self { asked: Some(Asked { key, answer }), ..self }
            }
            asked => Self { asked, ..self },
        }
    }
}

impl Carried {
    /// Of the answers of both sides.
    pub const fn of(graph: &GraphWrote, crm: &CrmWrote) -> Self {
        match (graph, crm) {
            (Wrote::Again | Wrote::Unknown, _) | (_, Wrote::Again | Wrote::Unknown) => Self::Again,
            (Wrote::Refused, _) | (_, Wrote::Refused) => Self::Refused,
            (Wrote::Stored(stored), _) if stored.again || stored.retry => Self::Again,
            (
                Wrote::Nothing | Wrote::Stored(_) | Wrote::Deleted,
                Wrote::Nothing | Wrote::Stored(_) | Wrote::Deleted,
            ) => Self::Done,
        }
    }
}

impl<P: Ports, R: Resource> Step<'_, P, R> {
    /// The item that a wish is about, as far as that is known without any
    /// observation.
    pub(super) fn item_asked_about(&mut self, key: &str) -> Result<Item, Halt> {
        let unlinked = Item::Asked(key.to_owned());
        let Some(kept) = self.kept(key)? else { return Ok(unlinked) };
        if matches!(kept.undo, Undo::BringBack { .. }) {
            return Ok(unlinked);
        }
        let link = self.link_of(&kept)?;
        Ok(link.map_or(unlinked, |link| Item::Linked {
            link,
            crm: None,
            m365: None,
            gone: None,
            asked: Some(key.to_owned()),
        }))
    }

    /// The link of an item now: it may have got another one since.
    pub(super) fn link_of(&mut self, kept: &Kept) -> Result<Option<LinkId>, Halt> {
        let found = self.store.links(self.ports, std::slice::from_ref(&kept.link))?.pop().flatten();
        if let Some(link) = found {
            return Ok(Some(link.id));
        }
        let by_crm: Vec<CrmId> = kept.crm.iter().cloned().collect();
        let by_graph: Vec<GraphId> = kept.m365.iter().cloned().collect();
        let mut found = self.store.links_of_crm(self.ports, &by_crm)?;
        found.extend(self.store.links_of_graph(self.ports, &by_graph)?);
        Ok(found.into_iter().flatten().next().map(|link| link.id))
    }

    /// A wish about an item that is not linked: to bring it back, or too late.
    pub(super) fn asked_work(&mut self, key: &str) -> Result<Work, Halt> {
        let situation = Situation { crm: End::Absent, m365: End::Absent };
        let id = LinkId::of_reversal(&self.account, key);
        let work = Work::new((id, 0), situation, Decision::Ignore);
        let answer = match self.kept(key)? {
            None => AskedAnswer::Refused(NOT_KEPT.to_owned()),
            Some(kept) if kept.reversed_at.is_some() => AskedAnswer::Done(Box::new(kept)),
            Some(kept) => match self.reversal(&kept, &work.situation) {
                Reversal::Planned(decision) => {
                    let answer = AskedAnswer::Planned(Box::new(kept));
                    return Ok(Work {
                        decision: *decision,
                        asked: Some(Asked { key: key.to_owned(), answer }),
                        ..work
                    });
                }
                Reversal::Done => AskedAnswer::Done(Box::new(kept)),
                Reversal::Refused(unfit) => AskedAnswer::Refused(unfit.sentence()),
            },
        };
        Ok(Work { asked: Some(Asked { key: key.to_owned(), answer }), ..work })
    }

    /// The work about a linked item, with a wish about it.
    pub(super) fn with_wish(&mut self, work: Work, key: &str) -> Result<Work, Halt> {
        let answered = |work: Work, answer| Work { asked: Some(Asked { key: key.to_owned(), answer }), ..work };
        let Some(kept) = self.kept(key)? else {
            return Ok(answered(work, AskedAnswer::Refused(NOT_KEPT.to_owned())));
        };
        if kept.reversed_at.is_some() {
            return Ok(answered(work, AskedAnswer::Done(Box::new(kept))));
        }
        match &work.decision {
            Decision::Merge(merge) if merge.to_crm.is_empty() && merge.to_m365.is_empty() => {}
            Decision::Merge(_) | Decision::Create { .. } | Decision::Delete { .. } => {
                return Ok(answered(work, AskedAnswer::Waits));
            }
            Decision::Withhold | Decision::Ignore => {
                return Ok(answered(work, AskedAnswer::Refused(Unfit::Left.sentence())));
            }
            Decision::Keep | Decision::Close => {
                return Ok(answered(work, AskedAnswer::Refused(Unfit::Gone.sentence())));
            }
        }
        let decision = match self.reversal(&kept, &work.situation) {
            Reversal::Planned(decision) => decision,
            Reversal::Done => return Ok(answered(work, AskedAnswer::Done(Box::new(kept)))),
            Reversal::Refused(unfit) => return Ok(answered(work, AskedAnswer::Refused(unfit.sentence()))),
        };
        let undo = kept.undo.clone();
        let planned = answered(Work { decision: *decision, ..work.clone() }, AskedAnswer::Planned(Box::new(kept)));
        let planned = R::guarded(self, planned);
        let unfit = if planned.is_left {
            Some(Unfit::Left)
        } else {
            falls_short(self.policy, &undo, &planned.decision, &planned.situation)
        };
        Ok(match unfit {
            None => planned,
            Some(unfit) => answered(work, AskedAnswer::Refused(unfit.sentence())),
        })
    }

    fn reversal(&self, kept: &Kept, situation: &Situation) -> Reversal {
        reverse(self.policy, &kept.undo, situation, &|policy, crm, m365| R::merged(self, policy, crm, m365))
    }

    /// The record of a decision that takes another one back, made before anything
    /// is written. What is brought back takes nothing away, and is recorded once
    /// its id is known.
    pub(super) fn reversal_record(&mut self, work: &Work) -> Option<Recorded> {
        match work.asked.as_ref()?.answer {
            AskedAnswer::Planned(ref kept) => match &kept.undo {
                Undo::Groups { .. } | Undo::Remove { .. } => {
                    let inverse = kept.undo.inverse(&work.situation);
                    let (link, ids) = (work.id.clone(), (work.crm_id(), work.m365_id()));
                    Some(self.recorded_reversal(kept, inverse, link, ids))
                }
                Undo::BringBack { .. } => None,
            },
            AskedAnswer::Done(_) | AskedAnswer::Waits | AskedAnswer::Refused(_) => None,
        }
    }

    fn recorded_reversal(
        &mut self,
        taken_back: &Kept,
        undo: Undo,
        link: LinkId,
        ids: (Option<CrmId>, Option<GraphId>),
    ) -> Recorded {
        let outcome = match &taken_back.undo {
            Undo::Groups { restored, .. } => restored.clone(),
            Undo::BringBack { record, .. } => record.clone(),
            Undo::Remove { .. } => Record::NONE,
        };
        // Its name may be what comes back.
        let title = if outcome.title().is_empty() { &taken_back.title } else { outcome.title() }.to_owned();
        let record = ConflictRecord::new(Decided {
            link: &link,
            ids: ids.clone(),
            title: &title,
            met: Met::TakenBack,
            at: self.ports.now(),
            by: DecidedBy::Person,
            winner: taken_back.undo.winner(),
            conflicts: &taken_back.undo.versions(),
            outcome,
            reverses: Some(taken_back.key.clone()),
        });
        let (crm, m365) = ids;
        let kept = Kept { key: String::new(), link, crm, m365, title, undo, reversed_at: None };
        Recorded { record, kept: Some(kept) }
    }

    /// Puts into the commit what became of a wish, and answers with what to tell
    /// people, if that is certain by now.
    pub(super) fn settle_wish(
        &mut self,
        work: &Work,
        carried: &Carried,
        created: Option<&StoredCrm>,
        batch: &mut Batch,
    ) -> Result<Option<ReversalNote>, Halt> {
        let Some(asked) = &work.asked else { return Ok(None) };
        let at = self.ports.now();
        let key = asked.key.clone();
        let refused = match (&asked.answer, carried) {
            (AskedAnswer::Waits, _) | (AskedAnswer::Planned(_), Carried::Again) => return Ok(None),
            (AskedAnswer::Refused(reason), _) => Some(reason.clone()),
            (AskedAnswer::Planned(_), Carried::Refused) => Some(NOT_TAKEN.to_owned()),
            (AskedAnswer::Planned(kept), Carried::Done) => {
                if let (Undo::BringBack { record, .. }, Some(stored)) = (&kept.undo, created) {
                    self.brought_back(kept, record, stored, batch)?;
                }
                let kept = Kept { reversed_at: Some(at), ..(**kept).clone() };
                batch.put(self.store.keys.kept(&key), &kept);
                None
            }
            (AskedAnswer::Done(kept), _) => {
                let kept = Kept { reversed_at: kept.reversed_at.or(Some(at)), ..(**kept).clone() };
                batch.put(self.store.keys.kept(&key), &kept);
                None
            }
        };
        batch.remove(self.store.keys.asked(&key));
        Ok(Some(ReversalNote { key, at, refused }))
    }

    /// Notes that an item is in the CRM again. It goes on to Microsoft as one that a
    /// person has just created, because a person has.
    fn brought_back(
        &mut self,
        kept: &Kept,
        record: &Record,
        stored: &StoredCrm,
        batch: &mut Batch,
    ) -> Result<(), Halt> {
        let undo = Undo::Remove { of: Side::Crm, outcome: stored.seen.record.clone() };
        let ids = (Some(stored.id.clone()), None);
        let recorded = self.recorded_reversal(kept, undo, LinkId::of_reversal(&self.account, &kept.key), ids);
        let records = self.keep(vec![recorded])?;
        self.ports.record_conflicts(R::ALERTS, records).map_err(Halt::Host)?;
        let seen = SeenCrmItem {
            version: stored.seen.version.clone(),
            uid: String::new(),
            meeting_uid: None,
            organizes: true,
            record: stored.seen.record.clone(),
            writable: stored.seen.writable,
            live: true,
            beside: Some(record.clone()),
        };
        batch.put(self.store.keys.staged_crm(&stored.id), &SeenCrm::Present(seen));
        Ok(())
    }

    /// Whether the item has to be decided about again, because a wish is not done
    /// with, or is done with in several writes.
    pub(super) fn has_more_to_do(work: &Work, carried: &Carried) -> bool {
        let is_done = matches!(carried, Carried::Done);
        let goes_on = match &work.decision {
            Decision::Delete { evidence: Evidence::Request, .. } => true,
            Decision::Create { on: Side::Crm, .. } => work.asked.is_some(),
            Decision::Create { on: Side::M365, .. }
            | Decision::Delete { .. }
            | Decision::Merge(_)
            | Decision::Ignore
            | Decision::Keep
            | Decision::Close
            | Decision::Withhold => false,
        };
        match work.asked.as_ref().map(|asked| &asked.answer) {
            Some(AskedAnswer::Waits) => is_done,
            Some(AskedAnswer::Planned(_)) => is_done && goes_on,
            Some(AskedAnswer::Done(_) | AskedAnswer::Refused(_)) | None => false,
        }
    }
}

/// The deletion of Microsoft's item that a person has asked for is evidence for
/// the CRM's.
pub(super) const REMOVED: SeenGraph = SeenGraph::Gone;

/// Where nothing is kept of a decision (any more).
pub(super) const NOT_KEPT: &str = "What was put aside by this decision is not kept any more. Edit the item by hand.";

/// Where a side refuses the write for good.
const NOT_TAKEN: &str = "One side did not accept the other version; the report of the run says why. What was written \
                         on the other side is kept in step like any edit.";

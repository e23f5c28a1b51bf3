//! One item with everything that is known of it, from observation to decision.

use crate::model::{CrmId, GraphId, Instant, LinkId};
use crate::sync::{Audience, Cause, Decision, GraphEnd, Link, Notice, Situation, Undo, Withheld};

use super::asked::Asked;
use super::decide::graph_seen;
use super::state::{SeenCrmItem, SeenGraphItem};

/// One item to be carried out.
#[derive(Clone, Debug)]
pub(super) struct Work {
    /// The link that it has or will have.
    pub id: LinkId,
    /// The generation of that link.
    pub generation: u32,
    /// The link as it is, the observations applied.
    pub link: Option<Link>,
    /// Whether the link is new: two items were found to be one.
    pub adopted: bool,
    /// The observed record, where it is on the CRM's side alone.
    pub crm: Option<(CrmId, SeenCrmItem)>,
    /// The observed item, where it is on Microsoft's side alone.
    pub m365: Option<(GraphId, SeenGraphItem)>,
    /// The CRM's observation that this takes care of.
    pub staged_crm: Option<CrmId>,
    /// Microsoft's observation that this takes care of.
    pub staged_m365: Option<GraphId>,
    /// What both sides look like.
    pub situation: Situation,
    /// What to do.
    pub decision: Decision,
    /// Whom Microsoft will send a mail about it.
    pub notice: Option<Notice>,
    /// What is not done, because it would send one without a cause.
    pub withheld: Option<Withheld>,
    /// Whether it is left alone, because a side cannot hold its rule or has refused
    /// the same before.
    pub is_left: bool,
    /// Who would be told of a write.
    pub audience: Audience,
    /// Why Microsoft's side is written.
    pub cause: Cause,
    /// What brings our key into a task of Microsoft's that does not bear it yet.
    pub link_back: Option<LinkBack>,
    /// What a person wants taken back of it, and what becomes of that.
    pub asked: Option<Asked>,
}

/// What brings our key into a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LinkBack {
    /// A linked resource more.
    Add,
    /// The one with this id, which was copied from another task.
    Replace(String),
}

impl Work {
    /// An item of which nothing more is known.
    pub fn new((id, generation): (LinkId, u32), situation: Situation, decision: Decision) -> Self {
        Self {
            id,
            generation,
            link: None,
            adopted: false,
            crm: None,
            m365: None,
            staged_crm: None,
            staged_m365: None,
            situation,
            decision,
            notice: None,
            withheld: None,
            is_left: false,
            audience: Audience::none(),
            cause: Cause::Comparison,
            link_back: None,
            asked: None,
        }
    }

    /// Whether a person's own edit in the CRM, made while the calendar was
    /// synchronised, is behind what is written to Microsoft.
    pub fn cause_of(&self) -> Cause {
        if self.undo().is_some() {
            // Who takes a decision back does so now, and was told whom that tells.
            return Cause::Edit;
        }
        let edited = match (&self.link, &self.crm) {
            (Some(link), _) => link.edited,
            (None, Some((_, seen))) => seen.live,
            (None, None) => false,
        };
        if edited { Cause::Edit } else { Cause::Comparison }
    }

    /// Who would be told of a write to Microsoft's side.
    pub fn audience_at(&self, now: Instant) -> Audience {
        match (&self.link, &self.m365) {
            (Some(link), _) => link.m365.audience(now),
            (None, Some((id, seen))) => {
                GraphEnd::agreed(id.clone(), seen.i_cal_uid.clone(), graph_seen(seen.clone())).audience(now)
            }
            (None, None) => Audience::none(),
        }
    }

    /// What was kept of the decision that this takes back.
    pub fn undo(&self) -> Option<&Undo> {
        self.asked.as_ref().and_then(Asked::undo)
    }

    /// As the function wants it that distrusts the plan.
    pub const fn checked(&self) -> (&LinkId, &Situation, &Decision) {
        (&self.id, &self.situation, &self.decision)
    }

    /// The CRM's id, where the item is or was there.
    pub fn crm_id(&self) -> Option<CrmId> {
        self.link.as_ref().map(|link| link.crm.id.clone()).or_else(|| self.crm.as_ref().map(|(id, _)| id.clone()))
    }

    /// Microsoft's id, where the item is or was there.
    pub fn m365_id(&self) -> Option<GraphId> {
        self.link.as_ref().map(|link| link.m365.id.clone()).or_else(|| self.m365.as_ref().map(|(id, _)| id.clone()))
    }
}

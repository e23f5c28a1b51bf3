//! What a write to the CRM has done, whose answer nobody has read.
//!
//! As in [`super::interrupted`], a run may end between a call and its answer. The
//! CRM knows more of it than Microsoft: it remembers each write by its key, and
//! which version that gave the record. So what is kept with the link
//! ([`Link::writing_to_crm`]) is only what is agreed on if the write was made, and
//! it is settled before anything else is decided ([`Link::landed_in_crm`]). What
//! the record shows beyond that is somebody's edit, even where it was set back to
//! what it had been.

use serde::{Deserialize, Serialize};

use crate::model::{CrmId, CrmVersion, FieldSet, FieldValue, LinkId, Record};

use super::{CrmEnd, CrmSeen, EndState, GraphEnd, Link};

/// A write to the CRM of which no answer has been read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtCrm {
    /// By what the CRM knows it.
    pub key: String,
    /// What was sent.
    pub sent: Record,
    /// What is agreed on of these groups if it was made, as the CRM shows it.
    pub crm_base: Record,
    /// The same, as Microsoft does.
    pub m365_base: Record,
}

/// A record that is being created in the CRM from an item of Microsoft's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAtCrm {
    /// The link that both will have.
    pub link: LinkId,
    /// By what the CRM knows the write.
    pub key: String,
    /// The generation of the link.
    pub generation: u32,
    /// The item, all of it agreed on.
    pub m365: GraphEnd,
    /// What was sent.
    pub sent: Record,
    /// Groups of the item that the CRM does not take.
    pub left_out: FieldSet,
    /// The link that it takes the place of, where the record had been deleted.
    pub replaces: Option<LinkId>,
}

/// What has become of a record that a write of ours has reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CrmNow {
    /// It is there as this.
    Present(CrmSeen),
    /// It was deleted since.
    Gone,
    /// It is there, and cannot be read.
    Unreadable,
}

impl Link {
    /// The link as it has to be committed before a write to the CRM: as if that
    /// was refused, with what it leads to beside it. `self` is the link after a
    /// refusal, `made` the one after success.
    #[must_use]
    pub fn writing_to_crm(mut self, made: &Self, key: String, sent: Record) -> Self {
        let moved = |before: &EndState, after: &EndState| {
            let (before, after) = (before.base(), after.base());
            let moves = |value: &&FieldValue| before.get(value.group()) != Some(value);
            let groups: FieldSet = after.values().filter(moves).map(FieldValue::group).collect();
            after.only(groups)
        };
        let crm_base = moved(&self.crm.state, &made.crm.state);
        let m365_base = moved(&self.m365.state, &made.m365.state);
        self.crm.in_flight = Some(AtCrm { key, sent, crm_base, m365_base });
        self
    }

    /// The link after the CRM has said that the write in flight was not made.
    #[must_use]
    pub fn not_made_in_crm(mut self) -> Self {
        self.crm.in_flight = None;
        self
    }

    /// The link after the CRM has said that the write in flight was made, and gave
    /// the record this version.
    #[must_use]
    pub fn landed_in_crm(mut self, version: CrmVersion, now: CrmNow) -> Self {
        let Some(AtCrm { sent, crm_base, m365_base, .. }) = self.crm.in_flight.take() else { return self };
        if let EndState::Present { seen, writable, .. } = &self.m365.state {
            self.m365.state = EndState::with_base(seen.clone(), self.m365.state.base().overlaid(&m365_base), *writable);
        }
        let base = self.crm.state.base().overlaid(&crm_base);
        self.crm = match (now, &self.crm.state) {
            (CrmNow::Present(now), _) => present(self.crm.id.clone(), &version, now, base, &sent),
            (CrmNow::Gone, _) => CrmEnd { version, state: EndState::Gone, ..self.crm.clone() },
            (CrmNow::Unreadable, EndState::Present { seen, writable, .. }) => {
                let state = EndState::with_base(seen.overlaid(&sent), base, *writable);
                CrmEnd { version, is_echo: true, state, ..self.crm.clone() }
            }
            (CrmNow::Unreadable, EndState::Gone | EndState::Forgone) => self.crm.clone(),
        };
        self
    }

    /// The link of a record that was created in the CRM without an answer; none
    /// where it cannot be read.
    pub fn landed_new_in_crm(new: NewAtCrm, (id, version): (CrmId, CrmVersion), now: CrmNow) -> Option<Self> {
        let NewAtCrm { link, generation, m365, sent, left_out, .. } = new;
        let (crm, shown) = match now {
            CrmNow::Present(now) => {
                let (mut shown, mut base) = (now.record.clone(), now.record.clone());
                if now.version != version {
                    // What the CRM has made of groups that were not sent, it shows no more:
                    // those that it does not take are blank in a new record, and the others
                    // are as Microsoft has them.
                    let theirs = m365.state.base();
                    shown = shown.only(shown.groups().without(left_out));
                    base = shown.overlaid(&theirs.only(theirs.groups().without(left_out)));
                }
                let base = base.overlaid(&sent);
                (present(id, &version, now, base, &sent), shown)
            }
            CrmNow::Gone => {
                let blank = CrmSeen { version, meeting_uid: None, record: sent.clone(), writable: FieldSet::EMPTY };
                (CrmEnd { state: EndState::Gone, ..CrmEnd::agreed(id, blank) }, sent)
            }
            CrmNow::Unreadable => return None,
        };
        Some(Self::created(link, generation, crm, m365.agreed_but(left_out, &shown)))
    }
}

/// A record that our write has given this version, as it is now. As long as nobody
/// has changed it since, the CRM's form of what was sent is what is agreed on.
fn present(id: CrmId, version: &CrmVersion, now: CrmSeen, mut base: Record, sent: &Record) -> CrmEnd {
    let is_untouched = now.version == *version;
    if is_untouched {
        for value in sent.values() {
            let is_agreed = base.get(value.group()).is_some_and(|agreed| agreed.same_as(value));
            if let (true, Some(shown)) = (is_agreed, now.record.get(value.group())) {
                base.set(shown.clone());
            }
        }
    }
    let state = EndState::with_base(now.record.clone(), base, now.writable);
    CrmEnd { is_echo: is_untouched, state, ..CrmEnd::agreed(id, now) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::model::{FieldGroup, GraphId, GraphVersion};
    use crate::sync::{GraphSeen, Merge, Organizer, Written};

    fn titled(title: &str) -> Record {
        [FieldValue::Title(title.to_owned())].into_iter().collect()
    }

    fn crm(version: &str, title: &str) -> CrmSeen {
        let version = CrmVersion::new(version);
        CrmSeen { version, meeting_uid: None, record: titled(title), writable: FieldSet::all() }
    }

    fn microsoft(title: &str) -> GraphSeen {
        GraphSeen {
            version: GraphVersion::new("e"),
            modified_at: None,
            record: titled(title),
            writable: FieldSet::all(),
            occurrence_ids: std::collections::BTreeMap::new(),
            organizer: Organizer::default(),
            meeting_blob: None,
            list: None,
        }
    }

    /// Agreed on `Old`; Microsoft has made `New` of it, which is being written.
    fn writing() -> Link {
        let ours = CrmEnd::agreed(CrmId::new("1"), crm("v1", "Old"));
        let theirs = GraphEnd::agreed(GraphId::new("a"), None, microsoft("Old")).observed(microsoft("New"));
        let link = Link::created(LinkId::new("l"), 0, ours, theirs);
        let settled = FieldSet::EMPTY.with(FieldGroup::Title);
        let merge = Merge { to_crm: titled("New"), settled, ..Merge::default() };
        let made = link.clone().merged(&merge, Written::Done(crm("v1", "New")), Written::NotNeeded);
        let refused = link.merged(&merge, Written::Failed, Written::NotNeeded);
        refused.writing_to_crm(&made, "key".to_owned(), titled("New"))
    }

    fn bases(link: &Link) -> (Record, Record) {
        (link.crm.state.base(), link.m365.state.base())
    }

    #[test]
    fn a_write_that_was_not_made_leaves_the_change_open() {
        let link = writing().not_made_in_crm();
        assert_eq!(bases(&link), (titled("Old"), titled("Old")));
        assert_eq!(link.crm.in_flight, None);
    }

    #[test]
    fn a_write_that_was_made_is_agreed_on_in_the_form_that_the_crm_has_given_it() {
        let now = CrmNow::Present(crm("v2", "New (CRM)"));
        let link = writing().landed_in_crm(CrmVersion::new("v2"), now);
        assert_eq!(bases(&link), (titled("New (CRM)"), titled("New")));
        assert_eq!(link.crm.state.seen(), Some(&titled("New (CRM)")));
        assert!(link.crm.is_echo && link.crm.in_flight.is_none());
    }

    #[test]
    fn what_was_set_back_after_a_write_is_somebodys_edit() {
        let now = CrmNow::Present(crm("v3", "Old"));
        let link = writing().landed_in_crm(CrmVersion::new("v2"), now);
        assert_eq!(bases(&link), (titled("New"), titled("New")));
        assert_eq!(link.crm.state.seen(), Some(&titled("Old")));
        assert!(!link.crm.is_echo);
    }

    #[test]
    fn a_record_that_is_gone_after_a_write_was_deleted() {
        let link = writing().landed_in_crm(CrmVersion::new("v2"), CrmNow::Gone);
        assert_eq!(link.crm.state, EndState::Gone);
        assert_eq!(link.m365.state.base(), titled("New"));
    }
}

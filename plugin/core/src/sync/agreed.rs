//! Whether both sides of a link agree, as far as it remembers them.
//!
//! For people who look at an item: nothing is decided by it. What was seen of an
//! item and not decided about yet is no part of a link ([`crate::run`] knows it).

use crate::model::{FieldSet, Instant};

use super::{EndState, Link, Situation};

impl Link {
    /// Whether the item is on both sides, neither has what the other did not get, and
    /// no write of ours is without a known end.
    ///
    /// An edit that the direction keeps on its side is such a difference, and so is
    /// what a side has refused.
    pub fn is_agreed(&self) -> bool {
        if self.has_open_write() {
            return false;
        }
        // A side that shows what it does not hold shows it in its base as well.
        let Situation { crm, m365 } = self.situation(FieldSet::all(), FieldSet::all());
        [crm, m365].iter().all(|end| matches!(end, super::End::Present(end) if end.changes().is_empty()))
    }

    /// Whether a write was noted of which no end is known.
    pub const fn has_open_write(&self) -> bool {
        self.crm.in_flight.is_some() || self.m365.in_flight.is_some() || self.m365.unfinished.is_some()
    }

    /// This link at `now`, which it remembers where both sides agree. For a link that
    /// is stored in any case: agreement alone is worth no write.
    #[must_use]
    pub fn agreed_by(self, now: Instant) -> Self {
        let agreed_at = if self.is_agreed() { Some(now) } else { self.agreed_at };
        Self { agreed_at, ..self }
    }
}

impl EndState {
    /// Whether the item is gone on this side.
    pub const fn is_gone(&self) -> bool {
        match self {
            Self::Present { .. } => false,
            Self::Gone | Self::Forgone => true,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::model::{CrmId, CrmVersion, FieldGroup, FieldValue, GraphId, GraphVersion, LinkId, Record};
    use crate::sync::{CrmEnd, CrmSeen, GraphEnd, GraphSeen, Organizer, Side};

    use super::*;

    const EARLIER: Instant = Instant::from_epoch_milliseconds(1);
    const NOW: Instant = Instant::from_epoch_milliseconds(2);

    fn titled(title: &str) -> Record {
        [FieldValue::Title(title.to_owned())].into_iter().collect()
    }

    fn crm_shows(title: &str) -> CrmSeen {
        let version = CrmVersion::new("1");
        CrmSeen { version, meeting_uid: None, record: titled(title), writable: FieldSet::all() }
    }

    fn m365_shows(title: &str) -> GraphSeen {
        GraphSeen {
            version: GraphVersion::new("1"),
            modified_at: None,
            record: titled(title),
            writable: FieldSet::all(),
            occurrence_ids: std::collections::BTreeMap::new(),
            organizer: Organizer::default(),
            meeting_blob: None,
            list: None,
        }
    }

    fn link() -> Link {
        let crm = CrmEnd::agreed(CrmId::new("1"), crm_shows("Lunch"));
        let m365 = GraphEnd::agreed(GraphId::new("a"), None, m365_shows("Lunch"));
        Link { agreed_at: Some(EARLIER), ..Link::created(LinkId::new("link"), 0, crm, m365) }
    }

    #[test]
    fn the_moment_is_kept_with_what_both_sides_agree_on() {
        assert!(link().is_agreed());
        assert_eq!(link().agreed_by(NOW).agreed_at, Some(NOW));
    }

    #[test]
    fn what_one_side_alone_has_leaves_the_moment_as_it_was() {
        let edited = Link { crm: link().crm.observed(crm_shows("Dinner")), ..link() };
        let edited_there = Link { m365: link().m365.observed(m365_shows("Dinner")), ..link() };
        let mut open = link();
        open.m365.state = EndState::with_base(titled("Lunch"), Record::NONE, FieldSet::all());
        for (name, link) in [
            ("edited in the CRM", edited),
            ("edited in Microsoft 365", edited_there),
            ("not agreed on yet", open),
            ("gone from the CRM", link().gone(Side::Crm)),
            ("gone from Microsoft 365 without effect", link().gone(Side::M365).kept()),
        ] {
            assert!(!link.is_agreed(), "{name}");
            assert_eq!(link.agreed_by(NOW).agreed_at, Some(EARLIER), "{name}");
        }
    }

    #[test]
    fn what_the_other_side_shows_otherwise_but_agreed_on_is_agreement() {
        let mut link = link();
        // It has kept less of the title than it was sent.
        link.m365.state = EndState::agreed(titled("Lun"), FieldSet::all());
        assert!(link.is_agreed());
        link.m365.state = link.m365.state.observed(Record::NONE, FieldSet::EMPTY.with(FieldGroup::Title));
        assert!(link.is_agreed(), "what is not shown is not known to be another");
    }

    #[test]
    fn a_link_of_a_version_without_it_is_read_without_it_and_written_back_as_it_was() {
        let old = Link { agreed_at: None, ..link() };
        let stored = serde_json::to_string(&old).unwrap();
        assert!(!stored.contains("agreed"), "{stored}");
        let read: Link = serde_json::from_str(&stored).unwrap();
        assert_eq!(read, old);
        let now: Link = serde_json::from_str(&serde_json::to_string(&read.agreed_by(NOW)).unwrap()).unwrap();
        assert_eq!(now.agreed_at, Some(NOW));
    }
}

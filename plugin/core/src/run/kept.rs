//! What decisions are taken back with, and what people have asked for of it.
//!
//! With each conflict that is recorded, the values that were put aside are kept as
//! they are, because texts that people read are no source for a write. The latest
//! ones are kept, and not for ever; an index says which there are, so that an idle
//! step costs nothing. A wish is kept like an observation, until it is decided
//! about: see [`super::asked`].

use serde::{Deserialize, Serialize};

use chrono::TimeDelta;

use crate::model::{CrmId, GraphId, Instant, LinkId};
use crate::ports::Ports;
use crate::sync::{ConflictRecord, Undo};

use super::report::Halt;
use super::resource::Resource;
use super::step::Step;
use super::store::{self, Batch};

/// Decisions of one account's calendar, or of its tasks, that can be taken back:
/// more than anybody looks through.
pub(super) const KEPT_MAX: u32 = 200;

/// How long a decision can be taken back, in days: the CRM keeps its tombstones
/// as long (`tandem:host/calendar`).
const KEPT_DAYS_MAX: i64 = 90;

/// The most bytes that are kept for one decision: eight descriptions of the
/// largest size. With all items of a round, it is one commit.
const KEPT_BYTES_MAX: usize = 512 * 1024;

/// How often the same is decided again after it was taken back, and keeps a
/// record of its own.
const REPEATS_MAX: usize = 9;

/// What one decision is taken back with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// The key of its record.
    pub key: String,
    /// The link that the item had then, or got.
    pub link: LinkId,
    /// The CRM's record.
    pub crm: Option<CrmId>,
    /// Microsoft's item.
    pub m365: Option<GraphId>,
    /// The item's title.
    pub title: String,
    /// How it is taken back.
    pub undo: Undo,
    /// When it was.
    pub reversed_at: Option<Instant>,
}

/// Which decisions there are to take back, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Index {
    entries: Vec<(Instant, String)>,
}

/// A record with what it is taken back with, where it can be.
pub(super) struct Recorded {
    pub record: ConflictRecord,
    pub kept: Option<Kept>,
}

impl<P: Ports, R: Resource> Step<'_, P, R> {
    /// What a decision is taken back with; none where it is not kept (any more).
    pub(super) fn kept(&mut self, key: &str) -> Result<Option<Kept>, Halt> {
        let now = self.ports.now();
        let index: Index = store::value(self.ports, self.store.keys.kept_index())?.unwrap_or_default();
        if !index.entries.iter().any(|(at, entry)| entry == key && !is_over(*at, now)) {
            return Ok(None);
        }
        Ok(store::value(self.ports, self.store.keys.kept(key))?)
    }

    /// Makes records of what is about to be decided: keeps what they are taken back
    /// with, and hands out the records to tell people. Those that were kept longest
    /// make room.
    pub(super) fn keep(&mut self, recorded: Vec<Recorded>) -> Result<Vec<ConflictRecord>, Halt> {
        let now = self.ports.now();
        let index_key = self.store.keys.kept_index();
        let mut index: Index = store::value(self.ports, index_key.clone())?.unwrap_or_default();
        let mut batch = Batch::default();
        let mut records = Vec::new();
        for Recorded { mut record, kept } in recorded {
            if let Some(mut kept) = kept.filter(is_small) {
                record.key = self.unused_key(&record.key)?;
                record.reversible_until = Some(now.plus(TimeDelta::days(KEPT_DAYS_MAX)));
                kept.key.clone_from(&record.key);
                batch.put(self.store.keys.kept(&record.key), &kept);
                index.entries.retain(|(_, key)| *key != record.key);
                index.entries.push((now, record.key.clone()));
            }
            records.push(record);
        }
        let too_many = index.entries.len().saturating_sub(KEPT_MAX as usize);
        let mut number = 0;
        index.entries.retain(|(at, key)| {
            number += 1;
            let stays = number > too_many && !is_over(*at, now);
            if !stays {
                batch.remove(self.store.keys.kept(key));
            }
            stays
        });
        if !batch.is_empty() {
            batch.put(index_key, &index);
        }
        self.commit(batch)?;
        Ok(records)
    }

    /// The key of a decision that may have been made before. Where it was taken back
    /// since, it is another one.
    fn unused_key(&mut self, key: &str) -> Result<String, Halt> {
        let numbered = (2..=REPEATS_MAX).map(|number| format!("{key}-{number}"));
        let keys: Vec<String> = std::iter::once(key.to_owned()).chain(numbered).collect();
        let stored: Vec<String> = keys.iter().map(|key| self.store.keys.kept(key)).collect();
        let found: Vec<Option<Kept>> = store::get(self.ports, &stored)?;
        let is_free = |kept: &Option<Kept>| kept.as_ref().is_none_or(|kept| kept.reversed_at.is_none());
        let free = keys.iter().zip(found).find(|(_, kept)| is_free(kept)).map(|(key, _)| key.clone());
        Ok(free.unwrap_or_else(|| key.to_owned()))
    }
}

fn is_over(decided_at: Instant, now: Instant) -> bool {
    now.since(decided_at) > TimeDelta::days(KEPT_DAYS_MAX)
}

/// Whether it is small enough to be kept. Plain data: encoding it cannot fail.
fn is_small(kept: &Kept) -> bool {
    serde_json::to_vec(kept).is_ok_and(|bytes| bytes.len() <= KEPT_BYTES_MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use super::*;
    use crate::account::testing::{FENCE, NOW};
    use crate::model::{FieldGroup, FieldValue, Html, Record};
    use crate::run::resource::Calendar;
    use crate::run::step::begin;
    use crate::run::testing::{Host, PLENTY, page};
    use crate::run::{Job, NotReversed, reverse};
    use crate::settings::Feature;
    use crate::sync::{Decided, DecidedBy, Met, Side};

    const JOB: Job = Job { resource: Feature::Calendar, fence: FENCE };

    /// A decision about the item of this number, taken back with these values.
    fn recorded(number: usize, restored: Record) -> Recorded {
        let link = LinkId::new(format!("link-{number}"));
        let record = ConflictRecord::new(Decided {
            link: &link,
            ids: (None, None),
            title: "visit",
            met: Met::BothEdited,
            at: NOW,
            by: DecidedBy::Rule,
            winner: Side::Crm,
            conflicts: &[],
            outcome: Record::NONE,
            reverses: None,
        });
        let undo = Undo::Groups { by: Side::M365, base: Record::NONE, outcome: restored.clone(), restored };
        let kept = Kept {
            key: String::new(),
            link,
            crm: None,
            m365: None,
            title: "visit".to_owned(),
            undo,
            reversed_at: None,
        };
        Recorded { record, kept: Some(kept) }
    }

    fn title(text: &str) -> Record {
        [FieldValue::Title(text.to_owned())].into_iter().collect()
    }

    fn keep(host: &mut Host, recorded: Vec<Recorded>) -> Vec<ConflictRecord> {
        begin::<_, Calendar>(host, JOB, PLENTY).unwrap().keep(recorded).unwrap()
    }

    fn kept(host: &mut Host, key: &str) -> Option<Kept> {
        begin::<_, Calendar>(host, JOB, PLENTY).unwrap().kept(key).unwrap()
    }

    fn stored(host: &Host) -> usize {
        host.account.entries.keys().filter(|key| key.contains("/kept/")).count()
    }

    #[test]
    fn the_latest_decisions_are_kept_and_the_oldest_make_room() {
        let mut host = Host::new(|_| page(&[]));
        let mut keys = Vec::new();
        for number in 0..KEPT_MAX as usize + 5 {
            keys.extend(keep(&mut host, vec![recorded(number, title("b"))]).into_iter().map(|record| record.key));
        }
        assert_eq!(stored(&host), KEPT_MAX as usize);
        assert_eq!((kept(&mut host, &keys[4]), kept(&mut host, &keys[5]).is_some()), (None, true));
        assert!(matches!(reverse(&mut host, JOB, &keys[0]), Err(NotReversed::Refused(_))));
        assert_eq!(reverse(&mut host, JOB, keys.last().unwrap()), Ok(()));
    }

    #[test]
    fn what_is_too_large_is_recorded_and_not_kept() {
        let mut host = Host::new(|_| page(&[]));
        let body = |bytes: usize| {
            let html = Html::from_canonical("x".repeat(bytes));
            [FieldValue::Body(html)].into_iter().collect::<Record>()
        };
        let small = keep(&mut host, vec![recorded(1, body(KEPT_BYTES_MAX / 3))]);
        let large = keep(&mut host, vec![recorded(2, body(KEPT_BYTES_MAX / 2))]);
        assert_eq!((small[0].reversible_until.is_some(), large[0].reversible_until), (true, None));
        assert_eq!((large.len(), stored(&host)), (1, 1));
    }

    #[test]
    fn the_same_decision_keeps_its_key_until_it_was_taken_back() {
        let mut host = Host::new(|_| page(&[]));
        let first = keep(&mut host, vec![recorded(1, title("b"))]).remove(0).key;
        assert_eq!(keep(&mut host, vec![recorded(1, title("b"))]).remove(0).key, first, "after a crash");
        assert_eq!(stored(&host), 1);
        let taken_back = Kept { reversed_at: Some(NOW), ..kept(&mut host, &first).unwrap() };
        let step = begin::<_, Calendar>(&mut host, JOB, PLENTY).unwrap();
        let mut batch = Batch::default();
        batch.put(step.store.keys.kept(&first), &taken_back);
        step.store.commit(step.ports, batch).unwrap();
        assert_eq!(keep(&mut host, vec![recorded(1, title("b"))]).remove(0).key, format!("{first}-2"));
        assert_eq!(reverse(&mut host, JOB, &first), Err(NotReversed::Already));
    }

    #[test]
    fn a_value_is_put_back_as_it_was_and_not_as_people_read_it() {
        let long: String = "ä".repeat(5_000);
        let mut host = Host::new(|_| page(&[]));
        let key = keep(&mut host, vec![recorded(1, title(&long))]).remove(0).key;
        let Undo::Groups { restored, .. } = kept(&mut host, &key).unwrap().undo else { panic!("groups") };
        assert_eq!(restored.get(FieldGroup::Title), Some(&FieldValue::Title(long)));
    }
}

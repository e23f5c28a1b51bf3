//! From observations to items: which of them belong together.
//!
//! Before anything is decided, whatever was only noted is read: removed items,
//! and series of which something has changed.

use crate::model::Record;
use crate::ports::Ports;
use crate::sync::match_key;

use super::pair::{Item, Unlinked, pair};
use super::report::Halt;
use super::staged::{READS_MAX, Staged, gone};
use super::state::{SeenCrm, SeenGraph, StagedId};
use super::step::Step;
use super::store::decode;

impl<P: Ports> Step<'_, P> {
    /// All items about which something was observed, after everything that was
    /// only noted was read.
    pub(super) fn events(&mut self) -> Result<Vec<Item>, Halt> {
        let mut staged = self.staged_events()?;
        for _ in 0..READS_MAX {
            if staged.to_read.is_empty() {
                break;
            }
            self.read_items(&staged.to_read)?;
            staged = self.staged_events()?;
        }
        let sorted = self.sorted(staged)?;
        if self.status.is_listing() || sorted.brings_back {
            // The counterpart of what is not linked may be in a page to come.
            return Ok(sorted.linked);
        }
        Ok(sorted.linked.into_iter().chain(pair(sorted.crm, sorted.m365)).collect())
    }

    /// Reads all observations, keeping only what items are recognised by.
    fn staged_events(&mut self) -> Result<Staged, Halt> {
        let mut staged = Staged::default();
        self.each_staged(|id, entry| {
            match id {
                StagedId::Crm(id) => staged.crm.push(match decode(entry)? {
                    SeenCrm::Present(item) => unlinked(id, Some(item.uid), item.meeting_uid, &item.record),
                    SeenCrm::Gone { .. } => gone(id),
                }),
                StagedId::Graph(id) => match decode(entry)? {
                    SeenGraph::Present(item) => {
                        staged.m365.push(unlinked(id, item.i_cal_uid.clone(), item.i_cal_uid, &item.record));
                    }
                    SeenGraph::Gone => staged.m365.push(gone(id)),
                    SeenGraph::Removed | SeenGraph::Stale | SeenGraph::Missing => staged.to_read.push(id),
                },
                StagedId::Asked(key) => staged.asked.push(key),
            }
            Ok(())
        })?;
        Ok(staged)
    }
}

fn unlinked<I>(id: I, uid: Option<String>, meeting: Option<String>, record: &Record) -> Unlinked<I> {
    Unlinked { id, uid, meeting, key: match_key(record), is_gone: false }
}

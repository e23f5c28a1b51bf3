//! Every conflict in the record was one: both sides were given what it is about, or
//! it was deleted on one and edited on the other.
//!
//! What people did is remembered until a run of the user is complete: then both
//! sides agree, and a conflict needs two new edits. Records are looked at after
//! each run, those of runs that were torn down as well.

use std::collections::BTreeSet;

use super::course::Course;
use crate::app::Resource;
use crate::crm::CrmError;
use crate::crm::notices::{Conflict, ConflictSituation};
use crate::sim::operation::{EventAct, Guests, Side, TaskAct, Who};
use crate::sim::scene::Scene;
use crate::sim::words::item_of;

/// What a record calls what says when an event takes place. Either is written along
/// with the others.
const TIMING: [&str; 3] = ["time", "recurrence", "exceptions"];

/// What people did, as far as it can be in conflict.
#[derive(Clone, Debug, Default)]
pub struct Causes {
    /// Which side was given which groups since the last complete run.
    given: BTreeSet<(u32, Side, &'static str)>,
    /// Where items were deleted since then.
    deleted: BTreeSet<(u32, Side)>,
    /// What anybody has ever given items after they were entered, on either side.
    ever: BTreeSet<(u32, &'static str)>,
    /// Meetings of which a guest's copy may ever have gone: somebody deleted them or
    /// the copy, invited others, or replied, which takes one away that is declined.
    copy_gone: BTreeSet<u32>,
    /// Items of which somebody has had a decision taken back.
    taken_back: BTreeSet<u32>,
    /// The records that were looked at.
    seen: BTreeSet<(Who, String)>,
    /// What was wrong.
    pub violations: Vec<String>,
}

impl Causes {
    /// A person has done something with an event.
    pub fn note_event(&mut self, side: Side, item: u32, act: &EventAct, is_owner: bool) {
        // A day that is changed on its own shows what it does not share with its series.
        let groups: &[&str] = match act {
            // Guests whom a run does not invite stay an edit that is open.
            EventAct::Create(_, _, guests) if *guests != Guests::NOBODY => &["attendees"],
            EventAct::Create(..) => return,
            EventAct::Delete => {
                self.copy_gone.insert(item);
                // A guest deletes no more than a copy.
                if is_owner {
                    self.deleted.insert((item, side));
                }
                &[]
            }
            EventAct::Rename(_) => &["title", "exceptions"],
            EventAct::Describe(_) => &["body", "exceptions"],
            EventAct::Remind(_) => &["reminder", "exceptions"],
            EventAct::Retime(_)
            | EventAct::Recur(_)
            | EventAct::Single
            | EventAct::Truncate(_)
            | EventAct::Occurrence(..) => &TIMING,
            EventAct::Invite(_) | EventAct::Reply(_) => {
                self.copy_gone.insert(item);
                &["attendees", "response", "exceptions"]
            }
        };
        self.give(side, item, groups);
    }

    /// A person has done something with a task.
    pub fn note_task(&mut self, side: Side, item: u32, act: &TaskAct) {
        let groups: &[&str] = match act {
            TaskAct::Create(_) => return,
            TaskAct::Delete => {
                self.deleted.insert((item, side));
                &[]
            }
            TaskAct::Rename(_) => &["title"],
            TaskAct::Describe(_) => &["body"],
            TaskAct::Due(_) => &["due"],
            TaskAct::Weigh(_) => &["importance"],
            TaskAct::Progress(_) => &["status"],
        };
        self.give(side, item, groups);
    }

    fn give(&mut self, side: Side, item: u32, groups: &[&'static str]) {
        self.ever.extend(groups.iter().map(|group| (item, *group)));
        self.given.extend(groups.iter().map(|group| (item, side, *group)));
    }

    /// A person has a decision about an item taken back.
    pub fn taken_back(&mut self, item: u32) {
        self.taken_back.insert(item);
    }

    /// Whether somebody has edited or deleted an item since a run of it was complete.
    pub fn is_open(&self, item: u32) -> bool {
        self.given.iter().any(|(of, ..)| *of == item) || self.deleted.iter().any(|(of, _)| *of == item)
    }

    /// A run of these items was complete.
    pub fn settled(&mut self, is_settled: impl Fn(u32) -> bool) {
        self.given.retain(|(item, ..)| !is_settled(*item));
        self.deleted.retain(|(item, _)| !is_settled(*item));
    }

    /// Looks at the records that are new.
    ///
    /// # Errors
    /// The CRM did not do its work.
    pub fn read(&mut self, scene: &Scene, course: &Course, who: Who, resource: Resource) -> Result<(), CrmError> {
        let crm = scene.app.crm();
        for record in crm.conflicts_of_user(crm.user_by_login(who.login())?.id)? {
            if record.resource.as_str() != resource.as_str() || !self.seen.insert((who, record.key.clone())) {
                continue;
            }
            let Some(item) = item_of(&record.title) else { continue };
            if !self.explain(item, course.is_of(who, resource, item), &record) {
                let words = serde_json::to_string(&record).unwrap_or_default();
                self.violations.push(format!("{who:?}: a conflict about E{item} that nobody had: {words}"));
            }
        }
        Ok(())
    }

    /// Whether what people did explains a record. A guest's copy is edited by whom
    /// the meeting belongs to, in the calendar and by the CRM itself: a record about
    /// one has to be about what somebody did at some time.
    fn explain(&self, item: u32, is_owner: bool, record: &Conflict) -> bool {
        let mut groups = record.fields.iter().map(|field| field.name.as_str());
        let is_same = |of: &str, group: &str| of == group || (TIMING.contains(&of) && TIMING.contains(&group));
        let is_given = |side: Side, group: &str| {
            self.given.iter().any(|(of, on, given)| (*of, *on) == (item, side) && is_same(given, group))
        };
        let was_ever_given = |group: &str| self.ever.iter().any(|(of, given)| *of == item && is_same(given, group));
        match record.situation {
            ConflictSituation::TakenBack => self.taken_back.contains(&item),
            // When a copy was compared last is not followed, nor what a side gives one
            // that it makes anew.
            ConflictSituation::BothEdited if !is_owner => groups.all(was_ever_given),
            ConflictSituation::FoundOnBoth if !is_owner => self.ever.iter().any(|(of, _)| *of == item),
            ConflictSituation::DeletedInCrm | ConflictSituation::DeletedInMicrosoft if !is_owner => {
                self.copy_gone.contains(&item)
            }
            ConflictSituation::BothEdited => groups.all(|group| Side::ALL.iter().all(|side| is_given(*side, group))),
            ConflictSituation::FoundOnBoth => groups.all(|group| Side::ALL.iter().any(|side| is_given(*side, group))),
            ConflictSituation::DeletedInCrm => {
                self.deleted.contains(&(item, Side::Crm)) && groups.all(|group| is_given(Side::Microsoft, group))
            }
            ConflictSituation::DeletedInMicrosoft => {
                self.deleted.contains(&(item, Side::Microsoft)) && groups.all(|group| is_given(Side::Crm, group))
            }
        }
    }
}

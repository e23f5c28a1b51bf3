//! What a person entered is there at the end, or somebody wrote over it who saw it,
//! or a record of a conflict has it.
//!
//! Between two complete runs of a user, an item has what either side was given
//! last. Once a run is complete: where one side alone was given a value, both have
//! to show it; where both were, both show the one of the side that wins by the rule
//! of that run, and the record has the two of them, unless a run that was cut short
//! may have brought one to the other side before it was written over there. Then
//! the later one is shown, or the record has both: nobody has seen it who wrote
//! the earlier one. Texts are given once in a history, so that their fate can be
//! told; of other values, giving what is there already is no edit, and where that
//! is not known, either may be shown: so it is from the beginning of a run until one
//! is complete, for what it has written by then nobody knows.
//!
//! Which values those are says [`field`]; what is known of one, [`fate`]. Days of a
//! series are followed by [`days`], deletions that meet an edit by [`clash`]. Which
//! records count, [`records`] says.

mod clash;
mod days;
mod fate;
mod field;
mod records;

use std::collections::BTreeMap;

use serde_json::Value;

use self::clash::{Clashes, Deed};
use self::days::Days;
use self::fate::{Fate, Met};
use self::field::Field;
use self::records::Records;
use super::course::Course;
use super::shown::Shown;
use crate::app::Resource;
use crate::sim::operation::{EventAct, Side, TaskAct, Who};
use crate::sim::scene::{Played, Scene, done};
use crate::sim::words::{entries, text};

/// Whose, what, which.
type Key = (Who, u32, Field);

/// A conflict that has to be in the record.
#[derive(Clone, Debug)]
struct Owed {
    who: Who,
    item: u32,
    field: Field,
    met: Met,
}

/// The values of all items.
#[derive(Clone, Debug, Default)]
pub struct Edits {
    fates: BTreeMap<(Resource, Key), Fate>,
    owed: Vec<Owed>,
    days: Days,
    clashes: Clashes,
    records: Records,
    /// What was wrong.
    pub violations: Vec<String>,
}

impl Edits {
    /// A person has done something with an event. `recurs` says whether it ever was
    /// a series: when a series takes place is no single value.
    pub fn note_event(&mut self, (side, who, item): (Side, Who, u32), act: &EventAct, recurs: bool) {
        self.days.note((side, who, item), act);
        match act {
            EventAct::Create(when, ..) => {
                self.clashes.note(Resource::Calendar, (side, who, item), Deed::Create);
                for (field, value) in Field::of_new_event(item, side, when, recurs) {
                    // What is not known now is once both sides have shown it.
                    let fate = value.map_or_else(Fate::default, Fate::beginning_with);
                    self.fates.insert((Resource::Calendar, (who, item, field)), fate);
                }
            }
            EventAct::Delete => self.delete(Resource::Calendar, (side, who, item)),
            // A guest's copy may be made once more by it, with what is usual there.
            EventAct::Invite(_) | EventAct::Reply(_) => {
                self.fates.retain(|(_, (of, number, _)), _| *number != item || *of == Who::Anna);
            }
            EventAct::Recur(_) | EventAct::Single | EventAct::Truncate(_) => {
                self.fates.remove(&(Resource::Calendar, (who, item, Field::Time)));
            }
            EventAct::Retime(_) | EventAct::Rename(_) | EventAct::Describe(_) | EventAct::Remind(_) => {
                match Field::of_event_act(item, side, act) {
                    Some((field, value)) if field != Field::Time || !recurs => {
                        self.note(Resource::Calendar, (who, item, field), side, value);
                    }
                    Some(_) | None => drop(self.fates.remove(&(Resource::Calendar, (who, item, Field::Time)))),
                }
            }
            EventAct::Occurrence(..) => {}
        }
    }

    /// A person has done something with a task.
    pub fn note_task(&mut self, (side, who, item): (Side, Who, u32), act: &TaskAct) {
        match act {
            TaskAct::Create(due) => {
                self.clashes.note(Resource::Tasks, (side, who, item), Deed::Create);
                for (field, value) in Field::of_new_task(item, *due) {
                    self.fates.insert((Resource::Tasks, (who, item, field)), Fate::beginning_with(value));
                }
            }
            TaskAct::Delete => self.delete(Resource::Tasks, (side, who, item)),
            TaskAct::Rename(_) | TaskAct::Describe(_) | TaskAct::Due(_) | TaskAct::Weigh(_) | TaskAct::Progress(_) => {
                if let Some((field, value)) = Field::of_task_act(item, act) {
                    self.note(Resource::Tasks, (who, item, field), side, value);
                }
            }
        }
    }

    fn note(&mut self, resource: Resource, key: Key, side: Side, value: String) {
        let (who, item, field) = key;
        if field.is_unique() {
            self.clashes.note(resource, (side, who, item), Deed::Edit);
        }
        self.fates.entry((resource, key)).or_default().note(field, side, value);
    }

    /// Somebody has deleted an item on one side. What the other has comes back by it,
    /// or nothing does; of its copies nothing is known any more. A guest deletes no
    /// more than a copy.
    fn delete(&mut self, resource: Resource, (side, who, item): (Side, Who, u32)) {
        self.clashes.note(resource, (side, who, item), Deed::Delete);
        let is_owner = self.clashes.is_owner(who, item);
        self.fates.retain(|(_, (whose, of, _)), fate| match (*of == item, *whose == who) {
            (true, true) => is_owner && fate.delete(side),
            (true, false) => !is_owner,
            (false, _) => true,
        });
    }

    /// A run of a user has begun, and may have been cut short.
    pub fn ran(&mut self, who: Who, resource: Resource) {
        for ((of, (whose, ..)), fate) in &mut self.fates {
            if *of == resource && *whose == who {
                fate.ran();
            }
        }
        self.clashes.ran(who, resource);
    }

    /// A person has a decision between two versions taken back: either may be what
    /// is shown in the end, for it is refused where somebody has edited since. An
    /// item that comes back by that has values of another time.
    pub fn taken_back(&mut self, who: Who, item: u32, conflict: &Value) {
        self.clashes.taken_back(who, item);
        self.days.taken_back(item);
        if text(conflict, "situation").starts_with("deleted-in") {
            self.fates.retain(|(_, (_, of, _)), _| *of != item);
        }
        for ((_, (whose, of, field)), fate) in &mut self.fates {
            let mut groups = entries(&conflict["fields"]).iter();
            let of_field = groups.find(|found| (*whose, *of) == (who, item) && text(found, "name") == field.group());
            if let Some(found) = of_field.filter(|_| !fate.allowed.is_empty()) {
                fate.allowed.extend(["crm", "microsoft"].map(|side| field.recorded(found, side)));
            }
        }
    }

    /// A run of a user was complete, under a rule by which `winner` wins. It settles
    /// what was open before it began. What is left open by it, as its report has
    /// said, stays open.
    pub fn settled(&mut self, who: Who, resource: Resource, winner: Side, course: &Course) {
        for ((of, (whose, item, field)), fate) in &mut self.fates {
            if *of != resource || *whose != who {
                continue;
            }
            if course.is_left(who, *item) || course.is_put_off(who, *item) {
                fate.ran();
            } else if let Some(met) = fate.settle(*field, resource, winner) {
                self.owed.push(Owed { who, item: *item, field: *field, met });
            }
        }
        let is_open = |item| course.is_left(who, item) || course.is_put_off(who, item);
        self.clashes.settled(who, resource, winner, is_open);
        if resource == Resource::Calendar {
            self.days.settled(who, is_open);
        }
    }

    /// Compares with what both sides show.
    ///
    /// # Errors
    /// The harness did not do as it should.
    pub async fn check(&mut self, scene: &Scene, course: &Course, who: Who, shown: &(Shown, Shown)) -> Played<()> {
        for ((_, (whose, item, field)), fate) in &mut self.fates {
            if *whose != who || course.is_left(who, *item) {
                continue;
            }
            let both = [(Side::Crm, &shown.0), (Side::Microsoft, &shown.1)];
            let found = both.map(|(side, shown)| (side, field.shown(shown, *item)));
            for (side, found) in found.iter().filter_map(|(side, found)| Some((side, found.as_ref()?))) {
                let allowed = &fate.allowed;
                if !allowed.is_empty() && !allowed.contains(found) {
                    self.violations.push(format!(
                        "{who:?}: E{item} shows `{found}` in {side:?} for {field:?}, but people wrote {allowed:?}"
                    ));
                }
                if fate.doubt.as_ref().is_some_and(|doubt| doubt.earlier == *found) {
                    let doubt = fate.doubt.take();
                    self.owed.extend(doubt.map(|doubt| Owed { who, item: *item, field: *field, met: doubt.met }));
                }
            }
            if let [(_, Some(ours)), (_, Some(theirs))] = found
                && ours == theirs
            {
                fate.learn(ours);
            }
        }
        self.violations.extend(self.days.check(course, who, shown));
        let path = format!("/api/conflicts?user={}", who.login());
        let records = done(&scene.crm.get(&path).await, "the conflicts of a user")?;
        let is_open = |item| course.is_left(who, item) || course.is_put_off(who, item);
        let fresh = self.records.fresh(who, entries(&records), is_open);
        self.check_records(course, who, shown, &fresh);
        Ok(())
    }

    /// Compares with the records of conflicts since the last quiet period.
    fn check_records(&mut self, course: &Course, who: Who, shown: &(Shown, Shown), records: &[Value]) {
        let (owed, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.owed).into_iter().partition(|of| of.who == who);
        self.owed = others;
        for Owed { item, field, met, .. } in owed {
            if !records.iter().any(|record| is_of(field, &met, record)) && !course.is_left(who, item) {
                let Met { ours, theirs, winner } = met;
                self.violations.push(format!(
                    "{who:?}: `{ours}` and `{theirs}` of E{item} met for {field:?}, and no conflict is recorded that \
                     {winner:?} has won"
                ));
            }
        }
        self.violations.extend(self.clashes.check(course, who, shown, records));
    }
}

/// Whether a record is about these two values, and says what became of them.
fn is_of(field: Field, met: &Met, record: &Value) -> bool {
    let Met { ours, theirs, winner } = met;
    let is_kept = |found: &Value| match winner {
        Some(Side::Crm) => field.recorded(found, "outcome") == *ours,
        Some(Side::Microsoft) => field.recorded(found, "outcome") == *theirs,
        None => true,
    };
    let has_both =
        |found: &Value| field.recorded(found, "crm") == *ours && field.recorded(found, "microsoft") == *theirs;
    let mut fields = entries(&record["fields"]).iter().filter(|found| text(found, "name") == field.group());
    fields.any(|found| has_both(found) && is_kept(found))
}

//! What a person wrote is there at the end, or somebody wrote over it who saw it,
//! or a record of a conflict has it.
//!
//! Every text of a history is unique, so that its fate can be told. Between two
//! complete runs of a user, an item has what either side was given last. Once
//! a run is complete: where one side alone was given a text, both have to show
//! it; where both were, both show one of them, and the record has the two of
//! them, unless a run that was cut short may have brought one to the other side
//! before it was written over there. Then the later one is shown, or the record
//! has both: nobody has seen it who wrote the earlier one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::course::Course;
use super::shown::Shown;
use crate::app::Resource;
use crate::sim::operation::{Side, Who};
use crate::sim::scene::{Played, Scene, done};
use crate::sim::words::{entries, text};

/// Which text of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Text {
    /// Its title.
    Title,
    /// Its description, without markup.
    Description,
}

/// What is known of one text of one item.
#[derive(Clone, Debug, Default)]
struct Fate {
    /// What may be shown; anything, where that is not known.
    allowed: BTreeSet<String>,
    /// What either side was given since the last complete run.
    crm: Option<String>,
    microsoft: Option<String>,
    /// Which side was given its text last.
    latest: Option<Side>,
    /// Whether a run has begun since the first of the two.
    is_unsure: bool,
    /// Two texts of which the later one may have been written over the earlier one.
    doubt: Option<Doubt>,
}

/// What was given to both sides while a run was under way.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Doubt {
    earlier: String,
    ours: String,
    theirs: String,
}

impl Fate {
    /// What a complete run makes of it; the two texts that a record has to have.
    fn settle(&mut self, resource: Resource) -> Option<(String, String)> {
        let record = match (self.crm.take(), self.microsoft.take()) {
            (None, None) => None,
            (Some(only), None) | (None, Some(only)) => {
                self.allowed = BTreeSet::from([only]);
                self.doubt = None;
                None
            }
            (Some(ours), Some(theirs)) => {
                self.allowed = BTreeSet::from([ours.clone(), theirs.clone()]);
                let earlier = if self.latest == Some(Side::Crm) { theirs.clone() } else { ours.clone() };
                let is_known = self.is_unsure && self.latest.is_some_and(|latest| is_conditional(resource, latest));
                self.doubt = is_known.then(|| Doubt { earlier, ours: ours.clone(), theirs: theirs.clone() });
                (!self.is_unsure).then_some((ours, theirs))
            }
        };
        self.is_unsure = false;
        record
    }

    const fn is_open(&self) -> bool {
        self.crm.is_some() || self.microsoft.is_some()
    }
}

/// Whose, what, which.
type Key = (Who, u32, Text);

/// The texts of all items.
#[derive(Clone, Debug, Default)]
pub struct Edits {
    fates: BTreeMap<(Resource, Key), Fate>,
    /// Conflicts that have to be in the record.
    owed: Vec<(Who, u32, String, String)>,
    /// What was wrong.
    pub violations: Vec<String>,
}

impl Edits {
    /// A person has given one side of an item a text.
    pub fn note(&mut self, resource: Resource, key: Key, side: Side, text: String) {
        let fate = self.fates.entry((resource, key)).or_default();
        fate.latest = Some(side);
        match side {
            Side::Crm => fate.crm = Some(text),
            Side::Microsoft => fate.microsoft = Some(text),
        }
    }

    /// Nothing is known of an item any more: it was deleted somewhere.
    pub fn forget(&mut self, item: u32) {
        self.fates.retain(|(_, (_, of, _)), _| *of != item);
        self.owed.retain(|(_, of, ..)| *of != item);
    }

    /// A run of a user has begun, and may have been cut short.
    pub fn ran(&mut self, who: Who, resource: Resource) {
        for ((of, (whose, ..)), fate) in &mut self.fates {
            fate.is_unsure |= *of == resource && *whose == who && fate.is_open();
        }
    }

    /// A run of a user was complete. It settles what was open before it began.
    /// What is left open by it, as its report has said, stays open.
    pub fn settled(&mut self, who: Who, resource: Resource, course: &Course) {
        for ((of, (whose, item, kind)), fate) in &mut self.fates {
            if *of != resource || *whose != who || course.is_left(who, *item) {
                continue;
            }
            if let (Some((ours, theirs)), Text::Title) = (fate.settle(*of), kind) {
                self.owed.push((who, *item, ours, theirs));
            }
        }
    }

    /// Compares with what both sides show.
    ///
    /// # Errors
    /// The harness did not do as it should.
    pub async fn check(&mut self, scene: &Scene, course: &Course, who: Who, shown: &(Shown, Shown)) -> Played<()> {
        for ((_, (whose, item, kind)), fate) in &mut self.fates {
            if *whose != who || course.is_left(who, *item) || fate.allowed.is_empty() {
                continue;
            }
            for (side, shown) in [(Side::Crm, &shown.0), (Side::Microsoft, &shown.1)] {
                let Some(found) = text_of(shown, *item, *kind) else { continue };
                if !fate.allowed.contains(&found) {
                    let allowed = &fate.allowed;
                    let violation =
                        format!("{who:?}: E{item} shows `{found}` in {side:?}, but people wrote {allowed:?}");
                    self.violations.push(violation);
                }
                if *kind == Text::Title && fate.doubt.as_ref().is_some_and(|doubt| doubt.earlier == found) {
                    let doubt = fate.doubt.take();
                    self.owed.extend(doubt.map(|doubt| (who, *item, doubt.ours, doubt.theirs)));
                }
            }
        }
        self.check_records(scene, course, who).await
    }

    async fn check_records(&mut self, scene: &Scene, course: &Course, who: Who) -> Played<()> {
        let (owed, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.owed).into_iter().partition(|(of, ..)| *of == who);
        self.owed = others;
        if owed.is_empty() {
            return Ok(());
        }
        let path = format!("/api/conflicts?user={}", who.login());
        let records = done(&scene.crm.get(&path).await, "the conflicts of a user")?;
        let is_recorded = |ours: &str, theirs: &str| {
            let has_both = |field: &Value| text(field, "crm") == ours && text(field, "microsoft") == theirs;
            entries(&records).iter().any(|record| entries(&record["fields"]).iter().any(has_both))
        };
        for (_, item, ours, theirs) in owed {
            if !is_recorded(&ours, &theirs) && !course.is_left(who, item) {
                let violation = format!("{who:?}: `{ours}` and `{theirs}` of E{item} met, and no conflict is recorded");
                self.violations.push(violation);
            }
        }
        Ok(())
    }
}

/// Whether a write to a side asks for the version that it was decided about: To Do
/// takes no condition, so that what somebody enters in the moment before a write
/// cannot be seen.
fn is_conditional(resource: Resource, side: Side) -> bool {
    match side {
        Side::Crm => true,
        Side::Microsoft => resource != Resource::Tasks,
    }
}

fn text_of(shown: &Shown, item: u32, kind: Text) -> Option<String> {
    let event = shown.events.iter().find(|event| event.item == item && !event.is_cancelled);
    let task = || shown.tasks.iter().find(|task| task.item == item);
    match kind {
        Text::Title => event.map(|event| event.title.clone()).or_else(|| task().map(|task| task.title.clone())),
        Text::Description => event.map(|event| event.text.clone()).or_else(|| task().map(|task| task.text.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fate(crm: Option<&str>, microsoft: Option<&str>, is_unsure: bool) -> Fate {
        let text = |text: Option<&str>| text.map(str::to_owned);
        Fate { crm: text(crm), microsoft: text(microsoft), is_unsure, ..Fate::default() }
    }

    #[test]
    fn two_texts_that_meet_need_a_record_unless_one_may_have_been_seen() {
        assert!(fate(Some("a"), Some("b"), false).settle(Resource::Calendar).is_some());
        assert!(fate(Some("a"), Some("b"), true).settle(Resource::Calendar).is_none());
        assert!(fate(Some("a"), None, false).settle(Resource::Calendar).is_none());
    }

    #[test]
    fn of_two_texts_in_doubt_the_earlier_one_may_not_be_shown_without_a_record() {
        let mut one = Fate { latest: Some(Side::Microsoft), ..fate(Some("a"), Some("b"), true) };
        one.settle(Resource::Calendar);
        assert_eq!(one.doubt.map(|doubt| doubt.earlier), Some("a".to_owned()));
        let mut task = Fate { latest: Some(Side::Microsoft), ..fate(Some("a"), Some("b"), true) };
        task.settle(Resource::Tasks);
        assert_eq!(task.doubt, None);
        let mut other = Fate { latest: Some(Side::Crm), ..fate(Some("a"), Some("b"), true) };
        other.settle(Resource::Calendar);
        assert_eq!(other.doubt.map(|doubt| doubt.earlier), Some("b".to_owned()));
    }

    #[test]
    fn one_text_is_all_that_may_be_shown() {
        let mut one = fate(None, Some("b"), false);
        one.settle(Resource::Calendar);
        assert_eq!(one.allowed, BTreeSet::from(["b".to_owned()]));
    }
}

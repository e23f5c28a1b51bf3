//! What is known of one value of one item: pure.

use std::collections::BTreeSet;

use super::field::Field;
use crate::app::Resource;
use crate::sim::operation::Side;

/// What is known of one value of one item.
#[derive(Clone, Debug, Default)]
pub struct Fate {
    /// What may be shown; anything, where that is not known.
    pub allowed: BTreeSet<String>,
    /// What either side was given since the last complete run.
    crm: Option<String>,
    microsoft: Option<String>,
    /// Which side was given its value last.
    latest: Option<Side>,
    /// Whether a run has begun since the first of the two.
    is_unsure: bool,
    /// Two values of which the later one may have been written over the earlier one.
    pub doubt: Option<Doubt>,
}

/// What was given to both sides while a run was under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What may not be shown, unless a record has both.
    pub earlier: String,
    /// The two.
    pub met: Met,
}

/// Two values that have met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// The CRM's.
    pub ours: String,
    /// Microsoft's.
    pub theirs: String,
    /// Which of them has to have been kept, where that is known.
    pub winner: Option<Side>,
}

impl Fate {
    /// The fate of a value that an item has from the beginning.
    pub fn beginning_with(value: String) -> Self {
        Self { allowed: BTreeSet::from([value]), ..Self::default() }
    }

    /// A person has given one side a value.
    pub fn note(&mut self, field: Field, side: Side, value: String) {
        // What it shows anyway is no edit; only while nothing can be on its way to it.
        let is_shown = !self.is_unsure && !field.hides_something() && self.is_all_there_is(&value);
        let given = self.given_mut(side);
        *given = (!is_shown).then_some(value);
        if !is_shown {
            self.latest = Some(side);
        }
    }

    /// The item was deleted on one side, and what that was given is gone with it.
    /// Whether anything is known of what the other one has.
    pub fn delete(&mut self, side: Side) -> bool {
        let was_given = self.given_mut(side).take().is_some();
        // A run may have brought it to the other side before.
        !(was_given && self.is_unsure) && self.doubt.is_none()
    }

    /// A run has begun, and may have been cut short.
    pub fn ran(&mut self) {
        self.is_unsure |= self.is_open();
    }

    /// What a complete run makes of it, under a rule by which `winner` wins; the two
    /// values that a record has to have.
    pub fn settle(&mut self, field: Field, resource: Resource, winner: Side) -> Option<Met> {
        let was_unsure = std::mem::take(&mut self.is_unsure);
        match (self.crm.take(), self.microsoft.take()) {
            (None, None) => None,
            (Some(only), None) | (None, Some(only)) => {
                self.now(&[only]);
                None
            }
            (Some(ours), Some(theirs)) if ours == theirs => {
                self.now(&[ours]);
                None
            }
            // Of a value that may have been there already, nobody can say whether
            // giving it was an edit.
            (Some(ours), Some(theirs)) if !(self.is_edit(field, &ours) && self.is_edit(field, &theirs)) => {
                self.now(&[ours, theirs]);
                None
            }
            (Some(ours), Some(theirs)) if was_unsure => {
                self.now(&[ours.clone(), theirs.clone()]);
                let earlier = if self.latest == Some(Side::Crm) { theirs.clone() } else { ours.clone() };
                let is_known = self.latest.is_some_and(|latest| is_conditional(resource, latest));
                self.doubt = is_known.then_some(Doubt { earlier, met: Met { ours, theirs, winner: None } });
                None
            }
            (Some(ours), Some(theirs)) => {
                self.now(std::slice::from_ref(if winner == Side::Crm { &ours } else { &theirs }));
                Some(Met { ours, theirs, winner: Some(winner) })
            }
        }
    }

    /// Both sides show this in a quiet period, and will until somebody edits it.
    pub fn learn(&mut self, shown: String) {
        if !self.is_open() {
            self.allowed = BTreeSet::from([shown]);
        }
    }

    /// Whether somebody has given it a value that no complete run has settled.
    pub const fn is_open(&self) -> bool {
        self.crm.is_some() || self.microsoft.is_some()
    }

    fn now(&mut self, allowed: &[String]) {
        self.allowed = allowed.iter().cloned().collect();
        self.doubt = None;
    }

    fn given_mut(&mut self, side: Side) -> &mut Option<String> {
        match side {
            Side::Crm => &mut self.crm,
            Side::Microsoft => &mut self.microsoft,
        }
    }

    fn is_all_there_is(&self, value: &str) -> bool {
        self.allowed.len() == 1 && self.allowed.contains(value)
    }

    /// Whether giving this value was an edit for certain.
    fn is_edit(&self, field: Field, value: &str) -> bool {
        field.is_unique() || (!self.allowed.is_empty() && !self.allowed.contains(value))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn fate(crm: Option<&str>, microsoft: Option<&str>, is_unsure: bool) -> Fate {
        let text = |text: Option<&str>| text.map(str::to_owned);
        Fate { crm: text(crm), microsoft: text(microsoft), is_unsure, ..Fate::default() }
    }

    fn settled(mut fate: Fate, field: Field, winner: Side) -> (Fate, Option<Met>) {
        let met = fate.settle(field, Resource::Calendar, winner);
        (fate, met)
    }

    fn allowed(fate: &Fate) -> Vec<&str> {
        fate.allowed.iter().map(String::as_str).collect()
    }

    #[test]
    fn two_texts_that_meet_need_a_record_unless_one_may_have_been_seen() {
        let met = |fate| settled(fate, Field::Title, Side::Crm).1;
        assert!(met(fate(Some("a"), Some("b"), false)).is_some());
        assert!(met(fate(Some("a"), Some("b"), true)).is_none());
        assert!(met(fate(Some("a"), None, false)).is_none());
        assert!(met(fate(Some("a"), Some("a"), false)).is_none());
    }

    #[test]
    fn of_two_texts_that_meet_the_one_of_the_winner_is_all_that_may_be_shown() {
        for (winner, kept) in [(Side::Crm, "a"), (Side::Microsoft, "b")] {
            let (one, _) = settled(fate(Some("a"), Some("b"), false), Field::Title, winner);
            assert_eq!(allowed(&one), [kept]);
        }
        let (unsure, _) = settled(fate(Some("a"), Some("b"), true), Field::Title, Side::Crm);
        assert_eq!(allowed(&unsure), ["a", "b"]);
    }

    #[test]
    fn of_two_texts_in_doubt_the_earlier_one_may_not_be_shown_without_a_record() {
        let earlier = |latest, resource| {
            let mut one = Fate { latest: Some(latest), ..fate(Some("a"), Some("b"), true) };
            one.settle(Field::Title, resource, Side::Crm);
            one.doubt.map(|doubt| doubt.earlier)
        };
        assert_eq!(earlier(Side::Microsoft, Resource::Calendar), Some("a".to_owned()));
        assert_eq!(earlier(Side::Microsoft, Resource::Tasks), None);
        assert_eq!(earlier(Side::Crm, Resource::Calendar), Some("b".to_owned()));
    }

    #[test]
    fn one_text_is_all_that_may_be_shown() {
        let (one, _) = settled(fate(None, Some("b"), false), Field::Title, Side::Crm);
        assert_eq!(allowed(&one), ["b"]);
    }

    #[test]
    fn a_value_that_is_there_already_is_no_edit() {
        let given = |field, values: [&str; 2], is_unsure| {
            let mut one = Fate { is_unsure, ..Fate::beginning_with("low".to_owned()) };
            one.note(field, Side::Crm, values[0].to_owned());
            one.note(field, Side::Microsoft, values[1].to_owned());
            let (one, met) = settled(one, field, Side::Crm);
            (allowed(&one).join(" "), met.is_some())
        };
        assert_eq!(given(Field::Weight, ["low", "high"], false), ("high".to_owned(), false));
        assert_eq!(given(Field::Weight, ["normal", "high"], false), ("normal".to_owned(), true));
        assert_eq!(given(Field::Weight, ["low", "high"], true), ("high low".to_owned(), false));
        assert_eq!(given(Field::Time, ["low", "high"], false), ("high low".to_owned(), false));
    }

    #[test]
    fn what_is_given_back_while_a_run_is_going_on_may_be_shown() {
        let mut one = Fate::beginning_with("open".to_owned());
        one.note(Field::Progress, Side::Microsoft, "done".to_owned());
        one.ran();
        one.note(Field::Progress, Side::Crm, "open".to_owned());
        let (one, met) = settled(one, Field::Progress, Side::Crm);
        assert_eq!((allowed(&one), met), (vec!["done", "open"], None));
    }

    #[test]
    fn what_is_given_back_before_a_run_was_never_given() {
        let mut one = Fate::beginning_with("low".to_owned());
        one.note(Field::Weight, Side::Crm, "high".to_owned());
        one.note(Field::Weight, Side::Crm, "low".to_owned());
        assert!(!one.is_open());
    }

    #[test]
    fn what_is_not_known_whether_it_was_an_edit_needs_no_record() {
        let (one, met) = settled(fate(Some("low"), Some("high"), false), Field::Weight, Side::Crm);
        assert_eq!((allowed(&one), met), (vec!["high", "low"], None));
    }
}

//! What users have done that may not be known on the other side yet.
//!
//! Kept apart from everything that the planner remembers, so that the two can
//! be held against each other.

use std::collections::BTreeMap;

use crate::model::{Address, AttendeeStatus, CivilDate, FieldGroup, FieldValue, Occurrence, Record};
use crate::sync::{GroupConflict, Side};

use super::kind::Kind;
use super::series::series_of;

/// The smallest thing that a user edits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    /// A group that changes as a whole.
    Group(FieldGroup),
    /// One guest.
    Guest(Address),
    /// One category.
    Category(String),
    /// A group of one occurrence, or whether it takes place at all.
    Day(CivilDate, Option<FieldGroup>),
}

/// How an aspect of a record looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    Value(Option<FieldValue>),
    Guest(Option<AttendeeStatus>),
    Category(bool),
    Cancelled(bool),
}

impl Aspect {
    /// The group that it belongs to.
    pub const fn group(&self) -> FieldGroup {
        match self {
            Self::Group(group) => *group,
            Self::Guest(_) => FieldGroup::Attendees,
            Self::Category(_) => FieldGroup::Categories,
            Self::Day(..) => FieldGroup::Exceptions,
        }
    }

    /// What is decided together with it: time and rule may be.
    pub fn decided_with(&self) -> impl Iterator<Item = Self> {
        let timing = [FieldGroup::Time, FieldGroup::Recurrence].map(Self::Group);
        let together = if timing.contains(self) { timing.to_vec() } else { vec![self.clone()] };
        together.into_iter()
    }

    /// How it looks in `record`.
    pub fn look(&self, record: &Record) -> Look {
        if let Self::Day(day, None) = self
            && !series_of(record).is_some_and(|series| series.falls_on(*day))
        {
            return Look::Cancelled(true);
        }
        self.look_of(record.get(self.group()))
    }

    fn look_of(&self, value: Option<&FieldValue>) -> Look {
        match (self, value) {
            (Self::Group(_), value) => Look::Value(value.cloned()),
            (Self::Guest(address), Some(FieldValue::Attendees(guests))) => {
                Look::Guest(guests.get(address).map(|guest| guest.status))
            }
            (Self::Guest(_), _) => Look::Guest(None),
            (Self::Category(name), Some(FieldValue::Categories(names))) => Look::Category(names.contains(name)),
            (Self::Category(_), _) => Look::Category(false),
            (Self::Day(day, group), value) => {
                let occurrence = match value {
                    Some(FieldValue::Exceptions(days)) => days.get(day),
                    _ => None,
                };
                match (group, occurrence) {
                    (None, occurrence) => Look::Cancelled(occurrence == Some(&Occurrence::Cancelled)),
                    (Some(group), Some(Occurrence::Changed(changed))) => Look::Value(changed.get(*group).cloned()),
                    (Some(_), Some(Occurrence::Cancelled) | None) => Look::Value(None),
                }
            }
        }
    }

    /// Whether the other version is in a record of what was given up on `side`.
    pub fn is_recorded(&self, side: Side, look: &Look, conflicts: &[GroupConflict]) -> bool {
        conflicts.iter().filter(|conflict| conflict.group == self.group()).any(|conflict| {
            let version = match side {
                Side::Crm => &conflict.crm,
                Side::M365 => &conflict.m365,
            };
            look.is_kept_by(&self.look_of(version.as_ref()))
        })
    }

    /// Every aspect of a new event about which something is said.
    pub fn all_of(record: &Record) -> Vec<Self> {
        let mut aspects = Vec::new();
        for value in record.values() {
            match value {
                FieldValue::Attendees(guests) => aspects.extend(guests.keys().cloned().map(Self::Guest)),
                FieldValue::Categories(names) => aspects.extend(names.iter().cloned().map(Self::Category)),
                value if value.is_blank() => {}
                FieldValue::Exceptions(days) => {
                    for (day, occurrence) in days {
                        match occurrence {
                            Occurrence::Cancelled => aspects.push(Self::Day(*day, None)),
                            Occurrence::Changed(changed) => {
                                aspects.extend(changed.groups().iter().map(|group| Self::Day(*day, Some(group))));
                            }
                        }
                    }
                }
                value => aspects.push(Self::Group(value.group())),
            }
        }
        aspects
    }
}

impl Look {
    /// Whether `now` still shows it. An invitation says nothing about the
    /// guest's answer.
    pub fn is_kept_by(&self, now: &Self) -> bool {
        match (self, now) {
            (Self::Guest(Some(AttendeeStatus::None)), Self::Guest(Some(_))) => true,
            (look, now) => look == now,
        }
    }

    /// How it looks on `side`.
    pub fn on(&self, kind: Kind, side: Side) -> Self {
        match self {
            Self::Value(value) => Self::Value(value.as_ref().map(|value| kind.shown(side, value))),
            Self::Guest(_) | Self::Category(_) | Self::Cancelled(_) => self.clone(),
        }
    }
}

/// An edit: how the aspect looked before, and how it was made to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    pub before: Look,
    pub after: Look,
}

/// The edits that are not settled yet, per side and event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    pub open: BTreeMap<(Side, String, Aspect), Open>,
}

impl Edits {
    /// Notes that `aspect` of an event went from one record to another. A user
    /// who puts everything back has edited nothing.
    pub fn note(&mut self, side: Side, id: &str, aspect: Aspect, before: &Record, after: &Record) {
        let (before, after) = (aspect.look(before), aspect.look(after));
        if before == after {
            return;
        }
        let key = (side, id.to_owned(), aspect);
        let before = self.open.get(&key).map_or(before, |open| open.before.clone());
        if before == after {
            self.open.remove(&key);
        } else {
            self.open.insert(key, Open { before, after });
        }
    }

    /// A user deleted the event: edits of it no longer matter.
    pub fn forget(&mut self, side: Side, id: &str) {
        self.open.retain(|(of, event, _), _| (*of, event.as_str()) != (side, id));
    }

    /// Edits that lead to what is agreed on anyway cannot be told from none.
    pub fn forget_agreed(&mut self, side: Side, id: &str, agreed: &Record) {
        self.open.retain(|(of, event, aspect), edit| {
            (*of, event.as_str()) != (side, id) || !edit.after.is_kept_by(&aspect.look(agreed))
        });
    }

    /// A user who cancels or re-times gives up what was edited on these days.
    pub fn forget_days(&mut self, side: Side, id: &str, given_up: impl Fn(&CivilDate, Option<FieldGroup>) -> bool) {
        self.open.retain(|(of, event, aspect), _| match aspect {
            Aspect::Day(day, group) => (*of, event.as_str()) != (side, id) || !given_up(day, *group),
            Aspect::Group(_) | Aspect::Guest(_) | Aspect::Category(_) => true,
        });
    }

    /// Whether any edit of this group is open. The days of two series mean nothing
    /// to each other, so exceptions wait for the rule.
    pub fn has_group(&self, side: Side, id: &str, group: FieldGroup) -> bool {
        let timing = [FieldGroup::Time, FieldGroup::Recurrence];
        let concerns = |other| other == group || (group == FieldGroup::Exceptions && timing.contains(&other));
        self.open.keys().any(|(of, event, aspect)| *of == side && event == id && concerns(aspect.group()))
    }
}

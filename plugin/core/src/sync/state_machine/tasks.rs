//! What users do to tasks, and what the CRM makes of them.
//!
//! The CRM keeps a reminder as a time before the end of the day on which a task
//! is due, as the emulated one does: without a day there is none, it moves along
//! with the day, and it is not behind it. What is written to the CRM is the
//! product's matter; what becomes of that is told here without a look at it.

use chrono::{Days, TimeDelta};

use crate::mapping::task::{
    CrmWrite, as_shown_in_crm, changed_crm_task, match_key_in_crm, new_crm_task, task_match_key, without_refused,
};
use crate::model::{CivilDate, FieldGroup, FieldSet, FieldValue, Html, Importance, Instant, Record, TaskStatus};
use crate::ports::TaskCapabilities;
use crate::sync::{Link, Side};

use super::edits::Aspect;
use super::kind::{CRM_TITLE_CHARACTERS, set, title};

const STATUS: FieldSet = FieldSet::EMPTY.with(FieldGroup::Status);
const DUE: FieldSet = FieldSet::EMPTY.with(FieldGroup::Due);
const REMINDER: FieldSet = FieldSet::EMPTY.with(FieldGroup::Reminder);

/// The ways of the CRM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ways {
    /// Whether a task can be in progress.
    pub knows_in_progress: bool,
    /// Whether people alone change a status.
    pub status_by_workflow: bool,
}

/// What a user does to a task. Numbers choose among a few values.
#[derive(Clone, Debug)]
pub enum TaskEdit {
    /// 0 removes it.
    Due(u8),
    /// 0 removes it.
    RemindAt(u8),
    /// Both at once.
    Plan(u8, u8),
    Importance(u8),
    Status(u8),
}

/// A write that the CRM has taken.
pub struct Taken {
    /// The task after it.
    pub after: Record,
    /// The groups that it did not take.
    pub left_out: FieldSet,
}

/// The groups of a task.
pub fn held() -> FieldSet {
    blank().groups()
}

/// A task of which nothing has been said.
pub fn blank() -> Record {
    [
        FieldValue::Title(String::new()),
        FieldValue::Body(Html::default()),
        FieldValue::RemindAt(None),
        FieldValue::Importance(Importance::Normal),
        FieldValue::Status(TaskStatus::Open),
        FieldValue::Due(None),
    ]
    .into_iter()
    .collect()
}

fn due(number: u8) -> Option<CivilDate> {
    (number > 0).then(|| CivilDate::from_parts(1970, 1, 10 + u32::from(number)).unwrap())
}

/// The last one is behind the first days on which a task can be due.
fn reminder(number: u8) -> Option<Instant> {
    let days = [0, 9, 10, 12][usize::from(number)];
    (number > 0).then(|| Instant::from_epoch_milliseconds((days * 24 + 9) * 3_600_000))
}

fn importance(number: u8) -> FieldValue {
    FieldValue::Importance(
        [Importance::Normal, Importance::Low, Importance::High, Importance::High][usize::from(number)],
    )
}

const fn status(number: u8) -> TaskStatus {
    match number {
        0 => TaskStatus::Open,
        1 => TaskStatus::InProgress,
        _ => TaskStatus::Closed,
    }
}

fn remind_at(record: &Record) -> Option<Instant> {
    match record.get(FieldGroup::Reminder) {
        Some(FieldValue::RemindAt(at)) => *at,
        _ => None,
    }
}

/// The end of the day, which is the instant that a task is due at in the CRM.
fn end_of(day: CivilDate) -> Instant {
    let end = day.naive().checked_add_days(Days::new(1)).unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc();
    Instant::from(end).plus(TimeDelta::minutes(-1))
}

/// The reminder of `before` after its day has become another one.
fn moved(before: &Record, day: Option<CivilDate>) -> Option<Instant> {
    let (old, at) = (before.due()?, remind_at(before)?);
    Some(at.plus(day?.naive() - old.naive()))
}

/// Whether a group has a place in a task that looks like this: the CRM has no
/// reminder without a day.
pub fn has_place(side: Side, group: FieldGroup, record: &Record) -> bool {
    side == Side::M365 || group != FieldGroup::Reminder || record.due().is_some()
}

/// A new task of a user's.
pub fn record(side: Side, title_of: u8, (day, at): (u8, u8), importance_of: u8, status_of: u8) -> Record {
    let (day, at) = (due(day), reminder(at));
    let is_possible = side == Side::M365 || day.zip(at).is_some_and(|(day, at)| at <= end_of(day));
    [
        title(title_of),
        FieldValue::Due(day),
        FieldValue::RemindAt(at.filter(|_| is_possible)),
        importance(importance_of),
        FieldValue::Status(status(status_of)),
    ]
    .into_iter()
    .collect()
}

impl Ways {
    fn capabilities(self) -> TaskCapabilities {
        TaskCapabilities {
            holds: held(),
            writes: held(),
            title_length_max: CRM_TITLE_CHARACTERS.into(),
            body_size_max: 1_000,
            knows_in_progress: self.knows_in_progress,
            status_by_workflow: self.status_by_workflow,
            due_has_time: true,
            reminder_needs_due: true,
        }
    }

    /// A recurring task's day is not written in To Do, nor a status that a
    /// workflow keeps in the CRM.
    pub fn writable(self, side: Side, recurring: bool) -> FieldSet {
        match side {
            Side::Crm if self.status_by_workflow => held().without(STATUS),
            Side::M365 if recurring => held().without(DUE),
            Side::Crm | Side::M365 => held(),
        }
    }

    pub fn shown_in_crm(self, value: &FieldValue) -> FieldValue {
        match value {
            FieldValue::Status(TaskStatus::InProgress) if !self.knows_in_progress => {
                FieldValue::Status(TaskStatus::Open)
            }
            value => value.clone(),
        }
    }

    pub fn match_key(self, side: Side, record: &Record) -> String {
        match side {
            Side::Crm => task_match_key(record),
            Side::M365 => match_key_in_crm(record, &self.capabilities()),
        }
    }

    /// The link with what the CRM shows of Microsoft's task agreed on.
    pub fn agreed_as_shown(self, link: Link) -> Link {
        let (Some(ours), Some(theirs)) = (link.crm.state.seen(), link.m365.state.seen()) else { return link };
        let as_in_crm = as_shown_in_crm(ours, theirs, &self.capabilities());
        link.agreed_where_shown(&as_in_crm)
    }

    pub fn edited(self, side: Side, record: &Record, edit: &TaskEdit) -> Option<(Record, Vec<Aspect>)> {
        match (side, edit) {
            (Side::Crm, TaskEdit::Due(number)) => {
                let (mut after, mut aspects) = set(record, FieldValue::Due(due(*number)));
                after.set(FieldValue::RemindAt(moved(record, due(*number))));
                aspects.push(Aspect::Group(FieldGroup::Reminder));
                Some((after, aspects))
            }
            (Side::M365, TaskEdit::Due(number)) => Some(set(record, FieldValue::Due(due(*number)))),
            (side, TaskEdit::Plan(day, at)) => {
                let (on_day, mut aspects) = self.edited(side, record, &TaskEdit::Due(*day))?;
                let (after, more) = self.edited(side, &on_day, &TaskEdit::RemindAt(*at))?;
                aspects.extend(more);
                aspects.sort();
                aspects.dedup();
                Some((after, aspects))
            }
            (side, TaskEdit::RemindAt(number)) => {
                let at = reminder(*number);
                let is_possible = at.is_none_or(|at| record.due().is_some_and(|day| at <= end_of(day)));
                (side == Side::M365 || is_possible).then(|| set(record, FieldValue::RemindAt(at)))
            }
            (_, TaskEdit::Importance(number)) => Some(set(record, importance(*number))),
            (side, TaskEdit::Status(number)) => {
                let is_offered =
                    side == Side::M365 || self.knows_in_progress || status(*number) != TaskStatus::InProgress;
                is_offered.then(|| set(record, FieldValue::Status(status(*number))))
            }
        }
    }

    /// What the CRM makes of a new task; none where it refuses it.
    pub fn creates(self, record: &Record) -> Option<Taken> {
        let CrmWrite { record, left_out, .. } = new_crm_task(record, &self.capabilities());
        self.tries(&blank(), record, left_out, true)
    }

    /// What the CRM makes of a write to a task that looks like `before`; none where
    /// it refuses it.
    pub fn takes(self, before: &Record, changes: &Record) -> Option<Taken> {
        let CrmWrite { record, left_out, .. } = changed_crm_task(before, changes, &self.capabilities());
        self.tries(before, record, left_out, false)
    }

    fn tries(self, before: &Record, mut record: Record, mut left_out: FieldSet, is_new: bool) -> Option<Taken> {
        loop {
            let refused = match self.stored(before, &record) {
                Ok(after) => return Some(Taken { after, left_out }),
                Err(refused) => refused,
            };
            record = without_refused(&record, refused, is_new)?;
            left_out = left_out.union(refused);
        }
    }

    /// The task after a write, or the groups because of which there is none.
    fn stored(self, before: &Record, written: &Record) -> Result<Record, FieldSet> {
        if self.status_by_workflow
            && written.get(FieldGroup::Status).is_some_and(|_| written.status() != before.status())
        {
            return Err(STATUS);
        }
        let mut after = before.overlaid(written);
        let day = after.due();
        if written.get(FieldGroup::Reminder).is_some() {
            let is_behind = |at: Instant| day.is_none_or(|day| at > end_of(day));
            // What is there already is not looked at again.
            let is_kept = remind_at(written) == moved(before, day) && day.is_some();
            return if remind_at(written).is_some_and(is_behind) && !is_kept { Err(REMINDER) } else { Ok(after) };
        }
        if day.is_none() && remind_at(before).is_some() {
            return Err(DUE);
        }
        if written.get(FieldGroup::Due).is_some() {
            after.set(FieldValue::RemindAt(moved(before, day)));
        }
        Ok(after)
    }
}

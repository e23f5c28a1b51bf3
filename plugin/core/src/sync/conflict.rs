//! Decisions between two versions, written down so that nothing is overwritten
//! silently.

use sha2::{Digest, Sha256};

use crate::model::{
    AttendeeStatus, CivilDate, CrmId, EventTime, Exceptions, FieldGroup, FieldSet, FieldValue, GraphId, Instant,
    LinkId, Occurrence, Record, Recurrence, Reminder, Rule, TaskStatus,
};

use super::{PresentEnd, Side};

/// Which rule decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecidedBy {
    /// The conflict setting.
    Rule,
    /// The direction: only one side may be the source.
    Direction,
    /// A person, who has taken an earlier decision back.
    Person,
}

/// How two versions came to stand against each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// Both sides have edited the item.
    BothEdited,
    /// It was deleted there, and edited on the other side.
    Deleted(Side),
    /// Both sides had it before anything was agreed on.
    Found,
    /// A person has taken an earlier decision back.
    TakenBack,
}

/// One group for which a version was put over the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupConflict {
    /// The group.
    pub group: FieldGroup,
    /// The last agreed value.
    pub base: Option<FieldValue>,
    /// The CRM's value; none where the item was deleted there.
    pub crm: Option<FieldValue>,
    /// Microsoft's value; none where the item was deleted there.
    pub m365: Option<FieldValue>,
}

impl GroupConflict {
    /// The edits of `edited`, which was deleted on the other side.
    pub fn of_deletion(edited: &PresentEnd, side: Side) -> Vec<Self> {
        edited
            .changes()
            .iter()
            .map(|group| {
                let value = edited.now.get(group).cloned();
                let (crm, m365) = match side {
                    Side::Crm => (value, None),
                    Side::M365 => (None, value),
                };
                Self { group, base: edited.base.get(group).cloned(), crm, m365 }
            })
            .collect()
    }
}

/// A version of a group as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownValue {
    /// What it says, shortened.
    pub text: String,
    /// What the text says, where that is a time and nothing else: whoever shows it
    /// may write it in the reader's own zone and form.
    pub moment: Option<Moment>,
}

/// When something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// When an event takes place.
    Time(EventTime),
    /// An instant.
    At(Instant),
    /// A day.
    On(CivilDate),
}

impl ShownValue {
    fn of(value: &FieldValue) -> Self {
        let moment = match value {
            FieldValue::Time(time) => Some(Moment::Time(*time)),
            FieldValue::RemindAt(at) => at.map(Moment::At),
            FieldValue::Due(date) => date.map(Moment::On),
            FieldValue::Title(_)
            | FieldValue::Body(_)
            | FieldValue::Recurrence(_)
            | FieldValue::Exceptions(_)
            | FieldValue::Attendees(_)
            | FieldValue::Reminder(_)
            | FieldValue::Location(_)
            | FieldValue::Categories(_)
            | FieldValue::ShowAs(_)
            | FieldValue::Sensitivity(_)
            | FieldValue::Importance(_)
            | FieldValue::Response(_)
            | FieldValue::Status(_) => None,
        };
        Self { text: shortened(describe_value(value)), moment }
    }
}

/// A group of a conflict, with its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictField {
    /// The group's name.
    pub name: &'static str,
    /// Last agreed.
    pub base: Option<ShownValue>,
    /// The CRM's.
    pub crm: Option<ShownValue>,
    /// Microsoft's.
    pub m365: Option<ShownValue>,
    /// What it has become; none where the item is gone.
    pub outcome: Option<ShownValue>,
    /// Whether that was written; not where a side did not take it, so that both
    /// versions stay as they are.
    pub carried_out: bool,
}

/// A decision as it is shown to the user (`tandem:host/notices`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictRecord {
    /// The same for the same decision, so that a repeat replaces it.
    pub key: String,
    /// The CRM's record.
    pub crm: Option<CrmId>,
    /// Microsoft's item.
    pub m365: Option<GraphId>,
    /// The item's title, by which people know it even where it is gone.
    pub title: String,
    /// How it came about.
    pub met: Met,
    /// When.
    pub decided_at: Instant,
    /// By what.
    pub decided_by: DecidedBy,
    /// Whose version was kept.
    pub winner: Side,
    /// The groups.
    pub fields: Vec<ConflictField>,
    /// The key of the decision that it takes back, where it does.
    pub reverses: Option<String>,
    /// How long it can be taken back; none where it cannot be.
    pub reversible_until: Option<Instant>,
}

/// What is recorded of the conflicts of one item.
#[derive(Clone, Debug)]
pub struct Decided<'a> {
    /// The item.
    pub link: &'a LinkId,
    /// Its ids.
    pub ids: (Option<CrmId>, Option<GraphId>),
    /// Its title.
    pub title: &'a str,
    /// How it came about.
    pub met: Met,
    /// When.
    pub at: Instant,
    /// By what.
    pub by: DecidedBy,
    /// Whose version was kept.
    pub winner: Side,
    /// The versions.
    pub conflicts: &'a [GroupConflict],
    /// What the groups have become.
    pub outcome: Record,
    /// The key of the decision that it takes back, where it does.
    pub reverses: Option<String>,
}

impl ConflictRecord {
    /// Describes the conflicts of one item.
    pub fn new(decided: Decided<'_>) -> Self {
        let shown = |value: Option<&FieldValue>| value.map(ShownValue::of);
        let field = |conflict: &GroupConflict| ConflictField {
            name: conflict.group.name(),
            base: shown(conflict.base.as_ref()),
            crm: shown(conflict.crm.as_ref()),
            m365: shown(conflict.m365.as_ref()),
            outcome: shown(decided.outcome.get(conflict.group)),
            // As it will be, unless something else becomes known.
            carried_out: true,
        };
        let fields: Vec<ConflictField> = decided.conflicts.iter().map(field).collect();
        let digest = fingerprint(decided.winner, decided.reverses.as_deref(), &fields);
        let (crm, m365) = decided.ids;
        Self {
            key: format!("{}-{digest}", decided.link),
            crm,
            m365,
            title: shortened(decided.title.to_owned()),
            met: decided.met,
            decided_at: decided.at,
            decided_by: decided.by,
            winner: decided.winner,
            fields,
            reverses: decided.reverses,
            reversible_until: None,
        }
    }

    /// The same decision, of which these groups were not written; none where there
    /// are none. Where nothing of it was, there is nothing to take back.
    pub fn but_not(mut self, open: FieldSet) -> Option<Self> {
        let is_open = |field: &ConflictField| open.iter().any(|group| group.name() == field.name);
        for field in &mut self.fields {
            field.carried_out &= !is_open(field);
        }
        if self.fields.iter().all(|field| !field.carried_out) {
            self.reversible_until = None;
        }
        self.fields.iter().any(|field| !field.carried_out).then_some(self)
    }
}

/// Text that is recorded of one value, in Unicode scalar values: as much as
/// somebody reads who compares. What is put back is not taken from it.
const SHOWN_LENGTH_MAX: usize = 4_000;

fn shortened(text: String) -> String {
    match text.char_indices().nth(SHOWN_LENGTH_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// A short digest of what was decided between.
fn fingerprint(winner: Side, reverses: Option<&str>, fields: &[ConflictField]) -> String {
    let mut hash = Sha256::new();
    hash.update([winner as u8]);
    hash.update(reverses.unwrap_or_default().as_bytes());
    for field in fields {
        let versions = [&field.base, &field.crm, &field.m365];
        let texts = versions.map(|version| version.as_ref().map(|value| value.text.as_str()));
        for text in [Some(field.name)].into_iter().chain(texts) {
            hash.update(text.map_or(u64::MAX, |text| text.len() as u64).to_be_bytes());
            hash.update(text.unwrap_or_default().as_bytes());
        }
    }
    hash.finalize().iter().take(8).fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// A value as people read it.
pub fn describe_value(value: &FieldValue) -> String {
    match value {
        FieldValue::Title(text) | FieldValue::Location(text) => text.clone(),
        FieldValue::Body(html) => crate::mapping::body::text(html),
        FieldValue::Time(time) => describe_time(time),
        FieldValue::Attendees(guests) => {
            let names: Vec<String> = guests
                .iter()
                .map(|(address, guest)| format!("{address} ({})", format!("{:?}", guest.status).to_lowercase()))
                .collect();
            names.join(", ")
        }
        FieldValue::Recurrence(Recurrence::None) => "does not repeat".to_owned(),
        FieldValue::Recurrence(Recurrence::Rule(rule)) => describe_rule(rule),
        FieldValue::Exceptions(exceptions) => describe_exceptions(exceptions),
        FieldValue::Response(AttendeeStatus::None) => "no answer".to_owned(),
        FieldValue::Response(answer) => format!("{answer:?}").to_lowercase(),
        FieldValue::Reminder(Reminder::None) | FieldValue::RemindAt(None) | FieldValue::Due(None) => "none".to_owned(),
        FieldValue::Reminder(Reminder::MinutesBefore(minutes)) => format!("{minutes} minutes before"),
        FieldValue::RemindAt(Some(at)) => at.to_utc().format("%Y-%m-%d %H:%M UTC").to_string(),
        FieldValue::Due(Some(date)) => date.to_string(),
        FieldValue::Status(TaskStatus::Open) => "open".to_owned(),
        FieldValue::Status(TaskStatus::InProgress) => "in progress".to_owned(),
        FieldValue::Status(TaskStatus::Closed) => "closed".to_owned(),
        FieldValue::Categories(names) => names.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
        FieldValue::ShowAs(show_as) => format!("{show_as:?}").to_lowercase(),
        FieldValue::Sensitivity(sensitivity) => format!("{sensitivity:?}").to_lowercase(),
        FieldValue::Importance(importance) => format!("{importance:?}").to_lowercase(),
    }
}

fn describe_time(time: &EventTime) -> String {
    match time {
        EventTime::Timed { start_at, end_at, zone } => {
            let local = |at: &Instant| at.to_utc().with_timezone(&zone.tz()).format("%Y-%m-%d %H:%M").to_string();
            format!("{} to {} ({zone})", local(start_at), local(end_at))
        }
        EventTime::AllDay { start_on, end_before } => {
            let last = end_before.naive().pred_opt().unwrap_or(end_before.naive());
            format!("{start_on} to {last}, all day")
        }
    }
}

/// A rule as people read it, with the zone in which it is meant.
fn describe_rule(rule: &Rule) -> String {
    let zone = rule.zone.map(|zone| format!(" ({zone})")).unwrap_or_default();
    format!("{}{zone}", crate::recurrence::describe(rule))
}

/// What is different, day by day.
fn describe_exceptions(exceptions: &Exceptions) -> String {
    let one = |occurrence: &Occurrence| match occurrence {
        Occurrence::Cancelled => "cancelled".to_owned(),
        Occurrence::Changed(changed) => {
            let values: Vec<String> =
                changed.values().map(|value| format!("{} {}", value.group().label(), describe_value(value))).collect();
            values.join(", ")
        }
    };
    let days: Vec<String> = exceptions.iter().map(|(day, occurrence)| format!("{day}: {}", one(occurrence))).collect();
    days.join("; ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::model::{Pattern, RangeEnd, Weekdays, Zone};

    #[test]
    fn a_time_is_shown_as_what_it_is_beside_its_text() {
        let day = CivilDate::from_parts(2025, 3, 8).unwrap();
        let at = Instant::from_epoch_milliseconds(1_741_424_400_000);
        let time = EventTime::AllDay { start_on: day, end_before: CivilDate::from_parts(2025, 3, 9).unwrap() };
        for (value, moment) in [
            (FieldValue::Time(time), Some(Moment::Time(time))),
            (FieldValue::RemindAt(Some(at)), Some(Moment::At(at))),
            (FieldValue::RemindAt(None), None),
            (FieldValue::Due(Some(day)), Some(Moment::On(day))),
            (FieldValue::Title("2025-03-08".into()), None),
        ] {
            let text = describe_value(&value);
            assert_eq!(ShownValue::of(&value), ShownValue { text, moment });
        }
    }

    #[test]
    fn rules_exceptions_and_answers_read_as_sentences() {
        let day = |day| CivilDate::from_parts(2025, 3, day).unwrap();
        let described = |value| describe_value(&value);
        let rule = Rule {
            pattern: Pattern::Weekly { days: Weekdays::WEEKEND, week_start: chrono::Weekday::Sun },
            interval: 2,
            end: RangeEnd::Until(day(30)),
            zone: Some(Zone::UTC),
        };
        let repeats = |rule| described(FieldValue::Recurrence(Recurrence::Rule(rule)));
        assert!(repeats(rule).ends_with(" (UTC)"), "{}", repeats(rule));
        assert_eq!(repeats(Rule { zone: None, ..rule }), crate::recurrence::describe(&rule));
        assert_eq!(described(FieldValue::Recurrence(Recurrence::None)), "does not repeat");
        let changed: Record =
            [FieldValue::Title("later".into()), FieldValue::Location("room 2".into())].into_iter().collect();
        let exceptions = [(day(2), Occurrence::Cancelled), (day(8), Occurrence::Changed(changed))];
        assert_eq!(
            described(FieldValue::Exceptions(exceptions.into_iter().collect())),
            "2025-03-02: cancelled; 2025-03-08: title later, place room 2"
        );
        assert_eq!(described(FieldValue::Response(AttendeeStatus::None)), "no answer");
        assert_eq!(described(FieldValue::Response(AttendeeStatus::Tentative)), "tentative");
    }
}

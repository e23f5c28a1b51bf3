//! The notation of the tables: an end of an item, and what a merge does to it,
//! as short text.
//!
//! An end, for one group: `a` shows and agreed; `a>b` agreed `a`, shows `b`;
//! `>b` shows `b`, nothing agreed (first merge); `.` stands for blank; `x` the
//! side cannot hold the group; a final `!` the group may not be written there.
//! Guests and categories are names in braces: `{anna ben}>{anna+}`, with `+` for
//! a guest who accepted and `-` for one who declined. Exceptions are days of a
//! daily series: `{1x 2a 3@}` has no occurrence on the first, another title on
//! the second, and another place on the third.
//!
//! A merge: `m365=b` what is written where, `settled` or `open`, the versions of
//! a record as `(base|crm|m365)`, `!m365` for a write that is not allowed, and
//! `day 1` for a day that stays open.

use std::collections::BTreeMap;

use crate::model::{
    Address, Attendee, AttendeeKind, AttendeeStatus, CivilDate, EventTime, Exceptions, FieldGroup, FieldSet,
    FieldValue, Html, Instant, Occurrence, Pattern, RangeEnd, Record, Recurrence, Reminder, Rule, ShowAs, TaskStatus,
    Zone,
};
use crate::settings::{ConflictRule, SyncMode};
use crate::sync::{Merge, Policy, PresentEnd};

pub const BIDI_CRM: Policy = Policy { mode: SyncMode::Bidirectional, rule: ConflictRule::CrmWins };
pub const BIDI_M365: Policy = Policy { mode: SyncMode::Bidirectional, rule: ConflictRule::M365Wins };
pub const TO_M365_1: Policy = Policy { mode: SyncMode::CrmToM365, rule: ConflictRule::CrmWins };
pub const TO_M365_2: Policy = Policy { mode: SyncMode::CrmToM365, rule: ConflictRule::M365Wins };
pub const TO_CRM_1: Policy = Policy { mode: SyncMode::M365ToCrm, rule: ConflictRule::CrmWins };
pub const TO_CRM_2: Policy = Policy { mode: SyncMode::M365ToCrm, rule: ConflictRule::M365Wins };

/// Every policy there is.
pub const POLICIES: [Policy; 6] = [BIDI_CRM, BIDI_M365, TO_M365_1, TO_M365_2, TO_CRM_1, TO_CRM_2];

/// Groups that change as a whole.
pub const PLAIN: [FieldGroup; 9] = [
    FieldGroup::Title,
    FieldGroup::Body,
    FieldGroup::Time,
    FieldGroup::Reminder,
    FieldGroup::Location,
    FieldGroup::ShowAs,
    FieldGroup::Recurrence,
    FieldGroup::Response,
    FieldGroup::Due,
];

/// An hour of the day as a time that is not zero.
fn hour(number: i64) -> FieldValue {
    let start_at = Instant::from_epoch_milliseconds(number * 3_600_000);
    let end_at = Instant::from_epoch_milliseconds((number + 1) * 3_600_000);
    FieldValue::Time(EventTime::timed(start_at, end_at, Zone::UTC).unwrap())
}

/// An event that can be created: a title and a time.
pub fn event(title: &str) -> Record {
    [FieldValue::Title(title.to_owned()), hour(12)].into_iter().collect()
}

/// A daily series of so many days, in UTC.
pub fn daily(days: u32) -> FieldValue {
    FieldValue::Recurrence(Recurrence::Rule(Rule {
        pattern: Pattern::Daily,
        interval: 1,
        end: RangeEnd::Count(days),
        zone: Some(Zone::UTC),
    }))
}

/// A day of January 1970, on whose first the events of this table begin.
pub fn day(number: u32) -> CivilDate {
    CivilDate::from_parts(1970, 1, number).unwrap()
}

/// The value that a word stands for in a plain group or a set.
fn value(group: FieldGroup, word: &str) -> FieldValue {
    let number = || i64::from(word.as_bytes()[0] - b'a') + 1;
    let text = || if word == "." { String::new() } else { word.to_owned() };
    match group {
        FieldGroup::Title => FieldValue::Title(text()),
        FieldGroup::Body => FieldValue::Body(Html::from_canonical(text())),
        FieldGroup::Location => FieldValue::Location(text()),
        FieldGroup::Time => hour(number()),
        FieldGroup::Reminder if word == "." => FieldValue::Reminder(Reminder::None),
        FieldGroup::Reminder => FieldValue::Reminder(Reminder::MinutesBefore(u32::try_from(number()).unwrap())),
        FieldGroup::ShowAs => FieldValue::ShowAs(match word {
            "." => ShowAs::Busy,
            "a" => ShowAs::Free,
            "b" => ShowAs::Tentative,
            "c" => ShowAs::Oof,
            _ => panic!("no such word for a status: {word}"),
        }),
        FieldGroup::Attendees => FieldValue::Attendees(guests(word)),
        FieldGroup::Categories => FieldValue::Categories(names(word).map(str::to_owned).collect()),
        FieldGroup::Recurrence if word == "." => FieldValue::Recurrence(Recurrence::None),
        FieldGroup::Recurrence => daily(u32::try_from(number()).unwrap() + 1),
        FieldGroup::Exceptions => FieldValue::Exceptions(exceptions(word)),
        FieldGroup::Response => FieldValue::Response(match word {
            "." => AttendeeStatus::None,
            "a" => AttendeeStatus::Tentative,
            "b" => AttendeeStatus::Accepted,
            "c" => AttendeeStatus::Declined,
            _ => panic!("no such word for an answer: {word}"),
        }),
        FieldGroup::Status => FieldValue::Status(match word {
            "." => TaskStatus::Open,
            "a" => TaskStatus::InProgress,
            "b" => TaskStatus::Closed,
            _ => panic!("no such word for how far a task is: {word}"),
        }),
        FieldGroup::Due if word == "." => FieldValue::Due(None),
        FieldGroup::Due => FieldValue::Due(Some(day(u32::try_from(number()).unwrap()))),
        FieldGroup::Sensitivity | FieldGroup::Importance => panic!("no notation for {group}"),
    }
}

/// A task is in one of three states.
fn has_word(group: FieldGroup, word: &str) -> bool {
    group != FieldGroup::Status || word != "c"
}

fn names(word: &str) -> impl Iterator<Item = &str> {
    word.strip_prefix('{').and_then(|word| word.strip_suffix('}')).expect("a set in braces").split_whitespace()
}

fn guests(word: &str) -> BTreeMap<Address, Attendee> {
    names(word)
        .map(|name| {
            let status = match name.chars().last() {
                Some('+') => AttendeeStatus::Accepted,
                Some('-') => AttendeeStatus::Declined,
                _ => AttendeeStatus::None,
            };
            let guest = Attendee { display_name: String::new(), status, kind: AttendeeKind::Required };
            (Address::new(name.trim_end_matches(['+', '-'])), guest)
        })
        .collect()
}

/// Days with what is different on them.
pub fn exceptions(word: &str) -> Exceptions {
    let mut days: BTreeMap<CivilDate, Record> = BTreeMap::new();
    let mut cancelled = Vec::new();
    for name in names(word) {
        let (number, what) = name.split_at(name.len() - 1);
        let date = day(number.parse().expect("the number of a day"));
        match what {
            "x" => cancelled.push(date),
            "@" => days.entry(date).or_default().set(FieldValue::Location("elsewhere".to_owned())),
            title => days.entry(date).or_default().set(FieldValue::Title(title.to_owned())),
        }
    }
    let changed = days.into_iter().map(|(date, record)| (date, Occurrence::Changed(record)));
    changed.chain(cancelled.into_iter().map(|date| (date, Occurrence::Cancelled))).collect()
}

/// The end of an event that a picture of one of its groups shows.
pub fn end(group: FieldGroup, picture: &str) -> PresentEnd {
    let (picture, writable) = picture.strip_suffix('!').map_or((picture, true), |picture| (picture, false));
    let (base, now) = picture.split_once('>').unwrap_or((picture, picture));
    let without = |set: FieldSet| set.iter().filter(|other| *other != group).collect::<FieldSet>();
    let record = |word: &str| {
        let mut record = event("visit");
        if group == FieldGroup::Exceptions {
            record.set(daily(9));
        }
        record.remove(group);
        if !word.is_empty() && word != "x" {
            record.set(value(group, word));
        }
        record
    };
    PresentEnd {
        now: record(now),
        base: record(base),
        holds: if picture == "x" { without(FieldSet::all()) } else { FieldSet::all() },
        writable: if writable { FieldSet::all() } else { without(FieldSet::all()) },
        left: None,
    }
}

/// What a merge does to `group`, as text; `words` are those of the row.
pub fn outcome(group: FieldGroup, merge: &Merge, words: &[&str]) -> String {
    let word = |value: Option<&FieldValue>| {
        value.map_or("", |shown| {
            words
                .iter()
                .filter(|word| has_word(group, word))
                .find(|word| self::value(group, word).same_as(shown))
                .expect("a word of the row")
        })
    };
    let mut parts = Vec::new();
    for (side, record) in [("crm", &merge.to_crm), ("m365", &merge.to_m365)] {
        if let Some(written) = record.get(group) {
            parts.push(format!("{side}={}", word(Some(written))));
        }
    }
    parts.push(if merge.settled.contains(group) { "settled" } else { "open" }.to_owned());
    for conflict in merge.conflicts.iter().filter(|conflict| conflict.group == group) {
        let (base, crm, m365) = (&conflict.base, &conflict.crm, &conflict.m365);
        parts.push(format!("({}|{}|{})", word(base.as_ref()), word(crm.as_ref()), word(m365.as_ref())));
    }
    for (side, groups) in [("!crm", merge.unwritable_crm), ("!m365", merge.unwritable_m365)] {
        if groups.contains(group) {
            parts.push(side.to_owned());
        }
    }
    parts.extend(merge.open_days.iter().map(|date| format!("day {}", date.naive().format("%-d"))));
    parts.join(" ")
}

/// Every word in the pictures and the outcome of a row.
pub fn words(texts: [&str; 3]) -> Vec<&str> {
    let mut words = Vec::new();
    for text in texts {
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let close = rest[open..].find('}').expect("a closed brace") + open + 1;
            words.push(&rest[open..close]);
            rest = &rest[close..];
        }
    }
    if words.is_empty() { vec!["a", "b", "c", "."] } else { words }
}

//! Which values of an item are followed, in the same words wherever they come
//! from: from what somebody enters, from what a side shows, and from the record of
//! a conflict.

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::Value;

use crate::sim::laws::shown::{EventShown, Shown, TaskShown, words_of};
use crate::sim::operation::{EventAct, Progress, Side, TaskAct, Weight, When};
use crate::sim::words::{ZONES, day, description, item_of, text, title};

/// Where there is no value.
const NONE: &str = "none";

/// What a record calls the time of a whole day.
const ALL_DAY: &str = ", all day";

/// Which value of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// Its title.
    Title,
    /// Its description, without markup.
    Description,
    /// When an event takes place that does not recur.
    Time,
    /// The reminder of an event.
    Reminder,
    /// The day on which a task is due.
    Due,
    /// How important a task is.
    Weight,
    /// How far a task is.
    Progress,
}

impl Field {
    /// What a record calls it.
    pub const fn group(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Description => "body",
            Self::Time => "time",
            Self::Reminder => "reminder",
            Self::Due => "due",
            Self::Weight => "importance",
            Self::Progress => "status",
        }
    }

    /// Whether no value of it is ever given twice.
    pub const fn is_unique(self) -> bool {
        matches!(self, Self::Title | Self::Description)
    }

    /// Whether a value that looks like the present one may be another one all the
    /// same: a time is one of a zone, which nobody is shown.
    pub const fn hides_something(self) -> bool {
        matches!(self, Self::Time)
    }

    /// What somebody gives an event.
    pub fn of_event_act(item: u32, side: Side, act: &EventAct) -> Option<(Self, String)> {
        match act {
            EventAct::Rename(version) => Some((Self::Title, title(item, *version))),
            EventAct::Describe(version) => Some((Self::Description, words_of(&description(*version)))),
            EventAct::Remind(minutes) => Some((Self::Reminder, minutes.to_string())),
            EventAct::Retime(when) => Some((Self::Time, time_of(when, side)?)),
            EventAct::Create(..)
            | EventAct::Recur(_)
            | EventAct::Single
            | EventAct::Truncate(_)
            | EventAct::Occurrence(..)
            | EventAct::Invite(_)
            | EventAct::Reply(_)
            | EventAct::Delete => None,
        }
    }

    /// What somebody gives a task.
    pub fn of_task_act(item: u32, act: &TaskAct) -> Option<(Self, String)> {
        match act {
            TaskAct::Rename(version) => Some((Self::Title, title(item, *version))),
            TaskAct::Describe(version) => Some((Self::Description, words_of(&description(*version)))),
            TaskAct::Due(due) => Some((Self::Due, due_on(due.map(day)))),
            TaskAct::Weigh(weight) => Some((Self::Weight, weight_word(*weight).to_owned())),
            TaskAct::Progress(progress) => Some((Self::Progress, progress_word(*progress).to_owned())),
            TaskAct::Create(_) | TaskAct::Delete => None,
        }
    }

    /// What an event has that somebody has just entered on a side; of what that side
    /// gives it by itself, no value. When a series takes place is no single value.
    pub fn of_new_event(item: u32, side: Side, when: &When, recurs: bool) -> Vec<(Self, Option<String>)> {
        let mut values =
            vec![(Self::Title, Some(title(item, 0))), (Self::Description, Some(String::new())), (Self::Reminder, None)];
        if !recurs {
            values.push((Self::Time, time_of(when, side)));
        }
        values
    }

    /// What a task has that somebody has just entered.
    pub fn of_new_task(item: u32, due: Option<i32>) -> [(Self, String); 5] {
        [
            (Self::Title, title(item, 0)),
            (Self::Description, String::new()),
            (Self::Due, due_on(due.map(day))),
            (Self::Weight, weight_word(Weight::Normal).to_owned()),
            (Self::Progress, progress_word(Progress::Open).to_owned()),
        ]
    }

    /// What a side shows of it.
    pub fn shown(self, shown: &Shown, item: u32) -> Option<String> {
        let event = shown.events.iter().find(|event| event.item == item && !event.is_cancelled);
        let task = shown.tasks.iter().find(|task| task.item == item);
        match (event, task) {
            (Some(event), _) => self.of_event(shown, event),
            (None, Some(task)) => self.of_task(task),
            (None, None) => None,
        }
    }

    fn of_event(self, shown: &Shown, event: &EventShown) -> Option<String> {
        match self {
            Self::Title => Some(event.title.clone()),
            Self::Description => Some(event.text.clone()),
            Self::Reminder => Some(event.reminder.map_or(NONE.to_owned(), |minutes| minutes.to_string())),
            Self::Time => {
                let mut lines = shown.lines.iter().filter(|line| item_of(line) == Some(event.item));
                let (line, more) = (lines.next()?, lines.next());
                let mut words = line.split(' ');
                let time = format!("{} {}", words.next()?, words.next()?);
                more.is_none().then_some(time)
            }
            Self::Due | Self::Weight | Self::Progress => None,
        }
    }

    fn of_task(self, task: &TaskShown) -> Option<String> {
        match self {
            Self::Title => Some(task.title.clone()),
            Self::Description => Some(task.text.clone()),
            Self::Due => Some(due_on(task.due)),
            Self::Weight => Some(task.weight.clone()),
            Self::Progress => Some(task.progress.to_owned()),
            Self::Time | Self::Reminder => None,
        }
    }

    /// What a record says of it, under a name such as `crm`.
    pub fn recorded(self, field: &Value, name: &str) -> String {
        let words = text(field, name);
        match self {
            Self::Title | Self::Due | Self::Weight => words.to_owned(),
            Self::Description => words_of(words),
            Self::Reminder => words.strip_suffix(" minutes before").unwrap_or(words).to_owned(),
            Self::Progress => match words {
                "in progress" => progress_word(Progress::Begun),
                "closed" => progress_word(Progress::Done),
                other => other,
            }
            .to_owned(),
            Self::Time => time_recorded(words).unwrap_or_else(|| words.to_owned()),
        }
    }
}

fn due_on(due: Option<NaiveDate>) -> String {
    due.map_or(NONE.to_owned(), |due| due.to_string())
}

const fn weight_word(weight: Weight) -> &'static str {
    match weight {
        Weight::Low => "low",
        Weight::Normal => "normal",
        Weight::High => "high",
    }
}

const fn progress_word(progress: Progress) -> &'static str {
    match progress {
        Progress::Open => "open",
        Progress::Begun => "begun",
        Progress::Done => "done",
    }
}

/// The time of a single event, as [`Shown::lines`] begin; none where a clock shows
/// it twice or never.
fn time_of(when: &When, side: Side) -> Option<String> {
    let of_graph = when.in_graph();
    let [start, end] = ["start", "end"].map(|name| text(&of_graph[name], "dateTime").parse::<NaiveDateTime>());
    let (start, end) = (start.ok()?, end.ok()?);
    if when.all_day.is_some() {
        return Some(format!("{} {}", start.date(), end.date()));
    }
    let of_crm = when.in_crm();
    let instant = |name: &str, clock| match side {
        Side::Crm => text(&of_crm, name).parse::<DateTime<Utc>>().ok(),
        Side::Microsoft => at(clock, ZONES.get(when.zone as usize)?.0),
    };
    Some(format!("{} {}", second(instant("start", start)?), second(instant("end", end)?)))
}

/// `2026-03-05 09:00 to 2026-03-05 10:00 (Europe/Berlin)` and
/// `2026-03-05 to 2026-03-06, all day`, as [`Shown::lines`] begin.
fn time_recorded(words: &str) -> Option<String> {
    if let Some(days) = words.strip_suffix(ALL_DAY) {
        let (first, last) = days.split_once(" to ")?;
        let last: NaiveDate = last.parse().ok()?;
        return Some(format!("{first} {}", last + TimeDelta::days(1)));
    }
    let (clocks, zone) = words.strip_suffix(')')?.rsplit_once(" (")?;
    let (start, end) = clocks.split_once(" to ")?;
    let instant = |clock: &str| at(NaiveDateTime::parse_from_str(clock, "%Y-%m-%d %H:%M").ok()?, zone).map(second);
    Some(format!("{} {}", instant(start)?, instant(end)?))
}

fn at(clock: NaiveDateTime, zone: &str) -> Option<DateTime<Utc>> {
    let zone: Tz = zone.parse().ok()?;
    Some(clock.and_local_timezone(zone).single()?.to_utc())
}

fn second(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_entered_and_what_is_recorded_are_the_same_words() {
        let when = When { day: 3, minute: 9 * 60, minutes: 60, all_day: None, zone: 0 };
        let entered = Field::of_event_act(1, Side::Microsoft, &EventAct::Retime(when)).unwrap();
        assert_eq!(entered, (Field::Time, "2026-03-05T08:00:00Z 2026-03-05T09:00:00Z".to_owned()));
        let recorded = |field: Field, words: &str| field.recorded(&json!({"crm": words}), "crm");
        assert_eq!(recorded(Field::Time, "2026-03-05 09:00 to 2026-03-05 10:00 (Europe/Berlin)"), entered.1);
        assert_eq!(recorded(Field::Time, "2026-03-05 to 2026-03-06, all day"), "2026-03-05 2026-03-07");
        assert_eq!(recorded(Field::Reminder, "15 minutes before"), "15");
        let entered = Field::of_task_act(1, &TaskAct::Progress(Progress::Begun)).unwrap();
        assert_eq!(recorded(Field::Progress, "in progress"), entered.1);
    }

    #[test]
    fn what_is_entered_first_is_known_but_for_what_a_side_gives_by_itself() {
        let when = When { day: 3, minute: 9 * 60, minutes: 60, all_day: None, zone: 0 };
        let known = |recurs| {
            let values = Field::of_new_event(7, Side::Crm, &when, recurs).into_iter();
            values.filter_map(|(field, value)| Some((field, value?))).collect::<Vec<_>>()
        };
        let texts = [(Field::Title, "E7 v0".to_owned()), (Field::Description, String::new())];
        let time = (Field::Time, "2026-03-05T08:00:00Z 2026-03-05T09:00:00Z".to_owned());
        assert_eq!(known(true), texts);
        assert_eq!(known(false), [texts[0].clone(), texts[1].clone(), time]);
        assert_eq!(Field::of_new_task(7, None)[..2], texts);
    }

    #[test]
    fn a_side_has_its_own_clock() {
        let summer = When { day: 33, minute: 9 * 60, minutes: 60, all_day: None, zone: 0 };
        assert_ne!(time_of(&summer, Side::Crm), time_of(&summer, Side::Microsoft));
        let never = When { day: 27, minute: 150, minutes: 60, all_day: None, zone: 0 };
        assert_eq!(time_of(&never, Side::Microsoft), None, "the clocks of Berlin skip that hour");
    }
}

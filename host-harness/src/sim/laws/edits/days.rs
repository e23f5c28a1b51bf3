//! What a person called one day of a series is what both sides call it.
//!
//! That is asked where nothing else can have taken it away: no other day was
//! changed on the other side before a run was complete, and the series was given
//! no other days, no other title and no other end since.

use std::collections::{BTreeMap, BTreeSet};

use crate::sim::laws::course::Course;
use crate::sim::laws::shown::Shown;
use crate::sim::operation::{EventAct, OccurrenceAct, Side, Who};
use crate::sim::words::title;

/// The days of all series.
#[derive(Clone, Debug, Default)]
pub struct Days {
    /// The last title of a day of each series.
    titles: BTreeMap<(Who, u32), String>,
    /// On which sides days were changed since the last complete run.
    changed: BTreeSet<(Who, u32, Side)>,
}

impl Days {
    /// A person has done something with an event.
    pub fn note(&mut self, (side, who, item): (Side, Who, u32), act: &EventAct) {
        let key = (who, item);
        match act {
            EventAct::Occurrence(_, act) => {
                let is_contested = self.changed.contains(&(who, item, side.other()));
                match act {
                    OccurrenceAct::Rename(version) if !is_contested => {
                        self.titles.insert(key, title(item, *version));
                    }
                    OccurrenceAct::Move(_) if !is_contested => {}
                    OccurrenceAct::Rename(_)
                    | OccurrenceAct::Move(_)
                    | OccurrenceAct::Cancel
                    | OccurrenceAct::Restore => {
                        self.titles.remove(&key);
                    }
                }
            }
            EventAct::Describe(_) | EventAct::Remind(_) => return,
            EventAct::Create(..)
            | EventAct::Rename(_)
            | EventAct::Retime(_)
            | EventAct::Recur(_)
            | EventAct::Single
            | EventAct::Truncate(_)
            | EventAct::Invite(_)
            | EventAct::Reply(_)
            | EventAct::Delete => self.titles.retain(|(_, of), _| *of != item),
        }
        self.changed.insert((who, item, side));
    }

    /// A person has a decision about an item taken back.
    pub fn taken_back(&mut self, item: u32) {
        self.titles.retain(|(_, of), _| *of != item);
    }

    /// A run of a user's calendar was complete, but for some of it.
    pub fn settled(&mut self, who: Who, is_open: impl Fn(u32) -> bool) {
        self.changed.retain(|(of, item, _)| *of != who || is_open(*item));
    }

    /// What is wrong with what both sides show of a user.
    pub fn check(&self, course: &Course, who: Who, (crm, microsoft): &(Shown, Shown)) -> Vec<String> {
        let of_user = self.titles.iter().filter(|((of, item), _)| *of == who && !course.is_left(who, *item));
        let both = [(Side::Crm, crm), (Side::Microsoft, microsoft)];
        let is_missing = |shown: &Shown, title: &str| !shown.lines.iter().any(|line| line.ends_with(title));
        of_user
            .flat_map(|((_, item), title)| {
                let missing = both.into_iter().filter(move |(_, shown)| is_missing(shown, title));
                missing.map(move |(side, _)| format!("{who:?}: no day of E{item} is called `{title}` in {side:?}"))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(acts: &[(Side, EventAct)]) -> usize {
        let mut days = Days::default();
        for (side, act) in acts {
            days.note((*side, Who::Anna, 3), act);
        }
        days.check(&Course::default(), Who::Anna, &(Shown::default(), Shown::default())).len()
    }

    #[test]
    fn the_title_of_a_day_is_asked_for_where_nothing_can_have_taken_it_away() {
        let renamed = EventAct::Occurrence(0, OccurrenceAct::Rename(7));
        let moved = EventAct::Occurrence(0, OccurrenceAct::Move(30));
        assert_eq!(missing(&[(Side::Crm, renamed)]), 2);
        assert_eq!(missing(&[(Side::Crm, renamed), (Side::Crm, moved)]), 2);
        assert_eq!(missing(&[(Side::Crm, renamed), (Side::Microsoft, moved)]), 0);
        assert_eq!(missing(&[(Side::Microsoft, moved), (Side::Crm, renamed)]), 0);
        assert_eq!(missing(&[(Side::Crm, renamed), (Side::Crm, EventAct::Single)]), 0);
    }
}

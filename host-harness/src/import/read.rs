//! From the text of an iCalendar file to a batch.
//!
//! The grammar is the iCalendar crate's. What a file may not do to a machine
//! that reads it (its size, how deep it nests) is limited here.

use chrono_tz::Tz;
use icalendar::parser::{self, Component as Node};
use icalendar::{CalendarComponent, Component};

use super::batch::ImportBatch;
use super::event::{text_of, title_of};
use super::group::{Entry, groups};
use super::moment::Clock;
use super::reason::{Left, SkipReason};
use super::series;
use super::task::{self, TaskEntry};
use super::vtimezone::ZoneRules;
use super::zones::{FileZones, by_name};

/// The largest file in bytes: a decade of a busy calendar has a few million.
pub const FILE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How deep components may nest. The standard needs three (calendar, event,
/// alarm); the parser uses the stack for each.
const DEPTH_MAX: usize = 8;

/// Why a file cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// It is something else, or broken.
    #[error("expected an iCalendar file, but found {found}")]
    NotICalendar {
        /// What was found instead, without quoting it.
        found: &'static str,
    },
    /// It is too large.
    #[error("expected an iCalendar file of at most {FILE_BYTES_MAX} bytes, but found {found}")]
    TooLarge {
        /// Its size in bytes.
        found: usize,
    },
}

impl ImportError {
    /// What to do about it, in a sentence without full stop.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::NotICalendar { .. } => {
                "export the calendar as an `.ics` file, which begins with `BEGIN:VCALENDAR` and ends with \
                 `END:VCALENDAR`"
            }
            Self::TooLarge { .. } => "export a shorter period, or several files",
        }
    }

    /// Message and hint in one line, for people.
    pub fn sentence(&self) -> String {
        format!("{self}; {}", self.hint())
    }
}

/// Reads the text of a file. Clock readings that name no zone belong to the
/// zone that the file names for itself (`X-WR-TIMEZONE`), or else to
/// `default_zone`, which is where the person lives.
///
/// # Errors
/// The text is no iCalendar file. Items that cannot be imported are no error:
/// they are counted in the batch.
pub fn read(text: &str, default_zone: Tz) -> Result<ImportBatch, ImportError> {
    if text.len() > FILE_BYTES_MAX {
        return Err(ImportError::TooLarge { found: text.len() });
    }
    let text = parser::unfold(text.trim_start_matches('\u{feff}'));
    let calendars = calendars_of(&text)?;
    let mut batch = ImportBatch::default();
    for calendar in calendars {
        let root = parser::read_components(&calendar)
            .map_err(|_| ImportError::NotICalendar { found: "lines that are no iCalendar" })?;
        for node in root {
            read_calendar(node, default_zone, &mut batch);
        }
    }
    Ok(batch)
}

/// A file may hold several calendars one behind the other; the parser takes
/// one at a time.
fn calendars_of(text: &str) -> Result<Vec<String>, ImportError> {
    let mut calendars: Vec<String> = Vec::new();
    let mut depth = 0_usize;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let keyword = line.split_once(':').map_or(line, |(keyword, _)| keyword).trim();
        if keyword.eq_ignore_ascii_case("BEGIN") {
            depth += 1;
            if depth == 1 {
                calendars.push(String::new());
            }
        }
        let outside = depth == 0;
        let begun_wrong = depth == 1
            && calendars.last().is_some_and(String::is_empty)
            && !line.trim().eq_ignore_ascii_case("BEGIN:VCALENDAR");
        if outside || begun_wrong {
            return Err(ImportError::NotICalendar { found: "a text that does not begin with `BEGIN:VCALENDAR`" });
        }
        if depth > DEPTH_MAX {
            return Err(ImportError::NotICalendar { found: "components nested too deep" });
        }
        if let Some(calendar) = calendars.last_mut() {
            calendar.push_str(line);
            calendar.push('\n');
        }
        if keyword.eq_ignore_ascii_case("END") {
            depth -= 1;
        }
    }
    match (calendars.is_empty(), depth) {
        (true, _) => Err(ImportError::NotICalendar { found: "an empty one" }),
        (false, 0) => Ok(calendars),
        (false, _) => Err(ImportError::NotICalendar { found: "one that ends in the middle" }),
    }
}

fn read_calendar(calendar: Node<'_>, default_zone: Tz, batch: &mut ImportBatch) {
    let named = calendar.find_prop("X-WR-TIMEZONE").and_then(|property| by_name(property.val.as_str()));
    let zones = zones_of(&calendar);
    let clock = Clock {
        zones: &zones,
        floating: named.unwrap_or(default_zone),
        of_utc: named.unwrap_or(Tz::UTC),
        person: default_zone,
    };
    let (mut entries, mut tasks) = (Vec::new(), Vec::new());
    for node in calendar.components {
        if node.name == "VTIMEZONE" {
            continue;
        }
        let rules = node.properties.iter().filter(|property| property.name == "RRULE").count();
        let uid = node.find_prop("UID").map(|property| property.val.as_str().to_owned());
        match CalendarComponent::from(node) {
            CalendarComponent::Event(event) => {
                note_title(&event, batch);
                entries.push(Entry { event, rules });
            }
            CalendarComponent::Todo(todo) => {
                note_title(&todo, batch);
                tasks.push(TaskEntry { todo, rules });
            }
            // The crate may learn further kinds.
            _ => batch.left.push(Left::whole(uid.as_deref(), SkipReason::OtherKind)),
        }
    }
    for group in groups(entries, &clock, batch) {
        series::read(&group, &clock, batch);
    }
    task::read_all(tasks, &clock, batch);
}

/// Keeps what reports call the thing with this UID.
fn note_title(component: &impl Component, batch: &mut ImportBatch) {
    if let Some(uid) = text_of(component, "UID") {
        let (title, _) = title_of(component.property_value("SUMMARY"));
        batch.titles.entry(uid).or_insert(title);
    }
}

/// What the calendar's `VTIMEZONE`s say about names of their own.
fn zones_of(calendar: &Node<'_>) -> FileZones {
    let mut zones = FileZones::default();
    for node in calendar.components.iter().filter(|node| node.name == "VTIMEZONE") {
        let text = |name: &str| node.find_prop(name).map(|property| property.val.as_str());
        let Some(tzid) = text("TZID") else { continue };
        for name in ["X-LIC-LOCATION", "TZID-ALIAS-OF", "X-TZINFO"] {
            if let Some(hint) = text(name) {
                zones.explain(tzid, hint);
            }
        }
        zones.describe(tzid, text("X-MICROSOFT-CDO-TZID"), ZoneRules::read(node));
    }
    zones
}

#[cfg(test)]
mod tests;

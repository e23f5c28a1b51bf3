//! The rules of a `VTIMEZONE` (RFC 5545, section 3.6.5), and the zones of the
//! time zone database that keep the same time.
//!
//! Old Outlook versions name zones by their display name or not at all
//! ("Customized Time Zone") and describe them by two rules. Calendars of
//! today need a name, so the rules are compared with the database over some
//! years. Which of several equal zones to prefer is [`super::zones`]'s.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, Offset as _, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use icalendar::parser::Component as Node;

use super::rrule::convert::{Start, recurrence};
use super::rrule::parse::{Rule, RuleEnd};
use crate::graph::calendar::pattern::{End, Recurrence};

/// The years over which a description has to agree with a zone: those of the
/// events that people still look at, and of a few plans.
const YEARS: std::ops::RangeInclusive<i32> = 2020..=2030;

/// A change of the clock, and what it shows from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Onset {
    at: DateTime<Utc>,
    /// Seconds east of UTC.
    offset: i32,
}

/// What a `VTIMEZONE` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ZoneRules {
    /// Ordered by time.
    onsets: Vec<Onset>,
    /// Before the first of them.
    offset_before: i32,
}

impl ZoneRules {
    /// Reads a `VTIMEZONE`; none where a rule of it cannot be followed.
    pub(super) fn read(node: &Node<'_>) -> Option<Self> {
        let observances = node.components.iter().filter(|part| part.name == "STANDARD" || part.name == "DAYLIGHT");
        let mut onsets = Vec::new();
        let mut earliest: Option<(DateTime<Utc>, i32)> = None;
        for observance in observances {
            let (read, offset_before) = onsets_of(observance)?;
            let first = read.iter().map(|onset| onset.at).min()?;
            if earliest.is_none_or(|(known, _)| first < known) {
                earliest = Some((first, offset_before));
            }
            onsets.extend(read);
        }
        onsets.sort_by_key(|onset| onset.at);
        let (_, offset_before) = earliest?;
        Some(Self { onsets, offset_before })
    }

    /// Whether a zone shows the same time in all of [`YEARS`].
    pub(super) fn agree_with(&self, zone: Tz) -> bool {
        let changes = self.onsets.iter().filter(|onset| YEARS.contains(&onset.at.year()));
        let around = changes.flat_map(|onset| [onset.at - TimeDelta::seconds(1), onset.at]);
        // Every day, too: the zone may have changes that the description lacks.
        let first = NaiveDate::from_ymd_opt(*YEARS.start(), 1, 1);
        let noons = first.into_iter().flat_map(|day| day.iter_days()).take_while(|day| day.year() <= *YEARS.end());
        let noons = noons.filter_map(|day| day.and_hms_opt(12, 0, 0)).map(|noon| noon.and_utc());
        around.chain(noons).all(|at| self.offset_at(at) == offset_of(zone, at))
    }

    fn offset_at(&self, at: DateTime<Utc>) -> i32 {
        let begun = self.onsets.partition_point(|onset| onset.at <= at);
        let last = begun.checked_sub(1).and_then(|index| self.onsets.get(index));
        last.map_or(self.offset_before, |onset| onset.offset)
    }
}

fn offset_of(zone: Tz, at: DateTime<Utc>) -> i32 {
    zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc()
}

/// When an observance begins, again and again, and the offset before that.
fn onsets_of(observance: &Node<'_>) -> Option<(Vec<Onset>, i32)> {
    let text = |name: &str| observance.find_prop(name).map(|property| property.val.as_str());
    let start = NaiveDateTime::parse_from_str(text("DTSTART")?.trim_end_matches('Z'), "%Y%m%dT%H%M%S").ok()?;
    let (before, after) = (offset(text("TZOFFSETFROM")?)?, offset(text("TZOFFSETTO")?)?);
    let onset = |wall: NaiveDateTime| {
        let at = wall.checked_sub_signed(TimeDelta::seconds(i64::from(before)))?.and_utc();
        Some(Onset { at, offset: after })
    };
    let mut onsets: Vec<Onset> = onset(start).into_iter().collect();
    if let Some(rule) = text("RRULE") {
        onsets.extend(
            dates_of(&Rule::parse(rule).ok()?, start, before)?
                .into_iter()
                .filter_map(|date| onset(date.and_time(start.time()))),
        );
    }
    for list in observance.properties.iter().filter(|property| property.name == "RDATE") {
        for date in list.val.as_str().split(',') {
            onsets.extend(onset(NaiveDateTime::parse_from_str(date.trim(), "%Y%m%dT%H%M%S").ok()?));
        }
    }
    Some((onsets, before))
}

/// The dates of a rule up to the end of [`YEARS`].
fn dates_of(rule: &Rule, start: NaiveDateTime, offset_before: i32) -> Option<Vec<NaiveDate>> {
    let limit = NaiveDate::from_ymd_opt(*YEARS.end(), 12, 31)?;
    let dates: Recurrence = recurrence(rule, Start { date: start.date(), time: Some((start.time(), Tz::UTC)) }).ok()?;
    let end = match (rule.end, dates.end) {
        // The end is given in UTC, the dates on the clock before the change.
        (RuleEnd::Instant(until), _) => {
            let wall = until.naive_utc().checked_add_signed(TimeDelta::seconds(i64::from(offset_before)))?;
            let last = if wall.time() < start.time() { wall.date().pred_opt()? } else { wall.date() };
            End::On(last)
        }
        (RuleEnd::Never | RuleEnd::Count(_) | RuleEnd::Day(_) | RuleEnd::Local(_), end) => end,
    };
    let dates = Recurrence { end, ..dates };
    Some(dates.dates().take_while(|date| *date <= limit).collect())
}

/// Reads an offset such as `+0100` or `-033000` into seconds east of UTC.
fn offset(text: &str) -> Option<i32> {
    let (sign, digits) = match (text.strip_prefix('-'), text.strip_prefix('+')) {
        (Some(digits), _) => (-1, digits),
        (None, Some(digits)) => (1, digits),
        (None, None) => (1, text),
    };
    if !digits.is_ascii() || !(digits.len() == 4 || digits.len() == 6) {
        return None;
    }
    let part = |from: usize| digits.get(from..from + 2)?.parse::<i32>().ok();
    let seconds = if digits.len() == 6 { part(4)? } else { 0 };
    Some(sign * (part(0)? * 3600 + part(2)? * 60 + seconds))
}

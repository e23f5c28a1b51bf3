//! The days of a linked series on both sides, by which a series that one side has moved is
//! told from a day that one side lacks.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::identity::{Identity, named};
use super::sources::{of_graph, of_instance};
use super::twins;
use crate::app::Side;
use crate::crm::EventId;
use crate::crm::users::User;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::mailbox::Mailbox;

/// A stretch of time.
pub type Stretch = (DateTime<Utc>, DateTime<Utc>);

/// Days of a series by what names them on both sides, with when they take place.
pub type Days = BTreeMap<DateTime<Utc>, Stretch>;

/// As far as the same day can begin from itself on the other side, where the clock or the
/// zone of its series is another one there. The next day of a daily series begins no nearer,
/// also when the clocks change.
const RETIMED_MAX: TimeDelta = TimeDelta::hours(22);

/// The days of one series in a stretch of time.
#[derive(Clone, Debug, Default)]
pub struct SeriesDays {
    /// Those that the CRM has.
    pub crm: Days,
    /// Those that Microsoft has.
    pub microsoft: Days,
}

impl SeriesDays {
    /// Of a series that is linked.
    ///
    /// # Errors
    /// The CRM cannot be read.
    pub fn of(
        web: &Web,
        user: &User,
        mailbox: &Mailbox<'_>,
        (series, external_id): (EventId, &str),
        stretch: Stretch,
    ) -> Result<Self, PageError> {
        let crm = in_crm(web, user, stretch)?.remove(&series).unwrap_or_default();
        Ok(Self { crm, microsoft: in_microsoft(mailbox, external_id, stretch) })
    }

    /// Those of them that take place in a stretch of time.
    #[must_use]
    pub fn within(&self, (from, until): Stretch) -> Self {
        let of = |days: &Days| -> Days {
            let touching = days.iter().filter(|(_, (start, end))| *start < until && *end > from);
            touching.map(|(day, span)| (*day, *span)).collect()
        };
        Self { crm: of(&self.crm), microsoft: of(&self.microsoft) }
    }

    /// Whether a side has a day that the other side has: at the same moment, or moved by one
    /// of them.
    pub fn has(&self, day: DateTime<Utc>, side: Side) -> bool {
        self.on(side).contains_key(&day) || self.is_moved(day)
    }

    /// Whether a day that one side alone has is on the other side, too, where one of them has
    /// moved it: with the whole series, or by some hours. Where neither is so, it was taken
    /// out.
    ///
    /// By hours alone a day is moved whose series has got another zone, for half of the year.
    pub fn is_moved(&self, day: DateTime<Utc>) -> bool {
        let has_near = |side: Side, other: Side| {
            let mut lone = self.on(side).keys().filter(|one| !self.on(other).contains_key(one));
            lone.any(|one| (*one - day).abs() <= RETIMED_MAX)
        };
        self.are_moved() || has_near(Side::Crm, Side::Microsoft) && has_near(Side::Microsoft, Side::Crm)
    }

    fn on(&self, side: Side) -> &Days {
        match side {
            Side::Crm => &self.crm,
            Side::Microsoft => &self.microsoft,
        }
    }

    /// Whether one side has moved the series, so that no day is where it was: both have days,
    /// and none of them is the same. A series that was moved out of the stretch, or of which
    /// each side has lost all days of the other one, cannot be told from that.
    fn are_moved(&self) -> bool {
        let shares_a_day = self.crm.keys().any(|day| self.microsoft.contains_key(day));
        !self.crm.is_empty() && !self.microsoft.is_empty() && !shares_a_day
    }
}

/// The days that the CRM has, by series.
///
/// # Errors
/// The CRM cannot be read.
pub fn in_crm(web: &Web, user: &User, (from, until): Stretch) -> Result<BTreeMap<EventId, Days>, PageError> {
    let mut days: BTreeMap<EventId, Days> = BTreeMap::new();
    for instance in web.app.crm().event_instances(user.id, from, until)? {
        if let Some(day) = instance.starts_by_rule {
            let span = twins::span_of(&of_instance(&instance));
            days.entry(twins::item_of(&instance)).or_default().insert(named(day), span);
        }
    }
    Ok(days)
}

/// The days that Microsoft has of a series; none of one that is not there.
pub fn in_microsoft(mailbox: &Mailbox<'_>, external_id: &str, stretch: Stretch) -> Days {
    let entries = twins::entries(mailbox, external_id, None, stretch).ok().flatten().unwrap_or_default();
    let day = |event: &Value| Some((Identity::of_graph(event)?.day?, twins::span_of(&of_graph(event)?)));
    entries.iter().filter_map(day).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn days(days: &[&str]) -> Days {
        let at = |day: &&str| format!("2026-03-{day}T09:00:00Z").parse().unwrap();
        days.iter().map(|day| (at(day), (at(day), at(day)))).collect()
    }

    #[test]
    fn a_series_is_moved_where_no_day_is_where_it_was() {
        let are_moved =
            |crm: &[&str], microsoft: &[&str]| SeriesDays { crm: days(crm), microsoft: days(microsoft) }.are_moved();
        assert!(are_moved(&["02", "09", "16"], &["03", "10", "17"]));
        assert!(!are_moved(&["02", "09", "16"], &["09"]), "the others were taken out");
        assert!(!are_moved(&["02", "09"], &["09", "16"]), "each side lacks another one");
        assert!(!are_moved(&["02", "09"], &[]) && !are_moved(&[], &["02"]), "gone");
    }

    #[test]
    fn a_day_is_moved_by_hours_where_the_zone_of_its_series_is_another_one() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let of = |days: &[&str]| days.iter().map(|day| (at(day), (at(day), at(day)))).collect();
        // 09:00 in Berlin, and 08:00 UTC; the clocks change on 29 March.
        let both = SeriesDays {
            crm: of(&["2026-03-23T08:00:00Z", "2026-03-30T07:00:00Z"]),
            microsoft: of(&["2026-03-23T08:00:00Z", "2026-03-30T08:00:00Z"]),
        };
        assert!(both.is_moved(at("2026-03-30T07:00:00Z")) && both.is_moved(at("2026-03-30T08:00:00Z")));
        assert!(
            both.has(at("2026-03-30T07:00:00Z"), Side::Microsoft) && both.has(at("2026-03-23T08:00:00Z"), Side::Crm)
        );
        // Of a daily series, each side has lost another day.
        let daily = SeriesDays { crm: days(&["02", "03", "05"]), microsoft: days(&["02", "04", "05"]) };
        assert!(!daily.is_moved(at("2026-03-03T09:00:00Z")) && !daily.is_moved(at("2026-03-04T09:00:00Z")));
        assert!(!daily.has(at("2026-03-03T09:00:00Z"), Side::Microsoft));
    }

    #[test]
    fn days_count_where_they_take_place() {
        let all = SeriesDays { crm: days(&["02", "09"]), microsoft: days(&["09", "16"]) };
        assert!(!all.are_moved());
        let ends = ("2026-03-01T00:00:00Z", "2026-03-08T00:00:00Z");
        let first = all.within((ends.0.parse().unwrap(), ends.1.parse().unwrap()));
        assert_eq!((first.crm.len(), first.microsoft.len()), (1, 0));
        // All of them share a day that is far away: around one entry none is where it was.
        let moved = SeriesDays { crm: days(&["02", "20"]), microsoft: days(&["04", "20"]) };
        let near = moved.within((ends.0.parse().unwrap(), ends.1.parse().unwrap()));
        assert_eq!((moved.are_moved(), near.are_moved()), (false, true));
    }
}

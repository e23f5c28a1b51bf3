//! The days of a linked series on both sides, by which a series that one side has moved is
//! told from a day that one side lacks.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::identity::{Identity, named};
use super::twins;
use crate::crm::EventId;
use crate::crm::users::User;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::mailbox::Mailbox;

/// A stretch of time.
pub type Stretch = (DateTime<Utc>, DateTime<Utc>);

/// What names days of a series on both sides.
pub type Days = BTreeSet<DateTime<Utc>>;

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

    /// Whether one side has moved the series, so that no day is where it was: then both have
    /// each of them, and neither where the other one does. Where a day is on both sides, one
    /// that is not was taken out.
    pub fn are_moved(&self) -> bool {
        !self.crm.is_empty() && !self.microsoft.is_empty() && self.crm.is_disjoint(&self.microsoft)
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
            days.entry(twins::item_of(&instance)).or_default().insert(named(day));
        }
    }
    Ok(days)
}

/// The days that Microsoft has of a series; none of one that is not there.
pub fn in_microsoft(mailbox: &Mailbox<'_>, external_id: &str, stretch: Stretch) -> Days {
    let entries = twins::entries(mailbox, external_id, None, stretch).ok().flatten().unwrap_or_default();
    entries.iter().filter_map(|event| Identity::of_graph(event)?.day).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn days(days: &[&str]) -> Days {
        days.iter().map(|day| format!("2026-03-{day}T09:00:00Z").parse().unwrap()).collect()
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
}

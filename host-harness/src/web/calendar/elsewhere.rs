//! Entries that stand alone in what is looked at although both sides have them: because
//! somebody has moved the other half, or the whole series.
//!
//! The component is asked once about all of them. Each side is read once, and as far
//! around an entry as its own page looks, so that a list and a page say the same.

use std::collections::{BTreeMap, BTreeSet};

use super::identity::Identity;
use super::series_days::{self, SeriesDays, Stretch};
use super::twins::{self, around, span_of};
use super::view::Shown;
use crate::app::{ItemName, ItemStanding, Resource};
use crate::crm::EventId;
use crate::crm::users::User;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::mailbox::{self, Mailbox};

/// An entry with what it is.
type Named<'a> = (&'a Identity, &'a Shown);

/// What is on both sides and is shown on one of them alone.
///
/// # Errors
/// The CRM cannot be read, or the component fails.
pub async fn halves(
    web: &Web,
    user: &User,
    crm: &[Shown],
    microsoft: &[Shown],
) -> Result<BTreeSet<Identity>, PageError> {
    let (ours, theirs) = (alone(crm, microsoft), alone(microsoft, crm));
    let lone: Vec<Named<'_>> = ours.iter().chain(&theirs).copied().collect();
    let spans = lone.iter().map(|(_, shown)| span_of(shown));
    let Some((from, until)) = spans.reduce(|(start, end), (from, until)| (start.min(from), end.max(until))) else {
        return Ok(BTreeSet::new());
    };
    let Ok(mailbox) = mailbox::of(web, user).await? else { return Ok(BTreeSet::new()) };
    let records = records(web, user, &lone).await?;
    let sides = Sides { web, user, mailbox: &mailbox, records: &records, stretch: around(from, until) };
    let days = sides.series(&lone)?;
    // Around one entry.
    let near = |(identity, shown): &Named<'_>| {
        let (start, end) = span_of(shown);
        days.get(identity.external_id.as_str()).map(|days| days.within(around(start, end))).unwrap_or_default()
    };
    let mut halves = BTreeSet::new();
    for entry in ours {
        let (identity, days) = (entry.0, near(&entry));
        let is_there = match identity.day {
            Some(day) => days.are_moved() || days.microsoft.contains_key(&day),
            None => sides.has_microsoft(&identity.external_id),
        };
        halves.extend(is_there.then(|| identity.clone()));
    }
    for entry in theirs {
        let (identity, days) = (entry.0, near(&entry));
        let is_there = match identity.day {
            Some(day) => days.are_moved() || days.crm.contains_key(&day),
            None => sides.has_crm(&identity.external_id)?,
        };
        halves.extend(is_there.then(|| identity.clone()));
    }
    Ok(halves)
}

/// Both sides around all entries.
struct Sides<'a> {
    web: &'a Web,
    user: &'a User,
    mailbox: &'a Mailbox<'a>,
    /// What Microsoft's items are linked with.
    records: &'a BTreeMap<&'a str, EventId>,
    stretch: Stretch,
}

impl Sides<'_> {
    /// The days of the series of these entries.
    fn series<'e>(&self, entries: &[Named<'e>]) -> Result<BTreeMap<&'e str, SeriesDays>, PageError> {
        let with_days = entries.iter().filter(|(identity, _)| identity.day.is_some());
        let items: BTreeSet<&str> = with_days.map(|(identity, _)| identity.external_id.as_str()).collect();
        if items.is_empty() {
            return Ok(BTreeMap::new());
        }
        let crm = series_days::in_crm(self.web, self.user, self.stretch)?;
        let of_item = |id: &'e str| {
            let series = self.records.get(id)?;
            let microsoft = series_days::in_microsoft(self.mailbox, id, self.stretch);
            Some((id, SeriesDays { crm: crm.get(series).cloned().unwrap_or_default(), microsoft }))
        };
        Ok(items.into_iter().filter_map(of_item).collect())
    }

    /// Whether Microsoft has an event, wherever it was moved to.
    fn has_microsoft(&self, external_id: &str) -> bool {
        twins::entries(self.mailbox, external_id, None, self.stretch).is_ok_and(|found| found.is_some())
    }

    /// The same of the CRM.
    fn has_crm(&self, external_id: &str) -> Result<bool, PageError> {
        match self.records.get(external_id) {
            Some(record) => twins::is_in_crm(self.web, self.user, *record),
            None => Ok(false),
        }
    }
}

/// What the items of these entries are linked with.
async fn records<'a>(web: &Web, user: &User, entries: &[Named<'a>]) -> Result<BTreeMap<&'a str, EventId>, PageError> {
    let items: BTreeSet<&str> = entries.iter().map(|(identity, _)| identity.external_id.as_str()).collect();
    let names = items.iter().map(|id| ItemName::External((*id).to_owned())).collect();
    let standings = web.app.links_of(user, Resource::Calendar, names).await?;
    let record = |standing: ItemStanding| standing.link?.item_id.parse().ok();
    let linked = items.into_iter().zip(standings);
    Ok(linked.filter_map(|(id, standing)| Some((id, record(standing)?))).collect())
}

/// The entries of a side that have none of the other side beside them.
fn alone<'a>(side: &'a [Shown], other: &[Shown]) -> Vec<Named<'a>> {
    let others: BTreeSet<&Identity> = other.iter().filter_map(|shown| shown.identity.as_ref()).collect();
    let named = side.iter().filter_map(|shown| Some((shown.identity.as_ref()?, shown)));
    named.filter(|(identity, _)| !others.contains(identity)).collect()
}

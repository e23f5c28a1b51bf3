//! Entries that stand alone in what is looked at although both sides have them: because
//! somebody has moved the other half, or the whole series.
//!
//! The component is asked once about all of them, and each side is read around the period
//! that is looked at, whatever stands in it.

use std::collections::{BTreeMap, BTreeSet};

use super::identity::Identity;
use super::series_days::{self, SeriesDays, Stretch};
use super::twins;
use super::view::Shown;
use crate::app::{ItemName, ItemStanding, Resource};
use crate::crm::EventId;
use crate::crm::users::User;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::mailbox::{self, Mailbox};

/// What is known of entries that stand alone.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    /// The other side has these somewhere else.
    pub halves: BTreeSet<Identity>,
    /// One side has moved these series, by Microsoft's id, so that none of their days is
    /// where it was.
    pub moved: BTreeSet<String>,
}

impl Elsewhere {
    /// Of entries of both sides in a period.
    ///
    /// # Errors
    /// The CRM cannot be read, or the component fails.
    pub async fn of(
        web: &Web,
        user: &User,
        (crm, microsoft): (&[Shown], &[Shown]),
        (from, until): Stretch,
    ) -> Result<Self, PageError> {
        let (ours, theirs) = (alone(crm, microsoft), alone(microsoft, crm));
        if ours.is_empty() && theirs.is_empty() {
            return Ok(Self::default());
        }
        let Ok(mailbox) = mailbox::of(web, user).await? else { return Ok(Self::default()) };
        let lone: Vec<&Identity> = ours.iter().chain(&theirs).copied().collect();
        let records = records(web, user, &lone).await?;
        let around = Around { web, user, mailbox: &mailbox, records: &records, stretch: twins::around(from, until) };
        let days = around.series(&lone)?;
        let is_moved = |(id, days): (&&str, &SeriesDays)| days.are_moved().then(|| (*id).to_owned());
        let moved = days.iter().filter_map(is_moved).collect();
        let of_series = |identity: &Identity| days.get(identity.external_id.as_str());
        let mut halves = BTreeSet::new();
        for identity in ours {
            let is_there = match identity.day {
                Some(day) => of_series(identity).is_some_and(|days| days.microsoft.contains(&day)),
                None => around.has_microsoft(&identity.external_id),
            };
            halves.extend(is_there.then(|| identity.clone()));
        }
        for identity in theirs {
            let is_there = match identity.day {
                Some(day) => of_series(identity).is_some_and(|days| days.crm.contains(&day)),
                None => around.has_crm(&identity.external_id)?,
            };
            halves.extend(is_there.then(|| identity.clone()));
        }
        Ok(Self { halves, moved })
    }
}

/// Both sides around the period.
struct Around<'a> {
    web: &'a Web,
    user: &'a User,
    mailbox: &'a Mailbox<'a>,
    /// What Microsoft's items are linked with.
    records: &'a BTreeMap<&'a str, EventId>,
    stretch: Stretch,
}

impl Around<'_> {
    /// The days of the series of these entries.
    fn series<'e>(&self, entries: &[&'e Identity]) -> Result<BTreeMap<&'e str, SeriesDays>, PageError> {
        let with_days = entries.iter().filter(|identity| identity.day.is_some());
        let items: BTreeSet<&str> = with_days.map(|identity| identity.external_id.as_str()).collect();
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
async fn records<'a>(
    web: &Web,
    user: &User,
    entries: &[&'a Identity],
) -> Result<BTreeMap<&'a str, EventId>, PageError> {
    let items: BTreeSet<&str> = entries.iter().map(|identity| identity.external_id.as_str()).collect();
    let names = items.iter().map(|id| ItemName::External((*id).to_owned())).collect();
    let standings = web.app.links_of(user, Resource::Calendar, names).await?;
    let record = |standing: ItemStanding| standing.link?.item_id.parse().ok();
    let linked = items.into_iter().zip(standings);
    Ok(linked.filter_map(|(id, standing)| Some((id, record(standing)?))).collect())
}

/// The entries of a side that have none of the other side beside them.
fn alone<'a>(side: &'a [Shown], other: &[Shown]) -> Vec<&'a Identity> {
    let others: BTreeSet<&Identity> = other.iter().filter_map(|shown| shown.identity.as_ref()).collect();
    side.iter().filter_map(|shown| shown.identity.as_ref()).filter(|identity| !others.contains(identity)).collect()
}

//! Entries that stand alone in what is looked at although both sides have them: because
//! somebody has moved the other half, or the whole series.
//!
//! The component is asked once about all of them. Each side is read once, and as far
//! around an entry as its own page looks, so that a list and a page say the same.

use std::collections::{BTreeMap, BTreeSet};

use super::identity::Identity;
use super::series_days::{self, SeriesDays};
use super::twins::{self, around};
use super::view::Shown;
use crate::app::{ItemName, ItemStanding, Resource, Side};
use crate::crm::EventId;
use crate::crm::users::User;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::mailbox::{self, Mailbox};

/// An entry with what it is.
type Named<'a> = (&'a Identity, &'a Shown);

/// The CRM's records by Microsoft's items that they are linked with.
type Records<'a> = BTreeMap<&'a str, EventId>;

/// What is on both sides and is shown on one of them alone.
///
/// # Errors
/// The CRM cannot be read, or the component fails.
pub async fn parted(
    web: &Web,
    user: &User,
    crm: &[Shown],
    microsoft: &[Shown],
) -> Result<BTreeSet<Identity>, PageError> {
    // With the side that each is looked for on.
    let ours = alone(crm, microsoft).into_iter().map(|entry| (entry, Side::Microsoft));
    let theirs = alone(microsoft, crm).into_iter().map(|entry| (entry, Side::Crm));
    let lone: Vec<(Named<'_>, Side)> = ours.chain(theirs).collect();
    if lone.is_empty() {
        return Ok(BTreeSet::new());
    }
    let Ok(mailbox) = mailbox::of(web, user).await? else { return Ok(BTreeSet::new()) };
    let entries: Vec<Named<'_>> = lone.iter().map(|(entry, _)| *entry).collect();
    let records = records(web, user, &entries).await?;
    let days = days_of(web, user, &mailbox, &records, &entries)?;
    let others = Others { web, user, mailbox: &mailbox, records, days };
    let mut parted = BTreeSet::new();
    for (entry, side) in lone {
        if others.has(entry, side)? {
            parted.insert(entry.0.clone());
        }
    }
    Ok(parted)
}

/// Where the other halves of entries are looked for.
struct Others<'a> {
    web: &'a Web,
    user: &'a User,
    mailbox: &'a Mailbox<'a>,
    records: Records<'a>,
    days: BTreeMap<&'a str, SeriesDays>,
}

impl Others<'_> {
    /// Whether a side has an entry of the other side.
    fn has(&self, (identity, shown): Named<'_>, side: Side) -> Result<bool, PageError> {
        let id = identity.external_id.as_str();
        if let Some(day) = identity.day {
            let (start, end) = twins::span_of(shown);
            return Ok(self.days.get(id).is_some_and(|days| days.within(around(start, end)).has(day, side)));
        }
        match (side, self.records.get(id)) {
            (Side::Microsoft, _) => Ok(twins::is_in_microsoft(self.mailbox, id)),
            (Side::Crm, Some(record)) => twins::is_in_crm(self.web, self.user, *record),
            (Side::Crm, None) => Ok(false),
        }
    }
}

/// The days of the series of those entries that are days of linked ones: as far around all of
/// them as the page of each looks.
fn days_of<'a>(
    web: &Web,
    user: &User,
    mailbox: &Mailbox<'_>,
    records: &Records<'a>,
    entries: &[Named<'a>],
) -> Result<BTreeMap<&'a str, SeriesDays>, PageError> {
    let is_linked = |id: &str| records.contains_key(id);
    let of_series =
        || entries.iter().filter(|(identity, _)| identity.day.is_some() && is_linked(&identity.external_id));
    let stretches = of_series().map(|(_, shown)| twins::span_of(shown)).map(|(start, end)| around(start, end));
    let Some(stretch) = stretches.reduce(|(start, end), (from, until)| (start.min(from), end.max(until))) else {
        return Ok(BTreeMap::new());
    };
    let mut crm = series_days::in_crm(web, user, stretch)?;
    let items: BTreeSet<&str> = of_series().map(|(identity, _)| identity.external_id.as_str()).collect();
    let days = |id: &'a str| {
        let crm = crm.remove(records.get(id)?).unwrap_or_default();
        Some((id, SeriesDays { crm, microsoft: series_days::in_microsoft(mailbox, id, stretch) }))
    };
    Ok(items.into_iter().filter_map(days).collect())
}

/// What the items of these entries are linked with.
async fn records<'a>(web: &Web, user: &User, entries: &[Named<'a>]) -> Result<Records<'a>, PageError> {
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

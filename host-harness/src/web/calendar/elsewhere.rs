//! Entries whose other half is outside of the days that are looked at, because somebody
//! has moved it: they are on both sides all the same.
//!
//! The component is asked once, about the items of Microsoft's that stand alone.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::identity::Identity;
use super::twins::{self, around, span_of};
use super::view::Shown;
use crate::app::{ItemName, ItemStanding, Resource};
use crate::crm::EventId;
use crate::crm::users::User;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::mailbox;

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
    let mut halves = BTreeSet::new();
    let ours = alone(crm, microsoft);
    if !ours.is_empty()
        && let Ok(mailbox) = mailbox::of(web, user).await?
    {
        let is_there = |(identity, shown): &Named<'_>| {
            let (start, end) = span_of(shown);
            twins::entries(&mailbox, &identity.external_id, identity.day, around(start, end))
                .is_ok_and(|found| found.is_some_and(|entries| identity.day.is_none() || !entries.is_empty()))
        };
        halves.extend(ours.into_iter().filter(is_there).map(|(identity, _)| identity.clone()));
    }
    let theirs = alone(microsoft, crm);
    if !theirs.is_empty() {
        let items: BTreeSet<&str> = theirs.iter().map(|(identity, _)| identity.external_id.as_str()).collect();
        let names = items.iter().map(|id| ItemName::External((*id).to_owned())).collect();
        let standings = web.app.links_of(user, Resource::Calendar, names).await?;
        let record = |standing: ItemStanding| standing.link?.item_id.parse().ok();
        let linked = items.into_iter().zip(standings);
        let records: BTreeMap<&str, EventId> =
            linked.filter_map(|(id, standing)| Some((id, record(standing)?))).collect();
        let days = match stretch_of_days(&theirs) {
            Some(stretch) => twins::days_in_crm(web, user, stretch)?,
            None => BTreeSet::new(),
        };
        for (identity, _) in &theirs {
            let Some(record) = records.get(identity.external_id.as_str()) else { continue };
            let is_there = match identity.day {
                Some(day) => days.contains(&(*record, day)),
                None => twins::is_in_crm(web, user, *record)?,
            };
            if is_there {
                halves.insert((*identity).clone());
            }
        }
    }
    Ok(halves)
}

/// Where the CRM is looked at for days of series; none where there are none.
fn stretch_of_days(entries: &[Named<'_>]) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let days = entries.iter().filter(|(identity, _)| identity.day.is_some());
    let spans = days.map(|(_, shown)| span_of(shown));
    let (start, end) = spans.reduce(|(start, end), (from, until)| (start.min(from), end.max(until)))?;
    Some(around(start, end))
}

/// The entries of a side that have none of the other side beside them.
fn alone<'a>(side: &'a [Shown], other: &[Shown]) -> Vec<Named<'a>> {
    let others: BTreeSet<&Identity> = other.iter().filter_map(|shown| shown.identity.as_ref()).collect();
    let named = side.iter().filter_map(|shown| Some((shown.identity.as_ref()?, shown)));
    named.filter(|(identity, _)| !others.contains(identity)).collect()
}

//! What the page of an item says of the other side: whether the item is there and
//! how that is known, when the resource was in step last, what is set aside of the
//! item, and what was decided about it.
//!
//! Which items are linked, the component keeps for itself, and the contract has no
//! way to ask it. Two things are certain all the same: what a record of the sync
//! names on both sides, and what Microsoft's item says of itself. Anything else is
//! recognised as a person would, and the page says so.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Web;
use super::dates::Dates;
use super::error::PageError;
use super::items::about;
use super::report::Badge;
use super::status::instant;
use super::viewer::Viewer;
use crate::app::{Resource, SetAside, StatusRow};
use crate::crm::notices::Conflict;
use crate::crm::users::User;

/// Decisions about one item that its page names.
const CONFLICTS_SHOWN_MAX: usize = 5;

/// By what an item of Microsoft's side was recognised, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// A record of the sync names both.
    Named,
    /// Both have the same meeting's identifier.
    Meeting,
    /// Microsoft's item leads to the record's page.
    Address,
    /// Both look the same.
    Looks,
}

/// What was found of an item on the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Twin {
    /// That side is not shown, for this reason.
    Hidden(String),
    /// Nothing.
    None,
    /// An item.
    Found {
        /// Where it is to be seen.
        href: String,
        /// How it is known to be the same.
        how: How,
        /// Whether it has other values in what the page compares.
        differs: bool,
    },
}

/// What the sync has on record of an item.
#[derive(Debug)]
pub struct Records {
    resource: Resource,
    login: String,
    dates: Dates,
    product: String,
    status: Option<StatusRow>,
    aside: Vec<SetAside>,
    conflicts: Vec<Conflict>,
    /// Whether the viewer may read what was decided.
    is_own: bool,
}

/// The part of the page.
#[derive(Debug, Serialize)]
pub struct LinkView {
    state: Badge,
    sentence: String,
    /// Microsoft's item.
    href: Option<String>,
    last_sync: String,
    changed: Option<String>,
    /// What keeps the resource from being in step.
    waits: Option<String>,
    aside: Vec<AsideLine>,
    conflicts: Vec<ConflictLine>,
    login: String,
    resource_word: &'static str,
}

#[derive(Debug, Serialize)]
struct AsideLine {
    since: String,
    message: String,
    hint: String,
    attempts: u32,
    key: String,
}

#[derive(Debug, Serialize)]
struct ConflictLine {
    at: String,
    href: Option<String>,
}

impl Records {
    /// Of a record of the CRM.
    ///
    /// # Errors
    /// The CRM cannot be read, or the component fails.
    pub async fn of_record(
        web: &Web,
        viewer: &Viewer,
        owner: &User,
        resource: Resource,
        id: &str,
    ) -> Result<Self, PageError> {
        Self::of(web, viewer, owner, resource, |item, _| item == Some(id)).await
    }

    /// Of an item of Microsoft's.
    ///
    /// # Errors
    /// As for [`Self::of_record`].
    pub async fn of_external(
        web: &Web,
        viewer: &Viewer,
        owner: &User,
        resource: Resource,
        ids: &[&str],
    ) -> Result<Self, PageError> {
        Self::of(web, viewer, owner, resource, |_, external| external.is_some_and(|id| ids.contains(&id))).await
    }

    async fn of(
        web: &Web,
        viewer: &Viewer,
        owner: &User,
        resource: Resource,
        is_meant: impl Fn(Option<&str>, Option<&str>) -> bool,
    ) -> Result<Self, PageError> {
        let status = web.app.status_of(owner).await?.into_iter().find(|row| row.resource == resource);
        let aside = web.app.set_aside(owner.id).await?.into_iter();
        let conflicts = web.app.crm().conflicts_of_user(owner.id)?.into_iter();
        let is_aside = |item: &SetAside| {
            item.resource == resource && is_meant(item.item_id.as_deref(), item.external_id.as_deref())
        };
        let is_decided = |conflict: &Conflict| {
            conflict.resource == about(resource)
                && is_meant(conflict.item_id.as_deref(), conflict.external_id.as_deref())
        };
        Ok(Self {
            resource,
            login: owner.login.clone(),
            dates: viewer.dates(),
            product: web.product.clone(),
            status,
            aside: aside.filter(is_aside).collect(),
            conflicts: conflicts.filter(is_decided).collect(),
            is_own: owner.id == viewer.user.id,
        })
    }

    /// What Microsoft calls the item, as far as the records say it.
    pub fn external_ids(&self) -> Vec<String> {
        let aside = self.aside.iter().filter_map(|item| item.external_id.clone());
        aside.chain(self.conflicts.iter().filter_map(|conflict| conflict.external_id.clone())).collect()
    }

    /// The records of the CRM that the item stands for, as far as they say it.
    pub fn record_ids(&self) -> Vec<String> {
        let aside = self.aside.iter().filter_map(|item| item.item_id.clone());
        aside.chain(self.conflicts.iter().filter_map(|conflict| conflict.item_id.clone())).collect()
    }

    /// The part of the page of a record that was changed last at `changed_at`.
    /// One that `is_cancelled` is not to be found on the other side.
    pub fn with_twin(self, twin: Twin, changed_at: Option<DateTime<Utc>>, is_cancelled: bool) -> LinkView {
        let (state, sentence) = self.said(&twin, changed_at, is_cancelled);
        let changed = changed_at.map(|at| instant(Some(at), self.dates, ""));
        let href = match twin {
            Twin::Found { href, .. } => Some(href),
            Twin::Hidden(_) | Twin::None => None,
        };
        self.view(state, sentence, href, changed)
    }

    /// The part of the page of an item of Microsoft's, with what there is of it in
    /// the CRM.
    pub fn of_microsoft(self, is_in_crm: bool, href: String) -> LinkView {
        let (state, sentence) = if is_in_crm {
            (Badge { kind: "good", text: "On both sides" }, format!("{} has it as well.", self.product))
        } else {
            let sentence =
                format!("Nothing in {} was recognised as this item. {}", self.product, self.why_missing(None));
            (Badge { kind: "warn", text: "In Microsoft 365 only" }, sentence)
        };
        self.view(state, sentence, Some(href), None)
    }

    fn said(&self, twin: &Twin, changed_at: Option<DateTime<Utc>>, is_cancelled: bool) -> (Badge, String) {
        match twin {
            Twin::Hidden(sentence) => (Badge { kind: "", text: "Not shown" }, sentence.clone()),
            Twin::None if is_cancelled => {
                (Badge { kind: "good", text: "On neither side" }, "Microsoft 365 does not have it either.".to_owned())
            }
            Twin::None => (Badge { kind: "warn", text: "Not in Microsoft 365" }, self.why_missing(changed_at)),
            Twin::Found { .. } if is_cancelled => {
                let sentence =
                    "Microsoft 365 still has it. The next sync cancels it there, where the direction allows it.";
                (Badge { kind: "warn", text: "In Microsoft 365 only" }, sentence.to_owned())
            }
            Twin::Found { how, differs, .. } => {
                let badge = if *differs {
                    Badge { kind: "warn", text: "Differs in Microsoft 365" }
                } else {
                    Badge { kind: "good", text: "On both sides" }
                };
                (badge, known_by(*how).to_owned())
            }
        }
    }

    /// Why an item may be missing on the other side.
    fn why_missing(&self, changed_at: Option<DateTime<Utc>>) -> String {
        let last = self.status.as_ref().and_then(|row| row.last_sync_at);
        let is_waiting = changed_at.zip(last).is_some_and(|(changed, last)| changed > last);
        let sentence = match last {
            _ if !self.aside.is_empty() => "It is set aside; the reason is below.",
            None => "This has not been synchronised yet.",
            Some(_) if is_waiting => {
                "It was changed after the last sync. The next one brings it there, where the direction allows it."
            }
            Some(_) => {
                "It may be outside of the period that is synchronised, be held back by the direction, or be called \
                 otherwise there."
            }
        };
        sentence.to_owned()
    }

    fn view(self, state: Badge, sentence: String, href: Option<String>, changed: Option<String>) -> LinkView {
        let dates = self.dates;
        let aside = |item: SetAside| AsideLine {
            since: instant(item.first_at, dates, "–"),
            message: item.message,
            hint: item.hint,
            attempts: item.attempts,
            key: item.key,
        };
        let conflict = |conflict: Conflict| ConflictLine {
            at: instant(Some(conflict.decided_at), dates, ""),
            href: self.is_own.then(|| format!("/conflicts/{}", conflict.id)),
        };
        // That no account is connected is said already.
        let waits = self.status.as_ref().and_then(|row| match (row.enabled, row.connected) {
            (false, _) => Some("This is not synchronised: it is switched off in the settings.".to_owned()),
            (true, true) => row.explanation.clone(),
            (true, false) => None,
        });
        LinkView {
            state,
            sentence,
            href,
            last_sync: instant(self.status.as_ref().and_then(|row| row.last_sync_at), dates, "Never"),
            changed,
            waits,
            aside: self.aside.into_iter().map(aside).collect(),
            conflicts: self.conflicts.into_iter().take(CONFLICTS_SHOWN_MAX).map(conflict).collect(),
            login: self.login,
            resource_word: self.resource.as_str(),
        }
    }
}

const fn known_by(how: How) -> &'static str {
    match how {
        How::Named => "A record of the sync names it on both sides.",
        How::Meeting => "Both sides have the same meeting.",
        How::Address => "Microsoft's item leads to this page.",
        How::Looks => {
            "Microsoft has an item with the same title and time. This page recognises it by them; which items are linked, \
             the component keeps for itself."
        }
    }
}

//! What the page of an item says of the other side: whether the item is linked with one
//! there and both agree, since when, what waits, what is set aside of it, and what was
//! decided about it.
//!
//! Which items are linked, the component says, so that a page says it as well where
//! nobody but Microsoft shows the other side. Where the page can read that side, it
//! compares what both show, and sees more than the last sync.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Web;
use super::blocked::explanation;
use super::dates::Dates;
use super::error::PageError;
use super::items::about;
use super::mailbox::Unseen;
use super::report::Badge;
use super::status::instant;
use super::viewer::Viewer;
use crate::app::{ItemLink, ItemName, ItemStanding, Resource, SetAside, StatusRow};
use crate::crm::notices::Conflict;
use crate::crm::users::User;

/// Decisions about one item that its page names.
const CONFLICTS_SHOWN_MAX: usize = 5;

/// What Microsoft shows now of the item that a record is linked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum There {
    /// The page cannot read that side.
    Unread,
    /// It is not there.
    Gone,
    /// The series is there, and does not have this day.
    NoSuchDay,
    /// It is there.
    Here {
        /// Where it is to be seen.
        href: String,
        /// Whether it has other values in what the page compares.
        differs: bool,
    },
}

/// What the CRM shows now of the record that an item of Microsoft's is linked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InCrm {
    /// It is not there.
    Gone,
    /// The series is there, and does not have this day.
    NoSuchDay {
        /// The version of the series.
        version: String,
    },
    /// It is there.
    Present {
        /// Its version.
        version: String,
        /// Whether it has other values in what the page compares.
        differs: bool,
    },
}

/// A record as it is now.
#[derive(Clone, Copy, Debug)]
pub struct RecordNow<'a> {
    /// Its version.
    pub version: &'a str,
    /// When it was changed last.
    pub changed_at: Option<DateTime<Utc>>,
    /// Whether it is a day that the series does not have any more.
    pub is_cancelled: bool,
}

/// What the sync has on record of an item.
#[derive(Debug)]
pub struct Records {
    resource: Resource,
    login: String,
    dates: Dates,
    product: String,
    status: Option<StatusRow>,
    /// What the resource waits for, for who looks at it.
    explanation: Option<String>,
    standing: ItemStanding,
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
    /// When both sides were known to agree last.
    agreed: Option<String>,
    last_sync: String,
    changed: Option<String>,
    /// What keeps the resource from being in step.
    waits: Option<String>,
    aside: Option<AsideLine>,
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
    /// Of a record of the CRM, or of an item of Microsoft's.
    ///
    /// # Errors
    /// The CRM cannot be read, or the component fails.
    pub async fn of(
        web: &Web,
        viewer: &Viewer,
        owner: &User,
        resource: Resource,
        name: ItemName,
    ) -> Result<Self, PageError> {
        let status = web.app.status_of(owner).await?.into_iter().find(|row| row.resource == resource);
        let standing = web.app.links_of(owner, resource, vec![name.clone()]).await?.pop().unwrap_or_default();
        let link = standing.link.as_ref();
        let (item, external) = match &name {
            ItemName::Record(id) => (Some(id.as_str()), link.map(|link| link.external_id.as_str())),
            ItemName::External(id) => (link.map(|link| link.item_id.as_str()), Some(id.as_str())),
        };
        let is_one = |id: Option<&str>, other: Option<&str>| id.is_some() && id == other;
        let is_about = |conflict: &Conflict| {
            conflict.resource == about(resource)
                && (is_one(item, conflict.item_id.as_deref()) || is_one(external, conflict.external_id.as_deref()))
        };
        let conflicts = web.app.crm().conflicts_of_user(owner.id)?.into_iter().filter(is_about).collect();
        let explanation = status.as_ref().and_then(|row| explanation(row, viewer));
        Ok(Self {
            resource,
            login: owner.login.clone(),
            dates: viewer.dates(),
            product: web.product.clone(),
            status,
            explanation,
            standing,
            conflicts,
            is_own: owner.id == viewer.user.id,
        })
    }

    /// What the component knows of it.
    pub const fn standing(&self) -> &ItemStanding {
        &self.standing
    }

    /// Its link, where it has one.
    pub const fn link(&self) -> Option<&ItemLink> {
        self.standing.link.as_ref()
    }

    /// The part of the page of a record, with what Microsoft shows of what it is linked
    /// with.
    pub fn of_record(self, now: RecordNow<'_>, there: There) -> LinkView {
        let (state, sentence) = self.said_of_record(now, &there);
        let changed = now.changed_at.map(|at| instant(Some(at), self.dates, ""));
        let href = match there {
            There::Here { href, .. } => Some(href),
            There::Unread | There::Gone | There::NoSuchDay => None,
        };
        self.view(state, sentence, href, changed)
    }

    /// The part of the page of an item of Microsoft's, with what the CRM shows of what
    /// it is linked with.
    pub fn of_microsoft(self, record: &InCrm, href: String) -> LinkView {
        let only = Badge { kind: "warn", text: "In Microsoft 365 only" };
        let (state, sentence) = match (self.link(), record) {
            (None, _) => {
                let sentence =
                    format!("Nothing in {} is linked with this item. {}", self.product, self.why_not_linked(None));
                (only, sentence)
            }
            (Some(link), InCrm::Gone) => (only, self.gone(&self.product, link.item_gone)),
            (Some(link), InCrm::NoSuchDay { version }) => (only, no_such_day(&self.product, self.open(link, version))),
            (Some(link), InCrm::Present { version, differs }) => self.said_of_both(link, version, *differs),
        };
        self.view(state, sentence, Some(href), None)
    }

    fn said_of_record(&self, now: RecordNow<'_>, there: &There) -> (Badge, String) {
        if !self.status.as_ref().is_some_and(|row| row.connected) {
            return (Badge { kind: "", text: "Not shown" }, Unseen::NotConnected.sentence().to_owned());
        }
        let missing = Badge { kind: "warn", text: "Not in Microsoft 365" };
        let Some(link) = self.link() else {
            let why = self.why_not_linked(now.changed_at);
            return (missing, format!("Nothing in Microsoft 365 is linked with it. {why}"));
        };
        match there {
            There::Gone | There::NoSuchDay if now.is_cancelled => {
                (Badge { kind: "good", text: "On neither side" }, "Microsoft 365 does not have it either.".to_owned())
            }
            There::Here { .. } if now.is_cancelled => {
                let sentence =
                    "Microsoft 365 still has it. The next sync cancels it there, where the direction allows it.";
                (Badge { kind: "warn", text: "In Microsoft 365 only" }, sentence.to_owned())
            }
            There::Unread if now.is_cancelled && self.open(link, now.version).is_none() => {
                (Badge { kind: "good", text: "On neither side" }, "Microsoft 365 was told of it.".to_owned())
            }
            There::Gone => (missing, self.gone("Microsoft 365", link.external_gone)),
            There::NoSuchDay => (missing, no_such_day("Microsoft 365", self.open(link, now.version))),
            There::Unread if link.external_gone => (missing, self.gone("Microsoft 365", true)),
            There::Unread => self.said_of_both(link, now.version, false),
            There::Here { differs, .. } => self.said_of_both(link, now.version, *differs),
        }
    }

    /// Of an item that both sides have; `differs` says that they were seen to show
    /// something else.
    fn said_of_both(&self, link: &ItemLink, version: &str, differs: bool) -> (Badge, String) {
        let open = self.open(link, version);
        let badge = match (&open, differs) {
            (None, false) => Badge { kind: "good", text: "On both sides" },
            (Some(Open::Kept), false) | (_, true) => Badge { kind: "warn", text: "Differs in Microsoft 365" },
            (Some(Open::Seen | Open::Changed), false) => Badge { kind: "warn", text: "Waits for the next sync" },
        };
        let sentence = match open {
            Some(Open::Kept) if self.standing.set_aside.is_some() => "It is set aside; the reason is below.",
            Some(open) => open.sentence(),
            None if differs => {
                "The two sides show it differently. What was changed after the last sync, the next one brings to the \
                 other side, where the direction allows it."
            }
            None => return (badge, format!("It is linked: {} and Microsoft 365 have the same item.", self.product)),
        };
        (badge, sentence.to_owned())
    }

    /// What keeps an item of both sides from being in step, as far as is known.
    fn open(&self, link: &ItemLink, version: &str) -> Option<Open> {
        match (self.standing.pending, link.item_version == version, link.agreed) {
            (true, _, _) => Some(Open::Seen),
            (false, false, _) => Some(Open::Changed),
            (false, true, false) => Some(Open::Kept),
            (false, true, true) => None,
        }
    }

    /// What is said of an item that `side` does not have any more; `is_known` says that
    /// a sync has found it so.
    fn gone(&self, side: &str, is_known: bool) -> String {
        if is_known && !self.standing.pending {
            format!(
                "It was deleted in {side}. The direction gives that no effect, and it stays as it is until it changes."
            )
        } else {
            let moved = match self.resource {
                Resource::Tasks => ", or moved to another list, which makes it a new task there",
                Resource::Calendar | Resource::Mail => "",
            };
            format!("It was deleted in {side} after the last sync{moved}. The next one decides what follows from that.")
        }
    }

    /// Why an item may have no link.
    fn why_not_linked(&self, changed_at: Option<DateTime<Utc>>) -> String {
        let last = self.status.as_ref().and_then(|row| row.last_sync_at);
        let is_waiting = changed_at.zip(last).is_some_and(|(changed, last)| changed > last);
        let sentence = match last {
            _ if self.standing.set_aside.is_some() => "It is set aside; the reason is below.",
            _ if self.standing.pending => "It was seen, and the next sync goes on with it.",
            None => "This has not been synchronized yet.",
            Some(_) if is_waiting => {
                "It was changed after the last sync. The next one brings it there, where the direction allows it."
            }
            Some(_) => {
                "It may be outside of the period that is synchronized, in a calendar or a list that takes no part, or \
                 be held back by the direction."
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
            (false, _) => Some("This is not synchronized: it is switched off in the settings.".to_owned()),
            (true, true) => self.explanation.clone(),
            (true, false) => None,
        });
        let agreed_at = self.standing.link.as_ref().map(|link| link.agreed_at);
        LinkView {
            state,
            sentence,
            href,
            agreed: agreed_at.map(|at| instant(at, dates, "Not noted")),
            last_sync: instant(self.status.as_ref().and_then(|row| row.last_sync_at), dates, "Never"),
            changed,
            waits,
            aside: self.standing.set_aside.map(aside),
            conflicts: self.conflicts.into_iter().take(CONFLICTS_SHOWN_MAX).map(conflict).collect(),
            login: self.login,
            resource_word: self.resource.as_str(),
        }
    }
}

/// What keeps both sides of an item from being in step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    /// The component has seen something and not decided about it yet.
    Seen,
    /// The record was changed since the component has seen it.
    Changed,
    /// One side keeps a change.
    Kept,
}

impl Open {
    const fn sentence(self) -> &'static str {
        match self {
            Self::Seen => "A change of it was seen, and the next sync goes on with it.",
            Self::Changed => {
                "It was changed after the last sync. The next one brings that to the other side, where the direction \
                 allows it."
            }
            Self::Kept => {
                "One side has a change that the other one does not get, because of the direction or because it cannot \
                 hold it."
            }
        }
    }
}

/// Why the series of `side` may lack a day, by what is open of the series.
fn no_such_day(side: &str, open: Option<Open>) -> String {
    match open {
        Some(open) => open.sentence().to_owned(),
        None => format!(
            "The series in {side} does not have this day as it is here. If the day was deleted there, or the series \
             moved, after the last sync, the next one decides what follows from that."
        ),
    }
}

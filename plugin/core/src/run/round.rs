//! How far has each side been read?
//!
//! One [`CalendarRound`] per calendar of Microsoft's, one [`CrmRound`] for the
//! CRM. Only the states and how one follows another; reading is in
//! [`super::rounds`] and [`super::observe_crm`], what belongs to all calendars
//! together in [`super::status`].

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::graph::wire::{Continuation, PageLink};
use crate::model::CalendarId;

/// Items asked for in a page, which is staged in one commit: with the largest
/// bodies below the contract's 16 MiB.
pub const PAGE_SIZE: u16 = 100;

/// The smallest page that is asked for, in items, where larger ones do not fit
/// into the host's limit of an answer: 1.6 MiB of that limit's 16 for each.
pub const PAGE_SIZE_MIN: u16 = 10;

/// A calendar of Microsoft's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CalendarKey {
    /// The one that Microsoft takes where none is named.
    Default,
    /// Another one.
    Id(CalendarId),
}

impl CalendarKey {
    /// The id, where it is needed.
    pub const fn id(&self) -> Option<&CalendarId> {
        match self {
            Self::Default => None,
            Self::Id(id) => Some(id),
        }
    }
}

/// Changes being read: the page to read next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// A delta link, or the next page of a round that is not complete.
    pub link: PageLink,
    /// Whether the round before it was complete.
    pub complete: bool,
    /// Pages read in the present round.
    pub pages: u32,
}

impl Feed {
    /// At the beginning of a round.
    pub const fn new(link: PageLink) -> Self {
        Self { link, complete: true, pages: 0 }
    }

    /// After a page that goes on like this.
    fn after_page(&self, continuation: Continuation) -> Self {
        match continuation {
            Continuation::Next(link) => Self { link, complete: false, pages: self.pages.saturating_add(1) },
            Continuation::Delta(link) => Self::new(link),
        }
    }
}

/// The links that one step has followed. At most as many as it may send requests.
#[derive(Debug, Default)]
pub(super) struct Followed(BTreeSet<PageLink>);

impl Followed {
    /// Notes that the page behind `asked` was read; whether it leads on to itself or
    /// to a page before it, so that its round has no end.
    pub fn leads_back(&mut self, asked: Option<&PageLink>, continuation: &Continuation) -> bool {
        self.0.extend(asked.cloned());
        matches!(continuation, Continuation::Next(next) if self.0.contains(next))
    }

    /// Begins anew: another round may come by the same links.
    pub fn forget(&mut self) {
        self.0.clear();
    }
}

/// How far one calendar has been read.
///
/// A link lives for one window (Graph `event: delta`). While another window is
/// being listed, the feed of the one before is kept and read on, so that changes
/// flow however many steps the listing takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GraphRound {
    /// A complete listing is being read.
    Listing {
        /// The next page; none before the first one.
        next: Option<PageLink>,
        /// Pages read.
        pages: u32,
        /// The feed that the listing replaces, where it is not lost.
        kept: Option<Feed>,
    },
    /// The listing is complete and waits for those of the other calendars.
    Listed {
        /// Where changes go on once all were compared with the links.
        delta: PageLink,
        /// As for [`GraphRound::Listing`].
        kept: Option<Feed>,
    },
    /// Changes are being read.
    Changes(Feed),
}

/// One calendar that is followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarRound {
    /// Which.
    pub calendar: CalendarKey,
    /// Its name in the setting; none for the default calendar.
    pub name: Option<String>,
    /// How far it was read.
    pub round: GraphRound,
    /// Items to ask for in a page: fewer where a page was too large.
    pub page_size: u16,
}

impl CalendarRound {
    /// A calendar that was never read.
    pub const fn new(calendar: CalendarKey, name: Option<String>) -> Self {
        let round = GraphRound::Listing { next: None, pages: 0, kept: None };
        Self { calendar, name, round, page_size: PAGE_SIZE }
    }

    /// The feed of changes, where there is one to read.
    pub const fn feed(&self) -> Option<&Feed> {
        match &self.round {
            GraphRound::Changes(feed) => Some(feed),
            GraphRound::Listing { kept, .. } | GraphRound::Listed { kept, .. } => kept.as_ref(),
        }
    }

    /// Whether pages of a listing are still to be read.
    pub const fn is_to_be_listed(&self) -> bool {
        matches!(self.round, GraphRound::Listing { .. })
    }

    /// Whether changes are all there is to read.
    pub const fn is_followed(&self) -> bool {
        matches!(self.round, GraphRound::Changes(_))
    }

    /// Lists the calendar from the beginning. The feed is read on meanwhile,
    /// unless it is lost.
    pub fn list_again(&mut self, feed_is_lost: bool) {
        let kept = match &self.round {
            GraphRound::Listed { delta, kept: None } => Some(Feed::new(delta.clone())),
            GraphRound::Listing { .. } | GraphRound::Listed { .. } | GraphRound::Changes(_) => self.feed().cloned(),
        };
        self.round = GraphRound::Listing { next: None, pages: 0, kept: kept.filter(|_| !feed_is_lost) };
    }

    /// Forgets the feed that a listing under way replaces.
    pub fn drop_kept(&mut self) {
        match &mut self.round {
            GraphRound::Listing { kept, .. } | GraphRound::Listed { kept, .. } => *kept = None,
            GraphRound::Changes(_) => {}
        }
    }

    /// Goes on after a page of changes. Answers with the pages of the round.
    pub fn feed_page(&mut self, continuation: Continuation) -> u32 {
        let feed = match &mut self.round {
            GraphRound::Changes(feed) => feed,
            GraphRound::Listing { kept: Some(kept), .. } | GraphRound::Listed { kept: Some(kept), .. } => kept,
            GraphRound::Listing { kept: None, .. } | GraphRound::Listed { kept: None, .. } => return 0,
        };
        *feed = feed.after_page(continuation);
        feed.pages
    }

    /// Goes on after a page of the listing; `is_compared` says whether the
    /// listings are compared with the links once they are all there. Answers
    /// with the pages of the listing, 0 where it is complete.
    pub fn listing_page(&mut self, continuation: Continuation, is_compared: bool) -> u32 {
        let GraphRound::Listing { pages, kept, .. } = &mut self.round else { return 0 };
        let (read, kept) = (pages.saturating_add(1), kept.take());
        let (round, pages) = match continuation {
            Continuation::Next(next) => (GraphRound::Listing { next: Some(next), pages: read, kept }, read),
            Continuation::Delta(delta) if is_compared => (GraphRound::Listed { delta, kept }, 0),
            Continuation::Delta(delta) => (GraphRound::Changes(Feed::new(delta)), 0),
        };
        self.round = round;
        pages
    }

    /// The listings were compared with the links: the feed that was replaced is
    /// not needed any more.
    pub fn compared(&mut self) {
        if let GraphRound::Listed { delta, .. } = &self.round {
            self.round = GraphRound::Changes(Feed::new(delta.clone()));
        }
    }

    /// Asks for smaller pages from now on; false where they are the smallest.
    pub fn shrink_pages(&mut self) -> bool {
        let smaller = (self.page_size / 2).max(PAGE_SIZE_MIN);
        let shrinks = smaller < self.page_size;
        self.page_size = smaller.min(self.page_size);
        shrinks
    }
}

/// How far the CRM's calendar has been read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CrmRound {
    /// A complete listing is being read; the feed is lost, or never was.
    Listing {
        /// The next page.
        cursor: Option<String>,
    },
    /// The listing is complete; linked records that may have vanished while
    /// the cursor was lost are looked at.
    Sweeping {
        /// Where the sweep goes on.
        after: Option<String>,
        /// Where changes go on once the sweep is done.
        cursor: String,
    },
    /// Changes are being read, and beside them once more all records, for those
    /// that a new window or another calendar makes interesting.
    Entering {
        /// The next page of the listing.
        after: Option<String>,
        /// The next page of changes.
        cursor: String,
    },
    /// Changes are being read.
    Changes {
        /// The next page.
        cursor: String,
    },
}

impl CrmRound {
    /// Where the feed of changes goes on; none where it is lost.
    pub fn feed(&self) -> Option<&str> {
        match self {
            Self::Changes { cursor } | Self::Entering { cursor, .. } => Some(cursor),
            Self::Listing { .. } | Self::Sweeping { .. } => None,
        }
    }

    /// Lists all records once more, from the beginning, and keeps the feed.
    pub fn list_again(&mut self) {
        *self = match self.feed() {
            Some(cursor) => Self::Entering { after: None, cursor: cursor.to_owned() },
            None => Self::Listing { cursor: None },
        };
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn link(text: &str) -> PageLink {
        PageLink::new(text)
    }

    fn round(round: GraphRound) -> CalendarRound {
        CalendarRound { round, ..CalendarRound::new(CalendarKey::Default, None) }
    }

    #[test]
    fn a_listing_begun_again_keeps_the_newest_complete_feed_unless_it_is_lost() {
        let old = Feed { link: link("old"), complete: false, pages: 3 };
        let table = [
            (GraphRound::Changes(old.clone()), Some(old.clone())),
            (GraphRound::Listing { next: Some(link("n")), pages: 2, kept: Some(old.clone()) }, Some(old.clone())),
            (GraphRound::Listing { next: Some(link("n")), pages: 2, kept: None }, None),
            (GraphRound::Listed { delta: link("d"), kept: Some(old.clone()) }, Some(old)),
            (GraphRound::Listed { delta: link("d"), kept: None }, Some(Feed::new(link("d")))),
        ];
        for (before, kept) in table {
            let mut one = round(before.clone());
            one.list_again(false);
            assert_eq!(one.round, GraphRound::Listing { next: None, pages: 0, kept }, "{before:?}");
            let mut one = round(before);
            one.list_again(true);
            assert_eq!(one.feed(), None);
        }
    }

    #[test]
    fn a_round_that_comes_back_to_a_page_is_seen_at_once() {
        let mut followed = Followed::default();
        let next = |text| Continuation::Next(link(text));
        assert!(!followed.leads_back(None, &next("a")));
        assert!(!followed.leads_back(Some(&link("a")), &next("b")));
        assert!(followed.leads_back(Some(&link("b")), &next("b")), "to itself");
        assert!(followed.leads_back(Some(&link("c")), &next("a")), "in a circle");
        // The next round may begin where this one has.
        assert!(!followed.leads_back(Some(&link("c")), &Continuation::Delta(link("a"))));
        followed.forget();
        assert!(!followed.leads_back(Some(&link("c")), &next("a")));
    }

    #[test]
    fn pages_shrink_by_halves_down_to_ten() {
        let mut one = CalendarRound::new(CalendarKey::Default, None);
        let mut sizes = vec![one.page_size];
        while one.shrink_pages() {
            sizes.push(one.page_size);
        }
        assert_eq!(sizes, [100, 50, 25, 12, 10]);
    }

    #[test]
    fn a_key_is_stored_as_a_word_or_an_id() {
        let keys = [CalendarKey::Default, CalendarKey::Id(CalendarId::new("c/1"))];
        let text = serde_json::to_string(&keys).unwrap();
        assert_eq!(text, r#"["default",{"id":"c/1"}]"#);
        assert_eq!(serde_json::from_str::<[CalendarKey; 2]>(&text).unwrap(), keys);
    }
}

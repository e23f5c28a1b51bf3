//! Guard rails: what a run must not do before a person has looked.
//!
//! Each single decision of such a run may be right, and has its evidence. What is
//! doubtful is all of them together: a side that shows nothing any more, many
//! deletions at once, the same values written without end. Pure: what a run is
//! about to do in, why it has to stop out. What is kept between steps, and what
//! an administrator lets through, is in [`crate::run`].
//!
//! Compare `StorageEmpty` of vdirsyncer and `OnEmpty` of vstorage.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::LinkId;

use super::{Decision, Side};

/// As many deletions are an ordinary clear-out, whatever part of the links they
/// are.
pub const DELETIONS_MAX: u32 = 10;

/// Such a part of the links is an ordinary clear-out, however many items they
/// are: in percent.
pub const DELETED_SHARE_MAX: u32 = 20;

/// With fewer links than this, a side without any is no surprise: whoever has
/// four events may delete them.
pub const EMPTY_LINKS_MIN: u32 = 5;

/// How many of something there are on each side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerSide {
    /// In the CRM.
    pub crm: u32,
    /// In Microsoft 365.
    pub m365: u32,
}

impl PerSide {
    /// On one side.
    pub const fn of(self, side: Side) -> u32 {
        match side {
            Side::Crm => self.crm,
            Side::M365 => self.m365,
        }
    }

    /// One more on this side.
    pub const fn count(&mut self, side: Side) {
        let slot = match side {
            Side::Crm => &mut self.crm,
            Side::M365 => &mut self.m365,
        };
        *slot = slot.saturating_add(1);
    }

    /// On both sides together.
    pub const fn total(self) -> u32 {
        self.crm.saturating_add(self.m365)
    }

    /// Both together, side by side.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self { crm: self.crm.saturating_add(other.crm), m365: self.m365.saturating_add(other.m365) }
    }
}

/// What a run is about to do, as far as guard rails go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// The items that are linked now.
    pub links: u32,
    /// Deletions that are to be carried out, by the side that is written.
    pub deletions: PerSide,
    /// Those that this run has carried out already, without those that somebody
    /// has let through.
    pub deleted: PerSide,
    /// Whether a complete listing of Microsoft's side has shown nothing at all.
    pub is_m365_unlisted: bool,
    /// Items that would be written once more with what was written to them again
    /// and again.
    pub thrashing: u32,
}

/// Which guard rail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rail {
    /// A side shows nothing any more.
    SuddenlyEmpty,
    /// Too many deletions at once.
    TooManyDeletions,
    /// The same is written again and again.
    Thrash,
}

/// Why a run has to stop, with its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "snake_case")]
pub enum Stop {
    /// `side` shows none of what was linked.
    SuddenlyEmpty {
        /// The side that is empty.
        side: Side,
        /// Items that would be deleted across.
        deletions: u32,
        /// Items that were linked.
        links: u32,
    },
    /// So many deletions are no ordinary clear-out.
    TooManyDeletions {
        /// By the side on which they would be carried out.
        deletions: PerSide,
        /// Items that were linked.
        links: u32,
    },
    /// These items are written again and again.
    Thrash {
        /// How many items.
        items: u32,
    },
}

impl Stop {
    /// Which rail it is.
    pub const fn rail(self) -> Rail {
        match self {
            Self::SuddenlyEmpty { .. } => Rail::SuddenlyEmpty,
            Self::TooManyDeletions { .. } => Rail::TooManyDeletions,
            Self::Thrash { .. } => Rail::Thrash,
        }
    }
}

/// Why this must not be done before somebody has looked; none where it is an
/// ordinary run.
pub fn stop(outlook: &Outlook) -> Option<Stop> {
    let all = outlook.deletions.plus(outlook.deleted);
    let links = outlook.links.saturating_add(outlook.deleted.total());
    // Nothing is left to be held back of what was carried out.
    let is_pending = |side: Side| outlook.deletions.of(side) > 0;
    let is_empty = |side: &Side| {
        let gone = all.of(side.other());
        let is_whole = gone == links || (*side == Side::M365 && outlook.is_m365_unlisted);
        is_pending(side.other()) && gone >= EMPTY_LINKS_MIN && is_whole
    };
    if let Some(side) = [Side::M365, Side::Crm].into_iter().find(is_empty) {
        return Some(Stop::SuddenlyEmpty { side, deletions: all.of(side.other()), links });
    }
    let share = u64::from(all.total()).saturating_mul(100);
    let is_large = share > u64::from(links).saturating_mul(u64::from(DELETED_SHARE_MAX));
    if outlook.deletions.total() > 0 && all.total() > DELETIONS_MAX && is_large {
        return Some(Stop::TooManyDeletions { deletions: all, links });
    }
    (outlook.thrashing > 0).then_some(Stop::Thrash { items: outlook.thrashing })
}

/// The side on which a decision deletes an item.
pub const fn deletes_on(decision: &Decision) -> Option<Side> {
    match decision {
        Decision::Delete { on, .. } => Some(*on),
        Decision::Create { .. }
        | Decision::Merge(_)
        | Decision::Ignore
        | Decision::Keep
        | Decision::Close
        | Decision::Withhold => None,
    }
}

/// Items that were held back, so that exactly those can be let through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held(BTreeSet<u64>);

impl Held {
    /// Bytes of one item.
    const WIDTH: usize = 8;

    /// Nothing yet.
    pub const fn new() -> Self {
        Self(BTreeSet::new())
    }

    /// One more.
    pub fn insert(&mut self, link: &LinkId) {
        self.0.insert(Self::short(link));
    }

    /// Whether an item was held back.
    pub fn contains(&self, link: &LinkId) -> bool {
        self.0.contains(&Self::short(link))
    }

    /// Whether all of these were held back before, in `earlier`.
    pub fn is_within(&self, earlier: &Self) -> bool {
        self.0.is_subset(&earlier.0)
    }

    /// As it is stored, cut to a size.
    pub fn to_bytes(&self, size_max: usize) -> Vec<u8> {
        self.0.iter().take(size_max / Self::WIDTH).flat_map(|short| short.to_be_bytes()).collect()
    }

    /// As it was stored.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let shorts = bytes.chunks_exact(Self::WIDTH);
        Self(shorts.map(|short| short.iter().fold(0, |bits, byte| (bits << 8) | u64::from(*byte))).collect())
    }

    /// 64 bits of a link's id, which is a digest by itself: among a hundred thousand
    /// of them no two are expected to share them.
    fn short(link: &LinkId) -> u64 {
        let digits = link.as_str().chars().filter_map(|digit| digit.to_digit(16));
        digits.fold(0_u64, |bits, digit| bits.rotate_left(4) ^ u64::from(digit))
    }
}

#[cfg(test)]
mod tests;

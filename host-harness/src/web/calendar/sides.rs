//! The entries of both sides, with the sides that each is on: in one order, where a linked
//! pair stands once unless its halves show something else, or each side by itself.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use serde::Serialize;

use super::identity::Identity;
use super::view::Shown;

/// What Microsoft's side is called.
pub const MICROSOFT: &str = "Microsoft";

/// Says that an entry is on one side alone.
pub fn only(side: &str) -> String {
    format!("Only {side}")
}

/// Says of an entry of one side that the other one has it otherwise.
pub fn differs(side: &str) -> String {
    format!("{side}, differs")
}

/// How a side has an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OnSide {
    /// Not at all.
    Absent,
    /// As it is shown.
    Present,
    /// With another title or at another time, which is shown for itself.
    Differs,
}

/// An entry with the sides that it is on.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    /// The entry.
    pub shown: &'a Shown,
    /// How the CRM has it.
    pub in_crm: OnSide,
    /// How Microsoft has it; none where that side is not shown.
    pub in_microsoft: Option<OnSide>,
}

/// An entry of one side.
#[derive(Clone, Copy, Debug)]
pub struct Half<'a> {
    /// The entry.
    pub shown: &'a Shown,
    /// How the other side has it; none where that one is not shown.
    pub elsewhere: Option<OnSide>,
}

/// The entries of each side by itself.
#[derive(Clone, Debug)]
pub struct Halves<'a> {
    /// The CRM's.
    pub crm: Vec<Half<'a>>,
    /// Microsoft's; empty where that side is not shown.
    pub microsoft: Vec<Half<'a>>,
}

/// The entries of both sides.
#[derive(Clone, Copy, Debug)]
pub struct Sides<'a> {
    /// The CRM's.
    pub crm: &'a [Shown],
    /// Microsoft's; none where that side is not shown.
    pub microsoft: Option<&'a [Shown]>,
    /// What is on both sides although one of them alone is shown here.
    pub parted: &'a BTreeSet<Identity>,
}

/// The entries of both sides in their order: once where both show the same, and each
/// half by itself where they do not.
pub fn placed(zone: Tz, sides: Sides<'_>) -> Vec<Placed<'_>> {
    let microsoft = sides.microsoft.unwrap_or_default();
    let mut left: Vec<&Shown> = microsoft.iter().collect();
    let mut placed: Vec<Placed<'_>> = Vec::new();
    for shown in sides.crm {
        if let Some(index) = left.iter().position(|theirs| shown.is_same_as(theirs)) {
            left.swap_remove(index);
            placed.push(Placed { shown, in_crm: OnSide::Present, in_microsoft: Some(OnSide::Present) });
        } else {
            let there = sides.other_half(shown, microsoft);
            placed.push(Placed { shown, in_crm: OnSide::Present, in_microsoft: sides.microsoft.map(|_| there) });
        }
    }
    placed.extend(left.into_iter().map(|shown| {
        let here = sides.other_half(shown, sides.crm);
        Placed { shown, in_crm: here, in_microsoft: Some(OnSide::Present) }
    }));
    placed.sort_by(|a, b| a.shown.compare(b.shown, zone));
    placed
}

impl<'a> Sides<'a> {
    /// The entries of each side by itself, with how the other side has each.
    pub fn halves(self) -> Halves<'a> {
        let microsoft = self.microsoft.unwrap_or_default();
        let of_crm = |shown: &'a Shown| {
            let is_there = || microsoft.iter().any(|theirs| shown.is_same_as(theirs));
            let there = || if is_there() { OnSide::Present } else { self.other_half(shown, microsoft) };
            Half { shown, elsewhere: self.microsoft.map(|_| there()) }
        };
        let of_microsoft = |shown| {
            let is_here = self.crm.iter().any(|ours| ours.is_same_as(shown));
            let here = if is_here { OnSide::Present } else { self.other_half(shown, self.crm) };
            Half { shown, elsewhere: Some(here) }
        };
        Halves { crm: self.crm.iter().map(of_crm).collect(), microsoft: microsoft.iter().map(of_microsoft).collect() }
    }

    /// How the `other` side has an entry that is not the same there.
    fn other_half(self, shown: &Shown, other: &[Shown]) -> OnSide {
        let Some(identity) = &shown.identity else { return OnSide::Absent };
        let has_half =
            self.parted.contains(identity) || other.iter().any(|one| one.identity.as_ref() == Some(identity));
        if has_half { OnSide::Differs } else { OnSide::Absent }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::web::calendar::view::When;

    fn timed(title: &str, start: &str, end: &str) -> Shown {
        let when = When::Timed { start: start.parse().unwrap(), end: end.parse().unwrap() };
        Shown { title: title.to_owned(), when, href: None, cancelled: false, note: None, identity: None }
    }

    fn named(external_id: &str, day: Option<&str>) -> Identity {
        Identity { external_id: external_id.to_owned(), day: day.map(|day| day.parse().unwrap()) }
    }

    /// How each is in the CRM and in Microsoft.
    fn found(crm: &[Shown], microsoft: Option<&[Shown]>, parted: &[Identity]) -> Vec<On> {
        let parted = parted.iter().cloned().collect();
        let sides = Sides { crm, microsoft, parted: &parted };
        placed(Tz::UTC, sides).iter().map(|one| (one.in_crm, one.in_microsoft)).collect()
    }

    type On = (OnSide, Option<OnSide>);

    const OURS: On = (OnSide::Present, Some(OnSide::Absent));
    const THEIRS: On = (OnSide::Absent, Some(OnSide::Present));
    const BOTH: On = (OnSide::Present, Some(OnSide::Present));
    const OUR_HALF: On = (OnSide::Present, Some(OnSide::Differs));
    const THEIR_HALF: On = (OnSide::Differs, Some(OnSide::Present));

    #[test]
    fn linked_entries_share_a_row_where_they_look_alike_and_others_do_not() {
        let one = timed("Review", "2026-11-24T09:00:00Z", "2026-11-24T10:00:00Z");
        let moved = timed("Another title", "2026-11-24T09:30:00Z", "2026-11-24T10:00:00Z");
        let crm = [
            Shown { identity: Some(named("c", None)), ..one.clone() },
            Shown { identity: Some(named("a", None)), ..one.clone() },
            one.clone(),
            Shown { identity: Some(named("series", Some("2026-11-24T09:00:00Z"))), ..one.clone() },
        ];
        let microsoft = [
            Shown { identity: Some(named("series", Some("2026-11-25T09:00:00Z"))), ..one.clone() },
            Shown { identity: Some(named("b", None)), ..one.clone() },
            Shown { identity: Some(named("c", None)), ..one },
            Shown { identity: Some(named("a", None)), ..moved },
        ];
        assert_eq!(found(&crm, Some(&microsoft), &[]), [BOTH, OUR_HALF, OURS, OURS, THEIRS, THEIRS, THEIR_HALF]);
    }

    #[test]
    fn an_entry_whose_other_half_is_elsewhere_is_half_of_one() {
        let one = timed("Review", "2026-11-24T09:00:00Z", "2026-11-24T10:00:00Z");
        let entry = |external_id| Shown { identity: Some(named(external_id, None)), ..one.clone() };
        let (crm, microsoft) = ([entry("a"), entry("b")], [entry("c"), entry("d")]);
        let parted = [named("a", None), named("d", None)];
        assert_eq!(found(&crm, Some(&microsoft), &parted), [OUR_HALF, OURS, THEIRS, THEIR_HALF]);
    }

    #[test]
    fn a_day_of_a_series_is_half_of_one_where_it_is_said_and_another_day_is_another_one() {
        let one = timed("Daily", "2026-11-24T09:00:00Z", "2026-11-24T10:00:00Z");
        let day = |at: &str| Shown { identity: Some(named("series", Some(at))), ..one.clone() };
        let ours = [day("2026-11-24T09:00:00Z"), day("2026-11-25T09:00:00Z")];
        let moved = [day("2026-11-24T10:00:00Z"), day("2026-11-25T10:00:00Z")];
        let all: Vec<Identity> = ours.iter().chain(&moved).filter_map(|shown| shown.identity.clone()).collect();
        assert_eq!(found(&ours, Some(&moved), &all), [OUR_HALF, OUR_HALF, THEIR_HALF, THEIR_HALF]);
        assert_eq!(found(&ours, Some(&moved), &[]), [OURS, OURS, THEIRS, THEIRS]);
        assert_eq!(found(&ours, Some(&ours[..1]), &[]), [BOTH, OURS], "the day before is another one's");
    }

    #[test]
    fn a_side_that_is_not_shown_is_not_called_empty() {
        let one = timed("Review", "2026-11-24T09:00:00Z", "2026-11-24T10:00:00Z");
        assert_eq!(found(&[one], None, &[]), [(OnSide::Present, None)]);
    }
}

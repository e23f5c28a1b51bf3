//! What the pages of conflicts show: the versions field by field, and where they
//! differ.

use serde::Serialize;

use super::marks::{Kind, Stretch, beside};
use super::moments::Said;
use crate::crm::notices::{Conflict, ConflictField, Moment};
use crate::web::dates::Dates;
use crate::web::fields::label;

/// One field of a conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct FieldLine {
    pub name: String,
    pub base: Version,
    pub crm: Version,
    pub microsoft: Version,
    pub outcome: Version,
}

/// A version of a field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Version {
    /// What it says, with what differs.
    pub stretches: Vec<Stretch>,
    /// What to say where it says nothing.
    pub nothing: Option<&'static str>,
    /// Whether it is what was kept.
    pub kept: bool,
    /// Whether it is what would be used in its place.
    pub other: bool,
}

impl Version {
    fn nothing(words: &'static str) -> Self {
        Self { nothing: Some(words), ..Self::default() }
    }

    fn of(text: &str, stretches: Vec<Stretch>) -> Self {
        if text.is_empty() { Self::nothing("(empty)") } else { Self { stretches, ..Self::default() } }
    }

    fn plain(said: &Said) -> Self {
        let (Said::Words(text) | Said::Time(text)) = said;
        Self::of(text, vec![Stretch::same(text)])
    }

    /// What a side had, beside what was agreed on before, or else beside what the
    /// other side had.
    fn of_side(value: Option<&Said>, base: Option<&Said>, other: Option<&Said>) -> Self {
        let Some(said) = value else { return Self::nothing("(deleted)") };
        match (said, base.or(other)) {
            (_, None) => Self::plain(said),
            (Said::Words(text), Some(Said::Words(beside_it))) => {
                let mut stretches = beside(text, beside_it);
                // Nothing is gone that was never agreed on.
                stretches.retain(|stretch| base.is_some() || stretch.kind != Kind::Gone);
                Self::of(text, stretches)
            }
            // A time is another one as a whole, or the same.
            (_, Some(beside_it)) if said == beside_it => Self::plain(said),
            (Said::Words(text) | Said::Time(text), Some(_)) => {
                Self::of(text, vec![Stretch { text: text.clone(), kind: Kind::New }])
            }
        }
    }
}

impl FieldLine {
    /// A field of a decision that `is_deletion` if it made the item go.
    /// Times are written as `dates` says.
    pub(super) fn of(field: &ConflictField, is_deletion: bool, dates: Dates) -> Self {
        let is_kept = |value: &Option<String>| match value {
            None => is_deletion && field.outcome.is_none(),
            Some(_) => field.outcome == *value,
        };
        let [is_crm, is_microsoft] = [&field.crm, &field.microsoft].map(|value| field.carried_out && is_kept(value));
        let moments = &field.moments;
        let said = |text: &Option<String>, moment: &Option<Moment>| {
            text.as_ref().map(|text| Said::of(text, moment.as_ref(), dates))
        };
        let base = said(&field.base, &moments.base);
        let crm = said(&field.crm, &moments.crm);
        let microsoft = said(&field.microsoft, &moments.microsoft);
        let version = |value: &Option<Said>, other: &Option<Said>, kept: bool, is_beside_kept: bool| Version {
            kept,
            other: !kept && is_beside_kept,
            ..Version::of_side(value.as_ref(), base.as_ref(), other.as_ref())
        };
        Self {
            name: label(&field.name),
            base: base.as_ref().map_or_else(|| Version::nothing("(none)"), Version::plain),
            crm: version(&crm, &microsoft, is_crm, is_microsoft),
            microsoft: version(&microsoft, &crm, is_microsoft, is_crm),
            outcome: match said(&field.outcome, &moments.outcome) {
                _ if !field.carried_out => Version::nothing("(not carried out)"),
                Some(said) => Version::plain(&said),
                None if is_deletion => Version::nothing("(deleted)"),
                None => Version::nothing("(not recorded)"),
            },
        }
    }
}

/// Whether the decision made the item go.
pub(super) fn is_deletion(conflict: &Conflict) -> bool {
    conflict.fields.iter().all(|field| field.outcome.is_none())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use chrono_tz::Tz;

    use super::*;
    use crate::crm::notices::Moments;

    fn line(field: &ConflictField, is_deletion: bool) -> FieldLine {
        FieldLine::of(field, is_deletion, Dates::of_zone(Tz::UTC))
    }

    fn field(outcome: Option<&str>, crm: Option<&str>) -> ConflictField {
        ConflictField {
            name: "title".to_owned(),
            base: Some("old".to_owned()),
            crm: crm.map(str::to_owned),
            microsoft: Some("theirs".to_owned()),
            outcome: outcome.map(str::to_owned),
            carried_out: true,
            moments: Moments::default(),
        }
    }

    /// Of both sides, whether it was kept, and whether it is the other version.
    fn marks(line: &FieldLine) -> [(bool, bool); 2] {
        [&line.crm, &line.microsoft].map(|version| (version.kept, version.other))
    }

    const KEPT: (bool, bool) = (true, false);
    const OTHER: (bool, bool) = (false, true);
    const NEITHER: (bool, bool) = (false, false);

    #[test]
    fn the_version_that_was_kept_is_marked_and_so_is_the_other_one() {
        let marked = |outcome, crm| marks(&line(&field(outcome, crm), false));
        assert_eq!(marked(Some("ours"), Some("ours")), [KEPT, OTHER]);
        assert_eq!(marked(Some("theirs"), Some("ours")), [OTHER, KEPT]);
        assert_eq!(marked(Some("ours, theirs"), Some("ours")), [NEITHER, NEITHER]);
        assert_eq!(marked(Some("theirs"), None), [OTHER, KEPT]);
        let deleted = line(&field(None, None), true);
        assert_eq!((marks(&deleted), deleted.outcome.nothing), ([KEPT, OTHER], Some("(deleted)")));
        let not_done = ConflictField { carried_out: false, ..field(Some("ours"), Some("ours")) };
        let not_done = line(&not_done, false);
        assert_eq!((marks(&not_done), not_done.outcome.nothing), ([NEITHER, NEITHER], Some("(not carried out)")));
    }

    #[test]
    fn a_side_is_marked_beside_what_was_agreed_or_else_beside_the_other_side() {
        let text = |text: &str| Some(text.to_owned());
        let (crm, microsoft) = (text("Visit to Hamburg"), text("Visit to Kiel in May"));
        let agreed = ConflictField {
            base: text("Visit to Bremen"),
            crm: crm.clone(),
            microsoft: microsoft.clone(),
            ..field(Some("Visit to Hamburg"), None)
        };
        let shown = |version: &Version| {
            let stretches = version.stretches.iter();
            stretches.map(|stretch| (stretch.kind, stretch.text.clone())).collect::<Vec<_>>()
        };
        let stretch = |kind, text: &str| (kind, text.to_owned());
        let agreed_line = line(&agreed, false);
        let same = stretch(Kind::Same, "Visit to ");
        let gone = stretch(Kind::Gone, "Bremen");
        assert_eq!(shown(&agreed_line.crm), [same.clone(), gone.clone(), stretch(Kind::New, "Hamburg")]);
        assert_eq!(shown(&agreed_line.microsoft), [same.clone(), gone, stretch(Kind::New, "Kiel in May")]);
        let found = line(&ConflictField { base: None, ..agreed }, false);
        assert_eq!(shown(&found.crm), [same.clone(), stretch(Kind::New, "Hamburg")]);
        assert_eq!(shown(&found.microsoft), [same, stretch(Kind::New, "Kiel in May")]);
        assert_eq!(found.base.nothing, Some("(none)"));
    }
    #[test]
    fn a_time_is_another_one_as_a_whole() {
        let day = |day: &str| Some(Moment::On(day.parse().unwrap()));
        let text = |text: &str| Some(text.to_owned());
        let due = ConflictField {
            name: "due".to_owned(),
            base: text("2026-11-23"),
            crm: text("2026-11-23"),
            microsoft: text("2026-11-24"),
            outcome: text("2026-11-24"),
            moments: Moments {
                base: day("2026-11-23"),
                crm: day("2026-11-23"),
                microsoft: day("2026-11-24"),
                outcome: day("2026-11-24"),
            },
            ..field(None, None)
        };
        let shown = line(&due, false);
        let stretch = |text: &str, kind| vec![Stretch { text: text.to_owned(), kind }];
        assert_eq!(shown.crm.stretches, stretch("Mon, 23 Nov 2026", Kind::Same));
        assert_eq!(shown.microsoft.stretches, stretch("Tue, 24 Nov 2026", Kind::New));
        assert_eq!(shown.outcome.stretches, stretch("Tue, 24 Nov 2026", Kind::Same));
        assert_eq!(marks(&shown), [OTHER, KEPT]);
    }
}

//! What the pages of conflicts show: the versions field by field, and where they
//! differ.

use serde::Serialize;

use super::marks::{Kind, Stretch, beside};
use super::moments::Said;
use super::sentences::is_of_one_side;
use crate::crm::notices::{Conflict, ConflictField, Moment};
use crate::web::dates::Dates;
use crate::web::fields::label;

/// What was used after a decision was taken back.
#[derive(Clone, Copy, Debug)]
pub(super) enum Holding<'a> {
    /// What this decision has made of it; none where it is not on record.
    By(Option<&'a Conflict>),
    /// Each side has its own version.
    EachItsOwn,
}

impl<'a> Holding<'a> {
    /// Of a decision and those by which it was taken back, that one itself, and so on;
    /// none where it stands.
    pub(super) fn of(conflict: &Conflict, later: &'a [Conflict]) -> Option<Self> {
        conflict.reversed_at?;
        let is_taken_back = later.iter().filter(|later| later.reversed_at.is_some()).count() % 2 == 0;
        let is_apart = is_taken_back && is_of_one_side(conflict);
        Some(if is_apart { Self::EachItsOwn } else { Self::By(later.last()) })
    }
}

/// What became of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Standing {
    /// It is what was kept.
    Kept,
    /// It is what would be used in its place.
    Other,
    /// It was used after the decision was taken back, or after it was put back.
    UsedAfter,
    /// It was kept until the decision was taken back.
    KeptBefore,
}

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
    /// What became of it, where it is that of a side.
    pub standing: Option<Standing>,
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
    /// A field of a decision that `is_deletion` if it made the item go, and of what
    /// holds where it was taken back. Times are written as `dates` says.
    pub(super) fn of(field: &ConflictField, is_deletion: bool, holding: Option<Holding<'_>>, dates: Dates) -> Self {
        let decided = Outcome { field: Some(field), is_deletion };
        let moments = &field.moments;
        let said = |text: &Option<String>, moment: &Option<Moment>| {
            text.as_ref().map(|text| Said::of(text, moment.as_ref(), dates))
        };
        let base = said(&field.base, &moments.base);
        let crm = said(&field.crm, &moments.crm);
        let microsoft = said(&field.microsoft, &moments.microsoft);
        let version = |value: &Option<Said>, other: &Option<Said>, standing| Version {
            standing,
            ..Version::of_side(value.as_ref(), base.as_ref(), other.as_ref())
        };
        let [crm_stands, microsoft_stands] = standings(field, decided, holding);
        Self {
            name: label(&field.name),
            base: base.as_ref().map_or_else(|| Version::nothing("(none)"), Version::plain),
            crm: version(&crm, &microsoft, crm_stands),
            microsoft: version(&microsoft, &crm, microsoft_stands),
            outcome: match holding {
                None => decided.shown(dates),
                Some(Holding::By(later)) => Outcome::of_later(later, &field.name).shown(dates),
                Some(Holding::EachItsOwn) => Version::nothing("(each side has its own)"),
            },
        }
    }
}

/// What became of the version of the CRM and of that of Microsoft.
fn standings(field: &ConflictField, decided: Outcome<'_>, holding: Option<Holding<'_>>) -> [Option<Standing>; 2] {
    let sides = [field.crm.as_deref(), field.microsoft.as_deref()];
    let [crm, microsoft] = sides.map(|value| decided.is(value));
    match holding {
        None => [(crm, microsoft), (microsoft, crm)].map(|(is_kept, is_beside_kept)| match (is_kept, is_beside_kept) {
            (true, _) => Some(Standing::Kept),
            (false, true) => Some(Standing::Other),
            (false, false) => None,
        }),
        Some(Holding::EachItsOwn) => [Some(Standing::UsedAfter); 2],
        Some(Holding::By(later)) => {
            let holds = Outcome::of_later(later, &field.name);
            [(crm, sides[0]), (microsoft, sides[1])].map(|(was_kept, value)| match (holds.is(value), was_kept) {
                (true, _) => Some(Standing::UsedAfter),
                (false, true) => Some(Standing::KeptBefore),
                (false, false) => None,
            })
        }
    }
}

/// What a decision has made of a field.
#[derive(Clone, Copy, Debug)]
struct Outcome<'a> {
    /// None where that is not on record.
    field: Option<&'a ConflictField>,
    is_deletion: bool,
}

impl<'a> Outcome<'a> {
    /// Of a field of this name.
    fn of_later(later: Option<&'a Conflict>, name: &str) -> Self {
        let field = later.and_then(|later| later.fields.iter().find(|field| field.name == name));
        Self { field, is_deletion: later.is_some_and(is_deletion) }
    }

    /// Whether it is this version.
    fn is(self, value: Option<&str>) -> bool {
        let Some(field) = self.field.filter(|field| field.carried_out) else { return false };
        match value {
            None => self.is_deletion && field.outcome.is_none(),
            Some(_) => field.outcome.as_deref() == value,
        }
    }

    fn shown(self, dates: Dates) -> Version {
        let Some(field) = self.field else { return Version::nothing("(not recorded)") };
        match &field.outcome {
            _ if !field.carried_out => Version::nothing("(not carried out)"),
            Some(text) => Version::plain(&Said::of(text, field.moments.outcome.as_ref(), dates)),
            None if self.is_deletion => Version::nothing("(deleted)"),
            None => Version::nothing("(not recorded)"),
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
    use crate::crm::notices::{ConflictRule, ConflictSituation, Moments, NoticeResource, Winner};
    use crate::crm::{ConflictId, OrganizationId};

    fn line(field: &ConflictField, is_deletion: bool) -> FieldLine {
        FieldLine::of(field, is_deletion, None, Dates::of_zone(Tz::UTC))
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

    /// The decision that took another one back.
    fn taking_back(fields: Vec<ConflictField>) -> Conflict {
        Conflict {
            id: ConflictId::from_number(2),
            organization_id: OrganizationId::from_number(1),
            user_id: None,
            key: "later".to_owned(),
            resource: NoticeResource::Calendar,
            item_id: None,
            external_id: None,
            decided_at: "2026-03-02T09:00:00Z".parse().unwrap(),
            rule: ConflictRule::Person,
            winner: Winner::Microsoft,
            fields,
            title: String::new(),
            situation: ConflictSituation::TakenBack,
            reverses: None,
            reversible_until: None,
            asked_at: None,
            refused: None,
            reversed_at: None,
        }
    }

    /// What became of the versions of both sides.
    fn marks(line: &FieldLine) -> [Option<Standing>; 2] {
        [line.crm.standing, line.microsoft.standing]
    }

    const KEPT: Option<Standing> = Some(Standing::Kept);
    const OTHER: Option<Standing> = Some(Standing::Other);
    const NOW: Option<Standing> = Some(Standing::UsedAfter);
    const BEFORE: Option<Standing> = Some(Standing::KeptBefore);

    #[test]
    fn the_version_that_was_kept_is_marked_and_so_is_the_other_one() {
        let marked = |outcome, crm| marks(&line(&field(outcome, crm), false));
        assert_eq!(marked(Some("ours"), Some("ours")), [KEPT, OTHER]);
        assert_eq!(marked(Some("theirs"), Some("ours")), [OTHER, KEPT]);
        assert_eq!(marked(Some("ours, theirs"), Some("ours")), [None, None]);
        assert_eq!(marked(Some("theirs"), None), [OTHER, KEPT]);
        let deleted = line(&field(None, None), true);
        assert_eq!((marks(&deleted), deleted.outcome.nothing), ([KEPT, OTHER], Some("(deleted)")));
        let not_done = ConflictField { carried_out: false, ..field(Some("ours"), Some("ours")) };
        let not_done = line(&not_done, false);
        assert_eq!((marks(&not_done), not_done.outcome.nothing), ([None, None], Some("(not carried out)")));
    }

    #[test]
    fn of_a_decision_that_was_taken_back_what_holds_is_marked_and_what_was_kept_before() {
        let decided = field(Some("ours"), Some("ours"));
        let shown = |holding: Holding<'_>| FieldLine::of(&decided, false, Some(holding), Dates::of_zone(Tz::UTC));
        let now = |now: ConflictField| {
            let later = taking_back(vec![now]);
            shown(Holding::By(Some(&later)))
        };
        let text = |version: &Version| version.stretches.iter().map(|one| one.text.as_str()).collect::<String>();
        let used = now(field(Some("theirs"), Some("ours")));
        assert_eq!((marks(&used), text(&used.outcome).as_str()), ([BEFORE, NOW], "theirs"));
        let put_back = now(decided.clone());
        assert_eq!((marks(&put_back), text(&put_back.outcome).as_str()), ([NOW, None], "ours"));
        let deleted = now(field(None, None));
        assert_eq!((marks(&deleted), deleted.outcome.nothing), ([BEFORE, None], Some("(deleted)")));
        let lost = shown(Holding::By(None));
        assert_eq!((marks(&lost), lost.outcome.nothing), ([BEFORE, None], Some("(not recorded)")));
        let apart = shown(Holding::EachItsOwn);
        assert_eq!((marks(&apart), apart.outcome.nothing), ([NOW, NOW], Some("(each side has its own)")));
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

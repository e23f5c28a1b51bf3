//! What the pages of conflicts show: the versions field by field, and where they
//! differ.

use serde::Serialize;

use super::marks::{Kind, Stretch, beside};
use crate::crm::notices::{Conflict, ConflictField};

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

    fn plain(text: &str) -> Self {
        Self::of(text, vec![Stretch::same(text)])
    }

    /// What a side had, beside what was agreed on before, or else beside what the
    /// other side had.
    fn of_side(value: Option<&str>, base: Option<&str>, other: Option<&str>) -> Self {
        let Some(text) = value else { return Self::nothing("(deleted)") };
        match (base, other) {
            (Some(base), _) => Self::of(text, beside(text, base)),
            // Nothing is gone that was never agreed on.
            (None, Some(other)) => {
                let mut stretches = beside(text, other);
                stretches.retain(|stretch| stretch.kind != Kind::Gone);
                Self::of(text, stretches)
            }
            (None, None) => Self::plain(text),
        }
    }
}

impl FieldLine {
    /// A field of a decision that `is_deletion` if it made the item go.
    pub(super) fn of(field: &ConflictField, is_deletion: bool) -> Self {
        let (base, crm, microsoft) = (field.base.as_deref(), field.crm.as_deref(), field.microsoft.as_deref());
        let outcome = field.outcome.as_deref();
        let is_kept = |value: Option<&str>| match value {
            None => is_deletion && outcome.is_none(),
            Some(_) => outcome == value,
        };
        let [is_crm, is_microsoft] = [crm, microsoft].map(|value| field.carried_out && is_kept(value));
        let version = |value, other, kept: bool, is_beside_kept: bool| Version {
            kept,
            other: !kept && is_beside_kept,
            ..Version::of_side(value, base, other)
        };
        Self {
            name: label(&field.name),
            base: base.map_or_else(|| Version::nothing("(none)"), Version::plain),
            crm: version(crm, microsoft, is_crm, is_microsoft),
            microsoft: version(microsoft, crm, is_microsoft, is_crm),
            outcome: match outcome {
                _ if !field.carried_out => Version::nothing("(not carried out)"),
                Some(text) => Version::plain(text),
                None if is_deletion => Version::nothing("(deleted)"),
                None => Version::nothing("(not recorded)"),
            },
        }
    }
}

/// The name of a group of fields, as people read it.
pub(super) fn label(group: &str) -> String {
    let label = match group {
        "title" => "Title",
        "body" => "Description",
        "time" => "Time",
        "recurrence" => "Repetition",
        "exceptions" => "Changed occurrences",
        "attendees" => "Guests",
        "reminder" => "Reminder",
        "location" => "Place",
        "categories" => "Categories",
        "show-as" => "Free or busy",
        "sensitivity" => "Privacy",
        "importance" => "Importance",
        "response" => "Own answer",
        "status" => "Status",
        "due" => "Due date",
        // A later version of the component may know more of them.
        other => other,
    };
    label.to_owned()
}

/// Whether the decision made the item go.
pub(super) fn is_deletion(conflict: &Conflict) -> bool {
    conflict.fields.iter().all(|field| field.outcome.is_none())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    fn field(outcome: Option<&str>, crm: Option<&str>) -> ConflictField {
        ConflictField {
            name: "title".to_owned(),
            base: Some("old".to_owned()),
            crm: crm.map(str::to_owned),
            microsoft: Some("theirs".to_owned()),
            outcome: outcome.map(str::to_owned),
            carried_out: true,
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
        let line = |outcome, crm| marks(&FieldLine::of(&field(outcome, crm), false));
        assert_eq!(line(Some("ours"), Some("ours")), [KEPT, OTHER]);
        assert_eq!(line(Some("theirs"), Some("ours")), [OTHER, KEPT]);
        assert_eq!(line(Some("ours, theirs"), Some("ours")), [NEITHER, NEITHER]);
        assert_eq!(line(Some("theirs"), None), [OTHER, KEPT]);
        let deleted = FieldLine::of(&field(None, None), true);
        assert_eq!((marks(&deleted), deleted.outcome.nothing), ([KEPT, OTHER], Some("(deleted)")));
        let not_done = ConflictField { carried_out: false, ..field(Some("ours"), Some("ours")) };
        let not_done = FieldLine::of(&not_done, false);
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
        let line = FieldLine::of(&agreed, false);
        let same = stretch(Kind::Same, "Visit to ");
        let gone = stretch(Kind::Gone, "Bremen");
        assert_eq!(shown(&line.crm), [same.clone(), gone.clone(), stretch(Kind::New, "Hamburg")]);
        assert_eq!(shown(&line.microsoft), [same.clone(), gone, stretch(Kind::New, "Kiel in May")]);
        let found = FieldLine::of(&ConflictField { base: None, ..agreed }, false);
        assert_eq!(shown(&found.crm), [same.clone(), stretch(Kind::New, "Hamburg")]);
        assert_eq!(shown(&found.microsoft), [same, stretch(Kind::New, "Kiel in May")]);
        assert_eq!(found.base.nothing, Some("(none)"));
    }
}

//! What the pages of conflicts show: the versions field by field, and where they
//! differ.

use serde::Serialize;

use crate::app::{NoticeKind, PlannedWrite, ReversalOffer, Side, WriteAction};
use crate::crm::notices::{Conflict, ConflictField, ConflictRule, ConflictSituation};

/// One field of a conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct FieldLine {
    pub name: String,
    pub base: Version,
    pub crm: Version,
    pub microsoft: Version,
    pub outcome: Version,
}

/// A version of a field: what is the same as before, and what differs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Version {
    pub before: String,
    pub changed: String,
    pub after: String,
    /// Whether it stands for there being nothing.
    pub nothing: bool,
    /// Whether it is what was kept.
    pub kept: bool,
}

impl Version {
    fn nothing(words: &str) -> Self {
        Self { before: words.to_owned(), nothing: true, ..Self::default() }
    }

    fn plain(text: &str) -> Self {
        if text.is_empty() {
            return Self::nothing("(empty)");
        }
        Self { before: text.to_owned(), ..Self::default() }
    }

    /// `text` with what differs from `other`.
    fn beside(text: &str, other: &str) -> Self {
        if text.is_empty() || text == other {
            return Self::plain(text);
        }
        let (words, others) = (words(text), words(other));
        let same = |(one, two): &(&&str, &&str)| one == two;
        let before = words.iter().zip(&others).take_while(same).count();
        let room = words.len().min(others.len()) - before;
        let after = words.iter().rev().zip(others.iter().rev()).take(room).take_while(same).count();
        let join = |words: Option<&[&str]>| words.map(<[&str]>::concat).unwrap_or_default();
        let end = words.len() - after;
        Self {
            before: join(words.get(..before)),
            changed: join(words.get(before..end)),
            after: join(words.get(end..)),
            ..Self::default()
        }
    }
}

/// A text as words, each with the blanks behind it.
fn words(text: &str) -> Vec<&str> {
    text.split_inclusive(char::is_whitespace).collect()
}

impl FieldLine {
    pub(super) fn of(field: &ConflictField, is_deletion: bool) -> Self {
        let outcome = field.outcome.as_deref();
        let is_done = field.carried_out;
        let version = |value: Option<&str>, other: Option<&str>| match value {
            None => Version { kept: is_done && is_deletion && outcome.is_none(), ..Version::nothing("(deleted)") },
            Some(text) => {
                let against = field.base.as_deref().or(other);
                let version = against.map_or_else(|| Version::plain(text), |against| Version::beside(text, against));
                Version { kept: is_done && outcome == Some(text), ..version }
            }
        };
        Self {
            name: label(&field.name),
            base: field.base.as_deref().map_or_else(|| Version::nothing("(none)"), Version::plain),
            crm: version(field.crm.as_deref(), field.microsoft.as_deref()),
            microsoft: version(field.microsoft.as_deref(), field.crm.as_deref()),
            outcome: match outcome {
                _ if !is_done => Version::nothing("(not carried out)"),
                Some(text) => {
                    field.base.as_deref().map_or_else(|| Version::plain(text), |base| Version::beside(text, base))
                }
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

pub(super) fn rule_label(product: &str, rule: ConflictRule) -> String {
    match rule {
        ConflictRule::CrmWins => format!("{product} always wins"),
        ConflictRule::MicrosoftWins => "Microsoft always wins".to_owned(),
        ConflictRule::OneWay => "Only one side is the source".to_owned(),
        ConflictRule::Person => "Taken back by hand".to_owned(),
    }
}

pub(super) fn situation_label(product: &str, situation: ConflictSituation) -> String {
    match situation {
        ConflictSituation::BothEdited => "Edited on both sides".to_owned(),
        ConflictSituation::DeletedInCrm => format!("Deleted in {product}, edited in Microsoft"),
        ConflictSituation::DeletedInMicrosoft => format!("Deleted in Microsoft, edited in {product}"),
        ConflictSituation::FoundOnBoth => "Found on both sides when they were first compared".to_owned(),
        ConflictSituation::TakenBack => "An earlier decision was taken back".to_owned(),
    }
}

/// What taking a decision back would do, as sentences of a question.
pub(super) fn question(product: &str, offer: &ReversalOffer) -> String {
    if offer.waits {
        return "Another change of this item is brought into step first; only then is known what taking the decision \
                back means. What has been edited since is not overwritten. Take it back?"
            .to_owned();
    }
    let done: Vec<String> = offer.operations.iter().map(|operation| what(product, operation)).collect();
    let what = if done.is_empty() { "Nothing has to be written any more.".to_owned() } else { done.join(" ") };
    format!("{what} {} Take it back?", mails(offer))
}

fn what(product: &str, operation: &PlannedWrite) -> String {
    let side = match operation.side {
        Side::Crm => product,
        Side::Microsoft => "Microsoft 365",
    };
    match operation.action {
        WriteAction::Create => format!("Creates “{}” again in {side}.", operation.title),
        WriteAction::Delete => format!("Deletes “{}” in {side}.", operation.title),
        WriteAction::Update => {
            let groups: Vec<String> = operation.fields.iter().map(|group| label(group).to_lowercase()).collect();
            format!("Changes {} of “{}” in {side}.", groups.join(", "), operation.title)
        }
    }
}

fn mails(offer: &ReversalOffer) -> String {
    let kinds: Vec<&str> = offer
        .operations
        .iter()
        .filter_map(|operation| operation.notice)
        .map(|notice| match notice.kind {
            NoticeKind::Invitation => "an invitation",
            NoticeKind::Update => "an update",
            NoticeKind::Cancellation => "a cancellation",
            NoticeKind::Reply => "your answer",
        })
        .collect();
    match (kinds.as_slice(), offer.people) {
        ([], _) => "Nobody gets a mail about it.".to_owned(),
        (kinds, 1) => format!("Microsoft sends {} to 1 person.", kinds.join(" and ")),
        (kinds, people) => format!("Microsoft sends {} to {people} people.", kinds.join(" and ")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;
    use crate::app::PlannedNotice;

    fn parts(text: &str, other: &str) -> [String; 3] {
        let Version { before, changed, after, .. } = Version::beside(text, other);
        [before, changed, after]
    }

    #[test]
    fn what_differs_is_marked_by_words_and_nothing_of_a_text_is_lost() {
        assert_eq!(parts("Visit to Hamburg", "Visit to Bremen"), ["Visit to ", "Hamburg", ""]);
        assert_eq!(parts("A new day", "A day"), ["A ", "new ", "day"]);
        assert_eq!(parts("A A", "A"), ["", "A ", "A"]);
        assert_eq!(parts("same", "same"), ["same", "", ""]);
        for (text, other) in [("one two three", ""), ("", "one"), ("a b a b", "a b"), ("x y", "y x"), ("ö ü", "ö")] {
            let shown = parts(text, other).concat();
            assert_eq!(shown, if text.is_empty() { "(empty)" } else { text });
        }
    }

    #[test]
    fn the_version_that_was_kept_is_marked_and_so_is_a_deletion() {
        let field = |outcome: Option<&str>, crm: Option<&str>| ConflictField {
            name: "title".to_owned(),
            base: Some("old".to_owned()),
            crm: crm.map(str::to_owned),
            microsoft: Some("theirs".to_owned()),
            outcome: outcome.map(str::to_owned),
            carried_out: true,
        };
        let kept = |line: &FieldLine| [line.crm.kept, line.microsoft.kept];
        assert_eq!(kept(&FieldLine::of(&field(Some("ours"), Some("ours")), false)), [true, false]);
        assert_eq!(kept(&FieldLine::of(&field(Some("theirs"), Some("ours")), false)), [false, true]);
        assert_eq!(kept(&FieldLine::of(&field(Some("ours, theirs"), Some("ours")), false)), [false, false]);
        let deleted = FieldLine::of(&field(None, None), true);
        assert_eq!((kept(&deleted), deleted.outcome.nothing), ([true, false], true));
        let not_done = ConflictField { carried_out: false, ..field(Some("ours"), Some("ours")) };
        let not_done = FieldLine::of(&not_done, false);
        assert_eq!((kept(&not_done), not_done.outcome.before.as_str()), ([false, false], "(not carried out)"));
    }

    #[test]
    fn a_question_says_what_is_written_and_who_gets_a_mail() {
        let operation = |side, notice| PlannedWrite {
            side,
            action: WriteAction::Update,
            title: "Visit".to_owned(),
            fields: vec!["title".to_owned(), "show-as".to_owned()],
            notice,
        };
        let notice = Some(PlannedNotice { kind: NoticeKind::Update, people: 2 });
        let offer = |notice: Option<PlannedNotice>, people| ReversalOffer {
            operations: vec![operation(Side::Microsoft, notice), operation(Side::Crm, None)],
            invitations: u32::from(notice.is_some()),
            people,
            waits: false,
        };
        assert_eq!(
            question("CRM", &offer(notice, 2)),
            "Changes title, free or busy of “Visit” in Microsoft 365. Changes title, free or busy of “Visit” in CRM. \
             Microsoft sends an update to 2 people. Take it back?"
        );
        assert!(question("CRM", &offer(None, 0)).contains("Nobody gets a mail"));
    }
}

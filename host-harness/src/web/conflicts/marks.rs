//! Where two versions of a text differ, word by word, as a reader would mark it.
//!
//! Knows nothing of conflicts. Which versions are compared is `view`'s matter.

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

/// What a stretch of a version is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    /// Both versions have it.
    Same,
    /// This version alone has it.
    New,
    /// This version has it no more.
    Gone,
}

/// A stretch of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Stretch {
    pub text: String,
    pub kind: Kind,
}

impl Stretch {
    pub(super) fn same(text: &str) -> Self {
        Self { text: text.to_owned(), kind: Kind::Same }
    }
}

/// A change between two stretches that both versions have.
#[derive(Debug, Default)]
struct Change {
    gone: String,
    new: String,
    /// What both have behind it.
    same: String,
}

/// `text` with what it has beside `other`, and what it does not have any more.
/// Where they share no word, it is simply another text: what is gone is left out.
pub(super) fn beside(text: &str, other: &str) -> Vec<Stretch> {
    let (first, changes) = compared(text, other);
    let is_alike = !is_blank(&first) || changes.iter().any(|change| !is_blank(&change.same));
    let mut stretches = Vec::new();
    let mut add = |text: String, kind| {
        if !text.is_empty() {
            stretches.push(Stretch { text, kind });
        }
    };
    if !is_alike && !changes.is_empty() {
        add(text.to_owned(), Kind::New);
        return stretches;
    }
    add(first, Kind::Same);
    for change in changes {
        add(change.gone, Kind::Gone);
        add(change.new, Kind::New);
        add(change.same, Kind::Same);
    }
    stretches
}

/// What both texts begin with, and the changes behind it. Blanks between two changes
/// are part of them, so that a sentence is not marked in shreds.
fn compared(text: &str, other: &str) -> (String, Vec<Change>) {
    let mut first = String::new();
    let mut changes: Vec<Change> = Vec::new();
    let diff = TextDiff::from_unicode_words(other, text);
    for part in diff.iter_all_changes() {
        match (part.tag(), changes.last_mut()) {
            (ChangeTag::Equal, None) => first.push_str(part.value()),
            (ChangeTag::Equal, Some(change)) => change.same.push_str(part.value()),
            (tag, last) => {
                let change = match last {
                    Some(change) if is_blank(&change.same) => change,
                    _ => {
                        changes.push(Change::default());
                        let Some(change) = changes.last_mut() else { continue };
                        change
                    }
                };
                let blank = std::mem::take(&mut change.same);
                change.gone.push_str(&blank);
                change.new.push_str(&blank);
                let side = if tag == ChangeTag::Delete { &mut change.gone } else { &mut change.new };
                side.push_str(part.value());
            }
        }
    }
    (first, changes)
}

fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stretches as text: `+` before what is new, `-` before what is gone.
    fn marked(text: &str, other: &str) -> String {
        let sign = |kind| match kind {
            Kind::Same => "",
            Kind::New => "+",
            Kind::Gone => "-",
        };
        let written = |stretch: Stretch| format!("[{}{}]", sign(stretch.kind), stretch.text);
        beside(text, other).into_iter().map(written).collect::<Vec<_>>().concat()
    }

    #[test]
    fn what_differs_is_marked_by_words() {
        for (text, other, expected) in [
            ("Visit to Hamburg", "Visit to Bremen", "[Visit to ][-Bremen][+Hamburg]"),
            ("A new day", "A day", "[A ][+new ][day]"),
            ("A day", "A new day", "[A ][-new ][day]"),
            ("same", "same", "[same]"),
            ("", "", ""),
            ("text", "", "[+text]"),
            ("Outlook title", "Review", "[+Outlook title]"),
            ("one 2 three four", "one two three 4", "[one ][-two][+2][ three ][-4][+four]"),
            ("at 10:30, Room 7", "at 10:15, Room 7", "[at 10:][-15][+30][, Room 7]"),
            ("first\nsecond line\nlast", "first\nline\nlast", "[first\n][+second ][line\nlast]"),
            ("über den Fluß", "unter den Fluß", "[-unter][+über][ den Fluß]"),
            ("明日の会議", "今日の会議", "[-今][+明][日の会議]"),
        ] {
            assert_eq!(marked(text, other), expected, "`{text}` beside `{other}`");
        }
    }

    #[test]
    fn several_words_in_a_row_are_one_mark() {
        assert_eq!(
            marked("Bring the new blue plans", "Bring our old plans"),
            "[Bring ][-our old][+the new blue][ plans]"
        );
    }

    /// However texts differ, whoever leaves out what is gone reads the one, and
    /// whoever leaves out what is new the other.
    #[test]
    fn nothing_of_either_text_is_lost() {
        let texts = [
            "",
            " ",
            "a",
            "a b a b",
            "a b",
            "b a",
            "x y",
            "a\n\nb",
            "ö ü",
            "ö",
            "e\u{301}te",
            "👩‍👩‍👧 a",
            "a, b; c",
            "\ta  b ",
        ];
        for text in texts {
            for other in texts {
                let stretches = beside(text, other);
                let without = |left_out| -> String {
                    let kept = stretches.iter().filter(|stretch| stretch.kind != left_out);
                    kept.map(|stretch| stretch.text.as_str()).collect()
                };
                assert_eq!(without(Kind::Gone), text, "`{text}` beside `{other}`");
                if stretches.iter().any(|stretch| stretch.kind == Kind::Same) {
                    assert_eq!(without(Kind::New), other, "`{text}` beside `{other}`");
                }
            }
        }
    }
}

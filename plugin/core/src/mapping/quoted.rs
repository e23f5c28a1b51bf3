//! A word of Microsoft's in one of our sentences.

use std::fmt;

/// The most of it that is repeated, in characters: the longest name of a zone has
/// some forty.
const CHARACTERS_MAX: usize = 60;

/// A text that came with an answer, cut to what fits a sentence. Only words of
/// enumerations and names of zones are quoted, never content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoted(String);

impl From<&str> for Quoted {
    fn from(text: &str) -> Self {
        let mut shown: String = text.trim().chars().filter(|one| !one.is_control()).take(CHARACTERS_MAX + 1).collect();
        if let Some((end, _)) = shown.char_indices().nth(CHARACTERS_MAX) {
            shown.truncate(end);
            shown.push('…');
        }
        Self(shown)
    }
}

impl fmt::Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_word_is_cut_and_a_short_one_is_not() {
        assert_eq!(Quoted::from(" hourly\n").to_string(), "hourly");
        assert_eq!(Quoted::from("ü".repeat(60).as_str()).to_string(), "ü".repeat(60));
        assert_eq!(Quoted::from("ü".repeat(10_000).as_str()).to_string(), format!("{}…", "ü".repeat(60)));
    }
}

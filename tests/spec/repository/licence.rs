//! May a package with this licence expression be distributed with ours?
//!
//! Understands the SPDX expressions that Cargo packages carry: `OR`, `AND`,
//! `WITH`, parentheses, and the old `/` for `OR`. Versions with a plus sign and
//! custom references do not occur and count as not allowed.

use std::collections::BTreeSet;

/// Whether `expression` can be satisfied with licences of `allowed`. A licence
/// with an exception has to be listed as `Licence WITH exception`.
pub fn is_satisfied(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, at: 0, allowed };
    let result = reader.any_of();
    result == Some(true) && reader.at == words.len()
}

/// Reads an expression from left to right; none where it is malformed.
struct Reader<'a> {
    words: &'a [&'a str],
    at: usize,
    allowed: &'a BTreeSet<String>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let word = self.words.get(self.at).copied();
        self.at += 1;
        word
    }

    fn skip(&mut self, word: &str) -> bool {
        let found = self.words.get(self.at).is_some_and(|next| *next == word);
        self.at += usize::from(found);
        found
    }

    /// `AND` binds more tightly than `OR`.
    fn any_of(&mut self) -> Option<bool> {
        let mut satisfied = self.all_of()?;
        while self.skip("OR") {
            satisfied |= self.all_of()?;
        }
        Some(satisfied)
    }

    fn all_of(&mut self) -> Option<bool> {
        let mut satisfied = self.one()?;
        while self.skip("AND") {
            satisfied &= self.one()?;
        }
        Some(satisfied)
    }

    fn one(&mut self) -> Option<bool> {
        if self.skip("(") {
            let inner = self.any_of()?;
            return self.skip(")").then_some(inner);
        }
        let licence = self.next()?;
        if matches!(licence, "OR" | "AND" | "WITH" | ")") {
            return None;
        }
        if self.skip("WITH") {
            let exception = self.next()?;
            return Some(self.allowed.contains(&format!("{licence} WITH {exception}")));
        }
        Some(self.allowed.contains(licence))
    }
}

#[test]
fn expressions_are_judged_as_spdx_means_them() {
    let allowed: BTreeSet<String> = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
    let cases = [
        ("one that is allowed", "MIT", true),
        ("one that is not", "GPL-3.0-only", false),
        ("a choice with one allowed", "GPL-3.0-only OR MIT", true),
        ("both needed, one not allowed", "MIT AND GPL-3.0-only", false),
        ("AND binds more tightly", "GPL-3.0-only AND MIT OR ISC", true),
        ("parentheses change that", "GPL-3.0-only AND (MIT OR ISC)", false),
        ("nested parentheses", "(MIT AND (ISC OR GPL-3.0-only))", true),
        ("the old slash", "GPL-3.0-only/MIT", true),
        ("an exception that is listed", "Apache-2.0 WITH LLVM-exception", true),
        ("the same licence without it", "Apache-2.0", false),
        ("an exception that is not listed", "MIT WITH LLVM-exception", false),
        ("nothing at all", "", false),
        ("an open parenthesis", "(MIT", false),
        ("two licences in a row", "MIT ISC", false),
        ("a dangling operator", "MIT OR", false),
    ];
    for (description, expression, expected) in cases {
        assert_eq!(is_satisfied(expression, &allowed), expected, "{description}: `{expression}`");
    }
}

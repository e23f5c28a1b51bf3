//! The boolean structure of a `$filter` (concepts/filter-query-parameter):
//! `and`, `or`, `not` and parentheses. What stands at the leaves is `filter`'s.

use crate::graph::reply::Refusal;

/// How deep parentheses and negations may be nested; no client writes more, and
/// reading is recursive.
const DEPTH_MAX: usize = 20;

/// An expression over leaves.
#[derive(Clone, Debug)]
pub(crate) enum Tree<T> {
    All(Vec<Tree<T>>),
    Any(Vec<Tree<T>>),
    Not(Box<Tree<T>>),
    Leaf(T),
}

impl<T> Tree<T> {
    /// Reads an expression; `leaf` reads what is neither.
    pub fn parse(text: &str, leaf: &impl Fn(&str) -> Result<T, Refusal>) -> Result<Self, Refusal> {
        require_balance(text)?;
        parse(text, leaf, DEPTH_MAX)
    }

    /// Whether it holds where `holds` says so of the leaves.
    pub fn holds(&self, holds: &impl Fn(&T) -> bool) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(holds)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(holds)),
            Self::Not(inner) => !inner.holds(holds),
            Self::Leaf(leaf) => holds(leaf),
        }
    }

    /// Whether something in it is negated.
    pub fn negates(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::negates),
            Self::Not(_) => true,
            Self::Leaf(_) => false,
        }
    }

    /// All leaves in their order.
    pub fn leaves(&self) -> Vec<&T> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::leaves).collect(),
            Self::Not(inner) => inner.leaves(),
            Self::Leaf(leaf) => vec![leaf],
        }
    }

    /// The leaf that stands first.
    pub fn first(&self) -> Option<&T> {
        self.leaves().into_iter().next()
    }
}

/// The refusal of a filter that cannot be read.
pub(crate) fn invalid_clause() -> Refusal {
    Refusal::new(400, "BadRequest", "Invalid filter clause")
}

fn parse<T>(text: &str, leaf: &impl Fn(&str) -> Result<T, Refusal>, depth: usize) -> Result<Tree<T>, Refusal> {
    let depth = depth.checked_sub(1).ok_or_else(invalid_clause)?;
    let text = text.trim();
    if text.is_empty() {
        return Err(invalid_clause());
    }
    let all = |parts: Vec<&str>| -> Result<Vec<Tree<T>>, Refusal> {
        parts.into_iter().map(|part| parse(part, leaf, depth)).collect()
    };
    let alternatives = split_at_word(text, " or ");
    if alternatives.len() > 1 {
        return Ok(Tree::Any(all(alternatives)?));
    }
    let parts = split_at_word(text, " and ");
    if parts.len() > 1 {
        return Ok(Tree::All(all(parts)?));
    }
    if let Some(negated) = without_prefix(text, "not").filter(|rest| rest.starts_with([' ', '('])) {
        return Ok(Tree::Not(Box::new(parse(negated, leaf, depth)?)));
    }
    match text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => parse(inner, leaf, depth),
        None => leaf(text).map(Tree::Leaf),
    }
}

fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let front = text.get(..prefix.len())?;
    front.eq_ignore_ascii_case(prefix).then(|| text.get(prefix.len()..)).flatten()
}

/// Quotes and parentheses have to be closed.
fn require_balance(text: &str) -> Result<(), Refusal> {
    let (mut depth, mut quoted) = (0_usize, false);
    for character in text.chars() {
        match character {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.checked_sub(1).ok_or_else(invalid_clause)?,
            _ => {}
        }
    }
    if quoted || depth > 0 { Err(invalid_clause()) } else { Ok(()) }
}

/// Splits at a word, written with the spaces around it, outside of quotes and
/// parentheses.
pub(crate) fn split_at_word<'a>(text: &'a str, word: &str) -> Vec<&'a str> {
    let (mut parts, mut depth, mut quoted, mut from, mut at) = (Vec::new(), 0_usize, false, 0, 0);
    while let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let is_word = text.get(at..at + word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word));
        if is_word && !quoted && depth == 0 {
            parts.push(text.get(from..at).unwrap_or_default());
            at += word.len();
            from = at;
            continue;
        }
        match character {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += character.len_utf8();
    }
    parts.push(text.get(from..).unwrap_or_default());
    parts
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

    use super::*;

    fn holds(text: &str) -> bool {
        let tree = Tree::parse(text, &|leaf: &str| Ok(leaf.to_owned())).unwrap();
        tree.holds(&|leaf| leaf == "t" || leaf == "f(' or ', x)")
    }

    #[test]
    fn expressions_hold_as_they_are_nested() {
        let cases = [
            ("t", true),
            ("f", false),
            ("t and f", false),
            ("t or f and f", true),
            ("(t or f) and f", false),
            ("not f and t", true),
            ("not (f or t)", false),
            ("not(f) AND (t)", true),
            ("f(' or ', x) And t", true),
            ("f or (f or (t and not f))", true),
        ];
        for (text, expected) in cases {
            assert_eq!(holds(text), expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let deep = format!("{}t{}", "(".repeat(30), ")".repeat(30));
        for text in ["", "  ", "(t", "t)", "t and 'open", "t or ()", &deep] {
            let read = Tree::parse(text, &|leaf: &str| Ok(leaf.to_owned()));
            assert_eq!(read.unwrap_err().message, "Invalid filter clause", "{text}");
        }
    }
}

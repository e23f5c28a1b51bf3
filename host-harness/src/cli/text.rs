//! Small pieces of text that several reports are made of: tables, counts, and
//! what a run did on a side.
//!
//! Next: [`super::run_text`].

use std::fmt::Write as _;

/// A table whose columns are as wide as their widest cell.
#[derive(Clone, Debug, Default)]
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings.
    pub fn new(headings: &[&str]) -> Self {
        Self { rows: vec![headings.iter().map(|heading| (*heading).to_owned()).collect()] }
    }

    /// A table without headings.
    pub const fn plain() -> Self {
        Self { rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The lines, each beginning with `indent`.
    pub fn render(&self, indent: &str) -> String {
        let mut widths: Vec<usize> = Vec::new();
        for row in &self.rows {
            for (column, cell) in row.iter().enumerate() {
                let width = cell.chars().count();
                match widths.get_mut(column) {
                    Some(widest) => *widest = width.max(*widest),
                    None => widths.push(width),
                }
            }
        }
        let mut text = String::new();
        for row in &self.rows {
            let mut line = indent.to_owned();
            for (cell, width) in row.iter().zip(&widths) {
                // Writing to a string cannot fail.
                let _ = write!(line, "{cell:<width$}  ");
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// A number with its noun, such as `1 request` or `2 requests`.
pub fn count(number: impl Into<u64>, noun: &str) -> String {
    let number = number.into();
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// What was written, such as `2 created, 1 updated`.
pub fn written(created: u32, updated: u32, deleted: u32) -> String {
    let parts = [(created, "created"), (updated, "updated"), (deleted, "deleted")];
    let parts: Vec<String> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
    if parts.is_empty() { "nothing written".to_owned() } else { parts.join(", ") }
}

/// A sentence with a capital letter.
pub fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_characters() {
        let mut table = Table::new(&["User", "At"]);
        table.row(["jürgen".to_owned(), "now".to_owned()]);
        table.row(["a".to_owned(), String::new()]);
        assert_eq!(table.render("  "), "  User    At\n  jürgen  now\n  a\n");
    }

    #[test]
    fn numbers_read_like_sentences() {
        assert_eq!(count(1_u32, "request"), "1 request");
        assert_eq!(count(0_u32, "request"), "0 requests");
        assert_eq!(written(2, 0, 1), "2 created, 1 deleted");
        assert_eq!(written(0, 0, 0), "nothing written");
        assert_eq!(capitalised("the end"), "The end");
    }
}

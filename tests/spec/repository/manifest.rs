//! What do the Cargo manifests and `deny.toml` say, line by line?
//!
//! Reads the few shapes that this repository uses, one entry per line, because
//! the question is about comments, which a TOML parser drops.

/// An entry of a dependency table.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// The line as it stands.
    pub line: String,
    /// Whether a comment stands above it in its group, that is without an
    /// empty line between, or at the end of the line.
    pub has_reason: bool,
}

/// The entries of the tables whose names end in `dependencies`.
pub fn dependency_entries(manifest: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut in_table = false;
    let mut reason_above = false;
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            in_table = line.trim_end_matches(']').ends_with("dependencies");
            reason_above = false;
        } else if line.is_empty() {
            reason_above = false;
        } else if let Some(comment) = line.strip_prefix('#') {
            // A rule across the page is a heading and gives no reason.
            reason_above |= !comment.trim_start().starts_with("---");
        } else if in_table {
            entries.push(Entry { line: line.to_owned(), has_reason: reason_above || line.contains(" # ") });
        }
    }
    entries
}

/// The strings of the list `key = [ … ]`, one or more per line.
pub fn string_list(text: &str, key: &str) -> Vec<String> {
    let start = format!("{key} = [");
    let mut found = Vec::new();
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        let content = if let Some(rest) = line.strip_prefix(&start) {
            inside = true;
            rest
        } else {
            line
        };
        if !inside || content.starts_with('#') {
            continue;
        }
        // Every second piece between quotation marks is a value.
        found.extend(content.split('"').skip(1).step_by(2).map(str::to_owned));
        inside = !content.contains(']');
    }
    found
}

#[test]
fn an_entry_without_a_comment_in_its_group_is_found() {
    let entries = dependency_entries(
        "[package]\nname = \"x\"\n[workspace.dependencies]\n# --- heading ---\na = \"1\"\n\n# Why b and c.\nb = \"1\"\nc = \"1\"\n\nd = \"1\" # why d\n[profile.dev]\ndebug = false\n",
    );
    let summary: Vec<(&str, bool)> = entries.iter().map(|entry| (entry.line.as_str(), entry.has_reason)).collect();
    assert_eq!(summary, [("a = \"1\"", false), ("b = \"1\"", true), ("c = \"1\"", true), ("d = \"1\" # why d", true)]);
}

#[test]
fn a_list_is_read_up_to_its_end() {
    let text = "other = [\"no\"]\nallow = [\n  # a comment with \"quotes\"\n  \"MIT\", # why\n  \"ISC\",\n]\nmore = [\"no\"]\n";
    assert_eq!(string_list(text, "allow"), ["MIT", "ISC"]);
    assert_eq!(string_list("allow = [\"MIT\"]\nx = [\"no\"]", "allow"), ["MIT"]);
}

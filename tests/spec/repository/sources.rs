//! Can the sources be read, and do they keep what CONTRIBUTING.md promises?
//!
//! Clippy forbids `todo!` and friends inside one crate's lints; this module is
//! about what no lint sees: length, ignored tests, sleeping, and paths of the
//! machine on which somebody happened to work.

use super::assert_none;
use super::files::{ProjectFile, with_extension};

/// Lines of one file. More than this is not read in one sitting.
const LINES_MAX: usize = 450;

/// Kinds of files that people read and write.
const WRITTEN_BY_HAND: [&str; 5] = ["rs", "wit", "html", "js", "css"];

/// Files that may be longer, each for a reason.
const LONG_FOR_A_REASON: [&str; 1] = [
    // The WASI packages are vendored as they were published.
    "wit/deps/",
];

/// What must not stand in a Rust source, and why. The first half of each word
/// is kept apart so that this file does not contain it.
const FORBIDDEN: [(&str, &str, &str); 5] = [
    ("todo", "!", "an unfinished branch is not done"),
    ("unimplemented", "!", "an unfinished branch is not done"),
    ("#[igno", "re", "a test that does not run proves nothing"),
    ("thread::sl", "eep", "time is a parameter; wait for an event instead"),
    ("std::process::ex", "it", "return an exit code from `main`, so that everything is dropped"),
];

/// Where homes and scratch folders of machines begin.
const MACHINE_PATHS: [(&str, &str); 6] =
    [("/tm", "p/"), ("/ho", "me/"), ("/ro", "ot/"), ("/wo", "rk/"), ("/Us", "ers/"), ("C:\\Us", "ers\\")];

#[test]
fn no_file_is_too_long_to_be_read_in_one_sitting() {
    let long: Vec<String> = with_extension(&WRITTEN_BY_HAND)
        .iter()
        .filter(|file| !file.is_below(&LONG_FOR_A_REASON))
        .map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(file, lines)| format!("{}: expected at most {LINES_MAX} lines, but found {lines}", file.path))
        .collect();
    assert_none("files that are too long; split them by concept", &long);
}

#[test]
fn rust_sources_contain_nothing_unfinished_ignored_or_sleeping() {
    let findings: Vec<String> = with_extension(&["rs"]).iter().flat_map(unfinished).collect();
    assert_none("words that must not stand in a source", &findings);
}

#[test]
fn no_file_names_a_path_of_somebodys_machine() {
    let kinds = ["rs", "wit", "html", "js", "css", "toml", "md", "sql", "json", "py", "run"];
    let findings: Vec<String> = with_extension(&kinds).iter().flat_map(machine_paths).collect();
    assert_none("paths that exist on one machine only", &findings);
}

#[test]
fn the_checks_of_this_module_find_what_they_look_for() {
    for (first, second, _) in FORBIDDEN {
        let found = unfinished(&sample(&format!("fn f() {{ {first}{second}(1) }}")));
        assert_eq!(found.len(), 1, "`{first}{second}` was not found");
        assert!(unfinished(&sample(&format!("// {first}{second} in a comment"))).is_empty());
    }
    for (first, second) in MACHINE_PATHS {
        assert_eq!(machine_paths(&sample(&format!("let p = \"{first}{second}x\";"))).len(), 1);
        let part_of_an_address = format!("GET https://example.com/users{first}{second}1");
        assert!(machine_paths(&sample(&part_of_an_address)).is_empty(), "{part_of_an_address}");
    }
}

fn sample(text: &str) -> ProjectFile {
    ProjectFile { path: "sample.rs".to_owned(), text: text.to_owned() }
}

fn unfinished(file: &ProjectFile) -> Vec<String> {
    let mut findings = Vec::new();
    for (number, line) in file.code_lines() {
        for (first, second, reason) in FORBIDDEN {
            // Lints and disallowed methods name what they forbid in quotes.
            if line.contains(&format!("{first}{second}")) && !line.contains(&format!("\"{first}{second}")) {
                findings.push(format!("{}:{number}: `{first}{second}`: {reason}", file.path));
            }
        }
    }
    findings
}

fn machine_paths(file: &ProjectFile) -> Vec<String> {
    let mut findings = Vec::new();
    for (number, line) in (1..).zip(file.text.lines()) {
        for (first, second) in MACHINE_PATHS {
            let path = format!("{first}{second}");
            // In the middle of a URL or of a longer path it is just a word.
            let begins_a_path = line.match_indices(&path).any(|(at, _)| {
                line[..at]
                    .chars()
                    .next_back()
                    .is_none_or(|before| !before.is_alphanumeric() && !"-_.}/".contains(before))
            });
            if begins_a_path {
                findings.push(format!("{}:{number}: `{path}`", file.path));
            }
        }
    }
    findings
}

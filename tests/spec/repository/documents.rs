//! Do the documents point at things that exist?
//!
//! Prose goes stale silently; links and named files do not have to.

use std::collections::BTreeSet;

use clap::{Arg, Command, CommandFactory as _};
use host_harness::cli::args::Cli;

use super::assert_none;
use super::files::{read, root, with_extension};

/// The documents that a newcomer is sent to.
const DOCUMENTS: [&str; 4] = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];

#[test]
fn every_relative_link_of_a_document_leads_to_a_file() {
    let mut findings = Vec::new();
    let mut seen = 0;
    for file in with_extension(&["md"]) {
        let folder = root().join(&file.path).parent().expect("a file has a folder").to_owned();
        for target in links(&file.text).into_iter().filter(|target| !target.contains("://") && !target.starts_with('#'))
        {
            seen += 1;
            let path = target.split('#').next().unwrap_or(target);
            if !folder.join(path).exists() {
                findings.push(format!("{}: {target}", file.path));
            }
        }
    }
    assert!(seen > 0, "expected links between the documents");
    assert_none("links that lead nowhere", &findings);
}

#[test]
fn every_file_that_a_document_names_exists() {
    let folders = ["wit/", "plugin/", "host-harness/", "tests/", "data/", ".ci/"];
    let mut findings = Vec::new();
    let mut seen = 0;
    for document in DOCUMENTS {
        let text = read(document);
        for name in code_spans(&text) {
            let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
            if plain && folders.iter().any(|folder| name.starts_with(folder)) {
                seen += 1;
                if !root().join(name).exists() {
                    findings.push(format!("{document}: `{name}`"));
                }
            }
        }
    }
    assert!(seen > 10, "expected the documents to name files, but found {seen} names");
    assert_none("files that the documents name and that do not exist", &findings);
}

/// Oro's labels decide: "Synchronization Settings", "Organization", "Organizer".
#[test]
fn words_that_can_be_spelled_in_two_ways_are_spelled_as_in_oros_labels() {
    let other = ["synchronis", "organis", "recognis", "summaris", "authoris", "capitalis"];
    let ours = with_extension(&["md", "wit", "html"]).into_iter().filter(|file| !file.is_below(&["wit/deps/"]));
    let mut findings = Vec::new();
    for file in ours {
        let words = file.text.split(|letter: char| !letter.is_alphabetic());
        let wrong = words.filter(|word| other.iter().any(|other| word.to_lowercase().contains(other)));
        findings.extend(wrong.map(|word| format!("{}: {word}", file.path)));
    }
    let mut program = Cli::command();
    program.build();
    let mut commands: Vec<&mut Command> = vec![&mut program];
    while let Some(command) = commands.pop() {
        let help = command.render_long_help().to_string().to_lowercase();
        let wrong = other.iter().filter(|other| help.contains(**other));
        findings.extend(wrong.map(|word| format!("tandem {}: {word}", command.get_name())));
        commands.extend(command.get_subcommands_mut());
    }
    assert_none("words in -ise, where -ize is what users read elsewhere", &findings);
}

#[test]
fn every_crate_of_the_workspace_is_on_the_map_and_in_the_test_command() {
    for document in ["ARCHITECTURE.md", "tests/run"] {
        let text = read(document);
        let missing: Vec<String> = crates().into_iter().filter(|name| !text.contains(name.as_str())).collect();
        assert_none(&format!("crates that {document} does not mention"), &missing);
    }
}

/// Whoever looks for an option looks into the table first.
#[test]
fn the_readme_lists_every_option_of_every_command_and_no_other() {
    let text = read("README.md");
    let program = Cli::command();
    let mut commands: Vec<&Command> = program.get_subcommands().collect();
    commands.push(&program);
    let mut findings = Vec::new();
    for command in commands {
        let name = if command.get_name() == "tandem" { "" } else { command.get_name() };
        let mut listed = options_in_table(&text, name);
        if name == "demo" {
            // "The same and takes the same options."
            listed.extend(options_in_table(&text, ""));
        }
        let taken = command.get_arguments().filter_map(Arg::get_long);
        let taken: BTreeSet<String> =
            taken.filter(|name| !["help", "version"].contains(name)).map(str::to_owned).collect();
        assert!(!taken.is_empty(), "expected options of `tandem {name}`");
        findings.extend(taken.difference(&listed).map(|option| format!("`tandem {name}` takes --{option}, unlisted")));
        findings.extend(listed.difference(&taken).map(|option| format!("`tandem {name}` takes no --{option}")));
    }
    assert_none("options of which the table in README.md is not right", &findings);
}

/// The options in the first cells of the table's rows about a command; of the program
/// without a command where `command` is empty.
fn options_in_table(text: &str, command: &str) -> BTreeSet<String> {
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `tandem")?.split('`').next());
    let typed = rows.map(|row| row.split(|letter: char| letter.is_whitespace() || "[]\\|".contains(letter)));
    let typed = typed.map(|words| words.filter(|word| !word.is_empty()).collect::<Vec<_>>());
    let is_meant = |words: &Vec<&str>| match words.first() {
        Some(first) if !first.starts_with("--") => *first == command,
        Some(_) | None => command.is_empty(),
    };
    typed.filter(is_meant).flatten().filter_map(|word| word.strip_prefix("--")).map(str::to_owned).collect()
}

#[test]
fn options_are_read_from_the_rows_of_their_command() {
    let text =
        "| `tandem [--port 1]` | `--other` |\n| `tandem sync [--a \\| --b] --c D` | x |\n| `tandem sync --d` | y |";
    let options = |command| options_in_table(text, command).into_iter().collect::<Vec<_>>();
    assert_eq!(
        (options(""), options("sync")),
        (vec!["port".to_owned()], ["a", "b", "c", "d"].map(str::to_owned).to_vec())
    );
    assert_eq!(options("status"), Vec::<String>::new());
}

/// The names of the workspace's crates.
fn crates() -> Vec<String> {
    let manifests = with_extension(&["toml"]);
    let names = manifests
        .iter()
        .filter(|file| file.path.ends_with("/Cargo.toml"))
        .filter_map(|file| file.text.lines().find_map(|line| line.strip_prefix("name = \"")));
    let names: Vec<String> = names.map(|name| name.trim_end_matches('"').to_owned()).collect();
    assert!(names.len() > 3, "expected the crates of the workspace, but found {names:?}");
    names
}

/// What stands between `](` and `)`.
fn links(text: &str) -> Vec<&str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect()
}

/// What stands between single backticks, outside of fenced blocks.
fn code_spans(text: &str) -> Vec<&str> {
    let mut spans = Vec::new();
    for (index, block) in text.split("```").enumerate() {
        if index % 2 == 0 {
            spans.extend(block.split('`').skip(1).step_by(2));
        }
    }
    spans
}

#[test]
fn links_and_code_spans_are_found() {
    assert_eq!(links("see [a](b.md) and [c](d/e.md#f)"), ["b.md", "d/e.md#f"]);
    assert_eq!(code_spans("a `b` c\n```\nno `d`\n```\n`e`"), ["b", "e"]);
}

/// A choice that nobody is told of is taken for Microsoft's behaviour.
#[test]
fn the_readme_names_every_module_in_which_the_emulator_had_to_choose() {
    let text = read("README.md");
    let (_, section) = text.split_once("\n### Known differences\n").expect("the section about known differences");
    let section = section.split("\n## ").next().unwrap_or_default();
    let named: BTreeSet<String> = code_spans(section).into_iter().map(str::to_owned).collect();
    let emulator = "host-harness/src/graph/";
    let sources = with_extension(&["rs"]);
    let marked: BTreeSet<String> = sources
        .iter()
        .filter(|file| file.text.contains("DIFFERENCE:"))
        .filter_map(|file| Some(file.path.strip_prefix(emulator)?.strip_suffix(".rs")?.to_owned()))
        .collect();
    assert!(marked.len() > 10, "expected marked modules, but found {}", marked.len());
    let unnamed: Vec<String> = marked.difference(&named).cloned().collect();
    assert_none("modules with differences that README.md does not name", &unnamed);
    // Modules among them are those that there are.
    let modules = named.iter().filter(|name| root().join(format!("{emulator}{name}.rs")).is_file());
    let stale: Vec<String> = modules.filter(|name| !marked.contains(*name)).cloned().collect();
    assert_none("modules of README.md that have no difference any more", &stale);
}

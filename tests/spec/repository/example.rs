//! Is the host that README.md shows the one that is compiled?
//!
//! `host-harness/src/host/example.rs` is compiled with the tests of its crate. Where `wit/`
//! lies differs: beside that crate's folder, and beside the reader's `Cargo.toml`. The
//! attribute on the generated module is left out as well.

use super::files::read;

/// The file, the comment on top of which is about this repository alone.
const COMPILED: &str = "host-harness/src/host/example.rs";

/// What stands in a fenced block of a language, without the fences.
fn fenced(text: &str, language: &str) -> String {
    let mut blocks = text.split("```").skip(1).step_by(2);
    let block = blocks.find_map(|block| block.strip_prefix(language)?.strip_prefix('\n'));
    block.unwrap_or_else(|| panic!("expected a block of {language} in README.md")).to_owned()
}

/// What is compiled without the attribute on the generated module, which a workspace with
/// fewer lints does not need.
fn without_attribute(program: &str) -> String {
    let (before, after) = program.split_once("\nmod bindings {").expect("the generated module");
    let (kept, attribute) = before.rsplit_once("\n#[allow(").expect("an attribute before it");
    assert!(attribute.ends_with(")]") && attribute.matches("#[").count() == 0, "found {attribute}");
    format!("{kept}\nmod bindings {{{after}")
}

#[test]
fn the_host_that_the_readme_shows_is_compiled() {
    let compiled = read(COMPILED);
    let comment: usize = compiled.lines().take_while(|line| line.starts_with("//!")).map(|line| line.len() + 1).sum();
    let compiled = without_attribute(compiled[comment..].trim_start()).replace("\"../wit/", "\"wit/");
    let shown = fenced(&read("README.md"), "rust");
    let differs = shown.lines().zip(compiled.lines()).find(|(shown, compiled)| shown != compiled);
    assert_eq!(differs, None, "a line of README.md, and the one in {COMPILED}");
    assert_eq!(shown, compiled, "README.md and {COMPILED} differ in their ends");
}

#[test]
fn the_dependencies_that_the_readme_shows_are_those_of_the_workspace() {
    let shown = fenced(&read("README.md"), "toml");
    let manifest = read("Cargo.toml");
    let versions = |text: &str| -> Vec<String> {
        let lines =
            ["wasmtime = ", "tokio = "].into_iter().map(|name| text.lines().find(|line| line.starts_with(name)));
        lines.map(|line| line.unwrap_or_default().split('"').nth(1).unwrap_or_default().to_owned()).collect()
    };
    assert!(versions(&shown).iter().all(|version| !version.is_empty()), "expected versions in README.md:\n{shown}");
    assert_eq!(versions(&shown), versions(&manifest), "versions in README.md, and in Cargo.toml");
}

//! Is every dependency one that we may distribute, and one with a reason?
//!
//! `cargo deny` asks the same about licences, and about more platforms, where
//! it is installed; this is the part that needs nothing but Cargo.

use std::collections::{BTreeMap, BTreeSet};

use super::assert_none;
use super::cargo_tree::{COMPONENT_TARGET, packages_of, packages_of_the_workspace};
use super::files::{read, with_extension};
use super::licence::is_satisfied;
use super::manifest::{dependency_entries, string_list};

fn allowed() -> BTreeSet<String> {
    let allowed: BTreeSet<String> = string_list(&read("deny.toml"), "allow").into_iter().collect();
    assert!(allowed.contains("Apache-2.0"), "expected our own licence in deny.toml, but found {allowed:?}");
    allowed
}

#[test]
fn every_dependency_has_an_allowed_licence() {
    let allowed = allowed();
    let mut packages = packages_of_the_workspace();
    packages.extend(packages_of("tandem-plugin", Some(COMPONENT_TARGET), true));
    assert!(packages.len() > 100, "expected the whole workspace, but found {} packages", packages.len());
    let findings: Vec<String> = packages
        .iter()
        .filter(|(_, licence)| !is_satisfied(licence, &allowed))
        .map(|(package, licence)| format!("{package}: `{licence}`"))
        .collect();
    assert_none("licences that deny.toml does not allow", &findings);
}

#[test]
fn no_licence_is_allowed_that_no_dependency_needs() {
    let mut packages = packages_of_the_workspace();
    packages.extend(packages_of("tandem-plugin", Some(COMPONENT_TARGET), true));
    let allowed = allowed();
    let unneeded: Vec<String> = allowed
        .iter()
        .filter(|licence| {
            let mut without = allowed.clone();
            without.remove(*licence);
            packages.values().all(|expression| is_satisfied(expression, &without))
        })
        .cloned()
        .collect();
    assert_none("licences in deny.toml that can be removed", &unneeded);
}

#[test]
fn every_dependency_has_a_reason_beside_it() {
    let mut findings = Vec::new();
    for file in with_extension(&["toml"]).iter().filter(|file| file.path.ends_with("Cargo.toml")) {
        for entry in dependency_entries(&file.text) {
            // Own crates and what the workspace has given a reason for.
            let explained =
                entry.has_reason || entry.line.contains("path = ") || entry.line.contains("workspace = true");
            if !explained {
                findings.push(format!("{}: {}", file.path, entry.line));
            }
        }
    }
    assert_none("dependencies without a comment that says why", &findings);
}

#[test]
fn members_take_their_dependencies_from_the_workspace_or_say_why_not() {
    let shared = dependency_entries(&read("Cargo.toml"));
    assert!(shared.len() > 20, "expected the table of the workspace, but found {} entries", shared.len());
    let shared: BTreeSet<&str> = shared.iter().map(|entry| name_of(&entry.line)).collect();
    let mut findings = Vec::new();
    for file in with_extension(&["toml"]) {
        if file.path == "Cargo.toml" || !file.path.ends_with("Cargo.toml") {
            continue;
        }
        // A workspace of its own cannot; its lock is compared instead.
        if file.text.lines().any(|line| line == "[workspace]") {
            continue;
        }
        for entry in dependency_entries(&file.text) {
            if shared.contains(name_of(&entry.line)) && !entry.line.contains("workspace = true") {
                findings.push(format!("{}: {}", file.path, entry.line));
            }
        }
    }
    assert_none("dependencies whose version the workspace already decides", &findings);
}

/// What the fuzz targets are built from is what is shipped: where both locks have
/// a package, they have it in the same versions.
#[test]
fn the_fuzz_targets_are_built_from_the_versions_of_the_workspace() {
    let (ours, theirs) = (locked(&read("Cargo.lock")), locked(&read("fuzz/Cargo.lock")));
    assert!(theirs.len() > 100, "expected the packages of the fuzz targets, but found {}", theirs.len());
    let other: Vec<String> = theirs
        .iter()
        .filter_map(|(name, versions)| {
            let shared = ours.get(name).filter(|shared| !versions.is_subset(shared))?;
            Some(format!("{name}: {versions:?}, and {shared:?} in the workspace"))
        })
        .collect();
    assert_none("versions in fuzz/Cargo.lock that are not those of Cargo.lock", &other);
}

/// The versions of each package of a lock.
fn locked(lock: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut lines = lock.lines();
    while let Some(line) = lines.next() {
        let Some(name) = quoted(line, "name = ") else { continue };
        let version = lines.next().and_then(|line| quoted(line, "version = "));
        let version = version.unwrap_or_else(|| panic!("`{name}` has no version in a lock"));
        found.entry(name.to_owned()).or_default().insert(version.to_owned());
    }
    found
}

/// The text between quotation marks behind `key`.
fn quoted<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.strip_prefix(key)?.strip_prefix('"')?.strip_suffix('"')
}

/// The name before `=` or `.workspace`.
fn name_of(line: &str) -> &str {
    line.split(['=', '.']).next().unwrap_or(line).trim()
}

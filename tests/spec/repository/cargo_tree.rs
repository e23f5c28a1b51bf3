//! Which packages does a build contain, as Cargo resolves it?
//!
//! Asks `cargo tree`, which looks at exactly the packages of one target, so
//! that nothing is needed that the build has not fetched already; it stays off
//! the network.

use std::collections::BTreeMap;
use std::process::Command;

use super::files::root;

/// The target of the component.
pub const COMPONENT_TARGET: &str = "wasm32-wasip2";

/// Licence expressions by package name and version.
pub type Packages = BTreeMap<String, String>;

/// The packages that `package` is built from for `target` (none means this
/// machine), itself included. Build scripts' dependencies are included where
/// `with_build` says so, dependencies of tests never.
pub fn packages_of(package: &str, target: Option<&str>, with_build: bool) -> Packages {
    let edges = if with_build { "normal,build" } else { "normal,no-proc-macro" };
    let mut arguments = vec!["--package", package, "--edges", edges];
    if let Some(target) = target {
        arguments.extend(["--target", target]);
    }
    tree(&arguments)
}

/// Every package of the workspace for this machine, tests included.
pub fn packages_of_the_workspace() -> Packages {
    tree(&["--workspace", "--edges", "all"])
}

fn tree(arguments: &[&str]) -> Packages {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["tree", "--locked", "--offline", "--prefix", "none", "--format", "{p}\t{l}"])
        .args(arguments)
        .output()
        .expect("cargo can be started");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo tree {arguments:?} failed:\n{errors}");
    let text = String::from_utf8(output.stdout).expect("cargo prints UTF-8");
    let packages: Packages = text.lines().filter_map(package_of_line).collect();
    assert!(packages.len() > 1, "expected packages from cargo tree, but found:\n{text}");
    packages
}

/// A line is `name v1.2.3 (where)`, a tabulator, the licence and perhaps `(*)`
/// for a package that was listed before. Empty lines separate members.
fn package_of_line(line: &str) -> Option<(String, String)> {
    let (package, licence) = line.split_once('\t')?;
    let mut words = package.split_whitespace();
    let name = words.next()?;
    let version = words.next()?;
    Some((format!("{name} {version}"), licence.trim_end_matches(" (*)").trim().to_owned()))
}

#[test]
fn lines_of_cargo_tree_are_understood() {
    let of = |line| package_of_line(line);
    let expected = |name: &str, licence: &str| Some((name.to_owned(), licence.to_owned()));
    assert_eq!(of("serde v1.0.0\tMIT OR Apache-2.0"), expected("serde v1.0.0", "MIT OR Apache-2.0"));
    assert_eq!(of("a v1.0.0 (proc-macro)\tMIT (*)"), expected("a v1.0.0", "MIT"));
    assert_eq!(of("b v1.0.0\t"), expected("b v1.0.0", ""));
    assert_eq!(of(""), None);
}

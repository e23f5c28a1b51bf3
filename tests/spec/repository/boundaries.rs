//! Are the absences that ARCHITECTURE.md calls invariants really absent?
//!
//! Two means: what Cargo resolves for a crate, and which folders say certain
//! words outside of comments. A boundary that a crate or a lint enforces has
//! no test here.

use super::assert_none;
use super::cargo_tree::{COMPONENT_TARGET, packages_of};
use super::files::with_extension;

/// Name prefixes of packages that read, wait, draw randomness, speak to a
/// network or know WebAssembly. None of them belongs under `tandem-core`.
const NOT_PURE: [&str; 26] = [
    "async-std",
    "axum",
    "curl",
    "futures-executor",
    "futures-util",
    "getrandom",
    "h2",
    "hyper",
    "isahc",
    "mio",
    "native-tls",
    "openssl",
    "rand",
    "reqwest",
    "rusqlite",
    "rustix",
    "rustls",
    "smol",
    "socket2",
    "tokio",
    "ureq",
    "wasi",
    "wasip2",
    "wasmtime",
    "wit-bindgen",
    "wstd",
];

#[test]
fn nothing_under_the_core_can_do_input_or_output() {
    let packages = packages_of("tandem-core", Some(COMPONENT_TARGET), false);
    assert!(packages.keys().any(|name| name.starts_with("serde_json ")), "expected the core's packages: {packages:?}");
    let impure: Vec<String> = packages
        .keys()
        .filter(|package| {
            let name = package.split(' ').next().expect("a package has a name");
            NOT_PURE.iter().any(|prefix| name == *prefix || name.starts_with(&format!("{prefix}-")))
        })
        .cloned()
        .collect();
    assert_none("packages that the core must not be built from", &impure);
}

#[test]
fn the_harness_is_built_without_the_core_and_the_runtime_without_the_harness() {
    let harness = packages_of("host-harness", None, true);
    let runtime = packages_of("tandem-runtime", None, true);
    assert!(harness.keys().any(|name| name.starts_with("tandem-runtime ")), "expected the runtime under the harness");
    let forbidden = |packages: &super::cargo_tree::Packages, names: &[&str]| -> Vec<String> {
        packages
            .keys()
            .filter(|package| names.iter().any(|name| package.starts_with(&format!("{name} "))))
            .cloned()
            .collect()
    };
    assert_none("the harness has its own reading of Graph", &forbidden(&harness, &["tandem-core", "tandem-plugin"]));
    assert_none("the runtime is for any host", &forbidden(&runtime, &["tandem-core", "tandem-plugin", "host-harness"]));
}

/// Words that only some folders may say.
struct Boundary {
    /// What it keeps apart.
    rule: &'static str,
    /// The folders that are looked at.
    folders: &'static [&'static str],
    /// The folders and files among them that may say the words.
    except: &'static [&'static str],
    /// The words.
    words: &'static [&'static str],
}

const BOUNDARIES: [Boundary; 6] = [
    Boundary {
        rule: "generated bindings are named in the component's shell and in the host's interfaces only",
        folders: &["plugin/", "host-harness/", "tests/kit/"],
        except: &[
            "plugin/src/bindings.rs",
            "plugin/src/convert/",
            "plugin/src/adapters/",
            "plugin/src/exports.rs",
            // Declares the module and exports the component, nothing else.
            "plugin/src/lib.rs",
            "host-harness/src/host/",
        ],
        words: &["bindings", "wit_bindgen", "bindgen!"],
    },
    Boundary {
        rule: "the emulated Graph shares no types with the component and none with the CRM",
        folders: &["host-harness/src/graph/"],
        except: &[],
        words: &[
            "tandem_core",
            "tandem_plugin",
            "tandem_runtime",
            "wasmtime",
            "crate::crm",
            "crate::host",
            "crate::app",
        ],
    },
    Boundary {
        rule: "the emulated CRM knows neither WebAssembly nor pages",
        folders: &["host-harness/src/crm/"],
        except: &[],
        words: &["tandem_core", "tandem_runtime", "wasmtime", "axum", "crate::host", "crate::web", "crate::graph"],
    },
    Boundary {
        rule: "pages and JSON interface reach the component through the application service",
        folders: &["host-harness/src/web/"],
        except: &[],
        words: &["wasmtime", "tandem_runtime", "tandem_core", "rusqlite"],
    },
    Boundary {
        rule: "the runtime has no CRM words",
        folders: &["host-harness/runtime/src/"],
        except: &[],
        words: &["crm::", "calendar", "graph.microsoft.com"],
    },
    Boundary {
        rule: "the core does not know how it is called",
        folders: &["plugin/core/src/"],
        except: &[],
        words: &["wasi::", "async fn", ".await", "std::fs", "std::net", "SystemTime", "std::env"],
    },
];

#[test]
fn words_of_one_layer_are_not_said_in_another() {
    let files = with_extension(&["rs"]);
    for boundary in &BOUNDARIES {
        let inside: Vec<_> = files.iter().filter(|file| file.is_below(boundary.folders)).collect();
        assert!(!inside.is_empty(), "expected sources in {:?}", boundary.folders);
        let mut findings = Vec::new();
        for file in inside.iter().filter(|file| !file.is_below(boundary.except)) {
            for (number, line) in file.code_lines() {
                findings.extend(
                    boundary
                        .words
                        .iter()
                        .filter(|word| line.contains(*word))
                        .map(|word| format!("{}:{number}: `{word}`", file.path)),
                );
            }
        }
        assert_none(boundary.rule, &findings);
    }
}

#[test]
fn every_exception_of_a_boundary_is_still_needed() {
    let files = with_extension(&["rs"]);
    for boundary in &BOUNDARIES {
        for exception in boundary.except {
            let used = files
                .iter()
                .filter(|file| file.path.starts_with(exception))
                .any(|file| file.code_lines().any(|(_, line)| boundary.words.iter().any(|word| line.contains(word))));
            assert!(used, "`{exception}` does not need its exception from: {}", boundary.rule);
        }
    }
}

//! The component with deliberate defects.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What Cargo is asked for, as `tests/run` asks it: a profile of its own, so that
/// what is built here never stands where the shipped component does.
const BUILD: [&str; 10] = [
    "build",
    "--locked",
    "--package",
    "tandem-plugin",
    "--features",
    "defects",
    "--target",
    "wasm32-wasip2",
    "--profile",
    "defective",
];

/// The file of the component that can make mistakes, built if it is not there or
/// older than its sources.
///
/// # Panics
/// It cannot be built.
#[track_caller]
pub fn defective_component() -> PathBuf {
    let directory = build_directory().join("component");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .current_dir(root())
        .args(BUILD)
        .arg("--target-dir")
        .arg(&directory)
        // What an instrumented build of the tests asks for is not for a component.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .output()
        .unwrap_or_else(|error| panic!("Cargo did not start: {error}\n  hint: run the tests with Cargo"));
    let said = String::from_utf8_lossy(&built.stderr);
    let hint = format!("run `cargo {} --target-dir {}` to see it alone", BUILD.join(" "), directory.display());
    assert!(built.status.success(), "the component with defects was not built:\n{said}\n  hint: {hint}");
    directory.join("wasm32-wasip2/defective/tandem_plugin.wasm")
}

/// The file of the component that is shipped, built by the harness.
///
/// # Panics
/// The tests do not lie where Cargo has put them.
#[track_caller]
pub fn shipped_component() -> PathBuf {
    build_directory().join("component/wasm32-wasip2/component/tandem_plugin.wasm")
}

/// `target`, from `target/debug/deps/spec-0123`.
fn build_directory() -> PathBuf {
    let program = std::env::current_exe().expect("a program knows where it lies");
    program.ancestors().nth(3).expect("tests lie where Cargo has put them").to_owned()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the workspace")
}

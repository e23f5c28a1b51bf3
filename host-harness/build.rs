//! Builds the component that the harness carries inside of itself, so that
//! `cargo run` is one command.
//!
//! The component is another crate for another target, so it is built by a
//! Cargo of its own in a directory of its own. Where the target is missing it
//! is added, with a line that says so.
#![allow(clippy::print_stdout, reason = "printing is how a build script talks to Cargo")]

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The target of components for WASI 0.2.
const TARGET: &str = "wasm32-wasip2";

/// The profile in the workspace's Cargo.toml: small, and a trap for a panic.
const PROFILE: &str = "component";

/// What Cargo tells this script about this build, and must not tell the other.
const OF_THIS_BUILD: &[&str] = &[
    "RUSTFLAGS",
    "RUSTDOCFLAGS",
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_LINKER",
    "RUSTDOC",
    "TARGET",
    "HOST",
    "PROFILE",
    "OUT_DIR",
    "OPT_LEVEL",
    "DEBUG",
    "NUM_JOBS",
];

/// What of Cargo's own variables concerns the machine and not this build: where
/// packages are kept and fetched from, and how many jobs may run.
const OF_THE_MACHINE: &[&str] =
    &["CARGO_HOME", "CARGO_MAKEFLAGS", "CARGO_NET_", "CARGO_HTTP_", "CARGO_REGISTRY_", "CARGO_REGISTRIES_"];

fn main() -> Result<(), Failure> {
    if std::env::var_os("CARGO_FEATURE_COMPONENT").is_none() {
        // Nobody asks for it.
        return Ok(());
    }
    let harness = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let workspace = harness
        .parent()
        .ok_or_else(|| Failure::new("the harness is not inside of the workspace", "clone the repository anew"))?;
    for source in ["plugin", "wit", "Cargo.toml", "Cargo.lock", "rust-toolchain.toml"] {
        println!("cargo::rerun-if-changed={}", workspace.join(source).display());
    }
    ensure_target()?;
    let directory = target_directory()?.join("component");
    build(workspace, &directory)?;
    let component = directory.join(TARGET).join(PROFILE).join("tandem_plugin.wasm");
    if !component.is_file() {
        return Err(Failure::new(
            format!("the component was built, but is not at {}", component.display()),
            "remove the target directory and build again",
        ));
    }
    println!("cargo::rustc-env=TANDEM_COMPONENT={}", component.display());
    Ok(())
}

/// `target`, from `target/debug/build/host-harness-0123/out`.
fn target_directory() -> Result<PathBuf, Failure> {
    let out = PathBuf::from(variable("OUT_DIR")?);
    out.ancestors()
        .nth(4)
        .map(Path::to_owned)
        .ok_or_else(|| Failure::new("Cargo's output directory has another shape than expected", "use Cargo 1.95"))
}

fn ensure_target() -> Result<(), Failure> {
    let rustc = variable("RUSTC")?;
    let sysroot = Command::new(&rustc)
        .args(["--print", "sysroot"])
        .output()
        .map_err(|error| Failure::new(format!("rustc did not start: {error}"), "install Rust with rustup"))?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&sysroot.stdout).trim());
    if sysroot.join("lib/rustlib").join(TARGET).is_dir() {
        return Ok(());
    }
    println!("cargo::warning=the Rust target {TARGET} is missing; adding it with `rustup target add {TARGET}`");
    let added = Command::new("rustup").args(["target", "add", TARGET]).status().map_err(|error| {
        Failure::new(
            format!("the Rust target {TARGET} is missing, and rustup did not start: {error}"),
            format!(
                "install rustup from https://rustup.rs, or add the standard library for {TARGET} to this toolchain"
            ),
        )
    })?;
    if added.success() {
        return Ok(());
    }
    Err(Failure::new(
        format!("the Rust target {TARGET} is missing and could not be added"),
        format!("run `rustup target add {TARGET}` with a network connection, then build again"),
    ))
}

fn build(workspace: &Path, directory: &Path) -> Result<(), Failure> {
    let mut cargo = Command::new(variable("CARGO")?);
    for (name, _) in std::env::vars_os() {
        if is_of_this_build(&name) {
            cargo.env_remove(name);
        }
    }
    cargo
        .current_dir(workspace)
        .args(["build", "--locked", "--package", "tandem-plugin", "--target", TARGET, "--profile", PROFILE])
        .arg("--target-dir")
        .arg(directory);
    let built = cargo
        .output()
        .map_err(|error| Failure::new(format!("Cargo did not start: {error}"), "install Rust with rustup"))?;
    if built.status.success() {
        return Ok(());
    }
    Err(Failure::new(
        format!("the component was not built:\n{}", String::from_utf8_lossy(&built.stderr)),
        format!("run `cargo build -p tandem-plugin --target {TARGET} --profile {PROFILE}` to see it alone"),
    ))
}

fn is_of_this_build(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let of_machine = OF_THE_MACHINE.iter().any(|kept| name.starts_with(kept));
    OF_THIS_BUILD.contains(&name.as_ref()) || name == "CARGO" || (name.starts_with("CARGO_") && !of_machine)
}

fn variable(name: &str) -> Result<String, Failure> {
    std::env::var(name).map_err(|_| Failure::new(format!("Cargo did not set {name}"), "build with Cargo"))
}

/// Printed by Cargo in its debug form, so that form is the sentence.
struct Failure {
    what: String,
    hint: String,
}

impl Failure {
    fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.into(), hint: hint.into() }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}\nhint: {}", self.what, self.hint)
    }
}

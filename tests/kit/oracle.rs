//! What a calendar file shows according to an independent implementation, the
//! Python libraries of `tests/oracle`.

use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::NaiveDate;
use serde_json::Value;

use crate::instances::Instance;

/// Names another Python that has the libraries of `tests/oracle`.
const PYTHON_VARIABLE: &str = "TANDEM_ORACLE_PYTHON";

/// The instances of a file that begin on or after `from` and before `until`.
/// Clock readings without a zone belong to `floating_zone`.
///
/// # Panics
/// The oracle is not installed, or the file is none.
#[track_caller]
pub fn instances(file: &Path, from: NaiveDate, until: NaiveDate, floating_zone: &str) -> Vec<Instance> {
    let read = try_instances(file, from, until, floating_zone);
    read.unwrap_or_else(|error| panic!("the oracle failed\n{error}\n  hint: run tests/oracle/setup"))
}

/// The same; what the oracle says where it cannot read the file.
///
/// # Panics
/// The oracle is not installed.
#[track_caller]
pub fn try_instances(
    file: &Path,
    from: NaiveDate,
    until: NaiveDate,
    floating_zone: &str,
) -> Result<Vec<Instance>, String> {
    let python = python();
    let script = root().join("tests/oracle/instances.py");
    let (from, until) = (from.to_string(), until.to_string());
    let output = Command::new(&python)
        .arg(script)
        .arg(file)
        .args(["--from", &from, "--to", &until, "--floating-zone", floating_zone])
        .output()
        .unwrap_or_else(|error| {
            panic!("`{}` cannot be run: {error}\n  hint: run tests/oracle/setup", python.display())
        });
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(String::from_utf8(output.stdout).unwrap().lines().map(instance).collect())
}

fn instance(line: &str) -> Instance {
    let value: Value = serde_json::from_str(line).unwrap();
    let text = |name: &str| value[name].as_str().unwrap_or_else(|| panic!("expected `{name}` in {line}")).to_owned();
    Instance {
        start: text("start"),
        summary: text("summary"),
        end: text("end"),
        all_day: value["allDay"].as_bool().unwrap(),
        uid: text("uid"),
        original: text("original"),
    }
}

fn python() -> PathBuf {
    let built = || std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let installed = || root().join(built()).join("oracle/bin/python");
    std::env::var_os(PYTHON_VARIABLE).map_or_else(installed, PathBuf::from)
}

/// A calendar of the corpus.
pub fn calendar(name: &str) -> PathBuf {
    root().join("tests/corpus/calendars").join(name)
}

/// The calendar files that the libraries of the oracle are themselves tested
/// with, under a folder of theirs such as `icalendar/tests/calendars`, by name.
///
/// # Panics
/// The oracle is not installed, or has no such folder.
#[track_caller]
pub fn published(folder: &str) -> Vec<PathBuf> {
    let script = "import sysconfig; print(sysconfig.get_path('purelib'))";
    let output = Command::new(python()).args(["-c", script]).output().expect("run tests/oracle/setup");
    let libraries = PathBuf::from(String::from_utf8(output.stdout).unwrap().trim());
    let entries = std::fs::read_dir(libraries.join(folder)).expect("run tests/oracle/setup");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "ics"));
    files.sort();
    files
}

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the tests crate lies in the root folder").to_owned()
}

//! What a process leaves of its examinations, for those who run many of them.
//!
//! Where the environment variable `TANDEM_CONFORMANCE` names a folder, each
//! process has a file in it: the numbers of answers and of requests of the
//! component in the first line, then a line of JSON for each violation. The
//! file is true at every moment, however the process ends. Without a folder,
//! a violation ends the process in a build for tests, because the thread that
//! finds it may be one whose panic nobody hears of.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use super::violation::Violation;

/// The environment variable that names the folder.
const VARIABLE: &str = "TANDEM_CONFORMANCE";

/// Whether violations are only told of, see [`be_lenient`].
static IS_LENIENT: AtomicBool = AtomicBool::new(false);

/// The file of this process, if there is a folder.
static LEDGER: LazyLock<Option<Mutex<Ledger>>> = LazyLock::new(|| {
    let folder = std::env::var_os(VARIABLE).filter(|folder| !folder.is_empty())?;
    match Ledger::create(Path::new(&folder)) {
        Ok(ledger) => Some(Mutex::new(ledger)),
        Err(error) => stop(&format!("the folder in {VARIABLE} cannot be written: {error}")),
    }
});

/// Lets violations be logged without an end of the process: somebody works
/// with the emulator, and no test.
pub fn be_lenient() {
    IS_LENIENT.store(true, Ordering::Relaxed);
}

/// Notes what was examined, and what was found.
pub(super) fn note(answers: u64, requests: u64, violations: &[Violation]) {
    if let Some(ledger) = &*LEDGER {
        let written = ledger.lock().unwrap_or_else(PoisonError::into_inner).add(answers, requests, violations);
        if let Err(error) = written {
            stop(&format!("the file in {VARIABLE} cannot be written: {error}"));
        }
    } else if let Some(violation) = violations.first() {
        let line = line_of(violation);
        if cfg!(debug_assertions) && !IS_LENIENT.load(Ordering::Relaxed) {
            stop(&format!("a message does not conform to Graph's types: {line}"));
        }
        tracing::error!(violation = %line, "a message does not conform to Graph's types");
    }
}

fn line_of(violation: &Violation) -> String {
    serde_json::to_string(violation).unwrap_or_default()
}

#[expect(clippy::print_stderr, reason = "a panic could be caught, and the test would pass")]
fn stop(message: &str) -> ! {
    eprintln!("error: {message}");
    std::process::abort()
}

struct Ledger {
    file: File,
    answers: u64,
    requests: u64,
    /// What is written already.
    known: BTreeSet<Violation>,
}

impl Ledger {
    /// A new file. Numbers of processes come again, so a second one counts on.
    fn create(folder: &Path) -> std::io::Result<Self> {
        fs::create_dir_all(folder)?;
        let process = std::process::id();
        let mut attempt = 0_u32;
        let file = loop {
            let path = folder.join(format!("{process}-{attempt}"));
            match File::options().write(true).create_new(true).open(path) {
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => attempt += 1,
                made => break made?,
            }
        };
        Ok(Self { file, answers: 0, requests: 0, known: BTreeSet::new() })
    }

    fn add(&mut self, answers: u64, requests: u64, violations: &[Violation]) -> std::io::Result<()> {
        self.answers += answers;
        self.requests += requests;
        // As wide as any other first line, so that it is written over.
        let counts = format!("{:>12} {:>12}\n", self.answers, self.requests);
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(counts.as_bytes())?;
        for violation in violations {
            if self.known.insert(violation.clone()) {
                self.file.seek(SeekFrom::End(0))?;
                self.file.write_all(format!("{}\n", line_of(violation)).as_bytes())?;
            }
        }
        Ok(())
    }
}

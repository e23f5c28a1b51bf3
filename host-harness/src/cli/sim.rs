//! `tandem sim`: the deterministic simulation.
//!
//! Prints counts, or each history that breaks a law, as short as it could be
//! made. Next: [`super::text`].

use std::fmt::Write as _;
use std::io::Write;
use std::num::NonZero;
use std::path::Path;

use super::args::SimArgs;
use super::failure::CommandError;
use super::output::{Output, Progress};
use super::text::count;
use crate::app::{App, AppOptions, PluginSource};
use crate::clock::HarnessClock;
use crate::sim::report::{Aim, Options, SimReport, Violation, simulate};

/// After how many histories progress is told.
const TOLD_AFTER: u64 = 10;

/// How a history is read.
const LEGEND: &str = "\
How to read a history: its first line says what holds in all of it, such as how Microsoft pages. Below is what people,
faults and time do, in order, and behind `->` what came of it. `E3 v12` is a title of item 3, an event or a task; what
people write is numbered through the whole history. In `Quiet` nothing goes wrong and all runs end; then the laws are
asked, and what they found is last.
";

/// Plays the histories, and prints what came of them.
///
/// # Errors
/// The component cannot be loaded or cannot make the mistake, a history breaks a
/// law, or the report cannot be written.
pub async fn run<W: Write>(args: SimArgs, out: &mut Output<W>, progress: Progress) -> Result<(), CommandError> {
    if let Some(plugin) = &args.plugin {
        try_out(plugin, args.defect.as_deref()).await?;
    }
    let again = again(&args);
    let histories = args.seeds.end.saturating_sub(args.seeds.start);
    let options = Options {
        seeds: args.seeds,
        steps: args.steps,
        plugin: args.plugin.map_or(PluginSource::Embedded, PluginSource::File),
        defect: args.defect,
        aim: Aim::Shortest,
        threads: std::thread::available_parallelism().map_or(1, NonZero::get),
    };
    let told = move |over: u64| {
        if over.is_multiple_of(TOLD_AFTER) || over == histories {
            progress.say(&format!("{over} of {}", words(histories, "history")));
        }
    };
    let work = tokio::task::spawn_blocking(move || simulate(&options, &told));
    let report = work.await.map_err(|error| CommandError::Runtime(error.into()))?;
    if args.json {
        out.json(&report)?;
    } else {
        out.text(&written(&report))?;
    }
    match report.violations.len() {
        0 => Ok(()),
        violations => Err(CommandError::Violations { violations, again }),
    }
}

/// Loads the component once, and looks whether it can make the mistake: what is
/// wrong with the file is no broken law.
async fn try_out(plugin: &Path, defect: Option<&str>) -> Result<(), CommandError> {
    // Nothing is played yet, so any clock and any seed will do.
    let mut options = AppOptions::in_memory(HarnessClock::running(), 0);
    options.plugin = PluginSource::File(plugin.to_owned());
    App::start(options).await?;
    let Some(defect) = defect else { return Ok(()) };
    let file = |source| CommandError::Read { path: plugin.to_owned(), source };
    let component = std::fs::read(plugin).map_err(file)?;
    // A build that can make it compares names, so it holds this one.
    if component.windows(defect.len()).any(|bytes| bytes == defect.as_bytes()) {
        Ok(())
    } else {
        Err(CommandError::NoTestBuild { plugin: plugin.to_owned(), defect: defect.to_owned() })
    }
}

/// What is typed behind the seeds to play one of them again.
fn again(args: &SimArgs) -> String {
    let mut words = format!("--steps {}", args.steps);
    if let Some(plugin) = &args.plugin {
        // Writing to a string cannot fail.
        let _ = write!(words, " --plugin {}", plugin.display());
    }
    if let Some(defect) = &args.defect {
        let _ = write!(words, " --defect {defect}");
    }
    words
}

/// A number of something whose plural ends in `ies` where it ends in `y`.
fn words(number: impl Into<u64>, noun: &str) -> String {
    let number = number.into();
    match noun.strip_suffix('y') {
        Some(stem) if number != 1 => format!("{number} {stem}ies"),
        _ => count(number, noun),
    }
}

/// The report for people.
fn written(report: &SimReport) -> String {
    let SimReport { seeds, steps, operations, faults, struck: _, crashes, stops: _, judged: _, excused: _, violations } =
        report;
    let sum = |counts: &mut dyn Iterator<Item = &u64>| counts.sum::<u64>();
    let (done, met) = (sum(&mut operations.values()), sum(&mut faults.values()));
    let kinds = |number: usize| words(u64::try_from(number).unwrap_or(u64::MAX), "kind");
    let mut text = format!(
        "{} of {}: {} of {}, {} of {}, {}, {} broke a law\n",
        words(*seeds, "history"),
        words(*steps, "operation"),
        words(done, "operation"),
        kinds(operations.len()),
        words(met, "fault"),
        kinds(faults.values().filter(|met| **met > 0).count()),
        if *crashes == 1 { "1 crash".to_owned() } else { format!("{crashes} crashes") },
        violations.len(),
    );
    if !violations.is_empty() {
        text = format!("{text}\n{LEGEND}");
    }
    for Violation { seed, found, history } in violations {
        // Writing to a string cannot fail.
        let _ = write!(text, "\nseed {seed}\n{}\n  found\n    {}\n", history.join("\n"), found.join("\n    "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_that_breaks_a_law_is_shown_with_what_was_found() {
        let violation = Violation { seed: 7, found: vec!["twice".to_owned()], history: vec!["Sync".to_owned()] };
        let report = SimReport { seeds: 1, steps: 2, violations: vec![violation], ..SimReport::default() };
        let text = written(&report);
        let counts =
            "1 history of 2 operations: 0 operations of 0 kinds, 0 faults of 0 kinds, 0 crashes, 1 broke a law\n";
        assert!(text.starts_with(counts), "{text}");
        assert!(text.contains("seed 7\nSync\n  found\n    twice"), "{text}");
        assert!(text.contains("How to read a history"), "{text}");
    }

    #[test]
    fn one_of_each_is_told_in_the_singular_and_nothing_is_explained_where_nothing_is_shown() {
        let operations = [("quiet".to_owned(), 1)].into();
        let report = SimReport {
            seeds: 2,
            steps: 1,
            operations,
            faults: [("slow", 1)].into(),
            crashes: 1,
            ..SimReport::default()
        };
        let counts = "2 histories of 1 operation: 1 operation of 1 kind, 1 fault of 1 kind, 1 crash, 0 broke a law\n";
        assert_eq!(written(&report), counts);
    }
}

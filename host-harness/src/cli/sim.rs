//! `tandem sim`: the deterministic simulation.
//!
//! Prints counts, or each history that breaks a law, as short as it could be
//! made. Next: [`super::text`].

use std::fmt::Write as _;
use std::io::Write;
use std::num::NonZero;

use super::args::SimArgs;
use super::failure::CommandError;
use super::output::{Output, Progress};
use crate::app::PluginSource;
use crate::sim::report::{Aim, Options, SimReport, Violation, simulate};

/// After how many histories progress is told.
const TOLD_AFTER: u64 = 10;

/// Plays the histories, and prints what came of them.
///
/// # Errors
/// A history breaks a law, or the report cannot be written.
pub async fn run<W: Write>(args: SimArgs, out: &mut Output<W>, progress: Progress) -> Result<(), CommandError> {
    let count = args.seeds.end.saturating_sub(args.seeds.start);
    let options = Options {
        seeds: args.seeds,
        steps: args.steps,
        plugin: args.plugin.map_or(PluginSource::Embedded, PluginSource::File),
        defect: args.defect,
        aim: Aim::Shortest,
        threads: std::thread::available_parallelism().map_or(1, NonZero::get),
    };
    let told = move |over: u64| {
        if over.is_multiple_of(TOLD_AFTER) || over == count {
            progress.say(&format!("{over} of {count} histories"));
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
        violations => Err(CommandError::Violations { violations }),
    }
}

/// The report for people.
fn written(report: &SimReport) -> String {
    let SimReport { seeds, steps, operations, faults, struck: _, crashes, violations } = report;
    let sum = |counts: &mut dyn Iterator<Item = &u64>| counts.sum::<u64>();
    let (done, met) = (sum(&mut operations.values()), sum(&mut faults.values()));
    let mut text = format!(
        "{seeds} histories of {steps} operations: {done} operations of {} kinds, {met} faults of {} kinds, {crashes} \
         crashes, {} broke a law\n",
        operations.len(),
        faults.values().filter(|met| **met > 0).count(),
        violations.len(),
    );
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
        assert!(text.starts_with("1 histories of 2 operations"), "{text}");
        assert!(text.contains("seed 7\nSync\n  found\n    twice"), "{text}");
    }
}

//! `tandem bench`: the table of what people wait for, and how long.
//!
//! Next: [`super::sim`].

use std::io::Write;

use super::args::BenchArgs;
use super::failure::CommandError;
use super::output::{Output, Progress};
use super::text::Table;
use crate::bench::{self, BenchReport};

/// Runs the command.
///
/// # Errors
/// Something that is measured does not work.
pub async fn run<W: Write>(args: BenchArgs, out: &mut Output<W>, progress: Progress) -> Result<(), CommandError> {
    progress.say("filling a CRM and opening its pages");
    let report = bench::run(bench::USERS).await?;
    if args.json {
        out.json(&report)?;
    } else {
        out.text(&text(&report))?;
    }
    Ok(())
}

fn text(report: &BenchReport) -> String {
    let mut table = Table::new(&["Case", "First", "Median", "Longest", "Rounds"]);
    let milliseconds = |time: f64| format!("{time:.1} ms");
    for case in &report.cases {
        table.row([
            case.case.to_owned(),
            milliseconds(case.first_ms),
            milliseconds(case.median_ms),
            milliseconds(case.longest_ms),
            case.rounds.to_string(),
        ]);
    }
    let build = if report.is_optimised {
        "release build"
    } else {
        "debug build: build with `--release` for numbers that count"
    };
    format!("{} users, {build}\n\n{}", report.users, table.render(""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Measured;

    #[test]
    fn the_table_says_on_what_it_was_measured() {
        let case = Measured { case: "status", rounds: 21, first_ms: 12.34, median_ms: 5.0, longest_ms: 6.26 };
        let report = BenchReport { users: 5_000, is_optimised: true, cases: vec![case] };
        let expected = "5000 users, release build\n\nCase    First    Median  Longest  Rounds\nstatus  12.3 ms  5.0 ms  6.3 ms   21\n";
        assert_eq!(text(&report), expected);
    }
}

//! Random histories on the shipped component, and the laws that hold after each
//! of them: the deterministic simulation, a few seeds of it. More of them, and
//! longer ones, by hand: `tandem sim --seeds 1..200 --steps 300`.

use std::collections::BTreeMap;

use host_harness::app::PluginSource;
use host_harness::sim::operation::{FaultKind, Target};
use host_harness::sim::report::{Aim, Options, SimReport, simulate};

/// Operations of the histories here.
const STEPS: u32 = 100;

/// Of so many items that the laws are asked about, fewer than one may be left alone.
const EXCUSED_PART_MIN: u64 = 8;

/// Plays these seeds, both ends included.
fn played(from: u64, until: u64, steps: u32, threads: usize) -> SimReport {
    let (plugin, defect, aim) = (PluginSource::Embedded, None, Aim::Shortest);
    simulate(&Options { seeds: from..until + 1, steps, plugin, defect, aim, threads }, &|_| {})
}

#[track_caller]
fn keeps_the_laws(report: &SimReport) {
    let violations: Vec<String> = report
        .violations
        .iter()
        .map(|one| format!("seed {}\n{}\n  found\n{}", one.seed, one.history.join("\n"), one.found.join("\n")))
        .collect();
    assert!(violations.is_empty(), "{} histories broke a law\n\n{}", violations.len(), violations.join("\n\n"));
}

#[test]
fn histories_of_the_first_seeds_keep_the_laws() {
    keeps_the_laws(&played(1, 10, STEPS, 1));
}

#[test]
fn histories_of_the_second_seeds_keep_the_laws() {
    keeps_the_laws(&played(11, 20, STEPS, 1));
}

#[test]
fn histories_of_the_third_seeds_keep_the_laws_and_meet_everything() {
    let report = played(21, 40, STEPS, 1);
    keeps_the_laws(&report);
    assert!(report.operations.len() >= 60, "{:?}", report.operations.keys());
    let met: BTreeMap<&str, bool> =
        FaultKind::ALL.map(|kind| (kind.word(), report.faults.get(kind.word()).is_some_and(|count| *count > 0))).into();
    assert!(met.values().all(|met| *met), "{met:?}");
    let struck = Target::DRAWN.map(|target| report.struck.get(target.word()).copied().unwrap_or_default());
    assert!(struck.iter().all(|count| *count > 0), "{:?}", report.struck);
    assert!(report.crashes > 10, "{} crashes", report.crashes);
    assert!(report.stops > 0, "no guard rail had to stop anything");
    let (judged, excused) = (report.judged, report.excused);
    assert!(judged > 500 && excused * EXCUSED_PART_MIN < judged, "{excused} of {judged} items were excused");
}

#[test]
fn the_same_seeds_give_the_same_bytes_however_many_are_played_at_once() {
    let one = serde_json::to_string_pretty(&played(3, 6, 60, 1)).unwrap();
    let other = serde_json::to_string_pretty(&played(3, 6, 60, 3)).unwrap();
    assert_eq!(one, other);
}

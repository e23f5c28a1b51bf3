//! Seeds that are played, and what came of them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use super::history::History;
use super::log::Lines;
use super::play::{Counts, Play};
use super::scene::{Mishap, Stage};
use super::shorten::shortened;
use crate::app::PluginSource;

/// What is simulated.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which histories.
    pub seeds: Range<u64>,
    /// Operations of each.
    pub steps: u32,
    /// Which component.
    pub plugin: PluginSource,
    /// Which mistake it makes, where it is a test build that can make any.
    pub defect: Option<String>,
    /// What is asked of the histories.
    pub aim: Aim,
    /// Histories that are played at the same time. No result depends on it, but
    /// which history is the first one.
    pub threads: usize,
}

/// What is asked of the histories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// All that break a law, each as short as it can be made.
    Shortest,
    /// The first that breaks a law, as it is.
    First,
}

/// What came of all histories.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SimReport {
    /// How many histories.
    pub seeds: u64,
    /// Operations of each.
    pub steps: u32,
    /// Operations by kind.
    pub operations: BTreeMap<String, u64>,
    /// Faults that requests met, by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// The same, by what was asked for.
    pub struck: BTreeMap<&'static str, u64>,
    /// Runs that were torn down.
    pub crashes: u64,
    /// Runs that a guard rail had to stop, and did.
    pub stops: u64,
    /// Items that the laws were asked about in quiet periods, once for each of them.
    pub judged: u64,
    /// Those of them that may differ, because they are left alone for a reason.
    pub excused: u64,
    /// Histories that broke a law.
    pub violations: Vec<Violation>,
}

/// A history that broke a law, as short as it could be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Its seed.
    pub seed: u64,
    /// What was wrong.
    pub found: Vec<String>,
    /// What holds, what happens, and what comes of it, a line each.
    pub history: Vec<String>,
}

/// What came of one history.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Operations up to the first that found something wrong, that one included;
    /// all of them where nothing was.
    pub played: usize,
    /// What was counted.
    pub counts: Counts,
    /// What was wrong.
    pub violations: Vec<String>,
    /// What came of each operation that was played.
    pub came: Vec<Vec<String>>,
}

/// Plays histories of one seed.
#[derive(Clone, Debug)]
pub struct Player {
    /// What the emulators and the component draw from.
    pub seed: u64,
    /// Which component.
    pub plugin: PluginSource,
    /// Which mistake it makes.
    pub defect: Option<String>,
}

impl Player {
    /// Plays a history until something is wrong, or to its end.
    ///
    /// Everything happens in the order of this thread, which depends on nothing
    /// else.
    pub fn play(&self, history: &History) -> Outcome {
        let lines = Lines::default();
        let guard = lines.keep();
        let outcome = match lines.runtime() {
            Ok(runtime) => runtime.block_on(self.perform(history, &lines)),
            Err(error) => Outcome { violations: vec![error.to_string()], ..Outcome::default() },
        };
        drop(guard);
        outcome
    }

    async fn perform(&self, history: &History, lines: &Lines) -> Outcome {
        let stage =
            Stage { seed: self.seed, plugin: self.plugin.clone(), counts_fuel: false, defect: self.defect.clone() };
        let began = Play::begin(&history.setup, &stage, lines.clone()).await;
        let mut play = match began {
            Ok(play) => play,
            Err(mishap) => return Outcome { violations: vec![words(&mishap)], ..Outcome::default() },
        };
        let mut came = Vec::new();
        for operation in &history.operations {
            if let Err(mishap) = play.perform(*operation).await {
                play.violations.push(words(&mishap));
            }
            came.push(std::mem::take(&mut play.came));
            if !play.violations.is_empty() {
                break;
            }
        }
        Outcome { played: came.len(), counts: play.counts, violations: play.violations, came }
    }
}

/// A mishap with its causes.
pub(super) fn words(mishap: &Mishap) -> String {
    let mut text = mishap.to_string();
    let mut cause = std::error::Error::source(mishap);
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}

/// Plays all histories; `told` hears how many are over.
pub fn simulate(options: &Options, told: &(dyn Fn(u64) + Sync)) -> SimReport {
    let next = AtomicU64::new(options.seeds.start);
    let over = AtomicU64::new(0);
    let results = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..options.threads.max(1) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= options.seeds.end {
                        return;
                    }
                    let result = of_seed(options, seed);
                    if options.aim == Aim::First && result.1.is_some() {
                        next.store(options.seeds.end, Ordering::Relaxed);
                    }
                    if let Ok(mut results) = results.lock() {
                        results.insert(seed, result);
                    }
                    told(over.fetch_add(1, Ordering::Relaxed) + 1);
                }
            });
        }
    });
    let results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let count = u64::try_from(results.len()).unwrap_or(u64::MAX);
    let mut report = SimReport { seeds: count, steps: options.steps, ..SimReport::default() };
    for (_, (counts, violation)) in results {
        for (kind, count) in counts.operations {
            *report.operations.entry(kind).or_default() += count;
        }
        for (kind, count) in counts.faults {
            *report.faults.entry(kind).or_default() += count;
        }
        for (target, count) in counts.struck {
            *report.struck.entry(target).or_default() += count;
        }
        report.crashes += counts.crashes;
        report.stops += counts.stops;
        report.judged += counts.judged;
        report.excused += counts.excused;
        report.violations.extend(violation);
    }
    report
}

fn of_seed(options: &Options, seed: u64) -> (Counts, Option<Violation>) {
    let player = Player { seed, plugin: options.plugin.clone(), defect: options.defect.clone() };
    let history = History::of(seed, options.steps);
    let outcome = player.play(&history);
    let counts = outcome.counts.clone();
    if outcome.violations.is_empty() {
        return (counts, None);
    }
    let (history, outcome) = match options.aim {
        Aim::Shortest => shortened(&player, history, outcome),
        Aim::First => (history, outcome),
    };
    let mut lines = vec![format!("{:?}", history.setup)];
    for (operation, came) in history.operations.iter().zip(&outcome.came) {
        lines.push(format!("  {operation:?}"));
        lines.extend(came.iter().map(|came| format!("    -> {came}")));
    }
    (counts, Some(Violation { seed, found: outcome.violations, history: lines }))
}

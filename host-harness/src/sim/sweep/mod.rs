//! Sweeps: a short history that ends with a run, and that run interrupted at each
//! of its points.
//!
//! The history is played once. From there it goes on many times, each time from a
//! copy of everything ([`Play::fork`]): once undisturbed, to count the points and
//! to see how it ends, and then once for each point. Afterwards everything goes
//! well, and the same [`super::laws`] are asked as after any history. Beyond them,
//! the end has to be the one of the undisturbed play ([`end`]), unless people do
//! something after the run. Reading order: [`points`], [`end`].

pub mod end;
pub mod points;

use serde_json::Value;
use tandem_runtime::HostCalls;

use self::end::End;
use self::points::{Extent, Kind, Point};
use super::history::Setup;
use super::log::Lines;
use super::operation::{Operation, Target, Who};
use super::play::{Play, REFUSED, TAKEN};
use super::report::words;
use super::scene::{Mishap, Played, Stage};
use super::words::entries;
use crate::app::{PluginSource, Resource};

/// What the emulators and the component draw from in every sweep.
const SEED: u64 = 1;

/// How a run says that nothing is left to do.
const IDLE: &str = r#"{"when":"idle"}"#;

/// Points that a sweep describes of all that broke a law.
const DESCRIBED_MAX: usize = 3;

/// A history with a run at its end.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What holds.
    pub setup: Setup,
    /// What has happened before the run.
    pub before: Vec<Operation>,
    /// The run.
    pub run: (Who, Resource),
    /// What people do after it, before anybody is synchronised again.
    pub then: Vec<Operation>,
}

/// What came of a sweep.
#[derive(Clone, Debug)]
pub struct Swept {
    /// What was done to the run.
    pub kind: Kind,
    /// Points that were tried.
    pub points: u64,
    /// Points at which the run was not interrupted, although an undisturbed one has
    /// them.
    pub missed: Vec<Point>,
    /// What was wrong, at how many points: the first of them in full.
    pub violations: Vec<String>,
}

/// What came of one point.
struct Outcome {
    has_struck: bool,
    came: Vec<String>,
    violations: Vec<String>,
}

/// Plays a scenario, and interrupts its run at each point of these kinds; of fuel,
/// at so many.
///
/// Everything happens on this thread, in an order that depends on nothing else.
///
/// # Errors
/// The harness did not do as it should, in words.
pub fn sweep(
    scenario: &Scenario,
    kinds: &[Kind],
    fuel_points: u64,
    plugin: PluginSource,
) -> Result<Vec<Swept>, String> {
    let lines = Lines::default();
    let _guard = lines.keep();
    let runtime = lines.runtime().map_err(|error| error.to_string())?;
    let stage = Stage { seed: SEED, plugin, counts_fuel: kinds.contains(&Kind::RunsDry), defect: None };
    runtime.block_on(scenario.sweep(kinds, fuel_points, &stage, &lines)).map_err(|mishap| words(&mishap))
}

impl Scenario {
    async fn sweep(&self, kinds: &[Kind], fuel_points: u64, stage: &Stage, lines: &Lines) -> Played<Vec<Swept>> {
        let mut origin = Play::begin(&self.setup, stage, lines.clone()).await?;
        for operation in &self.before {
            happens(&mut origin, *operation).await?;
        }
        let (extent, end, outcome) = self.undisturbed(&origin).await?;
        let is_wrong = !outcome.violations.is_empty();
        let mut all = Vec::new();
        for kind in kinds {
            let mut swept = Swept { kind: *kind, points: 0, missed: Vec::new(), violations: Vec::new() };
            if is_wrong {
                swept.violations.push(described("undisturbed", &outcome));
            } else {
                self.at_each(&origin, kind.points(&extent, fuel_points), &end, &mut swept).await?;
            }
            all.push(swept);
        }
        Ok(all)
    }

    async fn at_each(&self, origin: &Play, points: Vec<Point>, end: &End, swept: &mut Swept) -> Played<()> {
        for point in points {
            let outcome = self.at(origin, point, end).await?;
            swept.points += 1;
            if !outcome.has_struck {
                swept.missed.push(point);
            }
            if !outcome.violations.is_empty() {
                swept.violations.push(described(&format!("{point:?}"), &outcome));
            }
        }
        let wrong = swept.violations.len();
        if wrong > DESCRIBED_MAX {
            swept.violations.truncate(DESCRIBED_MAX);
            swept.violations.push(format!("at {wrong} points of {} in all", swept.points));
        }
        Ok(())
    }

    /// What the run is made of, and how it ends, where nothing happens to it.
    async fn undisturbed(&self, origin: &Play) -> Played<(Extent, End, Outcome)> {
        let mut play = origin.fork()?;
        let calls = HostCalls::new(None);
        play.scene.forget_requests().await?;
        let ran = play.begin_counted(self.run, &calls).await;
        let requests = requests(&play.scene.requests().await?);
        play.end_counted(self.run, ran).await?;
        let end = self.end(&mut play).await?;
        let extent = Extent { begun: calls.begun(), made: calls.made(), fuel: calls.fuel(), requests };
        let outcome = Outcome { has_struck: true, came: play.came, violations: play.violations };
        Ok((extent, end, outcome))
    }

    async fn at(&self, origin: &Play, point: Point, undisturbed: &End) -> Played<Outcome> {
        let mut play = origin.fork()?;
        play.is_calm = false;
        let calls = HostCalls::new(point.interruption());
        if let Point::Fault(kind, skip) = point {
            play.fault(kind, Target::Any, skip, 1).await?;
        }
        let ran = play.begin_counted(self.run, &calls).await;
        let has_struck = match point {
            Point::Fault(..) => entries(&play.scene.faults_left().await?).is_empty(),
            Point::Fails(_) | Point::Lost(_) | Point::TornDown(_) | Point::RunsDry(_) => calls.has_struck(),
        };
        play.calm().await?;
        play.end_counted(self.run, ran).await?;
        let end = self.end(&mut play).await?;
        // What people do after an interrupted run may meet something else than after
        // one that came to its end.
        if play.violations.is_empty() && self.then.is_empty() {
            play.violations.extend(end.differs_from(undisturbed));
        }
        Ok(Outcome { has_struck, came: play.came, violations: play.violations })
    }

    /// What people do then, and how it ends.
    async fn end(&self, play: &mut Play) -> Played<End> {
        for operation in &self.then {
            happens(play, *operation).await?;
        }
        let shown = play.quiet().await?;
        End::of(play, shown).await
    }
}

/// Has something happen that the scenario rests on: refused, it would be another
/// scenario, in which all may be well.
async fn happens(play: &mut Play, operation: Operation) -> Played<()> {
    let before = play.came.len();
    play.perform(operation).await?;
    let came = play.came.get(before..).unwrap_or_default();
    let is_taken = match operation {
        Operation::Event(..) | Operation::Task(..) => came == [TAKEN],
        // A run ends with what it did, and says so.
        Operation::Sync(..) => came.iter().any(|came| came.contains(IDLE)),
        _ => came.iter().all(|came| came != REFUSED),
    };
    if is_taken {
        return Ok(());
    }
    Err(Mishap::NotTaken { operation: format!("{operation:?}"), came: came.to_vec() })
}

/// A point and what came of it, for people.
fn described(point: &str, outcome: &Outcome) -> String {
    format!("{point}\n    -> {}\n  found\n    {}", outcome.came.join("\n    -> "), outcome.violations.join("\n    "))
}

/// Requests of a record, each part of a batch as one more, as a script of faults
/// counts them: whether the answer to each has a body.
fn requests(record: &Value) -> Vec<bool> {
    let of = |request: &Value| vec![request["bytes"] != 0; 1 + entries(&request["parts"]).len()];
    entries(&record["requests"]).iter().flat_map(of).collect()
}

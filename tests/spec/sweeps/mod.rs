//! Sweeps: short histories whose last run is interrupted at every host call, at
//! every request to Microsoft, and after any of its computing. After each of them,
//! the laws of the simulation hold, and everything is as if nothing had happened.
//!
//! What a sweep does is told in `host_harness::sim::sweep`; here are the histories.
//! More points of fuel, by hand: `TANDEM_SWEEP_FUEL=2000 cargo nextest run -p
//! tandem-tests sweeps`.

mod calendar;
mod firsts;
mod meetings;
mod tasks;

use std::path::Path;

use host_harness::app::{PluginSource, Resource};
use host_harness::sim::history::Setup;
use host_harness::sim::operation::{
    End, EventAct, FaultKind, Guests, Operation, Rule, RuleKind, Side, TaskAct, When, Who,
};
use host_harness::sim::sweep::points::Kind;
use host_harness::sim::sweep::{Scenario, Swept, sweep};

/// The variable that says how many points of fuel there are.
const FUEL_VARIABLE: &str = "TANDEM_SWEEP_FUEL";

/// Points of fuel where nobody says how many.
const FUEL_POINTS: u64 = 16;

/// Points that the shortest run has of any kind.
const POINTS_MIN: u64 = 2;

const CRM: Side = Side::Crm;
const MICROSOFT: Side = Side::Microsoft;

/// Anna alone, with one resource.
const fn anna(resource: &'static [Resource]) -> Setup {
    Setup { cast: &[Who::Anna], resources: resource, ..Setup::PLAIN }
}

const CALENDAR: Setup = anna(&[Resource::Calendar]);
const TASKS: Setup = anna(&[Resource::Tasks]);

/// What Anna does with an event.
const fn event(side: Side, item: u32, act: EventAct) -> Operation {
    Operation::Event(side, Who::Anna, item, act)
}

/// Anna enters an event on a day.
const fn enter(side: Side, item: u32, day: i32) -> Operation {
    event(side, item, EventAct::Create(at(day), None, Guests::NOBODY))
}

/// Anna enters a series that begins on a day.
const fn enter_series(side: Side, item: u32, day: i32) -> Operation {
    let rule = Rule { kind: RuleKind::Weekly, interval: 1, more_days: 0, off_by: 0, end: End::After(6) };
    event(side, item, EventAct::Create(at(day), Some(rule), Guests::NOBODY))
}

/// What Anna does with a task.
const fn task(side: Side, item: u32, act: TaskAct) -> Operation {
    Operation::Task(side, Who::Anna, item, act)
}

/// An hour of a morning.
const fn at(day: i32) -> When {
    When { day, minute: 9 * 60, minutes: 60, all_day: None, zone: 0 }
}

const SYNC: Operation = Operation::Sync(Who::Anna, Resource::Calendar);
const SYNC_TASKS: Operation = Operation::Sync(Who::Anna, Resource::Tasks);

/// A history of Anna's calendar that ends with a run.
fn in_calendar(before: &[Operation]) -> Scenario {
    Scenario { setup: CALENDAR, before: before.to_vec(), run: (Who::Anna, Resource::Calendar), then: Vec::new() }
}

/// A history of Anna's tasks that ends with a run.
fn in_tasks(before: &[Operation]) -> Scenario {
    Scenario { setup: TASKS, before: before.to_vec(), run: (Who::Anna, Resource::Tasks), then: Vec::new() }
}

fn fuel_points() -> u64 {
    let chosen = std::env::var(FUEL_VARIABLE).ok();
    chosen.map_or(FUEL_POINTS, |points| points.parse().unwrap())
}

/// Sweeps a scenario, and asserts that nothing is wrong at any point.
#[track_caller]
fn holds(test: &str, scenario: &Scenario, kinds: &[Kind]) {
    let mut all = 0;
    let history: Vec<String> = scenario.before.iter().map(|operation| format!("  {operation:?}")).collect();
    let told = format!("{}\n  {:?}, and then {:?}", history.join("\n"), scenario.run, scenario.then);
    for Swept { kind, points, missed, violations } in
        sweep(scenario, kinds, fuel_points(), PluginSource::Embedded).unwrap()
    {
        assert!(violations.is_empty(), "{kind:?}\n{told}\n{}", violations.join("\n"));
        assert!(missed.is_empty(), "{kind:?}\n{told}\nexpected the run to be interrupted at {missed:?}");
        assert!(points >= POINTS_MIN, "{kind:?}\n{told}\nexpected {POINTS_MIN} points or more, but found {points}");
        all += points;
    }
    note_points(test, all);
}

/// Leaves the number of points where `tests/run` looks for it.
fn note_points(test: &str, points: u64) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sweeps");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(test.replace("::", ".")), format!("{points}\n")).unwrap();
}

/// The tests of a scenario. Each request loses its answer, and the kinds of faults
/// take turns; where `every_fault` is asked for, each request meets all of them.
/// Where `lost_answers` are, host calls that were made lose theirs as well.
macro_rules! sweeps {
    ($scenario:ident, lost_answers, every_fault) => {
        sweeps!($scenario, &[Kind::Fails, Kind::Lost, Kind::TornDown], &crate::sweeps::FaultKind::ALL.map(Kind::Fault));
    };
    ($scenario:ident, lost_answers) => {
        sweeps!(
            $scenario,
            &[Kind::Fails, Kind::Lost, Kind::TornDown],
            &[Kind::Fault(crate::sweeps::FaultKind::DropResponse), Kind::FaultsInTurn]
        );
    };
    ($scenario:ident) => {
        sweeps!(
            $scenario,
            &[Kind::Fails, Kind::TornDown],
            &[Kind::Fault(crate::sweeps::FaultKind::DropResponse), Kind::FaultsInTurn]
        );
    };
    ($scenario:ident, $host_calls:expr, $requests:expr) => {
        mod $scenario {
            use crate::sweeps::{Kind, holds};

            #[test]
            fn at_every_host_call() {
                holds(concat!(module_path!(), "::at_every_host_call"), &super::$scenario(), $host_calls);
            }

            #[test]
            fn at_every_request() {
                holds(concat!(module_path!(), "::at_every_request"), &super::$scenario(), $requests);
            }

            #[test]
            fn torn_down_by_fuel() {
                holds(concat!(module_path!(), "::torn_down_by_fuel"), &super::$scenario(), &[Kind::RunsDry]);
            }
        }
    };
}
use sweeps;

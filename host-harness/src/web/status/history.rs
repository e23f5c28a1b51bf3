//! The history of runs of a resource: a line each, and the charts of it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::chart::{BARS_MAX, Chart, Value};
use crate::app::RunEnding;
use crate::crm::runs::SyncRun;
use crate::web::blocked::sentence;
use crate::web::dates::{self, Dates, Moment};
use crate::web::report::Badge;

/// Runs in the table.
const LINES_MAX: usize = 50;

/// What a run came to, as its stored report says it. Reports of earlier versions may
/// lack a part.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Stored {
    crm: Side,
    microsoft: Side,
    adopted: u32,
    merged: u32,
    conflicts: u32,
    requests: u32,
    steps: u32,
    next: Option<serde_json::Value>,
    failure: Option<Failure>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct Side {
    created: u32,
    updated: u32,
    deleted: u32,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Failure {
    message: String,
}

impl Stored {
    /// Items that were written, on both sides.
    fn written(&self) -> u64 {
        u64::from(self.crm.total()) + u64::from(self.microsoft.total())
    }
}

impl Side {
    const fn total(self) -> u32 {
        self.created.saturating_add(self.updated).saturating_add(self.deleted)
    }

    fn text(self) -> String {
        match self {
            Self { created: 0, updated: 0, deleted: 0 } => "–".to_owned(),
            Self { created, updated, deleted } => format!("{created} / {updated} / {deleted}"),
        }
    }
}

/// A run.
#[derive(Clone, Debug, Serialize)]
pub struct RunLine {
    started_at: Moment,
    took: String,
    outcome: Badge,
    explanation: Option<String>,
    /// The value of the chart of what was written.
    written: u64,
    /// That of the chart of the lag.
    late: String,
    crm: String,
    microsoft: String,
    adopted: u32,
    merged: u32,
    conflicts: u32,
    requests: u32,
    steps: u32,
}

/// The history of a resource.
#[derive(Clone, Debug, Default, Serialize)]
pub struct HistoryView {
    runs: Vec<RunLine>,
    charts: Vec<Chart>,
}

impl HistoryView {
    /// Of these runs, the youngest first; `is_own` where the user reads it.
    pub fn new(runs: &[SyncRun], interval: TimeDelta, dates: Dates, is_own: bool) -> Self {
        if runs.is_empty() {
            return Self::default();
        }
        let late = lateness(runs, interval);
        Self {
            runs: runs.iter().zip(&late).take(LINES_MAX).map(|(run, late)| line(run, *late, dates, is_own)).collect(),
            charts: [Some(written_chart(runs, dates)), lag_chart(runs, &late, dates)].into_iter().flatten().collect(),
        }
    }
}

fn stored(run: &SyncRun) -> Stored {
    Stored::deserialize(&run.report).unwrap_or_default()
}

fn line(run: &SyncRun, late: Option<u64>, dates: Dates, is_own: bool) -> RunLine {
    let report = stored(run);
    let (outcome, explanation) = outcome(run, &report, is_own);
    RunLine {
        started_at: dates.moment(run.started_at),
        took: dates::span(run.finished_at - run.started_at),
        outcome,
        explanation,
        written: report.written(),
        late: late.map_or_else(|| "–".to_owned(), span),
        crm: report.crm.text(),
        microsoft: report.microsoft.text(),
        adopted: report.adopted,
        merged: report.merged,
        conflicts: report.conflicts,
        requests: report.requests,
        steps: report.steps,
    }
}

fn outcome(run: &SyncRun, report: &Stored, is_own: bool) -> (Badge, Option<String>) {
    if let Some(failure) = &report.failure {
        return (Badge { kind: "bad", text: "Failed" }, Some(failure.message.clone()));
    }
    if run.succeeded {
        return (Badge { kind: "good", text: "Complete" }, None);
    }
    match report.next.as_ref().and_then(RunEnding::read) {
        Some(RunEnding::Wait(reason)) => (Badge { kind: "warn", text: "Waiting" }, Some(reason.sentence().to_owned())),
        Some(RunEnding::Blocked(reason)) => {
            (Badge { kind: "bad", text: "Stopped" }, Some(sentence(reason, is_own).to_owned()))
        }
        None => (Badge { kind: "accent", text: "More to do" }, None),
    }
}

/// The first of what belongs to runs, the youngest first: those of the charts, the
/// oldest first.
fn of_chart<T>(all: &[T]) -> impl Iterator<Item = &T> {
    all.get(..BARS_MAX.min(all.len())).unwrap_or_default().iter().rev()
}

fn written_chart(runs: &[SyncRun], dates: Dates) -> Chart {
    let value = |run: &SyncRun| {
        let amount = stored(run).written();
        Value { amount, at: dates.moment(run.started_at), label: items(amount) }
    };
    Chart::new("Items written", of_chart(runs).map(value).collect(), items)
}

/// None where the lag of none of them is known.
fn lag_chart(runs: &[SyncRun], late: &[Option<u64>], dates: Dates) -> Option<Chart> {
    of_chart(late).flatten().next()?;
    let value = |(run, late): (&SyncRun, &Option<u64>)| Value {
        amount: late.unwrap_or(0),
        at: dates.moment(run.started_at),
        label: late.map_or_else(|| "not known".to_owned(), |late| format!("{} late", span(late))),
    };
    Some(Chart::new("Lag", of_chart(runs).zip(of_chart(late)).map(value).collect(), span))
}

/// How many seconds after it was due each run came to its end, or what did not end was
/// late when it was given up; in the order of the runs, the youngest first. Of those that
/// failed before any of them succeeded, it is not known.
fn lateness(runs: &[SyncRun], interval: TimeDelta) -> Vec<Option<u64>> {
    let mut in_step: Option<DateTime<Utc>> = None;
    let mut late = Vec::new();
    for run in runs.iter().rev() {
        let first = run.succeeded.then(TimeDelta::zero);
        let since_due = in_step.map(|at| run.finished_at - (at + interval)).or(first);
        late.push(since_due.map(|since| u64::try_from(since.num_seconds()).unwrap_or(0)));
        if run.succeeded {
            in_step = Some(run.finished_at);
        }
    }
    late.reverse();
    late
}

fn items(count: u64) -> String {
    format!("{count} {}", if count == 1 { "item" } else { "items" })
}

fn span(seconds: u64) -> String {
    let seconds = i64::try_from(seconds).ok().and_then(TimeDelta::try_seconds);
    dates::span(seconds.unwrap_or(TimeDelta::MAX))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use serde_json::json;

    use chrono_tz::Tz;

    use super::*;
    use crate::crm::RunId;
    use crate::crm::runs::SyncResource;

    fn run(minute: u32, succeeded: bool, report: serde_json::Value) -> SyncRun {
        let at: DateTime<Utc> = format!("2026-03-02T08:{minute:02}:00Z").parse().unwrap();
        SyncRun {
            id: RunId::from_number(i64::from(minute)),
            resource: SyncResource::Calendar,
            started_at: at,
            finished_at: at + TimeDelta::seconds(30),
            succeeded,
            report,
        }
    }

    #[test]
    fn a_run_says_how_it_ended_and_why() {
        let waiting = json!({"next": {"when": "after", "milliseconds": 5, "reason": "throttled"}, "requests": 3});
        let failed = json!({"steps": 1, "failure": {"message": "The component failed."}});
        let runs = [
            run(30, false, json!({"next": {"when": "again"}})),
            run(20, false, failed),
            run(10, false, waiting),
            run(0, true, json!({"crm": {"created": 2}, "next": {"when": "idle"}})),
        ];
        let view = HistoryView::new(&runs, TimeDelta::minutes(10), Dates::of_zone(Tz::UTC), true);
        let told: Vec<_> = view.runs.iter().map(|run| (run.outcome.text, run.explanation.is_some())).collect();
        assert_eq!(told, [("More to do", false), ("Failed", true), ("Waiting", true), ("Complete", false)]);
        assert_eq!((view.runs[3].crm.as_str(), view.runs[3].microsoft.as_str()), ("2 / 0 / 0", "–"));
        assert_eq!(view.runs.iter().map(|run| run.written).collect::<Vec<_>>(), [0, 0, 0, 2]);
    }

    #[test]
    fn a_run_is_late_from_the_interval_after_the_one_that_brought_both_sides_into_step() {
        let runs =
            [run(50, true, json!({})), run(25, true, json!({})), run(12, false, json!({})), run(0, true, json!({}))];
        let view = HistoryView::new(&runs, TimeDelta::minutes(10), Dates::of_zone(Tz::UTC), true);
        let lags = serde_json::to_value(&view.charts[1]).unwrap();
        let labels: Vec<_> =
            lags["bars"].as_array().unwrap().iter().map(|bar| bar["label"].as_str().unwrap()).collect();
        assert_eq!(
            labels,
            [
                "Mon, 2 Mar 2026, 08:00: 0 seconds late",
                "Mon, 2 Mar 2026, 08:12: 2 minutes late",
                "Mon, 2 Mar 2026, 08:25: 15 minutes late",
                "Mon, 2 Mar 2026, 08:50: 15 minutes late",
            ]
        );
        // Whoever reads the table reads the same.
        let late: Vec<_> = view.runs.iter().rev().map(|run| run.late.as_str()).collect();
        assert_eq!(late, ["0 seconds", "2 minutes", "15 minutes", "15 minutes"]);
    }

    #[test]
    fn how_late_runs_are_that_have_always_failed_is_not_known() {
        let runs = [run(40, true, json!({})), run(20, false, json!({})), run(0, false, json!({}))];
        let of = |runs: &[SyncRun]| HistoryView::new(runs, TimeDelta::minutes(10), Dates::of_zone(Tz::UTC), true);
        let late = |view: &HistoryView| view.runs.iter().map(|run| run.late.clone()).collect::<Vec<_>>();
        assert_eq!((late(&of(&runs)), of(&runs).charts.len()), (vec!["0 seconds".into(), "–".into(), "–".into()], 2));
        assert_eq!((late(&of(&runs[1..])), of(&runs[1..]).charts.len()), (vec!["–".to_owned(); 2], 1));
    }
}

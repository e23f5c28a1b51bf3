//! The history of runs of a resource: a line each, and the charts of it.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::chart::{BARS_MAX, Chart, Value};
use crate::app::RunEnding;
use crate::crm::runs::history::{LateSince, SyncRun};
use crate::web::blocked::sentence;
use crate::web::dates::{self, Dates, Moment};
use crate::web::reader::Reader;
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
    /// Of these runs, the youngest first, before which it was late `since` then, for
    /// who reads it.
    pub fn new(runs: &[SyncRun], since: LateSince, interval: TimeDelta, dates: Dates, reader: Reader) -> Self {
        let late = lateness(runs, since, interval);
        Self {
            runs: runs.iter().zip(&late).take(LINES_MAX).map(|(run, late)| line(run, *late, dates, reader)).collect(),
            charts: vec![written_chart(runs, dates), lag_chart(runs, &late, dates)],
        }
    }
}

fn stored(run: &SyncRun) -> Stored {
    Stored::deserialize(&run.report).unwrap_or_default()
}

fn line(run: &SyncRun, late: u64, dates: Dates, reader: Reader) -> RunLine {
    let report = stored(run);
    let (outcome, explanation) = outcome(run, &report, reader);
    RunLine {
        started_at: dates.moment(run.started_at),
        took: dates::span(run.finished_at - run.started_at),
        outcome,
        explanation,
        written: report.written(),
        late: dates::lag(seconds(late)),
        crm: report.crm.text(),
        microsoft: report.microsoft.text(),
        adopted: report.adopted,
        merged: report.merged,
        conflicts: report.conflicts,
        requests: report.requests,
        steps: report.steps,
    }
}

fn outcome(run: &SyncRun, report: &Stored, reader: Reader) -> (Badge, Option<String>) {
    if let Some(failure) = &report.failure {
        return (Badge { kind: "bad", text: "Failed" }, Some(failure.message.clone()));
    }
    if run.succeeded {
        return (Badge { kind: "good", text: "Complete" }, None);
    }
    match report.next.as_ref().and_then(RunEnding::read) {
        Some(RunEnding::Wait(reason)) => (Badge { kind: "warn", text: "Waiting" }, Some(reason.sentence().to_owned())),
        Some(RunEnding::Blocked(reason)) => {
            (Badge { kind: "bad", text: "Stopped" }, Some(sentence(reason, reader).to_owned()))
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
    Chart::new("Items written", of_chart(runs).map(value).collect(), items, "Nothing written")
}

fn lag_chart(runs: &[SyncRun], late: &[u64], dates: Dates) -> Chart {
    let span = |late| if late == 0 { "none".to_owned() } else { dates::span(seconds(late)) };
    let value = |(run, late): (&SyncRun, &u64)| Value {
        amount: *late,
        at: dates.moment(run.started_at),
        label: if *late == 0 { "not late".to_owned() } else { format!("{} late", span(*late)) },
    };
    Chart::new("Lag", of_chart(runs).zip(of_chart(late)).map(value).collect(), span, "Never late")
}

/// How many seconds after it was due each run came to its end, or what did not end was
/// late when it was given up; in the order of the runs, the youngest first.
fn lateness(runs: &[SyncRun], mut since: LateSince, interval: TimeDelta) -> Vec<u64> {
    let mut late = Vec::new();
    for run in runs.iter().rev() {
        late.push(u64::try_from(since.lateness(run.finished_at, interval).num_seconds()).unwrap_or(0));
        if run.succeeded {
            since = LateSince::InStep(run.finished_at);
        }
    }
    late.reverse();
    late
}

fn items(count: u64) -> String {
    format!("{count} {}", if count == 1 { "item" } else { "items" })
}

fn seconds(count: u64) -> TimeDelta {
    i64::try_from(count).ok().and_then(TimeDelta::try_seconds).unwrap_or(TimeDelta::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use chrono::{DateTime, Utc};
    use chrono_tz::Tz;
    use serde_json::json;

    use super::*;
    use crate::crm::RunId;
    use crate::crm::runs::SyncResource;

    const READER: Reader = Reader { is_own: true, administrator: false };

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

    fn view(runs: &[SyncRun], since: LateSince) -> HistoryView {
        HistoryView::new(runs, since, TimeDelta::minutes(10), Dates::of_zone(Tz::UTC), READER)
    }

    /// The lags in the table, the oldest first.
    fn lags(view: &HistoryView) -> Vec<&str> {
        view.runs.iter().rev().map(|run| run.late.as_str()).collect()
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
        let view = view(&runs, LateSince::FirstAttempt(runs[3].started_at));
        let told: Vec<_> = view.runs.iter().map(|run| (run.outcome.text, run.explanation.is_some())).collect();
        assert_eq!(told, [("More to do", false), ("Failed", true), ("Waiting", true), ("Complete", false)]);
        assert_eq!((view.runs[3].crm.as_str(), view.runs[3].microsoft.as_str()), ("2 / 0 / 0", "–"));
        assert_eq!(view.runs.iter().map(|run| run.written).collect::<Vec<_>>(), [0, 0, 0, 2]);
    }

    #[test]
    fn a_run_is_late_from_the_interval_after_the_one_that_brought_both_sides_into_step() {
        let runs =
            [run(50, true, json!({})), run(25, true, json!({})), run(12, false, json!({})), run(0, true, json!({}))];
        let view = view(&runs, LateSince::FirstAttempt(runs[3].started_at));
        let chart = serde_json::to_value(&view.charts[1]).unwrap();
        let labels: Vec<_> =
            chart["bars"].as_array().unwrap().iter().map(|bar| bar["label"].as_str().unwrap()).collect();
        assert_eq!(
            labels,
            [
                "Mon, 2 Mar 2026, 08:00: 30 seconds late",
                "Mon, 2 Mar 2026, 08:12: 2 minutes late",
                "Mon, 2 Mar 2026, 08:25: 15 minutes late",
                "Mon, 2 Mar 2026, 08:50: 15 minutes late",
            ]
        );
        // Whoever reads the table reads the same.
        assert_eq!(lags(&view), ["30 seconds", "2 minutes", "15 minutes", "15 minutes"]);
    }

    #[test]
    fn a_run_in_time_has_no_lag_in_the_table_nor_in_the_chart() {
        let runs = [run(20, true, json!({})), run(5, true, json!({})), run(0, true, json!({}))];
        let view = view(&runs, LateSince::InStep(runs[2].started_at - TimeDelta::minutes(5)));
        assert_eq!(lags(&view), ["None", "None", "5 minutes"]);
        let chart = serde_json::to_value(&view.charts[1]).unwrap();
        assert_eq!(chart["bars"][0]["label"], "Mon, 2 Mar 2026, 08:00: not late");
        let summary = chart["summary"].as_str().unwrap();
        assert!(summary.ends_with("at most 5 minutes, 5 minutes at last."), "{summary}");
        let never = HistoryView::new(
            &runs[1..],
            LateSince::InStep(runs[2].started_at),
            TimeDelta::minutes(10),
            Dates::of_zone(Tz::UTC),
            READER,
        );
        let charts = serde_json::to_value(&never.charts).unwrap();
        assert_eq!(charts[0]["nothing"], "Nothing written in these 2 runs.");
        assert_eq!(charts[1]["nothing"], "Never late in these 2 runs.");
    }

    #[test]
    fn where_the_sides_were_never_in_step_they_are_late_since_the_first_attempt() {
        let runs = [run(40, true, json!({})), run(20, false, json!({})), run(0, false, json!({}))];
        let view = view(&runs, LateSince::FirstAttempt(runs[2].started_at));
        assert_eq!(lags(&view), ["30 seconds", "20 minutes", "40 minutes"]);
    }

    #[test]
    fn a_long_outage_is_counted_from_before_the_runs_that_are_shown() {
        let runs = [run(20, false, json!({})), run(0, false, json!({}))];
        let in_step = runs[1].finished_at - TimeDelta::hours(8);
        let view = view(&runs, LateSince::InStep(in_step));
        assert_eq!(lags(&view), ["7 hours", "8 hours"]);
    }
}

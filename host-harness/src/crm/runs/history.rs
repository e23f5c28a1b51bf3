//! What the runs of a resource of a user came to, and since when both sides should have been
//! in step before them.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, params};
use serde::Serialize;

use super::{RunOutcome, SyncResource, report_of};
use crate::crm::ids::{RunId, UserId};
use crate::crm::stored::Millis;
use crate::crm::{Crm, CrmError};

/// How many reports are kept per user and resource: two weeks of a run each
/// hour, and a page that can be read.
pub const HISTORY_MAX: u32 = 336;

/// A run that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SyncRun {
    /// Its identifier.
    pub id: RunId,
    /// What was synchronised.
    pub resource: SyncResource,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
    /// Whether it came to its end.
    pub succeeded: bool,
    /// What it reported.
    pub report: serde_json::Value,
}

/// From when on a resource is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LateSince {
    /// An interval after both sides were in step last.
    InStep(DateTime<Utc>),
    /// When it was tried for the first time that is known of: they never were.
    FirstAttempt(DateTime<Utc>),
}

impl LateSince {
    /// How late it is at a moment, where it runs at this interval.
    pub fn lateness(self, at: DateTime<Utc>, interval: TimeDelta) -> TimeDelta {
        let due = match self {
            Self::InStep(last) => last + interval,
            Self::FirstAttempt(first) => first,
        };
        (at - due).max(TimeDelta::zero())
    }
}

impl Crm {
    /// The last runs of a resource of a user, youngest first.
    pub fn run_history(&self, user: UserId, resource: SyncResource, limit: u32) -> Result<Vec<SyncRun>, CrmError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, resource, started_at, finished_at, succeeded, report FROM sync_run
                 WHERE user_id = ?1 AND resource = ?2 ORDER BY id DESC LIMIT ?3",
            )?;
            let mut rows = statement.query(params![user, resource, limit.min(HISTORY_MAX)])?;
            let mut runs = Vec::new();
            while let Some(row) = rows.next()? {
                runs.push(SyncRun {
                    id: row.get(0)?,
                    resource: row.get(1)?,
                    started_at: row.get::<_, Millis>(2)?.0,
                    finished_at: row.get::<_, Millis>(3)?.0,
                    succeeded: row.get(4)?,
                    report: report_of(&row.get::<_, String>(5)?)?,
                });
            }
            Ok(runs)
        })
    }

    /// From when on a resource was late before one of its runs. Also where the run that
    /// brought both sides into step is not kept any more.
    pub fn late_since(&self, user: UserId, resource: SyncResource, run: &SyncRun) -> Result<LateSince, CrmError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT
                    (SELECT finished_at FROM sync_run
                     WHERE user_id = ?1 AND resource = ?2 AND id < ?3 AND succeeded ORDER BY id DESC LIMIT 1),
                    (SELECT last_sync_at FROM sync_state
                     WHERE user_id = ?1 AND resource = ?2 AND last_sync_at < ?4),
                    (SELECT started_at FROM sync_run WHERE user_id = ?1 AND resource = ?2 ORDER BY id LIMIT 1)",
            )?;
            let found = params![user, resource, run.id, Millis(run.started_at)];
            let [kept, forgotten, first] = statement.query_row(found, |row| {
                let instant = |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<Millis>>(column)?.map(|at| at.0));
                Ok([instant(0)?, instant(1)?, instant(2)?])
            })?;
            let first = LateSince::FirstAttempt(first.unwrap_or(run.started_at));
            Ok(kept.or(forgotten).map_or(first, LateSince::InStep))
        })
    }
}

/// Keeps what a run came to, and the last ones alone.
pub(super) fn keep_in(
    connection: &Connection,
    (user, resource): (UserId, SyncResource),
    (started_at, finished_at): (DateTime<Utc>, DateTime<Utc>),
    outcome: &RunOutcome,
) -> Result<(), CrmError> {
    connection.execute(
        "INSERT INTO sync_run (user_id, resource, started_at, finished_at, succeeded, report)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![user, resource, Millis(started_at), Millis(finished_at), outcome.succeeded, outcome.report.to_string()],
    )?;
    connection.execute(
        "DELETE FROM sync_run WHERE user_id = ?1 AND resource = ?2 AND id NOT IN
            (SELECT id FROM sync_run WHERE user_id = ?1 AND resource = ?2 ORDER BY id DESC LIMIT ?3)",
        params![user, resource, HISTORY_MAX],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;
    use crate::clock::HarnessClock;
    use crate::crm::fixtures::{crm_with_clock, noon, person};
    use crate::crm::runs::Holder;

    #[test]
    fn it_is_known_since_when_a_resource_is_late_however_long_ago_that_was() {
        let clock = HarnessClock::fixed(noon());
        let crm = crm_with_clock(&clock);
        let (alice, holder) = (person(&crm, "alice"), Holder::new("one"));
        let minute = TimeDelta::minutes(1);
        let run = |succeeded| {
            clock.advance(minute);
            crm.claim_run(alice.id, SyncResource::Calendar, &holder, minute).unwrap();
            let outcome = RunOutcome { succeeded, report: json!({}), next_sync_at: None, is_throttled: false };
            crm.finish_run(alice.id, &holder, &outcome).unwrap();
            crm.run_history(alice.id, SyncResource::Calendar, 1).unwrap().pop().unwrap()
        };
        let since = |run: &SyncRun| crm.late_since(alice.id, SyncResource::Calendar, run).unwrap();
        let [failed, again, worked, last] = [run(false), run(false), run(true), run(false)];
        let first = LateSince::FirstAttempt(failed.started_at);
        assert_eq!([&failed, &again, &worked].map(&since), [first; 3]);
        assert_eq!(since(&last), LateSince::InStep(worked.finished_at));
        assert_eq!(since(&last).lateness(last.finished_at, minute), TimeDelta::zero());
        assert_eq!(since(&again).lateness(again.finished_at, minute), minute);
        let mut youngest = last;
        for _ in 0..=HISTORY_MAX {
            youngest = run(false);
        }
        let kept = crm.run_history(alice.id, SyncResource::Calendar, HISTORY_MAX).unwrap();
        assert!(kept.iter().all(|run| !run.succeeded), "it is not kept");
        assert_eq!(since(&youngest), LateSince::InStep(worked.finished_at));
    }
}

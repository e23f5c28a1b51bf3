//! When each user's resources were synchronised, by whom they are being
//! synchronised now, and what the last runs reported (Oro rows E1, E2).
//!
//! A claim is a lease: whoever holds one renews it, and one that is not renewed
//! ends by itself, so that a process that died blocks nobody for long. All
//! resources of a user share one mailbox, so that only one of them runs at a
//! time. When runs are due is decided by the scheduler. What runs came to is kept in
//! [`history`].

pub mod history;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::Serialize;

use super::component_state::{Fence, raise_fence_in};
use super::ids::{OrganizationId, UserId};
use super::overview::OF_THOSE;
use super::stored::{Millis, words};
use super::users::user_in;
use super::{Crm, CrmError};
use history::keep_in;

words! {
    /// What is synchronised.
    pub enum SyncResource {
        /// Calendar events.
        Calendar = "calendar",
        /// Tasks.
        Tasks = "tasks",
        /// Mail.
        Mail = "mail",
    }
}

/// Who holds a claim: a text that no other process uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder(String);

impl Holder {
    /// Names a holder.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The answer to a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The mailbox is the caller's until the lease ends. Earlier holders'
    /// commits are refused from now on.
    Granted {
        /// The number to commit with.
        fence: Fence,
        /// When the lease ends unless it is renewed.
        lease_until: DateTime<Utc>,
    },
    /// Somebody else works on the user's mailbox.
    Busy {
        /// On what.
        resource: SyncResource,
        /// When their lease ends unless it is renewed.
        lease_until: DateTime<Utc>,
    },
}

/// A resource of a user, as `tandem status` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SyncState {
    /// Whose.
    pub user_id: UserId,
    /// What.
    pub resource: SyncResource,
    /// Whether somebody works on it now.
    pub in_progress: bool,
    /// Since when; none where nobody does.
    pub started_at: Option<DateTime<Utc>>,
    /// When a run came to its end last, with both sides read and nothing left to
    /// do: one that failed, waits, or was stopped has brought nothing into step.
    pub last_sync_at: Option<DateTime<Utc>>,
    /// When the next one is due.
    pub next_sync_at: Option<DateTime<Utc>>,
    /// What the last run reported.
    pub last_report: Option<serde_json::Value>,
    /// When the oldest run that is known of began; told where none has come to its
    /// end.
    pub first_run_at: Option<DateTime<Utc>>,
    /// The runs that ended last, at most [`RECENT_RUNS_MAX`].
    pub recent_runs: u32,
    /// How many of them Microsoft's throttling has ended.
    pub recent_throttled: u32,
}

impl SyncState {
    /// The state of a resource that never ran.
    pub const fn empty(user_id: UserId, resource: SyncResource) -> Self {
        Self {
            user_id,
            resource,
            in_progress: false,
            started_at: None,
            last_sync_at: None,
            next_sync_at: None,
            last_report: None,
            first_run_at: None,
            recent_runs: 0,
            recent_throttled: 0,
        }
    }
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct RunOutcome {
    /// Whether it came to its end: both sides were read, and nothing was left to
    /// do.
    pub succeeded: bool,
    /// What it reported; texts of items do not belong into it.
    pub report: serde_json::Value,
    /// When the next one is due; none where something has to change first.
    pub next_sync_at: Option<DateTime<Utc>>,
    /// Whether it ended because Microsoft asks for fewer requests.
    pub is_throttled: bool,
}

/// How many runs are remembered as throttled or not: a day of runs each three quarters
/// of an hour, and the bits that a number has.
pub const RECENT_RUNS_MAX: u32 = 32;

const STATE_QUERY: &str = "SELECT user_id, resource, holder, started_at, lease_until, last_sync_at, next_sync_at,
    last_report, recent_runs, recent_throttled,
    CASE WHEN last_sync_at IS NULL THEN (SELECT run.started_at FROM sync_run AS run
        WHERE run.user_id = sync_state.user_id AND run.resource = sync_state.resource ORDER BY run.id LIMIT 1) END
    FROM sync_state";

impl Crm {
    /// Claims the mailbox of `user` to work on `resource`, and raises the fence
    /// in the same moment.
    ///
    /// # Errors
    /// The user does not exist.
    pub fn claim_run(
        &self,
        user: UserId,
        resource: SyncResource,
        holder: &Holder,
        lease: TimeDelta,
    ) -> Result<Claim, CrmError> {
        let now = self.now();
        self.write(|transaction| {
            let user = user_in(transaction, user)?;
            if let Some((resource, lease_until)) = busy_in(transaction, user.id, now)? {
                return Ok(Claim::Busy { resource, lease_until });
            }
            let lease_until = now + lease;
            claim_in(transaction, user.id, resource, holder, (now, lease_until))?;
            Ok(Claim::Granted { fence: raise_fence_in(transaction, &user.scope())?, lease_until })
        })
    }

    /// Extends the lease of `holder`, and says whether it still was theirs: one
    /// that ran out is, as long as nobody else has claimed the mailbox.
    pub fn renew_claim(&self, user: UserId, holder: &Holder, lease: TimeDelta) -> Result<bool, CrmError> {
        let lease_until = Millis(self.now() + lease);
        self.write(|transaction| {
            let renewed = transaction.execute(
                "UPDATE sync_state SET lease_until = ?3 WHERE user_id = ?1 AND holder = ?2",
                params![user, holder.0, lease_until],
            )?;
            Ok(renewed > 0)
        })
    }

    /// Ends the claim of `holder` without a report, and says whether it still
    /// was theirs.
    pub fn release_claim(&self, user: UserId, holder: &Holder) -> Result<bool, CrmError> {
        self.write(|transaction| Ok(claimed_by(transaction, user, holder)?.is_some() && release_in(transaction, user)?))
    }

    /// Ends the claim of `holder` with a report, and says whether it still was
    /// theirs; a run that has lost its claim leaves no report. An outcome that
    /// plans nothing leaves a plan that was made while the run went on, such as
    /// that of an account connected meanwhile.
    pub fn finish_run(&self, user: UserId, holder: &Holder, outcome: &RunOutcome) -> Result<bool, CrmError> {
        let now = self.now();
        self.write(|transaction| {
            Ok(report_in(transaction, user, holder, outcome, now)? && release_in(transaction, user)?)
        })
    }

    /// As [`Crm::finish_run`], and `holder` goes on with another resource in the
    /// same moment, so that nobody gets in between and the fence stays.
    pub fn continue_run(
        &self,
        user: UserId,
        holder: &Holder,
        outcome: &RunOutcome,
        resource: SyncResource,
        lease: TimeDelta,
    ) -> Result<bool, CrmError> {
        let now = self.now();
        self.write(|transaction| {
            let was_theirs = report_in(transaction, user, holder, outcome, now)?;
            if was_theirs {
                claim_in(transaction, user, resource, holder, (now, now + lease))?;
            }
            Ok(was_theirs)
        })
    }

    /// Plans the next run of a resource, such as at once after a setting was
    /// changed; none where it is not to run by itself.
    ///
    /// # Errors
    /// The user does not exist.
    pub fn plan_run(
        &self,
        user: UserId,
        resource: SyncResource,
        next_sync_at: Option<DateTime<Utc>>,
    ) -> Result<(), CrmError> {
        let now = Millis(self.now());
        self.write(|transaction| {
            user_in(transaction, user)?;
            transaction.execute(
                "INSERT INTO sync_state (user_id, resource, next_sync_at, planned_at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET next_sync_at = excluded.next_sync_at, planned_at = excluded.planned_at",
                params![user, resource, next_sync_at.map(Millis), now],
            )?;
            Ok(())
        })
    }

    /// The state of one resource of a user; one that never ran has an empty
    /// state.
    pub fn sync_state(&self, user: UserId, resource: SyncResource) -> Result<SyncState, CrmError> {
        let found = self.sync_states_of_user(user)?.into_iter().find(|state| state.resource == resource);
        Ok(found.unwrap_or_else(|| SyncState::empty(user, resource)))
    }

    /// The states of all resources that ever ran for a user.
    pub fn sync_states_of_user(&self, user: UserId) -> Result<Vec<SyncState>, CrmError> {
        let now = self.now();
        self.read(|connection| states_in(connection, (0, user.number()), now))
    }

    /// The states of all resources that ever ran for users of an organization.
    pub fn sync_states_of_organization(&self, organization: OrganizationId) -> Result<Vec<SyncState>, CrmError> {
        let now = self.now();
        self.read(|connection| states_in(connection, (organization.number(), 0), now))
    }
}

/// The states of the users of an organization, or of one user, or of all where a
/// number is 0, ordered by user and resource.
pub(super) fn states_in(
    connection: &Connection,
    (organization, user): (i64, i64),
    now: DateTime<Utc>,
) -> Result<Vec<SyncState>, CrmError> {
    let sql = format!("{STATE_QUERY} WHERE user_id {OF_THOSE} ORDER BY user_id, resource");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([organization, user])?;
    let mut states = Vec::new();
    while let Some(row) = rows.next()? {
        states.push(state_from_row(row, now)?);
    }
    Ok(states)
}

/// What somebody with a live lease works on.
fn busy_in(
    connection: &Connection,
    user: UserId,
    now: DateTime<Utc>,
) -> rusqlite::Result<Option<(SyncResource, DateTime<Utc>)>> {
    connection
        .query_row(
            "SELECT resource, lease_until FROM sync_state
             WHERE user_id = ?1 AND holder IS NOT NULL AND lease_until > ?2 LIMIT 1",
            params![user, Millis(now)],
            |row| Ok((row.get(0)?, row.get::<_, Millis>(1)?.0)),
        )
        .optional()
}

/// What `holder` works on. A lease that ran out still is theirs while nobody
/// else has claimed the mailbox.
fn claimed_by(
    connection: &Connection,
    user: UserId,
    holder: &Holder,
) -> rusqlite::Result<Option<(SyncResource, DateTime<Utc>)>> {
    connection
        .query_row(
            "SELECT resource, started_at FROM sync_state WHERE user_id = ?1 AND holder = ?2",
            params![user, holder.0],
            |row| Ok((row.get(0)?, row.get::<_, Millis>(1)?.0)),
        )
        .optional()
}

/// Puts `holder` in the place of whoever had a claim, on whatever resource: a
/// lease that ran out is over.
fn claim_in(
    connection: &Connection,
    user: UserId,
    resource: SyncResource,
    holder: &Holder,
    (now, lease_until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), CrmError> {
    release_in(connection, user)?;
    connection.execute(
        "INSERT INTO sync_state (user_id, resource, holder, started_at, lease_until)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET holder = excluded.holder, started_at = excluded.started_at,
            lease_until = excluded.lease_until",
        params![user, resource, holder.0, Millis(now), Millis(lease_until)],
    )?;
    Ok(())
}

/// Keeps what the run of `holder` came to, where it still is theirs.
fn report_in(
    connection: &Connection,
    user: UserId,
    holder: &Holder,
    outcome: &RunOutcome,
    now: DateTime<Utc>,
) -> Result<bool, CrmError> {
    let Some((resource, started_at)) = claimed_by(connection, user, holder)? else { return Ok(false) };
    connection.execute(
        "UPDATE sync_state SET last_sync_at = CASE WHEN ?6 THEN ?3 ELSE last_sync_at END, last_report = ?5,
            next_sync_at = CASE WHEN ?4 IS NULL AND planned_at > started_at THEN next_sync_at ELSE ?4 END,
            recent_runs = min(recent_runs + 1, ?8), recent_throttled = ((recent_throttled << 1) | ?7) & ((1 << ?8) - 1)
         WHERE user_id = ?1 AND resource = ?2",
        params![
            user,
            resource,
            Millis(now),
            outcome.next_sync_at.map(Millis),
            outcome.report.to_string(),
            outcome.succeeded,
            outcome.is_throttled,
            RECENT_RUNS_MAX
        ],
    )?;
    keep_in(connection, (user, resource), (started_at, now), outcome)?;
    Ok(true)
}

fn release_in(connection: &Connection, user: UserId) -> Result<bool, CrmError> {
    let released = connection.execute(
        "UPDATE sync_state SET holder = NULL, started_at = NULL, lease_until = NULL
         WHERE user_id = ?1 AND holder IS NOT NULL",
        [user],
    )?;
    Ok(released > 0)
}

fn report_of(text: &str) -> Result<serde_json::Value, CrmError> {
    serde_json::from_str(text).map_err(|_| CrmError::Damaged { what: "report" })
}

fn state_from_row(row: &Row<'_>, now: DateTime<Utc>) -> Result<SyncState, CrmError> {
    let instant = |column| -> rusqlite::Result<Option<DateTime<Utc>>> {
        Ok(row.get::<_, Option<Millis>>(column)?.map(|instant| instant.0))
    };
    let report: Option<String> = row.get(7)?;
    let in_progress = row.get::<_, Option<String>>(2)?.is_some() && instant(4)?.is_some_and(|until| until > now);
    Ok(SyncState {
        user_id: row.get(0)?,
        resource: row.get(1)?,
        in_progress,
        started_at: instant(3)?.filter(|_| in_progress),
        last_sync_at: instant(5)?,
        next_sync_at: instant(6)?,
        last_report: report.as_deref().map(report_of).transpose()?,
        recent_runs: row.get(8)?,
        recent_throttled: row.get::<_, u32>(9)?.count_ones(),
        first_run_at: instant(10)?,
    })
}

#[cfg(test)]
mod tests;

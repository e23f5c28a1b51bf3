//! Alerts: one open alert per cause, renewed while the cause lasts, resolved
//! when it is over, forgotten a month later (Oro row E12).

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::Serialize;

use crate::crm::ids::{AlertId, OrganizationId, UserId};
use crate::crm::scope::user_of_key;
use crate::crm::stored::{Millis, words};
use crate::crm::{Crm, CrmError, Scope};

/// The most alerts that are read at once: for a program, which reads the summary where
/// there are more. People have [`Crm::alert_page`].
pub const ALERTS_MAX: usize = 500;

/// How long a resolved alert is kept: what Oro's clean-up keeps.
pub const RESOLVED_AGE_MAX: TimeDelta = TimeDelta::days(30);

/// What Oro calls the source: which integration speaks.
pub const ALERT_SOURCE: &str = "ms365";

words! {
    /// What a notice is about.
    pub enum NoticeResource {
        /// The Microsoft account.
        Account = "account",
        /// Calendar events.
        Calendar = "calendar",
        /// Tasks.
        Tasks = "tasks",
    }
}

words! {
    /// Which family an alert belongs to.
    pub enum AlertKind {
        /// Signing in.
        Auth = "auth",
        /// Everything else of a run.
        Sync = "sync",
    }
}

words! {
    /// In which direction it happened.
    pub enum AlertOperation {
        /// Towards the CRM.
        Import = "import",
        /// Towards Microsoft.
        Export = "export",
        /// Neither.
        None = "none",
    }
}

words! {
    /// At what step it happened.
    pub enum AlertStep {
        /// Signing in or renewing a token.
        Authenticate = "authenticate",
        /// Reading a list.
        GetList = "get_list",
        /// Reading one item.
        Get = "get",
        /// Translating an item.
        Map = "map",
        /// Writing an item.
        Save = "save",
        /// Deciding what to do.
        Plan = "plan",
    }
}

/// An alert to raise. Everything but message and hint is the cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAlert {
    /// What it is about.
    pub resource: NoticeResource,
    /// Its family.
    pub kind: AlertKind,
    /// The direction.
    pub operation: AlertOperation,
    /// The step.
    pub step: AlertStep,
    /// A stable word for the cause.
    pub code: String,
    /// The CRM's record, where one is concerned.
    pub item_id: Option<String>,
    /// Microsoft's item, where one is concerned.
    pub external_id: Option<String>,
    /// What happened.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    /// Its identifier.
    pub id: AlertId,
    /// Which integration speaks.
    pub source: &'static str,
    /// Whose organization it concerns.
    pub organization_id: OrganizationId,
    /// Whom it concerns; none for the organization as a whole.
    pub user_id: Option<UserId>,
    /// What it is about.
    pub resource: NoticeResource,
    /// Its family.
    pub kind: AlertKind,
    /// The direction.
    pub operation: AlertOperation,
    /// The step.
    pub step: AlertStep,
    /// A stable word for the cause.
    pub code: String,
    /// The CRM's record, where one is concerned.
    pub item_id: Option<String>,
    /// Microsoft's item, where one is concerned.
    pub external_id: Option<String>,
    /// What happened.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// When it was raised first.
    pub created_at: DateTime<Utc>,
    /// When it was raised last.
    pub updated_at: DateTime<Utc>,
    /// When it was over; none while it is open.
    pub resolved_at: Option<DateTime<Utc>>,
}

/// Which alerts; none matches everything.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct AlertFilter {
    /// Of this resource.
    pub resource: Option<NoticeResource>,
    /// Of this family.
    pub kind: Option<AlertKind>,
    /// With this code.
    pub code: Option<String>,
    /// Of this CRM record.
    pub item_id: Option<String>,
    /// Of this Microsoft item.
    pub external_id: Option<String>,
}

/// Which alerts a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertList {
    /// Those that ask for something to be done.
    Open,
    /// Those that are over.
    Resolved,
}

impl AlertList {
    const fn condition(self) -> &'static str {
        match self {
            Self::Open => "alert.resolved_at IS NULL",
            Self::Resolved => "alert.resolved_at IS NOT NULL",
        }
    }
}

/// How many open alerts there are of one cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertSummary {
    /// What they are about.
    pub resource: NoticeResource,
    /// Their family.
    pub kind: AlertKind,
    /// Their cause.
    pub code: String,
    /// How many.
    pub count: u32,
}

const COLUMNS: &str = "alert.id, alert.organization_id, alert.user_id, alert.resource, alert.kind, alert.operation,
    alert.step, alert.code, alert.item_id, alert.external_id, alert.message, alert.hint, alert.created_at,
    alert.updated_at, alert.resolved_at";

impl Crm {
    /// Raises alerts of a scope; one whose cause is open already gets the new
    /// message and hint.
    pub fn raise_alerts(&self, scope: &Scope, alerts: &[NewAlert]) -> Result<(), CrmError> {
        self.write(|transaction| alerts.iter().try_for_each(|alert| self.raise_in(transaction, scope, alert)))
    }

    fn raise_in(&self, connection: &Connection, scope: &Scope, alert: &NewAlert) -> Result<(), CrmError> {
        connection
            .prepare_cached(
                "INSERT INTO alert (organization_id, user_id, resource, kind, operation, step, code, item_id,
                    external_id, message, hint, created_at, updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12)
                 ON CONFLICT DO UPDATE SET message = excluded.message, hint = excluded.hint,
                    updated_at = excluded.updated_at",
            )?
            .execute(params![
                scope.organization,
                scope.user_key(),
                alert.resource,
                alert.kind,
                alert.operation,
                alert.step,
                alert.code,
                alert.item_id,
                alert.external_id,
                alert.message,
                alert.hint,
                Millis(self.now()),
            ])?;
        Ok(())
    }

    /// Marks every open alert of the scope that matches as resolved, and says
    /// how many there were.
    pub fn resolve_alerts(&self, scope: &Scope, filter: &AlertFilter) -> Result<usize, CrmError> {
        self.write(|transaction| {
            let resolved = transaction
                .prepare_cached(
                    "UPDATE alert SET resolved_at = ?8
                     WHERE resolved_at IS NULL AND organization_id = ?1 AND user_id = ?2
                        AND (?3 IS NULL OR resource = ?3) AND (?4 IS NULL OR kind = ?4)
                        AND (?5 IS NULL OR code = ?5) AND (?6 IS NULL OR item_id = ?6)
                        AND (?7 IS NULL OR external_id = ?7)",
                )?
                .execute(params![
                    scope.organization,
                    scope.user_key(),
                    filter.resource,
                    filter.kind,
                    filter.code,
                    filter.item_id,
                    filter.external_id,
                    Millis(self.now()),
                ])?;
            Ok(resolved)
        })
    }

    /// Marks one alert as resolved; one that is resolved already stays as it
    /// is.
    ///
    /// # Errors
    /// It does not exist.
    pub fn resolve_alert(&self, id: AlertId) -> Result<Alert, CrmError> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE alert SET resolved_at = ?2 WHERE id = ?1 AND resolved_at IS NULL",
                params![id, Millis(self.now())],
            )?;
            alert_in(transaction, id)
        })
    }

    /// The alert with this identifier. Callers check its organization against
    /// that of the person who asks.
    ///
    /// # Errors
    /// It does not exist.
    pub fn alert(&self, id: AlertId) -> Result<Alert, CrmError> {
        self.read(|connection| alert_in(connection, id))
    }

    /// The alerts of one user, youngest first, at most [`ALERTS_MAX`].
    pub fn alerts_of_user(&self, user: UserId, list: AlertList) -> Result<Vec<Alert>, CrmError> {
        self.alerts_where("user_id = ?1", user.number(), list)
    }

    /// The alerts of an organization and of all its users, youngest first, at
    /// most [`ALERTS_MAX`].
    pub fn alerts_of_organization(
        &self,
        organization: OrganizationId,
        list: AlertList,
    ) -> Result<Vec<Alert>, CrmError> {
        self.alerts_where("organization_id = ?1", organization.number(), list)
    }

    /// The open alerts of one user that are about a run as a whole, youngest first: behind
    /// any number of alerts about items they are found. A guard rail is about the run, even
    /// where it names an item: it stops all of them.
    pub fn alerts_of_runs(&self, user: UserId) -> Result<Vec<Alert>, CrmError> {
        let of_run = "user_id = ?1 AND (step = 'plan' OR (item_id IS NULL AND external_id IS NULL))";
        self.alerts_where(of_run, user.number(), AlertList::Open)
    }

    fn alerts_where(&self, whose: &'static str, number: i64, list: AlertList) -> Result<Vec<Alert>, CrmError> {
        let state = list.condition();
        let sql = format!(
            "SELECT {COLUMNS} FROM alert WHERE {whose} AND {state}
             ORDER BY updated_at DESC, id DESC LIMIT {ALERTS_MAX}"
        );
        self.read(|connection| {
            let alerts =
                connection.prepare_cached(&sql)?.query_map([number], alert_from_row)?.collect::<Result<_, _>>()?;
            Ok(alerts)
        })
    }

    /// How many open alerts of each cause an organization and its users have.
    pub fn summarize_alerts(&self, organization: OrganizationId) -> Result<Vec<AlertSummary>, CrmError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT resource, kind, code, count(*) FROM alert WHERE organization_id = ?1 AND resolved_at IS NULL
                 GROUP BY resource, kind, code ORDER BY resource, kind, code",
            )?;
            let summary = statement.query_map([organization], |row| {
                Ok(AlertSummary { resource: row.get(0)?, kind: row.get(1)?, code: row.get(2)?, count: row.get(3)? })
            })?;
            Ok(summary.collect::<Result<_, _>>()?)
        })
    }

    /// Forgets alerts that were resolved longer than [`RESOLVED_AGE_MAX`] ago,
    /// and says how many.
    pub fn purge_alerts(&self) -> Result<usize, CrmError> {
        let before = Millis(self.now() - RESOLVED_AGE_MAX);
        self.write(|transaction| Ok(transaction.execute("DELETE FROM alert WHERE resolved_at < ?1", params![before])?))
    }
}

fn alert_in(connection: &Connection, id: AlertId) -> Result<Alert, CrmError> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM alert WHERE id = ?1"))?
        .query_row([id], alert_from_row)
        .optional()?
        .ok_or(CrmError::NotFound { kind: "alert", named_by: "identifier" })
}

fn alert_from_row(row: &Row<'_>) -> rusqlite::Result<Alert> {
    Ok(Alert {
        id: row.get(0)?,
        source: ALERT_SOURCE,
        organization_id: row.get(1)?,
        user_id: user_of_key(row.get(2)?),
        resource: row.get(3)?,
        kind: row.get(4)?,
        operation: row.get(5)?,
        step: row.get(6)?,
        code: row.get(7)?,
        item_id: row.get(8)?,
        external_id: row.get(9)?,
        message: row.get(10)?,
        hint: row.get(11)?,
        created_at: row.get::<_, Millis>(12)?.0,
        updated_at: row.get::<_, Millis>(13)?.0,
        resolved_at: row.get::<_, Option<Millis>>(14)?.map(|instant| instant.0),
    })
}

mod list;

pub use list::{AlertColumn, AlertSearch, AlertSorting, EVERYBODY, ListedAlert};

#[cfg(test)]
mod tests;

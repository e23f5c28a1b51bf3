//! What is stored of many users at once, for a page that shows all of them: one
//! query for each kind of thing, whatever the number of users.
//!
//! What the component says of a user is kept here between its calls
//! ([`Crm::keep_standing`]) and holds until the component stores something again.
//! Next: [`super::connect_state`].

use std::collections::BTreeMap;

use rusqlite::{Connection, Row, params};

use super::config::{ConfigRow, ConfigRows, value_of_row};
use super::first_sync::waiting_in;
use super::ids::{OrganizationId, UserId};
use super::notices::NoticeResource;
use super::page::all;
use super::runs::{SyncState, states_in};
use super::users::{User, users_in};
use super::{Crm, CrmError};

/// Whose state is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Everybody's: for the scheduler and the control interface, never for a page of
    /// one organization.
    All,
    /// That of an organization's users.
    Organization(OrganizationId),
    /// One user's.
    User(UserId),
}

impl Whose {
    /// The numbers of the organization and of the user; 0 where it is any.
    pub(super) fn numbers(self) -> (i64, i64) {
        match self {
            Self::All => (0, 0),
            Self::Organization(id) => (id.number(), 0),
            Self::User(id) => (0, id.number()),
        }
    }

    /// The condition on a table with a user and an organization, of a form for which
    /// there is an index, and the number that is `:whose` in it.
    pub(super) fn condition(self, table: &str) -> (String, i64) {
        match self {
            Self::All => (":whose = 0".to_owned(), 0),
            Self::Organization(id) => (format!("{table}.organization_id = :whose"), id.number()),
            Self::User(id) => (format!("{table}.user_id = :whose"), id.number()),
        }
    }
}

/// The condition on a column with the number of a user.
pub(super) const OF_THOSE: &str =
    "IN (SELECT id FROM user WHERE (?1 = 0 OR organization_id = ?1) AND (?2 = 0 OR id = ?2))";

/// Open alerts of one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenAlerts {
    /// What they are about.
    pub resource: NoticeResource,
    /// Their stable word.
    pub code: String,
    /// How many.
    pub count: u32,
}

/// What is stored of one user.
#[derive(Clone, Debug)]
pub struct UserOverview {
    /// Who.
    pub user: User,
    /// The resources that ever ran.
    pub states: Vec<SyncState>,
    /// Open alerts by cause.
    pub alerts: Vec<OpenAlerts>,
    /// Conflicts that were decided, those included that were reversed since.
    pub conflicts: BTreeMap<NoticeResource, u32>,
    /// The settings of the user's own level.
    pub settings: ConfigRows,
    /// What the component said of the user (JSON), if it has stored nothing since.
    pub standing: Option<String>,
    /// How often the component had stored something.
    pub commits: i64,
    /// Whether the first run waits for somebody to confirm it.
    pub first_sync_waits: bool,
}

impl Crm {
    /// What is stored of these users, ordered by login.
    pub fn overview(&self, whose: Whose) -> Result<Vec<UserOverview>, CrmError> {
        let now = self.now();
        self.read(|connection| {
            let mut states = grouped(states_in(connection, whose.numbers(), now)?, |state| state.user_id);
            let mut alerts = alerts_in(connection, whose)?;
            let mut conflicts = conflicts_in(connection, whose)?;
            let mut settings = settings_in(connection, whose)?;
            let mut standings = standings_in(connection, whose)?;
            let waiting = waiting_in(connection, whose)?;
            let users = users_in(connection, whose.numbers())?;
            let overview = users.into_iter().map(|user| {
                let (commits, standing) = standings.remove(&user.id).unwrap_or_default();
                UserOverview {
                    states: states.remove(&user.id).unwrap_or_default(),
                    alerts: alerts.remove(&user.id).unwrap_or_default(),
                    conflicts: conflicts.remove(&user.id).unwrap_or_default(),
                    settings: settings.remove(&user.id).unwrap_or_default(),
                    standing,
                    commits,
                    first_sync_waits: waiting.contains(&user.id),
                    user,
                }
            });
            Ok(overview.collect())
        })
    }

    /// Keeps what the component said of a user when it had stored something so often.
    pub fn keep_standing(&self, user: UserId, commits: i64, standing: &str) -> Result<(), CrmError> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO component_standing (user_id, commits, standing) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET commits = excluded.commits, standing = excluded.standing",
                params![user, commits, standing],
            )?;
            Ok(())
        })
    }

    /// Forgets what the component said of these users: it may say something else now.
    pub fn forget_standing(&self, whose: Whose) -> Result<(), CrmError> {
        let (organization, user) = whose.numbers();
        self.write(|transaction| {
            let sql = format!("DELETE FROM component_standing WHERE user_id {OF_THOSE}");
            transaction.execute(&sql, params![organization, user])?;
            Ok(())
        })
    }
}

fn grouped<T>(all: Vec<T>, user: impl Fn(&T) -> UserId) -> BTreeMap<UserId, Vec<T>> {
    let mut groups: BTreeMap<UserId, Vec<T>> = BTreeMap::new();
    for one in all {
        groups.entry(user(&one)).or_default().push(one);
    }
    groups
}

/// The rows of a query about those users, each with the user in its first column.
fn rows<T>(
    connection: &Connection,
    whose: Whose,
    sql: &str,
    read: impl Fn(&Row<'_>) -> Result<T, CrmError>,
) -> Result<Vec<(UserId, T)>, CrmError> {
    let (organization, user) = whose.numbers();
    all(connection, sql, params![organization, user], |row| Ok((row.get(0)?, read(row)?)))
}

fn alerts_in(connection: &Connection, whose: Whose) -> Result<BTreeMap<UserId, Vec<OpenAlerts>>, CrmError> {
    let sql = format!(
        "SELECT user_id, resource, code, count(*) FROM alert WHERE resolved_at IS NULL AND user_id {OF_THOSE}
         GROUP BY user_id, resource, code"
    );
    let found = rows(connection, whose, &sql, |row| {
        Ok(OpenAlerts { resource: row.get(1)?, code: row.get(2)?, count: row.get(3)? })
    })?;
    let mut alerts: BTreeMap<UserId, Vec<OpenAlerts>> = BTreeMap::new();
    for (user, alert) in found {
        alerts.entry(user).or_default().push(alert);
    }
    Ok(alerts)
}

fn conflicts_in(
    connection: &Connection,
    whose: Whose,
) -> Result<BTreeMap<UserId, BTreeMap<NoticeResource, u32>>, CrmError> {
    let sql = format!(
        "SELECT user_id, resource, count(*) FROM conflict WHERE user_id {OF_THOSE}
         GROUP BY user_id, resource"
    );
    let found = rows(connection, whose, &sql, |row| Ok((row.get::<_, NoticeResource>(1)?, row.get::<_, u32>(2)?)))?;
    let mut conflicts: BTreeMap<UserId, BTreeMap<NoticeResource, u32>> = BTreeMap::new();
    for (user, (resource, count)) in found {
        conflicts.entry(user).or_default().insert(resource, count);
    }
    Ok(conflicts)
}

fn settings_in(connection: &Connection, whose: Whose) -> Result<BTreeMap<UserId, ConfigRows>, CrmError> {
    let sql = format!(
        "SELECT level_id, key, value, created_at, updated_at FROM config_value
         WHERE level = 'user' AND level_id {OF_THOSE} ORDER BY level_id, key"
    );
    let found = rows(connection, whose, &sql, |row| -> Result<(String, ConfigRow), CrmError> {
        Ok((row.get(1)?, value_of_row(row, 2)?))
    })?;
    let mut settings: BTreeMap<UserId, ConfigRows> = BTreeMap::new();
    for (user, (key, row)) in found {
        settings.entry(user).or_default().insert(key, row);
    }
    Ok(settings)
}

/// How often the component has stored something for each user, and what it said
/// since.
fn standings_in(connection: &Connection, whose: Whose) -> Result<BTreeMap<UserId, (i64, Option<String>)>, CrmError> {
    let sql = format!(
        "SELECT user.id, coalesce(component_fence.commits, 0), component_standing.standing FROM user
         LEFT JOIN component_fence ON component_fence.user_id = user.id
            AND component_fence.organization_id = user.organization_id
         LEFT JOIN component_standing ON component_standing.user_id = user.id
            AND component_standing.commits = coalesce(component_fence.commits, 0)
         WHERE user.id {OF_THOSE}"
    );
    Ok(rows(connection, whose, &sql, |row| Ok((row.get(1)?, row.get(2)?)))?.into_iter().collect())
}

#[cfg(test)]
mod tests;

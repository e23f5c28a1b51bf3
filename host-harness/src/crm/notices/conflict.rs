//! Conflicts: decisions between two versions of an item, with both versions,
//! so that a person can see what was put aside.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

use super::alert::NoticeResource;
use crate::crm::ids::{ConflictId, OrganizationId, UserId};
use crate::crm::scope::user_of_key;
use crate::crm::stored::{Millis, words};
use crate::crm::{Crm, CrmError, Scope};

/// The most conflicts of one list.
pub const CONFLICTS_MAX: usize = 500;

words! {
    /// By which rule a conflict was decided.
    pub enum ConflictRule {
        /// The setting says that the CRM wins.
        CrmWins = "crm-wins",
        /// The setting says that Microsoft wins.
        MicrosoftWins = "microsoft-wins",
        /// The direction allows only one source.
        OneWay = "one-way",
    }
}

words! {
    /// Whose version was kept.
    pub enum Winner {
        /// The CRM's.
        Crm = "crm",
        /// Microsoft's.
        Microsoft = "microsoft",
    }
}

/// One group of fields as text, for people to compare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConflictField {
    /// The group.
    pub name: String,
    /// The last agreed value; none where there was none.
    pub base: Option<String>,
    /// The CRM's value; none where the item was deleted there.
    pub crm: Option<String>,
    /// Microsoft's value; none where the item was deleted there.
    pub microsoft: Option<String>,
}

/// A decision to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewConflict {
    /// Names the decision within its scope; recording it again replaces it.
    pub key: String,
    /// What it is about.
    pub resource: NoticeResource,
    /// The CRM's record, where it exists.
    pub item_id: Option<String>,
    /// Microsoft's item, where it exists.
    pub external_id: Option<String>,
    /// When it was decided.
    pub decided_at: DateTime<Utc>,
    /// By which rule.
    pub rule: ConflictRule,
    /// Whose version was kept.
    pub winner: Winner,
    /// The groups that differed.
    pub fields: Vec<ConflictField>,
}

/// A recorded decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Conflict {
    /// Its identifier.
    pub id: ConflictId,
    /// Whose organization it concerns.
    pub organization_id: OrganizationId,
    /// Whose item it concerns.
    pub user_id: Option<UserId>,
    /// Names the decision within its scope.
    pub key: String,
    /// What it is about.
    pub resource: NoticeResource,
    /// The CRM's record, where it exists.
    pub item_id: Option<String>,
    /// Microsoft's item, where it exists.
    pub external_id: Option<String>,
    /// When it was decided.
    pub decided_at: DateTime<Utc>,
    /// By which rule.
    pub rule: ConflictRule,
    /// Whose version was kept.
    pub winner: Winner,
    /// The groups that differed.
    pub fields: Vec<ConflictField>,
    /// When a person took the decision back; none where it stands.
    pub reversed_at: Option<DateTime<Utc>>,
}

const CONFLICT_QUERY: &str = "SELECT id, organization_id, user_id, key, resource, item_id, external_id, decided_at,
    rule, winner, fields, reversed_at FROM conflict";

impl Crm {
    /// Records decisions of a scope. One with a key that is known replaces the
    /// first record and keeps its identifier; whether it was reversed stays.
    pub fn record_conflicts(&self, scope: &Scope, conflicts: &[NewConflict]) -> Result<(), CrmError> {
        self.write(|transaction| conflicts.iter().try_for_each(|conflict| record_in(transaction, scope, conflict)))
    }

    /// The conflicts of one user, youngest first, at most [`CONFLICTS_MAX`].
    pub fn conflicts_of_user(&self, user: UserId) -> Result<Vec<Conflict>, CrmError> {
        let sql =
            format!("{CONFLICT_QUERY} WHERE user_id = ?1 ORDER BY decided_at DESC, id DESC LIMIT {CONFLICTS_MAX}");
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([user])?;
            let mut conflicts = Vec::new();
            while let Some(row) = rows.next()? {
                conflicts.push(conflict_from_row(row)?);
            }
            Ok(conflicts)
        })
    }

    /// The conflict with this identifier. The versions in it are the user's
    /// own: callers check that it is he who asks.
    ///
    /// # Errors
    /// It does not exist.
    pub fn conflict(&self, id: ConflictId) -> Result<Conflict, CrmError> {
        self.read(|connection| conflict_in(connection, id))
    }

    /// Notes that a decision was taken back. Noting it again changes nothing.
    ///
    /// # Errors
    /// The conflict does not exist.
    pub fn mark_conflict_reversed(&self, id: ConflictId) -> Result<Conflict, CrmError> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE conflict SET reversed_at = ?2 WHERE id = ?1 AND reversed_at IS NULL",
                params![id, Millis(self.now())],
            )?;
            conflict_in(transaction, id)
        })
    }
}

fn record_in(connection: &Connection, scope: &Scope, conflict: &NewConflict) -> Result<(), CrmError> {
    let fields = serde_json::to_string(&conflict.fields).map_err(|_| CrmError::Damaged { what: "conflict" })?;
    connection
        .prepare_cached(
            "INSERT INTO conflict (organization_id, user_id, key, resource, item_id, external_id, decided_at, rule,
                winner, fields)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (organization_id, user_id, key) DO UPDATE SET resource = excluded.resource,
                item_id = excluded.item_id, external_id = excluded.external_id, decided_at = excluded.decided_at,
                rule = excluded.rule, winner = excluded.winner, fields = excluded.fields",
        )?
        .execute(params![
            scope.organization,
            scope.user_key(),
            conflict.key,
            conflict.resource,
            conflict.item_id,
            conflict.external_id,
            Millis(conflict.decided_at),
            conflict.rule,
            conflict.winner,
            fields,
        ])?;
    Ok(())
}

fn conflict_in(connection: &Connection, id: ConflictId) -> Result<Conflict, CrmError> {
    let mut statement = connection.prepare_cached(&format!("{CONFLICT_QUERY} WHERE id = ?1"))?;
    let conflict = statement.query_row([id], |row| Ok(conflict_from_row(row))).optional()?;
    conflict.ok_or(CrmError::NotFound { kind: "conflict", named_by: "identifier" })?
}

fn conflict_from_row(row: &Row<'_>) -> Result<Conflict, CrmError> {
    let fields: String = row.get(10)?;
    Ok(Conflict {
        id: row.get(0)?,
        organization_id: row.get(1)?,
        user_id: user_of_key(row.get(2)?),
        key: row.get(3)?,
        resource: row.get(4)?,
        item_id: row.get(5)?,
        external_id: row.get(6)?,
        decided_at: row.get::<_, Millis>(7)?.0,
        rule: row.get(8)?,
        winner: row.get(9)?,
        fields: serde_json::from_str(&fields).map_err(|_| CrmError::Damaged { what: "conflict" })?,
        reversed_at: row.get::<_, Option<Millis>>(11)?.map(|instant| instant.0),
    })
}

#[cfg(test)]
mod tests;

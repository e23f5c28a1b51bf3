//! Conflicts: decisions between two versions of an item, with both versions,
//! so that a person can see what was put aside.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::Serialize;

use super::alert::NoticeResource;
use crate::crm::ids::{ConflictId, OrganizationId, UserId};
use crate::crm::scope::user_of_key;
use crate::crm::stored::{Millis, words};
use crate::crm::{Crm, CrmError, Scope};

/// The most conflicts of one list.
pub const CONFLICTS_MAX: usize = 500;

/// How long a conflict is kept, in days: as long as it can be taken back, and a
/// month more to look it up.
const CONFLICT_DAYS_MAX: i64 = 120;

words! {
    /// By which rule a conflict was decided.
    pub enum ConflictRule {
        /// The setting says that the CRM wins.
        CrmWins = "crm-wins",
        /// The setting says that Microsoft wins.
        MicrosoftWins = "microsoft-wins",
        /// The direction allows only one source.
        OneWay = "one-way",
        /// A person has taken an earlier decision back.
        Person = "person",
    }
}

words! {
    /// How two versions came to stand against each other.
    pub enum ConflictSituation {
        /// Both sides have edited the item.
        BothEdited = "both-edited",
        /// It was deleted in the CRM, and edited in Microsoft 365.
        DeletedInCrm = "deleted-in-crm",
        /// It was deleted in Microsoft 365, and edited in the CRM.
        DeletedInMicrosoft = "deleted-in-microsoft",
        /// Both sides had it before anything was agreed on.
        FoundOnBoth = "found-on-both",
        /// A person has taken an earlier decision back.
        TakenBack = "taken-back",
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

words! {
    /// What became of a decision.
    pub enum ConflictState {
        /// It holds.
        Holds = "holds",
        /// Its user wants it taken back, and a run is to do it.
        Asked = "asked",
        /// It was taken back: the other version is used.
        TakenBack = "taken-back",
        /// Its user wanted it taken back, and that could not be done.
        Refused = "refused",
        /// It was never carried out: the side that was to be written did not take it.
        NotCarriedOut = "not-carried-out",
    }
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
    /// The item's title.
    pub title: String,
    /// How it came about.
    pub situation: ConflictSituation,
    /// The key of the decision that it takes back, where it does.
    pub reverses: Option<String>,
    /// Until when it can be taken back; none where it cannot.
    pub reversible_until: Option<DateTime<Utc>>,
}

/// What became of a wish to take a decision back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReversalNote {
    /// The key of the decision.
    pub key: String,
    /// When that became certain.
    pub at: DateTime<Utc>,
    /// Why it was not taken back; none where it was.
    pub refused: Option<String>,
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
    /// The item's title when it was decided.
    pub title: String,
    /// How it came about.
    pub situation: ConflictSituation,
    /// The key of the decision that it takes back, where it does.
    pub reverses: Option<String>,
    /// Until when it can be taken back; none where it cannot.
    pub reversible_until: Option<DateTime<Utc>>,
    /// When its user asked to take it back; none where nothing is open.
    pub asked_at: Option<DateTime<Utc>>,
    /// Why it was not taken back when its user asked for it last.
    pub refused: Option<String>,
    /// When a person took the decision back; none where it stands.
    pub reversed_at: Option<DateTime<Utc>>,
}

impl Conflict {
    /// Whether anything of the decision was carried out.
    pub fn is_carried_out(&self) -> bool {
        self.fields.is_empty() || self.fields.iter().any(|field| field.carried_out)
    }

    /// What became of it.
    pub fn state(&self) -> ConflictState {
        match (&self.reversed_at, &self.refused, &self.asked_at) {
            _ if !self.is_carried_out() => ConflictState::NotCarriedOut,
            (Some(_), _, _) => ConflictState::TakenBack,
            (None, Some(_), _) => ConflictState::Refused,
            (None, None, Some(_)) => ConflictState::Asked,
            (None, None, None) => ConflictState::Holds,
        }
    }

    /// Whether its user can have it taken back at this time.
    pub fn is_reversible(&self, now: DateTime<Utc>) -> bool {
        self.reversed_at.is_none() && self.reversible_until.is_some_and(|until| now < until)
    }
}

/// The columns of a conflict.
const COLUMNS: &str = "conflict.id, conflict.organization_id, user_id, key, resource, item_id, external_id, decided_at,
    rule, winner, fields, reversed_at, title, situation, reverses, reversible_until, asked_at, refused";

impl Crm {
    /// Records decisions of a scope. One with a key that is known replaces the
    /// first record and keeps its identifier; whether it was reversed stays.
    /// Those that are too old make room.
    pub fn record_conflicts(&self, scope: &Scope, conflicts: &[NewConflict]) -> Result<(), CrmError> {
        let oldest = Millis(self.now() - TimeDelta::days(CONFLICT_DAYS_MAX));
        self.write(|transaction| {
            transaction.execute(
                "DELETE FROM conflict WHERE organization_id = ?1 AND user_id = ?2 AND decided_at < ?3",
                params![scope.organization, scope.user_key(), oldest],
            )?;
            conflicts.iter().try_for_each(|conflict| record_in(transaction, scope, conflict))
        })
    }

    /// Notes what became of wishes to take decisions back. A decision that was
    /// taken back stays so.
    pub fn note_reversals(&self, scope: &Scope, notes: &[ReversalNote]) -> Result<(), CrmError> {
        self.write(|transaction| {
            notes.iter().try_for_each(|note| {
                let reversed_at = note.refused.is_none().then_some(Millis(note.at));
                transaction.execute(
                    "UPDATE conflict SET asked_at = NULL, refused = ?4, reversed_at = ?5
                     WHERE organization_id = ?1 AND user_id = ?2 AND key = ?3 AND reversed_at IS NULL",
                    params![scope.organization, scope.user_key(), note.key, note.refused, reversed_at],
                )?;
                Ok(())
            })
        })
    }

    /// The conflicts of one user, youngest first, at most [`CONFLICTS_MAX`].
    pub fn conflicts_of_user(&self, user: UserId) -> Result<Vec<Conflict>, CrmError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM conflict WHERE user_id = ?1 ORDER BY decided_at DESC, id DESC LIMIT {CONFLICTS_MAX}"
        );
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

    /// Notes that its user wants a decision taken back. Noting it again changes
    /// nothing.
    ///
    /// # Errors
    /// The conflict does not exist.
    pub fn ask_for_reversal(&self, id: ConflictId) -> Result<Conflict, CrmError> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE conflict SET asked_at = ?2, refused = NULL
                 WHERE id = ?1 AND reversed_at IS NULL AND asked_at IS NULL",
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
                winner, fields, title, situation, reverses, reversible_until)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
             ON CONFLICT (organization_id, user_id, key) DO UPDATE SET resource = excluded.resource,
                item_id = excluded.item_id, external_id = excluded.external_id, decided_at = excluded.decided_at,
                rule = excluded.rule, winner = excluded.winner, fields = excluded.fields, title = excluded.title,
                situation = excluded.situation, reverses = excluded.reverses,
                reversible_until = excluded.reversible_until",
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
            conflict.title,
            conflict.situation,
            conflict.reverses,
            conflict.reversible_until.map(Millis),
        ])?;
    Ok(())
}

fn conflict_in(connection: &Connection, id: ConflictId) -> Result<Conflict, CrmError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM conflict WHERE id = ?1"))?;
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
        reversed_at: instant_in(row, 11)?,
        title: row.get(12)?,
        situation: row.get(13)?,
        reverses: row.get(14)?,
        reversible_until: instant_in(row, 15)?,
        asked_at: instant_in(row, 16)?,
        refused: row.get(17)?,
    })
}

fn instant_in(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<DateTime<Utc>>> {
    Ok(row.get::<_, Option<Millis>>(column)?.map(|instant| instant.0))
}

mod field;
mod later;
mod list;

pub use field::{ConflictField, Moment, Moments};
pub use list::{ConflictColumn, ConflictFilter, ConflictSorting, ListedConflict};

#[cfg(test)]
mod tests;

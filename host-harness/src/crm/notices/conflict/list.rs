//! A page of a list of conflicts: searched, sorted, and with the number of all that
//! were found, whatever there is beside it.

use rusqlite::{Connection, Row, named_params};

use super::{COLUMNS, Conflict, ConflictState, NoticeResource, conflict_from_row};
use crate::crm::folded::folded;
use crate::crm::ids::UserId;
use crate::crm::overview::Whose;
use crate::crm::page::{Page, Search, all};
use crate::crm::{Crm, CrmError};

/// What became of a decision, as [`Conflict::state`] says it.
const STATE: &str = "CASE
    WHEN json_array_length(fields) > 0 AND NOT EXISTS (
        SELECT 1 FROM json_each(fields) WHERE coalesce(json_extract(value, '$.carriedOut'), 1)
    ) THEN 'not-carried-out'
    WHEN reversed_at IS NOT NULL THEN 'taken-back'
    WHEN refused IS NOT NULL THEN 'refused'
    WHEN asked_at IS NOT NULL THEN 'asked'
    ELSE 'holds' END";

/// Which conflicts a list shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictFilter {
    /// Of these users.
    pub whose: Whose,
    /// Of `titles_of` with this text in their title, or, in a list of several people,
    /// of users with it in their name, login or address; empty for all. Letters count
    /// as equal whether they are small or capital.
    pub text: String,
    /// Whose titles are searched: they are the user's own.
    pub titles_of: UserId,
    /// Of this resource.
    pub resource: Option<NoticeResource>,
    /// Of which this became.
    pub state: Option<ConflictState>,
}

/// What a list is sorted by. What is equal in it stands youngest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictColumn {
    /// The time of the decision.
    Decided,
    /// The user's name.
    User,
    /// The resource.
    Resource,
    /// The side whose version was kept.
    Winner,
    /// What became of it.
    State,
}

/// How a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConflictSorting {
    /// By what.
    pub column: ConflictColumn,
    /// Whether the largest, or the latest, comes first.
    pub is_descending: bool,
}

/// A conflict of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedConflict {
    /// What was decided.
    pub conflict: Conflict,
    /// What its user is called.
    pub user: String,
    /// Their login.
    pub login: String,
}

impl ConflictSorting {
    fn order(self) -> String {
        let direction = if self.is_descending { "DESC" } else { "ASC" };
        let by = match self.column {
            ConflictColumn::Decided => return format!("decided_at {direction}, conflict.id {direction}"),
            ConflictColumn::User => "folded(user.display_name)",
            ConflictColumn::Resource => "resource",
            ConflictColumn::Winner => "winner",
            ConflictColumn::State => STATE,
        };
        format!("{by} {direction}, decided_at DESC, conflict.id DESC")
    }
}

impl Search for ConflictFilter {
    fn read<T>(
        &self,
        connection: &Connection,
        select: &str,
        rest: &str,
        read: impl Fn(&Row<'_>) -> Result<T, CrmError>,
    ) -> Result<Vec<T>, CrmError> {
        let (of_whom, whose) = self.whose.condition("conflict");
        let has_one_name = self.whose == Whose::User(self.titles_of);
        let sql = format!(
            "SELECT {select} FROM conflict JOIN user ON user.id = conflict.user_id
             WHERE {of_whom} AND (:resource IS NULL OR resource = :resource) AND (:state IS NULL OR {STATE} = :state)
                AND (:text = '' OR (NOT :has_one_name AND (instr(folded(user.display_name), :text)
                        OR instr(folded(user.login), :text) OR instr(folded(user.email), :text)))
                    OR (conflict.user_id = :titles_of AND instr(folded(title), :text)))
             {rest}"
        );
        let parameters = named_params! {
            ":whose": whose,
            ":resource": self.resource,
            ":state": self.state,
            ":text": folded(self.text.trim()),
            ":has_one_name": has_one_name,
            ":titles_of": self.titles_of,
        };
        all(connection, &sql, parameters, read)
    }
}

impl Crm {
    /// A page of the conflicts that a filter lets through, of this many each.
    pub fn conflicts(
        &self,
        filter: &ConflictFilter,
        sorting: ConflictSorting,
        page: usize,
        per_page: usize,
    ) -> Result<Page<ListedConflict>, CrmError> {
        self.read(|connection| {
            let select = format!("{COLUMNS}, user.display_name, user.login");
            filter.page(connection, (page, per_page), &select, &sorting.order(), |row| {
                Ok(ListedConflict { conflict: conflict_from_row(row)?, user: row.get(18)?, login: row.get(19)? })
            })
        })
    }

    /// How many conflicts of these users are on record.
    pub fn conflict_count(&self, whose: Whose) -> Result<u32, CrmError> {
        let (of_whom, number) = whose.condition("conflict");
        self.read(|connection| {
            let sql = format!("SELECT count(*) FROM conflict WHERE {of_whom}");
            let mut statement = connection.prepare_cached(&sql)?;
            Ok(statement.query_row(named_params! { ":whose": number }, |row| row.get(0))?)
        })
    }
}

#[cfg(test)]
mod tests;

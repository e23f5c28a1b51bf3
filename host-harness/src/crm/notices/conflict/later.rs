//! What became of a decision that was taken back: the decisions that followed it.

use rusqlite::OptionalExtension;

use super::{COLUMNS, Conflict, conflict_from_row};
use crate::crm::{Crm, CrmError};

/// Decisions that are followed at most: each is one that a person has made, and what
/// records them may name its own.
const FOLLOWED_MAX: usize = 100;

/// What selects the youngest decision by which the one of `?1` was taken back.
pub(super) fn taking_back() -> String {
    format!(
        "SELECT {COLUMNS} FROM conflict
         WHERE reverses IS NOT NULL AND (organization_id, user_id, reverses) =
            (SELECT organization_id, user_id, key FROM conflict AS earlier WHERE earlier.id = ?1)
         ORDER BY decided_at DESC, id DESC LIMIT 1"
    )
}

impl Crm {
    /// The decisions by which one was taken back, that one itself was, and so on; the
    /// outcome of the last one was used after that. Empty where the decision stands.
    pub fn later_decisions(&self, conflict: &Conflict) -> Result<Vec<Conflict>, CrmError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&taking_back())?;
            let mut later: Vec<Conflict> = Vec::new();
            while later.len() < FOLLOWED_MAX {
                let latest = later.last().unwrap_or(conflict);
                if latest.reversed_at.is_none() {
                    break;
                }
                match statement.query_row([latest.id], |row| Ok(conflict_from_row(row))).optional()? {
                    Some(next) => later.push(next?),
                    None => break,
                }
            }
            Ok(later)
        })
    }
}

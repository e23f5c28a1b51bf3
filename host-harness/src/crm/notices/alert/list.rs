//! A page of a list of alerts: searched, sorted, and with the number of all that were
//! found, whatever there is beside it.

use rusqlite::{Connection, Row, named_params};

use super::{Alert, AlertList, COLUMNS, alert_from_row};
use crate::crm::folded::folded;
use crate::crm::overview::Whose;
use crate::crm::page::{Page, Search, all};
use crate::crm::{Crm, CrmError};

/// What stands, and is searched, in the place of a user's name where an alert concerns
/// the organization as a whole.
pub const EVERYBODY: &str = "Everybody";

/// Which alerts a list shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertSearch {
    /// Of these users. Those of an organization as a whole are in its own list alone.
    pub whose: Whose,
    /// Open or resolved.
    pub list: AlertList,
    /// With this text in what happened, in what to do or in the cause, or, in a list of
    /// several people, of users with it in their name, login or address, those of no user in
    /// [`EVERYBODY`]; empty for all. Letters count as equal whether they are small or capital.
    pub text: String,
}

/// What a list is sorted by. Among equal ones the youngest comes first; among equal times,
/// the one that was raised first comes first where the list ascends, and last where it does
/// not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertColumn {
    /// When it was raised first.
    Since,
    /// When it was raised last, or was over.
    Last,
    /// The user's name; that of nobody is before all others.
    User,
    /// The resource, and of each resource the cause.
    About,
}

/// How a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertSorting {
    /// By what.
    pub column: AlertColumn,
    /// Whether the largest, or the latest, comes first.
    pub is_descending: bool,
}

/// An alert of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAlert {
    /// What was raised.
    pub alert: Alert,
    /// What its user is called; none where it concerns the organization as a whole:
    /// [`EVERYBODY`].
    pub user: Option<String>,
}

/// When an alert was raised last, or was over.
const LAST: &str = "coalesce(alert.resolved_at, alert.updated_at)";

impl AlertSorting {
    fn order(self) -> String {
        let direction = if self.is_descending { "DESC" } else { "ASC" };
        let by = match self.column {
            AlertColumn::Since => return format!("alert.created_at {direction}, alert.id {direction}"),
            AlertColumn::Last => return format!("{LAST} {direction}, alert.id {direction}"),
            AlertColumn::User => format!("folded(coalesce(user.display_name, '')) {direction}"),
            AlertColumn::About => format!("alert.resource {direction}, alert.code {direction}"),
        };
        format!("{by}, {LAST} DESC, alert.id DESC")
    }
}

impl Search for AlertSearch {
    // A cause is found as a page writes it, and as it is stored.
    fn read<T>(
        &self,
        connection: &Connection,
        select: &str,
        rest: &str,
        read: impl Fn(&Row<'_>) -> Result<T, CrmError>,
    ) -> Result<Vec<T>, CrmError> {
        let (of_whom, whose) = self.whose.condition("alert");
        let state = self.list.condition();
        let has_names = !matches!(self.whose, Whose::User(_));
        let sql = format!(
            "SELECT {select} FROM alert LEFT JOIN user ON user.id = alert.user_id
             WHERE {of_whom} AND {state} AND (:text = '' OR instr(folded(alert.message), :text)
                OR instr(folded(alert.hint), :text)
                OR instr(replace(folded(alert.code), '-', ' '), replace(:text, '-', ' '))
                OR (:has_names AND (instr(folded(coalesce(user.display_name, :everybody)), :text)
                    OR instr(folded(coalesce(user.login, '')), :text)
                    OR instr(folded(coalesce(user.email, '')), :text))))
             {rest}"
        );
        let parameters = named_params! {
            ":whose": whose,
            ":text": folded(self.text.trim()),
            ":has_names": has_names,
            ":everybody": EVERYBODY,
        };
        all(connection, &sql, parameters, read)
    }
}

impl Crm {
    /// How many alerts a search finds.
    ///
    /// # Errors
    /// The CRM cannot be read.
    pub fn alert_count(&self, search: &AlertSearch) -> Result<usize, CrmError> {
        self.read(|connection| search.count(connection))
    }

    /// A page of the alerts that a search finds, of this many each.
    pub fn alert_page(
        &self,
        search: &AlertSearch,
        sorting: AlertSorting,
        page: usize,
        per_page: usize,
    ) -> Result<Page<ListedAlert>, CrmError> {
        self.read(|connection| {
            let select = format!("{COLUMNS}, user.display_name");
            search.page(connection, (page, per_page), &select, &sorting.order(), |row| {
                Ok(ListedAlert { alert: alert_from_row(row)?, user: row.get(15)? })
            })
        })
    }
}

#[cfg(test)]
mod tests;

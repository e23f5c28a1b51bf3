//! A page of a list of which nobody reads everything at once.

use rusqlite::{Connection, Params, Row};

use super::CrmError;

/// A page of a list, with the number of everything that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What stands on it.
    pub items: Vec<T>,
    /// Its number, from 1 on: the last page where there are fewer than asked for.
    pub page: usize,
    /// How many pages there are, at least one.
    pub pages: usize,
    /// How much was found, on all of them.
    pub found: usize,
}

/// What a list is searched for: the same for the number of all that is found and for
/// what stands on a page.
pub(super) trait Search {
    /// Reads `select` of everything that is found; `rest` ends the statement.
    fn read<T>(
        &self,
        connection: &Connection,
        select: &str,
        rest: &str,
        read: impl Fn(&Row<'_>) -> Result<T, CrmError>,
    ) -> Result<Vec<T>, CrmError>;

    /// How much is found.
    fn count(&self, connection: &Connection) -> Result<usize, CrmError> {
        let counted = self.read(connection, "count(*)", "", |row| Ok(row.get::<_, i64>(0)?))?;
        Ok(counted.into_iter().next().and_then(|found| usize::try_from(found).ok()).unwrap_or_default())
    }

    /// The page `wanted` of so many each, in this order.
    fn page<T>(
        &self,
        connection: &Connection,
        (wanted, per_page): (usize, usize),
        select: &str,
        order: &str,
        read: impl Fn(&Row<'_>) -> Result<T, CrmError>,
    ) -> Result<Page<T>, CrmError> {
        let found = self.count(connection)?;
        let pages = found.div_ceil(per_page.max(1)).max(1);
        let page = wanted.clamp(1, pages);
        let rest = format!("ORDER BY {order} LIMIT {per_page} OFFSET {}", (page - 1).saturating_mul(per_page));
        Ok(Page { items: self.read(connection, select, &rest, read)?, page, pages, found })
    }
}

/// Everything that a statement finds.
pub(super) fn all<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T, CrmError>,
) -> Result<Vec<T>, CrmError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

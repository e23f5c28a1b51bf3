//! A page of a list of which nobody reads everything at once.

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

impl<T> Page<T> {
    /// The page `wanted` of so many each, of `found` in all. `read` gets the clause that
    /// ends the statement of its items.
    pub(super) fn read(
        found: i64,
        wanted: usize,
        per_page: usize,
        read: impl FnOnce(&str) -> Result<Vec<T>, CrmError>,
    ) -> Result<Self, CrmError> {
        let found = usize::try_from(found).unwrap_or_default();
        let pages = found.div_ceil(per_page.max(1)).max(1);
        let page = wanted.clamp(1, pages);
        let items = read(&format!("LIMIT {per_page} OFFSET {}", (page - 1).saturating_mul(per_page)))?;
        Ok(Self { items, page, pages, found })
    }
}

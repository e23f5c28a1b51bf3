//! What lists have in common that are searched, sorted and shown a page at a time.
//! All of it is in the address, so that it works without a script and can be kept as
//! a bookmark.

use serde::Serialize;

use super::forms::encoded;
use super::report::counted;

/// A column that a list can be sorted by.
pub trait Column: Copy + Eq + 'static {
    /// All of them.
    const ALL: &'static [Self];

    /// Its word in the address.
    fn word(self) -> &'static str;

    /// Whether the largest, or the latest, comes first unless somebody wants it
    /// otherwise.
    fn is_largest_first(self) -> bool;
}

/// How a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sorting<C> {
    /// By what.
    pub column: C,
    /// Whether the largest, or the latest, comes first.
    pub is_descending: bool,
}

/// The heading of a column.
#[derive(Debug, Serialize)]
pub struct Heading {
    label: &'static str,
    /// Where the list is sorted by it; none where it cannot be.
    href: Option<String>,
    /// `ascending`, `descending` or none.
    sorted: Option<&'static str>,
    is_number: bool,
}

/// How much was found, and where the pages beside this one are.
#[derive(Debug, Serialize)]
pub struct Pager {
    found: String,
    previous: Option<String>,
    next: Option<String>,
}

impl<C: Column> Sorting<C> {
    /// What the address asks for. What is not known asks for `otherwise`.
    pub fn of(sort: &str, order: &str, otherwise: C) -> Self {
        let column = C::ALL.iter().copied().find(|column| column.word() == sort).unwrap_or(otherwise);
        let is_descending = match order {
            "asc" => false,
            "desc" => true,
            _ => column.is_largest_first(),
        };
        Self { column, is_descending }
    }

    /// The word of the direction in the address.
    pub const fn order(self) -> &'static str {
        if self.is_descending { "desc" } else { "asc" }
    }

    /// The same list by this column; in the other direction where it is sorted by it.
    fn by(self, column: C) -> Self {
        let is_descending = if column == self.column { !self.is_descending } else { column.is_largest_first() };
        Self { column, is_descending }
    }

    /// The heading of a column, with the address of the list sorted otherwise.
    pub fn heading(self, column: C, label: &'static str, address: impl Fn(Self) -> String) -> Heading {
        let is_sorted = column == self.column;
        Heading {
            href: Some(address(self.by(column))),
            sorted: is_sorted.then_some(if self.is_descending { "descending" } else { "ascending" }),
            ..Heading::plain(label)
        }
    }

    /// The address of a page of the list at `path`, narrowed by what has a value.
    pub fn address(self, path: &str, narrowed: &[(&str, &str)], page: usize) -> String {
        let number = if page > 1 { page.to_string() } else { String::new() };
        let mut address = format!("{path}?sort={}&order={}", self.column.word(), self.order());
        for (name, value) in narrowed.iter().chain(&[("page", number.as_str())]) {
            if !value.is_empty() {
                address = format!("{address}&{name}={}", encoded(value));
            }
        }
        address
    }
}

impl Heading {
    /// Of a column that the list is not sorted by.
    pub const fn plain(label: &'static str) -> Self {
        Self { label, href: None, sorted: None, is_number: false }
    }

    /// The same over numbers.
    #[must_use]
    pub fn over_numbers(self) -> Self {
        Self { is_number: true, ..self }
    }
}

impl Pager {
    /// `found` of what is called so in all, on page `page` of `pages`.
    pub fn new(
        found: usize,
        (one, many): (&str, &str),
        (page, pages): (usize, usize),
        address: impl Fn(usize) -> String,
    ) -> Self {
        let counted = match found {
            0 => "Nothing found".to_owned(),
            found => counted(u64::try_from(found).unwrap_or(u64::MAX), one, many),
        };
        Self {
            found: if pages > 1 { format!("{counted}, page {page} of {pages}") } else { counted },
            previous: (page > 1).then(|| address(page - 1)),
            next: (page < pages).then(|| address(page + 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Shelf {
        Name,
        Weight,
    }

    impl Column for Shelf {
        const ALL: &'static [Self] = &[Self::Name, Self::Weight];

        fn word(self) -> &'static str {
            match self {
                Self::Name => "name",
                Self::Weight => "weight",
            }
        }

        fn is_largest_first(self) -> bool {
            self == Self::Weight
        }
    }

    fn of(sort: &str, order: &str) -> (Shelf, bool) {
        let sorting = Sorting::of(sort, order, Shelf::Name);
        (sorting.column, sorting.is_descending)
    }

    #[test]
    fn what_is_not_known_asks_for_nothing() {
        assert_eq!(of("", ""), (Shelf::Name, false));
        assert_eq!(of("colour", "up"), (Shelf::Name, false));
        assert_eq!(of("weight", ""), (Shelf::Weight, true));
        assert_eq!(of("weight", "asc"), (Shelf::Weight, false));
        assert_eq!(of("name", "desc"), (Shelf::Name, true));
    }

    #[test]
    fn a_heading_turns_the_list_round_or_begins_with_what_matters() {
        let sorting = Sorting { column: Shelf::Name, is_descending: false };
        let address = |sorting: Sorting<Shelf>| sorting.address("/shelves", &[("q", "a&b"), ("room", "")], 1);
        let name = sorting.heading(Shelf::Name, "Name", address);
        assert_eq!(name.sorted, Some("ascending"));
        assert_eq!(name.href.unwrap(), "/shelves?sort=name&order=desc&q=a%26b");
        let weight = sorting.heading(Shelf::Weight, "Weight", address);
        assert_eq!((weight.sorted, weight.href.unwrap().as_str()), (None, "/shelves?sort=weight&order=desc&q=a%26b"));
    }

    #[test]
    fn the_pages_beside_a_page_are_those_that_there_are() {
        let pager = |found, page, pages| {
            let pager = Pager::new(found, ("shelf", "shelves"), (page, pages), |page| page.to_string());
            (pager.found, pager.previous, pager.next)
        };
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(pager(0, 1, 1), ("Nothing found".to_owned(), None, None));
        assert_eq!(pager(1, 1, 1), ("1 shelf".to_owned(), None, None));
        assert_eq!(pager(7, 2, 3), ("7 shelves, page 2 of 3".to_owned(), text("1"), text("3")));
    }
}

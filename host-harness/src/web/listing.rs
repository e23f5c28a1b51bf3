//! What lists have in common that are searched, sorted and shown a page at a time.
//! All of it is in the address, so that it works without a script and can be kept as
//! a bookmark.

use serde::{Deserialize, Serialize};

use super::Web;
use super::error::PageError;
use super::forms::encoded;
use super::report::counted;
use super::viewer::Viewer;
use crate::crm::users::User;

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

/// What an address asks of every list; a list that can be asked for more has it beside
/// this. What is not known asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Whose, by login; all that the viewer may see where none is given.
    pub user: String,
    /// What is searched for, as it was written.
    pub q: String,
    sort: String,
    order: String,
    page: String,
}

/// What the form of a list repeats of it; the rest is in its headings.
#[derive(Debug, Serialize)]
pub struct Repeated {
    user: String,
    q: String,
    order: &'static str,
}

/// What a list can be narrowed to.
#[derive(Debug, Serialize)]
pub struct Choice {
    value: &'static str,
    label: &'static str,
    is_chosen: bool,
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
    /// Its word in the address, and where the list is sorted by it; none where it cannot be.
    word: Option<&'static str>,
    href: Option<String>,
    /// `ascending`, `descending` or none.
    sorted: Option<&'static str>,
    is_number: bool,
}

/// How much was found, and where the pages beside this one are.
#[derive(Debug, Serialize)]
pub struct Pager {
    /// Empty where nothing was: the list says so in its own words.
    found: String,
    previous: Option<String>,
    next: Option<String>,
}

impl Asked {
    /// The user whose list it is to be, where it is one user's.
    ///
    /// # Errors
    /// The viewer may not see theirs, or there is no such user.
    pub fn one(&self, web: &Web, viewer: &Viewer) -> Result<Option<User>, PageError> {
        if self.user.is_empty() { Ok(None) } else { Ok(Some(viewer.open_login(web, &self.user)?)) }
    }

    /// What is searched for.
    pub fn text(&self) -> &str {
        self.q.trim()
    }

    /// How the list is to be sorted; by `otherwise` where the column is not known.
    pub fn sorting<C: Column>(&self, otherwise: C) -> Sorting<C> {
        Sorting::of(&self.sort, &self.order, otherwise)
    }

    /// The number of the page, from 1 on.
    pub fn page(&self) -> usize {
        self.page.parse().unwrap_or(1).max(1)
    }

    /// The same list of everybody.
    #[must_use]
    pub fn of_everybody(&self) -> Self {
        Self { user: String::new(), ..self.clone() }
    }

    /// The same list with nothing searched for.
    #[must_use]
    pub fn without_search(&self) -> Self {
        Self { q: String::new(), ..self.clone() }
    }

    /// What the form of the list repeats, which is sorted so.
    pub fn repeated<C: Column>(self, sorting: Sorting<C>) -> Repeated {
        Repeated { user: self.user, q: self.q, order: sorting.order() }
    }
}

impl<C: Column> Sorting<C> {
    /// What the words ask for. What is not known asks for `otherwise`.
    fn of(sort: &str, order: &str, otherwise: C) -> Self {
        let column = C::ALL.iter().copied().find(|column| column.word() == sort).unwrap_or(otherwise);
        let is_descending = match order {
            "asc" => false,
            "desc" => true,
            _ => column.is_largest_first(),
        };
        Self { column, is_descending }
    }

    /// The word of the direction in the address.
    const fn order(self) -> &'static str {
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
            word: Some(column.word()),
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

impl Choice {
    /// What has this word in the address, where `chosen` is the word that is asked for.
    pub fn new(value: &'static str, label: &'static str, chosen: Option<&str>) -> Self {
        Self { value, label, is_chosen: chosen == Some(value) }
    }
}

impl Heading {
    /// Of a column that the list is not sorted by.
    pub const fn plain(label: &'static str) -> Self {
        Self { label, word: None, href: None, sorted: None, is_number: false }
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
            0 => String::new(),
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

    use axum::extract::Query;

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

    /// What an address asks for.
    fn asked(query: &str) -> Asked {
        let address = format!("http://localhost/shelves?{query}").parse().unwrap();
        Query::<Asked>::try_from_uri(&address).unwrap().0
    }

    #[test]
    fn a_page_that_is_none_is_the_first() {
        for (query, page) in [("", 1), ("page=", 1), ("page=x", 1), ("page=0", 1), ("page=-1", 1), ("page=2", 2)] {
            assert_eq!(asked(query).page(), page, "{query}");
        }
        assert_eq!(asked("page=99999999999999999999999").page(), 1, "more than can be counted");
    }

    #[test]
    fn an_address_asks_for_a_search_and_an_order_and_for_nothing_that_is_not_known() {
        assert_eq!(asked("q="), Asked::default());
        assert_eq!(asked("q=&colour=red&resolved=1"), Asked::default(), "what another list is asked for");
        let asked = asked("q=+a%26b+&user=anna&sort=weight&order=asc&page=3");
        assert_eq!((asked.q.as_str(), asked.text(), asked.user.as_str()), (" a&b ", "a&b", "anna"));
        let sorting = asked.sorting(Shelf::Name);
        assert_eq!(sorting, Sorting { column: Shelf::Weight, is_descending: false });
        assert_eq!((asked.of_everybody().user.as_str(), asked.of_everybody().q.as_str()), ("", " a&b "));
        assert_eq!((asked.without_search().user.as_str(), asked.without_search().q.as_str()), ("anna", ""));
        let Repeated { user, q, order } = asked.repeated(sorting);
        assert_eq!((user.as_str(), q.as_str(), order), ("anna", " a&b ", "asc"));
    }

    #[test]
    fn a_heading_turns_the_list_round_or_begins_with_what_matters() {
        let sorting = Sorting { column: Shelf::Name, is_descending: false };
        let address = |sorting: Sorting<Shelf>| sorting.address("/shelves", &[("q", "a&b"), ("room", "")], 1);
        let name = sorting.heading(Shelf::Name, "Name", address);
        assert_eq!((name.word, name.sorted), (Some("name"), Some("ascending")));
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
        assert_eq!(pager(0, 1, 1), (String::new(), None, None));
        assert_eq!(pager(1, 1, 1), ("1 shelf".to_owned(), None, None));
        assert_eq!(pager(7, 2, 3), ("7 shelves, page 2 of 3".to_owned(), text("1"), text("3")));
    }
}

//! Permissions that Graph has and nothing here asks for
//! (concepts/permissions-reference).
//!
//! An application may be registered for them, be granted them and have them in its
//! tokens, as with the service. They open nothing. The names are data, in
//! `data/graph/permissions.txt`; it says of each whether it can be granted for a
//! user, for the application itself, or both.

use std::sync::LazyLock;

const NAMES: &str = include_str!("../../../../data/graph/permissions.txt");

/// Who a permission is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    User,
    Application,
}

impl Column {
    /// As the file has it.
    fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Application => "application",
        }
    }
}

/// Each name with its columns.
static KNOWN: LazyLock<Vec<(&'static str, Vec<&'static str>)>> = LazyLock::new(|| {
    let lines = NAMES.lines().filter_map(|line| line.split_once(' '));
    lines.map(|(name, columns)| (name, columns.split(' ').collect())).collect()
});

/// A name in one of the columns, as it is spelled.
pub(super) fn find(name: &str, column: Column) -> Option<&'static str> {
    let known = KNOWN.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    known.filter(|(_, columns)| columns.contains(&column.word())).map(|(known, _)| *known)
}

#[cfg(test)]
mod tests {
    use super::super::Access;
    use super::*;

    #[test]
    fn each_line_is_a_name_and_its_columns_in_the_order_of_the_alphabet() {
        for line in NAMES.lines() {
            let (name, columns) = line.split_once(' ').unwrap_or((line, ""));
            let is_name =
                |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            assert!(name.split('.').count() >= 2 && name.split('.').all(is_name), "{line}");
            assert!(["user", "application", "user application"].contains(&columns), "{line}");
        }
        let names: Vec<String> = KNOWN.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        assert!(names.is_sorted_by(|a, b| a < b), "the names are out of order, or one stands there twice");
        assert!(names.len() > 200, "{}", names.len());
    }

    #[test]
    fn what_something_is_asked_for_is_not_among_them() {
        for access in Access::ALL {
            for (column, names) in [(Column::User, access.of_user()), (Column::Application, access.of_application())] {
                for name in names {
                    assert_eq!(find(name, column), None, "{access:?} asks for it as a permission of {column:?}");
                }
            }
        }
    }
}

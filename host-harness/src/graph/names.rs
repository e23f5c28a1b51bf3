//! When two names are the same.
//!
//! What people write, names and addresses, compares without case in any script;
//! the store keeps the spelling. Words of a protocol (properties, options,
//! headers, well-known names) are in ASCII and compare so.

/// Whether people would take two names for one.
pub(crate) fn same_name(one: &str, other: &str) -> bool {
    let lower = |text| str::chars(text).flat_map(char::to_lowercase);
    lower(one).eq(lower(other))
}

/// A name as it is compared: equal for all spellings of one.
pub(crate) fn folded(name: &str) -> String {
    name.chars().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::{folded, same_name};

    #[test]
    fn names_are_the_same_in_any_case_and_script() {
        for (one, other, same) in [
            ("Inbox", "INBOX", true),
            ("Büro", "BÜRO", true),
            ("Проект", "ПРОЕКТ", true),
            ("Projekt", "Projekte", false),
            ("", "", true),
        ] {
            assert_eq!((same_name(one, other), folded(one) == folded(other)), (same, same), "{one} {other}");
        }
    }
}

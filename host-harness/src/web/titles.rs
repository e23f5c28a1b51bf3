//! Whether a title of the CRM is what it holds of one of Microsoft's: a CRM wants a
//! title, and has a limit for it.

use crate::crm::event::TITLE_LENGTH_MAX;

/// What the component writes where Microsoft's item has no subject.
const NO_SUBJECT: &str = "(No subject)";

/// Whether nothing but the CRM's limits tells the two apart.
pub fn are_one(ours: &str, theirs: &str) -> bool {
    let held: String = theirs.chars().take(TITLE_LENGTH_MAX as usize).collect();
    match held.trim() {
        "" => matches!(ours.trim(), "" | NO_SUBJECT),
        held => ours.trim() == held,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_that_the_crm_cannot_hold_is_still_the_same() {
        assert!(are_one("Call", "Call") && are_one("(No subject)", " ") && are_one("", ""));
        assert!(are_one(&"a".repeat(255), &"a".repeat(300)));
        assert!(
            !are_one("Call", "Call me")
                && !are_one("(No subject)", "Call")
                && !are_one(&"a".repeat(254), &"a".repeat(300))
        );
    }
}

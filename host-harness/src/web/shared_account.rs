//! What is said of a Microsoft account that is connected for somebody else as well: for
//! whom, what that means, and what to do where it is not meant.
//!
//! Colleagues are named. Of another organization nothing is said but that somebody there
//! has it: whose items reach a stranger's CRM has to know, and a name would tell what
//! belongs to that organization.

use serde::Serialize;

use super::Web;
use super::error::PageError;
use super::report::counted;
use super::viewer::Viewer;
use crate::app::shared_account::Sharers;
use crate::crm::users::User;

/// Colleagues that are named. Of more, their number says enough.
const NAMES_MAX: usize = 3;

/// The notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SharedNotice {
    headline: String,
    text: String,
    next_step: &'static str,
}

/// What there is to say of the account of a user, to who looks at it.
pub fn notice_of(web: &Web, viewer: &Viewer, user: &User) -> Result<Option<SharedNotice>, PageError> {
    let whose = if viewer.user.id == user.id { None } else { Some(user.display_name.as_str()) };
    Ok(web.app.sharers(user)?.map(|sharers| SharedNotice::new(whose, &sharers)))
}

impl SharedNotice {
    /// `whose` the account is; none where it is the viewer's own.
    fn new(whose: Option<&str>, sharers: &Sharers) -> Self {
        let text = match whose {
            None => "Everybody who has connected it is kept in step with one mailbox: what you synchronize can \
                     reach their calendar and tasks in the CRM as well, and what they synchronize can reach yours."
                .to_owned(),
            Some(name) => format!(
                "Everybody who has connected it is kept in step with one mailbox: what is synchronized for {name} can \
                 reach the others' calendar and tasks in the CRM as well, and what is synchronized for them can reach \
                 those of {name}."
            ),
        };
        Self {
            headline: format!("This Microsoft account is also connected for {}.", names(sharers)),
            text,
            next_step: "A mailbox may be shared on purpose. Where it is not meant to be, disconnect it here, or \
                        connect another account after that.",
        }
    }
}

/// Who else has it, in words.
fn names(sharers: &Sharers) -> String {
    let (named, rest) = sharers.colleagues.split_at(sharers.colleagues.len().min(NAMES_MAX));
    let mut parts: Vec<String> = named.iter().map(|user| user.display_name.clone()).collect();
    if !rest.is_empty() {
        parts.push(counted(u64::try_from(rest.len()).unwrap_or(u64::MAX), "colleague more", "colleagues more"));
    }
    if sharers.is_elsewhere {
        parts.push("somebody of another organization".to_owned());
    }
    match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::crm::fixtures::{crm, person};

    fn headline(logins: &[&str], is_elsewhere: bool) -> String {
        let crm = crm();
        let colleagues = logins.iter().map(|login| person(&crm, login)).collect();
        SharedNotice::new(None, &Sharers { colleagues, is_elsewhere }).headline
    }

    #[test]
    fn a_few_are_named_the_others_counted_and_nobody_elsewhere_is_either() {
        let of = |logins: &[&str], is_elsewhere| {
            let said = headline(logins, is_elsewhere);
            said.strip_prefix("This Microsoft account is also connected for ").unwrap().to_owned()
        };
        assert_eq!(of(&["ben"], false), "BEN.");
        assert_eq!(of(&[], true), "somebody of another organization.");
        assert_eq!(of(&["ben", "cleo"], false), "BEN and CLEO.");
        assert_eq!(of(&["ben", "cleo"], true), "BEN, CLEO and somebody of another organization.");
        assert_eq!(of(&["a", "b", "c", "d"], false), "A, B, C and 1 colleague more.");
        assert_eq!(
            of(&["a", "b", "c", "d", "e"], true),
            "A, B, C, 2 colleagues more and somebody of another organization."
        );
    }

    #[test]
    fn an_administrator_reads_whose_it_is() {
        let sharers = Sharers { colleagues: Vec::new(), is_elsewhere: true };
        let (own, theirs) = (SharedNotice::new(None, &sharers), SharedNotice::new(Some("Anna"), &sharers));
        assert!(own.text.contains("what you synchronize") && !own.text.contains("Anna"));
        assert!(theirs.text.contains("what is synchronized for Anna") && !theirs.text.contains("you"));
    }
}

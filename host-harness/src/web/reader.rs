//! Who reads what a page says about a user: what is to be done is addressed to the user
//! in person, told of the user to somebody else, or asked of an administrator.

use super::viewer::Viewer;
use crate::crm::UserId;

/// Who reads about a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The user in person.
    pub is_own: bool,
    /// An administrator, who can do in the system configuration what others ask for.
    pub administrator: bool,
}

impl Reader {
    /// The viewer, who reads about `user`.
    pub fn of(viewer: &Viewer, user: UserId) -> Self {
        Self { is_own: viewer.user.id == user, administrator: viewer.user.administrator }
    }
}

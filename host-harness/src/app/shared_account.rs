//! One Microsoft account of several users.
//!
//! Nobody is refused for it: mailboxes are shared on purpose. But each of their CRM
//! calendars and task lists is kept in step with the same mailbox, so that what one of
//! them writes can reach the others. Whoever is concerned is told. Next: [`super::sync`].

use super::error::AppError;
use super::start::App;
use crate::crm::users::User;

/// Who else has an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sharers {
    /// Those of the same organization, ordered by name.
    pub colleagues: Vec<User>,
    /// Whether anybody of another organization has it, too. Not who, nor how many: that
    /// does not leave their organization. That the mailbox is read elsewhere is for its user
    /// to know, and for those who administer the user.
    pub is_elsewhere: bool,
}

impl App {
    /// Who else has the account of a user; none where nobody has.
    ///
    /// # Errors
    /// The CRM cannot be read.
    pub fn sharers(&self, user: &User) -> Result<Option<Sharers>, AppError> {
        let colleagues = self.crm().colleagues_with_account_of(user)?;
        let is_elsewhere = self.crm().is_account_elsewhere(user)?;
        let found = is_elsewhere || !colleagues.is_empty();
        Ok(found.then_some(Sharers { colleagues, is_elsewhere }))
    }
}

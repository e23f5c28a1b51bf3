//! The mailbox that stands on Microsoft's side of a page, or why there is none.

use serde::Serialize;

use super::Web;
use super::account::account_page;
use super::error::PageError;
use super::forms::encoded;
use super::viewer::Viewer;
use crate::crm::users::User;
use crate::graph::Microsoft;

/// A mailbox of the emulator, by the name of the account.
pub struct Mailbox<'a> {
    /// The emulator.
    pub microsoft: &'a Microsoft,
    /// The user principal name of the connected account.
    pub name: String,
}

/// Why nothing is known here of what is on Microsoft's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// It is not the emulator's.
    Real,
    /// There is no account.
    NotConnected,
    /// The mailbox of the account was removed.
    Gone,
}

impl Unseen {
    /// What a page says.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Real => {
                "Microsoft's side is not shown, because the real Microsoft 365 is used. Open Outlook to see it."
            }
            Self::NotConnected => "No Microsoft account is connected, so there is nothing to show on that side.",
            Self::Gone => "The mailbox of the connected account does not exist in the emulator any more.",
        }
    }
}

impl From<Unseen> for PageError {
    fn from(unseen: Unseen) -> Self {
        Self::Invalid(unseen.sentence().to_owned())
    }
}

/// The same as a page says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnseenNote {
    text: &'static str,
    /// The account, where that is what to see to.
    href: Option<String>,
}

impl UnseenNote {
    /// For who looks at the page of a user.
    pub fn of(unseen: Unseen, viewer: &Viewer, user: &User) -> Self {
        let href = match unseen {
            Unseen::Real => None,
            Unseen::NotConnected | Unseen::Gone => Some(account_page(viewer, user.id)),
        };
        Self { text: unseen.sentence(), href }
    }
}

/// The mailbox of the connected account of a user, or why there is none to show.
pub async fn of<'a>(web: &'a Web, user: &User) -> Result<Result<Mailbox<'a>, Unseen>, PageError> {
    let Some(microsoft) = web.app.microsoft() else { return Ok(Err(Unseen::Real)) };
    let account = web.app.account(user.id).await?;
    Ok(account.map(|account| Mailbox { microsoft, name: account.name }).ok_or(Unseen::NotConnected))
}

/// Where the emulator shows an item of a mailbox; `part` is `events` or `tasks`.
pub fn item_href(web: &Web, mailbox: &str, part: &str, id: &str) -> String {
    let root = web.app.options().microsoft_url.trim_end_matches('/');
    format!("{root}/_emulator/mailboxes/{}/{part}/{}", encoded(mailbox), encoded(id))
}

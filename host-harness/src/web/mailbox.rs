//! The mailbox that stands on Microsoft's side of a page, or why there is none.

use super::Web;
use super::error::PageError;
use super::forms::encoded;
use crate::crm::users::User;
use crate::graph::Microsoft;

/// A mailbox of the emulator, by the name of the account.
pub struct Mailbox<'a> {
    /// The emulator.
    pub microsoft: &'a Microsoft,
    /// The user principal name of the connected account.
    pub name: String,
}

/// What a page says where there is no account.
pub const NOT_CONNECTED: &str = "No Microsoft account is connected, so there is nothing to show on that side.";

/// What a page says where the mailbox of an account was removed.
pub const GONE: &str = "The mailbox of the connected account does not exist in the emulator any more.";

/// The mailbox of the connected account of a user; where it cannot be shown, the
/// sentence for the page.
pub async fn of<'a>(web: &'a Web, user: &User) -> Result<Result<Mailbox<'a>, String>, PageError> {
    let Some(microsoft) = web.app.microsoft() else {
        return Ok(Err(
            "Microsoft's side is not shown, because the real Microsoft 365 is used. Open Outlook to see it.".to_owned(),
        ));
    };
    let account = web.app.account(user.id).await?;
    Ok(account.map(|account| Mailbox { microsoft, name: account.name }).ok_or_else(|| NOT_CONNECTED.to_owned()))
}

/// Where the emulator shows an item of a mailbox; `part` is `events` or `tasks`.
pub fn item_href(web: &Web, mailbox: &str, part: &str, id: &str) -> String {
    let root = web.app.options().microsoft_url.trim_end_matches('/');
    format!("{root}/_emulator/mailboxes/{}/{part}/{}", encoded(mailbox), encoded(id))
}

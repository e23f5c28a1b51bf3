//! What tests do to users and their sessions behind the login's back:
//! `POST /_control/signIn` and parts of `POST /_control/expire`.

use serde::Deserialize;

use super::claims;
use super::grants::Subject;
use super::sign_in::{SignInRule, SignInState};
use crate::graph::model::MailboxNo;
use crate::graph::setup::{self, SetupError};
use crate::graph::state::State;

/// A user's sign-in in another state.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewSignInState {
    user_principal_name: String,
    state: SignInState,
}

/// Lets a user sign in, or keeps them out, from now on.
pub(crate) fn set_sign_in(state: &mut State, new: &NewSignInState) -> Result<(), SetupError> {
    let number = setup::find_mailbox(state, &new.user_principal_name)?.number;
    let since = Some(state.now);
    if let Some(mailbox) = state.mailboxes.get_mut(&number) {
        mailbox.sign_in = SignInRule { state: new.state, since };
    }
    Ok(())
}

/// Lets Graph ask for newer tokens than those there are: of one user, or of
/// everybody. Concerns clients that cope with it; answers how many tokens.
pub(crate) fn challenge_sessions(state: &mut State, only: Option<MailboxNo>) -> usize {
    let since = state.now.timestamp();
    let keys = state.access_tokens.keys_where(|token| {
        let is_meant = match token.subject {
            Subject::User(mailbox) => only.is_none_or(|wanted| wanted == mailbox),
            Subject::Application => only.is_none(),
        };
        is_meant && claims::copes(&token.capabilities)
    });
    for key in &keys {
        if let Some(token) = state.access_tokens.get_mut(key) {
            token.challenged_since = Some(since);
        }
    }
    keys.len()
}

/// Takes back what users have allowed applications; answers how often.
pub(crate) fn withdraw_consents(state: &mut State, only: Option<MailboxNo>) -> usize {
    let prefix = only.map(|number| super::grants::consent_key(number, ""));
    let keys: Vec<String> = state.consents.keys_where(|_| true);
    let keys: Vec<String> =
        keys.into_iter().filter(|key| prefix.as_ref().is_none_or(|prefix| key.starts_with(prefix.as_str()))).collect();
    for key in &keys {
        state.consents.remove(key);
    }
    keys.len()
}

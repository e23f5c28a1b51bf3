//! `/oidc/userinfo` on the Graph host: the user of an access token
//! (entra/identity-platform/userinfo).

use serde_json::{Map, Value, json};

use super::grants::{AccessToken, Subject};
use super::{discovery, issue};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;

/// Answers for a token that was checked before.
pub(crate) fn show(state: &State, token: &AccessToken) -> Result<Reply, Refusal> {
    let number = match &token.subject {
        Subject::User(number) => number,
        Subject::Application => return Err(Refusal::access_denied()),
    };
    let mailbox = state.mailboxes.get(number).ok_or_else(Refusal::item_not_found)?;
    let has = |scope: &str| token.of_sign_in.iter().any(|known| known == scope);
    if !has("openid") {
        return Err(Refusal::access_denied());
    }
    let mut user = Map::new();
    user.insert("sub".to_owned(), json!(issue::pairwise_id(&mailbox.object_id, &token.client_id)));
    if has("profile") {
        let (given, family) = mailbox.display_name.split_once(' ').unwrap_or((&mailbox.display_name, ""));
        user.insert("name".to_owned(), json!(mailbox.display_name));
        user.insert("given_name".to_owned(), json!(given));
        user.insert("family_name".to_owned(), json!(family));
        let picture = format!("{}/v1.0/me/photo/$value", discovery::graph_url(state));
        user.insert("picture".to_owned(), json!(picture));
    }
    if has("email") {
        user.insert("email".to_owned(), json!(mailbox.user_principal_name));
    }
    Ok(Reply::json(200, Value::Object(user)))
}

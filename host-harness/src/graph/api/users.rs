//! The signed-in user (api/user-get).

use serde_json::{Value, json};

use super::Context;
use super::filter::selected;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;

/// `GET /me`.
pub(crate) fn profile(state: &State, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mailbox = &context.mailbox;
    let (given, surname) = mailbox.display_name.split_once(' ').unwrap_or((&mailbox.display_name, ""));
    let profile = json!({
        "businessPhones": [],
        "displayName": mailbox.display_name,
        "givenName": given,
        "jobTitle": null,
        "mail": mailbox.user_principal_name,
        "mobilePhone": null,
        "officeLocation": null,
        "preferredLanguage": null,
        "surname": surname,
        "userPrincipalName": mailbox.user_principal_name,
        "id": mailbox.object_id,
    });
    let Value::Object(map) = profile else {
        return Err(Refusal::item_not_found());
    };
    let mut map = selected(map, context.call.query.get("$select"));
    map.insert("@odata.context".to_owned(), json!(format!("{}/v1.0/$metadata#users/$entity", state.base_url)));
    Ok(Reply::json(200, Value::Object(map)))
}

//! A person as the directory shows one (api/user-get, resources/user).
//!
//! Without `$select` the few properties that the page names come; with it, just
//! what was selected. What the directory could know of somebody and nobody has
//! said here is null.

use serde_json::{Map, Value, json};

use super::options::Options;
use super::{Context, projection};
use crate::graph::login::grants::Subject;
use crate::graph::login::sign_in::SignInState;
use crate::graph::model::Mailbox;
use crate::graph::permissions::Access;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::settings;
use crate::graph::state::State;

/// What comes without being asked for.
const DEFAULT: [&str; 11] = [
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
];

/// A property that only a single person has.
const SETTINGS: &str = "mailboxSettings";

const OPTIONS: Options = Options::of(
    &["$select"],
    &["$filter", "$orderby", "$top", "$skip", "$count", "$search", "$skiptoken", "$deltatoken"],
);

/// Everything that can be selected.
pub(super) fn whole(mailbox: &Mailbox) -> Map<String, Value> {
    let (given, surname) = mailbox.display_name.split_once(' ').unwrap_or((&mailbox.display_name, ""));
    let alias = mailbox.user_principal_name.split('@').next().unwrap_or_default();
    let value = json!({
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
        "accountEnabled": mailbox.sign_in.state != SignInState::Disabled,
        "city": null,
        "companyName": null,
        "country": null,
        "department": null,
        "employeeId": null,
        "imAddresses": [mailbox.user_principal_name],
        "mailNickname": alias,
        "otherMails": [],
        "postalCode": null,
        "proxyAddresses": [format!("SMTP:{}", mailbox.user_principal_name)],
        "state": null,
        "streetAddress": null,
        "usageLocation": null,
        "userType": "Member",
    });
    value.as_object().cloned().unwrap_or_default()
}

/// Names that a person can be asked for, besides what is shown.
const FURTHER: [&str; 17] = [
    "accountEnabled",
    "city",
    "companyName",
    "country",
    "department",
    "employeeId",
    "imAddresses",
    "mailNickname",
    "otherMails",
    "postalCode",
    "proxyAddresses",
    "state",
    "streetAddress",
    "usageLocation",
    "userType",
    SETTINGS,
    "createdDateTime",
];

/// Whether a person has a property of this name.
pub(super) fn is_property(name: &str) -> bool {
    DEFAULT.iter().chain(&FURTHER).any(|known| known.eq_ignore_ascii_case(name))
}

/// What is asked of a person.
pub(super) struct Selection {
    names: Vec<String>,
}

impl Selection {
    /// Reads `$select` for people of a list.
    pub fn read(select: Option<&str>) -> Result<Self, Refusal> {
        let selection = Self::of_one(select)?;
        match selection.names.iter().find(|name| *name == SETTINGS) {
            Some(_) => Err(Refusal::new(
                501,
                "NotImplemented",
                "The property cannot be returned within a collection of users.",
            )),
            None => Ok(selection),
        }
    }

    /// Reads `$select` for one person.
    fn of_one(select: Option<&str>) -> Result<Self, Refusal> {
        let Some(select) = select.filter(|select| !select.trim().is_empty()) else {
            return Ok(Self { names: DEFAULT.map(str::to_owned).to_vec() });
        };
        let known = |name: &str| DEFAULT.iter().chain(&FURTHER).find(|known| known.eq_ignore_ascii_case(name));
        let mut names = Vec::new();
        for name in select.split(',').map(str::trim) {
            let name = *known(name).ok_or_else(|| {
                let detail = format!("Could not find a property named '{name}' on type 'microsoft.graph.user'.");
                projection::parsing_failed(&detail)
            })?;
            if name == "createdDateTime" {
                return Err(Refusal::not_emulated("$select=createdDateTime on people"));
            }
            names.push(name.to_owned());
        }
        Ok(Self { names })
    }

    /// Writes a person of a list.
    pub fn write(&self, mailbox: &Mailbox) -> Map<String, Value> {
        let mut map = whole(mailbox);
        map.retain(|name, _| self.names.contains(name));
        map
    }
}

/// `GET /me` and `GET /users/{id}`.
pub(super) fn profile(state: &State, context: &Context<'_>) -> Result<Reply, Refusal> {
    OPTIONS.check(context, "a person")?;
    let selection = Selection::of_one(context.call.query.get("$select"))?;
    let mut map = selection.write(&context.mailbox);
    if selection.names.iter().any(|name| name == SETTINGS) {
        // A person's token may read other people, but no mailbox except its own.
        match context.token.subject {
            Subject::User(number) if number != context.mailbox.number => return Err(Refusal::access_denied()),
            Subject::User(_) | Subject::Application => context.require(Access::ReadSettings)?,
        }
        map.insert(SETTINGS.to_owned(), Value::Object(settings::write(&context.mailbox, &context.view, state.now)));
    }
    map.insert("@odata.context".to_owned(), json!(context.odata_context(state, "users/$entity")));
    Ok(Reply::json(200, Value::Object(map)))
}

//! The signed-in user, mailbox settings and time zones
//! (api/user-get, api/user-get-mailboxsettings, api/outlookuser-supportedtimezones).

use serde_json::{Value, json};

use super::Context;
use super::filter::selected;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;
use crate::graph::zones;

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

/// `GET /me/mailboxSettings`.
pub(crate) fn settings(state: &State, context: &Context<'_>) -> Reply {
    let zone = &context.mailbox.time_zone;
    Reply::json(
        200,
        json!({
            "@odata.context": context.odata_context(state, "mailboxSettings"),
            "timeZone": zone,
            "dateFormat": "yyyy-MM-dd",
            "timeFormat": "HH:mm",
            "delegateMeetingMessageDeliveryOptions": "sendToDelegateOnly",
            "language": { "locale": "en-US", "displayName": "English (United States)" },
            "workingHours": {
                "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
                "startTime": "08:00:00.0000000",
                "endTime": "17:00:00.0000000",
                "timeZone": { "name": zone },
            },
        }),
    )
}

/// `GET /me/mailboxSettings/timeZone`.
pub(crate) fn time_zone_setting(state: &State, context: &Context<'_>) -> Reply {
    let metadata = context.odata_context(state, "mailboxSettings/timeZone");
    Reply::json(200, json!({ "@odata.context": metadata, "value": context.mailbox.time_zone }))
}

/// `GET /me/outlook/supportedTimeZones`, with the Windows names unless the
/// function's argument asks for IANA.
///
/// DIFFERENCE: the service shows Windows zones as `(UTC-12:00) International
/// Date Line West`; here the name of a zone is also what is shown.
pub(crate) fn time_zones(state: &State, context: &Context<'_>) -> Result<Reply, Refusal> {
    let names = match context.argument(1, "timezonestandard").map(str::to_ascii_lowercase).as_deref() {
        None | Some("windows") => zones::windows_names(),
        Some("iana") => zones::iana_names(),
        Some(other) => {
            let message = format!("The string '{other}' is not a valid enumeration type constant.");
            return Err(Refusal::new(400, "BadRequest", message));
        }
    };
    let list: Vec<Value> = names.iter().map(|name| json!({ "alias": name, "displayName": name })).collect();
    let metadata = format!("{}/v1.0/$metadata#Collection(microsoft.graph.timeZoneInformation)", state.base_url);
    Ok(Reply::json(200, json!({ "@odata.context": metadata, "value": list })))
}

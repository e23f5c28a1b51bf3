//! What a mailbox can be set to, and its categories
//! (api/outlookuser-supportedtimezones, api/outlookuser-supportedlanguages).

use serde_json::{Value, json};

use super::options::Options;
use super::{Context, categories, not_emulated};
use crate::graph::permissions::Access;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::routes::routes;
use crate::graph::settings::languages;
use crate::graph::state::State;
use crate::graph::zones;

/// Answers a call on `…/outlook`; `words` is the path behind it.
pub(super) fn answer(state: &mut State, context: &Context<'_>, words: &[&str]) -> Result<Reply, Refusal> {
    routes!(match (context.call.method.as_str(), words) {
        (_, ["mastercategories", rest @ ..]) if rest.len() <= 1 => categories::answer(state, context, rest),
        ("GET", ["supportedtimezones"]) => {
            context.require(Access::ReadSupported)?;
            time_zones(state, context)
        }
        ("GET", ["supportedlanguages"]) => {
            context.require(Access::ReadSupported)?;
            let list = languages::ALL.iter().map(|(locale, name)| json!({ "locale": locale, "displayName": name }));
            answered(state, context, "localeInfo", &list.collect::<Vec<_>>())
        }
        (_, _) => Err(not_emulated(context.call)),
    })
}

/// The zones by their Windows names, unless the function's argument asks for
/// IANA.
///
/// DIFFERENCE: the service shows Windows zones as `(UTC-12:00) International
/// Date Line West`; here the name of a zone is also what is shown.
fn time_zones(state: &State, context: &Context<'_>) -> Result<Reply, Refusal> {
    let names = match context.argument(1, "timezonestandard").map(str::to_ascii_lowercase).as_deref() {
        None | Some("windows") => zones::windows_names(),
        Some("iana") => zones::iana_names(),
        Some(other) => {
            let message = format!("The string '{other}' is not a valid enumeration type constant.");
            return Err(Refusal::new(400, "BadRequest", message));
        }
    };
    let list: Vec<Value> = names.iter().map(|name| json!({ "alias": name, "displayName": name })).collect();
    answered(state, context, "timeZoneInformation", &list)
}

fn answered(state: &State, context: &Context<'_>, type_name: &str, list: &[Value]) -> Result<Reply, Refusal> {
    Options::only(&[]).check(context, "what a mailbox can be set to")?;
    let metadata = format!("{}/v1.0/$metadata#Collection(microsoft.graph.{type_name})", state.base_url);
    Ok(Reply::json(200, json!({ "@odata.context": metadata, "value": list })))
}

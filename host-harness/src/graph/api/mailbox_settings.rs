//! Mailbox settings (api/user-get-mailboxsettings,
//! api/user-update-mailboxsettings).

use serde_json::{Map, Value, json};

use super::filter::selected;
use super::options::Options;
use super::{Context, not_emulated, with_preferences};
use crate::graph::permissions::Access;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::routes::routes;
use crate::graph::settings::{change, write};
use crate::graph::state::State;

const OPTIONS: Options = Options::only(&["$select"]).selecting("mailboxSettings");

/// `…/mailboxSettings` and one of its properties; `words` is the path behind it.
pub(super) fn answer(state: &mut State, context: &Context<'_>, words: &[&str]) -> Result<Reply, Refusal> {
    context.require(if context.call.method == "GET" { Access::ReadSettings } else { Access::WriteSettings })?;
    OPTIONS.check(context, "mailbox settings")?;
    let reply = routes!(match (context.call.method.as_str(), words) {
        ("GET", []) => {
            let settings = write(&context.mailbox, &context.view, state.now);
            answered(state, context, selected(settings, context.call.query.get("$select")))
        }
        ("GET", [name]) => one(state, context, name)?,
        ("PATCH", []) => update(state, context)?,
        (_, _) => return Err(not_emulated(context.call)),
    });
    Ok(with_preferences(reply, &context.prefer))
}

fn answered(state: &State, context: &Context<'_>, mut settings: Map<String, Value>) -> Reply {
    settings.insert("@odata.context".to_owned(), json!(context.odata_context(state, "mailboxSettings")));
    Reply::json(200, Value::Object(settings))
}

/// One property: what has parts of its own comes as it is, anything else as a
/// `value`.
fn one(state: &State, context: &Context<'_>, name: &str) -> Result<Reply, Refusal> {
    let settings = write(&context.mailbox, &context.view, state.now);
    let found = settings.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    let (name, value) = match found {
        Some(found) => found,
        None if name == "archivefolder" => return Err(Refusal::not_emulated("The folder of the archive")),
        None => return Err(Refusal::no_segment(name)),
    };
    let mut map = match value {
        Value::Object(map) => map,
        value => Map::from_iter([("value".to_owned(), value)]),
    };
    map.insert("@odata.context".to_owned(), json!(context.odata_context(state, &format!("mailboxSettings/{name}"))));
    Ok(Reply::json(200, Value::Object(map)))
}

/// Answers the settings that were written.
fn update(state: &mut State, context: &Context<'_>) -> Result<Reply, Refusal> {
    let body: Value = serde_json::from_slice(&context.call.body).map_err(|_| Refusal::unreadable())?;
    let given = body.as_object().ok_or_else(Refusal::unreadable)?;
    let mut mailbox = context.mailbox.clone();
    let written = change::apply(&mut mailbox, given, state.now)?;
    let mut settings = write(&mailbox, &context.view, state.now);
    settings.retain(|name, _| written.contains(name));
    state.mailboxes.insert(mailbox.number, mailbox);
    Ok(answered(state, context, settings))
}

//! Open extensions of messages (resources/opentypeextension,
//! api/opentypeextension-post-opentypeextension, -get, -update, -delete).
//!
//! DIFFERENCE: as for events, their changes leave the change key alone.

use serde_json::{Map, Value};

use super::stored;
use crate::graph::api::extensions::{ITEM, LIST, data_of, read, short_name, write};
use crate::graph::api::list::{Page, collection};
use crate::graph::api::{Context, not_emulated};
use crate::graph::mail::model::MessageNo;
use crate::graph::model::Extensions;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;

/// The collection in metadata links.
const EXTENSIONS: &str = "messages/extensions";

/// `…/messages/{id}/extensions`, and one of them by its name; `at` is the place
/// of the name.
pub(super) fn answer(
    state: &mut State,
    context: &Context<'_>,
    number: MessageNo,
    rest: &[&str],
    at: usize,
) -> Result<Reply, Refusal> {
    let name = short_name(context.raw(at));
    match (context.call.method.as_str(), rest) {
        ("GET", []) => {
            LIST.check(context, "extensions")?;
            let extensions: Vec<_> = stored(state, number)?.custom.extensions.iter().collect();
            let write = |(name, data): &(&String, &Map<String, Value>)| write(name, data);
            Ok(collection(state, context, EXTENSIONS, Page::whole(context)?, &extensions, write))
        }
        ("POST", []) => create(state, context, number),
        ("GET", [_]) => {
            ITEM.check(context, "an extension")?;
            show(state, context, number, &name, 200)
        }
        ("PATCH", [_]) => update(state, context, number, &name),
        ("DELETE", [_]) => {
            let known = known(state, number, &name)?;
            own(state, number)?.remove(&known);
            Ok(Reply::empty(204))
        }
        (_, _) => Err(not_emulated(context.call)),
    }
}

/// The name of an extension as it was written.
fn known(state: &State, number: MessageNo, name: &str) -> Result<String, Refusal> {
    let mut names = stored(state, number)?.custom.extensions.keys();
    names.find(|known| known.eq_ignore_ascii_case(name)).cloned().ok_or_else(Refusal::item_not_found)
}

fn own(state: &mut State, number: MessageNo) -> Result<&mut Extensions, Refusal> {
    state.messages.get_mut(&number).map(|message| &mut message.custom.extensions).ok_or_else(Refusal::item_not_found)
}

fn show(state: &State, context: &Context<'_>, number: MessageNo, name: &str, status: u16) -> Result<Reply, Refusal> {
    let name = known(state, number, name)?;
    let data = stored(state, number)?.custom.extensions.get(&name).ok_or_else(Refusal::item_not_found)?;
    Ok(context.entity(state, EXTENSIONS, write(&name, data), status))
}

fn body(context: &Context<'_>) -> Result<Value, Refusal> {
    serde_json::from_slice(&context.call.body).map_err(|_| Refusal::unreadable())
}

fn create(state: &mut State, context: &Context<'_>, number: MessageNo) -> Result<Reply, Refusal> {
    let (name, data) = read(&body(context)?)?;
    if known(state, number, &name).is_ok() {
        let message = "An extension with this name already exists on the item.";
        return Err(Refusal::new(409, "ErrorExtensionAlreadyExists", message));
    }
    own(state, number)?.insert(name.clone(), data);
    show(state, context, number, &name, 201)
}

fn update(state: &mut State, context: &Context<'_>, number: MessageNo, name: &str) -> Result<Reply, Refusal> {
    let given: Map<String, Value> = body(context)?.as_object().map(data_of).unwrap_or_default();
    let name = known(state, number, name)?;
    let data = own(state, number)?.entry(name.clone()).or_default();
    for (name, value) in given {
        if value.is_null() {
            data.remove(&name);
        } else {
            data.insert(name, value);
        }
    }
    show(state, context, number, &name, 200)
}

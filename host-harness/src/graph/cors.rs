//! Which pages of other origins may read an answer (the Fetch standard, "CORS
//! protocol").
//!
//! Graph and the metadata of the login service let everybody read: who may ask
//! is decided by the token. The token endpoint answers pages alone that redeem
//! what was given to a single-page application; `login::token` says which.

use super::call::Call;
use super::reply::Reply;
use super::requests::Collection;

/// Headers of Graph's answers that a page may read.
const GRAPH_EXPOSED: &str = "ETag, Location, Preference-Applied, Content-Range, request-id, client-request-id, ReadWriteConsistencyToken, SdkVersion, WWW-Authenticate, x-ms-client-gcc-tenant, Retry-After";
/// Headers of the login service's answers that a page may read.
const LOGIN_EXPOSED: &str = "Content-Length, Content-Encoding, x-ms-request-id, Retry-After";
/// What a page may do with Graph.
const GRAPH_METHODS: &str = "GET, POST, PUT, PATCH, DELETE, OPTIONS";
/// What a page may do with the login service.
const LOGIN_METHODS: &str = "GET, POST, OPTIONS";
/// How long a browser may remember the answer to its question, in seconds.
const REMEMBERED_SECONDS: &str = "3600";

/// Answers a browser that asks before it sends the request of a page; `None`
/// for any other request.
pub(crate) fn preflight(call: &Call, collection: Collection) -> Option<Reply> {
    if call.method != "OPTIONS" || call.header("origin").is_none() {
        return None;
    }
    call.header("access-control-request-method")?;
    let methods = if collection == Collection::Login { LOGIN_METHODS } else { GRAPH_METHODS };
    let reply = Reply::empty(200)
        .header("access-control-allow-methods", methods.to_owned())
        .header("access-control-max-age", REMEMBERED_SECONDS.to_owned());
    let reply = match call.header("access-control-request-headers") {
        Some(headers) => reply.header("access-control-allow-headers", headers.to_owned()),
        None => reply,
    };
    Some(if collection == Collection::Login { for_anyone(reply, call, LOGIN_EXPOSED) } else { of_graph(reply, call) })
}

/// An answer of Graph, which every page may read.
pub(crate) fn of_graph(reply: Reply, call: &Call) -> Reply {
    for_anyone(reply, call, GRAPH_EXPOSED)
}

/// An answer of the login service that every page may read.
pub(crate) fn of_metadata(reply: Reply, call: &Call) -> Reply {
    for_anyone(reply, call, LOGIN_EXPOSED)
}

fn for_anyone(reply: Reply, call: &Call, exposed: &str) -> Reply {
    if call.header("origin").is_none() {
        return reply;
    }
    reply
        .header("access-control-allow-origin", "*".to_owned())
        .header("access-control-expose-headers", exposed.to_owned())
}

/// An answer that only the page may read which asked.
pub(crate) fn for_origin(reply: Reply, call: &Call) -> Reply {
    let Some(origin) = call.header("origin") else {
        return reply;
    };
    reply
        .header("access-control-allow-origin", origin.to_owned())
        .header("access-control-expose-headers", LOGIN_EXPOSED.to_owned())
        .header("vary", "Origin".to_owned())
}

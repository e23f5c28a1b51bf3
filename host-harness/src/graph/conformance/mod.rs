//! Is everything that is said in the words of Graph's own types?
//!
//! Every answer of the emulated Graph is compared with the official types and
//! operations, and so is every request of the component, and every request
//! that was answered with success: what Graph does not have must not be taken.
//! It does not ask whether values are right, only whether they are possible, and
//! changes no answer when it judges. Some answers it gives beforehand, so that no
//! area of the API has to: whether Graph has a path and a method at all
//! ([`existence`]), which annotation of a write and which option of a query cannot be
//! read ([`wrong_annotation`], [`wrong_option`]), and where in the metadata an answer
//! is ([`context()`]).
//!
//! `schema` has the types, `route` finds what a path is about, `exists` and
//! `access` are the tables of what can be done and written, `deviations` of
//! where the service is known to differ; `request`, `answer`, `envelope`,
//! `headers`, `context` and `value` compare; `rounds` remembers what the tokens that
//! were given out are about; `ledger` keeps the outcome beyond
//! this process. Violations end a test, and stand in `GET /_control/conformance`.

mod access;
mod address;
mod annotation;
mod answer;
mod context;
mod deviations;
mod envelope;
mod exists;
mod headers;
mod ledger;
mod links;
mod location;
pub(crate) mod primitive;
mod projection;
mod query;
mod request;
mod rounds;
mod route;
pub(crate) mod schema;
mod value;
mod violation;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod walk;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use super::api::{self, delta_token, inside};
use super::call::{Call, Query};
use super::login::grants::Subject;
use super::reply::Reply;
use super::state::State;
use answer::Answers;
use projection::Projection;
use rounds::Rounds;
use route::{Lost, Route};
use schema::{Kind, SCHEMA, Shape};
use violation::Findings;

pub(crate) use deviations::is_written_in_quotes;
pub(crate) use exists::ROOTS;
pub(crate) use route::{Existence, Target};
pub(crate) use violation::{Violation, What};
#[cfg(test)]
pub(crate) use walk::Place;

pub use ledger::be_lenient;

/// How many violations are kept: enough to see what is wrong.
const VIOLATIONS_MAX: usize = 200;

/// A mark in the extensions of a request: the component sent it.
#[derive(Clone, Copy, Debug)]
pub struct FromComponent;

/// What was examined so far, as `GET /_control/conformance` answers it.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Log {
    answers_checked: u64,
    /// Requests of the component.
    requests_checked: u64,
    violations: BTreeSet<Violation>,
    /// What the judge knows of the rounds that are under way.
    #[serde(skip)]
    pub(super) rounds: Arc<Rounds>,
}

impl Log {
    /// Forgets what was examined, and not what the rounds under way were begun with.
    pub fn clear(&mut self) {
        *self = Self { rounds: Arc::clone(&self.rounds), ..Self::default() };
    }

    /// Remembers what tokens an answer gives out.
    fn note_tokens(&mut self, call: &Call, reply: &Reply, owner: &str) {
        let answer = reply.value().filter(|_| reply.status == 200 && rounds::is_of_round(call));
        if let Some(answer) = answer {
            Arc::make_mut(&mut self.rounds).note(call, answer, owner);
        }
    }

    /// Adds to it, and to what the process leaves.
    fn add(&mut self, answers: u64, requests: u64, violations: Vec<Violation>) {
        ledger::note(answers, requests, &violations);
        self.keep(answers, requests, violations);
    }

    /// Adds to it alone.
    pub fn keep(&mut self, answers: u64, requests: u64, violations: Vec<Violation>) {
        self.answers_checked += answers;
        self.requests_checked += requests;
        let space = VIOLATIONS_MAX.saturating_sub(self.violations.len());
        self.violations.extend(violations.into_iter().take(space));
    }
}

/// Looks at a request before anything becomes of it: at one of the component.
pub(crate) fn asked(state: &mut State, call: &Call) {
    if call.is_of_component {
        let mut violations = examine_request(call, true);
        if rounds::token(call).is_some() {
            violations.extend(examine_token(call, &View::of(state, call)));
        }
        state.conformance.add(0, 1, violations);
    }
}

/// How an answer travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Alone,
    /// Within the answer to a batch, which has the headers that all share.
    InBatch,
}

/// Looks at an answer as it is sent, and at the request if it was successful
/// and has not been looked at. What a fault sends in the place of the service
/// is nobody's answer.
pub(crate) fn sent(state: &mut State, call: &Call, reply: &Reply, way: Way) {
    // All refusals have one form, whatever was asked for.
    if reply.is_foreign || !(is_examined(call) || reply.status >= 400) {
        return;
    }
    let view = View::of(state, call);
    let mut violations = examine_any_answer(call, reply, &view);
    if way == Way::Alone {
        violations.extend(examine_headers(call, reply));
    }
    if !call.is_of_component && reply.status < 300 && !is_upload(call) {
        violations.extend(examine_request(call, false));
        violations.extend(examine_token(call, &view));
    }
    let View { owner, .. } = view;
    state.conformance.note_tokens(call, reply, &owner);
    state.conformance.add(1, 0, violations);
}

/// Whose mailbox is asked for, what of it the caller does not get to see, and what the
/// rounds that are under way were begun with.
#[derive(Clone, Debug, Default)]
pub(super) struct View {
    /// The id of the person; empty if nobody's.
    pub owner: String,
    /// The types of the items of which the caller sees the outside alone.
    pub hidden: Vec<&'static str>,
    pub rounds: Arc<Rounds>,
}

impl View {
    /// What who shows this token sees of what a call asks for.
    pub fn of(state: &State, call: &Call) -> Self {
        let rounds = Arc::clone(&state.conformance.rounds);
        let Ok(token) = api::authenticate(state, call) else { return Self { rounds, ..Self::default() } };
        let mailbox = match (call.words().get(1).copied(), &token.subject) {
            (Some("me"), Subject::User(number)) => state.mailboxes.get(number),
            (Some("users"), _) => state.mailbox_named(call.raw(2)),
            (_, _) => None,
        };
        Self {
            owner: mailbox.map(|mailbox| mailbox.object_id.clone()).unwrap_or_default(),
            hidden: inside::hidden_from(&token),
            rounds,
        }
    }
}

fn first(call: &Call) -> &str {
    call.segments.first().map_or("", |first| first.lower.as_str())
}

/// Whether a type says how an answer looks: not how that of `/oidc/userinfo`.
fn is_examined(call: &Call) -> bool {
    first(call) == "v1.0" || is_upload(call)
}

/// Whether a call goes to the address of an upload, which no client makes up.
fn is_upload(call: &Call) -> bool {
    first(call) == "api"
}

/// What is wrong with an answer of Graph or of the store for uploads.
pub(super) fn examine_any_answer(call: &Call, reply: &Reply, view: &View) -> Vec<Violation> {
    if is_upload(call) { examine_upload(call, reply) } else { examine_answer(call, reply, view) }
}

/// What is wrong with the headers of an answer.
pub(super) fn examine_headers(call: &Call, reply: &Reply) -> Vec<Violation> {
    let mut findings = Findings::default();
    headers::examine(call, reply, &mut findings);
    findings.named(&format!("answer to {}", call.method))
}

/// What is wrong with the answer to a part of an upload.
fn examine_upload(call: &Call, reply: &Reply) -> Vec<Violation> {
    let mut findings = Findings::default();
    if reply.status < 300 {
        answer::examine_upload(&SCHEMA, reply, &mut findings);
    }
    findings.named(&format!("answer to {} of an upload", call.method))
}

/// Looks at what is posted to the endpoint of a subscription. It counts as an
/// answer, to the request that made the subscription.
pub(crate) fn told(state: &mut State, body: &Value) {
    let violations = examine_notifications(body);
    state.conformance.add(1, 0, violations);
}

/// What is wrong with a post of notifications.
pub(super) fn examine_notifications(body: &Value) -> Vec<Violation> {
    let mut findings = Findings::default();
    answer::examine_notifications(&SCHEMA, body, &mut findings);
    findings.named("notification")
}

/// What `@odata.context` says of an answer behind `$metadata#`: where the path
/// leads, in the mailbox of a person with this id. Nothing for an operation.
pub(crate) fn context(call: &Call, owner: &str) -> Option<String> {
    let route = route::resolve(&SCHEMA, &call.segments).ok()?;
    context::of(&SCHEMA, call, &route, owner)
}

/// What the path of a call is about, if it leads to something that is listed.
pub(crate) fn target(call: &Call) -> Option<Target<'static>> {
    route::resolve(&SCHEMA, &call.segments).ok().map(|route| route.target)
}

/// Whether Graph has a request, whether or not it is emulated.
pub(crate) fn existence(call: &Call) -> Existence {
    route::existence(&SCHEMA, &call.segments, &call.method)
}

/// The option of a query that names what there is not, or cannot be read.
pub(crate) fn wrong_option(call: &Call) -> Option<String> {
    let findings = examined(call);
    let place = findings.places(What::WrongOption).next()?;
    Some(place.strip_prefix("query.").unwrap_or(place).to_owned())
}

/// The place of an annotation in a write that Graph cannot read. What types
/// are named is for the handlers to look at.
pub(crate) fn wrong_annotation(call: &Call) -> Option<String> {
    let findings = examined(call);
    let is_of_object = |place: &&str| *place == "@odata.type" || place.ends_with(".@odata.type");
    findings.places(What::WrongAnnotation).find(|place| !is_of_object(place)).map(str::to_owned)
}

/// What nobody could take of a request.
fn examined(call: &Call) -> Findings {
    let mut findings = Findings::default();
    request::examine(&SCHEMA, call, &route::resolve(&SCHEMA, &call.segments), false, &mut findings);
    findings
}

/// What is wrong with a request.
pub(super) fn examine_request(call: &Call, is_of_component: bool) -> Vec<Violation> {
    let route = route::resolve(&SCHEMA, &call.segments);
    let mut findings = Findings::default();
    request::examine(&SCHEMA, call, &route, is_of_component, &mut findings);
    named(findings, if is_of_component { "request" } else { "accepted request" }, call, &route)
}

/// What is wrong with the token of a request: it goes on with a round about something
/// else.
pub(super) fn examine_token(call: &Call, view: &View) -> Vec<Violation> {
    let mut findings = Findings::default();
    if !view.rounds.are_asked_for(call, &view.owner) {
        findings.add(What::WrongOption, &violation::Place::ROOT.property("query"), "a token of this round", "another");
    }
    named(findings, "request", call, &route::resolve(&SCHEMA, &call.segments))
}

/// What is wrong with an answer to somebody who has this view of it.
pub(super) fn examine_answer(call: &Call, reply: &Reply, view: &View) -> Vec<Violation> {
    let route = route::resolve(&SCHEMA, &call.segments);
    let target = route.as_ref().ok().map(|route| route.target);
    let asked = asked_for(call, target, &view.rounds);
    let projection = match target.and_then(request::items) {
        Some(number) => asked.without_inside(&SCHEMA, number, &view.hidden),
        None => asked,
    };
    let mut findings = Findings::default();
    let known = route.as_ref().ok();
    let mut answers = Answers {
        schema: &SCHEMA,
        call,
        route: known,
        projection: &projection,
        owner: &view.owner,
        rounds: &view.rounds,
        findings: &mut findings,
    };
    answers.examine(reply);
    named(findings, "answer to", call, &route)
}

/// What of each item a call asks for. What is made together with relations is
/// answered with them (`OData` Protocol 4.01, section 11.4.2.2).
fn asked_for(call: &Call, target: Option<Target<'_>>, rounds: &Rounds) -> Projection {
    let query = &call.query;
    let projection = Projection::read(query.get("$select"), query.get("$expand"));
    if let Some(begun) = rounds.of(call) {
        return Projection::read(begun.option("$select"), begun.option("$expand"));
    }
    if let Some(token) = query.get("$skiptoken").or(query.get("$deltatoken")) {
        return kept_in(token).unwrap_or(projection);
    }
    let made: Map<String, Value> = serde_json::from_slice(&call.body).unwrap_or_default();
    let number = match (call.method.as_str(), target) {
        ("PATCH", Some(Target::Value(Kind { shape: Shape::Structure(number), .. }, _)))
            if deviations::CHANGES_ALONE.iter().any(|(name, _)| *name == SCHEMA.name(number)) =>
        {
            return Projection::of_these(&made.keys().map(String::as_str).collect::<Vec<_>>());
        }
        ("POST", Some(Target::Collection(number, _))) => number,
        _ => return projection,
    };
    let structure = SCHEMA.structure(number);
    let relations = made.keys().filter(|name| {
        let property = structure.and_then(|structure| structure.property(name));
        property.is_some_and(|property| property.is_relation) && !deviations::is_never_answered(name)
    });
    relations.fold(projection, |projection, name| projection.and(name))
}

/// What a round was begun with whose token nobody saw given out, since that was before
/// this process: the emulator has it in the token.
fn kept_in(token: &str) -> Option<Projection> {
    let options = Query::parse(&delta_token::read(token)?.begun_with());
    Some(Projection::read(options.get("$select"), options.get("$expand")))
}

fn named(findings: Findings, message: &str, call: &Call, route: &Result<Route<'_>, Lost>) -> Vec<Violation> {
    if findings.is_empty() {
        return Vec::new();
    }
    let segments = call.segments.iter().map(|segment| segment.raw.as_str());
    let path = match route {
        Ok(route) => route.written(segments),
        Err(lost) => format!("a path with something else at segment {}", lost.at),
    };
    findings.named(&format!("{message} {} {path}", call.method))
}

/// The places that Graph has, as far as `walk` goes.
#[cfg(test)]
pub(crate) fn places() -> Vec<Place> {
    walk::places(&SCHEMA)
}

//! Is an answer of the form that its operation has, with values of their types?

use serde_json::{Map, Value};

use super::annotation;
use super::deviations;
use super::envelope;
use super::links::{Link, List};
use super::location;
use super::projection::{Projection, WHOLE};
use super::rounds::{Rounds, Window};
use super::route::{Route, Target};
use super::schema::{Kind, Schema, Shape, TypeNo};
use super::value::{Examiner, Side, json_kind};
use super::violation::{Findings, Place, What};
use crate::graph::annotations;
use crate::graph::call::Call;
use crate::graph::reply::{Content, Reply};

/// Properties of `innerError` (concepts/errors), all of them texts.
const INNER_ERROR: [&str; 5] = ["code", "message", "date", "request-id", "client-request-id"];

/// What an answer is compared with.
pub(super) struct Answers<'s, 'f> {
    pub schema: &'s Schema,
    pub call: &'s Call,
    /// Where the path leads, if it does.
    pub route: Option<&'s Route<'s>>,
    pub projection: &'s Projection,
    /// The id of the person whose mailbox is asked for; empty if there is none.
    pub owner: &'s str,
    /// The rounds whose tokens were given out.
    pub rounds: &'s Rounds,
    pub findings: &'f mut Findings,
}

impl Answers<'_, '_> {
    /// Looks at an answer.
    pub fn examine(&mut self, reply: &Reply) {
        if reply.status >= 400 {
            return self.refusal(reply);
        }
        let Some(target) = self.route.map(|route| route.target) else { return };
        let method = self.call.method.as_str();
        match (target, method) {
            (Target::Entity(number, _), "GET" | "PATCH") => self.entity(number, reply, &[200]),
            (Target::Entity(..), "DELETE") => self.nothing(reply, &[204]),
            (Target::Collection(number, _), "GET") => self.collection(item(number), reply, false),
            (Target::Collection(number, _), "POST") => self.entity(number, reply, &[201]),
            (Target::Value(..), "GET") if reply.status == 204 => self.nothing(reply, &[204]),
            (Target::Value(kind, _), "GET" | "PATCH") => self.result(kind, reply, &[200]),
            (Target::Operation(operation), _) => match operation.returns {
                None => self.nothing(reply, &[200, 202, 204]),
                Some(kind) if operation.name == "delta" => self.collection(kind, reply, true),
                Some(kind) => self.result(kind, reply, &[200, 201]),
            },
            (Target::Batch, _) => self.batch(reply),
            (Target::Service, _) => self.service(reply),
            (Target::Raw { .. } | Target::Count(_), "GET") | (Target::Metadata, _) => self.text(reply),
            (Target::Raw { .. } | Target::Entity(..), "PUT") => examine_upload(self.schema, reply, self.findings),
            // Said of the request: there is no such operation.
            (
                Target::Entity(..) | Target::Collection(..) | Target::Value(..) | Target::Raw { .. } | Target::Count(_),
                _,
            ) => {}
        }
    }

    fn wrong(&mut self, expected: impl Into<String>, found: impl Into<String>) {
        self.findings.add(What::WrongAnswer, &Place::ROOT, expected, found);
    }

    fn has_status(&mut self, reply: &Reply, statuses: &[u16]) {
        if !statuses.contains(&reply.status) {
            let expected: Vec<String> = statuses.iter().map(u16::to_string).collect();
            self.wrong(format!("the status {}", expected.join(" or ")), reply.status.to_string());
        }
    }

    fn nothing(&mut self, reply: &Reply, statuses: &[u16]) {
        self.has_status(reply, statuses);
        if reply.content != Content::Empty {
            self.wrong("no content", "content");
        }
    }

    fn text(&mut self, reply: &Reply) {
        self.has_status(reply, &[200]);
        if matches!(reply.content, Content::Json(Value::Object(_) | Value::Array(_)) | Content::Empty) {
            self.wrong("a value as it is", "another content");
        }
    }

    /// The object of an answer.
    fn object<'r>(&mut self, reply: &'r Reply) -> Option<&'r Map<String, Value>> {
        let found = reply.value().and_then(Value::as_object);
        if found.is_none() {
            self.wrong("a JSON object", "another content");
        }
        found
    }

    /// Says where the metadata is, and what of it this is.
    fn has_context(&mut self, map: &Map<String, Value>) {
        if self.is_bare() {
            return;
        }
        let operation = match self.route.map(|route| route.target) {
            Some(Target::Operation(operation)) => Some(operation),
            Some(_) | None => None,
        };
        let context = map.get("@odata.context").and_then(Value::as_str);
        let fits = |context: &str| location::fits(self.schema, self.call, operation, self.owner, context);
        if !context.is_some_and(fits) {
            let found = context.map_or("none", |_| "another");
            self.findings.add(What::WrongAnnotation, &Place::ROOT, "the `@odata.context` of the path", found);
        }
    }

    /// Whether no annotations were asked for.
    fn is_bare(&self) -> bool {
        annotations::wants_none(self.call)
    }

    fn examiner(&mut self) -> Examiner<'_, '_> {
        let is_bare = self.is_bare();
        Examiner { is_bare, ..Examiner::new(self.schema, Side::Answer, self.findings) }
    }

    fn entity(&mut self, number: TypeNo, reply: &Reply, statuses: &[u16]) {
        self.has_status(reply, statuses);
        if let Some(map) = self.object(reply) {
            self.has_context(map);
            let projection = self.projection;
            self.examiner().structure(number, map, projection, &Place::ROOT);
        }
    }

    /// What an operation or a property has: an entity as it is, everything
    /// else in `value`.
    fn result(&mut self, kind: Kind, reply: &Reply, statuses: &[u16]) {
        match kind.shape {
            _ if kind.is_collection => self.collection(kind, reply, false),
            Shape::Structure(number) => self.entity(number, reply, statuses),
            Shape::Primitive(_) | Shape::Enumeration(_) | Shape::Unlisted => {
                self.has_status(reply, statuses);
                let Some(map) = self.object(reply) else { return };
                self.has_context(map);
                self.annotations_of_list(map);
                // A value that is null is answered with no content at all.
                let Some(value) = map.get("value") else {
                    return self.findings.add(What::MissingProperty, &Place::ROOT, "`value`", "nothing");
                };
                self.examiner().value(kind, value, &WHOLE, &Place::ROOT.property("value"));
            }
        }
    }

    fn collection(&mut self, kind: Kind, reply: &Reply, is_round: bool) {
        self.has_status(reply, &[200]);
        let Some(map) = self.object(reply) else { return };
        self.has_context(map);
        self.annotations_of_list(map);
        self.links_lead_on(kind, map, is_round);
        let (next, delta) = (map.contains_key("@odata.nextLink"), map.contains_key("@odata.deltaLink"));
        if is_round && next == delta {
            let expected = "either `@odata.nextLink` or `@odata.deltaLink`";
            self.findings.add(What::WrongAnnotation, &Place::ROOT, expected, "none or both");
        }
        if !is_round && delta {
            let expected = "no `@odata.deltaLink` outside of a round";
            self.findings.add(What::WrongAnnotation, &Place::ROOT, expected, "one");
        }
        let place = Place::ROOT.property("value");
        let Some(Value::Array(items)) = map.get("value") else {
            return self.findings.add(What::WrongAnswer, &place, "a list", "another content");
        };
        self.count_fits(map, items.len(), is_round);
        let of_item = self.examiner().item(kind);
        let of_list = self.of_list(kind);
        let window = Window::of(self.call, self.rounds);
        for value in items {
            if let Some(tombstone) = value.as_object().filter(|map| is_round && map.contains_key("@removed")) {
                self.tombstone(tombstone, of_item, &place.item());
            } else {
                let stub = deviations::stub(&self.call.words(), value).map(Projection::of_these);
                let projection = stub.as_ref().unwrap_or(&of_list);
                self.examiner().value(of_item, value, projection, &place.item());
                if window.is_some_and(|window| !window.may_have(value)) {
                    let expected = "an item in the window that the round was begun with";
                    self.findings.add(What::WrongAnswer, &place.item(), expected, "one outside of it");
                }
            }
        }
    }

    fn links_lead_on(&mut self, kind: Kind, map: &Map<String, Value>, is_round: bool) {
        // That a list has no delta link is said elsewhere.
        let links = if is_round { [Link::Next, Link::Delta].as_slice() } else { &[Link::Next] };
        let list = List { call: self.call, kind, is_round, owner: self.owner, rounds: self.rounds };
        for link in links {
            let Some(address) = map.get(link.name()).and_then(Value::as_str) else { continue };
            if !link.leads_on(self.schema, &list, address) {
                let place = Place::ROOT.property(link.name());
                self.findings.add(What::WrongAnnotation, &place, "a link that leads on from this list", "another");
            }
        }
    }

    /// The number of items of the whole list, for who asks for it, and no more of
    /// them than were asked for (`OData` Protocol 4.01, sections 11.2.6.3 and
    /// 11.2.6.5).
    fn count_fits(&mut self, map: &Map<String, Value>, shown: usize, is_round: bool) {
        let query = &self.call.query;
        let is_asked = query.get("$count").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        // The directory leaves it out for who does not say how exact it has to be
        // (concepts/aad-advanced-queries).
        let may_lack = !is_asked || is_round || self.call.words().as_slice() == ["v1.0", "users"];
        let fits = match map.get("@odata.count") {
            None => may_lack,
            Some(count) => is_asked && count.as_u64().is_none_or(|count| count >= shown as u64),
        };
        if !fits {
            let place = Place::ROOT.property("@odata.count");
            self.findings.add(What::WrongAnnotation, &place, "the number of items, for who asks for it", "another");
        }
        let skipped = query.get("$skip").and_then(|skip| skip.parse().ok()).unwrap_or(0);
        let all = map.get("@odata.count").and_then(Value::as_u64).unwrap_or(0);
        if all > skipped + shown as u64 && !map.contains_key("@odata.nextLink") && query.get("$skiptoken").is_none() {
            self.findings.add(What::WrongAnnotation, &Place::ROOT, "`@odata.nextLink`, because there are more", "none");
        }
        let top = query.get("$top").and_then(|top| top.parse().ok());
        if !is_round && top.is_some_and(|top: usize| shown > top) {
            self.wrong("no more items than `$top` asks for", "more");
        }
    }

    /// What stands beside `value`.
    fn annotations_of_list(&mut self, map: &Map<String, Value>) {
        for (name, value) in map.iter().filter(|(name, _)| *name != "value") {
            if self.is_bare() && !annotations::is_lasting(name) {
                annotation::unasked(name, &Place::ROOT, self.findings);
            }
            annotation::examine_of_list(name, value, &Place::ROOT, self.findings);
        }
    }

    /// What a list has of each item.
    fn of_list(&self, kind: Kind) -> Projection {
        let Shape::Structure(declared) = kind.shape else { return self.projection.clone() };
        let is_of_type = |name: &str| self.schema.number(name).is_some_and(|number| self.schema.is_a(number, declared));
        let lacking = deviations::NOT_IN_LISTS.iter().filter(|(owner, _, _)| is_of_type(owner));
        self.projection.without(&lacking.map(|(_, name, _)| *name).collect::<Vec<_>>())
    }

    /// What is left of an item that is gone: its id, the reason, and its type
    /// (api/event-delta, api/todotask-delta).
    fn tombstone(&mut self, map: &Map<String, Value>, kind: Kind, place: &Place<'_>) {
        for name in map.keys().filter(|name| *name != "id" && !name.starts_with('@')) {
            let expected = "a property of something removed";
            self.findings.add(What::UnknownProperty, &place.property(name), expected, format!("`{name}`"));
        }
        if !map.get("id").is_some_and(Value::is_string) {
            self.findings.add(What::MissingProperty, place, "`id`, which is never null", "nothing");
        }
        let Shape::Structure(number) = kind.shape else { return };
        let annotations = map.iter().filter(|(name, _)| name.starts_with('@'));
        let annotations = annotations.map(|(name, value)| (name.clone(), value.clone())).collect();
        let nothing = Projection::of_nothing();
        self.examiner().structure(number, &annotations, &nothing, place);
    }

    fn refusal(&mut self, reply: &Reply) {
        self.begins_anew(reply);
        let place = Place::ROOT.property("error");
        let Some(map) = self.object(reply) else { return };
        let Some(Value::Object(error)) = map.get("error").filter(|_| map.len() == 1) else {
            return self.wrong("an object with `error` alone", "another object");
        };
        for (name, value) in error.iter().filter(|(name, _)| !name.contains('@')) {
            let place = place.property(name);
            match (name.as_str(), value) {
                ("code" | "message", Value::String(_)) | ("details", Value::Array(_)) => {}
                ("innerError", Value::Object(inner)) => {
                    for (name, value) in inner {
                        if !INNER_ERROR.contains(&name.as_str()) || !value.is_string() {
                            let expected = "a property of an inner error";
                            self.findings.add(What::UnknownProperty, &place.property(name), expected, json_kind(value));
                        }
                    }
                }
                _ => self.findings.add(What::UnknownProperty, &place, "a property of an error", json_kind(value)),
            }
        }
        for name in ["code", "message", "innerError"] {
            if !error.contains_key(name) {
                self.findings.add(What::MissingProperty, &place, format!("`{name}`"), "nothing");
            }
        }
    }

    /// Whether the refusal of a token leads to a round about the same.
    fn begins_anew(&mut self, reply: &Reply) {
        let location = reply.headers.iter().find(|(name, _)| *name == "location").filter(|_| reply.status == 410);
        if location.is_some_and(|(_, address)| !self.rounds.begin_anew(self.call, address)) {
            let place = Place::ROOT.property("location");
            self.findings.add(What::WrongAnswer, &place, "an address that begins the same round anew", "another");
        }
    }

    /// The answer to a batch; what its parts hold was looked at part by part.
    fn batch(&mut self, reply: &Reply) {
        self.has_status(reply, &[200]);
        let Some(map) = self.object(reply) else { return };
        envelope::examine_answer(&self.call.body, map, self.findings);
    }

    /// The document that lists the entry points (`OData` JSON Format 4.01,
    /// section 5).
    fn service(&mut self, reply: &Reply) {
        self.has_status(reply, &[200]);
        let Some(map) = self.object(reply) else { return };
        let is_entry = |entry: &Value| {
            let text = |name: &str| entry.get(name).is_some_and(Value::is_string);
            text("name") && text("url")
        };
        let entries = map.get("value").and_then(Value::as_array);
        if !entries.is_some_and(|entries| entries.iter().all(is_entry)) {
            self.wrong("a list of entry points, each with `name` and `url`", "another object");
        }
    }
}

/// The type of the items of a collection of entities.
fn item(number: TypeNo) -> Kind {
    Kind { shape: Shape::Structure(number), is_collection: true, is_nullable: false }
}

/// Looks at the answer to a part of an upload, and to the question how far it
/// is: `uploadSession` without an address and with capital letters
/// (concepts/outlook-large-attachments), or no content after the last part.
pub(super) fn examine_upload(schema: &Schema, reply: &Reply, findings: &mut Findings) {
    match (reply.value(), schema.number("uploadSession")) {
        (Some(Value::Object(map)), Some(number)) => {
            let mut examiner = Examiner { in_any_spelling: true, ..Examiner::new(schema, Side::Answer, findings) };
            examiner.structure(number, map, &WHOLE.without(&["uploadUrl"]), &Place::ROOT);
        }
        (None, _) if reply.content == Content::Empty => {}
        _ => findings.add(What::WrongAnswer, &Place::ROOT, "uploadSession or no content", "another content"),
    }
}

/// Looks at a post to the endpoint of a subscription
/// (resources/changenotificationcollection).
pub(super) fn examine_notifications(schema: &Schema, body: &Value, findings: &mut Findings) {
    let place = Place::ROOT.property("value");
    let (Some(number), Some(Value::Array(items))) = (schema.number("changeNotification"), body.get("value")) else {
        return findings.add(What::WrongAnswer, &place, "a list", "another content");
    };
    if let (Some(whole), Some(map)) = (schema.number("changeNotificationCollection"), body.as_object()) {
        let others = map.iter().filter(|(name, _)| *name != "value");
        let others = others.map(|(name, value)| (name.clone(), value.clone())).collect();
        let mut examiner = Examiner::new(schema, Side::Answer, findings);
        examiner.structure(whole, &others, &WHOLE.without(&["value"]), &Place::ROOT);
    }
    for item in items {
        let Value::Object(map) = item else {
            findings.add(What::WrongType, &place.item(), "changeNotification", json_kind(item));
            continue;
        };
        let lacks = deviations::LACKING_IN_LIFECYCLE.map(|(name, _)| name);
        let whole = if map.contains_key("lifecycleEvent") { WHOLE.without(&lacks) } else { WHOLE.clone() };
        let mut examiner = Examiner::new(schema, Side::Answer, findings);
        examiner.structure(number, map, &whole, &place.item());
    }
}

//! Requests to Microsoft, alone and in batches, and their answers.

use serde_json::{Map, Value, json};
use tandem_core::ports::{Http, HttpRequest, HttpResponse, Log as _, LogLevel, Method, TransportFailure};

use super::{Defect, Defective};

/// Somebody who works where the users of a simulation do.
const COLLEAGUE: &str = "ben@acme.example";

type Answer = Result<HttpResponse, TransportFailure>;

impl Http for Defective {
    fn send(&mut self, mut requests: Vec<HttpRequest>) -> Vec<Answer> {
        self.mishandle_token(&requests);
        if self.makes(Defect::IgnoreConflict) {
            requests.iter_mut().for_each(expect_anything);
        }
        if self.makes(Defect::InviteAColleague) {
            change_created(&mut requests, invite_a_colleague);
        }
        if self.makes(Defect::ForgetZone) {
            change_created(&mut requests, forget_zone);
        }
        if self.makes(Defect::AskTwice) {
            let reads = requests.iter().filter(|request| request.method == Method::Get).cloned().collect();
            drop(self.host.send(reads));
        }
        let mut answers = self.host.send(requests.clone());
        if self.makes(Defect::RepeatBlindly) {
            self.repeat(&requests, &mut answers);
        }
        let is_missing: fn(Option<u64>) -> bool = match self.defect {
            Some(Defect::MissingIsDeleted) => |_| true,
            Some(Defect::UnreadableIsDeleted) => |status| !matches!(status, Some(200..=299)),
            _ => return answers,
        };
        requests.iter().zip(answers).map(|(request, answer)| without_items(request, answer, is_missing)).collect()
    }
}

impl Defective {
    fn mishandle_token(&mut self, requests: &[HttpRequest]) {
        let headers = requests.iter().flat_map(|request| &request.headers);
        let Some(token) = headers.filter(|header| header.name == "authorization").map(|header| &header.value).next()
        else {
            return;
        };
        if self.makes(Defect::LogToken) {
            self.host.log(LogLevel::Debug, "sending", &[("authorization", token.clone())]);
        }
        self.token = Some(token.clone());
    }

    /// Sends once more what got no answer, and takes the second one.
    fn repeat(&mut self, requests: &[HttpRequest], answers: &mut [Answer]) {
        for (request, answer) in requests.iter().zip(answers).filter(|(_, answer)| answer.is_err()) {
            if let Some(second) = self.host.send(vec![request.clone()]).pop() {
                *answer = second;
            }
        }
    }
}

/// Has a write be made whatever is there now.
fn expect_anything(request: &mut HttpRequest) {
    for header in request.headers.iter_mut().filter(|header| header.name == "if-match") {
        "*".clone_into(&mut header.value);
    }
    let Some(mut batch) = json_of(request.body.as_deref()) else { return };
    let parts = batch.get_mut("requests").and_then(Value::as_array_mut);
    for version in parts.into_iter().flatten().filter_map(|part| part.get_mut("headers")?.get_mut("if-match")) {
        *version = json!("*");
    }
    request.body = Some(batch.to_string().into_bytes());
}

/// Changes the events that requests create, by themselves or in a batch.
fn change_created(requests: &mut [HttpRequest], change: fn(&mut Map<String, Value>)) {
    for request in requests {
        let Some(mut body) = json_of(request.body.as_deref()) else { continue };
        if is_create_of_event(request.method.as_str(), &request.url) {
            body.as_object_mut().map(change);
        }
        let parts = body.get_mut("requests").and_then(Value::as_array_mut);
        for part in parts.into_iter().flatten() {
            let text = |name: &str| part.get(name).and_then(Value::as_str).unwrap_or_default();
            if is_create_of_event(text("method"), text("url")) {
                part.get_mut("body").and_then(Value::as_object_mut).map(change);
            }
        }
        request.body = Some(body.to_string().into_bytes());
    }
}

/// Has an event be a meeting with somebody who works where it is made.
fn invite_a_colleague(event: &mut Map<String, Value>) {
    let colleague = json!([{"emailAddress": {"address": COLLEAGUE}, "type": "required"}]);
    event.insert("attendees".to_owned(), colleague);
}

/// Has the clock of a single event be that of another zone.
fn forget_zone(event: &mut Map<String, Value>) {
    let is_single = event.get("recurrence").is_none_or(Value::is_null);
    for name in ["start", "end"].into_iter().filter(|_| is_single) {
        if let Some(moment) = event.get_mut(name).and_then(Value::as_object_mut) {
            moment.insert("timeZone".to_owned(), json!("UTC"));
        }
    }
}

fn is_create_of_event(method: &str, url: &str) -> bool {
    method == "POST" && url.split('?').next().is_some_and(|path| path.ends_with("/events"))
}

/// An answer in which events that were asked for by their ids do not exist, where
/// `is_missing` says so of their status.
fn without_items(request: &HttpRequest, answer: Answer, is_missing: fn(Option<u64>) -> bool) -> Answer {
    if is_read_of_event(request.method.as_str(), &request.url) {
        let status = answer.as_ref().ok().map(|answer| u64::from(answer.status));
        return if is_missing(status) { Ok(answered(404, &not_found())) } else { answer };
    }
    let Some(asked) = json_of(request.body.as_deref()) else { return answer };
    let asked: Vec<(&Value, bool)> = entries(&asked, "requests").map(|part| (&part["id"], is_part(part))).collect();
    match answer {
        Ok(mut answer) if answer.status == 200 => {
            let Some(mut batch) = json_of(Some(&answer.body)) else { return Ok(answer) };
            let parts = batch.get_mut("responses").and_then(Value::as_array_mut);
            for part in parts.into_iter().flatten() {
                let is_asked = asked.iter().any(|(id, is_read)| *is_read && **id == part["id"]);
                if is_asked && is_missing(part["status"].as_u64()) {
                    *part = missing_part(&part["id"]);
                }
            }
            answer.body = batch.to_string().into_bytes();
            Ok(answer)
        }
        _ if !asked.is_empty() && asked.iter().all(|(_, is_read)| *is_read) => {
            let parts: Vec<Value> = asked.iter().map(|(id, _)| missing_part(id)).collect();
            Ok(answered(200, &json!({ "responses": parts })))
        }
        answer => answer,
    }
}

fn is_part(part: &Value) -> bool {
    let text = |name: &str| part.get(name).and_then(Value::as_str).unwrap_or_default();
    is_read_of_event(text("method"), text("url"))
}

fn is_read_of_event(method: &str, url: &str) -> bool {
    let path = url.split('?').next().unwrap_or_default();
    method == "GET" && path.rsplit_once("/events/").is_some_and(|(_, id)| !id.contains('/'))
}

fn missing_part(id: &Value) -> Value {
    json!({"id": id, "status": 404, "headers": {"Content-Type": "application/json"}, "body": not_found()})
}

fn not_found() -> Value {
    json!({"error": {"code": "ErrorItemNotFound", "message": "The specified object was not found in the store."}})
}

fn answered(status: u16, body: &Value) -> HttpResponse {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    HttpResponse { status, headers, body: body.to_string().into_bytes() }
}

fn json_of(body: Option<&[u8]>) -> Option<Value> {
    serde_json::from_slice(body?).ok()
}

fn entries<'a>(object: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    object.get(name).and_then(Value::as_array).into_iter().flatten()
}

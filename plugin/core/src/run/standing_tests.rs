//! What an overview says of a resource.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use serde_json::{Value, json};

use crate::model::CrmId;
use crate::ports::{CrmChange, HttpRequest};
use crate::settings::Feature;
use crate::sync::Side;

use super::report::{Blocked, Halt, PlannedAction};
use super::standing::{OpenWrite, Standing, standing};
use super::testing::{Answer, Host, answer, event, is_write, page, record};

/// A mailbox that refuses the title "Poison".
fn mailbox(request: &HttpRequest) -> Answer {
    let created = |body: &Value| match body["subject"].as_str().unwrap() {
        "Poison" => (400, json!({"error": {"code": "ErrorInvalidArgument"}})),
        title => (201, event(body["transactionId"].as_str().unwrap(), "v1", title)),
    };
    let body: Value = serde_json::from_slice(request.body.as_deref().unwrap_or(b"null")).unwrap();
    if request.url.ends_with("/$batch") {
        let parts = body["requests"].as_array().unwrap().iter().map(|part| {
            let (status, body) =
                if part["method"] == "POST" { created(&part["body"]) } else { (200, json!({"value": []})) };
            json!({"id": part["id"], "status": status, "body": body})
        });
        return answer(200, &json!({"responses": parts.collect::<Vec<_>>()}));
    }
    if is_write(request) {
        let (status, body) = created(&body);
        return answer(status, &body);
    }
    page(&[])
}

fn upserted(titles: &[&str]) -> Vec<CrmChange> {
    titles.iter().map(|title| CrmChange::Upserted(record(&format!("crm of {title}"), "1", title))).collect()
}

fn host(titles: &[&str]) -> Host {
    let mut host = Host::new(mailbox);
    host.step();
    host.changed(upserted(titles));
    host
}

#[test]
fn it_counts_what_is_linked_and_what_is_set_aside() {
    let mut host = host(&["One", "Two", "Poison"]);
    assert_eq!(standing(&mut host, Feature::Calendar), Ok(Standing::default()));
    host.step();
    let expected = Standing { linked: 2, set_aside: 1, ..Standing::default() };
    assert_eq!(standing(&mut host, Feature::Calendar), Ok(expected));
    assert_eq!(standing(&mut host, Feature::Tasks), Ok(Standing::default()));
}

#[test]
fn a_write_without_a_known_end_is_named_until_the_next_step() {
    let mut host = host(&["One"]);
    // The link of what was created cannot be stored.
    host.refuse_commit = Some("/link/");
    host.step();
    let open =
        OpenWrite { side: Side::M365, action: PlannedAction::Create, crm: Some(CrmId::new("crm of One")), m365: None };
    let expected = Standing { open: vec![open], ..Standing::default() };
    assert_eq!(standing(&mut host, Feature::Calendar), Ok(expected));
}

#[test]
fn without_an_account_there_is_nothing_to_say() {
    let mut host = Host::new(mailbox);
    host.account.entries.clear();
    assert_eq!(standing(&mut host, Feature::Calendar), Err(Halt::Blocked(Blocked::NotConnected)));
}

//! What is said of an item that people look at.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use serde_json::{Value, json};

use crate::account::testing::{FENCE, NOW};
use crate::model::{CrmId, CrmVersion, GraphId};
use crate::ports::{Announcement, CrmChange, HttpRequest};
use crate::settings::Feature;
use crate::sync::IssueCode;

use super::asked_links::{ItemLink, ItemName, ItemStanding, NAMES_MAX, links_of};
use super::report::{Blocked, Budget, Halt, Job};
use super::reverse::reverse;
use super::testing::{
    Answer, Host, PLENTY, answer, event, is_changes, is_write, page, record, refusing_poison, upserted,
};

/// A mailbox that refuses the title "Poison" and names what it creates by its title.
fn mailbox(request: &HttpRequest) -> Answer {
    refusing_poison(request, |sent| format!("m365 of {}", sent["subject"].as_str().unwrap()))
}

/// In step with these records but for the poison.
fn host(titles: &[&str]) -> Host {
    let mut host = Host::new(mailbox);
    host.step();
    host.changed(upserted(titles));
    host.step();
    host
}

fn crm(title: &str) -> ItemName {
    ItemName::Crm(CrmId::new(format!("crm of {title}")))
}

fn m365(title: &str) -> ItemName {
    ItemName::M365(GraphId::new(format!("m365 of {title}")))
}

fn asked(host: &mut Host, name: ItemName) -> ItemStanding {
    links_of(host, Feature::Calendar, &[name]).unwrap().pop().unwrap()
}

fn linked(title: &str) -> ItemStanding {
    let link = ItemLink {
        crm: CrmId::new(format!("crm of {title}")),
        crm_version: CrmVersion::new("1"),
        m365: GraphId::new(format!("m365 of {title}")),
        is_gone_from_crm: false,
        is_gone_from_m365: false,
        is_agreed: true,
        agreed_at: Some(NOW),
    };
    ItemStanding { link: Some(link), is_pending: false, set_aside: None }
}

#[test]
fn each_name_is_answered_in_its_place() {
    let titles: Vec<String> = (0..45).map(|number| format!("Visit {number}")).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    let mut host = host(&titles);
    let unknown = ItemName::Crm(CrmId::new("nothing"));
    let mut names: Vec<ItemName> = titles.iter().map(|title| crm(title)).collect();
    let mut expected: Vec<ItemStanding> = titles.iter().map(|title| linked(title)).collect();
    for place in [0, 20, 30] {
        names.insert(place, unknown.clone());
        expected.insert(place, ItemStanding::default());
        names.push(m365(titles[place]));
        expected.push(linked(titles[place]));
    }
    let before = host.account.entries.clone();
    host.account.requests.clear();
    assert_eq!(links_of(&mut host, Feature::Calendar, &names), Ok(expected));
    assert_eq!(host.account.entries, before, "looking at something has written");
    assert_eq!(host.account.requests.len(), 0, "looking at something has asked Microsoft");
    assert_eq!(links_of(&mut host, Feature::Tasks, &names[1..2]), Ok(vec![ItemStanding::default()]));
    assert_eq!(links_of(&mut host, Feature::Mail, &names[1..2]), Ok(vec![ItemStanding::default()]));
}

#[test]
fn no_more_names_are_answered_than_one_answer_has() {
    let mut host = host(&["Visit"]);
    let names = vec![crm("Visit"); NAMES_MAX + 1];
    assert_eq!(links_of(&mut host, Feature::Calendar, &names), Ok(vec![linked("Visit"); NAMES_MAX]));
    assert_eq!(links_of(&mut host, Feature::Calendar, &[]), Ok(Vec::new()));
}

#[test]
fn an_item_that_is_set_aside_is_named_with_its_reason_and_has_no_link() {
    let mut host = host(&["Poison"]);
    let standing = asked(&mut host, crm("Poison"));
    let (key, aside) = standing.set_aside.unwrap();
    assert_eq!((key.as_str(), aside.code), ("crm/crm of Poison", IssueCode::Refused));
    assert_eq!((standing.link, standing.is_pending), (None, false));
}

#[test]
fn what_was_seen_and_not_decided_about_yet_is_pending() {
    let mut host = host(&["Visit"]);
    host.graph = |request| {
        if is_changes(request) { page(&[event("m365 of Visit", "v2", "Moved")]) } else { mailbox(request) }
    };
    // Both sides are read, and nothing is decided.
    host.step_with(Budget { items: 0, ..PLENTY });
    let standing = asked(&mut host, crm("Visit"));
    assert!(standing.is_pending);
    let link = standing.link.unwrap();
    assert_eq!((link.is_agreed, link.agreed_at), (false, Some(NOW)), "it did agree then");
    host.graph = mailbox;
    host.step();
    let standing = asked(&mut host, crm("Visit"));
    assert_eq!((standing.is_pending, standing.link.unwrap().is_agreed), (false, true));
}

/// At rest, after a rule has decided about "Visit", both sides of which were edited.
fn decided() -> Host {
    let mut host = host(&["Visit", "Call"]);
    host.graph = |request| match request {
        _ if is_changes(request) => page(&[event("m365 of Visit", "v2", "Theirs")]),
        _ if is_write(request) => answer(200, &event("m365 of Visit", "v3", "Ours")),
        _ => mailbox(request),
    };
    host.changed(vec![CrmChange::Upserted(record("crm of Visit", "2", "Ours"))]);
    host.step();
    host.graph = mailbox;
    host.step();
    host
}

fn kept(host: &Host) -> String {
    let mut keys = host.account.entries.keys().filter_map(|key| key.split_once("/kept/"));
    keys.next().expect("a decision that can be taken back").1.to_owned()
}

#[test]
fn an_item_whose_decision_waits_to_be_taken_back_is_pending() {
    let mut host = decided();
    let job = Job { resource: Feature::Calendar, fence: FENCE };
    let key = kept(&host);
    assert!(!asked(&mut host, crm("Visit")).is_pending);
    assert_eq!(reverse(&mut host, job, &key), Ok(()));
    for name in [crm("Visit"), m365("Visit")] {
        let standing = asked(&mut host, name);
        assert_eq!((standing.is_pending, standing.link.unwrap().is_agreed), (true, false));
    }
    assert_eq!(asked(&mut host, crm("Call")), linked("Call"));
    host.graph = |request| {
        if is_write(request) { answer(200, &event("m365 of Visit", "v4", "Theirs")) } else { page(&[]) }
    };
    host.step();
    host.step();
    let standing = asked(&mut host, crm("Visit"));
    assert_eq!((standing.is_pending, standing.link.unwrap().is_agreed), (false, true));
}

/// The same where the item is not linked any more, or by another link than then: its ids
/// tell which one it is.
#[test]
fn a_decision_that_waits_to_be_taken_back_is_found_by_the_ids_of_its_item() {
    let another = json!("another");
    let cases = [
        (json!("crm of Visit"), json!(null), true),
        (json!(null), json!("m365 of Visit"), true),
        (another.clone(), another, false),
        (json!(null), json!(null), false),
    ];
    for (crm_id, m365_id, is_pending) in cases {
        let mut host = decided();
        let key = kept(&host);
        let (_, stored) =
            host.account.entries.iter_mut().find(|(name, _)| name.ends_with(&format!("/kept/{key}"))).unwrap();
        let mut kept: Value = serde_json::from_slice(&stored.0).unwrap();
        (kept["link"], kept["crm"], kept["m365"]) = (json!("a link that is gone"), crm_id, m365_id);
        stored.0 = kept.to_string().into_bytes();
        host.account.entries.insert(format!("calendar/adele-id/staged/asked/{key}"), (b"null".to_vec(), 1));
        for name in [crm("Visit"), m365("Visit")] {
            assert_eq!(asked(&mut host, name).is_pending, is_pending, "{kept}");
        }
    }
}

#[test]
fn what_is_gone_from_a_side_is_said_before_anything_is_decided_about_it() {
    let mut host = host(&["Visit"]);
    host.changed(vec![CrmChange::Deleted { id: CrmId::new("crm of Visit"), announcement: Announcement::Due }]);
    host.step_with(Budget { items: 0, ..PLENTY });
    let link = asked(&mut host, m365("Visit")).link.unwrap();
    assert_eq!((link.is_gone_from_crm, link.is_gone_from_m365, link.is_agreed), (true, false, false));
}

#[test]
fn without_an_account_there_is_nothing_to_say() {
    let mut host = Host::new(mailbox);
    host.account.entries.clear();
    assert_eq!(links_of(&mut host, Feature::Calendar, &[crm("Visit")]), Err(Halt::Blocked(Blocked::NotConnected)));
}

//! What an overview says of a resource.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use crate::model::CrmId;
use crate::ports::HttpRequest;
use crate::settings::Feature;
use crate::sync::Side;

use super::report::{Blocked, Halt, PlannedAction};
use super::standing::{OpenWrite, Standing, standing};
use super::testing::{Answer, Host, refusing_poison, upserted};

/// A mailbox that refuses the title "Poison".
fn mailbox(request: &HttpRequest) -> Answer {
    refusing_poison(request, |sent| sent["transactionId"].as_str().unwrap().to_owned())
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

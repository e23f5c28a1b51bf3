#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::clock::HarnessClock;
use crate::crm::fixtures::{crm, crm_with_clock, new_user, noon, person};
use crate::crm::users::NewUser;

/// An alert about one item of a calendar.
pub(super) fn alert(code: &str, message: &str) -> NewAlert {
    NewAlert {
        resource: NoticeResource::Calendar,
        kind: AlertKind::Sync,
        operation: AlertOperation::Import,
        step: AlertStep::Map,
        code: code.to_owned(),
        item_id: None,
        external_id: Some("AAMk".to_owned()),
        message: message.to_owned(),
        hint: "do it".to_owned(),
    }
}

fn open(crm: &Crm, user: UserId) -> Vec<Alert> {
    crm.alerts_of_user(user, AlertList::Open).unwrap()
}

#[test]
fn an_equal_open_alert_is_renewed_and_a_resolved_one_is_not() {
    let clock = HarnessClock::fixed(noon());
    let crm = crm_with_clock(&clock);
    let alice = person(&crm, "alice");
    crm.raise_alerts(&alice.scope(), &[alert("no-type", "one")]).unwrap();
    clock.advance(TimeDelta::minutes(1));
    crm.raise_alerts(&alice.scope(), &[alert("no-type", "two")]).unwrap();
    let found = open(&crm, alice.id);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].message, "two");
    assert_eq!((found[0].created_at, found[0].updated_at), (noon(), noon() + TimeDelta::minutes(1)));
    crm.resolve_alerts(&alice.scope(), &AlertFilter::default()).unwrap();
    crm.raise_alerts(&alice.scope(), &[alert("no-type", "three")]).unwrap();
    assert_eq!(open(&crm, alice.id).len(), 1);
    assert_eq!(crm.alerts_of_user(alice.id, AlertList::Resolved).unwrap().len(), 1);
}

#[test]
fn what_stops_a_run_is_found_behind_any_number_of_alerts_about_items() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let rail = NewAlert { step: AlertStep::Plan, item_id: Some("1".into()), ..alert("too-many-deletions", "rail") };
    let account = NewAlert { external_id: None, ..alert("reconnect-needed", "account") };
    crm.raise_alerts(&alice.scope(), &[rail, account]).unwrap();
    let item = |number: usize| NewAlert { external_id: Some(number.to_string()), ..alert("refused", "item") };
    crm.raise_alerts(&alice.scope(), &(0..ALERTS_MAX).map(item).collect::<Vec<_>>()).unwrap();
    assert!(open(&crm, alice.id).iter().all(|alert| alert.message == "item"));
    let found = crm.alerts_of_runs(alice.id).unwrap();
    assert_eq!(found.into_iter().map(|alert| alert.message).collect::<Vec<_>>(), ["account", "rail"]);
    crm.resolve_alerts(
        &alice.scope(),
        &AlertFilter { code: Some("reconnect-needed".into()), ..AlertFilter::default() },
    )
    .unwrap();
    assert_eq!(crm.alerts_of_runs(alice.id).unwrap().len(), 1);
}

#[test]
fn every_part_of_the_cause_makes_an_alert_of_its_own() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let first = alert("a", "m");
    let alerts = [
        NewAlert { resource: NoticeResource::Tasks, ..first.clone() },
        NewAlert { kind: AlertKind::Auth, ..first.clone() },
        NewAlert { operation: AlertOperation::Export, ..first.clone() },
        NewAlert { step: AlertStep::Save, ..first.clone() },
        NewAlert { code: "b".into(), ..first.clone() },
        NewAlert { item_id: Some("1".into()), ..first.clone() },
        NewAlert { external_id: None, ..first.clone() },
        first,
    ];
    crm.raise_alerts(&alice.scope(), &alerts).unwrap();
    assert_eq!(open(&crm, alice.id).len(), alerts.len());
}

#[test]
fn a_filter_resolves_what_it_names_in_its_scope() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    for scope in [alice.scope(), bob.scope()] {
        crm.raise_alerts(&scope, &[alert("a", "m"), alert("b", "m")]).unwrap();
    }
    let filter = AlertFilter { code: Some("a".into()), ..AlertFilter::default() };
    assert_eq!(crm.resolve_alerts(&alice.scope(), &filter).unwrap(), 1);
    assert_eq!(open(&crm, alice.id).len(), 1);
    assert_eq!(open(&crm, bob.id).len(), 2);
    let last = open(&crm, alice.id)[0].id;
    assert!(crm.resolve_alert(last).unwrap().resolved_at.is_some());
    assert_eq!(crm.alert(last).unwrap().code, "b");
    assert!(open(&crm, alice.id).is_empty());
}

#[test]
fn an_organization_sees_its_own_alerts_only() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let olga = crm.create_user(&NewUser { organization: "Other".into(), ..new_user("olga") }).unwrap();
    crm.raise_alerts(&olga.scope(), &[alert("a", "m")]).unwrap();
    crm.raise_alerts(&Scope::organization(alice.organization_id), &[alert("a", "m")]).unwrap();
    let seen = crm.alerts_of_organization(alice.organization_id, AlertList::Open).unwrap();
    assert_eq!(seen.iter().map(|alert| alert.user_id).collect::<Vec<_>>(), [None]);
    let summary = crm.summarize_alerts(olga.organization_id).unwrap();
    assert_eq!((summary.len(), summary[0].count), (1, 1));
}

#[test]
fn resolved_alerts_are_forgotten_after_a_month() {
    let clock = HarnessClock::fixed(noon());
    let crm = crm_with_clock(&clock);
    let alice = person(&crm, "alice");
    crm.raise_alerts(&alice.scope(), &[alert("a", "m"), alert("b", "m")]).unwrap();
    let filter = AlertFilter { code: Some("a".into()), ..AlertFilter::default() };
    crm.resolve_alerts(&alice.scope(), &filter).unwrap();
    clock.advance(RESOLVED_AGE_MAX);
    assert_eq!(crm.purge_alerts().unwrap(), 0);
    clock.advance(TimeDelta::seconds(1));
    assert_eq!(crm.purge_alerts().unwrap(), 1);
    assert_eq!(open(&crm, alice.id).len(), 1);
}

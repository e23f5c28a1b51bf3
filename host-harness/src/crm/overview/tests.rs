#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use chrono::TimeDelta;
use serde_json::json;

use super::*;
use crate::crm::component_state::{Expectation, StateWrite};
use crate::crm::config::{ConfigAction, ConfigLevel, ConfigValue, ConfigWrite};
use crate::crm::fixtures::{crm, held, new_user, person};
use crate::crm::notices::{AlertKind, AlertOperation, AlertStep, NewAlert};
use crate::crm::runs::{Holder, RunOutcome, SyncResource};
use crate::crm::users::NewUser;

/// Everybody's logins in an overview.
fn logins(crm: &Crm, whose: Whose) -> Vec<String> {
    crm.overview(whose).unwrap().into_iter().map(|found| found.user.login).collect()
}

#[test]
fn everybody_has_their_own_and_an_organization_sees_no_other() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let globex = NewUser { organization: "Globex".to_owned(), ..new_user("carol") };
    let carol = crm.create_user(&globex).unwrap();
    assert_eq!(logins(&crm, Whose::All), ["alice", "bob", "carol"]);
    assert_eq!(logins(&crm, Whose::Organization(alice.organization_id)), ["alice", "bob"]);
    assert_eq!(logins(&crm, Whose::User(carol.id)), ["carol"]);

    let alert = NewAlert {
        resource: NoticeResource::Calendar,
        kind: AlertKind::Sync,
        operation: AlertOperation::None,
        step: AlertStep::Plan,
        code: "thrash".to_owned(),
        item_id: None,
        external_id: None,
        message: "One.".to_owned(),
        hint: "Two.".to_owned(),
    };
    let another = NewAlert { item_id: Some("7".to_owned()), ..alert.clone() };
    crm.raise_alerts(&bob.scope(), &[alert, another]).unwrap();
    let write = ConfigWrite { key: "x.y".to_owned(), action: ConfigAction::Store(json!(5)) };
    crm.put_config(ConfigLevel::User(bob.id), &[write]).unwrap();
    crm.plan_run(bob.id, SyncResource::Tasks, None).unwrap();
    let found = crm.overview(Whose::All).unwrap();
    let counted = OpenAlerts { resource: NoticeResource::Calendar, code: "thrash".to_owned(), count: 2 };
    assert_eq!((&found[0].alerts, &found[1].alerts), (&Vec::new(), &vec![counted]));
    assert!(found[0].settings.is_empty());
    assert_eq!(found[1].settings["x.y"].value, ConfigValue::Plain(json!(5)));
    assert_eq!(found[1].states.iter().map(|state| state.resource).collect::<Vec<_>>(), [SyncResource::Tasks]);
}

#[test]
fn what_the_component_said_holds_until_it_stores_something() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let standing = || crm.overview(Whose::User(alice.id)).unwrap().remove(0);
    let fence = held(&crm, &alice);
    assert_eq!((standing().standing, standing().commits), (None, 0));
    crm.keep_standing(alice.id, 0, "said").unwrap();
    assert_eq!(standing().standing.as_deref(), Some("said"));
    let write = StateWrite { key: "k".to_owned(), value: Some(vec![1]), expect: Expectation::Any };
    crm.commit_state(&alice.scope(), fence, &[write]).unwrap();
    assert_eq!((standing().standing, standing().commits), (None, 1));
    // Somebody was slower than the commit.
    crm.keep_standing(alice.id, 0, "said before").unwrap();
    assert_eq!(standing().standing, None);
    crm.keep_standing(alice.id, 1, "said again").unwrap();
    assert_eq!(standing().standing.as_deref(), Some("said again"));
    crm.forget_standing(Whose::Organization(alice.organization_id)).unwrap();
    assert_eq!(standing().standing, None);
}

#[test]
fn the_last_runs_are_remembered_as_throttled_or_not() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let holder = Holder::new("one");
    for run in 0..40 {
        crm.claim_run(alice.id, SyncResource::Calendar, &holder, TimeDelta::minutes(1)).unwrap();
        let outcome = RunOutcome {
            succeeded: true,
            report: json!({}),
            next_sync_at: None,
            is_throttled: run < 20 || run % 2 == 0,
        };
        crm.finish_run(alice.id, &holder, &outcome).unwrap();
    }
    let state = crm.sync_state(alice.id, SyncResource::Calendar).unwrap();
    // Of the runs 8 to 39: 12 and 10 of the later 20.
    assert_eq!((state.recent_runs, state.recent_throttled), (32, 22));
}

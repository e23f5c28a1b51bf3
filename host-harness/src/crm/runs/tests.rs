#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::json;

use super::history::HISTORY_MAX;
use super::*;
use crate::clock::HarnessClock;
use crate::crm::component_state::CommitError;
use crate::crm::fixtures::{crm, crm_with_clock, new_user, noon, person};
use crate::crm::users::NewUser;

const LEASE: TimeDelta = TimeDelta::minutes(1);

fn outcome(next_sync_at: Option<DateTime<Utc>>) -> RunOutcome {
    RunOutcome { succeeded: true, report: json!({"created": 1}), next_sync_at, is_throttled: false }
}

fn granted(claim: &Claim) -> Fence {
    match claim {
        Claim::Granted { fence, .. } => *fence,
        Claim::Busy { .. } => panic!("expected a granted claim, but found {claim:?}"),
    }
}

#[test]
fn one_mailbox_has_one_holder() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let (one, two) = (Holder::new("one"), Holder::new("two"));
    granted(&crm.claim_run(alice.id, SyncResource::Calendar, &one, LEASE).unwrap());
    let busy = Claim::Busy { resource: SyncResource::Calendar, lease_until: noon() + LEASE };
    assert_eq!(crm.claim_run(alice.id, SyncResource::Calendar, &two, LEASE).unwrap(), busy);
    assert_eq!(crm.claim_run(alice.id, SyncResource::Tasks, &two, LEASE).unwrap(), busy);
    granted(&crm.claim_run(bob.id, SyncResource::Calendar, &two, LEASE).unwrap());
    assert!(!crm.release_claim(alice.id, &two).unwrap());
    assert!(crm.release_claim(alice.id, &one).unwrap());
    granted(&crm.claim_run(alice.id, SyncResource::Tasks, &two, LEASE).unwrap());
}

#[test]
fn a_holder_goes_on_with_another_resource_and_nobody_gets_in_between() {
    let clock = HarnessClock::fixed(noon());
    let crm = crm_with_clock(&clock);
    let alice = person(&crm, "alice");
    let (one, two) = (Holder::new("one"), Holder::new("two"));
    let fence = granted(&crm.claim_run(alice.id, SyncResource::Calendar, &one, LEASE).unwrap());
    clock.advance(TimeDelta::seconds(10));
    assert!(crm.continue_run(alice.id, &one, &outcome(None), SyncResource::Tasks, LEASE).unwrap());
    let busy = Claim::Busy { resource: SyncResource::Tasks, lease_until: clock.now() + LEASE };
    assert_eq!(crm.claim_run(alice.id, SyncResource::Calendar, &two, LEASE).unwrap(), busy);
    crm.commit_state(&alice.scope(), fence, &[]).unwrap();
    let states = crm.sync_states_of_user(alice.id).unwrap();
    assert_eq!(states.iter().map(|state| state.in_progress).collect::<Vec<_>>(), [false, true]);
    assert!(crm.finish_run(alice.id, &one, &outcome(None)).unwrap());
    for resource in [SyncResource::Calendar, SyncResource::Tasks] {
        assert_eq!(crm.run_history(alice.id, resource, 10).unwrap().len(), 1, "{resource}");
    }
    assert!(!crm.continue_run(alice.id, &one, &outcome(None), SyncResource::Tasks, LEASE).unwrap());
    granted(&crm.claim_run(alice.id, SyncResource::Calendar, &two, LEASE).unwrap());
}

#[test]
fn a_dead_holder_loses_the_mailbox_and_the_fence() {
    let clock = HarnessClock::fixed(noon());
    let crm = crm_with_clock(&clock);
    let alice = person(&crm, "alice");
    let (dead, next) = (Holder::new("dead"), Holder::new("next"));
    let old = granted(&crm.claim_run(alice.id, SyncResource::Calendar, &dead, LEASE).unwrap());
    clock.advance(LEASE);
    assert!(!crm.sync_state(alice.id, SyncResource::Calendar).unwrap().in_progress);
    let new = granted(&crm.claim_run(alice.id, SyncResource::Calendar, &next, LEASE).unwrap());
    assert!(!crm.renew_claim(alice.id, &dead, LEASE).unwrap());
    assert!(matches!(crm.commit_state(&alice.scope(), old, &[]), Err(CommitError::StaleFence)));
    crm.commit_state(&alice.scope(), new, &[]).unwrap();
    assert!(!crm.finish_run(alice.id, &dead, &outcome(None)).unwrap());
    assert!(crm.run_history(alice.id, SyncResource::Calendar, 10).unwrap().is_empty());
}

#[test]
fn a_renewed_lease_goes_on() {
    let clock = HarnessClock::fixed(noon());
    let crm = crm_with_clock(&clock);
    let alice = person(&crm, "alice");
    let holder = Holder::new("one");
    granted(&crm.claim_run(alice.id, SyncResource::Calendar, &holder, LEASE).unwrap());
    clock.advance(LEASE / 2);
    assert!(crm.renew_claim(alice.id, &holder, LEASE).unwrap());
    clock.advance(LEASE / 2);
    assert!(crm.sync_state(alice.id, SyncResource::Calendar).unwrap().in_progress);
}

#[test]
fn a_lease_that_ran_out_is_renewed_as_long_as_nobody_else_has_claimed() {
    let clock = HarnessClock::fixed(noon());
    let crm = crm_with_clock(&clock);
    let alice = person(&crm, "alice");
    let holder = Holder::new("slow");
    let fence = granted(&crm.claim_run(alice.id, SyncResource::Calendar, &holder, LEASE).unwrap());
    clock.advance(LEASE * 2);
    assert!(crm.renew_claim(alice.id, &holder, LEASE).unwrap());
    assert!(crm.sync_state(alice.id, SyncResource::Calendar).unwrap().in_progress);
    crm.commit_state(&alice.scope(), fence, &[]).unwrap();
}

#[test]
fn what_was_planned_during_a_run_stays_planned_where_the_run_plans_nothing() {
    let clock = HarnessClock::fixed(noon());
    let crm = crm_with_clock(&clock);
    let alice = person(&crm, "alice");
    let holder = Holder::new("one");
    let planned_after = |plan: Option<DateTime<Utc>>| {
        crm.claim_run(alice.id, SyncResource::Calendar, &holder, LEASE).unwrap();
        clock.advance(TimeDelta::seconds(1));
        if plan.is_some() {
            crm.plan_run(alice.id, SyncResource::Calendar, plan).unwrap();
        }
        crm.finish_run(alice.id, &holder, &outcome(None)).unwrap();
        crm.sync_state(alice.id, SyncResource::Calendar).unwrap().next_sync_at
    };
    let connected_at = noon() + TimeDelta::seconds(1);
    assert_eq!(planned_after(Some(connected_at)), Some(connected_at));
    assert_eq!(planned_after(None), None, "the plan that led to a run ends with it");
    let later = noon() + TimeDelta::days(1);
    assert_eq!(planned_after(Some(later)), Some(later));
    assert_eq!(planned_after(None), None, "so does one that a run which somebody has asked for came before");
}

#[test]
fn a_finished_run_shows_in_state_and_history() {
    let clock = HarnessClock::fixed(noon());
    let crm = crm_with_clock(&clock);
    let alice = person(&crm, "alice");
    let holder = Holder::new("one");
    granted(&crm.claim_run(alice.id, SyncResource::Calendar, &holder, LEASE).unwrap());
    clock.advance(TimeDelta::seconds(5));
    let next = noon() + TimeDelta::minutes(10);
    assert!(crm.finish_run(alice.id, &holder, &outcome(Some(next))).unwrap());
    let state = crm.sync_state(alice.id, SyncResource::Calendar).unwrap();
    assert!(!state.in_progress);
    assert_eq!((state.last_sync_at, state.next_sync_at), (Some(crm.now()), Some(next)));
    assert_eq!(state.last_report, Some(json!({"created": 1})));
    let history = crm.run_history(alice.id, SyncResource::Calendar, 10).unwrap();
    assert_eq!((history[0].started_at, history[0].finished_at), (noon(), crm.now()));
    crm.plan_run(alice.id, SyncResource::Calendar, None).unwrap();
    assert_eq!(crm.sync_state(alice.id, SyncResource::Calendar).unwrap().next_sync_at, None);
}

#[test]
fn the_history_is_bounded() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let holder = Holder::new("one");
    for _ in 0..HISTORY_MAX + 3 {
        crm.claim_run(alice.id, SyncResource::Tasks, &holder, LEASE).unwrap();
        crm.finish_run(alice.id, &holder, &outcome(None)).unwrap();
    }
    let history = crm.run_history(alice.id, SyncResource::Tasks, u32::MAX).unwrap();
    assert_eq!(history.len(), HISTORY_MAX as usize);
}

#[test]
fn states_end_at_the_organization() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let olga = crm.create_user(&NewUser { organization: "Other".into(), ..new_user("olga") }).unwrap();
    for user in [alice.id, olga.id] {
        crm.plan_run(user, SyncResource::Calendar, Some(noon())).unwrap();
    }
    let seen = crm.sync_states_of_organization(alice.organization_id).unwrap();
    assert_eq!(seen.iter().map(|state| state.user_id).collect::<Vec<_>>(), [alice.id]);
    assert_eq!(crm.sync_states_of_user(olga.id).unwrap().len(), 1);
}

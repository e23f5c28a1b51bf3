//! What the component says of an item that somebody looks at: which item of the other
//! side it is, whether both agree, and since when (`items.links-of`).

use chrono::{DateTime, Utc};
use host_harness::app::{HostCalls, ItemLink, ItemName, ItemStanding, Resource};
use host_harness::crm::Scope;
use host_harness::crm::component_state::{Expectation, StateWrite};
use serde_json::{Value, json};
use tandem_tests::{Outlook, START, World};

use crate::exceptions;
use crate::faults::set_aside::with_poison;
use crate::runtime::until_idle;

fn record(event: &Value) -> ItemName {
    ItemName::Record(event["id"].as_str().unwrap().to_owned())
}

fn external(event: &Value) -> ItemName {
    ItemName::External(event["id"].as_str().unwrap().to_owned())
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// How these items of a user stand. Microsoft is asked nothing for it, and nothing is
/// stored.
async fn standings(world: &World, login: &str, resource: Resource, names: &[ItemName]) -> Vec<ItemStanding> {
    let user = world.app.crm().user_by_login(login).unwrap();
    let scope = Scope::user(user.organization_id, user.id);
    let stored = || world.app.crm().list_state(&scope, "", None, 1_000).unwrap().entries;
    let (before, requests) = (stored(), world.requests().await);
    let found = world.app.links_of(&user, resource, names.to_vec()).await.unwrap();
    assert_eq!(stored(), before, "looking has written");
    assert_eq!(world.requests().await, requests, "looking has asked Microsoft");
    assert_eq!(found.len(), names.len());
    found
}

async fn standing(world: &World, name: ItemName) -> ItemStanding {
    standings(world, "anna", Resource::Calendar, &[name]).await.pop().unwrap()
}

async fn link(world: &World, name: ItemName) -> ItemLink {
    let standing = standing(world, name.clone()).await;
    standing.link.unwrap_or_else(|| panic!("expected a link of {name:?}, but found none"))
}

/// The version that a record of the CRM has now.
fn version(world: &World, event: &Value) -> String {
    let id = event["id"].as_str().unwrap().parse().unwrap();
    world.app.crm().any_event(id).unwrap().version.as_str().to_owned()
}

/// One event that both sides have: as the CRM and as Outlook show it.
async fn linked() -> (World, Outlook, Value, Value) {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let ours = world.crm_create_timed("anna", "Review", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    until_idle(&world).await;
    let theirs = Outlook::only(&outlook.events().await, "Review");
    (world, outlook, ours, theirs)
}

#[tokio::test]
async fn a_linked_event_is_found_by_either_id() {
    let (world, _, ours, theirs) = linked().await;
    let expected = ItemLink {
        item_id: ours["id"].as_str().unwrap().to_owned(),
        item_version: version(&world, &ours),
        external_id: theirs["id"].as_str().unwrap().to_owned(),
        item_gone: false,
        external_gone: false,
        agreed: true,
        agreed_at: Some(at(START)),
    };
    let expected = ItemStanding { link: Some(expected), pending: false, set_aside: None };
    let found = standings(&world, "anna", Resource::Calendar, &[record(&ours), external(&theirs)]).await;
    assert_eq!(found, [expected.clone(), expected]);
}

#[tokio::test]
async fn what_is_not_linked_and_what_is_somebody_elses_has_no_link() {
    let (world, outlook, ours, theirs) = linked().await;
    world.add_user("ben", "Acme").await;
    world.connect("ben").await;
    world.add_user("carla", "Acme").await;
    let new = world.crm_create_timed("anna", "New", "2026-03-11T09:00:00Z", "2026-03-11T10:00:00Z").await;
    let far = outlook.create_timed("Far away", "2031-03-11T09:00:00", "2031-03-11T10:00:00").await;
    let nobody = ItemName::Record("4711".to_owned());
    let strange = ItemName::External("../by-crm/1".to_owned());
    let empty = ItemName::External(String::new());
    let names = [record(&new), external(&far), nobody, strange, empty];
    for found in standings(&world, "anna", Resource::Calendar, &names).await {
        assert_eq!(found, ItemStanding::default());
    }
    // Neither a colleague, nor who is not connected, nor another kind of item.
    for (login, resource) in [
        ("ben", Resource::Calendar),
        ("carla", Resource::Calendar),
        ("anna", Resource::Tasks),
        ("anna", Resource::Mail),
    ] {
        let found = standings(&world, login, resource, &[record(&ours), external(&theirs)]).await;
        assert_eq!(found, [ItemStanding::default(), ItemStanding::default()], "{login}, {resource:?}");
    }
}

#[tokio::test]
async fn a_record_that_was_changed_since_has_another_version_until_a_step_has_seen_it() {
    let (world, outlook, ours, theirs) = linked().await;
    world.advance(60).await;
    world.crm_update(&ours["id"], &json!({"title": "Moved"})).await;
    let before = link(&world, record(&ours)).await;
    assert_ne!(before.item_version, version(&world, &ours), "nobody has looked yet");
    assert_eq!((before.agreed, before.agreed_at), (true, Some(at(START))));
    until_idle(&world).await;
    let after = link(&world, record(&ours)).await;
    assert_eq!(after.item_version, version(&world, &ours));
    assert_eq!((after.agreed, after.agreed_at), (true, Some(at("2026-03-02T08:01:00Z"))));

    // A change of the other side is brought over as well.
    world.advance(60).await;
    outlook.update(theirs["id"].as_str().unwrap(), &json!({"subject": "Theirs"})).await;
    until_idle(&world).await;
    let after = link(&world, external(&theirs)).await;
    assert_eq!(after.item_version, version(&world, &ours));
    assert_eq!((after.agreed, after.agreed_at), (true, Some(at("2026-03-02T08:02:00Z"))));

    // A run that finds nothing new writes nothing, so it does not move the moment.
    world.advance(600).await;
    until_idle(&world).await;
    assert_eq!(link(&world, record(&ours)).await, after);
}

#[tokio::test]
async fn an_edit_that_the_direction_keeps_on_its_side_is_no_agreement() {
    let (world, outlook, ours, theirs) = linked().await;
    world.save("system", "0", &[("calendar.direction", json!("crm-to-microsoft"))]).await.ok();
    until_idle(&world).await;
    world.advance(60).await;
    outlook.update(theirs["id"].as_str().unwrap(), &json!({"subject": "Outlook's own"})).await;
    until_idle(&world).await;
    let standing = standing(&world, record(&ours)).await;
    let kept = standing.link.unwrap();
    assert_eq!((kept.agreed, standing.pending), (false, false), "nothing is left to do about it");
    assert!(kept.agreed_at.unwrap() < at("2026-03-02T08:01:00Z"), "{kept:?}");

    // So is a deletion without effect.
    outlook.delete(theirs["id"].as_str().unwrap()).await;
    until_idle(&world).await;
    let gone = link(&world, record(&ours)).await;
    assert_eq!((gone.item_gone, gone.external_gone, gone.agreed), (false, true, false));
    assert_eq!((gone.external_id.as_str(), gone.agreed_at), (theirs["id"].as_str().unwrap(), kept.agreed_at));
}

#[tokio::test]
async fn what_is_deleted_on_both_sides_is_forgotten() {
    let (world, outlook, ours, theirs) = linked().await;
    world.crm_delete(&ours["id"]).await;
    assert!(link(&world, external(&theirs)).await.agreed, "nobody has looked yet");
    until_idle(&world).await;
    assert_eq!(outlook.events().await.len(), 0);
    let found = standings(&world, "anna", Resource::Calendar, &[record(&ours), external(&theirs)]).await;
    assert_eq!(found, [ItemStanding::default(), ItemStanding::default()]);
}

#[tokio::test]
async fn what_is_set_aside_says_why_linked_or_not() {
    let world = with_poison(400, "ErrorInvalidParameter").await;
    world.sync("anna").await;
    let events = world.crm_events("anna").await;
    let names: Vec<ItemName> = events.iter().map(record).collect();
    let found = standings(&world, "anna", Resource::Calendar, &names).await;
    let aside: Vec<&ItemStanding> = found.iter().filter(|standing| standing.set_aside.is_some()).collect();
    let [refused] = aside.as_slice() else { panic!("expected one event that is set aside, but found {found:?}") };
    assert_eq!((&refused.link, refused.pending), (&None, false));
    let all = world.app.set_aside(world.app.crm().user_by_login("anna").unwrap().id).await.unwrap();
    assert_eq!(refused.set_aside.as_ref(), all.first());
    assert_eq!(found.iter().filter(|standing| standing.link.is_some()).count(), 4);

    // A change of a linked one that Microsoft refuses.
    let linked = found.iter().position(|standing| standing.link.is_some()).unwrap();
    let patch = json!({"method": "PATCH", "path": "/me/events"});
    world.fault(json!([{"match": patch, "times": 9, "do": "unavailable", "status": 400, "code": "Never"}])).await;
    world.crm_update(&events[linked]["id"], &json!({"title": "Refused"})).await;
    until_idle(&world).await;
    let standing = standing(&world, names[linked].clone()).await;
    assert_eq!(standing.set_aside.unwrap().code, "refused");
    let link = standing.link.unwrap();
    assert_eq!((link.agreed, link.agreed_at), (false, Some(at(START))));
}

#[tokio::test]
async fn a_day_of_a_series_is_asked_for_by_its_series() {
    let (world, outlook, ours) = exceptions::linked().await;
    let day = exceptions::occurrence(&outlook, "2026-03-16T09:00").await;
    outlook.update(&day, &json!({"subject": "Workshop"})).await;
    until_idle(&world).await;
    let exception = World::only(&world.crm_events("anna").await, "Workshop");
    let theirs = outlook.event(&day).await.unwrap();
    let master = ItemName::External(theirs["seriesMasterId"].as_str().unwrap().to_owned());
    let names = [record(&ours), master, record(&exception), ItemName::External(day)];
    let found = standings(&world, "anna", Resource::Calendar, &names).await;
    let series = found[0].link.clone().unwrap();
    assert_eq!((series.agreed, &series.item_version), (true, &version(&world, &ours)));
    assert_eq!(found[1], found[0]);
    assert_eq!(found[2..], [ItemStanding::default(), ItemStanding::default()], "a day has no link of its own");
}

#[tokio::test]
async fn a_linked_task_is_found_by_either_id() {
    let world = World::with_tasks().await;
    let todo = world.todo("anna").await;
    let ours = world.crm_task("anna", &json!({"subject": "Call"})).await;
    world.sync_tasks("anna").await;
    let theirs = todo.only("Call").await;
    let found = standings(&world, "anna", Resource::Tasks, &[record(&ours), external(&theirs)]).await;
    let link = found[0].link.clone().unwrap();
    assert_eq!((link.item_id.as_str(), link.external_id.as_str()), (plain(&ours), plain(&theirs)));
    assert_eq!((link.agreed, link.agreed_at), (true, Some(at(START))));
    assert_eq!(found[1], found[0]);

    // Another list gives a task another id, and the link follows.
    let list = todo.create_list("Other").await;
    todo.move_to(&world, "anna", &theirs, &list).await;
    world.sync_tasks("anna").await;
    let moved = todo.tasks_in(&list).await.pop().unwrap();
    let found = standings(&world, "anna", Resource::Tasks, &[external(&theirs), external(&moved)]).await;
    assert_eq!((found[0].clone(), found[1].link.clone().unwrap().item_id), (ItemStanding::default(), link.item_id));
}

fn plain(item: &Value) -> &str {
    item["id"].as_str().unwrap()
}

#[tokio::test]
async fn an_answer_costs_the_same_however_much_is_linked() {
    let (world, _, ours, theirs) = linked().await;
    let names = [record(&ours), external(&theirs)];
    let few = cost(&world, &names).await;
    for day in 0..60 {
        let (start, end) =
            (format!("2026-04-{:02}T09:00:00Z", day % 30 + 1), format!("2026-04-{:02}T09:30:00Z", day % 30 + 1));
        world.crm_create_timed("anna", &format!("Event {day}"), &start, &end).await;
    }
    until_idle(&world).await;
    assert_eq!(cost(&world, &names).await, few);
    assert!(few <= 10, "two items cost {few} host calls");

    // Each twenty further items cost a few calls more, not each item.
    let all: Vec<ItemName> = world.crm_events("anna").await.iter().map(record).collect();
    let many = cost(&world, &all[..60]).await;
    assert!(many <= few + 2 * 5, "sixty items cost {many} host calls, two {few}");
}

/// Host calls that asking for these items takes; all of them are linked.
async fn cost(world: &World, names: &[ItemName]) -> u64 {
    let user = world.app.crm().user_by_login("anna").unwrap();
    let calls = HostCalls::new(None);
    let found = world.app.links_of_counted(&user, Resource::Calendar, names.to_vec(), &calls).await.unwrap();
    assert!(found.iter().all(|standing| standing.link.as_ref().is_some_and(|link| link.agreed)), "{found:?}");
    calls.made()
}

/// A link that a version without the moment has written is read, and gets it with the
/// next change; not before, for that alone is worth no write.
#[tokio::test]
async fn a_link_of_an_earlier_version_has_no_moment_until_it_changes() {
    let (world, _, ours, _) = linked().await;
    assert!(forget_moments(&world, "anna") > 0);
    let before = link(&world, record(&ours)).await;
    assert_eq!((before.agreed, before.agreed_at), (true, None));
    world.advance(600).await;
    until_idle(&world).await;
    assert_eq!(link(&world, record(&ours)).await, before);
    world.crm_update(&ours["id"], &json!({"title": "Moved"})).await;
    until_idle(&world).await;
    let after = link(&world, record(&ours)).await;
    assert_eq!((after.agreed, after.agreed_at), (true, Some(at("2026-03-02T08:10:00Z"))));
}

/// Takes the moments out of all links of a user's calendar. In how many.
fn forget_moments(world: &World, login: &str) -> usize {
    let user = world.app.crm().user_by_login(login).unwrap();
    let scope = Scope::user(user.organization_id, user.id);
    let fence = world.app.crm().raise_fence(&scope).unwrap();
    let page = world.app.crm().list_state(&scope, "calendar/", None, 1_000).unwrap();
    let mut writes = Vec::new();
    for entry in page.entries.into_iter().filter(|entry| entry.key.contains("/link/")) {
        let mut link: Value = serde_json::from_slice(&entry.value).unwrap();
        assert!(link.as_object_mut().unwrap().remove("agreed_at").is_some(), "{link}");
        let value = Some(link.to_string().into_bytes());
        writes.push(StateWrite { key: entry.key, value, expect: Expectation::Any });
    }
    world.app.crm().commit_state(&scope, fence, &writes).unwrap();
    writes.len()
}

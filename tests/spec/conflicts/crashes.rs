//! Taking back where something is lost on the way: the component torn down after
//! any host call, and any answer of Microsoft; and two holders who do it at once.

use host_harness::app::{Gate, Interruption};
use host_harness::web;
use serde_json::{Value, json};
use tandem_tests::{Answer, Client, Outlook, World};

use super::{ask, latest, linked, path, title_conflict, titles};
use crate::meetings::id;
use crate::runtime::until_idle;

/// What a scenario takes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Title,
    Deletion,
    Kept,
}

async fn decided(what: What) -> (World, Outlook, Value) {
    let (world, outlook, crm, m365) = linked().await;
    match what {
        What::Title => {
            let conflict = title_conflict(&world, &outlook, &crm, &m365).await;
            (world, outlook, conflict)
        }
        What::Deletion => {
            outlook.update(id(&m365), &json!({"categories": ["Red category"]})).await;
            world.sync("anna").await;
            world.crm_delete(&crm["id"]).await;
            outlook.update(id(&m365), &json!({"subject": "Still wanted"})).await;
            world.sync("anna").await;
            let conflict = latest(&world).await;
            (world, outlook, conflict)
        }
        What::Kept => {
            outlook.delete(id(&m365)).await;
            world.crm_update(&crm["id"], &json!({"title": "Still wanted"})).await;
            world.sync("anna").await;
            let conflict = latest(&world).await;
            (world, outlook, conflict)
        }
    }
}

async fn is_taken_back(world: &World, outlook: &Outlook, what: What, conflict: &Value, when: &str) {
    match what {
        What::Title => assert_eq!(titles(world, outlook).await, ["Outlook title", "Outlook title"], "{when}"),
        What::Deletion => {
            assert_eq!(titles(world, outlook).await, ["Still wanted", "Still wanted"], "{when}");
            // What the CRM has no place for comes back as well.
            assert_eq!(outlook.the_only().await["categories"], json!(["Red category"]), "{when}");
        }
        What::Kept => {
            assert!(world.crm_events("anna").await.is_empty() && outlook.events().await.is_empty(), "{when}");
        }
    }
    let conflicts = world.conflicts().await;
    let taken_back = conflicts.iter().find(|one| one["id"] == conflict["id"]).unwrap();
    assert!(taken_back["reversedAt"].is_string() && taken_back["askedAt"].is_null(), "{when}: {taken_back}");
    let of_persons = conflicts.iter().filter(|one| one["rule"] == "person").count();
    assert_eq!((conflicts.len(), of_persons), (2, 1), "{when}: one record of the taking back");
    world.assert_at_rest(&["anna"]).await;
}

#[tokio::test]
async fn torn_down_after_any_host_call_a_decision_is_taken_back_once() {
    for what in [What::Title, What::Deletion, What::Kept] {
        let mut crashes = 0;
        for calls in 1.. {
            let (world, outlook, conflict) = decided(what).await;
            world.crash_after(calls).await;
            let is_torn = !ask(&world, &conflict).await.status.is_success();
            if is_torn {
                crashes += 1;
                // Pressed once more, by somebody who has seen an error.
                if calls % 2 == 0 {
                    ask(&world, &conflict).await;
                }
            }
            until_idle(&world).await;
            is_taken_back(&world, &outlook, what, &conflict, &format!("{what:?}, torn down after {calls}")).await;
            if !is_torn {
                break;
            }
        }
        assert!(crashes > 5, "expected several host calls, but found {crashes} for {what:?}");
    }
}

#[tokio::test]
async fn whichever_answer_is_lost_a_decision_is_taken_back_once() {
    for what in [What::Title, What::Deletion, What::Kept] {
        let mut lost = 0;
        for skip in 0.. {
            let (world, outlook, conflict) = decided(what).await;
            world.fault(json!([{"match": {"path": "/v1.0/"}, "skip": skip, "do": "dropResponse"}])).await;
            ask(&world, &conflict).await;
            until_idle(&world).await;
            let left = world.control("faults", &json!([])).await;
            world.forget_faults().await;
            is_taken_back(&world, &outlook, what, &conflict, &format!("{what:?}, without answer {skip}")).await;
            if left != json!([]) {
                break;
            }
            lost += 1;
        }
        assert!(lost > 1, "expected several requests, but found {lost} for {what:?}");
    }
}

/// Presses the button in another process, whose run stops behind a host call; the
/// answer, where the run ended before it got there.
async fn pressed_beside(world: &World, conflict: &Value, after: u64) -> Result<Pressed, Answer> {
    let (gate, beside) = (Gate::default(), world.app.beside());
    beside.interrupt_next_step(Some(Interruption::Pause { after, gate: gate.clone() }));
    let (crm, path) = (Client::new(web::router(beside), "127.0.0.1:8080"), path(conflict));
    let mut answer = tokio::spawn(async move { crm.post(&path, &json!({"user": "anna"})).await });
    tokio::select! {
        () = gate.arrived() => Ok(Pressed { gate, answer }),
        ended = &mut answer => Err(ended.unwrap()),
    }
}

/// A button that was pressed, and has no answer yet.
struct Pressed {
    gate: Gate,
    answer: tokio::task::JoinHandle<Answer>,
}

/// It was taken back, or somebody else has done it, or is about to.
fn is_answered(answer: &Answer, when: &str) {
    let is_done = answer.status.is_success() || answer.status == 409;
    assert!(is_done, "{when}: {} {}", answer.status, answer.text);
}

#[tokio::test]
async fn two_holders_of_whom_both_take_a_decision_back_do_it_once() {
    for what in [What::Title, What::Deletion, What::Kept] {
        let mut stops = 0;
        for after in 1.. {
            let (world, outlook, conflict) = decided(what).await;
            let when = format!("{what:?}, pressed twice, the first stopped behind {after}");
            let first = pressed_beside(&world, &conflict, after).await;
            is_answered(&ask(&world, &conflict).await, &when);
            let is_over = match first {
                Ok(Pressed { gate, answer }) => {
                    gate.open();
                    is_answered(&answer.await.unwrap(), &when);
                    stops += 1;
                    false
                }
                Err(answer) => {
                    is_answered(&answer, &when);
                    true
                }
            };
            until_idle(&world).await;
            is_taken_back(&world, &outlook, what, &conflict, &when).await;
            if is_over {
                break;
            }
        }
        assert!(stops > 5, "expected several host calls, but found {stops} for {what:?}");
        // At the same moment, as far as there is one.
        let (world, outlook, conflict) = decided(what).await;
        let beside = Client::new(web::router(world.app.beside()), "127.0.0.1:8080");
        let (path, body) = (path(&conflict), json!({"user": "anna"}));
        let (one, two) = tokio::join!(beside.post(&path, &body), ask(&world, &conflict));
        let when = format!("{what:?}, pressed twice at once");
        is_answered(&one, &when);
        is_answered(&two, &when);
        until_idle(&world).await;
        is_taken_back(&world, &outlook, what, &conflict, &when).await;
    }
}

/// Another holder has the mailbox: what it has seen is nothing to write over.
#[tokio::test]
async fn an_edit_that_comes_while_it_is_taken_back_is_not_overwritten() {
    let (world, outlook, conflict) = decided(What::Title).await;
    // Noted, and the run is torn down before it does anything about it.
    world.crash_after(3).await;
    ask(&world, &conflict).await;
    outlook.update(id(&outlook.the_only().await), &json!({"subject": "Edited meanwhile"})).await;
    until_idle(&world).await;
    assert_eq!(titles(&world, &outlook).await, ["Edited meanwhile", "Edited meanwhile"]);
    let conflicts = world.conflicts().await;
    let shown = conflicts.iter().find(|one| one["id"] == conflict["id"]).unwrap();
    assert!(shown["refused"].as_str().unwrap().contains("edited since"), "{shown}");
    world.assert_at_rest(&["anna"]).await;
}

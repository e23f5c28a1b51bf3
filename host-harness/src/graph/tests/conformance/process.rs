//! What a process does that has found a violation.

use std::path::Path;
use std::process::{Command, Output};

use super::*;
use crate::graph::conformance;

/// Set in the process that finds one.
const FINDER: &str = "TANDEM_TEST_FINDS_A_VIOLATION";
const FOLDER: &str = "TANDEM_CONFORMANCE";
/// How libtest calls the test below.
const NAME: &str = "graph::tests::conformance::process::a_violation_ends_a_test_or_is_left_in_the_folder";

/// This test in a process of its own, where it finds violations.
fn run(folder: Option<&Path>) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", NAME, "--nocapture"]).env(FINDER, "1").env_remove(FOLDER);
    if let Some(folder) = folder {
        command.env(FOLDER, folder);
    }
    command.output().unwrap()
}

#[test]
fn a_violation_ends_a_test_or_is_left_in_the_folder() {
    if std::env::var_os(FINDER).is_some() {
        let world = World::new();
        // Twice the same, which is told once.
        world.microsoft.change(|state| conformance::told(state, &json!({ "value": 1 })));
        world.microsoft.change(|state| conformance::told(state, &json!({ "value": 1 })));
        return;
    }
    let ended = run(None);
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(!ended.status.success(), "{said}");
    assert!(said.contains("does not conform") && said.contains("wrongAnswer"), "{said}");
    let folder = tempfile::tempdir().unwrap();
    for runs in 1..3 {
        assert!(run(Some(folder.path())).status.success());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), runs, "a file of each process");
    }
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let expected =
            r#"{"what":"wrongAnswer","where":"notification: value","expected":"a list","found":"another content"}"#;
        assert_eq!(lines, ["           2            0", expected]);
    }
}

#[test]
fn notifications_are_examined() {
    let change = json!({
        "subscriptionId": "11111111-2222-3333-4444-555555555555",
        "subscriptionExpirationDateTime": "2026-03-03T00:00:00Z",
        "tenantId": "11111111-2222-3333-4444-555555555555",
        "changeType": "created",
        "resource": "Users/1/Events/2",
        "resourceData": { "@odata.type": "#Microsoft.Graph.Event", "@odata.etag": "W/\"a\"", "id": "2" },
    });
    let lifecycle = json!({
        "subscriptionId": "11111111-2222-3333-4444-555555555555",
        "subscriptionExpirationDateTime": "2026-03-03T00:00:00Z",
        "tenantId": "11111111-2222-3333-4444-555555555555",
        "lifecycleEvent": "missed",
    });
    let examined = |item: &Value| conformance::examine_notifications(&json!({ "value": [item] }));
    assert_eq!((examined(&change), examined(&lifecycle)), (vec![], vec![]));
    let cases = [
        (&change, "resource", Value::Null, What::UnexpectedNull, "value[].resource"),
        (&change, "changeType", json!("moved"), What::WrongType, "value[].changeType"),
        (&change, "tenantId", json!("contoso"), What::WrongType, "value[].tenantId"),
        (&change, "colour", json!("red"), What::UnknownProperty, "value[].colour"),
        (&lifecycle, "lifecycleEvent", json!("lost"), What::WrongType, "value[].lifecycleEvent"),
    ];
    for (item, name, value, what, place) in cases {
        let mut altered = item.clone();
        altered[name] = value;
        assert_eq!(found(&examined(&altered)), [(what, place)], "{name}");
    }
    for (name, item) in [("changeType", &change), ("tenantId", &lifecycle)] {
        let mut altered = item.clone();
        altered.as_object_mut().unwrap().remove(name);
        assert_eq!(found(&examined(&altered)), [(What::MissingProperty, "value[]")], "{name}");
    }
    let mut altered = change.clone();
    altered["resourceData"]["@odata.type"] = json!("#Microsoft.Graph.Nothing");
    assert_eq!(found(&examined(&altered)), [(What::WrongAnnotation, "value[].resourceData.@odata.type")]);
}

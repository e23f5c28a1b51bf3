//! `tandem sim`: what it refuses, and what it says of a history that breaks a law.
//! That the laws hold is told in `simulation`, and that they can fail in `defects`.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::json;
use tandem_tests::{defective_component, shipped_component, tandem};

/// The mistakes that a refusal offers instead of one that does not exist.
async fn offered() -> BTreeSet<String> {
    let words = ["sim", "--seeds", "1..1", "--plugin", "p.wasm", "--defect", "nothing"];
    let error = tandem(&words).await.refused(2);
    let (_, list) = error.split_once("[possible values: ").unwrap_or_else(|| panic!("{error}"));
    let (list, _) = list.split_once(']').unwrap();
    list.split(", ").map(str::to_owned).collect()
}

#[tokio::test]
async fn the_mistakes_that_can_be_asked_for_are_those_that_a_test_build_can_make() {
    let source = include_str!("../../plugin/src/defective/mod.rs");
    let named = source.lines().filter_map(|line| line.trim().strip_prefix("(\"")?.split_once("\", Self::"));
    let named: BTreeSet<String> = named.map(|(name, _)| name.to_owned()).collect();
    assert!(named.len() >= 5, "{named:?}");
    assert_eq!(offered().await, named, "`DEFECTS` in host-harness/src/cli/args.rs lists them for people");
}

#[tokio::test]
async fn a_component_that_makes_no_mistakes_on_purpose_is_refused_before_anything_is_played() {
    let shipped = shipped_component();
    let words = ["sim", "--seeds", "1..1", "--plugin", shipped.to_str().unwrap(), "--defect", "drop-base"];
    let error = tandem(&words).await.refused(2);
    assert!(error.contains("expected a test build of the component that can make the mistake `drop-base`"), "{error}");
    assert!(error.contains("let a law fail"), "{error}");
}

#[tokio::test]
async fn a_history_that_breaks_a_law_is_explained_and_can_be_played_again_as_it_was() {
    let plugin = defective_component();
    let plugin = plugin.to_str().unwrap();
    let words = ["sim", "--seeds", "1..1", "--steps", "25", "--plugin", plugin, "--defect", "log-token"];
    let ended = tandem(&words).await;
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.out.starts_with("1 history of 25 operations: "), "{}", ended.out);
    for shown in ["How to read a history", "\nseed 1\nSetup {", "\n  found\n    ", "a secret is in the log"] {
        assert!(ended.out.contains(shown), "expected `{shown}` in {}", ended.out);
    }
    assert!(ended.error.starts_with("error: expected every history to keep the laws, but found 1 that does not\n"));
    let again = format!("`tandem sim --seeds N..N --steps 25 --plugin {plugin} --defect log-token`");
    assert!(ended.error.contains(&again), "{}", ended.error);
}

/// What another process finds, which is this one's test
/// [`a_few_histories_are_played_and_printed`].
fn printed_by_another_process() -> String {
    let test = concat!(module_path!(), "::a_few_histories_are_played_and_printed");
    let (_, test) = test.split_once("::").unwrap();
    let this = std::env::current_exe().unwrap();
    let ended = Command::new(this).args(["--exact", test, "--nocapture"]).output().unwrap();
    let out = String::from_utf8(ended.stdout).unwrap();
    assert!(ended.status.success(), "{out}{}", String::from_utf8_lossy(&ended.stderr));
    let (from, until) = (out.find('{').unwrap_or_else(|| panic!("{out}")), out.rfind('}').unwrap());
    out[from..=until].to_owned()
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "what is printed is what another process reads")]
async fn a_few_histories_are_played_and_printed() {
    let ended = tandem(&["sim", "--seeds", "1..2", "--steps", "40", "--json"]).await;
    let report = ended.json();
    assert_eq!((&report["seeds"], &report["steps"], &report["violations"]), (&json!(2), &json!(40), &json!([])));
    println!("{}", ended.out);
}

/// Keys that Microsoft signs with are drawn once in each process, so that one process
/// alone would not show what hangs on them.
#[test]
fn the_same_seeds_give_the_same_bytes_in_every_process() {
    assert_eq!(printed_by_another_process(), printed_by_another_process());
}

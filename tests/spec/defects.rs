//! Deliberate defects: a test build of the component makes a mistake, and the
//! simulation finds it. This is the proof that its laws can fail.
//!
//! Which mistakes there are is written in `plugin/src/defective/mod.rs`. To look at
//! one closely: CONTRIBUTING.md, "let a law fail".

use std::collections::BTreeSet;
use std::ops::Range;

use host_harness::app::PluginSource;
use host_harness::sim::report::{Aim, Options, SimReport, simulate};
use tandem_tests::{defective_component, shipped_component};

/// Seeds in which each mistake is looked for, the last one included. Most are found
/// in the first few; of what a person does while a calendar is switched off, it takes
/// a meeting that is edited just then.
const SEEDS: u64 = 100;

/// Seeds that the build without a mistake keeps the laws in, beside each in which a
/// mistake was found.
const SEEDS_KEPT: u64 = 40;

/// Operations of each history.
const STEPS: u32 = 75;

/// Plays histories on the component that makes this mistake, until one breaks a law.
#[track_caller]
fn played(defect: Option<&str>, seeds: Range<u64>) -> SimReport {
    let plugin = PluginSource::File(defective_component());
    let defect = defect.map(str::to_owned);
    simulate(&Options { seeds, steps: STEPS, plugin, defect, aim: Aim::First, threads: 1 }, &|_| {})
}

/// The mistakes and the laws that notice them, in the words of a violation: a test
/// for each. Where a mistake can break one law as well as another, both are named.
macro_rules! found {
    ($($test:ident: $defect:literal breaks $($law:literal)or+,)*) => {
        const FOUND: &[&str] = &[$($defect),*];

        mod found {
            $(
                #[test]
                fn $test() {
                    super::is_found($defect, &[$($law),+]);
                }
            )*
        }
    };
}

found! {
    dropping_the_base: "drop-base" breaks "but people wrote" or "was deleted, and is in" or "that nobody had",
    skipping_the_intent: "skip-intent" breaks "times E" or "was deleted, and is in",
    ignoring_a_conflict: "ignore-conflict" breaks "and no conflict is recorded" or "but people wrote",
    ignoring_a_version: "ignore-version" breaks "and no conflict is recorded" or "but people wrote",
    deleting_what_is_missing: "missing-is-deleted" breaks "and nobody deleted it",
    deleting_what_is_unreadable: "unreadable-is-deleted" breaks "and nobody deleted it",
    forgetting_the_fence: "forget-fence" breaks "whose place was taken went on",
    skipping_the_record: "skip-record" breaks "and no conflict is recorded",
    keeping_the_cursor_first: "cursor-first" breaks "the calendars differ",
    ignoring_the_direction: "ignore-direction" breaks "to its source",
    taking_everything_for_new: "everything-is-new" breaks "nobody's edit justifies",
    a_new_key_for_each_attempt: "new-key-each-time" breaks "2 times E",
    repeating_blindly: "repeat-blindly" breaks "2 times E",
    logging_the_token: "log-token" breaks "a secret is in the log",
    keeping_the_token: "keep-token" breaks "a secret is in the state",
    asking_twice: "ask-twice" breaks "costs 2 requests",
    the_wrong_winner: "wrong-winner" breaks "but people wrote",
    half_a_base: "half-a-base" breaks "that nobody had",
    dropping_an_edit: "drop-an-edit" breaks "but people wrote",
    forgetting_the_zone: "forget-zone" breaks "for Time, but people wrote",
    inviting_a_colleague: "invite-a-colleague" breaks "of Anna is in" or "of Carl is in",
    miscounting_links: "miscount-links" breaks "no guard rail has stopped",
}

#[track_caller]
fn is_found(defect: &str, laws: &[&str]) {
    let report = played(Some(defect), 1..SEEDS + 1);
    let [violation] = &report.violations[..] else {
        panic!("`{defect}` broke no law in {} histories of {STEPS} operations", report.seeds)
    };
    let is_told = violation.found.iter().any(|found| laws.iter().any(|law| found.contains(law)));
    assert!(is_told, "seed {}: `{defect}` was to break {laws:?}, but broke {:#?}", violation.seed, violation.found);
    // A law that misfires would find anything.
    let without = played(None, violation.seed..violation.seed + 1);
    assert_eq!((without.seeds, without.violations), (1, Vec::new()), "`{defect}` is not what breaks a law here");
}

#[test]
fn the_same_build_keeps_the_laws_where_it_is_to_make_no_mistake() {
    let report = played(None, 1..SEEDS_KEPT + 1);
    assert_eq!(report.violations, []);
    assert_eq!(report.seeds, SEEDS_KEPT);
}

#[test]
fn each_mistake_that_the_build_can_make_is_looked_for() {
    let source = include_str!("../../plugin/src/defective/mod.rs");
    let named = source.lines().filter_map(|line| line.trim().strip_prefix("(\"")?.split_once("\", Self::"));
    let named: Vec<&str> = named.map(|(name, _)| name).collect();
    assert!(named.len() >= 5, "{named:?}");
    assert_eq!(named.iter().collect::<BTreeSet<_>>(), FOUND.iter().collect());
}

#[test]
fn the_shipped_component_can_make_none_of_these_mistakes() {
    let has = |component: &[u8], name: &str| component.windows(name.len()).any(|bytes| bytes == name.as_bytes());
    let (shipped, defective) = (shipped_component(), defective_component());
    let [shipped, defective] = [shipped, defective].map(|file| std::fs::read(file).unwrap());
    for name in FOUND {
        assert!(has(&defective, name), "the build with the mistakes does not know `{name}`");
        assert!(!has(&shipped, name), "the shipped component knows `{name}`");
    }
}

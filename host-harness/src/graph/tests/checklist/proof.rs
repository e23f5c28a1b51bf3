//! Whether the checklist notices what is missing: one branch after the other of
//! those by which a request reaches its handler is closed, as if nobody had
//! written it, and the row has to fail each time.

use std::collections::BTreeSet;

use super::identity::Case;
use super::scene::Scene;
use super::{Row, identity, rows};
use crate::graph::routes::switch::{Branch, close, known, taken};

/// The ways to the mailbox of a row.
const ROOTS: [&str; 3] = ["/me", "/users/{alice}", "/users/{aliceId}"];

/// Branches that lead to no endpoint, by their module below `graph` and their
/// pattern: they say in the words of Graph that there is none. Nothing is lost when
/// one is closed.
const REFUSALS: [(&str, &str); 7] = [
    ("api::actions", r#""forward" | "permanentdelete""#),
    ("api::calendar_routes", r#"("GET", ["instances" | "exceptionoccurrences", "delta"])"#),
    ("api::directory", r#"(_, ["users"])"#),
    ("api::mail", r#"("GET", ["delta"], None)"#),
    ("api::mail", r#"(_, [] | ["$count" | "delta"], _)"#),
    ("api::metadata", r#"(_, ["v1.0"] | ["v1.0", "$metadata"])"#),
    ("login", r#"(_, [_, "oauth2", "authorize" | "token" | "devicecode" | "logout"] | [_, "openid", "userinfo"])"#),
];

/// Module and pattern of a branch. Long patterns are written in several lines.
fn parts(branch: Branch) -> (&'static str, String) {
    let (place, pattern) = branch.split_once(' ').unwrap();
    let (module, _) = place.rsplit_once(':').unwrap();
    let module = module.split_once("::graph::").map_or(module, |(_, module)| module);
    (module, pattern.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn is_refusal(branch: Branch) -> bool {
    let (module, pattern) = parts(branch);
    REFUSALS.contains(&(module, pattern.as_str()))
}

/// Whether a branch is several endpoints, which a row for one of them would prove: one
/// of which either of two patterns will do, unless it is for the next `match` to tell
/// what is behind them apart, and one that names a method and takes every path.
fn is_several(branch: Branch) -> bool {
    let (_, pattern) = parts(branch);
    let of_method = pattern.strip_prefix("(\"").and_then(|rest| rest.split_once("\", "));
    let takes_either = pattern.contains(" | ") && (of_method.is_some() || !pattern.contains("..]"));
    let takes_every_path = of_method.is_some_and(|(_, path)| !path.starts_with('[') && !path.starts_with("Kind::"));
    takes_either || takes_every_path
}

#[test]
fn a_branch_for_several_endpoints_is_told_from_one_that_leads_on() {
    for (pattern, expected) in [
        (r#"("GET", ["calendars"])"#, false),
        (r#"("GET", ["calendars"] | ["events"])"#, true),
        (r#"("GET", ["calendars" | "events", rest @ ..])"#, true),
        (r#"("GET", ["calendars" | "events", "delta"])"#, true),
        (r#"("GET", _)"#, true),
        (r#"("GET", _, None)"#, true),
        (r#"("GET", true)"#, true),
        (r#"("GET", [], _)"#, false),
        (r#"("GET", [_])"#, false),
        (r#"("GET", Kind::ChecklistItem, [])"#, false),
        (r#"["calendars"] | ["calendars", "$count"]"#, true),
        (r#"["calendars", rest @ ..]"#, false),
        (r#"(_, ["events" | "calendarview", _, rest @ ..])"#, false),
        (r#"(_, ["calendar" | "events", ..])"#, false),
        (r#""reply" | "forward""#, true),
        (r#""reply""#, false),
    ] {
        let branch: Branch = format!("host_harness::graph::api:1 {pattern}").leak();
        assert_eq!(is_several(branch), expected, "{pattern}");
    }
}

/// Something that holds of an emulator in which nothing is missing.
#[derive(Clone, Copy)]
enum Claim {
    Row(Row, &'static str),
    Case(Case),
}

impl Claim {
    async fn holds(self, scene: &Scene) -> Result<(), String> {
        let scene = scene.copy();
        match self {
            Self::Row(row, root) => row.holds(&scene, root).await,
            Self::Case(case) => case.holds(scene).await,
        }
    }

    fn name(self) -> String {
        match self {
            Self::Row(row, root) => format!("{} {root}{}", row.method, row.path),
            Self::Case(case) => case.name.to_owned(),
        }
    }

    /// What is wrong with it, and the branches that it took. Those that are proven
    /// of another way to the same mailbox are not tried again.
    async fn prove(self, scene: &Scene, proven: &BTreeSet<Branch>) -> (Vec<String>, BTreeSet<Branch>) {
        taken();
        let mut findings = Vec::new();
        if let Err(found) = self.holds(scene).await {
            findings.push(found);
        }
        let branches = taken();
        if branches.is_empty() {
            findings.push(format!("{}: takes no branch, so nothing of it can be taken away", self.name()));
        }
        for branch in branches.difference(proven) {
            close(Some(branch));
            if self.holds(scene).await.is_ok() {
                findings.push(format!("{}: passes without {branch}", self.name()));
            }
            close(None);
        }
        (findings, branches)
    }
}

/// What holds of each row, and of each case.
fn claims() -> Vec<Vec<Claim>> {
    let of_rows = rows().into_iter().map(|row| ROOTS.map(|root| Claim::Row(row, root)).to_vec());
    of_rows.chain(identity::cases().into_iter().map(|case| vec![Claim::Case(case)])).collect()
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "whoever asks for the output sees how much was tried")]
async fn each_row_fails_without_its_endpoint_and_each_endpoint_has_a_row() {
    let scene = Scene::new().await;
    let (mut findings, mut used) = (Vec::new(), BTreeSet::new());
    for claims in claims() {
        let mut proven = BTreeSet::new();
        for claim in claims {
            let (found, branches) = claim.prove(&scene, &proven).await;
            findings.extend(found);
            proven.extend(branches);
        }
        used.extend(proven);
    }
    let known = known();
    let asked: Vec<Branch> = known.iter().copied().filter(|branch| !is_refusal(branch)).collect();
    let unused = asked.iter().filter(|branch| !used.contains(*branch));
    findings.extend(unused.map(|branch| format!("no row takes {branch}")));
    let several = asked.iter().filter(|branch| is_several(branch));
    findings.extend(several.map(|branch| format!("{branch} is several endpoints")));
    for (module, pattern) in REFUSALS {
        let found: Vec<Branch> =
            known.iter().copied().filter(|known| parts(known) == (module, pattern.into())).collect();
        if found.len() != 1 || used.contains(found[0]) {
            findings.push(format!("{module} {pattern} is not one branch that leads to no endpoint: {found:?}"));
        }
    }
    let of_rows = claims().len();
    assert!(
        findings.is_empty(),
        "of {of_rows} rows, some do not show that their endpoint is there:\n{}",
        findings.join("\n")
    );
    println!("{of_rows} rows, each fails without its endpoint: {} branches", used.len());
}

#[tokio::test]
async fn rows_about_options_fail_without_them() {
    let scene = Scene::new().await;
    let mut asked = 0;
    for row in rows().into_iter().filter_map(Row::without_options) {
        asked += 1;
        assert!(row.holds(&scene.copy(), "/me").await.is_err(), "{row:?} shows the same without its options");
    }
    assert!(asked > 5, "only {asked} rows are about options");
}

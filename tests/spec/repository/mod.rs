//! Is the repository what its documents say it is?
//!
//! These tests read files and ask Cargo; none of them starts the component.
//! Each one enforces a rule of ARCHITECTURE.md or CONTRIBUTING.md that the
//! compiler cannot. Reading order: [`files`] (what there is to read), then
//! [`contract_docs`], [`sources`], [`boundaries`], [`dependencies`] with
//! [`licence`], and [`documents`] with [`example`].
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken assumption about the repository has to fail the test that made it"
)]

mod boundaries;
mod cargo_tree;
mod contract_docs;
mod dependencies;
mod documents;
mod example;
mod files;
mod licence;
mod manifest;
mod sources;

/// Fails with one line per finding; `rule` says what they break.
#[track_caller]
fn assert_none(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}\n  {}\n", findings.join("\n  "));
}

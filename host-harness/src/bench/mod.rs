//! `tandem bench`: how long what people wait for takes, on a CRM of thousands of
//! users. Seconds are measured here and asserted nowhere: tests count requests and
//! calls.
//!
//! [`scene`] fills a CRM in memory, [`pages`] opens its pages as a browser does.

mod pages;
mod scene;

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::app::{AppError, SaveError, StartError};
use crate::crm::CrmError;

/// Users of the CRM that is measured: what an administrator of a large organization
/// looks at.
pub const USERS: u32 = 5_000;

/// How often each case is measured: enough for a median that stays.
const ROUNDS: usize = 21;

/// What was measured of one case.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Measured {
    /// What was done.
    pub case: &'static str,
    /// How often.
    pub rounds: usize,
    /// The time of the first, which fills what later ones find, in milliseconds.
    pub first_ms: f64,
    /// The median of the others, in milliseconds.
    pub median_ms: f64,
    /// The longest of the others, in milliseconds.
    pub longest_ms: f64,
}

/// All of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BenchReport {
    /// Users of the CRM.
    pub users: u32,
    /// Whether the program is optimised: without, the numbers say little.
    pub is_optimised: bool,
    /// The cases, in their order.
    pub cases: Vec<Measured>,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The application does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The application did not do its work.
    #[error(transparent)]
    App(#[from] AppError),
    /// The settings are refused.
    #[error(transparent)]
    Settings(#[from] SaveError),
    /// The CRM did not do its work.
    #[error(transparent)]
    Crm(#[from] CrmError),
    /// A page is not what it should be.
    #[error("expected the page `{path}` to {expected}, but found the status {found}")]
    Page {
        /// Which page.
        path: String,
        /// What it should do.
        expected: &'static str,
        /// How it was answered.
        found: u16,
    },
}

/// Measures every case on a CRM of `users` users.
///
/// # Errors
/// Something does not work at all.
pub async fn run(users: u32) -> Result<BenchReport, BenchError> {
    let app = scene::filled(users).await?;
    let mut cases = Vec::new();
    let browser = pages::Browser::administrator(app).await?;
    for (case, path) in pages::CASES {
        cases.push(browser.measure(case, path, ROUNDS).await?);
    }
    Ok(BenchReport { users, is_optimised: !cfg!(debug_assertions), cases })
}

impl Measured {
    /// Of these times, of which the first is the first.
    fn of(case: &'static str, times: &[Duration]) -> Self {
        let milliseconds = |time: &Duration| time.as_secs_f64() * 1_000.0;
        let (first, later) = times.split_first().map_or((0.0, &[][..]), |(first, later)| (milliseconds(first), later));
        let mut sorted: Vec<f64> = later.iter().map(milliseconds).collect();
        sorted.sort_by(f64::total_cmp);
        let median = sorted.get(sorted.len() / 2).copied().unwrap_or(first);
        let longest = sorted.last().copied().unwrap_or(first);
        Self { case, rounds: times.len(), first_ms: first, median_ms: median, longest_ms: longest }
    }
}

/// The time that passes until `work` is done. The real clock: it is what is measured.
async fn timed<T, E>(work: impl Future<Output = Result<T, E>>) -> Result<Duration, E> {
    let began = Instant::now();
    work.await?;
    Ok(began.elapsed())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_first_time_is_told_by_itself() {
        let times = [900, 3, 1, 2].map(Duration::from_millis);
        let measured = Measured::of("case", &times);
        assert_eq!((measured.rounds, measured.first_ms), (4, 900.0));
        assert_eq!((measured.median_ms, measured.longest_ms), (2.0, 3.0));
    }

    #[tokio::test]
    async fn every_case_is_measured_and_shows_what_it_should() {
        let report = run(70).await.unwrap();
        assert_eq!(report.cases.len(), pages::CASES.len());
        assert!(report.cases.iter().all(|case| case.rounds == ROUNDS && case.first_ms > 0.0));
    }
}

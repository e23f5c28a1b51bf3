//! Time, randomness and the log.

use std::time::Duration;

use crate::model::Instant;

/// Time.
pub trait Clock {
    /// The time of day.
    fn now(&mut self) -> Instant;
    /// Time since some fixed point, for measuring.
    fn elapsed(&mut self) -> Duration;
}

/// Randomness.
pub trait Entropy {
    /// Unpredictable bytes.
    fn random_bytes(&mut self, count: usize) -> Vec<u8>;
}

/// How much attention a line deserves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// Broken.
    Error,
    /// Unusual.
    Warn,
    /// What.
    Info,
    /// How.
    Debug,
}

/// Diagnostics; never content, tokens or secrets.
pub trait Log {
    /// Writes one line.
    fn log(&mut self, level: LogLevel, message: &str, fields: &[(&str, String)]);
}

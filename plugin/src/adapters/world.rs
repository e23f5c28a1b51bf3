//! Time, randomness and the log.

use std::time::Duration;

use tandem_core::model::Instant;
use tandem_core::ports::{Clock, Entropy, Log, LogLevel};

use super::Host;
use crate::bindings::tandem::host::log;

impl Clock for Host {
    fn now(&mut self) -> Instant {
        let now = wasi::clocks::wall_clock::now();
        let milliseconds = now.seconds.saturating_mul(1000).saturating_add(u64::from(now.nanoseconds / 1_000_000));
        Instant::from_epoch_milliseconds(i64::try_from(milliseconds).unwrap_or(i64::MAX))
    }

    fn elapsed(&mut self) -> Duration {
        Duration::from_nanos(wasi::clocks::monotonic_clock::now())
    }
}

impl Entropy for Host {
    fn random_bytes(&mut self, count: usize) -> Vec<u8> {
        wasi::random::random::get_random_bytes(count as u64)
    }
}

impl Log for Host {
    fn log(&mut self, level: LogLevel, message: &str, fields: &[(&str, String)]) {
        let level = match level {
            LogLevel::Error => log::Level::Error,
            LogLevel::Warn => log::Level::Warn,
            LogLevel::Info => log::Level::Info,
            LogLevel::Debug => log::Level::Debug,
        };
        let fields: Vec<log::Field> =
            fields.iter().map(|(name, value)| log::Field { name: (*name).to_owned(), value: value.clone() }).collect();
        log::write(level, message, &fields);
    }
}

//! How long to wait before the next attempt?
//!
//! A pure function of the attempt, of what the server asked for, and of random
//! bits that the caller draws. Whether to try again at all is decided in
//! [`super::failure`].

use std::time::Duration;

use super::failure::RetryAfter;
use crate::model::Instant;

/// The wait behind the first failure, in milliseconds. Throttling windows of
/// Outlook are counted in seconds, a lost connection is back sooner.
pub const FIRST_DELAY_MILLISECONDS: u64 = 1_000;

/// The longest wait that back-off reaches, in milliseconds. Longer than this,
/// the next scheduled step is the better attempt.
pub const DELAY_MILLISECONDS_MAX: u64 = 5 * 60 * 1_000;

/// The longest wait that a server can impose, in milliseconds: a wrong header
/// must not park a mailbox for days. Outlook's own window is ten minutes.
pub const SERVER_DELAY_MILLISECONDS_MAX: u64 = 60 * 60 * 1_000;

/// Failed steps in a row, after which people are told. Each ends at the failure
/// and waits: a fault that lasts through several seconds of back-off is worth a
/// word.
pub const QUIET_FAILURES_MAX: u32 = 4;

/// The wait behind failed attempt number `attempt` (0 for the first).
///
/// What the server asks for is the least; on top of it, and where it asks for
/// nothing, the wait doubles with every attempt and is spread over its upper
/// half by `random_bits`, so that mailboxes which failed together do not come
/// back together.
pub fn delay(attempt: u32, asked: Option<RetryAfter>, now: Instant, random_bits: u64) -> Duration {
    let doubled = FIRST_DELAY_MILLISECONDS.saturating_mul(1_u64.checked_shl(attempt).unwrap_or(u64::MAX));
    let ceiling = doubled.min(DELAY_MILLISECONDS_MAX);
    let half = ceiling / 2;
    match asked {
        Some(asked) => {
            let longest = Duration::from_millis(SERVER_DELAY_MILLISECONDS_MAX);
            // A server that names a second again and again, or none at all, is
            // left alone for longer each time.
            let least = Duration::from_millis(if attempt == 0 { 0 } else { ceiling - half });
            // A fraction of the back-off on top: the servers tell everybody
            // the same second.
            asked.from(now).min(longest).max(least) + Duration::from_millis(random_bits % (half / 2 + 1))
        }
        None => Duration::from_millis(ceiling - half + random_bits % (half + 1)),
    }
}

/// Whether `failures` in a row are still a matter between the servers.
pub const fn stays_quiet(failures: u32) -> bool {
    failures < QUIET_FAILURES_MAX
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use super::*;

    const NOW: Instant = Instant::from_epoch_milliseconds(1_700_000_000_000);

    #[test]
    fn back_off_doubles_and_stays_within_its_bounds() {
        let table = [(0, 500, 1_000), (1, 1_000, 2_000), (2, 2_000, 4_000), (8, 128_000, 256_000)];
        for (attempt, least, most) in table {
            let bounds = Duration::from_millis(least)..=Duration::from_millis(most);
            assert_eq!(delay(attempt, None, NOW, 0), *bounds.start(), "attempt {attempt}");
            for bits in [1, 7_919, u64::MAX / 3, u64::MAX] {
                let wait = delay(attempt, None, NOW, bits);
                assert!(bounds.contains(&wait), "attempt {attempt}: {wait:?}");
            }
        }
    }

    #[test]
    fn back_off_ends_at_its_maximum_whatever_the_attempt() {
        for attempt in [9, 63, 64, u32::MAX] {
            let wait = delay(attempt, None, NOW, u64::MAX).as_millis();
            assert!(wait <= DELAY_MILLISECONDS_MAX.into(), "attempt {attempt}: {wait}");
            assert!(wait >= u128::from(DELAY_MILLISECONDS_MAX / 2), "attempt {attempt}: {wait}");
        }
    }

    #[test]
    fn the_server_is_obeyed_but_not_for_days() {
        let asked = |seconds| Some(RetryAfter::For(Duration::from_secs(seconds)));
        assert_eq!(delay(0, asked(17), NOW, 0), Duration::from_secs(17));
        assert_eq!(delay(0, asked(1), NOW, 250), Duration::from_millis(1_250));
        let longest = Duration::from_millis(SERVER_DELAY_MILLISECONDS_MAX);
        assert_eq!(delay(0, asked(86_400 * 30), NOW, 0), longest);
        let until = RetryAfter::Until(NOW.plus(chrono::TimeDelta::seconds(9)));
        assert_eq!(delay(0, Some(until), NOW, 0), Duration::from_secs(9));
        let past = RetryAfter::Until(NOW.plus(chrono::TimeDelta::seconds(-9)));
        assert_eq!(delay(0, Some(past), NOW, 0), Duration::ZERO);
    }

    #[test]
    fn a_server_that_names_no_time_worth_it_is_left_alone_for_longer_each_time() {
        let asked = |seconds| Some(RetryAfter::For(Duration::from_secs(seconds)));
        let table = [(0, 0, 0), (1, 0, 1_000), (5, 1, 16_000), (5, 120, 120_000), (u32::MAX, 0, 150_000)];
        for (attempt, seconds, least) in table {
            let wait = delay(attempt, asked(seconds), NOW, 0);
            assert_eq!(wait, Duration::from_millis(least), "attempt {attempt}, {seconds} s");
        }
    }

    #[test]
    fn people_are_told_after_several_failures() {
        assert!(stays_quiet(QUIET_FAILURES_MAX - 1));
        assert!(!stays_quiet(QUIET_FAILURES_MAX));
    }
}

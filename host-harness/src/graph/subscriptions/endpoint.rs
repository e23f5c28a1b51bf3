//! Who answers notifications slowly, and what follows
//! (concepts/change-notifications-delivery-webhooks, "throttling").
//!
//! Of the notifications that an endpoint got, the share is counted that took
//! it longer than 2.9 seconds, once there were 100 of them. From 10 % on, its
//! notifications come ten minutes late; from 15 % on they are dropped. What
//! was counted is forgotten every ten minutes.

use chrono::{DateTime, TimeDelta, Utc};

/// How many notifications an endpoint has to have got before it is judged.
const JUDGED_FROM: u64 = 100;
/// Share of slow answers from which notifications are late, in percent.
const SLOW_PERCENT: u64 = 10;
/// Share of slow answers from which notifications are dropped, in percent.
const DROP_PERCENT: u64 = 15;
/// How late the notifications of a slow endpoint are.
pub(crate) const THROTTLE_DELAY: TimeDelta = TimeDelta::minutes(10);
/// How long answers are counted.
const FLUSH_AFTER: TimeDelta = TimeDelta::minutes(10);

/// What becomes of notifications for an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    Usual,
    Late,
    Dropped,
}

/// What an endpoint has answered lately.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    since: DateTime<Utc>,
    received: u64,
    slow: u64,
}

impl Endpoint {
    /// One of which nothing is known.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self { since: now, received: 0, slow: 0 }
    }

    /// Whether what was counted counts no more.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        now - self.since >= FLUSH_AFTER
    }

    /// Counts an answer to a post of `notifications`.
    pub fn answered(&mut self, now: DateTime<Utc>, notifications: usize, is_slow: bool) {
        if self.is_over(now) {
            *self = Self::new(now);
        }
        let count = u64::try_from(notifications).unwrap_or(u64::MAX);
        self.received = self.received.saturating_add(count);
        if is_slow {
            self.slow = self.slow.saturating_add(count);
        }
    }

    /// What becomes of the next notification.
    pub fn pace(&self, now: DateTime<Utc>) -> Pace {
        if self.is_over(now) || self.received < JUDGED_FROM {
            return Pace::Usual;
        }
        match self.slow.saturating_mul(100) / self.received {
            percent if percent >= DROP_PERCENT => Pace::Dropped,
            percent if percent >= SLOW_PERCENT => Pace::Late,
            _ => Pace::Usual,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_share_of_slow_answers_decides_and_is_forgotten() {
        let now: DateTime<Utc> = "2026-03-02T12:00:00Z".parse().unwrap();
        let cases = [
            // Too few to be judged, whatever they took.
            (0, 99, Pace::Usual),
            (91, 9, Pace::Usual),
            (90, 10, Pace::Late),
            (86, 14, Pace::Late),
            (85, 15, Pace::Dropped),
            (0, 100, Pace::Dropped),
        ];
        for (quick, slow, pace) in cases {
            let mut endpoint = Endpoint::new(now);
            endpoint.answered(now, quick, false);
            endpoint.answered(now, slow, true);
            assert_eq!(endpoint.pace(now), pace, "{quick} quick, {slow} slow");
            let later = now + TimeDelta::minutes(10);
            assert_eq!(endpoint.pace(later), Pace::Usual);
            endpoint.answered(later, 100, false);
            assert_eq!(endpoint.pace(later), Pace::Usual);
        }
    }
}

//! Who answers notifications slowly, and what follows
//! (concepts/change-notifications-delivery-webhooks, "throttling").
//!
//! Of the notifications that an endpoint got, the share is counted that took
//! it longer than 2.9 seconds, once there were 100 of them. From 10 % on, its
//! notifications come ten minutes late; from 15 % on they are dropped. What
//! was counted is forgotten every ten minutes. The numbers are switches.

use chrono::{DateTime, Utc};

use super::behaviour::Switches;

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
    pub fn is_over(&self, now: DateTime<Utc>, switches: &Switches) -> bool {
        now - self.since >= switches.late()
    }

    /// Counts an answer to a post of `notifications`.
    pub fn answered(&mut self, now: DateTime<Utc>, notifications: usize, is_slow: bool, switches: &Switches) {
        if self.is_over(now, switches) {
            *self = Self::new(now);
        }
        let count = u64::try_from(notifications).unwrap_or(u64::MAX);
        self.received = self.received.saturating_add(count);
        if is_slow {
            self.slow = self.slow.saturating_add(count);
        }
    }

    /// What becomes of the next notification.
    pub fn pace(&self, now: DateTime<Utc>, switches: &Switches) -> Pace {
        if self.is_over(now, switches) || self.received < switches.notification_judged_from.max(1).into() {
            return Pace::Usual;
        }
        match self.slow.saturating_mul(100) / self.received {
            percent if percent >= switches.notification_dropped_percent.into() => Pace::Dropped,
            percent if percent >= switches.notification_late_percent.into() => Pace::Late,
            _ => Pace::Usual,
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn the_share_of_slow_answers_decides_and_is_forgotten() {
        let now: DateTime<Utc> = "2026-03-02T12:00:00Z".parse().unwrap();
        let switches = Switches::default();
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
            endpoint.answered(now, quick, false, &switches);
            endpoint.answered(now, slow, true, &switches);
            assert_eq!(endpoint.pace(now, &switches), pace, "{quick} quick, {slow} slow");
            let later = now + TimeDelta::minutes(10);
            assert_eq!(endpoint.pace(later, &switches), Pace::Usual);
            endpoint.answered(later, 100, false, &switches);
            assert_eq!(endpoint.pace(later, &switches), Pace::Usual);
        }
    }

    #[test]
    fn the_numbers_are_switches() {
        let now: DateTime<Utc> = "2026-03-02T12:00:00Z".parse().unwrap();
        let switches = Switches {
            notification_judged_from: 2,
            notification_late_percent: 50,
            notification_dropped_percent: 100,
            notification_late_seconds: 1,
            ..Switches::default()
        };
        for (quick, slow, pace) in [(0, 1, Pace::Usual), (1, 1, Pace::Late), (0, 2, Pace::Dropped)] {
            let mut endpoint = Endpoint::new(now);
            endpoint.answered(now, quick, false, &switches);
            endpoint.answered(now, slow, true, &switches);
            assert_eq!(endpoint.pace(now, &switches), pace, "{quick} quick, {slow} slow");
            assert_eq!(endpoint.pace(now + TimeDelta::seconds(1), &switches), Pace::Usual);
        }
    }
}

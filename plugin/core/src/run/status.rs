//! The state of one user's calendar as a whole, and what of it still holds when
//! a step begins: settings and time may have changed since.
//!
//! Pure. How far each side was read is in [`super::round`].

use chrono::{NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::model::Instant;
use crate::settings::EffectiveSettings;

use super::resource::{Health, ResourceStatus};
use super::round::{CalendarKey, CalendarRound, CrmRound};

/// The version of the stored records. A newer one in storage is refused; an
/// older one (1 knew a single calendar) is read anew: both sides are listed and
/// compared with the links, which are kept.
pub const STATE_FORMAT: u32 = 2;

/// How far the window reaches beyond the setting on either side, in days: it
/// is rebuilt once in this time.
const WINDOW_MARGIN_DAYS: u32 = 30;

/// How long a calendar that was not found is not looked for again: one that was
/// created or shared meanwhile is taken up within a day.
const MISSING_INTERVAL: TimeDelta = TimeDelta::days(1);

/// The span of time that is synchronised. Fixed while a delta link lives,
/// because Graph freezes it into the link (Graph `event: delta`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Its beginning.
    pub start: Instant,
    /// Its end.
    pub end: Instant,
}

impl Window {
    /// Whether something from `start` to `end` touches the window.
    pub fn touches(&self, span: (Instant, Instant)) -> bool {
        span.0 < self.end && (span.1 > self.start || span.0 >= self.start)
    }

    /// The window around `now`, whole days, with its margin.
    fn around(now: Instant, (past, future): (u32, u32)) -> Self {
        let days = |count: u32| TimeDelta::days(i64::from(count) + i64::from(WINDOW_MARGIN_DAYS));
        let midnight = Instant::from(now.to_utc().date_naive().and_time(NaiveTime::MIN).and_utc());
        Self { start: midnight.plus(-days(past)), end: midnight.plus(days(future)) }
    }
}

/// The calendars that the setting names, as they were found last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// The setting.
    pub names: Vec<String>,
    /// Those of them that do not exist or cannot be read.
    pub missing: Vec<String>,
    /// When they were looked up; none where that is due.
    pub looked_up_at: Option<Instant>,
}

impl Named {
    /// Whether the calendars have to be chosen again for this setting.
    pub fn is_due(&self, setting: &[String], now: Instant) -> bool {
        if self.names != setting {
            return true;
        }
        let stale = |at: Instant| !self.missing.is_empty() && now.since(at) >= MISSING_INTERVAL;
        !setting.is_empty() && self.looked_up_at.is_none_or(stale)
    }
}

/// How far linked items were compared with the listings of all calendars.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sweep {
    /// The last link that was looked at.
    pub after: Option<String>,
}

/// The state of one user's calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// [`STATE_FORMAT`].
    pub format: u32,
    /// Counts complete listings, so that marks of an old one mean nothing.
    pub listing: u32,
    /// The window that is listed or followed.
    pub window: Window,
    /// The setting it was made from: days past and future.
    pub window_days: (u32, u32),
    /// The direction under which both sides were compared, by its key.
    pub mode: String,
    /// Whether even what has not changed is to be decided about again, until
    /// both sides were listed: a first run, a new connection, a new direction.
    pub comparing: bool,
    /// Microsoft's side, the default calendar first.
    pub calendars: Vec<CalendarRound>,
    /// The further calendars by name.
    pub named: Named,
    /// Due or under way: once every calendar is listed, what is linked and was
    /// in no listing is looked at.
    pub sweep: Option<Sweep>,
    /// The CRM's side.
    pub crm: CrmRound,
    /// How it stands with asking Microsoft, and with what people were told.
    #[serde(flatten)]
    pub health: Health,
    /// Whether this cloud names no exceptions of a series, so that they are
    /// found by its instances (cloud profiles differ in that).
    #[serde(default)]
    pub series_by_instances: bool,
}

impl Status {
    /// Nothing was read yet.
    fn fresh(settings: &EffectiveSettings, now: Instant) -> Self {
        let days = (settings.window.past_days, settings.window.future_days);
        Self {
            format: STATE_FORMAT,
            listing: 1,
            window: Window::around(now, days),
            window_days: days,
            mode: settings.calendar.mode.key().to_owned(),
            comparing: true,
            calendars: vec![CalendarRound::new(CalendarKey::Default, None)],
            named: Named::default(),
            sweep: Some(Sweep::default()),
            crm: CrmRound::Listing { cursor: None },
            health: Health::default(),
            series_by_instances: false,
        }
    }

    /// Lists all calendars from the beginning, to be compared with the links
    /// when they are complete. Feeds are kept.
    pub fn list_calendars_again(&mut self) {
        for calendar in &mut self.calendars {
            calendar.list_again(false);
        }
        self.listing = self.listing.wrapping_add(1);
        self.sweep = Some(Sweep::default());
        self.named.looked_up_at = None;
    }

    /// Whether something is still to be listed or compared. Until then, what
    /// is on one side only may have its counterpart among what is to come.
    pub fn is_listing(&self) -> bool {
        self.sweep.is_some()
            || !self.calendars.iter().all(CalendarRound::is_followed)
            || !matches!(self.crm, CrmRound::Changes { .. })
    }

    /// Whether both sides have news to decide about while something is listed.
    pub fn is_live(&self) -> bool {
        self.crm.feed().is_some() && self.calendars.iter().any(|calendar| calendar.feed().is_some())
    }

    /// The calendar of this key, where it is followed.
    pub fn calendar(&self, key: &CalendarKey) -> Option<&CalendarRound> {
        self.calendars.iter().find(|round| round.calendar == *key)
    }

    /// The same, to be changed.
    pub fn calendar_mut(&mut self, key: &CalendarKey) -> Option<&mut CalendarRound> {
        self.calendars.iter_mut().find(|round| round.calendar == *key)
    }

    /// The first calendar of which this is true.
    pub fn first_calendar(&self, is_meant: impl Fn(&CalendarRound) -> bool) -> Option<CalendarKey> {
        self.calendars.iter().find(|round| is_meant(round)).map(|round| round.calendar.clone())
    }
}

impl ResourceStatus for Status {
    fn present(stored: Option<Self>, settings: &EffectiveSettings, now: Instant) -> Self {
        let fresh = Self::fresh(settings, now);
        let Some(mut stored) = stored else { return fresh };
        if stored.mode != fresh.mode {
            // Another direction lets old differences flow.
            stored.compare_again(settings, now);
            return stored;
        }
        let outrun = now.plus(TimeDelta::days(i64::from(fresh.window_days.1))) > stored.window.end;
        if stored.window_days != fresh.window_days || outrun {
            // Another window shows other items: it is listed while the feeds of
            // the one before are read on.
            stored.list_calendars_again();
            stored.crm.list_again();
            let Self { window, window_days, .. } = fresh;
            return Self { window, window_days, ..stored };
        }
        stored
    }

    fn health(&self) -> &Health {
        &self.health
    }

    fn health_mut(&mut self) -> &mut Health {
        &mut self.health
    }

    fn is_comparing(&self) -> bool {
        self.comparing
    }

    fn compare_again(&mut self, settings: &EffectiveSettings, now: Instant) {
        self.list_calendars_again();
        for calendar in &mut self.calendars {
            calendar.drop_kept();
        }
        let Self { window, window_days, mode, comparing, crm, .. } = Self::fresh(settings, now);
        (self.window, self.window_days, self.mode) = (window, window_days, mode);
        (self.comparing, self.crm) = (comparing, crm);
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::graph::wire::PageLink;
    use crate::run::round::{Feed, GraphRound};
    use crate::settings::{Field, Layers, SettingValue};

    const NOW: Instant = Instant::from_epoch_milliseconds(1_800_000_000_000);

    fn settings(direction: &str, future_days: i64) -> EffectiveSettings {
        let mut layers = Layers::default();
        layers.user.set(Field::CalendarDirection, SettingValue::text(direction));
        layers.system.set(Field::WindowFutureDays, SettingValue::Integer(future_days));
        EffectiveSettings::of(&layers)
    }

    /// Both sides are followed, and nothing is to be listed.
    fn followed() -> Status {
        let mut status = Status::fresh(&settings("bidirectional", 365), NOW);
        let feed = GraphRound::Changes(Feed::new(PageLink::new("t1")));
        status.calendars = vec![CalendarRound { round: feed, ..CalendarRound::new(CalendarKey::Default, None) }];
        status.crm = CrmRound::Changes { cursor: "c1".to_owned() };
        (status.sweep, status.comparing) = (None, false);
        status
    }

    /// Whether something is listed, compared, and read live on either side.
    fn shown(status: &Status) -> (bool, bool, bool, bool) {
        let feed = status.calendars.iter().all(|calendar| calendar.feed().is_some());
        (status.is_listing(), status.comparing, feed, status.crm.feed().is_some())
    }

    #[test]
    fn a_window_is_rebuilt_only_when_it_is_outrun_or_set_anew_and_both_feeds_go_on() {
        let day = TimeDelta::days(1);
        let table = [
            ("nothing changed", 365, NOW, (false, false, true, true)),
            ("inside the margin", 365, NOW.plus(day * 29), (false, false, true, true)),
            ("outrun", 365, NOW.plus(day * 31), (true, false, true, true)),
            ("another setting", 100, NOW, (true, false, true, true)),
        ];
        for (description, days, now, expected) in table {
            let status = Status::present(Some(followed()), &settings("bidirectional", days), now);
            assert_eq!(shown(&status), expected, "{description}");
            assert_eq!(status.listing, 1 + u32::from(expected.0), "{description}");
            assert!(now.plus(day * i32::try_from(days).unwrap_or_default()) <= status.window.end, "{description}");
        }
    }

    #[test]
    fn another_direction_compares_everything_and_trusts_no_feed() {
        let status = Status::present(Some(followed()), &settings("crm-to-microsoft", 365), NOW);
        assert_eq!(shown(&status), (true, true, false, false));
        assert_eq!(shown(&Status::present(None, &settings("bidirectional", 365), NOW)), (true, true, false, false));
    }

    #[test]
    fn names_are_looked_up_when_they_change_and_daily_while_one_is_missing() {
        let names = |text: &str| vec![text.to_owned()];
        let at = |missing: &[&str], looked_up_at| Named {
            names: names("team"),
            missing: missing.iter().map(|name| (*name).to_owned()).collect(),
            looked_up_at,
        };
        let (hour, day) = (NOW.plus(TimeDelta::hours(1)), NOW.plus(TimeDelta::days(1)));
        assert!(at(&[], Some(NOW)).is_due(&names("other"), hour), "the setting changed");
        assert!(at(&[], Some(NOW)).is_due(&[], hour), "the setting was emptied");
        assert!(at(&[], None).is_due(&names("team"), hour), "a listing begins");
        assert!(!at(&[], Some(NOW)).is_due(&names("team"), day));
        assert!(!at(&["team"], Some(NOW)).is_due(&names("team"), hour));
        assert!(at(&["team"], Some(NOW)).is_due(&names("team"), day));
        assert!(!Named::default().is_due(&[], day), "nothing is named, nothing is asked");
    }

    #[test]
    fn an_event_of_no_length_at_the_edge_is_in_one_window_only() {
        let at = Instant::from_epoch_milliseconds;
        let window = Window { start: at(100), end: at(200) };
        assert!(window.touches((at(100), at(100))));
        assert!(!window.touches((at(200), at(200))));
        assert!(window.touches((at(50), at(101))));
        assert!(!window.touches((at(50), at(100))));
    }
}

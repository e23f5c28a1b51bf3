//! What is in the calendars at first: meetings of a week, some planned in the
//! CRM, some in Outlook, one in both.
//!
//! Days count from the Monday of the present week, so that whoever opens the
//! pages sees them at once. Next: [`super::sample_tasks`].

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::organization::{COLLEAGUE, SELLER};
use crate::crm::event::{Change, EventInput};

/// The week that the sample data lies in and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Week {
    monday: NaiveDate,
}

/// When a sample event takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Between two times of a clock.
    Timed {
        /// Days after Monday.
        day: u64,
        /// Hour and minute.
        at: (u32, u32),
        /// Minutes.
        length: i64,
        /// Where the clock hangs.
        zone: Tz,
    },
    /// On whole days.
    AllDay {
        /// Days after Monday.
        day: u64,
        /// How many days.
        count: u64,
    },
}

/// A sample event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The title.
    pub title: &'static str,
    /// The description; empty for none.
    pub html: &'static str,
    /// The place, which only Outlook keeps; empty for none.
    pub place: &'static str,
    /// When it takes place.
    pub when: When,
}

pub(super) const BERLIN: Tz = Tz::Europe__Berlin;
const NEW_YORK: Tz = Tz::America__New_York;

const fn timed(day: u64, at: (u32, u32), length: i64, zone: Tz) -> When {
    When::Timed { day, at, length, zone }
}

/// Planned in the CRM; its title is changed there.
pub const REVIEW: Sample = Sample {
    title: "Quarterly review with Northwind",
    html: "<p>Agenda:</p><ul><li>Figures of the quarter</li><li>Renewal of the <b>maintenance contract</b></li></ul>",
    place: "",
    when: timed(1, (10, 0), 60, BERLIN),
};

/// Planned in the CRM; both sides change it in different fields.
pub const BUDGET: Sample = Sample {
    title: "Budget planning",
    html: "<p>Bring the numbers of last year.</p>",
    place: "",
    when: timed(2, (14, 0), 90, BERLIN),
};

/// Planned in the CRM; both sides change its title.
pub const SITE_VISIT: Sample =
    Sample { title: "Site visit at Wingtip", html: "", place: "", when: timed(3, (11, 0), 120, BERLIN) };

/// Planned in the CRM, and deleted there.
pub const OFFER: Sample = Sample {
    title: "Prepare the offer for Tailspin",
    html: "<p>Draft is with <i>James</i>.</p>",
    place: "",
    when: timed(2, (9, 0), 45, BERLIN),
};

/// Planned in Outlook; moved there.
pub const DENTIST: Sample =
    Sample { title: "Dentist", html: "", place: "Praxis am Markt", when: timed(0, (8, 30), 30, BERLIN) };

/// Planned in Outlook, and deleted there.
pub const INTERVIEW: Sample = Sample {
    title: "Interview: sales engineer",
    html: "<p>Second round, with <a href=\"https://acme.example/jobs/17\">the application</a>.</p>",
    place: "Room 3",
    when: timed(4, (13, 0), 60, BERLIN),
};

/// Planned by hand in both, before they were connected.
pub const LUNCH: Sample = Sample { title: "Team lunch", html: "", place: "", when: timed(3, (13, 0), 60, BERLIN) };

/// The title of the series in Outlook, of which both sides change a day.
pub const PIPELINE: &str = "Weekly pipeline meeting";

/// What the salesperson has in the CRM.
pub const IN_CRM: [Sample; 7] = [
    REVIEW,
    BUDGET,
    SITE_VISIT,
    OFFER,
    LUNCH,
    Sample {
        title: "Call with Contoso, New York",
        html: "<p>Their side: <b>Dana Whitfield</b>, purchasing.</p>",
        place: "",
        when: timed(3, (9, 30), 45, NEW_YORK),
    },
    Sample {
        title: "Trade fair in Hannover",
        html: "<p>Hall 7, stand C12</p>",
        place: "",
        when: When::AllDay { day: 8, count: 3 },
    },
];

/// What the salesperson has in Outlook, besides the series.
pub const IN_OUTLOOK: [Sample; 5] = [
    DENTIST,
    INTERVIEW,
    LUNCH,
    Sample {
        title: "Webinar: what is new in pricing",
        html: "<div>Join <b>five minutes</b> early.<br>Slides follow.</div>",
        place: "Online",
        when: timed(4, (10, 0), 60, NEW_YORK),
    },
    Sample { title: "Vacation", html: "", place: "", when: When::AllDay { day: 14, count: 5 } },
];

/// What the colleague has in the CRM, and nowhere else yet.
pub const OF_COLLEAGUE: [Sample; 2] = [
    Sample {
        title: "Pipeline review, east coast",
        html: "<p>Open deals by <b>stage</b></p>",
        place: "",
        when: timed(1, (9, 0), 60, NEW_YORK),
    },
    Sample { title: "Customer day in Boston", html: "", place: "", when: When::AllDay { day: 3, count: 1 } },
];

impl Week {
    /// The week that it is at `now` in `zone`.
    pub fn of(now: DateTime<Utc>, zone: Tz) -> Self {
        let today = now.with_timezone(&zone).date_naive();
        let since_monday = u64::from(today.weekday().num_days_from_monday());
        Self { monday: today.checked_sub_days(Days::new(since_monday)).unwrap_or(today) }
    }

    pub(super) fn day(self, number: u64) -> NaiveDate {
        self.monday.checked_add_days(Days::new(number)).unwrap_or(self.monday)
    }

    /// The weekly meeting in Outlook.
    pub fn series(self) -> Value {
        let zone = SELLER.windows_zone;
        json!({
            "subject": PIPELINE,
            "body": { "contentType": "html", "content": "<p>Every Monday, cameras on.</p>" },
            "start": { "dateTime": format!("{}T09:00:00", self.monday), "timeZone": zone },
            "end": { "dateTime": format!("{}T09:45:00", self.monday), "timeZone": zone },
            "recurrence": {
                "pattern": { "type": "weekly", "interval": 1, "daysOfWeek": ["monday"] },
                "range": { "type": "noEnd", "startDate": self.monday, "recurrenceTimeZone": zone },
            },
        })
    }

    /// When the rule has the weekly meeting, so many weeks from now.
    pub fn occurrence(self, weeks: u64) -> DateTime<Utc> {
        let day = self.day(weeks * 7);
        instant(day.and_hms_opt(9, 0, 0).unwrap_or_default(), BERLIN)
    }

    /// The same meeting a day later and an hour later, as Outlook writes it.
    pub fn occurrence_moved(self, weeks: u64) -> Value {
        let (day, zone) = (self.day(weeks * 7 + 1), SELLER.windows_zone);
        json!({
            "start": { "dateTime": format!("{day}T10:00:00"), "timeZone": zone },
            "end": { "dateTime": format!("{day}T10:45:00"), "timeZone": zone },
        })
    }
}

impl Sample {
    /// Start and end on the clocks of the event's zone.
    fn span(&self, week: Week) -> (NaiveDateTime, NaiveDateTime) {
        match self.when {
            When::Timed { day, at: (hour, minute), length, .. } => {
                let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
                let start = week.day(day).and_time(time);
                (start, start + TimeDelta::minutes(length))
            }
            When::AllDay { day, count } => {
                let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN);
                (midnight(week.day(day)), midnight(week.day(day + count)))
            }
        }
    }

    /// As the CRM's pages save it: an all-day event ends on its last day.
    pub fn for_crm(&self, week: Week) -> EventInput {
        let (start, end) = self.span(week);
        let (start, end, zone) = match self.when {
            When::Timed { zone, .. } => (instant(start, zone), instant(end, zone), Change::Set(zone.name().to_owned())),
            When::AllDay { .. } => (start.and_utc(), end.and_utc() - TimeDelta::minutes(1), Change::Keep),
        };
        EventInput {
            title: Change::Set(self.title.to_owned()),
            description: if self.html.is_empty() { Change::Keep } else { Change::Set(self.html.to_owned()) },
            start: Change::Set(start.to_rfc3339()),
            end: Change::Set(end.to_rfc3339()),
            time_zone: zone,
            all_day: Change::Set(matches!(self.when, When::AllDay { .. })),
            ..EventInput::default()
        }
    }

    /// As Outlook saves it, moved by some minutes.
    pub fn for_outlook(&self, week: Week) -> Value {
        let mut event = self.times_for_outlook(week, TimeDelta::zero());
        if let Some(fields) = event.as_object_mut() {
            fields.insert("subject".to_owned(), json!(self.title));
            fields.insert("isAllDay".to_owned(), json!(matches!(self.when, When::AllDay { .. })));
            if !self.html.is_empty() {
                fields.insert("body".to_owned(), json!({ "contentType": "html", "content": self.html }));
            }
            if !self.place.is_empty() {
                fields.insert("location".to_owned(), json!({ "displayName": self.place }));
            }
        }
        event
    }

    /// Start and end as Outlook writes them, moved by `by`.
    pub fn times_for_outlook(&self, week: Week, by: TimeDelta) -> Value {
        let (start, end) = self.span(week);
        let zone = match self.when {
            When::Timed { zone, .. } => outlook_name(zone),
            When::AllDay { .. } => SELLER.windows_zone,
        };
        let moment =
            |wall: NaiveDateTime| json!({ "dateTime": (wall + by).to_string().replace(' ', "T"), "timeZone": zone });
        json!({ "start": moment(start), "end": moment(end) })
    }
}

/// The instant of a clock reading; clocks that change do so at night.
pub(super) fn instant(wall: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    zone.from_local_datetime(&wall).earliest().map_or_else(|| wall.and_utc(), |local| local.to_utc())
}

/// What Outlook calls a zone of the sample data.
fn outlook_name(zone: Tz) -> &'static str {
    match zone {
        BERLIN => SELLER.windows_zone,
        NEW_YORK => COLLEAGUE.windows_zone,
        // Graph takes IANA names as well.
        other => other.name(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    fn week() -> Week {
        Week::of("2026-03-05T12:00:00Z".parse().unwrap(), BERLIN)
    }

    #[test]
    fn days_count_from_the_monday_of_the_present_week() {
        assert_eq!(week().day(0).to_string(), "2026-03-02");
        let late_on_sunday = "2026-03-08T23:30:00Z".parse().unwrap();
        assert_eq!(Week::of(late_on_sunday, BERLIN).day(0).to_string(), "2026-03-09");
        assert_eq!(Week::of(late_on_sunday, NEW_YORK).day(0).to_string(), "2026-03-02");
    }

    #[test]
    fn both_sides_get_the_same_moment_of_a_timed_event() {
        let crm = REVIEW.for_crm(week());
        assert_eq!(crm.start, Change::Set("2026-03-03T09:00:00+00:00".to_owned()));
        let outlook = REVIEW.for_outlook(week());
        assert_eq!(
            outlook["start"],
            json!({ "dateTime": "2026-03-03T10:00:00", "timeZone": "W. Europe Standard Time" })
        );
        let moved = REVIEW.times_for_outlook(week(), TimeDelta::minutes(30));
        assert_eq!(moved["end"]["dateTime"], "2026-03-03T11:30:00");
    }

    #[test]
    fn the_weekly_meeting_keeps_its_hour_when_clocks_change() {
        assert_eq!(week().occurrence(1), "2026-03-09T08:00:00Z".parse::<DateTime<Utc>>().unwrap());
        assert_eq!(week().occurrence(4), "2026-03-30T07:00:00Z".parse::<DateTime<Utc>>().unwrap());
        assert_eq!(week().occurrence_moved(1)["start"]["dateTime"], "2026-03-10T10:00:00");
    }

    #[test]
    fn the_last_day_counts_in_the_crm_and_not_in_outlook() {
        let fair = IN_CRM.iter().find(|sample| matches!(sample.when, When::AllDay { .. })).unwrap();
        assert_eq!(fair.for_crm(week()).end, Change::Set("2026-03-12T23:59:00+00:00".to_owned()));
        assert_eq!(fair.for_outlook(week())["end"]["dateTime"], "2026-03-13T00:00:00");
    }
}

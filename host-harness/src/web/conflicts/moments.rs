//! Times of a conflict as whoever compares them reads them: in their own zone and
//! form.

use crate::crm::notices::Moment;
use crate::web::dates::Dates;

/// What a version says, as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Words, of which some may differ.
    Words(String),
    /// A time, which is another one or the same.
    Time(String),
}

impl Said {
    /// A version by its text, or by the time that it is.
    pub(super) fn of(text: &str, moment: Option<&Moment>, dates: Dates) -> Self {
        moment.map_or_else(|| Self::Words(text.to_owned()), |moment| Self::Time(written(moment, dates)))
    }
}

/// A time. Where it was planned in another zone than the reader's, that is part of
/// it: it may be all that differs.
fn written(moment: &Moment, dates: Dates) -> String {
    match moment {
        Moment::Timed { start_at, end_at, zone } => {
            let [first, last] = [start_at, end_at].map(|at| at.with_timezone(&dates.zone).date_naive());
            let start = dates.instant(*start_at);
            let end = if first == last { dates.clock(*end_at) } else { dates.instant(*end_at) };
            let planned = if zone == dates.zone.name() { String::new() } else { format!(" (planned in {zone})") };
            format!("{start} – {end}{planned}")
        }
        Moment::AllDay { start_on, end_before } => {
            let last = end_before.pred_opt().unwrap_or(*end_before);
            let days = if *start_on == last { dates.day(last) } else { dates.range(*start_on, last) };
            format!("{days}, all day")
        }
        Moment::At(at) => dates.instant(*at),
        Moment::On(day) => dates.day(*day),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use axum::http::{HeaderMap, HeaderValue, header};
    use chrono_tz::Tz;

    use super::*;
    use crate::web::language::Language;

    fn timed(start: &str, end: &str, zone: &str) -> Moment {
        Moment::Timed { start_at: start.parse().unwrap(), end_at: end.parse().unwrap(), zone: zone.to_owned() }
    }

    #[test]
    fn times_are_in_the_zone_and_the_form_of_whoever_reads() {
        let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static("de"))]);
        let german = Dates { zone: Tz::Europe__Berlin, language: Language::of(&headers) };
        let in_utc = Dates::of_zone(Tz::UTC);
        let noon = timed("2026-11-23T11:00:00Z", "2026-11-23T12:30:00Z", "Europe/Berlin");
        assert_eq!(written(&noon, german), "Mo., 23.11.2026, 12:00 – 13:30");
        assert_eq!(written(&noon, in_utc), "Mon, 23 Nov 2026, 11:00 – 12:30 (planned in Europe/Berlin)");
        let night = timed("2026-11-23T22:00:00Z", "2026-11-24T01:00:00Z", "UTC");
        assert_eq!(written(&night, in_utc), "Mon, 23 Nov 2026, 22:00 – Tue, 24 Nov 2026, 01:00");
        let days = |first: &str, end: &str| Moment::AllDay {
            start_on: first.parse().unwrap(),
            end_before: end.parse().unwrap(),
        };
        assert_eq!(written(&days("2026-11-23", "2026-11-24"), german), "Mo., 23.11.2026, all day");
        assert_eq!(written(&days("2026-11-23", "2026-11-25"), in_utc), "23 Nov 2026 – 24 Nov 2026, all day");
        assert_eq!(written(&Moment::At("2026-11-23T11:00:00Z".parse().unwrap()), german), "Mo., 23.11.2026, 12:00");
        assert_eq!(written(&Moment::On("2026-11-23".parse().unwrap()), in_utc), "Mon, 23 Nov 2026");
    }
}

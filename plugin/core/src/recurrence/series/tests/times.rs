//! Occurrences where clocks change, and days of instants.

use super::*;

/// Every day, with times of day.
fn timed(start: &str, minutes: i64, zone: &str) -> Series {
    repeated(Pattern::Daily, start, minutes, zone).unwrap()
}

fn repeated(pattern: Pattern, start: &str, minutes: i64, zone: &str) -> Result<Series, InvalidSeries> {
    let zone = zone.parse().unwrap();
    let start = at(start);
    let time = EventTime::timed(start, start.plus(TimeDelta::minutes(minutes)), zone).unwrap();
    Series::new(Rule { pattern, interval: 1, end: RangeEnd::Never, zone: Some(zone) }, time)
}

#[track_caller]
fn assert_span(series: &Series, day: &str, start: &str, end: &str) {
    assert_eq!(series.time_of(date(day)).unwrap().span(), (at(start), at(end)), "on {day}");
}

#[test]
fn the_time_on_the_wall_stays_when_the_clocks_change() {
    let series = timed("2026-03-28T09:00:00Z", 60, "Europe/Berlin");
    assert_span(&series, "2026-03-29", "2026-03-29T08:00:00Z", "2026-03-29T09:00:00Z");
    assert_span(&series, "2026-10-25", "2026-10-25T09:00:00Z", "2026-10-25T10:00:00Z");
}

#[test]
fn an_occurrence_in_the_hour_left_out_takes_place_an_hour_later_on_the_wall() {
    // 02:15 to 02:45 of a zone that goes from 02:00 to 03:00 on 29 March.
    let series = timed("2026-03-28T01:15:00Z", 30, "Europe/Berlin");
    assert_span(&series, "2026-03-29", "2026-03-29T01:15:00Z", "2026-03-29T01:45:00Z");
    assert_span(&series, "2026-03-30", "2026-03-30T00:15:00Z", "2026-03-30T00:45:00Z");
    // Half an hour in Lord Howe: 02:10 to 02:20.
    let series = timed("2026-10-02T15:40:00Z", 10, "Australia/Lord_Howe");
    assert_span(&series, "2026-10-04", "2026-10-03T15:40:00Z", "2026-10-03T15:50:00Z");
}

#[test]
fn an_occurrence_whose_end_would_not_lie_behind_its_start_keeps_its_length() {
    // 02:30 to 03:15 begins at 03:30 in the night that leaves out an hour.
    let series = timed("2026-03-28T01:30:00Z", 45, "Europe/Berlin");
    assert_span(&series, "2026-03-29", "2026-03-29T01:30:00Z", "2026-03-29T02:15:00Z");
    // 02:30 to 03:30 would be over as soon as it begins.
    let series = timed("2026-03-28T01:30:00Z", 60, "Europe/Berlin");
    assert_span(&series, "2026-03-29", "2026-03-29T01:30:00Z", "2026-03-29T02:30:00Z");
    // 01:30 to 04:00 is an hour shorter that night.
    let series = timed("2026-03-28T00:30:00Z", 150, "Europe/Berlin");
    assert_span(&series, "2026-03-29", "2026-03-29T00:30:00Z", "2026-03-29T02:00:00Z");
    // So it is where the first one is longer by the hour that came twice.
    let sundays = weekly(&[Weekday::Sun], Weekday::Sun);
    let series = repeated(sundays, "2026-10-24T00:30:00Z", 30, "Europe/Berlin").unwrap();
    assert_span(&series, "2026-10-25", "2026-10-25T00:30:00Z", "2026-10-25T02:00:00Z");
    assert_span(&series, "2027-03-28", "2027-03-28T01:30:00Z", "2027-03-28T02:00:00Z");
    // Without length it stays so.
    let series = timed("2026-03-28T01:30:00Z", 0, "Europe/Berlin");
    assert_span(&series, "2026-03-29", "2026-03-29T01:30:00Z", "2026-03-29T01:30:00Z");
}

#[test]
fn an_occurrence_in_the_hour_that_comes_twice_takes_place_the_first_time() {
    let series = timed("2026-10-24T00:30:00Z", 45, "Europe/Berlin");
    assert_span(&series, "2026-10-25", "2026-10-25T00:30:00Z", "2026-10-25T02:15:00Z");
    let series = timed("2026-10-24T00:15:00Z", 30, "Europe/Berlin");
    assert_span(&series, "2026-10-25", "2026-10-25T00:15:00Z", "2026-10-25T00:45:00Z");
}

#[test]
fn the_first_occurrence_keeps_its_instants_even_the_second_time_of_an_hour() {
    // 02:50, and twenty minutes later 02:10.
    let series = timed("2026-10-25T00:50:00Z", 20, "Europe/Berlin");
    assert_span(&series, "2026-10-25", "2026-10-25T00:50:00Z", "2026-10-25T01:10:00Z");
    assert_span(&series, "2026-10-26", "2026-10-26T01:50:00Z", "2026-10-26T02:10:00Z");
    let series = timed("2026-10-25T01:30:00Z", 20, "Europe/Berlin");
    assert_span(&series, "2026-10-25", "2026-10-25T01:30:00Z", "2026-10-25T01:50:00Z");
    assert_span(&series, "2026-10-26", "2026-10-26T01:30:00Z", "2026-10-26T01:50:00Z");
}

#[test]
fn a_series_whose_first_occurrence_moves_into_the_hour_left_out_is_refused() {
    let sundays = weekly(&[Weekday::Sun], Weekday::Sun);
    // Saturday at 02:30; on Sunday there is no such time.
    let refused = repeated(sundays, "2026-03-28T01:30:00Z", 60, "Europe/Berlin");
    assert_eq!(refused, Err(InvalidSeries::FirstSkipped));
    // A day long, to the same time of a day that was skipped.
    let thursdays = weekly(&[Weekday::Thu], Weekday::Sun);
    let refused = repeated(thursdays, "2011-12-28T20:00:00Z", 24 * 60, "Pacific/Apia");
    assert_eq!(refused, Err(InvalidSeries::FirstSkipped));
    // The Sunday itself at 03:30 is what it is.
    let series = repeated(sundays, "2026-03-29T01:30:00Z", 60, "Europe/Berlin").unwrap();
    assert_span(&series, "2026-04-05", "2026-04-05T01:30:00Z", "2026-04-05T02:30:00Z");
    // Where the hour comes twice, the others can be told.
    let series = repeated(sundays, "2026-10-24T00:30:00Z", 10, "Europe/Berlin").unwrap();
    assert_eq!(series.first().span().0, at("2026-10-25T00:30:00Z"));
    assert_span(&series, "2026-11-01", "2026-11-01T01:30:00Z", "2026-11-01T01:40:00Z");
}

#[test]
fn the_occurrence_of_a_day_that_its_zone_skipped_takes_place_on_the_next() {
    // Samoa had no 30 December 2011: 20:00 of UTC was 10:00 before, and after.
    let series = timed("2011-12-28T20:00:00Z", 60, "Pacific/Apia");
    assert_eq!(first_days(&series, 4), ["2011-12-28", "2011-12-29", "2011-12-30", "2011-12-31"]);
    assert_span(&series, "2011-12-29", "2011-12-29T20:00:00Z", "2011-12-29T21:00:00Z");
    assert_span(&series, "2011-12-30", "2011-12-30T20:00:00Z", "2011-12-30T21:00:00Z");
    assert_span(&series, "2011-12-31", "2011-12-30T20:00:00Z", "2011-12-30T21:00:00Z");
    assert_eq!(series.day_of(at("2011-12-30T20:00:00Z")), Some(date("2011-12-31")));
    assert_eq!(series.day_of(at("2011-12-29T20:00:00Z")), Some(date("2011-12-29")));
}

#[test]
fn a_long_occurrence_is_found_although_the_first_one_spans_a_skipped_day() {
    // Three days on the wall, of which the first one had two.
    let series = timed("2011-12-28T20:00:00Z", 48 * 60, "Pacific/Apia");
    let touching = series.days_touching(at("2012-01-10T10:30:00Z"), at("2012-01-10T10:31:00Z"));
    assert_eq!(touching.map(|day| day.to_string()).collect::<Vec<_>>(), ["2012-01-08", "2012-01-09", "2012-01-10"]);
}

#[test]
fn an_original_start_names_its_day_to_the_minute_and_in_other_zones() {
    let series = timed("2026-03-28T02:36:12.865Z", 30, "Europe/Berlin");
    for (original, day) in [
        ("2026-03-28T02:36:00Z", Some("2026-03-28")),
        ("2026-03-29T01:36:00Z", Some("2026-03-29")),
        ("2026-03-29T02:36:00Z", Some("2026-03-29")),
        ("2026-10-25T02:36:12Z", Some("2026-10-25")),
        ("2026-10-25T01:36:12Z", Some("2026-10-25")),
        // As another zone would have the same time of the day.
        ("2026-06-01T10:36:00Z", Some("2026-06-01")),
        ("2026-05-31T14:36:00Z", Some("2026-06-01")),
        // Before the series.
        ("2026-03-27T02:36:00Z", None),
    ] {
        assert_eq!(series.day_of(at(original)), day.map(date), "{original}");
    }
    // West of UTC, the morning of UTC is the evening before.
    let series = timed("2026-03-29T02:00:00Z", 30, "America/New_York");
    assert_eq!(series.first_day(), date("2026-03-28"));
    assert_eq!(series.day_of(at("2026-06-02T02:00:00Z")), Some(date("2026-06-01")));
}

#[test]
fn an_original_start_far_from_every_occurrence_names_none() {
    let series = repeated(weekly(&[Weekday::Mon], Weekday::Sun), "2026-03-02T09:00:00Z", 30, "Europe/Berlin").unwrap();
    assert_eq!(series.day_of(at("2026-03-09T22:59:00Z")), Some(date("2026-03-09")));
    assert_eq!(series.day_of(at("2026-03-09T23:01:00Z")), None);
    assert_eq!(series.day_of(at("2026-03-12T09:00:00Z")), None);
}

#[test]
fn whole_days_are_named_by_their_midnight_and_know_no_zone() {
    let series = all_day(Pattern::Daily, 1, RangeEnd::Count(300), "2026-03-01");
    assert_eq!(series.day_of(at("2026-03-29T00:00:00Z")), Some(date("2026-03-29")));
    assert_eq!(series.time_of(date("2026-10-25")), Some(whole_day("2026-10-25")));
}

#[test]
fn a_zone_belongs_to_times_of_day_and_to_nothing_else() {
    let zone: Zone = "Europe/Berlin".parse().unwrap();
    let rule = Rule { pattern: Pattern::Daily, interval: 1, end: RangeEnd::Never, zone: Some(zone) };
    assert_eq!(Series::new(rule, whole_day("2026-03-01")), Err(InvalidSeries::ZoneMismatch));
    let start = at("2026-03-01T10:00:00Z");
    let time = EventTime::timed(start, start, zone).unwrap();
    assert_eq!(Series::new(Rule { zone: None, ..rule }, time), Err(InvalidSeries::ZoneMismatch));
}

#[test]
fn the_days_of_a_rule_are_those_of_its_zone_not_of_the_events() {
    // 23:30 in Berlin on Saturday is Sunday in Helsinki.
    let [berlin, helsinki] = ["Europe/Berlin", "Europe/Helsinki"].map(|name| name.parse::<Zone>().unwrap());
    let start = at("2026-03-07T22:30:00Z");
    let time = EventTime::timed(start, start, berlin).unwrap();
    let pattern = weekly(&[Weekday::Sun], Weekday::Sun);
    let rule = Rule { pattern, interval: 1, end: RangeEnd::Never, zone: Some(helsinki) };
    let in_helsinki = Series::new(rule, time).unwrap();
    assert_eq!((in_helsinki.first_day(), in_helsinki.first()), (date("2026-03-08"), &time));
    let in_berlin = Series::new(Rule { zone: Some(berlin), ..rule }, time).unwrap();
    assert_eq!(in_berlin.first().span().0, at("2026-03-08T22:30:00Z"));
}

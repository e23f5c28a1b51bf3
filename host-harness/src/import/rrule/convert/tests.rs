#![allow(clippy::unwrap_used)]

use super::*;

/// A rule that begins on this day at nine in Berlin.
fn from(rule: &str, start: &str) -> Result<Recurrence, Refusal> {
    let time = NaiveTime::from_hms_opt(9, 0, 0).unwrap();
    let start = Start { date: start.parse().unwrap(), time: Some((time, Tz::Europe__Berlin)) };
    Rule::parse(rule).and_then(|rule| recurrence(&rule, start))
}

/// The rule from Tuesday, 6 January 2026.
#[track_caller]
fn check(rule: &str, interval: u32, pattern: &Pattern) {
    let read = from(rule, "2026-01-06").unwrap();
    assert_eq!((read.interval, &read.pattern), (interval, pattern), "{rule}");
}

#[track_caller]
fn check_refused(rule: &str, start: &str, reason: SkipReason, part: &str) {
    assert_eq!(from(rule, start), Err(Refusal::new(reason, part)), "{rule}");
}

fn weekly(days: &[Weekday]) -> Pattern {
    Pattern::Weekly { days: days.to_vec(), first_day: Weekday::Sun }
}

#[test]
fn rules_that_a_calendar_can_repeat_become_its_patterns() {
    check("FREQ=DAILY;INTERVAL=4", 4, &Pattern::Daily);
    check("freq=daily;byday=mo,tu,we,th,fr", 1, &weekly(&WORKING_DAYS));
    check("FREQ=DAILY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR,SA,SU", 2, &Pattern::Daily);
    check("FREQ=WEEKLY", 1, &weekly(&[Weekday::Tue]));
    check("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH,TU;WKST=MO", 2, &weekly(&[Weekday::Tue, Weekday::Thu]));
    check("FREQ=MONTHLY", 1, &Pattern::AbsoluteMonthly { day: 6 });
    check("FREQ=MONTHLY;BYMONTHDAY=15", 1, &Pattern::AbsoluteMonthly { day: 15 });
    let last_day = Pattern::RelativeMonthly { days: ALL_DAYS.to_vec(), index: Index::Last };
    check("FREQ=MONTHLY;BYMONTHDAY=-1", 1, &last_day);
    check("FREQ=MONTHLY;BYDAY=MO", 1, &weekly(&[Weekday::Mon]));
    check("FREQ=MONTHLY;BYDAY=3TU", 1, &Pattern::RelativeMonthly { days: vec![Weekday::Tue], index: Index::Third });
    check(
        "FREQ=MONTHLY;INTERVAL=3;BYDAY=SA,SU;BYSETPOS=2",
        3,
        &Pattern::RelativeMonthly { days: WEEKEND.to_vec(), index: Index::Second },
    );
    check(
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        1,
        &Pattern::RelativeMonthly { days: WORKING_DAYS.to_vec(), index: Index::Last },
    );
    check("FREQ=YEARLY", 1, &Pattern::AbsoluteYearly { day: 6, month: 1 });
    check("FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=30", 1, &Pattern::AbsoluteYearly { day: 30, month: 4 });
    let second_monday = Pattern::RelativeYearly { days: vec![Weekday::Mon], index: Index::Second, month: 6 };
    check("FREQ=YEARLY;BYMONTH=6;BYDAY=2MO", 1, &second_monday);
    check("FREQ=MONTHLY;BYMONTH=6;BYDAY=MO;BYSETPOS=2", 1, &second_monday);
    check("FREQ=DAILY;BYHOUR=9;BYMINUTE=0;BYSECOND=0", 1, &Pattern::Daily);
}

#[test]
fn every_part_that_no_calendar_repeats_is_named() {
    let start = "2026-01-06";
    let table = [
        ("FREQ=HOURLY", SkipReason::RuleFrequency, "FREQ=HOURLY"),
        ("FREQ=DAILY;BYHOUR=9,10", SkipReason::RuleTimeOfDay, "BYHOUR=9,10"),
        ("FREQ=DAILY;BYMINUTE=30", SkipReason::RuleTimeOfDay, "BYMINUTE=30"),
        ("FREQ=DAILY;INTERVAL=2;BYDAY=MO", SkipReason::RuleByDay, "BYDAY=MO"),
        ("FREQ=DAILY;BYMONTH=6", SkipReason::RuleByMonth, "BYMONTH=6"),
        ("FREQ=WEEKLY;BYDAY=2MO", SkipReason::RuleByDay, "BYDAY=2MO"),
        ("FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=1", SkipReason::RuleBySetPos, "BYSETPOS=1"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", SkipReason::RuleByMonthDay, "BYMONTHDAY=1,15"),
        ("FREQ=MONTHLY;BYMONTHDAY=-2", SkipReason::RuleByMonthDay, "BYMONTHDAY=-2"),
        ("FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR", SkipReason::RuleByMonthDay, "BYMONTHDAY=13"),
        ("FREQ=MONTHLY;BYDAY=5MO", SkipReason::RuleByDay, "BYDAY=5MO"),
        ("FREQ=MONTHLY;BYDAY=-2MO", SkipReason::RuleByDay, "BYDAY=-2MO"),
        ("FREQ=MONTHLY;BYDAY=1MO,3MO", SkipReason::RuleByDay, "BYDAY=1MO,3MO"),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=MO", SkipReason::RuleByDay, "BYDAY=MO"),
        ("FREQ=MONTHLY;BYDAY=MO,WE;BYSETPOS=1", SkipReason::RuleBySetPos, "BYSETPOS=1"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1,2", SkipReason::RuleBySetPos, "BYSETPOS=1,2"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-2", SkipReason::RuleBySetPos, "BYSETPOS=-2"),
        ("FREQ=MONTHLY;BYMONTH=3,9", SkipReason::RuleByMonth, "BYMONTH=3,9"),
        ("FREQ=MONTHLY;INTERVAL=2;BYMONTH=3", SkipReason::RuleByMonth, "BYMONTH=3"),
        ("FREQ=YEARLY;BYMONTH=3,9", SkipReason::RuleByMonth, "BYMONTH=3,9"),
        ("FREQ=YEARLY;BYMONTHDAY=3", SkipReason::RuleByMonthDay, "BYMONTHDAY=3"),
        ("FREQ=YEARLY;BYDAY=20MO", SkipReason::RuleByDay, "BYDAY=20MO"),
        ("FREQ=YEARLY;BYMONTH=4;BYDAY=SU", SkipReason::RuleByDay, "BYDAY=SU"),
        ("FREQ=YEARLY;BYWEEKNO=20", SkipReason::RuleByWeekNo, "BYWEEKNO=20"),
        ("FREQ=YEARLY;BYYEARDAY=100", SkipReason::RuleByYearDay, "BYYEARDAY=100"),
        ("FREQ=DAILY;COUNT=1000", SkipReason::RuleCount, "COUNT=1000"),
        ("FREQ=DAILY;COUNT=99999999999", SkipReason::RuleCount, "COUNT=99999999999"),
        ("FREQ=DAILY;INTERVAL=1000", SkipReason::RuleInterval, "INTERVAL=1000"),
        ("FREQ=DAILY;INTERVAL=0", SkipReason::UnreadableRule, "INTERVAL=0"),
        ("FREQ=DAILY;COUNT=some", SkipReason::UnreadableRule, "COUNT=SOME"),
        ("FREQ=DAILY;UNTIL=soon", SkipReason::UnreadableRule, "UNTIL=SOON"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101", SkipReason::UnreadableRule, "COUNT with UNTIL"),
        ("FREQ=DAILY;FREQ=WEEKLY", SkipReason::UnreadableRule, "FREQ twice"),
        ("FREQ=WEEKLY;BYDAY=XX", SkipReason::UnreadableRule, "BYDAY=XX"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", SkipReason::UnreadableRule, "BYMONTHDAY=0"),
        ("FREQ=YEARLY;BYEASTER=1", SkipReason::UnreadableRule, "a part that is not part of the standard"),
        ("WEEKLY", SkipReason::UnreadableRule, "a part without a value"),
        ("", SkipReason::UnreadableRule, "FREQ"),
    ];
    for (rule, reason, part) in table {
        check_refused(rule, start, reason, part);
    }
}

#[test]
fn weeks_matter_only_where_the_dates_differ() {
    let other_weeks = from("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU", "2026-01-06").unwrap();
    let days = vec![Weekday::Tue, Weekday::Sun];
    assert_eq!(other_weeks.pattern, Pattern::Weekly { days: days.clone(), first_day: Weekday::Mon });
    for same in [
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU",
        "FREQ=WEEKLY;BYDAY=TU,SU",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;COUNT=1",
    ] {
        assert_eq!(from(same, "2026-01-06").unwrap().pattern, weekly(&days), "{same}");
    }
}

#[test]
fn days_that_some_months_lack_are_fine_where_none_of_these_months_comes() {
    for rule in ["FREQ=MONTHLY;INTERVAL=12", "FREQ=MONTHLY;UNTIL=20260131T080000Z", "FREQ=YEARLY"] {
        assert!(from(rule, "2026-01-31").is_ok(), "{rule}");
    }
    assert!(from("FREQ=MONTHLY;INTERVAL=2;COUNT=3", "2026-01-31").is_ok_and(|rule| rule.dates().count() == 3));
    check_refused("FREQ=MONTHLY", "2026-01-31", SkipReason::RuleShortMonths, "day 31 of DTSTART");
    check_refused("FREQ=MONTHLY;BYMONTHDAY=30", "2026-01-06", SkipReason::RuleShortMonths, "BYMONTHDAY=30");
    check_refused("FREQ=YEARLY", "2024-02-29", SkipReason::RuleShortMonths, "day 29 of DTSTART");
    // 2100 is no leap year.
    check_refused("FREQ=YEARLY;INTERVAL=4", "2024-02-29", SkipReason::RuleShortMonths, "day 29 of DTSTART");
    assert!(from("FREQ=YEARLY;INTERVAL=4;COUNT=19", "2024-02-29").is_ok());
}

#[test]
fn the_end_is_included_whatever_its_form() {
    let last = |until: &str| {
        from(&format!("FREQ=DAILY;UNTIL={until}"), "2026-03-01").unwrap().dates().last().unwrap().to_string()
    };
    assert_eq!(last("20260410"), "2026-04-10");
    // Nine o'clock in Berlin is seven in UTC after the clocks changed.
    assert_eq!(
        (last("20260410T070000Z"), last("20260410T065959Z")),
        ("2026-04-10".to_owned(), "2026-04-09".to_owned())
    );
    assert_eq!((last("20260410T090000"), last("20260410T085959")), ("2026-04-10".to_owned(), "2026-04-09".to_owned()));
    assert_eq!(last("20260409T223000Z"), "2026-04-09");
}

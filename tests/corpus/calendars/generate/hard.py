"""Rules that calendars cannot repeat."""

import datetime

from ics import BERLIN, DAY, WEEK, event, timed, write


def hard_cases():
    """Every rule that no calendar of either side can repeat exactly, each once,
    between rules that look alike and can be repeated."""
    zone = "Europe/Berlin"
    parts = [BERLIN]
    monday, month_end = datetime.date(2025, 1, 6), datetime.date(2025, 1, 31)
    cases = [
        ("hourly", monday, "FREQ=HOURLY;INTERVAL=6;COUNT=8"),
        ("minutely", monday, "FREQ=MINUTELY;INTERVAL=30;COUNT=4"),
        ("secondly", monday, "FREQ=SECONDLY;INTERVAL=90;COUNT=3"),
        ("byhour", monday, "FREQ=DAILY;BYHOUR=9,15;COUNT=10"),
        ("byminute", monday, "FREQ=DAILY;BYMINUTE=0,30;COUNT=10"),
        ("byweekno", datetime.date(2025, 5, 12), "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=5"),
        ("byyearday", datetime.date(2025, 4, 10), "FREQ=YEARLY;BYYEARDAY=100;COUNT=5"),
        ("bysetpos", datetime.date(2025, 1, 7), "FREQ=MONTHLY;BYDAY=TU,TH;BYSETPOS=1;COUNT=6"),
        (
            "bysetpos-two",
            datetime.date(2025, 1, 8),
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=6,-2;COUNT=6",
        ),
        ("monthdays", datetime.date(2025, 1, 1), "FREQ=MONTHLY;BYMONTHDAY=1,15;COUNT=12"),
        ("second-last", datetime.date(2025, 1, 30), "FREQ=MONTHLY;BYMONTHDAY=-2;COUNT=6"),
        ("ordinals", datetime.date(2025, 1, 6), "FREQ=MONTHLY;BYDAY=1MO,3WE;COUNT=12"),
        ("fifth", datetime.date(2025, 1, 31), "FREQ=MONTHLY;BYDAY=5FR;COUNT=4"),
        ("second-last-friday", datetime.date(2025, 1, 24), "FREQ=MONTHLY;BYDAY=-2FR;COUNT=6"),
        ("friday-13", datetime.date(2025, 6, 13), "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=3"),
        ("months", datetime.date(2025, 3, 15), "FREQ=YEARLY;BYMONTH=3,9;COUNT=6"),
        ("daily-in-june", datetime.date(2025, 6, 1), "FREQ=DAILY;BYMONTH=6;COUNT=35"),
        ("week-of-year", datetime.date(2025, 5, 12), "FREQ=YEARLY;BYDAY=20MO;COUNT=4"),
        ("week-start", datetime.date(2025, 1, 7), "FREQ=WEEKLY;INTERVAL=2;WKST=MO;BYDAY=TU,SU;COUNT=12"),
        ("too-many", monday, "FREQ=DAILY;COUNT=1000"),
        ("too-rare", monday, "FREQ=DAILY;INTERVAL=1200;COUNT=3"),
        ("every-100-days", monday, "FREQ=DAILY;INTERVAL=100;COUNT=5"),
        ("short-months", month_end, "FREQ=MONTHLY;COUNT=7"),
        ("day-30", datetime.date(2025, 1, 30), "FREQ=MONTHLY;UNTIL=20251231T000000Z"),
        ("leap-years", datetime.date(2024, 2, 29), "FREQ=YEARLY;COUNT=3"),
        ("unknown-part", monday, "FREQ=YEARLY;BYEASTER=-2;COUNT=3"),
        ("both-ends", monday, "FREQ=DAILY;COUNT=3;UNTIL=20250110T080000Z"),
        ("not-a-rule", monday, "FREQ=SOMETIMES"),
        ("ended", monday, "FREQ=DAILY;UNTIL=20250101T000000Z"),
        ("every-other-month-day", datetime.date(2025, 1, 6), "FREQ=MONTHLY;INTERVAL=2;BYDAY=MO;COUNT=12"),
        # These look hard and are not.
        ("long-months", month_end, "FREQ=MONTHLY;INTERVAL=2;COUNT=3"),
        ("month-end", month_end, "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=12"),
        ("all-mondays", monday, "FREQ=MONTHLY;BYDAY=MO;COUNT=20"),
        ("weekend", datetime.date(2025, 1, 4), "FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=1;COUNT=12"),
        (
            "first-day",
            datetime.date(2025, 1, 1),
            "FREQ=MONTHLY;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYSETPOS=1;COUNT=12",
        ),
        ("own-hour", monday, "FREQ=WEEKLY;BYHOUR=9;BYMINUTE=0;BYSECOND=0;COUNT=8"),
        ("june-monthly", datetime.date(2025, 6, 9), "FREQ=MONTHLY;BYMONTH=6;BYDAY=2MO;COUNT=4"),
        (
            "week-start-equal",
            datetime.date(2025, 1, 7),
            "FREQ=WEEKLY;INTERVAL=2;WKST=MO;BYDAY=TU,TH;COUNT=12",
        ),
        ("leap-cycle", datetime.date(2024, 2, 29), "FREQ=YEARLY;INTERVAL=4;COUNT=5"),
        ("second-by-position", datetime.date(2025, 1, 14), "FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2;COUNT=12"),
    ]
    for name, date, rule in cases:
        parts.append(event(f"{name}@hard.example", name, *timed(zone, date, "0900", "1000"), f"RRULE:{rule}"))
    # What surrounds a rule.
    parts.append(
        event(
            "in-utc@hard.example",
            "in-utc",
            "DTSTART:20250107T150000Z",
            "DTEND:20250107T153000Z",
            "RRULE:FREQ=WEEKLY;COUNT=50",
            "EXDATE:20250408T150000Z",
        )
    )
    parts.append(
        event(
            "two-rules@hard.example",
            "two-rules",
            *timed(zone, monday, "0900", "1000"),
            "RRULE:FREQ=WEEKLY;COUNT=4",
            "RRULE:FREQ=MONTHLY;COUNT=4",
        )
    )
    parts.append(
        event(
            "future@hard.example",
            "future",
            *timed(zone, monday, "0900", "1000"),
            "RRULE:FREQ=WEEKLY;COUNT=10",
        )
    )
    parts.append(
        event(
            "future@hard.example",
            "future (afternoon)",
            *timed(zone, monday + 4 * WEEK, "1500", "1600"),
            "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20250203T090000",
        )
    )
    parts.append(
        event(
            "hourly@hard.example",
            "hourly (changed)",
            *timed(zone, monday, "1600", "1700"),
            "RECURRENCE-ID;TZID=Europe/Berlin:20250106T150000",
        )
    )
    parts.append(
        event(
            "excluded@hard.example",
            "excluded",
            *timed(zone, monday, "0900", "1000"),
            "RRULE:FREQ=WEEKLY;COUNT=6",
            "EXDATE;TZID=Europe/Berlin:20250120T090000",
        )
    )
    parts.append(
        event(
            "excluded@hard.example",
            "excluded (changed)",
            *timed(zone, monday + 2 * WEEK, "1100", "1200"),
            "RECURRENCE-ID;TZID=Europe/Berlin:20250120T090000",
        )
    )
    parts.append(
        event(
            "off@hard.example",
            "off",
            *timed(zone, monday, "0900", "1000"),
            "RRULE:FREQ=WEEKLY;COUNT=6",
            "STATUS:CANCELLED",
        )
    )
    parts.append(
        event(
            "last-day@hard.example",
            "last-day",
            *timed(zone, monday, "0900", "1000"),
            "RRULE:FREQ=WEEKLY;UNTIL=20250203",
        )
    )
    parts.append(
        event(
            "backwards@hard.example",
            "backwards",
            *timed(zone, monday, "0900", "0800"),
            "RRULE:FREQ=WEEKLY;COUNT=6",
        )
    )
    parts.append(
        event(
            "twice@hard.example",
            "twice (new)",
            *timed(zone, monday, "0900", "1000"),
            "RRULE:FREQ=WEEKLY;COUNT=6",
            "SEQUENCE:4",
        )
    )
    parts.append(
        event(
            "twice@hard.example",
            "twice (old)",
            *timed(zone, monday, "1100", "1200"),
            "RRULE:FREQ=WEEKLY;COUNT=9",
            "SEQUENCE:3",
        )
    )
    parts.append(
        event(
            "beside-count@hard.example",
            "beside-count",
            *timed(zone, monday + DAY, "0900", "1000"),
            "RRULE:FREQ=MONTHLY;INTERVAL=2;BYDAY=1WE;COUNT=5",
        )
    )
    parts.append(
        ["BEGIN:VTODO", "UID:task@hard.example", "DTSTAMP:20251201T080000Z", "SUMMARY:task", "END:VTODO"]
    )
    write("hard-cases.ics", "-//Example//Hard Cases//EN", parts)

"""The export of a web calendar."""

import datetime

from ics import BERLIN, DAY, WEEK, event, timed, whole_days, write


def web_calendar():
    """An export of a web calendar: additional and excluded dates of all forms,
    ends in UTC, positions, weeks from Monday, changes without their series."""
    berlin, york = "Europe/Berlin", "America/New_York"
    parts = [BERLIN]
    first = datetime.date(2025, 1, 6)
    for number in range(20):
        zone, date = (berlin, york)[number % 2], first + (number % 5) * DAY
        start, stop = f"{7 + number % 9:02}00", f"{8 + number % 9:02}30"
        day = ["MO", "TU", "WE", "TH", "FR"][number % 5]
        later = datetime.date(2025, 3, 31) + (number % 5) * DAY
        rules = [
            [
                "RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20260105T235959Z;BYDAY=" + day,
                f"EXDATE;TZID={zone}:{later:%Y%m%d}T{start}00",
            ],
            [
                "RRULE:FREQ=WEEKLY;WKST=MO;COUNT=40;INTERVAL=2;BYDAY=" + day,
                f"EXDATE;VALUE=DATE:{date + 4 * WEEK:%Y%m%d}",
            ],
            [
                "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
                f"RDATE;TZID={zone}:20250115T{start}00,20250416T{start}00",
            ],
            ["RRULE:FREQ=DAILY;COUNT=25", f"RDATE;TZID={zone}:{date + 3 * DAY:%Y%m%d}T{start}00"],
            ["RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;UNTIL=20260630T215959Z"],
        ][number % 5]
        if number % 5 in (2, 4):
            date = datetime.date(2025, 1, 31)
        lines = [
            *timed(zone, date, start, stop),
            *rules,
            "STATUS:CONFIRMED",
            "LAST-MODIFIED:20250101T120000Z",
        ]
        parts.append(event(f"web-{number}@web.example", f"Web {number}", *lines))
    # Whole days, excluded by date and added by date.
    parts.append(
        event(
            "days@web.example",
            "Cleaning",
            *whole_days(first, 2),
            "RRULE:FREQ=WEEKLY;INTERVAL=3;WKST=MO;COUNT=30",
            "EXDATE;VALUE=DATE:20250127,20250310",
            "RDATE;VALUE=DATE:20250501,20250127",
        )
    )
    # Only additional dates; one of them is a period, one was moved.
    parts.append(
        event(
            "dates@web.example",
            "Rehearsal",
            "DTSTART;TZID=Europe/Berlin:20250202T180000",
            "DURATION:PT2H",
            "RDATE;TZID=Europe/Berlin:20250209T180000,20250330T013000,20251026T013000",
            "RDATE;VALUE=PERIOD:20250504T160000Z/PT3H",
        )
    )
    parts.append(
        event(
            "dates@web.example",
            "Rehearsal (small room)",
            "DTSTART;TZID=Europe/Berlin:20250210T190000",
            "DURATION:PT1H",
            "RECURRENCE-ID:20250209T170000Z",
        )
    )
    # The start lies beside the rule.
    parts.append(
        event(
            "beside@web.example",
            "Training",
            *timed(berlin, datetime.date(2025, 1, 8), "1700", "1800"),
            "RRULE:FREQ=WEEKLY;BYDAY=MO,FR;UNTIL=20250601T000000Z",
        )
    )
    # In UTC, where the clocks never change, unless a program prefers the zone
    # of the calendar.
    parts.append(
        event(
            "utc@web.example",
            "Call",
            "DTSTART:20250107T150000Z",
            "DTEND:20250107T153000Z",
            "RRULE:FREQ=WEEKLY;COUNT=50",
            "EXDATE:20250204T150000Z",
        )
    )
    # Across midnight, and across the changes of the clock.
    parts.append(
        event(
            "night@web.example",
            "Night shift",
            "DTSTART;TZID=Europe/Berlin:20250103T220000",
            "DTEND;TZID=Europe/Berlin:20250104T060000",
            "RRULE:FREQ=DAILY;INTERVAL=2;UNTIL=20251130T230000Z",
        )
    )
    parts.append(
        event(
            "gap@web.example",
            "Backup",
            *timed(berlin, datetime.date(2025, 1, 5), "0230", "0245"),
            "RRULE:FREQ=WEEKLY;BYDAY=SU;COUNT=60",
        )
    )
    # Without a zone.
    parts.append(
        event(
            "floating@web.example",
            "Tablet",
            "DTSTART:20250101T073000",
            "DTEND:20250101T074000",
            "RRULE:FREQ=DAILY;UNTIL=20250630",
        )
    )
    # Changes whose series somebody else has.
    for week in range(6):
        date = datetime.date(2025, 9, 2) + week * WEEK
        parts.append(
            event(
                "elsewhere@web.example",
                f"Guest lecture {week + 1}",
                *timed(berlin, date, "1100", "1230"),
                f"RECURRENCE-ID;TZID=Europe/Berlin:{date:%Y%m%d}T100000",
            )
        )
    # One occurrence passes its neighbour, two consecutive ones make way.
    parts.append(
        event(
            "crossing@web.example",
            "Review",
            *timed(berlin, datetime.date(2025, 1, 9), "0900", "1000"),
            "RRULE:FREQ=WEEKLY;COUNT=20",
        )
    )
    for original, moved in [("20250213", "20250225"), ("20250403", "20250411"), ("20250410", "20250416")]:
        date = datetime.datetime.strptime(moved, "%Y%m%d").date()
        parts.append(
            event(
                "crossing@web.example",
                f"Review of {original}",
                *timed(berlin, date, "0900", "1000"),
                f"RECURRENCE-ID;TZID=Europe/Berlin:{original}T090000",
            )
        )
    for number in range(40):
        date = datetime.date(2025, 1, 3) + number * 9 * DAY
        parts.append(
            event(
                f"once-{number}@web.example",
                f"Appointment {number}",
                *timed((berlin, york)[number % 2], date, "1300", "1345"),
            )
        )
    write(
        "web-calendar.ics",
        "-//Example Web//Calendar 70.9054//EN",
        parts,
        ["METHOD:PUBLISH", "X-WR-TIMEZONE:Europe/Berlin"],
    )

"""The timetable of a school."""

import datetime

from ics import BERLIN, DAY, WEEK, event, timed, write


def timetable():
    """A school's timetable: weekly lessons of two terms, without the lessons of
    the holidays, with lessons moved to another room, hour or day."""
    zone = "Europe/Berlin"
    parts = [BERLIN]
    terms = [
        (datetime.date(2025, 9, 8), datetime.date(2026, 1, 30)),
        (datetime.date(2026, 2, 9), datetime.date(2026, 7, 17)),
    ]
    free = [
        (datetime.date(2025, 10, 13), 2),
        (datetime.date(2025, 12, 22), 2),
        (datetime.date(2026, 3, 30), 2),
        (datetime.date(2026, 5, 25), 1),
    ]
    subjects = [
        "Mathematics",
        "German",
        "English",
        "Physics",
        "History",
        "Biology",
        "Music",
        "Chemistry",
        "Sports",
        "Geography",
        "Art",
        "Latin",
    ]
    hours = [("0800", "0845"), ("0850", "0935"), ("0955", "1040"), ("1045", "1130"), ("1145", "1230")]
    number = 0
    for term, (begin, end) in enumerate(terms, 1):
        for weekday in range(5):
            for slot, (start, stop) in enumerate(hours):
                subject = subjects[(weekday * 3 + slot * 5 + term) % len(subjects)]
                first = begin + weekday * DAY
                uid = f"lesson-{term}-{weekday}-{slot}@school.example"
                name = f"{subject} {term}{'ABCDE'[weekday]}{slot + 1}"
                out = [
                    first_day + weekday * DAY + week * WEEK
                    for first_day, weeks in free
                    for week in range(weeks)
                ]
                out = [date for date in out if first <= date <= end]
                lines = (
                    [f"EXDATE;TZID={zone}:" + ",".join(f"{date:%Y%m%d}T{start}00" for date in out)]
                    if slot % 2
                    else [f"EXDATE;TZID={zone}:{date:%Y%m%d}T{start}00" for date in out]
                )
                rule = f"RRULE:FREQ=WEEKLY;UNTIL={end:%Y%m%d}T220000Z"
                lines = [
                    *timed(zone, first, start, stop),
                    rule,
                    *(lines if out else []),
                    f"LOCATION:Room {100 + slot}",
                    "SEQUENCE:1",
                ]
                parts.append(event(uid, name, *lines))
                for turn in range(2 if slot < 4 else 1):
                    original = first + (2 + turn * 9 + slot) * WEEK
                    if original in out or original > end:
                        continue
                    parts.append(lesson_change(uid, name, zone, original, start, stop, number))
                    number += 1
    write("timetable.ics", "-//Example School//Timetable 4//DE", parts, ["X-WR-TIMEZONE:Europe/Berlin"])


def lesson_change(uid, name, zone, original, start, stop, number):
    """One changed lesson, of one of five kinds."""
    recurrence = f"RECURRENCE-ID;TZID={zone}:{original:%Y%m%d}T{start}00"
    kind = number % 5
    if kind == 0:
        return event(uid, name, *timed(zone, original, start, stop), recurrence, "LOCATION:Gym", "SEQUENCE:2")
    if kind == 1:
        return event(
            uid, f"{name} (later)", *timed(zone, original, "1400", "1445"), recurrence, "LOCATION:Room 100"
        )
    if kind == 2:
        return event(
            uid,
            f"{name} (moved)",
            *timed(zone, original + 2 * DAY, "1500", "1545"),
            recurrence,
            "DESCRIPTION:Moved\\, see the board.",
        )
    if kind == 3:
        return event(
            uid, name, *timed(zone, original, start, stop), recurrence, "STATUS:CANCELLED", "SEQUENCE:3"
        )
    return event(uid, f"Test: {name}", *timed(zone, original, start, stop), recurrence, "LOCATION:Hall")

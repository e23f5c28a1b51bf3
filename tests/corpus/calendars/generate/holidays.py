"""Public holidays."""

import datetime

from ics import DAY, event, whole_days, write


def easter(year):
    """Easter Sunday of the Gregorian calendar (the method of Gauss, as completed by Lichtenberg)."""
    century, golden = year // 100, year % 19
    moon = 15 + (3 * century + 3) // 4 - (8 * century + 13) // 25
    seed = (19 * golden + moon) % 30
    limit = 21 + seed - (seed // 29 + (seed // 28 - seed // 29) * (golden // 11))
    first_sunday = 7 - (year + year // 4 + 2 - (3 * century + 3) // 4) % 7
    return datetime.date(year, 3, 1) + (limit + 7 - (limit - first_sunday) % 7 - 1) * DAY


def holidays():
    """Public holidays of two countries: whole days, yearly rules by date and by
    day of the week, and the movable ones one by one."""
    parts = []
    fixed = [
        (1, 1, "New Year"),
        (1, 6, "Epiphany"),
        (5, 1, "Labour Day"),
        (6, 19, "Juneteenth"),
        (7, 4, "Independence Day"),
        (8, 15, "Assumption"),
        (10, 3, "Day of German Unity"),
        (10, 31, "Reformation Day"),
        (11, 1, "All Saints"),
        (11, 11, "Veterans Day"),
        (12, 24, "Christmas Eve"),
        (12, 25, "Christmas Day"),
        (12, 26, "Boxing Day"),
        (12, 31, "New Year's Eve"),
        (3, 8, "Women's Day"),
        (9, 20, "Children's Day"),
    ]
    for month, day, name in fixed:
        uid = f"fixed-{month:02}-{day:02}@holidays.example"
        parts.append(
            event(
                uid,
                name,
                *whole_days(datetime.date(2020, month, day)),
                "RRULE:FREQ=YEARLY",
                "TRANSP:TRANSPARENT",
            )
        )
    by_weekday = [
        ("20200120", "1", "3MO", "Martin Luther King Day"),
        ("20200217", "2", "3MO", "Presidents' Day"),
        ("20200525", "5", "-1MO", "Memorial Day"),
        ("20200907", "9", "1MO", "Labor Day (US)"),
        ("20201012", "10", "2MO", "Columbus Day"),
        ("20201126", "11", "4TH", "Thanksgiving"),
        ("20200510", "5", "2SU", "Mother's Day"),
        ("20200621", "6", "3SU", "Father's Day"),
        ("20200329", "3", "-1SU", "Clocks go forward"),
        ("20201025", "10", "-1SU", "Clocks go back"),
    ]
    for first, month, day, name in by_weekday:
        start = datetime.datetime.strptime(first, "%Y%m%d").date()
        rule = f"RRULE:FREQ=YEARLY;BYMONTH={month};BYDAY={day}"
        parts.append(event(f"nth-{month}-{day}@holidays.example", name, *whole_days(start), rule))
    parts.append(
        event(
            "last-working-day@holidays.example",
            "Last working day of the year",
            *whole_days(datetime.date(2020, 12, 31)),
            "RRULE:FREQ=YEARLY;BYMONTH=12;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        )
    )
    parts.append(
        event(
            "leap-day@holidays.example",
            "Leap day",
            *whole_days(datetime.date(2020, 2, 29)),
            "RRULE:FREQ=YEARLY",
        )
    )
    parts.append(
        event(
            "olympics@holidays.example",
            "Summer games",
            *whole_days(datetime.date(2020, 7, 24), 16),
            "RRULE:FREQ=YEARLY;INTERVAL=4",
        )
    )
    movable = [
        (-48, "Rose Monday"),
        (-46, "Ash Wednesday"),
        (-2, "Good Friday"),
        (0, "Easter Sunday"),
        (1, "Easter Monday"),
        (39, "Ascension Day"),
        (49, "Whit Sunday"),
        (50, "Whit Monday"),
        (60, "Corpus Christi"),
    ]
    for year in range(2022, 2032):
        for days, name in movable:
            uid = f"movable-{year}-{days}@holidays.example"
            parts.append(event(uid, name, *whole_days(easter(year) + days * DAY), "TRANSP:TRANSPARENT"))
        first = datetime.date(year, 7, 20) + (year % 5) * DAY
        parts.append(event(f"school-{year}@holidays.example", "School holidays", *whole_days(first, 44)))
    write(
        "holidays.ics",
        "-//Example Holidays//Calendar 2.1//EN",
        parts,
        ["X-WR-CALNAME:Holidays", "METHOD:PUBLISH"],
    )

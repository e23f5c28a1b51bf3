"""The export of an old Outlook."""

import datetime

from ics import DAY, WEEK, event, timed, write


def outlook_zone(tzid, standard, daylight, number=None):
    """A zone as old Outlook versions describe it: (offset, month, day of week)."""
    lines = ["BEGIN:VTIMEZONE", f"TZID:{tzid}"]
    if number is not None:
        lines.append(f"X-MICROSOFT-CDO-TZID:{number}")
    for name, (offset, change), other in [("STANDARD", standard, daylight), ("DAYLIGHT", daylight, standard)]:
        if offset is None:
            continue
        before = other[0] if other[0] is not None else offset
        lines += [f"BEGIN:{name}", "DTSTART:16010101T000000" if change is None else f"DTSTART:{change[0]}"]
        if change is not None:
            lines.append(f"RRULE:FREQ=YEARLY;WKST=MO;INTERVAL=1;BYMONTH={change[1]};BYDAY={change[2]}")
        lines += [f"TZOFFSETFROM:{before}", f"TZOFFSETTO:{offset}", f"END:{name}"]
    return lines + ["END:VTIMEZONE"]


def old_outlook():
    """An export of an old Outlook: zones by display name and "Customized Time
    Zone", which only their rules explain, properties of its own, revisions."""
    west = '"(GMT+01.00) Amsterdam / Berlin / Bern / Rome / Stockholm / Vienna"'
    display = '"(UTC-05:00) Eastern Time (US & Canada)"'
    comma = '"(UTC+01:00) Brussels, Copenhagen, Madrid, Paris"'
    custom, arizona, nowhere = "Customized Time Zone", "Customized Time Zone 1", "Customized Time Zone 2"
    europe = [("+0100", ("16011028T030000", 10, "-1SU")), ("+0200", ("16010325T020000", 3, "-1SU"))]
    america = [("-0500", ("16011104T020000", 11, "1SU")), ("-0400", ("16010311T020000", 3, "2SU"))]
    parts = [
        outlook_zone(west.strip('"'), *europe, number=4),
        outlook_zone(display.strip('"'), *america),
        outlook_zone(comma.strip('"').replace(",", "\\,"), *europe),
        outlook_zone(
            custom, ("+1000", ("16010401T030000", 4, "1SU")), ("+1100", ("16011007T020000", 10, "1SU"))
        ),
        outlook_zone(arizona, ("-0700", None), (None, None), number=38),
        outlook_zone(nowhere, ("+0517", None), (None, None)),
    ]
    zones = [west, display, comma, custom, arizona, "W. Europe Standard Time", "Tokyo Standard Time"]
    own = [
        "CLASS:PUBLIC",
        "PRIORITY:5",
        "TRANSP:OPAQUE",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
        "X-MICROSOFT-CDO-IMPORTANCE:1",
        "X-MICROSOFT-DISALLOW-COUNTER:FALSE",
        "X-MS-OLK-CONFTYPE:0",
    ]
    number = 0
    for zone in zones:
        for series in range(4):
            number += 1
            uid = f"040000008200E00074C5B7101A82E008000000{number:04X}"
            first = datetime.date(2025, 2, 3) + series * DAY
            start, stop = f"{8 + series * 3:02}30", f"{9 + series * 3:02}15"
            rules = [
                "RRULE:FREQ=WEEKLY;COUNT=60",
                "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;WKST=SU;UNTIL=20260630T000000Z",
                "RRULE:FREQ=MONTHLY;BYDAY=1WE",
                "RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20251231T235959Z",
            ]
            text = "DESCRIPTION:Standing agenda: numbers\\, open points; what is planned for the weeks to come and who takes care of it."
            lines = [
                *timed(zone, first if series != 2 else datetime.date(2025, 2, 5), start, stop),
                rules[series],
                f"SEQUENCE:{series}",
                text,
                *own,
            ]
            parts.append(event(uid, f"Meeting {number}", *lines))
            if series == 0:
                for week, hour in [(7, "16"), (8, "17"), (34, "18"), (38, "19")]:
                    date = first + week * WEEK
                    change = [
                        *timed(zone, date, f"{hour}00", f"{hour}45"),
                        f"RECURRENCE-ID;TZID={zone}:{date:%Y%m%d}T{start}00",
                        "SEQUENCE:9",
                        *own,
                    ]
                    parts.append(event(uid, f"Meeting {number} at {hour}", *change))
                # An older revision of the same change, behind the newer one.
                date = first + 7 * WEEK
                stale = [
                    *timed(zone, date, "2000", "2045"),
                    f"RECURRENCE-ID;TZID={zone}:{date:%Y%m%d}T{start}00",
                    "SEQUENCE:2",
                ]
                parts.append(event(uid, f"Meeting {number} too late", *stale))
        for single in range(4):
            number += 1
            date = datetime.date(2025, 3, 24) + single * 11 * WEEK
            parts.append(
                event(
                    f"single-{number}@old.example",
                    f"Visit {number}",
                    *timed(zone, date, "1000", "1130"),
                    *own,
                )
            )
    parts.append(
        event(
            "lost-zone@old.example",
            "Somewhere",
            *timed(nowhere, datetime.date(2025, 3, 3), "1000", "1100"),
            "RRULE:FREQ=WEEKLY;COUNT=4",
        )
    )
    write(
        "old-outlook.ics",
        "-//Microsoft Corporation//Outlook 12.0 MIMEDIR//EN",
        parts,
        ["METHOD:PUBLISH", "X-MS-OLK-FORCEINSPECTOROPEN:TRUE"],
    )

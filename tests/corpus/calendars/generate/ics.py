"""How programs write calendar files: components, times, folded lines."""

import datetime
import pathlib

FOLDER = pathlib.Path(__file__).parent.parent

DAY = datetime.timedelta(days=1)
WEEK = datetime.timedelta(days=7)

BERLIN = [
    "BEGIN:VTIMEZONE",
    "TZID:Europe/Berlin",
    "BEGIN:DAYLIGHT",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0200",
    "TZNAME:CEST",
    "DTSTART:19700329T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "END:DAYLIGHT",
    "BEGIN:STANDARD",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    "TZNAME:CET",
    "DTSTART:19701025T030000",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "END:STANDARD",
    "END:VTIMEZONE",
]


def event(uid, summary, *lines):
    """A VEVENT with the properties that all have."""
    head = ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20251201T080000Z", f"SUMMARY:{summary}"]
    return head + list(lines) + ["END:VEVENT"]


def whole_days(first, days=1):
    """Start and end of whole days."""
    return [f"DTSTART;VALUE=DATE:{first:%Y%m%d}", f"DTEND;VALUE=DATE:{first + days * DAY:%Y%m%d}"]


def timed(zone, date, start, end):
    """Start and end on one day."""
    return [f"DTSTART;TZID={zone}:{date:%Y%m%d}T{start}00", f"DTEND;TZID={zone}:{date:%Y%m%d}T{end}00"]


def folded(line):
    """A line in pieces of at most 75 bytes (RFC 5545, section 3.1)."""
    pieces, piece = [], ""
    for character in line:
        if len((piece + character).encode()) > 74:
            pieces.append(piece)
            piece = ""
        piece += character
    return "\r\n ".join([*pieces, piece])


def write(name, product, parts, properties=()):
    """Writes a calendar of these components."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{product}", "CALSCALE:GREGORIAN", *properties]
    for part in parts:
        lines += part
    lines.append("END:VCALENDAR")
    (FOLDER / name).write_bytes("".join(folded(line) + "\r\n" for line in lines).encode())

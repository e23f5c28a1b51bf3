"""Which instances does a calendar file have, according to recurring-ical-events?

    instances.py FILE.ics --from DATE --to DATE [--floating-zone ZONE]

Prints one line of JSON per instance that begins on or after the first date and
before the second one, ordered by start, title and UID:

    {"uid": .., "summary": .., "start": .., "end": .., "allDay": .., "original": ..}

Instants are in UTC, whole days are dates; `end` is exclusive. `original` is the
start that the rule gives to the occurrence. Cancelled instances are left out:
no calendar shows them. Clock readings without a zone belong to the floating
zone (default: UTC). Knows nothing of what the harness can or cannot import.
"""

import argparse
import datetime
import json
import pathlib
import zoneinfo

import icalendar
import recurring_ical_events


def moment(value, floating):
    """A date as it is, a date with time as an instant of UTC."""
    if not isinstance(value, datetime.datetime):
        return value.isoformat()
    if value.tzinfo is None:
        value = value.replace(tzinfo=floating)
    return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def title(event):
    """The title in one line, as calendars show it."""
    return " ".join(str(event.get("SUMMARY", "")).split())


def instances(calendar, first, last, floating):
    """The instances that begin in a period, ordered."""
    # A series that breaks the grammar is skipped here, too.
    query = recurring_ical_events.of(calendar, components=["VEVENT"], skip_bad_series=True)
    margin = datetime.timedelta(days=2)
    found = []
    for event in query.between(first - margin, last + margin):
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        start = moment(event.start, floating)
        if not first.isoformat() <= start[:10] < last.isoformat():
            continue
        original = event.get("RECURRENCE-ID")
        found.append(
            {
                "uid": str(event.get("UID", "")),
                "summary": title(event),
                "start": start,
                "end": moment(event.end, floating),
                "allDay": not isinstance(event.start, datetime.datetime),
                "original": moment(original.dt, floating) if original is not None else start,
            }
        )
    return sorted(found, key=lambda one: (one["start"], one["summary"], one["uid"]))


def main():
    arguments = argparse.ArgumentParser(description="Expands a calendar file into its instances.")
    arguments.add_argument("file", type=pathlib.Path)
    arguments.add_argument("--from", dest="first", type=datetime.date.fromisoformat, required=True)
    arguments.add_argument("--to", dest="last", type=datetime.date.fromisoformat, required=True)
    arguments.add_argument("--floating-zone", type=zoneinfo.ZoneInfo, default=datetime.timezone.utc)
    given = arguments.parse_args()
    calendar = icalendar.Calendar.from_ical(given.file.read_bytes())
    for one in instances(calendar, given.first, given.last, given.floating_zone):
        print(json.dumps(one))


if __name__ == "__main__":
    main()

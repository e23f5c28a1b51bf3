"""Random series, expanded by python-dateutil, one JSON line each.

The test `plugin/core/tests/expansion.rs` compares the core with them. Nothing
here knows how the core works: days come from `dateutil.rrule`, instants from
`zoneinfo`, and what both leave open is written down where it is decided.

The first line names the version of the zone database, which has to be that of
the core. The others are objects:

    rule       pattern (daily, weekly, monthly, monthly-nth, yearly,
               yearly-nth), interval, until or count where it ends, and the
               fields of the pattern: days, week_start, day, month, instance
    zone       an IANA name, or null for whole days
    start      where the rule begins, which need not be on the rule: start and
               end as seconds since 1970 in UTC, or as dates, the end exclusive
    instances  [day, start, end] of each occurrence, in order
    complete   whether these are all; else more would follow
    skipped    whether the first occurrence lies in an hour that clocks leave
               out, although the start does not; there are no instances then
"""

import argparse
import functools
import itertools
import json
import random
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo, reset_tzpath

import tzdata
from dateutil import rrule, tz

# Not the database of the system, which may be any version.
reset_tzpath(to=())

ZONES = [
    "Africa/Casablanca",  # four changes a year, dated by the moon
    "America/New_York",
    "America/Sao_Paulo",  # changes at midnight, until 2019
    "America/St_Johns",  # half an hour beside the others, changes at 00:01 until 2011
    "Asia/Kolkata",  # never changes
    "Asia/Tehran",  # changes at midnight, until 2022
    "Australia/Lord_Howe",  # by half an hour
    "Europe/Berlin",
    "Europe/London",
    "Pacific/Apia",  # has no 2011-12-30
]

# In the order of a week that begins on Sunday.
WEEKDAYS = {"SU": rrule.SU, "MO": rrule.MO, "TU": rrule.TU, "WE": rrule.WE, "TH": rrule.TH, "FR": rrule.FR, "SA": rrule.SA}
WORKING = ["MO", "TU", "WE", "TH", "FR"]
WEEKEND = ["SU", "SA"]

# chrono-tz lists the changes of the clocks up to the end of 2099.
HORIZON = datetime(2090, 1, 1)

# Occurrences of one series. A few long ones for decades of daily rules, many
# short ones for many rules.
INSTANCES_MAX = 50
INSTANCES_MAX_LONG = 1500
ONE_LONG_IN = 50


def random_days(rng):
    kind = rng.randrange(6)
    if kind == 0:
        return WORKING
    if kind == 1:
        return WEEKEND
    if kind == 2:
        return list(WEEKDAYS)
    count = 1 if kind < 5 else rng.randint(2, 6)
    chosen = rng.sample(list(WEEKDAYS), count)
    return [day for day in WEEKDAYS if day in chosen]


def random_rule(rng):
    pattern = rng.choice(["daily", "weekly", "monthly", "monthly-nth", "yearly", "yearly-nth"])
    # Mostly what people choose, sometimes what they might.
    interval = rng.choice([1, 1, 1, 2, 2, 3, 4, 5, rng.randint(1, 40)])
    rule = {"pattern": pattern, "interval": interval}
    if pattern == "weekly":
        rule["days"] = random_days(rng)
        rule["week_start"] = rng.choice(list(WEEKDAYS))
    if pattern in ("monthly-nth", "yearly-nth"):
        rule["days"] = random_days(rng)
        rule["instance"] = rng.choice([1, 2, 3, 4, -1])
    if pattern in ("monthly", "yearly"):
        rule["day"] = rng.choice([rng.randint(1, 28), 29, 30, 31])
    if pattern in ("yearly", "yearly-nth"):
        rule["month"] = rng.choice([2, rng.randint(1, 12)])
    return rule


def clamped(day):
    """Day 31, or the last one of months that have fewer: RFC 5545 leaves such
    months out, so it is the last of the days 28 to 31 that there are."""
    if day <= 28:
        return {"bymonthday": day}
    return {"bymonthday": tuple(range(28, day + 1)), "bysetpos": -1}


def nth(days, instance):
    """The nth of all days that fit, not of each weekday."""
    return {"byweekday": [WEEKDAYS[day] for day in days], "bysetpos": instance}


def expand(rule, start_day):
    """The days of a rule. A count begins with the first day that fits."""
    pattern = rule["pattern"]
    if pattern == "daily":
        frequency, by = rrule.DAILY, {}
    elif pattern == "weekly":
        frequency = rrule.WEEKLY
        by = {"byweekday": [WEEKDAYS[day] for day in rule["days"]], "wkst": WEEKDAYS[rule["week_start"]]}
    elif pattern == "monthly":
        frequency, by = rrule.MONTHLY, clamped(rule["day"])
    elif pattern == "monthly-nth":
        frequency, by = rrule.MONTHLY, nth(rule["days"], rule["instance"])
    elif pattern == "yearly":
        frequency, by = rrule.YEARLY, {"bymonth": rule["month"], **clamped(rule["day"])}
    else:
        frequency, by = rrule.YEARLY, {"bymonth": rule["month"], **nth(rule["days"], rule["instance"])}
    if "count" in rule:
        by["count"] = rule["count"]
    if "until" in rule:
        by["until"] = datetime.combine(date.fromisoformat(rule["until"]), time.max)
    begin = datetime.combine(start_day, time.min)
    return rrule.rrule(frequency, dtstart=begin, interval=rule["interval"], **by)


def random_end(rng, rule, start_day):
    kind = rng.choice(["never", "until", "count"])
    if kind == "count":
        rule["count"] = rng.choice([1, 2, rng.randint(1, 60), rng.randint(1, 999)])
    if kind == "until":
        # Also before the first occurrence.
        rule["until"] = (start_day + timedelta(days=rng.choice([0, 10, 100, 1000, 10000]) + rng.randint(0, 400))).isoformat()


def instant(wall, zone):
    """The instant of a time on the wall.

    Of two, the first (fold 0). In a gap, fold 0 means the offset before it
    (PEP 495), so the clock shows as much more as was left out; that is what
    dateutil's `resolve_imaginary` does by moving the wall time, and the two have
    to agree.
    """
    aware = wall.replace(tzinfo=zone, fold=0)
    found = aware.astimezone(timezone.utc)
    if not tz.datetime_exists(aware):
        moved = tz.resolve_imaginary(aware).astimezone(timezone.utc)
        assert moved == found, (wall, zone)
    return found


def exists(wall, zone):
    return tz.datetime_exists(wall.replace(tzinfo=zone, fold=0))


@functools.cache
def changes(zone_name, year):
    """The days of a year at whose end the clocks show something else than they
    would without a change."""
    zone = ZoneInfo(zone_name)
    midnights = [datetime(year, 1, 1, tzinfo=timezone.utc) + timedelta(days=number) for number in range(366)]
    offsets = [at.astimezone(zone).utcoffset() for at in midnights]
    return [midnights[number].date() for number in range(365) if offsets[number] != offsets[number + 1]]


def random_start(rng, zone_name):
    """A time on the wall, often near one at which clocks change."""
    day = date(1995, 1, 1) + timedelta(days=rng.randrange(365 * 41))
    if zone_name is not None and rng.random() < 0.3:
        year = 2011 if zone_name == "Pacific/Apia" and rng.random() < 0.5 else day.year
        near = rng.choice(changes(zone_name, year) or [day])
        day = near - timedelta(days=rng.choice([-1, 0, 0, 1, 2, 7, 30]))
    hour = rng.choice([0, 0, 1, 2, 2, 2, 3, 23, rng.randrange(24), rng.randrange(24)])
    minute = rng.choice([0, 15, 30, 45, rng.randrange(60)])
    second = rng.choice([0, 0, 0, rng.randrange(60)])
    return datetime.combine(day, time(hour, minute, second))


def changing_series(rng, zone_name):
    """Start and rule of a series that has its first occurrence about a day on
    which clocks change, from a start that is not on the rule."""
    zone_changes = changes(zone_name, 2011 if zone_name == "Pacific/Apia" else rng.randint(1995, 2035))
    if not zone_changes:
        return None
    # The day of UTC on which it happens, or the one beside it.
    day = rng.choice(zone_changes) + timedelta(days=rng.randrange(2))
    fitting = list(WEEKDAYS)[day.isoweekday() % 7]
    rule = {"pattern": "weekly", "interval": 1, "days": [fitting], "week_start": fitting}
    begin = day - timedelta(days=rng.randint(1, 6))
    return datetime.combine(begin, time(rng.randint(0, 3), rng.choice([0, 15, 30]))), rule


def seconds(at):
    return int(at.timestamp())


def timed_instances(days, start, length, zone):
    """Start and end keep their time on the wall. Where the clocks would put the
    end not behind the start, the occurrence keeps its length as it is on the
    wall, or the real one where that is none. The occurrence at the start itself
    is what it is."""
    # Through UTC, because a difference of two local times ignores the clocks.
    end = (start.astimezone(timezone.utc) + length).astimezone(zone)
    wall_start, wall_end = start.replace(tzinfo=None, fold=0), end.replace(tzinfo=None, fold=0)
    kept = wall_end - wall_start if wall_end > wall_start else length
    for day in days:
        moved = day.date() - wall_start.date()
        if moved:
            begins, ends = instant(wall_start + moved, zone), instant(wall_end + moved, zone)
            if ends <= begins:
                ends = begins + kept
        else:
            begins, ends = start.astimezone(timezone.utc), end.astimezone(timezone.utc)
        yield [day.date().isoformat(), seconds(begins), seconds(ends)]


def is_skipped(day, start, length, zone):
    """Whether the first occurrence is not where the start is, and its time on
    the wall is not that of the start."""
    moved = day.date() - start.date()
    if not moved:
        return False
    [[_, begins, ends]] = timed_instances([day], start, length, zone)
    wall_end = (start.astimezone(timezone.utc) + length).astimezone(zone).replace(tzinfo=None)
    shown = [datetime.fromtimestamp(at, zone).replace(tzinfo=None) for at in (begins, ends)]
    return shown != [start.replace(tzinfo=None) + moved, wall_end + moved]


def series(rng):
    zone_name = rng.choice([None] + ZONES)
    wall, rule = random_start(rng, zone_name), random_rule(rng)
    changing = changing_series(rng, zone_name) if zone_name is not None and rng.random() < 0.05 else None
    if changing is not None:
        wall, rule = changing
    random_end(rng, rule, wall.date())
    if changing is None and rng.random() < 0.5:
        # On the rule.
        unlimited = {key: value for key, value in rule.items() if key not in ("until", "count")}
        wall = datetime.combine(next(iter(expand(unlimited, wall.date()))).date(), wall.time())

    days_max = INSTANCES_MAX_LONG if rng.randrange(ONE_LONG_IN) == 0 else INSTANCES_MAX
    made = {"rule": rule, "zone": zone_name, "skipped": False}
    if zone_name is None:
        start_day = wall.date()
        length = timedelta(days=rng.choice([1, 1, 2, 7]))
        made["start"] = [start_day.isoformat(), (start_day + length).isoformat()]
    else:
        zone = ZoneInfo(zone_name)
        # The second time of an hour that comes twice, or the first.
        start = wall.replace(tzinfo=zone, fold=rng.randrange(2)).astimezone(timezone.utc).astimezone(zone)
        start_day = start.date()
        length = timedelta(minutes=rng.choice([0, 15, 20, 30, 60, 90, 180, 480, 1440, 4000]))
        made["start"] = [seconds(start), seconds(start) + int(length.total_seconds())]

    found = list(itertools.islice(expand(rule, start_day), days_max + 1))
    days = [day for day in found[:days_max] if day < HORIZON]
    made["complete"] = len(days) == len(found)
    if zone_name is None:
        made["instances"] = [[day.date().isoformat(), day.date().isoformat(), (day.date() + length).isoformat()] for day in days]
    elif days and is_skipped(days[0], start, length, zone):
        made["skipped"] = True
        made["instances"] = []
    else:
        made["instances"] = list(timed_instances(days, start, length, zone))
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, required=True, help="the same number gives the same series")
    parser.add_argument("--count", type=int, required=True, help="how many series")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    print(json.dumps({"iana": tzdata.IANA_VERSION}))
    for _ in range(arguments.count):
        print(json.dumps(series(rng), separators=(",", ":")))


if __name__ == "__main__":
    main()

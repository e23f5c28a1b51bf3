"""Writes the calendar files of the folder above.

    python3 tests/corpus/calendars/generate

The files are made up, and written as programs of their kind write them; the
scripts only spare the repetition. They use no clock and no chance, so running
them again changes nothing. Each function is one file; what the file is for
stands in its docstring.
"""

import sys

sys.dont_write_bytecode = True

from hard import hard_cases
from holidays import holidays
from outlook import old_outlook
from timetable import timetable
from web import web_calendar

for make in (holidays, timetable, old_outlook, web_calendar, hard_cases):
    make()

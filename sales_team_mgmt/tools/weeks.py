"""Working weeks: Monday to Sunday, numbered and dated as in ISO 8601.

All days are plain local dates (WPL-01, VIS-03).
"""

from datetime import date, timedelta
from typing import NamedTuple


class Week(NamedTuple):
    """First and last day of a week, both included."""

    monday: date
    sunday: date


def monday_of(day: date) -> date:
    """Return the Monday of the week of `day` (WPL-01).

    >>> monday_of(date(2026, 3, 6))
    datetime.date(2026, 3, 2)
    """
    return day - timedelta(days=day.weekday())


def week_of(day: date) -> Week:
    """Return the week of `day` as `(monday, sunday)` (WPL-01, VIS-03).

    >>> monday, sunday = week_of(date(2026, 1, 1))
    >>> print(monday, sunday)
    2025-12-29 2026-01-04
    """
    monday = monday_of(day)
    return Week(monday, monday + timedelta(days=6))


def month_of_week(monday: date) -> date:
    """Return the first day of the month that a week belongs to (WPL-16).

    A week belongs to the month of its Thursday, as an ISO week belongs to the
    year of its Thursday; every week counts in exactly one month.

    >>> month_of_week(date(2026, 3, 30))  # Thursday 2 April
    datetime.date(2026, 4, 1)
    >>> month_of_week(date(2026, 6, 29))  # Thursday 2 July
    datetime.date(2026, 7, 1)
    >>> month_of_week(date(2026, 4, 27))  # Thursday 30 April
    datetime.date(2026, 4, 1)
    """
    thursday = monday_of(monday) + timedelta(days=3)
    return thursday.replace(day=1)


def week_number(day: date) -> tuple[int, int]:
    """Return `(iso_year, iso_week)` of `day`; week 1 has the year's first Thursday.

    >>> week_number(date(2027, 1, 3))
    (2026, 53)
    >>> week_number(date(2027, 1, 4))
    (2027, 1)
    """
    iso_year, iso_week, _weekday = day.isocalendar()
    return iso_year, iso_week

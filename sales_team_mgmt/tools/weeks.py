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


def deciding_day(monday: date) -> date:
    """Return the Thursday of the week: the week belongs to its month and year.

    >>> deciding_day(date(2026, 3, 30))
    datetime.date(2026, 4, 2)
    """
    return monday + timedelta(days=3)


def week_of(day: date) -> Week:
    """Return the week of `day` as `(monday, sunday)` (WPL-01, VIS-03).

    >>> monday, sunday = week_of(date(2026, 1, 1))
    >>> print(monday, sunday)
    2025-12-29 2026-01-04
    """
    monday = monday_of(day)
    return Week(monday, monday + timedelta(days=6))


def week_number(day: date) -> tuple[int, int]:
    """Return `(iso_year, iso_week)` of `day`; week 1 has the year's first Thursday.

    >>> week_number(date(2027, 1, 3))
    (2026, 53)
    >>> week_number(date(2027, 1, 4))
    (2027, 1)
    """
    iso_year, iso_week, _weekday = day.isocalendar()
    return iso_year, iso_week


def count_weeks(start: date, end: date) -> int:
    """Return how many weeks belong to these days: those whose Thursday does (APP-T3).

    >>> count_weeks(date(2026, 3, 1), date(2026, 3, 31))
    4
    >>> count_weeks(date(2026, 4, 1), date(2026, 4, 30))
    5
    """
    first = monday_of(start)
    if deciding_day(first) < start:
        first += timedelta(days=7)
    if deciding_day(first) > end:
        return 0
    return (end - deciding_day(first)).days // 7 + 1

"""Reporting periods: day, week, month, quarter, half-year and fiscal year.

Quarters, halves and years are counted from the first month of the fiscal year, so
a fiscal year from April has its first quarter from April to June (WPL-13, WPL-14).
"""

from datetime import date, timedelta
from typing import NamedTuple

from .weeks import week_of

MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
KINDS = ("day", "week", *MONTHS)

ONE_DAY = timedelta(days=1)


class Period(NamedTuple):
    """First and last day of a period, both included."""

    start: date
    end: date


def period_of(day: date, kind: str, fiscal_first_month: int = 1) -> Period:
    """Return the period of this kind that contains `day` (WPL-01, WPL-09, WPL-13).

    `fiscal_first_month` is 1 for January to 12 for December; days, weeks and months
    do not depend on it. Raise ValueError for another kind or month.

    >>> print(*period_of(date(2028, 2, 10), "month"))
    2028-02-01 2028-02-29
    >>> print(*period_of(date(2026, 3, 31), "half"))
    2026-01-01 2026-06-30
    >>> print(*period_of(date(2026, 3, 31), "year", fiscal_first_month=4))
    2025-04-01 2026-03-31
    """
    if kind not in KINDS:
        raise ValueError(f"unknown kind of period: {kind!r}")
    if not 1 <= fiscal_first_month <= 12:
        raise ValueError(f"not a month: {fiscal_first_month!r}")
    if kind == "day":
        return Period(day, day)
    if kind == "week":
        return Period(*week_of(day))
    length = MONTHS[kind]
    elapsed = (day.month - fiscal_first_month) % length
    start = _first_of_month(day, -elapsed)
    return Period(start, _first_of_month(start, length) - ONE_DAY)


def next_period(start: date, kind: str, fiscal_first_month: int = 1) -> Period:
    """Return the period after the one that contains `start`.

    Raise ValueError as `period_of` does.

    >>> print(*next_period(date(2027, 12, 1), "quarter", fiscal_first_month=3))
    2028-03-01 2028-05-31
    """
    current = period_of(start, kind, fiscal_first_month)
    return period_of(current.end + ONE_DAY, kind, fiscal_first_month)


def previous_period(start: date, kind: str, fiscal_first_month: int = 1) -> Period:
    """Return the period before the one that contains `start`.

    Raise ValueError as `period_of` does.

    >>> print(*previous_period(date(2026, 1, 1), "month"))
    2025-12-01 2025-12-31
    """
    current = period_of(start, kind, fiscal_first_month)
    return period_of(current.start - ONE_DAY, kind, fiscal_first_month)


def periods_of_year(start_of_fiscal_year: date, kind: str) -> list[Period]:
    """Return all periods of this kind in a fiscal year, in order (WPL-13, WPL-26).

    A week belongs to the year of its Thursday, so that it counts in one year only.
    Raise ValueError for an unknown kind, or if the year does not start on the first
    day of a month.

    >>> for quarter in periods_of_year(date(2027, 4, 1), "quarter"):
    ...     print(*quarter)
    2027-04-01 2027-06-30
    2027-07-01 2027-09-30
    2027-10-01 2027-12-31
    2028-01-01 2028-03-31
    >>> len(periods_of_year(date(2026, 1, 1), "week"))
    53
    """
    if start_of_fiscal_year.day != 1:
        raise ValueError(f"not the first day of a month: {start_of_fiscal_year}")
    first_month = start_of_fiscal_year.month
    year = period_of(start_of_fiscal_year, "year", first_month)
    to_deciding_day = timedelta(days=3 if kind == "week" else 0)
    period = period_of(year.start + to_deciding_day, kind, first_month)
    found = []
    while period.start + to_deciding_day <= year.end:
        found.append(period)
        period = next_period(period.start, kind, first_month)
    return found


def _first_of_month(day: date, months: int) -> date:
    """Return the first day of the month that is `months` after the month of `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)

"""How business grows over the days."""

from bisect import bisect
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import accumulate

from .parameters import TIME_ZONE_HOURS


def days_of(days: list[date], count: int) -> Iterator[tuple[int, date]]:
    """``count`` numbers with their days in order; the last day has twice as many as
    the first.

    >>> [number for number, _day in days_of([date(2026, 1, 1)], 2)]
    [0, 1]
    """
    weights = [1 + number / len(days) for number in range(len(days))]
    total = list(accumulate(weights))
    for number in range(count):
        yield number, days[bisect(total, number * total[-1] / count)]


def moment(day: date, hour: float) -> datetime:
    """A local hour in UTC, as the database stores it."""
    midnight = datetime(day.year, day.month, day.day)
    return midnight + timedelta(seconds=round((hour - TIME_ZONE_HOURS) * 3600))

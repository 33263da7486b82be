"""What cannot be right about the check-ins of a person, and about a trip (VIS-09)."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from .geo import distance, is_position

#: Check-ins further apart say nothing about each other.
COMPARED_WITHIN = timedelta(hours=24)


class CheckIn(NamedTuple):
    """One check-in of a person, as it is compared with the one before."""

    id: int
    customer: int
    at: datetime
    latitude: float | None = None
    longitude: float | None = None
    #: Metres by which the position may be off.
    accuracy: float = 0.0


class Doubt(NamedTuple):
    """Two check-ins in a row that do not go together."""

    #: "too_close" or "impossible"
    kind: str
    before: CheckIn
    after: CheckIn
    minutes: float
    #: Kilometres between the positions, at least; None when one of them is unknown.
    kilometres: float | None


def doubts(check_ins: Iterable[CheckIn], gap: float, speed: float) -> list[Doubt]:
    """Pairs of neighbours in time that nobody can have made like that.

    What is compared is the time between them, whichever days they are on.

    :param check_ins: those of one person, in any order
    :param gap: minutes; two customers within fewer of them are too close. 0: never
    :param speed: km/h; faster than that nobody travels. 0: never

    Five minutes are a gap of five minutes, and 120 km/h is still possible:

    >>> def at(minute, *place):
    ...     return CheckIn(minute, minute, datetime(2026, 3, 2, 9, minute), *place)
    >>> def kinds(*check_ins):
    ...     return [doubt.kind for doubt in doubts(check_ins, 5, 120)]
    >>> kinds(at(0), at(5), at(9))
    ['too_close']
    >>> kinds(at(0, 31.0, 121.0), at(30, 31.5, 121.0))
    []
    >>> kinds(at(0, 31.0, 121.0), at(30, 31.6, 121.0))
    ['impossible']

    What the positions may be off speaks for the person; without one nothing is said:

    >>> kinds(at(0, 31.0, 121.0, 9000), at(30, 31.6, 121.0))
    []
    >>> kinds(at(0, 31.0, 121.0), at(30))
    []

    Midnight lies between two check-ins like any other moment; after a day nothing is
    compared any more:

    >>> late = at(0)._replace(at=datetime(2026, 3, 2, 23, 58))
    >>> kinds(late, at(1)._replace(at=datetime(2026, 3, 3, 0, 2)))
    ['too_close']
    >>> far, farther = at(0, 31.0, 121.0), at(1, -31.0, 10.0)
    >>> kinds(far, farther._replace(at=datetime(2026, 3, 3, 9, 0)))
    ['impossible']
    >>> kinds(far, farther._replace(at=datetime(2026, 3, 3, 9, 1)))
    []

    The same customer twice is no second customer, the same second is no way:

    >>> kinds(at(0)._replace(customer=7), at(1)._replace(customer=7))
    []
    >>> kinds(at(0, 31.0, 121.0), at(0, 31.6, 121.0)._replace(id=1, customer=1))
    ['too_close', 'impossible']
    """
    ordered = sorted(check_ins, key=lambda check_in: (check_in.at, check_in.id))
    found = []
    for before, after in zip(ordered, ordered[1:], strict=False):
        if after.at - before.at > COMPARED_WITHIN:
            continue
        seconds = (after.at - before.at).total_seconds()
        metres = _least_distance(before, after)
        minutes, kilometres = seconds / 60, metres and metres / 1000
        if before.customer != after.customer and minutes < gap:
            found.append(Doubt("too_close", before, after, minutes, kilometres))
        if speed and metres and metres * 3.6 > speed * seconds:
            found.append(Doubt("impossible", before, after, minutes, kilometres))
    return found


def _least_distance(before, after):
    """Metres that lie between two check-ins at least, None if unknown."""
    places = (before.latitude, before.longitude), (after.latitude, after.longitude)
    if not all(is_position(*place) for place in places):
        return None
    metres = distance(*places[0], *places[1])
    return max(0.0, metres - (before.accuracy or 0) - (after.accuracy or 0))


def empty_runs(
    days: Iterable[date], busy: Collection[date], length: int
) -> list[tuple[date, date]]:
    """(first, last) of each stretch of at least ``length`` days without a visit.

    :param days: working days of a trip in order; days off in between do not part them
    :param busy: days with a visit

    >>> days = [date(2026, 3, number) for number in (2, 3, 4, 5, 6, 9, 10)]
    >>> [(a.day, b.day) for a, b in empty_runs(days, {days[3]}, 3)]
    [(2, 4), (6, 10)]
    >>> empty_runs(days, {days[1], days[3]}, 4), empty_runs(days, set(days), 1)
    ([], [])
    """
    runs, run = [], []
    for day in [*days, None]:
        if day is not None and day not in busy:
            run.append(day)
            continue
        if run and len(run) >= length:
            runs.append((run[0], run[-1]))
        run = []
    return runs

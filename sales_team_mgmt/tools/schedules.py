"""What fits into a day in the field, and which schedules are too tight (DAY-04).

Times are whole minutes after local midnight; ways are estimated from the distance, an
average speed and a factor for the detours of the road. Sentences are English unless the
caller hands in something that translates, as in `scoring`.
"""

from collections import deque
from collections.abc import Hashable, Iterable, Sequence
from math import ceil
from typing import NamedTuple

from .geo import distance, is_position
from .routing import Position, best_order
from .scoring import ENGLISH, Translator

# Proposed visits start at full five minutes: nobody makes an appointment for 11:38.
STEP = 5


class Stop(NamedTuple):
    """A visit to make on a day.

    `windows` are the times `(from, to)` in which the customer receives; none at all
    means any time. `start` is a time that somebody has fixed: it stays as it is.
    """

    key: Hashable
    minutes: int
    position: Position | None = None
    windows: tuple[tuple[int, int], ...] = ()
    start: int | None = None


class Hours(NamedTuple):
    """A day in the field: first start, last end, and how one gets about."""

    start: int = 9 * 60
    end: int = 18 * 60
    buffer: int = 30
    speed: float = 30.0
    detour: float = 1.3

    def way(self, one: Position | None, other: Position | None) -> int:
        """Return the minutes on the way; between unknown places nobody knows: 0."""
        if not (one and other and is_position(*one) and is_position(*other)):
            return 0
        return travel_minutes(distance(*one, *other), self.speed, self.detour)


class Arranged(NamedTuple):
    """Start of each stop that fits, in order of time, and why the others do not."""

    starts: dict[Hashable, int]
    refused: dict[Hashable, str]


def travel_minutes(metres: float, speed: float, detour: float = 1.0) -> int:
    """Return the whole minutes that a straight distance takes, rounded up.

    >>> travel_minutes(10000, 30, 1.3)  # 13 km at 30 km/h
    26
    >>> travel_minutes(0, 30), travel_minutes(10, 30)
    (0, 1)
    """
    # A few metres too many are the last digit of a position, not another minute.
    return ceil(round(metres * detour * 60 / (speed * 1000), 2))


def latest_departure(appointment: int, travel: int, buffer: int) -> int:
    """Return when to leave at the latest: the way and the buffer before it (DAY-04).

    AT-DAY-02, a customer at 14:00, half an hour away:

    >>> clock(latest_departure(14 * 60, 30, 30))
    '13:00'
    """
    return appointment - travel - buffer


def too_tight(
    end: int,
    appointment: int,
    travel: int,
    buffer: int,
    previous: str = "",
    customer: str = "",
    env: Translator = ENGLISH,
) -> str:
    """Return the warning about a visit that ends too late for the next one, or "".

    AT-DAY-02, a visit that ends at 13:10 before a customer at 14:00:

    >>> print(too_tight(13 * 60 + 10, 14 * 60, 30, 30, "Customer 1", "Customer 2"))
    Leave by 13:00 for Customer 2 at 14:00 (30 min on the way, 30 min to spare): \
Customer 1 ends at 13:10.
    >>> too_tight(13 * 60, 14 * 60, 30, 30)
    ''
    >>> print(too_tight(14 * 60 + 1, 14 * 60, 0, 0, "Customer 1", "Customer 2"))
    Customer 1 ends at 14:01, after Customer 2 has begun at 14:00.
    """
    latest = latest_departure(appointment, travel, buffer)
    if end <= latest:
        return ""
    values = {
        "customer": customer,
        "appointment": clock(appointment),
        "previous": previous,
        "end": clock(end),
    }
    if end > appointment:
        return env._(
            "%(previous)s ends at %(end)s, after %(customer)s has begun at"
            " %(appointment)s.",
            **values,
        )
    return env._(
        "Leave by %(latest)s for %(customer)s at %(appointment)s (%(travel)s min on the"
        " way, %(buffer)s min to spare): %(previous)s ends at %(end)s.",
        latest=clock(latest),
        travel=travel,
        buffer=buffer,
        **values,
    )


def clock(minutes: int) -> str:
    """Return minutes after midnight as a time of day.

    >>> clock(545), clock(0), clock(24 * 60 + 30), clock(-30)
    ('09:05', '00:00', '00:30', '23:30')
    """
    hours, rest = divmod(minutes % (24 * 60), 60)
    return f"{hours:02}:{rest:02}"


def arrange(stops: Sequence[Stop], hours: Hours) -> Arranged:
    """Give the stops of a day their times; the first ones are the most important.

    Stops with a fixed start stay. The others go, one after the other, where they cost
    the least time: within the hours of the day and of the customer, with the way and
    the buffer before and after them. What remains is refused: "window" if it would fit
    at another hour than the customer's, "day_full" if not. The shortest way through all
    that fit (2-opt) is taken where the hours allow it.

    >>> half = [Stop(name, 30) for name in "abc"]
    >>> {key: clock(start) for key, start in arrange(half, Hours()).starts.items()}
    {'a': '09:00', 'b': '10:00', 'c': '11:00'}

    Someone who receives from 9 to 10 gets an hour; a minute less is too short:

    >>> hour = Stop("a", 60, windows=((9 * 60, 10 * 60),))
    >>> arrange([hour], Hours()).starts
    {'a': 540}
    >>> arrange([hour._replace(windows=((9 * 60, 10 * 60 - 1),))], Hours()).refused
    {'a': 'window'}

    The day has room for six hours, not for seven, with half an hour in between:

    >>> day = arrange([Stop(number, 60) for number in range(7)], Hours())
    >>> len(day.starts), day.refused
    (6, {6: 'day_full'})

    What somebody has fixed stays, and others go around it:

    >>> fixed = Stop("fixed", 60, start=10 * 60)
    >>> day = arrange([Stop("a", 30), Stop("b", 60), fixed], Hours())
    >>> {key: clock(start) for key, start in day.starts.items()}
    {'a': '09:00', 'fixed': '10:00', 'b': '11:30'}
    """
    path, refused = _fixed_first(stops), {}
    for stop in stops:
        if stop.start is not None:
            continue
        longer = _insert(path, stop, hours)
        if longer:
            path = longer
        else:
            refused[stop.key] = _why(path, stop, hours)
    return Arranged(_finish(path, hours), refused)


class Wish(NamedTuple):
    """A visit that somebody should get this week, most important first.

    `days` are the weekdays on which it may be made, 0 for Monday; a `day` is the one of
    a fixed route. `windows` are the times of each weekday in which the customer
    receives; None means any time, a weekday that is missing means never. `place` is
    a text that is the same for customers in one place, for those without a position.
    After `late`, a weekday, the visit would be overdue. If `interval` is given, the
    visit comes again after so many days.
    """

    key: Hashable
    minutes: int
    position: Position | None = None
    place: str = ""
    days: frozenset[int] = frozenset(range(7))
    day: int | None = None
    windows: dict[int, tuple[tuple[int, int], ...]] | None = None
    late: int = 7
    interval: int = 0


class Week(NamedTuple):
    """The days that somebody works in a week, and how many visits go into them.

    `limits` says for each working day how many visits it takes; `capacity` how many
    the week takes, `route_capacity` how many if its routes ask for more. `taken` are
    the visits of each day that are fixed already.
    """

    limits: dict[int, int]
    capacity: int
    route_capacity: int
    taken: dict[int, list[tuple[Stop, str]]]


class Planned(NamedTuple):
    """Visits as (key, weekday, start), and why the others found no place."""

    visits: list[tuple[Hashable, int, int]]
    refused: dict[Hashable, str]


def plan_week(wishes: Iterable[Wish], week: Week, hours: Hours) -> Planned:
    """Put the visits of a week on days, near ones together (VIS-19, VIS-25).

    A customer joins the day with the nearest other stop, if that is nearer than the
    customers of the week are from their middle on average; otherwise the emptiest day.
    The reasons why a visit finds no place:

    ========== =====================================================================
    no_day     nobody works on a day on which the visit may be made
    window     the customer does not receive at a time that is left
    day_full   the hours of the day are full
    capacity   the week or its days have as many visits as a person can make
    ========== =====================================================================

    >>> week = Week(dict.fromkeys(range(5), 4), 20, 20, {})
    >>> north, south = (31.3, 121.4), (31.0, 121.4)
    >>> wishes = [Wish("a", 60, north), Wish("b", 60, south), Wish("c", 60, north)]
    >>> days = dict(visit[:2] for visit in plan_week(wishes, week, Hours()).visits)
    >>> days["a"] == days["c"] != days["b"]
    True

    AT-VIS-05, a route on Monday and Thursday with eight outlets:

    >>> route = [Wish((stop, day), 30, day=day) for day in (0, 3) for stop in range(8)]
    >>> planned = plan_week(route, week, Hours())
    >>> len(planned.visits), planned.refused
    (16, {})
    """
    wishes = list(wishes)
    paths = {day: [] for day in week.limits}
    places = {day: [] for day in week.limits}
    count = 0
    for day, taken in week.taken.items():
        count += len(taken)
        if day in paths:
            paths[day] = _fixed_first(stop for stop, _place in taken)
            places[day] = [(stop.position, place) for stop, place in taken]
    spread = _spread([wish.position for wish in wishes])
    queue, refused = deque(wishes), {}
    while queue:
        wish = queue.popleft()
        day, reason = _choose(wish, week, hours, paths, places, count, spread)
        if day is None:
            refused.setdefault(wish.key, reason)
            continue
        count += 1
        places[day].append((wish.position, wish.place))
        if wish.interval and day + wish.interval < 7:
            later = frozenset(d for d in wish.days if d >= day + wish.interval)
            if later & week.limits.keys():
                queue.append(wish._replace(days=later, late=7))
    visits = [
        (key, day, start)
        for day, path in sorted(paths.items())
        for key, start in _finish(path, hours).items()
        if key is not None
    ]
    return Planned(visits, refused)


def _choose(wish, week, hours, paths, places, count, spread):
    """Put a visit on its best day: (day, None), or (None, why there is none)."""
    if wish.day is not None:
        if wish.day not in paths:
            return None, "no_day"
        days, capacity = [wish.day], max(week.capacity, week.route_capacity)
    else:
        days, capacity = sorted(wish.days & paths.keys()), week.capacity
        if not days:
            return None, "no_day"
    if wish.windows is not None:
        days = [day for day in days if wish.windows.get(day)]
        if not days:
            return None, "window"
    if count >= capacity:
        return None, "capacity"
    if wish.day is None:
        days = [day for day in days if len(places[day]) < week.limits[day]]
        if not days:
            return None, "capacity"
        days.sort(
            key=lambda day: (
                day > wish.late,
                _farness(wish, places[day], spread),
                len(places[day]),
                day,
            )
        )
    reason = None
    for day in days:
        windows = wish.windows[day] if wish.windows is not None else ()
        stop = Stop(wish.key, wish.minutes, wish.position, windows)
        longer = _insert(paths[day], stop, hours)
        if longer:
            paths[day] = longer
            return day, None
        reason = reason or _why(paths[day], stop, hours)
    return None, reason


def _farness(wish, others, spread):
    """Metres to the nearest stop of a day; an empty or unknown one is medium far.

    The same place, for those of whom nothing better is known, is nearest of all.
    """
    nearest = spread
    for position, place in others:
        if wish.position and position:
            nearest = min(nearest, distance(*wish.position, *position))
        elif wish.place and wish.place == place:
            return -1.0
    return nearest


def _spread(positions):
    """Metres that places lie from their middle on average."""
    known = [position for position in positions if position]
    if not known:
        return 0.0
    middle = (
        sum(latitude for latitude, _longitude in known) / len(known),
        sum(longitude for _latitude, longitude in known) / len(known),
    )
    return sum(distance(*middle, *position) for position in known) / len(known)


def _fixed_first(stops):
    """The stops whose time is fixed, in order of time: what others go around."""
    fixed = [stop for stop in stops if stop.start is not None]
    return sorted(fixed, key=lambda stop: stop.start)


def _finish(path, hours):
    """{key: start} of a path, along the shortest way if nothing speaks against it."""
    if all(stop.start is None for stop in path):
        shorter = [path[number] for number in best_order([s.position for s in path])]
        for other in (shorter, shorter[::-1]):
            if _ends(other, hours) < _ends(path, hours):
                path = other
    times = _times(path, hours) or []
    return {stop.key: start for stop, start in zip(path, times, strict=True)}


def _why(path, stop, hours):
    anytime = stop.windows and _insert(path, stop._replace(windows=()), hours)
    return "window" if anytime else "day_full"


def _insert(path, stop, hours):
    """The path with the stop where it costs the least, or None if it fits nowhere."""
    best, least = None, None
    for place in range(len(path) + 1):
        longer = [*path[:place], stop, *path[place:]]
        times = _times(longer, hours)
        if times is None:
            continue
        before, after = path[place - 1 : place], path[place : place + 1]
        extra = sum(hours.way(s.position, stop.position) for s in before + after)
        if before and after:
            extra -= hours.way(before[0].position, after[0].position)
        cost = (extra, times[-1] + longer[-1].minutes, -place)
        if least is None or cost < least:
            best, least = longer, cost
    return best


def _ends(path, hours):
    """When the day is over, with this order of stops; never if they do not fit."""
    times = _times(path, hours)
    if times is None:
        return float("inf")
    return times[-1] + path[-1].minutes if path else 0


def _times(path, hours):
    """Start of each stop of a path, or None if they do not fit one after the other.

    Between two stops that somebody has fixed nothing is judged: they are a person's
    own affair, who is warned about them.
    """
    times, previous = [], None
    for stop in path:
        earliest = hours.start
        if previous:
            way = hours.way(previous.position, stop.position)
            earliest = times[-1] + previous.minutes + way + hours.buffer
        if stop.start is not None:
            if previous and previous.start is None and stop.start < earliest:
                return None
            times.append(stop.start)
        else:
            start = _first_in_window(stop, max(earliest, hours.start), hours.end)
            if start is None:
                return None
            times.append(start)
        previous = stop
    return times


def _first_in_window(stop, earliest, end):
    """First start from which the visit is over in time, or None."""
    windows = sorted(stop.windows) or [(earliest, end)]
    for opens, closes in windows:
        start = -(-max(earliest, opens) // STEP) * STEP
        if start + stop.minutes <= min(closes, end):
            return start
    return None

"""When something is due: working calendar, due day and due moment.

Days are plain local dates. Moments are naive UTC datetimes, as the database stores
them; a clock time becomes a moment in the time zone of the employee (SYS-02).
"""

from datetime import date, datetime, time, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo

from .periods import next_period, period_of, previous_period

END_OF_DAY = 24 * 60
LONGEST_SEARCH = 366

STEPS = {"previous": timedelta(days=-1), "next": timedelta(days=1)}


class WorkCalendar(NamedTuple):
    """The days on which people work (SYS-02).

    `weekdays` are the ordinary working days, 0 for Monday to 6 for Sunday;
    `days_off` the public holidays; `extra_workdays` the make-up working days, which
    win over a weekend and over a day off.

    >>> calendar = WorkCalendar(
    ...     days_off=frozenset({date(2026, 10, 2)}),
    ...     extra_workdays=frozenset({date(2026, 10, 10)}),
    ... )
    >>> calendar.is_workday(date(2026, 10, 2))  # a Friday
    False
    >>> calendar.is_workday(date(2026, 10, 10))  # a Saturday
    True
    """

    weekdays: frozenset[int] = frozenset(range(5))
    days_off: frozenset[date] = frozenset()
    extra_workdays: frozenset[date] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Return whether people work on `day`."""
        if day in self.extra_workdays:
            return True
        return day.weekday() in self.weekdays and day not in self.days_off


class CalendarRule(NamedTuple):
    """A deadline that follows the calendar (WPL-01, WPL-09, WPL-10).

    `kind`: kind of period, as in `periods`.
    `weekday`: for weeks, 0 for Monday to 6 for Sunday; None is the last day.
    `day`: for months and longer, 1 to 31 in the last month of the period; in a
    shorter month the last day stands in; None is the last day.
    `offset`: number of periods later; negative is earlier.
    `minutes`: clock time in minutes after local midnight; None or 1440 is the end
    of the day.
    `shift`: "previous" or "next" working day for a due day off, or "same".

    What does not concern the kind of period is ignored.
    """

    kind: str
    weekday: int | None = None
    day: int | None = None
    offset: int = 0
    minutes: int | None = None
    shift: str = "same"


def shift(day: date, calendar: WorkCalendar, direction: str) -> date:
    """Move a day off to the "previous" or "next" working day, or not: "same".

    A working day stays where it is (WPL-01). Raise ValueError for another direction,
    or without a working day within 366 days.

    >>> holiday = date(2026, 5, 1)  # a Friday
    >>> calendar = WorkCalendar(days_off=frozenset({holiday}))
    >>> print(shift(holiday, calendar, "previous"))
    2026-04-30
    >>> print(shift(holiday, calendar, "next"))
    2026-05-04
    >>> print(shift(holiday, calendar, "same"))
    2026-05-01
    """
    if direction == "same":
        return day
    if direction not in STEPS:
        raise ValueError(f"unknown direction: {direction!r}")
    for distance in range(LONGEST_SEARCH + 1):
        moved = day + distance * STEPS[direction]
        if calendar.is_workday(moved):
            return moved
    raise ValueError(f"no working day within {LONGEST_SEARCH} days of {day}")


def add_workdays(day: date, count: int, calendar: WorkCalendar) -> date:
    """Return the `count`-th working day after `day`, which itself does not count.

    0 is the day itself, or the next working day if it is off; a negative count goes
    back (SYS-02). Raise ValueError as `shift` does.

    >>> calendar = WorkCalendar()
    >>> print(add_workdays(date(2026, 3, 6), 1, calendar))  # Friday -> Monday
    2026-03-09
    >>> print(add_workdays(date(2026, 3, 7), 0, calendar))  # Saturday -> Monday
    2026-03-09
    >>> print(add_workdays(date(2026, 3, 9), -1, calendar))  # Monday -> Friday
    2026-03-06
    """
    if not count:
        return shift(day, calendar, "next")
    direction = "next" if count > 0 else "previous"
    for _step in range(abs(count)):
        day = shift(day + STEPS[direction], calendar, direction)
    return day


def due_day(
    rule: CalendarRule,
    period_start: date,
    calendar: WorkCalendar,
    fiscal_first_month: int = 1,
) -> date:
    """Return the local day on which a duty of the period is due.

    `period_start` may be any day of the period. Raise ValueError for an unknown kind
    or shift, a weekday outside 0 to 6, a day outside 1 to 31, or as `shift` does.

    AT-WPL-03, "before the 30th" in a month that has no 30th (WPL-10):

    >>> calendar = WorkCalendar(weekdays=frozenset(range(7)))
    >>> rule = CalendarRule("month", day=30)
    >>> for month in (date(2026, 4, 1), date(2026, 2, 1), date(2028, 2, 1)):
    ...     print(due_day(rule, month, calendar))
    2026-04-30
    2026-02-28
    2028-02-29

    The salesperson's report on the last day of the month (WPL-09); in May 2026 that
    is a Sunday, and the last working day before it a Friday:

    >>> print(due_day(CalendarRule("month"), date(2026, 5, 1), calendar))
    2026-05-31
    >>> rule = CalendarRule("month", shift="previous")
    >>> print(due_day(rule, date(2026, 5, 1), WorkCalendar()))
    2026-05-29

    Friday on a public holiday is due on the working day before it, Monday on a
    holiday on the working day after it (WPL-01):

    >>> october = frozenset(date(2026, 10, day) for day in range(1, 8))
    >>> calendar = WorkCalendar(days_off=october)
    >>> friday = CalendarRule("week", weekday=4, shift="previous")
    >>> monday = CalendarRule("week", weekday=0, offset=1, shift="next")
    >>> print(due_day(friday, date(2026, 9, 28), calendar))  # not 2 October
    2026-09-30
    >>> print(due_day(monday, date(2026, 9, 28), calendar))  # not 5 October
    2026-10-08
    """
    period = period_of(period_start, rule.kind, fiscal_first_month)
    move = next_period if rule.offset > 0 else previous_period
    for _step in range(abs(rule.offset)):
        period = move(period.start, rule.kind, fiscal_first_month)
    return shift(_day_in(period, rule), calendar, rule.shift)


def moment(day: date, minutes: int | None, tz_name: str) -> datetime:
    """Return a local clock time as naive UTC datetime (SYS-02).

    `minutes` count from local midnight, 0 to 1440; 1440 or None is the end of the
    day: its last second, 23:59:59, so that the deadline still carries that date.
    When clocks change nobody loses an hour: a time that does not exist moves
    forward, one that occurs twice is the later of the two. Raise ValueError for
    other minutes or an unknown time zone.

    >>> print(moment(date(2026, 3, 6), 18 * 60, "Asia/Shanghai"))
    2026-03-06 10:00:00
    >>> print(moment(date(2026, 4, 30), 1440, "Asia/Shanghai"))
    2026-04-30 15:59:59
    >>> print(moment(date(2026, 3, 29), 150, "Europe/Berlin"))  # no 02:30: 03:30
    2026-03-29 01:30:00
    >>> print(moment(date(2026, 10, 25), 150, "Europe/Berlin"))  # the second 02:30
    2026-10-25 01:30:00
    """
    if minutes is None:
        minutes = END_OF_DAY
    if not 0 <= minutes <= END_OF_DAY:
        raise ValueError(f"not a time of day in minutes: {minutes!r}")
    seconds = min(minutes * 60, END_OF_DAY * 60 - 1)
    clock = datetime.combine(day, time(), _zone(tz_name)) + timedelta(seconds=seconds)
    return max(_to_utc(clock.replace(fold=fold)) for fold in (0, 1))


def local_day(at: datetime, tz_name: str) -> date:
    """Return the local day of a naive UTC moment.

    Raise ValueError for an unknown time zone.

    >>> print(local_day(datetime(2026, 3, 31, 16), "Asia/Shanghai"))
    2026-04-01
    """
    return at.replace(tzinfo=timezone.utc).astimezone(_zone(tz_name)).date()


def due_moment(
    rule: CalendarRule,
    period_start: date,
    calendar: WorkCalendar,
    tz_name: str,
    fiscal_first_month: int = 1,
) -> datetime:
    """Return the naive UTC moment at which a duty of the period is due.

    Raise ValueError as `due_day` and `moment` do.

    AT-WPL-01, the week of Monday 2026-03-02: due on Friday at 18:00, by exception on
    the following Monday at 09:00 (WPL-01):

    >>> friday = CalendarRule("week", weekday=4, minutes=18 * 60, shift="previous")
    >>> print(due_moment(friday, date(2026, 3, 2), WorkCalendar(), "Asia/Shanghai"))
    2026-03-06 10:00:00
    >>> monday = CalendarRule("week", weekday=0, offset=1, minutes=540, shift="next")
    >>> print(due_moment(monday, date(2026, 3, 2), WorkCalendar(), "Asia/Shanghai"))
    2026-03-09 01:00:00
    """
    day = due_day(rule, period_start, calendar, fiscal_first_month)
    return moment(day, rule.minutes, tz_name)


def record_due_moment(
    basis: datetime,
    amount: int,
    unit: str,
    minutes: int | None,
    calendar: WorkCalendar,
    tz_name: str,
    direction: str = "same",
) -> datetime:
    """Return the naive UTC moment `amount` units after a naive UTC `basis` (WPL-26).

    "hour": plain hours, whatever `minutes` and the calendar say. "day" and "workday":
    that many calendar or working days after the local date of the basis, at `minutes`
    of that day as in `moment`; a day off moves in `direction` as in `shift`. Raise
    ValueError for another unit, or as `add_workdays`, `shift` and `moment` do.

    >>> basis = datetime(2026, 3, 6, 20, 0)  # Saturday 04:00 in Shanghai
    >>> def due(amount, unit):
    ...     calendar = WorkCalendar()
    ...     zone = "Asia/Shanghai"
    ...     print(record_due_moment(basis, amount, unit, 540, calendar, zone))
    >>> due(24, "hour")
    2026-03-07 20:00:00
    >>> due(1, "day")  # Sunday 09:00
    2026-03-08 01:00:00
    >>> due(2, "workday")  # Tuesday 09:00
    2026-03-10 01:00:00

    AT-VIS-03, a problem logged on Thursday 2026-03-05 is due by the end of the next
    day, weekend or not, unless the duty moves it to a working day:

    >>> def solved_by(day, direction):
    ...     at = datetime(2026, 3, day, 4)
    ...     calendar, zone = WorkCalendar(), "Asia/Shanghai"
    ...     print(record_due_moment(at, 1, "day", 1440, calendar, zone, direction))
    >>> solved_by(5, "same")
    2026-03-06 15:59:59
    >>> solved_by(6, "same")  # Saturday
    2026-03-07 15:59:59
    >>> solved_by(6, "next")  # Monday
    2026-03-09 15:59:59
    """
    if unit == "hour":
        return basis + timedelta(hours=amount)
    local = local_day(basis, tz_name)
    if unit == "day":
        day = local + timedelta(days=amount)
    elif unit == "workday":
        day = add_workdays(local, amount, calendar)
    else:
        raise ValueError(f"unknown unit: {unit!r}")
    return moment(shift(day, calendar, direction), minutes, tz_name)


def _day_in(period, rule):
    """Return the day of the period that the rule names, before any shift."""
    if rule.kind == "day":
        return period.start
    if rule.kind == "week":
        weekday = 6 if rule.weekday is None else rule.weekday
        if not 0 <= weekday <= 6:
            raise ValueError(f"not a weekday: {weekday!r}")
        return period.start + timedelta(days=weekday)
    day = 31 if rule.day is None else rule.day
    if not 1 <= day <= 31:
        raise ValueError(f"not a day of the month: {day!r}")
    return period.end.replace(day=min(day, period.end.day))


def _zone(tz_name):
    """Return the time zone; raise ValueError if there is none of this name."""
    try:
        return ZoneInfo(tz_name)
    except (KeyError, OSError, TypeError, ValueError) as error:
        raise ValueError(f"unknown time zone: {tz_name!r}") from error


def _to_utc(aware):
    """Return an aware datetime as naive UTC datetime."""
    return aware.astimezone(timezone.utc).replace(tzinfo=None)

"""Whether a duty was done in time, and what repeated neglect costs.

Moments are naive UTC datetimes in whole seconds, as the database stores them.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from .rates import exact

NOT_COUNTED = frozenset({"open", "waived"})


class Judgement(NamedTuple):
    """What became of a duty, and a code that tells why (WPL-01).

    ========== ===================== ==============================================
    state      code                  meaning
    ========== ===================== ==============================================
    open       waiting               nothing handed in yet, not yet due
    open       in_exception_window   nothing handed in yet, due, window still open
    on_time    before_due            handed in until due
    excused    with_reason           handed in inside the window, with a reason
    late       without_reason        handed in inside the window, without a reason
    late       after_due             handed in after due, there was no window
    late       after_window          handed in after the window
    missing    not_handed_in         nothing handed in, the last chance is over
    ========== ===================== ==============================================
    """

    state: str
    code: str


def judge(
    due: datetime,
    exception_until: datetime | None,
    submitted: datetime | None,
    has_reason: bool,
    now: datetime,
    inclusive: bool = True,
) -> Judgement:
    """Judge a duty by its deadline and its exception window (WPL-01).

    The window runs from `due` to `exception_until`; there is none if that is None or
    not after `due`. `submitted` is None as long as nothing was handed in; only then
    does `now` matter. Inclusive limits, the default, still accept their exact second:
    18:00:00 is on time and 18:00:01 is late. Exclusive ones do not: 17:59:59 is on
    time and 18:00:00 is late. Both limits are read the same way.

    AT-WPL-01, due on Friday at 18:00, by exception on Monday at 09:00:

    >>> friday, monday = datetime(2026, 3, 6, 18), datetime(2026, 3, 9, 9)
    >>> now = datetime(2026, 3, 9, 12)
    >>> def handed_in(day, hour, minute, has_reason):
    ...     submitted = datetime(2026, 3, day, hour, minute)
    ...     return tuple(judge(friday, monday, submitted, has_reason, now))
    >>> handed_in(6, 17, 59, False)
    ('on_time', 'before_due')
    >>> handed_in(6, 18, 0, False)
    ('on_time', 'before_due')
    >>> handed_in(6, 18, 1, True)
    ('excused', 'with_reason')
    >>> handed_in(9, 8, 59, True)
    ('excused', 'with_reason')
    >>> handed_in(9, 8, 30, False)
    ('late', 'without_reason')
    >>> handed_in(9, 9, 0, True)
    ('excused', 'with_reason')
    >>> handed_in(9, 9, 1, True)
    ('late', 'after_window')
    >>> tuple(judge(friday, monday, None, False, now))
    ('missing', 'not_handed_in')

    Until then there is still time, and without a window late is late:

    >>> tuple(judge(friday, monday, None, False, datetime(2026, 3, 6, 12)))
    ('open', 'waiting')
    >>> tuple(judge(friday, monday, None, False, datetime(2026, 3, 7, 12)))
    ('open', 'in_exception_window')
    >>> tuple(judge(friday, None, datetime(2026, 3, 6, 18, 1), True, now))
    ('late', 'after_due')
    """

    def until(limit):
        return reached <= limit if inclusive else reached < limit

    handed_in = submitted is not None
    reached = submitted if handed_in else now
    has_window = exception_until is not None and exception_until > due
    if until(due):
        if handed_in:
            return Judgement("on_time", "before_due")
        return Judgement("open", "waiting")
    if has_window and until(exception_until):
        if not handed_in:
            return Judgement("open", "in_exception_window")
        if has_reason:
            return Judgement("excused", "with_reason")
        return Judgement("late", "without_reason")
    if not handed_in:
        return Judgement("missing", "not_handed_in")
    return Judgement("late", "after_window" if has_window else "after_due")


def consecutive_misses(states: Iterable[str]) -> int:
    """Return how many duties in a row were missed, up to the latest one (WPL-17).

    `states` are in order of time. Those "open" or "waived" are passed over; anything
    that was handed in, even late, breaks the row.

    >>> consecutive_misses(["missing", "late", "missing", "waived", "missing", "open"])
    2
    >>> consecutive_misses(["missing", "missing", "late"])
    0
    """
    counted = [state for state in states if state not in NOT_COUNTED]
    misses = 0
    while counted and counted.pop() == "missing":
        misses += 1
    return misses


def deduction_factor(consecutive: int, factor: Decimal = Decimal(2)) -> Decimal:
    """Return what to multiply the deduction for the latest miss by (WPL-17).

    The first miss costs the plain deduction, the second in a row and each one after
    it `factor` times as much. Raise ValueError if the factor is not a number.

    >>> [deduction_factor(misses) for misses in (1, 2, 3)]
    [Decimal('1'), Decimal('2'), Decimal('2')]
    >>> deduction_factor(2, Decimal("1.5"))
    Decimal('1.5')
    """
    return exact(factor) if consecutive > 1 else Decimal(1)

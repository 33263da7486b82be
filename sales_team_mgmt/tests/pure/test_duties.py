from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from stm_tools import deadlines, duties

FRIDAY = datetime(2026, 3, 6, 18)
MONDAY = datetime(2026, 3, 9, 9)
LATER = datetime(2026, 3, 20)

ON_TIME = ("on_time", "before_due")
EXCUSED = ("excused", "with_reason")
NO_REASON = ("late", "without_reason")
AFTER_WINDOW = ("late", "after_window")
AFTER_DUE = ("late", "after_due")
WAITING = ("open", "waiting")
IN_WINDOW = ("open", "in_exception_window")
MISSING = ("missing", "not_handed_in")


@pytest.mark.parametrize(
    ("submitted", "has_reason", "expected"),
    [
        (datetime(2026, 3, 6, 17, 59), False, ON_TIME),
        (datetime(2026, 3, 6, 17, 59), True, ON_TIME),
        (datetime(2026, 3, 6, 17, 59, 59), False, ON_TIME),
        (datetime(2026, 3, 6, 18, 0, 0), False, ON_TIME),
        (datetime(2026, 3, 6, 18, 0, 1), False, NO_REASON),
        (datetime(2026, 3, 6, 18, 0, 1), True, EXCUSED),
        (datetime(2026, 3, 6, 18, 1), True, EXCUSED),
        (datetime(2026, 3, 9, 8, 30), False, NO_REASON),
        (datetime(2026, 3, 9, 8, 59), True, EXCUSED),
        (datetime(2026, 3, 9, 9, 0, 0), True, EXCUSED),
        (datetime(2026, 3, 9, 9, 0, 1), True, AFTER_WINDOW),
        (datetime(2026, 3, 9, 9, 1), True, AFTER_WINDOW),
        (datetime(2026, 3, 9, 9, 1), False, AFTER_WINDOW),
    ],
)
def test_at_wpl_01_handed_in(submitted, has_reason, expected):
    found = duties.judge(FRIDAY, MONDAY, submitted, has_reason, LATER)
    assert found == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 3, 2), WAITING),
        (datetime(2026, 3, 6, 18, 0, 0), WAITING),
        (datetime(2026, 3, 6, 18, 0, 1), IN_WINDOW),
        (datetime(2026, 3, 9, 9, 0, 0), IN_WINDOW),
        (datetime(2026, 3, 9, 9, 0, 1), MISSING),
        (LATER, MISSING),
    ],
)
def test_at_wpl_01_never_handed_in(now, expected):
    for has_reason in (False, True):
        assert duties.judge(FRIDAY, MONDAY, None, has_reason, now) == expected


def test_at_wpl_01_from_the_clock_in_shanghai():
    rule = deadlines.CalendarRule("week", weekday=4, minutes=1080, shift="previous")
    due = deadlines.due_moment(
        rule, date(2026, 3, 2), deadlines.WorkCalendar(), "Asia/Shanghai"
    )
    second = timedelta(seconds=1)
    assert duties.judge(due, None, due, False, LATER) == ON_TIME
    assert duties.judge(due, None, due + second, False, LATER) == AFTER_DUE


@pytest.mark.parametrize(
    ("submitted", "expected"),
    [
        (datetime(2026, 3, 6, 17, 59, 59), ON_TIME),
        (datetime(2026, 3, 6, 18, 0, 0), EXCUSED),
        (datetime(2026, 3, 9, 8, 59, 59), EXCUSED),
        (datetime(2026, 3, 9, 9, 0, 0), AFTER_WINDOW),
    ],
)
def test_exclusive_limits(submitted, expected):
    found = duties.judge(FRIDAY, MONDAY, submitted, True, LATER, inclusive=False)
    assert found == expected


def test_exclusive_limits_while_nothing_is_handed_in():
    for now, expected in ((FRIDAY, IN_WINDOW), (MONDAY, MISSING)):
        found = duties.judge(FRIDAY, MONDAY, None, True, now, inclusive=False)
        assert found == expected


@pytest.mark.parametrize("window", [None, FRIDAY, FRIDAY - timedelta(days=1)])
def test_without_window(window):
    second = timedelta(seconds=1)
    late = FRIDAY + second
    assert duties.judge(FRIDAY, window, FRIDAY, False, LATER) == ON_TIME
    assert duties.judge(FRIDAY, window, late, True, LATER) == AFTER_DUE
    assert duties.judge(FRIDAY, window, None, True, FRIDAY) == WAITING
    assert duties.judge(FRIDAY, window, None, True, late) == MISSING


def test_at_wpl_03_filed_on_the_first_of_may():
    rule = deadlines.CalendarRule("month", day=30)
    due = deadlines.due_moment(
        rule, date(2026, 4, 1), deadlines.WorkCalendar(), "Asia/Shanghai"
    )
    first_of_may = deadlines.moment(date(2026, 5, 1), 0, "Asia/Shanghai")
    last_second = first_of_may - timedelta(seconds=1)
    assert duties.judge(due, None, last_second, False, LATER) == ON_TIME
    assert duties.judge(due, None, first_of_may, False, LATER) == AFTER_DUE


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], 0),
        (["open"], 0),
        (["missing"], 1),
        (["on_time", "missing", "missing"], 2),
        (["missing", "waived", "missing", "open", "open"], 2),
        (["missing", "excused"], 0),
        (["missing", "late", "waived"], 0),
        (["missing", "on_time", "missing"], 1),
        (["waived", "missing", "missing", "missing"], 3),
    ],
)
def test_consecutive_misses(states, expected):
    assert duties.consecutive_misses(states) == expected
    assert duties.consecutive_misses(iter(states)) == expected


def test_deduction_factor():
    assert [duties.deduction_factor(misses) for misses in range(4)] == [1, 1, 2, 2]
    assert duties.deduction_factor(2, Decimal("1.5")) == Decimal("1.5")
    assert duties.deduction_factor(2, 1.1) == Decimal("1.1")
    assert isinstance(duties.deduction_factor(1), Decimal)

from datetime import date, datetime, timedelta

import pytest
from stm_tools import deadlines
from stm_tools.deadlines import CalendarRule, WorkCalendar

PLAIN = WorkCalendar()
FRIDAY = CalendarRule("week", weekday=4, minutes=18 * 60, shift="previous")
MONDAY = CalendarRule("week", weekday=0, offset=1, minutes=9 * 60, shift="next")
WEEK = date(2026, 3, 2)


def without(*days):
    return WorkCalendar(days_off=frozenset(days))


# Working days


def test_a_make_up_day_wins_over_weekend_and_day_off():
    saturday, friday = date(2026, 3, 7), date(2026, 3, 6)
    calendar = WorkCalendar(
        frozenset(range(5)), frozenset({saturday, friday}), frozenset({saturday})
    )
    assert calendar.is_workday(saturday)
    assert not calendar.is_workday(friday)
    assert not calendar.is_workday(date(2026, 3, 8))


def test_shift_leaves_a_working_day_alone():
    for direction in ("previous", "next", "same"):
        assert deadlines.shift(WEEK, PLAIN, direction) == WEEK


def test_shift_reaches_366_days_and_no_further():
    day = date(2026, 3, 2)
    nobody = frozenset()
    for sign, direction in ((1, "next"), (-1, "previous")):
        found = day + sign * timedelta(days=366)
        calendar = WorkCalendar(nobody, nobody, frozenset({found}))
        assert deadlines.shift(day, calendar, direction) == found
        beyond = frozenset({found + sign * timedelta(days=1)})
        with pytest.raises(ValueError, match="no working day"):
            deadlines.shift(day, WorkCalendar(nobody, nobody, beyond), direction)
    assert deadlines.shift(day, WorkCalendar(nobody), "same") == day
    with pytest.raises(ValueError, match="sideways"):
        deadlines.shift(day, PLAIN, "sideways")


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 3, 5), 1, date(2026, 3, 6)),
        (date(2026, 3, 6), 1, date(2026, 3, 9)),
        (date(2026, 3, 7), 1, date(2026, 3, 9)),
        (date(2026, 3, 6), 0, date(2026, 3, 6)),
        (date(2026, 3, 7), 0, date(2026, 3, 9)),
        (date(2026, 3, 6), 5, date(2026, 3, 13)),
        (date(2026, 3, 9), -1, date(2026, 3, 6)),
        (date(2026, 3, 8), -1, date(2026, 3, 6)),
        (date(2026, 3, 13), -5, date(2026, 3, 6)),
        (date(2027, 12, 31), 1, date(2028, 1, 3)),
    ],
)
def test_add_workdays(day, count, expected):
    assert deadlines.add_workdays(day, count, PLAIN) == expected


def test_add_workdays_over_a_holiday_and_a_make_up_day():
    calendar = WorkCalendar(
        days_off=frozenset({date(2026, 3, 9)}),
        extra_workdays=frozenset({date(2026, 3, 7)}),
    )
    assert deadlines.add_workdays(date(2026, 3, 6), 1, calendar) == date(2026, 3, 7)
    assert deadlines.add_workdays(date(2026, 3, 6), 2, calendar) == date(2026, 3, 10)


# Rules of the calendar


@pytest.mark.parametrize(
    ("zone", "friday", "monday"),
    [
        ("Asia/Shanghai", datetime(2026, 3, 6, 10), datetime(2026, 3, 9, 1)),
        ("Asia/Kolkata", datetime(2026, 3, 6, 12, 30), datetime(2026, 3, 9, 3, 30)),
        ("Europe/Berlin", datetime(2026, 3, 6, 17), datetime(2026, 3, 9, 8)),
        ("America/New_York", datetime(2026, 3, 6, 23), datetime(2026, 3, 9, 13)),
        ("UTC", datetime(2026, 3, 6, 18), datetime(2026, 3, 9, 9)),
    ],
)
def test_at_wpl_01_due_and_exception_in_the_zone_of_the_employee(zone, friday, monday):
    assert deadlines.due_moment(FRIDAY, WEEK, PLAIN, zone) == friday
    assert deadlines.due_moment(MONDAY, WEEK, PLAIN, zone) == monday


def test_at_wpl_01_same_clock_time_in_summer():
    due = deadlines.due_moment(FRIDAY, date(2026, 7, 6), PLAIN, "Europe/Berlin")
    assert due == datetime(2026, 7, 10, 16)


def test_at_wpl_01_any_day_of_the_week_names_the_week():
    for offset in range(7):
        day = WEEK + timedelta(days=offset)
        assert deadlines.due_day(FRIDAY, day, PLAIN) == date(2026, 3, 6)


def test_at_wpl_01_public_holidays():
    calendar = without(date(2026, 3, 5), date(2026, 3, 6), date(2026, 3, 9))
    assert deadlines.due_day(FRIDAY, WEEK, calendar) == date(2026, 3, 4)
    assert deadlines.due_day(MONDAY, WEEK, calendar) == date(2026, 3, 10)
    unmoved = FRIDAY._replace(shift="same")
    assert deadlines.due_day(unmoved, WEEK, calendar) == date(2026, 3, 6)


def test_at_wpl_01_week_across_the_year():
    week = date(2026, 12, 28)
    new_year = without(date(2027, 1, 1))
    assert deadlines.due_day(FRIDAY, week, new_year) == date(2026, 12, 31)
    assert deadlines.due_day(MONDAY, week, new_year) == date(2027, 1, 4)


@pytest.mark.parametrize(
    ("month", "day", "expected"),
    [
        (date(2026, 4, 1), 30, date(2026, 4, 30)),
        (date(2026, 3, 1), 30, date(2026, 3, 30)),
        (date(2026, 2, 1), 30, date(2026, 2, 28)),
        (date(2028, 2, 1), 30, date(2028, 2, 29)),
        (date(2026, 2, 1), 28, date(2026, 2, 28)),
        (date(2028, 2, 1), 28, date(2028, 2, 28)),
        (date(2026, 4, 1), 31, date(2026, 4, 30)),
        (date(2026, 4, 1), 1, date(2026, 4, 1)),
        (date(2026, 4, 1), None, date(2026, 4, 30)),
        (date(2026, 5, 1), None, date(2026, 5, 31)),
    ],
)
def test_at_wpl_03_due_day_of_the_month(month, day, expected):
    assert deadlines.due_day(CalendarRule("month", day=day), month, PLAIN) == expected


def test_at_wpl_03_the_day_ends_at_midnight():
    rule = CalendarRule("month", day=30)
    due = deadlines.due_moment(rule, date(2026, 4, 1), PLAIN, "Asia/Shanghai")
    midnight = deadlines.moment(date(2026, 5, 1), 0, "Asia/Shanghai")
    assert due == datetime(2026, 4, 30, 15, 59, 59)
    assert due + timedelta(seconds=1) == midnight


def test_last_day_of_the_month_moves_back_to_a_working_day():
    rule = CalendarRule("month", shift="previous")
    assert deadlines.due_day(rule, date(2026, 5, 1), PLAIN) == date(2026, 5, 29)


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        (CalendarRule("quarter", day=15), date(2026, 1, 1), date(2026, 3, 15)),
        (CalendarRule("quarter"), date(2026, 4, 1), date(2026, 6, 30)),
        (CalendarRule("half", day=31), date(2026, 4, 1), date(2026, 9, 30)),
        (CalendarRule("year"), date(2026, 4, 1), date(2027, 3, 31)),
        (CalendarRule("year", day=15), date(2026, 3, 31), date(2026, 3, 15)),
    ],
)
def test_long_periods_of_a_fiscal_year_from_april(rule, start, expected):
    assert deadlines.due_day(rule, start, PLAIN, fiscal_first_month=4) == expected


def test_offset_counts_periods():
    start = date(2026, 1, 1)
    rule = CalendarRule("month", day=30)
    found = [
        deadlines.due_day(rule._replace(offset=offset), start, PLAIN)
        for offset in (-1, 0, 1, 2)
    ]
    assert found == [
        date(2025, 12, 30),
        date(2026, 1, 30),
        date(2026, 2, 28),
        date(2026, 3, 30),
    ]


def test_daily_duty():
    rule = CalendarRule("day", offset=1, shift="next")
    assert deadlines.due_day(rule, date(2026, 3, 5), PLAIN) == date(2026, 3, 6)
    assert deadlines.due_day(rule, date(2026, 3, 6), PLAIN) == date(2026, 3, 9)


def test_week_without_weekday_is_due_on_its_last_day():
    assert deadlines.due_day(CalendarRule("week"), WEEK, PLAIN) == date(2026, 3, 8)


@pytest.mark.parametrize(
    "rule",
    [
        CalendarRule("fortnight"),
        CalendarRule("week", weekday=7),
        CalendarRule("week", weekday=-1),
        CalendarRule("month", day=0),
        CalendarRule("month", day=32),
        CalendarRule("month", shift="sideways"),
    ],
)
def test_rules_that_are_refused(rule):
    with pytest.raises(ValueError):
        deadlines.due_day(rule, WEEK, PLAIN)


# Moments


@pytest.mark.parametrize(
    ("day", "minutes", "expected"),
    [
        # 2026-03-29: 02:00 becomes 03:00
        (date(2026, 3, 29), 119, datetime(2026, 3, 29, 0, 59)),
        (date(2026, 3, 29), 120, datetime(2026, 3, 29, 1, 0)),
        (date(2026, 3, 29), 179, datetime(2026, 3, 29, 1, 59)),
        (date(2026, 3, 29), 180, datetime(2026, 3, 29, 1, 0)),
        # 2026-10-25: 03:00 becomes 02:00
        (date(2026, 10, 25), 119, datetime(2026, 10, 24, 23, 59)),
        (date(2026, 10, 25), 120, datetime(2026, 10, 25, 1, 0)),
        (date(2026, 10, 25), 179, datetime(2026, 10, 25, 1, 59)),
        (date(2026, 10, 25), 180, datetime(2026, 10, 25, 2, 0)),
        (date(2026, 10, 25), 1440, datetime(2026, 10, 25, 22, 59, 59)),
        (date(2026, 10, 25), None, datetime(2026, 10, 25, 22, 59, 59)),
    ],
)
def test_clocks_change_in_berlin(day, minutes, expected):
    found = deadlines.moment(day, minutes, "Europe/Berlin")
    assert found == expected
    assert found.tzinfo is None


def test_midnight_that_does_not_exist():
    found = deadlines.moment(date(2018, 11, 4), 0, "America/Sao_Paulo")
    assert found == datetime(2018, 11, 4, 3, 0)


def test_kolkata_is_half_an_hour_off():
    found = deadlines.moment(date(2026, 3, 6), 0, "Asia/Kolkata")
    assert found == datetime(2026, 3, 5, 18, 30)


@pytest.mark.parametrize("zone", ["Asia/Atlantis", "", "../etc/passwd", "Asia", None])
def test_unknown_time_zone(zone):
    with pytest.raises(ValueError, match="unknown time zone"):
        deadlines.moment(WEEK, 0, zone)


@pytest.mark.parametrize("minutes", [-1, 1441])
def test_minutes_outside_the_day(minutes):
    with pytest.raises(ValueError, match="not a time of day"):
        deadlines.moment(WEEK, minutes, "UTC")


# Some time after a moment


@pytest.mark.parametrize(
    ("amount", "unit", "minutes", "expected"),
    [
        (48, "hour", 540, datetime(2026, 3, 8, 15, 59, 59)),
        (0, "day", 1440, datetime(2026, 3, 6, 15, 59, 59)),
        (1, "day", 540, datetime(2026, 3, 7, 1)),
        (1, "workday", 540, datetime(2026, 3, 9, 1)),
        (3, "workday", None, datetime(2026, 3, 11, 15, 59, 59)),
    ],
)
def test_after_the_last_second_of_friday_in_shanghai(amount, unit, minutes, expected):
    basis = datetime(2026, 3, 6, 15, 59, 59)
    found = deadlines.record_due_moment(
        basis, amount, unit, minutes, PLAIN, "Asia/Shanghai"
    )
    assert found == expected


def test_one_second_later_it_is_saturday_in_shanghai():
    basis = datetime(2026, 3, 6, 16)
    found = deadlines.record_due_moment(basis, 1, "day", 540, PLAIN, "Asia/Shanghai")
    assert found == datetime(2026, 3, 8, 1)


def test_hours_are_real_hours_when_clocks_change():
    basis = datetime(2026, 3, 28, 12)  # 13:00 in Berlin
    hours = deadlines.record_due_moment(basis, 24, "hour", None, PLAIN, "Europe/Berlin")
    days = deadlines.record_due_moment(basis, 1, "day", 13 * 60, PLAIN, "Europe/Berlin")
    assert hours == datetime(2026, 3, 29, 12)
    assert days == datetime(2026, 3, 29, 11)


def test_unknown_unit():
    with pytest.raises(ValueError, match="fortnight"):
        deadlines.record_due_moment(
            datetime(2026, 3, 6), 1, "fortnight", 0, PLAIN, "UTC"
        )

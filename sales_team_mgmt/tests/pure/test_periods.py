from datetime import date, timedelta

import pytest
from stm_tools import periods


@pytest.mark.parametrize(
    ("day", "kind", "first_month", "start", "end"),
    [
        (date(2026, 3, 4), "day", 1, date(2026, 3, 4), date(2026, 3, 4)),
        (date(2027, 1, 1), "week", 4, date(2026, 12, 28), date(2027, 1, 3)),
        (date(2026, 2, 28), "month", 1, date(2026, 2, 1), date(2026, 2, 28)),
        (date(2028, 2, 29), "month", 4, date(2028, 2, 1), date(2028, 2, 29)),
        (date(2100, 2, 1), "month", 1, date(2100, 2, 1), date(2100, 2, 28)),
        (date(2026, 12, 31), "quarter", 1, date(2026, 10, 1), date(2026, 12, 31)),
        (date(2028, 1, 31), "quarter", 12, date(2027, 12, 1), date(2028, 2, 29)),
        (date(2026, 7, 1), "half", 1, date(2026, 7, 1), date(2026, 12, 31)),
        (date(2027, 3, 31), "half", 4, date(2026, 10, 1), date(2027, 3, 31)),
        (date(2028, 2, 29), "year", 1, date(2028, 1, 1), date(2028, 12, 31)),
        (date(2026, 3, 31), "year", 4, date(2025, 4, 1), date(2026, 3, 31)),
        (date(2026, 4, 1), "year", 4, date(2026, 4, 1), date(2027, 3, 31)),
        (date(2028, 2, 29), "year", 3, date(2027, 3, 1), date(2028, 2, 29)),
    ],
)
def test_period_of(day, kind, first_month, start, end):
    assert periods.period_of(day, kind, first_month) == (start, end)


@pytest.mark.parametrize("kind", periods.KINDS)
@pytest.mark.parametrize("first_month", range(1, 13))
def test_periods_follow_each_other_without_gap(kind, first_month):
    period = periods.period_of(date(2027, 11, 17), kind, first_month)
    for _step in range(30):
        following = periods.next_period(period.start, kind, first_month)
        assert following.start == period.end + timedelta(days=1)
        assert periods.previous_period(following.start, kind, first_month) == period
        period = following


@pytest.mark.parametrize(
    ("kind", "count"),
    [("day", 366), ("month", 12), ("quarter", 4), ("half", 2), ("year", 1)],
)
def test_fiscal_year_from_april_with_a_29_february(kind, count):
    found = periods.periods_of_year(date(2027, 4, 1), kind)
    assert len(found) == count
    assert found[0].start == date(2027, 4, 1)
    assert found[-1].end == date(2028, 3, 31)


@pytest.mark.parametrize("first_month", range(1, 13))
def test_every_week_belongs_to_exactly_one_year(first_month):
    found = []
    for year in range(2020, 2034):
        weeks = periods.periods_of_year(date(year, first_month, 1), "week")
        assert len(weeks) in (52, 53)
        found += weeks
    starts = [week.start for week in found]
    assert starts == [starts[0] + timedelta(weeks=n) for n in range(len(starts))]


def test_weeks_of_the_calendar_year_are_the_iso_weeks():
    found = periods.periods_of_year(date(2026, 1, 1), "week")
    assert found[0] == (date(2025, 12, 29), date(2026, 1, 4))
    assert found[-1] == (date(2026, 12, 28), date(2027, 1, 3))
    following = periods.periods_of_year(date(2027, 1, 1), "week")
    assert following[0].start == date(2027, 1, 4)


def test_what_is_refused():
    with pytest.raises(ValueError, match="fortnight"):
        periods.period_of(date(2026, 3, 1), "fortnight")
    with pytest.raises(ValueError, match="fortnight"):
        periods.periods_of_year(date(2026, 1, 1), "fortnight")
    for month in (0, 13):
        with pytest.raises(ValueError, match="not a month"):
            periods.period_of(date(2026, 3, 1), "year", month)
    with pytest.raises(ValueError, match="first day"):
        periods.periods_of_year(date(2026, 1, 2), "month")

from datetime import date, timedelta

import pytest
from stm_tools import weeks


@pytest.mark.parametrize("offset", range(7))
def test_at_wpl_01_every_day_of_the_week_has_its_monday(offset):
    monday = date(2026, 3, 2)
    day = monday + timedelta(days=offset)
    assert weeks.monday_of(day) == monday
    assert weeks.week_of(day) == (monday, date(2026, 3, 8))


def test_neighbouring_weeks():
    assert weeks.monday_of(date(2026, 3, 1)) == date(2026, 2, 23)
    assert weeks.monday_of(date(2026, 3, 9)) == date(2026, 3, 9)


def test_week_across_the_year():
    week = weeks.week_of(date(2026, 12, 31))
    assert week == (date(2026, 12, 28), date(2027, 1, 3))
    assert week.monday == date(2026, 12, 28)
    assert weeks.week_number(date(2026, 12, 31)) == (2026, 53)
    assert weeks.week_number(date(2027, 1, 3)) == (2026, 53)
    assert weeks.week_number(date(2024, 12, 30)) == (2025, 1)


@pytest.mark.parametrize(
    ("monday", "month"),
    [
        (date(2026, 12, 28), date(2026, 12, 1)),  # Thursday 31 December
        (date(2024, 12, 30), date(2025, 1, 1)),  # Thursday 2 January
        (date(2028, 2, 28), date(2028, 3, 1)),  # Thursday 2 March, after 29 February
        (date(2024, 2, 26), date(2024, 2, 1)),  # Thursday 29 February
    ],
)
def test_a_week_belongs_to_the_month_of_its_thursday(monday, month):
    for offset in range(7):
        assert weeks.month_of_week(monday + timedelta(days=offset)) == month


def test_month_of_week_agrees_with_the_iso_year():
    monday = date(2000, 1, 3)
    while monday.year < 2040:
        assert weeks.month_of_week(monday).year == weeks.week_number(monday)[0]
        monday += timedelta(days=7)
